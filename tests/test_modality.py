"""What a sentence says about a figure: done, aimed at, denied, supposed, or another country's."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.modality import cues, is_ahead, modality_at
from extractors.sentence import Sentence, document
from pipeline.records import Article, Block


def sentences(text: str) -> tuple[Sentence, ...]:
    block = Block("paragraph", text)
    article = Article("d", "s", "Long An", "", text, "2020-07-14", "document", None, (block,))
    return document(article).sentences


def reading(text: str, figure: str) -> str:
    for sentence in sentences(text):
        if (place := sentence.text.find(figure)) >= 0:
            return modality_at(sentence, place, place + len(figure))
    raise AssertionError(f"{figure!r} is not in the text")


@pytest.mark.parametrize(
    ("text", "figure", "expected"),
    [
        ("Năm nay toàn tỉnh giảm 44 biên chế.", "44", "actual"),
        ("Năm nay toàn tỉnh dự kiến giảm 44 biên chế.", "44", "target"),
        ("Dự kiến giảm 58 người, đến nay đã giảm 31 người.", "31", "actual"),
        ("Dự kiến giảm 58 người, đến nay đã giảm 31 người.", "58", "target"),
        ("Kết quả giảm 12% là vượt mục tiêu được giao.", "12%", "actual"),
        ("Mục tiêu đã đề ra là giảm 10% biên chế.", "10%", "target"),
        ("Mục tiêu 2021: vào nhóm 15; SIPAS đạt 84%; giảm 40 biên chế.", "40", "target"),
        ("Giảm 400 biên chế là mục tiêu của tỉnh.", "400", "target"),
        ("Tỉnh giảm 320 biên chế (kế hoạch là 400), xếp thứ 7.", "7", "actual"),
        ("Tỉnh giảm 320 biên chế (kế hoạch là 400).", "400", "target"),
        ("Sang năm tỉnh sẽ sắp xếp lại; năm ngoái giảm 21 người.", "21", "actual"),
        ("Tỉnh phấn đấu vào nhóm 10, so với hạng 34 hiện nay.", "34", "actual"),
        ("Số đúng là 117 người, không phải 171 người.", "117", "actual"),
        ("Số đúng là 117 người, không phải 171 người.", "171", "negated"),
        ("Không chỉ giảm 20 người, huyện còn bỏ 2 phòng.", "20", "actual"),
        ('Bài viết ghi "tỉnh xếp thứ 27", đúng là thứ 37.', "27", "negated"),
        ('Bài viết ghi "tỉnh xếp thứ 27", đúng là thứ 37.', "37", "actual"),
        ("Con số 500 người nghỉ việc là không đúng.", "500", "negated"),
        ("Giả sử tỉnh đứng thứ 5 thì dân được gì?", "5", "hypothetical"),
        ("Nếu năm 2015 tỉnh đứng thứ 7 thì năm 2019 đứng thứ 12.", "12", "actual"),
        ("Tại Seoul, Chính phủ Hàn Quốc cắt giảm 5% biên chế.", "5%", "foreign"),
        ("Năm ngoái, 3.020 công chức nước này xin thôi việc.", "3.020", "foreign"),
        ("Một hãng chip Mỹ cho 15.000 người nghỉ.", "15.000", "foreign"),
        ("Một công ty ở Mỹ Tho cho 15 người nghỉ.", "15", "actual"),
        ("Sau chuyến đi Nhật Bản, Long An giảm 12 người.", "12", "actual"),
        ("Hàn Quốc giảm 5%, còn Long An giảm 7% biên chế.", "7%", "actual"),
    ],
)
def test_reading(text: str, figure: str, expected: str) -> None:
    assert reading(text, figure) == expected


def test_a_cue_in_brackets_stays_in_them() -> None:
    text = "Tỉnh tinh giản 12 người (dự kiến 20), trong đó 7 người nghỉ hưu."
    assert reading(text, "20") == "target"
    assert reading(text, "7 người") == "actual"


@pytest.mark.parametrize(
    ("period", "expected"),
    [("2021", True), ("2019/2021", True), ("2020-H2", False), ("2015/2020", False), (None, False)],
)
def test_ahead_of_publication(period: str | None, expected: bool) -> None:
    assert is_ahead(period, date(2020, 7, 14)) is expected


def test_without_a_day_of_publication_nothing_is_ahead() -> None:
    assert not is_ahead("2099", None)


@given(st.lists(st.sampled_from(["nếu", "mục tiêu", "(", ")", ";", "đã", "không phải", "12", "người", ","])))
def test_reach_lies_in_the_sentence_and_holds_the_cue(words: list[str]) -> None:
    for sentence in sentences(" ".join(["Tỉnh", *words])):
        for cue in cues(sentence):
            assert 0 <= cue.reach_start <= cue.reach_end <= len(sentence.text)
            assert cue.reach_start <= cue.start < cue.end or cue.reach_end >= cue.end
