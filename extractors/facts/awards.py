"""A distinction given to someone."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from extractors.awards_bodies import completed, institution
from extractors.awards_frames import PRAISE, Frame, Frames, frames, named
from extractors.awards_givers import (
    ORDER_GIVERS,
    STATE_GIVERS,
    Around,
    GiverSpan,
    find_givers,
    heard,
    heard_in_title,
    people_heard,
)
from extractors.awards_kinds import BARE_ORDER, AwardSpan, find_awards
from extractors.awards_roles import (
    SAME_REASON,
    by_whom,
    decides,
    echoes,
    for_when,
    joint,
    members,
    nameless,
    opens_members,
    stretch_at_head,
    stretch_in_brackets,
    to_whom,
    why,
    why_afterwards,
    why_from,
    without_province,
    year_at_head,
)
from extractors.decisions import doubt, refuse, wants_refusals
from extractors.lookups import province_in_force
from extractors.mentions import Mention
from extractors.modality import modality_at, told_as
from extractors.recipients import Line, Recipient, RecipientList, line_of, read_list, stands_for, whole
from extractors.rules import FILLER, MASKS
from extractors.sentence import Document, Sentence
from extractors.triggers import UNMASKED, Triggers
from pipeline.records import Fact, Modality


@dataclass(frozen=True, kw_only=True)
class Award(Fact):
    """A distinction given to someone."""

    TABLE: ClassVar[str] = "awards"
    KEY: ClassVar[tuple[str, ...]] = (
        "entity_type",
        "entity",
        "province",
        "award",
        "award_class",
        "awarded_by",
        "recipient_count",
        "period",
        "modality",
    )
    CORE: ClassVar[tuple[str, ...]] = ("entity", "province", "award", "recipient_count")

    award: str
    award_class: str | None = None
    awarded_by: str | None = None
    recipient_count: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a statement of giving says beside its recipients."""

    award: str
    award_class: str | None
    giver: str | None
    period: str | None
    reason: str | None
    modality: Modality
    rule: str


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient of one distinction, with the offsets of its evidence in the article."""

    recipient: Recipient
    said: Said
    start: int
    end: int
    kind: str  # of the block


# What may stand before a verb without a subject of its own: "; hai lần được …", ", đồng thời nhận …"
_ONWARD = re.compile(
    rf"(?:[\s,;.()]|(?:và|đồng thời|cũng|còn|ngoài ra|bên cạnh đó|sau đó|tiếp tục|vinh dự|được|đã|vừa|nhiều|hai|ba|\d+|lần|trước đó|các|năm|của"
    rf"|bộ trưởng|chủ tịch|thủ tướng|chính phủ|nước|ubnd|tỉnh)(?!\w)|[{''.join(MASKS.values())}]{FILLER}*)*$"
)


@dataclass(frozen=True, slots=True)
class _Statement:
    """A frame as read: what it says of each of its distinctions, and to whom. `does` holds where the giver is
    said to act, so that what follows without a giver may be the same one's; `carried` where the recipients are
    those of the statement before."""

    frame: Frame
    saids: tuple[Said, ...]
    recipients: tuple[Recipient, ...]
    does: bool
    carried: bool = False

    def broken(self, following: Frame, line: Line) -> bool:
        """Whether the next statement begins anew and does not go on from this one."""
        between = line.masked[self.frame.end : following.start]
        return following.rule == "award.gave" and ";" not in between and "," not in between and " và" not in between

    def goes_on(self, following: Frame, line: Line) -> bool:
        """Whether the next statement is of the same recipients: "A được X tặng Bằng khen, Y tặng Cờ thi đua",
        "A nhận Bằng khen; hai lần được Y tặng Cờ thi đua"."""
        if (self.frame.recipient != "before" and not self.carried) or not self.recipients or following.recipient not in {"before", "after"}:
            return False
        if following.recipient == "before":
            alone = _ONWARD.match(line.masked, max(self.frame.end, following.low), following.start)
            return alone is not None and all(recipient.count is None for recipient in self.recipients)
        between = line.masked[self.frame.end : following.start]
        return following.rule == "award.gave" and ";" not in between and not self.frame.rule.endswith("received")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the article said so far. `opened` are the statements whose recipients follow line by line, `announced`
    those whose recipients come later in the text; `listing` is the giver and modality of the lines that follow, `paragraph` a
    block and the stretch that it sums up."""

    around: Around
    summary: str | None = None
    order: str | None = None
    opened: tuple[Said, ...] = ()
    listing: tuple[str | None, Modality] | None = None
    paragraph: tuple[int, str] | None = None
    announced: tuple[Said, ...] = ()
    last: tuple[Said, ...] = ()
    told: tuple[Told, ...] = ()
    counted: tuple[Told, ...] = ()  # what the sentence before told of groups, only counted
    headed: tuple[int, str] | None = None  # the block and the year that a sentence has summed up
    looked_back: tuple[int, str] | None = None  # the block and the stretch of a sentence that looks back
    body: tuple[int, Recipient] | None = None  # the block, and the one body that it told of last as a recipient
    cluster: bool = False  # the article tells of a meeting of several provinces


