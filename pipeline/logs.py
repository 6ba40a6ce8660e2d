"""What a run says to the person at the terminal; the machine-readable form is the run's `issues.jsonl`."""

from __future__ import annotations

import sys
from collections.abc import Callable
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
