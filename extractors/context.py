"""What an article is speaking of while it is read: the index, its period, who is ranked, out of how many."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from extractors.indices import IndexSpan, find_indices, may_name
from extractors.mentions import Mention
from extractors.modality import modality_at
from extractors.sentence import Document, Sentence
from extractors.triggers import Triggers
from extractors.values import PeriodSpan, previous, shift

# How far from an index its year may stand: "Chỉ số CCHC (PAR INDEX) của các tỉnh, thành phố năm 2019".
YEAR_REACH = 90
# "so với năm 2018", "hơn năm 2020", "so 2020": the period is what is compared to, not what is spoken of.
COMPARED = re.compile(
    r"(?:so với|so|hơn|so sánh với|kém|bằng|(?<!nếu )như)(?: cùng kỳ)?(?: của)?(?: kết quả| kỳ đánh giá| bảng xếp hạng| vị trí| thứ hạng| mức)?(?: \ue013\ue000*)?(?: \()?\s*$"
)
# "So PCI 2019, Đồng Tháp khi ấy …" speaks of that year
_TOPIC_YEAR = re.compile(r"so (?:với )?\ue013\ue000* ?")
_AT_THAT_TIME = re.compile(r"[^;]{0,60}?(?:khi|lúc|thời điểm) (?:ấy|đó)(?!\w)")
# "công bố hồi tháng 9/2013": when it was told, not what it is about
ANNOUNCED = re.compile(
    r"(?:hồi|(?:công bố|ban hành|ra mắt)(?: vào| trong| từ| hồi)?|vào|theo công bố)(?: đầu| giữa| cuối)? ?$"
)
_UNITS = ("province", "ministry", "department", "district", "commune")
# "63 tỉnh, thành phố", "19 sở, ban, ngành", "9 huyện": the first noun tells what is ranked.
_TOTAL = re.compile(
    r"(\d(?<![\d.,/%].)\d{0,2})(?:/\1)? (tỉnh|thành phố trực thuộc|bộ|cơ quan ngang bộ|sở|ban|ngành|cơ quan|huyện|quận|thị xã|xã|phường|thị trấn|địa phương|đơn vị)(?!\w)"
)
# "Nhóm thứ nhất gồm 60 tỉnh": how many are in a part of the list
_OF_GROUP = re.compile(r"(?<!\w)(?:nhóm|loại|mức|tốp|top)(?!\w)[^.;]{0,50} (?:gồm|có|là|với)(?: có)? $")
# "7 bộ có kết quả giảm", "12 tỉnh tăng điểm"
_PART = re.compile(r"(?:, [^\d,.;]{2,20})?(?: có| đạt| được)?[^.;,]{0,60} (?:tăng|giảm|trên|dưới|cao hơn|thấp hơn|cải thiện|tụt)(?!\w)")
_OUT_OF = re.compile(
    r"\d(?<![\d.,/].)\d{0,2}/(\d{1,3}) (tỉnh|bộ|sở|ban|ngành|huyện|quận|thị xã|xã|phường|địa phương)(?!\w)"
)
_TOTAL_OF = re.compile(
    r"(?:(?:khối|các|cấp|-|^) ?)(?:ubnd )?(?:các )?(?:cấp )?(tỉnh|bộ|sở|ban|ngành|huyện|quận|thị xã|xã|phường|địa phương|cơ quan)(?:, [^\d,.;:()]{2,12}){0,4}"
    r"(?: này)?(?:,? có|,? gồm| \() ?(\d{1,3}) (?:đơn vị|cơ quan|địa phương|sở|huyện)"
    # "Khối huyện có 3 đơn vị loại tốt": a part of it
    r"(?!\w| (?:đều |cùng |được )?(?:(?:xếp |đạt )?loại|đạt|thuộc|mức|nhóm|tốt|khá|xuất sắc|trung bình|yếu|kém|tăng|giảm|trên|dưới|cải thiện|tụt|có (?:điểm|chỉ số)|chưa|không|bị|vào|lọt)(?!\w))"
)
# "dẫn đầu trong 8 đơn vị cấp huyện"
_TOTAL_AT = re.compile(
    r"(?<!\w)(?:trong|trên|trong (?:tổng )?số|tổng số|của|cả|toàn bộ) (\d{1,3}) (?:đơn vị|địa phương|ubnd)(?: hành chính)? cấp (huyện|xã)(?!\w)"
)
_LEVELS = {
    "tỉnh": "province", "thành phố trực thuộc": "province", "bộ": "ministry", "cơ quan ngang bộ": "ministry",
    "sở": "department", "ban": "department", "ngành": "department", "cơ quan": "department", "huyện": "district",
    "quận": "district", "thị xã": "district", "xã": "commune", "phường": "commune", "thị trấn": "commune",
}  # fmt: skip


def compared(sentence: Sentence, period: PeriodSpan) -> bool:
    """Whether a period only says what is compared to ("so với năm 2018")."""
    if _TOPIC_YEAR.fullmatch(sentence.masked, 0, period.start) and _AT_THAT_TIME.match(sentence.masked, period.end):
        return False
    return COMPARED.search(sentence.masked, max(0, period.start - 60), period.start) is not None


def stated_period(sentence: Sentence, index: IndexSpan) -> str | None:
    """The period told with an index in its sentence: after it within reach and before the next index, else
    before it; never a day, a comparison or a relative year."""
    low, high = index.start - YEAR_REACH, index.end + YEAR_REACH
    spoken = [p for p in sentence.periods if low < p.start < high and _is_spoken(sentence, p)]
    limit = min((i.start for i in sentence.indices if i.kind == "index" and i.start > index.start), default=high)
    # "PCI đạt 66,62 điểm, hơn năm 2021", "điểm tăng từ 66,11 (năm 2022)": past a figure a year dates another
    told = _without_sets(sentence, index.end, high)
    for period in spoken:
        gap = told[: max(0, period.start - index.end)]
        if index.end - 8 <= period.start < min(limit, high) and not re.search(r"[\d;:]", gap):
            return period.period
    before = [p for p in spoken if p.start < index.start and ";" not in sentence.masked[p.end : index.start]]
    return before[-1].period if before else None


def _without_sets(sentence: Sentence, start: int, end: int) -> str:
    """A stretch of the masked sentence with blanks for its sets: the number of "13 xã, thị trấn" is no figure of an
    index."""
    text = sentence.masked[start:end]
    for mention in sentence.mentions:
        if mention.kind == "set" and start < mention.end and mention.start < end:
            low, high = max(mention.start, start) - start, min(mention.end, end) - start
            text = text[:low] + " " * (high - low) + text[high:]
    return text


def _is_spoken(sentence: Sentence, period: PeriodSpan) -> bool:
    """Whether a period can be that of what is told beside it: no day, no comparison, no relative year."""
    if not period.period or period.kind in {"date", "relative", "interval"} or compared(sentence, period):
        return False
    return not ANNOUNCED.search(sentence.masked, max(0, period.start - 20), period.start)


@dataclass
class Context:
    """The state that sentences update. `periods` holds the last period told with each index, `main` the
    article's own, `totals` how many are ranked by level, `subject` who was last spoken of, `topic` who the
    article is about."""

    home: str | None
    published_year: int | None
    index: str | None = None
    main_index: str | None = None
    titled_index: bool = False  # whether the title names it, and no other
    main: str | None = None
    periods: dict[str, str] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    component: str | None = None
    subject: Mention | None = None
    topic: Mention | None = None
    region: Mention | None = None
    last: dict[str, Mention] = field(default_factory=dict)
    province: str | None = None
    indices: dict[str, str] = field(default_factory=dict)  # the index last read of a unit or a level
    named_in_block: bool = False
    last_rank: int | None = None  # the place told last, for "kế tiếp là"
    last_ranked: str | None = None  # and at which level
    recent: list[Mention] = field(default_factory=list)  # units in the order in which they were read
    listed_period: str | None = None  # the year that heads a list of items
    block_period: str | None = None  # the year that this paragraph's results are of
    then: str | None = None  # the time that the last sentence told last, for "khi đó"
    aim: bool = False  # under a heading such as "Năm 2023" of a year to come
    level: str | None = None  # the level that heads a list: "Loại tốt: 3 đơn vị, gồm:"
    headed: str | None = None  # the index that the section's heading names
    titled: tuple[str, ...] = ()  # the provinces that the title names
    rivals: tuple[str, ...] = ()  # the provinces that a national article named together last: "tỉnh" may be each
    ministries: tuple[int, tuple[Mention, ...]] = (-1, ())  # those that a sentence spoke of last, and its block
    own_ministry: tuple[Mention | None, ...] = ()  # the article's own, looked for when "Bộ" first asks for it

    def period(self, index: str | None) -> str | None:
        return self.block_period or self.periods.get(index or "", self.main)

    def hear_index(self, sentence: Sentence, span: IndexSpan) -> None:
        """Remember the period told with an index, unless a later one is known."""
        period = reported_period(sentence, span, self.published_year)
        known = self.periods.get(span.codes[0])
        if period and (known is None or period >= known):
            self.periods[span.codes[0]] = period

    def relative(self, period: PeriodSpan, index: str | None) -> str | None:
        """A relative year counts from the period spoken of where it is topical, else from publication."""
        base = self.period(index)
        if period.step == 7:
            return previous(base) if base and len(base) == 7 and "/" not in base else period.period
        if period.topical and period.offset is not None and base:
            return shift(base[:4], period.offset)
        if period.offset == 0 and base and self.published_year and base[:4] == str(self.published_year - 1):
            return base  # "năm nay" of results told this year, which are those of the year before
        return period.period

    def resolve(self, mention: Mention) -> Mention | None:
        """Who a mention stands for: "tỉnh" is the source's province or the one spoken of, "Sở" the last
        department; None where that is not known."""
        if self.rivals and self._is_province_word(mention):
            return None
        if mention.kind == "self":
            province = self.home or self.province
            if province is None:
                return None
            return Mention(mention.start, mention.end, "province", province, province, "self", True)
        if mention.kind != "anaphor":
            return mention
        found = self._antecedent(mention)
        if found is None:
            return None
        return Mention(mention.start, mention.end, found.type, found.name, found.province, "anaphor", found.certain)

    def may_be(self, mention: Mention) -> tuple[str, ...] | None:
        """Whom a word that points at nobody known ("tỉnh", "huyện") may mean: the provinces named together last, none
        where the article names none; None for a word that points at nobody in particular."""
        if self._is_province_word(mention):
            return self.rivals
        return () if mention.kind == "anaphor" and ONE_UNIT.fullmatch(mention.name.casefold()) else None

    def _is_province_word(self, mention: Mention) -> bool:
        """Whether a word is "tỉnh" in an article whose source is no province's."""
        points = mention.kind == "self" or (mention.kind == "anaphor" and mention.name.casefold().startswith("tỉnh"))
        return points and self.home is None

    def hear_rivals(self, sentence: Sentence) -> None:
        """Remember the provinces that a sentence below the title names, where they are several; where the title names
        one alone, that is still the one spoken of."""
        named = tuple(dict.fromkeys(m.name for m in sentence.mentions if m.kind == "name" and m.type == "province"))
        if sentence.kind == "title":
            self.titled = named
        elif len(named) > 1 and len(self.titled) == 1:
            self.province, self.rivals = self.titled[0], ()
        elif named:
            self.rivals = named if len(named) > 1 else ()

    def hear_ministries(self, sentence: Sentence) -> None:
        """Remember the ministries that a sentence speaks of, where it speaks of any."""
        if spoken := ministries_spoken(sentence):
            self.ministries = sentence.block, spoken

    def _antecedent(self, mention: Mention) -> Mention | None:
        name = mention.name.casefold()
        for stem, level in _ANAPHORS:
            if name.startswith(stem):
                if self.topic and name == stem and self.topic.name.casefold().startswith(stem):
                    return self.topic  # an article on one ministry calls it "Bộ" throughout
                return self.last.get(level)
        return self.subject

    def heard(self, mention: Mention) -> None:
        """Remember a named unit as what "Sở", "huyện", "tỉnh" may mean next, and a region as "vùng"."""
        if mention.type == "group" and mention.kind == "name":
            self.region = mention
        if mention.kind in {"set", "anaphor"} or mention.type not in _UNITS:
            return
        self.last[mention.type] = mention
        head = mention.name.split()[0].casefold()
        self.last[head] = mention
        if mention.name.casefold().startswith(("thị xã", "thị trấn", "thành phố", "ủy ban")):
            self.last[" ".join(mention.name.casefold().split()[:2])] = mention
        if mention.province:
            self.province, self.rivals = mention.province, ()

    def hear_totals(self, sentence: Sentence) -> None:
        """Remember how many are ranked at each level: the largest number told."""
        if not _totals().possible(sentence.folded):
            return
        for match in _TOTAL.finditer(sentence.folded):
            level = _LEVELS.get(match.group(2)) or ("district" if self.home else "province")
            part = _OF_GROUP.search(sentence.folded, 0, match.start()) or _PART.match(sentence.folded, match.end())
            if match.group(2) == "đơn vị" or int(match.group(1)) < 3 or part:
                continue
            self.totals[level] = max(self.totals.get(level, 0), int(match.group(1)))
        if re.search(r"nhóm|loại|mức", sentence.folded):  # "4/12 huyện … thuộc nhóm tốt"
            for match in _OUT_OF.finditer(sentence.folded):
                level = _LEVELS.get(match.group(2)) or ("district" if self.home else "province")
                self.totals[level] = max(self.totals.get(level, 0), int(match.group(1)))
        for match in _TOTAL_AT.finditer(sentence.folded):
            if not _PART.match(sentence.folded, match.end()):
                self.totals[_LEVELS[match[2]]] = max(self.totals.get(_LEVELS[match[2]], 0), int(match[1]))
        for match in _TOTAL_OF.finditer(sentence.folded):
            level = _LEVELS.get(match.group(1), "district")
            self.totals[level] = max(self.totals.get(level, 0), int(match.group(2)))


