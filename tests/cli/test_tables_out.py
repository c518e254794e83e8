"""Tables in files: workbooks for people, the other kinds for machines."""

from pathlib import Path

import pandas as pd
import pytest

from oppnb.cli.score_output import ScoreOutput
from oppnb.cli.tables_out import as_records, write_frame
from oppnb.workspace import parse_workspace

WORKSPACE = parse_workspace("""
processes: [{name: new, label: {zh_CN: 新签}, stages: [{name: Demo, label: {zh_CN: 演示}}, {name: Offer}]}]
""")
SCORES = pd.DataFrame(
    {
        "opportunity_id": ["1", "2", "3"],
        "process": ["new", "new", None],
        "stage": ["Demo", "Offer", None],
        "contribution_stage": [0.1, -0.1, 0.0],
        "grade": ["hot", None, "cold"],
    }
)


def test_a_workbook_has_headings_stages_and_grades_in_the_readers_words(tmp_path: Path) -> None:
    write_frame(SCORES, tmp_path / "scores.xlsx", locale="zh_CN", workspace=WORKSPACE)
    read = pd.read_excel(tmp_path / "scores.xlsx", dtype=str).fillna("")
    assert list(read) == ["商机", "销售流程", "阶段", "增减：阶段", "等级"]
    assert read["阶段"].tolist() == ["演示", "Offer", ""]
    assert read["销售流程"].tolist() == ["新签", "新签", ""]
    assert read["等级"].tolist() == ["热", "", "冷"]


def test_a_file_for_machines_keeps_names_and_codes(tmp_path: Path) -> None:
    write_frame(SCORES, tmp_path / "scores.csv", locale="zh_CN", workspace=WORKSPACE)
    read = pd.read_csv(tmp_path / "scores.csv", dtype=str, keep_default_na=False)
    assert list(read) == list(SCORES)
    assert read["stage"].tolist() == ["Demo", "Offer", ""]


def test_what_is_not_known_is_null_for_a_machine_and_a_day_is_text() -> None:
    frame = pd.DataFrame({"as_of": pd.to_datetime(["2024-03-31", None]), "change": [float("nan"), 0.5]})
    assert as_records(frame) == [{"as_of": "2024-03-31", "change": None}, {"as_of": None, "change": 0.5}]


def test_only_the_key_of_a_row_keeps_what_a_spreadsheet_would_work_out(tmp_path: Path) -> None:
    row = {"opportunity_id": "-7", "owner_id": "=1+1", "account_id": "@x", "name": "+1", "amount": -5.0}
    write_frame(pd.DataFrame([row]), tmp_path / "scores.csv", locale="en")
    read = pd.read_csv(tmp_path / "scores.csv", dtype=str).iloc[0].to_dict()
    assert read == {"opportunity_id": "-7", "owner_id": "'=1+1", "account_id": "'@x", "name": "'+1", "amount": "-5.0"}


def test_a_printed_table_is_as_safe_as_a_written_one(capsys: pytest.CaptureFixture[str]) -> None:
    ScoreOutput().show(pd.DataFrame({"opportunity_id": ["1"], "owner_id": ["=1+1"]}), "en", told="scored_deals")
    assert capsys.readouterr().out == "opportunity_id,owner_id\n1,'=1+1\n"