def extract(document: Document) -> Iterable[Award]:
    """The distinctions told in prose and lists, each once; tables in the body are read by the grid."""
    if not any(map(_is_relevant, document.sentences)):
        return ()
    about = institution(document)
    head = {"hiệu": about.mention} if about and about.is_school else {}  # "Hiệu trưởng" alone is its head
    homes = home(document)
    alone, rivals = (homes[0], ()) if len(homes) == 1 else (None, homes)
    reading = Reading(Around(alone, document.published, head, rivals), summary=_title_summary(document))
    for sentence in completed(document, about):
        if sentence.kind != "row":
            reading = read(sentence, reading)
    return [_fact(document, told) for told in once(reading.told)]


# --- the article ---------------------------------------------------------------------------------------------------


def home(document: Document) -> tuple[str, ...]:
    """The province that the article is about: its source's, else that of the first body or place in the title or
    the first sentences; several where they are named in one list, none where a central body comes first."""
    if document.home:
        return (document.home,)
    for sentence in document.sentences[:3]:
        for mention in sentence.mentions:
            if mention.kind != "name" or mention.type in {"group", "person"}:
                continue
            if mention.type == "ministry":
                return ()
            if mention.province and not re.search(r"(?<!\w)(?:tại|ở|từ|đến) $", sentence.masked[: mention.start]):
                return _in_one_list(sentence, mention, mention.province)
    return ()


_AND = re.compile(r"(?: ?,| và|, và| cùng) (?:tỉnh |thành phố )?")


def _in_one_list(sentence: Sentence, first: Mention, province: str) -> tuple[str, ...]:
    """The province of a body or place with those named in one list with it: "Long An, Tiền Giang và Bến Tre"."""
    listed, end = [province], first.end
    for mention in sentence.mentions:
        if first.type != "province" or mention.start < end:
            continue
        if mention.type != "province" or not mention.province or not _AND.fullmatch(sentence.masked, end, mention.start):
            break
        listed.append(mention.province)
        end = mention.end
    return tuple(dict.fromkeys(listed))


# "hội nghị tổng kết công tác thi đua năm 2018", "điển hình tiên tiến 5 năm (2005 - 2010)", "tổng kết 5 năm (2016-2020)"
_PERIOD = f"[{MASKS['period']}]{FILLER}*"
_SUMMARY = re.compile(
    rf"tổng kết[^.;:()]{{0,90}}?\(?(?P<closed>{_PERIOD})|(?:\d+|năm|mười|ba|hai) năm[ ,]{{1,2}}\(?(?:giai đoạn )?(?P<years>{_PERIOD})"
    rf"|(?:điển hình tiên tiến|đại hội thi đua yêu nước)[^.;:]{{0,60}}?(?P<stretch>{_PERIOD})"
    rf"|(?:kết quả|thành tích|công tác) [^.;:]{{0,60}}?giai đoạn (?P<phase>{_PERIOD})"
)


@functools.cache
def _may_sum_up() -> Triggers:
    return Triggers([_SUMMARY], UNMASKED, hidden={})


def _summary(sentence: Sentence) -> str | None:
    """The stretch that a sentence says is summed up and rewarded."""
    if not sentence.periods or not _may_sum_up().possible(sentence.folded):
        return None
    for found in _SUMMARY.finditer(sentence.masked):
        name = found.lastgroup or "closed"
        period = next((p for p in sentence.periods if p.start <= found.start(name) < p.end), None)
        if period is None or period.period is None or period.kind in {"date", "month", "relative"}:
            continue
        if name == "closed" or "/" in period.period:
            return period.period
    return None


def _title_summary(document: Document) -> str | None:
    return next((_summary(s) for s in document.sentences if s.kind == "title"), None)


# --- one sentence ----------------------------------------------------------------------------------------------------

_ITEM_MARK = re.compile(r"^\s*(?:[-+*•–]|\d{1,2}[.)]|[a-zđ]\))\s*")
_RELEVANT = re.compile(f"khen|tặng|{MASKS['award']}")


def _is_relevant(sentence: Sentence) -> bool:
    """Whether a sentence speaks of praise or of a distinction, in none of the names that are masked in it."""
    folded = sentence.folded
    spoken_of = "khen" in folded or "tặng" in folded or bool(sentence.paragraph.awards)
    return spoken_of and _RELEVANT.search(sentence.masked) is not None


# What tells of another day than the ceremony's
_APART = re.compile(
    r"(?<!\w)(?:trước đó|nhân (?:ngày|kỷ niệm|dịp kỷ niệm|lễ)|nhân (?:\d+ năm|dịp \d+ năm)|kỷ niệm \d+ năm"
    r"|đột xuất|(?:sáng|trưa|chiều|tối) cùng ngày|hôm (?:sau|trước)|ngày hôm sau|mới đây|gần đây)(?!\w)"
)


