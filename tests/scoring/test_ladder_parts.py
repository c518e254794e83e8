"""The parts of the simple models, each against a second opinion or a table made by hand."""

import itertools
from math import factorial

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB

from oppnb.metrics import cumulative_incidence
from oppnb.scoring.models.contributions import profiles, shares_of
from oppnb.scoring.models.curves import end_shares, time_curve
from oppnb.scoring.models.encoding import Encoder
from oppnb.scoring.models.ladder import LADDER
from oppnb.scoring.models.logistic_fit import fit_logistic, shift_to_mean
from oppnb.scoring.models.naive_bayes import NaiveBayes
from oppnb.scoring.models.stage_week import StageWeekRates, days_left
from oppnb.scoring.models.weighing import censoring_weights, effective_deals
from oppnb.scoring.prediction import LEAD_DAYS
from oppnb.scoring.rows import GROUPS, Feature, ScoringRows
from oppnb.workspace.models import Calendar
from tests.scoring.ladder_rows import make_keys, make_rows


def rows_of(values: pd.DataFrame, features: tuple[Feature, ...], ends: list[str] | None = None) -> ScoringRows:
    keys = make_keys([str(number) for number in range(len(values))])
    told = None if ends is None else pd.DataFrame({"end": ends, "days_to_end": np.nan})
    return ScoringRows(keys, values, features, told, Calendar())


# Censoring


def test_incidence_is_that_of_the_metrics() -> None:
    rng = np.random.default_rng(2)
    days, end = rng.exponential(50, size=400).round(1), rng.integers(3, size=400)
    last = float(days[end > 0].max())
    ones = np.ones(400)
    shares = end_shares(days, end, weight=ones, deal_weight=ones)
    horizon = float(shares.days[-1])
    told = cumulative_incidence(days, end, horizon=horizon)
    assert told is not None
    assert horizon <= last
    np.testing.assert_allclose(shares.won[-1], told[0], atol=1e-12)


def test_weights_make_the_known_stand_for_all() -> None:
    # Quick deals are won in 10 days, slow ones lost in 100; half of the slow ones are not followed so long.
    days = np.array([10.0] * 50 + [100.0] * 25 + [60.0] * 25)
    known = np.array([True] * 75 + [False] * 25)
    weight = censoring_weights(days, known)
    np.testing.assert_allclose(weight.sum(), 100)
    np.testing.assert_allclose((weight * (days == 10)).sum() / weight.sum(), 0.5)


def test_no_row_counts_more_than_five() -> None:
    days = np.concatenate([np.linspace(1, 50, 99), [60.0]])
    assert censoring_weights(days, days == 60).max() == 5


def test_what_is_followed_beyond_the_horizon_is_known_to_be_open() -> None:
    weight = censoring_weights(np.array([5.0, 20.0, 40.0]), np.array([True, False, False]), horizon=30)
    assert weight.tolist() == [1.0, 0.0, 2.0]


def test_rows_of_one_deal_are_one_deal() -> None:
    assert effective_deals(np.array([0, 0, 0, 0]), np.ones(4)) == 1
    assert effective_deals(np.arange(4), np.ones(4)) == 4


def test_a_curve_goes_on_where_nobody_was_followed_so_long() -> None:
    rng = np.random.default_rng(3)
    lives, followed = rng.exponential(70, size=3_000), rng.uniform(0, 91, size=3_000)
    over = lives <= followed
    end = np.where(over, np.where(rng.random(3_000) < 0.3, 1, 2), 0)
    shares = end_shares(np.minimum(lives, followed), end, weight=np.ones(3_000), deal_weight=np.ones(3_000))
    curve = time_curve(shares, n_won=100, n_lost=100)
    np.testing.assert_allclose(curve.won, -np.expm1(-LEAD_DAYS / 70), atol=0.05)
    assert abs(shares.won_ever - 0.3) < 0.03


def test_a_stage_of_a_few_deals_speaks_for_itself() -> None:
    many = end_shares(np.full(50, 30.0), np.ones(50, dtype="int64"), weight=np.ones(50), deal_weight=np.ones(50))
    days, end = np.array([5.0, 10.0, 15.0, 90.0]), np.array([2, 2, 2, 0])
    few = end_shares(days, end, weight=np.ones(4), deal_weight=np.ones(4), like=many)
    assert many.won_ever == 1
    np.testing.assert_allclose(few.lost[-1], 0.75)


# Encoding


def test_an_extreme_number_is_no_more_than_a_large_one() -> None:
    values = pd.DataFrame({"amount": np.append(np.arange(200.0), 1e15)})
    encoder = Encoder().fit(rows_of(values, (Feature("amount", "amount", "number"),)))
    told = encoder.encode(
        rows_of(pd.DataFrame({"amount": [1e15, 198.0, np.inf]}), (Feature("amount", "amount", "number"),))
    )
    assert told[0, 0] == told[1, 0] < 3
    assert told[2, 0] == 0  # not a number that can be known


