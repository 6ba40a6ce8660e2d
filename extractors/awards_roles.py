"""The parts of one statement of giving: to whom, by whom, for which time and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from extractors.awards_frames import Frame
from extractors.awards_givers import GiverSpan
from extractors.awards_kinds import AwardSpan
from extractors.recipients import Line, Recipient, RecipientList, lists, read_list, spoken_of
from extractors.rules import FILLER, MASKS, words
from extractors.sentence import Sentence
from extractors.values import PeriodKind, PeriodSpan, whole_number

_ANY = f"[{''.join(MASKS.values())}]{FILLER}*"
_PERIOD = f"[{MASKS['period']}]{FILLER}*"

# --- to whom -----------------------------------------------------------------------------------------------------

# Between a subject and its verb no other sentence may stand.
_OTHER_CLAUSE = re.compile(
    r"[;:]|(?<!\w)(?:cho biết|cho rằng|đề nghị(?! (?:chính|thủ|chủ|bộ|ubnd|tặng|nhà nước))|tham dự|đến dự|(?<!vinh )dự|phát biểu|chủ trì|chứng kiến"
    r"|trao(?! đổi)|công bố|yêu cầu|gửi|họp|khai mạc|tổ chức(?! (?:trọng thể )?(?:buổi )?lễ)|trình|ký|khẳng định|nhấn mạnh|thông tin|tặng hoa|chúc mừng|(?:các|những|nhiều|một số) (?:tập thể|cá nhân|đơn vị|đồng chí|gia đình|địa phương|điển hình))(?!\w)"
)
_REACH = 110  # how far a subject may stand from its verb: "Kỹ sư A (bìa phải), người vừa được …"
_TO = re.compile(
    r"(?<!\w)(?:cho|đối với|đến với|tới|lên (?:quân kỳ|cờ truyền thống|lá cờ truyền thống|lá cờ|cờ)(?: của)?|gồm(?: có)?|bao gồm)(?!\w)|:"
)
# "trao Huân chương của Chủ tịch nước tặng Sở A"
_GIVEN = re.compile(r"[^;:.,]{0,60}? (?:trao )?tặng(?: thưởng)?(?: cho)? ")
# What opens the list of those whom the statement has only counted: "…, gồm: A, B", "… là A", "…: A; B"
_NAMELY = re.compile(r"[^;]{0,280}?(?:(?<!\w)(?:gồm có|bao gồm|gồm|đó là|cụ thể là|cụ thể)(?!\w)(?: các)?:?|(?::))")
_IS = re.compile(
    rf"(?:\s|(?:đợt này|lần này|dịp này|năm nay|của|trong|ngành|bộ trưởng|chủ tịch|thủ tướng|chính phủ|nước|ubnd|tỉnh|huyện|thành phố)(?!\w)"
    rf"|\([^()]*\)|{_ANY})*,? ?(?:là|có|còn có|có thêm|gồm|đó là)(?!\w)(?: các)?:?"
)
_AMONG = re.compile(r"[^;:]{0,200}?(?:,| -|\(|;) ?(?:trong đó(?: có)?|tiêu biểu(?: là| có)?|trong số đó(?: có)?|nổi bật là)(?!\w):?")
_OWNERS = "".join(MASKS[k] for k in ("province", "self", "district", "commune", "department", "organisation", "ministry"))
# "Quảng Ninh có 03 tập thể", "tỉnh ta còn có 4 đơn vị khác"
_HAS = re.compile(rf"(?P<owner>[{_OWNERS}]{FILLER}*) (?:(?:đã|hiện|vinh dự|còn|cũng|riêng) )*có (?:thêm |tới |đến |hơn |tổng cộng )?$")
_COUNT_BEFORE = re.compile(rf"(?P<n>{words()['count']}) (?:danh hiệu )?$")


def to_whom(frame: Frame, line: Line) -> RecipientList | None:
    """The recipients of a statement; None where it names and counts none."""
    if frame.recipient == "none":
        return None
    if frame.recipient == "bearers":
        return _bearers(frame, line)
    if frame.recipient == "inside":
        return read_list(line, *frame.inside) if frame.inside else None
    if frame.recipient == "after":
        return _with_names(_after(frame, line), frame, line) or _bearers(frame, line) or _toward(frame, line)
    subject = _with_the_rest(_subject(frame, line), frame, line)
    names = _named_after(frame, line, subject)
    if subject and names:
        return RecipientList(subject.start, names.end, (*subject.items, *names.items))
    return subject or names or _owner(frame, line) or _bearers(frame, line)


_WHO = r"(?:tập thể|cá nhân|đơn vị|đồng chí|cơ quan|địa phương|hộ gia đình|hộ|gia đình|doanh nghiệp|công chức|cán bộ|giáo viên|người)"
_WHOM = rf"(?:\d+ )?(?:những |các )?{_WHO}(?:(?:,| và|,? - |/) ?(?:\d+ )?(?:những |các )?{_WHO})*"
_PRAISED = r"(?: (?:được (?:khen thưởng|khen|tặng thưởng|biểu dương|tuyên dương|vinh danh|tặng)|nói trên|này|trên|ấy|đó|(?:dịp|đợt|lần) này))*"
_SUCH_AS = r"(?:tiêu biểu|nổi bật|điển hình|đáng chú ý)"
# A sentence that names some of those whom the one before has counted: "Trong số này có A, B và ông C.", "Tiêu biểu là A."
_MEMBERS = re.compile(
    rf"(?:trong (?:số )?(?:này|đó|ấy)|trong số {_WHOM}{_PRAISED}|số này),? (?:(?:{_SUCH_AS},? )?(?:có thể kể đến|phải kể đến|có|gồm có|gồm|bao gồm|là|như)(?!\w)|{_SUCH_AS}(?=:)):?"
    rf"|{_SUCH_AS},? (?:trong (?:số )?(?:này|đó),? )?(?:có thể kể đến|phải kể đến|là|có|gồm|như)(?!\w):?"
    rf"|(?:những |các |hai |ba |bốn |năm |\d+ ){_WHO}(?:(?:,| và|/) ?{_WHO})*(?= [^,;]{{0,24}}(?:gồm|là|:)){_PRAISED} ?(?:gồm có|bao gồm|gồm|là|:)(?!\w):?"
)
# After the last member the sentence ends, or says why; another verb makes the names its subject.
_MEMBERS_END = re.compile(r"(?: (?:ở|tại|của|thuộc) (?:(?!(?:được|đã|vừa|nhận|có|là)(?!\w))[^;.,]){1,80})?\s*(?:$|[.;(…]+\s*|\.\.\.$| (?:vì|do|đã có|có thành tích|có nhiều)(?!\w))")


def opens_members(sentence: Sentence) -> bool:
    """Whether a sentence is only the lead-in of such a list: "Trong đó có:"."""
    text = sentence.text.rstrip()
    if not text.endswith(":"):
        return False
    opener = _MEMBERS.match(sentence.masked)
    return opener is not None and opener.end() >= len(text)


def members(line: Line) -> RecipientList | None:
    """Those whom a sentence names out of the group that the sentence before has counted; None in any other."""
    opener = _MEMBERS.match(line.masked)
    listed = read_list(line, opener.end(), len(line.masked)) if opener else None
    if listed is None or not _MEMBERS_END.match(line.masked, listed.end):
        return None
    return listed if all(item.count is None for item in listed.items) else None


# "ông A, một trong 26 cá nhân được …", "ông A là một trong số 9 công chức nhận …"
_ONE_OF = re.compile(r"(?<!\w)(?:một|hai|ba|bốn|năm|\d{1,2}) (?:trong (?:tổng )?số|trong|/) ?(?=\d|hai |ba |bốn |năm |sáu |bảy |tám |chín |mười )")


def _with_the_rest(subject: RecipientList | None, frame: Frame, line: Line) -> RecipientList | None:
    """The subject with the counted group of which it is said to be one."""
    found = next(iter(_ONE_OF.finditer(line.masked, max(frame.low, frame.start - 200), frame.start)), None)
    group = read_list(line, found.end(), frame.start) if found else None
    if subject is None or group is None or group.items[0].count is None or frame.start - group.end > 30:
        return subject
    if any(item.start == group.items[0].start for item in subject.items):
        return subject
    return RecipientList(subject.start, max(subject.end, group.end), (*subject.items, group.items[0]))


# Those who give or have them come from several provinces: "các tỉnh trong cụm đã khen thưởng 500 tập thể"
_EVERYWHERE = re.compile(r"(?<!\w)(?:các tỉnh|cả nước|toàn quốc|toàn cụm|các bộ|các địa phương trong|trong cụm)(?!\w)[^;:.]{0,60}$")


def without_province(frame: Frame, line: Line) -> bool:
    """Whether the groups of a statement are drawn from several provinces."""
    return _EVERYWHERE.search(line.masked, max(frame.low, frame.start - 120), frame.start) is not None


def _bearers(frame: Frame, line: Line) -> RecipientList | None:
    """ "5 Chiến sĩ thi đua toàn quốc" are five people."""
    award = frame.awards[-1] if frame.awards else None
    if award is None or award.counted is None:
        return None
    counted = _COUNT_BEFORE.search(line.masked, max(frame.low, award.start - 60), award.start)
    count = whole_number(counted["n"]) if counted else None
    if counted is None or not count:
        return None
    item = Recipient(counted.start(), award.end, "group", award.counted, line.around.home, count)
    return RecipientList(item.start, item.end, (item,))


# Rules whose last word is the one before the recipients
_GOES_ON = frozenset({"award.went_to", "award.hung_on", "award.bearer_is", "award.wrote"})
# "Riêng với Sở Tư pháp, tỉnh mới đề nghị Bộ Tư pháp tặng Cờ thi đua"
_TOWARD = re.compile(r"\W*(?:(?:riêng|còn|trong khi đó|đồng thời),? )?(?:đối với|với) ")


def _toward(frame: Frame, line: Line) -> RecipientList | None:
    """Whom the head of the clause names as those whom it is about."""
    lead = _TOWARD.match(line.masked, frame.low, frame.start)
    listed = read_list(line, lead.end(), frame.start) if lead else None
    return listed if listed and line.masked.startswith(", ", listed.end) else None


# "tặng 316 Bằng khen, trong đó 108 tập thể, 208 cá nhân"
_PARTS_OF = re.compile(r"(?: các loại)?[,;]? \(?(?:trong đó|bao gồm|gồm)(?: có)?:? (?:cho )?")


def _after(frame: Frame, line: Line) -> RecipientList | None:
    if line.masked[frame.end - 1 : frame.end] == ":" or frame.rule in _GOES_ON:
        return read_list(line, frame.end, frame.high)
    if frame.rule in {"award.for", "award.praise", "award.praise_short"} and (listed := read_list(line, frame.end, frame.high)):
        return listed
    if (listed := read_list(line, frame.end, frame.high)) and _plain(listed.items[0], line):
        return listed  # "tặng Bằng khen 12 cá nhân"
    given = _GIVEN.match(line.masked, frame.end, frame.high)
    if given and (listed := read_list(line, given.end(), frame.high)) and listed.start == given.end():
        return listed
    parts = _PARTS_OF.match(line.masked, frame.end, frame.high)
    listed = read_list(line, parts.end(), frame.high) if parts else None
    if listed and all(item.count is not None for item in listed.items):
        return listed
    opener = _TO.search(line.masked, frame.end, frame.high)
    if opener is None or ";" in line.masked[frame.end : opener.start()]:
        return None
    return read_list(line, opener.end(), frame.high)


def _plain(item: Recipient, line: Line) -> bool:
    """Whether a recipient needs no "cho" before it: a count, or a person with a title."""
    return item.count is not None or (item.entity_type == "person" and line.mentions.get(item.start) is None)


def _with_names(listed: RecipientList | None, frame: Frame, line: Line) -> RecipientList | None:
    """The list, with the names told after it where it only counts: "cho 4 đơn vị, gồm: A, B, C và D"."""
    if listed is None or any(item.count is None for item in listed.items):
        return listed
    for opener in (_NAMELY, _AMONG):
        found = opener.match(line.masked, listed.end, frame.high)
        names = read_list(line, found.end(), frame.high) if found else None
        if names and _names_first(names.items):
            return RecipientList(listed.start, names.end, (*listed.items, *names.items))
    bracket = line.masked.find("(", listed.items[-1].end, listed.items[-1].end + 2)
    if bracket >= 0:
        names = read_list(line, bracket + 1, frame.high)
        if names and all(item.count is None for item in names.items):
            return RecipientList(listed.start, listed.end, (*listed.items, *names.items))
    return listed


def _names_first(items: Sequence[Recipient]) -> bool:
    """Whether a list names some and then only counts others, if any: "gồm: A và B; cùng 27 cá nhân"."""
    counted = [item.count is not None for item in items]
    return not counted[0] and counted == sorted(counted)


def _subject(frame: Frame, line: Line) -> RecipientList | None:
    """The list that the verb has as its subject: the last one before it."""
    low = max(frame.low, frame.start - 600)
    for found in reversed(lists(line, low, frame.start)):
        listed = _after_semicolon(found, line, frame.start)
        if listed is None:
            return None
        gap = line.masked[listed.end : frame.start].removeprefix(":")
        gap = _ARE_THOSE.sub("", gap)
        if len(gap) > _REACH or _OTHER_CLAUSE.search(gap) or (frame.rule == "award.labelled" and gap.strip()):
            return None
        return _owned(listed, line, low)
    return _pronoun_subject(frame, line, low)


# "Ông được Bộ Y tế tặng …", "…, năm 2018 bà đã hai lần nhận …"
_PRONOUN_SUBJECT = re.compile(
    rf"(?:^|[,;:\"] |\ue010{FILLER}*,? )(?P<word>ông|bà|anh|chị|cô|thầy) (?:(?:còn|cũng|đã|vừa|lại|vinh dự|hai lần|ba lần|được|mới|tiếp tục) )*$"
)


def _pronoun_subject(frame: Frame, line: Line, low: int) -> RecipientList | None:
    """The person spoken of before, where the subject is only "ông", "bà"."""
    found = _PRONOUN_SUBJECT.search(line.masked[: frame.start], low)
    person = spoken_of(found["word"], line) if found else None
    if found is None or person is None:
        return None
    item = Recipient(found.start("word"), found.end("word"), "person", person.name, person.province or line.around.home)
    return RecipientList(item.start, item.end, (item,))


# "Sở A, Sở B và ông C là những tập thể, cá nhân được …"
_ARE_THOSE = re.compile(rf"^ (?:đều |cũng |chính )?(?:là|nằm trong số) (?:những |các |hai |ba )(?:{_WHO})(?:(?:,| và) {_WHO})*(?: (?:tiêu biểu|xuất sắc|điển hình|vinh dự|đầu tiên|trong tỉnh|của tỉnh))* ?$")


def _after_semicolon(listed: RecipientList, line: Line, end: int) -> RecipientList | None:
    """The part of a list behind its last semicolon, which parts clauses; only persons with their offices are
    listed with semicolons before a verb."""
    at = line.masked.rfind(";", listed.start, end)
    if at < 0 or all(item.entity_type == "person" for item in listed.items):
        return listed
    items = tuple(item for item in listed.items if item.start > at)
    return RecipientList(items[0].start, listed.end, items) if items else None


def _owned(listed: RecipientList, line: Line, low: int) -> RecipientList:
    """Counts given the province of whom the sentence says has them: "Quảng Ninh có 03 tập thể"."""
    owner = _HAS.search(line.masked, max(low, listed.start - 120), listed.start)
    mention = line.mentions.get(owner.start("owner")) if owner else None
    if mention is None or mention.province is None:
        return listed
    items = tuple(replace(i, province=mention.province) if i.count is not None else i for i in listed.items)
    return replace(listed, items=items)


def _named_after(frame: Frame, line: Line, subject: RecipientList | None) -> RecipientList | None:
    """Those who are named after a statement whose subject only counts them, or has no subject of its own."""
    if subject and any(item.count is None for item in subject.items):
        return None
    for opener in (_IS, _NAMELY) if subject is None else (_IS, _NAMELY, _AMONG):
        found = opener.match(line.masked, frame.end, frame.high)
        names = read_list(line, found.end(), frame.high) if found else None
        if names and (subject is None or all(item.count is None for item in names.items)):
            return names
    if subject:
        bracket = line.masked.find("(", subject.items[-1].end, subject.items[-1].end + 2)
        names = read_list(line, bracket + 1, frame.start) if bracket >= 0 else None
        if names and all(item.count is None for item in names.items):
            return names
    return None


def _owner(frame: Frame, line: Line) -> RecipientList | None:
    """Whose it is, where nobody else received it: "lễ đón nhận Huân chương Lao động của Trường A"; only of what
    the State gives, as elsewhere "của" tells the giver."""
    if not frame.awards or not frame.awards[-1].state:
        return None
    found = re.compile(r" của (?!chủ tịch nước|nhà nước|đảng|chính phủ|thủ tướng)").match(line.masked, frame.awards[-1].end)
    return read_list(line, found.end(), frame.high) if found else None


# --- by whom -----------------------------------------------------------------------------------------------------

_ON_BEHALF = re.compile(r"(?<!\w)(?:(?:thừa |theo |được )?(?:sự )?ủy (?:quyền|nhiệm)|thừa lệnh)(?: của)?(?: đồng chí)? $")
_IN_NAME_OF = re.compile(r"(?<!\w)thay mặt $")
# "Theo Quyết định số … của Chủ tịch UBND tỉnh, 9 tập thể được tặng Bằng khen"
_DECIDED = re.compile(rf"(?<!\w)(?:theo|tại|bằng)(?: các)? (?:quyết định|{MASKS['document']})[^,;:.]{{0,60}} của $")
_HEADS_OFF = re.compile(rf"(?:\s*(?:về (?:việc )?(?:khen|tặng)[^,;]{{0,60}}|ngày|ký|ban hành|{_ANY}))*,")
_BEHALF_REACH = 400  # how far before the verb it is told on whose behalf: names and offices stand between
# From the distinction to who gives it: "của", "năm 2022 của", "(lần thứ 2) do", or nothing
_OF = re.compile(
    rf"(?:\s*(?:{_PERIOD}|\([^()]*\)|này|đợt này|cao quý|toàn diện|xuất sắc)(?!\w))*\s*(?P<of>(?:của|do|từ)(?: lãnh đạo)? )?"
)
# "Quyết định khen thưởng 8 tập thể vừa được Chủ tịch UBND tỉnh ký"
_SIGNED = re.compile(r"(?<!\w)(?:vừa |đã )?được (?=[^;:.]{3,80}? (?:ký|ban hành|phê duyệt)(?!\w))")
# Between a giver and its verb: adverbs, the decision, a person's name, the day
_FILLING = re.compile(
    rf"(?:[\s,()]|{MASKS['person']}{FILLER}*|{MASKS['date']}{FILLER}*|{MASKS['document']}{FILLER}*|{_PERIOD}|(?:đã|vừa|cũng|sẽ|có|ký|ban hành|quyết định|xem|các|nhiều"
    r"|hai|ba|về việc|việc|số|ngày|xem xét|xét|quyết|theo|thẩm quyền|còn|đồng thời|tiếp tục|trực tiếp|thống nhất|trân trọng|và|công nhận"
    r"|biểu dương|ghi nhận|dịp này|mới đây|gần đây|vừa qua|vừa mới|hôm qua|hôm nay|sáng nay|chiều nay|năm nay|lần này|đợt này|cuối năm|đầu năm|năm ngoái|trân trọng|tiến hành|tuyên dương|làm lễ|tờ trình|kịp thời|thưởng|nóng|triệu đồng|khen|nhân dịp này|đột xuất|mới|trao|tặng|\d+|văn bản|chủ trương|riêng|lần lượt)(?!\w))*$"
)


def by_whom(
    frame: Frame, line: Line, givers: Sequence[GiverSpan], award: AwardSpan | None
) -> GiverSpan | None:
    """Who gives: whose authority is stated, else whose the distinction is said to be, else who does it. One who
    only hands it over is none; a span without a name is a giver not told by name."""
    own = _doer(frame, line, givers) if frame.giver == "before" and not (award and award.state) else None
    for giver in givers:
        near = frame.start - _BEHALF_REACH <= giver.start and giver.end <= frame.verb[0] + 1
        if own and giver.start < frame.low:
            continue  # "thừa ủy quyền của X trao Bằng khen cho A; Giám đốc Sở trao Giấy khen cho B"
        if near and _ON_BEHALF.search(line.masked, max(0, giver.start - 40), giver.start):
            return giver
    for at in _ends(frame, award):
        if (owner := _of(at, line, givers)) and not (award and award.state and owner.name and not owner.state):
            return owner
    named = _in_name_of(frame, line, givers)
    if named and (named.state or not (award and award.state)):
        return named
    doer = None
    if frame.giver == "inside" and frame.inside:
        doer = _last(givers, *frame.inside)
    elif frame.giver == "before":
        doer = _doer(frame, line, givers)
    if doer is None and frame.recipient == "before":
        doer = _decider(frame, line, givers)
    if doer is None and (signed := _SIGNED.search(line.masked, frame.end, frame.high)):
        doer = next((giver for giver in givers if giver.start == signed.end() and giver.name), None)
    if doer is None or (award and award.state and not doer.state):
        return None
    return None if _only_hands_over(frame, doer, award) else doer


def _in_name_of(frame: Frame, line: Line, givers: Sequence[GiverSpan]) -> GiverSpan | None:
    """The body in whose name somebody else acts: "Thay mặt UBND tỉnh, Phó Chủ tịch UBND tỉnh trao …"."""
    for giver in givers:
        near = frame.low <= giver.start and frame.start - _BEHALF_REACH <= giver.start and giver.end <= frame.verb[0]
        can_give = giver.name not in {None, "Nhà nước"} and giver.office in {"body", "head"}
        if near and can_give and _IN_NAME_OF.search(line.masked, max(0, giver.start - 20), giver.start):
            return giver
    return None


def _decider(frame: Frame, line: Line, givers: Sequence[GiverSpan]) -> GiverSpan | None:
    """Whose decision the head of the sentence names."""
    for giver in givers:
        if giver.end <= frame.verb[0] and giver.name and _DECIDED.search(line.masked, max(0, giver.start - 90), giver.start):
            return giver if _HEADS_OFF.match(line.masked, giver.end) else None
    return None


def decides(line: Line, span: GiverSpan) -> bool:
    """Whether a decision that is being followed is said to be a giver's: "Theo Quyết định số … của UBND tỉnh"."""
    return _DECIDED.search(line.masked, max(0, span.start - 90), span.start) is not None


