"""Mentions: where a text names a province, a ministry, a department, a district, a commune, a region or another set,
an organisation or a person, or points at one ("tỉnh ta", "đơn vị này").

One automaton (Aho-Corasick) over the folded text finds the names and the words that open a name; readers then look at
what stands around each hit. Mentions are accepted in tiers, so that the more specific reading takes the words first:
names with an opening word ("Sở Nội vụ Cần Thơ", "huyện Kim Bảng"), persons, bare names, sets, words that point.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

import ahocorasick

from extractors import lookups
from extractors.fold import fold
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


# --- letters and runs of capitals ----------------------------------------------------------------------------------

_VIETNAMESE = [chr(code) for code in (*range(0xC0, 0x1B1), *range(0x1EA0, 0x1EFA)) if chr(code).isalpha()]
_UPPER = "A-Z" + "".join(char for char in _VIETNAMESE if char.isupper())
_LOWER = "a-z" + "".join(char for char in _VIETNAMESE if char.islower())
# One capitalised syllable: "Kim", "H'Drai", "Pưh", "BẢNG".
_SYLLABLE = rf"[{_UPPER}](?:[’'][{_UPPER}]?)?[{_UPPER}{_LOWER}]*(?:[’'][{_LOWER}]+)?"
_CAPITALISED = re.compile(_SYLLABLE + r"(?!\w)")
# A bare name after its opening word: "Kim Bảng", "Xuân Hương - Đà Lạt", "Ia H'Drai", "Tân Lập 2".
_NAME_RUN = re.compile(
    rf"{_SYLLABLE}(?!\w)(?:\s{_SYLLABLE}(?!\w)|\s?[-–]\s?{_SYLLABLE}(?!\w)|\s\d{{1,2}}(?![\w/.,%]\d|\w|%)){{0,7}}"
)
_UPPER_RUN = re.compile(rf"[{_UPPER}'’]+(?!\w)(?:\s?[-–]\s?[{_UPPER}'’]+(?!\w)|\s[{_UPPER}'’]+(?!\w)){{0,7}}")
_PIECES = re.compile(r"[^\s–-]+")
_LIST_SEPARATOR = re.compile(r"\s*[,;]\s*(?:và\s|cùng\s)?\s*|\s+(?:và|cùng|&|lẫn)\s+")
_SHORT = re.compile(rf"[{_UPPER}\d&-]{{2,}}")


def _canonical(text: str, folded: str) -> str:
    """The words of a slice with tone marks in the old place and single spaces, letters' case kept."""
    if len(text) == len(folded):
        text = "".join(
            low.upper() if char.isupper() else low if char.lower() != low and low.isalpha() else char
            for char, low in zip(text, folded, strict=True)
        )
    return " ".join(text.split())


def _title_case(folded: str) -> str:
    return re.sub(r"(^|[\s-])(\w)", lambda found: found[1] + found[2].upper(), folded)


# --- the automaton -------------------------------------------------------------------------------------------------

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
    "head",
    "district",
    "block",
]


