"""Who a staff figure is about: the subject of its clause, a body named with it, or one carried over from before."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import islice

from extractors import lookups
from extractors.context import ONE_UNIT, is_beside, ministries_spoken, only_province, own_ministry
from extractors.mentions import Mention
from extractors.sentence import Document, Sentence
from extractors.staff_figures import Figure, Span
from extractors.staff_statement import Statement, closed_brackets
from pipeline.records import EntityType


@dataclass(frozen=True, slots=True)
class Who:
    """An entity in the contract's form; `start` is where the sentence names it, None where it is carried over.

    `may_be` is set where a word points ("tỉnh", "huyện") and the article does not settle at whom: at one of these, or
    at nobody that it names. Such a Who is nobody's."""

    type: EntityType
    name: str
    province: str | None
    start: int | None = None
    may_be: tuple[str, ...] | None = None


# What stands before a name that is no subject: "theo Sở Nội vụ", "sáp nhập với Bộ X", "Nghị quyết của Chính phủ".
_OBLIQUE = re.compile(
    r"(?:(?<!\w)(?:theo|do|với|cùng|về|đối với|từ|vào|sang|giữa|báo cáo|trình|trực thuộc|như|so với|nhận thêm|chuyển về|của|cho|được|dẫn đầu|đứng đầu|(?:cao|thấp|tốt|nhiều|đông|ít) nhất)"
    r"(?: (?:báo cáo|số liệu|thống kê|thông tin|lãnh đạo|đại diện|giám đốc|văn phòng|ông|bà))*(?: (?:của|từ))?"
    r"(?: (?:ubnd|hđnd|ủy ban nhân dân|hội đồng nhân dân|chủ tịch|lãnh đạo|bộ trưởng))*|ngân sách|trung tâm)\s$"
)
# "Còn với Bộ Y tế, …", "Riêng đối với huyện Bến Lức, …": whom the sentence is about
_WITH = re.compile(r"\W*(?:(?:còn|riêng|nhưng|trong khi đó),? )?(?:đối )?với ")
_NAMED_TOPIC = re.compile(r"[\ue001-\ue00a]\ue000*,")
# What follows the name of one who only tells: "Sở Nội vụ cho biết".
_TELLS = re.compile(
    r"(?:\s\ue007\ue000*)?(?:,[^,;]{1,60},|,)? (?:vừa |đã |cũng )?(?:cho biết|cho hay|thông tin|thông báo|báo cáo|nêu|nói|khẳng định|nhấn mạnh"
    r"|tham mưu|chủ trì|phối hợp|công bố|tổng hợp|thống kê|đánh giá|nhận định|ước tính|dự báo|ban hành|trình|thẩm định|hướng dẫn|tổ chức)(?!\w)"
)
# A body that is asked to decide, alone or with others: "đề nghị Bộ Nội vụ, Bộ Tài chính xem xét"
_ASKED = re.compile(r"(?<!\w)(?:đề nghị|kiến nghị|trình)(?: [\ue001-\ue00a]\ue000*(?:,| và))* $")
_DECIDES = re.compile(
    r"(?:(?:,| và) [\ue001-\ue00a]\ue000*)* (?:xem xét|thẩm định|chấp thuận|cho phép|phê duyệt|thống nhất|cho ý kiến)(?!\w)"
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
# A province's branch of a central body is an organisation where nobody ranks it among the departments.
_BRANCH = re.compile(r"Cục |Kho bạc")
_COUNTS_FOR_ALL = re.compile(
    r"nội vụ|chính phủ|ban tổ chức|bảo hiểm xã hội tỉnh|báo|đài|hội đồng|tỉnh ủy|quốc hội|mặt trận"
)
# "Bộ Nội vụ đề xuất giảm 5% biên chế" is said of all
_PROPOSES = re.compile(r" (?:cũng |đã |vừa )?(?:đề xuất|kiến nghị|tính toán|dự tính)(?!\w)")
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
    r"(?:tổng )?công ty|bưu điện|bưu chính|viễn thông|điện lực|vnpt|viettel|tập đoàn|doanh nghiệp|ngân hàng|hợp tác xã|nhà máy|xí nghiệp|báo (?!cáo)(?:điện tử|tuổi|thanh|lao|tiền|vietnam)|tạp chí|hãng"
)
_FIRM_BEFORE = re.compile(r"(?:công ty|tập đoàn|nhà máy|hợp tác xã|xí nghiệp)(?: [^\s\d;:().,]+){0,6}\s$")
# "8 tỉnh, thành phố", "45 đơn vị": counted sets are no subject of a cut
_COUNTED = re.compile(r"\d")
# "khối sự nghiệp công lập", "khối cơ quan Đảng cấp tỉnh"
_SET_GOES_ON = re.compile(r" (?:sự nghiệp(?: công lập)?|công lập|cấp (?:tỉnh|huyện|xã))(?!\w)")
# "khối Đảng, Mặt trận" goes on with " Tổ quốc và các tổ chức chính trị - xã hội"
_BLOCK_GOES_ON = re.compile(
    r"(?: tổ quốc)?(?:(?:,| và) (?:các )?(?:đoàn thể|mặt trận(?: tổ quốc)?|hội quần chúng|tổ chức chính trị ?- ?xã hội))+(?!\w)| tổ quốc(?!\w)"
)
# What ends the name of a block: "khối cơ quan Đảng, Mặt trận và các đoàn thể"
_BLOCK_ENDS = re.compile(r" (?:và (?:các )?(?:đoàn thể|mặt trận|hội|tổ chức chính trị)|cấp (?:tỉnh|huyện|xã))(?!\w)")
# A set that is not masked and that the mentions may have missed.
_GROUP = re.compile(
    r"(?<!\w)(?:(?:toàn )?ngành(?! \w+ tháng)(?: (?!có|đã|giảm|cắt|tinh|sẽ|hiện|phải|còn|được|tiếp)[^\W\d]+){0,3}|toàn cụm|cả cụm|cả nước|toàn quốc|(?:(?<=^tại )|(?<=^ở )|(?<=; tại )|(?<=; ở ))cấp tỉnh)(?!\w)"
)

