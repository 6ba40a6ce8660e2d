"""Decisions of people on facts, read from a CSV file and applied at every run.

Each line of `corrections.csv` names what it is about and what is to be: `action` (`reject`, `replace`, `add`), `table`,
either the `fact_id` or the `doc_id` with the fields that the fact must have (columns of the fact table's own names),
`who` and `why`. `replace` sets the fields in columns `set_<field>`; `add` takes its values from the columns of the
fields themselves and needs the evidence, to the letter. An empty cell says nothing, NULL says that the field is empty.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

from extractors import lookups
from extractors.facts import FACT_TYPES
from pipeline.errors import UsageError
from pipeline.places import Place
from pipeline.records import Article, Fact, Issue
from pipeline.rows import Action, CorrectionRow
from pipeline.schema import table_schema
from pipeline.settings import CORRECTIONS

FILE = CORRECTIONS
ADDED = "correction.add"
NULL = "NULL"
_SET = "set_"
_ABOUT = ("action", "table", "fact_id", "doc_id", "who", "why")
# What follows from other fields is never set by hand.
_DERIVED = {"doc_id", "province_code", "start", "end", "rule"}


class CorrectionError(UsageError):
    """A line of the corrections that cannot be used; the message names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One decision: the fact that is meant (`fact_id`, or `doc_id` and the fields in `match`), and the values that
    `replace` and `add` give it."""

    id: str
    action: Action
    table: str
    fact_id: str | None
    doc_id: str | None
    match: Mapping[str, Any]
    change: Mapping[str, Any]
    who: str
    why: str

    def means(self, fact: Fact) -> bool:
        """Whether the fact is the one."""
        if self.table != fact.TABLE:
            return False
        if self.fact_id is not None:
            return fact.fact_id == self.fact_id
        return fact.doc_id == self.doc_id and all(getattr(fact, name) == value for name, value in self.match.items())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a correction in an article."""

    correction: Correction
    doc_id: str
    status: str
    fact_id: str | None
    result_fact_id: str | None
    former: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Corrected:
    """An article's facts after its corrections; `made` gives the correction that made a fact, by fact_id."""

    facts: tuple[Fact, ...]
    made: Mapping[str, str] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class Corrections:
    """All decisions, in the order of their file."""

    listed: tuple[Correction, ...] = ()

    def apply(self, article: Article, facts: tuple[Fact, ...]) -> Corrected:
        """The facts as the decisions want them, by offset."""
        known = {fact.fact_id for fact in facts} if self._by_fact else set()
        met = [c for fact_id in known & self._by_fact.keys() for c in self._by_fact[fact_id]]
        met += self._by_doc.get(article.doc_id, [])
        if not met:
            return Corrected(facts)
        present, made, outcomes = list(facts), dict[str, str](), list[Outcome]()
        for correction in sorted(met, key=self.listed.index):
            outcome = _applied(correction, article, present, made)
            if outcome is not None:
                outcomes.append(outcome)
        ordered = sorted(present, key=lambda fact: (fact.start, fact.end, fact.TABLE, fact.fact_id))
        return Corrected(tuple(ordered), made, tuple(outcomes))

    def concern(self, doc_id: str, fact_ids: Set[str]) -> bool:
        """Whether a decision is about the article or one of its facts."""
        return doc_id in self._by_doc or not self._by_fact.keys().isdisjoint(fact_ids)

    def rows(self, outcomes: Iterable[Outcome]) -> list[CorrectionRow]:
        """`corrections`: every decision with what came of it."""
        met = {outcome.correction.id: outcome for outcome in outcomes}
        return [_row(correction, met.get(correction.id)) for correction in self.listed]

    def __post_init__(self) -> None:
        self._by_fact: dict[str, list[Correction]]
        self._by_doc: dict[str, list[Correction]]
        object.__setattr__(self, "_by_fact", _grouped(self.listed, "fact_id"))
        by_doc = _grouped((c for c in self.listed if c.fact_id is None), "doc_id")
        object.__setattr__(self, "_by_doc", by_doc)


