"""What owners state and what comes of it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import PeriodError
from oppnb.forecasting import optimism
from oppnb.forecasting.shrunk_ratios import shrunk_ratios
from oppnb.history.book import PipelineBook
from tests.forecasting.hand_made import DAY, make_book

BOOK = make_book(n_deals=400)
FOUND = optimism(BOOK, day=DAY)
OWNERS = FOUND[FOUND["owner_id"].notna()]


def simulated(seed: int, *, apart: float, n_groups: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """True ratios of groups, and rows of them."""
    rng = np.random.default_rng(seed)
    truth = 0.6 + apart * rng.normal(size=n_groups)
    groups = np.repeat(np.arange(n_groups), rng.integers(3, 60, n_groups))
    stated = np.exp(rng.normal(0, 0.5, len(groups)))
    came = stated * np.maximum(truth[groups] + 0.15 * rng.normal(size=len(groups)), 0.0)
    return truth, stated, came, groups


# Where owners do not differ at all, that they might keeps the intervals wider than need be.
@pytest.mark.parametrize(("apart", "most"), [(0.0, 1.0), (0.05, 0.98), (0.15, 0.98)])
def test_intervals_hold_the_true_ratio_at_about_their_nominal_rate(apart: float, most: float) -> None:
    held = []
    for seed in range(100):
        truth, stated, came, groups = simulated(seed, apart=apart)
        found = shrunk_ratios(stated, came, groups, len(truth))
        held.append(((found.low <= truth) & (truth <= found.high)).mean())
    assert 0.92 <= np.mean(held) <= most


def test_a_shrunk_ratio_is_nearer_to_the_truth_than_the_plain_one() -> None:
    errors = []
    for seed in range(60):
        truth, stated, came, groups = simulated(seed, apart=0.08)
        plain = np.bincount(groups, came) / np.bincount(groups, stated)
        found = shrunk_ratios(stated, came, groups, len(truth))
        errors.append([((plain - truth) ** 2).mean(), ((found.ratio - truth) ** 2).mean()])
    plain_error, shrunk_error = np.mean(errors, axis=0)
    assert shrunk_error < 0.8 * plain_error


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(1.0, 1e6), st.floats(0.0, 2.0)), min_size=1, max_size=60))
def test_a_shrunk_ratio_lies_among_the_plain_ones_and_inside_its_interval(rows: list[tuple[int, float, float]]) -> None:
    groups, stated, ratio = (np.array(column) for column in zip(*rows, strict=True))
    found = shrunk_ratios(stated, stated * ratio, groups.astype(np.int64), 5)
    total = np.bincount(groups, stated, minlength=5)
    plain = (np.bincount(groups, stated * ratio, minlength=5) / np.where(total > 0, total, 1))[total > 0]
    assert (found.ratio >= plain.min() - 1e-6).all()
    assert (found.ratio <= plain.max() + 1e-6).all()
    assert ((found.low <= found.ratio) & (found.ratio <= found.high)).all()
    assert ((found.own_share >= 0) & (found.own_share <= 1)).all()
    assert (found.own_share[total == 0] == 0).all()


def test_more_rows_of_the_same_ratio_leave_less_to_the_company() -> None:
    # Group 0 has all of its stated came, in 4 rows or in 40; the others half.
    def shares(count: int) -> float:
        groups = np.concatenate([np.zeros(count, dtype=np.int64), np.repeat(np.arange(1, 8), 20)])
        came = np.where(groups == 0, 1.0, np.arange(len(groups)) % 2)
        return float(shrunk_ratios(np.ones(len(groups)), came, groups, 8).ratio[0])

    assert 0.5 < shares(4) < shares(40) < 1


def test_owners_add_up_to_the_company_in_every_measure() -> None:
    company = FOUND[FOUND["owner_id"].isna()].set_index("measure")
    assert set(company.index) == {"closed_when_said", "commit_won", "commit_amount"}
    for figure in ("n", "stated", "came"):
        sums = OWNERS.groupby("measure")[figure].sum()
        np.testing.assert_allclose(sums.to_numpy(), company[figure].reindex(sums.index).to_numpy())
    assert (company["ratio"] == company["company_ratio"]).all()
    assert (FOUND["own_ratio"] == FOUND["came"] / FOUND["stated"]).all()


def test_deals_that_are_ten_percent_too_large_in_commit_are_told_as_such() -> None:
    # The rows of open deals carry 1.1 times what the deal is won for.
    amount = FOUND[FOUND["measure"] == "commit_amount"]
    np.testing.assert_allclose(amount["ratio"], 1 / 1.1, rtol=1e-6)
    won = FOUND[FOUND["measure"] == "commit_won"]
    assert (won["came"] <= won["stated"]).all()


def test_an_owner_who_states_too_much_stands_out() -> None:
    rosy = BOOK.deals["owner_id"] == "U03"
    lost = BOOK.deals["outcome"].where(~(rosy & (BOOK.deals["outcome"] == "won")), "lost")
    deals = BOOK.deals.assign(outcome=lost.astype("str"), amount_base=BOOK.deals["amount_base"].where(lost == "won"))
    found = optimism(PipelineBook(DAY, deals, BOOK.open_rows, BOOK.days, BOOK.workspace), day=DAY)
    won = found[(found["measure"] == "commit_won") & found["owner_id"].notna()].set_index("owner_id")["ratio"]
    assert won.idxmin() == "U03"


def test_scrambling_everything_after_the_day_changes_nothing() -> None:
    day = BOOK.days[-30]
    later = BOOK.deals["closed_on"] > pd.Timestamp(day)
    deals = BOOK.deals.assign(outcome=BOOK.deals["outcome"].where(~later, "lost").astype("str"))
    rows = BOOK.open_rows.assign(
        forecast_category=BOOK.open_rows["forecast_category"].where(
            BOOK.open_rows["as_of"] <= pd.Timestamp(day), "commit"
        )
    )
    scrambled = PipelineBook(DAY, deals, rows, BOOK.days, BOOK.workspace)
    pd.testing.assert_frame_equal(optimism(BOOK, day=day), optimism(scrambled, day=day), check_exact=True)


def test_periods_that_are_not_over_do_not_count() -> None:
    first = date(2023, 3, 1)
    assert optimism(BOOK, day=first).empty
    assert list(optimism(BOOK, day=first)) == list(FOUND)


def test_without_commit_categories_only_the_expected_closes_are_judged() -> None:
    bare = BOOK.open_rows.assign(forecast_category=pd.Series(None, index=BOOK.open_rows.index, dtype="str"))
    found = optimism(PipelineBook(DAY, BOOK.deals, bare, BOOK.days, BOOK.workspace), day=DAY)
    assert set(found["measure"]) == {"closed_when_said"}


def test_other_periods_can_be_asked_for_and_unknown_ones_are_told() -> None:
    months = optimism(BOOK, day=DAY, kind="month")
    assert set(months["measure"]) <= set(FOUND["measure"])
    with pytest.raises(PeriodError, match="not 'week'"):
        optimism(BOOK, day=DAY, kind="week")
