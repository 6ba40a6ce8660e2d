"""Who a staff figure is about, when, and by what decree: read from its sentence, carried over from those before."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources

import yaml

from extractors import lookups
from extractors.mentions import Mention
from extractors.sentence import Document, Sentence
from extractors.staff_figures import Figure, Span
from extractors.values import PeriodSpan, count_word, months, period_year
from pipeline.records import EntityType


@dataclass(frozen=True, slots=True)
class Who:
    """An entity in the contract's form; `start` is where the sentence names it, None where it is carried over."""

    type: EntityType
    name: str
    province: str | None
    start: int | None = None


# --- clauses -------------------------------------------------------------------------------------------------------


def clause(sentence: Sentence, place: int) -> Span:
    """The stretch between semicolons, outside brackets, in which a place lies."""
    start, depth = 0, 0
    for at, char in enumerate(sentence.masked):
        depth += (char == "(") - (char == ")")
        if char != ";" or depth > 0:
            continue
        if at >= place:
            return start, at
        start = at + 1
    return start, len(sentence.masked)


def _in_brackets(sentence: Sentence, start: int, number: int) -> bool:
    """Whether a place before a number lies in brackets that close before it."""
    between = sentence.masked[start:number]
    opened = between.find("(")
    closed = between.find(")")
    return closed >= 0 and (opened < 0 or closed < opened)


# --- who -----------------------------------------------------------------------------------------------------------

# What stands before a name that is no subject: "theo Sở Nội vụ", "sáp nhập với Bộ X", "Nghị quyết của Chính phủ".
_OBLIQUE = re.compile(
    r"(?:(?<!\w)(?:theo|do|với|cùng|về|đối với|từ|vào|sang|giữa|báo cáo|trình|trực thuộc|như|so với|nhận thêm|chuyển về|của|cho|được)"
    r"(?: (?:báo cáo|số liệu|thống kê|thông tin|lãnh đạo|đại diện|giám đốc|văn phòng|ông|bà))*(?: (?:của|từ))?"
    r"(?: (?:ubnd|hđnd|ủy ban nhân dân|hội đồng nhân dân|chủ tịch|lãnh đạo|bộ trưởng))*|ngân sách|trung tâm)\s$"
)
# What follows the name of one who only tells: "Sở Nội vụ cho biết".
_TELLS = re.compile(
    r"(?:\s\ue007\ue000*)?(?:,[^,;]{1,60},)? (?:vừa |đã |cũng )?(?:cho biết|cho hay|thông tin|thông báo|báo cáo|nêu|nói|khẳng định|nhấn mạnh"
    r"|tham mưu|chủ trì|phối hợp|công bố|tổng hợp|thống kê|đánh giá|nhận định|ban hành|trình|thẩm định|hướng dẫn|tổ chức)(?!\w)"
)
# One who rules a territory and sets it an aim: "Tỉnh ủy yêu cầu …"
_RULES = re.compile(r"tỉnh ủy|thành ủy|huyện ủy|hội đồng nhân dân|hđnd|ubnd|ủy ban nhân dân")
# A set of bodies without a number that stands for the whole province in its own newspaper.
_ALL_OF_IT = re.compile(
    r"(?:các |những |tất cả |toàn bộ )(?:cơ quan|đơn vị|địa phương|sở|huyện|quận|ban|ngành|cấp|tổ chức|xã)|cơ quan, đơn vị"
    r"|(?:sở|ban),? (?:ban,? )?ngành|địa phương$"
)
# Common nouns for bodies, which alone name a group: "5 người ở bộ, ngành và 7 người ở địa phương"
_BODIES = re.compile(r"(?:các )?(?:địa phương|đơn vị|cơ quan|trung ương)$")
_PEOPLE_BEFORE = re.compile(
    r"(?:cán bộ|công chức|viên chức|biên chế|cấp|ngân sách|đặc thù|chuyên trách|trưởng|phó|từng|mỗi)\s$"
)
_COUNTS_FOR_ALL = re.compile(
    r"nội vụ|chính phủ|ban tổ chức|bảo hiểm xã hội tỉnh|báo|đài|hội đồng|tỉnh ủy|quốc hội|mặt trận"
)
# What such a body does with the cases of all others.
_HANDLES = re.compile(
    r"(?<!\w)(?:thẩm định|phê duyệt|giải quyết|tham mưu|trình|tiếp nhận|tổng hợp|thống kê|rà soát)(?!\w)"
)
# "Bộ và các đơn vị trực thuộc" is the ministry
_ANAPHOR_TYPES: dict[str, EntityType] = {
    "bộ": "ministry", "sở": "department", "huyện": "district", "tỉnh": "province", "thành phố": "province",
}  # fmt: skip
_NATION = re.compile(r"cả nước|toàn quốc")
_SECTOR = re.compile(r"(?:toàn )?ngành(?: (.+))?$")
_COMPANY = re.compile(
    r"(?:tổng )?công ty|bưu điện|bưu chính|viễn thông|điện lực|vnpt|viettel|tập đoàn|doanh nghiệp|ngân hàng|hợp tác xã|nhà máy|xí nghiệp|báo |tạp chí|hãng"
)
_FIRM_BEFORE = re.compile(r"(?:công ty|tập đoàn|nhà máy|hợp tác xã|xí nghiệp)(?: [^\s\d;:().,]+){0,6}\s$")
# "8 tỉnh, thành phố", "45 đơn vị": counted sets are no subject of a cut
_COUNTED = re.compile(r"\d")
# "khối sự nghiệp công lập", "khối cơ quan Đảng cấp tỉnh"
_SET_GOES_ON = re.compile(r" (?:công lập|cấp (?:tỉnh|huyện|xã))(?!\w)")
# A set that is not masked and that the mentions may have missed.
_GROUP = re.compile(
    r"(?<!\w)(?:(?:toàn )?ngành(?! \w+ tháng)(?: (?!có|đã|giảm|cắt|tinh|sẽ|hiện|phải|còn|được|tiếp)[^\W\d]+){0,3}|toàn cụm|cả cụm|cả nước|toàn quốc)(?!\w)"
)


