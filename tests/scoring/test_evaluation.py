"""The table of models, and the choice among them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from oppnb.locale import Words
from oppnb.scoring.backtest import Backtest, rolling_backtest
from oppnb.scoring.choice import choose_models
from oppnb.scoring.evaluation import evaluation_frame, reliability_frame
from oppnb.scoring.measures import MEASURES
from oppnb.scoring.paired import log_loss_difference
from tests.scoring.simulated_rows import Constant, Known, simulated_rows
from tests.scoring.test_backtest import undated

LADDER = ("low", "middle", "high")


def judged(*models: object, seed: int = 1, n_deals: int = 600, weeks: int = 104) -> Backtest:
    return rolling_backtest(
        simulated_rows(seed, n_deals=n_deals, weeks=weeks), [lambda model=model: model for model in models]
    )


def noisy(name: str, noise: float, **options: object) -> Known:
    return Known(name, noise=noise, **options)


def test_the_table_tells_the_better_model_from_the_worse_one() -> None:
    told = evaluation_frame(judged(Constant(), Known(), noisy("noisy", 1.5))).set_index("model")
    assert told["is_baseline"].to_dict() == {"base_rate": True, "truth": False, "noisy": False}
    for name in ["auc", "brier_skill"]:
        assert told.loc["truth", name] > told.loc["noisy", name]
    for name in ["log_loss", "brier", "log_loss_in_90_days", "log_loss_in_period"]:
        assert told.loc["truth", name] < told.loc["noisy", name]
        assert told.loc["truth", name] < told.loc["base_rate", name]
    assert told.loc["base_rate", "brier_skill"] == 0
    for name in MEASURES:
        assert told.loc["truth", f"{name}_low"] <= told.loc["truth", name] <= told.loc["truth", f"{name}_high"]
    assert (told["n_in_28_days"] > told["n_in_90_days"]).all()


def test_the_table_has_a_row_a_slice() -> None:
    backtest = judged(Constant(), Known())
    told = evaluation_frame(backtest, by="stage")
    assert told.columns[0] == "stage"
    assert len(told) == 6
    whole = evaluation_frame(backtest)
    assert told.loc[told["model"] == "truth", "n"].sum() == whole.loc[whole["model"] == "truth", "n"].item()


def test_the_table_is_there_when_nothing_could_be_judged() -> None:
    backtest = judged(Constant(), Known(), n_deals=0)
    assert evaluation_frame(backtest).empty
    assert {"model", "auc", "log_loss_in_period"} <= set(evaluation_frame(backtest).columns)
    assert evaluation_frame(backtest, by="stage").empty
    chosen = choose_models(backtest, ladder=LADDER)
    assert (chosen.ever, chosen.timing, chosen.verdict) == ("low", "low", "not_measured")
    assert chosen.steps.empty


def test_without_dates_the_table_says_so() -> None:
    backtest = rolling_backtest(undated(), [Constant, Known])
    told = evaluation_frame(backtest)
    assert not told["is_over_time"].any()
    assert told["log_loss_in_90_days"].isna().all()
    chosen = choose_models(backtest, ladder=("truth",))  # these ends know nothing of the "truth"
    assert (chosen.ever, chosen.timing, chosen.verdict) == ("base_rate", "truth", "no_better_than_base_rate")


def test_reliability_is_told_for_ever_and_by_date() -> None:
    backtest = judged(Known(), n_deals=3000)
    for horizon in (None, "28_days", "90_days", "period"):
        table = reliability_frame(backtest, "truth", horizon=horizon)
        within = (table["low"] <= table["stated"]) & (table["stated"] <= table["high"])
        assert within.mean() >= 0.7
        assert table["n"].sum() > 1000


def test_a_higher_level_is_taken_where_it_is_better() -> None:
    chosen = choose_models(judged(Constant(), noisy("low", 1.5), noisy("middle", 0.8), Known("high")), ladder=LADDER)
    assert chosen.ever == "high"
    assert chosen.verdict == "better_than_baselines"
    ever = chosen.steps[chosen.steps["question"] == "ever"]
    assert ever[["model", "against"]].values.tolist() == [["middle", "low"], ["high", "middle"]]
    assert ever["is_better"].all()


def test_a_higher_level_that_is_no_better_is_left() -> None:
    taken = []
    for seed in range(20):
        backtest = judged(Known("low", noise=0.3), Known("middle", noise=0.3, shift=1e-9), seed=seed, n_deals=300)
        frame = backtest.frame.copy()
        mine = frame["model"] == "middle"  # other noise, the same worth
        other = np.random.default_rng(seed).normal(0, 0.3, mine.sum())
        truth = backtest.of("low")["p_ever"].to_numpy()
        frame.loc[mine, "p_ever"] = 1 / (1 + np.exp(-(np.log(truth / (1 - truth)) + other)))
        taken.append(choose_models(replace(backtest, frame=frame), ladder=LADDER).ever == "middle")
    assert np.mean(taken) <= 0.15  # worse by its own noise on top; one in ten at most were it equal


def test_a_level_is_passed_over_where_it_was_not_judged() -> None:
    assert choose_models(judged(noisy("low", 1.5), Known("high")), ladder=LADDER).ever == "high"


def test_timing_is_chosen_apart() -> None:
    slow = Constant("slow", is_baseline=False, days=400.0)

    class SlowTruth(Known):
        def predict(self, rows: object) -> object:
            found = super().predict(rows)
            return replace(found, won=found.won**3)

    chosen = choose_models(judged(SlowTruth("low"), noisy("high", 1.0)), ladder=LADDER)
    assert (chosen.ever, chosen.timing) == ("low", "high")
    assert choose_models(judged(slow, Known("high")), ladder=("slow", "high")).ever == "high"


def test_says_no_better_than_the_base_rate_where_that_is_true() -> None:
    class Guess(Constant):
        def predict(self, rows: object) -> object:
            found = super().predict(rows)
            ever = found.won_ever + np.random.default_rng(1).uniform(-0.02, 0.02, len(found.won_ever))
            return replace(found, won_ever=ever)

    chosen = choose_models(judged(Constant(), Guess("low", is_baseline=False)), ladder=LADDER)
    assert (chosen.ever, chosen.verdict, chosen.baseline) == ("low", "no_better_than_base_rate", "base_rate")


def test_says_no_better_than_the_stage_odds_where_that_is_true() -> None:
    odds = noisy("observed_stage_odds", 0.5, is_baseline=True)
    chosen = choose_models(judged(Constant(), odds, noisy("low", 0.5)), ladder=LADDER)
    assert (chosen.verdict, chosen.baseline) == ("no_better_than_stage_odds", "observed_stage_odds")


def test_the_constant_is_used_where_it_beats_all() -> None:
    chosen = choose_models(judged(Constant(), noisy("low", 4.0), noisy("middle", 3.0)), ladder=LADDER)
    assert (chosen.ever, chosen.verdict, chosen.baseline) == ("base_rate", "no_better_than_base_rate", "base_rate")
    for locale in ("en", "zh_CN"):
        words = Words(locale)
        told = chosen.sentences(words)
        assert told[-1] == words("scoring_verdict.no_better_than_base_rate_used")


def test_the_odds_of_the_stage_are_used_where_they_beat_all() -> None:
    odds = noisy("observed_stage_odds", 0.2, is_baseline=True)
    chosen = choose_models(judged(Constant(), odds, noisy("low", 2.0), noisy("middle", 1.8)), ladder=LADDER)
    assert (chosen.ever, chosen.verdict) == ("observed_stage_odds", "no_better_than_stage_odds")


def mixed(backtest: Backtest, **shares: float) -> Backtest:
    """Each model's P(won ever): so much of the truth, the rest of the base rate."""
    frame = backtest.frame.copy()
    truth, constant = (backtest.of(name)["p_ever"].to_numpy() for name in ("truth", "base_rate"))
    for name, share in shares.items():
        frame.loc[frame["model"] == name, "p_ever"] = share * truth + (1 - share) * constant
    return replace(backtest, frame=frame[frame["model"] != "truth"])


