"""The archive of pages as served; the only module that knows the format of `corpus/`.

`corpus/<source>/<run>.warc.gz` holds what one run fetched from one source: WARC/1.1, one gzip member a record, a
warcinfo record and then for each capture its request and its response. A payload that is already in the source's
part of the archive is written as a revisit record (profile identical-payload-digest) that refers to the first
capture; what a server says not to have modified (304), as one of profile server-not-modified and without headers, so
that it is replayed as the page that it stands for. A file is written under
the name `<run>.warc.gz.open` and renamed when it is complete, with its checksum beside it in `<run>.warc.gz.sha256`; it
is never appended to afterwards. Payloads are as sent, with their content encoding, and so are their digests.

`corpus/index.cdxj` has one line a capture: SURT of the URL, timestamp, JSON. It can be rebuilt from the files. As a
capture's last record ends where the file ends, the index tells whether a file is whole, which the usual readers of
WARC files do not notice.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self
from urllib.parse import quote, unquote, urlsplit

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from filelock import FileLock
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline import places
from pipeline.errors import CchcError
from pipeline.places import File, Place, PlaceError
from pipeline.records import Capture, CaptureRef
from scrapers.bodies import BrokenEncoding, DecodedTooLarge, decode
from scrapers.fetch import Response

INDEX = "index.cdxj"
CLOSED = ".warc.gz"
OPEN = ".open"
SEAL = ".sha256"
REVISIT = "warc/revisit"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
# Twice beyond what any limit of fetching lets in; holds against an encoded bomb in a file from elsewhere.
MAX_PAYLOAD = 100 * 1024 * 1024

# Magic, method, flags, time, system.
_GZIP_HEAD = 10

# The flags are no dictionary keys by themselves.
_KINDS = {int(WarcRecordType.response): "response", int(WarcRecordType.revisit): "revisit"}

State = Literal["new", "changed", "unchanged"]


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


@dataclass(frozen=True, slots=True)
class Added:
    """Where a response was written, and what it is to the archive: a URL seen for the first time, a new payload
    of a known URL, or a payload that the URL had before."""

    ref: CaptureRef
    state: State


class ArchiveWriter:
    """Writes one run's captures of one source; a context manager.

    What was added is on disk when `add` returns. Leaving the block, by an error too, closes the file and adds it to
    the index; a file that an earlier run could not close is closed on entry and named in `recovered`. Raises
    ArchiveError where the run's file exists already, OSError where the disk refuses.
    """

    def __init__(self, corpus: Path, source: str, run: str, *, at_once: bool = True) -> None:
        """Without `at_once` what was added is on disk when the block is left, as is enough for a copy of a file."""
        self._corpus = corpus
        self._at_once = at_once
        self._source = source
        self._run = run
        self._closed = corpus / source / f"{run}{CLOSED}"
        self._open = self._closed.with_name(self._closed.name + OPEN)
        self._entries: list[Entry] = []
        self._digests: dict[str, Entry] = {}
        self._payloads: dict[str, set[str]] = defaultdict(set)
        self._captures: set[tuple[str, str, str]] = set()
        self._last: dict[str, Entry] = {}
        self._former: tuple[Entry, ...] = ()
        self.recovered: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        self._closed.parent.mkdir(parents=True, exist_ok=True)
        self.recovered = recover(self._corpus, self._source)
        if self._closed.exists():
            name = _relative(self._corpus, self._closed)
            raise ArchiveError(name, "this run is archived already", "Start a run with an id of its own")
        # Damage elsewhere is for `check` and for readers to tell; it must not keep new pages from being archived.
        known = Archive.load(self._corpus, _kept_quiet, self._source)
        own = known.entries
        self._former = own
        if unlisted := [entry for entry in own if entry.filename not in known.listed]:
            # A run that was killed between closing its file and writing the index.
            _add_to_index(self._corpus, unlisted)
        for entry in own:
            self._remember(entry)
        self._file: IO[bytes] = self._open.open("xb")
        self._writer = WARCWriter(self._file, gzip=True, warc_version="1.1")
        self._write_warcinfo()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Where closing fails, as on a full disk, the open file stays for the next run to recover.
        self._file.close()
        if not self._entries:
            self._open.unlink()
            return
        with self._open.open("r+b") as file:
            # A capture that could not be written to its end leaves a piece of itself behind.
            file.truncate(self._entries[-1].offset + self._entries[-1].length)
            os.fsync(file.fileno())
        _seal(self._open, self._closed)
        self._open.rename(self._closed)
        _sync_folder(self._closed.parent)
        _add_to_index(self._corpus, self._entries)

    def add(self, response: Response, notes: Mapping[str, str] | None = None) -> Added:
        """Writes the response under its final URL, or a revisit record where its payload is there already; `notes`
        are further headers of the record."""
        digest = payload_digest(response.raw)
        before = self._payloads[response.url]
        state: State = "unchanged" if digest in before else "changed" if before else "new"
        original = self._original(digest)
        record = self._revisit(response, original) if original else self._response(response)
        for name, value in (notes or {}).items():
            record.rec_headers.add_header(name, value)
        return Added(self._write(response, record, digest, revisit=bool(original)), state)

    def add_not_modified(self, response: Response) -> Added | None:
        """Writes that the server said (304) that the page is as when it was last archived; None, and nothing is
        written, where that capture cannot be read any more. What else the server said is left out: pywb would answer
        with that 304, which shows nobody the page."""
        last = self._last.get(response.url)
        original = self._original(last.digest) if last else None
        if original is None:
            return None
        record = self._revisit(response, original, told=False)
        record.rec_headers.replace_header("WARC-Profile", NOT_MODIFIED)
        return Added(self._write(response, record, original.digest, revisit=True), "unchanged")

    def _write(self, response: Response, record: Any, digest: str, *, revisit: bool) -> CaptureRef:
        if response.request_headers:
            self._writer.write_record(self._request(response))
        offset = self._file.tell()
        self._writer.write_record(record)
        if self._at_once:
            self._file.flush()
            os.fsync(self._file.fileno())
        entry = Entry(
            url=response.url,
            timestamp=_digits(response.fetched_at),
            mime=REVISIT if revisit else mime(response.content_type),
            status=response.status,
            digest=digest,
            length=self._file.tell() - offset,
            offset=offset,
            filename=_relative(self._corpus, self._closed),
        )
        self._entries.append(entry)
        self._remember(entry)
        return entry.ref

    @property
    def file(self) -> str:
        """The name that the file has once it is closed, relative to the corpus."""
        return _relative(self._corpus, self._closed)

    @property
    def former(self) -> tuple[Entry, ...]:
        """What earlier runs archived of the source, in the order of time."""
        return self._former

    def last_fetched(self, url: str) -> str | None:
        """When the URL was last archived, by this run or an earlier one; ISO 8601."""
        last = self._last.get(url)
        return last.fetched_at if last else None

    def last_capture(self, url: str) -> Capture | None:
        """The URL as it was last archived by an earlier run, None where it was not or cannot be read."""
        last = self._last.get(url)
        if last is None or last.filename == self.file:
            return None
        try:
            return Archive(self._corpus, self._former).read(last.ref)
        except ArchiveError:
            return None

    def holds(self, response: Response) -> bool:
        """Whether the URL had this payload before."""
        return payload_digest(response.raw) in self._payloads.get(response.url, ())

    def has(self, url: str, timestamp: str, digest: str) -> bool:
        """Whether there is this very capture; the timestamp has 14 digits."""
        return (url, timestamp, digest) in self._captures

    def _original(self, digest: str) -> Entry | None:
        """The first capture of the payload, if it can still be read: what is lost is stored again."""
        known = self._digests.get(digest)
        if known is None or known.filename == _relative(self._corpus, self._closed):
            return known
        try:
            _read_record(self._corpus, known.ref)
        except ArchiveError:
            del self._digests[digest]
            return None
        return known

    def _remember(self, entry: Entry) -> None:
        if not entry.revisit:
            self._digests.setdefault(entry.digest, entry)
        self._payloads[entry.url].add(entry.digest)
        self._captures.add((entry.url, entry.timestamp, entry.digest))
        last = self._last.get(entry.url)
        if last is None or last.timestamp <= entry.timestamp:
            self._last[entry.url] = entry

    def _write_warcinfo(self) -> None:
        about = {"software": "cchc", "format": "WARC File Format 1.1", "isPartOf": self._source, "run": self._run}
        self._writer.write_record(self._writer.create_warcinfo_record(self._closed.name, about))

    def _request(self, response: Response) -> Any:
        parts = urlsplit(response.url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        headers = StatusAndHeaders(f"GET {target} HTTP/1.1", list(response.request_headers), is_http_request=True)
        return self._record(response, "request", b"", headers)

    def _response(self, response: Response) -> Any:
        return self._record(response, "response", response.raw, _http_headers(response))

    def _revisit(self, response: Response, original: Entry, *, told: bool = True) -> Any:
        """A record that refers to the original, with the headers that came where they are `told`."""
        return self._writer.create_revisit_record(
            response.url,
            digest=original.digest,
            refers_to_uri=original.url,
            refers_to_date=original.fetched_at,
            http_headers=_http_headers(response) if told else None,
            warc_headers_dict=_warc_headers(response),
        )

    def _record(self, response: Response, kind: str, payload: bytes, headers: StatusAndHeaders) -> Any:
        return self._writer.create_warc_record(
            response.url,
            kind,
            payload=BytesIO(payload),
            length=len(payload),
            http_headers=headers,
            warc_headers_dict=_warc_headers(response),
        )


@dataclass(frozen=True)
class Archive:
    """The archive as it was when it was loaded, in a folder or at an address: entries by source, time, URL and offset;
    `listed` are the files that the index knows."""

    corpus: Place
    entries: tuple[Entry, ...]
    listed: frozenset[str] = frozenset()

    @classmethod
    def load(
        cls, corpus: Place, damaged: Callable[[ArchiveError], None] | None = None, source: str | None = None
    ) -> Archive:
        """The archive, or a source's part of it, by its index; closed files that it does not list are read for what
        they hold. What is wrong with a file is raised, or given to `damaged`, and what can be read of the file stays
        in."""
        report = damaged or _raised
        try:
            entries = read_index(corpus, source)
        except ArchiveError as error:
            report(error)
            entries = []
        listed = frozenset(entry.filename for entry in entries)
        for name in places.matching(corpus, source or "*", CLOSED):
            if name not in listed:
                entries.extend(_scanned(corpus, name, report))
        ordered = sorted(entries, key=lambda e: (e.source, e.timestamp, e.url, e.offset, e.filename))
        return cls(corpus, tuple(ordered), listed)

    def captures(
        self, *, revisits: bool = True, damaged: Callable[[ArchiveError], None] | None = None
    ) -> Iterator[Capture]:
        """Every capture in the order of `entries`. A revisit is a capture of its own, with its own `ref` and time
        and the payload of the original; without `revisits` each payload of a URL comes once, when it was first
        seen. A damaged file is told once, a damaged record as often as there are such; the rest still comes."""
        report = damaged or _raised
        for problem in self.file_problems():
            report(problem)
        there = places.files(self.corpus, {entry.filename for entry in self.entries})
        seen: set[tuple[str, str]] = set()
        for entry in self.entries:
            file = there.get(entry.filename)
            if file is None or entry.offset + entry.length > file.size:
                continue  # told above, once for the file
            if not revisits and (entry.url, entry.digest) in seen:
                continue
            seen.add((entry.url, entry.digest))
            try:
                yield self.read(entry.ref)
            except ArchiveError as error:
                report(error)

    def read(self, ref: CaptureRef) -> Capture:
        """The capture at the address, its digest checked. Raises ArchiveError."""
        record = _read_record(self.corpus, ref)
        original = self._original(ref, record) if record.kind == "revisit" else record
        # A server that says that nothing was modified says nothing else.
        head = original if record.status == 304 else record
        try:
            payload = decode(original.payload, head.http_header("Content-Encoding"), MAX_PAYLOAD)
        except (BrokenEncoding, DecodedTooLarge) as error:
            remedy = "The record is intact but its payload is of no use"
            raise ArchiveError(ref.warc, str(error), remedy, ref.offset) from error
        return Capture(
            ref=ref,
            source=ref.warc.partition("/")[0],
            url=record.url,
            fetched_at=record.fetched_at,
            status=head.status,
            content_type=head.http_header("Content-Type"),
            payload=payload,
        )

    def file_problems(self) -> Iterator[ArchiveError]:
        """What is wrong with listed files as a whole: missing, cut short, longer than what the index knows. For
        others nobody wrote down how long they are; `load` tells where they cannot be read to the end."""
        by_file: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.filename in self.listed:
                by_file[entry.filename].append(entry)
        there = places.files(self.corpus, by_file)
        for name, entries in sorted(by_file.items()):
            problem = _file_problem(there.get(name), name, [entry.offset + entry.length for entry in entries])
            if problem is not None:
                yield problem

    def marks(self) -> dict[str, str]:
        """For each file that is there what changes when it is replaced, so that what was read of it is known by it."""
        return {name: file.mark for name, file in places.files(self.corpus, {e.filename for e in self.entries}).items()}

    def originals(self, digest: str) -> Sequence[Entry]:
        """The responses that hold this payload: what a revisit of the digest may refer to."""
        return self._originals.get(digest, ())

    def _original(self, ref: CaptureRef, revisit: _Record) -> _Record:
        same = self.originals(ref.digest)
        meant = [e for e in same if e.url == revisit.refers_to and e.fetched_at == revisit.refers_to_date]
        found = next(iter(meant or same), None)
        if found is None:
            cause = f"it refers to {revisit.refers_to} of {revisit.refers_to_date}, which is not in the archive"
            raise ArchiveError(ref.warc, cause, "Restore the file that holds it", ref.offset)
        return _read_record(self.corpus, found.ref)

    @cached_property
    def _originals(self) -> dict[str, list[Entry]]:
        originals: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if not entry.revisit:
                originals[entry.digest].append(entry)
        return originals


def captures(
    corpus: Place, *, revisits: bool = True, damaged: Callable[[ArchiveError], None] | None = None
) -> Iterator[Capture]:
    """All captures of the corpus, as `Archive.captures` gives them; none where there is no corpus."""
    return Archive.load(corpus, damaged).captures(revisits=revisits, damaged=damaged)


def read(corpus: Place, ref: CaptureRef) -> Capture:
    """One capture by its address, its digest checked. Raises ArchiveError."""
    return Archive.load(corpus, _kept_quiet).read(ref)


def check(corpus: Place) -> list[ArchiveError]:
    """Everything that is wrong, each thing once: each file's length, each record's gzip end, checksum, length and
    digest of its block, each capture's digest, each revisit's original, and whether index and file hold the same
    captures, and each file's own checksum. Reads the whole archive three times."""
    found: list[ArchiveError] = []
    archive = Archive.load(corpus, found.append)
    for _capture in archive.captures(damaged=found.append):
        pass
    for name in sorted(places.files(corpus, archive.listed)):
        # Requests and warcinfo are no captures, but a file is sound only as a whole.
        before = len(found)
        scanned = set(_scanned(corpus, name, found.append, thorough=True))
        indexed = {entry for entry in archive.entries if entry.filename == name}
        if len(found) == before and scanned != indexed:
            cause = f"the index lists {len(indexed)} captures of it and it holds {len(scanned)}, "
            cause += f"{len(scanned & indexed)} of them as listed"
            found.append(ArchiveError(name, cause, "Run `cchc archive reindex`"))
        if all(error.file != name for error in found) and (problem := _seal_problem(corpus, name)):
            found.append(problem)
    known: dict[tuple[str, int | None], ArchiveError] = {}
    cut = {error.file for error in found if error.offset is None}
    for error in found:
        if error.offset is None or error.file not in cut:
            known.setdefault((error.file, error.offset), error)
    return list(known.values())


