"""Discovery against a real server: each way that articles are announced, and each way that it fails."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.records import Issue
from scrapers.discover import Found, Known, Recall, discover, gaps
from scrapers.fetch import Fetcher, HostStopped, Limits, Response, user_agent
from scrapers.source import load_source
from tests.loopback import Answer, FakeClock, Request, Route, Site, serving

TODAY = dt.date(2026, 11, 21)
XML = "application/xml"


def page(*numbers: int, extra: str = "", tag: str = "h3") -> Answer:
    links = "".join(f'<{tag}><a href="/bai-{n}.html">Bài {n}</a></{tag}>' for n in numbers)
    return Answer(f"<html><body>{links}{extra}</body></html>".encode())


def next_link(url: str) -> str:
    return f'<a rel="prev" href="/tin/">1</a><a rel="next" href="{url}">»</a>'


def run(
    folder: Path,
    discovery: str,
    routes: Mapping[str, Route],
    since: dt.date | None = None,
    until: dt.date | None = None,
    recall: Recall | None = None,
    more: str = "",
) -> tuple[list[Found], list[Issue], Site]:
    file = folder / "tin.yml"
    file.write_text(
        f"""
name: tin
title: Tin
scheme: http
hosts: [tin.example.vn]
article: '^/bai-\\d+\\.html$'
discovery: {{{discovery}}}
layouts: [{{layout: nukeviet}}]
{more}
"""
    )
    source, issues = load_source(file), list[Issue]()
    with serving(routes) as site:
        fetcher = Fetcher(
            user_agent("a@example.org"),
            limits=Limits(delay=0, retries=0),
            resolve=site.resolve(*source.hosts),
            clock=FakeClock(),
        )

        def get(url: str, limit: int | None = None) -> Response:
            return fetcher.fetch(url, hosts=source.hosts, limit=limit)

        found = list(discover(source, get, issues.append, today=TODAY, since=since, until=until, recall=recall))
    return found, issues, site


def numbers(found: list[Found]) -> list[int]:
    return [int("".join(filter(str.isdigit, one.url.rsplit("/", 1)[-1]))) for one in found]


def codes(issues: list[Issue]) -> list[tuple[str, str]]:
    return [(issue.code, issue.level) for issue in issues]


def listing(rest: str = "", links: str = "['h3 > a']") -> str:
    return f"listings: [{{urls: [/tin/], links: {links}, pages: 4, {rest}}}]"


# listings


def test_rel_next_is_followed_to_the_end(tmp_path: Path) -> None:
    routes = {
        "/tin/": page(1, 2, extra=next_link("/tin/page-2/")),
        "/tin/page-2/": page(3, extra=next_link("/tin/page-3/")),
        "/tin/page-3/": page(4, extra=next_link("#")),
    }
    found, issues, _ = run(tmp_path, listing(), routes)
    assert (numbers(found), issues) == ([1, 2, 3, 4], [])
    assert found[0].url == "http://tin.example.vn/bai-1.html"


def test_pages_by_number_end_where_nothing_new_comes(tmp_path: Path) -> None:
    # The last page is answered for every number beyond, as some systems do.
    routes = {"/tin/": page(1), "/tin/?p=2": page(2), "/tin/?p=3": page(2)}
    found, issues, site = run(tmp_path, listing("pagination: [{mode: pattern, url: '?p={page}'}]"), routes)
    assert (numbers(found), issues) == ([1, 2], [])
    assert site.paths == ["/tin/", "/tin/?p=2", "/tin/?p=3"]


def test_of_several_ways_of_paging_the_one_that_works_is_kept(tmp_path: Path) -> None:
    ways = "pagination: [{mode: rel_next}, {mode: pattern, url: '?p={page}'}, {mode: pattern, url: 'trang-{page}/'}]"
    routes = {"/tin/": page(1), "/tin/?p=2": page(1), "/tin/trang-2/": page(2), "/tin/trang-3/": page(3)}
    found, issues, site = run(tmp_path, listing(ways), routes)
    assert (numbers(found), issues) == ([1, 2, 3], [])
    assert "/tin/?p=3" not in site.paths


def test_a_last_page_link_bounds_the_walk(tmp_path: Path) -> None:
    pager = '<ul class="pager"><a href="/tin/page-2/">2</a><a href="/tin/page-3/">cuối</a></ul>'
    way = "pagination: [{mode: last_page, url: 'page-{page}/', selector: '.pager a'}]"
    routes = {"/tin/": page(1, extra=pager), "/tin/page-2/": page(2), "/tin/page-3/": page(3)}
    found, _, site = run(tmp_path, listing(way), routes)
    assert numbers(found) == [1, 2, 3]
    assert site.paths[-1] == "/tin/page-3/"


def test_no_more_pages_are_read_than_declared(tmp_path: Path) -> None:
    routes = {"/tin/": page(0)} | {f"/tin/?p={n}": page(n) for n in range(2, 50)}
    found, _, _ = run(tmp_path, listing("pagination: [{mode: pattern, url: '?p={page}'}]"), routes)
    assert len(found) == 4


def test_relative_links_start_at_the_page_s_base(tmp_path: Path) -> None:
    body = b'<head><base href="http://tin.example.vn/"></head><h3><a href="bai-7.html">x</a></h3>'
    found, _, _ = run(tmp_path, listing(), {"/tin/": Answer(body)})
    assert numbers(found) == [7]


def test_one_article_announced_in_many_places_comes_once(tmp_path: Path) -> None:
    routes = {"/tin/": page(1, 1, 2), "/rss": feed((2, "Sat, 21 Nov 2026 08:11:00 GMT"), (3, None))}
    found, _, _ = run(tmp_path, f"{listing()}, feeds: [/rss]", routes)
    assert numbers(found) == [1, 2, 3]


def test_links_that_are_none_are_passed_over(tmp_path: Path) -> None:
    links = "".join(f'<h3><a href="{href}">x</a></h3>' for href in ["http://[x", "http://tin.example.vn:a/", "", "#"])
    found, issues, _ = run(tmp_path, listing(), {"/tin/": page(1, extra=links)})
    assert (numbers(found), issues) == ([1], [])


@pytest.mark.parametrize(("guess", "level"), [("true", "warning"), ("false", "error")])
def test_a_listing_without_articles_is_told(tmp_path: Path, guess: str, level: str) -> None:
    found, issues, _ = run(tmp_path, listing(f"guess: {guess}"), {"/tin/": Answer(b"<p>empty</p>")})
    assert (found, codes(issues)) == ([], [("discover.empty_listing", level)])


def test_a_missing_listing_is_told(tmp_path: Path) -> None:
    _, issues, _ = run(tmp_path, listing(), {})
    assert codes(issues) == [("discover.listing_failed", "error")]


def test_a_listing_that_moved_is_told_and_read(tmp_path: Path) -> None:
    routes = {"/tin/": Answer(b"", 301, headers={"Location": "/"}), "/": page(1)}
    found, issues, _ = run(tmp_path, listing(), routes)
    assert (numbers(found), codes(issues)) == ([1], [("discover.listing_moved", "warning")])


def test_where_the_selectors_miss_any_link_in_article_form_is_taken(tmp_path: Path) -> None:
    found, issues, _ = run(tmp_path, listing(), {"/tin/": page(1, tag="h2")})
    assert (numbers(found), codes(issues)) == ([1], [("discover.selector_missed", "warning")])
    found, issues, _ = run(tmp_path, listing("any_link: false"), {"/tin/": page(1, tag="h2")})
    assert (found, codes(issues)) == ([], [("discover.empty_listing", "error")])


def test_a_block_page_ends_discovery(tmp_path: Path) -> None:
    flood = Answer(b'<div class="floodblocker">60</div>')
    with pytest.raises(HostStopped):
        run(tmp_path, listing(), {"/tin/": flood})


# feeds


def feed(*items: tuple[int, str | None]) -> Answer:
    entries = "".join(
        f"<item><title>Bài {n}</title><link>http://tin.example.vn/bai-{n}.html</link>"
        f"{f'<pubDate>{day}</pubDate>' if day else ''}</item>"
        for n, day in items
    )
    body = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{entries}</channel></rss>'
    return Answer(body.encode(), content_type="application/rss+xml")


def test_a_feed_gives_articles_and_days(tmp_path: Path) -> None:
    routes = {"/rss": feed((1, "Fri, 17 Jul 2020 11:07:00 GMT"), (2, "Sat, 21 Nov 2026 08:11:00 GMT"), (3, None))}
    found, issues, _ = run(tmp_path, "feeds: [/rss]", routes)
    assert ([(one.announced and one.announced.isoformat()) for one in found], issues) == (
        ["2020-07-17", "2026-11-21", None],
        [],
    )
    recent, _, _ = run(tmp_path, "feeds: [/rss]", routes, since=dt.date(2026, 1, 1))
    assert numbers(recent) == [2, 3]


def test_an_atom_feed_is_read(tmp_path: Path) -> None:
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>x</title>
    <link rel="alternate" href="http://tin.example.vn/bai-5.html"/><updated>2026-11-20T01:00:00Z</updated></entry></feed>"""
    found, _, _ = run(tmp_path, "feeds: [/rss]", {"/rss": Answer(atom, content_type=XML)})
    assert [(one.url, one.announced) for one in found] == [("http://tin.example.vn/bai-5.html", dt.date(2026, 11, 20))]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(b"<!DOCTYPE html><html><a href=/bai-1.html>x</a></html>"), "discover.feed_is_html"),
        (Answer(b'<!DOCTYPE rss [<!ENTITY a "b">]><rss></rss>', content_type=XML), "discover.doctype"),
        (Answer(b"<rss><channel></channel></rss>", content_type=XML), "discover.empty_feed"),
        (Answer(b"", 404), "discover.feed_failed"),
    ],
)
def test_a_feed_that_is_none_is_told(tmp_path: Path, answer: Answer, code: str) -> None:
    found, issues, _ = run(tmp_path, "feeds: [/rss]", {"/rss": answer})
    assert (found, codes(issues)) == ([], [(code, "warning")])


