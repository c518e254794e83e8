"""One table of what every model was worth, baselines beside the rest."""

from collections.abc import Mapping

import pandas as pd

from oppnb.scoring.backtest import HORIZONS, Backtest
from oppnb.scoring.measures import MEASURES, measure_predictions
from oppnb.scoring.reliability import reliability_table

__all__ = ["evaluation_frame", "reliability_frame"]

REFERENCE = "base_rate"
"""The model whose Brier score the skill is measured against, where it is among those judged."""


def evaluation_frame(backtest: Backtest, *, by: str | None = None, level: float = 0.95) -> pd.DataFrame:
    """What each model was worth on deals that were open after its day of training.

    Parameters
    ----------
    backtest : Backtest
        From `oppnb.scoring.backtest.rolling_backtest`.
    by : str, optional
        A column of its frame (`process`, `stage`) to tell slices apart.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        One row a model (and slice), in the order of the backtest. Columns: the slice; `model`; `is_baseline`; `n` (rows
        whose end is known), `n_open` (rows whose end is not), `n_deals`, `n_effective`; for P(won ever) each of
        `oppnb.scoring.measures.MEASURES` with `_low` and `_high`, `ece`, `ece_by_chance`; for each horizon
        `n_in_…`, `auc_in_…`, `log_loss_in_…` with `_low` and `_high`, `brier_in_…` (null where no row was watched so
        long or the model has no curve); `is_over_time`. The skill is against the Brier score of `base_rate` as it was
        known on the day of training, else against the mean of the outcomes.
    """
    found = []
    for model in backtest.models:
        rows = backtest.of(model)
        rows = rows.assign(reference=_reference(backtest))
        slices = rows.groupby(by, sort=True, dropna=False) if by else [(None, rows)]
        for key, part in slices:
            found.append({**({by: key} if by else {}), **_row(part, level), "is_over_time": backtest.is_over_time})
    columns = [*([by] if by else []), *_COLUMNS]
    return pd.DataFrame(found, columns=columns).astype({name: kind for name, kind in _KINDS.items() if found})


def reliability_frame(backtest: Backtest, model: str, *, horizon: str | None = None, n_bins: int = 10) -> pd.DataFrame:
    """The table of `oppnb.scoring.reliability.reliability_table` for one model, for P(won ever) or by a horizon."""
    rows = backtest.of(model)
    if horizon is None:
        won, p, weight = rows["is_won"], rows["p_ever"], rows["weight"]
    else:
        won, p, weight = _at_horizon(rows, horizon)
    return reliability_table(won, p, cluster=rows["opportunity_id"], weight=weight, n_bins=n_bins)


def _at_horizon(rows: pd.DataFrame, horizon: str) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Outcome, probability, weight by a horizon; weight 0 where the outcome is not known or the model is silent."""
    won, p = rows[f"won_in_{horizon}"], rows[f"p_in_{horizon}"]
    return won, p, rows["row_weight"].where(won.notna() & p.notna(), 0.0)


def _reference(backtest: Backtest) -> pd.Series | None:
    return backtest.of(REFERENCE)["p_ever"] if REFERENCE in backtest.models else None


def _row(rows: pd.DataFrame, level: float) -> dict[str, object]:
    has_reference = rows["reference"].notna().all()
    told: dict[str, object] = {
        "model": rows["model"].iloc[0],
        "is_baseline": bool(rows["is_baseline"].iloc[0]),
        "n_open": int((~rows["is_closed"]).sum()),
    }
    told |= measure_predictions(
        rows["is_won"],
        rows["p_ever"],
        cluster=rows["opportunity_id"],
        weight=rows["weight"],
        base_rate=rows["reference"].to_numpy(dtype="float64") if has_reference else None,
        level=level,
    )
    for horizon in HORIZONS:
        told |= _horizon(rows, horizon, level)
    return told


def _horizon(rows: pd.DataFrame, horizon: str, level: float) -> Mapping[str, object]:
    won, p, weight = _at_horizon(rows, horizon)
    if not (weight > 0).any():
        return {f"n_in_{horizon}": 0}
    told = measure_predictions(won.fillna(0.0), p, cluster=rows["opportunity_id"], weight=weight, level=level)
    return {f"{name}_in_{horizon}": told[name] for name in _BY_DATE} | {
        f"log_loss_in_{horizon}{end}": told[f"log_loss{end}"] for end in ("_low", "_high")
    }


_BY_DATE = ("n", "auc", "log_loss", "brier")
_COUNTS = ("n", "n_open", "n_deals")
_COLUMNS = [
    "model",
    "is_baseline",
    *_COUNTS,
    "n_effective",
    *(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")),
    "ece",
    "ece_by_chance",
    *(
        f"{name}_in_{horizon}{end}"
        for horizon in HORIZONS
        for name in _BY_DATE
        for end in (("", "_low", "_high") if name == "log_loss" else ("",))
    ),
    "is_over_time",
]
_KINDS = dict.fromkeys((*_COUNTS, *(f"n_in_{horizon}" for horizon in HORIZONS)), "int64")
