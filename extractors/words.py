"""Words of Vietnamese text, which are often several syllables, as an annotation: underthesea's, only aligned, never taken
as text. Apart from `tokens`, so that who reads facts does not load spaCy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.fold import fold


def words(text: str) -> list[tuple[int, int, str, str]]:
    """Start, end, text and part of speech of each word that underthesea finds, in order; the text is the slice, never
    its own.

    A word that underthesea respells otherwise than by its tone mark (qui định) is left out.
    """
    return list(_aligned(text, _tagged(text)))


def _tagged(text: str) -> list[tuple[str, str]]:
    # Loading the models takes a second: only who asks for words pays for it.
    from underthesea import pos_tag

    found = pos_tag(text) if text.strip() else []
    return [(str(word), str(tag)) for word, tag in found]


# How far a word may stand behind the last one: what lies between was rewritten by the segmenter or is white space.
_REWRITTEN = 60


def _aligned(text: str, found: list[tuple[str, str]]) -> Iterator[tuple[int, int, str, str]]:
    place, folded = 0, fold(text)
    for word, tag in found:
        pattern = r"\s+".join(re.escape(part) for part in fold(word).split())
        match = re.compile(pattern).search(folded, place, place + len(word) + _REWRITTEN) if pattern else None
        if match is None:
            continue
        yield match.start(), match.end(), text[match.start() : match.end()], tag
        place = match.end()
