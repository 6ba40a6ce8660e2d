"""A whole crawl of a small site on loopback into a real archive."""

from __future__ import annotations

import datetime as dt
import gc
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.archive import captures, check
from pipeline.crawl import CrawlReport, Plan, crawl, crawl_all
from pipeline.frontier import FILE, Frontier
from pipeline.progress import Unwatched
from scrapers.fetch import Fetcher, Limits, user_agent
from scrapers.source import Source, load_source
from tests.loopback import Answer, FakeClock, Request, Route, Site, serving

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


# What a crawl's objects are made by.
CRAWLING = ("pipeline.", "scrapers.", "requests.", "urllib3.", "bs4.", "warcio.", "http.")
FIRST = dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC)


def source(folder: Path, name: str = "tin", minimum: int = 1, more: str = "") -> Source:
    file = folder / f"{name}.yml"
    file.write_text(DECLARED.format(name=name, minimum=minimum) + more)
    return load_source(file)


def article(title: str, text: str = "Chỉ số cải cách hành chính của tỉnh tăng ba bậc.", hits: int = 1) -> Answer:
    """A page as the layout of the source has it, with a hit counter."""
    head = f'<h1 class="title" itemprop="headline">{title}</h1><span class="h5">20/11/2026 08:00</span>'
    body = f'<div class="news_column">{head}<div class="bodytext"><p>{text}</p></div></div>'
    return Answer(f"<html><body>{body}<p>Đã xem: {hits}</p></body></html>".encode())


def site_of(*numbers: int, **changed: Route) -> dict[str, Route]:
    home = "".join(f'<a href="/bai-{n}.html">{n}</a>' for n in numbers)
    routes: dict[str, Route] = {f"/bai-{n}.html": Answer(f"<h1>Bài {n}</h1>".encode()) for n in numbers}
    return {"/": Answer(home.encode()), **routes, **{f"/bai-{key[1:]}.html": route for key, route in changed.items()}}


def fetcher(site: Site, *sources: Source, clock: FakeClock | None = None, **limits: Any) -> Fetcher:
    settings = {"delay": 0, "retries": 0, **limits}
    return Fetcher(
        user_agent("a@example.org"),
        limits=Limits(**settings),
        resolve=site.resolve(*(host for one in sources for host in one.hosts)),
        clock=clock or FakeClock(),
    )


def crawled(
    folder: Path,
    site: Site,
    run: str = "r1",
    minimum: int = 1,
    plan: Plan | None = None,
    days: float = 0,
    more: str = "",
) -> CrawlReport:
    """One crawl, so many days after the first."""
    declared = source(folder, minimum=minimum, more=more)
    clock = FakeClock((FIRST + dt.timedelta(days=days)).isoformat())
    session = fetcher(site, declared, clock=clock)
    return crawl(declared, corpus=folder / "corpus", run=run, fetcher=session, plan=plan)


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


def test_a_second_crawl_stores_no_second_body(tmp_path: Path) -> None:
    with serving(site_of(1, 2, 3)) as site:
        crawled(tmp_path, site)
        site.routes["/bai-3.html"] = Answer(b"<h1>corrected</h1>")
        report = crawled(tmp_path, site, run="r2", plan=Plan(again=True))
    assert (report.new, report.changed, report.unchanged) == (0, 1, 2)
    assert len(list(captures(tmp_path / "corpus", revisits=False))) == 4
    assert check(tmp_path / "corpus") == []


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
        ("crawl.moved_elsewhere", "warning"),
        ("crawl.moved_elsewhere", "warning"),
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
    assert report.known == 2
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


# when an article is fetched again


def test_an_unchanged_site_is_asked_for_its_lists_only(tmp_path: Path) -> None:
    with serving(site_of(*range(200))) as site:
        first = crawled(tmp_path, site)
        asked = len(site.paths)
        second = crawled(tmp_path, site, run="r2", days=0.5)
    assert (first.new, second.known, second.fetched) == (200, 200, 0)
    assert site.paths[asked:] == ["/"]


