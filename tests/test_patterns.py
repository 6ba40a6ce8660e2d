"""What rules' patterns need is taken from an earlier run where it is certain, and is then what would be derived."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from extractors import needed
from extractors.needed import needs_mask, required
from extractors.rules import MASKS, load_rules
from pipeline import fingerprints, kept, patterns
from pipeline.kept import Kept
from tests.conftest import Workplace
from tests.test_kept import rerun

CODE = fingerprints.code()
DOCUMENT = {MASKS["document"]: frozenset({"nghị quyết", "quyết định"})}


@pytest.fixture(autouse=True)
def nothing_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch)


def forget(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(needed, "_derived", {})
    needed._all_required.cache_clear()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / kept.FILE


def rules() -> Iterator[re.Pattern[str]]:
    """Some of all rules: all together take long, and one is like the other here."""
    files = (file.name.removesuffix(".yml") for file in (resources.files("extractors") / "rules").iterdir())
    listed = [rule.pattern for name in sorted(files) if name != "words" for rule in load_rules(name)]
    yield from listed[::9]


def answers() -> list[object]:
    return [
        (required(pattern), required(pattern, hidden={}), required(pattern, hidden=DOCUMENT), needs_mask(pattern, mask))
        for pattern in rules()
        for mask in (MASKS["document"], MASKS["award"])
    ]


def asked(path: Path, *, full: bool = False, code: fingerprints.Code = CODE) -> list[object]:
    with Kept(path, code) as store, patterns.remembered(store, full=full):
        return answers()


def derives(path: Path, *, full: bool = False, code: fingerprints.Code = CODE) -> bool:
    """Whether a process that has derived nothing takes patterns apart; the answers are those of one without memory."""
    with pytest.MonkeyPatch.context() as patch:
        forget(patch)
        wanted = answers()
        forget(patch)
        assert asked(path, full=full, code=code) == wanted
        return needed._all_required.cache_info().misses > 0


def test_what_is_noted_is_not_derived_again(path: Path) -> None:
    assert derives(path)
    assert not derives(path)
    assert derives(path, full=True)


def test_what_other_code_derived_is_not_taken(path: Path) -> None:
    asked(path)
    other = replace(CODE, everything="other")
    assert derives(path, code=other)
    assert not derives(path, code=other)


@pytest.mark.parametrize("change", ["replace(told, 'thứ', 'thư')", "''", "substr(told, 1, length(told) / 2)", "'x'"])
def test_what_is_damaged_is_derived_anew(path: Path, change: str) -> None:
    asked(path)
    change = change.replace("thứ", r"th\u1ee9").replace("thư", r"th\u01b0")
    with sqlite3.connect(path) as database:
        [before] = database.execute("SELECT told FROM derived").fetchone()
        database.execute(f"UPDATE derived SET told = {change}")
        assert database.execute("SELECT told FROM derived").fetchone() != (before,)
    assert derives(path)
    assert not derives(path)


def test_an_answer_is_for_one_pattern_its_flags_and_what_is_hidden() -> None:
    pattern = f"theo {MASKS['document']}"
    told = {
        required(re.compile(pattern)),
        required(re.compile(pattern, re.IGNORECASE)),
        required(re.compile(pattern), hidden={}),
        required(re.compile(pattern), hidden=DOCUMENT),
        required(re.compile(pattern), hidden={MASKS["document"]: frozenset({"thông tư"})}),
        required(re.compile(pattern + "|x")),
    }
    assert len(told) == 6
    assert needs_mask(re.compile(pattern), MASKS["document"])
    assert not needs_mask(re.compile(pattern), MASKS["award"])
    assert not needs_mask(re.compile(pattern + "|x"), MASKS["document"])


def test_a_run_notes_what_it_derived(copied: Workplace) -> None:
    required(re.compile("một mẫu câu"))
    rerun(copied, full=True)
    with Kept(copied.output / kept.FILE, CODE) as store:
        told = store.derived()
    assert told is not None
    assert patterns._told(told, CODE.everything) == needed.derived()
