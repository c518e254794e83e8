"""Deals that nobody closes: what their rows teach, and what models and intervals say of deals that may come to it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb.scoring.backtest import rolling_backtest
from oppnb.scoring.choice import choose_models
from oppnb.scoring.intervals import Doubt, learn_doubt, win_rate_intervals
from oppnb.scoring.judged import logit, sigmoid
from oppnb.scoring.models.awaited import Awaited, last_rows
from oppnb.scoring.models.boosted_closed import BoostedClosed
from oppnb.scoring.models.boosted_hazard import BoostedHazard
from oppnb.scoring.models.ridge import Ridge, await_ends
from oppnb.scoring.models.ridge_on_rates import RidgeOnRates
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.rows import Feature, ScoringRows
from tests.scoring.simulated_rows import Known, rows_of, simulated_rows

WEEKS = 60


def abandoned_rows(seed: int, *, n_deals: int = 500) -> ScoringRows:
    """Each week a deal is won or lost with 5 % each, or given up with 5 %: then it lies open until someone tidies up.

    That is one in fifty a week. `quiet` tells whether it was given up. So one third of those that live is won at last.
    """
    rng = np.random.default_rng(seed)
    born = rng.integers(0, WEEKS, n_deals)
    leaves = born + rng.geometric(0.15, n_deals)
    fate = np.array(["won", "lost", "quiet"])[rng.integers(0, 3, n_deals)]
    deal, week = np.nonzero((np.arange(WEEKS + 1)[None, :] % 4) == (np.arange(n_deals) % 4)[:, None])
    closes = leaves + np.where(fate == "quiet", rng.geometric(0.02, n_deals), 0)
    is_over = week >= closes[deal]
    deal, week = deal[(week >= born[deal]) & ~is_over], week[(week >= born[deal]) & ~is_over]
    is_known = closes[deal] <= WEEKS
    frame = pd.DataFrame(
        {
            "opportunity_id": [f"d{number:05d}" for number in deal],
            "as_of": pd.Timestamp("2024-01-05") + pd.to_timedelta(7 * week, unit="D"),
            "end": np.where(is_known, np.where(fate[deal] == "won", "won", "lost"), "open"),
            "days_to_end": np.where(is_known, 7.0 * (closes[deal] - week) - 0.5, 7.0 * (WEEKS - week)),
            "truth": np.where((fate[deal] == "quiet") & (leaves[deal] <= week), 0.0, 1 / 3),
            "quiet": ((fate[deal] == "quiet") & (leaves[deal] <= week)).astype("float64"),
        }
    ).sort_values(["as_of", "opportunity_id"], ignore_index=True)
    frame["as_of"] = frame["as_of"].astype("datetime64[us]")
    rows = rows_of(frame)
    return replace(rows, values=frame[["quiet"]], features=(Feature("quiet", "activity", "number"),))


@pytest.mark.parametrize("model", [RidgeOnRates, Ridge, BoostedClosed, BoostedHazard])
def test_deals_that_nobody_closes_are_not_taken_to_end_like_the_others(model: type[WinModel]) -> None:
    off, naive = [], []
    for seed in range(4):
        rows = abandoned_rows(seed)
        truth = np.where(rows.values["quiet"] > 0, 0.0, 1 / 3)
        if model is RidgeOnRates:
            rows = _renamed(rows, "days_since_last_activity")
        off.append((model().fit(rows).predict(rows).won_ever - truth).mean())
        naive.append(rows.is_won[rows.is_closed].mean() - truth.mean())
    assert abs(np.mean(off)) < 0.06
    assert np.mean(naive) > 0.1  # what the closed ones alone would say


def _renamed(rows: ScoringRows, name: str) -> ScoringRows:
    values = rows.values.set_axis([name], axis="columns")
    return replace(rows, values=values, features=(Feature(name, "activity", "number"),))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=30))
def test_the_latest_row_of_a_deal_is_its_own_and_none_is_later(seen: list[tuple[int, int]]) -> None:
    frame = pd.DataFrame(seen, columns=["deal", "week"])
    keys = pd.DataFrame(
        {
            "opportunity_id": frame["deal"].astype("str"),
            "as_of": pd.Timestamp("2024-01-05") + pd.to_timedelta(7 * frame["week"], unit="D"),
        }
    )
    rows = ScoringRows(keys, pd.DataFrame(index=keys.index), (), None, simulated_rows(1, n_deals=5).calendar)
    last = last_rows(rows)
    assert (frame["deal"].to_numpy()[last] == frame["deal"].to_numpy()).all()
    assert (frame["week"].to_numpy()[last] >= frame["week"].to_numpy()).all()
    assert (last[last] == last).all()


def test_what_is_known_is_never_replaced_and_the_rest_is_the_chance_of_the_latest_row() -> None:
    rows = simulated_rows(1, n_deals=200)
    asked: list[int] = []

    def chance(some: ScoringRows) -> np.ndarray:
        asked.append(len(some))
        return some.values["truth"].to_numpy(dtype="float64")

    awaited = Awaited.of(rows, chance)
    assert asked == [rows.keys["opportunity_id"][~rows.is_closed].nunique()]
    assert (awaited.won[rows.is_closed] == rows.is_won[rows.is_closed]).all()
    waiting = ~rows.is_closed
    assert (awaited.won[waiting] == rows.values["truth"].to_numpy()[awaited.last[waiting]]).all()
    assert not awaited.tells[waiting & (awaited.last == np.arange(len(rows)))].any()


def test_outcomes_weigh_as_much_as_the_rows_that_tell() -> None:
    rows = simulated_rows(2, n_deals=200)
    awaited, weight = await_ends(rows), np.random.default_rng(1).random(len(rows))
    row, won, shared = awaited.outcomes(weight)
    weight = weight * awaited.weight
    assert set(np.unique(won)) == {0.0, 1.0}
    assert np.bincount(row, weights=shared, minlength=len(rows)) == pytest.approx(np.where(awaited.tells, weight, 0.0))
    assert np.bincount(row, weights=shared * won, minlength=len(rows)) == pytest.approx(
        np.where(awaited.tells, weight * awaited.won, 0.0)
    )


def test_where_all_is_closed_nothing_is_awaited() -> None:
    rows = simulated_rows(3, n_deals=200)
    awaited = await_ends(rows.take(rows.is_closed))
    assert awaited.tells.all()
    assert set(np.unique(awaited.won)) <= {0.0, 1.0}


def test_a_backtest_expects_the_same_of_every_deal_whoever_is_judged() -> None:
    rows = simulated_rows(4, n_deals=300)
    found = rolling_backtest(rows, [lambda: Known("truth"), lambda: Known("other", slope=0.5)], n_origins=3)
    one, two = found.of("truth"), found.of("other")
    assert (one["won_expected"] == two["won_expected"]).all()
    closed = one[one["is_closed"]]
    assert (closed["won_expected"] == closed["is_won"]).all()


def test_a_baseline_that_learns_needs_more_than_a_few_deals_to_be_used() -> None:
    rows = simulated_rows(5, n_deals=90)
    found = rolling_backtest(
        rows, [lambda: Known("naive_bayes", is_baseline=True), lambda: Known("stage_rates", slope=-0.5)]
    )
    chosen = choose_models(found)
    assert (chosen.ever, chosen.verdict, chosen.baseline) == ("stage_rates", "baseline_looks_better", "naive_bayes")


class OffByTime(Known):
    """The truth, shifted by something of its own in each stretch of eight weeks."""

    def __init__(self, sd: float, seed: int) -> None:
        super().__init__()
        self.shifts = np.random.default_rng(seed).normal(0, sd, 40)

    def predict(self, rows: ScoringRows) -> object:
        found = super().predict(rows)
        place = (pd.Timestamp("2025-01-01") - rows.keys["as_of"]).dt.days.to_numpy() // 56
        return replace(found, won_ever=sigmoid(logit(found.won_ever) + self.shifts[place]))


def test_what_all_deals_of_a_time_share_is_doubted() -> None:
    def doubt(sd: float) -> float:
        found = []
        for seed in range(6):
            model = OffByTime(sd, seed)
            backtest = rolling_backtest(simulated_rows(seed, n_deals=2000), [lambda model=model: model])
            found.append(learn_doubt(backtest, "truth").excess)
        return float(np.mean(found))

    assert doubt(0.8) > doubt(0.0) + 0.2


def test_an_interval_reaches_to_none_where_the_past_could_not_tell_it_from_none() -> None:
    told = win_rate_intervals([0.004, 0.2, 0.997], [0.3, 0.3, 0.3], doubt=Doubt(0.2, finest=0.02))
    assert told.loc[0, ["low_80", "low_95"]].tolist() == [0, 0]
    assert told.loc[2, ["high_80", "high_95"]].tolist() == [1, 1]
    assert told.loc[1, "low_95"] > 0


def test_the_more_deals_were_judged_the_finer_the_past_can_tell() -> None:
    few, many = (
        learn_doubt(rolling_backtest(simulated_rows(6, n_deals=n), [Known]), "truth").finest for n in (200, 2000)
    )
    assert many < few
