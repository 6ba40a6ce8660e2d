"""Kept results: only what a change can touch is made again, and the tables are those of a full run."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from extractors import extract as extractors
from extractors.extract import PARTS, by_part, extract, merged
from extractors.gate import Topic
from pipeline import fingerprints, kept, reading, repeat, results, settings, stages
from pipeline.archive import Archive
from pipeline.errors import UsageError
from pipeline.fingerprints import Code
from pipeline.processes import LocalEngine
from pipeline.records import Article, Extraction
from pipeline.results import Result
from pipeline.runs import Run, RunError
from pipeline.work import PIECES, Engine, Group, Job, groups
from scrapers import layouts
from scrapers.source import DatedLayout
from tests.conftest import Workplace
from tests.test_run import capture_again, first_ranked, payload
from tests.test_speed import generated, gold, sample

ROOT = Path(__file__).parent.parent
# For each article of which something is made: the pieces, and whether the article comes along or is read.
Asked = dict[str, tuple[tuple[str, ...], bool]]
READ, ANEW = (PIECES, False), (PIECES, True)


@dataclass
class Watched:
    """Does the work in this process, and notes what was asked of it; it dies after so many ranges."""

    asked: Asked = field(default_factory=dict)
    dies_after: int | None = None

    def run(self, job: Job, ranges: Iterable[Sequence[Group]]) -> Iterator[tuple[int, list[Result]]]:
        for number, listed in enumerate(ranges):
            if number == self.dies_after:
                os.kill(os.getpid(), signal.SIGKILL)
            self.asked |= {group.doc_id: (group.wanted, group.article is not None) for group in listed}
            yield number, job.results(listed)


def rerun(place: Workplace, engine: Engine | None = None, *, full: bool = False) -> tuple[Run, Asked]:
    watched = Watched()
    run = stages.extract(place.corpus, place.output, engine or watched, full=full)
    assert engine or run.counts["computed"] == len(watched.asked)
    return run, watched.asked


def issues(run: Run) -> list[dict[str, Any]]:
    lines = (run.folder / "issues.jsonl").read_text(encoding="utf-8").splitlines()
    return [{name: value for name, value in json.loads(line).items() if name != "run"} for line in lines]


def remade(place: Workplace) -> Asked:
    """What the next run makes. Its tables and issues are those of a run that takes nothing of what is kept, and a
    further run makes nothing."""
    run, asked = rerun(place)
    found = place.tables()
    full, everything = rerun(place, full=True)
    assert set(everything.values()) == {READ}
    assert run.counts["kept"] + len(asked) == len(everything)
    assert (place.tables(), issues(full)) == (found, issues(run))
    assert rerun(place)[1] == {}, "it repeats the last one"
    forget(place)
    kept_run, nothing = rerun(place)
    assert (nothing, place.tables(), issues(kept_run)) == ({}, found, issues(run))
    return asked


def forget(place: Workplace) -> None:
    """The next run takes what is kept, even where it could repeat the last one."""
    for note in place.output.glob(f"runs/*/{repeat.NOTE}"):
        note.unlink()


def articles(place: Workplace, source: str | None = None) -> list[str]:
    """All articles of the archive, whether their pages could be read or not."""
    with sqlite3.connect(place.output / kept.FILE) as database:
        ids = [doc_id for (doc_id,) in database.execute("SELECT doc_id FROM kept ORDER BY doc_id")]
    return [doc_id for doc_id in ids if source is None or doc_id.rsplit("-", 1)[0] == source]


def whole(place: Workplace) -> set[str]:
    """The articles whose parts are made together."""
    with sqlite3.connect(place.output / kept.FILE) as database:
        return {doc_id for (doc_id,) in database.execute("SELECT doc_id FROM kept WHERE whole")}


def with_article(place: Workplace) -> set[str]:
    with sqlite3.connect(place.output / kept.FILE) as database:
        return {doc_id for (doc_id,) in database.execute("SELECT doc_id FROM articles")}


# --- parts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("documents", [gold, sample, generated])
def test_each_part_alone_finds_what_it_finds_among_all(documents: Callable[[], Iterator[Article]]) -> None:
    found = 0
    for article in documents():
        together = by_part(article)
        assert merged(together.values()) == extract(article)
        for part in PARTS:
            assert by_part(article, [part]) == {part: together[part]}
        found += len(extract(article).facts)
    assert found


def test_articles_and_rows_come_out_of_the_file_as_they_went_in() -> None:
    for article in (*sample(), *generated()):
        assert results.article(results.pack_article(article)) == article
    for packed in (b"", results.pack_article(article)[:-3], b"\0" + results.pack_article(article)):
        with pytest.raises(results.UnreadableError):
            results.article(packed)


# --- what a result rests on --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def copy_of_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("code")
    for package in ("pipeline", "scrapers", "extractors"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__", "sample"))
    return root


def differences(one: Code, other: Code) -> set[str]:
    changed = {name for name in ("reading", "row", "whole", "layouts") if getattr(one, name) != getattr(other, name)}
    return changed | {part for part in one.parts if one.parts[part] != other.parts[part]}


def test_a_copy_of_the_code_has_the_same_fingerprints(copy_of_code: Path) -> None:
    assert fingerprints.code(copy_of_code) == fingerprints.code()


EXTRACTORS = {"row", "index", "payroll", "award", "whole"}


@pytest.mark.parametrize(
    ("file", "touched"),
    [
        ("pipeline/cli.py", set()),
        ("pipeline/crawl.py", set()),
        ("pipeline/plausibility.py", set()),
        ("scrapers/sources/baolongan.yml", set()),  # it is told apart by source
        ("scrapers/page.py", {"reading"}),
        ("scrapers/syllables.py", {"reading"}),
        ("pipeline/archive.py", {"reading"}),
        ("scrapers/layouts.yml", {"layouts"}),
        ("pipeline/dimensions.py", {"row"}),
        ("pipeline/syndication.py", {"row"}),
        ("pipeline/indices.yml", {"row"}),
        ("pipeline/reading.py", {"reading", *EXTRACTORS}),
        ("pipeline/records.py", {"reading", *EXTRACTORS}),
        ("extractors/lookups.py", EXTRACTORS),
        ("extractors/lookups/provinces.yml", EXTRACTORS),
        ("extractors/rules/words.yml", EXTRACTORS),
        ("extractors/extract.py", {"index", "payroll", "award", "whole"}),
        ("extractors/rules/modality.yml", {"index", "payroll", "award", "whole"}),
        ("extractors/facts/awards.py", {"award", "whole"}),
        ("extractors/recipients.py", {"award", "whole"}),
        ("extractors/rules/awards.yml", {"award", "whole"}),
        ("extractors/facts/ratings.py", {"index", "whole"}),
        ("extractors/reader/walk.py", {"index", "whole"}),
        ("extractors/rules/readings.yml", {"index", "whole"}),
        ("extractors/staff_when.py", {"payroll", "whole"}),
        ("extractors/rules/staff.yml", {"payroll", "whole"}),
        ("extractors/lookups/decrees.yml", {"payroll", "whole"}),
        ("extractors/grid_index.py", {"whole"}),
        ("extractors/rules/columns.yml", {"whole"}),
    ],
)
def test_a_changed_file_concerns_what_is_made_with_it(copy_of_code: Path, file: str, touched: set[str]) -> None:
    before, path = fingerprints.code(copy_of_code), copy_of_code / file
    text = path.read_bytes()
    path.write_bytes(text + b"\n# changed\n")
    try:
        after = fingerprints.code(copy_of_code)
        assert differences(before, after) == touched
        assert after.everything != before.everything
    finally:
        path.write_bytes(text)


def test_a_data_file_that_nobody_names_concerns_all(copy_of_code: Path) -> None:
    before, path = fingerprints.code(copy_of_code), copy_of_code / "extractors" / "lookups" / "new.yml"
    path.write_text("a: 1\n", encoding="utf-8")
    try:
        assert differences(before, fingerprints.code(copy_of_code)) == EXTRACTORS
    finally:
        path.unlink()


def test_another_version_of_a_package_concerns_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    before, read = fingerprints.code(), metadata.distribution

    def newer(name: str) -> Any:
        found = read(name)
        if name != "selectolax":
            return found
        told = Message()
        told["Version"] = "999"
        return SimpleNamespace(metadata=told, requires=found.requires)

    fingerprints._environment.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(metadata, "distribution", newer)
        after = fingerprints.code()
    fingerprints._environment.cache_clear()
    assert differences(before, after) == {"reading", *EXTRACTORS}
    assert fingerprints.code() == before


@pytest.mark.parametrize("part", PARTS)
def test_what_runs_for_a_part_is_what_its_fingerprint_is_of(part: Topic) -> None:
    plain = [article for article in (*gold(), *sample()) if all(block.kind != "row" for block in article.blocks)]
    ran = traced(lambda: [by_part(article, [part]) for article in plain])
    assert ran
    assert ran <= fingerprints.modules()[part]


def test_what_runs_for_a_page_is_what_its_fingerprints_are_of(crawled: Workplace) -> None:
    archive, declared = Archive.load(crawled.corpus), stages.sources()
    listed, _ = groups(archive, declared)
    ran = traced(lambda: Job(crawled.corpus, declared).results(listed))
    known = fingerprints.modules()
    assert ran <= frozenset().union(*known.values()) | {"pipeline.results"}
    assert ran & {"scrapers.page", "pipeline.dimensions", "extractors.grid"}


def traced(work: Callable[[], object]) -> frozenset[str]:
    """The modules of ours in which a function was entered meanwhile, none because it was imported only then."""
    reading.load()
    files: set[str] = set()
    sys.setprofile(lambda frame, event, _: files.add(frame.f_code.co_filename) if event == "call" else None)
    try:
        work()
    finally:
        sys.setprofile(None)
    ours = (Path(file).relative_to(ROOT) for file in files if file.startswith(str(ROOT / "")) and "/.venv/" not in file)
    names = (".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in ours)
    return frozenset(name for name in names if name.split(".")[0] in {"pipeline", "scrapers", "extractors"})


# --- runs --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def code_of_today() -> Code:
    return fingerprints.code()


@pytest.fixture(autouse=True)
def code_looked_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The many runs of these tests take the same fingerprints, as finding them takes a good part of a small run."""
    if "copied" in request.fixturenames:
        code = request.getfixturevalue("code_of_today")
        monkeypatch.setattr(fingerprints, "code", lambda: code)


