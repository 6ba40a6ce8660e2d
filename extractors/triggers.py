"""Which of many patterns can match a text at all: found in one scan for the words that their matches must contain.

A search for each of a hundred patterns takes some thirty times as long as the scan. What a pattern must contain is
derived from the pattern itself, so that the answer is never wrong: a pattern of which nothing can be said is always
worth trying.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import ahocorasick

# A character class with more members than this is no word to look for.
_FEW = 16
# Alternations of more words than this (all names of places, say) tell little.
_MANY = 1000
# So many sets of words are looked for at most for one pattern, and of each word so many letters.
_SETS, _ENOUGH = 4, 16
# Words that stand in every other sentence.
_COMMON = frozenset(["và", "của", "có", "là", "các", "được", "trong", "trên", "cho", "với", "đối", "với", "năm", "số", "đến", "từ", "người", "theo", "này", "khi", "không", "những", "một"])
_EVERYWHERE = frozenset([",", "."])
# Private characters stand for masked names and are rarer than any word.
_PRIVATE = range(0xE000, 0xF900)


# Words side by side are joined to so many longer ones at most.
_SPELLED = 128
# Digits are not told apart: "\\d điểm" needs "0 điểm" where each digit is a nought.
_DIGIT, _OTHER_DIGITS = "0", "123456789"
_NOTHING = frozenset({""})
_REPEATS = frozenset({op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT})
_FILLER = chr(_PRIVATE.start)
_MASKED = re.compile(f"[{chr(_PRIVATE.start)}-{chr(_PRIVATE.stop - 1)}]+")

_Hidden = Mapping[str, frozenset[str]] | None
_Part = tuple[Any, Any]  # of a pattern taken apart: what kind it is, and its value


class Scan:
    """The words of many `Triggers`, looked for in one scan of a text; what was found in the last texts is remembered,
    as the readers of an article ask for the same sentences one after the other."""

    def __init__(self) -> None:
        self._places: dict[frozenset[str], int] = {}
        self._words: dict[str, int] = {}
        self._automaton: ahocorasick.Automaton | None = None
        self.standing = functools.lru_cache(maxsize=1024)(self._standing)

    def bit(self, one_of: frozenset[str]) -> int:
        """The bit that says that one of these words stands in a text."""
        if one_of not in self._places:
            bit = self._places[one_of] = 1 << len(self._places)
            for word in one_of:
                self._words[word] = self._words.get(word, 0) | bit
            self._automaton = None
            self.standing.cache_clear()
        return self._places[one_of]

    def _standing(self, text: str) -> int:
        """Which words the text has, as bits."""
        if not self._words:
            return 0
        if self._automaton is None:
            self._automaton = ahocorasick.Automaton()
            for word, bits in self._words.items():
                self._automaton.add_word(word, bits)
            self._automaton.make_automaton()
        found = 0
        for _, bits in self._automaton.iter(levelled(text)):
            found |= bits
        return found


# What is looked for in whole blocks, most of which hold none of it; in sentences; and in those with their names masked,
# which is done to none that has not, as it is folded, what the rules for masked ones need (`UNMASKED`). Fewer words are
# found faster: they stay near the processor.
BLOCKS, FOLDED, UNMASKED, MASKED = Scan(), Scan(), Scan(), Scan()


class Triggers:
    """The patterns that may match, each with the words that must stand in all that it matches.

    With `hidden` the texts are those from which the masked ones come that the patterns are made for: for the character
    of a mask it has the words of which one stands in all that the mask hides. `scan` is that of such texts.
    """

    def __init__(
        self,
        patterns: Iterable[re.Pattern[str]],
        scan: Scan = FOLDED,
        *,
        hidden: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self._scan = scan
        needed = [[scan.bit(one_of) for one_of in required(pattern, hidden=hidden)] for pattern in patterns]
        self.needs = list(map(sum, needed))
        # The patterns by the rarest words that each needs: where a text lacks them they are not looked at.
        self._always = [number for number, bits in enumerate(needed) if not bits]
        self._by_bit: dict[int, list[tuple[int, int]]] = {}
        for number, bits in enumerate(needed):
            if bits:
                self._by_bit.setdefault(bits[0], []).append((number, sum(bits)))
        self._first_bits = sum(self._by_bit)

    def stands(self, text: str) -> int:
        """Which words the text has, as bits: a pattern may match where it has all bits of its `needs`."""
        return self._scan.standing(text)

    def possible(self, text: str) -> list[int]:
        """The numbers of the patterns that may match somewhere in the text, in their order."""
        found = self.stands(text)
        standing = found & self._first_bits
        if not standing:
            return self._always
        numbers = list(self._always)
        while standing:
            bit = standing & -standing
            standing ^= bit
            numbers += [number for number, needed in self._by_bit[bit] if needed & found == needed]
        return sorted(numbers)


def required(pattern: re.Pattern[str], *, hidden: Mapping[str, frozenset[str]] | None = None) -> tuple[frozenset[str], ...]:
    """Sets of words: of each set at least one stands in every text that the pattern matches in."""
    found = _all_required(pattern, hidden)
    ranked = sorted(dict.fromkeys(map(_shortest, found)), key=_telling, reverse=True)
    chosen: list[frozenset[str]] = []
    for words in ranked:
        if len(chosen) < _SETS and not any(_implies(other, words) for other in chosen):
            chosen.append(words)
    telling = tuple(words for words in chosen if _telling(words)[0] > 0)
    # Where there are only words that stand in every other sentence, they are looked for: together they are rarer.
    return telling or tuple(words for words in chosen if _telling(words)[0] == 0)


def _implies(words: frozenset[str], others: frozenset[str]) -> bool:
    """Whether one of the others stands wherever one of the words does."""
    return all(any(other in word for other in others) for word in words)


def _shortest(words: frozenset[str]) -> frozenset[str]:
    """The beginnings of the words, without those that hold another one: where they stand the other does."""
    kept: list[str] = []
    for word in sorted({word[:_ENOUGH] for word in words}, key=len):
        if not any(other in word for other in kept):
            kept.append(word)
    return frozenset(kept)


def needs_mask(pattern: re.Pattern[str], mask: str) -> bool:
    """Whether the mask stands in every text that the pattern matches in, as far as can be said."""
    return any(all(mask in word for word in words) for words in _all_required(pattern, None))


def _all_required(pattern: re.Pattern[str], hidden: _Hidden) -> list[frozenset[str]]:
    if pattern.flags & (re.IGNORECASE | re.VERBOSE):
        return []
    return _candidates(_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE), hidden)


def _needed(sequence: Iterable[_Part], hidden: _Hidden) -> frozenset[str] | None:
    """The best of what the parts of a sequence need."""
    return max(_candidates(sequence, hidden), key=_telling, default=None)


def _candidates(sequence: Iterable[_Part], hidden: _Hidden) -> list[frozenset[str]]:
    """What the parts of a sequence need, which all stand in the match.

    Parts side by side are spelled out together: "(?:thứ|hạng) (?:ba|tư)" needs "thứ ba", "thứ tư", "hạng ba" or
    "hạng tư", which tells far more than "thứ" or "hạng" does.
    """
    candidates: list[frozenset[str]] = []
    run = _NOTHING  # how what is read so far may end
    for kind, value in _flat(sequence):
        if kind is op.ASSERT:
            ahead, within = value
            candidates += _candidates(within, hidden)
            if ahead > 0:
                candidates.append(_joined(run, _edge(within, at_end=False)) or run)
            continue
        spelled = _spelled(kind, value)
        if spelled is not None and (longer := _joined(run, spelled)):
            run = longer
            continue
        part = [(kind, value)]
        candidates.append(_joined(run, _edge(part, at_end=False)) or run)
        if (inner := _part(kind, value, hidden)) is not None:
            candidates.append(inner)
        if kind in _REPEATS and value[0] == 0:  # where it is left out, what stands before it goes on
            run = _united([run, _edge(value[2], at_end=True)]) or _NOTHING
        else:
            run = spelled or _edge(part, at_end=True)
    candidates.append(run)
    shown = [words if hidden is None else _shown(words, hidden) for words in candidates]
    return [words for words in shown if words and "" not in words and len(words) <= _MANY]


def _flat(sequence: Iterable[_Part]) -> Iterator[_Part]:
    """The parts with those of the groups among them, letters that stand side by side as one word."""
    word = ""
    for kind, value in _opened(sequence):
        if kind is op.LITERAL:
            word += levelled(chr(value))
            continue
        if kind is op.AT or kind is op.ASSERT_NOT:
            continue  # takes no place in the match: the word goes on
        if word:
            yield op.LITERAL, word
            word = ""
        yield kind, value
    if word:
        yield op.LITERAL, word


def _opened(sequence: Iterable[_Part]) -> Iterator[_Part]:
    for kind, value in sequence:
        if kind is op.SUBPATTERN and not value[1] and not value[2]:
            yield from _opened(value[3])
        else:
            yield kind, value


def _joined(run: frozenset[str], following: frozenset[str] | None) -> frozenset[str] | None:
    """Each of the words with each of those that may follow; None where these would be too many, or are not known."""
    if following is None or len(run) * len(following) > _SPELLED:
        return None
    return frozenset([word + more for word in run for more in following])


def _spelled(kind: Any, value: Any) -> frozenset[str] | None:
    """Every way in which one part can be written, where these are few; None else."""
    if kind is op.LITERAL:
        return frozenset({value})
    if kind is op.IN:
        members = _members(value)
        return members if members is not None and len(members) <= _FEW else None
    if kind is op.BRANCH:
        return _united(map(_spelled_out, value[1]))
    if kind in _REPEATS and value[1] == 1:
        within = _spelled_out(value[2])
        return within if within is None or value[0] == 1 else within | _NOTHING
    return None


def _spelled_out(sequence: Iterable[_Part]) -> frozenset[str] | None:
    """Every way in which a sequence can be written, where these are few; None else."""
    run = _NOTHING
    for kind, value in _flat(sequence):
        longer = None if kind is op.ASSERT else _joined(run, _spelled(kind, value))
        if longer is None:
            return None
        run = longer
    return run


def _edge(sequence: Iterable[_Part], *, at_end: bool) -> frozenset[str]:
    """What a sequence may begin with, or end with, each as long as can be said."""
    run, done = _NOTHING, frozenset[str]()
    for kind, value in list(_flat(sequence))[:: -1 if at_end else 1]:
        if kind is op.ASSERT:
            continue
        further, last = _spelled(kind, value), False
        if further is None:
            further, last = _edge_of_part(kind, value, at_end), True
        longer = _joined(further, run) if at_end else _joined(run, further)
        if longer is None:
            break
        if last and kind in _REPEATS and value[0] == 0:
            done |= longer  # or it is left out, and what comes next is the edge
            continue
        run = longer
        if last:
            break
    return _united([done, run]) or _NOTHING


def _edge_of_part(kind: Any, value: Any, at_end: bool) -> frozenset[str]:
    if kind is op.BRANCH:
        return _united(_edge(way, at_end=at_end) for way in value[1]) or _NOTHING
    if kind in _REPEATS:
        return _edge(value[2], at_end=at_end)
    return _NOTHING


def _united(ways: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """The words of all ways; None where one of them is not known or they are too many."""
    found: set[str] = set()
    for way in ways:
        if way is None:
            return None
        found |= way
    return frozenset(found) if len(found) <= _SPELLED else None


def _shown(words: frozenset[str], hidden: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The words with what masks hide, or else with what stands beside the masks; none where neither is known."""
    ways = [{word} if not _is_masked(word) else _behind(word, hidden) for word in words]
    return frozenset(chain.from_iterable(ways)) if all(ways) else frozenset()


