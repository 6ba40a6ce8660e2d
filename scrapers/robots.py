"""What a host's robots.txt allows, by RFC 9309."""

from __future__ import annotations

import re
from dataclasses import dataclass

from protego import Protego

AGENT = "cchc"
MAX_BYTES = 500 * 1024
# "User-agent: cchc/0.1": only the name counts (RFC 9309, 2.2.1)
_VERSION = re.compile(rf"^(\s*user-agent\s*:\s*{AGENT})[/ \t].*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin. `rules` is None where there is no robots.txt: everything is allowed.
    `crawl_delay` is in seconds, as asked for."""

    rules: Protego | None = None
    crawl_delay: float | None = None

    def allows(self, url: str) -> bool:
        return self.rules is None or bool(self.rules.can_fetch(url, AGENT))


def parse(body: bytes) -> Robots:
    """The rules in the first 500 KiB; bytes that are not UTF-8 spoil their own line only."""
    text = body[:MAX_BYTES].decode("utf-8-sig", errors="replace")
    rules = Protego.parse(_VERSION.sub(r"\1", text))
    return Robots(rules, rules.crawl_delay(AGENT))


def looks_like_html(content_type: str, body: bytes) -> bool:
    """Whether a page came in place of a text or XML file: many sites answer any unknown address with one."""
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html")) or (
        content_type.lower().startswith("text/html") and start.startswith(b"<")
    )
