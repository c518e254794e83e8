"""Set odds beside observed odds: what a stage was said to be worth, and what became of the deals that entered it."""

import pandas as pd

from oppnb.metrics.intervals import wilson
from oppnb.stages.configuration import open_stages
from oppnb.workspace import Workspace

__all__ = ["MATURITY_QUANTILE", "PRIOR_STRENGTH", "observed_odds"]

PRIOR_STRENGTH = 20.0
MATURITY_QUANTILE = 0.9

_DAY = 86_400.0

_COLUMNS = {
    "process": "str",
    "stage": "str",
    "position": "int64",
    "set_odds": "float64",
    "observed_odds": "float64",
    "n": "int64",
    "n_won": "int64",
    "low": "float64",
    "high": "float64",
    "prior_share": "float64",
    "shrunk_odds": "float64",
    "n_entered": "int64",
    "n_open": "int64",
    "mature_days": "float64",
}


def observed_odds(
    snapshot: pd.DataFrame,
    spells: pd.DataFrame,
    *,
    workspace: Workspace,
    prior_strength: float = PRIOR_STRENGTH,
    maturity: float = MATURITY_QUANTILE,
) -> pd.DataFrame:
    """Set odds of each open stage beside the share that was won of the deals that entered it.

    Observed odds are n_won / n, where n counts the deals that entered the stage and are closed. Deals that close
    quickly are not like those that close slowly, so the newest entries would bend the rate: only *mature* entries
    count, those at least as old as the time within which `maturity` (90 %) of the stage's closed deals closed,
    counted from their first entry. Mature entries that are still open are left out of n and counted in `n_open`:
    a large `n_open` beside n means that the odds are too high (closed-cohort bias), because what lingers is
    mostly lost.

    Parameters
    ----------
    snapshot : DataFrame
        `oppnb.history.as_of` on the day of knowledge; uses opportunity_id, outcome, closed_at, as_of.
    spells : DataFrame
        `oppnb.history.spells` known on the same day; uses opportunity_id, process, stage, entered_at.
    workspace : Workspace
        Its processes give stages, order and set odds.
    prior_strength : float
        How many deals the set odds weigh as, in the shrunken odds.
    maturity : float
        Quantile, 0-1; 0 counts every entry.

    Returns
    -------
    DataFrame
        One row an open stage, by process and position: `process`, `stage`, `position`, `set_odds` (0-1, null where
        not set), `observed_odds` (null where n is 0), `n`, `n_won`, `low` and `high` (95 % Wilson interval),
        `prior_share` (share of the set odds in the shrunken ones, 0-1), `shrunk_odds` (beta-binomial: set odds as
        `prior_strength` earlier deals; equal to the observed where no odds are set), `n_entered` (mature or not),
        `n_open` (mature and open), `mature_days`.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = parse_workspace("processes: [{name: p, stages: [{name: Demo, odds: 0.5}]}]")
    >>> day = pd.Timestamp("2025-01-01")
    >>> spells = pd.DataFrame({"opportunity_id": ["a", "b", "c"], "process": "p", "stage": "Demo", "entered_at": day})
    >>> snapshot = pd.DataFrame({"opportunity_id": ["a", "b", "c"], "outcome": ["won", "lost", "open"],
    ...     "closed_at": [day, day, None], "as_of": day + pd.Timedelta(days=90)})
    >>> observed_odds(snapshot, spells, workspace=workspace)[["observed_odds", "n", "n_won", "n_open"]].values.tolist()
    [[0.5, 2.0, 1.0, 1.0]]
    """
    entries = _first_entries(snapshot, spells)
    rows = [
        _stage_row(
            entries.loc[(entries["process"] == process.name) & (entries["stage"] == stage.name)],
            heading=(process.name, stage.name, position),
            set_odds=stage.odds,
            prior_strength=prior_strength,
            maturity=maturity,
        )
        for process in workspace.processes
        for position, stage in open_stages(process)
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


def _first_entries(snapshot: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """One row a deal and stage: when it first entered, how it stands, its age since then and until its close."""
    first = spells.groupby(["opportunity_id", "process", "stage"], sort=True)["entered_at"].min().reset_index()
    known = snapshot[["opportunity_id", "outcome", "closed_at", "as_of"]].assign(
        closed_at=pd.to_datetime(snapshot["closed_at"]), as_of=pd.to_datetime(snapshot["as_of"])
    )
    entries = first.merge(known, on="opportunity_id", how="inner")
    day = pd.Timedelta(days=1)
    # a snapshot's day counts to its end, hence one day more than its midnight
    entries["age_days"] = (entries["as_of"] + day - entries["entered_at"]).dt.total_seconds() / _DAY
    entries["days_to_close"] = (entries["closed_at"] - entries["entered_at"]).dt.total_seconds() / _DAY
    return entries


def _stage_row(
    entries: pd.DataFrame,
    *,
    heading: tuple[str, str, int],
    set_odds: float | None,
    prior_strength: float,
    maturity: float,
) -> list[object]:
    is_closed = entries["outcome"].isin(["won", "lost"])
    days = entries.loc[is_closed, "days_to_close"].dropna()
    mature_days = float(days.quantile(maturity, interpolation="higher")) if len(days) and maturity > 0 else 0.0
    mature = entries["age_days"] >= mature_days
    n = int((mature & is_closed).sum())
    n_won = int((mature & (entries["outcome"] == "won")).sum())
    low, high = wilson(n_won, n) if n else (None, None)
    shrunk, prior_share = _shrunk(n_won, n, set_odds=set_odds, strength=prior_strength)
    observed = n_won / n if n else None
    n_open = int((mature & ~is_closed).sum())
    return [*heading, set_odds, observed, n, n_won, low, high, prior_share, shrunk, len(entries), n_open, mature_days]


def _shrunk(n_won: int, n: int, *, set_odds: float | None, strength: float) -> tuple[float | None, float]:
    if set_odds is None:
        return (n_won / n if n else None), 0.0
    return (strength * set_odds + n_won) / (strength + n), strength / (strength + n)