def reindex(corpus: Path, damaged: Callable[[ArchiveError], None] | None = None) -> int:
    """Writes the index anew from the closed files; returns the number of captures. What is wrong with a file is
    raised before anything is written, or given to `damaged`."""
    report = damaged or _raised
    entries = [e for name in places.matching(corpus, "*", CLOSED) for e in _scanned(corpus, name, report)]
    with _index_lock(corpus):
        _write_index(corpus, entries)
    return len(entries)


def find(corpus: Place, url: str) -> list[Entry]:
    """The captures of a URL, whatever its scheme and www, in the order of time; with a final `*`, of all URLs that
    begin so. Raises ArchiveError."""
    key = surt(url.removesuffix("*")) if "://" in url else surt(f"https://{url.removesuffix('*')}")
    entries = Archive.load(corpus, _kept_quiet).entries
    if url.endswith("*"):
        matching = [entry for entry in entries if surt(entry.url).startswith(key.removesuffix(")/"))]
    else:
        matching = [entry for entry in entries if surt(entry.url) == key]
    return sorted(matching, key=lambda entry: (entry.timestamp, entry.filename, entry.offset))


def at(entries: Iterable[Entry], moment: str | None) -> Entry | None:
    """Of captures of one URL the last one up to the moment, else the first one after it; without a moment the last.
    The moment begins like `2020-11-21T08:15:00Z` or `20201121081500`: a day is meant to its end."""
    ordered = sorted(entries, key=lambda entry: entry.timestamp)
    if moment is None:
        return ordered[-1] if ordered else None
    digits = _digits(moment)
    before = [entry for entry in ordered if entry.timestamp[: len(digits)] <= digits]
    return before[-1] if before else next(iter(ordered), None)


