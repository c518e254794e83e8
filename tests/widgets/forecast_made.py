"""A small forecast that is made in a moment: deals in three regions with curves by hand, and quarters to judge by."""

from datetime import date
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd

from oppnb.forecasting import Forecast, forecast_period
from oppnb.history.book import PipelineBook, read_book, weekly_days
from oppnb.opening import OpenedForecast
from oppnb.periods import parse_period
from oppnb.tables import Tables
from oppnb.workspace import Workspace, parse_workspace

DAY = date(2024, 11, 10)
REGIONS = ("East", "North", "West")
YAML = """# ours
locale: {locale}
currency: EUR
forecast:
  hierarchy: [region, owner_id]  # as sold
  scenarios:
    # last year's plan
    - name: prices up
      label: {{zh_CN: 涨价}}
      changes:
        - amount: 1.1  # ten percent
"""


def workspace_text(locale: str = "en") -> str:
    return YAML.format(locale=locale)


def deals_made(n_open: int = 150, n_closed: int = 320, *, seed: int = 3) -> pd.DataFrame:
    """Open deals of the last months and closed ones of two years."""
    rng = np.random.default_rng(seed)
    n = n_open + n_closed
    age = np.concatenate([rng.integers(5, 150, n_open), rng.integers(90, 700, n_closed)])
    created = pd.Timestamp(DAY) - pd.to_timedelta(age, unit="D")
    ends = created + pd.to_timedelta(rng.integers(20, 85, n), unit="D")
    is_open = np.arange(n) < n_open
    won = rng.random(n) < 0.4
    owner = rng.integers(1, 7, n)
    return pd.DataFrame(
        {
            "opportunity_id": [f"D{number:05d}" for number in range(n)],
            "name": [f"Deal {number}" for number in range(n)],
            "amount": np.round(np.exp(rng.normal(10, 0.7, n)), 2),
            "stage": np.where(is_open, np.where(age < 60, "Demo", "Proposal"), np.where(won, "Won", "Lost")),
            "created_at": created,
            "closed_at": pd.Series(ends).where(~is_open),
            "expected_close_on": created + pd.to_timedelta(rng.integers(60, 220, n), unit="D"),
            "region": np.array(REGIONS)[owner % 3],
            "owner_id": [f"U{number}" for number in owner],
            "product": rng.choice(["Basic", "Plus"], n),
        }
    )


def curves_made(book: PipelineBook) -> pd.DataFrame:
    """Curves that rise with the days, higher for some deals."""
    rows = book.open_rows[["opportunity_id", "as_of"]]
    top = 0.25 + 0.4 * (pd.util.hash_array(rows["opportunity_id"].to_numpy(dtype=object)) % 100) / 100
    days = (7, 14, 28, 42, 56, 70, 91, 119, 182, 365)
    return rows.assign(**{f"won_by_{one}": top * (1 - np.exp(-one / 60)) for one in days})


def opened_of(deals: pd.DataFrame, workspace: Workspace, *, weeks: int = 30) -> OpenedForecast:
    book = read_book({"opportunities": deals}, weekly_days(DAY, weeks=weeks), known_on=DAY, workspace=workspace)
    book = book.with_columns(curves_made(book))
    targets = pd.DataFrame(
        {
            "period_start": pd.to_datetime(["2024-10-01"] * 3),
            "period_end": pd.to_datetime(["2024-12-31"] * 3),
            "amount": [330_000.0, 360_000.0, 350_000.0],
            "region": list(REGIONS),
        }
    )
    owners = pd.DataFrame(
        {"owner_id": [f"U{one}" for one in range(1, 7)], "name": [f"Owner {one}" for one in range(1, 7)]}
    )
    tables = Tables({"opportunities": deals, "targets": targets, "owners": owners})
    opened = SimpleNamespace(tables=tables, workspace=workspace, as_of=DAY, notes=())
    return OpenedForecast(opened, book, ())


@cache
def small_forecast(locale: str = "en") -> tuple[OpenedForecast, Forecast]:
    """Opened and forecast once a session; never changed by a test."""
    found = opened_of(deals_made(), parse_workspace(workspace_text(locale)))
    targets = found.opened.tables["targets"].assign(amount_base=lambda rows: rows["amount"])
    return found, forecast_period(found.book, parse_period("2024Q4"), targets=targets)
