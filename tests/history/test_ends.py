"""How deals ended, seen from a day; and what of it was known on an earlier one."""

import numpy as np
import pandas as pd
import pytest

from oppnb.history import as_of, labels, open_source
from oppnb.history.ends import ends, ends_known_on
from tests.builders import make_change, make_opportunity, make_tables
from tests.random_pipeline import awkward_pipeline, awkward_workspace

WORKSPACE = awkward_workspace()
DAY = "2024-03-01"


def open_rows(source, day=DAY):
    frame = as_of(source, day, workspace=WORKSPACE)
    return frame.loc[frame["outcome"] == "open", ["opportunity_id", "as_of"]].reset_index(drop=True)


@pytest.fixture(scope="module")
def source():
    return open_source(awkward_pipeline(5))


def test_agree_with_the_labels(source):
    rows = open_rows(source)
    found = ends(source, rows, known_on="2024-09-01", workspace=WORKSPACE)
    wanted = labels(source, DAY, by="2024-09-01", known_on="2024-09-01", workspace=WORKSPACE)
    assert found["end"].tolist() == wanted["label"].tolist()
    pd.testing.assert_series_equal(found["closed_at"], wanted["closed_at"])


def test_an_open_deal_is_followed_to_the_end_of_the_day_of_knowledge(source):
    found = ends(source, open_rows(source), known_on="2024-03-31", workspace=WORKSPACE)
    # 30 days less the hour that the clock was put forward in New York
    assert set(found.loc[found["end"] == "open", "days_to_end"]) == {round(30 - 1 / 24, 6)}


def test_a_loss_taken_back_later_is_a_loss_and_one_taken_back_before_is_not_the_end():
    changes = [("2024-01-01", "Lead"), ("2024-02-01", "Lost"), ("2024-04-01", "Lead"), ("2024-05-01", "Won")]
    history = [make_change(changed_at=day, stage=stage) for day, stage in changes]
    tables = make_tables([make_opportunity(stage="Won")], history=history)
    rows = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-01-15"])})
    known = {day: ends(tables, rows, known_on=day) for day in ("2024-01-31", "2024-03-01", "2024-04-15", "2024-06-01")}
    assert [frame["end"].iloc[0] for frame in known.values()] == ["open", "lost", "open", "won"]
    assert [frame["days_to_end"].iloc[0] for frame in known.values()] == [16.0, 16.0, 91.0, 106.0]


def test_a_close_of_which_the_source_learnt_late_has_no_days():
    history = [make_change(changed_at="2024-01-01", stage="Lead"), make_change("2", "2024-01-01", stage="Won")]
    deals = [make_opportunity(stage="Won", closed_at="2024-02-01"), make_opportunity("2", stage="Won")]
    tables = make_tables(deals, history=history, exported_on=pd.Timestamp("2024-06-01").date())
    rows = pd.DataFrame({"opportunity_id": ["1"], "as_of": pd.to_datetime(["2024-03-01"])})
    found = ends(tables, rows)
    assert found["end"].tolist() == ["won"]
    assert found["days_to_end"].isna().all()


def test_known_on_an_earlier_day_they_are_what_was_known_then(source):
    rows = open_rows(source)
    late = ends(source, rows, known_on="2024-12-01", workspace=WORKSPACE)
    told, is_there = ends_known_on(late, rows["as_of"], day="2024-06-01", time_zone=WORKSPACE.calendar.time_zone)
    early = ends(source, rows, known_on="2024-06-01", workspace=WORKSPACE)
    assert is_there.all()
    # but for losses that were taken back in between, which only the first way can know
    same = late["closed_at"].isna() | (late["closed_at"] == early["closed_at"]) | early["closed_at"].isna()
    same &= ~((late["end"] == "open") & (early["end"] != "open"))
    assert same.mean() > 0.5
    assert told.loc[same, "end"].tolist() == early.loc[same, "end"].tolist()
    assert np.allclose(told.loc[same, "days_to_end"], early.loc[same, "days_to_end"])


def test_rows_of_the_day_of_knowledge_or_later_say_nothing():
    frame = pd.DataFrame({"end": ["won"] * 3, "days_to_end": [5.0] * 3})
    as_of_days = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]))
    assert ends_known_on(frame, as_of_days, day="2024-01-02")[1].tolist() == [True, False, False]
