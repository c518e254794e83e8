"""Rows of a law that is known: what a deal's truth is on each day, and models that know it or do not."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np
import pandas as pd

from oppnb.scoring.judged import logit, sigmoid
from oppnb.scoring.prediction import LEAD_DAYS, Contributions, Prediction
from oppnb.scoring.rows import KEYS, Feature, ScoringRows
from oppnb.workspace.models import Calendar

UNTIL = date(2024, 12, 31)
DAYS_TO_WIN, DAYS_TO_LOSE = 40.0, 130.0
STAGES = ["Demo", "Proposal", "Negotiation"]


def simulated_rows(
    seed: int, *, n_deals: int = 600, weeks: int = 104, until: date = UNTIL, watched_until: date | None = None
) -> ScoringRows:
    """Deals that are won quickly or lost slowly, looked at every fourth week while open.

    A deal of quality x will be won with probability sigmoid(x); wins take 40 days on average, losses 130 (exponential),
    so that a deal which lingers is won less often: `truth` follows exactly. Ends are as known on `watched_until`
    (by default `until`, the last day with rows).
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0, 1.2, n_deals)
    will_win = rng.random(n_deals) < sigmoid(x)
    lasts = rng.exponential(np.where(will_win, DAYS_TO_WIN, DAYS_TO_LOSE))
    born = rng.uniform(0, 7 * weeks, n_deals)
    seen = (until if watched_until is None else watched_until) - until
    known_by = 7.0 * weeks + seen.days
    landmark = np.arange(0, weeks + 1)
    deal, week = np.nonzero((landmark[None, :] % 4) == (np.arange(n_deals) % 4)[:, None])
    at = 7.0 * landmark[week]
    is_open = (born[deal] < at) & (born[deal] + lasts[deal] > at)
    deal, at = deal[is_open], at[is_open]
    closes = born[deal] + lasts[deal]
    is_known = closes < known_by
    odds = x[deal] - (at - born[deal]) * (1 / DAYS_TO_WIN - 1 / DAYS_TO_LOSE)
    frame = pd.DataFrame(
        {
            "opportunity_id": [f"d{number:05d}" for number in deal],
            "as_of": pd.to_datetime([until - timedelta(days=7 * weeks - int(day)) for day in at]).astype(
                "datetime64[us]"
            ),
            "end": np.where(~is_known, "open", np.where(will_win[deal], "won", "lost")),
            "days_to_end": np.where(is_known, closes, known_by) - at,
            "truth": sigmoid(odds),
            "stage": np.array(STAGES)[np.clip(np.floor(x[deal] + 1.5), 0, 2).astype(int)],
        }
    ).sort_values(["as_of", "opportunity_id"], ignore_index=True)
    return rows_of(frame)


def rows_of(frame: pd.DataFrame) -> ScoringRows:
    """Rows from opportunity_id, as_of, end, days_to_end, truth (the only feature) and maybe more keys."""
    keys = pd.DataFrame({name: frame.get(name) for name in KEYS}, index=frame.index)
    keys["process"] = keys["process"].fillna("sales").astype("str")
    return ScoringRows(
        keys=keys,
        values=frame[["truth"]],
        features=(Feature("truth", "other", "number"),),
        ends=frame[["end", "days_to_end"]],
        calendar=Calendar(),
    )


@dataclass
class Known:
    """A model that knows the truth, or a distorted one: log odds x `slope` + `shift`."""

    name: str = "truth"
    slope: float = 1.0
    shift: float = 0.0
    noise: float = 0.0
    is_baseline: bool = False
    doubt: float = float("nan")

    def fit(self, rows: ScoringRows) -> Self:
        self.learnt = rows
        return self

    def predict(self, rows: ScoringRows) -> Prediction:
        odds = self.slope * logit(rows.values["truth"].to_numpy()) + self.shift
        ever = sigmoid(odds + np.random.default_rng(len(rows)).normal(0, self.noise, len(rows)))
        won = ever[:, None] * (1 - np.exp(-LEAD_DAYS / DAYS_TO_WIN))
        lost = (1 - ever)[:, None] * (1 - np.exp(-LEAD_DAYS / DAYS_TO_LOSE))
        return Prediction(LEAD_DAYS, won, lost, ever)

    def contributions(self, rows: ScoringRows) -> Contributions:
        ever = self.predict(rows).won_ever
        base = np.full(len(rows), 0.5)
        return Contributions(base, np.column_stack([(ever - base) * 3, (ever - base) * -2]), ("stage", "other"))

    def logit_sd(self, rows: ScoringRows) -> np.ndarray:
        return np.full(len(rows), self.doubt)


@dataclass
class Constant:
    """The win rate of the closed deals it has seen, for every deal."""

    name: str = "base_rate"
    is_baseline: bool = True
    days: float = DAYS_TO_WIN

    def fit(self, rows: ScoringRows) -> Self:
        self.rate = (rows.is_won.sum() + 1) / (rows.is_closed.sum() + 2)
        return self

    def predict(self, rows: ScoringRows) -> Prediction:
        ever = np.full(len(rows), self.rate)
        won = ever[:, None] * (1 - np.exp(-LEAD_DAYS / self.days))
        return Prediction(LEAD_DAYS, won, (1 - ever)[:, None] * (1 - np.exp(-LEAD_DAYS / DAYS_TO_LOSE)), ever)

    def contributions(self, rows: ScoringRows) -> Contributions:
        return Contributions(np.full(len(rows), self.rate), np.zeros((len(rows), 1)), ("stage",))
