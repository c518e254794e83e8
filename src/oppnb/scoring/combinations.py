"""Pairs of values that say more together than each alone, with how many were tried."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, ndtr

from oppnb.metrics import weighted_share
from oppnb.scoring.engine.bins import ColumnBins
from oppnb.scoring.field_rates import ClosedDeals, bin_edges, closed_deals, field_levels
from oppnb.scoring.models.logistic_fit import fit_logistic
from oppnb.scoring.models.weighing import effective_deals
from oppnb.scoring.reason_words import TOLD_BY
from oppnb.scoring.rows import ScoringRows

__all__ = ["COMBINATION_COLUMNS", "strong_combinations"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COMBINATION_COLUMNS = (
    "first_field",
    "first_value",
    "first_low_edge",
    "first_high_edge",
    "second_field",
    "second_value",
    "second_low_edge",
    "second_high_edge",
    "n_deals",
    "n_effective",
    "win_rate",
    "low",
    "high",
    "expected_rate",
    "shrunk_rate",
    "difference",
    "p_value",
    "q_value",
    "stands_out",
    "n_tested",
)
_MOST_FIELDS = 10
_LEAST_DEALS = 10.0
_PRIOR_DEALS = 20.0
_FALSE_SHARE = 0.1
_PENALTY = 1.0


def strong_combinations(
    rows: ScoringRows, fields: Sequence[str] | None = None, *, n_bins: int = 3, most: int = 20
) -> pd.DataFrame:
    """Cells of two fields whose win rate differs from what both fields say apart.

    What both say apart is a logistic regression on the values of both; a cell is compared with it deal by deal. With
    many cells some differ by chance: q-values tell the share of false finds to expect among all cells up to there
    (Benjamini and Hochberg), and the rates are shrunk towards what was expected as if by 20 deals.

    Parameters
    ----------
    rows : ScoringRows
        With ends.
    fields : sequence of str, optional
        Features or keys; by default the ten features of the rows that part won from lost most by themselves.
    n_bins : int
        Bins of a number.
    most : int
        Rows at most.

    Returns
    -------
    DataFrame
        `COMBINATION_COLUMNS`, the surest first: the values in words of the data (`< 3`, `3 – 7`, `web`, `*` other,
        `?` not known), the edges of a bin (null where it is open), `n_deals` of the cell (at least ten equal ones),
        its `win_rate` with the 95 % interval, `expected_rate`, `shrunk_rate`, `difference` of the two, `p_value`,
        `q_value`, whether it `stands_out` (q-value up to 0.1), and `n_tested`: how many cells were looked at.

    Raises
    ------
    KeyError
        If the rows lack a field.

    References
    ----------
    .. [1] Y. Benjamini, Y. Hochberg, "Controlling the False Discovery Rate", Journal of the Royal Statistical Society
       B 57, 1995, pp. 289-300.
    """
    deals = closed_deals(rows)
    levels = _levels(deals, fields, n_bins)
    found = [
        cell
        for first, second in combinations(levels, 2)
        if TOLD_BY.get(first, first) != TOLD_BY.get(second, second)
        for cell in _cells(deals, (first, second), levels)
    ]
    frame = pd.DataFrame(found, columns=list(COMBINATION_COLUMNS))
    frame["n_tested"] = len(frame)
    frame["q_value"] = _q_values(frame["p_value"].to_numpy(dtype="float64"))
    frame["stands_out"] = frame["q_value"] <= _FALSE_SHARE
    order = ["p_value", "first_field", "second_field", "first_value", "second_value"]
    return frame.sort_values(order, ignore_index=True).head(most)


Levels = dict[str, tuple[Ints, ColumnBins]]


def _levels(deals: ClosedDeals, fields: Sequence[str] | None, n_bins: int) -> Levels:
    wanted = [feature.name for feature in deals.rows.features] if fields is None else list(fields)
    found: Levels = {}
    for name in wanted:
        bins = field_levels(deals, name, n_bins=n_bins)
        values = deals.rows.values[name] if name in deals.rows.values.columns else deals.rows.keys[name]
        codes = bins.codes(values).astype(np.int64)
        if len(np.unique(codes)) > 1:
            found[name] = (codes, bins)
    if fields is not None:
        return found
    ordered = sorted(found, key=lambda name: (-_parts_won(deals, found[name][0]), name))
    return {name: found[name] for name in ordered[:_MOST_FIELDS]}


def _parts_won(deals: ClosedDeals, codes: Ints) -> float:
    """Weighted variance of the win rate between the levels."""
    mass = np.bincount(codes, weights=deals.weight)
    won = np.bincount(codes, weights=deals.weight * deals.won)
    rate = np.divide(won, mass, out=np.zeros(len(mass)), where=mass > 0)
    return float(mass @ (rate - deals.win_rate) ** 2)


def _cells(deals: ClosedDeals, names: tuple[str, str], levels: Levels) -> list[dict[str, object]]:
    (one, one_bins), (other, other_bins) = (levels[name] for name in names)
    expected = _apart(deals, one, other)
    place = one * other_bins.n_levels + other
    found = []
    for cell in np.unique(place):
        there = np.flatnonzero(place == cell)
        told = _cell(deals, there, expected[there])
        if told is not None:
            first, second = divmod(int(cell), other_bins.n_levels)
            found.append({**_side("first", one_bins, first), **_side("second", other_bins, second), **told})
    return found


def _side(which: str, bins: ColumnBins, level: int) -> dict[str, object]:
    low, high = bin_edges(bins, level)
    return {
        f"{which}_field": bins.name,
        f"{which}_value": bins.label(level),
        f"{which}_low_edge": low,
        f"{which}_high_edge": high,
    }


def _apart(deals: ClosedDeals, one: Ints, other: Ints) -> Floats:
    """Probability of each row by the values of both fields, each with its own effect."""
    columns = np.concatenate([np.eye(codes.max() + 1)[codes] for codes in (one, other)], axis=1)
    fit = fit_logistic(columns, deals.won, weight=deals.weight, penalty=_PENALTY)
    found: Floats = expit(fit.logits(columns))
    return found


def _cell(deals: ClosedDeals, there: Ints, expected: Floats) -> dict[str, object] | None:
    weight, won, deal = deals.weight[there], deals.won[there], deals.deal[there]
    n = effective_deals(deal, weight)
    if n < _LEAST_DEALS:
        return None
    _, deal = np.unique(deal, return_inverse=True)
    of_deal = np.bincount(deal, weights=weight).astype("float64")
    is_won = np.bincount(deal, weights=weight * won) > 0
    rate, low, high = weighted_share(is_won.astype("float64"), of_deal) or (float("nan"),) * 3
    said = float(np.average(expected, weights=weight))
    spread = float(np.sqrt((of_deal**2).sum() * said * (1 - said)))
    z = float(weight @ (won - expected)) / spread if spread > 0 else 0.0
    shrunk = (n * rate + _PRIOR_DEALS * said) / (n + _PRIOR_DEALS)
    return {
        "n_deals": len(of_deal),
        "n_effective": n,
        "win_rate": rate,
        "low": low,
        "high": high,
        "expected_rate": said,
        "shrunk_rate": shrunk,
        "difference": shrunk - said,
        "p_value": float(2 * ndtr(-abs(z))),
    }


def _q_values(p: Floats) -> Floats:
    """Least share of false finds at which each would still be told."""
    if not len(p):
        return p
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found