def province_of(document: Document) -> str | None:
    """The source's own province by its name in force on the article's day."""
    return lookups.province_in_force(document.home, document.published) if document.home else None


def subject(document: Document, at: int, figure: Figure, claimed: frozenset[int], wide: bool = True) -> Who | None:
    """Who a figure is about, from its own sentence; None where the sentence names nobody.

    `at` is the sentence's place in the document, `claimed` holds where other figures name theirs. Nearest first:
    what the wording itself names, a name right after ("ở Sở X"), the clause's subject; then, where `wide`, the
    clauses before and who tells it.
    """
    sentence = document.sentences[at]
    if figure.who is not None:
        return _at(document, at, figure.who)
    inside = _of(document, at, figure)
    if inside is not None:
        return inside
    start, _ = clause(sentence, figure.number[0])
    candidates = [c for c in _candidates(document, at, figure) if c[0] not in claimed]
    chosen = [c for c in candidates if c[0] >= start]
    if not chosen and re.fullmatch(r"(?:chỉ )?với ", sentence.folded[: figure.begin]):
        chosen += [(m.start, m) for m in sentence.mentions if m.start > figure.number[1] and m.kind != "set"][:1]
    if not chosen and wide:
        chosen = candidates or _tellers(document, at, figure)
    return _resolved(document, at, *chosen[-1]) if chosen else None


def _at(document: Document, at: int, span: Span) -> Who | None:
    """The entity that a rule's group `who` names: a mention in it, or the group as worded."""
    sentence = document.sentences[at]
    inside = [m for m in sentence.mentions if span[0] <= m.start and m.end <= span[1]]
    named = [m for m in inside if m.kind != "set" and m.type != "group"]
    # "khu vực tỉnh Bà Rịa - Vũng Tàu cũ" is the province; "khối huyện" is a group
    if (
        named
        and named[-1].kind == "name"
        and not re.match(r"(?:khối|ngành|lĩnh vực)(?!\w)", sentence.folded[span[0] :])
    ):
        return _resolved(document, at, named[-1].start, named[-1])
    if inside and inside[-1].kind == "anaphor" and _BODIES.match(inside[-1].name.casefold()):
        return _group(document, at, span)
    starting = [m for m in sentence.mentions if m.start == span[0]]
    if starting:
        start, end = starting[0].start, max(starting[0].end, span[1] if starting[0].kind == "set" else 0)
        if starting[0].kind != "set":
            return _resolved(document, at, start, starting[0])
        return _group(document, at, (start, end))
    return _group(document, at, span)