# sitemaps


def urlset(*entries: tuple[int, str]) -> bytes:
    urls = "".join(
        f"<url><loc>http://tin.example.vn/bai-{n}.html</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for n, day in entries
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


def index(*urls: str) -> bytes:
    maps = "".join(f"<sitemap><loc>http://tin.example.vn{url}</loc></sitemap>" for url in urls)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'.encode()


def xml(body: bytes) -> Answer:
    return Answer(body, content_type=XML)


def test_a_sitemap_index_is_walked_by_pattern_and_day(tmp_path: Path) -> None:
    routes = {
        "/sitemap.xml": xml(index("/s-2026-11-20.xml.gz", "/s-2020-01-01.xml", "/videos.xml")),
        "/s-2026-11-20.xml.gz": Answer(
            gzip.compress(urlset((1, "2026-11-20T08:00:00+07:00"), (2, "2026-01-01"), (3, ""))),
            content_type="application/gzip",
        ),
    }
    found, issues, site = run(tmp_path, "sitemaps: [{url: /sitemap.xml, match: '/s-', days: 30}]", routes)
    assert (numbers(found), issues) == ([1, 3], [])
    assert site.paths == ["/sitemap.xml", "/s-2026-11-20.xml.gz"]


def test_a_sitemap_that_names_itself_ends(tmp_path: Path) -> None:
    routes = {"/sitemap.xml": xml(index("/sitemap.xml", "/a.xml")), "/a.xml": xml(urlset((1, "")))}
    found, _, _ = run(tmp_path, "sitemaps: [{url: /sitemap.xml}]", routes)
    assert numbers(found) == [1]


def test_a_sitemap_is_read_to_a_depth_of_five(tmp_path: Path) -> None:
    routes = {f"/{n}.xml": xml(index(f"/{n + 1}.xml")) for n in range(1, 9)}
    _, issues, site = run(tmp_path, "sitemaps: [{url: /1.xml}]", routes)
    assert ("discover.sitemap_depth", "warning") in codes(issues)
    assert site.paths == [f"/{n}.xml" for n in range(1, 6)]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (xml(b'<!DOCTYPE x [<!ENTITY a "b">]><urlset><url><loc>&a;</loc></url></urlset>'), "discover.doctype"),
        (Answer(b"<!doctype html><p>home</p>"), "discover.sitemap_is_html"),
        (xml(b"<urlset><url>"), "discover.sitemap_broken"),
        (xml(gzip.compress(b"x" * 60 * 1024 * 1024)), "discover.sitemap_failed"),
        (Answer(b"", 500), "discover.sitemap_failed"),
    ],
)
def test_a_sitemap_that_is_none_is_told(tmp_path: Path, answer: Answer, code: str) -> None:
    found, issues, _ = run(tmp_path, "sitemaps: [{url: /sitemap.xml}]", {"/sitemap.xml": answer})
    assert found == []
    assert codes(issues) == [(code, "warning"), ("discover.empty_sitemap", "warning")]


