"""What the rules' patterns need, as an earlier run derived it: half of what loading the rules takes.

It follows from the patterns, the code that derives it and the Python that takes patterns apart. So it is taken only where
all code is what it was, and derived anew where that, or its checksum, is not certain.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from extractors import needed
from pipeline.kept import Kept


@contextmanager
def remembered(store: Kept, *, full: bool) -> Iterator[None]:
    """Meanwhile rules are loaded by what the store's output knows of their patterns, but where `full`; what else is derived
    is noted there. Raises DamagedError, KeptError."""
    told = {} if full else _told(store.derived(), store.code.everything)
    needed.recall(told)
    yield
    derived = needed.derived()
    # A cluster's workers load the rules themselves: then there is nothing to note here.
    if not derived.keys() <= told.keys():
        store.note_derived(_packed(derived, store.code.everything))


def _packed(derived: dict[str, list[list[str]]], code: str) -> str:
    content = json.dumps(derived)
    return f"{code} {zlib.crc32(content.encode())} {content}"


def _told(noted: str | None, code: str) -> dict[str, list[list[str]]]:
    """What was noted; nothing where that is of other code, or damaged."""
    of, _, rest = (noted or "").partition(" ")
    checksum, _, content = rest.partition(" ")
    if of != code or checksum != str(zlib.crc32(content.encode())):
        return {}
    found: dict[str, list[list[str]]] = json.loads(content)
    return found
