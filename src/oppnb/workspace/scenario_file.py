"""Keep scenarios in `oppnb.yaml`: one is added, or takes the place of that with its name; the rest stays as it is."""

from pathlib import Path
from typing import Any

from oppnb.errors import WorkspaceError
from oppnb.workspace.forecast_models import Scenario
from oppnb.workspace.reading import parse_workspace
from oppnb.workspace.workspace_file import WorkspaceFile
from oppnb.workspace.yaml_edit import edited_yaml

__all__ = ["keep_scenario", "with_scenario"]


def with_scenario(text: str, scenario: Scenario) -> str:
    r"""The text of a workspace with a scenario under `forecast: scenarios:`; comments are kept.

    Parameters
    ----------
    text : str
        Of `oppnb.yaml`; may be empty.
    scenario : Scenario
        Without what is left at its default. One of that name is replaced.

    Raises
    ------
    WorkspaceError
        If the text is no workspace.

    Examples
    --------
    >>> up = Scenario(name="prices up", changes=[{"amount": 1.1}])
    >>> print(with_scenario("currency: EUR # ours\n", up), end="")
    currency: EUR # ours
    forecast:
      scenarios:
        - name: prices up
          changes:
            - amount: 1.1
    """
    from ruamel.yaml import YAML

    parse_workspace(text)
    held: dict[str, Any] = YAML(typ="safe", pure=True).load(text) or {}
    forecast = dict(held.get("forecast") or {})
    saved = [dict(one) for one in forecast.get("scenarios") or []]
    said = _said(scenario)
    places = [place for place, one in enumerate(saved) if one.get("name") == scenario.name]
    if places:
        saved[places[0]] = said
    else:
        saved.append(said)
    return edited_yaml(text, {**held, "forecast": {**forecast, "scenarios": saved}})


def keep_scenario(path: str | Path, scenario: Scenario) -> None:
    """Write a scenario into a workspace file, which is read again for it; a file that is not there is made.

    Raises
    ------
    WorkspaceError
        If there is no path, the file is no workspace, or it cannot be written; it is then as it was.
    """
    if not str(path):
        raise WorkspaceError("There is no oppnb.yaml to write the scenario to.")
    file = WorkspaceFile.read(path)
    file.write(with_scenario(file.text, scenario))


def _said(scenario: Scenario) -> dict[str, Any]:
    """What a scenario says, as one would write it by hand: values rather than `is_in`."""
    said = scenario.model_dump(mode="json", exclude_defaults=True)
    for change in said.get("changes", []):
        if "where" in change:
            change["where"] = {column: _short(one) for column, one in change["where"].items()}
    return said


def _short(condition: dict[str, Any]) -> Any:
    values = condition.get("is_in")
    if list(condition) != ["is_in"] or not isinstance(values, list):
        return condition
    return values[0] if len(values) == 1 else values
