"""What was read in an article, layer by layer, with its offsets: for spaCy's Doc and for `cchc explain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from extractors.awards_kinds import find_awards
from extractors.modality import cues
from extractors.sentence import Document, Sentence
from extractors.signals import find_signals
from extractors.staff_figures import figures as staff_figures
from pipeline.records import Fact

LAYERS = ("mentions", "periods", "indices", "values", "modality", "facts")


@dataclass(frozen=True, slots=True)
class Note:
    """Something read at [start, end) of the article's text: its layer, label, the rule that found it where there
    is one, and the record behind it."""

    layer: str
    start: int
    end: int
    label: str
    rule: str | None
    value: object


def notes_of(annotated: Document, facts: Iterable[Fact]) -> tuple[Note, ...]:
    """All that the sentences of an annotated article hold, by sentence and offset, then its facts."""
    found: list[Note] = []
    for sentence in annotated.sentences:
        found += sorted(_sentence_notes(sentence), key=lambda note: (note.start, note.end))
    return (*found, *(Note("facts", fact.start, fact.end, fact.TABLE, fact.rule, fact) for fact in facts))


def cuts(annotated: Document, notes: Iterable[Note]) -> frozenset[int]:
    """Where tokens must begin and end, so that each note and sentence is made of whole ones."""
    spans = [*((note.start, note.end) for note in notes), *((s.start, s.end) for s in annotated.sentences)]
    return frozenset(chain.from_iterable(spans))


def _sentence_notes(sentence: Sentence) -> Iterator[Note]:
    at = sentence.start

    def note(layer: str, start: int, end: int, label: str, rule: str | None, value: object) -> Note:
        return Note(layer, at + start, at + end, label, rule, value)

    for mention in sentence.mentions:
        yield note("mentions", mention.start, mention.end, mention.type, None, mention)
    for period in sentence.periods:
        yield note("periods", period.start, period.end, period.kind, None, period)
    for index in sentence.indices:
        label = index.codes[0] if index.kind == "index" else index.kind
        yield note("indices", index.start, index.end, label, None, index)
    for cue in cues(sentence):
        yield note("modality", cue.start, cue.end, cue.modality, cue.rule, cue)
    if sentence.kind == "row":  # rows are read cell by cell (grid), not by the rules for sentences
        return
    for signal in find_signals(sentence.masked):
        yield note("values", signal.start, signal.end, signal.kind, signal.rule, signal)
    for figure in chain.from_iterable(staff_figures(sentence)):
        yield note("values", *figure.span, "staff", figure.rule, figure)
    for award in find_awards(sentence.folded):
        yield note("values", award.start, award.end, "award", None, award)
