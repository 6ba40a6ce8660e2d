"""Numbers, periods and dates, as a reader of Vietnamese would take them."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.fold import fold
from extractors.values import (
    count_word,
    decimal_number,
    find_periods,
    months,
    ordinal,
    period_year,
    shift,
    whole_number,
)

PUBLISHED = date(2021, 3, 1)


@given(st.integers(0, 10**9))
def test_a_count_is_read_however_its_thousands_are_grouped(number: int) -> None:
    for mark in (".", " ", ""):
        assert whole_number(f"{number:,}".replace(",", mark)) == number
    assert whole_number(f"0{number}" if number < 10 else str(number)) == number


@given(st.integers(0, 999), st.integers(1, 4).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, 10**n - 1))))
def test_a_decimal_comma_and_a_decimal_point_say_the_same(whole: int, fraction: tuple[int, int]) -> None:
    digits, part = fraction
    text = f"{whole},{part:0{digits}}"
    assert decimal_number(text) == pytest.approx(float(text.replace(",", ".")))
    if digits != 3:  # "1.234" may be a thousand and more
        assert decimal_number(text.replace(",", ".")) == decimal_number(text)


@pytest.mark.parametrize(
    ("text", "value"), [("nhất", 1), ("nhì", 2), ("thứ ba", 3), ("hạng tư", 4), ("số 1", 1), ("mười hai", 12), ("cao", None)]
)
def test_ordinals(text: str, value: int | None) -> None:
    assert ordinal(text) == value


@pytest.mark.parametrize(("text", "value"), [("hai mươi mốt", 21), ("mười", 10), ("bảy", 7), ("rất", None)])
def test_count_words(text: str, value: int | None) -> None:
    assert count_word(text) == value


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("từ năm 2015 đến ngày 6-8-2018", ["2015/2018-08"]),
        ("trong ba năm 2016-2018", ["2016/2018"]),
        ("6 tháng đầu năm 2020", ["2020-H1"]),
        ("7 tháng đầu năm nay", ["2021-01/2021-07"]),
        ("Quý III/2020, quý IV năm 2019", ["2020-Q3", "2019-Q4"]),
        ("tháng 02/2025", ["2025-02"]),
        ("từ 01/01/2025 đến 30/6/2025", ["2025-H1"]),
        ("hạng 4 (năm 2014), hạng 6 (2015)", ["2014", "2015"]),
        ("Nghị định số 108/2014/NĐ-CP", []),
        ("giảm 1.317/23.551 biên chế", []),
        ("năm ngoái", ["2020"]),
    ],
)
def test_periods(text: str, periods: list[str]) -> None:
    assert [span.period for span in find_periods(fold(text), PUBLISHED)] == periods


@given(st.integers(1990, 2040), st.integers(1, 12), st.integers(0, 11))
def test_a_stretch_of_months_keeps_its_year_and_shifts(year: int, first: int, more: int) -> None:
    last = min(12, first + more)
    period = months(year, first, last)
    assert period_year(period) == year
    assert shift(shift(period, 3), -3) == period


@given(st.text(alphabet="năm quý tháng 0123456789/-.,đếntừ ", max_size=60))
def test_periods_stand_in_order_and_never_overlap(text: str) -> None:
    folded = fold(text)
    spans = find_periods(folded, PUBLISHED)
    assert all(0 <= span.start < span.end <= len(folded) for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))


@given(st.text(max_size=80))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(("one", "other"), [("Hoà", "Hòa"), ("UỶ BAN", "Ủy ban"), ("thuý", "thúy")])
def test_tone_marks_are_levelled(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    assert re.fullmatch(r"\w+(?: \w+)?", fold(one))
