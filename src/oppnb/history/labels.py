"""How the deals that were open on a day had ended by another: won, lost, still open, or not yet known."""

import pandas as pd

from oppnb.errors import UsageError
from oppnb.history.coverage import read_coverage
from oppnb.history.day_rows import day_rows
from oppnb.history.deals import exported_deals
from oppnb.history.moments import as_day
from oppnb.history.snapshots import Data, Day
from oppnb.history.source import open_source
from oppnb.history.states import known_states
from oppnb.history.told import told_on_days
from oppnb.workspace import Workspace

__all__ = ["LABEL_COLUMNS", "labels"]

LABEL_COLUMNS = ("opportunity_id", "as_of", "by", "label", "closed_at")


def labels(
    tables: Data, as_of: Day, *, by: Day, known_on: Day | None = None, workspace: Workspace | None = None
) -> pd.DataFrame:
    """What became of the deals open on `as_of`, by the end of `by`, as known on `known_on`.

    Parameters
    ----------
    tables, workspace
        As in `oppnb.history.as_of`.
    as_of : date
        The deals that were open then get a label.
    by : date
        The horizon.
    known_on : date, optional
        Nothing later is looked at; by default the day of the export.

    Returns
    -------
    DataFrame
        By `opportunity_id`: `as_of`, `by`, `label`, `closed_at` (null unless won or lost). `label` is won or lost for a
        deal that stood closed at the end of `by`, open for one still open then, and not_yet_known where `by` lies after
        `known_on` and the deal was still open on `known_on`. Deals that close early get their label first: to learn
        from a horizon that is not over yet, leave the whole day out, not only the rows not yet known.

    Raises
    ------
    UsageError
        If `by` lies before `as_of`, or `as_of` after `known_on`.

    Examples
    --------
    >>> deals = pd.DataFrame({
    ...     "opportunity_id": ["1", "2"], "stage": ["Won", "Demo"],
    ...     "created_at": pd.to_datetime(["2024-01-02", "2024-01-02"]),
    ...     "closed_at": pd.to_datetime(["2024-03-01", None])})
    >>> tables = {"opportunities": deals}
    >>> labels(tables, "2024-02-01", by="2024-04-01", known_on="2024-06-01")["label"].tolist()
    ['won', 'open']
    >>> labels(tables, "2024-02-01", by="2024-04-01", known_on="2024-02-20")["label"].tolist()
    ['not_yet_known', 'not_yet_known']
    """
    source, workspace = open_source(tables), workspace or Workspace()
    coverage = read_coverage(source, workspace)
    start, horizon = as_day(as_of), as_day(by)
    known = coverage.exported_on if known_on is None else as_day(known_on)
    if horizon < start or start > known:
        raise UsageError(
            f"Labels need as_of <= by and as_of <= known_on; as_of is {start}, by {horizon}, known_on {known}."
        )
    seen = sorted({start, min(horizon, known)})
    calendar = day_rows(seen, coverage=coverage, workspace=workspace)
    deals = exported_deals(source, coverage)
    told = told_on_days(deals, known_states(source, coverage, deals, calendar, workspace), calendar, only_open=False)
    rows = source.frame(told.select("opportunity_id", "day_no", "outcome", "closed_at"))
    return _labelled(rows, start=start, by=horizon, is_over=horizon <= known)


def _labelled(rows: pd.DataFrame, *, start: object, by: object, is_over: bool) -> pd.DataFrame:
    was_open = rows.loc[(rows["day_no"] == 0) & (rows["outcome"] == "open"), ["opportunity_id"]]
    ended = rows.loc[rows["day_no"] == rows["day_no"].max(), ["opportunity_id", "outcome", "closed_at"]]
    frame = was_open.merge(ended, on="opportunity_id", how="left").sort_values("opportunity_id", ignore_index=True)
    days = {"as_of": pd.Timestamp(str(start)).as_unit("us"), "by": pd.Timestamp(str(by)).as_unit("us")}
    label = frame["outcome"] if is_over else frame["outcome"].where(frame["outcome"] != "open", "not_yet_known")
    frame = frame.assign(**days, label=label.astype("str"))
    return frame[list(LABEL_COLUMNS)]
