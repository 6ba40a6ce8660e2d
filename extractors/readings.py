"""Ranks, moves, scores and levels in prose: who has which place, with what score.

A sentence is read from left to right as a row of units, indices, pillars, periods and signals. A signal belongs to
the unit before it in its clause ("Long An tăng 2 bậc, xếp hạng 5"), or to the unit after it where the wording turns
the clause round ("đứng đầu là Quảng Ninh", "Với 43,21 điểm, Tiền Giang …"); what a clause leaves out is carried from
the clause, sentence or heading before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.context import ANNOUNCED, Context, compared, heading, is_elsewhere, is_on_contest, names_index, opened, reported_period
from extractors.facts.rankings import Ranking
from extractors.facts.ratings import level_counts, rating_of
from extractors.facts.scores import Score
from extractors.indices import IndexSpan
from extractors.lookups import province_in_force
from extractors.mentions import Mention
from extractors.modality import is_ahead, modality_at
from extractors.rules import FILLER, MASKS
from extractors.sentence import Document, Sentence
from extractors.signals import Signal, find_signals
from extractors.values import PeriodSpan, period_year, previous, shift, whole_number
from pipeline.records import BLOCK_SEPARATOR, Fact

_SUBJECTS = {"province", "ministry", "department", "district", "commune", "organisation", "group"}
# Indices whose values are small numbers without a unit ("DTI đạt 0,6213").
# Indices whose points may go beyond 100.
_BY_THOUSAND = {"DTI", "OTHER"}
_UNITLESS = {"DTI", "ICT_INDEX"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal with all that it is about; offsets are the article's."""

    entity: Mention
    signal: Signal
    index: str
    component: str | None
    period: str | None
    compared_to: str | None
    modality: str
    start: int
    end: int
    clause: int


@dataclass(slots=True)
class Clause:
    """What holds from one point of a sentence to the next: who is spoken of, and of what."""

    subjects: list[Mention]
    fresh: bool  # the subjects were named in this sentence
    index: str | None
    component: str | None
    period: str | None
    compared_to: str | None
    named_index: bool = False
    named_period: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class _Event:
    start: int
    end: int
    kind: str  # unit, index, component, period, signal, open, close, stop, turn, now
    item: object = None


# "còn", "riêng", "trong khi" and a semicolon begin a new clause.
_TURN = re.compile(r";|(?<!\w)(?:trong khi(?: đó)?|ngược lại|tuy nhiên|song|riêng|nhưng)(?!\w)")
# "hai bộ này", "ba địa phương nói trên": the units named last
_THESE = re.compile(r"(?<!\w)(hai|ba|bốn|năm|\d) (?:tỉnh|bộ|sở|huyện|địa phương|đơn vị|ngành|thành phố|cơ quan|xã|phường)(?:, \w+)? (?:này|trên|nói trên|kể trên|ấy|vừa nêu)(?!\w)")
_THIS_INDEX = re.compile(r"(?<!\w)(?:(?:bộ )?chỉ số (?:này|đó|ấy|nói trên|chung|tổng hợp)|điểm số chung|tổng điểm)(?!\w)")
_WE = re.compile(r"(?<!\w)(?:chúng tôi|chúng ta)(?= (?:có|được|đạt|đứng|xếp|ở|đặt|phấn đấu|từ|mới|chỉ|vẫn|đã|giữ))")
_BLOCK = re.compile(r"khối (?P<name>[^\d():;.\ue001-\ue014]{2,50}?)(?= \(\d+ |: |, điểm| là \d| đạt \d)")
_PILLAR = re.compile(
    r"(?:yếu tố|chỉ số thành phần|trụ cột|nhóm tiêu chí|tiêu chí thành phần|lĩnh vực) [\"']?(?P<name>[^\W\d_]+(?:,? [^\W\d_]+){0,8}?)[\"']?"
    r"(?= (?:đạt|được|là|có|đứng|xếp|chỉ|tăng|giảm|mới|ở|cao|thấp|hạng|dẫn|còn|với|\d)|, (?:hạng|đạt|\d|xếp|tỉnh|[\ue001-\ue009])|: | \()"
)
_NOW = re.compile(r"(?<!\w)(?:năm nay|nay|hiện nay|hiện|lần này|tức là|tức|như vậy|nghĩa là)(?!\w)")
# "Kết quả năm 2017 ở khối huyện: …": what follows in the paragraph is of that year
_HEADS_RESULTS = re.compile(r"^(?:theo )?(?:kết quả|bảng xếp hạng|bảng điểm)(?: (?:xếp hạng|đánh giá|xếp loại|nội bộ|chấm điểm))* $")
# "từ hạng 47 lên hạng 13", "tăng từ 66,11 lên 67,02"
_FROM = re.compile(r"(?<!\w)từ(?: vị trí| hạng| thứ| bậc| mức| con số| ngôi)*\s*$")
# "(năm 2021: 80,11 điểm)": the period belongs to what follows it
_LEADS = re.compile(r" ?(?::|là|đạt|đứng|xếp|hạng|thứ|ở|tỉnh|chỉ|còn|mới) ?(?!xuống|lên)|:| \d")
_BESIDE = re.compile(
    r"(?: cũ)?(?: \([^)]*\))?(?: ?[:,-]| (?:được|đạt|có|chỉ|với|là|mới|cũng|đã|vẫn|còn|chấm|lại|thì|điểm|số điểm|tỷ lệ|kết quả))*[\s(]*(?:trên |hơn |gần )?"
)
# Between a reading and the period told after it: "hạng 4 (năm 2014)", "đứng đầu bảng DDCI (năm 2020"
_TRAILING = re.compile(r" ?(?:(?:bảng|về|trong|của|chỉ số|xếp hạng) |\ue013\ue000* ?|(?:\d|hai|ba|bốn) (?:năm|kỳ|lần) (?:liền|liên tiếp|liên tục) ?)*\(?(?:ngay )?(?:trong |của |vào |hồi )?")
# The words between a signal and the unit it is turned round to: "đứng đầu cả nước là", "hạng ba thuộc về".
_INVERTED = re.compile(
    r"[^,;.()\ue001-\ue00a]{0,60}?(?:(?<!\w)(?:là|thuộc về|gồm|gồm có|cho|có|gặp|gọi tên|:)|[:])\s*(?:[\"']|các |hai |ba |lần lượt |tỉnh |ubnd |vẫn là |bốn |năm |\d+ \w+ )*(?=[\ue001-\ue009])"
)
_DIRECT = re.compile(r"\s*:?\s*\(?(?=[\ue001-\ue009])")
# "a) Xã …", "- Sở …": a member of a list
_ITEM = re.compile(r"\s*(?:[a-zđ]\)|[-+•*–]|\d{1,2}[.)]) ?")
_THAT_IS = re.compile(r"(?:đó|đây) (?:là|gồm) (?:các )?|(?:bao )?gồm:? (?:các )?|cụ thể là:? ")
# Between a counted level and the units that it counts: "(A, B)", " gồm A, B", " là: A"
_ENUMERATES = re.compile(r"[\"'')]*(?: ?\((?:gồm:? |là:? )?|,? (?:gồm(?: có)?|là|đó là|bao gồm):? )(?:các |ubnd |hai )*(?=[\ue001-\ue00a])")
_TURNED = {"rank", "first", "second", "last", "penult", "atmost", "ranks", "level", "next", "onward"}
_NATIONWIDE = re.compile(r"cả nước|toàn quốc")
# A set that belongs to no province.
_NATIONAL_SET = re.compile(r"(?:các |\d+ )?(?:cả nước|toàn quốc|(?:tỉnh|bộ|cơ quan ngang bộ)(?!\w)).*")
# Not who is ranked: who is compared with, who tells, for whom or where.
_COMPARE_BEFORE = re.compile(
    r"(?:hơn|kém|sau|trên|dưới|bỏ xa|(?:hợp nhất|sáp nhập|nhập|sánh|cạnh tranh|phối hợp|tiếp giáp) với|vượt qua|vượt|như|so với|so|bằng|thua|cùng với|cùng|đứng sau|xếp trên|xếp dưới|chỉ trên|ngang|ngang với|đuổi kịp)\s+(?:cả |các |tỉnh |mức của )?$"
)
_AGENT_BEFORE = re.compile(
    r"(?:(?<!\w)(?:được|do|bởi|theo|tại|trực thuộc|từ|giao|đề nghị|yêu cầu|gửi|về phía|giúp|khiến|để|trình|lãnh đạo|giám đốc|chủ tịch|bí thư|đại diện|báo cáo của|phó chủ tịch|bộ trưởng|thứ trưởng|công bố của|chuyên gia|trung tâm|phòng|cán bộ|công chức|tập thể)\s+(?:ubnd |sở |lãnh đạo )?)$"
)
_ACTOR_AFTER = re.compile(
    r"\s*(?:\([^)]*\)\s*)?(?:vừa |đã |mới |chính thức |sẽ |tiếp tục |cũng |đang )*(?:công bố|ban hành|yêu cầu|cho biết|tổ chức|giao |chỉ đạo|đề nghị|phê duyệt|thông báo|khảo sát|nhấn mạnh|đưa ra|nhận định|ghi nhận|tổng hợp|chấm |tặng|trao |lý giải|trình bày|tham mưu|kiến nghị|phối hợp|cho rằng|nêu|gửi|theo dõi|chủ trì|báo cáo|thực hiện|triển khai|quyết định|họp|có quyết định|sơ kết|tổng kết|tiến hành|khẳng định|gợi ý|lấy ý kiến)"
)
_APPOSED_AFTER = re.compile(
    r"(?:,| -) (?:là )?(?:nơi|đơn vị|địa phương|tỉnh|huyện|sở) (?:đứng|dẫn đầu|xếp|có (?:điểm|chỉ số|thứ hạng)|về|giữ|cuối|đầu)"
)
_ALL = re.compile(r"(?<!\w)(?:hai|cùng|đều|các|đồng hạng|cả)(?!\w)")
_SAYS = re.compile(
    r"(?:(?<!\w)(?:đạt|được|là|với|còn|chỉ|có|giá trị|kết quả|đạt được|mức|tới|mới|ở mức|bằng|điểm số|số điểm|chấm|điểm|đến|lên|vỏn vẹn|xuống|trung bình|bình quân|khi ấy|khi đó|lúc đó|lúc ấy|nay|hiện|tích lũy|mang về|giành|giành được|thu về|ghi|ghi được|nhận|nhận được|kiếm được|gom được|cùng|đều|không dưới|không thấp hơn)(?: (?:từ|trên|hơn|gần|tối thiểu|ít nhất|khoảng|tới|đúng|được))?|\ue000 (?:từ|trên|hơn|tối thiểu|ít nhất|đạt từ|đạt trên)|(?<!\w)chỉ số|(?:tăng|giảm|nâng|đi|hạ|tụt) từ|[:;(\-,–])\s*$"
)
_TAIL_OK = re.compile(
    r"\s*(?:[,;.)(\]\"'/:-]|$|so với|so |và |tăng|giảm|xếp|đứng|thuộc|cao hơn|thấp hơn|để |nhưng|trở lên|hơn|của |về |cho |ở |trong|là |nên|loại|mức|nhóm|hạng|thứ|vào|ngay|tức|dẫn|còn|song|đồng|năm|\ue010|kế|tiếp|–|khi|theo|trên|như|mà|bỏ|lên|cùng|đạt|do|giữ|tụt|\w+ nhất)"
)


