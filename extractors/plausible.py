"""Values that cannot be: such a fact is dropped, and an issue tells why."""

from __future__ import annotations

from extractors.facts.rankings import Ranking
from extractors.facts.ratings import Rating
from extractors.facts.scores import Score
from pipeline.records import Fact, Issue


def impossible(fact: Fact) -> str | None:
    """What is wrong with a fact's value, or None: a place beyond the number ranked, a share over 100 %, more
    units at a level than there are."""
    if isinstance(fact, Ranking) and fact.rank is not None:
        if fact.rank < 1:
            return f"rank {fact.rank} is below 1"
        if fact.rank_total is not None and fact.rank > fact.rank_total:
            return f"rank {fact.rank} of {fact.rank_total}"
    if isinstance(fact, Score) and fact.score is not None:
        if fact.unit == "percent" and fact.score > 100:
            return f"a score of {fact.score} percent"
        if fact.score < 0:
            return f"a score of {fact.score}"
    if isinstance(fact, Rating) and fact.total is not None and fact.count > fact.total:
        return f"{fact.count} of {fact.total} units"
    return None


def issue(fact: Fact, why: str) -> Issue:
    """The issue of a dropped fact."""
    return Issue(
        code="fact.impossible_value",
        level="warning",
        message=f"{fact.entity}: {why} in “{fact.evidence[:120]}” (rule {fact.rule}); the fact was dropped. "
        "Correct the rule, or the page if it is the page's error.",
        where=fact.doc_id,
    )
