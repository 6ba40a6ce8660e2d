"""The CSV files: columns, order, types, guards, and that they are replaced together or not at all."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.facts import FACT_TYPES
from extractors.facts.rankings import Ranking
from extractors.facts.staff_reductions import StaffReduction
from pipeline import history, publication, tables
from pipeline.records import Article, Block, Fact
from pipeline.tables import TABLES, TableError

ARTICLE = Article(
    doc_id="bao-a1",
    source="bao",
    province="Long An",
    url="http://bao.example/a1.html",
    title="Tiêu đề",
    published_on="2020-07-14",
    layout="bao-2019",
    ref=None,
    blocks=(Block("title", "Tiêu đề"), Block("paragraph", "Long An lên hạng 5, tinh giản 12 người.")),
)


def ranking(**changed: Any) -> Ranking:
    given: dict[str, Any] = {
        "doc_id": "bao-a1",
        "entity_type": "province",
        "entity": "Long An",
        "province": "Long An",
        "province_code": "08",
        "period": "2019",
        "evidence": "Long An lên hạng 5",
        "start": 9,
        "end": 27,
        "rule": "ranking.plain",
        "index": "PAR_INDEX",
        "rank": 5,
    }
    return Ranking(**given | changed)


def streamlined(count: float, unit: str = "people", **changed: Any) -> StaffReduction:
    given: dict[str, Any] = {
        "doc_id": "bao-a1",
        "entity_type": "province",
        "entity": "Long An",
        "evidence": "tinh giản",
        "start": 29,
        "end": 38,
        "rule": "staff.plain",
        "action": "streamlining",
    }
    return StaffReduction(count=count, unit=unit, **given | changed)


def table_of(*facts: Fact) -> pd.DataFrame:
    dates = {"first_seen": "2020-07-15T01:02:03Z", "last_changed": "2020-07-15T01:02:03Z"}
    rows = tables.fact_rows(ARTICLE, facts)[facts[0].TABLE]
    return tables.table(facts[0].TABLE, [row | dates for row in rows])


def all_tables(**given: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {name: tables.table(name, ()) for name in TABLES} | given


def contents(output: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in output.iterdir() if path.is_file() and path.name[0] != "."}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_holds_the_contract_and_where_the_fact_was_found() -> None:
    [row] = rows(tables.to_csv(table_of(ranking(rank_change=-2))))
    contract = {name: "" if value is None else str(value) for name, value in ranking(rank_change=-2).contract().items()}
    assert contract.items() <= row.items()
    assert row["fact_id"] == ranking(rank_change=-2).fact_id
    assert (row["source"], row["published_on"], row["url"]) == ("bao", "2020-07-14", ARTICLE.url)
    assert (row["period_start"], row["period_end"], row["period_kind"]) == ("2019-01-01", "2019-12-31", "year")
    assert (row["revision"], row["first_seen"]) == ("1", "2020-07-15T01:02:03Z")
    assert (row["province_code"], row["start"], row["end"], row["rule"]) == ("08", "9", "27", "ranking.plain")


def test_identifiers_come_first_and_every_field_of_the_dataclass_is_a_column() -> None:
    for name, fact_type in FACT_TYPES.items():
        columns = list(tables.columns(name))
        assert columns[:3] == ["fact_id", "doc_id", "source"]
        assert len(columns) == len(set(columns))
        assert {field.name for field in fields(fact_type)} < set(columns)


def test_whole_numbers_have_no_decimal_point_and_others_keep_theirs() -> None:
    text = tables.to_csv(table_of(streamlined(138.0), streamlined(6.7, "percent")))
    assert [row["count"] for row in rows(text)] in (["138", "6.7"], ["6.7", "138"])


def test_a_fact_is_one_row() -> None:
    with pytest.raises(TableError, match="twice"):
        table_of(ranking(), ranking(start=50, end=60))


def test_the_order_of_the_facts_does_not_matter() -> None:
    facts = [ranking(rank=rank, start=rank, end=rank + 3) for rank in (7, 5, 30)]
    assert tables.to_csv(table_of(*facts)) == tables.to_csv(table_of(*reversed(facts)))


def test_what_a_spreadsheet_would_run_is_guarded_in_text_and_never_in_numbers() -> None:
    guarded = ranking(evidence="=1+1", component="+x", rank_change=-3)
    [row] = rows(tables.to_csv(table_of(guarded)))
    assert (row["evidence"], row["component"], row["rank_change"]) == ("'=1+1", "'+x", "-3")


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1)


@given(st.lists(TEXTS | st.from_regex(r"\A'{0,3}[=+@\t-][^\r]*\Z"), min_size=1))
def test_any_text_comes_back_as_it_was(texts: list[str]) -> None:
    # With a second column, as a line of white space alone is none for pandas.
    written = tables.to_csv(pd.DataFrame({"text": pd.array(texts, dtype="string"), "number": 1}))
    assert not any(row["text"].startswith(("=", "+", "-", "@", "\t")) for row in rows(written))
    read = pd.read_csv(io.StringIO(written), dtype="string", keep_default_na=False)
    assert tables.unguarded(read["text"]).tolist() == texts


@given(st.lists(st.tuples(st.none() | st.text(st.characters(codec="utf-8")), st.none() | st.floats(-1e15, 1e15)), max_size=9))
def test_cells_are_quoted_as_the_standard_library_does(cells: list[tuple[str | None, float | None]]) -> None:
    names = ("text", "score")
    found = pd.DataFrame({"text": pd.array([text for text, _ in cells], dtype="string"), "score": pd.array([n for _, n in cells], dtype="Float64")})
    wanted = io.StringIO()
    writer = csv.writer(wanted, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([None if cell is None else tables.plain(cell) for cell in row] for row in cells)
    assert tables.to_csv(found) == wanted.getvalue()


@settings(deadline=None, max_examples=30)  # how long it takes is the machine's affair
@given(st.lists(TEXTS, max_size=4), st.floats(allow_nan=False, allow_infinity=False))
def test_a_loaded_table_is_the_one_that_was_written(tmp_path_factory: pytest.TempPathFactory, texts: list[str], number: float) -> None:
    folder = tmp_path_factory.mktemp("tables")
    found = table_of(*(streamlined(number, personnel=text, entity=f"{text}{at}") for at, text in enumerate(texts)), streamlined(1.0))
    (folder / "staff_reductions.csv").write_text(tables.to_csv(found), encoding="utf-8", newline="")
    pd.testing.assert_frame_equal(tables.load_table(folder, "staff_reductions"), found)


def test_a_return_never_ends_a_row() -> None:
    assert len(rows(tables.to_csv(table_of(ranking(component="\ra\rb"), ranking(rank=9))))) == 2


def test_tables_come_back_typed(tmp_path: Path) -> None:
    staff = table_of(streamlined(138.0, entity="None", personnel="NA"), streamlined(6.5, "percent"))
    tables.write(all_tables(rankings=table_of(ranking()), staff_reductions=staff), tmp_path, "r1")
    loaded = tables.load_tables(tmp_path)
    assert tuple(loaded) == TABLES
    assert loaded["rankings"].dtypes["rank"] == "Int64"
    assert loaded["rankings"]["province_code"].tolist() == ["08"]
    assert pd.isna(loaded["rankings"]["rank_change"][0])
    pd.testing.assert_frame_equal(loaded["staff_reductions"], staff)


def test_files_are_utf8_without_mark_and_with_plain_newlines(tmp_path: Path) -> None:
    tables.write(all_tables(rankings=table_of(ranking())), tmp_path, "r1")
    content = (tmp_path / "rankings.csv").read_bytes()
    assert content.startswith(b"fact_id,")
    assert b"\r" not in content
    assert "Long An lên hạng 5".encode() in content
    assert set(contents(tmp_path)) == {*(f"{name}.csv" for name in TABLES), "datapackage.json", "README.md"}


def test_a_set_that_repeats_the_published_one_is_not_stored_again(tmp_path: Path) -> None:
    assert tables.write(all_tables(rankings=table_of(ranking())), tmp_path, "r1") == "r1"
    assert tables.write(all_tables(rankings=table_of(ranking())), tmp_path, "r2") == "r1"
    assert tables.write(all_tables(rankings=table_of(ranking(rank=6))), tmp_path, "r3") == "r3"
    assert tables.load_table(tmp_path, "rankings")["rank"].tolist() == [6]


def test_a_table_that_cannot_be_written_leaves_the_former_ones(tmp_path: Path) -> None:
    tables.write(all_tables(rankings=table_of(ranking())), tmp_path, "r1")
    before = contents(tmp_path)
    (tmp_path / "runs" / "r2").write_text("a file where a folder must be made")
    with pytest.raises(TableError, match="former ones are untouched"):
        tables.write(all_tables(), tmp_path, "r2")
    assert contents(tmp_path) == before


def test_a_run_killed_while_writing_is_cleared(tmp_path: Path) -> None:
    tables.write(all_tables(rankings=table_of(ranking())), tmp_path, "r1")
    before = contents(tmp_path)
    half = tmp_path / "runs" / "r2" / tables.PART
    half.mkdir(parents=True)
    (half / "rankings.csv").write_text("half a ta")
    tables.recover(tmp_path)
    assert not half.exists()
    assert contents(tmp_path) == before


def test_a_run_killed_before_the_switch_leaves_the_former_set_and_the_next_one_clears_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables.write(all_tables(rankings=table_of(ranking())), tmp_path, "r1")
    before = contents(tmp_path)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(publication, "publish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        tables.write(all_tables(rankings=table_of(ranking(rank=6))), tmp_path, "r2")
    assert contents(tmp_path) == before
    assert tables.write(all_tables(rankings=table_of(ranking(rank=7))), tmp_path, "r3") == "r3"
    history.prune(tmp_path, "r3")
    assert history.kept(tmp_path) == ["r3"], "the others have no manifest of a run that succeeded"
    assert tables.load_table(tmp_path, "rankings")["rank"].tolist() == [7]


def test_a_missing_or_older_table_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="run `cchc extract`"):
        tables.load_tables(tmp_path)
    (tmp_path / "articles.csv").write_text("doc_id,colour\na,red\n")
    with pytest.raises(TableError, match="other columns"):
        tables.load_table(tmp_path, "articles")
