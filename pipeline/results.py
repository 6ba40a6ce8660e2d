"""What became of one article's captures, small enough to be sent between processes and kept: no text, rows only.

A result is packed in pieces, so that one fact type's rows can be replaced without touching the rest: `reading` (the
outcome of each capture, issues, the article's row), `signature` of its text, `article` as parsed, and for each part of
the extractors the rows that it found. Each piece has a checksum of its own.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import zstandard

from pipeline.records import Article, Block, CaptureRef, Issue
from pipeline.rows import ArticleRow

# What is found of a part: for each table its rows (values in the order of `columns`), and the issues met.
Rows = Mapping[str, Sequence[Sequence[Any]]]


class UnreadableError(ValueError):
    """Bytes that are no packed piece of a result, or damaged ones."""


@dataclass(frozen=True, slots=True)
class Result:
    """One article's captures as a worker hands them back, packed; a piece is None where it was not asked for.

    `sound` is False where the page broke the program or the archive: then nothing of it may be kept. `whole` says that
    its parts depend on each other, as where the article has tables; `layouts` that the reading rests on others than its
    source's own layouts.
    """

    doc_id: str
    reading: bytes | None = None
    signature: bytes | None = None
    article: bytes | None = None
    found: Mapping[str, bytes] = field(default_factory=dict)
    sound: bool = True
    whole: bool = False
    layouts: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A reading unpacked: the outcome of each of the captures in the order of their group, the issues of reading them,
    what was `warned` of since, the article's row (its `facts` are still 0) and which of the fields that may be asserted
    it has; no row where none is an article."""

    outcomes: tuple[str, ...]
    issues: tuple[Issue, ...] = ()
    warned: tuple[Issue, ...] = ()
    row: ArticleRow | None = None
    filled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a part of the extractors found in an article: rows by table, and issues."""

    rows: Rows = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()


def pack_told(told: Told) -> bytes:
    """The reading as bytes."""
    row = [getattr(told.row, name) for name in _fields(ArticleRow)] if told.row else None
    issues, warned = ([_values(issue) for issue in met] for met in (told.issues, told.warned))
    return _packed([told.outcomes, issues, warned, row, told.filled])


def told(packed: bytes) -> Told:
    """The reading in these bytes. Raises UnreadableError."""
    outcomes, issues, warned, row, filled = _unpacked(packed)
    return Told(tuple(outcomes), _issues(issues), _issues(warned), ArticleRow(*row) if row else None, tuple(filled))


def pack_found(found: Found) -> bytes:
    """The rows and issues as bytes; none where there is nothing."""
    if not found.rows and not found.issues:
        return b""
    return _packed([found.rows, [_values(issue) for issue in found.issues]])


def found(packed: bytes) -> Found:
    """The rows and issues in these bytes. Raises UnreadableError."""
    if not packed:
        return Found()
    rows, issues = _unpacked(packed)
    return Found(rows, _issues(issues))


def pack_article(article: Article) -> bytes:
    """The article as bytes."""
    head = [getattr(article, name) for name in _fields(Article) if name not in {"ref", "blocks"}]
    blocks = [[block.kind, block.text, block.cells, block.table, block.header] for block in article.blocks]
    return _packed([head, _values(article.ref) if article.ref else None, blocks])


def article(packed: bytes) -> Article:
    """The article in these bytes. Raises UnreadableError."""
    head, ref, blocks = _unpacked(packed)
    values = dict(zip((name for name in _fields(Article) if name not in {"ref", "blocks"}), head, strict=True))
    listed = tuple(Block(kind, text, tuple(cells), table, header) for kind, text, cells, table, header in blocks)
    return Article(**values, ref=CaptureRef(*ref) if ref else None, blocks=listed)


def _issues(values: Iterable[Sequence[Any]]) -> tuple[Issue, ...]:
    return tuple(Issue(*one) for one in values)


def _values(item: Any) -> list[Any]:
    return [getattr(item, name) for name in _fields(item.__class__)]


@cache
def _fields(item: Any) -> tuple[str, ...]:
    return tuple(one.name for one in dataclasses.fields(item))


@cache
def _compressor() -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=3, write_checksum=True)


@cache
def _decompressor() -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor()


def _packed(values: Any) -> bytes:
    return _compressor().compress(
        json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    )


def _unpacked(packed: bytes) -> Any:
    try:
        return json.loads(str(_decompressor().decompress(packed), "utf-8", "surrogatepass"))
    except (zstandard.ZstdError, ValueError) as error:
        raise UnreadableError(f"it cannot be unpacked ({error})") from error
