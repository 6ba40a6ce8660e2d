"""Every layout of every source has a page that it reads as somebody once approved: a page of the sample, or
`golden/<source>/<layout>.html` with its address and day beside it, as `cchc archive import` takes them. `cchc source`
tells the systems of such pages, and what has changed on a site."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urljoin

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archive import ArchiveWriter
from pipeline.cli import main
from pipeline.drift import fewer_by_chance
from pipeline.frontier import Frontier
from pipeline.home_province import named_by
from pipeline.records import Article, Capture, CaptureRef, Issue
from pipeline.sample_server import sites
from scrapers import recognise
from scrapers.fetch import Rest
from scrapers.layouts import layouts, parse_layouts
from scrapers.page import PageError, parse
from scrapers.source import Source, load_source, load_sources
from tests.loopback import Answer, serving
from tests.test_archive import response
from tests.test_sample import EXAMPLES

GOLDEN = Path(__file__).parent / "golden"
SOURCES = load_sources()
PAIRS = [(source.name, dated.layout) for source in SOURCES.values() for dated in source.layouts]
# The sample's sites show theirs in tests/test_sample.py.
OWN = [(name, layout) for name, layout in PAIRS if name not in sites()]


def saved(name: str, layout: str) -> Capture:
    file = GOLDEN / name / f"{layout}.html"
    about = yaml.safe_load(file.with_name(f"{file.name}.yml").read_text(encoding="utf-8"))
    moment = about["fetched_at"].strftime("%Y-%m-%dT%H:%M:%SZ")
    return Capture(CaptureRef("x", 0, 1, "x"), name, about["url"], moment, 200, "text/html", file.read_bytes())


def shown(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "published_on": article.published_on,
        "author": article.author,
        "blocks": [f"{block.kind}{'*' * block.header}: {block.text}" for block in article.blocks],
    }


def read(name: str, layout: str) -> tuple[Article, list[Issue]]:
    return parse(saved(name, layout), SOURCES[name])


def test_every_layout_of_every_source_has_a_page() -> None:
    pages = {(file.parent.name, file.stem) for file in GOLDEN.glob("*/*.html")}
    assert pages == set(OWN), "save a page of each layout as tests/golden/<source>/<layout>.html, with its .html.yml"
    flat = {file.stem for file in GOLDEN.glob("*.html")}
    assert set(layouts()) == flat | set(EXAMPLES) | {layout for _, layout in OWN}


@pytest.mark.parametrize(("name", "layout"), OWN)
def test_a_layout_of_a_source_reads_its_page_as_it_was_once_approved(name: str, layout: str) -> None:
    capture, source = saved(name, layout), SOURCES[name]
    assert source.is_article(capture.url)
    article, issues = parse(capture, source)
    assert not issues
    assert article.layout == layout
    golden = GOLDEN / name / f"{layout}.json"
    if not golden.exists():
        golden.write_text(json.dumps(shown(article), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pytest.fail(f"{golden} was written: read it, compare it with the page, and commit it")
    assert shown(article) == json.loads(golden.read_text(encoding="utf-8"))


def test_a_capture_is_read_by_the_layout_of_its_day() -> None:
    source = SOURCES["baohatinh"]
    old = saved("baohatinh", "pbody-2019")
    assert not parse(old, source)[1]
    late, issues = parse(dataclasses.replace(old, fetched_at="2024-01-01T00:00:00Z"), source)
    assert late.layout == "pbody-2019"
    assert [issue.code for issue in issues] == ["layout.recognised"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("baotayninh", "/chinh-tri/"),
        ("baodanang", "/chuyen-doi-so-event1245.html"),
        ("baogialai", "/tac-gia/duc-thuy-12.html"),
        ("baohatinh", "/chinh-tri/xay-dung-dang/"),
        ("baokhanhhoa", "/chinh-tri/202306/"),
        ("baochinhphu", "/chinh-tri.htm"),
        ("sonoivu-haugiang", "/print/tin-tuc/so-ket-312.html"),
        ("sonoivu-bacgiang", "/node/12/edit"),
        ("sonoivu-hochiminh", "/documents/20197/1/quyet-dinh.pdf/0a1b"),
        ("daklak", "/web/guest/tin-tuc"),
        ("dienbien", "/portal/Pages/default.aspx"),
    ],
)
def test_what_is_no_article_by_its_address(name: str, path: str) -> None:
    source = SOURCES[name]
    assert not source.is_article(source.absolute(path))


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("baotayninh", "/ten-cu-a168021.html", "/ten-moi-a168021.html?utm_source=x"),
        ("baogialai", "/ten-cu-post270114.html", "/en/ten-moi-post270114.html"),
        ("baochinhphu", "/ten-cu-102230420091512345.htm", "/ten-moi-102230420091512345.htm"),
        ("sonoivu-haugiang", "/tin-tuc/so-ket-312.html", "/vi/news/thi-dua/so-ket-312.html"),
        ("sonoivu-bacgiang", "/node/195702", "/node/195702?page=6"),
        ("sonoivu-hochiminh", "/web/guest/tin-tuc/-/asset_publisher/a1B2/content/quan-3", "/-/quan-3;jsessionid=0A1B"),
        ("daklak", "/-/buon-ho", "/vi/-/buon-ho?inheritRedirect=true"),
    ],
)
def test_two_addresses_of_one_article(name: str, one: str, other: str) -> None:
    source = SOURCES[name]
    urls = source.absolute(one), source.absolute(other)
    assert all(map(source.is_article, urls))
    assert source.doc_id(urls[0]) == source.doc_id(urls[1])


def test_numbers_of_two_systems_on_one_host_are_two_articles() -> None:
    source = SOURCES["baohatinh"]
    assert source.doc_id("https://baohatinh.vn/a-b-post17.html") != source.doc_id("https://baohatinh.vn/a/b/17.htm")


# cchc source new


def load_text(text: str, name: str) -> Source:
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.yml"
        file.write_text(text, encoding="utf-8")
        return load_source(file)


def cchc(*arguments: object, contact: str = "", corpus: object = "") -> Result:
    environment = {"CCHC_CONTACT": contact, "CCHC_CORPUS": str(corpus)}
    return CliRunner().invoke(main, ["source", *map(str, arguments)], env=environment, catch_exceptions=False)


@pytest.mark.parametrize(("name", "layout"), OWN)
def test_the_system_of_a_page_is_told_and_the_proposed_source_reads_it(name: str, layout: str, tmp_path: Path) -> None:
    capture, file = saved(name, layout), tmp_path / "de-xuat.yml"
    done = cchc("new", GOLDEN / name / f"{layout}.html", "--name", "de-xuat")
    assert done.exit_code == 0
    assert f"(layout {layout})" in done.stdout
    assert f"# The host is declared already, in {name}.yml" in done.stdout
    file.write_text(done.stdout, encoding="utf-8")
    proposed = load_source(file)
    assert proposed.layouts[0].layout == layout
    assert proposed.province == SOURCES[name].province
    assert proposed.is_article(capture.url)
    article, issues = parse(capture, proposed)
    assert not issues
    assert shown(article) == shown(read(name, layout)[0])


def test_a_source_on_a_known_system_takes_over_what_a_sister_knows(tmp_path: Path) -> None:
    page = GOLDEN / "sonoivu-haugiang" / "nukeviet-egov.html"
    url = "http://sonoivu.binhphuoc.gov.vn/tin-tuc/khen-thuong-tap-the-lam-tot-mot-cua-12.html"
    done = cchc("new", page, "--url", url)
    file = tmp_path / "sonoivu-binhphuoc.yml"
    file.write_text(done.stdout, encoding="utf-8")
    proposed, sister = load_source(file), SOURCES["songoaivu-tayninh"]
    assert (proposed.hosts, proposed.province, proposed.delay) == (("sonoivu.binhphuoc.gov.vn",), "Bình Phước", 3)
    assert proposed.discovery.listings[0].links == sister.discovery.listings[0].links
    assert proposed.discovery.sitemaps == sister.discovery.sitemaps
    assert any("songoaivu-tayninh" in guess for guess in proposed.guesses)


UNKNOWN = """<html><head><title>Quận An Khánh giảm thời hạn cấp phép - Cổng quận An Khánh</title>
<link rel="alternate" type="application/rss+xml" href="/tin.rss"><link rel="alternate" type="application/rss+xml" href="http://[x">
</head><body><div class="breadcrumb"><a href="/">Trang chủ</a> <a href="/tin-quan/">Tin quận</a></div>
<h1>Quận An Khánh giảm thời hạn cấp phép</h1><span class="ngaydang">Ngày đăng: 14/07/2020</span>
<div class="trichdan">Hạn cấp phép còn 9 ngày.</div><div class="khung"><div class="noidungtin">{body}</div></div>
<div class="tinkhac"><p><a href="/tin-quan/tin-khac-77.html">{link}</a></p></div></body></html>""".format(
    body="<p>Quận đứng thứ ba khối quận về trả hồ sơ đúng hạn, với 98,1% hồ sơ.</p>" * 4, link="Tin khác của quận " * 40
)


def test_an_unknown_system_is_given_a_layout_to_begin_with(tmp_path: Path) -> None:
    page = tmp_path / "trang.html"
    page.write_text(UNKNOWN, encoding="utf-8")
    url = "https://ankhanh.gov.vn/tin-quan/giam-thoi-han-cap-phep-1234.html"
    done = cchc("new", page, "--url", url)
    assert done.exit_code == 1
    assert "no known publishing system" in done.stderr
    file = tmp_path / "ankhanh.yml"
    file.write_text(done.stdout, encoding="utf-8")
    proposed = load_source(file)
    assert (proposed.title, proposed.layouts[0].layout) == ("Cổng quận An Khánh", "ankhanh")
    assert proposed.discovery.feeds == ("/tin.rss",)
    assert [listing.urls for listing in proposed.discovery.listings] == [("/",), ("/tin-quan/",)]
    assert proposed.is_article(url) and proposed.is_article("https://www.ankhanh.gov.vn/van-hoa/a-9.html")
    assert not proposed.is_article("https://ankhanh.gov.vn/tin-quan/")
    assert proposed.doc_id(url) == proposed.doc_id("https://ankhanh.gov.vn/tin-quan/ten-moi-1234.html")
    lines = [line.removeprefix("#   ") for line in done.stdout.splitlines() if line.startswith("#   ")]
    found = parse_layouts("\n".join(lines[lines.index("ankhanh:") :]))["ankhanh"]
    assert found.body == ("div.noidungtin",)
    assert (found.title, found.date, found.lead) == (("h1",), ("[class*=ngay]",), ("[class*=trichdan]",))


@settings(deadline=None, max_examples=30)  # how long it takes is the machine's affair
@given(st.sampled_from(OWN), st.integers(0, 1500), st.binary(max_size=12))
def test_whatever_a_damaged_page_says_the_proposal_loads(which: tuple[str, str], cut: int, put: bytes) -> None:
    capture = saved(*which)
    payload = capture.payload[:cut] + put + capture.payload[cut + len(put) :]
    try:
        proposal = recognise.propose(dataclasses.replace(capture, payload=payload), SOURCES.values())
    except PageError as error:
        assert error.issue.code.startswith("page.")
        return
    assert load_text(proposal.text, proposal.name).is_article(capture.url)


def test_a_login_form_beside_an_article_does_no_harm(tmp_path: Path) -> None:
    page = tmp_path / "trang.html"
    page.write_text(UNKNOWN.replace("<h1>", "<form><input type=password></form><h1>"), encoding="utf-8")
    assert "body: div.noidungtin" in cchc("new", page, "--url", "https://a.vn/x/y-1.html").stdout


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("https://a.vn/Default.aspx?tabid=12&ItemID=78", "?ItemID=78&tabid=12&x=1", "?tabid=12&ItemID=79"),
        ("https://a.vn/tin/mot-bai-viet", "/tin/mot-bai-viet?fb=1", "/tin/bai-khac"),
        ("https://a.vn/tin/(bài)/x-12", "/khac/y-12", "/tin/x-13"),
        ("https://a.vn/bai-viet-a123.html", "/ten-moi-a123.html", "/bai-viet-a124.html"),
        ("https://a.vn/tin/2020/7/bai-viet/455.htm", "/tin/khac/455.htm", "/tin/2020/7/bai-viet/456.htm"),
    ],
)
def test_addresses_of_an_unknown_system_go_by_the_form_of_one(
    address: str, same: str, other: str, tmp_path: Path
) -> None:
    page = tmp_path / "trang.html"
    page.write_text(UNKNOWN, encoding="utf-8")
    (tmp_path / "a.yml").write_text(cchc("new", page, "--url", address).stdout, encoding="utf-8")
    proposed = load_source(tmp_path / "a.yml")
    base, _, _ = address.partition("?")
    joined = [urljoin(base, part) for part in (same, other)]
    assert all(map(proposed.is_article, [address, *joined]))
    assert proposed.doc_id(address) == proposed.doc_id(joined[0]) != proposed.doc_id(joined[1])


def test_a_host_that_crawls_leave_alone_is_not_asked_for_a_new_source(tmp_path: Path) -> None:
    capture = saved("baotayninh", "content-fck")
    path = capture.url.removeprefix("https://baotayninh.vn")
    with serving({path: Answer(capture.payload)}) as site:
        resolve = ("--resolve", f"baotayninh.vn=127.0.0.1:{site.port}")
        with Frontier(tmp_path) as crawls:
            until = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=30)
            key = f"baotayninh.vn=127.0.0.1:{site.port}"
            crawls.let_rest(key, Rest(until, "it answered with a block page", blocked=True))
        refused = cchc("new", capture.url, *resolve, corpus=tmp_path)
        assert (refused.exit_code, refused.stdout, site.requests) == (1, "", [])
        assert f"left alone until {until:%Y-%m-%dT%H:%M:%SZ}: it answered with a block page" in refused.stderr
        # Another corpus knows nothing of it, and is not begun by a proposal.
        assert cchc("new", capture.url, *resolve, corpus=tmp_path / "other").exit_code == 0
        assert not (tmp_path / "other").exists()


def test_a_page_is_fetched_as_a_crawl_would() -> None:
    capture = saved("baotayninh", "content-fck")
    path = capture.url.removeprefix("https://baotayninh.vn")
    robots = Answer(b"User-agent: *\nDisallow: /cam/", content_type="text/plain")
    with serving({"/robots.txt": robots, path: Answer(capture.payload)}) as site:
        resolve = ("--resolve", f"baotayninh.vn=127.0.0.1:{site.port}")
        done = cchc("new", capture.url, *resolve)
        assert done.exit_code == 0
        assert "(layout content-fck)" in done.stdout
        refused = cchc("new", "https://baotayninh.vn/cam/a-a1.html", *resolve)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "robots.txt" in refused.stderr
        assert site.paths == [path]
    assert "CCHC_CONTACT" in cchc("new", capture.url).stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["khong-co.html"], "khong-co.html cannot be read"),
        (["trang.html"], "give its address with --url"),
        (["anh.html", "--url", "https://a.vn/anh.html"], "a PNG image"),
        (["trang.html", "--url", "https://a.vn/"], "is a site's home page"),
        (["cho.html", "--url", "https://a.vn/cho.html"], "took us for a robot (flood)"),
        (["trang.html", "--url", "https://a.vn/a-1.html", "--name", "Tên"], "name: "),
    ],
)
def test_what_gives_no_source_is_told_with_its_remedy(arguments: list[str], told: str, tmp_path: Path) -> None:
    (tmp_path / "trang.html").write_text(UNKNOWN, encoding="utf-8")
    (tmp_path / "anh.html").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "cho.html").write_text("<title>Hãy đợi...</title><div class='floodblocker'></div>", encoding="utf-8")
    done = cchc("new", tmp_path / arguments[0], *arguments[1:])
    assert done.exit_code > 0
    assert done.stdout == ""
    assert told in done.stderr


@pytest.mark.parametrize(
    ("host", "title", "province"),
    [
        ("sonoivu.haugiang.gov.vn", "", "Hậu Giang"),
        ("www.baohatinh.vn", "", "Hà Tĩnh"),
        ("songoaivu.tayninh.gov.vn", "", "Tây Ninh"),
        ("sonoivu.hochiminhcity.gov.vn", "", "Hồ Chí Minh"),
        ("baobariavungtau.com.vn", "", "Bà Rịa - Vũng Tàu"),
        ("phuong3.gov.vn", "Phường 3 - tỉnh Sóc Trăng", "Sóc Trăng"),
        ("baochinhphu.vn", "Báo Điện tử Chính phủ", None),
        ("moha.gov.vn", "Bộ Nội vụ", None),
    ],
)
def test_the_home_province_is_in_the_name_of_the_site(host: str, title: str, province: str | None) -> None:
    assert named_by(host, title) == province


# cchc source test

WITH_DATE = '<div class="detail-title"><h1>Huyện xếp hạng</h1></div><span class="pubdate">14/07/2020 - 18:20</span>'
WITHOUT_DATE = '<div class="detail-title"><h1>Huyện xếp hạng</h1></div>'


def page(number: int, head: str = WITH_DATE, sentences: int = 3) -> bytes:
    body = f"<p>Huyện thứ {number} đạt 80 điểm. {'Kết quả này cao hơn năm trước. ' * sentences}</p>"
    lead = '<h4 class="sapo">Huyện tăng hai bậc.</h4>'
    return f"<html><body>{head}{lead}<div class=content-fck>{body}</div></body></html>".encode()


def archived(corpus: Path, run: str, pages: dict[int, bytes], day: str = "2020-08-01") -> None:
    with ArchiveWriter(corpus, "baolongan", run) as writer:
        for number, payload in pages.items():
            moment = f"{day}T08:{number // 60:02}:{number % 60:02}Z"
            writer.add(response(f"https://baolongan.vn/huyen-xep-hang-a{number}.html", payload, moment))


def rows(done: Result) -> dict[str, list[str]]:
    return {line.split("  ")[0]: line.split()[-5:] for line in done.stdout.splitlines()}


def test_pages_read_as_before_are_good(tmp_path: Path) -> None:
    archived(tmp_path, "r1", {n: page(n) for n in range(20)})
    archived(tmp_path, "r2", {n: page(n) for n in range(5, 30)}, day="2020-08-02")
    done = cchc("test", "baolongan", "--last", "12", corpus=tmp_path)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "baolongan: 12 captures, 2020-08-02 to 2020-08-02"
    assert lines[1] == "before: 12 captures, 2020-08-02 to 2020-08-02", "unchanged pages count once"
    assert rows(done)["published_on"] == ["12/12", "100%", "12/12", "100%", "+0"]
    assert rows(done)["author"] == ["0/12", "0%", "0/12", "0%", "+0"]
    assert "layouts: content-fck 12; before: content-fck 12" in lines
    assert lines[-1] == "good"


def test_a_field_that_is_lost_is_told_with_a_page_that_lacks_it(tmp_path: Path) -> None:
    archived(tmp_path, "r1", {n: page(n) for n in range(12)})
    archived(tmp_path, "r2", {n: page(n, WITHOUT_DATE) for n in range(12, 20)}, day="2020-08-02")
    done = cchc("test", "baolongan", "--last", "8", corpus=tmp_path)
    assert done.exit_code == 1
    assert rows(done)["published_on"] == ["0%", "8/8", "100%", "-100", "!"]
    assert "published_on: fell beyond chance; lacking in https://baolongan.vn/huyen-xep-hang-a19.html" in done.stdout
    assert "published_on: 0% where 90% are asserted" in done.stdout
    assert "layout.selector_missed: 8, before 0; such as https://baolongan.vn/huyen-xep-hang-a19.html" in done.stdout


def test_pages_that_are_no_articles_any_more_are_told(tmp_path: Path) -> None:
    login = b"<html><body>Dang nhap <input type=password></body></html>"
    archived(tmp_path, "r1", {n: page(n) for n in range(8)})
    archived(tmp_path, "r2", {n: login + b"<!-- %d -->" % n for n in range(8, 16)}, day="2020-08-02")
    done = cchc("test", "baolongan", corpus=tmp_path)
    assert done.exit_code == 1
    assert "None of the latest captures is read as an article" in done.stdout
    assert "page.login: 8, before 0" in done.stdout


def test_another_design_and_another_length_are_told(tmp_path: Path) -> None:
    other = saved("sonoivu-haugiang", "nukeviet").payload
    archived(tmp_path, "r1", {n: page(n, sentences=40) for n in range(10)})
    archived(tmp_path, "r2", {n: other + b"<!-- %d -->" % n for n in range(10, 20)}, day="2021-08-02")
    done = cchc("test", "baolongan", corpus=tmp_path)
    assert done.exit_code == 1
    assert "Read by nukeviet, not among the source's layouts" in done.stdout
    assert "The articles' length is another" in done.stdout


def test_a_few_pages_less_are_chance(tmp_path: Path) -> None:
    archived(tmp_path, "r1", {n: page(n) for n in range(10)})
    archived(
        tmp_path, "r2", {n: page(n, WITHOUT_DATE if n == 10 else WITH_DATE) for n in range(10, 20)}, day="2020-08-02"
    )
    done = cchc("test", "baolongan", corpus=tmp_path)
    assert done.exit_code == 0
    assert "-10" in done.stdout and "-10 !" not in done.stdout


def test_a_source_without_captures_or_of_no_such_name(tmp_path: Path) -> None:
    empty = cchc("test", "baolongan", corpus=tmp_path)
    assert (empty.exit_code, empty.stdout) == (1, "")
    assert "cchc crawl baolongan" in empty.stderr
    unknown = cchc("test", "baolongn", corpus=tmp_path)
    assert unknown.exit_code == 2
    assert "did you mean 'baolongan'?" in unknown.stderr


@settings(deadline=None)  # how long it takes is the machine's affair
@given(st.integers(0, 12), st.integers(1, 12), st.integers(0, 12), st.integers(1, 12))
def test_chance_is_a_probability_that_grows_with_what_is_found(now: int, more: int, before: int, other: int) -> None:
    of_now, of_before = now + more, before + other
    chance = fewer_by_chance(now, of_now, before, of_before)
    assert 0 < chance <= 1
    assert now == 0 or fewer_by_chance(now - 1, of_now, before + 1, of_before + 1) <= chance
    assert isclose(fewer_by_chance(of_now, of_now, before, of_before), 1)


def test_chance_of_five_in_five_lost() -> None:
    assert isclose(fewer_by_chance(0, 5, 5, 5), 1 / 252)
