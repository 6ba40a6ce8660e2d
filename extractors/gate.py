"""The cheap test that an article must pass before anything costly is done with it."""

from __future__ import annotations

import functools
import re
from typing import Literal

from extractors.awards_kinds import naming as award_naming
from extractors.fold import fold
from extractors.indices import naming as index_naming
from extractors.rules import MASKS, Rule, load_rules
from extractors.triggers import Triggers, required
from pipeline.records import Article

# What an article must speak of for the facts of its prose, and whether it has tables, which may tell any.
Topic = Literal["index", "payroll", "award", "table"]
ALL_TOPICS: frozenset[Topic] = frozenset({"index", "payroll", "award", "table"})


def topics(article: Article) -> frozenset[Topic]:
    """What the article may tell facts of; empty only where no fact can stand.

    A place, score or level needs the name of an index, a staff cut a word of the public payroll, an award the name
    of a distinction or praise: each in one sentence, so that the whole text has it. One scan tells nearly always.
    """
    if any(block.kind == "row" for block in article.blocks):
        return ALL_TOPICS
    folded = fold(article.text)
    patterns, triggers = _needed()
    found: set[Topic] = set()
    for number in triggers.possible(folded):
        topic, pattern = patterns[number]
        # The words of a rule that reads masked text suffice, for what its masks hide is not known here.
        if topic not in found and (pattern is None or pattern.search(folded)):
            found.add(topic)
    return frozenset(found)


@functools.cache
def _needed() -> tuple[tuple[tuple[Topic, re.Pattern[str] | None], ...], Triggers]:
    from extractors.facts.staff_reductions import PAYROLL

    sought: list[tuple[Topic, re.Pattern[str]]] = [
        ("payroll", PAYROLL),
        ("award", award_naming()),
        *(("index", pattern) for pattern in index_naming()),
    ]
    praise = [rule.pattern for rule in load_rules("awards") if _is_praise(rule)]
    triggers = Triggers([*(pattern for _, pattern in sought), *praise], hidden={})
    return (*sought, *(("award", None) for _ in praise)), triggers


def _is_praise(rule: Rule) -> bool:
    """Whether a rule reads praise that names no distinction."""
    return "stop" not in rule.gives and frozenset({MASKS["award"]}) not in required(rule.pattern)
