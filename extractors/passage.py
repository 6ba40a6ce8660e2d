"""One block of text with what the automaton found in it, and the readings that every reader of mentions needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from extractors import lookups
from extractors.gazetteer import DISTRICT_KINDS, LISTED, NAME_RUN, OPENERS, SHORT, UPPER, load_gazetteer
from pipeline.records import EntityType

MentionKind = Literal["name", "self", "anaphor", "set"]


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention: `text[start:end]` of the text passed in.

    `name` is the entity as the contract writes it (of a set or a pointing word: as worded); `province` the province
    stated with it or implied by it, by its name in force on the day, None where not known. `kind`: `name`; `self` a
    word for the source's own province; `anaphor` a word that needs the context (its `type` is only a hint); `set` a
    group of units. `certain` is False where the words may mean something else without context.
    The words "UBND", "HĐND" before a unit are outside the mention.
    """

    start: int
    end: int
    type: EntityType
    name: str
    province: str | None
    kind: MentionKind
    certain: bool


# A run of words in capitals: "BÀU BÀNG ĐỨNG ĐẦU".
_UPPER_RUN = re.compile(rf"[{UPPER}'’]+(?!\w)(?:\s?[-–]\s?[{UPPER}'’]+(?!\w)|\s[{UPPER}'’]+(?!\w)){{0,7}}")

# The syllables of a name, without hyphens.
_PIECES = re.compile(r"[^\s–-]+")


def canonical(text: str, folded: str) -> str:
    """The words of a slice with tone marks in the old place and single spaces, letters' case kept."""
    if len(text) == len(folded):
        text = "".join(
            low.upper() if char.isupper() else low if char.lower() != low and low.isalpha() else char
            for char, low in zip(text, folded, strict=True)
        )
    return " ".join(text.split())


def _title_case(folded: str) -> str:
    return re.sub(r"(^|[\s-])(\w)", lambda found: found[1] + found[2].upper(), folded)


# Provinces' and districts' names that are ordinary words when the second syllable has no capital.
_COMMON_WORDS = frozenset(
    {"hòa bình", "thái bình", "bình định", "thái nguyên", "an giang", "bình tân", "bình minh", "tân tiến"}
)

# "tỉnh ", "TP.", "thủ đô "
_PROVINCE_PREFIX = re.compile(r"(?:tỉnh|(?P<city>thành\sphố|t\.?p\.?|thủ đô))\s?")

# "Quận 1", "Phường 05"; not "phường 5 người", "quận 3 năm liền"
_NUMBER_NAME = re.compile(
    r"0?(\d{1,2})(?![\w/%]|[.,]\d|\s(?:người|đơn|tổ|hộ|năm|tháng|cán|công|viên|trường|phường|xã|quận))"
)

# Capitalised words after "huyện", "xã", "thành phố" that are no name of one.
_NOT_PLACES = frozenset(
    {"ủy", "đoàn", "hội", "đảng", "ubnd", "hđnd", "trung", "năm", "bác", "công", "chủ", "ông", "bà", "đạt", "nông"}
)

_LAST_WORD = re.compile(r"(\w+)\s$")


