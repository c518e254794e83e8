"""The tables of a model as frames to print and draw: what each level adds, which pairs say more than their parts."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.engine.bins import ColumnBins
from oppnb.scoring.engine.pairs import TableSum
from oppnb.scoring.engine.paths import logistic

__all__ = ["main_effects", "pair_effects"]

Floats = npt.NDArray[np.float64]


def main_effects(tables: TableSum, columns: Sequence[ColumnBins], masses: Sequence[Floats]) -> pd.DataFrame:
    """What each level of each feature adds.

    Returns
    -------
    DataFrame
        `feature`, `group`, `level` (0 is "not known"), `label`, `effect` (in logits), `points` (what it adds to the
        probability of the average deal, in percentage points), `n_deals` (weight behind it), `strength` (mean absolute
        `points` of the feature); the strongest feature first, its levels in order. Levels never seen are left out.
    """
    parts = []
    level = float(tables.intercept[0])
    for column, table, mass in zip(columns, tables.mains, masses, strict=True):
        effect = table[:, 0]
        points = 100 * (logistic(level + effect) - logistic(np.full(len(effect), level)))
        seen = np.nan_to_num(mass)
        frame = pd.DataFrame(
            {
                "feature": column.name,
                "group": column.group,
                "level": np.arange(column.n_levels),
                "label": [column.label(place) for place in range(column.n_levels)],
                "effect": effect,
                "points": points,
                "n_deals": seen,
                "strength": float(np.average(np.abs(points), weights=seen)) if seen.sum() > 0 else 0.0,
            }
        )
        parts.append(frame[seen > 0])
    if not parts:
        return pd.DataFrame(columns=["feature", "group", "level", "label", "effect", "points", "n_deals", "strength"])
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values(["strength", "feature", "level"], ascending=[False, True, True], ignore_index=True)


def pair_effects(tables: TableSum, columns: Sequence[ColumnBins], masses: Sequence[Floats]) -> pd.DataFrame:
    """The pairs of features, and where each says most.

    Returns
    -------
    DataFrame
        `feature`, `other_feature`, `strength` (mean absolute points it adds beyond the two alone), `label`,
        `other_label`, `points` (where its effect times its weight is largest); the strongest pair first.
    """
    found = []
    slope = 100 * float(logistic(tables.intercept[:1])[0] * (1 - logistic(tables.intercept[:1])[0]))
    for (first, second), table in zip(tables.pairs, tables.pair_tables, strict=True):
        mass = np.outer(np.nan_to_num(masses[first]), np.nan_to_num(masses[second]))
        points = slope * table[..., 0]
        place = np.unravel_index(int(np.argmax(np.abs(points) * np.sqrt(mass))), points.shape)
        found.append(
            {
                "feature": columns[first].name,
                "other_feature": columns[second].name,
                "strength": float(np.average(np.abs(points), weights=mass)) if mass.sum() > 0 else 0.0,
                "label": columns[first].label(int(place[0])),
                "other_label": columns[second].label(int(place[1])),
                "points": float(points[place]),
            }
        )
    names = ["feature", "other_feature", "strength", "label", "other_label", "points"]
    frame = pd.DataFrame(found, columns=names)
    return frame.sort_values(["strength", "feature", "other_feature"], ascending=[False, True, True], ignore_index=True)
