"""Tables of an index: places with their moves, values with their changes and levels, levels counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from extractors.cells import Figure
from extractors.columns import Column
from extractors.facts.rankings import Ranking
from extractors.facts.ratings import Rating
from extractors.facts.scores import Score
from extractors.grid_readings import Context, Reading, context_of, panels, readings_of, set_entity
from extractors.sheet import Row, Sheet
from extractors.surroundings import Frame, Surroundings, total_in_prose
from extractors.values import decimal_number
from pipeline.records import Fact


def index_facts(sheet: Sheet, layout: Sequence[Column], around: Surroundings) -> Iterator[Fact]:
    """The facts of a table of an index, row by row; none where the table is of another business."""
    for panel in panels(layout):
        yield from _panel_facts(sheet, panel, around)


def _panel_facts(sheet: Sheet, panel: Sequence[Column], around: Surroundings) -> Iterator[Fact]:
    context = context_of(sheet, panel, around)
    if context is None:
        return
    rows = [(row, list(readings_of(row, context))) for row in sheet.rows]
    totals = _totals([reading for _, readings in rows for reading in readings], context)
    for row, readings in rows:
        yield from _facts(row, readings, totals, context)


# --- facts ---------------------------------------------------------------------------------------------------

_Key = tuple[object, ...]


def _key(frame: Frame) -> _Key:
    return (frame.entity, frame.index, frame.component or None, frame.period, frame.modality)


def _totals(readings: Iterable[Reading], context: Context) -> dict[_Key, int]:
    """How many are ranked in each list of the table (index, pillar, period, section): as stated with the list, or
    its length where it has every place from 1 on, or as the article's prose says."""
    lists: dict[_Key, list[Reading]] = {}
    for reading in readings:
        if reading.role == "rank" and not reading.regional:
            lists.setdefault(_list(reading.frame), []).append(reading)
    current = max((str(key[2]) for key in lists if key[2]), default=None)
    totals: dict[_Key, int] = {}
    for key, ranked in lists.items():
        places = [int(reading.figure.number or 0) for reading in ranked]
        stated = [reading.figure.total or reading.frame.total for reading in ranked]
        said = next((total for total in stated if total and total >= max(places)), None)
        if said is None and len(places) >= 5 and sorted(places) == list(range(1, len(places) + 1)):
            said = len(places)
        if said is None and context.names and (not key[2] or key[2] == current):
            said = total_in_prose(context.level or "", max(places), context.document)
        if said:
            totals[key] = said
    return totals


def _list(frame: Frame) -> _Key:
    return (frame.index, frame.component or None, frame.period, frame.group, frame.modality)


def _facts(row: Row, readings: Sequence[Reading], totals: dict[_Key, int], context: Context) -> Iterator[Fact]:
    """The facts of a row: places with their moves, values with their changes and levels, levels alone."""
    whole = [reading for reading in readings if reading.frame.entity and reading.frame.index]
    yield from _ranking_facts(row, whole, totals, context)
    yield from _score_facts(row, whole, context)
    yield from _rating_facts(row, readings, context)


def _ranking_facts(
    row: Row, readings: Sequence[Reading], totals: dict[_Key, int], context: Context
) -> Iterator[Ranking]:
    ranks = [
        reading
        for reading in readings
        if reading.role == "rank" and reading.figure.form == "whole" and (reading.figure.total or not reading.regional)
    ]
    moves = [reading for reading in readings if _is_move(reading, readings)]
    taken: set[int] = set()
    for reading in ranks:
        move = next((move for move in moves if id(move) not in taken and _belongs(move, reading, ranks)), None)
        if move:
            taken.add(id(move))
        yield Ranking(
            **_common(row, reading, context),
            rank=int(reading.figure.number or 0),
            rank_total=reading.figure.total or totals.get(_list(reading.frame)),
            rank_change=int(_signed(move)) if move else None,
            compared_to=_compared(move, reading, ranks) if move else None,
        )
    for move in moves:
        if id(move) not in taken and not ranks:
            yield Ranking(**_common(row, move, context), rank_change=int(_signed(move)))


def _is_move(reading: Reading, readings: Sequence[Reading]) -> bool:
    """Whether a figure says how many places were won or lost."""
    if reading.role == "rank_change":
        return True
    if reading.role != "change" or reading.unit in {"points", "percent"}:
        return False
    if reading.unit == "places":
        return True
    whole = float(reading.figure.number or 0).is_integer() and not re.search(r"[.,]", reading.figure.text)
    return whole and any(other.role == "rank" for other in readings)


def _signed(reading: Reading) -> float:
    """The change with its sign: the cell's own, else that of a heading that says only one direction."""
    number = float(reading.figure.number or 0)
    if reading.figure.form == "change":
        return number
    says = reading.heading
    return -number if re.search(r"giảm", says) and not re.search(r"tăng", says) else number


