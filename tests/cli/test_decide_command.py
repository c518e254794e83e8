"""`oppnb decide` as a user types it: proposals of a report are listed, decided upon once, and remembered."""

import json
from datetime import date
from pathlib import Path

import pytest

from oppnb.forecasting import Change, Proposal, decisions, tell_decided
from oppnb.forecasting.proposals import Proposals, proposals_of
from oppnb.locale import Formats, Words
from oppnb.reports.tables_csv import write_tables
from oppnb.store import open_store
from oppnb.workspace import read_workspace
from tests.cli.test_commands import Run, run

__all__ = ["run"]

ITEMS = (
    Proposal(Change("stage_odds", "sales", "Demo", 0.2), 0.5, 0.2134, 0.5, 0.13, 0.29, n=100),
    Proposal(Change("source_cycle", "", "华东展会", 14.0), 0.0, 51.0, 37.0, 9.0, 20.0, n=64),
)
SETTINGS = """store: memory/
processes:
  - name: sales
    stages: [{name: Demo, odds: 0.5}, {name: Won, outcome: won, odds: 1}, {name: Lost, outcome: lost, odds: 0}]
"""


def report_with(folder: Path, items: tuple[Proposal, ...] = ITEMS) -> Path:
    frame = Proposals(point=None, items=items, odds=None).frame()  # type: ignore[arg-type]
    write_tables({"proposals": frame}, folder / "tables")
    return folder


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "oppnb.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "2025-06-30").mkdir()
    report_with(tmp_path / "2025-06-30")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_report_gives_back_the_very_proposals_it_was_written_with() -> None:
    frame = Proposals(point=None, items=ITEMS, odds=None).frame()  # type: ignore[arg-type]
    assert [repr(one) for one in proposals_of(frame)] == [repr(one) for one in ITEMS]


def test_what_was_decided_is_kept_and_listed_with_who_when_and_why(run: Run, desk: Path) -> None:
    code, out, err = run("decide", "2025-06-30")
    assert code == 0, err
    assert out.count("open") == 2
    said = ("--who", "A. Lead", "--why", "Quarter review.", "--on", "2025-07-07")
    code, out, err = run("decide", "2025-06-30", "--accept", "1", "--decline", "2", *said, "--json")
    assert code == 0, err
    told = {row["number"]: (row["status"], row["who"], row["why"], row["decided_on"][:10]) for row in json.loads(out)}
    assert told == {
        1: ("accepted", "A. Lead", "Quarter review.", "2025-07-07"),
        2: ("declined", "A. Lead", "Quarter review.", "2025-07-07"),
    }
    kept = decisions(open_store("memory/"), until=date(2025, 7, 7))
    assert set(kept["proposal_id"]) == {one.proposal_id for one in ITEMS}
    words, formats = Words("en"), Formats("en")
    sentences = tell_decided(kept, read_workspace("oppnb.yaml"), words=words, formats=formats)
    assert "July 7, 2025, A. Lead: odds of Demo of 20% instead of 50% accepted. Quarter review." in sentences
    run("decide", "2025-06-30", "--decline", "1", "--who", "M", "--on", "2025-07-08")
    assert "不采纳" in run("decide", "2025-06-30", "--locale", "zh_CN")[1].splitlines()[-2]
    assert Path("oppnb.yaml").read_text(encoding="utf-8") == SETTINGS


def test_a_name_that_a_spreadsheet_would_work_out_is_decided_upon_as_itself(run: Run, desk: Path) -> None:
    hostile = Proposal(Change("source_cycle", "", "=HYPERLINK(1)", 14.0), 0.0, 51.0, 37.0, 9.0, 20.0, n=64)
    (desk / "other").mkdir()
    report_with(desk / "other", (hostile,))
    assert run("decide", "other", "--accept", "1", "--who", "A")[0] == 0
    assert list(decisions(open_store("memory/"))["target"]) == ["=HYPERLINK(1)"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("2025-06-30", "--accept", "3", "--who", "A"), "no proposal 3; it has 1 to 2"),
        (("2025-06-30", "--accept", "1", "--decline", "1", "--who", "A"), "given twice"),
        (("2025-06-30", "--accept", "1"), "--who"),
        ((".", "--accept", "1", "--who", "A"), "no tables/proposals.csv"),
        (("2025-06-30", "--accept", "1", "--who", "A", "--on", "7.7."), "7.7."),
    ],
)
def test_what_cannot_be_decided_is_said_and_nothing_is_kept(
    run: Run, desk: Path, words: tuple[str, ...], told: str
) -> None:
    code, _, err = run("decide", *words)
    assert code == 2
    assert told in err
    assert decisions(open_store("memory/")).empty


def test_a_table_of_proposals_that_somebody_changed_is_refused_in_words(run: Run, desk: Path) -> None:
    file = desk / "2025-06-30" / "tables" / "proposals.csv"
    file.write_text(file.read_text(encoding="utf-8-sig").replace("target", "goal", 1), encoding="utf-8")
    code, _, err = run("decide", "2025-06-30", "--accept", "1", "--who", "A")
    assert code == 4
    assert "no column target" in err
    file.write_bytes(b"")
    code, _, err = run("decide", "2025-06-30")
    assert code == 4
    assert "Make the report again" in err


def test_from_another_folder_decisions_go_into_the_store_beside_the_workspace(
    run: Run, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "elsewhere").mkdir()
    monkeypatch.chdir(desk / "elsewhere")
    code, _, err = run("decide", "../2025-06-30", "-w", "../oppnb.yaml", "--accept", "1", "--who", "A")
    assert code == 0, err
    assert len(decisions(open_store(desk / "memory"))) == 1


def test_without_a_store_nothing_can_be_remembered(run: Run, desk: Path) -> None:
    Path("oppnb.yaml").write_text("currency: EUR\n", encoding="utf-8")
    code, _, err = run("decide", "2025-06-30")
    assert code == 3
    assert "store: memory/" in err


def test_a_decision_is_kept_with_its_own_day_and_answers_the_report_of_its_day(run: Run, desk: Path) -> None:
    (desk / "2025-06-30" / "manifest.json").write_text('{"as_of": "2025-06-30"}', encoding="utf-8")
    code, _, err = run("decide", "2025-06-30", "--decline", "1", "--who", "A", "--on", "2025-06-29")
    assert code == 2
    assert "before the day of the report, 2025-06-30" in err
    code, _, err = run("decide", "2025-06-30", "--decline", "1", "--who", "A")
    assert code == 0
    assert "The report is of June 30, 2025; the decision is kept as taken on" in err
    (row,) = decisions(open_store("memory/"), until=date(2025, 6, 30)).to_dict("records")
    assert (row["status"], row["proposed_on"].date()) == ("declined", date(2025, 6, 30))
    assert row["as_of"].date() > date(2025, 9, 30)  # today
    code, _, err = run("decide", "2025-06-30", "--accept", "2", "--who", "A", "--on", "2025-07-07", "--locale", "zh_CN")
    assert err == ""
