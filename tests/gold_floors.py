"""The floors below which the F1 of no table may sink, pinned with the gold's hash in `gold_floors.json`.

    python -m tests.gold_floors            # raise the floors to what is reached now
    python -m tests.gold_floors --lower    # set them even where that lowers one: say why in docs/decisions.md
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from extractors.extract import extract
from extractors.facts import FACT_TYPES
from pipeline.documents import article, prediction, read
from pipeline.evaluate import compare

HERE = Path(__file__).parent
PINNED = HERE / "gold_floors.json"
OWN = sorted((HERE / "gold").glob("*.jsonl"))
SHARED = sorted((HERE.parent.parent / "shared" / "gold").glob("*.jsonl"))


def name(path: Path) -> str:
    """The gold file as the floors name it: `own/staff.jsonl`, `shared/staff_dev.jsonl`."""
    return f"{'own' if path.parent.parent == HERE else 'shared'}/{path.name}"


def measured(path: Path) -> dict[str, Any]:
    """What is reached on a gold file: strict and core F1 of each table that has facts, clean, and the hash."""
    gold = list(read(path))
    result = compare(gold, [prediction(d["doc_id"], extract(article(d)).facts, FACT_TYPES) for d in gold])
    tables = {table: tally for table, tally in result.tables.items() if tally.gold}
    return {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "strict": {table: round(tally.strict_f1, 4) for table, tally in tables.items()},
        "core": {table: round(tally.core_f1, 4) for table, tally in tables.items()},
        "all": round(result.total.strict_f1, 4),
        "clean": result.clean,
    }


def main(lower: bool) -> None:
    pinned: dict[str, Any] = json.loads(PINNED.read_text("utf-8")) if PINNED.exists() else {}
    for path in (*OWN, *SHARED):
        now, before = measured(path), pinned.get(name(path))
        sunk = [
            f"{kind} {table}: {now[kind].get(table, 0)} below {floor}"
            for kind in ("strict", "core")
            for table, floor in (before or {}).get(kind, {}).items()
            if now[kind].get(table, 0) < floor
        ]
        if sunk and before and before["sha256"] == now["sha256"] and not lower:
            print(f"{name(path)}: kept, since it would sink ({'; '.join(sunk)})")
            continue
        pinned[name(path)] = now
        print(f"{name(path)}: {now['all']}")
    PINNED.write_text(json.dumps(pinned, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main("--lower" in sys.argv)
