"""Where an index or one of its pillars is named in a folded text."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Literal

import yaml

from extractors.fold import fold
from extractors.triggers import BLOCKS, Triggers

_Kind = Literal["index", "weak", "component"]


@dataclass(frozen=True, slots=True)
class IndexSpan:
    """The name of an index (`index`), a word that names it only in context (`weak`), or a pillar (`component`;
    `codes` are the indices that have a pillar of this name)."""

    start: int
    end: int
    kind: _Kind
    codes: tuple[str, ...]
    long: str | None = None  # the words that a short form stands for: "CQS" for "chính quyền số"


@dataclass(frozen=True, slots=True)
class ShortForm:
    """A pillar's initials as an article declares them: "chính quyền số (CQS)"; `pattern` finds them in folded text."""

    pattern: re.Pattern[str]
    codes: tuple[str, ...]
    long: str


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


@functools.cache
def _naming_triggers() -> Triggers:
    return Triggers(naming(), BLOCKS)


def may_name(folded: str) -> bool:
    """False where a folded block names no index, nor has a word that may name one."""
    return bool(_naming_triggers().possible(folded))


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


_IN_BRACKETS = re.compile(r" \(([A-ZĐ]{2,6})\)")
# The longest name of a pillar that is shortened.
_NAME = 60


def short_forms(text: str, folded: str) -> Iterator[ShortForm]:
    """The short forms of pillars that a text declares in brackets behind their names."""
    if "(" not in text:
        return
    for match in _IN_BRACKETS.finditer(text):
        before = folded[max(0, match.start() - _NAME) : match.start()]
        span = next((s for s in find_indices(before) if s.end == len(before) and s.kind == "component"), None)
        if span is None:
            continue
        name, short = before[span.start :], match[1].lower()
        if "".join(word[0] for word in re.findall(r"\w+", name)) == short:
            yield ShortForm(re.compile(rf"(?<!\w){short}(?!\w)"), span.codes, name)


def shortened(folded: str, forms: Iterable[ShortForm]) -> Iterator[IndexSpan]:
    """Where a folded text uses them."""
    for form in forms:
        for match in form.pattern.finditer(folded):
            yield IndexSpan(match.start(), match.end(), "component", form.codes, form.long)


@functools.lru_cache(1024)
def owners(component: str, index: str) -> tuple[str, ...]:
    """The indices of which a pillar that was read under one may be: those that the lookup has, where that is one of
    them, else any."""
    spans = find_indices(fold(component))
    known = next((span.codes for span in spans if span.kind == "component" and index in span.codes), None)
    return known or tuple(index_names())


@functools.cache
def below() -> dict[str, str]:
    """The indices that rank provinces alone, each with the one that a like name means of departments and districts."""
    return {str(entry["code"]): str(entry["below"]) for entry in _declared() if "below" in entry}


def index_names() -> dict[str, str]:
    """Code to Vietnamese name of every index."""
    return {str(entry["code"]): str(entry["name"]) for entry in _declared()}
