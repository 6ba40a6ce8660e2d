"""What the words in and around a table say of its figures: whose they are, of which index, pillar and period."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from extractors import lookups
from extractors.fold import fold
from extractors.indices import IndexSpan, find_indices
from extractors.mentions import Mention, find_mentions
from extractors.sentence import Document, split
from extractors.sheet import Sheet
from extractors.values import PeriodSpan, find_periods, shift
from pipeline.records import EntityType, Modality

# Paragraphs further above a table than this speak of something else as likely as of the table.
NEAR = 3


@dataclass(frozen=True, slots=True)
class Entity:
    """Whose a figure is, as the contract writes it; `province` None where it is not known or central."""

    type: EntityType
    name: str
    province: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What is said of a figure beside its value; None where nothing is said.

    `component` is empty where the whole index is meant expressly. `years` counts from the period around ("năm
    trước": -1). `level` is the kind of unit that a list holds, `group` the set by its words, `total` how many
    there are of it, `rating` a level that a column or row stands for.
    """

    entity: Entity | None = None
    index: str | None = None
    component: str | None = None
    period: str | None = None
    years: int | None = None
    modality: Modality | None = None
    level: EntityType | None = None
    group: str | None = None
    total: int | None = None
    rating: str | None = None

    def within(self, outer: Frame) -> Frame:
        """This frame, what it does not say taken from the one around it."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        filled = {name: getattr(outer, name) if value is None else value for name, value in said.items()}
        if self.years is not None and self.period is None:
            filled["period"] = shift(outer.period, self.years)
        if filled["period"] is not None:
            filled["years"] = None
        return Frame(**filled)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The frame of a whole table, with what is needed to read its cells: the article, the words that name the
    table (`captions`, folded, nearest first), the text before it (`prose`, folded), and the unit of values
    where the caption or the article's prose states it for the index."""

    document: Document
    frame: Frame
    captions: tuple[str, ...]
    prose: tuple[str, ...]
    title: str
    unit: str | None
    named: bool  # whether a caption names the index


def surroundings(sheet: Sheet, document: Document) -> Surroundings:
    """What the words around a table say. In a source without a home, the one province that the caption, the title
    or the nearest paragraph names stands for it."""
    if document.home is None:
        document = replace(document, home=_only_province((*sheet.captions, sheet.title, *sheet.prose[:1]), document))
    captions = tuple(map(fold, sheet.captions))
    prose = tuple(map(fold, sheet.prose))
    title = fold(sheet.title)
    index, named = _index(captions, prose, title)
    level = next((level for text in captions if (level := level_in(text))), None)
    frame = Frame(
        entity=_owner(sheet, document),
        index=index,
        component=_component(captions),
        period=period_around(captions, prose, title, index, document),
        modality="target" if any(map(_AIM.search, captions)) else None,
        level=level,
        total=next((total for text in captions if (total := total_in(text))), None),
        group=next((group for text in captions if (group := group_words(text))), None),
    )
    return Surroundings(document, frame, captions, prose, title, _unit(captions, index, document), named)


# "phấn đấu", "dự kiến", "đề nghị tặng": what the table lists is yet to come
_AIM = re.compile(
    r"phấn đấu|mục tiêu|dự kiến|đề xuất|đề nghị (?:tặng|khen|xét|công nhận|tinh giản)|sẽ (?:tặng|trao|giảm|tinh giản)"
)
_AIM_HEADING = re.compile(r"mục tiêu|chỉ tiêu|kế hoạch|phấn đấu|dự kiến|đăng ký|đề nghị")


# --- index and pillar --------------------------------------------------------------------------------------------

# Tables that an article on an index may hold, and that are none of that index.
_OTHER = re.compile(
    r"hồ sơ|kinh phí|tiến độ|giải ngân|lịch |chương trình|thi đua|thủ tục hành chính được|văn bản|phiếu"
)


