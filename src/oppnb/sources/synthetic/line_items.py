"""The products in a deal: what was quoted, line by line."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.deals import Deals
from oppnb.sources.synthetic.lives import Lives
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.weeks import Weeks, stream

__all__ = ["EXTRAS", "currency_of", "line_items_table", "quoted_total"]

EXTRAS = ("Onboarding", "Training")


def line_items_table(settings: SyntheticSettings, weeks: Weeks, deals: Deals, lives: Lives) -> pd.DataFrame:
    """The canonical table `line_items`, for deals that came at least to the third stage or were won.

    The amount of a won deal is set to the sum of its lines at the close, that of any other deal is not: whoever
    compares the two reads the outcome. The trap is there on purpose; real CRMs have it.
    """
    rng = stream(settings, "line items")
    furthest = np.zeros(deals.n, dtype="int64")
    np.maximum.at(furthest, lives.deal, lives.stage)
    quoted = np.flatnonzero(furthest >= 2)
    n_lines = rng.integers(1, 4, size=len(quoted))
    line = np.concatenate([np.arange(n) for n in n_lines])
    deal = np.repeat(quoted, n_lines)
    share = np.select([line == 0, line == 1], [1.0, 0.12], 0.06) * rng.uniform(0.85, 1.15, size=len(deal))
    quantity = np.where(line == 0, rng.integers(1, 26, size=len(deal)), 1).astype("float64")
    price = np.round(deals.quote[deal] * share / quantity, -1).clip(10)
    starts = weeks.mondays(deals.created_week[deal] + rng.integers(12, 40, size=len(deal)))
    product = np.where(line == 0, deals.product[deal], np.where(line == 1, *EXTRAS))
    return pd.DataFrame(
        {
            "opportunity_id": pd.Series(deals.ids()[deal], dtype="str"),
            "product": pd.Series(product, dtype="str"),
            "quantity": quantity,
            "unit_price": price,
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
