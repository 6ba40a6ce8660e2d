"""Unattended work: which sources are due, how each one stands, and the same as metrics for a monitor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import runs
from pipeline.frontier import FILE, Frontier
from pipeline.runs import PastRun
from scrapers.source import Source

METRICS = "metrics.prom"
# So many of a source's latest articles tell how well it is read.
LATEST = 20
# The fields whose shares are told: whether a page is read as an article at all, and what an article should have.
FILLED = ("read", "title", "published_on", "lead", "author")
# A crawl may be late by as long as it should have taken to come round again.
_STALE_AFTER = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands. Times are UTC in ISO 8601, None where there is none: its last crawl that came to its end,
    its newest article, when it is due next. `new` and `errors` are those of its last crawl, `waiting` counts articles
    that were announced and not yet fetched. `state` is good, due, never crawled, stale (no crawl came to its end for
    twice the time that it should take) or silent (no new article for longer than its file allows). `filled` are the
    shares of its latest articles that have each of FILLED, as its layouts read them now; None where there are none."""

    name: str
    last_success: str | None
    last_new: str | None
    new: int
    waiting: int
    errors: int
    next_due: str | None
    state: str
    filled: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def bad(self) -> bool:
        """Whether somebody should look."""
        return self.state in {"never crawled", "stale", "silent"}


def standings(sources: Iterable[Source], corpus: Path, output: Path, now: dt.datetime) -> list[Standing]:
    """All sources in the order given. What is damaged in the archive is left out: `cchc archive check` tells it.
    Raises FrontierError."""
    past = [run for run in runs.past(output) if run.verb == "crawl"]
    shares = _shares(corpus)
    if not (corpus / FILE).exists():
        return [_never(source, shares(source)) for source in sources]
    with Frontier(corpus) as frontier:
        return [_standing(source, frontier, past, now, shares(source)) for source in sources]


def due(sources: Iterable[Source], frontier: Frontier, now: dt.datetime) -> list[Source]:
    """The sources whose last crawl that came to its end is as long ago as their files say, or that have none."""
    return [source for source in sources if (at := _next(source, frontier)) is None or at <= now]


def write_metrics(found: Iterable[Standing], output: Path) -> None:
    """The standings in Prometheus' text form in `output/metrics.prom`, for node_exporter's textfile collector."""
    told = list(found)
    lines = []
    for name, about, values in (
        ("last_success_timestamp_seconds", "End of the last complete crawl.", [_seconds(s.last_success) for s in told]),
        (
            "last_new_timestamp_seconds",
            "When the newest article was first fetched.",
            [_seconds(s.last_new) for s in told],
        ),
        ("new_articles", "New articles of the last crawl.", [s.new for s in told]),
        ("waiting_articles", "Articles announced and not yet fetched.", [s.waiting for s in told]),
        ("errors", "Errors of the last crawl.", [s.errors for s in told]),
        ("bad", "1 where the source is stale, silent or was never crawled.", [int(s.bad) for s in told]),
    ):
        lines += [f"# HELP cchc_source_{name} {about}", f"# TYPE cchc_source_{name} gauge"]
        lines += [f'cchc_source_{name}{{source="{s.name}"}} {value}' for s, value in zip(told, values, strict=True)]
    lines += [
        "# HELP cchc_source_filled Share of the latest articles that have the field.",
        "# TYPE cchc_source_filled gauge",
    ]
    lines += [
        f'cchc_source_filled{{source="{s.name}",field="{name}"}} {share:.4f}'
        for s in told
        for name, share in s.filled.items()
        if share is not None
    ]
    part = output / f".{METRICS}.part"
    part.write_text("\n".join(lines) + "\n", encoding="ascii")
    part.replace(output / METRICS)


def _shares(corpus: Path) -> Callable[[Source], Mapping[str, float | None]]:
    """How well a source's latest pages are read."""
    from pipeline.archive import Archive

    whole = Archive.load(corpus, lambda _error: None)
    found = {entry.source for entry in whole.entries}

    def shares(source: Source) -> Mapping[str, float | None]:
        if source.name not in found:
            return dict.fromkeys(FILLED)
        from pipeline import drift  # it loads what parses pages

        sample = drift.latest(source, whole, LATEST)
        return {name: sample.share(name) for name in FILLED}

    return shares


def _standing(
    source: Source,
    frontier: Frontier,
    past: Iterable[PastRun],
    now: dt.datetime,
    filled: Mapping[str, float | None],
) -> Standing:
    last: Mapping[str, int] = next(
        (run.sources[source.name] for run in reversed([*past]) if source.name in run.sources), {}
    )
    success, newest, following = frontier.completed(source.name), frontier.newest(source.name), _next(source, frontier)
    return Standing(
        name=source.name,
        last_success=success,
        last_new=newest,
        new=last.get("new", 0),
        waiting=frontier.counts(source.name).get("waiting", 0),
        errors=last.get("errors", 0),
        next_due=following.strftime("%Y-%m-%dT%H:%M:%SZ") if following else None,
        state=_state(source, success, newest, now),
        filled=filled,
    )


def _state(source: Source, success: str | None, newest: str | None, now: dt.datetime) -> str:
    if success is None:
        return "never crawled"
    since = now - dt.datetime.fromisoformat(success)
    every, silence = dt.timedelta(hours=source.every), dt.timedelta(days=source.assertions.silent_days)
    if since > _STALE_AFTER * every:
        return "stale"
    if newest is None or now - dt.datetime.fromisoformat(newest) > silence:
        return "silent"
    return "due" if since >= every else "good"


def _never(source: Source, filled: Mapping[str, float | None]) -> Standing:
    return Standing(source.name, None, None, 0, 0, 0, None, "never crawled", filled)


def _next(source: Source, frontier: Frontier) -> dt.datetime | None:
    success = frontier.completed(source.name)
    return dt.datetime.fromisoformat(success) + dt.timedelta(hours=source.every) if success else None


def _seconds(stamp: str | None) -> float:
    return dt.datetime.fromisoformat(stamp).timestamp() if stamp else 0.0