def _index(captions: Sequence[str], prose: Sequence[str], title: str) -> tuple[str | None, bool]:
    """The index that a table is of, and whether its caption names it."""
    for text in captions:
        if code := one_index(text, weak=not _OTHER.search(text)):
            return code, True
    if any(_OTHER.search(text) for text in captions[:1]):
        return None, False
    in_title = one_index(title)
    for text in prose[:NEAR]:
        codes = _codes(text)
        if in_title in codes or len(codes) == 1:
            return in_title if in_title in codes else codes[0], False
    if code := in_title or one_index(title, weak=True):
        return code, False
    rest = Counter(code for text in prose for code in _codes(text))
    return (rest.most_common(1)[0][0] if rest else None), False


def _codes(text: str) -> list[str]:
    spans = [span for span in find_indices(text) if span.kind == "index"]
    return list(dict.fromkeys(code for span in spans for code in span.codes))


def one_index(text: str, weak: bool = False) -> str | None:
    """The only index that a folded text names; with `weak`, by a word that names it only in context."""
    codes = _codes(text)
    if len(codes) == 1:
        return codes[0]
    if codes or not weak:
        return None
    said = {span.codes[0] for span in find_indices(text) if span.kind == "weak"}
    return said.pop() if len(said) == 1 else None


# "Chỉ số thành phần Cải cách TTHC": only so does a caption speak of a pillar alone
_OF_PILLARS = re.compile(r"thành phần|trụ cột|lĩnh vực|trục nội dung|tiêu chí|nội dung")


def _component(captions: Iterable[str]) -> str | None:
    for text in captions:
        spans = [span for span in find_indices(text) if span.kind == "component"]
        if len(spans) == 1 and _OF_PILLARS.search(text):
            return text[spans[0].start : spans[0].end]
    return None


# --- period ------------------------------------------------------------------------------------------------------


def period_around(
    captions: Sequence[str], prose: Sequence[str], title: str, index: str | None, document: Document
) -> str | None:
    """The period that the words around a table state, the nearest first; without an index it may be a stretch
    of years."""
    for text in captions:
        if period := period_of(text, index, document):
            return period
    for text in prose[:NEAR]:
        if period := _period_in_prose(text, index, document):
            return period
    if period := period_of(title, index, document):
        return period
    return next((period for text in prose[NEAR:] if (period := _period_in_prose(text, index, document))), None)


def period_of(text: str, index: str | None, document: Document) -> str | None:
    """The period that a caption or a title states: that of the index where there are several."""
    found = _stated(text, document, index)
    if len({span.period for span in found}) <= 1:
        return found[0].period if found else None
    return _nearest(found, [span for span in find_indices(text) if span.kind != "component"]) or found[-1].period


def _period_in_prose(text: str, index: str | None, document: Document) -> str | None:
    for start, end in reversed(split(text, text)):
        sentence = text[start:end]
        if _AIM.search(sentence):
            continue
        found = _stated(sentence, document, index)
        spans = [span for span in find_indices(sentence) if span.kind != "component"]
        if index and not any(index in span.codes for span in spans):
            if len({span.period for span in found}) == 1 and re.search(r"kết quả|xếp hạng|bảng", sentence):
                return found[0].period
            continue
        if found:
            return _nearest(found, [span for span in spans if index in span.codes]) or found[-1].period
    return None


def _stated(text: str, document: Document, index: str | None) -> list[PeriodSpan]:
    """The periods of a text that a figure can be of: no dates; stretches of years only where no index is meant."""
    kinds = {"year", "half", "quarter", "month", "months"} | (set() if index else {"interval"})
    if not (index and any(span.kind == "year" for span in find_periods(fold(document.article.title), document.published))):
        kinds.add("relative")  # "năm nay" of a table whose headline tells its year is when it was told
    return [
        span
        for span in find_periods(text, document.published)
        if span.kind in kinds and span.period and not (span.kind == "relative" and span.offset != 0)
    ]


def _nearest(found: Sequence[PeriodSpan], spans: Sequence[IndexSpan]) -> str | None:
    """The period that stands next after the name of the index, else next before it."""
    for span in spans:
        after = [period for period in found if 0 <= period.start - span.end <= 60]
        inside = [period for period in found if span.start <= period.start < span.end]
        before = [period for period in found if 0 <= span.start - period.end <= 60]
        if best := inside[:1] or after[:1] or before[-1:]:
            return best[0].period
    return None


