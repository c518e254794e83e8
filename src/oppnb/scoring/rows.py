"""Deals as they stood on days, with their features: what a model learns from and what it scores."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.workspace.models import Calendar

__all__ = ["GROUPS", "KEYS", "Feature", "ScoringRows"]

Group = Literal["stage", "timing", "activity", "amount", "account", "people", "qualification", "other"]

GROUPS: tuple[Group, ...] = (
    "stage",
    "timing",
    "activity",
    "amount",
    "account",
    "people",
    "qualification",
    "other",
)
"""Ideas that reasons speak of: where the deal stands and for how long; dates and pushes; contact; money; who the
customer is and where the deal came from; owner and contacts; evidence and competitor; columns of the export."""

KEYS = (
    "opportunity_id",
    "as_of",
    "process",
    "stage",
    "stage_position",
    "set_odds",
    "odds_are_guessed",
    "amount_base",
    "expected_close_on",
    "owner_id",
)


@dataclass(frozen=True)
class Feature:
    """One thing that may be known of a deal on a day.

    Attributes
    ----------
    name : str
        Column in `ScoringRows.values`.
    group : str
        The idea it belongs to, one of `GROUPS`.
    kind : {'number', 'category'}
        Numbers are float64, null where not known; categories are text, null where not known.
    is_dated : bool
        Known from history as it was on the day. False for a column as exported, the same on every day.
    can_change : bool
        Something a seller can do something about (contact, next step), as opposed to what the deal is.
    """

    name: str
    group: Group
    kind: Literal["number", "category"]
    is_dated: bool = True
    can_change: bool = False


@dataclass(frozen=True)
class ScoringRows:
    """Rows of deals on days; every part has the same length and the index 0, 1, ….

    Attributes
    ----------
    keys : DataFrame
        `KEYS`: the deal, the day (null for an export without dates), and what the simpler models need.
        `stage_position` counts from 1 within the process and is null where the stage is not known, as is `set_odds`.
        `odds_are_guessed`: they are a preset's that looked like the data, and nobody stated them.
    values : DataFrame
        One column a feature, by its name; a null is "not known", which is a level of its own.
    features : tuple of Feature
        What the columns of `values` are, in their order.
    ends : DataFrame or None
        None for rows to score. Else `end` (won, lost, or open: still open on the day of knowledge) and `days_to_end`
        (float, from the end of the day `as_of` to the close, or to the end of the day of knowledge while open; null
        without dates).
    calendar : Calendar
        Weeks and periods of the workspace: what "the end of the quarter" means.
    """

    keys: pd.DataFrame
    values: pd.DataFrame
    features: tuple[Feature, ...]
    ends: pd.DataFrame | None
    calendar: Calendar

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def is_dated(self) -> bool:
        """Whether the rows have days; an export without any date has none."""
        return bool(self.keys["as_of"].notna().all()) and len(self) > 0

    @property
    def is_won(self) -> npt.NDArray[np.bool_]:
        """Won as known; False for lost and for still open."""
        return self._end("won")

    @property
    def is_lost(self) -> npt.NDArray[np.bool_]:
        """Lost as known; False for won and for still open."""
        return self._end("lost")

    @property
    def is_closed(self) -> npt.NDArray[np.bool_]:
        """Won or lost as known."""
        return self.is_won | self.is_lost

    def _end(self, word: str) -> npt.NDArray[np.bool_]:
        if self.ends is None:
            raise ValueError("these rows are for scoring: their ends are not known")
        return np.asarray(self.ends["end"].to_numpy(dtype=object) == word)

    def take(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> "ScoringRows":
        """The chosen rows (a mask, or positions), numbered anew."""
        given = np.asarray(chosen)
        positions = (np.flatnonzero(given) if given.dtype == bool else given).astype(np.int64)
        ends = None if self.ends is None else self.ends.iloc[positions].reset_index(drop=True)
        return replace(
            self,
            keys=self.keys.iloc[positions].reset_index(drop=True),
            values=self.values.iloc[positions].reset_index(drop=True),
            ends=ends,
        )

    def with_features(self, names: Sequence[str]) -> "ScoringRows":
        """Only these features, in the order they have here."""
        wanted = set(names)
        kept = tuple(feature for feature in self.features if feature.name in wanted)
        return replace(self, features=kept, values=self.values[[feature.name for feature in kept]])
