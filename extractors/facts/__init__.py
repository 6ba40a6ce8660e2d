"""One module a fact type; `FACT_TYPES` maps each table's name to its dataclass, in the tables' order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from extractors.facts.awards import Award
from extractors.facts.rankings import Ranking
from extractors.facts.ratings import Rating
from extractors.facts.scores import Score
from extractors.facts.staff_reductions import StaffReduction
from extractors.gate import ALL_TOPICS, Topic
from extractors.sentence import Document
from pipeline.records import Fact

FACT_TYPES: dict[str, type[Fact]] = {
    fact_type.TABLE: fact_type for fact_type in (Ranking, Score, Rating, StaffReduction, Award)
}

Extractor = Callable[[Document], Iterable[Fact]]


def extractors(topics: Set[Topic] = ALL_TOPICS) -> tuple[Extractor, ...]:
    """What reads an annotated article on these topics: prose first, so that a fact told twice keeps the prose's
    evidence."""
    from extractors.facts import awards, ratings, staff_reductions
    from extractors.grid import extract as grid
    from extractors.readings import extract as readings

    readers: tuple[tuple[Topic, Extractor], ...] = (
        ("index", readings),
        ("index", ratings.extract),
        ("payroll", staff_reductions.extract),
        ("award", awards.extract),
        ("table", grid),
    )
    return tuple(reader for topic, reader in readers if topic in topics)