# "của Sở X", "ở các huyện"
_OF = re.compile(r"(?:của|ở|tại|thuộc)\s(?:các )?$")
# "5 công chức xã X", "12 viên chức Sở Y"
_WORN = re.compile(r"(?:cán bộ|công chức|viên chức|giáo viên|nhân viên|người của)\s$")
_AT = re.compile(r"(?: (?:công tác|làm việc|đang công tác))? (?:ở|thuộc|tại|của|trong)\s(?:các )?")
# How far behind a figure its body may be named: "… công tác tại các ".
_REACH = 40


def province_of(document: Document) -> str | None:
    """The source's own province by its name in force on the article's day."""
    return lookups.province_in_force(document.home, document.published) if document.home else None


def subject(statement: Statement, figure: Figure, wide: bool = True) -> Who | None:
    """Who a figure is about, from its own sentence; None where the sentence names nobody.

    Nearest first: what the wording itself names, a name right after ("ở Sở X"), the clause's subject; then, where
    `wide`, the clauses before and who tells it.
    """
    document, at, sentence = statement.document, statement.at, statement.sentence
    if figure.who is not None:
        return _at(document, at, figure.who)
    inside = _of(statement, figure)
    if inside is not None:
        return inside
    low = 0 if wide else statement.clause(figure.number[0])[0]
    subjects = _subjects(statement)
    for place in range(bisect_left(subjects, figure.number[0], key=lambda one: one[0]) - 1, -1, -1):
        candidate, mention = subjects[place]
        if candidate < low:
            break
        if candidate not in statement.claimed and _stands_before(sentence, candidate, mention, figure.number[0]):
            return _resolved(document, at, candidate, mention)
    if re.fullmatch(r"(?:chỉ )?với ", sentence.folded[: figure.begin]):
        for mention in sentence.mentions:
            if mention.start > figure.number[1] and mention.kind != "set":
                return _resolved(document, at, mention.start, mention)
    teller = _teller(statement, figure) if wide else None
    return _resolved(document, at, teller.start, teller) if teller else None


def at_span(statement: Statement, span: Span) -> Who | None:
    """The entity that stands at a place of a sentence."""
    return _at(statement.document, statement.at, span)


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


