"""The syllables of a text as a spaCy Doc."""

from __future__ import annotations

from collections.abc import Collection

from spacy.tokens import Doc
from spacy.vocab import Vocab

from extractors.syllables import is_carried, syllables


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
        spaces = [is_carried(text, end) for _, end in spans]
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
