"""What facts join with: entities with an identity of their own, provinces and their codes, indices, days of periods."""

from __future__ import annotations

import calendar
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

from extractors import lookups
from extractors.fold import fold
from extractors.indices import index_names
from pipeline.records import Fact
from pipeline.rows import Day, EntityRow, IndexRow, PeriodKind, ProvinceRow

_KINDS = ("Huyện", "Quận", "Thị xã", "Thành phố", "Xã", "Phường", "Thị trấn", "Đặc khu")
# The kinds of entity whose names are all in the lookups.
LISTED = ("province", "ministry", "department", "district", "commune")
# What is to be known of a fact for the table of entities.
NAMED = ("entity_id", "entity_type", "entity", "province", "published_on")
# By kind, name and province when an entity was so called for the last time ("" where nobody knows), and how often.
_Names = dict[tuple[str, str, str | None], tuple[str, int]]
# "2019", "2020-H1", "2020-Q2", "2020-06", "2020-06-30"
_MOMENT = re.compile(r"(\d{4})(?:-(?:H([12])|Q([1-4])|(\d\d)(?:-(\d\d))?))?")


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a period, first and last, and how long it is."""

    start: Day
    end: Day
    kind: PeriodKind


@cache
def span(period: str | None) -> Span | None:
    """The days that a period of the contract covers; None where it is none: `2020-Q2` is 2020-04-01 to 2020-06-30."""
    if period is None:
        return None
    first, _, last = period.partition("/")
    begins, ends = _moment(first), _moment(last or first)
    if begins is None or ends is None or begins[0] > ends[1]:
        return None
    kind: PeriodKind = "interval" if last else begins[2]
    return Span(Day(begins[0].isoformat()), Day(ends[1].isoformat()), kind)


def joined(fact: Fact, published_on: str | None) -> dict[str, Any]:
    """The columns of a fact's row that lead to the dimensions."""
    days = span(fact.period)
    return {
        "entity_id": entity_id(fact.entity_type, fact.entity, fact.province, published_on),
        "province_code_2025": code_2025(fact.province),
        "period_start": days.start if days else None,
        "period_end": days.end if days else None,
        "period_kind": days.kind if days else None,
    }


@cache
def entity_id(entity_type: str, entity: str, province: str | None, published_on: str | None = None) -> str:
    """The identity of an entity: the same before and after its province was merged or renamed.

    A province is its name (Thừa Thiên Huế and Huế are one), a district its name and the province that it lay in
    when districts ended; others are their name and the province in force.
    """
    name, home = entity, _newest_name(province) if province else ""
    if entity_type == "province":
        name, home = _newest_name(entity), ""
    elif entity_type == "ministry":
        home = ""
    elif entity_type == "district" and province:
        home = _district_home(entity, province, published_on) or home
    text = "\x1f".join((entity_type, fold(name).strip(), home))
    return f"{entity_type}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


@cache
def code_2025(province: str | None) -> str | None:
    """The code since 2025-07-01 of the province that this one is or is part of now."""
    now = province_2025(province)
    return next((r.code for r in lookups.provinces() if r.name == now and r.valid_to is None), None) if now else None


@cache
def province_2025(province: str | None) -> str | None:
    """The name since 2025-07-01 of the province that this one is or is part of now; None for one that is not known."""
    if province is None or not any(record.name == province for record in lookups.provinces()):
        return None
    return lookups.province_in_force(province)


def province_rows() -> Iterator[ProvinceRow]:
    """`provinces`: every record of the lookup."""
    for record in lookups.provinces():
        yield ProvinceRow(
            province_code=record.code,
            name=record.name,
            name_ascii=_ascii(record.name),
            kind="city" if record.city else "province",
            valid_from=_day(record.valid_from),
            valid_to=_day(record.valid_to),
            successor=record.successor,
            province_code_2025=code_2025(record.name) or "",
            province_2025=province_2025(record.name) or "",
        )


