"""Tables of many shapes, from markup to facts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.cells import figures
from extractors.columns import headings
from extractors.extract import joined, once
from extractors.facts.scores import Score
from extractors.grid import extract
from extractors.rules import Rule, load_rules
from extractors.sentence import document
from pipeline import documents
from pipeline.evaluate import compare
from pipeline.records import Article, Block, Fact
from scrapers.html import fragment_blocks

COLUMN_RULES = load_rules("columns")


def table(*rows: str, head: int = 1) -> str:
    """A table's markup from rows like "TT | Đơn vị | Điểm"; a cell may carry its spans: "Năm 2020 :colspan=2"."""
    lines = []
    for number, row in enumerate(rows):
        tag, cells = ("th" if number < head else "td"), []
        for cell in row.split("|"):
            text, *spans = cell.split(":")
            attributes = "".join(f" {span.strip()}" for span in spans if "span=" in span)
            words = text if attributes else cell
            cells.append(f"<{tag}{attributes}>{words.strip()}</{tag}>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(lines)}</table>"


def facts(html: str, *, title: str = "Tin", day: str = "2022-05-10", home: str | None = "Quảng Nam") -> list[Fact]:
    blocks = (Block("title", title), *fragment_blocks(html))
    article = Article("d", "s", home, "", title, day, "l", None, blocks)
    found = list(extract(document(article)))
    for fact in found:
        assert article.text[fact.start : fact.end] == fact.evidence
    return found


def told(found: list[Fact], *names: str) -> list[tuple[Any, ...]]:
    """The named fields of each fact that has them, in order."""
    return [
        tuple(getattr(fact, name) for name in names) for fact in found if all(hasattr(fact, name) for name in names)
    ]


# --- cells and headings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("17 (0,633)", [("whole", 17), ("decimal", 0.633)]),
        ("3-4 (81,2)", [("whole", 3), ("decimal", 81.2)]),
        ("86,2% (hạng 3)", [("percent", 86.2), ("whole", 3)]),
        ("5 (↑3)", [("whole", 5), ("change", 3)]),
        ("26 (giảm 2 bậc)", [("whole", 26), ("change", -2)]),
        ("−0,4", [("change", -0.4)]),
        ("giữ nguyên", [("change", 0)]),
        ("7.39", [("decimal", 7.39)]),
        ("64,87/100 điểm", [("decimal", 64.87)]),
        ("12/63", [("whole", 12)]),
        ("Tốt - 85,4", [("level", None), ("decimal", 85.4)]),
        ("Sở Nội vụ", [("text", None)]),
        ("-", []),
        ("…", []),
        ("Chưa công bố", []),
    ],
)
def test_a_cell_is_read_by_its_form(cell: str, expected: list[tuple[str, float | None]]) -> None:
    assert [(read.form, read.number) for read in figures(cell)] == expected


HEADINGS = [rule for rule in COLUMN_RULES if rule.id.startswith("column.")]


@pytest.mark.parametrize("rule", HEADINGS, ids=[rule.id for rule in HEADINGS])
def test_a_heading_rule_knows_its_headings(rule: Rule) -> None:
    for text in rule.matches:
        assert rule.id in [heading.rule for heading in headings(text)], text
    for text in rule.rejects:
        assert rule.id not in [heading.rule for heading in headings(text)], text


# --- places, values, levels ----------------------------------------------------------------------------------


def test_two_heading_rows_give_each_figure_its_year() -> None:
    found = facts(
        "<p>Bảng 1. Kết quả PAR INDEX các huyện năm 2021</p>"
        + table(
            "STT :rowspan=2|Địa phương :rowspan=2|Năm 2020 :colspan=2|Năm 2021 :colspan=2|Tăng/giảm thứ hạng :rowspan=2",
            "Chỉ số (%)|Xếp hạng|Chỉ số (%)|Xếp hạng",
            "1|Điện Bàn|80,12|3|85,40|1|+2",
            "2|Hội An|82,00|1|84,11|2|-1",
            "3|Huyện Đại Lộc|-|-|79,90|4|-",
            head=2,
        )
    )
    assert told(found, "entity", "period", "rank", "rank_change", "compared_to") == [
        ("Thị xã Điện Bàn", "2020", 3, None, None),
        ("Thị xã Điện Bàn", "2021", 1, 2, "2020"),
        ("Thành phố Hội An", "2020", 1, None, None),
        ("Thành phố Hội An", "2021", 2, -1, "2020"),
        ("Huyện Đại Lộc", "2021", 4, None, None),
    ]
    assert ("Huyện Đại Lộc", "2021", 79.9, "percent") in told(found, "entity", "period", "score", "unit")
    assert {fact.province for fact in found} == {"Quảng Nam"}


