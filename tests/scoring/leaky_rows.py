"""Deals drawn from a seed, with columns that are honest and columns that know the outcome, in many shapes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.rows import Feature, ScoringRows
from oppnb.workspace.models import Calendar

Floats = npt.NDArray[np.float64]
UNTIL = pd.Timestamp("2024-12-31")


@dataclass(frozen=True)
class Deals:
    """Truth about deals, closed and open: one array element a deal."""

    ids: list[str]
    rng: np.random.Generator
    strength: Floats  # what an early, honest field may know
    won: npt.NDArray[np.bool_]  # in the end, also of open deals
    is_open: npt.NDArray[np.bool_]
    created: Floats  # days before the export
    cycle: Floats

    @property
    def n(self) -> int:
        return len(self.ids)

    @property
    def age_now(self) -> Floats:
        """Days from the creation to the close, or to the export."""
        return np.minimum(self.cycle, self.created)


def draw_deals(seed: int, n: int, *, base: float = 0.5, cycle_days: float = 70.0, zombies: float = 0.15) -> Deals:
    """About n closed deals and those still open: created over two years; a share of the lost ones linger."""
    rng = np.random.default_rng(seed)
    size = int(n * 1.15) + 5
    created = rng.uniform(0, 730, size)
    strength = rng.normal(size=size)
    chance = 1 / (1 + np.exp(-(np.log(base / (1 - base)) + 1.3 * strength)))
    won = rng.random(size) < chance
    cycle = rng.gamma(2.0, cycle_days / 2, size) * np.where(won, 1.0, 1.2) + 0.5
    cycle = np.where(~won & (rng.random(size) < zombies), cycle + 300, cycle)
    return Deals([f"d{i:06d}" for i in range(size)], rng, strength, won, cycle > created, created, cycle)


Column = Callable[[Deals], object]


def make_rows(
    deals: Deals, columns: Mapping[str, object], *, dated: bool = True, kinds: Mapping[str, str] | None = None
) -> tuple[ScoringRows, ScoringRows]:
    """Training rows (each deal every fourth week, at least once) and the deals open on the export's day.

    A column whose values are datetimes is turned into days from the day of the row.
    """
    grid = [(i, age) for i in range(deals.n) for age in _days_of(deals, i)] if dated else _undated(deals)
    deal = np.array([i for i, _ in grid], dtype=int)
    age = np.array([a for _, a in grid])
    rows = _rows(deals, columns, deal, age, dated=dated, kinds=kinds or {})
    is_open = deals.is_open[deal]
    end = np.where(is_open, "open", np.where(deals.won[deal], "won", "lost"))
    days = np.where(dated, deals.age_now[deal] - age, np.nan)
    ends = pd.DataFrame({"end": end.astype(object), "days_to_end": days}).astype({"end": "str"})
    still = np.flatnonzero(deals.is_open)
    open_now = _rows(deals, columns, still, deals.created[still], dated=dated, kinds=kinds or {})
    chosen = np.ones(len(deal), dtype=bool) if dated else ~is_open
    return replace(rows, ends=ends).take(chosen), open_now


def _days_of(deals: Deals, i: int) -> Floats:
    last = deals.age_now[i]
    return np.arange(min(float(i % 28), last * 0.5), last, 28.0)


def _undated(deals: Deals) -> list[tuple[int, float]]:
    return [(i, 0.0) for i in range(deals.n)]


def _rows(
    deals: Deals,
    columns: Mapping[str, object],
    deal: npt.NDArray[np.int64],
    age: Floats,
    *,
    dated: bool,
    kinds: Mapping[str, str],
) -> ScoringRows:
    n = len(deal)
    as_of = UNTIL - pd.to_timedelta(np.round(deals.created[deal] - age), unit="D")
    keys = pd.DataFrame({"opportunity_id": [deals.ids[i] for i in deal], "as_of": as_of if dated else pd.NaT})
    keys["as_of"] = keys["as_of"].astype("datetime64[us]")
    for name in ("process", "stage", "owner_id"):
        keys[name] = pd.Series([None] * n, dtype="str")
    for name in ("stage_position", "set_odds", "amount_base"):
        keys[name] = np.nan
    keys["expected_close_on"] = pd.NaT
    values = {}
    features = []
    if dated:
        values["age_days"] = pd.Series(age)
        features.append(Feature("age_days", "stage", "number"))
    for name, column in columns.items():
        values[name] = _taken(pd.Series(column), deal, keys["as_of"])
        kind = "number" if pd.api.types.is_numeric_dtype(values[name]) else "category"
        features.append(Feature(name, "other", kind, is_dated=name in kinds))
    return ScoringRows(keys, pd.DataFrame(values), tuple(features), None, Calendar())


def _taken(column: pd.Series, deal: npt.NDArray[np.int64], as_of: pd.Series) -> pd.Series:
    values = column.iloc[deal].reset_index(drop=True)
    if pd.api.types.is_datetime64_any_dtype(values):
        return (values - as_of).dt.total_seconds() / 86_400
    if pd.api.types.is_numeric_dtype(values):
        return values.astype("float64")
    return values.astype("str")