def _of(statement: Statement, figure: Figure) -> Who | None:
    """A name inside the wording ("số người được tinh giản của cả nước là …") or right after the counted."""
    document, at, sentence = statement.document, statement.at, statement.sentence
    first = bisect_left(sentence.mentions, figure.span[0], key=lambda mention: mention.start)
    for mention in sentence.mentions[first:]:
        if mention.start > max(figure.span[1], figure.phrase[1]) + _REACH:
            return None
        if mention.type == "person" or _is_part_of_people(sentence, mention):
            continue
        inside = mention.end <= figure.span[1]
        before = sentence.folded[max(0, mention.start - 24) : mention.start]
        if inside and (mention.start < figure.number[0] or _OF.search(before)):
            return _resolved(document, at, mention.start, mention)
        worn = mention.kind == "name" and _WORN.search(before) is not None
        if worn and figure.number[1] < mention.start <= figure.phrase[1] + 1:
            return _resolved(document, at, mention.start, mention)
        gap = sentence.masked[figure.phrase[1] : mention.start] if mention.start >= figure.phrase[1] else ""
        if _AT.fullmatch(gap):
            return _resolved(document, at, mention.start, mention)
    return None


def _is_part_of_people(sentence: Sentence, mention: Mention) -> bool:
    """ "công chức xã", "không chuyên trách ở cấp xã", "ngân sách tỉnh" name no body."""
    if mention.kind == "name" or _NATION.fullmatch(mention.name.casefold()):
        return False
    before = sentence.folded[max(0, mention.start - 20) : mention.start]
    if mention.name.casefold().startswith("cấp") and re.search(
        r"(?:chuyên trách|cán bộ|chức|lao động)(?: ở)? $", before
    ):
        return True
    return bool(_PEOPLE_BEFORE.search(sentence.folded, max(0, mention.start - 20), mention.start))


@functools.lru_cache(maxsize=8)
def _subjects(statement: Statement) -> tuple[tuple[int, Mention | None], ...]:
    """The names of a sentence that may be a subject, by offset; None for a group that only words tell."""
    sentence = statement.sentence
    sets = {mention.end + 1 for mention in sentence.mentions if mention.kind == "set"}
    found: list[tuple[int, Mention | None]] = [
        (mention.start, mention)
        for mention in sentence.mentions
        if _is_subject(sentence, mention)
        # "ngành y tế thành phố", "khối Đảng tỉnh": the place is part of the set's name
        and (mention.kind == "set" or mention.start not in sets or sentence.text[mention.start - 1] != " ")
    ]
    taken = {place for mention in sentence.mentions for place in range(mention.start, mention.end)}
    found += [
        (match.start(), None)
        for match in _GROUP.finditer(sentence.folded)
        if match.start() not in taken and not _is_oblique(sentence, match.start())
    ]
    return tuple(sorted(found, key=lambda one: one[0]))


def _is_subject(sentence: Sentence, mention: Mention) -> bool:
    if mention.type == "person" or _is_part_of_people(sentence, mention) or _is_oblique(sentence, mention.start):
        return False
    if mention.kind == "set" and _COUNTED.match(mention.name) and not mention.name.endswith(("nước", "cụm")):
        return False
    if _is_asked(sentence, mention):
        return False
    if mention.kind != "self" and _TELLS.match(sentence.masked, mention.end):
        return False
    if _COUNTS_FOR_ALL.search(mention.name.casefold()) and _PROPOSES.match(sentence.masked, mention.end):
        return False
    return not (mention.type == "ministry" and mention.kind == "name" and mention.name == "Chính phủ")


def _is_asked(sentence: Sentence, mention: Mention) -> bool:
    """Whether others ask a body to decide on their cases: "tỉnh đề nghị Bộ Nội vụ, Bộ Tài chính xem xét …"."""
    decides = _DECIDES.match(sentence.masked, mention.end)
    return decides is not None and _ASKED.search(sentence.masked, max(0, mention.start - 90), mention.start) is not None


def _is_oblique(sentence: Sentence, start: int) -> bool:
    # "dẫn đầu PAR INDEX khối bộ": the list of an index
    listed = any(span.end == start - 1 for span in sentence.indices) if sentence.folded.startswith("khối", start) else False
    oblique = _OBLIQUE.search(sentence.folded, max(0, start - 60), start)
    return listed or (oblique is not None and not _is_topic(sentence, start))


