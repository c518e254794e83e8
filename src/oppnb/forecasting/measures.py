"""How good forecasts were: error, bias, score, coverage with intervals; and whether one is better than another."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["compare_forecasts", "measure_forecasts"]

Floats = npt.NDArray[np.float64]

_COVERAGES = (50, 80, 95)
_DRAWS = 2_000


def measure_forecasts(frame: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Measures of each model.

    Parameters
    ----------
    frame : DataFrame
        Of `ForecastBacktest`.
    by : sequence of str
        Also apart by these columns, e.g. `weeks_left`.

    Returns
    -------
    DataFrame
        `by`, `model`, `is_baseline`, `n` (forecasts), `n_periods`, `wape` (sum of absolute errors over the sum of what
        came), `bias` (sum of forecasts over that of what came, less 1; above 0 is too high), `crps` and `pinball_10`,
        `pinball_90` (over the mean of what came; lower is better), `coverage_50`, `coverage_80`, `coverage_95` (share
        of intervals that held the figure) with `_low` and `_high` (95 % Wilson interval, forecasts taken as
        independent; those of one period are not, so it is narrow). What counts over what came is null where nothing
        came.

    References
    ----------
    .. [1] E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the American
       Statistical Association 22, 1927, pp. 209-212.
    """
    if frame.empty:
        return pd.DataFrame(columns=[*by, "model", *_measures_of(frame.assign(error=0.0))])
    groups = frame.groupby([*by, "model"], sort=False, dropna=False)
    rows = []
    for key, group in groups:
        names = dict(zip([*by, "model"], key, strict=True))
        rows.append({**names, **_measures_of(group)})
    return pd.DataFrame(rows)


def _measures_of(rows: pd.DataFrame) -> dict[str, object]:
    actual, forecast = rows["actual"].to_numpy(dtype="float64"), rows["forecast"].to_numpy(dtype="float64")
    total = float(np.abs(actual).sum()) or float("nan")
    found: dict[str, object] = {
        "is_baseline": bool(rows["is_baseline"].any()),
        "n": len(rows),
        "n_periods": int(rows["period"].nunique()),
        "wape": float(np.abs(forecast - actual).sum()) / total,
        "bias": float((forecast - actual).sum()) / total,
        "crps": float(rows["crps"].sum()) / total,
    }
    for level in (0.1, 0.9):
        miss = actual - rows[f"q_{level:g}"].to_numpy(dtype="float64")
        found[f"pinball_{round(100 * level)}"] = float(np.maximum(level * miss, (level - 1) * miss).sum()) / total
    for coverage in _COVERAGES:
        held = rows[f"in_{coverage}"].to_numpy(dtype="float64")
        low, high = _wilson(float(held.sum()), len(held))
        found |= {f"coverage_{coverage}": float(held.mean()) if len(held) else float("nan")}
        found |= {f"coverage_{coverage}_low": low, f"coverage_{coverage}_high": high}
    return found


def _wilson(hits: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    if n == 0:
        return float("nan"), float("nan")
    share, spread = hits / n, z**2 / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * np.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def compare_forecasts(frame: pd.DataFrame, model: str, *, measure: str = "crps", seed: int = 0) -> pd.DataFrame:
    """Whether a model is better than each of the others, on the same days, beyond noise.

    Periods are drawn with replacement, all their days together: forecasts of one period share its fate.

    Parameters
    ----------
    frame : DataFrame
        Of `ForecastBacktest`.
    model : str
        The one that is held against all others.
    measure : {'crps', 'error'}
        The score, or the absolute error.

    Returns
    -------
    DataFrame
        `model`, `against`, `measure`, `n_periods`, `difference` (over the mean of what came; below 0: the model is
        better; null where nothing came), `low`, `high` (95 %, of draws in which anything came), `is_better`, `is_worse`
        (the interval does not hold 0). With fewer than four periods low and high are null and nothing is said.
    """
    rows = frame.assign(error=(frame["forecast"] - frame["actual"]).abs())
    own = rows[rows["model"] == model].set_index(["as_of", "period"])
    found = []
    for other in rows["model"].drop_duplicates():
        if other == model:
            continue
        pair = rows[rows["model"] == other].set_index(["as_of", "period"])
        both = own[[measure, "actual"]].join(pair[measure].rename("other"), how="inner")
        if both.empty:
            continue
        gap = (both[measure] - both["other"]).groupby(level="period").sum()
        actual = both["actual"].abs().groupby(level="period").sum()
        low, high = _resampled(gap.to_numpy(), actual.to_numpy(), seed)
        found.append(
            {
                "model": model,
                "against": other,
                "measure": measure,
                "n_periods": len(gap),
                "difference": float(gap.sum()) / (float(actual.sum()) or float("nan")),
                "low": low,
                "high": high,
                "is_better": bool(high < 0),
                "is_worse": bool(low > 0),
            }
        )
    columns = ["model", "against", "measure", "n_periods", "difference", "low", "high", "is_better", "is_worse"]
    return pd.DataFrame(found, columns=columns)


_LEAST_PERIODS = 4


def _resampled(gap: Floats, actual: Floats, seed: int) -> tuple[float, float]:
    if len(gap) < _LEAST_PERIODS or not actual.any():
        return float("nan"), float("nan")
    drawn = np.random.default_rng(seed).integers(0, len(gap), size=(_DRAWS, len(gap)))
    came = actual[drawn].sum(axis=1)
    low, high = np.quantile(gap[drawn].sum(axis=1)[came > 0] / came[came > 0], [0.025, 0.975])
    return float(low), float(high)
