"""Bodies that are told by less than a full name: the institution that an article is about, where "nhà trường",
"Bệnh viện", "Công ty" point at it, and the units inside an institution ("Khoa Dược", "Tổ Toán - Tin", "Chi bộ ấp 3")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.awards_givers import Around
from extractors.fold import fold
from extractors.gazetteer import UPPER, load_gazetteer
from extractors.mentions import Mention
from extractors.recipients import lengthened, line_of
from extractors.rules import FILLER, MASKS
from extractors.sentence import Document, Sentence

# What an institution's name begins with, and the words that then point at it.
_POINTING: tuple[tuple[str, str], ...] = (
    ("tổng công ty", "tổng công ty|công ty"),
    ("công ty", "công ty"),
    ("tập đoàn", "tập đoàn"),
    ("trường", "nhà trường|trường"),
    ("đại học", "nhà trường|trường"),
    ("học viện", "học viện"),
    ("bệnh viện", "bệnh viện"),
    ("trung tâm", "trung tâm"),
    ("hợp tác xã", "hợp tác xã"),
    ("nhà máy", "nhà máy"),
    ("viện", "viện"),
    ("báo", "báo"),
    ("đài", "đài"),
)
# Words that are too common to point without a capital
_CAPITAL_ONLY = frozenset({"viện", "báo", "đài", "trung tâm"})
_HEADS_SCHOOL = ("trường", "đại học", "học viện")
_SUBJECT_LEAD = r"(?:^|[,;:)–-] |^[\"'(*+•-]+ ?)"
# What may stand before a word that points; "Đoàn Trường", "các trường" are others.
_BEFORE = re.compile(
    rf"(?:{_SUBJECT_LEAD}|(?<!\w)(?:cho|tặng|và|tập thể|của|hiệu trưởng|giám đốc|chủ tịch|viện trưởng|ban giám hiệu|ban giám đốc"
    r"|lãnh đạo|đại diện|thay mặt|thì|đó|nay|này|hiện|nhân viên|cán bộ|giáo viên|công nhân|toàn|\d{4}) )$"
)
_AS_SUBJECT = re.compile(rf"{_SUBJECT_LEAD}$")
# What may stand after it: a verb, an end, a name; "trường hợp", "công ty con" are others.
_AFTER = re.compile(
    rf"\s*(?:$|[,.;:()\"]|[{''.join(MASKS.values())}])| (?:được|đã|vừa|cũng|còn|vinh|nhận|đón|đạt|liên tục|tiếp tục|nhiều|hai|ba|bốn|\d+|trao"
    r"|tặng|quyết định|khen|ký|thưởng|này|ấy|và|vì|do|trong|nhân|biểu dương|tuyên dương|sẽ|có|là|công nhận|lại|luôn|ban hành|lần)(?!\w)"
)
_VERB_AFTER = re.compile(r"(?: (?:này|ấy))?(?: (?:đã|vừa|cũng|còn|vinh dự|lại|tiếp tục|liên tục|nhiều lần|hai lần|ba lần|\d+ lần))* (?:được|nhận|đón|đạt|vinh dự)(?!\w)")


@dataclass(frozen=True, slots=True)
class Institution:
    """The institution that an article is about, and the words that point at it."""

    mention: Mention
    words: re.Pattern[str]
    kind: str

    @property
    def is_school(self) -> bool:
        return self.kind in _HEADS_SCHOOL


def institution(document: Document) -> Institution | None:
    """The one institution that the title names, else the one that the first paragraph does; None where they name
    several."""
    blocks = [sentence.block for sentence in document.sentences if sentence.kind == "paragraph"]
    title = [s for s in document.sentences if s.kind == "title"]
    first = [s for s in document.sentences if blocks and s.block == blocks[0]]
    for sentences in (title, first):
        named = {m.name: m for s in sentences for m in s.mentions if _kind(m)}
        if len(named) == 1:
            mention = _whole(next(iter(named.values())), first)
            kind = str(_kind(mention))
            return Institution(mention, re.compile(rf"(?<!\w)(?:{dict(_POINTING)[kind]}|đơn vị)(?!\w)"), kind)
        if named:
            return None
    return None


def _whole(mention: Mention, sentences: Sequence[Sentence]) -> Mention:
    """The institution with its name as far as the sentences of the first paragraph tell it: in a title the words
    after a name may be the verb."""
    for sentence in sentences:
        line = line_of(sentence.text, sentence.masked, sentence.mentions, Around())
        for told in sentence.mentions:
            if told.name == mention.name and told.kind == "name":
                return lengthened(told, line, len(sentence.text))
    return mention


def _kind(mention: Mention) -> str | None:
    """The word that an institution's name begins with; None for any other body."""
    if mention.type != "organisation" or mention.kind != "name":
        return None
    name = fold(mention.name)
    return next((head for head, _ in _POINTING if name.startswith(f"{head} ")), None)


