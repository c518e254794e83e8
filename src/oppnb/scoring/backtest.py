"""Train before, test after: what each model would have said on past days, beside what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.history import ends_known_on
from oppnb.periods import period_of
from oppnb.scoring.folds import grouped_folds
from oppnb.scoring.models.awaited import Awaited
from oppnb.scoring.models.ridge import await_ends
from oppnb.scoring.models.weighing import row_weights
from oppnb.scoring.origins import rolling_origins
from oppnb.scoring.prediction import Prediction, WinModel
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.spread import logit_sd
from oppnb.scoring.watching import Watch, days_watched, known_ends, last_known_day, watch_rows

__all__ = ["HORIZONS", "Backtest", "Progress", "rolling_backtest"]

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

HORIZONS = ("28_days", "90_days", "period")
"""Dates by which a deal may be won: within so many days, and by the end of the quarter of the row's day."""

_TOO_YOUNG = 0.4
_FIXED_DAYS = {"28_days": 28.0, "90_days": 90.0}


@dataclass(frozen=True)
class Backtest:
    """Predictions out of time, and how the deals ended.

    Attributes
    ----------
    frame : DataFrame
        One row a deal, day and model, by model in the order given and then by row: `fold` (number of the origin or
        part), `origin` (day of training, null without dates), `model`, `is_baseline`, `row` (position in the rows
        judged), `opportunity_id`, `as_of`, `process`, `stage`, `p_ever`, `logit_sd` (the model's own doubt in log odds,
        null if it tells none), `is_closed`, `is_won`, `days_to_end`, `weight` (what the row counts for when
        P(won ever) is judged by outcomes alone: 0 while open, see `oppnb.scoring.watching.watch_rows`), `row_weight`
        (what it counts for otherwise), `won_expected` (1 won, 0 lost; of an open deal how likely its latest row is to
        be won, as a ridge learns it from all rows), `expected_weight` (0 where that row is itself the one judged), and
        for each of `HORIZONS` `p_in_…` and `won_in_…` (1 or 0; null where the row was not watched so
        long, whether or not the deal is over: else the quick ones would count more).
    origins : tuple of date
        Days of training; empty without dates.
    is_over_time : bool
        False where the export has no dates and the parts are random ones.
    known_until : date or None
        Day of knowledge of the ends.
    n_rows, n_open : int
        Rows judged, and those of them that are still open.
    share_beyond : float
        Share of the deals that are expected to take longer than deals were watched; see `Watch`.
    """

    frame: pd.DataFrame
    origins: tuple[date, ...]
    is_over_time: bool
    known_until: date | None
    n_rows: int
    n_open: int
    share_beyond: float

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models, in the order they were given."""
        return tuple(str(name) for name in self.frame["model"].drop_duplicates())

    @property
    def is_young(self) -> bool:
        """Of more than two fifths of the deals nobody has seen how they end: P(won ever) cannot be judged."""
        return self.is_over_time and self.share_beyond > _TOO_YOUNG

    def of(self, model: str) -> pd.DataFrame:
        """The rows of one model, numbered anew; those of all models are in the same order."""
        return self.frame[self.frame["model"] == model].reset_index(drop=True)


@dataclass(frozen=True)
class _Fold:
    number: int
    origin: date | None
    train: ScoringRows
    test: npt.NDArray[np.int64]


def rolling_backtest(
    rows: ScoringRows,
    models: Sequence[Callable[[], WinModel]],
    *,
    n_origins: int = 6,
    n_folds: int = 10,
    not_before: date | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Train each model on what was known on past days and let it score the deals open from then on.

    On each origin a new model learns from the rows before it, with the ends as they were known on it: a deal that
    closed later is open. It then scores the rows from the origin up to the next one. Ends are those known at last.

    Rows whose deal is still open have no end to be judged by. To leave them out would judge on too many quick deals, so
    closed ones are weighed up for them (`weight`); the last rows, of which fewer than half are known, are not used.
    Horizons take only rows that were watched as long, and need no such weights.

    Rows without days (an export without dates) are judged by random parts, the rows that are told twice being kept
    together: `is_over_time` is False then, and whoever shows the figures has to say so.

    Parameters
    ----------
    rows : ScoringRows
        With ends; open ones are censored.
    models : sequence of callables
        Each makes a new model that has learnt nothing.
    n_origins : int
        Days of training at most.
    n_folds : int
        Parts without dates.
    not_before : date, optional
        First origin at the earliest; see `oppnb.scoring.origins.rolling_origins`.
    progress : callable, optional
        Called with the number of models that have learnt, and of all; what it raises stops the work.

    Returns
    -------
    Backtest
        With an empty frame where no day leaves something to learn from and something to judge.
    """
    if not rows.is_dated:
        return _collect(rows, models, list(_undated_folds(rows, n_folds)), until=None, progress=progress)
    until = last_known_day(rows)
    origins = rolling_origins(rows, until=until, n_origins=n_origins, not_before=not_before)
    folds = [
        _Fold(number, origin.day, _known_on(rows, origin.day), np.flatnonzero(origin.test))
        for number, origin in enumerate(origins)
    ]
    return _collect(rows, models, folds, until=until, progress=progress)


