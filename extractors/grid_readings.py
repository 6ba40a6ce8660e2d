"""The figures of a table of an index, each with its role and in its frame.

Each value cell is read in a frame: whose it is, of which index, pillar and period. The row's own words say it, then
the column's headings, the section, the caption, the text before the table and the title: the nearest wins.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.cells import Figure, figures
from extractors.columns import VALUES, Column, Heading, heading_words, headings, notes, row_kind
from extractors.fold import fold
from extractors.sentence import Document
from extractors.sheet import Row, Sheet
from extractors.surroundings import (
    Entity,
    Frame,
    Surroundings,
    entities_in,
    entity_in,
    frame_of,
    group_words,
    level_in,
    majority_level,
    one_index,
    pillar_in,
    pillar_words,
    total_in,
)
from extractors.values import ordinal
from pipeline.records import EntityType


def panels(layout: Sequence[Column]) -> Iterator[tuple[Column, ...]]:
    """The columns of each of the lists that stand side by side in a table: their headings repeat."""
    paths = [column.path for column in layout]
    for width in range(2, len(paths) // 2 + 1):
        if len(paths) % width == 0 and all(path == paths[place % width] for place, path in enumerate(paths)):
            for start in range(0, len(paths), width):
                yield tuple(layout[start : start + width])
            return
    yield tuple(layout)


# --- readings ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure of a row: its role, the rule that gave it, its frame, and its unit where stated. `dated`: its
    column has a period of its own."""

    role: str
    figure: Figure
    rule: str
    frame: Frame
    unit: str | None
    heading: str
    dated: bool = False

    @property
    def regional(self) -> bool:
        """Whether a place counts among a region or a cluster, not in the whole list."""
        return self.role == "rank" and _REGION.search(self.heading) is not None


