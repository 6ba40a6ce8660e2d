"""The cheap test that an article must pass before anything costly is done with it."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from typing import Literal

from extractors.awards_kinds import naming as award_naming
from extractors.fold import fold_once
from extractors.indices import naming as index_naming
from extractors.needed import needs_mask
from extractors.rules import MASKS, Rule, load_rules
from extractors.triggers import BLOCKS, Triggers
from pipeline.records import Article

# What an article must speak of for the facts of its prose, and whether it has tables, which may tell any.
Topic = Literal["index", "payroll", "award", "table"]
ALL_TOPICS: frozenset[Topic] = frozenset({"index", "payroll", "award", "table"})


def topics(article: Article, asked: Collection[Topic] = ALL_TOPICS) -> frozenset[Topic]:
    """What the article may tell facts of; empty only where no fact of what is asked can stand.

    A place, score or level needs the name of an index, a staff cut a word of the public payroll and a figure, an award
    the name of a distinction or praise: each in one sentence, so that its block has it. One scan tells nearly always.
    """
    if any(block.kind == "row" for block in article.blocks):
        return ALL_TOPICS
    patterns, triggers = _needed()
    text = fold_once(article.text)
    found: set[Topic] = set()
    for start, end in article.block_spans():
        folded = text[start:end]
        for number in triggers.possible(folded):
            topic, pattern = patterns[number]
            # Without a pattern the words suffice: they are all that it has, or it is made for masked text.
            if topic not in found and (pattern is None or pattern.search(folded)):
                found.add(topic)
    # Every other article names "cán bộ, công chức"; few tell how many.
    if "payroll" in found and "payroll" in asked and not any(_may_tell_of_staff(text[start:end]) for start, end in article.block_spans()):
        found.discard("payroll")
    return frozenset(found)


def _may_tell_of_staff(folded: str) -> bool:
    from extractors.facts.staff_reductions import may_tell

    return may_tell(folded)


@functools.cache
def _needed() -> tuple[tuple[tuple[Topic, re.Pattern[str] | None], ...], Triggers]:
    from extractors.facts.staff_reductions import PAYROLL

    sought: list[tuple[Topic, re.Pattern[str]]] = [
        ("award", award_naming()),
        *(("index", pattern) for pattern in index_naming()),
    ]
    praise = [rule.pattern for rule in load_rules("awards") if _is_praise(rule)]
    triggers = Triggers([PAYROLL, *praise, *(pattern for _, pattern in sought)], BLOCKS, hidden={})
    return (("payroll", None), *(("award", None) for _ in praise), *sought), triggers


def _is_praise(rule: Rule) -> bool:
    """Whether a rule reads praise that names no distinction."""
    return "stop" not in rule.gives and not needs_mask(rule.pattern, MASKS["award"])
