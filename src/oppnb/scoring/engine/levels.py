"""Where a model starts before it has looked at any feature."""

import numpy as np
import numpy.typing as npt

from oppnb.scoring.rows import ScoringRows

__all__ = ["first_level"]

Floats = npt.NDArray[np.float64]

_PRIOR_DEALS = 15.0


def first_level(rows: ScoringRows, won: Floats, weight: Floats) -> float:
    """Logit of the share won, with the odds set for the stages counting as 15 deals; even odds where none are set."""
    set_odds = rows.keys["set_odds"].to_numpy(dtype="float64", na_value=np.nan)
    known = set_odds[~np.isnan(set_odds)]
    prior = float(np.clip(known.mean(), 0.05, 0.95)) if len(known) else 0.5
    share = (_PRIOR_DEALS * prior + float(weight @ won)) / (_PRIOR_DEALS + float(weight.sum()))
    return float(np.log(share / (1 - share)))
