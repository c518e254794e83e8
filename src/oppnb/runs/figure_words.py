"""The name and the value of a main figure, as a reader writes them."""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from oppnb.locale import Formats, Words
from oppnb.review import figure_definitions
from oppnb.runs.comparing import FigureChange

__all__ = ["change_label", "change_text", "figure_label", "figure_text"]

_PAGES = ("report_forecast", "stage_calibration", "model_card", "report_scores")
"""Subjects of the catalogue that name figures of their page."""


def figure_label(figure_id: str, words: Words) -> str:
    """What a figure is called; its id in words where the catalogue has none.

    Examples
    --------
    >>> figure_label("win_rate", Words("en"))
    'Win rate'
    """
    bar = figure_id.removeprefix("bridge_")
    keys = [f"runs.figure_{figure_id}", f"metric.{figure_id}", *(f"{page}.name_{figure_id}" for page in _PAGES)]
    keys += [] if bar == figure_id else [f"chart.bar_{bar}", f"review_bar.{bar}"]
    found = next((text for text in (words.get(key, "") for key in keys) if text), "")
    if found:
        return words("runs.figure_bridge", bar=found) if bar != figure_id else found
    plain = words.get(f"report.column_{figure_id}", figure_id.replace("_", " "))
    return _of_metrics(words.locale).get(figure_id, plain)


@cache
def _of_metrics(locale: str) -> Mapping[str, str]:
    """Figures that are made of a metric, by the names that definitions give them."""
    told = figure_definitions(Words(locale))
    return dict(zip(told["metric"], told["name"], strict=True))


def figure_text(figure: Mapping[str, Any], formats: Formats, *, digits: int | None = None) -> str:
    """The value with its unit; money is short unless the digits after its point are said.

    Examples
    --------
    >>> figure_text({"value": 0.25, "unit": "share"}, Formats("en"))
    '25%'
    """
    value, unit = float(figure["value"]), str(figure.get("unit"))
    if unit in ("money", "money_per_day") and (digits is None or digits <= _CENTS):
        return formats.money(value, short=True) if digits is None else formats.money(value, cents=digits > 0)
    if unit == "share":
        return formats.share(value, digits=digits or 0)
    return formats.number(value, digits=(0 if unit == "count" else 2) if digits is None else digits)


def change_text(change: FigureChange, *, words: Words, formats: Formats) -> str:
    """A figure that differs, as a reader writes it, with as many digits as it takes to see the difference.

    Examples
    --------
    >>> told = {"id": "win_rate", "unit": "share", "slice": {"region": "North"}}
    >>> change = FigureChange("win_rate [region=North]", 0.25, 0.2504, told=told)
    >>> change_text(change, words=Words("en"), formats=Formats("en"))
    'Win rate (Region: North): 25.00% -> 25.04%'
    """
    sides = [(change.before, change.is_told_before), (change.after, change.is_told_after)]
    known = [float(value) for value, _ in sides if isinstance(value, (int, float))]
    digits = _digits(known, change.told, formats)
    before, after = (_side(value, is_told, change, digits, words, formats) for value, is_told in sides)
    return words("runs.diff_change", figure=change_label(change, words), before=before, after=after)


def _digits(known: list[float], told: Mapping[str, Any], formats: Formats) -> int:
    """The fewest digits after the point that tell both values apart; at least one that a whole number does not need."""
    least = 0 if told.get("unit") in ("money", "money_per_day", "count", "share") else _whole_or_one(known)
    for digits in range(least, _MOST_DIGITS):
        if len({figure_text({**told, "value": value}, formats, digits=digits) for value in known}) == len(known):
            return digits
    return _MOST_DIGITS if len(known) > 1 else least


def _whole_or_one(known: list[float]) -> int:
    return 0 if all(math.isfinite(value) and value == int(value) for value in known) else 1


def _side(value: Any, is_told: bool, change: FigureChange, digits: int, words: Words, formats: Formats) -> str:
    if value is None:
        return words("runs.diff_unknown" if is_told else "runs.diff_nothing")
    if isinstance(value, (int, float)):
        return figure_text({**change.told, "value": value}, formats, digits=digits)
    return str(value)


def change_label(change: FigureChange, words: Words) -> str:
    """The figure's name with its slice and period.

    Examples
    --------
    >>> told = {"id": "win_rate", "slice": {"region": "North"}}
    >>> change_label(FigureChange("win_rate [region=North]", 0.25, 0.3, told=told), Words("en"))
    'Win rate (Region: North)'
    """
    label, piece = figure_label(str(change.told.get("id", change.figure)), words), change.told.get("slice")
    if isinstance(piece, Mapping):
        of = [words("runs.diff_of", column=words.get(f"column.{key}", str(key)), value=piece[key]) for key in piece]
    else:
        of = [] if piece is None else [str(piece)]
    of += [str(change.told["period"])] if change.told.get("period") else []
    of += [f"#{change.figure.rpartition('#')[2]}"] if " #" in change.figure else []
    return words("runs.diff_figure", figure=label, of=", ".join(of)) if of else label


_MOST_DIGITS, _CENTS = 6, 2
