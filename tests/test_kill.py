"""A crawl that is killed again and again: nothing is lost, nothing is doubled, no host is pressed."""

from __future__ import annotations

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

from pipeline.archive import Archive, captures, check

ROOT = Path(__file__).parent.parent
# At this pace a host takes longer than all stretches before a kill together, on whatever machine.
HOSTS, ARTICLES, PAGE, KILLS, DELAY = 10, 100, 20, 10, 0.04

DECLARED = """
name: {name}
title: Tin
scheme: http
hosts: [{name}.example.vn]
article: '^/bai-\\d+\\.html$'
discovery: {{listings: [{{urls: [/trang-1], pages: 10}}]}}
layouts: [{{layout: nukeviet}}]
fallbacks: []
"""
CRAWL = """
import sys
from pathlib import Path
from pipeline import runs
from pipeline.crawl import crawl_all
from pipeline.frontier import Frontier
from scrapers.fetch import Address, Fetcher, Limits
from scrapers.source import load_source

folder, port, run, delay = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
sources = [load_source(file) for file in sorted(folder.glob("*.yml"))]
resolve = {host: Address("127.0.0.1", port, plain=True) for one in sources for host in one.hosts}
corpus = folder / "corpus"
with runs.locked(corpus), Frontier(corpus) as state:
    fetcher = Fetcher("cchc", limits=Limits(delay=delay), resolve=resolve, memory=state)
    print("at work", flush=True)
    reports = crawl_all(sources, corpus=corpus, run=run, fetcher=fetcher, frontier=state)
for name, report in reports.items():
    for issue in report.issues:
        print(issue.code, issue.message, flush=True)
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
            text = f"Bài số {found[1]} của {host}: chỉ số cải cách hành chính của tỉnh tăng {found[1]} bậc."
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


def begun(folder: Path, port: int, run: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CRAWL, str(folder), str(port), run, str(DELAY)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_crawl_killed_ten_times_archives_every_article_once(tmp_path: Path, sites: Mapping[str, object]) -> None:
    served, port = sites["served"], sites["port"]
    assert isinstance(served, Sites)
    assert isinstance(port, int)
    for number in range(HOSTS):
        (tmp_path / f"tin{number}.yml").write_text(DECLARED.format(name=f"tin{number}"))
    chance = random.Random(4)
    for kill in range(KILLS):
        process = begun(tmp_path, port, f"killed{kill}")
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        time.sleep(chance.uniform(0.05, 0.6))
        assert process.poll() is None, "the crawl has ended before it was killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    finished = begun(tmp_path, port, "finished")
    said, errors = finished.communicate(timeout=60)
    assert (finished.returncode, errors) == (0, "")
    assert set(re.findall(r"^\S+\.\S+", said, re.MULTILINE)) <= {"archive.recovered"}

    corpus = tmp_path / "corpus"
    archived = Counter(capture.url for capture in captures(corpus))
    assert archived == Counter(f"http://tin{h}.example.vn/bai-{n}.html" for h in range(HOSTS) for n in range(ARTICLES))
    assert len(Archive.load(corpus).entries) == HOSTS * ARTICLES
    assert check(corpus) == []
    assert not list(corpus.glob("*/*.open"))
    for host, asked in served.asked.items():
        times = [at for at, _ in asked]
        assert min(later - at for at, later in pairwise(times)) >= DELAY, host
        repeated = len(asked) - len({path for _, path in asked})
        assert repeated <= KILLS, (host, Counter(path for _, path in asked).most_common(3))
