"""The tables as a published contract: columns, types, keys and words, made from the dataclasses and `dictionary.yml`.

Everything that says what a table looks like is derived from here: the CSV's header, the types of loaded tables,
`datapackage.json` (Data Package with Table Schema), the data dictionary, and the exports.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import metadata, resources
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import yaml

from extractors.facts import FACT_TYPES
from pipeline import rows
from pipeline.errors import CchcError
from pipeline.records import Fact

Type = Literal["string", "integer", "number", "boolean", "date", "datetime"]

_TYPES: Mapping[Any, Type] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    rows.Day: "date",
    rows.Moment: "datetime",
}
FACT_TABLES: tuple[str, ...] = tuple(FACT_TYPES)
# The tables that are no fact type, before and after the facts: name, row, primary key; the key is the order too.
_BEFORE: Mapping[str, tuple[type, tuple[str, ...]]] = {"observations": (rows.ObservationRow, ("observation_id",))}
_AFTER: Mapping[str, tuple[type, tuple[str, ...]]] = {
    "conflicts": (rows.ConflictRow, ("observation_id", "field", "fact_id_1", "fact_id_2")),
    "quality": (rows.QualityRow, ("rule", "fact_id", "other_fact_id", "message")),
    "articles": (rows.ArticleRow, ("doc_id",)),
    "revisions": (rows.RevisionRow, ("doc_id", "revision")),
    "captures": (rows.CaptureRow, ("source", "fetched_at", "url", "warc", "offset")),
    "entities": (rows.EntityRow, ("entity_id",)),
    "provinces": (rows.ProvinceRow, ("province_code", "name")),
    "indices": (rows.IndexRow, ("index",)),
    "sources": (rows.SourceRow, ("source",)),
    "corrections": (rows.CorrectionRow, ("correction_id",)),
    "changes": (rows.ChangeRow, ("run", "table", "fact_id", "change")),
}
ROW_TYPES = {**_BEFORE, **_AFTER}
TABLES: tuple[str, ...] = (*FACT_TABLES, *_BEFORE, *_AFTER)

# The columns of every fact, as a row has them; what identifies a fact comes first, then who; its own columns follow,
# then when; where it was found and what became of it closes the row.
_FACT_HEAD: Mapping[str, Any] = {
    "fact_id": str,
    "doc_id": str,
    "source": str,
    "published_on": rows.Day | None,
    "url": str,
    "revision": int,
    "entity_type": str,
    "entity": str,
    "entity_id": str,
    "province": str | None,
    "province_code": str | None,
    "province_code_2025": str | None,
}
_FACT_TAIL: Mapping[str, Any] = {
    "period": str | None,
    "period_start": rows.Day | None,
    "period_end": rows.Day | None,
    "period_kind": rows.PeriodKind | None,
    "modality": Literal["actual", "target"],
    "evidence": str,
    "start": int,
    "end": int,
    "rule": str,
    "correction": str | None,
    "first_seen": rows.Moment,
    "last_changed": rows.Moment,
}
_FACT_ORDER = ("doc_id", "start", "end", "fact_id")

_PROVINCE = (("province_code", "province"), "provinces", ("province_code", "name"))
_FACT_LINKS = (
    (("doc_id",), "articles", ("doc_id",)),
    (("doc_id", "revision"), "revisions", ("doc_id", "revision")),
    (("source",), "sources", ("source",)),
    (("entity_id",), "entities", ("entity_id",)),
    _PROVINCE,
    (("index",), "indices", ("index",)),
    (("correction",), "corrections", ("correction_id",)),
)
_LINKS: Mapping[str, tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]] = {
    "observations": ((("entity_id",), "entities", ("entity_id",)), (("index",), "indices", ("index",))),
    "conflicts": (
        (("observation_id",), "observations", ("observation_id",)),
        (("source_1",), "sources", ("source",)),
        (("source_2",), "sources", ("source",)),
    ),
    "quality": ((("doc_id",), "articles", ("doc_id",)),),
    "articles": (
        (("source",), "sources", ("source",)),
        (("doc_id", "revision"), "revisions", ("doc_id", "revision")),
        (("syndication_id",), "articles", ("doc_id",)),
        _PROVINCE,
    ),
    "revisions": ((("doc_id",), "articles", ("doc_id",)),),
    "captures": ((("source",), "sources", ("source",)),),
    "entities": ((("parent_id",), "entities", ("entity_id",)),),
    "sources": (_PROVINCE,),
}


class SchemaError(CchcError):
    """The dictionary and the dataclasses do not fit together; the message names table and column."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it holds, its limits, and its words. `enum` is empty where any value may stand."""

    name: str
    type: Type
    required: bool
    en: str
    vi: str
    enum: tuple[str, ...] = ()
    unit: str | None = None
    minimum: float | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """The columns here, the table that they lead to, and the columns there."""

    columns: tuple[str, ...]
    table: str
    there: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table: `order` are the columns that its rows are sorted by, `unique` tells that the key holds no null."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    order: tuple[str, ...]
    links: tuple[ForeignKey, ...]
    en: str
    vi: str

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


