"""What the last run gathered, as rows, lines and issues: of articles whose results are as they were none is made again.

`.gathered.arrow` in the output holds the tables that grow with the archive as that run published them, how long each line
of their files is, and what else it gathered of each article. It may be used where the kept results, the published files
and this one are those that the run left, and code and corrections those that it had: `kept.sqlite` tells that, and forgets
it while a run changes what is kept. Whatever is not certain costs the time of gathering, and nothing else.
"""

from __future__ import annotations

import json
import mmap
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline import history, publication, tables
from pipeline.corrections import Corrections
from pipeline.fingerprints import hashed
from pipeline.records import Issue
from pipeline.schema import FACT_TABLES

# Of no use to another machine, to which it would have to be carried: hidden files are not.
FILE = ".gathered.arrow"
# The tables whose rows are each of one article (or of no article), and grow with the archive.
TABLES = (*FACT_TABLES, "articles", "revisions", "captures")
# What the other articles tell of one.
SYNDICATED = ("syndication_id", "copy", "first_published_on", "first_source")
_LENGTH = "line_length"
_PAGES = pa.schema([("doc_id", pa.large_string()), ("signature", pa.large_binary()), ("filled", pa.large_string())])
_ISSUES = pa.schema([("doc_id", pa.large_string()), *((one.name, pa.large_string()) for one in fields(Issue))])

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Page:
    """What is gathered of an article besides its rows: what its text is compared by, and its fields that are filled."""

    signature: bytes | None = None
    filled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """What gathered rows rest on besides the results: all code, the corrections, and for each source what its addresses
    are told apart by."""

    code: str
    corrections: str
    declarations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What `run`, whose tables are published, gathered: its tables in Arrow's types and their lines, and pages and issues
    by doc_id. The articles among `pages` are those that may be taken."""

    run: str
    folder: Path
    tables: Mapping[str, Any]
    lines: Mapping[str, Any]
    pages: Mapping[str, Page]
    issues: Sequence[tuple[str, Issue]]
    declarations: Mapping[str, str]

    def addresses(self, declarations: Mapping[str, str]) -> dict[tuple[str, str], str | None]:
        """The article of each address that was captured, None where it is no article's, by source and address; of the
        sources that tell addresses apart as these do."""
        captures = self.tables["captures"]
        known = {name for name, told in declarations.items() if self.declarations.get(name) == told}
        places = (captures[name].to_pylist() for name in ("source", "url", "doc_id"))
        return {(source, url): doc_id for source, url, doc_id in zip(*places, strict=True) if source in known}


@dataclass(frozen=True)
class Taken:
    """The articles of these ids as they were gathered."""

    gathered: Gathered
    ids: frozenset[str]

    def rows(self, name: str) -> Any:
        """The table's rows that are taken."""
        return self.gathered.tables[name].filter(pa.array(self._there[name]))

    def among(self, docs: pd.Series[Any]) -> Mask:
        """Which of the rows of these doc_ids are of articles that are taken."""
        return self._among(tables.arrow(docs))

    def former(self) -> history.Snapshot:
        """What was published of the articles that are not taken, and the former changes. Raises TableError."""
        rest = {
            name: tables.of_arrow(self.gathered.tables[name].filter(pa.array(~self._there[name])))
            for name in (*FACT_TABLES, "articles")
        }
        whole = {name: tables.load_table(self.gathered.folder, name) for name in ("corrections", "changes")}
        return history.Snapshot(self.gathered.run, {**rest, **whole})

    def lines(self, name: str, found: pd.DataFrame) -> Any:
        """The lines of a table's file, those of rows that are what they were as they were written."""
        known = self.gathered.tables[name]
        # Both are in one order, so that the first of the one is the first of the other.
        here, there = np.flatnonzero(self.among(found["doc_id"])), np.flatnonzero(self._there[name])
        if name == "articles":
            same = _same(found.iloc[here], known.take(pa.array(there)), SYNDICATED)
            here, there = here[same], there[same]
        fresh = np.ones(len(found), np.bool_)
        fresh[here] = False
        pool = pa.chunked_array([self.gathered.lines[name], tables.lines(found[fresh])])
        places = np.empty(len(found), np.int64)
        places[here] = there
        places[fresh] = np.arange(len(known), len(pool))
        return pool.take(pa.array(places)).combine_chunks()

    @cached_property
    def _ids(self) -> Any:
        return pa.array(sorted(self.ids), pa.large_string())

    @cached_property
    def _there(self) -> Mapping[str, Mask]:
        return {name: self._among(table["doc_id"]) for name, table in self.gathered.tables.items()}

    def _among(self, docs: Any) -> Mask:
        found: Mask = pc.is_in(docs, value_set=self._ids).to_numpy(zero_copy_only=False)
        return found


