"""Which of the units that a sentence names are spoken of."""

from __future__ import annotations

import re
from dataclasses import replace

from extractors.context import is_beside, own_ministry
from extractors.mentions import Mention
from extractors.reader.giving import Giving
from extractors.reader.patterns import (
    ACTOR_AFTER,
    AGENT_BEFORE,
    APPOSED_AFTER,
    AT,
    COMPARE_BEFORE,
    EXAMPLE_BEFORE,
    LEADS_IT,
    LED_BY,
    LIFTS_INDEX,
    MEASURED_THERE,
    NATIONWIDE,
    OF_INDEX,
    PILLAR_OF,
    PLACED_WITH,
    PLACES,
    SET_RANKED,
    SET_SUBJECT,
    SUBJECTS,
    THAN_MEAN,
    VALUED,
)
from extractors.signals import Signal

# What goes on a list of units beside the point: "so với Hà Nam, Nam Định", "theo Bộ Nội vụ và Bộ Tài chính"
_LISTED_WITH = {"compared": re.compile(r"\s*(?:,|và|, và) (?:tỉnh )?"), "agent": re.compile(r" và ")}

# Between two sets whose means are told together: "khối sở, ngành và khối địa phương"
GROUP_JOINT = re.compile(r"(?:,| và|, và) (?:của )?(?:khối )?(?:các )?")
# "xã X, huyện Y", "huyện Y, tỉnh Z"
_LIES_IN = {("district", "province"), ("commune", "province"), ("commune", "district")}
_TIERS = ("tỉnh ", "thành phố ", "tp", "huyện ", "quận ", "thị xã ", "h.", "tx")


