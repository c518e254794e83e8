"""Makes `audit_frames` importable: tests are collected one by one, not as a package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
