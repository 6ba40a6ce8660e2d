"""Whether an extraction would only repeat the last one: then nothing of it is done again, not even reading what is kept.

What a run leaves follows from the archive's index and the state of its files, the declarations, the corrections, all of
our code and packages, and the tables and results that lie in the output. A run that succeeded notes fingerprints of all
that beside its manifest. Where a later run finds the same, its tables are those that lie there, and its counts and issues
those of the run that made them. Whatever cannot be told for certain (a note that is gone or damaged, an output that was
copied or fetched, an archive at an address) makes a run do its work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline import fingerprints, kept, places, publication, runs
from pipeline.archive import CLOSED, INDEX
from pipeline.fingerprints import Code
from pipeline.places import Place
from pipeline.records import Issue
from pipeline.settings import CORRECTIONS
from scrapers.source import Source

NOTE = "rests_on.json"


@dataclass(frozen=True, slots=True)
class Former:
    """What the last run came to: `tables` is the run whose tables it left."""

    tables: str
    counts: Mapping[str, int]
    sources: Mapping[str, Mapping[str, int]]
    issues: tuple[Issue, ...]


def basis(corpus: Place, declared: Mapping[str, Source], code: Code) -> str | None:
    """A fingerprint of all that a run rests on but the output, as it is now; None where that takes reading it."""
    if not isinstance(corpus, Path):
        return None
    files = places.files(corpus, places.matching(corpus, "*", CLOSED))
    told = [code.everything, str(code)]
    told += [f"{fingerprints.declaration(source)} {source!r}" for source in declared.values()]
    told += [f"{name} {file.mark}" for name, file in sorted(files.items())]
    return fingerprints.hashed([*told, *(_content(corpus / name) for name in (INDEX, CORRECTIONS))])


def note(output: Path, run: str, basis: str | None) -> None:
    """What the run, which has published its tables, rests on and what it left."""
    state = publication.marks(output, (kept.FILE,))
    if basis is not None and state is not None:
        told = json.dumps({"basis": basis, "output": state})
        (output / "runs" / run / NOTE).write_text(told + "\n", encoding="utf-8")


def last(output: Path, basis: str | None) -> Former | None:
    """The last run that succeeded, where one of this basis would do what it did; None where that is not certain."""
    run = next((run for run in reversed(runs.past(output)) if run.verb == "extract" and run.state == "succeeded"), None)
    if run is None or run.tables is None or basis is None:
        return None
    folder = output / "runs" / run.id
    try:
        noted = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        if noted != {"basis": basis, "output": publication.marks(output, (kept.FILE,))}:
            return None
        told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        lines = (folder / "issues.jsonl").read_text(encoding="utf-8").splitlines()
        issues = tuple(_issue(json.loads(line)) for line in lines)
        if told["issues"] != {level: sum(issue.level == level for issue in issues) for level in ("error", "warning")}:
            return None
        sources = {name: {what: n for what, n in found.items() if what != "errors"} for name, found in run.sources.items()}
        return Former(run.tables, told["counts"], sources, issues)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _issue(told: Mapping[str, str]) -> Issue:
    return Issue(**{name: value for name, value in dict(told).items() if name != "run"})  # type: ignore[arg-type]  # as a run wrote it


def _content(path: Path) -> bytes:
    """What the file holds, with a mark that tells no file from an empty one."""
    try:
        return b"1" + path.read_bytes()
    except FileNotFoundError:
        return b"0"
