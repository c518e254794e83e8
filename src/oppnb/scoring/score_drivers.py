"""What moves the probabilities of a pipeline: by idea and by feature, on average over its open deals."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.feature_parts import feature_parts
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.scorer import Scorer

__all__ = ["DRIVER_COLUMNS", "score_drivers"]

DRIVER_COLUMNS = ("level", "group", "feature", "strength", "mean", "share_up", "share_down", "n")
_MOVES_FROM = 0.005


def score_drivers(scorer: Scorer, rows: ScoringRows) -> pd.DataFrame:
    """How much each idea, and each feature in it, moves the numbers shown.

    Parameters
    ----------
    scorer : Scorer
    rows : ScoringRows
        Open deals as they are scored.

    Returns
    -------
    DataFrame
        `DRIVER_COLUMNS`, ideas first, the strongest on top: `level` is group or feature; `strength` the mean size of
        what it adds (in probability), `mean` the same with its sign: those of all ideas, and those of all features,
        add up to the mean probability less the mean base; `share_up` and `share_down` of the deals that it moves by
        half a point or more. Association in past deals, as the model has it.
    """
    parts = feature_parts(scorer.model, scorer.rows(rows))
    groups = [
        _driver("group", group, None, parts.by_group.values[:, place])
        for place, group in enumerate(parts.by_group.groups)
    ]
    features = [
        _driver("feature", group, name, parts.values[:, place])
        for place, (name, group) in enumerate(zip(parts.names, parts.groups, strict=True))
    ]
    found = [pd.DataFrame(part, columns=list(DRIVER_COLUMNS)) for part in (groups, features)]
    ordered = [part.sort_values(["strength", "group", "feature"], ascending=[False, True, True]) for part in found]
    return pd.concat(ordered, ignore_index=True).astype({"level": "str", "group": "str", "feature": "str"})


def _driver(level: str, group: str, feature: str | None, values: npt.NDArray[np.float64]) -> dict[str, object]:
    n = len(values)
    return {
        "level": level,
        "group": group,
        "feature": feature,
        "strength": float(np.abs(values).mean()) if n else 0.0,
        "mean": float(values.mean()) if n else 0.0,
        "share_up": float((values >= _MOVES_FROM).mean()) if n else 0.0,
        "share_down": float((values <= -_MOVES_FROM).mean()) if n else 0.0,
        "n": n,
    }
