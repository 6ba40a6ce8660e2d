"""What earlier runs made of the archive's pages, kept so that only what changed is made again.

`kept.sqlite` in the output holds a result for each article, with a fingerprint of all that it rests on: its captures
and the state of their files, its source's declaration and layouts, and the code (`fingerprints`). Where one differs the
result, or the part of it that the difference concerns, is made anew. Results go through the file in every run, so that
no process holds them all, and what a killed run has made is not lost.

A file of the archive that was changed is known by its size and time, as is usual; `--full` looks at nothing kept.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.archive import Entry
from pipeline.errors import CchcError
from pipeline.fingerprints import Code
from pipeline.results import Result
from pipeline.work import PIECES, ROW, Group

FILE = "kept.sqlite"
ASIDE = "kept.damaged.sqlite"
PARTS = tuple(piece for piece in PIECES if piece != ROW)
# Results that are written at once: some hundred kilobytes, and a second of work where a run is killed.
_AT_ONCE = 256
# What SQLite says of a file that is no database of ours (any more).
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
_REMEDY = "make room on the disk and the folder writable, or name another with --output."

_SCHEMA = f"""
CREATE TABLE codes (id INTEGER PRIMARY KEY, told TEXT NOT NULL UNIQUE);
CREATE TABLE kept (
    doc_id TEXT PRIMARY KEY,
    rests_on TEXT,
    layouts TEXT,
    code INTEGER NOT NULL REFERENCES codes,
    whole INTEGER NOT NULL,
    reading BLOB NOT NULL,
    signature BLOB,
    {", ".join(f"found_{part} BLOB" for part in PARTS)}
);
CREATE TABLE articles (doc_id TEXT PRIMARY KEY, article BLOB NOT NULL);
CREATE TABLE gathered (told TEXT NOT NULL);
CREATE TABLE derived (told TEXT NOT NULL);
"""
_VERSION = int.from_bytes(hashlib.sha256(_SCHEMA.encode()).digest()[:3], "big")


class KeptError(CchcError):
    """The kept results cannot be written; the message names cause and remedy."""


class DamagedError(Exception):
    """The file of kept results is damaged: what is in it must not be used."""


@dataclass(frozen=True, slots=True)
class Need:
    """What is to be made: `groups` with the pieces wanted, where `parsed` are those whose article is kept, and the
    articles whose results are `kept` as they are."""

    groups: tuple[Group, ...]
    parsed: frozenset[str]
    kept: frozenset[str]


@dataclass(frozen=True, slots=True)
class Stored:
    """A result as it lies in the file."""

    doc_id: str
    reading: bytes
    signature: bytes | None
    found: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a kept result: what it rests on, the code by the number of its line in `codes`."""

    rests_on: str | None
    layouts: str | None
    code: int
    whole: bool
    article: bool


