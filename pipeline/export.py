"""The published tables in other forms: a workbook, Parquet files, an SQLite or a DuckDB database.

All are made from the CSV files, which stay the reference, and replace what an earlier export left only when they are
complete. Texts are never run as formulas: they are cells of text in the workbook, and plain texts elsewhere.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from pipeline import publication, tables
from pipeline.errors import CchcError, UsageError
from pipeline.schema import FACT_TABLES, Column, TableSchema, Type, about, table_schemas

if TYPE_CHECKING:
    import pyarrow as pa

Form = Literal["xlsx", "parquet", "sqlite", "duckdb"]
FORMS: tuple[Form, ...] = get_args(Form)

NAME = "cchc"
# Rows turned into Python values at a time: enough to be fast, few enough that memory stays flat.
_SLICE = 5_000
# Excel's limits: rows of a sheet, characters of a cell.
SHEET_ROWS, CELL_CHARACTERS = 1_048_576, 32_767
_DICTIONARY = "dictionary"
_DICTIONARY_HEAD = ("table", "column", "type", "may be empty", "unit", "values", "meaning", "nghĩa")
_DICTIONARY_WIDTHS = (18, 20, 10, 12, 12, 30, 80, 80)
_WIDTHS: Mapping[Type, int] = {"string": 18, "integer": 10, "number": 10, "boolean": 8, "date": 12, "datetime": 20}
_WIDE = {"evidence": 60, "title": 50, "message": 60, "url": 30, "description": 60}
_SQLITE: Mapping[Type, str] = {
    "string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "INTEGER", "date": "TEXT", "datetime": "TEXT",
}  # fmt: skip
_DUCKDB: Mapping[Type, str] = {
    "string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE",
    "datetime": "TIMESTAMPTZ",
}  # fmt: skip
# What is looked up most, beside what keys lead to.
_INDEXED = ("entity_id", "index", "period", "published_on", "province_code_2025")


class ExportError(CchcError):
    """An export that cannot be made; the message names cause and remedy, and what was there before is untouched."""


def export(form: Form, output: Path, target: Path) -> Path:
    """The published tables of the output in that form; returns the file, or for Parquet the folder.

    `target` is the file, or a folder for a file called `cchc`. Raises ExportError, TableError, UsageError.
    """
    source = publication.current(output)
    writer: Callable[[Path, Path], None] = {"xlsx": _xlsx, "sqlite": _sqlite, "duckdb": _duckdb}.get(form, _parquet)
    try:
        if form == "parquet":
            return _parquet_folder(source, target)
        path = _file(form, target)
        with _staged(path) as staging:
            writer(source, staging)
        if form == "sqlite":
            _metadata(path)
    except OSError as error:
        raise ExportError(
            f"{target} cannot be written ({error.strerror}): what was there is untouched; name a place you may write to."
        ) from error
    return path


def _file(form: Form, target: Path) -> Path:
    if target.is_dir() or not target.suffix:
        target.mkdir(parents=True, exist_ok=True)
        return target / f"{NAME}.{form}"
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


@contextmanager
def _staged(path: Path) -> Iterator[Path]:
    """A file beside the path that takes its place if all goes well."""
    staging = path.with_name(f".{path.name}.part")
    staging.unlink(missing_ok=True)
    try:
        yield staging
        staging.replace(path)
    finally:
        staging.unlink(missing_ok=True)


def _slices(source: Path, schema: TableSchema) -> Iterator[list[list[Any]]]:
    """The rows of a table as lists of plain values: None for null, days and times as text."""
    found = tables.load_table(source, schema.name)
    for start in range(0, len(found), _SLICE):
        part = found.iloc[start : start + _SLICE]
        yield list(map(list, zip(*(tables.values(part[name]) for name in schema.names), strict=True)))


# --- workbook ----------------------------------------------------------------------------------------------------


def _xlsx(source: Path, path: Path) -> None:
    from rustpy_xlsxwriter import Format, write_worksheets

    # A quote prefix keeps a text a text even when its cell is edited; texts are never written as formulas or links.
    formats = {
        "string": Format().set_quote_prefix(),
        "date": Format().set_num_format("yyyy-mm-dd"),
        "datetime": Format().set_num_format("yyyy-mm-dd hh:mm:ss"),
    }
    schemas = table_schemas()
    sheets = [(_DICTIONARY, _dictionary()), *((schema.name, _sheet(schema, source)) for schema in schemas)]
    names = [name for name, _ in sheets]
    bold = Format().set_bold().set_border_bottom("thin")
    widths: dict[str, dict[str, float] | list[float]] = {_DICTIONARY: list(_DICTIONARY_WIDTHS)}
    widths |= {s.name: [_width(column) for column in s.columns] for s in schemas}
    try:
        write_worksheets(
            sheets,
            str(path),
            freeze_panes={"general": {"row": 1, "col": 0}},
            autofilter=dict.fromkeys(names, True),
            header_format=dict.fromkeys(names, bold),
            column_widths=widths,
            column_formats={
                s.name: {c.name: formats[c.type] for c in s.columns if c.type in formats} for s in schemas
            },
            # Codes and years are texts on purpose: no green triangles.
            ignore_errors={s.name: [c.name for c in s.columns if c.type == "string"] for s in schemas},
            # Whoever rests on a heading reads what the column means.
            notes={s.name: {c.name: f"{c.en}\n{c.vi}" for c in s.columns} for s in schemas},
        )
    except ValueError as error:
        raise ExportError(f"the workbook cannot be written ({error}): export to another form.") from error


def _dictionary() -> list[dict[str, str]]:
    """The data dictionary as a sheet."""
    return [
        dict(
            zip(
                _DICTIONARY_HEAD,
                (s.name, c.name, c.type, "" if c.required else "yes", c.unit or "", ", ".join(c.enum), c.en, c.vi),
                strict=True,
            )
        )
        for s in table_schemas()
        for c in s.columns
    ]


def _sheet(schema: TableSchema, source: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = arrow_table(tables.load_table(source, schema.name), schema)
    if len(found) >= SHEET_ROWS:
        raise ExportError(
            f"{schema.name} has {len(found):,} rows, a sheet holds {SHEET_ROWS - 1:,}: export to parquet, sqlite or "
            "duckdb."
        )
    for number, column in enumerate(schema.columns):
        values = found.column(number)
        if column.type == "string" and (pc.max(pc.utf8_length(values)).as_py() or 0) > CELL_CHARACTERS:
            cut = pc.utf8_replace_slice(values, CELL_CHARACTERS - 1, 2**31 - 1, "…")
            long = pc.greater(pc.utf8_length(values), CELL_CHARACTERS)
            found = found.set_column(number, column.name, pc.if_else(long, cut, values))
        elif column.type == "datetime":  # a sheet knows no zone: times are UTC, as everywhere
            found = found.set_column(number, column.name, values.cast(pa.timestamp("us")))
    return found


def _width(column: Column) -> float:
    return _WIDE.get(column.name, 60 if column.name.startswith("evidence") else _WIDTHS[column.type])


# --- Parquet -----------------------------------------------------------------------------------------------------


def _parquet_folder(source: Path, target: Path) -> Path:
    if target.suffix or target.is_file():
        raise UsageError(f"{target} names a file: Parquet is one file a table, name a folder.")
    target.mkdir(parents=True, exist_ok=True)
    whole = target / f".set-{secrets.token_hex(4)}"
    try:
        whole.mkdir()
        _parquet(source, whole)
        publication.complete(whole)
        publication.publish(target, whole)
    finally:
        for left in target.glob(".set-*"):
            if left.resolve() != publication.published(target):
                shutil.rmtree(left)
    return target


def _parquet(source: Path, folder: Path) -> None:
    import pyarrow.parquet as pq

    for schema in table_schemas():
        found = arrow_table(tables.load_table(source, schema.name), schema)
        pq.write_table(found, folder / f"{schema.name}.parquet", compression="zstd")
    (folder / tables.DICTIONARY).write_text((source / tables.DICTIONARY).read_text("utf-8"), encoding="utf-8")


def arrow_table(found: pd.DataFrame, schema: TableSchema) -> pa.Table:
    """The table in Arrow's types, with the dictionary's words in the schema's metadata."""
    import pyarrow as pa

    types = {
        "string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(),
        "date": pa.date32(), "datetime": pa.timestamp("s", tz="UTC"),
    }  # fmt: skip
    arrays, columns = [], []
    for column in schema.columns:
        array = pa.array(found[column.name], from_pandas=True)
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        arrays.append(array.cast(types[column.type]))
        words = {"description": column.en, "description_vi": column.vi, "unit": column.unit or ""}
        columns.append(pa.field(column.name, types[column.type], nullable=not column.required, metadata=words))
    words = {"description": schema.en, "description_vi": schema.vi}
    return pa.Table.from_arrays(arrays, schema=pa.schema(columns, metadata=words))


