"""Win rates by region, seller or source beside those of all others: where they differ more than chance explains."""

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from oppnb.metrics.intervals import wilson
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
    "n_entered": "int64",
    "others_odds": "float64",
    **dict.fromkeys(["win_rate", "win_rate_low", "win_rate_high"], "float64"),
    "n": "int64",
    "others_win_rate": "float64",
    "others_n": "int64",
    **dict.fromkeys(["difference", "difference_low", "difference_high", "p_value", "entered_p_value"], "float64"),
    "stands_out": "bool",
}


def odds_by_segment(
    snapshot: pd.DataFrame, spells: pd.DataFrame, columns: Sequence[str], *, workspace: Workspace
) -> pd.DataFrame:
    """Win rate of the closed deals of each segment that entered a stage, beside that of all other deals that did.

    What is tested is told: the win rates of closed deals, their difference and its p value. A segment may close all it
    loses and leave what it cannot win open for good, or the other way round, so a difference stands out only where the
    odds of all that entered, deals still open followed as far as known, differ beyond noise as well.

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
        process and position: `column`, `segment`, `process`, `stage`, `position`; of all that entered, `observed_odds`
        with `low`, `high` (Aalen-Johansen, 95 %), `n_entered` and `others_odds`; of the closed ones of them, `win_rate`
        with `win_rate_low`, `win_rate_high` (Wilson, 95 %), `n`, `others_win_rate`, `others_n`, `difference` (win rate
        less others') with `difference_low`, `difference_high` (Newcombe, 95 %) and `p_value` (two-sided score test of
        that difference); `entered_p_value` (the same test of the odds of all that entered); `stands_out` (both p
        values beyond noise, all comparisons of all columns looked at together: see
        `oppnb.stages.entered_odds.beyond_noise`). Differences and p values are null below 20 closed deals on either
        side.

    References
    ----------
    .. [1] R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven
       methods", Statistics in Medicine 17, 1998, pp. 873-890 (method 10).

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
    >>> found[["segment", "win_rate", "others_win_rate", "stands_out"]].values.tolist()
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
    larger = frame[["p_value", "entered_p_value"]].astype("float64").max(axis="columns", skipna=False)
    frame = frame.assign(stands_out=beyond_noise(larger.to_numpy())).astype(_COLUMNS)
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
            odds = [own.value, own.low, own.high, own.n + own.n_open, others.value]
            yield [*head, *odds, *_rates(own, others), *_difference(own, others)]


def _rates(own: EnteredOdds, others: EnteredOdds) -> list[float]:
    """Win rates of closed deals, with n."""
    limits = wilson(own.n_won, own.n) if own.n else (math.nan, math.nan)
    return [_rate(own), *limits, own.n, _rate(others), others.n]


def _rate(odds: EnteredOdds) -> float:
    return odds.n_won / odds.n if odds.n else math.nan


def _difference(own: EnteredOdds, others: EnteredOdds) -> list[float]:
    """Difference of the win rates with its interval and p value, and the p value of the odds of all that entered."""
    if min(own.n, others.n) < MIN_IN_SEGMENT or math.isnan(own.value) or math.isnan(others.value):
        return [math.nan] * 5
    rates = _rate(own), _rate(others)
    (low, high), (others_low, others_high) = wilson(own.n_won, own.n), wilson(others.n_won, others.n)
    difference = rates[0] - rates[1]
    below, above = (
        math.hypot(rates[0] - low, others_high - rates[1]),
        math.hypot(high - rates[0], rates[1] - others_low),
    )
    p_values = [_chance(own, others, rates), _chance(own, others, (own.value, others.value))]
    return [difference, difference - below, difference + above, *p_values]


def _chance(own: EnteredOdds, others: EnteredOdds, odds: tuple[float, float]) -> float:
    """How likely as large a difference of odds is if there is none.

    With the scatter that both together say, so that few deals of which nearly all were won are not taken for certain.
    """
    n = own.n + others.n
    pooled = (own.n * odds[0] + others.n * odds[1]) / n
    error = math.sqrt(pooled * (1 - pooled) * (1 / own.n + 1 / others.n))
    return math.erfc(abs(odds[0] - odds[1]) / error / math.sqrt(2)) if error > 0 else 1.0