def extract(document: Document) -> Iterable[Fact]:
    """The ranking and score facts of an article's prose."""
    context = opened(document)
    if context.index is None or is_on_contest(document):
        return []
    readings: list[Reading] = []
    heading_year: str | None
    block, heading_year = -1, None
    for sentence in document.sentences:
        if sentence.kind == "row" or is_elsewhere(sentence):
            continue
        if sentence.block != block:
            block = sentence.block
            context.block_period = None
            if (headed := heading(sentence, context.published_year)) is not None:
                context.aim, heading_year = headed
            elif context.aim:
                context.block_period = heading_year
            context.index = context.main_index if len(context.periods) < 2 else context.index
            context.component, context.named_in_block = None, False
            if context.topic:
                context.subject = context.topic
        readings += _Reader(document, sentence, context).read()
    return facts(document, readings, context)


class _Reader:
    """Reads one sentence; the context is updated as it goes."""

    def __init__(self, document: Document, sentence: Sentence, context: Context) -> None:
        self.document, self.sentence, self.context = document, sentence, context
        self.text = sentence.masked
        # Sets without their commas, for what only looks how far a clause goes: "dẫn đầu 9 huyện, thành phố là"
        self.flat = self.text
        for mention in sentence.mentions:
            if mention.kind == "set":
                flat = re.sub(r"[,;]", " ", self.flat[mention.start : mention.end])
                self.flat = self.flat[: mention.start] + flat + self.flat[mention.end :]
        self.readings: list[Reading] = []
        self.signals: list[Signal] = []
        self.dated: set[int] = set()  # readings whose period stands with them
        self.pending: list[Signal] = []
        self.sequence: int | None = None  # the last place given out by "kế tiếp là A, B"
        self.group: Mention | None = None
        self.average = False
        start = context.subject
        self.clause = Clause(
            subjects=[start] if start else [], fresh=False, index=context.index, component=None, period=None,
            compared_to=None,
        )  # fmt: skip
        self.stack: list[Clause] = []
        self.bracket: Mention | None = None
        self.last_unit: Mention | None = None
        self.pillar_end = -1
        self.aside: int | None = None  # where a unit ended that is not the one spoken of
        self.row: list[Mention] = []  # units in a list whose members have brackets of their own

    # ------------------------------------------------------------------------------------------------ the walk
    def read(self) -> list[Reading]:
        counted = [match.span() for _, match in level_counts(self.text)]
        signals = [
            s for s in find_signals(self.text)
            if s.kind != "level" or not any(a < s.end and s.start < b for a, b in counted)
        ]  # fmt: skip
        self.signals = signals
        events = self._events(signals)
        if self.context.level and (listed := _THAT_IS.match(self.text)):
            self._level_named(self.context.level, listed.end())
        if counted or not _ITEM.match(self.text):
            self.context.level = None
        if not signals:
            self._only_listen()
            self._named_after_counts()
            return self.readings
        for number, event in enumerate(events):
            self._step(event, events[number + 1 :])
        self._flush()
        self._close()
        self._named_after_counts()
        return self.readings

    def _level_named(self, rating: str, at: int) -> None:
        """ "Loại C: 4 đơn vị. Đó là các xã A, B": the units of the next sentence."""
        first = next((m for m in self.sentence.mentions if m.start == at and m.type in _SUBJECTS), None)
        if first and (unit := self.context.resolve(first)):
            signal = Signal(0, at, "level", "rating.level_first", rating=rating)
            for each in self._listed(unit):
                self._add(signal, each)

    def _named_after_counts(self) -> None:
        """ "2 đơn vị loại khá (A, B)", "gồm A, B": a counted level goes to the units named after it; one that
        heads a list ("Loại tốt: 3 đơn vị, gồm:") goes to the units of the list."""
        for rule, match in level_counts(self.text):
            rating = rating_of(match)
            after = _ENUMERATES.match(self.text, match.end())
            first = after and next((m for m in self.sentence.mentions if m.start == after.end()), None)
            if first and first.type in _SUBJECTS and (unit := self.context.resolve(first)):
                signal = Signal(match.start(), match.end(), "level", rule.id, rating=rating)
                for unit in self._listed(unit):
                    self._add(signal, unit)
            if self.last_unit and re.fullmatch(r", (?:là )?một trong(?: số)? ", self.text[self.last_unit.end : match.start()]):
                self._add(Signal(match.start(), match.end(), "level", rule.id, rating=rating), self.last_unit)
            if self.text.rstrip().endswith(":") or match.end() >= len(self.text.rstrip(" .")) :
                self.context.level = rating

    def _events(self, signals: Sequence[Signal]) -> list[_Event]:
        events = [_Event(s.start, s.end, "signal", s) for s in signals]
        taken = [(s.start, s.end) for s in signals]
        events += [_Event(m.start, m.end, "unit", m) for m in self.sentence.mentions]
        events += [
            _Event(i.start, i.end, "index" if i.kind == "weak" else i.kind, i)
            for i in self.sentence.indices
            if (i.kind != "weak" or names_index(self.sentence, i)) and not any(a <= i.start and i.end <= b for a, b in taken)
        ]
        events += [_Event(p.start, p.end, "period", p) for p in self.sentence.periods if p.kind != "date"]
        events += [_Event(m.start(), m.end(), "these", m.group(1)) for m in _THESE.finditer(self.sentence.folded)]
        events += [_Event(m.start(), m.end(), "we") for m in _WE.finditer(self.text)]
        events += [_Event(m.start(), m.end(), "this index") for m in _THIS_INDEX.finditer(self.text)]
        events += self._blocks_of_units() + self._pillars(events)
        events += [_Event(m.start(), m.end(), "turn", m.group()) for m in _TURN.finditer(self.text)]
        if self.sentence.kind == "title":
            events += [_Event(m.start(), m.end(), "colon") for m in re.finditer(":", self.text)]
        events += [_Event(m.start(), m.end(), "now") for m in _NOW.finditer(self.text)]
        events += [
            _Event(m.start(), m.end(), "open" if m.group() == "(" else "close") for m in re.finditer(r"[()]", self.text)
        ]
        return sorted(events, key=lambda event: (event.start, event.kind != "turn"))

    def _step(self, event: _Event, rest: Sequence[_Event]) -> None:
        item = event.item
        if event.kind == "unit" and isinstance(item, Mention):
            self._unit(item)
        elif event.kind == "signal" and isinstance(item, Signal):
            self._signal(item, rest)
        elif event.kind == "index" and isinstance(item, IndexSpan):
            self._index(item)
        elif event.kind == "component" and isinstance(item, IndexSpan):
            self._component(item)
        elif event.kind == "period" and isinstance(item, PeriodSpan):
            self._period(item)
        elif event.kind == "now" and self.clause.period is not None:
            self.clause.period = None
        elif event.kind == "we" and self.context.topic:
            self._new_subject(self.context.topic)
        elif event.kind == "this index":
            self.clause.named_index = True
        elif event.kind == "pillar":
            self.clause.component = self.context.component = str(item)
            self.pillar_end = event.end
        elif event.kind == "these":
            number = whole_number(str(item)) or 0
            if 2 <= number <= len(self.context.recent):
                self.clause.subjects, self.clause.fresh = self.context.recent[-number:], True
        elif event.kind == "turn":
            self._turn(event)
        elif event.kind == "colon":
            self.clause.fresh = False  # "DDCI Quảng Ninh: …" tells where, not who
        elif event.kind == "open":
            self._open(event)
        elif event.kind == "close" and self.stack:
            self._shut(event)

    def _blocks_of_units(self) -> list[_Event]:
        """ "khối vụ, thanh tra, văn phòng (10 đơn vị)": a set that is named by "khối" alone."""
        found = []
        for match in _BLOCK.finditer(self.text):
            if not any(m.start < match.end() and match.start() < m.end for m in self.sentence.mentions):
                name = self.sentence.text[match.start("name") : match.end("name")]
                group = Mention(match.start(), match.end("name"), "group", f"khối {name}", None, "set", True)
                found.append(_Event(group.start, group.end, "unit", group))
        return found

    def _pillars(self, events: Sequence[_Event]) -> list[_Event]:
        """ "yếu tố công chức đạt 86,75%": a pillar that no lookup knows, after a word that says so."""
        taken = [(e.start, e.end) for e in events if e.kind in {"component", "index", "unit", "signal"}]
        return [
            _Event(m.start("name"), m.end("name"), "pillar", self.sentence.text[m.start("name") : m.end("name")].lower())
            for m in _PILLAR.finditer(self.text)
            if not any(a < m.end("name") and m.start("name") < b for a, b in taken)
        ]

    def _only_listen(self) -> None:
        for mention in self.sentence.mentions:
            if mention.kind == "name" and mention.type in _SUBJECTS - {"group"}:
                self.context.heard(mention)
                if self._role(mention) == "subject" and mention.type != "organisation":
                    self.context.subject = mention
        for span in self.sentence.indices:
            if span.kind == "index" or names_index(self.sentence, span):
                self._hear_index(span)

    def _close(self) -> None:
        if self.clause.fresh and self.clause.subjects:
            first = self.readings[0].entity if self.readings else self.clause.subjects[0]
            self.context.subject = first if first.type != "group" else self.context.subject
        if self.clause.index:
            self.context.index = self.clause.index

    # ------------------------------------------------------------------------------------------- what is spoken of
    def _turn(self, event: _Event) -> None:
        self._flush()
        self.clause = replace(self.clause, number=self.clause.number + 1, compared_to=None)
        self.sequence = None
        if event.item == ";":
            self.clause.named_period = self.clause.named_index = False
            self.average = bool(self.average and re.match(r";? (?:còn )?(?:của|khối|ở khối) ", self.text[event.start :]))

    def _open(self, event: _Event) -> None:
        self.stack.append(self.clause)
        before = self.text[: event.start].rstrip()
        self.clause = replace(self.clause, number=self.clause.number, named_period=False)
        self.bracket = self.last_unit if self.last_unit and before.endswith((FILLER, _mask_of(self.last_unit))) else None
        if self.bracket is not None and self._last_end() != len(before):
            self.bracket = None
        # "so với năm 2018 (42,10 điểm, hạng 56/63)": the bracket speaks of that year
        for period in self.sentence.periods:
            if period.end == len(before) and period.period and period.kind != "date":
                self.clause.period = self._resolved(period)

    def _shut(self, event: _Event) -> None:
        """What a bracket speaks of ends with it, but for an index that is all it holds: "sự hài lòng (SIPAS)"."""
        inner, self.clause, self.bracket = self.clause, self.stack.pop(), None
        if re.search(r"\((?:gọi tắt là |viết tắt là |chỉ số )?\ue013\ue000*(?: \ue010\ue000*)?$", self.text[: event.start]):
            self.clause.index, self.clause.component, self.clause.named_index = inner.index, None, True
        if re.search(r"(?:liền|liên tiếp|liên tục) ?\(\ue010\ue000*$", self.text[: event.start]):
            self.clause.period, self.clause.named_period = inner.period, True  # "4 năm liền (2020 - 2023)"

    def _last_end(self) -> int:
        return self.last_unit.end if self.last_unit else -1

    def _index(self, span: IndexSpan) -> None:
        code = self._code(span)
        self._backfill_index(code, span)
        owned = re.search(r"(?:của|thuộc|trong) $", self.text[: span.start])
        self.clause.component = self.clause.component if owned and self.clause.index == code else None
        self.clause.index, self.clause.named_index = code, True
        self.context.named_in_block = True
        self._hear_index(span)

    def _code(self, span: IndexSpan) -> str:
        if self.clause.index in span.codes:
            return str(self.clause.index)
        if self.context.index in span.codes:
            return str(self.context.index)
        return span.codes[0]

    def _hear_index(self, span: IndexSpan) -> None:
        self.context.hear_index(self.sentence, span)
        self.context.index = span.codes[0]
        self.context.named_in_block = True

    def _backfill_index(self, code: str, span: IndexSpan) -> None:
        """ "xếp hạng 15 về PAR INDEX", "tăng 8 bậc PCI": the index told after its reading."""
        for number in range(len(self.readings) - 1, -1, -1):
            reading = self.readings[number]
            gap = self.flat[reading.end - self.sentence.start : span.start]
            named = self.clause.named_index and reading.clause == self.clause.number
            if named or not re.fullmatch(r"[^,;.()]{0,60}?(?:(?:về|trong|ở|của|theo|trên|bảng|tại)(?: \w+){0,4})? ?", gap):
                break
            told = reported_period(self.sentence, span, self.context.published_year)
            period = told if told and not self.clause.named_period and reading.modality == "actual" else reading.period
            self.readings[number] = replace(reading, index=code, period=period)
        if not self.clause.named_index:
            self.clause.index = code

    def _component(self, span: IndexSpan) -> None:
        if self.clause.index not in span.codes and (code := self._owner_of(span)):
            self.clause.index = code
        if self.clause.index not in span.codes:
            return
        words = self.sentence.text[span.start : span.end].lower()
        gap_readings = [r for r in self.readings if r.clause == self.clause.number and r.component is None]
        if gap_readings:
            last = gap_readings[-1]
            gap = self.text[last.end - self.sentence.start : span.start]
            if re.fullmatch(r" (?:về|ở|trong|tại|đối với)(?: \w+){0,3}? ?(?:chỉ số |trụ cột |nội dung |thành phần |lĩnh vực )*[\"']?", gap):
                self.readings[self.readings.index(last)] = replace(last, component=words)
        self.pillar_end = span.end
        self.clause.component = words
        self.context.component = words

    def _owner_of(self, component: IndexSpan) -> str | None:
        """ "cải cách tài chính công của Chỉ số CCHC": the index named after its pillar."""
        for span in self.sentence.indices:
            if span.kind == "index" and re.fullmatch(r" (?:của|thuộc|trong) ", self.text[component.end : span.start]):
                return next((code for code in span.codes if code in component.codes), None)
        return None

    def _resolved(self, period: PeriodSpan) -> str | None:
        return self.context.relative(period, self.clause.index) if period.kind == "relative" else period.period

    def _period(self, period: PeriodSpan) -> None:
        if ANNOUNCED.search(self.text, max(0, period.start - 20), period.start):
            return
        value = self._resolved(period)
        if period.kind in {"month", "quarter"} and period.offset:
            if modality_at(self.sentence, period.start, period.end) == "target":
                value = shift(value, -period.offset)
        if compared(self.sentence, period):
            self.clause.compared_to = value
            self._compare(value)
            return
        if value is None:
            return
        before = self.text[: period.start]
        last = self.readings[-1] if self.readings else None
        leads = _LEADS.match(self.text, period.end) is not None
        if last and not leads and _TRAILING.fullmatch(before[last.end - self.sentence.start :]):
            self._date(value)
            self._streak(period)
            if self.stack or self._is_origin(self.readings[-1]):
                return
            self.clause.period = value
            return
        self.clause.period, self.clause.named_period = value, True
        if _HEADS_RESULTS.search(before) and not self.stack and modality_at(self.sentence, period.start, period.end) == "actual":
            self.context.block_period = value

    def _date(self, value: str) -> None:
        """Give a period to the last reading, and to those before it in its clause that have none of their own."""
        last = self.readings[-1]
        alone = self.clause.named_period or self._is_origin(last)
        for number in range(len(self.readings) - 1, -1, -1):
            reading = self.readings[number]
            alike = (reading.entity.name, reading.index, reading.clause) == (last.entity.name, last.index, last.clause)
            first = number == len(self.readings) - 1
            if not first and (alone or not alike or number in self.dated or reading.period != last.period or self._is_origin(reading)):
                break
            self.readings[number] = replace(reading, period=value)
            self.dated.add(number)
        self._newest(last.index, value)

    def _is_origin(self, reading: Reading) -> bool:
        return self._origin(reading.signal) is not None

    def _newest(self, index: str, period: str) -> None:
        """The latest year told with an index is the one spoken of next."""
        year = self.context.published_year
        known = self.context.periods.get(index) or self.context.main or ""
        if "/" not in period and period > known and not (year and int(period[:4]) > year):
            self.context.periods[index] = period

    def _streak(self, period: PeriodSpan) -> None:
        """ "(năm 2020 và năm 2021)": years named one by one are one fact each."""
        last = self.readings[-1]
        following = self.text[period.end : period.end + 12]
        if re.match(r"(?:,| và|, và) \ue010", following):
            later = next((p for p in self.sentence.periods if p.start > period.end), None)
            if later and later.period:
                self.readings.append(replace(last, period=later.period))

    def _compare(self, value: str | None) -> None:
        for number, reading in enumerate(self.readings):
            if reading.clause == self.clause.number and reading.compared_to is None:
                if reading.signal.kind in {"move", "same", "change"}:
                    self.readings[number] = replace(reading, compared_to=value)

    # --------------------------------------------------------------------------------------------------- units
    def _role(self, mention: Mention) -> str:
        before, after = self.text[max(0, mention.start - 40) : mention.start], self.text[mention.end :]
        if _APPOSED_AFTER.match(after):
            return "subject"  # "Chủ tịch UBND huyện Đà Bắc, nơi đứng cuối": the district is ranked
        if _COMPARE_BEFORE.search(before):
            return "compared"
        if _AGENT_BEFORE.search(before):
            return "agent"
        if _ACTOR_AFTER.match(after):
            return "agent"
        if re.search(r"(?<!\w)(?:ở|trong|tại|trên địa bàn|thuộc|cụm|khu vực|vùng)\s+$", before):
            return "place"
        return "subject"

    def _unit(self, mention: Mention) -> None:
        resolved = self.context.resolve(mention)
        if any(m.start() <= mention.start < m.end() for m in _THESE.finditer(self.sentence.folded)):
            return
        if mention.kind == "set" or (mention.name.casefold() == "địa phương" and self._after(mention, "khối")):
            self._set(mention)
            return
        if resolved is None or resolved.type not in _SUBJECTS:
            return
        if mention.kind in {"anaphor", "self"} and self._is_apposed(mention):
            assert self.last_unit is not None
            self.clause.subjects, self.clause.fresh = [self.last_unit], True
            return
        role = self._role(mention)
        if self.aside is not None and re.fullmatch(r"\s*(?:,|và|, và) (?:tỉnh )?", self.text[self.aside : mention.start]):
            role = "compared"
        self.aside = mention.end if role in {"compared", "agent"} else None
        self.last_unit = resolved
        if mention.kind == "name":
            self.context.heard(resolved)
        if self.pending and role != "agent":
            self._assign(resolved)
            return
        if role != "subject":
            return
        if self._is_owner(mention):
            return
        if self.sequence is not None and self._joins(mention):
            self.sequence += 1
            self._take(Signal(mention.start, mention.end, "rank", "rank.next", rank=self.sequence), [resolved])
            self.clause.subjects = [resolved]
            return
        if self.row and re.fullmatch(r"(?: ?\([^()]*\))?(?:,| và|, và|;) (?:ubnd |tỉnh )?", self.text[self.row[-1].end : mention.start]):
            self.row.append(resolved)
        else:
            self.row = [resolved]
        if any(unit.start == mention.start and self.clause.fresh for unit in self.clause.subjects):
            return
        if self.clause.fresh and self._joins(mention):
            self.clause.subjects = [*self.clause.subjects, resolved]
            return
        self._new_subject(resolved)

    def _after(self, mention: Mention, word: str) -> bool:
        return self.text[: mention.start].rstrip().endswith(word)

    def _is_apposed(self, mention: Mention) -> bool:
        """ "Hà Tĩnh - tỉnh đứng đầu", "Bắc Giang (72,80 điểm), địa phương vừa lên 29 bậc": the noun says again who
        was named."""
        if self.last_unit is None or not self._is_here(self.last_unit):
            return False
        gap = self.text[self.last_unit.end : mention.start]
        if re.fullmatch(r"(?: ?\([^()]*\))?(?: - |, )(?:là )?", gap) is None:
            return False
        if mention.name.casefold() in {"địa phương", "đơn vị"}:
            return True
        return re.match(r" (?:đứng|dẫn|xếp|duy nhất|về|giữ|nằm|có (?:thứ|điểm|chỉ))", self.text[mention.end :]) is not None

    def _new_subject(self, mention: Mention) -> None:
        if self.readings and self.clause.fresh:
            self.clause = replace(self.clause, number=self.clause.number + 1, compared_to=None)
        self.clause.subjects, self.clause.fresh = [mention], True
        self.average, self.group = False, None

    def _is_owner(self, mention: Mention) -> bool:
        """ "huyện X của tỉnh Y": Y only tells where X is; "thứ hạng của tỉnh": the province is ranked."""
        before = self.text[: mention.start]
        return bool(
            re.search(r"(?<!; )(?<!còn )(?:của|thuộc)\s+(?:toàn )?$", before)
            and self.clause.fresh
            and self.clause.subjects
            and self.clause.subjects[-1].type in {"district", "commune", "department", "organisation"}
            and mention.type in {"province", "district"}
        )

    def _joins(self, mention: Mention) -> bool:
        """Whether a unit goes on a list: nothing but a comma, "và" or a bracket stands since the last unit."""
        last = self.clause.subjects[-1]
        if last.end > mention.start or last.end == 0:
            return False
        gap = self.text[last.end : mention.start]
        if self.sequence is not None:
            return bool(re.fullmatch(r"(?: ?\(?[\d.,]+(?: ?điểm|%)?\)?)?(?:,| và|, và|;) (?:ubnd |tỉnh )?", gap))
        if (last.type == "province") != (mention.type == "province"):
            return False
        return bool(re.fullmatch(r"\s*(?:,|và|, và|cùng|&|-)\s*(?:ubnd |tỉnh |và )?", gap))

    def _set(self, mention: Mention) -> None:
        """A set is spoken of only where its mean is told, or its whole ("cả nước đạt …", "Khối sở, ngành: …")."""
        if self.stack:
            return
        before, after = self.text[: mention.start], self.text[mention.end :]
        block = re.match(r"khối ", mention.name.casefold())
        group = replace(mention, name=mention.name[block.end() :] if block else mention.name, kind="set")
        whole = _NATIONWIDE.fullmatch(mention.name.casefold()) and (
            re.match(r"\s*(?:đạt|là|được|ở mức|phấn đấu|đặt mục tiêu) ", after) or re.search(r"(?:tính chung|xét chung|tính trên|trên phạm vi)\s+$", before)
        )
        heads = (block or before.rstrip().endswith("khối")) and re.match(r"\s*(?:\([^)]*\)\s*)?:", after)
        if self.average or whole or (heads and not self.clause.fresh):
            self.group, self.clause.subjects, self.clause.fresh = group, [group], True
        elif block or re.search(r"(?:khối|bình quân|trung bình)(?: của)?(?: các)?\s*$", before):
            self.group = group

    # ------------------------------------------------------------------------------------------------- signals
    def _signal(self, signal: Signal, rest: Sequence[_Event]) -> None:
        if signal.kind == "none":
            return
        if signal.kind == "average":
            self.average = True
            if self.group and self.group.end > signal.start - 45:
                self.clause.subjects, self.clause.fresh = [self.group], True
            elif region := self._region_after(signal):
                self.clause.subjects, self.clause.fresh = [region], True
            return
        if signal.kind == "level" and re.search(r" nào(?: bị| được)?\s*$", self.text[: signal.start]):
            return
        if signal.kind in {"score", "change", "scores"} and not self._is_score(signal):
            return
        if self._is_turned_round(signal, rest):
            self.pending.append(signal)
            return
        if signal.kind == "next":
            self.pending.append(signal)
            return
        if self.bracket is not None:
            self._take(signal, [self.bracket])
            return
        if signal.kind == "after":
            if self.context.last_rank is None or not self.last_unit:
                return
            several = re.search(r"(?:hai|ba|các) (?:vị trí|nấc)|lần lượt", self.text[signal.start : signal.end])
            units = self.row if several and len(self.row) > 1 else [self.last_unit]
            first = self.context.last_rank + 1
            for step, unit in enumerate(units):
                self._take(replace(signal, kind="rank", rank=first + step), [unit])
            return
        if signal.numbered:
            if self._counts_up(signal):
                self.pending.append(signal)
            return
        if signal.extreme and not self._is_of_told_list(signal):
            return
        if signal.listed and not any(r.signal.kind == "rank" for r in self.readings):
            return
        if re.search(r"(?<!\w)(?:đều|cùng)\s+$", self.text[: signal.start]) and len(everyone := self._everyone()) > 1:
            self._take(signal, everyone)
            return
        if not self.clause.fresh and self._is_fronted(signal):
            self.pending.append(signal)
            return
        self._take(signal, self.clause.subjects)

    def _counts_up(self, signal: Signal) -> bool:
        """Whether "(1) A …, (2) B …" tells places: the numbers run from 1 and the sentence ranks by them."""
        numbers = [s.rank for s in self.signals if s.numbered]
        heads = re.search(r"xếp|hạng|thứ tự|dẫn đầu|cao nhất|tốp|điểm", self.text)
        return len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1)) and heads is not None

    def _is_of_told_list(self, signal: Signal) -> bool:
        """The highest or lowest of a list is a place only where it is told how many the list has."""
        unit = self.clause.subjects[-1] if self.clause.fresh and self.clause.subjects else None
        return unit is not None and self.clause.component is None and unit.type in self.context.totals

    def _everyone(self) -> list[Mention]:
        """All units that something was read of in this sentence."""
        units = {(r.entity.type, r.entity.name): r.entity for r in self.readings}
        for unit in self.clause.subjects:
            units.setdefault((unit.type, unit.name), unit)
        return list(units.values())

    def _region_after(self, signal: Signal) -> Mention | None:
        for mention in self.sentence.mentions:
            if 0 <= mention.start - signal.end <= 40 and mention.type == "group":
                return mention
        return None

    def _is_turned_round(self, signal: Signal, rest: Sequence[_Event]) -> bool:
        if signal.kind not in _TURNED:
            return False
        if signal.kind == "level" and not re.match(r"[^,;.()\ue001-\ue00a]{0,12}(?:gồm|là|có|:)", self.text[signal.end :]):
            return False
        after = self.flat[signal.end :]
        if _INVERTED.match(after):
            return True
        if self.stack and self.bracket is not None:
            return False
        following = [event for event in rest if event.kind in {"signal", "unit"}]
        if following and isinstance(following[0].item, Signal) and following[0].item.kind in {"rank", "second", "ranks"}:
            gap = self.text[signal.end : following[0].start]
            return bool(re.fullmatch(r"(?:,| và|, và) ", gap)) and bool(_INVERTED.match(self.flat[following[0].end :]))
        return False

    def _is_fronted(self, signal: Signal) -> bool:
        """ "Với 43,21 điểm, Tiền Giang …": the unit follows the comma."""
        return bool(
            re.match(r"(?: ?\([^()]*\))?,? (?:so với \ue010\ue000*, ?)?(?:tỉnh |ubnd )?[\ue001-\ue009]", self.text[signal.end :])
            and re.search(r"(?:^|[,;] ?|\b)(?:với|đạt|được|sau|từng|vốn)[^,;]{0,50}$", self.text[: signal.start])
        )

    def _is_score(self, signal: Signal) -> bool:
        """Whether a number is a value of the index spoken of, and not a share or points of something else."""
        before, after = self.text[: signal.start], self.text[signal.end :]
        if signal.value is not None and abs(signal.value) > 100 and (signal.unit == "percent" or self.clause.index not in _BY_THOUSAND):
            return False
        if signal.kind in {"change", "scores"} and not _TAIL_OK.match(after):
            return False
        if signal.kind in {"change", "scores"}:
            return (
                self.clause.named_index
                or self.clause.component is not None
                or bool(self.readings)
                or self.bracket is not None
                or signal.kind == "scores"
                or (self.clause.fresh and signal.rule == "change.signed")
            )
        if not _TAIL_OK.match(after):
            return False
        if re.match(r"(?: tổng số điểm)? trở lên", after) and modality_at(self.sentence, signal.start, signal.end) != "target":
            return False
        adjacent = before.rstrip().endswith((FILLER,)) or bool(_SAYS.search(before))
        adjacent = adjacent or (self.pillar_end >= 0 and not before[self.pillar_end :].strip(" \"'"))
        regional = bool(self.clause.subjects) and self.clause.subjects[-1].type == "group"
        if self.average and self.group is None and not regional:
            return False
        if signal.unit == "points":
            return adjacent
        context = (
            self.clause.named_index
            or self.clause.component is not None
            or bool(self.readings)
            or self.bracket is not None
            or self._rank_follows(signal)
            or "điểm" in self.text[signal.start : signal.end]
            or self.average
            or self._is_beside_unit(signal)
        )
        if signal.unit == "bare":
            value = signal.value or 0
            plausible = value < 1 if self.clause.index in _UNITLESS else value <= 100
            return adjacent and context and (plausible or "/" in self.text[signal.start : signal.end])
        return adjacent and context

    def _is_beside_unit(self, signal: Signal) -> bool:
        """Nothing but "đạt", "được", a colon or a bracket stands between the unit and its value."""
        if not (self.clause.fresh and self.clause.subjects):
            return False
        return _BESIDE.fullmatch(self.text[self.clause.subjects[-1].end : signal.start]) is not None

    def _rank_follows(self, signal: Signal) -> bool:
        return bool(re.match(r"[ ,;(]{0,3}(?:xếp|đứng|hạng|thứ|loại|mức|nhóm)", self.text[signal.end :]))

    def _flush(self) -> None:
        """Signals that waited for a unit to their right and found none go to who is spoken of."""
        waiting, self.pending = self.pending, []
        for signal in waiting:
            if signal.kind not in {"next", "onward"}:
                self._take(signal, self.clause.subjects)

    def _assign(self, mention: Mention) -> None:
        """Give the waiting signals to the units to their right: one each where there are as many, else all."""
        units = self._listed(mention)
        waiting, self.pending = self.pending, []
        ranks = [s for s in waiting if s.kind in {"rank", "first", "second", "last", "penult"}]
        self.clause.subjects, self.clause.fresh = [mention], True
        self.sequence = None
        if len(ranks) > 1 and len(ranks) == len(units):
            for signal, unit in zip(ranks, units, strict=True):
                self._take(signal, [unit])
            self.clause.subjects = units
            return
        for signal in waiting:
            if signal.kind in {"last", "penult"} and len(units) > 1:
                continue  # "cuối bảng là A, B, C" gives no order
            if signal.kind == "next" and self.context.last_rank is None:
                continue  # after whom is not told
            if signal.kind == "next":
                self.sequence = (self.context.last_rank or 0) + 1
                self._take(replace(signal, kind="rank", rank=self.sequence, end=max(signal.end, mention.end)), [mention])
            elif signal.kind in {"ranks", "scores"}:
                self._take(signal, units)
                self.clause.subjects = units
            elif signal.kind == "onward":
                places = tuple(float((signal.rank or 1) + step) for step in range(len(units)))
                self._deal(replace(signal, kind="ranks", values=places), units)
                self.clause.subjects = units
            elif signal.kind in {"atmost", "level"} or _ALL.search(self.text[max(0, signal.start - 5) : mention.start]):
                for unit in units:
                    self._take(signal, [unit])
                self.clause.subjects = units if len(units) > 1 and signal.kind != "level" else [mention]
            else:
                self._take(signal, [mention])

    def _listed(self, first: Mention) -> list[Mention]:
        """The units of a list that begins with one: brackets and values between its members do not end it."""
        units = [first]
        for mention in self.sentence.mentions:
            if mention.start < units[-1].end or mention.type not in _SUBJECTS or mention.kind == "set":
                continue
            gap = self.text[units[-1].end : mention.start]
            if not re.fullmatch(r"(?: ?\([^()]*\))?\s*(?:,|và|, và|;|cùng)\s*(?:ubnd |tỉnh |và )?", gap):
                break
            resolved = self.context.resolve(mention)
            if resolved is None:
                break
            units.append(resolved)
        return units

    # ------------------------------------------------------------------------------------------------- readings
    def _take(self, signal: Signal, units: Sequence[Mention]) -> None:
        if not units or self.clause.index is None:
            return
        if signal.kind in {"ranks", "scores"}:
            self._deal(signal, units)
            return
        anchored = self.clause.named_index or self.clause.named_period or self.clause.component or self.readings
        if not (self.clause.fresh or anchored or self.context.named_in_block or self.bracket):
            return
        needs_name = {"first", "second", "last", "penult"} | {"level"}
        spoken = self.readings or (self.clause.named_index and self.sentence.kind != "title")
        if not (self.clause.fresh or self.bracket or spoken) and signal.kind in needs_name:
            return
        for unit in units:
            self._add(signal, unit)

    def _deal(self, signal: Signal, units: Sequence[Mention]) -> None:
        """ "lần lượt": the first value to the first unit, or to the first year, and so on; nothing where they do not
        match in number."""
        years = self._years_before(signal)
        if len(units) == 1 and len(years) == len(signal.values):
            kept = self.clause
            for period, value in zip(years, signal.values, strict=True):
                self.clause = replace(kept, period=period)
                self._add(self._dealt(signal, value), units[0])
            self.clause = kept
            return
        if len(units) != len(signal.values):
            units = self.row
        if len(units) != len(signal.values):
            return
        for unit, value in zip(units, signal.values, strict=True):
            self._add(self._dealt(signal, value), unit)

    def _dealt(self, signal: Signal, value: float) -> Signal:
        if signal.kind == "ranks":
            return replace(signal, kind="rank", rank=int(value))
        return replace(signal, kind="score", value=value)

    def _years_before(self, signal: Signal) -> list[str]:
        """Years told in a row before a signal: "hai năm 2015, 2016"."""
        years: list[PeriodSpan] = []
        for period in self.sentence.periods:
            if period.end > signal.start or period.kind != "year":
                continue
            if years and not re.fullmatch(r"(?:,| và|, và) (?:năm )?", self.text[years[-1].end : period.start]):
                years = []
            years.append(period)
        return [period.period for period in years if period.period]

    def _add(self, signal: Signal, unit: Mention) -> None:
        modality = modality_at(self.sentence, signal.start, signal.end)
        if modality not in {"actual", "target"}:
            return
        said = self.clause.period
        now = said is None or "/" in said or said == self.context.period(self.clause.index)
        if signal.kind == "rank" and self.clause.component is None and now and not self._origin(signal):
            self.context.last_rank = signal.rank
        elif signal.kind in {"first", "second"}:
            self.context.last_rank = 1 if signal.kind == "first" else 2
        own = unit.end > unit.start and self.text[unit.start : unit.end] and unit.end <= len(self.text)
        low = min(unit.start, signal.start) if own and self._is_here(unit) else signal.start
        high = max(unit.end, signal.end) if own and self._is_here(unit) else signal.end
        index = self._index_of(unit)
        period = self.clause.period
        if self.context.aim and period is None:
            period = self.context.block_period
        ahead = is_ahead(period, self.document.published) or self._is_bound(signal, period)
        if ahead or (self.context.aim and self._is_due(period)):
            modality = "target"
        if period is None and modality == "actual":
            period = self._origin(signal) or self.context.period(index)
        if self.clause.named_period and modality == "actual" and period:
            self._newest(index, period)
        if modality == "target" and period is not None and not self._is_due(period):
            period = None  # an aim is not for a year gone by: the year told belongs to what was reached
        self.context.recent = [u for u in self.context.recent[-9:] if u.name != unit.name] + [unit]
        self.context.indices[unit.name] = self.context.indices[unit.type] = index
        self.readings.append(
            Reading(
                unit, signal, index, self.clause.component, period, self.clause.compared_to, modality,
                self.sentence.start + low, self.sentence.start + high, self.clause.number,
            )  # fmt: skip
        )
        self._level_of_list(signal, unit)

    def _is_due(self, period: str | None) -> bool:
        """Whether a year is that of publication or later, so that a heading's aim is for it."""
        year = period_year(period)
        return year is None or self.context.published_year is None or year >= self.context.published_year

    def _is_bound(self, signal: Signal, period: str | None) -> bool:
        """ "tiến thêm ít nhất 3 bậc" said of the year of publication is an aim."""
        if not re.search(r"ít nhất|tối thiểu|trở lên", self.text[signal.start : signal.end + 9]):
            return False
        return period is not None and period_year(period) == self.context.published_year

    def _level_of_list(self, signal: Signal, unit: Mention) -> None:
        """In a list under "Loại tốt: …, gồm:" each unit has that level beside its points."""
        if self.context.level and signal.kind in {"score", "rank"} and self._is_here(unit):
            level = Signal(signal.start, signal.end, "level", "rating.level_first", rating=self.context.level)
            self.readings.append(replace(self.readings[-1], signal=level))

    def _index_of(self, unit: Mention) -> str:
        """The index named in this sentence or block, else the one last read of this unit or of its level."""
        assert self.clause.index is not None
        if self.clause.named_index or self.context.named_in_block:
            return self.clause.index
        known = self.context.indices
        return known.get(unit.name) or known.get(unit.type) or self.clause.index

    def _origin(self, signal: Signal) -> str | None:
        """ "từ hạng 47 lên hạng 13": the first is that of the year compared to."""
        if signal.kind in {"rank", "score", "level"} and _FROM.search(self.text, max(0, signal.start - 24), signal.start):
            known = self.clause.compared_to or next(
                (self._resolved(p) for p in self.sentence.periods if compared(self.sentence, p)), None
            )
            return known or previous(self.context.period(self.clause.index))
        return None

    def _is_here(self, unit: Mention) -> bool:
        return any(m.start == unit.start and m.end == unit.end for m in self.sentence.mentions)


