"""Tables of staff reductions: who left the public payroll, how many and how."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.cells import count_of, figures, is_empty
from extractors.columns import FITTING, STAFF, Column, Heading, heading_words, headings, notes, row_kind
from extractors.facts.staff_reductions import StaffReduction
from extractors.fold import fold
from extractors.sheet import Row, Sheet
from extractors.staff_decrees import decrees, joined
from extractors.staff_who import Who, whole
from extractors.surroundings import Entity, Frame, Surroundings, entity_in, frame_of, group_words, period_around
from extractors.values import decimal_number, whole_number
from pipeline.records import CELL_SEPARATOR, Modality

# The words without which a bare "Tổng số" or "Số người" counts no one who left.
_LEAVING = re.compile(
    r"tinh giản|tinh giảm|(?:cắt )?giảm biên chế|biên chế (?:đã |được )?(?:cắt )?giảm|hưu trước tuổi|thôi việc|nghỉ việc"
    r"|nghỉ (?:theo|hưởng|công tác)"
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a column or row counts: how they left, who (`personnel`), by which rule, and whether the words alone
    say it (`sure`) or only in a table of reductions."""

    action: str
    rule: str
    sure: bool
    personnel: str | None = None


def staff_facts(sheet: Sheet, layout: Sequence[Column], around: Surroundings) -> Iterator[StaffReduction]:
    """The facts of a table of reductions; none where neither headings, labels nor caption say that it is one."""
    counted = {column.place: kind for column in layout if (kind := _column_kind(column, sheet))}
    years = [column for column in layout if column.role in {"open", "count"} and column.place not in counted]
    labels = [
        column for column in layout if column.role in {"label", "component", "index", "entity", "period", "group"}
    ]
    led_in = _led_in(around)
    rows_sure = any((kind := _label_kind(row, labels)) and kind.sure for row in sheet.rows)
    if not (any(kind.sure for kind in counted.values()) or rows_sure or led_in):
        return
    period = period_around(around.captions, around.prose, around.title, None, around.document)
    table = replace(around.frame, index=None, component=None, period=period)
    span = _years_of_rows(sheet, labels, around)
    table = replace(table, period=period or _years_of_columns(layout, around))
    of_totals = _action_of_totals(around)
    for row in sheet.rows:
        frame = _row_frame(row, labels, table, span, around)
        if frame is None:
            continue
        label = _label_kind(row, labels)
        for column in layout:
            kind = counted.get(column.place)
            if kind is None and column in years:
                kind = label or led_in
            elif kind and not kind.sure and label and (label.sure or label.personnel):
                kind = label
            if kind and kind.rule == "column.staff.total":
                kind = replace(kind, action=of_totals)
            if kind:
                yield from _fact(row, column, kind, frame, around)


# --- what is counted ------------------------------------------------------------------------------------------


def _column_kind(column: Column, sheet: Sheet) -> _Kind | None:
    cells = [row.cells[column.place] for row in sheet.rows if not is_empty(row.cells[column.place])]
    if not cells or sum(_number(cell) is not None for cell in cells) < FITTING * len(cells):
        return None
    return _kind([heading for text in reversed(column.path) for heading in headings(text)])


def _kind(found: Sequence[Heading]) -> _Kind | None:
    """The kind that headings say, the lowest first; none where one of them is of another business."""
    roles = {heading.role for heading in found}
    said = [heading for heading in found if heading.role in STAFF]
    sure = next((heading for heading in said if heading.role == "staff"), None)
    if not said or roles & {"other", "part", "number", "rank", "period"} or ("change" in roles and not sure):
        return None
    personnel = next((str(heading.gives["personnel"]) for heading in said if heading.role == "personnel"), None)
    first = sure or said[0]
    return _Kind(str(first.gives["action"]), first.rule, sure is not None, personnel)


def _label_kind(row: Row, labels: Sequence[Column]) -> _Kind | None:
    kinds = (_kind(headings(row.cells[column.place])) for column in labels if column.role != "entity")
    return next(filter(None, kinds), None)


def _led_in(around: Surroundings) -> _Kind | None:
    """The one way of leaving that the caption says, or none: "Số biên chế tinh giản qua các năm"."""
    for text in (*around.captions, *around.prose[:1]):
        if _LEAVING.search(text):
            said = {str(h.gives["action"]): h for h in headings(text) if h.role == "staff"}
            if len(said) == 1 and text in around.captions:
                heading = next(iter(said.values()))
                return _Kind(str(heading.gives["action"]), heading.rule, sure=False)
            return None
    return None


def _action_of_totals(around: Surroundings) -> str:
    """What a bare "Tổng số" counts: those streamlined, unless the words around only speak of leaving."""
    for text in (*around.captions, *around.prose[:1], around.title):
        if re.search(r"tinh giản|tinh giảm|biên chế", text):
            return "streamlining"
        if _LEAVING.search(text):
            return "leave"
    return "streamlining"


# --- whose and when -------------------------------------------------------------------------------------------


def _row_frame(
    row: Row, labels: Sequence[Column], table: Frame, span: str | None, around: Surroundings
) -> Frame | None:
    """The frame of a row; None for one that names nobody, or sums up what has no name of its own."""
    names = [column for column in labels if column.role in {"entity", "group"}]
    others = [column for column in labels if column not in names]
    said = frame_of([row.cells[column.place] for column in others if row.cells[column.place]], around.document)
    frame = Frame(entity=said.entity, period=said.period, modality=said.modality).within(table)
    total = any((kind := row_kind(row.cells[column.place])) and kind[0] == "total" for column in labels)
    if not names:
        if total and any(column.role == "period" for column in others):
            return replace(frame, period=span) if span else None
        return frame
    cell, heading = row.cells[names[-1].place], heading_words(names[-1].text)
    entity = entity_in(cell, heading, table.level, around.document)
    if entity is None and total:
        words = next((found for text in (*around.captions, heading) if (found := group_words(text))), None)
        entity = _all_bodies(words, around) if words else None
    elif entity is None and _BLOCK.match(fold(cell)):
        entity = Entity("group", cell[:1].lower() + cell[1:], around.document.home)
    return replace(frame, entity=entity) if entity else None


