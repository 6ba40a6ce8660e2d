"""What a run says on standard error, as text for people or as JSON lines for programs; the record that stays is the
run's `issues.jsonl`."""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from pipeline.records import Issue

Form = Literal["text", "json"]
FORMS: tuple[Form, ...] = get_args(Form)
# So many issues of one code and source a person reads; of thousands more it is enough how many they are.
_IN_FULL = 20


@dataclass(frozen=True, slots=True)
class Log:
    """How this process tells what it does, and of which run; with `bars` a terminal shows progress bars too.

    As JSON each line is one object with `time`, `level`, `run`, `verb`, `source`, `code`, `message` and `where`, null
    where there is none, and with `counts` at a milestone. Milestones are told as JSON only: a person sees bars, and
    cron mails only what somebody should look at."""

    form: Form = "text"
    bars: bool = True
    run: str | None = None
    verb: str | None = None

    def issue(self, issue: Issue) -> None:
        """Tells the issue."""
        self._line(issue_line(issue), issue.level, issue.code, issue.message, issue.source, issue.where)

    def failure(self, message: str) -> None:
        """Tells why the command ends with another exit code than 0."""
        self._line(f"cchc: {message}", "error", "failed", message)

    def milestone(
        self, code: str, message: str, source: str | None = None, counts: Mapping[str, int] | None = None
    ) -> None:
        """Tells how far the work has come."""
        if self.form == "json":
            self._line("", "info", code, message, source, counts=counts)

    def _line(
        self,
        text: str,
        level: str,
        code: str,
        message: str,
        source: str | None = None,
        where: str | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        if self.form == "json":
            told = {
                "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "level": level,
                "run": self.run,
                "verb": self.verb,
                "source": source,
                "code": code,
                "message": message,
                "where": where,
            }
            text = json.dumps(told | ({"counts": dict(counts)} if counts is not None else {}), ensure_ascii=False)
        # In one piece, as several threads tell; looked up now, as it is another stream while bars are drawn.
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


_LOG: ContextVar[Log] = ContextVar("log", default=Log())  # noqa: B039 - it is frozen


def current() -> Log:
    """The log of this process, of the run at work where there is one."""
    return _LOG.get()


def use(form: Form, *, bars: bool) -> None:
    """From now on this process tells in this form."""
    _LOG.set(Log(form, bars))


@contextmanager
def of_run(run: str, verb: str) -> Iterator[Log]:
    """Meanwhile what is told is told of this run."""
    log = replace(current(), run=run, verb=verb)
    before = _LOG.set(log)
    try:
        yield log
    finally:
        _LOG.reset(before)


@contextmanager
def briefly(log: Log, record: Path) -> Iterator[Callable[[Issue], None]]:
    """Tells a run's issues: as JSON all of them, to a person the first of each code and source, and in the end how many
    more there were and that all stand in `record`."""
    counts: Counter[tuple[str, str | None]] = Counter()
    firsts: dict[tuple[str, str | None], Issue] = {}

    def tell(issue: Issue) -> None:
        kind = issue.code, issue.source
        counts[kind] += 1
        firsts.setdefault(kind, issue)
        if log.form == "json" or counts[kind] <= _IN_FULL:
            log.issue(issue)

    try:
        yield tell
    finally:
        for kind, first in firsts.items():
            if log.form == "text" and counts[kind] > _IN_FULL:
                message = f"{counts[kind] - _IN_FULL:,} more like these; all stand in {record}."
                log.issue(replace(first, message=message, where=None))


def issue_line(issue: Issue) -> str:
    """The issue in one line: `warning: bao: http://…: message [code]`."""
    told = issue.where is None or issue.where == issue.source or issue.where in issue.message
    where = None if told else issue.where
    parts = [issue.level, *filter(None, (issue.source, where)), issue.message]
    return f"{': '.join(parts)} [{issue.code}]"


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
