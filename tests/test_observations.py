"""Articles held against each other: observations, copies, plausibility."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import syndication
from pipeline.collection import Reading
from pipeline.observations import same_number
from tests.datasets import article, built, fact, reading

FILLER = " ".join(f"chữ{number}" for number in range(120))


def said(doc_id: str, *facts: dict[str, Any], text: str = "", **place: Any) -> Reading:
    """An article that states the facts, each of them of Long An's PAR INDEX of 2019 unless it says otherwise."""
    one = article(doc_id, f"Đã nêu. {text or doc_id}", **{"source": doc_id.split("-", maxsplit=1)[0]} | place)
    usual = {"table": "rankings", "entity": "Long An", "index": "PAR_INDEX", "period": "2019"}
    made = []
    for given_fact in facts:
        values = usual | given_fact
        if values["table"] in {"awards", "staff_reductions"}:
            del values["index"]
        made.append(fact(one, values.pop("table"), "Đã nêu", **values))
    return reading(one, made)


def observed(*readings: Reading) -> dict[str, Any]:
    [row] = built(readings)["observations"].to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_what_one_article_says_is_single_and_what_two_say_is_agreed() -> None:
    assert observed(said("bao-1", {"rank": 5}))["status"] == "single"
    row = observed(
        said("bao-1", {"rank": 5}, published_on="2020-07-02"),
        said("tin-1", {"rank": 5, "rank_total": 63}, {"table": "scores", "score": 81.2, "unit": "points"}),
    )
    assert (row["status"], row["rank"], row["rank_total"], row["score"]) == ("agreed", 5, 63, 81.2)
    assert (row["facts"], row["articles"], row["sources"]) == (3, 2, 2)


def test_points_and_percent_are_two_values_of_one_observation() -> None:
    row = observed(
        said("bao-1", {"table": "scores", "score": 68.3, "unit": "points"}, {"table": "scores", "score": 81.33, "unit": "percent"}),
        said("tin-1", {"table": "scores", "score": 68.32, "unit": "points"}),
    )
    assert (row["score"], row["unit"], row["percent"], row["status"]) == (68.32, "points", 81.33, "agreed")


def test_the_value_of_more_sources_is_best_and_the_first_is_the_earliest() -> None:
    early = said("bao-1", {"rank": 7}, published_on="2020-01-01")
    rest = [said(f"tin{number}-1", {"rank": 5, "rank_total": 63}) for number in (1, 2)]
    row = observed(early, *rest)
    assert (row["rank"], row["status"]) == (5, "conflict")
    assert row["first_fact_id"] == early.extraction.facts[0].fact_id
    assert row["best_fact_id"] == rest[0].extraction.facts[0].fact_id


