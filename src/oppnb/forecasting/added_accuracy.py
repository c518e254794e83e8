"""How far off forecasts were, and what they added to others of the same figures, with an interval over periods."""

import numpy as np
import pandas as pd

__all__ = ["FEWEST_PERIODS", "judged_beside"]

FEWEST_PERIODS = 6
"""With fewer periods no interval is given and nothing is concluded."""
_DRAWS = 4_000


def judged_beside(rows: pd.DataFrame, *, is_reference: bool, seed: int) -> dict[str, object]:
    """Errors of one source, and how they compare.

    Parameters
    ----------
    rows : DataFrame
        `period`, `value`, `actual`, `reference` (null where the other did not speak).
    is_reference : bool
        Whether the source is the other itself.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        The figures of a row of `oppnb.forecasting.accuracy_by_source`, from `n` to `verdict`.
    """
    actual = rows["actual"].to_numpy(dtype="float64")
    error = rows["value"].to_numpy(dtype="float64") - actual
    size = float(np.abs(actual).sum())
    found: dict[str, object] = {
        "n": len(rows),
        "n_periods": int(rows["period"].nunique()),
        "absolute_error": float(np.abs(error).mean()),
        "wape": float(np.abs(error).sum()) / size if size else np.nan,
        "bias": float(error.sum()) / size if size else np.nan,
    }
    return found | _added(rows[rows["reference"].notna()], is_reference, seed)


def _added(rows: pd.DataFrame, is_reference: bool, seed: int) -> dict[str, object]:
    """What the source added to the reference, on the rows where both spoke."""
    sums = pd.DataFrame(
        {
            "own": (rows["value"] - rows["actual"]).abs(),
            "reference": (rows["reference"] - rows["actual"]).abs(),
            "size": rows["actual"].abs(),
        }
    )
    sums = sums.groupby(rows["period"].to_numpy()).sum()
    size = float(sums["size"].sum())
    if not size:
        return {"verdict": "reference" if is_reference else "not_comparable"}
    own, reference = float(sums["own"].sum()) / size, float(sums["reference"].sum()) / size
    found: dict[str, object] = {"reference_wape": reference, "added": reference - own}
    if is_reference:
        return found | {"verdict": "reference"}
    if len(sums) < FEWEST_PERIODS:
        return found | {"verdict": "too_few_periods"}
    low, high = _interval(sums, seed)
    verdict = "better" if low > 0 else "worse" if high < 0 else "not_clear"
    return found | {"added_low": low, "added_high": high, "verdict": verdict}


def _interval(sums: pd.DataFrame, seed: int) -> tuple[float, float]:
    """95 % of the added value over periods drawn again, each as often as chance has it.

    Percentiles of few periods are too near each other: their distances from the middle are taken times the ratio of
    Student's quantile to the normal one and the root of n / (n - 1).
    """
    from scipy.stats import norm, t

    n = len(sums)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=_DRAWS)
    gain = (sums["reference"] - sums["own"]).to_numpy(dtype="float64")
    size = sums["size"].to_numpy(dtype="float64")
    total = drawn @ size
    added = np.divide(drawn @ gain, total, where=total > 0, out=np.zeros(_DRAWS))
    middle = float(gain.sum() / size.sum())
    wider = float(t.ppf(0.975, n - 1) / norm.ppf(0.975)) * np.sqrt(n / (n - 1))
    low, high = np.quantile(added, [0.025, 0.975])
    return middle + wider * float(low - middle), middle + wider * float(high - middle)
