"""Opening a review: the day, the period, and what cannot be reviewed."""

from datetime import date

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
