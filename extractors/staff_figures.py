"""The figures of a sentence that may be staff reductions: what `rules/staff.yml` finds, read and sifted.

A figure is the number with what it counts and how they left; who, when and by what decree is `staff_who`, `staff_when`, `staff_decrees`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from extractors.decisions import refuse, wants_refusals
from extractors.needed import needs_mask, required
from extractors.rules import MASKS, Rule, load_rules, possible_rules, words
from extractors.sentence import Sentence
from extractors.triggers import STAFF, Triggers
from extractors.values import DOCUMENT_NUMBER, decimal_number, document_numbers, whole_number

Action = Literal["streamlining", "early_retirement", "resignation", "leave"]
Unit = Literal["people", "cases", "posts", "percent"]
Span = tuple[int, int]
TABLE = "staff_reductions"
# What a figure needs before it: nothing, another figure (in its sentence; as what it divides; in the sentence before
# as well; as what remains of one before; a share that it equals; a cut that it goes on with; a wrong figure that it corrects), or words on leaving the payroll that lead in.
Part = Literal["", "near", "zone", "far", "rest", "lead", "equal", "also", "corrected"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in a sentence. Offsets count from the sentence's start; `span` is the rule's match, `phrase` the
    number with its noun phrase; `begin` is where the number, its body or its words of leaving first stand. `unit` and `action` are None where the figure before it tells. `compared`: the
    words may tell a change of another figure ("giảm 26 người so với năm 2018"). `when`: the year that takes the number
    in turn ("các năm 2020 và 2021 giảm lần lượt 9 và 7 người")."""

    number: Span
    span: Span
    phrase: Span
    begin: int
    count: float
    unit: Unit | None
    action: Action | None
    personnel: str | None
    who: Span | None
    part: Part
    rule: str
    compared: bool = False
    when: Span | None = None


# A sentence without a number has no figure: the cheap test before the rules.
_NUMBER = re.compile(r"\d|(?<!\w)(?:một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười)(?!\w)")
# What makes a body's count a part of the total before it.
_PART_OF = re.compile(
    r"(?<!\w)(?:trong đó|trong số (?:này|đó)|gồm|bao gồm|cụ thể|tính riêng)(?:,|:)?(?: có| là| riêng)*\s$"
)
_THOUSANDS = {"nghìn": 1_000, "ngàn": 1_000, "vạn": 10_000}
# Both kinds of leaving in one count are a leave of no single kind: "nghỉ hưu và thôi việc".
_BOTH = re.compile(
    r"hưu[\w ]{0,12}(?:,| và| hoặc| hay|/) ?(?:xin )?(?:nghỉ )?thôi việc|thôi việc[\w ]{0,5}(?:,| và| hoặc|/) ?(?:nghỉ|về) hưu"
)
# "nghỉ hưu trước tuổi", "về hưu sớm"
_EARLY = re.compile(r"hưu(?: trí)? (?:trước|sớm|non)|(?:nghỉ|về) trước tuổi")
_RESIGN = re.compile(r"thôi (?:việc|làm việc|hợp đồng)")
_CUT = re.compile(r"tinh giản|tinh giảm|cắt giảm|giảm|bớt|tinh gọn|tgbc")

_POSTS = re.compile(r"(?:chỉ tiêu |suất |định suất |vị trí )?(?:biên chế|định biên|bc(?!\w))|chỉ tiêu")
_CASES = re.compile(r"trường hợp")
_BARE_PEOPLE = re.compile(r"(?:lượt )?người(?! lao động)|đối tượng|nhân sự|cá nhân")
# The words that describe the counted ("biên chế công chức và sự nghiệp", "người hưởng lương từ ngân sách nhà nước"):
# a phrase goes on over them.
_KINDS = (
    r"cán bộ|công chức|viên chức|người lao động|lao động|hợp đồng(?: lao động)?|nhân viên|giáo viên|giảng viên|sự nghiệp"
    r"|hành chính|bác sĩ|bác sỹ|y sĩ|điều dưỡng|dược sĩ|kế toán|chuyên viên|văn thư|thư viện|thiết bị|phó(?: trưởng)? phòng"
)
_TRAITS = (
    r"công lập|quản lý(?: hành chính| nhà nước)?|cấp (?:xã|huyện|tỉnh|phòng)|xã|phường|thị trấn|hoạt động|không chuyên trách"
    r"|chuyên trách|bán chuyên trách|ở (?:cấp )?(?:xã|thôn|ấp|khóm|bản|tổ dân phố)|thôn|ấp|tổ dân phố|dôi dư|giáo dục|y tế"
    r"|hưởng lương(?: từ)?(?: ngân sách)?(?: nhà nước)?|khối|nhà nước|công an(?: viên)?|mầm non|tiểu học|thcs|thpt|phổ thông"
    r"|làm việc(?: theo| trong| ở| tại)?|(?:các )?đơn vị sự nghiệp|trưởng"
)
_PERSONNEL = re.compile(
    rf"(?:(?:,? và |, )(?:{_KINDS})(?!\w)(?!(?: [^\s\d,;]+){{0,2}} \d)| (?:{_KINDS}|{_TRAITS})(?!\w))*(?:,…|…)?"
)
# What may follow a part of a list: its end, or words that belong to it.
_AFTER_PART = re.compile(
    r"\s*(?:(?:chuyên môn )?khác(?=$|[;,.)( …]))?\s*(?:$|[;,.)(…|:-]|(?:và|theo|trong|ở|thuộc|so|từ|tại|của|là|vào|do|cùng|còn|được tinh|bị cắt|nghỉ|thôi|về hưu|xin|tự nguyện|trong đó|[\ue010-\ue012])(?!\w)|[\ue010-\ue012])"
)