def test_the_entries_before_a_break_are_used(tmp_path: Path) -> None:
    body = urlset((1, ""), (2, "")).replace(b"</urlset>", b"<url><loc>")
    found, issues, _ = run(tmp_path, "sitemaps: [{url: /sitemap.xml}]", {"/sitemap.xml": xml(body)})
    assert (numbers(found), codes(issues)) == ([1, 2], [("discover.sitemap_broken", "warning")])


# days


def dated(day: dt.date, *numbers: int, form: str = "%d/%m/%Y %H:%M") -> str:
    return "".join(
        f'<div class="item"><a href="/bai-{n}.html"><img src="x.jpg"></a><h3><a href="/bai-{n}.html">Bài {n}</a></h3>'
        f"<p>Năm 2019, ngày 01/02/2018 tỉnh đã ban hành kế hoạch cải cách hành chính của mình</p><i>{day:{form}}</i></div>"
        for n in numbers
    )


def paged(last: int, per_page: int = 5, every: int = 1) -> dict[str, Route]:
    """Pages of articles, one on every so many days before today."""
    routes: dict[str, Route] = {}
    for number in range(1, last + 1):
        articles = range((number - 1) * per_page, number * per_page)
        items = "".join(dated(TODAY - dt.timedelta(days=n * every), n) for n in articles)
        routes["/tin/" if number == 1 else f"/tin/trang-{number}/"] = Answer(items.encode())
    return routes


