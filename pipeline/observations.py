"""What all articles together say: one observation for each entity, index, component and period, and where they
disagree.

A copy of an article is no second voice: voices are counted by the source that published a text first.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import repeat
from typing import Any

import pandas as pd

from extractors.fold import fold
from pipeline import dimensions, tables
from pipeline.rows import ConflictRow, Day, ObservationRow, Status

# A province's rank among fewer is one within its region: the smallest national list had 34 provinces, the greatest
# region has 14. The contract takes a rank within a region only with its total, so a rank without one is national.
NATIONAL = 30
# Two totals of one list: PAPI left out three of 63 provinces, a paper counts 19 or 20 departments.
_SAME_LIST = 0.1
# Any other index is not one index: what two articles say of it cannot be held against each other.
UNKNOWN_INDEX = "OTHER"


@dataclass(frozen=True, slots=True)
class Voice:
    """A ranking or score as observations see it. `group` is the first publication of its article's text, `source`
    the source of that, `printed_in` its own."""

    table: str
    fact_id: str
    doc_id: str
    start: int
    group: str
    source: str
    printed_in: str
    published_on: str | None
    entity_type: str
    entity_id: str
    index: str
    component: str | None
    period: str | None
    modality: str
    compared_to: str | None
    evidence: str
    rank: int | None = None
    rank_at_most: int | None = None
    rank_total: int | None = None
    rank_change: int | None = None
    score: float | None = None
    unit: str | None = None
    score_change: float | None = None
    rating: str | None = None

    @property
    def when(self) -> tuple[bool, str, str, int, str]:
        """Orders voices by publication; those without a day come last."""
        return self.published_on is None, self.published_on or "", self.doc_id, self.start, self.fact_id

    @property
    def filled(self) -> int:
        """How many of its values are stated."""
        values = (self.rank, self.rank_at_most, self.rank_total, self.rank_change)
        return sum(value is not None for value in (*values, self.score, self.score_change, self.rating))


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity's name and place, as `entities` has them."""

    entity_type: str
    name: str
    province: str | None
    province_code_2025: str | None


Origins = Mapping[str, tuple[str, str]]
Key = tuple[str, ...]
# What a voice has as the fact's row has it.
_OWN = set(Voice.__dataclass_fields__) - {"table", "group", "source", "printed_in"}


def voices(rankings: pd.DataFrame, scores: pd.DataFrame, origins: Origins) -> list[Voice]:
    """All rankings and scores; `origins` gives for each doc_id the first publication of its text and its source."""
    found: list[Voice] = []
    for table, frame in (("rankings", rankings), ("scores", scores)):
        cells: dict[str, Iterable[Any]] = {name: tables.values(frame[name]) for name in _OWN if name in frame.columns}
        printed_in = tables.values(frame["source"])
        of_text = [origins.get(doc_id, (doc_id, source)) for doc_id, source in zip(cells["doc_id"], printed_in, strict=True)]
        cells |= {"group": (group for group, _ in of_text), "source": (source for _, source in of_text)}
        cells |= {"table": repeat(table), "printed_in": printed_in}
        found += map(Voice, *(cells.get(name, repeat(None)) for name in Voice.__dataclass_fields__))
    return found


def observe(
    heard: Iterable[Voice], entities: Mapping[str, Entity]
) -> tuple[list[ObservationRow], list[ConflictRow]]:
    """The observations of all voices, and the conflicts among them; the same for any order of the voices."""
    by_key: dict[Key, list[Voice]] = defaultdict(list)
    for voice in heard:
        by_key[key_of(voice)].append(voice)
    observations: list[ObservationRow] = []
    conflicts: list[ConflictRow] = []
    for key in sorted(by_key):
        told = sorted(by_key[key], key=lambda voice: voice.when)
        observation_id = hashlib.sha256("\x1f".join(key).encode()).hexdigest()[:16]
        met = [] if _alone(told[0]) else list(_conflicts(observation_id, told))
        conflicts += met
        observations.append(_observation(observation_id, told, entities[told[0].entity_id], bool(met)))
    return observations, conflicts


def key_of(voice: Voice) -> Key:
    """What makes two voices speak of the same thing; of an unknown period or index only one article can."""
    component = fold(voice.component).strip() if voice.component else ""
    alone = voice.doc_id if _alone(voice) else ""
    return voice.entity_id, voice.index, component, voice.period or "", voice.modality, alone


def lists(told: Sequence[Voice]) -> list[list[Voice]]:
    """The voices with a rank by the list that they rank in, the main one first.

    Of a province that is the national one, else the list that most sources speak of.
    """
    ranked = [voice for voice in told if voice.rank is not None or voice.rank_at_most is not None]
    if not ranked:
        return []
    if ranked[0].entity_type == "province":
        national = [voice for voice in ranked if _in_national(voice)]
        regional = _by_total([voice for voice in ranked if not _in_national(voice)])
        return [national, *regional] if national else regional
    found = _by_total([voice for voice in ranked if voice.rank_total is not None])
    for voice in (voice for voice in ranked if voice.rank_total is None):
        fitting = next((group for group in found if any(voice.rank == other.rank for other in group)), None)
        if not found:
            found.append([])
        (fitting if fitting is not None else found[0]).append(voice)
    return found


