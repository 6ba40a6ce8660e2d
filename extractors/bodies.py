"""Ministries, agencies and the departments of a province, by their names and abbreviations, also in elliptical lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from extractors import lookups
from extractors.gazetteer import AFTER_SO, BEFORE_BO, BEFORE_SO, LIST_SEPARATOR, LISTED, NAME_RUN, SHORT
from extractors.organisations import tail
from extractors.passage import Mention, Passage, canonical
from extractors.places import with_province
from extractors.pointers import as_set
from pipeline.records import EntityType

# Before "công an", "thanh tra" and the like: "Bộ Công an", "Tổng cục Thuế", "Phó thanh tra".
_PART_OF_OTHERS = frozenset({"bộ", "tổng", "phó", "chi", "sĩ", "sỹ"})

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

# Between a body's name and the provinces: " tỉnh ", " các tỉnh ", " 3 tỉnh: ", " các tỉnh, thành phố ".
_PLACE_OPENING = re.compile(
    r"\s(?P<many>(?:các|những|\d{1,2}|hai|ba|bốn|năm)\s(?:tỉnh|thành phố|tp)(?:,?\s(?:và\s)?(?:thành(?:\sphố)?|tp))?:?)\s"
)

# "Sở Nội vụ - tỉnh Ninh Bình", "Sở Nội vụ (Hà Nam)"
_PLACE_ASIDE = re.compile(r"\s-\s(?=tỉnh|tp|thành\sphố)|\s\(")

# " tỉnh", " thành phố" right after a body's name
_TIER = re.compile(r"\s(?:tỉnh|thành\sphố|tp)(?!\w)")

# "Ngân hàng Nhà nước chi nhánh tỉnh"
_BRANCH = re.compile(r"\s(?:-\s)?chi\snhánh")

# Between "Sở", "Bộ" and the field: one space, or ": " after "các sở", or "các bộ, ngành: ".
_FIELD_OPENING = re.compile(r"(?:,?\s(?:ban,?\s)?ngành|,\scơ\squan\sngang\sbộ)?(?::\s|\s|\.)")


@dataclass(frozen=True, slots=True)
class Place:
    """A province after a body's name: its span, its name in force (None for a bare "tỉnh"), whether it is sure."""

    start: int
    end: int
    province: str | None
    certain: bool = True


def places_after(p: Passage, end: int) -> list[Place]:
    """The provinces stated right after a body's name that ends at `end`: "Sở Nội vụ Cần Thơ, Bến Tre", "Sở Nội vụ các
    tỉnh Ninh Bình, Vĩnh Phúc", "Sở Nội vụ (Hà Nam)"; "tỉnh" without a name is one place without a name."""
    folded = p.folded
    opening = _PLACE_OPENING.match(folded, end)
    at = opening.end() if opening else end + 1 if folded[end : end + 1].isspace() else end
    if (aside := _PLACE_ASIDE.match(folded, end)) and (inside := p.province_at(aside.end())):
        if aside[0] == " (" and folded[inside[2] : inside[2] + 1] != ")":
            return []
        at = aside.end()
    first = p.province_at(at) if at > end else None
    if first is None:
        tier = _TIER.match(folded, end)
        return [Place(end, tier.end(), None)] if tier else []
    places = [Place(at, first[2], first[1], first[3])]
    many = opening is not None
    while (many or len(places) > 1 or not is_quoted(p, end)) and (
        joint := LIST_SEPARATOR.match(folded, places[-1].end)
    ):
        further = p.province_at(joint.end())
        if further is None:
            break
        places.append(Place(joint.end(), further[2], further[1], further[3]))
    if len(places) == 2 and not many and "," in folded[places[0].end : places[1].start]:
        # "Sở Nội vụ Hà Nam, Ninh Bình": two departments, or a department and a province
        places[1] = replace(places[1], certain=False)
    return places


def is_quoted(p: Passage, end: int) -> bool:
    """Whether the body is a source that is quoted ("Theo Sở Nội vụ Hà Nam, Ninh Bình dẫn đầu")."""
    return bool(re.search(r"(?<!\w)theo\s[^,;.:]{0,60}$", p.folded[max(0, end - 80) : end]))


