"""A synthetic pipeline with payments, lines and contracts, its book with plain curves, and another future of it."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from oppnb.forecasting.curves import curve_name
from oppnb.history.book import PipelineBook, read_book, weekly_days
from oppnb.sources.synthetic import SyntheticPipeline, SyntheticSettings, make_pipeline
from oppnb.sources.synthetic.workspace_file import workspace_yaml
from oppnb.tables import Tables
from oppnb.workspace import Workspace, parse_workspace

DAY = date(2024, 6, 30)
CURVE_DAYS = (7, 14, 28, 56, 91, 182, 364)


@cache
def pipeline() -> SyntheticPipeline:
    return make_pipeline(SyntheticSettings(n_opportunities=1_200, start=date(2022, 1, 3), end=date(2025, 6, 30)))


def workspace() -> Workspace:
    return parse_workspace(workspace_yaml(pipeline().settings))


def with_curves(book: PipelineBook) -> PipelineBook:
    """Later stages win more often and sooner; every deal has a curve."""
    rows = book.open_rows
    in_the_end = (0.15 + 0.15 * rows["stage_position"].astype("float64").fillna(0)).clip(0, 0.9).to_numpy()
    curves = {curve_name(days): in_the_end * (1 - np.exp(-days / 90)) for days in CURVE_DAYS}
    return book.with_columns(rows[["opportunity_id", "as_of"]].assign(**curves))


def book_of(tables: Tables, *, known_on: date = DAY) -> PipelineBook:
    return with_curves(read_book(tables, weekly_days(DAY, weeks=80), known_on=known_on, workspace=workspace()))


@cache
def book() -> PipelineBook:
    return book_of(pipeline().tables)


def with_frames(tables: Tables, **changed: pd.DataFrame) -> Tables:
    return Tables({**tables.frames, **changed}, exported_on=tables.exported_on)


def without(tables: Tables, *names: str) -> Tables:
    return Tables(
        {name: frame for name, frame in tables.frames.items() if name not in names}, exported_on=tables.exported_on
    )


def with_another_future(tables: Tables, *, seed: int = 3) -> Tables:
    """Whatever was not known at the end of DAY comes out differently: closes, payments, lines, contracts, tickets."""
    rng, after = np.random.default_rng(seed), pd.Timestamp(DAY) + pd.Timedelta(days=1)
    deals = tables["opportunities"].copy()
    is_later = (deals["closed_at"] >= after).to_numpy()
    deals.loc[is_later, "closed_at"] += pd.to_timedelta(rng.integers(1, 90, is_later.sum()), unit="D")
    not_won = deals.loc[~((deals["outcome"] == "won") & ~is_later), "opportunity_id"]
    history = tables["opportunity_history"]
    history = history[history["changed_at"] < after]
    deals.loc[is_later, "amount"] *= rng.uniform(0.2, 5, is_later.sum())
    return with_frames(
        tables,
        opportunities=deals[deals["created_at"] < after].reset_index(drop=True),
        opportunity_history=history.reset_index(drop=True),
        payments=_later(tables["payments"], "paid_on", not_won, ["amount"], rng, after),
        line_items=_later(tables["line_items"], None, not_won, ["quantity"], rng, after),
        subscriptions=_later(tables["subscriptions"], "cancelled_on", not_won, ["amount"], rng, after),
        tickets=tables["tickets"][tables["tickets"]["opened_at"] < after].reset_index(drop=True),
    )


def _later(
    frame: pd.DataFrame,
    column: str | None,
    not_won: pd.Series,
    numbers: list[str],
    rng: np.random.Generator,
    after: pd.Timestamp,
) -> pd.DataFrame:
    found = frame.copy()
    if column is not None:
        is_later = (found[column] >= after).to_numpy()
        found.loc[is_later, column] += pd.to_timedelta(rng.integers(1, 90, is_later.sum()), unit="D")
    of_open = found["opportunity_id"].isin(not_won).to_numpy()
    for number in numbers:
        found.loc[of_open, number] *= rng.uniform(0.2, 5, of_open.sum())
    return found
