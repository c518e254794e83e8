"""Small pipelines with everything that is awkward in them, drawn from a seed."""

from datetime import date

import numpy as np
import pandas as pd

from oppnb.tables import Tables
from oppnb.workspace import Workspace, parse_workspace
from tests.builders import make_tables

STAGES = ["Lead", "演示", "Proposal", "Negotiation", "Closed Won", "Closed Lost", "Limbo"]
EXPORTED_ON = date(2024, 12, 31)

WORKSPACE = """
currency: EUR
calendar: {time_zone: America/New_York}
processes:
  - name: new
    stages:
      - {name: Lead, odds: 0.1}
      - {name: Demo, odds: 0.3, aliases: [演示, ＤＥＭＯ]}
      - {name: Proposal, odds: 0.5}
      - {name: Negotiation, odds: 0.8}
      - {name: Won, outcome: won, aliases: [Closed Won]}
      - {name: Lost, outcome: lost, aliases: [Closed Lost]}
  - name: renewal
    stages:
      - {name: Proposal, odds: 0.6}
      - {name: Closed Won, outcome: won}
      - {name: Closed Lost, outcome: lost}
"""


def awkward_workspace() -> Workspace:
    """Two processes that share stage names, a time zone with clock changes, a base currency."""
    return parse_workspace(WORKSPACE)


def awkward_pipeline(seed: int, *, size: int = 60, with_gaps: bool = True) -> Tables:
    """Deals with and without history, reopened, equal moments, gaps, unknown stages, two currencies."""
    rng = np.random.default_rng(seed)
    deals = _deals(rng, size)
    history = _history(rng, deals, with_gaps=with_gaps)
    return make_tables(
        deals,
        history=history,
        activities=_activities(rng, deals),
        contacts=_contacts(rng, deals),
        accounts=[{"account_id": f"a{i}", "name": f"账户 {i}", "region": "East", "employees": i} for i in range(8)],
        owners=[{"owner_id": f"u{i}", "name": f"Owner {i}", "team": f"t{i % 2}"} for i in range(5)],
        exchange_rates=[
            {"currency": "USD", "on": day, "rate_to_base": rate}
            for day, rate in [("2024-01-01", 0.9), ("2024-04-01", 0.93), ("2024-09-01", 0.87)]
        ],
        exported_on=EXPORTED_ON,
    )


def _moments(rng: np.random.Generator, size: int) -> pd.Series:
    # a small set of moments, so that equal ones happen, and odd fractions of a second
    days = rng.integers(0, 365, size) * 86_400_000_000 + rng.choice([0, 1, 43_200_500_000, 86_399_999_999], size)
    return pd.Series(np.datetime64("2024-01-01", "us") + days.astype("timedelta64[us]"))


def _some(rng: np.random.Generator, values: pd.Series, share: float) -> pd.Series:
    return values.mask(rng.uniform(size=len(values)) < share)


def _deals(rng: np.random.Generator, size: int) -> pd.DataFrame:
    stage = pd.Series(rng.choice(STAGES, size))
    closed = stage.str.startswith("Closed") & (rng.uniform(size=size) < 0.9)
    created = _moments(rng, size)
    ends = created + pd.to_timedelta(rng.integers(0, 200, size), unit="D")
    return pd.DataFrame(
        {
            "opportunity_id": [f"{i:03d}" for i in rng.permutation(size)],
            "stage": _some(rng, stage, 0.03),
            "name": [f"Größe {i}" for i in range(size)],
            "account_id": _some(rng, pd.Series([f"a{i}" for i in rng.integers(0, 10, size)]), 0.1),
            "owner_id": _some(rng, pd.Series([f"u{i}" for i in rng.integers(0, 5, size)]), 0.1),
            "process": _some(rng, pd.Series(rng.choice(["new", "Renewal", "other"], size)), 0.2),
            "amount": _some(rng, pd.Series(np.round(rng.lognormal(8, 1, size), 2)), 0.1),
            "currency": rng.choice(["EUR", "USD"], size),
            "created_at": _some(rng, created, 0.1),
            "closed_at": ends.where(closed),
            "outcome": _some(rng, pd.Series(rng.choice(["open", "won", "lost"], size)), 0.7),
            "expected_close_on": _some(rng, _moments(rng, size).dt.normalize(), 0.2),
            "forecast_category": _some(rng, pd.Series(rng.choice(["commit", "pipeline"], size)), 0.4),
            "next_step": _some(rng, pd.Series(["call"] * size), 0.5),
            "next_step_due_on": _some(rng, _moments(rng, size).dt.normalize(), 0.5),
            "lost_reason": _some(rng, pd.Series(["price"] * size), 0.5),
            "crm_score": _some(rng, pd.Series(rng.integers(0, 100, size).astype(float)), 0.5),
            "region": _some(rng, pd.Series(rng.choice(["East", "West"], size)), 0.3),
            "colour": rng.choice(["red", "blue"], size),
        }
    )


def _history(rng: np.random.Generator, deals: pd.DataFrame, *, with_gaps: bool) -> pd.DataFrame:
    size = 6 * len(deals)
    gap = 0.4 if with_gaps else 0.0
    rows = pd.DataFrame(
        {
            "opportunity_id": rng.choice([*deals["opportunity_id"].iloc[: int(0.85 * len(deals))], "gone"], size),
            "changed_at": _moments(rng, size),
            "stage": _some(rng, pd.Series(rng.choice(STAGES, size, p=[0.2, 0.2, 0.2, 0.15, 0.1, 0.1, 0.05])), gap),
            "amount": _some(rng, pd.Series(np.round(rng.lognormal(8, 1, size), 2)), gap),
            "expected_close_on": _some(rng, _moments(rng, size).dt.normalize(), gap),
            "owner_id": _some(rng, pd.Series([f"u{i}" for i in rng.integers(0, 5, size)]), gap),
            "forecast_category": _some(rng, pd.Series(rng.choice(["commit", "pipeline"], size)), gap),
            "next_step": _some(rng, pd.Series(rng.choice(["call", "写信"], size)), gap),
            "next_step_due_on": _some(rng, _moments(rng, size).dt.normalize(), gap),
        }
    )
    return pd.concat([rows, rows.sample(10, random_state=1)], ignore_index=True)


def _activities(rng: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    size = 8 * len(deals)
    of_account = rng.uniform(size=size) < 0.3
    deal = pd.Series(rng.choice(deals["opportunity_id"], size)).mask(of_account)
    account = pd.Series([f"a{i}" for i in rng.integers(0, 10, size)])
    return pd.DataFrame(
        {
            "opportunity_id": deal,
            "account_id": account.where(of_account | (rng.uniform(size=size) < 0.2)),
            "kind": rng.choice(["call", "mail"], size),
            "occurred_at": _moments(rng, size),
            "contact_id": _some(rng, pd.Series([f"c{i}" for i in rng.integers(0, 30, size)]), 0.4),
        }
    )


def _contacts(rng: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    size = 2 * len(deals)
    rows = pd.DataFrame(
        {
            "opportunity_id": rng.choice(deals["opportunity_id"], size),
            "contact_id": [f"c{i}" for i in rng.integers(0, 30, size)],
        }
    )
    return rows.drop_duplicates(ignore_index=True)
