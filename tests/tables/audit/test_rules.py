"""Each rule on a hand-made table: which deals break it is the answer beside it."""

from typing import Any

import pandas as pd
import pytest

from oppnb.tables import Note, audit_tables
from oppnb.workspace import parse_workspace
from tests.tables.audit.audit_frames import found, make_deal, make_tables, rules_of

STAGES = parse_workspace(
    """
processes:
  - name: new
    stages: [{name: Demo, aliases: [演示]}, {name: Won, outcome: won}, {name: Lost, outcome: lost}]
"""
)
CLOSED = {"stage": "Won", "closed_at": "2025-06-20"}

ON_DEALS = [
    # rule, the fault in deal B (deal A is good), what else both carry
    ("closed_at_is_not_before_created_at", {"stage": "Won", "closed_at": "2025-06-09 10:00"}, {}),
    ("created_at_is_not_after_the_export", {"created_at": "2025-07-01 00:00"}, {}),
    ("closed_at_is_not_after_the_export", {"stage": "Won", "closed_at": "2025-07-02"}, {}),
    ("expected_close_on_is_not_before_created_at", {"expected_close_on": "2025-06-09"}, {}),
    ("open_deal_is_not_past_its_expected_close", {"expected_close_on": "2025-06-29"}, {}),
    ("amount_is_not_negative", {"amount": -1.0}, {}),
    ("amount_is_not_zero", {"amount": 0.0}, {}),
    ("amount_is_finite", {"amount": float("inf")}, {}),
    ("open_deal_has_an_amount", {"amount": None}, {}),
    ("won_deal_has_an_amount", {"amount": None, **CLOSED}, {}),
    ("opportunity_has_an_account", {"account_id": None}, {}),
    ("opportunity_has_an_owner", {"owner_id": None}, {}),
    ("opportunity_has_a_creation_date", {"created_at": None}, {}),
    ("stage_is_in_the_configuration", {"stage": "Parked"}, {}),
    ("required_columns_are_filled", {"stage": None}, {}),
    ("closed_deal_has_closed_at", {"stage": "Lost", "closed_at": None}, {}),
    ("open_deal_has_no_closed_at", {"closed_at": "2025-06-20"}, {}),
    ("outcome_agrees_with_the_stage", {"outcome": "won"}, {"outcome": "open"}),
    ("outcome_is_open_won_or_lost", {"outcome": "maybe"}, {"outcome": "open"}),
    ("currency_is_there", {"currency": None}, {"currency": "EUR"}),
    ("currency_is_an_iso_4217_code", {"currency": "EURO"}, {"currency": "EUR"}),
    ("currency_has_an_exchange_rate", {"currency": "USD"}, {"currency": "EUR"}),
    ("process_is_in_the_configuration", {"process": "old"}, {"process": "NEW"}),
]


@pytest.mark.parametrize(("rule", "fault", "both"), ON_DEALS, ids=[case[0] for case in ON_DEALS])
def test_names_the_one_deal_that_breaks_it(rule, fault, both):
    workspace = STAGES.model_copy(update={"currency": "EUR"})
    good = make_deal("A", **{**both, **({"closed_at": "2025-06-20", "stage": "Won"} if "stage" in fault else {})})
    tables = make_tables(good, make_deal("B", **{"closed_at": None, **both, **fault}))
    finding = found(audit_tables(tables, workspace=workspace), rule)
    assert (finding.n_rows, finding.first_keys, finding.done) == (1, ("B",), "kept")


def test_finds_nothing_in_good_tables():
    tables = make_tables(
        make_deal("A", stage="演示"),
        make_deal("B", stage="won", closed_at="2025-06-10"),  # the day of its creation: no time, so not before
        accounts=[{"account_id": "A1", "name": "Acme"}],
        owners=[{"owner_id": "O1", "active": True}],
        opportunity_history=[{"opportunity_id": "A", "changed_at": "2025-06-10 09:00", "stage": "DEMO"}],
    )
    assert audit_tables(tables, workspace=STAGES).findings == ()


