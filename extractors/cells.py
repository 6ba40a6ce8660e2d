"""What stands in one cell of a table: a place, a value, a change, a level, or several of them."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal

from extractors.fold import fold
from extractors.values import decimal_number, ordinal, whole_number

Form = Literal["whole", "decimal", "percent", "change", "level", "text"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One reading of a cell or of a part of it.

    `whole`: a whole number, `total` where it stands before a stroke ("5/63"). `decimal`: a number with a
    decimal mark or the word "điểm". `percent`: a number of percent. `change`: a signed number, its `unit` as
    stated. `level`: a word of praise or a letter. `text`: anything else. `unit` is `points`, `percent`,
    `places` or None. `text` is what was read, folded; `inner` tells that it stood in brackets after another.
    """

    form: Form
    text: str
    number: float | None = None
    total: int | None = None
    unit: str | None = None
    inner: bool = False


# "-", "…", "/", "x", "chưa công bố", "không xếp hạng": nothing is said
_EMPTY = re.compile(
    r"[-\s./x*…]*|n/?a|kxh|không (?:xếp hạng|xếp loại|đánh giá|có|công bố)|chưa (?:công bố|xếp hạng|đánh giá|có)(?: \w+){0,3}"
)
# A longer cell is a text, whatever stands in it.
MAX_FIGURE = 200
# "17 (0,633)", "85,4 (hạng 3)", "Tốt (85,4)"
_BRACKETS = re.compile(r"(?P<outer>[^()]*?)\s*\((?P<inner>[^()]+)\)")
_N = r"\d+(?:[.,]\d+)*"
# "hạng 5", "thứ 5", "05", "5/63", "hạng 5/63 tỉnh", "3-4", "5 (=)", "xếp thứ 12"
_PLACE = re.compile(
    r"(?P<said>(?:xếp |đứng |vị trí )*(?:thứ |hạng |bậc |vị trí |số )*)(?P<n>\d{1,4}|\d{1,3}(?:\.\d{3})+)"
    r"(?:=| ?- ?\d{1,3}(?=$| ?/))?(?: ?/ ?(?P<total>\d{1,4}))?(?P<noun>(?: [^\W\d]+){0,4})"
)
_PLACE_WORD = re.compile(r"(?:xếp |đứng |vị trí )?(?:thứ |hạng )?(?:nhất|nhì|ba|tư|năm|sáu|bảy|tám|chín|mười)")
# "85,40", "85,4 điểm", "85,4/100", "85,4/100 điểm", "0.6330", "đạt 85,4 điểm"
_VALUE = re.compile(
    rf"(?:đạt |được )?(?P<n>{_N}) ?(?P<percent>%)?(?: ?(?P<points>điểm|đ))?(?: ?/ ?(?P<top>\d{{1,3}}))?(?: ?(?P<late>điểm|đ))?"
)
# "+3", "-2", "- 2,5%", "↑ 3", "tăng 3 bậc", "giảm 0,5 điểm", "▼2"
_CHANGE = re.compile(
    rf"(?P<sign>[+\-↑↓▲▼⬆⬇△▽]|tăng|giảm|lên|xuống|tụt|hạ) ?(?P<n>{_N}) ?(?P<unit>%|điểm|đ|bậc|hạng|vị trí|thứ hạng)?(?: ?%)?"
)
# "3↑", "2▼"
_CHANGE_AFTER = re.compile(rf"(?P<n>{_N}) ?(?P<sign>[↑↓▲▼⬆⬇△▽])")
_NO_CHANGE = re.compile(r"0|=|↔|→|giữ nguyên(?: \w+){0,2}|không (?:đổi|thay đổi|tăng|giảm)|giữ (?:hạng|thứ hạng)")
_DOWN = set("-↓▼⬇▽") | {"giảm", "xuống", "tụt", "hạ"}
_UNITS = {"%": "percent", "điểm": "points", "đ": "points", "bậc": "places", "hạng": "places", "vị trí": "places",
          "thứ hạng": "places"}  # fmt: skip
_LEVELS = (
    r"(?:rất |tương đối |chưa |cao |thấp )?(?:xuất sắc|tốt|khá|trung bình(?:(?: -)? (?:khá|cao|thấp|yếu))?|yếu|kém|cao(?: nhất)?"
    r"|thấp(?: nhất)?)|hoàn thành(?: (?:xuất sắc|tốt))?(?: nhiệm vụ)?|không hoàn thành(?: nhiệm vụ)?|[abcde]\+?|[1-5]|[iv]{1,3}"
)
_LEVEL = re.compile(
    rf"(?P<said>(?:xếp |thuộc |đạt )?(?:nhóm|mức|loại|hạng|mức độ|xếp loại) )?\"?(?P<level>{_LEVELS})\"?"
)
_ONE_LETTER = re.compile(r"[abcde]\+?|[1-5]|[iv]{1,3}")


