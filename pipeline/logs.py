"""What a run says to the person at the terminal; the machine-readable form is the run's `issues.jsonl`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from pipeline.records import Issue


def issue_line(issue: Issue) -> str:
    """The issue in one line: `warning: bao: http://…: message [code]`."""
    told = issue.where is None or issue.where == issue.source or issue.where in issue.message
    where = None if told else issue.where
    parts = [issue.level, *filter(None, (issue.source, where)), issue.message]
    return f"{': '.join(parts)} [{issue.code}]"


def to_stream(stream: TextIO | None = None) -> Callable[[Issue], None]:
    """A listener that writes each issue as a line; standard error where no stream is given."""

    def listener(issue: Issue) -> None:
        print(issue_line(issue), file=stream or sys.stderr, flush=True)

    return listener


@contextmanager
def as_issues(report: Callable[[Issue], None]) -> Iterator[None]:
    """Meanwhile what any module warns of, by logging or by `warnings`, is an issue `log.<logger>`, each once."""
    handler = _Reporter(report)
    root = logging.getLogger()
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)


class _Reporter(logging.Handler):
    def __init__(self, report: Callable[[Issue], None]) -> None:
        super().__init__(logging.WARNING)
        self._report = report
        self._told: set[Issue] = set()

    def emit(self, record: logging.LogRecord) -> None:
        where = f"{record.filename}:{record.lineno}"
        issue = Issue(f"log.{record.name.strip('_')}", "warning", record.getMessage().strip(), where=where)
        if issue not in self._told:
            self._told.add(issue)
            self._report(issue)
