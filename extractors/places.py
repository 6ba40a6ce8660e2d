"""Districts and communes by name, and provinces, regions and home districts without an opening word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from extractors import lookups
from extractors.gazetteer import BEFORE_XA, DISTRICT_KINDS, LIST_SEPARATOR, UNIT_WORDS
from extractors.passage import Mention, Passage
from extractors.values import whole_number
from pipeline.records import EntityType

# Before a name that is another place's: "sông Đồng Nai", "đường Hà Nội".
_PLACE_NOUNS = re.compile(
    r"(?:sông|đường|phố|cầu|núi|chợ|đại lộ|đèo|hồ|vịnh|cảng|kênh|sân bay|ga|chùa|khách sạn|câu lạc bộ|clb|phở|nước|hợp tác xã|htx|công ty"
    r"|trường|nhà máy|khu công nghiệp|kcn|thủy điện|nhiệt điện|quốc lộ|đội tuyển|bia)\s$"
)

# Between a unit and its province: ", ", " (", " - ", " thuộc ", " tỉnh".
_PROVINCE_LINK = re.compile(r"\s?[,(-]\s?(?:thuộc\s)?|\s(?:thuộc|của)\s|\s(?=tỉnh\s)")

# "phường Kinh Bắc và 11 cá nhân": the number counts what follows and names no ward
_COUNTS = re.compile(
    r"\d+\s(?:tập\sthể|cá\snhân|đơn\svị|hộ|người|cán\sbộ|công\schức|viên\schức|doanh\snghiệp|gia\sđình|cơ\squan|trường\shợp|tổ\schức|đồng\schí|điểm)(?!\w)"
)

_DISTRICT_OPENING = re.compile(r"(huyện|quận|thị\sxã|thành\sphố|tp\.?|tx\.?|h\.|q\.)\s?")


def with_province(mention: Mention, province: str | None) -> Mention:
    """The mention in `province`, unless it has one of its own."""
    return mention if mention.province else replace(mention, province=province)


def units(p: Passage, start: int, end: int, word: str) -> list[Mention]:
    """ "huyện Kim Bảng", "các huyện Kim Bảng, Duy Tiên", "TX. Sông Cầu", "tỉnh Long An", "Quận 1"."""
    kind, needs_known = UNIT_WORDS[word]
    folded = p.folded
    if (start in p.provinces and word != "thủ đô") or (kind == "Xã" and p.before(start) in BEFORE_XA):
        return []
    if kind in ("Tỉnh", "Thành phố") and (found := p.province_at(start)):
        name, in_force, province_end, certain = found
        return [Mention(start, province_end, "province", name, in_force, "name", certain)]
    if kind == "Tỉnh":
        return []
    listed = p.is_listed(start)
    at = end
    if folded[at : at + 1].isspace():
        at += 1
    elif not word.endswith("."):
        if not (listed and folded[at : at + 2] == ": "):
            return []
        if named := named_after_count(p, start, end, kind):
            return named
        at += 2
    mentions: list[Mention] = []
    own_start, province = start, None
    while True:
        place = p.place_name(at, kind, needs_known or (bool(mentions) and not listed))
        if place is None or (mentions and _COUNTS.match(folded, at)):
            break
        name, name_end = place
        own_kind = kind if not mentions else kind_in_list(p, name, kind, listed)
        level: EntityType = "district" if own_kind in DISTRICT_KINDS else "commune"
        stated = stated_province(p, name, name_end)
        own = stated or province_of(p, name, own_kind, level)
        if mentions and not listed and own != province:
            break  # "huyện Kim Bảng, Vinh": the list ends with the province's own units
        province = own
        mentions.append(Mention(own_start, name_end, level, f"{own_kind} {name}", own, "name", True))
        joint = LIST_SEPARATOR.match(folded, name_end)
        if joint is None or joint.end() in p.provinces or needs_known:
            break
        own_start = at = joint.end()
    mentions = mentions or named_after_count(p, start, end, kind)
    provinces = {mention.province for mention in mentions}
    if len(provinces) == 2 and None in provinces:  # "3 xã A, B và C" of which one is known: the others lie there too
        one = next(province for province in provinces if province)
        mentions = [with_province(m, one) if p.lies_in(m.name.split(" ", 1)[1], one) else m for m in mentions]
    return mentions


# From counted communes to their names: "3 xã đạt loại tốt: A, B và C", "2 xã loại khá (A, B)"
_THEIR_NAMES = re.compile(r"[^,;.:()\d]{0,45}?(?: ?: ?| gồm:? | là:? | \()(?:các )?")
_COUNTED_BEFORE = re.compile(r"(?<![\w/.,])(\d{1,2}|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười) $")


def named_after_count(p: Passage, start: int, end: int, kind: str) -> list[Mention]:
    """The communes of the home province that a list names behind their number, where all of as many are known."""
    counted = _COUNTED_BEFORE.search(p.folded, max(0, start - 8), start)
    opening = _THEIR_NAMES.match(p.folded, end) if counted and p.home and kind not in DISTRICT_KINDS else None
    found: list[Mention] = []
    at = opening.end() if opening else len(p.text)
    while (place := p.place_name(at, kind, needs_known=True)) and p.in_home(place[0]):
        name, name_end = place
        known = lookups.home_units(p.home or "", "commune", p.when).get(lookups.place_key(name))
        full_name = known.full_name if known else f"{kind} {name}"
        found.append(Mention(at, name_end, "commune", full_name, p.home, "name", True))
        joint = LIST_SEPARATOR.match(p.folded, name_end)
        if joint is None:
            break
        at = joint.end()
    return found if counted and len(found) == whole_number(counted[1]) else []


def province_of(p: Passage, name: str, kind: str, level: EntityType) -> str | None:
    """The province of a unit where the text states none. A provincial source's communes are its own: many names of
    old ones are in no list, and may be borne elsewhere; its districts too, unless another province has the name."""
    if p.home is not None and (level == "commune" or not p.known(name, level)):
        return p.home
    return lookups.place_province(name, kind, level, p.when, p.home)


def kind_in_list(p: Passage, name: str, kind: str, listed: bool) -> str:
    """The kind of a further name in a list: that of the list, unless the home province knows better."""
    if listed or p.home is None or kind not in DISTRICT_KINDS:
        return kind
    unit = lookups.home_units(p.home, "district", p.when).get(lookups.place_key(name))
    return unit.kind if unit else kind


def stated_province(p: Passage, name: str, end: int) -> str | None:
    """The province that the text names after a unit: ", tỉnh Hà Nam", " (Hà Nam)", ", huyện X, tỉnh Y"."""
    link = _PROVINCE_LINK.match(p.folded, end)
    if link is None:
        return None
    at = link.end()
    found = p.province_at(at)
    if found:
        explicit = at not in p.provinces or "(" in link[0] or "thuộc" in link[0]
        return found[1] if explicit or p.lies_in(name, found[1]) else None
    unit = _DISTRICT_OPENING.match(p.folded, at)
    if unit is None:
        return None
    kind = UNIT_WORDS[" ".join(unit[1].split())][0]
    place = p.place_name(unit.end(), kind, needs_known=False)
    if place is None:
        return None
    further = _PROVINCE_LINK.match(p.folded, place[1])
    outer = p.province_at(further.end()) if further else None
    if outer:
        return outer[1]
    return lookups.place_province(place[0], kind, "district", p.when, p.home)


# "Hà Nội (TTXVN 18/4/2024)", "Hà Nội, ngày 18/4": where a report was filed
_DATELINE = re.compile(r"\s?\([A-ZĐ]{2,}\b[^()]*\)|,\s(?:ngày|sáng|chiều|tối)\s")


def bare(p: Passage) -> list[Mention]:
    """Provinces and regions without an opening word, and districts of the home province."""
    found = []
    for start in p.provinces:
        if start == 0 and _DATELINE.match(p.text, p.provinces[start][0]):
            continue
        if _PLACE_NOUNS.search(p.folded, max(0, start - 12), start):
            continue
        if not p.sure_province(start) and p.folded[start : p.provinces[start][0]] in own_towns(p):
            continue  # "Vũng Tàu" in the province's own paper is the town
        if (read := p.province_at(start)) is not None:
            name, in_force, end, certain = read
            found.append(Mention(start, end, "province", name, in_force, "name", certain))
    for start, end, name in p.hits.get("region", ()):
        words = p.text[start:end]
        if any(map(str.isupper, words)):
            found.append(Mention(start, end, "group", name, None, "name", True))
    if p.home is not None:
        found += bare_districts(p, p.home)
    return found


def own_towns(p: Passage) -> Mapping[str, lookups.Unit]:
    return lookups.home_units(p.home, "district", p.when) if p.home else {}


def bare_districts(p: Passage, home: str) -> list[Mention]:
    found = []
    own = own_towns(p)
    for start, end, key in p.hits.get("district", ()):
        unit = own.get(key)
        if unit is None or (start in p.provinces and p.sure_province(start)) or not p.is_capitalised(start, end):
            continue
        if not p.capitals and (glued(p, start, end) or _PLACE_NOUNS.search(p.folded, max(0, start - 12), start)):
            continue
        sure = " " in key and not p.capitals and start not in p.provinces
        found.append(Mention(start, end, "district", unit.full_name, home, "name", sure))
    return found


_WORD_BEFORE = re.compile(r"\w+ $")


def glued(p: Passage, start: int, end: int) -> bool:
    """Whether another capitalised word stands right beside, so that the name may be part of a longer one."""
    text = p.text
    if text[end : end + 1] == " " and text[end + 1 : end + 2].isupper() and not p.opens_something(end + 1):
        return True
    word = _WORD_BEFORE.search(text, max(0, start - 16), start)
    if word is None or not word[0][0].isupper():
        return False
    return not p.taken[word.start()] and not p.at_sentence_start(word.start())
