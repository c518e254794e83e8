"""`oppnb train`, `score` and `card` as a user types them."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from tests.cli.test_commands import Run, run

DAY = ("--as-of", "2024-03-15")

__all__ = ["run"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company's export, and a model trained on it."""
    made = make_pipeline(SyntheticSettings(n_opportunities=150, end=date(2024, 3, 31), seed=2))
    export = tmp_path_factory.mktemp("company") / "export"
    export.mkdir()
    for name in ("opportunities", "opportunity_history", "activities", "accounts", "exchange_rates", "owners", "leads"):
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


def test_of_an_export_without_dates_it_says_that_deals_were_drawn_at_random(run: Run, tmp_path: Path) -> None:
    rows = [f"{n},{('Won', 'Lost', 'Lost')[n % 3]},{n % 7}" for n in range(45)]
    (tmp_path / "deals.csv").write_text("id,stage,amount\n" + "\n".join(rows) + "\n", encoding="utf-8")
    card = tmp_path / "card.json"
    code, _, err = run("train", tmp_path / "deals.csv", "--card", card)
    assert code == 0, err
    assert "deals were split at random" in err
    rule = json.loads(card.read_text(encoding="utf-8"))["as_of_rule"]
    assert "drawn at random" in rule
    assert "days after" not in rule


def test_stages_that_no_closed_deal_was_seen_in_are_told_once_by_train_by_score_and_on_the_card(
    run: Run, tmp_path: Path
) -> None:
    stages = ("Won", "Lost", "Lost", "Blue", "Green")
    rows = [f"{n},{stages[n % 5]},{n % 7}" for n in range(60)]
    (tmp_path / "deals.csv").write_text("id,stage,amount\n" + "\n".join(rows) + "\n", encoding="utf-8")
    card, model = tmp_path / "card.html", tmp_path / "deals.oppnb"
    code, _, trained = run("train", tmp_path / "deals.csv", "--card", card, "--model-out", model)
    assert code == 0, trained
    code, _, scored = run("score", tmp_path / "deals.csv", "--model", model)
    assert code == 0, scored
    for said in (trained, scored):
        assert said.count("never seen on closed ones, so they tell nothing here") == 1
        assert "The workspace has no stages" in said
        assert "Stages that are no preset's have no odds" not in said
    assert "never seen on closed ones" in card.read_text(encoding="utf-8")


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


@pytest.fixture(scope="module")
def leads_model(folder: Path) -> Path:
    from oppnb.scoring import save_scorer, train_leads

    return save_scorer(train_leads(folder, until="2024-02-29", within_days=45)[2], folder.parent / "leads.oppnb")


def open_ids(folder: Path, model: Path) -> list[str]:
    from oppnb.scoring import score_pipeline

    return score_pipeline(folder, as_of="2024-03-15", model=model).frame["opportunity_id"].tolist()


