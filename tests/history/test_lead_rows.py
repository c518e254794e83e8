"""Leads on days: nothing later is looked at."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import TableMissingError
from oppnb.history.lead_rows import as_deals, lead_snapshots
from oppnb.tables import Tables

DAY = date(2024, 2, 29)


def some_leads(**columns: object) -> pd.DataFrame:
    # 1 converted before the day, 2 after it, 3 never, 4 was not there yet, 5 has a conversion without a date
    given = {
        "lead_id": ["1", "2", "3", "4", "5"],
        "created_at": pd.to_datetime(["2024-01-02", "2024-01-05", "2024-02-01", "2024-03-05", "2024-01-09"]),
        "converted_at": pd.to_datetime(["2024-02-09", "2024-04-01", None, "2024-03-09", None]),
        "opportunity_id": pd.Series(["a", "b", None, "d", "e"], dtype="str"),
        "source": pd.Series(["web", "web", "event", "web", "web"], dtype="str"),
        **columns,
    }
    return pd.DataFrame(given)


def tables(**columns: object) -> Tables:
    return Tables({"leads": some_leads(**columns)}, exported_on=date(2024, 6, 30))


def test_a_lead_is_converted_from_the_day_of_its_conversion_on() -> None:
    seen = lead_snapshots(tables(), ["2024-02-08", "2024-02-09"])
    one = seen[seen["lead_id"] == "1"]
    assert one["is_converted"].tolist() == [False, True]
    assert one["converted_at"].isna().tolist() == [True, False]


def test_leads_of_later_days_are_not_there() -> None:
    assert lead_snapshots(tables(), [DAY])["lead_id"].tolist() == ["1", "2", "3", "5"]


def test_the_opportunity_that_a_lead_became_is_never_told() -> None:
    # that there is one says that it was converted
    assert "opportunity_id" not in lead_snapshots(tables(), [DAY]).columns


def test_a_conversion_without_a_date_is_known_from_the_export_on() -> None:
    seen = lead_snapshots(tables(), [DAY, "2024-06-30"])
    assert seen.loc[seen["lead_id"] == "5", "is_converted"].tolist() == [False, True]


def test_ages_are_counted_in_days_to_the_end_of_the_day() -> None:
    seen = lead_snapshots(tables(), [DAY]).set_index("lead_id")
    assert seen.loc["3", "age_days"] == 29.0


def test_other_columns_stay_as_exported_even_under_names_that_opportunities_use() -> None:
    texts = pd.Series(["new", "Converted", "1,200", "x", "y"], dtype="str")
    seen = lead_snapshots(tables(stage=texts, amount=texts, grade=texts), [DAY]).set_index("lead_id")
    for name in ("stage", "amount", "grade"):
        assert seen[name].tolist() == ["new", "Converted", "1,200", "y"]


def test_activities_count_where_they_name_leads() -> None:
    acts = pd.DataFrame(
        {
            "lead_id": pd.Series(["3", "3", "3", None], dtype="str"),
            "kind": pd.Series(["mail"] * 4, dtype="str"),
            "occurred_at": pd.to_datetime(["2024-02-02", "2024-02-27", "2024-03-02", "2024-02-27"]),
        }
    )
    both = Tables({"leads": some_leads(), "activities": acts}, exported_on=date(2024, 6, 30))
    seen = lead_snapshots(both, [DAY]).set_index("lead_id")
    assert seen.loc["3", "n_activities_last_7_days"] == 1.0
    assert seen.loc["3", "n_activities_last_30_days"] == 2.0
    assert seen.loc["2", "n_activities_last_30_days"] == 0.0
    apart = Tables({"leads": some_leads(), "activities": acts.drop(columns="lead_id")})
    assert lead_snapshots(apart, [DAY])["n_activities_last_30_days"].isna().all()


def test_without_leads_it_says_that_the_table_is_missing() -> None:
    with pytest.raises(TableMissingError, match="leads"):
        as_deals(Tables({}))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=5, max_size=5), st.permutations(["a", "b", "c", "d", "e"]))
def test_stays_the_same_when_everything_later_is_scrambled(moved: list[int], names: list[str]) -> None:
    true = some_leads()
    end = pd.Timestamp(DAY) + pd.Timedelta(days=1)
    at = true["converted_at"]
    later = end + pd.to_timedelta(pd.Series(moved), unit="D")
    scrambled = true.assign(
        converted_at=at.where(at < end, later.where(pd.Series(moved) > 50)),
        opportunity_id=pd.Series(names, dtype="str").where(at < end, None),
    )
    before = lead_snapshots(Tables({"leads": true}, exported_on=date(2024, 6, 30)), [DAY])
    after = lead_snapshots(Tables({"leads": scrambled}, exported_on=date(2024, 6, 30)), [DAY])
    pd.testing.assert_frame_equal(before, after)
