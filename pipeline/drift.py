"""How a source's latest pages are read, and whether that differs from before."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import comb
from pathlib import Path

from pipeline import archive
from pipeline.archive import Archive, ArchiveError, Entry
from pipeline.errors import CchcError
from pipeline.records import Article
from scrapers.page import PageError, parse
from scrapers.source import Source

# A share that fell is a change of the site and not of chance where chance would give it less often than this.
CHANCE = 0.01
# Articles of another length: a body that is cut, or one with menus in it.
LENGTH_TIMES = 2
# So many articles have a median worth comparing.
LENGTH_LEAST = 5

READ, CLEAN = "read", "without an issue"
_HAS: dict[str, Callable[[Article], bool]] = {
    "title": lambda article: bool(article.title),
    "published_on": lambda article: article.published_on is not None,
    "lead": lambda article: _any(article, "lead"),
    "author": lambda article: article.author is not None,
    "caption": lambda article: _any(article, "caption"),
    "table": lambda article: _any(article, "row"),
}
FIELDS = (READ, CLEAN, *_HAS)


class NoCapturesError(CchcError):
    """The archive has no article's page of the source."""


@dataclass(slots=True)
class Sample:
    """What came of some captures, newest first. `filled` counts those that have each of FIELDS, `lacking` names one
    that has it not; `codes` counts issues, with an address for each; `lengths` are the articles' in characters."""

    first: str = ""
    last: str = ""
    captures: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    lacking: dict[str, str] = field(default_factory=dict)
    layouts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    lengths: list[int] = field(default_factory=list)

    def of(self, name: str) -> int:
        """How many captures could have the field: all could be read, only what was read has a title."""
        return self.captures if name in (READ, CLEAN) else self.filled[READ]

    def share(self, name: str) -> float | None:
        """The share that has the field, None where nothing could."""
        return self.filled[name] / self.of(name) if self.of(name) else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The latest captures of a source against those before them."""

    source: Source
    latest: Sample
    previous: Sample

    @property
    def problems(self) -> tuple[str, ...]:
        """What a person should look at, in a sentence each."""
        return tuple(self._problems())

    def lines(self) -> Iterator[str]:
        """The comparison as text."""
        latest, previous = self.latest, self.previous
        yield f"{self.source.name}: {_span(latest)}"
        yield f"before: {_span(previous)}" if previous.captures else "before: no other captures to compare with"
        yield ""
        yield f"{'':18}{'latest':>16}{'before':>16}  drift"
        for name in FIELDS:
            yield f"{name:18}{_cell(latest, name):>16}{_cell(previous, name):>16}  {self._drift(name)}".rstrip()
        yield f"{'characters, median':18}{_median(latest):>16}{_median(previous):>16}"
        yield ""
        yield f"layouts: {_counts(latest.layouts)}; before: {_counts(previous.layouts)}"
        for code, count in latest.codes.most_common():
            yield f"{code}: {count}, before {previous.codes[code]}; such as {latest.examples[code]}"
        yield from ("", *self.problems) if self.problems else ("", "good")

    def _drift(self, name: str) -> str:
        before, now = self.previous.share(name), self.latest.share(name)
        if before is None or now is None:
            return ""
        return f"{100 * (now - before):+.0f}" + (" !" if self._fell(name) else "")

    def _fell(self, name: str) -> bool:
        latest, previous = self.latest, self.previous
        return bool(previous.of(name) and latest.of(name)) and (
            fewer_by_chance(latest.filled[name], latest.of(name), previous.filled[name], previous.of(name)) < CHANCE
        )

    def _problems(self) -> Iterator[str]:
        source, latest = self.source, self.latest
        if not latest.filled[READ]:
            yield "None of the latest captures is read as an article: look at the issues above."
        for name in FIELDS:
            if self._fell(name):
                yield f"{name}: fell beyond chance; lacking in {latest.lacking[name]}: compare it with its layout."
        for asserted, least in source.assertions.filled.items():
            share = latest.share(asserted)
            if share is not None and share < least:
                yield f"{asserted}: {share:.0%} where {least:.0%} are asserted; lacking in {latest.lacking[asserted]}."
        if new := [name for name in latest.layouts if name not in {dated.layout for dated in source.layouts}]:
            yield f"Read by {', '.join(new)}, not among the source's layouts: add a layout for the site's new design."
        if self._other_length():
            yield "The articles' length is another: look whether the body is cut, or holds what is around it."

    def _other_length(self) -> bool:
        now, before = self.latest.lengths, self.previous.lengths
        if min(len(now), len(before)) < LENGTH_LEAST:
            return False
        short, long = sorted((statistics.median(now), statistics.median(before)))
        return long > LENGTH_TIMES * short


def compare(source: Source, corpus: Path, last: int) -> Comparison:
    """The latest `last` captures of the source's articles against as many before them; where there are not twice as
    many, its newer half against the older. A page that was fetched again unchanged counts once, when it was last
    fetched. Raises NoCapturesError; ArchiveError where the index cannot be read."""
    whole = Archive.load(corpus, lambda _error: None, source.name)
    entries = list(itertools.islice(_newest(whole.entries, source), 2 * last))
    if not entries:
        raise NoCapturesError(f"the archive has no article of {source.name}: run `cchc crawl {source.name}` first.")
    size = min(last, (len(entries) + 1) // 2)
    return Comparison(
        source, _sample(whole, entries[:size], source), _sample(whole, entries[size : size + last], source)
    )


def latest(source: Source, whole: Archive, last: int) -> Sample:
    """What comes of the latest `last` captures of the source's articles as they are read now."""
    own = (entry for entry in whole.entries if entry.source == source.name)
    return _sample(whole, list(itertools.islice(_newest(own, source), last)), source)


