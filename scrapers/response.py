"""What a site answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response. `raw` is the body as sent (transfer encoding removed), `body` has the content encoding
    removed too; `headers` are as sent, in order; `url` is where it came from after redirects, `asked` the URL
    asked for; `fetched_at` is UTC in ISO 8601 with a final Z."""

    url: str
    asked: str
    status: int
    reason: str
    version: str
    headers: tuple[tuple[str, str], ...]
    raw: bytes
    body: bytes
    fetched_at: str
    ip: str
    request_headers: tuple[tuple[str, str], ...]

    def header(self, name: str) -> str:
        """The header's first value, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def content_type(self) -> str:
        return self.header("Content-Type")
