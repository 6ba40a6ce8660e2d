"""A capture to an article: by the layout valid on its day, or by a fallback that says so."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import filterfalse
from typing import Any, Literal, Protocol
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.records import Article, Block, Capture, Issue
from scrapers.blocks import block_kind
from scrapers.dates import published_on
from scrapers.html import (
    Marks,
    Writing,
    decode,
    fragment_blocks,
    level,
    node_blocks,
    node_text,
    parsed,
    read_blocks,
    text_blocks,
    written_in,
)
from scrapers.layouts import Layout, layout, layouts
from scrapers.legacy import Encoding

# No article of the kind is longer; the longest reports with their tables have some 200,000 characters.
MAX_TEXT = 2_000_000
# Below this a page of more than MAX_BARE_BYTES has lost its text somewhere: a brief has about 400 characters.
MIN_TEXT = 200
MAX_BARE_BYTES = 20_000
# An author's line; longer ones are sentences.
MAX_AUTHOR = 80

GENERIC, JSON_LD = "generic", "jsonld"
BODY_FALLBACKS = (JSON_LD, GENERIC)


class PageError(Exception):
    """A capture that is no article; `issue` says what it is and what to do."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.message)
        self.issue = issue


class Site(Protocol):
    """What is needed of a source."""

    @property
    def name(self) -> str: ...
    @property
    def province(self) -> str | None: ...
    @property
    def fallbacks(self) -> tuple[str, ...]: ...
    def canonical(self, url: str) -> str: ...
    def is_article(self, url: str) -> bool: ...
    def doc_id(self, url: str) -> str: ...
    def layouts_on(self, day: dt.date) -> tuple[str, ...]: ...


def parse(capture: Capture, source: Site) -> tuple[Article, list[Issue]]:
    """The article of a capture, and what was odd about it.

    Of the source's layouts valid on the capture's day the first is used that finds all it requires, else one
    whose system the page shows, else the source's layout that misses least, else the source's fallbacks: all but
    the first way are issues. `Article.layout` names what gave the body. Raises PageError.
    """
    page = _Page(capture, source)
    candidates = source.layouts_on(dt.date.fromisoformat(capture.fetched_at[:10]))
    drafts: list[_Draft] = []
    for name in candidates:
        drafts.append(page.by_layout(layout(name)))
        if not drafts[-1].missed:
            return page.result(drafts[-1])
    page.refuse_block_page()
    for name in _recognised(page.tree, candidates):
        recognised = page.by_layout(layout(name))
        if not recognised.missed:
            page.warn(
                "layout.recognised",
                f"none of {', '.join(candidates)} fits, but {name} does: add it to the layouts of {source.name}, "
                "with an `until` for the one that it replaces",
            )
            return page.result(recognised)
    best = min(drafts, key=lambda draft: (not draft.body, len(draft.missed)), default=None)
    if best:
        page.warn_missed(layout(best.layout), best)
    if best and best.body:
        return page.result(best)
    for name in (fallback for fallback in source.fallbacks if fallback in BODY_FALLBACKS):
        if found := page.by_fallback(name):
            return page.result(found)
    raise page.error(*page.why_empty())


def parse_with(capture: Capture, source: Site, layout_name: str) -> tuple[Article, list[Issue]]:
    """The article as that layout (`Article.layout` of an earlier run) reads it. Raises PageError, LayoutError."""
    page = _Page(capture, source)
    fallback = layout_name in BODY_FALLBACKS
    draft = page.by_fallback(layout_name) if fallback else page.by_layout(layout(layout_name))
    if fallback or not draft or not draft.body or draft.missed:
        page.refuse_block_page()
    if not draft or not draft.body:
        raise page.error("page.layout_misfit", f"{layout_name} finds no article on it: extract again")
    if draft.missed:
        page.warn_missed(layout(layout_name), draft)
    return page.result(draft)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a layout or fallback found, before gaps are filled from the page's metadata."""

    layout: str
    body: tuple[Block, ...]
    title: str | None = None
    date: str | None = None
    lead: tuple[Block, ...] = ()
    author: str | None = None
    missed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Metadata:
    """What a page says of itself to machines; `origin` is the fallback that reads it."""

    origin: str
    title: str | None = None
    date: str | None = None
    author: str | None = None
    text: str | None = None


