"""`cchc archive`: looking in, importing from elsewhere, exporting, and what other programs say of the files."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import fsspec
import pytest
from click.testing import CliRunner, Result
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline import archive
from pipeline.archive import Archive, ArchiveWriter, captures
from pipeline.cli import main
from scrapers.page import parse
from scrapers.source import load_sources
from tests.test_archive import response

HOST = "https://baolongan.vn"
URLS = [f"{HOST}/bai-viet-so-{n}-a{n}.html" for n in range(5)]


def page(number: int, words: str = "Chỉ số cải cách hành chính của tỉnh tăng.") -> bytes:
    return f"<html><head><title>Bài {number}</title></head><body><p>{words}</p></body></html>".encode()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two runs: five pages, and a day later the first of them changed and the second unchanged."""
    folder = tmp_path / "corpus"
    with ArchiveWriter(folder, "baolongan", "r1") as writer:
        for number, url in enumerate(URLS):
            writer.add(response(url, page(number), "2026-11-20T08:00:00Z"))
    with ArchiveWriter(folder, "baolongan", "r2") as writer:
        writer.add(response(URLS[0], page(0, "Đính chính."), "2026-11-21T08:00:00Z"))
        writer.add(response(URLS[1], page(1), "2026-11-21T08:00:00Z"))
    return folder


def cchc(corpus: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["archive", *arguments, "--corpus", str(corpus)], catch_exceptions=False)


# looking in


def test_list_shows_the_captures_of_a_url_or_of_all_that_begin_so(corpus: Path) -> None:
    lines = cchc(corpus, "list", URLS[1]).output.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["2026-11-20T08:00:00Z", "200", "text/html"],
        ["2026-11-21T08:00:00Z", "200", "revisit"],
    ]
    assert len(cchc(corpus, "list", f"{HOST}/*").output.splitlines()) == 7
    assert len(cchc(corpus, "list", "http://www.baolongan.vn/bai-viet-so-2-a2.html").output.splitlines()) == 1
    missing = cchc(corpus, "list", f"{HOST}/khong-co.html")
    assert (missing.exit_code, missing.output.startswith("cchc: the archive has no capture")) == (1, True)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ((), "Đính chính"),
        (("--at", "2026-11-20"), "tăng"),
        (("--at", "2026-11-21T07:59"), "tăng"),
        (("--at", "2026-11-21"), "Đính chính"),
        (("--at", "2019"), "tăng"),
    ],
)
def test_show_gives_the_bytes_that_were_valid_then(corpus: Path, at: tuple[str, ...], expected: str) -> None:
    shown = cchc(corpus, "show", URLS[0], *at)
    assert shown.exit_code == 0
    assert expected in shown.stdout


def test_show_gives_a_revisit_s_original(corpus: Path) -> None:
    assert cchc(corpus, "show", URLS[1]).stdout_bytes == page(1)


# is it sound


def test_check_says_that_all_is_good(corpus: Path) -> None:
    done = cchc(corpus, "check")
    assert (done.exit_code, done.output) == (0, "7 captures in 2 files: good\n")


@pytest.mark.parametrize("cut", [1, 200])
def test_check_refuses_a_file_that_is_cut_and_the_rest_can_be_shown(corpus: Path, cut: int) -> None:
    file = corpus / "baolongan" / "r1.warc.gz"
    file.write_bytes(file.read_bytes()[:-cut])
    done = cchc(corpus, "check")
    assert done.exit_code == 1
    assert "cut short" in done.output
    assert cchc(corpus, "show", URLS[2]).stdout_bytes == page(2)


def test_check_refuses_a_flipped_byte_anywhere(corpus: Path) -> None:
    """Header bytes that no checksum covers and the padding at a member's end included."""
    file = corpus / "baolongan" / "r2.warc.gz"
    whole = file.read_bytes()
    for place in range(0, len(whole), 7):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
        assert archive.check(corpus), place
    file.write_bytes(whole)
    assert archive.check(corpus) == []


def test_sha256sum_can_check_the_files_too(corpus: Path) -> None:
    if (program := shutil.which("sha256sum")) is None:
        pytest.skip("no sha256sum")
    command = [program, "-c", "--strict", "r1.warc.gz.sha256", "r2.warc.gz.sha256"]
    subprocess.run(command, cwd=corpus / "baolongan", check=True, capture_output=True)


