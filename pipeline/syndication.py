"""Articles with nearly the same text: the same piece in several papers, or a later edition of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from extractors.fold import fold

# Share of common word sequences from which on two texts are one piece: a new headline, a dateline or a closing
# paragraph leaves a copy above it, two reports written on the same template lie far below.
SAME = 0.8
# A sequence of five syllables is some two or three Vietnamese words: long enough to be no set phrase.
_WORDS = 5
# A text shorter than this (in syllables) is a caption or a notice that may well recur.
_LEAST = 40
# 128 permutations estimate the share to within some 0.04.
_PERMUTATIONS = 128
# Two texts are compared where one of 21 bands of 6 values is equal: of the pairs that share 0.8 of their sequences 998
# in 1000 are, of those that share 0.5 one in four, of those that share 0.2 one in 700.
_BANDS, _BAND = 21, 6
_SPACE = np.uint32(0x20)
# What has a greater code (signs, scripts of the past) stands in no word.
_LAST_CODE = 0xFFFF
# An odd number without pattern: the digits of the golden ratio.
_MIXER = np.uint64(0x9E3779B97F4A7C15)

# The least value of the sequences under each permutation, four bytes each.
Signature = bytes


@dataclass(frozen=True, slots=True)
class Printed:
    """An article as the grouping needs it; `signature` is None for a text too short to be compared."""

    doc_id: str
    source: str
    published_on: str | None
    fetched_at: str
    signature: Signature | None


def signature(text: str) -> Signature | None:
    """The MinHash of a text's word sequences: case and punctuation do not count; None where it is too short."""
    sequences = _sequences(text)
    if sequences is None:
        return None
    factors, summands = _permutations()
    permuted = np.multiply.outer(factors, sequences)
    permuted += summands
    least: NDArray[np.uint32] = permuted.min(axis=1)
    return least.tobytes()


def first_published(articles: Iterable[Printed]) -> Mapping[str, Printed]:
    """For each doc_id the article of its group that was published first; the same for any order of the articles."""
    listed = sorted(articles, key=_when)
    long = [at for at, article in enumerate(listed) if article.signature is not None]
    together = b"".join(signature for article in listed if (signature := article.signature) is not None)
    signatures = np.frombuffer(together, np.uint32).reshape(len(long), _PERMUTATIONS)
    leader = list(range(len(listed)))
    for one, other in _alike(signatures):
        _join(leader, long[one], long[other])
    # In order of publication: the first of a group is its leader.
    return {article.doc_id: listed[_root(leader, at)] for at, article in enumerate(listed)}


def _when(article: Printed) -> tuple[str, str, str]:
    return article.published_on or article.fetched_at[:10], article.fetched_at, article.doc_id


def _alike(signatures: NDArray[np.uint32]) -> Iterator[tuple[int, int]]:
    """Pairs of signatures that share SAME of their values; whoever follows them from one to the next comes to all
    that are found alike."""
    for band in range(_BANDS):
        values = signatures[:, band * _BAND : (band + 1) * _BAND]
        for members in _equal(values @ _multipliers()):
            yield from _alike_among(signatures, members)


def _equal(keys: NDArray[np.uint64]) -> Iterator[NDArray[np.intp]]:
    """The places of each key that comes more than once."""
    order = np.argsort(keys, kind="stable")
    in_order = keys[order]
    bounds = np.concatenate(([0], np.flatnonzero(in_order[1:] != in_order[:-1]) + 1, [len(keys)]))
    for at in np.flatnonzero(np.diff(bounds) > 1):
        yield order[bounds[at] : bounds[at + 1]]


def _alike_among(signatures: NDArray[np.uint32], members: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """The same of some signatures. What is joined is not compared any more, so that many copies of one text are
    compared once each, not each with each."""
    rest = members
    while len(rest) > 1:
        joined, rest = [int(rest[0])], rest[1:]
        while joined and len(rest):
            one = joined.pop()
            same = np.count_nonzero(signatures[rest] == signatures[one], axis=1) >= SAME * _PERMUTATIONS
            found = rest[same].tolist()
            yield from ((one, other) for other in found)
            joined += found
            rest = rest[~same]


def _join(leader: list[int], one: int, other: int) -> None:
    """The two groups under the leader that comes first."""
    first, second = sorted((_root(leader, one), _root(leader, other)))
    leader[second] = first


def _root(leader: list[int], at: int) -> int:
    while leader[at] != at:
        leader[at] = leader[leader[at]]
        at = leader[at]
    return at


def _sequences(text: str) -> NDArray[np.uint32] | None:
    """A number for each sequence of words, in the text's order; None where there are too few words.

    Of the letters c at i, from the first to the last of a sequence, the sum of c * B ** i modulo 2 ** 64, moved to
    where i is 0, in which equal sequences are equal; all sums are differences of one running total.
    """
    if len(text) < 2 * _LEAST - 1:  # each word has a letter, and something stands between two
        return None
    codes = np.frombuffer(fold(text).encode("utf-32-le", "surrogatepass"), np.uint32)
    inside = _in_words()[np.minimum(codes, _LAST_CODE)]
    after = np.concatenate((np.zeros(1, np.bool_), inside[:-1]))
    # One space for all that stands between two words.
    letters = np.where(inside, codes, _SPACE)[inside | after]
    spaces = np.flatnonzero(letters == _SPACE)
    starts = np.concatenate((np.zeros(1, np.intp), spaces + 1))[: np.count_nonzero(inside > after)]
    if len(starts) < _LEAST:
        return None
    ends = np.append(spaces, len(letters))[_WORDS - 1 : len(starts)]
    powers, inverse = _powers(len(letters).bit_length())
    totals = np.concatenate((np.zeros(1, np.uint64), np.cumsum(letters * powers[: len(letters)])))
    first = starts[: len(ends)]
    return _mixed((totals[ends] - totals[first]) * inverse[first])


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Numbers of which each digit depends on all."""
    values ^= values >> np.uint64(32)
    values *= _MIXER
    return (values >> np.uint64(32)).astype(np.uint32)


@cache
def _in_words() -> NDArray[np.bool_]:
    """For each letter's code whether it is one of words: all letters and digits of living scripts."""
    return np.array([chr(code).isalnum() or chr(code) == "_" for code in range(_LAST_CODE + 1)])


@cache
def _powers(digits: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The powers of a base and of its inverse modulo 2 ** 64, from 0 on, for lengths of so many binary digits."""
    size = 1 << digits
    inverse = np.uint64(pow(int(_MIXER), -1, 1 << 64))
    one = np.ones(1, np.uint64)
    bases = (np.full(size - 1, base, np.uint64) for base in (_MIXER, inverse))
    powers, inverses = (np.concatenate((one, np.cumprod(base, dtype=np.uint64))) for base in bases)
    return powers, inverses


@cache
def _permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Factors and summands of the permutations h -> a * h + b modulo 2 ** 32 (an odd factor makes it one)."""
    # RandomState's numbers stay the same in all versions of numpy.
    chance = np.random.RandomState(1)
    factors = chance.randint(0, 1 << 31, _PERMUTATIONS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    summands = chance.randint(0, 1 << 32, _PERMUTATIONS, dtype=np.uint32)
    return factors, summands[:, np.newaxis]


@cache
def _multipliers() -> NDArray[np.uint64]:
    """Odd numbers with which the values of a band become one number: a different band has the same number once in
    2 ** 64 cases, and is told by the comparison."""
    chance = np.random.RandomState(2)
    return chance.randint(0, 1 << 63, _BAND, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
