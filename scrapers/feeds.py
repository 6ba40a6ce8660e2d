"""RSS and Atom feeds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from io import BytesIO

import feedparser

from scrapers.announced import DOCTYPE, Found, Get, Report, issue_of, joined
from scrapers.failures import FetchError, HostStopped
from scrapers.robots import looks_like_html
from scrapers.source import Source


def of_feed(source: Source, url: str, get: Get, report: Report) -> Iterator[Found]:
    """The articles that the feed announces; a feed that is none is reported. Raises HostStopped."""

    def tell(code: str, message: str) -> None:
        report(issue_of(source, code, f"feed {url}: {message}", url))

    try:
        response = get(url)
    except HostStopped:
        raise
    except FetchError as error:
        return tell("discover.feed_failed", str(error))
    if looks_like_html(response.content_type, response.body):
        return tell("discover.feed_is_html", "a web page came in place of a feed; correct its address or drop it")
    if DOCTYPE.search(response.body[:4096]):
        return tell("discover.doctype", "it has a DOCTYPE, which is refused")
    # Bytes in a stream: a string would be taken for a URL or file name. No header: bytes and prolog decide.
    feed = feedparser.parse(BytesIO(response.body), resolve_relative_uris=False, sanitize_html=False)
    links = [(joined(response.url, entry.get("link") or ""), entry) for entry in feed.entries]
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
