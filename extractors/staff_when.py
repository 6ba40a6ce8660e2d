"""When a staff figure is about: the period that its sentence tells, or one carried over from before."""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.sentence import Document, Sentence
from extractors.staff_figures import Figure, Span
from extractors.staff_statement import Statement, closed_brackets
from extractors.values import PeriodSpan, count_word, months, period_year

_UNTIL = re.compile(
    r"(?<!\w)(?:tính )?(?:đến|tới)(?: hết| cuối| đầu| giữa| thời điểm| hết ngày| ngày| cuối tháng| trước| tháng| hết quý)*\s?$"
)
_BASE = re.compile(r"(?<!\w)so(?: với)?(?: [^\s\d;:().,]+){0,5}\s?$")
# "14,8% so với số giao năm 2015": what the share is taken of; it begins a period only with an "đến năm …"
_SHARE_OF = re.compile(r"(?:số|tổng|biên chế|chỉ tiêu|được giao|giao)\s[^;]*$")
# "bằng 3,9% biên chế được giao năm 2015"
_SHARE_GIVEN = re.compile(r"\d ?% (?:tổng )?(?:số )?(?:biên chế|chỉ tiêu|số)[^;,.%\d]{0,30}? (?:được )?giao(?: của| trong| đầu| vào)?\s?$")
# "từ năm 2015", "từ 2.341 biên chế năm 2015"
_SINCE = re.compile(r"(?<!\w)từ (?:\d[\d.]* (?:[^\s\d;:().,]+ ){1,4}?(?:của |vào )?)?(?:đầu |ngày |cuối )*$")
_TO_NOW = re.compile(r" ?,? ?(?:-|đến|tới) (?:nay|hiện nay|thời điểm)")
# A sum up to the day, its start not told: no period carries over to it.
_UP_TO_NOW = re.compile(
    r"(?<!\w)(?:đến nay|tới nay|đến thời điểm (?:này|hiện tại)|lũy kế|cộng dồn|hiện đã|cho đến nay)(?!\w)"
)
_THAT_YEAR = re.compile(
    r"(?<!\w)(?<!hai )(?<!ba )(?<!bốn )(?<!sáu )(?<!bảy )(?<!\d )(?:trong năm|cùng năm|năm đó|năm này|năm ấy)(?!\w)(?! \ue010| học)"
    r"|(?:^|(?<=[,;:] ))cả năm(?=,| (?:toàn |[\ue001\ue002\ue009]|(?:tỉnh )?(?:đã|có|giảm|tinh giản|giải quyết|cho|thực hiện) ))"
)
# "cũng trong thời gian ấy", "ba năm này": the time of the figure before
_SAME_TIME = re.compile(
    r"(?<!\w)(?:(?:trong|cùng|cũng|vào) )*(?:(?:cùng )?(?:khoảng )?(?:thời gian|thời kỳ|giai đoạn|nhiệm kỳ|kỳ|đợt|quãng|(?:hai|ba|bốn|năm|sáu|bảy|\d+) (?:năm|tháng|quý)|(?:đến |tính đến )thời điểm(?! này)) (?:trên|này|ấy|đó|nói trên|nêu trên)|cùng (?:thời gian|giai đoạn|kỳ(?! năm)|đợt|thời điểm))(?!\w)(?! (?:năm )?(?:trước|ngoái))"
)
# "từ 2.341 biên chế năm 2015 xuống còn 2.087 biên chế năm 2021"
_FROM_TO = re.compile(
    r"(?<!\w)từ \d[\d.]* (?:[^\s\d;:().,]+ ){1,6}?năm (\d{4}),? (?:xuống|đến nay|đến|nay|hiện)?(?: còn| chỉ còn)? ?(?:\d[\d.]* )?(?:[^\s\d;:().,]+ ){0,6}?năm (\d{4})(?!\d)"
)
# "từ đầu năm đến hết tháng 8"
_SINCE_NEW_YEAR = re.compile(
    r"(?<!\w)từ đầu năm(?: nay| (\d{4}))?,? (?:đến|tới|cho đến)(?: nay,?)?(?: hết| cuối| giữa| đầu)? tháng (\d{1,2})(?!\d)(?:(?: ?[/.-] ?| năm )(\d{4}))?"
)
# "đợt 1/2019" is a round of that year and no month
_ROUND = re.compile(r"đợt (?:\d{1,2}|[ivx]+)(?: ?[/-] ?| năm |, năm | của năm )((?:19|20)\d\d)(?!\d)")
_MONTHS = re.compile(
    r"(?:^|(?<=[,:;(] )|(?<=trong )|(?<=sau ))(\d{1,2}|ba|sáu|bảy|tám|chín|mười(?: một)?) tháng(?: (?:đầu|qua|vừa qua|đã qua)(?!\w)|(?=[,:]))"
)
# "hai năm 2025 và 2026"; years named one by one are two periods of a rank, but one of a sum
_TWO_YEARS = re.compile(
    r"(?:hai|ba|bốn|[2-4]) năm (?P<first>(?:19|20)\d\d)(?:, (?:19|20)\d\d)*?(?:,? và (?:năm )?|, )(?P<last>(?:19|20)\d\d)(?!\d|,? (?:và )?(?:19|20)\d\d)"
)
# "ngay trong năm 2025 và 2026": the sum of both
_IN_BOTH = re.compile(r"(?<!\w)trong (?:cả )?năm ((?:19|20)\d\d) và (?:năm )?((?:19|20)\d\d)(?!\d)")
# "giai đoạn 2021 và 6 tháng đầu năm 2022": one stretch
_AND_MONTHS = re.compile(
    r"(?:(?:cả |trong )?năm|giai đoạn) ((?:19|20)\d\d),? và (?:trong )?(\d{1,2}|ba|sáu|bảy|tám|chín) tháng(?: đầu)? năm ((?:19|20)\d\d)(?!\d)"
)
# Where an article reports on a period as a whole.
_REPORT = re.compile(r"sơ kết|tổng kết|kết quả|báo cáo|đánh giá|nhìn lại|giao ước")
_PHRASE_END = re.compile(r"[,;:.()]|(?<!\w)(?:và|trong đó|gồm)(?!\w)")