def test_units_may_stand_in_the_headings() -> None:
    found = facts(
        "<p>Kết quả chấm điểm công tác CCHC năm 2021 của một số sở như sau.</p>"
        + table("|Sở Nội vụ|Sở Tài chính|Sở Y tế", "Điểm|91,25|88,40|71,00", "Hạng|1|2|19", "Xếp loại|Tốt|Tốt|Khá"),
        title="Kết quả Chỉ số CCHC năm 2021",
    )
    assert told(found, "entity", "period", "score", "rating") == [
        ("Sở Nội vụ", "2021", 91.25, None),
        ("Sở Tài chính", "2021", 88.4, None),
        ("Sở Y tế", "2021", 71.0, None),
        ("Sở Nội vụ", "2021", None, "tốt"),
        ("Sở Tài chính", "2021", None, "tốt"),
        ("Sở Y tế", "2021", None, "khá"),
    ]
    assert told(found, "entity", "rank") == [("Sở Nội vụ", 1), ("Sở Tài chính", 2), ("Sở Y tế", 19)]
    levels = [fact.rating for fact in once(joined(found)) if isinstance(fact, Score) and fact.score]
    assert levels == ["tốt", "tốt", "khá"]


def test_plain_cells_are_headings_where_the_words_say_so() -> None:
    found = facts(
        "<p>Biểu 1: Chỉ số CCHC năm 2019 và 2020 của các bộ</p>"
        + table(
            "TT :rowspan=2|Bộ :rowspan=2|2019 :colspan=2|2020 :colspan=2",
            "Chỉ số (%)|Hạng|Chỉ số (%)|Hạng",
            "1|Tài chính|94,77|2|94,84|2",
            head=0,
        ),
        home=None,
        day="2021-07-01",
    )
    assert told(found, "entity_type", "entity", "period", "rank") == [
        ("ministry", "Bộ Tài chính", "2019", 2),
        ("ministry", "Bộ Tài chính", "2020", 2),
    ]


def test_last_year_and_this_year_count_from_the_year_of_the_index() -> None:
    found = facts(
        "<p>Thứ hạng PCI 2021 của một số tỉnh</p>"
        + table("TT|Tỉnh|Năm trước|Năm nay|Tăng", "1|Long An|12|9|3", "2|Bến Tre|20|18|2")
    )
    assert told(found, "entity", "period", "rank", "rank_change") == [
        ("Long An", "2020", 12, None),
        ("Long An", "2021", 9, 3),
        ("Bến Tre", "2020", 20, None),
        ("Bến Tre", "2021", 18, 2),
    ]


def test_a_column_that_says_only_giam_counts_downwards() -> None:
    found = facts("<p>Xếp hạng PCI năm 2021</p>" + table("Tỉnh|Xếp hạng|Số bậc giảm", "Thái Bình|47|22"))
    assert told(found, "rank", "rank_change") == [(47, -22)]


def test_parts_of_the_scoring_and_row_numbers_are_no_facts() -> None:
    found = facts(
        "<p>PAR INDEX 2020 của các bộ</p>"
        + table(
            "STT|Bộ, cơ quan|Thẩm định|XHH|Tổng điểm|Chỉ số (%)",
            "1|Ngân hàng Nhà nước|60.5|34.4|94.9|95.88",
            "|Trung bình||||87.26",
        ),
        home=None,
    )
    assert told(found, "entity_type", "entity", "score", "unit") == [
        ("ministry", "Ngân hàng Nhà nước Việt Nam", 94.9, "points"),
        ("ministry", "Ngân hàng Nhà nước Việt Nam", 95.88, "percent"),
        ("group", "các bộ", 87.26, "percent"),
    ]
    assert not told(found, "rank")


def test_sections_part_the_lists_of_a_table() -> None:
    found = facts(
        "<p>Kết quả DDCI năm 2021</p>"
        + table(
            "STT|Đơn vị|Điểm|Hạng",
            "I|Khối sở, ban, ngành (21 đơn vị)||",
            "1|Ban Quản lý các KCN|74,1|1",
            "2|Cục Hải quan|70|2",
            "II|Khối địa phương||",
            "1|Huyện Duy Xuyên|80,5|1",
        )
    )
    assert told(found, "entity_type", "entity", "rank", "rank_total") == [
        ("department", "Ban Quản lý các khu công nghiệp", 1, 21),
        ("department", "Cục Hải quan", 2, 21),
        ("district", "Huyện Duy Xuyên", 1, None),
    ]