# --- SQLite ------------------------------------------------------------------------------------------------------


def _sqlite(source: Path, path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        # The file is not in use before it is complete, so it needs no journal.
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192;")
        for schema in table_schemas():
            database.execute(_create(schema, _SQLITE, links=True) + " STRICT")
            marks = ", ".join("?" * len(schema.columns))
            for part in _slices(source, schema):
                database.executemany(f'INSERT INTO "{schema.name}" VALUES ({marks})', part)
        for schema in table_schemas():
            for names in _indexes(schema):
                listed = ", ".join(f'"{name}"' for name in names)
                database.execute(f'CREATE INDEX "{schema.name}_{"_".join(names)}" ON "{schema.name}" ({listed})')
        for name, texts in _searched().items():
            _full_text(database, name, texts)
        database.commit()
        broken = database.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise ExportError(f"{len(broken)} rows lead to rows that are not there: run `cchc extract` again.")
        database.execute("ANALYZE")
        database.commit()


def _searched() -> dict[str, tuple[str, ...]]:
    """The texts of each table that can be searched."""
    return dict.fromkeys(FACT_TABLES, ("evidence", "entity")) | {"articles": ("title",)}


def _full_text(database: sqlite3.Connection, name: str, texts: tuple[str, ...]) -> None:
    # Found with or without tone marks; Datasette knows the index by the name of its content.
    listed = ", ".join(texts)
    database.execute(
        f'CREATE VIRTUAL TABLE "{name}_fts" USING fts5({listed}, content="{name}", tokenize="unicode61 remove_diacritics 2")'
    )
    database.execute(f"INSERT INTO \"{name}_fts\" (\"{name}_fts\") VALUES ('rebuild')")


def _create(schema: TableSchema, types: Mapping[Type, str], links: bool) -> str:
    lines = [
        f'"{column.name}" {types[column.type]}{" NOT NULL" if column.required else ""}' for column in schema.columns
    ]
    if schema.key:
        lines.append(f"PRIMARY KEY ({_quoted(schema.key)})")
    for link in schema.links if links else ():
        lines.append(f'FOREIGN KEY ({_quoted(link.columns)}) REFERENCES "{link.table}" ({_quoted(link.there)})')
    return f'CREATE TABLE "{schema.name}" ({", ".join(lines)})'


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _indexes(schema: TableSchema) -> list[tuple[str, ...]]:
    wanted = [link.columns for link in schema.links]
    wanted += [(name,) for name in _INDEXED if name in schema.names]
    return [names for names in dict.fromkeys(wanted) if names != schema.key]


def _metadata(path: Path) -> None:
    """What Datasette shows of the file: `datasette FILE --metadata FILE.metadata.json`."""
    told: dict[str, Any] = {
        schema.name: {
            "description": f"{schema.en} / {schema.vi}",
            # Not Datasette's `units`: it refuses pages with units that physics does not know.
            "columns": {column.name: f"{column.en} / {column.vi}" for column in schema.columns},
            **({"sort": schema.order[0]} if schema.key else {}),
        }
        for schema in table_schemas()
    }
    for name in FACT_TABLES:
        told[name] |= {"facets": ["source", "entity_type", "modality"], "label_column": "entity"}
    text = {
        "title": about("title")["en"],
        "description": about("description")["en"],
        "databases": {path.stem: {"description": about("description")["vi"], "tables": told}},
    }
    with _staged(path.with_name(f"{path.name}.metadata.json")) as staging:
        staging.write_text(json.dumps(text, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


# --- DuckDB ------------------------------------------------------------------------------------------------------


def _duckdb(source: Path, path: Path) -> None:
    import duckdb

    # Half of what an export may take, so that reading and writing fit together.
    with duckdb.connect(str(path), config={"memory_limit": "512MB", "threads": 2}) as database:
        for schema in table_schemas():
            database.execute(_create(schema, _DUCKDB, links=False))
            rows = arrow_table(tables.load_table(source, schema.name), schema)
            database.register("rows_of_table", rows)
            database.execute(f'INSERT INTO "{schema.name}" SELECT * FROM rows_of_table')
            database.unregister("rows_of_table")
            database.execute(f'COMMENT ON TABLE "{schema.name}" IS {_literal(f"{schema.en} / {schema.vi}")}')
            for column in schema.columns:
                words = _literal(f"{column.en} / {column.vi}")
                database.execute(f'COMMENT ON COLUMN "{schema.name}"."{column.name}" IS {words}')


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
