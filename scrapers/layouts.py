"""Layouts: where the pages of a publishing system hold title, date, lead, body and author (`layouts.yml`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib import resources
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

# A child layout adds to these keys of the layout it extends; every other key replaces the parent's.
ADDED = ("drop", "captions", "cut")


class LayoutError(Exception):
    """`layouts.yml` cannot be used, or a layout is not in it; the message names the layout, the key and what is
    allowed."""


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Selectors = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
Patterns = Annotated[tuple[re.Pattern[str], ...], BeforeValidator(_one_or_many)]
Part = Literal["title", "date", "lead", "author", "body"]


@dataclass(frozen=True, config=STRICT)
class Layout:
    """One layout. All selectors are CSS; of a list the first that finds text is used.

    `system` names the publishing system for people, `signs` tell its pages. `figures` lie outside the body and
    give captions; `captions` and `drop` lie in the body. The body ends before the first block whose start one of
    `cut`, patterns without groups that have a number, matches. `author_label` (a pattern) stands before the author's name and tells him from other lines like
    his; where it has a group `name`, the name is what that holds. `signature` says that the body's last line is the
    author where it has the form of a name. `dated_title`: the body is running text in which the title is what stands
    above a line that is only a date. A part in `required` that no selector finds is an issue.
    """

    name: str
    system: str
    body: Selectors
    signs: Selectors = ()
    title: Selectors = ()
    date: Selectors = ()
    lead: Selectors = ()
    author: Selectors = ()
    figures: Selectors = ()
    captions: Selectors = ()
    drop: Selectors = ()
    cut: Patterns = ()
    author_label: re.Pattern[str] | None = None
    signature: bool = False
    dated_title: bool = False
    required: tuple[Part, ...] = Field(default=("title", "date", "body"))

    def __post_init__(self) -> None:
        page = LexborHTMLParser("<p>")
        for selector in self.selectors():
            try:
                page.css(selector)
            except SelectolaxError as error:
                raise ValueError(f"{selector!r} is no CSS selector ({error})") from error

    @cached_property
    def end(self) -> re.Pattern[str] | None:
        """What any of `cut` matches."""
        return re.compile("|".join(f"(?:{mark.pattern})" for mark in self.cut)) if self.cut else None

    def selectors(self) -> tuple[str, ...]:
        """Every selector of the layout."""
        return (
            *self.signs, *self.title, *self.date, *self.lead, *self.author, *self.body, *self.figures,
            *self.captions, *self.drop,
        )  # fmt: skip


@cache
def layouts() -> Mapping[str, Layout]:
    """All layouts by name. Raises LayoutError."""
    return parse_layouts((resources.files("scrapers") / "layouts.yml").read_text(encoding="utf-8"))


def layout(name: str) -> Layout:
    """The layout of that name. Raises LayoutError."""
    try:
        return layouts()[name]
    except KeyError:
        known = ", ".join(sorted(layouts()))
        raise LayoutError(f"there is no layout {name!r} in layouts.yml; it has {known}") from None


def parse_layouts(text: str, file: str = "layouts.yml") -> dict[str, Layout]:
    """The layouts that the YAML declares, each with what it extends. Raises LayoutError."""
    try:
        # The reader in C takes a tenth of the time; a few builds of the library lack it.
        declared = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise LayoutError(f"{file}: is not YAML: {error}. Correct the line that it names.") from error
    if not isinstance(declared, dict) or not all(isinstance(keys, dict) for keys in declared.values()):
        raise LayoutError(f"{file}: each entry must be a layout's name with its keys below it")
    return {name: _layout(name, _resolved(name, declared, file), file) for name in declared}


def _resolved(name: str, declared: Mapping[str, Any], file: str, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    own = dict(declared[name])
    parent = own.pop("extends", None)
    if parent is None:
        return own
    if parent not in declared or parent in (*seen, name):
        raise LayoutError(f"{file}: {name} extends {parent!r}, which is no other layout: correct `extends`")
    inherited = _resolved(parent, declared, file, (*seen, name))
    added = {key: [*_listed(inherited.get(key)), *_listed(own.get(key))] for key in ADDED}
    return {**inherited, **own, **{key: values for key, values in added.items() if values}}


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _layout(name: str, keys: Mapping[str, Any], file: str) -> Layout:
    try:
        return TypeAdapter(Layout).validate_python({"name": name, **keys})
    except ValidationError as error:
        raise LayoutError("\n".join(_explained(name, error, file))) from error


def _explained(name: str, error: ValidationError, file: str) -> Iterable[str]:
    allowed = ", ".join(sorted([*Layout.__dataclass_fields__, "extends"]))
    for problem in error.errors():
        key = ".".join(map(str, problem["loc"]))
        if problem["type"] == "unexpected_keyword_argument":
            yield f"{file}: {name}: unknown key {key!r}; allowed keys: {allowed}"
        else:
            yield f"{file}: {name}: {key or 'a selector'}: {problem['msg']}"