# "hội nghị tổng kết Cụm thi đua các tỉnh …": who is counted there comes from all of them
_CLUSTER = re.compile(r"(?:cụm|khối)(?: thi đua)? (?:gồm )?(?:các|\d+|[^\W\d]+) (?:tỉnh|thành phố)(?!\w)|cụm thi đua số \d")


def _of_several(sentence: Sentence, frame: Frame) -> bool:
    """Whether a statement told at a meeting of several provinces names none of them as giver or as whose they are."""
    return not any(
        mention.start < frame.high
        and (mention.kind == "self" or mention.type in {"province", "department", "district", "commune"})
        for mention in sentence.mentions
    )


def read(sentence: Sentence, reading: Reading) -> Reading:
    """The reading after one more sentence."""
    if (at := why_afterwards(sentence)) and not _RELEVANT.search(sentence.masked, 0, at[0]):
        return _explained(sentence, at, reading)
    is_item = sentence.kind == "item" or _ITEM_MARK.match(sentence.text) is not None
    listing = reading.opened or reading.listing
    if listing and not is_item and not (reading.opened and _begins_with_recipient(sentence, reading)):
        reading = replace(reading, opened=(), listing=None)
    summary = _summary(sentence)
    if summary and not _APART.search(sentence.masked):
        reading = replace(reading, summary=summary)
    if not reading.cluster and _CLUSTER.search(sentence.folded):
        reading = replace(reading, cluster=True)
    reading = _with_told(sentence, _summed_up(sentence, reading))
    heard_after = _heard_after(sentence, reading)
    if heard_after == reading.around.heard:
        return reading
    return replace(reading, around=replace(reading.around, heard=heard_after))


def _summed_up(sentence: Sentence, reading: Reading) -> Reading:
    """The reading with the stretch of years that the sentence's paragraph sums up from here on."""
    if stretch := stretch_at_head(sentence):
        reading = replace(reading, paragraph=(sentence.block, stretch))
    elif reading.looked_back and reading.looked_back[0] == sentence.block and echoes(sentence):
        reading = replace(reading, paragraph=reading.looked_back)
    stretch = stretch_in_brackets(sentence)
    if not stretch and not reading.looked_back:
        return reading
    return replace(reading, looked_back=(sentence.block, stretch) if stretch else None)


def _with_told(sentence: Sentence, reading: Reading) -> Reading:
    """The reading with what the sentence tells, and the groups that it has counted."""
    known, alike = len(reading.told), _given_alike(reading)
    if named := _members(sentence, reading):
        reading = replace(reading, told=(*reading.told, *named))
    elif reading.opened or _is_relevant(sentence) or sentence.text.rstrip().endswith(":"):
        reading = _heard_sentence(sentence, reading)
    if alike and opens_members(sentence):
        reading = replace(reading, opened=alike)
    fresh = reading.told[known:]
    headed = year_at_head(sentence) if fresh else None
    if headed and any(one.said.period == headed for one in fresh):
        reading = replace(reading, headed=(sentence.block, headed))
    elif reading.headed and not _FURTHER.match(sentence.folded):
        reading = replace(reading, headed=None)
    reading = _with_body(sentence, fresh, reading)
    # "Trong số 3 tập thể có Sở A. Trong số các cá nhân có ông B": what was counted before goes on
    counted = reading.counted if named else tuple(one for one in fresh if one.recipient.count is not None)
    return replace(reading, counted=counted) if counted != reading.counted else reading


def _with_body(sentence: Sentence, fresh: Sequence[Told], reading: Reading) -> Reading:
    """The reading with the one body that the sentence tells of as a recipient; another named in it makes that open."""
    told = {one.recipient.entity: one.recipient for one in fresh}
    if len(told) == 1 and (only := next(iter(told.values()))).count is None and only.entity_type in _BODIES:
        return replace(reading, body=(sentence.block, only))
    another = fresh or any(mention.kind == "name" and mention.type in _BODIES for mention in sentence.mentions)
    return replace(reading, body=None) if reading.body and another else reading


_BODIES = frozenset({"ministry", "department", "organisation"})


def _members(sentence: Sentence, reading: Reading) -> list[Told]:
    """Those whom a sentence names out of the groups that the one before has counted, with what these were given; none
    where those groups were given several distinctions."""
    saids = _given_alike(reading)
    if not saids or MASKS["award"] in sentence.masked:
        return []
    listed = members(_line(sentence, reading))
    fitting = listed and all(any(stands_for(one.recipient, item) for one in reading.counted) for item in listed.items)
    if not listed or not fitting or told_as(sentence, 0, listed.end) != "actual":
        return []
    return [Told(item, saids[0], sentence.start, sentence.start + item.end, sentence.kind) for item in listed.items]


