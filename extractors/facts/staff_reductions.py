"""Posts or people taken off the public payroll."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from extractors.modality import is_ahead, modality_at
from extractors.sentence import Document, Sentence
from extractors.staff_context import (
    Decree,
    Who,
    based,
    carried_period,
    clause,
    decrees,
    is_company,
    joined,
    main_period,
    period_in,
    subject,
    topic,
    whole,
)
from extractors.staff_figures import Figure, Unit, action_of, figures
from pipeline.records import Fact, Modality


@dataclass(frozen=True, kw_only=True)
class StaffReduction(Fact):
    """Posts or people taken off the public payroll."""

    TABLE: ClassVar[str] = "staff_reductions"
    KEY: ClassVar[tuple[str, ...]] = (
        "entity_type",
        "entity",
        "province",
        "period",
        "modality",
        "count",
        "unit",
        "action",
    )
    CORE: ClassVar[tuple[str, ...]] = ("entity", "province", "count", "unit")

    count: float
    unit: str
    action: str
    legal_basis: str | None = None
    personnel: str | None = None


# A text without one of these says nothing of the public payroll: "giảm 20 người" is then about something else.
_PAYROLL = re.compile(
    r"biên chế|tinh giản|tinh giảm|công chức|viên chức|hưởng lương|bộ máy|nhân sự|thôi việc|hưu trước tuổi|nghỉ việc"
    r"|không chuyên trách|không giữ chức|(?:nghị định|nđ) ?(?:số )?(?:108|178|67|29|113|154|132|26)(?!\d)|xin nghỉ|nghỉ công tác"
)
# A sentence that goes on with the one before: what holds there holds here.
_GOES_ON = re.compile(
    r"[-+* ]*(?:trong đó|cụ thể|theo đó|gồm|bao gồm|chia ra|trong số (?:này|đó)|số này|con số này|phân theo|kết quả"
    r"|trong tổng số(?: trên| này)?|tính riêng|riêng|nhiều nhất|cao nhất)(?!\w)"
)
# Words that lead in figures given without a verb of their own: "Theo đó, Long An phê duyệt 138 trường hợp".
_LEAD = re.compile(r"tinh giản|tinh giảm|thôi việc|hưu trước tuổi|nghỉ hưởng|nghỉ theo")
_ZONE = re.compile(r"(?:gồm|bao gồm|trong đó|trong số (?:này|đó)|cụ thể|chia ra|:|\()(?: có| là| gồm|,|:| số)*\s?$")
_ZONE_OPENS = re.compile(
    r"(?:trong đó|trong số (?:này|đó)|(?:con )?số này|trong tổng số(?: này| trên)|gồm|bao gồm|cụ thể|chia ra)(?: gồm| có| là|,|:)*\s"
)
_NEXT_IN_ZONE = re.compile(r"\s?(?:,|và|;|, và|còn|cùng|cùng với|với)?\s?(?:và |có |còn |là |cùng )?$")
_DONE = re.compile(r"(?<!\w)(?:đã|đến nay|có quyết định|vừa qua)(?!\w)")
# What may stand between the figures of a list: brackets, shares, sums of money.
_ASIDES = re.compile(r"\([^()]*\)|\d[\d.,]* ?(?:%|(?:tỷ|tỉ|triệu|nghìn)(?: đồng)?|đồng)")
# Workers of firms and the self-employed are on no public payroll.
_PRIVATE = re.compile(
    r"thất nghiệp|doanh nghiệp|công nhân|nhà máy|khu công nghiệp|tiểu thương|dịch bệnh|vì dịch|đơn hàng"
)
_PUBLIC = re.compile(r"biên chế|công chức|viên chức|tinh giản|tinh giảm|nghị định|sắp xếp|bộ máy|không chuyên trách")
# How far a figure that stands alone may be from the last one, in sentences.
_FAR = 3
# A sentence that goes on with a list names its first body at once: "Riêng Hà Nội có …".
_OPENING = 12


@dataclass(frozen=True, slots=True)
class _Stated:
    """A figure with all that was found out about it; `at` is its sentence's place."""

    figure: Figure
    at: int
    who: Who
    period: str | None
    modality: Modality
    unit: Unit
    action: str
    decrees: tuple[Decree, ...]
    sub: bool = False  # divides the figure before it: "gồm …", "(…)"


