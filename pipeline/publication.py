"""A folder whose files are replaced all at once: readers see the former set or the new one, never a mixture.

The files of a set lie in a folder of their own; `.current` is a link to that folder, and each name in the published
folder is a link through it (`rankings.csv -> .current/rankings.csv`). One rename of `.current` switches all of them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

CURRENT = ".current"
_FORMER = ".former"
_PART = ".part"


def current(folder: Path) -> Path:
    """Where the published set lies: read several files from here, and they are of one set even if another is
    published meanwhile. The folder itself where nothing has been published through links, as in a copy."""
    link = folder / CURRENT
    return link.resolve() if link.is_symlink() and link.exists() else folder


def published(folder: Path) -> Path | None:
    """The folder that the links lead to, None where there are none."""
    found = current(folder)
    return None if found == folder else found


def marks(folder: Path, beside: Iterable[str] = ()) -> dict[str, str] | None:
    """The published files as they are seen through their links, and others beside them, each with a mark that changes
    when it is replaced or edited; None where one is missing or nothing is published through links."""
    whole = published(folder)
    if whole is None:
        return None
    try:
        stats = {name: (folder / name).stat() for name in (*sorted(path.name for path in whole.iterdir()), *beside)}
    except OSError:
        return None
    found = {name: f"{status.st_size} {status.st_mtime_ns}" for name, status in stats.items()}
    return {**found, CURRENT: whole.relative_to(folder.resolve()).as_posix()}


def complete(staging: Path) -> None:
    """Everything in the staging folder is on disk when this returns. Raises OSError."""
    for path in sorted(staging.iterdir()):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    _sync_folder(staging)


def publish(folder: Path, whole: Path) -> None:
    """The files of `whole`, a complete folder inside `folder`, in place of those published before.

    Killed at any point it leaves one of the two sets, and calling it again completes the work. Raises OSError.
    """
    names = sorted(path.name for path in whole.iterdir())
    _adopt(folder, names)
    former = published(folder)
    for name in names:  # a link of a new name leads nowhere until the switch
        if not (folder / name).is_symlink():
            _link(folder / name, Path(CURRENT) / name)
    _link(folder / CURRENT, whole.relative_to(folder))
    _sync_folder(folder)
    for name in _linked(folder) - set(names):
        (folder / name).unlink(missing_ok=True)
    if former is not None and former.name == _FORMER:
        shutil.rmtree(former)


def _adopt(folder: Path, names: Iterable[str]) -> None:
    """Plain files of these names, as an older version or a copying tool left them, become a set with links.

    The contents that a reader sees do not change meanwhile.
    """
    plain = [name for name in names if (folder / name).is_file() and not (folder / name).is_symlink()]
    link = folder / CURRENT
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)  # a copying tool has followed the link: the plain files hold the same
    if not plain:
        return
    whole = folder / _FORMER
    known = published(folder)
    whole.mkdir(exist_ok=True)
    for name in sorted({*plain, *(_linked(folder) if known and known != whole else ())}):
        _copy(folder / name, whole / name)
    _link(link, Path(_FORMER))
    for name in plain:
        _link(folder / name, Path(CURRENT) / name)


def _linked(folder: Path) -> set[str]:
    """The names that lead through `.current`."""
    links = (path for path in folder.iterdir() if path.is_symlink() and path.name != CURRENT)
    return {path.name for path in links if path.readlink().parts[0] == CURRENT}


def _link(path: Path, target: Path) -> None:
    """The link in place of whatever file or link is there, in one step."""
    staging = path.with_name(f".{path.name.lstrip('.')}{_PART}")
    staging.unlink(missing_ok=True)
    staging.symlink_to(target)
    staging.replace(path)


def _copy(path: Path, to: Path) -> None:
    staging = to.with_name(f".{to.name}{_PART}")
    shutil.copy2(path, staging)
    staging.replace(to)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
