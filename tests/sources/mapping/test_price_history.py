"""A flat list with list prices beside it: what a deal was worth before its close is proposed as a history."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from oppnb.sources import Reading, read_tables

HEADERS = ["Deal ID", "Stage", "Product", "Created", "Closed", "Value"]


def export(folder: Path, deals: Sequence[Sequence[object]], *, price: str = "List Price", headers=HEADERS) -> Reading:
    lines = [",".join(headers), *(",".join("" if v is None else str(v) for v in row) for row in deals)]
    (folder / "deals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "catalogue.csv").write_text(f"Product,{price}\nA,100\nB,250\n", encoding="utf-8")
    return read_tables(folder)


def rows(n_open: int, *, stages: Sequence[str] = ("Demo",), value: object = None) -> list[list[object]]:
    closed = [[f"c{i}", "Won", "A", "2024-01-01", "2024-02-01", 90] for i in range(6)]
    is_open = [[f"o{i}", stages[i % len(stages)], "B", "2024-01-05", None, value] for i in range(n_open)]
    return closed + is_open


def rules(reading: Reading) -> list[dict[str, object]]:
    found = [one.rule for one in reading.proposals if one.rule.table == "opportunity_history"]
    return [{name: column.column or column.value for name, column in rule.columns.items()} for rule in found]


@pytest.mark.parametrize("price", ["List Price", "Sales Price", "unit_price", "目录价", "标价"])
def test_the_list_price_stands_until_the_closing_value(tmp_path: Path, price: str) -> None:
    reading = export(tmp_path, rows(12), price=price)
    assert rules(reading) == [
        {"opportunity_id": "Deal ID", "changed_at": "Created", "stage": "Demo", "amount": price},
        {"opportunity_id": "Deal ID", "changed_at": "Closed", "stage": "Stage", "amount": "Value"},
    ]
    history = reading.tables["opportunity_history"]
    assert history["amount"].value_counts().to_dict() == {250.0: 12, 100.0: 6, 90.0: 6}


def test_a_day_of_creation_that_is_of_several_stages_tells_none(tmp_path: Path) -> None:
    reading = export(tmp_path, rows(12, stages=["Demo", "Offer"]))
    assert [sorted(rule) for rule in rules(reading)] == [["amount", "changed_at", "opportunity_id"]] * 2


def test_few_open_rows_tell_no_stage(tmp_path: Path) -> None:
    assert "stage" not in rules(export(tmp_path, rows(3)))[0]


def test_a_value_that_open_rows_have_too_is_no_closing_value(tmp_path: Path) -> None:
    assert rules(export(tmp_path, rows(12, value=70))) == []


def test_without_a_day_of_creation_there_is_no_history(tmp_path: Path) -> None:
    deals = [[row[0], row[1], row[2], row[4], row[5]] for row in rows(12)]
    headers = [name for name in HEADERS if name != "Created"]
    assert rules(export(tmp_path, deals, headers=headers)) == []


def test_a_history_that_the_export_has_is_left_alone(tmp_path: Path) -> None:
    text = "opportunity_id,changed_at,stage\nc0,2024-01-01,Demo\n"
    (tmp_path / "opportunity_history.csv").write_text(text, encoding="utf-8")
    reading = export(tmp_path, rows(12))
    assert [one.rule.file for one in reading.proposals if one.rule.table == "opportunity_history"] == [
        "opportunity_history.csv"
    ]
