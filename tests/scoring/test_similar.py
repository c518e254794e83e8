"""Closed deals beside an open one: near in what the model looks at, and known on the day."""

import numpy as np
import pandas as pd
import pytest

from oppnb.locale import Formats, Words
from oppnb.scoring.intervals import Doubt
from oppnb.scoring.models.ridge import Ridge
from oppnb.scoring.scorer import Scorer
from oppnb.scoring.similar import SIMILAR_COLUMNS, similar_closed_deals, similar_summary, similar_texts
from tests.scoring.ladder_rows import make_rows, without_dates

ROWS = make_rows(250)
SCORER = Scorer(Ridge().fit(ROWS), tuple(feature.name for feature in ROWS.features), Doubt(), {"model_id": "test"})
LATE = ROWS.take((ROWS.keys["as_of"] >= ROWS.keys["as_of"].quantile(0.6)).to_numpy()).take(np.arange(20))


def test_a_similar_deal_had_closed_by_the_day_and_is_another_one() -> None:
    found = similar_closed_deals(SCORER, LATE, ROWS)
    assert tuple(found.columns) == SIMILAR_COLUMNS
    day = found["opportunity_id"].map(LATE.keys.groupby("opportunity_id")["as_of"].max())
    closed_on = found["similar_as_of"] + pd.to_timedelta(found["days_to_end"], unit="D")
    assert (closed_on <= day).all()
    assert (found["opportunity_id"] != found["similar_opportunity_id"]).all()
    assert set(found["end"]) <= {"won", "lost"}


def test_later_closes_change_nothing() -> None:
    one = LATE.take(np.arange(1))
    day = one.keys["as_of"].iloc[0]
    closes = ROWS.keys["as_of"] + pd.to_timedelta(ROWS.ends["days_to_end"], unit="D")
    before = ROWS.take((closes < day).to_numpy())
    pd.testing.assert_frame_equal(similar_closed_deals(SCORER, one, ROWS), similar_closed_deals(SCORER, one, before))


def test_the_nearest_come_first_and_each_deal_once() -> None:
    found = similar_closed_deals(SCORER, LATE, ROWS, n=4)
    for _, near in found.groupby("opportunity_id"):
        rank_1 = near[near["rank"] == 1]
        if len(rank_1) == 1:  # a deal with one row
            assert near["distance"].is_monotonic_increasing
            assert near["similar_opportunity_id"].is_unique
    assert found["rank"].max() == 4


def test_a_twin_has_distance_zero() -> None:
    closed = ROWS.take(ROWS.is_closed).take(np.arange(1))
    twin = closed.take(np.arange(1))
    day = twin.keys["as_of"] + pd.Timedelta(days=4000)
    twin = type(twin)(
        twin.keys.assign(opportunity_id="twin", as_of=day), twin.values, twin.features, None, twin.calendar
    )
    assert similar_closed_deals(SCORER, twin, closed)["distance"].tolist() == pytest.approx([0.0], abs=1e-12)


def test_without_dates_or_closed_deals_it_still_answers() -> None:
    undated = without_dates(ROWS)
    assert len(similar_closed_deals(SCORER, undated.take(np.arange(2)), undated)) == 10
    none = ROWS.take(~ROWS.is_closed)
    assert similar_closed_deals(SCORER, LATE, none).empty


def test_the_line_says_how_it_ended_in_both_languages() -> None:
    found = similar_closed_deals(SCORER, LATE.take(np.arange(1)), ROWS, n=1)
    english = similar_texts(found, words=Words("en"), formats=Formats("en"))[0]
    chinese = similar_texts(found, words=Words("zh_CN"), formats=Formats("zh_CN"))[0]
    assert " after " in english
    assert english.endswith("days")
    assert "天后" in chinese


def test_the_summary_counts_the_won_ones() -> None:
    found = pd.DataFrame({"end": ["won", "lost", "won"]})
    said = similar_summary(found, words=Words("en"), formats=Formats("en"))
    assert said == "2 of the 3 most similar closed deals were won"
