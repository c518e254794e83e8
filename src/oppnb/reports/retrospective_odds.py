"""The odds a retrospective proposes from: those of the whole history, as the stage calibration of the day has them."""

import pandas as pd

from oppnb.history import open_source
from oppnb.history.on_day import pipeline_on, stays_on
from oppnb.stages import OpenedData, observed_odds
from oppnb.stages.odds import first_entries

__all__ = ["odds_of_history"]


def odds_of_history(opened: OpenedData) -> pd.DataFrame:
    """Set odds beside observed odds on the day of knowledge, worked out as `oppnb.review.Review.odds` is.

    The book of a forecast stands on weekly days and does not see a stay between two of them, so its odds would differ
    a little from those of a stage calibration of the same day.

    Returns
    -------
    DataFrame
        As `oppnb.stages.observed_odds`, with `n_process`: deals of the process that entered any of its open stages.
    """
    source, zone = open_source(opened.tables), opened.workspace.calendar.time_zone
    known = pipeline_on(source, opened.as_of, workspace=opened.workspace)
    stays = stays_on(source, opened.as_of, workspace=opened.workspace)
    odds = observed_odds(known, stays, workspace=opened.workspace)
    entered = first_entries(known, stays, time_zone=zone)
    is_open = pd.MultiIndex.from_frame(entered[["process", "stage"]]).isin(
        pd.MultiIndex.from_frame(odds[["process", "stage"]])
    )
    n = entered[is_open & (entered["days"] >= 0)].groupby("process")["opportunity_id"].nunique()
    return odds.assign(n_process=odds["process"].map(n).fillna(0).astype("int64"))