# --- unit, level, total ------------------------------------------------------------------------------------------


def _unit(captions: Iterable[str], index: str | None, document: Document) -> str | None:
    for text in captions:
        if re.search(r"\(%\)|tính: ?%|tỷ lệ (?:%|phần trăm)", text):
            return "percent"
        if re.search(r"\(điểm\)|tính: ?điểm", text):
            return "points"
    if index is None:
        return None
    units = Counter(unit for unit in _units_in_prose(index, document))
    return units.most_common(1)[0][0] if len(units) == 1 else None


# "đạt 84,38%", "73,02 điểm" after the name of the index in the same sentence
_MEASURE = re.compile(r"\d+[.,]\d+ ?(?P<unit>%|điểm)")


def _units_in_prose(index: str, document: Document) -> Iterator[str]:
    for sentence in document.sentences:
        if sentence.kind == "row":
            continue
        for span in sentence.indices:
            if span.kind == "index" and index in span.codes:
                match = _MEASURE.search(sentence.folded, span.end, span.end + 100)
                if match:
                    yield "percent" if match["unit"] == "%" else "points"


_WORDED: tuple[tuple[EntityType, str], ...] = (
    ("department", r"(?:các |khối |cấp |\d+ )?sở(?! hữu)|ban, ngành|cơ quan chuyên môn"),
    ("district", r"huyện|quận|thị xã|cấp huyện"),
    ("commune", r"xã, phường|phường, xã|cấp xã|(?<!thị )xã(?! hội)|phường|thị trấn|đặc khu"),
    ("ministry", r"(?:các|khối|cấp|\d+) bộ|bộ, (?:cơ quan|ngành)|cơ quan ngang bộ"),
    ("province", r"(?:các|\d+|cấp) tỉnh|tỉnh, thành(?: phố)?|tỉnh/thành(?: phố)?|tỉnh thành"),
)
_LEVEL_WORDS = tuple((level, re.compile(rf"(?<!\w)(?:{words})(?!\w)")) for level, words in _WORDED)


def level_in(text: str) -> EntityType | None:
    """The kind of units that a folded text is about: the first that it names as a set."""
    found = [(match.start(), level) for level, words in _LEVEL_WORDS if (match := words.search(text))]
    return min(found)[1] if found else None


_UNIT_NOUN = r"(?:sở|ban|ngành|cơ quan|đơn vị|địa phương|huyện|quận|thị xã|thành phố|tỉnh|bộ|xã|phường|thị trấn|ubnd)"
# "63 tỉnh", "(20 đơn vị)", "5/63 địa phương"
_TOTAL = re.compile(rf"(?<![\d.,/])(?:\d{{1,3}}/)?(\d{{1,3}})(?! ?%) (?:các )?{_UNIT_NOUN}(?!\w)")


def total_in(text: str) -> int | None:
    """How many units a folded caption says that there are; None where it gives several numbers."""
    numbers = {int(match[1]) for match in _TOTAL.finditer(text)}
    return numbers.pop() if len(numbers) == 1 else None


_TOTAL_NOUNS: Mapping[str, str] = {
    "province": r"(?:tỉnh|địa phương)",
    "ministry": r"(?:bộ|cơ quan)",
    "department": r"(?:sở|cơ quan|đơn vị)",
    "district": r"(?:huyện|địa phương|đơn vị|ubnd (?:cấp )?huyện)",
    "commune": r"(?:xã|phường|địa phương|đơn vị)",
}


def total_in_prose(level: str, least: int, document: Document) -> int | None:
    """How many units of a level the article's prose says that there are, `least` or more; None where it gives
    several numbers or none."""
    noun = _TOTAL_NOUNS.get(level)
    if noun is None:
        return None
    pattern = re.compile(rf"(?<![\d.,/])(?:\d{{1,3}}/)?(\d{{1,3}}) {noun}(?!\w)")
    numbers = {
        int(match[1])
        for sentence in document.sentences
        if sentence.kind != "row"
        for match in pattern.finditer(sentence.folded)
    }
    enough = {number for number in numbers if number >= least}
    return enough.pop() if len(enough) == 1 else None


