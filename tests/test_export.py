"""The other forms hold the same values as the CSV, typed, and replace former exports only when they are complete."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest
from openpyxl.cell import Cell

from pipeline import export as forms
from pipeline import tables
from pipeline.schema import TABLES, table_schema
from tests.conftest import Workplace
from tests.datasets import article, built, fact, published, reading

WILD = "=HYPERLINK(\"http://x.example\") đạt \"hạng\" 5; 'một', –&<>"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Facts of texts that a spreadsheet, a database or XML could misread."""
    one = article("bao-1", f"Tin: {WILD} và 12 người, +84 tỉnh.")
    facts = [
        fact(one, "rankings", WILD, entity="Long An", index="PAR_INDEX", rank=5, period="2019", rank_change=-3),
        fact(one, "scores", "+84 tỉnh", entity="Cần Thơ", index="DTI", score=0.5, unit="points", rating="@tốt"),
        fact(one, "staff_reductions", "12 người", entity="Long An", count=12.5, unit="percent", action="leave"),
        fact(one, "awards", "12 người", entity_type="person", entity="NA", province="Long An", award="None"),
    ]
    return published(built([reading(one, facts)]), tmp_path_factory.mktemp("output"))


@pytest.fixture(scope="module")
def loaded(output: Path) -> dict[str, pd.DataFrame]:
    return tables.load_tables(output)


def same(name: str, read: pd.DataFrame, wanted: pd.DataFrame) -> None:
    """The frames tell the same to the byte once both are CSV."""
    rows = read.astype(object).where(read.notna(), None).to_dict("records")
    assert tables.to_csv(tables.frame(name, rows)) == tables.to_csv(wanted)