def test_an_article_is_looked_at_again_after_a_day_a_week_and_a_month(tmp_path: Path) -> None:
    with serving(site_of(1)) as site:
        fetched = [crawled(tmp_path, site, f"r{day}", days=day + 0.1).fetched for day in range(40)]
    assert [day for day, count in enumerate(fetched) if count] == [0, 1, 7, 30]


def test_a_source_may_say_when(tmp_path: Path) -> None:
    with serving(site_of(1)) as site:
        more = "revisit: {after: [3]}"
        fetched = [crawled(tmp_path, site, f"r{day}", days=day + 0.1, more=more).fetched for day in range(7)]
    assert [day for day, count in enumerate(fetched) if count] == [0, 3]


def test_an_old_article_is_not_looked_at_again(tmp_path: Path) -> None:
    page = article("Bài 1")
    with serving(site_of(1, _1=replace(page, body=page.body.replace(b"/2026", b"/2019")))) as site:
        crawled(tmp_path, site)
        assert crawled(tmp_path, site, "r2", days=50).known == 1


def test_a_hit_counter_is_no_change_and_is_not_stored(tmp_path: Path) -> None:
    with serving(site_of(1, _1=article("Bài 1", hits=1))) as site:
        crawled(tmp_path, site)
        site.routes["/bai-1.html"] = article("Bài 1", hits=2)
        counted = crawled(tmp_path, site, "r2", days=2)
        site.routes["/bai-1.html"] = article("Bài 1", "Chỉ số cải cách hành chính của tỉnh tăng bốn bậc.", hits=3)
        corrected = crawled(tmp_path, site, "r3", days=10)
    assert (counted.unchanged, corrected.changed) == (1, 1)
    # Another count of hits is no other page.
    assert archived(tmp_path) == ["bai-1.html", "bai-1.html"]


def test_the_text_is_compared_where_the_state_is_lost(tmp_path: Path) -> None:
    with serving(site_of(1, _1=article("Bài 1", hits=1))) as site:
        crawled(tmp_path, site)
        for file in (tmp_path / "corpus").glob(f"{FILE}*"):
            file.unlink()
        assert crawled(tmp_path, site, "r2", days=0.5).known == 1
        site.routes["/bai-1.html"] = article("Bài 1", hits=2)
        assert crawled(tmp_path, site, "r3", days=2).unchanged == 1
    assert len(list(captures(tmp_path / "corpus"))) == 1


def test_a_changed_title_on_a_list_calls_for_a_look_once_a_day(tmp_path: Path) -> None:
    def listed(title: str) -> Answer:
        return Answer(f'<a href="/bai-1.html">{title}</a>'.encode())

    with serving(site_of(1)) as site:
        site.routes["/"] = listed("Tỉnh tăng ba bậc")
        crawled(tmp_path, site)
        crawled(tmp_path, site, "r2", days=1.1)
        site.routes["/"] = listed("Tỉnh tăng bốn bậc (đính chính)")
        counts = [crawled(tmp_path, site, f"s{n}", days=3 + n / 4).fetched for n in range(3)]
    assert counts == [1, 0, 0]


SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://tin.example.vn/bai-1.html</loc><lastmod>{}</lastmod></url></urlset>"""


@pytest.mark.parametrize(
    ("stamp", "fetched"), [("2026-11-23T10:00:00+07:00", 1), ("2026-11-24", 1), ("2026-11-21", 0), ("nonsense", 0)]
)
def test_a_sitemap_s_time_calls_for_a_look(tmp_path: Path, stamp: str, fetched: int) -> None:
    more = "revisit: {after: [90]}"
    with serving(site_of(1)) as site:
        crawled(tmp_path, site, more=more)
        site.routes["/map.xml"] = Answer(SITEMAP.format(stamp).encode(), content_type="application/xml")
        declared = source(tmp_path, more=more)
        sitemaps = load_source(_with(tmp_path, "sitemaps: [{url: /map.xml}]", more)).discovery.sitemaps
        declared = replace(declared, discovery=replace(declared.discovery, sitemaps=sitemaps, listings=()))
        session = fetcher(site, declared, clock=FakeClock((FIRST + dt.timedelta(days=4)).isoformat()))
        report = crawl(declared, corpus=tmp_path / "corpus", run="r2", fetcher=session)
    assert report.fetched == fetched


