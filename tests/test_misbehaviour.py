"""The session against servers that break the protocol, hang, or lead astray: below HTTP, in TLS, in DNS."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers import robots
from scrapers.bodies import BrokenEncoding, DecodedTooLarge, decode
from scrapers.connection import is_public
from scrapers.fetch import (
    Address,
    Blocked,
    Fetcher,
    FetchError,
    Limits,
    OffSite,
    PrivateAddress,
    TooLarge,
    Unreachable,
    Untrusted,
    user_agent,
)
from tests.loopback import Answer, FakeClock, serving

HOST = "tin.example.vn"
URL = f"http://{HOST}/a"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
NO_ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that has no robots.txt and leaves any other request to `answer`; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                asked = connection.recv(65536)
                if asked.startswith(b"GET /robots.txt"):
                    connection.sendall(NO_ROBOTS)
                else:
                    answer(connection)
            except OSError:
                pass  # the client has gone

    def listen() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def failure(answer: Callable[[socket.socket], None], **limits: Any) -> FetchError:
    with answering(answer) as port:
        session = Fetcher(
            user_agent("a@example.org"),
            limits=Limits(**{"delay": 0, "retries": 0, **limits}),
            resolve={HOST: Address("127.0.0.1", port, plain=True)},
        )
        with pytest.raises(FetchError) as caught:
            session.fetch(URL, hosts=[HOST])
        session.close()
    return caught.value


def drip(connection: socket.socket, piece: bytes) -> None:
    for _ in range(1000):
        connection.sendall(piece)
        time.sleep(0.02)


def test_headers_that_trickle_in_meet_the_time_limit() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(OK + b"X-Slow: ")
        drip(connection, b"x")

    assert isinstance(failure(answer, total=0.3), Unreachable)


def test_a_body_that_trickles_in_meets_the_time_limit() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(OK + b"Content-Length: 1000\r\n\r\n")
        drip(connection, b"x")

    assert isinstance(failure(answer, total=0.3), Unreachable)


def test_chunks_that_trickle_in_meet_the_time_limit() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        drip(connection, b"1\r\nx\r\n")

    assert isinstance(failure(answer, total=0.3), Unreachable)


def test_a_server_that_says_nothing_meets_the_time_limit() -> None:
    assert isinstance(failure(lambda _connection: time.sleep(1), read=0.2), Unreachable)


def test_an_endless_body_meets_the_size_limit() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    assert isinstance(failure(answer, body=1_000_000), TooLarge)


@pytest.mark.parametrize(
    "sent",
    [
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nzz\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        OK + b"Content-Length: 50\r\n\r\nshort",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000,
        b"",
    ],
    ids=["no chunk size", "cut chunk", "too short", "another protocol", "endless headers", "nothing"],
)
def test_an_answer_that_is_none_is_no_page(sent: bytes) -> None:
    assert isinstance(failure(lambda connection: connection.sendall(sent)), Unreachable)


@pytest.mark.parametrize("name", ["gzip", "br", "zstd", "deflate", "gzip, br", "nonsense"])
@settings(deadline=None)  # how long it takes is the machine's affair
@given(garbage=st.binary(max_size=400))
def test_bytes_that_are_no_encoding_raise_what_is_expected(name: str, garbage: bytes) -> None:
    with suppress(BrokenEncoding, DecodedTooLarge):
        assert len(decode(garbage, name, 1000)) <= 1000


# where a name or a redirect leads


@pytest.mark.parametrize(
    "target",
    [
        "http://2130706433/",  # 127.0.0.1 as one number
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        f"http://{HOST}:22/",
        f"http://{HOST}:99999/",
        "file:///etc/passwd",
        "gopher://x/",
        f"http://{HOST}@127.0.0.1/",
    ],
)
def test_a_redirect_leads_to_the_source_s_hosts_or_nowhere(target: str) -> None:
    with serving({"/a": Answer(b"", 302, headers={"Location": target})}) as site:
        session = Fetcher(user_agent("a@b.vn"), limits=Limits(delay=0), resolve=site.resolve(HOST), clock=FakeClock())
        with pytest.raises(OffSite):
            session.fetch(URL, hosts=[HOST])
    assert site.paths == ["/a"]


@pytest.mark.parametrize("name", ["2130706433", "0x7f000001", "127.1", "localhost", "0.0.0.0"])
def test_a_name_that_is_this_machine_is_not_connected_to(name: str) -> None:
    with pytest.raises(PrivateAddress):
        Fetcher(user_agent("a@b.vn"), limits=Limits(delay=0), clock=FakeClock()).fetch(f"http://{name}/", hosts=[name])


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("203.162.0.1", True),
        ("2405:4800::1", True),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers with another address the second time gains nothing."""
    answers = iter(["203.162.0.1", "127.0.0.1", "127.0.0.1"])
    connected: list[str] = []

    def resolved(_host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address: tuple[str, int], *_arguments: object, **_options: object) -> socket.socket:
        connected.append(address[0])
        raise OSError("not in a test")

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    session = Fetcher(user_agent("a@b.vn"), limits=Limits(delay=0, retries=0), clock=FakeClock())
    with pytest.raises(FetchError):
        session.fetch(URL, hosts=[HOST])
    assert connected == ["203.162.0.1"]