def test_check_refuses_a_header_that_was_rewritten_with_good_checksums(corpus: Path) -> None:
    """The payload's digest and the gzip member are right; the digest of the block is not."""
    file = corpus / "baolongan" / "r2.warc.gz"
    entry = next(e for e in Archive.load(corpus).entries if e.filename.endswith("r2.warc.gz") and not e.revisit)
    whole = file.read_bytes()
    member = gzip.decompress(whole[entry.offset : entry.offset + entry.length])
    forged = gzip.compress(member.replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 203 OK"), mtime=0)
    file.write_bytes(whole[: entry.offset] + forged + whole[entry.offset + entry.length :])
    archive.reindex(corpus)
    done = cchc(corpus, "check")
    assert done.exit_code == 1
    assert "block" in done.output


def test_check_tells_an_index_that_lacks_captures(corpus: Path) -> None:
    index = corpus / archive.INDEX
    lines = index.read_bytes().splitlines(keepends=True)
    index.write_bytes(b"".join(lines[:1] + lines[2:]))
    done = cchc(corpus, "check")
    assert (done.exit_code, "Run `cchc archive reindex`" in done.output) == (1, True)
    assert cchc(corpus, "reindex").output == "7 captures\n"
    assert cchc(corpus, "check").exit_code == 0


def test_reindex_waits_for_nobody(corpus: Path) -> None:
    from pipeline import runs

    with runs.locked(corpus):
        assert cchc(corpus, "reindex").exit_code == 3


# importing


def foreign(file: Path, *, compressed: bool = True) -> Path:
    """A WARC file as a large crawler writes it: many hosts, request and metadata records, odd responses."""
    with file.open("wb") as stream:
        writer = WARCWriter(stream, gzip=compressed, warc_version="1.0")

        def add(url: str, body: bytes, status: str = "200 OK", kind: str = "response", **more: str) -> None:
            told = [("Content-Type", "text/html; charset=utf-8")]
            told += [("Transfer-Encoding", "chunked")] if "chunked" in more else []
            told += [("Content-Encoding", "gzip")] if "encoded" in more else []
            heads = StatusAndHeaders(status, told, protocol="HTTP/1.1")
            extra = {"WARC-Date": "2020-11-19T03:04:05Z"}
            extra |= {"WARC-Truncated": "length"} if "truncated" in more else {}
            record = writer.create_warc_record(
                url, kind, payload=BytesIO(body), length=len(body), http_headers=heads, warc_headers_dict=extra
            )
            writer.write_record(record)

        writer.write_record(writer.create_warcinfo_record(file.name, {"software": "another"}))
        for number in range(50):
            add(f"https://khac{number}.example.vn/a.html", b"x" * 500)
        add(URLS[0], page(0))
        add(URLS[1], b"5\r\n<html\r\n4\r\n>xin\r\n0\r\n\r\n", chunked="yes")
        add(URLS[2], gzip.compress(page(2), mtime=0), encoded="yes")
        add(URLS[3], page(3), status="404 Not Found")
        add(URLS[4], page(4), truncated="yes")
        add(f"{HOST}/thoi-su/", page(0))
        add(f"{HOST}/chan-a9.html", b'<div class="floodblocker">60</div>')
        add("https://baobaclieu.vn/chinh-tri/tin-12345.html", page(9))
    return file


def imported(corpus: Path) -> dict[str, bytes]:
    return {capture.url: capture.payload for capture in captures(corpus)}


@pytest.mark.parametrize("name", ["nguoi-khac.warc.gz", "nguoi-khac.warc"])
def test_a_warc_file_is_filtered_and_its_bytes_kept(tmp_path: Path, name: str) -> None:
    file = foreign(tmp_path / name, compressed=name.endswith("gz"))
    corpus = tmp_path / "corpus"
    done = cchc(corpus, "import", str(file))
    assert done.exit_code == 0, done.output
    assert imported(corpus) == {
        URLS[0]: page(0),
        URLS[1]: b"<html>xin",
        URLS[2]: page(2),
        "https://baobaclieu.vn/chinh-tri/tin-12345.html": page(9),
    }
    entry = next(entry for entry in Archive.load(corpus).entries if entry.url == URLS[2])
    assert (entry.fetched_at, entry.digest) == (
        "2020-11-19T03:04:05Z",
        archive.payload_digest(gzip.compress(page(2), mtime=0)),
    )
    for said in ("51", "baolongan: 3 captures", "4 captures imported, 0 were there", "1 (block page (flood))"):
        assert said in done.output
    assert cchc(corpus, "check").exit_code == 0
    again = cchc(corpus, "import", str(file))
    assert "0 captures imported, 4 were there" in again.output
    assert len(Archive.load(corpus).entries) == 4


def test_an_import_keeps_to_the_hosts_and_sources_named(tmp_path: Path) -> None:
    file = str(foreign(tmp_path / "a.warc.gz"))
    cchc(tmp_path / "one", "import", file, "--host", "baclieu.vn")
    assert len(imported(tmp_path / "one")) == 0, "a suffix ends at a dot"
    cchc(tmp_path / "two", "import", file, "--host", "baobaclieu.vn")
    assert list(imported(tmp_path / "two")) == ["https://baobaclieu.vn/chinh-tri/tin-12345.html"]
    cchc(tmp_path / "three", "import", file, "--source", "baolongan")
    assert set(imported(tmp_path / "three")) == set(URLS[:3])


def test_an_import_reads_any_fsspec_address(tmp_path: Path) -> None:
    content = foreign(tmp_path / "a.warc.gz").read_bytes()
    with fsspec.open("memory://crawl/segment.warc.gz", "wb") as stream:
        stream.write(content)
    done = cchc(tmp_path / "corpus", "import", "memory://crawl/segment.warc.gz")
    assert (done.exit_code, len(imported(tmp_path / "corpus"))) == (0, 4)


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_file_is_told_and_what_comes_before_is_taken(tmp_path: Path, damage: str) -> None:
    file = foreign(tmp_path / "a.warc.gz")
    whole = file.read_bytes()
    last = whole.rindex(b"\x1f\x8b\x08")
    broken = whole[:-20] if damage == "cut" else whole[: last + 60] + b"\xff\xff" + whole[last + 62 :]
    file.write_bytes(broken)
    done = cchc(tmp_path / "corpus", "import", str(file))
    assert done.exit_code == 1
    assert "import.damaged" in done.output
    assert set(imported(tmp_path / "corpus")) == set(URLS[:3])


def test_what_cannot_be_imported_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF")
    (tmp_path / "x.wacz").write_bytes(b"no zip")
    assert cchc(tmp_path / "c", "import", str(tmp_path / "x.pdf")).exit_code == 2
    assert "no WACZ" in cchc(tmp_path / "c", "import", str(tmp_path / "x.wacz")).output
    assert "cannot be opened" in cchc(tmp_path / "c", "import", str(tmp_path / "none.warc.gz")).output


def test_saved_pages_come_in_by_their_sidecars(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "mot.html").write_bytes(page(1))
    (folder / "mot.html.yml").write_text(f"url: {URLS[1]}\nfetched_at: 2020-03-04T05:06:07Z\n")
    text = (
        "Tỉnh tăng ba bậc <về> chỉ số\n\nNăm 2019, tỉnh xếp thứ 12 trong 63 tỉnh, thành phố cả nước.\nHết </script>.\n"
    )
    (folder / "hai.txt").write_text(text, encoding="utf-8")
    (folder / "hai.txt.yml").write_text(f"url: {URLS[2]}\nfetched_at: 2020-03-04\npublished_on: '2020-03-01'\n")
    (folder / "ba.html").write_bytes(page(3))
    (folder / "bon.html").write_bytes(page(4))
    (folder / "bon.html.yml").write_text("url: x\nwhen: now\n")
    done = cchc(tmp_path / "corpus", "import", str(folder))
    assert done.exit_code == 1
    for said in ("ba.html.yml is missing", "import.bad_sidecar", "2 captures imported"):
        assert said in done.output
    by_url = {capture.url: capture for capture in captures(tmp_path / "corpus")}
    assert by_url[URLS[1]].payload == page(1)
    assert by_url[URLS[1]].fetched_at == "2020-03-04T05:06:07Z"
    article, _ = parse(by_url[URLS[2]], load_sources()["baolongan"])
    assert (article.title, article.published_on) == ("Tỉnh tăng ba bậc <về> chỉ số", "2020-03-01")
    assert [block.text for block in article.blocks[1:]] == [
        "Năm 2019, tỉnh xếp thứ 12 trong 63 tỉnh, thành phố cả nước.",
        "Hết </script>.",
    ]


# exporting


def test_a_wacz_holds_all_and_comes_back_the_same(corpus: Path, tmp_path: Path) -> None:
    done = cchc(corpus, "export", "--wacz", str(tmp_path / "out.wacz"))
    assert done.exit_code == 0
    with zipfile.ZipFile(tmp_path / "out.wacz") as package:
        assert package.testzip() is None
        assert {info.compress_type for info in package.infolist()} == {zipfile.ZIP_STORED}
        assert package.read("archive/baolongan-r1.warc.gz") == (corpus / "baolongan/r1.warc.gz").read_bytes()
        index = gzip.decompress(package.read("indexes/index.cdx.gz")).decode().splitlines()
        pages = [json.loads(line) for line in package.read("pages/pages.jsonl").decode().splitlines()]
    assert index == sorted(index)
    assert len(index) == 7
    assert {entry["url"] for entry in pages[1:]} == set(URLS)
    back = cchc(tmp_path / "back", "import", str(tmp_path / "out.wacz"))
    assert (back.exit_code, "1 (revisit record)" in back.output) == (0, True)
    assert imported(tmp_path / "back") == imported(corpus)


def test_a_wacz_that_was_altered_is_told(corpus: Path, tmp_path: Path) -> None:
    cchc(corpus, "export", "--wacz", str(tmp_path / "a.wacz"))
    with zipfile.ZipFile(tmp_path / "a.wacz") as package, zipfile.ZipFile(tmp_path / "b.wacz", "w") as altered:
        for name in package.namelist():
            content = package.read(name)
            altered.writestr(name, content + b"\n" if name == "pages/pages.jsonl" else content)
    done = cchc(tmp_path / "back", "import", str(tmp_path / "b.wacz"))
    assert (done.exit_code, "import.altered" in done.output) == (1, True)


def test_nothing_is_not_exported(tmp_path: Path) -> None:
    assert cchc(tmp_path / "none", "export", "--wacz", str(tmp_path / "a.wacz")).exit_code == 1
    assert not list(tmp_path.glob("*.wacz*"))


# what others say


def test_warcio_finds_nothing_wrong(corpus: Path) -> None:
    for file in corpus.glob("*/*.warc.gz"):
        command = [sys.executable, "-m", "warcio.cli", "check", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_py_wacz_validates_the_export(corpus: Path, tmp_path: Path) -> None:
    cchc(corpus, "export", "--wacz", str(tmp_path / "out.wacz"))
    command = [sys.executable, "-m", "wacz.main", "validate", "-f", str(tmp_path / "out.wacz")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Validation succeeded" in done.stdout, done.stdout + done.stderr  # it exits 0 in either case


def python_with_pywb() -> str:
    """An interpreter that has pywb and webtest. It is none of ours: pywb brings a `brotli` of its own, which would take
    the place of the one that we decode with, and pins of Redis and Werkzeug."""
    python = os.environ.get("CCHC_PYWB_PYTHON") or sys.executable
    there = subprocess.run([python, "-c", "import pywb, webtest"], capture_output=True, check=False)
    if there.returncode:
        pytest.skip("no pywb: set CCHC_PYWB_PYTHON to the interpreter of an environment with pywb and webtest")
    return python


def test_pywb_replays_the_archive(corpus: Path, tmp_path: Path) -> None:
    """Through its own index server on our index and files, revisits of both kinds included."""
    python = python_with_pywb()
    with ArchiveWriter(corpus, "baolongan", "r3") as writer:
        writer.add_not_modified(response(URLS[2], b"", "2026-11-22T08:00:00Z", status=304, headers=()))
    collection = tmp_path / "collections" / "all"
    (collection / "indexes").mkdir(parents=True)
    (collection / "archive").mkdir()
    (tmp_path / "config.yaml").write_text("debug: true\n")
    shutil.copy(corpus / archive.INDEX, collection / "indexes" / "index.cdxj")
    shutil.copytree(corpus / "baolongan", collection / "archive" / "baolongan")
    replay = """
import os, sys
os.chdir(sys.argv[1])
from webtest import TestApp
from pywb.apps.frontendapp import FrontEndApp
app = TestApp(FrontEndApp())
out = open("replayed", "wb")
for stamp, url in (a.split(" ") for a in sys.argv[2:]):
    found = app.get(f"/all/{stamp}id_/{url}")
    assert found.status_int == 200, found.status
    out.write(found.headers["Memento-Datetime"].encode() + b" " + found.body + b"\\0")
"""
    pages = {
        f"20261120080000 {URLS[0]}": b"Fri, 20 Nov 2026 08:00:00 GMT " + page(0),
        f"20261121080000 {URLS[0]}": b"Sat, 21 Nov 2026 08:00:00 GMT " + page(0, "Đính chính."),
        f"20261121080000 {URLS[1]}": b"Sat, 21 Nov 2026 08:00:00 GMT " + page(1),
        f"20261122080000 {URLS[2]}": b"Sun, 22 Nov 2026 08:00:00 GMT " + page(2),
    }
    done = subprocess.run([python, "-c", replay, str(tmp_path), *pages], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert (tmp_path / "replayed").read_bytes().split(b"\0")[:-1] == list(pages.values())