def extract(document: Document) -> list[StaffReduction]:
    """The staff reductions of an article's prose, in order; figures of tables are read elsewhere.

    A figure of the title counts only where the body does not tell it.
    """
    if not any(_PAYROLL.search(sentence.folded) for sentence in document.sentences):
        return []
    stated = list(_stated(document))
    body = [one for one in stated if document.sentences[one.at].kind != "title"]
    return [
        _fact(document, one)
        for one in stated
        if document.sentences[one.at].kind != "title" or not _told_below(document, one, body)
    ]


def _told_below(document: Document, one: _Stated, body: list[_Stated]) -> bool:
    """Whether the body tells what the title says, exactly or where the title rounds ("hơn 17.000 người")."""
    before = document.sentences[one.at].folded[: one.figure.number[0]]
    rounded = re.search(r"(?:hơn|gần|trên|khoảng|chừng)\s$", before) is not None
    return any((one.figure.count, one.unit) == (other.figure.count, other.unit) or rounded for other in body)


def _stated(document: Document) -> Iterator[_Stated]:
    last: _Stated | None = None  # the figure before
    main: _Stated | None = None  # the last one that divides no other
    head: _Stated | None = None  # the last one that stands alone
    for at, sentence in enumerate(document.sentences):
        if sentence.kind == "row":
            continue
        found = figures(sentence)
        if not found and (opened := _list_opened(document, at)) is not None:
            last = main = head = opened
        first = [readings[0] for readings in found]
        for readings in found:
            for figure in readings:
                if figure.compared and figure.unit != "percent" and last is not None and last.at == at:
                    continue  # a change of the figure before it
                sub = last is not None and _divides(document, at, last, main or last, figure)
                base = _base(document, at, figure, last, main, head, sub)
                if (figure.part == "lead" and not _led(document, at, figure)) or (
                    figure.part not in {"", "lead"} and base is None
                ):
                    continue
                before = base if (figure.part or sub) and base else (last if last and last.at == at else None)
                one = _read(document, at, figure, first, base, before, head, sub)
                if one is None:
                    continue
                one = replace(one, sub=sub)
                yield one
                last = one
                main = main if sub else one
                if not sub and figure.part in {"", "far", "lead"}:
                    head = one
                break


def _base(
    document: Document,
    at: int,
    figure: Figure,
    last: _Stated | None,
    main: _Stated | None,
    head: _Stated | None,
    sub: bool,
) -> _Stated | None:
    """The figure that a part goes with; None where it goes with none."""
    if last is None or main is None:
        return None
    if figure.part == "far":
        near = at - last.at <= _FAR and document.sentences[at].block - document.sentences[last.at].block <= 1
        return (head or last) if near else None
    if figure.part == "zone":
        return main if sub else None
    if figure.part == "equal" and not (last.at == at and last.unit == "percent"):
        return None
    if last.at != at:
        return (head or last) if _continues(document, at, figure, last, head or last) else None
    gap = document.sentences[at].masked[last.figure.span[1] : figure.number[0]]
    if figure.part == "near" and re.search(r"\d", _ASIDES.sub("", gap)):
        return None
    return main if main.at == at else last


def _continues(document: Document, at: int, figure: Figure, last: _Stated, head: _Stated) -> bool:
    """Whether a part in a later sentence still goes with the figures before: "Trong đó, …", the items of a list
    under "cụ thể:", or "Hà Nội có 2.113 người, …" right after the total."""
    sentence = document.sentences[at]
    if figure.part != "near":
        return False
    if at - last.at == 1 and _GOES_ON.match(sentence.folded):
        return True
    if _is_item(sentence) and document.sentences[head.at].text.rstrip().endswith(":"):
        return all(_is_item(between) for between in document.sentences[head.at + 1 : at])
    opens = figure.who is not None and figure.begin <= _OPENING
    same = at - last.at == 1 and sentence.block == document.sentences[last.at].block
    return same and opens and figure.count < head.figure.count and figure.unit == head.unit


