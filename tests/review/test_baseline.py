"""The process as it is: win rates beside each other, stays, ages, and what to fix first."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, fisher_exact, hypergeom, norm

from oppnb.metrics import MetricInputs, median_survival
from oppnb.metrics.survival import survival_quantile
from oppnb.review import (
    age_groups,
    compare_win_rates,
    count_flows,
    entered_flows,
    fix_first,
    in_period,
    last_quarter,
    open_review,
    stage_stays,
    twelve_months,
    win_rates,
)
from oppnb.review.baseline import entry_flows
from oppnb.review.counted_once import count_once
from oppnb.review.win_rates import _chance_of
from oppnb.workspace import Workspace
from tests.builders import make_change, make_opportunity, make_table, make_tables

AS_OF = date(2024, 6, 30)


def closed(first: int, n_won: int, n_lost: int, **columns) -> list[dict[str, object]]:
    ends = ["won"] * n_won + ["lost"] * n_lost
    return [
        make_opportunity(str(first + n), stage=end.title(), outcome=end, closed_at="2024-05-01", **columns)
        for n, end in enumerate(ends)
    ]


def inputs_of(deals) -> MetricInputs:
    """What win rates are worked out from, without a history."""
    snapshot = make_table("opportunities", deals)
    return MetricInputs(snapshot=snapshot, period=twelve_months(AS_OF), as_of=AS_OF)


def review_of(deals, **tables):
    opened = open_review(make_tables(deals, exported_on=AS_OF, **tables), as_of=AS_OF)
    return in_period(opened, twelve_months(AS_OF))


@pytest.mark.parametrize(
    ("day", "year", "quarter"),
    [
        (date(2024, 6, 30), "2023-07 – 2024-06", "2024Q2"),
        (date(2024, 2, 10), "2023-03 – 2024-02", "2023Q4"),
        (date(2024, 12, 31), "2024-01 – 2024-12", "2024Q4"),
    ],
)
def test_twelve_months_end_with_the_month_of_the_day(day, year, quarter):
    assert twelve_months(day).name == year
    assert day in twelve_months(day)
    assert last_quarter(day).name == quarter


def test_a_slice_is_held_against_the_others_of_its_own_process():
    """Product A is sold to new customers only and wins as often as its peer; renewals are another matter."""
    deals = [
        *closed(1000, 10, 30, product="A", process="new"),
        *closed(2000, 10, 30, product="B", process="new"),
        *closed(3000, 36, 4, product="C", process="renewal"),
        *closed(4000, 35, 5, product="D", process="renewal"),
    ]
    rows = win_rates(inputs_of(deals), "product").set_index("slice")
    assert rows.loc["A", "others_rate"] == 0.25
    assert set(rows["differs"]) == {"alike"}
    assert rows["n"].sum() == 160
    assert ((rows["low"] <= rows["win_rate"]) & (rows["win_rate"] <= rows["high"])).all()


def test_a_difference_is_said_only_beyond_chance_and_for_enough_deals():
    deals = [
        *closed(1000, 40, 10, source="referral"),
        *closed(2000, 5, 45, source="cold"),
        *closed(3000, 0, 5, source="fair"),
        *closed(4000, 25, 25, source="web"),
    ]
    rows = win_rates(inputs_of([{"process": None, **deal} for deal in deals]), "source").set_index("slice")
    assert rows["differs"].to_dict() == {"referral": "above", "cold": "below", "web": "alike", "fair": "few"}
    alone = win_rates(inputs_of(closed(1, 5, 5, source="web", process="new")), "source")
    assert alone["others_rate"].isna().all()
    assert list(alone["differs"]) == ["few"]


@pytest.mark.parametrize(("won", "n", "won_beside", "n_beside"), [(2, 10, 8, 10), (40, 90, 11, 41), (0, 12, 9, 30)])
def test_the_chance_of_a_difference_is_fishers(won, n, won_beside, n_beside):
    table = [[won, n - won], [won_beside, n_beside - won_beside]]
    assert _chance_of([(n, won, n + n_beside, won + won_beside)]) == pytest.approx(fisher_exact(table).pvalue)


def test_the_chance_over_several_processes_is_what_shuffled_deals_show():
    tables = [(30, 14, 80, 25), (12, 7, 60, 40)]
    rng = np.random.default_rng(3)
    sums = sum(rng.hypergeometric(won_all, n_all - won_all, n, size=200_000) for n, _, n_all, won_all in tables)
    share = np.bincount(sums) / len(sums)
    seen = share[21]
    assert _chance_of(tables) == pytest.approx(share[share <= seen].sum(), abs=0.004)


def test_the_chance_for_very_many_deals_is_that_of_the_normal_law():
    n, n_all, won_all = 400_000, 1_000_000, 300_000
    spread = hypergeom(n_all, won_all, n).std()
    for steps in (0.0, 1.0, 3.0, 40.0):
        found = _chance_of([(n, round(120_000 + steps * spread), n_all, won_all)])
        assert found == pytest.approx(2 * norm.sf(steps), rel=0.02, abs=1e-12)


@pytest.mark.parametrize(("sizes", "rate"), [((120, 120), 0.3), ((40, 90, 200, 25, 60), 0.5), ((1000, 30), 0.2)])
def test_equal_slices_are_said_to_differ_once_in_twenty_pipelines_at_most(sizes, rate):
    rng = np.random.default_rng(11)
    n_false, n_tried = 0, 1000
    for _ in range(n_tried):
        won = rng.binomial(sizes, rate)
        tables = [[(int(n), int(k), sum(sizes), int(won.sum()))] for n, k in zip(sizes, won, strict=True)]
        n_false += min(map(_chance_of, tables)) < 0.05 / (len(sizes) if len(sizes) > 2 else 1)
    assert n_false <= binom(n_tried, 0.05).ppf(0.999)


def test_all_columns_together_share_the_chance():
    deals = [*closed(1000, 30, 70, source="web", region="East"), *closed(2000, 45, 55, source="fair", region="West")]
    inputs = inputs_of([{"process": "new", "owner_id": "7", **deal} for deal in deals])
    assert set(win_rates(inputs, "source")["differs"]) == {"above", "below"}  # chance: 0.041
    both = compare_win_rates(inputs)
    assert list(both) == ["region", "source"]
    assert {text for rows in both.values() for text in rows["differs"]} == {"alike"}


def test_every_open_deal_has_an_age_or_is_said_to_have_none():
    deals = pd.DataFrame(
        {
            "outcome": ["open", "open", "open", "won"],
            "age_days": [10.0, 741.0, None, 5.0],
            "amount_base": [5.0, None, 7.0, 9.0],
        }
    )
    rows = age_groups(deals)
    assert rows[rows["n"] > 0].set_index("age")["n"].to_dict() == {"to_30": 1, "over_365": 1, "unknown": 1}
    assert rows.set_index("age")["amount"].dropna().sum() == 12.0
    assert rows.set_index("age")["amount"].isna().to_dict()["over_365"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=30))
def test_four_of_five_are_never_through_before_half_of_them(stays):
    days, over = np.array([float(day) for day, _ in stays]), np.array([ended for _, ended in stays])
    half, most = survival_quantile(days, over, 0.5), survival_quantile(days, over, 0.8)
    assert half == median_survival(days, over)[0]
    assert most is None or (half is not None and half <= most)


def moving(n_deals: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Deals in Lead from March 1st on; the n-th is in Demo n days later, every third of those is won in May."""
    deals, history = [], []
    for n in range(1, n_deals + 1):
        end = "won" if n % 3 == 0 else "open"
        stage = "Won" if end == "won" else "Demo"
        at = {"closed_at": "2024-05-20"} if end == "won" else {}
        deals.append(make_opportunity(str(n), outcome=end, stage=stage, created_at="2024-03-01", **at))
        moved = (pd.Timestamp("2024-03-01") + pd.Timedelta(days=n)).isoformat()
        history += [make_change(str(n), "2024-03-01", stage="Lead"), make_change(str(n), moved, stage="Demo")]
        history += [make_change(str(n), "2024-05-20", stage="Won")] if end == "won" else []
    return deals, history


