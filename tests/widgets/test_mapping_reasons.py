"""Reasons of a proposed mapping in the reader's language: every one that an export of the tests brings about."""

import re
from pathlib import Path

import pytest

from oppnb.locale import Words
from oppnb.sources import OpenExport
from oppnb.widgets.mapping_editor.reasons import told_reason
from oppnb.workspace import Workspace

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "pipeline"
ENGLISH = re.compile(r"\b(the|of|is|are|header|values?|rows?|preset|says)\b")
EXPORTS = {
    "near": "Deal ID,Phase,Region,Worth (万元),Close Date\n007,Demo,East,5,2025-01-02\n008,Won,West,9,2025-02-03\n",
    "no key": "Stage,Amount,Region\nDemo,5 EUR,East\nWon,9 EUR,East\nDemo,5 EUR,East\n",
    "outcome": "Deal Number,Amount,Opportunity Result\n1,10,Won\n2,20,Loss\n",
    "canonical": "opportunity_id,stage,amount,created_at\n1,Demo,10,2025-01-01\n2,Won,20,2025-01-02\n",
}


def reasons(place: Path) -> set[str]:
    seen = OpenExport.at(place).inspect(Workspace())
    return {why for proposal in seen.proposals for why in proposal.reasons.values()}


@pytest.mark.parametrize("name", EXPORTS)
def test_says_each_reason_in_chinese(tmp_path, name):
    (tmp_path / ("opportunities.csv" if name == "canonical" else "deals.csv")).write_text(EXPORTS[name], "utf-8")
    found = reasons(tmp_path)
    assert found
    for reason in found:
        told = re.sub(r"“[^”]*”", "", told_reason(reason, Words("zh_CN")))
        assert not ENGLISH.search(told), (reason, told)


def test_says_each_reason_of_the_sample_in_chinese():
    told = {told_reason(reason, Words("zh_CN")) for reason in reasons(SAMPLE)}
    assert not [one for one in told if not re.search(r"[\u4e00-\u9fff]", one)]


def test_the_longest_text_wins_and_what_is_unknown_stays():
    said = "9 of 10 values of 'Owner' are in 'id' of owners.csv, with the likely spelling Ana -> Anna"
    assert told_reason(said, Words("zh_CN")).endswith("其中疑似拼写为 Ana -> Anna")
    assert told_reason("by a moonlit oracle", Words("zh_CN")) == "by a moonlit oracle"
    assert told_reason(said, Words("en")) == said
