"""What changed between two runs, by cause: one thing is changed at a time, on the crawled sample."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from extractors.gate import Topic
from pipeline import history, stages, tables
from pipeline.records import Article, Block, Extraction
from tests.conftest import Workplace
from tests.test_run import capture_again, first_ranked, payload


def changes(place: Workplace, *options: str) -> pd.DataFrame:
    result = place.cchc("extract", *options)
    assert result.exit_code == 0, result.stderr
    return tables.load_table(place.output, "changes")


def of_doc(place: Workplace, table: str, doc_id: str) -> pd.DataFrame:
    found = tables.load_table(place.output, table)
    return found[found["doc_id"] == doc_id].reset_index(drop=True)


def write_corrections(place: Workplace, *rows: dict[str, Any]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with (place.corpus / "corrections.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def patched(monkeypatch: pytest.MonkeyPatch, doc_id: str, **changed: Any) -> None:
    """Extraction as it would be with another rule: the first ranking of the article reads otherwise. No file is changed,
    so that only a full run sees it."""
    from extractors import extract as extractors

    whole = extractors.by_part

    def other(article: Article, parts: Sequence[Topic]) -> dict[Topic, Extraction]:
        found = whole(article, parts)
        if article.doc_id != doc_id:
            return found
        facts = list(found["index"].facts)
        at = next(at for at, fact in enumerate(facts) if fact.TABLE == "rankings")
        facts[at] = dataclasses.replace(facts[at], **changed)
        return found | {"index": dataclasses.replace(found["index"], facts=tuple(facts))}

    monkeypatch.setattr(extractors, "by_part", other)


def test_the_first_run_has_no_changes_and_a_rerun_changes_nothing(copied: Workplace) -> None:
    assert len(tables.load_table(copied.output, "changes")) == 0
    before = {path.name: path.read_bytes() for path in copied.output.iterdir() if path.suffix in {".csv", ".json", ".md"}}
    assert len(before) == len(tables.TABLES) + 2
    assert len(changes(copied)) == 0
    assert {name: (copied.output / name).read_bytes() for name in before} == before
    assert "one set of tables only" in copied.cchc("diff").output


def test_a_new_page(copied: Workplace, tmp_path: Path) -> None:
    doc_id = first_ranked(copied)
    source = doc_id.rsplit("-", 1)[0]
    other = Workplace(tmp_path / "other")
    declared = stages.sources()
    only = dataclasses.replace(declared[source].assertions, minimum=0)
    declared[source] = dataclasses.replace(declared[source], assertions=only)
    index = copied.corpus / "index.cdxj"
    url, _ = payload(copied, doc_id)
    whole = index.read_text(encoding="utf-8")
    rest = [line for line in whole.splitlines(keepends=True) if f'"{url}"' not in line]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "sources", lambda _names=(): declared)
        other.folder.mkdir()
        index.write_text("".join(rest), encoding="utf-8")
        first = other.cchc("extract", "--corpus", str(copied.corpus))
        assert first.exit_code == 0, first.stderr
        assert doc_id not in set(tables.load_table(other.output, "articles")["doc_id"])
        index.write_text(whole, encoding="utf-8")
        assert other.cchc("extract", "--corpus", str(copied.corpus)).exit_code == 0
    found = tables.load_table(other.output, "changes")
    assert set(found["doc_id"]) == {doc_id}
    assert set(zip(found["cause"], found["change"], strict=True)) == {("new_page", "added")}


def test_a_changed_page(copied: Workplace) -> None:
    doc_id = first_ranked(copied)
    before = of_doc(copied, "rankings", doc_id)
    _, body = payload(copied, doc_id)
    rank = before["rank"][0]
    assert f"{rank}/63".encode() in body
    capture_again(copied, doc_id, body.replace(f"{rank}/63".encode(), b"59/63"))
    found = changes(copied)
    assert set(found["cause"]) == {"changed_page"}
    assert set(found["doc_id"]) == {doc_id}
    changed = found[found["former"].str.contains(f'"rank": {rank}') & found["present"].str.contains('"rank": 59')]
    assert changed["change"].tolist() == ["changed"]
    assert changed["former_fact_id"].tolist() == [before["fact_id"][0]]
    row = of_doc(copied, "rankings", doc_id).set_index("fact_id").loc[changed["fact_id"].iloc[0]]
    assert (row["revision"], row["last_changed"].year, row["first_seen"].year < 2999) == (2, 2999, True)
    assert "changed_page" in copied.cchc("diff").output


def test_a_changed_layout(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    from scrapers import page

    doc_id, parse = first_ranked(copied), page.parse

    def other(capture: Any, source: Any) -> Any:
        article, issues = parse(capture, source)
        if article.doc_id != doc_id:
            return article, issues
        blocks = (*tuple(b for b in article.blocks if b.kind != "paragraph"), Block("paragraph", "Không có gì."))
        return dataclasses.replace(article, blocks=blocks), issues

    monkeypatch.setattr(page, "parse", other)
    found = changes(copied, "--full")
    assert len(found)
    assert set(found["doc_id"]) == {doc_id}
    assert set(found["cause"]) == {"changed_layout"}
    assert "removed" in set(found["change"])


def test_a_changed_rule(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    doc_id = first_ranked(copied)
    before = of_doc(copied, "rankings", doc_id)
    patched(monkeypatch, doc_id, rank_total=62)
    found = changes(copied, "--full")
    assert found[["doc_id", "cause", "change"]].to_numpy().tolist() == [[doc_id, "changed_rule", "changed"]]
    assert (found["former"][0], found["present"][0]) == ('{"rank_total": 63}', '{"rank_total": 62}')
    row = of_doc(copied, "rankings", doc_id).set_index("fact_id").loc[found["fact_id"][0]]
    assert row["first_seen"] == before["first_seen"][0]
    assert row["last_changed"] > row["first_seen"]


def test_a_correction_by_a_person(copied: Workplace) -> None:
    doc_id = first_ranked(copied)
    [fact_id, *_] = of_doc(copied, "rankings", doc_id)["fact_id"]
    write_corrections(
        copied,
        {"action": "replace", "table": "rankings", "fact_id": fact_id, "set_rank": "17", "who": "Lan", "why": "misread"},
    )
    found = changes(copied)
    assert found[["cause", "change", "former_fact_id"]].to_numpy().tolist() == [["correction", "changed", fact_id]]
    [correction] = tables.load_table(copied.output, "corrections").to_dict("records")
    assert (correction["status"], correction["fact_id"], correction["who"]) == ("applied", fact_id, "Lan")
    row = of_doc(copied, "rankings", doc_id).set_index("fact_id").loc[correction["result_fact_id"]]
    assert (row["rank"], row["correction"]) == (17, correction["correction_id"])
    assert len(changes(copied)) == 1, "a rerun with the same correction changes nothing more"
    (copied.corpus / "corrections.csv").unlink()
    assert set(changes(copied)["cause"]) == {"correction"}
    assert fact_id in of_doc(copied, "rankings", doc_id)["fact_id"].tolist()


def test_two_runs_by_name(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    doc_id = first_ranked(copied)
    [first] = history.kept(copied.output)
    patched(monkeypatch, doc_id, rank_total=62)
    changes(copied, "--full")
    second = history.kept(copied.output)[-1]
    shown = copied.cchc("diff", first, second)
    assert f"{first} to {second}: 1 facts differ" in shown.output
    assert "changed_rule" in shown.output
    assert f"{second} to {first}: 1 facts differ" in copied.cchc("diff", second, first).output
    refused = copied.cchc("diff", first, "20000101T000000Z-0000")
    assert refused.exit_code == 2
    assert "no extraction that succeeded" in refused.stderr
    assert copied.cchc("diff", first).exit_code == 2


def test_only_the_last_different_sets_are_kept(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEPT", 2)
    [first] = history.kept(copied.output)
    doc_id = first_ranked(copied)
    for total in (61, 62):
        with pytest.MonkeyPatch.context() as patch:
            patched(patch, doc_id, rank_total=total)
            changes(copied, "--full")
    assert len(history.kept(copied.output)) == 2
    refused = copied.cchc("diff", first, history.kept(copied.output)[-1])
    assert refused.exit_code == 2
    assert "not kept any more" in refused.stderr


def test_tables_of_an_older_version_lose_their_history_and_nothing_else(copied: Workplace) -> None:
    path = copied.output / "articles.csv"
    path.unlink()
    path.write_text("doc_id,colour\n", encoding="utf-8")
    result = copied.cchc("extract")
    assert result.exit_code == 0
    assert "history.lost" in result.stderr
    assert len(tables.load_tables(copied.output)["articles"])
