"""Ranks, moves, scores and levels in prose: who has which place, with what score.

A sentence is read from left to right as a row of units, indices, pillars, periods and signals. A signal belongs to
the unit before it in its clause ("Long An tăng 2 bậc, xếp hạng 5"), or to the unit after it where the wording turns
the clause round ("đứng đầu là Quảng Ninh", "Với 43,21 điểm, Tiền Giang …"); what a clause leaves out is carried from
the clause, sentence or heading before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from extractors.context import (
    Context,
    enter_section,
    heading,
    is_elsewhere,
    is_on_contest,
    only_province,
    opened,
    speaks_of_index,
)
from extractors.facts.rankings import Ranking
from extractors.facts.scores import Score
from extractors.fold import fold
from extractors.lookups import province_in_force
from extractors.mentions import Mention
from extractors.reader.clauses import Reading, Refusal
from extractors.reader.patterns import NATIONAL_SET
from extractors.reader.walk import Reader
from extractors.sentence import Document, Sentence
from extractors.signals import overruled
from pipeline.records import BLOCK_SEPARATOR, Fact


def extract(document: Document) -> Iterable[Fact]:
    """The ranking and score facts of an article's prose."""
    if not speaks_of_index(document):
        return []
    context = opened(document)
    return facts(document, [reading for reader in _walks(document, context) for reading in reader.readings], context)


def refusals(document: Document) -> list[Refusal]:
    """What looked like a place, move, score or level in an article's prose and became no fact, by offset."""
    found = []
    for reader in _walks(document, opened(document)):
        found += [
            Refusal(reader.sentence.start + signal.start, reader.sentence.start + signal.end, signal.rule, why)
            for signal, why in reader.refusals
        ]
        found += [
            Refusal(reader.sentence.start + start, reader.sentence.start + end, rule, f"{winner} matches more here")
            for start, end, rule, winner in overruled(reader.text)
        ]
    return sorted(found, key=lambda refusal: (refusal.start, refusal.rule))


def _walks(document: Document, context: Context) -> Iterator[Reader]:
    """A finished walk for each sentence that may tell a place or score, in order."""
    if context.index is None or is_on_contest(document):
        return
    block, heading_year = -1, None
    places = numbered_places(document)
    told = {sentence.start for sentence in document.sentences}
    for sentence in document.all_sentences:
        if sentence.kind == "row" or is_elsewhere(sentence):
            continue
        if sentence.block != block:
            block = sentence.block
            heading_year = _enter_block(sentence, context, heading_year)
        context.listed_period = _heads_list(sentence) or context.listed_period
        reader = Reader(document, sentence, context)
        reader.read()
        if (place := places.pop(sentence.block, None) if sentence.mentions else None) is not None:
            reader.numbered(place)
        context.hear_rivals(sentence)
        context.hear_ministries(sentence)
        if sentence.start not in told:
            reader.disown("the next sentence denies it")
        yield reader


# "1. Đà Nẵng", "2) Đồng Tháp": an item of a list, and what says above it that the list goes by places
_NUMBERED = re.compile(r"\s*(?:hạng )?\(?(\d{1,2})[.)/] ")
_BY_PLACE = re.compile(r"thứ hạng|xếp hạng|thứ tự|đứng đầu|dẫn đầu|đầu bảng|cao nhất|(?:top|tốp) \d|từ cao (?:đến|xuống) thấp")
# A headline over the list: "Bảng xếp hạng SIPAS cấp huyện năm 2021"
_TABLE_OF_PLACES = re.compile(r"bảng xếp hạng|thứ hạng")
# An item names a unit and its figures; what is longer is a paragraph.
_ITEM_LENGTH = 160
_ITEM_VALUE = re.compile(r"(\d{1,3} ?[.,] ?\d+|\d{1,3}) ?(?:điểm|%|\))")


