"""A flat export of four files: the review's figures against plain pandas on the same files."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from oppnb.review import Review, open_review
from tests.field_data import field_data

WORKSPACE = Path(__file__).resolve().parents[1] / "workspaces" / "maven.yaml"
DAYS = [
    ("2017-03-31", "2017Q1"),
    ("2017-06-30", "2017Q2"),
    ("2017-09-30", "2017Q3"),
    ("2017-11-15", "2017Q4"),
    ("2017-12-31", "2017Q4"),
]
CASES = pytest.mark.parametrize(("day", "period"), DAYS)
EXPORTED_ON = pd.Timestamp("2017-12-31")

pytestmark = pytest.mark.field_data


@pytest.fixture(scope="module")
def deals() -> pd.DataFrame:
    """The pipeline with each deal's list price, straight from the files."""
    folder = field_data("maven_crm")
    pipeline = pd.read_csv(folder / "sales_pipeline.csv", parse_dates=["engage_date", "close_date"])
    prices = pd.read_csv(folder / "products.csv").set_index("product")["sales_price"]
    pipeline["price"] = pipeline["product"].replace({"GTXPro": "GTX Pro"}).map(prices).astype(float)
    assert pipeline["price"].notna().all()
    return pipeline


@pytest.fixture(scope="module")
def reviews() -> dict[str, Review]:
    folder = field_data("maven_crm")
    return {
        day: open_review(folder, as_of=day, period=period, compare_to=None, workspace=WORKSPACE) for day, period in DAYS
    }


def open_on(deals: pd.DataFrame, day: str) -> pd.DataFrame:
    """Engaged and not yet closed; a deal without any date is known from the day of the export on."""
    moment = pd.Timestamp(day)
    dated = (deals["engage_date"] <= moment) & ~(deals["close_date"] <= moment)
    undated = deals["engage_date"].isna() & (moment >= EXPORTED_ON)
    return deals[dated | undated]


def closed_between(deals: pd.DataFrame, first: object, last: object, stage: str) -> pd.DataFrame:
    inside = deals["close_date"].between(pd.Timestamp(first), pd.Timestamp(last))
    return deals[inside & (deals["deal_stage"] == stage)]


def figure(review: Review, name: str, *, period: str | None = None, piece: dict[str, Any] | None = None) -> Any:
    found = [
        one["value"]
        for one in review.figures()
        if one["id"] == name and one["slice"] == piece and (period is None or one["period"] == period)
    ]
    assert len(found) == 1, f"{name}: {len(found)} figures"
    return found[0]


@CASES
def test_the_open_pipeline_is_what_the_files_say(
    deals: pd.DataFrame, reviews: dict[str, Review], day: str, period: str
) -> None:
    expected = open_on(deals, day)
    assert figure(reviews[day], "open_count") == len(expected)
    assert figure(reviews[day], "open_amount") == pytest.approx(expected["price"].sum(), abs=0.005)


@CASES
def test_won_and_lost_of_the_period_are_what_the_files_say(
    deals: pd.DataFrame, reviews: dict[str, Review], day: str, period: str
) -> None:
    start = pd.Period(period, "Q").start_time
    won, lost = (closed_between(deals, start, day, stage) for stage in ("Won", "Lost"))
    assert figure(reviews[day], "won_count", period=period) == len(won)
    assert figure(reviews[day], "won_amount", period=period) == pytest.approx(won["close_value"].sum(), abs=0.005)
    assert figure(reviews[day], "lost_count", period=period) == len(lost)
    rate = len(won) / (len(won) + len(lost))
    assert figure(reviews[day], "win_rate", period=period) == pytest.approx(rate, abs=1e-6)


@CASES
def test_created_is_worth_the_list_price_where_the_workspace_tells_it(
    deals: pd.DataFrame, reviews: dict[str, Review], day: str, period: str
) -> None:
    created = deals[deals["engage_date"].between(pd.Period(period, "Q").start_time, pd.Timestamp(day))]
    assert figure(reviews[day], "created_count", period=period) == len(created)
    assert figure(reviews[day], "created_amount", period=period) == pytest.approx(created["price"].sum(), abs=0.005)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
