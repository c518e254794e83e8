"""The score table: one row an open deal, with its probability, how sure it is, its parts, the declared scores."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from oppnb.periods import period_of
from oppnb.scoring.intervals import win_rate_intervals
from oppnb.scoring.ledger import contribution_columns
from oppnb.scoring.prediction import Prediction
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.scorer import Scorer
from oppnb.scoring.spread import logit_sd

__all__ = ["CURVE_DAYS", "learned_scores"]

CURVE_DAYS = (30, 60, 90, 180, 365)
"""Days after the day of knowledge at which the table tells the curve."""


def learned_scores(scorer: Scorer, rows: ScoringRows) -> pd.DataFrame:
    """What the model says of each deal.

    Parameters
    ----------
    scorer : Scorer
    rows : ScoringRows
        Open deals on one day, as `oppnb.scoring.training_rows.scoring_rows` gives them.

    Returns
    -------
    DataFrame
        In the order of `rows`: `win_probability` (of being won at all, 0-1), `win_probability_low_80`, `_high_80`,
        `_low_95`, `_high_95` (for the win rate of deals like this one), `win_probability_30_days`, … `_365_days` (won
        by then), `win_probability_period_end` (by the end of the fiscal quarter that the next day lies in, which is
        `period_end_on`),
        `loss_probability_90_days`, `base_probability` and `contribution_<idea>` (they add up to `win_probability`),
        `prior_share` (how much of the number is prior; null where the model tells none). Curves are null without dates.
    """
    mine = scorer.rows(rows)
    prediction = scorer.model.predict(mine)
    chance = np.clip(prediction.won_ever, 0.0, 1.0)
    sure = win_rate_intervals(chance, logit_sd(scorer.model, mine), doubt=scorer.doubt)
    frame = pd.DataFrame({"win_probability": chance})
    for name in sure.columns:
        frame[f"win_probability_{name}"] = sure[name].to_numpy()
    frame = pd.concat([frame, curve_columns(prediction, rows)], axis="columns")
    parts = contribution_columns(scorer.model.contributions(mine))
    frame = pd.concat([frame, parts], axis="columns")
    below = getattr(scorer.model, "model", scorer.model)  # a corrected model has the same prior within
    share = getattr(below, "prior_share", None)
    frame["prior_share"] = np.asarray(share(mine), dtype="float64") if callable(share) else np.nan
    return frame


def curve_columns(prediction: Prediction, rows: ScoringRows, *, days: Sequence[int] = CURVE_DAYS) -> pd.DataFrame:
    """Points of the curves by date."""
    found = {f"win_probability_{n}_days": np.clip(prediction.won_by(float(n)), 0.0, 1.0) for n in days}
    left = days_to_period_end(rows)
    by_end = np.where(left > 0, prediction.won_by(np.where(left > 0, left, 0.0)), np.nan)
    found["win_probability_period_end"] = np.clip(by_end, 0.0, 1.0)
    found["loss_probability_90_days"] = np.clip(prediction.lost_by(90.0), 0.0, 1.0)
    ends = rows.keys["as_of"] + pd.to_timedelta(pd.Series(left), unit="D")
    return pd.DataFrame(found).assign(period_end_on=ends.astype("datetime64[us]"))


def days_to_period_end(rows: ScoringRows) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Days from each row's day to the last day of the fiscal quarter of the day after; null without dates."""
    if len(rows) == 0 or not rows.is_dated:
        return np.full(len(rows), np.nan)
    codes, found = pd.factorize(rows.keys["as_of"])
    start = rows.calendar.fiscal_year_start
    left = [_days_left(pd.Timestamp(one).date(), start) for one in found]
    return np.asarray(left, dtype="float64")[codes]


def _days_left(day: date, start: int) -> float:
    return float((period_of(day + timedelta(days=1), fiscal_year_start=start).end - day).days)
