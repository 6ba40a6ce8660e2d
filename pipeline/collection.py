"""The readings of a run, gathered as rows of all tables and as each source's yield."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import operator
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from extractors import lookups
from extractors.extract import by_place, merged
from extractors.facts import FACT_TYPES
from pipeline import assertions, dimensions, gathered, history, observations, plausibility, results, syndication, tables
from pipeline.archive import Entry
from pipeline.corrections import Corrected, Corrections, Outcome
from pipeline.gathered import Page, Taken
from pipeline.kept import Stored
from pipeline.records import Article, Extraction, Fact, Issue
from pipeline.results import Found, Told
from pipeline.rows import ArticleRow, CaptureRow, ChangeRow, Day, Moment, RevisionRow, SourceRow
from pipeline.schema import FACT_TABLES
from pipeline.work import Group

# The outcome of the capture that an article was taken from.
TAKEN = "article"
NOTHING = Corrected(())


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of the captures of one article: the article of the newest that is one, its facts (`corrected` tells
    which of them a person decided), and for each capture the outcome that `captures.csv` names; no `doc_id` where the
    URL is no article's."""

    doc_id: str | None
    article: Article | None
    extraction: Extraction
    outcomes: tuple[tuple[Entry, str], ...]
    issues: tuple[Issue, ...]
    corrected: Corrected = NOTHING


