"""Where the corpus and the output lie: a folder of this machine, or an address that fsspec knows
(`s3://bucket/corpus`, `gs://…`, `memory://…`).

A folder is a plain path and costs nothing more; fsspec is imported only where there is an address. What a store needs to
know (keys, region, endpoint) it takes from its own environment: `AWS_ENDPOINT_URL`, `GOOGLE_APPLICATION_CREDENTIALS`, ….
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from pipeline.errors import CchcError, UsageError

_LOCAL = ("file://", "local://")
# Records of some 20 kB that follow each other come a hundred with one request: its way there and back costs more than
# the bytes that a reader may not want.
_AHEAD = 2 * 1024 * 1024


class PlaceError(CchcError):
    """A store that does not answer as it should; the message names the address, the cause and the remedy."""


@dataclass(frozen=True, slots=True)
class File:
    """A file's bytes, and a mark that changes when the file is replaced."""

    size: int
    mark: str


@dataclass(frozen=True, slots=True)
class Address:
    """A file or folder at an fsspec address, used as a path is. FileNotFoundError says that it is not there, PlaceError
    everything else that fails."""

    url: str

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str) -> Address:
        return Address(f"{self.url}/{name}")

    def read_bytes(self) -> bytes:
        with _told(self.url):
            fs, path = filesystem(self.url)
            found: bytes = fs.cat_file(path)
            return found

    def read_text(self, encoding: str = "utf-8") -> str:
        return self.read_bytes().decode(encoding)

    def open(self) -> IO[bytes]:
        """For reading from begin to end, some megabytes at a time."""
        with _told(self.url):
            fs, path = filesystem(self.url)
            opened: IO[bytes] = fs.open(path, "rb", cache_type="readahead")
            return opened

    def read_range(self, offset: int, length: int) -> bytes:
        """These bytes, fewer where the file ends. One request; but one that goes on where the last one of this thread
        ended brings what follows along, and then the next ones ask nobody."""
        window = _window
        end = window.start + len(window.data)
        follows = window.url == self.url and window.start <= offset <= end + _AHEAD
        if follows and offset + length <= end:
            return window.data[offset - window.start :][:length]
        with _told(self.url):
            fs, path = filesystem(self.url)
            wanted = max(length, _AHEAD) if follows else length
            window.url, window.start = self.url, offset
            window.data = fs.cat_file(path, start=offset, end=offset + wanted)
        return window.data[:length]

    def write(self, content: bytes) -> None:
        """The content in place of what is there, in one step where the store's objects are replaced so, as S3's are."""
        with _told(self.url, writing=True):
            fs, path = filesystem(self.url)
            fs.pipe_file(path, content)

    def create(self, content: bytes) -> None:
        """Raises FileExistsError where something is there; of several who try at once one succeeds."""
        with _told(self.url, writing=True):
            fs, path = filesystem(self.url)
            fs.pipe_file(path, content, mode="create")

    def remove(self) -> None:
        """The file, or the folder with all that is in it; no matter if it is gone."""
        with suppress(FileNotFoundError), _told(self.url):
            fs, path = filesystem(self.url)
            fs.rm(path, recursive=True)

    def fetch(self, wanted: Mapping[str, Path]) -> None:
        """The files of these names, several at a time, to these paths in folders that are there."""
        with _told(self.url):
            fs, path = filesystem(self.url)
            try:
                fs.get([f"{path}/{name}" for name in wanted], list(map(str, wanted.values())))
            except FileNotFoundError as error:
                raise PlaceError(f"{self.url}: {error} went away while it was read: try again.") from error

    def store(self, given: Mapping[str, Path]) -> None:
        """The files under these names, several at a time, in place of those that are there."""
        with _told(self.url, writing=True):
            fs, path = filesystem(self.url)
            fs.put(list(map(str, given.values())), [f"{path}/{name}" for name in given])

    def files(self) -> Mapping[str, File]:
        """All files below it, by their names from here on; none where it is not there."""
        with suppress(FileNotFoundError), _told(self.url):
            fs, path = filesystem(self.url)
            fs.invalidate_cache()  # others write there too
            root = path.rstrip("/") + "/"
            found = fs.find(path, detail=True).values()
            return {one["name"].removeprefix(root): File(int(one["size"] or 0), _mark(one)) for one in found}
        return {}