@functools.cache
def _totals() -> Triggers:
    return Triggers([_TOTAL, _OUT_OF, _TOTAL_OF, _TOTAL_AT])


# A ministry that only announces, gives, attends or is asked: "theo công bố của Bộ Nội vụ", "Bộ Y tế tặng Bằng khen"
_BESIDE_BEFORE = re.compile(
    r"(?<!\w)(?:(?:công bố|đánh giá|kết quả|xếp hạng|quyết định|thông báo|hướng dẫn|thông tư|văn bản) của|do|trình|gửi|với|cùng|đề nghị)"
    r"(?: lãnh đạo| bộ trưởng| thứ trưởng)?\s$"
)
_BESIDE_AFTER = re.compile(
    r"(?: \ue007\ue000*)? (?:vừa |đã |mới |cũng |chính thức )*(?:công bố|ban hành|ghi nhận|hướng dẫn|đề nghị|yêu cầu|tặng|trao"
    r"|(?:tới |đến |tham |về )?dự|thẩm định|khảo sát|đánh giá|chấm)(?!\w)"
)


def is_beside(sentence: Sentence, mention: Mention) -> bool:
    """Whether a ministry is named beside the point, so that "Bộ" after it means another."""
    before = _BESIDE_BEFORE.search(sentence.folded, max(0, mention.start - 40), mention.start)
    return before is not None or _BESIDE_AFTER.match(sentence.masked, mention.end) is not None


