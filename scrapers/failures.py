"""Why a URL was not fetched: one exception a cause, so that whoever catches it need not read its message."""

# ruff: noqa: N818 - an exception is named for its cause

from __future__ import annotations

from typing import ClassVar


class FetchError(Exception):
    """A URL was not fetched; the message names the URL, the cause and the remedy."""

    code: ClassVar[str] = "fetch.failed"

    def __init__(self, url: str, cause: str) -> None:
        super().__init__(f"{url}: {cause}")
        self.url = url


class RobotsForbidden(FetchError):
    """The host's robots.txt asks us not to fetch the URL."""

    code = "fetch.robots_forbidden"


class OffSite(FetchError):
    """The URL, or one that it redirects to, is not http(s) on one of the source's hosts."""

    code = "fetch.off_site"


class TooManyRedirects(FetchError):
    code = "fetch.too_many_redirects"


class TooLarge(FetchError):
    """The body is larger than the limit, as sent or as decoded."""

    code = "fetch.too_large"


class BrokenBody(FetchError):
    """The body is not what its content encoding says."""

    code = "fetch.broken_body"


class Gone(FetchError):
    """The page is not there: 404 or 410."""

    code = "fetch.gone"


class HttpStatus(FetchError):
    """The server answered with a status that is no success, for as often as it was asked."""

    code = "fetch.status"

    def __init__(self, url: str, cause: str, status: int) -> None:
        super().__init__(url, cause)
        self.status = status


class Unreachable(FetchError):
    """No complete answer came: connection refused or lost, or too slow."""

    code = "fetch.unreachable"


class HostStopped(FetchError):
    """The host is left alone for the rest of the run."""

    code = "fetch.host_stopped"


class Blocked(HostStopped):
    """The host takes us for a robot."""

    code = "fetch.blocked"


class HostWaits(HostStopped):
    """The host asks for a longer wait than a run can keep."""

    code = "fetch.host_waits"


class HostUnknown(HostStopped):
    """The host's name has no address."""

    code = "fetch.host_unknown"


class PrivateAddress(HostStopped):
    """The host's name leads to an address that is not public."""

    code = "fetch.private_address"


class Untrusted(HostStopped):
    """The host's certificate cannot be verified."""

    code = "fetch.untrusted"


class RobotsUnavailable(HostStopped):
    """The host's robots.txt cannot be read, which forbids everything (RFC 9309, 2.3.1.4)."""

    code = "fetch.robots_unavailable"
