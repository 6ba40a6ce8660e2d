"""Posts or people taken off the public payroll."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from extractors.decisions import doubt, refuse, take, wants_refusals
from extractors.modality import cues, is_ahead, modality_at
from extractors.rules import words
from extractors.sentence import Document, Sentence
from extractors.staff_decrees import Decree, decrees, joined
from extractors.staff_figures import Figure, Unit, action_of, figures, may_begin, may_begin_in
from extractors.staff_statement import Statement
from extractors.staff_when import based, carried_period, leading, main_period, period_in, same_time
from extractors.staff_who import Who, at_span, is_company, subject, topic, whole
from pipeline.records import Fact, Modality


@dataclass(frozen=True, kw_only=True)
class StaffReduction(Fact):
    """Posts or people taken off the public payroll."""

    TABLE: ClassVar[str] = "staff_reductions"
    KEY: ClassVar[tuple[str, ...]] = (
        "entity_type",
        "entity",
        "province",
        "period",
        "modality",
        "count",
        "unit",
        "action",
    )
    CORE: ClassVar[tuple[str, ...]] = ("entity", "province", "count", "unit")

    count: float
    unit: str
    action: str
    legal_basis: str | None = None
    personnel: str | None = None


# A text without one of these says nothing of the public payroll: "giảm 20 người" is then about something else.
PAYROLL = re.compile(
    r"biên chế|tinh giản|tinh giảm|công chức|viên chức|hưởng lương|bộ máy|nhân sự|thôi việc|hưu trước tuổi|nghỉ việc|bỏ việc"
    r"|không chuyên trách|không giữ chức|số (?:lượng )?người làm việc|(?:nghị định|nđ) ?(?:số )?(?:108|178|67|29|113|154|132|26)(?!\d)|xin nghỉ|nghỉ công tác"
)
# A sentence that goes on with the one before: what holds there holds here.
_GOES_ON = re.compile(
    r"[-+* ]*(?:trong đó|cụ thể|theo đó|gồm|bao gồm|chia ra|trong (?:số )?\d[\d.]* (?:người|trường hợp|biên chế|cán bộ|công chức|viên chức)(?: [^\s\d;:().,]+){0,4}? (?:này|đó|ấy|trên|nói trên|nêu trên)|(?:chia|xét|tính|tách|nếu tính) theo|xét về|theo (?:khối|cấp|đơn vị|địa bàn)|trong số (?:này|đó)|số này|con số này|phân theo|kết quả"
    r"|trong tổng số(?: trên| này)?|tính riêng|riêng|nhiều nhất|cao nhất)(?!\w)"
)
# Words that lead in figures given without a verb of their own: "Theo đó, Long An phê duyệt 138 trường hợp".
_LEAD = re.compile(
    r"tinh giản|tinh giảm|thôi việc|hưu trước tuổi|nghỉ hưởng|nghỉ theo|(?:người|cán bộ|công chức|viên chức) (?:được )?nghỉ(?= |:)"
)
# What points back to the figure before: "trong đợt này", "nghỉ theo diện trên"
_BACK = re.compile(r"(?<!\w)(?:này|trên|đó|ấy|nói trên|nêu trên)(?!\w)")
# "theo hai nghị định trên"
_DECREES_BACK = re.compile(r"nghị định (?:này|trên|đó|ấy|nói trên|nêu trên|vừa nêu)(?!\w)")
_STREAMLINED = re.compile(r"tinh giản|tinh giảm")
_ZONE = re.compile(r"(?:gồm|bao gồm|trong đó|trong số (?:này|đó)|cụ thể|chia ra|:|\()(?: có| là| gồm|,|:| số)*\s?$")
_ZONE_OPENS = re.compile(
    r"(?:trong đó|trong số (?:này|đó|(?:những |các )?(?:người|cán bộ|công chức|viên chức|trường hợp)[^,;:.()\d]{0,40}(?:thôi việc|nghỉ|bỏ việc|tinh giản)(?: việc)?(?: này| đó| trên)?)|(?:con )?số này|trong tổng số(?: này| trên| nói trên| ấy| đó)|gồm|bao gồm|cụ thể|chia ra)(?: gồm| có| là|,|:)*\s"
)
# "…; trong đó 1.051 người nghỉ hưu trước tuổi, …" divides what stands before the semicolon
_ZONE_ANEW = re.compile(r";(?= ?(?:trong đó|trong số (?:này|đó)|gồm|bao gồm|cụ thể)(?: có| là| gồm|,|:)*\s?$)")
_NEXT_IN_ZONE = re.compile(r"\s?(?:,|và|;|, và|còn|cùng|cùng với|với)?\s?(?:và |có |còn |là |cùng )?$")
# "Riêng người hoạt động không chuyên trách cấp xã, đã có 1.905 trường hợp"
_NAMED_FIRST = re.compile(
    r"(?<!\w)(?:riêng|đối với|với|về) ((?:người hoạt động|cán bộ|công chức|viên chức|giáo viên)[^,;:.()]{0,60}),(?: đã)?(?: có)?\s"
)
# "1.021 trường hợp đăng ký nghỉ", "45 người đề nghị thôi việc"
_APPLIED = re.compile(r"(?<!\w)(?:đăng ký|đề nghị|nguyện vọng|dự kiến|sẽ|phải)(?!\w)")
_DONE = re.compile(r"(?<!\w)(?:đã(?! (?:thẩm định|ban hành|giao|xây dựng|đề ra|lên kế|có kế|có văn|đặt ra))|đến nay|có quyết định|vừa qua)(?!\w)")
# "Ước tính giảm 940 biên chế; …": nobody has left yet
_ESTIMATED = re.compile(
    r"^ước tính(?!\w)|(?<!\w)(?:ước tính|dự báo)(?: sau \w+ \w+,?| cả nước| toàn \w+| sẽ| có thể| có| số)* (?:giảm|cắt|tinh|bớt|dôi dư)"
)
# A share told between two parts: ", chiếm 9,9% và "
_SHARE = re.compile(r",? ?(?:\(|chiếm|tương ứng|tương đương|tỷ lệ|đạt)(?: tỷ lệ| khoảng| gần| hơn| trên| với)* ?\d[\d.,]* ?%\)?")
# "Số công chức nghỉ việc gồm 700 người ở cấp bộ, …": a total told before is divided
_PARTED = re.compile(r"^(?:tổng )?số (?:lượng )?[^;:.()\d]{4,60} gồm(?= \d)")
# "Tổng cộng, …": the sum over those told before
_IN_ALL = re.compile(r"^(?:tổng cộng|tính chung|cộng lại|tất cả)(?!\w)")
# From the people to the decree by which they leave: "302 người theo Nghị định số 108/2014/NĐ-CP"
_BY = re.compile(r" (?:theo|diện|thuộc diện)(?: quy định(?: tại| của)?| các| diện)* ")
# What may stand between the figures of a list: brackets, shares, sums of money.
_ASIDES = re.compile(r"\([^()]*\)|\d[\d.,]* ?(?:%|(?:tỷ|tỉ|triệu|nghìn)(?: đồng)?|đồng)")
# Workers of firms and the self-employed are on no public payroll.
_PRIVATE = re.compile(
    r"thất nghiệp|doanh nghiệp|công nhân|nhà máy|khu công nghiệp|tiểu thương|dịch bệnh|vì dịch|đơn hàng"
)
_PUBLIC = re.compile(r"biên chế|công chức|viên chức|tinh giản|tinh giảm|nghị định|sắp xếp|bộ máy|không chuyên trách")
# What may stand before the first body of a list: "Ở cấp huyện, Bến Lức có 12 người, …"
_LEVEL = re.compile(
    r"(?:ở|tại|trong|về|phía|đối với|riêng|còn|xét|tính|với|trong số)(?: [^\s\d,;:.()]+){1,8}, ?(?:thì |có |riêng )*"
)
# "Sở A, Sở B: mỗi nơi 6 viên chức …", "A và B cùng có 6 người …"
_ENTITY = re.compile(words()["entity"])
_EACH_REACH = 400
_EACH = re.compile(
    rf"((?:{words()['entity']}(?: ?, ?| và | cùng )){{1,12}}{words()['entity']})(?:,|:)? (?:mỗi (?:nơi|đơn vị|cơ quan|địa phương|sở"
    r"|huyện|tỉnh|bộ|xã|phường|bên)|đều|cùng)(?: (?:có|cho|là|cùng|giảm|tinh giản|giải quyết|được|đã|đăng ký|cũng))*\s$"
)
# What an interview asks for: "Chỉ tiêu năm 2015 của quận?"
_AIM = re.compile(r"(?<!\w)(?:chỉ tiêu|mục tiêu|kế hoạch|phấn đấu|dự kiến|sắp tới|tới đây|sẽ)(?!\w)")
# What asks others to explain something, and the opening of the quotation that follows
_ASKS = frozenset({"modality.propose", "modality.must"})
_QUOTES = re.compile(
    r" (?:đánh giá|làm rõ|giải trình|lý giải|phân tích|nhìn nhận|trả lời|cho biết|quan tâm|lưu ý|giải thích|báo cáo)(?!\w)[^;:]*: ?[\"“]"
)
# How far a figure that stands alone may be from the last one, in sentences.
_FAR = 3
# A sentence that goes on with a list names its first body at once: "Riêng Hà Nội có …".
_OPENING = 12


@dataclass(frozen=True, slots=True)
class _Stated:
    """A figure with all that was found out about it; `at` is its sentence's place."""

    figure: Figure
    at: int
    who: Who
    period: str | None
    modality: Modality
    unit: Unit
    action: str
    decrees: tuple[Decree, ...]
    personnel: str | None = None
    sub: bool = False  # divides the figure before it: "gồm …", "(…)"
    denied: bool = False  # told to be wrong: it only lends who and when to the right one


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told before a figure: the `last` one, the last that divides no other (`main`), and the last that
    stands alone (`head`)."""

    last: _Stated | None = None
    main: _Stated | None = None
    head: _Stated | None = None

    def with_(self, one: _Stated, listed: bool) -> _Told:
        """With one more figure; an item `listed` under the head, or the first of all ("nhiều nhất là …"), is no
        head of what follows."""
        alone = not one.sub and one.figure.part in {"", "far", "lead"} and not listed
        if self.head is not None and _is_singled(one):
            alone = False
        return _Told(one, self.main if one.sub else one, one if alone else self.head)


@dataclass(frozen=True, slots=True)
class _Place:
    """A figure where it stands: what it divides or goes on with (`base`), what was `told` before it."""

    statement: Statement
    figure: Figure
    told: _Told
    base: _Stated | None
    sub: bool

    @property
    def document(self) -> Document:
        return self.statement.document

    @property
    def at(self) -> int:
        return self.statement.at

    @property
    def sentence(self) -> Sentence:
        return self.statement.sentence

    @property
    def total(self) -> _Stated | None:
        """The figure whose part this one is."""
        return self.base if self.figure.part or self.sub else None

    @property
    def before(self) -> _Stated | None:
        """The figure that this one is read with: its total, or the one before it in the sentence."""
        last = self.told.last
        return self.total or (last if last is not None and last.at == self.at else None)

    @property
    def goes_on(self) -> bool:
        """Whether the sentence divides the total before it: "Trong đó, …", "Về hưu trước tuổi: 1.032 người"."""
        head = self.told.head
        if _is_listed(self.document, self.at, head):
            return True
        if head is None or self.at - head.at > 2:
            return False
        colon = self.figure.rule == "staff.left.colon" and self.figure.begin < _OPENING
        return colon or _GOES_ON.match(self.sentence.folded) is not None

    @property
    def carrier(self) -> _Stated | None:
        """The figure whose period, decree and modality hold for this one."""
        return self.total or (self.told.head if self.goes_on else None)


def _is_singled(one: _Stated) -> bool:
    """Whether a figure only singles one body out: "nhiều nhất là Hà Nội, 512 người"."""
    return one.figure.rule.endswith("most")


def extract(document: Document) -> list[StaffReduction]:
    """The staff reductions of an article's prose, in order; figures of tables are read elsewhere.

    A figure of the title counts only where the body does not tell it.
    """
    if not any(PAYROLL.search(sentence.folded) for sentence in document.sentences):
        if wants_refusals():
            _refuse_all(document)
        return []
    stated = list(_stated(document))
    body = [one for one in stated if document.sentences[one.at].kind != "title"]
    plain = {one.at: Statement(document, one.at, ()) for one in stated}
    return [
        _fact(plain[one.at], one)
        for one in stated
        if document.sentences[one.at].kind != "title" or not _told_below(document, one, body)
    ]


def _refuse_all(document: Document) -> None:
    """Tell that figures are none of the payroll, in an article that does not speak of it."""
    for sentence in document.sentences:
        for figure in (readings[0] for readings in figures(sentence) if sentence.kind != "row"):
            if not figure.part:
                refuse(StaffReduction.TABLE, sentence, figure.phrase, figure.rule, "no_payroll")


def _told_below(document: Document, one: _Stated, body: list[_Stated]) -> bool:
    """Whether the body tells what the title says, exactly or where the title rounds ("hơn 17.000 người")."""
    before = document.sentences[one.at].folded[: one.figure.number[0]]
    number = document.sentences[one.at].folded[slice(*one.figure.number)]
    rounded = re.search(r"(?:hơn|gần|trên|khoảng|chừng)\s$", before) is not None or number.endswith(("nghìn", "vạn"))
    return any(rounded or (one.unit == other.unit and _stands_for(one.figure.count, other.figure.count)) for other in body)


def _stands_for(title: float, told: float) -> bool:
    """Whether a headline's count is the one told below, to the last digit or in round hundreds: 36.500 for 36.542."""
    zeros = len(f"{title:.0f}") - len(f"{title:.0f}".rstrip("0"))
    return title == told or (zeros >= 2 and abs(title - told) < 10**zeros)


