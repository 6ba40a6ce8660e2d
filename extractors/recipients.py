"""Who is given something: counts ("2 tập thể và 3 cá nhân") and names, alone or in a list, in a masked sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from extractors.awards_givers import PERSON, Around, resolve
from extractors.awards_kinds import find_awards
from extractors.context import ONE_UNIT
from extractors.fold import fold
from extractors.mentions import Mention, find_mentions
from extractors.rules import FILLER, MASKS, words
from extractors.sentence import mask
from extractors.values import whole_number
from pipeline.records import EntityType


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient at [start, end) of the sentence. `count` is set where recipients are only counted; then
    `entity` is the counted noun. `may_be` is set for a word that points ("tỉnh", "huyện") at one of these, or at nobody
    that the article names: such a recipient is nobody's."""

    start: int
    end: int
    entity_type: EntityType
    entity: str
    province: str | None
    count: int | None = None
    may_be: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RecipientList:
    """Recipients told in one list at [start, end), what belongs to them included."""

    start: int
    end: int
    items: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as the readers here need it: its text, the masked copy, its mentions by their start, and what
    the article said before."""

    text: str
    masked: str
    mentions: Mapping[int, Mention]
    around: Around


# --- counts ------------------------------------------------------------------------------------------------------

# Nouns that are counted as they stand: what follows says which, not what.
_PLAIN = (
    r"(?:tập thể|cá nhân|đơn vị|địa phương|hộ gia đình|gia đình|hộ dân|hộ|người|trường hợp|đồng chí|cơ quan|doanh nghiệp|doanh nhân|công chức"
    r"|viên chức|đảng viên|chiến s[ĩỹ]|sĩ quan|hội viên|đoàn viên|điển hình tiên tiến|điển hình|nhà giáo|nhà báo|thầy thuốc|nhà khoa học|bà mẹ|tác giả"
    r"|thanh niên(?: xung phong| tình nguyện)?|quần chúng(?: nhân dân)?|học sinh|sinh viên|nông dân|ngư dân|công nhân|người dân|phóng viên|điều dưỡng|giáo viên|xã(?! đội)|phường|thị trấn"
    r"|ấp|thôn|bản|khu phố|khu dân cư|tổ dân phố|hợp tác xã|câu lạc bộ(?= (?:có|đã|vì))|đoàn thể)"
)
_LOOSE = (
    r"(?:cán bộ|nhân viên|người lao động|công nhân|nông dân|giáo viên|bác s[ĩỹ]|y tá|phóng viên|học sinh|sinh viên|phụ nữ"
    r"|thanh niên|nghệ nhân|nghệ s[ĩỹ]|xã|phường|thị trấn|huyện|sở|ngành|ban|thôn|bản|ấp|khu dân cư|tổ dân phố|câu lạc bộ|tổ)"
)
# Where a noun phrase ends.
_STOP = (
    r"(?:được|đã|vừa|vinh dự|vinh|nhận|đón|đạt|có|là|của|thuộc|tại|ở|trong|và|với|cùng|tiêu biểu|xuất sắc|điển hình|khác|cũng|đều|này"
    r"|đó|trên|trực thuộc|hoàn thành|về|vì|do|gồm|như|đoạt|nào|bị|xin|tham gia|lập|dẫn đầu|còn|sẽ|theo|đang|duy nhất|từ|cho|bằng"
    r"|để|không|chưa|thì|mà|nhân|đề nghị|ngành|tỉnh|cả|người|các|trình|hai|ba|một|năm"
    # verbs of the deeds that are rewarded: "5 tổ tự quản giữ đường sạch", "3 nhóm thợ tự nguyện sửa cầu"
    r"|làm|giữ|cứu|giúp|hiến|góp|vượt|bắt|phát hiện|ủng hộ|đóng góp|tự nguyện|chèo|dũng cảm|tích cực|thực hiện|truy bắt|triển khai|xây dựng|bảo vệ"
    r"|phục vụ|nộp|ra|trả|đi|dẫn|phá|xử lý|thay mặt|đại diện|cùng nhau|kịp|trồng|nhặt|tổ chức|nỗ lực|luôn)(?!\w)"
)
# Nouns whose numbers are no recipients.
_NOT_WHO = (
    r"(?:năm|tháng|ngày|giờ|lần|lượt|quyết định|hồ sơ|triệu|tỷ|tỉ|nghìn|ngàn|đồng(?! chí)|điểm|phần|suất|giải|bộ|văn bản|tuổi|buổi|bài|tác phẩm"
    r"|đề tài|sáng kiến|cờ|bằng|giấy|danh hiệu|phong trào|đợt|kỳ|tiêu chí|nhiệm vụ|khóa|nhóm|chỉ tiêu|nội dung|cuộc|hội nghị|mô hình"
    r"|công trình|dự án|thủ tục|dịch vụ|kế hoạch|vụ|chương trình|huân|huy|kỷ|hình thức|quỹ|căn|ngôi|cụm|khối|vòng|phiếu|phường trở|thứ|bậc"
    r"|mức|hạng|tỉnh|cửa|trận|đại biểu|thành viên|môn|chiếc|tấn|ha|km|gương|bức|món|quà|máy|trang|số|câu|chuyên|lĩnh vực|huy|lá|điều(?! dưỡng)|khoản)(?!\w)"
)
_NUMBER = f"(?:{words()['count']})"
_COUNT = re.compile(
    rf"(?<![/%])(?<!thứ )(?P<n>{_NUMBER})(?:/\d+)? (?:lượt )?(?!{_NOT_WHO})(?P<noun>{_PLAIN}(?!\w)|(?:(?!{_STOP})[^\W\d_{FILLER}]+(?: |(?=[,;.:)]|$))){{1,6}})"
)
# "109 tập thể, cá nhân", "5 cán bộ, công chức, viên chức", "3 tập thể/cá nhân": one joint count
_TITLED = re.compile(rf"{_NUMBER} (?:ông|bà|đồng chí|anh|chị|em|cụ|ông, bà|cán bộ|cá nhân)(?: là)? (?={MASKS['person']})")
_KNOWN = re.compile(rf"(?:{_PLAIN}|{_LOOSE})(?!\w)")
_JOINT = re.compile(rf"(?:(?:, | và |/| ?- ?)(?:các )?(?:{_PLAIN}|{_LOOSE})(?!\w))+")
_SEVERAL = re.compile(r"các tỉnh|cả nước|toàn quốc|các bộ|các địa phương trong (?:cụm|vùng|nước)|toàn cụm|của cụm|trong cụm|trong nước")

# --- names -------------------------------------------------------------------------------------------------------

_UNITS = "".join(MASKS[k] for k in ("province", "ministry", "department", "district", "commune", "organisation", "self"))
_NAMED = f"[{_UNITS}{MASKS['person']}{MASKS['anaphor']}]{FILLER}*"
# "Nhân dân và cán bộ huyện X", "tập thể Báo X", "Đảng bộ, chính quyền và nhân dân tỉnh X", "UBND xã X" are X.
_PEOPLE_OF = (
    r"(?:(?:(?:tập thể|đảng bộ|chính quyền|nhân dân(?: các dân tộc)?|cán bộ|công chức|viên chức|quân|dân|người lao động|chiến s[ĩỹ]|quân và dân"
    r"|lãnh đạo|ubnd|hđnd|ủy ban nhân dân|lực lượng|toàn thể|ban lãnh đạo|đơn vị|cơ quan|đoàn viên|hội viên|thầy và trò|thầy trò|giáo viên|học sinh|nhân viên|y,? bác s[ĩỹ]|bác s[ĩỹ]|phóng viên|các|đồng chí|bà con)"
    r"(?:, | và |,? cùng | )){1,8})"
)
# "Đại tá", "ông", "kỹ sư", "đồng chí", before a person's name
_TITLES = r"(?:(?!được|nhận|trao|tặng|cho|của|và|thuộc|tại|do)[^\W\d_]{1,8}\.? ){0,4}"
_PERSON = f"{MASKS['person']}{FILLER}*"
_ITEM = re.compile(rf"(?P<before>{_PEOPLE_OF})?(?P<unit>[{_UNITS}{MASKS['anaphor']}]{FILLER}*)|(?P<titles>{_TITLES})(?P<person>{_PERSON})")
_COUNT_OR_PERSON = rf"(?:{_TITLES}{_PERSON}|{_NUMBER} )"
# "Giám đốc Sở Tài chính Đỗ Văn Hải", "nguyên Phó Chủ tịch Thường trực Quốc hội Lê Thị Minh": the office before a name
_HEADS_OF = (
    r"(?:(?:đồng chí|nguyên|quyền|phó|ông|bà) )*(?:tổng )?(?:chủ tịch|chủ nhiệm|trưởng ban|trưởng đoàn|trưởng phòng|giám đốc|bí thư|bộ trưởng|thứ trưởng|cục trưởng|vụ trưởng|viện trưởng"
    r"|chánh văn phòng|chánh thanh tra|chánh án|hiệu trưởng|tổng thư ký|tư lệnh|chính ủy|ủy viên)(?!\w)"
)
_RANKS = (
    r"ông|bà|đồng chí|anh|chị|cô|thầy|(?:đại|thượng|trung|thiếu) (?:tướng|tá|úy)|bác s[ĩỹ]|dược s[ĩỹ]|kỹ sư|tiến s[ĩỹ]|thạc s[ĩỹ]|nhà giáo|nhà báo|nghệ s[ĩỹ]|nghệ nhân"
    r"|luật sư|thầy giáo|cô giáo|giáo sư|(?:ths|ts|gs|pgs|bs|ks)\.?|cán bộ|công chức|viên chức|chuyên viên|nhân viên"
)
_IN_OFFICE = (
    rf"(?! (?:và|cùng) (?:(?:các )?(?:{_RANKS}) |{_PERSON}|{_NUMBER} |(?:nguyên |phó )*(?:chủ tịch|chủ nhiệm|trưởng|giám đốc|bí thư))"
    rf"| (?:vì|do|được|đã|vừa|trao|tặng|nhận|đón|cho)(?!\w)|, (?:ông|bà|đồng chí|anh|chị) |{_PERSON})"
)
_OFFICE_FIRST = re.compile(rf"{_HEADS_OF}(?:{_IN_OFFICE}[^;:.()]){{1,90}}?(?<!,) (?={_PERSON})")
_OFFICE_WORDS = re.compile(_HEADS_OF)
_OWN_OFFICE = rf"{_HEADS_OF}(?:{_IN_OFFICE}[^;:.(),]){{1,60}}? (?={_PERSON})"
# After a name, the verb of another clause: "…; Giám đốc Sở Nội vụ Trần Văn Bình dự và phát biểu"
_DOES_ELSE = re.compile(
    r" (?:đến |tham |cùng |về )?(?:dự|phát biểu|chủ trì|chủ tọa|trao|tặng|cho biết|cho hay|nói|chúc|khẳng định|nhấn mạnh|ghi nhận|biểu dương|yêu cầu|đề nghị|thay mặt|công bố|đọc|ký)(?!\w)"
)
# ", Phó Giám đốc Công an tỉnh", ", chuyên viên Phòng CCHC", ", Sở Y tế": the office of the person before, up to the
# next member of the list or the verb
_OFFICE = re.compile(
    rf"(?:,| -| \() ?(?! )(?!{_OWN_OFFICE})(?!(?:và |cùng )?{_COUNT_OR_PERSON})(?!(?:được|vinh dự|đã|vừa|nhận|đón|cùng|và|về|vì|do|có|gồm)(?!\w))"
    rf"(?:(?!;|,? (?:và|cùng|cùng với) (?:{_COUNT_OR_PERSON}|{_PEOPLE_OF}?{_NAMED})|, {_COUNT_OR_PERSON}|, {_OWN_OFFICE}|,? và (?:được|vinh dự|đã)(?!\w)"
    rf"|(?<!\w)(?:được|vinh dự|đã|vừa|nhận|đón|có(?= {MASKS['award']}| một tấm)|vì|tặng|trao|chúc|phát biểu|các (?:cá nhân|tập thể))(?!\w)|, do (?:có|đã|lập|hoàn thành|đóng góp)(?!\w)|\. ).){{1,160}}"
)
_BRACKETS = re.compile(r"\s*\([^()]{0,120}\)")
_BELONGS = re.compile(
    rf"\s(?:của|thuộc|trực thuộc|tại|ở|trong|trên địa bàn|ngành|là|nguyên|tiêu biểu|xuất sắc|điển hình)(?!\w)(?:(?!;|,? và {_NUMBER} |, {_NUMBER} |, ?{_NAMED}| và {_NAMED}"
    rf"|(?<!\w)(?:được|vinh dự|đã|vừa|nhận|đón|đạt|có|vì|do|về|gồm|bao gồm|trong đó|cùng|cũng|đều)(?!\w)|[:.](?!\d)).){{1,90}}"
)
# "12 công chức tỉnh Hà Nam": whose they are, told without "của"
_OF_UNIT = re.compile(rf"\s[{MASKS['province']}{MASKS['department']}{MASKS['district']}{MASKS['commune']}]{FILLER}*(?=\s*(?:[,;.():]|$)| (?:và|cùng|được|đã|vì|nhận|đón)(?!\w))")
# " khẩu cảng Long An" after "Đồn Biên phòng Cửa", " miền Đông" after "Bệnh viện Đa khoa khu vực": words up to the
# end of the member
_TAIL = re.compile(
    rf"(?: (?!{_STOP}|(?:trao|tặng|phối hợp|tổ chức|phát biểu|cho biết|thực hiện|chụp|hiến)(?!\w))(?:- )?(?:[^\W\d_{FILLER}]+|[{_UNITS}{MASKS['group']}]{FILLER}*)){{1,7}}"
    rf"(?=\s*(?:[,;.():]|$)| (?:và|{_STOP}))"
)
_SECTOR = re.compile(
    rf"(?:toàn )?ngành (?!{_STOP})[^\W\d_{FILLER}]+(?: (?!{_STOP})[^\W\d_{FILLER}]+){{0,4}}(?: (?P<place>[{MASKS['self']}{MASKS['province']}]{FILLER}*))?(?! *{FILLER})"
)
# ", thành phố Lạng Sơn" at the end of a member: where a school or a company is, not a member of its own
_PLACE = f"[{MASKS['district']}{MASKS['commune']}{MASKS['province']}]{FILLER}*"
_ADDRESS = re.compile(rf"(?:, {_PLACE})+(?=\s*(?:[;.]|$| và |\(|được|, {_TITLES}{_PERSON}))")
# "Cục Thuế", "Kho bạc Nhà nước": branches of central bodies
_OF_THE_CENTRE = re.compile("(?:Cục|Chi cục|Kho bạc|Bảo hiểm xã hội|Ngân hàng)(?! Thống kê tỉnh)(?!\\w)")
_OF_A_PLACE = re.compile(r"(?<!\w)(?:huyện|quận|thị xã|thành phố|tp|xã|phường|tỉnh)(?!\w)")
# "thị xã Uông Bí, tỉnh Quảng Ninh": the larger unit that a place lies in
_BIGGER = {
    "district": rf", (?:tỉnh |thành phố )?{MASKS['province']}{FILLER}*",
    "commune": rf"(?:, (?:ubnd )?[{MASKS['district']}{MASKS['province']}]{FILLER}*)+(?=\s*(?:[;.(]|$|,| được| là| vì| do))",
}
# A unit inside a body, and the body that it is in: "Phòng Cải cách hành chính, Sở Nội vụ"
_INNER = re.compile(r"(?:Phòng|Đội|Khoa|Tổ|Bộ môn|Trạm|Đồn|Chi đoàn|Chi bộ|Chi cục|Công đoàn|Hạt|Ban Chỉ huy|Vụ|Cục)(?!\w)")
_ABOVE = re.compile(rf",? (?:thuộc |của )?(?:ubnd )?[{MASKS['department']}{MASKS['ministry']}{MASKS['district']}{MASKS['commune']}]{FILLER}*")
# "Khoa Nhi, Bệnh viện Đa khoa tỉnh": only an institution has such units
_WARD = re.compile(r"(?:Khoa|Tổ|Bộ môn)(?!\w)")
_HOUSE = re.compile(r",? (?:thuộc |của )?(?=(?:Bệnh viện|Trường|Đại học|Học viện|Trung tâm Y tế) )")
_BODY_MARK = re.compile(f"[{MASKS['department']}{MASKS['ministry']}]")
_NEXT = re.compile(r"(?:,?\s+(?:và|đồng thời)(?:\s+được)?\s+truy tặng(?:\s+cho)?\s+|\s*[,;]\s*(?:và |cùng |cùng với |với )?|\s+(?:và|cùng|cùng với|với|lẫn)\s+|\s*\+\s*)(?:cho |các |những |tập thể (?!\w+ đua))?(?:(?:ông, bà|đồng chí|cá nhân|ông|bà): ?|ông, bà )?")
# From a count to its names: "3 cá nhân: Nguyễn Văn An, …", "2 đơn vị là Sở A và Sở B"
_NAMES = re.compile(rf"\s*(?::|gồm:?|là:?) ?(?=(?:các )?(?:{_TITLES}{_PERSON}|{_PEOPLE_OF}?{_NAMED}))(?:các )?")
_START = re.compile(r"(?:(?:các |những )*(?:đơn vị|tập thể|cá nhân|cơ quan|địa phương|sở,? ngành|gia đình|đồng chí|ông,? bà|tỉnh(?:, thành phố)?|thành phố|huyện|xã|phường|bộ|sở|ban)(?:(?:,| và) (?:đơn vị|tập thể|cá nhân|cơ quan|địa phương))*(?: [^\W\d]+){0,4}:|\s|(?:cho|đến với|tới|đối với|gồm có|bao gồm|gồm|đó là|là|các|những|đại diện(?: của| cho)?|tập thể|hơn|gần|trên|khoảng|có|còn|thêm)(?!\w)|[:\-+*•])*")
# What makes the next name no recipient: "của Sở Y tế", "Giám đốc Sở Xây dựng", "tại tỉnh X"
_GOVERNED = re.compile(
    r"(?<!\w)(?:của|tại|ở|thuộc|từ|với|trong|địa bàn|do|theo|bởi|về|đến|qua|nhân|dịp|cho|giữa|ngoài|như|trực thuộc|cùng với|thay mặt|ủy quyền của"
    r"|giám đốc|chủ tịch|bí thư|trưởng|phó|chánh|đại diện|chuyên viên|cục trưởng|thành viên|chủ nhiệm|để|giúp|sang|ra|vào|ngày|xã đội|nơi"
    r"|so với|hơn|gửi|trình|vùng|khối|cụm)(?: (?:các|cả|lãnh đạo|ubnd|hđnd|toàn|tập thể|những))*\s*$"
)


# A person's office stands before the name; only these take the person out of the subject: "theo ông A", "của bà B".
_GOVERNED_PERSON = re.compile(
    r"(?<!\w)(?:của|với|do|theo|cùng|bởi|cho|thay mặt|về|tới|gặp|ủy quyền của|giữa)(?: (?!và(?!\w))[^\W\d]{1,8}){0,3}\s*$"
)


def read_list(line: Line, start: int, end: int) -> RecipientList | None:
    """The list of recipients that begins at `start`, words that lead up to it passed over; None where the words
    there name nobody. It ends where the next word belongs to no recipient."""
    begin = _START.match(line.masked, start, end)
    at = begin.end() if begin else start
    if line.masked[at : at + 1] in {'"', "'"}:
        at += 1
    items: list[Recipient] = []
    first, last = at, at
    while at < end and (read := _item(line, at, end, follows=bool(items))):
        found, ends = read
        if items and found.count is None and _DOES_ELSE.match(line.masked, ends):
            break
        last = ends
        items.append(found)
        following = (_NAMES.match(line.masked, last, end) if found.count is not None else None) or _NEXT.match(
            line.masked, last, end
        )
        if not following:
            break
        at = following.end()
    return RecipientList(first, last, tuple(items)) if items else None


def lists(line: Line, start: int, end: int) -> list[RecipientList]:
    """The lists of recipients in [start, end) that could be a subject: no name in them depends on a word before."""
    found: list[RecipientList] = []
    at = start
    while at < end:
        place = _candidate(line, at, end)
        if place is None:
            break
        read = read_list(line, place, end)
        if read is None or read.end <= place:
            at = place + 1
            continue
        governed = _GOVERNED_PERSON if read.items[0].entity_type == "person" else _GOVERNED
        if not governed.search(line.masked, max(start, read.start - 80), read.start):
            found.append(read)
        elif rest := _counted_after_place(read, line):
            found.append(rest)
        at = max(read.end, place + 1)
    return found


def _counted_after_place(listed: RecipientList, line: Line) -> RecipientList | None:
    """What is counted after the place where it was: "Tại Nghệ An, 3 tập thể và Sở Y tế được …"."""
    place, *others = listed.items
    if not others or place.count is not None or others[0].count is None:
        return None
    if line.masked[place.end : others[0].start] != ", ":
        return None
    return RecipientList(others[0].start, listed.end, tuple(others))


_CANDIDATE = re.compile(rf"(?<!\w)(?:(?:bác sĩ|y sĩ|thầy|cô|ông|bà|anh|chị) (?=[^\W\d_{FILLER}]+ (?:đang|đã|vừa|được|cũng|còn|là))|(?:toàn )?ngành (?!{_STOP})|(?:{_PEOPLE_OF})?{_NAMED})|(?<![/%]){_NUMBER}(?:/\d+)? ")


def _candidate(line: Line, start: int, end: int) -> int | None:
    found = _CANDIDATE.search(line.masked, start, end)
    return found.start() if found else None


def _item(line: Line, at: int, end: int, follows: bool) -> tuple[Recipient, int] | None:
    """The recipient at `at`, and where what belongs to it ends."""
    if office := _OFFICE_FIRST.match(line.masked, at, end):
        at = office.end()
    if titled := _TITLED.match(line.masked, at, end):  # "2 ông Trần Văn A và Lê Văn B"
        at = titled.end()
    if counted := _COUNT.match(line.masked, at, end):
        return _counted(line, counted, end)
    if sector := _SECTOR.match(line.masked, at, end):
        return _sector(line, sector)
    if not follows and (pointed := _pointed(line, at, end)):
        return pointed
    named = _ITEM.match(line.masked, at, end)
    if named is None:
        return _unknown(line, at, end) if follows else None
    kind = "person" if named["person"] else "unit"
    mention = line.mentions.get(named.start(kind))
    if mention is None:
        return None
    if kind == "person":
        return _person(line, mention, at, end, office)
    if mention.kind == "anaphor":
        resolved = resolve(mention, line.around)
        if resolved is None and ONE_UNIT.fullmatch(mention.name.casefold()):
            return Recipient(mention.start, mention.end, mention.type, mention.name, None, may_be=()), mention.end
        if resolved is None:
            return None
        mention = replace(resolved, start=mention.start, end=mention.end)
    return _body(_branch(mention, line), line, at, end)


def _branch(mention: Mention, line: Line) -> Mention:
    """The mention, as a body of its own where it is a branch of a ministry: only where departments are ranked is it
    one of them. A place told with it belongs to its name: "Cục Hải quan thành phố Hải Phòng"."""
    if mention.type != "department" or not _OF_THE_CENTRE.match(mention.name):
        return mention
    worded = line.text[mention.start : mention.end]
    has_place = bool(mention.province and worded.endswith(mention.province))
    return replace(mention, type="organisation", name=" ".join(worded.split()) if has_place else mention.name)


def _body(mention: Mention, line: Line, at: int, end: int) -> tuple[Recipient, int]:
    """A body or a place, and where the words that belong to it end: its address, and what it is a part of."""
    if mention.type == "organisation":
        mention = lengthened(mention, line, end)
    last = _after_brackets(line, mention.end, end)
    if mention.type in _BIGGER and (larger := re.compile(_BIGGER[mention.type]).match(line.masked, last, end)):
        last = larger.end()
    # "Trung tâm Y tế huyện Trùng Khánh, xã Đàm Thủy": a body of a district lies in no commune told after it
    if mention.type == "organisation" and not _OF_A_PLACE.search(fold(mention.name)) and (address := _ADDRESS.match(line.masked, last, end)):
        last = address.end()
    above = _ABOVE.match(line.masked, last, end) if _INNER.match(mention.name) else None
    # "Hạt Kiểm lâm huyện Tân Hưng, Sở Y tế": a unit of a district is part of no department
    if above and not (_OF_A_PLACE.search(fold(mention.name)) and _BODY_MARK.search(above[0])):
        last = _after_brackets(line, above.end(), end)
    elif _WARD.match(mention.name) and (house := _HOUSE.match(line.text, last, end)) and line.mentions.get(house.end()):
        last = line.mentions[house.end()].end
    return _unit(mention, at, line.around), last


# "tặng ông năm 2009": a pronoun with no name behind it; "bác sĩ Kiểm": a title and a given name alone
_PRONOUN = re.compile(rf"(?P<word>ông|bà|anh|chị|cô|thầy)(?=\s*(?:[,;.:()]|$)| (?:vì|do|về|bằng|năm|trong|ngay|và)(?!\w)| ?[{''.join(MASKS.values())}](?<!{MASKS['person']}))")
_GIVEN_NAME = re.compile(r"(?:ông|bà|anh|chị|cô|thầy|bác sĩ|y sĩ|kỹ sư|đại úy|thượng úy|trung úy|thiếu tá|trung tá|đồng chí) (?P<given>[^\W\d_]+)(?!\w| [^\W\d_a-zà-ỹđ])")


def spoken_of(word: str, line: Line) -> Mention | None:
    """The person named last, whom "ông" or "bà" means; None where the name is a woman's and the word a man's."""
    person = line.around.heard.get(PERSON)
    return None if person and word in {"ông", "anh", "thầy"} and " thị " in fold(person.name) else person


def _pointed(line: Line, at: int, end: int) -> tuple[Recipient, int] | None:
    """The person spoken of before whom a pronoun or a given name at `at` means."""
    found = _PRONOUN.match(line.masked, at, end)
    person = spoken_of(found["word"], line) if found else None
    if found is None and (found := _GIVEN_NAME.match(line.masked, at, end)) and line.text[found.start("given")].isupper():
        person = line.around.heard.get(f"{PERSON}:{found['given']}")
    if found is None or person is None:
        return None
    return Recipient(at, found.end(), "person", person.name, person.province or line.around.home), found.end()


def _sector(line: Line, found: re.Match[str]) -> tuple[Recipient, int]:
    """A sector as a whole, a group by its own words: "ngành Giáo dục tỉnh"."""
    own = line.mentions.get(found.start("place")) if found["place"] else None
    province = own.province if own and own.province else line.around.home
    return Recipient(found.start(), found.end(), "group", line.text[found.start() : found.end()], province), found.end()


def lengthened(mention: Mention, line: Line, end: int) -> Mention:
    """The mention with words of its name that the gazetteers do not know: two names in a row are one."""
    tail = _TAIL.match(line.masked, mention.end, end)
    words_ = line.text[mention.end : tail.end()] if tail else ""
    if tail is None or not (re.search(r"\s[^\W\d_a-zà-ỹđ]", words_) or _INNER.match(mention.name)):
        return mention
    inner = [m for m in line.mentions.values() if mention.end < m.start < tail.end()]
    province = mention.province or next((m.province for m in inner if m.province), None)
    return replace(mention, end=tail.end(), name=f"{mention.name}{words_}", province=province)


def _unit(mention: Mention, start: int, around: Around) -> Recipient:
    if mention.kind == "self" and not (mention.province or around.home):
        return Recipient(start, mention.end, "province", mention.name, None, may_be=around.rivals)
    if mention.kind == "self":
        home = mention.province or around.home or mention.name
        return Recipient(start, mention.end, "province", home, home)
    if mention.type == "province":
        return Recipient(start, mention.end, "province", mention.name, mention.province or mention.name)
    province = None if mention.type in {"ministry", "group"} else mention.province or around.home
    return Recipient(start, mention.end, mention.type, mention.name, province)


def _person(
    line: Line, mention: Mention, start: int, end: int, before: re.Match[str] | None
) -> tuple[Recipient, int]:
    """A person, whose province is that of the office told before the name, else after it, else the article's. With
    the office before the name, what follows is another's: "Bí thư Huyện ủy Lê Văn A, Sở Nội vụ và …"."""
    last = _after_brackets(line, mention.end, end)
    province = mention.province
    if office := before or _OFFICE.match(line.masked, last, end):
        told = [m for m in line.mentions.values() if office.start() <= m.start < office.end() and m.type != "person"]
        central = any(m.type == "ministry" for m in told)
        province = province or next((m.province for m in told if m.province), None)
        last = last if before else _after_brackets(line, office.end(), end)
        if central and province is None:
            return Recipient(start, mention.end, "person", mention.name, None), last
    return Recipient(start, mention.end, "person", mention.name, province or line.around.home), last


