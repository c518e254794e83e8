"""Calls, mails, meetings and the rest, as far as sellers write them down."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.deals import Deals
from oppnb.sources.synthetic.people import Sellers
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.spans import Span
from oppnb.sources.synthetic.weeks import Weeks, stream

__all__ = ["activities_table"]

_KINDS = ("call", "mail", "meeting", "visit", "demo", "download", "page_view")
_SHARES = (0.3, 0.3, 0.16, 0.06, 0.06, 0.04, 0.08)
_MINUTES = (15.0, np.nan, 45.0, 90.0, 60.0, np.nan, np.nan)
_INBOUND = (0.25, 0.4, 0.2, 0.0, 0.1, 1.0, 1.0)
_A_WEEK = 0.95


def activities_table(
    settings: SyntheticSettings,
    weeks: Weeks,
    *,
    deals: Deals,
    span: Span,
    sellers: Sellers,
    n_contacts: NDArray[np.int64],
) -> pd.DataFrame:
    """The canonical table `activities`: about once a week while a deal is alive, more if it is engaged; never after.

    A silent deal has none, so silence tells of it.
    """
    rng = stream(settings, "activities")
    logging = sellers.logging[deals.owner[span.deal]]
    rate = _A_WEEK * np.exp(0.35 * deals.engagement[span.deal] - 0.06) * logging
    count = rng.poisson(rate)
    deal, week = np.repeat(span.deal, count), np.repeat(span.week, count)
    moment = weeks.moments(rng, week)
    inside = (moment > np.repeat(span.after, count)) & (moment < np.repeat(span.before, count))
    deal, moment = deal[inside], moment[inside]
    deal, moment = _one_a_minute(deal, moment)
    kind = rng.choice(len(_KINDS), size=len(deal), p=_SHARES)
    minutes = np.array(_MINUTES)[kind] * rng.choice([1, 1, 2], size=len(deal))
    is_inbound = rng.random(len(deal)) < np.array(_INBOUND)[kind]
    person = np.floor(rng.random(len(deal)) ** 1.7 * n_contacts[deal]).astype("int64") + 1
    ids = deals.ids()
    return pd.DataFrame(
        {
            "opportunity_id": pd.Series(ids[deal], dtype="str"),
            "kind": pd.Series(np.array(_KINDS, dtype=object)[kind], dtype="str"),
            "occurred_at": pd.Series(moment.astype("datetime64[us]")),
            "direction": pd.Series(np.where(is_inbound, "in", "out"), dtype="str"),
            "contact_id": pd.Series(ids[deal] + "-" + person.astype(str).astype(object), dtype="str"),
            "duration_minutes": minutes,
        }
    )


def _one_a_minute(
    deal: NDArray[np.int64], moment: NDArray[np.datetime64]
) -> tuple[NDArray[np.int64], NDArray[np.datetime64]]:
    """Sorted, and no two activities of a deal in the same minute: they would look like one entered twice."""
    order = np.lexsort((moment.astype("int64"), deal))
    deal, moment = deal[order], moment[order]
    is_new = np.append(True, (deal[1:] != deal[:-1]) | (moment[1:] != moment[:-1]))
    return deal[is_new], moment[is_new]
