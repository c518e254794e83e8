"""Quotas in the currency of the report, at the rates known on the day."""

from datetime import date

import pandas as pd

from oppnb.history import open_source
from oppnb.history.rates import read_rates, with_base_amounts
from oppnb.periods import Period
from oppnb.review.scope import as_stamp
from oppnb.tables import Tables
from oppnb.tables.audit.keys import row_keys
from oppnb.workspace import Workspace

__all__ = ["targets_in_base"]


def targets_in_base(tables: Tables, *, workspace: Workspace, as_of: date, period: Period) -> pd.DataFrame | None:
    """The rows of `targets` that touch the period, with `amount_base`; None if the data has no such table.

    A quota in another currency is turned into the report's at the last rate known on the day, like an open deal; a
    quota without a currency is in the report's.

    Raises
    ------
    CurrencyError
        If a quota of the period is in a currency without a rate: how many of them, the first, and what to do.
    """
    if "targets" not in tables:
        return None
    targets = tables["targets"]
    begins_later = targets["period_start"] > as_stamp(period.end)
    ended_before = targets["period_end"] < as_stamp(period.start)
    targets = targets[~begins_later & ~ended_before].reset_index(drop=True)
    if "currency" not in targets:
        return targets.assign(amount_base=targets["amount"])
    rows = pd.DataFrame(
        {
            "opportunity_id": row_keys(targets, "targets").to_numpy(),
            "amount": targets["amount"].to_numpy(),
            "currency": targets["currency"].to_numpy(),
            "as_of": as_stamp(as_of),
            "closed_at": pd.Series(pd.NaT, index=range(len(targets)), dtype="datetime64[us]"),
        }
    )
    converted = with_base_amounts(rows, read_rates(open_source(tables)), workspace, table="targets")
    return targets.assign(amount_base=converted["amount_base"].to_numpy())