def joint(span: GiverSpan, frame: Frame, line: Line, givers: Sequence[GiverSpan]) -> list[GiverSpan]:
    """The giver with those who give the same together with it: "Bộ Công an và UBND tỉnh tặng …"."""
    together = [span]
    if span.office in {"deputy", "person"} or span.end > frame.verb[0]:
        return together
    for giver in reversed(givers):
        between = line.masked[giver.end : together[0].start] if giver.end <= together[0].start else ""
        if not between or not giver.name or giver.office not in {"body", "head"}:
            continue
        if between not in {" và ", ", ", " cùng "} or (between == ", " and len(together) == 1):
            break
        together.insert(0, giver)
    lead = line.masked[max(0, together[0].start - 20) : together[0].start]
    return together if not re.search(r"(?<!\w)(?:với|của|giữa|từ|tại|cho|đạo|diện)(?: \w+)? $", lead) else [span]


def _ends(frame: Frame, award: AwardSpan | None) -> Iterable[int]:
    """Where words of the giver may begin: after the distinction itself, then after the last one given with it."""
    if award is None:
        return (frame.end,)
    return dict.fromkeys((award.end, frame.awards[-1].end))


def _of(at: int, line: Line, givers: Sequence[GiverSpan]) -> GiverSpan | None:
    lead = _OF.match(line.masked, at)
    if lead is None:
        return None
    span = next((giver for giver in givers if giver.start == lead.end()), None)
    if span is None:
        return None
    # Without "của" only what can be nothing but the giver: "Bằng khen UBND tỉnh", "Cờ thi đua Chính phủ"
    if not lead["of"] and not (span.state or "ubnd" in line.masked[span.start : span.end] or span.office == "head"):
        return None
    return span


