"""Sitemaps, indexes of sitemaps, news sitemaps and those of single days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO

from lxml import etree

from scrapers.announced import DOCTYPE, Found, Get, Report, issue_of, joined
from scrapers.bodies import GZIP_MAGIC, BrokenEncoding, DecodedTooLarge, decode
from scrapers.dates import LOCAL
from scrapers.failures import FetchError, Gone, HostStopped
from scrapers.robots import looks_like_html
from scrapers.source import Sitemap, Source

SITEMAP_BYTES = 50 * 1024 * 1024
SITEMAP_DEPTH = 5
SITEMAP_URLS = 50_000

# sitemap-article-2020-07-14.xml: a day's own sitemap
_DAY = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")


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


class SitemapTree:
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
                yield from self._below(url, 1, missing=partial(missing.append, day))
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
                if child := joined(url, location):
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
        if DOCTYPE.search(body):
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
        self._report(issue_of(self._source, code, f"sitemap {url}: {message}", url))


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
