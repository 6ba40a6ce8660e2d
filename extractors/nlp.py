"""The spaCy shell around the extractors: an article as a `Doc` whose spans are what was read in it.

`read(article)` gives a Doc with `doc.text == article.text`, sentence starts, and in `doc.spans` the layers `mentions`,
`periods`, `indices`, `values`, `modality` and `facts`. A span's label is its type, a mention's `kb_id_` the entity's
canonical name; `span._.rule` is the id of the rule that found it (None for names), `span._.value` the record behind it
(a Mention, a PeriodSpan, a Fact …). The readers are pure
functions elsewhere; the components here only place their findings.
"""

from __future__ import annotations

import functools

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from extractors.extract import extract
from extractors.mentions import Mention
from extractors.notes import LAYERS, Note, cuts, notes_of
from extractors.sentence import Document, document
from extractors.tokens import SyllableTokenizer
from pipeline.records import Article


def read(article: Article) -> Doc:
    """The article as a Doc with all layers. Every start and end of a span is a token's; `doc._.document` is the
    annotated article."""
    annotated = document(article)
    notes = notes_of(annotated, extract(article).facts)
    nlp = language()
    assert isinstance(nlp.tokenizer, SyllableTokenizer)
    doc = nlp.tokenizer.cut(article.text, cuts(annotated, notes))
    doc._.document, doc._.notes = annotated, notes
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
