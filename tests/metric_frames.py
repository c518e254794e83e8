"""Frames of the history room, by hand: one default a column and named overrides."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from oppnb.metrics import MetricInputs
from oppnb.periods import parse_period

DAY = date(2017, 9, 30)
QUARTER = parse_period("2017Q3")

_DEAL = {
    "as_of": "2017-09-30",
    "owner_id": "u1",
    "team": "East",
    "region": "Nord",
    "product": "GTX",
    "process": "new",
    "stage": "Demo",
    "stage_position": 1.0,
    "outcome": "open",
    "amount_base": 100.0,
    "expected_close_on": "2017-09-15",
    "created_at": "2017-07-10",
    "closed_at": None,
    "days_in_stage": 10.0,
    "age_days": 30.0,
    "n_pushes": 0.0,
    "days_pushed": 0.0,
    "has_moved": True,
}
_STAY = {
    "process": "new",
    "stage": "Demo",
    "stage_position": 1.0,
    "outcome": "open",
    "spell": 1,
    "entered_at": "2017-07-10",
    "left_at": None,
    "next_stage": None,
    "next_position": None,
    "next_outcome": None,
    "days": 10.0,
    "is_finished": False,
    "is_first_stage_known": True,
    "amount_base": 100.0,
}
_TARGET = {
    "period_start": "2017-07-01",
    "period_end": "2017-09-30",
    "amount": 1000.0,
    "owner_id": None,
    "team": None,
    "region": None,
    "process": None,
}
_NUMBERS = {"amount_base", "stage_position", "next_position", "days", "n_pushes", "days_pushed", "age_days"}
_NUMBERS |= {"days_in_stage", "amount", "forecast_amount", "actual_amount"}
_TIMES = {"as_of", "expected_close_on", "created_at", "closed_at", "entered_at", "left_at", "converted_at"}
_TIMES |= {"period_start", "period_end"}


def _typed(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=columns)
    for name in columns:
        if name in _NUMBERS:
            frame[name] = frame[name].astype("float64")
        elif name in _TIMES:
            frame[name] = pd.to_datetime(frame[name], format="ISO8601").astype("datetime64[us]")
        elif name not in {"has_moved", "spell", "is_finished", "is_first_stage_known"}:
            frame[name] = frame[name].astype("str")
    return frame


def make_snapshot(*deals: dict[str, Any]) -> pd.DataFrame:
    """A snapshot; a deal without `opportunity_id` is numbered, a closed one closes on 2017-08-15 by default."""
    rows = []
    for number, deal in enumerate(deals, start=1):
        closed = {"closed_at": "2017-08-15"} if deal.get("outcome", "open") != "open" else {}
        rows.append({"opportunity_id": f"d{number}", **_DEAL, **closed, **deal})
    extra = [name for name in dict.fromkeys(key for row in rows for key in row) if name not in _DEAL]
    return _typed(rows, list(dict.fromkeys(["opportunity_id", *_DEAL, *extra])))


def make_spells(*stays: dict[str, Any]) -> pd.DataFrame:
    """Stays in stages."""
    return _typed([{"opportunity_id": "d1", **_STAY, **stay} for stay in stays], ["opportunity_id", *_STAY])


def make_targets(*rows: dict[str, Any]) -> pd.DataFrame:
    """Quotas for the third quarter of 2017 by default."""
    return _typed([{**_TARGET, **row} for row in rows], list(_TARGET))


def make_inputs(*deals: dict[str, Any], **others: Any) -> MetricInputs:
    """Inputs for the third quarter of 2017, as of its last day."""
    return MetricInputs(**{"snapshot": make_snapshot(*deals), "period": QUARTER, "as_of": DAY, **others})


def many_deals(n: int, *, seed: int = 7, n_owners: int = 20) -> pd.DataFrame:
    """A random snapshot of n deals, quick to make."""
    rng = np.random.default_rng(seed)
    outcome = rng.choice(["open", "won", "lost"], n, p=[0.3, 0.3, 0.4])
    created = pd.Timestamp("2016-10-01") + pd.to_timedelta(rng.uniform(0, 360, n), unit="D").round("s")
    age = np.round(rng.exponential(60, n), 6)
    closed = pd.Series(created + pd.to_timedelta(age, unit="D")).where(outcome != "open")
    position = rng.integers(1, 5, n)
    return pd.DataFrame(
        {
            "opportunity_id": [f"d{number:07d}" for number in range(n)],
            "owner_id": pd.array([f"u{owner:02d}" for owner in rng.integers(0, n_owners, n)], dtype="str"),
            "team": pd.array(rng.choice(["East", "West"], n), dtype="str"),
            "region": pd.array(rng.choice(["Nord", "Süd", "Ost"], n), dtype="str"),
            "process": "new",
            "stage": pd.array(np.array(["Lead", "Demo", "Offer", "Deal"])[position - 1], dtype="str"),
            "stage_position": position.astype("float64"),
            "outcome": pd.array(outcome, dtype="str"),
            "amount_base": np.where(rng.random(n) < 0.05, np.nan, rng.lognormal(8, 1, n).round(2)),
            "expected_close_on": pd.Timestamp("2017-06-01") + pd.to_timedelta(rng.integers(0, 200, n), unit="D"),
            "created_at": created,
            "closed_at": closed,
            "days_in_stage": np.round(rng.exponential(20, n), 6),
            "age_days": age,
            "n_pushes": rng.poisson(1, n).astype("float64"),
            "days_pushed": rng.integers(1, 90, n).astype("float64"),
            "has_moved": rng.random(n) < 0.8,
        }
    )
