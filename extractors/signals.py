"""What a sentence says of places, moves, scores and levels, before it is known of whom."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from extractors.rules import Rule, may_match, possible_rules, words
from extractors.values import decimal_number, ordinal, whole_number


@dataclass(frozen=True, slots=True)
class Signal:
    """One value as told. `kind` is that of rules/readings.yml; the other fields are set where the kind has them.

    `values` holds the members of a sequence ("lần lượt thứ 2 và 3"); moves and changes down are negative.
    """

    start: int
    end: int
    kind: str
    rule: str
    rank: int | None = None
    total: int | None = None
    most: int | None = None
    places: int | None = None
    value: float | None = None
    unit: str | None = None
    rating: str | None = None
    same: bool = False
    listed: bool = False
    numbered: bool = False
    extreme: bool = False
    values: tuple[float, ...] = ()


def may_tell(folded: str) -> bool:
    """False where the masked copy of a folded sentence can hold no signal, nor a count of levels."""
    return may_match("readings", folded) or may_match("ratings", folded)


def find_signals(masked: str) -> list[Signal]:
    """The signals of a masked sentence by offset, never overlapping: the longest wins, then the earlier rule."""
    signals = [signal for rule, match in _longest(_matches(masked), len(masked)) if (signal := _signal(rule, match))]
    return sorted(signals, key=lambda signal: signal.start)


def overruled(masked: str) -> list[tuple[int, int, str, str]]:
    """Matches that a longer one overlaps: start, end, rule and the winner's rule."""
    matches = _matches(masked)
    kept = _longest(matches, len(masked))
    return [
        (match.start(), match.end(), rule.id, winner.id)
        for rule, match in matches
        if (rule, match) not in kept
        for winner, other in kept[:]
        if winner.id != rule.id and match.start() < other.end() and other.start() < match.end()
    ]


_Match = tuple[Rule, re.Match[str]]


def _matches(masked: str) -> list[_Match]:
    """Every match of every rule, the longest first, then in the order of the rules."""
    found = [
        (match.start() - match.end(), order, match.start(), rule, match)
        for order, rule in possible_rules("readings", masked)
        for match in rule.pattern.finditer(masked)
        if match.end() > match.start()
    ]
    return [(rule, match) for *_, rule, match in sorted(found, key=lambda item: item[:3])]


def _longest(matches: list[_Match], length: int) -> list[_Match]:
    taken = bytearray(length)
    kept = []
    for rule, match in matches:
        if not any(taken[match.start() : match.end()]):
            kept.append((rule, match))
            taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    return kept


def _signal(rule: Rule, match: re.Match[str]) -> Signal | None:
    kind = str(rule.gives["kind"])
    parts = {name: value for name, value in match.groupdict().items() if value is not None}
    start, end = match.span()
    start = match.start(str(rule.gives["from"])) if "from" in rule.gives else start
    if kind in {"rank", "atmost"}:
        rank = ordinal(parts["rank"]) if "rank" in parts else None
        given = rule.gives.get("rank")
        rank = given if isinstance(given, int) else rank
        most = whole_number(parts["most"]) if "most" in parts else None
        total = int(parts["total"]) if "total" in parts else None
        if rank == 0 or (rank and total and rank > total):
            return None
        return Signal(
            start,
            end,
            kind,
            rule.id,
            rank=rank,
            total=total,
            most=most,
            same=bool(rule.gives.get("same")),
            listed=bool(rule.gives.get("listed")),
            numbered=bool(rule.gives.get("numbered")),
        )
    if kind == "onward":
        low = int(parts["low"]) if "low" in parts else 1
        return Signal(start, end, kind, rule.id, rank=low)
    if kind == "move":
        places = whole_number(parts["places"]) or ordinal(parts["places"])
        falls = parts["word"] in {"thấp", "kém", "giảm", "tụt"} if "word" in parts else _falls(match)
        sign = rule.gives.get("sign", -1 if falls else 1)
        assert isinstance(sign, int)
        return Signal(start, end, kind, rule.id, places=sign * places) if places and places < 100 else None
    if kind in {"ranks", "scores"}:
        return _sequence(rule, match, kind)
    if kind in {"moves", "changes"}:
        return _signed_sequence(rule, match, kind)
    if kind == "range":
        low, high = int(parts["low"]), int(parts["high"])
        run = tuple(float(place) for place in range(low, high + 1))
        return Signal(start, end, "ranks", rule.id, values=run) if 0 < low < high < low + 20 else None
    if kind == "score":
        told = parts.get("value") or parts["value2"]
        value = decimal_number(told.replace(" ", ""))  # "62, 16 điểm", "81 ,75 điểm": slips of the keyboard
        return Signal(start, end, kind, rule.id, value=value, unit=str(rule.gives["unit"]))
    if kind == "change":
        value = decimal_number(parts["value"])
        falls = parts.get("signed") == "-" or parts.get("word") in {"giảm", "thấp hơn"}
        falls = falls if parts.keys() & {"signed", "word"} or "sign" in rule.gives else _falls(match)
        sign = rule.gives.get("sign", -1 if falls else 1)
        assert isinstance(sign, int)
        told = parts.get("unit", "")
        unit = {"": None, "điểm": "points"}.get(told, "percent")
        return Signal(start, end, kind, rule.id, value=None if value is None else sign * value, unit=unit)
    if kind == "level":
        rating = f"{parts_head(match)} {parts['letter']}" if "letter" in parts else parts["rating"]
        return Signal(start, end, kind, rule.id, rating=rating)
    if kind == "row":
        most = whole_number(parts["most"])
        return Signal(start, end, kind, rule.id, most=most, listed="ordered" in parts)
    return Signal(
        start, end, kind, rule.id,
        total=int(parts["total"]) if "total" in parts else None,
        same=bool(rule.gives.get("same")), extreme=bool(rule.gives.get("extreme")),
    )  # fmt: skip


