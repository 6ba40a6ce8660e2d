"""What is told while the work goes on: bars on a terminal and nowhere else, text or JSON lines."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.sample_server import SampleServer
from pipeline.settings import from_environment
from tests.conftest import Workplace

ROOT = Path(__file__).parent.parent
LINE = "warning: bao: https://example.gov.vn/" + "a" * 120 + " has moved [crawl.moved]"
WORK = """
import sys
from pipeline import logs, progress
from pipeline.records import Issue

logs.use(sys.argv[1], bars=sys.argv[2] == "bars")
with progress.of_crawl(2) as watcher:
    watcher.begun("bao")
    watcher.went_on("bao", {"new": 7, "failed": 0})
    watcher.begun("tin")
    logs.current().issue(Issue("crawl.moved", "warning", sys.argv[3], "bao"))
    watcher.ended("bao", {"new": 7})
with progress.shown("extract", 20) as advance:
    for number in range(20):
        advance()
print("done")
"""


def at_work(stream: int, *arguments: str) -> subprocess.Popen[bytes]:
    message = LINE.removeprefix("warning: bao: ").removesuffix(" [crawl.moved]")
    command = [sys.executable, "-c", WORK, *arguments, message]
    environment = {name: value for name, value in os.environ.items() if name not in {"FORCE_COLOR", "NO_COLOR"}}
    environment |= {"TERM": "xterm", "COLUMNS": "80"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=stream)


def on_a_terminal(*arguments: str) -> str:
    """What the work writes to a terminal that is its standard error."""
    ours, theirs = pty.openpty()
    process = at_work(theirs, *arguments)
    os.close(theirs)
    told = b""
    try:
        while part := os.read(ours, 65536):
            told += part
    except OSError:
        pass  # the other side has closed it
    os.close(ours)
    assert process.communicate(timeout=30)[0] == b"done\n"
    assert process.returncode == 0
    return told.decode()


def in_a_pipe(*arguments: str) -> str:
    process = at_work(subprocess.PIPE, *arguments)
    said, told = process.communicate(timeout=30)
    assert (process.returncode, said) == (0, b"done\n")
    return told.decode()


def test_a_terminal_shows_bars_and_whole_lines_above_them() -> None:
    told = on_a_terminal("text", "bars")
    plain = re.sub(r"\x1b\[[\d;]*m", "", told)
    assert re.search(r"bao\s+━+ 7/\? 7 new", plain)
    assert re.search(r"extract\s+━+ 20/20", plain)
    # It begins on a line that was erased, ends with the line, and is not broken at the terminal's width.
    assert "\x1b[2K" + LINE + "\r\n" in plain
    # In the end the bar's line is erased and the cursor is shown again.
    assert re.search(r"\x1b\[\?25h.{0,20}\x1b\[2K\Z", told, re.DOTALL)


def test_no_bars_where_they_are_not_wanted() -> None:
    assert on_a_terminal("text", "none") == LINE + "\r\n"


def test_no_bars_in_a_pipe() -> None:
    assert in_a_pipe("text", "bars") == LINE + "\n"


@pytest.mark.parametrize("told", [in_a_pipe, on_a_terminal])
def test_json_lines_are_told_alone(told: object) -> None:
    assert callable(told)
    lines = [json.loads(line) for line in told("json", "bars").splitlines()]
    codes = [line["code"] for line in lines]
    assert codes == ["source.begun", "source.begun", "crawl.moved", "source.ended", *["progress"] * 10]
    assert lines[3]["counts"] == {"new": 7}
    assert lines[-1]["counts"] == {"done": 20, "total": 20}
    assert all({"time", "level", "run", "verb", "source", "message", "where"} <= line.keys() for line in lines)


def test_the_command_tells_json_lines(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    with SampleServer() as server:
        name = "baolongan"
        resolve = [part for host, address in server.resolve.items() for part in ("--resolve", f"{host}={address}")]
        done = place.cchc("crawl", name, "--log-format", "json", "--delay", "0", *resolve)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.exit_code == 0
    assert [line["code"] for line in lines if line["level"] == "info"] == [
        "run.begun",
        "source.begun",
        "source.ended",
        "run.ended",
    ]
    (run,) = [path.name for path in (place.output / "runs").iterdir()]
    assert {(line["run"], line["verb"]) for line in lines} == {(run, "crawl")}
    ended = next(line for line in lines if line["code"] == "source.ended")
    assert (ended["source"], ended["counts"]["new"]) == (name, ended["counts"]["discovered"])


def test_a_failure_is_a_json_line_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_LOG_FORMAT", "json")
    done = Workplace(tmp_path).cchc("crawl", "no-such-source")
    (line,) = map(json.loads, done.stderr.splitlines())
    assert (done.exit_code, line["level"], line["code"]) == (2, "error", "failed")
    assert "no-such-source" in line["message"]
    # An option goes before the environment.
    assert Workplace(tmp_path).cchc("crawl", "no-such-source", "--log-format", "text").stderr.startswith("cchc: ")


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(UsageError, match="CCHC_LOG_FORMAT is 'xml': set it to text or json"):
        from_environment({"CCHC_LOG_FORMAT": "xml"})
    assert not from_environment({"CCHC_NO_PROGRESS": "1"}).progress
