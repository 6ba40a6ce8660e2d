"""One module a fact type; `FACT_TYPES` maps each table's name to its dataclass, in the tables' order."""

from __future__ import annotations

from extractors.facts.awards import Award
from extractors.facts.rankings import Ranking
from extractors.facts.ratings import Rating
from extractors.facts.scores import Score
from extractors.facts.staff_reductions import StaffReduction
from pipeline.records import Fact

FACT_TYPES: dict[str, type[Fact]] = {
    fact_type.TABLE: fact_type for fact_type in (Ranking, Score, Rating, StaffReduction, Award)
}
