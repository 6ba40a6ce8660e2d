"""A crawl that is killed again and again: nothing is lost, nothing is doubled, no host is pressed."""

from __future__ import annotations

import csv
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Lock, Thread

import pytest

from pipeline import stages
from pipeline.archive import Archive, captures, check
from scrapers.source import Source, load_source

ROOT = Path(__file__).parent.parent
HOSTS, ARTICLES, PAGE = 4, 60, 20
PROVINCES = ("Long An", "Nghệ An", "Tây Ninh", "Bạc Liêu")
# A crawl is killed this many seconds after it began, at the latest.
LATEST = 0.4
# Where the archive's records lie is another matter in another archive of the same pages.
PLACES = {"warc", "offset", "length", "run"}

DECLARED = """
name: {name}
title: Tin
scheme: http
province: {province}
hosts: [{name}.example.vn]
article: '^/bai-\\d+\\.html$'
discovery: {{listings: [{{urls: [/trang-1], pages: 10}}]}}
layouts: [{{layout: nukeviet}}]
fallbacks: []
"""
# Begins a crawl for each line that it is given, in a process of its own, and says how that ended. The clock on the wall
# stands still, so that what is archived has the same time in any crawl; pauses are real.
CRAWLS = """
import datetime as dt
import os
import sys
from pathlib import Path
from pipeline import runs
from pipeline.crawl import crawl_all
from pipeline.frontier import Frontier
from scrapers.fetch import Address, Fetcher, Limits, SystemClock
from scrapers.source import load_source

class Stopped(SystemClock):
    def now(self):
        return dt.datetime(2020, 11, 21, 8, tzinfo=dt.UTC)

sources = [load_source(file) for file in sorted(Path(sys.argv[1]).glob("*.yml"))]
resolve = {host: Address("127.0.0.1", int(sys.argv[2]), plain=True) for one in sources for host in one.hosts}

def crawl(corpus, run, delay):
    with runs.locked(corpus), Frontier(corpus) as state:
        fetcher = Fetcher("cchc", limits=Limits(delay=delay), resolve=resolve, memory=state, clock=Stopped())
        reports = crawl_all(sources, corpus=corpus, run=run, fetcher=fetcher, frontier=state)
    for name, report in reports.items():
        for issue in report.issues:
            print(issue.code, issue.message, flush=True)

for line in sys.stdin:
    corpus, run, delay = line.split()
    child = os.fork()
    if child == 0:
        print(os.getpid(), flush=True)
        crawl(Path(corpus), run, float(delay))
        os._exit(0)
    print("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Sites:
    """All hosts on one port; when each was asked for what."""

    def __init__(self) -> None:
        self.asked: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self.lock = Lock()

    def answer(self, host: str, path: str) -> bytes | None:
        with self.lock:
            self.asked[host].append((time.monotonic(), path))
        if found := re.fullmatch(r"/bai-(\d+)\.html", path):
            text = f"Năm 2019, Chỉ số cải cách hành chính (PAR INDEX) của tỉnh xếp thứ {int(found[1]) + 1}/63."
            head = f'<h1 class="title" itemprop="headline">Bài {found[1]}</h1><span class="h5">20/11/2020</span>'
            return f'<div class="news_column">{head}<div class="bodytext"><p>{text}</p></div></div>'.encode()
        if found := re.fullmatch(r"/trang-(\d+)", path):
            number = int(found[1])
            links = [f'<a href="/bai-{n}.html">Bài {n}</a>' for n in range((number - 1) * PAGE, number * PAGE)]
            following = f'<a rel="next" href="/trang-{number + 1}">›</a>' if number * PAGE < ARTICLES else ""
            return ("".join(links) + following).encode()
        return None


@pytest.fixture
def sites() -> Iterator[Mapping[str, object]]:
    served = Sites()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = served.answer(self.headers["Host"], self.path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
            """The test's output stays readable."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield {"served": served, "port": server.server_address[1]}
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def declared(tmp_path: Path) -> dict[str, Source]:
    """The sources, as files in the test's folder."""
    names = {f"tin{number}": province for number, province in enumerate(PROVINCES)}
    for name, province in names.items():
        (tmp_path / f"{name}.yml").write_text(DECLARED.format(name=name, province=province))
    return {name: load_source(tmp_path / f"{name}.yml") for name in names}