def _list_opened(document: Document, at: int) -> _Stated | None:
    """A lead-in without a number ("Kết quả tinh giản biên chế năm 2018 như sau:") as the total of its list."""
    sentence = document.sentences[at]
    if not sentence.text.rstrip().endswith(":") or not _LEAD.search(sentence.folded):
        return None
    end = len(sentence.text)
    total = Figure((end, end), (0, end), (end, end), end, float("inf"), "people", None, None, None, "", "staff.list")
    period, _ = period_in(document, at, total, [total])
    who = subject(document, at, total, frozenset())
    return _Stated(
        total,
        at,
        whole(document, who) if who else topic(document, at),
        period or carried_period(document, at),
        "target" if modality_at(sentence, end, end) == "target" else "actual",
        "people",
        action_of(sentence.folded) or "streamlining",
        tuple(decrees(sentence, document)),
    )


def _is_item(sentence: Sentence) -> bool:
    return sentence.kind == "item" or sentence.text.startswith(("-", "–", "+", "•", "*"))


def _divides(document: Document, at: int, last: _Stated, main: _Stated, figure: Figure) -> bool:
    """Whether a figure divides one before it: "gồm: 06 công chức, 31 viên chức", "512 người (nghỉ hưu 412)"."""
    sentence = document.sentences[at]
    if figure.count > main.figure.count or figure.unit == "percent":
        return False
    if last.at != at:
        return at - last.at == 1 and _ZONE_OPENS.fullmatch(sentence.folded[: figure.begin]) is not None
    between = sentence.folded[max(last.figure.span[1], last.figure.phrase[1]) : figure.begin]
    if _depth(sentence, figure.number[0]) > _depth(sentence, main.figure.number[0]):
        return True
    if last.sub and _depth(sentence, figure.number[0]) < _depth(sentence, last.figure.number[0]):
        return False
    if last.sub and _NEXT_IN_ZONE.fullmatch(between):
        return True
    return len(between) < 160 and not re.search(r"[;.]", between) and _ZONE.search(between) is not None


def _depth(sentence: Sentence, place: int) -> int:
    return sentence.masked.count("(", 0, place) - sentence.masked.count(")", 0, place)


def _led(document: Document, at: int, figure: Figure) -> bool:
    """Whether words on leaving the payroll lead in a bare "phê duyệt 138 trường hợp"."""
    sentence = document.sentences[at]
    if _LEAD.search(sentence.folded, 0, figure.number[0]):
        return True
    if any(decree.action and decree.start < figure.number[0] for decree in decrees(sentence, document)):
        return True
    before = document.sentences[at - 1] if at else None
    goes_on = _GOES_ON.match(sentence.folded) is not None
    return before is not None and before.block == sentence.block and goes_on and bool(_LEAD.search(before.folded))