def unfinished(corpus: Place) -> list[str]:
    """The files that a run has open, or that one that was killed left behind."""
    return places.matching(corpus, "*", f"{CLOSED}{OPEN}")


def recover(corpus: Path, source: str) -> tuple[str, ...]:
    """Closes the files that a killed run left open: complete captures are kept and indexed, an incomplete end is
    cut off. Returns the names of the files kept. The caller holds the lock of the run."""
    kept: list[str] = []
    for file in sorted((corpus / source).glob(f"*{CLOSED}{OPEN}")):
        name = _relative(corpus, file).removesuffix(OPEN)
        # Damage is expected here: it is the record that was being written.
        entries = list(_scanned(corpus, _relative(corpus, file), _kept_quiet))
        if not entries:
            file.unlink()
            continue
        with file.open("r+b") as opened:
            opened.truncate(max(entry.offset + entry.length for entry in entries))
            os.fsync(opened.fileno())
        _seal(file, corpus / name)
        file.rename(corpus / name)
        _sync_folder(file.parent)
        _add_to_index(corpus, [_renamed(entry, name) for entry in entries])
        kept.append(name)
    return tuple(kept)


def read_index(corpus: Place, source: str | None = None) -> list[Entry]:
    """The entries of the index, or those of a source; none where there is none. Raises ArchiveError."""
    try:
        index = places.whole(corpus, INDEX)
    except FileNotFoundError:
        return []
    entries = []
    # Telling a source's lines before they are parsed makes a crawl of hundreds of sources a hundred times cheaper.
    mark = f'"filename": "{source}/' if source else ""
    with TextIOWrapper(index, encoding="utf-8", newline="\n") as lines:
        try:
            for number, line in enumerate(lines, 1):  # noqa: B007 - it names the line that fails
                if mark in line:
                    entries.append(_entry(line.rstrip("\n")))
        except (ValueError, KeyError) as error:
            cause = f"line {number} is not a line of CDXJ ({error})"
            raise ArchiveError(INDEX, cause, "Run `cchc archive reindex` to write it anew") from error
    return entries