def test_a_merged_first_column_names_the_list() -> None:
    found = facts(
        "<p>DDCI năm 2021</p>"
        + table(
            "Khối|Đơn vị|Hạng (điểm)|Mức",
            "Sở, ngành (19 đơn vị) :rowspan=2|Sở Tư pháp|1 (85,40)|Rất tốt",
            "Sở Y tế|2-3 (83)|Tốt",
        )
    )
    assert told(found, "entity", "rank", "rank_total") == [("Sở Tư pháp", 1, 19), ("Sở Y tế", 2, 19)]
    assert told(found, "score", "rating") == [(85.4, "rất tốt"), (83.0, "tốt")]


def test_places_may_be_the_columns() -> None:
    found = facts(
        "<p>Ba đơn vị dẫn đầu mỗi khối về Chỉ số CCHC năm 2021:</p>"
        + table(
            "Khối|Hạng Nhất|Hạng Nhì", "Sở, ngành (19 đơn vị)|Sở Nội vụ (92,4%)|Sở Tư pháp", "Cấp huyện|Tam Kỳ|Hội An"
        )
    )
    assert told(found, "entity", "rank", "rank_total") == [
        ("Sở Nội vụ", 1, 19),
        ("Sở Tư pháp", 2, 19),
        ("Thành phố Tam Kỳ", 1, None),
        ("Thành phố Hội An", 2, None),
    ]
    assert told(found, "entity", "score", "unit") == [("Sở Nội vụ", 92.4, "percent")]


def test_lists_side_by_side_are_two_lists() -> None:
    found = facts(
        "<p>Xếp hạng PCI 2020</p>"
        + table(
            "Hạng|Tỉnh|Điểm|Hạng|Tỉnh|Điểm",
            "1|Quảng Ninh|75,09|3|Long An|70,37",
            "2|Đồng Tháp|72,81|4|Bình Dương|70,16",
        ),
        home=None,
    )
    assert told(found, "entity", "rank") == [("Quảng Ninh", 1), ("Đồng Tháp", 2), ("Long An", 3), ("Bình Dương", 4)]


def test_pillars_may_be_rows() -> None:
    found = facts(
        "<p>Điểm các chỉ số thành phần PCI năm 2021 của tỉnh</p>"
        + table(
            "STT|Chỉ số thành phần|Năm 2020|Năm 2021|Thay đổi",
            "1|Gia nhập thị trường|7,20|7,55|+0,35",
            "|Điểm PCI tổng hợp|65,3|66,1|+0,8",
            "|Thứ hạng|22|19|+3",
        )
    )
    assert told(found, "component", "period", "score", "score_change") == [
        ("gia nhập thị trường", "2020", 7.2, None),
        ("gia nhập thị trường", "2021", 7.55, 0.35),
        (None, "2020", 65.3, None),
        (None, "2021", 66.1, 0.8),
    ]
    assert told(found, "period", "rank", "rank_change") == [("2020", 22, None), ("2021", 19, 3)]


def test_pillars_may_be_columns_with_points_as_decimal_marks() -> None:
    found = facts(
        "<p>Chỉ số PAPI 2022</p>"
        + table(
            "Tỉnh/TP|Kiểm soát tham nhũng|Tổng điểm|Nhóm", "BRVT*|6.92|44.1|Cao nhất", "Bình Dương|-|-|Không xếp hạng"
        ),
        home=None,
        day="2023-04-12",
    )
    assert told(found, "entity", "component", "score", "rating") == [
        ("Bà Rịa - Vũng Tàu", "kiểm soát tham nhũng", 6.92, None),
        ("Bà Rịa - Vũng Tàu", None, 44.1, "cao nhất"),
    ]


def test_a_table_may_lie_on_its_side() -> None:
    found = facts(
        "<p>PAPI của tỉnh qua các năm</p>"
        + table("Nội dung|2020|2021", "Tổng điểm|42,9|43,8", "Thứ hạng|25|14", "Nhóm|Trung bình cao|Cao nhất")
    )
    assert told(found, "period", "rank") == [("2020", 25), ("2021", 14)]
    assert told(found, "period", "score", "rating") == [
        ("2020", 42.9, None),
        ("2021", 43.8, None),
        ("2020", None, "trung bình cao"),
        ("2021", None, "cao nhất"),
    ]


