"""What several tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def gold_folder() -> Path:
    """The folder of the annotated documents, which lies beside the repository and not in it."""
    folder = SHARED / "gold"
    if not folder.is_dir():
        pytest.skip("the annotated documents (../shared/gold) are not on this machine")
    return folder
