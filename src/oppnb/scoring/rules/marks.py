"""How far each rule holds for each deal on its day: 0 or 1 for a condition, a faded count for contact."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oppnb.history import Source, activity_decay
from oppnb.scoring.stages_meant import stands_in
from oppnb.tables import Tables, rows_where
from oppnb.workspace import AttributeRule, BehaviourRule, Workspace

__all__ = ["attribute_marks", "behaviour_marks"]


def attribute_marks(frame: pd.DataFrame, rules: Sequence[AttributeRule]) -> pd.DataFrame:
    """Whether each rule's condition holds.

    Parameters
    ----------
    frame : DataFrame
        Deals on days with every column that may be asked about: a snapshot with `rule_frame`'s columns.
    rules : sequence of AttributeRule
        Of `workspace.scoring.attribute_rules`.

    Returns
    -------
    DataFrame
        The index of `frame`, one float column a rule by its name: 1 where the condition holds, else 0. A value that is
        not known meets no condition but `is_null: true` and `not_in`.

    Raises
    ------
    ColumnMissingError
        If a rule names a column that is not there, with the nearest one.

    Examples
    --------
    >>> rule = AttributeRule(name="large", points=10, where={"employees": {"at_least": 500}})
    >>> attribute_marks(pd.DataFrame({"employees": [20, 800, None]}), [rule])["large"].tolist()
    [0.0, 1.0, 0.0]
    """
    marks = {
        rule.name: rows_where(frame, rule.where, table=f"scoring.attribute_rules: {rule.name}").astype("float64")
        for rule in rules
    }
    return pd.DataFrame(marks, index=frame.index)


def behaviour_marks(
    frame: pd.DataFrame, tables: Tables | Source, rules: Sequence[BehaviourRule], *, workspace: Workspace
) -> pd.DataFrame:
    """How much each rule's activity there was by the day, or whether there was silence.

    Parameters
    ----------
    frame : DataFrame
        Deals on days: `opportunity_id`, `as_of`, `stage`, `age_days`, as a snapshot has them.
    tables
        As in `oppnb.history.as_of`; only activities known on each row's day are counted.
    rules : sequence of BehaviourRule
        Of `workspace.scoring.behaviour_rules`.

    Returns
    -------
    DataFrame
        The index of `frame`, one float column a rule by its name: the faded or plain count of activities; for silence
        1 or 0, where a deal without any activity has been silent for as long as it is open. 0 outside the rule's
        stages. Null where it is not known: no table `activities`, or silence since a day that is not known.

    Examples
    --------
    >>> from oppnb.history import as_of
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]})
    >>> calls = pd.DataFrame({"opportunity_id": ["1"], "kind": ["call"],
    ...                       "occurred_at": pd.to_datetime(["2024-01-01"])})
    >>> tables = Tables({"opportunities": deals, "activities": calls})
    >>> rule = BehaviourRule(name="silence", points=-20, silence_days=14)
    >>> frame = as_of(tables, "2024-01-20")
    >>> behaviour_marks(frame, tables, [rule], workspace=Workspace())["silence"].tolist()
    [1.0]
    """
    marks = {rule.name: _behaviour_mark(frame, tables, rule, workspace) for rule in rules}
    return pd.DataFrame(marks, index=frame.index)


def _behaviour_mark(
    frame: pd.DataFrame, tables: Tables | Source, rule: BehaviourRule, workspace: Workspace
) -> pd.Series:
    found = activity_decay(
        tables,
        frame,
        half_life_days=rule.half_life_days,
        within_days=rule.within_days,
        kinds=rule.counted_kinds,
        direction=rule.direction,
        workspace=workspace,
    )
    mark: pd.Series = found["weight"] if rule.silence_days is None else _silence(found, frame, rule.silence_days)
    if rule.stages:
        mark = mark.where(mark.isna() | stands_in(frame["stage"], rule.stages, workspace=workspace), 0.0)
    return mark


def _silence(found: pd.DataFrame, frame: pd.DataFrame, silence_days: float) -> pd.Series:
    silent_for = found["days_since_last"].fillna(frame["age_days"])
    is_known = found["weight"].notna() & silent_for.notna()
    return pd.Series(np.where(is_known, silent_for >= silence_days, np.nan), index=frame.index, dtype="float64")