def test_a_level_that_is_not_shown_to_beat_the_constant_is_not_put_before_it() -> None:
    names = ("low", "middle", "high")
    backtest = judged(Constant(), Known("truth"), *(Known(name) for name in names), n_deals=500)
    # the wrong way round by a little: worse than the constant beyond noise, the higher ones by less and less
    backtest = mixed(backtest, low=-0.20, middle=-0.19, high=-0.0001)
    chosen = choose_models(backtest, ladder=("low", "middle", "high"))
    assert (chosen.ever, chosen.verdict) == ("base_rate", "no_better_than_base_rate")
    assert not chosen.steps.duplicated(["question", "model", "against"]).any()


def test_a_level_that_beats_the_baseline_that_beat_the_one_in_use_is_used() -> None:
    backtest = judged(Constant(), Known("truth"), Known("low"), Known("high"), n_deals=900)
    chosen = choose_models(mixed(backtest, low=-0.2, high=0.8), ladder=("low", "high"))
    assert (chosen.ever, chosen.verdict) == ("high", "better_than_baselines")


def test_a_sure_but_tiny_gain_counts_for_nothing() -> None:
    backtest = mixed(judged(Constant(), Known("truth"), Known("low"), Known("high"), n_deals=900), low=0.998, high=1.0)
    # by known ends alone, which the truth fits: what is expected of open deals is learnt and off by a little
    known = backtest.frame.assign(won_expected=lambda rows: rows["is_won"], expected_weight=lambda rows: rows["weight"])
    chosen = choose_models(replace(backtest, frame=known), ladder=("low", "high"))
    step = chosen.steps.iloc[0]
    assert -0.0005 < step["difference"] < 0
    assert not step["is_better"]
    assert chosen.ever == "low"


