"""A template as a form: its parameters as a JSON schema, and what is wrong with each value, before anything runs."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from babel.numbers import list_currencies

from oppnb.errors import OppnbError, ParameterError
from oppnb.lab.places import Root
from oppnb.locale import Words
from oppnb.periods import parse_period
from oppnb.reports import Parameter, check_parameters, find_template, read_parameters
from oppnb.reports.declarations import TemplateDeclaration, read_declaration
from oppnb.reports.templates import list_templates

__all__ = ["PATHS", "checked_values", "field_errors", "template_forms"]

PATHS = ("data", "workspace", "model")
"""Parameters that name a file or folder: only below JupyterLab's root."""
_SCORING = ("auto", "on", "off")
_TYPES: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "mapping": {"type": "object", "additionalProperties": {"type": "string"}},
}


def template_forms(workspace: Path | None, *, words: Words) -> list[dict[str, Any]]:
    """Every template as a form.

    Parameters
    ----------
    workspace : Path or None
        `oppnb.yaml`; its own templates come before those of the package.
    words : Words
        Of the reader.

    Returns
    -------
    list of dict
        `name`, `origin` (workspace or package), `title`, `description`, `schema` (JSON Schema of an object, its
        properties in the template's order), or `problem` for a template that cannot be read.
    """
    return [_form(one.name, one.origin, one.path, words) for one in list_templates(workspace)]


def _form(name: str, origin: str, path: Path, words: Words) -> dict[str, Any]:
    try:
        asked, declared = read_parameters(path), read_declaration(path)
    except OppnbError as error:
        return {"name": name, "origin": origin, "title": name, "description": "", "problem": str(error)}
    said = declared or TemplateDeclaration(title={"en": name})
    properties = {key: _property(one, said.help_in(key, words), words) for key, one in asked.items()}
    required = [key for key, one in asked.items() if key in PATHS and not one.may_be_none]
    return {
        "name": name,
        "origin": origin,
        "title": said.title_in(words),
        "description": said.description_in(words),
        "schema": {"type": "object", "properties": properties, "required": required, "additionalProperties": False},
    }


def _property(one: Parameter, told: str, words: Words) -> dict[str, Any]:
    found = dict(_TYPES.get(one.kind, {"type": "string", "enum": list(one.choices)}))
    title = words.get(f"lab.parameter_{one.name}", one.name)
    found |= {"title": title, "description": told or one.help, "nullable": one.may_be_none}
    default = one.default.isoformat() if isinstance(one.default, date) else one.default
    if default is not None and one.name not in PATHS:  # a default path is one of the sample
        found["default"] = default
    return found


def field_errors(
    template: str, values: Mapping[str, Any], *, root: Root, workspace: Path | None, words: Words
) -> dict[str, str]:
    """What is wrong, by parameter; empty if everything can be run.

    Raises
    ------
    UsageError
        If there is no such template.
    """
    schema = read_parameters(find_template(template, workspace=workspace))
    found: dict[str, str] = {}
    for name, value in values.items():
        try:
            check_parameters(schema, {name: value})
            _check_meaning(name, value, root)
        except OppnbError as error:
            found[name] = str(error)
    for name, one in schema.items():
        if name in PATHS and not one.may_be_none and not values.get(name):
            found[name] = words("lab.needed")
    return found


def _check_meaning(name: str, value: Any, root: Root) -> None:
    """What a parameter of this name means in every template of the package; what needs the data is left to the run."""
    if not isinstance(value, str) or not value:
        return
    if _is_path(name, value):
        root.data(value)
    elif name == "period":
        parse_period(value)
    elif name == "currency" and value.upper() not in list_currencies():
        raise ParameterError(f"'{value[:20]}' is no currency of ISO 4217, such as EUR or CNY.")


def _is_path(name: str, value: str) -> bool:
    return name in PATHS or (name == "scoring" and value not in _SCORING)


def checked_values(template: str, values: Mapping[str, Any], *, root: Root, workspace: Path | None) -> dict[str, Any]:
    """The values as a run takes them: paths absolute, days as ISO text. Call it after `field_errors` found nothing."""
    schema = read_parameters(find_template(template, workspace=workspace))
    given = {name: value for name, value in values.items() if value is not None}
    if workspace is not None and "workspace" in schema:
        given["workspace"] = root.name(workspace)
    checked = check_parameters(schema, given)
    told = {
        name: str(root.path(value)) if isinstance(value, str) and value and _is_path(name, value) else value
        for name, value in checked.items()
    }
    if "workspace" in schema:
        told.setdefault("workspace", None)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}
