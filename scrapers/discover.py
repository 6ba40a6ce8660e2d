"""Where a source announces its articles: listing pages, feeds and sitemaps to canonical article URLs."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import statistics
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import feedparser
from bs4 import BeautifulSoup, Tag
from lxml import etree  # type: ignore[import-untyped]
from w3lib.url import canonicalize_url

from pipeline.records import Issue
from scrapers.bodies import GZIP_MAGIC, BrokenEncoding, DecodedTooLarge, decode
from scrapers.dates import LOCAL, published_on
from scrapers.fetch import MIB, FetchError, Gone, HostStopped, Response
from scrapers.robots import looks_like_html
from scrapers.source import Listing, Pager, Sitemap, Source

SITEMAP_BYTES = 50 * MIB
SITEMAP_DEPTH = 5
SITEMAP_URLS = 50_000
# A walk back over years ends here at last: 2,000 pages of 20 articles.
BACK_PAGES = 2_000
# A page that fails in a walk back is a gap; so many in a row are the end.
FAILED_PAGES = 3
# A stretch without articles is a gap where it is this long, and this many times as long as usual.
GAP_DAYS = 14
GAP_TIMES = 5
# "17/07/2020 06:00:00 PM", "Thứ sáu - 17/07/2020 18:00"; what is longer is a sentence that names a day.
_DATE_LINE = 45

# sitemap-article-2020-07-14.xml: a day's own sitemap
_DAY = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
# Links that lead nowhere: "#", "javascript:void(0)", "mailto:a@b.vn"
_NO_PAGE = re.compile(r"^\s*(?:#|javascript:|mailto:|tel:|data:|$)", re.IGNORECASE)


class Get(Protocol):
    """Fetches a URL of the source; raises FetchError."""

    def __call__(self, url: str, limit: int | None = None) -> Response: ...


Report = Callable[[Issue], None]


@dataclass(frozen=True, slots=True)
class Found:
    """An article announced at `via`, under its canonical URL; `announced` is the day that the list gives it, which
    for a feed or sitemap may be that of a change, `modified` (UTC) the time that a sitemap gives. `title` is what the
    list calls it."""

    url: str
    doc_id: str
    via: str
    announced: dt.date | None = None
    modified: dt.datetime | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an article from having fetched it; `published` is the day on its page. It is `settled` where a
    crawl that came to its end knew it, so that what lies behind it on a list was seen too."""

    published: dt.date | None
    settled: bool = True


Recall = Callable[[str], Known | None]


@dataclass(frozen=True, slots=True)
class Window:
    """The days wanted: from `since` (walking back as far as it takes) to `until`; without `since` what the lists
    show on the pages that the source declares. `recall` tells what of an article is known by its doc_id."""

    today: dt.date
    since: dt.date | None = None
    until: dt.date | None = None
    recall: Recall = lambda _doc_id: None

    @property
    def last(self) -> dt.date:
        return self.until or self.today

    def day(self, found: Found) -> dt.date | None:
        """The day of an article by its list, else by its page."""
        known = None if found.announced else self.recall(found.doc_id)
        return found.announced or (known.published if known else None)

    def wants(self, found: Found) -> bool:
        """Whether the article may lie within the days; one whose list gives no day may."""
        if found.announced is None:
            return True
        return (self.since is None or found.announced >= self.since) and (
            self.until is None or found.announced <= self.until
        )