def _given_alike(reading: Reading) -> tuple[Said, ...]:
    """What the groups counted by the sentence before were given, where it was one thing."""
    saids = tuple(dict.fromkeys(one.said for one in reading.counted))
    return saids if len(saids) == 1 else ()


def _heard_after(sentence: Sentence, reading: Reading) -> Mapping[str, Mention]:
    before = reading.around.heard
    if not sentence.mentions:
        return before
    after = heard_in_title(sentence.mentions) if sentence.kind == "title" else heard(before, sentence.mentions)
    return {**before, **after, **people_heard(sentence.mentions)}


def _line(sentence: Sentence, reading: Reading) -> Line:
    here = {**heard({}, sentence.mentions), **people_heard(sentence.mentions[:1]), **reading.around.heard}
    return line_of(sentence.text, sentence.masked, sentence.mentions, replace(reading.around, heard=here))


def _begins_with_recipient(sentence: Sentence, reading: Reading) -> bool:
    """Whether a paragraph is a member of the list that a colon opened above, though it has no mark of one."""
    listed = read_list(_line(sentence, reading), 0, len(sentence.text))
    return listed is not None and listed.start == 0 and not _VERB.search(sentence.folded)


_VERB = re.compile(r"(?<!\w)(?:được|nhận|tặng|trao|cho biết|tổ chức|phát biểu|yêu cầu|đề nghị|chỉ đạo)(?!\w)")


def _heard_sentence(sentence: Sentence, reading: Reading) -> Reading:
    line = _line(sentence, reading)
    givers = find_givers(sentence.masked, sentence.mentions, line.around)
    awards = find_awards(sentence.folded)
    found = frames(sentence.masked, awards, givers)
    if not found.stated and reading.opened:
        return _heard_item(sentence, line, reading)
    if wants_refusals():
        _tell_refused(sentence, awards, found)
    statements: list[_Statement] = []
    for place, frame in enumerate(found.stated):
        onward = _further_classes(frame, found.stated[place + 1 :], line)
        if statement := _statement(frame, sentence, line, givers, awards, reading, statements, onward):
            statements.append(statement)
    told = [told for statement in statements for told in _told(sentence, statement, givers)]
    orders = [a.award for a in awards if a.state and a.award and a.award != BARE_ORDER]
    reading = replace(reading, told=(*reading.told, *told), order=orders[-1] if orders else reading.order)
    return _left_open(sentence, reading, statements, givers)


def _further_classes(frame: Frame, following: Sequence[Frame], line: Line) -> tuple[Frame, ...]:
    """The frames that only go on with other classes of an order: "… hạng Nhì cho huyện A, hạng Ba cho 5 cá nhân vì …"."""
    onward = tuple(itertools.takewhile(lambda other: other.awards and other.awards[0].award is None, following))
    if not onward or not frame.awards or ";" in line.masked[frame.end : onward[-1].start]:
        return ()
    return onward


def _tell_refused(sentence: Sentence, awards: Sequence[AwardSpan], found: Frames) -> None:
    """Tell which statements a stop makes void, and which distinctions stand in none."""
    for frame, stop in found.void:
        refuse(Award.TABLE, sentence, (frame.start, frame.end), frame.rule, stop.rpartition(".")[2], stop)
    read = {award.start for frame in (*found.stated, *(frame for frame, _ in found.void)) for award in frame.awards}
    for award in awards:
        if award.start not in read and not award.pointed:
            refuse(Award.TABLE, sentence, (award.start, award.end), "", "no_giving")


def _explained(sentence: Sentence, at: tuple[int, int], reading: Reading) -> Reading:
    """The reading with the reason, and the time it names, added to what was told last."""
    reason, period = _explanation(sentence, at)

    def with_reason(said: Said) -> Said:
        if said not in reading.last:
            return said
        return replace(said, reason=said.reason or reason, period=said.period or period)

    told = tuple(replace(one, said=with_reason(one.said)) for one in reading.told)
    return replace(reading, told=told, last=tuple(map(with_reason, reading.last)))


def _heard_item(sentence: Sentence, line: Line, reading: Reading) -> Reading:
    """A line of a list that the lines above opened."""
    mark = _ITEM_MARK.match(sentence.text)
    listed = read_list(line, mark.end() if mark else 0, len(sentence.text))
    if listed is None:
        return reading
    at = why_from(sentence.masked, listed.end, len(sentence.text))
    reason, period = _explanation(sentence, at) if at else (None, None)
    told = [
        Told(
            recipient,
            replace(said, reason=reason or said.reason, period=period or said.period),
            sentence.start,
            sentence.start + recipient.end,
            sentence.kind,
        )
        for said in reading.opened
        for recipient in whole(listed.items)
    ]
    return replace(reading, told=(*reading.told, *told))


