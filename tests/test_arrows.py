"""Which package may import which: the arrows between the stages."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# What brings HTML, HTTP or the archive's format with it.
WEB = {"bs4", "fastwarc", "feedparser", "htmldate", "lxml", "protego", "requests", "selectolax", "trafilatura"}
WEB |= {"urllib3", "w3lib", "warcio", "http", "socket"}
LANGUAGE = {"spacy", "underthesea"}


def imports(path: Path) -> set[str]:
    """The full names of the modules that a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def test_records_import_the_standard_library_only() -> None:
    assert packages(ROOT / "pipeline" / "records.py") <= sys.stdlib_module_names


@pytest.mark.parametrize("path", modules("extractors"), ids=lambda path: path.stem)
def test_extractors_see_neither_the_web_nor_the_other_stages(path: Path) -> None:
    assert not packages(path) & (WEB | {"scrapers"})
    ours = {name for name in imports(path) if name.startswith("pipeline.")}
    assert all(name.startswith("pipeline.records") for name in ours), ours


@pytest.mark.parametrize("path", modules("scrapers"), ids=lambda path: path.stem)
def test_scrapers_see_no_language_model(path: Path) -> None:
    assert not packages(path) & (LANGUAGE | {"extractors"})


def test_only_the_stages_and_reading_import_both_sides() -> None:
    both = [path.name for path in modules("pipeline") if {"scrapers", "extractors"} <= packages(path)]
    assert both == ["reading.py", "stages.py"]


def test_only_the_archive_knows_the_format_of_the_corpus() -> None:
    readers = [path.name for path in modules("pipeline") if packages(path) & {"warcio", "fastwarc"}]
    # Files from elsewhere are read by what imports them.
    assert set(readers) <= {"warc.py", "archive_writer.py", "archive_import.py"}
