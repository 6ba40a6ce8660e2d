"""The readings of a run, gathered as rows of all tables and as each source's yield."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from extractors.facts import FACT_TYPES
from pipeline import assertions, tables
from pipeline.archive import Entry
from pipeline.records import Article, Extraction, Issue

# The outcome of the capture that an article was taken from.
TAKEN = "article"


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of the captures of one article: the article of the newest that is one, its facts, and for each
    capture the outcome that `captures.csv` names; no `doc_id` where the URL is no article's."""

    doc_id: str | None
    article: Article | None
    extraction: Extraction
    outcomes: tuple[tuple[Entry, str], ...]
    issues: tuple[Issue, ...]


@dataclass(slots=True)
class Collection:
    """Rows of all tables, as the readings come in."""

    articles: list[tables.ArticleRow] = field(default_factory=list)
    captures: list[tables.CaptureRow] = field(default_factory=list)
    facts: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    yields: dict[str, assertions.Yield] = field(default_factory=dict)

    def add(self, reading: Reading) -> None:
        """The reading's captures, its article and its facts."""
        article = reading.article
        for entry, outcome in reading.outcomes:
            self.yields.setdefault(entry.source, assertions.Yield())
            self.captures.append(_capture_row(entry, outcome, reading.doc_id))
        if article is None:
            return
        self.yields[article.source].add(article)
        self.articles.append(_article_row(article, reading))
        for table, rows in tables.fact_rows(article, reading.extraction.facts).items():
            self.facts[table] += rows

    def counts(self) -> dict[str, int]:
        """The number of rows of each table."""
        facts = {table: len(self.facts[table]) for table in FACT_TYPES}
        return {"articles": len(self.articles), "captures": len(self.captures), **facts}

    def by_source(self) -> dict[str, dict[str, int]]:
        """The number of captures, articles and facts of each source."""
        found = {name: dict.fromkeys(("captures", "articles", "facts"), 0) for name in sorted(self.yields)}
        for capture in self.captures:
            found[capture.source]["captures"] += 1
        for article in self.articles:
            found[article.source]["articles"] += 1
            found[article.source]["facts"] += article.facts
        return found

    def broken(self, wanted: Mapping[str, assertions.Assertions]) -> Iterator[Issue]:
        """The assertions that the sources break."""
        for name in sorted(self.yields.keys() & wanted.keys()):
            yield from assertions.check(name, wanted[name], self.yields[name])

    def tables(self) -> dict[str, tables.Table]:
        """All tables, ready to be written."""
        facts = {name: tables.fact_table(name, self.facts[name]) for name in FACT_TYPES}
        return {
            "articles": tables.article_table(self.articles),
            "captures": tables.capture_table(self.captures),
            **facts,
        }


def _capture_row(entry: Entry, outcome: str, doc_id: str | None) -> tables.CaptureRow:
    return tables.CaptureRow(
        source=entry.source,
        url=entry.url,
        fetched_at=entry.fetched_at,
        status=entry.status,
        mime=entry.mime,
        digest=entry.ref.digest,
        warc=entry.ref.warc,
        offset=entry.ref.offset,
        length=entry.ref.length,
        doc_id=doc_id,
        outcome=outcome,
    )


def _article_row(article: Article, reading: Reading) -> tables.ArticleRow:
    taken = next(entry for entry, outcome in reading.outcomes if outcome == TAKEN)
    digests = {entry.digest for entry, _ in reading.outcomes}
    return tables.ArticleRow(
        doc_id=article.doc_id,
        source=article.source,
        province=article.province,
        published_on=article.published_on,
        title=article.title,
        author=article.author,
        url=article.url,
        layout=article.layout,
        characters=len(article.text),
        facts=len(reading.extraction.facts),
        revisions=len(digests),
        fetched_at=taken.fetched_at,
        warc=taken.ref.warc,
        offset=taken.ref.offset,
        length=taken.ref.length,
        digest=taken.ref.digest,
    )
