"""Discovery against a real server: each way that articles are announced, and each way that it fails."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.records import Issue
from scrapers.discover import Found, discover
from scrapers.fetch import Fetcher, HostStopped, Limits, Response, user_agent
from scrapers.source import load_source
from tests.loopback import Answer, FakeClock, Route, Site, serving

TODAY = dt.date(2026, 11, 21)
XML = "application/xml"


def page(*numbers: int, extra: str = "", tag: str = "h3") -> Answer:
    links = "".join(f'<{tag}><a href="/bai-{n}.html">Bài {n}</a></{tag}>' for n in numbers)
    return Answer(f"<html><body>{links}{extra}</body></html>".encode())


def next_link(url: str) -> str:
    return f'<a rel="prev" href="/tin/">1</a><a rel="next" href="{url}">»</a>'


def run(
    folder: Path, discovery: str, routes: Mapping[str, Route], since: dt.date | None = None
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

        found = list(discover(source, get, issues.append, today=TODAY, since=since))
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