class Units(Giving):
    """Units as they come: who is spoken of, compared with, acting or apposed."""

    def _role(self, mention: Mention) -> str:
        before, after = self.text[max(0, mention.start - 40) : mention.start], self.text[mention.end :]
        if AT.search(before) and MEASURED_THERE.match(after):
            return "subject"
        if APPOSED_AFTER.match(after):
            return "subject"  # "Chủ tịch UBND huyện Đà Bắc, nơi đứng cuối": the district is ranked
        if LED_BY.search(before) and LEADS_IT.match(after):
            return "subject"  # "xã hội số do Bắc Giang dẫn đầu"
        if COMPARE_BEFORE.search(before) and not EXAMPLE_BEFORE.search(self.text[max(0, mention.start - 200) : mention.start]):
            return "compared"
        if AGENT_BEFORE.search(before):
            return "agent"
        if ACTOR_AFTER.match(after):
            return "agent"
        if re.search(r"(?<!\w)(?:ở|trong|tại|trên địa bàn|thuộc|cụm|khu vực|vùng|một (?:tỉnh|địa phương|huyện|xã|sở|đơn vị))\s+$", before):
            return "place"
        if mention.kind in {"self", "anaphor"} and re.search(r"(?<!\w)(?:cao|thấp|nhiều|ít|tốt) nhất $", before):
            return "place"  # "huyện Cần Đước có tỷ lệ cao nhất tỉnh"
        return "subject"

    def _unit(self, mention: Mention) -> None:
        if any(start <= mention.start < end for start, end in self.these):
            return
        if mention.kind == "set" or (mention.name.casefold() == "địa phương" and self._after(mention, "khối")):
            self._set(mention)
            return
        resolved = self._told_before(mention) or self.context.resolve(mention)
        if resolved is None and (several := self.context.may_be(mention)) is not None:
            if self._role(mention) == "subject" or (several and not self.clause.fresh):
                self.clause.subjects, self.clause.fresh, self.unsettled = [], True, (mention, several)
            return
        if resolved is None or resolved.type not in SUBJECTS:
            return
        if mention.kind in {"anaphor", "self"} and self._is_apposed(mention):
            assert self.last_unit is not None
            self.clause.subjects, self.clause.fresh = [self.last_unit], True
            return
        role = self._role_in_row(mention)
        if role == "compared" and self._is_companion(mention):
            self.companions.append(resolved)
        self.last_unit = resolved
        if mention.kind == "name":
            self.context.heard(resolved)
        if self.readings and PLACED_WITH.search(self.text, 0, mention.start):
            self._share_place(resolved)
        elif self.pending and role != "agent":
            self._assign(resolved)
        elif role == "subject" and not self._is_owner(mention):
            self._speak_of(mention, resolved)

    def _share_place(self, unit: Mention) -> None:
        """ "đồng hạng 4 với Bộ Y tế": the place told last is also that of the unit named after it."""
        last = self.readings[-1]
        if last.signal.kind in PLACES:
            self._add(last.signal, unit)

    def _told_before(self, mention: Mention) -> Mention | None:
        """ "Đại diện Bộ Y tế cho biết Bộ xếp thứ 6": the ministry that the sentence names before "Bộ", else the
        article's own."""
        if mention.kind != "anaphor" or mention.name != "Bộ":
            return None
        named = [m for m in self.sentence.mentions if m.kind == "name" and m.type == "ministry" and m.end <= mention.start]
        spoken = [m for m in named if not is_beside(self.sentence, m)]
        topic = self.context.topic
        own = topic if topic and topic.type == "ministry" else self._own_ministry()
        meant = next(iter((*spoken[-1:], *([own] if own else ()), *named[-1:])), None)
        return replace(meant, start=mention.start, end=mention.end, kind="anaphor") if meant else None

    def _own_ministry(self) -> Mention | None:
        """The ministry spoken of alone last in the paragraph, else the article's own."""
        block, last = self.context.ministries
        if block == self.sentence.block and len(last) == 1:
            return last[0]
        self.context.own_ministry = self.context.own_ministry or (own_ministry(self.document),)
        return self.context.own_ministry[0]

    def _is_companion(self, mention: Mention) -> bool:
        """ "Quảng Bình cùng với Bến Tre, Hà Tĩnh thuộc nhóm cao nhất": who shares a level or a group of places."""
        return bool(self.companions) or re.search(r"(?<!\w)cùng với (?:tỉnh |các tỉnh )?$", self.text[: mention.start]) is not None

    def _role_in_row(self, mention: Mention) -> str:
        """The role of a unit; one that goes on a list of units beside the point is beside the point, too."""
        role = self._role(mention)
        goes_on = (
            _LISTED_WITH[self.beside].fullmatch(self.text, self.aside, mention.start)
            if self.aside is not None
            else None
        )
        role = self.beside if goes_on else role
        self.aside, self.beside = (mention.end, role) if role in _LISTED_WITH else (None, "")
        return role

    def _speak_of(self, mention: Mention, resolved: Mention) -> None:
        """Make a unit the one spoken of: the next of a sequence, one more of a list, or a new one."""
        if self.sequence is not None and self._joins(mention):
            self.sequence += 1
            self._take(Signal(mention.start, mention.end, "rank", "rank.next", rank=self.sequence), [resolved])
            self.clause.subjects = [resolved]
            return
        gap = self.text[self.row[-1].end : mention.start] if self.row else ""
        goes_on = self.row and re.fullmatch(r"(?: ?\([^()]*\))?(?:,| và|, và|;) (?:ubnd |tỉnh )?", gap)
        self.row = [*self.row, resolved] if goes_on else [resolved]
        if self.clause.fresh and any(unit.start == mention.start for unit in self.clause.subjects):
            return
        if self.clause.fresh and self._joins(mention):
            self.clause.subjects = [*self.clause.subjects, resolved]
            return
        self._new_subject(resolved)

    def _after(self, mention: Mention, word: str) -> bool:
        return self.text[: mention.start].rstrip().endswith(word)

    def _is_apposed(self, mention: Mention) -> bool:
        """ "Hà Tĩnh - tỉnh đứng đầu", "Bắc Giang (72,80 điểm), địa phương vừa lên 29 bậc": the noun says again who
        was named."""
        if self.last_unit is None or not self._is_here(self.last_unit):
            return False
        gap = self.text[self.last_unit.end : mention.start]
        if re.fullmatch(r"(?: ?\([^()]*\))?(?: - |, )(?:là )?", gap) is None:
            return False
        if mention.name.casefold() in {"địa phương", "đơn vị"}:
            return True
        return mention.type == self.last_unit.type and (
            re.match(r" (?:đứng|dẫn|xếp|duy nhất|về|giữ|nằm|có (?:thứ|điểm|chỉ))", self.text[mention.end :]) is not None
        )

    def _new_subject(self, mention: Mention) -> None:
        if self.readings and self.clause.fresh:
            self.clause = replace(self.clause, number=self.clause.number + 1, compared_to=None)
        self.clause.subjects, self.clause.fresh = [mention], True
        self.companions = []
        self.average, self.group = False, None

    def _is_owner(self, mention: Mention) -> bool:
        """ "huyện X của tỉnh Y", "huyện X, tỉnh Y": Y only tells where X is; "thứ hạng của tỉnh": the province is
        ranked."""
        before = self.text[: mention.start]
        if self._is_address(mention):
            return True
        same = bool(self.clause.subjects) and self.clause.subjects[-1].type == mention.type
        if LIFTS_INDEX.search(before) or (same and PILLAR_OF.search(before)):
            return False
        return bool(
            re.search(r"(?<!; )(?<!còn )(?:của|thuộc)\s+(?:toàn )?$", before)
            and self.clause.fresh
            and self.clause.subjects
            and self.clause.subjects[-1].type in {"district", "commune", "department", "organisation"}
            and mention.type in {"province", "district"}
        )

    def _is_address(self, mention: Mention) -> bool:
        """Whether a province, or the district of a commune, stands behind the comma of a place that lies in it, with its
        "tỉnh" or "huyện"."""
        last = self.clause.subjects[-1] if self.clause.fresh and self.clause.subjects else None
        if last is None or (last.type, mention.type) not in _LIES_IN or mention.kind != "name":
            return False
        worded = self.sentence.folded.startswith(_TIERS, mention.start)
        return worded and last.province == mention.province and self.text[last.end : mention.start] == ", "

    def _joins(self, mention: Mention) -> bool:
        """Whether a unit goes on a list: nothing but a comma, "và" or a bracket stands since the last unit."""
        last = self.clause.subjects[-1] if self.clause.subjects else None
        if last is None or last.end > mention.start or last.end == 0:
            return False
        gap = self.text[last.end : mention.start]
        if self.sequence is not None:
            return bool(re.fullmatch(r"(?: ?\(?[\d.,]+(?: ?điểm|%)?\)?)?(?:,| và|, và|;) (?:ubnd |tỉnh )?", gap))
        if (last.type == "province") != (mention.type == "province"):
            return False
        return bool(re.fullmatch(r"\s*(?:,|và|, và|cùng|&|-)\s*(?:ubnd |tỉnh |và )?", gap))

    def _set(self, mention: Mention) -> None:
        """A set is spoken of only where its mean is told, or its whole ("cả nước đạt …", "Khối sở, ngành: …")."""
        if self.stack:
            return
        before, after = self.text[: mention.start], self.text[mention.end :]
        if THAN_MEAN.search(before) and re.match(r"\s*(?:là |tới )?\d", after):
            return  # "cao hơn bình quân cả nước 0,9%"
        block = re.match(r"khối ", mention.name.casefold())
        group = replace(mention, name=mention.name[block.end() :] if block else mention.name, kind="set")
        whole = NATIONWIDE.fullmatch(mention.name.casefold()) and (
            re.match(r"\s*(?:đạt|là|được|ở mức|phấn đấu|đặt mục tiêu) ", after)
            or re.search(r"(?:tính chung|xét chung|tính trên|trên phạm vi)\s+$", before)
            or (after.startswith(" về ") and OF_INDEX.search(before))
        )
        there = AT.search(before) and (measured := MEASURED_THERE.match(after)) and VALUED.match(after, measured.end())
        heads = (block or before.rstrip().endswith("khối")) and re.match(r"\s*(?:\([^)]*\)\s*)?:", after)
        told = block and re.match(r"\s*(?:đạt|là|được|ở mức) (?:trên |hơn )?\d", after)  # "khối huyện đạt 90,12%"
        of_index = OF_INDEX.search(before) or (self.averaged and before.endswith("; của "))
        if of_index and re.match(r"\s*(?:\ue010\ue000* )?(?:chỉ |lại |cũng )?(?:đạt|là|ở mức) \d", after):
            self.average = self.averaged = True
        too = self.averaged and re.match(r"\s*(?:chỉ |lại |cũng )?(?:đạt|là|được|ở mức) (?:trên |hơn )?\d", after)
        if self.average or whole or told or too or there or (heads and not self.clause.fresh):
            last = self.clause.subjects[-1] if self.clause.fresh and self.clause.subjects else None
            joins = last is not None and last.type == "group" and GROUP_JOINT.fullmatch(self.text, last.end, mention.start)
            self.group, self.clause.subjects = group, [*self.clause.subjects, group] if joins else [group]
            self.clause.fresh = True
        elif block or re.search(r"(?:khối|bình quân|trung bình)(?: của)?(?: các)?\s*$", before):
            self.group = group
        elif SET_SUBJECT.search(before) and SET_RANKED.match(after):
            self.clause.subjects, self.clause.fresh = [], False  # "Các tỉnh tiếp theo có chỉ số …, gồm: …": of no one unit
