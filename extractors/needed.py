"""What must stand in every text that a regular expression matches in: derived from the expression, so that it is never
wrong. An expression of which nothing can be said needs nothing."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from re import _constants as op  # type: ignore[attr-defined]  # the stubs leave out what the module keeps to itself
from re import _parser  # type: ignore[attr-defined]  # so do they here
from typing import Any

# A character class with more members than this is no word to look for.
_FEW = 16
# Words side by side are joined to so many longer ones at most.
_SPELLED = 128
# Choices of more words than this (all names of places, say) tell little.
_MANY = 1000
# So many sets of words are looked for at most for one pattern, and of each word so many letters.
_SETS, _ENOUGH = 4, 16
# Words that stand in every other sentence, and signs that stand in every one.
_COMMON = frozenset(["và", "của", "có", "là", "các", "được", "trong", "trên", "cho", "với", "đối", "năm", "số", "đến", "từ", "người", "theo", "này", "khi", "không", "những", "một"])  # fmt: skip
_EVERYWHERE = frozenset([",", "."])
# Private characters stand for masked names and are rarer than any word; the first only fills them up.
_PRIVATE = range(0xE000, 0xF900)
_FILLER = chr(_PRIVATE.start)
_MASKED = re.compile(f"[{chr(_PRIVATE.start)}-{chr(_PRIVATE.stop - 1)}]+")
# Digits are not told apart: "\\d điểm" needs "0 điểm" where each digit is a nought. Articles have no others than these
# (`scrapers.html.level`).
_DIGIT, _OTHER_DIGITS = "0", "123456789"

_Words = frozenset[str]
_NOTHING: _Words = frozenset({""})


def required(pattern: re.Pattern[str], *, hidden: Mapping[str, _Words] | None = None) -> tuple[_Words, ...]:
    """Sets of words, the most telling first: of each set at least one stands in every text that the pattern matches in,
    once that is `levelled`.

    With `hidden` that holds of texts from which the masked ones come that the pattern is made for: for the character of
    a mask it has the words of which one stands in all that the mask hides.
    """
    asked = _asked(pattern, hidden)
    return _recalled(pattern, asked, "words", lambda: _most_telling(_all_required(pattern, asked)))


def needs_mask(pattern: re.Pattern[str], mask: str) -> bool:
    """Whether the mask stands in every text that the pattern matches in, as far as can be said."""
    [masks] = _recalled(pattern, None, "masks", lambda: (_masks(_all_required(pattern, None)),))
    return mask in masks


def derived() -> dict[str, list[list[str]]]:
    """All that was derived or recalled so far, for a later process with the same code and the same Python to `recall`."""
    return {key: list(map(sorted, found)) for key, found in _derived.items()}


def recall(told: Mapping[str, Iterable[Iterable[str]]]) -> None:
    """Takes over what was `derived` before, so that it need not be derived again."""
    _derived.update({key: tuple(map(frozenset, found)) for key, found in told.items()})


@functools.lru_cache(maxsize=8)
def levelled(text: str) -> str:
    """The text with one digit in place of all: what counts is that there is one."""
    for digit in _OTHER_DIGITS:
        if digit in text:
            text = text.replace(digit, _DIGIT)
    return text


# What masks hide, as `required` takes it, but as a key to remember by.
_Hidden = tuple[tuple[str, _Words], ...] | None
_Found = tuple[_Words, ...]
# What was derived, by a fingerprint of all that it follows from. To take a pattern apart takes as long as compiling it.
_derived: dict[str, _Found] = {}


def _asked(pattern: re.Pattern[str], hidden: Mapping[str, _Words] | None) -> _Hidden:
    return tuple(hidden.items()) if hidden is not None and _MASKED.search(pattern.pattern) else None


def _recalled(pattern: re.Pattern[str], hidden: _Hidden, what: str, derive: Callable[[], _Found]) -> _Found:
    shown = None if hidden is None else [(mask, sorted(words)) for mask, words in hidden]
    told = repr((what, pattern.pattern, pattern.flags, shown))
    key = hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    if key not in _derived:
        _derived[key] = derive()
    return _derived[key]


# The rules are asked for what they need of masked sentences, and of those that are not masked.
@functools.cache
def _all_required(pattern: re.Pattern[str], hidden: _Hidden) -> _Found:
    if pattern.flags & (re.IGNORECASE | re.VERBOSE):
        return ()
    shown = None if hidden is None else dict(hidden)
    found = _candidates(_taken_apart(_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE), shown))
    for remembered in (_spelled, _spelled_out, _edge):  # parts of this pattern, of which nobody will ask again
        remembered.cache_clear()
    return tuple(dict.fromkeys(found))


def _masks(found: Iterable[_Words]) -> _Words:
    """The masks that stand in every word of some set."""
    return frozenset(mask for words in found for mask in frozenset.intersection(*map(frozenset, words)) if _is_masked(mask))


# --- which words tell most -------------------------------------------------------------------------------------------


def _most_telling(found: Iterable[_Words]) -> _Found:
    """A few of the sets of words, the most telling first."""
    chosen: list[_Words] = []
    for words in map(_shortest, sorted(found, key=_telling, reverse=True)):
        if not any(_implies(other, words) for other in chosen):
            chosen.append(words)
        if len(chosen) == _SETS:
            break
    telling = tuple(words for words in chosen if _telling(words)[0] > 0)
    # Where there are only words that stand in every other sentence, they are looked for: together they are rarer.
    return telling or tuple(words for words in chosen if _telling(words)[0] == 0)


def _shortest(words: _Words) -> _Words:
    """The beginnings of the words, without those that hold another one: where they stand the other does."""
    kept: list[str] = []
    for word in sorted({word[:_ENOUGH] for word in words}, key=len):
        if not any(other in word for other in kept):
            kept.append(word)
    return frozenset(kept)


def _implies(words: _Words, others: _Words) -> bool:
    """Whether one of the others stands wherever one of the words does."""
    return all(any(other in word for other in others) for word in words)


@functools.lru_cache(maxsize=4096)
def _telling(words: _Words) -> tuple[int, int]:
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


def _is_of_use(words: _Words) -> bool:
    return bool(words) and "" not in words and len(words) <= _MANY


# --- the parts of a pattern ------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class _Part:
    """One part of a pattern: `words` where it is a word or one of a few characters; else what is `within` it, each a
    way to write it, and for one that comes again how often at least (`low`) and at most (`high`). Nothing is known of a
    part without either. An `ahead` of 1 or -1 is that of a look ahead or back, which takes no place in the match."""

    words: _Words | None = None
    within: tuple[_Sequence, ...] = ()
    low: int = 1
    high: int = 1
    ahead: int = 0


_Sequence = tuple[_Part, ...]


_Shown = dict[str, _Words] | None


def _taken_apart(sequence: Iterable[tuple[Any, Any]], shown: _Shown) -> _Sequence:
    """The parts of a parsed pattern, letters that stand side by side as one word; with `shown`, what masks hide in their
    place."""
    parts: list[_Part] = []
    word = ""
    for kind, value in _opened(sequence):
        masked = kind is op.LITERAL and shown is not None and value in _PRIVATE
        if kind is op.LITERAL and not masked:
            word += levelled(chr(value))
        elif kind is not op.AT and kind is not op.ASSERT_NOT:  # these take no place in the match: the word goes on
            if word:
                parts.append(_Part(frozenset({word})))
            word = ""
            parts.append(_hiding(chr(value), shown) if masked else _part(kind, value, shown))
    return (*parts, _Part(frozenset({word}))) if word else tuple(parts)


def _opened(sequence: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """The parts with those of the groups among them."""
    for kind, value in sequence:
        if kind is op.SUBPATTERN and not value[1] and not value[2]:
            yield from _opened(value[3])
        else:
            yield kind, value


def _hiding(mask: str, shown: _Shown) -> _Part:
    """A part for what a mask hides: in it one of its words stands, as it does in what is written before or after."""
    words = shown.get(mask) if shown else None
    return _Part(within=((_Part(), _Part(words), _Part()),)) if words else _Part()


def _part(kind: Any, value: Any, shown: _Shown) -> _Part:
    if kind is op.IN:
        members = _members(value)
        masked = shown is not None and members is not None and any(map(_is_masked, members))
        return _Part(within=tuple((_hiding(member, shown),) for member in sorted(members or ()))) if masked else _Part(members)
    if kind is op.BRANCH:
        return _Part(within=tuple(_taken_apart(way, shown) for way in value[1]))
    if kind in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
        return _Part(within=(_taken_apart(value[2], shown),), low=value[0], high=value[1])
    if kind is op.ATOMIC_GROUP:
        return _Part(within=(_taken_apart(value, shown),))
    if kind is op.ASSERT:
        return _Part(within=(_taken_apart(value[1], shown),), ahead=value[0])
    return _Part()


def _members(parts: Iterable[tuple[Any, Any]]) -> _Words | None:
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


# --- what they need --------------------------------------------------------------------------------------------------


def _candidates(sequence: _Sequence) -> list[_Words]:
    """What the parts of a sequence need, which all stand in the match.

    Parts side by side are spelled out together: "(?:thứ|hạng) (?:ba|tư)" needs "thứ ba", "thứ tư", "hạng ba" or
    "hạng tư", which tells far more than "thứ" or "hạng" does.
    """
    candidates: list[_Words] = []
    run = _NOTHING  # how what is read so far may end
    for part in sequence:
        if part.ahead:
            candidates += _candidates(part.within[0])
            if part.ahead > 0:
                candidates.append(_joined(run, _edge(part.within[0], at_end=False)) or run)
            continue
        spelled = _spelled(part)
        if spelled is not None and (longer := _joined(run, spelled)):
            run = longer
            continue
        candidates.append(_joined(run, _edge((part,), at_end=False)) or run)
        if (inner := _needed_by(part)) is not None:
            candidates.append(inner)
        if part.low == 0:  # where it is left out, what stands before it goes on
            run = _united([run, _edge(part.within[0], at_end=True)]) or _NOTHING
        else:
            run = spelled or _edge((part,), at_end=True)
    return list(filter(_is_of_use, [*candidates, run]))


def _needed_by(part: _Part) -> _Words | None:
    """The best of what one part needs, whichever way it is written; None where nothing or nothing is known."""
    if part.words is not None:
        return part.words
    if part.low == 0 or not part.within:
        return None
    ways = [max(_candidates(way), key=_telling, default=None) for way in part.within]
    known = [way for way in ways if way is not None]
    return frozenset(chain.from_iterable(known)) if len(known) == len(ways) else None


def _joined(run: _Words, following: _Words | None) -> _Words | None:
    """Each of the words with each of those that may follow; None where these would be too many, or are not known."""
    if following is None or len(run) * len(following) > _SPELLED:
        return None
    return frozenset([word + more for word in run for more in following])


def _united(ways: Iterable[_Words | None]) -> _Words | None:
    """The words of all ways; None where one of them is not known or they are too many."""
    found: set[str] = set()
    for way in ways:
        if way is None:
            return None
        found |= way
    return frozenset(found) if len(found) <= _SPELLED else None


@functools.cache
def _spelled(part: _Part) -> _Words | None:
    """Every way in which one part can be written, where these are few; None else."""
    if part.words is not None or not part.within:
        return part.words
    if part.high > 1 or part.ahead:
        return None
    within = _united(map(_spelled_out, part.within))
    return within if within is None or part.low == 1 else _united([within, _NOTHING])


@functools.cache
def _spelled_out(sequence: _Sequence) -> _Words | None:
    """Every way in which a sequence can be written, where these are few; None else."""
    run = _NOTHING
    for part in sequence:
        longer = _joined(run, _spelled(part))
        if longer is None:
            return None
        run = longer
    return run


@functools.cache
def _edge(sequence: _Sequence, *, at_end: bool) -> _Words:
    """What a sequence may begin with, or end with, each as long as can be said."""
    run, done = _NOTHING, frozenset[str]()
    for part in reversed(sequence) if at_end else sequence:
        if part.ahead:
            continue
        further = _spelled(part)
        known = further is not None
        if further is None:
            further = _united(_edge(way, at_end=at_end) for way in part.within) or _NOTHING
        longer = _joined(further, run) if at_end else _joined(run, further)
        if longer is None:
            break
        if not known and part.low == 0:
            done |= longer  # or it is left out, and what comes next is the edge
            continue
        run = longer
        if not known:
            break
    return _united([done, run]) or _NOTHING