def test_stays_and_flows_are_those_of_the_history():
    deals, history = moving(10)
    review = review_of(deals, history=history)
    stays = stage_stays(review.inputs, workspace=review.workspace).set_index("stage")
    assert stays.loc["Lead", ["n_stays", "n_standing", "median_days", "p80_days"]].tolist() == [10, 0, 5.0, 8.0]
    assert stays.loc["Demo", "n_standing"] == 7
    flows = entry_flows(review.funnel(), review.leakage(), count_flows(entered_flows(review.inputs))).set_index("stage")
    assert flows.loc["Lead", ["n_entered", "n_further", "n_lost", "n_undecided"]].tolist() == [10, 10, 0, 0]
    assert flows.loc["Demo", ["n_entered", "n_further", "n_lost", "n_undecided"]].tolist() == [10, 3, 0, 7]


def test_without_history_stays_are_null_not_nought():
    stays = stage_stays(inputs_of([make_opportunity("1", outcome="open", process="new")]), workspace=Workspace())
    assert len(stays) == 1
    assert stays[["median_days", "p80_days"]].isna().all(axis=None)


def troubled():
    """20 open deals of 100 of which 8 are past their expected close; of 100 cold ones 5 were won, of the others 50."""
    still = [
        make_opportunity(
            str(n), outcome="open", created_at="2024-06-01", expected_close_on="2024-06-20" if n < 8 else "2024-08-01"
        )
        for n in range(20)
    ]
    return [*still, *closed(1000, 5, 95, source="cold", amount=50.0), *closed(2000, 50, 50, source="web", amount=50.0)]


