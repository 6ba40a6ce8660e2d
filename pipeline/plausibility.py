"""Facts held against each other: what cannot all be true is a warning, what tells the same a note; each with the name
of its rule. Nothing is changed or dropped by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property

import pandas as pd

from extractors import lookups
from extractors.fold import fold
from extractors.values import shift
from pipeline import dimensions
from pipeline.observations import NATIONAL, Origins, Voice, key_of, lists, rows_of
from pipeline.rows import QualityRow

# Scores are told with two decimals: a change computed from rounded values may be off by one in the last.
_ROUNDING = 0.011
# Papers tell of a ceremony within days, the slowest in their next monthly issue.
_ONE_OCCASION = timedelta(days=31)
# Who may well get several distinctions of one kind, or none by name.
_UNNAMED = {"group"}
_MAIN, _PARTS = "streamlining", ("early_retirement", "resignation", "leave")


@dataclass(frozen=True, slots=True)
class Cut:
    """A staff reduction as the checks need it."""

    fact_id: str
    doc_id: str
    start: int
    entity_id: str
    period: str | None
    modality: str
    count: float
    unit: str
    action: str
    personnel: str | None


@dataclass(frozen=True, slots=True)
class Honour:
    """An award as the checks need it."""

    fact_id: str
    doc_id: str
    source: str
    published_on: str | None
    entity_type: str
    entity_id: str
    entity: str
    award: str
    award_class: str | None
    awarded_by: str | None
    recipient_count: int | None
    period: str | None
    modality: str


@dataclass(frozen=True)
class _Told:
    """What is told of one period."""

    voices: Sequence[Voice]

    @cached_property
    def lists(self) -> list[list[Voice]]:
        return lists(self.voices)


@dataclass(slots=True)
class _Story:
    """All voices of one entity, index, component and modality, by period."""

    by_period: dict[str, list[Voice]] = field(default_factory=lambda: defaultdict(list))


def check(
    heard: Sequence[Voice], staff: pd.DataFrame, awards: pd.DataFrame, origins: Origins
) -> list[QualityRow]:
    """All doubts and links, each once; the same for any order of the rows."""
    in_order = sorted(heard, key=lambda voice: voice.when)
    cuts = [Cut(**row) for row in rows_of(staff, list(Cut.__dataclass_fields__))]
    honours = [Honour(**row) for row in rows_of(awards, list(Honour.__dataclass_fields__))]
    found = [*_moves(in_order), *_beyond_total(in_order), *_beyond_scale(in_order), *_parts(cuts)]
    found += _awards(honours, origins)
    return list(dict.fromkeys(found))


def _moves(heard: Iterable[Voice]) -> Iterator[QualityRow]:
    """rank.move, score.move: a value and its change against the value told of the period before."""
    stories: dict[tuple[str, ...], _Story] = defaultdict(_Story)
    for voice in heard:
        key = key_of(voice)
        if voice.period is not None and not key[-1]:
            stories[(*key[:3], voice.modality)].by_period[voice.period].append(voice)
    for key in sorted(stories):
        told = {period: _Told(voices) for period, voices in stories[key].by_period.items()}
        for period in sorted(told):
            last = shift(period, -1) or ""
            for voice in told[period].voices:
                if before := told.get(voice.compared_to or last):
                    yield from _rank_move(voice, before)
                    yield from _score_move(voice, before)


def _rank_move(voice: Voice, before: _Told) -> Iterator[QualityRow]:
    if voice.rank is None or voice.rank_change is None:
        return
    former = [other for group in before.lists if _one_list(voice, group) for other in group if other.rank is not None]
    expected = voice.rank + voice.rank_change
    if former and all(other.rank != expected for other in former):
        other = former[0]
        message = (
            f"rank {voice.rank} after a move of {voice.rank_change:+d} means rank {expected} before, where "
            f"{other.printed_in} tells rank {other.rank} of {other.period}"
        )
        yield _issue("rank.move", voice, other, message)


def _one_list(voice: Voice, group: Sequence[Voice]) -> bool:
    """Whether the voice ranks in the list of the group: of a province the national one or one within its region."""
    if voice.entity_type != "province":
        return True
    totals = [other.rank_total for other in group if other.rank_total is not None]
    national = voice.rank_total is None or voice.rank_total >= NATIONAL
    return national == (not totals or max(totals) >= NATIONAL)


def _score_move(voice: Voice, before: _Told) -> Iterator[QualityRow]:
    if voice.score is None or voice.score_change is None:
        return
    former = [other for other in before.voices if other.score is not None and other.unit == voice.unit]
    expected = voice.score - voice.score_change
    if former and all(abs((other.score or 0) - expected) > _ROUNDING for other in former):
        other = former[0]
        message = (
            f"{voice.score:g} after a change of {voice.score_change:+g} means {expected:.4g} before, where "
            f"{other.printed_in} tells {other.score:g} of {other.period}"
        )
        yield _issue("score.move", voice, other, message)


def _beyond_total(heard: Iterable[Voice]) -> Iterator[QualityRow]:
    """rank.beyond_total: a rank greater than the number ranked in that list, told elsewhere or known."""
    groups: dict[tuple[str, ...], list[Voice]] = defaultdict(list)
    for voice in heard:
        groups[key_of(voice)].append(voice)
    for key in sorted(groups):
        for told in lists(groups[key]):
            totals = [voice for voice in told if voice.rank_total is not None]
            least = min((voice.rank_total or 0 for voice in totals), default=None)
            for voice in told:
                rank = voice.rank or 0
                beyond = least is not None and rank > least
                short = next((other for other in totals if rank > (other.rank_total or 0)), None) if beyond else None
                if short is not None:
                    message = f"rank {rank}, where {short.printed_in} tells {short.rank_total} ranked"
                    yield _issue("rank.beyond_total", voice, short, message)
                elif (known := _provinces_in(voice)) and rank > known:
                    yield _issue("rank.beyond_total", voice, None, f"rank {rank} among {known} provinces")


def _provinces_in(voice: Voice) -> int | None:
    """How many provinces there were in the period of a province's rank."""
    days = dimensions.span(voice.period)
    if voice.entity_type != "province" or days is None or voice.rank is None:
        return None
    # The edition of 2025 may rank the provinces of its first half.
    return _provinces_on(days.start)


