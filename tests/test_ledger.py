"""What a writer knows of the archive while it writes, and the index that it adds to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archive import INDEX, REVISIT, Entry, read_index, reindex
from pipeline.cdxj import add_to_index
from pipeline.ledger import Ledger
from tests.test_archive import write

ENTRY = Entry(
    "https://tin.example.vn/bai-1.html", "20261121080000", "text/html", 200, "sha1:A", 100, 0, "tin/a.warc.gz"
)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger()
    yield opened
    opened.close()


def entries() -> st.SearchStrategy[list[Entry]]:
    """Captures of few URLs, payloads and files, so that many have some of them in common."""
    one = st.builds(
        Entry,
        url=st.sampled_from(["https://tin.example.vn/một", "https://tin.example.vn/2"]),
        timestamp=st.integers(20200101000000, 20200101000005).map(str),
        mime=st.sampled_from(["text/html", REVISIT]),
        status=st.just(200),
        digest=st.sampled_from(["sha1:A", "sha1:B"]),
        length=st.integers(1, 9),
        offset=st.integers(0, 99),
        filename=st.sampled_from(["tin/a.warc.gz", "tin/b.warc.gz"]),
    )
    return st.lists(one, max_size=12, unique_by=lambda entry: (entry.filename, entry.offset))


@settings(deadline=None, max_examples=60)  # how long it takes is the machine's affair
@given(entries())
def test_it_knows_what_was_added(added: list[Entry]) -> None:
    ledger = Ledger()
    ledger.add(added)
    in_time = sorted(added, key=lambda e: (e.timestamp, e.url.encode(), e.offset, e.filename))
    assert list(ledger.entries()) == in_time
    for url in {entry.url for entry in added}:
        own = [entry for entry in added if entry.url == url]
        last = ledger.of_url(url)
        assert last is not None
        assert last.timestamp == max(entry.timestamp for entry in own)
        assert ledger.payloads(url) == {entry.digest for entry in own}
    for entry in added:
        assert ledger.has(entry.url, entry.timestamp, entry.digest)
        assert ledger.originals(entry.digest) == [
            one for one in in_time if one.digest == entry.digest and not one.revisit
        ]
    for file in {entry.filename for entry in added}:
        own = [entry for entry in added if entry.filename == file]
        assert list(ledger.lines(file)) == sorted(entry.line().encode() for entry in own)
        last = max(own, key=lambda entry: entry.offset)
        assert ledger.end(file) == last.offset + last.length
    ledger.close()


def test_it_knows_nothing_else(ledger: Ledger) -> None:
    ledger.add([ENTRY])
    assert ledger.of_url("https://tin.example.vn/") is None
    assert not ledger.has(ENTRY.url, ENTRY.timestamp, "sha1:B")
    assert (ledger.end("tin/b.warc.gz"), ledger.originals("sha1:B"), ledger.payloads("x")) == (0, [], set())


def test_what_is_lost_is_no_original_any_more(ledger: Ledger) -> None:
    other = replace(ENTRY, filename="tin/b.warc.gz")
    ledger.add([ENTRY, other])
    ledger.lost(ENTRY)
    assert ledger.originals("sha1:A") == [other]
    assert ledger.has(ENTRY.url, ENTRY.timestamp, ENTRY.digest)


def test_a_full_disk_is_told_with_its_remedy(ledger: Ledger) -> None:
    ledger._base.execute("pragma max_page_count = 8")
    with pytest.raises(OSError, match=r"temporary file cannot be used \(.*full\): make room where TMPDIR says"):
        ledger.add(replace(ENTRY, offset=number) for number in range(10_000))


def test_an_index_that_somebody_put_in_disorder_is_put_in_order(tmp_path: Path) -> None:
    write(tmp_path)
    file = tmp_path / INDEX
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(reversed(lines)))
    new = ENTRY.line().encode()
    add_to_index(tmp_path, [new])
    assert file.read_bytes().splitlines(keepends=True) == sorted([*lines, new + b"\n"])
    assert len(read_index(tmp_path)) == len(lines) + 1
    add_to_index(tmp_path, [new])
    assert len(read_index(tmp_path)) == len(lines) + 1, "a line that is there is not added again"


def test_runs_that_follow_each_other_leave_the_index_that_their_files_give(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path, f"r{number}", f"tin{number % 2}", f"2026-11-2{number}T08:00:00Z")
    before = (tmp_path / INDEX).read_bytes()
    reindex(tmp_path)
    assert (tmp_path / INDEX).read_bytes() == before
