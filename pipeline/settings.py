"""Where things are and who is crawling: read once from the environment, without side effects at import."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """`corpus` and `output` are folders; `contact` is the address that a site's owner finds in our
    User-Agent, None where nobody has set one."""

    corpus: Path = Path("corpus")
    output: Path = Path("output")
    contact: str | None = None


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings that `CCHC_CORPUS`, `CCHC_OUTPUT` and `CCHC_CONTACT` give; what is unset or empty keeps
    its default."""
    defaults = Settings()
    found = os.environ if environment is None else environment
    return Settings(
        corpus=Path(found.get("CCHC_CORPUS") or defaults.corpus),
        output=Path(found.get("CCHC_OUTPUT") or defaults.output),
        contact=found.get("CCHC_CONTACT") or None,
    )