def _explanation(sentence: Sentence, at: tuple[int, int]) -> tuple[str, str | None]:
    """The words of a reason, and the stretch that it names."""
    reason = " ".join(sentence.text[at[0] : at[1]].split()).rstrip(" ,.;/")
    named = (p.period for p in reversed(sentence.periods) if p.kind not in {"date", "month"} and at[0] <= p.start < at[1])
    return reason, next(named, None)


_ASKED = re.compile(r"(?:trình|đề nghị|thẩm quyền(?: của)?|quyết định(?: của)?) $")
_DECIDES = re.compile(r" (?:đã |vừa |sẽ |xem xét,? |ký |có )*(?:quyết định|tặng|khen|trao)(?!\w)")


def _decides(giver: GiverSpan, sentence: Sentence) -> bool:
    """Whether a lead-in names a giver as the one who decides on what its list holds."""
    if giver.office not in {"body", "head"}:
        return False
    asked = _ASKED.search(sentence.masked, max(0, giver.start - 30), giver.start)
    return bool(asked or _DECIDES.match(sentence.masked, giver.end))


def _left_open(
    sentence: Sentence, reading: Reading, statements: Sequence[_Statement], givers: Sequence[GiverSpan]
) -> Reading:
    """The reading with what the sentence leaves to be told: an announcement, or a list that its colon opens."""
    if spoken := [said for statement in statements if statement.recipients for said in statement.saids]:
        reading = replace(reading, last=tuple(spoken))
    waiting = [said for statement in statements if not statement.recipients for said in statement.saids]
    reading = replace(reading, announced=(*reading.announced, *(said for said in waiting if said.giver)))
    text = sentence.text.rstrip()
    if not text.endswith(":"):
        return reading
    final = next((s for s in reversed(statements) if s.frame.rule != "award.announced"), None)
    if final and (not final.recipients or all(r.count is not None for r in final.recipients)):
        # "5 tập thể được tặng Bằng khen, gồm:" and the five below: the names stand for the count
        told = tuple(one for one in reading.told if one.said not in final.saids)
        known = (*reading.announced, *(said for said in final.saids if said.giver))
        return replace(reading, opened=final.saids, told=told, announced=known)
    modality = told_as(sentence, len(text) - 1, len(text))
    by = next((g.name for g in reversed(givers) if g.name and _decides(g, sentence)), None)
    if final is None and modality and (by or modality == "target"):
        return replace(reading, listing=(by, modality))
    return reading


# --- one statement ---------------------------------------------------------------------------------------------------


def _statement(
    frame: Frame,
    sentence: Sentence,
    line: Line,
    givers: Sequence[GiverSpan],
    awards: Sequence[AwardSpan],
    reading: Reading,
    before: Sequence[_Statement],
    onward: Sequence[Frame] = (),
) -> _Statement | None:
    last = frame.awards[-1].end if frame.awards else frame.end
    modality = told_as(sentence, frame.verb[0], max(frame.verb[1], last))
    if modality is None:
        said_as = modality_at(sentence, frame.verb[0], max(frame.verb[1], last))
        refuse(Award.TABLE, sentence, (frame.start, frame.end), frame.rule, said_as)
        return None
    if _within_proposal(frame, sentence, reading, before):
        modality = "target"
    listed = to_whom(frame, line)
    items = [item for item in whole(listed.items) if told_as(sentence, item.start, item.end)] if listed else []
    items = [item for item in items if not _NOT_AMONG.match(line.masked, item.end)]
    if without_province(frame, line) or (reading.cluster and _of_several(sentence, frame)):
        items = [replace(item, province=None) if item.count is not None else item for item in items]
    for item in items:
        if item.may_be is not None:
            doubt(Award.TABLE, "entity.ambiguous", item.entity, item.may_be, sentence.text)
    items = [item for item in items if item.may_be is None]
    carried = [] if items else _carried(frame, sentence, line, reading, before)
    items = items or carried
    if not items and not sentence.text.rstrip().endswith(":"):
        refuse(Award.TABLE, sentence, (frame.start, frame.end), frame.rule, "not_among" if listed else "no_recipient")
    said, does = [], False
    unnamed = nameless(frame, line, givers)
    earlier = () if unnamed else before  # "…; Bộ trưởng tặng …": neither giver nor modality go on from another
    for award in frame.awards or (None,):
        name = (named(award, awards, reading.order) if award else None) or PRAISE
        like = _like(frame, sentence, reading, name)
        span = by_whom(frame, line, givers, award)
        by, reached = (span.name, modality) if span else _without_giver(frame, line, award, reading, earlier, like, modality)
        if not span and unnamed:
            by = None
        if award and award.state and by not in STATE_GIVERS:
            by = None
        does = does or (span.end <= frame.verb[0] and not _is_owner(span, line) if span else by is not None and bool(before) and before[-1].does)
        periods, reason = _time_and_reason(frame, award, sentence, line, listed, reading, like, name, before, onward)
        together = [giver.name for giver in joint(span, frame, line, givers)] if span and by else [by]
        said += [
            Said(name, award_class, giver, period, reason, reached, frame.rule)
            for award_class in _classes(award, items)
            for giver in together
            for period in periods or (None,)
        ]
    return _Statement(frame, tuple(said), tuple(items), does, carried=bool(carried))