BY_NUMBER = "listings: [{urls: [/tin/], pages: 3, pagination: [{mode: pattern, url: 'trang-{page}/'}]}]"


@pytest.mark.parametrize("form", ["%d/%m/%Y", "Thứ sáu - %d/%m/%Y 18:00", "(%d/%m/%Y)", "%d-%m-%Y 08:15"])
def test_a_listing_gives_title_and_day(tmp_path: Path, form: str) -> None:
    routes = {"/tin/": Answer(dated(dt.date(2020, 7, 14), 1, 2, form=form).encode())}
    found, _, _ = run(tmp_path, "listings: [{urls: [/tin/]}]", routes)
    assert [(one.title, one.announced) for one in found] == [
        ("Bài 1", dt.date(2020, 7, 14)),
        ("Bài 2", dt.date(2020, 7, 14)),
    ]


def test_since_walks_back_beyond_the_declared_pages(tmp_path: Path) -> None:
    found, issues, site = run(tmp_path, BY_NUMBER, paged(30), since=TODAY - dt.timedelta(days=40))
    assert len(found) == 41
    assert issues == []
    assert site.paths[-1] == "/tin/trang-10/", "the first page that is older throughout"


def test_from_and_to_bound_what_is_found(tmp_path: Path) -> None:
    since, until = TODAY - dt.timedelta(days=40), TODAY - dt.timedelta(days=31)
    found, issues, _ = run(tmp_path, BY_NUMBER, paged(30), since=since, until=until)
    assert [one.doc_id for one in found] == [one.doc_id for one in sorted(found, key=lambda one: one.url)]
    assert {one.announced for one in found} == {since + dt.timedelta(days=n) for n in range(10)}
    assert issues == []


