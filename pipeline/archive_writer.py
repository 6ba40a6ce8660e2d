"""Writing to the archive: one run's captures of one source, in a file that is open until it is complete."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Literal, Self
from urllib.parse import urlsplit

from pipeline import places
from pipeline.cdxj import REVISIT, ArchiveError, Entry, add_to_index, digits, entries_of, mime, sync_folder
from pipeline.ledger import Ledger
from pipeline.records import Capture, CaptureRef
from pipeline.warc import (
    CLOSED,
    NOT_MODIFIED,
    OPEN,
    keep_quiet,
    payload_digest,
    read_capture,
    read_record,
    relative,
    scanned,
    seal,
)
from scrapers.response import Response

if TYPE_CHECKING:
    from warcio.statusandheaders import StatusAndHeaders

State = Literal["new", "changed", "unchanged"]


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
        self._known = Ledger()
        self.recovered: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        from warcio.warcwriter import WARCWriter  # it takes its time, and who only reads needs none

        self._closed.parent.mkdir(parents=True, exist_ok=True)
        self.recovered = recover(self._corpus, self._source)
        if self._closed.exists():
            raise ArchiveError(self.file, "this run is archived already", "Start a run with an id of its own")
        self._learn()
        self._file: IO[bytes] = self._open.open("xb")
        self._writer = WARCWriter(self._file, gzip=True, warc_version="1.1")
        self._write_warcinfo()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Where closing fails, as on a full disk, the open file stays for the next run to recover.
        self._file.close()
        end = self._known.end(self.file)
        if not end:
            self._open.unlink()
            return self._known.close()
        with self._open.open("r+b") as file:
            # A capture that could not be written to its end leaves a piece of itself behind.
            file.truncate(end)
            os.fsync(file.fileno())
        seal(self._open, self._closed)
        self._open.rename(self._closed)
        sync_folder(self._closed.parent)
        add_to_index(self._corpus, self._known.lines(self.file))
        return self._known.close()

    def _learn(self) -> None:
        """Takes over what earlier runs archived. Damage there is for `check` and for readers to tell; it must not keep
        new pages from being archived."""
        try:
            self._known.add(entries_of(self._corpus, self._source))
        except ArchiveError:
            self._known.close()
            self._known = Ledger()
        listed = self._known.files()
        for name in places.matching(self._corpus, self._source, CLOSED):
            if name not in listed:
                # A run that was killed between closing its file and writing the index, or the index is lost.
                self._known.add(scanned(self._corpus, name, keep_quiet))
                add_to_index(self._corpus, self._known.lines(name))

    def add(self, response: Response, notes: Mapping[str, str] | None = None) -> Added:
        """Writes the response under its final URL, or a revisit record where its payload is there already; `notes`
        are further headers of the record."""
        digest = payload_digest(response.raw)
        before = self._known.payloads(response.url)
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
        last = self._known.of_url(response.url)
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
            timestamp=digits(response.fetched_at),
            mime=REVISIT if revisit else mime(response.content_type),
            status=response.status,
            digest=digest,
            length=self._file.tell() - offset,
            offset=offset,
            filename=self.file,
        )
        self._known.add([entry])
        return entry.ref

    @property
    def file(self) -> str:
        """The name that the file has once it is closed, relative to the corpus."""
        return relative(self._corpus, self._closed)

    def former(self) -> Iterator[Entry]:
        """What earlier runs archived of the source, in the order of time."""
        return (entry for entry in self._known.entries() if entry.filename != self.file)

    def last_fetched(self, url: str) -> str | None:
        """When the URL was last archived, by this run or an earlier one; ISO 8601."""
        last = self._known.of_url(url)
        return last.fetched_at if last else None

    def last_capture(self, url: str) -> Capture | None:
        """The URL as it was last archived by an earlier run, None where it was not or cannot be read."""
        last = self._known.of_url(url)
        if last is None or last.filename == self.file:
            return None
        try:
            return read_capture(self._corpus, last.ref, self._known.originals)
        except ArchiveError:
            return None

    def holds(self, response: Response) -> bool:
        """Whether the URL had this payload before."""
        return payload_digest(response.raw) in self._known.payloads(response.url)

    def has(self, url: str, timestamp: str, digest: str) -> bool:
        """Whether there is this very capture; the timestamp has 14 digits."""
        return self._known.has(url, timestamp, digest)

    def _original(self, digest: str) -> Entry | None:
        """The first capture of the payload that can still be read: what is lost is stored again."""
        for known in self._known.originals(digest):
            if known.filename == self.file:
                return known
            try:
                read_record(self._corpus, known.ref)
            except ArchiveError:
                self._known.lost(known)
            else:
                return known
        return None

    def _write_warcinfo(self) -> None:
        about = {"software": "cchc", "format": "WARC File Format 1.1", "isPartOf": self._source, "run": self._run}
        self._writer.write_record(self._writer.create_warcinfo_record(self._closed.name, about))

    def _request(self, response: Response) -> Any:
        from warcio.statusandheaders import StatusAndHeaders

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


def recover(corpus: Path, source: str) -> tuple[str, ...]:
    """Closes the files that a killed run left open: complete captures are kept and indexed, an incomplete end is
    cut off. Returns the names of the files kept. The caller holds the lock of the run."""
    kept: list[str] = []
    for file in sorted((corpus / source).glob(f"*{CLOSED}{OPEN}")):
        name = relative(corpus, file).removesuffix(OPEN)
        # Damage is expected here: it is the record that was being written.
        entries = [replace(one, filename=name) for one in scanned(corpus, relative(corpus, file), keep_quiet)]
        if not entries:
            file.unlink()
            continue
        with file.open("r+b") as opened:
            opened.truncate(max(entry.offset + entry.length for entry in entries))
            os.fsync(opened.fileno())
        seal(file, corpus / name)
        file.rename(corpus / name)
        sync_folder(file.parent)
        add_to_index(corpus, sorted(entry.line().encode() for entry in entries))
        kept.append(name)
    return tuple(kept)


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
    from warcio.statusandheaders import StatusAndHeaders

    headers = [
        (f"X-Archive-Orig-{name}" if name.lower() == "transfer-encoding" else name, value)
        for name, value in response.headers
    ]
    return StatusAndHeaders(f"{response.status} {response.reason}".strip(), headers, protocol=response.version)
