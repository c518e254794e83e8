"""Whether a model still fits: wins observed less expected, by stage, with a shock common to all deals allowed for."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.backtest import horizon_days
from oppnb.scoring.models.weighing import row_weights
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.watching import days_watched, known_ends, last_known_day

__all__ = ["Drift", "expires_on", "follow_up", "learn_shock", "watch_drift"]

Floats = npt.NDArray[np.float64]

USUAL_SHOCK = 0.13
"""Standard deviation of the shock common to all deals of a quarter, as a share of the expected wins."""

_LEAST_SHOCK = 0.06
_USUAL_COUNTS = 4.0
_BLOCK_DAYS = 91
_STEP = "28_days"
_STEP_DAYS = 28
_ALARM, _ALARM_WEEKS = 3.3, 26
_WATCH, _WATCH_WEEKS = 2.5, 13
_FEWEST = 3.0
_LIFETIME_DAYS = 91
_KEYS = ["process", "stage"]
_COLUMNS = {
    "process": "str",
    "stage": "str",
    "n_deals": "int64",
    "observed": "float64",
    "expected": "float64",
    "z": "float64",
    "observed_of_late": "float64",
    "expected_of_late": "float64",
    "z_of_late": "float64",
    "state": "str",
}


@dataclass(frozen=True)
class Drift:
    """What a watch has found.

    Attributes
    ----------
    frame : DataFrame
        One row a process and stage, sorted: `process`, `stage`, `n_deals`, `observed` and `expected` wins of 26 weeks
        (each open row followed for four weeks, counting its weight), `z` (distance in standard deviations, below 0 for
        fewer wins than expected), `observed_of_late`, `expected_of_late`, `z_of_late` (13 weeks), `state`: `alarm` (z
        beyond 3.3 over 26 weeks), `watch` (beyond 2.5 over 13 weeks), `fits`, or `too_few` (the variance of the
        expected wins is below 3, too little for an opinion).
    shock : float
        Common shock allowed for, as a share of the expected wins.
    """

    frame: pd.DataFrame
    shock: float

    @property
    def state(self) -> str:
        """The gravest state of any stage."""
        states = set(self.frame["state"])
        return next((state for state in ("alarm", "watch", "fits") if state in states), "too_few")


def follow_up(model: WinModel, rows: ScoringRows) -> pd.DataFrame:
    """What a fitted model says of the next four weeks of each row, and what came of it: the input of `watch_drift`.

    Parameters
    ----------
    model : WinModel
        Fitted before the rows' days.
    rows : ScoringRows
        With days and ends.

    Returns
    -------
    DataFrame
        `opportunity_id`, `as_of`, `process`, `stage`, `row_weight` (what a row counts for as one of the deals open on
        some day), `p_in_28_days`, `won_in_28_days` (null where not watched so long).
    """
    frame = rows.keys[["opportunity_id", "as_of", *_KEYS]].assign(row_weight=row_weights(rows))
    if len(rows) == 0:
        return frame.assign(p_in_28_days=np.zeros(0), won_in_28_days=np.zeros(0))
    days = horizon_days(rows)[_STEP]
    won = rows.is_won & (known_ends(rows)["days_to_end"].to_numpy(dtype="float64") < days)
    is_known = days_watched(rows, last_known_day(rows)) >= days
    frame[f"p_in_{_STEP}"] = model.predict(rows).won_by(days)
    frame[f"won_in_{_STEP}"] = np.where(is_known, won.astype("float64"), np.nan)
    return frame


def watch_drift(followed: pd.DataFrame, *, day: date, shock: float = USUAL_SHOCK) -> Drift:
    """Hold wins against what was expected, stage by stage, over the last 26 and 13 weeks.

    z = (observed - expected) / sqrt(sum of weight² p (1 - p) + (shock x expected)²). Without the shock every good or
    bad quarter would be an alarm, and over all stages together a change in one of them drowns in it. Monitors of the
    loss or of the features' distribution (ADWIN, Page-Hinkley, PSI) were tried and gave false alarms in every run.

    Parameters
    ----------
    followed : DataFrame
        `opportunity_id`, `as_of`, `process`, `stage`, `p_in_28_days`, `won_in_28_days` (null: not known yet), of one
        model, said before the days came: from `follow_up`, or `Backtest.of`. Rows of a deal that lie less than four
        weeks apart would tell a win twice: the later ones are left out. With `row_weight`, rows count that much: a deal
        that was quicker than four weeks has a row because it was quick, and its win would be told too often.
    day : date
        The day of the watch.
    shock : float
        From `learn_shock`.

    Examples
    --------
    >>> followed = pd.DataFrame({
    ...     "opportunity_id": [f"d{i}" for i in range(200)], "as_of": pd.Timestamp("2024-03-01"), "process": "sales",
    ...     "stage": "Demo", "p_in_28_days": 0.3, "won_in_28_days": [1.0] * 20 + [0.0] * 180})
    >>> found = watch_drift(followed, day=date(2024, 4, 30))
    >>> found.frame[["observed", "expected", "z"]].round(1).values.tolist(), found.state
    ([[20.0, 60.0, -3.9]], 'alarm')
    """
    known = _apart(_known(followed))
    start, late = (pd.Timestamp(day - timedelta(weeks=weeks)) for weeks in (_ALARM_WEEKS, _WATCH_WEEKS))
    known = known[(known["as_of"] >= start) & (known["as_of"] <= pd.Timestamp(day))]
    known = known.assign(stage=known["stage"].fillna(""))
    found = [[*key, *_stage(part, part["as_of"] >= late, shock)] for key, part in known.groupby(_KEYS, sort=True)]
    return Drift(pd.DataFrame(found, columns=list(_COLUMNS)).astype(_COLUMNS), shock)


def learn_shock(followed: pd.DataFrame) -> float:
    """How much more the wins of a quarter were off than chance explains, as a share of the expected wins.

    Blocks of 91 days of rows out of time: the mean of ((observed - expected)² - variance) / expected², blocks weighing
    by how much they can tell, shrunk to the usual 0.13² with the weight of four blocks; at least 0.06.

    Parameters
    ----------
    followed : DataFrame
        As for `watch_drift`, over as long a past as there is.

    Examples
    --------
    >>> learn_shock(pd.DataFrame(columns=["opportunity_id", "as_of", "p_in_28_days", "won_in_28_days"]))
    0.13
    """
    known = _apart(_known(followed))
    weighed, counts = _USUAL_COUNTS * USUAL_SHOCK**2, _USUAL_COUNTS
    if len(known):
        block = (known["as_of"] - known["as_of"].min()).dt.days // _BLOCK_DAYS
        for _, part in known.groupby(block, sort=True):
            observed, expected, variance = _sums(part)
            if expected <= 0:
                continue
            chance = variance / expected**2
            count = (USUAL_SHOCK**2 / (USUAL_SHOCK**2 + chance)) ** 2
            weighed += count * (((observed - expected) / expected) ** 2 - chance)
            counts += count
    return max(math.sqrt(max(weighed / counts, 0.0)), _LEAST_SHOCK)


def expires_on(trained_until: date, *, alarm_on: date | None = None) -> date:
    """The day on which a model should be trained anew: a quarter after its training, or the day of an alarm.

    Examples
    --------
    >>> expires_on(date(2024, 1, 1))
    datetime.date(2024, 4, 1)
    """
    quarter = trained_until + timedelta(days=_LIFETIME_DAYS)
    return quarter if alarm_on is None else min(quarter, alarm_on)


def _known(followed: pd.DataFrame) -> pd.DataFrame:
    return followed[followed[f"won_in_{_STEP}"].notna() & followed[f"p_in_{_STEP}"].notna()]


def _apart(known: pd.DataFrame) -> pd.DataFrame:
    """Rows of a deal at least four weeks apart, from its first on."""
    ordered = known.sort_values(["opportunity_id", "as_of"], kind="stable")
    deal = np.asarray(pd.factorize(ordered["opportunity_id"])[0])
    at = ordered["as_of"].to_numpy(dtype="datetime64[us]")
    step = np.timedelta64(_STEP_DAYS, "D")
    is_near = (deal[1:] == deal[:-1]) & (at[1:] - at[:-1] < step)
    if not is_near.any():
        return ordered
    kept = np.zeros(len(ordered), dtype=bool)
    last_deal, last_at = -1, at[0]
    for place in range(len(ordered)):
        if deal[place] != last_deal or at[place] - last_at >= step:
            kept[place], last_deal, last_at = True, deal[place], at[place]
    return ordered[kept]


def _sums(part: pd.DataFrame) -> tuple[float, float, float]:
    """Wins observed, wins expected, and how much they vary by chance."""
    p, won = (part[f"{name}_in_{_STEP}"].to_numpy(dtype="float64") for name in ("p", "won"))
    weight = part["row_weight"].to_numpy(dtype="float64") if "row_weight" in part else np.ones(len(part))
    return (
        math.fsum((weight * won).tolist()),
        math.fsum((weight * p).tolist()),
        math.fsum((weight**2 * p * (1 - p)).tolist()),
    )


def _z(observed: float, expected: float, variance: float, shock: float) -> float:
    whole = variance + (shock * expected) ** 2
    return (observed - expected) / math.sqrt(whole) if variance >= _FEWEST else math.nan


def _stage(part: pd.DataFrame, is_late: pd.Series, shock: float) -> list[object]:
    whole, late = _sums(part), _sums(part[is_late])
    z, z_late = _z(*whole, shock), _z(*late, shock)
    state = "too_few" if math.isnan(z) else "fits"
    if abs(z_late) > _WATCH:
        state = "watch"
    if abs(z) > _ALARM:
        state = "alarm"
    return [part["opportunity_id"].nunique(), *whole[:2], z, *late[:2], z_late, state]
