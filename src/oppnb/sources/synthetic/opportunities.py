"""The opportunities as they stand on the day of the export."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oppnb.sources.synthetic.chain import Chain
from oppnb.sources.synthetic.deals import Deals
from oppnb.sources.synthetic.guesses import CATEGORIES
from oppnb.sources.synthetic.line_items import currency_of
from oppnb.sources.synthetic.lives import IS_LOST, Lives
from oppnb.sources.synthetic.people import Sellers
from oppnb.sources.synthetic.records import Records, stage_names
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.weeks import Weeks, stream

__all__ = ["opportunities_table"]

_COMPETITORS = ("Nimbus CRM", "云帆软件", "Corvid Data")
_REASONS = ("price", "competitor", "no budget", "no decision", "missing feature")
_CLEANED = "no response"
_STEPS = ("Send revised quote", "安排演示", "Call the economic buyer", "确认预算", "Visit on site", "合同评审")


def opportunities_table(
    settings: SyntheticSettings,
    weeks: Weeks,
    *,
    deals: Deals,
    chain: Chain,
    lives: Lives,
    records: Records,
    sellers: Sellers,
    accounts: pd.DataFrame,
) -> pd.DataFrame:
    """The canonical table `opportunities`; one row a deal, in the order of creation."""
    rng = stream(settings, "opportunities")
    last = records.last
    stage = records.stage[last]
    outcome = np.select([stage == IS_LOST, stage == chain.n_stages], ["lost", "won"], "open")
    is_open = outcome == "open"
    closed_at = lives.moment[lives.last].astype("datetime64[us]")
    is_live = is_open & (lives.silent_week < 0)
    due = weeks.mondays(np.full(deals.n, weeks.n - 1)) + rng.integers(0, 24, size=deals.n)
    has_step = is_live & (rng.random(deals.n) < 0.7)
    process = np.array([one.name for one in settings.processes], dtype=object)[deals.process]
    frame = pd.DataFrame(
        {
            "opportunity_id": deals.ids(),
            "name": accounts["name"].to_numpy(dtype=object)[deals.account] + " - " + deals.product,
            "account_id": accounts["account_id"].to_numpy(dtype=object)[deals.account],
            "owner_id": sellers.ids()[records.owner[last]],
            "process": process,
            "stage": stage_names(settings, deals.process, stage),
            "outcome": outcome,
            "amount": records.amount[last],
            "currency": currency_of(settings, deals),
            "created_at": deals.created_at.astype("datetime64[us]"),
            "expected_close_on": records.close_on[last].astype("datetime64[us]"),
            "closed_at": pd.Series(closed_at).where(~is_open),
            "source": np.array(list(settings.laws.source), dtype=object)[deals.source],
            "product": deals.product,
            "region": accounts["region"].to_numpy(dtype=object)[deals.account],
            "competitor": pd.Series(rng.choice(_COMPETITORS, size=deals.n)).where(rng.random(deals.n) < 0.35),
            "lost_reason": _lost_reasons(rng, outcome == "lost", lives),
            "forecast_category": np.array(CATEGORIES, dtype=object)[records.category[last]],
            "next_step": pd.Series(rng.choice(_STEPS, size=deals.n)).where(has_step),
            "next_step_due_on": pd.Series(due.astype("datetime64[us]")).where(has_step),
            "crm_score": _score(rng, deals),
            "crm_score_kind": "points",
        }
    )
    text = [name for name in frame.columns if frame[name].dtype == object or name == "crm_score_kind"]
    return frame.astype({**dict.fromkeys(text, "str"), "competitor": "str", "lost_reason": "str", "next_step": "str"})


def _lost_reasons(rng: np.random.Generator, is_lost: NDArray[np.bool_], lives: Lives) -> pd.Series:
    reason = pd.Series(rng.choice(_REASONS, size=len(is_lost)))
    return reason.mask(lives.silent_week >= 0, _CLEANED).where(is_lost)


def _score(rng: np.random.Generator, deals: Deals) -> NDArray[np.float64]:
    """Points 0-100 that the CRM gave on the first day: a little of the truth, much noise."""
    return np.round(100 / (1 + np.exp(-(0.6 * deals.score + rng.normal(0, 1, size=deals.n))))).astype("float64")