def _within_proposal(frame: Frame, sentence: Sentence, reading: Reading, before: Sequence[_Statement]) -> bool:
    """Whether a statement goes on from a proposal: of the list, of the paragraph or of its own sentence."""
    if reading.listing and reading.listing[1] == "target":
        return True
    if (head := _PROPOSED_LIST.search(sentence.folded)) and head.end() <= frame.start + 1:
        return True
    if (_PARTS.match(sentence.masked) or _BESIDES.match(sentence.masked)) and reading.last and reading.last[-1].modality == "target":
        return True
    if not before or before[-1].saids[-1].modality != "target":
        return False
    if frame.rule == "award.received":  # "suy tôn A nhận Cờ thi đua; B nhận Bằng khen"
        return before[-1].frame.rule == frame.rule
    # "đề nghị khen thưởng Cờ thi đua cho A; Bằng khen cho B"
    return frame.rule == "award.for" and not _DONE.search(sentence.masked, before[-1].frame.end, frame.start)


# "Cơ quan còn được …", "Đơn vị này cũng nhận …"
_THE_BODY = re.compile(
    r"\W*(?:ngoài ra,? |(?:trong |riêng )?năm \d{4},? )?(?P<word>(?:cơ quan|đơn vị|tập thể)(?: (?:này|ấy|đó|trên))?),?"
    r"(?: (?:còn|cũng|đã|vừa|lại|vinh dự|tiếp tục|liên tục|nhiều lần|hai lần|ba lần|\d+ lần))*\s?"
)


def _carried(
    frame: Frame, sentence: Sentence, line: Line, reading: Reading, before: Sequence[_Statement]
) -> list[Recipient]:
    """The recipients of a statement that names none: those of the one before in its sentence, or the body to which
    the paragraph has told a distinction before, where the subject points at it."""
    if before:
        return list(before[-1].recipients) if before[-1].goes_on(frame, line) else []
    word = _THE_BODY.fullmatch(sentence.folded, frame.low, frame.start) if frame.recipient == "before" else None
    if word is None or reading.body is None or reading.body[0] != sentence.block:
        return []
    return [replace(reading.body[1], start=word.start("word"), end=word.end("word"))]


def _classes(award: AwardSpan | None, items: Sequence[Recipient]) -> tuple[str | None, ...]:
    """The classes in which a distinction is given: each one that is told where one body or person alone has them all
    ("Huân chương Lao động hạng Ba, hạng Nhì"); of several recipients it is open who has which."""
    if award and len(award.classes) > 1 and len(items) == 1 and items[0].count is None:
        return award.classes
    return (award.award_class if award else None,)


def _is_owner(span: GiverSpan, line: Line) -> bool:
    """Whether the distinction is only said to be somebody's: "Cờ thi đua của Chính phủ cho 4 tập thể"; not the decision:
    "Theo Quyết định số … của UBND tỉnh, tặng …; tặng …"."""
    decided = decides(line, span)
    return line.masked.endswith("của ", 0, span.start) and not decided


# "…; Sở Y tế không có tên trong quyết định"
_NOT_AMONG = re.compile(r"[^;,.:]{0,30}? (?:không|chưa) (?:có tên|nằm trong|thuộc diện|được|nhận|có trong)(?!\w)")


def _without_giver(
    frame: Frame,
    line: Line,
    award: AwardSpan | None,
    reading: Reading,
    before: Sequence[_Statement],
    like: Said | None,
    modality: Modality,
) -> tuple[str | None, Modality]:
    """The giver and the modality of a statement that names no giver: they go on from the one before."""
    if frame.giver == "before" and frame.rule != "award.praise" and before and not before[-1].broken(frame, line):
        previous = before[-1].saids[-1]
        if before[-1].does and bool(award and award.state) == (previous.giver in ORDER_GIVERS):
            return previous.giver, previous.modality
        if previous.modality == "target":
            modality = "target"
    if like:
        return like.giver, like.modality if like.modality == "target" else modality
    return reading.listing[0] if reading.listing else None, modality


