"""The gazetteers: what a name or an abbreviation stands for on a date. The data are the files in `lookups/`.

A name that stands for several things on that date raises `AmbiguousNameError`; a name that is not known gives None
and a warning in the log, once a name.
"""

from __future__ import annotations

import bisect
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from extractors.fold import fold

FOLDER = Path(__file__).parent / "lookups"
LAST_DAY_OF_DISTRICTS = date(2025, 6, 30)  # from the day after, Viet Nam has provinces and communes only
NEWEST = date.max  # stands for an unknown publication date: the names that are in force now

log = logging.getLogger(__name__)
_missed: set[tuple[str, str]] = set()


class AmbiguousNameError(LookupError):
    """A name stands for several things; the message lists them."""


@dataclass(frozen=True, slots=True)
class Province:
    """One province for the days on which its name and code hold; `successor` is the name of what took it over,
    or, where `renamed`, of the same province since."""

    code: str
    name: str
    city: bool
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    renamed: bool

    def valid(self, when: date) -> bool:
        return (self.valid_from is None or self.valid_from <= when) and (self.valid_to is None or when <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Body:
    """A ministry, an agency or a kind of department by its canonical name, with its days and its successor."""

    name: str
    valid_from: date | None
    valid_to: date | None
    successor: str | None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of government: the pattern (over folded text) that names it, and the bodies named after it."""

    pattern: str
    abbreviation: str
    ministry: Body | None
    department: Body | None


@dataclass(frozen=True, slots=True)
class Unit:
    """A district or commune: `kind` is Huyện, Xã…, `name` the bare name, `province` the code of its province on
    2025-06-30 (districts and communes until then) or from 2025-07-01 on (communes since)."""

    kind: str
    name: str
    province: str
    valid_from: date | None
    valid_to: date | None

    @property
    def full_name(self) -> str:
        return f"{self.kind} {self.name}"


def _yaml(name: str) -> Any:
    return yaml.load((FOLDER / name).read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _rows(name: str) -> Iterator[list[str]]:
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def forget_misses() -> None:
    """From now on every name that is missed is told once again."""
    _missed.clear()


def _miss(table: str, name: str) -> None:
    if (table, name) not in _missed:
        _missed.add((table, name))
        log.warning("lookup %s: %r is not known; add it to extractors/lookups if it should be", table, name)


# --- provinces ---------------------------------------------------------------------------------------------------


@cache
def provinces() -> tuple[Province, ...]:
    """Every record of `provinces.yml`: 63 are valid on any day of 2009 to 2025-06-30, 34 from then on."""
    return tuple(
        Province(
            code=entry["code"],
            name=entry["name"],
            city=entry.get("city", False),
            valid_from=entry.get("from"),
            valid_to=entry.get("to"),
            successor=entry.get("successor"),
            renamed=entry.get("renamed", False),
        )
        for entry in _yaml("provinces.yml")["provinces"]
    )


_TONES = str.maketrans(
    {
        letter: plain
        for plain, letters in {
            "a": "àáảãạăằắẳẵặâầấẩẫậ", "e": "èéẻẽẹêềếểễệ", "i": "ìíỉĩị", "o": "òóỏõọôồốổỗộơờớởỡợ",
            "u": "ùúủũụưừứửữự", "y": "ỳýỷỹỵ", "d": "đ",
        }.items()
        for letter in letters
    }
)  # fmt: skip


def without_marks(folded: str) -> str:
    """Folded text without tone and vowel marks: "hòa bình" gives "hoa binh"."""
    return folded.translate(_TONES)


@dataclass(frozen=True, slots=True)
class ProvinceAlias:
    """One spelling of a province; not `certain` where it may mean something else."""

    names: tuple[str, ...]
    certain: bool


@cache
def province_aliases() -> dict[str, ProvinceAlias]:
    """Every folded spelling, with the names that it may stand for (over all dates)."""
    data = _yaml("provinces.yml")
    spellings: dict[str, dict[str, bool]] = defaultdict(dict)
    names = dict.fromkeys(record.name for record in provinces())
    for name in names:
        folded = fold(name)
        spellings[folded][name] = True
        spellings.setdefault(without_marks(folded), {}).setdefault(name, False)
    for table, certain in (("aliases", True), ("weak", False)):
        for name, listed in data[table].items():
            if name not in names:
                raise ValueError(f"provinces.yml: {table} names {name!r}, which is no province there")
            for spelling in listed:
                spellings[fold(spelling)].setdefault(name, certain)
    for spelling in [s for s in spellings if " - " in s]:
        spellings[spelling.replace(" - ", "-")] = spellings[spelling]
    return {spelling: ProvinceAlias(tuple(found), all(found.values())) for spelling, found in spellings.items()}


@cache
def _records(name: str) -> tuple[Province, ...]:
    return tuple(record for record in provinces() if record.name == name)


@cache
def _turns() -> tuple[date, ...]:
    """The days from which on any name, code or unit is another than the day before, in order."""
    days = {LAST_DAY_OF_DISTRICTS + timedelta(days=1)}
    # Communes changed on the same day as all others, which need not be read for it.
    held: Iterable[Province | Unit] = chain(provinces(), *districts().values())
    for one in held:
        days |= {one.valid_from} if one.valid_from else set()
        days |= {one.valid_to + timedelta(days=1)} if one.valid_to else set()
    return tuple(sorted(days))


@lru_cache(maxsize=4096)
def _era(when: date | None) -> date:
    """One day for all days on which the same holds as on `when`, so that what is remembered is not kept for each day."""
    if when is None:
        return NEWEST
    turns = _turns()
    place = bisect.bisect_right(turns, when)
    return turns[place - 1] if place else date.min


def province(name_or_alias: str, when: date | None = None) -> Province | None:
    """The record that a name or alias stands for on `when` (None: now).

    A province that has ended by then gives its last record, so that "tỉnh Bình Định cũ" keeps its name; one that
    was renamed (Thừa Thiên Huế to Huế) gives the name of the day.
    """
    found = _province(name_or_alias, _era(when))
    if found is None:
        _miss("provinces", name_or_alias)
    return found


@lru_cache(maxsize=16384)
def _province(name_or_alias: str, day: date) -> Province | None:
    folded = re.sub(r"^(?:tỉnh|thành phố|tp\.?) ", "", fold(name_or_alias).strip())
    alias = province_aliases().get(folded)
    if alias is None:
        return None
    found = [record for name in alias.names for record in _records(name)]
    valid = [record for record in found if record.valid(day)]
    if len(valid) > 1:
        raise AmbiguousNameError(f"{name_or_alias!r} on {day}: {', '.join(r.name for r in valid)}")
    if valid:
        return valid[0]
    last = max(found, key=lambda record: record.valid_to or date.max)
    if last.renamed and last.successor and last.valid_to and last.valid_to < day:
        return _province(last.successor, day)
    return last


def province_in_force(name: str, when: date | None = None) -> str | None:
    """The name of the province that `name` is, or belongs to, on `when` (None: now)."""
    found = _in_force(name, _era(when))
    if found is None:
        _miss("provinces", name)
    return found


@lru_cache(maxsize=16384)
def _in_force(name: str, day: date) -> str | None:
    record = _province(name, day)
    while record is not None and not record.valid(day):
        if record.successor is None or (record.valid_from and day < record.valid_from):
            return record.name
        record = next(
            (r for r in _records(record.successor) if r.valid(day)), next(iter(_records(record.successor)), None)
        )
    return record.name if record else None


def province_code(name: str, when: date | None = None) -> str | None:
    """The statistics office's two-digit code of the province `name` on `when`; of one that has ended, its last."""
    record = province(name, when)
    return record.code if record else None


@cache
def _province_of_code(code: str, era: date, when: date | None) -> str | None:
    record = next((r for r in provinces() if r.code == code and r.valid(era)), None)
    return province_in_force(record.name, when) if record else None


def is_city(name: str | None, when: date | None = None) -> bool:
    """Whether the province is a city run by the centre on `when`."""
    record = province(name, when) if name else None
    return bool(record and record.city)


# --- ministries and departments ----------------------------------------------------------------------------------

# Between two parts of a name: "Giao thông - Vận tải", "GD&ĐT", "LĐ-TB và XH", "Văn hóa, Thể thao"; or nothing ("GTVT").
_BETWEEN = r"[\s,.&+/-]{0,4}(?:và[\s,.]{1,2})?"


@cache
def fields() -> tuple[Field, ...]:
    """The fields of `fields.yml`, those with more parts first, as they contain the others."""
    found = []
    for entry in sorted(_yaml("fields.yml"), key=lambda entry: -len(entry["parts"])):
        parts = entry["parts"]
        days = entry.get("from"), entry.get("to"), entry.get("successor")
        department = entry.get("department")
        found.append(
            Field(
                pattern=_BETWEEN.join(
                    "(?:"
                    + "|".join(re.escape(form).replace(r"\ ", r"\s") for form in sorted(part, key=len, reverse=True))
                    + ")"
                    for part in parts
                ),
                abbreviation="".join(part[1] for part in parts) if all(len(part) > 1 for part in parts) else "",
                ministry=Body(entry["ministry"], *days) if "ministry" in entry else None,
                department=Body(department, None, None, None) if department else None,
            )
        )
    return tuple(found)


@cache
def _field_pattern(side: str) -> tuple[re.Pattern[str], tuple[Field, ...]]:
    chosen = tuple(field for field in fields() if getattr(field, side))
    return re.compile("|".join(rf"({field.pattern})(?!\w)" for field in chosen)), chosen


def field_at(folded: str, start: int, side: str) -> tuple[Body, int] | None:
    """The ministry or department (`side`) whose field's name begins at `start`, and where that ends."""
    pattern, chosen = _field_pattern(side)
    found = pattern.match(folded, start)
    if not found or found.lastindex is None:
        return None
    body = getattr(chosen[found.lastindex - 1], side)
    return body, found.end()


@cache
def agencies() -> tuple[tuple[Body, tuple[str, ...], tuple[str, ...]], ...]:
    """The agencies not called Bộ: body, spellings, spellings that count in capitals only (all folded)."""
    return tuple(
        (
            Body(entry["name"], entry.get("from"), entry.get("to"), entry.get("successor")),
            tuple(dict.fromkeys([fold(entry["name"]), *map(fold, entry.get("aliases", ()))])),
            tuple(map(fold, entry.get("short", ()))),
        )
        for entry in _yaml("agencies.yml")
    )


@dataclass(frozen=True, slots=True)
class ProvincialBody:
    """A body ranked among the departments: `name` may hold `{tier}`; `central` where it is a branch of the centre
    whose head office bears the same name."""

    name: str
    needs_place: bool
    central: bool


@cache
def bodies() -> dict[str, ProvincialBody]:
    """The bodies of `bodies.yml` by folded spelling."""
    return {
        fold(word): ProvincialBody(entry["name"], entry.get("place", False), entry.get("central", False))
        for entry in _yaml("bodies.yml")
        for word in entry["words"]
    }


def ministry(name: str) -> Body | None:
    """The ministry or agency of a whole name, an abbreviation or a bare field: "Bộ GTVT", "NHNN", "Tài chính"."""
    found = _ministry(name)
    if found is None:
        _miss("ministries", name)
    return found


@cache
def _ministry(name: str) -> Body | None:
    folded = fold(name).strip()
    for body, spellings, short in agencies():
        if folded in spellings or folded in short:
            return body
    start = len("bộ ") if folded.startswith("bộ ") else 0
    found = field_at(folded, start, "ministry")
    return found[0] if found and found[1] == len(folded) else None


def department(name: str) -> str | None:
    """The canonical name of a department from "Sở GD&ĐT", or from the bare field as a table's cell has it."""
    found = _department(name)
    if found is None:
        _miss("departments", name)
    return found


@cache
def _department(name: str) -> str | None:
    folded = fold(name).strip()
    start = len("sở ") if folded.startswith("sở ") else 0
    found = field_at(folded, start, "department")
    return found[0].name if found and found[1] == len(folded) else None


# --- districts and communes --------------------------------------------------------------------------------------


_QU_I = re.compile(r"(?<!\w)qu([íìỉĩị])(?!\w)")
_I_AS_Y = dict(zip("íìỉĩị", "ýỳỷỹỵ", strict=True))


@lru_cache(maxsize=16384)
def place_key(name: str) -> str:
    """The key under which spellings of a place meet: "Đăk R’lấp" and "Đắk R'Lấp" are one, and "Phú Quí" and "Phú Quý"."""
    folded = re.sub(r"\bđ[ăắa][ck]\b", "đắk", fold(name))
    folded = _QU_I.sub(lambda syllable: f"qu{_I_AS_Y[syllable[1]]}", folded)
    return re.sub(r"\s*-\s*", "-", folded.replace("'", "")).strip()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def districts() -> dict[str, tuple[Unit, ...]]:
    """The districts until 2025-06-30 by `place_key` of the bare name."""
    found: dict[str, list[Unit]] = defaultdict(list)
    for code, kind, name, *days in _rows("districts.tsv"):
        first, last = [*days, "", ""][:2]
        unit = Unit(kind, name, code, _day(first), _day(last) or LAST_DAY_OF_DISTRICTS)
        found[place_key(name)].append(unit)
    return {key: tuple(units) for key, units in found.items()}


@cache
def communes() -> dict[str, tuple[Unit, ...]]:
    """The communes of both eras by `place_key` of the bare name."""
    found: dict[str, list[Unit]] = defaultdict(list)
    new = date(2025, 7, 1)
    for file, first, last in (
        ("communes_until_2025.tsv", None, LAST_DAY_OF_DISTRICTS),
        ("communes_from_2025.tsv", new, None),
    ):
        for code, kind, names in _rows(file):
            for name in names.split("|"):
                found[place_key(name)].append(Unit(kind, name, code, first, last))
    return {key: tuple(units) for key, units in found.items()}


def unit_province(unit: Unit, when: date | None) -> str | None:
    """The province that the unit belongs to, by the name in force on `when`."""
    when = _era(when)
    new_era = unit.valid_from is not None and unit.valid_from > LAST_DAY_OF_DISTRICTS
    return _province_of_code(
        unit.province, unit.valid_from if new_era and unit.valid_from else LAST_DAY_OF_DISTRICTS, when
    )


def _on(units: Iterable[Unit], when: date | None) -> list[Unit]:
    """The units that exist on `when`; where none does, all of them."""
    listed, day = list(units), when or NEWEST
    valid = [u for u in listed if (u.valid_from or date.min) <= day <= (u.valid_to or date.max)]
    return valid or listed


def place_province(name: str, kind: str | None, level: str, when: date | None, home: str | None) -> str | None:
    """The province of a district or commune (`level`) named `name`: `home` if it has one of that name, else the one
    province in the country that has; None where several have. `kind` (Huyện, Phường…) narrows if it can."""
    return _place_province(name, kind, level, _era(when), home)


@lru_cache(maxsize=16384)
def _place_province(name: str, kind: str | None, level: str, when: date, home: str | None) -> str | None:
    table = districts() if level == "district" else communes()
    units = table.get(place_key(name), ())
    if level == "commune":
        units = tuple(_on(units, when))
    for narrowed in ([u for u in units if u.kind == kind], units):
        found = dict.fromkeys(unit_province(unit, when) for unit in narrowed)
        if home is not None and home in found:
            return home
        if len(found) == 1:
            return next(iter(found))
    return None


def places_named(full_name: str, when: date | None) -> tuple[str, ...]:
    """The provinces, by their names in force on `when`, that have a district or commune of this name ("Huyện Châu
    Thành"); those where it is of another kind only where none has one of this kind."""
    kind, name = next(((k, full_name[len(k) + 1 :]) for k in _KINDS if full_name.startswith(f"{k} ")), ("", full_name))
    key, day = place_key(name), _era(when)
    units = [*_on(districts().get(key, ()), day), *_on(communes().get(key, ()), day)]
    alike = [unit for unit in units if unit.kind == kind] or units
    found = dict.fromkeys(unit_province(unit, day) for unit in alike)
    return tuple(sorted(province for province in found if province))


_KINDS = ("Thành phố", "Thị xã", "Thị trấn", "Đặc khu", "Huyện", "Quận", "Phường", "Xã")


def home_units(home: str, level: str, when: date | None) -> dict[str, Unit]:
    """The districts or communes of the province `home` (its name in force on `when`) by `place_key`, each in the
    status that it had on `when`; a name borne by several of them is left out."""
    return _home_units(home, level, _era(when))


@lru_cache(maxsize=512)
def _home_units(home: str, level: str, when: date) -> dict[str, Unit]:
    table = districts() if level == "district" else communes()
    chosen: dict[str, Unit] = {}
    own_name = place_key(home)
    day = when if level == "commune" else min(when, LAST_DAY_OF_DISTRICTS)
    for key, units in table.items():
        if key == own_name:
            continue  # a bare "Huế" in Huế's own source is the province
        own = [unit for unit in units if unit_province(unit, when) == home]
        own = _on(own, day) if own else own
        if len({unit.full_name for unit in own}) == 1:
            chosen[key] = own[0]
    return chosen


# --- regions, organisations, persons ------------------------------------------------------------------------------


@cache
def regions() -> dict[str, str]:
    """Every folded spelling of a region, with its canonical name."""
    return {
        fold(spelling): entry["name"]
        for entry in _yaml("regions.yml")
        for spelling in (entry["name"], *entry.get("aliases", ()))
    }


@cache
def organisations() -> dict[str, Any]:
    """`organisations.yml` as it is: heads, words, tiers, names, not_heads."""
    data = _yaml("organisations.yml")
    return dict(data)


@cache
def persons() -> dict[str, tuple[str, ...]]:
    """`persons.yml`: surnames, rare, titles, ranks."""
    return {key: tuple(values) for key, values in _yaml("persons.yml").items()}
