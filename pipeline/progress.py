"""How far the work has come: bars on a terminal, milestones among JSON lines, and otherwise nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from pipeline import logs
from pipeline.logs import Log

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# A milestone each time so many parts of all have been done.
_PARTS = 10
# Redrawing costs more than many a document; nobody sees more in a second.
_DRAWN_EVERY = 0.1


class Watcher(Protocol):
    """Is told how a crawl of many sources goes, from any thread. `counts` are those of a crawl's report."""

    def begun(self, source: str) -> None: ...
    def went_on(self, source: str, counts: Mapping[str, int]) -> None: ...
    def ended(self, source: str, counts: Mapping[str, int]) -> None: ...


class Unwatched:
    """Nobody looks on."""

    def begun(self, source: str) -> None:
        pass

    def went_on(self, source: str, counts: Mapping[str, int]) -> None:
        pass

    def ended(self, source: str, counts: Mapping[str, int]) -> None:
        pass


@contextmanager
def shown(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Shows how many of `total` are done; what it yields is called after each of them.

    No thread draws, so that a process may fork meanwhile; what others write to standard error goes above the bar.
    """
    log = logs.current()
    if draws(log):
        with _bars() as bars:
            yield _steps(bars, what, total)
    elif log.form == "json":
        yield _parts(log, what, total)
    else:
        yield lambda: None


@contextmanager
def of_crawl(sources: int) -> Iterator[Watcher]:
    """Shows how the crawl of so many sources goes: a bar for all, and what each that is at work has brought."""
    log = logs.current()
    if draws(log):
        with _bars(steady=True) as bars:
            yield _Bars(bars, sources)
    else:
        yield _Milestones(log) if log.form == "json" else Unwatched()


def draws(log: Log) -> bool:
    """Whether there is a person at a terminal who wants bars."""
    return log.bars and log.form == "text" and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class _Milestones:
    def __init__(self, log: Log) -> None:
        self._log = log

    def begun(self, source: str) -> None:
        self._log.milestone("source.begun", "the crawl begins", source)

    def went_on(self, source: str, counts: Mapping[str, int]) -> None:
        pass

    def ended(self, source: str, counts: Mapping[str, int]) -> None:
        self._log.milestone("source.ended", "the crawl has ended", source, counts)


class _Bars:
    def __init__(self, bars: Progress, sources: int) -> None:
        self._bars = bars
        self._all = bars.add_task("crawl", total=sources, note="sources")
        self._tasks: dict[str, TaskID] = {}
        self._lock = Lock()

    def begun(self, source: str) -> None:
        with self._lock:
            self._tasks[source] = self._bars.add_task(source, total=None, note="looks for articles")

    def went_on(self, source: str, counts: Mapping[str, int]) -> None:
        note = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        self._bars.update(self._tasks[source], completed=sum(counts.values()), note=note)

    def ended(self, source: str, counts: Mapping[str, int]) -> None:
        with self._lock:
            self._bars.remove_task(self._tasks.pop(source))
            self._bars.advance(self._all)


def _parts(log: Log, what: str, total: int) -> Callable[[], None]:
    """A milestone for each tenth of all."""
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done * _PARTS // total > (done - 1) * _PARTS // total:
            log.milestone("progress", f"{what}: {done:,} of {total:,}", counts={"done": done, "total": total})

    return advance


def _steps(bars: Progress, what: str, total: int) -> Callable[[], None]:
    """Moves the bar on, and draws it now and then and at the end."""
    task = bars.add_task(what, total=total, note="")
    drawn = float("-inf")

    def advance() -> None:
        nonlocal drawn
        bars.advance(task)
        if (now := bars.get_time()) - drawn >= _DRAWN_EVERY or bars.finished:
            drawn = now
            bars.refresh()

    return advance


@contextmanager
def _bars(*, steady: bool = False) -> Iterator[Progress]:
    """Bars that vanish in the end; with `steady` a thread draws them, so that the time goes on where nothing does."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        TimeElapsedColumn(),
    )
    # Standard output is left alone: what goes there is not for this console, which writes to standard error.
    with Progress(
        *columns,
        console=Console(stderr=True, soft_wrap=True),
        auto_refresh=steady,
        transient=True,
        redirect_stdout=False,
    ) as bars:
        yield bars