# "trong 3 năm (", "giai đoạn ("
_SPELT_OUT = re.compile(r"(?:năm|giai đoạn|nhiệm kỳ|thời gian|kỳ|đợt|tháng|qua)(?: \w+)? \($")
# What follows a figure and speaks of something else, which has a period of its own.
_GOES_ELSEWHERE = re.compile(
    r"(?<!\w)(?:sẽ|phấn đấu|dự kiến|tuyển|còn|nhưng|trong khi|so với|bổ sung|kế hoạch|chưa)(?!\w)"
)
# What makes a period the time of another number: "năm 2025 còn 1.812 biên chế"
_LEADS = re.compile(r"(?: là| có| còn|:| ?\(còn\)| ?\(còn| giao| được giao| khoảng| hơn| gần)+:? ?\d")
_ONLY_TIME = re.compile(r"[\W\d]*(?:trong |về |riêng )?\ue010\ue000*\W*")
_BRACKET = re.compile(r"\s?\([^()]*\)")
_ONLY_PERIOD = re.compile(r"\(\s?(?:trong |riêng )?[\ue010]\ue000*\s?\)")


@dataclass(frozen=True, slots=True)
class _Told:
    """A period in a sentence: `in` it, `until` it, or the `base` that is compared with."""

    start: int
    end: int
    period: str
    role: str


def period_in(statement: Statement, figure: Figure) -> tuple[str | None, bool]:
    """The period that the sentence tells for a figure, and whether it is settled (a sum "đến nay" has none and
    takes none over)."""
    if figure.when is not None:
        return next((p.period for p in statement.sentence.periods if p.start == figure.when[0]), None), True
    chosen = _chosen(statement, figure)
    if chosen is not None:
        base = _base(statement, figure) or _base_before(statement, figure, chosen)
        return _with_base(chosen, base), True
    start, end = statement.clause(figure.number[0])
    folded = statement.sentence.folded
    settled = _UP_TO_NOW.search(folded, start, figure.number[0]) or _UP_TO_NOW.search(folded, figure.number[1], end)
    return None, settled is not None


def based(statement: Statement, figure: Figure, carried: str | None) -> str | None:
    """A period carried over, begun at the base that the figure's clause compares with."""
    base = _base(statement, figure)
    if base is None or carried is None:
        return carried
    return _with_base(_Told(0, 0, carried, "in"), base)