def own_ministry(document: Document) -> Mention | None:
    """The ministry that an article calls "Bộ" before it speaks of any other: its own. None where it has none."""
    named: dict[str, Mention] = {}
    spoken: dict[str, Mention] = {}
    for sentence in document.all_sentences:
        for mention in sentence.mentions if sentence.kind != "row" else ():
            if mention.kind == "name" and mention.type == "ministry" and mention.name.startswith("Bộ "):
                (named if is_beside(sentence, mention) else spoken)[mention.name] = mention
            elif mention.kind == "anaphor" and mention.name == "Bộ" and (spoken or named):
                first = spoken or named
                return first.popitem()[1] if len(first) == 1 else None
    return None


def ministries_spoken(sentence: Sentence) -> tuple[Mention, ...]:
    """The ministries that a sentence speaks of; where they are several, "Bộ" in the next one means none of them."""
    ministries = {m.name: m for m in sentence.mentions if m.kind == "name" and m.type == "ministry"}
    return tuple(m for m in ministries.values() if not is_beside(sentence, m))


# "huyện", "Sở này" for the one spoken of; "ngành", "đơn vị" and "địa phương" may be any
ONE_UNIT = re.compile(r"(?:toàn )?(?:huyện|quận|thị xã|xã|phường|thị trấn|sở)(?: ta| nhà| này| mình)?")
_ANAPHORS = (
    ("thị xã", "thị xã"), ("thị trấn", "thị trấn"), ("thành phố", "thành phố"), ("ủy ban", "ủy ban"),
    ("sở", "sở"), ("bộ", "ministry"), ("huyện", "district"), ("quận", "district"), ("xã", "commune"),
    ("phường", "commune"), ("ban", "department"), ("tỉnh", "province"),
)  # fmt: skip