def numbered_places(document: Document) -> dict[int, int]:
    """The places that blocks tell by their numbers: items that count up from 1 under a line that announces a ranking,
    one unit each, whose values do not rise."""
    items: list[tuple[int, int]] = []
    found: dict[int, int] = {}
    by_title = False
    values: list[float] = []
    blocks = document.article.blocks
    titled = _TABLE_OF_PLACES.search(fold(document.article.title or "")) is not None
    for number, block in enumerate(blocks):
        match = _NUMBERED.match(block.text) if block.kind != "row" else None
        if match is None or int(match[1]) != len(items) + 1:
            items = []
            if match is None or int(match[1]) != 1:
                continue
        if not items:
            values = []
            if number == 0 or not (titled or _BY_PLACE.search(fold(blocks[number - 1].text))):
                continue
            by_title = not _BY_PLACE.search(fold(blocks[number - 1].text))
        items.append((number, len(items) + 1))
        told = _ITEM_VALUE.search(block.text, match.end())
        values += [float(told[1].replace(" ", "").replace(",", "."))] if told else []
        if by_title and len(values) < len(items):
            continue  # under a headline alone, only what falls by its values is in order
        if len(block.text) < _ITEM_LENGTH and len(items) > 2 and values == sorted(values, reverse=True):
            found |= dict(items)
    return found


_ITEM = re.compile(r"\s*[-+•*–] ?")
# "1. Các chỉ số năm 2022:", "Kết quả năm 2021 như sau:"
_LIST_HEAD = re.compile(r"[^:]{0,80}(?:chỉ số|kết quả|xếp hạng|thứ hạng)[^:]{0,60}:\s*")


def _heads_list(sentence: Sentence) -> str | None:
    """The one year that a line heads a list of indices with."""
    if ":" not in sentence.folded or not _LIST_HEAD.fullmatch(sentence.folded):
        return None
    told = {p.period for p in sentence.periods if p.period and p.kind == "year"}
    return next(iter(told)) if len(told) == 1 else None


def _enter_block(sentence: Sentence, context: Context, heading_year: str | None) -> str | None:
    """What a new paragraph starts from; the year of the heading that it stands under."""
    context.block_period = context.then = None
    if (headed := heading(sentence, context.published_year)) is not None:
        context.aim, heading_year = headed
    elif context.aim:
        context.block_period = heading_year
    if _ITEM.match(sentence.folded):
        context.block_period = context.block_period or context.listed_period
    else:
        context.listed_period = None
    context.index = context.main_index if len(context.periods) < 2 or context.titled_index else context.index
    enter_section(sentence, context)
    context.index = context.headed or context.index
    context.component, context.named_in_block = None, context.headed is not None
    if context.topic:
        context.subject = context.topic
    return heading_year


def facts(document: Document, readings: Sequence[Reading], context: Context) -> list[Fact]:
    """Readings of the same thing made one fact: a place and its move, a score with its change and level."""
    if document.home is None:
        context.province = only_province(document)
    return [*_rankings(document, readings, context), *_scores(document, readings, context)]


# A body of the centre that is ranked among a province's departments counts as one of them.
_BRANCH = re.compile(r"(?:Bảo hiểm xã hội|Kho bạc Nhà nước|Ngân hàng Nhà nước)(?: -)?(?: chi nhánh)?(?: (?:tỉnh|thành phố)|$)")


def _who(document: Document, unit: Mention, context_province: str | None) -> dict[str, Any]:
    province: str | None
    if unit.type == "organisation" and document.home and _BRANCH.match(unit.name):
        unit = replace(unit, type="department")
    if unit.type == "ministry":
        province = None
    elif unit.type == "province":
        province = province_in_force(unit.name, document.published)
    elif unit.type == "group" and (unit.kind == "name" or NATIONAL_SET.match(unit.name.casefold())):
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
    """How many are in each list, as told with a place in it; where two numbers are told, the one that is right for
    provinces or else none."""
    told: dict[tuple[str, str | None, str], set[int]] = {}
    for reading in readings:
        if reading.signal.total and reading.modality == "actual":
            told.setdefault((reading.index, reading.period, reading.entity.type), set()).add(reading.signal.total)
    return {key: total for key, totals in told.items() if (total := _settled(key, totals))}


def _settled(key: tuple[str, str | None, str], totals: set[int]) -> int | None:
    if len(totals) == 1:
        return next(iter(totals))
    return 63 if key[2] == "province" and 63 in totals else None


