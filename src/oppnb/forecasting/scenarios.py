"""What if: a forecast under other win rates, amounts, cycle times and new business, beside the one as it is."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ColumnMissingError, ParameterError, nearest
from oppnb.forecasting.coming import coming, room_in
from oppnb.forecasting.levers import ever_won, with_cycle_time, with_win_rate
from oppnb.forecasting.parts import ADDED_TO_DEALS, ForecastParts
from oppnb.forecasting.segments import segment_parts
from oppnb.history.book import PipelineBook
from oppnb.tables import rows_where
from oppnb.workspace import Scenario, ScenarioChange, Where, Workspace

__all__ = ["FORECAST", "apply_scenario", "check_scenarios", "compare_scenarios", "saved_scenario"]

Floats = npt.NDArray[np.float64]

FORECAST = "forecast"
"""How the forecast as it is goes by among scenarios."""


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
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "amount": [300.0], "stage": ["Demo"],
    ...     "created_at": pd.to_datetime(["2024-01-02"]), "region": ["East"]})
    >>> book = read_book({"opportunities": deals}, ["2024-02-29"], known_on="2024-02-29")
    >>> curve = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-02-29"]), "won_by_31": [0.5]})
    >>> parts = forecast_parts(book.with_columns(curve), Point(date(2024, 2, 29), parse_period("2024Q1")))
    >>> up = Scenario(name="up", changes=[ScenarioChange(where={"region": "East"}, amount=1.1)])
    >>> float(parts.expected), round(apply_scenario(parts, up, book=book).expected, 6)
    (150.0, 165.0)
    """
    return _applied(parts, scenario, book, coming(book, parts.point))[0]


def compare_scenarios(
    parts: ForecastParts,
    scenarios: Sequence[Scenario],
    *,
    book: PipelineBook,
    by: str | None = None,
    levels: Sequence[float] = (0.1, 0.5, 0.9),
) -> pd.DataFrame:
    """The forecast and its scenarios side by side.

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
    _check_names(scenarios)
    like = coming(book, parts.point)
    told = [(FORECAST, parts, like), *((one.name, *_applied(parts, one, book, like)) for one in scenarios)]
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


def check_scenarios(scenarios: Sequence[Scenario], book: PipelineBook) -> None:
    """Refuse scenarios that `compare_scenarios` would refuse, from the book alone; raises as that does."""
    _check_names(scenarios)
    for one in scenarios:
        for change in one.changes:
            _check(change, one.name, [*book.open_rows.columns, *ADDED_TO_DEALS], book)


def _applied(
    parts: ForecastParts, scenario: Scenario, book: PipelineBook, like: pd.DataFrame
) -> tuple[ForecastParts, pd.DataFrame]:
    """The changed parts, and the past wins with the weights they then have."""
    for change in scenario.changes:
        _check(change, scenario.name, parts.deals.columns, book)
    changes = [change for change in scenario.changes if not change.is_nothing]
    if not changes:
        return parts, like
    changed = _changed_wins(like, changes, parts, book)
    number = float(changed["weight"].sum()) / float(like["weight"].sum())
    money = float(changed["money"].sum()) / float(like["money"].sum())
    new = parts.new.scaled(number=number, amount=money / number if number else 1.0)
    return replace(parts, deals=_changed_deals(parts, changes), new=new), changed


def _changed_deals(parts: ForecastParts, changes: Sequence[ScenarioChange]) -> pd.DataFrame:
    deals, ones = parts.deals, np.ones(len(parts.deals))
    odds, points, amount, cycle = ones.copy(), 0 * ones, ones.copy(), ones.copy()
    for change in changes:
        meant = rows_where(deals, change.where, table="deals").to_numpy(dtype=bool)
        odds[meant] *= change.win_odds
        points[meant] += change.win_rate_points / 100
        amount[meant] *= change.amount
        cycle[meant] *= change.cycle_time
    timed = with_cycle_time(deals, parts.point, cycle)
    ever = np.fmax(ever_won(deals), timed)
    chance = with_win_rate(timed, ever, odds=odds, points=points)
    return deals.assign(chance=chance, amount_base=deals["amount_base"].to_numpy(dtype="float64") * amount)


def _changed_wins(
    like: pd.DataFrame, changes: Sequence[ScenarioChange], parts: ForecastParts, book: PipelineBook
) -> pd.DataFrame:
    """The past wins with other weights: how many there would be of each, and for how much."""
    ones = np.ones(len(like))
    number, amount, cycle = ones.copy(), ones.copy(), ones.copy()
    closed = book.known(parts.point.day).deals
    closed = closed[closed["outcome"] != "open"]
    for change in changes:
        if not set(change.where) <= set(closed.columns):
            continue
        meant = rows_where(like, change.where, table="deals").to_numpy(dtype=bool)
        number[meant] *= change.new_business * _more_wins(change, closed)
        amount[meant] *= change.amount
        cycle[meant] *= change.cycle_time
    room = room_in(parts.point, like["days"].to_numpy() * cycle)
    moved = cycle != 1
    weight = np.where(moved, room, like["weight"].to_numpy()) * number
    return like.assign(weight=weight, money=weight * like["amount_base"].to_numpy() * amount)


def _more_wins(change: ScenarioChange, closed: pd.DataFrame) -> float:
    """By which factor more of the deals that are created are won."""
    won = (closed["outcome"] == "won")[rows_where(closed, change.where, table="deals")]
    rate = np.array([float(won.mean()) if len(won) else 0.0])
    odds, points = np.array([change.win_odds]), np.array([change.win_rate_points / 100])
    return float(with_win_rate(rate, rate, odds=odds, points=points)[0] / rate[0]) if rate[0] > 0 else 1.0


def _check(change: ScenarioChange, name: str, of_open: Collection[str], book: PipelineBook) -> None:
    """Refuse columns and values that no deal has."""
    of_all = set(book.deals.columns)
    for column in change.where:
        if column not in of_open:
            near = nearest(column, sorted(set(of_open)))
            hint = f" Did you mean '{near}'?" if near else ""
            raise ColumnMissingError(f"Scenario '{name}': deals have no column '{column}'.{hint}")
        if column not in of_all and change.new_business != 1:
            raise ParameterError(
                f"Scenario '{name}': 'new_business' cannot change by '{column}', which deals that are not created yet "
                "do not have. Say it in a change of its own, by region, product, source, owner_id or the like."
            )
    _check_values(change.where, name, book)


def _check_values(where: Where, name: str, book: PipelineBook) -> None:
    for column, condition in where.items():
        said = [str(value) for value in [*(condition.is_in or []), *(condition.not_in or [])]]
        frames = [frame[column] for frame in (book.deals, book.open_rows) if column in frame.columns]
        known = {str(value) for values in frames for value in values.dropna().unique()}
        if column == "stage":
            known |= {stage.name for process in book.workspace.processes for stage in process.stages}
        unknown = [value for value in said if value not in known]
        if unknown:
            near = nearest(unknown[0], sorted(known))
            hint = f" Did you mean '{near}'?" if near else ""
            raise ParameterError(f"Scenario '{name}': no deal has the {column} '{unknown[0]}'.{hint}")


def _check_names(scenarios: Sequence[Scenario]) -> None:
    names = [FORECAST, *(scenario.name for scenario in scenarios)]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ParameterError(f"Two of the scenarios side by side are called '{name}': give each a name of its own.")


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
