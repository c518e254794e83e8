"""The process as it is: twelve months, stays in each stage, ages of open deals."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from oppnb.metrics import MetricInputs, measure, metric_rows, missing_needs
from oppnb.metrics.survival import survival_quantile
from oppnb.periods import Period, period_of
from oppnb.review.funnel import stage_ladder
from oppnb.review.review import Review
from oppnb.review.scope import is_open
from oppnb.workspace import Workspace

__all__ = [
    "AGES",
    "MOST_STAY",
    "age_groups",
    "entry_flows",
    "in_period",
    "last_quarter",
    "stage_stays",
    "twelve_months",
    "won_within",
]

MOST_STAY = 0.8
AGES = {"to_30": 30.0, "to_90": 90.0, "to_180": 180.0, "to_365": 365.0, "over_365": float("inf")}
"""Groups of ages with the most days of each."""
_UNTOLD_AGE = "unknown"
_KEYS = ["process", "stage"]
_OF_THE_DAY = ("source", "snapshot", "previous", "spells", "odds")


def twelve_months(day: date) -> Period:
    """The twelve calendar months up to the one of the day, that one included.

    Examples
    --------
    >>> twelve_months(date(2017, 9, 30)).name
    '2016-10 – 2017-09'
    """
    year = period_of(day, kind="year", fiscal_year_start=day.month % 12 + 1)
    return replace(year, name=f"{year.start:%Y-%m} – {year.end:%Y-%m}")


def last_quarter(day: date, *, fiscal_year_start: int = 1) -> Period:
    """The last quarter that is over on a day.

    Examples
    --------
    >>> last_quarter(date(2017, 9, 30)).name, last_quarter(date(2017, 9, 29)).name
    ('2017Q3', '2017Q2')
    """
    quarter = period_of(day, fiscal_year_start=fiscal_year_start)
    return quarter if quarter.end <= day else quarter.shift(-1)


def in_period(review: Review, period: Period) -> Review:
    """The same review of another period; what does not depend on it is not worked out again."""
    made = replace(review, period=period)
    made.__dict__.update({name: review.__dict__[name] for name in _OF_THE_DAY if name in review.__dict__})
    return made


def stage_stays(inputs: MetricInputs, *, workspace: Workspace) -> pd.DataFrame:
    """How long deals stay in each open stage: the median, and what four of five do not exceed.

    Returns
    -------
    DataFrame
        `process`, `stage`, `position`, `n_stays` (all that are known), `n_standing` (of those, still there),
        `median_days`, `median_low`, `median_high` (95 %), `p80_days`; Kaplan-Meier, stays that last counted as
        unfinished. Null where so many have not left, and without history. One row an open stage, in order.
    """
    frame = stage_ladder(workspace, inputs.snapshot)
    names = ["n_stays", "n_standing", "median_days", "median_low", "median_high", "p80_days"]
    if missing_needs("days_in_stage", inputs, variant="median"):
        return frame.assign(**dict.fromkeys(names[:2], 0), **dict.fromkeys(names[2:], np.nan))
    found = measure("days_in_stage", inputs, variant="median", by=_KEYS).rename(
        columns={"value": "median_days", "low": "median_low", "high": "median_high", "n": "n_stays"}
    )
    found = found.rename(columns={"n_open": "n_standing"}).merge(_most(inputs), on=_KEYS, how="left")
    made = frame.merge(found[[*_KEYS, *names]].astype(dict.fromkeys(_KEYS, "str")), on=_KEYS, how="left")
    return made.assign(**{name: made[name].fillna(0).astype("int64") for name in names[:2]})


def _most(inputs: MetricInputs) -> pd.DataFrame:
    rows = metric_rows("days_in_stage", inputs, variant="median", by=_KEYS)
    rows = rows[rows["days"] >= 0]
    found = [
        [
            *key,
            survival_quantile(group["days"].to_numpy("float64"), group["is_finished"].to_numpy(bool), MOST_STAY),
        ]
        for key, group in rows.groupby(_KEYS, dropna=False, sort=True)
    ]
    return pd.DataFrame(found, columns=[*_KEYS, "p80_days"]).astype({**dict.fromkeys(_KEYS, "str"), "p80_days": float})


def won_within(inputs: MetricInputs, share: float = MOST_STAY) -> float | None:
    """Days within which that share of the deals won in the period was won; null without any."""
    if missing_needs("cycle_length", inputs, variant="won_median"):
        return None
    days = metric_rows("cycle_length", inputs, variant="won_median")["age_days"].dropna()
    return float(days.quantile(share)) if len(days) else None


def entry_flows(funnel: pd.DataFrame, leakage: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """Where the deals went that entered each stage in the last 365 days: further on, lost, or not decided yet.

    Parameters
    ----------
    funnel, leakage : DataFrame
        Of `build_funnel` and `build_leakage`: stages in their order.
    flows : DataFrame
        Of `count_flows(entered_flows(…))`.

    Returns
    -------
    DataFrame
        `process`, `stage`, `n_entered`, `n_further` (won among them), `n_lost`, `n_undecided`: the three add up to
        `n_entered`. Stages that nobody entered are left out.
    """
    order = pd.concat([funnel[_KEYS], leakage[_KEYS]]).drop_duplicates(ignore_index=True)
    ends = flows["target"].map({"@lost": "n_lost", "@undecided": "n_undecided"}).fillna("n_further")
    counted = flows.assign(end=ends).pivot_table(index=["process", "origin"], columns="end", values="n", aggfunc="sum")
    counted = counted.reindex(columns=["n_further", "n_lost", "n_undecided"]).fillna(0).astype("int64").reset_index()
    made = order.merge(counted.rename(columns={"origin": "stage"}), on=_KEYS, how="inner")
    made = made.assign(n_entered=made[["n_further", "n_lost", "n_undecided"]].sum(axis=1))
    found: pd.DataFrame = made[[*_KEYS, "n_entered", "n_further", "n_lost", "n_undecided"]]
    return found


def age_groups(snapshot: pd.DataFrame) -> pd.DataFrame:
    """How old the open deals are.

    Returns
    -------
    DataFrame
        `age` (a key of `AGES`, or `unknown` for those without a creation date), `n`, `amount` (null if none of them has
        one). All open deals are in one of the rows; empty groups of known age are rows too.

    Examples
    --------
    >>> deals = pd.DataFrame({"outcome": "open", "age_days": [10.0, 400.0], "amount_base": [1.0, None]})
    >>> age_groups(deals).query("n > 0")["age"].tolist()
    ['to_30', 'over_365']
    """
    deals = snapshot[is_open(snapshot)]
    edges = [-np.inf, *AGES.values()]
    age = pd.cut(deals["age_days"].astype("float64"), edges, labels=list(AGES)).astype("object").fillna(_UNTOLD_AGE)
    amounts = deals["amount_base"].astype("float64").groupby(age)
    names = [*AGES, *([_UNTOLD_AGE] if (age == _UNTOLD_AGE).any() else [])]
    n = age.value_counts().reindex(names, fill_value=0).to_numpy("int64")
    amount = amounts.sum(min_count=1).reindex(names).round(2).to_numpy("float64")
    return pd.DataFrame({"age": pd.Series(names, dtype="str"), "n": n, "amount": np.where(n == 0, 0.0, amount)})
