"""Who added accuracy: reps, managers, the model and the blend beside each other, by how far ahead they spoke."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.errors import ColumnMissingError, ParameterError, nearest
from oppnb.forecasting.added_accuracy import judged_beside
from oppnb.periods import parse_period

__all__ = ["accuracy_by_source", "spoken_by_people"]

Floats = npt.NDArray[np.float64]

MANAGER = "manager"
HORIZONS = (0, 3, 6, 10)

_A_DAY = pd.Timedelta(days=1)
_KEYS = ["as_of", "period", "node"]


def accuracy_by_source(
    forecasts: pd.DataFrame,
    overrides: pd.DataFrame,
    actuals: pd.DataFrame,
    *,
    sources: Mapping[str, str] | None = None,
    reference: str = "model",
    quantity: str = "mean",
    horizons: Sequence[int] = HORIZONS,
    fiscal_year_start: int = 1,
    seed: int = 0,
) -> pd.DataFrame:
    """How far off each source was, and whether it was nearer than the model where both spoke.

    The value that a source adds is the model's weighted absolute error less its own, over the same days, periods and
    nodes. Its interval is by bootstrap over whole periods: what is said in one period of many nodes and on many days
    shares its luck. A manager is judged only where one had spoken by then.

    Parameters
    ----------
    forecasts : DataFrame
        `as_of`, `period`, `node`, `model`, `quantity`, `value`, such as of `forecasts_known`.
    overrides : DataFrame
        `as_of`, `node`, `period`, `value`: all that were said of nodes, such as of `store.read("overrides")`. One
        stands until the next, or until it is taken back (`is_withdrawn`); one that was written down later (`seen_at`)
        than it is said to have been said counts from then on only.
    actuals : DataFrame
        `period`, `node`, `value`; periods that are not over are left out by not being there.
    sources : mapping of str to str, optional
        Name of the source -> its model in `forecasts`; by default each model goes by its own name.
    reference : str
        The source that the others are measured against.
    quantity : str
        Which rows of the forecasts are the figure that is judged.
    horizons : sequence of int
        Where classes of whole weeks to the end of the period begin, the nearest first.
    fiscal_year_start : int
        Month of the periods' names.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        By `source` and `weeks_from` (null for all horizons together): `weeks_to` (null for no end), `n`, `n_periods`,
        `absolute_error` (mean, in money), `wape` (sum of absolute errors over that of the actual figures), `bias` (sum
        of errors over the same; positive is too high), `reference_wape` (on the same rows), `added` (`reference_wape`
        less `wape`; positive is better), `added_low`, `added_high` (95 %), `verdict`: `better`, `worse`, `not_clear`,
        `too_few_periods`, `reference`, `not_comparable`.

    Raises
    ------
    ColumnMissingError
        If a frame lacks a column.
    ParameterError
        If a source's model or the reference is not in the forecasts, with the nearest.

    Examples
    --------
    >>> said = pd.DataFrame({"as_of": pd.to_datetime(["2024-02-25"] * 2), "period": "2024Q1", "node": "company",
    ...     "model": ["model", "rep"], "quantity": "mean", "value": [90.0, 150.0]})
    >>> came = pd.DataFrame({"period": ["2024Q1"], "node": ["company"], "value": [100.0]})
    >>> found = accuracy_by_source(said, pd.DataFrame(columns=["as_of", "period", "node", "value"]), came)
    >>> found.loc[found["weeks_from"].isna(), ["source", "absolute_error", "verdict"]].to_numpy().tolist()
    [['model', 10.0, 'reference'], ['rep', 50.0, 'too_few_periods']]
    """
    _check_columns({"forecasts": forecasts, "overrides": overrides, "actuals": actuals})
    said = _by_source(forecasts[forecasts["quantity"] == quantity], sources, reference)
    base = said[said["source"] == reference][[*_KEYS, "value"]].rename(columns={"value": "reference"})
    asked = said[_KEYS].drop_duplicates()
    people = spoken_by_people(asked, overrides).assign(source=MANAGER)
    rows = pd.concat([said, people[people["value"].notna()]], ignore_index=True).dropna(subset=["value"])
    came = actuals[["period", "node", "value"]].rename(columns={"value": "actual"}).dropna()
    rows = rows.merge(came, on=["period", "node"]).merge(base, on=_KEYS, how="left")
    rows = rows.assign(weeks=_weeks_to_end(rows, fiscal_year_start))
    rows = rows[rows["weeks"] >= 0].sort_values(["source", *_KEYS], ignore_index=True)
    found = [
        {
            "source": source,
            "weeks_from": start,
            "weeks_to": end,
            **judged_beside(one, is_reference=source == reference, seed=seed),
        }
        for source, of_source in rows.groupby("source", sort=True)
        for start, end in _classes(horizons)
        if len(one := of_source[_within(of_source["weeks"], start, end)])
    ]
    kinds = {"source": "str", "verdict": "str", "weeks_from": "float64", "weeks_to": "float64"}
    return pd.DataFrame(found, columns=_COLUMNS).astype(kinds)


_COLUMNS = [
    *("source", "weeks_from", "weeks_to", "n", "n_periods", "absolute_error", "wape", "bias"),
    *("reference_wape", "added", "added_low", "added_high", "verdict"),
]


def spoken_by_people(asked: pd.DataFrame, overrides: pd.DataFrame) -> pd.DataFrame:
    """The override of a node and period that stood at the end of each day; null where none did.

    Parameters
    ----------
    asked : DataFrame
        `as_of`, `period`, `node`.
    overrides : DataFrame
        As in `accuracy_by_source`.

    Returns
    -------
    DataFrame
        `asked` with `value`, by its keys.
    """
    said = overrides[overrides["node"].notna() & overrides["period"].notna()].copy()
    if "is_withdrawn" in said:
        said["value"] = said["value"].where(~said["is_withdrawn"].eq(True))
    said["as_of"] = said["as_of"].astype("datetime64[us]")
    if "seen_at" in said:
        written_on = said["seen_at"].astype("datetime64[us]").dt.normalize() - _A_DAY  # days differ by zone
        said["as_of"] = said["as_of"].where(said["as_of"] >= written_on, written_on)
    order = [name for name in ("as_of", "said_at", "seen_at") if name in said]
    said = said.sort_values(order, kind="stable").drop_duplicates(_KEYS, keep="last")
    kinds = {"as_of": "datetime64[us]", "period": "str", "node": "str"}
    left = asked[_KEYS].astype(kinds).sort_values(_KEYS, ignore_index=True).sort_values("as_of", kind="stable")
    right = said[[*_KEYS, "value"]].astype({**kinds, "value": "float64"})
    found = pd.merge_asof(left, right, on="as_of", by=["period", "node"])
    return found.sort_values(_KEYS, ignore_index=True)


def _by_source(forecasts: pd.DataFrame, sources: Mapping[str, str] | None, reference: str) -> pd.DataFrame:
    models = sorted(forecasts["model"].astype("str").unique())
    named = {model: model for model in models} if sources is None else dict(sources)
    for source, model in {**named, reference: named.get(reference, reference)}.items():
        if model not in models or source not in named:
            near = nearest(model, models)
            hint = f" Did you mean '{near}'?" if near else f" There are {', '.join(models) or 'none'}."
            raise ParameterError(f"The forecasts have no model '{model}' for the source '{source}'.{hint}")
    parts = [forecasts[forecasts["model"] == model].assign(source=source) for source, model in named.items()]
    said = pd.concat(parts, ignore_index=True)[[*_KEYS, "source", "value"]]
    kinds = {"as_of": "datetime64[us]", "period": "str", "node": "str", "value": "float64"}
    return said.astype(kinds).drop_duplicates([*_KEYS, "source"], keep="last")


def _weeks_to_end(rows: pd.DataFrame, fiscal_year_start: int) -> pd.Series:
    names = rows["period"].unique()
    ends = {name: parse_period(str(name), fiscal_year_start=fiscal_year_start).end for name in names}
    days = (pd.to_datetime(rows["period"].map(ends)) - rows["as_of"]).dt.days
    return days // 7


def _classes(horizons: Sequence[int]) -> list[tuple[float, float]]:
    starts = sorted(horizons)
    ends = [*(start - 1.0 for start in starts[1:]), np.nan]
    return [(np.nan, np.nan), *((float(start), end) for start, end in zip(starts, ends, strict=False))]


def _within(weeks: pd.Series, start: float, end: float) -> pd.Series:
    after = weeks >= (start if start == start else -np.inf)
    return after & (weeks <= (end if end == end else np.inf))


def _check_columns(frames: Mapping[str, pd.DataFrame]) -> None:
    wanted = {
        "forecasts": [*_KEYS, "model", "quantity", "value"],
        "overrides": [*_KEYS, "value"],
        "actuals": ["period", "node", "value"],
    }
    for name, frame in frames.items():
        missing = [column for column in wanted[name] if column not in frame.columns]
        if missing:
            raise ColumnMissingError(f"'{name}' has no column '{missing[0]}'. It needs {', '.join(wanted[name])}.")
