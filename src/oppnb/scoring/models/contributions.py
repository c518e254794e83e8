"""Parts of a probability whose logit is a sum: exact, and adding up to what is shown."""

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from oppnb.scoring.models.cells import places, process_names
from oppnb.scoring.prediction import Contributions
from oppnb.scoring.rows import GROUPS, ScoringRows

__all__ = ["Profiles", "logit", "profiles", "shares_of"]

Floats = npt.NDArray[np.float64]

_DAYS_OF_PROFILE = 182
_ROWS_OF_PROFILE = 20


def logit(probability: Floats) -> Floats:
    """Log odds, finite: probabilities are kept 1e-9 away from 0 and 1."""
    inside = np.clip(probability, 1e-9, 1 - 1e-9)
    found: Floats = np.log(inside) - np.log1p(-inside)
    return found


Profiles = tuple[dict[str, int], Floats]
"""Place of each process, and the mean logit of each group: row 0 of all, then one row a process."""


def profiles(rows: ScoringRows, parts: Floats) -> Profiles:
    """The typical recent deal of each process: mean parts of the logit over the rows of the last half year.

    Parameters
    ----------
    rows : ScoringRows
        What was learned from.
    parts : array of float, shape (n, n_groups)
        Of each row's logit.

    Returns
    -------
    tuple of dict and array of float, shape (1 + n_processes, n_groups)
        A process with fewer than 20 recent rows takes all its rows, and with fewer than 20 of those has no own place.
    """
    names = np.array(process_names(rows), dtype=object)
    recent = _is_recent(rows)
    found, means = {}, [_mean(parts, recent)]
    for name in sorted(set(names)):
        mine = names == name
        chosen = mine & recent if (mine & recent).sum() >= _ROWS_OF_PROFILE else mine
        if chosen.sum() >= _ROWS_OF_PROFILE:
            found[str(name)] = len(means)
            means.append(parts[chosen].mean(axis=0))
    return found, np.stack(means)


def _mean(parts: Floats, recent: npt.NDArray[np.bool_]) -> Floats:
    chosen = parts[recent] if recent.any() else parts
    return chosen.mean(axis=0) if len(chosen) else np.zeros(parts.shape[1])


def _is_recent(rows: ScoringRows) -> npt.NDArray[np.bool_]:
    if not rows.is_dated:
        return np.ones(len(rows), dtype=bool)
    age = (rows.keys["as_of"].max() - rows.keys["as_of"]).dt.days.to_numpy()
    return np.asarray(age <= _DAYS_OF_PROFILE)


def shares_of(rows: ScoringRows, parts: Floats, typical: Profiles, *, intercept: float = 0.0) -> Contributions:
    """Parts of the probability of each row, against the typical recent deal of its process.

    The logit is `intercept` plus the sum of the parts. Along the straight way from the typical deal to this one every
    part moves in proportion, so what each adds to the probability (Aumann and Shapley) is its share of the way:
    (p - base) x its difference / the sum of the differences.

    Parameters
    ----------
    rows : ScoringRows
        Same length as `parts`.
    parts : array of float, shape (n, n_groups)
        One column a group of `GROUPS`.
    typical : Profiles
        From `profiles`.
    intercept : float
        Of the logit.

    Returns
    -------
    Contributions
        base + sum of values = sigma(intercept + sum of parts), to 1e-12.

    References
    ----------
    .. [1] R. J. Aumann, L. S. Shapley, Values of Non-Atomic Games, Princeton University Press, 1974.
    """
    known, means = typical
    usual = means[np.maximum(places(process_names(rows), known), 0)]
    moves = parts - usual
    start, way = intercept + usual.sum(axis=1), moves.sum(axis=1)
    base, shown = expit(start), expit(start + way)
    slope = base * (1 - base)
    is_moved = np.abs(way) > 1e-7
    # Near the base the ratio is that of two tiny numbers: there the slope of the curve says the same.
    ratio = np.where(is_moved, (shown - base) / np.where(is_moved, way, 1.0), slope * (1 + way * (0.5 - base)))
    return Contributions(base=base, values=moves * ratio[:, None], groups=GROUPS)
