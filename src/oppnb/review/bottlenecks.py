"""Where the process is stuck: stages out of line in conversion or dwell, piles of good deals, leaks."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from oppnb.metrics import wilson
from oppnb.review.scope import is_open
from oppnb.tables import stage_rows
from oppnb.workspace import Workspace

__all__ = ["build_leakage", "find_bottlenecks"]

MIN_DEALS = 10
HIGH_ODDS = 0.5
WON_QUANTILE = 0.75
_KEYS = ["process", "stage"]
_COLUMNS = ["process", "stage", "reason", "value", "reference", "n", "amount"]


def find_bottlenecks(
    funnel: pd.DataFrame,
    snapshot: pd.DataFrame,
    spells: pd.DataFrame,
    *,
    odds: pd.DataFrame,
    leakage: pd.DataFrame,
) -> pd.DataFrame:
    """Stages that are out of line, each with the number and what it is held against.

    Reasons
        `conversion_low`: of the deals that entered, so few went on that the whole 95 % interval lies below the
        conversion of the process's other stages together. `dwell_long`: the median stay is longer than three quarters
        of the stays of won deals in that stage. `over_time_limit`: open deals there for longer than the stage's limit
        (value: their share, reference: the limit in days). `good_deals_pile_up`: a stage whose deals, having stood
        as long as they have, have odds of one half or more, where significantly more than a quarter of the open deals
        are there for longer than three quarters of the won deals were. `leak`: of the stays there that ended in the
        last 365 days, so many ended in a loss that the whole interval lies above the process's other stages together.
        Nothing is said on fewer than ten deals.

    Parameters
    ----------
    funnel : DataFrame
        From `build_funnel`.
    snapshot, spells : DataFrame
        Known on the same day.
    odds : DataFrame
        From `oppnb.stages.observed_odds`.
    leakage : DataFrame
        From `build_leakage`.

    Returns
    -------
    DataFrame
        `process`, `stage`, `reason`, `value`, `reference`, `n` (deals it rests on), `amount` (open amount that stands
        there; of a leak the amount lost); by process and position, then reason. Empty if nothing is out of line.
    """
    won_stays = _won_stays(snapshot, spells)
    found = [
        *_low_conversion(funnel),
        *_long_dwell(funnel, won_stays),
        *_over_limit(funnel, snapshot),
        *_piles(funnel, snapshot, won_stays, odds),
        *_leaks(leakage),
    ]
    frame = pd.DataFrame(found, columns=_COLUMNS)
    order = {key: place for place, key in enumerate(zip(funnel["process"], funnel["stage"], strict=True))}
    place = [order.get((process, stage), len(order)) for process, stage in frame[_KEYS].to_numpy()]
    frame = frame.assign(place=place).sort_values(["place", "reason"], kind="stable", ignore_index=True)
    numbers = dict.fromkeys(["value", "reference", "amount"], "float64")
    return frame[_COLUMNS].astype({**dict.fromkeys([*_KEYS, "reason"], "str"), **numbers, "n": "int64"})


def build_leakage(spells: pd.DataFrame, *, workspace: Workspace, since: pd.Timestamp) -> pd.DataFrame:
    """From which stages deals are lost.

    Parameters
    ----------
    spells : DataFrame
        Known on the day.
    workspace : Workspace
        For stages and their order.
    since : Timestamp
        Stays that ended before this moment (UTC) are left out, and those that ended nobody knows when; with
        `MetricInputs.year_start` a year counts, as in the funnel's conversion.

    Returns
    -------
    DataFrame
        One row a configured open stage: `process`, `stage`, `n_left` (stays that ended), `n_lost` (of those, how many
        ended in a loss), `lost_share` with `low`, `high` (95 %), `share_of_losses` (of all losses of the process),
        `lost_amount` (amounts at the entry of those stays).
    """
    open_rows = stage_rows(workspace)
    open_rows = open_rows[open_rows["outcome"] == "open"].drop_duplicates(_KEYS)[_KEYS]
    left = spells[spells["is_finished"].astype(bool) & (spells["outcome"] == "open") & (spells["left_at"] >= since)]
    left = left.assign(is_lost=(left["next_outcome"] == "lost"), lost_amount=left["amount_base"])
    left["lost_amount"] = left["lost_amount"].where(left["is_lost"], 0.0)
    sums = left.groupby(_KEYS, sort=True).agg(
        n_left=("is_lost", "size"), n_lost=("is_lost", "sum"), lost_amount=("lost_amount", "sum")
    )
    frame = open_rows.merge(sums.reset_index(), on=_KEYS, how="left")
    for name in ("n_left", "n_lost"):
        frame[name] = frame[name].fillna(0).astype("int64")
    frame["lost_amount"] = frame["lost_amount"].fillna(0.0).round(2)
    frame["lost_share"] = (frame["n_lost"] / frame["n_left"]).where(frame["n_left"] > 0)
    pairs = zip(frame["n_lost"], frame["n_left"], strict=True)
    bounds = [wilson(lost, n) if n else (np.nan, np.nan) for lost, n in pairs]
    frame["low"], frame["high"] = [low for low, _ in bounds], [high for _, high in bounds]
    losses = frame.groupby("process", sort=False)["n_lost"].transform("sum")
    frame["share_of_losses"] = (frame["n_lost"] / losses).where(losses > 0)
    columns = ["n_left", "n_lost", "lost_share", "low", "high", "share_of_losses", "lost_amount"]
    return frame[[*_KEYS, *columns]].reset_index(drop=True)


Found = Iterator[list[object]]


def _low_conversion(funnel: pd.DataFrame) -> Found:
    for row, others in _each_with_others(funnel[funnel["n_entered"] >= MIN_DEALS]):
        reference = float((others["conversion"] * others["n_entered"]).sum() / others["n_entered"].sum())
        if row["conversion_high"] < reference:
            yield [*row[_KEYS], "conversion_low", row["conversion"], reference, row["n_entered"], row["amount"]]


def _long_dwell(funnel: pd.DataFrame, won_stays: pd.DataFrame) -> Found:
    for _, row in funnel.iterrows():
        days = _days_of(won_stays, row)
        if len(days) >= MIN_DEALS and row["median_days"] > (reference := float(days.quantile(WON_QUANTILE))):
            yield [*row[_KEYS], "dwell_long", row["median_days"], reference, len(days), row["amount"]]


def _over_limit(funnel: pd.DataFrame, snapshot: pd.DataFrame) -> Found:
    for _, row in funnel[funnel["time_limit_days"].notna()].iterrows():
        deals = _standing_in(snapshot, row)
        over = deals[deals["days_in_stage"] > row["time_limit_days"]]
        if len(over):
            share = len(over) / len(deals)
            yield [*row[_KEYS], "over_time_limit", share, row["time_limit_days"], len(over), _amount(over)]


def _piles(funnel: pd.DataFrame, snapshot: pd.DataFrame, won_stays: pd.DataFrame, odds: pd.DataFrame) -> Found:
    # of the deals that stand there: those that entered may be long won, and what lingers dead
    told = odds["shrunk_odds"].fillna(odds["set_odds"])
    best = odds.assign(odds=odds.get("standing_odds", told).fillna(told)).set_index(_KEYS)["odds"]
    for _, row in funnel.iterrows():
        days, deals = _days_of(won_stays, row), _standing_in(snapshot, row)
        if best.get((row["process"], row["stage"]), 0.0) < HIGH_ODDS or len(days) < MIN_DEALS or len(deals) < MIN_DEALS:
            continue
        slow = deals[deals["days_in_stage"] > days.quantile(WON_QUANTILE)]
        if wilson(len(slow), len(deals))[0] > 1 - WON_QUANTILE:
            share = len(slow) / len(deals)
            yield [*row[_KEYS], "good_deals_pile_up", share, 1 - WON_QUANTILE, len(slow), _amount(slow)]


def _leaks(leakage: pd.DataFrame) -> Found:
    for row, others in _each_with_others(leakage[leakage["n_left"] >= MIN_DEALS]):
        reference = float(others["n_lost"].sum() / others["n_left"].sum())
        if row["low"] > reference:
            yield [*row[_KEYS], "leak", row["lost_share"], reference, row["n_left"], row["lost_amount"]]


def _each_with_others(frame: pd.DataFrame) -> Iterator[tuple[pd.Series, pd.DataFrame]]:
    """Each stage with the other stages of its process, where there are others."""
    for _, stages in frame.groupby("process", sort=False):
        for place, row in stages.iterrows():
            others = stages.drop(index=place)
            if len(others):
                yield row, others


def _won_stays(snapshot: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    won = snapshot.loc[snapshot["outcome"] == "won", "opportunity_id"]
    return spells[spells["opportunity_id"].isin(won) & spells["is_finished"].astype(bool) & spells["days"].notna()]


def _days_of(stays: pd.DataFrame, row: pd.Series) -> pd.Series:
    days: pd.Series = stays.loc[(stays["process"] == row["process"]) & (stays["stage"] == row["stage"]), "days"]
    return days


def _standing_in(snapshot: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    place = (snapshot["process"] == row["process"]) & (snapshot["stage"] == row["stage"])
    deals: pd.DataFrame = snapshot[is_open(snapshot) & place.fillna(value=False).astype(bool)]
    return deals


def _amount(deals: pd.DataFrame) -> float | None:
    known = deals["amount_base"].dropna()
    return round(float(known.sum()), 2) if len(known) else None
