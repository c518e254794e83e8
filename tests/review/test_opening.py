"""Opening a review: the day, the period, and what cannot be reviewed."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from oppnb.errors import DataError, ParameterError
from oppnb.review import open_review
from oppnb.tables import Tables
from oppnb.workspace import Workspace
from tests.builders import make_opportunity, make_tables


def three_deals() -> Tables:
    deals = [
        make_opportunity("1", created_at="2024-01-05"),
        make_opportunity("2", created_at="2024-02-01", stage="Won", closed_at="2024-03-01"),
        make_opportunity("3", created_at="2024-03-20"),
    ]
    return make_tables(deals, exported_on=date(2024, 3, 31))


def test_the_day_of_knowledge_is_the_day_of_the_export_and_the_last_review_a_week_before() -> None:
    review = open_review(three_deals())
    assert (review.as_of, review.compare_to, review.period.name) == (date(2024, 3, 31), date(2024, 3, 24), "2024Q1")


def test_a_day_before_the_first_opportunity_is_refused_with_the_day_it_was_created() -> None:
    with pytest.raises(DataError, match=r"None of the 3 opportunities was known on 2023-12-31.*2024-01-05"):
        open_review(three_deals(), as_of="2023-12-31")


def test_the_first_day_itself_can_be_reviewed() -> None:
    assert len(open_review(three_deals(), as_of="2024-01-05").snapshot) == 1


def test_the_last_review_cannot_lie_after_this_one() -> None:
    with pytest.raises(ParameterError, match="must be before"):
        open_review(three_deals(), as_of="2024-03-01", compare_to="2024-03-02")


def test_a_quota_of_another_period_in_an_unknown_currency_does_not_stop_this_review() -> None:
    quarters = [("2024-01-01", "2024-03-31", 500.0, "USD"), ("2025-01-01", "2025-03-31", 900.0, "XAU")]
    targets = pd.DataFrame(quarters, columns=["period_start", "period_end", "amount", "currency"])
    for name in ("period_start", "period_end"):
        targets[name] = pd.to_datetime(targets[name]).astype("datetime64[us]")
    review = open_review(three_deals().replace(targets=targets), workspace=Workspace(currency="USD"))
    figures = {one["id"]: one["value"] for one in review.figures() if one["slice"] is None}
    assert figures["target_amount"] == 500.0


def test_a_day_after_the_export_is_said_first_because_deals_then_only_look_quiet() -> None:
    review = open_review(three_deals(), as_of="2024-04-30")
    assert review.summary()[0] == (
        "The export ends on 2024-03-31, 30 days before 2024-04-30: what happened since is not in it, "
        "and deals only look quiet."
    )
    assert "2024-03-31" not in open_review(three_deals()).summary()[0]


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_deals_without_a_creation_date_are_first_seen_and_not_new(locale: str) -> None:
    deals = [make_opportunity("1", created_at="2024-01-05"), make_opportunity("2", created_at=None, amount=900.0)]
    review = open_review(make_tables(deals, exported_on=date(2024, 3, 31)), locale=locale)
    bars = review.bridge().bars.set_index("bar")["n"]
    assert (bars["new"], bars["undated"], bars["end"]) == (0, 1, 2)
    assert review.since().set_index("change").loc["created", "n"] == 0
    assert "review_bridge_undated" in [note.code for note in review.notes]
    assert review.summary()


def test_whose_open_deals_are_is_not_known_before_the_export_rather_than_nobodys() -> None:
    deals = [
        make_opportunity("1", created_at="2024-01-05", owner_id="u1"),
        make_opportunity("2", created_at="2024-01-05", owner_id="u1", stage="Won", closed_at="2024-02-01"),
        make_opportunity("3", created_at="2024-01-05", owner_id="u2", stage="Won", closed_at="2024-02-01"),
    ]
    review = open_review(make_tables(deals, exported_on=date(2024, 3, 31)), as_of="2024-03-30")
    rows = review.breakdown("owner_id").fillna({"slice": "?", "open_count": -1})
    assert sorted(rows[["slice", "open_count", "won_count"]].to_numpy().tolist()) == [
        ["?", 1, 0],
        ["u1", -1, 1],
        ["u2", -1, 1],
    ]
    open_counts = {
        row["slice"]["owner_id"]: row["value"] for row in review.figures() if _is_of_owner(row, "open_count")
    }
    won_counts = {row["slice"]["owner_id"]: row["value"] for row in review.figures() if _is_of_owner(row, "won_count")}
    assert open_counts == {None: 1, "u1": None, "u2": None}
    assert won_counts == {None: 0, "u1": 1, "u2": 1}
    exported = open_review(make_tables(deals, exported_on=date(2024, 3, 31))).breakdown("owner_id")
    assert exported.set_index("slice")["open_count"].to_dict() == {"u1": 1, "u2": 0}


def _is_of_owner(row: dict[str, Any], name: str) -> bool:
    return row["id"] == name and row["slice"] is not None and "owner_id" in row["slice"]


def test_a_flat_list_has_a_bridge_over_the_whole_pipeline_and_knows_what_is_due_on_its_own_day() -> None:
    deals = [
        make_opportunity("1", created_at="2023-12-05", expected_close_on="2024-03-31"),
        make_opportunity("2", stage="Won", closed_at="2024-03-28", expected_close_on="2024-03-28", amount=50.0),
    ]
    review = open_review(make_tables(deals, exported_on=date(2024, 3, 31)))
    bridge = review.bridge()
    assert (bridge.period, bridge.unit) == (None, "count")  # what was open seven days before was worth is not known
    bars = bridge.bars.set_index("bar")
    assert bars["amount"].isna().all()
    assert bars.loc[["start", "won", "pulled_in", "increased", "end"], "n"].tolist() == [2, 1, 0, 0, 1]
    assert bridge.moves().set_index("bar")["value"].drop("end").sum() == 1.0
    assert "review_bridge_in_deals" in [note.code for note in review.notes]
    said = "The whole open pipeline went from 2 deals to 1 deal; the largest moves: won −\u20601."
    assert review.summary()[2] == said
    figures = {one["id"]: one["value"] for one in review.figures() if one["slice"] is None}
    assert (figures["open_amount"], figures["won_amount"], figures["bridge_start"]) == (100.0, 50.0, None)
    assert figures["open_count_due"] == 1
    assert figures["slipped_count"] is None
