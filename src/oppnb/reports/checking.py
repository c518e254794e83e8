"""Hold given values against a template's parameters before anything is started."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from oppnb.errors import ParameterError, nearest
from oppnb.reports.parameters import Parameter, Value

__all__ = ["check_parameters", "refuse_secrets"]

_SECRET_NAME = re.compile(r"(password|passwd|secret|token|api_?key|credential)", re.IGNORECASE)
_SECRET_IN_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)


def check_parameters(schema: Mapping[str, Parameter], given: Mapping[str, Any]) -> dict[str, Value]:
    """Check what was given; nothing is guessed and nothing is left to the run.

    Parameters
    ----------
    schema : mapping of str to Parameter
        From `read_parameters`.
    given : mapping
        Name -> value. Text is read as what the parameter is (`2017-09-30` for a date, `7` for a whole number), so that
        a command line and Python agree; text stays text, also `007`.

    Returns
    -------
    dict
        The given names with values of the right type, in the schema's order; names not given are left out.

    Raises
    ------
    ParameterError
        For a name the template does not have (with the nearest), a value of the wrong type, a day that is not in the
        calendar, a choice that is not there, or a secret.

    Examples
    --------
    >>> from oppnb.reports.parameters import parameters_in
    >>> check_parameters(parameters_in("as_of: date | None = None"), {"as_of": "2017-09-30"})
    {'as_of': datetime.date(2017, 9, 30)}
    """
    for name in given:
        if name not in schema:
            near = nearest(name, schema)
            hint = f" Did you mean '{near}'?" if near else f" It has: {', '.join(schema)}."
            raise ParameterError(f"The template has no parameter '{name}'.{hint}")
    refuse_secrets(given)
    return {name: _checked(parameter, given[name]) for name, parameter in schema.items() if name in given}


def refuse_secrets(given: Mapping[str, Any]) -> None:
    """Refuse passwords: parameters are written into the notebook and the manifest.

    Raises
    ------
    ParameterError
        If a name or a value is a secret; the value is not repeated.
    """
    for name, value in given.items():
        named = _SECRET_NAME.search(name) and value is not None
        if named or _SECRET_IN_URL.search(str(value)):
            raise ParameterError(
                f"Parameter '{name}' holds a secret, and parameters are written into the notebook and the manifest.\n"
                "Keep secrets in the environment, and let what reads the data there take them from it."
            )


def _checked(parameter: Parameter, value: Any) -> Value:
    if value is None:
        if parameter.may_be_none:
            return None
        raise _wrong(parameter, value)
    if isinstance(value, Path):
        value = str(value)
    if parameter.kind == "mapping":
        return _mapping(parameter, value)
    if isinstance(value, str) and parameter.kind not in ("str", "choice"):
        return _read_text(parameter, value)
    if parameter.kind == "choice":
        return _choice(parameter, value)
    return _typed(parameter, value)


def _mapping(parameter: Parameter, value: Any) -> Value:
    """Texts by name: a mapping, its JSON, or one `column=value`."""
    if isinstance(value, str):
        stripped = value.strip()
        if parameter.may_be_none and stripped in ("", "None", "null"):
            return None
        name, equals, text = value.partition("=")
        try:
            value = json.loads(stripped) if stripped.startswith("{") else {name.strip(): text} if equals else value
        except ValueError as error:
            raise _wrong(parameter, stripped) from error
    if isinstance(value, Mapping) and all(isinstance(part, str) for pair in value.items() for part in pair):
        return dict(value)
    raise _wrong(parameter, value)


def _typed(parameter: Parameter, value: Any) -> Value:
    """A value that is not text must already be what the parameter is; a whole number may stand for a float."""
    if parameter.kind == "date" and isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    if parameter.kind == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, (str, int, float, bool)) and type(value).__name__ == parameter.kind:
        return value
    raise _wrong(parameter, value)


def _read_text(parameter: Parameter, text: str) -> Value:
    stripped = text.strip()
    if parameter.may_be_none and stripped in ("", "None", "null"):
        return None
    try:
        if parameter.kind == "date":
            return date.fromisoformat(stripped)
        if parameter.kind == "bool":
            return {"true": True, "yes": True, "false": False, "no": False}[stripped.casefold()]
        return int(stripped) if parameter.kind == "int" else float(stripped)
    except (ValueError, KeyError) as error:
        raise _wrong(parameter, text) from error


def _choice(parameter: Parameter, value: Any) -> str:
    folded = {choice.casefold().replace("-", "_"): choice for choice in parameter.choices}
    found = folded.get(str(value).casefold().replace("-", "_"))
    if found is not None:
        return found
    near = nearest(str(value), parameter.choices)
    raise ParameterError(
        f"Parameter '{parameter.name}' is {str(value)[:60]!r}, but must be one of {', '.join(parameter.choices)}."
        + (f" Did you mean '{near}'?" if near else "")
    )


_EXAMPLES = {
    "date": "a day of the calendar such as 2017-09-30",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "mapping": 'a column and its value, such as region=North or {"region": "North"}',
}


def _wrong(parameter: Parameter, value: Any) -> ParameterError:
    return ParameterError(
        f"Parameter '{parameter.name}' ({parameter.type_text}) is {str(value)[:60]!r}, "
        f"but must be {_EXAMPLES.get(parameter.kind, 'one of ' + ', '.join(parameter.choices))}."
    )
