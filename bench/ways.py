"""The three ways to take facts out of an archive that the benchmark compares, each as a generator over its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType
from selectolax.lexbor import LexborHTMLParser

from pipeline import stages
from pipeline.archive import Archive
from pipeline.collection import Reading

# What the simplest search for these facts looks for.
_WORDS = re.compile("Chỉ số|xếp thứ|xếp hạng|tinh giản biên chế|Bằng khen|Giấy khen|Cờ thi đua")
_PATTERNS = (
    re.compile(r"(?:xếp|đứng) (?:thứ|hạng|vị trí)[^\d]{0,20}(\d+)(?:/(\d+))?", re.IGNORECASE),
    re.compile(r"(\d+(?:,\d+)?)\s*(?:điểm|%)", re.IGNORECASE),
    re.compile(r"tinh giản[^.]{0,80}?(\d+)\s*(?:người|biên chế|trường hợp)", re.IGNORECASE),
    re.compile(r"(?:tặng|nhận)\s+(bằng khen|giấy khen|cờ thi đua|huân chương[^,.]{0,40})", re.IGNORECASE),
)


def _payloads(corpus: Path) -> Iterator[bytes]:
    for file in sorted(corpus.glob("*/*.warc.gz")):
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
                yield record.reader.read()


def floor(corpus: Path) -> Iterator[bool]:
    """Read the record, parse the page, search its text once: less cannot be done with a page that is looked at."""
    for payload in _payloads(corpus):
        body = LexborHTMLParser(payload).body
        yield body is not None and _WORDS.search(body.text()) is not None


def ours(corpus: Path) -> Iterator[Reading]:
    """What `cchc extract` does with each page before the tables are made, on one process."""
    yield from stages.read_all(Archive.load(corpus), stages.sources())


def users(corpus: Path) -> Iterator[int]:
    """What a user would put together: the text by trafilatura, names and tags of each sentence by underthesea, then
    regular expressions."""
    import trafilatura
    from underthesea import ner, pos_tag, sent_tokenize

    for payload in _payloads(corpus):
        text = trafilatura.extract(payload.decode(), include_tables=True) or ""
        found = 0
        for line in text.splitlines():
            for sentence in sent_tokenize(line) if line.strip() else ():
                ner(sentence)
                pos_tag(sentence)
                found += sum(len(pattern.findall(sentence)) for pattern in _PATTERNS)
        yield found
