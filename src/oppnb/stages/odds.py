"""Set odds beside observed odds: what a stage was said to be worth, and what became of the deals that entered it."""

import numpy as np
import pandas as pd

from oppnb.errors import UsageError
from oppnb.metrics import cumulative_incidence
from oppnb.metrics.inputs import cutoff_of
from oppnb.stages.configuration import open_stages
from oppnb.stages.standing import STANDING_COLUMNS, standing_odds
from oppnb.workspace import Workspace

__all__ = ["PRIOR_STRENGTH", "first_entries", "observed_odds", "standing_first", "with_set_odds"]

PRIOR_STRENGTH = 20.0

_DAY = 86_400.0
_WON, _LOST = 1, 2

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
}
_STANDING = {name: kind for name, kind in STANDING_COLUMNS.items() if name.startswith("standing_")}
_COUNTS = [name for name, kind in _STANDING.items() if kind == "int64"]


def observed_odds(
    snapshot: pd.DataFrame,
    spells: pd.DataFrame,
    *,
    workspace: Workspace,
    prior_strength: float = PRIOR_STRENGTH,
) -> pd.DataFrame:
    """Set odds of each open stage beside the probability of being won: of deals that entered it, and that stand in it.

    Deals that stand in a stage on a day have lingered there, and what lingers is won less often: the pipeline is
    weighed by the odds of those who stand (`standing_odds`), a stage is judged by the odds of those who enter.

    Neither the share won of the closed deals nor that of all who entered would do: what is open lingers, and what
    lingers is mostly lost, so the first is too high; the second takes every young deal for one that is not won and is
    too low. Each deal is followed from its first entry to its close, or as far as it is known while it is open, the
    loss being the competing end (Aalen-Johansen). On a synthetic pipeline of 4,000 deals the share won of closed
    deals lay one to two points above the true odds; this lies on them, and its interval holds them.

    Parameters
    ----------
    snapshot : DataFrame
        `oppnb.history.as_of` on the day of knowledge; uses opportunity_id, outcome, closed_at, as_of.
    spells : DataFrame
        `oppnb.history.spells` known on the same day; uses opportunity_id, process, stage, entered_at; for the odds of
        those who stand there also outcome and left_at, without which these are null.
    workspace : Workspace
        Its processes give stages, order and set odds; its calendar says when a day ends.
    prior_strength : float
        How many deals the set odds weigh as, in the shrunken odds.

    Returns
    -------
    DataFrame
        One row an open stage, by process and position: `process`, `stage`, `position`, `set_odds` (0-1, null where
        not set), `observed_odds` (null where n is 0), `n` (closed deals that entered the stage), `n_won`, `low` and
        `high` (95 % interval), `prior_share` (share of the set odds in the shrunken ones, 0-1), `shrunk_odds`
        (beta-binomial: set odds as `prior_strength` earlier deals beside the n observed; equal to the observed where
        no odds are set), `n_entered` (closed or open), `n_open` (still open); and of the deals that stood in the stage
        on earlier days, adjusted to how long today's have stood there, `standing_odds`, `standing_low`,
        `standing_high`, null where fewer than 10 of them are closed, `standing_n` (distinct deals),
        `standing_n_closed`, and `standing_n_beyond`: today's deals that have stood there longer than any closed one, of
        which only a bound is known: see `oppnb.stages.standing_odds`.

    References
    ----------
    .. [1] O. O. Aalen, S. Johansen, "An empirical transition matrix for nonhomogeneous Markov chains based on
       censored observations", Scandinavian Journal of Statistics 5, 1978, pp. 141-150.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = parse_workspace("processes: [{name: p, stages: [{name: Demo, odds: 0.5}]}]")
    >>> day = pd.Timestamp("2025-01-01")
    >>> entered = [day, day, day + pd.Timedelta(days=9)]  # the third is young, and open
    >>> spells = pd.DataFrame(
    ...     {"opportunity_id": ["a", "b", "c"], "process": "p", "stage": "Demo", "entered_at": entered})
    >>> closed = day + pd.Timedelta(days=10)
    >>> snapshot = pd.DataFrame({"opportunity_id": ["a", "b", "c"], "outcome": ["won", "lost", "open"],
    ...     "closed_at": [closed, closed, None], "as_of": closed})
    >>> observed_odds(snapshot, spells, workspace=workspace)[["observed_odds", "n", "n_won", "n_open"]].values.tolist()
    [[0.5, 2.0, 1.0, 1.0]]
    """
    entries = first_entries(snapshot, spells, time_zone=workspace.calendar.time_zone)
    rows = [
        _stage_row(
            entries.loc[(entries["process"] == process.name) & (entries["stage"] == stage.name)],
            heading=(process.name, stage.name, position),
            set_odds=stage.odds,
            prior_strength=prior_strength,
        )
        for process in workspace.processes
        for position, stage in open_stages(process)
    ]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
    return _with_standing(frame, snapshot, spells, time_zone=workspace.calendar.time_zone)


