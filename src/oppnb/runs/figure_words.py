"""The name and the value of a main figure, as a reader writes them."""

from collections.abc import Mapping
from typing import Any

from oppnb.locale import Formats, Words

__all__ = ["figure_label", "figure_text"]

_PAGES = ("report_forecast", "stage_calibration", "model_card")
"""Subjects of the catalogue that name figures of their page."""


def figure_label(figure_id: str, words: Words) -> str:
    """What a figure is called; its id in words where the catalogue has none.

    Examples
    --------
    >>> figure_label("win_rate", Words("en"))
    'Win rate'
    """
    for key in (f"runs.figure_{figure_id}", f"metric.{figure_id}", *(f"{page}.name_{figure_id}" for page in _PAGES)):
        found = words.get(key, "")
        if found:
            return found
    return words.get(f"report.column_{figure_id}", figure_id.replace("_", " "))


def figure_text(figure: Mapping[str, Any], formats: Formats) -> str:
    """The value with its unit.

    Examples
    --------
    >>> figure_text({"value": 0.25, "unit": "share"}, Formats("en"))
    '25%'
    """
    value, unit = float(figure["value"]), str(figure.get("unit"))
    if unit == "money":
        return formats.money(value, short=True)
    if unit == "share":
        return formats.share(value)
    return formats.number(value, digits=0 if unit == "count" else 2)