def _known_on(rows: ScoringRows, day: date) -> ScoringRows:
    """The rows before a day, with the ends as they were known on it."""
    ends, is_there = ends_known_on(known_ends(rows), rows.keys["as_of"], day=day, time_zone=rows.calendar.time_zone)
    return replace(rows, ends=ends).take(is_there)


def _undated_folds(rows: ScoringRows, n_folds: int) -> list[_Fold]:
    part = grouped_folds(rows, n_folds=n_folds)
    tests = [np.flatnonzero((part == number) & rows.is_closed) for number in range(int(part.max(initial=-1)) + 1)]
    return [
        _Fold(number, None, rows.take(part != number), test)
        for number, test in enumerate(tests)
        if len(test) and (part != number).any()
    ]


def _collect(
    rows: ScoringRows,
    models: Sequence[Callable[[], WinModel]],
    folds: Sequence[_Fold],
    *,
    until: date | None,
    progress: Progress | None,
) -> Backtest:
    every = np.concatenate([fold.test for fold in folds]) if folds else np.zeros(0, dtype="int64")
    judged = rows.take(every)
    watch = _watch(judged)
    told = _told(judged, every, folds, watch, until).join(_expected(rows, every))
    parts: list[pd.DataFrame] = []
    for make in models:
        said: list[pd.DataFrame] = []
        for fold in folds:
            said.append(_said(make(), fold, rows))
            if progress is not None:
                progress(len(parts) * len(folds) + len(said), len(models) * len(folds))
        parts.append(pd.concat([told, *([pd.concat(said, ignore_index=True)] if said else [])], axis=1))
    frame = pd.concat(parts, ignore_index=True) if folds and parts else _no_rows()
    return Backtest(
        frame=frame[list(_no_rows().columns)],
        origins=tuple(fold.origin for fold in folds if fold.origin is not None),
        is_over_time=until is not None,
        known_until=until,
        n_rows=len(judged),
        n_open=int((~judged.is_closed).sum()),
        share_beyond=watch.share_beyond,
    )


def _watch(rows: ScoringRows) -> Watch:
    weight = row_weights(rows)
    if not rows.is_dated:
        return Watch(np.where(rows.is_closed, weight, 0.0), 0.0, float("nan"))
    return watch_rows(known_ends(rows)["days_to_end"].to_numpy(dtype="float64"), rows.is_closed, row_weight=weight)


def _expected(rows: ScoringRows, judged: npt.NDArray[np.int64]) -> pd.DataFrame:
    """How the deals judged ended or are likely to; the same for every model, so that none is judged by itself."""
    awaited = await_ends(rows) if len(judged) else Awaited.of(rows, lambda some: np.zeros(len(some)))
    weight = row_weights(rows) * awaited.weight
    return pd.DataFrame({"won_expected": awaited.won[judged], "expected_weight": weight[judged]})


