"""Shortcuts lose nothing, and no rule's work grows faster than its text."""

from __future__ import annotations

import functools
import itertools
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bench import corpus
from extractors import extract as extraction
from extractors import lookups, modality, values
from extractors.facts import staff_reductions
from extractors.facts.ratings import level_counts
from extractors.fold import fold
from extractors.gate import ALL_TOPICS, topics
from extractors.indices import find_indices
from extractors.mentions import find_mentions
from extractors.needed import levelled, required
from extractors.rules import FILLER, MASKS, Rule, load_rules
from extractors.sentence import document
from extractors.signals import find_signals
from extractors.triggers import Scan, Triggers
from pipeline import documents, stages
from pipeline.records import Article, Capture, CaptureRef, Extraction
from pipeline.sample_server import sites
from scrapers.page import parse

RULES = tuple(path.stem for path in (Path(__file__).parent.parent / "extractors" / "rules").glob("*.yml") if path.stem != "words")
SHARED = Path(__file__).parent.parent.parent / "shared" / "gold"


def parsed(source: str, url: str, html: bytes) -> Article:
    capture = Capture(CaptureRef("", 0, 0, ""), source, url, "2021-01-05T00:00:00Z", 200, "text/html", html)
    return parse(capture, stages.sources()[source])[0]


def gold() -> Iterator[Article]:
    files = [*Path(__file__).with_name("gold").glob("*.jsonl"), *SHARED.glob("*.jsonl")]
    for file in sorted(files):
        for line in file.read_text("utf-8").splitlines():
            yield documents.article(json.loads(line))


def sample() -> Iterator[Article]:
    for source, site in sites().items():
        scheme = stages.sources()[source].scheme
        for url in site.article_urls():
            yield parsed(source, f"{scheme}://{site.hosts[0]}{url}", site.answer(url).body)


def generated() -> Iterator[Article]:
    return (parsed(page.source, page.url, page.html) for page in corpus.pages(40))


def without_shortcuts(article: Article) -> Extraction:
    """The facts where every article passes the gate, every sentence is read, and every rule is tried."""
    everything = patch.object(extraction, "topics", lambda _article, _asked: ALL_TOPICS)
    always = patch.object(Triggers, "possible", lambda self, _text: list(range(len(self.needs))))
    anything = patch.object(Triggers, "stands", lambda _self, _text: -1)
    begins = patch.object(staff_reductions, "may_begin", lambda _sentence: True)
    for remembered in (level_counts, modality._cues):
        remembered.cache_clear()
    with everything, always, anything, begins:
        return extraction.extract(article)


@pytest.mark.parametrize("articles", [gold, sample, generated])
def test_the_facts_are_those_of_the_way_without_gate_and_shortcuts(articles: Callable[[], Iterator[Article]]) -> None:
    told = 0
    for article in articles():
        quick = extraction.extract(article)
        assert quick == without_shortcuts(article), article.title
        told += len(quick.facts)
    assert told > 50


def test_an_article_on_other_matters_is_not_read_at_all() -> None:
    plain = next(a for page in corpus.pages(20) if not page.with_facts and not topics(a := parsed(page.source, page.url, page.html)))
    with patch.object(extraction, "document", side_effect=AssertionError("read all the same")):
        assert extraction.extract(plain) == Extraction()


def test_a_sentence_is_read_only_when_asked() -> None:
    article = next(generated())
    with patch("extractors.sentence.find_mentions", side_effect=AssertionError("asked")):
        annotated = document(article)
        assert [sentence.text for sentence in annotated.sentences]


def test_what_a_pattern_needs_stands_in_all_that_it_matches() -> None:
    texts = [sentence.masked for article in gold() for sentence in document(article).sentences]
    tried = 0
    for rule in itertools.chain.from_iterable(map(load_rules, RULES)):
        needed = required(rule.pattern)
        for match in filter(None, map(rule.pattern.search, texts)):
            tried += 1
            for one_of in needed:
                assert any(word in levelled(match.string) for word in one_of), (rule.id, match)
    assert tried > 1000


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"a(?:bc|bd)e", "abde"), (r"(?:xếp|đứng) (?:thứ )?\d", "đứng 3"), (r"x(?=yz)", "xyz"), (r"(?<=mn)o", "mno"),
        (r"(?:ab)?c{2,3}d", "ccd"), (r"[abc]{2}|qu", "qu"), (r"(?i:AB)c", "abc"), (r"(a|b)\1q", "aaq"), (r"a(?!b)c", "ac"),
        (r"(?:cchc|cải cách)", "cải cách"), (r"[^x]yz", "ayz"), (r"(?:a|)b", "b"), (r"\d+%", "5%"), (r"(?>ab|a)c", "abc"),
    ],
)  # fmt: skip
def test_words_needed_are_true_of_every_kind_of_pattern(pattern: str, text: str) -> None:
    assert re.search(pattern, text)
    assert Triggers([re.compile(pattern)]).possible(f"… {text} …") == [0]


# Patterns made of all that patterns are made of: words, classes, digits, choices, what may be left out or come again.
_PATTERNS = st.recursive(
    st.sampled_from(["a", "bc", " ", "12", r"\d", r"\d{1,3}", "[ab]", "[^a]", r"\w", r"\b"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda ways: f"(?:{'|'.join(ways)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,2}", "{1,3}?"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        inner.map(lambda within: f"({within})"),
        inner.map(lambda within: f"(?={within})"),
        inner.map(lambda within: f"(?!{within})"),
    ),
    max_leaves=8,
)


# Few texts are matched by a pattern made without them, so that most examples are let go.
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])  # how long it takes is the machine's affair
@given(_PATTERNS, st.text("abc 0129", max_size=12))
def test_no_pattern_is_left_out_of_a_text_that_it_matches(pattern: str, text: str) -> None:
    compiled = re.compile(pattern)
    assume(compiled.search(text))
    assert Triggers([compiled], Scan()).possible(text) == [0]


