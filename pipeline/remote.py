"""An output at an address: what a run needs of it is fetched into a folder of this machine, the run works on that as on
any other, and what it changed goes back in the end.

At the address lie `runs/<run>/…` as in a folder; `current.json`, which names the set of tables in force, so that
replacing this one object switches all of them; `<table>.csv` and the rest of the set as plain copies for people, written
after the switch; and while a run is at work `lock.json`.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TypedDict

from pipeline import publication
from pipeline.errors import CchcError, LockHeldError
from pipeline.places import Address, Place, PlaceError

CURRENT, LOCK = "current.json", "lock.json"
_RUNS, _SET, _MANIFEST, _ISSUES = "runs", "tables", "manifest.json", "issues.jsonl"


class _Pointer(TypedDict):
    """The folder of the set in force, and whether the copies for people are of it."""

    tables: str
    copied: bool


# What a file is known by: its bytes and when it was written.
_Stamps = Mapping[str, tuple[int, int]]


@contextmanager
def mirrored(place: Place) -> Iterator[Path]:
    """A folder to make tables in: the place itself, or what mirrors it. When the block is left what is new goes to the address:
    all files of a new set of tables first, then the switch to it. Where the block fails the run's folder goes there and
    the tables are left as they are.

    Nobody else does so there meanwhile. Raises LockHeldError, PlaceError.
    """
    if isinstance(place, Path):
        yield place
        return
    with _ended_in_order(), _locked(place), _folder(place) as folder:
        there = place.files()
        _fetch(place, folder, [*_needed(place, there), *_aside(there)])
        _outline(folder, there)
        before = _stamps(folder)
        try:
            yield folder
        except BaseException:
            _store_runs_of_failed(place, folder, before)
            raise
        _give_back(place, folder, before, there)


@contextmanager
def noting(place: Place) -> Iterator[Path]:
    """A folder for a run that makes no tables: the place itself, or one from which the run's own folder goes to the
    address when the block is left, by an error too. Others may be at work there. Raises PlaceError."""
    if isinstance(place, Path):
        yield place
        return
    with _folder(place) as folder:
        try:
            yield folder
        except BaseException:
            _store_runs_of_failed(place, folder, {})
            raise
        _store(place, folder, _changed(folder, {}))


@contextmanager
def reading(place: Place, *, history: bool = False) -> Iterator[Path]:
    """A folder with the tables of the place: itself, or a copy of the set in force and the manifests; with `history`
    of all sets that are kept. Raises PlaceError."""
    if isinstance(place, Path):
        yield place
        return
    with _folder(place) as folder:
        there = place.files()
        sets = [name for name in there if history and _set_of(name)]
        _fetch(place, folder, {*_needed(place, there), *sets})
        _outline(folder, {})
        yield folder


@contextmanager
def _folder(place: Address) -> Iterator[Path]:
    """A folder for a while; errors name the address that it stands for."""
    with tempfile.TemporaryDirectory(prefix="cchc-") as name:
        try:
            yield Path(name)
        except CchcError as error:
            error.args = (str(error).replace(name, place.url),)
            raise


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Who is told to end, as systemd does, does not leave his lock behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


@contextmanager
def _locked(place: Address) -> Iterator[None]:
    """The lock is an object that only one can create. It does not fall with a process that is killed: who finds it
    left behind removes it."""
    lock = place / LOCK
    owner = {"host": socket.gethostname(), "process": os.getpid(), "since": _now(), "token": secrets.token_hex(8)}
    ours = json.dumps(owner).encode()
    try:
        lock.create(ours)
    except FileExistsError as error:
        found = _content(lock)
        # Where the answer to the first request was lost, the second one finds our own.
        if found != ours:
            raise LockHeldError(_held(place, found)) from error
    try:
        yield
    finally:
        if _content(lock) == ours:
            lock.remove()


def _held(place: Address, found: bytes) -> str:
    try:
        told = json.loads(found)
        who = f"process {told['process']} on {told['host']}, since {told['since']}"
    except (ValueError, KeyError, TypeError):
        who = "its lock does not say whose"
    return (
        f"another run is at work on {place} ({who}): wait until it has ended, then start again. If it was killed, remove "
        f"{place / LOCK}."
    )


def _needed(place: Address, there: Iterable[str]) -> list[str]:
    """What the run before left: the set in force with its run's issues, and all manifests."""
    names = set(there)
    found = [name for name in names if _parts(name)[0] == _RUNS and name.endswith(f"/{_MANIFEST}")]
    newest = max(found, default="").removesuffix(_MANIFEST)
    current = _current(place)
    sets = [name for name in names if current and name.startswith(f"{current}/")]
    issues = {f"{newest}{_ISSUES}", f"{current.removesuffix(_SET)}{_ISSUES}"}
    return [*found, *sets, *(issues & names)]