def index_rows(counts: Mapping[str, int]) -> Iterator[IndexRow]:
    """`indices`: every index of the contract; `counts` gives the number of facts of each."""
    for code, name in index_names().items():
        told = _indices().get(code, {})
        low, high = told.get("scale", (None, None))
        yield IndexRow(
            index=code,
            name=name,
            name_en=told.get("en", code),
            publisher=told.get("publisher"),
            scale_minimum=low,
            scale_maximum=high,
            facts=counts.get(code, 0),
        )


def scale(index: str) -> tuple[float, float] | None:
    """The least and greatest value in points of an index's national edition."""
    found = _indices().get(index, {}).get("scale")
    return (float(found[0]), float(found[1])) if found else None


def entity_rows(told: Iterable[tuple[Any, ...]]) -> list[EntityRow]:
    """`entities`: all provinces, and whoever the facts are about, by the newest name that they give. Of each fact it is
    told what `NAMED` says."""
    rows = {row.entity_id: row for row in _all_provinces()}
    by_entity: dict[str, _Names] = defaultdict(dict)
    for (key, kind, name, province, published_on), times in Counter(told).items():
        names = by_entity[key]
        newest, known = names.get((kind, name, province), ("", 0))
        names[kind, name, province] = max(newest, published_on or ""), known + times
    rows |= {key: _entity_row(key, names) for key, names in by_entity.items()}
    return [rows[key] for key in sorted(rows)]


@cache
def known_names(entity_type: str) -> frozenset[str]:
    """The canonical names that the lookups have of a kind of entity; empty for kinds without a lookup."""
    match entity_type:
        case "province":
            return frozenset(record.name for record in lookups.provinces())
        case "ministry":
            return frozenset(_ministries())
        case "department":
            return frozenset(_departments())
        case "district" | "commune":
            units = lookups.districts() if entity_type == "district" else lookups.communes()
            return frozenset(unit.full_name for alike in units.values() for unit in alike)
        case _:
            return frozenset()


def is_listed(entity_type: str, name: str) -> bool:
    """Whether the lookups have the name; true for kinds of entity that have none."""
    if entity_type not in LISTED:
        return True
    if entity_type in {"district", "commune"}:
        units = lookups.districts() if entity_type == "district" else lookups.communes()
        return lookups.place_key(_bare(name)) in units
    return fold(name) in _folded_names(entity_type)


@cache
def _folded_names(entity_type: str) -> frozenset[str]:
    return frozenset(map(fold, known_names(entity_type)))


def _moment(text: str) -> tuple[date, date, PeriodKind] | None:
    found = _MOMENT.fullmatch(text)
    if not found:
        return None
    year, half, quarter, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    if month is not None and not 1 <= month <= 12:
        return None
    if month is not None and day is not None:
        if not 1 <= day <= calendar.monthrange(year, month)[1]:
            return None
        return date(year, month, day), date(year, month, day), "interval"
    first, last, kind = _months(half, quarter, month)
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]), kind


def _months(half: int | None, quarter: int | None, month: int | None) -> tuple[int, int, PeriodKind]:
    if half:
        return 6 * half - 5, 6 * half, "half"
    if quarter:
        return 3 * quarter - 2, 3 * quarter, "quarter"
    if month:
        return month, month, "month"
    return 1, 12, "year"


@cache
def _newest_name(province: str) -> str:
    """The province's name today, where it was only renamed."""
    for record in lookups.provinces():
        if record.name == province and record.renamed and record.successor:
            return _newest_name(record.successor)
    return province


def _district_home(entity: str, province: str, published_on: str | None) -> str | None:
    """The name, when districts ended, of the province in which the district lay; None where that is not certain."""
    when = date.fromisoformat(published_on) if published_on else None
    alike = lookups.districts().get(lookups.place_key(_bare(entity)), ())
    last = lookups.LAST_DAY_OF_DISTRICTS
    homes = {
        lookups.unit_province(unit, last)
        for unit in alike
        if province in {lookups.unit_province(unit, when), lookups.unit_province(unit, last)}
    }
    [home] = homes if len(homes) == 1 else [None]
    return _newest_name(home) if home else None


