"""Articles, captures and facts as CSV files: columns from the dataclasses, one order, replaced all at once.

UTF-8 without byte order mark, `\\n` at line ends, empty cells for null, no decimal point in whole numbers.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

import pandas as pd

from extractors.facts import FACT_TYPES
from pipeline.errors import CchcError
from pipeline.records import Article, Fact

DTYPES = {str: "string", int: "Int64", float: "Float64"}
# What identifies a fact comes first, then who, what, when; where it was found closes the row.
_FIRST = (
    "fact_id",
    "doc_id",
    "source",
    "published_on",
    "url",
    "entity_type",
    "entity",
    "province",
    "province_code",
)
_LAST = ("period", "modality", "evidence", "start", "end", "rule")
# A spreadsheet runs what begins so: "=HYPERLINK(…)", "+84…". Guarded cells get one more apostrophe in front,
# and so do cells that would be taken for guarded ones ("'=1"), so that reading takes exactly one away.
_FORMULA = re.compile(r"'*[=+\-@\t]")
_GUARDED = re.compile(r"'+[=+\-@\t]")
# A staging folder that holds this file is whole.
COMPLETE = "complete"

Table = pd.DataFrame


class TableError(CchcError):
    """Tables that cannot be written or read; the message names cause and remedy."""


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A row of `articles.csv`: one article in its latest revision.

    `characters` is the length of its text, `facts` the number of rows that it has in the fact tables, `revisions`
    the number of different payloads that were archived; `fetched_at` is when this one was first seen, `warc`,
    `offset`, `length` and `digest` lead to its bytes.
    """

    doc_id: str
    source: str
    province: str | None
    published_on: str | None
    title: str
    author: str | None
    url: str
    layout: str
    characters: int
    facts: int
    revisions: int
    fetched_at: str
    warc: str
    offset: int
    length: int
    digest: str


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A row of `captures.csv`: one archived response.

    `outcome` is `article` (its text is the one extracted from), `unchanged` (it has the same bytes), `superseded`
    (a later revision is extracted from), `listing` (no article by its URL), or the code of the issue that kept it
    out.
    """

    source: str
    url: str
    fetched_at: str
    status: int
    mime: str
    digest: str
    warc: str
    offset: int
    length: int
    doc_id: str | None
    outcome: str


_ROWS: dict[str, tuple[type, tuple[str, ...]]] = {
    "articles": (ArticleRow, ("doc_id",)),
    "captures": (CaptureRow, ("source", "fetched_at", "url", "warc", "offset")),
}
_FACT_ORDER = ("doc_id", "start", "end", "fact_id")
FACT_TABLES: tuple[str, ...] = tuple(FACT_TYPES)
TABLES: tuple[str, ...] = (*_ROWS, *FACT_TABLES)


def columns(table: str) -> dict[str, str]:
    """The table's columns in their order, each with its pandas dtype."""
    if table in _ROWS:
        return _dtypes(_ROWS[table][0], [field.name for field in fields(_ROWS[table][0])])
    fact_type = FACT_TYPES[table]
    common = {field.name for field in fields(Fact)}
    own = [field.name for field in fields(fact_type) if field.name not in common]
    given = dict.fromkeys(("fact_id", "source", "published_on", "url"), "string")
    names = (*_FIRST, *own, *_LAST)
    found = _dtypes(fact_type, [name for name in names if name not in given])
    return {name: given.get(name) or found[name] for name in names}


def article_table(rows: Iterable[ArticleRow]) -> Table:
    """`articles`, one row an article, ordered by doc_id."""
    return _frame("articles", map(_as_dict, rows))


def capture_table(rows: Iterable[CaptureRow]) -> Table:
    """`captures`, one row an archived response, ordered by source and time."""
    return _frame("captures", map(_as_dict, rows))


def fact_rows(article: Article, facts: Iterable[Fact]) -> dict[str, list[dict[str, Any]]]:
    """The article's facts as rows of their tables, without those columns that are null everywhere."""
    shared = {"source": article.source, "published_on": article.published_on, "url": article.url}
    rows: dict[str, list[dict[str, Any]]] = {}
    for fact in facts:
        rows.setdefault(fact.TABLE, []).append(_as_dict(fact) | shared | {"fact_id": fact.fact_id})
    return rows


def fact_table(table: str, rows: Iterable[Mapping[str, Any]]) -> Table:
    """One row a fact, ordered by document and place in it. Raises TableError where a fact_id comes twice."""
    frame = _frame(table, rows)
    if not frame["fact_id"].is_unique:
        twice = frame["fact_id"][frame["fact_id"].duplicated()].tolist()
        raise TableError(f"{table} holds {', '.join(twice)} twice: an article's facts must be told once each.")
    return frame