def with_set_odds(odds: pd.DataFrame, workspace: Workspace, *, prior_strength: float = PRIOR_STRENGTH) -> pd.DataFrame:
    """The same observed odds beside the set odds, and in the order, of another configuration of the same stages.

    Parameters
    ----------
    odds : DataFrame
        From `observed_odds`.
    workspace : Workspace
        With the same open stages by name; odds and order may differ.
    prior_strength : float
        As in `observed_odds`.

    Returns
    -------
    DataFrame
        What `observed_odds` would give with that workspace, without looking at the deals again.

    Raises
    ------
    UsageError
        If an open stage of the workspace is not in `odds`.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> before, after = (
    ...     parse_workspace(f"processes: [{{name: p, stages: [{{name: Demo, odds: {odds}}}]}}]") for odds in (0.5, 0.2))
    >>> nobody = pd.DataFrame({"opportunity_id": [], "process": [], "stage": [], "entered_at": pd.to_datetime([]),
    ...     "outcome": [], "closed_at": pd.to_datetime([]), "as_of": pd.to_datetime([])})
    >>> deals, stays = nobody.drop(columns=["process", "stage"]), nobody.drop(columns="outcome")
    >>> odds = observed_odds(deals, stays, workspace=before)
    >>> with_set_odds(odds, after)[["set_odds", "shrunk_odds"]].values.tolist()
    [[0.2, 0.2]]
    """
    wanted = [(process.name, *one) for process in workspace.processes for one in open_stages(process)]
    at = {key: place for place, key in enumerate(zip(odds["process"], odds["stage"], strict=True))}
    unknown = [stage.name for process, _, stage in wanted if (process, stage.name) not in at]
    if unknown:
        raise UsageError(f"No observed odds were worked out for the stage '{unknown[0]}'.")
    found = odds.iloc[[at[process, stage.name] for process, _, stage in wanted]].reset_index(drop=True)
    observed = [None if pd.isna(value) else float(value) for value in found["observed_odds"]]
    shrunk = [
        _shrunk(value, int(n), set_odds=stage.odds, strength=prior_strength)
        for value, n, (_, _, stage) in zip(observed, found["n"], wanted, strict=True)
    ]
    new = {
        "position": [position for _, position, _ in wanted],
        "set_odds": [stage.odds for _, _, stage in wanted],
        "shrunk_odds": [value for value, _ in shrunk],
        "prior_share": [share for _, share in shrunk],
    }
    return found.assign(**{name: pd.Series(values, dtype=_COLUMNS[name]) for name, values in new.items()})


