"""Curves, parts and certainty of the boosted models, on a law that is known."""

from dataclasses import replace
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.scoring.engine.hazard import curves_of, parts_along_curve, won_ever
from oppnb.scoring.engine.leads import LEAD_STARTS, N_LEADS, lead_codes, lead_rows
from oppnb.scoring.engine.paths import logistic, parts_along_logit
from oppnb.scoring.models.boosted_closed import BoostedClosed
from oppnb.scoring.models.boosted_hazard import BoostedHazard
from oppnb.scoring.models.spline_hazard import SplineHazard
from oppnb.scoring.prediction import LEAD_DAYS, WinModel
from oppnb.scoring.rows import ScoringRows
from tests.scoring.engine_rows import make_rows

MODELS = [BoostedClosed, BoostedHazard, SplineHazard]


@pytest.fixture(scope="module", params=MODELS, ids=lambda model: model.name)
def fitted(request: pytest.FixtureRequest) -> WinModel:
    return request.param().fit(make_rows(1_500)[0])


def test_curves_never_fall_and_leave_room_for_what_is_open(fitted: WinModel) -> None:
    said = fitted.predict(make_rows(200, seed=1)[0])
    for curve in (said.won, said.lost):
        assert (np.diff(curve, axis=1) >= -1e-12).all()
        assert (curve >= 0).all()
    assert (said.won + said.lost <= 1 + 1e-12).all()
    assert (said.won_ever >= said.won[:, -1] - 1e-12).all()
    assert (1 - said.won_ever >= said.lost[:, -1] - 1e-12).all()


def test_parts_add_up_to_the_probability_to_1e_9(fitted: WinModel) -> None:
    rows = make_rows(300, seed=2)[0]
    parts = fitted.contributions(rows)
    assert np.abs(parts.base + parts.values.sum(axis=1) - fitted.predict(rows).won_ever).max() < 1e-9
    assert (parts.base == parts.base[0]).all()


def test_comes_near_the_truth_where_the_constant_does_not(fitted: WinModel) -> None:
    rows, truth = make_rows(2_000, seed=3)
    off = np.abs(fitted.predict(rows).won_ever - truth).mean()
    limit = 0.8 if fitted.name == "spline_hazard" else 0.65  # a sum of single effects cannot follow a crossing
    assert off < limit * np.abs(truth.mean() - truth).mean()


def test_is_sure_in_measure_of_the_deals(fitted: WinModel) -> None:
    rows = make_rows(300, seed=4)[0]
    few = type(fitted)().fit(make_rows(150)[0]).logit_sd(rows)
    many = fitted.logit_sd(rows)
    assert (many > 0).all()
    assert few.mean() > 1.3 * many.mean()


def test_two_fits_are_the_same_to_the_last_bit(fitted: WinModel) -> None:
    rows = make_rows(100, seed=5)[0]
    again = type(fitted)().fit(make_rows(1_500)[0])
    assert (again.predict(rows).won == fitted.predict(rows).won).all()
    assert (again.contributions(rows).values == fitted.contributions(rows).values).all()


def test_the_order_of_rows_to_score_does_not_matter(fitted: WinModel) -> None:
    rows = make_rows(50, seed=6)[0]
    turned = rows.take(np.arange(50)[::-1])
    assert np.abs(fitted.predict(turned).won_ever[::-1] - fitted.predict(rows).won_ever).max() < 1e-12


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize("case", ["none closed", "all won", "nothing known", "no features", "one deal"])
def test_says_something_whatever_little_there_is(model: type, case: str) -> None:
    rows = few_rows(case)
    said = model().fit(rows).predict(rows)
    assert ((said.won_ever > 0) & (said.won_ever < 1)).all()
    assert np.isfinite(said.won).all()
    parts = model().fit(rows).contributions(rows)
    assert np.abs(parts.base + parts.values.sum(axis=1) - said.won_ever).max() < 1e-9


