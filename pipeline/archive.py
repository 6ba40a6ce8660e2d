"""The archive of pages as served; with its parts the only module that knows the format of
`corpus/`: `cdxj.py` for the index, `warc.py` for the files, `archive_writer.py` for writing them.

`corpus/<source>/<run>.warc.gz` holds what one run fetched from one source: WARC/1.1, one gzip member a record, a
warcinfo record and then for each capture its request and its response. A payload that is already in the source's
part of the archive is written as a revisit record (profile identical-payload-digest) that refers to the first
capture; what a server says not to have modified (304), as one of profile server-not-modified and without headers, so
that it is replayed as the page that it stands for. A file is written under the name `<run>.warc.gz.open` and renamed
when it is complete, with its checksum beside it in `<run>.warc.gz.sha256`; it is never appended to afterwards. Payloads
are as sent, with their content encoding, and so are their digests.

`corpus/index.cdxj` has one line a capture: SURT of the URL, timestamp, JSON. It can be rebuilt from the files. As a
capture's last record ends where the file ends, the index tells whether a file is whole, which the usual readers of
WARC files do not notice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pipeline import places
from pipeline.archive_writer import Added, ArchiveWriter, recover
from pipeline.cdxj import INDEX, REVISIT, ArchiveError, Entry, digits, mime, read_index, surt, write_index
from pipeline.places import File, Place
from pipeline.records import Capture, CaptureRef
from pipeline.warc import (
    CLOSED,
    MAX_PAYLOAD,
    NOT_MODIFIED,
    OPEN,
    keep_quiet,
    payload_digest,
    raise_it,
    read_capture,
    scanned,
    seal_problem,
)

__all__ = [
    "CLOSED",
    "INDEX",
    "MAX_PAYLOAD",
    "NOT_MODIFIED",
    "OPEN",
    "REVISIT",
    "Added",
    "Archive",
    "ArchiveError",
    "ArchiveWriter",
    "Entry",
    "at",
    "captures",
    "check",
    "find",
    "mime",
    "payload_digest",
    "read",
    "read_index",
    "recover",
    "reindex",
    "surt",
    "unfinished",
]


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
        report = damaged or raise_it
        try:
            entries = read_index(corpus, source)
        except ArchiveError as error:
            report(error)
            entries = []
        listed = frozenset(entry.filename for entry in entries)
        for name in places.matching(corpus, source or "*", CLOSED):
            if name not in listed:
                entries.extend(scanned(corpus, name, report))
        ordered = sorted(entries, key=lambda e: (e.source, e.timestamp, e.url, e.offset, e.filename))
        return cls(corpus, tuple(ordered), listed)

    def captures(
        self, *, revisits: bool = True, damaged: Callable[[ArchiveError], None] | None = None
    ) -> Iterator[Capture]:
        """Every capture in the order of `entries`. A revisit is a capture of its own, with its own `ref` and time
        and the payload of the original; without `revisits` each payload of a URL comes once, when it was first
        seen. A damaged file is told once, a damaged record as often as there are such; the rest still comes."""
        report = damaged or raise_it
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
        return read_capture(self.corpus, ref, self.originals)

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
    return Archive.load(corpus, keep_quiet).read(ref)


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
        held = set(scanned(corpus, name, found.append, thorough=True))
        indexed = {entry for entry in archive.entries if entry.filename == name}
        if len(found) == before and held != indexed:
            cause = f"the index lists {len(indexed)} captures of it and it holds {len(held)}, "
            cause += f"{len(held & indexed)} of them as listed"
            found.append(ArchiveError(name, cause, "Run `cchc archive reindex`"))
        if all(error.file != name for error in found) and (problem := seal_problem(corpus, name)):
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
    report = damaged or raise_it
    entries = [e for name in places.matching(corpus, "*", CLOSED) for e in scanned(corpus, name, report)]
    write_index(corpus, entries)
    return len(entries)


def find(corpus: Place, url: str) -> list[Entry]:
    """The captures of a URL, whatever its scheme and www, in the order of time; with a final `*`, of all URLs that
    begin so. Raises ArchiveError."""
    key = surt(url.removesuffix("*")) if "://" in url else surt(f"https://{url.removesuffix('*')}")
    entries = Archive.load(corpus, keep_quiet).entries
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
    stamp = digits(moment)
    before = [entry for entry in ordered if entry.timestamp[: len(stamp)] <= stamp]
    return before[-1] if before else next(iter(ordered), None)


def unfinished(corpus: Place) -> list[str]:
    """The files that a run has open, or that one that was killed left behind."""
    return places.matching(corpus, "*", f"{CLOSED}{OPEN}")


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