def speaks_of_index(document: Document) -> bool:
    """Whether `opened` will know an index: none is read into an article that names none."""
    return any(
        span.kind == "index" or (span.kind == "weak" and _ranks(sentence, span))
        for sentence in document.all_sentences
        if may_name(sentence.paragraph.folded)
        for span in sentence.indices
    )


def only_province(document: Document) -> str | None:
    """The one province that an article's title names, itself or a unit of it; else the one that the whole article
    does. None where there are several, and in an article on a ministry, whose units belong to none."""
    title = [sentence for sentence in document.all_sentences if sentence.kind == "title"]
    ministry = any(m.kind == "name" and m.type == "ministry" for sentence in title for m in sentence.mentions[:1])
    return _alone(title) or (None if ministry else _alone(document.all_sentences))


def _alone(sentences: Iterable[Sentence]) -> str | None:
    named = {m.province for s in sentences for m in s.mentions if m.kind == "name" and m.type in _UNITS and m.province}
    return named.pop() if len(named) == 1 else None


def opened(document: Document) -> Context:
    """The context in which the first sentence is read: the index and period of the title or of the first
    sentence that names them, the article's province and topic."""
    year = document.published.year if document.published else None
    context = Context(home=document.home, published_year=year)
    named = {code for s in document.all_sentences for span in s.indices if span.kind == "index" for code in span.codes}
    for sentence in document.all_sentences:
        context.hear_totals(sentence)
        if sentence.kind == "title":
            context.main = _of_title(sentence, year)
        strong = any(span.kind == "index" for span in sentence.indices)
        for span in sentence.indices:
            if span.kind == "component" or (
                span.kind == "weak" and (strong or span.codes[0] in named or not _ranks(sentence, span))
            ):
                continue
            code = span.codes[0]
            context.main_index = context.main_index or code
            if period := reported_period(sentence, span, year):
                context.periods.setdefault(code, period)
                context.main = context.main or period
        context.main = context.main or _looked_at(sentence, year)
    context.index = context.main_index
    title = next((s for s in document.sentences if s.kind == "title"), None)
    titled = {span.codes[0] for span in title.indices if span.kind == "index"} if title else set()
    context.titled_index = titled == {context.main_index}
    context.topic = _topic(document)
    if context.topic:
        context.subject = context.topic
        context.heard(context.topic)
    if document.home is None and context.province is None:
        context.province = next(
            (m.province for s in document.sentences for m in s.mentions if m.kind == "name" and m.province), None
        )
    return context


