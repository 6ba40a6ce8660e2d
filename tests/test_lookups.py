"""The gazetteers: names, codes and successors on a date."""

from __future__ import annotations

import re
from datetime import date

import pytest

from extractors import lookups
from extractors.fold import fold

BEFORE, AFTER = date(2020, 5, 1), date(2025, 7, 1)


def valid(when: date) -> list[lookups.Province]:
    return [record for record in lookups.provinces() if record.valid(when)]


@pytest.mark.parametrize(
    ("when", "count"),
    [(date(2009, 1, 1), 63), (BEFORE, 63), (date(2025, 6, 30), 63), (AFTER, 34), (date(2008, 7, 31), 64)],
)
def test_as_many_provinces_as_the_country_had_each_with_its_own_code_and_name(when: date, count: int) -> None:
    records = valid(when)
    assert len(records) == len({r.code for r in records}) == len({r.name for r in records}) == count


def test_every_province_that_ended_leads_to_one_in_force() -> None:
    new = {record.name for record in valid(AFTER)}
    for record in valid(date(2025, 6, 30)):
        assert lookups.province_in_force(record.name, AFTER) in new, record.name


@pytest.mark.parametrize(
    ("name", "when", "expected"),
    [
        ("Bình Định", BEFORE, ("Bình Định", "Bình Định", "52")),
        ("Bình Định", AFTER, ("Bình Định", "Gia Lai", "52")),
        ("An Giang", BEFORE, ("An Giang", "An Giang", "89")),
        ("An Giang", AFTER, ("An Giang", "An Giang", "91")),
        ("Lào Cai", date(2025, 6, 30), ("Lào Cai", "Lào Cai", "10")),
        ("Lào Cai", None, ("Lào Cai", "Lào Cai", "15")),
        ("TT-Huế", date(2024, 12, 31), ("Thừa Thiên Huế", "Thừa Thiên Huế", "46")),
        ("Thừa Thiên Huế", date(2025, 1, 1), ("Huế", "Huế", "46")),
        ("BR-VT", BEFORE, ("Bà Rịa - Vũng Tàu", "Bà Rịa - Vũng Tàu", "77")),
        ("Bà Rịa–Vũng Tàu", AFTER, ("Bà Rịa - Vũng Tàu", "Hồ Chí Minh", "77")),
        ("TPHCM", AFTER, ("Hồ Chí Minh", "Hồ Chí Minh", "79")),
        ("Đắc Lắc", BEFORE, ("Đắk Lắk", "Đắk Lắk", "66")),
        ("Hoà Bình", AFTER, ("Hòa Bình", "Phú Thọ", "17")),
        ("Hà Tây", AFTER, ("Hà Tây", "Hà Nội", "28")),
        ("tỉnh Kon Tum", BEFORE, ("Kon Tum", "Kon Tum", "62")),
    ],
)
def test_name_province_in_force_and_code_on_a_date(
    name: str, when: date | None, expected: tuple[str, str, str]
) -> None:
    record = lookups.province(name, when)
    assert record is not None
    found = record.name, lookups.province_in_force(name, when), lookups.province_code(name, when)
    assert found == expected


def test_a_name_that_is_not_known_gives_none_and_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert lookups.province("Atlantis", BEFORE) is None
    lookups.province("Atlantis", AFTER)
    assert [record.getMessage() for record in caplog.records if "Atlantis" in record.getMessage()] == [
        "lookup provinces: 'Atlantis' is not known; add it to extractors/lookups if it should be"
    ]


def test_a_spelling_of_two_provinces_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {**lookups.province_aliases(), "hà": lookups.ProvinceAlias(("Hà Nam", "Hà Giang"), True)}
    monkeypatch.setattr(lookups, "province_aliases", lambda: both)
    with pytest.raises(lookups.AmbiguousNameError, match="Hà Nam"):
        lookups.province("Hà", date(2020, 5, 2))


def test_no_spelling_stands_for_two_provinces_on_one_day() -> None:
    for spelling in lookups.province_aliases():
        for when in (date(2007, 1, 1), BEFORE, date(2025, 3, 1), AFTER):
            assert lookups.province(spelling, when) is not None, spelling


def test_spellings_are_folded_so_that_they_can_match() -> None:
    for spelling in lookups.province_aliases():
        assert spelling == fold(spelling)
    for spelling in lookups.regions():
        assert spelling == fold(spelling)
    for _, spellings, short in lookups.agencies():
        assert all(s == fold(s) for s in (*spellings, *short))


def test_city_run_by_the_centre() -> None:
    assert lookups.is_city("Đà Nẵng", BEFORE)
    assert lookups.is_city("Huế", AFTER)
    assert not lookups.is_city("Thừa Thiên Huế", BEFORE)
    assert not lookups.is_city("Quảng Ninh", AFTER)
    assert not lookups.is_city(None, AFTER)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Bộ LĐ-TB&XH", "Bộ Lao động, Thương binh và Xã hội"),
        ("Bộ Lao động - Thương binh và Xã hội", "Bộ Lao động, Thương binh và Xã hội"),
        ("bộ GTVT", "Bộ Giao thông vận tải"),
        ("Bộ VH,TT&DL", "Bộ Văn hóa, Thể thao và Du lịch"),
        ("Bộ Văn hoá, Thể thao & Du lịch", "Bộ Văn hóa, Thể thao và Du lịch"),
        ("Bộ NN và PTNT", "Bộ Nông nghiệp và Phát triển nông thôn"),
        ("Bộ Nông nghiệp và Môi trường", "Bộ Nông nghiệp và Môi trường"),
        ("NHNN", "Ngân hàng Nhà nước Việt Nam"),
        ("Tư pháp", "Bộ Tư pháp"),
    ],
)
def test_ministries_by_their_spellings(written: str, name: str) -> None:
    body = lookups.ministry(written)
    assert body is not None
    assert body.name == name


