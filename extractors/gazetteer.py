"""The automaton over folded text and the words and patterns that the readers of mentions share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import ahocorasick

from extractors import lookups
from extractors.fold import fold

# Latin-1, Latin Extended-A and -B as far as ơ, ư, and the block of Vietnamese letters.
_VIETNAMESE = [chr(code) for code in (*range(0xC0, 0x1B1), *range(0x1EA0, 0x1EFA)) if chr(code).isalpha()]

UPPER = "A-Z" + "".join(char for char in _VIETNAMESE if char.isupper())

_LOWER = "a-z" + "".join(char for char in _VIETNAMESE if char.islower())

# One capitalised syllable: "Kim", "H'Drai", "Pưh", "BẢNG".
SYLLABLE = rf"[{UPPER}](?:[’'][{UPPER}]?)?[{UPPER}{_LOWER}]*(?:[’'][{_LOWER}]+)?"

# A bare name after its opening word: "Kim Bảng", "Xuân Hương - Đà Lạt", "Ia H'Drai", "Tân Lập 2".
NAME_RUN = re.compile(
    rf"{SYLLABLE}(?!\w)(?:\s{SYLLABLE}(?!\w)|\s?[-–]\s?{SYLLABLE}(?!\w)|\s\d{{1,2}}(?![\w/.,%]\d|\w|%)){{0,7}}"
)

# Between the members of a list: ", ", "; ", " và ", ", và ".
LIST_SEPARATOR = re.compile(r"\s*[,;]\s*(?:và\s|cùng\s)?\s*|\s+(?:và|cùng|&|lẫn)\s+")

# An abbreviation: "GTVT", "KH&ĐT", "PAR".
SHORT = re.compile(rf"[{UPPER}\d&-]{{2,}}")

HitKind = Literal[
    "province",
    "region",
    "agency",
    "short",
    "organisation",
    "ministry",
    "department",
    "unit",
    "body",
    "zones",
    "head",
    "district",
    "block",
    "surname",
    "title",
    "counted",
    "pointer",
    "named set",
]

# Opening words of units: the kind, and whether the name after it has to be a known one (of short forms, that stand
# for other things as often).
UNIT_WORDS: dict[str, tuple[str, bool]] = {
    "huyện": ("Huyện", False), "h.": ("Huyện", True), "huyện đảo": ("Huyện", False),
    "quận": ("Quận", False), "q.": ("Quận", True),
    "thị xã": ("Thị xã", False), "tx": ("Thị xã", False), "tx.": ("Thị xã", False), "t.x": ("Thị xã", False),
    "thành phố": ("Thành phố", False), "tp": ("Thành phố", False), "tp.": ("Thành phố", False),
    "t.p": ("Thành phố", False), "t.p.": ("Thành phố", False),
    "xã": ("Xã", False), "x.": ("Xã", True),
    "phường": ("Phường", False), "p.": ("Phường", True),
    "thị trấn": ("Thị trấn", False), "tt.": ("Thị trấn", True), "tt": ("Thị trấn", True),
    "đặc khu": ("Đặc khu", False),
    "tỉnh": ("Tỉnh", False), "thủ đô": ("Tỉnh", False),
}  # fmt: skip

DISTRICT_KINDS = frozenset({"Huyện", "Quận", "Thị xã", "Thành phố"})

# Names that contain a province's name and are none, and what stands before one that makes it another place's name.
_BLOCKS = (
    "thái bình dương", "điện biên phủ", "hà nam ninh", "chủ tịch hồ chí minh", "bác hồ", "tư tưởng hồ chí minh",
    "phong cách hồ chí minh", "tấm gương hồ chí minh", "cộng sản hồ chí minh", "tncs hồ chí minh",
    "tiền phong hồ chí minh", "tntp hồ chí minh", "đường hồ chí minh", "giải thưởng hồ chí minh",
    "huân chương hồ chí minh", "thời đại hồ chí minh", "đạo đức hồ chí minh", "sinh hồ chí minh",
)  # fmt: skip

# Words that end in "bộ" or "sở" without being a ministry or a department, judged by the syllable before.
BEFORE_BO = frozenset((
    "cán", "nội", "toàn", "đồng", "tiến", "đảng", "chi", "đường", "cục", "nam", "trung", "bắc", "đi", "hạ", "thoái", "lạc", "câu", "tản", "bách", "dã", "phân",
))  # fmt: skip

# "cơ sở", "trụ sở", "công sở"
BEFORE_SO = frozenset(["cơ", "trụ", "xứ", "công", "hội", "nhiệm", "cổ", "khu"])

# "thị xã", "hợp tác xã", "thông tấn xã"
BEFORE_XA = frozenset(["thị", "tác", "tấn", "chính", "lãng", "đường", "cách", "phi"])

# After "sở": "sở hữu", "sở thích", "Sở Giao dịch".
AFTER_SO = re.compile(r"\s(?:hữu|thích|dĩ|trường|tại|đoản|cầu|chỉ huy|giao dịch|nguyện)(?!\w)")

# Units that sets are made of, and words that may point at one.
_COUNTED_WORDS = (
    "cơ quan", "đơn vị", "địa phương", "đoàn thể", "thành phố", "thị xã", "thị trấn", "đặc khu", "phường", "huyện", "quận",
    "tỉnh", "thành", "ngành", "ban", "bộ", "sở", "tp", "xã",
)  # fmt: skip

_POINTER_WORDS = (
    "cơ quan", "đơn vị", "địa phương", "tỉnh", "thành phố", "tp", "huyện", "quận", "thị xã", "thị trấn", "xã", "phường", "sở",
    "bộ", "ngành", "ủy ban", "viện", "tổng cục", "cục", "hội", "trường", "bệnh viện",
)  # fmt: skip

# Before a name: "các ", "2 ", "hai ".
LISTED = re.compile(r"(?<!\w)(?:các|những|hai|ba|bốn|năm|sáu|\d{1,2})\s$")

# Words that open another name or an office, where a name before them ends.
OPENERS = tuple(
    f"{word} " for word in (
        "sở", "bộ", "cục", "tổng cục", "chi cục", "vụ", "phòng", "ban", "trường", "bệnh viện", "công ty", "trung tâm", "hội đồng",
        "huyện", "quận", "thị xã", "thành phố", "xã", "phường", "thị trấn", "tỉnh", "ubnd", "hđnd", "giám đốc", "phó", "chủ tịch",
        "bí thư", "trưởng phòng", "trưởng ban", "ông", "bà", "đồng chí", "năm", "tháng", "chỉ số", "par index", "huân chương",
        "bằng khen", "cờ thi đua", "hạng", "công an", "thanh tra", "văn phòng", "đảng ủy", "đại tá", "thượng tá", "trung tá",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The automaton, the patterns of persons' names (whole, after a title, after a rank), those of the words that go
    on a body's name, and the words that open such a name or only seem to."""

    automaton: ahocorasick.Automaton
    full_name: re.Pattern[str]
    name_after_title: re.Pattern[str]
    name_after_rank: re.Pattern[str]
    tail_word: re.Pattern[str]
    enumeration: re.Pattern[str]
    heads: tuple[str, ...]
    not_heads: tuple[str, ...]


