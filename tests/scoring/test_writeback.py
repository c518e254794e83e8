"""Files that carry scores back into a CRM."""

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from oppnb.errors import ColumnMissingError, DataError
from oppnb.scoring.writeback import SCORE_HEADERS, dynamics_payload, write_dynamics_scores, write_score_csv

GUIDS = ["00aa00aa-bb11-cc22-dd33-44ee44ee44ee", "00AA00AA-BB11-CC22-DD33-44EE44EE44EF"]


def scores_of(keys: list[str], **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"opportunity_id": keys, "as_of": pd.Timestamp("2026-11-16"), "win_probability": 0.4249})
    return frame.assign(**columns)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_carries_the_id_as_it_is_and_the_score_in_percent(tmp_path: Path) -> None:
    scores = scores_of(["007"], grade="warm", trend="declining", reasons=[["Silence: -20 points", "大型企业：+10 分"]])
    row = read(write_score_csv(scores, tmp_path / "scores.csv"))[0]
    assert row == {
        "opportunity_id": "007",
        "scored_on": "2026-11-16",
        "score": "42",
        "win_probability": "0.4249",
        "grade": "warm",
        "trend": "declining",
        "reasons": "Silence: -20 points; 大型企业：+10 分",
    }
    assert set(row) <= set(SCORE_HEADERS.values())
    assert [file.name for file in tmp_path.iterdir()] == ["scores.csv"]


def test_the_crm_names_the_columns(tmp_path: Path) -> None:
    headers = {"opportunity_id": "Id", "score": "OppNB_Score__c"}
    assert read(write_score_csv(scores_of(["1"]), tmp_path / "s.csv", headers=headers)) == [
        {"Id": "1", "OppNB_Score__c": "42"}
    ]
    with pytest.raises(ColumnMissingError, match="no column 'grade'"):
        write_score_csv(scores_of(["1"]), tmp_path / "s.csv", headers={"grade": "Grade"})


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_is_a_formula_and_numbers_below_zero_stay_numbers(tmp_path: Path, text: str) -> None:
    scores = scores_of(["1", "2"], reasons=[[text], None], behaviour_points=[-20.0, None])
    rows = read(write_score_csv(scores, tmp_path / "s.csv"))
    assert rows[0]["reasons"].startswith("'")
    assert [row["behaviour_points"] for row in rows] == ["-20.0", ""]
    assert rows[1]["reasons"] == ""


def test_an_id_that_reads_as_a_formula_is_refused_rather_than_changed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="1 of 2 values of 'opportunity_id' begin with a sign of a formula"):
        write_score_csv(scores_of(["1", "=cmd()"]), tmp_path / "s.csv")
    assert not list(tmp_path.iterdir())


def test_the_dynamics_entity_gets_whole_scores_and_the_documented_codes() -> None:
    first, second = dynamics_payload(scores_of(GUIDS, grade=["hot", None], trend=["improving", "declining"]))
    assert second["path"].endswith(
        "(msdyn_entityid='00aa00aa-bb11-cc22-dd33-44ee44ee44ee',msdyn_entitytype='opportunity')"
    )
    assert first["method"] == "PATCH"
    assert second["body"] == {
        "msdyn_score": 42,
        "msdyn_scoretrend": 0,
        "msdyn_grade": 0,
        "msdyn_scoredon": "2026-11-16",
    }
    assert first["body"] == {"msdyn_score": 42, "msdyn_scoretrend": 2, "msdyn_scoredon": "2026-11-16"}


@pytest.mark.parametrize(
    "key", ["006A1", "", "00aa00aa-bb11-cc22-dd33-44ee44ee44ee')", "{00aa00aa-bb11-cc22-dd33-44ee44ee44ee}"]
)
def test_an_id_that_dynamics_cannot_have_is_refused(key: str) -> None:
    with pytest.raises(DataError, match="1 of 2 values of 'opportunity_id' are no GUIDs"):
        dynamics_payload(scores_of([GUIDS[0], key]))


def test_a_score_without_a_probability_is_refused() -> None:
    with pytest.raises(DataError, match="no probability"):
        dynamics_payload(scores_of(GUIDS[:1], win_probability=None).astype({"win_probability": "float64"}))


def test_the_file_of_requests_is_json(tmp_path: Path) -> None:
    path = write_dynamics_scores(scores_of(GUIDS), tmp_path / "scores.json", entity_type="lead")
    requests = json.loads(path.read_text(encoding="utf-8"))["requests"]
    assert len(requests) == 2
    assert "msdyn_entitytype='lead'" in requests[0]["path"]
