"""From one article's page to a source's file: the publishing system told, its selectors tried, the rest proposed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import yaml
from pydantic import TypeAdapter
from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.records import Article, Capture
from scrapers.dates import published_on
from scrapers.html import decode, node_text
from scrapers.layouts import Layout, layouts
from scrapers.page import PageError, parse, parse_with
from scrapers.source import Pager, Sitemap, Source

# What is shown of a text that a selector found.
EXCERPT = 60
PARTS = ("title", "date", "lead", "author", "body")
# A body has at least so many characters in its own paragraphs; below it is a teaser or a footer.
MIN_BODY = 200

# Where pages of unknown systems usually have a part; the body is told by its paragraphs.
_USUAL: Mapping[str, tuple[str, ...]] = {
    "title": ("h1[itemprop=headline]", "h1[class*=title]", "article h1", "h1", "[class*=detail-title]"),
    "date": ("[itemprop=datePublished]", "time[datetime]", "[class*=publish]", "[class*=date]", "[class*=time]",
             "[class*=ngay]"),
    "lead": ("[itemprop=description]", "[class*=sapo]", "[class*=hometext]", "[class*=summary]", "[class*=lead]",
             "[class*=trichdan]"),
    "author": ("[itemprop=author]", "[class*=author]", "[class*=tacgia]", "p[style*=right] > strong"),
}  # fmt: skip
# Endings of hosts that say nothing of the site: "sonoivu.haugiang.gov.vn" is sonoivu-haugiang
_ENDING = re.compile(r"\.(?:(?:gov|com|org|net|edu)\.vn|vn|com|net|org|info)$")
# The number of an article: "-a123.html", "-post123.html", "/123.htm", "-123/"
_NUMBERED = re.compile(r"(?P<before>[-/](?P<prefix>[a-z]{0,4}))\d{2,}(?P<after>(?:\.[a-z]{3,5})?/?)$")
# Parameters that name an article in systems without speaking addresses.
_ID_PARAMETER = re.compile(r"(?:^|_)(?:\w*id|nid|tc|itemid|articleid|newsid)$", re.IGNORECASE)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml")


@dataclass(frozen=True, slots=True)
class Tried:
    """A selector tried for a part: `found` is the start of what it finds, None where that is nothing."""

    part: str
    selector: str
    found: str | None


@dataclass(frozen=True, slots=True)
class Trial:
    """A layout tried on a page. `signs` are those that the page shows, `tried` the selectors up to the first of each
    part that finds something, `article` what the layout reads, None where it finds no body."""

    layout: Layout
    signs: tuple[str, ...]
    tried: tuple[Tried, ...]
    article: Article | None
    missed: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether the layout reads the page with all that it requires, and the page shows its system."""
        return bool(self.signs) and self.article is not None and not self.missed

    @property
    def rank(self) -> tuple[bool, float, int]:
        """Higher for a better fit: selectors at the head of their list are those made for the layout."""
        places: dict[str, int] = {}
        for one in self.tried:
            places[one.part] = places.get(one.part, 0) + 1
        found = {one.part for one in self.tried if one.found is not None}
        return self.fits, sum(1 / places[part] for part in found), len(self.signs)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A source's file for a site, from one page of it: `text` is YAML that loads as it is, its findings stand in
    comments. `trial` is the layout chosen, None where no known system fits."""

    name: str
    text: str
    trial: Trial | None


def trials(capture: Capture) -> list[Trial]:
    """Every layout whose system the page shows or whose selectors fit it, the best first. Raises PageError for what
    is no page."""
    tree = LexborHTMLParser(decode(capture.payload, capture.content_type))
    source = _provisional(capture.url)
    found = [_trial(tree, chosen, capture, source) for chosen in layouts().values()]
    # Of equals the later one in layouts.yml goes first, as it extends the earlier.
    return sorted((trial for trial in reversed(found) if trial.signs), key=lambda trial: trial.rank, reverse=True)


def propose(
    capture: Capture, declared: Iterable[Source], *, name: str | None = None, province: str | None = None
) -> Proposal:
    """A source's file for the site of the page. What the page does not tell is taken from a declared source on the
    same layout whose addresses have the page's form, else from that form; all of it is named in `guesses`. Raises
    PageError for what is no page."""
    tree = LexborHTMLParser(decode(capture.payload, capture.content_type))
    _refuse_no_page(capture, tree)
    tried = trials(capture)
    fitting = [trial for trial in tried if trial.fits]
    declared = tuple(declared)
    host = urlsplit(capture.url).hostname or ""
    name = name or name_of(host)
    best = fitting[0] if fitting else None
    sister = _sister(capture.url, best, declared) if best else None
    keys = {
        "name": name,
        "title": site_title(tree) or host,
        **({"province": province} if province else {}),
        "scheme": urlsplit(capture.url).scheme,
        "hosts": _hosts(host),
        **_addresses(capture.url, sister),
        "delay": sister.delay if sister else 2.5,
        "discovery": _discovery(tree, capture.url, sister),
        "layouts": [{"layout": trial.layout.name} for trial in fitting] or [{"layout": name}],
        "assertions": {"minimum": 5, "filled": {"title": 1.0, "published_on": 0.9}},
        "guesses": _guesses(sister, province),
    }
    TypeAdapter(Source).validate_python(keys)
    head = [f"Proposed from one page: {capture.url}", *_known_as(host, name, declared)]
    head += _findings(tried, fitting) if fitting else [*_signs_only(tried), *_own_layout(tree, name, host)]
    used = best.layout.name if best else name
    head += ["", f"Look at `guesses`; save this as scrapers/sources/{name}.yml and the page, with its address, as",
             f"tests/golden/{name}/{used}.html and {used}.html.yml."]  # fmt: skip
    comments = "".join(f"# {_printable(line)}".rstrip() + "\n" for line in head)
    return Proposal(name, comments + yaml.safe_dump(keys, allow_unicode=True, sort_keys=False, width=110), best)


def own_address(html: str) -> str | None:
    """The address that a page says is its own: canonical link, else og:url."""
    tree = LexborHTMLParser(html)
    for selector, attribute in (("link[rel=canonical]", "href"), ('meta[property="og:url"]', "content")):
        node = tree.css_first(selector)
        address = (node.attributes.get(attribute) or "") if node is not None else ""
        if address.startswith(("http://", "https://")):
            return address
    return None


def name_of(host: str) -> str:
    """A source's name: "www.baolongan.vn" gives baolongan, "sonoivu.haugiang.gov.vn" sonoivu-haugiang."""
    plain = _ENDING.sub("", host.lower().removeprefix("www."))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "source"