def alternation(phrases: list[str] | tuple[str, ...]) -> str:
    """An alternation of folded phrases, longer ones first, any white space between their words."""
    return "|".join(re.escape(fold(p)).replace(r"\ ", r"\s") for p in sorted(phrases, key=len, reverse=True))


def _entries() -> Iterator[tuple[HitKind, str, str]]:
    """What the automaton looks for: what a word may open or be, the folded word, and what a reader gets with it."""
    yield from (("province", spelling, spelling) for spelling in lookups.province_aliases())
    yield from (("region", spelling, name) for spelling, name in lookups.regions().items())
    yield from _agencies()
    data, people = lookups.organisations(), lookups.persons()
    for entry in data["names"]:
        yield from (("organisation", fold(word), entry["name"]) for word in (entry["name"], *entry.get("aliases", ())))
    yield from (("body", word, word) for word in lookups.bodies())
    yield from (("head", fold(word), fold(word)) for word in data["heads"])
    yield from (("surname", fold(word), word) for word in people["surnames"])
    yield from (("title", fold(word), "any") for word in people["titles"])
    yield from (("title", fold(word), "surnamed") for word in people["ranks"])
    for key, units in lookups.districts().items():
        if not key.isdigit():
            yield from (("district", spelling, key) for spelling in _spellings(key, units))
    for kind, words in _WORDS.items():
        yield from ((kind, word, word) for word in words)


