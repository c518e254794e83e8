"""For every test below: one browser, since Playwright cannot be started twice in one process."""

from tests.browser import browser

__all__ = ["browser"]