def _aside(there: Iterable[str]) -> list[str]:
    """What lies beside the tables and is none of them, as the results that are kept."""
    ours = {CURRENT, LOCK, *_set_names(there)}
    return [name for name in there if "/" not in name and name not in ours]


def _set_names(there: Iterable[str]) -> set[str]:
    """The names that files of sets have; beside the runs such a name is a copy for people."""
    return {_parts(name)[-1] for name in there if _set_of(name)}


def _current(place: Address) -> str:
    """The folder of the set in force, empty where there is none."""
    return _pointer(place)["tables"]


def _pointer(place: Address) -> _Pointer:
    try:
        told = json.loads(_content(place / CURRENT) or b'{"tables": ""}')
        return _Pointer(tables=str(told["tables"]), copied=bool(told.get("copied")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        remedy = "write it anew as {\"tables\": \"runs/RUN/tables\"}"
        raise PlaceError(f"{place / CURRENT} does not name a set of tables ({error}): {remedy}.") from error


def _fetch(place: Address, folder: Path, names: Iterable[str]) -> None:
    """The files in the folder, and the set in force published."""
    wanted = sorted(set(names))
    for parent in {(folder / name).parent for name in wanted}:
        parent.mkdir(parents=True, exist_ok=True)
    place.fetch({name: folder / name for name in wanted})
    current = _current(place)
    if current and (folder / current).is_dir():
        publication.publish(folder, folder / current)


def _outline(folder: Path, there: Iterable[str]) -> None:
    """The folders of all sets, empty where they were not fetched: what the run prunes here is removed there."""
    for found in {found for name in there if (found := _set_of(name))}:
        (folder / found).mkdir(parents=True, exist_ok=True)


def _give_back(place: Address, folder: Path, before: _Stamps, there: Iterable[str]) -> None:
    changed = _changed(folder, before)
    manifests = [name for name in changed if name.startswith(f"{_RUNS}/") and name.endswith(f"/{_MANIFEST}")]
    _store(place, folder, [name for name in changed if name.startswith(f"{_RUNS}/") and name not in manifests])
    present = _published(folder)
    # Until it is told nobody sees the new set, from then on everybody does.
    if present and _pointer(place) != (wanted := _Pointer(tables=present, copied=True)):
        _tell(place, _Pointer(tables=present, copied=False))
        _copy_for_people(place, folder / present, _set_names(there))
        _tell(place, wanted)
    # A manifest that says that its run succeeded comes after all that the run did.
    _store(place, folder, [name for name in changed if name in manifests or "/" not in name])
    for gone in sorted({found for name in there if (found := _set_of(name)) and not (folder / found).is_dir()}):
        (place / gone).remove()


def _store_runs_of_failed(place: Address, folder: Path, before: _Stamps) -> None:
    """What is new besides tables. What went wrong is told whether its record can be stored or not."""
    with suppress(PlaceError):
        _store(place, folder, [name for name in _changed(folder, before) if _set_of(name) is None])


def _tell(place: Address, pointer: _Pointer) -> None:
    (place / CURRENT).write(json.dumps(pointer).encode() + b"\n")


def _copy_for_people(place: Address, whole: Path, former: set[str]) -> None:
    """The set beside the runs, in place of former ones."""
    names = {path.name for path in whole.iterdir()}
    place.store({name: whole / name for name in names})
    for name in sorted(former - names):
        (place / name).remove()


def _store(place: Address, folder: Path, names: Iterable[str]) -> None:
    place.store({name: folder / name for name in names})


def _stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """The files of the mirror without links, locks and what is half written."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".") and ".part" not in str(path):
            status = path.stat()
            found[path.relative_to(folder).as_posix()] = (status.st_size, status.st_mtime_ns)
    return found


def _changed(folder: Path, before: _Stamps) -> list[str]:
    return sorted(name for name, stamp in _stamps(folder).items() if before.get(name) != stamp)


def _published(folder: Path) -> str:
    found = publication.published(folder)
    return found.relative_to(folder.resolve()).as_posix() if found else ""


def _set_of(name: str) -> str | None:
    """The folder of the set that the file belongs to: `runs/<run>/tables`."""
    parts = _parts(name)
    return "/".join(parts[:3]) if len(parts) == 4 and (parts[0], parts[2]) == (_RUNS, _SET) else None


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name).parts


def _content(address: Address) -> bytes:
    """The file's bytes, none where there is none."""
    try:
        return address.read_bytes()
    except FileNotFoundError:
        return b""


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
