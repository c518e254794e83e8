"""A mapping as a change of the text of `oppnb.yaml`, comments kept."""

from typing import Any

from oppnb.errors import WorkspaceError
from oppnb.sources.inspection_yaml import mapping_yaml
from oppnb.sources.mapping_draft import DraftRule, MappingDraft
from oppnb.workspace import ColumnRule, MappingRule, parse_workspace
from oppnb.workspace.yaml_edit import Taken, edited_yaml
from oppnb.workspace.yaml_places import YamlText

__all__ = ["mapping_text"]


def mapping_text(draft: MappingDraft, text: str, *, name: str = "oppnb.yaml") -> str:
    r"""The text of a workspace file with the mapping of a draft; whatever it does not concern stays as written.

    Parameters
    ----------
    draft : MappingDraft
        Of the mapping that the text says, or of a proposed one if it says none.
    text : str
        YAML; may be empty.
    name : str
        For messages.

    Returns
    -------
    str
        Where the text had no mapping, the reason of each line is its comment. The text itself if nothing changes.

    Raises
    ------
    WorkspaceError
        If the text is no workspace, or cannot be changed without touching something else (an anchor used twice).

    Examples
    --------
    >>> before = "mapping:\n  - table: opportunities # ours\n    file: d.csv\n    columns: {stage: Phase} # as agreed\n"
    >>> draft = MappingDraft.of(parse_workspace(before).mapping).choose("opportunities", "amount", "Value")
    >>> print(mapping_text(draft, before), end="")
    mapping:
      - table: opportunities # ours
        file: d.csv
        columns: {stage: Phase, amount: Value} # as agreed
    """
    before = parse_workspace(text, name=name)
    if list(draft.mapping) == before.mapping:
        return text
    tree = YamlText(text).plain or {}
    told = tree.get("mapping") or []
    if told or not draft.rules:
        made = edited_yaml(text, {**tree, "mapping": [_item(one, before.mapping, told) for one in draft.rules]})
    else:
        made = _added(draft, text, tree)
    if parse_workspace(made, name=name) != before.model_copy(update={"mapping": list(draft.mapping)}):
        raise WorkspaceError(
            f"The mapping in '{name}' cannot be changed in place: something there is used twice (an anchor, '&' and "
            "'*'). Write it out, then save again."
        )
    return made


def _added(draft: MappingDraft, text: str, tree: dict[str, Any]) -> str:
    """The whole mapping below what is there, with the reasons as comments."""
    written = mapping_yaml(draft.mapping, [one.reasons for one in draft.rules])
    if not tree:
        return text + written + "\n"
    kept = edited_yaml(text, {key: value for key, value in tree.items() if key != "mapping"})
    return kept.rstrip("\n") + "\n\n" + written.split("\n", 1)[1] + "\n"  # without its first line, the version


def _item(one: DraftRule, before: list[MappingRule], told: list[Any]) -> Taken:
    if one.origin is None:
        return Taken(_plain(one.rule))
    raw, was = told[one.origin], before[one.origin]
    if one.rule == was:
        return Taken(raw, one.origin)
    rest = _plain(one.rule) if _without_columns(one.rule) != _without_columns(was) else dict(raw)
    held = raw.get("columns") or {}
    columns = {
        name: held[name] if name in held and was.columns.get(name) == rule else _plain_column(rule)
        for name, rule in one.rule.columns.items()
    }
    kept = [name for name in held if name in columns]
    ordered = {name: columns[name] for name in [*kept, *(name for name in columns if name not in held)]}
    return Taken({**rest, "columns": ordered}, one.origin)


def _without_columns(rule: MappingRule) -> MappingRule:
    return rule.model_copy(update={"columns": {}})


def _plain(rule: MappingRule) -> dict[str, Any]:
    rest = rule.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"columns"})
    return {**rest, "columns": {name: _plain_column(one) for name, one in rule.columns.items()}}


def _plain_column(rule: ColumnRule) -> Any:
    plain = rule.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    if rule.values is not None:
        plain["values"] = dict(rule.values)
    return plain["column"] if set(plain) == {"column"} else plain
