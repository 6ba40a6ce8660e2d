"""The published contract: data package, dictionary, keys, and what the annotated documents give when put through."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from extractors.indices import index_names
from pipeline import dimensions, documents, history, tables
from pipeline.collection import Collection, Reading
from pipeline.corrections import Corrections
from pipeline.schema import TABLES, data_dictionary, table_schemas
from tests.conftest import Workplace
from tests.datasets import article, built, declared, fact, gold_reading, published, reading, synthetic


def validate(output: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("frictionless")), "validate", str(output / "datapackage.json")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_frictionless_takes_the_tables_of_a_run_without_options(crawled: Workplace) -> None:
    done = validate(crawled.output)
    assert done.returncode == 0, done.stdout


def test_frictionless_takes_many_facts_and_finds_what_is_broken(tmp_path: Path) -> None:
    output = published(built(synthetic(500)), tmp_path)
    assert validate(output).returncode == 0
    path = output / "rankings.csv"
    broken = path.read_text(encoding="utf-8").replace("PAR_INDEX", "NO_INDEX", 1)
    path.unlink()
    path.write_text(broken, encoding="utf-8")
    done = validate(output)
    assert done.returncode == 1
    assert "NO_INDEX" in done.stdout


def test_every_column_has_words_in_both_languages_and_a_line_in_the_dictionary() -> None:
    dictionary = data_dictionary()
    for schema in table_schemas():
        assert schema.en and schema.vi
        for column in schema.columns:
            assert f"| `{column.name}` | {column.type}" in dictionary
            assert column.en and column.vi and column.en != column.vi


def test_the_data_package_tells_types_units_values_and_keys(crawled: Workplace) -> None:
    package = json.loads((crawled.output / "datapackage.json").read_text(encoding="utf-8"))
    assert [resource["name"] for resource in package["resources"]] == list(TABLES)
    staff = next(resource for resource in package["resources"] if resource["name"] == "staff_reductions")["schema"]
    by_name = {field["name"]: field for field in staff["fields"]}
    assert by_name["count"]["type"] == "number"
    assert by_name["unit"]["constraints"]["enum"] == ["people", "cases", "posts", "percent"]
    assert by_name["start"]["unit"] == "characters"
    assert by_name["published_on"]["type"] == "date"
    assert staff["primaryKey"] == ["fact_id"]
    assert {"fields": ["doc_id"], "reference": {"resource": "articles", "fields": ["doc_id"]}} in staff["foreignKeys"]


def test_keys_are_unique_and_foreign_keys_whole(crawled: Workplace) -> None:
    loaded = tables.load_tables(crawled.output)
    for schema in table_schemas():
        table = loaded[schema.name]
        assert not schema.key or not table.duplicated(list(schema.key)).any()
        for link in schema.links:
            ours = set(table[list(link.columns)].dropna().itertuples(index=False, name=None))
            there = set(loaded[link.table][list(link.there)].itertuples(index=False, name=None))
            assert ours <= there, (schema.name, link)


def test_loaded_tables_are_typed(crawled: Workplace) -> None:
    loaded = tables.load_tables(crawled.output)
    rankings = loaded["rankings"]
    assert str(rankings["published_on"].dtype) == "datetime64[s]"
    assert str(rankings["first_seen"].dtype) == "datetime64[s, UTC]"
    assert str(loaded["articles"]["copy"].dtype) == "boolean"
    assert (rankings["period_start"] <= rankings["period_end"]).all()
    for name, table in loaded.items():
        assert tables.to_csv(table) == (crawled.output / f"{name}.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("period", "start", "end", "kind"),
    [
        ("2019", "2019-01-01", "2019-12-31", "year"),
        ("2020-H2", "2020-07-01", "2020-12-31", "half"),
        ("2020-Q1", "2020-01-01", "2020-03-31", "quarter"),
        ("2020-02", "2020-02-01", "2020-02-29", "month"),
        ("2015/2021", "2015-01-01", "2021-12-31", "interval"),
        ("2025-01/2025-07", "2025-01-01", "2025-07-31", "interval"),
    ],
)
def test_periods_have_days(period: str, start: str, end: str, kind: str) -> None:
    assert dimensions.span(period) == dimensions.Span(start, end, kind)  # type: ignore[arg-type]  # the kinds stand in the table above


@pytest.mark.parametrize("period", [None, "năm ngoái", "2020-13", "2021/2020", "2020-02-30"])
def test_what_is_no_period_has_no_days(period: str | None) -> None:
    assert dimensions.span(period) is None


def test_an_entity_keeps_its_identity_when_its_province_is_merged_or_renamed() -> None:
    ids = dimensions.entity_id
    assert ids("province", "Thừa Thiên Huế", "Thừa Thiên Huế") == ids("province", "Huế", "Huế")
    assert ids("province", "Long An", "Long An", "2024-01-01") == ids("province", "Long An", "Tây Ninh", "2025-08-01")
    before = ids("district", "Huyện Bến Lức", "Long An", "2024-01-01")
    assert before == ids("district", "Huyện Bến Lức", "Tây Ninh", "2025-08-01")
    assert ids("department", "Sở Nội vụ", "Long An") != ids("department", "Sở Nội vụ", "Bạc Liêu")
    assert ids("district", "Huyện Kỳ Anh", "Hà Tĩnh") != ids("district", "Thị xã Kỳ Anh", "Hà Tĩnh")


def test_facts_carry_the_codes_of_their_day_and_of_today() -> None:
    one = article("bao-1", "Bình Dương xếp thứ 4.", published_on="2024-05-02")
    made = built([reading(one, [fact(one, "rankings", "xếp thứ 4", entity="Bình Dương", index="PCI", rank=4)])])
    row = made["rankings"].iloc[0]
    assert (row["province_code"], row["province_code_2025"]) == ("74", "79")
    entity = made["entities"].set_index("entity_id").loc[row["entity_id"]]
    assert (entity["name"], entity["successor"], entity["valid_to"].isoformat()) == (
        "Bình Dương", "Hồ Chí Minh", "2025-06-30T00:00:00",
    )  # fmt: skip


def test_every_index_of_the_contract_has_an_english_name() -> None:
    rows = {row.index: row for row in dimensions.index_rows({})}
    assert rows.keys() == index_names().keys()
    assert all(row.name_en != code for code, row in rows.items())


# --- the annotated documents, put through as articles ---------------------------------------------------------------


@pytest.fixture(scope="module")
def gold(gold_folder: Path) -> list[Reading]:
    found = []
    for path in sorted(gold_folder.glob("*.jsonl")):
        for document in documents.read(path):
            one = documents.article(document)
            place = {"doc_id": f"{path.stem}-{document['doc_id']}", "source": path.stem.replace("_", "-")}
            url = f"http://{place['source']}.example/{place['doc_id']}"
            given = {name: getattr(one, name) for name in one.__dataclass_fields__}
            found.append(gold_reading(document, type(one)(**given | place | {"url": url})))
    return found


def conflicts(readings: list[Reading]) -> set[tuple[str, str, str]]:
    """Entity, field and values of the conflicts."""
    made = built(readings)
    by_id = made["observations"].set_index("observation_id")["entity"]
    rows = made["conflicts"].to_dict("records")
    return {(by_id[row["observation_id"]], row["field"], " ".join(sorted([row["value_1"], row["value_2"]]))) for row in rows}


def test_of_the_gold_only_what_two_documents_state_otherwise_is_in_conflict(gold: list[Reading]) -> None:
    # Two documents give Hà Nội another place in the PAR INDEX of 2024; ranks within a region do not contradict.
    assert conflicts(gold) == {("Hà Nội", "rank", "2 3")}


def planted(gold: list[Reading]) -> Iterator[tuple[Reading, tuple[str, str, str]]]:
    """For every kind of value an article that tells another one than a document of the gold."""
    for number, (table, field, other) in enumerate(
        [("rankings", "rank", 61), ("rankings", "rank_change", -40), ("scores", "score", 33.33), ("scores", "rating", "kém")]
    ):
        for one in gold:
            candidates = [
                f for f in one.extraction.facts
                if table == f.TABLE and f.period and f.modality == "actual" and getattr(f, "index", "OTHER") != "OTHER"
                and getattr(f, field) is not None and f.entity_type == "province"
                and (field != "rank" or (getattr(f, "rank_total", None) or 63) == 63)
                and (field != "rating" or " " not in getattr(f, field))
            ]  # fmt: skip
            if candidates:
                break
        else:
            pytest.fail(f"the gold has no {field}")
        victim: Any = candidates[0]
        of = article(f"trong-{number}", f"Tin khác: {victim.entity} có số liệu khác.", "trong", "2025-01-01")
        values = {
            name: getattr(victim, name) for name in victim.KEY if name not in {"rank_at_most"} and hasattr(victim, name)
        }
        values |= {field: other}
        if field == "rank_change":
            values |= {"rank": victim.rank, "compared_to": victim.compared_to}
        yield (
            reading(of, [fact(of, table, "có số liệu khác", **values)]),
            (victim.entity, field, " ".join(sorted([told(getattr(victim, field)), told(other)]))),
        )


def told(value: Any) -> str:
    return value if isinstance(value, str) else tables.number(value)


def test_every_conflict_planted_into_the_gold_is_found_and_no_other(gold: list[Reading]) -> None:
    known = conflicts(gold)
    for one, expected in planted(gold):
        assert conflicts([*gold, one]) - known == {expected}


def test_the_order_of_the_articles_does_not_matter(gold: list[Reading]) -> None:
    one, other = built(gold), built(list(reversed(gold)))
    assert {name: tables.to_csv(table) for name, table in one.items()} == {
        name: tables.to_csv(table) for name, table in other.items()
    }


def test_sources_that_only_the_archive_knows_are_listed_too() -> None:
    one = article("bao-1", "Không có gì.")
    collection = Collection()
    collection.add(reading(one, []))
    made, _ = collection.tables(declared("khac"), Corrections(), None, "r1", "2026-01-01T00:00:00Z")
    assert dict(zip(made["sources"]["source"], made["sources"]["declared"], strict=True)) == {"bao": False, "khac": True}
    assert history.current(Path("/nowhere")) is None
    assert isinstance(made["changes"], pd.DataFrame)


# --- what the README shows ------------------------------------------------------------------------------------------

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def shown(language: str) -> list[str]:
    """The README's blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("snippet", shown("python"), ids=lambda text: text.split()[1])
