"""A source: one site of an authority, as declared in `sources/<name>.yml`."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
import ssl
import types
import typing
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from w3lib.url import canonicalize_url, url_query_cleaner

STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

# ";jsessionid=0000abc:-1" in "/wps/portal/sonv/tin;jsessionid=0000abc:-1?x=1": added where no cookie came along
SESSION_ID = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)

# "ul.list > li a[href], a[rel~=next]": what nobody need ask the library about, which takes a fifth of a second to load.
_CONDITION = r"""[.#][a-zA-Z][\w-]*|\[[a-z]+(?:[~*^$]?=(?:[a-zA-Z]\w*|"[^"\\\x00-\x1f]*"))?\]|:-soup-contains\("[^"\\\x00-\x1f]*"\)"""
_COMPOUND = rf"(?:[a-z][a-z0-9]*(?:{_CONDITION})*|(?:{_CONDITION})+)"
_PLAIN_SELECTOR = re.compile(rf"{_COMPOUND}(?:(?: [>+] | |, ){_COMPOUND})*", re.ASCII)
Pattern = re.Pattern[str]
T = TypeVar("T")
AtLeastOne = Annotated[tuple[T, ...], Field(min_length=1)]


class SourceError(Exception):
    """A source's file cannot be used; the message names the file, the key and what is allowed."""


def _check_selector(selector: str) -> None:
    if _PLAIN_SELECTOR.fullmatch(selector):
        return
    import soupsieve

    try:
        soupsieve.compile(selector)
    except soupsieve.SelectorSyntaxError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{selector!r} is no CSS selector: {reason}") from error


def _check_certificate(pem: str) -> None:
    try:
        ssl.PEM_cert_to_DER_cert(pem.strip())
    except ValueError as error:
        raise ValueError(f"an entry of intermediates is no certificate in PEM form: {error}") from error


@dataclass(frozen=True, config=STRICT)
class Pager:
    """One way from a listing's page to its next ones.

    `rel_next`: follow the first link that `selector` finds. `pattern`: `url` with `{page}` from 2 on, relative
    to the listing. `last_page`: the same, up to the greatest page that a link found by `selector` leads to.
    """

    mode: Literal["rel_next", "pattern", "last_page"]
    url: str | None = None
    selector: str = "link[rel~=next][href], a[rel~=next][href]"

    def __post_init__(self) -> None:
        _check_selector(self.selector)
        if self.mode != "rel_next" and (self.url is None or self.url.count("{page}") != 1):
            raise ValueError(f"mode {self.mode} needs a url that holds {{page}} once, such as '?page={{page}}'")


@dataclass(frozen=True, config=STRICT)
class Listing:
    """Pages that list articles. Of `links` (CSS) and of `pagination` the first that brings articles is used;
    where no selector finds one, `any_link` takes every link whose URL is an article's. At most `pages` pages
    are read of each of `urls`. An empty listing is an error, and a warning where it is a `guess`."""

    urls: AtLeastOne[str]
    links: tuple[str, ...] = ()
    any_link: bool = True
    pages: int = Field(default=1, ge=1)
    pagination: tuple[Pager, ...] = (Pager(mode="rel_next"),)
    guess: bool = False

    def __post_init__(self) -> None:
        for selector in self.links:
            _check_selector(selector)


@dataclass(frozen=True, config=STRICT)
class Sitemap:
    """A sitemap or an index of sitemaps. Only children whose URL `match` finds are read; of entries with a
    date those older than `days` before the crawl are left out. `day_url` is the address of a day's own sitemap, with
    `{year}`, `{month}`, `{day}`: a crawl of past days reads it for each of them, listed in an index or not."""

    url: str
    match: Pattern | None = None
    days: int | None = Field(default=None, ge=1)
    day_url: str | None = None

    def __post_init__(self) -> None:
        if self.day_url is not None and any(self.day_url.count(part) != 1 for part in ("{year}", "{month}", "{day}")):
            raise ValueError("day_url needs {year}, {month} and {day} once each, such as '/{year}-{month}-{day}.xml'")


@dataclass(frozen=True, config=STRICT)
class Discovery:
    """Where a source's articles are announced; URLs are relative to the source's own. With `keywords` only articles
    whose announced title holds one of them, in whatever case, are wanted."""

    listings: tuple[Listing, ...] = ()
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[Sitemap, ...] = ()
    keywords: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.listings or self.feeds or self.sitemaps):
            raise ValueError("it needs at least one of listings, feeds, sitemaps")


