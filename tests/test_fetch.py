"""The polite session against a real server that misbehaves."""

from __future__ import annotations

import gzip
import shutil
import ssl
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers import blocks, bodies, robots
from scrapers.fetch import (
    Address,
    Blocked,
    BrokenBody,
    Fetcher,
    FetchError,
    Gone,
    HostStopped,
    HostUnknown,
    HostWaits,
    HttpStatus,
    Limits,
    OffSite,
    PrivateAddress,
    RobotsForbidden,
    RobotsUnavailable,
    TooLarge,
    TooManyRedirects,
    Unreachable,
    Untrusted,
    parse_resolve,
    user_agent,
)
from tests.loopback import Answer, FakeClock, Request, Route, Site, serving

HOST = "tin.example.vn"
HOSTS = (HOST, "www.tin.example.vn")
FLOOD = '<html><title>Hãy đợi...</title><div class="floodblocker"><p id="secField">60</p></div></html>'.encode()


def fetcher(site: Site, clock: FakeClock | None = None, **limits: Any) -> Fetcher:
    settings = {"delay": 0, **limits}
    return Fetcher(
        user_agent("crawler@example.org"),
        limits=Limits(**settings),
        resolve=site.resolve(*HOSTS),
        clock=clock or FakeClock(),
    )


def url(path: str, host: str = HOST, scheme: str = "http") -> str:
    return f"{scheme}://{host}{path}"


def in_turn(*answers: Answer) -> Route:
    """Each answer once, the last one for ever."""
    left: Iterator[Answer] = iter(answers)

    def route(_request: Request) -> Answer:
        return next(left, answers[-1])

    return route


def failure(site: Site, path: str = "/a", **limits: float) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher(site, None, **limits).fetch(url(path), hosts=HOSTS)
    return caught.value


def test_a_page_comes_as_served_with_our_name_and_its_host() -> None:
    with serving({"/a": Answer(b"<p>xin ch\xc3\xa0o</p>", headers={"ETag": '"x"'})}) as site:
        found = fetcher(site).fetch(url("/a"), hosts=HOSTS)
    assert (found.status, found.body, found.header("etag")) == (200, b"<p>xin ch\xc3\xa0o</p>", '"x"')
    assert found.fetched_at == "2026-11-21T08:00:00Z"
    sent = site.requests[-1].headers
    assert sent["Host"] == HOST
    assert "crawler@example.org" in sent["User-Agent"]


def test_a_resolved_host_with_plain_http_serves_https_urls() -> None:
    with serving({"/a": Answer(b"x")}) as site:
        found = fetcher(site).fetch(url("/a", scheme="https"), hosts=HOSTS)
    assert (found.url, site.requests[-1].headers["Host"]) == (url("/a", scheme="https"), HOST)


@pytest.mark.parametrize(
    ("text", "host", "address"),
    [
        ("Tin.vn=127.0.0.1:80", "tin.vn", Address("127.0.0.1", 80, plain=True)),
        ("tin.vn=[::1]:8080", "tin.vn", Address("::1", 8080, plain=True)),
        ("tin.vn=203.0.113.5:443", "tin.vn", Address("203.0.113.5", 443)),
        ("tin.vn=http://203.0.113.5:80", "tin.vn", Address("203.0.113.5", 80, plain=True)),
        ("tin.vn=https://127.0.0.1:8443", "tin.vn", Address("127.0.0.1", 8443)),
    ],
)
def test_resolve_reads_an_address(text: str, host: str, address: Address) -> None:
    assert parse_resolve(text) == (host, address)


@pytest.mark.parametrize(
    "text", ["tin.vn", "tin.vn=127.0.0.1", "=127.0.0.1:80", "tin.vn=127.0.0.1:80/x", "a=b:c", "a=ftp://1.1.1.1:1"]
)
def test_resolve_refuses_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="HOST=ADDRESS:PORT"):
        parse_resolve(text)


def test_a_contact_must_be_an_address() -> None:
    with pytest.raises(ValueError, match="CCHC_CONTACT"):
        user_agent("somebody")


# robots.txt


def test_robots_txt_is_obeyed_and_read_once() -> None:
    rules = Answer(b"User-agent: *\nDisallow: /admin/\n", content_type="text/plain")
    with serving({"/robots.txt": rules, "/a": Answer(b"a"), "/admin/x": Answer(b"x")}) as site:
        session = fetcher(site)
        session.fetch(url("/a"), hosts=HOSTS)
        with pytest.raises(RobotsForbidden):
            session.fetch(url("/admin/x"), hosts=HOSTS)
    assert [request.path for request in site.requests] == ["/robots.txt", "/a"]


