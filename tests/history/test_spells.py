"""Stays in a stage, labels by a horizon, attributes and limits."""

from datetime import date
from string import Formatter

import pandas as pd
import pytest

from oppnb.errors import UsageError
from oppnb.history import (
    LABEL_COLUMNS,
    SPELL_COLUMNS,
    as_of,
    history_begins_on,
    labels,
    limits,
    spells,
    with_attributes,
)
from oppnb.locale import Words
from oppnb.workspace import Workspace, parse_workspace
from tests.builders import make_activity, make_change, make_opportunity, make_tables
from tests.random_pipeline import awkward_pipeline, awkward_workspace

WALK = [
    make_change("1", "2024-01-01", stage="Lead", amount=1.0),
    make_change("1", "2024-01-05", amount=2.0),
    make_change("1", "2024-01-11", stage="Demo"),
    make_change("1", "2024-01-12", stage="Demo", amount=3.0),
    make_change("1", "2024-01-21", stage="Closed Won"),
]


def test_consecutive_rows_of_a_stage_are_one_spell():
    tables = make_tables([make_opportunity(stage="Closed Won", closed_at="2024-01-21")], history=WALK)
    frame = spells(tables, known_on="2024-01-31")
    assert frame.columns.tolist() == list(SPELL_COLUMNS)
    assert frame["stage"].tolist() == ["Lead", "Demo", "Closed Won"]
    assert frame["days"].tolist() == [10.0, 10.0, 11.0]
    assert frame["is_finished"].tolist() == [True, True, False]
    assert frame["next_outcome"].fillna("-").tolist() == ["open", "won", "-"]
    assert frame["amount_base"].tolist() == [1.0, 2.0, 3.0]
    assert frame["is_first_stage_known"].all()


def test_a_spell_is_open_ended_while_its_end_is_not_known():
    frame = spells(make_tables([make_opportunity()], history=WALK), known_on="2024-01-15")
    assert frame["left_at"].isna().tolist() == [False, True]
    assert frame["days"].tolist() == [10.0, 5.0]


def test_the_days_of_a_deal_s_spells_add_up_to_the_days_its_history_tells():
    tables, workspace = awkward_pipeline(4), awkward_workspace()
    frame = spells(tables, known_on="2024-10-01", workspace=workspace)
    snapshot = as_of(tables, "2024-10-01", workspace=workspace).set_index("opportunity_id")
    told = frame.loc[frame["entered_at"].notna()].groupby("opportunity_id")
    start = told["entered_at"].min()
    ends = pd.Timestamp("2024-10-02 04:00")
    expected = (ends - start.dt.floor("s")).dt.total_seconds() / 86_400
    pd.testing.assert_series_equal(told["days"].sum(), expected, check_names=False, atol=1e-4, rtol=0)
    last = frame.groupby("opportunity_id").tail(1).set_index("opportunity_id")
    assert (last["stage"] == snapshot.loc[last.index, "stage"]).all()
    assert (last["outcome"] == snapshot.loc[last.index, "outcome"]).all()


def test_a_flat_list_gives_the_closed_stage_and_from_the_export_on_the_stage_it_stands_in():
    deals = [make_opportunity("1", stage="Closed Won", closed_at="2024-02-01"), make_opportunity("2", stage="Demo")]
    tables = make_tables(deals, exported_on=date(2024, 6, 30))
    assert spells(tables, known_on="2024-03-01")["opportunity_id"].tolist() == ["1"]
    frame = spells(tables)
    assert frame["stage"].tolist() == ["Closed Won", "Demo"]
    assert frame["entered_at"].isna().tolist() == [False, True]
    assert not frame["is_first_stage_known"].any()


def test_a_label_says_how_an_open_deal_stood_at_the_horizon():
    history = [make_change(key, "2024-01-01", stage="Lead") for key in "12345"]
    history += [
        make_change("1", "2024-02-10", stage="Closed Won"),
        make_change("2", "2024-03-10", stage="Closed Lost"),
        make_change("3", "2024-01-10", stage="Closed Won"),  # closed before: no label
        make_change("4", "2024-02-10", stage="Closed Lost"),
        make_change("4", "2024-02-20", stage="Lead"),  # reopened
    ]
    tables = make_tables([make_opportunity(key) for key in "12345"], history=history)
    frame = labels(tables, "2024-01-31", by="2024-02-29", known_on="2024-12-31")
    assert frame.columns.tolist() == list(LABEL_COLUMNS)
    assert dict(zip(frame["opportunity_id"], frame["label"], strict=True)) == {
        "1": "won", "2": "open", "4": "open", "5": "open",
    }  # fmt: skip
    assert frame["closed_at"].notna().tolist() == [True, False, False, False]


def test_an_open_deal_is_not_yet_known_before_the_horizon_is_over():
    history = [make_change("1", "2024-01-01", stage="Lead"), make_change("2", "2024-01-01", stage="Lead")]
    history.append(make_change("1", "2024-02-10", stage="Closed Won"))
    tables = make_tables([make_opportunity("1"), make_opportunity("2")], history=history)
    frame = labels(tables, "2024-01-31", by="2024-06-30", known_on="2024-03-01")
    assert frame["label"].tolist() == ["won", "not_yet_known"]
    same_day = labels(tables, "2024-03-01", by="2024-06-30", known_on="2024-03-01")
    assert same_day["label"].tolist() == ["not_yet_known"]


