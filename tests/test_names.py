"""People whose surnames no list has."""

from __future__ import annotations

import pytest

from extractors.extract import extract
from pipeline.documents import article


def recipients(text: str) -> list[tuple[str, str]]:
    document = {"doc_id": "n", "title": "Tin trong ngày", "published_on": "2022-05-10", "source_province": "Lào Cai"}
    facts = extract(article({**document, "text": text})).facts
    return [(fact.entity_type, fact.entity) for fact in facts if fact.TABLE == "awards"]


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("Giàng A Páo, bản Nậm Chà", ["Giàng A Páo"]),
        ("Y Moan Niê, buôn Ko Tam", ["Y Moan Niê"]),
        ("Pờ Lóong Tơ, già làng thôn 3", ["Pờ Lóong Tơ"]),
        ("Kpă Thuỷ (dân tộc Gia Rai)", ["Kpă Thuỷ"]),
        ("Giàng A Páo, bản Nậm Chà và Thào Seo Sín, trưởng thôn Lùng Phình", ["Giàng A Páo", "Thào Seo Sín"]),
    ],
)
def test_what_follows_tells_that_a_name_is_a_persons(told: str, names: list[str]) -> None:
    assert recipients(f"UBND tỉnh tặng Bằng khen cho {told}.") == [("person", name) for name in names]


@pytest.mark.parametrize("told", ["Tân Hiệp Phát, Công ty Minh Long", "Sao Vàng Đất Việt, một thương hiệu lâu năm"])
def test_other_capitals_are_no_people(told: str) -> None:
    assert ("person", told.split(",", maxsplit=1)[0]) not in recipients(f"UBND tỉnh tặng Bằng khen cho {told}.")
