"""What the law of a synthetic pipeline says a review should find on a day, worked out from the law, not from rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.periods import Period
from oppnb.sources.synthetic import SyntheticPipeline
from oppnb.sources.synthetic.chain import BACK, FORWARD, LOST, SILENT, SKIP, STEP
from oppnb.sources.synthetic.weeks import Weeks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HOURS_EAST = 8  # the synthetic deals live in Shanghai
NOON = timedelta(hours=13, minutes=30)  # the middle of the office hours
WORKING_DAYS = 5
# Leaving and entering fall on any two of five working days, at any two hours of nine.
DAY_OFFSETS = np.arange(-4, 5)
DAY_OFFSET_SHARES = (5 - np.abs(DAY_OFFSETS)) / 25
HOUR_OFFSETS = np.linspace(-0.3, 0.3, 9)


@dataclass(frozen=True)
class Law:
    """The law of one pipeline, and what follows from it."""

    made: SyntheticPipeline

    @cached_property
    def weeks(self) -> Weeks:
        return Weeks.of(self.made.settings)

    @cached_property
    def place(self) -> dict[str, int]:
        """Number of each deal by its key."""
        return {key: number for number, key in enumerate(self.made.tables["opportunities"]["opportunity_id"])}

    def with_odds(self, spells: pd.DataFrame) -> pd.DataFrame:
        """First entries in open stages, with `will_win` and `will_go_on`: the probabilities of ever doing so."""
        chain = self.made.chain
        first = spells[(spells["outcome"] == "open") & ~spells.duplicated(["opportunity_id", "process", "stage"])]
        deal, stage = self._deal_and_stage(first)
        width = chain.total.shape[1]
        goes_on = np.stack([chain.reach(np.minimum(at + 1, chain.n_stages))[:, at] for at in range(width)], axis=1)
        return first.assign(will_win=chain.reach(chain.n_stages)[deal, stage], will_go_on=goes_on[deal, stage])

    @cached_property
    def closing(self) -> tuple[Floats, Floats]:
        """Probability that each deal is won, and that it is lost for good, in each week; shape (n_deals, n_weeks)."""
        chain, lives = self.made.chain, self.made.lives
        rush = self.weeks.rush(self.made.settings)
        born = lives.week[np.append(True, lives.deal[1:] != lives.deal[:-1])]
        active, silent, away = (np.zeros_like(chain.total) for _ in range(3))
        won, lost = (np.zeros((len(born), self.weeks.n)) for _ in range(2))
        for week in range(self.weeks.n):
            seen = self.weeks.observed_share(week)
            leave = -np.expm1(-chain.total * np.where(chain.is_rushed, rush[week], 1.0)) * seen
            flow = (active * leave)[:, :, None] * chain.branches
            cleaned, back = silent * chain.laws.clean_up_weekly * seen, away * chain.laws.return_weekly * seen
            active = active * (1 - leave) + back
            away = away - back + flow[:, :, LOST] * chain.laws.reopen_share
            silent = silent - cleaned + flow[:, :, SILENT]
            lost[:, week] = (cleaned + flow[:, :, LOST] * (1 - chain.laws.reopen_share)).sum(axis=1)
            won[:, week] = self._move(active, flow)
            active[born == week, 0] = 1.0
        return won, lost

    def _move(self, active: Floats, flow: Floats) -> Floats:
        """Put into their new stages those who move; returns who is won."""
        n_stages, width = self.made.chain.n_stages, active.shape[1]
        won = np.zeros(len(active))
        for cause in (FORWARD, SKIP, BACK):
            for stage in range(width):
                to = stage + int(STEP[cause])
                if to < 0:
                    continue
                is_won = to >= n_stages
                won += np.where(is_won, flow[:, stage, cause], 0.0)
                if to < width:
                    active[:, to] += np.where(is_won, 0.0, flow[:, stage, cause])
        return won

    @cached_property
    def days(self) -> list[list[date]]:
        """The working days of each week."""
        return [
            [self.weeks.day_of(week) + timedelta(days=day) for day in range(WORKING_DAYS)]
            for week in range(self.weeks.n)
        ]

    def closed_in(self, snapshot: pd.DataFrame, period: Period, *, until: date) -> pd.DataFrame:
        """Of each deal of the snapshot, how likely it was won and lost in the period so far: `wins`, `losses`."""
        inside = np.array([[period.start <= day <= until for day in week] for week in self.days]).mean(axis=1)
        rows = snapshot["opportunity_id"].map(self.place).to_numpy()
        won, lost = self.closing
        return snapshot.assign(wins=won[rows] @ inside, losses=lost[rows] @ inside)

    def ages(self, snapshot: pd.DataFrame) -> Floats:
        """Days from each deal's creation to each working day; shape (n_deals, n_weeks, 5)."""
        noon = np.array(
            [[np.datetime64(day, "m") + np.timedelta64(NOON) for day in week] for week in self.days]
        ) - np.timedelta64(HOURS_EAST, "h")
        created = snapshot["created_at"].to_numpy(dtype="datetime64[m]")
        return np.asarray((noon[None] - created[:, None, None]) / np.timedelta64(1, "D"), dtype="float64")

    def median_age_at_win(self, snapshot: pd.DataFrame, period: Period, *, until: date) -> float:
        """Median age of the deals that are won in the period so far."""
        inside = np.array([[period.start <= day <= until for day in week] for week in self.days], dtype="float64")
        rows = snapshot["opportunity_id"].map(self.place).to_numpy()
        return weighted_median(self.ages(snapshot), self.closing[0][rows][:, :, None] * inside[None] / WORKING_DAYS)

    def won_within(self, snapshot: pd.DataFrame, days: int) -> float:
        """Share of the deals that are won within so many days of their creation."""
        rows = snapshot["opportunity_id"].map(self.place).to_numpy()
        in_time = (self.ages(snapshot) <= days).mean(axis=2)
        return float((self.closing[0][rows] * in_time).sum() / len(rows))

    def median_age_at_close(self, snapshot: pd.DataFrame) -> float:
        """Age by which half of the deals are closed, were all followed; needs data that go on long enough."""
        rows = snapshot["opportunity_id"].map(self.place).to_numpy()
        won, lost = self.closing
        share = np.broadcast_to(((won + lost)[rows] / WORKING_DAYS)[:, :, None], (len(rows), self.weeks.n, 5))
        return weighted_median(self.ages(snapshot), share, whole=len(rows))

    def median_days(self, spells: pd.DataFrame) -> float:
        """Median length of these stays, were all followed to their end."""
        chain, laws = self.made.chain, self.made.chain.laws
        deal, stage = self._deal_and_stage(spells)
        week = self._week(spells["entered_at"])
        n_steps = 104
        rush = self.weeks.rush(self.made.settings, n=self.weeks.n + n_steps + 1)
        silence = chain.branches[deal, stage, SILENT]
        active, silent = np.ones(len(deal)), np.zeros(len(deal))
        still_there = [1.0]
        for step in range(1, n_steps + 1):
            factor = np.where(chain.is_rushed[deal, stage], rush[week + step], 1.0)
            leave = -np.expm1(-chain.total[deal, stage] * factor)
            silent = silent * (1 - laws.clean_up_weekly) + active * leave * silence
            active = active * (1 - leave)
            still_there.append(float((active + silent).mean()))
        leaves = -np.diff(still_there)
        length = 7.0 * np.arange(1, n_steps + 1)
        days = length[:, None, None] + DAY_OFFSETS[None, :, None] + HOUR_OFFSETS[None, None, :]
        share = leaves[:, None, None] * DAY_OFFSET_SHARES[None, :, None] / len(HOUR_OFFSETS)
        return weighted_median(days, np.broadcast_to(share, days.shape), whole=1.0)

    def _week(self, moments: pd.Series) -> Ints:
        local = moments + pd.Timedelta(hours=HOURS_EAST)
        return np.asarray((local - pd.Timestamp(self.weeks.monday)).dt.days.to_numpy() // 7, dtype="int64")

    def _deal_and_stage(self, spells: pd.DataFrame) -> tuple[Ints, Ints]:
        deal = spells["opportunity_id"].map(self.place).to_numpy(dtype="int64")
        return deal, spells["stage_position"].to_numpy(dtype="int64") - 1


def weighted_median(values: Floats, weights: Floats, *, whole: float | None = None) -> float:
    """The value at which half of the weight (of `whole`, where some never comes) is reached; only positive values."""
    kept = (weights > 0) & (values > 0)
    order = np.argsort(values[kept], kind="stable")
    reached = np.cumsum(weights[kept][order])
    half = 0.5 * (reached[-1] if whole is None else whole)
    return float(values[kept][order][np.searchsorted(reached, half)])


def held_against(
    reported: pd.DataFrame, truth: "pd.Series[Any]", keys: Sequence[str], *, at_least: int, label: str
) -> pd.DataFrame:
    """Reported intervals beside the truth of the same slice: `label`, `value`, `low`, `high`, `n`, `truth`."""
    rows = reported[reported["n"] >= at_least].dropna(subset=["value", "low"])
    found = truth.reindex(pd.MultiIndex.from_frame(rows[list(keys)]) if len(keys) > 1 else pd.Index(rows[keys[0]]))
    kept = rows[["value", "low", "high", "n"]].assign(truth=found.to_numpy(), label=label)
    return kept.dropna(subset=["truth"]).reset_index(drop=True)