def payload_digest(payload: bytes) -> str:
    """`sha1:` and the SHA-1 in base 32, as WARC files have it; it finds damage and doubles, it proves nothing."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()


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


@dataclass(frozen=True, slots=True)
class _Record:
    """A response or revisit record, taken apart; `payload` as sent."""

    kind: str
    url: str
    fetched_at: str
    status: int
    headers: tuple[tuple[str, str], ...]
    digest: str
    refers_to: str
    refers_to_date: str
    payload: bytes

    def http_header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def _read_record(corpus: Place, ref: CaptureRef) -> _Record:
    restore = "Restore the file from a copy; its other records can still be read"
    try:
        member = places.read_range(corpus, ref.warc, ref.offset, ref.length)
    except (OSError, PlaceError) as error:
        raise ArchiveError(ref.warc, f"cannot be read ({error})", "Restore it or its permissions") from error
    try:
        plain, rest = _member(member)
        record = _taken_apart(plain or b"")
    except (zlib.error, OSError) as error:
        raise ArchiveError(ref.warc, f"the record is damaged ({error})", restore, ref.offset) from error
    if plain is None or rest:
        raise ArchiveError(ref.warc, "the record does not end where it should", restore, ref.offset)
    if record is None:
        raise ArchiveError(ref.warc, "there is no capture here", "Run `cchc archive reindex`", ref.offset)
    found = record.digest if record.kind == "revisit" else payload_digest(record.payload)
    if found != ref.digest:
        cause = f"the payload's digest is {found}, not {ref.digest}"
        raise ArchiveError(ref.warc, cause, restore, ref.offset)
    return record


def _member(compressed: bytes) -> tuple[bytes | None, bytes]:
    """The first gzip member's content, None where it is not complete, and the bytes after it. Raises zlib.error
    where bytes are wrong or the checksum is."""
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    plain = inflater.decompress(compressed)
    return (plain if inflater.eof else None), inflater.unused_data


def _taken_apart(plain: bytes) -> _Record | None:
    """The record in these bytes if it is a capture, else None. Raises OSError where they are no WARC record."""
    record: WarcRecord | None = next(iter(ArchiveIterator(BytesIO(plain), parse_http=True)), None)
    if record is None or int(record.record_type) not in _KINDS or not record.is_http_parsed:
        return None
    get = record.headers.get
    # It is recorded without its own headers, as programs that replay it take it for what it is to show otherwise.
    unsaid = 304 if get("WARC-Profile") == NOT_MODIFIED else 0
    return _Record(
        kind=_KINDS[int(record.record_type)],
        url=get("WARC-Target-URI") or "",
        fetched_at=get("WARC-Date") or "",
        status=record.http_headers.status_code or unsaid,
        headers=record.http_headers.to_tuples(),
        digest=get("WARC-Payload-Digest") or "",
        refers_to=get("WARC-Refers-To-Target-URI") or "",
        refers_to_date=get("WARC-Refers-To-Date") or "",
        payload=record.reader.read(),
    )


def _scanned(
    corpus: Place, name: str, report: Callable[[ArchiveError], None], *, thorough: bool = False
) -> Iterator[Entry]:
    """The entries of a file, read record by record up to its end or to the first damage, which is reported; if
    `thorough` every record's length and digest of its block is checked too."""
    remedy = "Restore the file from a copy; what comes before this place can be read"
    with places.opened(corpus, name) as file:
        rest, offset, first = b"", 0, b""
        while True:
            try:
                plain, length, rest = _next_member(file, rest)
                record = _taken_apart(plain or b"")
                if thorough and plain and (problem := _block_problem(plain)):
                    report(ArchiveError(name, problem, remedy, offset))
                # The first bytes of a member are the only ones that its checksum leaves out; one writer writes the
                # same ones each time.
                head = _head(file, offset) if thorough and length else first
                first = first or head
                if head != first:
                    report(
                        ArchiveError(name, "the gzip header is not that of the file's other records", remedy, offset)
                    )
            except (zlib.error, OSError) as error:
                return report(ArchiveError(name, f"the record is damaged ({error})", remedy, offset))
            if length == 0:
                return None
            if plain is None:
                return report(ArchiveError(name, "the file ends within a record", remedy, offset))
            if record is not None:
                yield _entry_of(record, name, offset, length)
            offset += length


