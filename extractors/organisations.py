"""Bodies that are neither ministry nor department: hospitals, schools, papers, offices, party and mass bodies."""

from __future__ import annotations

import functools
import re

from extractors import lookups
from extractors.gazetteer import DISTRICT_KINDS, LIST_SEPARATOR, OPENERS, SYLLABLE, UNIT_WORDS, UPPER, load_gazetteer
from extractors.passage import Mention, Passage, canonical
from extractors.places import stated_province

_UNIT_OPENING = re.compile(
    r"(?!\w+\s(?:ủy|đoàn)(?!\w))(tỉnh|huyện|quận|thị\sxã|thành\sphố|xã|phường|thị\strấn|tp\.?|tx\.?)(?!\w)\s?"
)

_TAIL_GLUE = re.compile(r"\s?-\s?|\s(?:và|&)\s|\s")

_TAIL_SYLLABLE = re.compile(rf"[{UPPER}\d][{UPPER}\d]*(?:&[{UPPER}\d]+)+(?!\w)|{SYLLABLE}\d*(?!\w)|[IVX]+(?!\w)")

# "Bệnh viện Nhi Đồng 1", "Tổng công ty May 10", "Bệnh viện 108": a number that closes a name is no count, date or share
_NUMBER = re.compile(r"\s(?:số )?[1-9]\d{0,2}(?![\w%/])(?![.,]\d)")
# What may follow such a number: not what would be counted ("Trường THPT A 3 tập thể")
_AFTER_NUMBER = re.compile(
    r"\s*(?:$|[;:.)]|[-–] (?=[^\W\d])|(?:có|được|đã|vừa|đang|sẽ|là|cho|nhận|đón|tổ chức|giảm|tinh giản|cũng|còn|vinh dự|vì|do|thuộc|trực thuộc|tại|ở|về|với|thành phố|tỉnh|tp"
    r"|bộ|trong|lần|từ|đến|phải|bị|không|thay|hỗ trợ|ủng hộ|hoàn thành|tham gia|triển khai|thực hiện|đạt)(?!\w)|(?:,| và| cùng) (?:(?!\d)|(?=\d+ (?:tập thể|cá nhân|đơn vị|đồng chí)(?!\w))))"
)
# Firms bear numbers, and nobody counts a firm's people without saying what is counted; of other bodies only those whose
# names end in these words, where a comma or the end follows.
_NUMBERED_HEADS = frozenset({"công ty", "tổng công ty", "nhà máy"})
_ALONE = re.compile(r"\s[1-9]\d{1,2}(?![\w%/])(?![.,]\d)")
_NUMBERED = re.compile(r"(?:nhi đồng|quân y|quân đội|cơ sở|khu vực|dã chiến|bệnh viện|bv|tiểu đoàn|trung đoàn|ban quản lý (?:các )?dự án)$")
_NUMBER_MAY_CLOSE = _NUMBERED_HEADS | {"bệnh viện", "bv", "xí nghiệp", "ban"}
_LIGHT_END = re.compile(r"\s*(?:$|[;:.)]|,| và(?!\w)| cùng(?!\w))")