def test_where_nothing_changed_nothing_is_made(copied: Workplace) -> None:
    before = copied.tables()
    run, asked = rerun(copied)
    assert asked == {}
    assert (run.counts["kept"], run.counts["computed"]) == (len(articles(copied)), 0)
    assert copied.tables() == before
    told = copied.cchc("extract").stdout
    assert f"{len(articles(copied))} kept, 0 computed" in told
    assert remade(copied) == {}


def test_the_command_makes_all_anew_where_it_is_told_to(copied: Workplace) -> None:
    before, total = copied.tables(), len(articles(copied))
    told = copied.cchc("extract", "--full", "--workers", "2").stdout
    assert f"0 kept, {total} computed" in told
    assert copied.tables() == before
    assert copied.cchc("extract", "--workers", "0").exit_code == 2


@pytest.mark.parametrize("given", ["0.5", "-1", "two"])
def test_settings_that_are_no_counts_are_refused(given: str) -> None:
    with pytest.raises(UsageError, match="CCHC_WORKERS is"):
        settings.from_environment({"CCHC_WORKERS": given})
    assert settings.from_environment({"CCHC_WORKERS": "3", "CCHC_PAGE_SECONDS": "5"}).page_seconds == 5


def test_what_was_told_of_kept_pages_is_told_again(copied: Workplace) -> None:
    doc_id = first_ranked(copied)
    capture_again(copied, doc_id, b"<html><body><p>Not found</p></body></html>")
    first, asked = rerun(copied)
    assert asked == {doc_id: READ}
    assert issues(first)
    again, asked = rerun(copied)
    assert (asked, issues(again)) == ({}, issues(first))


