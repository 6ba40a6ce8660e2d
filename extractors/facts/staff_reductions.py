"""Posts or people taken off the public payroll."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from extractors.sentence import Document
from pipeline.records import Fact


@dataclass(frozen=True, kw_only=True)
class StaffReduction(Fact):
    """Posts or people taken off the public payroll."""

    TABLE: ClassVar[str] = "staff_reductions"
    KEY: ClassVar[tuple[str, ...]] = (
        "entity_type",
        "entity",
        "province",
        "period",
        "modality",
        "count",
        "unit",
        "action",
    )
    CORE: ClassVar[tuple[str, ...]] = ("entity", "province", "count", "unit")

    count: float
    unit: str
    action: str
    legal_basis: str | None = None
    personnel: str | None = None


def extract(document: Document) -> Iterable[StaffReduction]:
    return ()
