"""Text in TCVN3 and VNI is read as the Unicode text that it stands for; all other text stays as it is."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.extract import extract
from pipeline.documents import article
from pipeline.records import Capture, CaptureRef
from scrapers.html import decode, fragment_blocks, level, text_blocks
from scrapers.legacy import TCVN3, VNI, Encoding, is_tcvn3, is_vni, modern
from scrapers.page import parse
from scrapers.source import DatedLayout, Discovery, Source
from scrapers.syllables import is_syllable, syllables

ENCODINGS: tuple[Encoding, ...] = ("tcvn3", "vni")
GOLD = sorted((Path(__file__).parent / "gold").glob("*.jsonl"))
DOCUMENTS = [json.loads(line) for path in GOLD for line in path.read_text("utf-8").splitlines()]
PARAGRAPHS = [
    unicodedata.normalize("NFC", paragraph) for document in DOCUMENTS for paragraph in document["text"].split("\n\n")
]
_FROM_TCVN3 = {letter: code for code, letter in TCVN3.items()}
# A letter may be written with the sign in the other case too: the regular way is the one in a single case.
_FROM_VNI = {letter: codes for codes, letter in VNI.items() if codes.islower() or codes.isupper()}


# The signs that these are written with in TCVN3 stand alone with a meaning of their own, as a bullet: "ã", "ì", …
STAY = frozenset("ãìạâư")


def encoded(text: str, encoding: Encoding) -> str:
    """The text as a program of the time would have stored it; capitals that TCVN3 has not as their small letters."""
    text = unicodedata.normalize("NFC", text)
    if encoding == "vni":
        return "".join(_FROM_VNI.get(char, char) for char in text)
    return "".join(_FROM_TCVN3.get(char) or _FROM_TCVN3.get(char.lower(), char) for char in text)


def same(read: str, text: str, encoding: Encoding) -> bool:
    return read == text if encoding == "vni" else read.casefold() == text.casefold()


# -- the tables


def test_tables_hold_every_letter_of_the_alphabet_once() -> None:
    letters = {char for syllable in syllables() for char in syllable if not char.isascii()}
    assert len(letters) == 67
    assert letters <= set(TCVN3.values()) and len(set(TCVN3.values())) == len(TCVN3) == 74
    assert letters | {letter.upper() for letter in letters} == set(VNI.values()) == set(_FROM_VNI)


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("Céng hoµ x· héi chñ nghÜa ViÖt Nam, §éc lËp - Tù do - H¹nh phóc", None),
        ("Coäng hoaø xaõ hoäi chuû nghóa Vieät Nam, Ñoäc laäp - Töï do - Haïnh phuùc", None),
        ("COÄNG HOAØ XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM, ÑOÄC LAÄP - TÖÏ DO - HAÏNH PHUÙC", "capitals"),
        ("CéNG HOµ X· HéI CHñ NGHÜA VIÖT NAM, §éC LËP - Tù DO - H¹NH PHóC", "capitals"),
    ],
)
def test_the_motto_is_read(stored: str, text: str | None) -> None:
    motto = "Cộng hoà xã hội chủ nghĩa Việt Nam, Độc lập - Tự do - Hạnh phúc"
    assert modern(stored) == (motto.upper() if text else motto)


def test_syllables_follow_the_spelling() -> None:
    written = "nghiêng quyết giếng gì hoà hòa thuỷ thủy khuỷu rượu giúp yếu ý kỷ Đắk Kạn"
    assert [word for word in written.split() if not is_syllable(word)] == []
    never = "ngiêng kà cê hoàc tọan bac đep wa für été Néi Së"
    assert [word for word in never.split() if is_syllable(word)] == []


# -- what is read


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_syllable_is_read_where_the_page_is_known(encoding: Encoding) -> None:
    wrong = {word for word in syllables() if modern(f"{encoded(word, encoding)} ba", sure=encoding) != f"{word} ba"}
    # Alone, their codes are a bullet, a multiplication sign, a footnote's number, the copyright sign, a minus.
    assert wrong <= (STAY if encoding == "tcvn3" else set())


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(words=st.lists(st.sampled_from(sorted(syllables())), min_size=30, max_size=60))
def test_passages_of_any_syllables_are_recognised(encoding: Encoding, words: list[str]) -> None:
    stored = encoded(" ".join(words), encoding)
    stays = STAY if encoding == "tcvn3" else frozenset()
    text = " ".join(encoded(word, encoding) if word in stays else word for word in words)
    read = modern(stored)
    assert read in (text, stored)
    if sum(not is_syllable(word) for word in stored.split()) >= 10:
        assert read == text
    assert modern(read) == read


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_articles_are_read_paragraph_by_paragraph(encoding: Encoding) -> None:
    told = [text for text in PARAGRAPHS if sum(not char.isascii() for char in text) >= 12]
    assert len(told) > 50
    wrong = [text for text in told if not same(modern(encoded(text, encoding)), text, encoding)]
    assert wrong == []
    for text in told:
        stored = encoded(text, encoding)
        assert (is_tcvn3(stored), is_vni(stored)) == (encoding == "tcvn3", encoding == "vni")


def test_a_passage_in_an_otherwise_modern_text_is_read() -> None:
    text = "Theo Sở Nội vụ, “ñy ban nh©n d©n tØnh ®· chØ ®¹o c¸c ngµnh” nhưng kết quả có chưa cao, Hà Nam là một ví dụ."
    assert modern(text) == (
        "Theo Sở Nội vụ, “ủy ban nhân dân tỉnh đã chỉ đạo các ngành” nhưng kết quả có chưa cao, Hà Nam là một ví dụ."
    )


def test_short_names_are_read_on_signs_alone_or_where_something_else_speaks_for_it() -> None:
    assert modern("Hµ Nam, B¾c Giang") == "Hà Nam, Bắc Giang"
    assert modern("HuÕ") == "HuÕ"
    assert modern("HuÕ", likely="tcvn3") == "Huế"
    assert modern("cã", likely="tcvn3") == "cã"
    assert modern("cã", sure="tcvn3") == "có"
    assert modern("Nguyễn Văn Tó", sure="tcvn3") == "Nguyễn Văn Tó"


def test_capitals_come_from_the_words_around() -> None:
    assert modern("Së NéI Vô TØNH B¾C NINH") == "SỞ NỘI VỤ TỈNH BẮC NINH"
    assert modern("Së Néi vô tØnh B¾c Ninh, UBND tØnh Hµ Nam") == "Sở Nội vụ tỉnh Bắc Ninh, UBND tỉnh Hà Nam"
    assert modern("Q§-UBND ngµy 3 th¸ng 2 n¨m 2009") == "QĐ-UBND ngày 3 tháng 2 năm 2009"


def test_a_sentence_begins_with_a_capital_that_tcvn3_has_not() -> None:
    text = "c¸c së, ngµnh ®· häp. ñy ban nh©n d©n tØnh B¾c Ninh, 5.000 ý kiÕn, ý thøc"
    assert modern(text) == "các sở, ngành đã họp. Ủy ban nhân dân tỉnh Bắc Ninh, 5.000 ý kiến, ý thức"


def test_what_reads_both_ways_is_left_unless_the_page_tells() -> None:
    assert modern("LÖ Thuû") == "LÖ Thuû"
    assert modern("LÖ Thuû", sure="tcvn3") == "Lệ Thuỷ"
    assert modern("LÖ Thuû", sure="vni") == "LƯ Thủ"


def test_the_soft_hyphen_is_a_letter_of_tcvn3_and_invisible_elsewhere() -> None:
    assert level("c¶ n\u00ad\u00edc t¨ng tr\u00ad\u00edc h¹n") == "cả nước tăng trước hạn"
    assert level("c¶ n\u2212íc t¨ng tr\u2212íc h¹n") == "cả nước tăng trước hạn"  # out of PDF
    assert level("Sở Nội\u00ad vụ, giai đoạn 2015\u22122020") == "Sở Nội vụ, giai đoạn 2015\u22122020"


def test_signs_that_are_no_letters_stay() -> None:
    text = "· §¬n vÞ cã 5 m² × 3, ®¹t ½ chØ tiªu c¶ n¨m"
    assert modern(text) == "· Đơn vị có 5 m² × 3, đạt ½ chỉ tiêu cả năm"


# -- what is left alone

FOREIGN = {
    "English": "The naïve façade of the café on 5th Avenue cost £5, © 2020 Brontë & Co.® (20 °C ± ½, 3 × 4 µm, §5).",
    "French": "L'été dernier, où la fée naïve haïssait Noël, le maître a goûté à la crème brûlée ; ça coûte très cher, "
    "dès août, « là-bas » en Haïti, même s'il a plu sur l'île où né, bébé, j'ai vu la mûre et le blé.",
    "German": "Die Bäume müssen schön grün blühen, während größere Häuser für Königinnen über der Tür öffnen; "
    "nö, das hören wir äußerst ungern, mähen tun die Kühe.",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy; náš český pán má dům a můj syn má bílé tričko.",
    "Swedish": "Då så, nu må vi gå på en ö där små får får äta blåbär och grönt gräs hela dagen.",
    "Danish": "På Færøerne får små børn røde æbler og blå grød, så må vi gå hjem før øl.",
    "Spanish": "El niño comió piña mañana también; ¿cómo está usted, señor? ¡Qué pingüino más pequeño!",
    "Portuguese": "Não há coração são sem emoções; os irmãos põem pães à mão, três vezes, no avô e na avó.",
    "Finnish": "Hän söi hyvää ruokaa yöllä työn jälkeen, mutta äiti lähti pois jo päivällä.",
    "pinyin": "Nǐ hǎo, wǒ jiào Lǐ Míng, lái zì Běijīng; nü lü, hé, dé, tā bú shì lǜ sè de.",
    "Icelandic": "Það er þá að þú færð það; ég á bæði hús og bíl í Höfn.",
    "formulae": "¬p ∨ ¬q ⊢ ¬(p ∧ q); µg/m³, 5µm × 3µm = 15µm², ½ + ¼ = ¾; x¹ + y² ≤ z³ ± 1 °C",
    "addresses": "https://example.vn/tin-tuc/?id=1&x=%E1%BB%81#Mục, cải.cách@example.vn, http://bücher.example/çä",
}  # fmt: skip


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN.keys())
def test_foreign_text_stays(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    for part in (text, *re.split(r"[.;,]\s", text), *text.split()):
        assert modern(part) == part
        assert not is_tcvn3(part) and not is_vni(part)


@given(st.data())
def test_no_mixture_of_foreign_words_of_one_language_is_converted(data: st.DataObject) -> None:
    words = data.draw(st.sampled_from([text.split() for name, text in FOREIGN.items() if name != "addresses"]))
    text = unicodedata.normalize("NFC", " ".join(data.draw(st.lists(st.sampled_from(words), max_size=25))))
    assert modern(text) == text


@given(st.lists(st.sampled_from(sorted(syllables())), max_size=20), st.sampled_from([str, str.upper, str.title]))
def test_clean_vietnamese_stays_whatever_its_font(words: list[str], case: Any) -> None:
    text = unicodedata.normalize("NFC", case(" ".join(words)))
    for font in (None, *ENCODINGS):
        assert modern(text, likely=font) == text


def test_clean_articles_stay() -> None:
    for text in PARAGRAPHS:
        assert modern(text) == text
        assert level(text) == level(unicodedata.normalize("NFD", text))


@given(st.text(alphabet="abcghinotuy ¸µ¹©®­¬«ª§éèíìôöùøûïâäåêëüñæóò"))
def test_what_was_read_is_not_read_again(text: str) -> None:
    once = modern(text)
    assert modern(once) == once


# -- markup and bytes


@pytest.mark.parametrize(
    ("encoding", "face"), [("tcvn3", ".VnTime"), ("tcvn3", "'.VnArial', serif"), ("vni", "VNI-Times")]
)
def test_the_font_speaks_for_a_single_word(encoding: Encoding, face: str) -> None:
    stored = encoded("Huế", encoding)
    assert [block.text for block in fragment_blocks(f'<p><font face="{face}">{stored}</font></p>')] == ["Huế"]
    assert [block.text for block in fragment_blocks(f'<p style="font-family:{face}">{stored}</p>')] == ["Huế"]
    assert [block.text for block in fragment_blocks(f"<p>{stored}</p>")] == [stored]
    # Nor is Unicode text in an old font read as anything else.
    assert [block.text for block in fragment_blocks(f'<font face="{face}">Không có ở Huế</font>')] == ["Không có ở Huế"]


def test_a_font_of_capitals_shows_capitals_and_modern_text_in_it_is_left_alone() -> None:
    markup = '<p><font face=".VnTimeH">së néi vô</font> xÕp thø nhÊt</p><p style="font-family:.VnTimeH">Sở Nội vụ</p>'
    assert [block.text for block in fragment_blocks(markup)] == ["SỞ NỘI VỤ xếp thứ nhất", "Sở Nội vụ"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_cells_follow_the_table_around_them(encoding: Encoding) -> None:
    rows = [("TT", "Đơn vị", "Kết quả"), ("1", "Sở Nội vụ", "Có"), ("2", "Sở Y tế", "Tú"), ("3", "Huế", "Đạt yêu cầu")]
    markup = "".join(f"<tr>{''.join(f'<td>{encoded(cell, encoding)}</td>' for cell in row)}</tr>" for row in rows)
    assert [block.cells for block in fragment_blocks(f"<table>{markup}</table>")] == rows


def test_entities_stand_for_codes() -> None:
    assert fragment_blocks("<p>c&para; n&shy;&iacute;c x&Otilde;p h&sup1;ng</p>")[0].text == "cả nước xếp hạng"


STORY = (
    "Ngày 12/5/2021, Bộ Nội vụ công bố Chỉ số cải cách hành chính năm 2020. Theo đó, tỉnh Đồng Tháp đạt 88,15%, "
    "xếp thứ 3/63 tỉnh, thành phố, tăng 2 bậc so với năm 2019.\n\n"
    "Năm 2020, tỉnh Đồng Tháp đã tinh giản biên chế 125 người theo Nghị định số 108/2014/NĐ-CP.\n\n"
    "Dịp này, Chủ tịch UBND tỉnh Đồng Tháp tặng Bằng khen cho Sở Tài chính vì có thành tích xuất sắc trong công tác "
    "cải cách hành chính năm 2020."
)
HEADLINE = "Đồng Tháp xếp thứ 3 cả nước về cải cách hành chính"


def facts(title: str, text: str) -> list[dict[str, object]]:
    document = article(
        {"doc_id": "m", "title": title, "published_on": "2021-05-12", "source_province": "Đồng Tháp", "text": text}
    )
    found = extract(document).facts
    for fact in found:
        assert document.text[fact.start : fact.end] == fact.evidence
    return [{"table": fact.TABLE, "fact_id": fact.fact_id, **fact.contract()} for fact in found]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_article_gives_the_same_facts_as_in_unicode(encoding: Encoding) -> None:
    plain = facts(HEADLINE, STORY)
    assert {fact["table"] for fact in plain} == {"rankings", "scores", "staff_reductions", "awards"}
    assert facts(encoded(HEADLINE, encoding), encoded(STORY, encoding)) == plain


def test_a_short_title_follows_its_article() -> None:
    document = {"doc_id": "m", "title": encoded("ICT Index: Huế", "vni"), "text": encoded(STORY, "vni")}
    assert article({**document, "published_on": None}).title == "ICT Index: Huế"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_whole_articles_have_the_same_blocks(encoding: Encoding) -> None:
    for document in DOCUMENTS:
        text = unicodedata.normalize("NFC", document["text"])
        plain, read = text_blocks(text), text_blocks(encoded(text, encoding))
        assert same("\n".join(b.text for b in read), "\n".join(b.text for b in plain), encoding)


SOURCE = Source(
    name="baolongan",
    title="Báo Long An",
    province="Long An",
    hosts=("baolongan.vn",),
    article=re.compile(r"-a\d+\.html$"),
    discovery=Discovery(feeds=("/rss",)),
    layouts=(DatedLayout("content-fck"),),
)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "charset", ["windows-1252", "iso-8859-1", "x-user-defined", "windows-1258", "utf-8", "x-viet-tcvn5712", ""]
)
def test_a_page_of_such_bytes_is_read_whatever_it_declares(encoding: Encoding, charset: str) -> None:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in STORY.split("\n\n"))
    page = (
        f"<html><head><script>var size = 12; function go(there) {{ return window.open(there) }}</script></head><body>"
        f'<span class="pubdate">14/07/2021 - 18:20</span><div class="detail-title"><h1>{HEADLINE}</h1></div>'
        f"<div class=content-fck>{body}</div></body></html>"
    )
    payload = encoded(page, encoding).encode("latin-1")
    content_type = f"text/html; charset={charset}" if charset else "text/html"
    ref = CaptureRef("a.warc.gz", 0, 1, "sha1:A")
    url = "https://baolongan.vn/dong-thap-xep-thu-ba-a100.html"
    read, issues = parse(Capture(ref, "baolongan", url, "2021-07-20T01:00:00Z", 200, content_type, payload), SOURCE)
    assert issues == []
    assert read.title == HEADLINE
    assert read.text == f"{HEADLINE}\n\n{STORY}"


def test_bytes_of_windows_1258_are_composed() -> None:
    bare = "".join(
        unicodedata.normalize("NFC", split[:2]) + split[2:]
        if len(split := unicodedata.normalize("NFD", char)) == 3 and split[1] in "\u0302\u0306\u031b"
        else char
        for char in "Hôm nay, tỉnh xếp thứ nhất, đạt 88,15%"
    )
    stored = bare.replace("ỉ", "i\u0309").replace("ạ", "a\u0323").encode("cp1258", errors="strict")
    assert level(decode(stored, "text/html; charset=windows-1258")) == "Hôm nay, tỉnh xếp thứ nhất, đạt 88,15%"
