"""Decisions of people: applied at every run, kept through better rules, told when they no longer match."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.facts.rankings import Ranking
from pipeline import corrections, tables
from pipeline.corrections import CorrectionError
from tests.conftest import Workplace
from tests.datasets import article, fact
from tests.test_history import write_corrections
from tests.test_run import first_fact, first_ranked

ONE = article("bao-1", "Long An xếp thứ 5/63. Long An đạt 81,2 điểm, được tặng Bằng khen.", published_on="2025-08-01")
FACTS = (
    fact(ONE, "rankings", "xếp thứ 5/63", entity="Long An", province="Tây Ninh", index="PCI", rank=5, rank_total=63),
    fact(ONE, "scores", "81,2 điểm", entity="Long An", province="Tây Ninh", index="PCI", score=81.2, unit="points"),
)
HEADER = "action,table,fact_id,doc_id,index,rank,score,entity_type,entity,award,evidence,set_rank,set_evidence,who,why"


def decided(tmp_path: Path, *lines: str) -> corrections.Corrections:
    path = tmp_path / corrections.FILE
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return corrections.read(path)


def status(found: corrections.Corrections, applied: corrections.Corrected) -> list[str]:
    return [row.status for row in found.rows(applied.outcomes)]


def test_reject_by_fact_id(tmp_path: Path) -> None:
    found = decided(tmp_path, f"reject,rankings,{FACTS[0].fact_id},,,,,,,,,,,Lan,not a rank")
    applied = found.apply(ONE, FACTS)
    assert applied.facts == FACTS[1:]
    assert status(found, applied) == ["applied"]


def test_replace_by_document_and_fields_survives_another_rule(tmp_path: Path) -> None:
    found = decided(tmp_path, "replace,rankings,,bao-1,PCI,5,,,,,,6,,Lan,misprint")
    for facts in (FACTS, (fact(ONE, "rankings", "xếp thứ 5", entity="Long An", index="PCI", rank=5), FACTS[1])):
        applied = found.apply(ONE, facts)
        [changed] = [one for one in applied.facts if one.TABLE == "rankings"]
        assert isinstance(changed, Ranking) and changed.rank == 6
        assert applied.made == {changed.fact_id: found.listed[0].id}
        assert ONE.text[changed.start : changed.end] == changed.evidence


def test_what_the_rules_read_by_themselves_now_is_settled(tmp_path: Path) -> None:
    found = decided(tmp_path, "replace,rankings,,bao-1,PCI,5,,,,,,6,,Lan,misprint")
    better = (fact(ONE, "rankings", "xếp thứ 5/63", entity="Long An", index="PCI", rank=6),)
    applied = found.apply(ONE, better)
    assert applied.facts == better
    assert status(found, applied) == ["settled"]
    assert "can be removed" in next(corrections.issues(found.rows(applied.outcomes))).message


def test_add_slices_its_evidence_and_fills_the_province(tmp_path: Path) -> None:
    found = decided(tmp_path, "add,awards,,bao-1,,,,province,Long An,Bằng khen,được tặng Bằng khen,,,Lan,missed")
    applied = found.apply(ONE, FACTS)
    [added] = [one for one in applied.facts if one.TABLE == "awards"]
    assert ONE.text[added.start : added.end] == "được tặng Bằng khen"
    assert (added.province, added.province_code, added.rule) == ("Tây Ninh", "80", corrections.ADDED)
    assert status(found, found.apply(ONE, applied.facts)) == ["settled"]


@pytest.mark.parametrize(
    "line",
    [
        "reject,rankings,0123456789abcdef,,,,,,,,,,,Lan,why",
        "replace,rankings,,bao-1,PCI,7,,,,,,6,,Lan,why",
        "replace,rankings,,bao-2,PCI,5,,,,,,6,,Lan,why",
        "replace,rankings,,bao-1,PCI,5,,,,,,6,not in the text,Lan,why",
        "add,awards,,bao-1,,,,province,Long An,Bằng khen,not in the text,,,Lan,why",
    ],
)
def test_what_matches_nothing_changes_nothing_and_is_told(tmp_path: Path, line: str) -> None:
    found = decided(tmp_path, line)
    applied = found.apply(ONE, FACTS)
    assert applied.facts == FACTS
    assert status(found, applied) == ["unmatched"]
    [issue] = corrections.issues(found.rows(applied.outcomes))
    assert (issue.code, issue.level) == ("correction.unmatched", "warning")
    assert "Lan" in issue.message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("drop,rankings,a,,,,,,,,,,,Lan,why", "reject, replace, add"),
        ("reject,ranks,a,,,,,,,,,,,Lan,why", "names the table 'ranks'"),
        ("reject,rankings,a,,,,,,,,,,,,why", "does not say who"),
        ("reject,rankings,,bao-1,,,,,,,,,,Lan,why", "names no fact"),
        ("replace,rankings,a,,,,,,,,,,,Lan,why", "replaces nothing"),
        ("replace,rankings,a,,,,,,,,,six,,Lan,why", "must be a number"),
        ("replace,scores,a,,,,,,,,,6,,Lan,why", "which scores does not have"),
        ("add,awards,,bao-1,,,,province,Long An,,x,,,Lan,why", "needs doc_id, award"),
        ("reject,rankings,,bao-1,PCI,,,king,,,,,,Lan,why", "must be one of province"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_with_its_remedy(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(CorrectionError, match="line 2") as raised:
        decided(tmp_path, line)
    assert said in str(raised.value)


def test_an_unknown_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / corrections.FILE).write_text("action,table,who,why,colour\n", encoding="utf-8")
    with pytest.raises(CorrectionError, match="unknown column 'colour'"):
        corrections.read(tmp_path / corrections.FILE)


def test_a_run_tells_what_no_longer_matches_and_refuses_what_it_cannot_use(copied: Workplace) -> None:
    known = first_fact(copied, first_ranked(copied))
    decision = {"action": "reject", "table": "rankings", "who": "Lan", "why": "wrong"}
    write_corrections(copied, decision | {"fact_id": known}, decision | {"fact_id": "0123456789abcdef"})
    result = copied.cchc("extract")
    assert result.exit_code == 0
    assert "correction.unmatched" in result.stderr
    assert known not in tables.load_table(copied.output, "rankings")["fact_id"].tolist()
    assert sorted(tables.load_table(copied.output, "corrections")["status"]) == ["applied", "unmatched"]
    before = copied.tables()
    write_corrections(copied, decision | {"action": "burn", "fact_id": known})
    assert copied.cchc("extract").exit_code == 2
    assert copied.tables() == before