def _head(file: IO[bytes], offset: int) -> bytes:
    """The first bytes of the record there; the file is read on from where it was."""
    here = file.tell()
    file.seek(offset)
    head = file.read(_GZIP_HEAD)
    file.seek(here)
    return head


def _block_problem(plain: bytes) -> str | None:
    """What is wrong with the bytes of a record against what its header says of them."""
    head, _, rest = plain.partition(b"\r\n\r\n")
    told = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
    }
    length = int(told.get(b"content-length", b"-1"))
    if length < 0 or len(rest) != length + len(b"\r\n\r\n"):
        return f"the record holds {len(rest) - 4:,} bytes and announces {length:,}"
    digest = told.get(b"warc-block-digest", b"").decode("ascii", "replace")
    if digest.startswith("sha1:") and digest != (found := payload_digest(rest[:length])):
        return f"the digest of the record's block is {found}, not {digest}"
    return None


def _next_member(file: IO[bytes], buffered: bytes) -> tuple[bytes | None, int, bytes]:
    """The next gzip member's content (None where the file ends within it), its length in the file (0 at the end)
    and the bytes read beyond it. Raises zlib.error."""
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    plain, length, chunk = bytearray(), 0, buffered or file.read(1 << 16)
    while chunk:
        plain += inflater.decompress(chunk)
        length += len(chunk) - len(inflater.unused_data)
        if inflater.eof:
            return bytes(plain), length, inflater.unused_data
        chunk = file.read(1 << 16)
    return None, length, b""