def _mask_of(mention: Mention) -> str:
    return MASKS[mention.kind if mention.kind in {"self", "anaphor"} else mention.type]


# ------------------------------------------------------------------------------------------------------------ facts
def facts(document: Document, readings: Sequence[Reading], context: Context) -> list[Fact]:
    """Readings of the same thing made one fact: a place and its move, a score with its change and level."""
    return [*_rankings(document, readings, context), *_scores(document, readings)]


def _who(document: Document, unit: Mention, context_province: str | None) -> dict[str, str | None]:
    province: str | None
    if unit.type == "ministry":
        province = None
    elif unit.type == "province":
        province = province_in_force(unit.name, document.published)
    elif unit.type == "group" and (unit.kind == "name" or _NATIONAL_SET.match(unit.name.casefold())):
        province = None
    else:
        province = unit.province or document.home or context_province
        province = province_in_force(province, document.published) if province else None
    return {"entity_type": unit.type, "entity": unit.name, "province": province}


def _key(reading: Reading) -> tuple[object, ...]:
    unit = reading.entity
    return (unit.type, unit.name, unit.province, reading.index, reading.component, reading.period, reading.modality)


def _rankings(document: Document, readings: Sequence[Reading], context: Context) -> Iterator[Fact]:
    groups: dict[tuple[object, ...], list[Reading]] = {}
    for reading in readings:
        if reading.signal.kind in {"rank", "first", "second", "last", "penult", "atmost", "move", "same"}:
            groups.setdefault(_key(reading), []).append(reading)
    totals = _list_totals(readings)
    for members in groups.values():
        yield from _merged_rankings(document, members, totals, context)


