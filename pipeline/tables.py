"""The tables as CSV files: columns from the schema, one order, replaced all at once.

UTF-8 without byte order mark, `\\n` at line ends, empty cells for null, no decimal point in whole numbers.
"""

from __future__ import annotations

import functools
import hashlib
import operator
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

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
# The same in Arrow's types, which hold a cell in a few bytes.
_ARROW: Mapping[Type, Any] = {
    "string": pa.large_string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.timestamp("s"),
    "datetime": pa.timestamp("s", "UTC"),
}
_PANDAS = {
    pa.large_string(): pd.StringDtype("pyarrow"),
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
_DAY, _MOMENT = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"
# Rows turned into columns, and columns into text, at a time: enough to be fast, few enough to take little memory.
_SLICE = 8192
# A spreadsheet runs what begins so: "=HYPERLINK(…)", "+84…". Guarded cells get one more apostrophe in front,
# and so do cells that would be taken for guarded ones ("'=1"), so that reading takes exactly one away.
FORMULA = re.compile(r"'*[=+\-@\t]")
_GUARDED = re.compile(r"'+[=+\-@\t]")
_QUOTED = '[",\n]'
# What cannot stand in a cell as it is: most columns have none of it.
_ODD = f"^(?:{FORMULA.pattern})|[\",\n\r]"
_COMMA, _QUOTE, _APOSTROPHE, _NEWLINE, _NOTHING = (pa.scalar(text, pa.large_string()) for text in (",", '"', "'", "\n", ""))
# The name of a run's set of tables in its folder, and of one that is being written.
SET, PART = "tables", "tables.part"
PACKAGE, DICTIONARY = "datapackage.json", "README.md"

Table = pd.DataFrame


class TableError(CchcError):
    """Tables that cannot be written or read; the message names cause and remedy."""


class Rows:
    """Rows of one table as they come in, kept as columns: a row takes some hundred bytes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._types = [_ARROW[column.type] for column in table_schema(name).columns]
        self._packed: list[Any] = []
        self._waiting: list[Sequence[Any]] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, rows: Iterable[Sequence[Any]]) -> None:
        """More rows, their values in the order of the columns: None for null, days and times in ISO 8601."""
        before = len(self._waiting)
        self._waiting += rows
        self._count += len(self._waiting) - before
        if len(self._waiting) >= _SLICE:
            self._pack()

    def append(self, row: Sequence[Any]) -> None:
        """One more row."""
        self._waiting.append(row)
        self._count += 1
        if len(self._waiting) >= _SLICE:
            self._pack()

    def put(self, rows: Any) -> None:
        """Rows of a table in Arrow's types."""
        self._pack()
        self._packed += rows.to_batches()
        self._count += len(rows)

    def frame(self) -> Table:
        """All rows as a typed table, in the order that its schema names."""
        self._pack()
        schema = pa.schema(zip(columns(self.name), self._types, strict=True))
        found = pa.Table.from_batches(self._packed, schema)
        order = pc.sort_indices(found, sort_keys=[(name, "ascending") for name in table_schema(self.name).order])
        if not np.array_equal(order, np.arange(len(found))):
            found = found.take(order)
            self._packed = found.to_batches()  # the frame's own texts, so that there are none twice
        return _to_pandas(found)

    def _pack(self) -> None:
        if self._waiting:
            cells = zip(*self._waiting, strict=True)
            arrays = [_array(values, wanted) for values, wanted in zip(cells, self._types, strict=True)]
            self._packed.append(pa.record_batch(arrays, names=list(columns(self.name))))
            self._waiting = []


def columns(table: str) -> dict[str, str]:
    """The table's columns in their order, each with its pandas dtype."""
    return {column.name: DTYPES[column.type] for column in table_schema(table).columns}


def table(name: str, rows: Rows | Iterable[Any]) -> Table:
    """The rows (`Rows`, dataclasses or mappings) as a typed table in the order that its schema names.

    Raises TableError where a key comes twice.
    """
    found = frame(name, rows)
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


def write(tables: Mapping[str, Table], output: Path, run: str, written: Mapping[str, Any] | None = None) -> str:
    """All tables, their data package and dictionary in place of the former ones; returns the run whose tables lie
    there now, which is an earlier one where these only repeat its own. Of the tables in `written` the `lines` are made.

    Until every file is complete on disk, none is replaced, and then all are at once. Raises TableError.
    """
    folder = output / "runs" / run
    staging, whole = folder / PART, folder / SET
    try:
        staging.mkdir(parents=True)
        _write_set(tables, staging, written or {})
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
    return b"".join((_header(found), *map(_joined, _parts(found)))).decode()


def lines(found: Table) -> Any:
    """The table's lines in its file, after the first one, each with its end."""
    return pa.chunked_array(_parts(found), pa.large_string()).combine_chunks()


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
    try:
        found = _read(path, name)
    except FileNotFoundError as error:
        raise TableError(f"{path} is not there: run `cchc extract`, or name the folder with --output.") from error
    except (OSError, ValueError) as error:
        raise TableError(f"{path} cannot be read ({error}): write it anew with `cchc extract`.") from error
    if found.column_names != list(wanted):
        raise TableError(f"{path} has other columns than this version of cchc writes: run `cchc extract` again.")
    typed = [_unguarded(_of_type(found.column(at), kind)) for at, kind in enumerate(_types(name))]
    return _to_pandas(pa.table(typed, names=found.column_names))


def frame(name: str, rows: Rows | Iterable[Any]) -> Table:
    """The rows as a typed table, ordered; keys are not looked at."""
    if isinstance(rows, Rows):
        return rows.frame()
    wanted = tuple(columns(name))
    values = operator.attrgetter(*wanted)
    gathered = Rows(name)
    gathered.extend([row.get(n) for n in wanted] if isinstance(row, Mapping) else values(row) for row in rows)
    return gathered.frame()


def as_dict(row: Any) -> dict[str, Any]:
    """A dataclass's fields by name."""
    return {name: getattr(row, name) for name in _field_names(row.__class__)}


def unguarded(column: pd.Series[Any]) -> pd.Series[Any]:
    """The texts of a column as they were before a spreadsheet was guarded against them."""
    guarded = column.str.match(_GUARDED).fillna(False).astype(bool)
    return column.where(~guarded, column.str.slice(1)) if guarded.any() else column


def values(column: pd.Series[Any]) -> list[Any]:
    """A column as plain values: None for null, days and times in ISO 8601."""
    found = arrow(column)
    if not (pa.types.is_large_string(found.type) or pa.types.is_timestamp(found.type)):
        plain_values: list[Any] = found.to_pylist()
        return plain_values
    # What comes again is the same object.
    few = found.dictionary_encode()
    texts = few.dictionary.to_pylist()
    if pa.types.is_timestamp(found.type):
        texts = [_plain(text) for text in texts]
    listed: list[Any] = np.array([*texts, None], object)[few.indices.fill_null(len(texts)).to_numpy()].tolist()
    return listed


def arrow(column: pd.Series[Any]) -> Any:
    """A column as an Arrow array."""
    found = pa.array(column, from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def to_arrow(name: str, found: Table) -> Any:
    """The table of that name in Arrow's types."""
    arrays = [arrow(found[column]).cast(kind) for column, kind in zip(columns(name), _types(name), strict=True)]
    return pa.table(arrays, names=list(columns(name)))


def of_arrow(found: Any) -> Table:
    """A table in Arrow's types as `load_table` gives it."""
    return _to_pandas(found)


def number(value: float) -> str:
    """A number as text, without a decimal point where it is whole."""
    return str(int(value)) if value == int(value) else repr(float(value))


def _write_set(tables: Mapping[str, Table], staging: Path, written: Mapping[str, Any]) -> None:
    files = {}
    for name, found in tables.items():
        parts = _parts(found) if name not in written else (written[name],)
        files[name] = _write(found, parts, staging / f"{name}.csv")
    (staging / PACKAGE).write_text(data_package(files), encoding="utf-8")
    (staging / DICTIONARY).write_text(data_dictionary(), encoding="utf-8")


def _write(found: Table, parts: Iterable[Any], path: Path) -> dict[str, Any]:
    """The table's lines in a file; returns what the data package tells of it."""
    size, digest = 0, hashlib.sha256()
    with path.open("wb") as file:
        for part in (_header(found), *map(_joined, parts)):
            file.write(part)
            digest.update(part)
            size += len(part)
    return {"bytes": size, "hash": f"sha256:{digest.hexdigest()}", "rows": len(found)}


def _header(found: Table) -> bytes:
    return (",".join(found.columns) + "\n").encode()


def _parts(found: Table) -> Iterator[Any]:
    """The table's lines, some rows at a time."""
    for start in range(0, len(found), _SLICE):
        part = found.iloc[start : start + _SLICE]
        cells = [_cells(arrow(part[name])) for name in part.columns]
        cells[-1] = pc.binary_join_element_wise(
            cells[-1], _NEWLINE, _NOTHING, null_handling="replace", null_replacement=""
        )
        yield pc.binary_join_element_wise(*cells, _COMMA, null_handling="replace", null_replacement="")


def _joined(lines: Any) -> Any:
    """The lines one after the other."""
    if not len(lines):
        return b""
    _, offsets, content = lines.buffers()
    bounds = np.frombuffer(offsets, np.int64)[lines.offset :]
    return memoryview(content)[bounds[0] : bounds[len(lines)]]


def _same_set(one: Path, other: Path) -> bool:
    """Whether two sets are equal to the byte: a data package holds the hashes of all its tables."""
    return all(
        (other / name).exists() and (one / name).read_bytes() == (other / name).read_bytes()
        for name in (PACKAGE, DICTIONARY)
    )


@functools.cache
def _field_names(row_type: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(row_type))


def _types(name: str) -> list[Any]:
    return [_ARROW[column.type] for column in table_schema(name).columns]


def _array(values: Sequence[Any], wanted: Any) -> Any:
    """Plain values as an Arrow array."""
    if pa.types.is_timestamp(wanted):
        return _of_type(pa.array(values, pa.large_string(), from_pandas=True), wanted)
    if pa.types.is_boolean(wanted):  # databases give 0 and 1
        return pa.array(pd.array(list(values), dtype="boolean"), wanted)
    return pa.array(values, wanted, from_pandas=True)


def _of_type(found: Any, wanted: Any) -> Any:
    """The array as one of that type; days and times from text."""
    if found.type == wanted:
        return found
    if pa.types.is_timestamp(wanted) and wanted.tz is None:
        found = found.cast(pa.date32())
    return found.cast(wanted)


def _to_pandas(found: Any) -> Table:
    table: Table = found.to_pandas(types_mapper=_PANDAS.get, use_threads=False)
    return table


def _read(path: Path, name: str) -> Any:
    """The file's columns in Arrow's types, days and times as text; those that the table does not have as they come."""
    types = {column: pa.large_string() if pa.types.is_timestamp(kind) else kind for column, kind in zip(columns(name), _types(name), strict=True)}
    return csv.read_csv(
        path,
        # In one thread: who has used Arrow's may not fork any more.
        read_options=csv.ReadOptions(use_threads=False, block_size=1 << 22),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        # An empty cell is null and nothing else is: a person may be called "NA" or "None".
        convert_options=csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True, true_values=["true"], false_values=["false"]
        ),
    )


def _unguarded(column: Any) -> Any:
    if column.type != pa.large_string():
        return column
    guarded = pc.match_substring_regex(column, f"^{_GUARDED.pattern}")
    return pc.if_else(guarded, pc.utf8_slice_codeunits(column, 1), column) if pc.any(guarded).as_py() else column


def _cells(column: Any) -> Any:
    """An array's values as the texts of CSV cells, quoted where they must be."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text_cells(column.cast(pa.large_string()))
    if pa.types.is_timestamp(kind) or pa.types.is_floating(kind):  # the same few again and again
        few = column.dictionary_encode()
        return pa.array(map(_plain, few.dictionary.to_pylist()), pa.large_string()).take(few.indices)
    return column.cast(pa.large_string())


def _plain(value: Any) -> str:
    return number(value) if isinstance(value, float) else value.strftime(_MOMENT if value.tzinfo else _DAY)


def _text_cells(texts: Any) -> Any:
    if not pc.any(pc.match_substring_regex(texts, _ODD)).as_py():
        return texts
    if pc.any(pc.match_substring(texts, "\r")).as_py():
        texts = pc.replace_substring(texts, "\r", " ")  # a lone return ends the row for some readers, quoted or not
    formula = pc.match_substring_regex(texts, f"^(?:{FORMULA.pattern})")
    if pc.any(formula).as_py():
        texts = pc.if_else(formula, pc.binary_join_element_wise(_APOSTROPHE, texts, _NOTHING), texts)
    special = pc.match_substring_regex(texts, _QUOTED)
    if pc.any(special).as_py():
        doubled = pc.replace_substring(texts, '"', '""')
        texts = pc.if_else(special, pc.binary_join_element_wise(_QUOTE, doubled, _QUOTE, _NOTHING), texts)
    return texts


def _guarded(value: str) -> str:
    value = value.replace("\r", " ")
    return f"'{value}" if FORMULA.match(value) else value
