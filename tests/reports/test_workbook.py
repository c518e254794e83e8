from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppnb.locale import Formats, Words
from oppnb.reports import write_workbook
from oppnb.reports.workbook import sheet_name

HOSTILE = ['=HYPERLINK("http://x")', "+1", "-2+3", "@cmd", "http://example.test/a", "mailto:a@b", "{=A1}", "007", "1e5"]


def written(tmp_path: Path, frame: pd.DataFrame, locale: str = "en"):
    path = tmp_path / "report.xlsx"
    write_workbook({"Deals": frame}, path, words=Words(locale), formats=Formats(locale, currency="EUR"))
    return openpyxl.load_workbook(path)["Deals"]


def test_text_stays_text_whatever_it_begins_with(tmp_path):
    sheet = written(tmp_path, pd.DataFrame({"name": HOSTILE}))
    cells = [sheet.cell(row, 1) for row in range(2, len(HOSTILE) + 2)]
    assert [cell.value for cell in cells] == HOSTILE
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)


def test_a_header_is_text_too(tmp_path):
    sheet = written(tmp_path, pd.DataFrame({"=1+1": ["x"]}))
    assert (sheet.cell(1, 1).value, sheet.cell(1, 1).data_type) == ("=1+1", "s")


def test_numbers_days_and_shares_are_values_with_a_format(tmp_path):
    frame = pd.DataFrame(
        {
            "name": ["a", None],
            "amount": [1234.5, float("nan")],
            "win_rate": [0.25, float("nan")],
            "expected_close_on": pd.to_datetime(["2017-09-30", None]),
        }
    )
    sheet = written(tmp_path, frame)
    assert [cell.value for cell in sheet[3]] == [None] * 4
    assert sheet["B2"].value == 1234.5
    assert "EUR" in sheet["B2"].number_format
    assert sheet["C2"].number_format == "0.0%"
    assert sheet["D2"].value.isoformat() == "2017-09-30T00:00:00"
    assert sheet.freeze_panes == "B2"


def test_proposed_odds_are_shares_with_their_interval_and_proposed_days_are_days(tmp_path):
    named = ["before", "after", "observed", "reference", "low", "high"]
    frame = pd.DataFrame([[0.6, 0.06, 0.058, 0.6, 0.045, 0.072], [0.0, 14.0, 51.0, 37.0, 9.0, 20.0]], columns=named)
    sheet = written(tmp_path, frame.assign(unit=["share", "days"]))
    shown = [{cell.number_format for cell in sheet[row][: len(named)]} for row in (2, 3)]
    assert shown == [{"0.0%"}, {"#,##0.0"}]


def test_a_figure_is_written_in_the_unit_of_its_row_and_its_n_as_a_count(tmp_path):
    frame = pd.DataFrame(
        {
            "value": [0.589, 1.7, 57.0, 1234.5, 12.0],
            "unit": ["share", "ratio", "days", "money", "count"],
            "n": [20] * 5,
            "low": [0.5, 1.5, 50.0, 1200.0, None],
        }
    )
    sheet = written(tmp_path, frame)
    assert sheet["D2"].number_format == "0.0%"
    formats = [sheet.cell(row, 1).number_format for row in range(2, 7)]
    assert formats[:3] == ["0.0%", "0.00", "#,##0.0"]
    assert "EUR" in formats[3]
    assert formats[4] == "#,##0"
    assert {sheet.cell(row, 3).number_format for row in range(2, 7)} == {"#,##0"}


def test_a_fraction_is_never_shown_as_a_whole_number(tmp_path):
    sheet = written(tmp_path, pd.DataFrame({"something": [0.06, 7.0, None]}))
    assert [sheet.cell(row, 1).number_format for row in (2, 3)] == ["0.000", "#,##0"]


def test_headings_are_in_the_readers_language(tmp_path):
    sheet = written(tmp_path, pd.DataFrame({"amount": [1.0]}), locale="zh_CN")
    assert sheet["A1"].value == "金额"


def test_columns_are_wide_enough_for_what_they_hold(tmp_path):
    sheet = written(tmp_path, pd.DataFrame({"name": ["一个比较长的商机名称"]}))
    assert sheet.column_dimensions["A"].width >= 20


@given(st.lists(st.text(max_size=50), max_size=6))
def test_sheet_names_are_allowed_and_differ(titles):
    taken: set[str] = set()
    names = [sheet_name(title, taken) for title in titles]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


@pytest.mark.parametrize("length", [32_767, 40_000])
def test_a_text_longer_than_a_cell_is_cut_and_not_lost(tmp_path, length):
    sheet = written(tmp_path, pd.DataFrame({"name": ["x" * length]}))
    assert len(sheet["A2"].value) == 32_767
