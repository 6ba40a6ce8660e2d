"""The archive as one WACZ file (Web Archive Collection Zipped, 1.1.1), for players and for passing on."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from pipeline.archive import Archive, ArchiveError, Entry
from pipeline.errors import CchcError

_CHUNK = 1 << 20


class ExportError(CchcError):
    """There is nothing to export, or what there is cannot be."""


def export(corpus: Path, target: Path, sources: Collection[str] = (), now: datetime | None = None) -> int:
    """Writes the sources' part of the archive (all where none is named) as one file; returns the number of captures.

    WARC files go in as they are, not compressed again, with an index over them, a list of pages, and a checksum of
    each part. The file takes its place when it is complete. Raises ArchiveError, ExportError.
    """
    entries = [entry for entry in Archive.load(corpus).entries if not sources or entry.source in sources]
    if not entries:
        raise ExportError(f"{corpus} holds no captures of {', '.join(sources) or 'any source'}: nothing is exported")
    part = target.with_name(f".{target.name}.part")
    resources: list[dict[str, Any]] = []
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as package:
        for name in sorted({entry.filename for entry in entries}):
            resources.append(_add_file(package, f"archive/{_flat(name)}", corpus / name))
        index = "".join(sorted(f"{_renamed(entry).line()}\n" for entry in entries))
        resources.append(_add(package, "indexes/index.cdx.gz", gzip.compress(index.encode(), mtime=0)))
        resources.append(_add(package, "pages/pages.jsonl", "".join(_pages(entries)).encode()))
        about = json.dumps(_package(resources, now or datetime.now(UTC)), ensure_ascii=False, indent=2).encode()
        package.writestr("datapackage.json", about)
        digest = {"path": "datapackage.json", "hash": _sha256(about)}
        package.writestr("datapackage-digest.json", json.dumps(digest, indent=2))
    part.replace(target)
    return len(entries)


def _package(resources: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    return {
        "profile": "data-package",
        "title": "cchc",
        "wacz_version": "1.1.1",
        "software": f"cchc {metadata.version('cchc')}",
        "created": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resources": resources,
    }


def _pages(entries: Iterable[Entry]) -> Iterable[str]:
    yield json.dumps({"format": "json-pages-1.0", "id": "pages", "title": "All pages"}) + "\n"
    for entry in entries:
        if not entry.revisit:
            # An id of its own is what validators miss first.
            page = {"id": f"{entry.timestamp}-{entry.digest[-12:]}", "url": entry.url, "ts": entry.fetched_at}
            yield json.dumps(page, ensure_ascii=False) + "\n"


def _flat(name: str) -> str:
    """A file's name in a package, where all lie in one folder."""
    return name.replace("/", "-")


def _renamed(entry: Entry) -> Entry:
    return Entry(
        entry.url, entry.timestamp, entry.mime, entry.status, entry.digest, entry.length, entry.offset,
        _flat(entry.filename),
    )  # fmt: skip


def _add(package: zipfile.ZipFile, path: str, content: bytes) -> dict[str, Any]:
    package.writestr(path, content)
    return {"name": path.rpartition("/")[2], "path": path, "hash": _sha256(content), "bytes": len(content)}


def _add_file(package: zipfile.ZipFile, path: str, file: Path) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    try:
        with file.open("rb") as opened, package.open(path, "w", force_zip64=True) as member:
            while chunk := opened.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                member.write(chunk)
    except OSError as error:
        raise ArchiveError(str(file), f"cannot be read ({error})", "Run `cchc archive check`") from error
    return {"name": path.rpartition("/")[2], "path": path, "hash": f"sha256:{digest.hexdigest()}", "bytes": size}


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
