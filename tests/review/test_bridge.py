"""The bridge, on deals made by hand and on any deals at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.periods import parse_period
from oppnb.review.bridge import BARS, build_bridge

Q1 = parse_period("2025Q1")


def amounts(bridge):
    bars = bridge.bars[(bridge.bars["n"] > 0) | bridge.bars["bar"].isin(["start", "end"])]
    return dict(zip(bars["bar"], bars["amount"], strict=True))


@pytest.fixture(name="bridge_of")
def _bridge_of(make_snapshot):
    def build(before, after, **options):
        options = {"period": Q1, **options}
        return build_bridge(make_snapshot(before, "2025-02-01"), make_snapshot(after, "2025-02-08"), **options)

    return build


@pytest.fixture(name="week")
def _week():
    before = [
        {"opportunity_id": "stays", "amount": 100},
        {"opportunity_id": "grows", "amount": 100},
        {"opportunity_id": "shrinks", "amount": 100},
        {"opportunity_id": "won_for_more", "amount": 100},
        {"opportunity_id": "lost", "amount": 100},
        {"opportunity_id": "pushed", "amount": 100},
        {"opportunity_id": "pulled", "amount": 100, "expected_close_on": "2025-06-01"},
        {"opportunity_id": "reopened", "amount": 100, "outcome": "lost", "closed_at": "2025-01-20"},
        {"opportunity_id": "undated", "amount": 100, "expected_close_on": None},
        {"opportunity_id": "lost_later_one", "amount": 100, "expected_close_on": "2025-06-01"},
        {"opportunity_id": "won_later_one", "amount": 100, "expected_close_on": "2025-06-01"},
        {"opportunity_id": "old_win", "amount": 100, "outcome": "won", "closed_at": "2025-01-15"},
    ]
    after = [
        {"opportunity_id": "stays", "amount": 100},
        {"opportunity_id": "grows", "amount": 130},
        {"opportunity_id": "shrinks", "amount": 60},
        {"opportunity_id": "won_for_more", "amount": 150, "outcome": "won", "closed_at": "2025-02-05"},
        {"opportunity_id": "lost", "amount": 0, "outcome": "lost", "closed_at": "2025-02-05"},
        {"opportunity_id": "pushed", "amount": 120, "expected_close_on": "2025-04-01"},
        {"opportunity_id": "pulled", "amount": 110},
        {"opportunity_id": "reopened", "amount": 90},
        {"opportunity_id": "undated", "amount": 100, "expected_close_on": None},
        {"opportunity_id": "lost_later_one", "outcome": "lost", "closed_at": "2025-02-05"},
        {"opportunity_id": "won_later_one", "outcome": "won", "closed_at": "2025-02-05"},
        {"opportunity_id": "old_win", "amount": 100, "outcome": "won", "closed_at": "2025-01-15"},
        {"opportunity_id": "new", "amount": 7},
        {"opportunity_id": "new_and_won", "amount": 5, "outcome": "won", "closed_at": "2025-02-07"},
        {"opportunity_id": "new_for_later", "amount": 7, "expected_close_on": "2025-07-01"},
    ]
    return before, after


def test_puts_each_deal_of_a_hand_made_table_into_the_bar_of_its_rule(bridge_of, week):
    assert amounts(bridge_of(*week)) == {
        "start": 600.0,
        "new": 7.0,
        "pulled_in": 110.0,
        "reopened": 90.0,
        "increased": 80.0,  # grows 30, won_for_more 50
        "decreased": -40.0,
        "won": -150.0,
        "lost": -100.0,
        "pushed_out": -100.0,
        "end": 497.0,
    }


def test_lists_what_closed_between_the_days_without_counting_on_either(bridge_of, week):
    bridge = bridge_of(*week)
    assert bridge.in_between[["opportunity_id", "outcome", "amount"]].to_numpy().tolist() == [
        ["lost_later_one", "lost", 100.0],
        ["new_and_won", "won", 5.0],
        ["won_later_one", "won", 100.0],
    ]
    # with the won bar (150), everything that was won between the days
    assert bridge.notes[-1].values == {"n": 3, "n_won": 2}


def test_counts_a_deal_that_changed_hands_as_moved_in_a_slice_even_if_it_was_won_there(bridge_of):
    before = [{"opportunity_id": "a", "owner_id": "u1"}, {"opportunity_id": "b", "owner_id": "u2"}]
    after = [
        {"opportunity_id": "a", "owner_id": "u2", "outcome": "won", "closed_at": "2025-02-05"},
        {"opportunity_id": "b", "owner_id": "u1", "amount": 130},
    ]
    first = bridge_of(before, after, slice_of={"owner_id": "u1"})
    second = bridge_of(before, after, slice_of={"owner_id": "u2"})
    assert amounts(first) == {"start": 100.0, "moved_in": 130.0, "moved_out": -100.0, "end": 130.0}
    assert amounts(second) == {"start": 100.0, "moved_out": -100.0, "end": 0.0}


def test_gives_the_currency_a_bar_of_its_own(bridge_of):
    before = [{"opportunity_id": "a", "amount": 100, "currency": "EUR", "rate_to_base": 1.10}]
    after = [{"opportunity_id": "a", "amount": 150, "currency": "EUR", "rate_to_base": 1.20}]
    # 50 more at the old rate of 1.10 = 55; 150 at 0.10 more = 15
    assert amounts(bridge_of(before, after)) == {"start": 110.0, "increased": 55.0, "currency": 15.0, "end": 180.0}


def test_has_no_currency_bar_where_no_rate_moved(bridge_of):
    before = [{"opportunity_id": "a", "amount": 33.335, "rate_to_base": 1.0}]
    after = [{"opportunity_id": "a", "amount": 66.675, "rate_to_base": 1.0}]
    assert "currency" not in amounts(bridge_of(before, after))


def test_runs_over_the_whole_pipeline_and_says_so_where_no_deal_has_an_expected_close(bridge_of):
    before = [{"opportunity_id": "a", "expected_close_on": None}]
    after = [
        {"opportunity_id": "a", "expected_close_on": None},
        {"opportunity_id": "b", "expected_close_on": None, "amount": None},
    ]
    bridge = bridge_of(before, after)
    assert bridge.period is None
    assert [note.code for note in bridge.notes] == ["review_bridge_whole_pipeline", "review_bridge_amounts_missing"]
    assert amounts(bridge) == {"start": 100.0, "new": 0.0, "end": 100.0}


def test_removes_a_deal_that_the_later_export_does_not_hold(bridge_of):
    assert amounts(bridge_of([{"opportunity_id": "a"}], [])) == {"start": 100.0, "removed": -100.0, "end": 0.0}


def test_counts_deals_where_the_amounts_of_one_day_are_not_known(bridge_of):
    before = [{"opportunity_id": key, "amount": None} for key in "abc"]
    ended = {"opportunity_id": "b", "outcome": "won", "closed_at": "2025-02-05"}
    after = [{"opportunity_id": "a"}, ended, {"opportunity_id": "d"}, {"opportunity_id": "e"}]
    bridge = bridge_of(before, after)
    moves = bridge.moves().set_index("bar")["value"]
    assert moves[moves != 0].to_dict() == {"start": 3.0, "new": 2.0, "won": -1.0, "removed": -1.0, "end": 3.0}
    assert bridge.unit == "count"
    assert "review_bridge_in_deals" in [note.code for note in bridge.notes]


def test_keeps_its_amounts_where_some_deals_lack_one_on_both_days(bridge_of):
    day = [{"opportunity_id": "a"}, *({"opportunity_id": key, "amount": None} for key in "bcd")]
    assert amounts(bridge_of(day, day)) == {"start": 100.0, "end": 100.0}


def test_says_where_the_owners_of_one_day_are_not_known(bridge_of):
    after = [{"opportunity_id": "a", "owner_id": "u1"}]
    codes = [
        note.code
        for note in bridge_of([{"opportunity_id": "a", "owner_id": None}], after, slice_of={"owner_id": "u1"}).notes
    ]
    assert "review_bridge_slice_unknown" in codes
    assert "review_bridge_slice_unknown" not in [
        note.code for note in bridge_of(after, after, slice_of={"owner_id": "u1"}).notes
    ]


def test_lists_the_largest_deals_behind_a_bar_first(bridge_of):
    after = [{"opportunity_id": "a", "amount": 1}, {"opportunity_id": "b", "amount": 9}]
    assert bridge_of([], after).behind("new")["opportunity_id"].tolist() == ["b", "a"]


_deal = st.fixed_dictionaries(
    {
        "amount": st.one_of(st.none(), st.floats(0, 1e9, allow_nan=False)),
        "rate_to_base": st.sampled_from([1.0, 0.1387, 7.2093]),
        "currency": st.sampled_from(["USD", "CNY"]),
        "outcome": st.sampled_from(["open", "open", "won", "lost"]),
        "owner_id": st.sampled_from(["u1", "u2"]),
        "expected_close_on": st.sampled_from([None, "2025-03-15", "2025-05-01"]),
    }
)
_day = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e"]), _deal, max_size=5)


def _with_close(deals, closed_at):
    return [
        {**deal, "opportunity_id": key, "closed_at": None if deal["outcome"] == "open" else closed_at}
        for key, deal in sorted(deals.items())
    ]


@settings(max_examples=60, deadline=None)
@given(before=_day, after=_day, by_owner=st.booleans(), by_period=st.booleans())
def test_closes_to_the_cent_whatever_happens_to_the_deals(make_snapshot, before, after, by_owner, by_period):
    start = make_snapshot(_with_close(before, "2025-01-20 10:00"), "2025-02-01")
    end = make_snapshot(_with_close(after, "2025-02-05 10:00"), "2025-02-08")
    slice_of = {"owner_id": "u1"} if by_owner else None
    bridge = build_bridge(start, end, period=Q1 if by_period else None, slice_of=slice_of)
    if bridge.unit == "count":
        assert bridge.bars["amount"].isna().all()
        assert bridge.rows["amount"].isna().all()
        counts = bridge.moves()["value"]
        assert counts[bridge.bars["bar"] != "end"].sum() == counts.iloc[-1]
        behind = bridge.rows.groupby("bar").size().reindex(list(BARS), fill_value=0)
        assert behind.tolist() == bridge.bars["n"].tolist()
        return
    cents = (bridge.bars["amount"] * 100).round().astype("int64")
    assert cents[bridge.bars["bar"] != "end"].sum() == cents.iloc[-1]
    behind = (bridge.rows.groupby("bar")["amount"].sum() * 100).round().reindex(list(BARS), fill_value=0)
    assert behind.astype("int64").tolist() == cents.tolist()
    assert not bridge.rows.duplicated(["bar", "opportunity_id"]).any()
    signs = bridge.bars.set_index("bar")
    assert (signs.loc[signs["kind"] == "in", "amount"] >= 0).all()
    assert (signs.loc[signs["kind"] == "out", "amount"] <= 0).all()


def test_keeps_start_and_end_equal_to_the_open_amounts_due_on_each_day(make_snapshot):
    start = make_snapshot([{"opportunity_id": "a", "amount": 10.25}, {"opportunity_id": "b", "amount": 0.5}])
    end = make_snapshot([{"opportunity_id": "a", "amount": 11.5, "outcome": "lost", "closed_at": "2025-02-05"}])
    bridge = build_bridge(start, end, period=Q1)
    assert bridge.amount("start") == 10.75
    assert bridge.amount("end") == 0.0