def _last(givers: Sequence[GiverSpan], start: int, end: int) -> GiverSpan | None:
    return next((g for g in reversed(givers) if start <= g.start and g.end <= end and g.name), None)


def _doer(frame: Frame, line: Line, givers: Sequence[GiverSpan]) -> GiverSpan | None:
    for span in reversed(givers):
        if span.end <= frame.verb[0] and frame.low <= span.start:
            return span if span.name and _FILLING.match(line.masked, span.end, frame.verb[0]) else None
    return None


def nameless(frame: Frame, line: Line, givers: Sequence[GiverSpan]) -> bool:
    """Whether one gives of whom the article does not tell the name: "và huyện tặng …", "Bộ trưởng quyết định tặng …"."""
    if any(giver.name is None and giver.end + 1 == frame.verb[0] for giver in givers):
        return True
    doer = next((g for g in reversed(givers) if g.end <= frame.verb[0] and frame.low <= g.start), None)
    if doer is None or doer.name is not None or doer.office != "head" or frame.giver != "before":
        return False
    return _FILLING.match(line.masked, doer.end, frame.verb[0]) is not None


def _only_hands_over(frame: Frame, span: GiverSpan, award: AwardSpan | None) -> bool:
    if span.office == "deputy":
        return True
    if not frame.hands_over:
        return False
    if span.name == "Chủ tịch nước":  # who gives every order hands over what is his to give
        return False
    return span.office == "person" or bool(award and award.state)


