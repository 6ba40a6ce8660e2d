"""How many of a group reached a level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pipeline.records import Fact


@dataclass(frozen=True, kw_only=True)
class Rating(Fact):
    """How many of a group reached a level."""

    TABLE: ClassVar[str] = "ratings"
    KEY: ClassVar[tuple[str, ...]] = (
        "entity_type",
        "entity",
        "province",
        "index",
        "period",
        "rating",
        "count",
        "total",
    )
    CORE: ClassVar[tuple[str, ...]] = ("entity", "rating", "count", "total")

    index: str
    rating: str
    count: int
    total: int | None = None