def site_title(tree: LexborHTMLParser) -> str | None:
    """What the site calls itself: og:site_name, else what follows the article's title in that of the window."""
    node = tree.css_first('meta[property="og:site_name"]')
    if node is not None and (said := (node.attributes.get("content") or "").strip()):
        return said
    window = tree.css_first("head > title")
    parts = re.split(r"\s+[-|–]\s+", node_text_of(window)) if window is not None else []
    return parts[-1] if len(parts) > 1 else None


def site_title_of(html: str) -> str | None:
    """The same of a page's text."""
    return site_title(LexborHTMLParser(html))


def node_text_of(node: LexborNode) -> str:
    """The text of a node that is not shown, such as the window's title, on one line."""
    return " ".join(node.text().split())


def _printable(line: str) -> str:
    """The line without controls and line separators, with which a comment would end or the YAML not load."""
    return "".join(char if char.isprintable() else " " for char in line)


# ---------------------------------------------------------------------------------------------------------- trying


def _provisional(url: str) -> Source:
    """A source to which any page of the host is an article."""
    keys = {
        "name": "proposed",
        "title": "proposed",
        "hosts": [urlsplit(url).hostname],
        "scheme": urlsplit(url).scheme,
        "article": "^/",
        "discovery": {"feeds": ["/"]},
        "layouts": [{"layout": "nukeviet"}],
        "fallbacks": [],
    }
    return TypeAdapter(Source).validate_python(keys)