def test_indices_may_be_rows_or_columns() -> None:
    rows = facts(
        "<p>Kết quả các chỉ số của tỉnh</p>"
        + table(
            "TT|Tên chỉ số|Điểm|Xếp hạng|So với năm 2020",
            "1|Chỉ số CCHC 2021|87,1%|12/63|Tăng 2 bậc",
            "2|PCI 2021|66,1|19/63|giảm 6 bậc",
        )
    )
    assert told(rows, "index", "rank", "rank_total", "rank_change", "compared_to") == [
        ("PAR_INDEX", 12, 63, 2, "2020"),
        ("PCI", 19, 63, -6, "2020"),
    ]
    columns = facts("<p>Thứ hạng các chỉ số</p>" + table("Năm|PAR INDEX|PCI", "2020|14|-", "2021|12|19"))
    assert told(columns, "index", "period", "rank") == [
        ("PAR_INDEX", "2020", 14),
        ("PAR_INDEX", "2021", 12),
        ("PCI", "2021", 19),
    ]


def test_an_aim_is_a_target_beside_the_result() -> None:
    found = facts(
        "<p>Mục tiêu cải thiện các chỉ số</p>"
        + table("Chỉ số|Kết quả 2021|Mục tiêu 2022", "PCI|hạng 19|hạng 15", "SIPAS|87,5%|89%")
    )
    assert told(found, "rank", "period", "modality") == [(19, "2021", "actual"), (15, "2022", "target")]
    assert told(found, "score", "period", "modality") == [(87.5, "2021", "actual"), (89.0, "2022", "target")]


def test_ties_keep_the_printed_places_and_a_whole_list_has_its_length() -> None:
    found = facts(
        "<p>Bảng xếp hạng ICT Index năm 2019 khối các sở</p>"
        + table(
            "TT|Tên cơ quan|Giá trị|Xếp hạng",
            "1|Sở TT&amp;TT|0.8123|1",
            "2|Sở KH&amp;CN|0.7001|2",
            "3|Sở Công Thương|0.7001|2",
        )
    )
    assert told(found, "entity", "rank", "rank_total")[1:] == [
        ("Sở Khoa học và Công nghệ", 2, None),
        ("Sở Công Thương", 2, None),
    ]
    names = ["Sở Nội vụ", "Sở Tư pháp", "Sở Tài chính", "Sở Y tế", "Sở Xây dựng"]
    whole = facts(
        "<p>DDCI 2021</p>" + table("Đơn vị|Hạng", *(f"{name}|{place}" for place, name in enumerate(names, 1)))
    )
    assert {total for (total,) in told(whole, "rank_total")} == {5}


def test_levels_counted_are_ratings_of_the_sets() -> None:
    found = facts(
        "<p>Kết quả xếp loại PAR INDEX năm 2021</p>"
        + table("Khối|Tổng số|Xuất sắc|Khá", "Sở, ban, ngành|19|2|-", "UBND cấp huyện|18|0|7")
    )
    assert told(found, "entity_type", "entity", "province", "rating", "count", "total") == [
        ("group", "sở, ban, ngành", "Quảng Nam", "xuất sắc", 2, 19),
        ("group", "UBND cấp huyện", "Quảng Nam", "xuất sắc", 0, 18),
        ("group", "UBND cấp huyện", "Quảng Nam", "khá", 7, 18),
    ]


def test_a_level_of_a_cell_full_of_names_goes_to_each() -> None:
    found = facts(
        "<p>Xếp loại CCHC năm 2021 các sở</p>" + table("Nhóm|Tên đơn vị", "A|Sở Nội vụ, Sở Tư pháp", "B|Sở Y tế")
    )
    assert told(found, "entity", "score", "rating") == [
        ("Sở Nội vụ", None, "nhóm A"),
        ("Sở Tư pháp", None, "nhóm A"),
        ("Sở Y tế", None, "nhóm B"),
    ]



def test_a_label_over_several_columns_is_no_value() -> None:
    """The words of a mean's row, merged over the columns of place, move and level, are none of these."""
    html = "<p>DDCI năm 2021 cấp huyện</p>" + table(
        "Hạng|Đơn vị|Tăng, giảm|Xếp loại|Điểm", "1|Huyện Núi Thành|+1|Tốt|80,12", "2|Huyện Phú Ninh|0|Khá|76,40",
        "Trung bình các huyện:colspan=4|78,26",
    )  # fmt: skip
    found = [fact for fact in facts(html) if fact.entity_type == "group"]
    assert told(found, "entity", "score", "rating") == [("các huyện", 78.26, None)]