def discover(
    source: Source,
    get: Get,
    report: Report,
    *,
    today: dt.date,
    since: dt.date | None = None,
    until: dt.date | None = None,
    recall: Recall | None = None,
) -> Iterator[Found]:
    """Every article that the source announces, once, in the order of its declaration.

    With `since`, listings are followed back and day sitemaps read until that day, whatever their usual number, and
    stretches without articles are reported; articles that a list dates outside of `since`..`until` are left out.
    Without it, a listing is read to its last declared page, or until one on which every article is known by `recall`
    and older than the source looks back. What fails or comes back empty is reported: a listing as an error (a warning
    where it is a guess), a feed or sitemap as a warning, since it is there besides. Raises HostStopped.
    """
    window = Window(today, since, until, recall or (lambda _doc_id: None))
    seen: set[str] = set()
    days: set[dt.date] = set()
    for found in _announced(source, get, report, window):
        if found.doc_id in seen or not window.wants(found) or not _on_topic(found, source.discovery.keywords):
            continue
        seen.add(found.doc_id)
        yield found
        if day := window.day(found):  # only now, as whoever takes the article may fetch it first
            days.add(day)
    if since:
        for first, last in gaps(days, since, window.last):
            message = f"nothing is announced from {first} to {last}; look whether the site has more in other places"
            report(_issue(source, "discover.gap", message, source.name))


def gaps(days: Iterable[dt.date], since: dt.date, until: dt.date) -> list[tuple[dt.date, dt.date]]:
    """First and last day of each stretch without articles that is much longer than the usual one."""
    within = sorted(day for day in set(days) if since <= day <= until)
    steps = [(later - day).days for day, later in itertools.pairwise(within)]
    least = max(GAP_DAYS, GAP_TIMES * statistics.median(steps)) if steps else GAP_DAYS
    one = dt.timedelta(days=1)
    edges = [since - one, *within, until + one]
    pairs = itertools.pairwise(edges)
    return [(day + one, later - one) for day, later in pairs if (later - day).days > least]


def _on_topic(found: Found, keywords: tuple[str, ...]) -> bool:
    """Whether the title holds one of the words; an article that its list gives no title is kept."""
    if not keywords or not found.title:
        return True
    title = _folded(found.title)
    return any(_folded(keyword) in title for keyword in keywords)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _announced(source: Source, get: Get, report: Report, window: Window) -> Iterator[Found]:
    for listing in source.discovery.listings:
        for url in listing.urls:
            yield from _Walk(source, listing, source.absolute(url), get, report, window).articles()
    for url in source.discovery.feeds:
        yield from _feed(source, source.absolute(url), get, report)
    for sitemap in source.discovery.sitemaps:
        from_sitemap = window.today - dt.timedelta(days=sitemap.days) if sitemap.days else None
        tree = _SitemapTree(source, sitemap, get, report, window.since or from_sitemap, window.until)
        yield from tree.articles()
        if window.since:
            yield from tree.of_days(window.since, window.last)


# listings


@dataclass(frozen=True, slots=True)
class _Page:
    """A listing page: where it was found (after redirects) and what it says."""

    url: str
    soup: BeautifulSoup

    @property
    def base(self) -> str:
        base = self.soup.find("base", href=True)
        return (_joined(self.url, str(base["href"])) if isinstance(base, Tag) else None) or self.url

    def links(self, selector: str) -> list[tuple[str, Tag]]:
        """The absolute URLs of what the selector finds, in order."""
        base = self.base
        found = ((str(tag.get("href") or ""), tag) for tag in self.soup.select(selector))
        joined = ((_joined(base, href), tag) for href, tag in found if not _NO_PAGE.match(href))
        return [(url, tag) for url, tag in joined if url is not None]

    def hrefs(self, selector: str) -> list[str]:
        return [url for url, _ in self.links(selector)]


