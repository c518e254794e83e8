"""Where to look first: expected value, and what effort could move under a stated assumption."""

import numpy as np
import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.workspace import Scoring

__all__ = ["PRIORITY_COLUMNS", "priority_note", "rank_by_priority"]

PRIORITY_COLUMNS = ("expected_value", "movable_points", "movable_value", "priority_rank", "is_within_capacity")


def rank_by_priority(scores: pd.DataFrame, *, scoring: Scoring) -> pd.DataFrame:
    """Rank open deals by the value that effort could move.

    This is a ranking, not an estimate. It rests on an assumption that the workspace states: effort on a deal raises its
    win probability p by strength x p x (1 - p), which is largest in the middle, for a deal that is nearly won or nearly
    lost needs no effort or is beyond it. Nothing here says that working on a deal wins it.

    Parameters
    ----------
    scores : DataFrame
        Open deals: `opportunity_id`, `win_probability` (0-1), `amount_base`.
    scoring : Scoring
        Of the workspace: `movable.strength`, `capacity`.

    Returns
    -------
    DataFrame
        The index and order of `scores`: `expected_value` (probability x amount), `movable_points` (percentage points
        that effort is assumed to add), `movable_value` (those x amount), `priority_rank` (whole number, 1 is first; by
        movable value, then expected value, then key), `is_within_capacity` (ranked no lower than `capacity`; null
        without a capacity). Null where probability or amount is not known, or the amount is below 0.

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "opportunity_id": ["a", "b", "c"], "win_probability": [0.95, 0.5, 0.5],
    ...     "amount_base": [1000.0, 1000.0, 200.0]})
    >>> found = rank_by_priority(scores, scoring=Scoring(capacity=1))
    >>> found[["expected_value", "movable_value", "priority_rank"]].values.tolist()
    [[950.0, 9.5, 3], [500.0, 50.0, 1], [100.0, 10.0, 2]]
    """
    chance = scores["win_probability"].astype("float64")
    amount = scores["amount_base"].astype("float64")
    moved = scoring.movable.strength * chance * (1 - chance)
    amount = amount.where(amount >= 0)
    frame = pd.DataFrame(
        {
            "expected_value": (chance * amount).round(2),
            "movable_points": (100 * moved).round(4),
            "movable_value": (moved * amount).round(2),
        },
        index=scores.index,
    )
    frame["priority_rank"] = _ranks(frame, scores["opportunity_id"])
    within = frame["priority_rank"] <= (scoring.capacity or np.inf)
    is_said = frame["priority_rank"].notna() & (scoring.capacity is not None)
    frame["is_within_capacity"] = within.astype("boolean").where(is_said)
    return frame


def _ranks(frame: pd.DataFrame, keys: pd.Series) -> pd.Series:
    ranks = pd.Series(pd.NA, index=range(len(frame)), dtype="Int64")
    known = np.flatnonzero(frame["movable_value"].notna())
    rows = frame.iloc[known].assign(key=keys.iloc[known].to_numpy(), place=known)
    ordered = rows.sort_values(["movable_value", "expected_value", "key"], ascending=[False, False, True])
    ranks.iloc[ordered["place"].to_numpy()] = np.arange(1, len(known) + 1)
    return ranks.set_axis(frame.index)


def priority_note(scoring: Scoring, *, words: Words, formats: Formats) -> str:
    """The assumption in words, to stand beside the ranking."""
    strength = formats.number(scoring.movable.strength, digits=2)
    if scoring.capacity is None:
        return words("score_priority.note", strength=strength)
    return words("score_priority.note_capacity", strength=strength, capacity=formats.number(scoring.capacity))
