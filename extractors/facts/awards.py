"""A distinction given to someone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from extractors.sentence import Document
from pipeline.records import Fact


@dataclass(frozen=True, kw_only=True)
class Award(Fact):
    """A distinction given to someone."""

    TABLE: ClassVar[str] = "awards"
    KEY: ClassVar[tuple[str, ...]] = (
        "entity_type",
        "entity",
        "province",
        "award",
        "award_class",
        "awarded_by",
        "recipient_count",
        "period",
        "modality",
    )
    CORE: ClassVar[tuple[str, ...]] = ("entity", "province", "award", "recipient_count")

    award: str
    award_class: str | None = None
    awarded_by: str | None = None
    recipient_count: int | None = None
    reason: str | None = None


def extract(document: Document) -> Iterable[Award]:
    return ()