def completed(document: Document, about: Institution | None) -> Iterator[Sentence]:
    """The document's sentences, with what points at its institution and the units inside one among their mentions."""
    block, named = -1, list[Mention]()
    for sentence in document.sentences:
        if sentence.block != block:
            block, named = sentence.block, []
        here = with_units(sentence)
        yield _with_pointed(here, about, named) if about and sentence.kind != "title" else here
        named = [*named, *sentence.mentions]


# --- the article's own institution -----------------------------------------------------------------------------------


def _with_pointed(sentence: Sentence, about: Institution, named: Sequence[Mention]) -> Sentence:
    for found in about.words.finditer(sentence.folded):
        before = [*named, *(m for m in sentence.mentions if m.end <= found.start())]
        if not _points(found, sentence, before, about):
            continue
        pointer = next((m for m in sentence.mentions if m.start == found.start() and m.kind == "anaphor"), None)
        start, end = found.start(), pointer.end if pointer else found.end()
        sentence = _with(sentence, replace(about.mention, start=start, end=end))
    return sentence


def _points(found: re.Match[str], sentence: Sentence, before: Sequence[Mention], about: Institution) -> bool:
    """Whether a word means the institution: it stands where a name could, and the paragraph names no other before."""
    word, at = found.group(), found.start()
    taken = next((m for m in sentence.mentions if m.start < found.end() and at < m.end), None)
    if taken and not (taken.kind == "anaphor" and taken.start == at):
        return False
    if taken is None and sentence.masked[at : found.end()] != word:
        return False
    if word in _CAPITAL_ONLY and not sentence.text[at].isupper():
        return False
    others = [m for m in before if m.kind == "name" and m.name != about.mention.name]
    if word == "đơn vị":
        alone = not any(m.type in {"organisation", "department", "district", "commune"} for m in others)
        end = taken.end if taken else found.end()
        return alone and bool(_AS_SUBJECT.search(sentence.masked[:at]) and _VERB_AFTER.match(sentence.folded, end))
    if any(_kind(m) == about.kind for m in others):
        return False
    end = taken.end if taken else found.end()
    return bool(_BEFORE.search(sentence.masked[:at]) and _AFTER.match(sentence.masked, end))


def _with(sentence: Sentence, mention: Mention) -> Sentence:
    """The sentence with one more mention of an organisation, in place of those that it covers."""
    start, end = mention.start, mention.end
    kept = [m for m in sentence.mentions if m.end <= start or end <= m.start]
    mark = MASKS["organisation"] + FILLER * (end - start - 1)
    more = replace(sentence)
    # What a sentence has looked for once it keeps under these names, and never looks for again.
    vars(more).update(
        mentions=tuple(sorted([*kept, mention], key=lambda m: m.start)),
        masked=sentence.masked[:start] + mark + sentence.masked[end:],
        periods=sentence.periods,
    )
    return more


# --- units inside an institution -------------------------------------------------------------------------------------

