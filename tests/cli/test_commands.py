"""The commands as a user types them: what they print, what they leave behind, and their exit codes."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from oppnb.cli import main
from oppnb.workspace import read_workspace

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `oppnb WORDS` in this process: exit code, standard output, standard error."""

    def _run(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["oppnb", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        printed = capsys.readouterr()
        return int(stop.value.code or 0), printed.out, printed.err

    return _run


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "deals.csv"
    rows = [
        "id,stage,amount,created,expected close",
        "007,Demo,100,2024-01-05,2024-03-01",
        "008,Won,50,2024-01-09,2024-02-01",
    ]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def test_without_a_command_it_says_what_there_is(run: Run) -> None:
    _, out, err = run()
    assert all(name in out + err for name in ("inspect", "audit", "review", "demo"))


def test_inspect_prints_a_workspace_that_reads_back(run: Run, tmp_path: Path) -> None:
    code, out, err = run("inspect", SAMPLE / "dirty")
    file = tmp_path / "oppnb.yaml"
    file.write_text(out, encoding="utf-8")
    assert code == 0
    assert "opportunities" in {rule.table for rule in read_workspace(file).mapping}
    assert "Opportunities.csv" in err


def test_inspect_prints_json_for_a_machine(run: Run, export: Path) -> None:
    code, out, _ = run("inspect", export, "--json")
    assert code == 0
    assert "deals.csv" in json.dumps(json.loads(out))


def test_audit_counts_what_is_wrong_and_keeps_what_was_set_aside(run: Run, tmp_path: Path) -> None:
    code, out, err = run("audit", SAMPLE / "dirty", "--out", tmp_path)
    assert code == 0
    assert "set aside" in out
    assert (tmp_path / "rejected.csv").exists()
    assert "rejected.csv" in err


def test_audit_speaks_chinese(run: Run) -> None:
    code, out, _ = run("audit", SAMPLE / "dirty", "--locale", "zh_CN")
    assert code == 0
    assert "已剔除" in out


def test_audit_prints_json_for_a_machine(run: Run) -> None:
    code, out, _ = run("audit", SAMPLE / "pipeline", "--workspace", SAMPLE / "oppnb.yaml", "--json")
    assert code == 0
    assert all({"rule", "table", "rows", "share", "first_keys", "done"} <= found.keys() for found in json.loads(out))


def test_the_schema_for_editors_is_json(run: Run) -> None:
    code, out, _ = run("schema")
    assert code == 0
    assert "mapping" in json.loads(out)["properties"]


@pytest.mark.parametrize("command", ["inspect", "audit", "review"])
def test_a_path_that_is_not_there_is_a_usage_error_without_a_traceback(run: Run, tmp_path: Path, command: str) -> None:
    code, _, err = run(command, tmp_path / "export.csv")
    assert code == 2
    assert "export.csv" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "code"),
    [("", 2), ("id,stage,amount\n", 2), ("colour,shape\nred,round\nblue,square\n", 4)],
    ids=["an empty file", "a header without rows", "nothing that looks like a pipeline"],
)
def test_a_file_that_holds_no_pipeline_says_so(run: Run, tmp_path: Path, text: str, code: int) -> None:
    file = tmp_path / "deals.csv"
    file.write_text(text, encoding="utf-8")
    found, _, err = run("audit", file)
    assert found == code
    assert "deals.csv" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("text", ["", "id,stage,amount\n"], ids=["an empty file", "a header without rows"])
def test_an_empty_file_ends_a_command_alike_whether_a_mapping_names_it_or_not(
    run: Run, tmp_path: Path, text: str
) -> None:
    mapping = "mapping: [{table: opportunities, file: deals.csv, columns: {opportunity_id: id, stage: stage}}]\n"
    (tmp_path / "oppnb.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "deals.csv").write_text(text, encoding="utf-8")
    (tmp_path / "data" / "notes.csv").write_text("id,said\n1,a\n2,b\n", encoding="utf-8")
    code, _, err = run("audit", tmp_path / "data", "--workspace", tmp_path / "oppnb.yaml")
    assert code == 2
    assert "'deals.csv', which is there" in err


def test_a_misspelt_key_of_the_workspace_has_its_own_exit_code(run: Run, export: Path, tmp_path: Path) -> None:
    file = tmp_path / "oppnb.yaml"
    file.write_text("calender: {}\n", encoding="utf-8")
    code, _, err = run("audit", export, "--workspace", file)
    assert code == 3
    assert "Did you mean 'calendar'" in err


def test_a_mapping_to_a_column_that_is_not_there_names_the_nearest(run: Run, export: Path, tmp_path: Path) -> None:
    file = tmp_path / "oppnb.yaml"
    columns = "{opportunity_id: id, stage: stage, expected_close_on: expected_close}"
    file.write_text(f"mapping: [{{table: opportunities, file: deals.csv, columns: {columns}}}]\n", encoding="utf-8")
    code, _, err = run("audit", export.parent, "--workspace", file)
    assert code == 3
    assert "expected close" in err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--as-of", "2025-02-30", "2025-02-30"), ("--period", "2025Q5", "2025Q3"), ("--locale", "fr", "zh_CN")],
)
def test_an_impossible_parameter_stops_before_anything_runs(
    run: Run, tmp_path: Path, option: str, value: str, said: str
) -> None:
    words = ["review", SAMPLE / "pipeline", "--workspace", SAMPLE / "oppnb.yaml", "--out", tmp_path, option, value]
    code, _, err = run(*words)
    assert code == 2
    assert said in err or value in err
    assert not list(tmp_path.iterdir())


@pytest.mark.kernel
def test_demo_makes_the_sample_and_its_review_and_says_where(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("demo", "--out", tmp_path / "demo", "--json")
    found = json.loads(out)
    assert code == 0
    assert all(Path(path).exists() for path in found.values())
    figures = json.loads(Path(found["figures_json"]).read_text(encoding="utf-8"))
    assert {"open_count", "win_rate", "weighted_amount"} <= {figure["id"] for figure in figures}
