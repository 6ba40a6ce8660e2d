"""What each column of a table holds, told by its heading and by what its cells look like.

The words of headings are data: `rules/columns.yml`. A heading may fit several roles; of those that the cells
can hold the one of most weight is taken. Nothing goes by a column's position.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from extractors.cells import Figure, count_of, figures, is_empty
from extractors.fold import fold
from extractors.indices import find_indices
from extractors.rules import Rule, RuleError, load_rules
from extractors.values import find_periods

# The share of a column's cells that must be of a form that its role can hold; a stray note or a typing error
# in one cell of three does not change what a column is.
FITTING = 0.6

# A longer text is a paragraph in a table that lays out the page.
MAX_HEADING = 400

# Roles whose cells are figures, by the forms that they can hold.
FORMS: Mapping[str, frozenset[str]] = {
    "number": frozenset({"whole", "level", "decimal"}),
    "rank": frozenset({"whole"}),
    "score": frozenset({"decimal", "percent", "whole"}),
    "rank_change": frozenset({"change", "whole"}),
    "score_change": frozenset({"change", "whole", "decimal", "percent"}),
    "change": frozenset({"change", "whole", "decimal", "percent"}),
    "rating": frozenset({"level", "text"}),
    "level": frozenset({"whole", "percent"}),
    "count": frozenset({"whole"}),
    "staff": frozenset({"whole", "percent", "decimal"}),
    "staff_total": frozenset({"whole", "percent", "decimal"}),
    "personnel": frozenset({"whole"}),
    "period": frozenset({"whole", "text"}),
}
# Roles whose cells are words.
_WORDS = frozenset({"entity", "group", "component", "award", "giver", "reason", "position", "place", "index"})
# Roles whose cells may be anything, since nothing is read from them.
IGNORED = frozenset({"part", "other", "remark"})
# Roles that hold a fact's value.
VALUES = frozenset({"rank", "score", "rank_change", "score_change", "change", "rating"})
STAFF = frozenset({"staff", "staff_total", "personnel"})


@dataclass(frozen=True, slots=True)
class Heading:
    """The role that a heading gives, by which rule, and what the rule gives with it."""

    role: str
    rule: str
    weight: int
    gives: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its headings from top to bottom, the role of its cells, and of what stands there in brackets.

    `role` is `open` where the headings do not say it (a year, the name of an index): the row's label, the
    caption or the form of a cell says it then. `decimal`: some of its figures have decimals.
    """

    place: int
    path: tuple[str, ...]
    role: str
    heading: Heading | None = None
    inner: Heading | None = None
    decimal: bool = False

    @property
    def text(self) -> str:
        return " | ".join(self.path)

    @property
    def rule(self) -> str:
        return self.heading.rule if self.heading else "column.open"


def columns(paths: Sequence[tuple[str, ...]], body: Sequence[tuple[str, ...]]) -> tuple[Column, ...]:
    """The columns of a table, given each one's headings and the rows that hold data."""
    return tuple(_column(place, path, [row[place] for row in body]) for place, path in enumerate(paths))


def _column(place: int, path: tuple[str, ...], cells: list[str]) -> Column:
    said = [cell for cell in cells if not is_empty(cell)]
    heading = _fitting(path, said)
    if heading is None:
        decimal = any(read.form in {"decimal", "percent"} for cell in said for read in figures(cell)[:1])
        return Column(place, path, "open" if _has_figures(said) else "label", decimal=decimal)
    return Column(place, path, heading.role, heading, _inner(path, said))


def _fitting(path: tuple[str, ...], said: list[str]) -> Heading | None:
    """The weightiest role that a heading gives and the cells can hold; lower headings are asked first."""
    for level, text in enumerate(reversed(path)):
        candidates = [heading for heading in headings(text) if _fits(heading, said)]
        if not candidates:
            continue
        best = max(candidates, key=lambda heading: heading.weight)
        above = [heading for upper in path[: len(path) - level - 1] for heading in headings(upper)]
        veto = next((heading for heading in above if heading.role in {"part", "other"}), None)
        return veto if veto and best.weight < veto.weight - 1 else best
    return None


def headings(text: str) -> list[Heading]:
    """All that the words of a heading may mean, in the order of the rules.

    Words inside the name of a pillar ("Chi phí thời gian") make no column one of other business.
    """
    if len(text) > MAX_HEADING:
        return []
    words = heading_words(text)
    pillars = [span for span in find_indices(words) if span.kind == "component"]
    found = []
    for rule in _rules("column"):
        match = rule.pattern.search(words)
        if match is None:
            continue
        if rule.gives["role"] in {"other", "part"} and any(
            span.start <= match.start() and match.end() <= span.end for span in pillars
        ):
            continue
        said = {name: value for name, value in match.groupdict().items() if value}
        weight = rule.gives["weight"]
        assert isinstance(weight, int)
        found.append(Heading(str(rule.gives["role"]), rule.id, weight, {**rule.gives, **said}))
    return found


