"""Books made without a CRM: deals of three regions over two years, with curves by hand."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from oppnb.forecasting import Point, curve_name
from oppnb.history.book import BOOK_ROW_COLUMNS, PipelineBook
from oppnb.periods import parse_period
from oppnb.workspace import Workspace

START = date(2023, 1, 1)
DAY = date(2024, 11, 3)
POINT = Point(DAY, parse_period("2024Q4"))
REGIONS = ("East", "North", "West")
STAGES = ("Lead", "Demo", "Offer")


def make_book(*, n_deals: int = 300, seed: int = 1, with_curves: bool = True) -> PipelineBook:
    """Deals live 10 to 200 days and half of them are won; owners and teams belong to one region each."""
    rng = np.random.default_rng(seed)
    n_days = (DAY - START).days
    born = rng.integers(0, n_days - 7, n_deals)
    life = rng.integers(10, 200, n_deals)
    region = rng.integers(0, 3, n_deals)
    team, owner = region * 2 + rng.integers(0, 2, n_deals), None
    owner = team * 2 + rng.integers(0, 2, n_deals)
    is_open = born + life > n_days
    won = rng.random(n_deals) < 0.5
    amount = np.round(np.exp(rng.normal(9, 1, n_deals)), 2)
    first = pd.Timestamp(START)
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"{number:04d}" for number in range(n_deals)],
            "created_on": first + pd.to_timedelta(born, unit="D"),
            "closed_on": (first + pd.to_timedelta(born + life, unit="D")).where(~is_open),
            "outcome": np.where(is_open, "open", np.where(won, "won", "lost")),
            "amount_base": np.where(~is_open & won, amount, np.nan),
            "owner_id": [f"U{number:02d}" for number in owner],
            "account_id": "A1",
            "process": "new",
            "product": np.where(rng.random(n_deals) < 0.5, "Pump", "Valve"),
            "region": np.array(REGIONS)[region],
            "source": "web",
            "team": [f"T{number}" for number in team],
            "manager_id": "M1",
            "currency": "EUR",
        }
    ).astype({"outcome": "str", "region": "str", "product": "str"})
    days = tuple(DAY - timedelta(weeks=back) for back in range(n_days // 7, -1, -1))
    rows = _open_rows(deals, days, born, life, amount, rng)
    if with_curves:
        points = np.array([7.0, 14, 21, 28, 42, 56, 91, 182, 364])
        ever = rng.uniform(0.2, 0.8, len(rows))
        pace = rng.uniform(30, 120, len(rows))
        for point in points:
            rows[curve_name(point)] = ever * (1 - np.exp(-point / pace))
    return PipelineBook(DAY, deals, rows, days, Workspace())


def _open_rows(
    deals: pd.DataFrame,
    days: tuple[date, ...],
    born: np.ndarray,
    life: np.ndarray,
    amount: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    parts = []
    for day in days:
        at = (day - START).days
        rows = deals[(born <= at) & (born + life > at)]
        age = at - born[rows.index]
        position = np.minimum(3 * age // life[rows.index], 2)
        close = pd.Timestamp(START) + pd.to_timedelta(born[rows.index] + life[rows.index] - 20, unit="D")
        parts.append(
            rows.drop(columns=["amount_base"]).assign(
                as_of=pd.Timestamp(day),
                stage=np.array(STAGES)[position],
                stage_position=position + 1.0,
                amount_base=amount[rows.index] * 1.1,
                expected_close_on=close,
                forecast_category=np.array(["pipeline", "best_case", "commit"])[position],
                days_in_stage=5.0,
                age_days=age.astype("float64"),
                n_pushes=rng.integers(0, 3, len(rows)).astype("float64"),
            )[list(BOOK_ROW_COLUMNS)]
        )
    return pd.concat(parts, ignore_index=True).astype({"stage": "str", "forecast_category": "str"})