def test_missing_is_a_flag_and_not_a_number() -> None:
    feature = (Feature("days", "activity", "number"),)
    encoder = Encoder().fit(rows_of(pd.DataFrame({"days": [1.0, 3.0, np.nan, np.nan]}), feature))
    assert encoder.labels_ == ["days", "days is missing"]
    assert encoder.encode(rows_of(pd.DataFrame({"days": [3.0, np.nan]}), feature)).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_text_that_looks_missing_stays_text() -> None:
    feature = (Feature("region", "account", "category"),)
    values = pd.DataFrame({"region": ["NA"] * 6 + ["None"] * 6 + ["nan"] * 6 + [None] * 6})
    labels = Encoder().fit(rows_of(values, feature)).labels_
    assert labels == ["region = NA", "region = None", "region = nan", "region is missing"]


def test_rare_and_unseen_levels_are_one_level() -> None:
    feature = (Feature("source", "account", "category"),)
    values = pd.DataFrame({"source": ["web"] * 9 + ["fair", "radio"]})
    encoder = Encoder().fit(rows_of(values, feature))
    told = encoder.encode(rows_of(pd.DataFrame({"source": ["radio", "new", "web"]}), feature))
    assert encoder.labels_ == ["source = web", "source is rare"]
    assert told.tolist() == [[0, 1], [0, 1], [1, 0]]


@pytest.mark.parametrize("column", [[np.nan] * 8, [2.0] * 8, [True] * 8])
def test_what_never_varies_is_dropped(column: list[float]) -> None:
    feature = (Feature("same", "other", "number"),)
    assert Encoder().fit(rows_of(pd.DataFrame({"same": column}), feature)).labels_ == []


# Regression


def test_coefficients_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(4)
    columns, weight = rng.normal(size=(300, 5)), rng.uniform(0.2, 2, size=300)
    won = (rng.random(300) < expit(columns @ [1, -1, 0.5, 0, 0] - 0.4)).astype("float64")
    mine = fit_logistic(columns, won, weight=weight, penalty=20, intercept_penalty=1e-12)
    theirs = LogisticRegression(C=1 / 20, tol=1e-10, max_iter=1_000).fit(columns, won, sample_weight=weight)
    np.testing.assert_allclose(mine.coefficients, [*theirs.intercept_, *theirs.coef_[0]], atol=1e-6)


def test_separable_data_have_a_finite_answer() -> None:
    columns = np.linspace(-1, 1, 50)[:, None]
    fit = fit_logistic(columns * 1e6, (columns[:, 0] > 0) * 1.0, weight=np.ones(50), penalty=1e-3)
    assert np.isfinite(fit.coefficients).all()


def test_the_level_is_the_one_asked_for() -> None:
    logits = np.random.default_rng(1).normal(size=50)
    weight = np.arange(50.0)
    shift = shift_to_mean(logits, 0.123, weight=weight)
    np.testing.assert_allclose(np.average(expit(logits + shift), weights=weight), 0.123, atol=1e-8)


# Parts


def test_parts_are_close_to_exact_shapley_values_and_add_up() -> None:
    rng = np.random.default_rng(6)
    rows = make_rows(200)
    parts = np.zeros((len(rows), len(GROUPS)))
    parts[:, :4] = rng.normal(size=(len(rows), 4))
    told = shares_of(rows, parts, profiles(rows, parts), intercept=-0.5)
    usual = profiles(rows, parts)[1][1]
    exact = np.stack([_shapley(row[:4], usual[:4], -0.5) for row in parts[:60]])
    np.testing.assert_allclose(told.base + told.values.sum(axis=1), expit(-0.5 + parts.sum(axis=1)), atol=1e-12)
    assert np.corrcoef(told.values[:60, :4].ravel(), exact.ravel())[0, 1] > 0.99
    assert np.abs(told.values[:60, :4] - exact).mean() < 0.01


def _shapley(row: np.ndarray, usual: np.ndarray, intercept: float) -> np.ndarray:
    """Over all coalitions; what is not in the coalition has the usual value."""
    n = len(row)
    found = np.zeros(n)
    for one in range(n):
        others = [other for other in range(n) if other != one]
        for size in range(n):
            for inside in itertools.combinations(others, size):
                share = factorial(size) * factorial(n - size - 1) / factorial(n)
                without = intercept + sum(row[k] if k in inside else usual[k] for k in range(n))
                found[one] += share * (expit(without + row[one] - usual[one]) - expit(without))
    return found