class _Page:
    """One capture, decoded and parsed once, with the issues met on the way. Raises PageError for what is no page."""

    def __init__(self, capture: Capture, source: Site) -> None:
        self.capture, self.source = capture, source
        self.issues: list[Issue] = []
        self.latest = _day_after(capture.fetched_at[:10])
        self._refuse_other_than_html()
        self.tree = parsed(capture.payload, capture.content_type)

    def _refuse_other_than_html(self) -> None:
        if not 200 <= self.capture.status < 300:
            raise self.error("page.status", f"status {self.capture.status} is no article: look whether it has gone")
        if kind := not_html(self.capture.payload):
            raise self.error("page.not_html", f"it is {kind}, no page: exclude such URLs in the source's file")

    def refuse_block_page(self) -> None:
        """Raises PageError where this is what a site answers a robot in place of a page.

        For pages in which no layout finds all that it requires: block pages have none of it, and to look through
        a page for their signs takes long.
        """
        if sign := block_kind(self.capture.status, self.capture.payload):
            raise self.error("page.blocked", f"the site took us for a robot ({sign}): wait, and crawl it more slowly")

    def error(self, code: str, message: str) -> PageError:
        return PageError(self._issue(code, "error", message))

    def warn(self, code: str, message: str) -> None:
        self.issues.append(self._issue(code, "warning", message))

    def _issue(self, code: str, level: Literal["warning", "error"], message: str) -> Issue:
        return Issue(code, level, f"{self.capture.url}: {message}", source=self.source.name, where=self.capture.url)

    @cached_property
    def html(self) -> str:
        """The page as text, for readers that parse it their own way."""
        return decode(self.capture.payload, self.capture.content_type)

    @cached_property
    def metadata(self) -> tuple[_Metadata, ...]:
        """The page's metadata in the order of the source's fallbacks."""
        return tuple(_READERS[name](self.tree) for name in self.source.fallbacks if name in _READERS)

    @property
    def stated_author(self) -> str | None:
        """The author by the metadata, of which one kind alone names any."""
        return _json_ld(self.tree).author if JSON_LD in self.source.fallbacks else None

    def by_layout(self, chosen: Layout) -> _Draft:
        """What the layout finds, and what it misses."""
        return _dated_lines(self.tree, chosen) if chosen.dated_title else _by_selectors(self.tree, chosen)

    def warn_missed(self, chosen: Layout, draft: _Draft) -> None:
        """An issue for each part that the layout requires and does not find."""
        selectors = {"title": chosen.title, "date": chosen.date, "lead": chosen.lead, "author": chosen.author}
        for part in draft.missed:
            tried = ", ".join(selectors.get(part, chosen.body)) or "its form"
            self.warn(
                "layout.selector_missed",
                f"layout {chosen.name} finds no {part} ({tried}): compare the page with layouts.yml; "
                "a new design needs a layout of its own",
            )

    def by_fallback(self, name: str) -> _Draft | None:
        """What JSON-LD or the generic reader finds, with an issue that says so; None where that is nothing."""
        if name == JSON_LD:
            text = next((found.text for found in self.metadata if found.origin == JSON_LD), None)
            body = tuple(text_blocks(text)) if text else ()
        else:
            body = tuple(_generic_body(self.html))
        if not body or not any(len(block.text) > 40 for block in body):  # a menu or a copyright line is no article
            return None
        self.warn(
            "layout.fallback",
            f"read by the fallback `{name}`, which may lose captions and table cells: write a layout for this page",
        )
        return _Draft(layout=name, body=body)

    def result(self, draft: _Draft) -> tuple[Article, list[Issue]]:
        """The article, gaps filled from metadata, and all issues. Raises PageError."""
        title = draft.title or self._filled("title")
        if not title:
            raise self.error("page.no_title", "it has no title anywhere: exclude it, or correct the layout")
        date = self._past(draft.date) or self._past(self._filled("date")) or self._past(self._guessed_date())
        if not date:
            self.warn("page.no_date", "it has no date anywhere: add a selector to its layout")
        article = Article(
            doc_id=self.source.doc_id(self.capture.url),
            source=self.source.name,
            province=self.source.province,
            url=self.source.canonical(self.capture.url),
            title=title,
            published_on=date,
            layout=draft.layout,
            ref=self.capture.ref,
            blocks=_assembled(title, draft),
            author=draft.author or self.stated_author,
        )
        self._check(article)
        return article, self.issues

    def _past(self, date: str | None) -> str | None:
        """The date, or None with an issue where it lies after the capture: then it is another date's line."""
        if date and date > self.latest:
            self.warn("page.future_date", f"{date} is later than the capture: correct the layout's date selector")
            return None
        return date

    def _filled(self, part: Literal["title", "date"]) -> str | None:
        for found in self.metadata:
            value = found.title if part == "title" else found.date
            if value:
                self.warn("layout.filled", f"the {part} is taken from {found.origin}: correct the layout's selector")
                return value
        return None

    def _guessed_date(self) -> str | None:
        if GENERIC not in self.source.fallbacks:
            return None
        date = _generic_date(self.html, self.latest)
        if date:
            self.warn("layout.filled", f"the date {date} is a guess from the page: correct the layout's selector")
        return date

    def _check(self, article: Article) -> None:
        length = len(article.text)
        if length > MAX_TEXT:
            raise self.error("page.too_long", f"{length:,} characters are no article: look at the layout's body")
        if length < MIN_TEXT and len(self.capture.payload) > MAX_BARE_BYTES:
            self.warn(
                "page.little_text",
                f"{length} characters out of {len(self.capture.payload):,} bytes: look whether the body is complete",
            )
        self._check_address(article)

    def _check_address(self, article: Article) -> None:
        """Old hosts redirect to unrelated articles with status 200: the page's own address or the words of the
        URL tell."""
        # A page without the word, with whatever capital, need not be walked for the link.
        named = any(word in self.capture.payload for word in (b"anonical", b"CANONICAL"))
        link = self.tree.css_first("link[rel=canonical][href]") if named else None
        stated = link.attributes.get("href") if link is not None else None
        own = urljoin(self.capture.url, stated) if stated and stated != self.capture.url else self.capture.url
        if own != self.capture.url and self.source.is_article(own) and self.source.doc_id(own) != article.doc_id:
            self.warn("page.other_address", f"the page says that it is {own}: look whether this URL redirects")
        slug = _SLUG.search(urlsplit(article.url).path)
        if slug and not set(slug[0].split("-")) & set(_plain_words(article.title)):
            self.warn("page.other_title", f"no word of its URL is in its title {article.title!r}: see where it leads")

    def why_empty(self) -> tuple[str, str]:
        if self.tree.css_first("input[type=password]"):
            return "page.login", "it asks for a password: exclude it in the source's file"
        text = node_text(self.tree.body) if self.tree.body else ""
        if len(text) < MIN_TEXT and self.tree.css_first("script"):
            return "page.script_shell", "its text comes by script only: find the address that the script reads"
        return "page.empty", "no layout and no fallback finds a body on it: look at the page, correct the layout"


