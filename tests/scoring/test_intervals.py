"""How sure a probability is, and the correction on top of a model."""

from dataclasses import replace

import numpy as np
import pytest

from oppnb.scoring.backtest import Backtest, rolling_backtest
from oppnb.scoring.calibration import CalibratedModel, CalibrationMap, calibration_map
from oppnb.scoring.intervals import Doubt, learn_doubt, win_rate_intervals
from oppnb.scoring.judged import logit, sigmoid
from tests.scoring.simulated_rows import STAGES, Known, simulated_rows
from tests.scoring.test_backtest import undated


def judged(model: Known, *, seed: int = 1, n_deals: int = 2000) -> Backtest:
    return rolling_backtest(simulated_rows(seed, n_deals=n_deals), [lambda: model])


class OffByStage(Known):
    """The truth, shifted by something of its own in each stage and range of the odds."""

    def __init__(self, sd: float, seed: int) -> None:
        super().__init__()
        self.shifts = np.random.default_rng(seed).normal(0, sd, (6, 3))

    def predict(self, rows: object) -> object:
        found = super().predict(rows)
        odds = logit(found.won_ever)
        place = np.searchsorted([-3.5, -2.5, -1.7, -0.8, 0.2], odds)
        stage = rows.keys["stage"].map({name: i for i, name in enumerate(STAGES)}).to_numpy()
        return replace(found, won_ever=sigmoid(odds + self.shifts[place, stage]))


def test_intervals_are_nested_and_hold_the_probability() -> None:
    p = np.linspace(0, 1, 101)
    told = win_rate_intervals(p, np.linspace(0, 2, 101))
    assert (told["low_95"] <= told["low_80"]).all()
    assert (told["low_80"] <= p).all()
    assert (p <= told["high_80"]).all()
    assert (told["high_80"] <= told["high_95"]).all()
    assert ((told >= 0) & (told <= 1)).all(axis=None)


def test_more_doubt_is_a_wider_interval() -> None:
    narrow, wide = (win_rate_intervals([0.3], [sd]) for sd in (0.1, 0.5))
    assert (wide["high_80"] - wide["low_80"]).item() > (narrow["high_80"] - narrow["low_80"]).item()
    assert win_rate_intervals([0.3], [np.nan], doubt=Doubt(0.0))["low_95"].item() == pytest.approx(0.3)


def test_a_model_that_knows_the_truth_needs_little_more_doubt() -> None:
    assert np.mean([learn_doubt(judged(Known(), seed=seed), "truth").excess for seed in range(5)]) < 0.2


def test_the_doubt_that_a_model_does_not_tell_is_learnt_from_its_past() -> None:
    found = [learn_doubt(judged(OffByStage(0.6, seed), seed=seed), "truth") for seed in range(8)]
    assert np.mean([doubt.excess for doubt in found]) == pytest.approx(0.6, abs=0.2)
    assert np.mean([doubt.data_share for doubt in found]) > 0.3


@pytest.mark.parametrize("sd", [0.3, 0.6])
def test_intervals_hold_the_true_win_rate_about_as_often_as_they_say(sd: float) -> None:
    held = {80: [], 95: []}
    for seed in range(14):
        model = OffByStage(sd, seed)
        backtest = judged(model, seed=seed, n_deals=3000)
        rows = simulated_rows(500 + seed, n_deals=800)
        told = win_rate_intervals(
            model.predict(rows).won_ever, np.zeros(len(rows)), doubt=learn_doubt(backtest, "truth")
        )
        truth = rows.values["truth"].to_numpy()
        for level, hits in held.items():
            hits.append(((told[f"low_{level}"] <= truth) & (truth <= told[f"high_{level}"])).mean())
    assert np.mean(held[80]) == pytest.approx(0.80, abs=0.13)
    assert np.mean(held[95]) == pytest.approx(0.95, abs=0.1)


def test_doubt_that_the_model_tells_is_not_counted_twice() -> None:
    silent = learn_doubt(judged(OffByStage(0.6, 3), seed=3), "truth")
    model = OffByStage(0.6, 3)
    model.doubt = 0.6
    assert learn_doubt(judged(model, seed=3), "truth").excess < 0.6 * silent.excess


def test_without_a_past_the_doubt_is_the_usual_one() -> None:
    assert learn_doubt(judged(Known(), n_deals=0), "truth") == Doubt()
    few = learn_doubt(judged(Known(), n_deals=40), "truth")
    assert few.data_share < 0.7


@pytest.mark.parametrize("seed", range(4))
def test_no_map_is_made_where_the_probabilities_are_right(seed: int) -> None:
    assert calibration_map(judged(Known(), seed=seed), "truth") is None


@pytest.mark.parametrize("slope", [0.5, 2.2])
def test_a_map_is_made_where_the_slope_says_so_and_mends_it(slope: float) -> None:
    found = calibration_map(judged(Known(slope=slope, shift=0.3), n_deals=3000), "truth")
    assert found is not None
    assert found.slope == pytest.approx(1 / slope, rel=0.15)
    later = simulated_rows(77, n_deals=3000)
    model = Known(slope=slope, shift=0.3)
    truth = later.values["truth"].to_numpy()
    off = np.abs(model.predict(later).won_ever - truth).mean()
    assert np.abs(CalibratedModel(model, found).predict(later).won_ever - truth).mean() < 0.35 * off


def test_no_map_is_made_from_the_noise_of_a_few_deals() -> None:
    made = [calibration_map(judged(Known(slope=1.3), seed=seed, n_deals=60), "truth") for seed in range(15)]
    assert sum(found is not None for found in made) <= 2
    assert calibration_map(judged(Known(), n_deals=0), "truth") is None


def test_probabilities_in_the_wrong_order_become_the_same_for_all() -> None:
    found = calibration_map(judged(Known(slope=-1.0)), "truth")
    assert found is not None
    assert found.slope == 0


def test_reasons_add_up_to_the_corrected_probability() -> None:
    rows = simulated_rows(2)
    model = CalibratedModel(Known(slope=2.0), CalibrationMap(-0.3, 0.5, 0.4, 0.6))
    told, ever = model.contributions(rows), model.predict(rows).won_ever
    np.testing.assert_allclose(told.base + told.values.sum(axis=1), ever, atol=1e-9)


def test_a_deal_at_the_base_keeps_its_parts() -> None:
    rows = simulated_rows(2).take(np.arange(3))
    rows = replace(rows, values=rows.values.assign(truth=0.5))
    told = CalibratedModel(Known(), CalibrationMap(0.4, 0.5, 0.4, 0.6)).contributions(rows)
    np.testing.assert_allclose(told.values.sum(axis=1), 0, atol=1e-12)
    assert np.isfinite(told.values).all()


def test_curves_follow_the_correction_and_never_fall() -> None:
    rows = simulated_rows(3)
    raw = Known(doubt=0.4).fit(rows)
    model = CalibratedModel(raw, CalibrationMap(-0.5, 0.6, 0.4, 0.7))
    told = model.predict(rows)
    assert (np.diff(told.won, axis=1) >= -1e-12).all()
    assert (told.won + told.lost <= 1 + 1e-12).all()
    assert (told.won[:, -1] <= told.won_ever + 1e-12).all()
    assert model.logit_sd(rows) == pytest.approx(0.24)
    assert (model.name, model.is_baseline) == ("truth", False)


def test_works_without_dates() -> None:
    backtest = rolling_backtest(undated(), [Known])
    assert learn_doubt(backtest, "truth").excess >= 0
    calibration_map(backtest, "truth")