def test_a_new_capture_of_a_page_is_read(copied: Workplace) -> None:
    doc_id = first_ranked(copied)
    _, body = payload(copied, doc_id)
    capture_again(copied, doc_id, body.replace(b"/63", b"/64"))
    before = copied.tables()
    assert remade(copied) == {doc_id: READ}
    assert copied.tables()["rankings.csv"] != before["rankings.csv"]


def test_a_page_that_is_gone_is_forgotten(copied: Workplace) -> None:
    doc_id, index = first_ranked(copied), copied.corpus / "index.cdxj"
    url, _ = payload(copied, doc_id)
    lines = index.read_text(encoding="utf-8").splitlines(keepends=True)
    index.write_text("".join(line for line in lines if f'"{url}"' not in line), encoding="utf-8")
    source = doc_id.rsplit("-", 1)[0]
    declared = stages.sources()
    lower = dataclasses.replace(declared[source].assertions, minimum=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            stages, "sources", lambda: declared | {source: dataclasses.replace(declared[source], assertions=lower)}
        )
        assert remade(copied) == {}
    assert doc_id not in articles(copied)
    assert doc_id not in with_article(copied)


def test_a_file_of_the_archive_that_was_replaced_is_read_again(copied: Workplace) -> None:
    file = copied.warcs()[0]
    listed = articles(copied, file.parent.name)
    content = file.read_bytes()
    os.utime(file, ns=(1, 1))
    assert remade(copied) == dict.fromkeys(listed, READ)

    before = copied.tables()
    file.write_bytes(content[: len(content) // 2] + bytes(16) + content[len(content) // 2 + 16 :])
    with pytest.raises(RunError, match="the archive is damaged"):
        rerun(copied)
    assert copied.tables() == before
    file.write_bytes(content)
    assert set(remade(copied)) <= set(listed)
    assert copied.tables() == before


def declared_otherwise(monkeypatch: pytest.MonkeyPatch, source: str, **changed: Any) -> None:
    declared = stages.sources()
    other = declared | {source: dataclasses.replace(declared[source], **changed)}
    monkeypatch.setattr(stages, "sources", lambda: other)


@pytest.mark.parametrize("changed", [{"province": "Cà Mau"}, {"fallbacks": ("generic",)}, {"keep_params": ("page",)}])
def test_a_changed_declaration_concerns_its_source(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    source = first_ranked(copied).rsplit("-", 1)[0]
    declared_otherwise(monkeypatch, source, **changed)
    assert remade(copied) == dict.fromkeys(articles(copied, source), READ)


@pytest.mark.parametrize("changed", [{"delay": 60.0}, {"every": 2.0}, {"title": "Báo"}])
def test_what_a_declaration_says_of_crawling_concerns_no_page(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    declared_otherwise(monkeypatch, first_ranked(copied).rsplit("-", 1)[0], **changed)
    assert remade(copied) == {}


def test_a_changed_layout_concerns_the_sources_that_have_it(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    declared, known = stages.sources(), layouts.layouts()
    name = declared[first_ranked(copied).rsplit("-", 1)[0]].layouts[0].layout
    other = dict(known) | {name: dataclasses.replace(known[name], drop=(*known[name].drop, "p:first-child"))}
    users = [s.name for s in declared.values() if any(dated.layout == name for dated in s.layouts)]
    monkeypatch.setattr(layouts, "layouts", lambda: other)
    own = {doc_id for source in users for doc_id in articles(copied, source)}
    assert remade(copied) == dict.fromkeys(own, READ)


def test_what_another_layout_than_its_sources_own_reads_concerns_any_layout(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = first_ranked(copied).rsplit("-", 1)[0]
    own = stages.sources()[source].layouts
    strange = next(name for name in layouts.layouts() if all(name != dated.layout for dated in own))
    declared_otherwise(monkeypatch, source, layouts=(DatedLayout(strange),))
    run, asked = rerun(copied)
    assert asked == dict.fromkeys(articles(copied, source), READ)
    assert run.codes["layout.recognised"]
    code = fingerprints.code()
    monkeypatch.setattr(fingerprints, "code", lambda: dataclasses.replace(code, layouts="other"))
    assert remade(copied) == asked


def other_code(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> None:
    """The fingerprints as they would be of other code."""
    code = fingerprints.code()
    parts = {**code.parts, **changed.pop("parts", {})}
    monkeypatch.setattr(fingerprints, "code", lambda: dataclasses.replace(code, parts=parts, **changed))


def test_other_code_of_reading_concerns_every_page(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    other_code(monkeypatch, reading="other")
    assert remade(copied) == dict.fromkeys(articles(copied), READ)


def test_other_code_of_rows_reads_no_page_again(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    other_code(monkeypatch, row="other")
    assert remade(copied) == dict.fromkeys(with_article(copied), ANEW)


def test_a_rule_of_one_part_concerns_that_part(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is with a changed module: what it finds and its fingerprint, and that of articles read as a whole."""
    doc_id = first_ranked(copied)
    before, found_before = copied.tables(), extractors.by_part

    def other(article: Article, parts: Sequence[Topic]) -> dict[Topic, Extraction]:
        found = found_before(article, parts)
        kept_back = found | {"index": Extraction()}
        return kept_back if article.doc_id == doc_id and "index" in found else found

    monkeypatch.setattr(extractors, "by_part", other)
    other_code(monkeypatch, parts={"index": "other"}, whole="other")
    together = whole(copied)
    alone = with_article(copied) - together
    assert together
    assert remade(copied) == dict.fromkeys(together, ANEW) | dict.fromkeys(alone, (("index",), True))
    assert doc_id.encode() in before["rankings.csv"]
    assert doc_id.encode() not in copied.tables()["rankings.csv"]


def test_a_rule_of_tables_in_articles_concerns_articles_that_have_some(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_code(monkeypatch, whole="other")
    assert remade(copied) == dict.fromkeys(whole(copied), ANEW)


def test_corrections_are_laid_over_what_is_kept(copied: Workplace) -> None:
    before = copied.tables()
    rows = [line.split(",") for line in before["rankings.csv"].decode().splitlines()]
    fact_id, doc_id = (rows[1][rows[0].index(name)] for name in ("fact_id", "doc_id"))
    file = copied.corpus / "corrections.csv"
    header = "action,table,fact_id,doc_id,who,why,set_rank\n"
    file.write_text(f"{header}reject,rankings,{fact_id},,Lan,misread,\n", encoding="utf-8")
    assert remade(copied) == {}
    assert fact_id.encode() not in copied.tables()["rankings.csv"]
    file.write_text(f"{header}replace,rankings,{fact_id},,Lan,misread,61\n", encoding="utf-8")
    assert remade(copied) == {}
    assert b",61," in copied.tables()["rankings.csv"]
    file.unlink()
    assert remade(copied) == {}
    present = copied.tables()
    stable = [name for name in before if name not in {"changes.csv"}]
    assert {name: len(present[name].splitlines()) for name in stable} == {
        n: len(before[n].splitlines()) for n in stable
    }
    assert doc_id.encode() in present["rankings.csv"]


def test_what_broke_the_program_is_tried_again_by_the_next_run(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    doc_id, before = first_ranked(copied), copied.tables()
    found_before = extractors.by_part

    def fragile(article: Article, parts: Sequence[Topic]) -> dict[Topic, Extraction]:
        if article.doc_id == doc_id:
            os.kill(os.getpid(), signal.SIGKILL)
        return found_before(article, parts)

    with monkeypatch.context() as patch:
        patch.setattr(extractors, "by_part", fragile)
        run, _ = rerun(copied, LocalEngine(2), full=True)
    assert run.codes["extract.crashed"] == 1
    assert doc_id.encode() not in copied.tables()["rankings.csv"]
    assert doc_id.encode() + b",extract.crashed" in copied.tables()["captures.csv"]
    assert remade(copied) == {doc_id: READ}
    assert copied.tables()["rankings.csv"] == before["rankings.csv"]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_tables_and_issues_are_the_same_whoever_does_the_work(copied: Workplace, workers: int) -> None:
    before = copied.tables()
    alone, asked = rerun(copied, full=True)
    shared, _ = rerun(copied, LocalEngine(workers), full=True)
    assert shared.counts == alone.counts
    assert shared.counts["computed"] == len(asked)
    assert issues(shared) == issues(alone)
    assert copied.tables() == before


# --- the file ----------------------------------------------------------------------------------------------------


def overwritten(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path: Path) -> None:
    """A few bits of each result are turned over, as by a bad disk."""
    with sqlite3.connect(path) as database:
        for doc_id, packed in database.execute("SELECT doc_id, reading FROM kept").fetchall():
            content = bytearray(packed)
            content[len(content) // 2] ^= 0x10
            database.execute("UPDATE kept SET reading = ? WHERE doc_id = ?", (bytes(content), doc_id))


@pytest.mark.parametrize("damage", [overwritten, cut_short, flipped])
def test_a_damaged_file_is_set_aside_and_all_is_made_anew(copied: Workplace, damage: Callable[[Path], None]) -> None:
    before, path = copied.tables(), copied.output / kept.FILE
    damage(path)
    run, _ = rerun(copied, LocalEngine(1))
    assert run.codes["kept.damaged"] == 1
    assert run.counts["kept"] == 0
    assert (copied.output / kept.ASIDE).exists()
    assert copied.tables() == before
    assert remade(copied) == {}


def test_a_damaged_article_is_read_from_the_archive(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    doc_id = first_ranked(copied)
    with sqlite3.connect(copied.output / kept.FILE) as database:
        database.execute("UPDATE articles SET article = x'00' WHERE doc_id = ?", (doc_id,))
    other_code(monkeypatch, row="other")
    assert remade(copied) == dict.fromkeys(with_article(copied), ANEW)


def test_a_file_of_another_version_is_made_anew(copied: Workplace) -> None:
    with sqlite3.connect(copied.output / kept.FILE) as database:
        database.execute("DROP TABLE articles")
        database.execute("CREATE TABLE something (else_ TEXT)")
        database.execute("PRAGMA user_version = 7")
    assert set(remade(copied).values()) == {READ}


def test_a_killed_run_does_no_harm_and_what_it_made_is_kept(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = copied.tables()
    everything = articles(copied)
    monkeypatch.setattr(kept, "_AT_ONCE", 1)
    process = os.fork()
    if process == 0:
        try:
            stages.extract(copied.corpus, copied.output, Watched(dies_after=len(everything) // 2), full=True)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
    run, asked = rerun(copied)
    assert asked == {}, "what it had not come to is as it was"
    assert copied.tables() == before
    assert run.codes["kept.damaged"] == 0
    assert remade(copied) == {}


def test_a_folder_that_cannot_be_written_is_told(copied: Workplace) -> None:
    (copied.output / kept.FILE).unlink()
    (copied.output / kept.FILE).mkdir()
    with pytest.raises(kept.KeptError, match="make room on the disk"):
        rerun(copied)


def test_a_changed_rule_in_its_file_gives_what_a_full_run_gives(
    copied: Workplace, copy_of_code: Path, tmp_path: Path
) -> None:
    """With the real code, and files changed as a person changes them."""
    shutil.copytree(ROOT / "pipeline" / "sample", copy_of_code / "pipeline" / "sample", dirs_exist_ok=True)
    place = {"CCHC_CORPUS": str(copied.corpus), "PYTHONPATH": str(copy_of_code)}

    def told(output: Path, *options: str) -> str:
        command = [sys.executable, "-m", "pipeline.cli", "extract", "--output", str(output), *options]
        done = subprocess.run(
            command, env={**os.environ, **place}, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout

    total = len(articles(copied))
    told(copied.output)
    assert f"{total} kept, 0 computed" in told(copied.output)
    rules = copy_of_code / "extractors" / "rules" / "awards.yml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text("[]\n", encoding="utf-8")
    try:
        before = len(copied.tables()["awards.csv"].splitlines())
        assert f"{total - len(with_article(copied))} kept" in told(copied.output)
        assert 1 <= len(copied.tables()["awards.csv"].splitlines()) < before
        found = copied.tables()
        told(copied.output, "--full")
        assert copied.tables() == found
    finally:
        rules.write_text(text, encoding="utf-8")