# Opening words of units: the kind, and whether the name after it has to be a known one (of short forms, that stand
# for other things as often).
_UNIT_WORDS: dict[str, tuple[str, bool]] = {
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
_DISTRICT_KINDS = frozenset({"Huyện", "Quận", "Thị xã", "Thành phố"})

# Bodies of a province that are not called Sở: the folded words, the canonical name (with {tier} for "tỉnh" or "thành
# phố"), and whether the tier or a province has to follow.
_BODIES: tuple[tuple[str, str, bool], ...] = (
    (r"văn phòng (?:ubnd|ủy ban nhân dân)", "Văn phòng UBND {tier}", True),
    (r"(?:vp|văn phòng) ubnd", "Văn phòng UBND {tier}", True),
    (r"(?:vp|văn phòng) đoàn (?:đbqh|đại biểu quốc hội) và (?:hđnd|hội đồng nhân dân)",
     "Văn phòng Đoàn ĐBQH và HĐND {tier}", True),
    (r"(?:vp|văn phòng) (?:hđnd|hội đồng nhân dân)", "Văn phòng HĐND {tier}", True),
    (r"thanh tra(?: nhà nước)?", "Thanh tra {tier}", True),
    (r"công an", "Công an {tier}", True),
    (r"bộ chỉ huy quân sự|bộ chqs|bch quân sự|bch qs", "Bộ Chỉ huy Quân sự {tier}", True),
    (r"bộ chỉ huy (?:bộ đội biên phòng|bđbp)|bch bđbp", "Bộ Chỉ huy Bộ đội Biên phòng {tier}", True),
    (r"ban dân tộc", "Ban Dân tộc", False),
    (r"ban tôn giáo", "Ban Tôn giáo", True),
    (r"cục thuế", "Cục Thuế", False),
    (r"cục hải quan", "Cục Hải quan", False),
    (r"cục thống kê", "Cục Thống kê", True),
    (r"cục quản lý thị trường|cục qltt", "Cục Quản lý thị trường", True),
    (r"cục thi hành án dân sự|cục thads", "Cục Thi hành án dân sự", True),
    (r"kho bạc(?: nhà nước| nn)?|kbnn", "Kho bạc Nhà nước", True),
)  # fmt: skip
_BODY_PATTERNS = tuple((re.compile(pattern.replace(" ", r"\s")), name, needs) for pattern, name, needs in _BODIES)
# "Ban Quản lý các khu công nghiệp", "BQL Khu kinh tế", "Ban Quản lý các KCN và chế xuất".
_ZONES = re.compile(
    r"(?:ban\squản\slý|ban\sql|bql)\s(?P<zones>(?:các\s)?(?:khu\skinh\stế(?:\scửa\skhẩu)?|kkt(?:ck)?|khu\scông\snghiệp|kcn"
    r"|khu\schế\sxuất|kcx|khu\scông\snghệ\scao)(?:(?:,\s|\svà\s|\s?-\s?)(?:các\s)?(?:khu\s)?"
    r"(?:kinh\stế|kkt|công\snghiệp|kcn|chế\sxuất|kcx|công\snghệ\scao))*)"
)
_ZONE_WORDS = (
    ("kktck", "khu kinh tế cửa khẩu"),
    ("kkt", "khu kinh tế"),
    ("kcn", "khu công nghiệp"),
    ("kcx", "khu chế xuất"),
)

# Names that contain a province's name and are none, and what stands before one that makes it another place's name.
_BLOCKS = (
    "thái bình dương", "điện biên phủ", "hà nam ninh", "chủ tịch hồ chí minh", "bác hồ", "tư tưởng hồ chí minh",
    "phong cách hồ chí minh", "tấm gương hồ chí minh", "cộng sản hồ chí minh", "tncs hồ chí minh",
    "tiền phong hồ chí minh", "tntp hồ chí minh", "đường hồ chí minh", "giải thưởng hồ chí minh",
    "huân chương hồ chí minh", "thời đại hồ chí minh", "đạo đức hồ chí minh", "sinh hồ chí minh",
)  # fmt: skip
_PLACE_NOUNS = re.compile(
    r"(?:sông|đường|phố|cầu|núi|chợ|đại lộ|đèo|hồ|vịnh|cảng|kênh|sân bay|ga|chùa|khách sạn|câu lạc bộ|clb|phở|nước|hợp tác xã|htx|công ty"
    r"|trường|nhà máy|khu công nghiệp|kcn|thủy điện|nhiệt điện|quốc lộ|đội tuyển|bia)\s$"
)
_STREET = re.compile(r"(?:đường|phố|số\s\d+[a-z]?,?|hẻm|ngõ|đại lộ|cầu|quảng trường|giải|giải thưởng|quỹ)\s$")
# Words that end in "bộ" or "sở" without being a ministry or a department, judged by the syllable before.
_BEFORE_BO = frozenset(
    [
        "cán",
        "nội",
        "toàn",
        "đồng",
        "tiến",
        "đảng",
        "chi",
        "đường",
        "cục",
        "nam",
        "trung",
        "bắc",
        "đi",
        "hạ",
        "thoái",
        "lạc",
        "câu",
        "tản",
        "bách",
        "dã",
        "phân",
    ]
)
_BEFORE_SO = frozenset(["cơ", "trụ", "xứ", "công", "hội", "nhiệm", "cổ", "khu"])
_BEFORE_XA = frozenset(["thị", "tác", "tấn", "chính", "lãng", "đường", "cách", "phi"])
# After "bộ": "bộ phận", "bộ chỉ số", "bộ máy" and the like.
_AFTER_BO = re.compile(
    r"\s(?:phận|máy|môn|chỉ|tiêu|luật|thủ|trưởng|đội|hồ|câu|quy|dữ|tài liệu|công cụ|mã|tộc|ba|hành|ấn|sưu|phim|sách|đề|tư lệnh|chính trị|quốc)"
)
_AFTER_XA = re.compile(r"\s(?:hội|viên|giao|luận|tắc|lánh|hoa|xôi|hơn|nhất)(?!\w)")
_AFTER_SO = re.compile(r"\s(?:hữu|thích|dĩ|trường|tại|đoản|cầu|chỉ huy|giao dịch|nguyện)(?!\w)")


_BODY_WORDS = (
    "văn phòng", "vp", "thanh tra", "công an", "bộ chỉ huy", "bộ chqs", "bch", "ban dân tộc", "ban tôn giáo", "cục thuế",
    "cục hải quan", "cục thống kê", "cục quản lý thị trường", "cục qltt", "cục thi hành án", "cục thads", "kho bạc", "kbnn",
    "ban quản lý", "ban ql", "bql",
)  # fmt: skip
# Provinces' and districts' names that are ordinary words when the second syllable has no capital.
_COMMON_WORDS = frozenset(
    {"hòa bình", "thái bình", "bình định", "thái nguyên", "an giang", "bình tân", "bình minh", "tân tiến"}
)
_PROVINCE_PREFIX = re.compile(r"(?:tỉnh|(?P<city>thành\sphố|t\.?p\.?|thủ đô))\s?")
# Between a body's name and the provinces: " tỉnh ", " các tỉnh ", " 3 tỉnh: ", " các tỉnh, thành phố ".
_PLACE_OPENING = re.compile(
    r"\s(?P<many>(?:các|những|\d{1,2}|hai|ba|bốn|năm)\s(?:tỉnh|thành phố|tp)(?:,?\s(?:và\s)?(?:thành(?:\sphố)?|tp))?:?)\s"
)
# "Sở Nội vụ - tỉnh Ninh Bình", "Sở Nội vụ (Hà Nam)"
_PLACE_ASIDE = re.compile(r"\s-\s(?=tỉnh|tp|thành\sphố)|\s\(")
_TIER = re.compile(r"\s(?:tỉnh|thành\sphố|tp)(?!\w)")
_BRANCH = re.compile(r"\s(?:-\s)?chi\snhánh")
# Between "Sở", "Bộ" and the field: one space, or ": " after "các sở", or "các bộ, ngành: ".
_FIELD_OPENING = re.compile(r"(?:,?\s(?:ban,?\s)?ngành|,\scơ\squan\sngang\sbộ)?(?::\s|\s|\.)")
_LISTED = re.compile(r"(?<!\w)(?:các|những|hai|ba|bốn|năm|sáu|\d{1,2})\s$")
_NUMBER_NAME = re.compile(
    r"0?(\d{1,2})(?![\w/%]|[.,]\d|\s(?:người|đơn|tổ|hộ|năm|tháng|cán|công|viên|trường|phường|xã|quận))"
)
_PROVINCE_LINK = re.compile(r"\s?[,(-]\s?(?:thuộc\s)?|\s(?:thuộc|của)\s|\s(?=tỉnh\s)")
_DISTRICT_OPENING = re.compile(r"(huyện|quận|thị\sxã|thành\sphố|tp\.?|tx\.?|h\.|q\.)\s?")
_UNIT_OPENING = re.compile(
    r"(?!\w+\s(?:ủy|đoàn)(?!\w))(tỉnh|huyện|quận|thị\sxã|thành\sphố|xã|phường|thị\strấn|tp\.?|tx\.?)(?!\w)\s?"
)
_TAIL_GLUE = re.compile(r"\s?-\s?|\s(?:và|&)\s|\s")
_TAIL_SYLLABLE = re.compile(rf"[{_UPPER}\d][{_UPPER}\d]*(?:&[{_UPPER}\d]+)+(?!\w)|{_SYLLABLE}\d*(?!\w)|[IVX]+(?!\w)")
_POLICE_CODE = re.compile(r"P[A-Z]\d\d(?!\w)")  # "PC03", "PA06": a province's police divisions
# Words that open another name or an office, where a name before them ends.
_OPENERS = tuple(
    f"{word} " for word in (
        "sở", "bộ", "cục", "tổng cục", "chi cục", "vụ", "phòng", "ban", "trường", "bệnh viện", "công ty", "trung tâm", "hội đồng",
        "huyện", "quận", "thị xã", "thành phố", "xã", "phường", "thị trấn", "tỉnh", "ubnd", "hđnd", "giám đốc", "phó", "chủ tịch",
        "bí thư", "trưởng phòng", "trưởng ban", "ông", "bà", "đồng chí", "năm", "tháng", "chỉ số", "par index", "huân chương",
        "bằng khen", "cờ thi đua", "hạng", "công an", "thanh tra", "văn phòng", "đảng ủy", "đại tá", "thượng tá", "trung tá",
    )
)  # fmt: skip
# Capitalised words after "huyện", "xã", "thành phố" that are no name of one.
_NOT_PLACES = frozenset(
    {"ủy", "đoàn", "hội", "đảng", "ubnd", "hđnd", "trung", "năm", "bác", "công", "chủ", "ông", "bà", "đạt", "nông"}
)
_WHOLE_HEADS = frozenset({"tỉnh ủy", "thành ủy", "tỉnh đoàn", "thành đoàn"})
_PARTY_HEADS = frozenset({"huyện ủy", "thị ủy", "quận ủy", "thành ủy", "huyện đoàn", "thành đoàn"})
_TIER_HEADS = frozenset(
    {"đảng bộ", "tỉnh ủy", "thành ủy", "bhxh", "bảo hiểm xã hội", "tand", "vksnd", "mttq", "mặt trận tổ quốc", "ủy ban mttq",
     "ủy ban mặt trận tổ quốc", "bưu điện", "điện lực", "công an", "thư viện", "bảo tàng", "vnpt", "kho bạc", "báo", "đài",
     "liên đoàn", "công đoàn", "viện ksnd"}
)  # fmt: skip
_NAMED_AFTER_PEOPLE = frozenset({"trường", "học viện", "thư viện", "quỹ", "bệnh viện", "công ty", "đại học"})
_NOT_UNIT_BEFORE = frozenset(
    ["cấp", "các", "những", "mỗi", "nhiều", "số", "một", "hai", "ba", "bốn", "sáu", "bảy", "liên"]
)
_AFTER_BODY = re.compile(r"\s(?:nhân|dân|kiểm|mặt|mttq|thường|quốc|chứng)")


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    automaton: ahocorasick.Automaton
    full_name: re.Pattern[str]
    name_after_title: re.Pattern[str]
    name_after_rank: re.Pattern[str]
    tail_word: re.Pattern[str]
    enumeration: re.Pattern[str]
    heads: tuple[str, ...]
    not_heads: tuple[str, ...]


def _words(phrases: list[str] | tuple[str, ...]) -> str:
    """An alternation of folded phrases, longer ones first, any white space between their words."""
    return "|".join(re.escape(fold(p)).replace(r"\ ", r"\s") for p in sorted(phrases, key=len, reverse=True))


def _keys() -> dict[str, list[tuple[HitKind, str]]]:
    """What the automaton looks for: folded words, each with what it may open or be."""
    keys: dict[str, list[tuple[HitKind, str]]] = {}

    def add(kind: HitKind, word: str, value: str = "") -> None:
        keys.setdefault(word, []).append((kind, value or word))

    for spelling in lookups.province_aliases():
        add("province", spelling)
    for spelling, name in lookups.regions().items():
        add("region", spelling, name)
    for body, spellings, short in lookups.agencies():
        for spelling in spellings:
            add("agency", spelling, body.name)
        for spelling in short:
            add("short", spelling, body.name)
    for known in lookups.fields():
        if known.ministry and len(known.abbreviation) > 2:  # "BGTVT"; "BTC" is as often the organising committee
            add("short", "b" + known.abbreviation, known.ministry.name)
    add("short", "bnv", "Bộ Nội vụ")
    data = lookups.organisations()
    for entry in data["names"]:
        for spelling in (entry["name"], *entry.get("aliases", ())):
            add("organisation", fold(spelling), entry["name"])
    for word in _UNIT_WORDS:
        add("unit", word)
    for word in _BODY_WORDS:
        add("body", word)
    for word in data["heads"]:
        add("head", fold(word))
    for key, units in lookups.districts().items():
        for spelling in {key, *(fold(unit.name) for unit in units)}:
            if not spelling.isdigit():
                add("district", spelling, key)
    for word in _BLOCKS:
        add("block", word)
    add("ministry", "bộ")
    add("department", "sở")
    people = lookups.persons()
    for word in people["surnames"]:
        add("surname", fold(word))
    for word in people["titles"]:
        add("title", fold(word), "any")
    for word in people["ranks"]:
        add("title", fold(word), "surnamed")
    for word in _COUNTED_WORDS:
        add("counted", word)
    for word in _POINTER_WORDS:
        add("pointer", word)
    for word in ("cả nước", "toàn quốc", "khối", "ngành"):
        add("named set", word)
    return keys


@cache
def _gazetteer() -> _Gazetteer:
    automaton = ahocorasick.Automaton()
    for word, values in _keys().items():
        automaton.add_word(word, (len(word), tuple(values)))
    automaton.make_automaton()
    data, people = lookups.organisations(), lookups.persons()
    # A name ends where an office begins ("Nguyễn Văn An Giám đốc", the comma forgotten).
    stop = r"(?!(?:Giám|Phó|Chủ|Bí|Trưởng|Tổng|Sở|Bộ|UBND|HĐND|Cục|Chi|Phòng|Ban|Bằng|Huân|Nguyên|Chánh|Ủy)\s\S)"
    more = rf"(?:\s{stop}{_SYLLABLE}(?!\w))"
    common = "|".join(map(re.escape, people["surnames"]))
    every = "|".join(map(re.escape, (*people["surnames"], *people["rare"])))
    return _Gazetteer(
        automaton,
        re.compile(rf"(?:{common}|{common.upper()}){more}{{2,4}}"),  # "Nguyễn Thị Lan Chi"
        re.compile(rf"\s{stop}({_SYLLABLE}(?!\w){more}{{1,4}})"),  # " Y Biêr Niê" after "ông"
        re.compile(rf"\s((?:{every}|{every.upper()}){more}{{1,4}})"),  # " Tô Văn Hiệp" after "Kỹ sư"
        re.compile(rf"(?:{_words(data['words'])})(?!\w)"),
        re.compile(rf"(?:,\s(?P<first>(?:{_words(data['words'])})))+\svà\s(?P<last>{_words(data['words'])})(?!\w)"),
        tuple(fold(word) + " " for word in data["heads"]),
        tuple(map(fold, data["not_heads"])),
    )


# --- sets and pointing words -----------------------------------------------------------------------------------------

_UNIT = (
    r"(?:cơ\squan\sngang\sbộ|cơ\squan\sthuộc\schính\sphủ|cơ\squan|đơn\svị|địa\sphương|đoàn\sthể|thành\sphố|thị\sxã|thị\strấn"
    r"|đặc\skhu|phường|huyện|quận|tỉnh|thành(?!\s(?:lập|công|tích|tựu|phần|viên|quả|đạt|một|các|ủy|đoàn))"
    r"|ngành|ban(?!\s(?:hành|bố|đầu|giám|chỉ|lãnh|quản|thường|chấp|tổ|tuyên|cán|dân|bí))|bộ|sở|tp|xã(?!\s(?:hội|viên)))(?!\w)(?:\s(?:trung\sương|tw|chuyên\smôn)(?!\w))?"
)
_JOIN = r"(?:\s?[,/-]\s?|\s(?:và|&)\s|\s(?=(?:ban|ngành|thành)(?!\w)))(?:các\s)?(?:ubnd\s)?(?:các\s)?"
# "17 bộ, cơ quan ngang bộ" · "khối sở, ban, ngành" · "UBND cấp huyện" · "các huyện, thị xã, thành phố"
_SET = re.compile(
    rf"(?:(?P<number>\d{{1,3}})\s)?(?P<all>(?:các|những)\s)?(?P<block>khối\s(?:các\s)?)?(?P<ubnd>(?:ubnd|ủy\sban\snhân\sdân)\s)?"
    rf"(?P<all2>các\s)?(?P<tier>cấp\s)?(?P<units>{_UNIT}(?P<more>(?:{_JOIN}{_UNIT})*))(?!\w)"
)
# What may stand before the first unit: "17 ", "các ", "khối ", "UBND các ", "cấp ".
_SET_LEAD = re.compile(
    r"(?<![\w/.,])(?:\d{1,3}\s)?(?:(?:các|những)\s)?(?:khối\s(?:các\s)?)?(?:(?:ubnd|ủy\sban\snhân\sdân)\s)?(?:các\s)?(?:cấp\s)?$"
)
_COUNTED_WORDS = (
    "cơ quan", "đơn vị", "địa phương", "đoàn thể", "thành phố", "thị xã", "thị trấn", "đặc khu", "phường", "huyện", "quận",
    "tỉnh", "thành", "ngành", "ban", "bộ", "sở", "tp", "xã",
)  # fmt: skip
_POINTER_WORDS = (
    "cơ quan", "đơn vị", "địa phương", "tỉnh", "thành phố", "tp", "huyện", "quận", "thị xã", "thị trấn", "xã", "phường", "sở",
    "bộ", "ngành", "ủy ban", "viện", "tổng cục", "cục", "hội", "trường", "bệnh viện",
)  # fmt: skip
_SECTORS = "thuế|hải quan|ngân hàng|kiểm sát|tòa án|thanh tra|thống kê|kho bạc|bảo hiểm xã hội|kiểm lâm|điện lực|than|giáo dục|nông nghiệp|văn hóa|tuyên giáo|quân đội|công an|quốc phòng"
# "khối Đảng, đoàn thể" · "khối chính quyền" · "cả nước"
_BLOCK_PARTS = r"(?:đảng|chính\squyền|đoàn\sthể|mặt\strận|mttq|nhà\snước|sự\snghiệp|hành\schính|doanh\snghiệp|giáo\sdục|y\stế|cơ\squan\sđảng)"
_NAMED_SET = re.compile(
    rf"(?:cả\snước|toàn\squốc|khối\s(?:các\s)?{_BLOCK_PARTS}(?:(?:,\s|\svà\s|\s-\s){_BLOCK_PARTS})*)(?!\w)"
)
_POINTER = re.compile(
    r"(?:(?P<this>(?:cơ\squan|đơn\svị|địa\sphương|tỉnh|thành\sphố|huyện|quận|thị\sxã|thị\strấn|xã|phường|sở|bộ|ngành|ủy\sban|viện"
    r"|tổng\scục|cục|hội|trường|bệnh\sviện)\s(?:này|nói\strên|ấy))"
    r"|(?P<tinh>tỉnh(?:\s(?:ta|nhà|mình))?)"
    r"|(?P<city>(?:thành\sphố|tp)(?:\s(?:ta|nhà|mình))?)"
    r"|(?P<unit>(?:huyện|quận|thị\sxã|thị\strấn|xã|phường)(?:\s(?:ta|nhà|mình))?)"
    r"|(?P<so>sở)|(?P<bo>bộ)|(?P<place>địa\sphương)|(?P<body>ủy\sban|tổng\scục))(?!\w)"
)
_POINTER_TYPES: dict[str, EntityType] = {
    "tỉnh": "province", "thành phố": "district", "tp": "district", "huyện": "district", "quận": "district",
    "thị xã": "district", "thị trấn": "commune", "xã": "commune", "phường": "commune", "sở": "department",
    "bộ": "ministry", "ủy ban": "ministry", "tổng cục": "organisation", "địa phương": "province", "ngành": "group",
}  # fmt: skip
# Before "tỉnh": words after which it is not the source's province, but a tier, a number or part of a body's name.
_NOT_SELF_BEFORE = frozenset(
    [
        "ubnd",
        "hđnd",
        "cấp",
        "các",
        "những",
        "mỗi",
        "nhiều",
        "số",
        "liên",
        "ngoại",
        "một",
        "hai",
        "ba",
        "bốn",
        "năm",
        "sáu",
        "bảy",
        "tám",
        "chín",
        "mười",
        "từng",
        "vài",
        "mấy",
        "mặt",
        "tuyến",
        "là",
        "có",
        "thứ",
    ]
)
_NOT_SELF_AFTER = re.compile(
    r"\s(?:ủy|đoàn|thành|lộ|lỵ|lị|giấc|táo|ngộ|dậy|khác|nào|thứ|bạn|lẻ|đội|mới|giáp|lân|miền|phía|ven|có\schung)(?!\w)|,\sthành"
)
# Weak where it only tells whose: "lãnh đạo tỉnh", "trên địa bàn tỉnh", "ngân sách tỉnh".
_WEAK_BEFORE = re.compile(
    r"(?:địa\sbàn|lãnh\sđạo|ngân\ssách|chủ\stịch|nhân\sdân|cơ\squan|trong|ngoài|thuộc|quanh|khắp|ủy\sban|đài|cổng|hành\schính\scông)\s$"
)
_COUNCIL = re.compile(r"(?:ủy\sban|hội\sđồng)\snhân\sdân\s$")
_WHOLE = re.compile(r"(?<!\w)(?:toàn|cả)\s$")
_LAST_WORD = re.compile(r"(\w+)\s$")


class _Finder:
    """The readers of one block; holds the text, its folded copy, and which characters are taken."""

    def __init__(self, text: str, folded: str, when: date | None, home: str | None) -> None:
        self.text, self.folded, self.when = text, folded, when
        self.home = lookups.province_in_force(home, when) if home else None
        beginning = text[:80]  # a block in capitals shows it at once
        self.capitals = sum(map(str.isupper, beginning)) > 2.5 * sum(map(str.islower, beginning)) + 2
        self.taken = bytearray(len(text))
        self.found: list[Mention] = []
        self.hits: dict[str, list[tuple[int, int, str]]] = {}
        self.provinces: dict[int, tuple[int, str]] = {}
        self.place_starts: list[int] = []

    # -- reading the hits

    def scan(self) -> None:
        """Sort the automaton's hits by kind; keep those that are whole words."""
        folded, last = self.folded, len(self.folded) - 1
        for end, (length, values) in _gazetteer().automaton.iter(folded):
            start = end - length + 1
            if start and (folded[start - 1].isalnum() or (folded[start - 1] == "." and length < 3)):
                continue
            if end < last and folded[end + 1].isalnum() and folded[end] != ".":
                continue
            for kind, value in values:
                self.hits.setdefault(kind, []).append((start, end + 1, value))
        blocks = self.hits.get("block", ())
        for start, end, alias in self.hits.get("province", ()):
            inside = any(b_start <= start and end <= b_end for b_start, b_end, _ in blocks)
            if inside or not self.is_capitalised(start, end):
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

    # -- accepting

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

    def run(self) -> list[Mention]:
        self.scan()
        opened: list[Mention] = []
        for start, end, _ in self.hits.get("department", ()):
            opened += self.departments(start, end)
        for start, end, _ in self.hits.get("ministry", ()):
            opened += self.ministries(start, end)
        for start, _, _ in self.hits.get("body", ()):
            opened += self.bodies(start)
        for start, end, word in self.hits.get("unit", ()):
            opened += self.units(start, end, word)
        for kind in ("agency", "short", "organisation"):
            opened += [m for hit in self.hits.get(kind, ()) if (m := self.named(kind, *hit))]
        if not self.capitals:
            for start, end, word in self.hits.get("head", ()):
                opened += self.organisations(start, end, word)
        self.accept(opened)
        for start, end, words in self.hits.get("block", ()):
            if words not in lookups.districts():
                self.taken[start:end] = b"\1" * (end - start)
        if not self.capitals:
            self.accept(self.persons())
        self.accept(self.bare())
        self.accept(self.sets())
        self.accept(self.pointers())
        return sorted(self.found, key=lambda mention: mention.start)

    # -- departments, ministries and other bodies

    def places_after(self, end: int, listed: bool) -> tuple[list[tuple[int, str | None, bool]], int]:
        """The provinces after a body's name: (end of each, its name, certain), and where the first one began.

        "tỉnh" without a name is one place without a name; an empty list means that no place follows.
        """
        folded = self.folded
        opening = _PLACE_OPENING.match(folded, end)
        at = opening.end() if opening else end + 1 if folded[end : end + 1].isspace() else end
        if (aside := _PLACE_ASIDE.match(folded, end)) and (inside := self.province_at(aside.end())):
            if aside[0] == " (" and folded[inside[2] : inside[2] + 1] != ")":
                return [], end
            at = aside.end()
        first = self.province_at(at) if at > end else None
        if first is None:
            tier = _TIER.match(folded, end)
            return ([(tier.end(), None, True)], end) if tier else ([], end)
        places = [(first[2], first[1], first[3])]
        many = bool(opening and opening["many"]) or listed
        starts = [at]
        while True:
            joint = _LIST_SEPARATOR.match(folded, places[-1][0])
            further = self.province_at(joint.end()) if joint else None
            if joint is None or further is None:
                break
            if not many and len(places) == 1 and self.before_theo(end):
                break
            starts.append(joint.end())
            places.append((further[2], further[1], further[3]))
        if len(places) == 2 and not many and "," in folded[places[0][0] : starts[1]]:
            # "Sở Nội vụ Hà Nam, Ninh Bình": two departments, or a department and a province
            places[1] = (places[1][0], places[1][1], False)
        self.place_starts = starts
        return places, at

    def before_theo(self, end: int) -> bool:
        """Whether the body is a source that is quoted ("Theo Sở Nội vụ Hà Nam, Ninh Bình dẫn đầu")."""
        return bool(re.search(r"(?<!\w)theo\s[^,;.:]{0,60}$", self.folded[max(0, end - 80) : end]))

    def departments(self, start: int, end: int) -> list[Mention]:
        """ "Sở Nội vụ Cần Thơ, Bến Tre", "các sở: Nội vụ, Tài chính", "Sở GD&ĐT"."""
        if self.before(start) in _BEFORE_SO or _AFTER_SO.match(self.folded, end):
            return []
        opening = _FIELD_OPENING.match(self.folded, end)
        found = self.field(opening.end(), "department", start) if opening else None
        if found is None:
            return self.other_department(start, end)
        mentions: list[Mention] = []
        own_start = start
        while found is not None:
            body, field_end = found
            places, _ = self.places_after(field_end, listed=False)
            if not mentions and not places and self.is_plural(start, field_end):
                lead = _LISTED.search(self.folded, max(0, start - 12), start)
                return [self.as_set(lead.start() if lead else start, field_end)]
            mentions += self.with_places(own_start, field_end, "department", body.name, places)
            if len(places) > 1:
                break
            last = places[-1][0] if places else field_end
            joint = _LIST_SEPARATOR.match(self.folded, last)
            own_start = joint.end() if joint else last
            found = self.field(own_start, "department", None) if joint else None
        stated = {mention.province for mention in mentions if mention.province}
        if len(stated) == 1 and len(mentions) > 1 and mentions[-1].province:
            mentions = [_replace_province(mention, mentions[-1].province) for mention in mentions]
        return mentions

    def is_plural(self, start: int, end: int) -> bool:
        """Whether one kind of department is meant, of many provinces: "các Sở Nội vụ trong cụm", "Sở Nội vụ 6 tỉnh"."""
        joint = _LIST_SEPARATOR.match(self.folded, end)
        if joint and self.field(joint.end(), "department", None):
            return False
        return self.folded[start:end].startswith("sở ") and (
            bool(_LISTED.search(self.folded, max(0, start - 12), start)) or bool(_PLACE_OPENING.match(self.folded, end))
        )

    def field(self, at: int, side: str, opened_at: int | None) -> tuple[lookups.Body, int] | None:
        """The body whose field is named at `at`. Within a list (`opened_at` None) the field needs a capital; after
        its opening word it may go without, if that has one or the field is spelt out."""
        found = lookups.field_at(self.folded, at, side)
        if found is None:
            return None
        body, end = found
        capital = self.text[at].isupper()
        short = end - at <= 2 or (_SHORT.match(self.text, at) is not None)
        if capital or (opened_at is not None and not short):
            in_list = opened_at is None
            if in_list and _TIER.match(self.folded, end):  # "Bộ Nội vụ, Công an tỉnh"
                return None if side == "ministry" else found
            return found
        return None

    def with_places(
        self, start: int, end: int, type_: EntityType, name: str, places: list[tuple[int, str | None, bool]]
    ) -> list[Mention]:
        """One mention a place; the first reaches from the body's name to its place, others are the place alone."""
        if not places:
            return [Mention(start, end, type_, name, None, "name", True)]
        first_end, province, certain = places[0]
        mentions = [Mention(start, first_end, type_, name, province, "name", certain)]
        for at, (place_end, place, sure) in zip(self.place_starts[1:], places[1:], strict=True):
            mentions.append(Mention(at, place_end, type_, name, place, "name", sure))
        return mentions

    def other_department(self, start: int, end: int) -> list[Mention]:
        """A "Sở" whose field is not known: as worded, and not certain."""
        if self.capitals or not self.text[start].isupper() or self.text[start:end].isupper():
            return []
        tail = self.tail(end, "sở")
        if tail is None:
            return []
        name_end, place_end, province = tail
        name = _canonical(self.text[start:name_end], self.folded[start:name_end])
        return [Mention(start, place_end, "department", name, province, "name", False)]

    def ministries(self, start: int, end: int) -> list[Mention]:
        """ "Bộ Nội vụ", "các bộ: Tư pháp, Tài chính", "Bộ GD&ĐT"."""
        if self.before(start) in _BEFORE_BO:
            return []
        opening = _FIELD_OPENING.match(self.folded, end)
        if opening is None:
            return []
        found = self.field(opening.end(), "ministry", start)
        if found is None or not (self.text[start].isupper() or self.text[opening.end()].isupper()):
            return []
        mentions = []
        own_start = start
        while found is not None:
            body, field_end = found
            mentions.append(Mention(own_start, field_end, "ministry", body.name, None, "name", True))
            joint = _LIST_SEPARATOR.match(self.folded, field_end)
            own_start = joint.end() if joint else field_end
            found = self.field(own_start, "ministry", None) if joint else None
        return mentions

    def bodies(self, start: int) -> list[Mention]:
        """ "Văn phòng UBND tỉnh", "Công an Nghệ An", "Ban Quản lý các khu công nghiệp", "Cục Thuế"."""
        if self.before(start) in {"bộ", "tổng", "phó", "chi", "sĩ", "sỹ"}:
            return []
        zones = _ZONES.match(self.folded, start)
        if zones:
            return self.zones(start, zones)
        for pattern, name, needs_place in _BODY_PATTERNS:
            found = pattern.match(self.folded, start)
            if not found or self.folded[found.end() : found.end() + 1].isalnum():
                continue
            places, _ = self.places_after(found.end(), listed=False)
            if not places and (needs_place or not self.text[start].isupper()):
                continue
            if not places and name.startswith("Cục") and self.home is None:
                return [Mention(start, found.end(), "organisation", name, None, "name", True)]
            if places and self.unit_follows(found.end()):
                return []
            return [
                self.tiered(mention, name) for mention in
                self.with_places(start, found.end(), "department", name, places)
            ]  # fmt: skip
        return []

    def unit_follows(self, end: int) -> bool:
        """Whether "thành phố" after `end` opens the name of a town, not of a province ("Công an thành phố Vinh")."""
        tier = _TIER.match(self.folded, end)
        if not tier or self.province_at(end + 1):
            return False
        return self.place_name(tier.end(), "Thành phố", needs_known=False) is not None

    def tiered(self, mention: Mention, name: str) -> Mention:
        """The mention with "tỉnh" or "thành phố" in its name, by its province or by the text's own word."""
        if "{tier}" not in name:
            return mention
        words = self.folded[mention.start : mention.end]
        if mention.province:
            city = lookups.is_city(mention.province, self.when)
        else:
            city = words.endswith(("phố", "tp", "tp."))
        full = name.format(tier="thành phố" if city else "tỉnh")
        return Mention(mention.start, mention.end, mention.type, full, mention.province, "name", mention.certain)

    def zones(self, start: int, zones: re.Match[str]) -> list[Mention]:
        words = zones["zones"]
        for short, full in _ZONE_WORDS:
            words = re.sub(rf"(?<!\w){short}(?!\w)", full, words)
        words = " ".join(words.split())
        end = zones.end()
        name = "Ban Quản lý " + (words if words.startswith("các") else words[0].upper() + words[1:])
        own = _NAME_RUN.match(self.text, end + 1) if not self.capitals and end + 1 not in self.provinces else None
        if own and not self.folded.startswith(("tỉnh", "tp", "thành phố"), end + 1):
            run_end = own.end()
            cut = next((at for at in self.provinces if end + 1 < at < run_end), None)
            run_end = len(self.text[:cut].rstrip()) if cut else run_end
            name += " " + _canonical(self.text[end + 1 : run_end], self.folded[end + 1 : run_end])
            end = run_end
        places, _ = self.places_after(end, listed=False)
        return self.with_places(start, end, "department", name, places)

    def named(self, kind: str, start: int, end: int, name: str) -> Mention | None:
        """An agency or organisation by its whole name, or by an abbreviation in capitals that stands alone."""
        text = self.text
        if not text[start].isupper():
            return None
        if kind == "short" and (
            not text[start:end].isupper() or text[start - 1 : start] in ("-", "/") or text[end : end + 1] == "/"
        ):
            return None
        if name == "Ngân hàng Nhà nước Việt Nam":
            branch = _TIER.match(self.folded, end) or _BRANCH.match(self.folded, end)
            if branch:
                return None
        if kind == "organisation" and (branch_of := self.province_at(end + 1)):  # "VCCI Cần Thơ"
            words = _canonical(text[start : branch_of[2]], self.folded[start : branch_of[2]])
            return Mention(start, branch_of[2], "organisation", words, branch_of[1], "name", True)
        type_: EntityType = "organisation" if kind == "organisation" else "ministry"
        return Mention(start, end, type_, name, None, "name", True)

    # -- districts and communes

    def units(self, start: int, end: int, word: str) -> list[Mention]:
        """ "huyện Kim Bảng", "các huyện Kim Bảng, Duy Tiên", "TX. Sông Cầu", "tỉnh Long An", "Quận 1"."""
        kind, needs_known = _UNIT_WORDS[word]
        folded = self.folded
        if (start in self.provinces and word != "thủ đô") or (kind == "Xã" and self.before(start) in _BEFORE_XA):
            return []
        if kind in ("Tỉnh", "Thành phố") and (found := self.province_at(start)):
            name, in_force, province_end, certain = found
            return [Mention(start, province_end, "province", name, in_force, "name", certain)]
        if kind == "Tỉnh":
            return []
        listed = self.is_listed(start)
        at = end
        if folded[at : at + 1].isspace():
            at += 1
        elif not word.endswith("."):
            if not (listed and folded[at : at + 2] == ": "):
                return []
            at += 2
        mentions: list[Mention] = []
        own_start, province = start, None
        while True:
            place = self.place_name(at, kind, needs_known or (bool(mentions) and not listed))
            if place is None:
                break
            name, name_end = place
            own_kind = kind if not mentions else self.kind_in_list(name, kind, listed)
            level: EntityType = "district" if own_kind in _DISTRICT_KINDS else "commune"
            stated = self.stated_province(name, name_end)
            own = stated or lookups.place_province(name, own_kind, level, self.when, self.home)
            if own is None and self.home is not None and (level == "commune" or not self.known(name, level)):
                own = self.home
            if mentions and not listed and own != province:
                break  # "huyện Kim Bảng, Vinh": the list ends with the province's own units
            province = own
            mentions.append(Mention(own_start, name_end, level, f"{own_kind} {name}", own, "name", True))
            joint = _LIST_SEPARATOR.match(folded, name_end)
            if joint is None or joint.end() in self.provinces or needs_known:
                break
            own_start = at = joint.end()
        stated = {mention.province for mention in mentions if mention.province}
        if len(stated) == 1 and None in {mention.province for mention in mentions}:
            (one,) = stated
            mentions = [
                _replace_province(m, one) if self.lies_in(m.name.split(" ", 1)[1], one) else m for m in mentions
            ]
        return mentions

    def is_listed(self, start: int) -> bool:
        """Whether several names are announced: "các huyện …", "2 xã …"."""
        return bool(_LISTED.search(self.folded, max(0, start - 12), start))

    def known(self, name: str, level: str) -> bool:
        table = lookups.districts() if level == "district" else lookups.communes()
        return lookups.place_key(name) in table

    def kind_in_list(self, name: str, kind: str, listed: bool) -> str:
        """The kind of a further name in a list: that of the list, unless the home province knows better."""
        if listed or self.home is None or kind not in _DISTRICT_KINDS:
            return kind
        unit = lookups.home_units(self.home, "district", self.when).get(lookups.place_key(name))
        return unit.kind if unit else kind

    def place_name(self, at: int, kind: str, needs_known: bool) -> tuple[str, int] | None:
        """The bare name at `at` and its end: the longest known one, else the run of capitals."""
        text, folded = self.text, self.folded
        if any(start == at for start, _, _ in self.hits.get("region", ())):
            return None  # "thành phố Tây Nam bộ"
        if kind in ("Quận", "Phường", "Xã"):
            number = _NUMBER_NAME.match(folded, at)
            if number:
                return str(int(number[1])), number.end()
        run = (_UPPER_RUN if self.capitals else _NAME_RUN).match(text, at)
        if run is None:
            return None
        level = "district" if kind in _DISTRICT_KINDS else "commune"
        pieces = list(_PIECES.finditer(text, at, run.end()))
        ends = [piece.end() for piece in pieces]
        whole = run.end()
        known_end = next((end for end in reversed(ends) if self.known(folded[at:end], level)), None)
        if known_end == whole:
            return self.place_words(at, whole, level), whole
        if self.capitals:
            return (self.place_words(at, known_end, level), known_end) if known_end else None
        person = _gazetteer().full_name.match(text, at)
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
            or folded[at : ends[0]] in _NOT_PLACES
        ):
            return (self.place_words(at, known_end, level), known_end) if known_end else None
        end = cut or (
            ends[3] if len(ends) > 4 and not re.search(r"\s-\s", text[at:whole]) else whole
        )  # no name is longer
        if " - " in text[at:end] or "–" in text[at:end]:
            end = next((e for p, e in zip(pieces, ends, strict=True) if text[e : e + 2] in (" -", " –")), end)
        return self.place_words(at, end, level), end

    def in_home(self, name: str) -> bool:
        """Whether the home province has a commune of that name."""
        return self.home is not None and self.lies_in(name, self.home)

    def opens_something(self, at: int) -> bool:
        """Whether a person, a province, a title or an abbreviation begins at `at`, so that a name ends before it."""
        text = self.text
        if at in self.provinces or _gazetteer().full_name.match(text, at):
            return True
        word = _SHORT.match(text, at)
        return bool(word and word.end() - at > 1 and not text[word.end() : word.end() + 1].isalnum()) or (
            self.folded.startswith(_OPENERS, at)
        )

    def place_words(self, start: int, end: int, level: str) -> str:
        words = _canonical(self.text[start:end], self.folded[start:end])
        if not words.isupper() or len(words) < 3:
            return words
        table = lookups.districts() if level == "district" else lookups.communes()
        units = table.get(lookups.place_key(words))
        return units[0].name if units else _title_case(self.folded[start:end])

    def stated_province(self, name: str, end: int) -> str | None:
        """The province that the text names after a unit: ", tỉnh Hà Nam", " (Hà Nam)", ", huyện X, tỉnh Y"."""
        link = _PROVINCE_LINK.match(self.folded, end)
        if link is None:
            return None
        at = link.end()
        found = self.province_at(at)
        if found:
            explicit = at not in self.provinces or "(" in link[0] or "thuộc" in link[0]
            return found[1] if explicit or self.lies_in(name, found[1]) else None
        unit = _DISTRICT_OPENING.match(self.folded, at)
        if unit is None:
            return None
        kind = _UNIT_WORDS[" ".join(unit[1].split())][0]
        place = self.place_name(unit.end(), kind, needs_known=False)
        if place is None:
            return None
        further = _PROVINCE_LINK.match(self.folded, place[1])
        outer = self.province_at(further.end()) if further else None
        if outer:
            return outer[1]
        return lookups.place_province(place[0], kind, "district", self.when, self.home)

    def lies_in(self, name: str, province: str | None) -> bool:
        units = (
            *lookups.districts().get(lookups.place_key(name), ()),
            *lookups.communes().get(lookups.place_key(name), ()),
        )
        return any(lookups.unit_province(unit, self.when) == province for unit in units)

    # -- organisations

    def organisations(self, start: int, end: int, word: str) -> list[Mention]:
        """ "Bệnh viện Đa khoa tỉnh", "Trường THPT Việt Bắc", "Phòng PC03, PA06", "Báo Nghệ An"."""
        text, folded = self.text, self.folded
        in_title = " " in word and text[start:end].isupper()
        if not text[start].isupper() or in_title or folded.startswith(_gazetteer().not_heads, start):
            return []
        if _gazetteer().full_name.match(text, start) or self.follows_surname(start):
            return []  # "ông Đoàn Hữu Khang", "Võ Trường Toản"
        tail = self.tail(end, word)
        if tail is None:
            if word not in _WHOLE_HEADS:
                return []
            tail = (end, end, None)
        _, last, province = tail
        name = _canonical(text[start:last], folded[start:last])
        if province is None and word in _PARTY_HEADS:
            province = lookups.place_province(text[end + 1 : last], None, "district", self.when, self.home)
        if word == "bhxh":
            name = "Bảo hiểm xã hội" + name[len(word) :]
        mentions = [Mention(start, last, "organisation", name, province, "name", True)]
        code = _POLICE_CODE.match(text, end + 1)
        while (code and code.end() <= last) or (code and len(mentions) > 1):
            joint = _LIST_SEPARATOR.match(folded, code.end())
            code = _POLICE_CODE.match(text, joint.end()) if joint else None
            if code:
                head = _canonical(text[start:end], folded[start:end])
                mentions.append(
                    Mention(code.start(), code.end(), "organisation", f"{head} {code[0]}", province, "name", True)
                )
        return mentions

    def follows_surname(self, start: int) -> bool:
        return any(
            hit_end == start - 1 and self.text[hit].isupper() for hit, hit_end, _ in self.hits.get("surname", ())
        )

    def tail(self, end: int, head: str) -> tuple[int, int, str | None] | None:
        """What a body's name goes on with after its opening word: the end without and with its place, and the
        province in it; None where nothing of a name follows."""
        text, folded, gazetteer = self.text, self.folded, _gazetteer()
        at, name_end, province = end, end, None
        while True:
            glue = _TAIL_GLUE.match(folded, at)
            if glue is None:
                break
            token = glue.end()
            joined = "và" in glue[0] or "&" in glue[0]
            tier = _UNIT_OPENING.match(folded, token)
            if tier and not joined:
                place = self.tier_place(token, tier)
                if place is not None and (place[1] or name_end > end or head in _TIER_HEADS):
                    return name_end if name_end > end else place[0], place[0], place[1]
            found = None if joined else self.province_at(token)
            if found:
                return (name_end if name_end > end else found[2]), found[2], found[1]
            capital = text[token : token + 1].isupper()
            if name_end == end and not joined and (inner := self.inner_body(token)):
                return inner, inner, None
            if head in _NAMED_AFTER_PEOPLE and (person := gazetteer.full_name.match(text, token)):
                return person.end(), person.end(), None
            phrase = gazetteer.tail_word.match(folded, token)
            another = joined and capital and folded.startswith((*_OPENERS, *gazetteer.heads), token)
            if phrase and (capital or (name_end > end and not joined)) and not another:
                at = name_end = phrase.end()
                if further := self.further_words(name_end):
                    at = name_end = further
                continue
            word = _TAIL_SYLLABLE.match(text, token) if capital and not joined else None
            if word is None or folded.startswith(_OPENERS, token) or gazetteer.full_name.match(text, token):
                break
            at = name_end = word.end()
        return (name_end, name_end, province) if name_end > end else None

    def inner_body(self, at: int) -> int | None:
        """Where the body ends that another is part of: "Văn phòng Bộ Nội vụ", "Thanh tra Sở Y tế"."""
        for opening, side in (("bộ ", "ministry"), ("sở ", "department")):
            if self.folded.startswith(opening, at):
                found = lookups.field_at(self.folded, at + len(opening), side)
                return found[1] if found else None
        return None

    def further_words(self, at: int) -> int | None:
        """Where an enumeration inside a name ends: "Xúc tiến Đầu tư, Thương mại và Du lịch"."""
        found = _gazetteer().enumeration.match(self.folded, at)
        if not found or self.folded.startswith(_gazetteer().heads, found.start("last")):
            return None
        return found.end() if self.text[found.start("first")].isupper() else None

    def tier_place(self, start: int, tier: re.Match[str]) -> tuple[int, str | None] | None:
        """The end and province of "tỉnh Hà Nam", "huyện Kim Bảng" or a bare "tỉnh" that closes a body's name."""
        found = self.province_at(start)
        if found:
            return found[2], found[1]
        kind = _UNIT_WORDS[" ".join(tier[1].split())][0]
        if kind != "Tỉnh" and tier.end() > tier.end(1):
            place = self.place_name(tier.end(), kind, needs_known=False)
            if place:
                level = "district" if kind in _DISTRICT_KINDS else "commune"
                return place[1], lookups.place_province(place[0], kind, level, self.when, self.home)
        if tier[1].endswith(".") or self.folded[tier.end(1) : tier.end(1) + 1].isalnum():
            return None
        return tier.end(1), None

    # -- persons, bare names

    def persons(self) -> list[Mention]:
        """Names after a title, or of at least three syllables that open with a surname."""
        text, gazetteer, found = self.text, _gazetteer(), []
        for start, end, title in self.hits.get("title", ()):
            match = (gazetteer.name_after_title if title == "any" else gazetteer.name_after_rank).match(text, end)
            if match and start not in self.provinces and match.start(1) not in self.provinces:
                found.append(self.person(*match.span(1)))
        last = 0
        for start, _, _ in sorted(self.hits.get("surname", ())):
            if start < last or start in self.provinces or not text[start].isupper() or text[start - 1 : start] == "-":
                continue
            if _STREET.search(self.folded, max(0, start - 12), start):
                continue
            if (match := gazetteer.full_name.match(text, start)) and self.free(*match.span()):
                found.append(self.person(*match.span()))
                last = match.end()
        return found

    def person(self, start: int, end: int) -> Mention:
        return Mention(start, end, "person", " ".join(self.text[start:end].split()), None, "name", True)

    def bare(self) -> list[Mention]:
        """Provinces and regions without an opening word, and districts of the home province."""
        found = []
        for start in self.provinces:
            if _PLACE_NOUNS.search(self.folded, max(0, start - 12), start):
                continue
            if (read := self.province_at(start)) is not None:
                name, in_force, end, certain = read
                found.append(Mention(start, end, "province", name, in_force, "name", certain))
        for start, end, name in self.hits.get("region", ()):
            words = self.text[start:end]
            if any(map(str.isupper, words)):
                found.append(Mention(start, end, "group", name, None, "name", True))
        if self.home is not None:
            found += self.bare_districts(self.home)
        return found

    def bare_districts(self, home: str) -> list[Mention]:
        found = []
        own = lookups.home_units(home, "district", self.when)
        for start, end, key in self.hits.get("district", ()):
            unit = own.get(key)
            if unit is None or start in self.provinces or not self.is_capitalised(start, end):
                continue
            if not self.capitals and (
                self.glued(start, end) or _PLACE_NOUNS.search(self.folded, max(0, start - 12), start)
            ):
                continue
            sure = " " in key and not self.capitals
            found.append(Mention(start, end, "district", unit.full_name, home, "name", sure))
        return found

    def glued(self, start: int, end: int) -> bool:
        """Whether another capitalised word stands right beside, so that the name may be part of a longer one."""
        text = self.text
        after = text[end : end + 1] == " " and text[end + 1 : end + 2].isupper() and not self.opens_something(end + 1)
        before = start > 1 and text[start - 1] == " " and (word := re.search(r"\w+ $", text[:start])) is not None and (
            word[0][0].isupper() and not self.at_sentence_start(word.start()) and not self.taken[word.start()]
        )  # fmt: skip
        return after or before

    def at_sentence_start(self, at: int) -> bool:
        return at == 0 or bool(re.search(r"[.:;!?…\"“(|•*-]\s*$", self.text[max(0, at - 4) : at]))

    # -- sets and pointing words

    def sets(self) -> list[Mention]:
        found, folded, last = [], self.folded, 0
        for start, _, _ in sorted(self.hits.get("counted", ())):
            if start < last:
                continue
            lead = _SET_LEAD.search(folded, max(0, start - 40, last), start)
            match = _SET.match(folded, lead.start() if lead else start)
            if match is None:
                continue
            if span := self.set_span(match):
                found.append(self.as_set(*span))
                last = match.end()
        for start, _, _ in self.hits.get("named set", ()):
            named = _NAMED_SET.match(folded, start) or _sector_pattern().match(folded, start)
            if named:
                found.append(self.as_set(*named.span()))
        return found

    def set_span(self, match: re.Match[str]) -> tuple[int, int] | None:
        """The set's span, cut before a name that takes its last unit; None for a single unit that is no set."""
        start, end = match.span()
        taken = self.taken.find(1, start, end)
        if taken == start or (match["number"] and self.before(start) in ("thứ", "hạng", "quý", "tháng")):
            return None
        if taken > 0:
            end = start + len(re.sub(r"(?:\s?[,/-]|\s(?:và|&|các|ubnd))*\s*$", "", self.folded[start:taken]))
            again = _SET.fullmatch(self.folded, start, end)
            if again is None:
                return None
            match = again
        several = bool(match["more"]) or bool(match["number"]) or bool(match["all"]) or bool(match["all2"])
        tier = match["tier"] is not None
        unit = match["units"]
        if unit.startswith("tỉnh,") and match["ubnd"] and not (match["all2"] or tier):
            return None  # "UBND tỉnh, các sở, ngành": the set begins after the comma
        if tier and unit.startswith(("tỉnh", "bộ", "thành")) and not (match["block"] or match["ubnd"] or match["more"]):
            return None  # "năng lực cạnh tranh cấp tỉnh", "chiến sĩ thi đua cấp bộ"
        if not (several or tier or match["block"]):
            return None
        if unit in ("thành", "hội", "ban") or (
            unit.startswith("xã") and _AFTER_XA.match(self.folded, start + len(match[0]))
        ):
            return None
        if unit in ("bộ",) and _AFTER_BO.match(self.folded, end):
            return None
        if unit in ("sở",) and _AFTER_SO.match(self.folded, end):
            return None
        return start, end

    def as_set(self, start: int, end: int) -> Mention:
        name = " ".join(self.text[start:end].split())
        return Mention(start, end, "group", name, None, "set", True)

    def pointers(self) -> list[Mention]:
        found, folded, last = [], self.folded, 0
        for start, _, _ in sorted(self.hits.get("pointer", ())):
            match = _POINTER.match(folded, start) if start >= last else None
            if match is None or not self.free(start, match.end()):
                continue
            last = match.end()
            if mention := self.pointer(match):
                found.append(mention)
        return found

    def pointer(self, match: re.Match[str]) -> Mention | None:
        start, end = match.span()
        folded, before, group = self.folded, self.before(start), match.lastgroup or ""
        words = " ".join(match[0].split())
        if group == "this":
            unit = words.rsplit(" ", 2 if words.endswith("nói trên") else 1)[0]
            if before in {"bộ": _BEFORE_BO, "sở": _BEFORE_SO, "xã": _BEFORE_XA}.get(unit, ()):
                return None
            return self.pointing(start, end, _POINTER_TYPES.get(unit, "organisation"), "anaphor", True)
        if group in ("tinh", "city", "unit", "place") and (
            (before.isdigit() and len(before) != 4)
            or folded[start - 2 : start] == "% "
            or (before in _NOT_SELF_BEFORE and group != "unit")
        ):
            return None
        if group == "tinh":
            if _NOT_SELF_AFTER.match(folded, end) or _COUNCIL.search(folded, max(0, start - 24), start):
                return None
            if folded[max(0, start - 3) : start] == " - " and start > 3 and self.taken[start - 4]:
                return None  # "Hà Tĩnh - tỉnh đứng đầu": in apposition to a name
            return self.self_word(start, end)
        if group == "city":
            if folded.startswith((" trực thuộc", " thuộc"), end) or _NOT_SELF_AFTER.match(folded, end):
                return None
            if self.home and lookups.is_city(self.home, self.when):
                return self.self_word(start, end)
            return self.pointing(start, end, "district", "anaphor", True)
        if group == "unit":
            if before in _NOT_UNIT_BEFORE or (words == "xã" and (before in _BEFORE_XA or _AFTER_XA.match(folded, end))):
                return None
            if folded.startswith((" ủy", " đoàn", " lỵ", " đội", " nào", " khác"), end):
                return None
            unit = re.sub(r" (?:ta|nhà|mình)$", "", words)
            return self.pointing(start, end, _POINTER_TYPES[unit], "anaphor", True)
        if group in ("so", "bo"):
            bad_before, bad_after = (_BEFORE_SO, _AFTER_SO) if group == "so" else (_BEFORE_BO, _AFTER_BO)
            own = (self.text[start].isupper() and not self.capitals) or before == "của"
            if before in bad_before or bad_after.match(folded, end) or not own or before.isdigit():
                return None
            return self.pointing(start, end, _POINTER_TYPES[words], "anaphor", True)
        if group == "body":
            if not self.text[start].isupper() or _AFTER_BODY.match(folded, end) or self.capitals:
                return None
            return self.pointing(start, end, _POINTER_TYPES[words], "anaphor", True)
        return self.pointing(start, end, _POINTER_TYPES[words], "anaphor", False)

    def self_word(self, start: int, end: int) -> Mention:
        """A word for the source's own province; not certain where it only tells whose something is."""
        whole = _WHOLE.search(self.folded, max(0, start - 6), start)
        if whole:
            start = whole.start()
        strong = not _WEAK_BEFORE.search(self.folded, max(0, start - 20), start)
        name = self.home or " ".join(self.text[start:end].split())
        return Mention(start, end, "province", name, self.home, "self", strong)

    def pointing(self, start: int, end: int, type_: EntityType, kind: MentionKind, certain: bool) -> Mention:
        return Mention(start, end, type_, " ".join(self.text[start:end].split()), None, kind, certain)


@cache
def _sector_pattern() -> re.Pattern[str]:
    """ "ngành y tế", "ngành giáo dục và đào tạo"."""
    named = "|".join(known.pattern for known in lookups.fields())
    return re.compile(rf"ngành\s(?:{named}|{_words(_SECTORS.split('|'))})(?!\w)")


def _replace_province(mention: Mention, province: str | None) -> Mention:
    if mention.province:
        return mention
    return Mention(mention.start, mention.end, mention.type, mention.name, province, mention.kind, mention.certain)


def find_mentions(text: str, folded: str, when: date | None, home: str | None) -> list[Mention]:
    """The mentions in one block, in order, none overlapping another.

    `text` is NFC, `folded` is `extractors.fold.fold(text)` (same length, so offsets are the same); `when` the day of
    publication (None: now); `home` the source's own province, None for a central source.
    """
    return _Finder(text, folded, when, home).run()