def may_tell(folded: str) -> bool:
    """False where nothing in a folded block begins to tell a reduction: neither a figure nor the head of a list."""
    return may_begin_in(folded) or _LEAD.search(folded) is not None


def _stated(document: Document) -> Iterator[_Stated]:
    told = _Told()
    for at, sentence in enumerate(document.sentences):
        if sentence.kind == "row":
            continue
        begins = _may_go_on(document, at, told.last) or may_begin(sentence)
        found = figures(sentence) if begins else []
        if not begins and wants_refusals() and PAYROLL.search(sentence.folded):
            for first, *_ in figures(sentence):
                refuse(StaffReduction.TABLE, sentence, first.phrase, first.rule, "no_total")
        if not found and (opened := _list_opened(document, at, told.head)) is not None:
            told = _Told(opened, opened, opened)
        if found and found[0][0].part in {"near", "far"} and (opened := _list_led(document, at, found[0][0], told.head)):
            told = _Told(opened, opened, opened)
        statement = Statement(document, at, tuple(readings[0] for readings in found))
        for readings in found:
            one = _first(statement, readings, told)
            if one is not None:
                if not one.denied:
                    yield from (replace(one, who=who) for who in _sharers(statement, one))
                    yield one
                told = told.with_(one, _is_listed(document, at, told.head))


