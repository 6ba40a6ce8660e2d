"""One thing changed in a text changes just the field that it should: what works for one name works for all."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.extract import extract
from extractors.facts.rankings import Ranking
from extractors.facts.scores import Score
from extractors.lookups import agencies, fields, provinces
from pipeline.documents import article
from pipeline.records import Fact

PUBLISHED = "2021-05-12"
DAY = date(2021, 5, 12)
PROVINCES = sorted({record.name for record in provinces() if record.valid(DAY)})
MINISTRIES = sorted({body.name for body, _, _ in agencies() if body.name.startswith("Bộ ")})


def facts(text: str, *, home: str | None = None, published: str = PUBLISHED, title: str = "Tin trong ngày") -> list[Fact]:
    document: dict[str, Any] = {
        "doc_id": "m", "title": title, "published_on": published, "source_province": home, "text": text,
    }  # fmt: skip
    return list(extract(article(document)).facts)


def told(found: Iterable[Fact], *without: str) -> list[dict[str, object]]:
    """The facts in the contract's form, less some fields."""
    left = {"evidence", "rank_total", "compared_to", *without}
    rows = [{k: v for k, v in {"table": f.TABLE, **f.contract()}.items() if k not in left} for f in found]
    return sorted(rows, key=str)


RANKED = (
    "Bộ Nội vụ vừa công bố Chỉ số cải cách hành chính năm 2020. Theo đó, {} đạt 86,15%, xếp thứ 14/63 tỉnh, "
    "thành phố, tăng 3 bậc so với năm 2019."
)


def test_the_sentence_that_is_varied_says_what_it_says() -> None:
    assert told(facts(RANKED.format("Long An"))) == [
        {
            "table": "rankings", "entity_type": "province", "entity": "Long An", "province": "Long An", "period": "2020",
            "modality": "actual", "index": "PAR_INDEX", "rank": 14, "rank_at_most": None, "rank_change": 3, "component": None,
        },
        {
            "table": "scores", "entity_type": "province", "entity": "Long An", "province": "Long An", "period": "2020",
            "modality": "actual", "index": "PAR_INDEX", "score": 86.15, "unit": "percent", "score_change": None,
            "rating": None, "component": None,
        },
    ]  # fmt: skip


@pytest.mark.parametrize("name", PROVINCES)
def test_every_province_is_ranked_as_one_is(name: str) -> None:
    found = facts(RANKED.format(name))
    assert told(found, "entity", "province") == told(facts(RANKED.format("Long An")), "entity", "province")
    assert {(fact.entity, fact.province) for fact in found} == {(name, name)}


@pytest.mark.parametrize("name", PROVINCES)
def test_a_province_is_the_same_with_its_kind_before_it_and_in_a_list(name: str) -> None:
    other = "Đồng Tháp" if name != "Đồng Tháp" else "Long An"
    found = facts(f"Về PCI năm 2020, tỉnh {other} giữ hạng 2; {name} tăng 4 bậc, xếp hạng 9; riêng {name} đạt 65,5 điểm.")
    ranks = {(f.entity, getattr(f, "rank", None)) for f in found if f.TABLE == "rankings"}
    assert ranks == {(other, 2), (name, 9)}


@pytest.mark.parametrize("name", MINISTRIES)
def test_every_ministry_is_ranked_as_one_is(name: str) -> None:
    sentence = "Về PAR INDEX năm 2020 khối bộ, ngành, {} xếp thứ 4 với 88,2 điểm."
    found = facts(sentence.format(name))
    assert told(found, "entity") == told(facts(sentence.format("Bộ Tài chính")), "entity")
    assert {fact.entity for fact in found} == {name}


DEPARTMENTS = sorted(
    {body.name.replace("Bộ ", "Sở ") for f in fields() if (body := f.ministry) and body.name.startswith("Bộ ")}
    - {"Sở Quốc phòng", "Sở Công an"}
)


