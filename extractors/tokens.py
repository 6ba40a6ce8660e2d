"""Tokens of Vietnamese text with exact offsets, for spaCy: syllables, numbers and marks.

Vietnamese writes a space between syllables, so that a word ("Nội vụ") is often several tokens; words are in `words`.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from spacy.tokens import Doc
from spacy.vocab import Vocab

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
    return [(start, end) for start, end in spans if not (end == start + 1 and _is_carried(text, start))]


def _is_carried(text: str, place: int) -> bool:
    """Whether a character is a space that spaCy keeps as a flag of the token before it."""
    return place > 0 and text[place : place + 1] == " " and not text[place - 1].isspace()


class SyllableTokenizer:
    """A tokenizer for spaCy whose Docs have the text to the letter: `tokenizer(text).text == text`."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        return self.cut(text, ())

    def cut(self, text: str, cuts: Collection[int]) -> Doc:
        """The Doc of a text with a token boundary at each of the offsets `cuts`."""
        spans = syllables(text, cuts)
        words = [text[start:end] for start, end in spans]
        spaces = [_is_carried(text, end) for _, end in spans]
        return Doc(self.vocab, words=words, spaces=spaces)

    # A tokenizer without state has nothing to save; spaCy asks for these when a pipeline is written to disk.
    def to_bytes(self, **_: object) -> bytes:
        return b""

    def from_bytes(self, _data: bytes, **_: object) -> SyllableTokenizer:
        return self

    def to_disk(self, _path: object, **_: object) -> None:
        return None

    def from_disk(self, _path: object, **_: object) -> SyllableTokenizer:
        return self