def standing_first(odds: pd.DataFrame, *, prior_strength: float = PRIOR_STRENGTH) -> pd.DataFrame:
    """The odds with those of the deals that stand in a stage as the observed ones, where they are known.

    A forecast weighs deals that stand in a stage on a day. They have lingered there, and what lingers is won less often
    than what enters: with the odds of those who enter a weighted pipeline is too high.

    Parameters
    ----------
    odds : DataFrame
        From `observed_odds`.
    prior_strength : float
        As in `observed_odds`.

    Returns
    -------
    DataFrame
        The same rows; `observed_odds`, `low`, `high`, `n` (closed deals that stood there), `prior_share` and
        `shrunk_odds` of those who stand, and of those who entered where that is null.

    Examples
    --------
    >>> odds = pd.DataFrame({"set_odds": [0.5], "observed_odds": [0.4], "low": [0.3], "high": [0.5], "n": [80],
    ...     "prior_share": [0.2], "shrunk_odds": [0.42], "standing_odds": [0.2], "standing_n_closed": [60],
    ...     "standing_low": [0.1], "standing_high": [0.3]})
    >>> standing_first(odds)[["observed_odds", "n", "shrunk_odds"]].round(3).values.tolist()
    [[0.2, 60.0, 0.275]]
    """
    stands = odds["standing_odds"].notna()
    n = odds["standing_n_closed"]
    prior = odds["set_odds"].notna() * prior_strength
    shrunk = (prior * odds["set_odds"].fillna(0.0) + n * odds["standing_odds"]) / (prior + n)
    new = {
        "observed_odds": odds["standing_odds"],
        "low": odds["standing_low"],
        "high": odds["standing_high"],
        "n": n,
        "prior_share": prior / (prior + n),
        "shrunk_odds": shrunk,
    }
    return odds.assign(**{name: values.where(stands, odds[name]) for name, values in new.items()})


def _with_standing(
    frame: pd.DataFrame, snapshot: pd.DataFrame, spells: pd.DataFrame, *, time_zone: str
) -> pd.DataFrame:
    if "left_at" not in spells or "outcome" not in spells:
        found = frame.assign(**dict.fromkeys(_STANDING, np.nan))
    else:
        standing = standing_odds(snapshot, spells, time_zone=time_zone)[["process", "stage", *_STANDING]]
        found = frame.merge(standing, on=["process", "stage"], how="left")
    return found.fillna(dict.fromkeys(_COUNTS, 0)).astype(_STANDING)


def first_entries(snapshot: pd.DataFrame, spells: pd.DataFrame, *, time_zone: str) -> pd.DataFrame:
    """One row a deal and stage: how it ended, and the days from its first entry until then, or so far.

    Parameters
    ----------
    snapshot, spells, time_zone
        As in `observed_odds`.

    Returns
    -------
    DataFrame
        By deal, process and stage: `opportunity_id`, `process`, `stage`, `entered_at`, `outcome`, `closed_at`, `as_of`,
        `end` (0 open, 1 won, 2 lost), `days` (below 0 where a deal closed before it entered: no evidence).
    """
    first = spells.groupby(["opportunity_id", "process", "stage"], sort=True)["entered_at"].min().reset_index()
    known = snapshot[["opportunity_id", "outcome", "closed_at", "as_of"]].assign(
        closed_at=pd.to_datetime(snapshot["closed_at"]), as_of=pd.to_datetime(snapshot["as_of"])
    )
    entries = first.merge(known, on="opportunity_id", how="inner")
    ends = {day: cutoff_of(day.date(), time_zone=time_zone) for day in entries["as_of"].unique()}
    is_open = ~entries["outcome"].isin(["won", "lost"])
    until = entries["closed_at"].where(~is_open, entries["as_of"].map(ends))
    entries["end"] = np.select([entries["outcome"] == "won", entries["outcome"] == "lost"], [_WON, _LOST], default=0)
    entries["days"] = (until - entries["entered_at"]).dt.total_seconds() / _DAY
    return entries


def _stage_row(
    entries: pd.DataFrame,
    *,
    heading: tuple[str, str, int],
    set_odds: float | None,
    prior_strength: float,
) -> list[object]:
    dated = entries[entries["days"] >= 0]
    days, end = dated["days"].to_numpy(dtype="float64"), dated["end"].to_numpy(dtype="int64")
    n, n_won = int((end > 0).sum()), int((end == _WON).sum())
    found = cumulative_incidence(days, end, horizon=float(days.max())) if n else None
    observed, low, high = found or (None, None, None)
    shrunk, prior_share = _shrunk(observed, n, set_odds=set_odds, strength=prior_strength)
    n_open = int((end == 0).sum())
    return [*heading, set_odds, observed, n, n_won, low, high, prior_share, shrunk, len(dated), n_open]


def _shrunk(observed: float | None, n: int, *, set_odds: float | None, strength: float) -> tuple[float | None, float]:
    if set_odds is None or observed is None:
        return (observed if set_odds is None else set_odds), (0.0 if set_odds is None else 1.0)
    return (strength * set_odds + n * observed) / (strength + n), strength / (strength + n)