# Words of a ranking: with one near, "cải cách hành chính" stands for its index.
_RANKS = re.compile(
    r"(?:xếp (?:hạng|loại)|chỉ số|thứ hạng|chấm điểm|phân loại|kết quả đánh giá|bảng|điểm|loại|hạng)(?!\w)"
)


def names_index(sentence: Sentence, span: IndexSpan) -> bool:
    """Whether a word that may mean an index does: "kết quả xếp hạng cải cách hành chính", "xếp loại CCHC"."""
    before = sentence.folded[max(0, span.start - 32) : span.start]
    return span.kind == "weak" and _RANKED.search(before) is not None


_RANKED = re.compile(
    r"(?:bảng|bảng chấm|xếp hạng|xếp loại|chấm điểm|phân loại|thứ hạng|bảng điểm|đánh giá)(?: \w+){0,3} $"
)


def _ranks(sentence: Sentence, span: IndexSpan) -> bool:
    """Whether a word that may mean an index stands with words of a ranking: "kết quả xếp loại công tác CCHC"."""
    before = sentence.folded[max(0, span.start - 45) : span.start]
    after = sentence.folded[span.end : span.end + 45]
    return bool(_RANKS.search(before) or re.match(r"[^.;]{0,30}(?:xếp loại|xếp hạng|thứ hạng|chỉ số)", after))


# "các bộ chỉ số", "cả ba chỉ số", "5 chỉ số": indices without their names
_SEVERAL = re.compile(
    r"(?:bức tranh|các|những|cả (?:hai|ba|bốn|năm|\d)|\d|ba|bốn|năm) (?:bộ )?chỉ số(?! thành phần| thành| con|\w)"
)


def _of_title(sentence: Sentence, published_year: int | None) -> str | None:
    """The one period that a headline on a ranking tells: "Công bố điểm phục vụ người dân tháng 02/2025"."""
    told = [p.period for p in sentence.periods if p.period and _is_spoken(sentence, p)]
    if len(told) != 1 or not re.search(r"hạng|chỉ số|điểm|bậc|index|xếp loại|pci|papi|dti", sentence.folded):
        return None
    return None if published_year and int(told[0][:4]) > published_year else told[0]