# Units of the police whose names go on in lower case, with commas of their own
_POLICE = re.compile(
    r"\s(?:an ninh mạng và phòng,? chống tội phạm(?: (?:có )?sử dụng công nghệ cao)?"
    r"|cảnh sát (?:phòng cháy,?(?: và)? chữa cháy(?:,? và cứu nạn,? cứu hộ)?|(?:điều tra |phòng,? chống )?tội phạm về (?:trật tự xã hội|ma túy|môi trường"
    r"|(?:tham nhũng, )?kinh tế(?:, tham nhũng)?(?:(?:,| và) (?:chức vụ|buôn lậu|môi trường))*)|quản lý hành chính về trật tự xã hội"
    r"|thi hành án hình sự và hỗ trợ tư pháp|giao thông đường bộ(?:,| và|-) đường (?:thủy|sắt)))(?!\w)"
)
_OF_POLICE = frozenset({"phòng", "cục", "đội"})
# Fields that stand second in a unit's name without a capital: "Phòng Tổ chức, biên chế", "Phòng Kế hoạch, tài chính"
_FIELD = (
    r"(?:biên chế|tài chính|kế hoạch|đầu tư|hành chính|tổng hợp|quản trị|kế toán|thống kê|tài vụ|báo chí|xuất bản|tiền lương|trẻ em|bình đẳng giới"
    r"|văn thư|lưu trữ|việc làm|an toàn lao động|khoáng sản|hải đảo|bản đồ|viễn thám|hợp tác quốc tế|thi đua|pháp chế|kỹ thuật|xây dựng chính quyền"
    r"|công tác thanh niên|(?<=công chức, )viên chức|giáo dục thường xuyên|y tế dự phòng|công nghệ thông tin|chuyển đổi số|dân số|nguồn nhân lực)"
)
_FIELDS = re.compile(rf"(?:, {_FIELD}(?!\w))+(?: và {_FIELD}(?!\w))?")
# "Bệnh viện Nhi đồng (Đồng Nai)", "Trường THCS Lê Lợi (huyện Yên Mô, Ninh Bình)"
_IN_BRACKETS = re.compile(r"\s\([^()\d]{3,60}\)")
# "Phòng Quản lý giá và Công sản", "Phòng Xây dựng chính quyền và Công tác thanh niên": a second field behind "và"
_AND_FIELD = re.compile(
    rf"(?P<first>(?: [^\W\d_]+){{0,3}}) và (?:{_FIELD}|công sản|đầu tư công|bổ trợ tư pháp|theo dõi thi hành pháp luật|phổ biến,? giáo dục pháp luật|nghiên cứu khoa học|công tác (?:thanh niên|sinh viên|học sinh|đảng)|văn thư,? lưu trữ|(?:đảm bảo|bảo đảm) chất lượng"
    r"|sự kiện|bồi thường|thiết bị y tế|tài nguyên nước|tài sản công|khảo thí|tái định cư|giải phóng mặt bằng|đấu thầu|quản lý xử lý vi phạm hành chính|phát triển thị trường)(?!\w)"
)
_PRAISE_TOO = re.compile(r", khen thưởng(?!\w)")  # "Vụ Thi đua, Khen thưởng"
_HAS_FIELDS = frozenset({"phòng", "vụ", "ban", "cục", "chi cục", "trung tâm"})
# What follows a whole name; "Phòng Nội vụ, kế hoạch năm 2020 …" begins another clause
_AFTER_FIELDS = re.compile(
    r"\s*(?:$|[,;:.)(]|(?:được|đã|vừa|có|là|và|cùng|thuộc|của|sở|bộ|ubnd|huyện|tỉnh|thành phố|nhận|đạt|đón|vì|do|xếp|dẫn|đứng|cũng|giảm|tinh giản|không|chưa|vinh dự|trực thuộc|tại|quận|thị xã|còn)(?!\w)|[-–]\s)"
)

_POLICE_CODE = re.compile(r"P[A-Z]\d\d(?!\w)")  # "PC03", "PA06": a province's police divisions

_WHOLE_HEADS = frozenset({"tỉnh ủy", "thành ủy", "tỉnh đoàn", "thành đoàn"})

_PARTY_HEADS = frozenset({"huyện ủy", "thị ủy", "quận ủy", "thành ủy", "huyện đoàn", "thành đoàn"})

# "Ban Giám hiệu nhà trường" is the school's head
_NO_BODIES = ("ban giám hiệu", "ban giám khảo", "ban giám sát")

