"""The command: what it says and its exit code when it is called wrongly or cannot do its work."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from pipeline import runs
from pipeline.cli import main
from scrapers import source
from tests.conftest import Workplace

ROOT = Path(__file__).parent.parent


@pytest.fixture
def empty(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def test_help_loads_nothing_heavy() -> None:
    program = "import sys\nfrom pipeline.cli import main\n"
    program += "try: main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "Exit codes: 0 good" in done.stdout
    assert not {"pandas", "spacy", "underthesea", "requests", "yaml", "rich"} & set(done.stdout.split())


def test_the_readme_names_only_verbs_that_there_are() -> None:
    named = re.findall(r"\bcchc ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(named) > 5
    assert set(named) - {"turns", "is"} <= set(main.commands)


def test_the_lock_pins_every_dependency_and_names_no_host() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for file, wanted in (
        ("requirements.txt", project["dependencies"]),
        ("requirements-dev.txt", [name for extra in project["optional-dependencies"].values() for name in extra]),
    ):
        text = (ROOT / file).read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
        pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
        assert {re.findall(r"[\w.-]+", name)[0].lower().replace("_", "-") for name in wanted} <= pinned | {"cchc"}


def test_an_empty_corpus_is_named_with_its_remedy(empty: Workplace) -> None:
    result = empty.cchc("extract")
    assert result.exit_code == 1
    assert str(empty.corpus) in result.stderr
    assert "cchc crawl" in result.stderr
    assert empty.tables() == {}


@pytest.mark.parametrize("verb", ["crawl", "run"])
def test_an_unknown_source_is_refused_with_the_nearest_name(empty: Workplace, verb: str) -> None:
    result = empty.cchc(verb, "baolongn")
    assert result.exit_code == 2
    assert "did you mean 'baolongan'?" in result.stderr


@pytest.mark.parametrize("verb", ["extract", "crawl", "sources"])
def test_an_unknown_key_in_a_source_is_refused(
    empty: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    declared = (ROOT / "scrapers" / "sources" / "baolongan.yml").read_text(encoding="utf-8")
    (tmp_path / "baolongan.yml").write_text(declared + "colour: red\n", encoding="utf-8")
    load = source.load_sources
    monkeypatch.setattr(source, "load_sources", lambda: load(tmp_path))
    result = empty.cchc(verb)
    assert result.exit_code == 2
    assert "baolongan.yml: unknown key 'colour'" in result.stderr


@pytest.mark.parametrize(
    "arguments", [["extract"], ["demo"], ["crawl", "baolongan", "--resolve", "baolongan.vn=127.0.0.1:9"]]
)
def test_an_output_that_cannot_be_written_is_named_with_its_remedy(empty: Workplace, arguments: list[str]) -> None:
    empty.output.write_text("a file where a folder is needed")
    result = empty.cchc(*arguments)
    assert result.exit_code == 1
    assert str(empty.output) in result.stderr
    assert "make it writable" in result.stderr
    assert empty.output.read_text() == "a file where a folder is needed"


def test_a_second_run_on_the_same_folders_is_refused(copied: Workplace) -> None:
    before = copied.tables()
    with runs.locked(copied.output):
        assert copied.cchc("extract").exit_code == 3
    with runs.locked(copied.corpus):
        result = copied.cchc("demo")
    assert result.exit_code == 3
    assert "another run is at work" in result.stderr
    assert copied.tables() == before


def test_a_live_crawl_needs_someone_to_turn_to(empty: Workplace) -> None:
    result = empty.cchc("crawl", "baolongan")
    assert result.exit_code == 2
    assert "CCHC_CONTACT" in result.stderr
    assert not empty.corpus.exists()


def test_a_live_crawl_refuses_the_archive_of_the_sample(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.conftest.CONTACT", "someone@cchc.example")
    result = copied.cchc("crawl", "baolongan")
    assert result.exit_code == 2
    assert "bundled sample" in result.stderr


def test_the_sample_refuses_the_archive_of_real_sites(copied: Workplace) -> None:
    index = copied.corpus / "index.cdxj"
    for warc in copied.warcs():
        warc.rename(warc.with_name(warc.name.replace("-sample-", "-")))
    index.write_text(index.read_text(encoding="utf-8").replace("-sample-", "-"), encoding="utf-8")
    result = copied.cchc("demo")
    assert result.exit_code == 2
    assert "real pages" in result.stderr


def test_a_resolve_that_is_none_is_refused(empty: Workplace) -> None:
    result = empty.cchc("crawl", "--resolve", "baolongan.vn")
    assert result.exit_code == 2
    assert "HOST=ADDRESS:PORT" in result.stderr


def test_a_site_without_articles_fails_the_crawl(empty: Workplace, tmp_path: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        result = empty.cchc("crawl", "baolongan", "--delay", "0", "--resolve", f"baolongan.vn={address}")
        server.shutdown()
    assert result.exit_code == 1
    assert "1 of 1 sources met errors (baolongan)" in result.stderr
    [past] = runs.past(empty.output)
    assert (past.verb, past.state) == ("crawl", "failed")


def test_an_unknown_fact_is_refused(crawled: Workplace) -> None:
    result = crawled.cchc("trace", "0123456789abcdef")
    assert result.exit_code == 2
    assert "no table" in result.stderr


def test_a_trace_without_tables_says_what_to_do(empty: Workplace) -> None:
    result = empty.cchc("trace", "0123456789abcdef")
    assert result.exit_code == 1
    assert "cchc extract" in result.stderr


GOOD = {"doc_id": "a", "title": "Tin", "text": "Không có gì.", "published_on": "2020-07-14", "source_province": None}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2 is no JSON"),
        ("[]", "must be one JSON object"),
        (json.dumps({**GOOD, "doc_id": ""}), "line 2 has no `doc_id`"),
        (json.dumps({**GOOD, "doc_id": "b", "title": None}), "no text in `title`"),
        (json.dumps({**GOOD, "doc_id": "b", "text": 3}), "no text in `text`"),
        (json.dumps({**GOOD, "doc_id": "b", "published_on": "14/07/2020"}), "give a date as 2020-07-14"),
    ],
)
@pytest.mark.parametrize("verb", ["annotate", "evaluate"])
def test_a_document_that_is_none_is_named(empty: Workplace, tmp_path: Path, verb: str, line: str, said: str) -> None:
    path = tmp_path / "documents.jsonl"
    path.write_text(json.dumps({**GOOD, "facts": {}}) + "\n" + line + "\n", encoding="utf-8")
    result = empty.cchc(verb, str(path))
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_missing_file_and_one_that_is_no_text_are_named(empty: Workplace, tmp_path: Path) -> None:
    result = empty.cchc("annotate", str(tmp_path / "nothing.jsonl"))
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr
    (tmp_path / "image.jsonl").write_bytes(b"\x89PNG\r\n")
    result = empty.cchc("evaluate", str(tmp_path / "image.jsonl"))
    assert result.exit_code == 2
    assert "not UTF-8" in result.stderr


def test_gold_without_facts_is_refused(empty: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    result = empty.cchc("evaluate", str(path))
    assert result.exit_code == 2
    assert "no `facts`" in result.stderr


def test_folders_are_taken_from_options_before_and_after_the_verb(crawled: Workplace, empty: Workplace) -> None:
    places = ["--corpus", str(crawled.corpus), "--output", str(crawled.output)]
    assert "good" in empty.cchc("sources", *places).output
    assert "good" in empty.cchc(*places, "sources").output
    assert "good" not in empty.cchc("sources").output


@pytest.mark.parametrize("name", ["CCHC_LOG_FORMAT", "CCHC_WORKERS", "CCHC_ENGINE"])
def test_an_environment_that_cannot_be_used_is_told_with_its_remedy(name: str) -> None:
    result = CliRunner().invoke(main, ["extract"], env={name: "x"})
    assert result.exit_code == 2
    assert f"{name} is 'x': set it to" in result.stderr


def test_dask_needs_to_know_its_scheduler(empty: Workplace) -> None:
    result = empty.cchc("extract", "--engine", "dask")
    assert result.exit_code == 2
    assert "--engine dask needs --scheduler" in result.stderr
