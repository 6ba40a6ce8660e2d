"""A web server on loopback that answers as a test says, and a clock that passes at once."""

from __future__ import annotations

import datetime as dt
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from scrapers.fetch import Address

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What the server sends. `length` is announced in place of the body's own; None announces none."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Headers = field(default_factory=dict)
    length: int | None = -1


@dataclass(frozen=True)
class Request:
    """One request as the server saw it; `path` with its query."""

    path: str
    headers: Headers


Route = Answer | Callable[[Request], Answer]


class Site:
    """Paths and their answers, and every request so far. A path that is not there is a 404."""

    def __init__(self, routes: Mapping[str, Route], port: int = 0) -> None:
        self.routes = dict(routes)
        self.requests: list[Request] = []
        self.port = port

    @property
    def paths(self) -> list[str]:
        """The paths asked for, but robots.txt."""
        return [request.path for request in self.requests if request.path != "/robots.txt"]

    def resolve(self, *hosts: str) -> dict[str, Address]:
        """The hosts pointed at this server, whatever the scheme of their URLs."""
        return {host: Address("127.0.0.1", self.port, plain=True) for host in hosts}

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        route = self.routes.get(request.path, Answer(b"not here", 404))
        return route(request) if callable(route) else route


@contextmanager
def serving(routes: Mapping[str, Route], tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A server with these routes for the time of the block, over TLS where there is a context for it."""
    site = Site(routes)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body go out as two packets: without this each waits for the other's acknowledgement (40 ms).
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            answer = site.answer(Request(self.path, dict(self.headers)))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            length = len(answer.body) if answer.length == -1 else answer.length
            if length is None:
                self.close_connection = True
            else:
                self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(answer.body)
            if length != len(answer.body):
                self.close_connection = True

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
            """The test's output stays readable."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.port = server.server_address[1]
    # A short poll keeps the end of each test short.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class FakeClock:
    """Time that passes only by sleeping; `slept` holds every sleep in seconds."""

    def __init__(self, start: str = "2026-11-21T08:00:00+00:00") -> None:
        self._now = dt.datetime.fromisoformat(start)
        self._elapsed = 0.0
        self.slept: list[float] = []

    def now(self) -> dt.datetime:
        return self._now + dt.timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._elapsed += seconds
