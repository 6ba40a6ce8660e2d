"""The index of the archive, `corpus/index.cdxj`: a line for each capture, that says where it is."""

from __future__ import annotations

import heapq
import itertools
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from filelock import FileLock

from pipeline import places
from pipeline.errors import CchcError
from pipeline.places import Place
from pipeline.records import CaptureRef

INDEX = "index.cdxj"
REVISIT = "warc/revisit"


class ArchiveError(CchcError):
    """A file of the archive cannot be used as it is; the message names file, place, cause and remedy."""

    def __init__(self, file: str, cause: str, remedy: str, offset: int | None = None) -> None:
        place = file if offset is None else f"{file} at byte {offset:,}"
        super().__init__(f"{place}: {cause}. {remedy}")
        self.file = file
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the index: a capture and where it is. `timestamp` has 14 digits (UTC), `mime` is
    `warc/revisit` for a revisit record, `filename` is relative to the corpus."""

    url: str
    timestamp: str
    mime: str
    status: int
    digest: str
    length: int
    offset: int
    filename: str

    @property
    def source(self) -> str:
        return self.filename.partition("/")[0]

    @property
    def revisit(self) -> bool:
        return self.mime == REVISIT

    @property
    def fetched_at(self) -> str:
        t = self.timestamp
        return f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[8:10]}:{t[10:12]}:{t[12:14]}Z"

    @property
    def ref(self) -> CaptureRef:
        return CaptureRef(self.filename, self.offset, self.length, self.digest)

    def line(self) -> str:
        """The entry as CDXJ, where all values are strings."""
        fields = {
            "url": self.url,
            "mime": self.mime,
            "status": str(self.status),
            "digest": self.digest,
            "length": str(self.length),
            "offset": str(self.offset),
            "filename": self.filename,
        }
        return f"{surt(self.url)} {self.timestamp} {json.dumps(fields, ensure_ascii=False)}"


def read_index(corpus: Place, source: str | None = None) -> list[Entry]:
    """The entries of the index, or those of a source; none where there is none. Raises ArchiveError."""
    return list(entries_of(corpus, source))


def entries_of(corpus: Place, source: str | None = None) -> Iterator[Entry]:
    """The same one by one, so that a long index takes no memory."""
    try:
        index = places.whole(corpus, INDEX)
    except FileNotFoundError:
        return
    # Telling a source's lines before they are parsed makes a crawl of hundreds of sources a hundred times cheaper.
    mark = f'"filename": "{source}/' if source else ""
    with TextIOWrapper(index, encoding="utf-8", newline="\n") as lines:
        try:
            for number, line in enumerate(lines, 1):  # noqa: B007 - it names the line that fails
                if mark in line:
                    yield entry(line.rstrip("\n"))
        except (ValueError, KeyError) as error:
            cause = f"line {number} is not a line of CDXJ ({error})"
            raise ArchiveError(INDEX, cause, "Run `cchc archive reindex` to write it anew") from error


def mime(content_type: str) -> str:
    """The media type without its parameters, `unk` where there is none."""
    return content_type.partition(";")[0].strip().lower() or "unk"


def surt(url: str) -> str:
    """The URL in the order in which an index sorts it: `vn,baolongan)/tin-a1.html`; without scheme and www, in
    lower case, parameters sorted."""
    parts = urlsplit(url)
    host = re.sub(r"^www\d*\.", "", parts.hostname or "")
    port = f":{parts.port}" if parts.port and parts.port not in {80, 443} else ""
    path = _levelled(parts.path).rstrip("/") or "/"
    pairs = sorted(_levelled(parts.query).split("&")) if parts.query else []
    query = "?" + "&".join(pairs) if pairs else ""
    return f"{','.join(reversed(host.split('.')))}{port}){path}{query}"


def _levelled(part: str) -> str:
    """In lower case, with %-escapes only where a character cannot stand for itself."""
    return quote(unquote(part), safe="!\"$&'()*+,/:;<=>?@[\\]^`{|}~").lower()


def entry(line: str) -> Entry:
    """The entry of a line. Raises ValueError, KeyError."""
    _, timestamp, fields = line.split(" ", 2)
    found = json.loads(fields)
    return Entry(
        url=found["url"],
        timestamp=timestamp,
        mime=found["mime"],
        status=int(found["status"]),
        digest=found["digest"],
        length=int(found["length"]),
        offset=int(found["offset"]),
        filename=found["filename"],
    )


def add_to_index(corpus: Path, lines: Iterable[bytes]) -> None:
    """Adds lines, which come in the order of their bytes, to those that there are, one at a time: they may be
    millions."""
    with index_lock(corpus):
        if any(later < line for line, later in itertools.pairwise(_lines(corpus))):
            _replace(corpus, sorted(_lines(corpus)))  # somebody else has written it
        _replace(corpus, heapq.merge(_lines(corpus), lines))


def write_index(corpus: Path, entries: Iterable[Entry]) -> None:
    """Replaces the index by these entries, whose lines stand in the order of their bytes, as searching in it needs."""
    with index_lock(corpus):
        _replace(corpus, sorted(one.line().encode() for one in entries))


def _lines(corpus: Path) -> Iterator[bytes]:
    file = corpus / INDEX
    if file.exists():
        with file.open("rb") as lines:
            yield from (line.rstrip(b"\n") for line in lines)


def _replace(corpus: Path, lines: Iterable[bytes]) -> None:
    """The lines, each once, in place of the index, in one step."""
    fresh = corpus / f"{INDEX}.new"
    with fresh.open("wb") as file:
        file.writelines(line + b"\n" for line, _ in itertools.groupby(lines))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(corpus / INDEX)
    sync_folder(corpus)


def index_lock(corpus: Path) -> FileLock:
    """Nobody else writes the index while this is held."""
    corpus.mkdir(parents=True, exist_ok=True)
    # Sources are crawled at the same time and share one index.
    return FileLock(corpus / f".{INDEX}.lock")


def digits(iso: str) -> str:
    """A time as an index has it: 14 digits, fewer where it has no more."""
    return re.sub(r"\D", "", iso)[:14]


def sync_folder(folder: Path) -> None:
    """A rename is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