def _may_go_on(document: Document, at: int, last: _Stated | None) -> bool:
    """False where no figure of a sentence can go with the last one told: told before the sentence is masked."""
    if last is None or wants_refusals():
        return last is not None
    sentence = document.sentences[at]
    if at - last.at <= _FAR or _is_item(sentence) or sentence.text.rstrip().endswith(":"):
        return True
    return _LEAD.search(sentence.folded) is not None


def _sharers(statement: Statement, one: _Stated) -> Iterator[Who]:
    """The other bodies of which each has the count: "Sở A, Sở B: mỗi nơi 6 viên chức"."""
    number = one.figure.number[0]
    match = _EACH.search(statement.sentence.masked, max(0, number - _EACH_REACH), number)
    if match is None:
        return
    for named in _ENTITY.finditer(match[1]):
        start = match.start(1) + named.start()
        who = at_span(statement, (start, match.start(1) + named.end()))
        if who is not None and (who.type, who.name) != (one.who.type, one.who.name):
            yield who


def _list_opened(document: Document, at: int, head: _Stated | None) -> _Stated | None:
    """A lead-in without a number ("Kết quả tinh giản biên chế năm 2018 như sau:") as the total of its list; one that
    points back ("… trong đợt này:") takes over what the figure before it told."""
    sentence = document.sentences[at]
    if not sentence.text.rstrip().endswith(":") or not _LEAD.search(sentence.folded):
        return None
    return _lead_in(document, at, head, len(sentence.text))


