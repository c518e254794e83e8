"""Train before, test after."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from oppnb.scoring.backtest import HORIZONS, rolling_backtest
from oppnb.scoring.folds import grouped_folds
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.watching import last_known_day, watch_rows
from tests.scoring.simulated_rows import DAYS_TO_LOSE, UNTIL, Constant, Known, rows_of, simulated_rows


def undated(n: int = 60, *, n_different: int = 20) -> ScoringRows:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "opportunity_id": [f"d{number}" for number in range(n)],
            "as_of": pd.Series([pd.NaT] * n, dtype="datetime64[us]"),
            "end": np.where(rng.random(n) < 0.4, "won", "lost"),
            "days_to_end": np.nan,
            "truth": (np.arange(n) % n_different + 1) / (n_different + 1),
        }
    )
    return rows_of(frame)


class Remembers(Known):
    """Notes what it was given to learn from, and what to score."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[ScoringRows] = []

    def predict(self, rows: ScoringRows) -> object:
        self.seen.append(rows)
        return super().predict(rows)


def fitted(rows: ScoringRows, **options: object) -> tuple[list[Remembers], pd.DataFrame]:
    made: list[Remembers] = []

    def make() -> Remembers:
        made.append(Remembers())
        return made[-1]

    return made, rolling_backtest(rows, [make], **options).frame


def test_a_model_learns_only_from_what_was_known_on_its_day() -> None:
    rows = simulated_rows(1)
    made, frame = fitted(rows)
    origins = frame["origin"].drop_duplicates().tolist()
    assert len(made) == len(origins) == 6
    for model, origin in zip(made, origins, strict=True):
        learnt = model.learnt
        assert (learnt.keys["as_of"] < origin).all()
        closed_on = learnt.keys["as_of"] + pd.to_timedelta(learnt.ends["days_to_end"], unit="D")
        assert (closed_on <= origin).all()
        assert (~learnt.is_closed).any()


def test_stays_the_same_when_ends_after_the_origin_are_scrambled() -> None:
    rows = simulated_rows(2)
    made, frame = fitted(rows, n_origins=3)
    last = frame["origin"].max()
    later = (rows.keys["as_of"] + pd.to_timedelta(rows.ends["days_to_end"], unit="D")) > last + pd.Timedelta(days=1)
    ends = rows.ends.copy()
    ends.loc[later & rows.is_closed, "end"] = np.where(ends.loc[later & rows.is_closed, "end"] == "won", "lost", "won")
    again, _ = fitted(replace(rows, ends=ends), n_origins=3)
    for one, other in zip(made, again, strict=True):
        pd.testing.assert_frame_equal(one.learnt.ends, other.learnt.ends)


def test_no_row_is_judged_by_a_model_that_was_trained_after_it_or_judged_twice() -> None:
    made, frame = fitted(simulated_rows(3))
    assert (frame["as_of"] >= frame["origin"]).all()
    assert not frame["row"].duplicated().any()
    assert all(model.seen[0].ends is None for model in made)  # nobody hands a model the ends of what it scores


@pytest.mark.parametrize("seed", range(4))
def test_judging_is_not_biased_by_deals_that_are_still_open(seed: int) -> None:
    wide = simulated_rows(seed, n_deals=6000, weeks=52, watched_until=UNTIL + timedelta(days=4000))
    short = simulated_rows(seed, n_deals=6000, weeks=52)
    backtest = rolling_backtest(short, [Known], n_origins=3)
    frame = backtest.frame
    whole = wide.take(frame["row"].to_numpy())
    assert whole.is_closed.all()
    truth = whole.is_won.mean()
    weighed = np.average(frame["is_won"], weights=frame["weight"])
    dropped = frame.loc[frame["is_closed"], "is_won"].mean()
    assert weighed - truth == pytest.approx(0, abs=0.025)
    assert abs(weighed - truth) < 0.3 * (dropped - truth)


def test_the_truth_is_found_to_be_calibrated_where_dropping_open_deals_would_deny_it() -> None:
    from oppnb.scoring.measures import measure_predictions

    off, naive = [], []
    for seed in range(6):
        frame = rolling_backtest(simulated_rows(50 + seed, n_deals=3000, weeks=60), [Known], n_origins=3).frame
        off.append(
            measure_predictions(
                frame["is_won"], frame["p_ever"], cluster=frame["opportunity_id"], weight=frame["weight"]
            )["calibration_intercept"]
        )
        closed = frame[frame["is_closed"]]
        naive.append(measure_predictions(closed["is_won"], closed["p_ever"])["calibration_intercept"])
    assert np.mean(off) == pytest.approx(0, abs=0.1)
    assert np.mean(naive) > 0.25


