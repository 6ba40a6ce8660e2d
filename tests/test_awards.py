"""Distinctions: who is given what, by whom, for which time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extractors.awards_givers import giver
from extractors.awards_kinds import award_kind, find_awards
from extractors.facts.awards import Award, extract
from extractors.fold import fold
from extractors.recipients import recipients
from extractors.sentence import document
from pipeline.records import Article, Block


def read(*paragraphs: str, home: str | None = "Long An", title: str = "Tin trong ngày") -> list[Award]:
    blocks = [Block("title", title)]
    blocks += [Block("item", text[2:]) if text.startswith("- ") else Block("paragraph", text) for text in paragraphs]
    article = Article("d", "s", home, "", title, "2020-03-05", "text", None, tuple(blocks))
    return list(extract(document(article)))


def told(facts: list[Award]) -> list[tuple[str, int | None, str, str | None, str | None]]:
    return [(f.entity, f.recipient_count, f.award, f.award_class, f.awarded_by) for f in facts]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Huân chương Lao động hạng III", ("Huân chương Lao động", "Ba")),
        ("Huân chương Lao động (hạng Nhì)", ("Huân chương Lao động", "Nhì")),
        ("Huân chương Lao động các hạng", ("Huân chương Lao động", None)),
        ("danh hiệu “Chiến sỹ thi đua cấp tỉnh”", ("Chiến sĩ thi đua", None)),
        ("Kỉ niệm chương “Vì sự nghiệp ngành Y tế”", ("Kỷ niệm chương", None)),
        ("Tập thể Lao động xuất sắc", ("Tập thể lao động xuất sắc", None)),
        ("3 huy chương vàng, 2 huy chương bạc", None),
    ],
)
def test_the_kind_of_a_distinction(text: str, kind: tuple[str, str | None] | None) -> None:
    assert award_kind(fold(text)) == kind


@pytest.mark.parametrize(
    ("text", "home", "name"),
    [
        ("Bộ trưởng Bộ Nội vụ", None, "Bộ Nội vụ"),
        ("Chủ tịch UBND tỉnh", "Long An", "UBND tỉnh Long An"),
        ("UBND thành phố", "Hà Nội", "UBND thành phố Hà Nội"),
        ("Chủ tịch UBND huyện Kim Bảng", "Hà Nam", "UBND huyện Kim Bảng"),
        ("Thủ tướng", None, "Thủ tướng Chính phủ"),
        ("Chính phủ", None, "Chính phủ"),
        ("12 tập thể", "Long An", None),
    ],
)
def test_a_head_stands_for_the_body(text: str, home: str | None, name: str | None) -> None:
    assert giver(text, home) == name


def test_recipients_of_a_cell() -> None:
    (one,) = recipients("7 tập thể thuộc các khối thi đua", "Hà Tĩnh")
    assert (one.entity_type, one.entity, one.count, one.province) == ("group", "tập thể", 7, "Hà Tĩnh")
    (person,) = recipients("Ông Phan Văn Lộc, Giám đốc Sở Xây dựng", "Hà Tĩnh")
    assert (person.entity_type, person.entity, person.count) == ("person", "Phan Văn Lộc", None)
    assert recipients("đang rà soát", "Hà Tĩnh") == ()


def test_active_with_two_counts_a_year_and_a_reason() -> None:
    facts = read("Dịp này, Chủ tịch UBND tỉnh tặng Bằng khen cho 4 tập thể và 7 cá nhân đã có thành tích xuất sắc trong CCHC năm 2019.")
    assert told(facts) == [
        ("tập thể", 4, "Bằng khen", None, "UBND tỉnh Long An"),
        ("cá nhân", 7, "Bằng khen", None, "UBND tỉnh Long An"),
    ]
    assert {f.period for f in facts} == {"2019"}
    assert facts[0].reason == "thành tích xuất sắc trong CCHC năm 2019"


def test_passive_and_turned_round() -> None:
    facts = read("Sở Y tế được Chính phủ tặng Cờ thi đua; Bằng khen của Bộ Tài chính thuộc về Cục Thuế và ông Lê Văn Bảy, kế toán trưởng.")
    assert told(facts) == [
        ("Sở Y tế", None, "Cờ thi đua", None, "Chính phủ"),
        ("Cục Thuế", None, "Bằng khen", None, "Bộ Tài chính"),
        ("Lê Văn Bảy", None, "Bằng khen", None, "Bộ Tài chính"),
    ]


def test_who_hands_over_has_not_given() -> None:
    facts = read(
        "Thừa ủy quyền của Chủ tịch nước, Bí thư Tỉnh ủy trao Huân chương Lao động hạng Nhì cho Sở Tư pháp.",
        "Phó Chủ tịch UBND tỉnh Trần Văn Tài trao Huân chương Lao động hạng Ba cho bà Phạm Thị Lụa.",
    )
    assert told(facts) == [
        ("Sở Tư pháp", None, "Huân chương Lao động", "Nhì", "Chủ tịch nước"),
        ("Phạm Thị Lụa", None, "Huân chương Lao động", "Ba", None),
    ]


def test_a_count_with_all_its_names_is_the_names() -> None:
    facts = read("3 đơn vị được UBND tỉnh tặng Cờ thi đua, gồm: Sở Y tế, Sở Tư pháp và huyện Bến Lức.")
    assert [(f.entity, f.recipient_count) for f in facts] == [
        ("Sở Y tế", None), ("Sở Tư pháp", None), ("Huyện Bến Lức", None),
    ]  # fmt: skip


def test_a_count_with_one_of_its_members_named_is_both() -> None:
    facts = read("UBND tỉnh tặng Bằng khen cho 9 đơn vị, trong đó có Sở Y tế.")
    assert [(f.entity, f.recipient_count) for f in facts] == [("đơn vị", 9), ("Sở Y tế", None)]


def test_a_joint_count_is_one_group() -> None:
    assert told(read("Có 15 tập thể, cá nhân được Sở Nội vụ tặng Giấy khen."))[0][:2] == ("tập thể, cá nhân", 15)


def test_classes_go_to_their_recipients() -> None:
    facts = read("Chủ tịch nước tặng Huân chương Lao động hạng Nhất cho 2 tập thể, hạng Nhì cho 5 cá nhân.")
    assert told(facts) == [
        ("tập thể", 2, "Huân chương Lao động", "Nhất", "Chủ tịch nước"),
        ("cá nhân", 5, "Huân chương Lao động", "Nhì", "Chủ tịch nước"),
    ]


def test_members_of_an_elliptical_list() -> None:
    facts = read("Sở Nội vụ Cần Thơ, Trà Vinh nhận Bằng khen của Bộ trưởng Bộ Nội vụ.")
    assert [(f.entity, f.province, f.awarded_by) for f in facts] == [
        ("Sở Nội vụ", "Cần Thơ", "Bộ Nội vụ"), ("Sở Nội vụ", "Trà Vinh", "Bộ Nội vụ"),
    ]  # fmt: skip


def test_a_list_under_a_lead_in() -> None:
    facts = read(
        "Hội đồng thống nhất đề nghị Chủ tịch nước tặng Huân chương Lao động hạng Ba cho:",
        "- Sở Tài chính;",
        "- Ông Đỗ Văn Hậu, nguyên Chánh Thanh tra tỉnh.",
        "Hội nghị kết thúc cùng ngày.",
    )
    assert [f.entity for f in facts] == ["Sở Tài chính", "Đỗ Văn Hậu"]
    assert {(f.modality, f.awarded_by, f.award_class) for f in facts} == {("target", "Chủ tịch nước", "Ba")}


def test_a_summary_rewards_its_year_but_not_what_was_given_apart() -> None:
    facts = read(
        "Sở Nội vụ họp tổng kết công tác năm 2019.",
        "Dịp này, 5 tập thể được UBND tỉnh tặng Bằng khen.",
        "Trước đó, nhân Ngày truyền thống của ngành, 3 công chức được Bộ Nội vụ tặng Kỷ niệm chương.",
    )
    assert [(f.entity, f.period) for f in facts] == [("tập thể", "2019"), ("công chức", None)]


def test_told_again_is_one_fact() -> None:
    facts = read(
        "Sở Y tế nhận Cờ thi đua của Chính phủ",
        "Sở Y tế được Chính phủ tặng Cờ thi đua năm 2019.",
        title="Sở Y tế được tặng Cờ thi đua",
    )
    assert [(f.entity, f.awarded_by, f.period) for f in facts] == [("Sở Y tế", "Chính phủ", "2019")]


@pytest.mark.parametrize(
    "text",
    [
        "Đơn vị được xét Cờ thi đua phải có 80% phiếu của 12 đơn vị trong khối.",
        "Đội tuyển tỉnh giành 5 huy chương vàng, 3 vận động viên được tặng Bằng khen.",
        "Sở Nội vụ không được tặng Cờ thi đua vì có 2 cá nhân bị kỷ luật.",
        "Thu hồi Bằng khen đã tặng cho 2 cá nhân kê khai gian dối.",
        "Lãnh đạo tỉnh trao Bằng khen cho các tập thể, cá nhân.",
        "Tỉnh nhận Huân chương Lao động của Nhà nước Lào.",
        "Ban Thi đua - Khen thưởng đang thẩm định 37 hồ sơ.",
        "Nếu hoàn thành, 5 xã được tặng Bằng khen.",
    ],
)
def test_no_fact(text: str) -> None:
    assert read(text) == []


WORDINGS = yaml.safe_load(Path(__file__).with_name("awards_wordings.yml").read_text("utf-8"))


def as_line(fact: Award) -> str:
    who = fact.entity if fact.recipient_count is None else f"{fact.entity} x{fact.recipient_count}"
    what = f"{fact.award} ({fact.award_class})" if fact.award_class else fact.award
    line = f"{who} | {what} | {fact.awarded_by or '-'} | {fact.period or '-'}"
    return f"{line} | target" if fact.modality == "target" else line


@pytest.mark.parametrize("case", WORDINGS, ids=lambda case: case["text"][:50])
def test_wordings(case: dict[str, Any]) -> None:
    facts = read(*case["text"].split("\n"), home=case.get("home", "Long An"), title=case.get("title", "Tin trong ngày"))
    assert sorted(map(as_line, facts)) == sorted(case["facts"])


def test_the_reason_told_before_the_names_is_each_one_s() -> None:
    text = "UBND tỉnh tặng Bằng khen cho 2 tập thể thuộc tỉnh Long An đã hoàn thành tốt nhiệm vụ năm 2019 gồm: Sở Y tế và Hội Nông dân tỉnh."
    assert {(f.entity, f.period, f.reason) for f in read(text)} == {
        ("Sở Y tế", "2019", "hoàn thành tốt nhiệm vụ năm 2019"),
        ("Hội Nông dân tỉnh", "2019", "hoàn thành tốt nhiệm vụ năm 2019"),
    }


def test_a_group_at_a_meeting_of_several_provinces_has_no_province() -> None:
    told = read(
        "Cụm thi đua các tỉnh Đông Nam Bộ tổng kết năm 2019.",
        "Thủ tướng Chính phủ tặng Bằng khen cho 41 tập thể; UBND tỉnh Long An tặng Bằng khen cho 3 cá nhân.",
    )
    assert [(f.recipient_count, f.province) for f in told] == [(41, None), (3, "Long An")]


def test_evidence_is_the_article_s_own_text() -> None:
    text = "Chiều 3/3, Bộ Y tế tặng Cờ thi đua cho 5 đơn vị, Bằng khen cho 11 đơn vị."
    assert [f.evidence for f in read(text)] == ["Bộ Y tế tặng Cờ thi đua cho 5 đơn vị", "Bằng khen cho 11 đơn vị"]


WORDS = ["tặng", "được", "Bằng khen", "cho", "3 tập thể", "Sở Y tế", ",", ";", "và", "của", "UBND tỉnh", "Cờ thi đua",
         "trao", "gồm:", "khen thưởng", "ông Lê Văn Bảy", "hạng Nhì", "Huân chương Lao động", "(", ")", "năm 2019", ":"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_any_order_of_words_gives_facts_that_can_be_traced(parts: list[str]) -> None:
    text = " ".join(parts) or "x"
    for fact in read(text):
        assert fact.evidence and fact.evidence in f"Tin trong ngày\n\n{text}"
        assert fact.recipient_count is None or fact.recipient_count > 0


def test_long_near_misses_end() -> None:
    near = "được khen, tặng cho các đơn vị, của, và tập thể nhận, công nhận, " * 500
    assert read(near + "Bằng khen") == []
    assert find_awards(fold("cờ thi " * 5000)) == []


def test_prose_of_the_annotated_documents(gold_folder: Path) -> None:
    from pipeline import documents
    from pipeline.evaluate import compare

    gold, said = [], []
    for file in sorted(gold_folder.glob("*.jsonl")):
        for record in documents.read(file):
            rows = [row for row in record["facts"].get("awards", []) if " | " not in row["evidence"]]
            facts = [fact.contract() for fact in extract(document(documents.article(record)))]
            gold.append({"doc_id": record["doc_id"], "facts": {"awards": rows}})
            said.append({"doc_id": record["doc_id"], "facts": {"awards": facts}})
    # Tuned on these documents: a floor against getting worse, not a measure of how good it is.
    assert compare(gold, said).tables["awards"].strict_f1 >= 0.95
