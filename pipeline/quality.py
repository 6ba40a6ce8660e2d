"""The quality of the published tables at a glance, and which of its minimums are broken."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

import pandas as pd
import yaml
from rapidfuzz import fuzz, process

from extractors.fold import fold
from pipeline import assertions, dimensions, publication, runs, tables
from pipeline.assertions import Assertions
from pipeline.errors import UsageError
from pipeline.observations import rows_of
from pipeline.records import Issue
from pipeline.schema import FACT_TABLES, ForeignKey, TableSchema, table_schemas

# Below this likeness (of 100) a suggestion misleads more than it helps.
_ALIKE = 75
# "lookup provinces: 'Hoà Bnh' is not known; add it …", as the lookups warn in a run.
_MISSED = re.compile(r"lookup (\w+): '(.+)' is not known")
# What is filled as far as another column is.
_DERIVED = {"province_code", "province_code_2025", "period_start", "period_end", "period_kind", "correction"}
_KINDS = {"provinces": "province", "ministries": "ministry", "departments": "department"}


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A name that the lookups do not have, how many facts bear it, and the known name most like it; nothing is
    decided by that."""

    entity_type: str
    name: str
    facts: int
    closest: str | None


@dataclass(frozen=True, slots=True)
class Minimums:
    """The least number of rows by table, and the least share of filled cells by table and column."""

    rows: Mapping[str, int]
    filled: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to see; `filled` gives the share of filled cells of every column that may be
    empty and does not follow from another, `doubts` how
    often each rule of `quality` spoke, `broken` what is below its minimum or does not hold together."""

    rows: Mapping[str, int]
    filled: Mapping[str, Mapping[str, float]]
    statuses: Mapping[str, int]
    doubts: Mapping[str, int]
    corrections: Mapping[str, int]
    unmatched: Sequence[Unmatched]
    assertions: Sequence[Issue]
    broken: Sequence[str]

    @property
    def good(self) -> bool:
        return not self.broken


def minimums(added: Iterable[str] = ()) -> Minimums:
    """Those of `minimums.yml`, with others such as `rankings=100` (rows) or `rankings.period=0.9` (share) added.

    Raises UsageError.
    """
    told = yaml.safe_load(resources.files("pipeline").joinpath("minimums.yml").read_text("utf-8"))
    rows, filled = dict(told["rows"]), {table: dict(shares) for table, shares in told["filled"].items()}
    names = {schema.name: set(schema.names) for schema in table_schemas()}
    for text in added:
        place, _, value = text.partition("=")
        table, _, column = place.partition(".")
        try:
            number = float(value)
        except ValueError as error:
            raise UsageError(f"{text!r} is no minimum: give rankings=100 or rankings.period=0.9.") from error
        if table not in names or (column and column not in names[table]):
            raise UsageError(f"{text!r} names no table or column: the dictionary in README.md of the output has them.")
        if column:
            filled.setdefault(table, {})[column] = number
        else:
            rows[table] = int(number)
    return Minimums(rows, filled)


def check(output: Path, wanted: Minimums, declared: Mapping[str, Assertions]) -> Report:
    """The report on the published tables; `declared` are the assertions of the sources. Raises TableError."""
    found = tables.load_tables(output)
    shares = {name: _shares(found[name]) for name in found}
    asserted = list(_asserted(found["articles"], declared))
    return Report(
        rows={name: len(table) for name, table in found.items()},
        filled={name: _optional(name, shares[name]) for name in (*FACT_TABLES, "articles", "observations")},
        statuses=_counted(found["observations"]["status"]),
        doubts=_counted(found["quality"]["rule"]),
        corrections=_counted(found["corrections"]["status"]),
        unmatched=_unmatched(found["entities"], _missed(output)),
        assertions=asserted,
        broken=[
            *_below(found, shares, wanted),
            *(f"{issue.source}: {issue.message}" for issue in asserted if issue.level == "error"),
            *(problem for schema in table_schemas() for problem in _integrity(schema, found)),
        ],
    )


def suggestion(entity_type: str, name: str) -> str | None:
    """The known name of that kind which is most like the name, None where none is much alike."""
    known = {known: fold(known) for known in dimensions.known_names(entity_type)}
    best = process.extractOne(fold(name), known, scorer=fuzz.WRatio, score_cutoff=_ALIKE)
    return str(best[2]) if best else None


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _shares(table: pd.DataFrame) -> dict[str, float]:
    return {str(name): float(share) for name, share in table.notna().mean().items()} if len(table) else {}


def _optional(name: str, shares: Mapping[str, float]) -> dict[str, float]:
    schema = next(schema for schema in table_schemas() if schema.name == name)
    own = (column.name for column in schema.columns if not column.required and column.name not in _DERIVED)
    return {column: shares[column] for column in own if column in shares}


def _below(
    found: Mapping[str, pd.DataFrame], shares: Mapping[str, Mapping[str, float]], wanted: Minimums
) -> Iterator[str]:
    for table, least in wanted.rows.items():
        if len(found[table]) < least:
            yield f"{table} has {len(found[table]):,} rows, at least {least:,} are wanted."
    for table, columns in wanted.filled.items():
        for column, share in columns.items():
            if column in shares[table] and shares[table][column] < share:
                yield f"{table}.{column} is filled in {shares[table][column]:.0%} of rows, at least {share:.0%} are wanted."


def _asserted(articles: pd.DataFrame, declared: Mapping[str, Assertions]) -> Iterator[Issue]:
    """The sources' assertions on the published articles; whether they have a lead, the tables do not tell."""
    for name, group in articles.groupby("source"):
        if (wanted := declared.get(str(name))) is None:
            continue
        told = {field: share for field, share in wanted.filled.items() if field in group.columns}
        found = assertions.Yield(len(group), Counter({field: int(group[field].notna().sum()) for field in told}))
        yield from assertions.check(str(name), replace(wanted, filled=told), found)