# Captures come a day's worth in a row.
@lru_cache(maxsize=64)
def _day_after(day: str) -> str:
    """A day of grace: the capture's time is UTC, and clocks of sites are wrong."""
    return (dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat()


# "bac-lieu-duoc-xep-nhom-tot": fewer than four words ("tin-moi-123.html") say nothing about the title.
_SLUG = re.compile(r"(?<![a-z0-9])(?:[a-z0-9]++-){3,}[a-z0-9]+")


def _plain_words(text: str) -> list[str]:
    """The words without marks, as in a URL: "Sở Nội vụ" gives so, noi, vu."""
    folded = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return re.findall(r"[a-z]{2,}", "".join(filterfalse(unicodedata.combining, folded)))


# ------------------------------------------------------------------------------------------------ no page at all

_MAGIC = {
    b"\x89PNG": "a PNG image", b"\xff\xd8\xff": "a JPEG image", b"GIF8": "a GIF image", b"%PDF": "a PDF file",
    b"PK\x03\x04": "a ZIP or Office file", b"\xd0\xcf\x11\xe0": "an Office file", b"\x1f\x8b": "gzip data",
    b"Rar!": "an archive", b"{": "JSON", b"<?xml": "XML", b"<rss": "a feed",
}  # fmt: skip


# After white space and the byte order mark, in whatever order.
_BEGINNING = re.compile(rb"[^\xef\xbb\xbf \t\r\n]")


def not_html(payload: bytes) -> str | None:
    """What the payload is where its first bytes say that it is no HTML; None for a page."""
    found = _BEGINNING.search(payload)
    if not found:
        return "empty"
    start = payload[found.start() : found.start() + 2048]
    for magic, kind in _MAGIC.items():
        if start.startswith(magic) and not (magic == b"<?xml" and b"<html" in start.lower()):
            return kind
    return None if b"<" in start or b"\x00" not in start else "binary data"


def _recognised(tree: LexborHTMLParser, tried: Iterable[str]) -> Iterator[str]:
    for name, known in layouts().items():
        if name not in tried and any(tree.css_first(sign) is not None for sign in known.signs):
            yield name


# ---------------------------------------------------------------------------------------------------- by layout


def _by_selectors(tree: LexborHTMLParser, chosen: Layout) -> _Draft:
    body = next((node for selector in chosen.body if (node := tree.css_first(selector)) is not None), None)
    writing = written_in(body) if body is not None else Writing()
    likely = writing.encoding
    title = _first_text(tree, chosen.title, likely)
    date = _first_date(tree, chosen.date, likely)
    lead = next((node for selector in chosen.lead if (node := tree.css_first(selector)) is not None), None)
    author, signed = _author(tree, chosen, likely)
    skipped = _found((body, lead), chosen.drop) - {body.mem_id} if body is not None else frozenset()
    lead_blocks = _lead(lead, skipped, likely)
    if lead_blocks and lead is not None:
        skipped |= {lead.mem_id}
    if signed is not None:
        skipped |= {signed.mem_id}
    captions = _found((body,), chosen.captions)
    marks = Marks(skipped=skipped, captions=captions)
    figures = [
        Block(kind="caption", text=text)
        for selector in chosen.figures
        for node in tree.css(selector)
        if (text := node_text(node, likely=likely))
    ]
    blocks = _cut(read_blocks(body, marks, writing), chosen) if body is not None else []
    blocks, signature = _signed(blocks, chosen) if not author else (blocks, None)
    found = {"title": title, "date": date, "lead": lead is not None, "author": author or signature, "body": blocks}
    return _Draft(
        layout=chosen.name,
        title=title,
        date=date,
        lead=(*lead_blocks, *figures),
        author=author or signature,
        body=tuple(blocks),
        missed=tuple(part for part in chosen.required if not found[part]),
    )


def _found(within: Sequence[LexborNode | None], selectors: Iterable[str]) -> frozenset[int]:
    """The nodes (by `mem_id`) in these that any of the selectors finds, in one walk; selectors see what is around."""
    joined = ", ".join(selectors)
    if not joined:
        return frozenset()
    return frozenset(node.mem_id for root in within if root is not None for node in root.css(joined))


def _each(tree: LexborHTMLParser, selectors: Iterable[str]) -> Iterator[LexborNode]:
    """The nodes that the selectors find, the first of each without looking through the whole page."""
    for selector in selectors:
        first = tree.css_first(selector)
        if first is not None:
            yield first
            yield from tree.css(selector)[1:]


def _first_text(tree: LexborHTMLParser, selectors: Iterable[str], likely: Encoding | None) -> str | None:
    texts = (node_text(node, likely=likely) for node in _each(tree, selectors))
    return next(filter(None, texts), None)


def _first_date(tree: LexborHTMLParser, selectors: Iterable[str], likely: Encoding | None) -> str | None:
    for node in _each(tree, selectors):
        attributes = node.attributes
        stated = attributes.get("datetime") or attributes.get("content")
        if date := (stated and published_on(stated)) or published_on(node_text(node, likely=likely)):
            return date
    return None


def _lead(node: LexborNode | None, skipped: frozenset[int], likely: Encoding | None) -> tuple[Block, ...]:
    if node is None:
        return ()
    blocks = node_blocks(node, Marks(skipped=skipped - {node.mem_id}), likely)
    return tuple(replace(block, kind="lead") if block.kind != "caption" else block for block in blocks)


def _author(tree: LexborHTMLParser, chosen: Layout, likely: Encoding | None) -> tuple[str | None, LexborNode | None]:
    """The author and the node that says so: of the lines that the selectors find the last, or the labelled."""
    found = tree.css(", ".join(chosen.author)) if chosen.author else []
    for selector in chosen.author if found else ():
        for node in reversed([node for node in found if _matches(node, selector)]):
            text = node_text(node, likely=likely)
            if chosen.author_label and (label := chosen.author_label.match(text)):
                return label.groupdict().get("name", text[label.end() :]) or None, node
            if _is_name(text) and not chosen.author_label:
                return text, node
    return None, None


def _matches(node: LexborNode, selector: str) -> bool:
    """Whether the selector finds this very node, wherever else."""
    first = node.css_first(selector)
    return first is not None and first.mem_id == node.mem_id


# "Hồng Tươi (Sở Nội vụ)", "Kim Hằng - Phòng Cải cách hành chính": the name is what stands before
_NAME_TAIL = re.compile(r"\s*(?:\(.{2,50}\)|\s[-–]\s.{2,50}|,\s.{2,50})$")

# "Văn phòng Sở Nội vụ", "Phòng Cải cách hành chính", "Ban Biên tập"
_OFFICE = re.compile(r"(?:Văn phòng|Phòng|Ban Biên tập|BBT|Trung tâm|Thanh tra Sở|Chi cục)\b[^\d,;]{0,50}$")


def _is_name(text: str) -> bool:
    """Whether a line has the form of an author's: at most six words, each with a capital, and where he works."""
    if len(text) > MAX_AUTHOR or text.endswith((".", ":", ";", "!", "?")):
        return False
    if _OFFICE.match(text):
        return True
    words = _NAME_TAIL.sub("", text).split()
    return 1 <= len(words) <= 6 and all(word[0].isupper() for word in words if word[0].isalpha())


# "Bài, ảnh: QUỐC THÁI", "Tin và ảnh: Ngọc Hà", "Bài: Đức Minh"; "Ảnh: X" alone is a caption's credit
_BYLINE = re.compile(r"(?:Tin|Bài)(?:\s*(?:,|và|-)\s*(?:bài|ảnh)){0,2}\s*:\s*(\S.{1,60})", re.IGNORECASE)


def _signed(blocks: list[Block], chosen: Layout) -> tuple[list[Block], str | None]:
    """The blocks without a last line that is the author's name, and that name."""
    if not chosen.signature or len(blocks) < 2:
        return blocks, None
    before, last = blocks[-2], blocks[-1]
    if (byline := _BYLINE.fullmatch(last.text)) and _is_name(byline[1]):
        return blocks[:-1], byline[1]
    ended = before.kind in ("caption", "row") or before.text.endswith((".", "!", "?", "…", "”", '"'))
    if last.kind not in ("paragraph", "heading") or not ended or not _is_name(last.text):
        return blocks, None
    return blocks[:-1], last.text


def _cut(blocks: list[Block], chosen: Layout) -> list[Block]:
    """The blocks before the first that begins with one of the layout's end marks."""
    if (end := chosen.end) is None:
        return blocks
    first = next((number for number, block in enumerate(blocks) if end.match(block.text)), len(blocks))
    return blocks[:first]


# "(05/09/2017)", "05/09/2017 08:15"
_DATE_LINE = re.compile(r"\(?\s*\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}(?:\s+\d{1,2}:\d{2})?\s*\)?")
# Where no such thing stands there is no such line, whatever invisible stands in it.
_DATE = re.compile(r"\d\W{0,20}[/.-]\W{0,20}\d{1,2}\W{0,20}[/.-]\W{0,20}\d{4}")


def _dated_lines(tree: LexborHTMLParser, chosen: Layout) -> _Draft:
    """The article in the first node whose text has a line that is only a date: above it the title, below it the
    body."""
    drop = _found((tree.root,), chosen.drop)
    for selector in chosen.body:
        for node in tree.css(selector):
            if not _DATE.search(node.text()):
                continue
            blocks = node_blocks(node, Marks(skipped=drop))
            line = next((i for i, block in enumerate(blocks) if _DATE_LINE.fullmatch(block.text)), 0)
            date = published_on(blocks[line].text) if line else None
            body, author = _signed(_cut(blocks[line + 1 :], chosen), chosen)
            if date and body:
                title = _title_above(blocks[:line])
                return _Draft(chosen.name, tuple(body), title=title, date=date, author=author)
    return _Draft(chosen.name, (), missed=chosen.required)


def _title_above(blocks: list[Block]) -> str:
    """The last block, with those before it that are in capitals as it is: a long title is set in several lines."""
    lines = [blocks[-1].text]
    for block in reversed(blocks[:-1]):
        if not (block.text.isupper() and lines[0].isupper()):
            break
        lines.insert(0, block.text)
    return " ".join(lines)


def _assembled(title: str, draft: _Draft) -> tuple[Block, ...]:
    """Title, lead and body, without the title repeated at either end of the body or the lead at its start."""
    title_block = Block(kind="title", text=title)
    lead = [block for block in draft.lead if not _says(block, title)]
    body = list(draft.body)
    while body and (_says(body[0], title) or any(_says(body[0], block.text) for block in lead)):
        del body[0]
    while body and _says(body[-1], title):
        del body[-1]
    return (title_block, *lead, *body)


def _says(block: Block, text: str) -> bool:
    """Whether a block says the text, word by word."""
    if block.kind == "row":
        return False
    first, other = _WORD.search(block.text), _WORD.search(text)
    if first and other and first[0].casefold() != other[0].casefold():
        return False  # which is told without all the words of both
    return _words(block.text) == _words(text)


_WORD = re.compile(r"\w+")


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


# ----------------------------------------------------------------------------------------------------- fallbacks


def _json_ld(tree: LexborHTMLParser) -> _Metadata:
    """The page's JSON-LD article: its headline, its date of publication, its author, its text where it is given."""
    for node in tree.css('script[type="application/ld+json"]'):
        try:
            data = json.loads(node.text(), strict=False)
        except (json.JSONDecodeError, RecursionError):
            continue  # often broken by line breaks or quotation marks; the page has other sources
        for entry in _entries(data):
            kinds = entry.get("@type")
            if any(str(kind).endswith("Article") for kind in (kinds if isinstance(kinds, list) else [kinds])):
                return _Metadata(
                    JSON_LD,
                    title=_string(entry.get("headline")),
                    date=published_on(str(entry.get("datePublished") or "")),
                    author=_author_name(entry.get("author")),
                    text=entry.get("articleBody") if isinstance(entry.get("articleBody"), str) else None,
                )
    return _Metadata(JSON_LD)


def _entries(data: Any) -> Iterator[Mapping[str, Any]]:
    """The objects at the top, in lists and in `@graph`, in order."""
    waiting = [data]
    while waiting:
        current = waiting.pop()
        if isinstance(current, list):
            waiting += reversed(current)
        elif isinstance(current, dict):
            yield current
            waiting.append(current.get("@graph"))


def _author_name(value: Any) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    return _string(first.get("name") if isinstance(first, dict) else first)


def _string(value: Any) -> str | None:
    return (level(LexborHTMLParser(value).text()) or None) if isinstance(value, str) else None


def _opengraph(tree: LexborHTMLParser) -> _Metadata:
    """og:title and article:published_time, in the malformed way of NukeViet too."""
    return _Metadata(
        "opengraph",
        title=_content(tree, 'meta[property="og:title"]'),
        date=published_on(_content(tree, 'meta[property="article:published_time"]') or ""),
    )


def _visible_title(tree: LexborHTMLParser) -> _Metadata:
    """The only first-level heading, else what the browser shows as the title."""
    headings = [text for node in tree.css("h1") if (text := node_text(node))]
    shown = tree.css_first("head > title")
    title = headings[0] if len(headings) == 1 else level(shown.text()) if shown is not None else None
    return _Metadata(GENERIC, title=title or None)


_READERS = {JSON_LD: _json_ld, "opengraph": _opengraph, GENERIC: _visible_title}


def _content(tree: LexborHTMLParser, selector: str) -> str | None:
    node = tree.css_first(selector)
    return level(node.attributes.get("content") or "") or None if node is not None else None


def _generic_body(html: str) -> list[Block]:
    import trafilatura  # a second to import: only where a layout fails

    found = trafilatura.extract(html, output_format="html", include_tables=True, include_comments=False)
    return fragment_blocks(found) if found else []


def _generic_date(html: str, latest: str) -> str | None:
    from htmldate import find_date

    return find_date(html, original_date=True, extensive_search=False, min_date="1995-01-01", max_date=latest)
