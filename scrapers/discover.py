"""Where a source announces its articles: listing pages, feeds and sitemaps to canonical article URLs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import feedparser
from bs4 import BeautifulSoup, Tag
from lxml import etree  # type: ignore[import-untyped]
from w3lib.url import canonicalize_url

from pipeline.records import Issue
from scrapers.bodies import GZIP_MAGIC, BrokenEncoding, DecodedTooLarge, decode
from scrapers.fetch import MIB, FetchError, Gone, HostStopped, Response
from scrapers.robots import looks_like_html
from scrapers.source import Listing, Pager, Sitemap, Source

SITEMAP_BYTES = 50 * MIB
SITEMAP_DEPTH = 5
SITEMAP_URLS = 50_000

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
    """An article announced at `via`, under its canonical URL; `announced` is the day that a feed or sitemap gives
    it, which may be that of a change."""

    url: str
    doc_id: str
    via: str
    announced: dt.date | None = None


def discover(
    source: Source, get: Get, report: Report, *, today: dt.date, since: dt.date | None = None
) -> Iterator[Found]:
    """Every article that the source announces, once, in the order of its declaration.

    `since` leaves out what a feed or sitemap dates earlier; listings give no dates, their pages end by their cap.
    What fails or comes back empty is reported: a listing as an error (a warning where it is a guess), a feed or
    sitemap as a warning, since it is there besides. Raises HostStopped.
    """
    seen: set[str] = set()
    for found in _announced(source, get, report, today, since):
        if found.doc_id in seen or (since and found.announced and found.announced < since):
            continue
        seen.add(found.doc_id)
        yield found


def _announced(source: Source, get: Get, report: Report, today: dt.date, since: dt.date | None) -> Iterator[Found]:
    for listing in source.discovery.listings:
        for url in listing.urls:
            yield from _Walk(source, listing, source.absolute(url), get, report).articles()
    for url in source.discovery.feeds:
        yield from _feed(source, source.absolute(url), get, report)
    for sitemap in source.discovery.sitemaps:
        from_sitemap = today - dt.timedelta(days=sitemap.days) if sitemap.days else None
        cutoff = max((day for day in (since, from_sitemap) if day), default=None)
        yield from _SitemapTree(source, sitemap, get, report, cutoff).articles()


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

    def hrefs(self, selector: str) -> list[str]:
        """The absolute URLs of what the selector finds, in order."""
        found = (str(tag.get("href") or "") for tag in self.soup.select(selector))
        base = self.base
        urls = (_joined(base, href) for href in found if not _NO_PAGE.match(href))
        return [url for url in urls if url is not None]


class _Walk:
    """One walk through the pages of one listing."""

    def __init__(self, source: Source, listing: Listing, url: str, get: Get, report: Report) -> None:
        self._source = source
        self._listing = listing
        self._url = url
        self._get = get
        self._report = report
        self._seen: set[str] = set()
        self._read: set[str] = set()

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
        yield from self._later(first)

    def _later(self, page: _Page) -> Iterator[Found]:
        """The first way of paging that brings new articles is kept."""
        kept: Pager | None = None
        last = {pager: _last_page(pager, page, self._url) for pager in self._listing.pagination}
        for number in range(2, self._listing.pages + 1):
            fresh: list[Found] = []
            for pager in [kept] if kept else self._listing.pagination:
                following = self._following(pager, page, number, last[pager])
                if following is None:
                    continue
                fresh = self._fresh(following)
                if fresh:
                    kept, page = pager, following
                    break
            if not fresh:
                return
            yield from fresh

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
                self._tell("discover.listing_failed", str(error))
            return None
        if first and _path(response.url) != _path(url):
            self._tell("discover.listing_moved", f"it redirects to {response.url}; correct its address", warning=True)
        self._read.add(_key(response.url))
        return _Page(response.url, BeautifulSoup(response.body, "lxml", from_encoding=_charset(response)))

    def _fresh(self, page: _Page, *, first: bool = False) -> list[Found]:
        """The articles of the page that the walk has not met; of the link selectors the first that finds one."""
        for selector in self._listing.links:
            if urls := self._articles(page.hrefs(selector)):
                return self._unseen(urls)
        if not self._listing.any_link:
            return []
        urls = self._articles(page.hrefs("a[href]"))
        if urls and first and self._listing.links:
            message = "no selector of `links` finds an article; all links in an article's form are taken"
            self._tell("discover.selector_missed", message, warning=True)
        return self._unseen(urls)

    def _articles(self, urls: list[str]) -> list[str]:
        return [self._source.canonical(url) for url in urls if self._source.is_article(url)]

    def _unseen(self, urls: list[str]) -> list[Found]:
        fresh: list[Found] = []
        for url in urls:
            doc_id = self._source.doc_id(url)
            if doc_id not in self._seen:
                self._seen.add(doc_id)
                fresh.append(Found(url, doc_id, self._url))
        return fresh

    def _tell(self, code: str, message: str, *, warning: bool = False) -> None:
        level = "warning" if warning or self._listing.guess else "error"
        self._report(_issue(self._source, code, f"listing {self._url}: {message}", self._url, level=level))


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
    links = [(_joined(response.url, entry.get("link") or ""), _day(entry)) for entry in feed.entries]
    articles = [(link, day) for link, day in links if link and source.is_article(link)]
    if not articles:
        cause = f"it cannot be read ({feed.bozo_exception})" if feed.bozo else f"none of {len(links)} items is ours"
        return tell("discover.empty_feed", f"{cause}; correct its address or drop it")
    for link, day in articles:
        yield Found(source.canonical(link), source.doc_id(link), url, day)
    return None


def _day(entry: feedparser.FeedParserDict) -> dt.date | None:
    """The day of change or publication. The clock time is not used: NukeViet writes the month in its minutes."""
    # "in" before "get", as feedparser answers a missing update with the publication, and a warning.
    dated = (entry.get(name) for name in ("updated_parsed", "published_parsed") if name in entry)
    stamp = next((found for found in dated if found), None)
    return dt.date(*stamp[:3]) if stamp else None


# sitemaps


class _SitemapTree:
    """A sitemap and, where it is an index, the sitemaps below it."""

    def __init__(self, source: Source, sitemap: Sitemap, get: Get, report: Report, cutoff: dt.date | None) -> None:
        self._source = source
        self._sitemap = sitemap
        self._get = get
        self._report = report
        self._cutoff = cutoff
        self._read: set[str] = set()
        self._found = 0

    def articles(self) -> Iterator[Found]:
        root = self._source.absolute(self._sitemap.url)
        yield from self._below(root, 1)
        if not self._found:
            self._tell("discover.empty_sitemap", root, "no entry is an article's; correct `match` or drop it")

    def _below(self, url: str, depth: int) -> Iterator[Found]:
        self._read.add(url)
        body = self._body(url)
        if body is None:
            return
        for kind, location, day in self._entries(url, body):
            if self._cutoff and day and day < self._cutoff:
                self._found += 1  # it is alive, only quiet
                continue
            if kind == "sitemap":
                if child := _joined(url, location):
                    yield from self._child(child, depth + 1)
            elif self._source.is_article(location):
                self._found += 1
                yield Found(self._source.canonical(location), self._source.doc_id(location), url, day)

    def _child(self, url: str, depth: int) -> Iterator[Found]:
        match, day = self._sitemap.match, _day_in(url)
        if url in self._read or (match and not match.search(url)):
            return
        if self._cutoff and day and day < self._cutoff:
            return
        if depth > SITEMAP_DEPTH:
            self._tell("discover.sitemap_depth", url, f"more than {SITEMAP_DEPTH} levels; the rest is left out")
            return
        yield from self._below(url, depth)

    def _body(self, url: str) -> bytes | None:
        try:
            response = self._get(url, SITEMAP_BYTES)
            body = response.body
            if body.startswith(GZIP_MAGIC):
                body = decode(body, "gzip", SITEMAP_BYTES)
        except HostStopped:
            raise
        except (FetchError, BrokenEncoding, DecodedTooLarge) as error:
            self._tell("discover.sitemap_failed", url, str(error))
            return None
        if looks_like_html(response.content_type, body):
            self._tell("discover.sitemap_is_html", url, "a web page came in place of a sitemap; correct its address")
            return None
        if _DOCTYPE.search(body):
            self._tell("discover.doctype", url, "it has a DOCTYPE, which is refused")
            return None
        return body

    def _entries(self, url: str, body: bytes) -> Iterator[tuple[str, str, dt.date | None]]:
        """Kind (`url` or `sitemap`), location and day of each entry."""
        try:
            yield from self._parsed(url, body)
        except etree.XMLSyntaxError as error:
            self._tell("discover.sitemap_broken", url, f"it is not well-formed ({error}); what comes before is used")

    def _parsed(self, url: str, body: bytes) -> Iterator[tuple[str, str, dt.date | None]]:
        events = etree.iterparse(
            BytesIO(body), tag=("{*}url", "{*}sitemap"), resolve_entities=False, no_network=True, load_dtd=False
        )
        for number, (_, element) in enumerate(events, 1):
            if number > SITEMAP_URLS:
                self._tell("discover.sitemap_urls", url, f"more than {SITEMAP_URLS:,} entries; the rest is left out")
                return
            location = (element.findtext("{*}loc") or "").strip()
            modified = (element.findtext("{*}lastmod") or "").strip()
            kind = etree.QName(element).localname
            element.clear()
            if location:
                yield kind, location, _day_in(modified)

    def _tell(self, code: str, url: str, message: str) -> None:
        self._report(_issue(self._source, code, f"sitemap {url}: {message}", url))


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