def parts_head(match: re.Match[str]) -> str:
    """The word before a level's letter: "nhóm" A, "loại" B."""
    return match.group().split()[0]


def _sequence(rule: Rule, match: re.Match[str], kind: str) -> Signal | None:
    text = match.group("list")
    if kind == "ranks":
        numbers = [ordinal(word) for word in re.findall(r"\d+|nhất|nhì|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín|mười", text)]
        values = tuple(float(number) for number in numbers if number)
        return Signal(match.start(), match.end(), kind, rule.id, values=values)
    if not re.search(r"điểm|%|\d[.,]\d", text):
        return None  # "đăng ký lần lượt 620 và 710" counts something
    scores = [decimal_number(number) for number in re.findall(r"\d+(?:[.,]\d+)?", text)]
    unit = "percent" if "%" in text else "points"
    return Signal(
        match.start(), match.end(), kind, rule.id, values=tuple(s for s in scores if s is not None), unit=unit
    )


# "giảm so với năm 2020 tới 12,35 điểm và ": how far before a number its verb may stand
_VERB_REACH = 40


@functools.cache
def _direction() -> re.Pattern[str]:
    """A verb that tells whether the numbers after it are gained or lost."""
    known = words()
    falls, rises = (f"{known[a]}|{known[b]}" for a, b in (("downward", "falls"), ("upward", "rises")))
    return re.compile(rf"(?<!\w)(?:(?P<falls>{falls})|{rises})(?!\w)")


def _falls(match: re.Match[str]) -> bool:
    """Whether the verb before a number that has none of its own tells a loss: "giảm 0,7 điểm và 3 bậc"."""
    verbs = list(_direction().finditer(match.string, max(0, match.start() - _VERB_REACH), match.start()))
    return bool(verbs and verbs[-1]["falls"])


def _signed_sequence(rule: Rule, match: re.Match[str], kind: str) -> Signal | None:
    """ "lần lượt tăng 5 bậc, 3 bậc, giảm 2 bậc": a verb holds until the next one."""
    text = match.group("list")
    verb = _direction().search(match.string, match.start(), match.start("list"))
    if verb is None:
        return None
    values = []
    for item in re.split(r"[,;]? và |[,;] ", text):
        verb = _direction().match(item) or verb
        number = re.search(r"\d+(?:[.,]\d+)?", item)
        value = decimal_number(number[0]) if number else None
        if value is None:
            return None
        values.append(-value if verb["falls"] else value)
    unit = None if kind == "moves" else "percent" if "%" in text else "points"
    return Signal(match.start(), match.end(), kind, rule.id, values=tuple(values), unit=unit)
