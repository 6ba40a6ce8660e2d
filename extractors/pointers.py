"""Sets of units ("17 bộ, cơ quan ngang bộ", "khối sở, ban, ngành") and words that point at one ("tỉnh ta", "cơ quan này")."""

from __future__ import annotations

import re
from functools import cache

from extractors import lookups
from extractors.gazetteer import AFTER_SO, BEFORE_BO, BEFORE_SO, BEFORE_XA, alternation
from extractors.passage import Mention, Passage
from pipeline.records import EntityType

# After "bộ": "bộ phận", "bộ chỉ số", "bộ máy" and the like.
_AFTER_BO = re.compile(
    r"\s(?:phận|máy|môn|chỉ|tiêu|luật|thủ|trưởng|đội|hồ|câu|quy|dữ|tài liệu|công cụ|mã|tộc|ba|hành|ấn|sưu|phim|sách|đề|tư lệnh|chính trị|quốc)"
)

# After "xã": "xã hội", "xã viên".
_AFTER_XA = re.compile(r"\s(?:hội|viên|giao|luận|tắc|lánh|hoa|xôi|hơn|nhất)(?!\w)")

# "cấp huyện", "các xã", "hai phường"; "huyện ủy", "huyện lỵ"
_NOT_UNIT_BEFORE = frozenset(
    ["cấp", "các", "những", "mỗi", "nhiều", "số", "một", "hai", "ba", "bốn", "sáu", "bảy", "liên"]
)

_NOT_UNIT_AFTER = (" ủy", " đoàn", " lỵ", " đội", " nào", " khác")

# After "ủy ban": "Ủy ban nhân dân", "Ủy ban Kiểm tra".
_AFTER_BODY = re.compile(r"\s(?:nhân|dân|kiểm|mặt|mttq|thường|quốc|chứng)")

# One unit; "ban hành", "thành lập", "xã hội" are none.
_UNIT = (
    r"(?:cơ\squan\sngang\sbộ|cơ\squan\sthuộc\schính\sphủ|cơ\squan|đơn\svị|địa\sphương|đoàn\sthể|thành\sphố|thị\sxã|thị\strấn"
    r"|đặc\skhu|phường|huyện|quận|tỉnh|thành(?!\s(?:lập|công|tích|tựu|phần|viên|quả|đạt|một|các|ủy|đoàn))"
    r"|ngành|ban(?!\s(?:hành|bố|đầu|giám|chỉ|lãnh|quản|thường|chấp|tổ|tuyên|cán|dân|bí))|bộ|sở|tp|(?<=[hnố],\s)thị(?!\s(?:trường|ủy|hiếu|lực|giác|sát|phần|tứ))|xã(?!\s(?:hội|viên)))(?!\w)(?:\s(?:trung\sương|tw|chuyên\smôn)(?!\w))?"
)

# Between units: ", ", "/", " và ", and the space of "sở ngành", "tỉnh thành"; "các", "UBND", "cấp" may be said again.
_JOIN = r"(?:\s?[,/-]\s?|\s(?:và|&)\s|\s(?=(?:ban|ngành|thành)(?!\w)))(?:các\s)?(?:ubnd\s)?(?:các\s)?(?:cấp\s)?"

# "17 bộ, cơ quan ngang bộ" · "khối sở, ban, ngành" · "UBND cấp huyện" · "các huyện, thị xã, thành phố"
_SET = re.compile(
    rf"(?:(?P<number>\d{{1,3}})\s)?(?P<all>(?:các|những)\s)?(?P<block>khối\s(?:các\s)?)?(?P<ubnd>(?:ubnd|ủy\sban\snhân\sdân)\s)?"
    rf"(?P<all2>các\s)?(?P<tier>cấp\s)?(?P<units>{_UNIT}(?P<more>(?:{_JOIN}{_UNIT})*))(?!\w)"
)

# What may stand before the first unit: "17 ", "các ", "khối ", "UBND các ", "cấp ".
_SET_LEAD = re.compile(
    r"(?<![\w/.,])(?:\d{1,3}\s)?(?:(?:các|những)\s)?(?:khối\s(?:các\s)?)?(?:(?:ubnd|ủy\sban\snhân\sdân)\s)?(?:các\s)?(?:cấp\s)?$"
)

_SECTORS = "thuế|hải quan|ngân hàng|kiểm sát|tòa án|thanh tra|thống kê|kho bạc|bảo hiểm xã hội|kiểm lâm|điện lực|than|giáo dục|nông nghiệp|văn hóa|tuyên giáo|quân đội|công an|quốc phòng"