def _list_led(document: Document, at: int, figure: Figure, head: _Stated | None) -> _Stated | None:
    """The same where the list stands in the sentence itself: "Tinh giản biên chế năm 2018: Hà Nội 120 người, …",
    "Số công chức nghỉ việc gồm 700 người ở cấp bộ, …"."""
    sentence = document.sentences[at]
    colon = sentence.masked.find(":", 0, figure.begin)
    lead = sentence.masked[: max(colon, 0)]
    if parted := _PARTED.match(sentence.folded, 0, figure.number[1]):
        return _lead_in(document, at, head, parted.end()) if _LEAD.search(parted.group()) else None
    if not _LEAD.search(lead) or re.search(r"\d", lead):
        return None
    return _lead_in(document, at, None, colon)


def _lead_in(document: Document, at: int, head: _Stated | None, end: int) -> _Stated:
    """The total that stands for a lead-in up to `end`."""
    sentence = document.sentences[at]
    total = Figure((end, end), (0, end), (end, end), end, float("inf"), "people", None, None, None, "", "staff.list")
    statement = Statement(document, at, ())
    period, _ = period_in(statement, total)
    who = subject(statement, total)
    parted = _PARTED.match(sentence.folded)
    points = parted or _BACK.search(sentence.folded)
    back = head if head is not None and at - head.at <= _FAR and points else None
    return _Stated(
        total,
        at,
        whole(document, who) if who else back.who if back else topic(document, at),
        period or (back.period if back else carried_period(document, at)),
        "target" if modality_at(sentence, end, end) == "target" else "actual",
        "people",
        (back.action if back and not parted else None) or action_of(sentence.folded[:end]) or "streamlining",
        tuple(decrees(document, sentence)) or (back.decrees if back else ()),
    )


# --- one figure ------------------------------------------------------------------------------------------------------