def read(path: Place) -> Corrections:
    """The corrections of the file, none where there is no file. Raises CorrectionError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Corrections()
    except (OSError, UnicodeDecodeError) as error:
        raise CorrectionError(f"{path} cannot be read ({error}): save it as CSV in UTF-8.") from error
    reader = csv.DictReader(text.splitlines(keepends=True))
    _check_header(path, reader.fieldnames or ())
    found: dict[str, Correction] = {}
    for line in reader:
        where = f"{path}, line {reader.line_num}"
        if not any(line.values()):
            continue
        correction = _correction(line, where)
        if correction.id in found:
            raise CorrectionError(f"{where} says what a line before it says: remove one.")
        found[correction.id] = correction
    return Corrections(tuple(found.values()))


def issues(rows: Iterable[CorrectionRow]) -> Iterator[Issue]:
    """A warning for every decision that no longer does anything."""
    for row in rows:
        if row.status == "unmatched":
            message = (
                f"the correction by {row.who} ({row.action}, {row.why}) matches no fact any more: see whether the "
                "page or the rules have changed, then adapt or remove its line."
            )
            yield Issue("correction.unmatched", "warning", message, where=row.fact_id or row.doc_id)
        elif row.status == "settled":
            message = (
                f"the correction by {row.who} ({row.action}, {row.why}) is what the rules read by themselves now: "
                "its line can be removed."
            )
            yield Issue("correction.settled", "warning", message, where=row.fact_id or row.doc_id)


def _applied(correction: Correction, article: Article, present: list[Fact], made: dict[str, str]) -> Outcome | None:
    if correction.action == "add":
        return _added(correction, article, present, made)
    fact = next((fact for fact in present if correction.means(fact)), None)
    if fact is None:
        wanted = {**correction.match, **correction.change}
        settled = correction.action == "replace" and correction.fact_id is None
        same = [f for f in present if correction.table == f.TABLE and _has(f, wanted)] if settled else []
        return Outcome(correction, article.doc_id, "settled", None, same[0].fact_id, None) if same else None
    former = {name: getattr(fact, name) for name in fact.KEY if getattr(fact, name) is not None}
    if correction.action == "reject":
        present.remove(fact)
        return Outcome(correction, article.doc_id, "applied", fact.fact_id, None, former)
    changed = _changed(fact, correction.change, article)
    if changed is None:
        return None
    present.remove(fact)
    if all(other.fact_id != changed.fact_id for other in present):
        present.append(changed)
    made[changed.fact_id] = correction.id
    return Outcome(correction, article.doc_id, "applied", fact.fact_id, changed.fact_id, former)


def _added(correction: Correction, article: Article, present: list[Fact], made: dict[str, str]) -> Outcome | None:
    start = article.text.find(correction.change["evidence"])
    if start < 0:
        return None
    evidence = correction.change["evidence"]
    place = {"doc_id": article.doc_id, "start": start, "end": start + len(evidence), "rule": ADDED}
    values: dict[str, Any] = {**correction.change, **place}
    fact = _placed(FACT_TYPES[correction.table](**values), article)
    if any(other.fact_id == fact.fact_id for other in present):
        return Outcome(correction, article.doc_id, "settled", None, fact.fact_id, None)
    present.append(fact)
    made[fact.fact_id] = correction.id
    return Outcome(correction, article.doc_id, "applied", None, fact.fact_id, None)


def _changed(fact: Fact, change: Mapping[str, Any], article: Article) -> Fact | None:
    """The fact with other values; None where the evidence given is not in the text."""
    place: dict[str, Any] = {}
    if "evidence" in change:
        start = article.text.find(change["evidence"])
        if start < 0:
            return None
        place = {"start": start, "end": start + len(change["evidence"])}
    return _placed(dataclasses.replace(fact, **change, **place), article)


def _placed(fact: Fact, article: Article) -> Fact:
    """The fact with its province (a province's own where none is given) and the code of that on the day."""
    when = date.fromisoformat(article.published_on) if article.published_on else None
    province = fact.province
    if province is None and fact.entity_type == "province":
        province = lookups.province_in_force(fact.entity, when)
    code = lookups.province_code(province, when) if province else None
    return dataclasses.replace(fact, province=province, province_code=code)


def _has(fact: Fact, wanted: Mapping[str, Any]) -> bool:
    return all(getattr(fact, name) == value for name, value in wanted.items())


def _row(correction: Correction, outcome: Outcome | None) -> CorrectionRow:
    return CorrectionRow(
        correction_id=correction.id,
        action=correction.action,
        table=correction.table,
        doc_id=outcome.doc_id if outcome else correction.doc_id,
        fact_id=outcome.fact_id if outcome else correction.fact_id,
        result_fact_id=outcome.result_fact_id if outcome else None,
        matched_by=_json({"fact_id": correction.fact_id} if correction.fact_id else correction.match),
        change=_json(correction.change) if correction.change else None,
        former=_json(outcome.former) if outcome and outcome.former else None,
        who=correction.who,
        why=correction.why,
        status="unmatched" if outcome is None else "settled" if outcome.status == "settled" else "applied",
    )


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)


