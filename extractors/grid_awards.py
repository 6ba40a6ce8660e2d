"""Tables of distinctions: who was given what by whom, or how many were given it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.awards_givers import giver
from extractors.awards_kinds import AwardSpan, find_awards
from extractors.cells import count_of, figures, is_empty
from extractors.columns import Column, heading_words, row_kind
from extractors.facts.awards import Award
from extractors.fold import fold
from extractors.mentions import find_mentions
from extractors.recipients import recipients
from extractors.sentence import Document
from extractors.sheet import Row, Sheet
from extractors.surroundings import Entity, Surroundings, entity_in, period_around
from extractors.values import find_periods

# What recipients are counted by: "12 tập thể thuộc các khối thi đua", the heading "Cá nhân", "Số tập thể"
_COUNTED = re.compile(
    r"(?:số |số lượng )?(?P<noun>tập thể, cá nhân|tập thể và cá nhân|tập thể|cá nhân|hộ gia đình|gia đình|đơn vị|cơ quan|công chức"
    r"|viên chức|cán bộ, công chức, viên chức|cán bộ|học sinh|doanh nghiệp|người|hộ|khu dân cư|giáo viên|nhà giáo|đồng chí|đoàn viên|hội viên|chiến sĩ|bác sĩ)(?![\w])"
)
# "Ông", "Bà", "Đồng chí", "Thiếu tá" before a name
_TITLE = re.compile(
    r"(?:(?:ông|bà|đồng chí|đ/c|anh|chị|nhà giáo|bác sĩ|bác sỹ|ths|ts|tiến sĩ|thạc sĩ|thượng tá|đại tá|trung tá|thiếu tá|đại úy|thượng úy)\.? )+"
)
_PERSONS = re.compile(r"họ (?:và |, )?tên|cá nhân|người được")
_WHOLE = re.compile(
    r"(?:tập thể(?: cán bộ(?:, công chức| và nhân dân)?)?|nhân dân và cán bộ|cán bộ và nhân dân) (?=[^\W\d])"
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns of a table of distinctions by what they hold; None or empty where there is no such column."""

    names: Column | None
    awards: Column | None
    givers: Column | None
    reasons: Column | None
    position: Column | None
    counts: tuple[Column, ...]
    lists: tuple[Column, ...] = ()  # of names, under "Tập thể" and "Cá nhân"


def award_facts(sheet: Sheet, columns: Sequence[Column], around: Surroundings) -> Iterator[Award]:
    """The facts of a table of distinctions; none where neither its cells nor its caption name one."""
    layout = _layout(sheet, columns)
    if layout.awards is None and (headed := _headed(sheet, columns)):
        yield from _headed_facts(sheet, headed, around)
        return
    led_in = next((text for text in _leads(around) if _spans(text)), None) if layout.awards is None else None
    if layout.awards is None and (led_in is None or layout.names is None or _is_ranking(columns)):
        return
    period = period_around(around.captions, around.prose, around.title, None, around.document)
    for row in sheet.rows:
        if any((kind := row_kind(cell)) and kind[0] == "total" for cell in row.cells):
            continue
        texts = [_cell(row, layout.awards), row.section or "", led_in or ""]
        told = next((text for text in texts if text and _spans(fold(text))), None)
        if told is None:
            continue
        for span in _spans(fold(told)):
            for entity, count, year in _recipients(row, span, told, layout, around):
                yield _fact(row, span, entity, count, told, year or period, layout, around)


# --- a distinction at the head of each column ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Headed:
    """A column that counts or names those who were given the distinction of its headings: the distinction, the words
    that tell it with its giver, the noun that is counted where the headings tell one, and the year that they tell."""

    column: Column
    span: AwardSpan
    told: str
    noun: str | None
    year: str | None
    counts: bool


def _headed(sheet: Sheet, columns: Sequence[Column]) -> tuple[_Headed, ...]:
    """The columns headed by a distinction over counts; none in a table that ranks or scores."""
    found = tuple(headed for column in columns if (headed := _headed_by(column, sheet)))
    others = [column for column in columns if all(column is not headed.column for headed in found)]
    if any(column.role in {"rank", "score", "level", "rating"} for column in others):
        return ()
    # beside a column of names the words under a distinction tell who gave it, or when
    named = any(column.role == "entity" for column in others)
    return tuple(headed for headed in found if not named or headed.counts)


