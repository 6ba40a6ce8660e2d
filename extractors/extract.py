"""From an article to its facts: gate, annotation, the fact types, one fact once."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from extractors import facts, unsettled
from extractors.decisions import Doubt, listening
from extractors.facts.awards import Award
from extractors.facts.rankings import Ranking
from extractors.facts.ratings import Rating
from extractors.facts.scores import Score
from extractors.facts.staff_reductions import StaffReduction
from extractors.gate import Topic, topics
from extractors.lookups import province_code
from extractors.plausible import impossible, issue
from extractors.sentence import Document, document
from pipeline.records import Article, Extraction, Fact

# The parts that can be read one without the others, each with the tables that it fills.
PARTS: Mapping[Topic, frozenset[str]] = {
    "index": frozenset({Ranking.TABLE, Score.TABLE, Rating.TABLE}),
    "payroll": frozenset({StaffReduction.TABLE}),
    "award": frozenset({Award.TABLE}),
}


def extract(article: Article) -> Extraction:
    """The facts of an article by offset, each once, with their evidence sliced from its text.

    A fact with a value that cannot be is dropped and told as an issue; so is what the article leaves open.
    """
    return merged(by_part(article).values())


def by_part(article: Article, parts: Iterable[Topic] = tuple(PARTS)) -> dict[Topic, Extraction]:
    """What `extract` gives, for each of these parts: no part's facts depend on which others are asked for."""
    wanted = tuple(parts)
    spoken_of = topics(article, wanted)
    readers = facts.extractors(spoken_of & {*wanted, "table"})
    if not readers:
        return dict.fromkeys(wanted, Extraction())
    read = document(article)
    with listening() as heard:
        told = unsettled.settled(read, [fact for reader in readers for fact in reader(read)])
    found = [_coded(fact, read.published) for fact in told]
    return {
        part: _sifted(
            read,
            [fact for fact in found if fact.TABLE in PARTS[part]],
            [doubt for doubt in heard.doubts if doubt.table in PARTS[part]],
        )
        for part in wanted
    }


def merged(extractions: Iterable[Extraction]) -> Extraction:
    """What several parts found, as one."""
    listed = list(extractions)
    found = (fact for extraction in listed for fact in extraction.facts)
    issues = unsettled.once(issue for extraction in listed for issue in extraction.issues)
    return Extraction(tuple(sorted(found, key=by_place)), issues)


def by_place(fact: Fact) -> tuple[int, int, str, str]:
    """What an article's facts are ordered by."""
    return fact.start, fact.end, fact.TABLE, fact.fact_id


def _sifted(read: Document, found: Sequence[Fact], doubts: Sequence[Doubt]) -> Extraction:
    doubted = [(fact, why) for fact in found if (why := impossible(fact))]
    wrong = {id(fact) for fact, _ in doubted}
    kept = sorted(once(joined(once(fact for fact in found if id(fact) not in wrong))), key=by_place)
    return Extraction(
        facts=tuple(kept),
        issues=(*(issue(fact, why) for fact, why in doubted), *unsettled.issues(read, kept, doubts)),
    )


# What a place or value may be told without where it is told again: the move to it, its change, its level.
_ASIDE: Mapping[str, tuple[str, frozenset[str]]] = {
    "rankings": ("rank", frozenset({"rank_change"})),
    "scores": ("score", frozenset({"score_change", "rating"})),
}


def once(found: Iterable[Fact]) -> list[Fact]:
    """One fact for each key: the first as told, its empty fields filled from the others.

    Evidence with the figure is shown rather than evidence in words alone ("đứng đầu" of a place told in a table, too).
    A place or value that is told again without its move or level is the same fact.
    """
    kept: dict[tuple[object, ...], list[Fact]] = {}
    for fact in found:
        alike = kept.setdefault(_main_key(fact), [])
        place = next((place for place, first in enumerate(alike) if _agree(first, fact)), None)
        if place is None:
            alike.append(fact)
        else:
            alike[place] = _filled(alike[place], fact)
    return [fact for alike in kept.values() for fact in alike]


def _main_key(fact: Fact) -> tuple[object, ...]:
    """What two tellings of one fact have in common: the key, without what may be left out beside a value."""
    value, aside = _ASIDE.get(fact.TABLE, ("", frozenset[str]()))
    left_out = aside if value and getattr(fact, value) is not None else frozenset[str]()
    return (fact.doc_id, fact.TABLE, *((name, getattr(fact, name)) for name in fact.KEY if name not in left_out))


def _agree(one: Fact, other: Fact) -> bool:
    """Whether two facts of one main key contradict each other in nothing that the key holds."""
    return all(a == b or a is None or b is None for a, b in zip(one.key(), other.key(), strict=True))


def joined(found: Iterable[Fact]) -> list[Fact]:
    """A bare move, change or level goes to the place or score of the same thing told elsewhere (in another row, say)."""
    facts = list(found)
    for number, fact in enumerate(facts):
        bare = _bare(fact)
        if bare is None:
            continue
        for other, sibling in enumerate(facts):
            if other != number and _takes(sibling, fact, bare):
                values = {
                    name: getattr(fact, name) for name in (bare, "compared_to") if getattr(fact, name) is not None
                }
                facts[other] = dataclasses.replace(sibling, **values)
                facts[number] = facts[other]
                break
    return facts


def _bare(fact: Fact) -> str | None:
    """The field of a fact that tells only a difference or a level."""
    if isinstance(fact, Ranking) and fact.rank is None and fact.rank_at_most is None:
        return "rank_change"
    if isinstance(fact, Score) and fact.score is None and (fact.score_change is None or fact.rating is None):
        return "rating" if fact.score_change is None else "score_change"
    return None


def _takes(sibling: Fact, fact: Fact, bare: str) -> bool:
    """Whether a fact has the value whose difference another tells."""
    if type(sibling) is not type(fact) or _bare(sibling) or getattr(sibling, bare) is not None:
        return False
    if isinstance(sibling, Ranking) and sibling.rank is None:
        return False
    if (
        isinstance(sibling, Score)
        and isinstance(fact, Score)
        and (sibling.score is None or fact.unit not in {None, sibling.unit})
    ):
        return False
    same = ("entity_type", "entity", "province", "index", "component", "period", "modality")
    return all(getattr(sibling, name) == getattr(fact, name) for name in same)


def _coded(fact: Fact, published: date | None) -> Fact:
    """The fact with its province's code as in force on the day of publication."""
    if fact.province is None or fact.province_code is not None:
        return fact
    return dataclasses.replace(fact, province_code=province_code(fact.province, published))


# "ở ngôi số 1" is an idiom, no figure.
_FIGURE = re.compile(r"(?<!ngôi số )\d")


def _filled(first: Fact, other: Fact) -> Fact:
    if not _FIGURE.search(first.evidence) and _FIGURE.search(other.evidence):
        first, other = other, first
    empty = {
        field.name: getattr(other, field.name)
        for field in dataclasses.fields(first)
        if getattr(first, field.name) is None and getattr(other, field.name) is not None
    }
    return dataclasses.replace(first, **empty) if empty else first
