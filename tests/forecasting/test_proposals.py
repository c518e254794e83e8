"""What is proposed follows from what was seen, and what was decided is told with what became of it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import ParameterError
from oppnb.forecasting import (
    Change,
    Proposal,
    decide,
    decisions,
    declined_before,
    help_summary,
    helped,
    propose_changes,
    tell_declined,
)
from oppnb.forecasting.shrunk_medians import shrunk_medians
from oppnb.forecasting.weighted_due import weighted_due
from oppnb.history.book import PipelineBook
from oppnb.locale import Formats, Words
from oppnb.periods import parse_period
from oppnb.store import open_store
from oppnb.workspace import Workspace, parse_workspace
from tests.forecasting.retro_books import awkward_book, demo_workspace, scrambled_after

Q1, Q2 = parse_period("2024Q1"), parse_period("2024Q2")
SUNDAYS = [day.date() for day in pd.date_range("2023-01-01", "2024-06-30", freq="W-SUN")]


def long_book(
    *, win_rate: float = 0.2, slow: str = "", late: str = "", n: int = 600, odds: float = 0.5
) -> PipelineBook:
    """Deals created day by day, won or lost after 60 days (those of the slow source 120), expected after 60 days.

    Deals of the late owner close 45 days after they said.
    """
    rng = np.random.default_rng(7)
    made = pd.DataFrame(
        {
            "opportunity_id": [f"{at:04d}" for at in range(n)],
            "created_on": pd.Timestamp("2022-12-01") + pd.to_timedelta(np.arange(n) * 540 // n, unit="D"),
            "source": rng.choice(["web", "event", "partner"], n),
            "owner_id": rng.choice(["u1", "u2", "u3"], n),
            "is_won": rng.uniform(size=n) < win_rate,
        }
    )
    days = 60 + rng.integers(-20, 20, n) + 60 * (made["source"] == slow) + 45 * (made["owner_id"] == late)
    stated = days - 45 * (made["owner_id"] == late) - 60 * (made["source"] == slow) + rng.integers(-5, 5, n)
    made["expected_close_on"] = made["created_on"] + pd.to_timedelta(stated, unit="D")
    made["closed_on"] = made["created_on"] + pd.to_timedelta(days, unit="D")
    return _book(made.assign(process="p", stage="Demo", amount_base=100.0), odds)


def _book(made: pd.DataFrame, odds: float) -> PipelineBook:
    last = SUNDAYS[-1]
    is_open = made["closed_on"] > pd.Timestamp(last)
    outcome = np.where(is_open, "open", np.where(made["is_won"], "won", "lost"))
    deals = made.assign(
        closed_on=made["closed_on"].where(~is_open),
        outcome=pd.Series(outcome, dtype="str"),
        amount_base=made["amount_base"].where(pd.Series(outcome) == "won"),
    )
    rows = [
        made[(made["created_on"] <= day) & (made["closed_on"] > day)].assign(
            as_of=day, days_in_stage=lambda frame, day=day: (day - frame["created_on"]).dt.days + 1.0
        )
        for day in pd.to_datetime(SUNDAYS)
    ]
    return PipelineBook(last, deals, pd.concat(rows, ignore_index=True), tuple(SUNDAYS), demo_workspace(odds))


def by_kind(book: PipelineBook, kind: str) -> dict[str, Proposal]:
    return {one.change.target: one for one in propose_changes(book, Q1).items if one.change.kind == kind}


def test_odds_that_are_far_off_are_proposed_near_the_true_ones_with_a_diff_and_their_effect() -> None:
    book = long_book(win_rate=0.2)
    found = propose_changes(book, Q1)
    (one,) = [item for item in found.items if item.change.kind == "stage_odds"]
    assert one.low < 0.2 < one.high
    assert one.change.value == pytest.approx(0.2, abs=0.06)
    assert f"+    odds: {one.change.value}" in found.diff()
    assert "-    odds: 0.5" in found.diff()
    assert one.expected_after == pytest.approx(one.expected_before * one.change.value / 0.5)
    assert one.n_concerned > 0
    assert one.would_have_helped


def test_what_cannot_be_counted_without_expected_closes_is_null_and_no_zero() -> None:
    made = long_book(win_rate=0.2)
    rows = made.open_rows.assign(expected_close_on=pd.NaT)
    found = propose_changes(PipelineBook(made.known_on, made.deals, rows, made.days, made.workspace), Q1).frame()
    unknown = ["n_concerned", "expected_before", "expected_after", "n_periods", "past_error_before", "past_error_after"]
    assert found["kind"].tolist() == ["stage_odds"]
    assert found[unknown].isna().all(axis=None)
    assert propose_changes(made, Q1).frame()[unknown].notna().all(axis=None)


def test_odds_that_are_right_are_left_alone() -> None:
    assert by_kind(long_book(win_rate=0.5), "stage_odds") == {}


def test_a_source_that_takes_twice_as_long_is_found_and_no_other_is_called_slow() -> None:
    found = by_kind(long_book(win_rate=0.9, slow="partner"), "source_cycle")
    assert found["partner"].change.value == pytest.approx(60, abs=15)
    assert found["partner"].low > 0
    assert all(one.change.value < 0 for target, one in found.items() if target != "partner")
    assert by_kind(long_book(win_rate=0.9), "source_cycle") == {}


def test_an_owner_whose_deals_close_later_than_they_say_is_found() -> None:
    found = by_kind(long_book(win_rate=0.9, late="u2"), "owner_slip")
    assert list(found) == ["u2"]
    assert found["u2"].change.value == pytest.approx(45, abs=12)


def test_a_proposal_has_the_same_id_whenever_it_is_made() -> None:
    first, again = propose_changes(long_book(), Q1), propose_changes(long_book(), Q1)
    assert [one.proposal_id for one in first.items] == [one.proposal_id for one in again.items]
    one = first.items[0]
    assert replace(one, n=1, expected_before=0.0).proposal_id == one.proposal_id
    assert replace(one, change=replace(one.change, value=0.99)).proposal_id != one.proposal_id


@pytest.mark.parametrize("seed", range(2))
def test_what_came_after_the_end_of_the_period_proposes_nothing_else(seed: int) -> None:
    for book in (awkward_book(seed), long_book(win_rate=0.9, slow="partner")):
        found = propose_changes(book, Q1).frame()
        pd.testing.assert_frame_equal(propose_changes(scrambled_after(book, Q1.end, seed), Q1).frame(), found)


def test_no_deals_propose_nothing() -> None:
    made = long_book()
    book = PipelineBook(made.known_on, made.deals.iloc[:0], made.open_rows.iloc[:0], made.days, Workspace())
    found = propose_changes(book, Q1)
    assert found.items == ()
    assert found.frame().empty
    assert found.diff() == ""


def test_a_change_of_nothing_changes_nothing() -> None:
    book = long_book()
    point = propose_changes(book, Q1).point
    same = [Change("stage_odds", "p", "Demo", 0.5), Change("source_cycle", "", "web", 0.0)]
    pd.testing.assert_series_equal(weighted_due(book, point, same), weighted_due(book, point))


def test_groups_that_differ_by_luck_only_are_taken_for_equal() -> None:
    rng = np.random.default_rng(3)
    groups = pd.Series(np.repeat(["a", "b", "c", "d"], 50))
    found = shrunk_medians(pd.Series(rng.normal(100, 20, 200)), groups)
    assert not ((found["low"] > 0) | (found["high"] < 0)).any()


def test_a_change_towards_the_truth_helps_and_one_away_from_it_does_not(tmp_path: Path) -> None:
    store, book = open_store(tmp_path), long_book(win_rate=0.2)
    good = Proposal(Change("stage_odds", "p", "Demo", 0.2), 0.5, 0.2, 0.5, 0.1, 0.3, n=100)
    bad = Proposal(Change("stage_odds", "p", "Demo", 0.9), 0.5, 0.9, 0.5, 0.8, 1.0, n=100)
    decide(store, [good], status="accepted", who="A. Lead", on=date(2023, 10, 2), why="seen")
    decide(store, [bad], status="declined", who="A. Lead", on=date(2023, 10, 2))
    found = helped(book, decisions(store))
    assert found.groupby("proposal_id")["period"].agg(list).tolist() == [["2023Q4", "2024Q1", "2024Q2"]] * 2
    told = help_summary(found).set_index("status")
    assert told.loc["accepted", "saved"] > 0.5
    assert told.loc["accepted", "n_better"] == 3
    assert told.loc["declined", "saved"] < 0


def test_whether_it_helped_is_told_only_of_periods_since_and_over(tmp_path: Path) -> None:
    store, book = open_store(tmp_path), long_book()
    decide(store, propose_changes(book, Q1).items, status="accepted", who="A. Lead", on=date(2024, 6, 20))
    found = helped(book, decisions(store))
    assert found.empty
    assert help_summary(found).empty
    assert decisions(store, until=date(2024, 6, 19)).empty


def test_of_two_decisions_the_last_counts_and_both_are_kept(tmp_path: Path) -> None:
    store, items = open_store(tmp_path), propose_changes(long_book(), Q1).items[:1]
    decide(store, items, status="declined", who="A. Lead", on=date(2024, 4, 2))
    decide(store, items, status="accepted", who="B. Lead", on=date(2024, 4, 9))
    assert decisions(store)[["status", "who"]].values.tolist() == [["accepted", "B. Lead"]]
    assert len(store.read("proposals")) == 2


def test_a_decision_needs_a_name_and_one_of_two_words(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(ParameterError, match="accepted or declined, not 'maybe'"):
        decide(store, [], status="maybe", who="A. Lead", on=date(2024, 4, 2))
    with pytest.raises(ParameterError, match="Who decided"):
        decide(store, [], status="accepted", who=" ", on=date(2024, 4, 2))


def test_odds_that_would_not_have_helped_are_left_out_of_the_diff() -> None:
    found = propose_changes(long_book(), Q1)
    odds = [one for one in found.items if one.change.kind == "stage_odds"]
    assert found.diff()
    assert not found.left_out
    worse = [replace(one, past_error_after=one.past_error_before + 1) for one in odds]
    told = replace(found, items=tuple(worse))
    assert told.left_out == tuple(worse)
    assert told.diff() == ""


def test_the_diff_is_one_of_the_clients_own_file() -> None:
    found = propose_changes(long_book(), Q1)
    new = next(one.change.value for one in found.items if one.change.kind == "stage_odds")
    text = "# ours\nprocesses:\n- name: p\n  stages:\n  - {name: Demo, odds: .5} # told\n"
    lines = found.diff(text).splitlines()
    assert lines[:2] == ["--- oppnb.yaml", "+++ oppnb.yaml"]
    assert "-  - {name: Demo, odds: .5} # told" in lines
    assert f"+  - {{name: Demo, odds: {new}}} # told" in lines


def demo(after: float, before: float = 0.5) -> Proposal:
    return Proposal(Change("stage_odds", "sales", "Demo", after), before, after, before, 0.1, 0.3, n=100)


def test_a_decision_that_was_taken_later_is_known_as_the_answer_to_a_report_made_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    taken, reported = date(2026, 11, 22), date(2024, 3, 31)
    decide(store, [demo(0.2)], status="declined", who="A. Lead", on=taken, proposed_on=reported)
    decide(store, [demo(0.3)], status="declined", who="B. Lead", on=taken)  # of a report whose day nobody knows
    assert decisions(store, until=date(2024, 3, 30)).empty
    known = decisions(store, until=reported)
    assert known[["who", "as_of"]].values.tolist() == [["A. Lead", pd.Timestamp(taken)]]
    assert len(decisions(store, until=taken)) == 2
    assert helped(long_book(), known.assign(process="p")).empty  # it was taken after all that is known: no period since


def test_decisions_of_an_older_version_have_no_day_of_a_report_and_stay_readable(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    rows = decide(store, [demo(0.2)], status="declined", who="A. Lead", on=date(2024, 4, 2))
    old = open_store(tmp_path / "old")
    old.append("proposals", rows.drop(columns="proposed_on"))
    assert decisions(old, until=date(2024, 4, 2))["who"].tolist() == ["A. Lead"]
    assert decisions(old, until=date(2024, 4, 1)).empty
    decide(old, [demo(0.3)], status="declined", who="B", on=date(2024, 5, 2), proposed_on=date(2024, 3, 31))
    assert decisions(old, until=date(2024, 4, 1))["who"].tolist() == ["B"]


def test_what_was_declined_is_named_when_it_is_proposed_again_with_another_value(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    decide(store, [demo(0.2)], status="declined", who="A. Lead", on=date(2024, 4, 2), why="Too rash.")
    again = declined_before(
        decisions(store), [demo(0.23), replace(demo(0.23), change=Change("stage_odds", "x", "Y", 0.1))]
    )
    assert again[["who", "after", "now"]].values.tolist() == [["A. Lead", 0.2, 0.23]]
    workspace = parse_workspace("currency: EUR\n")
    (said,) = tell_declined(again, workspace, words=Words("en"), formats=Formats("en"))
    assert "20% was declined on April 2, 2024 by A. Lead; now 23% is proposed" in said
    assert said.endswith("Too rash.")
    (same,) = tell_declined(
        declined_before(decisions(store), [demo(0.2)]), workspace, words=Words("zh_CN"), formats=Formats("zh_CN")
    )
    assert "A. Lead已于2024年4月2日决定不采纳这项调整" in same


def test_the_other_direction_and_what_was_accepted_since_were_not_declined(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    decide(store, [demo(0.2)], status="declined", who="A. Lead", on=date(2024, 4, 2))
    assert declined_before(decisions(store), [demo(0.8)]).empty
    decide(store, [demo(0.22)], status="accepted", who="A. Lead", on=date(2024, 7, 2))
    assert declined_before(decisions(store), [demo(0.23)]).empty