def test_a_listing_without_days_is_dated_by_what_was_fetched(tmp_path: Path) -> None:
    routes: dict[str, Route] = {f"/tin/trang-{n}/": page(*range(n * 5, n * 5 + 5)) for n in range(2, 20)}
    routes["/tin/"] = page(*range(5, 10))
    days = {f"/bai-{n}.html": TODAY - dt.timedelta(days=n) for n in range(200)}
    urls: dict[str, str] = {}

    def recall(doc_id: str) -> Known | None:
        return Known(days["/" + urls[doc_id].rsplit("/", 1)[-1]]) if doc_id in urls else None

    source_file = "http://tin.example.vn"
    for path in days:
        (tmp_path / "tin.yml").write_text("")
        urls |= {_doc_id(tmp_path, source_file + path): path}
    found, issues, site = run(tmp_path, BY_NUMBER, routes, since=TODAY - dt.timedelta(days=30), recall=recall)
    assert site.paths[-1] == "/tin/trang-7/"
    assert issues == []
    assert len(found) == 35


def _doc_id(folder: Path, url: str) -> str:
    (folder / "tin.yml").write_text(
        "name: tin\ntitle: Tin\nscheme: http\nhosts: [tin.example.vn]\narticle: '^/bai'\n"
        "discovery: {listings: [{urls: [/]}]}\nlayouts: [{layout: nukeviet}]\n"
    )
    return load_source(folder / "tin.yml").doc_id(url)


def test_pages_that_end_too_soon_are_told(tmp_path: Path) -> None:
    _, issues, _ = run(tmp_path, BY_NUMBER, paged(4), since=TODAY - dt.timedelta(days=90))
    assert [issue.code for issue in issues] == ["discover.backfill_short", "discover.gap"]
    assert str(TODAY - dt.timedelta(days=19)) in issues[0].message


def test_a_page_that_fails_in_a_walk_back_is_passed_over_and_told(tmp_path: Path) -> None:
    routes = paged(30, every=4)
    routes["/tin/trang-5/"] = Answer(b"", 500)
    found, issues, _ = run(tmp_path, BY_NUMBER, routes, since=TODAY - dt.timedelta(days=160))
    assert [issue.code for issue in issues] == ["discover.listing_failed", "discover.gap"]
    assert "2026-08-14 to 2026-09-05" in issues[1].message.replace("from ", "")
    assert len(found) == 41 - 5


def test_endless_pages_end(tmp_path: Path) -> None:
    """A calendar that always has another month, and lists that show the same articles on every page."""
    count = iter(range(10_000))

    def endless(_request: Request) -> Answer:
        number = next(count)
        return page(1, 2, 3, extra=f'<a rel="next" href="/tin/?p={number}">»</a>')

    routes: dict[str, Route] = {"/tin/": endless, **{f"/tin/?p={number}": endless for number in range(100)}}
    found, _, site = run(tmp_path, "listings: [{urls: [/tin/], pages: 50}]", routes)
    assert len(found) == 3
    assert len(site.paths) == 2
    found, _, site = run(tmp_path, "listings: [{urls: [/tin/], pages: 50}]", routes, since=dt.date(2000, 1, 1))
    assert len(site.paths) == 2


