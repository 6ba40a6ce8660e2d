"""A set of files is replaced all at once: a reader sees the former or the new one at every step, killed or not."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import publication

NAMES = ("a.csv", "b.csv", "datapackage.json")


def new_set(output: Path, name: str, names: tuple[str, ...] = NAMES) -> Path:
    whole = output / "runs" / name
    whole.mkdir(parents=True)
    for file in names:
        (whole / file).write_text(f"{file} of {name}")
    return whole


def seen(output: Path) -> set[str]:
    """The sets of which a reader finds files in the output."""
    found = {path.read_text() for path in output.iterdir() if path.suffix in {".csv", ".json"} and path.exists()}
    return {text.split(" of ")[1] for text in found}


class Killed(BaseException):
    """The process ends here."""


def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Ends the process before the given change to the folder; gives the number of changes that were made."""
    count = 0

    def counting(original: Callable[..., object]) -> Callable[..., object]:
        def change(*arguments: object, **named: object) -> object:
            nonlocal count
            if count == step:
                raise Killed
            count += 1
            return original(*arguments, **named)

        return change

    for owner, name in ((Path, "symlink_to"), (Path, "replace"), (Path, "unlink"), (shutil, "copy2"), (shutil, "rmtree")):
        monkeypatch.setattr(owner, name, counting(getattr(owner, name)))
    return lambda: count


def links(output: Path) -> None:
    publication.publish(output, new_set(output, "old"))


def plain_files(output: Path) -> None:
    output.mkdir()
    for file in NAMES:
        (output / file).write_text(f"{file} of old")


def copied_without_links(output: Path) -> None:
    links(output.with_name("origin"))
    shutil.copytree(output.with_name("origin"), output)


@pytest.mark.parametrize("prepare", [links, plain_files, copied_without_links])
def test_whenever_it_is_killed_a_reader_sees_one_whole_set(
    prepare: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in range(100):
        output = tmp_path / str(step) / "output"
        output.parent.mkdir()
        prepare(output)
        whole = new_set(output, "new", (*NAMES, "c.csv"))
        with monkeypatch.context() as patch:
            done = killed_at(step, patch)
            with contextlib.suppress(Killed):
                publication.publish(output, whole)
            finished = done() < step
        assert len(seen(output)) == 1, f"after {step} changes"
        files = {path.name for path in output.iterdir() if path.suffix in {".csv", ".json"} and path.exists()}
        assert files in (set(NAMES), {*NAMES, "c.csv"})
        publication.publish(output, whole)
        assert seen(output) == {"new"}
        if finished:
            break
    else:
        pytest.fail("it never came to its end")


def test_a_file_that_the_new_set_lacks_goes(tmp_path: Path) -> None:
    publication.publish(tmp_path, new_set(tmp_path, "old"))
    publication.publish(tmp_path, new_set(tmp_path, "new", ("a.csv",)))
    assert not os.path.lexists(tmp_path / "b.csv")
    assert publication.current(tmp_path) == (tmp_path / "runs" / "new").resolve()


def test_what_is_not_of_the_set_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    publication.publish(tmp_path, new_set(tmp_path, "old"))
    publication.publish(tmp_path, new_set(tmp_path, "new"))
    assert (tmp_path / "notes.txt").read_text() == "mine"