def _is_topic(sentence: Sentence, start: int) -> bool:
    """Whether the sentence opens with a body as what it is about: "Còn với Bộ Y tế, quý II có 12 công chức thôi việc"."""
    return _WITH.fullmatch(sentence.folded, 0, start) is not None and _NAMED_TOPIC.match(sentence.masked, start) is not None


def _stands_before(sentence: Sentence, start: int, mention: Mention | None, number: int) -> bool:
    """Whether a subject stands before a number, in no closed brackets, and does not only handle others' cases."""
    if mention is None:
        return start < number
    if mention.end > number or closed_brackets(sentence, mention.end, number):
        return False
    counts_for_all = _COUNTS_FOR_ALL.search(mention.name.casefold()) is not None
    return not (counts_for_all and _HANDLES.search(sentence.folded, mention.end, number))


# By the field of a ministry or department, who works in the sector that it has the care of
_SECTOR_STAFF = {
    "y tế": re.compile(r"y tế|bác s[ĩỹ]|điều dưỡng|y s[ĩỹ]|y tá|hộ sinh|dược s[ĩỹ]"),
    "giáo dục": re.compile(r"giáo viên|giảng viên|nhà giáo|giáo dục"),
}


def _is_sector_of(mention: Mention, counted: str) -> bool:
    """Whether the counted are those of a whole sector, whose ministry or department only tells of them."""
    field = mention.name.casefold().partition(" ")[2] if mention.type in {"ministry", "department"} else ""
    return any(field.startswith(name) and staff.search(counted) for name, staff in _SECTOR_STAFF.items())


def _teller(statement: Statement, figure: Figure) -> Mention | None:
    """Who tells the figure, where nobody else is named: "Bộ Công Thương cho biết đã giảm 40 biên chế". The bodies
    that count for all others (Nội vụ) tell of the province or the country."""
    for mention in reversed(statement.sentence.mentions):
        if (
            mention.end <= figure.number[0]
            and mention.kind == "name"
            and mention.type in {"ministry", "department", "district", "organisation"}
            and _TELLS.match(statement.sentence.masked, mention.end)
            and not _COUNTS_FOR_ALL.search(mention.name.casefold())
            and not _is_sector_of(mention, statement.sentence.folded[figure.number[0] : figure.phrase[1] + _REACH])
        ):
            return mention
    return None


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
        if province := mention.province or home:
            return Who("province", province, province, start)
        several = _provinces_last(document, at, start)
        if len(several) == 1:
            return Who("province", several[0], several[0], start)
        return Who("province", mention.name, None, start, several)
    if mention.kind == "anaphor":
        found = _antecedent(document, at, mention)
        return replace(found, start=start) if found else _open(mention, start)
    if mention.type == "organisation" and _RULES.match(mention.name.casefold()):
        province = mention.province or home
        return Who("province", province, province, start) if province else None
    province = mention.province
    if province is None and mention.type in {"department", "district", "commune"}:
        province = home
    if mention.type == "organisation" and province is None and document.home and _is_local(mention):
        province = home
    if mention.type == "department" and _BRANCH.match(mention.name):
        sentence = document.sentences[at]
        return Who("organisation", sentence.text[mention.start : mention.end], province, start)
    return Who(mention.type, mention.name, province, start)


def _is_local(mention: Mention) -> bool:
    return not re.search(r"việt nam|trung ương|quốc gia|tổng cục|toàn quốc", mention.name.casefold())


def _group(document: Document, at: int, span: Span, until: int | None = None) -> Who | None:
    """A set of bodies as worded; the sector of a national body that is named up to the sentence `until` is that
    body."""
    sentence = document.sentences[at]
    span = (_block_before(sentence, span[0]), span[1])
    if sentence.folded.startswith("khối ", span[0]) and (rest := _BLOCK_GOES_ON.match(sentence.folded, span[1])):
        span = (span[0], rest.end())
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