def test_a_learned_baseline_is_used_where_it_beats_all() -> None:
    chosen = choose_models(judged(Known("logistic", is_baseline=True), noisy("low", 2.0)), ladder=LADDER)
    assert (chosen.ever, chosen.verdict, chosen.baseline) == ("logistic", "baseline_is_better", "logistic")


def test_a_young_history_is_judged_by_dates() -> None:
    chosen = choose_models(judged(noisy("low", 1.0), Known("high"), weeks=20, n_deals=2000), ladder=LADDER)
    assert chosen.is_young
    assert chosen.ever == "high"


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_the_choice_is_told_in_words(locale: str) -> None:
    words = Words(locale)
    chosen = choose_models(judged(Constant(), noisy("low", 1.5), Known("high")), ladder=LADDER)
    told = chosen.sentences(words)
    assert len(told) == 3  # the model, the step up, the verdict; both spread over time alike
    assert "high" in told[0]
    for verdict in words.keys("scoring_verdict"):
        assert "{" not in replace(chosen, verdict=verdict).sentences(words)[-1]


def test_differences_are_noise_as_often_as_they_say() -> None:
    rng, found = np.random.default_rng(3), []
    for _ in range(300):
        p = rng.uniform(0.1, 0.9, 100)
        won, deal = rng.random(100) < p, np.arange(100)
        one, other = (np.clip(p + rng.normal(0, 0.1, 100), 0.02, 0.98) for _ in range(2))
        twice = np.repeat(deal, 2)
        found.append(
            log_loss_difference(won[twice], one[twice], other[twice], weight=np.ones(200), deal=twice).is_better
        )
    assert np.mean(found) == pytest.approx(0.1, abs=0.04)


def test_nothing_is_better_where_there_is_nothing_to_compare() -> None:
    nothing = log_loss_difference([], [], [], weight=[], deal=np.zeros(0, dtype="int64"))
    assert not nothing.is_better
    assert not nothing.is_worse
    single = log_loss_difference([1], [0.9], [0.2], weight=[1], deal=np.zeros(1, dtype="int64"))
    assert not single.is_better
    assert pd.isna(single.high)