def _told(
    rows: ScoringRows, positions: npt.NDArray[np.int64], folds: Sequence[_Fold], watch: Watch, until: date | None
) -> pd.DataFrame:
    """What is the same for every model."""
    sizes = [len(fold.test) for fold in folds]
    frame = pd.DataFrame(
        {
            "fold": np.repeat([fold.number for fold in folds], sizes),
            "origin": pd.to_datetime(pd.Series(np.repeat(np.array([fold.origin for fold in folds]), sizes))),
            "row": positions,
            "is_closed": rows.is_closed,
            "is_won": rows.is_won,
            "days_to_end": known_ends(rows)["days_to_end"].to_numpy(dtype="float64"),
            "weight": watch.weight,
            "row_weight": row_weights(rows),
        }
    )
    for name in ("opportunity_id", "as_of", "process", "stage"):
        frame[name] = rows.keys[name].to_numpy()
    for name, days in horizon_days(rows).items():
        frame[f"won_in_{name}"] = _won_within(rows, days, until)
    return frame


def horizon_days(rows: ScoringRows) -> dict[str, Floats]:
    """Days from each row's day to each of `HORIZONS`; NaN without dates, and on the last day of a period."""
    if not rows.is_dated:
        return {name: np.full(len(rows), np.nan) for name in HORIZONS}
    return {name: np.full(len(rows), days) for name, days in _FIXED_DAYS.items()} | {"period": _to_period_end(rows)}


def _to_period_end(rows: ScoringRows) -> Floats:
    codes, days = pd.factorize(rows.keys["as_of"])
    start = rows.calendar.fiscal_year_start
    left = [
        float((period_of(day, fiscal_year_start=start).end - day).days)
        for day in (pd.Timestamp(one).date() for one in days)
    ]
    found = np.asarray(left, dtype="float64")[codes]
    return np.where(found > 0, found, np.nan)


def _won_within(rows: ScoringRows, days: Floats, until: date | None) -> Floats:
    if until is None:
        return np.full(len(rows), np.nan)
    is_known = days_watched(rows, until) >= days
    is_won = rows.is_won & (known_ends(rows)["days_to_end"].to_numpy(dtype="float64") < days)
    return np.where(is_known, is_won.astype("float64"), np.nan)


def _said(model: WinModel, fold: _Fold, rows: ScoringRows) -> pd.DataFrame:
    """What a model says of the rows of a part after it has learnt from those before."""
    test = replace(rows.take(fold.test), ends=None)
    model = model.fit(fold.train)
    prediction = model.predict(test)
    said = pd.DataFrame(
        {
            "model": model.name,
            "is_baseline": model.is_baseline,
            "p_ever": np.clip(prediction.won_ever, 0.0, 1.0),
            "logit_sd": logit_sd(model, test),
        }
    )
    for name, days in horizon_days(test).items():
        said[f"p_in_{name}"] = _won_by(prediction, days)
    return said


def _won_by(prediction: Prediction, days: Floats) -> Floats:
    known = np.isfinite(days)
    return np.where(known, np.clip(prediction.won_by(np.where(known, days, 0.0)), 0.0, 1.0), np.nan)


def _no_rows() -> pd.DataFrame:
    columns = {"fold": "int64", "origin": "datetime64[us]", "model": "str", "is_baseline": "bool", "row": "int64"}
    columns |= {"opportunity_id": "str", "as_of": "datetime64[us]", "process": "str", "stage": "str"}
    columns |= {"p_ever": "float64", "logit_sd": "float64", "is_closed": "bool", "is_won": "bool"}
    columns |= dict.fromkeys(("days_to_end", "weight", "row_weight", "won_expected", "expected_weight"), "float64")
    columns |= {f"{part}_in_{name}": "float64" for name in HORIZONS for part in ("p", "won")}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