class Crawls:
    """Crawls of the sources in a folder, one after another, each in its own process."""

    def __init__(self, folder: Path, port: int) -> None:
        command = [sys.executable, "-c", CRAWLS, str(folder), str(port)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self, corpus: Path, run: str, delay: float) -> int:
        """The id of the process that has just begun."""
        assert self._process.stdin
        self._process.stdin.write(f"{corpus} {run} {delay}\n")
        self._process.stdin.flush()
        return int(self._line())

    def end(self) -> tuple[int, set[str]]:
        """How the last one that was begun ended, and the codes of its issues."""
        codes: set[str] = set()
        while not (line := self._line()).startswith("ended "):
            codes.add(line.split()[0])
        return int(line.split()[1]), codes

    def close(self) -> None:
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


@pytest.fixture
def crawls(tmp_path: Path, declared: dict[str, Source], sites: Mapping[str, object]) -> Iterator[Crawls]:
    begun = Crawls(tmp_path, int(str(sites["port"])))
    yield begun
    begun.close()


def tables(corpus: Path, output: Path) -> dict[str, list[dict[str, str]]]:
    """All that is extracted from the corpus, but for where in it a page lies."""
    stages.extract(corpus, output)
    found = {}
    for file in sorted(output.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            found[file.name] = [
                {name: value for name, value in row.items() if name not in PLACES} for row in csv.DictReader(rows)
            ]
    return found


@pytest.mark.parametrize("kills", [15, pytest.param(50, marks=pytest.mark.slow)])
def test_a_crawl_killed_again_and_again_is_as_one_that_was_not(
    kills: int,
    tmp_path: Path,
    sites: Mapping[str, object],
    crawls: Crawls,
    declared: dict[str, Source],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served = sites["served"]
    assert isinstance(served, Sites)
    corpus, chance = tmp_path / "corpus", random.Random(4)
    # At this pace a host takes longer than all stretches before a kill together, on whatever machine.
    delay = kills * LATEST / (ARTICLES + ARTICLES // PAGE)
    for number in range(kills):
        process = crawls.begin(corpus, f"killed{number:02}", delay)
        time.sleep(chance.uniform(0, LATEST))
        os.kill(process, signal.SIGKILL)
        assert crawls.end() == (-signal.SIGKILL, set())
    crawls.begin(corpus, "finished", delay)
    ended, codes = crawls.end()
    assert (ended, codes <= {"archive.recovered"}) == (0, True)

    archived = Counter(capture.url for capture in captures(corpus))
    assert archived == Counter(f"http://tin{h}.example.vn/bai-{n}.html" for h in range(HOSTS) for n in range(ARTICLES))
    assert len(Archive.load(corpus).entries) == HOSTS * ARTICLES
    assert check(corpus) == []
    assert not list(corpus.glob("*/*.open"))
    for host, asked in served.asked.items():
        times = [at for at, _ in asked]
        assert min(later - at for at, later in pairwise(times)) >= delay, host
        repeated = len(asked) - len({path for _, path in asked})
        assert repeated <= kills, (host, Counter(path for _, path in asked).most_common(3))

    crawls.begin(tmp_path / "undisturbed", "undisturbed", 0)
    assert crawls.end() == (0, set())
    monkeypatch.setattr(stages, "sources", lambda _names=(): declared)
    found = tables(corpus, tmp_path / "output")
    assert found == tables(tmp_path / "undisturbed", tmp_path / "output of undisturbed")
    assert len(found["articles.csv"]) == len(found["rankings.csv"]) == HOSTS * ARTICLES
