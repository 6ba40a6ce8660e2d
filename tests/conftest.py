"""What several tests share."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main

CONTACT = ""
SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def gold_folder() -> Path:
    """The folder of the annotated documents, which lies beside the repository and not in it."""
    folder = SHARED / "gold"
    if not folder.is_dir():
        pytest.skip("the annotated documents (../shared/gold) are not on this machine")
    return folder


@dataclass(frozen=True)
class Workplace:
    """A folder with a corpus and an output, and the command run on them in this process."""

    folder: Path

    @property
    def corpus(self) -> Path:
        return self.folder / "corpus"

    @property
    def output(self) -> Path:
        return self.folder / "output"

    def cchc(self, *arguments: str) -> Result:
        places = {"CCHC_CORPUS": str(self.corpus), "CCHC_OUTPUT": str(self.output), "CCHC_CONTACT": CONTACT}
        return CliRunner().invoke(main, arguments, env=places, catch_exceptions=False)

    def tables(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.output.glob("*.csv"))}

    def warcs(self) -> list[Path]:
        return sorted(self.corpus.glob("*/*.warc.gz"))


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The sample sites crawled and extracted once; not to be changed by a test."""
    place = Workplace(tmp_path_factory.mktemp("crawled"))
    result = place.cchc("demo")
    assert result.exit_code == 0, result.output
    (place.folder / "demo.txt").write_text(result.stdout, encoding="utf-8")
    return place


@pytest.fixture
def copied(crawled: Workplace, tmp_path: Path) -> Workplace:
    """A copy of the crawled sample, for a test to change."""
    shutil.copytree(crawled.folder, tmp_path / "place")
    return Workplace(tmp_path / "place")
