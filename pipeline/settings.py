"""Where things are and who is crawling: read once from the environment, without side effects at import."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pipeline import places
from pipeline.errors import UsageError
from pipeline.logs import FORMS, Form
from pipeline.places import Address, Place

# People's decisions on facts, in the corpus.
CORRECTIONS = "corrections.csv"
Engine = Literal["local", "dask"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


@dataclass(frozen=True, slots=True)
class Settings:
    """`corpus_at` and `output_at` are folders, or addresses where a verb can use one; `contact` is the address that a
    site's owner finds in our User-Agent, None where nobody has set one. `log_format` is the form of what is told on
    standard error, `progress` whether a terminal shows bars. Extraction has so many `workers` (as many as there are
    processors where it is 0); of them a page may take so many seconds, and need so many megabytes. With the `engine`
    `dask` it is those of the cluster at `scheduler` instead."""

    corpus_at: Place = Path("corpus")
    output_at: Place = Path("output")
    contact: str | None = None
    log_format: Form = "text"
    progress: bool = True
    workers: int = 0
    page_seconds: float = 60.0
    worker_megabytes: int = 1024
    engine: Engine = "local"
    scheduler: str | None = None

    @property
    def corpus(self) -> Path:
        """The corpus where it must be a folder of this machine. Raises UsageError."""
        return _folder(self.corpus_at, "corpus")

    @property
    def output(self) -> Path:
        """The output where it must be a folder of this machine. Raises UsageError."""
        return _folder(self.output_at, "output")


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings that `CCHC_CORPUS`, `CCHC_OUTPUT`, `CCHC_CONTACT`, `CCHC_LOG_FORMAT`, `CCHC_NO_PROGRESS` (with
    anything in it), `CCHC_WORKERS`, `CCHC_PAGE_SECONDS`, `CCHC_WORKER_MEGABYTES`, `CCHC_ENGINE` and `CCHC_SCHEDULER`
    give; what is unset or empty keeps its default. Raises UsageError."""
    defaults = Settings()
    found = os.environ if environment is None else environment
    form = found.get("CCHC_LOG_FORMAT") or defaults.log_format
    if form not in FORMS:
        raise UsageError(f"CCHC_LOG_FORMAT is {form!r}: set it to {' or '.join(FORMS)}")
    engine = found.get("CCHC_ENGINE") or defaults.engine
    if engine not in ENGINES:
        raise UsageError(f"CCHC_ENGINE is {engine!r}: set it to {' or '.join(ENGINES)}")
    return Settings(
        corpus_at=places.of(found.get("CCHC_CORPUS") or defaults.corpus_at),
        output_at=places.of(found.get("CCHC_OUTPUT") or defaults.output_at),
        contact=found.get("CCHC_CONTACT") or None,
        log_format=form,
        progress=not found.get("CCHC_NO_PROGRESS"),
        workers=_count(found, "CCHC_WORKERS", defaults.workers),
        page_seconds=_count(found, "CCHC_PAGE_SECONDS", int(defaults.page_seconds)),
        worker_megabytes=_count(found, "CCHC_WORKER_MEGABYTES", defaults.worker_megabytes),
        engine=engine,
        scheduler=found.get("CCHC_SCHEDULER") or None,
    )


def _count(found: Mapping[str, str], name: str, default: int) -> int:
    given = found.get(name) or str(default)
    if not given.isdecimal() or (default and not int(given)):
        raise UsageError(f"{name} is {given!r}: set it to a whole number such as {default or 2}")
    return int(given)


def _folder(place: Place, name: str) -> Path:
    if isinstance(place, Address):
        raise UsageError(
            f"{place}: this verb works on a folder of this machine: copy it here, or name another with --{name}."
        )
    return place
