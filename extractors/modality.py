"""Modality of what a sentence says at a place: done, aimed at, denied, supposed, or another country's.

After ConText: cues (`rules/modality.yml`) reach over a part of their sentence, other words end that reach.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from extractors.rules import Rule, possible_rules
from extractors.sentence import Sentence
from extractors.values import period_year
from pipeline.records import Modality

Reading = Literal["actual", "target", "negated", "hypothetical", "foreign"]
# Where cues of several kinds reach a place, the first of these is said: what is abroad or denied is no aim.
_ORDER: tuple[Reading, ...] = ("foreign", "negated", "hypothetical", "target")

# Ends of a phrase and of a clause; a comma or point inside a number ("2,5") ends nothing.
_PHRASE_END = re.compile(r"[;:()]|[,.](?!\d)")
_CLAUSE_END = re.compile(r";")
_BRACKETS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Cue:
    """A word of modality at [start, end) and the stretch [reach_start, reach_end) of the sentence it rules."""

    start: int
    end: int
    modality: Reading
    reach_start: int
    reach_end: int
    rule: str

    def rules(self, start: int, end: int) -> bool:
        """Whether the place [start, end) lies in the cue's reach; one that overlaps the cue itself does."""
        return self.reach_start <= start and end <= self.reach_end


def modality_at(sentence: Sentence, start: int, end: int) -> Reading:
    """What the sentence says about its place [start, end), offsets counting from the sentence's start."""
    said = {cue.modality for cue in cues(sentence) if cue.rules(start, end)}
    return next((modality for modality in _ORDER if modality in said), "actual")


def told_as(sentence: Sentence, start: int, end: int) -> Modality | None:
    """The modality of a fact that stands there: actual or target; None for what is denied, supposed or another country's."""
    said = modality_at(sentence, start, end)
    if said == "target":
        return "target"
    return "actual" if said == "actual" else None


def cues(sentence: Sentence) -> tuple[Cue, ...]:
    """The cues of a sentence by offset."""
    return _cues(sentence.masked, sentence.text)


def is_ahead(period: str | None, published: date | None) -> bool:
    """Whether a stretch ends in a calendar year after that of publication: nothing there has happened yet."""
    year = period_year(period)
    return bool(year and published and year > published.year)


@functools.lru_cache(maxsize=512)
def _cues(masked: str, text: str) -> tuple[Cue, ...]:
    rules = [rule for _, rule in possible_rules("modality", masked)]
    stops = [(match.start(), _ended(rule)) for rule in rules if rule.gives.get("ends") for match in rule.find(masked)]
    found = [
        _cue(rule, match, masked, stops)
        for rule in rules
        if "modality" in rule.gives
        for match in rule.find(masked)
        if not rule.gives.get("proper") or _is_proper(text, match)
    ]
    return tuple(sorted(found, key=lambda cue: (cue.start, cue.end, cue.rule)))


def _is_proper(text: str, match: re.Match[str]) -> bool:
    """Whether a match ends in a capitalised word that no other follows: "chính phủ Anh", not "công ty Anh Tú"."""
    last = text[: match.end()].rfind(" ") + 1
    following = text[match.end() : match.end() + 2]
    name = text[max(last, match.start()) : match.end()]
    earlier = text[match.start() : last].split()
    return (name[:1].isupper() or (bool(earlier) and earlier[-1][:1].isupper())) and not (
        following.startswith(" ") and following[1:].isupper()
    )


def _ended(rule: Rule) -> frozenset[str]:
    ends = rule.gives["ends"]
    assert isinstance(ends, list), f"{rule.id}: ends must be a list of modalities"
    return frozenset(ends)


def _cue(rule: Rule, match: re.Match[str], masked: str, stops: list[tuple[int, frozenset[str]]]) -> Cue:
    modality, direction = _modality(rule), rule.gives.get("direction", "forward")
    low, high = _extent(str(rule.gives.get("scope", "sentence")), match, masked)
    ends = [place for place, ended in stops if modality in ended]
    after = min((place for place in ends if match.end() <= place < high), default=high)
    before = max((place for place in ends if low <= place < match.start()), default=low)
    start = match.start() if direction == "forward" else before
    end = match.end() if direction == "backward" else after
    return Cue(match.start(), match.end(), modality, start, end, rule.id)


def _modality(rule: Rule) -> Reading:
    said = rule.gives["modality"]
    return next(known for known in get_args(Reading) if known == said)


def _extent(scope: str, match: re.Match[str], masked: str) -> tuple[int, int]:
    """The stretch that a cue of this scope could rule, before stops: its brackets bound it in any case."""
    start, end = match.span()
    low, high = 0, len(masked)
    for bracket in _BRACKETS.finditer(masked):
        if bracket.start() < start and end <= bracket.end():
            low, high = bracket.start(), bracket.end()
    if scope == "sentence":
        return low, high
    ends = _PHRASE_END if scope == "phrase" else _CLAUSE_END
    low = max([low, *(found.end() for found in ends.finditer(masked, low, start))])
    high = min([high, *(found.start() for found in ends.finditer(masked, end, high))])
    return low, high