def _base(statement: Statement, figure: Figure) -> _Told | None:
    """The period that a figure's clause compares with ("so với năm 2015")."""
    start, end = statement.clause(figure.number[0])
    bases = (t for t in _all_told(statement) if t.role in {"base", "share"} and start <= t.start < end)
    return next((t for t in bases if not _closed_off(statement.sentence, figure, t)), None)


def _base_before(statement: Statement, figure: Figure, chosen: _Told) -> _Told | None:
    """The base told with a period that a clause before names for the figure as well: "So với năm 2015, đến năm 2021
    công chức giảm …; viên chức giảm …"."""
    low, _ = statement.clause(figure.number[0])
    start, _ = statement.clause(chosen.start)
    if chosen.start >= low:
        return None
    first = next((number for number in statement.numbers if number >= start), low)
    limit = low if chosen.role == "until" else first
    return next((t for t in _all_told(statement) if t.role == "base" and start <= t.start < limit), None)


def _closed_off(sentence: Sentence, figure: Figure, told: _Told) -> bool:
    """Whether a base stands in brackets of which the figure is no part: "3.491 biên chế (4,7% so với 2015)"."""
    between = sentence.masked[figure.number[1] : told.start]
    return between.count("(") > between.count(")")


def _with_base(chosen: _Told, base: _Told | None) -> str:
    if base is None or "/" in chosen.period or (base.role == "share" and chosen.role != "until"):
        return chosen.period
    first, last = period_year(base.period), period_year(chosen.period)
    if first is None or last is None or first >= last or (chosen.role == "in" and last - first == 1):
        return chosen.period
    return f"{base.period}/{chosen.period}"


def _told(document: Document, sentence: Sentence) -> Iterator[_Told]:
    rounds = [(m.start(), m.end(), m.group(1)) for m in _ROUND.finditer(sentence.folded)]
    rounds += [(m.start(), m.end(), f"{m[1]}/{m[2]}") for m in _TWO_YEARS.finditer(sentence.folded)]
    both = _IN_BOTH.finditer(sentence.folded) if "lần lượt" not in sentence.folded else ()
    rounds += [(m.start(), m.end(), f"{m[1]}/{m[2]}") for m in both if int(m[1]) + 1 == int(m[2])]
    rounds += list(_and_months(sentence))
    rounds += list(_bare_months(document, sentence))
    rounds += list(_since_new_year(document, sentence))
    rounds += [(m.start(), m.end(), f"{m[1]}/{m[2]}") for m in _FROM_TO.finditer(sentence.folded) if m[1] < m[2]]
    for start, end, year in rounds:
        yield _Told(start, end, year, "in")
    for span in sentence.periods:
        if any(start < span.end and span.start < end for start, end, _ in rounds):
            continue
        told = _role(document, sentence, span)
        if told is not None:
            yield told
    for match in _THAT_YEAR.finditer(sentence.masked):
        if year_spoken := _year_before(document, sentence, match.start()):
            yield _Told(match.start(), match.end(), year_spoken, "in")


def _and_months(sentence: Sentence) -> Iterator[tuple[int, int, str]]:
    """ "năm 2021 và 6 tháng đầu năm 2022": from the first year to that month."""
    for match in _AND_MONTHS.finditer(sentence.folded):
        number = int(match[2]) if match[2].isdigit() else count_word(match[2])
        if number and number <= 12 and int(match[1]) + 1 == int(match[3]):
            yield match.start(), match.end(), f"{match[1]}/{match[3]}-{number:02}"


def _bare_months(document: Document, sentence: Sentence) -> Iterator[tuple[int, int, str]]:
    """ "chín tháng qua", "6 tháng,": the first months of the year of publication, where that many are over."""
    for match in _MONTHS.finditer(sentence.folded):
        number = int(match[1]) if match[1].isdigit() else count_word(match[1])
        if not number or document.published is None or not number <= document.published.month:
            continue
        if not any(span.start < match.end() and match.start() < span.end for span in sentence.periods):
            yield match.start(), match.end(), months(document.published.year, 1, number)