def _headed_by(column: Column, sheet: Sheet) -> _Headed | None:
    if column.role in {"part", "other", "remark", "number"}:
        return None
    said = [row.cells[column.place] for row in sheet.rows if not is_empty(row.cells[column.place])]
    counts = all(_count(cell) is not None for cell in said)
    if not said or all(_YEAR_ALONE.fullmatch(fold(cell)) for cell in said):  # the years in which it was given
        return None
    levels = [(place, spans) for place, text in enumerate(column.path) if (spans := _spans(fold(text)))]
    if not levels or len(levels[-1][1]) > 1:  # "Bằng khen, Giấy khen": nothing tells which
        return None
    top, (span,) = levels[-1]
    told = " ".join(dict.fromkeys(column.path[top:]))
    if "hạng" in _besides(told):
        return None
    span = next(iter(_spans(fold(told))), span)  # with the class of a lower heading: "Huân chương Lao động", "hạng Nhì"
    nouns = (noun for text in reversed(column.path) if (noun := _noun(text)))
    years = (year for text in reversed(column.path) if (year := _year(text)))
    return _Headed(column, span, told, next(nouns, span.counted), next(years, None), counts)


_NOUN = re.compile(rf"(?<!\w){_COUNTED.pattern}")


def _noun(text: str) -> str | None:
    """The noun that a text counts by, outside the names of distinctions: "Bằng khen của Bộ Y tế (cá nhân)"."""
    found = _NOUN.search(_besides(text))
    return found["noun"] if found else None


def _besides(text: str) -> str:
    """A text, folded, without the names of distinctions."""
    folded = fold(text)
    for span in reversed(_spans(folded)):
        folded = f"{folded[: span.start]}|{folded[span.end :]}"
    return folded


def _year(text: str) -> str | None:
    """The one year or stretch that a text names."""
    told = {period.period for period in find_periods(fold(text), None) if period.kind in {"year", "interval"}}
    return told.pop() if len(told) == 1 else None


def _headed_facts(sheet: Sheet, headed: Sequence[_Headed], around: Surroundings) -> Iterator[Award]:
    """The facts of a table whose rows are years, bodies or kinds of recipients, and whose columns are distinctions."""
    period = period_around(around.captions, around.prose, around.title, None, around.document)
    places = {one.column.place for one in headed}
    layout = _Layout(None, None, None, None, None, ())
    for row in sheet.rows:
        labels = [cell for place, cell in enumerate(row.cells) if place not in places and not is_empty(cell)]
        if any((kind := row_kind(cell)) and kind[0] == "total" for cell in labels):
            continue
        year = next((told for cell in labels if (told := _year(cell))), None)
        counted = next((said["noun"] for cell in labels if (said := _COUNTED.fullmatch(fold(cell)))), None)
        for one in headed:
            cell, noun = _cell(row, one.column), one.noun or counted
            count = _count(cell) if one.counts else None
            given = [(Entity("group", noun, around.document.home), count)] if noun and count else []
            for entity, number in given if one.counts else _listed(cell, around.document):
                yield _fact(row, one.span, entity, number, one.told, one.year or year or period, layout, around)


def _listed(cell: str, document: Document) -> Iterator[tuple[Entity, int | None]]:
    """Those whom a cell lists: "Sở Nội vụ, Sở Tư pháp; 3 cá nhân"."""
    for one in recipients(cell, document.home, document.published):
        yield Entity(one.entity_type, one.entity, one.province), one.count


def _leads(around: Surroundings) -> tuple[str, ...]:
    """What may say of a list of names that they were given something: its captions, else a title that is one."""
    if around.captions:
        return around.captions
    return (around.title,) if re.search(r"danh sách|khen thưởng", around.title) else ()


def _layout(sheet: Sheet, columns: Sequence[Column]) -> _Layout:
    def first(*roles: str) -> Column | None:
        return next((column for column in columns if column.role in roles), None)

    awards = next((column for column in columns if _names_awards(column, sheet)), None)
    names = next((column for column in columns if column.role == "entity" and column is not awards), None)
    counts = tuple(column for column in columns if _is_count(column, sheet))
    lists = tuple(column for column in columns if column.path and column not in counts and _COUNTED.fullmatch(heading_words(column.path[-1])))
    return _Layout(names, awards, first("giver"), first("reason"), first("position"), counts, lists if len(lists) > 1 else ())


def _names_awards(column: Column, sheet: Sheet) -> bool:
    if column.role not in {"award", "label", "index", "component", "entity"}:
        return False
    said = [row.cells[column.place] for row in sheet.rows if not is_empty(row.cells[column.place])]
    return bool(said) and sum(bool(_spans(fold(cell))) for cell in said) >= 0.6 * len(said)


_YEAR_ALONE = re.compile(r"(?:(?:thành tích )?năm )?(?:19|20)\d\d")


def _is_count(column: Column, sheet: Sheet) -> bool:
    """Whether a column counts recipients: "Tập thể", "Số cá nhân", "Số lượng" over whole numbers."""
    words = heading_words(column.path[-1]) if column.path else ""
    if not (_COUNTED.fullmatch(words) or column.role == "count" or (column.path and _YEAR_ALONE.fullmatch(fold(column.path[-1])))):
        return False
    said = [row.cells[column.place] for row in sheet.rows if not is_empty(row.cells[column.place])]
    return bool(said) and all(_count(cell) is not None for cell in said)


def _is_ranking(columns: Sequence[Column]) -> bool:
    return any(column.role in {"rank", "score", "place", "level", "open", "other", "rating"} for column in columns)


