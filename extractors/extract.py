"""From an article to its facts: gate, annotation, the fact types, one fact once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from extractors import facts
from extractors.gate import is_worth_reading
from extractors.sentence import document
from pipeline.records import Article, Extraction, Fact


def extract(article: Article) -> Extraction:
    """The facts of an article in the order of their offsets, each once, with the evidence sliced from its text."""
    text = article.text
    if not is_worth_reading(text):
        return Extraction()
    read = document(article)
    found = [fact for extractor in facts.extractors() for fact in extractor(read)]
    return Extraction(facts=tuple(sorted(once(found), key=lambda fact: (fact.start, fact.end, fact.TABLE))))


def once(found: Iterable[Fact]) -> list[Fact]:
    """One fact for each key: the first as told, its empty fields filled from the others."""
    kept: dict[str, Fact] = {}
    for fact in found:
        first = kept.setdefault(fact.fact_id, fact)
        if first is not fact:
            kept[fact.fact_id] = _filled(first, fact)
    return list(kept.values())


def _filled(first: Fact, other: Fact) -> Fact:
    empty = {
        field.name: getattr(other, field.name)
        for field in dataclasses.fields(first)
        if getattr(first, field.name) is None and getattr(other, field.name) is not None
    }
    return dataclasses.replace(first, **empty) if empty else first
