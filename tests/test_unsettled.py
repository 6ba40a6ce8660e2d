"""What an article leaves open is told as an issue, and nothing is guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.extract import extract
from extractors.lookups import places_named
from pipeline.documents import article
from pipeline.records import Extraction

CASES = yaml.safe_load(Path(__file__).with_name("unsettled.yml").read_text("utf-8"))


def read(case: dict[str, Any]) -> Extraction:
    return extract(
        article(
            {
                "doc_id": "w", "title": case.get("title", "Tin trong ngày"), "published_on": case.get("day", "2022-05-10"),
                "source_province": case.get("home"), "text": case["text"],
            }
        )
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{case['text'][:60]} ({case.get('home', '')})" for case in CASES])
def test_what_is_open_is_an_issue(case: dict[str, Any]) -> None:
    found = read(case)
    told = [f"{f.TABLE} | {f.entity} | {f.province or '-'} | {f.period or '-'}" for f in found.facts]
    assert sorted(told) == sorted(case.get("facts", []))
    wanted = [issue.split(" | ") for issue in case.get("issues", [])]
    assert [issue.code for issue in found.issues] == [code for code, _, _ in wanted]
    for issue, (_, words, named) in zip(found.issues, wanted, strict=True):
        assert words.casefold() in issue.message.casefold()
        assert named in issue.message
        assert (issue.level, issue.where) == ("warning", "w")


def test_each_is_told_once_and_the_same_twice() -> None:
    text = "Về DDCI năm 2021, huyện Châu Thành đứng thứ 3. Huyện Châu Thành đạt 68,1 điểm DDCI năm 2021."
    once, again = read({"text": text}), read({"text": text})
    assert len(once.facts) == 2
    assert [issue.code for issue in once.issues] == ["entity.ambiguous"]
    assert once == again


def test_the_provinces_of_a_name_are_those_of_its_kind() -> None:
    from datetime import date

    day = date(2020, 5, 1)
    assert places_named("Huyện Bình Tân", day) == ("Vĩnh Long",)
    assert places_named("Quận Bình Tân", day) == ("Hồ Chí Minh",)
    assert {"Long An", "Tây Ninh", "Đồng Tháp"} <= set(places_named("Huyện Châu Thành", day))
    assert places_named("Huyện Không Có", day) == ()
