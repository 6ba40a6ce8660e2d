"""The walk over one sentence, from left to right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

from extractors.context import compared, names_index
from extractors.decisions import doubt
from extractors.facts.ratings import level_counts, rating_of
from extractors.indices import IndexSpan, below
from extractors.mentions import Mention
from extractors.reader.clauses import Event, Reading, mask_of
from extractors.reader.patterns import (
    AHEAD,
    ANNOUNCED_WITH,
    BLOCK,
    BLOCK_IS,
    COUNTED_ONE,
    ENUMERATES,
    ITEM,
    NOW,
    OTHER_RANKED,
    PILLAR,
    PILLAR_ON,
    PLACES,
    PROVINCIAL,
    REGION,
    ROSE,
    SATISFIED,
    SO_FAR,
    SOMEONE,
    STREAK_OF_YEARS,
    SUBJECTS,
    THAT_IS,
    THEN,
    THESE,
    THIS_INDEX,
    TURN,
    WE,
    YEAR_JOINT,
)
from extractors.reader.units import Units
from extractors.rules import FILLER
from extractors.signals import Signal, find_signals, may_tell
from extractors.values import PeriodSpan, whole_number


class Reader(Units):
    """Reads one sentence; the context is updated as it goes."""

    def read(self) -> list[Reading]:
        if not self.context.level and not may_tell(self.sentence.folded):
            self._only_listen()
            return self.readings
        counted = [match.span() for _, match in level_counts(self.text)]
        signals = [
            s for s in find_signals(self.text)
            if s.kind != "level" or not any(a < s.end and s.start < b for a, b in counted)
        ]  # fmt: skip
        self.signals = signals
        if counted:
            self._dates_counts()
        if self.context.level and (listed := THAT_IS.match(self.text)):
            self._level_named(self.context.level, listed.end())
        if counted or not ITEM.match(self.text):
            self.context.level = None
        if not signals:
            self._only_listen()
            self._named_after_counts()
            return self.readings
        self._ahead()
        events = self._events(signals)
        for number, event in enumerate(events):
            self._step(event, events[number + 1 :])
        self._flush()
        self._close()
        self._named_after_counts()
        self._told_of_each_year()
        self._told_of_each_block()
        self.readings = [fitting for reading in self.readings if (fitting := self._of_its_level(reading))]
        return self.readings

    def _of_its_level(self, reading: Reading) -> Reading | None:
        """A department or district has no place in an index of provinces: "chỉ số năng lực cạnh tranh" is then the one
        of its level; under a name that is the provinces' alone ("PCI") which index is meant is open."""
        lower = below().get(reading.index)
        if lower is None or reading.entity.type not in {"department", "district", "commune"}:
            return reading
        names = [self.sentence.folded[s.start : s.end] for s in self.sentence.indices if reading.index in s.codes]
        if lower != "OTHER" and names and not any(PROVINCIAL.search(name) for name in names):
            return replace(reading, index=lower)
        self._note(reading.signal, f"{reading.index} ranks provinces")
        doubt("rankings", "index.ambiguous", reading.index, (reading.index, lower), self.sentence.text)
        return None

    def _ahead(self) -> None:
        """ "Sau khi tụt từ hạng 49 xuống hạng 53, Phú Yên …": what a clause before its unit tells is told of that unit."""
        clause = AHEAD.match(self.text)
        unit = next((m for m in self.sentence.mentions if m.start == clause.end()), None) if clause else None
        resolved = self.context.resolve(unit) if unit and unit.type in SUBJECTS and self._role(unit) == "subject" else None
        if resolved is not None:
            self.clause.subjects, self.clause.fresh = [replace(resolved, start=0, end=0)], True

    def _dates_counts(self) -> None:
        """The one period with which levels are counted is that of the places told next."""
        told = [p for p in self.sentence.periods if p.kind in {"year", "month", "quarter"} and p.period]
        index = self.clause.index or self.context.index
        if len(told) == 1 and told[0].period and index and not compared(self.sentence, told[0]):
            self._newest(index, told[0].period)

    def _told_of_each_year(self) -> None:
        """ "3 năm liền (2019, 2020, 2021) dẫn đầu": a place told for years named one by one is told for each."""
        for streak in STREAK_OF_YEARS.finditer(self.text):
            years: list[PeriodSpan] = []
            for period in self.sentence.periods:
                at = years[-1].end if years else streak.end()
                follows = YEAR_JOINT.fullmatch(self.text, at, period.start) if years else period.start == at
                if follows and period.kind == "year":
                    years.append(period)
            named = [year.period for year in years if year.period]
            if len(named) != whole_number(streak["n"]):
                continue
            told = [r for r in self.readings if r.period in named and r.modality == "actual" and r.signal.places is None]
            signals = {reading.signal for reading in told}
            if len(signals) != 1:
                continue  # which of several places was kept is open
            first = {(r.entity.name, r.index, r.component): r for r in reversed(told)}
            others = [reading for reading in self.readings if reading not in told]
            self.readings = [*others, *(replace(r, period=year) for r in first.values() for year in named)]


    def _told_of_each_block(self) -> None:
        """ "Dẫn đầu khối địa phương là A; khối sở, ngành là B": the place told before is B's in his block."""
        for match in BLOCK_IS.finditer(self.text):
            told = [r for r in self.readings if r.signal.kind in PLACES and r.signal.end <= match.start()]
            unit = next((m for m in self.sentence.mentions if m.start == match.end() and m.kind == "name"), None)
            if unit and told and told[-1].entity.type != unit.type and all(r.entity != unit for r in self.readings):
                end = self.sentence.start + unit.end
                self.readings.append(replace(told[-1], entity=unit, end=max(told[-1].end, end)))

    def numbered(self, place: int) -> None:
        """The unit that an item of a numbered ranking begins with has the item's number as its place."""
        first = next((m for m in self.sentence.mentions if m.type in SUBJECTS and m.kind == "name"), None)
        unit = self.context.resolve(first) if first else None
        if first is None or unit is None or any(r.signal.kind in PLACES for r in self.readings):
            return
        self.clause.fresh = True
        self._take(Signal(first.start, first.end, "rank", "rank.place", rank=place), [unit])

    def _level_named(self, rating: str, at: int) -> None:
        """ "Loại C: 4 đơn vị. Đó là các xã A, B": the units of the next sentence."""
        first = next((m for m in self.sentence.mentions if m.start == at and m.type in SUBJECTS), None)
        if first and (unit := self.context.resolve(first)):
            signal = Signal(0, at, "level", "rating.level_first", rating=rating)
            for each in self._listed(unit):
                self._add(signal, each)

    def _named_after_counts(self) -> None:
        """ "2 đơn vị loại khá (A, B)", "gồm A, B": a counted level goes to the units named after it; one that
        heads a list ("Loại tốt: 3 đơn vị, gồm:") goes to the units of the list."""
        counts = level_counts(self.text)
        for rule, match in counts:
            rating = rating_of(match)
            after = ENUMERATES.match(self.text, match.end())
            first = after and next((m for m in self.sentence.mentions if m.start == after.end()), None)
            if first and first.type in SUBJECTS and (unit := self.context.resolve(first)):
                signal = Signal(match.start(), match.end(), "level", rule.id, rating=rating)
                for each in self._listed(unit):
                    self._add(signal, each)
            if self.last_unit and re.fullmatch(
                r", (?:là )?một trong(?: số)? ", self.text[self.last_unit.end : match.start()]
            ):
                self._add(Signal(match.start(), match.end(), "level", rule.id, rating=rating), self.last_unit)
            alone = len(counts) == 1 and rule.gives.get("count") != 0
            if self.text.rstrip().endswith(":") or (alone and match.end() >= len(self.text.rstrip(" ."))):
                self.context.level = rating

    def _events(self, signals: Sequence[Signal]) -> list[Event]:
        events = [Event(s.start, s.end, "signal", s) for s in signals]
        taken = [(s.start, s.end) for s in signals]
        behind = [(s.start, s.end) for s in signals if s.kind == "next"]  # "xếp sau Hà Nội là": he is not meant
        events += [
            Event(m.start, m.end, "unit", m)
            for m in self.sentence.mentions
            if not any(a < m.start and m.end <= b for a, b in behind)
        ]
        events += [
            Event(i.start, i.end, "index" if i.kind == "weak" else i.kind, i)
            for i in self.sentence.indices
            if (i.kind != "weak" or names_index(self.sentence, i) or self._is_its_measure(i))
            and not any(a <= i.start and i.end <= b for a, b in taken)
        ]
        events += [Event(p.start, p.end, "period", p) for p in self.sentence.periods if p.kind != "date"]
        events += [Event(m.start(), m.end(), "these", m.group(1)) for m in THESE.finditer(self.sentence.folded)]
        events += [Event(m.start(), m.end(), "we") for m in WE.finditer(self.text)]
        events += [Event(m.start(), m.end(), "someone") for m in SOMEONE.finditer(self.text)]
        events += [Event(m.end(), m.end(), "someone") for m in OTHER_RANKED.finditer(self.text)]
        events += [Event(m.start(), m.end(), "region") for m in REGION.finditer(self.text)]
        events += [Event(m.start(), m.end(), "this index") for m in THIS_INDEX.finditer(self.text)]
        if self.context.main_index == "SIPAS":
            events += [Event(m.start(), m.end(), "satisfied") for m in SATISFIED.finditer(self.sentence.folded)]
        if self.then and (then := THEN.match(self.text)):
            events.append(Event(then.start(), then.end(), "then", self.then))
        events += self._blocks_of_units() + self._pillars(events)
        events += [Event(m.start(), m.end(), "turn", m.group()) for m in TURN.finditer(self.text)]
        if self.sentence.kind == "title":
            events += [Event(m.start(), m.end(), "colon") for m in re.finditer(":", self.text)]
        events += [Event(m.start(), m.end(), "now") for m in NOW.finditer(self.text)]
        events += [Event(m.end(), m.end(), "now") for m in ROSE.finditer(self.text)]
        events += [
            Event(m.start(), m.end(), "open" if m.group() == "(" else "close") for m in re.finditer(r"[()]", self.text)
        ]
        return sorted(events, key=lambda event: (event.start, event.kind != "turn"))

    def _step(self, event: Event, rest: Sequence[Event]) -> None:
        item = event.item
        if isinstance(item, Mention):
            self._unit(item)
        elif isinstance(item, Signal):
            self._signal(item, rest)
        elif isinstance(item, PeriodSpan):
            self._period(item)
        elif isinstance(item, IndexSpan):
            (self._component if event.kind == "component" else self._index)(item)
        else:
            self._marks[event.kind](self, event)

    def _now(self, event: Event) -> None:
        if not SO_FAR.search(self.text, 0, event.start):
            self.clause.period = None

    def _we(self, event: Event) -> None:
        if self.context.topic:
            self._new_subject(self.context.topic)

    def _someone(self, event: Event) -> None:
        """What is said from here on is said of nobody that is ranked, up to the next semicolon."""
        self.left = self.clause.subjects or self.left
        self.clause.subjects, self.clause.fresh = [], False

    def _region(self, event: Event) -> None:
        known = self.context.region
        self.clause.subjects, self.clause.fresh = ([known], True) if known else ([], False)

    def _this_index(self, event: Event) -> None:
        self.clause.named_index = True

    def _satisfied(self, event: Event) -> None:
        if self.clause.index == "SIPAS":
            self.clause.named_index, self.clause.component = True, None

    def _then(self, event: Event) -> None:
        self.clause.period, self.clause.named_period = str(event.item), True

    def _pillar(self, event: Event) -> None:
        self.clause.component = self.context.component = str(event.item)
        self.pillar_end = event.end

    def _these(self, event: Event) -> None:
        number = whole_number(str(event.item)) or 0
        if 2 <= number <= len(self.context.recent):
            self.clause.subjects, self.clause.fresh = self.context.recent[-number:], True

    def _colon(self, event: Event) -> None:
        self.clause.fresh = False  # "DDCI Quảng Ninh: …" in a headline tells where, not who

    def _blocks_of_units(self) -> list[Event]:
        """ "khối vụ, thanh tra, văn phòng (10 đơn vị)": a set that is named by "khối" alone."""
        found = []
        for match in BLOCK.finditer(self.text):
            if not any(m.start < match.end() and match.start() < m.end for m in self.sentence.mentions):
                name = self.sentence.text[match.start("name") : match.end("name")]
                group = Mention(match.start(), match.end("name"), "group", f"khối {name}", None, "set", True)
                found.append(Event(group.start, group.end, "unit", group))
        return found

    def _pillars(self, events: Sequence[Event]) -> list[Event]:
        """ "yếu tố công chức đạt 86,75%": a pillar that no lookup knows, after a word that says so."""
        taken = [(e.start, e.end) for e in events if e.kind in {"component", "index", "unit", "signal"}]
        told = [*PILLAR.finditer(self.text), *(PILLAR_ON.finditer(self.text) if " về " in self.text else ())]
        return [
            Event(m.start("name"), m.end("name"), "pillar", self.sentence.text[m.start("name") : m.end("name")].lower())
            for m in told
            if not any(a < m.end("name") and m.start("name") < b for a, b in taken)
        ]

    def _is_its_measure(self, span: IndexSpan) -> bool:
        """ "Mức độ hài lòng của người dân đối với …" in an article on SIPAS is its value."""
        measured = self.sentence.folded.startswith(("mức độ", "tỷ lệ", "tỉ lệ"), span.start)
        return measured and span.codes[0] == self.context.main_index

    def _only_listen(self) -> None:
        for mention in self.sentence.mentions:
            if mention.kind == "name" and mention.type in SUBJECTS:
                self.context.heard(mention)
                if mention.type not in {"group", "organisation"} and self._role(mention) == "subject":
                    self.context.subject = mention
        for span in self.sentence.indices:
            if span.kind == "index" or names_index(self.sentence, span):
                self._hear_index(span)
        self._hear_first()

    def _hear_first(self) -> None:
        """After "công bố PAR INDEX và SIPAS năm 2023" what is told next is of the first: the other is named when its turn
        comes."""
        named = [span for span in self.sentence.indices if span.kind == "index"]
        pairs = [(a, b) for a, b in pairwise(named) if a.codes[0] != b.codes[0]]
        if pairs and all(ANNOUNCED_WITH.fullmatch(self.text, a.end, b.start) for a, b in pairs):
            self.context.index = named[0].codes[0]

    def _close(self) -> None:
        if self.clause.fresh and self.clause.subjects:
            first = self.readings[0].entity if self.readings else self.clause.subjects[0]
            self.context.subject = first if first.type != "group" else self.context.subject
        if self.clause.index:
            self.context.index = self.clause.index

    def _turn(self, event: Event) -> None:
        self._flush()
        self.clause = replace(self.clause, number=self.clause.number + 1, compared_to=None)
        self.sequence = None
        if len(self.trailing) > 0 and self.several:
            self.clause.index, self.several = self.context.main_index, False
        if event.item == ";":
            self.clause.named_period = self.clause.named_index = False
            if self.left and not self.clause.subjects:
                self.clause.subjects, self.left = self.left, []
            self.average = bool(
                self.average and re.match(r";? (?:còn )?(?:của|khối|ở khối) ", self.text[event.start :])
            )

    def _open(self, event: Event) -> None:
        self.stack.append(self.clause)
        before = self.text[: event.start].rstrip()
        self.clause = replace(self.clause, number=self.clause.number, named_period=False)
        if self.mean is not None and self.mean.end == len(before):
            self.clause.subjects, self.clause.fresh, self.average = [self.mean], True, True
        self.bracket = self.last_unit if self.last_unit and before.endswith((FILLER, mask_of(self.last_unit))) else None
        if self.bracket is not None and self._last_end() != len(before):
            self.bracket = None
        if self.bracket is None and self.clause.component and re.search(r"[);]", self.text[self.pillar_end : event.start]):
            self.clause.subjects, self.clause.fresh = [], False  # "…; chất lượng phục vụ (thứ 4)": of no known pillar
        # "so với năm 2018 (42,10 điểm, hạng 56/63)": the bracket speaks of that year; "(từ hạng 47 lên 13)" of both
        moves = self.text.startswith("từ ", event.end)
        for period in self.sentence.periods:
            if not moves and period.end == len(before) and period.period and period.kind != "date":
                self.clause.period = self._resolved(period)

    def _shut(self, event: Event) -> None:
        """What a bracket speaks of ends with it, but for an index that is all it holds: "sự hài lòng (SIPAS)"."""
        if not self.stack:
            return
        inner, self.clause, self.bracket = self.clause, self.stack.pop(), None
        if self.mean is not None and inner.subjects == [self.mean]:
            self.mean, self.average = None, False
        if self.last_unit is not None and COUNTED_ONE.search(self.text[: event.start]):
            self.clause.subjects, self.clause.fresh = [self.last_unit], True
        if re.search(
            r"\((?:gọi tắt là |viết tắt là |chỉ số )?\ue013\ue000*(?: \ue010\ue000*)?$", self.text[: event.start]
        ):
            self.clause.index, self.clause.component, self.clause.named_index = inner.index, None, True
        if re.search(
            r"(?:liền|liên tiếp|liên tục|kết quả(?: công bố)?(?: gần nhất| mới nhất)?|kỳ gần nhất) ?\(\ue010\ue000*$", self.text[: event.start]
        ):
            self.clause.period, self.clause.named_period = inner.period, True  # "4 năm liền (2020 - 2023)"

    def _last_end(self) -> int:
        return self.last_unit.end if self.last_unit else -1

    _marks: ClassVar[dict[str, Callable[[Reader, Event], None]]] = {
        "now": _now, "we": _we, "someone": _someone, "region": _region, "this index": _this_index, "satisfied": _satisfied, "then": _then, "pillar": _pillar, "these": _these, "turn": _turn,
        "colon": _colon, "open": _open, "close": _shut,
    }  # fmt: skip