def test_ministries_know_their_days() -> None:
    planning = lookups.ministry("Bộ KH&ĐT")
    assert planning is not None
    assert planning.valid_to == date(2025, 2, 28)
    assert planning.successor == "Bộ Tài chính"
    assert lookups.ministry("Bộ Phép thuật") is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Sở GD&ĐT", "Sở Giáo dục và Đào tạo"),
        ("Sở Giao thông - Vận tải", "Sở Giao thông vận tải"),
        ("Thông tin & Truyền thông", "Sở Thông tin và Truyền thông"),
        ("Lao động TB và XH", "Sở Lao động, Thương binh và Xã hội"),
        ("Sở Quy hoạch và Kiến trúc", "Sở Quy hoạch - Kiến trúc"),
        ("VHTT", "Sở Văn hóa và Thể thao"),
    ],
)
def test_departments_by_their_spellings(written: str, name: str) -> None:
    assert lookups.department(written) == name


def test_every_body_is_found_by_its_own_name_and_names_are_not_shared() -> None:
    for field in lookups.fields():
        if field.ministry:
            assert (found := lookups.ministry(field.ministry.name)) is not None
            assert found.name == field.ministry.name
        if field.department:
            assert lookups.department(field.department.name) == field.department.name
    for body, spellings, short in lookups.agencies():
        for spelling in (*spellings, *short):
            assert (found := lookups.ministry(spelling)) is not None
            assert found.name == body.name


def test_successors_of_ministries_exist() -> None:
    names = {field.ministry.name for field in lookups.fields() if field.ministry}
    for field in lookups.fields():
        if field.ministry and field.ministry.successor:
            assert field.ministry.successor in names
    for body, _, _ in lookups.agencies():
        assert body.successor is None or body.successor in names


def test_districts_and_communes_are_complete_and_lie_in_provinces() -> None:
    old = [unit for units in lookups.districts().values() for unit in units if unit.valid_to == date(2025, 6, 30)]
    assert len(old) == 696
    new = [u for units in lookups.communes().values() for u in units if u.valid_from == date(2025, 7, 1)]
    assert len({unit.province for unit in new}) == 34
    assert len(new) > 3200
    for unit in (*old, *new):
        assert lookups.unit_province(unit, date(2026, 1, 1)) in {record.name for record in valid(date(2026, 1, 1))}


@pytest.mark.parametrize(
    ("name", "kind", "level", "when", "home", "province"),
    [
        ("Sa Pa", "Huyện", "district", BEFORE, None, "Lào Cai"),
        ("Bình Tân", "Quận", "district", BEFORE, None, "Hồ Chí Minh"),
        ("Bình Tân", "Huyện", "district", BEFORE, None, "Vĩnh Long"),
        ("Châu Thành", "Huyện", "district", BEFORE, None, None),
        ("Châu Thành", "Huyện", "district", BEFORE, "Tây Ninh", "Tây Ninh"),
        ("Phan Thiết", "Phường", "commune", date(2025, 9, 1), None, "Lâm Đồng"),
        ("Kim Bảng", "Huyện", "district", date(2026, 1, 1), None, "Ninh Bình"),
        ("Nowhere", "Huyện", "district", BEFORE, None, None),
    ],
)
def test_the_province_of_a_place(
    name: str, kind: str, level: str, when: date, home: str | None, province: str | None
) -> None:
    assert lookups.place_province(name, kind, level, when, home) == province


@pytest.mark.parametrize(
    ("home", "name", "when", "full"),
    [
        ("Lào Cai", "Sa Pa", date(2019, 12, 31), "Huyện Sa Pa"),
        ("Lào Cai", "Sa Pa", date(2020, 1, 1), "Thị xã Sa Pa"),
        ("Thái Nguyên", "Phổ Yên", date(2014, 1, 1), "Huyện Phổ Yên"),
        ("Thái Nguyên", "Phổ Yên", date(2020, 1, 1), "Thị xã Phổ Yên"),
        ("Thái Nguyên", "Phổ Yên", date(2023, 1, 1), "Thành phố Phổ Yên"),
        ("Hồ Chí Minh", "Thủ Đức", date(2021, 1, 1), "Thành phố Thủ Đức"),
        ("Quảng Ninh", "Hoành Bồ", date(2018, 1, 1), "Huyện Hoành Bồ"),
    ],
)
def test_a_district_has_the_status_of_the_day(home: str, name: str, when: date, full: str) -> None:
    assert lookups.home_units(home, "district", when)[lookups.place_key(name)].full_name == full


def test_states_of_a_district_follow_one_another_without_overlap() -> None:
    for units in lookups.districts().values():
        by_place: dict[tuple[str, str], list[lookups.Unit]] = {}
        for unit in units:
            by_place.setdefault((unit.province, unit.full_name), []).append(unit)
        assert all(len(same) == 1 for same in by_place.values()), units


def test_spellings_of_highland_names_meet() -> None:
    assert lookups.place_key("Đăk R’lấp") == lookups.place_key("Đắk R'Lấp")
    assert lookups.place_key("Phan Rang-Tháp Chàm") == lookups.place_key("Phan Rang - Tháp Chàm")


def test_data_files_say_where_they_come_from() -> None:
    for file in sorted(lookups.FOLDER.glob("*.tsv")):
        assert re.match(r"# .*\n# Derived from", file.read_text("utf-8")), file.name