# --- for which time, and why -----------------------------------------------------------------------------------------

_REASON_WORD = (
    r"(?:(?:nhiều |những |các )*(?:thành tích|đóng góp|công lao|cống hiến|sáng kiến|kết quả|nỗ lực|thành tựu|hành động|việc làm|thứ hạng)|hoàn thành|dẫn đầu"
    r"|làm tốt|tích cực|tham gia|thực hiện|phục vụ|xây dựng|đơn vị (?:dẫn đầu|xuất sắc)|tiêu biểu (?:trong|về)|góp phần|dũng cảm|bảo vệ|đạt|triển khai|tổ chức|sự nghiệp)"
)
_REASON_AFTER = re.compile(
    rf"[\s,]*(?:(?:vì|do|về|nhờ|bởi|với|vì sự)(?!\w):? ?(?:đã )?(?:có )?(?!tổng |số tiền|mức |tiền|kinh phí|trị giá)|(?:là )?(?:những )?(?:tập thể|cá nhân|đơn vị)? ?(?:đã )?(?:có |lập |đạt )?(?={_REASON_WORD}))(?P<reason>(?:{_REASON_WORD})?[^;]*)"
)
_REASON_END = re.compile(r"(?:,? (?:gồm|bao gồm)(?!\w)|, trong đó|, hướng dẫn|\./|\.?$|, (?:được|tại|cùng|riêng|còn) )")
_REASON_BEFORE = re.compile(
    r"(?:^|[,.:] )(?:dịp này, )?(?:cũng )?(?:ghi nhận|với|vì|do|nhờ|có)(?: những| các)? (?:đã )?(?:có )?(?P<reason>(?:thành tích|đóng góp|kết quả|nỗ lực|công lao|cống hiến)(?! này| đó| trên)[^;:]*?),(?= )"
)
SAME_REASON = re.compile(r"(?:cũng )?(?:với|vì|cùng|nhân|ghi nhận)(?: những)? (?:thành tích|kết quả|đóng góp|nỗ lực) (?:này|đó|trên|ấy)(?!\w)")


