"""Keys, texts, flags, currencies, and what all kinds share."""

import typing

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.locale import Words
from oppnb.sources.coerce import coerce_column
from oppnb.tables import Kind

KINDS = typing.get_args(Kind)
DTYPES = {
    "key": "str",
    "text": "str",
    "currency": "str",
    "flag": "boolean",
    "day": "datetime64[us]",
    "moment": "datetime64[us]",
}


def shown(coerced):
    return [None if pd.isna(value) else value for value in coerced.values]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.none() | st.text(max_size=8) | st.integers() | st.floats() | st.booleans() | st.datetimes(), max_size=8)
)
def test_takes_any_mixture_of_values_to_any_kind(values):
    column = pd.Series(values, dtype="object", index=[f"row {n}" for n in range(len(values))])
    for kind in KINDS:
        coerced = coerce_column(column, kind)
        assert str(coerced.values.dtype) == DTYPES.get(kind, "float64")
        assert coerced.values.index.equals(column.index)
        for problem in coerced.problems:
            assert problem.rows.isin(column.index).all()
            assert len(problem.rows)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cf"]), max_size=10), max_size=10)
)
def test_keeps_texts_without_outer_blanks_as_they_are(texts):
    coerced = coerce_column(pd.Series([f" \u3000{text}\u00a0" for text in texts], dtype="str"), "text")
    assert shown(coerced) == [text or None for text in texts]


@given(st.integers(-(2**70), 2**70))
def test_writes_whole_numbers_as_keys_without_a_point(number):
    assert shown(coerce_column(pd.Series([number, "x"], dtype="object"), "key")) == [str(number), "x"]


def test_keeps_leading_zeros_exponents_and_words_for_nothing():
    words = ["007", "1e5", "NA", "None", "null", "N/A", "nan", "12345678901234567890"]
    assert shown(coerce_column(pd.Series(words), "key")) == words


def test_writes_native_values_as_text():
    assert shown(coerce_column(pd.Series([12.0, None]), "key")) == ["12", None]
    assert shown(coerce_column(pd.Series([12.5, 1e300]), "key"))[0] == "12.5"
    assert shown(coerce_column(pd.Series([True, None], dtype="boolean"), "text")) == ["true", None]
    assert shown(coerce_column(pd.Series(pd.to_datetime(["2024-03-05 00:00", "2024-03-05 10:00"])), "text")) == [
        "2024-03-05",
        "2024-03-05T10:00:00",
    ]
    assert shown(coerce_column(pd.Series(["a", "b", "a"], dtype="category"), "text")) == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("yes", "no"), [("true", "FALSE"), ("Yes", "no"), ("Y", "n"), ("1", "0"), ("是", "否"), ("在职", "离职")]
)
def test_reads_flags(yes, no):
    assert shown(coerce_column(pd.Series([yes, no, None, "maybe"]), "flag")) == [True, False, None, None]
    assert [problem.rule for problem in coerce_column(pd.Series(["maybe"]), "flag").problems] == ["flag_is_yes_or_no"]
    assert shown(coerce_column(pd.Series([1, 0]), "flag")) == [True, False]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("usd", "USD"),
        ("EUR ", "EUR"),
        ("元", "CNY"),
        ("人民币", "CNY"),
        ("RMB", "CNY"),
        ("美元", "USD"),
        ("US$", "USD"),
        ("€", "EUR"),
        ("￥", "CNY"),
        ("HK$", "HKD"),
    ],
)
def test_reads_currencies(text, code):
    assert shown(coerce_column(pd.Series([text, "Taler"]), "currency")) == [code, None]


def test_says_what_it_read_a_shared_sign_as():
    coerced = coerce_column(pd.Series(["$", "$", "EUR"]), "currency")
    assert coerced.decided == "$ read as USD in 2 values"
    assert coerced.decided_in(Words("zh_CN")) == "2 个值中的 $ 读作 USD"


def test_has_words_for_every_rule_and_decision_in_both_languages():
    texts = ["03/04/2024", "2024-02-30", "9999-12-31", "soon", "2024-03", "1.200", "$", "7,5", "1.5", "-"]
    for locale in ("en", "zh_CN"):
        words = Words(locale)
        for kind in KINDS:
            coerced = coerce_column(pd.Series(texts), kind)
            coerced.decided_in(words)
            for problem in coerced.problems:
                assert words(f"rule.{problem.rule}")
