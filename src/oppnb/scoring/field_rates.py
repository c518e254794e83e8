"""Win rate by the value of a field, with intervals: deals counted, not rows, and slow deals not forgotten."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.metrics import weighted_share
from oppnb.scoring.engine.bins import ColumnBins, bins_of_numbers, bins_of_texts
from oppnb.scoring.models.weighing import censoring_weights, deal_codes, effective_deals, followed_days
from oppnb.scoring.reason_words import TOLD_BY
from oppnb.scoring.rows import ScoringRows

__all__ = [
    "FIELD_RATE_COLUMNS",
    "ClosedDeals",
    "bin_edges",
    "closed_deals",
    "field_levels",
    "field_rates",
    "strongest_fields",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FIELD_RATE_COLUMNS = (
    "field",
    "value",
    "kind",
    "low_edge",
    "high_edge",
    "n_deals",
    "n_effective",
    "win_rate",
    "low",
    "high",
    "all_win_rate",
)
_MOST_TEXTS = 12
_LEAST_DEALS = 5.0


@dataclass(frozen=True)
class ClosedDeals:
    """Closed rows with what each counts.

    Attributes
    ----------
    rows : ScoringRows
        The closed ones.
    deal : array of int, shape (n,)
        The deal of each.
    won, weight : array, shape (n,)
        1 or 0; the rows of a deal together weigh as much as the deals it stands for.
    """

    rows: ScoringRows
    deal: Ints
    won: Floats
    weight: Floats

    @property
    def win_rate(self) -> float:
        """Of all of them; null without any."""
        total = float(self.weight.sum())
        return float(self.weight @ self.won) / total if total > 0 else float("nan")


def closed_deals(rows: ScoringRows) -> ClosedDeals:
    """The closed rows, each deal counted once, and more where it stands for those that are still open.

    The deals closed so far are the quick ones: one that took long counts for those not followed so long
    (`oppnb.scoring.models.weighing.censoring_weights`).
    """
    chosen = np.flatnonzero(rows.is_closed)
    follow = censoring_weights(followed_days(rows), rows.is_closed)[chosen]
    closed = rows.take(chosen)
    deal = deal_codes(closed)
    counts = np.bincount(deal, minlength=1)[deal] if len(deal) else np.zeros(0)
    weight = follow / np.maximum(counts, 1)
    return ClosedDeals(closed, deal, closed.is_won.astype("float64"), weight)


def field_levels(deals: ClosedDeals, field: str, *, n_bins: int) -> ColumnBins:
    """The values of a field as a few levels: bins with equally many deals, or the most frequent texts.

    Raises
    ------
    KeyError
        If the rows have no such field.
    """
    values = _values(deals.rows, field)
    kinds = {feature.name: feature.kind for feature in deals.rows.features}
    kind = kinds.get(field, "number" if pd.api.types.is_numeric_dtype(values) else "category")
    if kind == "number":
        return bins_of_numbers(field, "other", values, weight=deals.weight, max_bins=n_bins)
    return bins_of_texts(field, "other", values, weight=deals.weight, max_bins=_MOST_TEXTS, min_weight=_LEAST_DEALS)


def field_rates(rows: ScoringRows, field: str, *, n_bins: int = 5) -> pd.DataFrame:
    """How often deals were won by the value that a field had while they were open.

    What goes together with winning in the past, not what makes it: values are not alike in all else.

    Parameters
    ----------
    rows : ScoringRows
        With ends, as `oppnb.scoring.training_rows.training_rows` gives them.
    field : str
        A feature, or one of `oppnb.scoring.rows.KEYS`.
    n_bins : int
        Bins of a number with more values than that; they hold about equally many deals.

    Returns
    -------
    DataFrame
        `FIELD_RATE_COLUMNS`, one row a value that occurs: `value` is the text of a category; `kind` is value, bin,
        other (texts of fewer than five deals, or beyond the 12 most frequent) or not_known; of a bin `low_edge` is in
        it and `high_edge` is not, null where it is open; `n_deals` closed deals that ever had it, `n_effective` what
        they are worth as equal ones, `win_rate` 0-1 with its 95 % interval (Wilson). A deal that had two values counts
        in both, by its share of rows. Without closed deals there are no rows.

    Raises
    ------
    KeyError
        If the rows have no such field.
    """
    deals = closed_deals(rows)
    bins = field_levels(deals, field, n_bins=n_bins)
    codes = bins.codes(_values(deals.rows, field)).astype(np.int64)
    order = [*range(1, bins.n_levels), 0]
    found = [_rate(deals, bins, level, codes == level) for level in order if (codes == level).any()]
    return pd.DataFrame(found, columns=list(FIELD_RATE_COLUMNS)).astype({"field": "str", "value": "str", "kind": "str"})


def strongest_fields(rows: ScoringRows, *, most: int = 5, n_bins: int = 5) -> list[str]:
    """The features by whose values the win rate differs most, beyond what chance alone would make of as many values.

    Each is looked at by itself. Of features that say the same in another measure (days in the stage, and the multiple
    of its time limit) only the strongest is named.

    Parameters
    ----------
    rows : ScoringRows
        With ends.
    most : int
        How many.
    n_bins : int
        As in `field_rates`.
    """
    deals = closed_deals(rows)
    if not len(deals.rows):
        return []
    strength = {feature.name: _parts_won(deals, feature.name, n_bins) for feature in deals.rows.features}
    ordered = sorted((name for name in strength if strength[name] > 0), key=lambda name: (-strength[name], name))
    found: dict[str, str] = {}
    for name in ordered:
        found.setdefault(TOLD_BY.get(name, name), name)
    return list(found.values())[:most]


def _parts_won(deals: ClosedDeals, field: str, n_bins: int) -> float:
    """Variance of the win rate between the values, less what chance gives that many values; below 0 is nothing."""
    bins = field_levels(deals, field, n_bins=n_bins)
    codes = bins.codes(_values(deals.rows, field)).astype(np.int64)
    mass = np.bincount(codes, weights=deals.weight)
    won = np.bincount(codes, weights=deals.weight * deals.won)
    n_values = int((mass > 0).sum())
    total, n = float(mass.sum()), effective_deals(deals.deal, deals.weight)
    if n_values < 2 or n <= 0:
        return 0.0
    rate = np.divide(won, mass, out=np.zeros(len(mass)), where=mass > 0)
    spread = float(mass @ (rate - deals.win_rate) ** 2) / total
    return spread - (n_values - 1) * deals.win_rate * (1 - deals.win_rate) / n


def bin_edges(bins: ColumnBins, level: int) -> tuple[float, float]:
    """Where a bin begins and ends; null where it is open, and for what is no bin."""
    if bins.edges is None or level == 0:
        return float("nan"), float("nan")
    edges = np.concatenate([[np.nan], bins.edges, [np.nan]])
    return float(edges[level - 1]), float(edges[level])


def _values(rows: ScoringRows, field: str) -> pd.Series:
    return rows.values[field] if field in rows.values.columns else rows.keys[field]


def _rate(deals: ClosedDeals, bins: ColumnBins, level: int, there: npt.NDArray[np.bool_]) -> dict[str, object]:
    of_deal = np.bincount(deals.deal[there], weights=deals.weight[there]).astype("float64")
    won = np.bincount(deals.deal[there], weights=(deals.weight * deals.won)[there])
    seen = of_deal > 0
    share = weighted_share((won[seen] > 0).astype("float64"), of_deal[seen])
    rate, low, high = share or (float("nan"),) * 3
    low_edge, high_edge = bin_edges(bins, level)
    text = bins.texts[level - 1] if bins.texts and 0 < level <= len(bins.texts) else None
    return {
        "field": bins.name,
        "value": text,
        "kind": "not_known" if level == 0 else "bin" if bins.is_number else "value" if text is not None else "other",
        "low_edge": low_edge,
        "high_edge": high_edge,
        "n_deals": int(seen.sum()),
        "n_effective": effective_deals(deals.deal[there], deals.weight[there]),
        "win_rate": rate,
        "low": low,
        "high": high,
        "all_win_rate": deals.win_rate,
    }
