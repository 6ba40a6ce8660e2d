"""Tokens of Vietnamese text with exact offsets: syllables, numbers and marks.

Vietnamese writes a space between syllables, so that a word ("Nội vụ") is often several tokens; words are in `words`.
"""

from __future__ import annotations

import re
from collections.abc import Collection

# A syllable ("Nội", "H"), a number with its inner marks ("1.234,5", "81,20"), one mark, or white space: one space is
# carried by the token before it, other white space is a token of its own.
_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|(?<=\S) |\s+|\S")


def syllables(text: str, cuts: Collection[int] = ()) -> list[tuple[int, int]]:
    """Start and end of each token, in order; every offset in `cuts` is a boundary between tokens.

    The tokens and single spaces between them make up the text: nothing is dropped or changed.
    """
    sorted_cuts = sorted(cut for cut in set(cuts) if 0 < cut < len(text))
    spans: list[tuple[int, int]] = []
    place = 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        while place < len(sorted_cuts) and sorted_cuts[place] < end:
            if sorted_cuts[place] > start:
                spans.append((start, sorted_cuts[place]))
                start = sorted_cuts[place]
            place += 1
        spans.append((start, end))
    return [(start, end) for start, end in spans if not (end == start + 1 and is_carried(text, start))]


def is_carried(text: str, place: int) -> bool:
    """Whether a character is a space that spaCy keeps as a flag of the token before it."""
    return place > 0 and text[place : place + 1] == " " and not text[place - 1].isspace()
