"""The tables of an article as sheets: headings, rows of data with their sections, and the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from extractors.cells import figures, is_empty
from extractors.columns import headings
from extractors.fold import fold
from extractors.indices import find_indices
from extractors.values import find_periods
from pipeline.records import Article, Block

# A line before a table that is no longer than this and ends in no full stop is the table's caption.
MAX_CAPTION = 220
# Three rows of headings are the most that was seen: index, year, kind of value.
MAX_HEAD = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A row of data at `[start, start + len(text))` of the article's text, under its section's title."""

    cells: tuple[str, ...]
    text: str
    start: int
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. `paths` are each column's headings from top to bottom; `captions` the lines that name the table,
    the nearest first; `prose` the article's other text that precedes it, the nearest paragraph first."""

    paths: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    captions: tuple[str, ...]
    prose: tuple[str, ...]
    title: str

    @property
    def body(self) -> list[tuple[str, ...]]:
        return [row.cells for row in self.rows]


def sheets(article: Article) -> Iterator[Sheet]:
    """The article's tables in order; those without headings or without data are left out."""
    numbered = list(enumerate(article.blocks))
    spans = article.block_spans()
    for table, group in groupby(numbered, key=lambda item: item[1].table):
        members = list(group)
        if table is None:
            continue
        first, last = members[0][0], members[-1][0]
        rows = [Row(block.cells, block.text, spans[place][0]) for place, block in members]
        inside, head, body = _parted(rows, [block.header for _, block in members])
        if head and body:
            before, prose = _before(article.blocks[:first])
            after = _after(article.blocks[last + 1 :])
            yield Sheet(
                tuple(_path(head, column) for column in range(len(head[0].cells))),
                tuple(body),
                (*inside, *before, *after),
                prose,
                article.title,
            )


# --- the rows ------------------------------------------------------------------------------------------------


def _parted(rows: Sequence[Row], marked: Sequence[bool]) -> tuple[list[str], list[Row], list[Row]]:
    """The captions inside the table, the rows that name the columns, the rows of data with their sections."""
    place, captions = 0, []
    while place < len(rows) and (banner := _banner(rows[place])):
        captions.append(banner)
        place += 1
    head: list[Row] = []
    while place < len(rows) and len(head) < MAX_HEAD and _is_head(rows[place], marked[place], any(marked), head):
        head.append(rows[place])
        place += 1
    if not head:
        return captions, [], []
    return captions[::-1], head, list(_with_sections(rows[place:], head))


def _is_head(row: Row, marked: bool, some_marked: bool, head: list[Row]) -> bool:
    if _is_data(row):
        return False
    if marked:
        return True
    if head:
        # A heading merged over two rows stands in both, and beside it the lower headings.
        merged = any(cell and cell == above for cell, above in zip(row.cells, head[-1].cells, strict=True))
        return merged and row.cells != head[-1].cells and _names_columns(row)
    return not some_marked and _names_columns(row)


def _is_data(row: Row) -> bool:
    """Whether the row holds values: two figures that are no years, or one and the row's number."""
    values = [cell for cell in row.cells if not is_empty(cell) and not find_periods(fold(cell), None) and _valued(cell)]
    return len(values) >= 2


def _valued(cell: str) -> bool:
    if not re.search(r"\d", cell) or any(heading.role == "place" for heading in headings(cell)):
        return False
    read = figures(cell)
    return bool(read) and read[0].form in {"decimal", "percent", "whole", "change"}


def _names_columns(row: Row) -> bool:
    said = [cell for cell in row.cells if cell]
    named = [cell for cell in said if headings(cell) or find_periods(fold(cell), None) or find_indices(fold(cell))]
    return len(set(said)) >= 2 and len(named) >= 0.5 * len(said)


def _with_sections(rows: Sequence[Row], head: list[Row]) -> Iterator[Row]:
    repeated = {row.cells for row in head}
    section: str | None = None
    for number, row in enumerate(rows):
        if row.cells in repeated or (number == 0 and _numbers_columns(row.cells)):
            continue
        title = _banner(row) or _section(row)
        if title:
            section = title
        else:
            yield Row(row.cells, row.text, row.start, section)


def _banner(row: Row) -> str | None:
    """The text of a row that is one merged cell."""
    said = set(row.cells)
    if len(said) != 1 or len(row.cells) < 2 or is_empty(row.cells[0]) or _valued(row.cells[0]):
        return None
    return row.cells[0]


# "I", "II", "A", "a", "1", "1."
_NUMBERING = re.compile(r"(?:[ivx]+|[a-hđ]|\d{1,2})[.)]?")


def _section(row: Row) -> str | None:
    """The title of a section: "II | UBND cấp huyện | | |", all but one cell after the numbering is empty."""
    said = [cell for cell in row.cells if cell]
    if len(row.cells) < 3 or not said:
        return None
    if len(set(said)) > 1 and _NUMBERING.fullmatch(fold(said[0])) and not fold(said[0])[0].isdigit():
        said = said[1:]
    return said[0] if len(set(said)) == 1 and not _valued(said[0]) and not is_empty(said[0]) else None


def _numbers_columns(cells: Iterable[str]) -> bool:
    """Whether a row only numbers the columns: "(1) | (2) | (3)", "A | B | 1 | 2 | 3=1+2"."""
    said = [fold(cell).strip(" ()[]") for cell in cells]
    digits = [re.match(r"\d{1,2}(?=$|\s*=)", cell) for cell in said]
    numbers = [int(match[0]) for match in digits if match]
    others = [cell for cell, match in zip(said, digits, strict=True) if not match]
    return (
        len(numbers) >= 2
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and numbers[0] == 1
        and all(re.fullmatch(r"[a-h]?", cell) for cell in others)
    )


def _path(head: Sequence[Row], column: int) -> tuple[str, ...]:
    path: list[str] = []
    for row in head:
        text = row.cells[column]
        if text and text not in path and not _banner(row):
            path.append(text)
    return tuple(path)


# --- the words around ------------------------------------------------------------------------------------------

# "Bảng 2. …", "Biểu 02: …", "Phụ lục 1", "(Đơn vị tính: người)", "Nguồn: VCCI"
_CAPTION = re.compile(r"\(?(?:bảng|biểu|phụ lục|hình|đvt|đơn vị tính|nguồn|kết quả|danh sách)(?: |:)")


def _before(blocks: Sequence[Block]) -> tuple[list[str], tuple[str, ...]]:
    captions: list[str] = []
    place = len(blocks)
    while place > 0 and len(captions) < 4 and _is_caption(blocks[place - 1]):
        captions.append(blocks[place - 1].text)
        place -= 1
    prose = [block.text for block in reversed(blocks[:place]) if block.kind not in {"row", "title"}]
    if place > 0 and blocks[place - 1].text.endswith(":"):  # a paragraph whose last sentence leads in the table
        captions.append(re.split(r"(?<=[.!?]) ", blocks[place - 1].text)[-1])
    return captions, tuple(prose)


def _is_caption(block: Block) -> bool:
    if block.kind in {"caption", "heading"}:
        return True
    if block.kind in {"row", "title", "lead"} or len(block.text) > MAX_CAPTION:
        return False
    return not block.text.endswith((".", ":", ";", "…")) or bool(_CAPTION.match(fold(block.text)))


def _after(blocks: Sequence[Block]) -> list[str]:
    if not blocks or blocks[0].kind != "caption":
        return []
    return [blocks[0].text]
