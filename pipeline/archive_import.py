"""Captures from elsewhere into the archive: WARC and WACZ files, of any size and at any fsspec address, and folders of
saved pages.

Only articles of declared sources are taken, by the form of their URL. A capture keeps its time, its headers and the
bytes of its payload; what was taken before is not taken again.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Annotated, Any
from urllib.parse import urlsplit

import fsspec
import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

from pipeline.archive import MAX_PAYLOAD, ArchiveWriter, payload_digest
from pipeline.errors import CchcError, UsageError
from pipeline.records import Issue
from scrapers.blocks import block_kind
from scrapers.bodies import BrokenEncoding, DecodedTooLarge, decode
from scrapers.response import Response
from scrapers.source import Source

Report = Callable[[Issue], None]

_WARCS = (".warc.gz", ".warc")
_PAGES = (".html", ".htm", ".txt")
_CHUNK = 1 << 20


class ImportFailedError(CchcError):
    """Something that was to be imported cannot be read at all."""


@checked(frozen=True, config=ConfigDict(extra="forbid"))
class Sidecar:
    """What `<file>.yml` says beside a saved page: where it was, and when it was saved (UTC, ISO 8601). A .txt may have
    its title (else its first line), author and day of publication here."""

    url: str
    fetched_at: datetime
    charset: str = "utf-8"
    title: str | None = None
    published_on: Annotated[str | None, Field(pattern=r"^\d{4}-\d\d-\d\d$")] = None
    author: str | None = None


@dataclass
class Imported:
    """What an import came to. `skipped` counts what was left out, by reason."""

    new: int = 0
    known: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A capture to be taken, and the headers that say where it comes from."""

    response: Response
    notes: Mapping[str, str]


def import_all(
    addresses: Sequence[str],
    corpus: Path,
    run: str,
    sources: Iterable[Source],
    report: Report,
    hosts: Sequence[str] = (),
) -> Imported:
    """Takes the sources' articles from all addresses; with `hosts` only those of hosts that end so.

    A file that is damaged is reported, and what comes before the damage is taken. Raises UsageError for an address of
    no known kind, ImportFailedError where one cannot be opened.
    """
    work = _Import(corpus, run, tuple(sources), tuple(host.lower().lstrip(".") for host in hosts), report)
    kinds = [(address, _reader(address)) for address in addresses]
    with ExitStack() as stack:
        for address, read in kinds:
            for candidate in read(address, work):
                work.take(candidate, stack)
    return work.done


@dataclass
class _Import:
    corpus: Path
    run: str
    sources: tuple[Source, ...]
    hosts: tuple[str, ...]
    report: Report
    done: Imported = field(default_factory=Imported)
    writers: dict[str, ArchiveWriter] = field(default_factory=dict)

    def wants(self, url: str) -> Source | None:
        """The source whose article the URL is, by its form."""
        try:
            host = (urlsplit(url).hostname or "").lower()
        except ValueError:
            return None
        if self.hosts and not any(host == suffix or host.endswith(f".{suffix}") for suffix in self.hosts):
            return None
        return next((source for source in self.sources if host in source.hosts and source.is_article(url)), None)

    def take(self, candidate: Candidate, stack: ExitStack) -> None:
        response = candidate.response
        source = self.wants(response.url)
        if source is None:
            self.done.skipped["no article of a source"] += 1
            return
        if kind := block_kind(response.status, response.body):
            self.done.skipped[f"block page ({kind})"] += 1
            return
        if source.name not in self.writers:
            writer = ArchiveWriter(self.corpus, source.name, self.run, at_once=False)
            self.writers[source.name] = stack.enter_context(writer)
        writer = self.writers[source.name]
        timestamp = re.sub(r"\D", "", response.fetched_at)[:14]
        if writer.has(response.url, timestamp, payload_digest(response.raw)):
            self.done.known += 1
            return
        writer.add(response, candidate.notes)
        self.done.new += 1
        self.done.sources[source.name] += 1

    def tell(self, code: str, address: str, message: str) -> None:
        self.report(Issue(code, "error", f"{address}: {message}", where=address))


_Read = Callable[[str, _Import], Iterator[Candidate]]


def _reader(address: str) -> _Read:
    """How to read what is there. Raises UsageError."""
    name = urlsplit(address).path if "://" in address else address
    if "://" not in address and Path(address).is_dir():
        return _saved_pages
    if name.endswith(".wacz"):
        return _wacz
    if name.endswith(_WARCS):
        return _warc
    raise UsageError(f"{address} is neither a .warc, .warc.gz or .wacz file nor a folder of saved pages")


