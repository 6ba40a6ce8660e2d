"""What nearly becomes a staff reduction or an award, and why it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from extractors.decisions import REASONS, listening
from extractors.facts import awards, staff_reductions
from extractors.rules import load_rules
from extractors.sentence import document
from pipeline.cli_explain import explain as command
from pipeline.documents import article
from pipeline.explain import Nearly, explain


def wordings(name: str) -> list[dict[str, Any]]:
    """The sentences of a kind with what they state."""
    found = yaml.safe_load(Path(__file__).with_name(f"{name}_wordings.yml").read_text("utf-8"))
    assert isinstance(found, list)
    return found


NEAR = yaml.safe_load(Path(__file__).with_name("near_misses.yml").read_text("utf-8"))
TABLES = {"staff": "staff_reductions", "awards": "awards"}


@pytest.mark.parametrize("case", NEAR, ids=[case["text"][:60] for case in NEAR])
def test_near_misses(case: dict[str, Any]) -> None:
    found = explain(case["text"], case.get("home", "Long An"), "2022-05-10")
    table = TABLES[case["table"]]
    assert [fact for fact in found.facts if table == fact.TABLE] == []
    near = [one for one in found.nearly if one.table == table and case["at"] in one.words]
    assert (case["code"], case.get("rule", near[0].rule if near else "")) in [(one.code, one.rule) for one in near]


def test_every_rule_that_makes_others_void_has_its_reason() -> None:
    voiding = [rule.id for rule in load_rules("staff") if rule.gives.get("veto")]
    voiding += [rule.id for rule in load_rules("awards") if "stop" in rule.gives]
    assert {rule.rpartition(".")[2] for rule in voiding} <= set(REASONS)


def test_a_figure_that_is_a_fact_is_no_near_miss() -> None:
    found = explain("Năm 2021, Long An tinh giản 312 biên chế, trong đó 40 người nghỉ hưu trước tuổi.", "Long An")
    assert {fact.contract()["count"] for fact in found.facts} == {40, 312}
    assert [near for near in found.nearly if near.table == "staff_reductions"] == []


def test_who_listens_changes_no_fact() -> None:
    cases = [*NEAR, *wordings("staff"), *wordings("awards")]
    refused = 0
    for case in cases:
        read = document(
            article(
                {
                    "doc_id": "w", "title": "", "published_on": None, "source_province": "Long An", "text": case["text"],
                }
            )
        )  # fmt: skip
        unheard = [*staff_reductions.extract(read), *awards.extract(read)]
        with listening(refusals=True) as heard:
            assert [*staff_reductions.extract(read), *awards.extract(read)] == unheard
        refused += len(heard.refused)
    assert refused >= len(NEAR)


def test_the_answer_is_told_as_text_page_and_record() -> None:
    found = explain("Chủ tịch UBND tỉnh tặng Bằng khen <x>.", "Long An")
    nobody = Nearly("tặng Bằng khen", "award.gave", REASONS["no_recipient"], "awards", "no_recipient")
    assert nobody in found.nearly
    line = f"rule that nearly did: award.gave on “tặng Bằng khen”: {REASONS['no_recipient']} [no_recipient]"
    assert line in found.as_text()
    assert f"<li>{line}</li>" in found.as_html()
    assert "<x>" not in found.as_html()
    printed = CliRunner().invoke(command, ["Chủ tịch UBND tỉnh tặng Bằng khen.", "--json"])
    assert printed.exit_code == 0
    assert '"code": "no_recipient"' in printed.output