def _belongs(change: Reading, reading: Reading, others: Sequence[Reading]) -> bool:
    """Whether a change is that of this figure: of the same index and pillar, and of the latest period of them
    where the change's column does not say another."""
    one, other = change.frame, reading.frame
    if (one.entity, one.index, one.component or None) != (other.entity, other.index, other.component or None):
        return False
    if change.dated and not _says_compared(change) and any(_key(each.frame) == _key(one) for each in others):
        return _key(one) == _key(other)
    periods = [
        candidate.frame.period or ""
        for candidate in others
        if (candidate.frame.entity, candidate.frame.index, candidate.frame.component or None)
        == (one.entity, one.index, one.component or None)
    ]
    return (other.period or "") == max(periods)


def _says_compared(change: Reading) -> bool:
    return "so với" in change.heading or "so " in change.heading


def _compared(change: Reading, reading: Reading, others: Sequence[Reading]) -> str | None:
    """The period that a change counts from: that of its heading ("so với năm 2021"), else the other column's."""
    if _says_compared(change) and change.frame.period and change.frame.period != reading.frame.period:
        return change.frame.period
    earlier = {
        other.frame.period
        for other in others
        if other.frame.period and reading.frame.period and other.frame.period < reading.frame.period
    }
    return earlier.pop() if len(earlier) == 1 else None


def _score_facts(row: Row, readings: Sequence[Reading], context: Context) -> Iterator[Score]:
    scores = [
        reading
        for reading in readings
        if reading.role == "score" and reading.figure.form in {"decimal", "percent", "whole"}
    ]
    levels = [reading for reading in readings if reading.role == "rating"]
    changes = [
        reading
        for reading in readings
        if reading.role in {"score_change", "change"} and not _is_move(reading, readings)
    ]
    taken: set[int] = set()
    for reading in scores:
        change = next(
            (
                change
                for change in changes
                if id(change) not in taken and _belongs(change, reading, scores) and change.unit in {None, reading.unit}
            ),
            None,
        )
        if change:
            taken.add(id(change))
        level = next((level for level in levels if _key(level.frame) == _key(reading.frame)), None)
        yield Score(
            **_common(row, reading, context),
            score=_value(reading.figure),
            unit=reading.unit,
            score_change=_signed(change) if change else None,
            compared_to=_compared(change, reading, scores) if change else None,
            rating=_rating(level) if level else None,
        )
    said = {_key(reading.frame) for reading in scores}
    for level in levels:
        if _key(level.frame) not in said and (rating := _rating(level)):
            yield Score(**_common(row, level, context), rating=rating)


def _value(read: Figure) -> float | None:
    match = re.search(r"\d+(?:[.,]\d+)*", read.text)
    return decimal_number(match[0]) if match else read.number


def _rating(level: Reading) -> str | None:
    """The level in the article's words; a letter or number keeps the word of its heading ("nhóm A")."""
    words = re.sub(
        r"^(?:xếp |thuộc |đạt )?(?:nhóm|mức|loại|hạng|mức độ|xếp loại) (?=[^\W\d]{2})", "", level.figure.text
    )
    if re.fullmatch(r"[a-e]\+?|[1-5]|[iv]+", words):
        word = next((word for word in ("nhóm", "mức", "loại") if word in level.heading), "loại")
        return f"{word} {words.upper()}"
    return re.sub(r"^(nhóm|loại|mức) ([a-e]\+?)$", lambda said: f"{said[1]} {said[2].upper()}", words) or None


def _rating_facts(row: Row, readings: Sequence[Reading], context: Context) -> Iterator[Rating]:
    """How many of a set reached each level: columns or rows are levels, cells are counts."""
    counts = [reading for reading in readings if reading.role == "count" and reading.figure.form == "whole"]
    for reading in readings:
        frame, read = reading.frame, reading.figure
        named = frame.entity is not None and bool(context.names)
        if reading.role == "level" and read.form == "whole" and not named:
            total = read.total or frame.total or next((int(said.figure.number or 0) for said in counts), None)
            yield from _rating_fact(row, reading, frame.rating, int(read.number or 0), total, context)
    levels = {rating for reading in readings if reading.role == "rating" and (rating := _rating(reading))}
    if len(levels) == 1 and len({reading.figure.number for reading in counts}) == 1:
        count, total = counts[0].figure, counts[0].figure.total or counts[0].frame.total
        yield from _rating_fact(row, counts[0], levels.pop(), int(count.number or 0), total, context)


def _rating_fact(
    row: Row, reading: Reading, rating: str | None, count: int, total: int | None, context: Context
) -> Iterator[Rating]:
    frame = reading.frame
    if not (rating and frame.group and frame.index):
        return
    group = set_entity(frame.group, frame.level or context.level, context.document)
    common = _common(row, replace(reading, frame=replace(frame, entity=group)), context)
    del common["component"]
    yield Rating(**common, rating=rating, count=count, total=total)


def _common(row: Row, reading: Reading, context: Context) -> dict[str, Any]:
    frame = reading.frame
    assert frame.entity is not None
    return {
        "doc_id": context.document.article.doc_id,
        "entity_type": frame.entity.type,
        "entity": frame.entity.name,
        "province": frame.entity.province,
        "period": frame.period,
        "modality": frame.modality or "actual",
        "evidence": row.text,
        "start": row.start,
        "end": row.start + len(row.text),
        "rule": reading.rule,
        "index": frame.index,
        "component": frame.component or None,
    }