# "Xếp hạng vùng", "Hạng trong khu vực", "Thứ hạng ĐBSCL"
_REGION = re.compile(r"vùng|khu vực|cụm|miền|duyên hải|đbscl|đbsh|đồng bằng|tây nguyên|đông nam bộ|tây bắc|đông bắc")


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a table once its columns are: `labels` are the columns that say of what a row is, `names`
    those that say whose it is, `values` those with figures; `level` is the kind of unit that is listed."""

    around: Surroundings
    labels: tuple[Column, ...]
    names: tuple[Column, ...]
    values: tuple[Column, ...]
    level: EntityType | None
    frames: dict[int, Frame]

    @property
    def document(self) -> Document:
        return self.around.document


def context_of(sheet: Sheet, panel: Sequence[Column], around: Surroundings) -> Context | None:
    """None where the table is none of an index: no column or row says a place, a value or a level."""
    document = around.document
    named = [column for column in panel if column.role == "entity"]
    labels = [column for column in panel if column.role in {"label", "group", "index", "component", "period"}]
    if not named and (found := _names_column(sheet, labels, document)):
        named = [found]
        labels.remove(found)
    named = _most_specific(named, sheet, document)
    values = [column for column in panel if column.role in VALUES | {"level", "count", "open", "place"}]
    level = majority_level(
        entity_in(row.cells[column.place], heading_words(column.text), None, document)
        for column in named
        for row in sheet.rows
    )
    headed = (level_in(fold(column.text)) for column in named)
    level = level or around.frame.level or next(filter(None, headed), None)
    frames = _with_pillars(panel, {c.place: frame_of(c.path, document, around.frame.index) for c in panel})
    frames = _beside_their_values(panel, frames)
    labels = [_of_pillars(column, sheet, around) for column in labels]
    context = Context(around, tuple(labels), tuple(named), tuple(values), level, frames)
    return context if values and not _is_other_business(sheet, panel, context) else None


# Of two columns of names in a row ("Xã", "Huyện") the figures are those of the smaller unit.
_SIZES = {"commune": 0, "department": 1, "district": 1, "ministry": 2, "province": 2}


def _most_specific(named: Sequence[Column], sheet: Sheet, document: Document) -> list[Column]:
    if len(named) < 2:
        return list(named)
    levels = [
        majority_level(
            entity_in(row.cells[column.place], heading_words(column.text), level_in(fold(column.text)), document)
            for row in sheet.rows
        )
        for column in named
    ]
    least = min((_SIZES[level] for level in levels if level), default=None)
    return [
        column
        for column, level in zip(named, levels, strict=True)
        if least is None or (level and _SIZES[level] == least)
    ]


# Where so many columns or rows are known pillars of the index, the others beside them are pillars too.
_KNOWN_PILLARS = 2
_PILLARS = re.compile(r"thành phần|trụ cột|lĩnh vực|trục nội dung")


def _with_pillars(panel: Sequence[Column], frames: dict[int, Frame]) -> dict[int, Frame]:
    """The frames of the columns, with the pillars that are known only by their place among others."""
    known = sum(frame.component is not None for frame in frames.values())
    found = dict(frames)
    for column in panel:
        frame = frames[column.place]
        said = _says_of_what(frame)
        among = known >= _KNOWN_PILLARS or any(_PILLARS.search(fold(text)) for text in column.path[:-1])
        if column.role == "open" and column.decimal and among and not said:
            found[column.place] = replace(frame, component=pillar_words(fold(column.path[-1])))
    return found


def _beside_their_values(panel: Sequence[Column], frames: dict[int, Frame]) -> dict[int, Frame]:
    """The frames of the columns, where places stand right beside values and their headings do not say of what:
    "PAR INDEX 2023 | Xếp hạng | SIPAS 2023 | Xếp hạng"."""
    bare = [
        (left, column)
        for left, column in itertools.pairwise(panel)
        if column.role == "rank" and left.role != "rank" and not _says_of_what(frames[column.place])
    ]
    framed = {(frames[left.place].index, frames[left.place].component, frames[left.place].period) for left, _ in bare}
    if len(bare) < 2 or len(framed) != len(bare):
        return frames
    return frames | {
        column.place: replace(
            frames[column.place], index=frames[left.place].index, component=frames[left.place].component,
            period=frames[left.place].period,
        )
        for left, column in bare
    }  # fmt: skip


def _says_of_what(frame: Frame) -> bool:
    return bool(frame.index or frame.component or frame.period or frame.entity or frame.years is not None)


def _of_pillars(column: Column, sheet: Sheet, around: Surroundings) -> Column:
    """The column as one of pillars, where its heading does not say so and its cells do."""
    cells = [fold(row.cells[column.place]) for row in sheet.rows]
    known = sum(pillar_in(cell, around.frame.index) is not None for cell in cells)
    return replace(column, role="component") if column.role == "label" and known >= _KNOWN_PILLARS else column


def _names_column(sheet: Sheet, labels: Sequence[Column], document: Document) -> Column | None:
    """The column without a telling heading whose cells are names."""
    for column in labels:
        cells = [row.cells[column.place] for row in sheet.rows]
        if column.role in {"label", "group"} and sum(
            entity_in(cell, heading_words(column.text), None, document) is not None for cell in cells
        ) >= 0.6 * len(cells):
            return column
    return None


def _is_other_business(sheet: Sheet, panel: Sequence[Column], context: Context) -> bool:
    """Whether the table's figures are of another business: its values have weak headings only ("Tỷ lệ") beside
    columns of dossiers, money or dates, or no name of the index in heading or caption."""
    sure = [
        column
        for column in panel
        if (column.heading and column.role in VALUES | {"place"} and column.heading.weight >= 2)
        or context.frames[column.place].index
        or context.frames[column.place].component
    ]
    others = [column for column in panel if column.role == "other"]
    if not sure:
        return bool(others) or not (
            context.around.named or _labels_name_index(sheet, context) or _is_turned(sheet, context)
        )
    return len(others) >= 2 and all(column.role != "rank" for column in sure)


def _labels_name_index(sheet: Sheet, context: Context) -> bool:
    return any(
        one_index(fold(row.cells[column.place])) or pillar_in(fold(row.cells[column.place]))
        for row in sheet.rows
        for column in context.labels
    )


def _is_turned(sheet: Sheet, context: Context) -> bool:
    """Whether the units stand in the headings, and the rows say what the figures are: "Điểm", "Hạng"."""
    headed = sum(context.frames[column.place].entity is not None for column in context.values)
    labels = (row.cells[column.place] for row in sheet.rows for column in context.labels)
    roles = (label for text in labels if (label := _label_role(text)))
    return headed >= 2 and any(label.role in VALUES and label.weight >= 2 for label in roles)


def readings_of(row: Row, context: Context) -> Iterator[Reading]:
    frame, label = _row_frame(row, context)
    if frame is None:
        return
    spread = {row.cells[column.place] for column in (*context.labels, *context.names)}
    for column in context.values:
        if row.cells[column.place] in spread and any(map(str.isalpha, row.cells[column.place])):
            continue  # the row's label goes on over this column
        whole = context.frames[column.place].within(frame)
        if column.role == "place":
            yield from _placed(row.cells[column.place], column, whole, context)
            continue
        for owned in _owned(row, column, whole, context):
            yield from _cell_readings(row.cells[column.place], column, owned, label, context)


def _cell_readings(
    cell: str, column: Column, frame: Frame, label: Heading | None, context: Context
) -> Iterator[Reading]:
    """The figures of a cell: what stands outside brackets by its heading, label or form, then what stands inside."""
    outer, *inner = figures(cell) or (None,)
    if outer is None:
        return
    heading = _as_place(outer, column.heading or label or _by_form(outer, column, context))
    if heading is None:
        return
    if "level" in heading.gives:
        frame = replace(frame, rating=str(heading.gives["level"]))
    unit = _unit(outer, column, heading, frame, context)
    own = context.frames[column.place]
    dated = own.period is not None or own.years is not None
    yield Reading(heading.role, outer, heading.rule, frame, unit, heading_words(column.text), dated)
    for read in inner:
        if found := column.inner or _inner_role(read, heading):
            yield Reading(found.role, read, found.rule, frame, _unit(read, column, found, frame, context), "")


# A score told out of its maximum ("85/100") is no place.
_MAXIMA = frozenset({1, 10, 100, 1000})


def _as_place(read: Figure, heading: Heading | None) -> Heading | None:
    """The heading, but `rank` where the cell itself says that it is a place: "hạng 12", "12/63"."""
    if heading is None or heading.role != "score" or read.form != "whole":
        return heading
    if read.unit == "places" or (read.total and read.total not in _MAXIMA):
        return Heading("rank", "cell.place", 3)
    return heading


def _owned(row: Row, column: Column, frame: Frame, context: Context) -> list[Frame]:
    """The frame for each entity that the nearest column of names on the left gives, else the first such column;
    or with the set where that names a set ("Sở, ban, ngành")."""
    if frame.entity or not context.names:
        return [_of_average(column, frame, context)]
    left = [name for name in context.names if name.place < column.place]
    name = left[-1] if left else context.names[0]
    cell = row.cells[name.place]
    entities = entities_in(cell, heading_words(name.text), context.level, context.document)
    if entities:
        return [replace(frame, entity=entity) for entity in entities]
    if words := group_words(_without_block(fold(cell))):
        frame = replace(frame, group=words, total=total_in(fold(cell)) or frame.total)
    return [_of_average(column, frame, context)]


def _of_average(column: Column, frame: Frame, context: Context) -> Frame:
    """Under a heading "Điểm trung bình" a row of a set has the set's value."""
    if frame.entity is None and frame.group and re.search(r"trung bình|bình quân", fold(column.text)):
        return replace(frame, entity=set_entity(frame.group, frame.level or context.level, context.document))
    return frame


