"""The spaCy shell around the extractors: an article as a `Doc` whose spans are what was read in it.

`read(article)` gives a Doc with `doc.text == article.text`, sentence starts, and in `doc.spans` the layers `mentions`,
`periods`, `indices`, `values`, `modality` and `facts`. A span's label is its type, a mention's `kb_id_` the entity's
canonical name; `span._.rule` is the id of the rule that found it (None for names), `span._.value` the record behind it
(a Mention, a PeriodSpan, a Fact …). The readers are pure
functions elsewhere; the components here only place their findings.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from extractors.awards_kinds import find_awards
from extractors.extract import extract
from extractors.mentions import Mention
from extractors.modality import cues
from extractors.sentence import Document, Sentence, document
from extractors.signals import find_signals
from extractors.staff_figures import figures as staff_figures
from extractors.tokens import SyllableTokenizer
from pipeline.records import Article, Fact

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


def read(article: Article) -> Doc:
    """The article as a Doc with all layers. Every start and end of a span is a token's; `doc._.document` is the
    annotated article."""
    annotated = document(article)
    notes = [*notes_of(annotated), *_fact_notes(extract(article).facts)]
    cuts = {offset for note in notes for offset in (note.start, note.end)}
    cuts |= {offset for sentence in annotated.sentences for offset in (sentence.start, sentence.end)}
    nlp = language()
    assert isinstance(nlp.tokenizer, SyllableTokenizer)
    doc = nlp.tokenizer.cut(article.text, cuts)
    doc._.document, doc._.notes = annotated, tuple(notes)
    return nlp(doc)


@functools.cache
def language() -> Language:
    """The pipeline: the syllable tokenizer, then a component for the sentences, each layer and the entities."""
    Span.set_extension("rule", getter=lambda span: span.id_ or None, force=True)
    Span.set_extension("value", getter=_value_of, force=True)
    for name, default in (("document", None), ("notes", ())):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=default)
    nlp = spacy.blank("xx")
    nlp.tokenizer = SyllableTokenizer(nlp.vocab)
    for component in ("cchc_sentences", *(f"cchc_{layer}" for layer in LAYERS), "cchc_entities"):
        nlp.add_pipe(component)
    return nlp


def notes_of(annotated: Document) -> Iterator[Note]:
    """All that the sentences of an annotated article hold, by sentence and offset, but the facts."""
    for sentence in annotated.sentences:
        yield from sorted(_sentence_notes(sentence), key=lambda note: (note.start, note.end))


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


def _fact_notes(facts: Iterable[Fact]) -> Iterator[Note]:
    for fact in facts:
        yield Note("facts", fact.start, fact.end, fact.TABLE, fact.rule, fact)


# --- components ------------------------------------------------------------------------------------------------


@Language.component("cchc_sentences")
def _sentences(doc: Doc) -> Doc:
    """A token starts a sentence exactly where one of the annotated article's sentences starts."""
    annotated: Document | None = doc._.document
    starts = {sentence.start for sentence in annotated.sentences} if annotated else set()
    for token in doc:
        token.is_sent_start = token.i == 0 or token.idx in starts
    return doc


def _layer(name: str) -> None:
    @Language.component(f"cchc_{name}")
    def place(doc: Doc) -> Doc:
        doc.spans[name] = [span for note in doc._.notes if note.layer == name and (span := _span(doc, note))]
        return doc


def _span(doc: Doc, note: Note) -> Span | None:
    return doc.char_span(
        note.start,
        note.end,
        label=note.label,
        kb_id=note.value.name if isinstance(note.value, Mention) else "",
        span_id=note.rule or "",
    )


def _value_of(span: Span) -> object | None:
    """The record behind a span. spaCy keys stored attributes by the span's ends alone, and two layers may share
    them; so the notes are looked up by label and rule as well."""
    wanted = (span.start_char, span.end_char, span.label_, span.id_)
    return next(
        (note.value for note in span.doc._.notes if (note.start, note.end, note.label, note.rule or "") == wanted), None
    )


for _name in LAYERS:
    _layer(_name)


@Language.component("cchc_entities")
def _entities(doc: Doc) -> Doc:
    """The mentions as spaCy's entities; of mentions that overlap the longer one."""
    doc.ents = filter_spans(doc.spans["mentions"])
    return doc