def _list_totals(readings: Sequence[Reading]) -> dict[tuple[str, str | None, str], int]:
    totals: dict[tuple[str, str | None, str], int] = {}
    for reading in readings:
        if reading.signal.total and reading.modality == "actual":
            totals.setdefault((reading.index, reading.period, reading.entity.type), reading.signal.total)
    return totals


def _merged_rankings(
    document: Document, members: list[Reading], totals: dict[tuple[str, str | None, str], int], context: Context
) -> Iterator[Fact]:
    placed: dict[tuple[int | None, int | None], list[Reading]] = {}
    moves: list[Reading] = []
    total = None
    for reading in members:
        total = reading.signal.total or totals.get((reading.index, reading.period, reading.entity.type))
        total = total or _told_total(reading, context)
        told = context.totals.get(reading.entity.type)
        bottom = reading.signal.kind in {"last", "penult"} and told
        total = max(total or 0, told or 0) if bottom else total
        rank = _rank(reading, total, context)
        if reading.signal.kind == "atmost":
            placed.setdefault((None, reading.signal.most), []).append(reading)
        elif rank is not None:
            placed.setdefault((rank, None), []).append(reading)
        if reading.signal.kind in {"move", "same"} or reading.signal.same:
            moves.append(reading)
    exact = [rank for rank, _ in placed if rank is not None]
    placed = {key: told for key, told in placed.items() if key[1] is None or not any(r <= key[1] for r in exact)}
    change = moves[0].signal.places if moves and moves[0].signal.places is not None else (0 if moves else None)
    compared_to = next((m.compared_to for m in moves if m.compared_to), None)
    if not placed and moves:
        placed[(None, None)] = moves
    for number, ((rank, most), told) in enumerate(placed.items()):
        near = [*told[:1], *(moves[:1] if number == 0 else [])]
        yield _ranking(document, told[0], near, rank, most, change if number == 0 else None,
                       compared_to if number == 0 else None, total if rank is not None else None, context)  # fmt: skip


