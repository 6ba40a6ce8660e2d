"""The files of the archive, `corpus/<source>/<run>.warc.gz`: their records, their ends and their checksums."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from zlib_ng import zlib_ng  # zlib's own interface and messages, in a third of the time

from pipeline import places
from pipeline.cdxj import REVISIT, ArchiveError, Entry, digits, mime
from pipeline.places import Place, PlaceError
from pipeline.records import Capture, CaptureRef
from scrapers.bodies import BrokenEncoding, DecodedTooLarge, decode

CLOSED = ".warc.gz"
OPEN = ".open"
SEAL = ".sha256"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
# Twice beyond what any limit of fetching lets in; holds against an encoded bomb in a file from elsewhere.
MAX_PAYLOAD = 100 * 1024 * 1024

_Broken: type[Exception] = zlib_ng.error  # type: ignore[assignment]  # its types have it for an instance

# Magic, method, flags, time, system.
_GZIP_HEAD = 10

# The flags are no dictionary keys by themselves.
_KINDS = {int(WarcRecordType.response): "response", int(WarcRecordType.revisit): "revisit"}


def payload_digest(payload: bytes) -> str:
    """`sha1:` and the SHA-1 in base 32, as WARC files have it; it finds damage and doubles, it proves nothing."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()


@dataclass(frozen=True, slots=True)
class Record:
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
        """The header's first value, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def read_capture(corpus: Place, ref: CaptureRef, originals: Callable[[str], Sequence[Entry]]) -> Capture:
    """The capture at the address, its digest checked; `originals` tells which responses hold a payload. Raises
    ArchiveError."""
    record = read_record(corpus, ref)
    original = _original(corpus, ref, record, originals(ref.digest)) if record.kind == "revisit" else record
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


def _original(corpus: Place, ref: CaptureRef, revisit: Record, same: Sequence[Entry]) -> Record:
    meant = [e for e in same if e.url == revisit.refers_to and e.fetched_at == revisit.refers_to_date]
    found = next(iter(meant or same), None)
    if found is None:
        cause = f"it refers to {revisit.refers_to} of {revisit.refers_to_date}, which is not in the archive"
        raise ArchiveError(ref.warc, cause, "Restore the file that holds it", ref.offset)
    return read_record(corpus, found.ref)


def read_record(corpus: Place, ref: CaptureRef) -> Record:
    """The record at the address, its digest checked. Raises ArchiveError."""
    restore = "Restore the file from a copy; its other records can still be read"
    try:
        member = places.read_range(corpus, ref.warc, ref.offset, ref.length)
    except (OSError, PlaceError) as error:
        raise ArchiveError(ref.warc, f"cannot be read ({error})", "Restore it or its permissions") from error
    try:
        plain, rest = _member(member)
        record = taken_apart(plain or b"")
    except (_Broken, OSError) as error:
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
    """The first gzip member's content, None where it is not complete, and the bytes after it. Raises _Broken
    where bytes are wrong or the checksum is."""
    inflater = zlib_ng.decompressobj(16 + zlib_ng.MAX_WBITS)
    plain = inflater.decompress(compressed)
    return (plain if inflater.eof else None), inflater.unused_data


def taken_apart(plain: bytes) -> Record | None:
    """The record in these bytes if it is a capture, else None. Raises OSError where they are no WARC record."""
    record: WarcRecord | None = next(iter(ArchiveIterator(BytesIO(plain), parse_http=True)), None)
    kind = _KINDS.get(int(record.record_type)) if record is not None else None
    if record is None or kind is None or not record.is_http_parsed:
        return None
    get = record.headers.get
    # It is recorded without its own headers, as programs that replay it take it for what it is to show otherwise.
    unsaid = 304 if get("WARC-Profile") == NOT_MODIFIED else 0
    return Record(
        kind=kind,
        url=get("WARC-Target-URI") or "",
        fetched_at=get("WARC-Date") or "",
        status=record.http_headers.status_code or unsaid,
        headers=record.http_headers.to_tuples(),
        digest=get("WARC-Payload-Digest") or "",
        refers_to=get("WARC-Refers-To-Target-URI") or "",
        refers_to_date=get("WARC-Refers-To-Date") or "",
        payload=record.reader.read(),
    )


def scanned(
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
                record = taken_apart(plain or b"")
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
            except (_Broken, OSError) as error:
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
    and the bytes read beyond it. Raises _Broken."""
    inflater = zlib_ng.decompressobj(16 + zlib_ng.MAX_WBITS)
    plain, length, chunk = bytearray(), 0, buffered or file.read(1 << 16)
    while chunk:
        plain += inflater.decompress(chunk)
        length += len(chunk) - len(inflater.unused_data)
        if inflater.eof:
            return bytes(plain), length, inflater.unused_data
        chunk = file.read(1 << 16)
    return None, length, b""


def _entry_of(record: Record, name: str, offset: int, length: int) -> Entry:
    revisit = record.kind == "revisit"
    return Entry(
        url=record.url,
        timestamp=digits(record.fetched_at),
        mime=REVISIT if revisit else mime(record.http_header("Content-Type")),
        status=record.status,
        digest=record.digest if revisit else record.digest or payload_digest(record.payload),
        length=length,
        offset=offset,
        filename=name,
    )


def seal(written: Path, closed: Path) -> None:
    """Writes down the checksum of a file that is about to be closed, in the form of sha256sum: the bits that fill the
    last byte of a gzip member are the only ones that nothing else would miss."""
    line = f"{_sha256(written)}  {closed.name}\n".encode()
    seal = closed.with_name(closed.name + SEAL)
    with seal.open("wb") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def seal_problem(corpus: Place, name: str) -> ArchiveError | None:
    seal = name.rpartition("/")[2] + SEAL
    try:
        told = (corpus / f"{name}{SEAL}").read_bytes().decode("ascii", "replace")
    except FileNotFoundError:
        return None  # files from elsewhere may have none
    with places.opened(corpus, name) as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any file opened for bytes will do
    if told.split()[:1] == [found]:
        return None
    remedy = f"Restore it from a copy; where it was replaced on purpose remove {seal}"
    return ArchiveError(name, f"its SHA-256 is not the one in {seal}", remedy)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def relative(corpus: Path, file: Path) -> str:
    """The file's name as the index has it."""
    return file.relative_to(corpus).as_posix()


def raise_it(error: ArchiveError) -> None:
    """For damage that nobody else is told of."""
    raise error


def keep_quiet(_error: ArchiveError) -> None:
    """For damage that is told elsewhere or expected."""
