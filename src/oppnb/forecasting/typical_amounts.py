"""Amounts of open deals that nobody has told yet: what such deals were won for so far."""

import numpy as np
import pandas as pd

from oppnb.history.book import PipelineBook

__all__ = ["with_typical_amounts"]

_PRIOR_DEALS = 5.0


def with_typical_amounts(book: PipelineBook, rows: pd.DataFrame) -> pd.DataFrame:
    """Open rows whose amounts are filled where they are null.

    With the mean amount of the deals won so far of the same process and product, held near that of the process, and
    this near that of all, as if five more had been won for it. Null stays where nothing was ever won.

    Parameters
    ----------
    book : PipelineBook
        As known on the day of knowledge.
    rows : DataFrame
        Open rows of the book.
    """
    missing = rows["amount_base"].isna()
    won = book.deals[(book.deals["outcome"] == "won") & book.deals["amount_base"].notna()]
    if not missing.any() or won.empty:
        return rows
    typical = pd.Series(float(won["amount_base"].mean()), index=rows.index)
    for keys in (["process"], ["process", "product"]):
        typical = _held(won, rows, keys, typical)
    return rows.assign(amount_base=rows["amount_base"].where(~missing, typical))


def _held(won: pd.DataFrame, rows: pd.DataFrame, keys: list[str], around: pd.Series) -> pd.Series:
    """Mean of the deals with the same keys, held near other values."""
    texts = ["/".join(row) for row in won[keys].fillna("").astype("str").to_numpy()]
    sums = won["amount_base"].groupby(np.array(texts, dtype="object")).agg(["sum", "size"])
    asked = ["/".join(row) for row in rows[keys].fillna("").astype("str").to_numpy()]
    found = sums.reindex(asked).fillna(0.0).set_axis(rows.index)
    return (found["sum"] + _PRIOR_DEALS * around) / (found["size"] + _PRIOR_DEALS)
