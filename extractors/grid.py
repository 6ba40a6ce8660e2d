"""Tables in the body: rows of cells to facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from extractors.columns import Column, columns
from extractors.grid_awards import award_facts
from extractors.grid_index import index_facts
from extractors.grid_staff import staff_facts
from extractors.sentence import Document
from extractors.sheet import Sheet, sheets
from extractors.surroundings import Surroundings, surroundings
from pipeline.records import Fact

_Reader = Callable[[Sheet, Sequence[Column], Surroundings], Iterable[Fact]]


def extract(document: Document) -> Iterator[Fact]:
    """The facts of the article's tables; the evidence of each is its row."""
    for sheet in sheets(document.article):
        around = surroundings(sheet, document)
        layout = columns(sheet.paths, sheet.body)
        readers: tuple[_Reader, ...] = (award_facts, staff_facts, index_facts)
        for read in readers:
            if facts := list(read(sheet, layout, around)):
                yield from facts
                break
