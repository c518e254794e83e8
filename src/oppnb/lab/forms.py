"""A template as a form: its parameters as a JSON schema, and what is wrong with each value, before anything runs."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel.numbers import list_currencies

from oppnb.errors import OppnbError, ParameterError, PeriodError, nearest
from oppnb.lab.days import day_errors, day_notes
from oppnb.lab.facts import Facts
from oppnb.lab.mistakes import SaidError, WrongValueError, said
from oppnb.lab.places import Root
from oppnb.locale import Words
from oppnb.periods import parse_period
from oppnb.reports import Parameter, check_parameters, find_template, read_parameters
from oppnb.reports.checking import refuse_secrets
from oppnb.reports.declarations import TemplateDeclaration, read_declaration
from oppnb.reports.templates import list_templates

__all__ = ["PATHS", "checked_values", "data_errors", "data_notes", "field_errors", "template_forms"]

PATHS = ("data", "workspace", "model")
"""Parameters that name a file or folder: only below JupyterLab's root."""
_SCORING = ("auto", "on", "off")
_DAYS = ("as_of", "period", "compare_to")
_AT_LEAST_ONE = ("cash_weeks", "ahead_months")
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
    """What is wrong, by parameter; empty if everything can be run, as far as that is seen without the data.

    Raises
    ------
    UsageError
        If there is no such template.
    """
    schema = read_parameters(find_template(template, workspace=workspace))
    found: dict[str, str] = {}
    for name, value in values.items():
        try:
            _check_value(name, value, schema)
            _check_meaning(name, value, root)
        except OppnbError as error:
            found[name] = said(error, words)
    for name, one in schema.items():
        if name in PATHS and not one.may_be_none and not values.get(name):
            found[name] = words("lab.needed")
    return found


def _check_value(name: str, value: Any, schema: Mapping[str, Parameter]) -> None:
    """Whether the template has it and it is of its type; the house's own check decides, this says it for a form."""
    if name not in schema:
        raise WrongValueError("no_parameter", name=name[:40])
    try:
        refuse_secrets({name: value})
    except ParameterError as error:
        raise WrongValueError("holds_secret") from error
    try:
        check_parameters(schema, {name: value})
    except ParameterError as error:
        one = schema[name]
        raise WrongValueError(f"wants_{one.kind}", choices=", ".join(one.choices)) from error


def _check_meaning(name: str, value: Any, root: Root) -> None:
    """What a parameter of this name means in every template of the package; what needs the data is left to others."""
    if name in _AT_LEAST_ONE and isinstance(value, int) and value < 1:
        raise WrongValueError("at_least_one")
    if not isinstance(value, str) or not value:
        return
    if _is_path(name, value):
        root.data(value)
        if name == "data" and value.endswith((".yaml", ".yml")):
            raise WrongValueError("settings_no_export")
    elif name == "period":
        try:
            parse_period(value)
        except PeriodError as error:
            raise WrongValueError("wants_period", value=value[:20]) from error
    elif name == "currency" and value.upper() not in list_currencies():
        raise WrongValueError("wants_currency", value=value[:20])


def data_errors(
    values: Mapping[str, Any], facts: Facts, *, root: Root, workspace: Path | None, words: Words
) -> dict[str, str]:
    """What is wrong with a seller, columns to judge by, a slice or days that the export does not have.

    An export that cannot be read here, or takes long, is left to the run.
    """
    known = _known(values, facts, root, workspace)
    found = day_errors(values, known or {}, words=words, today=datetime.now().astimezone().date())
    if known is None:
        return found
    for name, value in ((name, value) for name, value in values.items() if name in _OF_DATA and value):
        try:
            _OF_DATA[name](value, known)
        except SaidError as error:
            found[name] = said(error, words)
    return found


def data_notes(
    values: Mapping[str, Any], facts: Facts, *, root: Root, workspace: Path | None, words: Words
) -> dict[str, str]:
    """What is odd, but can be run, of the days of a form that has no errors."""
    return day_notes(values, _known(values, facts, root, workspace) or {}, words=words)


def _known(values: Mapping[str, Any], facts: Facts, root: Root, workspace: Path | None) -> dict[str, Any] | None:
    """What the export knows, where the form asks for any of it."""
    is_asked = any(values.get(name) for name in (*_OF_DATA, *_DAYS))
    return facts.of(root.data(str(values["data"])), workspace) if is_asked and values.get("data") else None


def _check_seller(value: Any, known: dict[str, Any]) -> None:
    sellers = known["sellers"]
    if value not in sellers and value not in sellers.values():
        near = nearest(str(value), [*sellers, *sellers.values()])
        raise _unknown("no_such_seller", near, name=str(value)[:60])


def _check_by(value: Any, known: dict[str, Any]) -> None:
    for name in filter(None, (part.strip() for part in str(value).split(","))):
        _check_column(name, known)


def _check_only(value: Any, known: dict[str, Any]) -> None:
    for column, text in _slice_of(value).items():
        _check_column(column, known)
        values = known["columns"][column]
        if values and text and text not in values:
            raise _unknown("no_such_value", nearest(text, values), name=text[:60], column=column)


def _check_column(name: str, known: dict[str, Any]) -> None:
    if name not in known["columns"]:
        raise _unknown("no_such_column", nearest(name, known["columns"]), name=name[:60])


def _unknown(key: str, near: str | None, **values: str) -> WrongValueError:
    return WrongValueError(f"{key}_near", near=near, **values) if near else WrongValueError(key, **values)


def _slice_of(value: Any) -> dict[str, str]:
    """A slice as the house reads it: a mapping, its JSON, or one `column=value`."""
    one = Parameter("only", "mapping", None, may_be_none=True)
    found = check_parameters({"only": one}, {"only": value})["only"]
    return found if isinstance(found, dict) else {}


_OF_DATA: dict[str, Callable[[Any, dict[str, Any]], None]] = {
    "seller": _check_seller,
    "by": _check_by,
    "only": _check_only,
}
"""Parameters that name what only the export knows."""


def _is_path(name: str, value: str) -> bool:
    return name in PATHS or (name == "scoring" and value not in _SCORING)


def checked_values(
    template: str, values: Mapping[str, Any], *, root: Root, workspace: Path | None, locale: str = "en"
) -> dict[str, Any]:
    """The values as a run takes them: paths absolute, days as ISO text. Call it after `field_errors` found nothing.

    Without a workspace, which would say it, a report speaks the reader's language.
    """
    schema = read_parameters(find_template(template, workspace=workspace))
    given = {name: value for name, value in values.items() if value is not None}
    if workspace is not None and "workspace" in schema:
        given["workspace"] = root.name(workspace)
    if workspace is None and "locale" in schema and locale in schema["locale"].choices:
        given.setdefault("locale", locale)
    checked = check_parameters(schema, given)
    told = {
        name: str(root.path(value)) if isinstance(value, str) and value and _is_path(name, value) else value
        for name, value in checked.items()
    }
    if "workspace" in schema:
        told.setdefault("workspace", None)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}