def _of(document: Document, at: int, figure: Figure) -> Who | None:
    """A name inside the wording ("số người được tinh giản của cả nước là …") or right after the counted."""
    sentence = document.sentences[at]
    for mention in sentence.mentions:
        if mention.type == "person" or _is_part_of_people(sentence, mention):
            continue
        inside = figure.span[0] <= mention.start and mention.end <= figure.span[1]
        before = sentence.folded[max(0, mention.start - 24) : mention.start]
        if inside and (mention.start < figure.number[0] or re.search(r"(?:của|ở|tại|thuộc)\s(?:các )?$", before)):
            return _resolved(document, at, mention.start, mention)
        worn = mention.kind == "name" and re.search(
            r"(?:cán bộ|công chức|viên chức|giáo viên|nhân viên|người của)\s$", before
        )
        if worn and figure.number[1] < mention.start <= figure.phrase[1] + 1:
            return _resolved(document, at, mention.start, mention)
        gap = sentence.masked[figure.phrase[1] : mention.start] if mention.start >= figure.phrase[1] else None
        if gap is not None and re.fullmatch(
            r"(?: (?:công tác|làm việc|đang công tác))? (?:ở|thuộc|tại|của|trong)\s(?:các )?", gap
        ):
            return _resolved(document, at, mention.start, mention)
    return None


def _is_part_of_people(sentence: Sentence, mention: Mention) -> bool:
    """ "công chức xã", "không chuyên trách ở cấp xã", "ngân sách tỉnh" name no body."""
    if mention.kind == "name":
        return False
    before = sentence.folded[max(0, mention.start - 20) : mention.start]
    if mention.name.casefold().startswith("cấp") and re.search(
        r"(?:chuyên trách|cán bộ|chức|lao động)(?: ở)? $", before
    ):
        return True
    return bool(_PEOPLE_BEFORE.search(sentence.folded, max(0, mention.start - 20), mention.start))


def _candidates(document: Document, at: int, figure: Figure) -> list[tuple[int, Mention | None]]:
    """The names before a figure that may be its subject, by offset; None for a group that only words tell."""
    sentence = document.sentences[at]
    limit = figure.number[0]
    found: list[tuple[int, Mention | None]] = []
    for mention in sentence.mentions:
        if mention.end <= limit and _is_subject(sentence, mention, limit):
            found.append((mention.start, mention))
    taken = [(m.start, m.end) for m in sentence.mentions]
    for match in _GROUP.finditer(sentence.folded, 0, limit):
        if not any(s <= match.start() < e for s, e in taken) and not _OBLIQUE.search(sentence.folded, 0, match.start()):
            found.append((match.start(), None))
    return sorted(found, key=lambda one: one[0])


def _tellers(document: Document, at: int, figure: Figure) -> list[tuple[int, Mention | None]]:
    """Who tells the figure, where nobody else is named: "Bộ Công Thương cho biết đã giảm 40 biên chế". The bodies
    that count for all others (Nội vụ) tell of the province or the country."""
    sentence = document.sentences[at]
    return [
        (mention.start, mention)
        for mention in sentence.mentions
        if mention.end <= figure.number[0]
        and mention.kind == "name"
        and mention.type in {"ministry", "department", "district", "organisation"}
        and _TELLS.match(sentence.masked, mention.end)
        and not _COUNTS_FOR_ALL.search(mention.name.casefold())
    ]


def _is_subject(sentence: Sentence, mention: Mention, number: int) -> bool:
    if mention.type == "person" or _is_part_of_people(sentence, mention):
        return False
    if mention.kind == "set" and _COUNTED.match(mention.name) and not mention.name.endswith(("nước", "cụm")):
        return False
    if _in_brackets(sentence, mention.end, number) or _ends_a_set(sentence, mention):
        return False
    if _OBLIQUE.search(sentence.folded, max(0, mention.start - 60), mention.start):
        return False
    if mention.kind != "self" and _TELLS.match(sentence.masked, mention.end):
        return False
    if _COUNTS_FOR_ALL.search(mention.name.casefold()) and _HANDLES.search(sentence.folded, mention.end, number):
        return False
    return not (mention.type == "ministry" and mention.kind == "name" and mention.name == "Chính phủ")


def _ends_a_set(sentence: Sentence, mention: Mention) -> bool:
    """ "ngành y tế thành phố", "khối Đảng tỉnh": the place is part of the set's name."""
    return mention.kind != "set" and any(
        other.kind == "set" and sentence.text[other.end : mention.start] == " " for other in sentence.mentions
    )