def _since_new_year(document: Document, sentence: Sentence) -> Iterator[tuple[int, int, str]]:
    """ "từ đầu năm đến hết tháng 8": the first months of the year told with them, else of that of publication."""
    for match in _SINCE_NEW_YEAR.finditer(sentence.folded):
        year = match[1] or match[3] or (str(document.published.year) if document.published else None)
        if match[1] and match[3] and match[1] < match[3] and 1 <= int(match[2]) <= 12:
            yield match.start(), match.end(), f"{match[1]}-01/{match[3]}-{int(match[2]):02}"
        elif year and 1 <= int(match[2]) <= 12:
            yield match.start(), match.end(), months(int(year), 1, int(match[2]))


def _role(document: Document, sentence: Sentence, span: PeriodSpan) -> _Told | None:
    if span.period is None or sentence.folded[span.start : span.end].startswith("cùng kỳ"):
        return None
    before = sentence.folded[max(0, span.start - 50) : span.start]
    period = span.period
    if base := _BASE.search(before):
        if span.kind == "relative":
            return None
        role = "share" if _SHARE_OF.search(before, base.start()) else "base"
        return _Told(span.start, span.end, period[:7] if span.kind == "date" else period, role)
    if _SHARE_GIVEN.search(before):
        return _Told(span.start, span.end, period[:7] if span.kind == "date" else period, "share")
    since = _SINCE.search(before) or sentence.folded.startswith("từ", span.start)
    if since and _TO_NOW.match(sentence.folded, span.end) and document.published and "/" not in period:
        last = document.published.isoformat()[: len(period[:7]) if "-" in period else 4]
        first = period[:7]
        return _Told(span.start, span.end, first if first == last else f"{first}/{last}", "in")
    until = _UNTIL.search(before)
    if span.kind == "date":
        return _Told(span.start, span.end, period[:7], "until") if until else None
    if (
        until
        and span.kind == "month"
        and document.published
        and not re.search(r"\d{4}", sentence.folded[span.start : span.end])
    ):
        period = f"{document.published.year}-{period[5:]}"  # "đến tháng 12" lies ahead
    if until and (month := re.search(r"(?:cuối|hết) tháng (\d{1,2})\s?$", before)):
        period = f"{period}-{int(month.group(1)):02}"
    return _Told(span.start, span.end, period, "until" if until else "in")


@functools.lru_cache(maxsize=8)
def _all_told(statement: Statement) -> tuple[_Told, ...]:
    return tuple(sorted(_told(statement.document, statement.sentence), key=lambda told: told.start))


@functools.lru_cache(maxsize=8)
def _owners(statement: Statement) -> dict[int, int]:
    """For each period that belongs to a figure's phrase, by offset, that figure's number."""
    told = _all_told(statement)
    starts = [one.start for one in told]
    owners: dict[int, int] = {}
    for figure in statement.figures:
        low, high = _after(statement, figure)
        for one in told[bisect_right(starts, low - 1) : bisect_right(starts, high - 1)]:
            owners.setdefault(one.start, figure.number[0])
    return owners


def _chosen(statement: Statement, figure: Figure) -> _Told | None:
    """The period of a figure: in its phrase, in its wording, else the nearest before it in its clause, in the
    clauses before, or right after it."""
    sentence = statement.sentence
    told = [one for one in _all_told(statement) if one.role in {"in", "until"}]
    low, high = _after(statement, figure)
    phrase = next((one for one in told if low <= one.start < high), None)
    if phrase is not None:
        return phrase
    number = figure.number[0]
    inside = [one for one in told if figure.span[0] <= one.start and one.end <= number]
    if inside:
        return inside[-1]
    before = next((one for one in reversed(told) if one.end <= number and _is_free(statement, one, number)), None)
    if before is not None:
        return before
    _, end = statement.clause(number)
    following = statement.following(figure)
    limit = following.number[0] if following is not None and len(told) > 1 else end
    later = next((one for one in told if figure.number[1] <= one.start < limit), None)
    if later is None or later.start >= end:
        return None
    if _LEADS.match(sentence.folded, later.end):
        return None
    gap = sentence.folded[figure.phrase[1] : later.start]
    if len(told) == 1 and not _GOES_ELSEWHERE.search(gap):
        return later
    joins = re.fullmatch(r"[^;]*?\)? (?:trong|vào|ở|giai đoạn|tính|của)?\s?", gap) is not None
    return later if joins or later.role == "until" else None


