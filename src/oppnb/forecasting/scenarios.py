"""What if: a forecast under other win rates, amounts, cycle times and new business, beside the one as it is."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ParameterError, nearest
from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.scenario_basis import FORECAST, ScenarioBasis, check_names, check_scenarios
from oppnb.forecasting.segments import segment_parts
from oppnb.history.book import PipelineBook
from oppnb.workspace import Scenario, Workspace

__all__ = ["FORECAST", "apply_scenario", "check_scenarios", "compare_scenarios", "saved_scenario"]

Floats = npt.NDArray[np.float64]


def apply_scenario(parts: ForecastParts, scenario: Scenario, *, book: PipelineBook) -> ForecastParts:
    """The parts of a forecast under other assumptions; under none, exactly the same parts.

    What is won already stays. Win odds and points change the chance of being won at all and, in proportion, that of
    being won inside the period. A cycle time factor f puts the chance of being won within h days where the curve has
    that of h / f. Deals not created yet change as the deals won in the last two years would have: by their segment's
    win rate, by what they were won for, and by how many there would be room for if they took f times as long.

    Parameters
    ----------
    parts : ForecastParts
        Of `oppnb.forecasting.forecast_parts`.
    scenario : Scenario
        From the workspace or made in Python.
    book : PipelineBook
        That the parts were made from.

    Returns
    -------
    ForecastParts

    Raises
    ------
    ColumnMissingError
        If a change names a column that no deal has, with the nearest.
    ParameterError
        If a change names a value that no deal ever had, with the nearest; or changes the number of deals not created
        yet by a column that only open deals have.

    Examples
    --------
    >>> from datetime import date
    >>> from oppnb.forecasting import Point, forecast_parts
    >>> from oppnb.history.book import read_book
    >>> from oppnb.periods import parse_period
    >>> from oppnb.workspace import ScenarioChange
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "amount": [300.0], "stage": ["Demo"],
    ...     "created_at": pd.to_datetime(["2024-01-02"]), "region": ["East"]})
    >>> book = read_book({"opportunities": deals}, ["2024-02-29"], known_on="2024-02-29")
    >>> curve = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-02-29"]), "won_by_31": [0.5]})
    >>> parts = forecast_parts(book.with_columns(curve), Point(date(2024, 2, 29), parse_period("2024Q1")))
    >>> up = Scenario(name="up", changes=[ScenarioChange(where={"region": "East"}, amount=1.1)])
    >>> float(parts.expected), round(apply_scenario(parts, up, book=book).expected, 6)
    (150.0, 165.0)
    """
    return ScenarioBasis(parts, book).applied(scenario)[0]


def compare_scenarios(
    parts: ForecastParts,
    scenarios: Sequence[Scenario],
    *,
    book: PipelineBook,
    by: str | None = None,
    levels: Sequence[float] = (0.1, 0.5, 0.9),
) -> pd.DataFrame:
    """Win curves alone and their scenarios side by side, before a record widens them and a baseline is mixed in.

    `oppnb.forecasting.explored.ExploredForecast.compare` starts from the forecast that is told.

    Parameters
    ----------
    parts : ForecastParts
        The forecast.
    scenarios : sequence of Scenario
        Shown in this order, after the forecast.
    book : PipelineBook
        That the parts were made from.
    by : str, optional
        Also each segment by this column of the deals.
    levels : sequence of float
        Of the quantiles, between 0 and 1; none is quicker where segments are many.

    Returns
    -------
    DataFrame
        `scenario` (`forecast` for the one as it is), `segment` (null for the whole; the rows of segments follow it and
        add up to it; empty for deals of no segment), `won`, `open_deals`, `new_business` (expected amounts in the base
        currency), `expected` (their sum), a column for each level (`quantile_10`), `change` and `change_share` against
        the forecast (null where that is 0).

    Raises
    ------
    ColumnMissingError, ParameterError
        As `apply_scenario`; also if two scenarios have one name.
    """
    check_names(scenarios)
    basis = ScenarioBasis(parts, book)
    told = [(FORECAST, parts, basis.like), *((one.name, *basis.applied(one)) for one in scenarios)]
    rows = []
    for name, changed, weights in told:
        rows.append({"scenario": name, "segment": None, **_figures(changed, levels)})
        for segment, part in (segment_parts(changed, by, like=weights) if by else {}).items():
            rows.append({"scenario": name, "segment": segment or "", **_figures(part, levels)})
    found = pd.DataFrame(rows).astype({"scenario": "str", "segment": "str"})
    base = found[found["scenario"] == FORECAST].set_index("segment")["expected"]
    before = np.array([0.0 if np.isnan(one) else one for one in base.reindex(found["segment"])])
    change = found["expected"].to_numpy() - before
    return found.assign(change=change, change_share=np.divide(change, before, where=before != 0, out=_null(len(found))))


def saved_scenario(workspace: Workspace, name: str) -> Scenario:
    """A scenario of `oppnb.yaml` by its name or label.

    Raises
    ------
    ParameterError
        If there is none, with the nearest.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> said = parse_workspace("forecast: {scenarios: [{name: prices up, changes: [{amount: 1.1}]}]}")
    >>> saved_scenario(said, "prices up").changes[0].amount
    1.1
    """
    saved = workspace.forecast.scenarios
    for scenario in saved:
        if name in (scenario.name, *scenario.label.values()):
            return scenario
    near = nearest(name, [one.name for one in saved])
    hint = f" Did you mean '{near}'?" if near else f" There are: {', '.join(one.name for one in saved) or 'none'}."
    raise ParameterError(f"oppnb.yaml has no scenario '{name}' under forecast: scenarios:.{hint}")


def _figures(parts: ForecastParts, levels: Sequence[float]) -> dict[str, float]:
    spread = parts.distribution() if levels else None
    quantiles = {} if spread is None else {f"quantile_{100 * level:g}": spread.quantile(level) for level in levels}
    return {
        "won": parts.won_already,
        "open_deals": float(parts.expected_of_deals.sum()),
        "new_business": parts.new.mean,
        "expected": parts.expected,
        **quantiles,
    }


def _null(count: int) -> Floats:
    return np.full(count, np.nan)
