"""Which index, pillar and period a sentence speaks of at a place."""

from __future__ import annotations

import re
from dataclasses import replace

from extractors.context import ANNOUNCED, compared, reported_period
from extractors.indices import IndexSpan
from extractors.modality import cues, modality_at
from extractors.reader.clauses import Reading
from extractors.reader.patterns import (
    COMPARED_PLACE,
    FIGURE,
    HEADS_RESULTS,
    INDEX_JOINT,
    LEADS,
    ON,
    PILLAR_JOINT,
    SINCE,
    STREAK,
    TRAILING,
    VALUE_FOLLOWS,
    YEAR_JOINED,
)
from extractors.reader.state import State
from extractors.values import PeriodSpan, shift

# Between two indices named together: "PCI và PAPI", "PAR INDEX, chỉ số SIPAS"
TOGETHER = re.compile(r"(?: \([^()]*\))?(?: ?,| và|, và|/| hoặc| hay)\s?(?:chỉ số |bộ chỉ số )?")
LED_BY_YEAR = re.compile(r",? (?:tỉnh |ubnd )?[\ue001-\ue00a]")
# What holds for each of them, or tells one value for each
SHARED = re.compile(r"(?<!\w)(?:cả|đều|cùng|lần lượt|tương ứng|mỗi|hai|ba|các|riêng)(?!\w)")