class _Walk:
    """One walk through the pages of one listing."""

    def __init__(self, source: Source, listing: Listing, url: str, get: Get, report: Report, window: Window) -> None:
        self._source = source
        self._listing = listing
        self._url = url
        self._get = get
        self._report = report
        self._window = window
        self._seen: set[str] = set()
        self._read: set[str] = set()
        self._failed = 0

    def articles(self) -> Iterator[Found]:
        """The articles of all pages; a page that brings none that is new ends the walk."""
        first = self._page(self._url, first=True)
        if first is None:
            return
        fresh = self._fresh(first, first=True)
        if not fresh:
            self._tell("discover.empty_listing", "no link on it is an article's; correct its address or `links`")
            return
        yield from fresh
        yield from self._later(first, fresh)

    def _later(self, page: _Page, latest: list[Found]) -> Iterator[Found]:
        """The first way of paging that brings new articles is kept."""
        kept: Pager | None = None
        last = {pager: _last_page(pager, page, self._url) for pager in self._listing.pagination}
        most = BACK_PAGES if self._window.since else self._listing.pages
        for number in range(2, most + 1):
            if self._far_enough(latest):
                return
            fresh: list[Found] = []
            for pager in [kept] if kept else self._listing.pagination:
                following = self._following(pager, page, number, last[pager])
                if following is None:
                    continue
                fresh = self._fresh(following)
                if fresh:
                    kept, page, latest = pager, following, fresh
                    break
            if not fresh and not self._passes_over(kept):
                break
            yield from fresh
        self._tell_if_short(latest)

    def _far_enough(self, latest: list[Found]) -> bool:
        """Whether what comes after these articles is not wanted: it is older than the days wanted, or, in a crawl of
        what is new, known and older than the time in which articles are published late."""
        days = [self._window.day(found) for found in latest]
        if self._window.since:
            return all(day is not None and day < self._window.since for day in days)
        if len(self._seen) < self._source.assertions.minimum:
            return False  # whether it lists as many as it should is to be seen
        back = self._window.today - dt.timedelta(days=self._source.revisit.look_back)
        known = (self._window.recall(found.doc_id) for found in latest)
        settled = all(one is not None and one.settled for one in known)
        return settled and all(day is not None and day < back for day in days)

    def _passes_over(self, kept: Pager | None) -> bool:
        """Whether to try the next number after a page that failed."""
        numbered = kept is not None and kept.mode != "rel_next"
        return bool(self._window.since) and numbered and 0 < self._failed < FAILED_PAGES

    def _tell_if_short(self, latest: list[Found]) -> None:
        since = self._window.since
        if since is None:
            return
        days = [day for found in latest if (day := self._window.day(found))]
        if not days:
            message = f"its pages give no days; all that there are were read, whether they reach {since} is not known"
        elif min(days) >= since and (min(days) - since).days > GAP_DAYS:
            message = f"its pages end at {min(days)}; what is older, down to {since}, must come from elsewhere"
        else:
            return
        self._tell("discover.backfill_short", message, warning=True)

    def _following(self, pager: Pager, page: _Page, number: int, last: int) -> _Page | None:
        if number > last:
            return None
        if pager.mode == "rel_next":
            links = [url for url in page.hrefs(pager.selector) if _key(url) not in self._read]
            return self._page(links[0]) if links else None
        template = pager.url or ""
        return self._page(urljoin(self._url, template.replace("{page}", str(number))))

    def _page(self, url: str, *, first: bool = False) -> _Page | None:
        """The page, None where it is not there; a failure is reported but for the 404 that ends a listing."""
        self._read.add(_key(url))
        try:
            response = self._get(url)
        except HostStopped:
            raise
        except FetchError as error:
            if first or not isinstance(error, Gone):
                self._failed += 1
                self._tell("discover.listing_failed", str(error))
            return None
        self._failed = 0
        if first and _path(response.url) != _path(url):
            self._tell("discover.listing_moved", f"it redirects to {response.url}; correct its address", warning=True)
        self._read.add(_key(response.url))
        return _Page(response.url, BeautifulSoup(response.body, "lxml", from_encoding=_charset(response)))

    def _fresh(self, page: _Page, *, first: bool = False) -> list[Found]:
        """The articles of the page that the walk has not met; of the link selectors the first that finds one."""
        for selector in self._listing.links:
            if links := self._articles(page.links(selector)):
                return self._unseen(links)
        if not self._listing.any_link:
            return []
        links = self._articles(page.links("a[href]"))
        if links and first and self._listing.links:
            message = "no selector of `links` finds an article; all links in an article's form are taken"
            self._tell("discover.selector_missed", message, warning=True)
        return self._unseen(links)

    def _articles(self, links: list[tuple[str, Tag]]) -> list[tuple[str, Tag]]:
        return [(self._source.canonical(url), tag) for url, tag in links if self._source.is_article(url)]

    def _unseen(self, links: list[tuple[str, Tag]]) -> list[Found]:
        """Each article once; its title and day are those of the first of its links that has them."""
        fresh: dict[str, Found] = {}
        for url, tag in links:
            doc_id = self._source.doc_id(url)
            if doc_id in self._seen:
                continue
            found = fresh.setdefault(doc_id, Found(url, doc_id, self._url))
            title = found.title or _words(tag)
            day = found.announced or self._day_beside(tag, doc_id)
            fresh[doc_id] = replace(found, title=title, announced=day)
        self._seen |= fresh.keys()
        return list(fresh.values())

    def _day_beside(self, tag: Tag, doc_id: str) -> dt.date | None:
        """The day that stands in the link's item: in the widest element around it without another article's link."""
        item = tag
        for parent in tag.parents:
            hrefs = (str(link.get("href") or "") for link in parent.find_all("a", href=True))
            urls = (_joined(self._url, href) for href in hrefs)
            others = (url for url in urls if url and self._source.is_article(url))
            if parent.name in {"body", "html", "[document]"} or any(
                self._source.doc_id(url) != doc_id for url in others
            ):
                break
            item = parent
        return _day_within(item)

    def _tell(self, code: str, message: str, *, warning: bool = False) -> None:
        level = "warning" if warning or self._listing.guess else "error"
        self._report(_issue(self._source, code, f"listing {self._url}: {message}", self._url, level=level))