def iso(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Days and times as the text that they are in CSV."""
    frame = frame.copy()
    for column in table_schema(name).columns:
        if column.type in {"date", "datetime"}:
            form = "%Y-%m-%d" if column.type == "date" else "%Y-%m-%dT%H:%M:%SZ"
            frame[column.name] = [None if pd.isna(v) else pd.Timestamp(v).strftime(form) for v in frame[column.name]]
    return frame


def test_parquet_comes_back_typed_and_described(output: Path, loaded: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    folder = forms.export("parquet", output, tmp_path / "parquet")
    for name in TABLES:
        same(name, iso(pd.read_parquet(folder / f"{name}.parquet"), name), loaded[name])
    field = pd.read_parquet(folder / "rankings.parquet").dtypes["rank"]
    assert field.kind in "if"
    assert (folder / "README.md").read_text(encoding="utf-8").startswith("# ")


def test_the_workbook_holds_texts_as_texts_numbers_as_numbers_and_days_as_days(
    output: Path, loaded: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(forms.export("xlsx", output, tmp_path / "all.xlsx"))
    assert book.sheetnames == ["dictionary", *TABLES]
    for name in TABLES:
        sheet = book[name]
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        header, *rows = sheet.iter_rows(values_only=True)
        same(name, iso(pd.DataFrame(rows, columns=list(header), dtype=object), name), loaded[name])
    row = dict(zip([cell.value for cell in book["rankings"][1]], book["rankings"][2], strict=True))
    assert (row["evidence"].value, row["evidence"].data_type, row["evidence"].quotePrefix) == (WILD, "s", True)
    assert (row["rank_change"].value, row["rank_change"].data_type) == (-3, "n")
    published_on = row["published_on"]
    assert isinstance(published_on, Cell) and published_on.is_date
    meaning = {row[1]: row[7] for row in book["dictionary"].iter_rows(min_row=2, values_only=True)}
    assert str(meaning["rank"]).startswith("Thứ hạng")


def test_a_text_beyond_a_cell_is_cut_and_marked(tmp_path: Path) -> None:
    one = article("bao-1", "Long An hạng 5 " + "rất dài " * 5_000)
    long = built([reading(one, [fact(one, "rankings", one.text[9:], entity="Long An", index="PCI", rank=5)])])
    book = openpyxl.load_workbook(forms.export("xlsx", published(long, tmp_path / "output"), tmp_path / "all.xlsx"))
    [text] = [cell.value for cell in book["rankings"][2] if isinstance(cell.value, str) and len(cell.value) > 1000]
    assert len(text) == forms.CELL_CHARACTERS
    assert text.endswith("…")


def test_sqlite_has_keys_types_indexes_and_search(
    output: Path, loaded: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    path = forms.export("sqlite", output, tmp_path)
    with closing(sqlite3.connect(path)) as database:
        for name in TABLES:
            same(name, pd.read_sql(f'SELECT * FROM "{name}"', database, dtype_backend="numpy_nullable"), loaded[name])
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            database.execute("UPDATE rankings SET entity_id = 'nobody'")
        indexed = {row[1] for row in database.execute("PRAGMA index_list(rankings)")}
        assert {"rankings_entity_id", "rankings_doc_id", "rankings_index", "rankings_period"} <= indexed
        search = "SELECT rank FROM rankings WHERE rowid IN (SELECT rowid FROM rankings_fts WHERE rankings_fts MATCH ?)"
        assert database.execute(search, ["hang"]).fetchall() == [(5,)]
        assert database.execute(search, ["hạng"]).fetchall() == [(5,)]
        assert database.execute(search, ["khác"]).fetchall() == []


def test_datasette_serves_the_file_with_its_words(output: Path, tmp_path: Path) -> None:
    from datasette.app import Datasette

    path = forms.export("sqlite", output, tmp_path)
    metadata = json.loads((tmp_path / "cchc.sqlite.metadata.json").read_text(encoding="utf-8"))

    async def pages() -> list[str]:
        served = Datasette([str(path)], metadata=metadata)
        paths = ["/cchc/rankings?_search=hạng", "/cchc/rankings.json?_search=hạng&_shape=array"]
        return [(await served.client.get(page)).text for page in paths]

    page, rows = asyncio.run(pages())
    assert "A position in an index" in page
    assert [row["rank"] for row in json.loads(rows)] == [5]


def test_duckdb_has_the_values_and_the_words(output: Path, loaded: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    with duckdb.connect(str(forms.export("duckdb", output, tmp_path)), read_only=True) as database:
        database.execute("SET TimeZone = 'UTC'")
        for name in TABLES:
            same(name, iso(database.execute(f'SELECT * FROM "{name}"').df(), name), loaded[name])
        words = database.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'awards'").fetchone()
        assert words is not None
        assert "khen thưởng" in words[0]


@pytest.mark.parametrize(("form", "name"), [("xlsx", "cchc.xlsx"), ("sqlite", "cchc.sqlite"), ("duckdb", "cchc.duckdb")])
def test_an_export_that_fails_leaves_the_former_one(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: forms.Form, name: str
) -> None:
    before = forms.export(form, output, tmp_path).read_bytes()
    whole = tables.load_table

    def breaking(folder: Path, table: str) -> pd.DataFrame:
        if table == "sources":
            raise KeyboardInterrupt
        return whole(folder, table)

    monkeypatch.setattr(tables, "load_table", breaking)
    with pytest.raises(KeyboardInterrupt):
        forms.export(form, output, tmp_path)
    assert (tmp_path / name).read_bytes() == before
    assert not list(tmp_path.glob(".*.part"))


def test_a_parquet_export_that_fails_leaves_the_former_one(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms.export("parquet", output, tmp_path)
    before = (tmp_path / "rankings.parquet").read_bytes()
    monkeypatch.setattr(forms, "arrow_table", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        forms.export("parquet", output, tmp_path)
    assert (tmp_path / "rankings.parquet").read_bytes() == before
    assert len(list(tmp_path.glob(".set-*"))) == 1


def test_the_command_exports_and_names_what_it_wrote(crawled: Workplace, tmp_path: Path) -> None:
    result = crawled.cchc("export", "--to", "parquet", str(tmp_path / "parquet"))
    assert result.exit_code == 0
    assert str(tmp_path / "parquet") in result.output
    (tmp_path / "file").touch()
    refused = crawled.cchc("export", "--to", "xlsx", str(tmp_path / "file" / "below"))
    assert refused.exit_code == 1
    assert "untouched" in refused.stderr
    assert crawled.cchc("export", "--to", "parquet", str(tmp_path / "a.parquet")).exit_code == 2
