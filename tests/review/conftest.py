"""Builders of hand-made deals for the tests of this folder."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

DEAL: dict[str, Any] = {
    "opportunity_id": "d1",
    "name": None,
    "account_id": None,
    "owner_id": "u1",
    "process": "new",
    "stage": "Demo",
    "stage_position": 1.0,
    "outcome": "open",
    "amount": 100.0,
    "currency": "USD",
    "rate_to_base": 1.0,
    "amount_base": None,
    "expected_close_on": "2025-03-15",
    "forecast_category": None,
    "next_step": None,
    "next_step_due_on": None,
    "region": "East",
    "team": None,
    "product": None,
    "created_at": "2025-01-10 09:00",
    "closed_at": None,
    "entered_stage_at": "2025-01-10 09:00",
    "days_in_stage": 5.0,
    "age_days": 20.0,
    "n_pushes": 0.0,
    "days_pushed": 0.0,
    "n_stage_changes": 0.0,
    "has_moved": False,
    "days_since_last_activity": 1.0,
    "n_contacts": 2.0,
}
_TEXT = ("opportunity_id", "name", "account_id", "owner_id", "process", "stage", "outcome", "currency", "region")
_TIMES = (
    "expected_close_on",
    "next_step_due_on",
    "created_at",
    "closed_at",
    "entered_stage_at",
    "as_of",
)


def make_snapshot(deals: list[dict[str, Any]], as_of: str | date = "2025-02-01") -> pd.DataFrame:
    rows = [{**DEAL, **deal} for deal in deals]
    frame = pd.DataFrame(rows, columns=list(dict.fromkeys([*DEAL, *[key for deal in deals for key in deal]])))
    frame["as_of"] = pd.Timestamp(as_of)
    for column in ("amount", "rate_to_base", "amount_base"):
        frame[column] = frame[column].astype("float64")
    computed = frame["amount"] * frame["rate_to_base"]
    frame["amount_base"] = frame["amount_base"].fillna(computed)
    for column in (*_TEXT, "forecast_category", "next_step", "team", "product"):
        frame[column] = frame[column].astype("str")
    for column in _TIMES:
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
    return frame.sort_values("opportunity_id", ignore_index=True)


@pytest.fixture(name="make_snapshot", scope="session")
def _make_snapshot() -> Callable[..., pd.DataFrame]:
    return make_snapshot