def _refuse_no_page(capture: Capture, tree: LexborHTMLParser) -> None:
    """Raises PageError where the capture is a block page, an error page, no HTML, or has no text of its own."""
    try:
        parse(capture, _provisional(capture.url))
    except PageError as error:
        if error.issue.code in {"page.blocked", "page.status", "page.not_html"}:
            raise
        # Portals have a login form beside an article too.
        if error.issue.code in {"page.login", "page.script_shell"} and densest(tree) is None:
            raise


def _trial(tree: LexborHTMLParser, chosen: Layout, capture: Capture, source: Source) -> Trial:
    signs = tuple(sign for sign in chosen.signs if tree.css_first(sign) is not None)
    selectors = {"title": chosen.title, "date": chosen.date, "lead": chosen.lead, "author": chosen.author}
    tried = [one for part in PARTS for one in _tried(tree, part, selectors.get(part, chosen.body))]
    try:
        article, issues = parse_with(capture, source, chosen.name)
    except PageError:
        return Trial(chosen, signs, tuple(tried), None, chosen.required)
    missed = tuple(issue.message for issue in issues if issue.code == "layout.selector_missed")
    return Trial(chosen, signs, tuple(tried), article, missed)


def _tried(tree: LexborHTMLParser, part: str, selectors: Iterable[str]) -> list[Tried]:
    """The selectors up to the first that finds something of use."""
    found: list[Tried] = []
    for selector in selectors:
        texts = (_of_use(part, node) for node in tree.css(selector))
        found.append(Tried(part, selector, next(filter(None, texts), None)))
        if found[-1].found is not None:
            break
    return found


def _of_use(part: str, node: LexborNode) -> str | None:
    """What a node says where that can be the part: for a date a day, else text."""
    text = node_text(node)
    if part == "date":
        stated = node.attributes.get("datetime") or node.attributes.get("content") or ""
        return published_on(stated) or published_on(text)
    return _excerpt(text) or None


def _excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT else text[:EXCERPT].rsplit(" ", 1)[0] + " …"


# --------------------------------------------------------------------------------------------------------- telling


def _findings(tried: list[Trial], fitting: list[Trial]) -> list[str]:
    best = fitting[0]
    lines = [f"Publishing system: {best.layout.system} (layout {best.layout.name})"]
    lines += [f"  signs: {', '.join(best.signs)}", *_selectors(best.tried)]
    assert best.article is not None  # it fits
    lines += [f"  read: {_counted(best.article)}"]
    if others := [trial.layout.name for trial in fitting[1:]]:
        lines += [f"Fits as well: {', '.join(others)}"]
    return lines + _signs_only([trial for trial in tried if not trial.fits])


def _selectors(tried: Iterable[Tried]) -> list[str]:
    """A line for each selector: what it finds, or that it finds nothing."""
    shown = [(one.part, one.selector, "nothing" if one.found is None else one.found) for one in tried]
    width = max((len(selector) for _, selector, _ in shown), default=0)
    return [f"  {part:6} {selector:{width}}  {found}" for part, selector, found in shown]


def _counted(article: Article) -> str:
    kinds = [block.kind for block in article.blocks]
    counts = ", ".join(f"{kinds.count(kind)} {kind}s" for kind in dict.fromkeys(kinds) if kind != "title")
    return f"{counts}; {len(article.text):,} characters; published on {article.published_on}; author {article.author}"


def _signs_only(tried: Iterable[Trial]) -> list[str]:
    return [
        f"Shows signs of {trial.layout.name} ({', '.join(trial.signs)}), which "
        + ("finds no body" if trial.article is None else f"misses {len(trial.missed)} of what it requires")
        for trial in tried
    ]


def _known_as(host: str, name: str, declared: Iterable[Source]) -> list[str]:
    known = [source.name for source in declared if host in source.hosts]
    if known:
        return [f"The host is declared already, in {known[0]}.yml: it may need a layout more, and not a second source."]
    return [f"A source {name} is declared already: give this one another name."] * any(
        source.name == name for source in declared
    )