# A sentence that goes on to say why: "Cơ quan này được ghi nhận vì …", "Danh hiệu này dành cho những đơn vị …"
_AFTERWARDS = re.compile(
    r"^(?:đây|(?:các |những )?(?:cơ quan|đơn vị|tập thể|cá nhân|danh hiệu|phần thưởng|thành tích|người|ông|bà|anh|chị)(?:,? (?:tập thể|cá nhân))?"
    r"(?: (?:này|đó|trên|ấy|cao quý|được tặng|được khen thưởng))*) [^;:]{0,60}?(?<!\w)(?:vì|do|dành cho(?: những| các)? (?:đơn vị|tập thể|cá nhân)|ghi nhận(?: vì| do)?|là (?:những|các|hai|\d+) (?:đơn vị|tập thể|cá nhân)(?:(?:,| và) (?:đơn vị|tập thể|cá nhân))*)"
    r" (?:đã )?(?:có )?(?P<reason>[^;]{8,})"
)


def why_afterwards(sentence: Sentence) -> tuple[int, int] | None:
    """The reason's words in a sentence that follows the statement and only says why; None in any other."""
    found = _AFTERWARDS.match(sentence.folded)
    if found is None or not re.match(_REASON_WORD, found["reason"]):
        return None
    end = _REASON_END.search(sentence.masked, found.start("reason"))
    return found.start("reason"), end.start() if end else found.end("reason")