def _with(folder: Path, discovery: str, more: str = "") -> Path:
    file = folder / "tin.yml"
    text = DECLARED.format(name="tin", minimum=1).replace("listings: [{urls: [/]}]", discovery)
    file.write_text(text.replace("{" + discovery + "}", "{" + discovery + "}") + more)
    return file


def test_a_server_that_means_its_marks_is_asked_for_changes_only(tmp_path: Path) -> None:
    def marked(request: Request) -> Answer:
        if request.headers.get("If-None-Match") == '"one"':
            return Answer(b"", 304, headers={"ETag": '"one"'})
        return Answer(b"<h1>B\xc3\xa0i 1</h1>", headers={"ETag": '"one"'})

    with serving(site_of(1, _1=marked)) as site:
        crawled(tmp_path, site, more="revisit: {conditional: true}")
        again = crawled(tmp_path, site, "r2", days=2, more="revisit: {conditional: true}")
        unasked = crawled(tmp_path, site, "r3", days=10)
    assert (again.unchanged, unasked.unchanged) == (1, 1)
    assert [request.headers.get("If-None-Match") for request in site.requests if "bai" in request.path] == [
        None,
        '"one"',
        None,
    ]
    first, second, _ = captures(tmp_path / "corpus")
    assert (second.payload, second.status, second.content_type) == (first.payload, 200, first.content_type)
    assert check(tmp_path / "corpus") == []


def test_lists_and_feeds_are_asked_for_changes_only_too(tmp_path: Path) -> None:
    routes = site_of(1, 2)
    feed = b"<rss><channel><item><title>Ba</title><link>https://tin.example.vn/bai-3.html</link></item></channel></rss>"

    def marked(answer: Answer, mark: Mapping[str, str], asked: str) -> Route:
        (value,) = mark.values()
        return lambda request: (
            Answer(status=304) if request.headers.get(asked) == value else replace(answer, headers=mark)
        )

    home = routes["/"]
    assert isinstance(home, Answer)
    routes["/"] = marked(home, {"ETag": '"home"'}, "If-None-Match")
    told = {"Last-Modified": "Sat, 21 Nov 2026 06:00:00 GMT"}
    routes["/rss"] = marked(Answer(feed, content_type="application/rss+xml"), told, "If-Modified-Since")
    routes["/bai-3.html"] = article("Ba")
    more = "revisit: {conditional: true}"
    declared = load_source(_with(tmp_path, "listings: [{urls: [/]}], feeds: [/rss]", more))
    with serving(routes) as site:

        def again(run: str, days: float, plan: Plan | None = None) -> CrawlReport:
            clock = FakeClock((FIRST + dt.timedelta(days=days)).isoformat())
            return crawl(
                declared, corpus=tmp_path / "corpus", run=run, fetcher=fetcher(site, declared, clock=clock), plan=plan
            )

        first, second = again("r1", 0), again("r2", 0.1)
        assert [found.headers.get("If-None-Match") for found in site.requests if found.path == "/"] == [None, '"home"']
        # A list that has changed since is read as it is now, and remembered with its new mark.
        routes["/bai-4.html"] = article("Bốn")
        site.routes |= routes | {
            "/": marked(Answer(b'<a href="/bai-4.html">4</a>'), {"ETag": '"new"'}, "If-None-Match")
        }
        third, fourth = again("r3", 0.2), again("r4", 0.3)
        asked = [found.headers.get("If-None-Match") for found in site.requests if found.path == "/"]
    assert [one.discovered for one in (first, second, third, fourth)] == [3, 3, 2, 2]
    assert [one.new for one in (first, second, third, fourth)] == [3, 0, 1, 0]
    assert asked == [None, '"home"', '"home"', '"new"']
    assert not [issue for one in (first, second, third, fourth) for issue in one.issues]