def _merged_rankings(
    document: Document, members: list[Reading], totals: dict[tuple[str, str | None, str], int], context: Context
) -> Iterator[Fact]:
    placed: dict[tuple[int | None, int | None], list[Reading]] = {}
    moves: list[Reading] = []
    out_of: dict[int, int | None] = {}  # of how many each place is
    for reading in members:
        if reading.signal.kind in {"last", "penult"} and any(_places(other, reading) for other in members):
            continue  # "đứng cuối bảng, xếp thứ 63"
        total = reading.signal.total or totals.get((reading.index, reading.period, reading.entity.type))
        total = total or (_told_total(reading, context) if reading.period in {None, context.period(reading.index)} else None)
        known = context.totals.get(reading.entity.type)
        bottom = reading.signal.kind in {"last", "penult"} and known and not reading.signal.total
        total = max(total or 0, known or 0) if bottom else total
        if reading.entity.type == "province" and total and total < _FEWEST and not reading.signal.total:
            total = None
        if total and reading.signal.rank and reading.signal.rank > total and not reading.signal.total:
            total = None  # another list's: "xếp thứ 28, thứ 7 trong 14 tỉnh của vùng"
        rank = _rank(reading, total, context)
        if reading.signal.kind == "atmost":
            placed.setdefault((None, reading.signal.most), []).append(reading)
        elif rank is not None:
            placed.setdefault((rank, None), []).append(reading)
            out_of[rank] = total or out_of.get(rank)
        if reading.signal.kind in {"move", "same"} or reading.signal.same:
            moves.append(reading)
    placed = {key: told for key, told in placed.items() if not _is_vaguer(key, placed)}
    change = moves[0].signal.places if moves and moves[0].signal.places is not None else (0 if moves else None)
    compared_to = next((m.compared_to for m in moves if m.compared_to), None)
    if not placed and moves:
        placed[(None, None)] = moves
    for number, ((rank, most), told) in enumerate(placed.items()):
        near = [*told[:1], *(moves[:1] if number == 0 else [])]
        yield _ranking(document, told[0], near, rank, most, change if number == 0 else None,
                       compared_to if number == 0 else None, out_of[rank] if rank is not None else None, context)  # fmt: skip


def _places(other: Reading, last: Reading) -> bool:
    """Whether another reading of the clause tells in figures which place the last one is."""
    return other.signal.kind == "rank" and (other.clause, other.modality) == (last.clause, last.modality)


def _is_vaguer(key: tuple[int | None, int | None], placed: Iterable[tuple[int | None, int | None]]) -> bool:
    """Whether "vào tốp 10" stands beside the exact place within it."""
    most = key[1]
    return most is not None and any(rank is not None and rank <= most for rank, _ in placed)


def _told_total(reading: Reading, context: Context) -> int | None:
    """How many of the unit's level the article says there are, unless the place itself lies beyond."""
    total = context.totals.get(reading.entity.type)
    if total is None or (reading.signal.rank or 0) > total:
        return None
    return total if reading.entity.type != "province" or total >= 34 else None


# Provinces are ranked all together; a smaller number told is of a part of them ("14 tỉnh ở nhóm thấp").
_FEWEST = 34


def _rank(reading: Reading, total: int | None, context: Context) -> int | None:
    kind = reading.signal.kind
    if kind == "rank":
        return reading.signal.rank
    if kind in {"first", "second"}:
        return 1 if kind == "first" else 2
    if kind in {"last", "penult"}:
        if reading.entity.type == "province" and total is None:
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
        doc_id=document.article.doc_id, **_who(document, reading.entity, context.province),
        period=reading.period, modality=reading.modality,
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


def _scores(document: Document, readings: Sequence[Reading], context: Context) -> Iterator[Fact]:
    groups: dict[tuple[object, ...], list[Reading]] = {}
    for reading in readings:
        if reading.signal.kind in {"score", "change", "level"}:
            groups.setdefault(_key(reading), []).append(reading)
    for members in groups.values():
        yield from _merged_scores(document, members, context)


def _merged_scores(document: Document, members: list[Reading], context: Context) -> Iterator[Fact]:
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
            yield _score(document, change, None, change.signal.unit, change, level, context)
        elif level:
            yield _score(document, level, None, None, None, level, context)
        return
    for number, ((value, unit), reading) in enumerate(values.items()):
        own = change if change and (change.signal.unit in {unit, None}) else None
        yield _score(document, reading, value, unit, own, level if number == 0 else None, context)


def _score(
    document: Document, reading: Reading, value: float | None, unit: str | None, change: Reading | None,
    level: Reading | None, context: Context,
) -> Score:  # fmt: skip
    start, end = _span(document, [r for r in (reading, change, level) if r])
    return Score(
        doc_id=document.article.doc_id, **_who(document, reading.entity, context.province),
        period=reading.period, modality=reading.modality,
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
