"""An output at an address: written like one in a folder, switched at once, never touched by a run that fails."""

from __future__ import annotations

import json
import os
import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline import history, load_tables, places, remote, runs, stages
from pipeline.cli import main
from pipeline.errors import CchcError, LockHeldError
from pipeline.places import Address, PlaceError
from tests.conftest import Workplace
from tests.loopback import serving


@pytest.fixture
def bucket() -> Iterator[Address]:
    url = f"memory://{uuid.uuid4().hex}"
    yield Address(url)
    Address(url).remove()


@pytest.fixture
def stocked(bucket: Address, crawled: Workplace) -> Address:
    """An address with the crawled sample as its corpus, and an output without tables."""
    files = {f"corpus/{path.relative_to(crawled.corpus).as_posix()}": path for path in crawled.corpus.rglob("*") if path.is_file()}
    bucket.store(files)
    return bucket


def cchc(bucket: Address, *arguments: str) -> Result:
    given = {"CCHC_CORPUS": f"{bucket}/corpus", "CCHC_OUTPUT": f"{bucket}/output", "CCHC_CONTACT": "", "COLUMNS": "200"}
    return CliRunner().invoke(main, arguments, env=given, catch_exceptions=False)


def stored(bucket: Address) -> dict[str, bytes]:
    """The set in force, read the way a program does: from the folder that the pointer names."""
    current = json.loads((bucket / "output" / remote.CURRENT).read_bytes())["tables"]
    whole = bucket / "output" / current
    return {name: (whole / name).read_bytes() for name in whole.files()}


def names(bucket: Address) -> set[str]:
    return {name.partition("/")[0] for name in (bucket / "output").files()}


def test_tables_at_an_address_are_those_of_a_folder_to_the_byte(stocked: Address, crawled: Workplace) -> None:
    done = cchc(stocked, "extract")
    assert done.exit_code == 0, done.output
    wanted = {path.name: path.read_bytes() for path in (crawled.output / ".current").resolve().iterdir()}
    assert stored(stocked) == wanted
    assert {name: (stocked / "output" / name).read_bytes() for name in wanted} == wanted, "copies for people"
    assert names(stocked) == {*wanted, "runs", remote.CURRENT} | (names(stocked) & {"kept.sqlite"})
    (run,) = {name.split("/")[0] for name in (stocked / "output" / "runs").files()}
    manifest = json.loads((stocked / "output" / "runs" / run / "manifest.json").read_bytes())
    assert manifest["state"] == "succeeded"
    assert manifest["tables"] == run


def test_a_rerun_stores_no_second_set(stocked: Address) -> None:
    assert cchc(stocked, "extract").exit_code == 0
    before = stored(stocked)
    assert cchc(stocked, "extract").exit_code == 0
    assert stored(stocked) == before
    with remote.reading(stocked / "output", history=True) as folder:
        assert len(history.kept(folder)) == 1
        assert [run.state for run in runs.past(folder)] == ["succeeded", "succeeded"]


def test_the_tables_are_used_where_they_lie(stocked: Address, crawled: Workplace, tmp_path: Path) -> None:
    assert cchc(stocked, "extract").exit_code == 0
    found, wanted = load_tables(f"{stocked}/output"), load_tables(crawled.output)
    assert found.keys() == wanted.keys()
    assert all(found[name].equals(wanted[name]) for name in wanted)
    fact = wanted["rankings"]["fact_id"].iloc[0]
    assert cchc(stocked, "trace", fact).stdout == crawled.cchc("trace", fact).stdout
    assert cchc(stocked, "check").stdout == crawled.cchc("check").stdout
    assert "one set of tables only" in cchc(stocked, "diff").stdout
    assert cchc(stocked, "export", "--to", "parquet", str(tmp_path / "parquet")).exit_code == 0
    assert (tmp_path / "parquet" / "rankings.parquet").exists()


def test_a_correction_beside_the_pages_is_applied_and_told_by_diff(stocked: Address, crawled: Workplace) -> None:
    assert cchc(stocked, "extract").exit_code == 0
    before = stored(stocked)
    fact = load_tables(crawled.output)["rankings"]["fact_id"].iloc[0]
    line = f"action,table,fact_id,who,why\nreject,rankings,{fact},Lan,an example\n"
    (stocked / "corpus" / "corrections.csv").write(line.encode())
    assert cchc(stocked, "extract").exit_code == 0
    assert stored(stocked)["rankings.csv"] != before["rankings.csv"]
    assert (stocked / "output" / "rankings.csv").read_bytes() == stored(stocked)["rankings.csv"]
    told = cchc(stocked, "diff").stdout
    assert fact in told
    assert "correction" in told


def test_a_run_that_fails_tells_so_there_and_leaves_the_tables(stocked: Address) -> None:
    assert cchc(stocked, "extract").exit_code == 0
    before = stored(stocked)
    lost = next(name for name in (stocked / "corpus").files() if name.endswith(".warc.gz"))
    (stocked / "corpus" / lost).write((stocked / "corpus" / lost).read_bytes()[:-300])
    failed = cchc(stocked, "extract")
    assert failed.exit_code == 1
    assert f"see {stocked}/output/runs/" in failed.stderr.replace("\n", " "), failed.stderr
    assert stored(stocked) == before
    with remote.reading(stocked / "output") as folder:
        last = runs.past(folder)[-1]
    assert last.state == "failed"
    assert b"archive.damaged" in (stocked / "output" / "runs" / last.id / "issues.jsonl").read_bytes()
    assert remote.LOCK not in names(stocked)