def _own_layout(tree: LexborHTMLParser, name: str, host: str) -> list[str]:
    """A layout to begin with for a system that is not known."""
    tried = [one for part, selectors in _USUAL.items() for one in _tried(tree, part, selectors)]
    body = densest(tree)
    lines = ["No known publishing system fits. Usual selectors tried:", *_selectors(tried)]
    lines += [f"  body   {body or 'no element has paragraphs enough'}"]
    keys: dict[str, Any] = {"system": f"that of {host}"}
    keys |= {one.part: one.selector for one in tried if one.found is not None}
    keys |= {"body": body or "article", "signature": True}
    lines += ["To begin with, add this layout to scrapers/layouts.yml, and signs by which its pages are told:"]
    dumped = yaml.safe_dump({name: keys}, allow_unicode=True, sort_keys=False)
    return lines + [f"  {line}" for line in dumped.splitlines()]


def densest(tree: LexborHTMLParser) -> str | None:
    """A selector of the element whose own paragraphs have most text outside links; None where none has enough."""
    weights: dict[int, tuple[int, LexborNode]] = {}
    for paragraph in tree.css("p"):
        parent = paragraph.parent
        if parent is None:
            continue
        linked = sum(len(link.text()) for link in paragraph.css("a"))
        weight = weights.get(parent.mem_id, (0, parent))[0] + len(paragraph.text().strip()) - linked
        weights[parent.mem_id] = weight, parent
    weight, node = max(weights.values(), key=lambda found: found[0], default=(0, None))
    return _selector(node) if node is not None and weight >= MIN_BODY else None


# "detail-content", "news_body": a name that CSS takes without escapes
_PLAIN_NAME = re.compile(r"[A-Za-z_][\w-]*")


def _selector(node: LexborNode) -> str:
    """`#id` or `tag.class`, of the nearest ancestor that has either where the node has none."""
    path: list[str] = []
    current: LexborNode | None = node
    while current is not None and current.tag not in {"body", "html", "-undef"}:
        if (own := current.attributes.get("id")) and _PLAIN_NAME.fullmatch(own):
            return " > ".join([f"#{own}", *path])
        classes = [one for one in (current.attributes.get("class") or "").split() if _PLAIN_NAME.fullmatch(one)]
        path.insert(0, ".".join([current.tag or "*", *classes[:2]]))
        if classes:
            break
        current = current.parent
    return " > ".join(path) or "body"


# ------------------------------------------------------------------------------------------------------- proposing


