"""Extraction as work that is handed out: what a worker is given, what it hands back, and who shares it out.

An article's captures are a `Group`; a `Job` makes a `Result` of each, alone from what it is given and the archive, so
that it can do so in any process and in any order. An `Engine` hands ranges of groups to its workers. All of it can be
pickled.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pipeline import results
from pipeline.records import Issue
from pipeline.results import Result, Told

if TYPE_CHECKING:
    from pipeline.archive import Archive, Entry
    from pipeline.places import Place
    from scrapers.source import Source

# What a result is made of besides the article as parsed: its row, and each part of the extractors.
ROW = "row"
PIECES = (ROW, "index", "payroll", "award")
# Some tenths of a second of work: little is lost with a worker, and little time is spent on handing out.
RANGE = 64
_SHARES = 32


@dataclass(frozen=True, slots=True)
class Group:
    """The captures of one article, in the archive's order, and where the payloads lie that its revisits refer to.

    `reading` and `article` are what an earlier run packed, where its captures need not be read again; `wanted` are the
    pieces to be made.
    """

    doc_id: str
    source: str
    captures: tuple[Entry, ...]
    originals: tuple[Entry, ...] = ()
    reading: bytes | None = None
    article: bytes | None = None
    wanted: tuple[str, ...] = PIECES

    @property
    def url(self) -> str:
        """The address of the newest capture."""
        return self.captures[-1].url

    def failed(self, code: str, why: str) -> Result:
        """That nothing could be made of the captures, as an error; it is not kept."""
        message = f"{self.url}: {why} It is left out of this run; report it with its address."
        issue = Issue(code, "error", message, self.source, self.doc_id)
        outcomes = tuple(code for _ in self.captures)
        return Result(self.doc_id, results.pack_told(Told(outcomes, (issue,))), sound=False)


@dataclass(frozen=True, slots=True)
class Job:
    """What is the same for all groups of a run: the archive's place, the sources declared, and a fingerprint of the
    code that must be the same wherever the job is done."""

    corpus: Place
    sources: Mapping[str, Source]
    fingerprint: str = ""

    def results(self, groups: Sequence[Group]) -> list[Result]:
        """A result for each group, in their order."""
        return [self.result(group) for group in groups]

    def result(self, group: Group) -> Result:
        """The pieces of the group that are wanted; an error that the page leads to is an issue. Raises MemoryError."""
        from pipeline import reading

        try:
            return reading.result(self.corpus, group, self.sources[group.source])
        except MemoryError:
            raise
        except Exception as error:
            return group.failed("extract.crashed", reading.cause(error))

    def load(self) -> None:
        """Loads what the pages will need, so that it is there before the first."""
        from pipeline import reading

        reading.load()


class Engine(Protocol):
    """Who hands the work to workers."""

    def run(self, job: Job, ranges: Iterable[Sequence[Group]]) -> Iterator[tuple[int, list[Result]]]:
        """The results of each range with its number (from 0), in any order, each range once. Ranges are taken as
        workers get free. A group that a worker cannot survive gives `Group.failed`; the others are not touched."""
        ...


def groups(
    archive: Archive, declared: Mapping[str, Source], known: Mapping[tuple[str, str], str | None] | None = None
) -> tuple[list[Group], list[tuple[Entry, str]]]:
    """The archive's articles by doc_id, and the captures that are none with why: their source is not declared, or
    their URL is no article's. `known` tells the article, or that it is none, of addresses by source and URL, so that
    they need not be taken apart again."""
    known = known or {}
    found: dict[str, list[Entry]] = defaultdict(list)
    left_out: list[tuple[Entry, str]] = []
    for entry in archive.entries:
        source = declared.get(entry.source)
        if source is None:
            left_out.append((entry, "source.unknown"))
            continue
        address = entry.source, entry.url
        doc_id = known[address] if address in known else _doc_id(source, entry.url)
        if doc_id is None:
            left_out.append((entry, "listing"))
        else:
            found[doc_id].append(entry)
    return [_group(archive, doc_id, found[doc_id]) for doc_id in sorted(found)], left_out


def _doc_id(source: Source, url: str) -> str | None:
    return source.doc_id(url) if source.is_article(url) else None


def ranges(wanted: Iterable[Group], size: int | None = None) -> Iterator[tuple[Group, ...]]:
    """The groups in runs that lie near each other in the archive, so that a worker reads on where it is; where no size
    is given, of a few groups smaller ones, so that there are enough for all workers."""
    ordered = sorted(wanted, key=lambda group: (group.captures[-1].filename, group.captures[-1].offset))
    step = size or max(1, min(RANGE, len(ordered) // _SHARES))
    places = iter(ordered)
    while some := tuple(itertools.islice(places, step)):
        yield some


def _group(archive: Archive, doc_id: str, captures: Sequence[Entry]) -> Group:
    digests = dict.fromkeys(entry.digest for entry in captures if entry.revisit)
    originals = tuple(original for digest in digests for original in archive.originals(digest))
    return Group(doc_id, captures[0].source, tuple(captures), originals)
