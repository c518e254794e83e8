"""What is refused from the book alone is what a forecast of that book would refuse, and nothing else."""

from datetime import date, timedelta

import pytest

from oppnb.errors import ColumnMissingError, OppnbError, ParameterError
from oppnb.forecasting import compare_scenarios, forecast_parts
from oppnb.forecasting.checks import check_backtest_days, check_columns, check_period, check_roll_up, check_scenarios
from oppnb.forecasting.segments import known_columns
from oppnb.periods import parse_period
from oppnb.workspace import Scenario, ScenarioChange
from tests.forecasting.hand_made import POINT, make_book

BOOK = make_book()
PARTS = forecast_parts(BOOK, POINT)


def test_the_book_knows_the_very_columns_that_a_forecast_can_be_rolled_up_by() -> None:
    assert known_columns(BOOK.open_rows, BOOK.deals) == known_columns(PARTS.deals, PARTS.won)


def test_a_column_that_deals_have_is_taken_and_a_misspelt_one_told_with_the_nearest() -> None:
    check_roll_up(BOOK, ["region", "owner_id"])
    with pytest.raises(ColumnMissingError, match="Did you mean 'region'"):
        check_roll_up(BOOK, ["regoin"])
    with pytest.raises(ParameterError, match="stands twice"):
        check_columns(["region", "region"], ["region"])


def test_a_period_is_over_only_after_its_last_day() -> None:
    period = parse_period("2024Q1")
    check_period(period, period.end)
    with pytest.raises(ParameterError, match="ended on 2024-03-31"):
        check_period(period, period.end + timedelta(days=1))


@pytest.mark.parametrize(
    "change",
    [
        ScenarioChange(amount=1.1),
        ScenarioChange(where={"region": "East"}, amount=1.1),
        ScenarioChange(where={"regoin": "East"}, amount=1.1),
        ScenarioChange(where={"region": "Esat"}, amount=1.1),
        ScenarioChange(where={"stage": "Nowhere"}, amount=1.1),
        ScenarioChange(where={"stage": "Demo"}, new_business=1.1),
    ],
)
def test_a_scenario_is_refused_from_the_book_exactly_if_it_is_refused_of_the_forecast(change: ScenarioChange) -> None:
    def said(what: object) -> str:
        try:
            what()  # type: ignore[operator]
        except OppnbError as error:
            return f"{type(error).__name__}: {error}"
        return ""

    scenarios = [Scenario(name="one", changes=[change])]
    before = said(lambda: check_scenarios(scenarios, BOOK))
    assert before == said(lambda: compare_scenarios(PARTS, scenarios, book=BOOK, levels=()))


def test_two_scenarios_of_one_name_are_refused() -> None:
    with pytest.raises(ParameterError, match="called 'one'"):
        check_scenarios([Scenario(name="one"), Scenario(name="one")], BOOK)


def test_bounds_with_a_day_between_them_are_taken_and_others_told_what_there_is() -> None:
    check_backtest_days(BOOK, kind="month", first=None, last=None)
    check_backtest_days(BOOK, kind="month", first=BOOK.days[0], last=BOOK.days[-1])
    with pytest.raises(ParameterError, match=r"no day from 2090-01-01 that can be judged: .* go from \d{4}-"):
        check_backtest_days(BOOK, kind="month", first=date(2090, 1, 1), last=None)
