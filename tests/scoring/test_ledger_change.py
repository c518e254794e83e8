"""What was said before is remembered; what changed is told, and the parts of a change add up to it."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oppnb.errors import ProbabilityError, StoreError
from oppnb.locale import Formats, Words
from oppnb.scoring.alerts import ALERT_COLUMNS, alert_texts, score_alerts
from oppnb.scoring.change import CHANGE_COLUMNS, PARTS, change_texts, score_changes
from oppnb.scoring.grades import grade_scores
from oppnb.scoring.ledger import append_scores, contribution_columns, scores_known
from oppnb.scoring.prediction import Contributions
from oppnb.scoring.rows import GROUPS
from oppnb.store import open_store
from oppnb.workspace import Grades, Workspace, parse_workspace


def scores_of(chances: list[float], *, day: str = "2024-03-31", seed: int = 0, **columns: object) -> pd.DataFrame:
    """Scores of deals 0, 1, … whose contributions add up to the probability."""
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 0.05, (len(chances), len(GROUPS)))
    base = np.array(chances) - values.sum(axis=1)
    frame = pd.DataFrame({"opportunity_id": [str(i) for i in range(len(chances))], "as_of": pd.Timestamp(day)})
    frame["win_probability"] = chances
    frame["grade"] = grade_scores(frame["win_probability"], Grades())
    frame = frame.join(contribution_columns(Contributions(base, values, GROUPS)))
    return frame.assign(stage="Negotiation", amount_base=100.0, owner_id="u", behaviour_points=0.0).assign(**columns)


def at(day: int, hour: int = 7) -> datetime:
    return datetime(2024, 4, day, hour, tzinfo=UTC)


chances = st.lists(st.floats(0, 1), min_size=3, max_size=3)


@given(now=chances, before=chances)
@settings(deadline=None, max_examples=40)
def test_the_parts_of_a_change_add_up_to_it(now: list[float], before: list[float]) -> None:
    found = score_changes(scores_of(now, seed=1), scores_of(before, seed=2))
    assert np.abs(found["change"] - found[list(PARTS)].sum(axis="columns")).max() < 1e-9
    assert found["change"].is_monotonic_increasing
    by_deal = found.set_index("opportunity_id")["change"]
    assert [by_deal[str(i)] for i in range(3)] == [pytest.approx(now[i] - before[i]) for i in range(3)]


def test_the_last_score_before_the_day_is_the_one_compared_with(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    append_scores(scores_of([0.1, 0.2], day="2024-03-17"), store, model_id="m", run_id="a", seen_at=at(1))
    append_scores(scores_of([0.3], day="2024-03-24"), store, model_id="m", run_id="b", seen_at=at(2))
    append_scores(scores_of([0.4], day="2024-03-24"), store, model_id="m", run_id="c", seen_at=at(3))
    append_scores(scores_of([0.9, 0.9], day="2024-03-31"), store, model_id="m", run_id="d", seen_at=at(4))
    known = scores_known(store, before=date(2024, 3, 31))
    assert known["win_probability"].tolist() == [0.4, 0.2]
    assert scores_known(store, before=date(2024, 3, 31), seen_before=at(3))["win_probability"].tolist() == [0.3, 0.2]
    assert scores_known(store, before=date(2024, 3, 17)).empty


def test_the_first_run_has_nothing_to_compare_with(tmp_path: Path) -> None:
    found = score_changes(scores_of([0.4, 0.6]), scores_known(open_store(tmp_path), before=date(2024, 3, 31)))
    assert list(found.columns) == list(CHANGE_COLUMNS)
    assert found["change"].isna().all()
    assert set(found["trend"]) == {"not_known"}
    assert found["moved_by"].isna().all()
    assert change_texts(found, words=Words("en"), formats=Formats("en")) == [None, None]


@pytest.mark.parametrize("chance", [None, np.nan, 1.01, -0.1])
def test_what_is_no_probability_is_not_written(tmp_path: Path, chance: float | None) -> None:
    with pytest.raises(ProbabilityError, match=r"1 of 2 scores .*first: 1"):
        append_scores(scores_of([0.5, 0.5]).assign(win_probability=[0.5, chance]), open_store(tmp_path), model_id="m")
    assert open_store(tmp_path).files("scores") == []


def test_one_run_cannot_publish_two_sets_of_scores(tmp_path: Path) -> None:
    append_scores(scores_of([0.5]), open_store(tmp_path), model_id="m", run_id="r")
    with pytest.raises(StoreError, match="already written"):
        append_scores(scores_of([0.6]), open_store(tmp_path), model_id="m", run_id="r")


def moved(**parts: float) -> pd.DataFrame:
    """One deal of 0.6 whose contributions have moved by so much since."""
    before = scores_of([0.6], day="2024-03-24", seed=3)
    now = before.assign(as_of=pd.Timestamp("2024-03-31"), win_probability=0.6 + sum(parts.values()))
    for group, change in parts.items():
        column = "base_probability" if group == "base" else f"contribution_{group}"
        now[column] += change
    return score_changes(now, before)


def test_the_reason_that_moved_most_in_the_direction_of_the_change_is_named() -> None:
    assert moved(activity=-0.10, timing=-0.04).loc[0, "moved_by"] == "activity"
    assert moved(activity=-0.10, timing=0.09, stage=-0.02).loc[0, "moved_by"] == "activity"
    assert moved(base=-0.05, timing=0.01).loc[0, "moved_by"] == "base"
    assert pd.isna(moved(activity=-0.0001).loc[0, "moved_by"])


def test_a_change_is_told_in_words_in_both_languages() -> None:
    found = moved(activity=-0.10, timing=-0.04, stage=0.001)
    texts = [change_texts(found, words=Words(x), formats=Formats(x))[0] for x in ("en", "zh_CN")]
    assert texts[0] == "−14 points since March 24, 2024: contact −10, dates and pushes −4"
    assert texts[1] is not None
    assert "跟进联系 −10" in texts[1]


def test_another_model_is_named_as_the_reason_and_not_the_deal() -> None:
    now, before = scores_of([0.3], model_id="new"), scores_of([0.6], model_id="old", seed=3)
    found = score_changes(now, before)
    assert found.loc[0, "moved_by"] == "model"
    assert "another model" in str(change_texts(found, words=Words("en"), formats=Formats("en"))[0])


def test_without_contributions_the_change_is_told_without_its_parts() -> None:
    bare = ["opportunity_id", "as_of", "win_probability"]
    found = score_changes(scores_of([0.4])[bare], scores_of([0.6])[bare])
    assert found.loc[0, "change"] == pytest.approx(-0.2)
    assert found[list(PARTS)].isna().all(axis=None)
    assert pd.isna(found.loc[0, "moved_by"])
    assert change_texts(found, words=Words("en"), formats=Formats("en")) == ["−20 points since March 31, 2024"]


def test_a_column_that_only_the_earlier_scores_have_is_not_taken_for_todays() -> None:
    found = score_changes(scores_of([0.4]).drop(columns=["grade", "stage"]), scores_of([0.6]))
    assert found[["grade", "stage"]].isna().all(axis=None)
    assert found.loc[0, "grade_before"] == "hot"


def alerts_of(text: str, now: list[float], before: list[float], **columns: object) -> pd.DataFrame:
    workspace = parse_workspace(f"alerts: {text}")
    return score_alerts(score_changes(scores_of(now, **columns), scores_of(before, seed=4)), workspace=workspace)


def test_a_fall_of_exactly_the_threshold_is_one() -> None:
    found = alerts_of("[{when: probability_fell_by, points: 10}]", [0.5, 0.51, 0.3], [0.6, 0.6, 0.6])
    assert found["opportunity_id"].tolist() == ["2", "0"]
    assert found["value"].tolist() == [30.0, 10.0]
    assert list(found.columns) == list(ALERT_COLUMNS)


def test_every_kind_of_alert_finds_its_deals_and_has_its_sentence() -> None:
    found = alerts_of(
        "[{when: probability_rose_by, points: 20}, {when: probability_fell_below, points: 30},"
        " {when: behaviour_fell_by, points: 15}, {when: grade_fell}]",
        [0.9, 0.29, 0.65],
        [0.6, 0.31, 0.66],
        behaviour_points=[0.0, -20.0, 3.0],
    )
    told = list(zip(found["when"], found["opportunity_id"], strict=True))
    assert told == [
        ("probability_rose_by", "0"),
        ("probability_fell_below", "1"),
        ("behaviour_fell_by", "1"),
        ("grade_fell", "1"),
    ]
    english, chinese = (alert_texts(found, words=Words(x), formats=Formats(x)) for x in ("en", "zh_CN"))
    assert english[1] == "Win probability fell below 30%, to 29%, since March 31, 2024"
    assert english[3] == "Grade fell from Warm to Cold since March 31, 2024"
    assert "由温降为冷" in chinese[3]
    assert all("nan" not in text for text in [*english, *chinese])


def test_alerts_keep_to_their_stages_and_amounts() -> None:
    text = "[{when: probability_fell_by, points: 10, stages: [negotiation], at_least_amount: 50}]"
    columns = {"stage": ["Negotiation", "Demo", "Negotiation"], "amount_base": [60.0, 60.0, None]}
    assert alerts_of(text, [0.1] * 3, [0.6] * 3, **columns)["opportunity_id"].tolist() == ["0"]


def test_without_alerts_or_without_a_past_there_are_none() -> None:
    changes = score_changes(scores_of([0.1]), scores_of([0.9]))
    assert list(score_alerts(changes, workspace=Workspace()).columns) == list(ALERT_COLUMNS)
    fresh = score_changes(scores_of([0.1]), scores_of([]))
    workspace = parse_workspace("alerts: [{when: grade_fell}, {when: probability_fell_below, points: 50}]")
    assert score_alerts(fresh, workspace=workspace).empty


def test_no_deals_today_is_no_change() -> None:
    found = score_changes(scores_of([]), scores_of([0.5]))
    assert list(found.columns) == list(CHANGE_COLUMNS)
    assert found.empty
