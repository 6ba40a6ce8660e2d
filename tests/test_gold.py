"""The quality of extraction cannot sink unnoticed: F1 per table on the gold, pinned with the gold's hash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gold_floors import OWN, PINNED, SHARED, measured, name

FLOORS = json.loads(PINNED.read_text("utf-8"))
# A float's last place may differ between machines.
SLACK = 1e-4


@pytest.mark.parametrize("path", [*OWN, *SHARED], ids=name)
def test_no_table_sinks_below_its_floor(path: Path) -> None:
    floor, now = FLOORS.get(name(path)), measured(path)
    assert floor is not None, f"{path.name} has no floor yet: run python -m tests.gold_floors"
    assert now["sha256"] == floor["sha256"], f"{path.name} has changed: run python -m tests.gold_floors --lower"
    for kind in ("strict", "core"):
        for table, least in floor[kind].items():
            assert now[kind][table] >= least - SLACK, f"{kind} F1 of {table} sank on {path.name}"
    assert now["clean"] >= floor["clean"], f"facts were found in a document of {path.name} that has none"


def test_every_own_gold_file_has_a_floor() -> None:
    assert {name(path) for path in OWN} <= set(FLOORS)


@pytest.mark.skipif(not SHARED, reason="the shared gold does not stand beside the project")
def test_the_shared_gold_has_floors() -> None:
    assert {name(path) for path in SHARED} <= set(FLOORS)
