"""What a source's part of the archive holds, at hand while one run adds to it.

It lies in a temporary file without a name, which goes with the process: a writer takes as much memory for a million
captures as for one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline import cdxj
from pipeline.cdxj import Entry

_SCHEMA = """
pragma journal_mode = off;
pragma synchronous = off;
pragma cache_size = -512;
create table capture (
    line blob not null, filename text not null, place integer not null, url text not null, timestamp text not null,
    digest text not null, original integer not null
);
create index capture_digest on capture (digest, original);
create index capture_url on capture (url, timestamp);
create index capture_file on capture (filename, place);
"""
_IN_TIME = "order by timestamp, url, place, filename"


class Ledger:
    """Captures by payload, URL and file. Raises OSError where the temporary file cannot grow."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._base.executescript(_SCHEMA)

    def close(self) -> None:
        """Forgets all."""
        self._base.close()

    def add(self, entries: Iterable[Entry]) -> None:
        """Notes the captures."""
        rows = ((e.line().encode(), e.filename, e.offset, e.url, e.timestamp, e.digest, not e.revisit) for e in entries)
        try:
            self._base.executemany("insert into capture values (?, ?, ?, ?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise self._told(error) from error

    def files(self) -> frozenset[str]:
        """The files that hold them."""
        return frozenset(name for (name,) in self._rows("select distinct filename from capture"))

    def entries(self) -> Iterator[Entry]:
        """All in the order of time."""
        return self._entries(_IN_TIME)

    def of_url(self, url: str) -> Entry | None:
        """The last capture of the URL."""
        return next(self._entries("where url = ? order by timestamp desc, rowid desc limit 1", url), None)

    def payloads(self, url: str) -> set[str]:
        """The digests of all payloads that the URL had."""
        return {digest for (digest,) in self._rows("select distinct digest from capture where url = ?", url)}

    def has(self, url: str, timestamp: str, digest: str) -> bool:
        """Whether there is this very capture."""
        wanted = "select 1 from capture where url = ? and timestamp = ? and digest = ? limit 1"
        return any(True for _ in self._rows(wanted, url, timestamp, digest))

    def originals(self, digest: str) -> list[Entry]:
        """The responses that hold the payload, in the order of time."""
        return list(self._entries(f"where digest = ? and original {_IN_TIME}", digest))

    def lost(self, original: Entry) -> None:
        """Notes that the response cannot be read any more."""
        done = "update capture set original = 0 where filename = ? and place = ?"
        for _ in self._rows(done, original.filename, original.offset):
            pass

    def lines(self, file: str) -> Iterator[bytes]:
        """The index's lines of a file's captures, in the order of their bytes."""
        return (line for (line,) in self._rows("select line from capture where filename = ? order by line", file))

    def end(self, file: str) -> int:
        """Where the last capture of the file ends, 0 where it has none."""
        last = next(self._entries("where filename = ? order by place desc limit 1", file), None)
        return last.offset + last.length if last else 0

    def _entries(self, wanted: str, *values: object) -> Iterator[Entry]:
        for (line,) in self._rows(f"select line from capture {wanted}", *values):
            yield cdxj.entry(line.decode())

    def _rows(self, statement: str, *values: object) -> Iterator[Any]:
        try:
            yield from self._base.execute(statement, values)
        except sqlite3.Error as error:
            raise self._told(error) from error

    def _told(self, error: sqlite3.Error) -> OSError:
        return OSError(f"a temporary file cannot be used ({error}): make room where TMPDIR says")
