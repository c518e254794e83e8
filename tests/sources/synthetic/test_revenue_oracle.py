"""A shock is bad or good for all deals of a quarter; whoever knows the law is right about the amount of a period."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import ParameterError
from oppnb.history import as_of as state_on
from oppnb.periods import parse_period, period_of
from oppnb.sources.synthetic import (
    Laws,
    SyntheticSettings,
    make_pipeline,
    revenue_oracle,
    revenue_parts,
    win_probability,
)
from oppnb.sources.synthetic.weeks import Weeks
from oppnb.sources.synthetic.workspace_file import workspace_yaml
from oppnb.workspace import read_workspace

SMALL = SyntheticSettings(n_opportunities=600, start=date(2022, 1, 1), end=date(2024, 12, 31))
QUARTERS = [parse_period(f"{year}Q{quarter}") for year in (2022, 2023, 2024) for quarter in (1, 2, 3, 4)][2:]


def shocked(settings, shock_sd, carry=0.5):
    return replace(settings, laws=Laws(shock_sd=shock_sd, shock_carry=carry))


def friday_before(day):
    return day - timedelta(days=(day.weekday() - 4 - 1) % 7 + 1)


@pytest.fixture(scope="module")
def wins(tmp_path_factory):
    """What the tables show as won on each local day, by the same road as every reader of them."""

    def read(made):
        path = tmp_path_factory.mktemp("workspace") / "oppnb.yaml"
        path.write_text(workspace_yaml(made.settings), encoding="utf-8")
        state = state_on(made.tables, made.settings.end, workspace=read_workspace(path))
        won = state[state["outcome"] == "won"]
        day = (won["closed_at"] + pd.Timedelta(hours=8)).dt.normalize()
        return won["amount_base"].groupby(day).sum()

    return read


def within(won, period):
    return won[pd.Timestamp(period.start) : pd.Timestamp(period.end)].sum()


@pytest.fixture(scope="module")
def steady():
    return make_pipeline(SMALL)


def test_without_a_shock_its_carry_changes_nothing(steady):
    other = make_pipeline(shocked(SMALL, 0.0, carry=0.9))
    for name in steady.tables:
        pd.testing.assert_frame_equal(steady.tables[name], other.tables[name])


def test_a_shock_changes_what_becomes_of_the_deals_and_not_what_they_are(steady):
    shaken = make_pipeline(shocked(SMALL, 0.5))
    pd.testing.assert_series_equal(steady.truth.deals["score"], shaken.truth.deals["score"])
    pd.testing.assert_frame_equal(steady.tables["accounts"], shaken.tables["accounts"])
    assert (steady.tables["opportunities"]["outcome"] != shaken.tables["opportunities"]["outcome"]).any()


def test_all_weeks_of_a_quarter_share_its_shock():
    settings = shocked(SMALL, 0.5)
    weeks = Weeks.of(settings)
    shock = pd.Series(weeks.shock(settings)).groupby([weeks.quarter_of(week).name for week in range(weeks.n)])
    assert (shock.min() == shock.max()).all()
    assert shock.first().is_unique


def test_a_longer_time_leaves_the_shocks_of_the_first_quarters_as_they_were():
    settings = shocked(SMALL, 0.5)
    longer = replace(settings, end=date(2026, 12, 31))
    first, second = (Weeks.of(one).shock(one) for one in (settings, longer))
    assert np.array_equal(first, second[: len(first)])


@pytest.mark.parametrize("carry", [-0.5, 0.0, 0.8])
def test_shocks_have_the_spread_and_the_carry_that_the_laws_say(carry):
    settings = shocked(replace(SMALL, start=date(1, 1, 1), end=date(1000, 12, 31)), 0.4, carry)
    shock = Weeks.of(settings).shock(settings)[5::13]
    assert np.std(shock) == pytest.approx(0.4, rel=0.1)
    assert np.corrcoef(shock[1:], shock[:-1])[0, 1] == pytest.approx(carry, abs=0.08)


def test_more_is_won_in_good_quarters_than_in_bad_ones(wins):
    settings = shocked(replace(SMALL, n_opportunities=1_500), 0.8, carry=0.0)
    made, weeks = make_pipeline(settings), Weeks.of(settings)
    shock = {weeks.quarter_of(week): value for week, value in enumerate(weeks.shock(settings))}
    days = wins(made)
    won = [within(days, quarter) for quarter in QUARTERS]
    assert np.corrcoef(won, [shock[quarter] for quarter in QUARTERS])[0, 1] > 0.5


@pytest.mark.parametrize("wrong", [{"shock_sd": -0.1}, {"shock_carry": 1.0}])
def test_impossible_shocks_are_refused(wrong):
    with pytest.raises(ParameterError, match="shock"):
        Laws(**wrong)


def test_the_draws_are_the_sum_of_their_parts(steady):
    asked = {"as_of": date(2024, 5, 3), "period": parse_period("2024Q2"), "n_draws": 40, "seed": 3}
    parts = revenue_parts(steady, **asked)
    assert np.array_equal(parts.sum(axis=1), revenue_oracle(steady, **asked))
    assert (parts >= 0).all(axis=None)
    assert (parts["already_won"] == parts["already_won"].iloc[0]).all()


def test_what_is_already_won_is_what_the_tables_say(steady, wins):
    quarter = parse_period("2023Q4")
    assert revenue_oracle(steady, as_of=date(2024, 2, 2), period=quarter, n_draws=3) == pytest.approx(
        within(wins(steady), quarter)
    )


def test_three_months_together_bring_what_the_quarter_brings(steady):
    as_of = date(2024, 6, 28)
    months = [revenue_oracle(steady, as_of=as_of, period=parse_period(f"2024-{month:02d}")) for month in (7, 8, 9)]
    quarter = revenue_oracle(steady, as_of=as_of, period=parse_period("2024Q3"))
    noise = np.sqrt(sum(np.var(draws) for draws in (*months, quarter)) / 1_000)
    assert abs(sum(np.mean(month) for month in months) - quarter.mean()) < 3.5 * noise


def test_the_oracle_of_money_and_that_of_each_deal_agree_about_the_deals_that_are_open(steady):
    as_of, quarter = date(2024, 6, 28), parse_period("2024Q3")
    laws = replace(steady.settings.laws, reopen_share=0.0)
    made = make_pipeline(replace(SMALL, laws=laws))
    known = win_probability(made, as_of=as_of, by=quarter.end)
    lines = made.tables["line_items"]
    total = (lines["quantity"] * lines["unit_price"]).groupby(lines["opportunity_id"]).sum()
    deals = made.truth.deals.set_index("opportunity_id").loc[known["opportunity_id"]]
    rate = np.where(made.tables["opportunities"].set_index("opportunity_id")["currency"] == "USD", 7.1, 1.0)
    rate = pd.Series(rate, made.tables["opportunities"]["opportunity_id"]).loc[deals.index]
    worth = total.reindex(deals.index).fillna(deals["quote"] * 1.1) * rate
    expected = (worth.to_numpy() * known["win_probability"].to_numpy()).sum()
    drawn = revenue_parts(made, as_of=as_of, period=quarter)["from_known_deals"].mean()
    assert drawn == pytest.approx(expected, rel=0.05)


def test_who_knows_more_weeks_of_a_quarter_is_surer_of_it():
    made = make_pipeline(shocked(SMALL, 0.3))
    spread = [
        np.mean([np.std(revenue_oracle(made, as_of=friday_before(q.start + ahead), period=q)) for q in QUARTERS[::3]])
        for ahead in (timedelta(weeks=weeks) for weeks in (-12, 1, 7, 11))
    ]
    assert spread == sorted(spread, reverse=True)


def test_shocks_to_come_make_the_spread_wider(steady):
    asked = {"as_of": date(2024, 6, 28), "period": parse_period("2024Q3")}
    shaken = replace(steady, settings=shocked(SMALL, 0.6))
    assert np.std(revenue_oracle(shaken, **asked)) > 1.1 * np.std(revenue_oracle(steady, **asked))


def test_the_same_seed_gives_the_same_draws_and_another_one_others(steady):
    asked = {"as_of": date(2024, 6, 28), "period": parse_period("2024Q3"), "n_draws": 20}
    first = revenue_oracle(steady, **asked)
    assert np.array_equal(first, revenue_oracle(steady, **asked))
    assert not np.array_equal(first, revenue_oracle(steady, **asked, seed=1))


def test_a_period_beyond_the_data_can_be_asked_for(steady):
    draws = revenue_parts(steady, as_of=date(2024, 12, 27), period=parse_period("2025Q1"), n_draws=50)
    assert (draws["already_won"] == 0).all()
    assert draws["from_known_deals"].mean() > draws["from_later_deals"].mean() > 0


def test_the_oracle_speaks_at_the_end_of_a_working_week_only(steady):
    with pytest.raises(ParameterError, match="Wednesday"):
        revenue_oracle(steady, as_of=date(2024, 7, 3), period=period_of(date(2024, 7, 3)))
    with pytest.raises(ParameterError, match="at least 1"):
        revenue_oracle(steady, as_of=date(2024, 7, 5), period=period_of(date(2024, 7, 5)), n_draws=0)


@pytest.mark.parametrize("shock_sd", [0.0, 0.3])
def test_whoever_knows_the_law_is_right_about_the_amount_of_a_quarter(shock_sd, wins):
    surprise, below = [], []
    for seed in range(4):
        made = make_pipeline(shocked(replace(SMALL, n_opportunities=1_000, seed=seed), shock_sd))
        days = wins(made)
        for number, quarter in enumerate(QUARTERS):
            as_of = friday_before(quarter.start + timedelta(weeks=(0, 4, 8)[number % 3]))
            draws = revenue_oracle(made, as_of=as_of, period=quarter, n_draws=200)
            actual = within(days, quarter)
            surprise.append((actual - draws.mean()) / draws.std())
            below.append((draws < actual).mean())
    assert abs(np.mean(surprise)) < 3 / np.sqrt(len(surprise))
    assert 0.8 < np.std(surprise) < 1.35
    assert 0.65 <= np.mean([0.1 <= share <= 0.9 for share in below]) <= 0.93