class Passage:
    """One block: its text, its folded copy, the day and the source's home province by its name in force; the hits of
    the automaton by kind, the provinces by where they start, and which characters are taken by a mention."""

    def __init__(self, text: str, folded: str, when: date | None, home: str | None) -> None:
        self.text, self.folded, self.when = text, folded, when
        self.home = lookups.province_in_force(home, when) if home else None
        beginning = text[:80]  # a block in capitals shows it at once
        self.capitals = sum(map(str.isupper, beginning)) > 2.5 * sum(map(str.islower, beginning)) + 2
        self.taken = bytearray(len(text))
        self.found: list[Mention] = []
        self.hits: dict[str, list[tuple[int, int, str]]] = {}
        self.provinces: dict[int, tuple[int, str]] = {}
        self.regions: set[int] = set()
        self.surname_ends: set[int] = set()
        self._scan()

    def _scan(self) -> None:
        """Sort the automaton's hits by kind; keep those that are whole words."""
        folded, last = self.folded, len(self.folded) - 1
        for end, (length, values) in load_gazetteer().automaton.iter(folded):
            start = end - length + 1
            if start and (folded[start - 1].isalnum() or (folded[start - 1] == "." and length < 3)):
                continue
            if end < last and folded[end + 1].isalnum() and folded[end] != ".":
                continue
            for kind, value in values:
                self.hits.setdefault(kind, []).append((start, end + 1, value))
        self.regions = {start for start, _, _ in self.hits.get("region", ())}
        self.surname_ends = {end for start, end, _ in self.hits.get("surname", ()) if self.text[start].isupper()}
        blocked = bytearray(len(folded))
        for start, end, _ in self.hits.get("block", ()):
            blocked[start:end] = b"\1" * (end - start)
        for start, end, alias in self.hits.get("province", ()):
            if blocked.find(0, start, end) < 0 or not self.is_capitalised(start, end):
                continue
            if start not in self.provinces or self.provinces[start][0] < end:
                self.provinces[start] = (end, alias)

    def is_capitalised(self, start: int, end: int) -> bool:
        """Whether the words begin with capitals ("Quảng ninh" passes, "hòa bình" and "Hòa bình" do not)."""
        if self.capitals:
            return True
        words = [piece[0] for piece in _PIECES.findall(self.text[start:end])]
        if not words[0].isupper():
            return False
        return all(char.isupper() or not char.isalpha() for char in words) or (
            len(words) == 2 and self.folded[start:end] not in _COMMON_WORDS
        )

    def province_at(self, start: int) -> tuple[str, str | None, int, bool] | None:
        """Name, name in force, end and certainty of the province named at `start`, with "tỉnh" or "TP" before it."""
        prefix = _PROVINCE_PREFIX.match(self.folded, start)
        named_after = prefix and (start not in self.provinces or prefix.end() in self.provinces)
        at = prefix.end() if prefix and named_after else start
        if at not in self.provinces:
            return None
        end, alias = self.provinces[at]
        record = lookups.province(alias, self.when)
        if record is None:
            return None
        if at > start and prefix and prefix["city"] and not record.city:
            return None  # "TP Bắc Ninh" is a town of the province
        certain = lookups.province_aliases()[alias].certain or at > start
        return record.name, lookups.province_in_force(alias, self.when), end, certain

    def sure_province(self, start: int) -> bool:
        """Whether the spelling at `start` can mean nothing but the province."""
        return lookups.province_aliases()[self.provinces[start][1]].certain

    def free(self, start: int, end: int) -> bool:
        return self.taken.find(1, start, end) < 0

    def accept(self, mentions: list[Mention]) -> None:
        """Take the mentions whose characters are free, longer ones first."""
        for mention in sorted(mentions, key=lambda m: (m.start - m.end, m.start)):
            if self.free(mention.start, mention.end):
                self.taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
                self.found.append(mention)

    def before(self, start: int) -> str:
        """The folded word right before `start`, or ""."""
        found = _LAST_WORD.search(self.folded, max(0, start - 16), start)
        return found[1] if found else ""

    def known(self, name: str, level: str) -> bool:
        table = lookups.districts() if level == "district" else lookups.communes()
        return lookups.place_key(name) in table

    def lies_in(self, name: str, province: str | None) -> bool:
        units = (
            *lookups.districts().get(lookups.place_key(name), ()),
            *lookups.communes().get(lookups.place_key(name), ()),
        )
        return any(lookups.unit_province(unit, self.when) == province for unit in units)

    def in_home(self, name: str) -> bool:
        """Whether the home province has a commune of that name."""
        return self.home is not None and self.lies_in(name, self.home)

    def opens_something(self, at: int) -> bool:
        """Whether a person, a province, a title or an abbreviation begins at `at`, so that a name ends before it."""
        text = self.text
        if at in self.provinces or load_gazetteer().full_name.match(text, at):
            return True
        word = SHORT.match(text, at)
        return bool(word and word.end() - at > 1 and not text[word.end() : word.end() + 1].isalnum()) or (
            self.folded.startswith(OPENERS, at)
        )

    def place_name(self, at: int, kind: str, needs_known: bool) -> tuple[str, int] | None:
        """The bare name at `at` and its end: the longest known one, else the run of capitals."""
        text, folded = self.text, self.folded
        if at in self.regions:
            return None  # "thành phố Tây Nam bộ"
        if kind in ("Quận", "Phường"):
            number = _NUMBER_NAME.match(folded, at)
            if number:
                return str(int(number[1])), number.end()
        run = (_UPPER_RUN if self.capitals else NAME_RUN).match(text, at)
        if run is None:
            return None
        level = "district" if kind in DISTRICT_KINDS else "commune"
        pieces = list(_PIECES.finditer(text, at, run.end()))
        ends = [piece.end() for piece in pieces]
        whole = run.end()
        known_end = next((end for end in reversed(ends) if self.known(folded[at:end], level)), None)
        if known_end == whole:
            return self.place_words(at, whole, level), whole
        if self.capitals:
            return (self.place_words(at, known_end, level), known_end) if known_end else None
        person = load_gazetteer().full_name.match(text, at)
        if person and (known_end is None or known_end < person.end()):
            return None  # "Chủ tịch UBND huyện Nguyễn Văn An"
        if known_end and (
            level == "district" or self.opens_something(known_end + 1) or self.in_home(folded[at:known_end])
        ):
            return self.place_words(at, known_end, level), known_end
        cut = next((end for end in ends[:-1] if self.opens_something(end + 1)), None)
        first = text[at : ends[0]]
        if (
            needs_known
            or not pieces
            or (len(first) > 1 and first.isupper() and len(ends) == 1)
            or (folded[at : ends[0]] in _NOT_PLACES and (len(ends) < 2 or first != "Trung"))  # "xã Trung Mầu" is one
        ):
            return (self.place_words(at, known_end, level), known_end) if known_end else None
        end = cut or (
            ends[3] if len(ends) > 4 and not re.search(r"\s-\s", text[at:whole]) else whole
        )  # no name is longer
        if " - " in text[at:end] or "–" in text[at:end]:
            end = next((e for p, e in zip(pieces, ends, strict=True) if text[e : e + 2] in (" -", " –")), end)
        return self.place_words(at, end, level), end

    def place_words(self, start: int, end: int, level: str) -> str:
        words = canonical(self.text[start:end], self.folded[start:end])
        if not words.isupper() or len(words) < 3:
            return words
        table = lookups.districts() if level == "district" else lookups.communes()
        units = table.get(lookups.place_key(words))
        return units[0].name if units else _title_case(self.folded[start:end])

    def follows_surname(self, start: int) -> bool:
        """Whether a surname stands before, so that this is a given name ("Võ Trường Toản")."""
        return start - 1 in self.surname_ends

    def at_sentence_start(self, at: int) -> bool:
        return at == 0 or bool(re.search(r"[.:;!?…\"“(|•*-]\s*$", self.text[max(0, at - 4) : at]))

    def is_listed(self, start: int) -> bool:
        """Whether several names are announced: "các huyện …", "2 xã …"."""
        return bool(LISTED.search(self.folded, max(0, start - 12), start))
