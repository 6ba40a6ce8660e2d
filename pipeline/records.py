"""The frozen dataclasses that pass between stages. Imports the standard library only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar, Literal

BLOCK_SEPARATOR = "\n\n"
CELL_SEPARATOR = " | "

BlockKind = Literal["title", "lead", "heading", "paragraph", "item", "caption", "row"]
Modality = Literal["actual", "target"]
EntityType = Literal[
    "province", "ministry", "department", "district", "commune", "group", "person", "organisation"
]


@dataclass(frozen=True, slots=True)
class CaptureRef:
    """Address of one archived response: seek `offset` in `warc` (a path relative to the corpus) and read
    one gzip member of `length` bytes; `digest` is `sha1:BASE32` of the payload as served."""

    warc: str
    offset: int
    length: int
    digest: str


@dataclass(frozen=True, slots=True)
class Capture:
    """One HTTP response as served. `payload` is the body with transfer and content encoding removed;
    `fetched_at` is UTC in ISO 8601 with a final Z; `content_type` is the header's value, or empty."""

    ref: CaptureRef
    source: str
    url: str
    fetched_at: str
    status: int
    content_type: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of an article's text: NFC, single spaces, no newline, never empty.

    A table row is a block of kind `row`: `cells` are its cells as text with merged cells expanded (every row
    of a table has the same number of cells), `text` joins them with ` | `, `table` numbers the body's tables
    from 0, and `header` marks the rows that name the columns. All other kinds leave these three unset.
    """

    kind: BlockKind
    text: str
    cells: tuple[str, ...] = ()
    table: int | None = None
    header: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """An article in one coordinate system: `text == "\\n\\n".join(block.text for block in blocks)`.

    `province` is the source's home province by its name in the source's file (None for a central source);
    `published_on` an ISO date or None; `layout` the name of the layout that parsed it; `ref` is None for a
    document that does not come from the archive.
    """

    doc_id: str
    source: str
    province: str | None
    url: str
    title: str
    published_on: str | None
    layout: str
    ref: CaptureRef | None
    blocks: tuple[Block, ...]
    author: str | None = None

    @property
    def text(self) -> str:
        return BLOCK_SEPARATOR.join(block.text for block in self.blocks)

    def block_spans(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each block in `text`, in order."""
        spans, start = [], 0
        for block in self.blocks:
            spans.append((start, start + len(block.text)))
            start += len(block.text) + len(BLOCK_SEPARATOR)
        return tuple(spans)


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that a person should see. `code` is machine-readable (`layout.selector_missed`), `level` is
    `warning` (the work goes on) or `error` (a page, fact or source was given up); `message` names cause and
    remedy; `where` is a source, URL, doc_id or file."""

    code: str
    level: Literal["warning", "error"]
    message: str
    source: str | None = None
    where: str | None = None


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What every fact has. `article.text[start:end] == evidence` always holds.

    Subclasses name their table in `TABLE` and in `KEY` the fields that make two facts the same fact.
    """

    TABLE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]
    CORE: ClassVar[tuple[str, ...]]

    doc_id: str
    entity_type: EntityType
    entity: str
    province: str | None = None
    province_code: str | None = None
    period: str | None = None
    modality: Modality = "actual"
    evidence: str
    start: int
    end: int
    rule: str

    def key(self) -> tuple[object, ...]:
        """The values of the key fields, in the order of `KEY`."""
        return tuple(getattr(self, name) for name in self.KEY)

    @property
    def fact_id(self) -> str:
        """16 hexadecimal digits from the document, the table and the key fields: neither offsets nor the rule
        enter, so that the id survives a better rule."""
        parts = [self.doc_id, self.TABLE, *("" if value is None else _canonical(value) for value in self.key())]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]

    def contract(self) -> dict[str, object]:
        """The fields of the contract (the annotation form): no ids, offsets, rule or code."""
        internal = {"doc_id", "province_code", "start", "end", "rule"}
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in internal}


def _canonical(value: object) -> str:
    return format(value, ".10g") if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What an article yielded: facts in the order of their offsets, and what was dropped or doubtful."""

    facts: tuple[Fact, ...] = ()
    issues: tuple[Issue, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