# "các huyện, thị xã, thành phố", "sở, ban, ngành", "17 bộ, cơ quan ngang bộ", "UBND cấp huyện"
_SET = re.compile(
    rf"(?:(?:các|\d+) )?(?:ubnd )?(?:cấp (?:tỉnh|huyện|xã|sở)|{_UNIT_NOUN}(?: ngang bộ)?(?!\w)"
    rf"(?:(?:, | và |/| - | )(?:các )?{_UNIT_NOUN}(?: ngang bộ| thuộc chính phủ)?(?!\w))*)"
)


def group_words(text: str) -> str | None:
    """The words that name a set in a folded text: the longest."""
    found = [re.sub(r"(?<=ngành) tỉnh$", "", match.group().strip()) for match in _SET.finditer(text)]
    plural = [words for words in found if re.search(r"[,/]| và |^các |^\d|cấp ", words)]
    return max(plural, key=len) if plural else None


# --- entities ----------------------------------------------------------------------------------------------------


def _only_province(texts: Iterable[str], document: Document) -> str | None:
    for text in texts:
        names = {
            mention.name
            for mention in _mentions(text, document)
            if mention.type == "province" and mention.kind == "name"
        }
        if names:
            return names.pop() if len(names) == 1 else None
    return None


# "(Nguồn: Sở Nội vụ tổng hợp)"
_SOURCE = re.compile(r"\W*(?:nguồn|theo|số liệu|ảnh|tổng hợp)(?: |:)")


def _owner(sheet: Sheet, document: Document) -> Entity | None:
    """Whose a table without a column of names is: the one named in its captions or title, else the source's
    province."""
    for text in (*sheet.captions, sheet.title):
        if _SOURCE.match(fold(text)):
            continue
        named = [mention for mention in _mentions(text, document) if mention.kind == "name" and mention.certain]
        names = {(mention.type, mention.name) for mention in named}
        if len(names) == 1 and named[0].type in {"province", "ministry", "department", "district", "commune"}:
            return _entity(named[0], document)
        if names:
            break
    return home(document)


def home(document: Document) -> Entity | None:
    """The source's own province."""
    return Entity("province", document.home, document.home) if document.home else None


def _mentions(text: str, document: Document) -> tuple[Mention, ...]:
    return _mentions_in(text, document.published, document.home)


# Of one cell it is asked whether it holds a unit, a list of them, and what level most of its column has.
@functools.lru_cache(maxsize=1024)
def _mentions_in(text: str, published: date | None, home_province: str | None) -> tuple[Mention, ...]:
    return tuple(find_mentions(text, fold(text), published, home_province))


def _entity(mention: Mention, document: Document) -> Entity:
    if mention.type == "province":
        return Entity("province", mention.name, mention.province or mention.name)
    if mention.type == "ministry":
        return Entity("ministry", mention.name)
    return Entity(mention.type, mention.name, mention.province or document.home)


# What may stand before a name in its cell: "UBND huyện X", "1. Sở Y", "- Sở Y"
_BEFORE_NAME = re.compile(r"(?:\W|\d{1,3}[.)]|ubnd|ủy ban nhân dân|hđnd|cán bộ|nhân dân|và|các)*")
# What may stand after it: "(trích)", ", tỉnh X", "*"
_AFTER_NAME = re.compile(r"\s*(?:[(\[*,;:-].*)?")
# A heading that names one kind of unit lends it to bare names under it: "Sở" over "Nội vụ"
_HEADING_UNIT = re.compile(r"(?:tên |các )?(sở|huyện|quận|thị xã|xã|phường|thị trấn|bộ)")
_TOTAL_SELF = re.compile(r"(?:toàn|cả) (?:tỉnh|thành phố)(?!\w).*|chung toàn tỉnh|tỉnh")
_COUNTRY = re.compile(r"(?:cả nước|toàn quốc|trung bình cả nước).*")
# Bodies of the centre that a province ranks among its departments.
_BRANCH = re.compile(
    r"(?:cục|chi cục|bql|kbnn|kho bạc|bảo hiểm|bhxh|ngân hàng|công an|bộ chỉ huy|ban|thanh tra|văn phòng|vp|sở|viện kiểm sát|tòa án"
    r"|điện lực|công ty điện lực|bưu điện|viễn thông|trung tâm|chi nhánh)(?!\w)"
)
_UNIT_PREFIX: Mapping[str, tuple[EntityType, str]] = {
    "huyện": ("district", "Huyện"), "h": ("district", "Huyện"), "quận": ("district", "Quận"),
    "q": ("district", "Quận"), "thị xã": ("district", "Thị xã"), "tx": ("district", "Thị xã"),
    "thành phố": ("district", "Thành phố"), "tp": ("district", "Thành phố"), "xã": ("commune", "Xã"),
    "x": ("commune", "Xã"), "phường": ("commune", "Phường"), "p": ("commune", "Phường"),
    "thị trấn": ("commune", "Thị trấn"), "tt": ("commune", "Thị trấn"), "đặc khu": ("commune", "Đặc khu"),
}  # fmt: skip
_UNIT_NAME = re.compile(
    r"(?:ubnd )?(?P<unit>huyện|quận|thị xã|thành phố|xã|phường|thị trấn|đặc khu|(?:h|q|tx|tp|x|p|tt)(?=[. ]))\.? ?(?P<name>[^\d,;:()]{2,40})"
)