def test_marks_that_change_with_every_request_do_no_harm(tmp_path: Path) -> None:
    count = iter(range(100))

    def unstable(_request: Request) -> Answer:
        return Answer(b"<h1>B\xc3\xa0i 1</h1>", headers={"ETag": f'"{next(count)}"'})

    with serving(site_of(1, _1=unstable)) as site:
        crawled(tmp_path, site, more="revisit: {conditional: true}")
        again = crawled(tmp_path, site, "r2", days=2, more="revisit: {conditional: true}")
    assert again.unchanged == 1
    assert len(list(captures(tmp_path / "corpus", revisits=False))) == 1


def test_a_missing_page_is_asked_for_once_more_a_day_later(tmp_path: Path) -> None:
    with serving(site_of(1, 2, _2=Answer(b"", 404))) as site:
        gone = [crawled(tmp_path, site, f"r{n}", days=n / 2).gone for n in range(8)]
    assert gone == [1, 0, 1, 0, 0, 0, 0, 0]


def test_a_page_announced_before_its_hour_is_had_a_day_later(tmp_path: Path) -> None:
    with serving(site_of(1, 2, _2=Answer(b"", 500))) as site:
        crawled(tmp_path, site)
        site.routes["/bai-2.html"] = Answer(b"", 404)
        assert crawled(tmp_path, site, "r2", days=0.1).gone == 1
        site.routes["/bai-2.html"] = article("Bài hai")
        assert crawled(tmp_path, site, "r3", days=0.5).new == 0
        assert crawled(tmp_path, site, "r4", days=1.2).new == 1


def test_what_waits_is_fetched_though_no_list_shows_it_any_more(tmp_path: Path) -> None:
    with serving(site_of(1, 2, _2=Answer(b"", 500))) as site:
        crawled(tmp_path, site)
        site.routes |= site_of(3) | {"/bai-2.html": article("Bài hai")}
        report = crawled(tmp_path, site, "r2", days=0.5)
    assert (report.discovered, report.new) == (2, 2)
    assert "bai-2.html" in archived(tmp_path)


def test_imported_pages_are_not_fetched_for_being_old(tmp_path: Path) -> None:
    with serving(site_of(1, 2)) as site:
        crawled(tmp_path, site)
        for file in (tmp_path / "corpus").glob(f"{FILE}*"):
            file.unlink()
        site.routes["/"] = site_of(2)["/"]
        report = crawled(tmp_path, site, "r2", days=400)
    assert (report.discovered, report.known, report.fetched) == (1, 1, 0)


# recognised states


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (b"<html><body><form><input type=password name=p></form></body></html>", "crawl.login"),
        (
            b"<html><body><div id=app></div><script src=/a.js></script>" + b" " * 700 + b"</body></html>",
            "crawl.script_shell",
        ),
        (b"  \n", "crawl.empty"),
    ],
)
def test_a_page_that_is_no_article_is_named_and_not_archived(tmp_path: Path, page: bytes, code: str) -> None:
    with serving(site_of(1, 2, _1=Answer(page))) as site:
        report = crawled(tmp_path, site)
        assert codes(report) == [(code, "warning")]
        assert (report.failed, archived(tmp_path)) == (1, ["bai-2.html"])
        site.routes["/bai-1.html"] = article("Bài một")
        assert crawled(tmp_path, site, "r2", days=0.1).new == 1, "it is tried again"


D1N = b'<html><body><script>document.cookie="D1N=0a1b2c3d"+"; path=/";window.location.reload(true);</script></body></html>'


