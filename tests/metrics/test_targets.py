"""Targets: one cut of the money, each day once; and what is measured against them."""

from datetime import date

import pytest

from oppnb.errors import CurrencyError
from oppnb.metrics import measure, targets_in
from oppnb.periods import parse_period
from tests.metric_frames import QUARTER, make_inputs, make_targets

YEAR = {"period_start": "2017-01-01", "period_end": "2017-12-31"}
JULY = {"period_start": "2017-07-01", "period_end": "2017-07-31"}


def _sum(*rows: dict[str, object], by: tuple[str, ...] = (), period=QUARTER) -> float:
    return targets_in(make_targets(*rows), period, by=by)["amount_base"].sum()


def test_owners_add_up() -> None:
    assert _sum({"owner_id": "u1", "amount": 100.0}, {"owner_id": "u2", "amount": 200.0}) == 300.0


def test_owners_and_their_team_are_the_same_money() -> None:
    rows = [{"owner_id": "u1", "amount": 100.0}, {"owner_id": "u2", "amount": 200.0}, {"team": "East", "amount": 300.0}]
    found = targets_in(make_targets(*rows), QUARTER)
    assert found["owner_id"].tolist() == ["u1", "u2"]
    assert _sum(*rows, {"amount": 300.0}) == 300.0


def test_an_owner_without_a_quota_does_not_make_the_whole_smaller() -> None:
    assert _sum({"owner_id": "u1", "amount": 100.0}, {"team": "East", "amount": 300.0}) == 300.0


def test_a_slice_uses_rows_that_say_where_they_belong() -> None:
    rows = [
        {"owner_id": "u1", "amount": 400.0},
        {"region": "Nord", "amount": 100.0},
        {"region": "Süd", "amount": 200.0},
    ]
    assert _sum(*rows, by=("region",)) == 300.0
    assert _sum(*rows, by=("process",)) == 0.0


def test_months_add_up_to_the_quarter() -> None:
    months = [
        {"period_start": f"2017-{month:02d}-01", "period_end": f"2017-{month:02d}-{last}", "amount": 10.0 * month}
        for month, last in [(6, 30), (7, 31), (8, 31), (9, 30), (10, 31)]
    ]
    found = targets_in(make_targets(*months), QUARTER)
    assert (found["amount_base"].sum(), found["is_pro_rata"].any()) == (240.0, False)


def test_a_quarter_takes_its_days_of_a_year_and_says_so() -> None:
    found = targets_in(make_targets({**YEAR, "amount": 365.0}), QUARTER)
    assert found["amount_base"].tolist() == [pytest.approx(92.0)]
    assert found["is_pro_rata"].tolist() == [True]
    row = measure("quota_gap", make_inputs({}, targets=make_targets({**YEAR, "amount": 365.0}))).iloc[0]
    assert (row["value"], row["note"]) == (pytest.approx(92.0), "target_by_days")


def test_no_day_is_counted_twice() -> None:
    # The quarter's own quota stands; its months and its year say the same again.
    assert _sum({"amount": 100.0}, {**JULY, "amount": 50.0}, {**YEAR, "amount": 4000.0}) == 100.0
    # July has its own; August and September take 61 of 365 days of the year.
    assert _sum({**JULY, "amount": 50.0}, {**YEAR, "amount": 365.0}) == pytest.approx(50.0 + 61.0)


def test_two_quotas_of_one_owner_for_the_same_days_add_up() -> None:
    assert _sum({"owner_id": "u1", "amount": 100.0}, {"owner_id": "u1", "amount": 50.0}) == 150.0


def test_a_fiscal_year_adds_its_quarters() -> None:
    assert _sum({"amount": 100.0}, period=parse_period("FY2017")) == 100.0


def test_several_currencies_need_a_base() -> None:
    targets = make_targets({}, {}).assign(currency=["USD", "EUR"])
    with pytest.raises(CurrencyError, match="exchange_rates"):
        targets_in(targets, QUARTER)
    assert targets_in(targets.assign(amount_base=[10.0, 20.0]), QUARTER)["amount_base"].sum() == 30.0


DEALS = (
    {"outcome": "won", "amount_base": 400.0},
    {"amount_base": 900.0, "expected_close_on": "2017-09-30"},
    {"amount_base": 5000.0, "expected_close_on": "2017-10-01"},
    {"outcome": "lost"},
)


def test_coverage_attainment_and_gap() -> None:
    inputs = make_inputs(*DEALS, targets=make_targets({"amount": 1000.0}))
    values = {
        ("coverage", "remaining"): 900 / 600,
        ("coverage", "whole_target"): 0.9,
        ("coverage", "required"): 2.0,
        ("quota_attainment", "period"): 0.4,
        ("quota_gap", "period"): 600.0,
        ("target_amount", "period"): 1000.0,
    }
    found = {key: measure(key[0], inputs, variant=key[1])["value"].item() for key in values}
    assert found == pytest.approx(values)


def test_attainment_of_the_days_elapsed() -> None:
    inputs = make_inputs(*DEALS, targets=make_targets({"amount": 920.0}), as_of=date(2017, 8, 15))
    # 46 of 92 days: half of 920.
    assert measure("quota_attainment", inputs, variant="elapsed")["value"].item() == pytest.approx(400 / 460)


def test_before_the_period_no_attainment_of_elapsed_days_is_known() -> None:
    inputs = make_inputs(*DEALS, targets=make_targets({"amount": 920.0}), as_of=date(2017, 6, 15))
    assert measure("quota_attainment", inputs, variant="elapsed")["value"].isna().all()


def test_a_target_that_is_met_leaves_nothing_to_cover() -> None:
    row = measure("coverage", make_inputs(*DEALS, targets=make_targets({"amount": 300.0}))).iloc[0]
    assert row["note"] == "target_is_met"
    assert row["value"] != row["value"]


def test_the_interval_of_required_coverage_is_that_of_the_win_rate_turned_round() -> None:
    inputs = make_inputs(*[{"outcome": "won"}] * 3, *[{"outcome": "lost"}] * 7)
    rate, required = measure("win_rate", inputs).iloc[0], measure("coverage", inputs, variant="required").iloc[0]
    assert required["low"] == pytest.approx(1 / rate["high"])
    assert required["high"] == pytest.approx(1 / rate["low"])


def test_a_team_is_found_by_its_owners() -> None:
    deals = [{"owner_id": "u1", "team": "East", "outcome": "won"}, {"owner_id": "u2", "team": "West"}]
    targets = make_targets({"owner_id": "u1", "amount": 50.0}, {"owner_id": "u2", "amount": 80.0})
    found = measure("quota_attainment", make_inputs(*deals, targets=targets), by="team")
    assert found["value"].tolist() == [2.0, 0.0]


def test_an_owner_who_sells_in_two_regions_belongs_to_neither() -> None:
    deals = [
        {"owner_id": "u1", "region": "Nord"},
        {"owner_id": "u2", "region": "Nord"},
        {"owner_id": "u2", "region": "Süd"},
    ]
    targets = make_targets({"owner_id": "u1", "amount": 50.0}, {"owner_id": "u2", "amount": 80.0})
    found = measure("target_amount", make_inputs(*deals, targets=targets), by="region")
    assert found["region"].fillna("").tolist() == ["Nord", "Süd", ""]
    assert found["value"].fillna(0).tolist() == [50.0, 0.0, 80.0]


def test_a_slice_that_no_target_knows_says_so() -> None:
    found = measure("quota_gap", make_inputs(*DEALS, targets=make_targets({})), by="product")
    assert found["note"].tolist() == ["no_target"]