def write(tables: Mapping[str, Table], output: Path, run: str) -> None:
    """All tables in place of the former ones: until every file is complete on disk, none is replaced.

    A run that dies between two of the last renames is completed by `recover`. Raises TableError.
    """
    staging = output / f".staging-{run}"
    try:
        staging.mkdir(parents=True)
        for name, table in tables.items():
            _write_file(staging / f"{name}.csv", to_csv(table).encode())
        _write_file(staging / COMPLETE, b"")
        _sync_folder(staging)
        _promote(staging, output)
    except OSError as error:
        raise TableError(
            f"the tables cannot be written to {output} ({error.strerror}): the former ones are untouched; "
            "make the folder writable, or name another with --output."
        ) from error


def recover(output: Path) -> None:
    """What a killed run left in the output: a complete set is promoted, an incomplete one removed.

    Raises TableError.
    """
    for staging in sorted(output.glob(".staging-*")):
        try:
            if (staging / COMPLETE).exists():
                _promote(staging, output)
            else:
                shutil.rmtree(staging)
        except OSError as error:
            raise TableError(
                f"{staging}, left by a run that was killed, cannot be cleared ({error.strerror}): remove it."
            ) from error


def to_csv(table: Table) -> str:
    """The table as CSV text; text cells that a spreadsheet would run are guarded, numbers never."""
    cells = pd.DataFrame({name: _cells(table[name]) for name in table.columns}, columns=table.columns)
    return cells.to_csv(index=False, lineterminator="\n")


def plain(value: str | float) -> str:
    """The value as a cell of CSV: 81.2 is `81.2`, 138.0 is `138`, text is guarded."""
    return _guarded(value) if isinstance(value, str) else _number(value)


def load_tables(output: Path | str) -> dict[str, Table]:
    """Every table of the folder, typed: whole numbers `Int64`, others `Float64`, text `string`, guards removed.

    Raises TableError where a table is missing or has other columns than this version writes.
    """
    return {name: load_table(output, name) for name in TABLES}


def load_table(output: Path | str, name: str) -> Table:
    """One table of the folder, typed as by `load_tables`. Raises TableError."""
    path = Path(output) / f"{name}.csv"
    wanted = columns(name)
    try:
        # An empty cell is null and nothing else is: a person may be called "NA" or "None".
        table = pd.read_csv(path, dtype=wanted, keep_default_na=False, na_values=[""], encoding="utf-8")
    except FileNotFoundError as error:
        raise TableError(f"{path} is not there: run `cchc extract`, or name the folder with --output.") from error
    except (OSError, ValueError) as error:
        raise TableError(f"{path} cannot be read ({error}): write it anew with `cchc extract`.") from error
    if list(table.columns) != list(wanted):
        raise TableError(f"{path} has other columns than this version of cchc writes: run `cchc extract` again.")
    for column in table.columns[table.dtypes == "string"]:
        table[column] = unguarded(table[column])
    return table


def _as_dict(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _dtypes(row_type: type, names: Iterable[str]) -> dict[str, str]:
    hints = get_type_hints(row_type)
    return {name: DTYPES.get(_plain(hints[name]), "string") for name in names}


def _plain(hint: Any) -> type:
    """`int | None` is int; a Literal of strings is str."""
    if isinstance(hint, UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    return hint if isinstance(hint, type) else str


def _frame(table: str, rows: Iterable[Mapping[str, Any]]) -> Table:
    wanted = columns(table)
    order = _ROWS[table][1] if table in _ROWS else _FACT_ORDER
    frame = pd.DataFrame.from_records(list(rows), columns=list(wanted)).astype(wanted)
    return frame.sort_values(list(order), ignore_index=True, kind="stable")


def _cells(column: pd.Series[Any]) -> list[str | None]:
    return [None if pd.isna(value) else plain(value) for value in column]


def _guarded(value: str) -> str:
    value = value.replace("\r", " ")  # a lone return ends the row for some readers, quoted or not
    return f"'{value}" if _FORMULA.match(value) else value


def unguarded(column: pd.Series[Any]) -> pd.Series[Any]:
    """The texts of a column as they were before a spreadsheet was guarded against them."""
    return column.map(lambda value: value[1:] if _GUARDED.match(value) else value, na_action="ignore").astype("string")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _write_file(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _promote(staging: Path, output: Path) -> None:
    for path in sorted(staging.glob("*.csv")):
        path.replace(output / path.name)
    _sync_folder(output)
    shutil.rmtree(staging)
