"""What a walk over a sentence goes by: clauses, events and the readings that come of them."""

from __future__ import annotations

from dataclasses import dataclass

from extractors.mentions import Mention
from extractors.rules import MASKS
from extractors.signals import Signal
from pipeline.records import Modality


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal with all that it is about; offsets are the article's."""

    entity: Mention
    signal: Signal
    index: str
    component: str | None
    period: str | None
    compared_to: str | None
    modality: Modality
    start: int
    end: int
    clause: int


@dataclass(slots=True)
class Clause:
    """What holds from one point of a sentence to the next: who is spoken of, and of what."""

    subjects: list[Mention]
    fresh: bool  # the subjects were named in this sentence
    index: str | None
    component: str | None
    period: str | None
    compared_to: str | None
    named_index: bool = False
    named_period: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    start: int
    end: int
    kind: str  # unit, index, component, period, signal, open, close, stop, turn, now
    item: object = None


def mask_of(mention: Mention) -> str:
    return MASKS[mention.kind if mention.kind in {"self", "anaphor"} else mention.type]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A match of a rule that became no fact, and why; offsets are the article's."""

    start: int
    end: int
    rule: str
    why: str
