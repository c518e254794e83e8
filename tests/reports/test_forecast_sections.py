"""What a report says of a forecast: frames that add up, both languages, a line where a table is missing."""

import json
import math
from dataclasses import replace
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest

from oppnb.forecasting import Override, append_forecasts, append_override, forecast_frame, influence, tell_accuracy
from oppnb.reports import (
    ForecastPage,
    backtest_by_weeks,
    cash_ahead,
    categories,
    deciding_deals,
    demand_ahead,
    figures_text,
    needed,
    people_of,
    renewals_ahead,
)
from oppnb.reports.collected_page import CollectedPage
from oppnb.reports.columns import header
from oppnb.reports.forecast_figures import FORECAST_FIGURES, forecast_figures
from oppnb.reports.forecast_people import People
from oppnb.reports.forecast_views import rolled_up
from oppnb.reports.workbook import write_workbook
from oppnb.store import open_store
from oppnb.tables import Tables
from oppnb.workspace import parse_workspace
from tests.reports.forecast_pipeline import DAY, altered, small_pipeline, told_on, usual

LOCALES = ["en", "zh_CN"]


class CollectedForecast(CollectedPage, ForecastPage):
    """A forecast page without a kernel."""


def said_by(page: CollectedPage) -> str:
    return " ".join(str(bundle.get("text/html", "")) for bundle in page.__dict__.get("outputs", []))


def test_parts_add_up_to_the_forecast_that_is_told():
    told = usual()
    assert math.fsum(told.parts()["expected_amount"]) == pytest.approx(told.forecast.distribution.mean)


@pytest.mark.parametrize("column", ["region", "team", "owner_id"])
def test_a_roll_up_adds_up_to_the_whole_in_every_part(column):
    told = usual()
    rows = rolled_up(told, column)
    assert len(rows) > 1
    assert math.fsum(rows["expected_amount"]) == pytest.approx(told.forecast.distribution.mean, abs=0.01)
    assert math.fsum(rows["won_amount"]) == pytest.approx(told.forecast.parts.won_already, abs=0.01)
    parts = rows[["won_amount", "from_open_deals_amount", "new_amount"]].sum(axis="columns")
    assert parts.to_numpy() == pytest.approx(rows["expected_amount"].to_numpy(), abs=0.01)
    assert (rows["low_amount"] <= rows["high_amount"]).all()


def test_open_categories_add_up_to_the_part_from_open_deals_and_cumulate_from_the_surest():
    told = usual()
    frame = categories(told).set_index("category")
    is_open = frame.index != "closed"
    assert math.fsum(frame["expected_amount"][is_open]) == pytest.approx(told.from_open_deals)
    assert int(frame["n_deals"][is_open].sum()) == len(told.forecast.parts.deals)
    assert frame["cumulative_amount"].dropna().is_monotonic_increasing
    assert frame["cumulative_amount"].isna().tolist() == [False, False, False, False, True, True]


def test_deals_that_decide_are_those_that_move_the_period_most():
    told = usual()
    every = deciding_deals(told, most=None)
    assert len(every) == len(told.forecast.parts.deals)
    assert every["swing_amount"].is_monotonic_decreasing
    swings = influence(told.forecast).deals.set_index("opportunity_id")["influence"]
    assert np.allclose(every.set_index("opportunity_id")["swing_amount"].reindex(swings.index), swings)
    assert math.fsum(every["expected_amount"]) == pytest.approx(told.from_open_deals)
    assert deciding_deals(told)["opportunity_id"].tolist() == every["opportunity_id"].head(10).tolist()


def test_the_parts_among_the_figures_add_up_to_the_forecast_to_the_cent():
    rows = {row["id"]: row["value"] for row in forecast_figures(usual()) if not row["slice"]}
    parts = [rows[f"forecast_{name}"] for name in ("won_already", "open_deals", "new_business")]
    assert round(math.fsum(parts), 2) == rows["forecast_amount"]


def test_past_points_are_one_a_period_and_lie_as_far_from_its_end():
    told = usual()
    past = told.past()
    assert past["period"].is_unique
    assert (past["low"] <= past["high"]).all()


def test_backtest_by_weeks_stands_only_on_days_of_periods_that_were_over():
    told = usual()
    judged = backtest_by_weeks(told, periods=3, every=4)
    assert not judged.frame.empty
    assert judged.frame["period"].nunique() <= 3
    assert (judged.frame["as_of"] < pd.Timestamp(DAY)).all()
    assert (judged.frame["weeks_left"] % 4 == 0).all()
    by_weeks = told.by_weeks_in_words(told.by_weeks(judged))
    assert by_weeks["weeks_left"].is_unique
    assert len(told.against(judged)) >= 3


