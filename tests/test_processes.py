"""Workers of this machine: whatever a page does to its worker, the others' results are what they would be."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

import pytest

from pipeline import reading, results
from pipeline.archive import Entry
from pipeline.processes import LocalEngine
from pipeline.results import Result
from pipeline.work import Group, Job, ranges

ROOT = Path(__file__).parent.parent
JOB = Job(Path("corpus"), {"bao": None})  # type: ignore[dict-item]  # the result is made without a source
# Long beyond what a made-up page takes, on the slowest machine too.
ENOUGH = 120.0


def group(number: int) -> Group:
    entry = Entry(
        f"http://bao.example/{number}", "20200715010203", "text/html", 200, "sha1:A", 1, number, "bao/r.warc.gz"
    )
    return Group(f"bao-{number:04}", "bao", (entry,))


GROUPS = tuple(group(number) for number in range(20))


def done(of: Group) -> Result:
    return Result(of.doc_id, f"{of.doc_id} by {os.getpid()}".encode())


@pytest.fixture(autouse=True)
def nothing_to_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "load", lambda: None)


def made_by(monkeypatch: pytest.MonkeyPatch, how: Callable[[Group], Result]) -> None:
    monkeypatch.setattr(reading, "result", lambda _corpus, of, _source: how(of))


def misbehaving(monkeypatch: pytest.MonkeyPatch, at: Sequence[int], misbehave: Callable[[], object]) -> None:
    """Pages of these numbers do something to the process that reads them."""
    marked = {GROUPS[number].doc_id for number in at}

    def how(of: Group) -> Result:
        if of.doc_id in marked:
            misbehave()
        return done(of)

    made_by(monkeypatch, how)


def run(engine: LocalEngine, size: int = 4) -> list[Result]:
    """All results, by doc_id; each range came once and whole."""
    wanted = list(ranges(GROUPS, size))
    found = dict(engine.run(JOB, wanted))
    assert sorted(found) == list(range(len(wanted)))
    for number, groups in enumerate(wanted):
        assert [result.doc_id for result in found[number]] == [one.doc_id for one in groups]
    assert not multiprocessing.active_children()
    return sorted((result for part in found.values() for result in part), key=lambda result: result.doc_id)


def issues(result: Result) -> tuple[str, str]:
    [issue] = results.told(result.reading or b"").issues
    assert issue.level == "error"
    assert issue.where == result.doc_id
    assert "http://bao.example/" in issue.message
    return issue.code, issue.message


def failed(found: Sequence[Result]) -> list[str]:
    return [result.doc_id for result in found if not result.sound]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_group_gets_its_result_from_workers_that_are_other_processes(
    monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    made_by(monkeypatch, done)
    found = run(LocalEngine(workers))
    who = {int((result.reading or b"").split()[-1]) for result in found}
    assert len(found) == len(GROUPS)
    assert os.getpid() not in who
    assert 1 <= len(who) <= workers


def test_nothing_to_do_starts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_context", lambda _method: pytest.fail("a process was started"))
    assert list(LocalEngine(2).run(JOB, [])) == []
    assert list(LocalEngine(2).run(JOB, [()])) == []


@pytest.mark.parametrize("workers", [1, 3])
def test_a_page_that_kills_its_worker_is_the_only_one_left_out(monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    def crash() -> None:
        faulthandler.disable()  # pytest's would print where it was
        os.kill(os.getpid(), signal.SIGSEGV)

    misbehaving(monkeypatch, (3, 6, 19), crash)
    found = run(LocalEngine(workers))
    assert failed(found) == [GROUPS[number].doc_id for number in (3, 6, 19)]
    assert {issues(found[number])[0] for number in (3, 6, 19)} == {"extract.crashed"}
    assert "SIGSEGV" in issues(found[3])[1]


def test_a_page_whose_worker_was_killed_by_somebody_else_is_read_by_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def once() -> None:
        if not (tmp_path / "killed").exists():
            (tmp_path / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)

    misbehaving(monkeypatch, (7,), once)
    assert failed(run(LocalEngine(2))) == []


def test_a_page_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang() -> None:
        while True:
            pass

    misbehaving(monkeypatch, (0, 11), hang)
    found = run(LocalEngine(2, seconds=2))
    assert failed(found) == [GROUPS[0].doc_id, GROUPS[11].doc_id]
    assert issues(found[11]) == (
        "extract.timeout",
        "http://bao.example/11: its worker was ended, as it took longer than 2 seconds. It is left out of this run; "
        "report it with its address.",
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell how much memory a process has")
def test_a_page_that_wants_all_memory_does_not_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    misbehaving(monkeypatch, (5,), lambda: bytearray(300_000_000))
    found = run(LocalEngine(2, megabytes=100))
    assert failed(found) == [GROUPS[5].doc_id]
    assert issues(found[5])[0] == "extract.memory"
    assert failed(run(LocalEngine(2, megabytes=1000))) == []


def test_an_error_in_a_page_is_told_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    misbehaving(monkeypatch, (5,), lambda: 1 // 0)
    found = run(LocalEngine(2))
    code, message = issues(found[5])
    assert (code, failed(found)) == ("extract.crashed", [GROUPS[5].doc_id])
    assert "ZeroDivisionError" in message
    assert "test_processes.py" in message


def test_who_stops_early_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def how(of: Group) -> Result:
        if of.doc_id != GROUPS[0].doc_id:
            time.sleep(ENOUGH)
        return done(of)

    made_by(monkeypatch, how)
    at_work = LocalEngine(2).run(JOB, ranges(GROUPS, 1))
    assert isinstance(at_work, Generator)
    number, _ = next(at_work)
    assert number == 0
    assert multiprocessing.active_children()
    at_work.close()
    assert not multiprocessing.active_children()


LEADER = textwrap.dedent(
    """
    import os, signal, sys, time
    # What a shell runs in the background ignores Ctrl-C, and so does all that is started there.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path[:0] = sys.argv[1:]
    from tests import test_processes as these
    from pipeline import reading
    from pipeline.processes import LocalEngine
    from pipeline.work import ranges

    def how(_corpus, of, _source):
        os.write(1, b"%d\\n" % os.getpid())  # at once, as two workers write here
        time.sleep(1)
        return these.done(of)

    reading.load, reading.result = lambda: None, how
    list(LocalEngine(2).run(these.JOB, ranges(these.GROUPS, 1)))
    """
)


@pytest.fixture
def leader() -> Iterator[tuple[subprocess.Popen[str], set[int]]]:
    """A process that leads two workers through 20 pages of a second each, and their process ids."""
    arguments = [sys.executable, "-c", LEADER, str(ROOT)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        workers: set[int] = set()
        assert process.stdout is not None
        while len(workers) < 2:
            workers.add(int(process.stdout.readline()))
        yield process, workers
        process.kill()


INTERRUPTED = """
import os, signal
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
"""


def test_an_interrupt_that_comes_while_a_worker_is_made_ends_the_run() -> None:
    arguments = [sys.executable, "-c", INTERRUPTED + LEADER, str(ROOT)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=ENOUGH, check=False)
    assert done.returncode != 0
    assert "KeyboardInterrupt" in done.stderr and "ignored" not in done.stderr
    assert not any(lives(int(worker)) for worker in done.stdout.split())


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_who_leads_them(
    leader: tuple[subprocess.Popen[str], set[int]], ended_by: signal.Signals
) -> None:
    process, workers = leader
    process.send_signal(ended_by)
    assert process.wait(ENOUGH) != 0
    until = time.monotonic() + ENOUGH
    while any(map(lives, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(lives, workers))


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    # A dead child of a dead process may wait for the system to fetch it.
    return not stat.exists() or stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
