"""Mentions in sentences: every name by every spelling, what looks like one, and the share of the gold that is found."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import lookups
from extractors.fold import fold
from extractors.mentions import Mention, find_mentions

OLD, NEW = date(2020, 5, 1), date(2025, 9, 1)
GOLD = Path(__file__).parents[2] / "shared" / "gold"


def find(text: str, when: date | None = OLD, home: str | None = None) -> list[Mention]:
    mentions = find_mentions(text, fold(text), when, home)
    last = 0
    for mention in mentions:
        assert last <= mention.start < mention.end <= len(text), mention
        last = mention.end
    return mentions


def read(text: str, when: date | None = OLD, home: str | None = None) -> list[tuple[str, str, str, str | None]]:
    """Words, type, name and province of the named mentions."""
    return [
        (text[m.start : m.end], m.type, m.name, m.province) for m in find(text, when, home) if m.kind == "name"
    ]  # fmt: skip


def names(text: str, when: date | None = OLD, home: str | None = None) -> list[str]:
    return [mention.name for mention in find(text, when, home) if mention.kind == "name"]


def kinds(text: str, home: str | None = None, when: date | None = OLD) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.kind) for m in find(text, when, home)]


# --- provinces -----------------------------------------------------------------------------------------------------

PROVINCES = [(record.name, day) for day in (OLD, NEW) for record in lookups.provinces() if record.valid(day)]


@pytest.mark.parametrize(("name", "when"), PROVINCES)
@pytest.mark.parametrize(
    "frame", ["{} xếp hạng 5.", "Chỉ số của {} tăng.", "Sau {}, hạng hai.", "{} | 85,2 | 3", "({})"]
)
def test_every_province_is_found_bare(name: str, when: date, frame: str) -> None:
    assert read(frame.format(name), when) == [(name, "province", name, name)]


@pytest.mark.parametrize(("name", "when"), PROVINCES)
def test_every_province_is_found_in_capitals_and_with_its_kind(name: str, when: date) -> None:
    city = lookups.is_city(name, when)
    for prefix in ("thành phố ", "TP ", "TP.", "TP. ") if city else ("tỉnh ", "Tỉnh "):
        assert names(f"UBND {prefix}{name} họp.", when) == [name]
    assert names(f"{name.upper()} DẪN ĐẦU CẢ NƯỚC", when) == [name]
    assert names(f"Năm qua, {name.upper()} dẫn đầu.", when) == [name]


@pytest.mark.parametrize("spelling", sorted(lookups.province_aliases()))
def test_every_spelling_of_a_province_is_found(spelling: str) -> None:
    expected = lookups.province(spelling, OLD)
    assert expected is not None
    written = re.sub(r"(?<!\w)\w", lambda found: found[0].upper(), spelling)
    found = [m for m in find(f"Bám sát là {written}, hạng 3.") if m.type == "province"]
    assert [m.name for m in found] == [expected.name]
    assert found[0].certain is lookups.province_aliases()[spelling].certain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hoà Bình lên hạng 40.", ["Hòa Bình"]),
        ("Thừa Thiên – Huế và TT-Huế", ["Thừa Thiên Huế", "Thừa Thiên Huế"]),
        ("BR-VT, Bà Rịa–Vũng Tàu, Bà Rịa-Vũng Tàu", ["Bà Rịa - Vũng Tàu"] * 3),
        ("TP.HCM, TPHCM, TP. Hồ Chí Minh", ["Hồ Chí Minh"] * 3),
        ("Thủ đô Hà Nội", ["Hà Nội"]),
        ("Cao Bằng Hà Giang", ["Cao Bằng", "Hà Giang"]),
    ],
)
def test_spellings_of_provinces_in_a_sentence(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Vì hòa bình thế giới.",
        "Hội nghị châu Á - Thái Bình Dương",
        "theo gương Chủ tịch Hồ Chí Minh",
        "Đoàn TNCS Hồ Chí Minh",
        "dòng sông Đồng Nai",
        "ở số 12 đường Điện Biên Phủ",
        "khách sạn Hà Nội",
    ],
)
def test_what_only_looks_like_a_province(text: str) -> None:
    assert [m for m in find(text) if m.type == "province"] == []


def test_a_province_inside_a_person_is_the_person() -> None:
    assert read("Ông Nguyễn Thái Bình và bà Lê Hòa Bình dự.") == [
        ("Nguyễn Thái Bình", "person", "Nguyễn Thái Bình", None),
        ("Lê Hòa Bình", "person", "Lê Hòa Bình", None),
    ]


def test_names_follow_the_day() -> None:
    assert read("tỉnh Bình Định cũ", NEW) == [("tỉnh Bình Định", "province", "Bình Định", "Gia Lai")]
    assert read("TP Huế", date(2024, 12, 31)) == [("TP Huế", "district", "Thành phố Huế", "Thừa Thiên Huế")]
    assert read("TP Huế", date(2025, 1, 1)) == [("TP Huế", "province", "Huế", "Huế")]
    assert read("Thừa Thiên Huế", date(2025, 1, 1)) == [("Thừa Thiên Huế", "province", "Huế", "Huế")]
    assert read("huyện Kim Bảng", NEW) == [("huyện Kim Bảng", "district", "Huyện Kim Bảng", "Ninh Bình")]


@pytest.mark.parametrize("town", ["Cà Mau", "Bắc Ninh", "Bạc Liêu", "Thái Nguyên", "Nam Định", "Lào Cai"])
def test_a_town_named_as_its_province(town: str) -> None:
    assert read(f"TP. {town} đứng đầu.") == [(f"TP. {town}", "district", f"Thành phố {town}", town)]
    assert read(f"tỉnh {town} đứng đầu.") == [(f"tỉnh {town}", "province", town, town)]


# --- ministries ----------------------------------------------------------------------------------------------------

MINISTRIES = [field for field in lookups.fields() if field.ministry]


@pytest.mark.parametrize("field", MINISTRIES, ids=lambda field: field.ministry.name)
def test_every_ministry_by_name_capitals_and_abbreviation(field: lookups.Field) -> None:
    assert field.ministry is not None
    name = field.ministry.name
    forms = [name, name.upper(), name.replace(" và ", " & "), name.replace(",", " -")]
    if field.abbreviation:
        forms.append(f"Bộ {field.abbreviation.upper()}")
    for form in forms:
        assert names(f"{form} XẾP THỨ HAI" if form.isupper() else f"{form} xếp thứ hai.") == [name], form


@pytest.mark.parametrize(
    ("body", "spellings", "short"), lookups.agencies(), ids=lambda value: getattr(value, "name", "")
)
def test_every_agency_by_every_spelling(body: lookups.Body, spellings: tuple[str, ...], short: tuple[str, ...]) -> None:
    for spelling in spellings:
        written = spelling[0].upper() + spelling[1:]
        assert body.name in names(f"Dẫn đầu là {written}.")
    for spelling in short:
        assert names(f"Dẫn đầu là {spelling.upper()}.") == [body.name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("các bộ: Tư pháp, Tài chính, Nội vụ", ["Bộ Tư pháp", "Bộ Tài chính", "Bộ Nội vụ"]),
        ("Các bộ Tư pháp, Tài chính và Y tế dẫn đầu", ["Bộ Tư pháp", "Bộ Tài chính", "Bộ Y tế"]),
        ("Bộ Nội vụ, Công an tỉnh", ["Bộ Nội vụ", "Công an tỉnh"]),
        ("Bộ trưởng Bộ KH&CN tặng", ["Bộ Khoa học và Công nghệ"]),
        ("Quyết định số 12/QĐ-BNV và Công văn 3/BNV-CCHC", []),
        ("cán bộ y tế, cán bộ tư pháp, nội bộ, Bộ chỉ số, bộ phận một cửa", []),
        ("Thông tấn xã Việt Nam", ["Thông tấn xã Việt Nam"]),
    ],
)
def test_ministries_in_lists_and_what_is_none(text: str, expected: list[str]) -> None:
    assert names(text) == expected


# --- departments ---------------------------------------------------------------------------------------------------

DEPARTMENTS = [field for field in lookups.fields() if field.department]


@pytest.mark.parametrize("field", DEPARTMENTS, ids=lambda field: field.department.name)
def test_every_department_alone_and_with_its_province(field: lookups.Field) -> None:
    assert field.department is not None
    name = field.department.name
    assert read(f"{name} dẫn đầu.") == [(name, "department", name, None)]
    assert names(f"{name.upper()} DẪN ĐẦU") == [name]
    for place, province in (("tỉnh Hà Nam", "Hà Nam"), ("Tây Ninh", "Tây Ninh"), ("TP.HCM", "Hồ Chí Minh")):
        assert read(f"{name} {place} dẫn đầu.") == [(f"{name} {place}", "department", name, province)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Sở Nội vụ Cần Thơ, Bến Tre, Long An nhận cờ",
            [("Sở Nội vụ Cần Thơ", "Sở Nội vụ", "Cần Thơ"), ("Bến Tre", "Sở Nội vụ", "Bến Tre"),
             ("Long An", "Sở Nội vụ", "Long An")],
        ),
        (
            "Sở Nội vụ các tỉnh Ninh Bình, Vĩnh Phúc",
            [("Sở Nội vụ các tỉnh Ninh Bình", "Sở Nội vụ", "Ninh Bình"), ("Vĩnh Phúc", "Sở Nội vụ", "Vĩnh Phúc")],
        ),
        (
            "các Sở Giao thông vận tải, Giáo dục và Đào tạo, Tư pháp",
            [("Sở Giao thông vận tải", "Sở Giao thông vận tải", None),
             ("Giáo dục và Đào tạo", "Sở Giáo dục và Đào tạo", None), ("Tư pháp", "Sở Tư pháp", None)],
        ),
        (
            "các sở: Nội vụ, Tài chính tỉnh Hà Nam",
            [("sở: Nội vụ", "Sở Nội vụ", "Hà Nam"), ("Tài chính tỉnh Hà Nam", "Sở Tài chính", "Hà Nam")],
        ),
        ("Sở Lao động, Thương binh và Xã hội",
         [("Sở Lao động, Thương binh và Xã hội", "Sở Lao động, Thương binh và Xã hội", None)]),
        ("Sở Nội vụ - tỉnh Ninh Bình", [("Sở Nội vụ - tỉnh Ninh Bình", "Sở Nội vụ", "Ninh Bình")]),
        ("Theo Sở Nội vụ Hà Nam, Ninh Bình đứng thứ 5",
         [("Sở Nội vụ Hà Nam", "Sở Nội vụ", "Hà Nam"), ("Ninh Bình", "Ninh Bình", "Ninh Bình")]),
        ("Ban Quản lý các Khu công nghiệp",
         [("Ban Quản lý các Khu công nghiệp", "Ban Quản lý các khu công nghiệp", None)]),
        ("Ban Quản lý Khu kinh tế Vân Đồn tỉnh Quảng Ninh",
         [("Ban Quản lý Khu kinh tế Vân Đồn tỉnh Quảng Ninh", "Ban Quản lý Khu kinh tế Vân Đồn", "Quảng Ninh")]),
        ("Công an Nghệ An", [("Công an Nghệ An", "Công an tỉnh", "Nghệ An")]),
        ("Công an TP Hà Nội", [("Công an TP Hà Nội", "Công an thành phố", "Hà Nội")]),
        ("Văn phòng UBND tỉnh", [("Văn phòng UBND tỉnh", "Văn phòng UBND tỉnh", None)]),
        ("Văn phòng Uỷ ban nhân dân tỉnh", [("Văn phòng Uỷ ban nhân dân tỉnh", "Văn phòng UBND tỉnh", None)]),
        ("Thanh tra tỉnh", [("Thanh tra tỉnh", "Thanh tra tỉnh", None)]),
        ("Cục Hải quan Quảng Ninh", [("Cục Hải quan Quảng Ninh", "Cục Hải quan", "Quảng Ninh")]),
        ("Bộ Chỉ huy BĐBP tỉnh", [("Bộ Chỉ huy BĐBP tỉnh", "Bộ Chỉ huy Bộ đội Biên phòng tỉnh", None)]),
    ],
)  # fmt: skip
def test_departments_in_lists_and_with_places(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert [(words, name, province) for words, _, name, province in read(text)] == expected


@pytest.mark.parametrize("text", ["trụ sở mới", "cơ sở y tế", "sở hữu trí tuệ", "Sở Giao dịch Chứng khoán", "công sở"])
def test_what_is_no_department(text: str) -> None:
    assert [m for m in find(text) if m.type == "department"] == []


def test_departments_of_many_provinces_are_a_set() -> None:
    assert kinds("Các Sở Nội vụ trong cụm tổng kết") == [("Các Sở Nội vụ", "set")]


# --- districts and communes ----------------------------------------------------------------------------------------


def unit_names() -> Iterator[tuple[str, str, str]]:
    for units in lookups.districts().values():
        for unit in units:
            province = lookups.unit_province(unit, OLD)
            assert province is not None
            yield unit.kind, unit.name, province


def test_every_district_is_found_with_its_kind_in_its_province() -> None:
    for kind, name, province in unit_names():
        text = f"Đứng đầu là UBND {kind.lower()} {name}, hạng nhất."
        assert read(text, OLD, province) == [(f"{kind.lower()} {name}", "district", f"{kind} {name}", province)]


def test_every_district_is_found_in_capitals() -> None:
    for kind, name, province in unit_names():
        found = read(f"{kind} {name} dẫn đầu chỉ số".upper(), OLD, province)
        assert [(what, where) for _, what, _, where in found] == [("district", province)], name
        assert lookups.place_key(found[0][2]) == lookups.place_key(f"{kind} {name}")


@pytest.mark.parametrize(
    ("text", "home", "expected"),
    [
        ("TX. Sông Cầu, TX Đông Hòa, H.Tuy An", "Phú Yên",
         ["Thị xã Sông Cầu", "Thị xã Đông Hòa", "Huyện Tuy An"]),
        ("các huyện Kim Bảng, Duy Tiên và thị xã Tân Lập", "Hà Nam",
         ["Huyện Kim Bảng", "Huyện Duy Tiên", "Thị xã Tân Lập"]),
        ("TP. Vinh, huyện Đô Lương", "Nghệ An", ["Thành phố Vinh", "Huyện Đô Lương"]),
        ("Quận 1, Quận 12 và Q.3", "Hồ Chí Minh", ["Quận 1", "Quận 12", "Quận 3"]),
        ("phường Xuân Hương - Đà Lạt dẫn đầu", "Lâm Đồng", ["Phường Xuân Hương - Đà Lạt"]),
        ("xã Minh Hoà tăng hạng", "Quảng Bình", ["Xã Minh Hòa"]),
        ("huyện đảo Lý Sơn", None, ["Huyện Lý Sơn"]),
        ("Chủ tịch UBND huyện Nguyễn Văn An", "Hà Nam", ["Nguyễn Văn An"]),
        ("xã hội hóa, hợp tác xã, thị xã, huyện ủy", "Hà Nam", []),
        ("huyện Kim Bảng PAR INDEX", "Hà Nam", ["Huyện Kim Bảng"]),
        ("huyện Krông Ana", None, ["Huyện Krông Ana"]),
        ("xã Chưa Có Tên", "Hà Nam", ["Xã Chưa Có Tên"]),
    ],
)  # fmt: skip
def test_districts_and_communes_in_sentences(text: str, home: str | None, expected: list[str]) -> None:
    assert names(text, OLD, home) == expected


@pytest.mark.parametrize(
    ("text", "home", "province"),
    [
        ("huyện Châu Thành", None, None),
        ("huyện Châu Thành", "Bến Tre", "Bến Tre"),
        ("huyện Châu Thành (Long An)", "Bến Tre", "Long An"),
        ("huyện Châu Thành, tỉnh Tây Ninh", None, "Tây Ninh"),
        ("xã Tân Bình, huyện Thanh Bình, tỉnh Đồng Tháp", None, "Đồng Tháp"),
        ("xã Tân Bình (huyện Thanh Bình)", None, "Đồng Tháp"),
        ("huyện Bình Tân", None, "Vĩnh Long"),
        ("quận Bình Tân", None, "Hồ Chí Minh"),
    ],
)
def test_the_province_of_a_district_is_stated_home_or_the_only_one(
    text: str, home: str | None, province: str | None
) -> None:
    assert find(text, OLD, home)[0].province == province


def test_bare_districts_are_those_of_the_home_province_only() -> None:
    assert read("1 | Kim Bảng | 85,2", OLD, "Hà Nam") == [("Kim Bảng", "district", "Huyện Kim Bảng", "Hà Nam")]
    assert read("1 | Sa Pa | 85,2", date(2018, 1, 1), "Lào Cai")[0][2] == "Huyện Sa Pa"
    assert read("1 | Kim Bảng | 85,2", OLD, "Lào Cai") == []
    assert read("1 | Kim Bảng | 85,2", OLD, None) == []
    assert find("Vinh dẫn đầu", OLD, "Nghệ An")[0].certain is False


def test_a_town_in_its_own_provinces_paper_is_the_town_elsewhere_doubtful() -> None:
    assert read("Vũng Tàu tăng hạng", OLD, "Bà Rịa - Vũng Tàu")[0][1:3] == ("district", "Thành phố Vũng Tàu")
    assert [(m.name, m.certain) for m in find("Vũng Tàu tăng hạng")] == [("Bà Rịa - Vũng Tàu", False)]


def test_a_provincial_sources_communes_are_its_own_unless_stated() -> None:
    assert find("xã Mỹ Thái", NEW, "An Giang")[0].province == "An Giang"
    assert find("xã Mỹ Thái (Bắc Ninh)", NEW, "An Giang")[0].province == "Bắc Ninh"
    assert find("xã Mỹ Thái", NEW)[0].province == "Bắc Ninh"


def test_brackets_tell_where_a_body_is() -> None:
    assert find("Bệnh viện Nhi Đồng (Đồng Nai) có")[0].province == "Đồng Nai"
    assert find("Trường THCS Lê Lợi (huyện Kim Bảng, Hà Nam)")[0].province == "Hà Nam"
    assert find("Bệnh viện Nhi Đồng (cơ sở 2)")[0].province is None
    assert find("Viện Kinh tế xây dựng (Hà Nội)")[0].province is None  # the ministry's, wherever it sits


# --- organisations and persons -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bệnh viện Đa khoa tỉnh", ["Bệnh viện Đa khoa tỉnh"]),
        ("Trường THPT Nguyễn Văn Trỗi", ["Trường THPT Nguyễn Văn Trỗi"]),
        ("Trường THCS Võ Trường Toản đạt", ["Trường THCS Võ Trường Toản"]),
        ("Phòng PC03, PA06 và PA07", ["Phòng PC03", "Phòng PA06", "Phòng PA07"]),
        ("Vụ Tổ chức cán bộ và Cục Đăng kiểm Việt Nam", ["Vụ Tổ chức cán bộ", "Cục Đăng kiểm Việt Nam"]),
        ("Vụ Tài chính - Kế toán và Bảo hiểm xã hội tỉnh Hà Nam",
         ["Vụ Tài chính - Kế toán", "Bảo hiểm xã hội tỉnh Hà Nam"]),
        ("BHXH tỉnh Hà Nam", ["Bảo hiểm xã hội tỉnh Hà Nam"]),
        ("Ban Tổ chức Tỉnh ủy, Hội Nông dân tỉnh", ["Ban Tổ chức Tỉnh ủy", "Hội Nông dân tỉnh"]),
        ("Trung tâm Kiểm soát bệnh tật tỉnh", ["Trung tâm Kiểm soát bệnh tật tỉnh"]),
        ("Văn phòng Bộ Nội vụ", ["Văn phòng Bộ Nội vụ"]),
        ("Thanh tra Sở và Văn phòng Sở", ["Thanh tra Sở", "Văn phòng Sở"]),
        ("Tổng cục Thuế", ["Tổng cục Thuế"]),
        ("Cục Phòng vệ thương mại về nhì", ["Cục Phòng vệ thương mại"]),
        ("Báo Nghệ An", ["Báo Nghệ An"]),
        ("Công an TP. Vinh", ["Công an TP. Vinh"]),
        ("Hội nghị, Báo cáo, Trường hợp, Phòng chống dịch, Vụ việc", []),
    ],
)  # fmt: skip
def test_organisations_as_worded(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_an_organisation_knows_the_province_in_its_name() -> None:
    assert read("Báo Nghệ An")[0][3] == "Nghệ An"
    assert read("Huyện ủy Nam Đàn")[0][3] == "Nghệ An"
    assert read("Công ty CP Dược Hồng Lam")[0][3] is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bà Nguyễn Thị Lan Chi, chuyên viên", ["Nguyễn Thị Lan Chi"]),
        ("ông Y Biêr Niê", ["Y Biêr Niê"]),
        ("Đại tá Lê Quốc Bình, Phó Giám đốc", ["Lê Quốc Bình"]),
        ("Giám đốc Sở Nội vụ Lê Đình Lý nói", ["Sở Nội vụ", "Lê Đình Lý"]),
        ("Chủ tịch UBND tỉnh Cao Tiến Dũng", ["Cao Tiến Dũng"]),
        ("Phó Chủ tịch UBND TP Hà Nội Trần Sỹ Thanh", ["Hà Nội", "Trần Sỹ Thanh"]),
        ("đồng chí Đoàn Hữu Khang Giám đốc Sở", ["Đoàn Hữu Khang"]),
        ("ở số 04 Châu Văn Tiếp, đường Nguyễn Văn Linh", []),
        ("Bà Rịa Vũng Tàu", ["Bà Rịa - Vũng Tàu"]),
    ],
)
def test_persons(text: str, expected: list[str]) -> None:
    assert names(text) == expected


# --- sets and pointing words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trung bình của 17 bộ, cơ quan ngang bộ", ["17 bộ, cơ quan ngang bộ"]),
        ("trong 63 tỉnh, thành phố", ["63 tỉnh, thành phố"]),
        ("5/63 tỉnh, thành phố", ["tỉnh, thành phố"]),
        ("Khối sở, ban, ngành có", ["Khối sở, ban, ngành"]),
        ("4/15 UBND cấp huyện mức tốt", ["UBND cấp huyện"]),
        ("UBND các huyện, thị xã, thành phố", ["UBND các huyện, thị xã, thành phố"]),
        ("khối Đảng, đoàn thể và cả nước", ["khối Đảng, đoàn thể", "cả nước"]),
        ("12 xã,thị trấn", ["12 xã, thị trấn"]),
        ("UBND cấp tỉnh ban hành", ["UBND cấp tỉnh"]),
        ("UBND tỉnh, các sở, ngành", ["các sở, ngành"]),
        ("ngành giáo dục và đào tạo", ["ngành giáo dục và đào tạo"]),
        ("năng lực cạnh tranh cấp tỉnh", []),
        ("giai đoạn 2021-2025 tỉnh giảm", []),
        ("y tế, xã hội", []),
    ],
)
def test_sets(text: str, expected: list[str]) -> None:
    assert [mention.name for mention in find(text) if mention.kind == "set"] == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Năm 2020, tỉnh xếp hạng 5", ["tỉnh"]),
        ("năm 2021 tỉnh đứng thứ 28", ["tỉnh"]),
        ("Tỉnh nhà lên hạng; tỉnh ta, toàn tỉnh", ["Tỉnh nhà", "tỉnh ta", "toàn tỉnh"]),
        ("chỉ số PCI của tỉnh", ["tỉnh"]),
        ("trên địa bàn tỉnh", ["tỉnh"]),
        ("UBND tỉnh, HĐND tỉnh, cấp tỉnh, các tỉnh, 5 tỉnh, Tỉnh ủy, ngoại tỉnh, một tỉnh", []),
        ("Ủy ban nhân dân tỉnh, Hội đồng nhân dân tỉnh", []),
        ("tỉnh Long An", []),
        ("Hà Nam là tỉnh đi đầu", []),
        ("Hà Nam - tỉnh đứng đầu", []),
        ("Công an tỉnh, Thanh tra tỉnh, Bệnh viện Đa khoa tỉnh", []),
    ],
)
def test_words_for_the_sources_own_province(text: str, words: list[str]) -> None:
    found = [m for m in find(text, OLD, "Hà Nam") if m.kind == "self"]
    assert [text[m.start : m.end] for m in found] == words
    assert all(m.province == m.name == "Hà Nam" for m in found)


def test_own_province_is_not_certain_where_it_only_tells_whose() -> None:
    assert [m.certain for m in find("Tỉnh tăng hạng", OLD, "Hà Nam")] == [True]
    assert [m.certain for m in find("Lãnh đạo tỉnh nói", OLD, "Hà Nam")] == [False]


def test_own_province_after_the_merger_and_without_a_home() -> None:
    assert [m.province for m in find("Toàn tỉnh giảm 5 biên chế.", NEW, "Long An")] == ["Tây Ninh"]
    assert [(m.kind, m.province) for m in find("Toàn tỉnh giảm 5 biên chế.", OLD, None)] == [("self", None)]


def test_the_city_is_the_own_province_only_of_a_city_run_by_the_centre() -> None:
    assert kinds("Năm nay thành phố tăng hạng", "Hải Phòng") == [("thành phố", "self")]
    assert kinds("Năm nay thành phố tăng hạng", "Nghệ An") == [("thành phố", "anaphor")]
    assert kinds("Năm nay thành phố tăng hạng") == [("thành phố", "anaphor")]
    assert kinds("Năm nay thành phố tăng hạng", "Thừa Thiên Huế", date(2025, 1, 1)) == [("thành phố", "self")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Cơ quan này nhận cờ; đơn vị này, địa phương này", ["Cơ quan này", "đơn vị này", "địa phương này"]),
        ("Năm 2022, Sở đặt mục tiêu; Bộ yêu cầu", ["Sở", "Bộ"]),
        ("Năm 2016, thị xã phấn đấu, huyện giảm, xã tăng", ["thị xã", "huyện", "xã"]),
        ("hai cán bộ này, xã hội, cơ sở, bộ phận, cấp huyện", []),
    ],
)
def test_words_that_need_the_context(text: str, words: list[str]) -> None:
    assert [text[m.start : m.end] for m in find(text, OLD, "Hà Nam") if m.kind == "anaphor"] == words


def test_regions() -> None:
    assert names("ĐBSCL và Đồng bằng sông Cửu Long, miền Đông Nam bộ") == [
        "Đồng bằng sông Cửu Long", "Đồng bằng sông Cửu Long", "Đông Nam Bộ",
    ]  # fmt: skip
    assert names("gió đông bắc thổi ở tây nguyên") == []


# --- properties ----------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["Sở", "Nội vụ", "Tài chính", "tỉnh", "Hà Nam", "huyện", "Kim Bảng", ",", "và", "các", "TP.", "Vinh", "Hòa", "Bình", "Bộ",
     "Y tế", "UBND", "xã", "Quang Trung", "(", ")", "17", "bộ", "cơ quan", "ngang bộ", "Công an", "ông", "Lê Văn An", "-",
     "phường", "5", "Huế", "Ban Quản lý", "Khu kinh tế", "khối", "ngành", "thành phố", "Phòng", "PC03", "PA06", ":", "cấp", "Báo"]
)  # fmt: skip


@given(
    st.lists(WORDS, max_size=14), st.sampled_from([None, "Hà Nam", "Hồ Chí Minh"]), st.sampled_from([OLD, NEW, None])
)
def test_mentions_are_ordered_apart_and_inside_the_text(words: list[str], home: str | None, when: date | None) -> None:
    find(" ".join(words), when, home)
    find(" ".join(words).upper(), when, home)


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    find(composed, OLD, "Hà Nam")


@given(st.lists(WORDS, min_size=1, max_size=8))
def test_another_sentence_does_not_change_what_is_found(words: list[str]) -> None:
    sentence = " ".join(words)
    alone = find(sentence + ".", OLD, "Hà Nam")
    before = "Mưa lớn kéo dài trong đêm qua. "
    after = find(before + sentence + ".", OLD, "Hà Nam")
    # A text in capitals is read as a title.
    if sum(map(str.isupper, sentence)) <= 2.5 * sum(map(str.islower, sentence)) + 2:
        shifted = [(m.start + len(before), m.end + len(before), m.name) for m in alone]
        assert [(m.start, m.end, m.name) for m in after] == shifted


# --- gold ----------------------------------------------------------------------------------------------------------


def gold_documents() -> Iterator[dict[str, object]]:
    for file in sorted(GOLD.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            yield json.loads(line)


def blocks_of(document: dict[str, object]) -> Iterator[str]:
    rows = re.findall(r"<tr.*?</tr>", str(document.get("html") or ""), re.S)
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S) for row in rows]
    texts = [str(document["title"]), *str(document["text"]).split("\n\n")]
    texts += [" | ".join(re.sub(r"<[^>]+>", " ", cell) for cell in row) for row in cells]
    for text in texts:
        block = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
        if block:
            yield block


@pytest.mark.skipif(not GOLD.exists(), reason="the gold documents are not beside the repository")
def test_almost_every_entity_of_the_gold_is_mentioned() -> None:
    wanted = found = 0
    missed = []
    for document in gold_documents():
        when, home = date.fromisoformat(str(document["published_on"])), document["source_province"]
        assert home is None or isinstance(home, str)
        seen = {
            (mention.type, mention.name)
            for block in blocks_of(document)
            for mention in find(block, when, home)
            if mention.kind in ("name", "self")
        }
        tables = document["facts"]
        assert isinstance(tables, dict)
        entities = {
            (fact["entity_type"], fact["entity"]) for facts in tables.values() for fact in facts
            if fact["entity_type"] != "group"
        }  # fmt: skip
        wanted += len(entities)
        found += len(entities & seen)
        missed += [(document["doc_id"], *entity) for entity in sorted(entities - seen)]
    assert found / wanted >= 0.98, missed