@dataclass(slots=True)
class Kept:
    """The kept results of an output; a context manager. Whatever it is asked, it raises DamagedError or KeptError where
    the file does not do."""

    path: Path
    code: Code
    _database: sqlite3.Connection = field(init=False)
    _code: int = field(init=False, default=0)
    _waiting: int = field(init=False, default=0)
    _rests_on: dict[str, str] = field(init=False, default_factory=dict)

    def __enter__(self) -> Self:
        with _told(self.path):
            self._database = sqlite3.connect(self.path, isolation_level=None)
            try:
                self._open()
            except BaseException:
                self._database.close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # What was made before an error is as good as ever.
            with _told(self.path) if kind is None else suppress(sqlite3.Error):
                self._commit()
        finally:
            self._database.close()

    def need(
        self, groups: Sequence[Group], marks: Mapping[str, str], declarations: Mapping[str, str], *, full: bool
    ) -> Need:
        """What of the groups is not kept or may come out otherwise, everything where `full`; what is kept of others is
        removed. `marks` tells the state of the archive's files, `declarations` are fingerprints by source."""
        self._rests_on = {
            group.doc_id: _rests_on(group, marks, declarations[group.source], self.code.reading) for group in groups
        }
        wanted: list[Group] = []
        parsed: list[str] = []
        current: list[str] = []
        with _told(self.path):
            known = dict(self._known())
            codes = {number: json.loads(told) for number, told in self._database.execute("SELECT id, told FROM codes")}
            for group in groups:
                kept = None if full else known.get(group.doc_id)
                if kept is None or not self._read_the_same(group.doc_id, kept):
                    wanted.append(group)
                elif pieces := self._outdated(kept, codes.get(kept.code, {})):
                    wanted.append(replace(group, wanted=pieces))
                    parsed.append(group.doc_id)
                else:
                    current.append(group.doc_id)
            self._begin()
            gone = [(doc_id,) for doc_id in known.keys() - self._rests_on.keys()]
            self._database.executemany("DELETE FROM kept WHERE doc_id = ?", gone)
            self._database.executemany("DELETE FROM articles WHERE doc_id = ?", gone)
            moved = [(self._code, doc_id) for doc_id in current if known[doc_id].code != self._code]
            self._database.executemany("UPDATE kept SET code = ? WHERE doc_id = ?", moved)
            self._commit()
        return Need(tuple(wanted), frozenset(parsed), frozenset(current))

    def bring(self, ranges: Iterable[Sequence[Group]], need: Need) -> Iterator[tuple[Group, ...]]:
        """The ranges one by one, with the articles that need not be read again."""
        for groups in ranges:
            yield tuple(self._brought(group) if group.doc_id in need.parsed else group for group in groups)

    def put(self, result: Result, need: Need) -> None:
        """The result in place of what was kept of its article; one that is not sound is there for this run only."""
        values: dict[str, Any] = {"code": self._code}
        values |= {f"found_{part}": packed for part, packed in result.found.items()}
        if result.reading is not None:
            values |= {"whole": result.whole, "reading": result.reading, "signature": result.signature}
        read = result.article is not None or result.doc_id not in need.parsed
        if read:
            values |= {"rests_on": self._rests_on[result.doc_id]}
            values |= {"layouts": self.code.layouts if result.layouts else None}
        if not result.sound:
            values = dict.fromkeys((f"found_{part}" for part in PARTS), b"") | values | {"rests_on": None}
        with _told(self.path):
            self._begin()
            self._write(result, values, read=read)
            self._waiting += 1
            if self._waiting >= _AT_ONCE:
                self._commit()

    def stored(self, wanted: Collection[str]) -> Iterator[Stored]:
        """The results of these articles that there are, in the order of doc_id."""
        names = ", ".join(("doc_id", "reading", "signature", *(f"found_{part}" for part in PARTS)))
        with _told(self.path):
            self._commit()
            for at in sorted(wanted):
                asked = self._database.execute(f"SELECT {names} FROM kept WHERE doc_id = ?", (at,))
                for doc_id, reading, signature, *found in asked:
                    yield Stored(doc_id, reading, signature, tuple(packed or b"" for packed in found))

    def gathered(self) -> str | None:
        """What was noted of the rows gathered from all results as they are. Before any of them becomes another nothing
        is noted any more."""
        told = self._noted("gathered")
        with _told(self.path):
            self._begin()
            self._database.execute("DELETE FROM gathered")
        return told

    def note_gathered(self, told: str) -> None:
        """What is to be known of the rows gathered from all results as they are."""
        self._note("gathered", told)

    def derived(self) -> str | None:
        """What was noted of the rules' patterns."""
        return self._noted("derived")

    def note_derived(self, told: str) -> None:
        """What is to be known of the rules' patterns in another run."""
        self._note("derived", told)

    def article(self, doc_id: str) -> bytes:
        """The article as it was packed."""
        with _told(self.path):
            [packed] = self._database.execute("SELECT article FROM articles WHERE doc_id = ?", (doc_id,)).fetchone()
        return bytes(packed)

    def _open(self) -> None:
        self._database.execute("PRAGMA journal_mode = WAL")
        # A power cut may cost the last results, never the file.
        self._database.execute("PRAGMA synchronous = NORMAL")
        [version] = self._database.execute("PRAGMA user_version").fetchone()
        if version != _VERSION:
            self._make()
        told = {"row": self.code.row, **self.code.parts, "whole": self.code.whole}
        self._database.execute("INSERT OR IGNORE INTO codes (told) VALUES (?)", (json.dumps(told),))
        [self._code] = self._database.execute("SELECT id FROM codes WHERE told = ?", (json.dumps(told),)).fetchone()

    def _make(self) -> None:
        """Empty tables, in place of those that another version made."""
        names = [name for (name,) in self._database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        self._database.executescript(
            f"BEGIN; {' '.join(f'DROP TABLE {name};' for name in names)} {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;"
        )

    def _noted(self, table: str) -> str | None:
        with _told(self.path):
            [told] = self._database.execute(f"SELECT max(told) FROM {table}").fetchone()
        return str(told) if told is not None else None

    def _note(self, table: str, told: str) -> None:
        with _told(self.path):
            self._begin()
            self._database.execute(f"DELETE FROM {table}")
            self._database.execute(f"INSERT INTO {table} VALUES (?)", (told,))
            self._commit()

    def _known(self) -> Iterator[tuple[str, _Known]]:
        asked = "SELECT kept.doc_id, rests_on, layouts, code, whole, articles.doc_id IS NOT NULL "
        asked += "FROM kept LEFT JOIN articles ON articles.doc_id = kept.doc_id"
        for doc_id, *values in self._database.execute(asked):
            yield doc_id, _Known(*values)

    def _read_the_same(self, doc_id: str, kept: _Known) -> bool:
        return kept.rests_on == self._rests_on[doc_id] and kept.layouts in {None, self.code.layouts}

    def _outdated(self, kept: _Known, made_by: Mapping[str, str]) -> tuple[str, ...]:
        """The pieces of a kept result that the code of today might make otherwise."""
        if not kept.article:
            return ()
        if made_by.get(ROW) != self.code.row or (kept.whole and made_by.get("whole") != self.code.whole):
            return PIECES
        if kept.whole:
            return ()
        return tuple(part for part in PARTS if made_by.get(part) != self.code.parts[part])

    def _brought(self, group: Group) -> Group:
        with _told(self.path):
            asked = "SELECT reading, article FROM kept JOIN articles USING (doc_id) WHERE doc_id = ?"
            reading, article = self._database.execute(asked, (group.doc_id,)).fetchone()
        return replace(group, reading=reading, article=article)

    def _write(self, result: Result, values: Mapping[str, Any], *, read: bool) -> None:
        if not read:
            set_to = ", ".join(f"{name} = ?" for name in values)
            self._database.execute(f"UPDATE kept SET {set_to} WHERE doc_id = ?", (*values.values(), result.doc_id))
            return
        named = {"doc_id": result.doc_id, **values}
        asked = f"INSERT OR REPLACE INTO kept ({', '.join(named)}) VALUES ({', '.join('?' for _ in named)})"
        self._database.execute(asked, tuple(named.values()))
        self._database.execute("DELETE FROM articles WHERE doc_id = ?", (result.doc_id,))
        if result.article is not None:
            self._database.execute("INSERT INTO articles VALUES (?, ?)", (result.doc_id, result.article))

    def _begin(self) -> None:
        if not self._database.in_transaction:
            self._database.execute("BEGIN")

    def _commit(self) -> None:
        if self._database.in_transaction:
            self._database.execute("COMMIT")
        self._waiting = 0


def set_aside(path: Path) -> Path:
    """Moves a damaged file out of the way, for a person to look at; returns where it lies. Raises KeptError."""
    aside = path.with_name(ASIDE)
    with _told(path):
        path.replace(aside)
        for beside in ("-wal", "-shm"):
            path.with_name(path.name + beside).unlink(missing_ok=True)
    return aside


def _rests_on(group: Group, marks: Mapping[str, str], declaration: str, code: str) -> str:
    """A fingerprint of what reading the group rests on."""
    captures = [_identity(entry, marks) for entry in (*group.captures, *group.originals)]
    told = "\0".join((declaration, code, *captures))
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _identity(entry: Entry, marks: Mapping[str, str]) -> str:
    place = f"{entry.filename}\0{marks.get(entry.filename)}\0{entry.offset}\0{entry.length}"
    return f"{place}\0{entry.url}\0{entry.timestamp}\0{entry.status}\0{entry.mime}\0{entry.digest}"


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What SQLite or the system says of the file, as an error of ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _DAMAGED:
            raise DamagedError(str(error)) from error
        raise KeptError(f"{path} cannot be written ({error}): {_REMEDY}") from error
    except ValueError as error:
        raise DamagedError(str(error)) from error
    except OSError as error:
        raise KeptError(f"{path} cannot be written ({error.strerror}): {_REMEDY}") from error
