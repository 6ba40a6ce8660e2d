"""The rows of every table beside the facts: the published contract, from which schema, files and types follow.

A field's type is its column's: `str`, `int`, `float`, `bool`, `Day` (ISO date) or `Moment` (ISO 8601, UTC, ending in
Z); `| None` may be empty. What a field means stands in `dictionary.yml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NewType

Day = NewType("Day", str)
Moment = NewType("Moment", str)

PeriodKind = Literal["year", "half", "quarter", "month", "interval"]
Status = Literal["agreed", "single", "conflict"]
Change = Literal["added", "removed", "changed"]
Cause = Literal["new_page", "removed_page", "changed_page", "changed_layout", "changed_rule", "correction"]
Action = Literal["reject", "replace", "add"]


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One article in its latest revision; `text_digest` and `reading_digest` tell whether another text, or another
    reading of the same page, came of it."""

    doc_id: str
    source: str
    province: str | None
    province_code: str | None
    published_on: Day | None
    title: str | None
    author: str | None
    url: str
    layout: str
    characters: int
    facts: int
    revision: int
    revisions: int
    syndication_id: str
    copy: bool
    first_published_on: Day | None
    first_source: str
    fetched_at: Moment
    warc: str
    offset: int
    length: int
    digest: str
    text_digest: str
    reading_digest: str


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One payload that an article's address gave, numbered by when it was first seen."""

    doc_id: str
    revision: int
    outcome: str
    fetched_at: Moment
    digest: str
    warc: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """One archived response."""

    source: str
    url: str
    fetched_at: Moment
    status: int
    mime: str | None
    digest: str
    warc: str
    offset: int
    length: int
    doc_id: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class ProvinceRow:
    """A province for the days on which its name and code hold."""

    province_code: str
    name: str
    name_ascii: str
    kind: Literal["province", "city"]
    valid_from: Day | None
    valid_to: Day | None
    successor: str | None
    province_code_2025: str
    province_2025: str


@dataclass(frozen=True, slots=True)
class EntityRow:
    """Whoever a fact is about, once for all facts, names and days."""

    entity_id: str
    entity_type: str
    name: str
    other_names: str | None
    province: str | None
    province_code_2025: str | None
    parent_id: str | None
    valid_from: Day | None
    valid_to: Day | None
    successor: str | None
    listed: bool
    facts: int


@dataclass(frozen=True, slots=True)
class IndexRow:
    """An index of the contract, with the scale of its national edition."""

    index: str
    name: str
    name_en: str
    publisher: str | None
    scale_minimum: float | None
    scale_maximum: float | None
    facts: int


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A site whose pages are in the archive or are to be."""

    source: str
    title: str | None
    province: str | None
    province_code: str | None
    url: str | None
    layouts: str | None
    declared: bool


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """What all articles together say of an entity, index, component and period."""

    observation_id: str
    entity_id: str
    entity_type: str
    entity: str
    province: str | None
    province_code_2025: str | None
    index: str
    component: str | None
    period: str | None
    period_start: Day | None
    period_end: Day | None
    period_kind: PeriodKind | None
    modality: str
    rank: int | None
    rank_at_most: int | None
    rank_total: int | None
    rank_change: int | None
    score: float | None
    unit: str | None
    percent: float | None
    score_change: float | None
    rating: str | None
    status: Status
    facts: int
    articles: int
    sources: int
    first_fact_id: str
    best_fact_id: str


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """Two facts that disagree in a field of one observation."""

    observation_id: str
    field: str
    fact_id_1: str
    fact_id_2: str
    value_1: str
    value_2: str
    source_1: str
    source_2: str
    published_on_1: Day | None
    published_on_2: Day | None
    evidence_1: str
    evidence_2: str


@dataclass(frozen=True, slots=True)
class QualityRow:
    """A doubt or a link that a rule raises between facts."""

    rule: str
    level: Literal["warning", "note"]
    table: str
    fact_id: str
    other_fact_id: str | None
    doc_id: str
    message: str


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A person's decision on a fact, and what came of it in this run."""

    correction_id: str
    action: Action
    table: str
    doc_id: str | None
    fact_id: str | None
    result_fact_id: str | None
    matched_by: str
    change: str | None
    former: str | None
    who: str
    why: str
    status: Literal["applied", "settled", "unmatched"]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A fact that came, went or changed in the last run that changed any."""

    run: str
    since: str
    table: str
    change: Change
    cause: Cause
    fact_id: str
    former_fact_id: str | None
    doc_id: str
    entity: str
    former: str | None
    present: str | None
