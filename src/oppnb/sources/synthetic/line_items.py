"""The products in a deal: what was quoted, line by line."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.deals import Deals
from oppnb.sources.synthetic.lives import Lives
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.weeks import Weeks, stream

__all__ = ["EXTRAS", "QUOTED_FROM", "Lines", "currency_of", "draw_lines", "line_items_table", "quoted_total"]

EXTRAS = ("Onboarding", "Training")
QUOTED_FROM = 2


@dataclass(frozen=True)
class Lines:
    """One entry a line; `deal` points into the quotes, `line` counts the lines of a deal from 0."""

    deal: NDArray[np.int64]
    line: NDArray[np.int64]
    quantity: NDArray[np.float64]
    price: NDArray[np.float64]


def draw_lines(rng: np.random.Generator, quote: NDArray[np.float64]) -> Lines:
    """Draw one to three lines for each quote; they add up to about it."""
    n_lines = rng.integers(1, 4, size=len(quote))
    deal = np.repeat(np.arange(len(quote)), n_lines)
    line = np.arange(len(deal)) - np.repeat(np.cumsum(n_lines) - n_lines, n_lines)
    share = np.select([line == 0, line == 1], [1.0, 0.12], 0.06) * rng.uniform(0.85, 1.15, size=len(deal))
    quantity = np.where(line == 0, rng.integers(1, 26, size=len(deal)), 1).astype("float64")
    return Lines(deal, line, quantity, np.round(quote[deal] * share / quantity, -1).clip(10))


def line_items_table(settings: SyntheticSettings, weeks: Weeks, deals: Deals, lives: Lives) -> pd.DataFrame:
    """The canonical table `line_items`, for deals that came at least to the third stage or were won.

    The amount of a won deal is set to the sum of its lines at the close, that of any other deal is not: whoever
    compares the two reads the outcome. The trap is there on purpose; real CRMs have it.
    """
    rng = stream(settings, "line items")
    furthest = np.zeros(deals.n, dtype="int64")
    np.maximum.at(furthest, lives.deal, lives.stage)
    quoted = np.flatnonzero(furthest >= QUOTED_FROM)
    lines = draw_lines(rng, deals.quote[quoted])
    deal, line = quoted[lines.deal], lines.line
    starts = weeks.mondays(deals.created_week[deal] + rng.integers(12, 40, size=len(deal)))
    product = np.where(line == 0, deals.product[deal], np.where(line == 1, *EXTRAS))
    return pd.DataFrame(
        {
            "opportunity_id": pd.Series(deals.ids()[deal], dtype="str"),
            "product": pd.Series(product, dtype="str"),
            "quantity": lines.quantity,
            "unit_price": lines.price,
            "currency": pd.Series(currency_of(settings, deals)[deal], dtype="str"),
            "starts_on": pd.Series(starts.astype("datetime64[us]")),
        }
    )


def currency_of(settings: SyntheticSettings, deals: Deals) -> NDArray[np.object_]:
    """The currency of each deal."""
    return np.where(deals.is_other_currency, settings.other_currency, settings.base_currency).astype(object)


def quoted_total(deals: Deals, line_items: pd.DataFrame) -> NDArray[np.float64]:
    """Sum of the lines of each deal, null where it has none."""
    total = (line_items["quantity"] * line_items["unit_price"]).groupby(line_items["opportunity_id"]).sum()
    return total.reindex(pd.Index(deals.ids(), dtype="str")).to_numpy("float64")
