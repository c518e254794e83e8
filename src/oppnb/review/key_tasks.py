"""Key tasks of a stage that are past due and not done."""

from datetime import date

import pandas as pd

from oppnb.history import cutoff
from oppnb.tables import Tables, fold
from oppnb.workspace import Workspace

__all__ = ["overdue_tasks"]


def overdue_tasks(deals: pd.DataFrame, *, workspace: Workspace, tables: Tables, as_of: date) -> pd.Series:
    """The first key task of each deal's stage that is past due, or null.

    A task is due `due_days` after the deal entered its stage. It is done when, since then, an activity of that kind or
    an evidence element of that name was recorded. A task whose name never occurs as a kind or an element anywhere in
    the data cannot be judged and is never overdue.

    Returns
    -------
    Series of str
        Name of the task; same index as `deals`.
    """
    overdue = pd.Series(None, index=deals.index, dtype="str")
    tasks = [
        (process.name, stage.name, task)
        for process in workspace.processes
        for stage in process.stages
        for task in stage.key_tasks
        if task.due_days is not None
    ]
    if not tasks:
        return overdue
    done = _last_done(tables, as_of=as_of, workspace=workspace)
    for process, stage, task in tasks:
        name = fold(task.name)
        if name not in done.index.get_level_values("name"):
            continue
        here = [place == (process, stage) for place in zip(deals["process"], deals["stage"], strict=True)]
        late = pd.Series(here, index=deals.index) & (deals["days_in_stage"] > task.due_days) & overdue.isna()
        last = deals["opportunity_id"].map(done.xs(name, level="name"))
        is_done = last >= deals["entered_stage_at"]
        overdue = overdue.mask(late & ~is_done, task.name)
    return overdue


def _last_done(tables: Tables, *, as_of: date, workspace: Workspace) -> pd.Series:
    """The last moment known on the day, by deal and folded name of a kind of activity or an element of evidence."""
    parts = [
        tables[table][["opportunity_id", name, moment]].set_axis(["opportunity_id", "name", "at"], axis=1)
        for table, name, moment in (("activities", "kind", "occurred_at"), ("evidence", "element", "recorded_at"))
        if table in tables and "opportunity_id" in tables[table]
    ]
    if not parts:
        return pd.Series([], dtype="datetime64[us]", index=pd.MultiIndex.from_arrays([[], []], names=_KEYS))
    rows = pd.concat(parts, ignore_index=True).dropna()
    rows = rows[rows["at"] < cutoff(as_of, workspace.calendar.time_zone)]
    names = {text: fold(text) for text in rows["name"].unique()}
    return rows.assign(name=rows["name"].map(names)).groupby(_KEYS)["at"].max()


_KEYS = ["opportunity_id", "name"]
