"""The tables of a review on deals made by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError, CurrencyError, DataError, ParameterError
from oppnb.metrics import MetricInputs
from oppnb.periods import parse_period
from oppnb.review import build_breakdown, build_funnel, build_leakage, changes_since, find_bottlenecks, open_review
from oppnb.review.figures import rounded
from oppnb.review.months import months_of, won_by_month
from oppnb.review.quotas import targets_in_base
from oppnb.tables import Tables, stage_rows
from oppnb.workspace import Workspace, parse_workspace

DAY = date(2025, 2, 1)
YEAR_START = pd.Timestamp("2024-02-03")
Q1 = parse_period("2025Q1")
WORKSPACE = parse_workspace(
    """
processes:
  - name: new
    preset: benchmark_60_40_30
    stages: [{name: Demo, odds: 0.2, time_limit_days: 20}, {name: Offer, odds: 0.6}, {name: Close, odds: 0.8}, {name: Won, outcome: won}, {name: Lost, outcome: lost}]
"""  # noqa: E501
)


def inputs(snapshot, **more):
    return MetricInputs(snapshot=snapshot, period=Q1, as_of=DAY, stage_rows=stage_rows(WORKSPACE), **more)


def spells_of(stays):
    """Stays as (key, stage, days, next stage or None)."""
    position = {"Demo": 1.0, "Offer": 2.0, "Close": 3.0, "Won": 4.0, "Lost": 5.0}
    outcome = {"Won": "won", "Lost": "lost"}
    frame = pd.DataFrame(stays, columns=["opportunity_id", "stage", "days", "next_stage"])
    return frame.assign(
        process="new",
        stage_position=frame["stage"].map(position),
        outcome="open",
        spell=frame.groupby("opportunity_id").cumcount() + 1,
        entered_at=pd.Timestamp("2025-01-05"),
        left_at=pd.Series(np.where(frame["next_stage"].notna(), "2025-01-20", None)).astype("datetime64[us]"),
        next_position=frame["next_stage"].map(position),
        next_outcome=frame["next_stage"].map(lambda stage: outcome.get(stage, "open") if stage else None),
        is_finished=frame["next_stage"].notna(),
        is_first_stage_known=True,
        amount_base=10.0,
    )


class TestSince:
    def test_counts_what_ended_came_and_moved_between_the_days(self, make_snapshot):
        before = make_snapshot(
            [
                {"opportunity_id": "a"},
                {"opportunity_id": "b"},
                {"opportunity_id": "c"},
                {"opportunity_id": "old", "outcome": "won", "closed_at": "2025-01-01"},
            ]
        )
        after = make_snapshot(
            [
                {"opportunity_id": "a", "outcome": "won", "closed_at": "2025-02-03", "amount": 7},
                {"opportunity_id": "b", "expected_close_on": "2025-04-01"},
                {"opportunity_id": "c", "expected_close_on": "2025-03-01"},
                {"opportunity_id": "new", "outcome": "lost", "closed_at": "2025-02-03", "amount": None},
                {"opportunity_id": "old", "outcome": "won", "closed_at": "2025-01-01"},
            ]
        )
        assert changes_since(before, after).replace({np.nan: None}).to_numpy().tolist() == [
            ["won", 1, 7.0],
            ["lost", 1, None],
            ["created", 1, None],
            ["pushed", 1, 100.0],
        ]

    def test_say_no_amount_of_the_lost_where_all_stand_at_zero(self, make_snapshot):
        before = make_snapshot([{"opportunity_id": name} for name in "abc"])
        closed = {"outcome": "lost", "closed_at": "2025-02-03"}
        lost = [{"opportunity_id": name, "amount": 0, **closed} for name in "ab"]
        after = make_snapshot([*lost, {"opportunity_id": "c", "amount": 0, **closed, "outcome": "won"}])
        found = changes_since(before, after).set_index("change")["amount"]
        assert np.isnan(found["lost"])
        assert found.drop("lost").tolist() == [0.0, 0.0, 0.0]
        after = make_snapshot([*lost, {"opportunity_id": "c", "amount": 5, **closed}])
        assert changes_since(before, after).set_index("change").loc["lost", "amount"] == 5.0


class TestMonths:
    def test_are_the_twelve_up_to_the_day_and_all_of_the_period(self):
        names = [month.name for month in months_of(parse_period("FY2025"), as_of=date(2025, 2, 1))]
        assert names == [str(month) for month in pd.period_range("2024-03", "2025-02", freq="M")]
        later = [month.name for month in months_of(Q1, as_of=date(2026, 1, 1))]
        assert later[-1] == "2025-03"

    def test_count_a_deal_in_the_month_of_its_local_day(self, make_snapshot):
        won = {"outcome": "won", "closed_at": "2025-01-31 17:00"}
        snapshot = make_snapshot([{"opportunity_id": "a", **won}, {"opportunity_id": "b", "amount": None, **won}])
        months = months_of(Q1, as_of=DAY)
        here = won_by_month(snapshot, months, time_zone="UTC").set_index("month")
        there = won_by_month(snapshot, months, time_zone="Asia/Shanghai").set_index("month")
        assert here.loc["2025-01"].tolist() == [2, 100.0]
        assert there.loc["2025-02"].tolist() == [2, 100.0]

    def test_do_not_turn_unknown_amounts_into_nothing(self, make_snapshot):
        deal = {"outcome": "won", "closed_at": "2025-01-31", "amount": None}
        frame = won_by_month(make_snapshot([deal]), months_of(Q1, as_of=DAY)).set_index("month")
        assert np.isnan(frame.loc["2025-01", "won_amount"])
        assert frame.loc["2024-12", "won_amount"] == 0


class TestFunnel:
    def test_lists_every_open_stage_and_those_the_configuration_does_not_know(self, make_snapshot):
        deals = [
            {"opportunity_id": "a", "stage": "Demo"},
            {"opportunity_id": "b", "stage": "Demo", "amount": None, "has_moved": True},
            {"opportunity_id": "c", "stage": "Poc", "stage_position": None},
            {"opportunity_id": "d", "stage": None, "stage_position": None, "amount": None},
        ]
        funnel = build_funnel(inputs(make_snapshot(deals)), workspace=WORKSPACE)
        assert funnel["stage"].fillna("?").tolist() == ["Demo", "Offer", "Close", "Poc", "?"]
        assert funnel["count"].tolist() == [2, 0, 0, 1, 1]
        assert funnel["amount"].fillna(-1).tolist() == [100.0, 0.0, 0.0, 100.0, -1.0]
        assert funnel["n_never_moved"].iloc[0] == 1
        assert funnel["conversion_benchmark"].iloc[:3].tolist() == [0.6, 0.4, 0.3]

    def test_shows_conversion_and_dwell_with_their_intervals(self, make_snapshot):
        spells = spells_of([(f"d{i}", "Demo", 10.0 + i, "Offer" if i < 6 else "Lost") for i in range(10)])
        lost = {"outcome": "lost", "closed_at": "2025-01-20"}
        deals = [{"opportunity_id": f"d{i}", **({} if i < 6 else lost)} for i in range(10)]
        funnel = build_funnel(inputs(make_snapshot(deals), spells=spells), workspace=WORKSPACE)
        demo = funnel.iloc[0]
        assert demo["conversion"] == pytest.approx(0.6)
        assert demo["conversion_low"] < 0.6 < demo["conversion_high"]
        assert demo["n_entered"] == 10
        assert demo["median_days"] == 14.0


class TestBottlenecks:
    @pytest.fixture
    def found(self, make_snapshot):
        stays, deals = [], []
        for i in range(60):
            key, goes_on = f"d{i:02}", i < 12
            stays.append((key, "Demo", 5.0, "Offer" if goes_on else "Lost"))
            ended = {} if goes_on else {"outcome": "lost", "closed_at": "2025-01-20"}
            deals.append({"opportunity_id": key, "stage": "Offer", **ended})
        for i in range(40):
            key = f"w{i:02}"
            stays += [(key, "Offer", 5.0, "Close"), (key, "Close", 4.0, "Won")]
            deals.append({"opportunity_id": key, "outcome": "won", "closed_at": "2025-01-20", "stage": "Won"})
        close = {"stage": "Close", "amount": 10}
        deals += [{"opportunity_id": f"x{i:02}", **close, "days_in_stage": 40.0 if i < 15 else 1.0} for i in range(20)]
        deals.append({"opportunity_id": "slow", "stage": "Demo", "days_in_stage": 21.0})
        snapshot, spells = make_snapshot(deals), spells_of(stays)
        funnel = build_funnel(inputs(snapshot, spells=spells), workspace=WORKSPACE)
        odds = pd.DataFrame(
            {"process": "new", "stage": ["Demo", "Offer", "Close"], "set_odds": [0.2, 0.4, 0.8], "shrunk_odds": np.nan}
        )
        leakage = build_leakage(spells, workspace=WORKSPACE, since=YEAR_START)
        return find_bottlenecks(funnel, snapshot, spells, odds=odds, leakage=leakage), leakage

    def test_name_the_stage_that_leaks_the_one_that_piles_up_and_the_one_over_its_limit(self, found):
        frame, _ = found
        assert frame[["stage", "reason"]].to_numpy().tolist() == [
            ["Demo", "conversion_low"],
            ["Demo", "leak"],
            ["Demo", "over_time_limit"],
            ["Close", "good_deals_pile_up"],
        ]
        pile = frame.iloc[-1]
        assert (pile["value"], pile["reference"], pile["n"], pile["amount"]) == (0.75, 0.25, 15, 150.0)

    def test_show_where_deals_are_lost(self, found):
        leakage = found[1].set_index("stage")
        assert leakage.loc["Demo", ["n_left", "n_lost", "lost_share", "lost_amount"]].tolist() == [60, 48, 0.8, 480.0]
        assert leakage["share_of_losses"].sum() == 1.0

    def test_lose_nothing_before_the_year_that_is_looked_at(self, make_snapshot):
        stays = spells_of([("a", "Demo", 5.0, "Lost"), ("b", "Demo", 5.0, "Lost"), ("c", "Demo", 5.0, "Offer")])
        given = inputs(make_snapshot([{"opportunity_id": "a"}]), spells=stays)
        moments = [given.year_start - pd.Timedelta(1, "us"), given.year_start, pd.NaT]
        stays = stays.assign(left_at=pd.Series(moments, dtype="datetime64[us]"))
        rows = build_leakage(stays, workspace=WORKSPACE, since=given.year_start).set_index("stage")
        assert given.year_start == YEAR_START
        assert rows.loc["Demo", ["n_left", "n_lost", "lost_amount"]].tolist() == [1, 1, 10.0]

    def test_say_nothing_on_a_handful_of_deals(self, make_snapshot):
        spells = spells_of([(f"d{i}", "Demo", 5.0, "Lost") for i in range(9)] + [("e", "Offer", 1.0, "Close")])
        snapshot = make_snapshot([{"opportunity_id": f"d{i}", "outcome": "lost"} for i in range(9)])
        funnel = build_funnel(inputs(snapshot, spells=spells), workspace=WORKSPACE)
        odds = pd.DataFrame({"process": [], "stage": [], "set_odds": [], "shrunk_odds": []})
        leakage = build_leakage(spells, workspace=WORKSPACE, since=YEAR_START)
        assert find_bottlenecks(funnel, snapshot, spells, odds=odds, leakage=leakage).empty


class TestBreakdown:
    def test_adds_up_and_puts_the_largest_first(self, make_snapshot):
        deals = [
            {"opportunity_id": "a", "region": "East", "amount": 10},
            {"opportunity_id": "b", "region": "West", "amount": 30},
            {"opportunity_id": "c", "region": None, "amount": 20},
            {"opportunity_id": "d", "region": "East", "outcome": "won", "closed_at": "2025-01-20", "amount": 5},
        ]
        targets = pd.DataFrame(
            {"period_start": ["2025-01-01"], "period_end": ["2025-03-31"], "amount": [50.0], "region": ["East"]}
        )
        frame = build_breakdown(inputs(make_snapshot(deals), targets=targets), "region")
        assert frame["slice"].fillna("?").tolist() == ["West", "?", "East"]
        assert frame["open_amount"].tolist() == [30.0, 20.0, 10.0]
        assert frame["target"].fillna(0).tolist() == [0.0, 0.0, 50.0]
        assert frame["coverage"].iloc[2] == pytest.approx(10 / 45)
        assert frame["win_rate"].iloc[2] == 1.0
        assert frame["n"].tolist() == [0, 0, 1]

    def test_names_the_nearest_column(self, make_snapshot):
        with pytest.raises(ColumnMissingError, match="'region'"):
            build_breakdown(inputs(make_snapshot([{}])), "regoin")


class TestTargets:
    def test_are_turned_at_the_last_rate_known_on_the_day(self):
        frames = {
            "opportunities": pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]}),
            "targets": pd.DataFrame(
                {
                    "amount": [100.0, 100.0, 100.0],
                    "currency": ["EUR", "USD", None],
                    "period_start": pd.Timestamp("2025-01-01"),
                    "period_end": pd.Timestamp("2025-03-31"),
                }
            ),
            "exchange_rates": pd.DataFrame(
                {
                    "currency": "EUR",
                    "on": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-02-02"]),
                    "rate_to_base": [1.0, 1.1, 9.0],
                }
            ),
        }
        found = targets_in_base(Tables(frames), workspace=Workspace(currency="USD"), as_of=DAY, period=Q1)
        assert found["amount_base"].round(6).tolist() == [110.0, 100.0, 100.0]

    def test_without_a_rate_are_told_as_targets_with_their_file_and_keys(self):
        quotas = pd.DataFrame(
            {
                "amount": [100.0, 100.0, 100.0],
                "currency": ["GBP", "USD", "GBP"],
                "period_start": pd.to_datetime(["2025-01-01", "2025-01-01", "2025-04-01"]),
                "period_end": pd.to_datetime(["2025-03-31", "2025-03-31", "2025-06-30"]),
                "owner_id": ["U1", "U2", "U1"],
            }
        )
        deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"]})
        rule = "{table: targets, file: quotas.csv, columns: {amount: a, period_start: s, period_end: e}}"
        settled = parse_workspace(f"currency: USD\nmapping: [{rule}]\n")
        with pytest.raises(CurrencyError) as caught:
            targets_in_base(
                Tables({"opportunities": deals, "targets": quotas}), workspace=settled, as_of=DAY, period=Q1
            )
        said = str(caught.value)
        assert said.startswith("'targets' (quotas.csv): 1 of 2 rows are in GBP, for which there is no exchange rate")
        assert "first: 2025-01-01/2025-03-31/U1." in said
        assert "set_aside" in said
        assert "opportunities" not in said


class TestRounding:
    @pytest.mark.parametrize(
        ("value", "unit", "expected"),
        [
            (1.005, "money", 1.0),
            (2 / 3, "share", 0.666667),
            (1 / 3, "days", 0.3333),
            (3.0, "count", 3),
            (-0.001, "money", 0.0),
            (None, "money", None),
            (float("nan"), "ratio", None),
            (float("inf"), "ratio", None),
        ],
    )
    def test_follows_the_unit_and_never_says_nan(self, value, unit, expected):
        found = rounded(value, unit)
        assert found == expected
        assert str(found) == str(expected)


class TestOpening:
    DEALS = pd.DataFrame(
        {
            "opportunity_id": ["1", "2"],
            "stage": ["Demo", "Won"],
            "created_at": pd.to_datetime(["2025-01-02", "2025-01-03"]),
            "closed_at": pd.to_datetime([None, "2025-01-20"]),
            "amount": [5.0, 7.0],
        }
    )

    def test_needs_a_day_of_knowledge(self):
        with pytest.raises(DataError, match="--as-of"):
            open_review(Tables({"opportunities": self.DEALS}))

    def test_refuses_a_last_review_that_is_not_before(self):
        with pytest.raises(ParameterError, match="before"):
            open_review(Tables({"opportunities": self.DEALS}), as_of="2025-02-01", compare_to="2025-02-01")

    def test_takes_the_fiscal_quarter_and_the_week_before(self):
        workspace = parse_workspace("calendar: {fiscal_year_start: 2}")
        review = open_review(Tables({"opportunities": self.DEALS}), as_of="2025-02-01", workspace=workspace)
        assert (review.period.name, review.period.start) == ("2026Q1", date(2025, 2, 1))
        assert review.compare_to == date(2025, 1, 25)

    @pytest.mark.parametrize(
        ("day", "period", "note"),
        [
            ("2025-02-01", "2025Q1", "review_period_is_running"),
            ("2025-02-01", "2024Q4", "review_period_is_over"),
            ("2025-02-01", "2025Q3", "review_period_not_begun"),
        ],
    )
    def test_says_what_the_day_means_for_the_period(self, day, period, note):
        review = open_review(Tables({"opportunities": self.DEALS}), as_of=day, period=period)
        assert note in [one.code for one in review.notes]
        assert review.summary()

    def test_leaves_the_name_of_a_deal_as_it_is(self):
        name = "<script>alert(1)</script> {x} =HYPERLINK()"
        deals = self.DEALS.assign(name=name, expected_close_on=pd.Timestamp("2025-01-10"), next_step_due_on=pd.NaT)
        review = open_review(
            Tables({"opportunities": deals}, exported_on=date(2025, 2, 1)), as_of="2025-02-01", currency="EUR"
        )
        assert review.attention()["name"].tolist() == [name]
        assert name in review.summary()[-1]

    def test_cuts_a_long_name_and_does_without_amounts(self):
        name = "deal\n" + "x" * 200
        deals = self.DEALS.assign(name=name, expected_close_on=pd.Timestamp("2025-01-10")).drop(columns="amount")
        review = open_review(Tables({"opportunities": deals}, exported_on=date(2025, 2, 1)), as_of="2025-02-01")
        sentences = review.summary()
        assert sentences[0] == "Open on February 1, 2025: 1 deal of unknown amount."
        assert "\n" not in sentences[-1]
        assert len(sentences[-1]) < 160