def may_begin(sentence: Sentence) -> bool:
    """False where the sentence has no figure that needs none before it: told before the sentence is masked."""
    if not may_begin_in(sentence.paragraph.folded):
        return False
    triggers, on_documents = _beginnings()
    possible = triggers.possible(sentence.folded)
    if not possible or not _NUMBER.search(sentence.folded):
        return False
    return not on_documents.issuperset(possible) or bool(document_numbers(sentence.folded))


def may_begin_in(folded: str) -> bool:
    """False where no sentence of a folded block has such a figure."""
    return bool(_beginnings()[0].possible(folded))


@functools.cache
def _beginnings() -> tuple[Triggers, frozenset[int]]:
    """What the rules need that begin, and which of them need the number of a document besides."""
    patterns = [rule.pattern for rule in _rules() if _part(rule) in {"", "lead"}]
    mask = MASKS["document"]
    # Taking a pattern apart takes its time: most have no such mask.
    masked = ((place, pattern) for place, pattern in enumerate(patterns) if mask in pattern.pattern)
    on_documents = frozenset(place for place, pattern in masked if needs_mask(pattern, mask))
    return Triggers(patterns, STAFF, hidden={MASKS["document"]: required(DOCUMENT_NUMBER)[0]}), on_documents


def figures(sentence: Sentence) -> list[tuple[Figure, ...]]:
    """What the rules find in a sentence: for each number, by offset, the readings in the order in which they are
    to be tried, without those that a veto covers."""
    if not _NUMBER.search(sentence.folded):
        return []
    found: dict[int, list[Figure]] = {}
    possible = [rule for _, rule in possible_rules("staff", sentence.masked)]
    for rule in possible:
        if rule.gives.get("veto") or rule.gives.get("count"):
            continue
        for match in rule.pattern.finditer(sentence.masked):
            for figure in _read(sentence, rule, match):
                found.setdefault(figure.number[0], []).append(figure)
    if not found and not wants_refusals():
        return []
    vetoes = list(_vetoes(sentence, possible))
    if wants_refusals():
        _tell_refused(sentence, found, vetoes)
    grown = [veto for veto in vetoes if veto.kind == "growth"]
    against = [veto for veto in vetoes if veto.kind != "growth"]
    kept = (
        tuple(
            replace(f, compared=True) if any(_overrules(veto, f) for veto in grown) else f
            for f in sorted(_with_body(sentence, found[start]), key=_rank)
            if not any(_overrules(veto, f) for veto in against)
        )
        for start in sorted(found)
    )
    return [readings for readings in kept if readings]


def _tell_refused(sentence: Sentence, found: dict[int, list[Figure]], vetoes: list[_Veto]) -> None:
    """Tell which figures a veto covers, and which counts of staff no rule reads as people who leave."""
    for figure in (figure for readings in found.values() for figure in readings):
        veto = next((veto for veto in vetoes if veto.kind != "growth" and _overrules(veto, figure)), None)
        if veto:
            refuse(TABLE, sentence, figure.phrase, figure.rule, veto.code, veto.rule)
    for match in _counts().find(sentence.masked):
        span = (match.start("n"), match.end())
        if span[0] not in found:
            over = next((v for v in vetoes if v.span[0] <= span[0] and match.end("n") <= v.span[1]), None)
            refuse(TABLE, sentence, span, "", over.code if over else "no_leaving", over.rule if over else "")
    numbers = {*found, *(match.start("n") for match in _counts().find(sentence.masked))}
    for veto in vetoes:  # "40 hồ sơ nghỉ hưu": of what is counted there no rule for people asks
        if veto.code == "applications" and not any(veto.span[0] <= number < veto.span[1] for number in numbers):
            refuse(TABLE, sentence, veto.span, "", veto.code, veto.rule)


@functools.cache
def _counts() -> Rule:
    """The rule that finds any count of staff."""
    return next(rule for rule in load_rules("staff") if rule.gives.get("count"))