def test_regions_and_the_country_are_groups_and_the_whole_province_is_the_province() -> None:
    found = facts(
        "<p>Điểm PAPI 2021 theo vùng</p>" + table("Vùng|Điểm trung bình", "Tây Nguyên|41,2", "Cả nước|42,6"), home=None
    )
    assert told(found, "entity_type", "entity", "score") == [("group", "Tây Nguyên", 41.2), ("group", "cả nước", 42.6)]
    own = facts("<p>SIPAS năm 2021 các huyện</p>" + table("Đơn vị|SIPAS", "Huyện Phú Ninh|85,1%", "Toàn tỉnh|86,3%"))
    assert told(own, "entity_type", "entity") == [("district", "Huyện Phú Ninh"), ("province", "Quảng Nam")]


def test_communes_after_the_districts_are_gone() -> None:
    found = facts(
        "<p>Kết quả đánh giá DTI cấp xã năm 2025</p>"
        + table("TT|Xã, phường|DTI|Xếp hạng", "1|Phường Bàn Thạch|785,5|1", "2|Xã Thăng An|770|2"),
        day="2025-12-20",
        home="Đà Nẵng",
    )
    assert told(found, "entity_type", "entity", "province", "score") == [
        ("commune", "Phường Bàn Thạch", "Đà Nẵng", 785.5),
        ("commune", "Xã Thăng An", "Đà Nẵng", 770.0),
    ]


def test_the_index_is_that_of_the_nearest_words() -> None:
    found = facts(
        "<p>Kết quả PAR INDEX năm 2021 như sau:</p>"
        + table("Tỉnh|Hạng", "Hải Phòng|1")
        + "<p>Với SIPAS năm 2020 thì như sau:</p>"
        + table("Tỉnh|Hạng", "Thái Nguyên|2"),
        title="Công bố PCI 2019",
        home=None,
    )
    assert told(found, "entity", "index", "period") == [
        ("Hải Phòng", "PAR_INDEX", "2021"),
        ("Thái Nguyên", "SIPAS", "2020"),
    ]


def test_a_place_in_a_region_needs_its_total() -> None:
    found = facts(
        "<p>Kết quả PCI của tỉnh</p>" + table("Năm|Xếp hạng cả nước|Hạng vùng", "2019|6/63|2/14", "2020|13/63|3")
    )
    assert told(found, "period", "rank", "rank_total") == [("2019", 6, 63), ("2019", 2, 14), ("2020", 13, 63)]


def test_the_smaller_unit_of_a_row_has_its_figures() -> None:
    found = facts(
        "<p>Xếp loại CCHC cấp xã năm 2020</p>"
        + table("STT|UBND xã, phường|Huyện|Kết quả", "1|Xã Bình An|Thăng Bình|Tốt")
    )
    assert told(found, "entity_type", "entity", "rating") == [("commune", "Xã Bình An", "tốt")]


def test_bodies_that_no_list_knows_keep_their_names() -> None:
    found = facts(
        "<p>Xếp hạng DDCI 2021</p>"
        + table(
            "TT|Đơn vị|Hạng",
            "1|Sở Nội vụ|1",
            "2|Sở Y tế|2",
            "3|BQL Khu Kinh tế mở Chu Lai|3",
            "4|Đài Truyền thanh Cẩm Hà|4",
        )
    )
    assert told(found, "entity_type", "entity")[2:] == [
        ("department", "BQL Khu Kinh tế mở Chu Lai"),
        ("organisation", "Đài Truyền thanh Cẩm Hà"),
    ]


CELLS = st.sampled_from(
    ["", "-", "1", "2", "STT", "Đơn vị", "Tỉnh", "Long An", "Sở Nội vụ", "Huyện Phú Ninh", "Điểm", "Xếp hạng", "Hạng Nhất", "PCI", "PAR INDEX 2021", "Năm 2020", "Năm trước", "85,4", "90,1%", "+2", "17 (0,633)", "Tốt", "Tổng cộng", "Trung bình", "63/63", "Bằng khen", "Cờ thi đua của Chính phủ", "Tập thể", "12 tập thể", "Nghỉ hưu trước tuổi", "Tinh giản", "Khối huyện (18 đơn vị)"]
)  # fmt: skip


