"""Staff reductions in prose: what counts, who, when, how sure, by what decree; and what looks like one and is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.extract import once
from extractors.facts.staff_reductions import StaffReduction, extract
from extractors.sentence import document
from extractors.staff_decrees import decrees
from extractors.staff_figures import action_of, unit_of
from pipeline.records import Article, Block

CUT, EARLY, RESIGN, LEAVE = "streamlining", "early_retirement", "resignation", "leave"


def read(
    *paragraphs: str, home: str | None = "Long An", day: str = "2020-07-14", title: str = "Tin"
) -> list[StaffReduction]:
    blocks = (Block("title", title), *(Block("paragraph", text) for text in paragraphs))
    article = Article("d", "s", home, "", title, day, "document", None, blocks)
    facts = [fact for fact in once(extract(document(article))) if isinstance(fact, StaffReduction)]
    for fact in facts:
        assert article.text[fact.start : fact.end] == fact.evidence
    return facts


def brief(facts: list[StaffReduction]) -> list[tuple[str, str | None, float, str, str]]:
    return [(fact.entity, fact.period, fact.count, fact.unit, fact.action) for fact in facts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Năm 2019, toàn tỉnh tinh giản 4.260 biên chế.", ("Long An", "2019", 4260, "posts", CUT)),
        ("Năm 2019, tỉnh giảm 1.317/23.551 biên chế được giao.", ("Long An", "2019", 1317, "posts", CUT)),
        ("Số biên chế của tỉnh cắt giảm năm 2018 là 3.491.", ("Long An", "2018", 3491, "posts", CUT)),
        ("Năm 2019, biên chế công chức giảm 402.", ("Long An", "2019", 402, "posts", CUT)),
        ("Năm 2019 có 271 trường hợp được tinh giản.", ("Long An", "2019", 271, "cases", CUT)),
        ("Năm 2019, tỉnh tinh giảm biên chế 165 người.", ("Long An", "2019", 165, "people", CUT)),
        ("Năm 2019 có 36 người xin thôi việc ngay.", ("Long An", "2019", 36, "people", RESIGN)),
        ("Năm 2019 hai viên chức nghỉ hưu trước tuổi.", ("Long An", "2019", 2, "people", EARLY)),
        (
            "Năm 2019, về hưu sớm: 1 032 người; công việc tinh giản biên chế còn dài.",
            ("Long An", "2019", 1032, "people", EARLY),
        ),
        ("Năm 2019, 85 công chức đã nghỉ hưu và thôi việc.", ("Long An", "2019", 85, "people", LEAVE)),
        ("Năm 2019, 12 người nghỉ theo chính sách tinh giản biên chế.", ("Long An", "2019", 12, "people", CUT)),
        ("Năm 2019, Sở Y tế giảm hơn 40 biên chế.", ("Sở Y tế", "2019", 40, "posts", CUT)),
        ("Ngành y tế có 47 viên chức xin thôi việc.", ("ngành y tế", None, 47, "people", RESIGN)),
    ],
)
def test_a_figure(text: str, expected: tuple[str, str | None, float, str, str]) -> None:
    assert brief(read(text)) == [expected]


WORDINGS = yaml.safe_load(Path(__file__).with_name("staff_wordings.yml").read_text("utf-8"))


def as_line(fact: StaffReduction) -> str:
    line = f"{fact.entity} | {fact.period or '-'} | {fact.count:g} {fact.unit} {fact.action}"
    return f"{line} | target" if fact.modality == "target" else line


@pytest.mark.parametrize("case", WORDINGS, ids=lambda case: case["text"][:50])
def test_wordings(case: dict[str, Any]) -> None:
    facts = read(*case["text"].split("\n"), home=case.get("home", "Long An"), day=case.get("day", "2022-10-20"))
    assert sorted(map(as_line, facts)) == sorted(case["facts"])


def test_a_count_and_its_percent_are_two_facts() -> None:
    facts = read("Từ năm 2015 đến hết năm 2019, tỉnh cắt giảm 2.263 biên chế (tương ứng 10,2%).")
    assert [(fact.count, fact.unit) for fact in facts] == [(2263, "posts"), (10.2, "percent")]
    assert {fact.period for fact in facts} == {"2015/2019"}


def test_a_list_has_its_verb_once() -> None:
    text = "6 tháng đầu năm 2020, Đồng Tháp tinh giản 138 người (tăng 12 người so với cùng kỳ); Trà Vinh 165 người; Sóc Trăng 168 trường hợp."
    assert brief(read(text)) == [
        ("Đồng Tháp", "2020-H1", 138, "people", CUT),
        ("Trà Vinh", "2020-H1", 165, "people", CUT),
        ("Sóc Trăng", "2020-H1", 168, "cases", CUT),
    ]


def test_parts_have_their_own_action_and_the_total_goes_on_after_them() -> None:
    text = "Năm 2019, Hà Nội giải quyết tinh giản 512 người (nghỉ hưu trước tuổi 412, thôi việc ngay: 100); Hải Phòng 246 người."
    assert brief(read(text)) == [
        ("Hà Nội", "2019", 512, "people", CUT),
        ("Hà Nội", "2019", 412, "people", EARLY),
        ("Hà Nội", "2019", 100, "people", RESIGN),
        ("Hải Phòng", "2019", 246, "people", CUT),
    ]


def test_a_breakdown_by_bodies_is_of_groups_one_by_people_stays_with_the_total() -> None:
    text = "Năm 2018, cả nước tinh giản 79.024 người, gồm 5.510 người ở bộ, ngành và 73.514 người ở địa phương."
    assert [(f.entity_type, f.entity, f.count) for f in read(text, home=None)] == [
        ("group", "cả nước", 79024),
        ("group", "bộ, ngành", 5510),
        ("group", "địa phương", 73514),
    ]
    people = read("Năm 2018, tỉnh phê duyệt tinh giản 37 trường hợp, gồm: 06 công chức, 31 viên chức.")
    assert [(f.entity, f.count, f.unit, f.personnel) for f in people] == [
        ("Long An", 37, "cases", None),
        ("Long An", 6, "people", "công chức"),
        ("Long An", 31, "people", "viên chức"),
    ]


def test_a_breakdown_goes_on_in_the_next_sentence_and_in_items() -> None:
    facts = read(
        "Năm 2018, toàn tỉnh có 87 người được hưởng chính sách tinh giản biên chế theo Nghị định 108, cụ thể:",
        "- Khối Đảng, đoàn thể: 07 người;",
        "- Huyện Bến Lức: 12 người.",
    )
    assert brief(facts)[1:] == [
        ("khối Đảng, đoàn thể", "2018", 7, "people", CUT),
        ("Huyện Bến Lức", "2018", 12, "people", CUT),
    ]
    assert {fact.legal_basis for fact in facts} == {"108/2014/NĐ-CP"}


def test_names_and_numbers_are_paired_in_order() -> None:
    facts = read("Năm 2021, Thanh Hóa và Nghệ An đăng ký lần lượt 620 và 710 biên chế tinh giản.", home=None)
    assert [(f.entity, f.count, f.modality) for f in facts] == [
        ("Thanh Hóa", 620, "target"),
        ("Nghệ An", 710, "target"),
    ]


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("Từ năm 2015 đến ngày 6-8-2018, tỉnh tinh giản 12 người.", "2015/2018-08"),
        ("Tính đến ngày 30/11/2019, tỉnh tinh giản 12 người.", "2019-11"),
        ("Đến nay, tỉnh tinh giản 12 người.", None),
        ("So với năm 2015, đến hết năm 2019 tỉnh giảm 12 biên chế.", "2015/2019"),
        ("Bảy tháng đầu năm 2020, tỉnh tinh giản 12 người.", "2020-01/2020-07"),
        ("Đợt 1/2019, tỉnh tinh giản 12 người.", "2019"),
        ("Trong hai năm 2018 và 2019, tỉnh tinh giản 12 người.", "2018/2019"),
        ("Năm ngoái, tỉnh tinh giản 12 người.", "2019"),
        ("Trong 3 năm (2016 - 2018), tỉnh tinh giản 12 người.", "2016/2018"),
        ("Từ ngày 1/7 đến 31/12/2019, tỉnh tinh giản 12 người.", "2019-H2"),
    ],
)
def test_period(text: str, period: str | None) -> None:
    assert [fact.period for fact in read(text)] == [period]


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("Năm 2019, tỉnh phê duyệt tinh giản 12 người.", "actual"),
        ("Năm 2021, tỉnh giảm 12 biên chế.", "target"),
        ("Tỉnh phấn đấu giảm tối thiểu 2,5% biên chế sự nghiệp.", "target"),
        ("Các huyện đề nghị tinh giản 58 trường hợp.", "target"),
        ("Nghị quyết yêu cầu cả nước giảm 1,7% biên chế công chức.", "target"),
        ("Giai đoạn 2016-2021, tỉnh đã tinh giản 12 người.", "actual"),
    ],
)
def test_modality(text: str, modality: str) -> None:
    assert [fact.modality for fact in read(text)] == [modality]


@pytest.mark.parametrize(
    "text",
    [
        "Tỉnh cắt giảm 12 phòng, 3 chi cục, 45 lãnh đạo cấp phòng; biên chế giữ nguyên.",
        "Toàn tỉnh hiện còn 22.234 biên chế, được giao bổ sung 120 biên chế giáo viên.",
        "Sở nhận 296 hồ sơ tinh giản; có 12 người nộp đơn xin thôi việc.",
        "Viên chức chiếm 66,1% số người được tinh giản.",
        "Biên chế khối phường giảm từ 612 xuống còn 540.",
        "Có 92 công chức được điều chuyển sang xã khác, 5 viên chức biệt phái.",
        "Nhà máy cho 300 lao động nghỉ việc.",
        "Chính phủ Hàn Quốc tinh giản 5% biên chế công chức.",
        "Nếu tinh giản thêm 200 viên chức thì trường học thiếu giáo viên.",
        "Người thôi việc ngay được trợ cấp 3 tháng lương, công chức nghỉ hưu trước tuổi 5 tháng.",
        "Năm 2019, tỉnh không tinh giản 12 biên chế như tin đã đưa.",
        "Có 0 trường hợp tinh giản; 41 viên chức nghỉ phép.",
        "Bình quân mỗi huyện giảm 12 biên chế.",
        "3 công chức bị buộc thôi việc.",
    ],
)
def test_no_fact(text: str) -> None:
    assert read(text) == []


def test_only_the_corrected_figure_counts() -> None:
    facts = read("Bản tin trước viết “năm 2019 tỉnh tinh giản 312 người” là nhầm; con số đúng là 213 người.")
    assert brief(facts) == [("Long An", "2019", 213, "people", CUT)]


def test_a_change_against_another_year_is_none_beside_the_figure_itself() -> None:
    facts = read("Năm 2019, tỉnh tinh giản 143 người, giảm 26 người so với năm 2018.")
    assert [fact.count for fact in facts] == [143]


def test_a_sentence_of_many_figures_is_read_in_linear_steps() -> None:
    text = "; ".join(f"năm 2019, huyện Bến Lức tinh giản {number} người" for number in range(1, 400))
    assert len(read(text)) == 399


def test_a_company_has_no_public_payroll() -> None:
    assert read("Năm 2019, Công ty Cổ phần Thực phẩm Tân An tinh giản biên chế 120 người.") == []


def test_a_bare_cut_of_people_counts_only_where_the_payroll_is_the_topic() -> None:
    assert read("Tai nạn giao thông 9 tháng giảm 12 người.") == []
    assert brief(read("Việc tinh giản biên chế có kết quả.", "Năm 2019, huyện Bến Lức giảm 12 người.")) == [
        ("Huyện Bến Lức", "2019", 12, "people", CUT)
    ]


def test_decrees_are_completed_and_joined_in_order() -> None:
    fact = read(
        "Theo Nghị định 108, NĐ 113 và Nghị định số 143/2020/NĐ-CP, năm 2020 tỉnh tinh giản 12 người.", day="2021-03-01"
    )[0]
    assert fact.legal_basis == "108/2014/NĐ-CP; 113/2018/NĐ-CP; 143/2020/NĐ-CP"


def test_a_decree_tells_how_people_left() -> None:
    text = "Toàn tỉnh giải quyết chế độ theo {} cho 168 người."
    assert read(text.format("Nghị định 108"))[0].action == CUT
    assert read(text.format("Nghị định 178/2024/NĐ-CP"), day="2025-07-01")[0].action == LEAVE


def test_an_unknown_short_decree_is_left_out() -> None:
    article = Article(
        "d", "s", None, "", "t", "2020-01-01", "document", None, (Block("paragraph", "Theo Nghị định 999."),)
    )
    read_document = document(article)
    assert decrees(read_document, read_document.sentences[0]) == ()


def test_the_sector_of_a_national_body_is_that_body() -> None:
    facts = read(
        "Tổng cục Thuế đặt mục tiêu tinh giản biên chế: giai đoạn 2015-2021 toàn ngành giảm 10.540 người.",
        home=None,
        day="2017-05-20",
    )
    assert [(f.entity_type, f.entity, f.modality) for f in facts] == [("organisation", "Tổng cục Thuế", "target")]


def test_the_body_tells_what_its_title_rounds() -> None:
    facts = read("Năm 2019, toàn tỉnh tinh giản 1.043 người.", title="Long An tinh giản hơn 1.000 người")
    assert [fact.count for fact in facts] == [1043]
    assert [
        fact.count for fact in read("Việc này làm đúng quy định.", title="Năm 2019, Long An tinh giản 312 biên chế")
    ] == [312]


def test_an_old_province_keeps_its_name_and_belongs_to_the_one_in_force() -> None:
    facts = read(
        "Năm 2025, toàn tỉnh có 1.120 công chức nghỉ việc; trong đó, khu vực tỉnh Bến Tre cũ 410 người.",
        home="Vĩnh Long",
        day="2026-01-05",
    )
    assert [(f.entity, f.province, f.count) for f in facts] == [
        ("Vĩnh Long", "Vĩnh Long", 1120),
        ("Bến Tre", "Vĩnh Long", 410),
    ]


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("nghỉ hưu trước tuổi", EARLY),
        ("về hưu sớm", EARLY),
        ("thôi việc ngay", RESIGN),
        ("nghỉ hưu và thôi việc", LEAVE),
        ("nghỉ việc", LEAVE),
        ("cắt giảm", CUT),
        ("bổ nhiệm", None),
    ],
)
def test_action(words: str, action: str | None) -> None:
    assert action_of(words) == action


def test_unit() -> None:
    assert [unit_of(noun) for noun in ("chỉ tiêu biên chế", "trường hợp", "viên chức", "người")] == [
        "posts",
        "cases",
        "people",
        "people",
    ]


@settings(deadline=None)  # how long it takes is the machine's affair
@given(
    st.lists(
        st.sampled_from(
            [
                "tinh giản",
                "12 người",
                "Long An",
                ";",
                "(",
                ")",
                "gồm",
                "nghỉ hưu trước tuổi 5",
                "năm 2019",
                "trong đó",
                "5%",
                "biên chế",
                ".",
                "so với năm 2015",
            ]
        ),
        max_size=24,
    )
)
def test_evidence_is_always_a_slice_and_counts_are_positive(words: list[str]) -> None:
    for fact in read(" ".join(["Tỉnh", *words])):
        assert fact.count > 0
        assert fact.unit in {"people", "cases", "posts", "percent"}


def test_a_headline_in_round_hundreds_is_no_second_figure() -> None:
    body = "Năm 2021, Long An có 2.742 viên chức nghỉ hưu trước tuổi."
    assert [fact.count for fact in read(body, title="2.700 viên chức nghỉ hưu trước tuổi")] == [2742]
    assert [fact.count for fact in read(body, title="2.900 viên chức nghỉ hưu trước tuổi")] == [2900, 2742]