@pytest.mark.parametrize(("day", "period"), [DAYS[2], DAYS[4]])
def test_a_flat_file_does_not_know_what_deals_were_worth_while_they_were_open(
    deals: pd.DataFrame, tmp_path: Path, locale: str, day: str, period: str
) -> None:
    (tmp_path / "sales_pipeline.csv").write_bytes((field_data("maven_crm") / "sales_pipeline.csv").read_bytes())
    review = open_review(tmp_path, as_of=day, period=period, locale=locale)
    created = deals[deals["engage_date"].between(pd.Period(period, "Q").start_time, pd.Timestamp(day))]
    assert figure(review, "created_count", period=period) == len(created)
    assert figure(review, "created_amount", period=period) is None
    assert figure(review, "open_amount") is None
    kpis = review.kpis().set_index(["metric", "variant"])
    assert kpis.loc[("created_amount", "at_creation"), "n"] == 0
    assert str(len(created)) in kpis.loc[("created_amount", "at_creation"), "note"]
    assert kpis.loc[("open_amount", "all"), "note"]
    won = closed_between(deals, pd.Period(period, "Q").start_time, day, "Won")
    assert figure(review, "won_amount", period=period) == pytest.approx(won["close_value"].sum(), abs=0.005)


@pytest.mark.parametrize(("day", "period"), [DAYS[2], DAYS[4]])
def test_a_flat_file_has_a_bridge_of_deals(deals: pd.DataFrame, tmp_path: Path, day: str, period: str) -> None:
    (tmp_path / "sales_pipeline.csv").write_bytes((field_data("maven_crm") / "sales_pipeline.csv").read_bytes())
    review = open_review(tmp_path, as_of=day, period=period)
    before = str(review.compare_to)
    start, end = open_on(deals, before), open_on(deals, day)
    new = end[~end.index.isin(start.index)]
    won, lost = (start[start.index.isin(closed_between(deals, before, day, stage).index)] for stage in ("Won", "Lost"))
    moves = review.bridge().moves().set_index("bar")["value"]
    expected = {
        "start": len(start),
        "new": new["engage_date"].notna().sum(),
        "undated": new["engage_date"].isna().sum(),
    }
    expected |= {"won": -len(won), "lost": -len(lost), "end": len(end)}
    assert moves[list(expected)].to_dict() == expected
    assert moves.drop("end").sum() == moves["end"]


@CASES
def test_without_a_workspace_the_list_prices_are_found(deals: pd.DataFrame, day: str, period: str) -> None:
    review = open_review(field_data("maven_crm"), as_of=day, period=period)
    expected = open_on(deals, day)
    assert figure(review, "open_count") == len(expected)
    assert figure(review, "open_amount") == pytest.approx(expected["price"].sum(), abs=0.005)
    created = deals[deals["engage_date"].between(pd.Period(period, "Q").start_time, pd.Timestamp(day))]
    assert figure(review, "created_amount", period=period) == pytest.approx(created["price"].sum(), abs=0.005)
    is_export_day = day == DAYS[-1][0]
    by_owner = review.breakdown("owner_id").set_index("slice")["open_count"]
    known = expected["sales_agent"].value_counts() if is_export_day else pd.Series(dtype="int64")
    assert by_owner[by_owner.index.notna() & (by_owner > 0)].sort_index().to_dict() == known.sort_index().to_dict()


@CASES
def test_lost_deals_stand_at_zero_so_what_they_were_worth_is_unknown(
    deals: pd.DataFrame, reviews: dict[str, Review], day: str, period: str
) -> None:
    assert (deals.loc[deals["deal_stage"] == "Lost", "close_value"] == 0).all()
    lost = closed_between(deals, pd.Period(period, "Q").start_time, day, "Lost")
    kpis = reviews[day].kpis().set_index(["metric", "variant"])
    for name, key in (("lost_amount", ("lost_amount", "period")), ("win_rate_value", ("win_rate", "closed_value"))):
        is_unknown = len(lost) > 0
        assert (figure(reviews[day], name, period=period) is None) == is_unknown
        assert bool(kpis.loc[key, "note"]) == is_unknown
    since = reviews[day].since().set_index("change")
    recently = closed_between(deals, reviews[day].compare_to + pd.Timedelta(days=1), day, "Lost")
    assert since.loc["lost", "n"] == len(recently)
    assert f"{len(recently)} lost, " in reviews[day].summary()[1]