@pytest.mark.parametrize(
    "page",
    [D1N, b'<div class="floodblocker">60</div>', b"<title>Just a moment...</title>", b"Access Denied. Incident ID: 1"],
)
def test_a_block_page_is_no_article_and_keeps_the_host_at_rest(tmp_path: Path, page: bytes) -> None:
    with serving(site_of(1, 2, 3, _2=Answer(page))) as site:
        declared = source(tmp_path)
        with Frontier(tmp_path / "corpus") as state:
            reports = []
            for run, hours in (("r1", 0.0), ("r2", 0.5), ("r3", 1.5)):
                clock = FakeClock((FIRST + dt.timedelta(hours=hours)).isoformat())
                session = Fetcher(
                    user_agent("a@example.org"),
                    limits=Limits(delay=0, retries=0),
                    resolve=site.resolve(*declared.hosts),
                    clock=clock,
                    memory=state,
                )
                report = crawl(declared, corpus=tmp_path / "corpus", run=run, fetcher=session, frontier=state)
                reports.append((report.new, len(site.paths), [code for code, _ in codes(report)]))
                site.routes["/bai-2.html"] = article("Bài hai")
    assert reports == [(1, 3, ["fetch.blocked"]), (0, 3, ["fetch.host_waits"]), (2, 6, [])]


TITLE = "Công bố chỉ số cải cách hành chính năm 2025"


def listed(path: str, title: str = TITLE) -> Answer:
    return Answer(f'<a href="{path}">{title}</a>'.encode())


def test_an_old_address_that_leads_to_another_article_is_told_by_the_title(tmp_path: Path) -> None:
    routes: dict[str, Route] = {
        "/": listed("/bai-1.html"),
        "/bai-1.html": Answer(b"", 301, headers={"Location": "/bai-la-1.html"}),
        "/bai-la-1.html": article("Khai mạc giải bóng đá thiếu niên toàn tỉnh"),
    }
    with serving(routes) as site:
        report = crawled(tmp_path, site)
    assert codes(report) == [("crawl.moved_elsewhere", "warning")]
    assert (report.gone, archived(tmp_path)) == (1, [])


def test_an_article_that_moved_to_another_number_is_kept_under_it(tmp_path: Path) -> None:
    routes: dict[str, Route] = {
        "/": listed("/bai-1.html"),
        "/bai-1.html": Answer(b"", 301, headers={"Location": "/bai-77.html"}),
        "/bai-77.html": article(TITLE.upper() + " của các tỉnh"),
    }
    with serving(routes) as site:
        report = crawled(tmp_path, site)
        again = crawled(tmp_path, site, "r2", days=0.2)
    assert codes(report) == [("crawl.moved", "warning")]
    assert (report.new, archived(tmp_path)) == (1, ["bai-77.html"])
    assert (again.known, again.fetched) == (1, 0)


def test_a_new_design_is_told_once_and_its_pages_are_kept(tmp_path: Path) -> None:
    with serving(site_of(1, _1=article("Bài một"))) as site:
        assert crawled(tmp_path, site).ok
        site.routes |= site_of(*range(1, 7))
        for number in range(2, 7):
            page = f"<article><h2>Bài {number}</h2><section>{'Nội dung mới của bài. ' * 30}</section></article>"
            site.routes[f"/bai-{number}.html"] = Answer(page.encode())
        report = crawled(tmp_path, site, "r2", days=0.5)
    assert codes(report) == [("crawl.layout_changed", "error")]
    assert report.new == 5


def test_issues_are_told_as_they_are_met(tmp_path: Path) -> None:
    told: list[str] = []
    declared = source(tmp_path)

    def seen(request: Request) -> Answer:
        assert told == ["fetch.gone"]
        return article("Bài hai")

    with serving(site_of(1, 2, _1=Answer(b"", 404), _2=seen)) as site:
        report = crawl(
            declared,
            corpus=tmp_path / "corpus",
            run="r1",
            fetcher=fetcher(site, declared),
            report=lambda issue: told.append(issue.code),
        )
    assert report.new == 1