def _integrity(schema: TableSchema, found: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    table = found[schema.name]
    if schema.key and table.duplicated(list(schema.key)).any():
        yield f"{schema.name}: the key {', '.join(schema.key)} is not unique; run `cchc extract` again."
    for link in schema.links:
        if missing := _dangling(table, found[link.table], link):
            yield (
                f"{schema.name}: {missing} rows lead by {', '.join(link.columns)} to no row of {link.table}; "
                "run `cchc extract` again."
            )


def _dangling(table: pd.DataFrame, there: pd.DataFrame, link: ForeignKey) -> int:
    ours = table[list(link.columns)].dropna()
    known = pd.MultiIndex.from_frame(there[list(link.there)].astype("string"))
    return int((~pd.MultiIndex.from_frame(ours.astype("string")).isin(known)).sum()) if len(ours) else 0


def _unmatched(entities: pd.DataFrame, missed: Iterable[tuple[str, str]]) -> list[Unmatched]:
    unlisted = entities[~entities["listed"]]
    found = {
        (row["entity_type"], row["name"]): row["facts"]
        for row in rows_of(unlisted, ["entity_type", "name", "facts"])
    }
    found = dict.fromkeys(missed, 0) | found
    rows = [Unmatched(kind, name, facts, suggestion(kind, name)) for (kind, name), facts in found.items()]
    return sorted(rows, key=lambda row: (-row.facts, row.entity_type, row.name))


def _missed(output: Path) -> list[tuple[str, str]]:
    """The names that the lookups missed in the run that wrote the tables."""
    folder = publication.current(output).parent
    past = [run.id for run in runs.past(output) if run.verb == "extract" and run.state == "succeeded"]
    path = (folder if folder.name in past else output / "runs" / (past or [""])[-1]) / "issues.jsonl"
    if not path.is_file():
        return []
    messages = (json.loads(line)["message"] for line in path.read_text(encoding="utf-8").splitlines())
    matches = (_MISSED.match(message) for message in messages)
    return [(_KINDS.get(match[1], match[1]), match[2]) for match in matches if match]