def set_entity(words: str, level: EntityType | None, document: Document) -> Entity:
    words = re.sub(r"\bubnd\b", "UBND", words)
    return Entity("group", words, None if level in {"province", "ministry"} else document.home)


def _without_block(folded: str) -> str:
    """A set without "khối" and what stands in brackets: "khối sở, ngành (20 đơn vị)" gives "sở, ngành"."""
    return re.sub(r"\s?\([^()]*\)|(?:khối|nhóm) (?:các )?", "", folded).strip()


def _row_frame(row: Row, context: Context) -> tuple[Frame | None, Heading | None]:
    """What the row's words say, over what its section and the table say; and the role that its label gives to
    figures under headings that give none. No frame where the row is not to be read."""
    around, document = context.around, context.document
    outer = around.frame
    if context.names:
        outer = replace(outer, entity=None)
    if row.section:
        outer = _section_frame(row.section).within(replace(outer, total=None, group=None))
    texts = [row.cells[column.place] for column in (*context.labels, *context.names) if row.cells[column.place]]
    kind = next((found for text in texts if (found := row_kind(text))), None)
    if kind and kind[0] == "extreme":
        return None, None
    inner, label = Frame(), None
    for column in context.labels:
        text = row.cells[column.place]
        if not text:
            continue
        if column.role == "group":
            inner = _section_frame(text).within(inner)
            outer = replace(outer, entity=None, total=None, group=None)
            continue
        read = frame_of([text], document, outer.index)
        if column.role in {"component", "label"} and not read.index:
            read = _pillar(text, read, column)
        if column.role == "index" and not read.index:
            return None, None
        inner = read.within(inner)
        label = label or _label_role(text)
    if kind and kind[0] == "total" and not context.names:
        inner = replace(inner, component="")
    elif kind and kind[0] in {"average", "total"}:
        of_group = _of_group(texts, kind[0], inner.within(outer), context)
        if of_group is None:
            return None, None
        inner = of_group
    return inner.within(outer), label


def _pillar(text: str, read: Frame, column: Column) -> Frame:
    """The frame of a row whose label is a pillar: in the label's words where the heading says that the rows are
    pillars; a row "Tổng điểm" is the whole index."""
    kind = row_kind(text)
    if kind or re.match(r"tổng|chỉ số (?:chung|tổng hợp)", fold(text)):
        return replace(read, component="")
    if read.component is None and column.role == "component" and not _label_role(text):
        return replace(read, component=pillar_words(fold(text)))
    return read