def _spans(folded: str) -> list[AwardSpan]:
    return [span for span in find_awards(folded) if span.award is not None]


def _cell(row: Row, column: Column | None) -> str:
    return row.cells[column.place] if column and not is_empty(row.cells[column.place]) else ""


def _count(cell: str) -> int | None:
    if counted := count_of(cell):
        return counted[0]
    read = figures(cell)
    return int(read[0].number or 0) if read and read[0].form == "whole" else None


# --- who ---------------------------------------------------------------------------------------------------------


def _recipients(
    row: Row, span: AwardSpan, told: str, layout: _Layout, around: Surroundings
) -> Iterator[tuple[Entity, int | None, str | None]]:
    """The recipients of a row, with the year of their column: the counts under the nouns of its headings, else of the
    words that tell the distinction, or the one in its column of names."""
    document = around.document
    cell = _cell(row, layout.names)
    if layout.counts and (not cell or _COUNTED.fullmatch(fold(cell))):
        for column in layout.counts:
            said = _COUNTED.fullmatch(heading_words(column.path[-1])) or _COUNTED.fullmatch(fold(cell))
            noun_of = said["noun"] if said else _noun(told) or span.counted
            count = _count(_cell(row, column))
            if noun_of and count:
                yield Entity("group", noun_of, document.home), count, _year(column.text)
        return
    if layout.lists:
        for column in layout.lists:
            yield from ((entity, count, None) for entity, count in _listed(_cell(row, column), document))
        return
    if not cell:
        return
    if (counted := count_of(cell)) and (noun := _COUNTED.match(counted[1])):
        yield Entity("group", noun["noun"], document.home), counted[0], None
        return
    if entity := _recipient(cell, _cell(row, layout.position), layout, document):
        yield entity, None, None


def _recipient(cell: str, position: str, layout: _Layout, document: Document) -> Entity | None:
    """A named recipient: a person by his title, heading or name, else the body that the cell names."""
    assert layout.names is not None
    heading = heading_words(layout.names.text)
    name = re.split(r"[,;(]| - ", cell, maxsplit=1)[0].strip()
    titled = _TITLE.match(fold(name))
    mentions = find_mentions(cell, fold(cell), document.published, document.home)
    person = next((mention for mention in mentions if mention.type == "person" and mention.start < len(name)), None)
    if titled or person or (_PERSONS.search(heading) and "tập thể" not in heading):
        province = _province_of(cell if "," in cell else position, document)
        bare = person.name if person else name[titled.end() if titled else 0 :]
        return Entity("person", bare, province)
    whole = _WHOLE.match(fold(cell))
    bare = cell[whole.end() if whole else 0 :]
    entity = entity_in(bare, heading, None, document)
    if entity:
        return entity
    return Entity("organisation", bare.strip(), document.home) if bare[:1].isupper() and len(bare) > 5 else None


def _province_of(text: str, document: Document) -> str | None:
    """The province that a person's office tells, else the source's."""
    named = find_mentions(text, fold(text), document.published, document.home)
    return next((mention.province for mention in named if mention.province), document.home)


# --- the fact ------------------------------------------------------------------------------------------------------


def _fact(
    row: Row,
    span: AwardSpan,
    entity: Entity,
    count: int | None,
    told: str,
    period: str | None,
    layout: _Layout,
    around: Surroundings,
) -> Award:
    return Award(
        doc_id=around.document.article.doc_id,
        entity_type=entity.type,
        entity=entity.name,
        province=entity.province,
        period=period,
        modality=around.frame.modality or "actual",
        evidence=row.text,
        start=row.start,
        end=row.start + len(row.text),
        rule=layout.awards.rule if layout.awards and layout.awards.heading else "table.award",
        award=span.award or "",
        award_class=span.award_class,
        awarded_by=_giver(row, span, told, layout, around),
        recipient_count=count,
        reason=_reason(_cell(row, layout.reasons)),
    )


def _giver(row: Row, span: AwardSpan, told: str, layout: _Layout, around: Surroundings) -> str | None:
    """Who gives: the column of givers, else the words beside the distinction, else the caption; whoever is named in
    a caption has not given what only the State gives, unless he is the State."""
    document = around.document

    def named(text: str) -> str | None:
        return giver(text, document.home, document.published) if text else None

    if layout.givers is not None:
        return named(_cell(row, layout.givers))
    if found := named(told):
        return found
    for text in (row.section or "", *around.captions):
        found = named(text)
        if found and (not span.state or found in {"Chủ tịch nước", "Chính phủ", "Thủ tướng Chính phủ", "Nhà nước"}):
            return found
    return None


def _reason(cell: str) -> str | None:
    """A reason in the article's words, without what leads it in."""
    return re.sub(r"^(?:(?:vì|do|đã|có)\s+)+", "", cell.strip(), flags=re.IGNORECASE).rstrip(" .") or None
