"""The stages, the archive, the tables and the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def load_tables(output: Path | str) -> dict[str, pd.DataFrame]:
    """Every table of the folder, typed, all of one run: see `pipeline.tables.load_tables`."""
    from pipeline import tables  # takes pandas along, which most verbs of the command do without

    return tables.load_tables(output)