def _resolved(document: Document, at: int, start: int, mention: Mention | None) -> Who | None:
    if mention is None:
        match = _GROUP.match(document.sentences[at].folded, start)
        return _group(document, at, match.span()) if match else None
    home = province_of(document)
    if mention.kind == "set" and (body := re.match(r"(bộ|sở|huyện|tỉnh|thành phố) và ", mention.name.casefold())):
        mention = replace(mention, kind="anaphor", name=body[1], type=_ANAPHOR_TYPES[body[1]])
    if mention.kind == "set" or mention.type == "group":
        return _group(document, at, (mention.start, mention.end))
    if mention.kind == "self":
        province = mention.province or home or _last_province(document, at)
        return Who("province", province, province, start) if province else None
    if mention.kind == "anaphor":
        found = _antecedent(document, at, mention)
        return replace(found, start=start) if found else None
    if mention.type == "organisation" and _RULES.match(mention.name.casefold()):
        province = mention.province or home
        return Who("province", province, province, start) if province else None
    province = mention.province
    if province is None and mention.type in {"department", "district", "commune"}:
        province = home
    if mention.type == "organisation" and province is None and document.home and _is_local(mention):
        province = home
    return Who(mention.type, mention.name, province, start)


def _is_local(mention: Mention) -> bool:
    return not re.search(r"việt nam|trung ương|quốc gia|tổng cục|toàn quốc", mention.name.casefold())


def _group(document: Document, at: int, span: Span, until: int | None = None) -> Who | None:
    """A set of bodies as worded; the sector of a national body that is named up to the sentence `until` is that
    body."""
    sentence = document.sentences[at]
    if rest := _SET_GOES_ON.match(sentence.folded, span[1]):
        span = (span[0], rest.end())
    text = sentence.text[slice(*span)].strip()
    folded = sentence.folded[slice(*span)].strip()
    text = text[:1].lower() + text[1:] if folded.split()[0] != "trung" else text
    if _NATION.fullmatch(folded):
        return Who("group", text, None, span[0])
    if (sector := _SECTOR.fullmatch(folded)) and (
        body := _body_of(document, at if until is None else until, sector.group(1))
    ):
        return replace(body, start=span[0])
    return Who("group", text, province_of(document), span[0])


def _body_of(document: Document, at: int, sector: str | None) -> Who | None:
    """The national body that a sector is: "ngành thuế" after "Tổng cục Thuế"; None for a province's sector."""
    if document.home is not None:
        return None
    found = None
    for sentence in document.sentences[: at + 1]:
        for mention in sentence.mentions:
            if mention.kind != "name" or mention.type not in {"ministry", "organisation"} or mention.province:
                continue
            if _COMPANY.match(mention.name.casefold()) or _in_any_brackets(sentence, mention):
                continue
            if sector is None or sector in mention.name.casefold():
                found = Who(mention.type, mention.name, None)
        if found and sector is None:
            break
    return found


def _in_any_brackets(sentence: Sentence, mention: Mention) -> bool:
    before = sentence.masked[: mention.start]
    return before.count("(") > before.count(")")


def _antecedent(document: Document, at: int, mention: Mention) -> Who | None:
    """What "huyện", "phường", "Bộ", "thành phố" mean: the last one so named in the paragraph, else the title's,
    else the last one named in the article."""
    head = mention.name.casefold().removeprefix("toàn ").split()[0]
    block = document.sentences[at].block
    named = [
        (place, other)
        for place, sentence in enumerate(document.sentences[: at + 1])
        for other in sentence.mentions
        if other.kind == "name" and _answers(head, mention, other) and (place < at or other.start < mention.start)
    ]
    here = [other for place, other in named if document.sentences[place].block == block]
    title = [other for place, other in named if document.sentences[place].kind == "title"]
    for group in (here, title, [other for _, other in named]):
        if group:
            return _resolved(document, at, group[-1].start, group[-1])
    if head in {"thành", "tỉnh", "tp"} and (home := province_of(document)):
        return Who("province", home, home)
    return None


def _answers(head: str, anaphor: Mention, other: Mention) -> bool:
    name = other.name.casefold()
    if head in {"thành", "tp"}:
        return name.startswith("thành phố") or (other.type == "province" and lookups.is_city(other.name))
    if head == "tỉnh":
        return other.type == "province"
    if head in {"huyện", "quận", "xã", "phường", "sở", "bộ", "thị"}:
        return name.startswith(head) or (head == "bộ" and other.type == "ministry")
    return name.startswith(head) and other.type == anaphor.type