def _entry_of(record: _Record, name: str, offset: int, length: int) -> Entry:
    revisit = record.kind == "revisit"
    return Entry(
        url=record.url,
        timestamp=_digits(record.fetched_at),
        mime=REVISIT if revisit else mime(record.http_header("Content-Type")),
        status=record.status,
        digest=record.digest if revisit else record.digest or payload_digest(record.payload),
        length=length,
        offset=offset,
        filename=name,
    )


def _entry(line: str) -> Entry:
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


def _renamed(entry: Entry, name: str) -> Entry:
    return Entry(entry.url, entry.timestamp, entry.mime, entry.status, entry.digest, entry.length, entry.offset, name)


def _file_problem(file: File | None, name: str, ends: list[int]) -> ArchiveError | None:
    if file is None:
        remedy = "Restore it, or run `cchc archive reindex` to forget it"
        return ArchiveError(name, f"the index lists {len(ends)} captures in it but it is not there", remedy)
    size, end = file.size, max(ends)
    if size < end:
        lost = sum(one > size for one in ends)
        remedy = "Restore it from a copy; what comes before the cut can still be read"
        cause = f"it is cut short, {size:,} bytes of {end:,}; {lost} of {len(ends)} captures are lost"
        return ArchiveError(name, cause, remedy)
    if size > end:
        remedy = "Closed files are never appended to: restore it, or run `cchc archive reindex` if it was replaced"
        return ArchiveError(name, f"it has {size - end:,} bytes more than the index knows", remedy)
    return None


