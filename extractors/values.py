"""Pure readers of Vietnamese numbers, ordinals, periods and dates. All work on folded text (`fold.fold`),
whose offsets are those of the article's text."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from extractors.triggers import Triggers

# --- numbers -------------------------------------------------------------------------------------------------

# "1.234", "1 234", "12.345,6", "81,20", "0.8241", "64"; never the tail of another number or of a document's
# number ("108/2014/nđ-cp" is left to `DOCUMENT_NUMBER`).
NUMBER = r"(?<![\w.,])(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?: \d{3})+(?![\d.,]*\d)|\d+(?:[.,]\d+)?)(?![\w]|[.,]\d)"

_UNITS = {
    "không": 0, "một": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "sáu": 6, "bảy": 7,
    "bẩy": 7, "tám": 8, "chín": 9, "mười": 10, "mốt": 1,
}  # fmt: skip
COUNT_WORDS = {word: number for word, number in _UNITS.items() if word not in {"lăm", "mốt", "không", "tư"}}
ORDINAL_WORDS = {**COUNT_WORDS, "nhất": 1, "nhì": 2, "tư": 4}
# "mười hai", "hai mươi mốt", "mười"; only as a count before a noun, since "năm" is also "year".
COUNT_WORD = r"(?:mười(?: (?:một|hai|ba|bốn|lăm|sáu|bảy|tám|chín))?|(?:hai|ba|bốn|năm|sáu|bảy|tám|chín) mươi(?: (?:mốt|hai|ba|tư|bốn|lăm|sáu|bảy|tám|chín))?|một|hai|ba|bốn|năm|sáu|bảy|bẩy|tám|chín)"
ORDINAL_WORD = r"(?:nhất|nhì|hai|ba|bốn|tư|năm|sáu|bảy|bẩy|tám|chín|mười(?: (?:một|hai|ba|bốn|lăm|sáu|bảy|tám|chín))?|một)"


def count_word(words: str) -> int | None:
    """The number that Vietnamese words say, 0 to 99: "mười hai" is 12, "hai mươi mốt" 21; None for no number."""
    value = 0
    for word in words.split():
        if word == "mươi":
            value *= 10
        elif word in ORDINAL_WORDS or word in _UNITS:
            value += _UNITS.get(word, ORDINAL_WORDS.get(word, 0))
        else:
            return None
    return value if words.strip() else None


def whole_number(text: str) -> int | None:
    """A count: points and spaces group thousands: "1.234", "1 234", "06", "hai" give 1234, 1234, 6, 2.

    None where the text is no whole number ("2,5", "12.5").
    """
    text = text.strip()
    if re.fullmatch(r"\d{1,3}(?:[. ]\d{3})+|\d+", text):
        return int(re.sub(r"[. ]", "", text))
    return count_word(text)


def decimal_number(text: str) -> float | None:
    """A score or a share: the comma is the decimal mark, and so is a point that cannot group thousands:
    "81,20", "81.20", "0.633", "45.787" give 81.2, 81.2, 0.633, 45.787; "1.000" and "1.234,5" are thousands."""
    text = text.strip().replace(" ", "")
    if "," in text:
        whole, _, part = text.rpartition(",")
        whole = whole.replace(".", "")
        return float(f"{whole}.{part}") if whole.isdigit() and part.isdigit() else None
    if re.fullmatch(r"[1-9]\d{0,2}\.\d00|[1-9]\d{0,2}(?:\.\d{3}){2,}", text):  # "1.000" points in all
        return float(text.replace(".", ""))
    return float(text) if re.fullmatch(r"\d+(?:\.\d+)?", text) else None


def ordinal(text: str) -> int | None:
    """A place: "nhất", "nhì", "thứ ba", "số 1", "05", "hạng tư" give 1, 2, 3, 1, 5, 4; None for anything else."""
    text = re.sub(r"^(?:thứ|số|hạng)\s+(?:thứ |số )?", "", text.strip())
    if text.isdigit():
        return int(text)
    if text in ORDINAL_WORDS:
        return ORDINAL_WORDS[text]
    return count_word(text) if text.startswith("mười") else None


ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}

# --- what looks like a number or a year and is none -------------------------------------------------------------

# "108/2014/nđ-cp", "309/qđ-ubnd", "06-nq/tu", "02/ctr-ubnd", "quyết định số 512", "nghị quyết số 18", "iso 9001:2008"
DOCUMENT_NUMBER = re.compile(
    r"\d+(?:/\d{4})?/(?:[a-zđ]{1,5}-[a-zđ&]{1,6}(?:-[a-zđ]{1,6})?|qh\d+|cp)\b"
    r"|\d+-(?:nq|kl|ct|qđ|hd|cv|tb|kh)/[a-zđ]{1,5}\b"
    r"|(?:quyết định|nghị định|nghị quyết|công văn|thông tư|kế hoạch|chỉ thị|văn bản|tờ trình|thông báo|đề án|nđ|nq|qđ)"
    r"(?: số)? \d+(?:/\d{4})?(?:/[a-zđ]+(?:-[a-zđ]+)*)?"
    r"|iso \d+(?: ?[-:] ?\d{4})?|tcvn(?: iso)? \d+(?:[:-]\d{4})?"
)

# --- periods -------------------------------------------------------------------------------------------------

PeriodKind = Literal["year", "half", "quarter", "month", "months", "interval", "date", "relative"]


@dataclass(frozen=True, slots=True)
class PeriodSpan:
    """A stretch of time told in a text: `period` in the contract's form ("2019", "2020-H1", "2020-Q2",
    "2020-06", "2015/2021"; a `date` is "2020-07-14"), None where the text does not allow to resolve it.

    `offset` is set for relative years: -1 for "năm trước", and for a month told without its year that was taken for
    last year's since this year's is still to come; `topical` where it counts from the year spoken of
    ("năm trước", "năm sau") rather than from the day of publication ("năm nay", "năm ngoái").
    """

    start: int
    end: int
    kind: PeriodKind
    period: str | None
    offset: int | None = None
    topical: bool = False
    step: int = 4  # how much of the period spoken of is meant: its year, or (7) its month or quarter


_Y = r"(?:19|20)\d\d"
_D = r"(?:0?[1-9]|[12]\d|3[01])"
_M = r"(?:0?[1-9]|1[0-2])"
_TO = r" ?(?:-|đến|tới) ?"
_COUNTED = (
    r"(?! ?(?:người|cán bộ|biên chế|trường hợp|đơn vị|hồ sơ|tỷ|tỉ|triệu|đồng|doanh nghiệp|phiếu|điểm|%|cuộc|lượt|tập thể|cá nhân"
    r"|thủ tục|văn bản|học sinh|hộ|công chức|viên chức)\b)"
)

_PATTERNS: tuple[tuple[PeriodKind, str], ...] = (
    # "từ ngày 01/01/2025 đến ngày 30/6/2025", "từ năm 2015 đến ngày 6-8-2018", "từ tháng 1/2015 đến tháng 6/2018"
    (
        "interval",
        rf"từ (?:đầu )?(?:ngày |năm |tháng )?(?P<a>(?:{_D}[/.-])?(?:{_M}(?:[/.-]| năm ))?{_Y}){_TO}(?:hết |nay |cuối |đầu )?(?:ngày |năm |tháng )?(?P<b>(?:{_D}[/.-])?(?:{_M}(?:[/.-]| năm ))?{_Y})(?![\w/])",
    ),
    # "từ ngày 1/7 đến 31/12/2025", "từ 01/01 đến hết ngày 30/6/2020"
    (
        "interval",
        rf"từ (?:ngày )?(?P<da>{_D})[/.-](?P<ma>{_M}){_TO}(?:hết )?(?:ngày )?(?P<db>{_D})[/.-](?P<mb>{_M})[/.-](?P<y>{_Y})(?![\w/])",
    ),
    # "từ tháng 01 đến tháng 9/2025", "tháng 1 - 9/2025"
    (
        "interval",
        rf"(?:từ )?tháng (?P<ma>{_M}){_TO}(?:hết )?(?:tháng )?(?P<mb>{_M})(?:[/-]| năm )(?P<y>{_Y})(?![\w/])",
    ),
    # "giai đoạn 2015 - 2021", "nhiệm kỳ 2015-2020", "2017-2020", "2016 đến 2018", "(2017-2020)"
    (
        "interval",
        rf"(?:(?:giai đoạn|nhiệm kỳ|thời kỳ|trong)(?: \w+ năm)? )?(?:từ )?(?:năm )?(?<![\d/])(?P<a>{_Y}){_TO}(?:năm )?(?P<b>{_Y})(?![\d/])",
    ),
    # "ngày 27 tháng 7 năm 2018"
    ("date", rf"(?:ngày )?(?<![\d.,])(?P<d>{_D}) tháng (?P<m>{_M})(?:,? năm (?P<y>{_Y}))?"),
    # "14/7/2020", "28-4-2020", "6.8.2018"
    ("date", rf"(?<![\d/.-])(?P<d>{_D})(?P<sep>[/.-])(?P<m>{_M})(?P=sep)(?P<y>{_Y})(?![\d/])"),
    # "6 tháng đầu năm 2020", "sáu tháng cuối năm", "nửa đầu năm 2019", "9 tháng năm 2019", "bảy tháng đầu năm 2018"
    (
        "months",
        rf"(?<!\d)(?P<n>\d{{1,2}}|ba|sáu|bảy|tám|chín|mười(?: một)?|bốn|năm) tháng(?: (?P<part>đầu|cuối))?(?: của)?(?: năm(?: (?P<y>{_Y})(?!\d)| nay)?|/(?P<y2>{_Y}))",
    ),
    ("half", rf"nửa (?P<part>đầu|cuối) năm(?: (?P<y>{_Y}))?"),
    # "quý iii/2020", "quý 2 năm 2020", "quý iii năm nay", "quý iii vừa qua"
    ("quarter", rf"quý (?P<q>iv|iii|ii|i|[1-4])(?:(?: ?[/-] ?|,? năm )(?P<y>{_Y})|(?P<now>,? (?:của )?năm nay))?(?!\w)"),
    # "tháng 02/2025", "tháng 6 năm 2020", "tháng 2-2025", "02/2025"
    ("month", rf"tháng (?P<m>{_M})(?: ?[/-] ?| năm )(?P<y>{_Y})(?![\d/])"),
    ("month", rf"(?<![\d/.,-])(?P<m>0[1-9]|1[0-2])/(?P<y>{_Y})(?![\d/])"),
    # "ngày 30-6", "sáng 14/7", "chiều ngày 5/6": the day of a deed
    (
        "date",
        rf"(?:ngày|sáng|chiều|tối|trưa|hôm nay|hôm qua)(?: ngày)? ?\(?(?P<d>{_D})[/.-](?P<m>{_M})(?!\d|[/.-]\d|,\d|%)",
    ),
    ("date", rf"(?:(?<=tính đến )|(?<=đến hết ))(?P<d>{_D})[/.-](?P<m>{_M})(?!\d|[/.-]\d|,\d|%)"),
    # "năm 2019", and a bare "2019" (not a count of people, not a part of a number)
    ("year", rf"năm (?P<y>{_Y})(?![\d%]|[.,]\d)"),
    ("year", rf"(?<![\w/.,:-])(?P<y>{_Y})(?![\w%/]|[.,]\d){_COUNTED}"),
    # "năm ngoái", "năm trước", "năm nay", "năm sau", "năm tới", "năm qua"
    (
        "relative",
        r"(?P<rel>(?:cùng kỳ )?năm (?:ngoái|trước đó|trước|nay|sau|tới|qua|liền trước|liền kề))(?!\w)",
    ),
    # "ba năm trước", "cách đây 5 năm"
    (
        "relative",
        r"(?<!trong )(?<!suốt )(?<!những )(?<!các )(?:cách đây )?(?P<ago>[2-9]|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười) năm(?: về)? (?P<rel>trước)(?! đây| mắt)(?!\w)",
    ),
    ("relative", r"(?P<rel>cách đây) (?P<ago>[2-9]|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười) năm(?!\w)"),
    # "tháng trước", "quý trước đó"
    ("relative", r"(?P<rel>(?:tháng|quý) (?:liền trước|liền kề trước|trước đó|trước))(?! (?:ngày|đây|năm))(?!\w)"),
    # "cùng kỳ đánh giá" is the time spoken of
    ("relative", r"(?P<rel>cùng kỳ)(?! (?:đánh giá|báo cáo|khảo sát|xếp hạng)(?!\w))(?!\w)"),
    # "tháng 6": of the year of publication
    ("month", rf"tháng (?P<m>{_M})(?![\d/-]|\w)"),
)


def _numbered(pattern: str, index: int) -> str:
    """The pattern with its group names made unique, so that all patterns make one alternation."""
    pattern = re.sub(r"\(\?P<(\w+)>", lambda group: f"(?P<{group.group(1)}_{index}>", pattern)
    pattern = re.sub(r"\(\?P=(\w+)\)", lambda group: f"(?P={group.group(1)}_{index})", pattern)
    return f"(?P<k{index}>{pattern})"


# How what the patterns match can begin: at most places in a text the long alternation need not be tried.
_BEGINS = (
    r"(?=\d|t(?:ừ |háng|hời kỳ|rong|rưa|ối|ám)|giai đoạn|n(?:hiệm kỳ|ăm |ửa |gày)|quý |s(?:áu|áng)|ch(?:iều|ín)|hôm |c(?:ùng kỳ|ách đây)|hai "
    r"|b(?:a |ảy|ốn)|mười)"
)
_PERIOD = re.compile(
    _BEGINS + "(?:" + "|".join(_numbered(pattern, index) for index, (_, pattern) in enumerate(_PATTERNS)) + ")"
)
# The groups of each pattern: as it names them, and their numbers.
_PARTS = tuple(
    tuple((name, _PERIOD.groupindex[f"{name}_{index}"]) for name in re.compile(pattern).groupindex)
    for index, (_, pattern) in enumerate(_PATTERNS)
)
# Every period has the figures of a year or day, or one of these words.
_PERIOD_FIGURES = re.compile(r"\d(?:(?<=1)9|(?<=2)0|[/.-]\d)")
_PERIOD_WORDS = (
    "tháng", "cùng kỳ", "nửa ", "quý ", "năm ngoái", "năm trước", "năm nay", "năm sau", "năm tới", "năm qua", "năm liền",
    "cách đây", "năm về trước",
)  # fmt: skip
_QUARTERS = {(1, 3): "Q1", (4, 6): "Q2", (7, 9): "Q3", (10, 12): "Q4", (1, 6): "H1", (7, 12): "H2"}
_LAST_DAYS = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
_RELATIVE = {"ngoái": (-1, False), "trước": (-1, True), "trước đó": (-1, True), "liền trước": (-1, True),
             "liền kề": (-1, True), "nay": (0, False), "sau": (1, True), "tới": (1, False), "qua": (-1, False)}  # fmt: skip


def months(year: int, first: int, last: int) -> str:
    """A stretch of months of one year in its shortest form: H1, Q3, one month, the year, or an interval."""
    if (first, last) == (1, 12):
        return f"{year}"
    if first == last:
        return f"{year}-{first:02}"
    if code := _QUARTERS.get((first, last)):
        return f"{year}-{code}"
    return f"{year}-{first:02}/{year}-{last:02}"


def find_periods(folded: str, published: date | None) -> list[PeriodSpan]:
    """The periods and dates in a folded text, by offset, never overlapping; numbers of documents are skipped."""
    return list(_periods(folded, published, document_numbers(folded))) if may_tell_period(folded) else []


def may_tell_period(folded: str) -> bool:
    """False where no period can stand in a folded text."""
    return _PERIOD_FIGURES.search(folded) is not None or any(word in folded for word in _PERIOD_WORDS)


def document_numbers(folded: str) -> list[tuple[int, int]]:
    """Where documents are named by their numbers in a folded text."""
    if not _document_words().possible(folded):
        return []
    return [match.span() for match in DOCUMENT_NUMBER.finditer(folded)]


@functools.cache
def _document_words() -> Triggers:
    return Triggers([DOCUMENT_NUMBER])


def _periods(folded: str, published: date | None, documents: list[tuple[int, int]]) -> Iterator[PeriodSpan]:
    for match in _PERIOD.finditer(folded):
        if any(start < match.end() and match.start() < end for start, end in documents):
            continue
        assert match.lastgroup is not None  # the pattern's own group, as it is the last to end
        index = int(match.lastgroup.removeprefix("k"))
        parts = {name: value for name, group in _PARTS[index] if (value := match[group]) is not None}
        yield _span(match.start(), match.end(), _PATTERNS[index][0], parts, published)


def _span(
    start: int, end: int, kind: PeriodKind, parts: dict[str, str], published: date | None
) -> PeriodSpan:
    stated = parts.get("y") or parts.get("y2")
    year = int(stated) if stated else (published.year if published else None)
    if kind == "relative":
        return _ago(start, end, parts, published) if "ago" in parts else _relative(start, end, parts["rel"], published)
    if kind == "interval":
        return PeriodSpan(start, end, kind, _interval(parts))
    if year is None:
        return PeriodSpan(start, end, kind, None)
    if kind == "year":
        return PeriodSpan(start, end, kind, str(year))
    if kind == "date":
        day, month = int(parts["d"]), int(parts["m"])
        good = day <= _LAST_DAYS[month]
        return PeriodSpan(start, end, kind, f"{year}-{month:02}-{day:02}" if good else None)
    late = not stated and "now" not in parts and published is not None and _is_later(kind, parts, published)
    offset = -1 if late else None
    year -= late  # in January "tháng 12" is last year's
    if kind == "quarter":
        return PeriodSpan(start, end, kind, f"{year}-Q{ROMAN.get(parts['q']) or int(parts['q'])}", offset)
    if kind == "half":
        return PeriodSpan(start, end, kind, f"{year}-{'H1' if parts['part'] == 'đầu' else 'H2'}")
    if kind == "month":
        return PeriodSpan(start, end, kind, f"{year}-{int(parts['m']):02}", offset)
    return _first_months(start, end, parts, year)


def _is_later(kind: PeriodKind, parts: dict[str, str], published: date) -> bool:
    """Whether a month or quarter told without its year would begin after publication."""
    if kind == "month":
        return int(parts["m"]) > published.month
    if kind == "quarter":
        return 3 * (ROMAN.get(parts["q"]) or int(parts["q"])) - 2 > published.month
    return False


def _first_months(start: int, end: int, parts: dict[str, str], year: int) -> PeriodSpan:
    number = int(parts["n"]) if parts["n"].isdigit() else count_word(parts["n"])
    if not number or not 1 <= number <= 12:
        return PeriodSpan(start, end, "months", None)
    first = (13 - number) if parts.get("part") == "cuối" else 1
    return PeriodSpan(start, end, "months", months(year, first, first + number - 1))


def _relative(start: int, end: int, words: str, published: date | None) -> PeriodSpan:
    if words.startswith(("tháng", "quý")):
        now = published and (f"{published.year}-{published.month:02}" if words[0] == "t" else f"{published.year}-Q{(published.month + 2) // 3}")
        return PeriodSpan(start, end, "relative", previous(now or None), -1, True, 7)
    offset, topical = _RELATIVE.get(words.removeprefix("cùng kỳ").strip().removeprefix("năm "), (-1, True))
    period = str(published.year + offset) if published else None
    if words.endswith("năm qua") and published and published.month > 4:
        period = None  # late in a year "the past year" is not the last calendar year for certain
    return PeriodSpan(start, end, "relative", period, offset, topical)


def _ago(start: int, end: int, parts: dict[str, str], published: date | None) -> PeriodSpan:
    """ "ba năm trước" counts from the year spoken of, "cách đây ba năm" from the day of publication."""
    years = int(parts["ago"]) if parts["ago"].isdigit() else count_word(parts["ago"])
    period = str(published.year - years) if published and years else None
    return PeriodSpan(start, end, "relative", period, -years if years else None, parts["rel"] == "trước")


def _interval(parts: dict[str, str]) -> str | None:
    if "ma" in parts:
        return months(int(parts["y"]), int(parts["ma"]), int(parts["mb"]))
    first, last = _moment(parts["a"]), _moment(parts["b"])
    if first == last:
        return str(first[0])
    if first[1] and last[1] and first[0] == last[0] and _is_whole(first, last):
        return months(first[0], first[1], last[1])
    if first > last:
        return None
    return f"{_month(first)}/{_month(last)}"


def _is_whole(first: tuple[int, int, int], last: tuple[int, int, int]) -> bool:
    return first[2] in {0, 1} and last[2] in {0, 28, _LAST_DAYS[last[1]]}


def _moment(text: str) -> tuple[int, int, int]:
    numbers = [int(number) for number in re.split(r"[/.-]| năm ", text)][::-1]
    year, month, day = [*numbers, 0, 0][:3]
    return year, month, day


def _month(moment: tuple[int, int, int]) -> str:
    return f"{moment[0]}-{moment[1]:02}" if moment[1] else str(moment[0])


def shift(period: str | None, years: int) -> str | None:
    """The same stretch some years away: `shift("2020-H1", -1)` is "2019-H1"; None stays None."""
    if period is None:
        return None
    return re.sub(r"\b(?:19|20)\d\d(?!\d)", lambda year: str(int(year.group()) + years), period)


def previous(period: str | None) -> str | None:
    """The period before: the month before a month, the quarter before a quarter, else the same of last year."""
    if period and (month := re.fullmatch(r"(\d{4})-(\d\d)", period)):
        year, number = int(month[1]), int(month[2])
        return f"{year}-{number - 1:02}" if number > 1 else f"{year - 1}-12"
    if period and (quarter := re.fullmatch(r"(\d{4})-Q([2-4])", period)):
        return f"{quarter[1]}-Q{int(quarter[2]) - 1}"
    if period and period.endswith("-Q1"):
        return f"{int(period[:4]) - 1}-Q4"
    return shift(period, -1)


def period_year(period: str | None) -> int | None:
    """The last calendar year that a period touches: "2015/2021" gives 2021."""
    years = re.findall(r"(?:19|20)\d\d", period or "")
    return int(years[-1]) if years else None
