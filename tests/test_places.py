"""A corpus at an address is read as one in a folder is."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from click.testing import CliRunner, Result

from pipeline import archive, places
from pipeline.archive import Archive, ArchiveError, ArchiveWriter
from pipeline.cli import main
from pipeline.errors import UsageError
from pipeline.places import Address, PlaceError
from tests.test_archive import PAGES, response, write


@pytest.fixture
def memory() -> Iterator[Address]:
    url = f"memory://{uuid.uuid4().hex}"
    yield Address(url)
    fs, path = places.filesystem(url)
    if fs.exists(path):
        fs.rm(path, recursive=True)


def uploaded(folder: Path, to: Address) -> Address:
    for file in folder.rglob("*"):
        if file.is_file():
            with fsspec.open(f"{to}/{file.relative_to(folder).as_posix()}", "wb") as there:
                there.write(file.read_bytes())
    return to


def test_a_path_and_its_file_address_are_the_same_folder(tmp_path: Path) -> None:
    assert places.of(str(tmp_path)) == places.of(f"file://{tmp_path}") == places.of(tmp_path) == tmp_path
    assert places.of("s3://bucket/corpus/") == Address("s3://bucket/corpus")


def test_captures_index_and_check_are_those_of_the_folder(tmp_path: Path, memory: Address) -> None:
    write(tmp_path)
    write(tmp_path, run="r2", at="2026-11-22T08:00:00Z")
    uploaded(tmp_path, memory)
    local, there = Archive.load(tmp_path), Archive.load(memory)
    assert (there.entries, there.listed) == (local.entries, local.listed)
    assert list(there.captures()) == list(local.captures())
    assert archive.check(memory) == []
    url = next(iter(PAGES))
    assert archive.find(memory, url) == archive.find(tmp_path, url)
    assert archive.read(memory, local.entries[0].ref) == local.read(local.entries[0].ref)


def test_files_without_an_index_are_found(tmp_path: Path, memory: Address) -> None:
    write(tmp_path)
    (tmp_path / archive.INDEX).unlink()
    uploaded(tmp_path, memory)
    assert Archive.load(memory).entries == Archive.load(tmp_path).entries
    assert Archive.load(memory, source="other").entries == ()


def test_nothing_there_is_an_empty_archive(memory: Address) -> None:
    assert Archive.load(memory).entries == ()


def test_damage_is_told_as_in_a_folder(tmp_path: Path, memory: Address) -> None:
    write(tmp_path)
    file = tmp_path / "tin" / "r1.warc.gz"
    file.write_bytes(file.read_bytes()[:-200])
    uploaded(tmp_path, memory)
    told: list[ArchiveError] = []
    found = list(Archive.load(memory, told.append).captures(damaged=told.append))
    assert len(found) == len(PAGES) - 1
    assert ["cut short" in str(error) for error in told] == [True]
    assert list(map(str, archive.check(memory))) == list(map(str, archive.check(tmp_path)))


def test_a_file_that_is_gone_is_told(tmp_path: Path, memory: Address) -> None:
    write(tmp_path)
    uploaded(tmp_path, memory)
    fs, path = places.filesystem(f"{memory}/tin/r1.warc.gz")
    fs.rm(path)
    gone = Archive.load(memory)
    assert ["not there" in str(error) for error in gone.file_problems()] == [True]
    with pytest.raises(ArchiveError, match="cannot be read"):
        gone.read(gone.entries[0].ref)


def test_neighbours_are_read_with_few_requests(
    tmp_path: Path, memory: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ArchiveWriter(tmp_path, "tin", "r1") as writer:
        pages = {f"https://tin.example.vn/bai-{n}.html": os.urandom(30_000) for n in range(100)}
        for url, raw in pages.items():
            writer.add(response(url, raw))
    uploaded(tmp_path, memory)
    asked: list[int] = []
    fs, _ = places.filesystem(memory.url)
    original = type(fs).cat_file

    def counted(self: object, path: str, start: int | None = None, end: int | None = None) -> bytes:
        if start is not None and end is not None:
            asked.append(end - start)
        found: bytes = original(self, path, start=start, end=end)
        return found

    monkeypatch.setattr(type(fs), "cat_file", counted)
    there = Archive.load(memory)
    in_file = sorted(there.entries, key=lambda entry: entry.offset)
    assert [there.read(entry.ref).payload for entry in in_file] == list(pages.values())
    assert asked[0] == in_file[0].length, "a single record is read alone"
    assert len(asked) < 5
    asked.clear()
    backwards = [there.read(entry.ref).payload for entry in reversed(in_file[:50:10])]
    assert backwards == list(pages.values())[:50:10][::-1]


def test_a_file_that_is_replaced_has_another_mark(tmp_path: Path, memory: Address) -> None:
    write(tmp_path)
    uploaded(tmp_path, memory)
    for place in (tmp_path, memory):
        before = Archive.load(place).marks()
        assert Archive.load(place).marks() == before
        assert before.keys() == {"tin/r1.warc.gz"}
    os.utime(tmp_path / "tin" / "r1.warc.gz", (1, 1))
    assert Archive.load(tmp_path).marks() != before
    before = Archive.load(memory).marks()
    uploaded(tmp_path, memory)
    assert Archive.load(memory).marks() != before


@pytest.mark.parametrize("url", ["nothing://bucket/corpus", "hdfs3x://a"])
def test_an_address_of_no_known_kind_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no address that can be read"):
        Archive.load(places.of(url))


def test_what_a_store_raises_names_the_address_and_a_remedy(memory: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    fs, _ = places.filesystem(memory.url)

    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("no route")

    monkeypatch.setattr(type(fs), "cat_file", broken)
    with pytest.raises(PlaceError, match=r"memory://.*no route.*endpoint"):
        Archive.load(memory)


def test_verbs_read_an_archive_at_an_address_and_others_say_that_they_do_not(tmp_path: Path, memory: Address) -> None:
    write(tmp_path)
    uploaded(tmp_path, memory)

    def cchc(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, env={"CCHC_CORPUS": memory.url, "CCHC_CONTACT": "a@b.example"})

    good = cchc("archive", "check")
    assert (good.exit_code, good.stdout) == (0, f"{len(PAGES)} captures in 1 files: good\n")
    url = next(iter(PAGES))
    assert url in cchc("archive", "list", url).stdout
    assert cchc("archive", "show", url).stdout_bytes == PAGES[url]
    assert cchc("--corpus", str(tmp_path), "archive", "check").stdout == good.stdout
    for verb in (("crawl",), ("archive", "reindex"), ("status",)):
        refused = cchc(*verb)
        assert refused.exit_code == 2, refused.output
        assert "name another with --corpus" in refused.stderr
