"""What a template's `parameters` cell asks for: names, types, defaults and help, read without running it."""

import ast
import io
import json
import tokenize
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from oppnb.errors import ParameterError, UsageError
from oppnb.locale import Words

__all__ = ["Parameter", "Value", "parameter_help", "parameters_in", "read_parameters"]

Value = str | int | float | bool | date | dict[str, str] | None
Kind = Literal["str", "int", "float", "bool", "date", "choice", "mapping"]
_MAPPING = "dict[str, str]"
_KINDS: dict[str, Kind] = {"str": "str", "int": "int", "float": "float", "bool": "bool", "date": "date"}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a template.

    Attributes
    ----------
    name : str
        As it stands in the notebook.
    kind : {'str', 'int', 'float', 'bool', 'date', 'choice', 'mapping'}
        What a value must be.
    may_be_none : bool
        Whether `None` is allowed (`X | None`).
    choices : tuple of str
        The values of a `Literal`; empty for every other kind.
    default : str, int, float, bool, date, dict or None
        Used where nothing is given.
    help : str
        The comment behind it.
    """

    name: str
    kind: Kind
    default: Value
    may_be_none: bool = False
    choices: tuple[str, ...] = ()
    help: str = ""

    @property
    def type_text(self) -> str:
        """The type as a reader writes it, e.g. `date | None`."""
        named = f"Literal[{', '.join(map(repr, self.choices))}]" if self.kind == "choice" else self.kind
        named = _MAPPING if self.kind == "mapping" else named
        return named + (" | None" if self.may_be_none else "")


def read_parameters(notebook: str | Path) -> dict[str, Parameter]:
    """Read the parameters of a notebook file.

    Parameters
    ----------
    notebook : path
        An `.ipynb` with one code cell tagged `parameters`.

    Returns
    -------
    dict of str to Parameter
        In the order of the notebook; empty if no cell is tagged.

    Raises
    ------
    UsageError
        If the file cannot be read as a notebook.
    ParameterError
        If the cell holds something that is not a plain parameter.
    """
    path = Path(notebook)
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
        cells = tree["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"'{path}' cannot be read as a notebook: {type(error).__name__}.") from error
    for cell in cells:
        if cell.get("cell_type") == "code" and "parameters" in cell.get("metadata", {}).get("tags", []):
            return parameters_in("".join(cell["source"]), name=path.name)
    return {}


def parameter_help(template: str | Path, parameter: Parameter, *, words: Words) -> str:
    """What a parameter of a template (its name or path) asks for, in the reader's language; else the comment behind it.

    Examples
    --------
    >>> asked = parameters_in("period: str = '2025Q3'  # A quarter")["period"]
    >>> parameter_help("my_own", asked, words=Words("zh_CN"))
    'A quarter'
    """
    from oppnb.reports.declarations import read_declaration
    from oppnb.reports.templates import find_template

    try:
        declared = read_declaration(find_template(template))
    except UsageError:
        return parameter.help
    return (declared.help_in(parameter.name, words) if declared else "") or parameter.help


def parameters_in(source: str, *, name: str = "the notebook") -> dict[str, Parameter]:
    """Read the source of a `parameters` cell.

    Examples
    --------
    >>> found = parameters_in('as_of: date | None = None  # The day of knowledge')
    >>> found["as_of"].type_text, found["as_of"].help
    ('date | None', 'The day of knowledge')
    """
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(f"{name}: the parameters cell is not Python (line {error.lineno}).") from error
    comments = _comments(source)
    found: dict[str, Parameter] = {}
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)) or _is_text(node):
            continue
        parameter = _parameter(node, comments, name)
        found[parameter.name] = parameter
    return found


def _parameter(node: ast.stmt, comments: dict[int, str], name: str) -> Parameter:
    where = f"{name}: line {node.lineno} of the parameters cell"
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        default = _literal(node.value, where)
        kind, may_be_none, choices = _type(node.annotation, where)
        target = node.target.id
    elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        default = _literal(node.value, where)
        kind, may_be_none, choices = _type_of_value(default, where), False, ()
        target = node.targets[0].id
    else:
        raise ParameterError(f"{where} is not 'name: type = value'.")
    return Parameter(target, kind, default, may_be_none, choices, comments.get(node.end_lineno or node.lineno, ""))


def _type(annotation: ast.expr, where: str) -> tuple[Kind, bool, tuple[str, ...]]:
    """Kind, whether None is allowed, choices."""
    parts = list(_union(annotation))
    may_be_none = any(isinstance(part, ast.Constant) and part.value is None for part in parts)
    named = [part for part in parts if not (isinstance(part, ast.Constant) and part.value is None)]
    if len(named) == 1:
        (only,) = named
        text = ast.unparse(only).removeprefix("datetime.")
        if text in _KINDS:
            return _KINDS[text], may_be_none, ()
        if text == _MAPPING:
            return "mapping", may_be_none, ()
        if isinstance(only, ast.Subscript) and ast.unparse(only.value).endswith("Literal"):
            values = ast.literal_eval(only.slice)
            return "choice", may_be_none, tuple(str(value) for value in _as_tuple(values))
    raise ParameterError(
        f"{where}: the type '{ast.unparse(annotation)}' is not one of {', '.join(_KINDS)}, {_MAPPING}, Literal[…], "
        "each perhaps with '| None'."
    )


def _as_tuple(values: Any) -> tuple[Any, ...]:
    return values if isinstance(values, tuple) else (values,)


def _union(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_union(node.left), *_union(node.right)]
    return [node]


def _type_of_value(value: Value, where: str) -> Kind:
    kind: Kind | None = "mapping" if isinstance(value, dict) else _KINDS.get(type(value).__name__)
    if kind is None:
        raise ParameterError(f"{where}: a default of None needs a type, e.g. 'as_of: date | None = None'.")
    return kind


def _literal(node: ast.expr, where: str) -> Value:
    try:
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("date", "datetime.date"):
            return date(*[ast.literal_eval(argument) for argument in node.args])
        value = ast.literal_eval(node)
    except (ValueError, TypeError) as error:
        raise ParameterError(f"{where}: a default is a plain value, not '{ast.unparse(node)}'.") from error
    if isinstance(value, dict) and all(isinstance(part, str) for pair in value.items() for part in pair):
        return value
    if value is not None and not isinstance(value, (str, int, float, bool)):
        raise ParameterError(f"{where}: a default is one text, number, flag or date, not a {type(value).__name__}.")
    return value


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ").strip() for token in tokens if token.type == tokenize.COMMENT}