def basis(code: str, decided: Corrections, declarations: Mapping[str, str]) -> Basis:
    """What rows gathered now rest on."""
    return Basis(code, hashed(repr(correction) for correction in decided.listed), dict(declarations))


def read(output: Path, told: str | None, wanted: Basis) -> Gathered | None:
    """What the run before gathered, None where that may not be used."""
    try:
        noted = json.loads(told or "")
        had = Basis(**noted["basis"])
        state = publication.marks(output, (FILE,))
        if (had.code, had.corrections) != (wanted.code, wanted.corrections) or state is None or noted["state"] != state:
            return None
        with (output / FILE).open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if zlib.crc32(content) != noted["sum"]:
            return None
        return _unpacked(content, publication.current(output), noted["run"], had)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None


def write(
    output: Path,
    run: str,
    basis: Basis,
    found: Mapping[str, pd.DataFrame],
    lines: Mapping[str, Any],
    pages: Mapping[str, Page],
    issues: Iterable[tuple[str, Issue]],
) -> str:
    """Writes down what was gathered for the set that `run` wrote and that is published; returns what is to be known for
    reading it again. Raises OSError."""
    staging = output / f"{FILE}.part"
    with staging.open("wb") as sink:
        for table in _packed(found, lines, pages, issues):
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
    with staging.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        checksum = zlib.crc32(content)
    staging.replace(output / FILE)
    return json.dumps({"run": run, "basis": asdict(basis), "sum": checksum, "state": publication.marks(output, (FILE,))})


def _packed(
    found: Mapping[str, pd.DataFrame],
    lines: Mapping[str, Any],
    pages: Mapping[str, Page],
    issues: Iterable[tuple[str, Issue]],
) -> Iterator[Any]:
    for name in TABLES:
        table = tables.to_arrow(name, found[name])
        yield table.append_column(_LENGTH, pc.binary_length(lines[name]).cast(pa.int64()))
    rows = ((doc_id, page.signature, ";".join(page.filled)) for doc_id, page in pages.items())
    yield _table(_PAGES, rows)
    yield _table(_ISSUES, ((doc_id, *astuple(issue)) for doc_id, issue in issues))


def _table(schema: Any, rows: Iterable[Sequence[Any]]) -> Any:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _unpacked(content: mmap.mmap, folder: Path, run: str, had: Basis) -> Gathered:
    source = pa.BufferReader(pa.py_buffer(content))
    rows = {name: pa.ipc.open_stream(source).read_all() for name in TABLES}
    pages = pa.ipc.open_stream(source).read_all().to_pydict()
    issues = pa.ipc.open_stream(source).read_all().to_pylist()
    lines = {name: _lines(folder / f"{name}.csv", table[_LENGTH]) for name, table in rows.items()}
    return Gathered(
        run=run,
        folder=folder,
        tables={name: table.drop_columns([_LENGTH]) for name, table in rows.items()},
        lines=lines,
        pages={
            doc_id: Page(signature, tuple(filter(None, filled.split(";"))))
            for doc_id, signature, filled in zip(pages["doc_id"], pages["signature"], pages["filled"], strict=True)
        },
        issues=[(told.pop("doc_id"), Issue(**told)) for told in issues],
        declarations=had.declarations,
    )


def _lines(path: Path, lengths: Any) -> Any:
    """The lines of the file after its first one, read where they lie."""
    with path.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    ends = np.cumsum(np.concatenate(([0], lengths.to_numpy())), dtype=np.int64)
    offsets = ends + (len(content) - ends[-1])
    if offsets[0] < 1 or content.find(b"\n") != offsets[0] - 1:
        raise ValueError(f"{path} has other lines than were written")
    return pa.LargeStringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(content))


def _same(found: pd.DataFrame, known: Any, names: Iterable[str]) -> Mask:
    """Which rows have the same in these columns."""
    same = np.ones(len(found), np.bool_)
    for name in names:
        a, b = tables.arrow(found[name]), known[name].combine_chunks()
        equal = pc.or_(pc.fill_null(pc.equal(a, b), False), pc.and_(a.is_null(), b.is_null()))
        same &= equal.to_numpy(zero_copy_only=False)
    return same
