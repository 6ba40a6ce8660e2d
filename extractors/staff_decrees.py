"""The decrees by which people leave the public payroll: where a sentence names them, in full or short."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources

import yaml

from extractors.sentence import Document, Sentence
from extractors.staff_figures import Span

# "nghị định số 108/2014/nđ-cp", "nđ 108", "các nghị định 178, 67", "113/2018/nđ-cp"
_DECREE = re.compile(
    r"(?:(?:nghị định|nđ)(?: số)? ?)(\d{1,3})(?:/(\d{4}))?(?:/nđ-cp)?(?!\d|/\d)|(?<![\d/])(\d{1,3})/(\d{4})/nđ-cp"
    r"|(?<=nghị định )(?:số )?(\d{1,3})(?=(?:,| và) \d{1,3}(?!\d))"
)
_NEXT = re.compile(
    r"(?:,| và)(?: nghị định)?(?: số)? (\d{1,3})(?:/(\d{4}))?(?:/nđ-cp)?(?![\d%.]| (?:người|trường|biên|cán|công|viên))"
)


@functools.cache
def _decrees() -> dict[int, list[tuple[int, str]]]:
    text = resources.files("extractors").joinpath("lookups/decrees.yml").read_text("utf-8")
    known: dict[int, list[tuple[int, str]]] = {}
    for entry in yaml.safe_load(text):
        known.setdefault(int(entry["number"]), []).append((int(entry["year"]), str(entry["action"])))
    return known


@dataclass(frozen=True, slots=True)
class Decree:
    """A decree in a sentence; `name` in full ("108/2014/NĐ-CP"), `action` what leaving by it is, where known."""

    start: int
    end: int
    name: str
    action: str | None


@functools.lru_cache(maxsize=16)
def _in(folded: str, latest: int) -> tuple[Decree, ...]:
    found: list[Decree] = []
    for match in _DECREE.finditer(folded):
        number, year = match[1] or match[3] or match[5], match[2] or match[4]
        found.extend(_decree(match.span(), number, year, latest))
        following = _NEXT.match(folded, match.end())
        while following:
            found.extend(_decree(following.span(), following[1], following[2], latest))
            following = _NEXT.match(folded, following.end())
    unique = {decree.start: decree for decree in found}
    return tuple(unique[start] for start in sorted(unique))


def decrees(document: Document, sentence: Sentence) -> tuple[Decree, ...]:
    """The decrees that a sentence names, by offset, short names completed; unknown short names are left out."""
    return _of(sentence, document.published.year if document.published else 9999)


@functools.lru_cache(maxsize=16)
def _of(sentence: Sentence, latest: int) -> tuple[Decree, ...]:
    """The same for a sentence, which is asked for each of its figures: found by its identity, not read again."""
    if "nghị định" not in sentence.folded and "nđ" not in sentence.folded:
        return ()
    return _in(sentence.folded, latest)


def _decree(span: Span, number: str, year: str | None, latest: int) -> Iterator[Decree]:
    known = [(y, action) for y, action in _decrees().get(int(number), []) if y <= latest]
    if year is None and not known:
        return
    chosen = int(year) if year else max(known)[0]
    action = next((action for y, action in known if y == chosen), None)
    yield Decree(*span, f"{int(number):02}/{chosen}/NĐ-CP", action)


def joined(found: Iterable[Decree]) -> str | None:
    """The names in order, each once, as the contract joins them."""
    return "; ".join(dict.fromkeys(decree.name for decree in found)) or None