def test_a_deal_like_the_usual_one_has_no_reasons() -> None:
    rows = make_rows(60)
    parts = np.ones((len(rows), len(GROUPS)))
    told = shares_of(rows, parts, profiles(rows, parts))
    np.testing.assert_array_equal(told.values, 0)


def test_a_feature_that_tells_nothing_adds_nothing() -> None:
    rows = make_rows(2_000)
    parts = LADDER["ridge"]().fit(rows).contributions(rows)
    size = dict(zip(parts.groups, np.abs(parts.values).mean(axis=0), strict=True))
    assert size["activity"] > 0.05  # carries the quality of the deal
    assert size["amount"] < 0.01  # drawn at random
    assert size["people"] == size["qualification"] == 0


# Naive Bayes


def test_naive_bayes_is_that_of_scikit_learn_but_for_the_stage() -> None:
    rows = make_rows(300, rows_a_deal=1)
    values = pd.DataFrame(
        {"source": rows.values["source"], "size": np.where(rows.values["log_amount"] > 0, "big", "small")}
    )
    features = (Feature("source", "account", "category"), Feature("size", "amount", "category"))
    keys = rows.keys.assign(stage_position=np.nan)
    closed = ScoringRows(keys, values, features, rows.ends, rows.calendar).take(rows.is_closed)
    codes = np.stack([pd.factorize(values[name][rows.is_closed], sort=True)[0] for name in values], axis=1)
    prior = np.array([closed.is_lost.sum(), closed.is_won.sum()]) + 0.1
    theirs = CategoricalNB(alpha=0.1, class_prior=prior / prior.sum()).fit(codes, closed.is_won)
    mine = NaiveBayes().fit(closed).predict(closed).won_ever
    np.testing.assert_allclose(mine, theirs.predict_proba(codes)[:, 1], atol=1e-9)


def test_a_single_win_of_a_value_nobody_else_has_is_believed_too_much() -> None:
    # The weakness of the method, kept on purpose: 1.1 / 0.1 = 11 to 1.
    values = pd.DataFrame({"country": ["Peru"] + ["X"] * 100})
    rows = rows_of(values, (Feature("country", "account", "category"),), ["won"] + ["won", "lost"] * 50)
    model = NaiveBayes().fit(rows)
    assert model.predict(rows).won_ever[0] > 0.9
    assert abs(LADDER["ridge"]().fit(rows).predict(rows).won_ever[0] - 0.5) < 0.15


def test_it_counts_a_deal_once_with_its_last_values() -> None:
    rows = make_rows(200, rows_a_deal=4)
    last = rows.take(~rows.keys["opportunity_id"].duplicated(keep="last").to_numpy())
    np.testing.assert_allclose(NaiveBayes().fit(rows).prior_, NaiveBayes().fit(last).prior_)


# Weeks


def test_the_quarter_ends_with_the_fiscal_year() -> None:
    keys = make_keys(["1", "2"], as_of=pd.to_datetime(["2025-03-31", "2025-02-01"]).as_unit("us"))
    rows = ScoringRows(keys, pd.DataFrame(index=keys.index), (), None, Calendar())
    shifted = ScoringRows(keys, pd.DataFrame(index=keys.index), (), None, Calendar(fiscal_year_start=2))
    assert days_left(rows).tolist() == [0.0, 58.0]
    assert days_left(shifted).tolist() == [30.0, 88.0]


def test_a_deal_that_is_due_in_the_quarter_is_won_in_it_more_often() -> None:
    rows = make_rows(3_000)
    model = StageWeekRates().fit(rows)
    soon = ScoringRows(
        rows.keys.assign(expected_close_on=rows.keys["as_of"]), rows.values, rows.features, None, rows.calendar
    )
    later = ScoringRows(
        rows.keys.assign(expected_close_on=rows.keys["as_of"] + pd.Timedelta(days=200)),
        rows.values,
        rows.features,
        None,
        rows.calendar,
    )
    left = days_left(rows)
    assert model.predict(soon).won_by(left).mean() > model.predict(later).won_by(left).mean() + 0.1


def test_by_the_end_of_the_quarter_it_says_what_happened() -> None:
    rows = make_rows(4_000)
    assert rows.ends is not None
    left = days_left(rows)
    is_known = rows.is_closed | (rows.ends["days_to_end"].to_numpy() >= left)
    said = StageWeekRates().fit(rows).predict(rows).won_by(left)
    happened = rows.is_won & (rows.ends["days_to_end"].to_numpy() <= left)
    is_old = is_known & (rows.keys["as_of"] < "2025-04-01").to_numpy()
    assert abs(said[is_old].mean() - happened[is_old].mean()) < 0.01
