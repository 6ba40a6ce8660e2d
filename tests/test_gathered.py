"""What the last run gathered is taken where it is certain, and the tables are then those of a full run."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pipeline import fingerprints, gathered, kept, repeat, tables
from pipeline.archive import Archive
from pipeline.collection import Collection
from pipeline.stages import sources
from pipeline.work import groups
from tests.conftest import Workplace
from tests.test_kept import READ, articles, forget, issues, other_code, remade, rerun
from tests.test_repeat import corrected, edited, without_links
from tests.test_run import capture_again, first_ranked, payload


@contextmanager
def watched() -> Iterator[list[str]]:
    """The articles that were gathered meanwhile, and not taken as they lay there."""
    found: list[str] = []
    whole = Collection.gather

    def noting(self: Collection, group: Any, *given: Any) -> None:
        found.append(group.doc_id)
        whole(self, group, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Collection, "gather", noting)
        yield found


def gathers(place: Workplace) -> list[str]:
    """What the next run gathers; the tables and issues that it comes to are those of a full run."""
    forget(place)
    with watched() as found:
        run, _ = rerun(place)
    present = place.tables()
    full, _ = rerun(place, full=True)
    assert (place.tables(), issues(full)) == (present, issues(run))
    assert run.counts | {"kept": 0, "computed": 0} == full.counts | {"kept": 0, "computed": 0}
    assert run.sources == full.sources
    return found


def changed(place: Workplace) -> str:
    doc_id = first_ranked(place)
    capture_again(place, doc_id, payload(place, doc_id)[1].replace(b"/63", b"/64"))
    return doc_id


def test_only_what_changed_is_gathered(copied: Workplace) -> None:
    rerun(copied)
    before = copied.tables()
    assert gathers(copied) == []
    assert copied.tables() == before
    doc_id = changed(copied)
    assert gathers(copied) == [doc_id]
    assert copied.tables() != before


def first_texts(place: Workplace) -> dict[str, str]:
    listed = tables.load_table(place.output, "articles")
    return dict(zip(listed["doc_id"], listed["syndication_id"], strict=True))


def test_what_other_articles_tell_of_one_is_told_anew(copied: Workplace) -> None:
    rerun(copied)
    first = first_ranked(copied)
    other = next(at for at in first_texts(copied) if at > first and at.rsplit("-", 1)[0] == first.rsplit("-", 1)[0])
    own, text = payload(copied, first)[1], payload(copied, other)[1]
    capture_again(copied, other, own, "20990101T000000Z-one")
    assert gathers(copied) == [other]
    assert first_texts(copied)[other] == first
    capture_again(copied, first, text, "20990102T000000Z-two")
    assert gathers(copied) == [first]
    assert first_texts(copied)[other] == other
    capture_again(copied, first, own, "20990103T000000Z-three")
    assert gathers(copied) == [first]
    assert len({first_texts(copied)[at] for at in (first, other)}) == 1


def cut_short(place: Workplace) -> None:
    path = place.output / gathered.FILE
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(place: Workplace) -> None:
    """A bit is turned over where nothing shows it but the checksum."""
    path = place.output / gathered.FILE
    status, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def forgotten(place: Workplace) -> None:
    with sqlite3.connect(place.output / kept.FILE) as database:
        database.execute("DELETE FROM gathered")


def noted_otherwise(place: Workplace) -> None:
    with sqlite3.connect(place.output / kept.FILE) as database:
        database.execute("UPDATE gathered SET told = '[]'")


def decided(place: Workplace) -> None:
    corrected(place)
    header, first, *_ = place.tables()["rankings.csv"].decode().splitlines()
    fact_id = first.split(",")[header.split(",").index("fact_id")]
    path = place.corpus / "corrections.csv"
    path.write_text(f"{path.read_text(encoding='utf-8')}reject,rankings,{fact_id},,Lan,misread\n", encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        cut_short,
        flipped,
        forgotten,
        noted_otherwise,
        edited,
        without_links,
        decided,
        lambda place: (place.output / gathered.FILE).unlink(),
        lambda place: (place.output / gathered.FILE).write_bytes(b""),
        lambda place: (place.output / kept.FILE).unlink(),
    ],
)
def test_where_anything_is_not_as_it_was_all_is_gathered(
    copied: Workplace, change: Callable[[Workplace], object]
) -> None:
    rerun(copied)
    everything = articles(copied)
    change(copied)
    assert gathers(copied) == everything


def test_other_code_gathers_all(copied: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    rerun(copied)
    other_code(monkeypatch, everything="other")
    assert gathers(copied) == articles(copied)
    assert gathers(copied) == []


def test_what_a_correction_is_about_is_gathered_each_time(copied: Workplace) -> None:
    rerun(copied)
    doc_id = tables.load_table(copied.output, "rankings")["doc_id"].iloc[0]
    decided(copied)
    assert remade(copied) == {}
    assert gathers(copied) == [doc_id]
    other = changed(copied)
    assert gathers(copied) == sorted({doc_id, other})


def test_a_run_that_was_killed_leaves_nothing_to_be_taken(copied: Workplace) -> None:
    rerun(copied)
    with kept.Kept(copied.output / kept.FILE, fingerprints.code()) as store:
        assert store.gathered() is not None
        assert store.gathered() is None
    assert gathers(copied) == articles(copied)


def test_tables_are_published_where_nothing_can_be_noted_of_them(
    copied: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rerun(copied)

    def full(*_: Any) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(gathered, "write", full)
        patch.setattr(repeat, "note", full)
        doc_id = changed(copied)
        run, asked = rerun(copied)
    assert asked == {doc_id: READ}
    assert run.tables == run.id
    assert gathers(copied) == articles(copied)


def test_addresses_that_are_known_are_not_taken_apart_again(copied: Workplace) -> None:
    archive, declared = Archive.load(copied.corpus), sources()
    found, left_out = groups(archive, declared)
    known: dict[tuple[str, str], str | None] = {(entry.source, entry.url): group.doc_id for group in found for entry in group.captures}
    known |= {(entry.source, entry.url): None for entry, outcome in left_out if outcome == "listing"}
    assert groups(archive, declared, known) == (found, left_out)
    assert groups(archive, declared, dict(list(known.items())[::2])) == (found, left_out)


def test_a_page_that_is_gone_is_not_taken(copied: Workplace) -> None:
    rerun(copied)
    doc_id, index = first_ranked(copied), copied.corpus / "index.cdxj"
    url, _ = payload(copied, doc_id)
    lines = index.read_text(encoding="utf-8").splitlines(keepends=True)
    index.write_text("".join(line for line in lines if f'"{url}"' not in line), encoding="utf-8")
    assert doc_id.encode() in copied.tables()["articles.csv"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.assertions.check", lambda *_: ())
        assert gathers(copied) == []
    assert doc_id.encode() not in b"".join(content for name, content in copied.tables().items() if name != "changes.csv")


def test_what_became_of_pages_that_are_no_articles_is_taken(copied: Workplace) -> None:
    doc_id = first_ranked(copied)
    capture_again(copied, doc_id, b"<html><body><p>Not found</p></body></html>")
    assert remade(copied) == {doc_id: READ}
    assert gathers(copied) == []
