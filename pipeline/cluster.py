"""Workers on other machines: ranges are tasks of a Dask cluster, whose workers read the archive where it lies.

A range whose worker dies is done again by another, as Dask does. One that its workers die of again and again waits until
all others are done and is then taken page by page, each alone in the cluster, so that the page which is at fault is the
only one that is named.
"""

from __future__ import annotations

import faulthandler
import functools
import itertools
import os
import pickle
import platform
import queue
import secrets
import sys
import threading
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from pipeline import fingerprints
from pipeline.errors import CchcError, UsageError
from pipeline.results import Result
from pipeline.work import Group, Job

# Tasks that wait for each thread: the next one is there when one is done, and no more than these are in memory.
_WAITING = 3
# Seconds between two looks at the cluster where nothing comes back from it.
_LOOK = 1.0


class ClusterError(CchcError):
    """A cluster that cannot do the work; the message names cause and remedy."""


class OtherCodeError(Exception):
    """A worker that has other code than the one that hands out the work; raised there, told here."""


@dataclass(frozen=True, slots=True)
class DaskEngine:
    """Hands ranges to the workers of the cluster at this address (`tcp://10.0.0.1:8786`). A page may take so many
    `seconds`; the cluster may be without any worker for so many, its `patience`."""

    scheduler: str
    seconds: float = 60.0
    patience: float = 60.0

    def run(self, job: Job, ranges: Iterable[Sequence[Group]]) -> Iterator[tuple[int, list[Result]]]:
        """The results of each range with its number, as `Engine` says; where there are none nobody is asked. Raises
        ClusterError, and UsageError where Dask is not installed."""
        fresh = iter(ranges)
        if (first := next(fresh, None)) is None:
            return
        with _client(self) as client:
            # Elsewhere a path may begin in another folder.
            corpus = job.corpus.absolute() if isinstance(job.corpus, Path) else job.corpus
            cluster = _Cluster(self, client, replace(job, corpus=corpus))
            cluster.check()
            yield from cluster.work(itertools.chain([first], fresh))


@dataclass(frozen=True, slots=True)
class _Task:
    number: int
    groups: tuple[Group, ...]