def fewer_by_chance(now: int, of_now: int, before: int, of_before: int) -> float:
    """How likely chance alone gives the latest so few or fewer, where both samples are from one site that has not
    changed (Fisher's exact test, one-sided)."""
    all_with, everything = now + before, of_now + of_before
    least = max(0, all_with - of_before)
    ways = sum(comb(all_with, k) * comb(everything - all_with, of_now - k) for k in range(least, now + 1))
    return ways / comb(everything, of_now)


def _newest(entries: Iterable[Entry], source: Source) -> Iterator[Entry]:
    """The captures of articles, newest first, each payload of an article once."""
    seen: set[tuple[str, str]] = set()
    for entry in sorted(entries, key=lambda one: (one.fetched_at, one.url), reverse=True):
        if source.is_article(entry.url) and (key := (source.doc_id(entry.url), entry.digest)) not in seen:
            seen.add(key)
            yield entry


def _sample(whole: archive.Archive, entries: Sequence[Entry], source: Source) -> Sample:
    found = Sample(captures=len(entries))
    if entries:
        found.first, found.last = entries[-1].fetched_at, entries[0].fetched_at
    for entry in entries:
        try:
            article, issues = parse(whole.read(entry.ref), source)
        except PageError as error:
            _note(found, entry, [error.issue.code], READ, CLEAN)
            continue
        except ArchiveError:
            _note(found, entry, ["archive.damaged"], READ, CLEAN)
            continue
        has = {READ, *(() if issues else (CLEAN,)), *(name for name, test in _HAS.items() if test(article))}
        found.filled.update(has)
        found.layouts[article.layout] += 1
        found.lengths.append(len(article.text))
        _note(found, entry, [issue.code for issue in issues], *(name for name in FIELDS if name not in has))
    return found


def _note(found: Sample, entry: Entry, codes: Iterable[str], *lacking: str) -> None:
    for code in codes:
        found.codes[code] += 1
        found.examples.setdefault(code, entry.url)
    for name in lacking:
        found.lacking.setdefault(name, entry.url)


def _any(article: Article, kind: str) -> bool:
    return any(block.kind == kind for block in article.blocks)


def _span(sample: Sample) -> str:
    return f"{sample.captures:,} captures, {sample.first[:10]} to {sample.last[:10]}"


def _cell(sample: Sample, name: str) -> str:
    share = sample.share(name)
    return "-" if share is None else f"{sample.filled[name]}/{sample.of(name)} {share:5.0%}"


def _median(sample: Sample) -> str:
    return f"{statistics.median(sample.lengths):,.0f}" if sample.lengths else "-"


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common()) or "-"
