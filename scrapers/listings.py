"""Listing pages: the articles that they link, and the way from one page to the next."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from w3lib.url import canonicalize_url

from scrapers.announced import Found, Get, Report, Window, issue_of, joined
from scrapers.dates import published_on
from scrapers.failures import FetchError, Gone, HostStopped
from scrapers.response import Response
from scrapers.source import Listing, Pager, Source

# A walk back over years ends here at last: 2,000 pages of 20 articles.
BACK_PAGES = 2_000
# A page that fails in a walk back is a gap; so many in a row are the end.
FAILED_PAGES = 3
# Pages that end so many days after the first day wanted are told to end too early.
SHORT_DAYS = 14
# "17/07/2020 06:00:00 PM", "Thứ sáu - 17/07/2020 18:00"; what is longer is a sentence that names a day.
_DATE_LINE = 45

# Links that lead nowhere: "#", "javascript:void(0)", "mailto:a@b.vn"
_NO_PAGE = re.compile(r"^\s*(?:#|javascript:|mailto:|tel:|data:|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Page:
    """A listing page: where it was found (after redirects) and what it says."""

    url: str
    soup: BeautifulSoup

    @property
    def base(self) -> str:
        base = self.soup.find("base", href=True)
        return (joined(self.url, str(base["href"])) if isinstance(base, Tag) else None) or self.url

    def links(self, selector: str) -> list[tuple[str, Tag]]:
        """The absolute URLs of what the selector finds, in order."""
        base = self.base
        found = ((str(tag.get("href") or ""), tag) for tag in self.soup.select(selector))
        absolute = ((joined(base, href), tag) for href, tag in found if not _NO_PAGE.match(href))
        return [(url, tag) for url, tag in absolute if url is not None]

    def hrefs(self, selector: str) -> list[str]:
        return [url for url, _ in self.links(selector)]


class Walk:
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
        elif min(days) >= since and (min(days) - since).days > SHORT_DAYS:
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
            urls = (joined(self._url, href) for href in hrefs)
            others = (url for url in urls if url and self._source.is_article(url))
            if parent.name in {"body", "html", "[document]"} or any(
                self._source.doc_id(url) != doc_id for url in others
            ):
                break
            item = parent
        return _day_within(item)

    def _tell(self, code: str, message: str, *, warning: bool = False) -> None:
        level = "warning" if warning or self._listing.guess else "error"
        self._report(issue_of(self._source, code, f"listing {self._url}: {message}", self._url, level=level))


def _words(tag: Tag) -> str | None:
    """What a link says: its text, else its title."""
    return " ".join(tag.get_text(" ").split()) or " ".join(str(tag.get("title") or "").split()) or None


def _day_within(item: Tag) -> dt.date | None:
    times = (str(time.get("datetime") or "") for time in item.find_all("time"))
    lines = (text for text in item.stripped_strings if len(text) <= _DATE_LINE)
    day = next((day for text in (*times, *lines) if (day := published_on(text))), None)
    return dt.date.fromisoformat(day) if day else None


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


def _charset(response: Response) -> str | None:
    """The header's charset; without one the page's own mark or its bytes decide."""
    # Content-Type: text/html; charset="utf-8"
    match = re.search(r"charset=[\"']?([\w-]+)", response.content_type, re.IGNORECASE)
    return match[1] if match else None