@dataclass(frozen=True, config=STRICT)
class Revisit:
    """When an article is fetched again: `after` so many days from its publication; where `modified`, also when a list
    says that it has changed since (by day, time or title), at most once a day. `conditional`: the server means its
    ETag and Last-Modified, so that articles and lists are asked for changes only. `look_back`: for so many days after its date an
    article may be published late, so that lists are read back that far."""

    after: tuple[Annotated[float, Field(gt=0)], ...] = (1, 7, 30)
    modified: bool = True
    conditional: bool = False
    look_back: int = Field(default=7, ge=0)


@dataclass(frozen=True, config=STRICT)
class DatedLayout:
    """A layout of `layouts.yml`, for captures up to and including `until`."""

    layout: str
    until: dt.date | None = None


@dataclass(frozen=True, config=STRICT)
class Assertions:
    """What a source's run must yield: fewer articles than `minimum` fail it, more than `maximum` warn;
    `filled` is the least share of articles that have the field. A source without a new article for `silent_days` is
    taken to be broken."""

    minimum: int = Field(default=1, ge=0)
    maximum: int | None = None
    silent_days: int = Field(default=30, ge=1)
    filled: Mapping[Literal["title", "published_on", "author", "lead"], float] = Field(default_factory=dict)


@dataclass(frozen=True, config=STRICT)
class Source:
    """One site. `hosts[0]` is the host of canonical URLs, the others are its aliases; patterns are searched in
    path and query of the canonical URL with %-escapes undone. `province` is the home province by its name among
    the 63, None for a central body; `delay` is in seconds; `every` so
    many hours it is crawled; `intermediates` are certificates (PEM) that the host should
    send and does not; `guesses` says what nobody has yet seen live."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: str
    hosts: AtLeastOne[str]
    article: Pattern
    discovery: Discovery
    layouts: AtLeastOne[DatedLayout]
    province: str | None = None
    scheme: Literal["http", "https"] = "https"
    keep_params: tuple[str, ...] = ()
    identity: tuple[Pattern, ...] = ()
    skip: tuple[Pattern, ...] = ()
    fallbacks: tuple[str, ...] = ("jsonld", "opengraph", "generic")
    delay: float = Field(default=2.0, ge=0)
    every: float = Field(default=24.0, gt=0)
    revisit: Revisit = Field(default_factory=Revisit)
    intermediates: tuple[str, ...] = ()
    assertions: Assertions = Field(default_factory=Assertions)
    guesses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unnamed = [pattern.pattern for pattern in self.identity if "id" not in pattern.groupindex]
        if unnamed:
            raise ValueError(f"identity pattern {unnamed[0]!r} needs a group (?P<id>...)")
        for certificate in self.intermediates:
            _check_certificate(certificate)

    @cached_property
    def origin(self) -> str:
        """Scheme and canonical host: what relative URLs of the declaration are joined to."""
        return f"{self.scheme}://{self.hosts[0]}/"

    def absolute(self, url: str) -> str:
        """A URL of the declaration, complete."""
        return urljoin(self.origin, url)

    def owns(self, url: str) -> bool:
        """Whether the URL is http(s) on one of the source's hosts, at the scheme's own port."""
        return _is_at(url, self.hosts)

    def canonical(self, url: str) -> str:
        """The one URL of a page: canonical scheme and host, only the parameters that tell pages apart (sorted),
        neither fragment nor session id. URLs of other hosts keep scheme and host. Raises ValueError where the text
        is no URL."""
        return _canonical(url, self.keep_params, self.scheme, self.hosts)

    def is_article(self, url: str) -> bool:
        """Whether the URL is, by its form, an article of this source."""
        if not self.owns(url):
            return False
        target = self._target(url)
        return bool(self.article.search(target)) and not any(pattern.search(target) for pattern in self.skip)

    def doc_id(self, url: str) -> str:
        """`<source>-<12 hexadecimal digits>`: of the canonical host and the article's own id where an identity
        pattern finds one, so that a changed slug or category keeps it, else of the canonical URL."""
        target = self._target(url)
        found = next((match for pattern in self.identity if (match := pattern.search(target))), None)
        key = f"{self.hosts[0]}/{found['id']}" if found else self.canonical(url)
        return f"{self.name}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"

    def layouts_on(self, day: dt.date) -> tuple[str, ...]:
        """The layouts to try for a page captured on that day, in order; a layout that ends sooner goes first."""
        valid = [dated for dated in self.layouts if dated.until is None or day <= dated.until]
        return tuple(dated.layout for dated in sorted(valid, key=lambda dated: dated.until or dt.date.max))

    def _target(self, url: str) -> str:
        canonical = self.canonical(url)
        if level := _LEVEL.fullmatch(canonical):
            return level["path"]
        parts = urlsplit(canonical)
        return unquote(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def _is_at(url: str, hosts: tuple[str, ...]) -> bool:
    if level := _LEVEL.fullmatch(url):
        return level["host"] in hosts
    try:
        parts = urlsplit(url)
        if parts.port not in {None, 80, 443}:
            return False
    except ValueError:
        return False  # such as http://[x or a port that is no number
    return parts.scheme in {"http", "https"} and (parts.hostname or "") in hosts


# "https://baolongan.vn/tin-a1.html": lower case in the host, neither parameters nor escapes. Most addresses of articles
# are so, and what the library would take them apart to in a tenth of the time.
_LEVEL = re.compile(r"https?://(?P<host>[a-z0-9]+(?:[.-][a-z0-9]+)*)(?P<path>(?:/(?!\.)[\w.-]*)+)", re.ASCII)


# Whether a URL is an article's and which one's is asked for in a row, and levelling it takes long.
@lru_cache(maxsize=256)
def _canonical(url: str, kept: tuple[str, ...], scheme: str, hosts: tuple[str, ...]) -> str:
    if level := _LEVEL.fullmatch(url):
        return f"{scheme}://{hosts[0]}{level['path']}" if level["host"] in hosts else url
    cleaned = str(canonicalize_url(url_query_cleaner(SESSION_ID.sub("", url), kept)))
    if not _is_at(cleaned, hosts):
        return cleaned
    parts = urlsplit(cleaned)
    return urlunsplit((scheme, hosts[0], parts.path or "/", parts.query, ""))


def load_sources(folder: Path | None = None) -> dict[str, Source]:
    """All declared sources by name, in alphabetical order. Raises SourceError."""
    place = resources.files("scrapers") / "sources" if folder is None else folder
    files = sorted((file for file in place.iterdir() if file.name.endswith(".yml")), key=lambda file: file.name)
    sources = [_parse(file.read_text(encoding="utf-8"), file.name) for file in files]
    return {source.name: source for source in sources}


def load_source(path: Path) -> Source:
    """The source that the file declares. Raises SourceError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return _parse(text, str(path))