def _told_total(reading: Reading, context: Context) -> int | None:
    """How many of the unit's level the article says there are, unless the place itself lies beyond."""
    total = context.totals.get(reading.entity.type)
    if total is None or (reading.signal.rank or 0) > total:
        return None
    return total if reading.entity.type != "province" or total >= 34 else None


def _rank(reading: Reading, total: int | None, context: Context) -> int | None:
    kind = reading.signal.kind
    if kind == "rank":
        return reading.signal.rank
    if kind in {"first", "second"}:
        return 1 if kind == "first" else 2
    if kind in {"last", "penult"}:
        if total is None and reading.entity.type == "province":
            total = 34 if reading.period and reading.period[:4] >= "2025" else 63
        return None if total is None else total - (kind == "penult")
    return None


def _ranking(
    document: Document, reading: Reading, near: Sequence[Reading], rank: int | None, most: int | None,
    change: int | None, compared_to: str | None, total: int | None, context: Context,
) -> Ranking:  # fmt: skip
    start, end = _span(document, near)
    stated = reading.signal.total or total
    return Ranking(
        doc_id=document.article.doc_id, **_who(document, reading.entity, context.province),  # type: ignore[arg-type]
        period=reading.period, modality=reading.modality,  # type: ignore[arg-type]
        index=reading.index, component=reading.component, rank=rank, rank_at_most=most, rank_total=stated,
        rank_change=change, compared_to=compared_to, rule=reading.signal.rule,
        evidence=document.text[start:end], start=start, end=end,
    )  # fmt: skip


