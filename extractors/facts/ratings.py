"""How many of a group reached a level."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from extractors.context import Context, compared, enter_section, is_elsewhere, names_index, opened, speaks_of_index
from extractors.indices import below
from extractors.modality import cues, modality_at
from extractors.rules import Rule, may_match, possible_rules, words
from extractors.sentence import Document, Sentence
from extractors.triggers import UNMASKED, Triggers
from extractors.values import whole_number
from pipeline.records import Fact


@dataclass(frozen=True, kw_only=True)
class Rating(Fact):
    """How many of a group reached a level: `count` of `total` (None where not stated)."""

    TABLE: ClassVar[str] = "ratings"
    KEY: ClassVar[tuple[str, ...]] = (
        "entity_type", "entity", "province", "index", "period", "rating", "count", "total",
    )  # fmt: skip
    CORE: ClassVar[tuple[str, ...]] = ("entity", "rating", "count", "total")

    index: str
    rating: str
    count: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class _Group:
    """A set of units as worded, and how many it has; `block` is where its members are counted, -1 where it is only
    named ("giá trị trung bình của 12 huyện")."""

    name: str
    total: int | None
    block: int = -1


# Nouns that only count ("13 đơn vị"): the set is named elsewhere.
_GENERIC = {"đơn vị", "cơ quan", "địa phương", "sở", "huyện", "xã", "tỉnh", "bộ"}
# A national set belongs to no province.
_NATIONAL = re.compile(r"^(?:các )?(?:tỉnh|bộ|cơ quan ngang bộ)")
# How many provinces there were until 2025-06-30 and are since.
_ALL_PROVINCES = frozenset({63, 34})


def extract(document: Document) -> Iterable[Rating]:
    """The counts of levels in an article's prose."""
    if not speaks_of_index(document) or not any(map(_counts, document.sentences)):
        return []
    context = opened(document)
    if context.index is None:
        return []
    found: list[Rating] = []
    group: _Group | None = None
    known: list[_Group] = []
    index: str | None = context.index
    block = -1
    for sentence in document.sentences:
        if sentence.kind == "row":
            known += _headed(sentence)
            continue
        if is_elsewhere(sentence):
            continue
        if sentence.block != block:
            block = sentence.block
            context.block_period = None
            enter_section(sentence, context)
            index = context.headed or (context.main_index if len(context.periods) < 2 else index)
        named = [i for i in sentence.indices if i.kind == "index" or names_index(sentence, i)]
        for span in named:
            context.hear_index(sentence, span)
        index = named[0].codes[0] if named else index
        facts, group = _read(document, sentence, context, index or context.index, group, known)
        found += facts
        looked_at = _looked_at(sentence)
        if looked_at and not (context.period(index) or "").startswith(looked_at):
            context.block_period = looked_at  # a month or half of it is told more closely
    return _with_totals(found)


def _counts(sentence: Sentence) -> bool:
    return may_match("ratings", sentence.folded) and bool(level_counts(sentence.masked))


# "Năm 2022, xã Canh Nậu …", "Theo kết quả năm 2017 vừa được phê duyệt, …"
_HEADS = re.compile(r"\W*(?:(?:trong|riêng|cả|theo|kết quả|bảng xếp hạng|bảng điểm) )*")


def _looked_at(sentence: Sentence) -> str | None:
    """The year that a sentence begins with, of which the next ones of its paragraph go on to tell."""
    first = next((p for p in sentence.periods if p.kind == "year" and p.period), None)
    if first is None or not _HEADS.fullmatch(sentence.masked, 0, first.start) or compared(sentence, first):
        return None
    return first.period if modality_at(sentence, first.start, first.end) == "actual" else None


def _with_totals(found: list[Rating]) -> list[Rating]:
    """A count told twice, once out of a total (a headline, then the body), is the one with the total."""
    full = {(f.index, f.period, f.rating, f.count) for f in found if f.total is not None}
    return [f for f in found if f.total is not None or (f.index, f.period, f.rating, f.count) not in full]


def _read(
    document: Document,
    sentence: Sentence,
    context: Context,
    index: str,
    group: _Group | None,
    known: list[_Group],
) -> tuple[list[Rating], _Group | None]:
    facts: list[Rating] = []
    hits = level_counts(sentence.masked)
    last = 0
    for rule, match in hits:
        group = _named(sentence, last, match.start(), group, known)
        counted = _counted(group, match, known, sentence.block)
        fact = _fact(document, sentence, context, index, counted, rule, match)
        if fact:
            facts.append(fact)
            if fact.count == 0 and (more := _NOR.match(match.string, match.end())):
                end = sentence.start + more.end()
                facts.append(replace(fact, rating=more["rating"], end=end, evidence=document.text[fact.start : end]))
            noun = (match.group("noun") or "") if "noun" in match.re.groupindex else ""
            total = fact.total or (group.total if group else None)
            if (noun and noun not in _GENERIC) or group is None or group.total is None:
                group = _Group(fact.entity, total, sentence.block)
            if group not in known:
                known.append(group)
        last = match.start("next") if "next" in match.re.groupindex else match.end()
    return facts, _named(sentence, last, len(sentence.folded), group, known)