def _parse(text: str, file: str) -> Source:
    try:
        # The reader in C takes a tenth of the time; a few builds of the library lack it.
        declared = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise SourceError(f"{file}: is not YAML: {error}. Correct the line that it names.") from error
    if not isinstance(declared, dict):
        raise SourceError(f"{file}: holds no keys; allowed keys: {', '.join(_keys(Source))}")
    try:
        source = TypeAdapter(Source).validate_python(declared)
    except ValidationError as error:
        raise SourceError("\n".join(_explained(file, error))) from error
    stem = Path(file).stem
    if source.name != stem:
        raise SourceError(f"{file}: key 'name' is {source.name!r} but the file is named {stem!r}; make them equal")
    return source


def _explained(file: str, error: ValidationError) -> Iterable[str]:
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] != "unexpected_keyword_argument":
            yield f"{file}: key {key!r}: {problem['msg']}"
            continue
        yield f"{file}: unknown key {key!r}; allowed keys: {', '.join(_keys(_owner(problem['loc'])))}"


def _owner(location: tuple[int | str, ...]) -> type:
    """The dataclass in which the last part of the location stands."""
    owner: Any = Source
    for part in location[:-1]:
        if isinstance(part, str):
            owner = _dataclass_in(typing.get_type_hints(owner)[part])
    return typing.cast(type, owner)


def _dataclass_in(hint: Any) -> Any:
    if dataclasses.is_dataclass(hint):
        return hint
    inner = [_dataclass_in(argument) for argument in typing.get_args(hint) if argument is not types.NoneType]
    return next((found for found in inner if found is not None), None)


def _keys(owner: type) -> list[str]:
    return sorted(field.name for field in dataclasses.fields(owner))