@settings(deadline=None, max_examples=150)  # how long it takes is the machine's affair
@given(
    st.integers(2, 6).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=7)
    )
)
def test_any_table_is_read_and_every_fact_points_at_its_row(rows: list[list[str]]) -> None:
    found = facts("<p>Kết quả PCI năm 2021</p>" + table(*("|".join(row) for row in rows)), home="Quảng Nam")
    for fact in found:
        assert fact.evidence in {" | ".join(row) for row in rows}
        assert fact.entity


# --- staff and awards ----------------------------------------------------------------------------------------


def test_staff_by_body_and_year() -> None:
    found = facts(
        "<p>Bảng 2. Số biên chế tinh giản theo Nghị định 108/2014/NĐ-CP (đơn vị tính: người)</p>"
        + table("TT|Đơn vị|2017|2018|Tổng cộng", "1|Sở Y tế|12|1.025|1.037", "2|Huyện Tây Giang|-|0|-")
    )
    assert told(found, "entity", "period", "count", "unit", "action", "legal_basis") == [
        ("Sở Y tế", "2017", 12, "people", "streamlining", "108/2014/NĐ-CP"),
        ("Sở Y tế", "2018", 1025, "people", "streamlining", "108/2014/NĐ-CP"),
        ("Sở Y tế", "2017/2018", 1037, "people", "streamlining", "108/2014/NĐ-CP"),
    ]


def test_staff_by_way_of_leaving() -> None:
    found = facts(
        "<p>Kết quả tinh giản biên chế năm 2020 của tỉnh</p>"
        + table(
            "Nội dung|Số người|Kinh phí (triệu đồng)",
            "Nghỉ hưu trước tuổi|45|3.200",
            "Thôi việc ngay|12|800",
            "Tổng cộng|57|4.000",
        )
    )
    assert told(found, "entity", "period", "count", "action") == [
        ("Quảng Nam", "2020", 45, "early_retirement"),
        ("Quảng Nam", "2020", 12, "resignation"),
        ("Quảng Nam", "2020", 57, "streamlining"),
    ]


def test_staff_by_time() -> None:
    found = facts(
        "<p>Từ tháng 7/2020 đến tháng 1/2021, tỉnh có người nghỉ theo Nghị định 108/2014/NĐ-CP như sau:</p>"
        + table("Thời gian|Nghỉ hưu trước tuổi (người)|Thôi việc (người)", "Quý III/2020|40|31", "Tháng 1/2021|7|6")
    )
    assert told(found, "entity", "period", "count", "action") == [
        ("Quảng Nam", "2020-Q3", 40, "early_retirement"),
        ("Quảng Nam", "2020-Q3", 31, "resignation"),
        ("Quảng Nam", "2021-01", 7, "early_retirement"),
        ("Quảng Nam", "2021-01", 6, "resignation"),
    ]


def test_posts_cut_but_not_posts_given() -> None:
    found = facts(
        "<p>Biên chế công chức của tỉnh</p>"
        + table(
            "Đơn vị|Biên chế giao năm 2015|Biên chế giao năm 2021|Biên chế giảm|Tỷ lệ giảm biên chế (%)",
            "Khối huyện|900|810|90|10,0",
            "Toàn tỉnh|2.100|1.890|210|10,0",
        )
    )
    assert told(found, "entity_type", "entity", "count", "unit") == [
        ("group", "khối huyện", 90, "posts"),
        ("group", "khối huyện", 10, "percent"),
        ("province", "Quảng Nam", 210, "posts"),
        ("province", "Quảng Nam", 10, "percent"),
    ]


def test_awards_by_recipient_with_merged_cells() -> None:
    found = facts(
        "<p>Danh sách khen thưởng năm 2020</p>"
        + table(
            "TT|Tên|Hình thức|Cấp khen",
            "1|UBND huyện Phú Ninh|Huân chương Lao động hạng Ba :rowspan=2|Chủ tịch nước :rowspan=2",
            "2|Bà Lê Thu Nguyệt, Giám đốc Sở Xây dựng",
            "3|12 tập thể thuộc các cụm thi đua|Bằng khen|Chủ tịch UBND tỉnh",
        )
    )
    assert told(found, "entity_type", "entity", "award", "award_class", "awarded_by", "recipient_count", "period") == [
        ("district", "Huyện Phú Ninh", "Huân chương Lao động", "Ba", "Chủ tịch nước", None, "2020"),
        ("person", "Lê Thu Nguyệt", "Huân chương Lao động", "Ba", "Chủ tịch nước", None, "2020"),
        ("group", "tập thể", "Bằng khen", None, "UBND tỉnh Quảng Nam", 12, "2020"),
    ]


