"""A capture becomes an article by the layout of its day; whatever goes another way is an issue that says so."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import Article, Capture, CaptureRef, Issue
from scrapers.layouts import LayoutError, layout, parse_layouts
from scrapers.page import PageError, parse, parse_with
from scrapers.source import DatedLayout, Discovery, Source

URL = "https://baolongan.vn/long-an-xep-thu-nam-a100.html"
SOURCE = Source(
    name="baolongan",
    title="Báo Long An",
    province="Long An",
    hosts=("baolongan.vn",),
    article=re.compile(r"-a\d+\.html$"),
    discovery=Discovery(feeds=("/rss",)),
    layouts=(DatedLayout("content-fck"),),
)
BODY = (
    "<p>Năm 2019, tỉnh Long An xếp thứ 5 trong 63 tỉnh, thành phố, tăng 2 bậc so với năm 2018.</p>"
    "<p>Ủy ban nhân dân tỉnh yêu cầu các sở, ngành rà soát từng tiêu chí để giữ vững thứ hạng này.</p>"
    "<p>Hội nghị công bố kết quả diễn ra sáng nay với sự tham dự của lãnh đạo các sở, ban, ngành.</p>"
)
DATE = '<span class="pubdate">14/07/2020 - 18:20</span>'
TITLE = '<div class="detail-title"><h1>Long An xếp thứ năm</h1></div>'
JSON_LD = {"@type": "NewsArticle", "headline": "Long An xếp thứ năm", "datePublished": "2020-07-15T08:00:00+07:00"}


def page(*, date: str = DATE, title: str = TITLE, lead: str = "", body: str = BODY, head: str = "") -> str:
    return (
        f"<html><head><meta charset=utf-8>{head}</head><body><ul class=menu><li><a href=/>Trang chủ</a></li></ul>"
        f"{date}{title}{lead}<div class=content-fck>{body}</div><footer>Số lượt truy cập: 12</footer></body></html>"
    )


def capture(markup: str | bytes, *, url: str = URL, status: int = 200, day: str = "2020-07-20") -> Capture:
    payload = markup.encode() if isinstance(markup, str) else markup
    ref = CaptureRef("a.warc.gz", 0, 1, "sha1:A")
    return Capture(ref, "baolongan", url, f"{day}T01:00:00Z", status, "text/html; charset=utf-8", payload)


def codes(issues: list[Issue]) -> list[str]:
    return [issue.code for issue in issues]


def refused(markup: str | bytes, status: int = 200) -> str:
    with pytest.raises(PageError) as raised:
        parse(capture(markup, status=status), SOURCE)
    issue = raised.value.issue
    assert (issue.level, issue.source, issue.where) == ("error", "baolongan", URL)
    return issue.code


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def test_a_page_that_fits_its_layout_has_no_issue() -> None:
    article, issues = parse(capture(page(lead="<h4 class=sapo>Tỉnh tăng 2 bậc.</h4>")), SOURCE)
    assert not issues
    assert (article.title, article.published_on, article.layout) == ("Long An xếp thứ năm", "2020-07-14", "content-fck")
    assert [block.kind for block in article.blocks] == ["title", "lead", "paragraph", "paragraph", "paragraph"]
    assert article.province == "Long An"
    assert article.doc_id == SOURCE.doc_id(URL)
    assert article.ref == capture("").ref


@pytest.mark.parametrize(
    ("markup", "code"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "page.not_html"),
        (b"%PDF-1.4 ...", "page.not_html"),
        (b"", "page.not_html"),
        (b'{"tin": []}', "page.not_html"),
        ('<div class="floodblocker"><h1>Hãy đợi...</h1></div>', "page.blocked"),
        ('<script>document.cookie="D1N=00";window.location.reload(true)</script>', "page.blocked"),
        ("<html><body><div id=root></div><script src=app.js></script></body></html>", "page.script_shell"),
        ("<html><body>Đăng nhập <input type=password></body></html>", "page.login"),
        ("<html><body><p>Không có gì</p></body></html>", "page.empty"),
    ],
)
def test_what_is_no_article_is_refused_by_its_cause(markup: str | bytes, code: str) -> None:
    assert refused(markup) == code


def test_a_page_that_fits_its_layout_is_no_block_page_whatever_it_speaks_of() -> None:
    head = "<title>Mã captcha là gì</title>"
    assert not parse(capture(page(head=head)), SOURCE)[1]
    assert refused(page(date="", head=head)) == "page.blocked"


def test_an_error_page_is_no_article() -> None:
    assert refused(page(), status=404) == "page.status"


def test_a_missed_date_is_an_issue_and_taken_from_the_metadata() -> None:
    head = f'<script type="application/ld+json">{json.dumps(JSON_LD)}</script>'
    article, issues = parse(capture(page(date="", head=head)), SOURCE)
    assert article.published_on == "2020-07-15"
    assert codes(issues) == ["layout.selector_missed", "layout.filled"]
    assert "date" in issues[0].message and ".pubdate" in issues[0].message


@pytest.mark.parametrize("stated", ["2020-07-17+0718:00:00", "2020-07-17ICT18:00:00", "2020-07-17T18:00:00+07:00"])
def test_published_time_of_opengraph_is_read_in_the_malformed_way_too(stated: str) -> None:
    head = f'<meta property="article:published_time" content="{stated}">'
    assert parse(capture(page(date="", head=head)), SOURCE)[0].published_on == "2020-07-17"


def test_a_date_after_the_capture_is_another_line() -> None:
    head = f'<script type="application/ld+json">{json.dumps(JSON_LD)}</script>'
    taken = capture(page(date='<span class="pubdate">Hạn nộp hồ sơ: 30/09/2020</span>', head=head))
    article, issues = parse(taken, SOURCE)
    assert article.published_on == "2020-07-15"
    assert codes(issues) == ["page.future_date", "layout.filled"]


def test_broken_or_endless_json_ld_does_no_harm() -> None:
    head = '<script type="application/ld+json">{"@type": </script>'
    head += f'<script type="application/ld+json">{"[" * 100_000}</script>'
    assert not parse(capture(page(head=head)), SOURCE)[1]


@settings(deadline=None, max_examples=40)  # how long it takes is the machine's affair
@given(cut=st.integers(0, 900), put=st.binary(max_size=12), again=st.integers(1, 3))
def test_any_damaged_page_is_an_article_or_refused_with_an_issue(cut: int, put: bytes, again: int) -> None:
    whole = page(lead="<h4 class=sapo>Tỉnh tăng 2 bậc.</h4>", body=BODY + "<table><tr><td>A<td>1</table>").encode()
    damaged = whole[:cut] + put * again + whole[cut + len(put) :]
    try:
        article, _ = parse(capture(damaged), SOURCE)
    except PageError as error:
        assert error.issue.code.startswith("page.")
        return
    assert article.title and article.blocks[0].kind == "title"
    assert parse_with(capture(damaged), SOURCE, article.layout)[0] == article


def test_a_page_without_any_date_is_an_article_with_an_issue() -> None:
    source = dataclasses.replace(SOURCE, fallbacks=())
    article, issues = parse(capture(page(date="")), source)
    assert article.published_on is None
    assert "page.no_date" in codes(issues)


def test_a_page_in_another_known_system_is_read_by_its_layout_with_an_issue() -> None:
    markup = (
        '<meta name=generator content="NukeViet v4.5"><div class="news_column"><h1 class=title itemprop=headline>Long An xếp hạng</h1>'
        '<div class="row margin-bottom-lg"><span class=h5>Thứ ba - 14/07/2020 18:20</span></div>'
        f"<div class=hometext itemprop=description>Lời dẫn</div><div id=news-bodyhtml>{BODY}</div></div>"
    )
    article, issues = parse(capture(markup), SOURCE)
    assert article.layout == "nukeviet"
    assert codes(issues) == ["layout.recognised"]


def test_an_unknown_design_is_read_by_the_generic_fallback_with_issues() -> None:
    markup = (
        "<html><head><title>Long An xếp thứ năm</title></head><body><nav><a href=/>Trang chủ</a></nav>"
        f"<article><h1>Long An xếp thứ năm</h1><time datetime=2020-07-14>14/07/2020</time>{BODY * 2}</article></body></html>"
    )
    article, issues = parse(capture(markup), SOURCE)
    assert article.layout == "generic"
    assert article.title == "Long An xếp thứ năm"
    assert any("xếp thứ 5 trong 63" in text for text in texts(article))
    assert {"layout.selector_missed", "layout.fallback"} <= set(codes(issues))
    again, _ = parse_with(capture(markup), SOURCE, "generic")
    assert again == article
    with pytest.raises(PageError):
        parse(capture(markup), dataclasses.replace(SOURCE, fallbacks=("opengraph",)))


def test_the_body_of_json_ld_is_used_before_the_generic_fallback() -> None:
    text = "Long An xếp thứ 5 trong 63 tỉnh, thành phố về cải cách hành chính.\n\nTỉnh tăng 2 bậc."
    head = f'<script type="application/ld+json">{json.dumps(JSON_LD | {"articleBody": text})}</script>'
    article, issues = parse(capture(f"<html><head>{head}</head><body><p>Trang</p></body></html>"), SOURCE)
    assert article.layout == "jsonld"
    assert texts(article)[1:] == text.split("\n\n")
    assert "layout.fallback" in codes(issues)


def test_the_layout_of_the_day_of_the_capture_is_used() -> None:
    old = (Path(__file__).parent / "golden" / "baonghean-2017.html").read_text(encoding="utf-8")
    source = dataclasses.replace(
        SOURCE, layouts=(DatedLayout("baonghean-2017", until=dt.date(2020, 12, 31)), DatedLayout("onecms"))
    )
    article, issues = parse(capture(old, day="2019-01-01"), source)
    assert (article.layout, codes(issues)) == ("baonghean-2017", ["page.other_title"])
    assert "layout.recognised" in codes(parse(capture(old, day="2022-01-01"), source)[1])


def test_title_and_lead_repeated_in_the_body_are_left_out() -> None:
    body = f"<p>LONG AN XẾP THỨ NĂM</p><p>Tỉnh tăng 2 bậc</p>{BODY}<p>Long An xếp thứ năm</p>"
    article, _ = parse(capture(page(lead="<h4 class=sapo>Tỉnh tăng 2 bậc.</h4>", body=body)), SOURCE)
    assert len(article.blocks) == 5


def test_the_body_ends_at_the_mark_of_its_layout() -> None:
    article, _ = parse(capture(page(body=f"{BODY}<p>Chia sẻ bài viết</p><p>Tin khác: Sở A hạng 1</p>")), SOURCE)
    assert "Tin khác" not in article.text


@pytest.mark.parametrize(
    ("last", "author"),
    [
        ("<p>Ngọc Hà</p>", "Ngọc Hà"),
        ("<p><b>Đức Minh (Sở Nội vụ)</b></p>", "Đức Minh (Sở Nội vụ)"),
        ("<p>Kim Oanh - Phòng Cải cách hành chính</p>", "Kim Oanh - Phòng Cải cách hành chính"),
        ("<p>Văn phòng Sở Nội vụ</p>", "Văn phòng Sở Nội vụ"),
        ("<p style='text-align: right'><strong>Ngọc Hà</strong></p>", "Ngọc Hà"),
        ("<p>Sở Nội vụ đứng thứ 2</p>", None),
        ("<p>Long An được khen.</p>", None),
    ],
)
def test_a_name_on_the_last_line_is_the_author_and_no_text(last: str, author: str | None) -> None:
    article, _ = parse(capture(page(body=BODY + last)), SOURCE)
    assert article.author == author
    assert len(article.blocks) == (4 if author else 5)


def test_a_redirect_to_another_article_is_an_issue() -> None:
    head = '<link rel=canonical href="https://baolongan.vn/mot-tin-khac-han-a200.html">'
    assert "page.other_address" in codes(parse(capture(page(head=head)), SOURCE)[1])
    other = "https://baolongan.vn/gia-vang-trong-nuoc-hom-nay-a300.html"
    assert "page.other_title" in codes(parse(capture(page(), url=other), SOURCE)[1])


def test_little_text_in_many_bytes_is_an_issue() -> None:
    markup = page(body="<p>Đang cập nhật nội dung.</p>") + f"<script>{'x' * 30_000}</script>"
    assert "page.little_text" in codes(parse(capture(markup), SOURCE)[1])


def test_an_older_charset_is_read() -> None:
    markup = page(title="<div class=detail-title>Co\u0301 tin</div>").replace("utf-8", "windows-1258")
    latin = markup.encode("cp1258", errors="xmlcharrefreplace")
    taken = dataclasses.replace(capture(latin), content_type="text/html")
    assert parse(taken, SOURCE)[0].title == "Có tin"


def test_the_wrong_layout_for_a_replay_is_an_error() -> None:
    with pytest.raises(PageError) as raised:
        parse_with(capture(page()), SOURCE, "onecms")
    assert raised.value.issue.code == "page.layout_misfit"
    with pytest.raises(LayoutError, match="content-fck"):
        parse_with(capture(page()), SOURCE, "joomla")


# -- layouts.yml


def test_unknown_keys_and_wrong_selectors_of_layouts_are_refused_by_name() -> None:
    with pytest.raises(LayoutError, match=r"neu: unknown key 'boddy'; allowed keys: author,"):
        parse_layouts("neu: {system: X, body: p, boddy: p}")
    with pytest.raises(LayoutError, match=r"'div\[' is no CSS selector"):
        parse_layouts("neu: {system: X, body: 'div['}")
    with pytest.raises(LayoutError, match="neu extends 'alt'"):
        parse_layouts("neu: {extends: alt, system: X, body: p}")
    with pytest.raises(LayoutError, match="extends"):
        parse_layouts("a: {extends: b, system: X, body: p}\nb: {extends: a, system: X, body: p}")


def test_an_extending_layout_adds_what_is_dropped_and_replaces_the_rest() -> None:
    found = parse_layouts(
        "alt: {system: A, body: [p, div], drop: .ad, cut: ['^Xem']}\nneu: {extends: alt, system: B, body: main, drop: [.tag]}"
    )["neu"]
    assert (found.system, found.body, found.drop) == ("B", ("main",), (".ad", ".tag"))
    assert [mark.pattern for mark in found.cut] == ["^Xem"]


def test_onecms_of_2021_drops_what_onecms_drops() -> None:
    assert set(layout("onecms").drop) <= set(layout("onecms-2021").drop)