def departments(p: Passage, start: int, end: int) -> list[Mention]:
    """ "Sở Nội vụ Cần Thơ, Bến Tre", "các sở: Nội vụ, Tài chính", "Sở GD&ĐT"."""
    if p.before(start) in BEFORE_SO or AFTER_SO.match(p.folded, end):
        return []
    opening = _FIELD_OPENING.match(p.folded, end)
    found = field(p, opening.end(), "department", opened=True) if opening else None
    if found is None:
        return other_department(p, start, end)
    mentions: list[Mention] = []
    own_start = start
    while found is not None:
        body, field_end = found
        places = places_after(p, field_end)
        if not mentions and not places and is_plural(p, start, field_end):
            lead = LISTED.search(p.folded, max(0, start - 12), start)
            return [as_set(p, lead.start() if lead else start, field_end)]
        mentions += with_places(own_start, field_end, body.name, places)
        if len(places) > 1:
            break
        last = places[-1].end if places else field_end
        joint = LIST_SEPARATOR.match(p.folded, last)
        own_start = joint.end() if joint else last
        found = field(p, own_start, "department", opened=False) if joint else None
    stated = {mention.province for mention in mentions if mention.province}
    if len(stated) == 1 and len(mentions) > 1 and mentions[-1].province:
        mentions = [with_province(mention, mentions[-1].province) for mention in mentions]
    return mentions


def is_plural(p: Passage, start: int, end: int) -> bool:
    """Whether one kind of department is meant, of many provinces: "các Sở Nội vụ trong cụm", "Sở Nội vụ 6 tỉnh"."""
    joint = LIST_SEPARATOR.match(p.folded, end)
    if joint and field(p, joint.end(), "department", opened=False):
        return False
    return p.folded[start:end].startswith("sở ") and (
        bool(LISTED.search(p.folded, max(0, start - 12), start)) or bool(_PLACE_OPENING.match(p.folded, end))
    )


def field(p: Passage, at: int, side: str, opened: bool) -> tuple[lookups.Body, int] | None:
    """The ministry or department (`side`) whose field is named at `at`, and where that ends. The field needs a
    capital, but right after its opening word (`opened`) it may go without if it is spelt out."""
    found = lookups.field_at(p.folded, at, side)
    if found is None:
        return None
    end = found[1]
    spelt_out = end - at > 2 and SHORT.match(p.text, at) is None
    if not p.text[at].isupper() and not (opened and spelt_out):
        return None
    if not opened and side == "ministry" and _TIER.match(p.folded, end):
        return None  # "Bộ Nội vụ, Công an tỉnh"
    return found


def with_places(start: int, end: int, name: str, places: list[Place]) -> list[Mention]:
    """One department a place; the first reaches from the body's name to its place, others are the place alone."""
    if not places:
        return [Mention(start, end, "department", name, None, "name", True)]
    return [
        Mention(at, place.end, "department", name, place.province, "name", place.certain)
        for at, place in zip([start, *(place.start for place in places[1:])], places, strict=True)
    ]


def other_department(p: Passage, start: int, end: int) -> list[Mention]:
    """A "Sở" whose field is not known: as worded, and not certain."""
    if p.capitals or not p.text[start].isupper() or p.text[start:end].isupper():
        return []
    rest = tail(p, end, "sở")
    if rest is None:
        return []
    name_end, place_end, province = rest
    name = canonical(p.text[start:name_end], p.folded[start:name_end])
    return [Mention(start, place_end, "department", name, province, "name", False)]


def ministries(p: Passage, start: int, end: int) -> list[Mention]:
    """ "Bộ Nội vụ", "các bộ: Tư pháp, Tài chính", "Bộ GD&ĐT"."""
    if p.before(start) in BEFORE_BO:
        return []
    opening = _FIELD_OPENING.match(p.folded, end)
    if opening is None:
        return []
    found = field(p, opening.end(), "ministry", opened=True)
    if found is None or not (p.text[start].isupper() or p.text[opening.end()].isupper()):
        return []
    mentions = []
    own_start = start
    while found is not None:
        body, field_end = found
        mentions.append(Mention(own_start, field_end, "ministry", body.name, None, "name", True))
        joint = LIST_SEPARATOR.match(p.folded, field_end)
        own_start = joint.end() if joint else field_end
        found = field(p, own_start, "ministry", opened=False) if joint else None
    return mentions