def _last_province(document: Document, at: int) -> str | None:
    named = [
        m.province
        for s in document.sentences[: at + 1]
        for m in s.mentions
        if m.kind == "name" and m.type == "province"
    ]
    return named[-1] if named else None


def whole(document: Document, who: Who) -> Who:
    """A province's own newspaper says "các cơ quan, địa phương" and means the province."""
    home = province_of(document)
    if who.type == "group" and home and _ALL_OF_IT.match(who.name.casefold()):
        return Who("province", home, home, who.start)
    return who


def topic(document: Document, at: int) -> Who:
    """Who is spoken of where nobody is named: the title's subject, the home province, in a national source the
    sets of the last two sentences or else the whole country."""
    titled = _titled(document, at)
    if titled is not None:
        return titled
    home = province_of(document)
    if home is not None:
        return Who("province", home, home)
    for sentence in reversed(document.sentences[max(0, at - 2) : at]):
        for mention in reversed(sentence.mentions):
            if mention.kind == "set" and re.match(r"các (?:bộ|cơ quan)|bộ, ngành|cả nước", mention.name.casefold()):
                return Who("group", mention.name, None)
    return Who("group", "cả nước", None)


def _titled(document: Document, at: int) -> Who | None:
    for place, sentence in enumerate(document.sentences):
        if sentence.kind != "title":
            break
        for mention in sentence.mentions:
            if mention.start > 3 or mention.type in {"person", "department"}:
                continue
            if mention.kind == "set" and not (document.home is None and mention.name.casefold().startswith("ngành")):
                continue
            if mention.kind == "anaphor" or (mention.type == "group" and mention.kind == "name"):
                continue
            if mention.kind == "set":
                return _group(document, place, (mention.start, mention.end), len(document.sentences) - 1)
            return _resolved(document, place, mention.start, mention)
    return None


def is_company(sentence: Sentence, who: Who) -> bool:
    """Whether a body is a firm or a newspaper, whose people are on no public payroll; a place may be the end of a
    firm's name ("Công ty Cổ phần Thực phẩm Tân An")."""
    if who.type == "organisation":
        return bool(_COMPANY.match(who.name.casefold()))
    return who.start is not None and _FIRM_BEFORE.search(sentence.folded, 0, who.start) is not None


# --- when ----------------------------------------------------------------------------------------------------------

_UNTIL = re.compile(
    r"(?<!\w)(?:tính )?(?:đến|tới)(?: hết| cuối| đầu| giữa| thời điểm| hết ngày| ngày| cuối tháng| trước| tháng| hết quý)*\s?$"
)
_BASE = re.compile(r"(?<!\w)so(?: với)?(?: [^\s\d;:().,]+){0,5}\s?$")
# "14,8% so với số giao năm 2015": what the share is taken of; it begins a period only with an "đến năm …"
_SHARE_OF = re.compile(r"(?:số|tổng|biên chế|chỉ tiêu|được giao|giao)\s[^;]*$")
_SINCE = re.compile(r"từ (?:đầu |ngày |cuối )*$")
_TO_NOW = re.compile(r" ?(?:-|đến|tới) (?:nay|hiện nay|thời điểm)")
# A sum up to the day, its start not told: no period carries over to it.
_UP_TO_NOW = re.compile(
    r"(?<!\w)(?:đến nay|tới nay|đến thời điểm (?:này|hiện tại)|lũy kế|cộng dồn|hiện đã|cho đến nay)(?!\w)"
)
_THAT_YEAR = re.compile(r"(?<!\w)(?:trong năm|cùng năm|năm đó|năm này|năm ấy)(?!\w)(?! \ue010)")
# "đợt 1/2019" is a round of that year and no month
_ROUND = re.compile(r"đợt (?:\d{1,2}|[ivx]+)(?: ?[/-] ?| năm |, năm | của năm )((?:19|20)\d\d)(?!\d)")
_MONTHS = re.compile(
    r"(?:^|(?<=[,:;(] )|(?<=trong )|(?<=sau ))(\d{1,2}|ba|sáu|bảy|tám|chín|mười(?: một)?) tháng(?: (?:đầu|qua|vừa qua|đã qua)(?!\w)|(?=[,:]))"
)
# "hai năm 2025 và 2026"; years named one by one are two periods of a rank, but one of a sum
_TWO_YEARS = re.compile(
    r"(?:hai|ba|bốn|[2-4]) năm ((?:19|20)\d\d)(?:, (?:19|20)\d\d)*,? và (?:năm )?((?:19|20)\d\d)(?!\d)"
)
# Where an article reports on a period as a whole.
_REPORT = re.compile(r"sơ kết|tổng kết|kết quả|báo cáo|đánh giá|nhìn lại|giao ước")
_PHRASE_END = re.compile(r"[,;:.()]|(?<!\w)(?:và|trong đó|gồm)(?!\w)")


