"""The tables as CSV files: columns from the schema, one order, replaced all at once.

UTF-8 without byte order mark, `\\n` at line ends, empty cells for null, no decimal point in whole numbers.
"""

from __future__ import annotations

import functools
import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import dimensions, publication
from pipeline.errors import CchcError
from pipeline.records import Article, Fact
from pipeline.rows import ArticleRow, CaptureRow
from pipeline.schema import FACT_TABLES, TABLES, Type, data_dictionary, data_package, table_schema

__all__ = ["FACT_TABLES", "TABLES", "ArticleRow", "CaptureRow", "TableError", "load_table", "load_tables"]

DTYPES: Mapping[Type, str] = {
    "string": "string",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "date": "datetime64[s]",
    "datetime": "datetime64[s, UTC]",
}
_DAY, _MOMENT = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"
# A spreadsheet runs what begins so: "=HYPERLINK(…)", "+84…". Guarded cells get one more apostrophe in front,
# and so do cells that would be taken for guarded ones ("'=1"), so that reading takes exactly one away.
FORMULA = re.compile(r"'*[=+\-@\t]")
_GUARDED = re.compile(r"'+[=+\-@\t]")
# The name of a run's set of tables in its folder, and of one that is being written.
SET, PART = "tables", "tables.part"
PACKAGE, DICTIONARY = "datapackage.json", "README.md"

Table = pd.DataFrame


class TableError(CchcError):
    """Tables that cannot be written or read; the message names cause and remedy."""


def columns(table: str) -> dict[str, str]:
    """The table's columns in their order, each with its pandas dtype."""
    return {column.name: DTYPES[column.type] for column in table_schema(table).columns}


def table(name: str, rows: Iterable[Any]) -> Table:
    """The rows (dataclasses or mappings) as a typed table in the order that its schema names.

    Raises TableError where a key comes twice.
    """
    found = frame(name, (row if isinstance(row, Mapping) else as_dict(row) for row in rows))
    key = list(table_schema(name).key)
    if key and found.duplicated(key).any():
        twice = found[found.duplicated(key)][key[0]].head(5).tolist()
        raise TableError(f"{name} holds {', '.join(map(str, twice))} twice: each row must be told once.")
    return found


def fact_rows(
    article: Article, facts: Iterable[Fact], revision: int = 1, corrections: Mapping[str, str] | None = None
) -> dict[str, list[dict[str, Any]]]:
    """The article's facts as rows of their tables, without those columns that are null everywhere.

    `corrections` gives the correction that made a fact, by fact_id.
    """
    corrected = corrections or {}
    shared = {
        "source": article.source,
        "published_on": article.published_on,
        "url": article.url,
        "revision": revision,
    }
    rows: dict[str, list[dict[str, Any]]] = {}
    for fact in facts:
        fact_id = fact.fact_id
        own = {"fact_id": fact_id, "correction": corrected.get(fact_id)}
        joined = dimensions.joined(fact, article.published_on)
        rows.setdefault(fact.TABLE, []).append(as_dict(fact) | shared | joined | own)
    return rows


def write(tables: Mapping[str, Table], output: Path, run: str) -> str:
    """All tables, their data package and dictionary in place of the former ones; returns the run whose tables lie
    there now, which is an earlier one where these only repeat its own.

    Until every file is complete on disk, none is replaced, and then all are at once. Raises TableError.
    """
    folder = output / "runs" / run
    staging, whole = folder / PART, folder / SET
    try:
        staging.mkdir(parents=True)
        _write_set(tables, staging)
        former = max(output.glob(f"runs/*/{SET}"), key=lambda folder: folder.parent.name, default=None)
        if former is not None and _same_set(staging, former):
            shutil.rmtree(staging)
            publication.publish(output, former)
            return former.parent.name
        publication.complete(staging)
        staging.rename(whole)
        publication.publish(output, whole)
    except OSError as error:
        raise TableError(
            f"the tables cannot be written to {output} ({error.strerror}): the former ones are untouched; "
            "make the folder writable, or name another with --output."
        ) from error
    return run


def recover(output: Path) -> None:
    """Removes what killed runs left half written. Raises TableError."""
    for staging in sorted(output.glob(f"runs/*/{PART}")):
        try:
            shutil.rmtree(staging)
        except OSError as error:
            raise TableError(
                f"{staging}, left by a run that was killed, cannot be cleared ({error.strerror}): remove it."
            ) from error


def to_csv(found: Table) -> str:
    """The table as CSV text; text cells that a spreadsheet would run are guarded, numbers never."""
    cells = pd.DataFrame({name: _cells(found[name]) for name in found.columns}, columns=found.columns, dtype=object)
    return str(cells.to_csv(index=False, lineterminator="\n"))


