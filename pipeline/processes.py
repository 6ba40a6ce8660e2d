"""Workers on this machine: processes forked once everything is loaded, so that they share it.

A worker sends each result when it is made, so that it is known which page it was at when it died. That page is tried
once more alone in a new worker, as the pages before it may have used up what it lacks; one that takes too long is not.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path

from pipeline.results import Result
from pipeline.work import Group, Job

# How a worker ends that met the end of its memory; no signal and no error of Python ends so.
_OUT_OF_MEMORY = 98
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Hands ranges to so many processes of this machine. A page may take so many `seconds`, and a worker may need so
    many `megabytes` beyond what it has loaded (where the system tells how much that is, as Linux does)."""

    workers: int
    seconds: float = 60.0
    megabytes: int = 1024

    def run(self, job: Job, ranges: Iterable[Sequence[Group]]) -> Iterator[tuple[int, list[Result]]]:
        """The results of each range with its number, as `Engine` says. No process is left when the generator ends or is
        closed."""
        crew = _Crew(self, job, ranges)
        try:
            yield from crew.work()
        finally:
            crew.dismiss()


@dataclass(frozen=True, slots=True)
class _Task:
    """Groups of a range, each with its place there; `alone` for one that a worker died of before."""

    number: int
    places: tuple[int, ...]
    groups: tuple[Group, ...]
    alone: bool = False

    def part(self, start: int, end: int | None = None, *, alone: bool = False) -> _Task:
        return _Task(self.number, self.places[start:end], self.groups[start:end], alone)


@dataclass(slots=True)
class _Worker:
    """A process, and the task that it is at: the first `done` of its groups have come back."""

    process: ForkProcess
    connection: Connection
    task: _Task | None = None
    done: int = 0


@dataclass(slots=True)
class _Crew:
    """The workers of one run, and what is still to be done."""

    engine: LocalEngine
    job: Job
    ranges: Iterable[Sequence[Group]]
    workers: list[_Worker] = field(default_factory=list)
    again: deque[_Task] = field(default_factory=deque)
    made: dict[int, list[Result | None]] = field(default_factory=dict)

    def work(self) -> Iterator[tuple[int, list[Result]]]:
        """Every range once, as soon as all of its results are there."""
        fresh = self._tasks()
        while True:
            self._hand_out(fresh)
            if not self.workers:
                return
            for connection in wait([worker.connection for worker in self.workers]):
                worker = next(one for one in self.workers if one.connection is connection)
                yield from self._heard(worker)

    def dismiss(self) -> None:
        """Ends all workers, at once and whatever they are at."""
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            _buried(worker)
        self.workers.clear()

    def _tasks(self) -> Iterator[_Task]:
        for number, groups in enumerate(self.ranges):
            self.made[number] = [None] * len(groups)
            yield _Task(number, tuple(range(len(groups))), tuple(groups))

    def _hand_out(self, fresh: Iterator[_Task]) -> None:
        """Gives every worker without a task one, as long as there are tasks; who gets none is sent home."""
        idle = [worker for worker in self.workers if worker.task is None]
        while idle or len(self.workers) < self.engine.workers:
            task = self.again.popleft() if self.again else next(fresh, None)
            if task is None:
                break
            if not task.groups:
                continue
            worker = idle.pop() if idle else self._hired()
            worker.task, worker.done = task, 0
            # One that died meanwhile is found dead when it is listened to.
            with suppress(OSError):
                worker.connection.send(task.groups)
        for worker in idle:
            self.workers.remove(worker)
            _buried(worker)

    def _hired(self) -> _Worker:
        if not self.workers:
            _loaded(self.job)
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe()
        # A worker that held the others' ends would keep them from learning that we are gone.
        strange = [ours, *(worker.connection for worker in self.workers)]
        process = context.Process(target=_serve, args=(theirs, strange, self.job, self.engine), daemon=True)
        worker = _Worker(process, ours)
        with _uninterrupted():
            process.start()
            self.workers.append(worker)
        theirs.close()
        return worker

    def _heard(self, worker: _Worker) -> Iterator[tuple[int, list[Result]]]:
        task = worker.task
        assert task is not None
        try:
            result = worker.connection.recv()
        except (EOFError, OSError):
            self.workers.remove(worker)
            yield from self._died(task, worker.done, _buried(worker))
            return
        yield from self._made(task, worker.done, result)
        worker.done += 1
        if worker.done == len(task.groups):
            worker.task = None

    def _made(self, task: _Task, done: int, result: Result) -> Iterator[tuple[int, list[Result]]]:
        whole = self.made[task.number]
        whole[task.places[done]] = result
        listed = [one for one in whole if one is not None]
        if len(listed) == len(whole):
            del self.made[task.number]
            yield task.number, listed

    def _died(self, task: _Task, done: int, code: int) -> Iterator[tuple[int, list[Result]]]:
        """What came after the page that the worker died of is done by others, and that page alone, or never again."""
        self.again.append(task.part(done + 1))
        if code != -signal.SIGALRM and not task.alone:
            self.again.append(task.part(done, done + 1, alone=True))
            return
        yield from self._made(task, done, task.groups[done].failed(*self._why(code)))

    def _why(self, code: int) -> tuple[str, str]:
        if code == -signal.SIGALRM:
            return "extract.timeout", f"its worker was ended, as it took longer than {self.engine.seconds:g} seconds."
        if code == _OUT_OF_MEMORY:
            return "extract.memory", f"it needs more than the {self.engine.megabytes:,} MB that a worker may take."
        how = f"with {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        return "extract.crashed", f"its worker died of it {how}, twice."


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits meanwhile. One that came while Python tidies up after a fork would be told and forgotten, and the run
    would go on; one that came right after it would leave a worker that nobody sends home."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _loaded(job: Job) -> None:
    """Loads what the pages will need, to be shared with the workers as long as nobody touches it."""
    enabled = gc.isenabled()
    gc.disable()  # of what is loaded nothing goes: looking for it again and again takes an eighth of the time
    try:
        job.load()
    finally:
        if enabled:
            gc.enable()
    gc.freeze()


def _buried(worker: _Worker) -> int:
    """The exit code of a worker that is dead or has nothing to do any more; no zombie is left of it."""
    worker.connection.close()
    worker.process.join()
    code = worker.process.exitcode
    worker.process.close()
    return code or 0


def _serve(connection: Connection, strange: Sequence[Connection], job: Job, engine: LocalEngine) -> None:
    """A worker's life: groups in, a result for each out, until there is nobody to send more."""
    for other in strange:
        other.close()
    # Ctrl-C is for the one that leads; who outstays his time with a page is ended by the system, in any library.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # What is warned of belongs to the page's result and not to the leader's files, and is told of each page.
    logging.getLogger().handlers.clear()
    warnings.simplefilter("always", append=True)
    _limit_memory(engine.megabytes)
    gc.enable()  # the one that leads may do without
    try:
        while True:
            for group in connection.recv():
                signal.setitimer(signal.ITIMER_REAL, engine.seconds)
                result = job.result(group)
                signal.setitimer(signal.ITIMER_REAL, 0)
                connection.send(result)
    except (EOFError, OSError):
        os._exit(0)  # nobody is there any more
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)


def _limit_memory(megabytes: int) -> None:
    """From now on the process gets so much more memory and no more."""
    import resource

    pages = Path("/proc/self/statm")
    if sys.platform != "linux" or not pages.exists():
        return  # elsewhere nobody tells how much it has
    now = int(pages.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = now + megabytes * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
