"""From an article to its facts: gate, annotation, the fact types, one fact once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import date

from extractors import facts
from extractors.gate import is_worth_reading
from extractors.lookups import province_code
from extractors.plausible import impossible, issue
from extractors.sentence import document
from pipeline.records import Article, Extraction, Fact


def extract(article: Article) -> Extraction:
    """The facts of an article by offset, each once, with their evidence sliced from its text.

    A fact with a value that cannot be is dropped and told as an issue.
    """
    if not is_worth_reading(article.text):
        return Extraction()
    read = document(article)
    found = [_coded(fact, read.published) for extractor in facts.extractors() for fact in extractor(read)]
    doubted = [(fact, why) for fact in found if (why := impossible(fact))]
    wrong = {id(fact) for fact, _ in doubted}
    kept = once(fact for fact in found if id(fact) not in wrong)
    return Extraction(
        facts=tuple(sorted(kept, key=lambda fact: (fact.start, fact.end, fact.TABLE, fact.fact_id))),
        issues=tuple(issue(fact, why) for fact, why in doubted),
    )


def once(found: Iterable[Fact]) -> list[Fact]:
    """One fact for each key: the first as told, its empty fields filled from the others."""
    kept: dict[str, Fact] = {}
    for fact in found:
        first = kept.setdefault(fact.fact_id, fact)
        if first is not fact:
            kept[fact.fact_id] = _filled(first, fact)
    return list(kept.values())


def _coded(fact: Fact, published: date | None) -> Fact:
    """The fact with its province's code as in force on the day of publication."""
    if fact.province is None or fact.province_code is not None:
        return fact
    return dataclasses.replace(fact, province_code=province_code(fact.province, published))


def _filled(first: Fact, other: Fact) -> Fact:
    empty = {
        field.name: getattr(other, field.name)
        for field in dataclasses.fields(first)
        if getattr(first, field.name) is None and getattr(other, field.name) is not None
    }
    return dataclasses.replace(first, **empty) if empty else first