def _seal(written: Path, closed: Path) -> None:
    """Writes down the checksum of a file that is about to be closed, in the form of sha256sum: the bits that fill the
    last byte of a gzip member are the only ones that nothing else would miss."""
    line = f"{_sha256(written)}  {closed.name}\n".encode()
    seal = closed.with_name(closed.name + SEAL)
    with seal.open("wb") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _seal_problem(corpus: Place, name: str) -> ArchiveError | None:
    seal = name.rpartition("/")[2] + SEAL
    try:
        told = (corpus / f"{name}{SEAL}").read_bytes().decode("ascii", "replace")
    except FileNotFoundError:
        return None  # files from elsewhere may have none
    with places.opened(corpus, name) as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    if told.split()[:1] == [found]:
        return None
    remedy = f"Restore it from a copy; where it was replaced on purpose remove {seal}"
    return ArchiveError(name, f"its SHA-256 is not the one in {seal}", remedy)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _add_to_index(corpus: Path, entries: Iterable[Entry]) -> None:
    """Adds the entries to the lines that there are, which are not read again: they may be millions."""
    with _index_lock(corpus):
        file = corpus / INDEX
        there = file.read_bytes().splitlines() if file.exists() else []
        _write_index(corpus, entries, there)


def _write_index(corpus: Path, entries: Iterable[Entry], there: Iterable[bytes] = ()) -> None:
    """Replaces the index in one step; lines in the order of their bytes, as searching in it needs."""
    lines = sorted({*there, *(entry.line().encode() for entry in entries)})
    fresh = corpus / f"{INDEX}.new"
    with fresh.open("wb") as file:
        file.write(b"".join(line + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(corpus / INDEX)
    _sync_folder(corpus)


def _index_lock(corpus: Path) -> FileLock:
    corpus.mkdir(parents=True, exist_ok=True)
    # Sources are crawled at the same time and share one index.
    return FileLock(corpus / f".{INDEX}.lock")


def _relative(corpus: Path, file: Path) -> str:
    return file.relative_to(corpus).as_posix()


def _digits(iso: str) -> str:
    return re.sub(r"\D", "", iso)[:14]


def _warc_headers(response: Response) -> dict[str, str]:
    headers = {"WARC-Date": response.fetched_at}
    if response.asked != response.url:
        # The URL that was asked for and redirected here; no field of the standard says this.
        headers["X-Asked-For"] = response.asked
    if response.ip:
        headers["WARC-IP-Address"] = response.ip
    return headers


def _http_headers(response: Response) -> StatusAndHeaders:
    """The headers as sent. The transfer encoding is renamed as the body is stored without it."""
    headers = [
        (f"X-Archive-Orig-{name}" if name.lower() == "transfer-encoding" else name, value)
        for name, value in response.headers
    ]
    return StatusAndHeaders(f"{response.status} {response.reason}".strip(), headers, protocol=response.version)


def _raised(error: ArchiveError) -> None:
    raise error


def _kept_quiet(_error: ArchiveError) -> None:
    """For damage that is told elsewhere or expected."""


def _sync_folder(folder: Path) -> None:
    """A rename is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