@dataclass(slots=True)
class Collection:
    """Rows of all tables, as the readings come in; of the articles that are `taken` as the last run gathered them.

    `pages` are all groups of captures that are one article, `concerned` those that a correction may concern, `issues` are
    by doc_id."""

    articles: tables.Rows = field(default_factory=lambda: tables.Rows("articles"))
    revisions: tables.Rows = field(default_factory=lambda: tables.Rows("revisions"))
    captures: tables.Rows = field(default_factory=lambda: tables.Rows("captures"))
    pages: dict[str, Page] = field(default_factory=dict)
    concerned: set[str] = field(default_factory=set)
    issues: list[tuple[str, Issue]] = field(default_factory=list)
    sources: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    facts: dict[str, tables.Rows] = field(default_factory=lambda: {name: tables.Rows(name) for name in FACT_TABLES})
    outcomes: list[Outcome] = field(default_factory=list)
    yields: dict[str, assertions.Yield] = field(default_factory=dict)
    taken: Taken | None = None

    def add(self, reading: Reading) -> None:
        """The reading's captures, its article and its facts."""
        article = reading.article
        if article is None:
            for entry, outcome in reading.outcomes:
                self.leave_out(entry, outcome, reading.doc_id)
            return
        entries, outcomes = zip(*reading.outcomes, strict=True)
        taken, listed = revisions(article.doc_id, reading.outcomes)
        row = article_row(article, taken, len(listed))
        told = Told(outcomes, row=row, filled=assertions.filled(article))
        one = found(article, reading.extraction, taken, reading.corrected.made)
        self.take(article.doc_id, entries, told, signature(article), (one,), reading.corrected.outcomes)

    def leave_out(self, entry: Entry, outcome: str, doc_id: str | None = None) -> None:
        """A capture that is no article."""
        row = _capture_row(entry, outcome, doc_id)
        if row.source not in self.yields:
            self.yields[row.source] = assertions.Yield()
        self.sources[row.source]["captures"] += 1
        self.captures.append(_capture_values(row))

    def take(
        self,
        doc_id: str,
        captures: Sequence[Entry],
        told: Told,
        signed: bytes | None,
        parts: Iterable[Found],
        outcomes: Iterable[Outcome] = (),
    ) -> None:
        """A group's captures and, where one of them is an article, its row, facts and what corrections did to them."""
        for entry, outcome in zip(captures, told.outcomes, strict=True):
            self.leave_out(entry, outcome, doc_id)
        self.pages[doc_id] = Page(signed, told.filled)
        if told.row is None:
            return
        self.yields[told.row.source].add(told.filled)
        facts = 0
        for part in parts:
            for table, rows in part.rows.items():
                self.facts[table].extend(rows)
                facts += len(rows)
        row = list(_values(told.row))
        row[_FACTS] = facts
        self.revisions.extend(map(_revision_values, revisions(doc_id, zip(captures, told.outcomes, strict=True))[1]))
        self.articles.append(row)
        counted = self.sources[told.row.source]
        counted["articles"] += 1
        counted["facts"] += facts
        self.outcomes += outcomes

    def take_over(self, taken: Taken) -> None:
        """The rows, issues and yields of all articles that are as the last run gathered them."""
        self.taken = taken
        captures = taken.rows("captures")
        self.captures.put(captures)
        self.revisions.put(taken.rows("revisions"))
        articles = _alone(taken.rows("articles"))
        self.articles.put(articles)
        for name, rows in self.facts.items():
            rows.put(taken.rows(name))
        self.pages |= {doc_id: page for doc_id, page in taken.gathered.pages.items() if doc_id in taken.ids}
        self.issues += (told for told in taken.gathered.issues if told[0] in taken.ids)
        for name, count in Counter(captures["source"].to_pylist()).items():
            self.sources[name]["captures"] += count
            self.yields.setdefault(name, assertions.Yield())
        of_articles: Counter[tuple[str, tuple[str, ...]]] = Counter()
        for doc_id, name, facts in zip(*(articles[at].to_pylist() for at in ("doc_id", "source", "facts")), strict=True):
            of_articles[name, self.pages[doc_id].filled] += 1
            self.sources[name]["facts"] += facts
        for (name, filled), count in of_articles.items():
            self.sources[name]["articles"] += count
            self.yields[name].add(filled, count)

    def gather(self, group: Group, stored: Stored, decided: Corrections, article: Callable[[str], bytes]) -> None:
        """A group's result as it is kept, with its facts as decided. `article` gives what was packed of it, which only
        corrections need. Raises UnreadableError."""
        told = results.told(stored.reading)
        parts = [results.found(packed) for packed in stored.found if packed]
        issues = (*told.issues, *told.warned)
        if any(part.issues for part in parts):
            issues = (*issues, *merged(Extraction(issues=part.issues) for part in parts).issues)
        outcomes: tuple[Outcome, ...] = ()
        if told.row is not None and decided.listed and decided.concern(group.doc_id, _fact_ids(parts)):
            of = results.article(article(group.doc_id))
            corrected = decided.apply(of, facts(parts))
            taken, _ = revisions(group.doc_id, zip(group.captures, told.outcomes, strict=True))
            parts = [found(of, Extraction(corrected.facts), taken, corrected.made)]
            outcomes = corrected.outcomes
            self.concerned.add(group.doc_id)
        self.take(group.doc_id, group.captures, told, stored.signature, parts, outcomes)
        self.issues += ((group.doc_id, issue) for issue in issues)

    def counts(self) -> dict[str, int]:
        """The number of articles, captures and facts of each table."""
        facts = {table: len(self.facts[table]) for table in FACT_TABLES}
        return {"articles": len(self.articles), "captures": len(self.captures), **facts}

    def by_source(self) -> dict[str, dict[str, int]]:
        """The number of captures, articles and facts of each source."""
        counted = ("captures", "articles", "facts")
        return {name: {what: self.sources[name][what] for what in counted} for name in sorted(self.sources)}

    def broken(self, wanted: Mapping[str, assertions.Assertions]) -> Iterator[Issue]:
        """The assertions that the sources break."""
        for name in sorted(self.yields.keys() & wanted.keys()):
            yield from assertions.check(name, wanted[name], self.yields[name])

    def tables(
        self,
        sources: Iterable[SourceRow],
        corrections: Corrections,
        former: history.Snapshot | None,
        run: str,
        moment: str,
    ) -> tuple[dict[str, tables.Table], list[ChangeRow]]:
        """All tables, ready to be written, and what changed in them since the former ones.

        `sources` are those declared, `moment` is this run's time, for what changed by no page.
        """
        facts = {name: tables.table(name, self.facts[name]) for name in FACT_TABLES}
        articles = tables.table("articles", self.articles)
        firsts = syndication.first_published(self._printed(articles))
        found = {
            **facts,
            "articles": _syndicated(articles, firsts),
            "revisions": tables.table("revisions", self.revisions),
            "captures": tables.table("captures", self.captures),
            "corrections": tables.table("corrections", corrections.rows(self.outcomes)),
            "sources": tables.table("sources", _all_sources(sources, self.yields)),
        }
        found |= _derived(facts, {doc_id: (first.doc_id, first.source) for doc_id, first in firsts.items()})
        changes = self._dated(found, former, run, moment)
        # What the last changes were stays told until there are others.
        kept = former.tables["changes"] if former and not changes else tables.table("changes", changes)
        found["changes"] = kept
        return {name: found[name] for name in tables.TABLES}, changes

    def lines(self, found: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
        """The lines of the tables that grow with the archive, as they stand in their files."""
        if self.taken is None:
            return {name: tables.lines(found[name]) for name in gathered.TABLES}
        return {name: self.taken.lines(name, found[name]) for name in gathered.TABLES}

    def _printed(self, articles: pd.DataFrame) -> Iterator[syndication.Printed]:
        names = ("doc_id", "source", "published_on", "fetched_at")
        for doc_id, source, published_on, fetched_at in zip(*(tables.values(articles[name]) for name in names), strict=True):
            yield syndication.Printed(doc_id, source, published_on, fetched_at, self.pages[doc_id].signature)

    def _dated(
        self, found: dict[str, pd.DataFrame], former: history.Snapshot | None, run: str, moment: str
    ) -> list[ChangeRow]:
        """The changes since the former tables, which hold what is not taken; all facts get their dates, or keep them."""
        if self.taken is None:
            return history.dated(found, former, run, moment)
        here = {name: ~self.taken.among(found[name]["doc_id"]) for name in (*FACT_TABLES, "articles")}
        fresh = {name: one[here[name]] if name in here else one for name, one in found.items()}
        changes = history.dated(fresh, former, run, moment)
        for name in FACT_TABLES:
            for column in ("first_seen", "last_changed"):
                values = found[name][column].copy()
                values[here[name]] = fresh[name][column].to_numpy()
                found[name][column] = values
        return changes


def _derived(facts: Mapping[str, tables.Table], origins: observations.Origins) -> dict[str, tables.Table]:
    """Entities, provinces, indices, observations, conflicts and quality: what follows from the facts."""
    entities = dimensions.entity_rows(row for table in facts.values() for row in _named(table))
    by_id = {
        row.entity_id: observations.Entity(row.entity_type, row.name, row.province, row.province_code_2025)
        for row in entities
    }
    heard = observations.voices(facts["rankings"], facts["scores"], origins)
    observed, conflicts = observations.observe(heard, by_id)
    doubts = plausibility.check(heard, facts["staff_reductions"], facts["awards"], origins)
    of_index: Counter[str] = Counter()
    for table in facts.values():
        if "index" in table.columns:
            of_index.update(table["index"].tolist())
    return {
        "observations": tables.table("observations", observed),
        "conflicts": tables.table("conflicts", conflicts),
        "quality": tables.table("quality", doubts),
        "entities": tables.table("entities", entities),
        "provinces": tables.table("provinces", dimensions.province_rows()),
        "indices": tables.table("indices", dimensions.index_rows(of_index)),
    }


def _named(facts: tables.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(tables.values(facts[name]) for name in dimensions.NAMED), strict=True)


def _capture_row(entry: Entry, outcome: str, doc_id: str | None) -> CaptureRow:
    return CaptureRow(
        source=entry.source,
        url=entry.url,
        fetched_at=Moment(entry.fetched_at),
        status=entry.status,
        mime=entry.mime or None,
        digest=entry.digest,
        warc=entry.filename,
        offset=entry.offset,
        length=entry.length,
        doc_id=doc_id,
        outcome=outcome,
    )


def revisions(doc_id: str, outcomes: Iterable[tuple[Entry, str]]) -> tuple[RevisionRow, list[RevisionRow]]:
    """The payloads of an article's address, numbered by when each was first seen; first the one that is the article."""
    by_digest: dict[str, list[tuple[Entry, str]]] = defaultdict(list)
    for entry, outcome in sorted(outcomes, key=lambda pair: (pair[0].timestamp, pair[0].url)):
        by_digest[entry.digest].append((entry, outcome))
    rows = []
    for number, captures in enumerate(by_digest.values(), start=1):
        first = captures[0][0]
        rows.append(
            RevisionRow(
                doc_id=doc_id,
                revision=number,
                outcome=captures[0][1],
                fetched_at=Moment(first.fetched_at),
                digest=first.digest,
                warc=first.filename,
                offset=first.offset,
                length=first.length,
            )
        )
    return next(row for row in rows if row.outcome == TAKEN), rows


def found(article: Article, extraction: Extraction, taken: RevisionRow, made: Mapping[str, str] | None = None) -> Found:
    """The facts as rows of their tables; `made` gives the correction that made a fact."""
    by_table = tables.fact_rows(article, extraction.facts, taken.revision, made)
    rows = {
        table: [[row.get(name) for name in tables.columns(table)] for row in rows] for table, rows in by_table.items()
    }
    return Found(rows, extraction.issues)


def _fact_ids(parts: Iterable[Found]) -> set[str]:
    return {
        row[list(tables.columns(table)).index("fact_id")]
        for part in parts
        for table, rows in part.rows.items()
        for row in rows
    }


def facts(parts: Iterable[Found]) -> tuple[Fact, ...]:
    """The facts whose rows these are, by offset."""
    listed: list[Fact] = []
    for part in parts:
        for table, rows in part.rows.items():
            kind, names = FACT_TYPES[table], tuple(tables.columns(table))
            own = [(at, name) for at, name in enumerate(names) if name in kind.__dataclass_fields__]
            listed += (kind(**{name: row[at] for at, name in own}) for row in rows)
    return tuple(sorted(listed, key=by_place))


def signature(article: Article) -> bytes | None:
    """What the article's text is compared by, as bytes; None where it is too short."""
    return syndication.signature(article.text)


def article_row(article: Article, taken: RevisionRow, revisions: int) -> ArticleRow:
    """The article's row, as far as it is known without its facts and the other articles."""
    when = date.fromisoformat(article.published_on) if article.published_on else None
    published_on = Day(article.published_on) if article.published_on else None
    return ArticleRow(
        doc_id=article.doc_id,
        source=article.source,
        province=article.province,
        province_code=lookups.province_code(article.province, when) if article.province else None,
        published_on=published_on,
        title=article.title or None,
        author=article.author,
        url=article.url,
        layout=article.layout,
        characters=len(article.text),
        facts=0,
        revision=taken.revision,
        revisions=revisions,
        syndication_id=article.doc_id,
        copy=False,
        first_published_on=published_on,
        first_source=article.source,
        fetched_at=taken.fetched_at,
        warc=taken.warc,
        offset=taken.offset,
        length=taken.length,
        digest=taken.digest,
        text_digest=_digest(article.text),
        reading_digest=_digest(json.dumps(dataclasses.asdict(dataclasses.replace(article, ref=None)))),
    )


def _digest(text: str) -> str:
    # 16 digits tell apart all readings there will be.
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _alone(articles: Any) -> Any:
    """Rows of articles in Arrow's types, as they are where no other article is known."""
    firsts = {"syndication_id": "doc_id", "first_published_on": "published_on", "first_source": "source"}
    for name in (*firsts, "copy"):
        own = articles[firsts[name]] if name in firsts else pa.repeat(False, len(articles))
        articles = articles.set_column(articles.column_names.index(name), name, own)
    return articles


def _syndicated(articles: tables.Table, firsts: Mapping[str, syndication.Printed]) -> tables.Table:
    """The articles, of which the copies tell where their piece was published first."""
    given = [
        (place, firsts[doc_id]) for place, doc_id in enumerate(articles["doc_id"]) if firsts[doc_id].doc_id != doc_id
    ]
    places = [place for place, _ in given]
    values = {
        "syndication_id": [first.doc_id for _, first in given],
        "copy": [True] * len(given),
        "first_published_on": pd.to_datetime(pd.Series([first.published_on for _, first in given], dtype="string")),
        "first_source": [first.source for _, first in given],
    }
    for name, found in values.items() if given else ():
        column = articles[name].copy()
        column.iloc[places] = found
        articles[name] = column
    return articles


_FACTS = tuple(ArticleRow.__dataclass_fields__).index("facts")


# A row's values in the order of its columns.
_values = operator.attrgetter(*ArticleRow.__dataclass_fields__)
_capture_values = operator.attrgetter(*CaptureRow.__dataclass_fields__)
_revision_values = operator.attrgetter(*RevisionRow.__dataclass_fields__)


def _all_sources(declared: Iterable[SourceRow], yields: Iterable[str]) -> list[SourceRow]:
    """The sources declared, and those that only the archive knows."""
    known = {row.source: row for row in declared}
    for name in yields:
        known.setdefault(name, SourceRow(name, None, None, None, None, None, declared=False))
    return list(known.values())
