"""The real data sets that lie beside the project; they are not part of it."""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def field_data(name: str) -> Path:
    """The folder of one data set; without it a test is skipped with the reason, and fails where CI is set."""
    folder = BESIDE / name
    if not folder.is_dir():
        reason = f"the data set '{name}' is not there: put it into ../shared/data/{name} beside the project"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
