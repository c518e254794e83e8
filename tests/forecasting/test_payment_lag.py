"""The lag of payments: a curve for what is not over, against a second opinion and the law it was made by."""

import numpy as np
import pandas as pd
import pytest

from oppnb.forecasting import learn_payment_lag, learn_payment_terms, stated_terms
from oppnb.forecasting.payment_record import payment_shock
from oppnb.history import payments_known
from tests.forecasting.cash_tables import DAY, book, pipeline, workspace


def payments() -> pd.DataFrame:
    return payments_known(pipeline().tables, DAY, workspace=workspace())


def instalments(account: str, lags: list[int | None], *, due: str = "2024-01-31") -> pd.DataFrame:
    due_on = pd.Timestamp(due)
    paid = [pd.NaT if lag is None else due_on + pd.Timedelta(days=lag) for lag in lags]
    rows = pd.DataFrame({"account_id": account, "paid_on": pd.Series(paid, dtype="datetime64[us]")})
    return rows.assign(closed_on=due_on - pd.Timedelta(days=30), due_on=due_on)


def test_is_the_curve_of_kaplan_and_meier_where_the_prior_weighs_nothing() -> None:
    from scipy import stats

    rows = payments()
    lag = learn_payment_lag(rows, DAY, prior=1e-9)
    is_paid = rows["paid_on"].notna().to_numpy()
    lasted = (rows["paid_on"].fillna(pd.Timestamp(DAY)) - rows["due_on"]).dt.days.to_numpy(dtype="float64")
    other = stats.ecdf(stats.CensoredData(uncensored=lasted[is_paid], right=lasted[~is_paid])).sf
    days = np.arange(-60.0, 90.0)
    assert np.allclose(lag.unpaid_after(days), other.evaluate(days), atol=1e-6)


def test_never_rises_and_stays_between_0_and_1() -> None:
    unpaid = learn_payment_lag(payments(), DAY).unpaid
    assert (np.diff(unpaid) <= 0).all()
    assert unpaid[0] <= 1
    assert unpaid[-1] >= 0


def test_finds_the_law_the_payments_were_made_by() -> None:
    """Three in four come from 12 days before to 3 days after; the rest by a gamma law of mean 37.5 days."""
    from scipy import stats

    lag = learn_payment_lag(payments(), DAY)
    late = 0.25 * stats.gamma(1.5, scale=25).sf(np.array([11.0, 31.0, 61.0]))
    assert np.allclose(lag.unpaid_after(np.array([10.0, 30.0, 60.0])), late, atol=0.05)
    assert lag.median == pytest.approx(-2, abs=2)


def test_an_unpaid_instalment_counts_as_unpaid_and_not_as_left_out() -> None:
    quick = instalments("a", [5] * 20)
    both = pd.concat([quick, instalments("a", [None] * 20)], ignore_index=True)
    far = np.array([50.0])
    day = pd.Timestamp("2024-06-30")
    assert learn_payment_lag(both, day).unpaid_after(far)[0] > 0.4
    assert learn_payment_lag(quick, day).unpaid_after(far)[0] < 0.05


def test_a_customer_that_always_pays_late_is_expected_later_and_a_new_one_like_all() -> None:
    rows = pd.concat(
        [instalments(f"quick{n}", [0, 1, 2] * 4) for n in range(5)]
        + [instalments("slow", [40, 50, 60] * 4), instalments("once", [60])],
        ignore_index=True,
    )
    lag = learn_payment_lag(rows, pd.Timestamp("2024-12-31"))
    pace = dict(
        zip(["quick0", "slow", "once", "new"], lag.pace_of(pd.Series(["quick0", "slow", "once", "new"])), strict=True)
    )
    assert pace["slow"] < pace["once"] < 1.0 == pace["new"] < pace["quick0"]


def test_nothing_learned_still_says_something() -> None:
    lag = learn_payment_lag(payments().iloc[:0], DAY)
    assert lag.n_paid == 0
    assert 0.4 < lag.late_share < 0.6
    assert payment_shock(payments().iloc[:0], lag, DAY) == pytest.approx(0.1)


def test_terms_are_those_the_instalments_were_made_by() -> None:
    """One, two or three parts (shares 0.5, 0.3, 0.2) after 30, 90, 150 days."""
    won = book().deals[book().deals["outcome"] == "won"]
    terms = learn_payment_terms(payments(), won)
    truth = {30: 0.5 + 0.3 / 2 + 0.2 / 3, 90: 0.3 / 2 + 0.2 / 3, 150: 0.2 / 3}
    assert terms.covered == pytest.approx(1.0, abs=0.01)
    for day, share in truth.items():
        assert terms.share[day] == pytest.approx(share, abs=0.04)


def test_later_lag_and_longer_terms_never_pay_earlier() -> None:
    lag, terms = learn_payment_lag(payments(), DAY), stated_terms(30)
    days = np.arange(0.0, 200.0)
    now = terms.paid_by(lag, days)[0]
    assert (terms.paid_by(lag.later(7), days)[0] <= now + 1e-12).all()
    assert (stated_terms(44).paid_by(lag, days)[0] <= now + 1e-12).all()


def test_the_shock_of_independent_payments_is_small() -> None:
    rows = payments()
    assert 0.04 < payment_shock(rows, learn_payment_lag(rows, DAY), DAY) < 0.25