# What cells hold is asked for once for each thing that their column may be.
@functools.lru_cache(maxsize=4096)
def is_empty(cell: str) -> bool:
    """Whether a cell says nothing: it is blank, a dash, or says that there is no figure."""
    return _EMPTY.fullmatch(fold(cell).strip(" ().")) is not None


@functools.lru_cache(maxsize=4096)
def figures(cell: str) -> tuple[Figure, ...]:
    """The readings of a cell's parts: what stands before brackets, then what stands in them.

    "17 (0,633)" gives a whole 17 and a decimal 0.633; "Tốt - 85,4" a level and a decimal; "" gives nothing.
    """
    if len(cell) > MAX_FIGURE:
        return (Figure("text", fold(cell)),)
    folded = fold(cell).strip()
    if is_empty(cell):
        return ()
    if match := _BRACKETS.fullmatch(folded):
        outer, inner = match["outer"].strip(), match["inner"].strip()
        if is_empty(outer):
            return figures(inner)
        return (figure(outer), *(() if is_empty(inner) else (_inside(figure(inner)),)))
    # "85,4 - Tốt", "85,4; hạng 3", "Tốt - 85,4"
    parts = re.split(r" - |; ", folded)
    if len(parts) == 2 and not any(is_empty(part) for part in parts):
        one, two = (figure(part) for part in parts)
        if "text" not in (one.form, two.form) and {one.form, two.form} != {"whole"}:
            return one, _inside(two)
    return (figure(folded),)


def _inside(read: Figure) -> Figure:
    return Figure(read.form, read.text, read.number, read.total, read.unit, inner=True)


def figure(folded: str) -> Figure:
    """The one reading of a folded text that is wholly a place, a value, a change or a level; else `text`."""
    folded = folded.strip(" .;")
    for read in (_place, _value, _change, _level):
        if found := read(folded):
            return found
    return Figure("text", folded)


def _place(text: str) -> Figure | None:
    match = _PLACE.fullmatch(text)
    if match is None:
        if _PLACE_WORD.fullmatch(text) and (number := ordinal(text.rsplit(maxsplit=1)[-1])):
            return Figure("whole", text, number, unit="places")
        return None
    if match["noun"] and not (match["said"] or match["total"]):
        return None  # "12 tập thể" is a count of something; see `count_of`
    total = int(match["total"]) if match["total"] else None
    number = whole_number(match["n"])
    if number is None:
        return None
    return Figure("whole", text, number, total, "places" if match["said"].strip() else None)


def _value(text: str) -> Figure | None:
    match = _VALUE.fullmatch(text)
    if match is None:
        return None
    number = decimal_number(match["n"])
    if number is None:
        return None
    if match["percent"]:
        return Figure("percent", text, number, unit="percent")
    points = match["points"] or match["late"]
    return Figure("decimal", text, number, unit="points" if points else None)


def _change(text: str) -> Figure | None:
    if _NO_CHANGE.fullmatch(text):
        return Figure("change", text, 0.0)
    match = _CHANGE.fullmatch(text) or _CHANGE_AFTER.fullmatch(text)
    if match is None:
        return None
    number = decimal_number(match["n"])
    if number is None:
        return None
    unit = _UNITS.get(match.groupdict().get("unit") or "", "percent" if text.endswith("%") else None)
    return Figure("change", text, -number if match["sign"] in _DOWN else number, unit=unit)


def _level(text: str) -> Figure | None:
    match = _LEVEL.fullmatch(text)
    if match is None:
        return None
    said = (match["said"] or "").split()
    level = match["level"]
    if _ONE_LETTER.fullmatch(level) and said and said[-1] in {"nhóm", "loại", "mức"}:
        return Figure("level", f"{said[-1]} {level}")
    return Figure("level", level)


# "12 tập thể thuộc các khối thi đua", "05 cá nhân", "356 người"
_COUNT_OF = re.compile(rf"(?P<n>{_N})\s+(?P<noun>[^\W\d][^\d]*)")


def count_of(cell: str) -> tuple[int, str] | None:
    """A counted noun: "12 tập thể thuộc các khối" gives 12 and "tập thể thuộc các khối"; None for others."""
    match = _COUNT_OF.fullmatch(fold(cell).strip())
    number = whole_number(match["n"]) if match else None
    return (number, match["noun"].strip()) if match and number is not None else None