class Topics(State):
    """Indices, pillars and periods as they come."""

    def _index(self, span: IndexSpan) -> None:
        code = self._code(span)
        last, self.last_index = self.last_index, (span, code)
        joined = last and TOGETHER.fullmatch(self.text, last[0].end, span.start)
        rivals = (*(self.rivals or (last[1],)), code) if joined and last and last[1] != code else ()
        self.joined = (*(self.joined or (last[1],)), code) if joined and last and last[1] != code else ()
        self.rivals = () if self._both(rivals, span) else rivals
        if self.trailing and last and self._goes_on(last[0], span):
            self.readings += [replace(self.readings[number], index=code) for number in self.trailing]
            self.several = True
        else:
            self.trailing = self._backfill_index(code, span)
        owned = re.search(r"(?:của|thuộc|trong) $", self.text[: span.start])
        self.clause.component = self.clause.component if owned and self.clause.index == code else None
        self.clause.index, self.clause.named_index = code, True
        self.context.named_in_block = True
        self._hear_index(span)

    def _goes_on(self, last: IndexSpan, span: IndexSpan) -> bool:
        """Whether an index is told of beside the last one, with nothing said of it alone."""
        return bool(INDEX_JOINT.fullmatch(self.text, last.end, span.start)) and not ON.match(self.text, span.end)

    def _both(self, rivals: tuple[str, ...], span: IndexSpan) -> bool:
        """Whether indices named together are both meant by what is told: "cả PCI và PAPI", "PCI và PAPI đều", or
        where the value stands before them."""
        if not rivals:
            return False
        told = any(signal.end <= span.start for signal in self.signals) and bool(self.readings)
        return told or SHARED.search(self.text) is not None

    def _code(self, span: IndexSpan) -> str:
        if self.clause.index in span.codes:
            return str(self.clause.index)
        if self.context.index in span.codes:
            return str(self.context.index)
        return span.codes[0]

    def _hear_index(self, span: IndexSpan) -> None:
        self.context.hear_index(self.sentence, span)
        self.context.index = span.codes[0]
        self.context.named_in_block = True

    def _backfill_index(self, code: str, span: IndexSpan) -> list[int]:
        """ "xếp hạng 15 về PAR INDEX", "tăng 8 bậc PCI": the index told after its reading; the numbers of those."""
        changed = []
        done = max(self.trailing, default=-1)  # "xếp thứ 5 PCI, thứ 6 PAR INDEX": what goes before the index last told
        for number in range(len(self.readings) - 1, done, -1):
            reading = self.readings[number]
            gap = self.flat[reading.end - self.sentence.start : span.start]
            named = self.clause.named_index and reading.clause == self.clause.number and done < 0
            if named or not re.fullmatch(
                r"[^,;.()]{0,60}?(?:(?:về|trong|ở|của|theo|trên|bảng|tại)(?: \w+){0,4})? ?", gap
            ):
                break
            told = reported_period(self.sentence, span, self.context.published_year)
            moved = self.clause.named_period or reading.modality != "actual" or self._is_origin(reading)
            period = reading.period if moved or told is None else told
            self.readings[number] = replace(reading, index=code, period=period)
            changed.append(number)
        if not self.clause.named_index:
            self.clause.index = code
        return changed

    def _component(self, span: IndexSpan) -> None:
        if self.clause.index not in span.codes and (code := self._owner_of(span) or self._back_to(span)):
            self.clause.index = code
        if self.clause.index not in span.codes and not self._is_in_list(span):
            return
        words = span.long or self.sentence.text[span.start : span.end].lower()
        goes_on = self.pillars and PILLAR_JOINT.fullmatch(self.text[self.pillar_end : span.start])
        self.pillars = [*self.pillars, words] if goes_on else [words]
        gap_readings = [
            r for r in self.readings
            if r.clause == self.clause.number and (r.component is None or (self.pillars_trail and r is self.readings[-1]))
        ]  # fmt: skip
        if gap_readings:
            last = gap_readings[-1]
            gap = self.text[last.end - self.sentence.start : span.start]
            if re.fullmatch(
                r" (?:về|ở|trong|tại|đối với)(?: \w+){0,3}? ?(?:chỉ số |trụ cột |nội dung |thành phần |lĩnh vực )*[\"']?| trụ cột [\"']?",
                gap,
            ):
                self.readings[self.readings.index(last)] = replace(last, component=words)
                self.pillars_trail = True
        self.pillar_end = span.end
        self.clause.component = words
        self.context.component = words

    def _is_in_list(self, span: IndexSpan) -> bool:
        """Whether a name that the lookup has under another index stands in a list of this one's pillars and values."""
        heads = self.pillar_end >= 0 and self.text[: span.start].endswith("; ")
        return heads and VALUE_FOLLOWS.match(self.text, span.end) is not None

    def _owner_of(self, component: IndexSpan) -> str | None:
        """ "cải cách tài chính công của Chỉ số CCHC": the index named after its pillar."""
        for span in self.sentence.indices:
            if span.kind == "index" and re.fullmatch(r" (?:của|thuộc|trong) ", self.text[component.end : span.start]):
                return next((code for code in span.codes if code in component.codes), None)
        return None

    def _back_to(self, component: IndexSpan) -> str | None:
        """The article's main index, where a sentence that names none tells of a pillar that is its alone."""
        main = self.context.main_index
        named = any(span.kind == "index" for span in self.sentence.indices)
        return main if component.codes == (main,) and not named else None

    def _period(self, period: PeriodSpan) -> None:
        if ANNOUNCED.search(self.text, max(0, period.start - 20), period.start):
            return
        value = self._resolved(period)
        aimed = modality_at(self.sentence, period.start, period.end) == "target"
        if period.kind in {"month", "quarter"} and period.offset and aimed:
            value = shift(value, -period.offset)
        if period.kind == "relative" and period.offset == 0 and self._leads_aim(period):
            value = period.period  # an aim of "năm nay" is for the year of publication, whatever year was reported
        self.context.then = value
        if compared(self.sentence, period):
            self.clause.compared_to = value
            self._compare(value)
            return
        if value is None:
            return
        before = self.text[: period.start]
        last = self.readings[-1] if self.readings else None
        if (streak := self._streak_since(period, value)) is not None:
            value = streak
            if last and last.clause == self.clause.number and not self.stack:
                self._date(value)
                return
        leads = LEADS.match(self.text, period.end) is not None
        if last and not leads and TRAILING.fullmatch(before[last.end - self.sentence.start :]):
            self._date(value)
            self._streak(period)
            if self.stack or self._is_origin(self.readings[-1]):
                return
            self.clause.period = value
            return
        self.clause.period, self.clause.named_period = value, True
        if (
            HEADS_RESULTS.search(before)
            and not self.stack
            and modality_at(self.sentence, period.start, period.end) == "actual"
        ):
            self.context.block_period = value

    def _leads_aim(self, period: PeriodSpan) -> bool:
        """Whether a period stands before an aim with no figure between them: "Năm nay, tỉnh phấn đấu …"."""
        aims = (cue.start for cue in cues(self.sentence) if cue.modality == "target")
        return any(period.end <= at and not FIGURE.search(self.text, period.end, at) for at in aims)

    def _streak_since(self, period: PeriodSpan, value: str) -> str | None:
        """ "16 năm liên tiếp trong tốp 5, từ năm 2008 tới nay": a streak lasts until the year spoken of."""
        last = self.context.period(self.clause.index)
        if period.kind != "year" or not SINCE.search(self.text, 0, period.start) or not STREAK.search(self.text):
            return None
        return f"{value}/{last[:4]}" if last and value < last[:4] else None

    def _date(self, value: str) -> None:
        """Give a period to the last reading, and to those before it in its clause that have none of their own."""
        last = self.readings[-1]
        only = COMPARED_PLACE.search(self.text, 0, last.signal.start) is not None
        if only:
            self._compare(value)
        alone = only or self.clause.named_period or self._is_origin(last)
        for number in range(len(self.readings) - 1, -1, -1):
            reading = self.readings[number]
            alike = (reading.entity.name, reading.index, reading.clause) == (last.entity.name, last.index, last.clause)
            first = number == len(self.readings) - 1
            if not first and (
                alone or not alike or number in self.dated or reading.period != last.period or self._is_origin(reading)
            ):
                break
            self.readings[number] = replace(reading, period=value)
            self.dated.add(number)
        self._newest(last.index, value)

    def _is_origin(self, reading: Reading) -> bool:
        return self._origin(reading.signal) is not None

    def _streak(self, period: PeriodSpan) -> None:
        """ "(năm 2020 và năm 2021)": years named one by one are one fact each."""
        last, end = self.readings[-1], period.end
        for later in self.sentence.periods:
            if later.start <= period.end:
                continue
            if later.period is None or not YEAR_JOINED.fullmatch(self.text, end, later.start):
                break
            if LED_BY_YEAR.match(self.text, later.end):
                break  # "hạng 30 năm 2020, năm 2021 Long An …": the later year begins what follows
            self.readings.append(replace(last, period=later.period))
            end = later.end

    def _compare(self, value: str | None) -> None:
        for number, reading in enumerate(self.readings):
            here = reading.clause == self.clause.number and reading.compared_to is None
            if here and reading.signal.kind in {"move", "same", "change"}:
                self.readings[number] = replace(reading, compared_to=value)