def _counted(group: _Group | None, match: re.Match[str], known: list[_Group], block: int) -> _Group | None:
    """The set that a bare noun counts in: "5 sở" is of the last set of departments, "3 đơn vị" of the last set, "địa
    phương" of one that its paragraph counts in ("Trong 12 huyện, thị xã, có 3 địa phương …"), else it names the set."""
    noun = match.group("noun") if "noun" in match.re.groupindex else None
    if noun in {"sở", "huyện", "xã", "tỉnh", "bộ"}:
        named = (g for g in reversed(known) if re.search(rf"(?<!\w){noun}(?!\w)", g.name.casefold()))
        return next(named, group if group and group.name in _GENERIC else _Group(noun, None))
    if noun == "địa phương" and group and re.search(r"(?<!\w)(?:sở|ngành|bộ)(?!\w)", group.name.casefold()):
        local = (g for g in reversed(known) if re.search(r"địa phương|huyện|thị xã|xã|phường", g.name.casefold()))
        group = next(local, _Group(noun, None))
    if noun == "địa phương" and group and group.block != block:
        return group if group.name.casefold() == noun else _Group(noun, group.total)
    return group


# The readers of places, of levels and of lists ask for the sentences of an article one after the other.
@functools.lru_cache(maxsize=512)
def level_counts(folded: str) -> tuple[tuple[Rule, re.Match[str]], ...]:
    """Matches by offset, never overlapping but where two counts share a level: the earlier, then the earlier rule."""
    found = [
        (match.start(), order, rule, match)
        for order, rule in possible_rules("ratings", folded)
        for match in rule.pattern.finditer(folded)
    ]
    kept: list[tuple[Rule, re.Match[str]]] = []
    end = 0
    for start, _, rule, match in sorted(found, key=lambda hit: hit[:2]):
        if start >= end:
            kept.append((rule, match))
            end = match.start("next") if "next" in match.re.groupindex else match.end()
    return tuple(kept)


_GROUP = re.compile(
    rf"(?:(?P<lead>khối(?=(?: các)? )|phía|nhóm|trong|của|đối với|với|ở|có|cho thấy|gồm|xếp hạng|về)(?: số| tổng số|(?<!khối) các)*(?: đơn vị(?= sở))? )?"
    rf"(?:(?P<n>\d{{1,3}}) )?(?P<set>(?:{words()['set']})(?: và tương đương)?)(?!\w)(?: \((?P<m>\d{{1,3}}) [^\d)]{{2,20}}\))?"
)


# "Giá trị trung bình của 12 huyện", "xếp hạng 12 huyện": words before a set of which no members are counted
_ONLY_NAMES = frozenset({"của", "về", "xếp hạng", "cho thấy"})


_AND = re.compile(r"(?:,| và|, và|, cùng| cùng|, với) ")


@functools.cache
def _sets() -> Triggers:
    return Triggers([_GROUP], UNMASKED, hidden={})


def _named(sentence: Sentence, start: int, end: int, group: _Group | None, known: list[_Group]) -> _Group | None:
    """The set that is spoken of after a stretch of a sentence."""
    if not _sets().possible(sentence.folded):
        return group
    before, many = end, 0  # where the last numbered set ends, and how many it and those joined to it have
    for match in _GROUP.finditer(sentence.masked, start, end):
        block = -1 if match.group("lead") in _ONLY_NAMES else sentence.block
        name = _levelled(sentence.text[match.start("set") : match.end("set")])
        number = match.group("n") or match.group("m")
        total = int(number) if number else None
        joined = bool(match.group("n")) and many > 0 and _AND.fullmatch(sentence.masked, before, match.start())
        before, many = match.end(), (total or 0) + (many if joined else 0)
        if joined:
            known.append(_Group(name, total, block))
            group = _Group("đơn vị", many, block)  # "19 sở và 11 huyện được đánh giá, trong đó 6 đơn vị …"
            continue
        generic = name.casefold() in _GENERIC and match.group("lead") != "khối"
        if generic and total and group and match.group("lead") == "trong" and name.casefold() in {"đơn vị", "cơ quan"}:
            group = _Group(group.name, total, block)  # "trong số 31 đơn vị": of the sets spoken of
        elif generic and total and group and (match.group("m") or match.group("lead") in {"có", "gồm"}):
            group = _Group(group.name, total, block)  # "Khối này có 19 cơ quan"
        elif generic and not (total and match.group("lead") in {"trong", "có"}):
            continue
        elif not generic and (match.group("lead") or total):
            group = _Group(
                name, total if total and total > 1 else (group.total if group and group.name == name else None), block
            )
        elif generic:
            group = _Group(name, total, block)
        if group is not None and group.total is None:
            group = replace(group, total=_known_total(group.name, known))
        if group is not None and group not in known:
            known.append(group)
    return group