def test_the_snippets_of_the_readme_work(crawled: Workplace, snippet: str) -> None:
    command = [sys.executable, "-c", snippet]
    done = subprocess.run(command, capture_output=True, text=True, cwd=crawled.folder, check=False, env=environment())
    assert done.returncode == 0, done.stderr
    assert any(name in done.stdout for name in tables.load_table(crawled.output, "observations")["entity"])


def test_datasette_serves_what_the_readme_exports(crawled: Workplace, tmp_path: Path) -> None:
    [lines] = shown("shell")
    export, serve = (line.split() for line in lines.splitlines())
    (tmp_path / "output").symlink_to(crawled.output)
    cchc = [sys.executable, "-c", "from pipeline.cli import main; main()", *export[1:]]
    subprocess.run(cchc, check=True, cwd=tmp_path, capture_output=True, env=environment())
    datasette = [str(Path(sys.executable).with_name(serve[0])), *serve[1:]]
    page = ["--get", "/cchc/rankings.json?_search=hang&_shape=array"]
    done = subprocess.run([*datasette, *page], check=True, cwd=tmp_path, capture_output=True, text=True)
    assert len(json.loads(done.stdout)) > 1


def environment() -> dict[str, str]:
    places = {name: value for name, value in os.environ.items() if not name.startswith("CCHC_")}
    return places | {"PYTHONPATH": str(Path(__file__).parent.parent), "COLUMNS": "200"}


def test_the_readme_shows_each_tool() -> None:
    assert len(shown("python")) == 2
    assert len(shown("r")) == len(shown("shell")) == 1
    assert "load_tables" in shown("python")[0]
