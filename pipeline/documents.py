"""Documents in the form of the gold files: read as articles, written as predictions."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.records import Article, Block, Fact

# Documents come from no site and no layout; the article says so in the fields that name them.
SOURCE = LAYOUT = "document"


class DocumentError(UsageError):
    """A line that is no document; the message names file, line and remedy."""


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The documents of a JSON Lines file, in its order; blank lines are passed over.

    Each has a `doc_id`; what else is needed is checked by whoever needs it. Raises DocumentError.
    """
    for number, line in enumerate(_lines(path), start=1):
        if line.strip():
            yield _document(line, f"{path}, line {number}")


def article(document: Mapping[str, Any]) -> Article:
    """The article that a document stands for: its title, then the blocks of its `html`, or else its `text`.

    Needs `title` and `text` (or `html`); `published_on` is an ISO date or null, `source_province` a name or
    null. Raises DocumentError.
    """
    from scrapers.html import fragment_blocks, text_blocks
    from scrapers.legacy import expected_in

    where = f"document {document.get('doc_id')!r}"
    title = _text(document, "title", where)
    html = _text(document, "html", where) if document.get("html") else ""
    body = fragment_blocks(html) if html else text_blocks(_text(document, "text", where))
    written = expected_in(html or document["text"])
    heading = tuple(replace(block, kind="title") for block in text_blocks(title, likely=written))
    province = _text(document, "source_province", where) if document.get("source_province") else None
    return Article(
        doc_id=str(document["doc_id"]),
        source=SOURCE,
        province=unicodedata.normalize("NFC", province) if province else None,
        url="",
        title=" ".join(block.text for block in heading),
        published_on=_day(document, where),
        layout=LAYOUT,
        ref=None,
        blocks=(*_one_line(heading), *body),
    )


def prediction(doc_id: str, facts: Iterable[Fact], tables: Iterable[str]) -> dict[str, Any]:
    """The document's facts in the contract's form: every table is named, empty ones too."""
    by_table: dict[str, list[dict[str, object]]] = {table: [] for table in tables}
    for fact in facts:
        by_table[fact.TABLE].append(fact.contract())
    return {"doc_id": doc_id, "facts": by_table}


def as_line(document: Mapping[str, Any]) -> str:
    """One line of JSON, Vietnamese letters as they are."""
    return json.dumps(document, ensure_ascii=False) + "\n"


def write(path: Path, text: str) -> None:
    """The text in a file of that name, which is complete or was not touched. Raises DocumentError."""
    staging = path.with_name(f".{path.name}.part")
    try:
        staging.write_text(text, encoding="utf-8")
        staging.replace(path)
    except OSError as error:
        raise DocumentError(
            f"{path} cannot be written ({error.strerror}): give a path in a folder that you may write to."
        ) from error


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as lines:
            yield from lines
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path} is not UTF-8 ({error.reason}): save it as UTF-8.") from error
    except OSError as error:
        raise DocumentError(
            f"{path} cannot be read ({error.strerror}): give the path of a JSON Lines file."
        ) from error


def _document(line: str, where: str) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"{where} is no JSON ({error.msg} at column {error.colno}): each line must be one whole object."
        ) from error
    if not isinstance(document, dict):
        raise DocumentError(f"{where} is a {type(document).__name__}: each line must be one JSON object.")
    if not isinstance(document.get("doc_id"), str) or not document["doc_id"]:
        raise DocumentError(f"{where} has no `doc_id`: give each document a name of its own, as a string.")
    return document


def _text(document: Mapping[str, Any], name: str, where: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        raise DocumentError(f"{where} has no text in `{name}` but {value!r}: give a string.")
    return value


def _day(document: Mapping[str, Any], where: str) -> str | None:
    value = document.get("published_on")
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise DocumentError(
            f"{where} has {value!r} in `published_on`: give a date as 2020-07-14, or null."
        ) from error


def _one_line(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """A title is one block, even where it was written over two paragraphs."""
    if len(blocks) < 2:
        return blocks
    return (replace(blocks[0], text=" ".join(block.text for block in blocks)),)
