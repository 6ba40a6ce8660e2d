"""Statements of giving in a sentence: which words say it, of what distinction, and over which stretch they reach."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from extractors.awards_givers import GiverSpan
from extractors.awards_kinds import BARE_ORDER, AwardSpan
from extractors.rules import FILLER, MASKS, Rule, possible_rules
from extractors.values import COUNT_WORD, NUMBER

Side = Literal["before", "after", "inside", "bearers", "none"]
PRAISE = "khen thưởng"  # the distinction where the text names none


@dataclass(frozen=True, slots=True)
class Frame:
    """A statement of giving. `awards` are the distinctions given together; [start, end) are its words from the
    first to the last, [low, high) how far recipients and givers of it may stand; `inside` the words between;
    `verb` where its modality is read; `together` all distinctions of the statement where this is a part of it."""

    rule: str
    recipient: Side
    giver: Side
    start: int
    end: int
    verb: tuple[int, int]
    inside: tuple[int, int] | None
    awards: tuple[AwardSpan, ...]
    hands_over: bool
    low: int = 0
    high: int = 0
    together: tuple[AwardSpan, ...] = ()


# "…, Bằng khen", "… và 2 Huân chương Lao động hạng Ba", "… của Chính phủ và danh hiệu …"
_JOINED = re.compile(rf"(?P<own>[^;:.]{{0,70}}?)(?:,? và|,|,? cùng)\s*(?:(?:{NUMBER}|{COUNT_WORD}) )?(?:lá |chiếc |tấm |danh hiệu )?$")
_OWN_WORDS = re.compile(r"(?<!\w)(?:cho|tới|tập thể|cá nhân|đơn vị|được|nhận|tặng|trao|đạt)(?!\w)")
_FOLLOWED_BY_RECIPIENT = re.compile(r"[^;:.,]{0,60}?(?: (?:cho|đối với|thuộc về|dành cho|đến với|được (?:trao|tặng))(?!\w)|:)")
_HANDS_OVER = frozenset({"trao", "gắn", "đã gắn", "đã trao"})


@dataclass(frozen=True, slots=True)
class Frames:
    """The statements of a sentence in their order, and those that a stop makes void, each with the stop's rule."""

    stated: tuple[Frame, ...] = ()
    void: tuple[tuple[Frame, str], ...] = ()


def frames(masked: str, awards: Sequence[AwardSpan], givers: Sequence[GiverSpan]) -> Frames:
    """The statements of giving in a masked sentence."""
    if not awards and "khen" not in masked:
        return Frames()
    rules = [rule for _, rule in possible_rules("awards", masked)]
    stopped, taken = bytearray(len(masked) + 1), bytearray(len(masked) + 1)  # by which rule: its place from 1 on
    for place, rule in enumerate(rules, start=1):
        for low, high in _stretches(rule, masked) if "stop" in rule.gives else ():
            stopped[low:high] = bytes([place]) * (high - low)
    by_start = {award.start: award for award in awards}
    found: list[Frame] = []
    void: list[tuple[Frame, str]] = []
    for rule in rules:
        for match in rule.find(masked) if "stop" not in rule.gives else ():
            frame = _frame(rule, match, by_start)
            if frame is None or any(taken[frame.start : frame.end]):
                continue
            frame = _with_joined(frame, masked, awards)
            taken[frame.start : frame.end] = b"\1" * (frame.end - frame.start)
            if by := stopped[frame.verb[0]]:
                void.append((frame, rules[by - 1].id))
            else:
                found.extend(_parted(frame, masked))
    return Frames(tuple(_bounded(sorted(found, key=lambda frame: frame.start), masked, givers)), tuple(void))


def _stretches(rule: Rule, masked: str) -> Iterator[tuple[int, int]]:
    for match in rule.find(masked):
        if rule.gives["stop"] == "sentence":
            yield 0, len(masked)
            continue
        after = masked.find(";", match.end())
        yield masked.rfind(";", 0, match.start()) + 1, len(masked) if after < 0 else after


def _frame(rule: Rule, match: re.Match[str], by_start: dict[int, AwardSpan]) -> Frame | None:
    groups = match.groupdict()
    award = by_start.get(match.start("award")) if groups.get("award") else None
    if groups.get("award") and award is None:
        return None
    if rule.gives["recipient"] == "bearers":
        award = by_start.get(match.end("verb"))
        if award is None or award.counted is None:
            return None
    end = max(match.end(), award.end) if award else match.end()
    inside = match.span("inside") if groups.get("inside") is not None else None
    verb = groups.get("verb") or ""
    return Frame(
        rule=rule.id, recipient=_side(rule, "recipient"), giver=_side(rule, "giver"), start=match.start(), end=end,
        verb=match.span("verb"), inside=inside, awards=(award,) if award else (), hands_over=verb.strip() in _HANDS_OVER,
    )  # fmt: skip


def _side(rule: Rule, key: str) -> Side:
    sides: tuple[Side, ...] = ("before", "after", "inside", "bearers", "none")
    return next(side for side in sides if side == rule.gives[key])