def test_reads_a_day_by_the_clock_of_the_workspace():
    shanghai = parse_workspace("calendar: {time_zone: Asia/Shanghai}")
    # 2025-06-30 15:59 UTC is 23:59 in Shanghai, 16:01 is the first minute of July there.
    tables = make_tables(
        make_deal("A", created_at="2025-06-30 15:59", expected_close_on="2025-06-30"),
        make_deal("B", created_at="2025-06-30 16:01", expected_close_on="2025-07-01"),
    )
    result = audit_tables(tables, workspace=shanghai)
    assert found(result, "created_at_is_not_after_the_export").first_keys == ("B",)
    assert "expected_close_on_is_not_before_created_at" not in rules_of(result)


def test_finds_links_that_lead_nowhere_and_the_likely_spelling():
    tables = make_tables(
        make_deal("A", account_id="Acme Corp", owner_id="O1"),
        make_deal("B", account_id="ACME  Corp.", owner_id="O9"),
        accounts=[{"account_id": "Acme Corp", "name": "Acme"}],
        owners=[{"owner_id": "O1", "name": "x"}],
        activities=[{"opportunity_id": "Z", "kind": "call", "occurred_at": "2025-06-12"}],
    )
    result = audit_tables(tables)
    account = found(result, "account_id_is_in_accounts")
    assert (account.n_rows, account.amount, account.first_keys) == (1, 1000.0, ("B",))
    assert account.note.values["pairs"] == "ACME  Corp. → Acme Corp (1)"
    assert found(result, "owner_id_is_in_owners").note is None  # O9 is no spelling of O1
    assert found(result, "opportunity_id_is_in_opportunities", "activities").first_keys == ("Z",)


def test_finds_a_product_spelt_differently_in_the_line_items():
    tables = make_tables(
        make_deal("A", product="GTXPro"),
        make_deal("B", product="Consulting"),
        line_items=[{"opportunity_id": "A", "product": "GTX Pro"}],
    )
    finding = found(audit_tables(tables), "product_is_spelt_as_in_line_items")
    assert (finding.n_rows, finding.first_keys) == (1, ("A",))


def test_finds_a_rare_spelling_of_a_frequent_value():
    regions = ["Northern"] * 20 + ["Nothern", "northern", "Southern"]
    tables = make_tables(*(make_deal(f"D{place}", region=region) for place, region in enumerate(regions)))
    finding = found(audit_tables(tables), "spelling_is_the_usual_one")
    assert finding.first_keys == ("D20", "D21")


def test_finds_a_deal_entered_twice():
    tables = make_tables(
        make_deal("A", name="Roof for the town hall"),
        make_deal("B", name="Roof for the town-hall", created_at="2025-06-12"),  # 2 days later: the same deal
        make_deal("C", name="Roof for the town hall", created_at="2025-06-25"),  # 13 days later than B
        make_deal("D", name="Solar panels for a school"),
        make_deal("E", name="Roof for the town hall 2"),  # numbered: another deal
        make_deal("F", name="Roof for the town hall", amount=None),
    )
    assert found(audit_tables(tables), "opportunity_is_not_entered_twice").first_keys == ("B",)


def test_finds_a_customer_entered_twice():
    accounts = [{"account_id": "A2", "name": "ACME Co., Ltd."}, {"account_id": "A1", "name": "Acme"}]
    assert found(
        audit_tables(make_tables(accounts=accounts)), "account_is_not_entered_twice", "accounts"
    ).first_keys == ("A2",)


def test_finds_an_amount_a_hundred_times_too_large():
    deals = [make_deal(f"D{place}", amount=900.0 + place) for place in range(40)]
    finding = found(audit_tables(make_tables(*deals, make_deal("X", amount=95_000.0))), "amount_is_of_the_usual_size")
    assert (finding.first_keys, finding.n_checked, finding.amount) == (("X",), 41, 95_000.0)


def test_counts_currencies_and_adds_only_what_it_can_convert():
    deals = [
        make_deal("A", currency="EUR"),
        make_deal("B", currency="EUR"),
        make_deal("C", currency="USD", amount=-10.0),
    ]
    without = found(audit_tables(make_tables(*deals)), "amount_is_not_negative")
    assert without.amount is None
    rates = [{"currency": "USD", "on": "2025-01-01", "rate_to_base": 0.5}]
    with_rates = audit_tables(make_tables(*deals, exchange_rates=rates))
    assert found(with_rates, "amount_is_not_negative").amount == -5.0
    mixed = found(with_rates, "amounts_are_in_one_currency")
    assert mixed.note.values["currencies"] == "EUR (2), USD (1)"
    assert "currency_has_an_exchange_rate" not in rules_of(with_rates)