@pytest.fixture(scope="module")
def to_fix() -> pd.DataFrame:
    return fix_first(review_of(troubled()))


def test_what_to_fix_counts_deals_and_money_and_what_a_rate_would_be_worth(to_fix):
    rows = to_fix.set_index("code")
    overdue = rows.loc["deal_overdue_close"]
    assert overdue[["n", "total", "amount", "value"]].tolist() == [8, 20, 800.0, 0.4]
    rate = rows.loc["rate"]
    assert rate[["subject", "by", "n", "value", "reference"]].tolist() == ["cold", "source", 100, 0.05, 0.5]
    assert rate["gain"] == pytest.approx(45.0)
    assert rate["amount"] == pytest.approx(45 * 50.0)


def test_what_to_fix_is_ranked_by_money_and_never_promises_a_loss(to_fix):
    rows = to_fix
    assert rows["weight"].is_monotonic_decreasing
    assert (rows["n"] <= rows["total"]).all()
    assert (rows["gain"].dropna() >= 0).all()
    assert rows["code"].iloc[-1] == "no_history"


def test_money_that_is_not_known_is_not_made_up():
    deals = [{**deal, "amount": None} for deal in troubled()]
    rows = fix_first(review_of(deals)).set_index("code")
    assert rows["amount"].isna().all()
    assert rows.loc["deal_overdue_close", "weight"] == 8.0


def test_a_deal_is_too_old_among_those_whose_age_is_known_and_nothing_is_said_of_silence_nobody_recorded():
    won = [
        make_opportunity(str(n), stage="Won", outcome="won", created_at="2024-05-01", closed_at="2024-05-21")
        for n in range(100, 130)
    ]
    old = [make_opportunity(str(n), outcome="open", created_at="2024-01-05") for n in range(4)]
    young = [make_opportunity("8", outcome="open", created_at="2024-06-25")]
    unknown = [make_opportunity(str(n), outcome="open", created_at=None) for n in range(10, 15)]
    (zombies,) = (
        row
        for row in fix_first(review_of([*won, *old, *young, *unknown])).to_dict("records")
        if "zombie" in row["code"]
    )
    assert (zombies["n"], zombies["total"], zombies["value"]) == (4, 5, 0.8)
    assert zombies["by"] == "days_in_stage"


LINES = st.lists(
    st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from([1.0, 10.0, 500.0]), min_size=1),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_lines_of_deals_add_up_to_the_deals_that_stand_in_any_of_them(lines):
    amounts = {key: amount for line in lines for key, amount in line.items()}
    rows = [
        {"code": f"line_{n}", "deals": pd.Series({key: amounts[key] for key in line}, dtype="float64")}
        for n, line in enumerate(lines)
    ]
    told = count_once(rows, typical=1.0)
    assert sum(row["amount"] for row in told) == sum(amounts.values())
    assert [row["amount"] for row in told] == sorted((row["amount"] for row in told), reverse=True)
    codes = [row["code"] for row in told] + [code for row in told for code, *_ in row["also"]]
    assert sorted(codes) == sorted(row["code"] for row in rows)


def test_two_lines_of_the_same_deals_are_one_and_a_few_of_them_are_said_to_stand_above():
    old = pd.Series(100.0, index=[str(n) for n in range(20)])
    young = pd.Series(100.0, index=["8", "20", "21"])
    lines = [
        {"code": "deal_over_time_limit", "deals": old.head(18)},
        {"code": "deal_zombie", "deals": old},
        {"code": "deal_stale", "deals": young},
    ]
    first, second = count_once(lines, typical=1.0)
    assert (first["code"], first["amount"], first["also"]) == (
        "deal_zombie",
        2000.0,
        (("deal_over_time_limit", None, 18),),
    )
    assert (second["code"], second["amount"], second["whole"], second["n_above"]) == ("deal_stale", 200.0, 300.0, 1)