def action_of(text: str) -> Action | None:
    """How people left by the words that tell it, folded: "nghỉ hưu trước tuổi" is `early_retirement`."""
    if _BOTH.search(text):
        return "leave"
    if _EARLY.search(text):
        return "early_retirement"
    if _RESIGN.search(text):
        return "resignation"
    if "nghỉ" in text or "hưu" in text:
        return "leave"
    if "bỏ việc" in text:
        return "leave"
    return "streamlining" if _CUT.search(text) else None


def count_in(text: str) -> int | None:
    """A count as worded, folded: "1.234", "hai", "40 nghìn" and "1,2 vạn" are 1234, 2, 40000 and 12000."""
    number, _, unit = text.rpartition(" ")
    if unit not in _THOUSANDS:
        return whole_number(text)
    times = decimal_number(number)
    return round(times * _THOUSANDS[unit]) if times else None


def unit_of(noun: str) -> Unit:
    """What a counted noun stands for, folded: posts for "biên chế", cases for "trường hợp", people else."""
    if _POSTS.match(noun):
        return "posts"
    return "cases" if _CASES.match(noun) else "people"


def _with_body(sentence: Sentence, readings: list[Figure]) -> Iterator[Figure]:
    """The readings of a number; in "trong đó các sở bớt 29 người" the body that one of them names holds for all."""
    named = next((f.who for f in readings if f.rule == "staff.part.who"), None)
    if named is not None and not _PART_OF.search(sentence.folded, max(0, named[0] - 40), named[0]):
        named = None
    for figure in readings:
        yield replace(figure, who=figure.who or named, begin=min(figure.begin, named[0])) if named else figure


def _rules() -> tuple[Rule, ...]:
    return tuple(rule for rule in load_rules("staff") if not rule.gives.get("veto") and not rule.gives.get("count"))


def _rank(figure: Figure) -> int:
    """A list told in turn is read first, a wording that tells how people left before a mere cut, one that stands alone before a part, and a
    bare count last."""
    if figure.rule.startswith("staff.respectively"):
        return -1  # who or when takes each number is told for all of the list
    if figure.part:
        return 3 if figure.part == "zone" else 2
    return 0 if figure.action in {"early_retirement", "resignation", "leave"} else 1


def _read(sentence: Sentence, rule: Rule, match: re.Match[str]) -> Iterator[Figure]:
    groups = match.groupdict()
    if "list" in groups:
        yield from _listed(sentence, rule, match)
        return
    number = match.span("n")
    percent = rule.gives.get("unit") == "percent" or bool(groups.get("percent"))
    count = decimal_number(match["n"]) if percent else count_in(match["n"])
    if not count or (percent and count > 100):
        refuse(TABLE, sentence, number, rule.id, "beyond_share" if count else "no_count")
        return
    noun = _noun(match, groups)
    unit: Unit | None = "percent" if percent else unit_of(sentence.folded[noun[0] :]) if noun is not None else None
    if rule.gives.get("part") and not percent and not groups.get("noun"):
        unit = None  # the figure that it divides tells what is counted
    end = max(match.end(), number[1])
    personnel = None
    if noun is not None:
        phrase_end, personnel = _personnel(sentence, noun)
        end = max(end, phrase_end) if noun > number else end
    if personnel is None and groups.get("of"):
        _, personnel = _personnel(sentence, match.span("of"))
    part = _part(rule)
    open_end = part == "lead" and not _AFTER_PART.match(sentence.masked, end)
    if open_end or (part and rule.id.startswith("staff.part.") and not _closes(sentence, rule, match, end)):
        refuse(TABLE, sentence, number, rule.id, "not_closed")
        return
    action = _action(sentence, rule, match)
    who = match.span("who") if groups.get("who") else None
    phrase = (number[0], end if noun is not None and noun > number else number[1])
    if not percent and count != int(count):
        refuse(TABLE, sentence, number, rule.id, "no_count")
        return
    begin = min([number[0], *(match.start(name) for name in ("who", "act") if groups.get(name))])
    yield Figure(number, match.span(), phrase, begin, float(count), unit, action, personnel, who, part, rule.id)