def test_a_pattern_whose_words_are_missing_is_not_tried() -> None:
    assert Triggers([re.compile("xếp (?:thứ|hạng)"), re.compile("tặng")]).possible("được tặng sách") == [1]
    assert not required(re.compile(r"\w+"))


def test_periods_begin_as_the_shortcut_says() -> None:
    """Against the same patterns without the test of what they begin with, on words that make and nearly make them."""
    slow = re.compile("|".join(values._numbered(pattern, place) for place, (_, pattern) in enumerate(values._PATTERNS)))
    chance = random.Random(7)
    words = ["từ tháng", "thời kỳ", "giai đoạn", "nhiệm kỳ", "trong", "trưa", "năm", "nửa", "đầu", "cuối", "ngày", "quý", "sáu", "sáng", "chiều", "chín", "tối", "đến", "hôm nay", "cùng kỳ", "ba", "bảy", "bốn", "tám", "mười", "mười một", "1", "2020", "12", "6/2020", "-", "/", "iii", "2019", "nay", "ngoái", "trước", "14/7/2020", "28-4-2020", "(", "của", "hết", "02/2025", "5", "2017-2020"]
    for _ in range(8000):
        text = " ".join(chance.choice(words) for _ in range(chance.randint(2, 9)))
        found = [match.span() for match in slow.finditer(text)]
        assert [match.span() for match in values._PERIOD.finditer(text)] == found, text
        assert not found or values.may_tell_period(text), text


def test_the_days_on_which_names_change_are_all_known() -> None:
    """What is remembered of a place is kept for the days between two of them."""
    days = {day for units in lookups.communes().values() for unit in units for day in (unit.valid_from, unit.valid_to) if day}
    assert days <= {lookups.LAST_DAY_OF_DISTRICTS, *lookups._turns()}


# --- work ------------------------------------------------------------------------------------------------------------

SHORT, LONG = 25_000, 100_000
# Four times the text: the time of quadratic work would grow sixteen times, of work in n log n less than five.
TOO_MUCH = 8
# Below this the clock tells nothing; a search so fast is no danger at this size.
NOISE = 0.02


def near_misses(rule: Rule, size: int) -> str:
    """The rule's own sentences cut before their end and run together without a stop, so that it nearly matches
    everywhere."""
    pieces = [fold(text)[: max(4, len(text) * 2 // 3)] for text in (*rule.matches, *rule.rejects)]
    masks = [mark + FILLER * 3 for mark in MASKS.values()]
    chance = random.Random(rule.id)
    parts: list[str] = []
    length = 0
    while length < size:
        part = chance.choice(pieces) + " " + chance.choice(masks)
        parts.append(part)
        length += len(part) + 1
    return " ".join(parts)[:size]


def seconds(work: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    work(text)
    return time.process_time() - start


def grows_too_fast(work: Callable[[str], object], short: str, long: str) -> bool:
    """Whether the time grows as that of quadratic work; looked at three times, as the machine does other things."""
    for _ in range(3):
        took = seconds(work, long)
        if took < NOISE or took < TOO_MUCH * seconds(work, short):
            return False
    return True


def found_in(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))


@pytest.mark.parametrize("name", RULES)
def test_no_rule_takes_more_than_its_share_on_a_hundred_thousand_near_misses(name: str) -> None:
    slow = [
        rule.id
        for rule in load_rules(name)
        if grows_too_fast(
            functools.partial(found_in, rule.pattern),
            near_misses(rule, SHORT),
            near_misses(rule, LONG),
        )
    ]
    assert not slow


NEARLY = {
    "periods": "từ ngày 1/7 đến tháng 13 năm 20 quý v 31/12/20 giai đoạn 2015 - 99 sáu tháng cuối nhiệm kỳ 20/ ",
    "indices": "chỉ số đánh giá mức độ hài lòng của người dân về bộ chỉ số theo dõi năng lực cạnh tranh cấp các ",
    "signals": "đứng thứ xếp hạng vị trí tăng so với giảm điểm lần lượt là nhóm 10 đơn vị cuối bảng 5/ mức khá hơn ",
    "capitals": "Sở Nội Vụ Nguyễn Văn Phòng Ban Quản Lý Các Huyện Tân Bình Thạnh Xã Đông Hòa, Bộ Và Đào Tạo ",
    "letters": "Aa",
    "digits": "1.2.3,4/5-6 ",
    "quotes": '"danh hiệu "chiến sĩ thi đua cấp (',
}
WORK: dict[str, Callable[[str], object]] = {
    "find_periods": lambda text: values.find_periods(text, date(2020, 7, 1)),
    "find_indices": find_indices,
    "find_signals": find_signals,
    "find_mentions": lambda text: find_mentions(text, fold(text), date(2020, 7, 1), "Long An"),
    "level_counts": lambda text: list(level_counts(text)),
}


@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("nearly", NEARLY)
def test_readers_take_no_more_than_their_share_on_a_hundred_thousand_near_misses(work: str, nearly: str) -> None:
    text = NEARLY[nearly] * (LONG // len(NEARLY[nearly]) + 1)
    assert not grows_too_fast(WORK[work], text[:SHORT], text[:LONG])


def test_facts_are_read_without_loading_what_only_explaining_needs() -> None:
    code = "import sys, extractors.extract, extractors.facts as f; f.extractors(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"spacy", "underthesea", "pandas"} & set(done.stdout.split())
