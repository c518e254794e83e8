"""A browser for the session, a page for a test, a small review to look at."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from oppnb.review import Review, open_review
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.tables import Tables


@cache
def small_review(locale: str = "en") -> Review:
    """A synthetic pipeline of 240 deals on a day in its middle; never changed by a test."""
    made = make_pipeline(SyntheticSettings(n_opportunities=240))
    return open_review(Tables(made.tables), as_of="2025-03-31", compare_to="2025-01-31", locale=locale)


@pytest.fixture
def review() -> Review:
    return small_review()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page with the network off."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000}, offline=True)
    opened = context.new_page()
    yield opened
    context.close()