# certificates


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with root.pem, middle.pem (signed by it) and leaf.pem with leaf.key (signed by that)."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make certificates with")
    folder = tmp_path_factory.mktemp("chain")

    def run(command: str) -> None:
        subprocess.run([openssl, *command.split()], cwd=folder, check=True, capture_output=True)

    (folder / "ca.ext").write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n")
    (folder / "leaf.ext").write_text(f"subjectAltName=DNS:{HOST}\n")
    key = "-newkey rsa:2048 -nodes -keyout"
    run(f"req -x509 {key} root.key -out root.pem -days 2 -subj /CN=root -addext keyUsage=keyCertSign")
    for name, signer, extension in (("middle", "root", "ca.ext"), ("leaf", "middle", "leaf.ext")):
        run(f"req -new {key} {name}.key -out {name}.csr -subj /CN={name}")
        signed = f"-CA {signer}.pem -CAkey {signer}.key -CAcreateserial -extfile {extension}"
        run(f"x509 -req -in {name}.csr {signed} -days 2 -out {name}.pem")
    return folder


@pytest.mark.parametrize(
    ("roots", "intermediates", "trusted"),
    [
        ("root.pem", ("middle.pem",), True),
        ("root.pem", (), False),
        (None, ("middle.pem",), False),  # what is supplied is no anchor of trust
        (None, ("middle.pem", "leaf.pem"), False),
    ],
)
def test_a_missing_intermediate_certificate_is_supplied(
    chain: Path, roots: str | None, intermediates: tuple[str, ...], trusted: bool
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain / "leaf.pem", chain / "leaf.key")
    with serving({"/a": Answer(b"a")}, context) as site:
        session = Fetcher(
            user_agent("a@b.vn"),
            limits=Limits(delay=0, retries=0),
            resolve={HOST: Address("127.0.0.1", site.port)},
            clock=FakeClock(),
            roots=str(chain / roots) if roots else None,
        )
        supplied = tuple((chain / name).read_text() for name in intermediates)
        if trusted:
            found = session.fetch(f"https://{HOST}/a", hosts=[HOST], intermediates=supplied)
            assert found.body == b"a"
        else:
            with pytest.raises(Untrusted):
                session.fetch(f"https://{HOST}/a", hosts=[HOST], intermediates=supplied)
        session.close()


def test_a_certificate_of_another_host_is_refused(chain: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain / "leaf.pem", chain / "leaf.key")
    with serving({"/a": Answer(b"a")}, context) as site:
        session = Fetcher(
            user_agent("a@b.vn"),
            limits=Limits(delay=0, retries=0),
            resolve={"khac.example.vn": Address("127.0.0.1", site.port)},
            clock=FakeClock(),
            roots=str(chain / "root.pem"),
        )
        supplied = ((chain / "middle.pem").read_text(),)
        with pytest.raises(Untrusted):
            session.fetch("https://khac.example.vn/a", hosts=["khac.example.vn"], intermediates=supplied)


# robots.txt, RFC 9309


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),  # 2.2.2: of equals the permission
        ("User-agent: *\nAllow: /a\nDisallow: /a/b", "/a/b", False),  # 2.2.2: the longest match
        ("User-agent: *\nDisallow: /*.html$", "/a.html", False),
        ("User-agent: *\nDisallow: /*.html$", "/a.html?x", True),
        ("User-agent: *\nDisallow: /a*c", "/abbc/d", False),
        ("User-agent: CCHC\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),  # 2.2.1: whatever the case
        ("User-agent: cchc/0.1\nDisallow: /", "/a", False),
        ("User-agent: other\nUser-agent: cchc\nDisallow: /a", "/a", False),  # one group for two
        ("User-agent: cchc\nDisallow: /a\n\nUser-agent: cchc\nDisallow: /b", "/b", False),  # 2.2.1: groups are joined
        ("User-agent: cchc\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\rDisallow: /a\r", "/a", False),
        ("User-agent: * # all\nDisallow: /a # this", "/a", False),
        ("user-agent : *\ndisallow : /a", "/a", False),
        ("User-agent: *\nDisallow: /tin-tức", "/tin-t%E1%BB%A9c", False),  # 2.2.2: escapes are compared undone
        ("User-agent: *\nDisallow: /tin-t%e1%bb%a9c", "/tin-tức", False),
        ("Disallow: /a", "/a", True),  # belongs to nobody
        ("Sitemap: /x\nUser-agent: *\n\nDisallow: /a", "/a", False),  # an empty line ends no group
        ("User-agent: *\nCrawl-delay: 5\nDisallow: /a", "/a", False),
    ],
)
def test_robots_txt_by_the_rfc(rules: str, path: str, allowed: bool) -> None:
    assert robots.parse(rules.encode()).allows(f"http://{HOST}{path}") is allowed


@pytest.mark.parametrize(
    "page",
    [
        b"<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with "
        b"your administrator.<br>Your support ID is: 1234567890</body></html>",
        b"<html><iframe src='/_Incapsula_Resource'>Request unsuccessful. Incapsula incident ID: 1-2</iframe></html>",
        "<title>Xác minh bạn không phải là robot</title>".encode() + b" " * 9000,
    ],
)
def test_a_firewall_s_page_with_status_200_is_a_block(page: bytes) -> None:
    with serving({"/a": Answer(page)}) as site:
        session = Fetcher(user_agent("a@b.vn"), limits=Limits(delay=0), resolve=site.resolve(HOST), clock=FakeClock())
        with pytest.raises(Blocked):
            session.fetch(URL, hosts=[HOST])
