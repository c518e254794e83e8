"""Scenarios in the reader's language: what they assume, and what comes of it."""

from collections.abc import Sequence

import pandas as pd

from oppnb.errors import ParameterError
from oppnb.forecasting.scenarios import FORECAST
from oppnb.locale import Formats, Words
from oppnb.workspace import Scenario, ScenarioChange

__all__ = ["tell_assumptions", "tell_scenarios"]

_LOW, _HIGH = "quantile_10", "quantile_90"


def tell_scenarios(
    compared: pd.DataFrame, scenarios: Sequence[Scenario], *, words: Words, formats: Formats
) -> list[str]:
    """A sentence for each scenario: what is expected, and how much more or less than the forecast.

    Parameters
    ----------
    compared : DataFrame
        Of `ExploredForecast.compare`, or of `compare_scenarios` with the levels 0.1 and 0.9.
    scenarios : sequence of Scenario
        The same, for their labels.
    words, formats : Words, Formats
        Of the reader.

    Raises
    ------
    ParameterError
        If `compared` lacks one of the two levels.
    """
    missing = [name for name in (_LOW, _HIGH) if name not in compared]
    if missing:
        raise ParameterError(f"Scenarios are told with the levels 0.1 and 0.9; the frame lacks '{missing[0]}'.")
    labels = {one.name: one.label.get(words.locale, one.name) for one in scenarios}
    whole = compared[compared["scenario"] != FORECAST]
    if "segment" in whole:
        whole = whole[whole["segment"].isna()]
    return [_sentence(row, labels, words, formats) for _, row in whole.iterrows()]


def _sentence(row: pd.Series, labels: dict[str, str], words: Words, formats: Formats) -> str:
    key = "is_same" if row["change"] == 0 else "is_more" if row["change"] > 0 else "is_less"
    money = {name: formats.money(float(row[name]), short=True) for name in ("expected", _LOW, _HIGH)}
    return words(
        f"forecast_scenarios.{key}",
        name=labels.get(str(row["scenario"]), str(row["scenario"])),
        expected=money["expected"],
        change=formats.money(abs(float(row["change"])), short=True),
        share=formats.share(abs(float(row["change_share"])), digits=1),
        low=money[_LOW],
        high=money[_HIGH],
    )


def tell_assumptions(scenario: Scenario, *, words: Words, formats: Formats) -> list[str]:
    """What a scenario assumes, a line for each of its changes.

    Examples
    --------
    >>> up = Scenario(name="up", changes=[ScenarioChange(where={"region": "East"}, amount=1.1, win_rate_points=2)])
    >>> tell_assumptions(up, words=Words("en"), formats=Formats("en"))
    ['Region East: win rate +2 points, amounts × 1.1']
    """
    return [_assumption(change, words, formats) for change in scenario.changes]


def _assumption(change: ScenarioChange, words: Words, formats: Formats) -> str:
    comma = words("forecast_scenarios.comma")
    meant = []
    for column, condition in change.where.items():
        values = comma.join(str(value) for value in condition.is_in or []) or words(
            "forecast_scenarios.other_condition"
        )
        name = words.get(f"column.{column}", column)
        meant.append(words("forecast_scenarios.assumption_some", column=name, values=values))
    levers = _levers(change, words, formats) or [words("forecast_scenarios.nothing")]
    deals = comma.join(meant) or words("forecast_scenarios.assumption_all")
    return words("forecast_scenarios.change_of", deals=deals, levers=comma.join(levers))


def _levers(change: ScenarioChange, words: Words, formats: Formats) -> list[str]:
    said = []
    for lever, key in (
        ("win_odds", "win_odds"),
        ("win_rate_points", "win_rate_points"),
        ("amount", "amount"),
        ("cycle_time", "cycle_time"),
        ("new_business", "number_of_new"),
    ):
        value = float(getattr(change, lever))
        if lever == "win_rate_points" and value:
            shown = ("+" if value > 0 else "") + _plain(value, formats)
            said.append(words("forecast_scenarios.win_rate_points", points=shown))
        elif lever != "win_rate_points" and value != 1:
            said.append(words(f"forecast_scenarios.{key}", factor=_plain(value, formats)))
    return said


def _plain(value: float, formats: Formats) -> str:
    """As many digits after the point as the number has, at most two."""
    digits = next((digits for digits in (0, 1) if round(value, digits) == value), 2)
    return formats.number(value, digits=digits)
