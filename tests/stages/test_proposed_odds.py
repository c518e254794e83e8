"""A proposed configuration, as a diff."""

import shutil
import subprocess

import pandas as pd
import pytest

from oppnb.stages import propose_odds
from oppnb.workspace import parse_workspace

TEXT = """processes:
- name: p
  stages:
  - name: A
    odds: 0.5
  - name: B
    odds: 0.6
  - name: C
  - name: 赢单
    outcome: won
"""
WORKSPACE = parse_workspace(TEXT)
ODDS = pd.DataFrame(
    {
        "process": "p",
        "stage": ["A", "B", "C"],
        "set_odds": [0.5, 0.6, None],
        "observed_odds": [0.2, 0.6, 0.7],
        "n": [100, 100, 10],
        "n_won": [20, 60, 7],
        "low": [0.13, 0.5, 0.4],
        "high": [0.29, 0.69, 0.9],
        "prior_share": [0.17, 0.17, 0.0],
        "shrunk_odds": [0.25, 0.6, 0.7],
    }
)


def test_changes_only_odds_outside_the_interval_that_rest_on_enough_deals():
    proposed = propose_odds(WORKSPACE, ODDS)
    assert [(row.stage, row.proposed_odds) for row in proposed.changes.itertuples()] == [("A", 0.25)]
    assert [stage.odds for stage in proposed.after.processes[0].stages] == [0.25, 0.6, None, None]


def test_proposes_odds_where_none_were_set_once_there_are_enough_deals():
    assert propose_odds(WORKSPACE, ODDS, min_deals=10).changes["stage"].tolist() == ["A", "C"]


def test_is_empty_where_nothing_is_off():
    assert propose_odds(WORKSPACE, ODDS.iloc[[1]]).diff() == ""


def test_can_be_pasted_into_the_workspace():
    proposed = propose_odds(WORKSPACE, ODDS)
    assert parse_workspace(proposed.to_yaml()).processes == proposed.after.processes


def test_shows_each_change_with_its_evidence():
    lines = propose_odds(WORKSPACE, ODDS).diff().splitlines()
    assert [line for line in lines if line.startswith(("+ ", "- "))] == [
        "-    odds: 0.5",
        "+    odds: 0.25 # observed 20 % (13-29 %) on 100 closed deals, set odds weigh 17 %",
    ]


CLIENTS_OWN = """# Ours, please keep.
currency: EUR # as agreed
processes:
- name: p
  stages:
  - {name: A, odds: .50} # entered by the seller
  # between
  - name: "B"
    odds: 0.6
  - name: C
  - {name: 赢单, outcome: won}
"""


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs the program patch")
def test_patch_applies_the_change_to_the_clients_own_file(tmp_path):
    file = tmp_path / "oppnb.yaml"
    file.write_text(CLIENTS_OWN, encoding="utf-8")
    diff = propose_odds(WORKSPACE, ODDS).patch(CLIENTS_OWN)
    subprocess.run(["patch", str(file)], input=diff.encode(), check=True, capture_output=True)
    made = file.read_text(encoding="utf-8")
    assert made == CLIENTS_OWN.replace(".50}", "0.25}")
    assert parse_workspace(made).processes == propose_odds(WORKSPACE, ODDS).after.processes


def test_without_its_stage_a_change_is_not_in_the_diff():
    assert propose_odds(WORKSPACE, ODDS).only([("p", "B")]).patch(CLIENTS_OWN) == ""
