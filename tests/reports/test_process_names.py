"""What a reader sees for a process: one word for the same thing, on the model's card and of a deal."""

import pandas as pd
import pytest

from oppnb.locale import Formats, Words
from oppnb.reports.card_tables import CardTables
from oppnb.scoring.card import _labels
from oppnb.scoring.reason_words import FeatureWords
from oppnb.stages import process_label, process_names, with_processes
from oppnb.stages.library import stage_presets
from oppnb.tables import Tables
from oppnb.workspace import Workspace, parse_workspace


def looks_like_espocrm() -> Workspace:
    stages = [stage.name for stage in stage_presets()["espocrm"].stages]
    deals = pd.DataFrame({"opportunity_id": [str(n) for n in range(len(stages))], "stage": stages})
    return with_processes(Workspace(), Tables({"opportunities": deals}))


@pytest.mark.parametrize(("locale", "said"), [("en", "only process"), ("zh_CN", "唯一流程")])
def test_the_one_process_of_data_that_names_none_has_one_name_everywhere(locale: str, said: str) -> None:
    workspace, words = looks_like_espocrm(), Words(locale)
    assert workspace.processes[0].label["en"].endswith("default")  # the preset that the stages look like
    assert process_label(workspace, "default", locale=locale) == said
    assert process_names(workspace, locale=locale) == {"default": said}
    assert FeatureWords(words, Formats(locale), workspace=workspace).value("process", "default") == said
    for card in ({"labels": _labels(workspace)}, {}):
        assert CardTables(card, words=words, formats=Formats(locale)).labels()["process"]["default"] == said


def test_a_label_that_the_workspace_declares_is_told() -> None:
    workspace = parse_workspace("processes: [{name: default, label: {zh_CN: 新签}, stages: [{name: Demo}]}]")
    assert process_label(workspace, "default", locale="zh_CN") == "新签"
    named = parse_workspace("processes: [{name: new_business, stages: [{name: Demo}]}]")
    assert process_names(named, locale="en") == {"new_business": "new business"}
