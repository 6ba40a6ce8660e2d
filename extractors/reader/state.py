"""The state of a walk, and how a signal with its unit becomes a reading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors.context import Context, compared
from extractors.decisions import doubt
from extractors.indices import IndexSpan, below, owners
from extractors.lazy import once
from extractors.mentions import Mention
from extractors.modality import cues, is_ahead, modality_at, told_as
from extractors.reader.clauses import Clause, Reading
from extractors.reader.patterns import (
    AIMED_AT,
    DATED_WITHIN,
    EACH_INDEX,
    EACH_PILLAR,
    FIGURE,
    FROM,
    KEPT_FOR_YEARS,
    LEADS_ON,
    NATIONWIDE,
    NO_VALUES,
    SEQUENCES,
    STILL,
    THESE,
)
from extractors.sentence import Document, Sentence
from extractors.signals import Signal
from extractors.values import PeriodSpan, period_year, previous

# Of more years nobody tells the places one by one.
_LONGEST_STRETCH = 15


class State:
    """The state of a walk over one sentence; readings are added to it."""

    def __init__(self, document: Document, sentence: Sentence, context: Context) -> None:
        self.document, self.sentence, self.context = document, sentence, context
        self.readings: list[Reading] = []
        self.signals: list[Signal] = []
        self.refusals: list[tuple[Signal, str]] = []
        self.dated: set[int] = set()  # readings whose period stands with them
        self.pending: list[Signal] = []
        self.sequence: int | None = None  # the last place given out by "kế tiếp là A, B"
        self.group: Mention | None = None
        self.average = False
        self.left: list[Mention] = []  # who was spoken of before something else was
        self.mean: Mention | None = None  # whose mean the next bracket tells
        self.averaged = False  # whether the sentence tells a mean
        start = context.subject
        self.clause = Clause(
            subjects=[start] if start else [], fresh=False, index=context.index, component=None, period=None,
            compared_to=None,
        )  # fmt: skip
        self.stack: list[Clause] = []
        self.bracket: Mention | None = None
        self.last_unit: Mention | None = None
        self.companions: list[Mention] = []  # "cùng với A, B": who shares what is told of the one spoken of
        self.pillar_end = -1
        self.several = False  # whether one thing is told of several indices
        self.trailing: list[int] = []  # the readings that the last index was told after
        self.pillars_trail = False  # whether the sentence tells its pillars after their places
        self.pillars: list[str] = []  # the list of pillars that ends there
        self.aside: int | None = None  # where a unit ended that is not the one spoken of, and its role
        self.beside = ""
        self.row: list[Mention] = []  # units in a list whose members have brackets of their own
        self.last_index: tuple[IndexSpan, str] | None = None
        self.joined: tuple[str, ...] = ()  # indices named together
        self.rivals: tuple[str, ...] = ()  # indices named together, of which one value is told
        self.then, context.then = context.then, None  # the time that the sentence before told last
        self.unsettled: tuple[Mention, tuple[str, ...]] | None = None  # a word that may mean several units

    @once
    def text(self) -> str:
        return self.sentence.masked

    @once
    def flat(self) -> str:
        """The text with its sets without their commas, for what only looks how far a clause goes: "dẫn đầu 9 huyện,
        thành phố là"."""
        flat = self.text
        for mention in self.sentence.mentions:
            if mention.kind == "set":
                without = re.sub(r"[,;]", " ", flat[mention.start : mention.end])
                flat = flat[: mention.start] + without + flat[mention.end :]
        return flat

    @once
    def these(self) -> list[tuple[int, int]]:
        """Where "hai bộ này", "ba địa phương nói trên" stand."""
        return [match.span() for match in THESE.finditer(self.sentence.folded)]

    def _note(self, signal: Signal, why: str) -> None:
        """Remember why a signal became no reading, for whoever asks."""
        self.refusals.append((signal, why))

    def disown(self, why: str) -> None:
        """Take back what the sentence tells; what it makes known for the next ones (an index, a year) stays."""
        self.refusals += [(reading.signal, why) for reading in self.readings]
        self.readings = []

    def _is_here(self, unit: Mention) -> bool:
        return any(m.start == unit.start and m.end == unit.end for m in self.sentence.mentions)

    def _is_of_provinces(self) -> bool:
        """Whether what is told of the index, with nobody named, is of the provinces."""
        return self.clause.index in below() or (self.clause.index == "SIPAS" and "province" in self.context.indices)

    def _resolved(self, period: PeriodSpan) -> str | None:
        return self.context.relative(period, self.clause.index) if period.kind == "relative" else period.period

    def _take(self, signal: Signal, units: Sequence[Mention]) -> None:
        if why := self._unowned(signal, units):
            self._note(signal, why)
            if self.unsettled and not units and self.clause.index:
                self._doubt(signal, *self.unsettled)
        elif signal.kind in SEQUENCES:
            self._deal(signal, units)
        else:
            for unit in units:
                self._add(signal, unit)
                self._share(signal)
            self._for_each_index(signal)

    def _share(self, signal: Signal) -> None:
        """ "chính quyền số, kinh tế số và xã hội số đều xếp thứ 2": each pillar of the list has the place."""
        last = self.readings[-1] if self.readings else None
        if last is None or last.signal is not signal or self.pillars[1:] == [] or last.component != self.pillars[-1]:
            return
        if EACH_PILLAR.search(self.text[self.pillar_end : signal.start]):
            self.readings += [replace(last, component=pillar) for pillar in self.pillars[:-1]]

    def _for_each_index(self, signal: Signal) -> None:
        """ "các chỉ số PCI, PAPI và SIPAS của tỉnh nằm trong nhóm 10": each index of the list has the place."""
        told = [reading for reading in self.readings if reading.signal is signal]
        if signal.kind not in {"atmost", "level", "same"} or len(self.joined) < 2 or self.clause.component:
            return
        if any(reading.index != self.joined[-1] for reading in told) or not EACH_INDEX.search(self.text[: signal.end]):
            return
        self.readings += [replace(reading, index=index) for index in self.joined[:-1] for reading in told]

    def _doubt(self, signal: Signal, mention: Mention, several: tuple[str, ...]) -> None:
        """Tell that a figure is left out because a word may mean several units; "tỉnh đứng đầu" may be any."""
        figure = any(map(str.isdigit, self.text[signal.start : signal.end]))
        if figure and told_as(self.sentence, signal.start, signal.end):
            doubt("rankings", "entity.ambiguous", mention.name, several, self.sentence.text)

    def _is_of_one(self, signal: Signal) -> bool:
        """Whether a value of the whole index is the only one of its kind after indices that were named together."""
        alike = [other for other in self.signals if other.kind == signal.kind]
        return self.clause.component is None and len(alike) == 1 and self.clause.index in self.rivals

    def _unowned(self, signal: Signal, units: Sequence[Mention]) -> str | None:
        """Why a signal belongs to nobody, or None. What a sentence leaves out may be carried into it, but not all
        at once: it must name the unit, or at least the index, its period or pillar."""
        if self.clause.index is None:
            return "no index is spoken of"
        if not units:
            return "no unit is spoken of"
        if signal.kind in NO_VALUES and all(u.type == "group" and NATIONWIDE.fullmatch(u.name.casefold()) for u in units):
            return "the whole country has no place"
        if signal.kind in SEQUENCES or self.clause.fresh or self.bracket:
            return None
        said = self.clause.named_index or self.clause.named_period or self.clause.component or self.readings
        if not (said or self.context.named_in_block):
            return "neither unit nor index nor year is told in its sentence"
        carried = self.readings or (self.clause.named_index and self.sentence.kind != "title")
        carried = bool(carried) or (signal.kind == "level" and self.clause.component is not None)
        if signal.kind in {"first", "second", "last", "penult", "level"} and not carried:
            return "the unit is not told in its sentence"
        return None

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
        if len(units) == 1 and len(self.joined) == len(signal.values):
            kept = self.clause
            for index, value in zip(self.joined, signal.values, strict=True):
                self.clause = replace(kept, index=index, named_index=True)
                self._add(self._dealt(signal, value), units[0])
            self.clause = kept
            return
        if len(units) == 1 and self.clause.component and len(self.pillars) == len(signal.values):
            kept = self.clause
            for pillar, value in zip(self.pillars, signal.values, strict=True):
                self.clause = replace(kept, component=pillar)
                self._add(self._dealt(signal, value), units[0])
            self.clause = kept
            return
        if len(units) != len(signal.values):
            units = self.row
        if len(units) != len(signal.values) and len(everyone := self._everyone()) == len(signal.values):
            units = everyone
        if len(units) != len(signal.values) and not self.sentence.mentions:
            units = self.context.recent[-len(signal.values) :]  # "Điểm số tương ứng là …": of the units before
        if len(units) != len(signal.values):
            self._note(signal, f"{len(signal.values)} values for {len(units)} units")
            return
        for unit, value in zip(units, signal.values, strict=True):
            self._add(self._dealt(signal, value), unit)

    def _everyone(self) -> list[Mention]:
        """All units that something was read of in this sentence."""
        units = {(r.entity.type, r.entity.name): r.entity for r in self.readings}
        for unit in self.clause.subjects:
            units.setdefault((unit.type, unit.name), unit)
        return list(units.values())

    def _dealt(self, signal: Signal, value: float) -> Signal:
        if signal.kind == "ranks":
            return replace(signal, kind="rank", rank=int(value))
        if signal.kind == "moves":
            return replace(signal, kind="move", places=int(value))
        return replace(signal, kind="change" if signal.kind == "changes" else "score", value=value)

    def _years_before(self, signal: Signal) -> list[str]:
        """Years told in a row before a signal: "hai năm 2015, 2016"."""
        years: list[PeriodSpan] = []
        for period in self.sentence.periods:
            if period.end > signal.start or period.kind != "year":
                continue
            if years and not re.fullmatch(r"(?:,| và|, và) (?:năm )?", self.text[years[-1].end : period.start]):
                years = []
            years.append(period)
        told = [period.period for period in years if period.period]
        return told or self._years_of_stretch(signal)

    def _years_of_stretch(self, signal: Signal) -> list[str]:
        """Each year of the one stretch told before a signal: "giai đoạn 2021-2023 lần lượt xếp thứ 18, 19 và 17"."""
        stretches = [p.period for p in self.sentence.periods if p.kind == "interval" and p.end <= signal.start and p.period]
        if len(stretches) != 1 or not re.fullmatch(r"\d{4}/\d{4}", stretches[0]):
            return []
        first, last = map(int, stretches[0].split("/"))
        return [str(year) for year in range(first, last + 1)] if last - first < _LONGEST_STRETCH else []

    def _add(self, signal: Signal, unit: Mention) -> None:
        if signal.same and KEPT_FOR_YEARS.search(self.text, 0, signal.start):
            signal = replace(signal, same=False)  # "hai năm liên tiếp giữ vị trí thứ 3"
        modality = told_as(self.sentence, signal.start, signal.end)
        if modality is None:
            self._note(signal, f"the sentence says it as {modality_at(self.sentence, signal.start, signal.end)}")
            return
        if self.rivals and self._is_of_one(signal):
            self._note(signal, f"of which of {', '.join(self.rivals)} it is told is open")
            doubt("rankings", "index.ambiguous", " / ".join(self.rivals), self.rivals, self.sentence.text)
            return
        if unit.type == "ministry" and self._is_of_provinces() and not self._is_here(unit):
            self._note(signal, f"{self.clause.index} is not told of a ministry that is named elsewhere")
            return
        said = self.clause.period
        now = said is None or "/" in said or said == self.context.period(self.clause.index)
        if signal.kind == "rank" and self.clause.component is None and now and not self._origin(signal):
            self.context.last_rank, self.context.last_ranked = signal.rank, unit.type
        elif signal.kind in {"first", "second"}:
            self.context.last_rank, self.context.last_ranked = 1 if signal.kind == "first" else 2, unit.type
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
        elif period is not None and modality == "actual" and self._leads_on(signal):
            period = self._origin(signal)
        if self.clause.named_period and modality == "actual" and period:
            self._newest(index, period)
        if modality == "target" and period is not None and not self._is_due(period) and not self._is_aimed_at(period):
            period = None  # an aim is not for a year gone by: the year told belongs to what was reached
        self.context.recent = [u for u in self.context.recent[-9:] if u.name != unit.name] + [unit]
        self.context.indices[unit.name] = self.context.indices[unit.type] = index
        self.readings.append(
            Reading(
                unit,
                signal,
                index,
                self.clause.component,
                period,
                self.clause.compared_to,
                modality,
                self.sentence.start + low,
                self.sentence.start + high,
                self.clause.number,
            )
        )
        self._level_of_list(signal, unit)

    def _is_due(self, period: str | None) -> bool:
        """Whether a year is that of publication or later, so that a heading's aim is for it."""
        year = period_year(period)
        return year is None or self.context.published_year is None or year >= self.context.published_year

    def _is_aimed_at(self, period: str) -> bool:
        """Whether the sentence opens with the index of last year, not yet measured, as what is aimed at: "Với PAR INDEX
        năm 2021, tỉnh đặt mục tiêu …"."""
        if period_year(period) != (self.context.published_year or 0) - 1 or not AIMED_AT.match(self.text):
            return False
        first = self.sentence.periods[0]
        aims = (cue.start for cue in cues(self.sentence) if cue.modality == "target")
        return first.period == period and any(
            first.end <= at and not FIGURE.search(self.text, first.end, at) for at in aims
        )

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
        known = self.context.indices.get(unit.name) or self.context.indices.get(unit.type)
        if known is None or (self.clause.component and known not in owners(self.clause.component, self.clause.index)):
            return self.clause.index
        return known

    def _origin(self, signal: Signal) -> str | None:
        """ "từ hạng 47 lên hạng 13": the first is that of the year compared to."""
        if signal.kind in {"rank", "first", "second", "last", "penult", "score", "level"} and FROM.search(
            self.text, max(0, signal.start - 24), signal.start
        ):
            known = self.clause.compared_to or next(
                (self._resolved(p) for p in self.sentence.periods if compared(self.sentence, p)), None
            )
            return known or previous(self.clause.period or self.context.period(self.clause.index))
        return None

    def _leads_on(self, signal: Signal) -> bool:
        """Whether the place is the first of a move whose years are not told: "năm 2021 … từ hạng 20 xuống hạng 29"."""
        alike = {"score"} if signal.kind == "score" else {"rank", "first", "second", "last"}
        to = next((s for s in self.signals if s.start >= signal.end and s.kind in alike), None)
        if signal.kind not in {"rank", "score"} or to is None or not LEADS_ON.fullmatch(self.text, signal.end, to.start):
            return False
        dated = [p for p in self.sentence.periods if signal.end <= p.start <= to.end + DATED_WITHIN]
        dates = all(p.start >= to.end and p.period == self.clause.period for p in dated)
        return dates and not STILL.search(self.text, 0, signal.start)

    def _newest(self, index: str, period: str) -> None:
        """The latest year told with an index is the one spoken of next."""
        year = self.context.published_year
        known = self.context.periods.get(index) or self.context.main or ""
        if "/" not in period and period > known and not (year and int(period[:4]) > year):
            self.context.periods[index] = period
