"""Observed odds taken as the set ones, stage by stage, because somebody says so."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from oppnb.stages.proposed_odds import MIN_DEALS
from oppnb.workspace import Workspace

__all__ = ["odds_to_take", "take_observed_odds"]


def odds_to_take(odds: pd.DataFrame, *, of: str = "entered") -> pd.DataFrame:
    """Observed odds with interval and n, of the deals that entered a stage or of those that stand in it.

    Parameters
    ----------
    odds : DataFrame
        From `observed_odds`.
    of : {'entered', 'standing'}
        Where too few deals that stood there are closed, `standing` gives those of the deals that entered.

    Returns
    -------
    DataFrame
        One row a stage as in `odds`: `process`, `stage`, `observed` (0-1, null where unknown), `low`, `high` (95 %
        interval), `n` (closed deals it was seen on), `is_standing`, and `rounded`: to a whole percent, from 1 to 99 %.
    """
    stands = odds["standing_odds"].notna() & (of == "standing")
    pairs = {"observed": "observed_odds", "low": "low", "high": "high", "n": "n"}
    other = {"observed": "standing_odds", "low": "standing_low", "high": "standing_high", "n": "standing_n_closed"}
    found = {name: odds[other[name]].where(stands, odds[entered]) for name, entered in pairs.items()}
    rounded = (np.floor(found["observed"] * 100 + 0.5) / 100).clip(0.01, 0.99).round(2)
    return odds[["process", "stage"]].assign(**found, is_standing=stands, rounded=rounded)


def take_observed_odds(
    workspace: Workspace,
    odds: pd.DataFrame,
    *,
    stages: Collection[tuple[str, str]] | None = None,
    of: str = "entered",
    min_deals: int = MIN_DEALS,
) -> Workspace:
    """The workspace with observed odds as the set ones.

    Parameters
    ----------
    workspace : Workspace
        The configuration.
    odds : DataFrame
        From `observed_odds`.
    stages : collection of (process, stage), optional
        Only these, however few deals they were seen on; by default every open stage with at least `min_deals`.
    of : {'entered', 'standing'}
        See `odds_to_take`.
    min_deals : int
        Deals below which a stage that is not named keeps its odds.

    Returns
    -------
    Workspace

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = parse_workspace("processes: [{name: p, stages: [{name: Demo, odds: 0.5}]}]")
    >>> odds = pd.DataFrame({"process": ["p"], "stage": ["Demo"], "observed_odds": [0.2345], "low": [0.1],
    ...     "high": [0.4], "n": [40], "standing_odds": [np.nan], "standing_low": [np.nan], "standing_high": [np.nan],
    ...     "standing_n_closed": [0]})
    >>> take_observed_odds(workspace, odds).processes[0].stages[0].odds
    0.23
    """
    taken = odds_to_take(odds, of=of).dropna(subset=["observed"])
    new = {
        (row["process"], row["stage"]): float(row["rounded"])
        for row in taken.to_dict("records")
        if (row["n"] >= min_deals if stages is None else (row["process"], row["stage"]) in stages)
    }
    processes = [
        process.model_copy(
            update={
                "stages": [
                    stage.model_copy(update={"odds": new.get((process.name, stage.name), stage.odds)})
                    for stage in process.stages
                ]
            }
        )
        for process in workspace.processes
    ]
    return workspace.model_copy(update={"processes": processes})
