"""What a text yields and why, as text and as a page."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.errors import UsageError
from pipeline.explain import Nearly, explain

TEXT = "Năm 2019, Long An xếp thứ 5/63, tăng 3 bậc; năm 2021 phấn đấu vào nhóm 4."


def test_a_sentence_is_explained_by_its_parts() -> None:
    found = explain(TEXT, "Long An", "2020-05-01", "PCI")
    (sentence,) = found.sentences
    assert sentence.text == TEXT
    assert sentence.tokens[:5] == ("Năm", "2019", ",", "Long", "An")
    assert [note.text for note in sentence.notes if note.layer == "mentions"] == ["Long An"]
    assert ("target", "phấn đấu") in [(note.label, note.text) for note in sentence.notes]
    ranks = [fact for fact in found.facts if fact.TABLE == "rankings"]
    assert {fact.contract()["index"] for fact in ranks} == {"PCI"}
    assert {fact.rule for fact in ranks} <= set(found.rules)
    assert all(found.text[note.start : note.end] == note.text for note in sentence.notes)


def test_the_text_form_names_rules_and_facts() -> None:
    told = explain(TEXT, "Long An", "2020-05-01", "PCI").as_text()
    for words in ("[Long] [An]", "<modality.aim>", "rules that fired:", "rank=5", "modality=target", "facts: 2"):
        assert words in told


def test_the_page_marks_and_escapes() -> None:
    page = explain("Sở Nội vụ <script> đạt 81,20 điểm PCI", "Long An", "2020-05-01").as_html()
    assert page.lstrip().startswith("<!DOCTYPE html>")
    assert "department" in page
    assert "<script>" not in page


def test_lines_with_bars_are_a_table() -> None:
    found = explain("Xếp hạng PCI năm 2019:\n\nTỉnh | Điểm | Hạng\nLong An | 70,1 | 3", None, "2020-05-01")
    assert [(fact.TABLE, fact.entity, fact.period) for fact in found.facts] == [
        ("rankings", "Long An", "2019"),
        ("scores", "Long An", "2019"),
    ]
    assert {fact.rule for fact in found.facts} == {"column.rank", "column.score"}


def test_a_text_without_facts_says_so() -> None:
    found = explain("Trời hôm nay đẹp.")
    assert found.facts == ()
    assert "rules that fired: none" in found.as_text()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"text": TEXT, "index": "XYZ"}, "no code of an index"),
        ({"text": TEXT, "published_on": "14/7/2020"}, "no date"),
        ({"text": "  \n\n "}, "no text"),
        ({"text": " ", "index": "PCI"}, "no text"),
    ],
)
def test_what_cannot_be_explained_is_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        explain(**given)


def test_what_is_left_open_is_told() -> None:
    found = explain("Về DDCI năm 2021, huyện Châu Thành đứng thứ 3.", published_on="2022-05-10")
    assert [issue.code for issue in found.issues] == ["entity.ambiguous"]
    assert f"unsettled: {found.issues[0].message} [entity.ambiguous]" in found.as_text()
    assert "entity.ambiguous" in found.as_html()


def test_a_rule_that_nearly_fired_says_why_not() -> None:
    explanation = explain("Long An không xếp hạng 5 về PCI năm 2019.", province="Long An", published_on="2020-07-14")
    assert Nearly("hạng 5", "rank.place", "the sentence says it as negated", "readings") in explanation.nearly
    assert "rule that nearly did: rank.place" in explanation.as_text()


def test_what_is_told_as_text_needs_no_spacy() -> None:
    code = "import sys; from pipeline.explain import explain; explain('Long An xếp thứ 5.').as_text(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "extractors.extract" in done.stdout.split() and "spacy" not in done.stdout.split()