def _counted(line: Line, found: re.Match[str], end: int) -> tuple[Recipient, int] | None:
    count = whole_number(found["n"])
    if not count or (found["n"] == "năm" and not _KNOWN.match(found["noun"])):  # "3 năm liền" counts nobody
        return None
    noun_end = found.end("noun")
    if joint := _JOINT.match(line.masked, noun_end, end):
        noun_end = joint.end()
    start = found.start("noun")
    noun = " ".join(line.text[start:noun_end].split()).rstrip(" ,;.")
    noun = noun if noun.isupper() and " " not in noun else fold(noun)
    stop = start + len(line.text[start:noun_end].rstrip(" ,;."))
    last, province, several = stop, line.around.home, False
    last = _after_brackets(line, last, end)
    if belongs := _OF_UNIT.match(line.masked, last, end) or _BELONGS.match(line.masked, last, end):
        owners = [m for m in line.mentions.values() if belongs.start() <= m.start < belongs.end() and m.kind in {"name", "self"}]
        provinces = list(dict.fromkeys(m.province for m in owners if m.province))
        several = bool(_SEVERAL.search(line.masked, belongs.start(), belongs.end())) or len(provinces) > 1
        province = provinces[0] if provinces else province
        last = _after_brackets(line, belongs.end(), end)
    recipient = Recipient(found.start(), stop, "group", noun, None if several else province, count)
    return recipient, last