@cache
def table_schema(name: str) -> TableSchema:
    """The schema of a table. Raises SchemaError where the dictionary misses one of its words."""
    told = _dictionary()["tables"].get(name)
    if told is None:
        raise SchemaError(f"dictionary.yml: the table {name} is not described; add it under `tables`.")
    hints, key, order = _shape(name)
    own = told.get("columns", {})
    if unknown := own.keys() - hints.keys():
        raise SchemaError(f"dictionary.yml: {name} has no column {sorted(unknown)[0]}; remove it there.")
    columns = tuple(_column(name, column, hint, own) for column, hint in hints.items())
    links = _FACT_LINKS if name in FACT_TYPES else _LINKS.get(name, ())
    found = tuple(ForeignKey(*link) for link in links if set(link[0]) <= hints.keys())
    return TableSchema(name, columns, key, order, found, told["en"], told["vi"])


def table_schemas() -> tuple[TableSchema, ...]:
    """All tables in the order of TABLES."""
    return tuple(table_schema(name) for name in TABLES)


def about(part: Literal["title", "description"]) -> Mapping[str, str]:
    """The dataset's title or description in English (`en`) and Vietnamese (`vi`)."""
    told: Mapping[str, str] = _dictionary()[part]
    return told


def data_package(files: Mapping[str, Mapping[str, Any]]) -> str:
    """`datapackage.json`, which `frictionless validate` takes as it is.

    `files` gives for each table what only its file tells: `bytes`, `hash` and the number of `rows`.
    """
    told = _dictionary()
    hashes = "".join(f"{name} {file.get('hash')}\n" for name, file in sorted(files.items()))
    package = {
        "name": "cchc",
        # Equal for equal contents, whoever made them and when.
        "id": f"sha256:{hashlib.sha256(hashes.encode()).hexdigest()}",
        "title": told["title"]["en"],
        "title_vi": told["title"]["vi"],
        "description": told["description"]["en"],
        "description_vi": told["description"]["vi"],
        "version": metadata.version("cchc"),
        "keywords": ["Vietnam", "public administration reform", "cải cách hành chính", "PAR INDEX", "PCI", "PAPI"],
        "resources": [_resource(schema, files[schema.name]) for schema in table_schemas() if schema.name in files],
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def data_dictionary() -> str:
    """The dictionary for people, as Markdown."""
    told = _dictionary()
    lines = [
        f"# {told['title']['en']}",
        f"*{told['title']['vi']}*",
        told["description"]["en"],
        f"*{told['description']['vi']}*",
        "CSV in UTF-8 without byte order mark, commas, `\\n` at line ends, an empty cell for null. A text that a "
        "spreadsheet would take for a formula has one apostrophe in front. `datapackage.json` says the same as this "
        "page to programs. Written by `cchc extract`; do not edit.",
        "*CSV mã UTF-8 không BOM, dấu phẩy, ô trống là không có giá trị. Văn bản mà bảng tính có thể hiểu là công thức "
        "có thêm một dấu nháy đơn ở đầu.*",
    ]
    lines += [part for schema in table_schemas() for part in _described(schema)]
    return "\n\n".join(lines) + "\n"


def _shape(name: str) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]:
    """The type hints of a table's columns in their order, its primary key, and the order of its rows."""
    if name in ROW_TYPES:
        row_type, order = ROW_TYPES[name]
        hints = get_type_hints(row_type)
        key = {"captures": ("warc", "offset"), "quality": ()}.get(name, order)
        return {field.name: hints[field.name] for field in fields(row_type)}, key, order
    fact_type = FACT_TYPES[name]
    hints = get_type_hints(fact_type)
    common = {field.name for field in fields(Fact)}
    own = {field.name: hints[field.name] for field in fields(fact_type) if field.name not in common}
    return {**_FACT_HEAD, **own, **_FACT_TAIL}, ("fact_id",), _FACT_ORDER


