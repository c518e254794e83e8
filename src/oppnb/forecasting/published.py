"""Forecasts as they were published, beside what came: from the ledger, never made anew."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from oppnb.errors import ColumnMissingError
from oppnb.history.book import PipelineBook
from oppnb.locale import Formats, Words
from oppnb.metrics.intervals import wilson
from oppnb.periods import parse_period

__all__ = ["amounts_that_came", "published_beside_actuals", "tell_published"]

_KEYS = ["as_of", "period"]
_QUANTITIES = {"expected": "expected_amount", "quantile_0.1": "low_amount", "quantile_0.9": "high_amount"}
_LIKELY_TOLD = ("combination", "win_curves")
_FEWEST_PERIODS = 4


def amounts_that_came(book: PipelineBook, names: Iterable[str]) -> dict[str, float]:
    """What was won in each period that is over, as known on the book's day; periods that run are left out.

    Raises
    ------
    PeriodError
        If a name is not that of a period.
    """
    start = book.workspace.calendar.fiscal_year_start
    periods = [parse_period(name, fiscal_year_start=start) for name in sorted(set(names))]
    over = [one for one in periods if one.end <= book.known_on]
    return {one.name: float(book.won_between(one.start, one.end)["amount_base"].sum()) for one in over}


def published_beside_actuals(said: pd.DataFrame, actuals: Mapping[str, float]) -> pd.DataFrame:
    """What was told on each day, and what the period brought.

    Parameters
    ----------
    said : DataFrame
        Of `oppnb.forecasting.forecasts_known`, of one node. Of several models the one that was told (`is_told`) counts;
        where the ledger does not say, the mean of deal by deal and past conversion, else deal by deal.
    actuals : mapping of str to float
        Period -> what was won in it; only periods that are over. Others are left out.

    Returns
    -------
    DataFrame
        By `period` and `as_of`: `model`, `expected_amount`, `low_amount`, `high_amount` (the 80 % interval; null where
        none was told), `actual_amount`, `difference_amount` (expected less what came: above 0 was too high), `is_held`
        (whether the interval held what came; null without one).

    Raises
    ------
    ColumnMissingError
        If a column of the ledger is missing.

    Examples
    --------
    >>> told = pd.DataFrame({"as_of": pd.Timestamp("2024-02-04"), "period": "2024Q1", "model": "combination",
    ...     "quantity": ["expected", "quantile_0.1", "quantile_0.9"], "value": [90.0, 70.0, 120.0]})
    >>> published_beside_actuals(told, {"2024Q1": 100.0})[["difference_amount", "is_held"]].to_dict("list")
    {'difference_amount': [-10.0], 'is_held': [True]}
    """
    missing = [name for name in (*_KEYS, "model", "quantity", "value") if name not in said]
    if missing:
        raise ColumnMissingError(f"The published forecasts have no column {', '.join(missing)}.")
    rows = said[said["period"].isin(list(actuals)) & said["quantity"].isin(list(_QUANTITIES))]
    wide = rows.pivot_table(index=[*_KEYS, "model"], columns="quantity", values="value", aggfunc="last", dropna=False)
    wide = wide.reindex(columns=list(_QUANTITIES)).rename(columns=_QUANTITIES).dropna(subset=["expected_amount"])
    found = _told(wide.reset_index(), said)
    found["actual_amount"] = found["period"].map(actuals).astype("float64")
    found["difference_amount"] = found["expected_amount"] - found["actual_amount"]
    is_held = found["actual_amount"].between(found["low_amount"], found["high_amount"]).astype("boolean")
    found["is_held"] = is_held.mask(found["low_amount"].isna() | found["high_amount"].isna())
    columns = ["period", "as_of", "model", *_QUANTITIES.values(), "actual_amount", "difference_amount", "is_held"]
    return found.sort_values(["as_of", "period"], ignore_index=True)[columns].rename_axis(columns=None)


def _told(wide: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    """One model a day and period."""
    if "is_told" in said:
        marked = said.assign(is_told=said["is_told"].fillna(value=False).astype(bool))
        told = marked.groupby([*_KEYS, "model"])["is_told"].max().rename("is_told").reset_index()
        wide = wide.merge(told, on=[*_KEYS, "model"], how="left")
    else:
        wide = wide.assign(is_told=False)
    ranks = {name: place for place, name in enumerate(_LIKELY_TOLD)}
    wide = wide.assign(rank=wide["model"].map(ranks).fillna(len(ranks)))
    ordered = wide.sort_values([*_KEYS, "is_told", "rank", "model"], ascending=[True, True, False, True, True])
    return ordered.drop_duplicates(_KEYS, keep="first").drop(columns=["is_told", "rank"])


def tell_published(found: pd.DataFrame, *, words: Words, formats: Formats) -> list[str]:
    """How far published forecasts were off, and how often their interval held, a sentence each.

    Parameters
    ----------
    found : DataFrame
        Of `published_beside_actuals`; not empty.
    words, formats : Words, Formats
        Of the reader.
    """
    came, gap = found["actual_amount"].to_numpy(dtype="float64"), found["difference_amount"].to_numpy(dtype="float64")
    total, n_periods = float(np.abs(came).sum()), int(found["period"].nunique())
    counts: dict[str, Any] = {"n": formats.number(len(found)), "n_periods": formats.number(n_periods)}
    said = [_off(gap, total, counts, words, formats)]
    held = found["is_held"].dropna().astype(bool)
    if len(held):
        low, high = wilson(float(held.sum()), float(len(held)))
        ends = {"low": formats.share(low), "high": formats.share(high)}
        of = {"held": formats.number(int(held.sum())), "n": formats.number(len(held))}
        said.append(words("forecast_published.held", share=formats.share(float(held.mean())), **of, **ends))
    if n_periods < _FEWEST_PERIODS:
        said.append(words("forecast_published.few", fewest=formats.number(_FEWEST_PERIODS), **counts))
    return said


def _off(gap: "np.ndarray[Any, Any]", total: float, counts: dict[str, Any], words: Words, formats: Formats) -> str:
    if not total:
        return words("forecast_published.nothing_came", **counts)
    bias = float(gap.sum()) / total
    way = "too_high" if bias > 0 else "too_low"
    return words(
        f"forecast_published.{way}",
        error=formats.share(float(np.abs(gap).sum()) / total, digits=1),
        bias=formats.share(abs(bias), digits=1),
        **counts,
    )