_TIER_HEADS = frozenset(
    {"đảng bộ", "tỉnh ủy", "thành ủy", "bhxh", "bảo hiểm xã hội", "tand", "vksnd", "mttq", "mặt trận tổ quốc", "ủy ban mttq",
     "ủy ban mặt trận tổ quốc", "bưu điện", "điện lực", "công an", "thư viện", "bảo tàng", "vnpt", "kho bạc", "báo", "đài",
     "liên đoàn", "lđlđ", "công đoàn", "viện ksnd"}
)  # fmt: skip

# Units that are named after the house that they are in, of which there is one: "Thanh tra Sở", "Văn phòng Bộ"
_OF_A_HOUSE = frozenset({"thanh tra", "văn phòng", "công đoàn", "đảng bộ"})
_HOUSE = re.compile(rf"(?:Sở|Bộ)(?=\s*(?:[,.;:()]|$)|\s(?![{UPPER}]))")

_NAMED_AFTER_PEOPLE = frozenset({"trường", "học viện", "thư viện", "quỹ", "bệnh viện", "công ty", "đại học"})


# Units of a ministry are named after fields, whose words go on in lower case.
_CENTRAL_HEADS = frozenset({"cục", "tổng cục", "vụ", "viện"})
# "Cục Phòng vệ thương mại": no office, which has a capital behind it
_DEFENCE = re.compile(r"Phòng (?:vệ|chống|bệnh|thủ)(?!\w)")
_FIELD_WORD = re.compile(r"(?P<joint>\svà)?\s(?P<word>[^\W\d_]+)")
# What cannot belong to a field's name: the clause goes on.
_CLAUSE_WORDS = frozenset(
    ["xếp", "đứng", "dẫn", "đạt", "được", "có", "là", "về", "với", "vừa", "đã", "cũng", "và", "cho", "của", "tại", "trong", "nhận", "tặng", "trao", "giành", "giữ", "chỉ", "còn", "từ", "đến", "ở", "vẫn", "tiếp", "tăng", "giảm", "tụt", "lên", "xuống", "thuộc", "nằm", "bị", "do", "theo", "khi", "cùng", "gồm", "tổ", "tham", "phối", "chủ", "đề", "trình", "báo", "ban", "vì", "mà", "thì", "nhưng", "nay", "này", "đó", "vinh", "hân", "đón", "trực", "đặt", "phấn", "cần", "sẽ", "đang", "phải", "không", "chưa", "hiện", "lần", "thực", "triển", "giải", "tinh", "đông", "nhiều", "ít", "sáp", "hợp", "chuyển", "xin", "nghỉ", "cắt", "bớt", "chấm", "vượt", "vươn", "bứt", "nhảy", "leo", "rơi", "rớt", "lùi", "soán", "chiếm", "bám", "trụ", "trở", "dù", "tuy", "luôn", "lại"]
)


def organisations(p: Passage, start: int, end: int, word: str) -> list[Mention]:
    """ "Bệnh viện Đa khoa tỉnh", "Trường THPT Việt Bắc", "Phòng PC03, PA06", "Báo Nghệ An"."""
    text, folded = p.text, p.folded
    in_title = " " in word and text[start:end].isupper()
    if not text[start].isupper() or in_title or folded.startswith((*load_gazetteer().not_heads, *_NO_BODIES), start):
        return []
    if load_gazetteer().full_name.match(text, start) or p.follows_surname(start):
        return []  # "ông Đoàn Hữu Khang", "Võ Trường Toản"
    rest = tail(p, end, word)
    if rest is None and word not in _WHOLE_HEADS and not _is_numbered_alone(folded, end, word):
        return []
    _, last, province = rest or (end, end, None)
    if word in _NUMBER_MAY_CLOSE and (closing := _number_that_closes(folded, start, last, word)):
        last = closing
    last = _whole_name(folded, end, last, word)
    name = canonical(text[start:last], folded[start:last])
    if province is None and word in _PARTY_HEADS:
        province = lookups.place_province(text[end + 1 : last], None, "district", p.when, p.home)
    if province is None and word not in _CENTRAL_HEADS and _IN_BRACKETS.match(folded, last):
        province = stated_province(p, name, last)
    if word == "bhxh":
        name = "Bảo hiểm xã hội" + name[len(word) :]
    mentions = [Mention(start, last, "organisation", name, province, "name", True)]
    code = _POLICE_CODE.match(text, end + 1)
    while code:
        joint = LIST_SEPARATOR.match(folded, code.end())
        code = _POLICE_CODE.match(text, joint.end()) if joint else None
        if code:
            head = canonical(text[start:end], folded[start:end])
            mentions.append(
                Mention(code.start(), code.end(), "organisation", f"{head} {code[0]}", province, "name", True)
            )
    return mentions


