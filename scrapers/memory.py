"""What is known of hosts from one run to the next, as fetching needs it; who keeps it is not its business."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rest:
    """Until when a host is to be left alone, and why; `blocked` where it was a block page and not its own wish."""

    until: dt.datetime
    cause: str
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class KeptRobots:
    """A robots.txt as it was read: its bytes, None where there is none."""

    read_at: dt.datetime
    body: bytes | None


class Memory(Protocol):
    """What is known of hosts from one run to the next. A host's name may carry the address that --resolve gave."""

    def last_request(self, host: str) -> tuple[dt.datetime, bool] | None:
        """When the host was last asked, and whether that request was seen to end."""

    def asked(self, host: str, at: dt.datetime, *, ended: bool) -> None: ...
    def rest(self, host: str) -> Rest | None: ...
    def let_rest(self, host: str, rest: Rest) -> None: ...
    def robots(self, host: str, origin: str) -> KeptRobots | None: ...
    def keep_robots(self, host: str, origin: str, kept: KeptRobots) -> None: ...


class Forgetful:
    """The memory of a fetcher that is not used again."""

    def last_request(self, host: str) -> tuple[dt.datetime, bool] | None:
        return None

    def asked(self, host: str, at: dt.datetime, *, ended: bool) -> None:
        pass

    def rest(self, host: str) -> Rest | None:
        return None

    def let_rest(self, host: str, rest: Rest) -> None:
        pass

    def robots(self, host: str, origin: str) -> KeptRobots | None:
        return None

    def keep_robots(self, host: str, origin: str, kept: KeptRobots) -> None:
        pass