@cache
def _provinces_on(day: str) -> int:
    return sum(record.valid(date.fromisoformat(day)) for record in lookups.provinces())


def _beyond_scale(heard: Iterable[Voice]) -> Iterator[QualityRow]:
    """score.beyond_scale: points of a province or ministry outside the scale of the index's national edition."""
    for voice in heard:
        known = dimensions.scale(voice.index)
        if known is None or voice.score is None or voice.unit != "points":
            continue
        if voice.entity_type in {"province", "ministry"} and not known[0] <= voice.score <= known[1]:
            message = f"{voice.score:g} points on a scale of {known[0]:g} to {known[1]:g}"
            yield _issue("score.beyond_scale", voice, None, message)


def _parts(cuts: Iterable[Cut]) -> Iterator[QualityRow]:
    """staff.parts: parts of a total that are more than the total, in one article."""
    stated: dict[tuple[str, ...], list[Cut]] = defaultdict(list)
    for cut in cuts:
        if cut.unit != "percent":
            stated[(cut.doc_id, cut.entity_id, cut.period or "", cut.modality, cut.unit)].append(cut)
    for key in sorted(stated):
        told = sorted(stated[key], key=lambda cut: (cut.start, cut.fact_id))
        totals = [cut for cut in told if cut.action == _MAIN and cut.personnel is None]
        if len(totals) != 1:  # of several totals nobody can tell which the parts are of
            continue
        [total] = totals
        for kind, parts in (
            ("by personnel", [cut for cut in told if cut.action == _MAIN and cut.personnel is not None]),
            ("by action", [cut for cut in told if cut.action in _PARTS and cut.personnel is None]),
        ):
            together = sum(part.count for part in parts)
            if together > total.count:
                message = f"parts {kind} come to {together:g}, the total to {total.count:g}"
                yield _row("staff.parts", "warning", "staff_reductions", total.fact_id, parts[0].fact_id, key[0], message)


def _awards(honours: Iterable[Honour], origins: Origins) -> Iterator[QualityRow]:
    """award.same: one award told by two papers; award.differs: told with another class, giver or number."""
    alike: dict[tuple[str, ...], list[Honour]] = defaultdict(list)
    for honour in honours:
        if honour.entity_type not in _UNNAMED and honour.modality == "actual":
            alike[(honour.entity_id, fold(honour.award), honour.period or "")].append(honour)
    for key in sorted(alike):
        told = sorted(alike[key], key=lambda h: (h.published_on is None, h.published_on or "", h.doc_id, h.fact_id))
        first = told[0]
        for other in told[1:]:
            if other.doc_id == first.doc_id or not (first.period or _soon(first, other)):
                continue
            what = _difference(first, other)
            if what is None:
                again = "again" if origins.get(other.doc_id) != origins.get(first.doc_id) else "again, in a copy,"
                message = f"{first.award} for {first.entity}, told {again} by {other.source}"
                yield _row("award.same", "note", "awards", first.fact_id, other.fact_id, first.doc_id, message)
            elif what[0] == "award_class" or first.awarded_by == other.awarded_by:
                message = f"{first.award} for {first.entity}: {what[0]} {what[1]} or {what[2]}"
                yield _row("award.differs", "warning", "awards", first.fact_id, other.fact_id, first.doc_id, message)


def _soon(one: Honour, other: Honour) -> bool:
    """Whether the two were published so soon after each other that they tell one occasion."""
    if one.published_on is None or other.published_on is None:
        return False
    return abs(date.fromisoformat(one.published_on) - date.fromisoformat(other.published_on)) <= _ONE_OCCASION


def _difference(one: Honour, other: Honour) -> tuple[str, object, object] | None:
    for name in ("award_class", "awarded_by", "recipient_count"):
        a, b = getattr(one, name), getattr(other, name)
        if a is not None and b is not None and a != b:
            return name, a, b
    return None


def _issue(rule: str, voice: Voice, other: Voice | None, message: str) -> QualityRow:
    return _row(rule, "warning", voice.table, voice.fact_id, other.fact_id if other else None, voice.doc_id, message)


def _row(
    rule: str, level: str, table: str, fact_id: str, other: str | None, doc_id: str, message: str
) -> QualityRow:
    return QualityRow(
        rule=rule,
        level="note" if level == "note" else "warning",
        table=table,
        fact_id=fact_id,
        other_fact_id=other,
        doc_id=doc_id,
        message=message,
    )


def counts(rows: Iterable[QualityRow]) -> Mapping[str, int]:
    """How often each rule spoke."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row.rule] += 1
    return dict(sorted(found.items()))
