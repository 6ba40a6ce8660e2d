"""What came, went and changed between two sets of tables, and why; and since when each fact is what it is.

The cause follows from what the two sets tell of the fact's article: whether it was there, whether its bytes are the
same, whether the same bytes were read alike; what remains is a rule or a lookup. A person's correction goes before.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from extractors.facts import FACT_TYPES
from pipeline import publication, runs, tables
from pipeline.errors import UsageError
from pipeline.observations import rows_of
from pipeline.rows import Cause, Change, ChangeRow
from pipeline.schema import FACT_TABLES

# Sets of tables kept for `cchc diff`; a set that differs in nothing is not stored again.
KEPT = 10
# Where the fact stands and by which rule is no part of what it says, nor is its own history.
_ASIDE = {"fact_id", "doc_id", "revision", "start", "end", "rule", "first_seen", "last_changed"}
# What an added and a removed fact of one article must share to be one that changed.
_SUBJECT: Mapping[str, tuple[str, ...]] = {
    "rankings": ("entity_id", "index", "component", "period", "modality"),
    "scores": ("entity_id", "index", "component", "period", "modality", "unit"),
    "ratings": ("entity_id", "index", "period", "modality", "rating"),
    "staff_reductions": ("entity_id", "period", "modality", "unit", "action"),
    "awards": ("entity_id", "award", "period", "modality"),
}

Tables = Mapping[str, pd.DataFrame]
Places = NDArray[np.int64]
Moments = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The tables of one run: `run` is the one that wrote them."""

    run: str
    tables: Tables


def current(output: Path) -> Snapshot | None:
    """The tables published in the output, None where there are none. Raises TableError for another version's."""
    folder = publication.current(output)
    if not (folder / "articles.csv").exists():
        return None
    extracted = [run.id for run in runs.past(output) if run.verb == "extract" and run.state == "succeeded"]
    # In a copy made without its links only the manifests tell which run it was.
    run = folder.parent.name if folder.name == tables.SET else (extracted or ["unknown"])[-1]
    return Snapshot(run, _compared(folder))


def of_run(output: Path, run: str) -> Snapshot:
    """The tables as they were after a run. Raises UsageError where the run is not known or its tables are gone."""
    known = {past.id: past for past in runs.past(output) if past.verb == "extract" and past.state == "succeeded"}
    if run not in known:
        shown = ", ".join(list(known)[-5:]) or "none"
        raise UsageError(f"{run!r} is no extraction that succeeded: the last ones are {shown}.")
    written_by = known[run].tables or run
    folder = output / "runs" / written_by / tables.SET
    if not folder.is_dir():
        raise UsageError(
            f"the tables of {run} are not kept any more, only the last {KEPT} different sets are: choose a later run."
        )
    return Snapshot(written_by, _compared(folder))


def kept(output: Path) -> list[str]:
    """The runs whose own tables are kept, oldest first."""
    folders = (output / "runs").glob(f"*/{tables.SET}")
    return sorted(folder.parent.name for folder in folders if folder.is_dir())


def prune(output: Path, published: str) -> None:
    """Removes all sets but the last KEPT, and those of runs that were killed before they published theirs;
    `published` is the run whose set is in place."""
    ended = {past.id for past in runs.past(output) if past.state == "succeeded"} | {published}
    found = kept(output)
    wanted = [run for run in found if run in ended][-KEPT:]
    for run in set(found) - {*wanted, published}:
        shutil.rmtree(output / "runs" / run / tables.SET)


def compare(before: Snapshot, after: Snapshot) -> list[ChangeRow]:
    """Every fact that was added, removed or changed, by table and id."""
    pages = _Pages(before.tables, after.tables)
    touched = _touched(before.tables["corrections"], after.tables["corrections"])
    found: list[ChangeRow] = []
    for table in FACT_TABLES:
        found += _compare_table(table, before, after, pages, touched)
    return sorted(found, key=lambda row: (row.table, row.fact_id, row.change))