def same_number(one: float, other: float) -> bool:
    """Whether one number is the other, rounded or cut to fewer decimals: 81.2 and 81.195 are the same."""
    return one == other or (abs(one - other) <= 1 and _same_rounded(one, other))


@lru_cache(maxsize=1 << 14)
def _same_rounded(one: float, other: float) -> bool:
    a, b = Decimal(repr(one)).normalize(), Decimal(repr(other)).normalize()
    if _decimals(a) > _decimals(b):
        a, b = b, a
    step = Decimal(1).scaleb(-_decimals(a))
    return a == b or a == b.quantize(step, ROUND_HALF_UP) or a == b.quantize(step, ROUND_DOWN)


def rows_of(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rows of some columns as plain values: None for null, days and times as text."""
    cells = [tables.values(frame[name]) for name in names]
    for row in zip(*cells, strict=True):
        yield dict(zip(names, row, strict=True))


def _alone(voice: Voice) -> bool:
    return voice.period is None or voice.index == UNKNOWN_INDEX


def _in_national(voice: Voice) -> bool:
    return voice.rank_total is None or voice.rank_total >= NATIONAL


def _by_total(told: Sequence[Voice]) -> list[list[Voice]]:
    """Lists by their totals, those that most sources speak of first."""
    found: list[list[Voice]] = []
    for voice in sorted(told, key=lambda voice: (voice.rank_total or 0, voice.when)):
        total = voice.rank_total or 0
        last = found[-1][-1].rank_total or 0 if found else 0
        if found and total - last <= _SAME_LIST * total:
            found[-1].append(voice)
        else:
            found.append([voice])
    return sorted(found, key=lambda group: (-len({voice.source for voice in group}), -len(group), group[0].when))


def _conflicts(observation_id: str, told: Sequence[Voice]) -> Iterator[ConflictRow]:
    for group in lists(told):
        yield from _differing(observation_id, group, "rank")
        yield from _differing(observation_id, group, "rank_total")
        yield from _out_of_bound(observation_id, group)
    for field in ("rank_change", "score_change"):
        for alike in _alike(told, field, lambda voice: (voice.compared_to or "", voice.unit)):
            yield from _differing(observation_id, alike, field)
    for alike in _alike(told, "score", lambda voice: voice.unit):
        yield from _differing(observation_id, alike, "score")
    for alike in _alike(told, "rating", lambda voice: _kind_of_rating(voice.rating or "")):
        yield from _differing(observation_id, alike, "rating")


def _alike(told: Sequence[Voice], field: str, kind: Callable[[Voice], Any]) -> list[list[Voice]]:
    """The voices that state the field, by what must be equal for their values to be held against each other."""
    found: dict[Any, list[Voice]] = defaultdict(list)
    for voice in told:
        if getattr(voice, field) is not None:
            found[kind(voice)].append(voice)
    return [found[key] for key in sorted(found, key=str)]


def _kind_of_rating(rating: str) -> str:
    """Levels in words, groups and classes are scales of their own: "khá" and "nhóm B" do not contradict."""
    head = fold(rating).split(" ")[0]
    return head if head in {"nhóm", "loại", "hạng"} else "word"


def _differing(observation_id: str, told: Sequence[Voice], field: str) -> Iterator[ConflictRow]:
    """One conflict for each value that differs from the one that most sources give."""
    stated = [voice for voice in told if getattr(voice, field) is not None]
    values = _by_value(stated, field)
    for other in values[1:]:
        yield _conflict(observation_id, field, values[0][0], other[0], field)


def _by_value(stated: Sequence[Voice], field: str) -> list[list[Voice]]:
    """The voices by value, the value of most sources first, then of most articles, then the one told first."""
    found: list[list[Voice]] = []
    known: dict[Any, list[Voice]] = {}
    # Values that may be the same differ by 1 at most, so that only those nearby are held against each other.
    near: dict[Any, list[tuple[int, list[Voice]]]] = defaultdict(list)
    for voice in stated:
        value = getattr(voice, field)
        group = known.get(value)
        if group is None:
            place = fold(value) if isinstance(value, str) else int(value)
            around = [place] if isinstance(place, str) else [place - 1, place, place + 1]
            alike = [pair for at in around for pair in near.get(at, ()) if _same(getattr(pair[1][0], field), value)]
            if alike:
                group = min(alike)[1]
            else:
                group = []
                near[place].append((len(found), group))
                found.append(group)
            known[value] = group
        group.append(voice)
    return sorted(found, key=_weight)


def _weight(group: Sequence[Voice]) -> tuple[Any, ...]:
    if len(group) == 1:
        return -1, -1, group[0].when
    return -len({v.source for v in group}), -len({v.group for v in group}), group[0].when


def _same(one: Any, other: Any) -> bool:
    if one == other:
        return True
    if isinstance(one, float) or isinstance(other, float):
        return same_number(float(one), float(other))
    if isinstance(one, str):
        return fold(one) == fold(str(other))
    return bool(one == other)


def _out_of_bound(observation_id: str, told: Sequence[Voice]) -> Iterator[ConflictRow]:
    """A rank beyond the bound that another voice gives: 12th, and in the top 10."""
    ranked = _by_value([voice for voice in told if voice.rank is not None], "rank")
    bounds = {voice.rank_at_most: voice for voice in reversed(told) if voice.rank_at_most is not None}
    for bound in sorted(bounds):
        beyond = [group[0] for group in ranked if group[0].rank is not None and group[0].rank > bound]
        for voice in beyond[:1]:
            yield _conflict(observation_id, "rank_at_most", voice, bounds[bound], "rank")


def _conflict(observation_id: str, field: str, one: Voice, other: Voice, first_field: str) -> ConflictRow:
    return ConflictRow(
        observation_id=observation_id,
        field=field,
        fact_id_1=one.fact_id,
        fact_id_2=other.fact_id,
        value_1=_text(getattr(one, first_field)),
        value_2=_text(getattr(other, field)),
        source_1=one.printed_in,
        source_2=other.printed_in,
        published_on_1=Day(one.published_on) if one.published_on else None,
        published_on_2=Day(other.published_on) if other.published_on else None,
        evidence_1=one.evidence,
        evidence_2=other.evidence,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else tables.number(value)


def _observation(observation_id: str, told: Sequence[Voice], entity: Entity, disputed: bool) -> ObservationRow:
    main = (lists(told) or [[]])[0]
    rank = _winner(main, "rank")
    unit = "points" if any(v.unit == "points" and v.score is not None for v in told) else None
    unit = unit or next((v.unit for v in told if v.unit is not None), None)
    in_unit = [voice for voice in told if voice.unit == unit]
    percent = [voice for voice in told if voice.unit == "percent"] if unit == "points" else []
    chosen: dict[str, Any] = {
        "rank": rank,
        "rank_at_most": _winner(main, "rank_at_most"),
        "rank_total": _winner(main, "rank_total"),
        "rank_change": _winner(told, "rank_change"),
        "score": _winner(in_unit, "score"),
        "unit": unit,
        "percent": _winner(percent, "score"),
        "score_change": _winner(in_unit, "score_change"),
        "rating": _winner(told, "rating"),
    }
    first = told[0]
    days = dimensions.span(first.period)
    return ObservationRow(
        observation_id=observation_id,
        entity_id=first.entity_id,
        entity_type=entity.entity_type,
        entity=entity.name,
        province=entity.province,
        province_code_2025=entity.province_code_2025,
        index=first.index,
        component=first.component,
        period=first.period,
        period_start=days.start if days else None,
        period_end=days.end if days else None,
        period_kind=days.kind if days else None,
        modality=first.modality,
        **chosen,
        status=_status(told, disputed),
        facts=len(told),
        articles=len({voice.doc_id for voice in told}),
        sources=len({voice.source for voice in told}),
        first_fact_id=first.fact_id,
        best_fact_id=_best(told, chosen).fact_id,
    )


def _winner(told: Sequence[Voice], field: str) -> Any:
    values = _by_value([voice for voice in told if getattr(voice, field) is not None], field)
    if not values:
        return None
    group = [getattr(voice, field) for voice in values[0]]
    # Of one value told with more and with fewer decimals the fuller is kept.
    return max(dict.fromkeys(group), key=_decimals_of) if isinstance(group[0], float) else group[0]


def _best(told: Sequence[Voice], chosen: Mapping[str, Any]) -> Voice:
    def agrees(voice: Voice) -> int:
        values = ((getattr(voice, name), chosen[name]) for name in ("rank", "rank_total", "score", "rating"))
        return sum(_same(value, wanted) for value, wanted in values if value is not None and wanted is not None)

    agreeing = [agrees(voice) for voice in told]
    best = max(agreeing)
    # `told` is in the order of publication, and max keeps the first of equals.
    return max(
        (voice for voice, agreed in zip(told, agreeing, strict=True) if agreed == best),
        key=lambda voice: (voice.filled, voice.doc_id == voice.group),
    )


def _status(told: Sequence[Voice], disputed: bool) -> Status:
    if disputed:
        return "conflict"
    if _alone(told[0]):
        return "single"
    for field in ("rank", "rank_at_most", "rank_change", "score", "score_change", "rating"):
        for alike in _alike(told, field, lambda voice: voice.unit):
            if any(len({voice.group for voice in group}) > 1 for group in _by_value(alike, field)):
                return "agreed"
    return "single"


def _decimals_of(value: float) -> int:
    return _decimals(Decimal(repr(value)))


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