def _spellings(key: str, units: Iterable[lookups.Unit]) -> set[str]:
    """How a district's name may be written: as the lookup has it, as its key, and with "quí" for "quý"."""
    return {key, re.sub(r"(?<!\w)quý(?!\w)", "quí", key), *(fold(unit.name) for unit in units)}


def _agencies() -> Iterator[tuple[HitKind, str, str]]:
    for body, spellings, short in lookups.agencies():
        yield from (("agency", spelling, body.name) for spelling in spellings)
        yield from (("short", spelling, body.name) for spelling in short)
    yield "short", "bnv", "Bộ Nội vụ"
    for known in lookups.fields():
        if known.ministry and len(known.abbreviation) > 2:  # "BGTVT"; "BTC" is as often the organising committee
            yield "short", "b" + known.abbreviation, known.ministry.name


# The opening and pointing words, by what a reader does with them.
_WORDS: dict[HitKind, tuple[str, ...]] = {
    "ministry": ("bộ",),
    "department": ("sở",),
    "unit": tuple(UNIT_WORDS),
    "zones": ("ban quản lý", "ban ql", "bql"),
    "block": _BLOCKS,
    "counted": _COUNTED_WORDS,
    "pointer": _POINTER_WORDS,
    "named set": ("cả nước", "toàn quốc", "khối", "ngành"),
}


@cache
def load_gazetteer() -> Gazetteer:
    automaton = ahocorasick.Automaton()
    keys: dict[str, list[tuple[HitKind, str]]] = {}
    for kind, word, value in _entries():
        keys.setdefault(word, []).append((kind, value))
    for word, values in keys.items():
        automaton.add_word(word, (len(word), tuple(values)))
    automaton.make_automaton()
    data, people = lookups.organisations(), lookups.persons()
    # A name ends where an office begins ("Nguyễn Văn An Giám đốc", the comma forgotten).
    stop = r"(?!(?:Giám|Phó|Chủ|Bí|Trưởng|Tổng|Sở|Bộ|UBND|HĐND|Cục|Chi|Phòng|Ban|Bằng|Huân|Nguyên|Chánh|Ủy)\s\S)"
    more = rf"(?:\s{stop}{SYLLABLE}(?!\w))"
    common = "|".join(map(re.escape, people["surnames"]))
    every = "|".join(map(re.escape, (*people["surnames"], *people["rare"])))
    return Gazetteer(
        automaton,
        re.compile(rf"(?:{common}|{common.upper()}){more}{{2,4}}"),  # "Nguyễn Thị Lan Chi"
        re.compile(rf"\s{stop}({SYLLABLE}(?!\w){more}{{1,4}})"),  # " Y Biêr Niê" after "ông"
        re.compile(rf"\s((?:{every}|{every.upper()}){more}{{1,4}})"),  # " Tô Văn Hiệp" after "Kỹ sư"
        re.compile(rf"(?:{alternation(data['words'])})(?!\w)"),
        re.compile(
            rf"(?:,\s(?P<first>(?:{alternation(data['words'])})))+\svà\s(?P<last>{alternation(data['words'])})(?!\w)"
        ),
        tuple(fold(word) + " " for word in data["heads"]),
        tuple(map(fold, data["not_heads"])),
    )
