"""What a source's yield must be, checked as data: a broken minimum fails the run, the rest warns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from pipeline.records import Article, Issue
from scrapers.source import Assertions

Field = Literal["title", "published_on", "author", "lead"]

_HAS: dict[str, Callable[[Article], bool]] = {
    "title": lambda article: bool(article.title),
    "published_on": lambda article: article.published_on is not None,
    "author": lambda article: article.author is not None,
    "lead": lambda article: any(block.kind == "lead" for block in article.blocks),
}


def check(source: str, wanted: Assertions, articles: Sequence[Article]) -> tuple[Issue, ...]:
    """What is broken: fewer articles than the minimum is an error; more than the maximum, or a field filled in
    too small a share of the articles, a warning."""
    return (
        *_too_few(source, wanted, articles),
        *_too_many(source, wanted, articles),
        *_unfilled(source, wanted, articles),
    )


def _too_few(source: str, wanted: Assertions, articles: Sequence[Article]) -> tuple[Issue, ...]:
    if len(articles) >= wanted.minimum:
        return ()
    message = (
        f"{source} yielded {len(articles)} articles, at least {wanted.minimum} are asserted: see the issues of its pages "
        "for what changed; if so few are right, lower assertions.minimum in its file."
    )
    return (Issue("assertion.minimum", "error", message, source, source),)


def _too_many(source: str, wanted: Assertions, articles: Sequence[Article]) -> tuple[Issue, ...]:
    if wanted.maximum is None or len(articles) <= wanted.maximum:
        return ()
    message = (
        f"{source} yielded {len(articles)} articles, at most {wanted.maximum} are asserted: see whether pages that are "
        "no articles are taken for some; if so many are right, raise assertions.maximum in its file."
    )
    return (Issue("assertion.maximum", "warning", message, source, source),)


def _unfilled(source: str, wanted: Assertions, articles: Sequence[Article]) -> tuple[Issue, ...]:
    issues = []
    for field, least in wanted.filled.items() if articles else ():
        share = sum(map(_HAS[field], articles)) / len(articles)
        if share < least:
            message = (
                f"{share:.0%} of the articles of {source} have a {field}, {least:.0%} are asserted: see whether its "
                "layout still fits; if the share is right, lower assertions.filled in its file."
            )
            issues.append(Issue("assertion.filled", "warning", message, source, source))
    return tuple(issues)
