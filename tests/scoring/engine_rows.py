"""Deals with a known law, as rows to learn from: weekly hazards of won and lost, seen on landmark days."""

import numpy as np
import pandas as pd

from oppnb.scoring.rows import Feature, ScoringRows
from oppnb.workspace.models import Calendar

FEATURES = (
    Feature("stage", "stage", "category"),
    Feature("contact", "activity", "number"),
    Feature("fit", "account", "number"),
    Feature("source", "account", "category"),
    Feature("noise", "other", "number"),
)


def make_rows(n_deals: int = 400, *, seed: int = 0, followed_weeks: int = 60) -> tuple[ScoringRows, np.ndarray]:
    """One row a deal, and its true P(won ever). A deal that was not followed to its end is open.

    Each week: ends with a rate that grows with contact, won with a chance from stage, contact, fit and their crossing.
    """
    random = np.random.default_rng(seed)
    stage = random.choice(["Lead", "Offer"], size=n_deals)
    contact, fit = random.normal(size=n_deals), random.normal(size=n_deals)
    source = random.choice(["web", "fair", "partner"], size=n_deals, p=[0.5, 0.3, 0.2])
    score = (
        1.2 * (stage == "Offer") - 0.8 + 0.6 * contact + np.where(fit > 0, 0.8, -0.8) * np.where(contact > 0, 1, -0.5)
    )
    chance = 1 / (1 + np.exp(-score))
    weeks = random.geometric(np.clip(0.08 * np.exp(0.3 * contact), 0.01, 0.9))
    days = 7.0 * weeks - random.uniform(0, 6.9, size=n_deals)
    followed = 7.0 * followed_weeks * random.uniform(0.1, 1, size=n_deals)
    is_open = days > followed
    won = random.random(n_deals) < chance
    end = np.where(is_open, "open", np.where(won, "won", "lost"))
    as_of = pd.Timestamp("2024-01-05") + pd.to_timedelta(7 * random.integers(0, 40, size=n_deals), unit="D")
    keys = pd.DataFrame(
        {
            "opportunity_id": [f"D{place:05}" for place in range(n_deals)],
            "as_of": as_of,
            "process": "sales",
            "stage": stage,
            "stage_position": np.where(stage == "Lead", 1.0, 2.0),
            "set_odds": np.nan,
            "amount_base": 1000.0,
            "expected_close_on": as_of + pd.to_timedelta(random.integers(-20, 120, size=n_deals), unit="D"),
            "owner_id": "U1",
        }
    )
    contact_seen = np.where(random.random(n_deals) < 0.1, np.nan, contact)
    values = pd.DataFrame(
        {"stage": stage, "contact": contact_seen, "fit": fit, "source": source, "noise": random.normal(size=n_deals)}
    )
    ends = pd.DataFrame({"end": end, "days_to_end": np.minimum(followed, days)})
    return ScoringRows(keys, values, FEATURES, ends, Calendar()), chance
