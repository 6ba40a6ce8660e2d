"""Sentences and their annotation: mentions, periods, indices, and the masked copy that rules are matched on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from extractors.awards_kinds import AwardSpan, find_awards
from extractors.fold import fold_once
from extractors.indices import IndexSpan, ShortForm, find_indices, short_forms, shortened
from extractors.lazy import once
from extractors.mentions import Mention, find_mentions
from extractors.names import unlisted_people
from extractors.rules import FILLER, MASKS
from extractors.values import PeriodSpan, document_numbers, find_periods
from pipeline.records import Article, Block

# A full stop ends a sentence before a space and a capital, digit, quote or dash; not after an abbreviation
# ("TP. Vinh", "H. Lệ Thủy", "v.v.") or a single capital ("Nguyễn V. A").
# (A single sign first: that is what a search can look for fast.)
_STOP = re.compile(r"[.!?…][.!?…]*[\"')]*(?=\s)")
_ABBREVIATION = re.compile(
    r"(?<!\w)(?:tp|tx|tt|h|q|p|x|t|đ/c|đ\.c|ths|ts|pgs|gs|bs|ks|ths|st|kts|ncs|nsnd|nsưt|ông|bà|[a-zđ])\.$"
)
_LETTER = re.compile(r"(?:nhóm|loại|hạng|mức) [abcdiv]\.$")
# Neither is longer: the whole sentence need not be searched for what stands at its end.
_LONGEST = 8
_STARTS = re.compile(r"\s+[\"'“‘(\[*•-]*\s*(\w)")


@dataclass(frozen=True)
class Paragraph:
    """One block of an article with the mentions in it, which are looked for when they are first asked for."""

    text: str
    folded: str
    published: date | None
    home: str | None
    short: tuple[ShortForm, ...] = ()  # those that the article declares

    @once
    def awards(self) -> list[tuple[int, int]]:
        """Where distinctions are named."""
        return [(award.start, award.end) for award in find_awards(self.folded)]

    @once
    def mentions(self) -> list[Mention]:
        awards = self.awards
        text = _without_capitals(self.text, self.folded, awards) if awards else self.text
        mentions = find_mentions(text, self.folded, self.published, self.home)
        if awards:
            taken = [*awards, *((mention.start, mention.end) for mention in mentions)]
            unlisted = unlisted_people(self.text, self.folded, taken)
            mentions = sorted([*mentions, *unlisted], key=lambda mention: mention.start)
        return mentions


# Not frozen, as setting nine fields would take three times as long, and most sentences are made only to be passed over.
@dataclass(eq=False)
class Sentence:
    """One sentence of a block, never changed. `start` and `end` are the article's offsets, `low` the block's; all offsets inside (of
    mentions, periods and indices) count from `start`. `folded` and `masked` are as long as `text`. What is in it is
    looked for when it is first asked for: most sentences are never asked."""

    start: int
    end: int
    block: int
    kind: str
    text: str
    folded: str
    low: int
    paragraph: Paragraph = field(repr=False)

    @once
    def mentions(self) -> tuple[Mention, ...]:
        high = self.low + len(self.text)
        if not self.low and high == len(self.paragraph.text):
            return tuple(self.paragraph.mentions)
        return tuple(
            shifted(mention, -self.low)
            for mention in self.paragraph.mentions
            if self.low <= mention.start and mention.end <= high
        )

    @once
    def periods(self) -> tuple[PeriodSpan, ...]:
        return tuple(find_periods(self.folded, self.paragraph.published))

    @once
    def indices(self) -> tuple[IndexSpan, ...]:
        found = find_indices(self.folded)
        if self.paragraph.short:
            found = sorted([*found, *shortened(self.folded, self.paragraph.short)], key=lambda span: span.start)
        return tuple(found)

    @once
    def masked(self) -> str:
        awards = find_awards(self.folded) if self.paragraph.awards else ()
        return mask(self.folded, self.mentions, self.periods, self.indices, awards)

    def reread(self, mentions: tuple[Mention, ...], masked: str) -> Sentence:
        """The same sentence with other mentions, masked accordingly."""
        other = replace(self)
        other.__dict__.update(mentions=mentions, masked=masked)  # where the cached properties keep theirs
        return other


@dataclass(frozen=True, slots=True)
class Document:
    """An article with its sentences in order; `published` is its day or None, `home` its source's province.

    `sentences` are those that the article stands by; `all_sentences` have also the claims that it quotes to deny them.
    """

    article: Article
    text: str
    published: date | None
    home: str | None
    sentences: tuple[Sentence, ...]
    all_sentences: tuple[Sentence, ...]


def document(article: Article) -> Document:
    """The annotated article. Table rows are one sentence each."""
    published = date.fromisoformat(article.published_on) if article.published_on else None
    sentences: list[Sentence] = []
    text, spans = article.text, article.block_spans()
    whole = fold_once(text)
    folded = [_without_taken_back(whole[start:end]) for start, end in spans]
    short = tuple(
        form for block, low in zip(article.blocks, folded, strict=True) for form in short_forms(block.text, low)
    )
    for number, (block, (offset, _)) in enumerate(zip(article.blocks, spans, strict=True)):
        paragraph = Paragraph(block.text, folded[number], published, article.province, short)
        sentences.extend(_sentences(block, number, offset, paragraph))
    return Document(article, text, published, article.province, tuple(_undenied(sentences)), tuple(sentences))


# What a sentence says of the claim quoted before it: "Sai.", "Hoàn toàn bịa đặt.", "Cũng không phải: …"
_DENIAL = re.compile(
    r"\W*(?:điều (?:này|đó) (?:là )?|thông tin (?:này|trên) (?:là )?|hoàn toàn |cũng )?"
    r"(?:sai|không đúng|không phải|không chính xác|không có căn cứ|không có cơ sở|bịa đặt|tin giả)(?!\w)"
)


# "Có thông tin tỉnh tụt 12 bậc.", "Nhiều người kháo nhau …": a claim told without quotes
_CLAIMED = re.compile(
    r"(?:^\W*|[,;] )(?:(?:đã |từng )?có (?:tin|thông tin|người (?:nói|bảo))|nhiều người (?:nói|bảo|cho rằng|kháo)|(?:nhiều|một số) (?:trang|tờ|tài khoản))(?!\w)"
)


def _undenied(sentences: list[Sentence]) -> Iterator[Sentence]:
    """The sentences but those that quote a claim which the next one denies."""
    for number, sentence in enumerate(sentences):
        following = sentences[number + 1] if number + 1 < len(sentences) else None
        denied = (
            following is not None
            and following.block == sentence.block
            and _DENIAL.match(following.folded)
            and ('"' in sentence.folded or _CLAIMED.search(sentence.folded))
        )
        if not denied:
            yield sentence


# "Đoạn “…” sửa lại là …", "Bỏ câu “…” vì …": what a notice of correction takes back
_TAKEN_BACK = re.compile(
    r"(?:đoạn|câu|chú thích(?: ảnh)?|dòng|chi tiết|cụm từ|nội dung|thông tin|số liệu|tít|tiêu đề) (?P<quote>\"[^\"]{10,400}\"),?"
    r"(?: nay| xin| được)* (?:sửa|đính chính|đọc|thay|chỉnh)(?: lại)?(?: là| thành| bằng)(?!\w)"
    r"|(?<!\w)(?:bỏ|lược bỏ|xóa|gỡ)(?: câu| đoạn| chi tiết| nội dung| thông tin)+ (?P<dropped>\"[^\"]{10,400}\")"
)


def _without_taken_back(folded: str) -> str:
    """The text, as long as it was, with blanks for what a notice of correction quotes to take it back."""
    if '"' not in folded:
        return folded
    for match in _TAKEN_BACK.finditer(folded):
        start, end = match.span("quote" if match["quote"] else "dropped")
        folded = folded[:start] + " " * (end - start) + folded[end:]
    return folded


def _sentences(block: Block, number: int, offset: int, paragraph: Paragraph) -> Iterator[Sentence]:
    folded = paragraph.folded
    spans = [(0, len(folded))] if block.kind == "row" else split(block.text, folded)
    for start, end in spans:
        text, part = block.text[start:end], folded[start:end]
        yield Sentence(offset + start, offset + end, number, block.kind, text, part, start, paragraph)


def _without_capitals(text: str, folded: str, awards: Iterable[tuple[int, int]]) -> str:
    """The text with the first letters of distinctions in lower case, as long as it was: in "tặng phường Bằng khen" no
    ward is called Bằng."""
    letters = list(text)
    for start, _ in awards:
        letters[start] = folded[start]
    return "".join(letters)


def shifted(mention: Mention, by: int) -> Mention:
    return Mention(
        mention.start + by, mention.end + by, mention.type, mention.name, mention.province, mention.kind,
        mention.certain,
    )  # fmt: skip


def split(text: str, folded: str) -> list[tuple[int, int]]:
    """Start and end of each sentence of a block, without the white space around; a semicolon ends none."""
    spans, start = [], 0
    for stop in _STOP.finditer(folded):
        following = _STARTS.match(text, stop.end())
        if following is None or following[1].islower():
            continue
        if folded[stop.start()] == "." and _is_abbreviated(folded, start, stop.start() + 1):
            continue
        spans.append((start, stop.end()))
        start = stop.end() + len(text[stop.end() :]) - len(text[stop.end() :].lstrip())
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def _is_abbreviated(folded: str, start: int, end: int) -> bool:
    """Whether the stop belongs to a short form; a level's letter ("đạt nhóm B.") or
    numeral ("hạng I.") is none."""
    near = max(start, end - _LONGEST)
    return bool(_ABBREVIATION.search(folded, near, end)) and not _LETTER.search(folded, near, end)


def mask(
    folded: str,
    mentions: Iterable[Mention],
    periods: Iterable[PeriodSpan],
    indices: Iterable[IndexSpan],
    distinctions: Iterable[AwardSpan],
) -> str:
    """The folded text with each name, period, index and distinction replaced by a mark of its type, as long as itself."""
    # A distinction takes its words first: "Kỷ niệm chương "Vì sự nghiệp ngành Y tế"" names no ministry.
    awards = [(award.start, award.end) for award in distinctions]
    # A set ("17 bộ, cơ quan ngang bộ") stays as worded: its number and its nouns are what rules read.
    spans: list[tuple[int, int, str]] = [
        (m.start, m.end, m.kind if m.kind in {"self", "anaphor"} else m.type)
        for m in mentions
        if m.kind != "set" and not any(a < m.end and m.start < b for a, b in awards)
    ]
    spans += [(start, end, "award") for start, end in awards]
    taken = [(start, end) for start, end, _ in spans]
    for kind, found in (
        ("document", document_numbers(folded)),
        ("index", [(i.start, i.end) for i in indices if i.kind == "index"]),
        ("component", [(i.start, i.end) for i in indices if i.kind == "component"]),
    ):
        free = [(s, e) for s, e in found if not any(a < e and s < b for a, b in taken)]
        spans += [(s, e, kind) for s, e in free]
        taken += free
    for period in periods:
        if not any(a < period.end and period.start < b for a, b in taken):
            spans.append((period.start, period.end, "date" if period.kind == "date" else "period"))
    pieces, last = [], 0
    for start, end, kind in sorted(spans):
        pieces += [folded[last:start], MASKS[kind], FILLER * (end - start - 1)]
        last = end
    return "".join([*pieces, folded[last:]])
