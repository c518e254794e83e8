"""Where features are declared: a function from what is known to a column, with the idea it belongs to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from oppnb.scoring.rows import GROUPS, Feature, Group
from oppnb.workspace import Workspace

__all__ = ["DECLARED", "Known", "declare", "feature_values"]


@dataclass(frozen=True)
class Known:
    """What is known of deals on days.

    Attributes
    ----------
    rows : DataFrame
        Columns of `oppnb.history.snapshots`, `with_attributes` and `with_facts`; one row a deal and day.
    workspace : Workspace
        Stages with their limits, calendar.
    """

    rows: pd.DataFrame
    workspace: Workspace

    def number(self, name: str) -> pd.Series:
        """A column as numbers; null throughout where the data has none."""
        if name not in self.rows.columns:
            return pd.Series(np.nan, index=self.rows.index)
        return self.rows[name].astype("float64")

    def text(self, name: str) -> pd.Series:
        """A column as text; null throughout where the data has none."""
        if name not in self.rows.columns:
            return pd.Series(None, index=self.rows.index, dtype="str")
        return self.rows[name].astype("str")

    def days_until(self, name: str) -> pd.Series:
        """Days from the day of knowledge to the day in a column; below 0 where that has passed."""
        if name not in self.rows.columns:
            return pd.Series(np.nan, index=self.rows.index)
        days: pd.Series = (self.rows[name] - self.rows["as_of"]).dt.total_seconds() / 86_400.0
        return days

    def by_stage(self, setting: str) -> pd.Series:
        """A number that the configuration sets for the stage in which the deal stands."""
        set_to = {
            (process.name, stage.name): getattr(stage, setting)
            for process in self.workspace.processes
            for stage in process.stages
        }
        keys = zip(self.rows["process"], self.rows["stage"], strict=True)
        return pd.Series([set_to.get(key) for key in keys], index=self.rows.index, dtype="float64")


@dataclass(frozen=True)
class Declared:
    """A feature and how it is worked out."""

    feature: Feature
    work_out: Callable[[Known], pd.Series]


DECLARED: dict[str, Declared] = {}
ELEMENT = "evidence_of_"


def declare(
    group: Group,
    *,
    kind: Literal["number", "category"] = "number",
    is_dated: bool = True,
    can_change: bool = False,
    name: str | None = None,
) -> Callable[[Callable[[Known], pd.Series]], Callable[[Known], pd.Series]]:
    """Declare a function as a feature of its own name.

    Parameters
    ----------
    group, kind, is_dated, can_change
        See `oppnb.scoring.rows.Feature`.
    name : str, optional
        By default that of the function.

    Examples
    --------
    >>> DECLARED["days_in_stage"].feature.group
    'stage'
    """

    def keep(work_out: Callable[[Known], pd.Series]) -> Callable[[Known], pd.Series]:
        feature = Feature(name or work_out.__name__, group, kind, is_dated, can_change)
        DECLARED[feature.name] = Declared(feature, work_out)
        return work_out

    return keep


def feature_values(known: Known) -> tuple[pd.DataFrame, tuple[Feature, ...]]:
    """Every declared feature of the rows, those of one idea together, in the order of their declaration.

    Returns
    -------
    tuple of DataFrame and tuple of Feature
        Numbers are float64 and finite or null, categories text or null; same index as the rows.
    """
    every = [
        *DECLARED.values(),
        *(_of_element(str(name)) for name in known.rows.columns if str(name).startswith(ELEMENT)),
    ]
    every = sorted(every, key=lambda one: GROUPS.index(one.feature.group))
    columns = {one.feature.name: as_kind(one.work_out(known), one.feature.kind) for one in every}
    return pd.DataFrame(columns, index=known.rows.index), tuple(one.feature for one in every)


def _of_element(name: str) -> Declared:
    """The state of one qualification element: which there are, the data says."""
    return Declared(Feature(name, "qualification", "number", can_change=True), lambda known: known.number(name))


def as_kind(values: pd.Series, kind: str) -> pd.Series:
    """The values as finite float64, or as text."""
    if kind == "category":
        return values.astype("str")
    numbers = values.astype("float64")
    return numbers.where(np.isfinite(numbers))
