"""The folded copy of a text on which all matching is done: lower case, old tone placement, plain spaces,
hyphens and quotes. Folding keeps the length, so that an offset in the copy is an offset in the text."""

from __future__ import annotations

import functools
import re

# "hoà" and "hòa" are one word: the tone mark of the open diphthongs oa, oe, uy is moved to the first vowel.
_MOVE = {
    second: first
    for pairs in (
        ("oà òa", "oá óa", "oả ỏa", "oã õa", "oạ ọa"),
        ("oè òe", "oé óe", "oẻ ỏe", "oẽ õe", "oẹ ọe"),
        ("uỳ ùy", "uý úy", "uỷ ủy", "uỹ ũy", "uỵ ụy"),
    )
    for second, first in (pair.split() for pair in pairs)
}
# Only where the diphthong ends the syllable ("toàn" has its tone in the right place) and is not "qu".
# (A scan for the first letter alone is fast; what stands before is looked at afterwards.)
_OPEN_DIPHTHONG = re.compile(r"[ou](?:(?<=o)[àáảãạèéẻẽẹ]|(?<=u)[ỳýỷỹỵ])(?<!q..)(?![a-zà-ỹđ])")
_PLAIN = {
    "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\t": " ", "\n": " ", "\r": " ",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "‘": "'", "’": "'", "ð": "đ", "Ð": "đ",
}  # fmt: skip


# The readers of a table ask for the same cells and headings again and again; names come in every other article.
_SHORT = 200


def fold(text: str) -> str:
    """The folded copy of an NFC text, of the same length.

    "Hoà Bình – UỶ BAN" gives "hòa bình - ủy ban".
    """
    return _remembered(text) if len(text) <= _SHORT else _folded(text)


def _folded(text: str) -> str:
    lowered = text.lower()
    if len(lowered) != len(text):  # "İ" grows when lowered: such a letter stays as it is
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    for odd, plain in _PLAIN.items():  # most texts have two or three of them: far faster than a translation table
        if odd in lowered:
            lowered = lowered.replace(odd, plain)
    return _OPEN_DIPHTHONG.sub(lambda found: _MOVE[found.group()], lowered)


_remembered = functools.lru_cache(maxsize=8192)(_folded)
# The gate and the sentences of one article ask for its text one after the other.
fold_once = functools.lru_cache(maxsize=1)(fold)
