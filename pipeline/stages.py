"""The stages from a URL to a row; the only module that imports both scrapers and extractors.

Both are imported where they are used, so that a command loads only what it needs. One page or document that
breaks its stage becomes an issue, and the rest goes on: only here is every exception caught.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline import documents
from pipeline.records import Article, Extraction, Issue


def annotate(found: Iterable[Mapping[str, Any]]) -> Iterator[tuple[dict[str, Any], tuple[Issue, ...]]]:
    """Each document's prediction in the contract's form, and the issues met; a document that breaks the
    extractors is predicted empty, with an error among its issues. Raises DocumentError."""
    from extractors.facts import FACT_TYPES

    for document in found:
        extraction = extract_article(documents.article(document))
        yield documents.prediction(document["doc_id"], extraction.facts, FACT_TYPES), extraction.issues


def annotate_all(found: Iterable[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[Issue]]:
    """All predictions in the order of the documents, and all issues. Raises DocumentError."""
    predictions: list[dict[str, Any]] = []
    issues: list[Issue] = []
    for predicted, met in annotate(found):
        predictions.append(predicted)
        issues += met
    return predictions, issues


def extract_article(article: Article) -> Extraction:
    """The article's facts, or none and an error where it breaks the extractors."""
    from extractors.extract import extract

    try:
        return extract(article)
    except Exception as error:
        return Extraction(issues=(broken("extract.crashed", error, article.source, article.doc_id),))


def broken(code: str, error: Exception, source: str | None, where: str) -> Issue:
    """The error as an issue that names the line of code where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "an unknown line"
    message = (
        f"{type(error).__name__}: {error} ({place}). It is left out of this run; report it with this line."
    )
    return Issue(code=code, level="error", message=message, source=source, where=where)