# Where a unit's name ends: with the clause's verb, or with what joins it to others.
_ENDS = (
    r"(?:được|vinh|đã|vừa|nhận|đón|đạt|có|là|của|thuộc|tại|ở|trong|và|với|cùng|cũng|đều|về|vì|do|gồm|như|còn|sẽ|theo|từ|cho|bằng|để"
    r"|không|chưa|tặng|trao|giành|đoạt|xếp|năm|này|lần|khi|tiếp tục|hoàn thành|xuất sắc|tiêu biểu|phối hợp|tổ chức|triển khai|thực hiện|lại|luôn)(?!\w)"
)
_WORD = rf"(?!{_ENDS})[^\W_{FILLER}{''.join(MASKS.values())}]+"
# "Khoa Điện - Điện tử", "Tổ Văn - Sử", "Khoa Giáo dục Tiểu học và Mầm non"
_NAME = rf"{_WORD}(?:(?: - | ){_WORD}){{0,7}}(?: và {_WORD}(?: {_WORD}){{0,3}})?"
_INNER_UNIT = re.compile(
    rf"(?<![\w.])(?:(?:Khoa|Tổ|Bộ môn) (?=[{UPPER}])(?!Học |Chức |Quốc )|Tổ (?=dân phố|tự quản|công tác|hợp tác|liên gia|tiếp nhận|bảo vệ an ninh|\d)"
    rf"|(?P<party>Chi bộ|Chi đoàn|Liên đội|Đoàn [Tt]hanh niên|(?:Đoàn|Công đoàn|Hội Sinh viên)(?= (?:Trường|Đại học|Học viện|Bệnh viện))) )"
    r"|(?<!\w)(?P<army>(?:(?:Tiểu|Trung|Lữ|Sư|Hải|Quân) đoàn|(?:Đại|Hải) đội)(?: [^\W\d_]+){0,3} \d{1,4}(?![\w%/]|[.,]\d))"
)
_NAMED = re.compile(rf"tiếp nhận(?: hồ sơ)? và trả kết quả|{_NAME}")


def with_units(sentence: Sentence) -> Sentence:
    """The sentence with the units inside an institution among its mentions."""
    for found in _INNER_UNIT.finditer(sentence.text):
        start = found.start()
        if not found["army"] and sentence.masked[start : found.end()] != sentence.folded[start : found.end()]:
            continue
        if end := found.end() if found["army"] else _unit_end(sentence, found):
            name = " ".join(sentence.text[start:end].split())
            province = next((m.province for m in sentence.mentions if start < m.start < end and m.province), None)
            sentence = _with(sentence, Mention(start, end, "organisation", name, province, "name", True))
    return sentence


def _unit_end(sentence: Sentence, found: re.Match[str]) -> int | None:
    """Where the unit's name ends: with the body that a party cell or a youth branch belongs to, or its own words."""
    after = next((m for m in sentence.mentions if m.start == found.end() and m.kind == "name"), None)
    if after:
        return after.end if found["party"] and after.type != "person" else None
    name = _NAMED.match(sentence.masked, found.end())
    if name is None:
        return None
    end = _without_another(sentence, found.end(), name.end())
    place = next((m for m in sentence.mentions if m.start == end + 1 and m.type in {"commune", "district"}), None)
    return place.end if place and sentence.masked[end] == " " else end


def _without_another(sentence: Sentence, start: int, end: int) -> int:
    """The end before " và " where another body begins there: "Khoa Dược và Phòng Đào tạo"."""
    joint = sentence.folded.find(" và ", start, end)
    if joint < 0 or sentence.folded.startswith("tiếp nhận", start):
        return end
    heads = (*load_gazetteer().heads, "khoa ", "tổ ", "bộ môn ", "chi bộ ", "ông ", "bà ")
    another = not sentence.text[joint + 4].isupper() or sentence.folded.startswith(heads, joint + 4)
    return joint if another else end