def test_a_baseline_of_fewer_days_is_not_the_best_one():
    """A time series that begins late is asked only of the periods that it has, which may be the easy ones."""
    told = usual()
    own = told.forecast.chosen.model
    row = {"weeks_left": 4, "wape": 0.1, "bias": 0.0, "coverage_80": 0.8}
    rows = [
        row | {"model": own, "n": 7, "crps": 0.06, "is_baseline": False},
        row | {"model": "top_down", "n": 2, "crps": 0.01, "is_baseline": True},
        row | {"model": "last_period", "n": 7, "crps": 0.2, "is_baseline": True},
    ]
    found = told.by_weeks_in_words(pd.DataFrame(rows))
    assert found["best_baseline"].tolist() == [f"{told.model('last_period')} (20.0%)"]
    alone = told.by_weeks_in_words(pd.DataFrame(rows[:2]))
    assert alone["best_baseline"].tolist() == ["–"]


@pytest.mark.parametrize(("locale", "named"), [("en", "Deals"), ("zh_CN", "商机数")])
def test_tables_that_count_deals_say_so_at_the_head_of_the_column(locale, named):
    told = usual(locale)
    for frame in (categories(told), told.parts()):
        heads = [header(str(column), told.words) for column in frame.columns]
        assert named in heads
        assert not {"n", "样本数"} & set(heads)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_section_speaks_in_the_readers_language(locale):
    told = usual(locale)
    page = CollectedForecast(told)
    page.opening()
    page.headline()
    page.points(needed(told))
    page.categories(categories(told))
    page.deals(deciding_deals(told), deciding_deals(told, most=None))
    for column in told.workspace.forecast.hierarchy:
        rows = page.roll(column)
        page.roll_table(column, rows)
    page.backtest_table("measures", told.forecast.backtest)
    page.scenarios()
    page.people(people_of(told))
    page.definitions()
    page.notes()
    text = said_by(page)
    assert "{" not in text
    assert ("预期" in text) == (locale == "zh_CN")
    assert ("Expected" in text) == (locale == "en")


def test_figures_are_the_same_byte_for_byte_and_each_is_named_and_stands_once():
    first, second = (figures_text(forecast_figures(told)) for told in (usual(), told_on()))
    assert first == second
    rows = json.loads(first)
    assert {row["id"] for row in rows} == FORECAST_FIGURES.keys()
    keys = [(row["id"], json.dumps(row["slice"], sort_keys=True)) for row in rows]
    assert len(keys) == len(set(keys))
    whole = {row["id"]: row for row in rows if row["slice"] is None}
    assert whole["forecast_low"]["value"] <= whole["forecast_amount"]["value"] <= whole["forecast_high"]["value"]
    assert {row["as_of"] for row in rows} == {DAY.isoformat()}
    assert {row["period"] for row in rows} == {"2024Q2"}


def test_figures_stay_when_everything_after_the_day_is_scrambled():
    tables, _ = small_pipeline()
    frames = dict(tables.frames)
    late = frames["opportunity_history"]["changed_at"] > pd.Timestamp("2024-05-06")
    assert late.any()
    history = frames["opportunity_history"].copy()
    history.loc[late, "amount"] = history.loc[late, "amount"] * 7
    deals = frames["opportunities"].copy()
    closed_late = deals["closed_at"] > pd.Timestamp("2024-05-06")
    deals.loc[closed_late, "amount"] = deals.loc[closed_late, "amount"] * 3
    other = Tables({**frames, "opportunity_history": history, "opportunities": deals}, exported_on=tables.exported_on)
    assert figures_text(forecast_figures(told_on(tables=other))) == figures_text(forecast_figures(usual()))


def test_a_missing_table_is_one_sentence_and_no_failure():
    told = altered(usual(), leave_out=("payments", "line_items", "subscriptions", "targets"), without_target=True)
    for ahead in (cash_ahead(told), demand_ahead(told), renewals_ahead(told)):
        assert not ahead
        assert len(ahead.lines) == 1
    assert told.forecast.target is None
    assert "no target" in needed(told)[0]
    assert "target" not in told.verdict()
    assert "forecast_target" in {row["id"] for row in forecast_figures(told) if row["value"] is None}


