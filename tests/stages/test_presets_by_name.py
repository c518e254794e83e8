"""A process that names a preset and lists no stages has the preset's."""

import pytest

from oppnb.errors import WorkspaceError
from oppnb.stages import stage_presets, with_presets
from oppnb.workspace import parse_workspace


@pytest.mark.parametrize("name", sorted(stage_presets()))
def test_a_preset_by_name_brings_its_stages(name: str) -> None:
    workspace = with_presets(parse_workspace(f"processes: [{{name: sales, preset: {name}}}]"))
    assert workspace.processes[0].stages == stage_presets()[name].stages
    assert workspace.processes[0].name == "sales"


def test_stages_of_ones_own_are_kept_beside_the_name_of_their_preset() -> None:
    workspace = parse_workspace("processes: [{name: sales, preset: salesforce, stages: [{name: Demo}]}]")
    assert with_presets(workspace) is workspace


def test_a_misspelt_preset_names_the_nearest() -> None:
    with pytest.raises(WorkspaceError, match=r"'salesfroce', which does not exist\. Did you mean 'salesforce'"):
        with_presets(parse_workspace("processes: [{name: sales, preset: salesfroce}]"))