def _block_before(sentence: Sentence, start: int) -> int:
    """Where a block of bodies begins that ends with the set at `start`: "khối cơ quan Đảng, Mặt trận và các đoàn
    thể", "khối Đảng, đoàn thể cấp huyện"; else `start`."""
    for mention in sentence.mentions:
        is_block = mention.kind == "set" and mention.end < start and sentence.folded.startswith("khối ", mention.start)
        if is_block and _BLOCK_ENDS.match(sentence.folded, mention.end) and start - mention.end <= len(" và "):
            return mention.start
    return start


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
    if mention.name == "Bộ" and not title and (own := _own_ministry(document, named, at)):
        here = [own]
    for group in (here, title, [other for _, other in named]):
        if group:
            return _resolved(document, at, group[-1].start, group[-1])
    if head in {"thành", "tỉnh", "tp"} and (home := province_of(document)):
        return Who("province", home, home)
    return None


def _own_ministry(document: Document, named: list[tuple[int, Mention]], at: int) -> Mention | None:
    """The ministry spoken of before the word in its sentence or alone last in its paragraph, else the one that the
    article calls "Bộ" throughout."""
    sentences = document.sentences
    place, last = next((one for one in reversed(named) if not is_beside(sentences[one[0]], one[1])), (-1, None))
    here = last is not None and sentences[place].block == sentences[at].block
    alone = here and (place == at or len(ministries_spoken(sentences[place])) == 1)
    return last if alone else own_ministry(document)


def _answers(head: str, anaphor: Mention, other: Mention) -> bool:
    name = other.name.casefold()
    if head in {"thành", "tp"}:
        return name.startswith("thành phố") or (other.type == "province" and lookups.is_city(other.name))
    if head == "tỉnh":
        return other.type == "province"
    if head in {"huyện", "quận", "xã", "phường", "sở", "bộ", "thị"}:
        return name.startswith(head) or (head == "bộ" and other.type == "ministry")
    return name.startswith(head) and other.type == anaphor.type


def _open(mention: Mention, start: int) -> Who | None:
    """A word for one district, commune or department that the article names nowhere; "Bộ", "đơn vị" may be used of
    no one."""
    if mention.type not in {"district", "commune", "department"} or not ONE_UNIT.fullmatch(mention.name.casefold()):
        return None
    return Who(mention.type, mention.name, None, start, ())


def _provinces_last(document: Document, at: int, start: int) -> tuple[str, ...]:
    """The provinces that "tỉnh" may mean: those that the last sentence named which names any, its own up to the word;
    of several the one that the title names alone."""
    for place in range(at, -1, -1):
        sentence = document.sentences[place]
        named = tuple(
            dict.fromkeys(
                m.province
                for m in sentence.mentions
                if m.kind == "name" and m.type == "province" and m.province and (place < at or m.start < start)
            )
        )
        if named:
            return named if len(named) == 1 else _titled_alone(document) or named
    return ()


def _titled_alone(document: Document) -> tuple[str, ...]:
    """The province that the title names alone, else none."""
    title = [s for s in document.sentences if s.kind == "title"]
    named = {m.province for s in title for m in s.mentions if m.kind == "name" and m.type == "province" and m.province}
    return tuple(named) if len(named) == 1 else ()


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
    reported = _reported_province(document)
    return Who("province", reported, reported) if reported else Who("group", "cả nước", None)


def _reported_province(document: Document) -> str | None:
    """The one province of an article of a national source, named by its head and of which it speaks alone."""
    head = [sentence for sentence in document.sentences if sentence.kind in {"title", "lead"}]
    body = (sentence for sentence in document.sentences if sentence.kind not in {"title", "lead"})
    named = {m.name for s in (*head, *islice(body, 1)) for m in s.mentions if m.type == "province" and m.kind == "name"}
    if len(named) != 1 or any(_NATION.search(sentence.folded) for sentence in document.sentences):
        return None
    province = only_province(document)
    return province if province in named else None


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
            who = _resolved(document, place, mention.start, mention)
            return who if who is None or who.may_be is None else None
    return None


def is_company(sentence: Sentence, who: Who) -> bool:
    """Whether a body is a firm or a newspaper, whose people are on no public payroll; a place may be the end of a
    firm's name ("Công ty Cổ phần Thực phẩm Tân An")."""
    if who.type == "organisation":
        return bool(_COMPANY.match(who.name.casefold()))
    return who.start is not None and _FIRM_BEFORE.search(sentence.folded, max(0, who.start - 80), who.start) is not None
