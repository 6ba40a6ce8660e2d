"""What a source's yield must be, checked as data: a broken minimum fails the run, the rest warns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pipeline.records import Article, Issue
from scrapers.source import Assertions

__all__ = ["Assertions", "Yield", "check", "filled"]

_HAS: dict[str, Callable[[Article], bool]] = {
    "title": lambda article: bool(article.title),
    "published_on": lambda article: article.published_on is not None,
    "author": lambda article: article.author is not None,
    "lead": lambda article: any(block.kind == "lead" for block in article.blocks),
}


@dataclass(slots=True)
class Yield:
    """How many articles a source gave, and how many of them have each of the fields that may be asserted."""

    articles: int = 0
    filled: Counter[str] = field(default_factory=Counter)

    def add(self, fields: Iterable[str], articles: int = 1) -> None:
        """So many articles more, that have these of the fields."""
        self.articles += articles
        self.filled.update(dict.fromkeys(fields, articles))


def filled(article: Article) -> tuple[str, ...]:
    """The fields that may be asserted and that the article has."""
    return tuple(name for name, has in _HAS.items() if has(article))


def check(source: str, wanted: Assertions, found: Yield) -> tuple[Issue, ...]:
    """What is broken: fewer articles than the minimum is an error; more than the maximum, or a field filled in
    too small a share of the articles, a warning."""
    return (*_too_few(source, wanted, found), *_too_many(source, wanted, found), *_unfilled(source, wanted, found))


def _too_few(source: str, wanted: Assertions, found: Yield) -> tuple[Issue, ...]:
    if found.articles >= wanted.minimum:
        return ()
    message = (
        f"{found.articles} articles, at least {wanted.minimum} are asserted: see the issues of its pages for what "
        "changed; if so few are right, lower assertions.minimum in its file."
    )
    return (Issue("assertion.minimum", "error", message, source, source),)


def _too_many(source: str, wanted: Assertions, found: Yield) -> tuple[Issue, ...]:
    if wanted.maximum is None or found.articles <= wanted.maximum:
        return ()
    message = (
        f"{found.articles} articles, at most {wanted.maximum} are asserted: see whether pages that are no articles "
        "are taken for some; if so many are right, raise assertions.maximum in its file."
    )
    return (Issue("assertion.maximum", "warning", message, source, source),)


def _unfilled(source: str, wanted: Assertions, found: Yield) -> tuple[Issue, ...]:
    issues = []
    for name, least in wanted.filled.items() if found.articles else ():
        share = found.filled[name] / found.articles
        if share < least:
            message = (
                f"{share:.0%} of its articles have a {name}, {least:.0%} are asserted: see whether its layout still "
                "fits; if the share is right, lower assertions.filled in its file."
            )
            issues.append(Issue("assertion.filled", "warning", message, source, source))
    return tuple(issues)