def _first(statement: Statement, readings: Iterable[Figure], told: _Told) -> _Stated | None:
    """The first reading of a number that is a staff reduction."""
    for figure in readings:
        one = _read(statement, figure, told)
        if isinstance(one, str):
            refuse(StaffReduction.TABLE, statement.sentence, figure.phrase, figure.rule, one)
            continue
        if one.denied:
            refuse(StaffReduction.TABLE, statement.sentence, figure.phrase, figure.rule, "negated")
        else:
            take(StaffReduction.TABLE, statement.sentence, figure.number[0])
        return one
    return None


def _read(statement: Statement, figure: Figure, told: _Told) -> _Stated | str:
    """The figure with who, when and how; where it is none of a staff reduction, the code of the reason."""
    place = _placed(statement, figure, told)
    if isinstance(place, str):
        return place
    reading = _reading(statement.sentence, figure)
    if reading in {"hypothetical", "foreign"}:
        return reading
    unit = figure.unit or (place.base.unit if place.base else None)
    if unit is None or (unit == "percent" and figure.unit is None):
        return "no_unit"
    by = _decrees(place)
    action = _action(place, by)
    if action is None:
        return "no_action"
    who = _who(place)
    if is_company(statement.sentence, who):
        return "company"
    if _is_private(statement.sentence, figure):
        return "private"
    carrier = place.carrier
    if not by and carrier is not None and (place.total is not None or action == carrier.action):
        by = carrier.decrees
    period = _period(place)
    if figure.rule == "staff.cut.count" and unit != "posts" and not _is_cut_of_staff(place, who, period):
        return "no_payroll"
    modality = _modality(place, reading, period)
    denied = reading == "negated"
    if who.may_be is not None:
        if not denied:
            doubt(StaffReduction.TABLE, "entity.ambiguous", who.name, who.may_be, statement.sentence.text)
        return "nobody_named"
    personnel = _personnel(place)
    return _Stated(figure, statement.at, who, period, modality, unit, action, by, personnel, place.sub, denied)


def _reading(sentence: Sentence, figure: Figure) -> str:
    """The modality told where a figure stands; what someone asks for says nothing of the figures that he quotes:
    đề nghị làm rõ: "12 viên chức xin thôi việc …"."""
    reading = modality_at(sentence, *figure.number)
    if reading != "target":
        return reading
    aims = [cue for cue in cues(sentence) if cue.modality == "target" and cue.rules(*figure.number)]
    quoted = all(_QUOTES.search(sentence.folded, cue.end, figure.number[0]) for cue in aims if cue.rule in _ASKS)
    return "actual" if quoted and all(cue.rule in _ASKS for cue in aims) else reading


def _placed(statement: Statement, figure: Figure, told: _Told) -> _Place | str:
    """The figure with what it goes with; the code of the reason where its wording needs another figure and has none,
    or where it only tells a change of the one before."""
    last = told.last
    if figure.compared and figure.unit != "percent" and last is not None and last.at == statement.at:
        return "only_change"
    sub = last is not None and told.main is not None and _divides(statement, last, told.main, figure)
    base = _base(statement, figure, told, sub)
    if figure.part == "lead":
        return _Place(statement, figure, told, base, sub) if _led(statement, figure, told.head) else "no_lead_in"
    if figure.part and base is None:
        return "no_total"
    return _Place(statement, figure, told, base, sub)


def _base(statement: Statement, figure: Figure, told: _Told, sub: bool) -> _Stated | None:
    """The figure that a part goes with; None where it goes with none."""
    document, at, last, main = statement.document, statement.at, told.last, told.main
    if last is None or main is None:
        return None
    head = told.head or last
    if figure.part == "corrected":
        return last if last.denied and at - last.at <= 1 else None
    if figure.part and (last.denied or head.denied):
        return None
    if figure.part == "far" and figure.unit is None and last.at != at:
        return None
    if figure.part == "also" and (
        last.at != at or last.action != "streamlining" or last.figure.rule == "staff.remaining_percent"
    ):
        return None
    if figure.part in {"far", "rest"}:
        near = at - last.at <= _FAR and statement.sentence.block - document.sentences[last.at].block <= 1
        return head if near else None
    if figure.part == "zone":
        return main if sub else None
    if figure.part == "equal" and not (last.at == at and last.unit == "percent"):
        return None
    if last.at != at:
        anchor = last if _is_singled(last) else head
        return anchor if _continues(statement, figure, last, anchor) else None
    gap = statement.sentence.masked[last.figure.span[1] : figure.number[0]]
    if figure.part == "near" and re.search(r"\d", _ASIDES.sub("", gap)):
        return None
    if last.sub and figure.who is not None and ";" in gap:
        return main  # "… gồm 80 người nghỉ hưu, 16 người thôi việc; riêng Bến Lức là 40 người": of all who left
    return main if main.at == at else last


