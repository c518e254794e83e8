"""Makes `builders` importable: tests are collected one by one, not as a package."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "history")]
