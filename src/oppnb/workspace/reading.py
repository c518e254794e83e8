"""Read `oppnb.yaml`: safe YAML, line numbers in every message, the nearest right key."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from oppnb.errors import WorkspaceError, nearest, path_hint
from oppnb.workspace.models import Workspace

__all__ = ["parse_workspace", "read_workspace", "workspace_schema"]

_DAY = re.compile(r"(?<![\w-])\d{4}-\d{1,2}-\d{1,2}(?![\w-])")
_HOW_DAYS = "Write days as year-month-day, e.g. 2024-06-30."
_SECRET = re.compile(r"(password|passwd|secret|token|api_?key)", re.IGNORECASE)


def read_workspace(path: str | Path | None) -> Workspace:
    """Read a workspace file.

    Parameters
    ----------
    path : path, optional
        `oppnb.yaml`. None gives the workspace with every default.

    Returns
    -------
    Workspace
        The typed settings. A store that is named by a relative path lies beside the file.

    Raises
    ------
    WorkspaceError
        If the file is not there, is not YAML, or says something that is not allowed; each with its line.
    """
    if path is None:
        return Workspace()
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise WorkspaceError(
            f"There is no workspace file '{file}'.{path_hint(file)} `oppnb inspect DATA` prints one to start from."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"The workspace file '{file}' cannot be read as UTF-8 text: {error}") from error
    return _with_store_beside(parse_workspace(text, name=str(file)), file)


def _with_store_beside(workspace: Workspace, file: Path) -> Workspace:
    """A relative path means the same place wherever a command or a notebook is started."""
    store = workspace.store
    if store is None or "://" in store or store.startswith(("${", "~")):
        return workspace
    return workspace.model_copy(update={"store": str(file.parent / store)})


def parse_workspace(text: str, *, name: str = "oppnb.yaml") -> Workspace:
    """Read a workspace from YAML text; see `read_workspace`.

    Examples
    --------
    >>> parse_workspace("currency: EUR").currency
    'EUR'
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        tree = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise WorkspaceError(f"{name}, line {line}: this is not YAML: {error.problem}.") from error
    except YAMLError as error:
        raise WorkspaceError(f"{name}: this is not YAML: {error}.") from error
    except ValueError as error:  # of a day such as 2024-13-08, which YAML takes for one
        raise WorkspaceError(_no_such_day(text, name=name)) from error
    if tree is None:
        return Workspace()
    if not isinstance(tree, dict):
        raise WorkspaceError(
            f"{name}, line 1: the file must hold keys such as 'mapping:' and 'processes:', "
            f"not {'a list' if isinstance(tree, list) else 'a single value'}."
        )
    try:
        return Workspace.model_validate(_plain(tree))
    except ValidationError as error:
        raise WorkspaceError(_describe(error, tree=tree, name=name)) from error


def _no_such_day(text: str, *, name: str) -> str:
    """Where a day stands that the calendar does not have."""
    for number, line in enumerate(text.splitlines(), start=1):
        for written in _DAY.findall(line.partition("#")[0]):
            try:
                date.fromisoformat(written)
            except ValueError:
                return f"{name}, line {number}: there is no day {written}. {_HOW_DAYS}"
    return f"{name}: a day or a time in it does not exist. {_HOW_DAYS}"


def _plain(node: Any) -> Any:
    """Plain dicts and lists; YAML tags and anchors leave nothing behind."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    if isinstance(node, date):
        return node.isoformat()
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _describe(error: ValidationError, *, tree: Any, name: str) -> str:
    problems = error.errors()
    lines = [_one_problem(problem, tree=tree, name=name) for problem in problems[:5]]
    if len(problems) > 5:
        lines.append(f"… and {len(problems) - 5} more.")
    return "\n".join(lines)


def _one_problem(problem: Any, *, tree: Any, name: str) -> str:
    path = [part for part in problem["loc"] if part != "ColumnRule"]
    where = f"{name}, line {_line_of(tree, path)}"
    spelt, said = ".".join(str(part) for part in path), str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        near = nearest(str(path[-1]), _keys_beside(path))
        hint = f" Did you mean '{near}'?" if near else f" Known here: {', '.join(sorted(_keys_beside(path)))}."
        return f"{where}: '{spelt}' is not a key of the workspace.{hint}"
    if _SECRET.search(spelt) or spelt.split(".")[0] == "delivery":
        return f"{where}: '{spelt}': {said}."
    return f"{where}: '{spelt}': {said} (it says {str(problem['input'])[:60]!r})."


def _line_of(tree: Any, path: Sequence[Any]) -> int:
    node: Any = tree
    line = 1
    for part in path:
        try:
            position = node.lc.item(part) if isinstance(part, int) else node.lc.key(part)
            line, node = position[0] + 1, node[part]
        except (KeyError, IndexError, AttributeError, TypeError):
            break
    return line


def _keys_beside(path: Sequence[Any]) -> set[str]:
    """The keys allowed at the place where the last part of `path` stands."""
    model: Any = Workspace
    for part in path[:-1]:
        if isinstance(part, int) or model is None:
            continue
        field = getattr(model, "model_fields", {}).get(part)
        model = _model_in(field.annotation) if field is not None else model
    return set(getattr(model, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def workspace_schema() -> dict[str, Any]:
    """The JSON schema of `oppnb.yaml`, for editors that complete and check while typing."""
    return Workspace.model_json_schema()
