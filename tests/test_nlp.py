"""Tokens and spans: the text is never changed, and whatever was read can be pointed at."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractors.nlp import language, read
from extractors.notes import LAYERS
from extractors.syllables import syllables
from extractors.tokens import SyllableTokenizer
from extractors.words import words
from pipeline.records import Article, Block

# Letters with marks, digits, marks of all kinds, white space of all kinds, text in decomposed form.
TEXTS = st.text(alphabet="aăâđêôơưỘệ̣ầNộiVụ0123456789 \t\n\u00a0.,;:%/()-–“”'|&+", max_size=60) | st.text(max_size=30)
SENTENCES = st.lists(
    st.sampled_from(
        [
            "Năm 2019, Sở Nội vụ Long An xếp thứ 5/63, đạt 81,20 điểm.",
            "UBND TP.Tân An (82,5%) tăng 3 bậc;",
            "Tỉnh phấn đấu PAR INDEX vào nhóm 10…",
            "Giảm 1.066 biên chế theo NĐ 108/2014/NĐ-CP,từ 6.8.2018",
            "TP.HCM|H'Drai–PC03",
            "Bằng khen của Thủ tướng Chính phủ cho 2 tập thể",
            "12,5%PCI2021",
            "  \u00a0 ",
            "x" * 3,
        ]
    ),
    min_size=1,
    max_size=5,
)


def article(*texts: str, title: str = "Tin", home: str | None = "Long An", day: str | None = "2020-05-01") -> Article:
    blocks = (Block("title", title), *(Block("paragraph", text) for text in texts))
    return Article("d", "s", home, "", title, day, "text", None, blocks)


@settings(deadline=None)  # the first example loads what is read with
@given(TEXTS)
@example("A  b\n\n c ")
@example(" ")
def test_the_text_of_a_doc_is_the_text(text: str) -> None:
    doc = SyllableTokenizer(language().vocab)(text)
    assert doc.text == text
    assert all(text[token.idx : token.idx + len(token.text)] == token.text for token in doc)


@given(TEXTS, st.sets(st.integers(min_value=0, max_value=60), max_size=8))
def test_every_cut_is_a_boundary(text: str, cuts: set[int]) -> None:
    spans = syllables(text, cuts)
    assert "".join(text[start:end] for start, end in spans).replace(" ", "") == text.replace(" ", "")
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert not any(start < cut < end for cut in cuts for start, end in spans)
    assert SyllableTokenizer(language().vocab).cut(text, cuts).text == text


def test_syllables_numbers_and_marks_are_tokens() -> None:
    text = "Sở Nội vụ đạt 81,20%, xếp 5/63 (PC03)."
    assert [text[a:b] for a, b in syllables(text)] == [
        "Sở", "Nội", "vụ", "đạt", "81,20", "%", ",", "xếp", "5", "/", "63", "(", "PC", "03", ")", ".",
    ]  # fmt: skip


@settings(deadline=None, max_examples=40)  # how long it takes is the machine's affair
@given(SENTENCES)
def test_all_that_was_read_is_a_span_of_tokens(texts: list[str]) -> None:
    doc = read(article(" ".join(texts), *texts))
    notes = doc._.notes
    assert sum(len(doc.spans[layer]) for layer in LAYERS) == len(notes)
    for layer in LAYERS:
        found = [(span.start_char, span.end_char, span.label_, span._.rule) for span in doc.spans[layer]]
        assert found == [(note.start, note.end, note.label, note.rule) for note in notes if note.layer == layer]
    starts = {sentence.start for sentence in doc._.document.sentences}
    assert starts <= {sentence.start_char for sentence in doc.sents}


def test_spans_carry_label_rule_and_record() -> None:
    doc = read(article("Năm 2019, PCI của TP.HCM xếp thứ 5/63."))
    found = [(span.text, span.label_, span.kb_id_) for span in doc.spans["mentions"]]
    assert found == [("TP.HCM", "province", "Hồ Chí Minh")]
    assert [(span.text, span._.value.period) for span in doc.spans["periods"]] == [("Năm 2019", "2019")]
    assert [(span.text, span.label_) for span in doc.spans["indices"]] == [("PCI", "PCI")]
    (fact,) = doc.spans["facts"]
    assert fact.label_ == "rankings"
    assert fact._.value.rank == 5
    assert fact._.rule == fact._.value.rule
    assert fact._.rule in {span._.rule for span in doc.spans["values"]}
    assert [entity.text for entity in doc.ents] == ["TP.HCM"]


def test_words_are_slices_of_the_text() -> None:
    text = "Sở Nội vụ  qui định\n\nxếp hạng 5/63 – H. Lệ Thuỷ…"
    found = words(text)
    assert all(text[start:end] == word for start, end, word, _ in found)
    assert {("Nội vụ", "N"), ("xếp hạng", "V"), ("Lệ Thuỷ", "Np")} <= {(word, tag) for _, _, word, tag in found}
    assert [start for start, *_ in found] == sorted(start for start, *_ in found)


def test_words_of_nothing_are_none() -> None:
    assert words("") == words(" \n ") == []
