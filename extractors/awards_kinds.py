"""Where a text names a distinction, which one it is, and of which class."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources

import yaml

from extractors.triggers import BLOCKS, Triggers

CLASSES = {"nhất": "Nhất", "nhì": "Nhì", "ba": "Ba", "i": "Nhất", "ii": "Nhì", "iii": "Ba",
           "1": "Nhất", "2": "Nhì", "3": "Ba"}  # fmt: skip
# An order named without its kind ("Huân chương hạng Nhất"); its kind is the last one that the article named.
BARE_ORDER = "Huân chương"


@dataclass(frozen=True, slots=True)
class AwardSpan:
    """A distinction named at [start, end) of a folded text, with its level, its quoted name and its class.

    `award` is the canonical name, None for a class alone ("hạng Nhì" in "hạng Nhất cho A, hạng Nhì cho B");
    `classes` are "Nhất", "Nhì", "Ba" as said, empty where none is or all are; `counted` is the noun for its
    bearers where they are called by it; `state` holds for what only the State gives.
    """

    start: int
    end: int
    award: str | None
    classes: tuple[str, ...]
    counted: str | None
    state: bool
    pointed: bool = False  # "phần thưởng này": named before

    @property
    def award_class(self) -> str | None:
        return self.classes[0] if len(self.classes) == 1 else None


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    counted: str | None
    state: bool


# "hạng Nhất", "hạng III", "(hạng 3)", "hạng Nhì, Ba", "hạng Nhì và hạng Ba", "các hạng", "hạng Nhất, Nhì, Ba"
_ONE_CLASS = r"(?:nhất|nhì|ba|i{1,3}|[123])(?![\w/])"
# "hạng Ba, 3 cá nhân": behind the comma the next recipients are counted
_NO_COUNT = r"(?! (?:tập thể|cá nhân|đơn vị|người|đồng chí|cán bộ|công chức|viên chức|gia đình|hộ|chiến s|nhà giáo|huân chương|bằng khen|cờ thi))"
_MORE_CLASSES = rf"(?:(?:,| và|,? hoặc) (?:hạng )?{_ONE_CLASS}{_NO_COUNT})*"
_CLASS = rf"(?:,? ?\(?(?:các hạng|(?:hạng|loại) {_ONE_CLASS}{_MORE_CLASSES})\)?)"
# What a level or a branch says after a name: "cấp tỉnh", "toàn quốc", "cơ sở", "ngành Tư pháp"
_STOP = (
    r"(?:năm|của|cho|đợt|và|đã|được|vì|do|về|có|trong|là|từ|lần|gồm|giai|đến|tại|thuộc|với|nhân|bộ|đối|này|trao|tặng|sau|vừa)"
)
_LEVEL = (
    r"(?: (?:cấp (?:tỉnh|bộ|ngành|cơ sở|nhà nước|quốc gia|toàn quốc|thành phố|trung ương|huyện|xã)|toàn quốc|cơ sở|toàn ngành"
    rf"|(?:cấp )?(?:bộ,? )?ngành(?: (?!{_STOP}(?!\w))[^\W\d]+){{0,4}}))"
)
_QUOTED = r'(?: ?"[^"]{1,150}")'
# Unquoted names of commemorative medals: "Kỷ niệm chương Vì sự nghiệp giáo dục"
_FOR = rf"(?: vì (?:sự nghiệp|sức khỏe|thế hệ|an ninh|chủ quyền)(?: (?!{_STOP}(?!\w))[^\W\d]+){{0,7}})"
_LONE_CLASS = re.compile(rf"(?<!\w)hạng {_ONE_CLASS}(?:(?:,| và) (?:hạng )?{_ONE_CLASS})*(?=\)? (?:cho|đến|tặng|được trao|và \d|là)| ?\(năm | năm \d)")
# A distinction pointed at: "phần thưởng này", "hình thức này nhưng hạng Ba", "danh hiệu ấy"
_POINTED = re.compile(
    rf"(?<!\w)(?:phần thưởng|hình thức(?: khen thưởng)?|danh hiệu|vinh dự)(?: cao quý)? (?:này|ấy|đó|trên)(?:,? (?:nhưng )?(?:ở )?hạng {_ONE_CLASS})?(?!\w)"
)
@functools.cache
def _kinds() -> tuple[re.Pattern[str], tuple[_Kind, ...]]:
    text = resources.files("extractors").joinpath("lookups/awards.yml").read_text("utf-8")
    entries = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    kinds, patterns = [], []
    for entry in entries:
        kinds.append(_Kind(entry["name"], entry.get("counted"), bool(entry.get("state"))))
        patterns.append("(" + "|".join(entry["patterns"]) + ")")
    # 'danh hiệu "Chiến sĩ thi đua cấp tỉnh"', 'Kỷ niệm chương "Vì sự nghiệp …"', "Huân chương Lao động hạng Ba"
    whole = (
        rf'(?<!\w)(?:(?:danh hiệu|hình thức)(?: vinh dự(?: nhà nước)?)?(?: cao quý)?(?: thi đua)?:? )?["\']?(?:{"|".join(patterns)})(?!\w)'
        rf'(?:["\']|{_LEVEL}["\']?|{_FOR}|{_QUOTED})*{_CLASS}?["\']?{_LEVEL}?'
    )
    return re.compile(whole), tuple(kinds)


def naming() -> re.Pattern[str]:
    """What names a distinction: where it matches nowhere, `find_awards` finds nothing."""
    return _kinds()[0]


@functools.cache
def _triggers() -> Triggers:
    return Triggers([naming()], BLOCKS)


def find_awards(folded: str) -> list[AwardSpan]:
    """The distinctions named in a folded text by offset, never overlapping."""
    if not _triggers().possible(folded):
        return []
    pattern, kinds = _kinds()
    spans = []
    for match in pattern.finditer(folded):
        assert match.lastindex is not None
        kind = kinds[match.lastindex - 1]
        words = folded[match.end(match.lastindex) : match.end()]
        spans.append(
            AwardSpan(match.start(), match.end(), kind.name, _classes(words), kind.counted, kind.state)
        )
    spans += _pointed(folded, spans)
    return sorted([*spans, *_lone_classes(folded, spans)], key=lambda span: span.start)


def _pointed(folded: str, spans: list[AwardSpan]) -> list[AwardSpan]:
    """Distinctions that point back at the one named last in the same text: its kind, with a class of their own."""
    pointed = []
    for match in _POINTED.finditer(folded, spans[0].end) if spans else ():
        last = [span for span in spans if span.end <= match.start()]
        if not last or any(span.start < match.end() and match.start() < span.end for span in spans):
            continue
        classes = _classes(match.group()) or last[-1].classes
        pointed.append(AwardSpan(match.start(), match.end(), last[-1].award, classes, None, last[-1].state, True))
    return pointed


def _lone_classes(folded: str, spans: list[AwardSpan]) -> list[AwardSpan]:
    """Classes whose order was named before in the same text."""
    orders = [span for span in spans if span.state and span.classes]
    if not orders:
        return []
    return [
        AwardSpan(match.start(), match.end(), None, _classes(match.group()), None, True)
        for match in _LONE_CLASS.finditer(folded, orders[0].end)
        if not any(span.start < match.end() and match.start() < span.end for span in spans)
    ]


def _classes(words: str) -> tuple[str, ...]:
    at = re.search(_CLASS, words) or re.search(rf"hạng {_ONE_CLASS}.*", words)
    found = re.findall(_ONE_CLASS, at.group()) if at else []
    return tuple(dict.fromkeys(CLASSES[word] for word in found))


def award_kind(folded: str) -> tuple[str, str | None] | None:
    """Canonical name and class of the first distinction that a folded text names, None where it names none.

    "huân chương lao động hạng iii" gives ("Huân chương Lao động", "Ba").
    """
    for span in find_awards(folded):
        if span.award is not None:
            return span.award, span.award_class
    return None