def test_robots_txt_is_read_again_after_a_day() -> None:
    clock = FakeClock()
    with serving({"/a": Answer(b"a")}) as site:
        session = fetcher(site, clock)
        session.fetch(url("/a"), hosts=HOSTS)
        clock.sleep(25 * 3600)
        session.fetch(url("/a"), hosts=HOSTS)
    assert [request.path for request in site.requests].count("/robots.txt") == 2


def test_rules_for_our_name_win_over_those_for_all() -> None:
    rules = b"User-agent: *\nDisallow:\n\nUser-agent: cchc\nDisallow: /\n"
    with serving({"/robots.txt": Answer(rules, content_type="text/plain"), "/a": Answer(b"a")}) as site:
        assert isinstance(failure(site), RobotsForbidden)


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_robots_txt_that_is_not_there_allows(status: int) -> None:
    with serving({"/robots.txt": Answer(b"no", status), "/a": Answer(b"a")}) as site:
        assert fetcher(site).fetch(url("/a"), hosts=HOSTS).body == b"a"


def test_a_robots_txt_that_fails_forbids_the_host() -> None:
    with serving({"/robots.txt": Answer(b"", 500), "/a": Answer(b"a")}) as site:
        session = fetcher(site)
        with pytest.raises(RobotsUnavailable, match="status 500"):
            session.fetch(url("/a"), hosts=HOSTS)
        with pytest.raises(HostStopped):
            session.fetch(url("/a"), hosts=HOSTS)
    assert site.paths == []


def test_a_block_page_in_place_of_robots_txt_is_no_permission() -> None:
    with serving({"/robots.txt": Answer(FLOOD), "/a": Answer(b"a")}) as site:
        assert isinstance(failure(site), Blocked)
    assert site.paths == []


def test_a_web_page_in_place_of_robots_txt_is_told() -> None:
    notices: list[str] = []
    home = Answer(b"<!DOCTYPE html><title>Trang ch\xe1\xbb\xa7</title>")
    with serving({"/robots.txt": home, "/a": Answer(b"a")}) as site:
        fetcher(site).fetch(url("/a"), hosts=HOSTS, notice=lambda code, _message: notices.append(code))
    assert notices == ["fetch.robots_not_text"]


# pace


def test_requests_keep_the_source_s_pace_or_a_slower_crawl_delay() -> None:
    clock = FakeClock()
    with serving({"/a": Answer(b"a"), "/b": Answer(b"b")}) as site:
        session = fetcher(site, clock, delay=2)
        session.fetch(url("/a"), hosts=HOSTS)
        session.fetch(url("/b", "www.tin.example.vn"), hosts=HOSTS)
    # robots.txt, page, robots.txt of the other name, page: the two names are one host
    assert clock.slept == [2, 2, 2]


@pytest.mark.parametrize(("asked", "kept"), [(5, 5), (1, 2), (300, 60)])
def test_crawl_delay(asked: int, kept: int) -> None:
    clock = FakeClock()
    rules = Answer(f"User-agent: *\nCrawl-delay: {asked}\n".encode(), content_type="text/plain")
    with serving({"/robots.txt": rules, "/a": Answer(b"a")}) as site:
        session = fetcher(site, clock, delay=2)
        session.fetch(url("/a"), hosts=HOSTS)
        session.fetch(url("/a"), hosts=HOSTS)
    assert clock.slept == [kept, kept]


# retries


def test_a_server_in_trouble_is_asked_again() -> None:
    clock = FakeClock()
    with serving({"/a": in_turn(Answer(b"", 503), Answer(b"", 500), Answer(b"well"))}) as site:
        assert fetcher(site, clock).fetch(url("/a"), hosts=HOSTS).body == b"well"
    assert len(site.paths) == 3
    assert 2 <= clock.slept[0] <= 3
    assert 4 <= clock.slept[1] <= 6


def test_a_server_in_lasting_trouble_is_given_up_after_three_retries() -> None:
    with serving({"/a": Answer(b"", 502)}) as site:
        error = failure(site)
    assert isinstance(error, HttpStatus)
    assert error.status == 502
    assert len(site.paths) == 4


@pytest.mark.parametrize("value", ["120", "Sat, 21 Nov 2026 08:02:00 GMT"])
def test_retry_after_is_kept_in_both_forms(value: str) -> None:
    clock = FakeClock()
    with serving({"/a": in_turn(Answer(b"", 429, headers={"Retry-After": value}), Answer(b"a"))}) as site:
        fetcher(site, clock).fetch(url("/a"), hosts=HOSTS)
    assert clock.slept == [120]


