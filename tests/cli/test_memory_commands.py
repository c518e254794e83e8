"""Flat exports read one after another by the commands: each is remembered, and is the history of the next."""

import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from oppnb import open_review
from oppnb.cli import main
from oppnb.history import as_of, open_source
from oppnb.review.bridge import build_bridge
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.sources.synthetic.workspace_file import workspace_yaml
from oppnb.store import open_store
from oppnb.tables import Tables
from oppnb.workspace import parse_workspace

Run = Callable[..., tuple[int, str, str]]
LAST = date(2023, 12, 31)
SUNDAYS = [LAST - timedelta(weeks=back) for back in (2, 1, 0)]
COLUMNS = ("opportunity_id", "account_id", "owner_id", "process", "stage", "outcome", "amount", "currency")
DATES = ("created_at", "closed_at", "expected_close_on")


@pytest.fixture(scope="module")
def settings() -> SyntheticSettings:
    return SyntheticSettings(n_opportunities=250, end=LAST)


@pytest.fixture(scope="module")
def truth(settings: SyntheticSettings) -> Tables:
    return make_pipeline(settings).tables


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


def write_flat(truth: Tables, settings: SyntheticSettings, day: date, folder: Path) -> Path:
    """The list of deals that a CRM without history would have exported on a day; its workspace lies beside it."""
    text = workspace_yaml(settings)
    place = folder / day.isoformat()
    place.mkdir(parents=True)
    snapshot = as_of(truth, day, workspace=parse_workspace(text))
    snapshot[[*COLUMNS, *DATES]].to_csv(place / "opportunities.csv", index=False)
    truth["exchange_rates"].to_csv(place / "exchange_rates.csv", index=False)
    lines = [line for line in text.splitlines() if "exported_on" not in line]
    dated = "\n".join(lines).replace("sources:", f"sources:\n  exported_on: {day}", 1)
    (folder / f"{day}.yaml").write_text(f"{dated}\nstore: memory/\n", encoding="utf-8")
    return place


def test_weekly_reviews_of_flat_exports_know_the_stages_and_the_bridge_of_the_true_history(
    run: Run, truth: Tables, settings: SyntheticSettings, tmp_path: Path
) -> None:
    for day in SUNDAYS:
        place = write_flat(truth, settings, day, tmp_path)
        words = (
            "--workspace",
            tmp_path / f"{day}.yaml",
            "--scoring",
            "off",
            "--forecast",
            "off",
            "--out",
            tmp_path / "out",
        )
        code, out, err = run("review", place, *words, "--json")
        assert code == 0, err
    workspace = parse_workspace(workspace_yaml(settings))
    source = open_source(truth)
    expected = {day: as_of(source, day, workspace=workspace) for day in SUNDAYS}

    review = open_review(place, workspace=tmp_path / f"{LAST}.yaml")
    for day in SUNDAYS:
        found = as_of(review.tables, day, workspace=review.workspace)
        told = ["opportunity_id", "stage", "outcome", "amount", "owner_id", "expected_close_on"]
        pd.testing.assert_frame_equal(found[told], expected[day][told], check_dtype=False)

    figures = json.loads(Path(json.loads(out)["figures_json"]).read_text(encoding="utf-8"))
    bars = {one["id"]: one["value"] for one in figures if one["id"].startswith("bridge_") and one["slice"] is None}
    true = build_bridge(
        expected[SUNDAYS[-2]], expected[LAST], period=review.period, time_zone=workspace.calendar.time_zone
    )
    assert bars == {f"bridge_{bar}": amount for bar, amount in true.bars[["bar", "amount"]].itertuples(index=False)}
    html = Path(json.loads(out)["report_html"]).read_text(encoding="utf-8")
    assert "own memory of 2 earlier exports" in html

    days = open_store(tmp_path / "memory").read("exports")["as_of"].dt.date.tolist()
    assert days == SUNDAYS
    code, out, _ = run("inspect", place, "--workspace", tmp_path / f"{LAST}.yaml", "--json")
    assert json.loads(out)["history"] == {"depth": "memory", "n": 3, "first": "2023-12-17", "last": "2023-12-31"}


def test_weekly_slices_alone_remember_the_whole_and_have_the_bridge_of_their_true_history(
    truth: Tables, settings: SyntheticSettings, tmp_path: Path
) -> None:
    for day in SUNDAYS:
        place = write_flat(truth, settings, day, tmp_path)
        review = open_review(place, workspace=tmp_path / f"{day}.yaml", only={"process": "renewal"})
    workspace = parse_workspace(workspace_yaml(settings))
    expected = {day: as_of(open_source(truth), day, workspace=workspace) for day in SUNDAYS[-2:]}
    mine = [rows[rows["process"] == "renewal"] for rows in expected.values()]
    assert len(mine[1]) == len(review.snapshot) > 20
    true = build_bridge(*mine, period=review.period, time_zone=workspace.calendar.time_zone)
    found = review.bridge()
    pd.testing.assert_frame_equal(found.bars[["bar", "amount"]], true.bars[["bar", "amount"]])
    assert open_store(tmp_path / "memory").read("exports")["as_of"].dt.date.tolist() == SUNDAYS


def test_with_the_switch_off_nothing_is_remembered_and_nothing_read(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("opportunity_id,stage,created_at\n1,Demo,2024-01-05\n2,Lead,2024-01-08\n")
    (tmp_path / "oppnb.yaml").write_text("store: memory/\nsources: {remember: false}\n")
    open_review(tmp_path / "deals.csv", workspace=tmp_path / "oppnb.yaml")
    assert not (tmp_path / "memory").exists()


def test_inspect_says_that_there_is_no_history_and_how_to_get_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("opportunity_id,stage,created_at\n1,Demo,2024-01-05\n2,Lead,2024-01-08\n")
    _, _, err = run("inspect", tmp_path / "deals.csv")
    assert "Depth of history: none." in err
    assert "store: in oppnb.yaml" in err
