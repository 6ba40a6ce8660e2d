"""Content encodings undone within a byte limit, so that a small body cannot become a large one."""

# ruff: noqa: N818 - an exception is named for its cause

from __future__ import annotations

import zlib

import brotli
import zstandard

ACCEPTED = "gzip, deflate, br, zstd"
GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
# A frame may ask for a window of any size; 8 MiB is what RFC 9659 lets a server use on the web.
_ZSTD_WINDOW = 8 * 1024 * 1024


class DecodedTooLarge(Exception):
    """The body grows beyond the limit when its content encoding is undone."""


class BrokenEncoding(Exception):
    """The body is not what its content encoding says, or ends too soon."""


def decode(raw: bytes, encoding: str, limit: int, *, cut: bool = False) -> bytes:
    """The body with its content encodings (a header's value, "gzip" or "gzip, br") undone: at most `limit` bytes.

    A name that is none of the known encodings changes nothing. Raises DecodedTooLarge, BrokenEncoding. With `cut` it never raises the first and forgives a missing end: it
    returns what there is, up to the limit.
    """
    names = [name.strip().lower() for name in encoding.split(",")]
    body = raw
    for name in reversed([name for name in names if name not in {"", "identity"}]):
        if not body:
            return body
        body = _undo(body, name, limit, cut)
    return body


def _undo(raw: bytes, name: str, limit: int, cut: bool) -> bytes:
    # One byte more than allowed tells a full body from one that is too large.
    room = limit + 1
    try:
        body, complete = _undone(raw, name, room)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise BrokenEncoding(f"the body is not {name}: {error}") from error
    if cut:
        return body[:limit]
    if len(body) > limit:
        raise DecodedTooLarge(f"more than {limit:,} bytes once {name} is undone")
    if not complete:
        raise BrokenEncoding(f"the {name} body ends too soon")
    return body


def _undone(raw: bytes, name: str, room: int) -> tuple[bytes, bool]:
    if name in {"gzip", "x-gzip"}:
        return _inflated(raw, _GZIP, room)
    if name == "deflate":
        # RFC 9110 means zlib's format; many servers send bare deflate. A zlib header is a multiple of 31.
        bare = len(raw) < 2 or raw[0] & 0x0F != 8 or int.from_bytes(raw[:2]) % 31 != 0
        return _inflated(raw, -zlib.MAX_WBITS if bare else zlib.MAX_WBITS, room)
    if name == "br":
        return _unbrotlied(raw, room)
    if name == "zstd":
        return _unzstded(raw, room)
    # Such as "utf-8" or "none": servers that mistake the header send the body as it is.
    return raw[:room], True


def _inflated(raw: bytes, window: int, room: int) -> tuple[bytes, bool]:
    """One or more members, one after the other; what follows the last member and is none is padding."""
    body = bytearray()
    rest = raw
    while True:
        inflater = zlib.decompressobj(window)
        body += inflater.decompress(rest, room - len(body))
        if len(body) >= room or not inflater.eof:
            return bytes(body), inflater.eof
        rest = inflater.unused_data
        if window != _GZIP or not rest.startswith(GZIP_MAGIC):
            return bytes(body), True


def _unbrotlied(raw: bytes, room: int) -> tuple[bytes, bool]:
    decoder = brotli.Decompressor()
    body = bytearray(decoder.process(raw, output_buffer_limit=room))
    while len(body) < room and not decoder.can_accept_more_data():
        body += decoder.process(b"", output_buffer_limit=room - len(body))
    return bytes(body), decoder.is_finished()


def _unzstded(raw: bytes, room: int) -> tuple[bytes, bool]:
    """One or more frames. The decoder has no output limit, so it is fed in slices: the densest block is 4 bytes
    for 128 KiB, which makes 512 bytes at most 16 MiB."""
    body = bytearray()
    decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    rest = raw
    while rest and len(body) < room:
        if decoder.eof:
            decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        body += decoder.decompress(rest[:512])
        rest = decoder.unused_data + rest[512:]
    return bytes(body[:room]), decoder.eof
