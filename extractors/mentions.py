"""Mentions: where a text names a province, a ministry, a department, a district, a commune, a region or another set,
an organisation or a person, or points at one ("tỉnh ta", "đơn vị này").

One automaton (Aho-Corasick) over the folded text finds the names and the words that open a name; readers then look at
what stands around each hit. Mentions are accepted in tiers, so that the more specific reading takes the words first:
names with an opening word ("Sở Nội vụ Cần Thơ", "huyện Kim Bảng"), persons, bare names, sets, words that point.
"""

from __future__ import annotations

import re
from datetime import date

from extractors import lookups
from extractors.bodies import bodies, departments, ministries, named, zone_boards
from extractors.gazetteer import load_gazetteer
from extractors.organisations import organisations
from extractors.passage import Mention, Passage
from extractors.places import bare, units
from extractors.pointers import pointers, sets

__all__ = ["Mention", "find_mentions"]

_STREET = re.compile(r"(?:đường|phố|số\s\d+[a-z]?,?|hẻm|ngõ|đại lộ|cầu|quảng trường|giải|giải thưởng|quỹ)\s$")


def persons(p: Passage) -> list[Mention]:
    """Names after a title, or of at least three syllables that open with a surname."""
    text, gazetteer, found = p.text, load_gazetteer(), []
    for start, end, title in p.hits.get("title", ()):
        match = (gazetteer.name_after_title if title == "any" else gazetteer.name_after_rank).match(text, end)
        if match and start not in p.provinces and match.start(1) not in p.provinces:
            found.append(person(p, *match.span(1)))
    last = 0
    for start, _, _ in sorted(p.hits.get("surname", ())):
        if start < last or start in p.provinces or not text[start].isupper() or text[start - 1 : start] == "-":
            continue
        if _STREET.search(p.folded, max(0, start - 12), start):
            continue
        if (match := gazetteer.full_name.match(text, start)) and p.free(*match.span()):
            found.append(person(p, *match.span()))
            last = match.end()
    return found


def person(p: Passage, start: int, end: int) -> Mention:
    return Mention(start, end, "person", " ".join(p.text[start:end].split()), None, "name", True)


def opened_names(p: Passage) -> list[Mention]:
    """The names that begin with a word that says what they are, as candidates that may overlap."""
    found: list[Mention] = []
    for start, end, _ in p.hits.get("department", ()):
        found += departments(p, start, end)
    for start, end, _ in p.hits.get("ministry", ()):
        found += ministries(p, start, end)
    for start, end, word in p.hits.get("body", ()):
        found += bodies(p, start, end, word)
    for start, _, _ in p.hits.get("zones", ()):
        found += zone_boards(p, start)
    for start, end, word in p.hits.get("unit", ()):
        found += units(p, start, end, word)
    for kind in ("agency", "short", "organisation"):
        found += [mention for hit in p.hits.get(kind, ()) if (mention := named(p, kind, *hit))]
    if not p.capitals:
        for start, end, word in p.hits.get("head", ()):
            found += organisations(p, start, end, word)
    return found


def find_mentions(text: str, folded: str, when: date | None, home: str | None) -> list[Mention]:
    """The mentions in one block, in order, none overlapping another.

    `text` is NFC, `folded` is `extractors.fold.fold(text)` (same length, so offsets are the same); `when` the day of
    publication (None: now); `home` the source's own province, None for a central source.
    """
    p = Passage(text, folded, when, home)
    p.accept(opened_names(p))
    for start, end, words in p.hits.get("block", ()):
        if words not in lookups.districts():
            p.taken[start:end] = b"\1" * (end - start)
    if not p.capitals:
        p.accept(persons(p))
    p.accept(bare(p))
    p.accept(sets(p))
    p.accept(pointers(p))
    return sorted(p.found, key=lambda mention: mention.start)