# "(%)", "(100)", "(người)", "[1]"
_NOTE = re.compile(r"\([^()]*\)|\[[^\]]*\]")
_YEAR = re.compile(r"(?:năm |quý [iv1-4]+[/ -]?|tháng \d+[/ -]?)?(?<!\d)(?:19|20)\d\d(?!\d)")


@functools.lru_cache(maxsize=1024)
def heading_words(text: str) -> str:
    """The words of a heading, folded, without notes in brackets, years, numbering and loose marks."""
    folded = _YEAR.sub(" ", _NOTE.sub(" ", fold(text)))
    folded = re.sub(r"^\W*(?:\d+(?:\.\d+)*|[ivx]+)[.):]\s+", "", folded.strip())
    return re.sub(r"\s+", " ", re.sub(r"\s+([,.;:])", r"\1", folded)).strip(" .,:;*\"'")


def notes(path: Iterable[str]) -> Iterator[str]:
    """What stands in the brackets of the headings, folded, the lowest heading first."""
    for text in reversed(tuple(path)):
        for note in _NOTE.findall(fold(text)):
            yield note[1:-1].strip()


def _inner(path: tuple[str, ...], said: list[str]) -> Heading | None:
    """The role of what the cells hold in brackets: told by the brackets of the heading, "Hạng (điểm)"."""
    inside = [read for cell in said for read in figures(cell) if read.inner]
    if len(inside) < FITTING * len(said):
        return None
    for note in notes(path):
        for heading in sorted(headings(note), key=lambda heading: -heading.weight):
            if heading.role in VALUES and all(read.form in FORMS.get(heading.role, frozenset()) for read in inside):
                return heading
    return None


def _fits(heading: Heading, said: list[str]) -> bool:
    role = heading.role
    if role in IGNORED:
        return True
    if not said:
        return role not in VALUES
    return _share(said, lambda cell: _holds(role, cell, heading)) >= FITTING


def _holds(role: str, cell: str, heading: Heading) -> bool:
    read = figures(cell)
    form = read[0].form if read else ""
    if role == "index":
        return any(span.kind == "index" for span in find_indices(fold(cell)))
    if role == "period":
        return bool(find_periods(fold(cell), None))
    if role == "entity":
        return form == "text" or (form == "level" and len(cell) > 3) or count_of(cell) is not None
    if role in _WORDS:
        return form == "text"
    if role == "number":
        return len(cell) <= 6
    if role == "rating":
        return form == "level" or (form == "text" and len(cell.split()) <= 5 and not re.search(r"\d", cell))
    if role == "rank" and form == "whole":
        return (read[0].number or 0) < 1000
    if role in {"staff", "staff_total", "count"} and count_of(cell):
        return True
    return form in FORMS[role]


def _share(said: list[str], test: object) -> float:
    assert callable(test)
    return sum(bool(test(cell)) for cell in said) / len(said)


def _has_figures(said: list[str]) -> bool:
    if not said:
        return False
    return _share(said, lambda cell: any(_is_number(read) for read in figures(cell))) >= FITTING or all(
        any(read.form == "level" and len(read.text) > 2 for read in figures(cell)) for cell in said
    )


def _is_number(read: Figure) -> bool:
    return read.form in {"whole", "decimal", "percent", "change"}


def row_kind(label: str) -> tuple[str, str] | None:
    """Whether a row is an `average`, a `total` or an `extreme` (highest, lowest), by its label, and the rule."""
    words = heading_words(label)
    for rule in _rules("row"):
        if rule.pattern.search(words):
            return str(rule.gives["role"]), rule.id
    return None


_ROWS = frozenset({"average", "total", "extreme"})


@functools.cache
def _rules(kind: str) -> tuple[Rule, ...]:
    """The rules for headings (`column`) or for labels of rows (`row`). Raises RuleError for an unknown role."""
    known = {"column": IGNORED | _WORDS | frozenset(FORMS), "row": _ROWS}
    for rule in load_rules("columns"):
        of = rule.id.split(".", maxsplit=1)[0]
        if of not in known or rule.gives.get("role") not in known[of] or not isinstance(rule.gives.get("weight"), int):
            raise RuleError(
                f"rules/columns.yml: {rule.id}: an id begins with `column.` or `row.`, and gives a role"
                f" ({', '.join(sorted(known.get(of, _ROWS)))}) and a weight"
            )
    return tuple(rule for rule in load_rules("columns") if rule.id.startswith(f"{kind}."))
