"""The crawl of one source: what it announces is fetched and archived.

Only articles are archived, by the form of their URL, under their final URL. Listing pages, feeds and sitemaps are read
and dropped, as they can be had again at any time; so are block pages, redirects and errors, which become issues.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pipeline.archive import Added, ArchiveError, ArchiveWriter
from pipeline.records import CaptureRef, Issue
from scrapers.discover import Found, discover
from scrapers.fetch import Fetcher, FetchError, Gone, HostStopped, Response, RobotsForbidden
from scrapers.source import Source

logger = logging.getLogger(__name__)

Outcome = Literal["new", "changed", "unchanged", "known", "gone", "blocked", "failed"]
# Whether to fetch an article that was last archived at that time (None: never). A source's pages change with
# every visit (hit counters), so that only time or what a list says can tell when to look again.
Due = Callable[[Found, dt.datetime | None], bool]


def always(_found: Found, _last: dt.datetime | None) -> bool:
    """Every article announced is fetched, in every run."""
    return True


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What a crawl of one source came to. `discovered` articles were announced; each is one of `new`, `changed`,
    `unchanged` (the three of `fetched`), `known` (not due), `gone`, `failed`; `blocked` counts the blocks that ended
    the crawl, after which what was left is in none of them."""

    source: str
    run: str
    discovered: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    known: int = 0
    gone: int = 0
    failed: int = 0
    blocked: int = 0
    issues: tuple[Issue, ...] = ()
    captures: tuple[CaptureRef, ...] = ()

    @property
    def fetched(self) -> int:
        return self.new + self.changed + self.unchanged

    @property
    def ok(self) -> bool:
        """Whether no issue is an error."""
        return all(issue.level != "error" for issue in self.issues)

    def counts(self) -> dict[str, int]:
        """The numbers by name, `fetched` among them."""
        names = ("discovered", "new", "changed", "unchanged", "known", "gone", "failed", "blocked")
        return {"fetched": self.fetched} | {name: int(getattr(self, name)) for name in names}


def crawl(
    source: Source,
    *,
    corpus: Path,
    run: str,
    fetcher: Fetcher,
    since: dt.date | None = None,
    due: Due = always,
) -> CrawlReport:
    """Archives what the source announces, in `corpus/<source>/<run>.warc.gz`, and says what happened.

    Nothing that a site does raises: a page that fails is an issue, a host that stops ends the crawl with what was
    archived until then. Raises ArchiveError and OSError where the corpus cannot be written.
    """
    with ArchiveWriter(corpus, source.name, run) as writer:
        walk = _Crawl(source, fetcher, writer, due)
        for name in writer.recovered:
            walk.report(
                "archive.recovered", "warning", f"{name}: an earlier run was cut off; what it had is kept", name
            )
        walk.run(since)
    return walk.result(run, since)


def crawl_all(
    sources: Iterable[Source],
    *,
    corpus: Path,
    run: str,
    fetcher: Fetcher,
    since: dt.date | None = None,
    due: Due = always,
    threads: int = 32,
) -> Mapping[str, CrawlReport]:
    """Crawls the sources at the same time, one thread each; reports by name in the order given. A source whose part
    of the corpus cannot be written ends with an error among its issues."""

    def one(source: Source) -> CrawlReport:
        try:
            return crawl(source, corpus=corpus, run=run, fetcher=fetcher, since=since, due=due)
        except (ArchiveError, OSError) as error:
            message = f"the archive cannot be written: {error}. Complete captures are kept for the next run"
            issue = Issue("crawl.not_archived", "error", message, source.name, str(corpus))
            return CrawlReport(source.name, run, issues=(issue,))

    given = list(sources)
    with ThreadPoolExecutor(max_workers=max(1, min(threads, len(given))), thread_name_prefix="crawl") as pool:
        reports = list(pool.map(one, given))
    return {source.name: report for source, report in zip(given, reports, strict=True)}


@dataclass(slots=True)
class _Crawl:
    """One crawl on its way."""

    source: Source
    fetcher: Fetcher
    writer: ArchiveWriter
    due: Due
    counts: Counter[Outcome] = field(default_factory=Counter)
    discovered: int = 0
    in_a_row: int = 0
    issues: list[Issue] = field(default_factory=list)
    captures: list[CaptureRef] = field(default_factory=list)

    def run(self, since: dt.date | None) -> None:
        """Fetches articles as they are announced, so that a block on the way finds the earlier ones archived."""
        today = self.fetcher.clock.now().date()
        try:
            for found in discover(self.source, self.get, self.issues.append, today=today, since=since):
                self.discovered += 1
                outcome = self.article(found)
                self.counts[outcome] += 1
                self.in_a_row = self.in_a_row + 1 if outcome == "failed" else 0
                if self.in_a_row >= self.fetcher.limits.failures_in_a_row:
                    message = f"{self.in_a_row} articles in a row failed; the source is left alone for this run"
                    self.report("crawl.failing", "error", message, self.source.name)
                    return
        except HostStopped as error:
            self.counts["blocked"] += 1
            self.report(error.code, "error", f"{error}. The source is left alone for this run", error.url)

    def article(self, found: Found) -> Outcome:
        last = self.writer.last_fetched(found.url)
        if not self.due(found, dt.datetime.fromisoformat(last) if last else None):
            return "known"
        try:
            response = self.get(found.url)
        except HostStopped:
            raise
        except Gone as error:
            self.report(error.code, "warning", f"{error} It was announced at {found.via}", found.url)
            return "gone"
        except RobotsForbidden as error:
            self.report(error.code, "warning", str(error), found.url)
            return "failed"
        except FetchError as error:
            self.report(error.code, "error", str(error), found.url)
            return "failed"
        if moved := self.moved(found, response):
            self.report("crawl.moved", "warning", moved, found.url)
            return "gone"
        added = self.writer.add(response)
        self.captures.append(added.ref)
        _log(self.source, response, added)
        return added.state

    def moved(self, found: Found, response: Response) -> str | None:
        """Why the page is not the article asked for, which many systems answer with another page and status 200."""
        if self.source.is_article(response.url) and self.source.doc_id(response.url) == found.doc_id:
            return None
        return f"{found.url} ended at {response.url}, which is not the same article; it counts as gone"

    def get(self, url: str, limit: int | None = None) -> Response:
        hosts, delay = self.source.hosts, self.source.delay
        return self.fetcher.fetch(url, hosts=hosts, delay=delay, limit=limit, notice=self.notice)

    def notice(self, code: str, message: str) -> None:
        self.report(code, "warning", message, self.source.name)

    def report(self, code: str, level: Literal["warning", "error"], message: str, where: str) -> None:
        self.issues.append(Issue(code, level, message, self.source.name, where))

    def result(self, run: str, since: dt.date | None) -> CrawlReport:
        minimum = self.source.assertions.minimum
        if not self.discovered and not self.counts["blocked"]:
            message = "nothing was announced anywhere; look at the source's discovery"
            self.report("crawl.nothing_found", "error", message, self.source.name)
        elif since is None and self.discovered < minimum and not self.counts["blocked"]:
            message = f"{self.discovered} articles were announced, fewer than the {minimum} that its file states"
            self.report("crawl.too_few", "error", message, self.source.name)
        return CrawlReport(
            source=self.source.name,
            run=run,
            discovered=self.discovered,
            issues=tuple(self.issues),
            captures=tuple(self.captures),
            **{str(outcome): count for outcome, count in self.counts.items()},
        )


def _log(source: Source, response: Response, added: Added) -> None:
    logger.info("%s: %s %s (%d bytes)", source.name, added.state, response.url, len(response.raw))