def _column(table: str, name: str, hint: Any, own: Mapping[str, Any]) -> Column:
    told = own.get(name) or _dictionary()["columns"].get(name)
    if told is None or not told.get("en") or not told.get("vi"):
        raise SchemaError(f"dictionary.yml: {table}.{name} is not described in both languages; add `en` and `vi`.")
    plain, optional = _plain(hint)
    values = get_args(plain) if get_origin(plain) is Literal else tuple(told.get("enum", ()))
    return Column(
        name=name,
        type=_TYPES.get(plain, "string"),
        required=not optional,
        en=told["en"],
        vi=told["vi"],
        enum=values,
        unit=told.get("unit"),
        minimum=told.get("minimum"),
        pattern=told.get("pattern"),
    )


def _plain(hint: Any) -> tuple[Any, bool]:
    """The type without `| None`, and whether it had that."""
    if get_origin(hint) is Literal:
        return hint, False
    parts = get_args(hint)
    if NoneType not in parts:
        return hint, False
    rest = [part for part in parts if part is not NoneType]
    return rest[0], True


def _resource(schema: TableSchema, file: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": schema.name,
        "type": "table",
        "path": f"{schema.name}.csv",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": schema.en,
        "description_vi": schema.vi,
        **file,
        "schema": {
            "fields": [_field(column) for column in schema.columns],
            "missingValues": [""],
            **({"primaryKey": list(schema.key)} if schema.key else {}),
            "foreignKeys": [_reference(schema.name, link) for link in schema.links],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    limits = {
        "required": column.required or None,
        "enum": list(column.enum) or None,
        "minimum": column.minimum,
        "pattern": column.pattern,
    }
    limits = {name: value for name, value in limits.items() if value is not None}
    return {
        "name": column.name,
        "type": column.type,
        **({"format": "default"} if column.type in {"date", "datetime"} else {}),
        "description": column.en,
        "description_vi": column.vi,
        **({"unit": column.unit} if column.unit else {}),
        **({"constraints": limits} if limits else {}),
    }


def _reference(table: str, link: ForeignKey) -> dict[str, Any]:
    # The empty name is Table Schema's word for the table itself.
    there = "" if link.table == table else link.table
    return {"fields": list(link.columns), "reference": {"resource": there, "fields": list(link.there)}}


def _described(schema: TableSchema) -> Iterable[str]:
    yield f"## {schema.name}.csv"
    yield f"{schema.en}\n*{schema.vi}*"
    if schema.key:
        yield f"Key: {', '.join(f'`{name}`' for name in schema.key)}."
    links = {name: link for link in schema.links for name in link.columns}
    header = "| column | type | meaning | nghĩa |\n|---|---|---|---|"
    yield "\n".join([header, *(_line(column, links.get(column.name)) for column in schema.columns)])


def _line(column: Column, link: ForeignKey | None) -> str:
    notes = [
        f"One of {', '.join(f'`{value}`' for value in column.enum)}." if column.enum else "",
        f"In {column.unit}." if column.unit else "",
        f"See `{link.table}`." if link else "",
    ]
    meaning = " ".join(filter(None, [column.en, *notes]))
    kind = column.type if column.required else f"{column.type}, may be empty"
    return f"| `{column.name}` | {kind} | {meaning} | {column.vi} |".replace("\n", " ")


@cache
def _dictionary() -> dict[str, Any]:
    text = resources.files("pipeline").joinpath("dictionary.yml").read_text("utf-8")
    told: dict[str, Any] = yaml.safe_load(text)
    return told
