"""Words, money and dates in the reader's language."""

import math
import re
from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from oppnb.errors import UsageError
from oppnb.locale import LOCALES, Formats, Words


def catalogue_files() -> dict[str, set[str]]:
    """Locale -> names of its files without the locale."""
    names = [entry.name for entry in (files("oppnb.locale") / "catalogue").iterdir()]
    return {
        locale: {name.removesuffix(f".{locale}.yaml") for name in names if f".{locale}." in name} for locale in LOCALES
    }


def read(name: str, locale: str) -> dict[str, dict[str, str]]:
    entry = files("oppnb.locale") / "catalogue" / f"{name}.{locale}.yaml"
    return YAML(typ="safe", pure=True).load(entry.read_text(encoding="utf-8"))


def flat(name: str, locale: str) -> dict[str, str]:
    tree = read(name, locale)
    return {f"{subject}.{key}": text for subject, words in tree.items() for key, text in words.items()}


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)", text))


def test_each_file_of_the_catalogue_stands_in_every_locale() -> None:
    assert catalogue_files()["en"] == catalogue_files()["zh_CN"]


# `between` is what stands between two sentences: a blank in English, nothing in Chinese.
@pytest.mark.parametrize("name", sorted(catalogue_files()["en"]))
def test_each_text_stands_in_both_languages_with_the_same_placeholders(name: str) -> None:
    english, chinese = flat(name, "en"), flat(name, "zh_CN")
    assert english.keys() == chinese.keys()
    wrong = [key for key in english if placeholders(english[key]) != placeholders(chinese[key])]
    assert not wrong
    texts = [text for told in (english, chinese) for key, text in told.items() if not key.endswith(".between")]
    assert all(isinstance(text, str) and text.strip() for text in texts)


def test_no_key_stands_in_two_files() -> None:
    keys = [key for name in catalogue_files()["en"] for key in flat(name, "en")]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("text", ["zh", "zh-CN", "zh_CN", "zh_Hans_CN"])
def test_every_way_to_write_simplified_chinese_is_understood(text: str) -> None:
    assert Words(text)("column.stage") == "阶段"


def test_an_unknown_locale_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="en or zh_CN"):
        Words("fr")


@pytest.mark.parametrize(
    ("locale", "currency", "value", "long", "short"),
    [
        ("en", "USD", 1234567.4, "$1,234,567", "$1.23M"),
        ("zh_CN", "CNY", 1234567.4, "¥1,234,567", "¥123万"),
        ("en", "CNY", 950, "CN¥950", "CN¥950"),
        ("zh_CN", "CNY", 28636256.0, "¥28,636,256", "¥2864万"),
        ("zh_CN", "CNY", 121953144.0, "¥121,953,144", "¥1.22亿"),
        ("zh_CN", "CNY", 1131.4, "¥1,131", "¥1,131"),
        ("zh_CN", None, 121953144.0, "121,953,144", "1.22亿"),
        ("en", "USD", -1500.0, "−$1,500", "−$1.5K"),
        ("en", "JPY", 1234567, "¥1,234,567", "¥1.23M"),
    ],
)
def test_money_is_written_as_the_reader_writes_it(
    locale: str, currency: str | None, value: float, long: str, short: str
) -> None:
    formats = Formats(locale, currency=currency)
    assert formats.money(value) == long
    assert formats.money(value, short=True) == short


def test_cents_are_kept_where_they_are_asked_for() -> None:
    assert Formats("en", currency="EUR").money(1234.5, cents=True) == "€1,234.50"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_any_number_is_written_without_an_error(value: float) -> None:
    for locale in LOCALES:
        formats = Formats(locale, currency="CNY")
        assert all(
            [
                formats.money(value),
                formats.money(value, short=True),
                formats.number(value, digits=2),
                formats.share(value),
            ]
        )


def test_a_missing_value_is_a_dash_and_never_zero() -> None:
    formats = Formats("en", currency="USD")
    written = [
        formats.money(None),
        formats.money(math.nan),
        formats.number(math.nan),
        formats.share(None),
        formats.day(None),
    ]
    assert written == ["–"] * 5


def test_days_are_written_in_the_readers_words() -> None:
    assert Formats("en").day(date(2017, 9, 30)) == "September 30, 2017"
    assert Formats("zh_CN").day(date(2017, 9, 30)) == "2017年9月30日"
