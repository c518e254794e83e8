"""Alerts by what is at stake: the money of each kind, the largest first, and nothing left out without a word."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from oppnb.cli import app
from oppnb.cli.alert_lines import MOST_SHOWN, alert_lines
from oppnb.delivery import FoundAlert, find_alerts
from oppnb.delivery.stakes import at_stake, by_stake, kind_lines
from oppnb.locale import Formats, Words
from tests.builders import make_opportunity, make_tables
from tests.delivery.reports import AS_OF, make_workspace

EN, EUR = Words("en"), Formats("en", currency="EUR")


def silent(deal: str, amount: float | None, **changed: object) -> FoundAlert:
    told = FoundAlert(f"silence/{deal}", "silence", date(2024, 3, 31), {"en": "Silent", "zh_CN": "久"}, deal)
    return replace(told, amount=amount, **changed)


def pile(key: str, amount: float) -> FoundAlert:
    texts = {"en": "Many", "zh_CN": "多"}
    return FoundAlert(f"backlog_over:{key}", "backlog_over", date(2024, 3, 31), texts, amount=amount)


def test_the_largest_come_first_of_equal_ones_the_longest_and_those_without_an_amount_last() -> None:
    alerts = [silent("a", None), silent("b", 5.0, value=3.0), silent("c", 5.0, value=9.0), silent("d", 7.0)]
    assert [one.opportunity_id for one in by_stake(alerts)] == ["d", "c", "b", "a"]
    mixed = by_stake([pile("owner_id:1/x", 1.0), *alerts, pile("owner_id:1/y", 99.0)])
    assert [one.when for one in mixed] == ["backlog_over"] * 2 + ["silence"] * 4
    assert mixed[0].amount == 99.0


def test_a_deal_counts_once_and_piles_that_may_hold_the_same_deals_are_not_added() -> None:
    twice = [silent("a", 5.0), replace(silent("a", 5.0), alert_id="silence/a/2"), silent("b", 1.0)]
    assert at_stake(twice) == 6.0
    assert at_stake([pile("owner_id:1/x", 4.0), pile("owner_id:1/y", 3.0)]) == 7.0
    assert at_stake([pile("owner_id:1/x", 4.0), pile("stage:1/y", 3.0)]) is None
    assert at_stake([silent("a", None)]) is None
    assert kind_lines([*twice, silent("c", None)], EN, EUR) == ("silent: 4 alerts, €6 (1 deal without an amount)",)


def test_what_the_screen_leaves_out_is_counted_with_its_money_and_the_place_of_all() -> None:
    alerts = by_stake(silent(str(n), float(n), name=f"Deal {n}", owner="Ann") for n in range(1, 1201))
    lines = alert_lines(alerts, words=EN, formats=EUR, all_in=Path("all.csv"))
    assert lines[0] == f"silent: 1,200 alerts, €{sum(range(1, 1201)):,}"
    assert len(lines) == 1 + 1 + MOST_SHOWN + 1  # the total, the headings, the first ones, the rest
    assert lines[-1].strip() == f"and 1,180 more (€{sum(range(1, 1181)):,}), all in all.csv"
    assert [re.findall(r"Deal (\d+)", line) for line in lines[2:4]] == [["1200"], ["1199"]]
    assert len(alert_lines(alerts[:MOST_SHOWN], words=EN, formats=EUR)) == MOST_SHOWN + 2


def test_a_line_names_deal_customer_amount_and_owner_and_moves_no_cursor() -> None:
    alert = silent("006A1", 1200.0, name="Big\x1b[2J one\nmore", account="Acme", owner="Ann")
    told = "\n".join(alert_lines([alert], words=EN, formats=EUR))
    assert all(part in told for part in ("Deal", "Customer", "Amount", "Owner", "Acme", "€1,200", "Ann", "Big"))
    assert "\x1b" not in told
    nameless = "\n".join(alert_lines([silent("006A1", None)], words=EN, formats=EUR))
    assert "006A1" in nameless
    assert "Customer" not in nameless


def test_customers_are_called_as_the_table_of_accounts_does_and_without_one_by_their_key() -> None:
    deals = [
        make_opportunity("1", stage="Demo", name="One", account_id="A1", amount=5.0),
        make_opportunity("2", stage="Demo", name="Two", account_id="A2", amount=9.0),
    ]
    workspace = make_workspace(
        "  digest: daily", alerts="alerts: [{when: backlog_over, limit: 9}, {when: promise_due}]\n"
    )
    deals = [{**one, "next_step_due_on": "2024-04-01"} for one in deals]
    for accounts, names in (([{"account_id": "A1", "name": "Acme"}], ["A2", "Acme"]), (None, ["A2", "A1"])):
        tables = make_tables(deals, exported_on=AS_OF, **({} if accounts is None else {"accounts": accounts}))
        found = find_alerts(tables, as_of="2024-03-31", workspace=workspace)
        assert [one.account for one in found.alerts] == names
        assert found.currency == "EUR"


@pytest.mark.parametrize(("locale", "total"), [("en", "2 alerts, €14"), ("zh_CN", "2 条，金额 €14")])
def test_the_command_tells_the_total_and_writes_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locale: str, total: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "oppnb.yaml").write_text(
        f"locale: {locale}\ncurrency: EUR\nalerts: [{{when: promise_due}}]\n", encoding="utf-8"
    )
    (tmp_path / "data").mkdir()
    rows = "opportunity_id,name,stage,amount,created_at,next_step_due_on\n"
    rows += "1,One,Demo,5,2024-01-02,2024-04-01\n2,Two,Demo,9,2024-01-02,2024-04-01\n"
    (tmp_path / "data" / "deals.csv").write_text(rows, encoding="utf-8")
    asked = ["alerts", "data", "--as-of", "2024-03-31", "--out", "all.csv"]
    said = CliRunner().invoke(app, asked)
    assert said.exit_code == 0, said.output
    assert total in said.output
    assert len(pd.read_csv(tmp_path / "all.csv")) == 2
    machine = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert [one["amount"] for one in machine["alerts"]] == [9.0, 5.0]
    assert machine["currency"] == "EUR"