def test_a_usual_crawl_ends_where_all_is_known_and_too_old_to_be_late(tmp_path: Path) -> None:
    _, _, all_new = run(tmp_path, BY_NUMBER, paged(3))
    _, _, all_known = run(tmp_path, BY_NUMBER, paged(3, per_page=10), recall=lambda _: Known(None))
    _, _, unsettled = run(tmp_path, BY_NUMBER, paged(3, per_page=10), recall=lambda _: Known(None, settled=False))
    assert len(all_new.paths) == 3
    assert all_known.paths == ["/tin/", "/tin/trang-2/"], "the first page reaches into the last week"
    assert len(unsettled.paths) == 3


def test_a_source_may_look_back_further_for_what_is_published_late(tmp_path: Path) -> None:
    more = "revisit: {look_back: 25}"
    _, _, site = run(tmp_path, BY_NUMBER, paged(3, per_page=10), recall=lambda _: Known(None), more=more)
    assert len(site.paths) == 3


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([0, 1, 2, 40, 41], [(3, 39), (42, 59)]),
        (range(0, 60), []),
        (range(0, 60, 10), []),
        ([30], [(0, 29), (31, 59)]),
        ([], [(0, 59)]),
        ([0, 20, 40, 59], []),
    ],
)
def test_gaps(days: list[int], expected: list[tuple[int, int]]) -> None:
    start = dt.date(2020, 1, 1)
    found = gaps({start + dt.timedelta(days=day) for day in days}, start, start + dt.timedelta(days=59))
    assert [((first - start).days, (last - start).days) for first, last in found] == expected


def test_day_sitemaps_are_read_for_each_day_wanted(tmp_path: Path) -> None:
    routes: dict[str, Route] = {"/sitemap.xml": sitemap()}
    for number in range(5):
        day = dt.date(2020, 7, 10) + dt.timedelta(days=number)
        if number != 2:
            routes[f"/sitemap-{day:%Y-%m-%d}.xml"] = sitemap(f"/bai-{number}.html", day=day)
    found, issues, site = run(
        tmp_path,
        "sitemaps: [{url: /sitemap.xml, days: 3, day_url: '/sitemap-{year}-{month}-{day}.xml'}]",
        routes,
        since=dt.date(2020, 7, 10),
        until=dt.date(2020, 7, 14),
    )
    assert [one.url[-6] for one in found] == ["4", "3", "1", "0"]
    assert site.paths == ["/sitemap.xml", *(f"/sitemap-2020-07-{day}.xml" for day in range(14, 9, -1))]
    missing = next(issue for issue in issues if issue.code == "discover.days_missing")
    assert "1 days have no sitemap of their own: 2020-07-12" in missing.message


def sitemap(*paths: str, day: dt.date = TODAY) -> Answer:
    entries = "".join(f"<url><loc>http://tin.example.vn{path}</loc><lastmod>{day}</lastmod></url>" for path in paths)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return Answer(f'<urlset xmlns="{space}">{entries}</urlset>'.encode(), content_type=XML)


def test_a_news_sitemap_gives_title_and_time(tmp_path: Path) -> None:
    entry = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>http://tin.example.vn/bai-1.html</loc><n:news>
<n:publication_date>2026-11-20T23:30:00Z</n:publication_date><n:title>Bài một</n:title></n:news></url></urlset>"""
    (found,), issues, _ = run(
        tmp_path, "sitemaps: [{url: /news.xml}]", {"/news.xml": Answer(entry.encode(), content_type=XML)}
    )
    assert (found.title, found.announced) == ("Bài một", dt.date(2026, 11, 21)), "the day is local"
    assert found.modified == dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
    assert issues == []


def test_keywords_choose_by_the_announced_title(tmp_path: Path) -> None:
    links = '<a href="/bai-1.html">CẢI CÁCH hành chính</a><a href="/bai-2.html">Bóng đá</a><a href="/bai-3.html"></a>'
    found, _, _ = run(
        tmp_path, "listings: [{urls: [/tin/]}], keywords: [cải cách, biên chế]", {"/tin/": Answer(links.encode())}
    )
    assert [one.url[-6] for one in found] == ["1", "3"], "what has no title is kept"
