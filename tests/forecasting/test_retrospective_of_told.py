"""A retrospective explains the forecast that was told."""

from dataclasses import replace

import pytest

from oppnb.errors import ParameterError
from oppnb.forecasting import forecast_period, retrospective, tell_retrospective
from oppnb.forecasting.opening_days import opening_point
from oppnb.locale import Formats, Words
from oppnb.reports.forecast_figures import retrospective_figures
from tests.forecasting.hand_made import POINT, make_book

BOOK = make_book()
PERIOD = POINT.period.shift(-1)


def test_the_told_forecast_is_explained_and_its_causes_add_up_to_the_cent() -> None:
    point = opening_point(BOOK.known(PERIOD.end), PERIOD)
    made = forecast_period(BOOK, PERIOD, day=point.day)
    told = replace(made, chosen=replace(made.chosen, model="combination"))
    assert told.told_model == "combination"
    found, alone = retrospective(BOOK, PERIOD, told=told), retrospective(BOOK, PERIOD)
    assert found.expected == told.distribution.mean != alone.expected
    causes = found.causes().set_index("cause")["amount"]
    assert causes.sum() == pytest.approx(found.gap, abs=0.005)
    assert causes["combination"] == pytest.approx(alone.expected - found.expected, abs=0.005)
    assert alone.causes().set_index("cause")["amount"]["combination"] == 0
    assert (found.surprise.low, found.surprise.high) == told.distribution.interval(0.8)
    nodes = found.by("region")
    for name in ("expected", "actual", "gap", "combination"):
        whole = {"expected": found.expected, "actual": found.actual, "gap": found.gap}.get(name, causes["combination"])
        assert nodes[name].sum() == pytest.approx(whole, abs=0.005)
    said = tell_retrospective(found, words=Words("en"), formats=Formats("en"))
    assert "mean of deal by deal and past conversion" in said[1]
    figures = [row for row in retrospective_figures(found) if row["id"] == "retrospective_expected"]
    explained = [row for row in figures if (row["slice"] or {}).get("explained")]
    assert [row["slice"]["model"] for row in explained] == ["combination"]
    assert explained[0]["value"] == next(row["value"] for row in figures if row["slice"] is None)
    assert len(figures) == 1 + len(told.said.forecasts)
    with pytest.raises(ParameterError, match="the opening is"):
        retrospective(BOOK, PERIOD.shift(-1), told=told)
