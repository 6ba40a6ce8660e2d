"""A fact replayed: from its row to the archived bytes, parsed again, to the passage that states it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import archive, tables
from pipeline.errors import CchcError, UsageError
from pipeline.places import Place
from pipeline.records import Article, Block, Capture, CaptureRef
from scrapers.layouts import LayoutError
from scrapers.page import PageError, parse_with
from scrapers.source import Source

Row = Mapping[str, Any]

# A sentence ends where a stop is followed by a capital, a figure or an opening mark: "… bậc. Năm 2019 …"
_SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+(?=[\"“(0-9A-ZĐÀ-Ỹ])")
# What tells who and when is shown first, so it is not shown again among the figures.
_SHOWN = {
    "fact_id", "doc_id", "source", "published_on", "url", "province_code", "evidence", "start", "end", "rule",
    "entity_id", "province_code_2025", "period_start", "period_end", "period_kind", "revision", "first_seen",
    "last_changed",
}  # fmt: skip


class TraceError(CchcError):
    """A fact that cannot be replayed as it was written; the message names where the chain breaks and the remedy."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The chain behind one fact, every link of it checked: `article.text[row["start"]:row["end"]]` is the evidence
    in the row, and `capture` holds the bytes whose digest the row's article names."""

    table: str
    row: Row
    source: Source
    capture: Capture
    article: Article
    block: Block
    block_number: int
    before: str
    evidence: str
    after: str


def trace(fact_id: str, corpus: Place, output: Path, declared: Mapping[str, Source]) -> Trace:
    """The fact of that id, replayed. Raises UsageError for an id that no table holds, TraceError where the replay
    gives something else than the row says, ArchiveError where the archive is damaged."""
    table, row = _row(fact_id, output)
    article_row = _article_row(row["doc_id"], output)
    source = declared.get(row["source"])
    if source is None:
        raise TraceError(f"source {row['source']!r} of {fact_id} is not declared any more: restore its file.")
    capture = archive.read(corpus, _address(article_row))
    article = _parsed(capture, source, article_row["layout"])
    start, end = int(row["start"]), int(row["end"])
    if article.text[start:end] != row["evidence"]:
        raise TraceError(
            f"the text at {start}:{end} of {article.doc_id} is {article.text[start:end]!r}, the row says "
            f"{row['evidence']!r}: its layout was changed since; run `cchc extract` again."
        )
    number = next(n for n, (_, block_end) in enumerate(article.block_spans()) if start < block_end)
    before, after = _around(article, number, start, end)
    return Trace(table, row, source, capture, article, article.blocks[number], number, before, row["evidence"], after)


def describe(found: Trace) -> list[tuple[str, str]]:
    """The chain as labelled lines, from the figures to the rule; the evidence in its sentence is not among them."""
    ref = found.capture.ref
    figures = {name: value for name, value in found.row.items() if name not in _SHOWN and value is not None}
    return [
        ("fact", f"{found.row['fact_id']} in {found.table}"),
        ("says", ", ".join(f"{name} {value}" for name, value in figures.items())),
        ("source", f"{found.source.name} ({found.source.title}{_home(found.source)})"),
        ("article", f"{found.article.title} ({found.article.published_on or 'no date'})"),
        ("url", found.article.url),
        ("fetched", f"{found.capture.fetched_at}, status {found.capture.status}, {len(found.capture.payload):,} bytes"),
        ("archive", f"{ref.warc}, byte {ref.offset:,}, {ref.length:,} bytes"),
        ("digest", f"{ref.digest} (computed again: equal)"),
        (
            "layout",
            f"{found.article.layout} (parsed again: characters {found.row['start']} to {found.row['end']} are equal)",
        ),
        ("block", f"{found.block_number + 1} of {len(found.article.blocks)}, {found.block.kind}"),
        ("rule", str(found.row["rule"])),
    ]


def _row(fact_id: str, output: Path) -> tuple[str, Row]:
    for name in tables.FACT_TABLES:
        table = tables.load_table(output, name)
        found = table[table["fact_id"] == fact_id]
        if len(found):
            return name, _plain(found.iloc[0])
    raise UsageError(f"no table in {output} has a fact {fact_id!r}: copy a fact_id from one of them.")


def _article_row(doc_id: str, output: Path) -> Row:
    table = tables.load_table(output, "articles")
    found = table[table["doc_id"] == doc_id]
    if not len(found):
        raise TraceError(f"articles.csv in {output} has no {doc_id}: run `cchc extract` again.")
    return _plain(found.iloc[0])


def _plain(row: pd.Series[Any]) -> Row:
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}


def _address(article_row: Row) -> CaptureRef:
    return CaptureRef(
        article_row["warc"], int(article_row["offset"]), int(article_row["length"]), article_row["digest"]
    )


def _parsed(capture: Capture, source: Source, layout: str) -> Article:
    try:
        article, _ = parse_with(capture, source, layout)
    except (PageError, LayoutError) as error:
        raise TraceError(
            f"{capture.url} is not read by the layout {layout} any more ({error}): run `cchc extract` again."
        ) from error
    return article


def _around(article: Article, number: int, start: int, end: int) -> tuple[str, str]:
    """What stands before and after the passage in its sentence; a table row and a passage over several blocks
    are shown whole."""
    spans = article.block_spans()
    first = spans[number][0]
    last = next(block_end for _, block_end in spans[number:] if end <= block_end)
    breaks = [first, *(first + found.end() for found in _SENTENCE_END.finditer(article.text[first:last])), last]
    opens = max(place for place in breaks if place <= start)
    closes = min(place for place in breaks if place >= end)
    return article.text[opens:start], article.text[end:closes]


def _home(source: Source) -> str:
    return f", {source.province}" if source.province else ""