def few_rows(case: str) -> ScoringRows:
    rows = make_rows(40)[0]
    assert rows.ends is not None
    if case == "none closed":
        rows.ends["end"] = "open"
    if case == "all won":
        rows.ends["end"] = "won"
    if case == "nothing known":
        rows.values[["contact", "fit", "noise"]] = np.nan
        rows.values[["stage", "source"]] = None
    if case == "no features":
        rows = rows.with_features([])
    return rows.take(np.array([0])) if case == "one deal" else rows


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_without_dates_there_is_a_probability_and_no_curve(model: type) -> None:
    rows, _ = make_rows(400)
    rows = rows.take(rows.is_closed)
    assert rows.ends is not None
    rows.keys["as_of"], rows.keys["expected_close_on"], rows.ends["days_to_end"] = pd.NaT, pd.NaT, np.nan
    said = model().fit(rows).predict(rows)
    assert np.isnan(said.won).all()
    offer = rows.keys["stage"] == "Offer"
    assert said.won_ever[offer].mean() > said.won_ever[~offer].mean() + 0.1


def test_a_text_or_column_never_seen_is_scored_as_average(fitted: WinModel) -> None:
    rows = make_rows(50, seed=7)[0]
    strange = ScoringRows(
        rows.keys, rows.values.assign(source="never seen", noise=np.nan), rows.features, None, rows.calendar
    )
    assert np.abs(fitted.predict(strange).won_ever - fitted.predict(rows).won_ever).max() < 0.25


def test_drivers_and_pairs_name_what_drives(fitted: WinModel) -> None:
    drivers = fitted.drivers()  # type: ignore[attr-defined]
    assert drivers["feature"].iloc[0] in ("stage", "contact", "fit")
    assert drivers.loc[drivers["feature"] == "noise", "strength"].iloc[0] < drivers["strength"].iloc[0] / 4
    if fitted.name != "spline_hazard":
        strongest = fitted.pairs().iloc[0]  # type: ignore[attr-defined]
        assert {strongest["feature"], strongest["other_feature"]} == {"contact", "fit"}


def test_lead_rows_follow_each_deal_as_far_as_it_was_seen() -> None:
    #            ends in bin 0 | as bin 1 begins (at midnight) | open after 3 weeks | beyond the last bin
    days, is_closed = np.array([3.0, 7.0, 21.0, 5_000.0]), np.array([True, True, False, True])
    seen = lead_rows(days, is_closed)
    assert np.bincount(seen.row).tolist() == [1, 2, 3, N_LEADS]
    assert seen.ended.tolist() == [True, False, True, False, False, False] + [False] * N_LEADS


def test_each_stage_is_won_as_soon_as_its_deals_were() -> None:
    """In three of six stages a deal waits for six weeks before it can end; as many are won within four as were."""
    rows = make_rows(1_500, seed=5)[0]
    step = np.random.default_rng(5).integers(0, 6, size=len(rows))
    stage = pd.Series([f"S{number}" for number in step])
    rows = replace(rows, keys=rows.keys.assign(stage=stage), values=rows.values.assign(stage=stage))
    ends = rows.ends
    assert ends is not None
    days = ends["days_to_end"] + np.where((step < 3) & rows.is_closed, 42.0, 0.0)
    told = replace(rows, ends=ends.assign(days_to_end=days))
    within = BoostedHazard().fit(told).predict(told).won[:, int(np.searchsorted(LEAD_DAYS, 28.0))]
    seen = told.is_won & (days.to_numpy() < 28.0)
    for number in range(3):
        assert within[step == number].mean() < 0.002
        assert within[step == 3 + number].mean() == pytest.approx(seen[step == 3 + number].mean(), rel=0.025)


