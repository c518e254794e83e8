"""A report shows what was published before: of the whole that of the whole, of a slice that of the slice alone."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from oppnb.forecasting import append_forecasts
from oppnb.reports import ForecastPage, ReviewPage, forecast_review, people_of, show_published
from oppnb.reports.collected_page import CollectedPage
from oppnb.reports.forecast_memory import remember
from oppnb.review import open_review
from oppnb.store import open_store
from oppnb.workspace import parse_workspace
from tests.builders import make_opportunity, make_tables
from tests.reports.forecast_pipeline import DAY, altered, small_pipeline, usual

EAST = {"region": "East"}
NODES = {"all": 111.0, "region=East": 222.0}


class CollectedForecast(CollectedPage, ForecastPage):
    """A forecast page without a kernel."""


def of_slice(told, place):
    """The same forecast, as if it were of a slice."""
    opened = told.found.opened
    settled = opened.workspace.model_copy(update={"store": None})
    opened = replace(opened, workspace=settled, only=EAST, store_of_whole=str(place))
    return replace(told, found=replace(told.found, opened=opened))


def shown_by(told):
    page, kept = CollectedForecast(told), {}
    page.table = lambda name, rows, **_: kept.update({name: rows})
    show_published(page, told)
    text = " ".join(str(bundle.get("text/html", "")) for bundle in page.__dict__.get("outputs", []))
    return text, kept.get("published", pd.DataFrame())


def won_in_base(deals):
    """The sum in the base currency at the rates of the days of closing, by pandas alone."""
    rates = small_pipeline()[0]["exchange_rates"].rename(columns={"on": "closed_at"})
    rates = rates.assign(closed_at=pd.to_datetime(rates["closed_at"]).astype("datetime64[us]"))
    known = deals.assign(closed_at=pd.to_datetime(deals["closed_at"]).astype("datetime64[us]")).sort_values("closed_at")
    found = pd.merge_asof(known, rates.sort_values("closed_at"), on="closed_at", by="currency")
    return float((found["amount"] * found["rate_to_base"].fillna(1.0)).sum())


@pytest.fixture
def place(tmp_path):
    """A store in which a forecast of the first quarter was published for the whole and for a slice."""
    for node, value in NODES.items():
        values = {"expected": value, "quantile_0.1": value / 2, "quantile_0.9": value * 2}
        rows = pd.DataFrame(values.items(), columns=["quantity", "value"])
        rows = rows.assign(as_of=pd.Timestamp("2024-01-14"), period="2024Q1", node=node, model="combination")
        append_forecasts(open_store(tmp_path / "store"), rows)
    return tmp_path / "store"


def test_the_whole_shows_what_was_published_of_the_whole_beside_what_came(place):
    text, rows = shown_by(altered(usual(), store=str(place)))
    assert rows["expected_amount"].tolist() == [111.0]
    won = small_pipeline()[0]["opportunities"].query("outcome == 'won'")
    closed = pd.to_datetime(won["closed_at"]).dt.date
    of_quarter = won[(closed >= date(2024, 1, 1)) & (closed <= date(2024, 3, 31))]
    assert len(of_quarter) == usual().book.won_between(date(2024, 1, 1), date(2024, 3, 31)).shape[0]
    assert "Published forecasts: 1; periods that are over: 1." in text
    assert rows["actual_amount"].tolist() == [pytest.approx(won_in_base(of_quarter))]


def test_a_slice_shows_its_own_and_nothing_of_the_whole(place):
    text, rows = shown_by(of_slice(usual(), place))
    assert rows["expected_amount"].tolist() == [222.0]
    assert "this part" in text


def test_what_is_told_of_a_slice_is_remembered_once_and_found_again(place):
    told = of_slice(usual(), place)
    opened = told.found.opened
    assert remember(told.forecast, ledger=opened.ledger, only=opened.only) is not None
    assert remember(told.forecast, ledger=opened.ledger, only=opened.only) is None
    rows = open_store(place).read("forecasts", as_of_from=DAY, as_of_until=DAY)
    assert set(rows["node"]) == {"region=East"}
    assert rows.loc[rows["is_told"].astype(bool), "model"].unique().tolist() == [told.forecast.chosen.model]


def test_people_speak_of_the_slice_and_its_deals_only(place):
    told = of_slice(usual(), place)
    assert people_of(told).overrides.empty
    deals = told.book.deals["opportunity_id"].astype("str")
    rows = pd.DataFrame(
        {
            "as_of": pd.Timestamp(DAY),
            "said_at": pd.Timestamp(DAY),
            "opportunity_id": [None, None, str(told.forecast.parts.deals["opportunity_id"].iloc[0]), "elsewhere"],
            "node": ["region=East", "region=West", None, None],
            "period": "2024Q2",
            "figure": ["period_amount", "period_amount", "chance", "chance"],
            "value": [5e6, 7e6, 0.9, 0.9],
            "day": pd.NaT,
            "who": ["East lead", "West lead", "Owner", "Stranger"],
            "why": "seen",
            "is_withdrawn": False,
            "override_id": ["a", "b", "c", "d"],
        }
    )
    assert "elsewhere" not in set(deals)
    open_store(place).append("overrides", rows)
    spoken = people_of(told).overrides
    assert set(spoken["who"].dropna()) == {"East lead", "Owner"}
    assert spoken.loc[spoken["node"] == "company", "adjusted"].tolist() == [5e6]


@pytest.mark.parametrize(("locale", "said"), [("en", "No forecast was published"), ("zh_CN", "此前没有发布过预测")])
def test_the_first_report_says_that_nothing_was_published_yet(tmp_path, locale, said):
    text, rows = shown_by(altered(usual(locale), store=str(tmp_path / "store")))
    assert rows.empty
    assert said in text


def test_forecasts_of_a_running_period_wait_for_its_end(tmp_path):
    told = altered(usual(), store=str(tmp_path / "store"))
    values = pd.DataFrame({"quantity": ["expected"], "value": [1.0]})
    rows = values.assign(as_of=pd.Timestamp("2024-04-14"), period="2024Q2", node="all", model="combination")
    append_forecasts(open_store(tmp_path / "store"), rows)
    text, _ = shown_by(told)
    assert "not over yet" in text
    assert "2024Q2" in text


def test_without_a_store_nothing_is_said():
    assert shown_by(altered(usual(), store=None))[0] == ""


class CollectedReview(CollectedPage, ReviewPage):
    """A review page without a kernel."""


def review_of_east(place, *, as_of=date(2024, 3, 31)):
    won = {"outcome": "won", "stage": "Won", "created_at": "2024-01-02", "closed_at": "2024-02-20"}
    deals = [
        make_opportunity("1", region="East", amount=100.0, **won),
        make_opportunity("2", region="West", amount=900.0, **won),
        make_opportunity("3", region="East", amount=50.0, created_at="2024-01-02"),
    ]
    tables = make_tables(deals, exported_on=as_of)
    workspace = parse_workspace(f"currency: EUR\nstore: {place}\n")
    return open_review(tables, as_of=as_of, workspace=workspace, only=EAST)


def test_a_review_on_the_last_day_of_its_period_shows_what_was_published_and_its_own_deals_only(place):
    review = review_of_east(place)
    page, kept = CollectedReview(review), {}
    page.table = lambda name, rows, **_: kept.update({name: rows})
    page.forecast(forecast_review(review))
    assert kept["published"]["actual_amount"].tolist() == [100.0]
    assert kept["published"]["expected_amount"].tolist() == [222.0]


def test_a_review_that_makes_no_forecasts_says_nothing_of_published_ones(tmp_path):
    review = review_of_east(tmp_path / "empty")
    page = CollectedReview(review)
    page.forecast(forecast_review(review))
    assert "published" not in " ".join(str(one) for one in page.__dict__.get("outputs", []))
