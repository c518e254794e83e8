"""A backtest node by node: it adds up on both sides, agrees with the roll-up, and knows no later owner."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError
from oppnb.forecasting import (
    Forecast,
    ForecastBacktest,
    Point,
    backtest_forecasts,
    measure_columns,
    measure_nodes,
    node_notes,
    points_of,
    roll_up,
    tell_judged_nodes,
    tell_judged_table,
)
from oppnb.forecasting.chosen import ChosenForecast
from oppnb.forecasting.models import forecast_all
from oppnb.forecasting.node_places import NodeDay, Places
from oppnb.forecasting.node_record import NodeRecord, spread_at_nodes
from oppnb.forecasting.record import Record
from oppnb.forecasting.told import backtest_json
from oppnb.history.book import PipelineBook
from oppnb.history.tenures import TENURE_COLUMNS, as_held
from oppnb.locale import Formats, Words
from oppnb.periods import parse_period
from tests.forecasting.hand_made import make_book
from tests.forecasting.test_baselines import WORKSPACE

BY = ("region", "owner_id")
REPEATED = ("last_period", "same_period_last_year")


def moved(book: PipelineBook, *, seed: int = 3) -> PipelineBook:
    """A third of the deals go to another owner, in another region, some days after they were created."""
    rng = np.random.default_rng(seed)
    chosen = book.deals[rng.random(len(book.deals)) < 0.33]
    before = chosen.assign(from_on=pd.Timestamp("1700-01-01"))
    other = book.deals.sample(len(chosen), random_state=seed)[["owner_id", "team", "manager_id", "region"]]
    after = chosen.assign(
        from_on=chosen["created_on"] + pd.to_timedelta(rng.integers(5, 120, len(chosen)), unit="D"),
        **{name: other[name].to_numpy() for name in other},
    )
    tenures = pd.concat([before, after]).sort_values(["opportunity_id", "from_on"], ignore_index=True)
    tenures = tenures[tenures["from_on"] <= pd.Timestamp(book.known_on)].astype({"from_on": "datetime64[us]"})
    last = tenures.drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")
    deals = book.deals.copy()
    for name in ("owner_id", "team", "manager_id", "region"):
        deals[name] = deals["opportunity_id"].map(last[name]).fillna(deals[name]).astype("str")
    tenures = tenures[list(TENURE_COLUMNS)]
    rows = pd.concat(
        [as_held(group, tenures, pd.Timestamp(str(day))) for day, group in book.open_rows.groupby("as_of")]
    )
    return replace(book, deals=deals, tenures=tenures, open_rows=rows.reset_index(drop=True))


@pytest.fixture(scope="module")
def book() -> PipelineBook:
    return moved(replace(make_book(n_deals=260), workspace=WORKSPACE))


@pytest.fixture(scope="module")
def points(book: PipelineBook) -> list[Point]:
    return points_of(book)[40::8]


@pytest.fixture(scope="module")
def judged(book: PipelineBook, points: list[Point]) -> ForecastBacktest:
    return backtest_forecasts(book, points, by=BY)


def test_nodes_add_up_to_the_company_on_both_sides(judged: ForecastBacktest) -> None:
    sums = judged.nodes.groupby(["by", "as_of", "model"])[["forecast", "actual", "won_already"]].sum()
    whole = judged.frame.set_index(["as_of", "model"])[["forecast", "actual", "won_already"]]
    for by in BY:
        both = sums.loc[by].join(whole.add_suffix("_of_all"), how="inner")
        assert len(both) > 20
        for name in ("actual", "won_already"):
            np.testing.assert_allclose(both[name], both[f"{name}_of_all"], atol=0.011)
        own = both[both.index.get_level_values("model").isin(["win_curves", "combination"])]
        np.testing.assert_allclose(own["forecast"], own["forecast_of_all"], atol=0.011)


def test_baselines_of_nodes_add_up_to_their_number(book: PipelineBook, judged: ForecastBacktest) -> None:
    day = judged.nodes["as_of"].max()
    point = next(one for one in points_of(book) if one.day == day.date())
    said = forecast_all(book, point, Record())
    rows = judged.nodes[(judged.nodes["as_of"] == day) & (judged.nodes["by"] == "region")]
    for name, told in said.points.items():
        found = rows.loc[rows["model"] == name, "forecast"].sum()
        if name == "top_down":
            assert found == 0.0
        elif name in REPEATED:
            assert found >= told.total - 0.01
        else:
            assert found == pytest.approx(told.total)
    assert "conversion_table" in set(rows["model"])


def test_nodes_are_those_of_the_roll_up(book: PipelineBook, points: list[Point]) -> None:
    point = points[0]
    judged = backtest_forecasts(book, [point], by=["region"])
    known = book.known(point.day)
    said = forecast_all(known, point, Record())
    chosen = ChosenForecast("win_curves", "too_few_periods", None, pd.DataFrame())
    told = roll_up(Forecast(point, said, chosen, judged, None), known, by=["region"], levels=(0.1, 0.9))
    wide = told.pivot_table(index="node", columns="quantity", values="value", aggfunc="first")
    rows = judged.nodes[judged.nodes["model"] == "win_curves"].set_index("node")
    wide = wide.loc[rows.index]
    np.testing.assert_allclose(rows["forecast"], wide["expected"], atol=0.011)
    for level in (0.1, 0.9):
        np.testing.assert_allclose(rows[f"q_{level}"], wide[f"quantile_{level}"], rtol=0.05)


def test_later_owners_change_no_earlier_forecast(book: PipelineBook, points: list[Point]) -> None:
    day = points[len(points) // 2].day
    earlier = [one for one in points if one.day <= day]
    later = book.tenures["from_on"] > pd.Timestamp(day)
    assert later.sum() > 10
    rng = np.random.default_rng(1)
    tenures = book.tenures.copy()
    for name in ("owner_id", "region"):
        tenures.loc[later, name] = rng.choice(["X", "Y"], int(later.sum()))
    after = book.open_rows["as_of"] > pd.Timestamp(day)
    rows = book.open_rows.assign(region=book.open_rows["region"].where(~after, "X"))
    deals = book.deals.copy()
    is_moved = deals["opportunity_id"].isin(tenures.loc[later, "opportunity_id"])
    deals.loc[is_moved, ["owner_id", "region"]] = "X"
    first = backtest_forecasts(book, earlier, by=BY).nodes
    second = backtest_forecasts(replace(book, deals=deals, tenures=tenures, open_rows=rows), earlier, by=BY).nodes
    keys = ["by", "node", "model"]
    said = ["forecast", "won_already", *(name for name in first if str(name).startswith("q_"))]
    first, second = (
        one[(one["as_of"] == pd.Timestamp(day)) & ((one["forecast"] > 0) | (one["won_already"] > 0))]
        .set_index(keys)[said]
        .sort_index()
        for one in (first, second)
    )
    assert len(first) > 30
    pd.testing.assert_frame_equal(first, second)


DEALS = pd.DataFrame(
    {
        "opportunity_id": ["kept", "moved", "late", "won"],
        "created_on": pd.to_datetime(["2024-01-02", "2024-01-02", "2024-02-20", "2024-01-02"]),
        "closed_on": pd.to_datetime(["2024-03-10", "2024-03-10", "2024-03-10", "2024-01-20"]),
        "outcome": ["won"] * 4,
        "amount_base": [1.0, 10.0, 100.0, 1000.0],
        "owner_id": ["a", "b", "b", "a"],
        "team": None,
        "manager_id": None,
        "region": None,
    }
)


def test_a_deal_that_moves_is_booked_where_it_stood_and_a_later_one_where_it_ends() -> None:
    tenures = pd.DataFrame(
        [
            ("moved", pd.Timestamp("1700-01-01"), "a"),
            ("moved", pd.Timestamp("2024-03-01"), "b"),
            ("late", pd.Timestamp("1700-01-01"), "a"),
            ("late", pd.Timestamp("2024-03-05"), "b"),
        ],
        columns=["opportunity_id", "from_on", "owner_id"],
    ).assign(team=None, manager_id=None, region=None)
    rows = pd.DataFrame({"opportunity_id": ["kept", "moved"], "as_of": pd.Timestamp("2024-02-04"), "owner_id": "a"})
    book = PipelineBook(date(2024, 12, 31), DEALS, rows, (date(2024, 2, 4),), WORKSPACE, tenures)
    places = Places.of(book, "owner_id")
    point = Point(date(2024, 2, 4), parse_period("2024Q1"))
    day, end = (NodeDay(book.known(one), places, point) for one in (point.day, point.period.end))
    actual, n = day.booked(book, end)
    assert places.nodes == ("a", "b", None)
    assert actual.tolist() == [1011.0, 100.0, 0.0]
    assert n.tolist() == [3.0, 1.0, 0.0]
    assert day.won_in(point.period).tolist() == [1000.0, 0.0, 0.0]


def test_each_column_is_measured_with_its_intervals_and_its_deals(judged: ForecastBacktest) -> None:
    measured = measure_nodes(judged.nodes)
    assert not measured.duplicated(["by", "node", "model"]).any()
    assert set(measured["by"]) == set(BY)
    own = measured[~measured["is_baseline"] & measured["difference_low"].notna()]
    assert (own["difference_low"] <= own["difference"] + 1e-9).mean() > 0.9
    assert own["against"].isin(measured.loc[measured["is_baseline"], "model"]).all()
    whole = measure_columns(judged.nodes)
    per_period = judged.frame.drop_duplicates(["period", "as_of"]).groupby("period")["actual"].mean().sum()
    assert whole.loc[whole["model"] == "win_curves", "actual"].tolist() == pytest.approx([per_period] * 2)


def test_figures_for_machines_have_each_node_and_no_column_without_being_asked(judged: ForecastBacktest) -> None:
    told = backtest_json(judged)
    assert {"by", "node", "model", "is_baseline", "n", "wape", "bias", "crps", "coverage_50"} <= set(told["by_node"][0])
    assert {row["by"] for row in told["by_column"]} == set(BY)
    assert "by_node" not in backtest_json(replace(judged, nodes=pd.DataFrame()))


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_what_is_told_names_nodes_with_few_deals(judged: ForecastBacktest, locale: str) -> None:
    said = {"words": Words(locale), "formats": Formats(locale)}
    names = {"U00": "Ada"}
    table = tell_judged_table(judged, "owner_id", names=names, **said)
    assert "Ada" in set(table["node"])
    assert len(table) == judged.nodes.loc[judged.nodes["by"] == "owner_id", "node"].nunique()
    assert any("10" in line for line in tell_judged_nodes(judged, "owner_id", names=names, **said))


def test_a_column_that_deals_do_not_have_is_told(book: PipelineBook, points: list[Point]) -> None:
    with pytest.raises(ColumnMissingError, match="Did you mean 'region'"):
        backtest_forecasts(book, points[:1], by=["regoin"])


def test_owners_that_nobody_told_are_noted(book: PipelineBook, points: list[Point]) -> None:
    days = [one.day for one in points]
    assert [note.code for note in node_notes(book, days, ["owner_id", "product"])] == ["forecast_nodes_as_exported"]
    bare = replace(book, open_rows=book.open_rows.assign(owner_id=None))
    (note,) = node_notes(bare, days, ["owner_id"])
    assert note.code == "forecast_nodes_owner_not_told"
    assert 0 < note.values["untold"] == note.values["deals"]


def test_without_a_history_of_owners_deals_stand_where_the_export_says(book: PipelineBook, points: list[Point]) -> None:
    flat = replace(book, tenures=book.tenures.iloc[:0])
    lost = flat.open_rows.assign(region=None, owner_id=None)
    rows = flat.open_rows.drop(columns=["region", "owner_id"]).merge(
        flat.deals[["opportunity_id", "region", "owner_id"]], on="opportunity_id", how="left"
    )
    first, second = (backtest_forecasts(replace(flat, open_rows=one), points[:2], by=BY).nodes for one in (lost, rows))
    pd.testing.assert_frame_equal(first, second)


def test_a_spread_has_its_number_as_the_mean_and_widens_with_misses() -> None:
    levels = (np.arange(4000) + 0.5) / 4000
    spread = spread_at_nodes(np.array([100.0, 50.0]), np.array([0.3, 1.5]), levels)
    np.testing.assert_allclose(spread.mean(axis=1), [100.0, 50.0], rtol=0.01)
    assert (spread >= 0).all()
    now, then = (Point(parse_period(name).end.replace(day=1), parse_period(name)) for name in ("2024Q4", "2024Q3"))
    record = NodeRecord()
    assert record.miss("m", now, 2).tolist() == pytest.approx([0.25, 0.25])
    record.add("m", then, said=np.array([100.0, 100.0]), came=np.array([100.0, 300.0]))
    near, far = record.miss("m", now, 2)
    assert far > near > 0.25
    record.add("m", now, said=np.array([1.0, 1.0]), came=np.array([100.0, 300.0]))  # its period is not over
    assert record.miss("m", now, 2).tolist() == [near, far]


def test_forecasts_of_deals_whose_owner_nobody_knows_are_said_to_stand_in_no_node(
    book: PipelineBook, points: list[Point]
) -> None:
    days = [one.day for one in points]
    is_open = ~book.deals["outcome"].isin(["won", "lost"])
    of_nobody = book.deals.assign(owner_id=book.deals["owner_id"].mask(is_open))
    bare = replace(book, deals=of_nobody, open_rows=book.open_rows.assign(owner_id=None))
    note = node_notes(bare, days, ["owner_id"])[-1]
    assert note.code == "forecast_nodes_of_nobody"
    assert note.values["n"] == note.values["n_open"] == int(is_open.sum()) > 0
