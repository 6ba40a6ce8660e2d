"""A whole crawl of a small site on loopback into a real archive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.archive import captures, check
from pipeline.crawl import CrawlReport, crawl, crawl_all
from scrapers.fetch import Fetcher, Limits, user_agent
from scrapers.source import Source, load_source
from tests.loopback import Answer, FakeClock, Route, Site, serving

DECLARED = """
name: {name}
title: Tin
scheme: https
hosts: [{name}.example.vn]
article: '^/bai-[a-z-]*\\d+\\.html$'
identity: ['(?P<id>\\d+)\\.html$']
discovery: {{listings: [{{urls: [/]}}]}}
layouts: [{{layout: nukeviet}}]
assertions: {{minimum: {minimum}}}
"""


def source(folder: Path, name: str = "tin", minimum: int = 1) -> Source:
    file = folder / f"{name}.yml"
    file.write_text(DECLARED.format(name=name, minimum=minimum))
    return load_source(file)


def site_of(*numbers: int, **changed: Route) -> dict[str, Route]:
    home = "".join(f'<a href="/bai-{n}.html">{n}</a>' for n in numbers)
    routes: dict[str, Route] = {f"/bai-{n}.html": Answer(f"<h1>Bài {n}</h1>".encode()) for n in numbers}
    return {"/": Answer(home.encode()), **routes, **{f"/bai-{key[1:]}.html": route for key, route in changed.items()}}


def fetcher(site: Site, *sources: Source, **limits: float) -> Fetcher:
    settings = {"delay": 0, "retries": 0, **limits}
    return Fetcher(
        user_agent("a@example.org"),
        limits=Limits(**settings),  # type: ignore[arg-type]
        resolve=site.resolve(*(host for one in sources for host in one.hosts)),
        clock=FakeClock(),
    )


def crawled(folder: Path, site: Site, run: str = "r1", minimum: int = 1) -> CrawlReport:
    declared = source(folder, minimum=minimum)
    return crawl(declared, corpus=folder / "corpus", run=run, fetcher=fetcher(site, declared))


def archived(folder: Path) -> list[str]:
    return [capture.url.rsplit("/", 1)[-1] for capture in captures(folder / "corpus")]


def codes(report: CrawlReport) -> list[tuple[str, str]]:
    return [(issue.code, issue.level) for issue in report.issues]


def test_what_is_announced_is_archived(tmp_path: Path) -> None:
    with serving(site_of(1, 2, 3)) as site:
        report = crawled(tmp_path, site)
    assert (report.discovered, report.new, report.fetched, report.issues) == (3, 3, 3, ())
    assert report.ok
    assert archived(tmp_path) == ["bai-1.html", "bai-2.html", "bai-3.html"]
    assert [capture.ref for capture in captures(tmp_path / "corpus")] == list(report.captures)


def test_a_second_crawl_stores_no_second_body(tmp_path: Path) -> None:
    with serving(site_of(1, 2, 3)) as site:
        crawled(tmp_path, site)
        site.routes["/bai-3.html"] = Answer(b"<h1>corrected</h1>")
        report = crawled(tmp_path, site, run="r2")
    assert (report.new, report.changed, report.unchanged) == (0, 1, 2)
    assert len(list(captures(tmp_path / "corpus", revisits=False))) == 4
    assert check(tmp_path / "corpus") == []


def test_what_is_not_due_is_not_fetched(tmp_path: Path) -> None:
    declared = source(tmp_path)
    with serving(site_of(1, 2)) as site:
        crawled(tmp_path, site)
        site.routes["/"] = site_of(1, 2, 3)["/"]
        site.routes["/bai-3.html"] = Answer(b"x")
        report = crawl(
            declared,
            corpus=tmp_path / "corpus",
            run="r2",
            fetcher=fetcher(site, declared),
            due=lambda _found, last: last is None,
        )
    assert (report.known, report.new) == (2, 1)
    assert site.paths[-2:] == ["/", "/bai-3.html"]


def test_a_page_that_is_a_picture_is_kept_as_served(tmp_path: Path) -> None:
    picture = Answer(b"\x89PNG\r\n\x1a\n\0", content_type="image/png")
    with serving(site_of(1, _1=picture)) as site:
        crawled(tmp_path, site)
    (capture,) = captures(tmp_path / "corpus")
    assert (capture.payload, capture.content_type) == (b"\x89PNG\r\n\x1a\n\0", "image/png")


def test_gone_moved_and_failed_pages_are_issues_and_no_captures(tmp_path: Path) -> None:
    routes = site_of(
        *range(1, 7),
        _1=Answer(b"", 404),
        _2=Answer(b"", 301, headers={"Location": "/"}),
        _3=Answer(b"", 301, headers={"Location": "/bai-4.html"}),
        _5=Answer(b"", 500),
    )
    with serving(routes) as site:
        report = crawled(tmp_path, site)
    assert (report.gone, report.failed, report.new) == (3, 1, 2)
    assert codes(report) == [
        ("fetch.gone", "warning"),
        ("crawl.moved", "warning"),
        ("crawl.moved", "warning"),
        ("fetch.status", "error"),
    ]
    assert archived(tmp_path) == ["bai-4.html", "bai-6.html"]


def test_an_article_under_a_new_slug_is_the_same_article(tmp_path: Path) -> None:
    routes = site_of(1, _1=Answer(b"", 301, headers={"Location": "/bai-moi-1.html"}))
    routes["/bai-moi-1.html"] = Answer(b"<h1>1</h1>")
    with serving(routes) as site:
        report = crawled(tmp_path, site)
    assert (report.new, report.issues) == (1, ())
    assert archived(tmp_path) == ["bai-moi-1.html"]


def test_a_block_page_ends_the_source_and_is_not_archived(tmp_path: Path) -> None:
    flood = Answer(b'<div class="floodblocker">60</div>')
    with serving(site_of(1, 2, 3, 4, _3=flood)) as site:
        report = crawled(tmp_path, site)
    assert (report.new, report.blocked, report.ok) == (2, 1, False)
    assert codes(report) == [("fetch.blocked", "error")]
    assert archived(tmp_path) == ["bai-1.html", "bai-2.html"]
    assert "/bai-4.html" not in site.paths


def test_a_site_that_fails_again_and_again_is_left_alone(tmp_path: Path) -> None:
    broken = {f"_{n}": Answer(b"", 500) for n in range(1, 20)}
    with serving(site_of(*range(1, 20), **broken)) as site:
        report = crawled(tmp_path, site)
    assert report.failed == 5
    assert codes(report)[-1] == ("crawl.failing", "error")


@pytest.mark.parametrize(
    ("numbers", "minimum", "expected"),
    [((), 1, "crawl.nothing_found"), ((1, 2), 3, "crawl.too_few")],
)
def test_too_little_is_an_error(tmp_path: Path, numbers: tuple[int, ...], minimum: int, expected: str) -> None:
    with serving(site_of(*numbers)) as site:
        report = crawled(tmp_path, site, minimum=minimum)
    assert (expected, "error") in codes(report)


def test_a_run_cut_off_is_told_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "corpus" / "tin"
    with serving(site_of(1, 2)) as site:
        crawled(tmp_path, site)
        closed = folder / "r1.warc.gz"
        closed.rename(folder / "r1.warc.gz.open")
        (tmp_path / "corpus" / "index.cdxj").unlink()
        report = crawled(tmp_path, site, run="r2")
    assert codes(report) == [("archive.recovered", "warning")]
    assert report.unchanged == 2
    assert check(tmp_path / "corpus") == []


def test_one_source_s_trouble_leaves_the_others_alone(tmp_path: Path) -> None:
    good, blocked, unwritable = (source(tmp_path, name) for name in ("a", "b", "c"))
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "c").write_text("a file where a folder should be")
    with serving(site_of(1)) as site, serving({"/": Answer(b'<div class="floodblocker">60</div>')}) as flood:
        session = fetcher(site, good, unwritable)
        session._resolve |= flood.resolve(*blocked.hosts)
        reports = crawl_all([good, blocked, unwritable], corpus=corpus, run="r1", fetcher=session)
    assert {name: report.new for name, report in reports.items()} == {"a": 1, "b": 0, "c": 0}
    assert [codes(report) for report in reports.values()] == [
        [],
        [("fetch.blocked", "error")],
        [("crawl.not_archived", "error")],
    ]


def test_the_report_s_numbers_add_up(tmp_path: Path) -> None:
    with serving(site_of(1, 2, 3, _2=Answer(b"", 404))) as site:
        report = crawled(tmp_path, site)
    counts = report.counts()
    parts = ("new", "changed", "unchanged", "known", "gone", "failed")
    assert counts["discovered"] == sum(counts[name] for name in parts)
    assert replace(report, new=0).fetched == 0