@pytest.mark.parametrize("field", DEPARTMENTS)
def test_every_department_is_ranked_as_one_is(field: str) -> None:
    found = facts(
        f"Theo kết quả xếp hạng Chỉ số CCHC năm 2020 của tỉnh, {field} đạt 91,4 điểm, xếp thứ 5.", home="Long An"
    )
    assert {(f.TABLE, f.entity_type, f.entity, f.province) for f in found} == {
        ("rankings", "department", field, "Long An"),
        ("scores", "department", field, "Long An"),
    }


@settings(max_examples=60, deadline=None)  # how long it takes is the machine's affair
@given(st.integers(1, 63), st.integers(2015, 2020), st.integers(1, 9999).map(lambda n: n / 100))
def test_only_the_figures_change_with_the_figures(rank: int, year: int, score: float) -> None:
    text = f"PAPI năm {year}: tỉnh Cà Mau đạt {score:.2f} điểm, xếp hạng {rank}/63.".replace(".", ",", 1)
    found = {fact.TABLE: fact for fact in facts(text.replace(f"{score:.2f}", f"{score:.2f}".replace(".", ",")))}
    ranking, scored = found["rankings"], found["scores"]
    assert isinstance(ranking, Ranking) and ranking.rank == rank
    assert isinstance(scored, Score) and scored.score == pytest.approx(score)
    assert {fact.period for fact in found.values()} == {str(year)}


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_the_unicode_form_changes_nothing(form: Literal["NFC", "NFD", "NFKC"]) -> None:
    text = RANKED.format("Thừa Thiên Huế")
    assert told(facts(unicodedata.normalize(form, text))) == told(facts(text))


@pytest.mark.parametrize(
    ("one", "other"), [("Hòa Bình", "Hoà Bình"), ("Khánh Hòa", "Khánh Hoà"), ("Thanh Hóa", "Thanh Hoá")]
)
def test_the_place_of_the_tone_changes_nothing(one: str, other: str) -> None:
    assert told(facts(RANKED.format(other))) == told(facts(RANKED.format(one)))


@pytest.mark.parametrize("aim", ["phấn đấu", "đặt mục tiêu", "dự kiến"])
def test_an_aim_changes_the_modality_alone(aim: str) -> None:
    done = facts("Năm 2020, Sở Y tế Long An tinh giản 12 biên chế viên chức.")
    aimed = facts(f"Năm 2020, Sở Y tế Long An {aim} tinh giản 12 biên chế viên chức.")
    assert told(done, "modality") == told(aimed, "modality") != []
    assert {f.modality for f in done} == {"actual"} and {f.modality for f in aimed} == {"target"}


def test_a_denied_place_is_no_fact() -> None:
    assert facts("Về PCI năm 2020, tỉnh Long An không xếp thứ 5 như một số trang mạng đưa tin.") == []


@pytest.mark.parametrize("giver", ["UBND tỉnh", "Chủ tịch UBND tỉnh", "Bộ Nội vụ", "Thủ tướng Chính phủ", "Chủ tịch nước"])
def test_the_giver_changes_the_giver_alone(giver: str) -> None:
    text = "{} tặng Bằng khen cho 03 tập thể và 05 cá nhân có thành tích xuất sắc trong công tác CCHC năm 2020."
    known = told(facts(text.format("Bộ Nội vụ"), home="Cà Mau"), "awarded_by")
    assert told(facts(text.format(giver), home="Cà Mau"), "awarded_by") == known
    assert len(known) == 2


@pytest.mark.parametrize("name", PROVINCES)
def test_awards_to_departments_of_every_province(name: str) -> None:
    found = facts(f"Dịp này, Sở Nội vụ {name} nhận Cờ thi đua của Bộ Nội vụ năm 2020.")
    assert {(f.TABLE, f.entity, f.province) for f in found} == {("awards", "Sở Nội vụ", name)}
