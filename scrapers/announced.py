"""What a list says of an article, what is known of it, and which days are wanted: what all ways of discovery share."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urljoin

from pipeline.records import Issue
from scrapers.response import Response
from scrapers.source import Source

# Refused in feeds and sitemaps, which need none: it may bring entities that grow to gigabytes.
DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)


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


def joined(base: str, href: str) -> str | None:
    """The absolute URL, None where the page has something there that is none."""
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return None


def issue_of(source: Source, code: str, message: str, where: str, *, level: str = "warning") -> Issue:
    """An issue of the source; a warning where it is not said to be an error."""
    return Issue(code, "error" if level == "error" else "warning", message, source.name, where)