def _words(tag: Tag) -> str | None:
    """What a link says: its text, else its title."""
    return " ".join(tag.get_text(" ").split()) or " ".join(str(tag.get("title") or "").split()) or None


def _day_within(item: Tag) -> dt.date | None:
    times = (str(time.get("datetime") or "") for time in item.find_all("time"))
    lines = (text for text in item.stripped_strings if len(text) <= _DATE_LINE)
    day = next((day for text in (*times, *lines) if (day := published_on(text))), None)
    return dt.date.fromisoformat(day) if day else None


def _joined(base: str, href: str) -> str | None:
    """The absolute URL, None where the page has something there that is none."""
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return None


def _key(url: str) -> str:
    """One form of a listing page's URL; all parameters count, as one of them may be the page's number."""
    return str(canonicalize_url(url))


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _last_page(pager: Pager, page: _Page, url: str) -> int:
    """The number of the last page that a `last_page` pager's links lead to, without bound for the other modes."""
    if pager.mode != "last_page":
        return 1_000_000
    form = re.escape(urljoin(url, pager.url or "")).replace(re.escape("{page}"), r"(\d+)")
    numbers = [int(match[1]) for link in page.hrefs(pager.selector) if (match := re.fullmatch(form, link))]
    return max(numbers, default=1)


# feeds


def _feed(source: Source, url: str, get: Get, report: Report) -> Iterator[Found]:
    def tell(code: str, message: str) -> None:
        report(_issue(source, code, f"feed {url}: {message}", url))

    try:
        response = get(url)
    except HostStopped:
        raise
    except FetchError as error:
        return tell("discover.feed_failed", str(error))
    if looks_like_html(response.content_type, response.body):
        return tell("discover.feed_is_html", "a web page came in place of a feed; correct its address or drop it")
    if _DOCTYPE.search(response.body[:4096]):
        return tell("discover.doctype", "it has a DOCTYPE, which is refused")
    # Bytes in a stream: a string would be taken for a URL or file name. No header: bytes and prolog decide.
    feed = feedparser.parse(BytesIO(response.body), resolve_relative_uris=False, sanitize_html=False)
    links = [(_joined(response.url, entry.get("link") or ""), entry) for entry in feed.entries]
    articles = [(link, entry) for link, entry in links if link and source.is_article(link)]
    if not articles:
        cause = f"it cannot be read ({feed.bozo_exception})" if feed.bozo else f"none of {len(links)} items is ours"
        return tell("discover.empty_feed", f"{cause}; correct its address or drop it")
    for link, entry in articles:
        title = " ".join(str(entry.get("title") or "").split()) or None
        yield Found(source.canonical(link), source.doc_id(link), url, _day(entry), title=title)
    return None