def _whole_name(folded: str, head_end: int, end: int, head: str) -> int:
    """Where the name of a unit ends that holds commas or goes on in lower case: "Phòng Tổ chức, biên chế"."""
    if head in _OF_POLICE and (police := _POLICE.match(folded, head_end)):
        return max(end, police.end())
    if head not in _HAS_FIELDS:
        return end
    if folded.endswith("thi đua", head_end, end) and (praise := _PRAISE_TOO.match(folded, end)):
        return praise.end()
    joined = _AND_FIELD.match(folded, end)
    if joined and _CLAUSE_WORDS.isdisjoint(joined["first"].split()) and _AFTER_FIELDS.match(folded, joined.end()):
        return joined.end()
    fields = _FIELDS.match(folded, end)
    return fields.end() if fields and _AFTER_FIELDS.match(folded, fields.end()) else end


def _number_that_closes(folded: str, start: int, end: int, head: str) -> int | None:
    """Where the number ends that closes a name: "Bệnh viện Quân y 7 cho …"; None where it may count what follows."""
    number = _NUMBER.match(folded, end)
    if number is None or not _AFTER_NUMBER.match(folded, number.end()):
        return None
    numbered = head in _NUMBERED_HEADS or _NUMBERED.search(folded, start, end)
    return number.end() if numbered or not _LIGHT_END.match(folded, number.end()) else None


def _is_numbered_alone(folded: str, end: int, head: str) -> bool:
    """Whether a body is named by its number alone: "Công ty 28", "Bệnh viện 108 được …"."""
    if head not in {"bệnh viện", "công ty", "tổng công ty", "nhà máy"}:
        return False
    number = _ALONE.match(folded, end)
    return number is not None and _AFTER_NUMBER.match(folded, number.end()) is not None


def tail(p: Passage, end: int, head: str) -> tuple[int, int, str | None] | None:
    """What a body's name goes on with after its opening word: the end without and with its place, and the
    province in it; None where nothing of a name follows."""
    text, folded, gazetteer = p.text, p.folded, load_gazetteer()
    at, name_end, province = end, end, None
    while True:
        glue = _TAIL_GLUE.match(folded, at)
        if glue is None:
            break
        token = glue.end()
        joined = "và" in glue[0] or "&" in glue[0]
        tier = _UNIT_OPENING.match(folded, token)
        if tier and not joined:
            place = tier_place(p, token, tier)
            if place is not None and (place[1] or name_end > end or head in _TIER_HEADS):
                return name_end if name_end > end else place[0], place[0], place[1]
        found = None if joined else p.province_at(token)
        if found:
            return (name_end if name_end > end else found[2]), found[2], found[1]
        capital = text[token : token + 1].isupper()
        if name_end == end and not joined and (inner := inner_body(p, token, head)):
            return inner, inner, None
        person = gazetteer.full_name.match(text, token) if head in _NAMED_AFTER_PEOPLE else None
        if person and not _is_its_head(p, end - len(head), person.group()):
            return person.end(), person.end(), None
        phrase = gazetteer.tail_word.match(folded, token)
        another = joined and capital and folded.startswith((*OPENERS, *gazetteer.heads), token)
        if phrase and not capital and phrase.group() == "tổ chức":
            break  # "Tổng cục Hải quan tổ chức gặp mặt": the verb
        if phrase and (capital or (name_end > end and not joined)) and not another:
            at = name_end = phrase.end()
            if further := further_words(p, name_end):
                at = name_end = further
            continue
        word = _TAIL_SYLLABLE.match(text, token) if capital and not joined else None
        opened = folded.startswith(OPENERS, token) and not (head in _CENTRAL_HEADS and _DEFENCE.match(text, token))
        if word is None or opened or gazetteer.full_name.match(text, token):
            if head in _CENTRAL_HEADS and name_end > end and (further := _field_words(p, name_end)):
                at = name_end = further
                continue
            break
        at = name_end = word.end()
    return (name_end, name_end, province) if name_end > end else None