@pytest.mark.parametrize(("by", "known_on"), [("2023-12-31", "2024-12-31"), ("2024-03-01", "2023-12-31")])
def test_a_horizon_before_the_day_is_refused(by, known_on):
    with pytest.raises(UsageError, match="as_of <= by"):
        labels(make_tables([make_opportunity()]), "2024-01-31", by=by, known_on=known_on)


def test_attributes_are_joined_and_a_missing_region_is_filled_from_owner_then_account():
    deals = [
        make_opportunity("1", region="Own", owner_id="u1", account_id="a1"),
        make_opportunity("2", owner_id="u1", account_id="a1"),
        make_opportunity("3", owner_id="u2", account_id="a1"),
        make_opportunity("4"),
    ]
    accounts = [{"account_id": "a1", "name": "Zed", "region": "A"}, {"account_id": "a1", "name": "Abe", "region": "A"}]
    owners = [{"owner_id": "u1", "team": "t1", "region": "O"}, {"owner_id": "u2", "team": "t2"}]
    for rows in (accounts, accounts[::-1]):
        tables = make_tables(deals, accounts=rows, owners=owners)
        frame = with_attributes(as_of(tables, "2025-12-31"), tables)
        assert frame["region"].fillna("-").tolist() == ["Own", "O", "A", "-"]
        assert frame["account_name"].fillna("-").tolist() == ["Abe", "Abe", "Abe", "-"]
        assert frame["team"].fillna("-").tolist() == ["t1", "t1", "t2", "-"]
        # on an earlier day the owners are not known, and the account's region may be of another kind than theirs
        earlier = with_attributes(as_of(tables, "2024-01-31"), tables)
        assert earlier["region"].fillna("-").tolist() == ["Own", "-", "-", "-"]


def test_the_history_begins_where_the_workspace_or_the_data_say():
    late = make_tables(
        [make_opportunity(created_at="2023-01-01")], history=[make_change("1", "2024-02-03", stage="Lead")]
    )
    assert history_begins_on(late) == date(2024, 2, 3)
    assert history_begins_on(late, workspace=parse_workspace("sources: {history_begins_on: 2024-05-01}")) == date(
        2024, 5, 1
    )
    assert history_begins_on(make_tables([make_opportunity()], history=WALK)) is None
    assert history_begins_on(make_tables([make_opportunity()])) is None


def test_limits_say_what_a_flat_list_cannot_know_with_counts():
    deals = [make_opportunity("1"), make_opportunity("2", created_at=None), make_opportunity("3", stage="Lost")]
    deals[0]["product"] = "A"
    notes = {note.code: note.values for note in limits(make_tables(deals), day="2024-06-30")}
    assert notes["history_undated_deals"] == {"n": 1}
    assert notes["history_closed_without_date"] == {"n": 1}
    told = {"history_none", "history_amounts_untold", "history_taken_as_fixed", "history_no_activities"}
    assert told <= set(notes)
    assert "history_owners_untold" not in notes  # there are none


def test_limits_say_since_when_the_history_is_kept():
    deals = [make_opportunity("1", created_at="2023-01-01"), make_opportunity("2", created_at="2023-01-01")]
    tables = make_tables(
        deals, history=[make_change("1", "2024-02-03", stage="Lead", amount=1.0)], activities=[make_activity()]
    )
    notes = {note.code: note.values for note in limits(tables, day="2024-06-30")}
    assert notes == {
        "history_begins_later": {"begins_on": "2024-02-03"},
        "history_deals_untold": {"n": 1, "n_deals": 2},
    }


def test_on_the_day_of_the_export_a_deal_without_history_stands_as_the_export_says():
    deals = [make_opportunity("1", stage="Lead", created_at=None), make_opportunity("2"), make_opportunity("3")]
    history = [make_change("3", "2024-02-03", stage="Lead", amount=1.0)]
    tables = make_tables(deals, history=history, activities=[make_activity()], exported_on=date(2024, 6, 30))
    notes = {note.code: note.values for note in limits(tables, day="2024-06-30")}
    assert "history_deals_untold" not in notes
    told = {"n": 2, "n_deals": 3, "n_undated": 1, "exported_on": "2024-06-30"}
    assert notes["history_deals_of_export"] == told
    standing = as_of(tables, "2024-06-30").set_index("opportunity_id")
    assert standing.loc[["1", "2"], "stage"].tolist() == ["Lead", deals[1]["stage"]]


def test_a_full_history_has_no_limits():
    tables = make_tables([make_opportunity()], history=WALK, activities=[make_activity()])
    assert limits(tables, day="2024-06-30", workspace=Workspace()) == ()


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_every_limit_has_words(locale):
    tables, workspace = awkward_pipeline(2), awkward_workspace()
    for day in ["2023-06-01", "2024-06-01", "2024-12-31"]:
        for note in limits(tables, day=day, workspace=workspace):
            text = Words(locale)(f"note.{note.code}", **note.values)
            assert text
            assert not [name for _, name, _, _ in Formatter().parse(text) if name]
