"""Deals that people expect in the period and that will probably be won later, if at all."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oppnb.errors import ColumnMissingError, nearest
from oppnb.forecasting.forecast import Forecast
from oppnb.forecasting.levers import ever_won
from oppnb.forecasting.rollup import told_scale

__all__ = ["predicted_slips", "slips_by"]

_PROBABLY = 0.5


def predicted_slips(forecast: Forecast) -> pd.DataFrame:
    """The deals expected to close by the period's end, and how likely each is to be won in it, later, or never.

    Parameters
    ----------
    forecast : Forecast

    Returns
    -------
    DataFrame
        The largest expected slip first: `opportunity_id`, `owner_id`, `stage`, `expected_close_on`, `n_pushes`,
        `amount`, `chance_in_period`, `chance_later` (of being won after the period), `expected_in_period`,
        `expected_later` (amounts, grown as amounts do, and as much higher or lower as the forecast is told),
        `will_probably_slip` (won in the period with less than even chance, and if it is won, more likely later).
    """
    parts = forecast.parts
    due = parts.deals["due"].to_numpy(dtype=bool)
    deals, chance = parts.deals[due], parts.chance[due]
    later = np.clip(np.nan_to_num(ever_won(deals)) - chance, 0.0, 1.0)
    amount = parts.amount[due]
    grown = told_scale(forecast).level * amount * parts.growth.moments[0]
    kept = ["opportunity_id", "owner_id", "stage", "expected_close_on", "n_pushes"]
    found = deals[kept].assign(
        amount=amount,
        chance_in_period=chance,
        chance_later=later,
        expected_in_period=grown * chance,
        expected_later=grown * later,
        will_probably_slip=(chance < _PROBABLY) & (later > chance),
    )
    return found.sort_values(["expected_later", "opportunity_id"], ascending=[False, True], ignore_index=True)


def slips_by(forecast: Forecast, by: str | Sequence[str] = "owner_id") -> pd.DataFrame:
    """What is due in the period and what of it is expected later, by owner or another column.

    Parameters
    ----------
    forecast : Forecast
    by : str or sequence of str
        Columns of the deals.

    Returns
    -------
    DataFrame
        `by`, `n_due`, `n_slips` (that will probably slip), `amount_due`, `expected_in_period`, `expected_later`; the
        largest slip first. Null stands for deals without a value.

    Raises
    ------
    ColumnMissingError
        If deals have no such column, with the nearest.
    """
    columns = [by] if isinstance(by, str) else list(by)
    deals = forecast.parts.deals
    for name in columns:
        if name not in deals:
            near = nearest(name, [str(one) for one in deals.columns])
            raise ColumnMissingError(f"Deals have no column '{name}'." + (f" Did you mean '{near}'?" if near else ""))
    slips = predicted_slips(forecast)
    values = deals.set_index("opportunity_id")[columns].reindex(slips["opportunity_id"]).reset_index(drop=True)
    rows = pd.concat([values, slips.drop(columns=columns, errors="ignore")], axis="columns")
    found = rows.groupby(columns, dropna=False, sort=True).agg(
        n_due=("opportunity_id", "size"),
        n_slips=("will_probably_slip", "sum"),
        amount_due=("amount", "sum"),
        expected_in_period=("expected_in_period", "sum"),
        expected_later=("expected_later", "sum"),
    )
    return found.reset_index().sort_values("expected_later", ascending=False, kind="stable", ignore_index=True)
