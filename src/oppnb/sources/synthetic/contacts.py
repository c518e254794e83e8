"""The people in a deal: their parts, their weight, and where they stand."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.deals import Deals
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.weeks import stream

__all__ = ["contact_counts", "contacts_table"]

_ROLES = ("champion", "decision_maker", "user", "procurement")
_INFLUENCE = (0.5, 0.85, 0.3, 0.45)


def contact_counts(settings: SyntheticSettings, deals: Deals) -> NDArray[np.int64]:
    """How many people of the customer take part, 1-4; more at large accounts."""
    rng = stream(settings, "contact counts")
    return np.clip(1 + rng.poisson(1.1 + 0.4 * deals.size), 1, len(_ROLES)).astype("int64")


def contacts_table(settings: SyntheticSettings, deals: Deals, count: NDArray[np.int64]) -> pd.DataFrame:
    """The canonical table `contacts`. The stance follows the deal's hidden quality, not its outcome."""
    rng = stream(settings, "contacts")
    deal = np.repeat(np.arange(deals.n), count)
    nth = np.arange(len(deal)) - np.repeat(np.cumsum(count) - count, count)
    role = (nth + np.repeat(rng.integers(0, len(_ROLES), size=deals.n), count)) % len(_ROLES)
    influence = (np.array(_INFLUENCE)[role] + rng.normal(0, 0.12, size=len(deal))).clip(0, 1)
    stance = np.tanh(0.15 + 0.35 * deals.quality[deal] + rng.normal(0, 0.5, size=len(deal)))
    ids = deals.ids()[deal]
    return pd.DataFrame(
        {
            "opportunity_id": pd.Series(ids, dtype="str"),
            "contact_id": pd.Series(ids + "-" + (nth + 1).astype(str).astype(object), dtype="str"),
            "role": pd.Series(np.array(_ROLES, dtype=object)[role], dtype="str"),
            "influence": np.round(influence, 2),
            "stance": np.round(stance, 2),
        }
    )