def _target(url: str) -> str:
    parts = urlsplit(url)
    return unquote(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def _sister(url: str, best: Trial, declared: Iterable[Source]) -> Source | None:
    """A declared source on the same layout whose pattern of articles the address has; the host's own before others."""
    target, host = _target(url), urlsplit(url).hostname
    declared = sorted(declared, key=lambda source: host not in source.hosts)
    same = (source for source in declared if best.layout.name in {dated.layout for dated in source.layouts})
    return next((source for source in same if source.article.search(target)), None)


def _hosts(host: str) -> list[str]:
    """The host and, where it is a domain's own, its other name with or without www."""
    if host.startswith("www."):
        return [host, host.removeprefix("www.")]
    return [host] if "." in _ENDING.sub("", host) else [host, f"www.{host}"]


def _addresses(url: str, sister: Source | None) -> dict[str, Any]:
    """The keys that say which addresses are articles and what makes two of them one."""
    if sister:
        found = {"article": sister.article.pattern, "identity": [one.pattern for one in sister.identity]}
        found |= {"keep_params": list(sister.keep_params)} if sister.keep_params else {}
        return found | ({"skip": [one.pattern for one in sister.skip]} if sister.skip else {})
    parts = urlsplit(url)
    path = unquote(parts.path)
    named = [name for name, value in parse_qsl(parts.query) if _ID_PARAMETER.search(name) and value]
    if named and not _NUMBERED.search(path):
        identity = f"[?&]{re.escape(named[-1])}=(?P<id>[^&]+)"
        return {
            "article": f"^{re.escape(path)}\\?.*{re.escape(named[-1])}=",
            "identity": [identity],
            "keep_params": named,
        }
    if numbered := _NUMBERED.search(path):
        before, after = re.escape(numbered["before"]), re.escape(numbered["after"])
        folders = "(?:[^/?]*/)+" if path.count("/") > 1 else ""
        stem = "" if numbered["before"].startswith("/") else "[^/?]+"
        last = before.removeprefix("/") if folders and not stem else before
        return {"article": f"^/{folders}{stem}{last}\\d+{after}$", "identity": [f"{before}(?P<id>\\d+){after}$"]}
    folder = re.escape(path.rstrip("/").rpartition("/")[0])
    return {"article": f"^{folder}/[^/?]+/?$"}


def _discovery(tree: LexborHTMLParser, url: str, sister: Source | None) -> dict[str, Any]:
    """The home page, the section that holds the article, and the feeds that the page names, else the sister's."""
    usual = sister.discovery.listings if sister else ()
    links = list(usual[0].links) if usual else []
    listings: list[dict[str, Any]] = [{"urls": ["/"], **({"links": links} if links else {})}]
    if section := _section(tree, url):
        paged: dict[str, Any] = {"pages": 10, "guess": True}
        if usual:
            paged["pagination"] = [_plain(pager) for pager in usual[-1].pagination]
        listings += [{**listings[0], "urls": [section], **paged}]
    named = [node for node in tree.css("link[rel=alternate][href]") if node.attributes.get("type") in _FEED_TYPES]
    own = [address for node in named if (address := _on_host(url, node.attributes.get("href") or ""))]
    feeds = list(dict.fromkeys(own)) or (list(sister.discovery.feeds) if sister else [])
    sitemaps = [_plain(sitemap) for sitemap in sister.discovery.sitemaps] if sister else []
    found = {"listings": listings, "feeds": feeds, "sitemaps": sitemaps}
    return {key: values for key, values in found.items() if values}


def _plain(declared: Pager | Sitemap) -> dict[str, Any]:
    """The keys of a declaration that are not as they are by default, as they stand in YAML."""
    found = {}
    for field in dataclasses.fields(declared):
        value = getattr(declared, field.name)
        if value is not None and value != field.default:
            found[field.name] = value.pattern if isinstance(value, re.Pattern) else value
    return found


def _on_host(url: str, href: str) -> str | None:
    """Path and query of what a link leads to, None where that is on another host or nowhere."""
    try:
        parts = urlsplit(urljoin(url, href))
        same = parts.scheme in {"http", "https"} and parts.hostname == urlsplit(url).hostname
    except ValueError:
        return None  # such as http://[x
    return _target(parts.geturl()) if same else None


def _section(tree: LexborHTMLParser, url: str) -> str | None:
    """The list that the article belongs to: the last link of the breadcrumb, else the longest path above it that the
    page links to."""
    article = _target(url)

    def lists(selector: str) -> list[str]:
        found = (_on_host(url, node.attributes.get("href") or "") for node in tree.css(selector))
        return [path for path in found if path and path not in {"", "/", article}]

    above = [path for path in lists("a[href]") if article.startswith(path.rstrip("/") + "/")]
    return next(iter(reversed(lists('[class*="breadcrumb"] a[href]'))), None) or max(above, key=len, default=None)


def _guesses(sister: Source | None, province: str | None) -> list[str]:
    told = "The province, from the host's and the site's name." if province else (
        "No province: the site is taken for one of a central body."
    )  # fmt: skip
    if sister:
        return [
            f"The form of addresses and the link selectors are those of {sister.name}, on the same publishing system.",
            "The title; the sections; feeds and sitemaps but for the feeds that the page names.",
            told,
        ]
    return ["The form of addresses, from that of one page.", "The title, the sections, feeds and sitemaps.", told]
