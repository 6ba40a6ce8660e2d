"""Which of many patterns can match a text at all: found in one scan for the words that their matches must contain.

A search for each of a hundred patterns takes some thirty times as long as the scan. What a pattern must contain is
derived from the pattern itself, so that the answer is never wrong: a pattern of which nothing can be said is always
worth trying.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

import ahocorasick

from extractors.needed import levelled, required


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


# What is looked for in whole blocks, most of which hold none of it (`STAFF` where they speak of the payroll); in
# sentences; and in those with their names masked, which is done to none that has not, as it is folded, what the rules for
# masked ones need (`UNMASKED`). Fewer words are found faster: they stay near the processor.
BLOCKS, STAFF, FOLDED, UNMASKED, MASKED = Scan(), Scan(), Scan(), Scan(), Scan()


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
