"""What single features say of a deal."""

import pandas as pd
import pytest

from oppnb.scoring.features import DECLARED, Known, column_features
from oppnb.workspace import parse_workspace

WORKSPACE = parse_workspace("""
calendar: {fiscal_year_start: 4}
processes:
  - name: sales
    stages: [{name: Demo, odds: 0.3, time_limit_days: 20, silence_limit_days: 10}, {name: Won, outcome: won}]
""")


def say(feature, **columns):
    """The feature of one deal in the stage Demo on 2024-06-16."""
    row = {"as_of": pd.Timestamp("2024-06-16"), "process": "sales", "stage": "Demo"} | columns
    return DECLARED[feature].work_out(Known(pd.DataFrame([row]), WORKSPACE)).iloc[0]


@pytest.mark.parametrize(
    ("feature", "columns", "value"),
    [
        ("days_in_stage_over_limit", {"days_in_stage": 30.0}, 1.5),
        ("days_in_stage_over_usual", {"days_in_stage": 30.0, "usual_days_in_stage": 10.0}, 3.0),
        ("silence_over_limit", {"days_since_last_activity": 25.0}, 2.5),
        ("days_to_expected_close", {"expected_close_on": pd.Timestamp("2024-06-10")}, -6.0),
        ("is_overdue", {"expected_close_on": pd.Timestamp("2024-06-10")}, 1.0),
        ("is_overdue", {"expected_close_on": pd.Timestamp("2024-06-16")}, 0.0),
        ("is_due_in_period", {"expected_close_on": pd.Timestamp("2024-06-30")}, 1.0),
        ("is_due_in_period", {"expected_close_on": pd.Timestamp("2024-07-01")}, 0.0),
        ("weeks_to_period_end", {}, 2.0),
        ("activity_trend", {"n_activities_last_30_days": 4.0, "n_activities_last_90_days": 4.5}, 2.0),
        ("inbound_share", {"n_inbound_last_90_days": 1.0, "n_directed_last_90_days": 4.0}, 0.25),
        ("log_amount", {"amount_base": 1.0}, 0.0),
        ("amount_change", {"amount": 50.0, "first_amount": 50.0}, 0.0),
        ("owner_win_record", {"owner_n_won": 10.0, "owner_n_lost": 10.0, "all_n_won": 1.0, "all_n_lost": 3.0}, 0.375),
        ("account_win_record", {"account_n_won": 0, "account_n_lost": 5, "all_n_won": 1, "all_n_lost": 1}, 0.25),
        ("has_next_step", {"next_step": "call"}, 1.0),
    ],
)
def test_a_number_is(feature, columns, value):
    assert say(feature, **columns) == pytest.approx(value)


@pytest.mark.parametrize(
    ("feature", "columns"),
    [
        ("log_amount", {"amount_base": 0.0}),
        ("is_overdue", {"expected_close_on": pd.NaT}),
        ("has_next_step", {"next_step": None}),
        ("days_in_stage_over_usual", {}),
        ("inbound_share", {"n_inbound_last_90_days": 0.0, "n_directed_last_90_days": 0.0}),
    ],
)
def test_what_is_not_known_is_null(feature, columns):
    assert pd.isna(say(feature, **columns))


def test_every_declared_feature_says_something_of_deals_with_nothing_but_a_day():
    bare = Known(pd.DataFrame({"as_of": pd.to_datetime(["2024-06-16"]), "process": [None], "stage": [None]}), WORKSPACE)
    for name, declared in DECLARED.items():
        assert len(declared.work_out(bare)) == 1, name
        assert declared.work_out.__doc__, name


def test_other_columns_are_what_their_values_are():
    rows = pd.DataFrame(
        {
            "as_of": pd.to_datetime(["2024-06-16"] * 3),
            "size": ["1,200", "7.5", None],
            "code": ["007", "012", "100"],
            "budget": ["None", "NA", None],
            "tender_on": ["2024-06-20", "2024-06-10", None],
            "stage": ["a", "b", "c"],
        }
    ).astype(dict.fromkeys(["size", "code", "budget", "tender_on", "stage"], "str"))
    columns = [name for name in rows if name != "as_of"]
    values, features = column_features(rows, columns, taken=["stage"], prefix="opportunities")
    kinds = {feature.name: feature.kind for feature in features}
    assert kinds == {
        "size": "number",
        "code": "category",
        "budget": "category",
        "tender_on": "number",
        "opportunities.stage": "category",
    }
    assert values["size"].tolist()[:2] == [1200.0, 7.5]
    assert values["budget"].tolist()[:2] == ["None", "NA"]
    assert values["tender_on"].tolist()[:2] == [4.0, -6.0]
    assert not any(feature.is_dated for feature in features)
