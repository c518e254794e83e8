"""How near forecasts came: several formulas share the name, so each has its own here."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from oppnb.metrics.figure import Figure, Floats, column_of, total
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.metric import Better, Metric, Unit, Variant
from oppnb.metrics.rows import Ask

__all__ = ["FORECAST_ACCURACY"]

_NEEDS = {"forecasts": ("forecast_amount", "actual_amount")}
Formula = Callable[[Floats, Floats], float | None]


def _rows(ask: Ask) -> pd.DataFrame:
    return ask.take(ask.frame("forecasts"), None, "forecast_amount", "actual_amount")


def _divide(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _attainment(forecast: Floats, actual: Floats) -> float | None:
    return _divide(total(actual), total(forecast))


def _one_minus_error(forecast: Floats, actual: Floats) -> float | None:
    error = _divide(abs(total(actual) - total(forecast)), total(actual))
    return None if error is None else 1 - error


def _one_minus_error_of_forecast(forecast: Floats, actual: Floats) -> float | None:
    error = _divide(abs(total(actual) - total(forecast)), total(forecast))
    return None if error is None else 1 - error


def _wape(forecast: Floats, actual: Floats) -> float | None:
    return _divide(total(np.abs(actual - forecast)), total(actual))


def _mape(forecast: Floats, actual: Floats) -> float | None:
    present = actual > 0
    errors = np.abs(actual[present] - forecast[present]) / actual[present]
    return _divide(total(errors), float(present.sum()))


def _bias(forecast: Floats, actual: Floats) -> float | None:
    return _divide(total(forecast - actual), total(actual))


def _variant(name: str, formula: Formula, *, better: Better, unit: Unit = "share") -> Variant:
    def figure(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
        forecast, actual = column_of(rows, "forecast_amount"), column_of(rows, "actual_amount")
        usable = ~np.isnan(forecast) & ~np.isnan(actual)
        n, n_missing = int(usable.sum()), int((~usable).sum())
        if n == 0:
            return Figure(n_missing=n_missing, note="all_missing" if n_missing else "no_rows")
        value = formula(forecast[usable], actual[usable])
        return Figure(value, n, n_missing=n_missing, note="weights_are_zero" if value is None else None)

    return Variant(id=name, rows=_rows, figure=figure, needs=_NEEDS, unit=unit, better=better)


FORECAST_ACCURACY = Metric(
    id="forecast_accuracy",
    unit="share",
    better="higher",
    source="Kolassa & Schütz 2007 (WAPE); Hyndman & Koehler 2006 (review of measures)",
    variants=(
        _variant("one_minus_error", _one_minus_error, better="higher"),
        _variant("one_minus_error_of_forecast", _one_minus_error_of_forecast, better="higher"),
        _variant("attainment", _attainment, better="none"),
        _variant("wape", _wape, better="lower"),
        _variant("mape", _mape, better="lower"),
        _variant("bias", _bias, better="none"),
    ),
)