def why(frame: Frame, line: Line, listed: RecipientList | None) -> tuple[int, int] | None:
    """Start and end of the reason's words in the sentence."""
    counted = [item.end for item in listed.items if item.count is not None] if listed else []
    ends = [frame.end, *([listed.end, listed.items[-1].end] if listed else []), *counted[-1:]]
    for at in sorted({end for end in ends if end >= frame.end}, reverse=True):
        past = _PAST_GIVER.match(line.masked, at, max(frame.high, at))
        if told := why_from(line.masked, past.end() if past else at, frame.high):
            return told
    before = _REASON_BEFORE.search(line.masked, max(0, frame.start - 500), frame.start)
    return before.span("reason") if before else None


def why_from(masked: str, start: int, end: int) -> tuple[int, int] | None:
    """The reason that begins at `start`: "vì đã có thành tích …", "do hoàn thành …", "đã có nhiều đóng góp …"."""
    found = _REASON_AFTER.match(masked, start, max(end, start))
    if found is None or not found["reason"].strip():
        return None
    stop = _REASON_END.search(masked, found.start("reason"), end)
    last = stop.start() if stop else found.end("reason")
    return (found.start("reason"), last) if last - found.start("reason") > 3 else None


_PAST_GIVER = re.compile(
    rf"(?:\s*(?:của|do|thuộc|trực thuộc|bộ trưởng|chủ tịch|thủ tướng|chính phủ|nước|nhà|ubnd|tỉnh|huyện|thành phố|giám đốc|trao tặng|tặng thưởng|tặng|trao|(?:cấp|ngành)(?: \w+)?"
    rf"|đợt này|lần này|{_PERIOD}|{_ANY}|\([^()]*\))(?!\w))*"
)


