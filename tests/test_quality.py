"""`cchc check`: what it tells, and when it ends with 1."""

from __future__ import annotations

import pytest

from pipeline import quality, stages, tables
from pipeline.errors import UsageError
from tests.conftest import Workplace
from tests.datasets import article, built, fact, published, reading


def test_a_good_output_is_told_at_a_glance(crawled: Workplace) -> None:
    result = crawled.cchc("check")
    assert result.exit_code == 0, result.output
    rankings = len(tables.load_table(crawled.output, "rankings"))
    assert f"rankings          {rankings}\n" in result.output
    assert "rank_total" in result.output
    assert result.output.endswith("good\n")


@pytest.mark.parametrize("minimum", ["rankings=100000", "rankings.rank_change=0.99"])
def test_a_broken_minimum_ends_with_1(crawled: Workplace, minimum: str) -> None:
    result = crawled.cchc("check", "--minimum", minimum)
    assert result.exit_code == 1
    assert "are wanted" in result.output


@pytest.mark.parametrize("minimum", ["rankings", "rankings=many", "prizes=1", "rankings.colour=0.5"])
def test_a_minimum_that_is_none_is_refused(crawled: Workplace, minimum: str) -> None:
    assert crawled.cchc("check", "--minimum", minimum).exit_code == 2


def test_a_source_below_its_minimum_ends_with_1(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    declared = stages.sources()
    strict = replace(declared["baolongan"].assertions, minimum=1000)
    declared["baolongan"] = replace(declared["baolongan"], assertions=strict)
    monkeypatch.setattr(stages, "sources", lambda _names=(): declared)
    result = copied.cchc("check")
    assert result.exit_code == 1
    assert "at least 1000 are asserted" in result.output


def test_a_row_that_leads_nowhere_ends_with_1(copied: Workplace) -> None:
    path = copied.output / "sources.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("baolongan,", "elsewhere,", 1), encoding="utf-8")
    result = copied.cchc("check")
    assert result.exit_code == 1
    assert "lead by source to no row of sources" in result.output


def test_unknown_names_come_with_the_closest_known_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    output = tmp_path_factory.mktemp("output")
    one = article("bao-1", "Huyện Bến Lứt và Hội Chữ thập đỏ đứng đầu.")
    facts = [
        fact(one, "rankings", "đứng đầu", entity_type="district", entity="Huyện Bến Lứt", province="Long An", index="DDCI", rank=1),
        fact(one, "rankings", "Hội", entity_type="organisation", entity="Hội Chữ thập đỏ", province="Long An", index="DDCI", rank=2),
    ]
    published(built([reading(one, facts)]), output)
    report = quality.check(output, quality.minimums(), {})
    [unmatched] = report.unmatched
    assert (unmatched.name, unmatched.closest, unmatched.facts) == ("Huyện Bến Lứt", "Huyện Bến Lức", 1)
    [name] = tables.load_table(output, "rankings").query("entity_type == 'district'")["entity"]
    assert name == "Huyện Bến Lứt", "nothing is decided by likeness"
    assert quality.suggestion("province", "Xyzxyz") is None


def test_minimums_add_up() -> None:
    found = quality.minimums(["scores=5", "scores.rating=0.1"])
    assert (found.rows["scores"], found.filled["scores"]["rating"]) == (5, 0.1)
    assert found.rows["articles"] == 1
    with pytest.raises(UsageError):
        quality.minimums(["scores"])
