"""What a page that was answered with success really is, and whether a redirect led to the article asked for."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import unquote, urlsplit

from pipeline.records import Article, Capture, CaptureRef
from scrapers.page import PageError, parse
from scrapers.response import Response
from scrapers.source import Source

# `article`: a layout of the source reads it; `unread`: a page that none reads; `other`: no page (a picture, a PDF);
# the rest is no article at all.
Kind = Literal["article", "unread", "other", "login", "script_shell", "empty"]

_KINDS: dict[str, Kind] = {"page.login": "login", "page.script_shell": "script_shell", "page.not_html": "other"}
# Of the words of the shorter of two titles so many are in the other: lists cut titles and editors touch them up.
_SHARED = 0.6
# Of the words of a URL's slug so many are in the title: slugs are cut, and some systems drop letters from them.
_SLUG_SHARED = 0.4
# A title of fewer words may be no title: "Xem thêm", "Chi tiết".
_TITLE_WORDS = 4
# "so-noi-vu-cong-bo-ket-qua": fewer than four words say nothing about the title
_SLUG = re.compile(r"(?:[a-z0-9]+-){3,}[a-z0-9]+")
_NOWHERE = CaptureRef("", 0, 0, "")


@dataclass(frozen=True, slots=True)
class Look:
    """A page at a glance. `fingerprint` stands for title, lead and body as read, so that hit counters and other
    furniture do not change it; None where no layout reads the page. `why` says what is wrong with it."""

    kind: Kind
    title: str | None = None
    published: dt.date | None = None
    layout: str | None = None
    fingerprint: str | None = None
    why: str = ""


def look(response: Response, source: Source) -> Look:
    """What the response is, by the source's layouts of its day and by JSON-LD; nothing is guessed."""
    return look_at(
        Capture(
            ref=_NOWHERE,
            source=source.name,
            url=response.url,
            fetched_at=response.fetched_at,
            status=response.status,
            content_type=response.content_type,
            payload=response.body,
        ),
        source,
    )


def look_at(capture: Capture, source: Source) -> Look:
    """The same of a capture."""
    if not capture.payload.strip():
        return Look("empty", why="it is empty")
    # The generic fallback takes a tenth of a second a page and reads anything.
    plain = replace(source, fallbacks=tuple(name for name in source.fallbacks if name != "generic"))
    try:
        article, issues = parse(capture, plain)
    except PageError as error:
        return Look(_KINDS.get(error.issue.code, "unread"), why=error.issue.message.removeprefix(f"{capture.url}: "))
    missed = any(issue.code in {"layout.selector_missed", "layout.recognised", "layout.fallback"} for issue in issues)
    return Look(
        kind="unread" if missed else "article",
        title=article.title,
        published=dt.date.fromisoformat(article.published_on) if article.published_on else None,
        layout=None if missed else article.layout,
        fingerprint=fingerprint(article),
        why=next((issue.message for issue in issues), ""),
    )


def fingerprint(article: Article) -> str:
    """32 hexadecimal digits that change with title, lead and body, and with nothing else."""
    return hashlib.sha256(article.text.encode()).hexdigest()[:32]


def leads_elsewhere(asked: str, known: str | None, found: Response, title: str | None, source: Source) -> str | None:
    """Why the page that a redirect led to is not the article asked for, None where it is or may be. `known` is the
    title by which the article was announced or archived, `title` that of the page."""
    if not source.is_article(found.url):
        return "which is no article"
    same = source.doc_id(found.url) == source.doc_id(asked)
    if title and known and len(_plain_words(known)) >= _TITLE_WORDS:
        return None if alike(known, title) else f"whose title is {title!r} and not {known!r}"
    slug = _SLUG.search(unquote(urlsplit(asked).path).lower())
    if title and slug:
        words = {word for word in slug[0].split("-") if not word.isdigit()}
        return None if _share(words, _plain_words(title)) >= _SLUG_SHARED else f"whose title is {title!r}"
    return None if same else "which is another article by its number, and no title tells that it is the same"


def alike(one: str, other: str) -> bool:
    """Whether two titles are of one article: most words of the shorter are in the longer, marks and case aside."""
    first, second = _plain_words(one), _plain_words(other)
    shorter, longer = sorted((first, second), key=len)
    return _share(shorter, longer) >= _SHARED


def _share(words: set[str], among: set[str]) -> float:
    return len(words & among) / len(words) if words else 0.0


def _plain_words(text: str) -> set[str]:
    folded = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return set(re.findall(r"[a-z0-9]+", "".join(char for char in folded if not unicodedata.combining(char))))