# At the head of a sentence a stretch says what is summed up: "Trong giai đoạn 2015 - 2020, …", "Năm 2022, toàn tỉnh có …"
_HEAD = re.compile(rf"^(?:[^;:,]{{0,40}}[,:] )?(?:cũng )?(?:riêng )?(?:trong |qua |kết thúc |tổng kết )?(?:\d+ năm |năm học )?\(?(?P<period>{_PERIOD})\)?(?: qua)?[,:]")
# Not a time that is rewarded: the day or year of the deed
_DEED = re.compile(r"(?:cuối|đầu|giữa|vào|từ|tháng|sáng|chiều|hồi|so với|kỷ niệm|nhân|đến|trước|ngày|mừng) $")


def for_when(
    sentence: Sentence,
    frame: Frame,
    award: AwardSpan | None,
    listed: RecipientList | None,
    reason: tuple[int, int] | None,
) -> tuple[str, ...]:
    """The stretches that are rewarded, hardly ever more than one: told with the distinction, in the reason, or at the
    head of the sentence where what follows sums up."""
    told = [p for p in sentence.periods if p.period and p.kind not in {"date", "month"} and not _is_deed(sentence, p)]
    first = listed.start if listed and listed.start > frame.end else frame.high
    with_award = [p for p in told if frame.start <= p.start < max(first, frame.end) and not _within(p, reason)]
    for awards in ((award,) if award else (), frame.awards):
        if own := next((p for p in with_award if _attached(sentence, awards, p)), None):
            return _years_from(own, with_award, sentence)
    if shared := next((p for p in told if frame.together and _attached(sentence, frame.together[-1:], p)), None):
        return (str(shared.period),)
    if reason and (within := [p for p in told if _within(p, reason)]):
        return (str(within[-1].period),)
    if listed and (trailing := [p for p in told if _TRAILS.match(sentence.masked, listed.items[-1].end, p.start)]):
        return (str(trailing[0].period),)
    head = _HEAD.match(sentence.masked)
    counted = bool(listed and any(item.count is not None for item in listed.items))
    if head and (period := next((p for p in told if p.start == head.start("period")), None)):
        stretch = period.kind == "interval"
        if stretch or (period.kind in {"year", "quarter", "half", "months"} and counted):
            return (str(period.period),)
    return ()


