"""What the crawls remember, in `corpus/crawl.sqlite`: pages and when to look again, hosts and when not to, every fetch.

The archive is the truth about what was captured: what this file does not know of it is read from there, so that a file
that is lost or damaged costs requests and nothing else. It is in WAL mode, and each method is one transaction; what
was committed survives the end of the process at any point, and after a power cut the file opens with at most the last
moments missing.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from pipeline.errors import CchcError
from scrapers.memory import KeptRobots, Rest
from scrapers.response import Response

FILE = "crawl.sqlite"
_VERSION = 2
_SCHEMA = """
create table page (
    source text not null, doc_id text not null, url text not null, via text not null, title text,
    announced text, first_seen text not null, first_fetched text, last_fetched text, due text, outcome text,
    misses integer not null, fingerprint text, published text, layout text, etag text, modified text,
    primary key (source, doc_id)
) without rowid;
create index page_due on page (source, due);
create table host (name text primary key, asked text, ended integer, rest text, cause text, blocked integer)
    without rowid;
create table robots (host text, origin text, read_at text, body blob, primary key (host, origin)) without rowid;
create table crawl (source text primary key, run text, plan text, started text, ended text, completed text)
    without rowid;
create table list_page (source text, url text, read_at text, response blob, primary key (source, url)) without rowid;
create table marked_list (source text, url text, read_at text, response blob, primary key (source, url)) without rowid;
create table file (name text primary key) without rowid;
create table fetch (
    run text, source text, url text, at text, status integer, outcome text, bytes integer, message text
);
create index fetch_source on fetch (source, at);
"""
# What brings the file of each former version to the next one.
_CHANGES = {
    1: "create table marked_list (source text, url text, read_at text, response blob, primary key (source, url)) "
    "without rowid;",
}
_BUSY = 30.0
# A list that was not asked for since is not on the crawl's way any more.
_UNASKED = dt.timedelta(days=60)
# So many of the pages that are due are known at once; each time all that are due are put in order.
_BATCH = 1000

Outcome = Literal["new", "changed", "unchanged", "known", "gone", "blocked", "failed"]


class FrontierError(CchcError):
    """The crawl's state cannot be read or written; the message names file, cause and remedy."""


@dataclass(frozen=True, slots=True)
class Page:
    """An article as the crawl knows it. Times are UTC in ISO 8601 with a final Z, days ISO dates.

    `url` is where it was announced (at `via`, under the title `title`), `announced` the day that a list gave it.
    It is to be fetched from `due` on, never where that is None. `misses` counts the failures since it last was there,
    `fingerprint` stands for title, lead and body, `layout` is the one that read it; `etag` and `modified` are the
    server's own marks."""

    source: str
    doc_id: str
    url: str
    via: str
    first_seen: str
    title: str | None = None
    announced: str | None = None
    first_fetched: str | None = None
    last_fetched: str | None = None
    due: str | None = None
    outcome: str | None = None
    misses: int = 0
    fingerprint: str | None = None
    published: str | None = None
    layout: str | None = None
    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """One fetch of a page, as the history keeps it."""

    run: str
    source: str
    url: str
    at: str
    status: int | None
    outcome: str
    bytes: int = 0
    message: str = ""


_PAGE = tuple(one.name for one in fields(Page))
_FETCH = tuple(one.name for one in fields(Fetch))


