"""The model card as one HTML file that opens anywhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oppnb.locale import Formats, Words
from oppnb.reports.card_page import CardPage

__all__ = ["write_card"]


def write_card(card: Mapping[str, Any], path: str | Path, *, locale: str = "en") -> Path:
    """Write a model card as a page: what it is for, the verdict, the measures, what was kept out, until when.

    Parameters
    ----------
    card : mapping
        Of `oppnb.scoring.model_card`, of `oppnb.scoring.read_card`, or read from its JSON.
    path : path
        The HTML file; its folder is made. It holds plotly.js once and asks nothing of any network.
    locale : {'en', 'zh_CN'}
        Of the page.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ExtraMissingError
        If nbformat, nbconvert or plotly (the extra `report`) is not installed.
    UsageError
        If there is no such locale.
    """
    words = Words(locale)
    page = CardPage(card, words=words, formats=Formats(words.locale))
    page.write()
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page.html(), encoding="utf-8")
    return target