def _continues(statement: Statement, figure: Figure, last: _Stated, head: _Stated) -> bool:
    """Whether a part in a later sentence still goes with the figures before: "Trong đó, …", the items of a list
    under "cụ thể:", or "Hà Nội có 2.113 người, …" right after the total."""
    sentences, at, sentence = statement.document.sentences, statement.at, statement.sentence
    if figure.part != "near":
        return False
    if at - last.at == 1 and _GOES_ON.match(sentence.folded):
        return True
    if _is_item(sentence) and sentences[head.at].text.rstrip().endswith(":"):
        return _is_listed(statement.document, at, head)
    opens = figure.who is not None and (
        figure.begin <= _OPENING or _LEVEL.fullmatch(sentence.folded[: figure.begin]) is not None
    )
    same = at - last.at == 1 and sentence.block == sentences[last.at].block
    return same and opens and figure.count < head.figure.count and figure.unit == head.unit


def _is_listed(document: Document, at: int, head: _Stated | None) -> bool:
    """Whether a sentence is an item of the list that the head leads in: "…, cụ thể:"."""
    sentences = document.sentences
    if head is None or head.at >= at or not _is_item(sentences[at]):
        return False
    return sentences[head.at].text.rstrip().endswith(":") and all(_is_item(s) for s in sentences[head.at + 1 : at])


def _is_item(sentence: Sentence) -> bool:
    return sentence.kind == "item" or sentence.text.startswith(("-", "–", "+", "•", "*"))


def _divides(statement: Statement, last: _Stated, main: _Stated, figure: Figure) -> bool:
    """Whether a figure divides one before it: "gồm: 06 công chức, 31 viên chức", "512 người (nghỉ hưu 412)"."""
    sentence = statement.sentence
    if figure.count > main.figure.count or figure.unit == "percent":
        return False
    if main.figure.rule == "staff.list" and figure.who is not None:
        return False
    if last.at != statement.at:
        return statement.at - last.at <= 2 and _ZONE_OPENS.fullmatch(sentence.folded[: figure.begin]) is not None
    between = _SHARE.sub("", sentence.folded[max(last.figure.span[1], last.figure.phrase[1]) : figure.begin])
    depth = _depth(sentence, figure.number[0])
    if main.at == statement.at and depth > _depth(sentence, main.figure.number[0]):
        return True
    if last.sub and depth < _depth(sentence, last.figure.number[0]):
        return False
    if last.sub and _NEXT_IN_ZONE.fullmatch(between):
        return True
    zone = _ZONE.search(between)
    return len(between) < 160 and zone is not None and not re.search(r"[;.]", _ZONE_ANEW.sub("", between))


def _depth(sentence: Sentence, place: int) -> int:
    return sentence.masked.count("(", 0, place) - sentence.masked.count(")", 0, place)


def _led(statement: Statement, figure: Figure, head: _Stated | None) -> bool:
    """Whether words on leaving the payroll, or another figure, lead in a bare "phê duyệt 138 trường hợp"."""
    if head is not None and statement.at - head.at <= 2:
        return True
    document, sentence = statement.document, statement.sentence
    if _LEAD.search(sentence.folded, 0, figure.number[0]) or _DECREES_BACK.search(sentence.folded):
        return True
    if figure.rule == "staff.settled_bare" and _LEAD.search(sentence.folded):
        return True
    named = decrees(document, sentence)
    if any(decree.action and decree.start < figure.number[0] for decree in named):
        return True
    if any(d.action and _BY.fullmatch(sentence.folded, figure.phrase[1], d.start) for d in named):
        return True
    before = document.sentences[statement.at - 1] if statement.at else None
    goes_on = _GOES_ON.match(sentence.folded) is not None
    return before is not None and before.block == sentence.block and goes_on and bool(_LEAD.search(before.folded))


def _is_private(sentence: Sentence, figure: Figure) -> bool:
    """Whether the sentence speaks of firms and their workers, and of nobody on the public payroll."""
    workers = (figure.personnel or "").casefold() in {"lao động", "người lao động"}
    private, public = _sides(sentence)
    return (workers or private) and not public


@functools.lru_cache(maxsize=8)
def _sides(sentence: Sentence) -> tuple[bool, bool]:
    """Whether a sentence speaks of firms and their workers, and of the public payroll; asked for each of its figures."""
    return bool(_PRIVATE.search(sentence.folded)), bool(_PUBLIC.search(sentence.folded))


