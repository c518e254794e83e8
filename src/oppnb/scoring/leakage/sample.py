"""Closed deals and open ones side by side, so that what a field looks like in each can be compared fairly."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.leakage.standing import Standing, make_standing
from oppnb.scoring.rows import ScoringRows

__all__ = ["Sample", "make_sample"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]

AGES = ("age_days", "age")
N_BLOCKS = 4
SECONDS_A_DAY = 86_400.0
MIN_COHORT = 20


@dataclass(frozen=True)
class Sample:
    """Rows of closed deals, rows of open deals, and how they compare.

    Attributes
    ----------
    closed, open_now : ScoringRows
        Rows of deals that have closed; one row for each deal that is open.
    deal : array, shape (n_closed_rows,)
        Number of the deal, 0, 1, ….
    won : array of bool, shape (n_closed_rows,)
    weight : array, shape (n_closed_rows,)
        1 / rows of the deal: sums of it count deals, not rows.
    presence : array, shape (n_closed_rows,)
        How often such a row would be met on the days of the past.
    days : array, shape (n_closed_rows,)
        Days to the close; null without dates.
    age : array, shape (n_closed_rows,)
        Days since the deal began; null without dates.
    block : array, shape (n_closed_rows,)
        Quarter of the deals by the time they began (by a hash of the id without dates), 0 to 3.
    band, open_band : arrays
        Age band; -1 where the other side has nobody of that age.
    is_cohort : array of bool, shape (n_closed_rows,)
        The deal began when the open ones did: what went out of use before that is no evidence.
    standing : Standing or None
        Open deals beside all deals that stood where they stand, on earlier days; None where nothing can be compared.
    """

    closed: ScoringRows
    open_now: ScoringRows
    deal: Codes
    won: Flags
    weight: Floats
    presence: Floats
    days: Floats
    age: Floats
    block: Codes
    band: Codes
    open_band: Codes
    is_cohort: Flags
    standing: Standing | None

    @property
    def n_deals(self) -> int:
        """Closed deals."""
        return int(self.deal.max()) + 1 if len(self.deal) else 0

    @property
    def n_won(self) -> int:
        """Closed deals that were won."""
        return round(float(self.weight[self.won].sum()))

    @property
    def n_open(self) -> int:
        """Open deals of an age that closed deals had too."""
        return int((self.open_band >= 0).sum())

    @property
    def base(self) -> float:
        """Win rate of the closed deals."""
        return self.n_won / self.n_deals if self.n_deals else 0.5


def make_sample(rows: ScoringRows, open_now: ScoringRows | None) -> Sample:
    """Sort rows into closed and open; without `open_now` the deals whose end is not known stand for the open ones."""
    closed = rows.take(_closed_in_order(rows))
    if open_now is None or not len(open_now):
        open_now = rows.take(_last_open_rows(rows))
    deal = np.asarray(pd.factorize(closed.keys["opportunity_id"])[0], dtype="int64")
    began = rows.keys.groupby("opportunity_id")["as_of"].min()
    age, open_age = _ages(closed, began), _ages(open_now, began)
    band, open_band = _bands(age, open_age)
    assert closed.ends is not None  # noqa: S101  (rows with ends were asked for above)
    return Sample(
        closed=closed,
        open_now=open_now,
        deal=deal,
        won=closed.is_won,
        weight=1.0 / np.bincount(deal)[deal] if len(deal) else np.empty(0),
        presence=_presence(closed.ends),
        days=closed.ends["days_to_end"].to_numpy("float64"),
        age=age,
        block=_blocks(closed.keys["opportunity_id"], _starts(closed, age), deal),
        band=band,
        open_band=open_band,
        is_cohort=_cohort(_starts(closed, age), _starts(open_now, open_age), deal),
        standing=make_standing(rows, open_now, lambda some: _times(some, began)),
    )


def _closed_in_order(rows: ScoringRows) -> Codes:
    positions = np.flatnonzero(rows.is_closed)
    keys = rows.keys.iloc[positions][["opportunity_id", "as_of"]].assign(position=positions)
    return keys.sort_values(["opportunity_id", "as_of"], kind="stable")["position"].to_numpy("int64")


def _presence(ends: pd.DataFrame) -> Floats:
    if "weight" in ends:
        return ends["weight"].to_numpy("float64")
    return np.ones(len(ends))


def _last_open_rows(rows: ScoringRows) -> Codes:
    positions = np.flatnonzero(~rows.is_closed)
    keys = rows.keys.iloc[positions].assign(position=positions)
    last = keys.sort_values(["as_of", "position"]).groupby("opportunity_id")["position"].last()
    return np.sort(last.to_numpy("int64"))


def _ages(rows: ScoringRows, began: pd.Series) -> Floats:
    for name in AGES:
        if name in rows.values:
            return rows.values[name].to_numpy("float64", na_value=np.nan)
    since = rows.keys["as_of"] - rows.keys["opportunity_id"].map(began).fillna(rows.keys["as_of"])
    return np.asarray(since.dt.total_seconds().to_numpy("float64") / SECONDS_A_DAY)


def _times(rows: ScoringRows, began: pd.Series) -> tuple[Floats, Floats]:
    age = _ages(rows, began)
    return _starts(rows, age), age


def _starts(rows: ScoringRows, age: Floats) -> Floats:
    """When the deal began, in days of an arbitrary calendar; null without dates."""
    since = rows.keys["as_of"] - pd.Timestamp("2000-01-01")
    return np.asarray(since.dt.total_seconds().to_numpy("float64") / SECONDS_A_DAY - np.nan_to_num(age))


def _blocks(ids: pd.Series, starts: Floats, deal: Codes) -> Codes:
    if not len(deal):
        return np.empty(0, dtype="int64")
    n = int(deal.max()) + 1
    first = np.full(n, np.inf)
    np.minimum.at(first, deal, np.where(np.isnan(starts), np.inf, starts))
    stable = _hashes(ids.drop_duplicates().tolist())
    order = np.lexsort((stable, first))
    rank = np.empty(n, dtype="int64")
    rank[order] = np.arange(n)
    return np.asarray((rank * N_BLOCKS // n)[deal])


def _hashes(texts: Sequence[str]) -> Codes:
    return np.array([zlib.crc32(str(text).encode()) for text in texts], dtype="int64")


def _bands(age: Floats, open_age: Floats) -> tuple[Codes, Codes]:
    """At most five bands of equal numbers of open deals; one where ages are not known."""
    known = open_age[~np.isnan(open_age)]
    n_bands = int(np.clip(len(known) // 30, 1, 5))
    if np.isnan(age).any() or n_bands == 1:
        edges = np.empty(0)
    else:
        edges = np.unique(np.quantile(known, np.arange(1, n_bands) / n_bands))
    band = np.searchsorted(edges, age, side="right").astype("int64")
    open_band = np.searchsorted(edges, np.nan_to_num(open_age), side="right").astype("int64")
    n_closed = np.bincount(band, minlength=len(edges) + 1)
    open_band[n_closed[open_band] < 10 * (len(edges) > 0)] = -1
    return band, open_band


def _cohort(starts: Floats, open_starts: Floats, deal: Codes) -> Flags:
    known = open_starts[~np.isnan(open_starts)]
    everyone = np.ones(len(starts), dtype=bool)
    if not len(known) or np.isnan(starts).any():
        return everyone
    recent = np.asarray(starts >= np.quantile(known, 0.25))
    if len(np.unique(deal[recent])) >= MIN_COHORT:
        return recent
    latest = np.asarray(starts >= np.quantile(starts, 0.75)) if len(starts) else everyone
    return latest if len(np.unique(deal[latest])) >= MIN_COHORT else everyone