def _opened(address: str) -> IO[bytes]:
    try:
        found: IO[bytes] = fsspec.open(address, "rb").open()
    except (OSError, ImportError, ValueError) as error:
        raise ImportFailedError(
            f"{address} cannot be opened ({error}): see that it is there and may be read"
        ) from error
    return found


# ------------------------------------------------------------------------------------------------------- WARC, WACZ


def _warc(address: str, work: _Import) -> Iterator[Candidate]:
    with _opened(address) as stream:
        yield from _records(stream, address, work)


def _wacz(address: str, work: _Import) -> Iterator[Candidate]:
    with _opened(address) as stream:
        try:
            package = zipfile.ZipFile(stream)
        except zipfile.BadZipFile as error:
            raise ImportFailedError(f"{address} is no WACZ file ({error}): get it again") from error
        with package:
            for name in _altered(package):
                work.tell("import.altered", f"{address}:{name}", "its bytes are not those that the package names")
            for name in package.namelist():
                if name.startswith("archive/") and name.endswith(_WARCS):
                    with package.open(name) as member:
                        yield from _records(member, f"{address}:{name}", work)


def _altered(package: zipfile.ZipFile) -> Iterator[str]:
    """The files whose SHA-256 is another than datapackage.json says."""
    try:
        resources = json.loads(package.read("datapackage.json"))["resources"]
        told = {resource["path"]: resource["hash"] for resource in resources}
    except (KeyError, ValueError, TypeError):
        yield "datapackage.json"
        return
    for name, wanted in told.items():
        digest = hashlib.sha256()
        try:
            with package.open(name) as member:
                while chunk := member.read(_CHUNK):
                    digest.update(chunk)
        except (KeyError, zipfile.BadZipFile, zlib.error):
            yield name
            continue
        if wanted != f"sha256:{digest.hexdigest()}":
            yield name


def _records(stream: IO[bytes], address: str, work: _Import) -> Iterator[Candidate]:
    """The wanted responses of a WARC file, one in memory at a time."""
    # Python's reader checks each member's end and checksum, which those of WARC libraries do not.
    plain = gzip.GzipFile(fileobj=stream) if address.endswith(".gz") else stream
    notes = {"X-Imported-From": PurePosixPath(address.rpartition(":archive/")[2] or address).name}
    guarded = _Guarded(plain)
    try:
        # fastwarc is faster, but it ends the process on a stream in which it cannot seek.
        for record in ArchiveIterator(guarded, no_record_parse=True):
            found = _wanted(record, work)
            if found is not None and not guarded.failure:
                yield Candidate(found, notes)
    except ArchiveLoadFailed as error:
        guarded.failure = guarded.failure or error
    if guarded.failure:
        message = f"it is damaged or cut short ({guarded.failure}); what comes before is taken"
        work.tell("import.damaged", address, message)


