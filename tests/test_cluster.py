"""A Dask cluster of real processes gives what this machine alone gives, whatever happens to its workers."""

from __future__ import annotations

import os
import signal
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from clusters import Cluster, cluster

from bench import corpus as pages
from pipeline import cluster as dask
from pipeline import results, stages, work
from pipeline.archive import Archive
from pipeline.cluster import ClusterError, DaskEngine
from pipeline.results import Result

PAGES = 120
SIZE = 8


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of generated pages; not to be changed by a test."""
    folder = tmp_path_factory.mktemp("generated") / "corpus"
    pages.write(folder, PAGES)
    return folder


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("two") / "cluster", 2) as made:
        yield made


Ranges = list[tuple[work.Group, ...]]
Made = dict[int, list[Result]]


def job(corpus: Path) -> tuple[work.Job, Ranges]:
    declared = stages.sources()
    groups, _ = work.groups(Archive.load(corpus), declared)
    return work.Job(corpus, declared), list(work.ranges(groups, SIZE))


def here(corpus: Path) -> Made:
    mine, ranges = job(corpus)
    return {number: mine.results(groups) for number, groups in enumerate(ranges)}


def test_two_workers_give_what_one_process_gives(two: Cluster, generated: Path) -> None:
    mine, ranges = job(generated)
    assert len(ranges) == PAGES // SIZE
    found = dict(DaskEngine(two.address).run(mine, ranges))
    assert found == here(generated)
    assert sum(len(results.found(part).rows) for some in found.values() for one in some for part in one.found.values())


def test_ranges_are_taken_as_workers_get_free(two: Cluster, generated: Path) -> None:
    mine, ranges = job(generated)
    taken: list[int] = []

    def slowly() -> Iterator[Sequence[work.Group]]:
        for number, groups in enumerate(ranges):
            taken.append(number)
            yield groups

    run = DaskEngine(two.address).run(mine, slowly())
    for done in range(1, 6):
        next(run)
        assert len(taken) <= done + 2 * 3, "what is not needed yet is not asked for"
    assert len(dict(run)) == len(ranges) - 5


def test_a_worker_that_is_killed_changes_nothing(generated: Path, tmp_path: Path) -> None:
    mine, ranges = job(generated)
    with cluster(tmp_path / "cluster", 2) as made:
        made.complete()
        found: Made = {}
        for number, some in DaskEngine(made.address).run(mine, ranges):
            assert number not in found
            found[number] = some
            if len(found) == 4:
                made.kill(0)
        assert made.workers[1].poll() is None
    assert found == here(generated)


# What a worker loads before its tasks: pages that give next to nothing, but for those that do it harm.
HARM = """
    import os, re, signal

    from pipeline import cluster, reading
    from pipeline.results import Result


    def result(corpus, group, source):
        if group.doc_id == os.environ.get("DIES"):
            os.kill(os.getpid(), signal.SIGKILL)
        if group.doc_id == os.environ.get("HANGS"):
            re.match(r"(a|aa)+$", "a" * 200 + "b")  # it holds the interpreter: nothing in Python can end it
        if group.doc_id == os.environ.get("HUNGRY"):
            raise MemoryError
        return Result(group.doc_id)


    reading.result, reading.load = result, lambda: None
    cluster.fingerprint = lambda: "same"
"""


@pytest.fixture
def harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The option that makes workers load it."""
    monkeypatch.setattr(dask, "fingerprint", lambda: "same")
    (tmp_path / "harm.py").write_text(textwrap.dedent(HARM))
    return f"--preload={tmp_path / 'harm.py'}"


def test_a_page_that_kills_its_workers_is_named_and_the_others_are_done(generated: Path, tmp_path: Path, harm: str) -> None:
    mine, ranges = job(generated)
    dies, hangs, hungry = (ranges[1][place].doc_id for place in (3, 5, 6))
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with cluster(tmp_path / "cluster", 1, harm, DIES=dies, HANGS=hangs, HUNGRY=hungry, **once) as made:
        found = dict(DaskEngine(made.address, seconds=2).run(mine, ranges))
    assert {number: [one.doc_id for one in some] for number, some in found.items()} == {
        number: [group.doc_id for group in groups] for number, groups in enumerate(ranges)
    }
    failed = {one.doc_id: results.told(one.reading) for some in found.values() for one in some if one.reading}
    assert {doc_id: issue.code for doc_id, told in failed.items() for issue in told.issues} == {
        dies: "extract.crashed",
        hangs: "extract.crashed",
        hungry: "extract.memory",
    }


def test_workers_with_other_code_are_refused(two: Cluster, generated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, ranges = job(generated)
    monkeypatch.setattr(dask, "fingerprint", lambda: "another")
    with pytest.raises(ClusterError, match=r"other code than this command.*another here.*install the same version"):
        list(DaskEngine(two.address).run(mine, ranges))


def test_workers_without_cchc_are_told(generated: Path, tmp_path: Path) -> None:
    preload = tmp_path / "without.py"
    preload.write_text("from importlib import metadata\nmetadata.version = metadata.version.__call__\ndef version(name):\n    raise metadata.PackageNotFoundError(name)\nmetadata.version = version\n")
    mine, ranges = job(generated)
    with (
        cluster(tmp_path / "cluster", 1, "--preload", str(preload)) as made,
        pytest.raises(ClusterError, match=r"has no cchc .*install cchc [\d.]+ there"),
    ):
        list(DaskEngine(made.address).run(mine, ranges))


def test_a_cluster_without_workers_is_told(generated: Path, tmp_path: Path) -> None:
    mine, ranges = job(generated)
    with cluster(tmp_path / "cluster", 0) as made, pytest.raises(ClusterError, match="has no workers: start some"):
        list(DaskEngine(made.address, patience=1).run(mine, ranges))


def test_a_scheduler_that_goes_away_is_told(generated: Path, tmp_path: Path, harm: str) -> None:
    mine, ranges = job(generated)
    with cluster(tmp_path / "cluster", 1, harm) as made:
        run = DaskEngine(made.address).run(mine, ranges * 10)
        next(run)
        assert made.scheduler
        os.killpg(made.scheduler.pid, signal.SIGKILL)
        with pytest.raises(ClusterError, match="went away"):
            list(run)


def test_a_folder_that_workers_do_not_see_is_told(tmp_path: Path, generated: Path, harm: str) -> None:
    _, ranges = job(generated)
    preload = tmp_path / "harm.py"
    preload.write_text(preload.read_text() + "\nos.path.isdir = lambda path: False\n")
    with cluster(tmp_path / "cluster", 1, harm) as made, pytest.raises(ClusterError, match="does not see the folder"):
        list(DaskEngine(made.address).run(work.Job(generated, {}), ranges))


def test_no_scheduler_is_told() -> None:
    with pytest.raises(ClusterError, match=r"no scheduler answers at tcp://127.0.0.1:9 .*dask scheduler"):
        list(DaskEngine("tcp://127.0.0.1:9", patience=1).run(work.Job(Path("nowhere"), {}), []))