def _all_bodies(words: str, around: Surroundings) -> Entity:
    """Whom a total row counts: in a province's own source all its bodies ("các đơn vị, địa phương") are the
    province, as in its prose."""
    who = whole(around.document, Who("group", words, around.document.home))
    return Entity(who.type, who.name, who.province)


# "Khối Đảng, đoàn thể", "Ngành giáo dục", "Các bộ, ngành"
_BLOCK = re.compile(r"(?:khối|ngành|cấp|các|bộ, ngành|địa phương)(?!\w)")


# A body of the Party is no department: "Ban Dân vận Tỉnh ủy".
_PARTY = re.compile(r"(?:tỉnh|thành|huyện|quận|thị|đảng) (?:ủy|uỷ)$")


def _years_of_rows(sheet: Sheet, labels: Sequence[Column], around: Surroundings) -> str | None:
    """The stretch of years that the rows of a table tell one by one; None for any other table."""
    column = next((column for column in labels if column.role == "period"), None)
    if column is None:
        return None
    return _stretch(frame_of([row.cells[column.place]], around.document).period for row in sheet.rows)


def _years_of_columns(layout: Sequence[Column], around: Surroundings) -> str | None:
    """The stretch of years that the headings of a table tell one by one."""
    return _stretch(frame_of(column.path, around.document).period for column in layout)


def _stretch(periods: Iterable[str | None]) -> str | None:
    """From the first to the last year, where none between them is missing."""
    years = sorted({int(period) for period in periods if period and period.isdigit()})
    if len(years) < 2 or years != list(range(years[0], years[-1] + 1)):
        return None
    return f"{years[0]}/{years[-1]}"


# --- the fact ---------------------------------------------------------------------------------------------------


def _fact(row: Row, column: Column, kind: _Kind, frame: Frame, around: Surroundings) -> Iterator[StaffReduction]:
    cell = row.cells[column.place]
    count = None if is_empty(cell) else _number(cell)
    told = frame_of(column.path, around.document).within(frame)
    entity = told.entity
    if entity and entity.type == "department" and _PARTY.search(fold(entity.name)):
        entity = replace(entity, type="organisation")
    if not count or entity is None:  # nobody left: no fact
        return
    yield StaffReduction(
        doc_id=around.document.article.doc_id,
        entity_type=entity.type,
        entity=entity.name,
        province=entity.province,
        period=told.period,
        modality=_modality(told.modality),
        evidence=row.text,
        start=row.start,
        end=row.start + len(row.text),
        rule=kind.rule,
        count=count,
        unit=_unit(cell, column, kind, around),
        action=kind.action,
        legal_basis=_legal_basis(row, around),
        personnel=kind.personnel,
    )


def _modality(stated: Modality | None) -> Modality:
    return stated or "actual"


def _number(cell: str) -> float | None:
    """The count in a cell: "1.234", "12 người", "2,5%", "17/120" (17 of 120); None for anything else."""
    if counted := count_of(cell):
        return counted[0]
    for read in figures(cell)[:1]:
        if read.form == "percent":
            return read.number
        if read.form == "whole":
            return read.number
        match = re.match(r"\d[\d.]*", read.text)
        if read.form == "decimal" and match and (whole := whole_number(match[0])):
            return whole if match[0] == read.text else decimal_number(read.text)
    return None


# "(người)", "đơn vị tính: trường hợp", "Số biên chế"
_UNIT_IN_CAPTION = re.compile(r"\([^()]*\)|đơn vị tính:? ?\w+(?: \w+)?|\bsố [^\W\d]+(?: [^\W\d]+)?")


def _unit(cell: str, column: Column, kind: _Kind, around: Surroundings) -> str:
    """`percent`, `cases`, `posts` or `people`, as the cell, the heading, its notes or the caption say."""
    if "%" in cell:
        return "percent"
    noun = counted[1] if (counted := count_of(cell)) else ""
    told = (" ".join(_UNIT_IN_CAPTION.findall(text)) for text in around.captions)
    for text in (noun, *notes(column.path), fold(column.text), *told):
        if "%" in text or "tỷ lệ" in text or "tỉ lệ" in text:
            return "percent"
        if "trường hợp" in text:
            return "cases"
        if "người" in text:
            return "people"
        if re.search(r"(?<!tinh giản )(?<!tinh giảm )biên chế|chỉ tiêu", text):
            return "posts"
    return "people"


# A decree further above the table than this many sentences is not that of the table.
_SENTENCES = 8


def _legal_basis(row: Row, around: Surroundings) -> str | None:
    """The decrees of the nearest sentence before the row that names any: the headings, the caption, the text."""
    before = [sentence for sentence in around.document.sentences if sentence.end <= row.start]
    words = [sentence for sentence in before if sentence.kind != "row" or not _is_data(sentence.text)]
    for sentence in reversed(words[-_SENTENCES:]):
        if found := joined(decrees(around.document, sentence)):
            return found
    return None


def _is_data(row: str) -> bool:
    return any(_number(cell) is not None for cell in row.split(CELL_SEPARATOR))