def _after_brackets(line: Line, at: int, end: int) -> int:
    found = _BRACKETS.match(line.masked, at, end)
    return found.end() if found else at


# A name that no gazetteer knows, as a member of a list: capitals, or a known head word and capitals.
_PROPER = re.compile(r"(?:[^\W\d_a-zà-ỹđ][\w&'/-]*)(?:[ -](?:[^\W\d_a-zà-ỹđ][\w&'/-]*|\d+|và(?= [^\W\d_a-zà-ỹđ])))*")


def _unknown(line: Line, at: int, end: int) -> tuple[Recipient, int] | None:
    if _OFFICE_WORDS.match(line.masked, at, end):  # an office whose bearer is not understood names nobody
        return None
    proper = _PROPER.match(line.text, at, end)
    if proper is None or len(proper.group()) < 3 or any(c in line.masked[at : proper.end()] for c in MASKS.values()):
        return None
    # "Thanh tra huyện": one capital, and words that belong to it
    tail = None if " " in proper.group() else _TAIL.match(line.masked, proper.end(), end)
    last = tail.end() if tail else proper.end()
    return (
        Recipient(at, last, "organisation", " ".join(line.text[at:last].split()), line.around.home),
        _after_brackets(line, last, end),
    )


def line_of(text: str, masked: str, mentions: Sequence[Mention], around: Around) -> Line:
    return Line(text, masked, {m.start: m for m in mentions if m.kind != "set"}, around)


