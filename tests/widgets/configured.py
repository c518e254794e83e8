"""The small review with the stages of the sample's workspace."""

from functools import cache
from pathlib import Path

from oppnb.review import Review, open_review
from tests.widgets.conftest import small_review

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "oppnb.yaml"


@cache
def configured_review(locale: str = "en") -> Review:
    """Never changed by a test; what it worked out is kept for all of them."""
    tables = small_review().tables
    return open_review(tables, as_of="2025-03-31", compare_to="2025-01-31", workspace=SAMPLE, locale=locale)