def _looked_at(sentence: Sentence, published_year: int | None) -> str | None:
    """The year that a sentence looks at, told with no index of its own: "Nhìn lại năm 2021, các chỉ số …"."""
    if sentence.kind == "row" or not _SEVERAL.search(sentence.folded):
        return None
    return next(
        (
            p.period for p in sentence.periods
            if _is_spoken(sentence, p) and p.period and not (published_year and int(p.period[:4]) > published_year)
            and modality_at(sentence, p.start, p.end) == "actual"
        ),
        None,
    )  # fmt: skip


def reported_period(sentence: Sentence, span: IndexSpan, published_year: int | None) -> str | None:
    """The period stated with an index, but for aims: a year after publication or under "phấn đấu"."""
    period = stated_period(sentence, span)
    if period is None or (published_year and int(period[:4]) > published_year):
        return None
    return None if modality_at(sentence, span.start, span.end) == "target" else period


def _is_spoken_of(sentence: Sentence, mention: Mention) -> bool:
    """Whether an article's first sentence begins with a unit that it tells something of."""
    return (
        mention.kind == "name"
        and mention.type in {"district", "commune", "department", "ministry"}
        and mention.start < 25
        and re.match(r" (?:vừa|đạt|xếp|đứng|được|là|có|nhận|dẫn)", sentence.masked[mention.end :]) is not None
    )


def _topic(document: Document) -> Mention | None:
    """Who the article is about: the unit that its title names first, else the source's province."""
    for sentence in document.sentences:
        if sentence.kind == "title":
            for mention in sentence.mentions:
                if mention.kind == "name" and mention.type in _UNITS:
                    return mention
    first = next((s for s in document.sentences if s.kind not in {"title", "row", "caption"}), None)
    if first and first.mentions and _is_spoken_of(first, first.mentions[0]):
        return first.mentions[0]
    if document.home:
        return Mention(0, 0, "province", document.home, document.home, "self", True)
    for sentence in document.sentences[:3]:
        for mention in sentence.mentions:
            if mention.kind == "name" and mention.type == "province":
                return mention
    return None


# How levels are defined, not who reached them: "từ 90 điểm trở lên là xuất sắc", "dưới 50 xếp loại yếu"
_DEFINES = re.compile(
    r"(?:từ|đạt từ|trên|đạt) \d+(?:[.,]\d+)?(?: ?(?:điểm|%))? (?:trở lên|đến dưới \d+)[^;.]{0,25}(?:là|được xếp|xếp(?! (?:hạng (?:trong|\d|thứ)|thứ|vị trí|trong))|loại|mức|thì)(?!\w)"
    # "từ 90% trở lên được 10 điểm": how a value is turned into points
    r"|(?:từ|đạt từ|trên|đạt) \d+(?:[.,]\d+)?(?: ?(?:điểm|%))? (?:trở lên|đến dưới \d+(?: ?(?:điểm|%))?),? (?:thì )?(?:chỉ )?(?:được|tính|chấm|cộng|cho|trừ|đạt)(?: tối đa| cộng| tính| thêm)? \d+(?:[.,]\d+)? điểm(?!\w)"
    r"|(?:chia|phân|xếp) (?:thành|làm|theo) (?:các |\d+ |bốn |năm |ba )+(?:mức|nhóm|loại|hạng)"
    # "chia thành 4 nhóm: nhóm cao nhất (15 tỉnh)" counts them
    r"(?![^.]{0,80}\d (?:tỉnh|đơn vị|cơ quan|địa phương|bộ|sở|huyện|xã)(?!\w))"
    r"|dưới \d+(?: ?(?:điểm|%))? (?:được |bị )?(?:xếp|là) (?:loại|mức)?"
)

# A contest or a match has places and points of its own.
_CONTEST = re.compile(
    r"(?<!\w)(?:hội thi(?! đua)|cuộc thi|thí sinh|bóng (?:đá|chuyền)|đội bóng|giải (?:hạng|vô địch)|tay vợt|quần vợt|cầu lông|việt dã|điền kinh|vòng loại|văn nghệ|tiết mục|thi đấu|giải (?:nhất|nhì|ba|khuyến khích|bóng|thể thao|chạy|bơi|tennis|marathon)|toàn đoàn|hội thao|hội diễn|đội tuyển|huy chương|kéo co|(?:giải |hội |lễ hội )đua|đua (?:ghe|thuyền|ngựa|bò)|thi (?:gói bánh|nấu ăn|cắm hoa|cắm trại)|bài thi|bài kiểm tra|học viên|vận động viên|liên hoan)(?!\w)"
)


