"""How each source stands: what it has in the archive, what the last runs made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline import runs
from pipeline.archive import Archive
from pipeline.runs import PastRun
from scrapers.source import Source


@dataclass(frozen=True, slots=True)
class State:
    """One source. `last_fetched` is the time of its newest capture, None before the first; `articles` and `facts`
    are those of the last extraction that succeeded; `state` says in a word or two what is to be done, if anything."""

    name: str
    host: str
    province: str
    layouts: str
    last_fetched: str | None
    captures: int
    articles: int
    facts: int
    state: str


def states(declared: Mapping[str, Source], corpus: Path, output: Path) -> list[State]:
    """All declared sources in alphabetical order. Raises ArchiveError where the index cannot be read."""
    entries = Archive.load(corpus, lambda _error: None).entries
    captures = Counter(entry.source for entry in entries)
    newest = {entry.source: entry.fetched_at for entry in entries}  # the entries are in the order of time
    past = runs.past(output)
    return [_state(source, captures[name], newest.get(name), past) for name, source in sorted(declared.items())]


def _state(source: Source, captures: int, last_fetched: str | None, past: Iterable[PastRun]) -> State:
    of_source = [run for run in past if source.name in run.sources]
    extracted = [run for run in of_source if run.verb == "extract" and run.state == "succeeded"]
    counts = extracted[-1].sources[source.name] if extracted else {}
    return State(
        name=source.name,
        host=source.hosts[0],
        province=source.province or "(central)",
        layouts=", ".join(dated.layout for dated in source.layouts),
        last_fetched=last_fetched,
        captures=captures,
        articles=counts.get("articles", 0),
        facts=counts.get("facts", 0),
        state=_word(source.name, captures, of_source, bool(extracted)),
    )


def _word(name: str, captures: int, of_source: list[PastRun], extracted: bool) -> str:
    last = of_source[-1] if of_source else None
    if last and last.sources[name].get("errors"):
        return f"{last.sources[name]['errors']} errors in {last.verb} {last.id}"
    if not captures:
        return "never crawled"
    if not extracted or (last and last.verb == "crawl"):
        return "to be extracted"
    return "good"
