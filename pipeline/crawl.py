"""The crawl of one source: what it announces is fetched when it is due, and archived.

Only articles are archived, by the form of their URL, under their final URL. Listing pages, feeds and sitemaps are read
and dropped, as they can be had again at any time; so are block pages, login pages, pages that a script would fill,
redirects and errors, which become issues. The state of all this outlives the process (`frontier.py`): a crawl that was
cut off is taken up where it was.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pipeline.archive import Added, ArchiveError, ArchiveWriter
from pipeline.errors import UsageError
from pipeline.frontier import Fetch, Frontier, FrontierError, Outcome, Page, iso, next_visit
from pipeline.progress import Unwatched, Watcher
from pipeline.records import Issue
from scrapers.dates import LOCAL
from scrapers.discover import Found, Known, discover
from scrapers.fetch import Fetcher, FetchError, Gone, HostStopped, Response, RobotsForbidden
from scrapers.source import Source
from scrapers.states import Look, leads_elsewhere, look, look_at

logger = logging.getLogger(__name__)

# A page that is not there may be announced before its hour: it is asked for once more so much later.
GONE_AGAIN = dt.timedelta(days=1)
# A page that fails is asked for in each run this often, then once more a day later, two days later, and so on.
PATIENCE = 3
PATIENCE_MOST = dt.timedelta(days=30)
# What a list says of a page's change is believed once in this time: some say it of every page at any time.
CLAIMS_EVERY = dt.timedelta(days=1)
# The lists that a crawl read that was cut off are good for this long: what is new is not to wait for another run, while
# a walk back over years is not to begin again.
LISTS_KEPT = dt.timedelta(hours=1)
OLD_LISTS_KEPT = dt.timedelta(days=3)
# A layout is taken to have changed where so many pages, and more than half of those fetched, are not read by any.
UNREAD_PAGES = 3

_FROM_ARCHIVE = "the archive"

Report = Callable[[Issue], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a crawl is to bring: what lists show now; with `since` (and `until`) what was published in those days,
    walking back as far as it takes. With `again` articles are fetched whether they are due or not; with `due` only
    sources are crawled whose time has come."""

    since: dt.date | None = None
    until: dt.date | None = None
    again: bool = False
    due: bool = False

    @classmethod
    def of(cls, since: dt.date | None, backfill: str | None, *, again: bool = False, due: bool = False) -> Plan:
        """The plan of the command's options; `backfill` is `2020-01-01..2020-06-30`. Raises UsageError."""
        if backfill is None:
            return cls(since, None, again, due)
        first, _, last = backfill.partition("..")
        try:
            days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        except ValueError as error:
            raise UsageError(f"--backfill {backfill!r} is not FROM..TO, such as 2020-01-01..2020-06-30") from error
        if since or days[0] > days[1]:
            raise UsageError("--backfill goes from an earlier day to a later one, and without --since")
        return cls(*days, again, due)

    def __str__(self) -> str:
        return f"{self.since or ''}..{self.until or ''}{' again' if self.again else ''}"


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What a crawl of one source came to. `discovered` articles were announced or waited for; each is one of `new`,
    `changed`, `unchanged` (the three of `fetched`), `known` (not due), `gone`, `failed`; `blocked` counts the blocks
    that ended the crawl, after which what was left is in none of them. An article is `changed` where title, lead or
    body are, `unchanged` where only the bytes around them are."""

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
    frontier: Frontier | None = None,
    plan: Plan | None = None,
    report: Report | None = None,
    watcher: Watcher | None = None,
) -> CrawlReport:
    """Archives what the source announces and is due, in `corpus/<source>/<run>.warc.gz`, and says what happened.

    `report` takes each issue as it is met, `watcher` how far the crawl has come. Nothing that a site does raises: a page that fails is an issue, a host that
    stops ends the crawl with what was archived until then. Raises ArchiveError, FrontierError and OSError where the
    corpus cannot be written.
    """
    with ExitStack() as stack:
        state = frontier or stack.enter_context(Frontier(corpus))
        writer = stack.enter_context(ArchiveWriter(corpus, source.name, run))
        walk = _Crawl(source, fetcher, writer, state, plan or Plan(), run, report, watcher or Unwatched())
        if state.damaged and frontier is None:
            walk.issue(damaged(state))
        for name in writer.recovered:
            walk.report(
                "archive.recovered", "warning", f"{name}: an earlier run was cut off; what it had is kept", name
            )
        walk.run_through()
        return walk.result()


def crawl_all(
    sources: Iterable[Source],
    *,
    corpus: Path,
    run: str,
    fetcher: Fetcher,
    frontier: Frontier | None = None,
    plan: Plan | None = None,
    report: Report | None = None,
    watcher: Watcher | None = None,
    threads: int = 32,
) -> Mapping[str, CrawlReport]:
    """Crawls the sources at the same time, one thread each; reports by name in the order given. A source whose part
    of the corpus cannot be written ends with an error among its issues. `report` takes each issue as it is met, and
    `watcher` how far each crawl has come, both from any thread. Raises FrontierError where the state cannot be opened."""

    seen_by = watcher or Unwatched()

    def one(source: Source) -> CrawlReport:
        seen_by.begun(source.name)
        done = attempted(source)
        seen_by.ended(source.name, done.counts())
        return done

    def attempted(source: Source) -> CrawlReport:
        try:
            return crawl(
                source,
                corpus=corpus,
                run=run,
                fetcher=fetcher,
                frontier=state,
                plan=plan,
                report=report,
                watcher=seen_by,
            )
        except (ArchiveError, FrontierError, OSError) as error:
            message = f"the archive cannot be written: {error}. Complete captures are kept for the next run"
            issue = Issue("crawl.not_archived", "error", message, source.name, str(corpus))
            if report:
                report(issue)
            return CrawlReport(source.name, run, issues=(issue,))

    given = list(sources)
    with ExitStack() as stack:
        state = frontier or stack.enter_context(Frontier(corpus))
        pool = stack.enter_context(
            ThreadPoolExecutor(max_workers=max(1, min(threads, len(given))), thread_name_prefix="crawl")
        )
        reports = list(pool.map(one, given))
    return {source.name: report for source, report in zip(given, reports, strict=True)}


def damaged(frontier: Frontier) -> Issue:
    """The issue that the state had to be begun anew."""
    message = f"the crawl's state could not be read and was set aside as {frontier.damaged}; the archive tells what "
    message += "there is, but hosts' rests and pages' own dates for another look are lost"
    return Issue("crawl.state_damaged", "warning", message, where=str(frontier.damaged))


@dataclass(slots=True)
class _Crawl:
    """One crawl on its way. What it knows of each page is in the state and the archive; here are counts, and what was
    odd. `failures` are pages that are still due, but not tried twice in one crawl."""

    source: Source
    fetcher: Fetcher
    writer: ArchiveWriter
    state: Frontier
    plan: Plan
    run: str
    listener: Report | None
    watcher: Watcher
    counts: Counter[Outcome] = field(default_factory=Counter)
    discovered: int = 0
    listed: int = 0
    in_a_row: int = 0
    refused: bool = False
    completed: str | None = None
    unread: int = 0
    last_unread: str = ""
    failures: set[str] = field(default_factory=set)
    issues: list[Issue] = field(default_factory=list)

    def run_through(self) -> None:
        """Fetches articles as they are announced, so that a block on the way finds the earlier ones archived, then
        those that are due without being announced."""
        fitted = self.state.fits(self.source.name)
        self.learn()
        keep = OLD_LISTS_KEPT if self.plan.since else LISTS_KEPT
        self.state.begin(self.source.name, self.run, str(self.plan), self.now(), keep)
        self.completed = self.state.completed(self.source.name)
        finished = False
        try:
            finished = all(self.article(page) for page in self.announced()) and all(
                self.article(page) for page in self.waiting()
            )
            if not finished:
                message = f"{self.in_a_row} articles in a row failed; the source is left alone for this run"
                self.report("crawl.failing", "error", message, self.source.name)
        except HostStopped as error:
            self.counts["blocked"] += 1
            self.report(error.code, "error", f"{error}. The source is left alone for this run", error.url)
        self.check_layout(fitted)
        self.check_yield()
        # A walk back that a block ended is taken up like one that was killed.
        if not (self.plan.since and self.counts["blocked"]):
            self.state.end(self.source.name, self.now(), completed=finished)
        self.state.know(self.writer.file)

    # what there is to fetch

    def learn(self) -> None:
        """Takes over what the archive has and the state does not know, as after a kill or with a state begun anew."""
        known = self.state.files()
        fresh = (entry for entry in self.writer.former() if entry.filename not in known)
        self.state.learn((entry.filename, self.captured(entry.url, entry.fetched_at)) for entry in fresh)

    def captured(self, url: str, fetched_at: str) -> Page:
        """A page that only the archive knows. What was to be looked at before now is not made up for: the captures
        may be an import of a hundred thousand old pages."""
        fetched = dt.datetime.fromisoformat(fetched_at)
        due = next_visit(fetched, max(fetched, self.now()), self.steps)
        return Page(
            self.source.name,
            self.source.doc_id(url),
            self.source.canonical(url),
            via=_FROM_ARCHIVE,
            first_seen=fetched_at,
            first_fetched=fetched_at,
            last_fetched=fetched_at,
            due=iso(due) if due else None,
            outcome="new",
        )

    def announced(self) -> Iterator[Page]:
        found = discover(
            self.source,
            self.list_page,
            self.issue,
            today=self.now().astimezone(LOCAL).date(),
            since=self.plan.since,
            until=self.plan.until,
            recall=self.recall,
        )
        for one in found:
            self.discovered += 1
            self.listed += 1
            yield self.noted(one)

    def noted(self, found: Found) -> Page:
        """The page, in the state from now on, so that it is not forgotten where this crawl does not come to it."""
        known = self.state.page(self.source.name, found.doc_id)
        announced = found.announced.isoformat() if found.announced else None
        if known is None:
            now = iso(self.now())
            page = Page(self.source.name, found.doc_id, found.url, found.via, now, found.title, announced, due=now)
        else:
            due = iso(self.now()) if self.claimed(known, found) else known.due
            page = replace(known, due=due, announced=announced or known.announced)
            if known.title is None or known.via in {found.via, _FROM_ARCHIVE}:
                page = replace(page, url=found.url, via=found.via, title=found.title or known.title)
        if page != known:
            self.state.save(page)
        return page

    def claimed(self, known: Page, found: Found) -> bool:
        """Whether a list says that the page has changed since it was fetched."""
        if not self.source.revisit.modified or known.last_fetched is None:
            return False
        last = dt.datetime.fromisoformat(known.last_fetched)
        if self.now() - last < CLAIMS_EVERY:
            return False
        if found.modified:
            return found.modified > last
        if found.announced and found.announced > last.astimezone(LOCAL).date():
            return True
        return found.via == known.via and bool(found.title and known.title and found.title != known.title)

    def waiting(self) -> Iterator[Page]:
        """What is due without having been announced in this crawl."""
        for page in self.state.due(self.source.name, iso(self.now())):
            if page.doc_id not in self.failures and self.source.is_article(page.url):
                self.discovered += 1
                yield page

    def recall(self, doc_id: str) -> Known | None:
        page = self.state.page(self.source.name, doc_id)
        if page is None or page.last_fetched is None:
            return None
        settled = bool(self.completed and page.first_fetched and page.first_fetched <= self.completed)
        return Known(dt.date.fromisoformat(page.published) if page.published else None, settled)

    # one article

    def article(self, page: Page) -> bool:
        """Fetches the page if it is due, and notes what came of it; False where the source fails too often."""
        if not self.plan.again and (page.due is None or page.due > iso(self.now())):
            self.count("known")
            return True
        self.refused = False
        outcome = self.visit(page)
        self.count(outcome)
        if not self.refused:
            self.in_a_row = self.in_a_row + 1 if outcome == "failed" else 0
        return self.in_a_row < self.fetcher.limits.failures_in_a_row

    def count(self, outcome: Outcome) -> None:
        self.counts[outcome] += 1
        self.watcher.went_on(self.source.name, {str(name): count for name, count in self.counts.items()})

    def visit(self, page: Page) -> Outcome:
        try:
            response = self.get(page.url, validators=self.validators(page))
        except HostStopped as error:
            # The page itself has done nothing: it stays as due as it was.
            self.state.save(page, self.fetch(page, "blocked", message=str(error)))
            raise
        except Gone as error:
            return self.gone(page, error.code, f"{error} It was announced at {page.via}", status=404)
        except RobotsForbidden as error:
            # The host is well; it was not even asked.
            self.refused = True
            return self.failed(page, error.code, str(error), level="warning", again=False)
        except FetchError as error:
            return self.failed(page, error.code, str(error))
        if response.status == 304:
            return self.not_modified(page, response)
        seen = look(response, self.source)
        if seen.kind in {"login", "script_shell", "empty"}:
            message = f"{page.url}: {seen.why}; it is not archived"
            return self.failed(page, f"crawl.{seen.kind}", message, status=response.status, level="warning")
        return self.redirected(page, response, seen) or self.archive(page, response, seen)

    def redirected(self, page: Page, response: Response, seen: Look) -> Outcome | None:
        """What came of a page that led to another address; None where it is the same article there."""
        if self.source.canonical(response.url) == self.source.canonical(page.url):
            return None
        why = leads_elsewhere(page.url, page.title, response, seen.title, self.source)
        if why:
            message = f"{page.url} leads to {response.url}, {why}; it counts as gone"
            return self.gone(page, "crawl.moved_elsewhere", message, status=response.status)
        if self.source.doc_id(response.url) == page.doc_id:
            return None
        message = f"{page.url} has moved to {response.url}: the title is the same, the article is kept under that"
        self.report("crawl.moved", "warning", message, page.url)
        moved = replace(page, due=None, outcome="gone", misses=page.misses + 1)
        self.state.save(moved, self.fetch(page, "moved", response, message=message))
        there = self.state.page(self.source.name, self.source.doc_id(response.url))
        target = there or self.captured(response.url, response.fetched_at)
        if not there:
            target = replace(target, first_fetched=None, last_fetched=None, title=page.title, via=page.via)
        return self.archive(target, response, seen)

    def archive(self, page: Page, response: Response, seen: Look) -> Outcome:
        if seen.kind == "unread":
            self.unread += 1
            self.last_unread = response.url
        before = page.fingerprint or self.former_fingerprint(page, response.url)
        if seen.fingerprint and seen.fingerprint == before and not self.writer.holds(response):
            # Other bytes around the same text, such as a hit counter: the first capture stands for it.
            return self.fetched(page, response, seen, "unchanged")
        added = self.writer.add(response)
        outcome: Outcome = added.state
        if page.last_fetched and outcome == "new":
            outcome = "changed"
        _log(self.source, response, added)
        return self.fetched(page, response, seen, outcome)

    def former_fingerprint(self, page: Page, url: str) -> str | None:
        if page.last_fetched is None:
            return None
        former = self.writer.last_capture(url) or self.writer.last_capture(page.url)
        return look_at(former, self.source).fingerprint if former else None

    def not_modified(self, page: Page, response: Response) -> Outcome:
        added = self.writer.add_not_modified(response)
        if added is None:
            # The server knows it, the archive does not (any more): asked for as if for the first time.
            return self.visit(replace(page, etag=None, modified=None))
        _log(self.source, response, added)
        return self.fetched(page, response, None, "unchanged")

    # what came of it

    def fetched(self, page: Page, response: Response, seen: Look | None, outcome: Outcome) -> Outcome:
        fetched = dt.datetime.fromisoformat(response.fetched_at)
        done = replace(
            page,
            first_fetched=page.first_fetched or response.fetched_at,
            last_fetched=response.fetched_at,
            outcome=outcome,
            misses=0,
        )
        if seen:
            done = replace(
                done,
                title=page.title or seen.title,
                fingerprint=seen.fingerprint,
                published=seen.published.isoformat() if seen.published else page.published,
                layout=seen.layout,
                etag=response.header("ETag") or None,
                modified=response.header("Last-Modified") or None,
            )
        due = next_visit(_born(done), fetched, self.steps)
        self.state.save(replace(done, due=iso(due) if due else None), self.fetch(page, outcome, response))
        return outcome

    def gone(self, page: Page, code: str, message: str, status: int) -> Outcome:
        """A page that is not there is asked for once more later: it may have been announced before its hour."""
        again = page.outcome != "gone"
        due = iso(self.now() + GONE_AGAIN) if again else None
        then = f"it is asked for once more after {GONE_AGAIN.days} day" if again else "it is not asked for again"
        self.report(code, "warning", f"{message}; {then}", page.url)
        self.state.save(
            replace(page, due=due, outcome="gone", misses=page.misses + 1),
            self.fetch(page, "gone", status=status, message=message),
        )
        return "gone"

    def failed(
        self,
        page: Page,
        code: str,
        message: str,
        *,
        status: int | None = None,
        level: Literal["warning", "error"] = "error",
        again: bool = True,
    ) -> Outcome:
        self.report(code, level, message, page.url)
        self.failures.add(page.doc_id)
        misses = page.misses + 1
        wait = min(dt.timedelta(days=max(0, misses - PATIENCE)), PATIENCE_MOST)
        # What robots.txt forbids may be allowed one day.
        due = self.now() + (wait if again else PATIENCE_MOST)
        self.state.save(
            replace(page, due=iso(due), outcome="failed", misses=misses),
            self.fetch(page, "failed", status=status, message=message),
        )
        return "failed"

    def fetch(
        self,
        page: Page,
        outcome: str,
        response: Response | None = None,
        *,
        status: int | None = None,
        message: str = "",
    ) -> Fetch:
        return Fetch(
            self.run,
            self.source.name,
            page.url,
            response.fetched_at if response else iso(self.now()),
            response.status if response else status,
            outcome,
            len(response.raw) if response else 0,
            message,
        )

    # requests

    def list_page(self, url: str, limit: int | None = None) -> Response:
        """A page of discovery; what a crawl read that was cut off is not read again."""
        if kept := self.state.list_page(self.source.name, url):
            return kept
        response = self.list_as_now(url, limit)
        self.state.keep_list_page(self.source.name, url, response, self.now())
        return response

    def list_as_now(self, url: str, limit: int | None) -> Response:
        """The list, asked for only if it has changed, where the server means its marks."""
        if not self.source.revisit.conditional:
            return self.get(url, limit)
        former = self.state.marked_list(self.source.name, url)
        marks = _marks(former.header("ETag"), former.header("Last-Modified")) if former else {}
        response = self.get(url, limit, validators=marks)
        if former and response.status == 304:
            response = replace(former, fetched_at=response.fetched_at)
        # The marks of a page to which this one redirects are not its own. A walk back comes by once.
        own = response.url == url and _marks(response.header("ETag"), response.header("Last-Modified"))
        if own and not self.plan.since:
            self.state.keep_marked_list(self.source.name, url, response, self.now())
        return response

    def get(self, url: str, limit: int | None = None, validators: Mapping[str, str] | None = None) -> Response:
        return self.fetcher.fetch(
            url,
            hosts=self.source.hosts,
            delay=self.source.delay,
            limit=limit,
            notice=self.notice,
            validators=validators,
            intermediates=self.source.intermediates,
        )

    def validators(self, page: Page) -> dict[str, str]:
        if not self.source.revisit.conditional or page.outcome in {"gone", "failed"}:
            return {}
        return _marks(page.etag, page.modified)

    # reports

    def check_layout(self, fitted: bool) -> None:
        fetched = self.counts["new"] + self.counts["changed"] + self.counts["unchanged"]
        if fitted and self.unread >= UNREAD_PAGES and self.unread > fetched / 2:
            message = f"{self.unread} of {fetched} pages are read by no layout of the source, such as "
            message += f"{self.last_unread}, and earlier ones were: the site has a new design. The pages are archived; "
            message += "add a dated layout to the source's file and extract again"
            self.report("crawl.layout_changed", "error", message, self.source.name)

    def check_yield(self) -> None:
        minimum = self.source.assertions.minimum
        if self.counts["blocked"]:
            return
        if not self.listed and self.plan.since is None:
            message = "nothing was announced anywhere; look at the source's discovery"
            self.report("crawl.nothing_found", "error", message, self.source.name)
        elif self.plan.since is None and self.listed < minimum:
            message = f"{self.listed} articles were announced, fewer than the {minimum} that its file states"
            self.report("crawl.too_few", "error", message, self.source.name)

    def notice(self, code: str, message: str) -> None:
        self.report(code, "warning", message, self.source.name)

    def report(self, code: str, level: Literal["warning", "error"], message: str, where: str) -> None:
        self.issue(Issue(code, level, message, self.source.name, where))

    def issue(self, issue: Issue) -> None:
        """At once to whoever listens, so that a kill does not take it along."""
        self.issues.append(issue)
        if self.listener:
            self.listener(issue)

    def result(self) -> CrawlReport:
        return CrawlReport(
            source=self.source.name,
            run=self.run,
            discovered=self.discovered,
            issues=tuple(self.issues),
            **{str(outcome): count for outcome, count in self.counts.items()},
        )

    @property
    def steps(self) -> tuple[dt.timedelta, ...]:
        return tuple(dt.timedelta(days=days) for days in self.source.revisit.after)

    def now(self) -> dt.datetime:
        return self.fetcher.clock.now()


def _born(page: Page) -> dt.datetime:
    """When a page appeared, as far as is known: an old article that is fetched today is not looked at again
    tomorrow. Its day has ended in local time, as no hour is known."""
    first = dt.datetime.fromisoformat(page.first_fetched or page.first_seen)
    if page.published is None:
        return first
    end = dt.datetime.combine(dt.date.fromisoformat(page.published), dt.time(), LOCAL) + dt.timedelta(days=1)
    return min(first, end)


def _marks(etag: str | None, modified: str | None) -> dict[str, str]:
    """The headers that ask for what has changed since the server gave these marks."""
    marks = {"If-None-Match": etag, "If-Modified-Since": modified}
    return {name: value for name, value in marks.items() if value}


def _log(source: Source, response: Response, added: Added) -> None:
    logger.info("%s: %s %s (%d bytes)", source.name, added.state, response.url, len(response.raw))
