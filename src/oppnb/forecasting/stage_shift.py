"""How far the chances of a stage were off beyond what single deals do by luck."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["STAGE_SPREAD", "StageShift", "learn_stage_shift"]

Floats = npt.NDArray[np.float64]

STAGE_SPREAD = 0.3
"""Standard deviation, in log odds, by which the chances of a stage are off before anything is seen."""


@dataclass(frozen=True)
class StageShift:
    """The chances of each deal step by step: as stated, set right for all deals together, set right by stage.

    Attributes
    ----------
    stated, together, by_stage : array, shape (n,)
        Chances in [0, 1]; those of 0 and 1 stay.
    stages : DataFrame
        By `process` and `stage`: `n`, `expected_won` (as stated), `sd` (of that number, by chance), `won`, `shift` (log
        odds, beyond all deals).
    """

    stated: Floats
    together: Floats
    by_stage: Floats
    stages: pd.DataFrame


def learn_stage_shift(rows: pd.DataFrame, chance: Floats, won: Floats, *, shock: float) -> StageShift:
    """Set the chances right by what came, as far as it cannot be luck.

    A shift in log odds is the excess of wins over (their variance + 1 / prior variance): one step of Newton's method
    towards the most probable shift. It is 0 where as many were won as expected and stays near 0 with few deals. First
    all deals together are shifted (prior: the shock of the forecast), then each stage (prior: `STAGE_SPREAD`).

    Parameters
    ----------
    rows : DataFrame
        The deals: `process`, `stage`.
    chance, won : array, shape (n,)
        As stated, and what came (1 or 0).
    shock : float
        Standard deviation, in log odds, of what all deals of a period share.

    Examples
    --------
    >>> rows = pd.DataFrame({"process": ["p"] * 100, "stage": ["Demo"] * 50 + ["Offer"] * 50})
    >>> won = np.r_[np.ones(5), np.zeros(45), np.ones(25), np.zeros(25)]  # a tenth, and half
    >>> found = learn_stage_shift(rows, np.full(100, 0.3), won, shock=0.1)
    >>> found.by_stage[[0, 99]].round(2).tolist()
    [0.21, 0.41]
    """
    together = _shifted(chance, _shift(chance, won, shock))
    keys = ["process", "stage"]
    seen = rows[keys].fillna("").astype("str")
    seen = seen.assign(n=1, expected_won=chance, sd=chance * (1 - chance), won=won).reset_index(drop=True)
    groups = seen.groupby(keys, sort=True)
    place = groups.ngroup().to_numpy(dtype="int64")
    stages = groups[["n", "expected_won", "sd", "won"]].sum().reset_index()
    stages["sd"] = np.sqrt(stages["sd"])
    shifts = np.array([_shift(together[place == one], won[place == one], STAGE_SPREAD) for one in range(len(stages))])
    by_stage = _shifted(together, shifts[place]) if len(rows) else together
    return StageShift(chance, together, by_stage, stages.assign(shift=shifts))


def _shift(chance: Floats, won: Floats, spread: float) -> float:
    open_to = (chance > 0) & (chance < 1)
    excess = float((won - chance)[open_to].sum())
    variance = float((chance * (1 - chance))[open_to].sum())
    return excess / (variance + 1 / max(spread, 1e-6) ** 2)


def _shifted(chance: Floats, shift: float | Floats) -> Floats:
    odds = chance * np.exp(shift)
    found: Floats = odds / (odds + (1 - chance))  # so grouped, 1 stays 1
    return found