def test_money_units_and_contracts_are_there_where_the_data_has_them():
    told = usual()
    cash, demand, renewals = cash_ahead(told, weeks=8), demand_ahead(told, months=3), renewals_ahead(told)
    assert len(cash.frame) == 8
    assert (cash.frame["low_amount"] <= cash.frame["high_amount"]).all()
    assert demand.frame["month"].nunique() == 3
    assert renewals.lines[0].startswith(f"{len(renewals.frame)} contracts")


def test_a_target_that_is_reached_is_said_and_chances_near_one_are_not_called_sure():
    told = usual()
    assert told.chance(0.999) == "over 99.5%"
    assert told.chance(0.001) == "under 0.5%"
    assert told.chance(0.42) == "42%"
    assert told.chance(None) == "–"


def test_scenarios_of_the_workspace_stand_beside_the_forecast():
    declared = parse_workspace(
        "forecast: {scenarios: [{name: up, label: {zh_CN: 上调}, changes: [{amount: 1.1}]}, {name: same}]}"
    )
    told = altered(usual(), forecast=declared.forecast)
    page = CollectedForecast(told)
    frame = page.scenarios().set_index("scenario")
    assert frame.index.tolist() == ["The forecast as it is", "up", "same"]
    assert frame.loc["same", "difference_amount"] == 0
    assert frame.loc["up", "difference_amount"] > 0
    assert "amounts × 1.1" in said_by(page)


def test_overrides_of_the_store_are_told_with_who_and_why_and_are_text(tmp_path):
    told = altered(usual(), store=str(tmp_path / "store"))
    assert people_of(told).overrides.empty
    store = open_store(tmp_path / "store")
    why = "<script>alert(1)</script>"
    override = Override(who="A. Lead", why=why, when=_moment(DAY), by="company", period="2024Q2", amount=9e6)
    append_override(store, override, book=told.book)
    append_forecasts(store, forecast_frame(told.forecast))
    people = people_of(told)
    assert people.overrides["adjusted"].iloc[0] == pytest.approx(9e6)
    page = CollectedForecast(told)
    page.people(people)
    text = said_by(page)
    assert "A. Lead" in text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(("locale", "same"), [("en", "with and without it"), ("zh_CN", "有无该商机均为")])
def test_a_chance_of_the_target_that_rounds_alike_without_the_largest_deal_is_not_told_twice(locale, same):
    told = usual(locale)
    beyond = replace(told, forecast=replace(told.forecast, target=1e15))
    (said,) = [one for one in needed(beyond) if same in one]
    assert said.count("0.5%") == 1
    near = replace(told, forecast=replace(told.forecast, target=told.forecast.distribution.mean))
    assert not any(same in one for one in needed(near))


@pytest.mark.parametrize(("locale", "why"), [("en", "lifts the mean"), ("zh_CN", "抬高了平均值")])
def test_a_part_that_is_expected_to_bring_more_than_its_interval_holds_is_explained_under_the_table(locale, why):
    page = CollectedForecast(usual(locale))
    rows = page.roll("region")
    inside = rows.assign(high_amount=rows["expected_amount"] + 1.0)
    page.roll_table("region", inside)
    assert why not in said_by(page)
    skewed = inside.assign(high_amount=inside["high_amount"].where(inside.index != 0, 0.0))
    page.roll_table("region", skewed)
    (said,) = [one["text/html"] for one in page.outputs if why in one.get("text/html", "")]
    n_all = len(rows)
    assert (f"In 1 of {n_all} rows" if locale == "en" else f"{n_all} 行中有 1 行") in said


def test_units_by_month_become_cards_on_a_phone_with_each_month_named():
    page = CollectedForecast(usual())
    demand = demand_ahead(page.told, months=6)
    page.table("demand", demand.frame, shown=page.months(demand.frame), look=page.months_look(demand.frame))
    made = said_by(page)
    assert 'class="table-box cards"' in made
    months = demand.frame["month"].dt.strftime("%Y-%m").unique()
    assert all(f'data-label="{month}"' in made for month in months)


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_what_was_said_of_a_part_is_judged_when_its_period_is_over_beside_what_the_model_said(locale, tmp_path):
    told = altered(usual(locale), store=str(tmp_path / "store"))
    store = open_store(tmp_path / "store")
    day = pd.Timestamp("2024-02-04")
    for node in ("North", "East"):
        said = Override(
            who="Lead", why="Tender", when=_moment(day.date()), by="region", node=node, period="2024Q1", amount=9e6
        )
        append_override(store, said, book=told.book, now=_moment(day.date()))
    forecast = {"as_of": day, "period": "2024Q1", "node": "region=North", "model": "win_curves"}
    append_forecasts(store, pd.DataFrame([{**forecast, "quantity": "expected", "value": 1.0}]))
    people = people_of(told)
    rows = people.nodes.set_index("node")
    won = told.book.won_between(date(2024, 1, 1), date(2024, 3, 31))
    for node in ("North", "East"):
        came = won.loc[won["region"] == node, "amount_base"].sum()
        assert rows.loc[f"region={node}", "actual"] == pytest.approx(came)
        assert rows.loc[f"region={node}", "difference"] == pytest.approx(9e6 - came)
    assert rows.loc["region=North", "model"] == 1.0
    assert pd.isna(rows.loc["region=East", "model"])
    page = CollectedForecast(told)
    page.people(people)
    text = said_by(page)
    wanted = {
        "en": ["2 figures of parts of the company", "people were nearer in", "Of 1 of them nobody can say", "judged"],
        "zh_CN": ["有 2 个所属期间已结束", "人工更接近的有", "其中 1 个无法判断", "已评判"],
    }
    assert [one for one in wanted[locale] if one not in text] == []


