"""Unattended work: what is due, how sources stand, what the monitor and systemd are given."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.crawl import crawl
from pipeline.frontier import Frontier
from pipeline.operation import LATEST, METRICS, due, standings, write_metrics
from pipeline.sample_server import SampleServer
from scrapers.source import Source
from tests.conftest import Workplace
from tests.loopback import Answer, FakeClock, Route, serving
from tests.test_crawl import FIRST, article, fetcher, site_of, source

MORE = "every: 12"


def crawled(folder: Path, routes: dict[str, Route], hours: float, run: str) -> Source:
    declared = source(folder, more=MORE)
    with serving(routes) as site:
        clock = FakeClock((FIRST + dt.timedelta(hours=hours)).isoformat())
        session = fetcher(site, declared, clock=clock)
        crawl(declared, corpus=folder / "corpus", run=run, fetcher=session)
    return declared


def state(declared: Source, folder: Path, hours: float) -> str:
    (found,) = standings([declared], folder / "corpus", folder / "output", FIRST + dt.timedelta(hours=hours))
    return found.state


def test_a_source_goes_from_good_to_due_to_stale(tmp_path: Path) -> None:
    declared = source(tmp_path, more=MORE)
    assert state(declared, tmp_path, 0) == "never crawled"
    crawled(tmp_path, site_of(1), 0, "r1")
    assert [state(declared, tmp_path, hours) for hours in (1, 11.9, 12.1, 23.9, 24.1)] == [
        "good",
        "good",
        "due",
        "due",
        "stale",
    ]


def test_a_crawl_that_fails_is_no_success(tmp_path: Path) -> None:
    crawled(tmp_path, site_of(1), 0, "r1")
    declared = crawled(tmp_path, {"/": Answer(b'<div class="floodblocker">60</div>')}, 20, "r2")
    assert state(declared, tmp_path, 25) == "stale"


def test_a_source_without_news_is_silent(tmp_path: Path) -> None:
    for day in (0, 10, 31):
        declared = crawled(tmp_path, site_of(1), day * 24, f"r{day}")
    assert state(declared, tmp_path, 10 * 24) != "silent"
    assert state(declared, tmp_path, 31 * 24 + 1) == "silent"
    longer = replace(declared, assertions=replace(declared.assertions, silent_days=60))
    assert state(longer, tmp_path, 31 * 24 + 1) == "good"


def test_only_sources_whose_time_has_come_are_due(tmp_path: Path) -> None:
    declared = crawled(tmp_path, site_of(1), 0, "r1")
    other = source(tmp_path, "khac", more=MORE)
    with Frontier(tmp_path / "corpus") as frontier:
        found = [
            [one.name for one in due([declared, other], frontier, FIRST + dt.timedelta(hours=hours))]
            for hours in (1, 13)
        ]
    assert found == [["khac"], ["tin", "khac"]]


def test_metrics_are_in_prometheus_form(tmp_path: Path) -> None:
    declared = crawled(tmp_path, site_of(1), 0, "r1")
    write_metrics(standings([declared], tmp_path / "corpus", tmp_path, FIRST), tmp_path)
    lines = (tmp_path / METRICS).read_text().splitlines()
    assert f'cchc_source_last_success_timestamp_seconds{{source="tin"}} {FIRST.timestamp()}' in lines
    assert 'cchc_source_filled{source="tin",field="read"} 0.0000' in lines
    form = re.compile(r'# (?:HELP|TYPE) cchc_\w+ .+|cchc_\w+\{source="[\w-]+"(?:,field="\w+")?\} \d+(?:\.\d+)?')
    assert all(form.fullmatch(line) for line in lines)


def test_the_latest_articles_tell_how_well_a_source_is_read(tmp_path: Path) -> None:
    whole = {f"_{number}": article(f"Bài {number}") for number in range(LATEST)}
    declared = crawled(tmp_path, site_of(*range(LATEST), **whole), 0, "r1")

    def filled() -> Mapping[str, float | None]:
        (found,) = standings([declared], tmp_path / "corpus", tmp_path / "output", FIRST + dt.timedelta(days=1))
        return found.filled

    assert filled() == {"read": 1, "title": 1, "published_on": 1, "lead": 0, "author": 0}
    # Of the latest 20 articles five are now of another design, as the news of a second crawl.
    declared = crawled(tmp_path, site_of(*range(100, 105)), 2, "r2")
    assert filled() == {"read": 0.75, "title": 1, "published_on": 1, "lead": 0, "author": 0}


def test_a_source_without_captures_has_no_shares(tmp_path: Path) -> None:
    declared = source(tmp_path)
    (found,) = standings([declared], tmp_path / "corpus", tmp_path / "output", FIRST)
    assert set(found.filled.values()) == {None}


def test_status_and_due_on_the_command_line(crawled: Workplace, tmp_path: Path) -> None:
    shutil.copytree(crawled.folder, tmp_path / "place")
    place = Workplace(tmp_path / "place")
    told = {one["name"]: one["state"] for one in json.loads(place.cchc("status", "--json").stdout)}
    with SampleServer() as server:
        assert {told[name] for name in server.sites} == {"good"}
        resolve = [part for host, address in server.resolve.items() for part in ("--resolve", f"{host}={address}")]
        done = place.cchc("crawl", "--due", "--delay", "0", *server.sites, *resolve)
    assert (done.exit_code, "0 discovered" in done.output) == (0, True)
    shown = place.cchc("status")
    heads, first, *_ = (re.split(r"  +", line) for line in shown.stdout.splitlines())
    row = dict(zip(heads, first, strict=True))
    assert (row["name"], row["read"], row["date"], row["state"]) == ("baobaclieu", "100%", "100%", "good")
    assert shown.exit_code == (1 if len(told) > len(server.sites) else 0)
    assert (place.output / METRICS).exists()


def test_the_units_are_good() -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd here")
    units = sorted((Path(__file__).parent.parent / "systemd").glob("cchc.*"))
    assert len(units) == 2
    done = subprocess.run([program, "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