def _listed(sentence: Sentence, rule: Rule, match: re.Match[str]) -> Iterator[Figure]:
    """ "A và B lần lượt giảm 12 và 20 người", "năm 2020 và 2021 giảm lần lượt 12 và 20 người": a figure for each name or
    year, in order; none where the lengths differ."""
    takers, groups = ("years", "period") if "years" in match.groupdict() else ("names", "entity")
    taken = [
        (match.start(takers) + found.start(), match.start(takers) + found.end())
        for found in re.finditer(words()[groups], match[takers])
    ]
    numbers = [found.span() for found in re.finditer(words()["n"], match["list"])]
    if len(taken) != len(numbers):
        return
    named = match["noun"] or next(iter(re.findall(r"người|trường hợp|biên chế", match["list"])), None)
    noun = named or match.groupdict().get("of")
    part: Part = _part(rule) or ("" if noun else "near")
    action = None if _part(rule) and not match["act"] else action_of(sentence.folded[slice(*match.span())]) or "streamlining"
    for taker, (start, end) in zip(taken, numbers, strict=True):
        place = (match.start("list") + start, match.start("list") + end)
        count = whole_number(sentence.folded[slice(*place)])
        if count:
            unit = unit_of(noun) if noun else None
            who, when = (None, taker) if takers == "years" else (taker, None)
            span = (match.start(), match.end("noun") if match["noun"] else match.end("list"))
            yield Figure(
                place, span, place, match.start(), float(count), unit, action, None, who, part, rule.id, when=when
            )


def _noun(match: re.Match[str], groups: dict[str, str | None]) -> Span | None:
    """Where the counted noun stands: after the number, else before it ("biên chế công chức giảm 402")."""
    for name in ("noun", "noun_after", "of"):
        if groups.get(name):
            return match.span(name)
    return None


def _part(rule: Rule) -> Part:
    for known in ("near", "zone", "far", "rest", "lead", "equal", "also", "corrected"):
        if rule.gives.get("part") == known:
            return known
    return ""


def _closes(sentence: Sentence, rule: Rule, match: re.Match[str], end: int) -> bool:
    """Whether a part of a list ends where the rule's match does: "Hà Nam có 300 người dự lớp" is none."""
    if rule.gives.get("unit") == "percent" or rule.id in {
        "staff.part.cases",
        "staff.part.at",
        "staff.part.rest",
        "staff.part.act_after",
    }:
        return True
    return _AFTER_PART.match(sentence.masked, end) is not None


def _action(sentence: Sentence, rule: Rule, match: re.Match[str]) -> Action | None:
    stated = rule.gives.get("action")
    act = match.groupdict().get("act")
    if rule.id == "staff.number_is":
        return action_of(match.group()[match.group().find(match["noun"]) :])
    if stated in {"streamlining", "early_retirement", "resignation", "leave"}:
        return stated
    if act:
        return (
            "streamlining"
            if _by_streamlining(sentence, match)
            else action_of(sentence.folded[slice(*match.span("act"))])
        )
    return None


def _by_streamlining(sentence: Sentence, match: re.Match[str]) -> bool:
    """ "143 người nghỉ theo chính sách tinh giản biên chế": the leave is the streamlining itself."""
    if action_of(match["act"]) != "leave":
        return False
    rest = sentence.folded[match.end() : match.end() + 60]
    return (
        re.match(r" (?:việc )?(?:theo|hưởng|diện|do|thuộc diện)(?: [^\s\d;:().,]+){0,4}? tinh (?:giản|giảm)", rest)
        is not None
    )


def _personnel(sentence: Sentence, noun: Span) -> tuple[int, str | None]:
    """Where the noun phrase ends, and the kind of people as worded, without the unit's noun."""
    folded, start = sentence.folded, noun[0]
    head = _POSTS.match(folded, start) or _CASES.match(folded, start) or _BARE_PEOPLE.match(folded, start)
    rest = _PERSONNEL.match(folded, head.end() if head else noun[1])
    end = rest.end() if rest else noun[1]
    worded = sentence.text[head.end() if head else start : end].strip(" ,…")
    worded = re.sub(r"(?:^| )làm việc (?:theo|trong|ở|tại)$", "", worded)
    return end, re.sub(r"^(?:và|là) ", "", worded) or None


# --- vetoes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Veto:
    span: Span
    kind: str
    rule: str

    @property
    def code(self) -> str:
        """Its reason: the last part of the rule's id."""
        return self.rule.rpartition(".")[2]


def _vetoes(sentence: Sentence, possible: Sequence[Rule]) -> Iterator[_Veto]:
    for rule in possible:
        kind = rule.gives.get("veto")
        if not kind:
            continue
        for match in rule.pattern.finditer(sentence.masked):
            sure = kind == "growth" and _against_last_year(sentence, match)
            yield _Veto(match.span(), "sure" if sure else str(kind), rule.id)


def _against_last_year(sentence: Sentence, match: re.Match[str]) -> bool:
    """Whether a change is one since the same time last year; a fixed year may be the base of a cut."""
    near = [period for period in sentence.periods if match.start() <= period.start < match.end() + 1]
    return (
        match.group().startswith("tăng")
        or " tăng " in match.group()
        or not near
        or any(period.kind == "relative" for period in near)
    )


def _overrules(veto: _Veto, figure: Figure) -> bool:
    inside = veto.span[0] <= figure.number[0] and figure.number[1] <= veto.span[1]
    if veto.kind == "listed":
        return inside and bool(figure.part)
    return inside