def test_what_the_calendar_says_of_a_lead_is_counted_from_its_start() -> None:
    rows = make_rows(1)[0]
    rows.keys["as_of"], rows.keys["expected_close_on"] = pd.Timestamp("2024-03-15"), pd.Timestamp("2024-03-20")
    codes = lead_codes(rows, last_lead=N_LEADS)
    # 16 March is 15 days before the quarter's end: 2 whole weeks; a week later 1; two weeks later 0; then 12 or 13
    assert (codes[0, :4, 1] - 1).tolist() == [2, 1, 0, 12]
    assert (codes[0, LEAD_DAYS - LEAD_STARTS > 60, 1] == 0).all()
    assert codes[0, 0, 2] > codes[0, 1, 2] > codes[0, 10, 2]


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_parts_of_a_curve_come_near_exact_shapley_values(seed: int) -> None:
    random = np.random.default_rng(seed)
    base_end, base_win = random.normal(-2.5, 0.5, size=(1, N_LEADS)), random.normal(0, 0.5, size=(1, N_LEADS))
    end_moves = random.normal(0, 0.25, size=(1, 1, 4)) + random.normal(0, 0.05, size=(1, N_LEADS, 4))
    win_moves = random.normal(0, 0.5, size=(1, 1, 4)) + random.normal(0, 0.05, size=(1, N_LEADS, 4))

    def chance(chosen: tuple[int, ...]) -> float:
        at = list(chosen)
        end, win = base_end + end_moves[..., at].sum(axis=2), base_win + win_moves[..., at].sum(axis=2)
        return float(won_ever(end, win)[0])

    base, parts = parts_along_curve(base_end, base_win, end_moves, win_moves)
    assert abs(base[0] + parts.sum() - chance((0, 1, 2, 3))) < 1e-12
    assert np.abs(parts[0] - shapley(chance, 4)).max() < 0.04


def shapley(chance: object, n: int) -> np.ndarray:
    found = np.zeros(n)
    for group in range(n):
        others = [other for other in range(n) if other != group]
        for size in range(n):
            share = factorial(size) * factorial(n - size - 1) / factorial(n)
            for chosen in combinations(others, size):
                found[group] += share * (chance((*chosen, group)) - chance(chosen))  # type: ignore[operator]
    return found


def test_slopes_along_the_path_are_those_of_the_curve() -> None:
    random = np.random.default_rng(0)
    end, win = random.normal(-2, 1, size=(5, N_LEADS)), random.normal(size=(5, N_LEADS))
    step = 1e-5 * random.normal(size=(5, N_LEADS, 2))
    none = np.zeros_like(step[..., :1])
    by_end, by_win = np.concatenate([step[..., :1], none], axis=2), np.concatenate([none, step[..., 1:]], axis=2)
    _, parts = parts_along_curve(end, win, by_end, by_win)
    moved = won_ever(end + step[..., 0], win + step[..., 1]) - won_ever(end, win)
    assert np.abs(parts.sum(axis=1) - moved).max() < 1e-12
    alone = won_ever(end + step[..., 0], win) - won_ever(end, win)
    assert np.abs(parts[:, 0] - alone).max() < 1e-9
    assert np.abs(curves_of(end, win).won_ever - won_ever(end, win)).max() < 1e-12


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=6), st.floats(-3, 3))
def test_parts_along_a_logit_keep_the_sign_of_their_move(moves: list[float], start: float) -> None:
    base, parts = parts_along_logit(np.array([start]), np.array([moves]))
    assert abs(base[0] + parts.sum() - logistic(np.array([start + sum(moves)]))[0]) < 1e-12
    assert (parts[0] * np.array(moves) >= -1e-12).all()


def test_trees_of_shap_agree_on_what_matters_most() -> None:
    import lightgbm
    import shap

    rows, _ = make_rows(1_500)
    model = BoostedClosed().fit(rows)
    closed = rows.take(rows.is_closed)
    codes = model.bins_.codes(closed).astype(float)
    trees = lightgbm.train(
        {"objective": "binary", "max_depth": 2, "verbosity": -1, "num_threads": 1},
        lightgbm.Dataset(codes, closed.is_won),
    )
    values = shap.TreeExplainer(trees)(codes).values
    groups = [column.group for column in model.bins_.columns]
    names = model.contributions(closed).groups
    second = np.stack([values[:, [g == name for g in groups]].sum(axis=1) for name in names], axis=1)
    own = model.contributions(closed).values
    used = [place for place, name in enumerate(names) if name in groups]
    assert np.corrcoef(own[:, used].ravel(), second[:, used].ravel())[0, 1] > 0.85
    assert (own[:, used].argmax(axis=1) == second[:, used].argmax(axis=1)).mean() > 0.7
