"""Measures by hand, verdicts on made-up forecasts."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from oppnb.forecasting import choose_forecast, compare_forecasts, measure_forecasts


def make_frame(**crps: list[float]) -> pd.DataFrame:
    """Forecasts of quarters, three days each, whose score and error are as told, one number a quarter."""
    rows = [
        {
            "as_of": pd.Timestamp(date(2020, 1, 5) + timedelta(weeks=13 * number + week)),
            "period": f"P{number:02d}",
            "weeks_left": 12 - week,
            "model": model,
            "is_baseline": model not in ("win_curves", "combination"),
            "forecast": 100.0 + score,
            "actual": 100.0,
            "crps": score,
            "q_0.1": 100.0 - score,
            "q_0.9": 100.0 + score,
            "in_50": week == 0,
            "in_80": True,
            "in_95": True,
        }
        for model, scores in crps.items()
        for number, score in enumerate(scores)
        for week in range(3)
    ]
    return pd.DataFrame(rows)


def test_measures_are_those_of_three_forecasts_by_hand() -> None:
    frame = pd.DataFrame(
        {
            "period": ["a", "a", "b"],
            "model": "m",
            "is_baseline": False,
            "forecast": [110.0, 80.0, 210.0],
            "actual": [100.0, 100.0, 200.0],
            "crps": [4.0, 8.0, 8.0],
            "q_0.1": [90.0, 110.0, 150.0],
            "q_0.9": [120.0, 150.0, 190.0],
            "in_50": [True, False, False],
            "in_80": [True, True, False],
            "in_95": [True, True, True],
        }
    )
    row = measure_forecasts(frame).iloc[0]
    assert (row["n"], row["n_periods"]) == (3, 2)
    assert row["wape"] == pytest.approx((10 + 20 + 10) / 400)
    assert row["bias"] == pytest.approx((10 - 20 + 10) / 400)
    assert row["crps"] == pytest.approx(20 / 400)
    assert row["pinball_10"] == pytest.approx((0.1 * 10 + 0.9 * 10 + 0.1 * 50) / 400)
    assert row["pinball_90"] == pytest.approx((0.1 * 20 + 0.1 * 50 + 0.9 * 10) / 400)
    assert row[["coverage_50", "coverage_80", "coverage_95"]].tolist() == pytest.approx([1 / 3, 2 / 3, 1.0])


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (5, 5), (7, 10), (80, 100)])
def test_intervals_on_coverage_are_wilsons(hits: int, n: int) -> None:
    from scipy.stats import binomtest

    frame = make_frame(m=[1.0] * n).groupby("period").head(1).assign(in_80=np.arange(n) < hits)
    row = measure_forecasts(frame).iloc[0]
    exact = binomtest(hits, n).proportion_ci(method="wilson")
    assert (row["coverage_80_low"], row["coverage_80_high"]) == pytest.approx((exact.low, exact.high), abs=1e-6)


def test_measures_by_week_take_the_frame_apart() -> None:
    frame = make_frame(m=[1.0, 2.0], other=[3.0, 3.0])
    found = measure_forecasts(frame, by=["weeks_left"])
    assert found["n"].sum() == len(frame)
    assert found[["weeks_left", "model"]].drop_duplicates().shape[0] == 6
    assert list(found.columns[:2]) == ["weeks_left", "model"]


def test_without_forecasts_there_are_columns_and_no_rows() -> None:
    empty = make_frame(m=[1.0]).iloc[:0]
    assert len(measure_forecasts(empty)) == 0
    assert {"model", "n", "wape", "coverage_95"} <= set(measure_forecasts(empty).columns)
    assert len(compare_forecasts(empty, "m")) == 0
    assert choose_forecast(empty).verdict == "too_few_periods"


def test_a_share_of_nothing_is_null() -> None:
    row = measure_forecasts(make_frame(m=[1.0]).assign(actual=0.0)).iloc[0]
    assert row[["wape", "bias", "crps", "pinball_10", "pinball_90"]].isna().all()
    assert row["coverage_80"] == 1.0


NOISE = np.random.default_rng(1).normal(0, 1, 16)


def test_a_model_that_is_better_everywhere_is_better_and_the_other_worse() -> None:
    frame = make_frame(good=(5 + NOISE).tolist(), bad=(9 + NOISE[::-1]).tolist())
    mine, theirs = (compare_forecasts(frame, name).iloc[0] for name in ("good", "bad"))
    assert mine["is_better"]
    assert not mine["is_worse"]
    assert theirs["is_worse"]
    assert not theirs["is_better"]
    assert mine["difference"] == pytest.approx(-theirs["difference"])
    assert mine["low"] < mine["difference"] < mine["high"] < 0
    assert compare_forecasts(frame, "good", measure="error").iloc[0]["difference"] < 0


def test_noise_is_nobodys_merit() -> None:
    frame = make_frame(one=(5 + NOISE).tolist(), two=(5 + NOISE[::-1]).tolist())
    row = compare_forecasts(frame, "one").iloc[0]
    assert not row["is_better"]
    assert not row["is_worse"]


def test_verdicts_by_chance_are_rare() -> None:
    rng = np.random.default_rng(2)
    told = 0
    for _ in range(60):
        frame = make_frame(one=rng.gamma(4, 1, 16).tolist(), two=rng.gamma(4, 1, 16).tolist())
        row = compare_forecasts(frame, "one").iloc[0]
        told += bool(row["is_better"]) + bool(row["is_worse"])
    assert told <= 10  # a resampling interval of 16 periods is a little narrow: 5 % nominal, about 8 % real


def test_days_are_paired_and_periods_stay_together() -> None:
    frame = make_frame(one=[1.0] * 6, two=[2.0] * 6)
    alone = frame[~((frame["model"] == "two") & (frame["period"] >= "P03"))]
    assert compare_forecasts(alone, "one").iloc[0]["n_periods"] == 3
    once = compare_forecasts(frame, "one").iloc[0]
    again = compare_forecasts(frame, "one").iloc[0]
    assert once.equals(again)


def test_three_periods_are_too_few_for_a_verdict() -> None:
    row = compare_forecasts(make_frame(one=[1.0] * 3, two=[9.0] * 3), "one").iloc[0]
    assert np.isnan(row["low"])
    assert not row["is_better"]


def test_the_verdict_says_who_is_told_and_against_whom() -> None:
    low, high = (5 + NOISE).tolist(), (9 + NOISE[::-1]).tolist()
    ours = choose_forecast(make_frame(win_curves=low, combination=high, conversion_table=high, commit=high))
    assert (ours.model, ours.verdict) == ("win_curves", "better_than_baselines")
    mixed = choose_forecast(make_frame(win_curves=high, combination=low, conversion_table=high))
    assert (mixed.model, mixed.verdict, mixed.against) == ("combination", "better_than_baselines", "conversion_table")
    even = choose_forecast(make_frame(win_curves=low, conversion_table=(5 + NOISE[::-1]).tolist(), commit=high))
    assert (even.model, even.verdict, even.against) == ("win_curves", "no_better_than", "conversion_table")
    beaten = choose_forecast(make_frame(win_curves=high, combination=high, commit=low))
    assert (beaten.model, beaten.verdict, beaten.against) == ("commit", "baseline_is_better", "win_curves")
    few = choose_forecast(make_frame(win_curves=low[:3], combination=high[:3], commit=low[:3]))
    assert (few.model, few.verdict) == ("combination", "too_few_periods")
    alone = choose_forecast(make_frame(win_curves=low))
    assert alone.against is None


def test_the_best_of_two_baselines_that_beat_ours_is_told() -> None:
    # a little better on every day beats us as surely as a lot better on most of them
    ours = (9 + NOISE[::-1]).tolist()
    good, best = (7 + NOISE[::-1] * 0.1).tolist(), (3 + NOISE * 0.1).tolist()
    assert choose_forecast(make_frame(win_curves=ours, commit=good, set_odds=best)).model == "set_odds"