def test_json_is_printed_beside_the_file_too(run: Run, folder: Path, model: Path, tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    code, out, err = run("score", folder, *DAY, "--model", model, "--out", file, "--json")
    assert code == 0, err
    ids = [row["opportunity_id"] for row in json.loads(out)]
    assert ids == pd.read_csv(file, dtype="str", encoding="utf-8-sig")["opportunity_id"].tolist()
    code, out, _ = run("score", folder, *DAY, "--model", model, "--out", file)
    assert (code, out) == (0, "")


def test_a_deal_is_told_in_full(run: Run, folder: Path, model: Path) -> None:
    first, second = open_ids(folder, model)[:2]
    code, out, err = run("score", folder, *DAY, "--model", model, "--deal", first, "--deal", second)
    assert code == 0, err
    assert f"Deal {first}" in out
    assert f"Deal {second}" in out
    for part in (
        "Win probability",
        "Won by then:",
        "Why (typical recent deal",
        "Since the last score:",
        "Similar closed",
    ):
        assert out.count(part) == 2
    code, out, _ = run("score", folder, *DAY, "--model", model, "--deal", first, "--locale", "zh_CN")
    assert code == 0
    assert f"商机 {first}" in out
    assert "相似的已关闭商机" in out


def test_a_deal_told_to_a_machine_adds_up(run: Run, folder: Path, model: Path) -> None:
    first = open_ids(folder, model)[0]
    code, out, err = run("score", folder, *DAY, "--model", model, "--deal", first, "--json")
    (told,) = json.loads(out)
    assert code == 0, err
    total = told["base_probability"] + sum(reason["value"] for reason in told["reasons"])
    assert total == pytest.approx(told["score"]["win_probability"], abs=1e-9)
    assert all(point["won"] + point["lost"] + point["open"] == pytest.approx(1) for point in told["curve"])
    assert told["change"]["as_of_before"] == "2024-03-08"


def test_json_of_a_deal_says_what_the_model_does_not_know_of_the_export(
    run: Run, folder: Path, model: Path, tmp_path: Path
) -> None:
    first = open_ids(folder, model)[0]
    asked = ("score", folder, *DAY, "--model", model, "--deal", first, "--json")
    code, out, _ = run(*asked)
    assert (code, json.loads(out)[0]["fit"]) == (0, [])
    lost = tmp_path / "export"
    lost.mkdir()
    for file in folder.glob("*.csv"):
        frame = pd.read_csv(file, dtype="str")
        frame.drop(columns=["source"], errors="ignore").to_csv(lost / file.name, index=False)
    code, out, err = run("score", lost, *asked[2:])
    assert code == 0, err
    (said,) = json.loads(out)[0]["fit"]
    assert "are not in this export: source" in said
    assert said in err


def test_looking_at_a_deal_is_not_remembered_as_a_run(run: Run, folder: Path, model: Path, tmp_path: Path) -> None:
    settings = tmp_path / "oppnb.yaml"
    settings.write_text("store: memory/\n", encoding="utf-8")
    first = open_ids(folder, model)[0]
    code, _, err = run("score", folder, *DAY, "--model", model, "-w", settings, "--deal", first)
    assert code == 0, err
    assert not (tmp_path / "memory" / "scores").exists()  # the export is remembered, what was looked at is not


def test_an_id_that_is_not_there_is_refused_before_training_with_the_nearest(
    run: Run, folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oppnb.scoring.pipeline.train_scoring", lambda *_, **__: pytest.fail("it was trained"))
    first = open_ids(folder, model)[0]
    code, _, err = run("score", folder, *DAY, "--deal", first[:-1] + "x")
    assert code == 2
    assert "The nearest ids of open deals:" in err
    assert first[:-1] in err


def test_ids_that_the_crm_would_not_know_are_refused_before_training(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oppnb.scoring.pipeline.train_scoring", lambda *_, **__: pytest.fail("it was trained"))
    monkeypatch.setattr("oppnb.scoring.leads.train_on_leads", lambda *_, **__: pytest.fail("it was trained"))
    for leads in ((), ("--leads",)):
        code, _, err = run("score", folder, *DAY, "--write-back", tmp_path / "crm.json", *leads)
        assert code == 4
        assert "are no GUIDs" in err


def test_leads_are_trained_and_scored_by_a_file(run: Run, folder: Path, tmp_path: Path) -> None:
    model, card = tmp_path / "leads.oppnb", tmp_path / "card.json"
    until = ("--until", "2024-02-29", "--within-days", "45")
    code, out, err = run("train", folder, "--leads", *until, "--model-out", model, "--card", card)
    assert code == 0, err
    assert "base_rate" in out
    assert json.loads(card.read_text(encoding="utf-8"))["subject"] == "lead"
    back = tmp_path / "back.csv"
    code, out, err = run("score", folder, "--leads", *DAY, "--model", model, "--json", "--write-back", back)
    assert code == 0, err
    rows = json.loads(out)
    assert {row["within_days"] for row in rows} == {45}
    assert pd.read_csv(back, dtype="str", encoding="utf-8-sig")["lead_id"].tolist() == [row["lead_id"] for row in rows]


def test_a_model_of_leads_is_refused_for_deals_and_the_other_way_round(
    run: Run, folder: Path, model: Path, leads_model: Path, tmp_path: Path
) -> None:
    for command, said in (
        (("score", folder, *DAY, "--model", leads_model), "trained on leads, not on deals"),
        (("score", folder, *DAY, "--leads", "--model", model), "trained on deals, not on leads"),
        (("train", folder, "--champion", leads_model), "trained on leads, not on deals"),
    ):
        code, _, err = run(*command)
        assert code == 2
        assert said in err
        assert "oppnb train DATA" in err


def test_a_model_of_leads_that_has_expired_says_so(run: Run, folder: Path, leads_model: Path) -> None:
    late = ("score", folder, "--leads", "--as-of", "2024-06-15", "--model", leads_model)
    assert "oppnb train DATA --leads --until 2024-06-15" in run(*late)[2]
    assert "使用期限" in run(*late, "--locale", "zh_CN")[2]
    assert "was to be used until" not in run("score", folder, "--leads", *DAY, "--model", leads_model)[2]


@pytest.mark.parametrize(
    "options", [("--judge", "crm_score", "--leads"), ("--leads", "--deal", "1"), ("--judge", "s", "--deal", "1")]
)
def test_options_that_ask_for_different_things_are_not_mixed(run: Run, folder: Path, options: tuple[str, ...]) -> None:
    code, _, err = run("score", folder, *options)
    assert code == 2
    assert "ask for different things" in err