# A sentence that tells the parts of what the last one said
_PARTS = re.compile(r"(?:trong đó|trong số (?:này|đó)|cụ thể|bao gồm|gồm|số này)(?!\w)")
# "Ngoài ra, còn có Cờ thi đua …": goes on with what was proposed or given before
_BESIDES = re.compile(r"(?:ngoài ra|bên cạnh đó|cùng với đó|đồng thời|cùng với|trong đó)?,? ?(?:còn )?có (?:\d+ )?(?=[^\w\s]|danh hiệu)")
# "bỏ phiếu đề nghị tặng các danh hiệu: …; …": the proposal holds for the whole list behind the colon
_PROPOSED_LIST = re.compile(
    r"(?<!theo )(?<!\w)(?:đề nghị|đề xuất|kiến nghị|suy tôn|bình xét|trình [^;:.]{3,40}?)(?: [^;:.]{1,60}?)? (?:tặng|khen|danh hiệu|hình thức|khen thưởng)[^;.:]{0,90}:"
)
# What begins to tell of what has been given, after a proposal
_DONE = re.compile(r"[.:]|(?<!\w)(?:đã|được|nhận|tặng|trao|công bố|quyết định|ký)(?!\w)")
_NEARBY = 600  # how far before a statement the words at the head of its sentence may stand
# "Cũng nhận Bằng khen", "4 đơn vị khác", "Cùng được khen thưởng": as the last ones
_LIKEWISE = re.compile(
    r"(?<!\w)(?:cũng(?! (?:tại|trong|theo|với|như))|cùng(?! (?:với|kỳ|ngày|năm|các|lãnh|nhận))|khác|đợt này|lần này|còn có)(?!\w)"
)


def _like(frame: Frame, sentence: Sentence, reading: Reading, award: str) -> Said | None:
    """What was announced of the same distinction, or said last where the sentence goes on from it."""
    for said in reversed(reading.announced):
        if said.award == award or (said.award == PRAISE and sentence.kind == "item"):
            return said
    if _LIKEWISE.search(sentence.masked, frame.low, frame.high) or SAME_REASON.search(
        sentence.masked, max(0, frame.start - _NEARBY), frame.high
    ):
        return next((said for said in reversed(reading.last) if said.award == award), None)
    return None


def _time_and_reason(
    frame: Frame,
    award: AwardSpan | None,
    sentence: Sentence,
    line: Line,
    listed: RecipientList | None,
    reading: Reading,
    like: Said | None,
    name: str,
    before: Sequence[_Statement],
    onward: Sequence[Frame] = (),
) -> tuple[tuple[str, ...], str | None]:
    at = why(frame, line, listed)
    if at is None and onward:  # told once, behind the last class
        at = why(onward[-1], line, to_whom(onward[-1], line))
    periods = for_when(sentence, frame, award, listed, at)
    if name in _NOT_YEARLY and not (at and any("/" in period for period in periods)):
        periods = ()  # "Kỷ niệm chương … năm 2009" tells the year in which it was given
    reason = " ".join(sentence.text[at[0] : at[1]].split()).rstrip(" ,.;/") if at else None
    if reading.last and SAME_REASON.search(sentence.masked, max(0, frame.start - _NEARBY), frame.high):
        return periods or _only(reading.last[-1].period), reason or reading.last[-1].reason
    if like and not (reason and sentence.kind != "item"):
        # who is rewarded for something else is not rewarded for the time that was announced
        periods = periods or _only(like.period)
    if like:
        reason = reason or like.reason
    if not reason and (whole_of := _parted_from(frame, line, before)):
        periods, reason = periods or _only(whole_of.period), whole_of.reason
    apart = _APART.search(sentence.masked, max(0, frame.start - _NEARBY), frame.high)
    if not periods and not apart:
        periods = _only(_headed(sentence, reading, before))
    if not periods and name not in _GIVEN_ONCE and not apart:
        here = reading.paragraph if name not in _NOT_YEARLY else None
        periods = _only(here[1] if here and here[0] == sentence.block else reading.summary)
    return periods, reason


_OF_THEM = re.compile(r"(?<!\w)(?:trong đó|bao gồm|gồm|cụ thể)(?!\w)")


def _parted_from(frame: Frame, line: Line, before: Sequence[_Statement]) -> Said | None:
    """The praise that a statement tells a part of: "khen thưởng 9 tập thể vì …, trong đó UBND tỉnh tặng Bằng khen cho 5"."""
    for one in before:
        counts = one.saids[-1].award == PRAISE and any(item.count is not None for item in one.recipients)
        if counts and _OF_THEM.search(line.masked, one.frame.end, frame.start):
            return one.saids[-1]
    return None


# A sentence that goes on with what the one before sums up
_FURTHER = re.compile(r"(?:ngoài ra|bên cạnh đó|cùng với đó|đồng thời|cũng trong năm|cũng dịp này|cùng dịp|song song đó|thêm vào đó)(?!\w)")


def _headed(sentence: Sentence, reading: Reading, before: Sequence[_Statement]) -> str | None:
    """The year that the head of the sentence sums up, once a statement has taken it ("năm 2019, 2 tập thể được tặng …;
    Bộ trưởng tặng …"), or that of the sentence which this one goes on from."""
    headed = year_at_head(sentence)
    if headed and any(headed == said.period for one in before for said in one.saids):
        return headed
    goes_on = reading.headed and reading.headed[0] == sentence.block and _FURTHER.match(sentence.folded)
    return reading.headed[1] if reading.headed and goes_on else None


