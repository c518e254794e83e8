"""What each feature adds to a probability: the parts of its idea, shared out among the features of the idea."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oppnb.scoring.prediction import Contributions, WinModel
from oppnb.scoring.rows import Feature, ScoringRows

__all__ = ["FeatureParts", "feature_parts"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FeatureParts:
    """Parts by feature; those of one idea add up to the part of the idea, exactly.

    Attributes
    ----------
    names : tuple of str
        Features, of those with any part in the model.
    groups : tuple of str
        The idea of each.
    values : array, shape (n, n_features)
        In probability, signed.
    by_group : Contributions
        Of the model: base + sum of its values = probability = base + sum of `values`.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    values: Floats
    by_group: Contributions

    def of_group(self, group: str) -> npt.NDArray[np.int64]:
        """Places of the features of an idea."""
        return np.flatnonzero([one == group for one in self.groups])


def feature_parts(model: WinModel, rows: ScoringRows) -> FeatureParts:
    """Share the part of each idea out among its features.

    A model may have a method `feature_parts(rows)`, which gives names and parts by feature; features walk the same
    path from the typical deal as ideas do (Aumann-Shapley), so only the rest between the typical deal of all recent
    rows and of some of them is spread. Where a model says no more than its ideas, the first feature of an idea has
    the whole part; of the idea `stage` it is the stage itself.

    Parameters
    ----------
    model : WinModel
        Fitted.
    rows : ScoringRows
        With the model's features.
    """
    told = model.contributions(rows)
    features = {feature.name: feature for feature in rows.features}
    names, values = _raw(model, rows, told)
    groups = [_group(name, features) for name in names]
    for group in told.groups:
        if group not in groups:
            names, groups = [*names, _first(group, rows)], [*groups, group]
            values = np.concatenate([values, np.zeros((len(rows), 1))], axis=1)
    settled = values.copy()
    for place, group in enumerate(told.groups):
        mine = np.flatnonzero([one == group for one in groups])
        settled[:, mine] = _adding_up(values[:, mine], told.values[:, place])
    is_known = np.array([group in told.groups for group in groups], dtype=bool)
    kept = np.flatnonzero(is_known)
    return FeatureParts(
        tuple(names[place] for place in kept), tuple(groups[place] for place in kept), settled[:, kept], told
    )


def _first(group: str, rows: ScoringRows) -> str:
    """What stands for an idea of which the model says no more."""
    if group == "stage":
        return "stage"
    return next((feature.name for feature in rows.features if feature.group == group), group)


def _group(name: str, features: dict[str, Feature]) -> str:
    if name in features:
        return features[name].group
    return "timing" if name in ("weeks_to_period_end", "days_to_expected_close") else "stage"


def _raw(model: WinModel, rows: ScoringRows, told: Contributions) -> tuple[list[str], Floats]:
    method = getattr(model, "feature_parts", None)
    if method is not None:
        names, values = method(rows)
        return list(names), np.asarray(values, dtype="float64")
    below = getattr(model, "model", None)  # a correction on top: everything is stretched by one factor a deal
    if below is None or getattr(below, "feature_parts", None) is None:
        return [], np.zeros((len(rows), 0))
    names, values = below.feature_parts(rows)
    plain = below.contributions(rows).values
    size = (plain**2).sum(axis=1)
    factor = np.divide((plain * told.values).sum(axis=1), size, out=np.ones(len(rows)), where=size > 0)
    return list(names), values * factor[:, None]


def _adding_up(values: Floats, wanted: Floats) -> Floats:
    """Give the rest to the parts by their size, so that they add up."""
    from oppnb.scoring.engine.paths import spread_rest

    return spread_rest(values, wanted)
