"""`oppnb forecast` and `oppnb backtest` as a user types them: what they leave behind, what they refuse and how."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from oppnb.reports import ForecastPage, tell_forecast_of
from oppnb.reports.collected_page import CollectedPage
from oppnb.reports.run import ReportResult
from oppnb.stages import open_data
from oppnb.store import open_store
from tests.cli.test_commands import Run, run

__all__ = ["run"]


class CollectedForecast(CollectedPage, ForecastPage):
    """A forecast review without a kernel."""


HEADER = "id,stage,amount,currency,created,expected close,closed"
DAY = ("--as-of", "2024-11-10")


def write_deals(folder: Path, *, n: int = 30, amount: object = None, twice: bool = False) -> Path:
    """Deals created through 2024, one a row: won, lost, or a fifth of them open."""
    rows = []
    for number in range(n):
        month = number % 12 + 1
        stage = "Demo" if number % 5 == 4 else ("Won" if number % 2 else "Lost")
        closed = "" if stage == "Demo" else f"2024-{month:02d}-20"
        name = number // 2 if twice else number
        money = 100 + number if amount is None else amount
        rows.append(f"{name:03d},{stage},{money},EUR,2024-{month:02d}-05,2024-{month:02d}-25,{closed}")
    file = folder / "deals.csv"
    file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_deals(tmp_path)


def test_forecast_prints_json_that_says_what_it_is_made_of_and_twice_the_same(run: Run, export: Path) -> None:
    code, out, err = run("forecast", export, *DAY, "--json")
    told = json.loads(out)
    assert code == 0, err
    assert (told["as_of"], told["period"]) == ("2024-11-10", "2024Q4")
    assert {"chosen", "verdict", "won_already", "from_open_deals", "from_new_business", "width", "models"} <= set(told)
    assert told["chosen"] in {row["model"] for row in told["models"]}
    for row in told["models"]:
        quantiles = [value for name, value in row.items() if name.startswith("quantile_")]
        assert quantiles == sorted(quantiles)
        assert quantiles[0] >= told["won_already"] - 0.01
    assert run("forecast", export, *DAY, "--json")[1] == out


def test_forecast_is_the_same_whatever_is_written_after_its_day(run: Run, export: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    lines = export.read_text(encoding="utf-8").splitlines()
    changed = [line.replace("Lost", "Won").replace(",1", ",9", 1) if ",2024-12-05," in line else line for line in lines]
    assert changed != lines
    scrambled = other / "deals.csv"
    scrambled.write_text("\n".join(changed) + "\n", encoding="utf-8")
    first, second = (json.loads(run("forecast", one, *DAY, "--json")[1]) for one in (export, scrambled))
    assert first == second


def test_backtest_writes_the_figures_that_a_machine_reads(run: Run, export: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "backtest.json"
    code, out, err = run("backtest", export, "--period", "month", "--to", "2024-06-30", "--json", file)
    told = json.loads(file.read_text(encoding="utf-8"))
    assert code == 0, err
    assert out
    keys = {"model", "is_baseline", "n", "wape", "bias", "crps", "coverage_50", "coverage_80", "coverage_95"}
    assert all(keys <= set(row) for row in told["models"])
    assert all(keys | {"weeks_left"} <= set(row) for row in told["by_weeks_left"])
    assert told["chosen"] in {row["model"] for row in told["models"]}
    assert {row["model"]: row["is_baseline"] for row in told["models"]}["win_curves"] is False
    assert {row["model"]: row["is_baseline"] for row in told["models"]}["conversion_table"] is True
    assert sum(row["n"] for row in told["by_weeks_left"]) == sum(row["n"] for row in told["models"])
    assert max(row["as_of"] for row in told["days"]) <= "2024-06-30"
    assert "NaN" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("forecast", "--period", "2024Q9"), "'2024Q9' is not a period"),
        (("forecast", "--period", "November"), "'November' is not a period"),
        (("forecast", "--as-of", "2024-13-01"), "'2024-13-01' is not a day"),
        (("forecast", "--as-of", "2020-01-01"), "No deal was known on 2020-01-01"),
        (("forecast", "--as-of", "2024-11-10", "--period", "2024Q1"), "2024Q1 ended on 2024-03-31, before 2024-11-10"),
        (
            ("forecast", "--report", "reports", "--as-of", "2024-11-10", "--period", "2024Q1"),
            "2024Q1 ended on 2024-03-31",
        ),
        (("forecast", "--by", "region,region"), "'region' stands twice"),
        (("forecast", "--by", "region", "--report", "reports"), "the report rolls up by"),
        (("backtest", "--from", "2025-06-01"), "There is no day from 2025-06-01 that can be judged"),
        (("backtest", "--from", "2024-03-04", "--to", "2024-03-05"), "no day from 2024-03-04 to 2024-03-05"),
        (("backtest", "--period", "decade"), "write month, quarter or year"),
        (("backtest", "--from", "soon"), "'soon' is not a day"),
        (("backtest", "--from", "2024-09-01", "--to", "2024-05-01"), "--from 2024-09-01 lies after --to 2024-05-01"),
    ],
)
def test_an_option_that_cannot_be_used_is_told_with_exit_code_2(
    run: Run, export: Path, words: tuple[str, ...], said: str
) -> None:
    code, out, err = run(words[0], export, *words[1:])
    assert code == 2
    assert said in err
    assert "Learning" not in err
    assert out == ""


def test_a_period_that_is_over_is_told_with_its_end(run: Run, tmp_path: Path) -> None:
    code, _, err = run("forecast", write_deals(tmp_path, n=3), "--as-of", "2024-05-10", "--period", "2024Q1")
    assert code == 2
    assert "2024Q1 ended on 2024-03-31, before 2024-05-10" in err


def test_a_written_roll_up_names_the_forecast_that_it_is_of(run: Run, export: Path, tmp_path: Path) -> None:
    out = tmp_path / "nodes.csv"
    code, told, _ = run("forecast", export, *DAY, "--by", "process", "--out", out, "--json")
    assert code == 0
    frame = pd.read_csv(out)
    assert {"as_of", "period", "node", "model", "quantity", "value"} <= set(frame)
    (named,) = set(frame["model"])
    expected = {row["model"]: row["expected"] for row in json.loads(told)["models"]}
    of_all = frame.loc[(frame["quantity"] == "expected") & frame["parent"].isna(), "value"].max()
    assert of_all == pytest.approx(expected[named], abs=0.0051)


def test_a_misspelt_column_of_the_roll_up_is_told_with_the_nearest_before_models_learn(run: Run, export: Path) -> None:
    code, out, err = run("forecast", export, *DAY, "--by", "owner_id,regoin")
    assert (code, out) == (4, "")
    assert "Did you mean 'region'?" in err
    assert "Learning" not in err


def test_a_store_that_cannot_be_read_is_told_before_models_learn(run: Run, export: Path, tmp_path: Path) -> None:
    (tmp_path / "memory" / "forecasts").mkdir(parents=True)
    (tmp_path / "memory" / "forecasts" / "damaged.parquet").write_text("nothing", encoding="utf-8")
    (tmp_path / "oppnb.yaml").write_text("store: memory/\n", encoding="utf-8")
    code, out, err = run("forecast", export, "-w", tmp_path / "oppnb.yaml", *DAY)
    assert (code, out) == (4, "")
    assert "damaged.parquet" in err
    assert "Learning" not in err


def test_the_same_forecast_is_remembered_once_beside_its_workspace_and_another_day_anew(
    run: Run, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "oppnb.yaml"
    settings.write_text("store: memory/\n", encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    words = ("forecast", export, "-w", settings)
    assert "was added to the store" in run(*words, *DAY)[2]
    first = open_store(tmp_path / "memory").read("forecasts")
    assert "nothing was added" in run(*words, *DAY)[2]
    pd.testing.assert_frame_equal(open_store(tmp_path / "memory").read("forecasts"), first)
    run(*words, "--as-of", "2024-11-17")
    assert len(open_store(tmp_path / "memory").files("forecasts")) == 2
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_report_remembers_its_forecast_as_the_command_does(run: Run, export: Path, tmp_path: Path) -> None:
    remembered = {}
    for name in ("command", "report"):
        settings = tmp_path / f"{name}.yaml"
        settings.write_text(f"store: {name}/\n", encoding="utf-8")
        if name == "command":
            assert run("forecast", export, "-w", settings, *DAY)[0] == 0
        else:
            page = CollectedForecast(tell_forecast_of(export, as_of=DAY[1], workspace=settings))
            remember_twice(page)
        remembered[name] = open_store(tmp_path / name).read("forecasts").drop(columns=["run_id", "seen_at"])
        assert len(open_store(tmp_path / name).files("forecasts")) == 1
    pd.testing.assert_frame_equal(remembered["command"], remembered["report"])


def remember_twice(page: CollectedForecast) -> None:
    for _ in range(2):
        page.close()


@pytest.mark.parametrize("words", [("forecast", "--out"), ("backtest", "--out"), ("backtest", "--json")])
def test_a_file_that_cannot_be_written_is_told_before_any_work(
    run: Run, export: Path, tmp_path: Path, words: tuple[str, str]
) -> None:
    folder = tmp_path / "folder.json"
    folder.mkdir()
    for path in (folder, export / "under_a_file" / "x.json"):
        code, _, err = run(words[0], export, words[1], path)
        assert code == 2, err
        assert path.name in err
        assert "Learning" not in err


def test_nothing_can_be_written_among_the_kernels_files(run: Run, export: Path) -> None:
    assert run("backtest", export, "--json", "/proc/nothing/x.json")[0] == 2


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (HEADER, 2, "a header without rows"),
        ("id,stage,amount\n1,Demo,100\n2,Won,50", 4, "No deal has a date"),
        (f"{HEADER}\n1,Won,9,EUR,2024-10-05,,2024-10-20\n2,Won,9,USD,2024-10-05,,2024-10-20", 4, "2 currencies"),
    ],
)
def test_data_that_carry_no_forecast_are_told(run: Run, tmp_path: Path, text: str, code: int, said: str) -> None:
    file = tmp_path / "deals.csv"
    file.write_text(text + "\n", encoding="utf-8")
    found, _, err = run("forecast", file, *DAY)
    assert (found, said in err) == (code, True), err


@pytest.mark.parametrize(
    "row", ["1,Demo,100,EUR,2024-10-05,2024-12-01,", "1,Won,100,EUR,2024-10-05,2024-12-01,2024-11-03"]
)
def test_one_deal_is_enough(run: Run, tmp_path: Path, row: str) -> None:
    file = tmp_path / "deals.csv"
    file.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    code, out, err = run("forecast", file, *DAY, "--json")
    assert code == 0, err
    assert json.loads(out)["won_already"] == (100.0 if "Won" in row else 0.0)
    code, out, err = run("backtest", file)
    assert code == 0, err
    assert "too short" in out


@pytest.mark.parametrize("amount", [0, "", 1e14])
def test_amounts_of_nothing_and_of_very_much_go_through(run: Run, tmp_path: Path, amount: object) -> None:
    code, out, err = run("forecast", write_deals(tmp_path, n=24, amount=amount), *DAY, "--json")
    assert code == 0, err
    told = json.loads(out)
    assert "NaN" not in out
    expected = {row["model"]: row["expected"] for row in told["models"]}
    won = 1e14 if amount == 1e14 else 0.0
    assert told["won_already"] == won
    if amount == 1e14:
        assert all(won - 1 <= value <= 24 * won for value in expected.values()), expected
    else:  # nobody has ever seen money here: no figure is promised
        assert told["cannot_be_said"] == "nothing_known_before"
        assert set(expected.values()) == {None}


def test_an_id_that_comes_twice_is_counted_once(run: Run, tmp_path: Path) -> None:
    code, out, err = run("forecast", write_deals(tmp_path, n=12, twice=True), *DAY, "--json")
    assert code == 0, err
    assert json.loads(out)["n_open_deals"] <= 2


def test_without_the_scoring_extra_it_runs_and_says_what_that_costs(
    run: Run, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from oppnb.scoring import win_curves

    for name in ("lightgbm", "sklearn", "skops"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(win_curves, "_HAZARD_FROM", 4)
    monkeypatch.setattr(win_curves, "_LEAST_CLOSED", 4)
    monkeypatch.setattr(win_curves, "LEAST_OF_EACH", 1)
    code, out, err = run("forecast", export, *DAY, "--json")
    assert code == 0, err
    assert json.loads(out)["models"]
    assert "scoring" in err


def test_forecast_says_how_much_an_absurd_amount_carries_and_what_to_do(run: Run, tmp_path: Path) -> None:
    export = write_deals(tmp_path, n=200)
    lines = export.read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if ",Demo," in line and "2024-12-25" in line)
    cells = lines[place].split(",")
    lines[place] = ",".join([*cells[:2], "9999999999999999", *cells[3:]])
    export.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "oppnb.yaml").write_text("sources: {exported_on: 2024-12-10}\n", encoding="utf-8")
    asked = ("forecast", export, "-w", tmp_path / "oppnb.yaml")
    told = json.loads(run(*asked, "--json")[1])["data_faults"]
    rules = {row["rule"]: row for row in told["rules"]}
    assert rules["amount_is_of_the_usual_size"]["first_keys"] == [cells[0]]
    assert told["rules"][0]["rule"] == "amount_is_of_the_usual_size"
    assert told["share"] > 0.9
    code, out, _ = run(*asked)
    assert code == 0
    assert "Look at the data first" in out
    assert f"first {cells[0]}" in out
    assert "oppnb audit" in out


def test_a_period_that_is_not_over_is_refused_before_anything_runs(run: Run, export: Path, tmp_path: Path) -> None:
    code, _, err = run("retrospective", export, "--period", "2025Q2", "--out", tmp_path / "reports")
    assert code == 2
    assert "the period is not over" in err
    assert not (tmp_path / "reports").exists()


def test_a_retrospective_as_json_gives_the_figures_and_where_the_files_are(
    run: Run, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oppnb.reports.run_retrospective", lambda *_, **__: ReportResult(tmp_path / "made", 1.0))
    asked = ("retrospective", export, "--period", "2024Q3", "--json")
    assert list(json.loads(run(*asked)[1])) == ["files"]
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "retrospective.json").write_text('{"period": "2024Q3", "gap": -5.0}', encoding="utf-8")
    told = json.loads(run(*asked)[1])
    assert (told["period"], told["gap"]) == ("2024Q3", -5.0)
    assert told["files"]["folder"] == str(tmp_path / "made")
    assert told["files"]["figures_json"] == str(tmp_path / "made" / "figures.json")


def test_a_day_long_after_the_export_is_told_before_models_learn(run: Run, export: Path) -> None:
    _, _, err = run("forecast", export, "--as-of", "2025-02-20")
    assert err.count("a newer export") == 1
    assert err.index("a newer export") < err.find("Learning from the past") or "Learning" not in err


def test_a_history_table_beside_a_young_store_is_not_called_none(run: Run, export: Path, tmp_path: Path) -> None:
    history = "opportunity_id,changed_at,stage\n000,2024-01-06,Demo\n"
    (tmp_path / "opportunity_history.csv").write_text(history, encoding="utf-8")
    settings = "store: memory\nsources: {exported_on: 2024-12-10}\n"
    (tmp_path / "oppnb.yaml").write_text(settings, encoding="utf-8")
    opened = open_data(tmp_path, workspace=tmp_path / "oppnb.yaml")
    codes = [note.code for note in opened.notes]
    assert "history_depth_table" in codes
    assert "history_memory_begins" not in codes