@dataclass(frozen=True, slots=True)
class _Told:
    """A period in a sentence: `in` it, `until` it, or the `base` that is compared with."""

    start: int
    end: int
    period: str
    role: str


def period_in(document: Document, at: int, figure: Figure, others: list[Figure]) -> tuple[str | None, bool]:
    """The period that the sentence tells for a figure, and whether it is settled (a sum "đến nay" has none and
    takes none over). `others` are the figures of the sentence."""
    sentence = document.sentences[at]
    told = list(_told(document, sentence))
    base = _base(sentence, figure, told)
    chosen = _chosen(sentence, figure, others, [t for t in told if t.role in {"in", "until"}])
    if chosen is not None:
        return _with_base(chosen, base), True
    start, end = clause(sentence, figure.number[0])
    if _UP_TO_NOW.search(sentence.folded, start, figure.number[0]) or _UP_TO_NOW.search(
        sentence.folded, figure.number[1], end
    ):
        return None, True
    return None, False


def _base(sentence: Sentence, figure: Figure, told: list[_Told]) -> _Told | None:
    """The period that a figure's clause compares with ("so với năm 2015")."""
    start, end = clause(sentence, figure.number[0])
    bases = (t for t in told if t.role in {"base", "share"} and start <= t.start < end)
    return next((t for t in bases if not _closed_off(sentence, figure, t)), None)


def _closed_off(sentence: Sentence, figure: Figure, told: _Told) -> bool:
    """Whether a base stands in brackets of which the figure is no part: "3.491 biên chế (4,7% so với 2015)"."""
    between = sentence.masked[figure.number[1] : told.start]
    return between.count("(") > between.count(")")


def based(document: Document, at: int, figure: Figure, carried: str | None) -> str | None:
    """A period carried over, begun at the base that the figure's clause compares with."""
    sentence = document.sentences[at]
    base = _base(sentence, figure, list(_told(document, sentence)))
    if base is None or carried is None:
        return carried
    return _with_base(_Told(0, 0, carried, "in"), base)


def _with_base(chosen: _Told, base: _Told | None) -> str:
    if base is None or "/" in chosen.period or (base.role == "share" and chosen.role != "until"):
        return chosen.period
    first, last = period_year(base.period), period_year(chosen.period)
    if first is None or last is None or first >= last or (chosen.role == "in" and last - first == 1):
        return chosen.period
    return f"{base.period}/{chosen.period}"


def _told(document: Document, sentence: Sentence) -> Iterator[_Told]:
    rounds = [(m.start(), m.end(), m.group(1)) for m in _ROUND.finditer(sentence.folded)]
    rounds += [(m.start(), m.end(), f"{m[1]}/{m[2]}") for m in _TWO_YEARS.finditer(sentence.folded)]
    rounds += list(_bare_months(document, sentence))
    for start, end, year in rounds:
        yield _Told(start, end, year, "in")
    for span in sentence.periods:
        if any(start < span.end and span.start < end for start, end, _ in rounds):
            continue
        told = _role(document, sentence, span)
        if told is not None:
            yield told
    for match in _THAT_YEAR.finditer(sentence.masked):
        if year_spoken := _year_before(document, sentence, match.start()):
            yield _Told(match.start(), match.end(), year_spoken, "in")


def _bare_months(document: Document, sentence: Sentence) -> Iterator[tuple[int, int, str]]:
    """ "chín tháng qua", "6 tháng,": the first months of the year of publication, where that many are over."""
    for match in _MONTHS.finditer(sentence.folded):
        number = int(match[1]) if match[1].isdigit() else count_word(match[1])
        if not number or document.published is None or not number <= document.published.month:
            continue
        if not any(span.start < match.end() and match.start() < span.end for span in sentence.periods):
            yield match.start(), match.end(), months(document.published.year, 1, number)