def _bare(name: str) -> str:
    kind = next((kind for kind in _KINDS if name.startswith(f"{kind} ")), None)
    return name[len(kind) + 1 :] if kind else name


@cache
def _ministries() -> dict[str, lookups.Body]:
    agencies = {body.name: body for body, _, _ in lookups.agencies()}
    return {field.ministry.name: field.ministry for field in lookups.fields() if field.ministry} | agencies


@cache
def _departments() -> frozenset[str]:
    fields = {field.department.name for field in lookups.fields() if field.department}
    bodies = {
        body.name.replace("{tier}", tier) for body in lookups.bodies().values() for tier in ("tỉnh", "thành phố")
    }
    return frozenset(fields | bodies)


def _all_provinces() -> Iterator[EntityRow]:
    for name in dict.fromkeys(_newest_name(record.name) for record in lookups.provinces()):
        yield _province_row(name, (), 0)


def _province_row(name: str, others: Iterable[str], facts: int) -> EntityRow:
    records = [record for record in lookups.provinces() if _newest_name(record.name) == name]
    open_ends = any(record.valid_from is None for record in records), any(r.valid_to is None for r in records)
    last = max(records, key=lambda record: record.valid_to or date.max)
    names = {*others, *(record.name for record in records)} - {name}
    return EntityRow(
        entity_id=entity_id("province", name, None),
        entity_type="province",
        name=name,
        other_names="; ".join(sorted(names)) or None,
        province=name,
        province_code_2025=code_2025(name),
        parent_id=None,
        valid_from=None if open_ends[0] else _day(min(r.valid_from for r in records if r.valid_from)),
        valid_to=None if open_ends[1] else _day(last.valid_to),
        successor=None if open_ends[1] else last.successor,
        listed=True,
        facts=facts,
    )


def _entity_row(key: str, names: _Names) -> EntityRow:
    ordered = sorted(names, key=lambda told: (told[0], told[1], told[2] is None, told[2] or ""))
    kind, name, province = max(ordered, key=lambda told: (*names[told], told[1]))
    facts = sum(times for _, times in names.values())
    others = {other for _, other, _ in names}
    if kind == "province" and is_listed(kind, name):
        return _province_row(_newest_name(name), others, facts)
    first, last, successor = _validity(kind, name, province)
    return EntityRow(
        entity_id=key,
        entity_type=kind,
        name=name,
        other_names="; ".join(sorted(others - {name})) or None,
        province=province,
        province_code_2025=code_2025(province),
        parent_id=entity_id("province", province, None) if province_2025(province) and province else None,
        valid_from=_day(first),
        valid_to=_day(last),
        successor=successor,
        listed=is_listed(kind, name),
        facts=facts,
    )


def _validity(kind: str, name: str, province: str | None) -> tuple[date | None, date | None, str | None]:
    if kind == "ministry" and (body := _ministries().get(name)):
        return body.valid_from, body.valid_to, body.successor
    if kind not in {"district", "commune"}:
        return None, None, None
    units = lookups.districts() if kind == "district" else lookups.communes()
    alike = [
        unit
        for unit in units.get(lookups.place_key(_bare(name)), ())
        if unit.full_name == name
        and province in {lookups.unit_province(unit, None), lookups.unit_province(unit, lookups.LAST_DAY_OF_DISTRICTS)}
    ]
    spans = {(unit.valid_from, unit.valid_to) for unit in alike}
    return (*spans.pop(), None) if len(spans) == 1 else (None, None, None)


def _ascii(name: str) -> str:
    plain = lookups.without_marks(fold(name))
    return " ".join(word[:1].upper() + word[1:] for word in plain.split(" "))


def _day(day: date | None) -> Day | None:
    return Day(day.isoformat()) if day else None


@cache
def _indices() -> dict[str, dict[str, Any]]:
    text = resources.files("pipeline").joinpath("indices.yml").read_text("utf-8")
    told: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return told