def test_the_same_article_under_three_addresses_and_session_ids_is_one(tmp_path: Path) -> None:
    home = b"".join(
        b'<a href="%s">x</a>' % path
        for path in (
            b"/bai-1.html;jsessionid=0A?utm_source=x",
            b"/bai-moi-1.html",
            b"http://tin.example.vn/bai-1.html#a",
        )
    )
    with serving(site_of(1)) as site:
        site.routes["/"] = Answer(home)
        report = crawled(tmp_path, site)
    assert (report.discovered, site.paths) == (1, ["/", "/bai-1.html"])


# state


def test_a_state_that_is_damaged_is_set_aside(tmp_path: Path) -> None:
    with serving(site_of(1)) as site:
        crawled(tmp_path, site)
        for file in (tmp_path / "corpus").glob(f"{FILE}*"):
            file.write_bytes(b"no database" * 1000)
        report = crawled(tmp_path, site, "r2", days=0.5)
    assert codes(report) == [("crawl.state_damaged", "warning")]
    assert (report.known, report.fetched) == (1, 0)
    assert list((tmp_path / "corpus").glob(f"{FILE}.damaged-*"))


def test_the_history_has_every_fetch(tmp_path: Path) -> None:
    with serving(site_of(1, 2, 3, _2=Answer(b"", 404), _3=Answer(b"", 500))) as site:
        crawled(tmp_path, site)
    with Frontier(tmp_path / "corpus") as state:
        told = [(fetch.url.rsplit("/", 1)[-1], fetch.outcome) for fetch in state.history("tin")]
        counts = state.counts("tin")
    assert told == [("bai-1.html", "new"), ("bai-2.html", "gone"), ("bai-3.html", "failed")]
    assert counts == {"new": 1, "gone": 1, "failed": 1}


def test_pages_that_robots_txt_forbids_do_not_end_the_crawl(tmp_path: Path) -> None:
    with serving(site_of(*range(10))) as site:
        rules = "\n".join(f"Disallow: /bai-{n}.html" for n in range(8))
        site.routes["/robots.txt"] = Answer(f"User-agent: *\n{rules}".encode(), content_type="text/plain")
        report = crawled(tmp_path, site)
    assert (report.failed, report.new) == (8, 2)
    assert {code for code, _ in codes(report)} == {"fetch.robots_forbidden"}


def test_a_site_behind_a_login_is_left_alone_after_five_pages(tmp_path: Path) -> None:
    login = Answer(b"<form><input type=password></form>")
    with serving(site_of(*range(20), **{f"_{n}": login for n in range(20)})) as site:
        report = crawled(tmp_path, site)
    assert report.failed == 5
    assert codes(report)[-1] == ("crawl.failing", "error")


def test_pages_do_not_pile_up_in_memory(tmp_path: Path) -> None:
    """What a crawl keeps of each page is on disk; in memory the doc_ids that the lists announced."""
    held: list[Counter[str]] = []

    class Watcher(Unwatched):
        def went_on(self, source: str, counts: Mapping[str, int]) -> None:
            if sum(counts.values()) in {50, 250}:
                gc.collect()
                ours = (type(one) for one in gc.get_objects() if str(type(one).__module__).startswith(CRAWLING))
                held.append(Counter(f"{one.__module__}.{one.__qualname__}" for one in ours))

    pages = {f"_{number}": article(f"Bài {number}") for number in range(250)}
    declared = source(tmp_path)
    with serving(site_of(*range(250), **pages)) as site:
        session = fetcher(site, declared)
        crawl_all([declared], corpus=tmp_path / "corpus", run="r1", fetcher=session, watcher=Watcher())
    early, late = held
    assert late["pipeline.crawl._Crawl"] == 1
    assert {name: count - early[name] for name, count in late.items() if count > early[name] + 20} == {}