def _known_total(name: str, known: list[_Group]) -> int | None:
    """How many a set of this name was last said to have."""
    bare = name.casefold().removeprefix("các ")
    return next((g.total for g in reversed(known) if g.total and g.name.casefold().removeprefix("các ") == bare), None)


def _headed(row: Sentence) -> list[_Group]:
    """The sets that a table's row heads: "Địa phương (8 đơn vị)"."""
    return [
        _Group(_levelled(row.text[match.start("set") : match.end("set")]), int(match.group("m")))
        for match in _GROUP.finditer(row.folded)
        if match.group("m")
    ]


def _levelled(name: str) -> str:
    """A set's name with its commas spaced, without "và tương đương"."""
    name = re.sub(r",\s*", ", ", name).removesuffix(" và tương đương")
    name = re.sub(r"(?i)^(?:đơn vị|cơ quan|địa phương) (?=cấp (?:huyện|xã|tỉnh|sở))", "", name)
    return re.sub(r"(?i)(?:,| và) (?:ubnd|ủy ban nhân dân|các)$", "", name)


# "không có đơn vị nào xếp loại trung bình, yếu": none of the second level, either
_NOR = re.compile(rf"[\"']?(?:,| và|,? hoặc| hay|/) ?(?:loại |mức |xếp loại )?[\"']?(?P<rating>{words()['grade']})(?!\w)(?! \d)")
_BOUND = re.compile(r"(?:trên|dưới|cao hơn|thấp hơn|vượt|kém)(?: mức)? $")


def _fact(
    document: Document, sentence: Sentence, context: Context, index: str, group: _Group | None, rule: Rule,
    match: re.Match[str],
) -> Rating | None:  # fmt: skip
    parts = {name: value for name, value in match.groupdict().items() if value}
    named_by = "each" if "each" in parts else "noun"
    given = rule.gives.get("count")
    count = given if isinstance(given, int) else whole_number(parts["count"])
    said = {cue.modality for cue in cues(sentence) if cue.rules(match.start(), match.end())}
    if count is None or said - ({"negated"} if given is not None else set()):
        return None
    if "rating" in parts and _BOUND.search(match.string, match.start(), match.start("rating")):
        return None  # "9/17 bộ có kết quả trên mức trung bình"
    noun = _levelled(sentence.text[match.start(named_by) : match.end(named_by)]) if named_by in parts else ""
    named = bool(noun) and noun.casefold() not in _GENERIC
    total = int(parts["total"]) if "total" in parts else None
    name = noun if named else (group.name if group else noun)
    if not name or (total is not None and count > total):
        return None
    if total is None and group and (not named or group.name.casefold() == name.casefold()):
        total = group.total
    if total is not None and count > total:
        total = None
    start, end = sentence.start + match.start(), sentence.start + match.end()
    province = (
        None
        if _is_national(name.casefold(), index, total)
        else document.home or (context.province if context.topic and context.topic.type != "province" else None)
    )
    return Rating(
        doc_id=document.article.doc_id, entity_type="group", entity=name, province=province,
        period=_period(sentence, match.start(), context, index), index=index, rating=rating_of(match), count=count,
        total=total, rule=rule.id, evidence=document.text[start:end], start=start, end=end,
    )  # fmt: skip


def _is_national(name: str, index: str, total: int | None) -> bool:
    """Whether a set lies in no province: it is named so, is ranked by an index of provinces, or is as large as all."""
    return bool(_NATIONAL.match(name)) or index in below() or (name == "địa phương" and total in _ALL_PROVINCES)


def rating_of(match: re.Match[str]) -> str:
    """The level of a match, lower case; a letter is a capital and keeps the word before it ("nhóm A", "loại B")."""
    parts = match.groupdict()
    if parts.get("rating"):
        return str(parts["rating"])
    head = re.search(r"(nhóm|loại|hạng|mức)\W*$", match.string[match.start() : match.start("letter")])
    return f"{head.group(1) if head else 'nhóm'} {parts['letter'].upper()}"


def _period(sentence: Sentence, at: int, context: Context, index: str) -> str | None:
    told = [
        p for p in sentence.periods
        if p.end <= at and p.kind not in {"date", "interval"} and p.period and not compared(sentence, p)
    ]  # fmt: skip
    if told:
        period = told[-1]
        return context.relative(period, index) if period.kind == "relative" else period.period
    return context.period(index)