def _is_free(statement: Statement, told: _Told, number: int) -> bool:
    """Whether a period before a number belongs to no figure before it and stands in no closed brackets."""
    if _owners(statement).get(told.start, number) < number:
        return False
    if not closed_brackets(statement.sentence, told.end, number) or _is_aside(statement.sentence, told):
        return True
    alone = statement.sentence.folded[max(0, told.start - 1) : told.end + 1]
    return alone[0] == "(" and alone[-1] == ")" and told.end < min(statement.numbers, default=number)


def _is_aside(sentence: Sentence, told: _Told) -> bool:
    """ "trong 3 năm (2016 - 2018)": the brackets only spell the period out."""
    before = sentence.folded[max(0, told.start - 30) : told.start]
    return sentence.folded.startswith(")", told.end) and _SPELT_OUT.search(before) is not None


def _after(statement: Statement, figure: Figure) -> Span:
    """The stretch after a figure that still belongs to its phrase: to the next comma or the next figure; brackets
    that follow at once are read as well."""
    masked, length = statement.sentence.masked, len(statement.sentence.masked)
    following = statement.following(figure)
    end = max(figure.phrase[1], figure.number[1])
    bracket = _BRACKET.match(masked, figure.span[1])
    if bracket and not (following and bracket.start() < following.number[0] < bracket.end()):
        if _ONLY_PERIOD.search(bracket.group()):
            return bracket.span()
        end = bracket.end()
    stop = _PHRASE_END.search(masked, end)
    limit = max(following.span[0], end) if following else length
    return end, min(stop.start() if stop else length, limit)


def _year_before(document: Document, sentence: Sentence, place: int) -> str | None:
    """The year that "trong năm" means: the last one told before it in the paragraph, else the article's."""
    told = [s for s in document.sentences if s.block == sentence.block and s.start <= sentence.start]
    years = [
        p.period[-4:] if p.kind == "interval" else p.period[:4]
        for s in told
        for p in s.periods
        if p.period and p.kind not in {"relative"} and (s is not sentence or p.end <= place)
    ]
    years = [year for year in years if document.published is None or int(year) <= document.published.year]
    if years:
        return years[-1]
    main = main_period(document)
    return main[:4] if main else (str(document.published.year) if document.published else None)


def carried_period(document: Document, at: int) -> str | None:
    """The period told last before a sentence in its paragraph, else the one that the article reports on."""
    sentence = document.sentences[at]
    for earlier in reversed(document.sentences[:at]):
        if earlier.block != sentence.block:
            break
        told = [t for t in _told(document, earlier) if t.role in {"in", "until"}]
        if told:
            base = next((t for t in _told(document, earlier) if t.role == "base"), None)
            return _with_base(told[-1], base)
        if _UP_TO_NOW.search(earlier.folded):
            return None
    if told := [t for s in leading(document, at) for t in _told(document, s) if t.role in {"in", "until"}]:
        return told[-1].period
    return main_period(document)


def leading(document: Document, at: int) -> list[Sentence]:
    """The block before a sentence's own where it is the question that the block answers ("Chỉ tiêu năm 2015 của
    quận?"), or no more than a time as a heading ("Năm 2023")."""
    block = document.sentences[at].block
    before: list[Sentence] = []
    for sentence in reversed(document.sentences[:at]):
        if sentence.block < block - 1:
            break
        if sentence.block == block - 1 and sentence.kind not in {"title", "row"}:
            before.insert(0, sentence)
    if before and (before[-1].text.rstrip().endswith("?") or _ONLY_TIME.fullmatch(before[-1].masked)):
        return before
    return []


def same_time(statement: Statement, figure: Figure) -> bool:
    """Whether the figure's clause goes on with the time of the figure before: "cũng trong thời gian ấy"."""
    start, end = statement.clause(figure.number[0])
    return _SAME_TIME.search(statement.sentence.folded, start, end) is not None


def main_period(document: Document) -> str | None:
    """The period that an article as a whole reports on ("Sơ kết 6 tháng đầu năm 2020"), from its title and its
    first paragraphs; None where it reports on none."""
    for sentence in document.sentences[:12]:
        if not _REPORT.search(sentence.folded):
            continue
        for span in sentence.periods:
            reported = span.kind in {"year", "months", "quarter", "half", "month"}
            if reported and span.period and not _BASE.search(sentence.folded[max(0, span.start - 50) : span.start]):
                return span.period
    return None
