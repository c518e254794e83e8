"""A breakdown of an earlier day: who had the open deals then is said, or why it is not known."""

from datetime import date

import pytest

from oppnb.locale import LOCALES
from oppnb.reports.collected_page import CollectedPage
from oppnb.reports.review_page import ReviewPage
from oppnb.review import open_review
from oppnb.workspace import Workspace
from tests.builders import make_change, make_opportunity, make_tables

EARLIER, EXPORTED_ON = date(2024, 6, 23), date(2024, 6, 30)
OWNERS = [{"owner_id": f"u{n}", "name": f"Seller {n}", "region": region} for n, region in ((0, "N"), (1, "S"))]


class Collected(CollectedPage, ReviewPage):
    """A page of a review that is kept."""


def review_of(*, as_of: date, with_owners: bool, locale: str = "en"):
    deals, history = [], []
    for n in range(12):
        is_won = n >= 6
        told = {"stage": "Won", "outcome": "won", "closed_at": "2024-05-20"} if is_won else {"outcome": "open"}
        owner = {"owner_id": f"u{n % 2}"}
        deals.append(make_opportunity(str(n), created_at="2024-01-10", **owner, **told))
        first = {"stage": "Lead", "amount": 5.0} | (owner if with_owners else {})
        history.append(make_change(str(n), "2024-01-10", **first))
        if is_won:
            history.append(make_change(str(n), "2024-05-20", stage="Won", amount=5.0))
    tables = make_tables(deals, history=history, owners=OWNERS, exported_on=EXPORTED_ON)
    return open_review(tables, as_of=as_of, workspace=Workspace(), locale=locale)


def shown(review) -> str:
    page = Collected(review)
    page.slices_table("region", page.named(review.breakdown("region"), "region"))
    return str(page.outputs)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_day_before_the_export_says_why_no_region_has_open_deals(locale):
    text = shown(review_of(as_of=EARLIER, with_owners=False, locale=locale))
    assert "oppnb.yaml" in text
    assert "6" in text
    assert ("June 30, 2024" if locale == "en" else "2024年6月30日") in text


def test_the_reason_is_said_once_on_a_page():
    review = review_of(as_of=EARLIER, with_owners=False)
    page = Collected(review)
    for by in ("owner_id", "region"):
        page.slices_table(by, page.named(review.breakdown(by), by))
    assert str(page.outputs).count("oppnb.yaml") == 1
    assert "as said above" in str(page.outputs)


@pytest.mark.parametrize(("as_of", "with_owners"), [(EARLIER, True), (EXPORTED_ON, False)])
def test_a_history_of_owners_and_the_day_of_the_export_tell_it(as_of, with_owners):
    review = review_of(as_of=as_of, with_owners=with_owners)
    assert "oppnb.yaml" not in shown(review)
    assert review.breakdown("region").set_index("slice")["open_count"].to_dict() == {"N": 3, "S": 3}