def test_finds_deals_that_never_moved():
    old = {"created_at": "2025-05-01"}
    history = [
        {"opportunity_id": "A", "changed_at": "2025-05-01", "stage": "Demo"},
        {"opportunity_id": "A", "changed_at": "2025-05-02", "stage": "Demo"},
        {"opportunity_id": "B", "changed_at": "2025-05-01", "stage": "Lead"},
        {"opportunity_id": "B", "changed_at": "2025-05-02", "stage": "Demo"},
        {"opportunity_id": "D", "changed_at": "2025-06-10 09:00", "stage": "Demo"},
    ]
    # A stayed; B moved; C has no history; D is 20 days old.
    deals = [make_deal("A", **old), make_deal("B", **old), make_deal("C", **old), make_deal("D")]
    finding = found(
        audit_tables(make_tables(*deals, opportunity_history=history)), "open_deal_older_than_30_days_has_moved"
    )
    assert (finding.n_rows, finding.n_checked, finding.first_keys) == (1, 2, ("A",))


def histories(n_closed: int, *, n_of_two: int) -> dict[str, Any]:
    """Two open deals of May in their first stage, and closed deals of which some stood in two stages before."""
    deals = [make_deal(key, created_at="2025-05-01") for key in ("A", "B")]
    rows = [{"opportunity_id": key, "changed_at": "2025-05-01", "stage": "Demo"} for key in ("A", "B")]
    for n in range(n_closed):
        deals.append(make_deal(f"C{n}", **{**CLOSED, "stage": "Won", "created_at": "2025-05-01"}))
        stages = ["Lead", "Demo", "Won"] if n < n_of_two else ["Demo", "Won"]
        rows += [
            {"opportunity_id": f"C{n}", "changed_at": f"2025-05-0{day}", "stage": stage}
            for day, stage in enumerate(stages, start=1)
        ]
    return {"deals": deals, "history": rows}


@pytest.mark.parametrize(
    ("n_closed", "n_of_two", "is_explained"), [(10, 0, True), (10, 1, False), (9, 0, False), (0, 0, False)]
)
def test_a_deal_that_never_moved_says_nothing_where_no_deal_was_ever_seen_to_move(n_closed, n_of_two, is_explained):
    made = histories(n_closed, n_of_two=n_of_two)
    result = audit_tables(make_tables(*made["deals"], opportunity_history=made["history"]))
    finding = found(result, "open_deal_older_than_30_days_has_moved")
    assert (finding.n_rows, finding.n_checked) == (2, 2)
    expected = Note("audit_one_stage", {"n_closed": n_closed, "n_explained": 2}) if is_explained else None
    assert finding.note == expected


@pytest.mark.parametrize(("n_zero", "n_explained"), [(20, 20), (18, 18), (17, None)])
def test_a_lost_deal_with_amount_0_is_the_way_of_a_crm_that_writes_nearly_all_so(n_zero, n_explained):
    lost = [make_deal(f"L{n}", **{**CLOSED, "stage": "Lost", "amount": 0.0 if n < n_zero else 5.0}) for n in range(20)]
    result = audit_tables(make_tables(make_deal("A", amount=0.0), make_deal("B"), *lost))
    finding = found(result, "amount_is_not_zero")
    assert finding.n_rows == n_zero + 1
    told = None if finding.note is None else finding.note.values
    assert told == (n_explained and {"n_explained": n_explained, "n_lost": 20, "n_others": 1})


def test_compares_the_last_state_of_the_history_with_the_deal():
    history = [
        {"opportunity_id": "A", "changed_at": "2025-06-12", "stage": "Won", "amount": 1000.0, "owner_id": "O1"},
        {"opportunity_id": "A", "changed_at": "2025-06-09", "stage": "Demo", "amount": 5.0, "owner_id": None},
        {"opportunity_id": "B", "changed_at": "2025-06-12", "stage": "DEMO", "amount": 999.0, "owner_id": "O2"},
    ]
    result = audit_tables(make_tables(make_deal("A"), make_deal("B"), opportunity_history=history))
    assert found(result, "last_stage_in_history_is_the_current_one").first_keys == ("A",)
    assert found(result, "last_amount_in_history_is_the_current_one").first_keys == ("B",)
    assert found(result, "last_owner_in_history_is_the_current_one").first_keys == ("B",)
    assert found(result, "history_is_not_before_created_at", "opportunity_history").n_rows == 1