def test_awards_told_by_the_caption() -> None:
    found = facts(
        "<p>Danh sách đề nghị tặng Cờ thi đua của Chính phủ năm 2021</p>"
        + table("TT|Đơn vị|Ghi chú", "1|Sở Tài chính|", "2|Huyện Quế Sơn|")
    )
    assert told(found, "entity", "award", "awarded_by", "modality") == [
        ("Sở Tài chính", "Cờ thi đua", "Chính phủ", "target"),
        ("Huyện Quế Sơn", "Cờ thi đua", "Chính phủ", "target"),
    ]


def test_awards_counted_by_kind_of_recipient() -> None:
    found = facts(
        "<p>Kết quả khen thưởng giai đoạn 2015-2020</p>"
        + table(
            "TT|Hình thức khen thưởng|Số tập thể|Số cá nhân|Tổng",
            "1|Bằng khen của Thủ tướng Chính phủ|20|31|51",
            "2|Cờ thi đua của Chính phủ|4|-|4",
            "|Tổng cộng|24|31|55",
        )
    )
    assert told(found, "entity", "award", "awarded_by", "recipient_count", "period") == [
        ("tập thể", "Bằng khen", "Thủ tướng Chính phủ", 20, "2015/2020"),
        ("cá nhân", "Bằng khen", "Thủ tướng Chính phủ", 31, "2015/2020"),
        ("tập thể", "Cờ thi đua", "Chính phủ", 4, "2015/2020"),
    ]


# --- tables of other business ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caption", "rows"),
    [
        ("Kết quả giải quyết hồ sơ tháng 4", ("TT|Đơn vị|Tiếp nhận|Đúng hạn|Tỷ lệ (%)", "1|Sở Nội vụ|120|118|98,3", "2|Sở Y tế|200|190|95")),
        ("Tình hình giải ngân", ("TT|Đơn vị|Kế hoạch vốn|Giải ngân|Tỷ lệ", "1|Sở Y tế|1.200|600|50%", "2|Huyện Phú Ninh|300|100|33%")),
        ("Các tiêu chí của Chỉ số CCHC", ("STT|Lĩnh vực|Số tiêu chí|Điểm tối đa", "1|Cải cách thể chế|5|10", "2|Cải cách thủ tục hành chính|6|14")),
        ("Kết quả chấm điểm thi đua năm 2021 của Cụm thi đua số 2", ("TT|Đơn vị|Điểm|Xếp hạng", "1|Sở Nội vụ|985|1", "2|Sở Tư pháp|980|2")),
        ("Lịch công bố", ("Thời gian|Nội dung công việc|Chủ trì", "7h30|Xếp hạng 20 sở, ngành|Sở Nội vụ", "8h15|Trao Bằng khen|Văn phòng UBND tỉnh")),
        ("Biên chế giao năm 2022", ("Đơn vị|Số lượng|Có mặt", "Sở Y tế|80|78", "Sở Nội vụ|60|58")),
        ("Danh sách đại biểu", ("TT|Họ và tên|Chức vụ", "1|Nguyễn Văn An|Giám đốc Sở Nội vụ", "2|Lê Thị Na|Chánh Văn phòng")),
        ("Kết quả Hội thi tìm hiểu", ("TT|Đơn vị|Giải", "1|Sở Nội vụ|Nhất", "2|Sở Tư pháp|Nhì")),
    ],
    ids=["dossiers", "budget", "criteria", "emulation", "programme", "payroll", "delegates", "contest"],
)  # fmt: skip
def test_a_table_of_other_business_says_nothing(caption: str, rows: tuple[str, ...]) -> None:
    assert facts(f"<p>{caption}</p>" + table(*rows), title="Nâng cao Chỉ số CCHC năm 2022") == []


# --- against the annotated documents ---------------------------------------------------------------------------


