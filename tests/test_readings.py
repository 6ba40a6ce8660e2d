"""Wordings of places, scores and levels, and what they state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.extract import extract
from extractors.facts.rankings import Ranking
from extractors.facts.ratings import Rating
from extractors.facts.scores import Score
from pipeline.documents import article
from pipeline.records import Fact

WORDINGS = yaml.safe_load(Path(__file__).with_name("readings_wordings.yml").read_text("utf-8"))


def line(fact: Fact) -> str:
    """A fact in the short form of the wordings."""
    assert isinstance(fact, Ranking | Score | Rating)
    component = getattr(fact, "component", None)
    index = f"{fact.index} {component}" if component else fact.index
    if isinstance(fact, Ranking):
        said = [fact.rank and f"#{fact.rank}", fact.rank_at_most and f"≤{fact.rank_at_most}"]
        said += [f"{fact.rank_change:+d}" if fact.rank_change is not None else None]
    elif isinstance(fact, Score):
        change = f"({fact.score_change:+g})" if fact.score_change is not None else None
        said = [f"{fact.score:g} {fact.unit}" if fact.score is not None else None, change, fact.rating]
    else:
        said = [f"{fact.count}/{fact.total}", fact.rating]
    parts = [fact.entity, index, fact.period or "-", " ".join(part for part in said if part)]
    return " | ".join(parts + (["target"] if fact.modality == "target" else []))


@pytest.mark.parametrize("case", WORDINGS, ids=[case["text"][:60] for case in WORDINGS])
def test_wordings(case: dict[str, Any]) -> None:
    told = extract(
        article(
            {
                "doc_id": "w", "title": case.get("title", "Tin trong ngày"), "published_on": "2022-05-10",
                "source_province": case.get("home", "Long An"), "text": case["text"],
            }
        )
    ).facts  # fmt: skip
    assert sorted(line(fact) for fact in told) == sorted(case["facts"])


def test_counts_of_provinces_lie_in_no_province() -> None:
    """Provinces counted by a provincial source are not that province's."""
    texts = ("PAPI năm 2021, 15 địa phương thuộc nhóm cao nhất.", "SIPAS năm 2021, 13/63 địa phương đạt mức khá.")
    for text in texts:
        doc = {"doc_id": "w", "title": "Tin", "published_on": "2022-05-10", "source_province": "Long An", "text": text}
        assert [fact.province for fact in extract(article(doc)).facts if isinstance(fact, Rating)] == [None]
