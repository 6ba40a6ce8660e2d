"""Which of many patterns can match a text at all: found in one scan for the words that their matches must contain.

A search for each of a hundred patterns takes some thirty times as long as the scan. What a pattern must contain is
derived from the pattern itself, so that the answer is never wrong: a pattern of which nothing can be said is always
worth trying.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import ahocorasick

# A character class with more members than this is no word to look for.
_FEW = 16
# Alternations of more words than this (all names of places, say) tell little.
_MANY = 1000
# So many sets of words are looked for at most for one pattern.
_SETS = 4
# Words that stand in every other sentence.
_COMMON = frozenset(["và", "của", "có", "là", "các", "được", "trong", "trên", "cho", "với", "đối", "với", "năm", "số", "đến", "từ", "người", "theo", "này", "khi", "không", "những", "một"])
# Private characters stand for masked names and are rarer than any word.
_PRIVATE = range(0xE000, 0xF900)


_Hidden = Mapping[str, frozenset[str]] | None


class Triggers:
    """The patterns that may match, each with the words that must stand in all that it matches.

    With `hidden` the texts are those from which the masked ones come that the patterns are made for: for the character
    of a mask it has the words of which one stands in all that the mask hides.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]], *, hidden: Mapping[str, frozenset[str]] | None = None) -> None:
        places: dict[frozenset[str], int] = {}
        words: dict[str, int] = {}
        self.needs: list[int] = []
        for pattern in patterns:
            needed = 0
            for one_of in required(pattern, hidden=hidden):
                place = places.setdefault(one_of, len(places))
                needed |= 1 << place
                for word in one_of:
                    words[word] = words.get(word, 0) | 1 << place
            self.needs.append(needed)
        # The patterns by the first bit that each needs: those of bits that a text lacks are not looked at.
        self._always = [number for number, needed in enumerate(self.needs) if not needed]
        self._by_bit: dict[int, list[tuple[int, int]]] = {}
        for number, needed in enumerate(self.needs):
            if needed:
                self._by_bit.setdefault(needed & -needed, []).append((number, needed))
        self._first_bits = sum(self._by_bit)
        self._automaton = ahocorasick.Automaton()
        for word, bits in words.items():
            self._automaton.add_word(word, bits)
        self._automaton.make_automaton()
        self._empty = not words

    def stands(self, text: str) -> int:
        """Which words the text has, as bits: a pattern may match where it has all bits of its `needs`."""
        found = 0
        if not self._empty:
            for _, bits in self._automaton.iter(text):
                found |= bits
        return found

    def possible(self, text: str) -> list[int]:
        """The numbers of the patterns that may match somewhere in the text."""
        found = self.stands(text)
        numbers = list(self._always)
        standing = found & self._first_bits
        while standing:
            bit = standing & -standing
            standing ^= bit
            numbers += [number for number, needed in self._by_bit[bit] if needed & found == needed]
        return sorted(numbers)


def required(pattern: re.Pattern[str], *, hidden: Mapping[str, frozenset[str]] | None = None) -> tuple[frozenset[str], ...]:
    """Sets of words: of each set at least one stands in every text that the pattern matches in."""
    if pattern.flags & (re.IGNORECASE | re.VERBOSE):
        return ()
    found = _candidates(_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE), hidden)
    ranked = sorted(set(found), key=lambda words: (_telling(words), sorted(words)), reverse=True)[:_SETS]
    telling = tuple(words for words in ranked if _telling(words)[0] > 0)
    # Where there are only words that stand in every other sentence, they are looked for: together they are rarer.
    return telling or tuple(words for words in ranked if _telling(words)[0] == 0)


def _needed(sequence: Iterable[tuple[Any, Any]], hidden: _Hidden) -> frozenset[str] | None:
    """The best of what the parts of a sequence need."""
    return max(_candidates(sequence, hidden), key=_telling, default=None)


def _candidates(sequence: Iterable[tuple[Any, Any]], hidden: _Hidden) -> list[frozenset[str]]:
    """What the parts of a sequence need, which all stand in the match."""
    candidates: list[frozenset[str]] = []
    run: list[str] = []
    for kind, value in chain(sequence, [(None, None)]):
        if kind is op.LITERAL:
            run.append(chr(value))
            continue
        if kind is op.AT or kind is op.ASSERT_NOT:
            continue  # takes no place in the match: the run goes on
        if kind is op.ASSERT:
            candidates += _candidates(value[1], hidden)
            continue
        if run:
            begun = "".join(run)
            candidates.append(frozenset({begun}))
            if kind is op.BRANCH:  # the parser takes "c" out of "cchc|cải cách"
                candidates.append(frozenset(begun + _beginning(way) for way in value[1]))
            run = []
        if kind is op.SUBPATTERN and not value[1] & re.IGNORECASE:
            candidates += _candidates(value[3], hidden)
        elif kind is not None and (inner := _part(kind, value, hidden)) is not None:
            candidates.append(inner)
    shown = [words if hidden is None else _shown(words, hidden) for words in candidates]
    return [words for words in shown if words and len(words) <= _MANY]


def _shown(words: frozenset[str], hidden: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The words with what masks hide; none where that is not known."""
    ways = [{word} if not _is_masked(word) else _behind(word, hidden) for word in words]
    return frozenset(chain.from_iterable(ways)) if all(ways) else frozenset()


def _behind(word: str, hidden: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return next((hidden[char] for char in word if char in hidden), frozenset())


def _beginning(sequence: Iterable[tuple[Any, Any]]) -> str:
    return "".join(chr(value) for _, value in itertools.takewhile(lambda part: part[0] is op.LITERAL, sequence))


def _part(kind: Any, value: Any, hidden: _Hidden) -> frozenset[str] | None:
    """What one part of a sequence needs, None where nothing or nothing is known."""
    if kind is op.IN:
        return _members(value)
    if kind is op.BRANCH:
        ways = [_needed(way, hidden) for way in value[1]]
        known = [way for way in ways if way is not None]
        return frozenset(chain.from_iterable(known)) if len(known) == len(ways) else None
    if kind in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
        return _needed(value[2], hidden) if value[0] > 0 else None
    if kind is op.ATOMIC_GROUP:
        return _needed(value, hidden)
    return None


def _members(parts: Sequence[tuple[Any, Any]]) -> frozenset[str] | None:
    """The characters of a small class; the digits are such a one."""
    found: set[str] = set()
    for kind, value in parts:
        if kind is op.LITERAL:
            found.add(chr(value))
        elif kind is op.RANGE and value[1] - value[0] < _FEW:
            found |= set(map(chr, range(value[0], value[1] + 1)))
        else:
            return None
    return frozenset(found) if len(found) <= _FEW else None


def _telling(words: frozenset[str]) -> tuple[int, int]:
    """How much a set of words tells: the shortest of them, then how few they are."""
    return min(map(_weight, words)), -len(words)


def _weight(word: str) -> int:
    stripped = word.strip()
    if not stripped:
        return -1
    if stripped in _COMMON or (len(stripped) < 2 and stripped.isalpha()):
        return 0
    # 6: about as rare as a word of two syllables
    return max(6 * _is_masked(word), len(stripped))


def _is_masked(word: str) -> bool:
    return any(ord(char) in _PRIVATE for char in word)
