"""What is wrong with a template, before it is run: where, in which cell and line, and what to do."""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from oppnb.errors import OppnbError, UsageError, nearest
from oppnb.reports.declarations import TemplateDeclaration, read_declaration
from oppnb.reports.normal_form import format_template
from oppnb.reports.parameters import Parameter, parameters_in
from oppnb.tables import CANONICAL

__all__ = ["TemplateProblem", "check_template"]

_FINISHES = (".finish(", ".close(")
_MAGIC = ("%", "!")


@dataclass(frozen=True)
class TemplateProblem:
    """One thing to mend.

    Attributes
    ----------
    file : str
        The notebook, or the YAML beside it.
    cell : str or None
        Id of the cell; None for the file as a whole.
    line : int or None
        Of the cell, from 1; without a cell of the file.
    said : str
        What is wrong and what to do.
    """

    file: str
    cell: str | None
    line: int | None
    said: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def text(self) -> str:
        """On one line: where, then what.

        Examples
        --------
        >>> TemplateProblem("weekly.ipynb", "kpis", 2, "not Python").text()
        "weekly.ipynb, cell 'kpis', line 2: not Python"
        """
        where = [self.file]
        where += [] if self.cell is None else [f"cell '{self.cell}'"]
        where += [] if self.line is None else [f"line {self.line}"]
        return f"{', '.join(where)}: {self.said}"


def check_template(path: str | Path) -> list[TemplateProblem]:
    """Look for what would make a template fail, or its diff hard to read.

    Parameters
    ----------
    path : path
        The `.ipynb`; the `.yaml` beside it is looked at with it.

    Returns
    -------
    list of TemplateProblem
        In the order of the cells; empty where all is well.

    Raises
    ------
    UsageError
        If there is no such file.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The template '{file}' cannot be read: {error.strerror}.") from error
    name = file.name
    try:
        cells = list(json.loads(text)["cells"])
    except ValueError as error:
        return [TemplateProblem(name, None, getattr(error, "lineno", None), "this is not JSON, so it is no notebook")]
    except (KeyError, TypeError):
        return [TemplateProblem(name, None, None, "this is no notebook: it has no cells")]
    found = [problem for cell in cells for problem in _of_cell(cell, name)]
    found += _of_parameters(cells, name, file)
    if not any(word in _source(cell) for cell in cells if cell.get("cell_type") == "code" for word in _FINISHES):
        said = "no cell writes the report's figures: the last one must call page.close() or page.finish(figures=…)"
        found.append(TemplateProblem(name, None, None, said))
    return [*found, *_of_form(text, name)] if not found else [*found, *_of_ids(text, name)]


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell.get("source", ""))


def _of_cell(cell: Mapping[str, Any], name: str) -> Iterator[TemplateProblem]:
    if cell.get("cell_type") != "code":
        return
    where = str(cell.get("id", "")) or None
    try:
        ast.parse(_python(_source(cell)))
    except SyntaxError as error:
        yield TemplateProblem(name, where, error.lineno, f"not Python: {error.msg}")
    if cell.get("outputs") or cell.get("execution_count") is not None:
        yield TemplateProblem(name, where, None, "it holds outputs or a count of a run; --fix takes them out")


def _python(source: str) -> str:
    """The source with IPython's own lines (%magic, !command) made empty, so that lines keep their numbers."""
    lines = source.splitlines()
    return "\n".join("pass" if line.startswith(_MAGIC) else line for line in lines)


def _of_parameters(cells: list[dict[str, Any]], name: str, file: Path) -> Iterator[TemplateProblem]:
    tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        said = (
            "no cell has the tag parameters: nothing could be set"
            if not tagged
            else "two cells have the tag parameters"
        )
        yield TemplateProblem(name, str(tagged[1].get("id")) if tagged else None, None, said)
        return
    where = str(tagged[0].get("id", ""))
    parameters: dict[str, Parameter] = {}
    try:
        parameters = parameters_in(_source(tagged[0]), name=name)
    except OppnbError as error:
        yield TemplateProblem(name, where, None, str(error).removeprefix(f"{name}: "))
        return
    if "only" not in parameters:
        yield TemplateProblem(name, where, None, "it has no parameter only, so it cannot be run for a slice")
    for parameter in parameters.values():
        if not parameter.help:
            yield TemplateProblem(name, where, None, f"'{parameter.name}' has no comment that says what it is")
    try:
        declared = read_declaration(file)
    except UsageError as error:
        yield TemplateProblem(file.with_suffix(".yaml").name, None, None, str(error).partition(": ")[2])
        return
    if declared is not None:
        ids = [str(cell.get("id", "")) for cell in cells]
        yield from _of_declaration(declared, parameters, ids, file.with_suffix(".yaml").name)


def _of_declaration(
    declared: TemplateDeclaration, parameters: Mapping[str, Parameter], ids: list[str], name: str
) -> Iterator[TemplateProblem]:
    """The file beside a template speaks of its parameters and sections, of each and of no others."""
    for one in declared.parameters:
        if one not in parameters:
            said = f"the parameter '{one}' is not in the notebook's parameters cell.{_hint(one, parameters)}"
            yield TemplateProblem(name, None, None, said)
    for one in parameters:
        if one not in declared.parameters:
            yield TemplateProblem(name, None, None, f"the parameter '{one}' is not described")
    gone = [f"'{section}'" for section in declared.sections if section not in ids]
    if gone:
        said = (
            f"no cell has the id of section {', '.join(gone)}. If you deleted the cell, take its line out of sections: "
            "in this file too; if you gave the cell another id, write that one."
        )
        yield TemplateProblem(name, None, None, said)
    for section, tables in declared.sections.items():
        for table in tables:
            if table not in CANONICAL:
                said = f"section '{section}' needs '{table}', which is no table.{_hint(table, CANONICAL)}"
                yield TemplateProblem(name, None, None, said)


def _hint(word: str, known: Any) -> str:
    near = nearest(word, known)
    return f" Did you mean '{near}'?" if near else ""


def _of_ids(text: str, name: str) -> Iterator[TemplateProblem]:
    try:
        format_template(text, name=name)
    except OppnbError as error:
        yield TemplateProblem(name, None, None, str(error).removeprefix(f"{name}: "))


def _of_form(text: str, name: str) -> Iterator[TemplateProblem]:
    try:
        made = format_template(text, name=name)
    except OppnbError as error:
        yield TemplateProblem(name, None, None, str(error).removeprefix(f"{name}: "))
        return
    if made != text:
        pairs = zip(made.splitlines(), [*text.splitlines(), ""], strict=False)
        line = next((number for number, (a, b) in enumerate(pairs, start=1) if a != b), len(text.splitlines()))
        yield TemplateProblem(name, None, line, "from here on it is not in its normal form; --fix writes it so")