@CASES
def test_each_month_since_the_first_known_close_has_its_wins(
    deals: pd.DataFrame, reviews: dict[str, Review], day: str, period: str
) -> None:
    first_close = deals["close_date"].min()
    for month in pd.period_range(pd.Period(period, "Q").start_time, day, freq="M"):
        if month.end_time < first_close:
            assert not [one for one in reviews[day].figures() if one["period"] == str(month)]
            continue
        won = closed_between(deals, month.start_time, min(month.end_time, pd.Timestamp(day)), "Won")
        assert figure(reviews[day], "won_count", period=str(month)) == len(won)
        assert figure(reviews[day], "won_amount", period=str(month)) == pytest.approx(
            won["close_value"].sum(), abs=0.005
        )


@CASES
def test_each_stage_has_its_deals(deals: pd.DataFrame, reviews: dict[str, Review], day: str, period: str) -> None:
    expected = open_on(deals, day).groupby(_stage_then(deals, day))
    process = reviews[day].workspace.processes[0].name
    for stage, rows in expected:
        piece = {"process": process, "stage": stage}
        assert figure(reviews[day], "stage_count", piece=piece) == len(rows)
        assert figure(reviews[day], "stage_amount", piece=piece) == pytest.approx(rows["price"].sum(), abs=0.005)


def _stage_then(deals: pd.DataFrame, day: str) -> pd.Series:
    return open_on(deals, day)["engage_date"].notna().map({True: "Engaging", False: "Prospecting"}).rename("stage")


@CASES
def test_the_bridge_leads_from_the_last_review_to_this_one(
    deals: pd.DataFrame, reviews: dict[str, Review], day: str, period: str
) -> None:
    review = reviews[day]
    before = str(review.compare_to)
    assert review.compare_to == date.fromisoformat(day) - pd.Timedelta(days=7)
    start, end = open_on(deals, before), open_on(deals, day)
    won, lost = (start[start.index.isin(closed_between(deals, before, day, stage).index)] for stage in ("Won", "Lost"))
    new = end[~end.index.isin(start.index)]
    bars = dict(zip(*[review.bridge().bars[name] for name in ("bar", "amount")], strict=True))
    # The files know no expected close, so the bridge runs over the whole open pipeline. A won deal leaves at its
    # closing amount; the difference to its list price stands in increased and decreased.
    difference = (won["close_value"] - won["price"]).sum()
    assert bars["start"] == pytest.approx(start["price"].sum(), abs=0.005)
    is_dated = new["engage_date"].notna()
    assert bars["new"] == pytest.approx(new.loc[is_dated, "price"].sum(), abs=0.005)
    assert bars["undated"] == pytest.approx(new.loc[~is_dated, "price"].sum(), abs=0.005)
    assert bars["won"] == pytest.approx(-won["close_value"].sum(), abs=0.005)
    assert bars["end"] == pytest.approx(end["price"].sum(), abs=0.005)
    assert bars["increased"] + bars["decreased"] + bars["lost"] == pytest.approx(
        difference - lost["price"].sum(), abs=0.005
    )


@CASES
def test_the_bars_add_up_to_the_cent(reviews: dict[str, Review], day: str, period: str) -> None:
    bars = reviews[day].bridge().bars.set_index("bar")["amount"]
    assert round(bars.drop("end").sum(), 2) == round(bars["end"], 2)


@CASES
def test_regions_add_up_to_the_whole(reviews: dict[str, Review], day: str, period: str) -> None:
    by_region = reviews[day].breakdown("region")
    assert by_region["open_count"].sum() == figure(reviews[day], "open_count")
    assert by_region["won_amount"].sum() == pytest.approx(figure(reviews[day], "won_amount", period=period), abs=0.01)


@CASES
def test_a_figure_stands_once(reviews: dict[str, Review], day: str, period: str) -> None:
    keys = [(one["id"], one["period"], str(one["slice"])) for one in reviews[day].figures()]
    assert len(keys) == len(set(keys))
