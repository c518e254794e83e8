"""Exchange rates and quotas."""

from datetime import date

import numpy as np
import pandas as pd

from oppnb.periods import Period, period_of
from oppnb.sources.synthetic.people import Sellers
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.weeks import Weeks, stream

__all__ = ["exchange_rates_table", "targets_table"]

_WON_AMOUNT_A_DEAL = 86_000.0


def periods(settings: SyntheticSettings, kind: str) -> list[Period]:
    """The months or quarters that the data touch."""
    found = [period_of(settings.start, kind=kind)]
    while found[-1].end < settings.end:
        found.append(found[-1].shift(1))
    return found


def exchange_rates_table(settings: SyntheticSettings) -> pd.DataFrame:
    """The canonical table `exchange_rates`: one rate a month, from the month before the first."""
    rng = stream(settings, "rates")
    months = periods(settings, "month")
    days = [months[0].shift(-1).start, *(month.start for month in months)]
    walk = np.cumsum(rng.normal(0, 0.008, size=len(days)))
    return pd.DataFrame(
        {
            "currency": pd.Series([settings.other_currency] * len(days), dtype="str"),
            "on": pd.Series(days, dtype="datetime64[us]"),
            "rate_to_base": np.round(settings.base_per_other * np.exp(walk - walk.mean()), 4),
        }
    )


def targets_table(settings: SyntheticSettings, weeks: Weeks, sellers: Sellers) -> pd.DataFrame:
    """The canonical table `targets`: one quota a seller and quarter in the base currency; teams and regions add up.

    Quotas are set from the number of deals and the price list, never from what was won, and grow 3.5 % a quarter.
    """
    quarters = periods(settings, "quarter")
    per_seller = settings.n_opportunities * _WON_AMOUNT_A_DEAL / len(quarters) / sellers.n
    rows = []
    for number, quarter in enumerate(quarters):
        first, last = (max(0, weeks.week_of(day)) for day in (quarter.start, quarter.end))
        ramp = 0.35 if number == 0 else 0.8 if number == 1 else 1.035**number
        for seller, owner_id in enumerate(sellers.ids()):
            if sellers.joins[seller] <= first and sellers.leaves[seller] > last:
                amount = per_seller * ramp
                rows.append(_target(quarter.start, quarter.end, amount, settings.base_currency, owner_id))
    frame = pd.DataFrame(rows, columns=["period_start", "period_end", "amount", "currency", "owner_id"])
    days = dict.fromkeys(["period_start", "period_end"], "datetime64[us]")
    return frame.astype({**days, "amount": "float64", "currency": "str", "owner_id": "str"})


def _target(start: date, end: date, amount: float, currency: str, owner_id: str) -> list[object]:
    return [start, end, round(amount, -4), currency, owner_id]
