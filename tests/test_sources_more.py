"""Every layout of every source has a page that it reads as somebody once approved: a page of the sample, or
`golden/<source>/<layout>.html` with its address and day beside it, as `cchc archive import` takes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.records import Article, Capture, CaptureRef, Issue
from pipeline.sample_server import sites
from scrapers.layouts import layouts
from scrapers.page import parse
from scrapers.source import load_sources
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