def test_finds_open_deals_of_sellers_who_left():
    owners = [{"owner_id": "O1", "active": True}, {"owner_id": "O2", "active": False}]
    deals = [make_deal("A"), make_deal("B", owner_id="O2"), make_deal("C", owner_id="O2", **CLOSED)]
    finding = found(audit_tables(make_tables(*deals, owners=owners)), "owner_of_an_open_deal_is_active")
    assert (finding.n_rows, finding.n_checked, finding.first_keys) == (1, 2, ("B",))


def test_finds_contacts_out_of_range():
    contacts = [
        {"opportunity_id": "D1", "contact_id": "P", "influence": 0.5, "stance": -1.0},
        {"opportunity_id": "D1", "contact_id": "Q", "influence": 50.0, "stance": None},
        {"opportunity_id": "D1", "contact_id": "R", "influence": None, "stance": -2.0},
    ]
    result = audit_tables(make_tables(contacts=contacts))
    assert found(result, "influence_is_between_0_and_1", "contacts").first_keys == ("D1/Q",)
    assert found(result, "stance_is_between_minus_1_and_1", "contacts").first_keys == ("D1/R",)


def test_finds_targets_that_overlap_and_sets_a_repeated_one_aside():
    quarter = {"period_start": "2025-04-01", "period_end": "2025-06-30", "amount": 9.0, "owner_id": "O1"}
    june = {**quarter, "period_start": "2025-06-01"}
    result = audit_tables(make_tables(targets=[quarter, quarter, june, {**june, "owner_id": "O2"}]))
    assert found(result, "row_is_not_repeated", "targets").done == "set_aside"
    assert found(result, "targets_do_not_overlap", "targets").first_keys == ("2025-06-01/2025-06-30/O1",)


def test_finds_money_received_too_early_or_for_nothing():
    deals = [make_deal("A", stage="Won", closed_at="2025-06-20"), make_deal("B")]
    payments = [
        {"opportunity_id": "A", "paid_on": "2025-06-20", "amount": 1.0},
        {"opportunity_id": "A", "paid_on": "2025-06-19", "amount": 2.0},
        {"opportunity_id": "B", "paid_on": "2025-06-21", "amount": 4.0},
    ]
    result = audit_tables(make_tables(*deals, payments=payments))
    assert found(result, "paid_on_is_not_before_the_close", "payments").amount == 2.0
    assert found(result, "payment_belongs_to_a_won_deal", "payments").amount == 4.0


def test_names_columns_that_are_filled_on_won_deals_only():
    won = [make_deal(f"W{n}", contract="C", **CLOSED) for n in range(15)]
    lost = [make_deal(f"L{n}", contract=None, stage="Lost", closed_at="2025-06-20") for n in range(15)]
    finding = found(audit_tables(make_tables(*won, *lost)), "column_is_filled_alike_on_won_and_lost")
    assert finding.first_keys == ("contract",)
    assert (finding.note.values["won"], finding.note.values["lost"]) == (1.0, 0.0)
    few = audit_tables(make_tables(*won[:2], *lost[:2]))  # 2 and 2: chance alone does that once in six times
    assert "column_is_filled_alike_on_won_and_lost" not in rules_of(few)


def test_knows_a_repeated_row_from_a_key_with_two_contents():
    tables = make_tables(make_deal("A"), make_deal("A"), make_deal("B", amount=1.0), make_deal("B", amount=2.0))
    result = audit_tables(tables)
    assert found(result, "row_is_not_repeated").first_keys == ("A",)
    assert found(result, "key_is_there_once").first_keys == ("B",)
    assert result.tables["opportunities"]["amount"].tolist() == [1000.0, 2.0]


def test_keeps_repeated_events_and_says_so():
    call = {"opportunity_id": "D1", "kind": "call", "occurred_at": pd.Timestamp("2025-06-12")}
    result = audit_tables(make_tables(activities=[call, call]))
    assert found(result, "event_is_not_repeated", "activities").done == "kept"
    assert len(result.tables["activities"]) == 2
