"""Where a host is reached: at a public address that was looked up and checked, or at the one that `--resolve` gives.

A host given by `--resolve HOST=ADDRESS:PORT` is reached at that address while URL, Host header and, over TLS, server
name and certificate check keep the host. An address of the machine itself (127.0.0.0/8, ::1) is taken to speak plain
http whatever the URL's scheme, so that a local copy of an https site needs no certificate; any other address speaks
what the URL says. `HOST=http://ADDRESS:PORT` and `HOST=https://ADDRESS:PORT` say it outright.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from scrapers.failures import HostUnknown, PrivateAddress

# RFC 6052: a gateway turns 64:ff9b::7f00:1 into 127.0.0.1
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a host is reached: an IP address (or localhost) and port; `plain` is http whatever the URL says."""

    host: str
    port: int
    plain: bool = False


def parse_resolve(text: str) -> tuple[str, Address]:
    """Host and address of `HOST=ADDRESS:PORT`, where the address may have http:// or https:// before it. Raises
    ValueError."""
    host, _, target = text.partition("=")
    try:
        parts = urlsplit(target if "://" in target else f"//{target}")
        plain = parts.scheme == "http" or (not parts.scheme and _is_loopback(parts.hostname or ""))
        if host and parts.hostname and parts.port and parts.scheme in {"", "http", "https"} and not parts.path:
            return host.lower(), Address(parts.hostname, parts.port, plain)
    except ValueError:
        pass  # a port that is no number
    raise ValueError(f"--resolve {text!r} is not HOST=ADDRESS:PORT, such as baolongan.vn=127.0.0.1:8000")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


class Session(requests.Session):
    """A session that leaves redirects alone: requests would work out the next URL of each, and fail where it is
    none."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class PinnedAdapter(HTTPAdapter):
    """Connects to the address that was looked up and checked, or that --resolve gives; what the server sees, Host
    header and TLS server name, stays the URL's host. `address` is the one last used."""

    def __init__(self, resolve: Mapping[str, Address], intermediates: tuple[str, ...] = ()) -> None:
        super().__init__(max_retries=0)
        self._resolve = resolve
        self._context = _context(intermediates) if intermediates else None
        self._line = _Line()
        self.poolmanager.pool_classes_by_scheme = _pools(self._line)
        self.address = ""

    @property
    def was_cut(self) -> bool:
        """Whether time ran out on the last answer."""
        return self._line.was_cut

    @contextmanager
    def cut_after(self, seconds: float) -> Iterator[None]:
        """Within the block the connection is cut when the time is over, wherever the answer is: reading on it ends.
        A timeout of the socket begins anew with each byte, so that headers that trickle in would never meet it."""
        self._line.was_cut = False
        timer = threading.Timer(seconds, self._line.cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def add_headers(self, request: requests.PreparedRequest, **kwargs: Any) -> None:
        """The Host header, as the connection knows the address only."""
        request.headers["Host"] = urlsplit(request.url or "").netloc.rpartition("@")[2]

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: Any,
        proxies: Any = None,
        cert: Any = None,
    ) -> Any:
        """The pool of connections to the address. Raises PrivateAddress, HostUnknown."""
        params, settings = self.build_connection_pool_key_attributes(request, verify, cert)
        name, scheme = params["host"], params["scheme"]
        port = params["port"] or (443 if scheme == "https" else 80)
        target = self._resolve.get(name) or Address(_public_address(request.url or "", name, port), port)
        self.address = target.host
        if scheme == "http" or target.plain:
            return self.poolmanager.connection_from_host(target.host, target.port, "http")
        tls: Any = {**settings, "server_hostname": name, "assert_hostname": name}
        if self._context is not None:
            tls["ssl_context"] = self._context
        return self.poolmanager.connection_from_host(target.host, target.port, "https", pool_kwargs=tls)


class _Line:
    """The one connection of a host."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.was_cut = False

    def cut(self) -> None:
        """Ends the connection under whoever reads from it."""
        self.was_cut = True
        if self.socket is not None:
            with suppress(OSError):  # it has ended already
                # Not the method of a TLS socket, which would wait for the other side.
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


def _pools(line: _Line) -> dict[str, Any]:
    """Pools whose connections are known to the line."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            line.socket = self.sock

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            line.socket = self.sock

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _context(intermediates: tuple[str, ...]) -> ssl.SSLContext:
    """Verification with further certificates at hand to build a chain from; they are no anchors of trust, the chain
    still has to end at a root."""
    context = create_urllib3_context()
    context.load_verify_locations(cadata="\n".join(intermediates))
    context.verify_flags &= ~ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _public_address(url: str, name: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        cause = f"the host has no address ({error}); check its name in the source's file and the network"
        raise HostUnknown(url, cause) from error
    # IPv4 first: many of these sites publish IPv6 addresses that answer nobody.
    addresses = [str(entry[4][0]) for entry in sorted(found, key=lambda entry: entry[0] != socket.AF_INET)]
    public = next((address for address in addresses if is_public(address)), None)
    if public is None:
        raise PrivateAddress(url, f"the host leads to {addresses[0]}, which is not public; use --resolve if meant")
    return public


def is_public(address: str) -> bool:
    """Whether an IP address, or the one that is within it, is one of the public network."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    within = _embedded(ip) if isinstance(ip, ipaddress.IPv6Address) else ip
    return ip.is_global and within.is_global and not ip.is_multicast and not ip.is_reserved


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that packets to this address end at, itself where it is of its own."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or ip