@pytest.mark.parametrize("value", ["soon", "\xb2", "-5", "Sat, 99 Nov 2026 08:02:00 GMT"])
def test_a_retry_after_that_says_nothing_is_passed_over(value: str) -> None:
    with serving({"/a": in_turn(Answer(b"", 503, headers={"Retry-After": value}), Answer(b"a"))}) as site:
        assert fetcher(site).fetch(url("/a"), hosts=HOSTS).body == b"a"


def test_a_rest_of_more_than_an_hour_leaves_the_host_for_another_run() -> None:
    with serving({"/a": Answer(b"", 503, headers={"Retry-After": "7200"})}) as site:
        assert isinstance(failure(site), HostWaits)
    assert len(site.paths) == 1


def test_a_body_that_ends_too_soon_is_asked_for_again() -> None:
    cut = Answer(b"half", length=8)
    with serving({"/a": in_turn(cut, Answer(b"complete"))}) as site:
        assert fetcher(site).fetch(url("/a"), hosts=HOSTS).body == b"complete"


def test_a_body_that_comes_late_meets_the_time_limit() -> None:
    clock = FakeClock()

    def late(_request: Request) -> Answer:
        clock.sleep(61)
        return Answer(b"late")

    with serving({"/robots.txt": Answer(b"", 404), "/a": late}) as site:
        session = fetcher(site, clock, retries=0)
        with pytest.raises(Unreachable, match="60 s"):
            session.fetch(url("/a"), hosts=HOSTS)


def test_a_missing_page_is_gone_and_not_asked_for_again() -> None:
    with serving({}) as site:
        assert isinstance(failure(site), Gone)
    assert site.paths == ["/a"]


def test_a_refused_connection_is_named() -> None:
    with serving({}) as site:
        pass
    with pytest.raises(RobotsUnavailable, match="no complete answer"):
        fetcher(site).fetch(url("/a"), hosts=HOSTS)


# redirects and addresses


def test_redirects_within_the_site_are_followed() -> None:
    away = Answer(b"", 301, headers={"Location": "http://www.tin.example.vn/b"})
    with serving({"/a": away, "/b": Answer(b"b")}) as site:
        found = fetcher(site).fetch(url("/a"), hosts=HOSTS)
    assert (found.url, found.asked, found.body) == (url("/b", "www.tin.example.vn"), url("/a"), b"b")


@pytest.mark.parametrize(
    "target", ["http://elsewhere.example/", "file:///etc/passwd", "http://127.0.0.1/", "//x.vn/", "http://[x"]
)
def test_redirects_off_the_site_are_not_followed(target: str) -> None:
    with serving({"/a": Answer(b"", 302, headers={"Location": target})}) as site:
        assert isinstance(failure(site), OffSite)
    assert site.paths == ["/a"]


def test_a_redirect_loop_ends_after_five() -> None:
    with serving({"/a": Answer(b"", 302, headers={"Location": "/a"})}) as site:
        assert isinstance(failure(site), TooManyRedirects)
    assert len(site.paths) == 6


def test_redirect_targets_obey_robots_too() -> None:
    rules = Answer(b"User-agent: *\nDisallow: /b\n", content_type="text/plain")
    away = Answer(b"", 301, headers={"Location": "/b"})
    with serving({"/robots.txt": rules, "/a": away, "/b": Answer(b"b")}) as site:
        assert isinstance(failure(site), RobotsForbidden)


def test_an_address_that_is_not_public_is_not_connected_to() -> None:
    with pytest.raises(PrivateAddress, match="not public"):
        Fetcher(user_agent("a@b.vn"), clock=FakeClock()).fetch("http://localhost/a", hosts=["localhost"])


