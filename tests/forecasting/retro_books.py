"""Books of a few deals by hand, and books of awkward pipelines with curves drawn from a seed."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

from oppnb.history.book import PipelineBook, read_book, weekly_days
from oppnb.workspace import Workspace, parse_workspace
from tests.random_pipeline import awkward_pipeline, awkward_workspace

OPENING = date(2024, 3, 31)
_TEXT = ["owner_id", "account_id", "process", "product", "region", "source", "team", "manager_id", "currency"]
_ROW = {"stage": "Demo", "stage_position": 1.0, "amount_base": 100.0, "forecast_category": None, "days_in_stage": 10.0}
_ROW |= {"age_days": 20.0, "n_pushes": 0.0, "expected_close_on": "2024-05-31", "won_by_91": 0.5}
_DEAL = {"created_on": "2024-02-01", "closed_on": None, "outcome": "open", "won_for": np.nan}
_OF_DEAL = dict.fromkeys(_TEXT) | {"owner_id": "u1", "process": "p", "region": "East", "currency": "EUR"}


def demo_workspace(odds: float = 0.5) -> Workspace:
    """One process with one open stage."""
    return parse_workspace(
        f"currency: EUR\nprocesses: [{{name: p, stages: [{{name: Demo, odds: {odds}}}, {{name: Won, outcome: won}}]}}]"
    )


def book_of(*deals: dict, known_on: date = date(2024, 6, 30), odds: float = 0.5) -> PipelineBook:
    """Deals by `_DEAL`, `_ROW` and `_OF_DEAL` with overrides; all but those created later are open at the opening."""
    told = [{"opportunity_id": f"{at:03d}", **_DEAL, **_OF_DEAL, **_ROW, **deal} for at, deal in enumerate(deals)]
    names = ["opportunity_id", *_DEAL, *_OF_DEAL, *_ROW]
    whole = pd.DataFrame(told, columns=names)
    whole[_TEXT] = whole[_TEXT].astype("str")
    for name in ("created_on", "closed_on", "expected_close_on"):
        whole[name] = pd.to_datetime(whole[name]).astype("datetime64[us]")
    whole["as_of"] = pd.Series([pd.Timestamp(OPENING)] * len(whole), dtype="datetime64[us]")
    rows = whole[whole["created_on"] <= pd.Timestamp(OPENING)]
    rows = rows[["opportunity_id", "as_of", *_OF_DEAL, *_ROW]].reset_index(drop=True)
    ends = whole[["opportunity_id", "created_on", "closed_on", "outcome", *_OF_DEAL]]
    ends = ends.assign(amount_base=whole["won_for"].astype("float64"), outcome=ends["outcome"].astype("str"))
    return PipelineBook(known_on, ends, rows, (OPENING,), demo_workspace(odds))


@cache
def awkward_book(seed: int, *, size: int = 80) -> PipelineBook:
    """An awkward pipeline with curves at random, some missing."""
    tables = awkward_pipeline(seed, size=size)
    book = read_book(tables, weekly_days("2024-12-29", weeks=50), workspace=awkward_workspace())
    rng = np.random.default_rng(seed)
    curves = book.open_rows[["opportunity_id", "as_of"]].copy()
    early = rng.uniform(0, 0.5, len(curves))
    late = early + rng.uniform(0, 0.5, len(curves))
    missing = rng.uniform(size=len(curves)) < 0.1
    return book.with_columns(
        curves.assign(won_by_28=np.where(missing, np.nan, early), won_by_91=np.where(missing, np.nan, late))
    )


def scrambled_after(book: PipelineBook, day: date, seed: int) -> PipelineBook:
    """The same until the end of a day, and all else otherwise: closes, amounts, later deals and open rows."""
    rng = np.random.default_rng(seed)
    moment = pd.Timestamp(day)
    deals = book.deals.copy()
    later = (deals["closed_on"] > moment) | (deals["outcome"] == "open")
    later &= deals["created_on"].notna()  # without that day a deal is known from its close
    chosen = deals.index[later.to_numpy() & (rng.uniform(size=len(deals)) < 0.7)]
    moved = moment + pd.to_timedelta(rng.integers(1, 200, len(chosen)), unit="D")
    deals.loc[chosen, "closed_on"] = pd.Series(moved, index=chosen).astype("datetime64[us]")
    deals.loc[chosen, "outcome"] = rng.choice(["won", "lost"], len(chosen))
    deals.loc[chosen, "amount_base"] = rng.lognormal(8, 1, len(chosen))
    born_later = deals["created_on"] > moment
    deals = deals[~born_later | (rng.uniform(size=len(deals)) < 0.5)].reset_index(drop=True)
    rows = book.open_rows.copy()
    after = (rows["as_of"] > moment).to_numpy()
    rows["amount_base"] = rows["amount_base"].where(~after, rng.lognormal(8, 1, len(rows)))
    rows["expected_close_on"] = rows["expected_close_on"].where(~after, rows["as_of"] + timedelta(days=3))
    return PipelineBook(book.known_on, deals, rows, book.days, book.workspace)
