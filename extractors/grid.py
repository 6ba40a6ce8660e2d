"""Tables in the body: rows of cells to facts."""

from __future__ import annotations

from collections.abc import Iterator

from extractors.columns import columns
from extractors.grid_awards import award_facts
from extractors.grid_index import index_facts
from extractors.grid_staff import staff_facts
from extractors.sentence import Document
from extractors.sheet import sheets
from extractors.surroundings import surroundings
from pipeline.records import Fact


def extract(document: Document) -> Iterator[Fact]:
    """The facts of the article's tables; the evidence of each is its row."""
    for sheet in sheets(document.article):
        around = surroundings(sheet, document)
        layout = columns(sheet.paths, sheet.body)
        yield from (
            list(award_facts(sheet, layout, around))
            or list(staff_facts(sheet, layout, around))
            or index_facts(sheet, layout, around)
        )
