"""A run's folder, its end, and that two never work on one folder."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline import assertions, logs, runs
from pipeline.errors import LockHeldError
from pipeline.records import Article, Block, Issue
from pipeline.runs import RunError
from scrapers.source import Assertions

WARNING = Issue("layout.selector_missed", "warning", "no author found", "bao", "http://bao.example/1")


def manifest(output: Path) -> dict[str, Any]:
    [path] = (output / "runs").glob("*/manifest.json")
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


def test_names_of_runs_sort_by_time() -> None:
    earlier = runs.new_id(datetime(2020, 11, 30, 6, 15, tzinfo=UTC))
    assert earlier.startswith("20201130T061500Z-")
    assert earlier < runs.new_id(datetime(2020, 11, 30, 6, 16, tzinfo=UTC))


def test_a_good_run_says_what_it_did(tmp_path: Path) -> None:
    heard: list[Issue] = []
    with runs.start("extract", tmp_path) as run:
        run.listeners.append(heard.append)
        run.counts["articles"] = 3
        run.report(WARNING)
        assert manifest(tmp_path)["state"] == "running"
    told = manifest(tmp_path)
    assert (told["state"], told["counts"], told["issues"]) == ("succeeded", {"articles": 3}, {"error": 0, "warning": 1})
    [line] = (run.folder / "issues.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "run": run.id,
        "code": "layout.selector_missed",
        "level": "warning",
        "message": "no author found",
        "source": "bao",
        "where": "http://bao.example/1",
    }
    assert heard == [WARNING]


def test_what_a_module_warns_of_is_an_issue_told_once(tmp_path: Path) -> None:
    heard: list[Issue] = []
    with logs.as_issues(heard.append):
        for _ in range(3):
            logging.getLogger("extractors.lookups").warning("no place is called %r", "Xyz")
    logging.getLogger("extractors.lookups").warning("after the run")
    [issue] = heard
    assert (issue.code, issue.level, issue.message) == ("log.extractors.lookups", "warning", "no place is called 'Xyz'")


def test_of_thousands_of_like_issues_a_person_reads_the_first_and_how_many_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with logs.briefly(logs.Log(), tmp_path / "issues.jsonl") as tell:
        for number in range(1500):
            tell(Issue("index.ambiguous", "warning", f"of article {number}"))
        tell(WARNING)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "warning: of article 0 [index.ambiguous]"
    assert lines[-2:] == [
        logs.issue_line(WARNING),
        f"warning: 1,480 more like these; all stand in {tmp_path / 'issues.jsonl'}. [index.ambiguous]",
    ]
    assert len(lines) == 22


def test_a_program_is_told_every_issue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with logs.briefly(logs.Log("json"), tmp_path / "issues.jsonl") as tell:
        for number in range(30):
            tell(Issue("index.ambiguous", "warning", f"of article {number}"))
    told = [json.loads(line)["message"] for line in capsys.readouterr().err.splitlines()]
    assert told == [f"of article {number}" for number in range(30)]


def test_a_run_that_breaks_is_recorded_as_failed_with_the_cause(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), runs.start("crawl", tmp_path):
        raise ZeroDivisionError("by nothing")
    assert (manifest(tmp_path)["state"], manifest(tmp_path)["error"]) == ("failed", "ZeroDivisionError: by nothing")
    assert [(past.verb, past.state) for past in runs.past(tmp_path)] == [("crawl", "failed")]


def test_a_folder_that_is_a_file_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "output").touch()
    with pytest.raises(RunError, match="--output"), runs.start("crawl", tmp_path / "output"):
        pass
    with pytest.raises(RunError, match="make it writable"), runs.locked(tmp_path / "output"):
        pass


def test_a_second_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    holder = "import sys; from pathlib import Path; from pipeline import runs\n"
    holder += "with runs.locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(LockHeldError, match="another run is at work"), runs.locked(tmp_path):
            pass
        first.kill()  # even a killed run leaves no lock behind
    with runs.locked(tmp_path):
        pass


def article(number: int, published_on: str | None = "2020-07-14") -> Article:
    blocks = (Block("title", f"Tin {number}"),)
    return Article(f"bao-{number}", "bao", None, "", f"Tin {number}", published_on, "bao", None, blocks)


@pytest.mark.parametrize(
    ("wanted", "broken"),
    [
        (Assertions(minimum=2, maximum=2, filled={"title": 1.0, "published_on": 0.5}), []),
        (Assertions(minimum=3), [("assertion.minimum", "error")]),
        (Assertions(maximum=1), [("assertion.maximum", "warning")]),
        (Assertions(filled={"published_on": 0.9}), [("assertion.filled", "warning")]),
        (Assertions(filled={"lead": 0.1}), [("assertion.filled", "warning")]),
    ],
)
def test_assertions_break_as_they_say(wanted: Assertions, broken: list[tuple[str, str]]) -> None:
    found = assertions.Yield()
    found.add(assertions.filled(article(1)))
    found.add(assertions.filled(article(2, published_on=None)))
    issues = assertions.check("bao", wanted, found)
    assert [(issue.code, issue.level) for issue in issues] == broken
