"""A value or a level of an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pipeline.records import Fact


@dataclass(frozen=True, kw_only=True)
class Score(Fact):
    """A value or a level of an index."""

    TABLE: ClassVar[str] = "scores"
    KEY: ClassVar[tuple[str, ...]] = (
        "entity_type",
        "entity",
        "province",
        "index",
        "component",
        "period",
        "modality",
        "score",
        "unit",
        "score_change",
        "rating",
    )
    CORE: ClassVar[tuple[str, ...]] = ("entity", "province", "score", "score_change")

    index: str
    score: float | None = None
    unit: str | None = None
    score_change: float | None = None
    compared_to: str | None = None
    rating: str | None = None
    component: str | None = None
