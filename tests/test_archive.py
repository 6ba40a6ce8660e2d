"""The archive, with real WARC files: what is written is read, and damage does not pass."""

from __future__ import annotations

import contextlib
import errno
import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipeline import archive
from pipeline.archive import Archive, ArchiveError, ArchiveWriter, captures, check, read, reindex
from pipeline.records import CaptureRef
from scrapers.fetch import Response

PAGES = {f"https://tin.example.vn/bai-{n}.html": f"<h1>Bài {n}</h1>".encode() * 40 for n in range(6)}


def response(url: str, raw: bytes, at: str = "2026-11-21T08:00:00Z", **changes: Any) -> Response:
    made = Response(
        url=url,
        asked=url,
        status=200,
        reason="OK",
        version="HTTP/1.1",
        headers=(("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
        raw=raw,
        body=raw,
        fetched_at=at,
        ip="127.0.0.1",
        request_headers=(("Host", "tin.example.vn"), ("User-Agent", "cchc")),
    )
    return replace(made, **changes)


def write(corpus: Path, run: str = "r1", source: str = "tin", at: str = "2026-11-21T08:00:00Z") -> list[archive.Added]:
    with ArchiveWriter(corpus, source, run) as writer:
        return [writer.add(response(url, raw, at)) for url, raw in PAGES.items()]


def test_what_is_written_is_read_byte_for_byte(tmp_path: Path) -> None:
    added = write(tmp_path)
    assert {one.state for one in added} == {"new"}
    found = list(captures(tmp_path))
    assert {capture.url: capture.payload for capture in found} == PAGES
    assert [read(tmp_path, capture.ref) for capture in found] == found
    first = found[0]
    assert (first.source, first.fetched_at, first.status) == ("tin", "2026-11-21T08:00:00Z", 200)
    assert first.content_type == "text/html; charset=utf-8"


def test_encoded_and_binary_payloads_stay_as_sent_and_are_read_decoded(tmp_path: Path) -> None:
    page, png = b"<p>x</p>" * 100, b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    sent = gzip.compress(page)
    encoded = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    with ArchiveWriter(tmp_path, "tin", "r1") as writer:
        writer.add(response("https://tin.example.vn/a", sent, headers=encoded, body=page))
        writer.add(response("https://tin.example.vn/b", png, headers=(("Content-Type", "image/png"),)))
    first, second = captures(tmp_path)
    assert (first.payload, first.ref.digest) == (page, archive.payload_digest(sent))
    assert (second.payload, second.content_type) == (png, "image/png")


def test_other_programs_read_the_file(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, run="r2", at="2026-11-22T08:00:00Z")
    for name in ("r1", "r2"):
        file = tmp_path / "tin" / f"{name}.warc.gz"
        with file.open("rb") as opened:
            records = [(r.rec_type, r.rec_headers.get_header("WARC-Target-URI")) for r in ArchiveIterator(opened)]
        kind = "response" if name == "r1" else "revisit"
        assert records[0][0] == "warcinfo"
        assert [one for one in records if one[0] == kind] == [(kind, url) for url in PAGES]
        with file.open("rb") as opened:
            checked = ArchiveIterator(opened, check_digests="raise")
            assert len([record.content_stream().read() for record in checked]) == 1 + 2 * len(PAGES)


def test_each_index_line_is_the_address_of_one_gzip_member(tmp_path: Path) -> None:
    write(tmp_path)
    lines = (tmp_path / archive.INDEX).read_bytes().splitlines()
    assert lines == sorted(lines)
    assert lines[0].startswith(b"vn,example,tin)/bai-0.html 20261121080000 {")
    for entry in Archive.load(tmp_path).entries:
        with (tmp_path / entry.filename).open("rb") as file:
            file.seek(entry.offset)
            member = gzip.decompress(file.read(entry.length))
        assert member.startswith(b"WARC/1.1\r\n")
        assert entry.url.encode() in member


def test_an_unchanged_payload_is_not_stored_again(tmp_path: Path) -> None:
    write(tmp_path)
    again = write(tmp_path, run="r2", at="2026-11-22T08:00:00Z")
    assert {one.state for one in again} == {"unchanged"}
    plain = gzip.decompress((tmp_path / "tin" / "r2.warc.gz").read_bytes())
    assert plain.count(b"WARC-Type: revisit") == len(PAGES)
    assert b"<h1>" not in plain
    later = [capture for capture in captures(tmp_path) if capture.fetched_at.startswith("2026-11-22")]
    assert {capture.url: capture.payload for capture in later} == PAGES
    assert {capture.ref.warc for capture in later} == {"tin/r2.warc.gz"}
    assert len(list(captures(tmp_path, revisits=False))) == len(PAGES)


def test_a_page_that_is_not_modified_reads_as_its_original(tmp_path: Path) -> None:
    (url, raw), *_ = PAGES.items()
    write(tmp_path)
    with ArchiveWriter(tmp_path, "tin", "r2") as writer:
        said = response(url, b"", "2026-11-22T08:00:00Z", status=304, reason="Not Modified", headers=(("ETag", '"1"'),))
        added = writer.add_not_modified(said)
    assert added is not None
    found = archive.read(tmp_path, added.ref)
    assert (found.payload, found.status, found.content_type) == (raw, 200, "text/html; charset=utf-8")
    assert found.fetched_at == "2026-11-22T08:00:00Z"
    assert [entry.status for entry in archive.find(tmp_path, url)] == [200, 304]
    before = (tmp_path / archive.INDEX).read_bytes()
    archive.reindex(tmp_path)
    assert (tmp_path / archive.INDEX).read_bytes() == before
    assert check(tmp_path) == []


def test_a_changed_payload_is_stored_beside_the_old_one(tmp_path: Path) -> None:
    url = next(iter(PAGES))
    write(tmp_path)
    with ArchiveWriter(tmp_path, "tin", "r2") as writer:
        assert writer.last_fetched(url) == "2026-11-21T08:00:00Z"
        assert writer.add(response(url, b"<h1>corrected</h1>", "2026-11-22T08:00:00Z")).state == "changed"
        assert writer.add(response(url, PAGES[url], "2026-11-23T08:00:00Z")).state == "unchanged"
    found = [capture.payload for capture in captures(tmp_path) if capture.url == url]
    assert found == [PAGES[url], b"<h1>corrected</h1>", PAGES[url]]


def test_the_order_is_source_time_url(tmp_path: Path) -> None:
    write(tmp_path, source="z", at="2026-01-01T00:00:00Z")
    write(tmp_path, source="a", run="late", at="2026-12-01T00:00:00Z")
    write(tmp_path, source="a", run="soon", at="2026-11-01T00:00:00Z")
    order = [(capture.source, capture.fetched_at, capture.url) for capture in captures(tmp_path)]
    assert order == sorted(order)
    assert len(order) == 3 * len(PAGES)


def test_an_empty_or_missing_corpus_has_no_captures(tmp_path: Path) -> None:
    assert list(captures(tmp_path)) == []
    assert list(captures(tmp_path / "none")) == []


def test_a_run_without_captures_leaves_no_file(tmp_path: Path) -> None:
    with ArchiveWriter(tmp_path, "tin", "r1"):
        pass
    assert not list((tmp_path / "tin").iterdir())


def test_a_run_cannot_write_over_an_earlier_one(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(ArchiveError, match="archived already"):
        write(tmp_path)


def test_the_index_can_be_rebuilt(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, run="r2", at="2026-11-22T08:00:00Z")
    before = (tmp_path / archive.INDEX).read_bytes()
    (tmp_path / archive.INDEX).unlink()
    assert len(list(captures(tmp_path))) == 2 * len(PAGES)
    assert reindex(tmp_path) == 2 * len(PAGES)
    assert (tmp_path / archive.INDEX).read_bytes() == before


def test_the_next_run_lists_what_a_killed_one_could_not(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / archive.INDEX).unlink()
    write(tmp_path, run="r2", at="2026-11-22T08:00:00Z")
    assert Archive.load(tmp_path).listed == {"tin/r1.warc.gz", "tin/r2.warc.gz"}


def test_a_spoilt_index_is_told_and_the_files_are_read(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / archive.INDEX).write_text("not a line\n")
    told: list[ArchiveError] = []
    assert len(list(captures(tmp_path, damaged=told.append))) == len(PAGES)
    assert "line 1" in str(told[0])
    assert "reindex" in str(told[0])


# damage


def damage(file: Path, change: Callable[[bytes], bytes]) -> None:
    file.write_bytes(change(file.read_bytes()))


@pytest.mark.parametrize("listed", [True, False])
def test_a_file_that_is_cut_is_found_and_the_rest_is_read(tmp_path: Path, listed: bool) -> None:
    write(tmp_path)
    write(tmp_path, source="whole")
    damage(tmp_path / "tin" / "r1.warc.gz", lambda data: data[:-200])
    if not listed:
        (tmp_path / archive.INDEX).unlink()
    told: list[ArchiveError] = []
    found = list(captures(tmp_path, damaged=told.append))
    assert [error.file for error in told] == ["tin/r1.warc.gz"]
    assert "Restore" in str(told[0])
    assert [capture.source for capture in found].count("whole") == len(PAGES)
    assert [capture.source for capture in found].count("tin") == len(PAGES) - 1
    with pytest.raises(ArchiveError):
        list(captures(tmp_path))


def test_every_flipped_byte_of_a_capture_is_found(tmp_path: Path) -> None:
    added = write(tmp_path)
    file, ref = tmp_path / "tin" / "r1.warc.gz", added[2].ref
    whole = file.read_bytes()
    # Bytes 4 to 9 of a gzip header (time, level, system) carry nothing that the checksum covers.
    for place in [*range(4), *range(10, ref.length, 7)]:
        spoilt = bytearray(whole)
        spoilt[ref.offset + place] ^= 0x20
        file.write_bytes(spoilt)
        assert "tin/r1.warc.gz" in {error.file for error in check(tmp_path)}, place
        if _unpacks_to_the_same(spoilt, whole, ref):
            continue
        told: list[ArchiveError] = []
        found = [capture.url for capture in captures(tmp_path, damaged=told.append)]
        assert [error.offset for error in told] == [ref.offset], place
        assert found == [url for url in PAGES if url != list(PAGES)[2]]


def _unpacks_to_the_same(spoilt: bytes | bytearray, whole: bytes, ref: CaptureRef) -> bool:
    """Bits that fill the last byte of the packed data carry nothing either: only the file's own checksum tells."""
    with contextlib.suppress(OSError, EOFError, zlib.error):
        place = slice(ref.offset, ref.offset + ref.length)
        return gzip.decompress(spoilt[place]) == gzip.decompress(whole[place])
    return False


def test_a_flipped_byte_of_a_request_is_found_by_check(tmp_path: Path) -> None:
    before, ref = (one.ref for one in write(tmp_path)[:2])
    spoilt = bytearray((tmp_path / ref.warc).read_bytes())
    request = before.offset + before.length
    spoilt[request + 40] ^= 0x20
    (tmp_path / ref.warc).write_bytes(spoilt)
    assert [error.offset for error in check(tmp_path)] == [request]


def test_an_exchanged_payload_with_a_good_checksum_is_found(tmp_path: Path) -> None:
    ref = write(tmp_path)[0].ref
    file = tmp_path / ref.warc
    data = file.read_bytes()
    member = gzip.decompress(data[ref.offset : ref.offset + ref.length]).replace(b"<h1>", b"<h2>")
    forged = gzip.compress(member)
    file.write_bytes(data[: ref.offset] + forged + data[ref.offset + ref.length :])
    with pytest.raises(ArchiveError, match="digest"):
        read(tmp_path, replace(ref, length=len(forged)))


def test_a_missing_file_and_an_appended_one_are_found(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, source="b")
    (tmp_path / "tin" / "r1.warc.gz").unlink()
    damage(tmp_path / "b" / "r1.warc.gz", lambda data: data + gzip.compress(b"more"))
    assert sorted(error.file for error in check(tmp_path)) == ["b/r1.warc.gz", "tin/r1.warc.gz"]


def test_a_revisit_without_its_original_is_found(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, run="r2", at="2026-11-22T08:00:00Z")
    (tmp_path / "tin" / "r1.warc.gz").unlink()
    reindex(tmp_path)
    told = check(tmp_path)
    assert len(told) == len(PAGES)
    assert "not in the archive" in str(told[0])


def test_a_payload_that_is_lost_is_stored_again(tmp_path: Path) -> None:
    write(tmp_path)
    damage(tmp_path / "tin" / "r1.warc.gz", lambda data: data[:-200])
    write(tmp_path, run="r2", at="2026-11-22T08:00:00Z")
    found = {capture.url: capture.payload for capture in captures(tmp_path, damaged=lambda _error: None)}
    assert found == PAGES
    kinds = [entry.revisit for entry in Archive.load(tmp_path).entries if entry.filename == "tin/r2.warc.gz"]
    assert kinds == [True] * (len(PAGES) - 1) + [False]


def test_a_sound_archive_has_nothing_to_tell(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, run="r2", at="2026-11-22T08:00:00Z")
    assert check(tmp_path) == []


# interrupted runs


def killed(corpus: Path, cut: int) -> Path:
    """The corpus as a run leaves it that was killed while it wrote the last of its captures."""
    write(corpus, run="dead")
    closed = corpus / "tin" / "dead.warc.gz"
    left = closed.with_name("dead.warc.gz.open")
    left.write_bytes(closed.read_bytes()[:-cut])
    closed.unlink()
    (corpus / archive.INDEX).unlink()
    return left


@pytest.mark.parametrize("cut", [1, 200, 700])
def test_a_killed_run_keeps_its_complete_captures(tmp_path: Path, cut: int) -> None:
    left = killed(tmp_path, cut)
    assert list(captures(tmp_path)) == []
    with ArchiveWriter(tmp_path, "tin", "next") as writer:
        assert writer.recovered == ("tin/dead.warc.gz",)
        kept = [url for url in PAGES if writer.last_fetched(url)]
        assert writer.add(response(kept[0], PAGES[kept[0]], "2026-11-22T08:00:00Z")).state == "unchanged"
    assert kept == list(PAGES)[: len(kept)]
    assert len(kept) >= len(PAGES) - 2
    assert not left.exists()
    assert check(tmp_path) == []
    assert len(list(captures(tmp_path))) == len(kept) + 1


def test_a_run_killed_before_its_first_capture_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "tin"
    folder.mkdir()
    (folder / "dead.warc.gz.open").write_bytes(b"\x1f\x8b")
    write(tmp_path)
    assert sorted(file.name for file in folder.iterdir()) == ["r1.warc.gz", "r1.warc.gz.sha256"]


def test_an_error_within_the_run_keeps_what_was_added(tmp_path: Path) -> None:
    def run() -> None:
        with ArchiveWriter(tmp_path, "tin", "r1") as writer:
            writer.add(response("https://tin.example.vn/a", b"a"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert [capture.payload for capture in captures(tmp_path)] == [b"a"]


def test_a_capture_that_the_disk_refused_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_self: ArchiveWriter, _response: Response) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def run() -> None:
        with ArchiveWriter(tmp_path, "tin", "r1") as writer:
            writer.add(response("https://tin.example.vn/a", b"a"))
            monkeypatch.setattr(ArchiveWriter, "_response", refused)
            writer.add(response("https://tin.example.vn/b", b"b"))

    with pytest.raises(OSError, match="No space"):
        run()
    assert check(tmp_path) == []
    assert [capture.payload for capture in captures(tmp_path)] == [b"a"]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.baolongan.vn/Tin-A1.html", "vn,baolongan)/tin-a1.html"),
        ("http://tin.vn:8080/", "vn,tin:8080)/"),
        ("http://tin.vn/a/?b=2&A=1", "vn,tin)/a?a=1&b=2"),
        ("http://tin.vn/wps/?x=%2Fwps%2Fa+b", "vn,tin)/wps?x=/wps/a+b"),
        ("http://tin.vn/tin-tức", "vn,tin)/tin-t%e1%bb%a9c"),
    ],
)
def test_surt(url: str, key: str) -> None:
    assert archive.surt(url) == key