def entity_in(cell: str, heading: str, level: EntityType | None, document: Document) -> Entity | None:
    """The entity that a cell names, read with its column's heading and the level of the list; None for none.

    Among a province's departments the branches of central bodies count as departments.
    """
    if len(cell) > MAX_NAME:
        return None
    folded = fold(cell).strip(" .,;:-*")
    if _TOTAL_SELF.fullmatch(folded):
        return home(document)
    if _COUNTRY.fullmatch(folded):
        return Entity("group", "cả nước")
    found = _bare_unit(cell, folded, level, document) or _named(cell, document)
    if found is None and (unit := _HEADING_UNIT.fullmatch(heading)):
        found = _named(f"{unit[1].capitalize()} {cell}", document)
    if found is None:
        found = _by_form(cell, folded, level, document)
    if found and level == "department" and found.type == "organisation" and _BRANCH.match(fold(found.name)):
        return replace(found, type="department", province=found.province or document.home)
    return found


# A longer cell tells a story and names no one; a list of all of a province's departments is shorter.
MAX_NAME = 1000
# Between the names of a list: ", ", "; ", " và "
_BETWEEN_NAMES = re.compile(r"\s*(?:[,;&/]|và)\s*(?:và |ubnd )?")


def entities_in(cell: str, heading: str, level: EntityType | None, document: Document) -> list[Entity]:
    """The entities that a cell names: all of a list of names ("Sở A, Sở B"), else the one or none."""
    if len(cell) > MAX_NAME:
        return []
    folded = fold(cell)
    named = [mention for mention in _mentions(cell, document) if mention.kind == "name" and mention.type in _LISTED]
    ends = [0, *(mention.end for mention in named)]
    gaps = [folded[end : mention.start] for end, mention in zip(ends, named, strict=False)]
    if len(named) > 1 and _BEFORE_NAME.fullmatch(gaps[0]) and all(map(_BETWEEN_NAMES.fullmatch, gaps[1:])):
        return [_entity(mention, document) for mention in named]
    one = entity_in(cell, heading, level, document)
    return [one] if one else []


_LISTED = frozenset({"province", "ministry", "department", "district", "commune"})


def _bare_unit(cell: str, folded: str, level: EntityType | None, document: Document) -> Entity | None:
    """A district or commune of the source's province that stands without its kind in a list of such."""
    if document.home is None or level not in {"district", "commune"}:
        return None
    units = lookups.home_units(document.home, level, document.published)
    unit = units.get(lookups.place_key(folded))
    return Entity(level, unit.full_name, document.home) if unit else None


def _named(cell: str, document: Document) -> Entity | None:
    folded = fold(cell)
    for mention in _mentions(cell, document):
        if mention.kind != "name":
            continue
        if _BEFORE_NAME.fullmatch(folded, 0, mention.start) and _AFTER_NAME.fullmatch(folded, mention.end):
            return _entity(mention, document)
    return None


