"""Leads on days as rows to learn from and to score: which convert within so many days."""

from dataclasses import replace

import numpy as np
import pandas as pd

from oppnb.history.lead_rows import LEAD_PROCESS, as_deals
from oppnb.history.snapshots import Day
from oppnb.scoring.features import DECLARED
from oppnb.scoring.rows import Feature, ScoringRows
from oppnb.scoring.training_rows import scoring_rows, training_rows
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["AGE_BANDS", "OLDEST_DAYS", "WITHIN_DAYS", "ends_within", "lead_scoring_rows", "lead_training_rows"]

WITHIN_DAYS = 90
"""A lead converts within so many days, or it does not."""
OLDEST_DAYS = 365
"""Leads that have waited longer are neither learnt from nor scored."""
AGE_BANDS = {"week": 7.0, "month": 28.0, "quarter": 91.0, "half_year": 182.0, "longer": float("inf")}
"""How long a lead has waited at most, by the name of its band: what a stage is to a deal."""

_DECLARED = {
    "age_days",
    "source",
    "product",
    "region",
    "industry",
    "log_employees",
    "log_annual_revenue",
    "team",
    "owner",
    *(name for name, one in DECLARED.items() if one.feature.group == "activity" and "next_step" not in name),
}


def lead_training_rows(
    tables: Tables,
    *,
    until: Day | None = None,
    within_days: int = WITHIN_DAYS,
    workspace: Workspace | None = None,
) -> ScoringRows:
    """Leads that had not been converted on weekly days up to `until`, and whether they were within the days after.

    Each lead is looked at every fourth week while it waits, as deals are (see `oppnb.scoring.training_rows`).

    Parameters
    ----------
    tables : Tables
        With `leads`.
    until : date, optional
        The day of knowledge; by default the day of the export.
    within_days : int
        The horizon n.
    workspace : Workspace, optional
        Its calendar counts.

    Returns
    -------
    ScoringRows
        `opportunity_id` is the lead, `process` is `lead`, `stage` the band of `AGE_BANDS`. `end` is won for a lead that
        was converted within n days of the row's day, lost for one that was watched for n days and was not, and open for
        one that has not been watched for so long: a young lead is no negative. So "won ever" means converted within n
        days.

    Examples
    --------
    >>> leads = pd.DataFrame({"lead_id": ["1", "2"], "created_at": pd.to_datetime(["2024-01-06", "2024-01-06"]),
    ...     "converted_at": pd.to_datetime(["2024-01-20", None])})
    >>> rows = lead_training_rows(Tables({"leads": leads}), until="2024-03-31", within_days=30)
    >>> sorted(zip(rows.keys["opportunity_id"], rows.ends["end"]))
    [('1', 'won'), ('2', 'lost'), ('2', 'lost'), ('2', 'open')]
    """
    deals, settled = as_deals(tables, workspace=workspace)
    return ends_within(_as_leads(training_rows(deals, until=until, workspace=settled)), within_days)


def lead_scoring_rows(tables: Tables, day: Day | None = None, *, workspace: Workspace | None = None) -> ScoringRows:
    """Leads that had not been converted at the end of a day, with the features of `lead_training_rows`.

    Parameters
    ----------
    tables, workspace
        As there.
    day : date, optional
        The day of knowledge; by default the day of the export.
    """
    deals, settled = as_deals(tables, workspace=workspace)
    return _as_leads(scoring_rows(deals, day, workspace=settled))


def ends_within(rows: ScoringRows, days: int) -> ScoringRows:
    """The same rows with ends that are settled after so many days: won by then, or lost, or not watched so long."""
    assert rows.ends is not None  # noqa: S101 - asked of rows to learn from only
    known = rows.ends["days_to_end"].to_numpy(dtype="float64")
    is_over = known >= days
    is_won = rows.is_won & (known < days)
    end = np.where(is_won, "won", np.where(is_over, "lost", "open"))
    ends = rows.ends.assign(end=pd.Series(end, dtype="str"), days_to_end=np.where(is_over, float(days), known))
    return replace(rows, ends=ends)


def _as_leads(rows: ScoringRows) -> ScoringRows:
    """Rows of leads in the place of deals: the wait for a stage, and only what can be said of a lead."""
    age = rows.values["age_days"].to_numpy(dtype="float64", na_value=np.nan)
    rows, age = rows.take(~(age > OLDEST_DAYS)), age[~(age > OLDEST_DAYS)]
    names = np.array([*AGE_BANDS, "longer"], dtype=object)
    band = np.searchsorted(list(AGE_BANDS.values()), age, side="right")
    keys = rows.keys.assign(
        process=LEAD_PROCESS,
        stage=pd.Series(names[band], dtype="str"),
        stage_position=band + 1.0,
        set_odds=np.nan,
    )
    kept = [feature for feature in rows.features if feature.name in _DECLARED or feature.name not in DECLARED]
    features = tuple(_settled(feature) for feature in kept)
    return replace(rows, keys=keys, values=rows.values[[feature.name for feature in kept]], features=features)


def _settled(feature: Feature) -> Feature:
    """How long a lead has waited is a matter of time."""
    return replace(feature, group="timing") if feature.name == "age_days" else feature
