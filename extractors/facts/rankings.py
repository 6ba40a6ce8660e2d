"""A position in an index, or a move in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pipeline.records import Fact


@dataclass(frozen=True, kw_only=True)
class Ranking(Fact):
    """A position in an index, or a move in it."""

    TABLE: ClassVar[str] = "rankings"
    KEY: ClassVar[tuple[str, ...]] = (
        "entity_type",
        "entity",
        "province",
        "index",
        "component",
        "period",
        "modality",
        "rank",
        "rank_at_most",
        "rank_change",
    )
    CORE: ClassVar[tuple[str, ...]] = ("entity", "province", "rank", "rank_at_most", "rank_change")

    index: str
    rank: int | None = None
    rank_at_most: int | None = None
    rank_total: int | None = None
    rank_change: int | None = None
    compared_to: str | None = None
    component: str | None = None