def test_a_word_on_a_part_that_was_written_down_after_its_period_is_said_not_to_be_judged(tmp_path):
    told = altered(usual(), store=str(tmp_path / "store"))
    store = open_store(tmp_path / "store")
    said = Override(
        who="Lead", why="Tender", when=_moment(date(2024, 2, 4)), by="region", node="North", period="2024Q1", amount=9e6
    )
    append_override(store, said, book=told.book)
    people = people_of(told)
    assert people.nodes["actual"].isna().all()
    assert "1 figure of a part was written down after its period was over: it is not judged." in people.accuracy_lines


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "en",
            [
                "Past conversion (conversion table) spoke in 1 period:",
                "15%",
                "−13%",
                "2.6%",
                "too few periods",
                "10–12",
            ],
        ),
        ("zh_CN", ["按历史转化率推算（转化表）只在 1 个期间", "15%", "−13%", "2.6%", "期间太少", "10–12"]),
    ],
)
def test_who_was_nearer_is_told_in_shares_and_the_readers_words(locale, said, tmp_path):
    shares = {"wape": 0.152, "bias": -0.126, "reference_wape": 0.026, "added": -0.126}
    row = {"n": 1, "n_periods": 1, "absolute_error": 1234.5, **shares, "added_low": None, "added_high": None}
    ends = [(None, None), (10.0, 12.0), (13.0, None)]
    rows = [
        {"source": source, "weeks_from": low, "weeks_to": high, **row, "verdict": verdict}
        for source, verdict in (("combination", "reference"), ("conversion_table", "too_few_periods"))
        for low, high in ends
    ]
    found = pd.DataFrame(rows).astype(
        {"weeks_from": "float64", "weeks_to": "float64", "added_low": "float64", "added_high": "float64"}
    )
    told = usual(locale)
    page = CollectedForecast(told)
    page.people(People([], accuracy_lines=tell_accuracy(found, words=told.words, formats=told.formats), accuracy=found))
    text = said_by(page)
    assert [one for one in said if one not in text] == []
    codes = ["conversion_table", "too_few_periods", "weeks from", "weeks to", "combination", "reference wape"]
    write_workbook({"a": page._named["accuracy"]}, tmp_path / "a.xlsx", words=told.words, formats=told.formats)
    head, _, *rows = openpyxl.load_workbook(tmp_path / "a.xlsx")["a"].iter_rows()
    sheet = " ".join(str(cell.value) for cells in (head, *rows) for cell in cells)
    assert [one for one in codes if one in text + sheet] == []
    assert [cell.number_format for cell in rows[0]].count("0.0%") == len(shares)


def test_when_an_override_was_said_is_told_in_the_time_zone_of_the_workspace(monkeypatch):
    told = usual()
    assert told.workspace.calendar.time_zone == "Asia/Shanghai"
    row = {
        "node": "company",
        "opportunity_id": None,
        "model": 1.0,
        "adjusted": 2.0,
        "difference": 1.0,
        "who": "A. Lead",
    }
    frame = pd.DataFrame([{**row, "said_at": pd.Timestamp("2025-11-01 16:00"), "why": "seen"}])
    page, kept = CollectedForecast(told), {}
    monkeypatch.setattr(page, "table", lambda name, rows, **_: kept.update({name: rows}))
    page.people(People(["said"], frame))
    assert kept["overrides"]["said_at"].tolist() == [pd.Timestamp("2025-11-02")]


def _moment(day: date):
    from datetime import UTC, datetime

    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
