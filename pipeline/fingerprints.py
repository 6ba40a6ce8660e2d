"""What a kept result rests on besides its page, as fingerprints: they change where it might come out otherwise.

Every module counts for all that imports it, directly or not, and every data file for what names it. Three modules only
pass an article on to the parts of the extractors: they count by their own text, and not for what they pass on to.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scrapers.source import Source

_ROOT = Path(__file__).parent.parent
_PACKAGES = ("extractors", "pipeline", "scrapers")
# The modules that each part alone begins with; what else they import is found in them.
_BEGINNINGS: Mapping[str, tuple[str, ...]] = {
    "index": (
        "extractors.readings",
        "extractors.facts.rankings",
        "extractors.facts.scores",
        "extractors.facts.ratings",
    ),
    "payroll": ("extractors.facts.staff_reductions",),
    "award": ("extractors.facts.awards",),
}
_TABLES = "extractors.grid"
# What all parts begin with: it passes an article on to each of them, and tells where it need not.
_PASSING_ON = ("extractors.extract", "extractors.facts", "extractors.gate", "extractors.plausible")
# What a capture is read with, and what rows are made with.
_READING = ("pipeline.archive", "scrapers.page", "scrapers.source")
_ROWS = ("pipeline.results", "pipeline.syndication", "pipeline.tables")
# Modules whose own text says how reading and rows are put together, whatever else they are for.
_BOTH = ("pipeline.reading", "pipeline.work", "pipeline.collection", "pipeline.assertions", "pipeline.logs")
# "from pipeline import logs, runs", "    from extractors.facts import (", "import pandas as pd"
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]+)|import[ \t]+([^\n]+))", re.MULTILINE
)
_NAME = re.compile(r"[\w.]+(?=\s*(?:,|$|\)|\bas\b|#))", re.MULTILINE)
# What a declaration says of crawling and of yields changes no page's reading.
_NOT_READ = {"assertions", "delay", "discovery", "every", "guesses", "intermediates", "revisit", "title"}
# "numpy>=1.26", "typing-extensions (>=4) ; python_version < '3.13'"
_REQUIRED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Code:
    """Fingerprints of the code: of reading a capture, of making rows (`row`), of each part of the extractors, and of all
    of them for an article whose parts depend on each other (`whole`); `layouts` is of all layouts. Where `everything` is
    the same nothing that any command does can come out otherwise."""

    reading: str
    row: str
    parts: Mapping[str, str]
    whole: str
    layouts: str
    everything: str

    def __str__(self) -> str:
        """One fingerprint for all results, the same wherever the same code would make the same."""
        return hashed([self.reading, self.row, *self.parts.values(), self.whole, self.layouts])


def code(root: Path = _ROOT) -> Code:
    """The fingerprints of what is installed and would run now, or of another copy of our packages."""
    texts = {name: path.read_bytes() for name, path in _modules(root).items()}
    names = modules(root)
    around = _environment()
    readers = {name: text for name, text in texts.items() if name.startswith("extractors.")}
    users = {path: _users(path, readers) for path in _data(root, "extractors")}

    def of(piece: str, data: Iterable[Path]) -> str:
        files = {path.relative_to(root).as_posix(): path.read_bytes() for path in data}
        listed = sorted({**{name: texts[name] for name in names[piece]}, **files}.items())
        return hashed([around, *(part for pair in listed for part in pair)])

    def named_by(piece: str) -> list[Path]:
        return [path for path in users if _counts(users[path], names[piece])]

    return Code(
        reading=of("reading", _data(root, "scrapers", {"layouts.yml", "sources"})),
        row=of("row", [*_data(root, "pipeline", {"sample"}), *named_by("row")]),
        parts={part: of(part, named_by(part)) for part in _BEGINNINGS},
        whole=of("whole", users),
        layouts=hashed([(root / "scrapers" / "layouts.yml").read_bytes()]),
        everything=_everything(root),
    )


def modules(root: Path = _ROOT) -> dict[str, frozenset[str]]:
    """The names of our modules that each piece of a result rests on."""
    found = _modules(root)
    edges = {name: _imported(name, path.read_text(encoding="utf-8"), found) for name, path in found.items()}
    beginnings = {part: (*_PASSING_ON, *beginning) for part, beginning in _BEGINNINGS.items()}
    pieces = {
        piece: _closure(beginning, edges)
        for piece, beginning in {"reading": _READING, "row": _ROWS, **beginnings}.items()
    }
    whole = {name for name in found if name.split(".")[0] == "extractors"} | {"pipeline.records"}
    return {piece: names | {*_BOTH} for piece, names in {**pieces, "whole": frozenset(whole)}.items()}


def declaration(source: Source) -> str:
    """A fingerprint of what reading a page of the source rests on: its declaration and its own layouts."""
    from scrapers.layouts import layout

    told = {item.name: getattr(source, item.name) for item in dataclasses.fields(source) if item.name not in _NOT_READ}
    own = [layout(dated.layout) for dated in source.layouts]
    return hashed([json.dumps([told, own], default=_plain, sort_keys=True)])


def _modules(root: Path) -> dict[str, Path]:
    found = {}
    for package in _PACKAGES:
        for path in (root / package).rglob("*.py"):
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def _everything(root: Path) -> str:
    """A fingerprint of all that lies in our packages, of Python and of the packages that ours need."""
    files = sorted({*_modules(root).values(), *(path for package in _PACKAGES for path in _data(root, package, {"sample"}))})
    told = (part for path in files for part in (path.relative_to(root).as_posix(), path.read_bytes()))
    return hashed([_environment(), *told])


def _imported(name: str, text: str, modules: Mapping[str, Path]) -> frozenset[str]:
    """The modules of ours that a module's text imports; a package only where something else than a module is taken of
    it. What those that pass on import of the parts is left out."""
    found: set[str] = set()
    for package, names, plain in _IMPORT.findall(text):
        if plain:
            found |= {one for one in _NAME.findall(plain) if one in modules}
        elif package in modules:
            taken = {f"{package}.{one}" for one in _NAME.findall(names)}
            found |= taken & modules.keys() or {package}
            if not taken <= modules.keys():
                found.add(package)
    if name in _PASSING_ON:
        found -= {_TABLES, *(one for beginning in _BEGINNINGS.values() for one in beginning)}
    return frozenset(found)


def _closure(beginning: Iterable[str], edges: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    ahead = list(beginning)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += edges[name]
    return frozenset(found)


def _data(root: Path, package: str, without: Iterable[str] = ()) -> list[Path]:
    """The package's files that are no code, but for those in these folders or of these names."""
    left_out = {*without, "__pycache__"}
    files = (path for path in (root / package).rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"})
    return sorted(path for path in files if not left_out & set(path.relative_to(root).parts))


def _users(path: Path, texts: Mapping[str, bytes]) -> frozenset[str]:
    """The modules that name a data file: `"decrees.yml"`, or `load_rules("staff")` where it holds rules."""
    return frozenset(name for name, text in texts.items() if _names(text, path))


def _names(text: bytes, path: Path) -> bool:
    """Whether the text names the file; its places are found one by one, as a search for all forms at once takes long."""
    name, stem, folder = path.name.encode(), path.stem.encode(), f"{path.parent.name}/".encode()
    at = text.find(stem)
    while at >= 0:
        before = text[:at]
        if text.startswith(name, at) and (before.endswith(folder) or not before.endswith(b"/")):
            return True
        quoted = before.endswith((b"'", b'"')) and text[at + len(stem) :].startswith((b"'", b'"'))
        if path.parent.name == "rules" and quoted and before[:-1].rstrip().endswith(b"_rules("):
            return True
        at = text.find(stem, at + 1)
    return False


def _counts(users: frozenset[str], names: frozenset[str]) -> bool:
    """Whether a data file of these users counts for what rests on these modules: not where only others read it, but
    where nobody names it."""
    readers = users - set(_PASSING_ON)
    return not readers or bool(readers & names)


@cache
def _environment() -> str:
    """Python and the versions of all packages that ours needs, directly or not."""
    needed: dict[str, str] = {}
    ahead = ["cchc"]
    while ahead:
        name = re.sub(r"[-_.]+", "-", ahead.pop()).lower()
        if name in needed:
            continue
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # of another system, or of an extra that is not installed
        told = found.metadata  # a long text, parsed anew each time it is asked for
        needed[name] = told["Version"]
        for line in told.get_all("Requires-Dist") or found.requires or ():
            if "extra ==" not in line and (required := _REQUIRED.match(line)):
                ahead.append(required.group())
    return json.dumps([platform.python_implementation(), platform.python_version(), sorted(needed.items())])


def _plain(value: Any) -> Any:
    if isinstance(value, re.Pattern):
        return [value.pattern, value.flags]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    return str(value)  # days


def hashed(parts: Iterable[str | bytes]) -> str:
    """A fingerprint of the parts in their order."""
    found = hashlib.blake2b(digest_size=16)
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        # Its length goes first, so that no two lists run together to the same bytes.
        found.update(len(content).to_bytes(8, "big") + content)
    return found.hexdigest()
