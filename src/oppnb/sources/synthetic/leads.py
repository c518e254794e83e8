"""Leads: some became opportunities, most did not."""

import numpy as np
import pandas as pd

from oppnb.sources.synthetic.deals import Deals
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.weeks import Weeks, stream

__all__ = ["leads_table"]

_FROM_LEAD, _UNCONVERTED_PER_CONVERTED = 0.45, 1.4


def leads_table(settings: SyntheticSettings, weeks: Weeks, deals: Deals) -> pd.DataFrame:
    """The canonical table `leads`. A converted lead has the source of its opportunity and is at most 40 days older."""
    rng = stream(settings, "leads")
    only_customers = np.array([process.for_customers_only for process in settings.processes])
    converted = np.flatnonzero(~only_customers[deals.process] & (rng.random(deals.n) < _FROM_LEAD))
    n_others = int(len(converted) * _UNCONVERTED_PER_CONVERTED)
    minutes = rng.integers(30, 40 * 24 * 60, size=len(converted))
    others = weeks.moments(rng, rng.integers(0, weeks.n, size=n_others))
    source = np.concatenate([deals.source[converted], rng.integers(0, len(settings.laws.source), size=n_others)])
    frame = pd.DataFrame(
        {
            "created_at": np.concatenate([deals.created_at[converted] - minutes, others]).astype("datetime64[us]"),
            "source": pd.Series(np.array(list(settings.laws.source), dtype=object)[source], dtype="str"),
            "converted_at": pd.Series(deals.created_at[converted].astype("datetime64[us]")),
            "opportunity_id": pd.Series(deals.ids()[converted], dtype="str"),
        },
        index=pd.RangeIndex(len(source)),
    ).sort_values("created_at", kind="stable", ignore_index=True)
    frame.insert(0, "lead_id", pd.Series([f"L{position + 1:05d}" for position in range(len(frame))], dtype="str"))
    return frame