# Given once for a life's work or for a deed: a year told with it is that of the giving
_NOT_YEARLY = frozenset({"Kỷ niệm chương", "Huy hiệu", "Thư khen"})
# Not even where a year is summed up
_GIVEN_ONCE = frozenset({"Huy hiệu", "Thư khen"})


def _only(period: str | None) -> tuple[str, ...]:
    return (period,) if period else ()


# --- facts -------------------------------------------------------------------------------------------------------------


def _told(sentence: Sentence, statement: _Statement, givers: Sequence[GiverSpan]) -> Iterator[Told]:
    """One for each recipient and distinction; the evidence runs from the statement's first word to the recipient."""
    frame = statement.frame
    doers = [g.start for g in givers if frame.low <= g.start and g.end <= frame.verb[0] and g.name]
    for said in statement.saids:
        for item in statement.recipients:
            start = min(frame.start, item.start)
            if frame.giver == "before" and doers and said.giver:
                start = min(start, doers[-1])
            end = max(frame.awards[-1].end if frame.awards else frame.verb[1], item.end)
            yield Told(item, said, sentence.start + start, sentence.start + end, sentence.kind)


def once(told: Sequence[Told]) -> list[Told]:
    """Each distinction of each recipient once: what is told again fills what was left out, and a title's sum or name
    stands only where the text tells nothing of it."""
    body = [one for one in told if one.kind != "title"]
    kept: list[Told] = []
    for one in [*body, *(t for t in told if t.kind == "title")]:
        place = next((i for i, other in enumerate(kept) if _same(one, other)), None)
        if place is not None:
            kept[place] = _merged(kept[place], one)
        elif one.kind != "title" or not _is_retold(one, body):
            kept.append(one)
    return [one for one in kept if not _is_sum(one, kept)]


def _is_sum(one: Told, kept: Sequence[Told]) -> bool:
    """Whether a count is only the sum of what is told after it: of as many names, or of counts by class or kind."""
    count = one.recipient.count
    if count is None or count < 2:
        return False
    after = [o for o in kept if o.start > one.start and o.said.modality == one.said.modality]
    same = [o for o in after if one.said.award in {o.said.award, PRAISE}]
    names = {o.recipient.entity for o in same if stands_for(one.recipient, o.recipient)}
    if len(names) == count and (one.said.award_class is None or all(o.said.award_class == one.said.award_class for o in same)):
        return True
    parts = [o for o in same if o.recipient.count is not None]
    if one.said.award == PRAISE and (kinds := [o for o in same if o.said.award != PRAISE]):
        alike = [o for o in kinds if o.recipient.entity == one.recipient.entity]
        return count in {sum(o.recipient.count or 1 for o in kinds), sum(o.recipient.count or 1 for o in alike)}
    classes = [o for o in parts if o.recipient.entity == one.recipient.entity and o.said.award_class]
    return one.said.award_class is None and len(classes) > 1 and sum(o.recipient.count or 0 for o in classes) == count


def _is_retold(one: Told, body: Sequence[Told]) -> bool:
    if one.recipient.count is not None:
        return bool(body)
    if one.said.award == BARE_ORDER and any(other.said.award.startswith(f"{BARE_ORDER} ") for other in body):
        return True
    return any(one.said.award in {other.said.award, PRAISE} for other in body)


def _same(one: Told, other: Told) -> bool:
    mine, theirs = one.recipient, other.recipient
    if (mine.entity_type, mine.entity.casefold(), mine.province, mine.count) != (
        theirs.entity_type, theirs.entity.casefold(), theirs.province, theirs.count,
    ):  # fmt: skip
        return False
    if one.said.award != other.said.award or one.said.modality != other.said.modality:
        return False
    pairs = ((one.said.award_class, other.said.award_class), (one.said.giver, other.said.giver), (one.said.period, other.said.period))
    return all(a is None or b is None or a == b for a, b in pairs)


def _merged(first: Told, other: Told) -> Told:
    a, b = first.said, other.said
    said = replace(
        a,
        award_class=a.award_class or b.award_class,
        giver=a.giver or b.giver,
        period=a.period or b.period,
        reason=a.reason or b.reason,
    )
    return replace(first, said=said)


def _fact(document: Document, told: Told) -> Award:
    recipient, said = told.recipient, told.said
    province = recipient.province and province_in_force(recipient.province, document.published)
    return Award(
        doc_id=document.article.doc_id,
        entity_type=recipient.entity_type,
        entity=recipient.entity,
        province=province,
        period=said.period,
        modality=said.modality,
        evidence=document.text[told.start : told.end],
        start=told.start,
        end=told.end,
        rule=said.rule,
        award=said.award,
        award_class=said.award_class,
        awarded_by=said.giver,
        recipient_count=recipient.count,
        reason=said.reason,
    )
