"""Observed odds by region, seller or source beside those of all others: where they differ more than chance explains."""

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from oppnb.metrics.intervals import Z
from oppnb.stages.configuration import open_stages
from oppnb.stages.entered_odds import EnteredOdds, beyond_noise, entered_odds
from oppnb.stages.odds import first_entries
from oppnb.workspace import Workspace

__all__ = ["MIN_IN_SEGMENT", "odds_by_segment"]

MIN_IN_SEGMENT = 20
"""Closed deals on either side below which nothing is compared."""

_COLUMNS = {
    **dict.fromkeys(["column", "segment", "process", "stage"], "str"),
    "position": "int64",
    **dict.fromkeys(["observed_odds", "low", "high"], "float64"),
    "n": "int64",
    "others_odds": "float64",
    "others_n": "int64",
    **dict.fromkeys(["difference", "difference_low", "difference_high", "p_value"], "float64"),
    "stands_out": "bool",
}


def odds_by_segment(
    snapshot: pd.DataFrame, spells: pd.DataFrame, columns: Sequence[str], *, workspace: Workspace
) -> pd.DataFrame:
    """Observed odds of the deals of each segment that entered a stage, beside those of all other deals that did.

    Parameters
    ----------
    snapshot, spells
        As in `oppnb.stages.observed_odds`; the snapshot also holds the columns.
    columns : sequence of str
        What tells segments apart, e.g. `region`; a column that the snapshot lacks, or that says one thing of all deals,
        has no rows. A deal without a value belongs to no segment, but to the others of each.
    workspace : Workspace
        Its processes give the stages.

    Returns
    -------
    DataFrame
        One row a column, segment and open stage that any deal of it entered, by column in the order given, segment,
        process and position: `column`, `segment`, `process`, `stage`, `position`, `observed_odds` with `low`, `high`
        (95 %), `n` (closed deals), `others_odds`, `others_n`, `difference` (observed less others') with
        `difference_low`, `difference_high` (95 %), `p_value` (two-sided score test, the larger of two: of these odds,
        and of the share won of closed deals, since a segment may differ only in how many deals it leaves open for
        good; null below 20 closed deals on either side), `stands_out` (beyond noise, all comparisons of all columns
        looked at together: see `oppnb.stages.entered_odds.beyond_noise`).

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = parse_workspace("processes: [{name: p, stages: [{name: Demo, odds: 0.5}]}]")
    >>> day, ids = pd.Timestamp("2025-01-01"), [f"{i:03d}" for i in range(100)]
    >>> closed = day + pd.Timedelta(days=10)
    >>> spells = pd.DataFrame({"opportunity_id": ids, "process": "p", "stage": "Demo", "entered_at": day})
    >>> north = [True] * 50 + [False] * 50  # 40 of 50 are won in the north, 10 of 50 in the south
    >>> outcome = ["won"] * 40 + ["lost"] * 10 + ["won"] * 10 + ["lost"] * 40
    >>> snapshot = pd.DataFrame({"opportunity_id": ids, "outcome": outcome, "closed_at": closed, "as_of": closed,
    ...     "region": ["North" if one else "South" for one in north]})
    >>> found = odds_by_segment(snapshot, spells, ["region"], workspace=workspace)
    >>> found[["segment", "observed_odds", "others_odds", "stands_out"]].values.tolist()
    [['North', 0.8, 0.2, True], ['South', 0.2, 0.8, True]]
    """
    entries = first_entries(snapshot, spells, time_zone=workspace.calendar.time_zone)
    told = [name for name in columns if name in snapshot and len(snapshot[name].dropna().unique()) > 1]
    rows = entries.merge(snapshot[["opportunity_id", *told]], on="opportunity_id", how="left")
    places = {
        (process.name, stage.name): position
        for process in workspace.processes
        for position, stage in open_stages(process)
    }
    made = [row for name in told for row in _rows_of(rows, name, places)]
    frame = pd.DataFrame(made, columns=[name for name in _COLUMNS if name != "stands_out"])
    frame = frame.assign(stands_out=beyond_noise(frame["p_value"].to_numpy(dtype="float64"))).astype(_COLUMNS)
    order = {name: place for place, name in enumerate(told)}
    processes = {process.name: place for place, process in enumerate(workspace.processes)}
    keys = frame.assign(a=frame["column"].map(order), b=frame["process"].map(processes))
    return frame.loc[keys.sort_values(["a", "segment", "b", "position"], kind="stable").index].reset_index(drop=True)


def _rows_of(rows: pd.DataFrame, column: str, places: dict[tuple[str, str], int]) -> Iterator[list[object]]:
    for (process, stage), position in places.items():
        here = rows[(rows["process"] == process) & (rows["stage"] == stage)]
        for segment in sorted(here[column].dropna().unique()):
            mine = (here[column] == segment).to_numpy(dtype=bool)
            own, others = entered_odds(here[mine]), entered_odds(here[~mine])
            head = [column, str(segment), process, stage, position]
            yield [*head, own.value, own.low, own.high, own.n, others.value, others.n, *_difference(own, others)]


def _difference(own: EnteredOdds, others: EnteredOdds) -> tuple[float, float, float, float]:
    if min(own.n, others.n) < MIN_IN_SEGMENT or math.isnan(own.value) or math.isnan(others.value):
        return math.nan, math.nan, math.nan, math.nan
    difference, error = own.value - others.value, math.hypot(own.error, others.error)
    closed = (own.n_won / own.n, others.n_won / others.n)
    p_value = max(_chance(own, others, (own.value, others.value)), _chance(own, others, closed))
    return difference, max(difference - Z * error, -1.0), min(difference + Z * error, 1.0), p_value


def _chance(own: EnteredOdds, others: EnteredOdds, odds: tuple[float, float]) -> float:
    """How likely as large a difference of odds is if there is none.

    With the scatter that both together say, so that few deals of which nearly all were won are not taken for certain.
    """
    n = own.n + others.n
    pooled = (own.n * odds[0] + others.n * odds[1]) / n
    error = math.sqrt(pooled * (1 - pooled) * (1 / own.n + 1 / others.n))
    return math.erfc(abs(odds[0] - odds[1]) / error / math.sqrt(2)) if error > 0 else 1.0
