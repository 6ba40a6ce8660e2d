"""A Dask cluster of real processes gives what this machine alone gives, whatever happens to its workers."""

from __future__ import annotations

import json
import os
import signal
import sys
import textwrap
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench import corpus as pages
from pipeline import cluster as dask
from pipeline import history, load_tables, places, publication, remote, results, stages, work
from pipeline.archive import Archive
from pipeline.cli import main
from pipeline.cluster import ClusterError, DaskEngine
from pipeline.errors import LockHeldError, UsageError
from pipeline.places import Address, PlaceError
from tests.clusters import Cluster, cluster, s3
from tests.test_remote import publish

PAGES = 120
SIZE = 8


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of generated pages; not to be changed by a test."""
    folder = tmp_path_factory.mktemp("generated") / "corpus"
    pages.write(folder, PAGES)
    return folder


@pytest.fixture(scope="session")
def store() -> Iterator[dict[str, str]]:
    with s3() as environment:
        yield environment


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory, store: dict[str, str]) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("two") / "cluster", 2, **store) as made:
        yield made


@pytest.fixture
def bucket(store: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Address]:
    """A bucket of its own on the server that all tests share."""
    for name, value in store.items():
        monkeypatch.setenv(name, value)
    url = f"s3://b{uuid.uuid4().hex}"
    fs, path = places.filesystem(url)
    fs.mkdir(path)
    yield Address(url)
    type(fs).clear_instance_cache()  # the next test's server may be another


Ranges = list[tuple[work.Group, ...]]


def job(corpus: Path) -> tuple[work.Job, Ranges]:
    declared = stages.sources()
    groups, _ = work.groups(Archive.load(corpus), declared)
    return work.Job(corpus, declared), list(work.ranges(groups, SIZE))


def extracted(corpus: str, output: str, *options: str) -> Result:
    places = {"CCHC_CORPUS": corpus, "CCHC_OUTPUT": output, "CCHC_CONTACT": ""}
    done = CliRunner().invoke(main, ["extract", *options], env=places, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(scope="session")
def alone(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The set of tables that this machine's processes make of the corpus."""
    output = tmp_path_factory.mktemp("alone")
    extracted(str(generated), str(output), "--workers", "2")
    return {path.name: path.read_bytes() for path in publication.current(output).iterdir()}


def in_force(output: Address) -> dict[str, bytes]:
    whole = output / json.loads((output / remote.CURRENT).read_bytes())["tables"]
    return {name: (whole / name).read_bytes() for name in whole.files()}


def test_archive_and_output_on_s3(bucket: Address, generated: Path, alone: dict[str, bytes]) -> None:
    bucket.store({f"corpus/{path.relative_to(generated)}": path for path in generated.rglob("*") if path.is_file()})
    done = extracted(f"{bucket}/corpus", f"{bucket}/output", "--workers", "2")
    assert f"{PAGES} articles" in done.stdout
    assert in_force(bucket / "output") == alone
    assert {name: (bucket / "output" / name).read_bytes() for name in alone} == alone
    with pytest.raises(LockHeldError, match=r"lock\.json"), remote.mirrored(bucket / "output"), remote.mirrored(bucket / "output"):
        raise AssertionError("two at work")
    again = extracted(f"{bucket}/corpus", f"{bucket}/output", "--workers", "1")
    assert f"{PAGES} kept" in again.stdout
    assert in_force(bucket / "output") == alone
    assert load_tables(f"{bucket}/output")["articles"]["doc_id"].nunique() == PAGES


def test_a_cluster_gives_the_same_bytes_also_when_a_worker_is_killed_half_way(
    bucket: Address, two: Cluster, generated: Path, alone: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.complete()
    extracted(str(generated), str(tmp_path), "--engine", "dask", "--scheduler", two.address)
    assert {path.name: path.read_bytes() for path in publication.current(tmp_path).iterdir()} == alone

    bucket.store({f"corpus/{path.relative_to(generated)}": path for path in generated.rglob("*") if path.is_file()})
    whole, back = DaskEngine.run, []

    def run(self: DaskEngine, job: work.Job, ranges: Iterable[Sequence[work.Group]]) -> Iterator[tuple[int, list[results.Result]]]:
        small = (groups[place : place + SIZE] for groups in ranges for place in range(0, len(groups), SIZE))
        for number, some in whole(self, job, small):
            back.append(number)
            if len(back) == 4:
                two.kill(0)
            yield number, some

    monkeypatch.setattr(DaskEngine, "run", run)
    extracted(f"{bucket}/corpus", f"{bucket}/output", "--engine", "dask", "--scheduler", two.address)
    assert len(back) > 4, "there was more to be done"
    assert sorted(back) == list(range(len(back)))
    assert in_force(bucket / "output") == alone


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
    program = "from importlib import metadata\ndef version(name): raise metadata.PackageNotFoundError(name)\n"
    preload.write_text(program + "metadata.version = version\n")
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
    preload.write_text(preload.read_text() + "\nimport genericpath\n\ngenericpath.isdir = lambda path: False\n")
    with cluster(tmp_path / "cluster", 1, harm) as made, pytest.raises(ClusterError, match="does not see the folder"):
        list(DaskEngine(made.address).run(work.Job(generated, {}), ranges))


def test_no_scheduler_is_told() -> None:
    with pytest.raises(ClusterError, match=r"no scheduler answers at tcp://127.0.0.1:9 .*dask scheduler"):
        list(DaskEngine("tcp://127.0.0.1:9", patience=1).run(work.Job(Path("nowhere"), {}), [()]))


def test_without_dask_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"--engine dask needs Dask .*pip install '\.\[cluster\]'"):
        list(DaskEngine("tcp://127.0.0.1:9").run(work.Job(Path("nowhere"), {}), [()]))
    assert list(DaskEngine("tcp://127.0.0.1:9").run(work.Job(Path("nowhere"), {}), [])) == []


def test_sets_on_s3_go_when_they_are_not_kept_any_more(bucket: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT", 2)
    for number in range(history.KEPT + 2):
        publish(bucket / "output", f"r{number:02}", {"a.csv": str(number).encode()})
    sets = {name.split("/")[1] for name in (bucket / "output").files() if "/tables/" in name}
    assert sets == {f"r{number:02}" for number in range(2, history.KEPT + 2)}


def test_a_bucket_that_is_not_there_is_told(bucket: Address, generated: Path) -> None:
    for corpus, output, said in (
        (str(generated), f"{bucket}x/output", "make the bucket first"),
        (f"{bucket}x/corpus", f"{bucket}/output", "holds no captures"),
    ):
        done = CliRunner().invoke(main, ["extract", "--corpus", corpus, "--output", output], catch_exceptions=False)
        assert done.exit_code == 1
        assert said in done.stderr


def test_what_the_server_refuses_is_told(bucket: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    type(places.filesystem(bucket.url)[0]).clear_instance_cache()
    monkeypatch.setattr(type(places.filesystem(bucket.url)[0]), "retries", 1)
    with pytest.raises(PlaceError, match=f"{bucket}/a cannot be used .*endpoint"):
        (bucket / "a").read_bytes()
