"""The sample sites answer as the real ones would, their pages give the article that was written, and every
layout has a page whose reading somebody has looked at (`tests/golden`)."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from pipeline.records import Article, Capture, CaptureRef
from pipeline.sample_server import Answer, SampleServer, sites
from scrapers.layouts import layouts
from scrapers.page import parse, parse_with
from scrapers.source import Source, load_sources

GOLDEN = Path(__file__).parent / "golden"
SITES = sites()
SOURCES = load_sources()
PAGES = [(name, url) for name, site in SITES.items() for url in site.article_urls()]

# The sample page that stands for a layout; other layouts have a page of their own: golden/<layout>.html.
EXAMPLES = {
    "nukeviet-egov": ("songoaivu-tayninh", "ket-qua-xep-hang"),
    "content-fck": ("baolongan", "tuyen-duong-tap-the"),
    "newscontent": ("baobaclieu", "bac-lieu-vao-nhom-tot"),
    "onecms": ("baonghean", "cap-huyen"),
    "onecms-2021": ("baonghean", "chuyen-doi-so"),
    "websphere-portal": ("sonoivu-soctrang", "do-luong-hai-long"),
}


def capture(source: Source, url: str, answer: Answer) -> Capture:
    content_type = dict(answer.headers)["Content-Type"]
    ref = CaptureRef("sample.warc.gz", 0, 1, "sha1:SAMPLE")
    return Capture(ref, source.name, url, "2026-01-01T00:00:00Z", answer.status, content_type, answer.body)


def read(name: str, url: str) -> tuple[Article, list[Any], Capture]:
    source = SOURCES[name]
    taken = capture(source, source.absolute(url), SITES[name].answer(url))
    article, issues = parse(taken, source)
    return article, issues, taken


def test_there_is_a_sample_of_every_source_with_enough_pages() -> None:
    assert set(SITES) < set(SOURCES), "the other sources have their pages in tests/golden/<source>"
    assert len(PAGES) >= 25
    assert all(len(site.article_urls()) >= 5 for site in SITES.values())


@pytest.mark.parametrize(("name", "url"), PAGES)
def test_each_article_is_read_whole_and_without_what_is_around_it(name: str, url: str) -> None:
    article, issues, taken = read(name, url)
    assert not issues
    assert SOURCES[name].is_article(taken.url)
    assert article.published_on
    assert article.author
    assert article.author not in article.blocks[-1].text
    assert len(article.blocks) >= 4
    around = (
        "Số lượt truy cập|Thống kê|Đang truy cập|Chia sẻ|bình luận|ONECMS|Skip portlet|Các tin đã đưa|Tin liên quan"
    )
    around += "|thăm dò|Biểu quyết|Tác giả|Thời gian chờ|Bài liên quan|Bài đọc tiếp|Tin mới|công báo|Cơ quan chủ quản"
    assert not re.search(around, article.text)
    texts = [block.text for block in article.blocks if block.kind != "row"]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("name", "url"), PAGES[::5])
def test_the_recorded_layout_reads_the_same_article_again(name: str, url: str) -> None:
    article, _, taken = read(name, url)
    again, _ = parse_with(taken, SOURCES[name], article.layout)
    assert again == article


def example(layout: str) -> Article:
    own = GOLDEN / f"{layout}.html"
    if own.exists():
        source = SOURCES["baonghean" if layout.startswith("baonghean") else "songoaivu-tayninh"]
        answer = Answer(200, (("Content-Type", "text/html"),), own.read_bytes())
        article, issues = parse_with(
            capture(source, source.absolute(f"/tin/vi-du-{len(layout)}.html"), answer), source, layout
        )
    else:
        name, part = EXAMPLES[layout]
        article, issues, _ = read(name, next(url for url in SITES[name].article_urls() if part in url))
    assert not issues
    assert article.layout == layout
    return article


# A layout that only other sources have is shown by their pages (test_sources_more.py).
SHOWN = sorted(layouts().keys() - {page.stem for page in GOLDEN.glob("*/*.html")} | EXAMPLES.keys())


@pytest.mark.parametrize("layout", SHOWN)
def test_each_layout_reads_its_example_as_it_was_once_approved(layout: str) -> None:
    assert layout in EXAMPLES or (GOLDEN / f"{layout}.html").exists(), (
        f"layout {layout} has no example: save a page as tests/golden/{layout}.html"
    )
    article = example(layout)
    found = {
        "title": article.title,
        "published_on": article.published_on,
        "author": article.author,
        "blocks": [f"{block.kind}{'*' * block.header}: {block.text}" for block in article.blocks],
    }
    golden = GOLDEN / f"{layout}.json"
    if not golden.exists():
        golden.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pytest.fail(f"{golden.name} was written: read it, compare it with the page, and commit it")
    assert found == json.loads(golden.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def server() -> Iterator[SampleServer]:
    with SampleServer() as running:
        yield running


def get(server: SampleServer, host: str, target: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(server.address, timeout=10)
    connection.request("GET", target, headers={"Host": host})
    response = connection.getresponse()
    return response, response.read()


def test_the_server_tells_the_sites_apart_by_host(server: SampleServer) -> None:
    for site in SITES.values():
        for host in site.hosts:
            response, body = get(server, host, site.article_urls()[0])
            assert response.status == 200
            assert body == site.answer(site.article_urls()[0]).body
    assert get(server, "example.org", "/")[0].status == 400
    assert set(server.resolve) == {host for name in SITES for host in SOURCES[name].hosts}


def test_the_same_request_gets_the_same_bytes(server: SampleServer) -> None:
    with SampleServer() as other:
        for name, url in PAGES[::4]:
            host = SOURCES[name].hosts[0]
            assert get(server, host, url)[1] == get(other, host, url)[1]
        assert get(server, "baolongan.vn", "/rss/home.rss")[1] == get(other, "baolongan.vn", "/rss/home.rss")[1]


def test_feeds_are_compressed_and_unknown_addresses_are_answered_in_the_way_of_the_system(server: SampleServer) -> None:
    response, body = get(server, "baolongan.vn", "/rss/home.rss")
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body).startswith(b"<?xml")
    assert get(server, "baonghean.vn", "/khong-co-999.html")[0].status == 404
    moved, _ = get(server, "songoaivu.tayninh.gov.vn", "/khong-co")
    assert (moved.status, moved.headers["Location"]) == (301, "/")


def test_listings_lead_through_all_their_pages_to_every_article(server: SampleServer) -> None:
    host, target, seen = "baolongan.vn", "/thoi-su-chinh-tri/long-an/", set()
    for _ in range(10):
        page = get(server, host, target)[1].decode()
        seen |= set(re.findall(r'<a class="title" href="([^"]+)"', page))
        following = re.search(r'<link rel="next" href="([^"]+)"', page)
        if not following:
            break
        target = following[1]
    assert seen == set(SITES["baolongan"].article_urls())
