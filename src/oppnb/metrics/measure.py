"""A metric, worked out for the whole or for every slice."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from oppnb.locale import Words
from oppnb.metrics.figure import Figure
from oppnb.metrics.inputs import MetricInputs
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.needs import check_needs
from oppnb.metrics.registry import METRICS, find_metric, find_variant, missing_needs
from oppnb.metrics.rows import Ask

__all__ = ["measure", "measure_all", "metric_rows"]

By = str | Sequence[str] | None


def measure(metric_id: str, inputs: MetricInputs, *, variant: str | None = None, by: By = None) -> pd.DataFrame:
    """Work out a metric.

    Parameters
    ----------
    metric_id : str
        One of `METRICS`.
    inputs : MetricInputs
        What it is worked out from.
    variant : str, optional
        One of the metric's variants; by default its first.
    by : str or sequence of str, optional
        Columns to slice by: any columns of the snapshot (owner_id, region, product, …) or of the rows counted.

    Returns
    -------
    DataFrame
        One row a slice, sorted, one row without `by`. Columns: the slices; `metric`; `variant`; `value` (null where
        it cannot be worked out); `n` (rows it rests on); `low`, `high` (95 % interval, null where none makes sense);
        `unit`; `n_missing` (rows left out because an amount or a day is missing); `n_open` (rows of n that are not
        decided yet); `note` (code of `metric_note` in the catalogue, details after a bar). A slice of the snapshot
        without any row that counts has n = 0: null for a rate or a median, 0 for a count or a sum.

    Raises
    ------
    UsageError
        If there is no such metric or variant.
    TableMissingError, ColumnMissingError
        If something it needs is not there.

    Examples
    --------
    >>> from datetime import date
    >>> from oppnb.periods import parse_period
    >>> snapshot = pd.DataFrame(
    ...     {
    ...         "opportunity_id": ["1", "2", "3"],
    ...         "outcome": ["won", "lost", "open"],
    ...         "closed_at": pd.to_datetime(["2017-08-01", "2017-08-02", None]),
    ...     }
    ... )
    >>> inputs = MetricInputs(snapshot=snapshot, period=parse_period("2017Q3"), as_of=date(2017, 9, 30))
    >>> measure("win_rate", inputs)[["value", "n", "low", "high"]].round(2).values.tolist()
    [[0.5, 2.0, 0.09, 0.91]]
    """
    metric, slices = find_metric(metric_id), _slices(by)
    chosen = find_variant(metric, variant)
    rows = metric_rows(metric_id, inputs, variant=variant, by=slices)
    keys, figures = [], []
    for key, group in _groups(rows, inputs.snapshot, slices):
        keys.append(key)
        figures.append(chosen.figure(group, inputs))
    return pd.concat([_keys_frame(keys, slices, rows), _frame(figures, metric, chosen)], axis=1)


def metric_rows(metric_id: str, inputs: MetricInputs, *, variant: str | None = None, by: By = None) -> pd.DataFrame:
    """The rows that a metric counts: the list behind the figure.

    Returns
    -------
    DataFrame
        `opportunity_id` (or `lead_id`, or whose target), the slices, and the columns that the figure is made of.

    Raises
    ------
    UsageError, TableMissingError, ColumnMissingError
        As `measure`.
    """
    metric = find_metric(metric_id)
    chosen = find_variant(metric, variant)
    check_needs(chosen.needs, inputs, title=metric.name(Words("en")))
    return chosen.rows(Ask(inputs, _slices(by))).reset_index(drop=True)


def measure_all(inputs: MetricInputs, *, by: By = None, default_only: bool = False) -> pd.DataFrame:
    """Work out every metric that the inputs allow, in all its variants; those they do not allow are left out.

    Parameters
    ----------
    inputs : MetricInputs
        What they are worked out from.
    by : str or sequence of str, optional
        As in `measure`.
    default_only : bool
        Only the first variant of each metric.

    Returns
    -------
    DataFrame
        As `measure`, one under the other. `missing_needs` says what a metric that is not there lacks.
    """
    slices = _slices(by)
    parts = [
        measure(metric.id, inputs, variant=variant.id, by=slices)
        for metric in METRICS.values()
        for variant in (metric.variants[:1] if default_only else metric.variants)
        if not missing_needs(metric.id, inputs, variant=variant.id) and _can_slice(variant, inputs, slices)
    ]
    return pd.concat(parts, ignore_index=True)


def _can_slice(variant: Variant, inputs: MetricInputs, by: tuple[str, ...]) -> bool:
    """Leads and forecasts are not deals: they can be sliced by their own columns only."""
    alone = [name for name in ("leads", "forecasts") if name in variant.needs]
    return all(column in getattr(inputs, name) for name in alone for column in by)


def _slices(by: By) -> tuple[str, ...]:
    return () if by is None else (by,) if isinstance(by, str) else tuple(by)


def _groups(
    rows: pd.DataFrame, snapshot: pd.DataFrame, by: tuple[str, ...]
) -> Iterator[tuple[tuple[object, ...], pd.DataFrame]]:
    """Rows of each slice, sorted by the slice; slices of the snapshot without rows come with none."""
    if not by:
        yield (), rows
        return
    columns = list(by)
    known = [snapshot[columns].drop_duplicates()] if set(columns) <= set(snapshot.columns) else []
    together = pd.concat([*known, rows[columns]], ignore_index=True)
    code = together.groupby(columns, dropna=False, sort=True, observed=True).ngroup().to_numpy()
    found, first = np.unique(code, return_index=True)
    of_rows = code[len(together) - len(rows) :]
    order = np.argsort(of_rows, kind="stable")
    edges = np.searchsorted(of_rows[order], [*found, np.inf])
    labels = list(together.iloc[first].itertuples(index=False, name=None))
    for position, label in enumerate(labels):
        yield label, rows.iloc[order[edges[position] : edges[position + 1]]]


def _keys_frame(keys: list[tuple[object, ...]], by: tuple[str, ...], rows: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(keys, columns=list(by), index=range(len(keys)))
    return frame.astype({name: rows[name].dtype for name in by}) if len(keys) else frame


def _frame(figures: list[Figure], metric: Metric, variant: Variant) -> pd.DataFrame:
    def column(name: str, dtype: str) -> pd.Series:
        return pd.Series([getattr(figure, name) for figure in figures], dtype=dtype)

    return pd.DataFrame(
        {
            "metric": pd.Series([metric.id] * len(figures), dtype="str"),
            "variant": pd.Series([variant.id] * len(figures), dtype="str"),
            "value": column("value", "float64"),
            "n": column("n", "int64"),
            "low": column("low", "float64"),
            "high": column("high", "float64"),
            "unit": pd.Series([metric.unit_of(variant)] * len(figures), dtype="str"),
            "n_missing": column("n_missing", "int64"),
            "n_open": column("n_open", "int64"),
            "note": column("note", "str"),
        }
    )