def _span(document: Document, near: Sequence[Reading]) -> tuple[int, int]:
    """The shortest passage over the readings; where they stand far apart or in two paragraphs, the first alone."""
    start, end = near[0].start, near[0].end
    for reading in near[1:]:
        between = document.text[min(start, reading.start) : max(end, reading.end)]
        if len(between) < 250 and BLOCK_SEPARATOR not in between:
            start, end = min(start, reading.start), max(end, reading.end)
    return start, end


def _scores(document: Document, readings: Sequence[Reading]) -> Iterator[Fact]:
    groups: dict[tuple[object, ...], list[Reading]] = {}
    for reading in readings:
        if reading.signal.kind in {"score", "change", "level"}:
            groups.setdefault(_key(reading), []).append(reading)
    for members in groups.values():
        yield from _merged_scores(document, members)


def _merged_scores(document: Document, members: list[Reading]) -> Iterator[Fact]:
    values: dict[tuple[float | None, str | None], Reading] = {}
    for reading in members:
        if reading.signal.kind == "score":
            unit = "points" if reading.signal.unit == "bare" else reading.signal.unit
            values.setdefault((reading.signal.value, unit), reading)
    changes = [r for r in members if r.signal.kind == "change"]
    levels = [r for r in members if r.signal.kind == "level"]
    units = {unit for _, unit in values}
    changes = [r for r in changes if not units or r.signal.unit in units or r.signal.unit is None]
    change, level = changes[0] if changes else None, levels[0] if levels else None
    if not values:
        if change:
            yield _score(document, change, None, change.signal.unit, change, level)
        elif level:
            yield _score(document, level, None, None, None, level)
        return
    for number, ((value, unit), reading) in enumerate(values.items()):
        own = change if change and (change.signal.unit in {unit, None}) else None
        yield _score(document, reading, value, unit, own, level if number == 0 else None)


def _score(
    document: Document, reading: Reading, value: float | None, unit: str | None, change: Reading | None,
    level: Reading | None,
) -> Score:  # fmt: skip
    start, end = _span(document, [r for r in (reading, change, level) if r])
    return Score(
        doc_id=document.article.doc_id, **_who(document, reading.entity, None),  # type: ignore[arg-type]
        period=reading.period, modality=reading.modality,  # type: ignore[arg-type]
        index=reading.index, component=reading.component, score=value, unit=unit,
        score_change=change.signal.value if change else None,
        compared_to=change.compared_to if change else None, rating=_rating(level), rule=reading.signal.rule,
        evidence=document.text[start:end], start=start, end=end,
    )  # fmt: skip


def _rating(level: Reading | None) -> str | None:
    rating = level.signal.rating if level else None
    if rating and len(rating.split()[-1]) == 1:
        return f"{rating[:-1]}{rating[-1].upper()}"
    return rating