def _role(document: Document, sentence: Sentence, span: PeriodSpan) -> _Told | None:
    if span.period is None or sentence.folded[span.start : span.end].startswith("cùng kỳ"):
        return None
    before = sentence.folded[max(0, span.start - 50) : span.start]
    period = span.period
    if _BASE.search(before):
        if span.kind == "relative":
            return None
        role = "share" if _SHARE_OF.search(before) else "base"
        return _Told(span.start, span.end, period[:7] if span.kind == "date" else period, role)
    since = _SINCE.search(before) or sentence.folded.startswith("từ", span.start)
    if since and _TO_NOW.match(sentence.folded, span.end) and document.published and "/" not in period:
        last = document.published.isoformat()[: len(period[:7]) if "-" in period else 4]
        first = period[:7]
        return _Told(span.start, span.end, first if first == last else f"{first}/{last}", "in")
    until = _UNTIL.search(before)
    if span.kind == "date":
        return _Told(span.start, span.end, period[:7], "until") if until else None
    if until and (month := re.search(r"(?:cuối|hết) tháng (\d{1,2})\s?$", before)):
        period = f"{period}-{int(month.group(1)):02}"
    return _Told(span.start, span.end, period, "until" if until else "in")


def _chosen(sentence: Sentence, figure: Figure, others: list[Figure], told: list[_Told]) -> _Told | None:
    after = _after(sentence, figure, others)
    phrase = [t for t in told if after[0] <= t.start < after[1]]
    if phrase:
        return phrase[0]
    inside = [t for t in told if figure.span[0] <= t.start and t.end <= figure.number[0]]
    if inside:
        return inside[-1]
    claimed = [_after(sentence, other, others) for other in others if other.number < figure.number]
    start, _ = clause(sentence, figure.number[0])
    before = [
        t
        for t in told
        if t.end <= figure.number[0]
        and (not _in_brackets(sentence, t.end, figure.number[0]) or _is_aside(sentence, t))
        and not any(low <= t.start < high for low, high in claimed)
    ]
    near = [t for t in before if t.start >= start] or before
    # "Từ năm 2017, đến hết năm 2020 đã giảm 40 người": the start is told apart from the end
    if near:
        return near[-1]
    _, end = clause(sentence, figure.number[0])
    following = min((other.number[0] for other in others if other.number > figure.number), default=end)
    later = [t for t in told if figure.number[1] <= t.start < min(end, following)]
    if later and re.fullmatch(
        r"[^;]*?\)? (?:trong|vào|ở|giai đoạn|tính|của)?\s?", sentence.folded[figure.phrase[1] : later[0].start]
    ):
        return later[0]
    return later[0] if later and later[0].role == "until" else None


def _is_aside(sentence: Sentence, told: _Told) -> bool:
    """ "trong 3 năm (2016 - 2018)": the brackets only spell the period out."""
    before, after = sentence.folded[: told.start], sentence.folded[told.end :]
    return re.search(
        r"(?:năm|giai đoạn|nhiệm kỳ|thời gian|kỳ|đợt|tháng|qua)(?: \w+)? \($", before
    ) is not None and after.startswith(")")


def _after(sentence: Sentence, figure: Figure, others: list[Figure]) -> Span:
    """The stretch after a figure that still belongs to its phrase: to the next comma or the next figure; brackets
    that follow at once are read as well."""
    following = min((other.span[0] for other in others if other.number > figure.number), default=len(sentence.masked))
    end = max(figure.phrase[1], figure.number[1])
    bracket = re.compile(r"\s?\([^()]*\)").match(sentence.masked, figure.span[1])
    if bracket and not any(bracket.start() < other.number[0] < bracket.end() for other in others):
        if re.search(r"\(\s?(?:trong |riêng )?[\ue010]\ue000*\s?\)", bracket.group()):
            return bracket.start(), bracket.end()
        stop = _PHRASE_END.search(sentence.masked, bracket.end())
        return bracket.end(), min(stop.start() if stop else len(sentence.masked), max(following, bracket.end()))
    stop = _PHRASE_END.search(sentence.masked, end)
    return end, min(stop.start() if stop else len(sentence.masked), max(following, end))