def _with_joined(frame: Frame, masked: str, awards: Sequence[AwardSpan]) -> Frame:
    """The frame with the distinctions that go on from its own: "tặng Cờ thi đua và Bằng khen cho …"."""
    if not frame.awards or frame.recipient == "bearers":
        return frame
    joined, end = list(frame.awards), frame.awards[-1].end
    for award in awards[bisect.bisect_left(awards, end, key=lambda award: award.start) :]:
        between = _JOINED.match(masked, end, award.start)
        if award.pointed or not between or _OWN_WORDS.search(masked, end, award.start):
            break
        if frame.recipient == "before" and _FOLLOWED_BY_RECIPIENT.match(masked, award.end):
            break
        joined.append(award)
        end = award.end
    return replace(frame, awards=tuple(joined), end=max(frame.end, end))


_COUNT_BEFORE = re.compile(rf"(?:{NUMBER}|(?<!\w){COUNT_WORD}) $")


def _parted(frame: Frame, masked: str) -> list[Frame]:
    """A frame for each of its distinctions where each is counted by its bearers: "công nhận 11 Chiến sĩ thi đua và 34
    Tập thể lao động xuất sắc"; else the frame."""
    if len(frame.awards) < 2 or frame.recipient != "after":
        return [frame]
    if not all(a.counted and _COUNT_BEFORE.search(masked, max(0, a.start - 20), a.start) for a in frame.awards):
        return [frame]
    first, *others = (replace(frame, awards=(award,), end=award.end, together=frame.awards) for award in frame.awards)
    return [first, *(replace(other, start=masked.rfind(" ", 0, other.awards[0].start - 1) + 1) for other in others)]


def _bounded(found: list[Frame], masked: str, givers: Sequence[GiverSpan]) -> list[Frame]:
    """The frames with the stretch that is each one's own: up to the clause in which the next begins."""
    bounded: list[Frame] = []
    for place, frame in enumerate(found):
        low = bounded[-1].high if bounded else 0
        high = len(masked)
        if place + 1 < len(found):
            high = _boundary(masked, frame, found[place + 1], givers)
        bounded.append(replace(frame, low=min(low, frame.start), high=max(high, frame.end)))
    return bounded


_MARKS = (", trong đó có ", ", trong đó ", ", còn ", ", riêng ", " còn ", ", trong khi ", ", ", " và ")
# A recipient with no office before it: behind its comma the next statement may begin
_SUBJECT = re.compile(
    rf"(?:các |hai |ba )?(?:(?:ông|bà|anh|chị|đồng chí|cô|thầy|bác sĩ|tập thể) )*(?:[{''.join(MASKS[k] for k in ('province', 'ministry', 'department', 'district', 'commune', 'organisation', 'self', 'person'))}]{FILLER}*|(?:{NUMBER}|{COUNT_WORD}) )"
)


# "cho Sở Y tế, đồng thời tặng …": the same one goes on giving
_ALSO = re.compile(r",? (?:đồng thời|bên cạnh đó|ngoài ra),? (?:cũng |còn |đã )*$")


def _places(mark: str, text: str) -> Iterator[int]:
    return (found.start() for found in re.finditer(re.escape(mark), text))


def _boundary(masked: str, frame: Frame, following: Frame, givers: Sequence[GiverSpan]) -> int:
    """Where the words of the following frame begin: after a semicolon, with its giver or at its comma."""
    if following.awards and following.awards[0].award is None and frame.recipient == "after":
        return following.start  # "hạng Nhì cho ông A, Giám đốc; ông B, Bí thư và hạng Ba cho 3 tập thể"
    between = masked[frame.end : following.start]
    # Recipients of the one may be listed with semicolons after it, those of the other before it.
    if (at := between.find(";") if frame.recipient == "before" else between.rfind(";")) >= 0:
        return frame.end + at + 1
    if frame.recipient == "none" and (colon := between.find(":")) >= 0:
        return frame.end + colon + 1  # "công bố quyết định khen thưởng: Sở A được tặng …"
    if following.recipient == "before":
        subjects = [
            (at, mark) for mark in _MARKS for at in _places(mark, between) if _SUBJECT.match(between, at + len(mark))
        ]
        for mark in _MARKS if not subjects else ():
            if (at := between.rfind(mark)) >= 0:
                return frame.end + at + 1
        if subjects:
            nearest = max(at for at, _ in subjects)
            # "A được tặng Cờ thi đua, 2 tập thể và 3 cá nhân được …": all that is counted from there on is the next one's
            whole = [at for at, mark in subjects if mark[0] == "," or between[at + len(mark)].isdigit()]
            return frame.end + (min(whole, default=nearest) if frame.recipient == "before" else nearest) + 1
    last = bisect.bisect_right(givers, following.start, key=lambda giver: giver.end) - 1
    acts = following.giver == "before" and last >= 0 and givers[last].start >= frame.end
    acts = acts and not _ALSO.match(masked, givers[last].end, following.start)
    if acts and (at := masked.rfind(",", frame.end, givers[last].start)) >= 0:
        return at + 1
    if acts and masked.endswith(" và ", frame.end, at := givers[last].start) and givers[last].end + 1 == following.start:
        return at - 3  # "được Chính phủ tặng Cờ thi đua và UBND tỉnh tặng Bằng khen"
    return following.start


def named(award: AwardSpan, before: Sequence[AwardSpan], last_order: str | None) -> str | None:
    """The distinction's canonical name; of a class or an order alone that of the order named before."""
    if award.award is not None and award.award != BARE_ORDER:
        return award.award
    for earlier in reversed(before):
        if earlier.start < award.start and earlier.state and earlier.award not in {None, BARE_ORDER}:
            return earlier.award
    return last_order or award.award