@dataclass(slots=True)
class _Cluster:
    """The cluster during one run: what is in it, what has come back, and the ranges that workers died of."""

    engine: DaskEngine
    client: Any
    job: Job
    name: str = field(default_factory=lambda: f"cchc-{secrets.token_hex(4)}")
    tasks: dict[Any, _Task] = field(default_factory=dict)
    back: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    suspects: list[_Task] = field(default_factory=list)

    def check(self) -> None:
        """There are workers, and they have cchc: one without it does not even understand what it is asked, and falls
        silent. Raises ClusterError."""
        end = time.monotonic() + self.engine.patience
        while not self._threads():
            if time.monotonic() > end:
                raise self._alone_there()
            time.sleep(_LOOK / 10)
        corpus = self.job.corpus
        for worker, found in self.client.run(metadata.version, "cchc", on_error="return").items():
            if isinstance(found, BaseException):
                raise ClusterError(
                    f"the worker {worker} has no cchc ({type(found).__name__}: {found}): install cchc "
                    f"{metadata.version('cchc')} there, with the packages of requirements.txt, and start it again."
                )
        there = self.client.run(os.path.isdir, str(corpus)) if isinstance(corpus, Path) else {}
        for worker in (worker for worker, found in there.items() if not found):
            raise ClusterError(
                f"the worker {worker} does not see the folder {corpus}: give it to all machines under this name, or put "
                "the archive at an address that all reach (s3://…)."
            )

    def work(self, ranges: Iterable[Sequence[Group]]) -> Iterator[tuple[int, list[Result]]]:
        """Every range once, in the order in which they come back."""
        fresh = (_Task(number, tuple(groups)) for number, groups in enumerate(ranges))
        self._fill(fresh)
        while self.tasks:
            task, results, _ = self._next()
            if results is None:
                self.suspects.append(task)
            else:
                yield task.number, results
            self._fill(fresh)
        for task in self.suspects:
            yield task.number, [self._alone(group) for group in task.groups]

    def _fill(self, fresh: Iterator[_Task]) -> None:
        """Hands out as many tasks as the cluster's threads can do with."""
        wanted = _WAITING * max(1, self._threads())
        while len(self.tasks) < wanted and (task := next(fresh, None)):
            self._submit(task)

    def _submit(self, task: _Task) -> None:
        # Sources that the range does not need are not sent with it: there may be thousands.
        needed = {group.source for group in task.groups}
        job = replace(self.job, sources={name: self.job.sources[name] for name in sorted(needed)})
        future = self.client.submit(
            done,
            fingerprint(),
            pickle.dumps((job, task.groups)),
            self.engine.seconds,
            key=f"{self.name}-{task.number}-{secrets.token_hex(4)}",
            pure=False,
        )
        self.tasks[future] = task
        future.add_done_callback(self.back.put)

    def _alone(self, group: Group) -> Result:
        """The group's result with nothing else in the cluster, so that a worker which dies now dies of it."""
        self._submit(_Task(0, (group,)))
        _, results, error = self._next()
        if results is not None:
            return results[0]
        if isinstance(error, MemoryError):
            return group.failed("extract.memory", "it needs more memory than a worker has.")
        why = f"its workers died of it, or were ended as it took longer than {self.engine.seconds:g} seconds."
        return group.failed("extract.crashed", why)

    def _next(self) -> tuple[_Task, list[Result] | None, BaseException | None]:
        """The next task that is over, with its results or what its workers died of. Raises ClusterError."""
        from distributed.scheduler import KilledWorker

        while True:
            future = self._awaited()
            task, status = self.tasks.pop(future), future.status
            try:
                if status == "finished":
                    return task, future.result(timeout=self.engine.patience), None
                error = future.exception(timeout=self.engine.patience) if status == "error" else None
            except (TimeoutError, KilledWorker):
                status = "lost"
            except (OSError, CancelledError) as gone:
                raise self._lost(gone) from gone
            finally:
                future.release()
            if status != "lost":
                break
            # The results went with the worker that had made them: they are made again.
            self._submit(task)
        if isinstance(error, KilledWorker | MemoryError):
            return task, None, error
        if isinstance(error, OtherCodeError):
            raise ClusterError(
                f"a worker of {self.engine.scheduler} has other code than this command ({error}): install the same "
                "version of cchc and of its packages on both and start the workers again."
            )
        if error is None:
            raise self._lost(None)
        raise ClusterError(
            f"the workers of {self.engine.scheduler} cannot do the work ({type(error).__name__}: {error}): see that "
            f"cchc {metadata.version('cchc')} is installed on them, and that they can reach the archive."
        ) from error

    def _awaited(self) -> Any:
        """A task that is over. Raises ClusterError where there is nobody who could bring any to its end."""
        without = time.monotonic()
        while True:
            try:
                return self.back.get(timeout=_LOOK)
            except queue.Empty:
                now = time.monotonic()
                if self._threads():
                    without = now
                if now - without > self.engine.patience:
                    raise self._alone_there() from None

    def _threads(self) -> int:
        """How many threads the cluster has now."""
        try:
            return sum(self.client.nthreads().values())
        except (OSError, AttributeError, RuntimeError, ValueError) as error:
            # What is raised depends on how far the connection is taken down.
            raise self._lost(error) from error

    def _alone_there(self) -> ClusterError:
        return ClusterError(
            f"the cluster at {self.engine.scheduler} has no workers: start some with `dask worker "
            f"{self.engine.scheduler} --nthreads 1` on machines that have cchc."
        )

    def _lost(self, error: BaseException | None) -> ClusterError:
        cause = f" ({error})" if error else ""
        return ClusterError(
            f"the scheduler at {self.engine.scheduler} went away{cause}: see why it ended, start it and its workers "
            "again and then this command."
        )


# One range at a time in a process, whatever threads it has: they would share the processor anyhow, and warnings and the
# watch over a page's time are the process's.
_one_at_a_time = threading.Lock()
_loaded = threading.Event()


def done(code: str, packed: bytes, seconds: float) -> list[Result]:
    """What a worker does: the results of the groups, in their order. A page that takes longer than so many seconds ends
    the process, as nothing else ends a library that does not come back. Raises OtherCodeError."""
    if code != fingerprint():
        raise OtherCodeError(f"{fingerprint()} on {platform.node()}, {code} here")
    job: Job
    groups: Sequence[Group]
    job, groups = pickle.loads(packed)
    with _one_at_a_time:
        # What is warned of is told of each page.
        warnings.simplefilter("always", append=True)
        if not _loaded.is_set():
            job.load()
            _loaded.set()
        return [_watched(job, group, seconds) for group in groups]


def _watched(job: Job, group: Group, seconds: float) -> Result:
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__ or 2)
    try:
        return job.result(group)
    finally:
        faulthandler.cancel_dump_traceback_later()


@functools.cache
def fingerprint() -> str:
    """What tells the code that is installed here, with its rules, lookups and packages, from any other."""
    return str(fingerprints.code())


@contextmanager
def _client(engine: DaskEngine) -> Iterator[Any]:
    """A connection to the scheduler; what is still in the cluster is taken out of it in the end."""
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(f"--engine dask needs Dask ({error}): install it with `pip install '.[cluster]'` in cchc's folder.") from error
    try:
        client: Any = Client(engine.scheduler, set_as_default=False, timeout=min(10, engine.patience))  # type: ignore[no-untyped-call]  # Dask has no types
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no scheduler answers at {engine.scheduler} ({error}): start one with `dask scheduler` and name the address that "
            "it tells (tcp://HOST:8786)."
        ) from error
    try:
        yield client
    finally:
        client.close(timeout=5)
