"""What crawls remember from one run to the next."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archive import check
from pipeline.crawl import Plan, crawl, crawl_all
from pipeline.frontier import FILE, Frontier, FrontierError, Page, next_visit
from scrapers.fetch import Fetcher, FetchError, HostWaits, Limits, user_agent
from scrapers.source import load_source
from tests.loopback import Answer, FakeClock, Request, Route, Site, serving
from tests.test_crawl import article, site_of, source

HOSTS = ("tin.example.vn",)
URL = "https://tin.example.vn"
START = "2026-11-21T08:00:00+00:00"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Frontier]:
    with Frontier(tmp_path) as opened:
        yield opened


def session(site: Site, state: Frontier, after: float = 0, **limits: Any) -> tuple[Fetcher, FakeClock]:
    clock = FakeClock((dt.datetime.fromisoformat(START) + dt.timedelta(seconds=after)).isoformat())
    settings = Limits(**{"delay": 0, "retries": 0, **limits})
    agent = user_agent("a@example.org")
    return Fetcher(agent, limits=settings, resolve=site.resolve(*HOSTS), clock=clock, memory=state), clock


# hosts


def test_the_next_run_keeps_the_pace_of_the_last(state: Frontier) -> None:
    with serving({"/a": Answer(b"a")}) as site:
        first, clock = session(site, state, delay=2)
        first.fetch(f"{URL}/a", hosts=HOSTS)
        assert clock.slept == [2], "between robots.txt and the page"
        second, clock = session(site, state, after=2.5, delay=2)
        second.fetch(f"{URL}/a", hosts=HOSTS)
        assert clock.slept == [1.5]
        third, clock = session(site, state, after=60, delay=2)
        third.fetch(f"{URL}/a", hosts=HOSTS)
        assert clock.slept == []


def test_a_request_that_nobody_saw_end_counts_from_now(state: Frontier) -> None:
    with serving({"/a": Answer(b"a")}) as site:
        host = f"tin.example.vn=127.0.0.1:{site.port}"
        state.asked(host, dt.datetime.fromisoformat(START), ended=False)
        fetcher, clock = session(site, state, after=60, delay=2)
        fetcher.fetch(f"{URL}/a", hosts=HOSTS)
        assert clock.slept == [2, 2]


def test_robots_txt_is_read_once_a_day_in_whatever_run(state: Frontier) -> None:
    rules = Answer(b"User-agent: *\nDisallow: /b", content_type="text/plain")
    with serving({"/robots.txt": rules, "/a": Answer(b"a")}) as site:
        for hours in (0, 12, 23.9, 24.1):
            fetcher, _ = session(site, state, after=hours * 3600)
            fetcher.fetch(f"{URL}/a", hosts=HOSTS)
            with pytest.raises(FetchError, match=r"robots\.txt asks"):
                fetcher.fetch(f"{URL}/b", hosts=HOSTS)
        assert [request.path for request in site.requests].count("/robots.txt") == 2


def test_a_missing_robots_txt_is_not_asked_for_in_every_run(state: Frontier) -> None:
    with serving({"/a": Answer(b"a")}) as site:
        for hours in (0, 1):
            session(site, state, after=hours * 3600)[0].fetch(f"{URL}/a", hosts=HOSTS)
        assert [request.path for request in site.requests] == ["/robots.txt", "/a", "/a"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_long_rest_is_kept_by_later_runs(state: Frontier, status: int) -> None:
    with serving({"/a": Answer(b"", status, headers={"Retry-After": "7200"})}) as site:
        with pytest.raises(HostWaits, match="7,200 s"):
            session(site, state)[0].fetch(f"{URL}/a", hosts=HOSTS)
        asked = len(site.requests)
        with pytest.raises(HostWaits, match="left alone until 2026-11-21T10:00:00Z"):
            session(site, state, after=3000)[0].fetch(f"{URL}/a", hosts=HOSTS)
        assert len(site.requests) == asked
        site.routes["/a"] = Answer(b"a")
        assert session(site, state, after=7201)[0].fetch(f"{URL}/a", hosts=HOSTS).body == b"a"


def test_a_short_rest_that_a_kill_cut_off_is_waited_for(state: Frontier) -> None:
    answers = iter([Answer(b"", 404), Answer(b"", 429, headers={"Retry-After": "600"}), Answer(b"a")])
    with serving({"/robots.txt": lambda _: next(answers), "/a": lambda _: next(answers)}) as site:
        with pytest.raises(FetchError, match="429"):
            session(site, state)[0].fetch(f"{URL}/a", hosts=HOSTS)
        fetcher, clock = session(site, state, after=100)
        fetcher.fetch(f"{URL}/a", hosts=HOSTS)
        assert clock.slept == [500]


# pages


DAYS = st.lists(st.integers(1, 400), max_size=5).map(lambda days: [dt.timedelta(days=day) for day in days])
MOMENTS = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1))


@settings(deadline=None)  # how long it takes is the machine's affair
@given(MOMENTS, MOMENTS, DAYS)
def test_the_next_visit_is_one_of_the_steps_and_still_to_come(
    born: dt.datetime, fetched: dt.datetime, after: list[dt.timedelta]
) -> None:
    found = next_visit(born, fetched, after)
    later = [born + step for step in after if born + step > fetched]
    assert found == (min(later) if later else None)


def test_never_fetched_pages_come_before_those_to_be_seen_again(state: Frontier) -> None:
    for doc_id, due, last in (("a", "2026-01-01", "2025-12-01"), ("b", "2026-01-02", None), ("c", "2026-01-03", None)):
        state.save(Page("tin", doc_id, f"{URL}/{doc_id}", "/", "2025-12-01", due=due, last_fetched=last))
    assert [page.doc_id for page in state.due("tin", "2026-01-02T12:00:00Z")] == ["b", "a"]


# a crawl that is cut off


class Cut(BaseException):
    """The end of the process, as far as a crawl can tell."""


def test_a_crawl_taken_up_again_reads_no_list_twice(tmp_path: Path) -> None:
    declared = source(tmp_path)

    def report(_issue: object) -> None:
        raise Cut

    with serving(site_of(1, 2, 3, 4, _3=Answer(b"", 404))) as site, Frontier(tmp_path / "corpus") as state:
        fetcher, _ = session(site, state)
        with pytest.raises(Cut):
            crawl(declared, corpus=tmp_path / "corpus", run="r1", fetcher=fetcher, frontier=state, report=report)
        met = site.paths
        fetcher, _ = session(site, state, after=60)
        again = crawl(declared, corpus=tmp_path / "corpus", run="r2", fetcher=fetcher, frontier=state)
        assert met == ["/", "/bai-1.html", "/bai-2.html", "/bai-3.html"]
        assert site.paths[len(met) :] == ["/bai-3.html", "/bai-4.html"]
        assert (again.known, again.gone, again.new) == (2, 1, 1)
        fetcher, _ = session(site, state, after=120)
        crawl(declared, corpus=tmp_path / "corpus", run="r3", fetcher=fetcher, frontier=state)
        assert site.paths[-1] == "/", "a crawl that came to its end is followed by a new one"


def test_lists_of_an_old_crawl_that_was_cut_off_are_read_anew(tmp_path: Path) -> None:
    declared = source(tmp_path)

    def report(_issue: object) -> None:
        raise Cut

    with serving(site_of(1, _1=Answer(b"", 404))) as site, Frontier(tmp_path / "corpus") as state:
        with pytest.raises(Cut):
            fetcher, _ = session(site, state)
            crawl(declared, corpus=tmp_path / "corpus", run="r1", fetcher=fetcher, frontier=state, report=report)
        fetcher, _ = session(site, state, after=2 * 3600)
        crawl(declared, corpus=tmp_path / "corpus", run="r2", fetcher=fetcher, frontier=state)
        assert site.paths == ["/", "/bai-1.html", "/", "/bai-1.html"]


def test_a_full_disk_is_told_and_the_next_run_goes_on(tmp_path: Path) -> None:
    declared = source(tmp_path)
    with serving(site_of(*range(300))) as site:
        with Frontier(tmp_path / "corpus") as state:
            fetcher, _ = session(site, state)
            pages = state._base.execute("pragma page_count").fetchone()[0]
            state._base.execute(f"pragma max_page_count = {pages + 4}")
            (report,) = crawl_all(
                [declared], corpus=tmp_path / "corpus", run="r1", fetcher=fetcher, frontier=state
            ).values()
        assert [issue.code for issue in report.issues] == ["crawl.not_archived"]
        assert "full" in report.issues[0].message
        with Frontier(tmp_path / "corpus") as state:
            fetcher, _ = session(site, state, after=60)
            done = crawl(declared, corpus=tmp_path / "corpus", run="r2", fetcher=fetcher, frontier=state)
    assert done.new + done.known == 300
    assert done.known > 0
    assert len(site.paths) - len(set(site.paths)) <= 2
    assert check(tmp_path / "corpus") == []


def test_a_lost_network_leaves_the_pages_for_the_next_run(tmp_path: Path) -> None:
    declared = source(tmp_path)
    with Frontier(tmp_path / "corpus") as state, serving(site_of(*range(6))) as site:
        lost = Answer(b"short", length=50)
        site.routes |= {f"/bai-{n}.html": lost for n in range(1, 6)}
        fetcher, _ = session(site, state)
        first = crawl(declared, corpus=tmp_path / "corpus", run="r1", fetcher=fetcher, frontier=state)
        assert [issue.code for issue in first.issues][-1] == "crawl.failing"
        site.routes |= site_of(*range(6))
        fetcher, _ = session(site, state, after=60)
        second = crawl(declared, corpus=tmp_path / "corpus", run="r2", fetcher=fetcher, frontier=state)
    assert (first.new, second.new, second.known) == (1, 5, 1)


def test_due_pages_come_once_and_only_while_they_are_due(state: Frontier) -> None:
    def saved(number: int, **known: Any) -> None:
        state.save(Page("tin", f"tin-{number:04}", f"{URL}/{number}", "/", START, **known))

    moment, later = "2026-11-21T08:00:00Z", "2026-11-22T08:00:00Z"
    # More than are known at once; the newest numbers were fetched before and come last.
    for number in range(1100):
        saved(number, due=moment)
    for number in (1100, 1101):
        saved(number, due=moment, last_fetched=START)
    saved(1102, due=later)
    told = []
    for page in state.due("tin", moment):
        told.append(page.doc_id)
        saved(int(page.doc_id[-4:]), due=later, last_fetched=moment)
        if len(told) == 1:
            saved(1050, due=later)
    assert told == [f"tin-{number:04}" for number in range(1102) if number != 1050]


def test_a_state_of_another_version_is_refused(tmp_path: Path) -> None:
    with Frontier(tmp_path) as state:
        state._base.execute("pragma user_version = 99")
    with pytest.raises(FrontierError, match="version 99"):
        Frontier(tmp_path)
    assert (tmp_path / FILE).exists()


def test_a_state_of_the_version_before_is_brought_up_to_date(tmp_path: Path) -> None:
    page = Page("tin", "tin-1", f"{URL}/bai-1.html", "/", START)
    with Frontier(tmp_path) as state:
        state.save(page)
        state._base.executescript("drop table marked_list; pragma user_version = 1")
    with serving({"/": Answer(b"list", headers={"ETag": "1"})}) as site, Frontier(tmp_path) as state:
        assert state.page("tin", "tin-1") == page
        response = session(site, state)[0].fetch(f"{URL}/", hosts=HOSTS)
        now = dt.datetime.fromisoformat(START)
        state.keep_marked_list("tin", "old", response, now - dt.timedelta(days=100))
        state.keep_marked_list("tin", "new", response, now)
        kept = state.marked_list("tin", "new")
        assert kept is not None
        assert (kept.body, kept.header("ETag")) == (b"list", "1")
        assert state.marked_list("tin", "old") is None


# many hosts


def test_many_hosts_are_asked_at_the_same_time(tmp_path: Path) -> None:
    """Told by answers that come only once all hosts were asked, not by a clock."""
    declared = [source(tmp_path, f"tin{n}") for n in range(20)]
    everybody = threading.Barrier(len(declared))

    def answered_together(_request: Request) -> Answer:
        everybody.wait(timeout=60)
        return Answer(b"", 404)

    with serving(site_of(1, 2) | {"/robots.txt": answered_together}) as site, Frontier(tmp_path / "corpus") as state:
        resolve = site.resolve(*(host for one in declared for host in one.hosts))
        fetcher = Fetcher("cchc", limits=Limits(delay=0), resolve=resolve, memory=state)
        reports = crawl_all(declared, corpus=tmp_path / "corpus", run="r1", fetcher=fetcher, frontier=state)
    assert [(report.new, report.issues) for report in reports.values()] == [(2, ())] * len(declared)


# walking back


LISTED = """
name: tin
title: Tin
scheme: https
hosts: [tin.example.vn]
article: '^/bai-\\d+\\.html$'
discovery: {listings: [{urls: [/tin/], pages: 2, pagination: [{mode: pattern, url: 'trang-{page}/'}]}]}
layouts: [{layout: nukeviet}]
"""


def test_a_walk_back_brings_what_a_usual_crawl_does_not(tmp_path: Path) -> None:
    (tmp_path / "tin.yml").write_text(LISTED)
    declared = load_source(tmp_path / "tin.yml")
    day = dt.date(2026, 11, 20)
    routes: dict[str, Route] = {}
    for page in range(1, 12):
        items = ""
        for number in range(page * 10, page * 10 + 10):
            published = day - dt.timedelta(days=number - 10)
            items += f'<li><a href="/bai-{number}.html">Bài {number}</a> <i>{published:%d/%m/%Y}</i></li>'
            routes[f"/bai-{number}.html"] = article(f"Bài {number}")
        routes["/tin/" if page == 1 else f"/tin/trang-{page}/"] = Answer(items.encode())
    with serving(routes) as site, Frontier(tmp_path / "corpus") as state:
        fetcher, _ = session(site, state)
        usual = crawl(declared, corpus=tmp_path / "corpus", run="r1", fetcher=fetcher, frontier=state)
        fetcher, _ = session(site, state, after=3600)
        plan = Plan(since=dt.date(2026, 10, 1), until=dt.date(2026, 10, 10))
        back = crawl(declared, corpus=tmp_path / "corpus", run="r2", fetcher=fetcher, frontier=state, plan=plan)
    assert (usual.new, back.new, back.known) == (20, 10, 0)
    assert back.issues == ()
    assert "/tin/trang-7/" in site.paths, "the first page that is older throughout"
    assert "/tin/trang-8/" not in site.paths