def _grouped(listed: Iterable[Correction], name: str) -> dict[str, list[Correction]]:
    found: dict[str, list[Correction]] = defaultdict(list)
    for correction in listed:
        if (key := getattr(correction, name)) is not None:
            found[key].append(correction)
    return dict(found)


def _check_header(path: Place, header: Sequence[str]) -> None:
    fields = {name for table in FACT_TYPES for name in _settable(table)}
    allowed = {*_ABOUT, *fields, *(f"{_SET}{name}" for name in fields)}
    missing = [name for name in ("action", "table", "who", "why") if name not in header]
    unknown = [name for name in header if name not in allowed]
    if missing:
        raise CorrectionError(f"{path} has no column {missing[0]!r}: its first line must name {', '.join(_ABOUT)}.")
    if unknown:
        raise CorrectionError(
            f"{path} has an unknown column {unknown[0]!r}: besides {', '.join(_ABOUT)} there may be the columns of the "
            "fact tables, and set_ with their names."
        )


def _settable(table: str) -> set[str]:
    return {item.name for item in dataclasses.fields(FACT_TYPES[table])} - _DERIVED


def _correction(line: Mapping[str, Any], where: str) -> Correction:
    cells = {str(name): value.strip() for name, value in line.items() if isinstance(value, str) and value.strip()}
    action, table = cells.get("action", ""), cells.get("table", "")
    if action not in get_args(Action):
        raise CorrectionError(f"{where} has the action {action!r}: it must be one of {', '.join(get_args(Action))}.")
    if table not in FACT_TYPES:
        raise CorrectionError(f"{where} names the table {table!r}: it must be one of {', '.join(FACT_TYPES)}.")
    for name in ("who", "why"):
        if name not in cells:
            raise CorrectionError(f"{where} does not say {name}: a decision needs both who and why.")
    given = {name: value for name, value in cells.items() if name not in _ABOUT}
    match = _values(table, {n: v for n, v in given.items() if not n.startswith(_SET)}, where)
    change = _values(table, {n[len(_SET) :]: v for n, v in given.items() if n.startswith(_SET)}, where)
    if action == "add":
        match, change = {}, match | change
    _check(action, table, cells, match, change, where)
    parts = json.dumps([action, table, cells.get("fact_id"), cells.get("doc_id"), match, change], sort_keys=True)
    return Correction(
        id=hashlib.sha256(parts.encode()).hexdigest()[:12],
        action=action,  # type: ignore[arg-type]  # checked above
        table=table,
        fact_id=cells.get("fact_id"),
        doc_id=cells.get("doc_id"),
        match=match,
        change=change,
        who=cells["who"],
        why=cells["why"],
    )


def _check(
    action: str, table: str, cells: Mapping[str, str], match: Mapping[str, Any], change: Mapping[str, Any], where: str
) -> None:
    if action == "add":
        needed = {
            item.name
            for item in dataclasses.fields(FACT_TYPES[table])
            if item.default is dataclasses.MISSING and item.name not in _DERIVED
        }
        if "doc_id" not in cells or not needed <= change.keys():
            raise CorrectionError(f"{where}: to add to {table} needs doc_id, {', '.join(sorted(needed))}.")
    elif "fact_id" not in cells and ("doc_id" not in cells or not match):
        raise CorrectionError(f"{where} names no fact: give its fact_id, or the doc_id and the fields that it has.")
    if action == "replace" and not change:
        raise CorrectionError(f"{where} replaces nothing: give the new value in a column such as set_rank.")


def _values(table: str, cells: Mapping[str, str], where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in cells.items():
        if name not in _settable(table):
            raise CorrectionError(f"{where} gives {name}, which {table} does not have: leave the cell empty.")
        found[name] = _value(table, name, text, where)
    return found


def _value(table: str, name: str, text: str, where: str) -> Any:
    column = table_schema(table).column(name)
    if text == NULL:
        if column.required:
            raise CorrectionError(f"{where} empties {name}, which every fact of {table} has: give a value.")
        return None
    if column.enum and text not in column.enum:
        raise CorrectionError(f"{where} has {text!r} for {name}: it must be one of {', '.join(column.enum)}.")
    if name == "province" and not any(record.name == text for record in lookups.provinces()):
        raise CorrectionError(f"{where} names the province {text!r}, which is none: see provinces.csv.")
    try:
        return {"integer": int, "number": float}.get(column.type, str)(text)
    except ValueError as error:
        raise CorrectionError(f"{where} has {text!r} for {name}: it must be a number such as 12 or 81.2.") from error