def _day(entry: feedparser.FeedParserDict) -> dt.date | None:
    """The day of change or publication. The clock time is not used: NukeViet writes the month in its minutes."""
    # "in" before "get", as feedparser answers a missing update with the publication, and a warning.
    dated = (entry.get(name) for name in ("updated_parsed", "published_parsed") if name in entry)
    stamp = next((found for found in dated if found), None)
    return dt.date(*stamp[:3]) if stamp else None


# sitemaps


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a sitemap; `kind` is `url` or `sitemap`, `stamp` its day or time as written."""

    kind: str
    location: str
    stamp: str
    title: str | None

    @property
    def modified(self) -> dt.datetime | None:
        """The stamp in local time, midnight where it is a day."""
        day = _day_in(self.stamp)
        clocked = self.clocked
        if clocked:
            return clocked.astimezone(LOCAL)
        return dt.datetime.combine(day, dt.time(), LOCAL) if day else None

    @property
    def clocked(self) -> dt.datetime | None:
        """The stamp where it has a time of day; without a zone it is local."""
        if len(self.stamp) <= len("2020-07-14"):
            return None
        try:
            moment = dt.datetime.fromisoformat(self.stamp)
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)


class _SitemapTree:
    """A sitemap and, where it is an index, the sitemaps below it."""

    def __init__(
        self,
        source: Source,
        sitemap: Sitemap,
        get: Get,
        report: Report,
        cutoff: dt.date | None,
        until: dt.date | None = None,
    ) -> None:
        self._source = source
        self._sitemap = sitemap
        self._get = get
        self._report = report
        self._cutoff = cutoff
        self._until = until
        self._read: set[str] = set()
        self._found = 0

    def articles(self) -> Iterator[Found]:
        root = self._source.absolute(self._sitemap.url)
        yield from self._below(root, 1)
        if not self._found:
            self._tell("discover.empty_sitemap", root, "no entry is an article's; correct `match` or drop it")

    def of_days(self, since: dt.date, until: dt.date) -> Iterator[Found]:
        """The articles of the days' own sitemaps, newest first, where the declaration says how they are named; days
        whose sitemap is not there are reported together."""
        if self._sitemap.day_url is None:
            return
        missing: list[dt.date] = []
        for back in range((until - since).days + 1):
            day = until - dt.timedelta(days=back)
            url = self._source.absolute(day.strftime(_strftime(self._sitemap.day_url)))
            if url not in self._read:
                yield from self._below(url, 1, missing=lambda day=day: missing.append(day))  # type: ignore[misc]
        if missing:
            message = f"{len(missing)} days have no sitemap of their own: {_stretches(missing)}"
            self._tell("discover.days_missing", self._source.absolute(self._sitemap.url), message)

    def _below(self, url: str, depth: int, missing: Callable[[], None] | None = None) -> Iterator[Found]:
        self._read.add(url)
        body = self._body(url, missing)
        if body is None:
            return
        for entry in self._entries(url, body):
            location, day = entry.location, entry.modified.date() if entry.modified else None
            if self._cutoff and day and day < self._cutoff:
                self._found += 1  # it is alive, only quiet
                continue
            if entry.kind == "sitemap":
                if child := _joined(url, location):
                    yield from self._child(child, depth + 1)
            elif self._source.is_article(location):
                self._found += 1
                canonical, doc_id = self._source.canonical(location), self._source.doc_id(location)
                yield Found(canonical, doc_id, url, day, entry.clocked, entry.title)

    def _child(self, url: str, depth: int) -> Iterator[Found]:
        match, day = self._sitemap.match, _day_in(url)
        if url in self._read or (match and not match.search(url)):
            return
        if day and ((self._cutoff and day < self._cutoff) or (self._until and day > self._until)):
            return
        if depth > SITEMAP_DEPTH:
            self._tell("discover.sitemap_depth", url, f"more than {SITEMAP_DEPTH} levels; the rest is left out")
            return
        yield from self._below(url, depth)

    def _body(self, url: str, missing: Callable[[], None] | None = None) -> bytes | None:
        try:
            response = self._get(url, SITEMAP_BYTES)
            body = response.body
            if body.startswith(GZIP_MAGIC):
                body = decode(body, "gzip", SITEMAP_BYTES)
        except HostStopped:
            raise
        except (FetchError, BrokenEncoding, DecodedTooLarge) as error:
            if missing and isinstance(error, Gone):
                missing()
                return None
            self._tell("discover.sitemap_failed", url, str(error))
            return None
        if looks_like_html(response.content_type, body):
            self._tell("discover.sitemap_is_html", url, "a web page came in place of a sitemap; correct its address")
            return None
        if _DOCTYPE.search(body):
            self._tell("discover.doctype", url, "it has a DOCTYPE, which is refused")
            return None
        return body

    def _entries(self, url: str, body: bytes) -> Iterator[_Entry]:
        try:
            yield from self._parsed(url, body)
        except etree.XMLSyntaxError as error:
            self._tell("discover.sitemap_broken", url, f"it is not well-formed ({error}); what comes before is used")

    def _parsed(self, url: str, body: bytes) -> Iterator[_Entry]:
        events = etree.iterparse(
            BytesIO(body), tag=("{*}url", "{*}sitemap"), resolve_entities=False, no_network=True, load_dtd=False
        )
        for number, (_, element) in enumerate(events, 1):
            if number > SITEMAP_URLS:
                self._tell("discover.sitemap_urls", url, f"more than {SITEMAP_URLS:,} entries; the rest is left out")
                return
            location = (element.findtext("{*}loc") or "").strip()
            modified = element.findtext("{*}lastmod") or element.findtext("{*}news/{*}publication_date") or ""
            title = " ".join((element.findtext("{*}news/{*}title") or "").split()) or None
            kind = etree.QName(element).localname
            element.clear()
            if location:
                yield _Entry(kind, location, modified.strip(), title)

    def _tell(self, code: str, url: str, message: str) -> None:
        self._report(_issue(self._source, code, f"sitemap {url}: {message}", url))


def _strftime(form: str) -> str:
    """A day sitemap's address as a form for strftime."""
    escaped = form.replace("%", "%%")
    for name, code in (("{year}", "%Y"), ("{month}", "%m"), ("{day}", "%d")):
        escaped = escaped.replace(name, code)
    return escaped


def _stretches(days: Iterable[dt.date]) -> str:
    """ "2020-07-01 to 2020-07-14, 2020-08-02"."""
    ordered = sorted(days)
    found: list[list[dt.date]] = []
    for day in ordered:
        if found and (day - found[-1][-1]).days == 1:
            found[-1].append(day)
        else:
            found.append([day])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]} to {part[-1]}" for part in found)


def _day_in(text: str) -> dt.date | None:
    match = _DAY.search(text)
    try:
        return dt.date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None  # 2020-13-45 is some other number


def _charset(response: Response) -> str | None:
    """The header's charset; without one the page's own mark or its bytes decide."""
    # Content-Type: text/html; charset="utf-8"
    match = re.search(r"charset=[\"']?([\w-]+)", response.content_type, re.IGNORECASE)
    return match[1] if match else None


def _issue(source: Source, code: str, message: str, where: str, *, level: str = "warning") -> Issue:
    return Issue(code, "error" if level == "error" else "warning", message, source.name, where)
