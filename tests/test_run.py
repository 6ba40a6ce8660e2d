"""The whole line over HTTP on this machine: crawled, archived, extracted, traced, crawled again."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import shutil
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline import runs, stages, tables
from pipeline.archive import Archive, ArchiveWriter
from pipeline.sample_server import SampleServer
from pipeline.trace import trace
from tests.conftest import Workplace


def test_every_table_is_filled_and_every_sample_article_is_in(crawled: Workplace) -> None:
    loaded = tables.load_tables(crawled.output)
    may_be_empty = {"conflicts", "quality", "corrections", "changes"}
    assert all(len(table) for name, table in loaded.items() if name not in may_be_empty), loaded.keys()
    with SampleServer() as server:
        announced = sum(len(site.article_urls()) for site in server.sites.values())
    assert len(loaded["articles"]) == announced
    assert loaded["articles"]["source"].nunique() == 5
    assert (loaded["articles"].groupby("source").size() >= 5).all()
    assert (loaded["articles"]["facts"] == 0).any(), "the sample has articles without facts too"


def test_keys_are_unique_and_every_fact_has_its_article(crawled: Workplace) -> None:
    loaded = tables.load_tables(crawled.output)
    articles = loaded["articles"]
    assert articles["doc_id"].is_unique
    for name in tables.FACT_TABLES:
        assert loaded[name]["fact_id"].is_unique
        assert loaded[name]["doc_id"].isin(articles["doc_id"]).all()
    counted = Counter(doc_id for name in tables.FACT_TABLES for doc_id in loaded[name]["doc_id"])
    assert [counted[doc_id] for doc_id in articles["doc_id"]] == articles["facts"].tolist()


def test_every_fact_traces_to_its_bytes(crawled: Workplace) -> None:
    declared = stages.sources()
    for name in tables.FACT_TABLES:
        for row in tables.load_table(crawled.output, name).to_dict("records"):
            found = trace(row["fact_id"], crawled.corpus, crawled.output, declared)
            assert found.article.text[row["start"] : row["end"]] == row["evidence"]
            assert found.evidence in f"{found.before}{found.evidence}{found.after}"
            words = re.findall(r"\w+", row["evidence"])
            page = unicodedata.normalize("NFC", found.capture.payload.decode("utf-8", "replace"))
            assert any(word in page for word in words), "the bytes themselves hold the figure"


def test_trace_shows_the_chain(crawled: Workplace) -> None:
    row = tables.load_table(crawled.output, "rankings").iloc[0]
    shown = crawled.cchc("trace", row["fact_id"])
    assert shown.exit_code == 0
    for part in (row["source"], row["url"], row["rule"], f"⟦{row['evidence']}⟧", ".warc.gz", "sha1:"):
        assert part in shown.output


def test_the_summary_shows_rows_of_every_table_and_a_trace_that_works(crawled: Workplace) -> None:
    shown = (crawled.folder / "demo.txt").read_text(encoding="utf-8")
    for name in tables.FACT_TABLES:
        assert re.search(rf"{name}\.csv: [1-9]\d* rows", shown)
    [command] = re.findall(r"cchc (trace \w+)", shown)
    assert crawled.cchc(*command.split()).exit_code == 0


def test_sources_tell_how_they_stand(crawled: Workplace) -> None:
    lines = crawled.cchc("sources").output.splitlines()
    stand = {line.split()[0]: line for line in lines[1:]}
    assert stand.keys() == stages.sources().keys()
    sampled = {path.name for path in crawled.corpus.iterdir() if path.is_dir()}
    assert len(sampled) == 5
    assert all(stand[name].endswith("good" if name in sampled else "never crawled") for name in stand)


def test_extracting_again_gives_the_same_tables_to_the_byte(copied: Workplace) -> None:
    before = copied.tables()
    assert copied.cchc("extract").exit_code == 0
    assert copied.tables() == before


def test_a_second_crawl_fetches_nothing_and_changes_no_row(copied: Workplace) -> None:
    before, files = copied.tables(), copied.warcs()
    assert copied.cchc("demo").exit_code == 0
    assert copied.warcs() == files
    assert copied.tables() == before


def test_a_crawl_of_all_again_adds_no_body_and_changes_no_fact(copied: Workplace) -> None:
    before, files = copied.tables(), copied.warcs()
    with SampleServer() as server:
        resolve = [part for host, address in server.resolve.items() for part in ("--resolve", f"{host}={address}")]
        assert copied.cchc("crawl", *server.sites, "--again", "--delay", "0", *resolve).exit_code == 0
    assert copied.cchc("extract").exit_code == 0
    again = [entry for entry in Archive.load(copied.corpus).entries if copied.corpus / entry.filename not in files]
    assert len(again) == len(Archive.load(copied.corpus).entries) / 2
    assert all(entry.revisit for entry in again)
    after = copied.tables()
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"captures.csv"}
    captures = tables.load_table(copied.output, "captures")
    assert set(captures["outcome"]) == {"article", "unchanged"}


def payload(place: Workplace, doc_id: str) -> tuple[str, bytes]:
    articles = tables.load_table(place.output, "articles").set_index("doc_id")
    row = articles.loc[doc_id]
    entry = next(
        entry
        for entry in Archive.load(place.corpus).entries
        if (entry.filename, entry.offset) == (row["warc"], row["offset"])
    )
    return entry.url, Archive.load(place.corpus).read(entry.ref).payload


def first_ranked(place: Workplace) -> str:
    return str(tables.load_table(place.output, "rankings")["doc_id"].iloc[0])


def first_fact(place: Workplace, doc_id: str) -> str:
    rankings = tables.load_table(place.output, "rankings")
    return str(rankings[rankings["doc_id"] == doc_id]["fact_id"].iloc[0])


def capture_again(place: Workplace, doc_id: str, body: bytes, run: str = "29990101T000000Z-sample-0000") -> None:
    """The article's page once more in the archive, with another body, as a later crawl would have found it."""
    from scrapers.fetch import Response

    url, _ = payload(place, doc_id)
    response = Response(
        asked=url,
        url=url,
        status=200,
        reason="OK",
        version="HTTP/1.1",
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        request_headers=(),
        raw=body,
        body=body,
        fetched_at="2999-01-01T00:00:00Z",
        ip="127.0.0.1",
    )
    with ArchiveWriter(place.corpus, doc_id.rsplit("-", 1)[0], run) as writer:
        writer.add(response)