def recipients(text: str, home: str | None, published: date | None = None) -> tuple[Recipient, ...]:
    """The recipients that a short text (a table's cell, an item of a list) names or counts, empty for none:
    "12 tập thể thuộc các khối thi đua", "Bà Lê Diệu Hằng, công chức xã Kỳ Phú", "UBND huyện Kim Bảng"."""
    folded = fold(text)
    mentions = find_mentions(text, folded, published, home)
    line = line_of(text, mask(folded, mentions, (), (), find_awards(folded)), mentions, Around(home, published))
    read = read_list(line, 0, len(text))
    return read.items if read else ()


_PEOPLE = frozenset({"cá nhân", "người", "đồng chí", "công chức", "viên chức", "cán bộ", "ông", "bà", "đoàn viên", "hội viên"})
_BODIES = frozenset({"tập thể", "đơn vị", "cơ quan", "địa phương", "sở", "xã", "huyện", "doanh nghiệp"})


def stands_for(count: Recipient, name: Recipient) -> bool:
    """Whether a named recipient can be one of those counted: a person of "3 cá nhân", a body of "3 tập thể"."""
    return name.count is None and count.entity not in (_BODIES if name.entity_type == "person" else _PEOPLE)


def whole(items: Iterable[Recipient]) -> Iterator[Recipient]:
    """Counts whose members are all named after them left out: of "4 đơn vị: A, B, C, D" the four names stay."""
    listed = list(items)
    for item in listed:
        members = [name for name in listed if name.start > item.start and stands_for(item, name)]
        if item.count is None or item.count > len(members):
            yield item
