"""The bundled sample sites (`pipeline/sample`), served on loopback as the five real sites would be."""

from __future__ import annotations

import gzip
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

HTML = "text/html; charset=utf-8"

Query = tuple[tuple[str, str], ...]
Route = tuple[str, Query]


@dataclass(frozen=True, slots=True)
class Answer:
    """One response: `headers` without length and connection, `body` as sent (compressed where a header says so)."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Site:
    """One sample site: its answers by path and sorted query, and what it says to any other address."""

    source: str
    hosts: tuple[str, ...]
    answers: Mapping[Route, Answer]
    not_found: Answer

    def answer(self, target: str) -> Answer:
        """The answer to a request target; parameters that the site does not know are ignored, as sites do."""
        path, query = route(target)
        known = {name for _, asked in self.answers for name, _ in asked}
        asked = tuple(pair for pair in query if pair[0] in known)
        return self.answers.get((path, asked), self.not_found)

    def article_urls(self) -> tuple[str, ...]:
        """The paths (with query) of the articles."""
        return tuple(str(article["url"]) for article in _load(_folder() / self.source, "articles.yml"))


def route(target: str) -> Route:
    """Path and query of a request target, %-escapes undone, parameters sorted."""
    parts = urlsplit(target)
    return unquote(parts.path) or "/", tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))


def sites() -> dict[str, Site]:
    """All sample sites by the name of the source that they stand for."""
    folders = sorted(folder for folder in _folder().iterdir() if (folder / "site.yml").is_file())
    return {folder.name: load_site(folder) for folder in folders}


def load_site(folder: Path) -> Site:
    """The site that a folder describes; see `sample/README.md` for its files."""
    site = _load(folder, "site.yml")
    articles = sorted(_load(folder, "articles.yml"), key=lambda article: article["published"], reverse=True)
    pages = _Templates(folder, site, articles)
    answers: dict[Route, Answer] = {}
    for article in articles:
        template = article.get("template", "article.html")
        others = [other for other in articles if other is not article]
        body = pages.render(template, article=article, others=others)
        if article.get("decomposed"):  # some editors send letters and their marks apart
            body = unicodedata.normalize("NFD", body)
        answers[route(article["url"])] = _answer(200, HTML, body)
    for listing in site["lists"]:
        for url, body in pages.listing(listing):
            answers[route(url)] = _answer(200, HTML, body)
    for file in site.get("files", ()):
        body = pages.render(file["template"])
        answers[route(file["url"])] = _answer(200, file["type"], body, compressed=file.get("gzip", False))
    for old, new in site.get("moved", {}).items():
        answers[route(old)] = _answer(301, HTML, "", location=new)
    return Site(folder.name, tuple(site["hosts"]), answers, _not_found(site["not_found"], pages))


class _Templates:
    """The site's templates, which all see `site` and `articles` (newest first)."""

    def __init__(self, folder: Path, site: Mapping[str, Any], articles: Sequence[Mapping[str, Any]]) -> None:
        self.articles = articles
        self.environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=lambda name: bool(name) and str(name).endswith((".html", ".xml")),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters |= {"weekday": weekday, "gmt": lambda moment: moment - timedelta(hours=7)}
        self.environment.globals |= {"site": site, "articles": articles}

    def render(self, template: str, **values: object) -> str:
        return self.environment.get_template(template).render(**values)

    def listing(self, listing: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The URL and text of each page of a listing."""
        category = listing.get("category")
        listed = [article for article in self.articles if category in (None, article.get("category"))]
        size = listing.get("size", len(listed) or 1)
        last = max((len(listed) + size - 1) // size, 1)

        def url(page: int) -> str:
            return str(listing["url"] if page == 1 else listing["later"].format(page=page))

        for page in range(1, last + 1):
            shown = listed[(page - 1) * size : page * size]
            values = {"listing": listing, "listed": shown, "page": page, "last": last, "page_url": url}
            yield url(page), self.render(listing.get("template", "list.html"), **values)


def weekday(moment: datetime) -> str:
    """ "Thứ sáu", "Chủ nhật"."""
    return ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")[moment.weekday()]


def _answer(status: int, content_type: str, text: str, compressed: bool = False, location: str | None = None) -> Answer:
    body = text.encode()
    headers = [("Content-Type", content_type)]
    if compressed:
        body = gzip.compress(body, mtime=0)  # no time of compression: the same bytes in every run
        headers.append(("Content-Encoding", "gzip"))
    if location:
        headers.append(("Location", location))
    return Answer(status, tuple(headers), body)


def _not_found(declared: Mapping[str, Any], pages: _Templates) -> Answer:
    """A page with a status of its own, or, where the system does so, a redirection to the front page."""
    if "moved" in declared:
        return _answer(301, HTML, "", location=declared["moved"])
    return _answer(declared["status"], HTML, pages.render(declared["template"]))


def _folder() -> Path:
    return Path(str(resources.files("pipeline") / "sample"))


def _load(folder: Path, file: str) -> Any:
    return yaml.safe_load((folder / file).read_text(encoding="utf-8"))


class SampleServer:
    """All sample sites on one port of 127.0.0.1, told apart by the Host header.

    Use it as a context manager. `address` is `127.0.0.1:PORT`; `resolve` maps each host to `http://ADDRESS`, as
    the crawler's `--resolve` takes it. The same request always gets the same bytes.
    """

    def __init__(self) -> None:
        self.sites = sites()
        by_host = {host: site for site in self.sites.values() for host in site.hosts}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(by_host))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="sample sites", daemon=True)
        self.address = f"127.0.0.1:{self._server.server_port}"
        self.resolve: Mapping[str, str] = dict.fromkeys(by_host, f"http://{self.address}")

    def __enter__(self) -> SampleServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(by_host: Mapping[str, Site]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version, sys_version = "Apache", ""
        # Headers and body go out as two packets: without this each waits for the other's acknowledgement (40 ms).
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._reply(send_body=True)

        def do_HEAD(self) -> None:
            self._reply(send_body=False)

        def _reply(self, send_body: bool) -> None:
            host = self.headers.get("Host", "").rsplit(":", 1)[0].lower()
            site = by_host.get(host)
            if site is None:
                message = f"no sample site is called {host!r}; there are {', '.join(sorted(by_host))}\n"
                answer = _answer(400, "text/plain; charset=utf-8", message)
            else:
                answer = site.answer(self.path)
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if send_body:
                self.wfile.write(answer.body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return "Fri, 01 Jan 2021 00:00:00 GMT"  # a Date header of the day would differ between two crawls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Says nothing: the crawler keeps its own account."""

    return Handler
