"""The scoring of facts against gold, held equal to the reference scorer where that is at hand."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline import documents
from pipeline.evaluate import GoldError, compare

Document = dict[str, Any]

RANKING = {
    "entity_type": "province",
    "entity": "Long An",
    "province": "Long An",
    "index": "PAR_INDEX",
    "component": None,
    "period": "2019",
    "modality": "actual",
    "rank": 5,
    "rank_at_most": None,
    "rank_change": 2,
    "evidence": "Long An lên 2 bậc, hạng 5",
}


def document(doc_id: str, *rankings: Document) -> Document:
    return {"doc_id": doc_id, "facts": {"rankings": list(rankings), "scores": []}}


def changed(**fields: object) -> Document:
    return {**RANKING, **fields}


def test_a_right_fact_counts_once_even_if_it_is_said_twice() -> None:
    comparison = compare([document("a", RANKING)], [document("a", RANKING, RANKING)])
    tally = comparison.tables["rankings"]
    assert (tally.gold, tally.said, tally.strict) == (1, 2, 1)
    assert (tally.precision, tally.recall) == (0.5, 1.0)


def test_a_wrong_period_is_wrong_strictly_and_right_in_the_core() -> None:
    comparison = compare([document("a", RANKING)], [document("a", changed(period="2020"))])
    assert (comparison.total.strict, comparison.total.core) == (0, 1)
    assert [(d.kind, d.key["period"]) for d in comparison.differences] == [
        ("missed", "2019"),
        ("wrong", "2020"),
    ]


@pytest.mark.parametrize(
    ("field", "value"), [("entity", "LONG  AN."), ("rank", 5.00001), ("component", ""), ("period", "2019 ")]
)
def test_spelling_and_rounding_are_levelled(field: str, value: object) -> None:
    assert compare([document("a", RANKING)], [document("a", changed(**{field: value}))]).total.strict == 1


def test_evidence_elsewhere_in_the_text_is_not_counted() -> None:
    comparison = compare([document("a", RANKING)], [document("a", changed(evidence="Câu khác hẳn"))])
    assert (comparison.total.strict, comparison.total.evidence) == (1, 0)


def test_a_document_without_facts_is_clean_only_if_it_stays_empty() -> None:
    gold = [document("a"), document("b")]
    comparison = compare(gold, [document("a", RANKING)])
    assert (comparison.clean, comparison.factless) == (1, 2)


def test_a_gold_document_without_facts_or_named_twice_is_refused() -> None:
    with pytest.raises(GoldError, match="no `facts`"):
        compare([{"doc_id": "a"}], [])
    with pytest.raises(GoldError, match="two documents 'a'"):
        compare([document("a"), document("a")], [])


def perturbed(gold: list[Document], dice: random.Random) -> list[Document]:
    """Predictions with what goes wrong in life: facts lost, doubled, changed in a field, cut elsewhere."""
    predicted = copy.deepcopy(gold)
    for doc in predicted:
        for table, facts in doc["facts"].items():
            doc["facts"][table] = [copy_ for fact in facts for copy_ in spoilt(fact, dice)]
            dice.shuffle(doc["facts"][table])
    return [doc for doc in predicted if dice.random() > 0.05]


def spoilt(fact: Document, dice: random.Random) -> list[Document]:
    fate = dice.random()
    if fate < 0.15:
        return []
    if fate < 0.3:
        return [fact, {**fact, "evidence": fact["evidence"].upper()}]
    if fate < 0.5:
        field = dice.choice([name for name in fact if name != "evidence"])
        return [{**fact, field: dice.choice([None, "", 7, 7.25, "Khác", fact[field]])}]
    if fate < 0.6:
        words = fact["evidence"].split()
        return [{**fact, "evidence": " ".join(words[: dice.randrange(len(words) + 1)])}]
    if fate < 0.65:
        return [{name: value for name, value in fact.items() if name != "evidence"}]
    return [fact]


def reference(gold: Path, predicted: Path, scorer: Path) -> str:
    command = [sys.executable, str(scorer), str(gold), str(predicted), "--errors"]
    return subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout


def test_every_number_equals_the_reference_scorer(gold_folder: Path, tmp_path: Path) -> None:
    dice = random.Random(20)
    for path in sorted(gold_folder.glob("*.jsonl")):
        gold = list(documents.read(path))
        for predicted in (gold, [], perturbed(gold, dice), perturbed(gold, dice), perturbed(gold, dice)):
            predictions = tmp_path / "predicted.jsonl"
            predictions.write_text("".join(json.dumps(doc) + "\n" for doc in predicted), encoding="utf-8")
            comparison = compare(gold, predicted)
            ours = [*map(str, comparison.differences), str(comparison)]
            assert "\n".join(ours) + "\n" == reference(path, predictions, gold_folder / "score.py")
