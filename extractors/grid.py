"""Tables in the body: rows of cells to facts."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.sentence import Document
from pipeline.records import Fact


def extract(document: Document) -> Iterable[Fact]:
    return ()
