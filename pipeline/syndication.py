"""Articles with nearly the same text: the same piece in several papers, or a later edition of one."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from datasketch import MinHash, MinHashLSH
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
_WORD = re.compile(r"\w+")

Signature = NDArray[np.uint64]


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
    words = _WORD.findall(fold(text))
    if len(words) < _LEAST:
        return None
    sequences = {" ".join(words[at : at + _WORDS]).encode() for at in range(len(words) - _WORDS + 1)}
    found = _empty().copy()
    found.update_batch(sequences)
    values: Signature = found.hashvalues
    return values


def first_published(articles: Iterable[Printed]) -> Mapping[str, Printed]:
    """For each doc_id the article of its group that was published first; the same for any order of the articles."""
    listed = sorted(articles, key=_when)
    hashes = {article.doc_id: _minhash(article.signature) for article in listed if article.signature is not None}
    lsh = MinHashLSH(threshold=SAME, num_perm=_PERMUTATIONS)
    leader = {article.doc_id: article.doc_id for article in listed}
    for doc_id, minhash in hashes.items():
        for other in sorted(lsh.query(minhash)):
            if minhash.jaccard(hashes[other]) >= SAME:
                _join(leader, doc_id, other)
        lsh.insert(doc_id, minhash)
    by_id = {article.doc_id: article for article in listed}
    firsts: dict[str, Printed] = {}
    for article in listed:  # in order of publication: the first of a group to come is its first
        firsts.setdefault(_root(leader, article.doc_id), article)
    return {doc_id: firsts[_root(leader, doc_id)] for doc_id in by_id}


def _when(article: Printed) -> tuple[str, str, str]:
    return article.published_on or article.fetched_at[:10], article.fetched_at, article.doc_id


def _join(leader: dict[str, str], one: str, other: str) -> None:
    leader[_root(leader, one)] = _root(leader, other)


def _root(leader: dict[str, str], doc_id: str) -> str:
    while leader[doc_id] != doc_id:
        leader[doc_id] = leader[leader[doc_id]]
        doc_id = leader[doc_id]
    return doc_id


@cache
def _empty() -> MinHash:
    # The scheme is named so that a newer library with another default groups alike.
    return MinHash(num_perm=_PERMUTATIONS, seed=1, hashfunc=zlib.crc32, scheme="affine32")


def _minhash(values: Signature) -> MinHash:
    found = _empty().copy()
    found.hashvalues = values
    return found