# "năm 2018, 2019", "các năm 2017 và 2019", "năm 2018, năm 2019"
_AND_YEAR = re.compile(r"(?:,? và |, ?|; )(?:năm )?$")


def _years_from(first: PeriodSpan, told: Sequence[PeriodSpan], sentence: Sentence) -> tuple[str, ...]:
    """The period with the years that are named one by one after it."""
    years = [first]
    for period in told:
        if first.kind == period.kind == "year" and years[-1].end <= period.start:
            if not _AND_YEAR.match(sentence.masked, years[-1].end, period.start):
                break
            years.append(period)
    return tuple(str(year.period) for year in years)


def stretch_at_head(sentence: Sentence) -> str | None:
    """The stretch of years at the head of a sentence, whose paragraph then sums it up: "Trong 5 năm 2016 - 2020, …"."""
    return _at_head(sentence, {"interval"})


def year_at_head(sentence: Sentence) -> str | None:
    """The year, or a part of one, at the head of a sentence: "Về thi đua, năm 2019, …"."""
    return _at_head(sentence, {"year", "quarter", "half", "months"})


def _at_head(sentence: Sentence, kinds: Set[PeriodKind]) -> str | None:
    told = [period for period in sentence.periods if period.kind in kinds]
    head = _HEAD.match(sentence.masked) if told else None
    return next((period.period for period in told if head and period.start == head.start("period")), None)


# "Sáu mươi năm qua (1963 - 2023), nhà trường …": a stretch told in brackets, which only its echo makes one rewarded
_LOOKS_BACK = re.compile(r"^(?:trong |qua |sau |suốt |trải qua |hơn |gần )*(?:[^\W_]+ ){1,4}năm(?: [^\W_]+){0,6},? ?\(")
_ECHO = re.compile(
    r"^(?:để |nhằm )?(?:ghi nhận|với|từ)(?: những| các| toàn bộ)? (?:chặng đường|thành tích|thành tựu|đóng góp|kết quả|cống hiến|nỗ lực)(?: to lớn| quan trọng| xuất sắc)? (?:ấy|đó|này|trên|nói trên)(?!\w)"
)


def stretch_in_brackets(sentence: Sentence) -> str | None:
    """The stretch of years that a sentence looks back on: "Sáu mươi năm qua (1963 - 2023), …"."""
    head = _LOOKS_BACK.match(sentence.folded)
    found = (p for p in sentence.periods if head and p.start == head.end() and p.kind == "interval")
    return next((p.period for p in found), None)


def echoes(sentence: Sentence) -> bool:
    """Whether a sentence rewards what the one before looked back on: "Ghi nhận chặng đường ấy, …"."""
    return _ECHO.match(sentence.folded) is not None


# "10 hội viên sản xuất giỏi giai đoạn 2016 - 2020"
_TRAILS = re.compile(
    r"\s(?:(?:trong|của|tiêu biểu|xuất sắc|điển hình|tiên tiến|sản xuất,?|kinh doanh|giỏi|dẫn đầu|(?:các )?(?:phong trào(?: thi đua)?|công tác|cụm|khối)) )*$"
)


def _is_deed(sentence: Sentence, period: PeriodSpan) -> bool:
    return _DEED.search(sentence.masked, max(0, period.start - 12), period.start) is not None


def _within(period: PeriodSpan, reason: tuple[int, int] | None) -> bool:
    return bool(reason and reason[0] <= period.start < reason[1])


_BETWEEN = re.compile(rf"(?:\s|năm học|các năm|các|hai năm|ba năm|trong các năm|của|do|toàn tỉnh|bộ trưởng|chủ tịch|thủ tướng|chính phủ|nước|ubnd|tỉnh|xuất sắc|trong|phong trào thi đua|yêu nước|công tác|{_ANY}|[()])*$")


def _attached(sentence: Sentence, awards: Sequence[AwardSpan], period: PeriodSpan) -> bool:
    """Whether a period belongs to a distinction: "Cờ thi đua năm 2022", "Bằng khen của Bộ trưởng năm 2019"."""
    return any(a.end <= period.start and _BETWEEN.match(sentence.masked, a.end, period.start) for a in awards)