def _is_cut_of_staff(place: _Place, who: Who, period: str | None) -> bool:
    """Whether "giảm 20 người" is one of the payroll: after another figure, or where the paragraph, the one before,
    or the title speaks of it; and not the opinion "giảm 100 người lười", of nobody and no time."""
    sentences, block = place.document.sentences, place.sentence.block
    topical = place.told.head is not None or any(
        PAYROLL.search(s.folded) for s in sentences if s.kind == "title" or block - 1 <= s.block <= block
    )
    stated = who.start is not None or period is not None or place.carrier is not None or place.before is not None
    return topical and (stated or re.search(r"tinh giản|tinh giảm", place.sentence.folded) is not None)


# --- who, how, by what, when, how sure -----------------------------------------------------------------------------


def _who(place: _Place) -> Who:
    document, at, total, head = place.document, place.at, place.total, place.told.head
    if total is not None and place.figure.who is None:
        who = total.who if place.figure.part else _within(place, total)
        return who if total.at == at or who is not total.who else replace(who, start=None)
    named = subject(place.statement, place.figure, wide=head is None or head.at != at)
    if named is not None:
        return named if place.figure.part or place.sub else whole(document, named)
    if head is not None and _IN_ALL.match(place.sentence.folded) and place.figure.count > head.figure.count:
        return topic(document, at)
    if head is not None and (place.goes_on or document.sentences[head.at].block == place.sentence.block):
        return head.who if head.at == at else replace(head.who, start=None)
    return _spoken(place) or topic(document, at)


def _within(place: _Place, total: _Stated) -> Who:
    """Who a figure that divides another is about: a body named since, else that of the total."""
    named = subject(place.statement, place.figure, wide=False)
    if named is None or named.start is None:
        return total.who
    return named if total.at != place.at or named.start > total.figure.number[1] else total.who


def _spoken(place: _Place) -> Who | None:
    """The subject of the sentence before in the same paragraph."""
    document, at = place.document, place.at - 1
    if (asked := leading(document, place.at)) and asked[-1].text.rstrip().endswith("?"):
        question = Statement(document, document.sentences.index(asked[-1]), ())
        told = [who for m in asked[-1].mentions if m.type != "person" and (who := at_span(question, (m.start, m.end)))]
        if told:
            return replace(whole(document, told[-1]), start=None)
    if at < 0 or document.sentences[at].block != place.sentence.block:
        return None
    end = len(document.sentences[at].text)
    ghost = replace(place.figure, number=(end, end), span=(end, end), phrase=(end, end), begin=end, who=None)
    found = subject(Statement(document, at, ()), ghost)
    return whole(document, found) if found and found.may_be is None else None


def _action(place: _Place, by: tuple[Decree, ...]) -> str | None:
    figure, sentence = place.figure, place.sentence
    if figure.action is not None:
        return figure.action
    if figure.part and figure.part != "lead":
        return place.base.action if place.base else None
    if _STREAMLINED.search(sentence.folded, *figure.span):
        return "streamlining"
    known = [decree.action for decree in by if decree.action]
    if known:
        return known[0]
    lead = sentence.folded[: figure.number[0]]
    if _LEAD.search(lead):
        return action_of(lead)
    if figure.part == "lead" and place.told.head is not None and place.at - place.told.head.at <= 2:
        return place.told.head.action
    if figure.part == "lead" and place.at:
        before = place.document.sentences[place.at - 1]
        return "streamlining" if _STREAMLINED.search(before.folded) else "leave"
    return None


def _personnel(place: _Place) -> str | None:
    """The kind of people as worded: with the figure, with the count that a percent equals, or named first ("Riêng
    người hoạt động không chuyên trách cấp xã, đã có …")."""
    if place.figure.personnel is not None:
        return place.figure.personnel
    if place.figure.rule == "staff.part.percent" and place.base is not None:
        return place.base.personnel
    start, _ = place.statement.clause(place.figure.number[0])
    first = _first_from(_NAMED_FIRST, place.sentence, start)
    before = first is not None and first.end() <= place.figure.number[0]
    return place.sentence.text[slice(*first.span(1))] if first and before and not place.figure.part else None


@functools.lru_cache(maxsize=16)
def _first_from(pattern: re.Pattern[str], sentence: Sentence, start: int) -> re.Match[str] | None:
    """The first match from a place on: asked for each figure of a clause, looked for once."""
    return pattern.search(sentence.folded, start)


