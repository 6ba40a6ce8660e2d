"""Who gives a distinction: bodies and their heads where a text names them, by their canonical names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from extractors.awards_kinds import find_awards
from extractors.fold import fold
from extractors.lookups import is_city
from extractors.mentions import Mention, find_mentions
from extractors.rules import FILLER, MASKS
from extractors.sentence import mask

Office = Literal["body", "head", "deputy", "person"]


@dataclass(frozen=True, slots=True)
class Around:
    """What an article has said before a place: its own province (`rivals` where it names several at once), its day, and
    by the word for its kind ("bộ", "sở", "huyện", "thị xã", "phường" …) the unit that was named last."""

    home: str | None = None
    published: date | None = None
    heard: Mapping[str, Mention] = field(default_factory=dict)
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GiverSpan:
    """Words at [start, end) that can name a giver. `name` is canonical, None where it is not told which body
    ("của ngành"). `office` tells the body itself, its head, a deputy, or a head with a person's name;
    `state` holds for those who give the State's orders."""

    start: int
    end: int
    name: str | None
    office: Office
    state: bool


_STATE: tuple[tuple[str, str], ...] = (
    (r"chủ tịch nước", "Chủ tịch nước"),
    (r"thủ tướng(?: chính phủ)?", "Thủ tướng Chính phủ"),
    (r"chính phủ", "Chính phủ"),
    (r"ủy ban thường vụ quốc hội", "Ủy ban Thường vụ Quốc hội"),
    (r"(?:chủ tịch )?quốc hội", "Quốc hội"),
    (r"(?:đảng(?: và|,) )?nhà nước", "Nhà nước"),
)
_OTHERS: tuple[tuple[str, str], ...] = (
    (r"(?:ban chấp hành |bch )?(?:trung ương|tw) đoàn(?: tncs hồ chí minh)?", "Trung ương Đoàn"),
    (r"tổng liên đoàn(?: lao động| lđ)?(?: việt nam)?", "Tổng Liên đoàn Lao động Việt Nam"),
)
# Who gives what only the State gives: its orders, and titles such as "Nhà giáo ưu tú".
STATE_GIVERS = frozenset(name for _, name in _STATE)
ORDER_GIVERS = frozenset({"Chủ tịch nước", "Nhà nước"})
_FIXED = (*_STATE, *_OTHERS)
_ORGANS = {
    "trung ương": "Trung ương", "ban thường vụ": "Ban Thường vụ", "ban chấp hành": "Ban Chấp hành",
    "đoàn chủ tịch": "Đoàn Chủ tịch",
}  # fmt: skip
_DEPUTY = r"(?:phó (?:tổng )?(?:chủ tịch|thủ tướng|giám đốc|cục trưởng|bí thư|trưởng ban|thống đốc)(?: thường trực)?|thứ trưởng|lãnh đạo|đại diện(?: lãnh đạo)?)"
_HEAD = (
    r"(?:(?:quyền )?(?:chủ tịch|bộ trưởng|tổng giám đốc|giám đốc|tổng cục trưởng|cục trưởng|chi cục trưởng|chủ nhiệm|thống đốc"
    r"|tổng thanh tra|tổng kiểm toán(?: nhà nước)?|viện trưởng|chánh án|hiệu trưởng|ban giám hiệu|trưởng ban|bí thư|tổng biên tập|tư lệnh))"
)
_UNIT = f"[{''.join(MASKS[kind] for kind in ('province', 'ministry', 'department', 'district', 'commune', 'organisation', 'self', 'anaphor'))}]{FILLER}*"
_TIER = r"(?:tỉnh|thành phố|tp|thị xã|thị trấn|huyện|quận|xã|phường|đặc khu)(?!\w)"
_PERSON = f"(?: {MASKS['person']}{FILLER}*)"
_NO = "(?<!\\w)"
_GIVER = re.compile(
    rf"{_NO}(?:"
    # "Thủ tướng Chính phủ", "Phó Thủ tướng", "Chủ tịch nước Lương Cường"
    rf"(?P<vice>phó )?(?:{'|'.join(f'(?P<s{i}>{words})' for i, (words, _) in enumerate(_FIXED))})(?!\w)"
    # "Chủ tịch UBND tỉnh", "UBND huyện Kim Bảng", "lãnh đạo UBND tỉnh"
    rf"|(?:(?:(?P<udeputy>{_DEPUTY})|(?P<uhead>{_HEAD})) )?(?:ubnd|ủy ban nhân dân) (?:(?P<place>{_UNIT})|(?P<tier>{_TIER}))"
    # "Bộ trưởng Bộ Nội vụ", "Giám đốc Sở Y tế", "Công an tỉnh", "Bộ" for the one spoken of
    # "Trung ương Hội Nông dân Việt Nam"
    rf"|(?:(?:bộ trưởng(?:,| -) )?(?:(?P<deputy>{_DEPUTY})|(?P<head>{_HEAD})) )?(?:(?P<organ>trung ương|ban thường vụ|ban chấp hành|đoàn chủ tịch) )?(?P<unit>{_UNIT})(?P<chief> trưởng(?!\w))?"
    # "Bộ trưởng" alone, "Giám đốc Sở"
    rf"|(?P<alone>bộ trưởng|tổng cục trưởng|cục trưởng|hiệu trưởng)(?!\w)|(?P<branch>ngành)(?!\w)"
    rf")(?P<person>{_PERSON})?"
)


