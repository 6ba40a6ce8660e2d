"""To whom a signal belongs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extractors.facts.ratings import level_counts
from extractors.indices import IndexSpan
from extractors.mentions import Mention
from extractors.modality import modality_at
from extractors.reader.clauses import Event
from extractors.reader.patterns import (
    ABOUT,
    ALL,
    AMONG,
    AMONG_OTHERS,
    BESIDE,
    BOUND,
    BY_THOUSAND,
    DASHED,
    EXTREME_BEFORE,
    FOLLOWED,
    FOLLOWED_BY_VALUE,
    FROM,
    FRONTED,
    GENERIC,
    HEADS_ITEM,
    HEADS_OF_LIST,
    IN_RANKING,
    IN_REGION,
    INVERTED,
    OF_AMOUNTS,
    OF_ANOTHER,
    OF_COMPARED,
    OF_REGION,
    ONE_OF_MANY,
    OPENS_CLAUSE,
    PILLAR_AFTER,
    PILLARS_HEAD,
    RISES,
    SAYS,
    SEQUENCES,
    SHARE_OF_COUNTED,
    SHORT_OF,
    SUBJECTS,
    TAIL_OK,
    THAN,
    TURNED,
    UNITLESS,
    YET_RANKED,
)
from extractors.reader.topics import Topics
from extractors.rules import FILLER
from extractors.signals import Signal
from extractors.values import whole_number

# "Giá trị trung bình DTI cấp tỉnh"
_TIER = re.compile(r"cấp (?:tỉnh|bộ|huyện|xã)(?!\w)")


class Giving(Topics):
    """Gives signals to units: to the one before them, or after them where the clause is turned round."""

    def _signal(self, signal: Signal, rest: Sequence[Event]) -> None:
        if signal.kind in {"none", "pillars"}:
            self._of_pillars(signal)
            return
        signal = self._among(signal)
        if signal.kind == "atmost" and (own := self._index_within(signal)):
            self._index(own)
        if signal.kind == "average":
            self._averages(signal)
        elif why := self._refused(signal):
            self._note(signal, why)
        elif signal.kind == "next" or self._is_turned_round(signal, rest):
            self.pending.append(signal)
        elif self.bracket is not None:
            self._take(signal, [self.bracket])
        elif signal.kind == "after":
            self._comes_after(signal)
        elif signal.kind == "row":
            self._row(signal)
        elif self._counts_up(signal) if signal.numbered else not self.clause.fresh and self._is_fronted(signal):
            self.pending.append(signal)
        elif signal.rule == "rank.several_first":
            self._note(signal, "the units that it counts are not told after it")
        elif why := self._unplaced(signal):
            self._note(signal, why)
        else:
            self._take(signal, self._owners(signal))

    def _of_pillars(self, signal: Signal) -> None:
        """ "có hai chỉ số thành phần dẫn đầu cả nước là A và B": the place is in each of those named after it, and in
        the whole index never."""
        head = PILLARS_HEAD.match(self.text, signal.end) if signal.kind == "pillars" else None
        at, kept = head.end() if head else -1, self.clause
        for span in self.sentence.indices:
            if span.start != at or kept.index not in span.codes:
                continue
            self.clause = replace(kept, component=span.long or self.sentence.text[span.start : span.end].lower())
            self._take(replace(signal, kind="first"), kept.subjects)
            joint = PILLAR_AFTER.match(self.text, span.end)
            at = joint.end() if joint else -1
        self.clause = kept

    def _among(self, signal: Signal) -> Signal:
        """A place with the number of those that the clause tells it among: "Trong 13 tỉnh, thành của vùng, tỉnh đứng
        thứ 8"; any other signal as it is."""
        if signal.kind not in AMONG_OTHERS or signal.total is not None:
            return signal
        among = AMONG.search(self.text, 0, signal.start)
        total = int(among["total"]) if among else 0
        return replace(signal, total=total) if total > 1 and (signal.rank or 1) <= total else signal

    def _index_within(self, signal: Signal) -> IndexSpan | None:
        """The index that a place is said to be in: "nhóm 20 tỉnh có Chỉ số PAR INDEX cao nhất"."""
        inside = [i for i in self.sentence.indices if signal.start < i.start and i.end <= signal.end and i.kind == "index"]
        return inside[-1] if inside else None

    def _averages(self, signal: Signal) -> None:
        """From here values are means, of the set or region that stands next to the word."""
        region = self._region_after(signal)
        if region and THAN.search(self.text[: signal.start]):
            # "cao hơn bình quân cả nước 0,9%": how far, of whoever is spoken of; a bracket alone tells the mean itself
            if self.text.startswith(" (", region.end):
                self.mean = region
            return
        self.average = self.averaged = True
        if self.clause.fresh and self.clause.subjects and self.clause.subjects[-1].type == "group":
            return
        near = self.group and self.group.end > signal.start - 45
        if group := self.group if near else self._region_before(signal) or self._region_after(signal) or self._set_before(signal) or self._tier(signal):
            self.clause.subjects, self.clause.fresh = [group], True

    def _refused(self, signal: Signal) -> str | None:
        """Why a signal says nothing of the index, or None."""
        before = self.sentence.folded[: signal.start]
        if signal.kind == "level" and THAN.search(before):
            return "the value is only told to be above or below it"
        if signal.kind == "level" and re.search(r" nào(?: bị| được)?\s*$", self.text[: signal.start]):
            return "it is said of no unit (“… nào”)"
        if signal.kind in {"first", "last"} and GENERIC.search(before) and not INVERTED.match(self.flat[signal.end :]):
            return "it is said of whoever has the place (“địa phương đứng đầu cũng …”)"
        if why := self._shared(signal, before):
            return why
        if signal.kind == "next" and OF_AMOUNTS.search(before):
            return "it goes on with amounts (“nhiều nhất là … với 12 người, kế đến là …”)"
        if signal.kind == "first" and self.clause.fresh and OF_ANOTHER.match(self.text, signal.end):
            return "the place is told as another's (“chiếm vị trí đứng đầu của …”)"
        if signal.kind in {"rank", "first", "second"} and self._is_about_else(signal):
            return "it is a place in something else (“về thu hút đầu tư”)"
        if signal.kind == "score" and before.endswith("so với "):
            return "it is what the value is compared with"
        if signal.kind == "score" and SHORT_OF.search(before):
            return "it is how far the value is from an aim or a mean"
        if signal.kind == "score" and self.average and BOUND.search(before):
            return "it bounds the mean (“trung bình trên 80%”)"
        if signal.kind in {"score", "change", "scores", "changes"} and (self._is_share(signal) or not self._is_score(signal)):
            return "it is no value of the index spoken of: a share, points of something else, or a bound"
        return None

    def _shared(self, signal: Signal, before: str) -> str | None:
        """Why a first or last place is nobody's alone, or None."""
        if signal.kind == "first" and HEADS_OF_LIST.search(before):
            return "it is said of several units (“các tỉnh dẫn đầu là …”)"
        if signal.kind in {"first", "last"} and ONE_OF_MANY.search(before):
            return "it is said of several units (“một trong những tỉnh cao nhất”)"
        if signal.kind in {"first", "last", "penult"} and self._is_of_several(signal):
            return "it is said of several units, of which only one can have the place"
        if signal.kind in {"first", "last"} and self._is_beside_mean(signal):
            return "it is the highest or lowest of all, told beside their mean"
        return None

    def _is_beside_mean(self, signal: Signal) -> bool:
        """ "Giá trị trung bình là 42,4; điểm cao nhất 48,06": whose they are is not told, least of all of who was before."""
        return self.averaged and not self.clause.fresh and not INVERTED.match(self.flat, signal.end)

    def _unplaced(self, signal: Signal) -> str | None:
        """Why a signal that needs a list finds none, or None."""
        if signal.numbered:
            return "the numbers in brackets do not run from 1 in a sentence that ranks"
        if signal.extreme and not self._is_of_told_list(signal):
            return "the highest or lowest is a place only where it is told how many are ranked"
        placed = signal.kind in {"rank", "atmost"} and signal.total is None
        if placed and (OF_REGION.match(self.text, signal.end) or IN_REGION.search(self.text[max(0, signal.start - 200) : signal.start])):
            return "a place within a region is one only where it is told how many are ranked"
        if signal.listed and not any(r.signal.kind in {"rank", "first"} for r in self.readings):
            return "a bare number is a place only after another place in its sentence"
        return None

    def _owners(self, signal: Signal) -> Sequence[Mention]:
        if rival := self._placed_rival(signal):
            return [rival]
        if self.companions and signal.kind in {"level", "atmost"} and self.clause.fresh:
            return [*self.clause.subjects, *self.companions]
        everyone = self._everyone()
        shared = re.search(r"(?<!\w)(?:đều|cùng)\s+$", self.text[: signal.start])
        return everyone if shared and len(everyone) > 1 else self.clause.subjects

    def _placed_rival(self, signal: Signal) -> Mention | None:
        """ "A dẫn đầu, nhỉnh hơn B (90,1%) ở vị trí thứ hai": one that is compared with has the place right behind his
        name where the one spoken of has another."""
        if signal.kind not in {"rank", "first", "second"} or self.aside is None or self.beside != "compared":
            return None
        if self.last_unit is None or OF_COMPARED.fullmatch(self.text, self.aside, signal.start) is None:
            return None
        placed = any(
            r.entity in self.clause.subjects and r.signal.kind in {"rank", "first", "second"}
            and r.component == self.clause.component and r.period == (self.clause.period or r.period)
            for r in self.readings
        )  # fmt: skip
        return self.last_unit if placed else None

    def _comes_after(self, signal: Signal) -> None:
        """ "X ở vị trí kế tiếp", "X và Y lần lượt giữ hai vị trí tiếp theo": the places after the one told last."""
        if self.context.last_rank is None or not self.last_unit or not self._is_of_last_list(self.last_unit):
            self._note(signal, "after which place is not told")
            return
        several = re.search(r"(?:hai|ba|các) (?:vị trí|nấc)|lần lượt", self.text[signal.start : signal.end])
        units = self.row if len(self.row) > 1 and self.row[-1] == self.last_unit else [self.last_unit]
        if len(units) > 1 and not several and not self._falls(units):
            self._note(signal, "in which order the units stand is not told")
            return
        first = self.context.last_rank + 1
        for step, unit in enumerate(units):
            self._take(replace(signal, kind="rank", rank=first + step), [unit])

    def _is_of_last_list(self, unit: Mention) -> bool:
        """Whether a unit can stand in the list in which the last place was told: no district follows a department."""
        kinds = {self.context.last_ranked, unit.type}
        return len(kinds) == 1 or bool(kinds & {None, "organisation", "group"})

    def _falls(self, units: Sequence[Mention]) -> bool:
        """Whether each unit has a lower value than the one before it: "A (17,4 điểm) và B (17,2 điểm) đứng ngay sau"."""
        values = [r.signal.value for unit in units for r in self.readings if r.entity == unit and r.signal.kind == "score"]
        told = [value for value in values if value is not None]
        return len(told) == len(units) and all(a > b for a, b in pairwise(told))

    def _row(self, signal: Signal) -> None:
        """ "A 89%, B 88%, là hai địa phương đứng đầu theo thứ tự đó": the places of the units told before."""
        units = self._everyone()
        if signal.most != len(units):
            self._note(signal, f"{signal.most} places for {len(units)} units")
            return
        for place, unit in enumerate(units, start=1):
            told = replace(signal, kind="rank", rank=place) if signal.listed else replace(signal, kind="atmost")
            self._take(replace(told, listed=False), [unit])

    def _counts_up(self, signal: Signal) -> bool:
        """Whether "(1) A …, (2) B …" tells places: the numbers run from 1 and the sentence ranks by them."""
        numbers = [s.rank for s in self.signals if s.numbered]
        heads = re.search(r"xếp|hạng|thứ tự|dẫn đầu|cao nhất|tốp|điểm", self.text)
        return len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1)) and heads is not None

    def _is_of_told_list(self, signal: Signal) -> bool:
        """The highest or lowest of a list is a place only where it is told how many the list has."""
        unit = self.clause.subjects[-1] if self.clause.fresh and self.clause.subjects else None
        if unit is None:
            return False
        here = any(r.signal.total and r.entity.type == unit.type for r in self.readings)
        return here or signal.total is not None or unit.type in self.context.totals

    def _region_after(self, signal: Signal) -> Mention | None:
        for mention in self.sentence.mentions:
            if mention.type != "group" or not 0 <= mention.start - signal.end <= 40:
                continue
            if not re.search(r"[;\d]", self.text[signal.end : mention.start]):
                return mention
        return None

    def _region_before(self, signal: Signal) -> Mention | None:
        """ "Vùng Đông Nam Bộ có giá trị trung bình cao nhất": the region whose mean is told."""
        regions = (m for m in self.sentence.mentions if m.type == "group" and m.kind == "name")
        return next((m for m in regions if re.fullmatch(r" (?:có|đạt|với) ", self.text[m.end : signal.start])), None)

    def _tier(self, signal: Signal) -> Mention | None:
        """ "Giá trị trung bình DTI cấp tỉnh": the set that an index's own name ends with."""
        span = next((i for i in self.sentence.indices if 0 <= i.start - signal.end <= 5), None)
        named = span and _TIER.search(self.sentence.folded, span.start, span.end + 9)
        return Mention(named.start(), named.end(), "group", named.group(), None, "set", True) if named else None

    def _set_before(self, signal: Signal) -> Mention | None:
        """ "Chỉ số CCHC của 17 bộ, cơ quan ngang bộ đạt giá trị trung bình …": the set named last, of which it is told."""
        before = [m for m in self.sentence.mentions if m.end <= signal.start]
        if not before or before[-1].kind != "set" or not self.text[: before[-1].start].endswith("của "):
            return None
        after = self.text[signal.end : signal.end + 12]
        return None if re.match(r" (?:chung )?(?:của|toàn|cả) ", after) else before[-1]

    def _is_turned_round(self, signal: Signal, rest: Sequence[Event]) -> bool:
        if signal.kind not in TURNED:
            return False
        if signal.kind == "level" and not re.match(
            r"[^,;.()\ue001-\ue00a]{0,12}(?:gồm|là|có|:)", self.text[signal.end :]
        ):
            return False
        after = self.flat[signal.end :]
        if signal.kind == "atmost" and re.match(r"[^,;.()\ue001-\ue00a]{0,40}, (?:bao )?gồm(?: có)? ?:? ", after):
            return True
        dashed = DASHED.match(after) is not None and HEADS_ITEM.search(self.text, 0, signal.start) is not None
        if dashed or INVERTED.match(after) or self._is_followed_by_unit(signal):
            return True
        if self.stack and self.bracket is not None:
            return False
        following = [event for event in rest if event.kind in {"signal", "unit"}]
        if (
            following
            and isinstance(following[0].item, Signal)
            and following[0].item.kind in {"rank", "second", "ranks"}
        ):
            gap = self.text[signal.end : following[0].start]
            return bool(re.fullmatch(r"(?:,| và|, và) ", gap)) and bool(INVERTED.match(self.flat[following[0].end :]))
        return False

    def _is_about_else(self, signal: Signal) -> bool:
        """ "xếp thứ 3 cả nước về nỗ lực cắt giảm chi phí": a place in what is neither an index nor one of its pillars."""
        about = ABOUT.match(self.text, signal.end)
        if about is None or IN_RANKING.match(about["what"]):
            return False
        return not any(about.start("what") <= span.start < about.end() for span in self.sentence.indices)

    def _is_of_several(self, signal: Signal) -> bool:
        """ "Hà Nội, Huế và Hải Phòng dẫn đầu cả nước" puts none of them first; "cùng dẫn đầu" does with each."""
        kinds = [unit.type for unit in self.clause.subjects] if self.clause.fresh else []
        if len(kinds) == len(set(kinds)) or self.pending or self.bracket:
            return False
        return not re.search(r"(?<!\w)(?:cùng|đồng|đều|lần lượt)(?!\w)", self.text[max(0, signal.start - 25) : signal.end])

    def _is_followed_by_unit(self, signal: Signal) -> bool:
        """ "Quảng Ninh dẫn đầu; đứng thứ 2 tỉnh Thái Nguyên (90,29%)": the unit of a signal that opens a clause stands
        right after it, and is told with a value or ends the clause."""
        if signal.kind not in {"rank", "second", "last", "penult"} or self.stack:
            return False
        gap = FOLLOWED.match(self.flat, signal.end)
        if gap is None or not OPENS_CLAUSE.search(self.text[: signal.start]):
            return False
        unit = next((m for m in self.sentence.mentions if m.start <= gap.end() < m.end), None)
        if unit is None or unit.kind != "name" or not FOLLOWED_BY_VALUE.match(self.text, unit.end):
            return False
        if gap.group().startswith(",") and (signal.kind not in {"last", "penult"} or self.clause.fresh):
            return False
        last = self.clause.subjects[-1].type if self.clause.subjects else unit.type
        return last == unit.type

    def _is_fronted(self, signal: Signal) -> bool:
        """ "Với 43,21 điểm, Tiền Giang …": the unit follows the comma."""
        if not FRONTED.match(self.text, signal.end):
            return False
        opened = re.search(r"(?:^|[,;] ?|\b)(?:với|đạt|được|sau|từng|vốn)[^,;]{0,50}$", self.text[: signal.start])
        return opened is not None or (signal.kind == "change" and bool(self.pending))

    def _is_share(self, signal: Signal) -> bool:
        """ "05/19 đơn vị xếp loại tốt (26,3%)": how much of the set reached the level; out of a total not told, where no
        unit is spoken of that may have the value."""
        if signal.unit != "percent" or signal.value is None:
            return False
        for _, match in level_counts(self.text):
            if SHARE_OF_COUNTED.fullmatch(self.text, match.end(), signal.start):
                parts = match.groupdict()
                count, total = whole_number(parts.get("count") or ""), whole_number(parts.get("total") or "")
                return abs(signal.value - 100 * count / total) < 1 if count and total else not self.clause.fresh
        return False

    def _is_score(self, signal: Signal) -> bool:
        """Whether a number is a value of the index spoken of, and not a share or points of something else."""
        before, after = self.text[: signal.start], self.text[signal.end :]
        if (
            signal.value is not None
            and abs(signal.value) > 100
            and (signal.unit == "percent" or self.clause.index not in BY_THOUSAND)
        ):
            return False
        if signal.kind in {"change", "scores", "changes"} and not TAIL_OK.match(after):
            return False
        if signal.kind in {"change", "scores", "changes"}:
            return (
                self.clause.named_index
                or self.clause.component is not None
                or bool(self.readings)
                or self.bracket is not None
                or signal.kind in {"scores", "changes"}
                or (self.clause.fresh and (signal.rule == "change.signed" or bool(YET_RANKED.match(after))))
            )
        if not TAIL_OK.match(after):
            return False
        if (
            re.match(r"(?: tổng số điểm)? trở lên", after)
            and modality_at(self.sentence, signal.start, signal.end) != "target"
        ):
            return False
        adjacent = before.rstrip().endswith((FILLER,)) or bool(SAYS.search(before))
        adjacent = adjacent or (self.pillar_end >= 0 and not before[self.pillar_end :].strip(" \"'"))
        regional = bool(self.clause.subjects) and self.clause.subjects[-1].type == "group"
        adjacent = adjacent or (self.average and regional and before.endswith(f"{self.clause.subjects[-1].name.casefold()} "))
        aimed = modality_at(self.sentence, signal.start, signal.end) == "target"
        adjacent = adjacent or (aimed and re.search(r"(?<!\w)(?:ngưỡng|mốc) $", before) is not None)
        adjacent = adjacent or (FROM.search(before) is not None and RISES.match(after) is not None)
        if self.average and self.group is None and not regional:
            return False
        if signal.unit == "points":
            return adjacent
        context = (
            self.clause.named_index
            or self.clause.component is not None
            or bool(self.readings)
            or self.bracket is not None
            or self._rank_follows(signal)
            or "điểm" in self.text[signal.start : signal.end]
            or self.average
            or self._is_beside_unit(signal)
            or self._is_fronted(signal)
            or (self.clause.fresh and EXTREME_BEFORE.search(before) is not None)
        )
        if signal.unit == "bare":
            value = signal.value or 0
            plausible = value < 1 if self.clause.index in UNITLESS else value <= 100
            return adjacent and context and (plausible or "/" in self.text[signal.start : signal.end])
        return adjacent and context

    def _is_beside_unit(self, signal: Signal) -> bool:
        """Nothing but "đạt", "được", a colon or a bracket stands between the unit and its value."""
        if not (self.clause.fresh and self.clause.subjects):
            return False
        return BESIDE.fullmatch(self.text[self.clause.subjects[-1].end : signal.start]) is not None

    def _rank_follows(self, signal: Signal) -> bool:
        return bool(re.match(r"[ ,;(]{0,3}(?:xếp|đứng|hạng|thứ|loại|mức|nhóm)", self.text[signal.end :]))

    def _flush(self) -> None:
        """Signals that waited for a unit to their right and found none go to who is spoken of."""
        waiting, self.pending = self.pending, []
        for signal in waiting:
            if signal.kind not in {"next", "onward"} and signal.rule != "rank.several_first":
                self._take(signal, self.clause.subjects)

    def _assign(self, mention: Mention) -> None:
        """Give the waiting signals to the units to their right: one each where there are as many, else all."""
        units = self._listed(mention)
        waiting, self.pending = self.pending, []
        ranks = [s for s in waiting if s.kind in {"rank", "first", "second", "last", "penult"}]
        self.clause.subjects, self.clause.fresh = [mention], True
        self.sequence = None
        if len(ranks) > 1 and len(ranks) == len(units):
            for signal, unit in zip(ranks, units, strict=True):
                self._take(signal, [unit])
            self.clause.subjects = units
            return
        for signal in waiting:
            if signal.extreme and signal.kind == "last" and signal.total is None and mention.type not in self.context.totals:
                continue  # of how many is not told
            if signal.kind in {"last", "penult"} and len(units) > 1:
                continue  # "cuối bảng là A, B, C" gives no order
            if signal.kind == "next" and not (self.context.last_rank and self._is_of_last_list(mention)):
                continue  # after whom is not told, or after one of another list
            if signal.kind == "next":
                self.sequence = (self.context.last_rank or 0) + 1
                self._take(
                    replace(signal, kind="rank", rank=self.sequence, end=max(signal.end, mention.end)), [mention]
                )
            elif signal.kind in SEQUENCES:
                self._take(signal, units)
                self.clause.subjects = units
            elif signal.kind == "onward":
                places = tuple(float((signal.rank or 1) + step) for step in range(len(units)))
                self._deal(replace(signal, kind="ranks", values=places), units)
                self.clause.subjects = units
            elif signal.kind in {"atmost", "level"} or self._is_of_all(signal, mention):
                for unit in units:
                    self._take(signal, [unit])
                self.clause.subjects = units if len(units) > 1 and signal.kind != "level" else [mention]
            else:
                self._take(signal, [mention])

    def _is_of_all(self, signal: Signal, mention: Mention) -> bool:
        """ "cùng đứng thứ hai là A và B"; the "hai" of "thứ hai" counts no units."""
        around = self.text[max(0, signal.start - 5) : signal.start], self.text[signal.end : mention.start]
        return any(ALL.search(words) for words in around)

    def _listed(self, first: Mention) -> list[Mention]:
        """The units of a list that begins with one: brackets and values between its members do not end it."""
        units = [first]
        for mention in self.sentence.mentions:
            if mention.start < units[-1].end or mention.type not in SUBJECTS or mention.kind == "set":
                continue
            gap = self.text[units[-1].end : mention.start]
            if not re.fullmatch(r"(?: ?\([^()]*\))?\s*(?:,|và|, và|;|cùng)\s*(?:ubnd |tỉnh |và )?", gap):
                break
            resolved = self.context.resolve(mention)
            if resolved is None:
                break
            units.append(resolved)
        return units