def _decrees(place: _Place) -> tuple[Decree, ...]:
    """The decrees told with a figure: behind it in its clause, else leading in its sentence or the one before."""
    document, sentence, figure, at = place.document, place.sentence, place.figure, place.at
    here = decrees(document, sentence)
    _, end = place.statement.clause(figure.number[0])
    behind = tuple(decree for decree in here if figure.number[1] <= decree.start < end)
    inside = tuple(decree for decree in here if figure.span[0] <= decree.start < figure.number[0])
    if inside or behind:
        return inside or behind
    start, _ = place.statement.clause(figure.number[0])
    if not here and _DECREES_BACK.search(sentence.folded, start, end):
        return _decrees_before(document, at)
    leading = tuple(decree for decree in here if decree.start < place.statement.numbers[0])
    if leading:
        return leading
    if place.total is not None and place.total.at == at:
        return ()
    if at and document.sentences[at - 1].block == sentence.block and _GOES_ON.match(sentence.folded):
        return _matching(Statement(document, at - 1, ()), figure)
    return ()


def _decrees_before(document: Document, at: int) -> tuple[Decree, ...]:
    """The decrees named last before a sentence, to which "hai nghị định trên" points."""
    return next((named for s in reversed(document.sentences[:at]) if (named := decrees(document, s))), ())


def _matching(before: Statement, figure: Figure) -> tuple[Decree, ...]:
    """Of the decrees of the sentence before, those of the clause that speaks of the figure's kind of leaving."""
    named = decrees(before.document, before.sentence)
    if figure.action is None and figure.part != "lead":
        return named
    wanted = figure.action or "streamlining"
    folded = before.sentence.folded
    matching = tuple(d for d in named if action_of(folded[slice(*before.clause(d.start))]) == wanted)
    return matching or tuple(decree for decree in named if decree.action in {None, wanted})


def _period(place: _Place) -> str | None:
    period, settled = period_in(place.statement, place.figure)
    if settled:
        return period
    last = place.told.last
    if last is not None and place.carrier is None and same_time(place.statement, place.figure):
        return based(place.statement, place.figure, last.period)
    carrier = place.carrier or place.before
    if carrier is not None:
        return based(place.statement, place.figure, carrier.period)
    carried = carried_period(place.document, place.at)
    if carried is None and place.sentence.kind == "title":
        carried = main_period(place.document)
    head = place.told.head
    if carried is None and head is not None and place.document.sentences[head.at].block == place.sentence.block:
        carried = head.period
    return based(place.statement, place.figure, carried)


def _modality(place: _Place, reading: str, period: str | None) -> Modality:
    sentence, figure = place.sentence, place.figure
    if reading == "target" or _APPLIED.search(sentence.folded, figure.number[1], figure.span[1]):
        return "target"
    start, _ = place.statement.clause(figure.number[0])
    done = _first_from(_DONE, sentence, start)
    if done is not None and done.end() <= figure.number[1]:
        return "actual"
    if is_ahead(period, place.document.published) or _is_aim(place, period):
        return "target"
    estimated = _first_from(_ESTIMATED, sentence, 0)
    if estimated is not None and estimated.end() <= figure.number[1]:
        return "target"
    # "…; riêng huyện X giảm 14 biên chế" goes on with the figure before
    same_breath = _GOES_ON.match(sentence.folded, start + (sentence.folded[start : start + 1] == " "))
    carrier = place.carrier or (place.before if same_breath else None)
    if sentence.folded.startswith("kết quả"):
        return "actual"
    return carrier.modality if carrier is not None else "actual"


def _is_aim(place: _Place, period: str | None) -> bool:
    """Whether a figure answers a question about an aim, or is told in January of the whole year that begins."""
    published = place.document.published
    asked = leading(place.document, place.at)
    if asked and asked[-1].text.rstrip().endswith("?") and _AIM.search(asked[-1].folded):
        return True
    return published is not None and published.month == 1 and period == str(published.year)


def _fact(statement: Statement, one: _Stated) -> StaffReduction:
    sentence = statement.sentence
    start, end = _evidence(statement, one)
    return StaffReduction(
        doc_id=statement.document.article.doc_id,
        entity_type=one.who.type,
        entity=one.who.name,
        province=one.who.province,
        period=one.period,
        modality=one.modality,
        evidence=sentence.text[start:end],
        start=sentence.start + start,
        end=sentence.start + end,
        rule=one.figure.rule,
        count=one.figure.count,
        unit=one.unit,
        action=one.action,
        legal_basis=joined(one.decrees),
        personnel=one.personnel,
    )


def _evidence(statement: Statement, one: _Stated) -> tuple[int, int]:
    """From the subject, where the figure's clause names it, to the end of the wording."""
    start = min(one.figure.span[0], one.figure.number[0])
    end = max(one.figure.span[1], one.figure.phrase[1])
    low, _ = statement.clause(one.figure.number[0])
    if one.who.start is not None and low <= one.who.start < start:
        start = one.who.start
    text = statement.sentence.text[start:end]
    start += len(text) - len(text.lstrip(" ,;:.(-"))
    end -= len(text) - len(text.rstrip(" ,;:(-"))
    return start, end
