import pandas as pd
import pytest

from oppnb.locale import Formats, Words
from oppnb.reports import TableLook, table_html

HOSTILE = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "$$x$$", '"&<>']


def made(frame: pd.DataFrame, **look) -> str:
    return table_html(
        frame, words=Words("en"), formats=Formats("en", currency="USD"), look=TableLook(**look), caption="T"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_the_data_never_becomes_markup(text):
    page = made(pd.DataFrame({text: [text], "amount": [1.0]}))
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("<th") == 4  # thead, two heads, one row head


def test_counts_the_rows_that_are_only_in_the_workbook():
    assert "15 more rows" in made(pd.DataFrame({"name": list("abcdefghijklmnopqrst")}), limit=5)


def test_says_so_when_there_are_no_rows():
    page = made(pd.DataFrame({"name": []}))
    assert "No rows." in page
    assert "<table" not in page


def test_a_missing_value_is_a_dash():
    assert made(pd.DataFrame({"name": ["a"], "amount": [float("nan")]})).count("–") == 1
