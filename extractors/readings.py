"""Ranks, moves, scores and levels in prose."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.sentence import Document
from pipeline.records import Fact


def extract(document: Document) -> Iterable[Fact]:
    return ()
