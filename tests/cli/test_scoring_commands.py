"""`oppnb train`, `score` and `card` as a user types them."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from tests.cli.test_commands import Run, run

__all__ = ["run"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company's export, and a model trained on it."""
    made = make_pipeline(SyntheticSettings(n_opportunities=150, end=date(2024, 3, 31), seed=2))
    export = tmp_path_factory.mktemp("company") / "export"
    export.mkdir()
    for name in ("opportunities", "opportunity_history", "activities", "accounts", "exchange_rates", "owners"):
        made.tables[name].to_csv(export / f"{name}.csv", index=False)
    return export


@pytest.fixture(scope="module")
def model(folder: Path) -> Path:
    from oppnb.scoring import save_scorer, train_pipeline

    return save_scorer(train_pipeline(folder, until="2024-02-29")[2], folder.parent / "deals.oppnb")


def test_train_writes_the_card_that_a_machine_reads(run: Run, folder: Path, tmp_path: Path) -> None:
    card = tmp_path / "out" / "card.json"
    code, out, _ = run("train", folder, "--until", "2024-02-29", "--card", card, "--model-out", tmp_path / "m.oppnb")
    told = json.loads(card.read_text(encoding="utf-8"))
    assert code == 0
    assert told["chosen"] in {row["model"] for row in told["evaluation"]}
    assert "base_rate" in out
    assert (tmp_path / "m.oppnb").exists()


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json", ".xlsx"])
def test_score_writes_a_table_of_the_kind_that_the_name_says(
    run: Run, folder: Path, model: Path, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"scores{suffix}"
    code, _, err = run("score", folder, "--as-of", "2024-03-15", "--model", model, "--out", out)
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".json": pd.read_json, ".xlsx": pd.read_excel}
    assert code == 0, err
    assert len(read[suffix](out)) > 10


def test_a_chinese_workbook_of_scores_has_chinese_headings_and_grades(
    run: Run, folder: Path, model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores.xlsx"
    code, _, err = run("score", folder, "--as-of", "2024-03-15", "--model", model, "--out", out, "--locale", "zh_CN")
    read = pd.read_excel(out, sheet_name="赢单概率")
    assert code == 0, err
    assert [name for name in read if not any("\u4e00" <= sign <= "\u9fff" for sign in str(name))] == []
    assert set(read["等级"]) <= {"热", "温", "冷"}
    assert f"评分：{len(read)} 个进行中的商机" in err


def test_score_prints_a_table_that_reads_back(run: Run, folder: Path, model: Path) -> None:
    code, out, err = run("score", folder, "--as-of", "2024-03-15", "--model", model, "--json")
    rows = json.loads(out)
    assert code == 0, err
    assert all(0 <= row["win_probability"] <= 1 for row in rows)
    assert len({row["opportunity_id"] for row in rows}) == len(rows)


def test_a_model_of_a_later_day_is_a_mistake_of_usage(run: Run, folder: Path, model: Path) -> None:
    code, _, err = run("score", folder, "--as-of", "2024-01-15", "--model", model)
    assert code == 2
    assert "oppnb train DATA --until 2024-01-15" in err


def test_a_file_that_cannot_be_written_is_refused_before_any_work(run: Run, folder: Path, tmp_path: Path) -> None:
    code, _, err = run("score", folder, "--out", tmp_path / "scores.docx")
    assert code == 2
    assert ".parquet" in err


def test_a_file_that_is_no_model_says_so(run: Run, folder: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.oppnb"
    wrong.write_text("hello", encoding="utf-8")
    code, _, err = run("score", folder, "--model", wrong)
    assert code == 4
    assert "wrong.oppnb" in err


def test_the_card_of_a_model_is_a_page(run: Run, model: Path, tmp_path: Path) -> None:
    page = tmp_path / "card.html"
    code, _, _ = run("card", model, "--out", page, "--locale", "zh_CN")
    assert code == 0
    assert "赢单概率" in page.read_text(encoding="utf-8")


def test_scores_go_back_to_the_crm_by_id(run: Run, folder: Path, model: Path, tmp_path: Path) -> None:
    file = tmp_path / "back.csv"
    code, _, err = run("score", folder, "--as-of", "2024-03-15", "--model", model, "--write-back", file, "--json")
    assert code == 0, err
    assert next(iter(pd.read_csv(file, dtype="str"))) == "opportunity_id"
