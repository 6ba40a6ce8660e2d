"""Sources as declared: what a file may say, and which URLs are the same article."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest
import soupsieve
from hypothesis import given, settings
from hypothesis import strategies as st
from w3lib.url import canonicalize_url

from scrapers.source import _LEVEL, _PLAIN_SELECTOR, Source, SourceError, load_source, load_sources

MINIMAL = """\
name: tin
title: Tin
hosts: [tin.example.vn, www.tin.example.vn]
article: '-(\\d+)\\.html$'
discovery:
  listings:
    - urls: [/]
layouts:
  - layout: nukeviet
"""


def declared(folder: Path, text: str, name: str = "tin.yml") -> Source:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return load_source(file)


def test_the_sources_are_there_with_their_home_provinces() -> None:
    sources = load_sources()
    assert {name: source.province for name, source in sources.items()} == {
        "baobaclieu": "Bạc Liêu",
        "baocantho": "Cần Thơ",
        "baochinhphu": None,
        "baodanang": "Đà Nẵng",
        "baogialai": "Gia Lai",
        "baohatinh": "Hà Tĩnh",
        "baokhanhhoa": "Khánh Hòa",
        "baolongan": "Long An",
        "baonghean": "Nghệ An",
        "baotayninh": "Tây Ninh",
        "daklak": "Đắk Lắk",
        "dienbien": "Điện Biên",
        "songoaivu-tayninh": "Tây Ninh",
        "sonoivu-bacgiang": "Bắc Giang",
        "sonoivu-haugiang": "Hậu Giang",
        "sonoivu-hochiminh": "Hồ Chí Minh",
        "sonoivu-soctrang": "Sóc Trăng",
    }
    assert all(source.guesses and source.assertions.minimum for source in sources.values())


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("titel: Tin", "title: Tin", ["titel", "allowed keys: article, assertions, delay"]),
        ("    - url: /", "    - urls: [/]", ["discovery.listings.0.url", "any_link, guess, links, pages"]),
        ("  - layuot: x", "  - layout: nukeviet", ["layouts.0.layuot", "allowed keys: layout, until"]),
    ],
)
def test_an_unknown_key_is_refused_by_name(tmp_path: Path, wrong: str, right: str, told: list[str]) -> None:
    with pytest.raises(SourceError) as caught:
        declared(tmp_path, MINIMAL.replace(right, wrong))
    message = str(caught.value)
    assert all(part in message for part in [str(tmp_path / "tin.yml"), "unknown key", *told])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MINIMAL + "delay: fast\n", "delay"),
        (MINIMAL + "identity: ['-(\\d+)']\n", "(?P<id>...)"),
        (MINIMAL + "skip: ['(']\n", "regular expression"),
        (MINIMAL.replace("hosts: [tin.example.vn, www.tin.example.vn]", "hosts: []"), "hosts"),
        (MINIMAL.replace("    - urls: [/]", "    - {urls: [/], pagination: [{mode: pattern}]}"), "{page}"),
        (MINIMAL.replace("name: tin", "name: other"), "named 'tin'"),
        (MINIMAL.replace("    - urls: [/]", "    - {urls: [/], links: ['a[']}"), "no CSS selector"),
        ("[", "is not YAML"),
        ("", "holds no keys"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SourceError) as caught:
        declared(tmp_path, text)
    assert told in str(caught.value)
    assert "tin.yml" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("revisit: {after: [0]}", "revisit.after"),
        ("revisit: {every: 3}", "allowed keys: after, conditional, look_back, modified"),
        ("intermediates: [nonsense]", "no certificate in PEM form"),
        ("discovery: {sitemaps: [{url: /s.xml, day_url: '/{year}.xml'}]}", "{year}, {month} and {day}"),
    ],
)
def test_a_wrong_policy_is_refused(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "tin.yml"
    declared = "name: tin\ntitle: Tin\nhosts: [tin.vn]\narticle: '^/a'\nlayouts: [{layout: nukeviet}]\n"
    declared += "" if line.startswith("discovery") else "discovery: {feeds: [/rss]}\n"
    file.write_text(declared + line)
    with pytest.raises(SourceError) as caught:
        load_source(file)
    assert told in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.yml"):
        load_source(tmp_path / "none.yml")


@pytest.mark.parametrize(
    ("name", "urls"),
    [
        (
            "baolongan",
            [
                "https://baolongan.vn/so-ket-6-thang-a98123.html",
                "http://www.baolongan.vn/so-ket-6-thang-a98123.html?utm_source=x#binh-luan",
                "https://baolongan.vn/so-ket-sau-thang-a98123.html",
            ],
        ),
        (
            "songoaivu-tayninh",
            [
                "http://songoaivu.tayninh.gov.vn/tin-tuc/so-ket-205.html",
                "https://songoaivu.tayninh.gov.vn/vi/news/cchc/so-ket-205.html?nvvithemever=d",
            ],
        ),
        (
            "sonoivu-soctrang",
            [
                "http://sonv.soctrang.gov.vn/wps/portal/sonv/tintuc/!ut/p/c4/04_Sj9/?WCM_GLOBAL_CONTEXT=/wps/wcm/a",
                "http://portal.soctrang.gov.vn/wps/portal/!ut/p/b1/xyz/?WCM_GLOBAL_CONTEXT=%2Fwps%2Fwcm%2Fa",
                "http://sonv.soctrang.gov.vn/wps/portal/sonv;jsessionid=0000A:-1?WCM_GLOBAL_CONTEXT=/wps/wcm/a",
            ],
        ),
    ],
)
def test_one_article_under_several_urls_is_one(name: str, urls: list[str]) -> None:
    source = load_sources()[name]
    assert all(source.is_article(url) for url in urls)
    assert len({source.doc_id(url) for url in urls}) == 1


def test_articles_of_two_systems_with_one_number_are_two() -> None:
    source = load_sources()["baonghean"]
    urls = ["https://baonghean.vn/a-263070.html", "https://baonghean.vn/b-post263070.html"]
    assert all(source.is_article(url) for url in urls)
    assert len({source.doc_id(url) for url in urls}) == 2


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("baolongan", "https://baolongan.vn/thoi-su-chinh-tri/long-an/"),
        ("baolongan", "https://adx.baolongan.vn/x-a1.html"),
        ("baolongan", "ftp://baolongan.vn/x-a1.html"),
        ("baonghean", "https://baonghean.vn/su-kien-event12.html"),
        ("baonghean", "https://baonghean.vn/en/nghe-an-10215374.html"),
        ("songoaivu-tayninh", "http://songoaivu.tayninh.gov.vn/print/tin-tuc/so-ket-205.html"),
        ("songoaivu-tayninh", "http://songoaivu.tayninh.gov.vn/about/nghi-quyet-2020.html"),
        ("sonoivu-soctrang", "http://sonv.soctrang.gov.vn/wps/portal/sonv/tintuc"),
    ],
)
def test_what_is_no_article_is_told_by_its_url(name: str, url: str) -> None:
    assert not load_sources()[name].is_article(url)


def test_only_the_parameters_that_make_a_page_stay(tmp_path: Path) -> None:
    source = declared(tmp_path, MINIMAL + "keep_params: [nid, CateID]\n")
    url = "HTTP://WWW.tin.example.vn:80/x.aspx;jsessionid=A1?nid=7&utm=1&CateID=3#top"
    assert source.canonical(url) == "https://tin.example.vn/x.aspx?CateID=3&nid=7"
    assert source.canonical(source.canonical(url)) == source.canonical(url)


@settings(deadline=None)  # how long it takes is the machine's affair
@given(st.sampled_from(["", "http://", "https://tin.example.vn", "//"]), st.text(max_size=30))
def test_whatever_stands_in_a_link_is_an_article_or_not(start: str, rest: str) -> None:
    source = load_sources()["songoaivu-tayninh"]
    url = start.replace("tin.example.vn", source.hosts[0]) + rest
    if source.is_article(url):
        assert source.canonical(source.canonical(url)) == source.canonical(url)
        assert source.doc_id(source.canonical(url)) == source.doc_id(url)


def test_an_id_is_the_same_in_every_run() -> None:
    source = load_sources()["baolongan"]
    assert source.doc_id("https://baolongan.vn/x-a1.html") == "baolongan-6ab30dfd42b7"


def test_a_layout_is_chosen_by_the_capture_s_day() -> None:
    source = load_sources()["baonghean"]
    assert source.layouts_on(dt.date(2020, 12, 31)) == ("baonghean-2017", "onecms", "onecms-2021")
    assert source.layouts_on(dt.date(2021, 1, 1)) == ("onecms", "onecms-2021")


@given(st.from_regex(_LEVEL, fullmatch=True))
def test_in_a_level_address_there_is_nothing_to_level(url: str) -> None:
    assert canonicalize_url(url) == url


@settings(deadline=None)  # how long it takes is the machine's affair
@given(st.from_regex(_PLAIN_SELECTOR, fullmatch=True))
def test_what_is_a_selector_at_first_sight_is_one(text: str) -> None:
    soupsieve.compile(text)


def test_loading_the_sources_does_not_load_the_library_of_selectors() -> None:
    code = "import sys; from scrapers.source import load_sources; load_sources(); print('soupsieve' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