def _label_role(text: str) -> Heading | None:
    found = [heading for heading in headings(text) if heading.role in VALUES | {"level"}]
    return max(found, key=lambda heading: heading.weight) if found else None


def _section_frame(text: str) -> Frame:
    folded = fold(text)
    words = re.sub(r"^\W*(?:[ivx]+|[a-hđ]|\d+)[.)]\s+", "", _without_block(folded)).strip(" .:")
    return Frame(
        index=one_index(folded), level=level_in(folded), group=group_words(words) or words, total=total_in(folded)
    )


def _of_group(texts: Sequence[str], kind: str, frame: Frame, context: Context) -> Frame | None:
    """The frame of an average or total row: the set that its label, section or caption names."""
    document = context.document
    for text in texts:
        entity = entity_in(text, "", context.level, document)
        if entity and entity.type in {"province", "group"}:
            return replace(frame, entity=entity)
    words = next((words for text in texts if (words := _group_name(text))), None) or frame.group
    if words == "cả nước":
        return replace(frame, entity=Entity("group", words))
    if kind == "total" or not words:
        return None
    return replace(frame, entity=set_entity(words, context.level or frame.level, document))


def _group_name(text: str) -> str | None:
    folded = fold(text)
    if re.search(r"cả nước|toàn quốc", folded):
        return "cả nước"
    return group_words(_without_block(folded))


# --- the role of a figure whose column does not say it --------------------------------------------------------------

_PLACES = re.compile(r"(?:xếp|thứ) hạng|vị trí|thứ bậc")
_POINTS = re.compile(r"điểm|chỉ số|kết quả|giá trị")


def _by_form(read: Figure, column: Column, context: Context) -> Heading | None:
    """The role of a figure under a heading that only names an index, a pillar, a year or a unit."""
    frame = context.frames[column.place]
    if column.path and not (frame.index or frame.component or frame.period or frame.years is not None or frame.entity):
        return None
    if read.form in {"decimal", "percent"}:
        return Heading("score", "column.open.value", 1)
    if read.form == "level":
        return Heading("rating", "column.open.level", 1)
    if read.form != "whole":
        return None
    if column.decimal:
        return Heading("score", "column.open.value", 1)
    if read.unit == "places" or read.total:
        return Heading("rank", "column.open.place", 1)
    near = context.around.captions
    if any(_PLACES.search(text) for text in near) and (read.number or 0) < 1000:
        return Heading("rank", "column.open.place", 1)
    if frame.component or any("điểm" in text for text in near):
        return Heading("score", "column.open.value", 1)
    return None


def _inner_role(read: Figure, outer: Heading) -> Heading | None:
    """The role of a figure in brackets, where the heading has none: by its form and by what stands before it."""
    if read.form == "change":
        kind = "rank_change" if outer.role == "rank" else "score_change"
        return Heading(kind, "cell.change", 1)
    if read.form == "level" and outer.role in {"score", "rank"}:
        return Heading("rating", "cell.level", 1)
    if read.form == "whole" and outer.role in {"score", "rating"} and (read.unit == "places" or read.total):
        return Heading("rank", "cell.place", 1)
    if read.form in {"decimal", "percent"} and outer.role in {"rank", "rating"}:
        return Heading("score", "cell.value", 1)
    return None


def _unit(read: Figure, column: Column, heading: Heading, frame: Frame, context: Context) -> str | None:
    """`percent` or `points` for a value; for a change also `places`."""
    if read.unit:
        return read.unit
    words = fold(column.text)
    for note in (*notes(column.path), words):
        if "%" in note or "phần trăm" in note:
            return "percent"
        if re.search(r"điểm", note):
            return "points"
    if heading.role in {"score_change", "change", "rank_change"}:
        return None
    if context.around.unit and frame.index == context.around.frame.index:
        return context.around.unit
    return "percent" if frame.index == "SIPAS" else "points"


def _placed(cell: str, column: Column, frame: Frame, context: Context) -> Iterator[Reading]:
    """A cell under "Hạng nhất", "Hạng nhì": a name, perhaps with its value in brackets."""
    assert column.heading is not None
    place = ordinal(str(column.heading.gives["place"]))
    match = re.fullmatch(r"(?P<name>[^()]+?)\s*(?:\((?P<value>[^()]+)\))?", cell)
    if not match or place is None:
        return
    entity = entity_in(match["name"], "", frame.level or context.level, context.document)
    if entity is None:
        return
    frame = replace(frame, entity=entity)
    yield Reading("rank", Figure("whole", cell, place), column.rule, frame, None, "")
    for read in figures(match["value"] or ""):
        if read.form in {"decimal", "percent", "whole"}:
            unit = _unit(read, column, Heading("score", "cell.value", 1), frame, context)
            yield Reading("score", read, "cell.value", frame, unit, "")
