"""The polite session: one request at a time to a host, at the pace it asks for, within limits of size and time.

Proxies and credentials of the environment are not used, as a connection's address is checked before it is made.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import random
import re
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from scrapers import robots
from scrapers.blocks import block_kind
from scrapers.bodies import ACCEPTED, BrokenEncoding, DecodedTooLarge, decode
from scrapers.connection import Address, PinnedAdapter, Session, parse_resolve
from scrapers.failures import (
    Blocked,
    BrokenBody,
    FetchError,
    Gone,
    HostStopped,
    HostUnknown,
    HostWaits,
    HttpStatus,
    OffSite,
    PrivateAddress,
    RobotsForbidden,
    RobotsUnavailable,
    TooLarge,
    TooManyRedirects,
    Unreachable,
    Untrusted,
)
from scrapers.memory import Forgetful, KeptRobots, Memory, Rest
from scrapers.response import Response
from scrapers.robots import Robots

__all__ = [
    "MIB",
    "Address",
    "Blocked",
    "BrokenBody",
    "Clock",
    "FetchError",
    "Fetcher",
    "Forgetful",
    "Gone",
    "HostStopped",
    "HostUnknown",
    "HostWaits",
    "HttpStatus",
    "KeptRobots",
    "Limits",
    "Memory",
    "OffSite",
    "PrivateAddress",
    "Response",
    "Rest",
    "RobotsForbidden",
    "RobotsUnavailable",
    "SystemClock",
    "TooLarge",
    "TooManyRedirects",
    "Unreachable",
    "Untrusted",
    "ignore",
    "parse_resolve",
    "user_agent",
]

MIB = 1024 * 1024
RETRIED = frozenset({408, 429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# A firewall seen in front of a newspaper refuses now and then; 15 s later four of five requests passed.
WAF_PAUSE = 15.0
# What is read of an error page: enough to recognise a block page.
ERROR_BYTES = 256 * 1024
CHUNK = 64 * 1024

# "120"; str.isdigit would let other scripts' digits in. Longer ones are no times and no sizes.
_NUMBER = re.compile(r"[0-9]{1,15}")

Notice = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds, sizes in bytes; sizes hold for the body as sent and as decoded."""

    connect: float = 10
    read: float = 30
    total: float = 60
    body: int = 20 * MIB
    pdf: int = 50 * MIB
    sitemap: int = 50 * MIB
    redirects: int = 5
    retries: int = 3
    backoff: float = 2
    backoff_max: float = 120
    retry_after_max: float = 3600
    delay: float = 2
    crawl_delay_max: float = 60
    robots_ttl: float = 24 * 3600
    failures_in_a_row: int = 5
    # How long a host that answered with a block page is left alone, by later runs too.
    block_rest: float = 3600


class Clock(Protocol):
    """Time as the session sees it; a test may let it pass at will."""

    def now(self) -> dt.datetime: ...
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The clock of the machine; `now` is UTC."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def user_agent(contact: str) -> str:
    """The User-Agent that names us and the address where a site's owner finds us. Raises ValueError."""
    if "@" not in contact and not contact.startswith(("https://", "http://")):
        raise ValueError(f"contact {contact!r} is neither a mail address nor a URL; set CCHC_CONTACT to one")
    return f"Mozilla/5.0 (compatible; {robots.AGENT}/0.1; +{contact})"


def ignore(_code: str, _message: str) -> None:
    """The notice that nobody reads."""


@dataclass(frozen=True, slots=True)
class _Terms:
    """On what terms a source's URLs are fetched; as in `Fetcher.fetch`."""

    hosts: Collection[str]
    delay: float
    limit: int | None
    notice: Notice
    validators: Mapping[str, str] = field(default_factory=dict)
    intermediates: tuple[str, ...] = ()


@dataclass(slots=True)
class _Host:
    """What is known of a host in this run; whoever holds the lock may talk to it."""

    key: str
    session: requests.Session
    adapter: PinnedAdapter
    lock: threading.RLock = field(default_factory=threading.RLock)
    quiet_since: float | None = None
    stopped: HostStopped | None = None
    robots: dict[str, tuple[float, Robots]] = field(default_factory=dict)


