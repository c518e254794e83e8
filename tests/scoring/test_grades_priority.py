"""Grades by stated cuts, and a ranking that says what it assumes."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.locale import Formats, Words
from oppnb.scoring.grades import GRADES, grade_scores, grades_note
from oppnb.scoring.priority import PRIORITY_COLUMNS, priority_note, rank_by_priority
from oppnb.workspace import Grades, Movable, Scoring


def scores_of(chances: list[float], amounts: list[float | None]) -> pd.DataFrame:
    keys = [f"{i:03d}" for i in range(len(chances))]
    return pd.DataFrame({"opportunity_id": keys, "win_probability": chances, "amount_base": amounts})


@given(st.lists(st.floats(-100, 100), min_size=2))
@settings(deadline=None)
def test_a_higher_score_never_has_a_lower_grade(scores: list[float]) -> None:
    found = grade_scores(pd.Series(sorted(scores)), Grades(by="behaviour", hot=20, warm=-5))
    places = [-GRADES.index(grade) for grade in found]
    assert places == sorted(places)


def test_a_score_on_a_cut_is_above_it_and_one_that_is_not_known_has_no_grade() -> None:
    found = grade_scores(pd.Series([0.6, 0.3, 0.2999, np.nan], index=[4, 2, 9, 7]), Grades())
    assert found.tolist()[:3] == ["hot", "warm", "cold"]
    assert pd.isna(found[7])


def test_the_cuts_are_told_in_the_unit_of_the_score_that_is_graded() -> None:
    points = Grades(by="attribute", hot=25, warm=10)
    assert "25 attribute points" in grades_note(points, words=Words("en"), formats=Formats("en"))
    assert "60%" in grades_note(Grades(), words=Words("zh_CN"), formats=Formats("zh_CN"))


chances = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(chances, st.floats(0.01, 1))
@settings(deadline=None)
def test_effort_never_moves_a_probability_out_of_its_bounds(values: list[float], strength: float) -> None:
    found = rank_by_priority(
        scores_of(values, [1.0] * len(values)), scoring=Scoring(movable=Movable(strength=strength))
    )
    moved = np.array(values) + found["movable_points"] / 100
    assert moved.between(0, 1 + 1e-6).all()


@given(chances)
@settings(deadline=None)
def test_every_known_deal_has_one_rank_and_the_middle_of_equal_amounts_comes_first(values: list[float]) -> None:
    found = rank_by_priority(scores_of(values, [1e6] * len(values)), scoring=Scoring())
    assert sorted(found["priority_rank"]) == list(range(1, len(values) + 1))
    first = found["priority_rank"].idxmin()
    assert abs(values[first] - 0.5) <= min(abs(value - 0.5) for value in values) + 1e-4


def test_a_deal_without_an_amount_has_no_rank_and_capacity_is_counted_from_the_top() -> None:
    found = rank_by_priority(scores_of([0.5, 0.5, 0.9, 0.5], [100, None, 100, -5]), scoring=Scoring(capacity=1))
    assert list(found.columns) == list(PRIORITY_COLUMNS)
    assert found["priority_rank"].tolist()[0] == 1
    assert found["priority_rank"].isna().tolist() == [False, True, False, True]
    assert found["is_within_capacity"].tolist()[0] is True
    assert found["is_within_capacity"].isna().tolist() == [False, True, False, True]
    without = rank_by_priority(scores_of([0.5], [100]), scoring=Scoring())
    assert without["is_within_capacity"].isna().all()


def test_a_rank_is_written_as_a_whole_number_also_where_some_deals_have_none() -> None:
    scores = pd.DataFrame({"opportunity_id": ["a", "b"], "win_probability": [0.5, 0.5], "amount_base": [1.0, None]})
    found = rank_by_priority(scores, scoring=Scoring(capacity=1))[["priority_rank", "is_within_capacity"]]
    assert found.to_csv(index=False, lineterminator="\n") == "priority_rank,is_within_capacity\n1,True\n,\n"
    assert found["priority_rank"].dtype == "Int64"


def test_the_order_of_rows_does_not_change_the_ranks() -> None:
    scores = scores_of([0.5, 0.5, 0.2, 0.8], [100, 100, 100, 100])
    shuffled = scores.iloc[[2, 0, 3, 1]]
    ranks = rank_by_priority(scores, scoring=Scoring())["priority_rank"]
    assert rank_by_priority(shuffled, scoring=Scoring())["priority_rank"].sort_index().tolist() == ranks.tolist()


def test_the_ranking_says_that_it_is_one_and_what_it_assumes() -> None:
    english = priority_note(Scoring(), words=Words("en"), formats=Formats("en"))
    assert "not an estimate" in english
    assert "0.20 x p x (1 - p)" in english
    chinese = priority_note(Scoring(capacity=40), words=Words("zh_CN"), formats=Formats("zh_CN"))
    assert "40 个商机" in chinese
