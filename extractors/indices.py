"""Where an index or one of its pillars is named in a folded text."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources
from typing import Literal

import yaml

from extractors.triggers import Triggers

_Kind = Literal["index", "weak", "component"]


@dataclass(frozen=True, slots=True)
class IndexSpan:
    """The name of an index (`index`), a word that names it only in context (`weak`), or a pillar (`component`;
    `codes` are the indices that have a pillar of this name)."""

    start: int
    end: int
    kind: _Kind
    codes: tuple[str, ...]


@functools.cache
def _declared() -> list[dict[str, object]]:
    text = resources.files("extractors").joinpath("lookups/indices.yml").read_text("utf-8")
    entries = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert isinstance(entries, list)
    return entries


@functools.cache
def _patterns() -> tuple[tuple[_Kind, str, re.Pattern[str]], ...]:
    found: list[tuple[_Kind, str, re.Pattern[str]]] = []
    keys: tuple[tuple[_Kind, str], ...] = (("index", "patterns"), ("component", "components"), ("weak", "weak"))
    for kind, key in keys:
        for entry in _declared():
            patterns = entry.get(key, [])
            assert isinstance(patterns, list)
            if patterns:
                union = "|".join(f"(?:{pattern})" for pattern in patterns)
                found.append((kind, str(entry["code"]), re.compile(rf"(?<!\w)(?:{union})(?!\w)")))
    return tuple(found)


@functools.cache
def _triggers() -> Triggers:
    return Triggers([pattern for _, _, pattern in _patterns()])


@functools.cache
def naming() -> tuple[re.Pattern[str], ...]:
    """The patterns of the names of indices and of the words that may name one, but not of their pillars."""
    return tuple(pattern for kind, _, pattern in _patterns() if kind != "component")


def find_indices(folded: str) -> list[IndexSpan]:
    """The names of indices and pillars by offset, never overlapping; the longer name wins."""
    possible = _triggers().possible(folded)
    if not possible:
        return []
    found: dict[tuple[int, int, _Kind], list[str]] = {}
    for number in possible:
        kind, code, pattern = _patterns()[number]
        for match in pattern.finditer(folded):
            found.setdefault((match.start(), match.end(), kind), []).append(code)
    order = {"index": 0, "component": 1, "weak": 2}
    spans: list[IndexSpan] = []
    for (start, end, kind), codes in sorted(
        found.items(), key=lambda item: (-(item[0][1] - item[0][0]), order[item[0][2]])
    ):
        if not any(start < span.end and span.start < end for span in spans):
            spans.append(IndexSpan(start, end, kind, tuple(dict.fromkeys(codes))))
    return sorted(spans, key=lambda span: span.start)


def index_names() -> dict[str, str]:
    """Code to Vietnamese name of every index."""
    return {str(entry["code"]): str(entry["name"]) for entry in _declared()}