def dated(now: dict[str, pd.DataFrame], former: Snapshot | None, run: str, moment: str) -> list[ChangeRow]:
    """Fills `first_seen` and `last_changed` of all facts in place, and gives the changes since the former tables.

    A fact without history dates from its page; what came by another cause than a page dates from `moment`, this
    run's time. So the same archive and rules give the same dates, and a run that changes nothing keeps them.
    """
    changes = compare(former, Snapshot(run, now)) if former else []
    by_table: dict[str, list[ChangeRow]] = defaultdict(list)
    for row in changes:
        if row.change != "removed":
            by_table[row.table].append(row)
    this_run = np.datetime64(pd.Timestamp(moment).tz_localize(None).floor("s"), "s")
    for table in FACT_TABLES:
        facts = now[table]
        known = former.tables[table] if former else None
        first, last = _dates(facts, known, by_table[table], now["articles"], this_run)
        facts["first_seen"] = pd.Series(first).dt.tz_localize("UTC")
        facts["last_changed"] = pd.Series(last).dt.tz_localize("UTC")
    return changes


def summary(changes: Iterable[ChangeRow]) -> dict[str, dict[str, int]]:
    """How many facts were added, removed and changed, by cause."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("added", "removed", "changed"), 0))
    for row in changes:
        found[row.cause][row.change] += 1
    return dict(sorted(found.items()))


class _Pages:
    """What two sets tell of the articles, for the cause of a change."""

    def __init__(self, before: Tables, after: Tables) -> None:
        self._tables = before, after
        self._digests: tuple[Mapping[str, tuple[str, str]], ...] = ()

    def cause(self, doc_id: str) -> Cause:
        if not self._digests:  # mostly nobody asks
            self._digests = tuple(_digests(side["articles"]) for side in self._tables)
        was, now = (side.get(doc_id) for side in self._digests)
        if was is None:
            return "new_page"
        if now is None:
            return "removed_page"
        if was[0] != now[0]:
            return "changed_page"
        return "changed_layout" if was[1] != now[1] else "changed_rule"


def _digests(articles: pd.DataFrame) -> dict[str, tuple[str, str]]:
    pairs = zip(articles["digest"], articles["reading_digest"], strict=True)
    return dict(zip(articles["doc_id"], pairs, strict=True))


def _touched(before: pd.DataFrame, after: pd.DataFrame) -> set[str]:
    """The facts for which another correction was at work in one set than in the other."""
    names = ["correction_id", "fact_id", "result_fact_id", "status"]
    was, now = (
        {tuple(None if pd.isna(cell) else str(cell) for cell in row) for row in found[names].itertuples(index=False)}
        for found in (before, after)
    )
    worked = (row for row in was ^ now if row[3] == "applied")
    return {fact_id for row in worked for fact_id in row[1:3] if fact_id is not None}


def _compare_table(
    table: str, before: Snapshot, after: Snapshot, pages: _Pages, touched: set[str]
) -> Iterator[ChangeRow]:
    was, now = before.tables[table], after.tables[table]
    places = _places(now["fact_id"], was["fact_id"])
    gone = was[~np.isin(np.arange(len(was)), places)]
    come = now[places < 0]
    common = np.flatnonzero(places >= 0)
    differing = common[_differing(was, now, places[common], common)]
    pairs = _pairs(table, gone, come)

    def row(change: Change, present: dict[str, Any] | None, former: dict[str, Any] | None) -> ChangeRow:
        told = present or former or {}
        ids = {found["fact_id"] for found in (present, former) if found}
        names: Iterable[str] = FACT_TYPES[table].KEY
        if present and former:
            names = _changed_names(former, present)
        return ChangeRow(
            run=after.run,
            since=before.run,
            table=table,
            change=change,
            cause="correction" if ids & touched else pages.cause(told["doc_id"]),
            fact_id=told["fact_id"],
            former_fact_id=former["fact_id"] if present and former and len(ids) > 1 else None,
            doc_id=told["doc_id"],
            entity=told["entity"],
            former=_json(former, names) if former else None,
            present=_json(present, names) if present else None,
        )

    for former, present in zip(_records(was.iloc[places[differing]]), _records(now.iloc[differing]), strict=True):
        yield row("changed", present, former)
    left = {former["fact_id"]: former for former in _records(gone)}
    for fact_id, former in left.items():
        if fact_id not in pairs:
            yield row("removed", None, former)
    replaced = {new: old for old, new in pairs.items()}
    for present in _records(come):
        taken = left.get(replaced.get(present["fact_id"], ""))
        yield row("changed" if taken else "added", present, taken)


def _records(found: pd.DataFrame) -> list[dict[str, Any]]:
    return list(rows_of(found, [str(name) for name in found.columns]))


def _places(wanted: pd.Series[Any], known: pd.Series[Any]) -> Places:
    """Where in `known` each wanted value stands, -1 where it does not."""
    found: Places = pc.index_in(tables.arrow(wanted), value_set=tables.arrow(known)).fill_null(-1).to_numpy()
    return found


def _differing(was: pd.DataFrame, now: pd.DataFrame, there: Places, here: Places) -> NDArray[np.bool_]:
    """Which facts differ in any content; their rows are at `there` in the one table and at `here` in the other."""
    differs = np.zeros(len(here), np.bool_)
    for name in (name for name in was.columns if name not in _ASIDE):
        a, b = tables.arrow(was[name]).take(pa.array(there)), tables.arrow(now[name]).take(pa.array(here))
        if not a.equals(b):
            either = pc.not_equal(a, b).fill_null(False).to_numpy(zero_copy_only=False)
            differs |= either | pc.xor(a.is_null(), b.is_null()).to_numpy(zero_copy_only=False)
    return differs


def _changed_names(former: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    return [name for name in present if name not in _ASIDE and former[name] != present[name]]


def _pairs(table: str, gone: pd.DataFrame, come: pd.DataFrame) -> dict[str, str]:
    """Removed facts, each with the added one that took its place: the only two of an article on one subject."""
    by_subject: dict[tuple[Any, ...], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    names = ["doc_id", *_SUBJECT[table]]
    for side, found in enumerate((gone, come)):
        for fact_id, row in zip(found["fact_id"], found[names].itertuples(index=False), strict=True):
            subject = tuple(None if pd.isna(cell) else cell for cell in row)
            by_subject[subject][side].append(str(fact_id))
    return {old[0]: new[0] for old, new in by_subject.values() if len(old) == len(new) == 1}


def _dates(
    facts: pd.DataFrame,
    known: pd.DataFrame | None,
    changes: Iterable[ChangeRow],
    articles: pd.DataFrame,
    this_run: np.datetime64,
) -> tuple[Moments, Moments]:
    """First seen and last changed, for each fact."""
    fetched = _moments(articles, "fetched_at")[_places(facts["doc_id"], articles["doc_id"])]
    first, last = fetched.copy(), fetched.copy()
    seen: dict[str, np.datetime64] = {}
    if known is not None:
        places = _places(facts["fact_id"], known["fact_id"])
        old, there = places >= 0, places[places >= 0]
        first[old], last[old] = _moments(known, "first_seen")[there], _moments(known, "last_changed")[there]
    rows = {row.fact_id: row for row in changes}
    if known is not None and rows:
        seen = dict(zip(tables.values(known["fact_id"]), _moments(known, "first_seen"), strict=True))
    for at in np.flatnonzero(facts["fact_id"].isin(list(rows))) if rows else ():
        row = rows[facts["fact_id"].iloc[at]]
        when = fetched[at] if row.cause in {"new_page", "changed_page"} else this_run
        first[at], last[at] = seen.get(row.former_fact_id or row.fact_id, when), when
    return first, last


def _moments(found: pd.DataFrame, name: str) -> Moments:
    moments: Moments = found[name].dt.tz_localize(None).to_numpy()
    return moments


def _json(row: Mapping[str, Any], names: Iterable[str]) -> str:
    return json.dumps({name: row[name] for name in names if row[name] is not None}, ensure_ascii=False)


def _compared(folder: Path) -> dict[str, pd.DataFrame]:
    return {name: tables.load_table(folder, name) for name in (*FACT_TABLES, "articles", "corrections", "changes")}
