"""The stages, the archive, the tables and the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def load_tables(output: Path | str) -> dict[str, pd.DataFrame]:
    """Every table of the folder or address, typed, all of one run: see `pipeline.tables.load_tables`."""
    from pipeline import places, remote, tables  # takes pandas along, which most verbs of the command do without

    with remote.reading(places.of(output)) as folder:
        return tables.load_tables(folder)
