"""`python -m bench`: how fast extraction is on one process, against the least that can be done and the user's way.

The three take turns page by page batch, so that a busy machine slows all of them; seconds are those of the processor.
"""

from __future__ import annotations

import argparse
import csv
import gc
import itertools
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import corpus, ways
from bench.shares import clocked

RECORDED = Path(__file__).with_name("recorded.json")
# Enough pages that no two share their sentences' words in a row, in about three minutes.
PAGES, SAMPLE, BATCH = 2_000, 6, 100
# So many pages have facts of each kind; the commands whose start-up is timed read them.
FEW, SENTENCE = 25, "Long An xếp thứ 5/63 về Chỉ số CCHC năm 2019, đạt 81,2 điểm."
# Pages read first and not counted: the gazetteers and rules are loaded by then.
WARM_UP = 40


def main() -> None:
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="cchc-bench-") as folder:
        place = asked.corpus or Path(folder)
        if not (place / "index.cdxj").exists():
            print(f"Writing {asked.pages:,} pages …", file=sys.stderr)
            # In a process of its own, so that the memory it takes is not counted.
            subprocess.run([sys.executable, "-c", f"from bench import corpus; from pathlib import Path; corpus.write(Path({str(place)!r}), {asked.pages})"], check=True)
        found = measure(place, asked.sample)
    before = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else None
    print(table(found, before))
    print(json.dumps(found, ensure_ascii=False))
    if asked.json:
        asked.json.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    if asked.record:
        RECORDED.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES, help=f"pages of the corpus (default {PAGES})")
    parser.add_argument("--sample", type=int, default=SAMPLE, help="pages read in the user's way; 0 leaves it out")
    parser.add_argument("--corpus", type=Path, help="keep the corpus in this folder, or use the one that lies there")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--record", action="store_true", help="make them those that later runs are compared with")
    return parser.parse_args()


def measure(place: Path, sample: int) -> dict[str, Any]:
    """The figures of one run over the corpus in that folder."""
    for _ in itertools.islice(ways.ours(place), WARM_UP):
        pass
    # As worker processes do, once all is loaded.
    gc.collect()
    gc.freeze()
    took = {"floor": 0.0, "ours": 0.0}
    runs: dict[str, Iterator[Any]] = {"floor": ways.floor(place), "ours": ways.ours(place)}
    pages = facts = with_facts = 0
    for _ in itertools.count():
        batches = {name: _timed(runs[name], BATCH) for name in took}
        for name, (_, seconds) in batches.items():
            took[name] += seconds
        read = batches["ours"][0]
        if not read:
            break
        pages += len(read)
        facts += sum(len(reading.extraction.facts) for reading in read)
        with_facts += sum(bool(reading.extraction.facts) for reading in read)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with clocked() as clock:
        for _ in itertools.islice(ways.ours(place), 5 * BATCH):
            pass
    found: dict[str, Any] = {
        "pages": pages,
        "pages_with_facts": with_facts,
        "facts": facts,
        "ms_a_page": {name: round(1000 * seconds / pages, 3) for name, seconds in took.items()},
        "pages_a_second": {name: round(pages / seconds, 1) for name, seconds in took.items()},
        "times_the_floor": round(took["ours"] / took["floor"], 2),
        "shares": {stage: round(share, 3) for stage, share in clock.shares().items()},
        "peak_memory_mb": round(memory),
        "start_up_seconds": start_up(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }
    if sample:
        # Its models are loaded with the first page, which is not counted.
        users = ways.users(place)
        next(users)
        _, seconds = _timed(users, sample)
        found["users_way_ms_a_page"] = round(1000 * seconds / sample)
        found["times_as_fast_as_users_way"] = round(seconds / sample / (took["ours"] / pages))
    return found


def _timed(run: Iterator[Any], count: int) -> tuple[list[Any], float]:
    start = time.process_time()
    return list(itertools.islice(run, count)), time.process_time() - start


def start_up() -> dict[str, float]:
    """The processor's seconds of commands that do little, on an archive of a few pages."""
    with tempfile.TemporaryDirectory(prefix="cchc-bench-") as folder:
        place = Path(folder)
        corpus.write(place / "corpus", FEW)
        _cchc(place, "extract")
        with (place / "output" / "rankings.csv").open(encoding="utf-8") as rows:
            fact_id = next(csv.DictReader(rows))["fact_id"]
        commands = {"--help": ["--help"], "explain": ["explain", SENTENCE], "trace": ["trace", fact_id], "status": ["status"]}
        return {verb: round(min(_cchc(place, *command) for _ in range(3)), 2) for verb, command in commands.items()}


def _cchc(place: Path, *arguments: str) -> float:
    """The processor's seconds of a command on the archive and tables in that folder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    folders = {"CCHC_CORPUS": str(place / "corpus"), "CCHC_OUTPUT": str(place / "output")}
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", *arguments]
    done = subprocess.run(command, env=os.environ | folders, capture_output=True, text=True, check=False)
    # `status` ends with 1 where a source needs a look.
    if done.returncode > (arguments[0] == "status"):
        raise RuntimeError(f"cchc {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table(found: dict[str, Any], before: dict[str, Any] | None) -> str:
    """The figures for people, ratios beside those recorded last."""
    rows = [
        ("pages (with facts)", f"{found['pages']:,} ({found['pages_with_facts']:,})", ""),
        *((f"{name}: ms a page (pages/s)", f"{found['ms_a_page'][name]} ({found['pages_a_second'][name]})", "") for name in ("floor", "ours")),
        ("ours, times the floor", str(found["times_the_floor"]), _recorded(before, "times_the_floor")),
    ]
    if "users_way_ms_a_page" in found:
        rows += [
            ("user's way: ms a page", f"{found['users_way_ms_a_page']:,}", ""),
            ("ours, times as fast", str(found["times_as_fast_as_users_way"]), _recorded(before, "times_as_fast_as_users_way")),
        ]
    rows += [(f"share of {stage}", f"{share:.1%}", "") for stage, share in found["shares"].items()]
    rows += [
        ("peak memory, MB", str(found["peak_memory_mb"]), _recorded(before, "peak_memory_mb")),
        *((f"start-up of cchc {verb}, s", str(seconds), "") for verb, seconds in found["start_up_seconds"].items()),
    ]
    return "\n".join(f"{name:<34}{value:>22}  {recorded}".rstrip() for name, value, recorded in rows)


def _recorded(before: dict[str, Any] | None, key: str) -> str:
    return f"(recorded: {before[key]})" if before and key in before else ""


if __name__ == "__main__":
    main()
