"""Where a source announces its articles: listing pages, feeds and sitemaps to canonical article URLs."""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
import unicodedata
from collections.abc import Iterable, Iterator

from scrapers.announced import Found, Get, Known, Recall, Report, Window, issue_of
from scrapers.feeds import of_feed
from scrapers.listings import Walk
from scrapers.sitemaps import SitemapTree
from scrapers.source import Source

__all__ = ["Found", "Known", "Recall", "discover", "gaps"]

# A stretch without articles is a gap where it is this long, and this many times as long as usual.
GAP_DAYS = 14
GAP_TIMES = 5


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
            report(issue_of(source, "discover.gap", message, source.name))


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
            yield from Walk(source, listing, source.absolute(url), get, report, window).articles()
    for url in source.discovery.feeds:
        yield from of_feed(source, source.absolute(url), get, report)
    for sitemap in source.discovery.sitemaps:
        from_sitemap = window.today - dt.timedelta(days=sitemap.days) if sitemap.days else None
        tree = SitemapTree(source, sitemap, get, report, window.since or from_sitemap, window.until)
        yield from tree.articles()
        if window.since:
            yield from tree.of_days(window.since, window.last)
