"""Contracts that end: which are due, which deal renews them, and how often such contracts went on."""

import pandas as pd
import pytest

from oppnb.errors import ParameterError
from oppnb.forecasting import renewal_notes, renewal_outcomes, renewals_due
from oppnb.history import subscriptions_known
from oppnb.locale import Words
from oppnb.tables import Tables
from oppnb.workspace import Process, Stage, Workspace
from tests.builders import make_opportunity, make_tables
from tests.forecasting.cash_tables import DAY, pipeline, with_another_future, workspace


def contract(key: str, account: str, starts_on: str, ends_on: str, **columns: object) -> dict[str, object]:
    made = {"subscription_id": key, "account_id": account, "product": "Plan", "amount": 10.0}
    return made | {"starts_on": starts_on, "ends_on": ends_on} | columns


def tables_of(*contracts: dict[str, object], deals: list[dict[str, object]] | None = None) -> Tables:
    return make_tables(deals or [make_opportunity("1")], subscriptions=list(contracts), exported_on=DAY)


def test_contracts_that_run_and_end_in_time_are_due_and_no_others() -> None:
    tables = tables_of(
        contract("ends soon", "a", "2023-10-01", "2024-09-30"),
        contract("ends today", "a", "2023-07-01", "2024-06-30"),
        contract("ends later", "b", "2024-01-01", "2025-12-31"),
        contract("cancelled", "c", "2023-10-01", "2024-09-30", cancelled_on="2024-05-01"),
        contract("cancelled later", "d", "2023-10-01", "2024-10-01", cancelled_on="2024-07-01"),
        contract("begins later", "e", "2024-07-01", "2024-12-31"),
        contract("endless", "f", "2023-10-01", None),  # type: ignore[arg-type]
    )
    assert renewals_due(tables, day=DAY)["subscription_id"].tolist() == ["ends soon", "cancelled later"]


def test_a_contract_went_on_if_another_of_the_account_begins_near_its_end_and_each_follows_one_only() -> None:
    rows = subscriptions_known(
        tables_of(
            contract("s1", "a", "2022-01-01", "2022-12-31"),
            contract("s2", "a", "2022-01-05", "2023-01-04"),
            contract("s3", "a", "2023-01-05", "2024-01-04"),
            contract("s4", "b", "2022-01-01", "2022-12-31", cancelled_on="2022-06-30"),
            contract("s5", "b", "2023-01-01", "2026-12-31"),
            contract("s6", "c", "2022-01-01", "2024-06-01"),
        ),
        DAY,
    )
    found = renewal_outcomes(rows, DAY).set_index("subscription_id")["went_on"]
    assert found.to_dict() == {"s1": False, "s2": True, "s3": False, "s4": False}


def test_few_past_ends_of_a_product_are_held_near_all_of_them() -> None:
    """Ten plans, of which eight went on; one kit, which did not: (0 + 10 x 8 / 11) / (1 + 10) for kits."""
    past = []
    for number in range(10):
        past.append(contract(f"p{number}", f"a{number}", "2022-01-01", "2022-12-31"))
        if number < 8:
            past.append(contract(f"q{number}", f"a{number}", "2023-01-01", "2026-12-31"))
    kit = contract("k1", "k", "2022-01-01", "2022-12-31", product="Kit")
    due = contract("k2", "z", "2024-01-01", "2024-12-31", product="Kit")
    found = renewals_due(tables_of(*past, kit, due), day=DAY).iloc[0]
    assert found["renewal_rate"] == pytest.approx((0 + 10 * 8 / 11) / 11)
    assert 0 <= found["low"] < found["renewal_rate"] < found["high"] <= 1
    assert (found["n_past_ends"], found["expected"]) == (1, pytest.approx(10 * found["renewal_rate"]))


def test_the_open_renewal_is_one_of_a_renewal_process_and_of_the_product_first() -> None:
    stages = [Stage(name="Lead"), Stage(name="Won", outcome="won")]
    renewing = Workspace(processes=[Process(name="new", stages=stages), Process(name="Renewals", stages=stages)])
    deals = [
        make_opportunity("1", account_id="a", process="new", product="Plan"),
        make_opportunity("2", account_id="a", process="Renewals", product="Kit"),
        make_opportunity("3", account_id="a", process="Renewals", product="Plan"),
        make_opportunity("4", account_id="b", process="new", product="Plan"),
    ]
    contracts = [contract("s1", "a", "2024-01-01", "2024-12-31"), contract("s2", "b", "2024-01-01", "2024-12-31")]
    tables = tables_of(*contracts, deals=deals)
    found = renewals_due(tables, day=DAY, workspace=renewing)["open_renewal"]
    assert found.iloc[0] == "3"
    assert pd.isna(found.iloc[1])
    assert renewals_due(tables, day=DAY)["open_renewal"].tolist() == ["1", "4"]
    assert renewals_due(tables, day=DAY, renewal_processes=["new"])["open_renewal"].tolist() == ["1", "4"]


def test_stays_the_same_when_everything_after_the_day_comes_out_differently() -> None:
    other, space = with_another_future(pipeline().tables), workspace()
    assert not other["subscriptions"].equals(pipeline().tables["subscriptions"])
    now = renewals_due(pipeline().tables, day=DAY, workspace=space)
    assert len(now) > 20
    assert now["open_renewal"].notna().any()
    pd.testing.assert_frame_equal(renewals_due(other, day=DAY, workspace=space), now)


def test_without_contracts_there_is_nothing_due_and_without_past_ends_no_rate() -> None:
    assert renewals_due(make_tables([make_opportunity("1")], exported_on=DAY), day=DAY).empty
    first = renewals_due(tables_of(contract("s1", "a", "2024-01-01", "2024-12-31")), day=DAY).iloc[0]
    assert pd.isna(first["renewal_rate"])
    assert pd.isna(first["expected"])


def test_a_number_of_months_out_of_range_is_refused() -> None:
    with pytest.raises(ParameterError, match="months is 0"):
        renewals_due(pipeline().tables, day=DAY, months=0)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_note_and_heading_has_a_text(locale: str) -> None:
    words = Words(locale)
    for tables in (pipeline().tables, make_tables([make_opportunity("1")], exported_on=DAY)):
        for note in renewal_notes(tables, day=DAY, workspace=workspace()):
            assert words(f"note.{note.code}", **note.values)
    for name in renewals_due(make_tables([make_opportunity("1")], exported_on=DAY), day=DAY).columns:
        own = {"low": "renewal_low", "high": "renewal_high", "expected": "expected_renewal"}
        assert words(f"forecast_cash.{own.get(name, name)}")
