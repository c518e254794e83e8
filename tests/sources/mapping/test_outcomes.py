"""How an opportunity ended, and the day the export was made."""

import pandas as pd
import pytest

from oppnb.sources.exported import latest_fact
from oppnb.sources.outcomes import outcome_word, with_outcomes
from oppnb.workspace import Workspace, parse_workspace


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Won", "won"),
        ("closed lost", "lost"),
        ("赢单", "won"),
        ("丢单", "lost"),
        ("进行中", "open"),
        ("Open", "open"),
        ("7", None),
    ],
)
def test_a_status_is_read_in_english_and_chinese(text: str, outcome: str | None) -> None:
    assert outcome_word(text) == outcome


def deals(**columns: list[str | None]) -> dict[str, pd.DataFrame]:
    n = len(next(iter(columns.values())))
    return {"opportunities": pd.DataFrame({"opportunity_id": [str(i) for i in range(n)], **columns}, dtype="str")}


def test_without_a_status_the_configured_stage_says_it_and_then_its_words() -> None:
    workspace = parse_workspace("processes: [{name: p, stages: [{name: Done, outcome: won}, {name: Won over}]}]")
    frames, findings = with_outcomes(deals(stage=["done", "Won over", "Closed Lost", None]), workspace=workspace)
    assert frames["opportunities"]["outcome"].tolist() == ["won", "open", "lost", "open"]
    assert findings == ()


def test_the_same_stage_can_end_otherwise_in_another_process() -> None:
    workspace = parse_workspace(
        "processes: [{name: a, stages: [{name: Final, outcome: won}]}, {name: b, stages: [{name: Final}]}]"
    )
    frames, _ = with_outcomes(deals(stage=["Final", "Final", "Final"], process=["a", "b", None]), workspace=workspace)
    assert frames["opportunities"]["outcome"].tolist() == ["won", "open", "won"]


def test_a_status_that_says_nothing_is_a_finding_and_the_stage_decides() -> None:
    frames, (finding,) = with_outcomes(
        deals(stage=["Demo", "Won", "Won"], outcome=["???", "won", None]), workspace=Workspace()
    )
    assert frames["opportunities"]["outcome"].tolist() == ["open", "won", "won"]
    assert (finding.rule, finding.n_rows, finding.n_checked, finding.first_keys) == (
        "outcome_is_open_won_or_lost",
        1,
        2,
        ("0",),
    )


def test_the_export_was_made_on_the_day_of_the_latest_fact_not_of_a_plan() -> None:
    frame = pd.DataFrame(
        {
            "created_at": pd.to_datetime(["2024-01-05 00:00", "2024-02-01 23:30"]),
            "expected_close_on": pd.to_datetime(["2030-01-01", "2031-01-01"]),
            "closed_at": pd.to_datetime(["2099-01-01", None]),
        }
    )
    now = pd.Timestamp("2024-06-01")
    assert str(latest_fact({"opportunities": frame}, time_zone="UTC", now=now)) == "2024-02-01"
    assert str(latest_fact({"opportunities": frame}, time_zone="Asia/Shanghai", now=now)) == "2024-02-02"
    assert latest_fact({"opportunities": frame[["expected_close_on"]]}, time_zone="UTC") is None