def _by_form(cell: str, folded: str, level: EntityType | None, document: Document) -> Entity | None:
    """An entity that no gazetteer knows, told by the word that opens its name."""
    if (match := _UNIT_NAME.fullmatch(folded)) and document.home:
        kind, word = _UNIT_PREFIX[match["unit"]]
        start = cell.lower().find(cell[len(cell) - len(match["name"]) :].lower())
        name = cell.strip(" .,;:-*")[-len(match["name"]) :].strip()
        return Entity(kind, f"{word} {name}", document.home) if start >= 0 else None
    if level == "department" and re.match(r"[^\W\d_]{2,}", cell) and cell[:1].isupper() and len(folded.split()) <= 12:
        branch = _BRANCH.match(folded) is not None
        return Entity("department" if branch else "organisation", cell.strip(" .,;:-*"), document.home)
    return None


def majority_level(entities: Iterable[Entity | None]) -> EntityType | None:
    """The kind of unit of which a list has most; two of three must agree."""
    kinds = Counter(
        entity.type for entity in entities if entity and entity.type not in {"group", "organisation", "person"}
    )
    total = sum(kinds.values())
    if not total:
        return None
    kind, count = kinds.most_common(1)[0]
    return kind if count >= total * 2 / 3 else None


# --- frames of headings and labels ---------------------------------------------------------------------------------


def frame_of(texts: Sequence[str], document: Document, index: str | None = None) -> Frame:
    """What headings or labels say, the last text first: index, pillar, period, modality, entity. `index` is that
    of the table around."""
    frame = Frame()
    for text in reversed(texts):
        frame = frame.within(_frame(text, document, index))
    return frame


def _frame(text: str, document: Document, index: str | None) -> Frame:
    folded = fold(text)
    years: int | None = None
    period: str | None = None
    for span in find_periods(folded, document.published):
        if span.kind == "relative":
            years = span.offset
        elif span.kind != "date":
            period = span.period
    named = [
        mention
        for mention in _mentions(text, document)
        if mention.kind == "name"
        and mention.certain
        and mention.type in {"province", "ministry", "department", "district"}
    ]
    return Frame(
        entity=_entity(named[0], document) if len(named) == 1 else None,
        index=one_index(folded),
        component=pillar_in(folded, one_index(folded) or index),
        period=period,
        years=years if period is None else None,
        modality=_modality(folded),
        group=group_words(folded),
        total=total_in(folded),
    )


def _modality(heading: str) -> Modality | None:
    if _AIM_HEADING.search(heading):
        return "target"
    return "actual" if re.search(r"kết quả|thực hiện|đạt được|hiện (?:trạng|nay)", heading) else None


# Words of a heading beside the name of a pillar: "Điểm", "Thứ hạng", "chỉ số thành phần", "1.", "(10 điểm)"
_BESIDE_PILLAR = re.compile(
    r"^\W*(?:\d+(?:\.\d+)*[.)]?\s+|[ivx]+[.)]\s+)?|^(?:điểm số|điểm|thứ hạng|xếp hạng|hạng|chỉ số thành phần|chỉ số|lĩnh vực|nội dung|trục)\s*\d*\s*[:.]?\s*"
    r"|\s*\([^()]*\)|[\s\"'.:;]+$"
)


# Pillars of one index whose names are what another measures as a whole.
_COMMON = re.compile(r"(?:mức độ )?hài lòng")


def pillar_in(folded: str, index: str | None = None) -> str | None:
    """The pillar that a heading or label names, in its words, without numbering, points and quotes; `index` is
    that of the table."""
    spans = [
        span
        for span in find_indices(folded)
        if span.kind == "component" and (index in span.codes or not _COMMON.match(folded, span.start))
    ]
    if not spans:
        return None
    words = pillar_words(folded)
    span = max(spans, key=lambda span: span.end - span.start)
    if span.end - span.start >= 0.6 * len(words):
        return words
    return folded[span.start : span.end]


def pillar_words(folded: str) -> str:
    """A label without numbering, the words "chỉ số" or "điểm" before it, notes in brackets and loose marks."""
    last = None
    while last != folded:
        last, folded = folded, _BESIDE_PILLAR.sub("", folded).strip()
    return folded