def plain(value: str | float | bool) -> str:
    """The value as a cell of CSV: 81.2 is `81.2`, 138.0 is `138`, True is `true`, text is guarded."""
    if isinstance(value, str):
        return _guarded(value)
    if isinstance(value, bool):
        return str(value).lower()
    return number(value)


def load_tables(output: Path | str) -> dict[str, Table]:
    """Every table of the folder, typed: whole numbers `Int64`, others `Float64`, days and times `datetime64`, text
    `string`, guards removed. All are of one run, even where another ends meanwhile.

    Raises TableError where a table is missing or has other columns than this version writes.
    """
    folder = publication.current(Path(output))
    return {name: load_table(folder, name) for name in TABLES}


def load_table(output: Path | str, name: str) -> Table:
    """One table of the folder, typed as by `load_tables`. Raises TableError."""
    path = Path(output) / f"{name}.csv"
    wanted = columns(name)
    times = {column: dtype for column, dtype in wanted.items() if dtype.startswith("datetime")}
    try:
        # An empty cell is null and nothing else is: a person may be called "NA" or "None".
        found = pd.read_csv(
            path, dtype=wanted | dict.fromkeys(times, "string"), keep_default_na=False, na_values=[""], encoding="utf-8"
        )
        for column, dtype in times.items() if list(found.columns) == list(wanted) else ():
            found[column] = _times(found[column], dtype)
    except FileNotFoundError as error:
        raise TableError(f"{path} is not there: run `cchc extract`, or name the folder with --output.") from error
    except (OSError, ValueError) as error:
        raise TableError(f"{path} cannot be read ({error}): write it anew with `cchc extract`.") from error
    if list(found.columns) != list(wanted):
        raise TableError(f"{path} has other columns than this version of cchc writes: run `cchc extract` again.")
    for column in found.columns[found.dtypes == "string"]:
        found[column] = unguarded(found[column])
    return found


def frame(name: str, rows: Iterable[Mapping[str, Any]]) -> Table:
    """The rows as a typed table, ordered; keys are not looked at."""
    wanted = columns(name)
    listed = list(rows)
    found = pd.DataFrame({column: _typed([row.get(column) for row in listed], dtype) for column, dtype in wanted.items()})
    return found.sort_values(list(table_schema(name).order), ignore_index=True, kind="stable")


def as_dict(row: Any) -> dict[str, Any]:
    """A dataclass's fields by name."""
    return {name: getattr(row, name) for name in _field_names(row.__class__)}


def unguarded(column: pd.Series[Any]) -> pd.Series[Any]:
    """The texts of a column as they were before a spreadsheet was guarded against them."""
    guarded = column.str.match(_GUARDED).fillna(False).astype(bool)
    return column.where(~guarded, column.str.slice(1)) if guarded.any() else column


def values(column: pd.Series[Any]) -> list[Any]:
    """A column as plain values: None for null, days and times in ISO 8601."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.strftime(_MOMENT)
    elif pd.api.types.is_datetime64_dtype(column.dtype):
        column = column.dt.strftime(_DAY)
    return [None if missing else value for value, missing in zip(column.tolist(), column.isna(), strict=True)]


def number(value: float) -> str:
    """A number as text, without a decimal point where it is whole."""
    return str(int(value)) if value == int(value) else repr(float(value))


def _write_set(tables: Mapping[str, Table], staging: Path) -> None:
    files: dict[str, dict[str, Any]] = {}
    for name, found in tables.items():
        content = to_csv(found).encode()
        (staging / f"{name}.csv").write_bytes(content)
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        files[name] = {"bytes": len(content), "hash": digest, "rows": len(found)}
    (staging / PACKAGE).write_text(data_package(files), encoding="utf-8")
    (staging / DICTIONARY).write_text(data_dictionary(), encoding="utf-8")


def _same_set(one: Path, other: Path) -> bool:
    """Whether two sets are equal to the byte: a data package holds the hashes of all its tables."""
    return all(
        (other / name).exists() and (one / name).read_bytes() == (other / name).read_bytes()
        for name in (PACKAGE, DICTIONARY)
    )


@functools.cache
def _field_names(row_type: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(row_type))


def _typed(values: list[Any], dtype: str) -> Any:
    if dtype.startswith("datetime"):
        return _times(pd.Series(values, dtype="string"), dtype)
    return pd.Series(values, dtype=dtype)


def _times(column: pd.Series[Any], dtype: str) -> pd.Series[Any]:
    utc = dtype.endswith("UTC]")
    times = pd.to_datetime(column, format=_MOMENT if utc else _DAY, utc=utc)
    return times.dt.as_unit("s")


def _cells(column: pd.Series[Any]) -> list[str | None]:
    return [None if value is None else plain(value) for value in values(column)]


def _guarded(value: str) -> str:
    value = value.replace("\r", " ")  # a lone return ends the row for some readers, quoted or not
    return f"'{value}" if FORMULA.match(value) else value
