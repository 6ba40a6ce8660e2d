"""A run where nothing has changed repeats the last one, and any change makes it do its work."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from extractors import extract as extractors
from pipeline import kept, repeat, runs, stages
from pipeline.processes import LocalEngine
from pipeline.runs import Run
from tests.conftest import Workplace
from tests.test_kept import issues, other_code, rerun
from tests.test_run import capture_again, first_ranked, payload


@contextmanager
def watched() -> Iterator[list[str]]:
    """The runs that did their work meanwhile."""
    worked: list[str] = []
    whole = stages._extract

    def noting(*given: Any, **named: Any) -> None:
        worked.append("worked")
        whole(*given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "_extract", noting)
        yield worked


def works(place: Workplace) -> bool:
    """Whether the next run does its work, and the one after it does not any more."""
    with watched() as worked:
        rerun(place)
        found = bool(worked)
        worked.clear()
        rerun(place)
        assert not worked
    return found


def manifest(run: Run) -> dict[str, Any]:
    told = json.loads((run.folder / "manifest.json").read_text(encoding="utf-8"))
    return {name: told[name] for name in ("issues", "counts", "tables", "changes", "sources", "state")}


def test_what_is_repeated_is_what_the_work_comes_to(copied: Workplace) -> None:
    capture_again(copied, first_ranked(copied), b"<html><body><p>Not found</p></body></html>")
    rerun(copied)
    before = copied.tables()
    with watched() as worked:
        repeated, _ = rerun(copied)
        assert not worked
        shutil.rmtree(repeated.folder)
        for note in copied.output.glob(f"runs/*/{repeat.NOTE}"):
            note.unlink()
        made, _ = rerun(copied)
        assert worked
    assert issues(made)
    again, _ = rerun(copied)
    assert (manifest(again), issues(again)) == (manifest(made), issues(made))
    assert copied.tables() == before


def test_a_run_that_repeats_tells_the_command_what_it_would_have_told(copied: Workplace) -> None:
    rerun(copied)
    told = [copied.cchc("extract") for _ in range(2)]
    assert told[0].stdout.partition(": ")[2] == told[1].stdout.partition(": ")[2] != ""
    assert [one.exit_code for one in told] == [0, 0]


def touched(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def edited(place: Workplace) -> None:
    path = place.output / "rankings.csv"
    path.write_bytes(path.read_bytes().replace(b"63", b"64"))


def line_added(place: Workplace) -> None:
    doc_id = first_ranked(place)
    capture_again(place, doc_id, payload(place, doc_id)[1].replace(b"/63", b"/64"))


def without_links(place: Workplace) -> None:
    flat = place.folder / "flat"
    shutil.copytree(place.output, flat)
    shutil.rmtree(place.output)
    flat.rename(place.output)


def corrected(place: Workplace) -> None:
    (place.corpus / "corrections.csv").write_text("action,table,fact_id,doc_id,who,why\n", encoding="utf-8")


def last_run(place: Workplace) -> Path:
    return place.output / "runs" / runs.past(place.output)[-1].id


@pytest.mark.parametrize(
    "change",
    [
        line_added,
        corrected,
        edited,
        without_links,
        lambda place: touched(place.warcs()[0]),
        lambda place: touched(place.output / kept.FILE),
        lambda place: (place.output / kept.FILE).unlink(),
        lambda place: (place.output / "awards.csv").unlink(),
        lambda place: (last_run(place) / repeat.NOTE).unlink(),
        lambda place: (last_run(place) / repeat.NOTE).write_text("{", encoding="utf-8"),
        lambda place: (last_run(place) / "issues.jsonl").unlink(),
        lambda place: (last_run(place) / "issues.jsonl").write_text("1\n", encoding="utf-8"),
        lambda place: shutil.rmtree(place.output / "runs"),
    ],
)
def test_what_is_not_as_it_was_makes_the_run_do_its_work(
    copied: Workplace, change: Callable[[Workplace], object]
) -> None:
    rerun(copied)
    assert not works(copied)
    change(copied)
    assert works(copied)


def test_other_code_or_declarations_make_the_run_do_its_work(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rerun(copied)
    other_code(monkeypatch, everything="other")
    assert works(copied)
    declared = stages.sources()
    name = next(iter(declared))
    other = declared | {name: dataclasses.replace(declared[name], title="Other")}
    monkeypatch.setattr(stages, "sources", lambda: other)
    assert works(copied)


def test_a_page_that_broke_the_program_is_never_repeated(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    doc_id, found = first_ranked(copied), extractors.by_part

    def fragile(article: Any, parts: Any) -> Any:
        if article.doc_id == doc_id:
            raise ValueError("broken")
        return found(article, parts)

    with monkeypatch.context() as patch:
        patch.setattr(extractors, "by_part", fragile)
        rerun(copied, LocalEngine(1), full=True)
        with watched() as worked:
            rerun(copied, LocalEngine(1))
            assert worked
    assert works(copied)


def test_a_full_run_does_its_work(copied: Workplace) -> None:
    rerun(copied)
    with watched() as worked:
        _, asked = rerun(copied, full=True)
    assert worked
    assert asked