def _read(
    document: Document,
    at: int,
    figure: Figure,
    found: list[Figure],
    base: _Stated | None,
    before: _Stated | None,
    head: _Stated | None,
    sub: bool,
) -> _Stated | None:
    """The figure with who, when and how; None where it is none of a staff reduction. `base` is what a part goes
    with, `before` the figure before it in its sentence."""
    sentence = document.sentences[at]
    reading = modality_at(sentence, *figure.number)
    if reading in {"negated", "hypothetical", "foreign"}:
        return None
    goes_on = head is not None and at - head.at <= 2 and _goes_on(sentence, figure)
    carrier = base if (figure.part or sub) and base else (head if goes_on else None)
    unit = figure.unit or (base.unit if base else None)
    if unit == "percent" and figure.unit is None:
        return None
    by = _decrees(document, at, figure, found, base)
    action = _action(document, at, figure, by, base)
    if unit is None or action is None:
        return None
    who = _who(document, at, figure, found, base if sub or figure.part else None, head, goes_on)
    if is_company(sentence, who):
        return None
    if not by and carrier is not None and (figure.part or sub or action == carrier.action):
        by = list(carrier.decrees)
    period = _period(document, at, figure, found, carrier or before)
    modality = _modality(document, sentence, figure, reading, period, carrier or _same_breath(sentence, figure, before))
    workers = (figure.personnel or "").casefold() in {"lao động", "người lao động"}
    if (workers or _PRIVATE.search(sentence.folded)) and not _PUBLIC.search(sentence.folded):
        return None
    if figure.rule == "staff.cut.count" and unit != "posts":
        if not _on_payroll(document, at, head):
            return None
        if (
            who.start is None
            and period is None
            and carrier is None
            and not re.search(r"tinh giản|tinh giảm", sentence.folded)
        ):
            return None  # "Giảm 100 người lười mà giữ …": an opinion, of nobody and no time
    return _Stated(figure, at, who, period, modality, unit, action, tuple(by))


def _goes_on(sentence: Sentence, figure: Figure) -> bool:
    """Whether a sentence divides the total before it: "Trong đó, …", "Về hưu trước tuổi: 1.032 người"."""
    return _GOES_ON.match(sentence.folded) is not None or (
        figure.rule == "staff.left.colon" and figure.begin < _OPENING
    )


def _on_payroll(document: Document, at: int, head: _Stated | None) -> bool:
    """Whether "giảm 20 người" is said where the payroll is the topic: after another figure, or where its paragraph,
    the one before, or the title speaks of it."""
    if head is not None:
        return True
    block = document.sentences[at].block
    return any(
        _PAYROLL.search(s.folded) for s in document.sentences if s.kind == "title" or block - 1 <= s.block <= block
    )


def _who(
    document: Document,
    at: int,
    figure: Figure,
    found: list[Figure],
    base: _Stated | None,
    head: _Stated | None,
    goes_on: bool,
) -> Who:
    if figure.part and figure.who is None and base is not None:
        return base.who
    if base is not None and not figure.part:
        return _within(document, at, figure, base)
    claimed = frozenset(other.who[0] for other in found if other.who is not None and other.number != figure.number)
    same = head is not None and head.at == at
    named = subject(document, at, figure, claimed, wide=not same)
    if named is not None:
        return named if figure.part else whole(document, named)
    if head is not None and (goes_on or document.sentences[head.at].block == document.sentences[at].block):
        return head.who
    return _spoken(document, at, figure) or topic(document, at)


def _within(document: Document, at: int, figure: Figure, base: _Stated) -> Who:
    """Who a figure that divides another is about: a body named since, else that of the total."""
    named = subject(document, at, figure, frozenset(), wide=False)
    since = named is not None and named.start is not None and (base.at != at or named.start > base.figure.number[1])
    return named if named is not None and since else base.who


def _spoken(document: Document, at: int, figure: Figure) -> Who | None:
    """The subject of the sentence before in the same paragraph."""
    if at == 0 or document.sentences[at - 1].block != document.sentences[at].block:
        return None
    end = len(document.sentences[at - 1].text)
    ghost = replace(figure, number=(end, end), span=(end, end), phrase=(end, end), begin=end, who=None)
    found = subject(document, at - 1, ghost, frozenset())
    return whole(document, found) if found else None


def _action(document: Document, at: int, figure: Figure, by: list[Decree], base: _Stated | None) -> str | None:
    if figure.action is not None:
        return figure.action
    sentence = document.sentences[at]
    if figure.part and figure.part != "lead":
        return base.action if base else None
    words = sentence.folded[slice(*figure.span)]
    if re.search(r"tinh giản|tinh giảm", words):
        return "streamlining"
    known = [decree.action for decree in by if decree.action]
    if known:
        return known[0]
    lead = sentence.folded[: figure.number[0]]
    if action := action_of(lead) if _LEAD.search(lead) else None:
        return action
    if figure.part == "lead" and at:
        return "streamlining" if re.search(r"tinh giản|tinh giảm", document.sentences[at - 1].folded) else "leave"
    return None


