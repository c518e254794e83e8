"""Every bar, reason and note that a review can show has its words in both languages."""

import pytest

from oppnb.locale import LOCALES, Words
from oppnb.review.bridge import BARS


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("bar", BARS)
def test_each_bar_of_the_bridge_is_named_in_sentences_charts_and_figures(bar: str, locale: str) -> None:
    words = Words(locale)
    assert words.get(f"chart.bar_{bar}", words.get(f"review.bar_{bar}", ""))
    assert words(f"figure.bridge_{bar}", start="2024-01-01", end="2024-01-08")
    if BARS[bar] != "total":
        assert words(f"review_bar.{bar}")
        assert words(f"chart.move_{bar}")