@pytest.mark.parametrize(
    ("one", "other", "field"),
    [
        ({"rank": 5}, {"rank": 6}, "rank"),
        ({"rank": 5}, {"rank": 6, "rank_total": 63}, "rank"),
        ({"rank": 5, "rank_total": 63}, {"rank": 5, "rank_total": 62}, "rank_total"),
        ({"rank": 12}, {"rank_at_most": 10}, "rank_at_most"),
        ({"rank_change": 3}, {"rank_change": -3}, "rank_change"),
        ({"table": "scores", "score": 81.2, "unit": "points"}, {"table": "scores", "score": 82.1, "unit": "points"}, "score"),
        ({"table": "scores", "rating": "tốt"}, {"table": "scores", "rating": "khá"}, "rating"),
    ],
)
def test_values_that_disagree_are_a_conflict_with_both_evidences(
    one: dict[str, Any], other: dict[str, Any], field: str
) -> None:
    [row] = built([said("bao-1", one), said("tin-1", other)])["conflicts"].to_dict("records")
    assert row["field"] == field
    assert {row["source_1"], row["source_2"]} == {"bao", "tin"}
    assert row["value_1"] != row["value_2"]
    assert row["evidence_1"] and row["evidence_2"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"rank": 12, "rank_total": 63}, {"rank": 1, "rank_total": 13}),
        ({"rank": 12}, {"rank": 1, "rank_total": 13}),
        ({"rank": 8}, {"rank_at_most": 10}),
        ({"rank": 5}, {"rank": 6, "period": "2018"}),
        ({"rank": 5}, {"rank": 6, "modality": "target"}),
        ({"rank": 5}, {"rank": 6, "component": "cải cách thể chế"}),
        ({"rank": 5, "period": None}, {"rank": 6, "period": None}),
        ({"rank": 5, "index": "OTHER"}, {"rank": 6, "index": "OTHER"}),
        ({"rank_change": 3, "compared_to": "2018"}, {"rank_change": 7, "compared_to": "2017"}),
        ({"table": "scores", "score": 81.2, "unit": "points"}, {"table": "scores", "score": 81.195, "unit": "points"}),
        ({"table": "scores", "score": 68.3, "unit": "points"}, {"table": "scores", "score": 81.3, "unit": "percent"}),
        ({"table": "scores", "rating": "tốt"}, {"table": "scores", "rating": "nhóm A"}),
    ],
)
def test_what_may_both_be_true_is_no_conflict(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert not len(built([said("bao-1", one), said("tin-1", other)])["conflicts"])


@given(st.integers(0, 10**6), st.integers(0, 3))
def test_a_number_and_its_rounding_are_the_same(thousandths: int, decimals: int) -> None:
    value = thousandths / 1000
    assert same_number(value, round(value, decimals))
    assert same_number(round(value, decimals), value)
    assert not same_number(value, value + 1.5)


# --- copies ---------------------------------------------------------------------------------------------------------


def test_a_copy_is_no_second_source() -> None:
    first = said("bao-1", {"rank": 5}, text=FILLER, published_on="2020-07-01")
    copy = said("tin-1", {"rank": 5}, text=f"{FILLER} Theo Báo", published_on="2020-07-03")
    made = built([copy, first])
    articles = made["articles"].set_index("doc_id")
    assert articles["syndication_id"].to_dict() == {"bao-1": "bao-1", "tin-1": "bao-1"}
    assert articles["copy"].to_dict() == {"bao-1": False, "tin-1": True}
    assert articles["first_source"].to_dict() == {"bao-1": "bao", "tin-1": "bao"}
    [row] = made["observations"].to_dict("records")
    assert (row["articles"], row["sources"], row["status"]) == (2, 1, "single")
    assert row["best_fact_id"] == first.extraction.facts[0].fact_id


def test_texts_on_one_template_with_other_figures_are_no_copies() -> None:
    words = FILLER.split()
    for at in range(0, len(words), 8):
        words[at] = f"{at}9"
    articles = [
        syndication.Printed("a", "a", "2020-01-01", "2020", syndication.signature(FILLER)),
        syndication.Printed("b", "b", "2020-01-02", "2020", syndication.signature(" ".join(words))),
        syndication.Printed("c", "c", "2020-01-03", "2020", syndication.signature("quá ngắn")),
    ]
    firsts = syndication.first_published(articles)
    assert {doc_id: first.doc_id for doc_id, first in firsts.items()} == {"a": "a", "b": "b", "c": "c"}


# --- plausibility ---------------------------------------------------------------------------------------------------

CUT = {"table": "staff_reductions", "unit": "people", "action": "streamlining"}
ORDER = {"table": "awards", "entity_type": "person", "entity": "Nguyễn Văn A", "province": "Long An", "award": "Huân chương Lao động"}


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("rank.move", [{"rank": 5, "rank_change": 3}, {"rank": 9, "period": "2018"}]),
        ("rank.beyond_total", [{"rank": 63}, {"rank": 5, "rank_total": 60}]),
        ("rank.beyond_total", [{"rank": 64}]),
        ("score.beyond_scale", [{"table": "scores", "index": "DTI", "score": 58.7, "unit": "points"}]),
        ("score.move", [
            {"table": "scores", "score": 81.2, "unit": "points", "score_change": 1.5},
            {"table": "scores", "score": 78.0, "unit": "points", "period": "2018"},
        ]),
        ("staff.parts", [CUT | {"count": 10.0}, CUT | {"count": 7.0, "personnel": "công chức"}, CUT | {"count": 6.0, "personnel": "viên chức"}]),
        ("award.differs", [ORDER | {"award_class": "Nhì"}, ORDER | {"award_class": "Ba"}]),
        ("award.same", [ORDER | {"period": None}, ORDER | {"period": None, "award_class": "Ba"}]),
        ("award.same", [ORDER | {"award_class": "Nhì"}, ORDER | {"award_class": "Nhì", "awarded_by": "Chủ tịch nước"}]),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_told_by_its_rule(rule: str, facts: list[dict[str, Any]]) -> None:
    in_one = rule.startswith("staff")
    readings = [said("bao-1", *facts)] if in_one else [said(f"bao{at}-1", one) for at, one in enumerate(facts)]
    rows = built(readings)["quality"].to_dict("records")
    assert {row["rule"] for row in rows} == {rule}
    known = {one.fact_id for r in readings for one in r.extraction.facts}
    assert {row["fact_id"] for row in rows} <= known


@pytest.mark.parametrize(
    "facts",
    [
        [{"rank": 5, "rank_change": 3}, {"rank": 8, "period": "2018"}],
        [{"rank": 5, "rank_change": 3, "compared_to": "2017"}, {"rank": 8, "period": "2017"}],
        [{"rank": 5, "rank_change": 3}, {"rank": 1, "rank_total": 13, "period": "2018"}],
        [{"rank": 34, "period": "2025", "rank_total": 34}],
        [{"table": "scores", "score": 81.2, "unit": "points", "score_change": 1.5}, {"table": "scores", "score": 79.7, "unit": "points", "period": "2018"}],
        [{"table": "scores", "entity_type": "district", "entity": "Huyện Bến Lức", "province": "Long An", "index": "DTI", "score": 58.7, "unit": "points"}],
        [ORDER, ORDER | {"period": "2015", "award_class": "Ba"}],
    ],
)  # fmt: skip
def test_what_fits_together_is_not_told(facts: list[dict[str, Any]]) -> None:
    assert not len(built([said(f"bao{at}-1", one) for at, one in enumerate(facts)])["quality"])


def test_an_award_without_a_year_is_the_same_only_within_a_month() -> None:
    facts = ORDER | {"period": None}
    later = said("tin-1", facts, published_on="2020-09-01")
    assert not len(built([said("bao-1", facts, published_on="2020-07-01"), later])["quality"])
