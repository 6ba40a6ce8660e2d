"""A sentence with its figures: what the readers of who, when and by what decree work on."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from extractors.lazy import once
from extractors.sentence import Document, Sentence
from extractors.staff_figures import Figure, Span


@dataclass(frozen=True, eq=False)
class Statement:
    """One sentence of a document (its place is `at`) with the first readings of its figures, by offset."""

    document: Document
    at: int
    figures: tuple[Figure, ...]

    @property
    def sentence(self) -> Sentence:
        return self.document.sentences[self.at]

    @once
    def clauses(self) -> tuple[Span, ...]:
        """The stretches between semicolons; one in brackets parts nothing."""
        found, start, depth = [], 0, 0
        for at, char in enumerate(self.sentence.masked):
            depth += (char == "(") - (char == ")")
            if char == ";" and depth <= 0:
                found.append((start, at))
                start = at + 1
        return (*found, (start, len(self.sentence.masked)))

    @once
    def numbers(self) -> tuple[int, ...]:
        return tuple(figure.number[0] for figure in self.figures)

    @once
    def claimed(self) -> frozenset[int]:
        """Where the wordings themselves name a body."""
        return frozenset(figure.who[0] for figure in self.figures if figure.who is not None)

    def clause(self, place: int) -> Span:
        """The clause in which a place lies."""
        return self.clauses[max(0, bisect_right(self._starts, place) - 1)]

    @once
    def _starts(self) -> list[int]:
        return [start for start, _ in self.clauses]

    def following(self, figure: Figure) -> Figure | None:
        """The figure after one."""
        place = bisect_right(self.numbers, figure.number[0])
        return self.figures[place] if place < len(self.figures) else None


def closed_brackets(sentence: Sentence, start: int, end: int) -> bool:
    """Whether a place before another lies in brackets that close between them."""
    between = sentence.masked[start:end]
    opened, closed = between.find("("), between.find(")")
    return closed >= 0 and (opened < 0 or closed < opened)