@dataclass
class Frontier:
    """The state of all crawls into one corpus; safe to use from several threads. A context manager.

    `damaged` names the file where one that could not be read was set aside. Raises FrontierError.
    """

    corpus: Path
    damaged: Path | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _rests: dict[str, Rest] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.corpus.mkdir(parents=True, exist_ok=True)
        file = self.corpus / FILE
        try:
            self._base = _opened(file)
        except sqlite3.DatabaseError as error:
            if not file.exists() or isinstance(error, sqlite3.OperationalError):
                raise self._error(error) from error
            self.damaged = _set_aside(file)
            self._base = _opened(file)
        self._rests = {
            name: Rest(_moment(until), cause, bool(blocked))
            for name, until, cause, blocked in self._rows("select name, rest, cause, blocked from host where rest > ''")
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; nothing is lost where this does not happen."""
        with self._lock:
            self._base.close()

    # hosts: scrapers.fetch.Memory

    def last_request(self, host: str) -> tuple[dt.datetime, bool] | None:
        found = self._rows("select asked, ended from host where name = ? and asked is not null", host)
        return (_moment(found[0][0]), bool(found[0][1])) if found else None

    def asked(self, host: str, at: dt.datetime, *, ended: bool) -> None:
        statement = "insert into host (name, asked, ended) values (?, ?, ?) on conflict (name) do update set "
        self._do(statement + "asked = excluded.asked, ended = excluded.ended", host, _precise(at), int(ended))

    def rest(self, host: str) -> Rest | None:
        return self._rests.get(host)

    def let_rest(self, host: str, rest: Rest) -> None:
        self._rests[host] = rest
        statement = "insert into host (name, rest, cause, blocked) values (?, ?, ?, ?) on conflict (name) do update "
        statement += "set rest = excluded.rest, cause = excluded.cause, blocked = excluded.blocked"
        self._do(statement, host, _precise(rest.until), rest.cause, int(rest.blocked))

    def robots(self, host: str, origin: str) -> KeptRobots | None:
        found = self._rows("select read_at, body from robots where host = ? and origin = ?", host, origin)
        return KeptRobots(_moment(found[0][0]), found[0][1]) if found else None

    def keep_robots(self, host: str, origin: str, kept: KeptRobots) -> None:
        statement = "insert or replace into robots (host, origin, read_at, body) values (?, ?, ?, ?)"
        self._do(statement, host, origin, _precise(kept.read_at), kept.body)

    # crawls

    def begin(self, source: str, run: str, plan: str, now: dt.datetime, keep: dt.timedelta) -> bool:
        """Notes that the crawl of a source begins. True where it takes up one of the same plan that was cut off:
        the lists that that one read within the time `keep` need not be read again."""
        with self._transaction() as base:
            cut_off = base.execute(
                "select 1 from crawl where source = ? and ended is null and plan = ?", (source, plan)
            ).fetchone()
            if not cut_off:
                base.execute("delete from list_page where source = ?", (source,))
            base.execute("delete from list_page where source = ? and read_at < ?", (source, _precise(now - keep)))
            base.execute(
                "insert into crawl (source, run, plan, started) values (?, ?, ?, ?) on conflict (source) do update "
                "set run = excluded.run, plan = excluded.plan, started = excluded.started, ended = null",
                (source, run, plan, _precise(now)),
            )
        return bool(cut_off)

    def end(self, source: str, now: dt.datetime, *, completed: bool) -> None:
        """Notes that the crawl has ended, and whether it came to all that it had found."""
        with self._transaction() as base:
            base.execute("update crawl set ended = ? where source = ?", (_precise(now), source))
            if completed:
                base.execute("update crawl set completed = ? where source = ?", (iso(now), source))
            base.execute("delete from list_page where source = ?", (source,))

    def completed(self, source: str) -> str | None:
        """When a crawl of the source last came to all that it had found; None where none has."""
        found = self._rows("select completed from crawl where source = ?", source)
        return found[0][0] if found else None

    def list_page(self, source: str, url: str) -> Response | None:
        """A listing page, feed or sitemap as the crawl that was cut off read it."""
        found = self._rows("select response from list_page where source = ? and url = ?", source, url)
        return _thawed(found[0][0]) if found else None

    def keep_list_page(self, source: str, url: str, response: Response, now: dt.datetime) -> None:
        statement = "insert or replace into list_page values (?, ?, ?, ?)"
        self._do(statement, source, url, _precise(now), _frozen(response))

    def marked_list(self, source: str, url: str) -> Response | None:
        """A listing page, feed or sitemap with the server's marks, as an earlier crawl read it."""
        found = self._rows("select response from marked_list where source = ? and url = ?", source, url)
        return _thawed(found[0][0]) if found else None

    def keep_marked_list(self, source: str, url: str, response: Response, now: dt.datetime) -> None:
        """For the next crawls; what none has asked for in a long time goes, such as the sitemap of a day."""
        with self._transaction() as base:
            values = (source, url, _precise(now), _frozen(response))
            base.execute("insert or replace into marked_list values (?, ?, ?, ?)", values)
            base.execute("delete from marked_list where source = ? and read_at < ?", (source, _precise(now - _UNASKED)))

    # pages

    def page(self, source: str, doc_id: str) -> Page | None:
        found = self._rows(f"select {', '.join(_PAGE)} from page where source = ? and doc_id = ?", source, doc_id)
        return Page(*found[0]) if found else None

    def save(self, page: Page, fetch: Fetch | None = None) -> None:
        """The page as it is now, and the fetch that made it so."""
        with self._transaction() as base:
            _write(base, "page", asdict(page))
            if fetch is not None:
                _write(base, "fetch", asdict(fetch))

    def due(self, source: str, now: str) -> Iterator[Page]:
        """The pages to be fetched by now: never fetched ones first, then the longest overdue. One that is no
        longer due when its turn comes is left out."""
        order = "last_fetched is not null, due, doc_id"
        wanted = f"select {order} from page where source = ? and due <= ? and ({order}) > (?, ?, ?) order by {order}"
        last = (-1, "", "")
        while batch := self._rows(f"{wanted} limit {_BATCH}", source, now, *last):
            for _, _, doc_id in batch:
                page = self.page(source, doc_id)
                if page is not None and page.due is not None and page.due <= now:
                    yield page
            last = batch[-1]

    def fits(self, source: str) -> bool:
        """Whether a layout has ever read a page of the source."""
        return bool(self._rows("select 1 from page where source = ? and layout is not null limit 1", source))

    def newest(self, source: str) -> str | None:
        """When an article of the source was last fetched for the first time."""
        found = self._rows("select max(first_fetched) from page where source = ?", source)
        return found[0][0] if found else None

    def counts(self, source: str) -> Mapping[str, int]:
        """How many pages the source has by their last outcome; `waiting` for those that were never fetched."""
        rows = self._rows("select coalesce(outcome, 'waiting'), count(*) from page where source = ? group by 1", source)
        return dict(rows)

    def history(self, source: str, url: str | None = None) -> list[Fetch]:
        """All fetches of the source's pages, or of one of them, oldest first."""
        wanted, values = ("source = ?", (source,)) if url is None else ("source = ? and url = ?", (source, url))
        rows = self._rows(f"select {', '.join(_FETCH)} from fetch where {wanted} order by rowid", *values)
        return [Fetch(*row) for row in rows]

    def learn(self, captures: Iterable[tuple[str, Page]]) -> None:
        """Takes over what the archive has and the state does not know: file names with pages as captured."""
        with self._transaction() as base:
            for name, found in captures:
                base.execute("insert or ignore into file values (?)", (name,))
                before = self.page(found.source, found.doc_id)
                page = _newer(before, found) if before else found
                if page != before:
                    _write(base, "page", asdict(page))

    def files(self) -> set[str]:
        """The files of the archive whose captures the state knows."""
        return {name for (name,) in self._rows("select name from file")}

    def know(self, file: str) -> None:
        """Notes that the state knows all captures of a file."""
        self._do("insert or ignore into file values (?)", file)

    # the file

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._base.execute("begin immediate")
                yield self._base
                self._base.execute("commit")
            except BaseException as error:
                if self._base.in_transaction:
                    self._base.execute("rollback")
                if isinstance(error, sqlite3.Error):
                    raise self._error(error) from error
                raise

    def _do(self, statement: str, *values: object) -> None:
        with self._transaction() as base:
            base.execute(statement, values)

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with self._lock:
            try:
                return self._base.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise self._error(error) from error

    def _error(self, error: sqlite3.Error) -> FrontierError:
        return FrontierError(
            f"{self.corpus / FILE}: {error}. See that the disk has room and the folder can be written; the file may be "
            "removed, which costs requests but no page"
        )


def iso(moment: dt.datetime) -> str:
    """The moment as pages have it: UTC, to the second."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def next_visit(born: dt.datetime, fetched: dt.datetime, after: Iterable[dt.timedelta]) -> dt.datetime | None:
    """When a page that appeared at `born` is looked at again once it was fetched: the first of the times after its
    appearance that is still to come; None where there is none."""
    times = sorted(born + step for step in after)
    return next((time for time in times if time > fetched), None)


def _newer(before: Page, found: Page) -> Page:
    """What was known of a page, with a capture that the state has not seen."""
    if before.last_fetched and found.last_fetched and found.last_fetched <= before.last_fetched:
        return before
    first = min(filter(None, (before.first_fetched, found.first_fetched)), default=None)
    return replace(
        before, first_fetched=first, last_fetched=found.last_fetched, due=found.due, outcome=found.outcome, misses=0,
        fingerprint=None, etag=None, modified=None,
    )  # fmt: skip


def _opened(file: Path) -> sqlite3.Connection:
    base = sqlite3.connect(file, timeout=_BUSY, isolation_level=None, check_same_thread=False)
    try:
        base.execute("pragma journal_mode = wal")
        # In WAL mode this loses at most the last commits in a power cut, and never the file.
        base.execute("pragma synchronous = normal")
        (version,) = base.execute("pragma user_version").fetchone()
        if version not in {0, _VERSION, *_CHANGES}:
            raise sqlite3.OperationalError(f"it has version {version}, made by another version of the program")
        changes = " ".join(_CHANGES[number] for number in range(version, _VERSION)) if version else _SCHEMA
        if changes:
            base.executescript(f"begin immediate; {changes} pragma user_version = {_VERSION}; commit;")
        (sound,) = base.execute("pragma quick_check(1)").fetchone()
        if sound != "ok":
            raise sqlite3.DatabaseError(sound)
    except BaseException:
        base.close()
        raise
    return base


def _set_aside(file: Path) -> Path:
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = file.with_name(f"{file.name}.damaged-{stamp}")
    file.replace(aside)
    for name in (f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)
    return aside


def _write(base: sqlite3.Connection, table: str, values: Mapping[str, object]) -> None:
    marks = ", ".join("?" * len(values))
    base.execute(f"insert or replace into {table} ({', '.join(values)}) values ({marks})", tuple(values.values()))


def _frozen(response: Response) -> bytes:
    """The parts of a response that discovery reads."""
    told = {name: getattr(response, name) for name in ("url", "asked", "status", "headers", "fetched_at")}
    return zlib.compress(json.dumps(told).encode() + b"\n" + response.body)


def _thawed(frozen: bytes) -> Response:
    head, _, body = zlib.decompress(frozen).partition(b"\n")
    told = json.loads(head)
    told["headers"] = tuple((name, value) for name, value in told["headers"])
    return Response(**told, raw=b"", body=body, reason="", version="HTTP/1.1", ip="", request_headers=())


def _precise(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