Place = Path | Address


def of(text: str | Place) -> Place:
    """The place that is meant; `file://` is a folder like any other."""
    if not isinstance(text, str):
        return text
    if "://" not in text:
        return Path(text)
    for protocol in _LOCAL:
        if text.startswith(protocol):
            return Path(text.removeprefix(protocol))
    return Address(text.rstrip("/"))


def read_range(place: Place, name: str, offset: int, length: int) -> bytes:
    """The bytes of a file in the place, fewer where it ends. Raises OSError and PlaceError."""
    if isinstance(place, Address):
        return (place / name).read_range(offset, length)
    # Without a buffer, which would be filled for nothing.
    with (place / name).open("rb", buffering=0) as file:
        file.seek(offset)
        return file.read(length)


def opened(place: Place, name: str) -> IO[bytes]:
    """The file for reading. Raises OSError and PlaceError."""
    if isinstance(place, Address):
        return (place / name).open()
    return (place / name).open("rb")


def whole(place: Place, name: str) -> IO[bytes]:
    """The file for reading all of it at once, which one request does where there is an address."""
    if isinstance(place, Address):
        return BytesIO((place / name).read_bytes())
    return (place / name).open("rb")


def files(place: Place, names: Iterable[str]) -> Mapping[str, File]:
    """Those of the files that are there. Raises OSError and PlaceError."""
    if isinstance(place, Address):
        wanted = set(names)
        return {name: file for name, file in place.files().items() if name in wanted}
    return {name: _file((place / name).stat()) for name in set(names) if (place / name).exists()}


def matching(place: Place, folder: str, ending: str) -> list[str]:
    """The files that end so and lie right in the folder, or in any where that is `*`, in order."""
    if isinstance(place, Path):
        return sorted(file.relative_to(place).as_posix() for file in place.glob(f"{folder}/*{ending}"))
    names = (name for name in place.files() if name.count("/") == 1 and name.endswith(ending))
    return sorted(name for name in names if folder == "*" or name.startswith(f"{folder}/"))


def filesystem(url: str) -> tuple[Any, str]:
    """The address's file system as this process has it, and the path in it. Not to be kept: a process that was forked
    needs its own. Raises UsageError for an address that cannot be had here."""
    import fsspec

    try:
        found: tuple[Any, str] = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise UsageError(f"{url}: {error}. What s3:// needs comes with `pip install '.[cluster]'` in cchc's folder.") from error
    except ValueError as error:
        known = "s3://, gs://, file:// and others that fsspec lists"
        raise UsageError(f"{url} is no address that can be read ({error}): {known} are.") from error
    return found


@contextmanager
def _told(url: str, *, writing: bool = False) -> Iterator[None]:
    """Whatever a store's library raises, as what is said of the address."""
    try:
        yield
    except (FileExistsError, CchcError):
        raise
    except FileNotFoundError as error:
        if not writing:
            raise
        raise PlaceError(f"{url} cannot be written ({error}): make the bucket first, or name another.") from error
    # Each store has a library of its own, and that one's errors have no common ancestor but this.
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        remedy = "see that the store can be reached and that its keys and endpoint are set"
        raise PlaceError(f"{url} cannot be used ({cause}): {remedy}.") from error


def _mark(found: Mapping[str, Any]) -> str:
    told = next(
        (found[name] for name in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "created") if name in found), ""
    )
    return f"{found['size']} {told}"


def _file(status: os.stat_result) -> File:
    return File(status.st_size, f"{status.st_size} {status.st_mtime_ns}")


class _Window(threading.local):
    """What a thread read last."""

    url = ""
    start = 0
    data = b""


_window = _Window()