# "khối Đảng, đoàn thể" · "khối chính quyền" · "cả nước"
_BLOCK_PARTS = r"(?:đảng|chính\squyền|đoàn\sthể|mặt\strận|mttq|nhà\snước|sự\snghiệp|hành\schính|doanh\snghiệp|giáo\sdục|y\stế|cơ\squan\sđảng)"

_NAMED_SET = re.compile(
    rf"(?:cả\snước|toàn\squốc|khối\s(?:các\s)?{_BLOCK_PARTS}(?:(?:,\s|\svà\s|\s-\s){_BLOCK_PARTS})*)(?!\w)"
)

# "cơ quan này" · "tỉnh ta" · "thành phố" · "huyện" · "Sở" · "Bộ" · "địa phương" · "Ủy ban"
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
_NOT_SELF_BEFORE = frozenset((
    "ubnd", "hđnd", "cấp", "các", "những", "mỗi", "nhiều", "số", "liên", "ngoại", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười", "từng", "vài", "mấy", "mặt", "tuyến", "là", "có", "thứ",
))  # fmt: skip

# "tỉnh ủy", "tỉnh lộ", "tỉnh nào", "tỉnh thứ hai"
_NOT_SELF_AFTER = re.compile(
    r"\s(?:ủy|đoàn|thành|lộ|lỵ|lị|giấc|táo|ngộ|dậy|khác|nào|thứ|bạn|lẻ|đội|mới|giáp|lân|miền|phía|ven|có\schung)(?!\w)|,\sthành"
)

# Weak where it only tells whose: "lãnh đạo tỉnh", "trên địa bàn tỉnh", "ngân sách tỉnh".
_WEAK_BEFORE = re.compile(
    r"(?:địa\sbàn|lãnh\sđạo|ngân\ssách|chủ\stịch|nhân\sdân|cơ\squan|trong|ngoài|thuộc|quanh|khắp|ủy\sban|đài|cổng|hành\schính\scông)\s$"
)

_COUNCIL = re.compile(r"(?:ủy\sban|hội\sđồng)\snhân\sdân\s$")

_WHOLE = re.compile(r"(?<!\w)(?:toàn|cả)\s$")


def sets(p: Passage) -> list[Mention]:
    found, folded, last = [], p.folded, 0
    for start, _, _ in sorted(p.hits.get("counted", ())):
        if start < last:
            continue
        lead = _SET_LEAD.search(folded, max(0, start - 40, last), start)
        match = _SET.match(folded, lead.start() if lead else start)
        if match is None:
            continue
        if span := set_span(p, match):
            found.append(as_set(p, *span))
            last = match.end()
    for start, _, _ in p.hits.get("named set", ()):
        named = _NAMED_SET.match(folded, start) or _sector_pattern().match(folded, start)
        if named:
            found.append(as_set(p, *named.span()))
    return found


def set_span(p: Passage, match: re.Match[str]) -> tuple[int, int] | None:
    """The set's span, cut before a name that takes its last unit; None for a single unit that is no set."""
    start, end = match.span()
    taken = p.taken.find(1, start, end)
    if taken == start or (match["number"] and p.before(start) in ("thứ", "hạng", "quý", "tháng")):
        return None
    if taken > 0:
        end = start + len(re.sub(r"(?:\s?[,/-]|\s(?:và|&|các|ubnd))*\s*$", "", p.folded[start:taken]))
        again = _SET.fullmatch(p.folded, start, end)
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
    if unit in ("thành", "hội", "ban") or (unit.startswith("xã") and _AFTER_XA.match(p.folded, start + len(match[0]))):
        return None
    if unit in ("bộ",) and _AFTER_BO.match(p.folded, end):
        return None
    if unit in ("sở",) and AFTER_SO.match(p.folded, end):
        return None
    return start, end


def as_set(p: Passage, start: int, end: int) -> Mention:
    """A set as it is worded, with a space after each comma."""
    name = re.sub(r",(?=\w)", ", ", " ".join(p.text[start:end].split()))
    return Mention(start, end, "group", name, None, "set", True)


def pointers(p: Passage) -> list[Mention]:
    found, folded, last = [], p.folded, 0
    for start, _, _ in sorted(p.hits.get("pointer", ())):
        match = _POINTER.match(folded, start) if start >= last else None
        if match is None or not p.free(start, match.end()):
            continue
        last = match.end()
        if mention := pointer(p, match):
            found.append(mention)
    return found


