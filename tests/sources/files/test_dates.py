"""Days and moments."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import UsageError
from oppnb.sources.coerce import coerce_column


def read(values, kind="day", **how):
    return coerce_column(pd.Series(values, dtype="str"), kind, **how)


def days(coerced):
    return [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in coerced.values]


def rules(coerced):
    return {problem.rule: problem.rows.tolist() for problem in coerced.problems}


FORMATS = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d %b %Y",
    "%d-%b-%y",
    "%B %d, %Y",
    "%b %d %Y",
    "%A, %d %B %Y",
    "%Y年%m月%d日",
    "%Y%m%d",
    "%Y-%b-%d",
    "%a %b %d %Y 00:00:00",
]
REAL = st.dates(date(1970, 1, 2), date(2069, 12, 31))


@settings(max_examples=40, deadline=None)
@given(st.lists(REAL, min_size=1, max_size=30), st.sampled_from(FORMATS))
def test_reads_back_every_day_in_every_form(written, form):
    coerced = read([f"{day:{form}}" for day in written])
    assert days(coerced) == [day.isoformat() for day in written]
    assert coerced.problems == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(REAL, min_size=1, max_size=30), st.sampled_from(["D/M/Y", "M/D/Y"]), st.sampled_from("/- "))
def test_reads_back_every_day_in_both_orders_when_told(written, order, sign):
    form = f"%d{sign}%m{sign}%Y" if order == "D/M/Y" else f"%m{sign}%d{sign}%Y"
    assert days(read([f"{day:{form}}" for day in written], date_order=order)) == [day.isoformat() for day in written]


@settings(max_examples=40, deadline=None)
@given(st.lists(REAL, min_size=1, max_size=30), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_needs_one_day_over_twelve_to_read_a_column_in_either_order(written, form):
    coerced = read([f"{day:{form}}" for day in [*written, date(2024, 1, 31)]])
    assert days(coerced)[:-1] == [day.isoformat() for day in written]
    assert coerced.problems == ()


@settings(max_examples=40, deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(2069, 1, 1)), st.integers(-14 * 4, 14 * 4))  # noqa: DTZ001
def test_brings_moments_with_an_offset_to_utc(moment, quarters):
    sign, minutes = ("-" if quarters < 0 else "+"), abs(quarters) * 15
    offset = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    expected = pd.Timestamp(f"{moment.isoformat()}{offset}").tz_convert("UTC").tz_localize(None)
    for text in (f"{moment.isoformat()}{offset}", f"{moment.isoformat(sep=' ')} {offset.replace(':', '')}"):
        assert read([text], "moment", time_zone="Asia/Tokyo").values.tolist() == [expected]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=10))
def test_never_raises_and_accounts_for_every_text(texts):
    for kind in ("day", "moment"):
        coerced = coerce_column(pd.Series(texts, dtype="object"), kind)
        lost = {row for problem in coerced.problems for row in problem.rows}
        null = set(coerced.values.index[coerced.values.isna()])
        blank = set(
            coerce_column(pd.Series(texts, dtype="object"), "text").values.isna().pipe(lambda is_: is_[is_].index)
        )
        assert null <= lost | blank


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05", "2024-03-05 00:00"),
        ("2024-03-05T10:22:00Z", "2024-03-05 10:22"),
        ("2024-03-05T10:22:00.000+0800", "2024-03-05 02:22"),
        ("2024-03-05 10:22:33.123456", "2024-03-05 10:22:33.123456"),
        ("5.3.2024 10:22", "2024-03-05 10:22"),
        ("5 Mar 2024 2:05 PM", "2024-03-05 14:05"),
        ("12/31/2024, 12:05 AM", "2024-12-31 00:05"),
        ("2024年3月5日 下午2:05", "2024-03-05 14:05"),
        ("2024年3月5日 14时5分6秒", "2024-03-05 14:05:06"),
        ("2024-03-05 星期二", "2024-03-05"),
        ("２０２４/３/５", "2024-03-05"),
        ("1709634120", "2024-03-05 10:22"),
        ("1709634120000", "2024-03-05 10:22"),
        ("45356.5", "2024-03-05 12:00"),
        ("20240305102200", "2024-03-05 10:22"),
        ("2024-03-05 24:00", "2024-03-06"),
        ("Tue Mar 05 2024 10:22:00 GMT+0800 (China Standard Time)", "2024-03-05 02:22"),
        ("5. März 2024", "2024-03-05"),
        ("5 de março de 2024", "2024-03-05"),
        ("14-Feb-24", "2024-02-14"),
        ("14-Feb-71", "1971-02-14"),
    ],
)
def test_reads_what_people_and_programs_write(text, expected):
    coerced = read([text], "moment")
    assert coerced.values.tolist() == [pd.Timestamp(expected)]
    assert coerced.problems == ()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2024-02-30", "date_is_possible"),
        ("2023-02-29", "date_is_possible"),
        ("0203-05-01", "date_is_possible"),
        ("31/02/2024", "date_is_possible"),
        ("13/13/2024", "date_is_possible"),
        ("2024-03-05 25:00", "date_is_possible"),
        ("9999-12-31", "date_is_not_a_placeholder"),
        ("0000-00-00", "date_is_not_a_placeholder"),
        ("1900-01-01", "date_is_not_a_placeholder"),
        ("31.12.9999", "date_is_not_a_placeholder"),
        ("soon", "date_is_readable"),
        ("12", "date_is_readable"),
        ("5 Foo 2024", "date_is_readable"),
        ("2024-03-05 10:22 EST", "date_is_readable"),
    ],
)
def test_gives_null_and_names_the_rule(text, rule):
    coerced = read(["2024-01-31", text, "2024-01-30"])
    assert days(coerced) == ["2024-01-31", None, "2024-01-30"]
    assert rules(coerced) == {rule: [1]}


def test_decides_the_order_over_the_whole_column():
    coerced = read(["03/04/2024", "05/06/2024", "25/12/2024"])
    assert days(coerced) == ["2024-04-03", "2024-06-05", "2024-12-25"]
    assert coerced.decided == "D/M/Y over 3 values, 1 say so"
    assert days(read(["03/04/2024", "12/25/2024"])) == ["2024-03-04", "2024-12-25"]


def test_reports_swapped_dates_where_nearly_all_rows_agree():
    coerced = read(["25/12/2024"] * 38 + ["12/25/2024", "03/04/2024"])
    assert rules(coerced) == {"date_order_is_the_same_in_all_rows": [38]}
    assert days(coerced)[38:] == [None, "2024-04-03"]


def test_is_unclear_where_rows_disagree():
    coerced = read(["25/12/2024", "25/12/2024", "12/25/2024", "03/04/2024"])
    assert rules(coerced) == {"date_order_is_the_same_in_all_rows": [2], "date_order_is_clear": [3]}


def test_says_which_order_it_assumed_where_nothing_decides():
    coerced = read(["03/04/2024", "05/05/2024"])
    assert days(coerced) == ["2024-04-03", "2024-05-05"]
    assert rules(coerced) == {"date_order_is_clear": [0]}
    assert coerced.decided == "D/M/Y assumed: none of 1 values says whether day or month comes first"
    assert rules(read(["03/04/2024"], date_order="M/D/Y")) == {}


def test_takes_dots_for_day_first():
    coerced = read(["3.4.2024"])
    assert days(coerced) == ["2024-04-03"]
    assert coerced.problems == ()


def test_takes_a_month_alone_for_its_first_day_and_says_so():
    coerced = read(["2024-03", "2024年4月"])
    assert days(coerced) == ["2024-03-01", "2024-04-01"]
    assert coerced.decided == "2 months without a day are read as their first day"


def test_reads_local_moments_in_their_zone_over_clock_changes():
    texts = ["2024-03-10 02:30", "2024-11-03 01:30", "2024-07-01 12:00"]
    coerced = read(texts, "moment", time_zone="America/New_York")
    # The skipped half hour becomes 03:00 EDT; the repeated one is the earlier, still EDT.
    assert coerced.values.tolist() == [
        pd.Timestamp("2024-03-10 07:00"),
        pd.Timestamp("2024-11-03 05:30"),
        pd.Timestamp("2024-07-01 16:00"),
    ]
    assert coerced.decided == "1 times skipped by a clock change moved to its end"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)), min_size=1, max_size=10),  # noqa: DTZ001
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_agrees_with_the_time_zones_of_python(moments, zone):
    aware = [moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for moment in moments]
    first = [moment for moment in aware if moment.fold == 0]
    coerced = read([moment.replace(tzinfo=None).isoformat() for moment in first], "moment", time_zone=zone)
    assert coerced.values.tolist() == [pd.Timestamp(moment.astimezone(UTC).replace(tzinfo=None)) for moment in first]


def test_takes_the_local_day_of_a_moment_with_an_offset():
    assert days(read(["2024-03-05T20:00:00Z"], time_zone="Asia/Shanghai")) == ["2024-03-06"]
    assert days(read(["1709668800000"], time_zone="Asia/Shanghai")) == ["2024-03-06"]


def test_keeps_days_that_a_program_wrote_as_midnights_in_utc():
    coerced = read(["2024-03-05T00:00:00Z", "2024-03-06T00:00:00.000Z"], time_zone="America/New_York")
    assert days(coerced) == ["2024-03-05", "2024-03-06"]
    native = pd.Series(pd.to_datetime(["2024-03-05", "2024-03-06"], utc=True))
    assert days(coerce_column(native, "day", time_zone="America/New_York")) == ["2024-03-05", "2024-03-06"]


def test_reads_native_dates_of_workbooks_and_parquet():
    mixed = pd.Series([date(2024, 3, 5), datetime(9999, 12, 31), "6.3.2024", 45358, None], dtype="object")  # noqa: DTZ001
    coerced = coerce_column(mixed, "day")
    assert days(coerced) == ["2024-03-05", None, "2024-03-06", "2024-03-07", None]
    assert rules(coerced) == {"date_is_not_a_placeholder": [1]}
    moments = pd.Series(pd.to_datetime(["2024-03-05 10:00"])).dt.tz_localize("Asia/Shanghai")
    assert coerce_column(moments, "moment").values.tolist() == [pd.Timestamp("2024-03-05 02:00")]
    naive = pd.Series(np.array(["2024-03-05T10:00", "NaT"], "datetime64[ns]"))
    assert coerce_column(naive, "moment", time_zone="Asia/Shanghai").values[0] == pd.Timestamp("2024-03-05 02:00")


@pytest.mark.parametrize("kind", ["day", "moment"])
def test_gives_microseconds_for_an_empty_column(kind):
    for values in ([], [None, None], ["", " "]):
        coerced = read(values, kind)
        assert coerced.values.dtype == "datetime64[us]"
        assert coerced.problems == ()


def test_keeps_the_index():
    coerced = coerce_column(pd.Series(["2024-01-01", "x"], index=["a", "b"]), "day")
    assert coerced.values.index.tolist() == ["a", "b"]
    assert rules(coerced) == {"date_is_readable": ["b"]}


def test_names_the_nearest_time_zone():
    with pytest.raises(UsageError, match="Asia/Shanghai"):
        read(["2024-01-01"], "moment", time_zone="Asia/Shangai")
