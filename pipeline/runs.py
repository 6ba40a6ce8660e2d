"""A run: its name, its lock, its folder with manifest and issues, and the note of how it ended."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from filelock import FileLock, Timeout

from pipeline.errors import CchcError, LockHeldError
from pipeline.records import Issue

State = Literal["running", "succeeded", "failed"]
Verb = Literal["crawl", "extract"]

_LOCK = ".lock"
_FOLDER = "runs"


class RunError(CchcError):
    """A run cannot start or did not do what it had to; the message names cause and remedy."""


@dataclass
class Run:
    """A run at work. `issues.jsonl` grows with every issue reported; the manifest is written at start and end.

    `tables` is the run whose tables are published after this one: itself, or an earlier one that it would only repeat;
    `changes` counts the facts that it added, removed and changed, by cause.
    """

    id: str
    verb: Verb
    folder: Path
    started_at: str
    counts: dict[str, int] = field(default_factory=dict)
    sources: dict[str, dict[str, int]] = field(default_factory=dict)
    tables: str | None = None
    changes: dict[str, dict[str, int]] = field(default_factory=dict)
    levels: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    warned: set[Issue] = field(default_factory=set)
    listeners: list[Callable[[Issue], None]] = field(default_factory=list)

    def report(self, issue: Issue) -> None:
        """The issue on disk, and told to whoever listens; it outlives a crash of the run. What a module warns of is told
        once, however many pages it is warned of."""
        if issue.code.startswith("log."):
            if issue in self.warned:
                return
            self.warned.add(issue)
        self.levels[issue.level] += 1
        self.codes[issue.code] += 1
        if issue.level == "error" and issue.source:
            self.errors[issue.source] += 1
        with (self.folder / "issues.jsonl").open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"run": self.id, **asdict(issue)}, ensure_ascii=False) + "\n")
        for listener in self.listeners:
            listener(issue)

    def manifest(self, state: State, ended_at: str | None = None, error: str | None = None) -> dict[str, Any]:
        """What is known of the run, as written to `manifest.json`."""
        return {
            "run": self.id,
            "verb": self.verb,
            "state": state,
            "version": metadata.version("cchc"),
            "started_at": self.started_at,
            "ended_at": ended_at,
            "error": error,
            "issues": {level: self.levels[level] for level in ("error", "warning")},
            "counts": self.counts,
            "tables": self.tables,
            "changes": self.changes,
            "sources": {name: {**found, "errors": self.errors[name]} for name, found in self.sources.items()},
        }


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run that has been, or is at work, as its manifest tells it; `tables` is the run whose tables it left."""

    id: str
    verb: str
    state: str
    started_at: str
    ended_at: str | None
    sources: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: MappingProxyType({}))
    tables: str | None = None
    issues: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


def new_id(now: datetime | None = None, kind: str = "") -> str:
    """A name that sorts by time and is not given twice: `20201130T061500Z-3f9c`; a kind stands before its end."""
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    return "-".join(filter(None, (moment, kind, secrets.token_hex(2))))


@contextmanager
def start(verb: Verb, output: Path, run: str | None = None) -> Iterator[Run]:
    """A run with a folder in the output; its manifest says in the end that it succeeded or failed, and why.

    Raises RunError where the output cannot be written.
    """
    folder = output / _FOLDER / (run or new_id())
    try:
        folder.mkdir(parents=True)
        (folder / "issues.jsonl").touch()
        at_work = Run(folder.name, verb, folder, _now())
        _write_manifest(at_work, "running")
    except OSError as error:
        raise RunError(
            f"the output folder {output} cannot be written ({error.strerror}: {error.filename}): make it writable, "
            "or name another with --output."
        ) from error
    try:
        yield at_work
    except BaseException as error:
        _write_manifest(at_work, "failed", f"{type(error).__name__}: {error}")
        raise
    _write_manifest(at_work, "succeeded")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else writes to the folder meanwhile; the lock falls with the process that holds it.

    Raises LockHeldError where another run has it, RunError where the folder cannot be written.
    """
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise LockHeldError(
            f"another run is at work on {folder}: wait until it has ended, then start again."
        ) from error
    except OSError as error:
        raise RunError(
            f"the folder {folder} cannot be written ({error.strerror}): make it writable, or name another with "
            "--corpus or --output."
        ) from error
    try:
        yield
    finally:
        lock.release()


def past(output: Path) -> list[PastRun]:
    """All runs that left a readable manifest in the output, oldest first."""
    found = (_read_manifest(path) for path in (output / _FOLDER).glob("*/manifest.json"))
    return sorted((run for run in found if run is not None), key=lambda run: run.started_at)


def _read_manifest(path: Path) -> PastRun | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return PastRun(
            told["run"],
            told["verb"],
            told["state"],
            told["started_at"],
            told["ended_at"],
            told["sources"],
            told.get("tables"),
            told["issues"],
        )
    except (OSError, ValueError, KeyError):
        return None


def _write_manifest(run: Run, state: State, error: str | None = None) -> None:
    ended_at = None if state == "running" else _now()
    text = json.dumps(run.manifest(state, ended_at, error), ensure_ascii=False, indent=2) + "\n"
    staging = run.folder / ".manifest.json.part"
    staging.write_text(text, encoding="utf-8")
    staging.replace(run.folder / "manifest.json")


def _now() -> str:
    # To the microsecond, as two runs may start within a second.
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
