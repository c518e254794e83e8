"""What a deal without a name of its own is called, in every report and widget, for all open their data in one way."""

import pandas as pd

from oppnb.reports import QualityPage
from oppnb.reports.collected_page import CollectedPage
from oppnb.review import open_review
from oppnb.stages import open_data, with_deal_names
from tests.builders import make_opportunity, make_tables

ACCOUNTS = [{"account_id": "a1", "name": "Acme"}]


class CollectedQuality(CollectedPage, QualityPage):
    """A report on the data without a kernel."""


def names_of(deals: list[dict[str, object]], **tables: object) -> list[object]:
    made = with_deal_names(make_tables(deals, **tables))["opportunities"]
    return list(made["name"]) if "name" in made else [None] * len(made)


def test_a_deal_is_called_by_customer_and_product_and_its_key_where_it_has_no_name():
    deals = [
        make_opportunity("1", name="Renewal 2024", account_id="a1", product="GTX"),
        make_opportunity("2", name="2", account_id="a1", product="GTX"),
        make_opportunity("3", name=" ", account_id="a1"),
        make_opportunity("4", account_id="unknown customer", product="GTX"),
        make_opportunity("5", product="GTX"),
    ]
    assert names_of(deals, accounts=ACCOUNTS) == [
        "Renewal 2024",
        "Acme · GTX (2)",
        "Acme (3)",
        "unknown customer · GTX (4)",
        "GTX (5)",
    ]


def test_a_deal_of_which_nothing_is_known_keeps_its_key():
    assert names_of([make_opportunity("1"), make_opportunity("2")]) == [None, None]
    assert names_of([make_opportunity("1", name="1")]) == ["1"]


def test_a_name_stands_on_one_line():
    assert names_of([make_opportunity("1", account_id="Two\nlines", product="P\tQ")]) == ["Two lines · P Q (1)"]


def test_reports_get_the_names_and_completeness_still_tells_what_the_export_has():
    deals = [make_opportunity(str(n), account_id="a1", owner_id="u", product="GTX", outcome="open") for n in range(3)]
    tables = make_tables(deals, accounts=ACCOUNTS, exported_on=pd.Timestamp("2024-03-01").date())
    assert list(open_data(tables).tables["opportunities"]["name"]) == [f"Acme · GTX ({n})" for n in range(3)]
    review = open_review(tables)
    assert list(review.snapshot["name"]) == [f"Acme · GTX ({n})" for n in range(3)]
    assert "name" not in set(CollectedQuality(review).filled["column"])
    named = [deal | {"name": deal["opportunity_id"] if place else "Big"} for place, deal in enumerate(deals)]
    page = CollectedQuality(open_review(make_tables(named, accounts=ACCOUNTS, exported_on=tables.exported_on)))
    assert page.filled.set_index("column")["filled_share"]["name"] == 1.0