def test_a_certificate_that_cannot_be_verified_stops_the_host(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = f"{openssl} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={HOST} -addext subjectAltName=DNS:{HOST}"
    subprocess.run([*made.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with serving({"/a": Answer(b"a")}, context) as site:
        session = Fetcher(
            user_agent("a@b.vn"),
            limits=Limits(delay=0),
            resolve={HOST: Address("127.0.0.1", site.port)},
            clock=FakeClock(),
        )
        with pytest.raises(Untrusted, match="certificate"):
            session.fetch(url("/a", scheme="https"), hosts=HOSTS)
    # Once, without retries, and under the host's own name.
    assert (names, site.requests) == ([HOST], [])


def test_a_host_without_an_address_stops() -> None:
    with pytest.raises(HostUnknown, match="no address"):
        Fetcher(user_agent("a@b.vn"), clock=FakeClock()).fetch("http://no.invalid/a", hosts=["no.invalid"])


# sizes and encodings

ENCODERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("name", ENCODERS)
def test_content_encodings_are_undone_and_the_bytes_sent_kept(name: str) -> None:
    page = "Chỉ số cải cách hành chính ".encode() * 50
    sent = ENCODERS[name](page)
    with serving({"/a": Answer(sent, headers={"Content-Encoding": name})}) as site:
        found = fetcher(site).fetch(url("/a"), hosts=HOSTS)
    assert (found.body, found.raw) == (page, sent)


@pytest.mark.parametrize("name", ENCODERS)
def test_a_decompression_bomb_is_too_large(name: str) -> None:
    bomb = ENCODERS[name](b"\0" * 3_000_000)
    with serving({"/a": Answer(bomb, headers={"Content-Encoding": name})}) as site:
        assert isinstance(failure(site, body=1_000_000), TooLarge)


@pytest.mark.parametrize("name", ENCODERS)
def test_an_encoded_body_that_is_cut_is_broken(name: str) -> None:
    cut = ENCODERS[name](bytes(range(256)) * 40)[:-5]
    with serving({"/a": Answer(cut, headers={"Content-Encoding": name})}) as site:
        assert isinstance(failure(site), BrokenBody)


@pytest.mark.parametrize("length", [-1, None])
def test_a_body_over_the_limit_is_too_large_announced_or_not(length: int | None) -> None:
    with serving({"/a": Answer(b"x" * 2000, length=length)}) as site:
        assert isinstance(failure(site, body=1999), TooLarge)
        assert len(fetcher(site, body=2000).fetch(url("/a"), hosts=HOSTS).body) == 2000


def test_an_encoding_that_is_none_changes_nothing() -> None:
    with serving({"/a": Answer(b"text", headers={"Content-Encoding": "utf-8"})}) as site:
        assert fetcher(site).fetch(url("/a"), hosts=HOSTS).body == b"text"


@settings(deadline=None)  # how long it takes is the machine's affair
@given(st.binary(max_size=5000), st.sampled_from(sorted(ENCODERS)), st.booleans())
def test_decoding_undoes_encoding(page: bytes, name: str, twice: bool) -> None:
    sent = ENCODERS[name](page)
    names = name
    if twice:
        sent, names = gzip.compress(sent), f"{name}, gzip"
    assert bodies.decode(sent, names, 5000) == page
    assert len(bodies.decode(sent, names, 10, cut=True)) <= 10


# block pages


@pytest.mark.parametrize("status", [200, 429])
def test_a_flood_page_stops_the_host_at_once(status: int) -> None:
    with serving({"/a": Answer(FLOOD, status, headers={"Retry-After": "60"}), "/b": Answer(b"b")}) as site:
        session = fetcher(site)
        with pytest.raises(Blocked, match="flood"):
            session.fetch(url("/a"), hosts=HOSTS)
        with pytest.raises(HostStopped):
            session.fetch(url("/b"), hosts=HOSTS)
    assert site.paths == ["/a"]


def test_a_firewall_that_refuses_once_gets_a_pause() -> None:
    refusal = Answer(b"Access Denied.. You are blocked by our security system", 403)
    clock = FakeClock()
    with serving({"/a": in_turn(refusal, Answer(b"a"))}) as site:
        assert fetcher(site, clock).fetch(url("/a"), hosts=HOSTS).body == b"a"
    assert clock.slept == [15]
    with serving({"/a": refusal}) as site:
        assert isinstance(failure(site), Blocked)
    assert len(site.paths) == 2


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("interstitial", b'<script>document.cookie="D1N=0a1b";window.location.reload(true)</script>'),
        ("captcha", b'<form><div class="g-recaptcha" data-sitekey="k"></div></form>'),
        ("captcha", b"<title>Just a moment...</title>" + b" " * 40_000),
        (None, b'<form><div class="g-recaptcha"></div></form>' + b"<p>bai viet</p>" * 2000),
        (None, b"<p>mot bai viet ngan</p>" * 60 + b'<form>Binh luan <input name="captcha"></form>'),
        (None, b'<div id="timeoutsess">60 <span id="secField">60</span></div>' + b"<p>bai viet</p>" * 2000),
        (None, b"<p>ngan</p>"),
    ],
)
def test_block_pages_are_told_from_pages(kind: str | None, page: bytes) -> None:
    assert blocks.block_kind(200, page) == kind


def test_robots_rules_end_at_500_kib() -> None:
    rules = robots.parse(b"User-agent: *\n" + b"#" * robots.MAX_BYTES + b"\nDisallow: /\n")
    assert rules.allows("http://tin.example.vn/a")
