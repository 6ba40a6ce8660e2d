"""Why a text yields the facts that it yields: its sentences, tokens, names, values, modality, and the rules that fired."""

from __future__ import annotations

import dataclasses
import html
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.errors import UsageError
from pipeline.records import Article, Block, Fact, Issue

if TYPE_CHECKING:
    from extractors.sentence import Document

# Layers in the order in which they are told, with the colour of their marks in the HTML.
COLOURS = {
    "mentions": "#9ad0f5",
    "periods": "#c9e4b4",
    "indices": "#f7d08a",
    "values": "#f2b5d4",
    "modality": "#f28f8f",
    "facts": "#cdb4f6",
}
# What a fact says of itself elsewhere in the explanation.
_UNSAID = frozenset(
    {"doc_id", "evidence", "start", "end", "rule", "province_code", "number", "span", "phrase", "begin", "who"}
    | {"reach_start", "reach_end"}
)


@dataclass(frozen=True, slots=True)
class Note:
    """Something read at [start, end) of the explained text: its layer and label, what it was read as, and the
    id of the rule that found it, None where no rule did (names, periods, indices)."""

    layer: str
    start: int
    end: int
    text: str
    label: str
    rule: str | None = None
    said: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedSentence:
    """A sentence at [start, end) of the explained text, with its tokens and all that was read in it by offset."""

    start: int
    end: int
    text: str
    tokens: tuple[str, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Nearly:
    """Words that nearly became a row of `table`: the rule that found them ("" where none did), why not in words, and
    the reason's `code` (`extractors.decisions.REASONS`; None for a place or value, told in words alone)."""

    words: str
    rule: str
    why: str
    table: str
    code: str | None = None

    @property
    def told(self) -> str:
        """The near miss in a line."""
        found = f"rule that nearly did: {self.rule}" if self.rule else f"no rule for {self.table}"
        return f"{found} on “{self.words}”: {self.why}" + (f" [{self.code}]" if self.code else "")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explained text (with the title that names the index, where one was given), its sentences in order, its
    facts, what nearly became one, what a person should settle, and the page that shows them (`as_html`)."""

    text: str
    sentences: tuple[ExplainedSentence, ...]
    facts: tuple[Fact, ...]
    nearly: tuple[Nearly, ...] = ()
    issues: tuple[Issue, ...] = ()
    _article: Article | None = field(repr=False, default=None)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that fired, in the order of the text, each once."""
        return tuple(dict.fromkeys(note.rule for sentence in self.sentences for note in sentence.notes if note.rule))

    def as_text(self) -> str:
        """The explanation for a terminal."""
        return "\n".join(self._lines())

    def as_html(self) -> str:
        """The explanation as a page: each token with the marks of what covers it (spaCy's displaCy)."""
        told = [html.escape(line) for line in self._answers()]
        page = _page(self._article) if self._article else ""
        return page.replace("</body>", f"<ul>{''.join(f'<li>{line}</li>' for line in told)}</ul></body>")

    def as_record(self) -> dict[str, object]:
        """The explanation for programs: plain lists and mappings, the facts by the fields of the contract."""
        return {
            "text": self.text,
            "sentences": [dataclasses.asdict(sentence) for sentence in self.sentences],
            "rules": list(self.rules),
            "nearly": [dataclasses.asdict(near) for near in self.nearly],
            "issues": [dataclasses.asdict(issue) for issue in self.issues],
            "facts": [{"table": fact.TABLE, **fact.contract(), "rule": fact.rule} for fact in self.facts],
        }

    def _lines(self) -> Iterator[str]:
        for sentence in self.sentences:
            yield sentence.text
            yield f"  tokens     {' '.join(f'[{token}]' for token in sentence.tokens)}"
            for note in sentence.notes:
                said = " ".join(f"{name}={value}" for name, value in note.said)
                rule = f"  <{note.rule}>" if note.rule else ""
                yield f"  {note.layer:<10} {note.label:<14} “{note.text}”{'  ' + said if said else ''}{rule}"
            yield ""
        yield from self._answers()

    def _answers(self) -> Iterator[str]:
        yield f"rules that fired: {', '.join(self.rules) or 'none'}"
        yield from (near.told for near in self.nearly)
        yield from (f"unsettled: {issue.message} [{issue.code}]" for issue in self.issues)
        yield f"facts: {len(self.facts)}"
        for fact in self.facts:
            yield f"  {fact.TABLE}: {_told(fact)}"


def explain(
    text: str, province: str | None = None, published_on: str | None = None, index: str | None = None
) -> Explanation:
    """What is read in a text, and why, as if it were an article of the source of `province` on `published_on`.

    Paragraphs are parted by blank lines; a line with " | " between its cells is a row of a table, the first such
    line its heading. `index` is a code ("PCI") that the text is about without naming it. Raises UsageError for a
    code or a date that is none.
    """
    from extractors.extract import extract
    from extractors.sentence import document

    article = _article(text, province, published_on, index)
    annotated, found = document(article), extract(article)
    hidden = len(article.title) + 2 if index else 0  # the title only carries the index
    sentences = tuple(_sentences(annotated, found.facts, hidden))
    nearly = tuple(_nearly(annotated, hidden))
    return Explanation(article.text, sentences, found.facts, nearly, found.issues, article)


def _page(article: Article) -> str:
    """The article's tokens with the marks of what covers them; loads spaCy, which takes a second."""
    from spacy import displacy

    from extractors.nlp import read
    from extractors.notes import LAYERS

    doc = read(article)
    doc.spans["all"] = [span for layer in LAYERS for span in doc.spans[layer]]
    colours = {span.label_: COLOURS[layer] for layer in LAYERS for span in doc.spans[layer]}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\[W117\]")  # a text in which nothing is found is an answer too
        options = {"spans_key": "all", "colors": colours}
        return str(displacy.render(doc, style="span", page=True, jupyter=False, options=options))


def _nearly(document: Document, hidden: int) -> Iterator[Nearly]:
    """What nearly became a fact from the offset `hidden` on: places and values, staff cut, distinctions."""
    from extractors.decisions import listening
    from extractors.facts import awards, staff_reductions
    from extractors.readings import refusals

    text = document.text
    for near in refusals(document):
        if near.start >= hidden:
            yield Nearly(text[near.start : near.end], near.rule, near.why, "readings")
    with listening(refusals=True) as heard:
        staff_reductions.extract(document)
        awards.extract(document)
    for refused in heard.refused:
        if refused.start >= hidden:
            yield Nearly(text[refused.start : refused.end], refused.rule, refused.why, refused.table, refused.code)


def _article(text: str, province: str | None, published_on: str | None, index: str | None) -> Article:
    from datetime import date

    from extractors.indices import index_names

    names = index_names()
    if index is not None and index not in names:
        raise UsageError(f"{index!r} is no code of an index: give one of {', '.join(sorted(names))}.")
    try:
        day = date.fromisoformat(published_on).isoformat() if published_on else None
    except ValueError as error:
        raise UsageError(f"{published_on!r} is no date: give it as 2020-07-14.") from error
    title = f"{names[index]} ({index.replace('_', ' ')})" if index else ""
    blocks = (*((Block("title", title),) if title else ()), *_blocks(text))
    if not blocks or (title and len(blocks) == 1):
        raise UsageError("There is no text to explain: give a sentence or a paragraph.")
    return Article("explained", "explained", province, "", title, day, "text", None, blocks)


def _blocks(text: str) -> Iterator[Block]:
    """The blocks of a plain text: paragraphs, and rows where cells are parted by " | "."""
    from extractors.rules import FILLER  # a private character, as the masks: never part of a text

    rows: list[tuple[str, ...]] = []
    table = -1
    for line in (line for paragraph in text.split("\n\n") for line in _lines_of(paragraph)):
        words = " ".join(line.replace(FILLER, " ").split())
        if not words:
            continue
        cells = tuple(cell.strip() for cell in words.split(" | "))
        if len(cells) < 2:
            rows = []
            yield Block("paragraph", words)
            continue
        if not rows or len(rows[0]) != len(cells):
            rows, table = [], table + 1
        rows.append(cells)
        yield Block("row", " | ".join(cells), cells, table, header=len(rows) == 1)


def _lines_of(paragraph: str) -> list[str]:
    """A paragraph is one line, but the rows of a table in it are lines of their own."""
    lines = paragraph.split("\n")
    return lines if any(" | " in line for line in lines) else [" ".join(lines)]


def _sentences(annotated: Document, facts: Iterable[Fact], hidden: int) -> Iterator[ExplainedSentence]:
    """The sentences from the offset `hidden` on, each with its tokens and the notes that start in it."""
    from extractors.notes import cuts, notes_of
    from extractors.syllables import syllables

    text, notes = annotated.text, notes_of(annotated, facts)
    tokens = syllables(text, cuts(annotated, notes))
    for sentence in annotated.sentences:
        if sentence.start < hidden:
            continue
        inside = [note for note in notes if sentence.start <= note.start < sentence.end]
        spans = [(start, end) for start, end in tokens if sentence.start <= start < sentence.end]
        yield ExplainedSentence(
            sentence.start,
            sentence.end,
            sentence.text,
            tuple(text[start:end] for start, end in spans if not text[start:end].isspace()),
            tuple(
                Note(
                    note.layer,
                    note.start,
                    note.end,
                    text[note.start : note.end],
                    note.label,
                    note.rule,
                    tuple(_fields(note.value)),
                )
                for note in inside
            ),
        )


def _fields(value: object) -> Iterator[tuple[str, str]]:
    """The fields of a record that say something, as text, but its offsets and its rule."""
    if not dataclasses.is_dataclass(value):
        return
    for part in dataclasses.fields(value):
        said = getattr(value, part.name)
        if part.name not in _UNSAID and said not in (None, "", (), False, frozenset()):
            yield part.name, str(said)


def _told(fact: Fact) -> str:
    return " ".join(f"{name}={value}" for name, value in _fields(fact))