def pointer(p: Passage, match: re.Match[str]) -> Mention | None:
    """What one pointing word is: the source's province, an anaphor, or nothing."""
    group = match.lastgroup or ""
    start, end = match.span()
    before = p.before(start)
    if group == "this":
        return this_one(p, match, before)
    if group in ("tinh", "city", "unit", "place") and counted(p, start, before, group):
        return None
    if group in ("tinh", "city"):
        return province_word(p, start, end, group)
    words = " ".join(match[0].split())
    if group == "unit":
        return unit_word(p, start, end, words, before)
    if group in ("so", "bo"):
        return body_word(p, start, end, words, before)
    if group == "body":
        if not p.text[start].isupper() or _AFTER_BODY.match(p.folded, end) or p.capitals:
            return None
        return pointing(p, start, end, _POINTER_TYPES[words])
    return pointing(p, start, end, _POINTER_TYPES[words], certain=False)


def this_one(p: Passage, match: re.Match[str], before: str) -> Mention | None:
    """ "cơ quan này", "đơn vị nói trên"; not "cán bộ này"."""
    words = " ".join(match[0].split())
    unit = words.rsplit(" ", 2 if words.endswith("nói trên") else 1)[0]
    if before in {"bộ": BEFORE_BO, "sở": BEFORE_SO, "xã": BEFORE_XA}.get(unit, ()):
        return None
    return pointing(p, *match.span(), _POINTER_TYPES.get(unit, "organisation"))


def counted(p: Passage, start: int, before: str, group: str) -> bool:
    """Whether a number or a plural stands before the word ("5 tỉnh", "các xã"); a year does not count."""
    return (
        (before.isdigit() and len(before) != 4)
        or p.folded[max(0, start - 2) : start] == "% "
        or (before in _NOT_SELF_BEFORE and group != "unit")
    )


def province_word(p: Passage, start: int, end: int, group: str) -> Mention | None:
    """ "tỉnh", "toàn tỉnh", "tỉnh ta", and "thành phố" where the home is a city run by the centre."""
    folded = p.folded
    if _NOT_SELF_AFTER.match(folded, end) or _COUNCIL.search(folded, max(0, start - 24), start):
        return None
    if folded[max(0, start - 3) : start] == " - " and start > 3 and p.taken[start - 4]:
        return None  # "Hà Tĩnh - tỉnh đứng đầu": in apposition to a name
    if group == "tinh":
        return self_word(p, start, end)
    if folded.startswith((" trực thuộc", " thuộc"), end):
        return None
    if p.home and lookups.is_city(p.home, p.when):
        return self_word(p, start, end)
    return pointing(p, start, end, "district")


def unit_word(p: Passage, start: int, end: int, words: str, before: str) -> Mention | None:
    """ "huyện", "thị xã", "phường ta"; not "xã hội", "huyện ủy", "cấp huyện"."""
    if before in _NOT_UNIT_BEFORE or p.folded.startswith(_NOT_UNIT_AFTER, end):
        return None
    if before == "có" and p.folded.endswith(("không có ", "chưa có "), 0, start):
        return None  # "không có xã xếp loại yếu"
    if words == "xã" and (before in BEFORE_XA or _AFTER_XA.match(p.folded, end)):
        return None
    return pointing(p, start, end, _POINTER_TYPES[re.sub(r" (?:ta|nhà|mình)$", "", words)])


def body_word(p: Passage, start: int, end: int, words: str, before: str) -> Mention | None:
    """ "Sở", "Bộ" with a capital, or after "của"; not "cơ sở", "cán bộ", "bộ chỉ số"."""
    bad_before, bad_after = (BEFORE_SO, AFTER_SO) if words == "sở" else (BEFORE_BO, _AFTER_BO)
    own = (p.text[start].isupper() and not p.capitals) or before == "của"
    if not own or before in bad_before or (before.isdigit() and len(before) != 4) or bad_after.match(p.folded, end):
        return None
    return pointing(p, start, end, _POINTER_TYPES[words])


def self_word(p: Passage, start: int, end: int) -> Mention:
    """A word for the source's own province; not certain where it only tells whose something is."""
    whole = _WHOLE.search(p.folded, max(0, start - 6), start)
    if whole:
        start = whole.start()
    strong = not _WEAK_BEFORE.search(p.folded, max(0, start - 20), start)
    name = p.home or " ".join(p.text[start:end].split())
    return Mention(start, end, "province", name, p.home, "self", strong)


def pointing(p: Passage, start: int, end: int, type_: EntityType, certain: bool = True) -> Mention:
    return Mention(start, end, type_, " ".join(p.text[start:end].split()), None, "anaphor", certain)


@cache
def _sector_pattern() -> re.Pattern[str]:
    """ "ngành y tế", "ngành giáo dục và đào tạo"."""
    named = "|".join(known.pattern for known in lookups.fields())
    return re.compile(rf"ngành\s(?:{named}|{alternation(_SECTORS.split('|'))})(?!\w)")
