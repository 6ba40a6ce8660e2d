"""What the readers decide against: figures and distinctions that nearly became facts, and what could not be settled.

A reader tells each such decision where it takes it; only who listens (`cchc explain`, or `extract` for what a person
should see) keeps it. When nobody listens, telling costs one look at a variable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

# Why not, by code. The rules that make others void (`staff.not.…`, `award.stop.…`) tell theirs by the last part of
# their ids; the codes of modality are its readings.
REASONS: Mapping[str, str] = {
    "negated": "the sentence denies it",
    "hypothetical": "the sentence only supposes it",
    "foreign": "it is another country's",
    # staff reductions
    "no_leaving": "a count with no words of a cut or of leaving: what there is, or something else",
    "no_payroll": "nothing in the article, or near the figure, ties the cut to the public payroll",
    "no_total": "the wording divides a figure, and none is told before it that it could divide",
    "no_lead_in": "nothing before the figure says that people leave the payroll",
    "no_unit": "what is counted is not told",
    "no_action": "how they left is not told",
    "nobody_named": "whom the word means that points (“tỉnh”, “huyện”) is open",
    "no_count": "the number counts nothing: zero or no whole number",
    "beyond_share": "a share of more than 100 %",
    "not_closed": "the words go on, so that the count is of something else",
    "only_change": "it is how the figure before it changed",
    "company": "a firm's or newspaper's people are on no public payroll",
    "applications": "applications count, not those who left",
    "growth": "it is a change against the time before",
    "heads": "posts of heads and deputies are no payroll posts",
    "deputies": "posts of heads and deputies are no payroll posts",
    "dual": "those who hold two posts leave none",
    "unnamed": "it is said of one that is not named",
    "marks": "it is how points are given",
    "quota": "a stock that there is, was granted or remains, and no cut",
    "private": "it is said of firms and their workers",
    "average": "a mean, not a total",
    "each": "it is a norm for each, not a total",
    "others": "people taken on, moved, trained or rewarded",
    "with_transfers": "the total includes those who were moved",
    "dismissed": "dismissal is no streamlining",
    "income": "pay, costs, time or work fell, not the number of those paid",
    "easily_said": "it is only talked of: easily said, hard to do",
    "together": "one sum of several bodies named together, of none of them",
    "share": "a share of those who left",
    # awards
    "no_giving": "a distinction is named, but no word says that it is given or received",
    "no_recipient": "nobody is named or counted who is given it",
    "not_among": "the sentence says that it was not given to them",
    "withdrawn": "it is withdrawn, or not proposed",
    "criterion": "a condition, quota or rule for giving it",
    "money": "it speaks of the money or the paper of it",
    "guests": "bearers who are guests, not being given it now",
    "contest": "prizes of sport and contests are none",
    "record": "it was given at some former time",
    "denied": "it was not given",
}


# Told only where nothing better is known of the same place: most rules for parts of lists try every count.
_WEAK = frozenset({"not_closed", "no_total"})


class Stretch(Protocol):
    """A sentence: where it begins in the article, and what it says."""

    @property
    def start(self) -> int: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Refused:
    """A wording at [start, end) of the article that nearly gave a row of `table`: the rule that found it ("" where
    none did), a code of `REASONS`, and the rule that decided against it, if one did."""

    table: str
    start: int
    end: int
    rule: str
    code: str
    against: str = ""

    @property
    def why(self) -> str:
        """The reason in words."""
        return REASONS[self.code] + (f" ({self.against})" if self.against else "")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Words of a sentence that may mean several things, so that a row of `table` is left out: `code` is the issue's,
    `candidates` what they may mean, in the text's order."""

    table: str
    code: str
    words: str
    candidates: tuple[str, ...]
    sentence: str


@dataclass(slots=True)
class Decisions:
    """What was told while listening, in the order of the reading."""

    doubts: list[Doubt] = field(default_factory=list)
    _refused: list[Refused] = field(default_factory=list)
    _taken: set[tuple[str, int]] = field(default_factory=set)
    _wants_refusals: bool = False

    @property
    def refused(self) -> tuple[Refused, ...]:
        """By offset, each once; without the wordings at whose place another one gave a fact."""
        known = {(one.table, one.start) for one in self._refused if one.code not in _WEAK}
        kept = dict.fromkeys(
            one
            for one in self._refused
            if (one.table, one.start) not in self._taken and not (one.code in _WEAK and (one.table, one.start) in known)
        )
        return tuple(sorted(kept, key=lambda one: (one.start, one.end, one.table, one.rule, one.code)))


_listener: ContextVar[Decisions | None] = ContextVar("decisions", default=None)


@contextmanager
def listening(refusals: bool = False) -> Iterator[Decisions]:
    """Collects what is decided inside: doubts, and what nearly became a fact where that is wanted."""
    heard = Decisions(_wants_refusals=refusals)
    before = _listener.set(heard)
    try:
        yield heard
    finally:
        _listener.reset(before)


def wants_refusals() -> bool:
    """Whether anyone asks why something became no fact: for what is looked up only to tell it."""
    heard = _listener.get()
    return heard is not None and heard._wants_refusals


def refuse(table: str, sentence: Stretch, span: tuple[int, int], rule: str, code: str, against: str = "") -> None:
    """Tell that a wording at `span` of a sentence gives no row of `table`."""
    heard = _listener.get()
    if heard is not None and heard._wants_refusals:
        start, end = span
        heard._refused.append(Refused(table, sentence.start + start, sentence.start + end, rule, code, against))


def take(table: str, sentence: Stretch, start: int) -> None:
    """Tell that the place `start` of a sentence gave a row of `table`, whatever else was tried there."""
    heard = _listener.get()
    if heard is not None and heard._wants_refusals:
        heard._taken.add((table, sentence.start + start))


def doubt(table: str, code: str, words: str, candidates: Iterable[str], sentence: str) -> None:
    """Tell that words may mean several things, so that a row of `table` is left out."""
    heard = _listener.get()
    if heard is not None:
        heard.doubts.append(Doubt(table, code, words, tuple(dict.fromkeys(candidates)), sentence))