# So has an exam or a sports meeting; an index may be told beside it.
_EXAM = re.compile(
    r"(?<!\w)(?:kỳ thi (?:tốt nghiệp|tuyển sinh|thpt|học sinh giỏi|olympic|đánh giá năng lực)|tốt nghiệp (?:thpt|trung học)|học sinh giỏi"
    r"|điểm (?:trung bình )?(?:các )?môn|điểm (?:bài )?thi(?! đua| hành)|đoàn thể thao|đại hội thể (?:dục|thao))(?!\w)"
)

_AIM_HEADING = re.compile(
    r"(?:\W|\d|[ivx]+[.)])*(?:mục tiêu|chỉ tiêu|định hướng|phương hướng|nhiệm vụ|kế hoạch)?(?: (?:trọng tâm|chủ yếu|của))*(?: ?năm (?P<year>(?:19|20)\d\d)| ?đến năm (?P<until>(?:19|20)\d\d))?\W*"
)


def heading(sentence: Sentence, published_year: int | None) -> tuple[bool, str | None] | None:
    """What a line that only heads the next ones says: whether they are aims, and of which year; None for a
    line that is no heading."""
    folded = sentence.folded.strip()
    if not folded or len(folded) > 60 or folded[-1] in ".;,!?" or sentence.kind in {"title", "caption", "row"}:
        return None
    match = _AIM_HEADING.fullmatch(folded)
    if match is None:
        return (False, None)
    year = match["year"] or match["until"]
    if year is None and not re.search(r"mục tiêu|chỉ tiêu|hướng|nhiệm vụ|kế hoạch", folded):
        return (False, None)
    ahead = year is None or published_year is None or int(year) >= published_year
    return (ahead, year if ahead else None)


# "2. Chỉ số hài lòng (SIPAS) năm 2021:": a line without figures but its number and year
_SECTION = re.compile(r"\W*(?:(?:\d{1,2}|[ivx]{1,4}|[a-zđ])[.)/] ?)*[^\d]*(?:năm (?:19|20)\d\d)?[^\d]*")


# What is longer tells something.
_SECTION_LENGTH = 80


def enter_section(sentence: Sentence, context: Context) -> None:
    """At the first sentence of a line that heads a section, remember the one index that the line names; one that names
    neither an index nor who is ranked ends the section before it."""
    line = sentence.paragraph.folded.strip()
    if not line or len(line) > _SECTION_LENGTH or line[-1] in ".;,!?" or sentence.kind in {"title", "caption", "row"}:
        return
    if not _SECTION.fullmatch(line):
        return
    named = {span.codes[0] for span in find_indices(line) if span.kind == "index"}
    if len(named) == 1:
        context.headed = named.pop()
    elif named or (context.headed and not sentence.paragraph.mentions):
        context.headed = None


@functools.cache
def _elsewhere() -> Triggers:
    return Triggers([_CONTEST, _DEFINES, _EXAM])


def is_elsewhere(sentence: Sentence) -> bool:
    """Whether a sentence tells of a contest, or of an exam and no index, or only defines what the levels mean."""
    folded = sentence.folded
    if folded.rstrip(' "').endswith("?"):
        return True  # a question states nothing
    told = [pattern for number in _elsewhere().possible(folded) if (pattern := (_CONTEST, _DEFINES, _EXAM)[number]).search(folded)]
    return told != [] and (told != [_EXAM] or not any(span.kind == "index" for span in sentence.indices))


def is_on_contest(document: Document) -> bool:
    """Whether the whole article is about a contest or a match, as its headline or first sentences say."""
    title = next((s for s in document.sentences if s.kind == "title"), None)
    if title and _CONTEST.search(title.folded):
        return True
    told = [s for s in document.sentences if s.kind not in {"title", "row"}]
    if any(span.kind == "index" for s in told[:3] for span in s.indices):
        return False
    if any(_CONTEST.search(s.folded) for s in told[:1]):
        return True
    return any(_CONTEST.search(s.folded) for s in told[1:2]) and not any(s.kind == "index" for t in told for s in t.indices)
