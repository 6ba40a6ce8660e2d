"""Rules that an analyst can read and change: YAML files under `rules/`, one for each kind of statement.

A rule is

    - id: rank.place                       # unique; recorded with each fact that comes from it
      pattern: "(?:xếp|đứng) {place:rank}" # a regular expression over the masked, folded sentence
      gives: {move: -1}                    # constants that go with a match (optional)
      matches: ["Long An xếp thứ 5"]       # sentences that it must match
      rejects: ["Long An xếp hàng"]        # sentences that it must not match

Text is lower case (`fold.fold`), and names and periods are masked by type (`sentence.mask`), so that `{province}`
stands for every province. `{word}` stands for the pattern of that name in `words.yml`, `{word:name}` for the
same as a named group. A file may name words of its own, for the rules below them:

    - word: cut
      pattern: "tinh giản|cắt giảm"
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import yaml

from extractors.triggers import MASKED, UNMASKED, Triggers
from extractors.values import COUNT_WORD, NUMBER, ORDINAL_WORD

# One private character opens a masked span and tells its type; the filler keeps its length.
FILLER = "\ue000"
MASKS: Mapping[str, str] = {
    "province": "\ue001",
    "ministry": "\ue002",
    "department": "\ue003",
    "district": "\ue004",
    "commune": "\ue005",
    "group": "\ue006",
    "person": "\ue007",
    "organisation": "\ue008",
    "self": "\ue009",
    "anaphor": "\ue00a",
    "period": "\ue010",
    "date": "\ue011",
    "document": "\ue012",
    "index": "\ue013",
    "component": "\ue014",
    "award": "\ue015",
}
_NAMED = "".join(MASKS[kind] for kind in list(MASKS)[:10])

_BUILT_IN: Mapping[str, str] = {
    **{kind: f"{char}{FILLER}*" for kind, char in MASKS.items()},
    "entity": f"[{_NAMED}]{FILLER}*",
    "unit": f"[{''.join(MASKS[k] for k in ('province', 'ministry', 'department', 'district', 'commune', 'organisation', 'self', 'anaphor'))}]{FILLER}*",
    "n": NUMBER,
    "count": rf"(?:{NUMBER}|(?<!\w){COUNT_WORD}(?!\w))",
    "ordinal": ORDINAL_WORD,
}
_MACRO = re.compile(r"\{([a-z_]+)(?::([a-z_]+))?\}")
_KEYS = {"id", "pattern", "gives", "matches", "rejects", "comment"}


class RuleError(ValueError):
    """A rules file that cannot be used; the message names file, rule, cause and remedy."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One wording. `gives` are the constants that a match stands for; `matches` and `rejects` its sentences."""

    id: str
    pattern: re.Pattern[str]
    source: str
    gives: Mapping[str, object] = field(default_factory=dict)
    matches: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()

    def find(self, masked: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
        return self.pattern.finditer(masked, start, len(masked) if end is None else end)


def _read(name: str) -> Any:
    text = resources.files("extractors").joinpath(f"rules/{name}.yml").read_text("utf-8")
    # The reader in C takes a tenth of the time; a few builds of the library lack it.
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@functools.cache
def words() -> Mapping[str, str]:
    """The named patterns of `words.yml` with the built-in ones, each expanded."""
    expanded: dict[str, str] = dict(_BUILT_IN)
    for name, pattern in (_read("words") or {}).items():
        expanded[name] = f"(?:{_expand(pattern, expanded, f'words.yml: {name}')})"
    return expanded


def _expand(pattern: str, known: Mapping[str, str], where: str) -> str:
    def word(match: re.Match[str]) -> str:
        name, group = match.groups()
        if name not in known:
            raise RuleError(f"{where}: unknown word {{{name}}}; define it above in rules/words.yml")
        return f"(?P<{group}>{known[name]})" if group else f"(?:{known[name]})"

    return _MACRO.sub(word, " ".join(pattern.split()))


@functools.cache
def load_rules(name: str) -> tuple[Rule, ...]:
    """The rules of `rules/<name>.yml` in the file's order.

    Raises `RuleError` for an unknown key, a double id, a pattern that does not compile or a rule without an
    example.
    """
    rules: dict[str, Rule] = {}
    known = dict(words())
    for entry in _read(name) or []:
        if "word" in entry:
            word, pattern = str(entry["word"]), str(entry["pattern"])
            known[word] = f"(?:{_expand(pattern, known, f'rules/{name}.yml: {word}')})"
            continue
        rule = _rule(entry, f"rules/{name}.yml", known)
        if rule.id in rules:
            raise RuleError(f"rules/{name}.yml: the id {rule.id} stands twice; give each rule its own")
        rules[rule.id] = rule
    return tuple(rules.values())


@functools.cache
def _triggers(name: str) -> Triggers:
    return Triggers([rule.pattern for rule in load_rules(name)], MASKED)


@functools.cache
def _unmasked_triggers(name: str) -> Triggers:
    return Triggers([rule.pattern for rule in load_rules(name)], UNMASKED, hidden={})


def may_match(name: str, folded: str) -> bool:
    """False where no rule of `rules/<name>.yml` can match the masked copy of a folded text, whatever is masked in it:
    then it need not be masked."""
    return bool(_unmasked_triggers(name).possible(folded))


def possible_rules(name: str, masked: str) -> list[tuple[int, Rule]]:
    """The rules of `rules/<name>.yml` that may match in the text, each with its place in the file."""
    rules = load_rules(name)
    return [(number, rules[number]) for number in _triggers(name).possible(masked)]


def _rule(entry: Mapping[str, object], file: str, known: Mapping[str, str]) -> Rule:
    where = f"{file}: {entry.get('id', 'a rule without id')}"
    if unknown := set(entry) - _KEYS:
        raise RuleError(f"{where}: unknown key {sorted(unknown)[0]!r}; a rule has {', '.join(sorted(_KEYS))}")
    if not entry.get("id") or not entry.get("pattern") or not entry.get("matches"):
        raise RuleError(f"{where}: a rule needs id, pattern and at least one sentence under matches")
    source = str(entry["pattern"])
    try:
        pattern = re.compile(_expand(source, known, where))
    except re.error as error:
        raise RuleError(f"{where}: the pattern does not compile: {error}") from error
    gives, matches, rejects = entry.get("gives") or {}, entry.get("matches") or [], entry.get("rejects") or []
    assert isinstance(gives, dict) and isinstance(matches, list) and isinstance(rejects, list)
    return Rule(str(entry["id"]), pattern, source, gives, tuple(matches), tuple(rejects))