def _year_before(document: Document, sentence: Sentence, place: int) -> str | None:
    """The year that "trong năm" means: the last one told before it in the paragraph, else the article's."""
    told = [s for s in document.sentences if s.block == sentence.block and s.start <= sentence.start]
    years = [
        p.period[-4:] if p.kind == "interval" else p.period[:4]
        for s in told
        for p in s.periods
        if p.period and p.kind not in {"relative"} and (s is not sentence or p.end <= place)
    ]
    years = [year for year in years if document.published is None or int(year) <= document.published.year]
    if years:
        return years[-1]
    main = main_period(document)
    return main[:4] if main else (str(document.published.year) if document.published else None)


def carried_period(document: Document, at: int) -> str | None:
    """The period told last before a sentence in its paragraph, else the one that the article reports on."""
    sentence = document.sentences[at]
    for earlier in reversed(document.sentences[:at]):
        if earlier.block != sentence.block:
            break
        told = [t for t in _told(document, earlier) if t.role in {"in", "until"}]
        if told:
            base = next((t for t in _told(document, earlier) if t.role == "base"), None)
            return _with_base(told[-1], base)
        if _UP_TO_NOW.search(earlier.folded):
            return None
    return main_period(document)


def main_period(document: Document) -> str | None:
    """The period that an article as a whole reports on ("Sơ kết 6 tháng đầu năm 2020"), from its title and its
    first paragraphs; None where it reports on none."""
    for sentence in document.sentences[:12]:
        if not _REPORT.search(sentence.folded):
            continue
        for span in sentence.periods:
            reported = span.kind in {"year", "months", "quarter", "half", "month"}
            if reported and span.period and not _BASE.search(sentence.folded[max(0, span.start - 50) : span.start]):
                return span.period
    return None


# --- by what decree --------------------------------------------------------------------------------------------------

# "nghị định số 108/2014/nđ-cp", "nđ 108", "các nghị định 178, 67", "113/2018/nđ-cp"
_DECREE = re.compile(
    r"(?:(?:nghị định|nđ)(?: số)? ?)(\d{1,3})(?:/(\d{4}))?(?:/nđ-cp)?(?!\d|/\d)|(?<![\d/])(\d{1,3})/(\d{4})/nđ-cp"
    r"|(?<=nghị định )(?:số )?(\d{1,3})(?=(?:,| và) \d{1,3}(?!\d))"
)
_NEXT = re.compile(
    r"(?:,| và)(?: nghị định)?(?: số)? (\d{1,3})(?:/(\d{4}))?(?:/nđ-cp)?(?![\d%.]| (?:người|trường|biên|cán|công|viên))"
)


@functools.cache
def _decrees() -> dict[int, list[tuple[int, str]]]:
    text = resources.files("extractors").joinpath("lookups/decrees.yml").read_text("utf-8")
    known: dict[int, list[tuple[int, str]]] = {}
    for entry in yaml.safe_load(text):
        known.setdefault(int(entry["number"]), []).append((int(entry["year"]), str(entry["action"])))
    return known


@dataclass(frozen=True, slots=True)
class Decree:
    """A decree in a sentence; `name` in full ("108/2014/NĐ-CP"), `action` what leaving by it is, where known."""

    start: int
    end: int
    name: str
    action: str | None


def decrees(sentence: Sentence, document: Document) -> list[Decree]:
    """The decrees that a sentence names, by offset, short names completed; unknown short names are left out."""
    if "nghị định" not in sentence.folded and "nđ" not in sentence.folded:
        return []
    found: list[Decree] = []
    for match in _DECREE.finditer(sentence.folded):
        number, year = match[1] or match[3] or match[5], match[2] or match[4]
        found.extend(_decree(match.span(), number, year, document))
        following = _NEXT.match(sentence.folded, match.end())
        while following:
            found.extend(_decree(following.span(), following[1], following[2], document))
            following = _NEXT.match(sentence.folded, following.end())
    unique = {decree.start: decree for decree in found}
    return [unique[start] for start in sorted(unique)]


def _decree(span: Span, number: str, year: str | None, document: Document) -> Iterator[Decree]:
    latest = document.published.year if document.published else 9999
    known = [(y, action) for y, action in _decrees().get(int(number), []) if y <= latest]
    if year is None and not known:
        return
    chosen = int(year) if year else max(known)[0]
    action = next((action for y, action in known if y == chosen), None)
    yield Decree(*span, f"{int(number):02}/{chosen}/NĐ-CP", action)


def joined(found: list[Decree]) -> str | None:
    """The names in order, each once, as the contract joins them."""
    return "; ".join(dict.fromkeys(decree.name for decree in found)) or None