# "Giám đốc ", "Phó Hiệu trưởng "
_HEAD_OF = re.compile(r"(?<!\w)(?:giám đốc|hiệu trưởng|hiệu phó|viện trưởng|chủ tịch|bí thư|kế toán trưởng)\s$")


def _is_its_head(p: Passage, start: int, person: str) -> bool:
    """Whether the name behind a body is its head's: "Giám đốc Bệnh viện Nguyễn Văn An", but "Giám đốc Bệnh viện
    Nguyễn Tri Phương", whose name hospitals bear."""
    if not _HEAD_OF.search(p.folded, max(0, start - 16), start):
        return False
    return lookups.place_key(person) not in _namesakes()


@functools.cache
def _namesakes() -> frozenset[str]:
    return frozenset(map(lookups.place_key, lookups.persons()["namesakes"]))


def _field_words(p: Passage, at: int) -> int | None:
    """Where the words of a field end that go on in lower case: "Cục Biến đổi khí hậu", "Tổng cục Khí tượng Thủy
    văn", "Cục Công nghệ thông tin và Dữ liệu tài nguyên môi trường"."""
    end = at
    while word := _FIELD_WORD.match(p.text, end):
        syllable = word["word"].casefold()
        if syllable in _CLAUSE_WORDS or p.folded.startswith((*OPENERS, *load_gazetteer().heads), word.start("word")):
            break
        if word["word"][0].isupper() and not word["joint"]:
            break  # the caller reads capitals
        end = word.end()
    return end if end > at else None


def inner_body(p: Passage, at: int, head: str) -> int | None:
    """Where the body ends that another is part of: "Văn phòng Bộ Nội vụ", "Thanh tra Sở Y tế", "Thanh tra Sở"."""
    for opening, side in (("bộ ", "ministry"), ("sở ", "department")):
        if p.folded.startswith(opening, at) and (found := lookups.field_at(p.folded, at + len(opening), side)):
            return found[1]
    house = _HOUSE.match(p.text, at) if head in _OF_A_HOUSE else None
    return house.end() if house else None


def further_words(p: Passage, at: int) -> int | None:
    """Where an enumeration inside a name ends: "Xúc tiến Đầu tư, Thương mại và Du lịch"."""
    found = load_gazetteer().enumeration.match(p.folded, at)
    if not found or p.folded.startswith(load_gazetteer().heads, found.start("last")):
        return None
    return found.end() if p.text[found.start("first")].isupper() else None


def tier_place(p: Passage, start: int, tier: re.Match[str]) -> tuple[int, str | None] | None:
    """The end and province of "tỉnh Hà Nam", "huyện Kim Bảng" or a bare "tỉnh" that closes a body's name."""
    found = p.province_at(start)
    if found:
        return found[2], found[1]
    kind = UNIT_WORDS[" ".join(tier[1].split())][0]
    if kind != "Tỉnh" and tier.end() > tier.end(1):
        place = p.place_name(tier.end(), kind, needs_known=False)
        if place:
            level = "district" if kind in DISTRICT_KINDS else "commune"
            return place[1], lookups.place_province(place[0], kind, level, p.when, p.home)
    if tier[1].endswith(".") or p.folded[tier.end(1) : tier.end(1) + 1].isalnum():
        return None
    return tier.end(1), None