def _behind(word: str, hidden: Mapping[str, frozenset[str]]) -> frozenset[str]:
    known = next((hidden[char] for char in word if char in hidden), None)
    beside = max(_MASKED.split(word), key=len)
    return known or (frozenset({beside}) if beside.strip() else frozenset())


def _part(kind: Any, value: Any, hidden: _Hidden) -> frozenset[str] | None:
    """What one part of a sequence needs, None where nothing or nothing is known."""
    if kind is op.IN:
        return _members(value)
    if kind is op.BRANCH:
        ways = [_needed(way, hidden) for way in value[1]]
        known = [way for way in ways if way is not None]
        return frozenset(chain.from_iterable(known)) if len(known) == len(ways) else None
    if kind in _REPEATS:
        return _needed(value[2], hidden) if value[0] > 0 else None
    if kind is op.ATOMIC_GROUP:
        return _needed(value, hidden)
    return None


def _members(parts: Sequence[_Part]) -> frozenset[str] | None:
    """The characters of a small class; None for others."""
    found: set[str] = set()
    for kind, value in parts:
        if kind is op.LITERAL:
            found.add(levelled(chr(value)))
        elif kind is op.RANGE and value[1] - value[0] < _FEW:
            found |= set(levelled("".join(map(chr, range(value[0], value[1] + 1)))))
        elif kind is op.CATEGORY and value is op.CATEGORY_DIGIT:
            found.add(_DIGIT)
        else:
            return None
    return frozenset(found) if len(found) <= _FEW else None


@functools.lru_cache(maxsize=8)
def levelled(text: str) -> str:
    """The text with one digit in place of all: what counts is that there is one."""
    for digit in _OTHER_DIGITS:
        if digit in text:
            text = text.replace(digit, _DIGIT)
    return text


@functools.lru_cache(maxsize=4096)
def _telling(words: frozenset[str]) -> tuple[int, int]:
    """How much a set of words tells: the shortest of them, then how few they are."""
    return min(map(_weight, words)), -len(words)


def _weight(word: str) -> int:
    stripped = word.replace(_FILLER, " ").strip()
    if not stripped:
        return 0 if _FILLER in word else -1  # the end of some mask
    if stripped in _EVERYWHERE or (len(stripped) == 1 and stripped.isalpha()):
        return 0
    if stripped in _COMMON:
        return 1
    # 6: about as rare as a word of two syllables
    return 6 if _is_masked(stripped) else min(len(stripped), 6)


def _is_masked(word: str) -> bool:
    return _MASKED.search(word) is not None