def find_givers(masked: str, mentions: Iterable[Mention], around: Around) -> list[GiverSpan]:
    """Everything in a masked sentence that could be a giver, by offset; whether it gives is for the caller to see."""
    by_start = {mention.start: mention for mention in mentions if mention.kind != "set"}
    return [_span(found, by_start, around) for found in _GIVER.finditer(masked)]


def _span(found: re.Match[str], mentions: Mapping[int, Mention], around: Around) -> GiverSpan:
    deputy = found["vice"] or found["udeputy"] or found["deputy"]
    head = found["uhead"] or found["head"] or found["alone"] or found["chief"]
    office: Office = "deputy" if deputy else "head" if head else "body"
    name, state = None, False
    for index, (_, canonical) in enumerate(_FIXED):
        if found[f"s{index}"]:
            name, state = canonical, index < len(_STATE)
    if found["person"] and office != "deputy":
        office = "person"
    if found["tier"]:
        name = _committee_of_tier(found["tier"], around)
    elif found["alone"]:
        name = _name_of(around.heard.get(found["alone"].removesuffix(" trưởng")), around)
    elif place := found["place"] or found["unit"]:
        at = found.start("place") if found["place"] else found.start("unit")
        name = _name_of(mentions.get(at), around) if place else None
        if name and found["organ"]:
            name = f"{_ORGANS[found['organ']]} {name}"
    return GiverSpan(found.start(), found.end(), name, office, state)


def _committee_of_tier(tier: str, around: Around) -> str | None:
    """ "UBND tỉnh" is the article's province's, "UBND thị xã" that of the town last spoken of."""
    if tier == "tỉnh":
        return committee(around.home, around)
    word = "thành phố" if tier == "tp" else tier
    if word == "thành phố" and is_city(around.home, around.published):
        return committee(around.home, around)
    unit = around.heard.get(word)
    return _lowered(unit.name) if unit else None


def committee(province: str | None, around: Around) -> str | None:
    """The name of a province's people's committee: "UBND tỉnh Long An", "UBND thành phố Hà Nội"."""
    if province is None:
        return None
    return f"UBND {'thành phố' if is_city(province, around.published) else 'tỉnh'} {province}"


def _lowered(name: str) -> str:
    return f"UBND {name[:1].lower()}{name[1:]}"


def _name_of(mention: Mention | None, around: Around) -> str | None:
    """The body's name; a place stands for its people's committee."""
    if mention is None:
        return None
    if mention.kind == "self":
        return committee(around.home, around)
    if mention.kind == "anaphor":
        found = resolve(mention, around)
        return _name_of(found, around) if found else None
    if mention.type == "province":
        return committee(mention.name, around)
    if mention.type in {"district", "commune"}:
        return _lowered(mention.name)
    return mention.name


def resolve(mention: Mention, around: Around) -> Mention | None:
    """Whom a word that points ("phường này", "Bộ", "tỉnh") means; None where nothing fitting was named before."""
    words = fold(mention.name).split()
    if words and words[0] in {"tỉnh", "địa"} and around.home:
        return Mention(mention.start, mention.end, "province", around.home, around.home, "name", True)
    for word in (" ".join(words[:2]), words[0] if words else ""):
        if found := around.heard.get(word):
            return Mention(mention.start, mention.end, found.type, found.name, found.province, "name", found.certain)
    return None


def heard(before: Mapping[str, Mention], mentions: Sequence[Mention]) -> dict[str, Mention]:
    """What pointing words mean after a sentence with these mentions."""
    after = dict(before)
    for mention in mentions:
        if mention.kind != "name":
            continue
        words = fold(mention.name).split()
        if mention.type in {"district", "commune"}:
            after[" ".join(words[:2]) if words[0] in {"thị", "thành", "đặc"} else words[0]] = mention
        if mention.type == "ministry" and words[0] == "bộ" and _OWN not in after:
            after["bộ"] = mention
        if mention.type == "organisation" and (body := re.match(r"tổng cục|cục", fold(mention.name))):
            after[body.group()] = mention
        if mention.type == "department" and words[0] == "sở":
            after["sở"] = mention
    return after


PERSON = "person"  # the key of the person named last; "person:" and a given name that of the last one so called


def people_heard(mentions: Iterable[Mention]) -> dict[str, Mention]:
    """Whom "ông", "bà" and a given name ("bác sĩ Kiểm") mean after these mentions."""
    after = {}
    for mention in mentions:
        if mention.type == "person" and mention.kind == "name":
            after[PERSON] = after[f"{PERSON}:{fold(mention.name).split()[-1]}"] = mention
    return after


# Marks what pointing words mean in an article whose title names one ministry: a bare "Bộ" is that one.
_OWN = "the title's ministry"


def heard_in_title(mentions: Sequence[Mention]) -> dict[str, Mention]:
    """What pointing words mean after a title: where it names one ministry, "Bộ" stays that one throughout."""
    after = heard({}, mentions)
    ministries = {m.name for m in mentions if m.type == "ministry" and m.kind == "name"}
    return {**after, _OWN: after["bộ"]} if len(ministries) == 1 and "bộ" in after else after


def giver(text: str, home: str | None, published: date | None = None) -> str | None:
    """The canonical giver that a short text (a table's cell) names: "Bộ trưởng Bộ Nội vụ" gives "Bộ Nội vụ",
    "Chủ tịch UBND tỉnh" in the province `home` "UBND tỉnh Long An". None where it names none."""
    folded = fold(text)
    mentions = find_mentions(text, folded, published, home)
    spans = find_givers(mask(folded, mentions, (), (), find_awards(folded)), mentions, Around(home, published))
    return next((span.name for span in spans if span.name), None)
