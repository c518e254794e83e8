"""Money, numbers and shares."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.sources.coerce import coerce_column, currencies_in


def read(values, kind="money", **how):
    return coerce_column(pd.Series(values, dtype="str"), kind, **how)


def numbers(coerced):
    return [None if math.isnan(number) else number for number in coerced.values]


def rules(coerced):
    return {problem.rule: problem.rows.tolist() for problem in coerced.problems}


AMOUNT = st.integers(-(10**11), 10**11).map(lambda cents: cents / 100)
WRITTEN = {
    "plain": lambda x: f"{x:.2f}",
    "english": lambda x: f"{x:,.2f}",
    "german": lambda x: f"{x:,.2f}".translate(str.maketrans(",.", ".,")),
    "french": lambda x: f"{x:,.2f}".replace(",", "\u202f").replace(".", ","),
    "swiss": lambda x: f"{x:,.2f}".replace(",", "’"),
    "dollars": lambda x: f"(${-x:,.2f})" if x < 0 else f"${x:,.2f}",
    "yuan": lambda x: f"¥{x:,.2f}",
    "euros after": lambda x: f"{x:.2f} €",
    "code before": lambda x: f"EUR {x:,.2f}",
    "minus after": lambda x: f"{-x:.2f}-" if x < 0 else f"{x:.2f}",
    "full width": lambda x: f"{x:,.2f}".translate({ord(a): ord(a) + 0xFEE0 for a in "0123456789,.-"}),
    "exponent": lambda x: f"{x:.14e}",
}


@settings(max_examples=40, deadline=None)
@given(st.lists(AMOUNT, min_size=1, max_size=20), st.sampled_from(sorted(WRITTEN)))
def test_reads_back_every_amount_in_every_form(amounts, form):
    coerced = read([WRITTEN[form](amount) for amount in amounts])
    assert numbers(coerced) == amounts
    assert coerced.problems == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20), st.sampled_from(["{:,}", "{}", "{:,} 元"]))
def test_reads_back_whole_amounts(amounts, form):
    assert numbers(read([form.format(amount) for amount in amounts])) == amounts


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=12) | st.text("0123456789.,-()% $¥万亿eE", max_size=10), max_size=10))
def test_never_raises_and_accounts_for_every_text(texts):
    for kind in ("money", "number", "share"):
        coerced = coerce_column(pd.Series(texts, dtype="object"), kind)
        given_rows = coerce_column(pd.Series(texts, dtype="object"), "text").values.notna()
        lost = {row for problem in coerced.problems for row in problem.rows}
        assert set(coerced.values.index[given_rows & coerced.values.isna()]) <= lost


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,200.50", 1200.5),
        ("¥1,234", 1234),
        ("￥1,234.00", 1234),
        ("$ (300)", -300),
        ("-$300", -300),
        ("$-300", -300),
        ("12.5%", 0.125),
        ("3.5万", 35000),
        ("1.1万元", 11000),
        ("1.2亿", 120_000_000),
        ("300万", 3_000_000),
        ("1 200", 1200),
        ("１，２００", 1200),
        ("US$ 1.2M", 1_200_000),
        ("250k", 250_000),
        ("12,34,567", 1_234_567),
        (".5", 0.5),
        ("+7", 7),
        ("0", 0),
        ("1e5", 100_000),
    ],
)
def test_reads_what_people_write(text, expected):
    coerced = read([text])
    assert numbers(coerced) == [expected]
    assert coerced.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "(5",
        "5)",
        "1,2,3",
        "--5",
        "-5-",
        "1 2",
        "5 apples",
        "1.2.3",
        "inf",
        "nan",
        "1e999",
        "N/A",
        "万",
        "1 200 30",
    ],
)
def test_gives_null_and_names_the_rule(text):
    coerced = read(["7", text])
    assert numbers(coerced) == [7, None]
    assert rules(coerced) == {"number_is_readable": [1]}


def test_decides_the_decimal_mark_over_the_whole_column():
    coerced = read(["1.200", "5,5", "3"])
    assert numbers(coerced) == [1200, 5.5, 3]
    assert coerced.decided == "decimal comma, 1 values say so, 0 the other"
    assert numbers(read(["1,200", "5.5", "3"])) == [1200, 5.5, 3]


def test_reports_rows_with_the_other_decimal_mark():
    coerced = read(["1.5", "2.5", "3,55"])
    assert numbers(coerced) == [1.5, 2.5, None]
    assert rules(coerced) == {"decimal_mark_is_the_same_in_all_rows": [2]}


def test_is_unclear_where_a_dot_may_divide_thousands():
    money, number = read(["1.200", "3.400"]), read(["1.200", "3.400"], "number")
    assert (numbers(money), numbers(number)) == ([1200, 3400], [1.2, 3.4])
    assert rules(money) == rules(number) == {"decimal_mark_is_clear": [0, 1]}


def test_takes_shares_over_one_for_percent():
    coerced = read(["50", "20", "0", None], "share")
    assert numbers(coerced) == [0.5, 0.2, 0, None]
    assert coerced.decided == "percent: 2 of 2 values are over 1"
    assert numbers(read(["0.5", "1", "12%"], "share")) == [0.5, 1, 0.12]


def test_reports_shares_that_are_none():
    coerced = read(["0.5", "0.2", "1.7", "-0.1"], "share")
    assert numbers(coerced) == [0.5, 0.2, None, None]
    assert rules(coerced) == {"share_is_between_0_and_1": [2, 3]}


def test_scales_without_leaving_dust():
    assert numbers(read(["57", "29"], "share", scale=0.01)) == [0.57, 0.29]
    assert numbers(read(["3.5"], scale=10000)) == [35000]
    assert numbers(coerce_column(pd.Series([7, None]), "money", scale=1000)) == [7000, None]


def test_passes_native_numbers_on():
    native = pd.Series([1.5, None, math.inf])
    coerced = coerce_column(native, "money")
    assert numbers(coerced) == [1.5, None, None]
    assert rules(coerced) == {"number_is_readable": [2]}
    assert numbers(coerce_column(pd.Series([1, None], dtype="Int64"), "number")) == [1, None]


def test_finds_the_currency_that_an_amount_carries():
    found = currencies_in(pd.Series(["¥1,200", "US$5", "5 €", "12", "3.5万元", "HKD 5", None]))
    assert [None if pd.isna(code) else code for code in found] == ["CNY", "USD", "EUR", None, "CNY", "HKD", None]
