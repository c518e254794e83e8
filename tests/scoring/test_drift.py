"""Whether a model still fits, and whether a new one takes its place."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from oppnb.locale import Words
from oppnb.scoring.backtest import rolling_backtest
from oppnb.scoring.drift import expires_on, follow_up, learn_shock, watch_drift
from oppnb.scoring.promotion import judge_challenger
from oppnb.scoring.training_rows import training_rows
from oppnb.scoring.watching import days_watched
from tests.scoring.simulated_rows import UNTIL, Constant, Known, simulated_rows
from tests.scoring.test_backtest import undated

DAY = date(2024, 12, 31)
STAGES = ["a", "b", "c", "d", "e"]


def followed(
    seed: int, *, weeks: int = 26, n_a_week: int = 150, shock: float = 0.13, change: float = 0.0, changed_for: int = 26
) -> pd.DataFrame:
    """Rows of five stages; wins are shocked quarter by quarter, and stage c changes in its last weeks."""
    rng = np.random.default_rng(seed)
    week = np.repeat(np.arange(weeks), n_a_week)
    stage = rng.integers(0, 5, len(week))
    p = np.clip(rng.beta(2, 10, len(week)) * (0.5 + 0.25 * stage), 0.001, 0.9)
    quarter = rng.normal(0, shock, weeks // 13 + 1)
    odds = np.log(p / (1 - p)) + quarter[week // 13] + np.where((stage == 2) & (week >= weeks - changed_for), change, 0)
    as_of = pd.Timestamp(DAY) - pd.to_timedelta(7 * (weeks - 1 - week) + 28, unit="D")
    return pd.DataFrame(
        {
            "opportunity_id": [f"d{number}" for number in range(len(week))],
            "as_of": as_of,
            "process": "sales",
            "stage": np.array(STAGES)[stage],
            "p_in_28_days": p,
            "won_in_28_days": (rng.random(len(week)) < 1 / (1 + np.exp(-odds))).astype(float),
        }
    )


def test_good_and_bad_quarters_are_no_alarm() -> None:
    states = [watch_drift(followed(seed), day=DAY).state for seed in range(60)]
    assert np.mean([state == "alarm" for state in states]) <= 0.05
    assert np.mean([state == "watch" for state in states]) <= 0.2


def test_without_an_allowance_for_the_common_shock_they_would_be() -> None:
    states = [watch_drift(followed(seed, n_a_week=600), day=DAY, shock=0.0).state for seed in range(30)]
    assert np.mean([state == "alarm" for state in states]) > 0.2


def test_a_change_in_one_stage_is_found_and_named() -> None:
    found = [watch_drift(followed(seed, n_a_week=300, change=-0.9), day=DAY) for seed in range(20)]
    assert np.mean([drift.state == "alarm" for drift in found]) >= 0.7
    named = [drift.frame.loc[drift.frame["state"] == "alarm", "stage"].tolist() for drift in found]
    assert np.mean([stages == ["c"] for stages in named if stages]) > 0.8


def test_a_change_shows_first_as_something_to_watch() -> None:
    found = [watch_drift(followed(seed, n_a_week=300, change=-0.9, changed_for=12), day=DAY) for seed in range(20)]
    assert np.mean([drift.state in {"watch", "alarm"} for drift in found]) > 0.6


def test_the_shock_is_learnt_from_the_past() -> None:
    calm, rough = ([learn_shock(followed(s, weeks=104, n_a_week=600, shock=sd)) for s in range(6)] for sd in (0, 0.4))
    assert np.mean(calm) < 0.1
    assert np.mean(rough) > 0.25
    assert learn_shock(followed(1, n_a_week=1)) == pytest.approx(0.13, abs=0.05)  # too few to tell


def test_a_win_told_twice_counts_once() -> None:
    frame = followed(1)
    weekly = pd.concat([frame, frame.assign(as_of=frame["as_of"] + pd.Timedelta(days=7))], ignore_index=True)
    once, twice = (watch_drift(one, day=DAY).frame for one in (frame, weekly))
    assert twice["expected"].sum() == pytest.approx(once["expected"].sum())


def test_few_deals_carry_no_opinion() -> None:
    assert watch_drift(followed(1, n_a_week=1), day=DAY).state == "too_few"
    assert watch_drift(followed(1, n_a_week=0), day=DAY).state == "too_few"


def test_the_rows_of_a_backtest_can_be_watched() -> None:
    backtest = rolling_backtest(simulated_rows(1, n_deals=3000), [Known])
    shock = learn_shock(backtest.of("truth"))
    found = watch_drift(backtest.of("truth"), day=UNTIL, shock=shock)
    assert found.state == "fits"
    assert found.frame["stage"].tolist() == ["Demo", "Negotiation", "Proposal"]


def quick_deals(seed: int, *, n: int = 1000, mean_days: float = 20.0) -> pd.DataFrame:
    """An export of deals that are won or lost at a constant rate, whatever their age."""
    rng = np.random.default_rng(seed)
    born = pd.Timestamp(UNTIL) - pd.to_timedelta(rng.uniform(0, 300, n), unit="D")
    closed = born + pd.to_timedelta(rng.exponential(mean_days, n), unit="D")
    is_over = closed < pd.Timestamp(UNTIL)
    stage = np.where(is_over, np.where(rng.random(n) < 0.5, "Won", "Lost"), "Demo")
    moments = {"created_at": pd.Series(born), "closed_at": pd.Series(closed).where(is_over)}
    moments = {name: at.dt.floor("s").astype("datetime64[us]") for name, at in moments.items()}
    return pd.DataFrame({"opportunity_id": [f"d{number}" for number in range(n)], "stage": stage, **moments})


def test_quick_deals_are_no_more_wins_than_expected() -> None:
    z = []
    for seed in range(3):
        rows = training_rows({"opportunities": quick_deals(seed)}, until=UNTIL - timedelta(days=1))
        told = follow_up(Known(), rows.with_features([]).take(np.zeros(len(rows), dtype=bool)))
        assert "row_weight" in told
        is_known = days_watched(rows, UNTIL - timedelta(days=1)) >= 28
        days = rows.ends["days_to_end"].to_numpy()
        followed = rows.keys[["opportunity_id", "as_of", "stage"]].assign(
            process="p",
            row_weight=rows.ends["weight"].to_numpy(),
            p_in_28_days=0.5 * (1 - np.exp(-28 / 20)),  # the truth, for every deal on every day
            won_in_28_days=np.where(is_known, (rows.is_won & (days < 28)).astype(float), np.nan),
        )
        z.append(watch_drift(followed, day=UNTIL, shock=0.0).frame["z"].item())
    assert abs(np.mean(z)) < 1.0  # 2.6 if every row counted as much


def test_a_model_in_use_is_followed() -> None:
    rows = simulated_rows(2, n_deals=3000)
    late = rows.take((rows.keys["as_of"] >= pd.Timestamp(UNTIL - timedelta(weeks=26))).to_numpy())
    right, wrong = (watch_drift(follow_up(model, late), day=UNTIL).state for model in (Known(), Known(shift=1.2)))
    assert (right, wrong) == ("fits", "alarm")
    nothing = late.take(np.zeros(len(late), dtype=bool))
    assert follow_up(Known(), nothing).empty


def test_a_model_expires_after_a_quarter_or_with_an_alarm() -> None:
    assert expires_on(date(2024, 1, 1)) == date(2024, 4, 1)
    assert expires_on(date(2024, 1, 1), alarm_on=date(2024, 2, 1)) == date(2024, 2, 1)


def test_a_challenger_that_wins_takes_over() -> None:
    rows = simulated_rows(3)
    found = judge_challenger(rows, Known(noise=1.5), Known, trained_until=date(2024, 1, 1))
    assert (found.is_replaced, found.reason) == (True, "challenger_is_better")
    assert found.difference.high < 0
    assert (found.backtest.frame["as_of"] >= pd.Timestamp(2024, 1, 1)).all()


def test_a_challenger_that_is_no_better_does_not() -> None:
    rows = simulated_rows(4)
    assert (
        judge_challenger(rows, Known(), lambda: Known(noise=1.0), trained_until=date(2024, 1, 1)).reason == "no_better"
    )
    same = judge_challenger(rows, Known(), Known, trained_until=date(2024, 1, 1))
    assert not same.is_replaced


def test_after_an_alarm_a_lower_loss_is_enough() -> None:
    rows = simulated_rows(5, n_deals=150)
    plain, alarmed = (
        judge_challenger(rows, Known(slope=0.95), Known, trained_until=date(2024, 6, 1), has_alarm=has_alarm)
        for has_alarm in (False, True)
    )
    assert plain.difference == alarmed.difference
    if not plain.is_replaced and plain.difference.value < 0:
        assert alarmed.reason == "fits_no_more"


def test_the_champion_is_not_trained_again() -> None:
    rows = simulated_rows(6)
    champion = Constant().fit(rows)
    rate = champion.rate
    judge_challenger(rows, champion, Constant, trained_until=date(2024, 1, 1))
    assert champion.rate == rate


def test_the_champion_stays_where_nothing_can_be_judged() -> None:
    for rows, day in [(simulated_rows(7), UNTIL), (simulated_rows(7, n_deals=0), UNTIL), (undated(), UNTIL)]:
        found = judge_challenger(rows, Known(), Known, trained_until=day)
        assert (found.is_replaced, found.reason) == (False, "nothing_to_judge")


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_decision_is_told_in_words(locale: str) -> None:
    words = Words(locale)
    found = judge_challenger(simulated_rows(3), Known(noise=1.5), Known, trained_until=date(2024, 1, 1))
    assert f"{found.difference.n_deals:,}" in found.sentence(words)
    assert set(words.keys("scoring_drift")) == {"alarm", "watch", "fits", "too_few"}