def test_tables_of_the_annotated_documents(gold_folder: Path) -> None:
    """At least 97 of 100 of the facts that stand in tables, and hardly any other."""
    tally: Counter[str] = Counter()
    for path in sorted(gold_folder.glob("*_dev.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            gold = json.loads(line)
            if not gold.get("html"):
                continue
            said = documents.prediction(gold["doc_id"], extract(document(documents.article(gold))), gold["facts"])
            total = compare([gold], [said]).total
            in_tables = {
                name: [fact for fact in facts if " | " in fact["evidence"]] for name, facts in gold["facts"].items()
            }
            only = compare([{**gold, "facts": in_tables}], [said]).total
            tally.update(gold=only.gold, right=only.strict, said=total.said, true=total.strict)
    assert tally["right"] >= 0.97 * tally["gold"]
    assert tally["true"] >= 0.97 * tally["said"]


def test_distinctions_at_the_head_of_the_columns_over_years_or_kinds_of_recipients() -> None:
    years = facts(
        table(
            "Năm | Cờ thi đua của Chính phủ – tập thể | Bằng khen của Bộ Y tế (cá nhân) | Chiến sĩ thi đua cấp tỉnh",
            "2017 | 2 | 5 | 11",
            "2018 | - | 6 | 9",
            "Cộng | 2 | 11 | 20",
        )
    )
    assert told(years, "period", "entity", "recipient_count", "award", "awarded_by") == [
        ("2017", "tập thể", 2, "Cờ thi đua", "Chính phủ"),
        ("2017", "cá nhân", 5, "Bằng khen", "Bộ Y tế"),
        ("2017", "cá nhân", 11, "Chiến sĩ thi đua", None),
        ("2018", "cá nhân", 6, "Bằng khen", "Bộ Y tế"),
        ("2018", "cá nhân", 9, "Chiến sĩ thi đua", None),
    ]
    kinds = facts(
        table(
            "Đối tượng | Huân chương Lao động :colspan=2 | Giấy khen của Sở Y tế",
            "Đối tượng | Hạng Nhì | Hạng Ba | Giấy khen của Sở Y tế",
            "Tập thể | 1 | 2 | 40",
            "Cá nhân | - | 5 | 60",
            head=2,
        )
    )
    assert told(kinds, "entity", "recipient_count", "award", "award_class") == [
        ("tập thể", 1, "Huân chương Lao động", "Nhì"),
        ("tập thể", 2, "Huân chương Lao động", "Ba"),
        ("tập thể", 40, "Giấy khen", None),
        ("cá nhân", 5, "Huân chương Lao động", "Ba"),
        ("cá nhân", 60, "Giấy khen", None),
    ]


def test_years_may_head_the_columns_of_distinctions() -> None:
    found = facts(table("Hình thức | Năm 2018 | Năm 2019", "Bằng khen của UBND tỉnh (tập thể) | 12 | 14"))
    assert told(found, "period", "entity", "recipient_count", "awarded_by") == [
        ("2018", "tập thể", 12, "UBND tỉnh Quảng Nam"),
        ("2019", "tập thể", 14, "UBND tỉnh Quảng Nam"),
    ]


def test_a_table_that_scores_units_by_their_distinctions_tells_none() -> None:
    assert not facts(table("Đơn vị | Bằng khen của UBND tỉnh | Điểm thi đua | Xếp hạng", "Sở Y tế | 2 | 96 | 1"))


def test_names_under_distinctions_and_under_the_kinds_of_recipients() -> None:
    headed = facts(table("Khối | Cờ thi đua của UBND tỉnh | Giấy khen", "Khối 1 | Sở Y tế | Sở Nội vụ, Sở Tư pháp"))
    assert told(headed, "entity", "award", "awarded_by") == [
        ("Sở Y tế", "Cờ thi đua", "UBND tỉnh Quảng Nam"),
        ("Sở Nội vụ", "Giấy khen", None),
        ("Sở Tư pháp", "Giấy khen", None),
    ]
    listed = facts(
        table("Hình thức | Tập thể | Cá nhân", "Bằng khen của Bộ Y tế | Bệnh viện Đa khoa tỉnh; Sở Y tế | Bà Lê Thị Hoa")
    )
    assert told(listed, "entity", "award", "awarded_by") == [
        ("Bệnh viện Đa khoa tỉnh", "Bằng khen", "Bộ Y tế"),
        ("Sở Y tế", "Bằng khen", "Bộ Y tế"),
        ("Lê Thị Hoa", "Bằng khen", "Bộ Y tế"),
    ]
    assert not facts(table("Họ và tên | Chiến sĩ thi đua cơ sở", "Lê Thị Hoa | 2019", "Trần Văn Bình | 2020"))