def test_horizons_take_only_rows_that_were_watched_as_long_and_are_unbiased() -> None:
    rows = simulated_rows(4, n_deals=6000)
    frame = rolling_backtest(rows, [Known]).frame
    known = frame["won_in_90_days"].notna()
    assert (frame.loc[known, "as_of"] <= pd.Timestamp(UNTIL) - pd.Timedelta(days=90)).all()
    assert (frame.loc[~known, "as_of"] > pd.Timestamp(UNTIL) - pd.Timedelta(days=90)).all()
    for name in HORIZONS:
        told = frame.dropna(subset=[f"won_in_{name}"])
        assert told[f"won_in_{name}"].mean() == pytest.approx(told[f"p_in_{name}"].mean(), abs=0.02)


def test_the_end_of_the_period_is_that_of_the_workspace() -> None:
    rows = simulated_rows(5)
    shifted = replace(rows, calendar=rows.calendar.model_copy(update={"fiscal_year_start": 2}))
    plain, fiscal = (rolling_backtest(one, [Known]).frame for one in (rows, shifted))
    day = plain["as_of"] == plain["as_of"].iloc[0]
    assert plain.loc[day, "p_in_period"].iloc[0] != fiscal.loc[day, "p_in_period"].iloc[0]


def test_says_how_many_rows_are_open_and_what_stays_unseen() -> None:
    backtest = rolling_backtest(simulated_rows(6, weeks=52), [Known, Constant])
    assert backtest.models == ("truth", "base_rate")
    assert backtest.n_rows == len(backtest.of("truth")) == len(backtest.of("base_rate"))
    assert backtest.n_open == (~backtest.of("truth")["is_closed"]).sum() > 0
    assert 0 < backtest.share_beyond < 0.5
    assert backtest.known_until == UNTIL
    assert backtest.is_over_time


@pytest.mark.parametrize(("n_deals", "weeks"), [(0, 13), (1, 13), (3, 13), (12, 13), (40, 13), (40, 104), (300, 5)])
def test_the_smallest_histories_are_judged_as_far_as_they_go(n_deals: int, weeks: int) -> None:
    backtest = rolling_backtest(simulated_rows(7, n_deals=n_deals, weeks=weeks), [Known, Constant])
    assert set(backtest.frame["model"]) <= {"truth", "base_rate"}
    assert np.isfinite(backtest.frame["weight"]).all()
    if n_deals >= 40 and weeks > 5:
        assert len(backtest.origins) >= 1


def test_without_dates_rows_that_are_told_twice_stay_together() -> None:
    rows = undated()
    part = grouped_folds(rows, n_folds=5)
    assert pd.Series(part).groupby(rows.values["truth"]).nunique().max() == 1
    assert np.bincount(part).tolist() == [12] * 5
    backtest = rolling_backtest(rows, [Known, Constant], n_folds=5)
    assert not backtest.is_over_time
    assert backtest.origins == ()
    assert backtest.n_rows == 60
    assert backtest.frame["origin"].isna().all()
    assert (backtest.frame["weight"] == 1).all()
    assert backtest.frame["won_in_90_days"].isna().all()


def test_two_runs_are_the_same() -> None:
    one, other = (rolling_backtest(simulated_rows(8), [Known, Constant]).frame for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_a_model_in_use_is_judged_from_its_own_day_on() -> None:
    day = date(2024, 6, 1)
    frame = rolling_backtest(simulated_rows(9), [Known], n_origins=2, not_before=day).frame
    assert frame["as_of"].min() >= pd.Timestamp(day)


def test_the_day_of_knowledge_is_found_in_the_rows() -> None:
    assert last_known_day(simulated_rows(10)) == UNTIL


def test_weights_give_the_share_of_wins_that_aalen_and_johansen_give() -> None:
    from oppnb.metrics import incidence_and_influence

    rng = np.random.default_rng(11)
    lasts, seen = rng.exponential(DAYS_TO_LOSE, 300).round(), rng.uniform(0, 900, 300).round()
    days, over = np.minimum(lasts, seen), lasts <= seen
    seen_last = days == days.max()
    over = over | seen_last  # followed to the end, so that both speak of everybody
    end = np.where(over, np.where(rng.random(300) < 0.4, 1, 2), 0)
    weight = watch_rows(days, over).weight
    small = weight < 9.9  # below the cap
    assert small.all()
    assert (weight * (end == 1)).sum() / 300 == pytest.approx(incidence_and_influence(days, end)[0])
