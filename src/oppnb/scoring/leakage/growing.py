"""Fields that fill up, or grow, as a deal goes on: as exported they tell how far an earlier deal got later."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.leakage.evidence import Evidence
from oppnb.scoring.leakage.levels import cleaned
from oppnb.scoring.leakage.standing import Contrast, Standing
from oppnb.scoring.rows import Feature

__all__ = ["grows_with_the_deal"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SURE = 4.0
SURE_BEGUN = 3.0
LEAST_GAP = 0.1
"""Share of deals that have the field; or AUC above 0.5."""
LEAST_GAP_BEGUN = 0.03
LEAST_LEFT = 0.15
"""Of deals that began together most are still on the way, so a gap shrinks to about a third between them; one that
comes of the years shrinks to less than a tenth."""


def grows_with_the_deal(feature: Feature, standing: Standing | None, *, is_moving_date: bool) -> Evidence | None:
    """Earlier deals have it more often, or more of it, than those that stand today where they stood.

    Were the field the same on every day, it would be spread alike in both: which deals stand at a stage at an age is
    no matter of the day on which somebody looks.
    """
    if standing is None or feature.name not in standing.now.values:
        return None
    both = (standing.earlier.values[feature.name], standing.now.values[feature.name])
    values = pd.concat([cleaned(part, feature.kind) for part in both], ignore_index=True)
    found = _fills_up(values.notna().to_numpy(), standing)
    if found is not None or feature.kind != "number":
        return found
    numbers = values.to_numpy("float64")
    # a day counts from the beginning of the deal, so that it is the same whenever somebody looks
    return (
        _grows(numbers + standing.age, standing, "moves_on") if is_moving_date else _grows(numbers, standing, "grows")
    )


def _fills_up(filled: Flags, standing: Standing) -> Evidence | None:
    if filled.all() or not filled.any():
        return None
    everywhere = np.ones(len(filled), dtype=bool)
    found = standing.contrast(filled.astype("float64"), everywhere)
    if found is None or not _is_clear(found):
        return None
    return _told("fills_up", _Shown.at_the_most_usual(standing, everywhere), filled.astype("float64"), found)


def _grows(numbers: Floats, standing: Standing, code: str) -> Evidence | None:
    known = ~np.isnan(numbers)
    if not known.any() or np.ptp(numbers[known]) == 0:
        return None
    found = standing.contrast(np.nan_to_num(standing.ranks(numbers, known)), known)
    if found is None or not _is_clear(found):
        return None
    return _told(code, _Shown.at_the_most_usual(standing, known), numbers, found)


def _is_clear(found: Contrast) -> bool:
    over_all = found.gap >= LEAST_GAP and found.z > SURE
    least = max(LEAST_GAP_BEGUN, LEAST_LEFT * found.gap)
    return over_all and found.gap_begun >= least and found.z_begun > SURE_BEGUN


@dataclass(frozen=True)
class _Shown:
    """The stage that most deals of today stand at, to show an example."""

    stage: str
    weight: Floats
    earlier: Flags
    now: Flags

    @classmethod
    def at_the_most_usual(cls, standing: Standing, known: Flags) -> "_Shown":
        number = standing.most_usual_stage(known)
        there = known & (standing.stage == number)
        name = standing.stages[number] if standing.stages else ""
        return cls(name, standing.weight, there & ~standing.is_now, there & standing.is_now)

    def means(self, values: Floats) -> tuple[float, float]:
        """Of earlier deals, and of those of today."""
        sides = [float(np.average(values[side], weights=self.weight[side])) for side in (self.earlier, self.now)]
        return sides[0], sides[1]


def _told(code: str, shown: _Shown, values: Floats, found: Contrast) -> Evidence:
    earlier, now = shown.means(values)
    told = {"earlier": earlier, "open": now, "n": found.n_earlier, "n_open": found.n_now, "auc": 0.5 + found.gap}
    return Evidence(f"{code}_in_stage", {**told, "stage": shown.stage}) if shown.stage else Evidence(code, told)