class Fetcher:
    """Fetches for one run, from any number of threads: requests to one host (with or without www.) follow one
    another, those to different hosts do not wait for each other."""

    def __init__(
        self,
        agent: str,
        *,
        limits: Limits | None = None,
        resolve: Mapping[str, Address] | None = None,
        clock: Clock | None = None,
        memory: Memory | None = None,
        roots: str | None = None,
    ) -> None:
        """`memory` keeps pace, rests and robots.txt from run to run; `roots` is a file of root certificates in
        place of the usual ones."""
        self.limits = limits or Limits()
        self.clock: Clock = clock or SystemClock()
        self._memory: Memory = memory or Forgetful()
        self._roots = roots
        self._agent = agent
        self._resolve = dict(resolve or {})
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def fetch(
        self,
        url: str,
        *,
        hosts: Collection[str],
        delay: float = 0,
        limit: int | None = None,
        notice: Notice = ignore,
        validators: Mapping[str, str] | None = None,
        intermediates: tuple[str, ...] = (),
    ) -> Response:
        """The response with a status of success, after redirects within `hosts`; with `validators` (request headers
        such as If-None-Match) it may be a 304 without a body.

        `delay` is the least number of seconds between requests to a host; `limit` the most bytes of a body where it
        is not a page; `intermediates` (PEM) complete the chain of a server that does not send its own. `notice` takes
        code and message of what a person should see. Raises FetchError."""
        terms = _Terms(hosts, delay, limit, notice, validators or {}, intermediates)
        found = self._follow(url, hosts, lambda hop: self._page(hop, url, terms))
        if found.status == 304 and validators:
            return found
        if found.status in {404, 410}:
            raise Gone(url, f"status {found.status}: the page is not there (any more)")
        if not 200 <= found.status < 300:
            raise HttpStatus(url, f"status {found.status} {found.reason}", found.status)
        return found

    def close(self) -> None:
        """Closes all connections."""
        for host in self._hosts.values():
            host.session.close()

    def _page(self, url: str, asked: str, terms: _Terms) -> Response:
        host = self._host(url, terms)
        pace = self._pace(url, terms.delay)
        rules = self._robots(host, url, pace, terms)
        if not rules.allows(url):
            raise RobotsForbidden(url, "robots.txt asks crawlers to keep out; it is left alone")
        # What is known of a page is of no use for the one that it redirects to.
        extra = terms.validators if url == asked else {}
        return self._get(host, url, asked, max(pace, rules.crawl_delay or 0), terms.limit, extra=extra)

    def _follow(self, url: str, hosts: Collection[str], hop: Callable[[str], Response]) -> Response:
        """What the hop answers to the URL, or to the one that it redirects to in the end."""
        current = url
        for _ in range(self.limits.redirects + 1):
            _check_owned(current, hosts)
            found = hop(current)
            target = found.header("Location")
            if found.status not in REDIRECTS or not target:
                return found
            current = _joined(current, target)
        raise TooManyRedirects(url, f"more than {self.limits.redirects} redirects, at last to {current}")

    def _pace(self, url: str, delay: float) -> float:
        # A host that --resolve points elsewhere is a copy: its owner's pace is not the site's.
        local = (urlsplit(url).hostname or "") in self._resolve
        return self.limits.delay if local else max(self.limits.delay, delay)

    def _robots(self, host: _Host, url: str, pace: float, terms: _Terms) -> Robots:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = host.robots.get(origin)
        if known is not None and self.clock.monotonic() - known[0] <= self.limits.robots_ttl:
            return known[1]
        kept = self._memory.robots(host.key, origin)
        age = (self.clock.now() - kept.read_at).total_seconds() if kept else 0.0
        if kept is None or not 0 <= age <= self.limits.robots_ttl:
            kept, age = KeptRobots(self.clock.now(), self._read_robots(host, f"{origin}/robots.txt", pace, terms)), 0.0
            self._memory.keep_robots(host.key, origin, kept)
        rules = Robots() if kept.body is None else robots.parse(kept.body)
        rules = self._bounded(rules, f"{origin}/robots.txt", terms.notice)
        host.robots[origin] = (self.clock.monotonic() - age, rules)
        return rules

    def _read_robots(self, host: _Host, url: str, pace: float, terms: _Terms) -> bytes | None:
        """The rules as sent, None where there are none. Raises HostStopped where that cannot be known."""

        def hop(current: str) -> Response:
            return self._get(self._host(current, terms), current, url, pace, robots.MAX_BYTES, cut=True)

        forbidden = "so nothing of the host is fetched in this run"
        try:
            found = self._follow(url, terms.hosts, hop)
        except HostStopped:
            raise
        except FetchError as error:
            raise self._stop(host, RobotsUnavailable(url, f"cannot be read ({error}), {forbidden}")) from error
        if 400 <= found.status < 500:
            return None
        if not 200 <= found.status < 300:
            raise self._stop(host, RobotsUnavailable(url, f"status {found.status}, {forbidden}"))
        if robots.looks_like_html(found.content_type, found.body):
            terms.notice("fetch.robots_not_text", f"{url}: a web page in place of rules; read as if there were none")
            return None
        return found.body

    def _bounded(self, rules: Robots, url: str, notice: Notice) -> Robots:
        most = self.limits.crawl_delay_max
        if (rules.crawl_delay or 0) <= most:
            return rules
        notice("fetch.crawl_delay", f"{url}: asks for {rules.crawl_delay:g} s between requests; {most:g} s are kept")
        return Robots(rules.rules, most)

    def _get(
        self,
        host: _Host,
        url: str,
        asked: str,
        pace: float,
        limit: int | None,
        *,
        cut: bool = False,
        extra: Mapping[str, str] | None = None,
    ) -> Response:
        """One hop, tried again where that may help. urllib3's Retry is not used: it sleeps on the machine's
        clock, knows nothing of a host's pace, and cuts a long Retry-After short instead of giving up."""
        with host.lock:
            for attempt in range(self.limits.retries + 1):
                if host.stopped is not None:
                    raise HostStopped(url, f"not asked, as the host is left alone for this run: {host.stopped}")
                self._keep_rest(host, url)
                self._wait(host, pace)
                try:
                    found = self._once(host, url, asked, limit, cut=cut, extra=extra or {})
                    wait = self._judged(host, found, first=attempt == 0 < self.limits.retries)
                    if wait is None:
                        return found
                    failure: FetchError = HttpStatus(url, f"status {found.status} {found.reason}", found.status)
                except (PrivateAddress, Untrusted) as error:
                    raise self._stop(host, error) from error
                except (Unreachable, HostUnknown) as error:
                    failure, wait = error, 0.0
                if attempt < self.limits.retries:
                    self.clock.sleep(max(wait, self._backoff(attempt)))
            raise self._stop(host, failure) if isinstance(failure, HostUnknown) else failure

    def _judged(self, host: _Host, found: Response, *, first: bool) -> float | None:
        """None for an answer to keep, else how long the server wants to be left alone before the next try.
        Raises Blocked, HostWaits."""
        kind = block_kind(found.status, found.body)
        if kind == "waf" and first:
            return WAF_PAUSE
        if kind is not None:
            cause = f"a block page ({kind}, status {found.status}); try again later, or with a longer delay"
            self._let_rest(host, self.limits.block_rest, f"it answered with {cause}", blocked=True)
            raise self._stop(host, Blocked(found.url, cause))
        if found.status not in RETRIED:
            return None
        wait = _retry_after(found.header("Retry-After"), self.clock.now())
        if wait > 0:
            self._let_rest(host, wait, f"it asked for {wait:,.0f} s of rest (status {found.status})")
        if wait > self.limits.retry_after_max:
            cause = f"asks for {wait:,.0f} s of rest (status {found.status}); try again then"
            raise self._stop(host, HostWaits(found.url, cause))
        return wait

    def _let_rest(self, host: _Host, seconds: float, cause: str, *, blocked: bool = False) -> None:
        if seconds > 0:
            self._memory.let_rest(host.key, Rest(self.clock.now() + dt.timedelta(seconds=seconds), cause, blocked))

    def _keep_rest(self, host: _Host, url: str) -> None:
        """Waits for the end of the rest that the host asked for, of an earlier run too. Raises HostWaits where that
        is too long, or where the host blocked us."""
        rest = self._memory.rest(host.key)
        left = (rest.until - self.clock.now()).total_seconds() if rest else 0.0
        if rest is None or left <= 0:
            return
        if rest.blocked or left > self.limits.retry_after_max:
            cause = f"left alone until {rest.until:%Y-%m-%dT%H:%M:%SZ}: {rest.cause}"
            raise self._stop(host, HostWaits(url, cause))
        self.clock.sleep(left)

    def _once(
        self, host: _Host, url: str, asked: str, limit: int | None, *, cut: bool, extra: Mapping[str, str]
    ) -> Response:
        deadline = self.clock.monotonic() + self.limits.total
        fetched_at = self.clock.now().astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        timeout = (self.limits.connect, min(self.limits.read, self.limits.total))
        self._memory.asked(host.key, self.clock.now(), ended=False)
        try:
            with (
                host.adapter.cut_after(self.limits.total),
                host.session.get(url, headers=extra, stream=True, allow_redirects=False, timeout=timeout) as answer,
            ):
                most = limit or self._page_limit(answer.headers.get("Content-Type", ""))
                cut = cut or answer.status_code >= 300
                most = min(most, ERROR_BYTES) if answer.status_code >= 300 else most
                raw = self._read(answer, url, most, deadline, cut=cut)
                if host.adapter.was_cut:
                    # A body without a stated length seems to end where its connection does.
                    raise Unreachable(url, f"not complete after {self.limits.total:g} s")
                body = decode(raw, answer.headers.get("Content-Encoding", ""), most, cut=cut)
        except DecodedTooLarge as error:
            raise TooLarge(url, f"{error}; raise the limit if the page is wanted") from error
        except BrokenEncoding as error:
            raise BrokenBody(url, str(error)) from error
        except requests.exceptions.SSLError as error:
            if not re.search(r"CERTIFICATE_VERIFY_FAILED|CertificateError", str(error)):
                raise Unreachable(url, f"no complete answer: {error}") from error
            cause = f"the certificate cannot be verified ({error}); look at the site in a browser. Checks stay on"
            raise Untrusted(url, cause) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(url, f"no complete answer: {error}") from error
        finally:
            host.quiet_since = self.clock.monotonic()
            self._memory.asked(host.key, self.clock.now(), ended=True)
        return Response(
            url=url,
            asked=asked,
            status=answer.status_code,
            reason=answer.reason or "",
            version="HTTP/1.0" if answer.raw.version == 10 else "HTTP/1.1",
            headers=tuple(answer.raw.headers.items()),
            raw=raw,
            body=body,
            fetched_at=fetched_at,
            ip=host.adapter.address,
            request_headers=tuple(answer.request.headers.items()),
        )

    def _read(self, answer: requests.Response, url: str, most: int, deadline: float, *, cut: bool) -> bytes:
        declared = answer.headers.get("Content-Length", "")
        if not cut and _NUMBER.fullmatch(declared) and int(declared) > most:
            raise TooLarge(url, f"{int(declared):,} bytes announced, {most:,} allowed")
        raw = bytearray()
        # read1 returns what has arrived, so that a body that trickles in meets the deadline.
        while chunk := answer.raw.read1(CHUNK, decode_content=False):
            raw += chunk
            if len(raw) > most and cut:
                return bytes(raw[:most])
            if len(raw) > most:
                raise TooLarge(url, f"more than the {most:,} bytes allowed")
            if self.clock.monotonic() > deadline:
                raise Unreachable(url, f"not complete after {self.limits.total:g} s")
        return bytes(raw)

    def _page_limit(self, content_type: str) -> int:
        return self.limits.pdf if content_type.lower().startswith("application/pdf") else self.limits.body

    def _wait(self, host: _Host, pace: float) -> None:
        if host.quiet_since is None:
            return
        left = host.quiet_since + pace - self.clock.monotonic()
        if left > 0:
            self.clock.sleep(left)

    def _backoff(self, attempt: int) -> float:
        # Up to half as much again, so that many crawlers that failed together do not come back together.
        grown = self.limits.backoff * 2.0**attempt * random.uniform(1, 1.5)
        return min(grown, self.limits.backoff_max)

    def _stop(self, host: _Host, error: HostStopped) -> HostStopped:
        host.stopped = error
        return error

    def _host(self, url: str, terms: _Terms) -> _Host:
        full = urlsplit(url).hostname or ""
        name = full.removeprefix("www.")
        with self._lock:
            if name not in self._hosts:
                address = self._resolve.get(full)
                # A copy elsewhere is not the site: what it did is not held against the site.
                key = f"{name}={address.host}:{address.port}" if address else name
                self._hosts[name] = self._new_host(key, terms)
            return self._hosts[name]

    def _new_host(self, key: str, terms: _Terms) -> _Host:
        adapter = PinnedAdapter(self._resolve, terms.intermediates)
        session = Session()
        session.trust_env = False
        session.verify = self._roots or True
        session.headers = requests.structures.CaseInsensitiveDict(
            {
                "User-Agent": self._agent,
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Encoding": ACCEPTED,
                "Accept-Language": "vi,en;q=0.5",
            }
        )
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return _Host(key, session, adapter, quiet_since=self._quiet_since(key))

    def _quiet_since(self, key: str) -> float | None:
        """When the host was last asked, by an earlier run, on this run's clock; a request that nobody saw end may
        have reached the host only now."""
        last = self._memory.last_request(key)
        if last is None:
            return None
        at, ended = last
        past = (self.clock.now() - at).total_seconds() if ended else 0.0
        return self.clock.monotonic() - max(0.0, past)


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError as error:
        raise OffSite(url, f"redirects to {target!r}, which is no URL") from error


def _check_owned(url: str, hosts: Collection[str]) -> None:
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError as error:
        raise OffSite(url, f"it is no URL ({error})") from error
    if parts.scheme not in {"http", "https"}:
        raise OffSite(url, f"the scheme {parts.scheme!r} is not fetched")
    if port not in {None, 80, 443}:
        raise OffSite(url, f"port {port} is not one of the web's")
    if (parts.hostname or "") not in hosts:
        raise OffSite(url, f"the host is not one of the source's: {', '.join(hosts)}")


def _retry_after(value: str, now: dt.datetime) -> float:
    """Seconds to wait by a Retry-After header: a number ("120") or a date; 0 where there is none."""
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - now).total_seconds())
