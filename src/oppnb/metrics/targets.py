"""What a period's target is when quotas are set for owners, teams, regions and processes, for months and for years.

In time. Of one and the same quota-holder's rows, those that lie wholly inside the period are taken, the longest first
and never two for the same day; days that none of them covers take their share, by days, of the shortest row that
holds them (a quarter's part of a year's quota). Rows taken by share are marked `is_pro_rata`.

Across. Rows with an owner, rows with a team only, rows with a region only and rows for the whole (each with or
without a process) are different cuts of the same money: only one cut is counted. It is the one with the largest sum,
of equal ones the finest, so that an owner without a quota does not make the team's target smaller, and nothing is
counted twice. A slice uses the cuts in which every row says to which slice it belongs; where there is none, those in
which some rows do, and the others are a slice without a name. An owner's quota belongs to the team and to the region
in which all of the owner's deals lie.
"""

import math
from datetime import timedelta

import numpy as np
import pandas as pd

from oppnb.errors import CurrencyError
from oppnb.metrics.rows import Ask
from oppnb.periods import Period

__all__ = ["HOLDERS", "target_rows", "targets_in"]

HOLDERS = ("owner_id", "team", "region", "process")
"""Columns that say whose quota a row is, the finest first."""

_CENT = 0.005


def targets_in(targets: pd.DataFrame, period: Period, *, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """The target rows of a period, one cut of the money only.

    Parameters
    ----------
    targets : DataFrame
        The table `targets`; `amount_base` is used where there is one, else `amount`.
    period : Period
        The period of the target.
    by : tuple of str
        Slices that every row must say it belongs to.

    Returns
    -------
    DataFrame
        The holders' columns, `amount_base` (the part that falls into the period), `is_pro_rata`. Empty if there is
        no target for the period, or none that can be sliced so.

    Raises
    ------
    CurrencyError
        If quotas are in several currencies and there is no `amount_base`.

    Examples
    --------
    >>> from oppnb.periods import parse_period
    >>> year = pd.DataFrame(
    ...     {"period_start": ["2017-01-01"], "period_end": ["2017-12-31"], "amount": [365.0], "team": ["East"]}
    ... )
    >>> targets_in(year, parse_period("2017Q3"))["amount_base"].tolist()
    [92.0]
    """
    rows = _clean(targets)
    rows = rows[(rows["period_start"] <= pd.Timestamp(period.end)) & (rows["period_end"] >= pd.Timestamp(period.start))]
    shares = _shares(rows, period)
    rows = rows.assign(
        amount_base=rows["amount_base"] * shares,
        is_pro_rata=(shares < 1) & (rows["period_end"] >= rows["period_start"]),
    )[shares > 0]
    cuts = _cuts(rows, by)
    if not cuts:
        return rows.iloc[:0].drop(columns="cut")
    sums = [_sum(cut) for cut in cuts]
    largest = max(sums)
    chosen = next(cut for cut, amount in zip(cuts, sums, strict=True) if amount >= largest - _CENT)
    return chosen.drop(columns="cut").reset_index(drop=True)


def _cuts(rows: pd.DataFrame, by: tuple[str, ...]) -> list[pd.DataFrame]:
    """Cuts that can be sliced so, the finest first: those that can be wholly, or else those that can be in part."""
    cuts = [cut for _, cut in rows.groupby("cut", sort=True)] if len(rows) else []
    known = [cut[list(by)].notna().all(axis=1) for cut in cuts]
    whole = [cut for cut, is_known in zip(cuts, known, strict=True) if is_known.all()]
    return whole or [cut for cut, is_known in zip(cuts, known, strict=True) if is_known.any()]


def _sum(cut: pd.DataFrame) -> float:
    return math.fsum(cut["amount_base"].tolist())


def _clean(targets: pd.DataFrame) -> pd.DataFrame:
    """Days as days, one money column, every holder's column, and the number of the cut (0 the finest)."""
    rows = targets.assign(
        period_start=pd.to_datetime(targets["period_start"]), period_end=pd.to_datetime(targets["period_end"])
    )
    if "amount_base" not in rows:
        if "currency" in rows and len(rows["currency"].dropna().unique()) > 1:
            raise CurrencyError(
                "'targets': quotas are in several currencies and cannot be added.\n"
                "Give exchange_rates, so that they can be turned into the base currency."
            )
        rows = rows.assign(amount_base=rows["amount"])
    rows = rows.assign(**{name: None for name in HOLDERS if name not in rows})
    filled = rows[list(HOLDERS)].notna().to_numpy()
    person = np.where(filled[:, :3].any(axis=1), filled[:, :3].argmax(axis=1), 3)
    rows = rows.assign(cut=person * 2 + ~filled[:, 3])
    rows = rows[rows["amount_base"].notna()]
    order = [*HOLDERS, "period_start", "period_end"]
    return rows.sort_values(order, kind="stable", ignore_index=True)


def _shares(rows: pd.DataFrame, period: Period) -> pd.Series:
    """Share of each row's amount that falls into the period, no day being counted twice for the same holder."""
    shares = pd.Series(0.0, index=rows.index)
    for _, held in rows.groupby(["cut", *HOLDERS], dropna=False, sort=False):
        shares.loc[held.index] = pd.Series(_shares_of_one(held, period), index=held.index)
    return shares


def _shares_of_one(held: pd.DataFrame, period: Period) -> list[float]:
    spans = [(start.date(), end.date()) for start, end in zip(held["period_start"], held["period_end"], strict=True)]
    length = [(end - start).days + 1 for start, end in spans]
    inside = [period.start <= start and end <= period.end for start, end in spans]
    order = sorted(range(len(spans)), key=lambda i: (not inside[i], -length[i] if inside[i] else length[i]))
    taken: set[object] = set()
    used: set[tuple[object, object]] = set()
    shares = [0.0] * len(spans)
    for i in order:
        start, end = max(spans[i][0], period.start), min(spans[i][1], period.end)
        days = {start + timedelta(days=k) for k in range((end - start).days + 1)}
        # Two rows of exactly the same days are two quotas of one holder (two products, say): they add up.
        fresh = days if spans[i] in used else days - taken
        if inside[i] and len(fresh) < len(days):
            continue
        shares[i] = len(fresh) / length[i]
        taken |= days
        used.add(spans[i]) if fresh else None
    return shares


def target_rows(ask: Ask) -> pd.DataFrame:
    """Targets of the period with the slices; team and region of an owner's quota are looked up in the snapshot."""
    targets = ask.frame("targets")
    for column in [name for name in ("team", "region") if name in ask.by]:
        if "owner_id" in targets and {"owner_id", column} <= set(ask.snapshot.columns):
            targets = _looked_up(targets, ask.snapshot, column)
    missing = [name for name in ask.by if name not in targets and name not in HOLDERS]
    found = targets_in(targets.assign(**dict.fromkeys(missing)), ask.inputs.period, by=ask.by)
    return found[list(dict.fromkeys([*ask.by, "amount_base", "is_pro_rata"]))]


def _looked_up(targets: pd.DataFrame, snapshot: pd.DataFrame, column: str) -> pd.DataFrame:
    """Fill a column of owners' quotas where all deals of the owner agree on it."""
    pairs = snapshot[["owner_id", column]].dropna().drop_duplicates()
    value_of = pairs.drop_duplicates("owner_id", keep=False).set_index("owner_id")[column]
    found = targets["owner_id"].map(value_of).astype("str")
    return targets.assign(**{column: targets[column].fillna(found) if column in targets else found})
