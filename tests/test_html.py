"""Markup and plain text become blocks in one coordinate system, body tables rows of equal length, cells text."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Block
from scrapers.html import MAX_COLUMNS, _levelled, decode, fragment_blocks, is_plain, level, parsed, text_blocks


def kinds(blocks: list[Block]) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks]


def rows(html: str) -> list[tuple[str, ...]]:
    return [block.cells for block in fragment_blocks(html) if block.kind == "row"]


# -- text


def test_unicode_and_white_space_are_levelled() -> None:
    decomposed = unicodedata.normalize("NFD", "Sở Nội vụ")
    assert level(f"\u00a0 {decomposed}\u200b\u00ad\t\n  Long\u00a0An\ufeff ") == "Sở Nội vụ Long An"
    assert level("đạt 90 điểm<_o3a_p></_o3a_p> \uf0b7") == "đạt 90 điểm"
    assert level("năm ２０２０: ٣ điểm") == "năm 2020: 3 điểm"


@given(st.text())
def test_levelling_is_done_once_and_for_all(text: str) -> None:
    once = level(text)
    assert level(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\n" not in once and "  " not in once and once == once.strip()


# Every sign up to the general punctuation that is plain by itself, and some that are not.
PLAIN = "".join(filter(is_plain, map(chr, range(0x2100))))


@given(st.lists(st.text(alphabet=PLAIN + "aeouâùõ\u0301µ", max_size=12), max_size=4))
def test_of_plain_text_only_white_space_is_levelled(pieces: list[str]) -> None:
    if is_plain("".join(pieces)):
        for piece in pieces:
            assert level(piece) == _levelled(piece, None, None) == " ".join(piece.split())


def test_clean_vietnamese_is_plain() -> None:
    assert is_plain("Năm 2019, “Sở Nội vụ” tỉnh Đắk Lắk – hạng 5/63…\u00a0\n\tđạt 81,20%;")
    assert not any(map(is_plain, ["b¸o", "baùo", "so\u031b\u0309", "Sở\u200b", "đạt<_o3a_p>"]))


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1258", "ascii"])
def test_a_payload_is_parsed_as_it_is_decoded(charset: str) -> None:
    payload = unicodedata.normalize("NFD", "<p>Nghi quyet \u00e0 \u00e9</p>").encode(charset, errors="xmlcharrefreplace")
    body = parsed(payload, f"text/html; charset={charset}").body
    assert body is not None and body.text() == "Nghi quyet " + unicodedata.normalize("NFD", "\u00e0 \u00e9")


@given(st.text(alphabet="<>/abp đạt\n&;=\"'!-0123456789", max_size=300))
def test_blocks_of_any_markup_are_levelled_and_never_empty(markup: str) -> None:
    for block in [*fragment_blocks(markup), *text_blocks(markup)]:
        if block.kind != "row":
            assert block.text and block.text == level(block.text)


def test_a_line_said_again_is_left_out_only_where_it_says_the_same() -> None:
    same = "<p>Ông An nhận Bằng khen.</p><p>Ông An nhận “Bằng khen”!</p>"
    other = "<p>Ông An nhận Bằng khen.</p><p>Ông An nhận Giấy khen.</p><p>Ông An.</p>"
    assert (len(fragment_blocks(same)), len(fragment_blocks(other))) == (1, 3)


def test_lines_parted_by_br_are_blocks_but_a_wrapped_sentence_is_one() -> None:
    blocks = fragment_blocks(
        "<p>Kết quả như sau:<br>- Sở A: 90 điểm;<br/>- Sở B: 80 điểm.</p><p>Tỉnh đứng thứ<br>nhất.</p>"
    )
    assert kinds(blocks) == [
        ("paragraph", "Kết quả như sau:"),
        ("item", "- Sở A: 90 điểm;"),
        ("item", "- Sở B: 80 điểm."),
        ("paragraph", "Tỉnh đứng thứ nhất."),
    ]


def test_words_broken_by_inline_markup_stay_whole() -> None:
    (block,) = fragment_blocks("<p>Long <b>A</b>n đạt 8<span>1,</span><i>20</i> điểm<o:p></o:p></p>")
    assert block.text == "Long An đạt 81,20 điểm"


def test_headings_lists_and_bold_lines() -> None:
    blocks = fragment_blocks(
        "<p>Mở đầu bài.</p><h3>Kết quả</h3><ul><li>Loại tốt: 5<ul><li>Sở A</li></ul></li></ul><p><strong>Hạn chế</strong></p>"
    )
    assert [block.kind for block in blocks] == ["paragraph", "heading", "item", "item", "heading"]


def test_a_first_paragraph_in_bold_is_the_lead() -> None:
    blocks = fragment_blocks("<p><b>Năm 2019, tỉnh xếp thứ 5.</b></p><p>Theo báo cáo, tỉnh tăng 2 bậc.</p>")
    assert [block.kind for block in blocks] == ["lead", "paragraph"]


@pytest.mark.parametrize(
    "markup",
    [
        "<figure><img alt='Quang cảnh'><figcaption>Quang cảnh hội nghị</figcaption></figure>",
        "<p align=center><img src=a.jpg></p><p align=center>Quang cảnh hội nghị</p>",
        "<p><img src=a.jpg><br><em>Quang cảnh hội nghị</em></p>",
        "<p><img src=a.jpg></p><p style='text-align: center'><i>Quang cảnh hội nghị</i></p>",
        "<table class='image center'><tr><td><img></td></tr><tr><td class=image_desc>Quang cảnh hội nghị</td></tr></table>",
        "<div class='article__caption'>Quang cảnh hội nghị</div>",
    ],
)
def test_captions_of_images(markup: str) -> None:
    blocks = fragment_blocks(f"<p>Sáng nay, hội nghị diễn ra.</p>{markup}<p>Có 120 đại biểu dự.</p>")
    assert kinds(blocks)[1:] == [("caption", "Quang cảnh hội nghị"), ("paragraph", "Có 120 đại biểu dự.")]


def test_a_line_in_brackets_is_a_caption_a_remark_is_not() -> None:
    assert [block.kind for block in text_blocks("(Quang cảnh hội nghị)\n\nĐạt 80 điểm (tăng 2 điểm)")] == [
        "caption",
        "paragraph",
    ]


def test_what_is_said_twice_is_kept_once_unless_its_numbers_differ() -> None:
    twice = (
        "Giám đốc Sở Lê phát biểu khai mạc. Ảnh: T.L\nGiám đốc Sở Lê Đình phát biểu khai mạc. Ảnh: T.L\n\n"
        "Đợt 1 trao cho 2 tập thể. Ảnh: A\n\nĐợt 1 trao cho 3 tập thể. Ảnh: A"
    )
    assert [block.text for block in text_blocks(twice)] == [
        "Giám đốc Sở Lê Đình phát biểu khai mạc. Ảnh: T.L",
        "Đợt 1 trao cho 2 tập thể. Ảnh: A",
        "Đợt 1 trao cho 3 tập thể. Ảnh: A",
    ]


def test_two_items_that_differ_by_a_name_are_two() -> None:
    assert len(fragment_blocks("<ul><li>Xã A: loại tốt</li><li>Xã A: loại tốt</li></ul>")) == 2


def test_scripts_forms_and_hidden_parts_are_no_text() -> None:
    blocks = fragment_blocks(
        "<p>Bài viết.</p><script>var a = 'Sở A hạng 1'</script><style>p{}</style><form>Gửi</form>"
        "<div style='display: none'>Ẩn</div><p hidden>Ẩn</p><!-- Ẩn --><img alt='Chữ thay ảnh'>"
    )
    assert kinds(blocks) == [("paragraph", "Bài viết.")]


def test_text_hard_wrapped_inside_a_paragraph_is_joined() -> None:
    text = "Theo đó, tỉnh đạt 62 điểm (tăng 2 bậc,\nđứng thứ 9), Sở Xây dựng và\nSở Y tế còn chậm.\nTin và ảnh: X."
    assert [block.text for block in text_blocks(text)] == [
        "Theo đó, tỉnh đạt 62 điểm (tăng 2 bậc, đứng thứ 9), Sở Xây dựng và Sở Y tế còn chậm.",
        "Tin và ảnh: X.",
    ]
    wrapped = "Thứ hai là UBND TX. Kiến Tường\n(90,7 điểm), cuối là UBND huyện Tân Trụ.\nẢnh minh họa\n(Nguồn: Báo X)"
    assert [block.text for block in text_blocks(wrapped)] == [
        "Thứ hai là UBND TX. Kiến Tường (90,7 điểm), cuối là UBND huyện Tân Trụ.",
        "Ảnh minh họa",
        "(Nguồn: Báo X)",
    ]


def test_deep_nesting_is_no_error() -> None:
    assert fragment_blocks("<div>" * 5000 + "Sâu" + "</div>" * 5000)[0].text == "Sâu"


# -- tables


def test_merged_cells_stand_in_each_place_that_they_cover() -> None:
    html = (
        "<table><thead><tr><th rowspan=2>Tỉnh</th><th colspan=2>Năm 2020</th></tr><tr><th>Hạng</th><th>Điểm</th></tr></thead>"
        "<tr><td>Long An</td><td>3</td><td rowspan='2'>70,37</td></tr><tr><td>Bến Tre</td><td>8</td></tr></table>"
    )
    blocks = fragment_blocks(html)
    assert [block.cells for block in blocks] == [
        ("Tỉnh", "Năm 2020", "Năm 2020"),
        ("Tỉnh", "Hạng", "Điểm"),
        ("Long An", "3", "70,37"),
        ("Bến Tre", "8", "70,37"),
    ]
    assert [block.header for block in blocks] == [True, True, False, False]
    assert blocks[2].text == "Long An | 3 | 70,37"
    assert {block.table for block in blocks} == {0}


def test_cells_are_text_on_one_line() -> None:
    html = "<table><tr><td><p>Sở Tài<br>chính</p></td><td>90,<b>0</b>9&nbsp;</td></tr><tr><td>B</td><td>07/20</td></tr></table>"
    assert rows(html) == [("Sở Tài chính", "90,09"), ("B", "07/20")]


def test_first_rows_in_bold_are_headers_but_not_where_all_are_bold() -> None:
    bold = "<tr><td><b>TT</b></td><td><strong>Tên</strong></td></tr>"
    plain = "<tr><td>1</td><td>Sở A</td></tr>"
    headers = [block.header for block in fragment_blocks(f"<table>{bold}{plain}{plain}</table>")]
    assert headers == [True, False, False]
    assert not any(block.header for block in fragment_blocks(f"<table>{bold}{bold}</table>"))


def test_two_tables_are_numbered_and_captions_precede_rows() -> None:
    table = "<table><caption>Bảng điểm</caption><tr><td>A</td><td>1</td></tr></table>"
    blocks = fragment_blocks(table + "<p>Và:</p>" + table)
    assert [(block.kind, block.table) for block in blocks] == [
        ("caption", None),
        ("row", 0),
        ("paragraph", None),
        ("caption", None),
        ("row", 1),
    ]


def test_tables_that_lay_out_the_page_are_read_as_text() -> None:
    inner = "<table border=1><tr><td>A</td><td>1</td></tr></table>"
    blocks = fragment_blocks(f"<table><tr><td>Bên trái.</td><td><p>Mở đầu.</p>{inner}</td></tr></table>")
    assert kinds(blocks) == [("paragraph", "Bên trái."), ("paragraph", "Mở đầu."), ("row", "A | 1")]
    assert kinds(fragment_blocks("<table><tr><td><p>Khung.</p><p>Hai đoạn.</p></td></tr></table>")) == [
        ("paragraph", "Khung."),
        ("paragraph", "Hai đoạn."),
    ]


def test_ragged_rows_are_filled_and_empty_rows_left_out() -> None:
    assert rows("<table><tr><td>A<td>1<td>2<tr><td>B<tr><td><td>&nbsp;<td></table>") == [("A", "1", "2"), ("B", "", "")]


SPANS = st.sampled_from(["", "0", "1", "2", "3", "64", "1000", "99999999999", "-2", "2;", "x"])


@given(st.lists(st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=4), min_size=1, max_size=5))
def test_any_spans_give_rows_of_one_length(table: list[list[tuple[str, str]]]) -> None:
    html = "".join(
        "<tr>" + "".join(f"<td rowspan='{down}' colspan='{right}'>a</td>" for down, right in row) + "</tr>"
        for row in table
    )
    found = rows(f"<table>{html}</table>")
    assert len({len(row) for row in found}) <= 1
    assert all(len(row) <= MAX_COLUMNS for row in found)


# -- bytes

SENTENCE = "Sở Nội vụ công bố kết quả xếp hạng"


@pytest.mark.parametrize(
    ("payload", "content_type"),
    [
        (SENTENCE.encode(), ""),
        (SENTENCE.encode(), "text/html; charset=iso-8859-1"),
        (b"\xef\xbb\xbf" + SENTENCE.encode(), "text/html"),
        (b"\xff\xfe" + SENTENCE.encode("utf-16-le"), ""),
        (unicodedata.normalize("NFC", "Sơ kết ở Huế").encode("utf-16-be"), "text/html; charset=utf-16-be"),
    ],
)
def test_charset_is_found(payload: bytes, content_type: str) -> None:
    assert level(decode(payload, content_type)) in (SENTENCE, "Sơ kết ở Huế")


def test_charset_declared_in_the_page() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1258"><p>Nghi\u0323 quyê\u0301t</p>'
    assert fragment_blocks(decode(page.encode("cp1258")))[0].text == "Nghị quyết"


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded(payload: bytes) -> None:
    assert isinstance(decode(payload, "text/html; charset=nonsense"), str)


# -- the annotated documents


def test_evidence_of_the_annotated_documents_is_in_their_blocks(gold_folder: Path) -> None:
    tables = 0
    for file in sorted(gold_folder.glob("*.jsonl")):
        for document in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            blocks = fragment_blocks(document["html"]) if document.get("html") else text_blocks(document["text"])
            text = "\n\n".join([level(document["title"]), *(block.text for block in blocks)])
            row_texts = {block.text for block in blocks if block.kind == "row"}
            for fact in (fact for facts in document["facts"].values() for fact in facts):
                evidence = level(fact["evidence"])
                assert evidence in (row_texts if " | " in evidence else text), document["doc_id"]
                tables += " | " in evidence
    assert tables > 100