def _decrees(document: Document, at: int, figure: Figure, found: list[Figure], base: _Stated | None) -> list[Decree]:
    """The decrees told with a figure: behind it in its clause, else leading in its sentence or the one before."""
    sentence = document.sentences[at]
    here = decrees(sentence, document)
    _, end = clause(sentence, figure.number[0])
    behind = [decree for decree in here if figure.number[1] <= decree.start < end]
    inside = [decree for decree in here if figure.span[0] <= decree.start < figure.number[0]]
    if inside or behind:
        return inside or behind
    first = min(other.number[0] for other in found)
    leading = [decree for decree in here if decree.start < first]
    if leading:
        return leading
    if figure.part and base is not None and base.at == at:
        return []
    if at and document.sentences[at - 1].block == sentence.block and _GOES_ON.match(sentence.folded):
        before = document.sentences[at - 1]
        return _matching(before, decrees(before, document), figure)
    return []


def _matching(before: Sentence, named: list[Decree], figure: Figure) -> list[Decree]:
    """Of the decrees that lead in, those of the clause that speaks of the figure's kind of leaving."""
    if figure.action is None and figure.part != "lead":
        return named
    wanted = figure.action or "streamlining"
    matching = [decree for decree in named if action_of(before.folded[slice(*clause(before, decree.start))]) == wanted]
    return matching or [decree for decree in named if decree.action in {None, wanted}]


def _period(document: Document, at: int, figure: Figure, found: list[Figure], carrier: _Stated | None) -> str | None:
    period, settled = period_in(document, at, figure, found)
    if settled:
        return period
    if carrier is not None:
        return based(document, at, figure, carrier.period)
    carried = carried_period(document, at)
    if carried is None and document.sentences[at].kind == "title":
        carried = main_period(document)
    return based(document, at, figure, carried)


def _modality(
    document: Document, sentence: Sentence, figure: Figure, reading: str, period: str | None, carrier: _Stated | None
) -> Modality:
    if reading == "target":
        return "target"
    start, _ = clause(sentence, figure.number[0])
    done = _DONE.search(sentence.folded, start, figure.number[1]) is not None
    if done:
        return "actual"
    if is_ahead(period, document.published):
        return "target"
    return carrier.modality if carrier is not None else "actual"


def _same_breath(sentence: Sentence, figure: Figure, before: _Stated | None) -> _Stated | None:
    """The figure before, where the clause goes on with it: "…; riêng huyện X giảm 14 biên chế"."""
    start, _ = clause(sentence, figure.number[0])
    return before if _GOES_ON.match(sentence.folded, start + (sentence.folded[start : start + 1] == " ")) else None


def _fact(document: Document, one: _Stated) -> StaffReduction:
    sentence = document.sentences[one.at]
    start, end = _evidence(sentence, one)
    return StaffReduction(
        doc_id=document.article.doc_id,
        entity_type=one.who.type,
        entity=one.who.name,
        province=one.who.province,
        period=one.period,
        modality=one.modality,
        evidence=sentence.text[start:end],
        start=sentence.start + start,
        end=sentence.start + end,
        rule=one.figure.rule,
        count=one.figure.count,
        unit=one.unit,
        action=one.action,
        legal_basis=joined(list(one.decrees)),
        personnel=one.figure.personnel,
    )


def _evidence(sentence: Sentence, one: _Stated) -> tuple[int, int]:
    """From the subject, where the figure's clause names it, to the end of the wording."""
    start = min(one.figure.span[0], one.figure.number[0])
    end = max(one.figure.span[1], one.figure.phrase[1])
    low, _ = clause(sentence, one.figure.number[0])
    if one.who.start is not None and low <= one.who.start < start:
        start = one.who.start
    text = sentence.text[start:end]
    start += len(text) - len(text.lstrip(" ,;:.(-"))
    end -= len(text) - len(text.rstrip(" ,;:(-"))
    return start, end