def test_a_changed_page_supersedes_the_former_one(copied: Workplace) -> None:
    doc_id = first_ranked(copied)
    _, body = payload(copied, doc_id)
    capture_again(copied, doc_id, body.replace(b"<title>", b"<title>*"))
    assert copied.cchc("extract").exit_code == 0
    row = tables.load_table(copied.output, "articles").set_index("doc_id").loc[doc_id]
    assert (row["revision"], row["revisions"]) == (2, 2)
    assert row["fetched_at"].isoformat() == "2999-01-01T00:00:00+00:00"
    captures = tables.load_table(copied.output, "captures")
    assert captures[captures["doc_id"] == doc_id]["outcome"].tolist() == ["superseded", "article"]
    assert copied.cchc("trace", str(first_fact(copied, doc_id))).exit_code == 0


def test_a_png_in_place_of_a_page_is_told_and_the_former_revision_stays(copied: Workplace) -> None:
    before, doc_id = copied.tables(), first_ranked(copied)
    capture_again(copied, doc_id, b"\x89PNG\r\n\x1a\n" + bytes(100))
    result = copied.cchc("extract")
    assert result.exit_code == 0
    assert "PNG" in result.stderr
    assert copied.tables()["rankings.csv"] == before["rankings.csv"]
    captures = tables.load_table(copied.output, "captures")
    assert captures[captures["doc_id"] == doc_id]["outcome"].tolist() == ["article", "page.not_html"]