def bodies(p: Passage, start: int, end: int, word: str) -> list[Mention]:
    """ "Văn phòng UBND tỉnh", "Công an Nghệ An", "Cục Thuế"."""
    if p.before(start) in _PART_OF_OTHERS:
        return []
    body = lookups.bodies()[word]
    places = places_after(p, end)
    if places and unit_follows(p, end):
        return []  # "Công an thành phố Vinh"
    if not places and (body.needs_place or not p.text[start].isupper()):
        return []
    if not places and body.central and p.home is None:
        return [Mention(start, end, "organisation", body.name, None, "name", True)]
    return [tiered(p, mention, body.name) for mention in with_places(start, end, body.name, places)]


def unit_follows(p: Passage, end: int) -> bool:
    """Whether "thành phố" after `end` opens the name of a town, not of a province ("Công an thành phố Vinh")."""
    tier = _TIER.match(p.folded, end)
    if not tier or p.province_at(end + 1):
        return False
    return p.place_name(tier.end(), "Thành phố", needs_known=False) is not None


def tiered(p: Passage, mention: Mention, name: str) -> Mention:
    """The mention with "tỉnh" or "thành phố" in its name, by its province or by the text's own word."""
    if "{tier}" not in name:
        return mention
    in_city = p.folded.endswith(("phố", "tp", "tp."), mention.start, mention.end)
    city = lookups.is_city(mention.province, p.when) if mention.province else in_city
    return replace(mention, name=name.format(tier="thành phố" if city else "tỉnh"))


def zone_boards(p: Passage, start: int) -> list[Mention]:
    """ "Ban Quản lý các khu công nghiệp", "BQL Khu kinh tế Vân Đồn"."""
    zones = _ZONES.match(p.folded, start)
    if zones is None:
        return []
    words = zones["zones"]
    for short, full in _ZONE_WORDS:
        words = re.sub(rf"(?<!\w){short}(?!\w)", full, words)
    words = " ".join(words.split())
    end = zones.end()
    name = "Ban Quản lý " + (words if words.startswith("các") else words[0].upper() + words[1:])
    own = NAME_RUN.match(p.text, end + 1) if not p.capitals and end + 1 not in p.provinces else None
    if own and not p.folded.startswith(("tỉnh", "tp", "thành phố"), end + 1):
        run_end = own.end()
        cut = next((at for at in p.provinces if end + 1 < at < run_end), None)
        run_end = len(p.text[:cut].rstrip()) if cut else run_end
        name += " " + canonical(p.text[end + 1 : run_end], p.folded[end + 1 : run_end])
        end = run_end
    places = places_after(p, end)
    return with_places(start, end, name, places)


def named(p: Passage, kind: str, start: int, end: int, name: str) -> Mention | None:
    """An agency or organisation by its whole name, or by an abbreviation in capitals that stands alone."""
    text = p.text
    if not text[start].isupper():
        return None
    if kind == "short" and (
        not text[start:end].isupper() or text[start - 1 : start] in ("-", "/") or text[end : end + 1] == "/"
    ):
        return None
    if name == "Ngân hàng Nhà nước Việt Nam":
        branch = _TIER.match(p.folded, end) or _BRANCH.match(p.folded, end)
        if branch:
            return None
    if kind == "organisation" and (branch_of := p.province_at(end + 1)):  # "VCCI Cần Thơ"
        words = canonical(text[start : branch_of[2]], p.folded[start : branch_of[2]])
        return Mention(start, branch_of[2], "organisation", words, branch_of[1], "name", True)
    type_: EntityType = "organisation" if kind == "organisation" else "ministry"
    return Mention(start, end, type_, name, None, "name", True)