class _Guarded:
    """A stream that ends where it fails, and remembers why: what was read before the failure is of use."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile) -> None:
        self._stream = stream
        self.failure: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        if self.failure:
            return b""
        try:
            return self._stream.read(size)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            self.failure = error
            return b""


def _wanted(record: ArcWarcRecord, work: _Import) -> Response | None:
    """The record as the response of an article, None where it is none; most are told by URL and type alone."""
    told = record.rec_headers.get_header
    if record.rec_type == "revisit":
        work.done.skipped["revisit record"] += 1
    if record.rec_type != "response":
        return None
    url = str(told("WARC-Target-URI") or "").strip("<>")
    if reason := _reason_against(url, record, work):
        work.done.skipped[reason] += 1
        return None
    block = record.raw_stream.read()
    try:
        heads = StatusAndHeadersParser(["HTTP/1.0", "HTTP/1.1", "HTTP/2"], verify=False).parse(stream := BytesIO(block))
        response = _response(url, heads, stream.read(), told)
    except (EOFError, StatusAndHeadersParserException, ValueError):
        work.done.skipped["broken record"] += 1
        return None
    if len(block) != record.length or not 200 <= response.status < 300:
        work.done.skipped["no status of success" if len(block) == record.length else "broken record"] += 1
        return None
    return response


def _reason_against(url: str, record: ArcWarcRecord, work: _Import) -> str | None:
    if work.wants(url) is None:
        return "no article of a source"
    if record.rec_headers.get_header("WARC-Truncated"):
        return "cut short by its crawler"
    if not record.length or record.length > MAX_PAYLOAD:
        return "empty or too large"
    return None


def _response(url: str, heads: StatusAndHeaders, sent: bytes, told: Callable[[str], str | None]) -> Response:
    """Raises ValueError where status, time or payload is none."""
    headers = tuple((str(name), str(value)) for name, value in heads.headers)
    raw = _unchunked(sent, headers)
    encoding = next((value for name, value in headers if name.lower() == "content-encoding"), "")
    try:
        body = decode(raw, encoding, MAX_PAYLOAD)
    except (BrokenEncoding, DecodedTooLarge) as error:
        raise ValueError(str(error)) from error
    return Response(
        url=url,
        asked=url,
        status=int(heads.get_statuscode()),
        reason=str(heads.statusline).partition(" ")[2],
        version=str(heads.protocol),
        headers=headers,
        raw=raw,
        body=body,
        fetched_at=_to_second(told("WARC-Date") or ""),
        ip=told("WARC-IP-Address") or "",
        request_headers=(),
    )


def _unchunked(raw: bytes, headers: Iterable[tuple[str, str]]) -> bytes:
    """The body without its chunks; some crawlers keep the header of what they have taken off."""
    chunked = any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers)
    if not chunked or not _begins_chunked(raw):
        return raw
    reader = ChunkedDataReader(BytesIO(raw))
    return b"".join(iter(lambda: reader.read(_CHUNK), b""))


def _begins_chunked(raw: bytes) -> bool:
    # "1f40\r\n", "1F40;name=value\r\n"
    return re.match(rb"[0-9a-fA-F]{1,8}(?:;[^\r\n]*)?\r\n", raw) is not None


def _to_second(stamp: str) -> str:
    moment = datetime.fromisoformat(stamp)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# ------------------------------------------------------------------------------------------------------ saved pages


def _saved_pages(folder: str, work: _Import) -> Iterator[Candidate]:
    for file in sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in _PAGES):
        sidecar = file.with_name(f"{file.name}.yml")
        try:
            about = TypeAdapter(Sidecar).validate_python(yaml.safe_load(sidecar.read_text(encoding="utf-8")))
            payload = file.read_bytes()
            yield Candidate(_saved(file, payload, about), {"X-Imported-From": file.name})
        except FileNotFoundError:
            work.tell("import.no_sidecar", file.name, f"{sidecar.name} is missing: write its url and fetched_at there")
        except (ValidationError, yaml.YAMLError, UnicodeDecodeError, LookupError) as error:
            cause = "; ".join(str(error).splitlines())
            keys = ", ".join(Sidecar.__dataclass_fields__)
            work.tell("import.bad_sidecar", file.name, f"{sidecar.name} cannot be used ({cause}); its keys: {keys}")


def _saved(file: Path, payload: bytes, about: Sidecar) -> Response:
    if file.suffix.lower() == ".txt":
        payload, charset = _as_page(payload.decode(about.charset), about).encode(), "utf-8"
    else:
        charset = about.charset
    moment = about.fetched_at if about.fetched_at.tzinfo else about.fetched_at.replace(tzinfo=UTC)
    return Response(
        url=about.url,
        asked=about.url,
        status=200,
        reason="OK",
        version="HTTP/1.1",
        headers=(("Content-Type", f"text/html; charset={charset}"),),
        raw=payload,
        body=payload,
        fetched_at=moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ip="",
        request_headers=(),
    )


def _as_page(text: str, about: Sidecar) -> str:
    """Plain text as the page that says it: JSON-LD for machines, and the same to be seen."""
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    title = about.title or (lines.pop(0) if lines else "")
    # A headline is read as markup, in which "<" stands for itself only when escaped; a body is not.
    told: dict[str, Any] = {
        "@type": "NewsArticle",
        "headline": html.escape(title, quote=False),
        "articleBody": "\n".join(lines),
    }
    if about.published_on:
        told["datePublished"] = about.published_on
    if about.author:
        told["author"] = {"@type": "Person", "name": about.author}
    # "</script>" in a text would end the script.
    script = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    shown = "\n".join(f"<p>{html.escape(line)}</p>" for line in lines)
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title>'
    head += f'<script type="application/ld+json">{script}</script>'
    return f"<!DOCTYPE html><html><head>{head}</head><body><h1>{html.escape(title)}</h1>\n{shown}</body></html>\n"