def test_only_one_run_writes_there(bucket: Address) -> None:
    with remote.mirrored(bucket / "output"):
        with pytest.raises(LockHeldError, match=rf"process \d+ on .* since .* remove {bucket}/output/lock.json"), remote.mirrored(bucket / "output"):
            raise AssertionError("two at work")
        refused = cchc(bucket, "extract")
        assert refused.exit_code == 3
        assert remote.LOCK in names(bucket)
    assert remote.LOCK not in names(bucket)
    with remote.mirrored(bucket / "output"):
        pass


def test_a_run_that_is_told_to_end_takes_its_lock_along(bucket: Address) -> None:
    with pytest.raises(SystemExit), remote.mirrored(bucket / "output") as folder, runs.start("extract", folder, "r1"):
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("went on")
    assert names(bucket) == {"runs"}
    assert b'"failed"' in (bucket / "output" / "runs" / "r1" / "manifest.json").read_bytes()


def test_a_lock_of_another_is_not_removed(bucket: Address) -> None:
    lock = bucket / "output" / remote.LOCK
    with remote.mirrored(bucket / "output"):
        lock.write(b"another's, who thought that we were dead")
    assert lock.read_bytes().startswith(b"another")
    with pytest.raises(LockHeldError, match="does not say whose"), remote.mirrored(bucket / "output"):
        pass


def publish(place: Address, run: str, tables: dict[str, bytes]) -> None:
    """A run that publishes these tables, by what runs are made of."""
    from pipeline import publication

    with remote.mirrored(place) as folder, runs.start("extract", folder, run) as at_work:
        whole = folder / "runs" / run / "tables"
        whole.mkdir()
        for name, content in tables.items():
            (whole / name).write_bytes(content)
        publication.publish(folder, whole)
        at_work.tables = run
        history.prune(folder, run)


def test_killed_at_any_request_the_former_set_or_the_new_one_is_in_force(
    bucket: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends here."""

    old, new = {"a.csv": b"old a", "b.csv": b"old b"}, {"a.csv": b"new a", "c.csv": b"new c"}
    seen: set[str] = set()
    fs, _ = places.filesystem(bucket.url)
    for step in range(40):
        place = bucket / str(step)
        publish(place / "output", "r1", old)
        count = 0
        with monkeypatch.context() as patch:

            def counted(original: Callable[..., object], step: int = step) -> Callable[..., object]:
                def call(*arguments: object, **options: object) -> object:
                    nonlocal count
                    count += 1
                    if count > step:  # a process that is killed asks for nothing any more
                        raise Killed
                    return original(*arguments, **options)

                return call

            for name in ("pipe_file", "put_file", "rm"):
                patch.setattr(type(fs), name, counted(getattr(type(fs), name)))
            try:
                publish(place / "output", "r2", new)
            except Killed:
                ended = False
            else:
                ended = True
        found = stored(place)
        assert found in (old, new)
        seen.add("new" if found == new else "old")
        if not ended:
            (place / "output" / remote.LOCK).remove()  # as the message says
            publish(place / "output", "r3", new)
        assert stored(place) == new
        assert {"a.csv", "c.csv", "runs", remote.CURRENT} == names(place)
        if ended:
            break
    else:
        raise AssertionError("never came to its end")
    assert seen == {"old", "new"}
    assert step > 5


def test_sets_that_are_not_kept_any_more_go(bucket: Address) -> None:
    for number in range(history.KEPT + 3):
        publish(bucket / "output", f"r{number:02}", {"a.csv": str(number).encode()})
    sets = {name.split("/")[1] for name in (bucket / "output").files() if "/tables/" in name}
    assert sets == {f"r{number:02}" for number in range(3, history.KEPT + 3)}
    manifests = [name for name in (bucket / "output").files() if name.endswith("manifest.json")]
    assert len(manifests) == history.KEPT + 3


def test_a_crawl_notes_its_run_there(bucket: Address, tmp_path: Path) -> None:
    environment = {"CCHC_CORPUS": str(tmp_path / "corpus"), "CCHC_OUTPUT": f"{bucket}/output", "CCHC_CONTACT": "a@example.org"}
    name, source = next(iter(stages.sources().items()))
    with serving({}) as site:
        resolve = [option for host in source.hosts for option in ("--resolve", f"{host}=127.0.0.1:{site.port}")]
        done = CliRunner().invoke(main, ["crawl", name, *resolve, "--delay", "0"], env=environment)
    assert done.exit_code == 1, "the site has nothing"
    assert f"{bucket}/output/runs/" in done.stderr
    with remote.reading(bucket / "output") as folder:
        assert [(run.verb, run.state) for run in runs.past(folder)] == [("crawl", "failed")]


def test_a_pointer_that_says_nothing_is_told(bucket: Address) -> None:
    (bucket / remote.CURRENT).write(b"[]")
    with pytest.raises(PlaceError, match=r"current.json does not name a set"), remote.reading(bucket):
        pass


def test_nothing_there_is_told_with_the_address(bucket: Address) -> None:
    with pytest.raises(CchcError, match=f"{bucket}/output/.*csv is not there: run `cchc extract`"):
        load_tables(f"{bucket}/output")
