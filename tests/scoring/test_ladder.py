"""What every simple model keeps to, however thin or odd the data."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from oppnb.scoring.models.ladder import BASELINES, LADDER
from oppnb.scoring.models.stage_rates import StageRates
from oppnb.scoring.prediction import LEAD_DAYS, WinModel
from oppnb.scoring.rows import Feature, ScoringRows
from tests.scoring.ladder_rows import make_keys, make_rows, with_ends, without_dates

ALL = {**BASELINES, **LADDER}
every_model = pytest.mark.parametrize("make", ALL.values(), ids=ALL)
every_step = pytest.mark.parametrize("make", LADDER.values(), ids=LADDER)
Make = Callable[[], WinModel]


def check_curves(model: WinModel, rows: ScoringRows) -> None:
    said = model.predict(rows)
    assert said.won.shape == said.lost.shape == (len(rows), len(LEAD_DAYS))
    assert ((said.won_ever > 0) & (said.won_ever < 1)).all()
    for curve, ever in ((said.won, said.won_ever), (said.lost, 1 - said.won_ever)):
        assert (np.diff(curve, axis=1) >= -1e-12).all()
        assert (curve >= 0).all()
        assert (curve[:, -1] <= ever + 1e-9).all()


def check_parts(model: WinModel, rows: ScoringRows) -> None:
    parts = model.contributions(rows)
    shown = model.predict(rows).won_ever
    assert parts.values.shape == (len(rows), len(parts.groups))
    np.testing.assert_allclose(parts.base + parts.values.sum(axis=1), shown, rtol=0, atol=1e-9)


@every_model
def test_curves_never_fall_and_stay_below_the_chance_ever(make: Make) -> None:
    model = make().fit(make_rows())
    check_curves(model, make_rows(seed=2, is_open=True))


@every_model
def test_parts_add_up_to_the_number_shown(make: Make) -> None:
    model = make().fit(make_rows())
    check_parts(model, make_rows(seed=2, is_open=True))


@every_model
def test_has_its_own_name(make: Make) -> None:
    assert ALL[make().name] is make
    assert make().is_baseline is (make().name in BASELINES)


@every_model
def test_says_the_same_twice(make: Make) -> None:
    rows = make_rows(seed=3, is_open=True)
    first, second = (make().fit(make_rows()).predict(rows) for _ in range(2))
    assert first.won.tobytes() == second.won.tobytes()
    assert first.won_ever.tobytes() == second.won_ever.tobytes()


@every_model
@pytest.mark.parametrize("end", ["won", "lost", "open"])
def test_works_where_all_deals_ended_alike(make: Make, end: str) -> None:
    rows = with_ends(make_rows(60), end)
    model = make().fit(rows)
    check_curves(model, rows)
    check_parts(model, rows)


@every_model
def test_works_without_any_row(make: Make) -> None:
    rows = make_rows(40)
    model = make().fit(rows.take(np.zeros(len(rows), dtype=bool)))
    said = model.predict(rows)
    assert np.isfinite(said.won_ever).all()
    check_parts(model, rows)
    assert len(make().fit(rows).predict(rows.take(np.zeros(len(rows), dtype=bool))).won_ever) == 0


@every_model
def test_tells_only_the_chance_ever_where_there_are_no_dates(make: Make) -> None:
    rows = without_dates(make_rows(200))
    model = make().fit(rows)
    said = model.predict(rows)
    assert np.isfinite(said.won_ever).all()
    assert np.isnan(said.won).all()
    check_parts(model, rows)


@every_model
def test_works_where_the_stage_is_known_nowhere(make: Make) -> None:
    rows = make_rows(200)
    keys = rows.keys.assign(stage=None, stage_position=np.nan, set_odds=np.nan).astype({"stage": "str"})
    values = rows.values.assign(stage=keys["stage"])
    blind = ScoringRows(keys, values, rows.features, rows.ends, rows.calendar)
    model = make().fit(blind)
    check_curves(model, blind)
    check_parts(model, blind)


@every_model
def test_takes_levels_and_stages_that_were_never_seen(make: Make) -> None:
    model = make().fit(make_rows())
    rows = make_rows(40, seed=5, is_open=True)
    keys = rows.keys.assign(stage="Signing", process="renewal", set_odds=0.9)
    values = rows.values.assign(stage="Signing", source="fair", log_amount=1e12)
    strange = ScoringRows(keys, values, rows.features, None, rows.calendar)
    said = model.predict(strange)
    assert np.isfinite(said.won_ever).all()
    check_parts(model, strange)


@every_model
def test_takes_columns_that_are_missing_or_never_filled(make: Make) -> None:
    rows = make_rows(200)
    values = rows.values.assign(log_amount=np.nan, source=pd.Series([None] * len(rows), dtype="str"))
    hollow = ScoringRows(rows.keys, values, rows.features, rows.ends, rows.calendar)
    check_curves(make().fit(hollow), hollow)
    check_curves(make().fit(rows), hollow)
    check_curves(make().fit(rows), rows.with_features(["stage", "log_amount"]))


@every_step
def test_with_no_closed_deal_it_says_the_set_odds(make: Make) -> None:
    rows = with_ends(make_rows(80), "open")
    said = make().fit(rows).predict(rows).won_ever
    np.testing.assert_allclose(said, rows.keys["set_odds"], atol=1e-9)


@every_step
def test_a_deal_told_in_more_rows_is_no_more_certain(make: Make) -> None:
    rows = make_rows(150)
    twice = rows.take(np.repeat(np.arange(len(rows)), 2))
    once_sd, twice_sd = (make().fit(told).logit_sd(rows) for told in (rows, twice))  # type: ignore[attr-defined]
    np.testing.assert_allclose(twice_sd, once_sd, rtol=1e-4)
    np.testing.assert_allclose(
        make().fit(twice).predict(rows).won_ever, make().fit(rows).predict(rows).won_ever, atol=1e-5
    )


@every_step
def test_more_deals_make_it_more_certain(make: Make) -> None:
    rows = make_rows(50, seed=9, is_open=True)
    few, many = (make().fit(make_rows(n)).logit_sd(rows).mean() for n in (60, 2_000))  # type: ignore[attr-defined]
    assert many < few / 2


def test_each_step_tells_more_where_there_is_enough_to_learn_from() -> None:
    train, test = make_rows(1_500), make_rows(1_500, seed=8)
    closed = test.take(test.is_closed)
    losses = [_log_loss(make().fit(train), closed) for make in LADDER.values()]
    assert losses[0] - losses[1] > 0.03
    assert losses[1] - losses[2] > 0.001
    assert _log_loss(BASELINES["base_rate"]().fit(train), closed) > losses[0] + 0.02


def test_with_few_deals_no_step_is_worse_than_the_set_odds_by_more_than_noise() -> None:
    test = make_rows(2_000, seed=8)
    closed = test.take(test.is_closed)
    set_odds = _log_loss(BASELINES["set_stage_odds"]().fit(test), closed)
    for make in LADDER.values():
        losses = [_log_loss(make().fit(make_rows(24, seed=seed)), closed) for seed in range(20, 32)]
        assert np.mean(losses) < set_odds + 0.01


def _log_loss(model: WinModel, rows: ScoringRows) -> float:
    said = model.predict(rows).won_ever
    return float(-np.where(rows.is_won, np.log(said), np.log(1 - said)).mean())


def test_stage_rates_are_prior_and_wins_over_prior_and_deals() -> None:
    # Demo: 6 deals, 4 won, set odds 0.5 -> (15 x 0.5 + 4) / 21; all are closed, so nothing is censored.
    keys = make_keys([str(number) for number in range(6)], as_of=pd.Timestamp("2025-01-05"), stage="Demo", set_odds=0.5)
    ends = pd.DataFrame({"end": ["won"] * 4 + ["lost"] * 2, "days_to_end": [5.0, 9, 30, 70, 20, 200]})
    rows = ScoringRows(keys, pd.DataFrame(index=keys.index), (), ends, make_rows(3).calendar)
    model = StageRates().fit(rows)
    np.testing.assert_allclose(model.win_rate(rows), 11.5 / 21)
    np.testing.assert_allclose(model.prior_share(rows), 15 / 21)
    np.testing.assert_allclose(np.stack(model.posterior(rows))[:, 0], [11.5, 9.5])


def test_a_stage_without_set_odds_is_drawn_to_its_process_and_that_to_all() -> None:
    keys = make_keys([str(number) for number in range(30)], as_of=pd.Timestamp("2025-01-05"), stage="Demo")
    keys["process"] = ["a"] * 20 + ["b"] * 10
    ends = pd.DataFrame({"end": ["won"] * 20 + ["lost"] * 10, "days_to_end": 5.0})
    rows = ScoringRows(keys, pd.DataFrame(index=keys.index), (), ends, make_rows(3).calendar)
    every = (2 * 0.5 + 20) / 32
    process_b = 15 * every / 25
    np.testing.assert_allclose(StageRates().fit(rows).win_rate(rows)[-1], 15 * process_b / 25)


def test_deals_that_linger_are_not_forgotten() -> None:
    # Half are won after 10 days; the others linger and are lost after 300. Known: 100 days, so no loss is seen yet
    # but of those that were created first.
    rng = np.random.default_rng(5)
    n = 1_000
    followed, is_quick = rng.uniform(0, 400, size=n), rng.random(n) < 0.5
    lives = np.where(is_quick, 10.0, 300.0)
    over = lives <= followed
    keys = make_keys([str(number) for number in range(n)], as_of=pd.Timestamp("2025-01-05"), stage="Demo")
    ends = pd.DataFrame(
        {
            "end": np.where(over, np.where(is_quick, "won", "lost"), "open"),
            "days_to_end": np.where(over, lives, followed),
        }
    )
    rows = ScoringRows(
        keys,
        pd.DataFrame({"quick": is_quick * 1.0}),
        (Feature("quick", "other", "number"),),
        ends,
        make_rows(3).calendar,
    )
    assert abs(StageRates().fit(rows).win_rate(rows).mean() - 0.5) < 0.04
    assert BASELINES["observed_stage_odds"]().fit(rows).predict(rows).won_ever.mean() > 0.7  # the quick ones
    assert abs(LADDER["ridge"]().fit(rows).predict(rows).won_ever.mean() - 0.5) < 0.04
