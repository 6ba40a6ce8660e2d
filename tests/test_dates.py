"""Every date form of the sites is read day first; what cannot be a date is none."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.dates import YEARS, published, published_on

DAYS = st.dates(min_value=date(YEARS.start, 1, 1), max_value=date(2099, 12, 31))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Thứ sáu - 17/07/2020 18:00", "2020-07-17T18:00"),
        ("Chủ nhật - 05/04/2015  08:30", "2015-04-05T08:30"),
        ("17/07/2020 06:00:00 PM", "2020-07-17T18:00"),
        ("17/07/2020 12:05:00 AM", "2020-07-17T00:05"),
        ("12/10/2020 13:45:00", "2020-10-12T13:45"),
        ("Thứ Hai, 29/06/2020 | 16:03", "2020-06-29T16:03"),
        ("14/07/2020 - 18:20", "2020-07-14T18:20"),
        ("Thanh Lê 05/06/2020 17:27", "2020-06-05T17:27"),
        ("(05/09/2017)", "2017-09-05"),
        ("Đăng ngày 28 - 08 - 2015", "2015-08-28"),
        ("Thứ ba: 14:10 ngày 13/08/2024", "2024-08-13T14:10"),
        ("09:19 04/01/2017", "2017-01-04T09:19"),
        ("21:56, 02/06/2019", "2019-06-02T21:56"),
        ("15-01-2024 13:04", "2024-01-15T13:04"),
        ("17:22 17/08/2025", "2025-08-17T17:22"),
        ("tin cuối năm| 08/12/2015 07:02", "2015-12-08T07:02"),
        ("T2, 5.9.2017", "2017-09-05"),
        ("Cập nhật lúc 15h30, 03/02/2021", "2021-02-03T15:30"),
        ("Sóc Trăng, ngày 5 tháng 9 năm 2017", "2017-09-05"),
        ("2020-07-17", "2020-07-17"),
        ("2020-07-17T18:00:00+07:00", "2020-07-17T18:00"),
        ("2020-07-17T18:30:00.000Z", "2020-07-18T01:30"),
        ("2020-07-17T18:30:00+0700", "2020-07-17T18:30"),
        ("2020-07-17+0718:00:00", "2020-07-17T18:00"),
        ("2020-07-17ICT18:00:00", "2020-07-17T18:00"),
    ],
)
def test_forms_of_the_sites(text: str, moment: str) -> None:
    assert published(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "75", "31/02/2020", "12/30/2020", "00/01/2020", "17/07/20", "17/07/20201", "1/2/1899",
     "0299.3820062", "172.16.254.2020", "Quyết định 492/QĐ-UBND", "2020-13-01", "81,20"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert published(text) is None


@given(DAYS, st.sampled_from("/.-"), st.booleans(), st.sampled_from(["", "Thứ Tư, ", "CN - ", "T7 | "]))
def test_any_day_is_read_day_first(day: date, separator: str, spaced: bool, weekday: str) -> None:
    separator = f" {separator} " if spaced else separator
    text = f"{weekday}{day.day:02}{separator}{day.month:02}{separator}{day.year}"
    assert published_on(text) == day.isoformat()


@given(st.datetimes(min_value=datetime(1995, 1, 1), max_value=datetime(2099, 12, 30)), st.data())
def test_the_time_is_read_before_and_after_the_day(moment: datetime, data: st.DataObject) -> None:
    day, clock = f"{moment:%d/%m/%Y}", f"{moment:%H:%M}"
    text = data.draw(
        st.sampled_from([f"{day} {clock}", f"{day} | {clock}", f"{clock} {day}", f"{clock}, {day}", f"{day} - {clock}"])
    )
    assert published(text) == f"{moment:%Y-%m-%dT%H:%M}"


@given(st.text(max_size=60))
def test_any_text_gives_a_real_date_or_none(text: str) -> None:
    found = published(text)
    assert found is None or datetime.fromisoformat(found).year in YEARS