def test_a_truncated_archive_fails_the_run_and_keeps_the_tables(copied: Workplace) -> None:
    before = copied.tables()
    warc = copied.warcs()[0]
    warc.write_bytes(warc.read_bytes()[:-200])
    result = copied.cchc("extract")
    assert result.exit_code == 1
    assert warc.name in result.stderr
    assert "cut short" in result.stderr
    assert "estore" in result.stderr
    assert copied.tables() == before
    assert [run.state for run in runs.past(copied.output) if run.verb == "extract"] == ["succeeded", "failed"]


def test_a_source_gone_from_the_archive_fails_the_run_and_keeps_the_tables(copied: Workplace) -> None:
    before, index = copied.tables(), copied.corpus / "index.cdxj"
    shutil.rmtree(copied.corpus / "baolongan")
    lines = index.read_text(encoding="utf-8").splitlines(keepends=True)
    index.write_text("".join(line for line in lines if "baolongan/" not in line), encoding="utf-8")
    result = copied.cchc("extract")
    assert result.exit_code == 1
    assert "source.vanished" in result.stderr
    assert copied.tables() == before


def test_a_source_below_its_minimum_fails_the_run_and_keeps_the_tables(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = stages.sources()
    strict = dataclasses.replace(declared["baolongan"].assertions, minimum=1000)
    declared["baolongan"] = dataclasses.replace(declared["baolongan"], assertions=strict)
    monkeypatch.setattr(stages, "sources", lambda _names=(): declared)
    before = copied.tables()
    result = copied.cchc("extract")
    assert result.exit_code == 1
    assert "assertion.minimum" in result.stderr
    assert "tables are left as they were" in result.stderr
    assert copied.tables() == before


def test_a_page_that_breaks_the_extractors_is_left_out_and_told(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from extractors import extract as extractors

    doc_id, whole = first_ranked(copied), extractors.by_part

    def fragile(article: Any, parts: Any) -> Any:
        if article.doc_id == doc_id:
            raise RecursionError("too deep")
        return whole(article, parts)

    monkeypatch.setattr(extractors, "by_part", fragile)
    result = copied.cchc("extract", "--full")
    assert result.exit_code == 1
    assert "RecursionError: too deep" in result.stderr
    assert doc_id not in set(tables.load_table(copied.output, "rankings")["doc_id"])
    assert len(tables.load_table(copied.output, "rankings"))

    monkeypatch.setattr(extractors, "by_part", lambda article, parts: 1 / 0)
    before = copied.tables()
    result = copied.cchc("extract", "--full")
    assert result.exit_code == 1
    assert "broke on too many pages" in result.stderr
    assert copied.tables() == before


def test_annotate_and_evaluate_agree_on_a_document_of_our_own(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    document = {
        "doc_id": "own-1",
        "title": "Tin cải cách hành chính",
        "published_on": "2021-06-25",
        "source_province": "Long An",
        "text": "Chỉ số cải cách hành chính (PAR INDEX) năm 2020, Long An xếp hạng 7/63 tỉnh, thành phố.",
    }
    documents = tmp_path / "documents.jsonl"
    documents.write_text(json.dumps(document) + "\n", encoding="utf-8")
    assert place.cchc("annotate", str(documents), "-o", str(tmp_path / "out.jsonl")).exit_code == 0
    [predicted] = map(json.loads, io.StringIO((tmp_path / "out.jsonl").read_text(encoding="utf-8")))
    assert list(predicted["facts"]) == ["rankings", "scores", "ratings", "staff_reductions", "awards"]
    [ranking] = predicted["facts"]["rankings"]
    assert (ranking["entity"], ranking["rank"], ranking["rank_total"], ranking["period"]) == ("Long An", 7, 63, "2020")
    assert ranking["evidence"] in document["text"]

    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({**document, "facts": predicted["facts"]}) + "\n", encoding="utf-8")
    shown = place.cchc("evaluate", str(gold), "--errors")
    assert shown.exit_code == 0
    assert re.search(r"^all +1 +1 +1\.000 +1\.000 +1\.000 +1\.000$", shown.output, re.MULTILINE)
