"""The share of each stage in our way, by a clock in the functions that are the stages' doors."""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from extractors import extract, facts, names, sentence
from pipeline.archive import Archive
from scrapers import page

# Where each stage is entered: the object, its attribute, the stage. What is not in one of them is the rest. "words" are
# underthesea's, which few pages need; tokens are made for the spaCy Doc of `cchc explain` alone.
_DOORS: tuple[tuple[Any, str, str], ...] = (
    (Archive, "read", "read"),
    (page, "parse", "parse"),
    (extract, "topics", "gate"),
    (extract, "document", "sentences"),
    (sentence, "find_mentions", "mentions"),
    (sentence, "find_periods", "periods"),
    (sentence, "find_indices", "indices"),
    (sentence, "mask", "masks"),
    (names, "words", "words"),
)
# The readers of facts by their modules: the one of tables, and those of prose.
_READERS = {"grid": "tables"}


class Clock:
    """Seconds by stage; time spent in a stage within another counts for the inner one only."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float, dict.fromkeys((stage for *_, stage in _DOORS), 0.0))
        self._stack: list[str] = ["rest"]
        self._since = time.process_time()

    def _turn(self) -> None:
        now = time.process_time()
        self.seconds[self._stack[-1]] += now - self._since
        self._since = now

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self._turn()
            self._stack.append(stage)
            try:
                return function(*args, **kwargs)
            finally:
                self._turn()
                self._stack.pop()

        return wrapped

    def shares(self) -> dict[str, float]:
        """The part of the whole that each stage took, the largest first."""
        self._turn()
        whole = sum(self.seconds.values()) or 1.0
        return {stage: seconds / whole for stage, seconds in sorted(self.seconds.items(), key=lambda item: -item[1])}


@contextmanager
def clocked() -> Iterator[Clock]:
    """A clock in every stage while the block lasts; what it costs itself is in the shares."""
    clock = Clock()
    plain = facts.extractors

    def extractors(*args: Any) -> tuple[Callable[..., Any], ...]:
        # Facts may come lazily: they are taken within the clock.
        return tuple(_listed(clock.timed, reader) for reader in plain(*args))

    changes: list[tuple[Any, str, Any]] = [(facts, "extractors", extractors)]
    changes += [(owner, name, clock.timed(stage, getattr(owner, name))) for owner, name, stage in _DOORS]
    with _patched(changes):
        yield clock


def _listed(timed: Callable[[str, Callable[..., Any]], Callable[..., Any]], reader: Callable[..., Any]) -> Callable[..., Any]:
    module = reader.__module__.rpartition(".")[2]
    stage = _READERS.get(module, f"rules: {module}")
    return timed(stage, lambda document: list(reader(document)))


@contextmanager
def _patched(changes: list[tuple[Any, str, Any]]) -> Iterator[None]:
    patches = [patch.object(owner, name, value) for owner, name, value in changes]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()
