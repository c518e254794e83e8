"""What is wrong with a template, before it is run: where, in which cell and line, and what to do."""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oppnb.errors import OppnbError, UsageError, nearest
from oppnb.locale import Words
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
    code : str
        Its kind, a key of the catalogue.
    values : mapping
        What the kind is told with; `near` is the name that was meant, or None.
    """

    file: str
    cell: str | None
    line: int | None
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """What is wrong and what to do, in English."""
        return self.said_in(Words("en"))

    def said_in(self, words: Words) -> str:
        """What is wrong and what to do, in a reader's language."""
        told = dict(self.values)
        if "near" in told:
            near = told.pop("near")
            told["hint"] = words("template_problem.hint", near=near) if near else ""
        return words(f"template_problem.{self.code}", **told)

    def to_dict(self, words: Words | None = None) -> dict[str, Any]:
        """For JSON."""
        said = self.said if words is None else self.said_in(words)
        return {"file": self.file, "cell": self.cell, "line": self.line, "code": self.code, "said": said}

    def text(self, words: Words | None = None) -> str:
        """On one line: where, then what; in English unless a reader's words are given.

        Examples
        --------
        >>> TemplateProblem("weekly.ipynb", "kpis", 2, "not_python", {"why": "invalid syntax"}).text()
        "weekly.ipynb, cell 'kpis', line 2: not Python: invalid syntax"
        """
        words = words or Words("en")
        where = [self.file]
        where += [] if self.cell is None else [words("template_problem.cell", cell=self.cell)]
        where += [] if self.line is None else [words("template_problem.line", line=self.line)]
        place = words("template_problem.comma").join(where)
        return words("template_problem.told", where=place, said=self.said_in(words))


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
        return [TemplateProblem(name, None, getattr(error, "lineno", None), "not_json")]
    except (KeyError, TypeError):
        return [TemplateProblem(name, None, None, "no_cells")]
    found = [problem for cell in cells for problem in _of_cell(cell, name)]
    found += _of_parameters(cells, name, file)
    if not any(word in _source(cell) for cell in cells if cell.get("cell_type") == "code" for word in _FINISHES):
        found.append(TemplateProblem(name, None, None, "no_figures"))
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
        yield TemplateProblem(name, where, error.lineno, "not_python", {"why": error.msg})
    if cell.get("outputs") or cell.get("execution_count") is not None:
        yield TemplateProblem(name, where, None, "has_outputs")


def _python(source: str) -> str:
    """The source with IPython's own lines (%magic, !command) made empty, so that lines keep their numbers."""
    lines = source.splitlines()
    return "\n".join("pass" if line.startswith(_MAGIC) else line for line in lines)


def _of_parameters(cells: list[dict[str, Any]], name: str, file: Path) -> Iterator[TemplateProblem]:
    tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        code = "two_parameter_cells" if tagged else "no_parameter_cell"
        yield TemplateProblem(name, str(tagged[1].get("id")) if tagged else None, None, code)
        return
    where = str(tagged[0].get("id", ""))
    parameters: dict[str, Parameter] = {}
    try:
        parameters = parameters_in(_source(tagged[0]), name=name)
    except OppnbError as error:
        yield TemplateProblem(name, where, None, "parameters_wrong", {"why": str(error).removeprefix(f"{name}: ")})
        return
    if "only" not in parameters:
        yield TemplateProblem(name, where, None, "no_only")
    for parameter in parameters.values():
        if not parameter.help:
            yield TemplateProblem(name, where, None, "no_comment", {"name": parameter.name})
    try:
        declared = read_declaration(file)
    except UsageError as error:
        why = {"why": str(error).partition(": ")[2]}
        yield TemplateProblem(file.with_suffix(".yaml").name, None, None, "declaration_wrong", why)
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
            values = {"name": one, "near": nearest(one, parameters)}
            yield TemplateProblem(name, None, None, "parameter_gone", values)
    for one in parameters:
        if one not in declared.parameters:
            yield TemplateProblem(name, None, None, "not_described", {"name": one})
    gone = [f"'{section}'" for section in declared.sections if section not in ids]
    if gone:
        yield TemplateProblem(name, None, None, "section_gone", {"sections": ", ".join(gone)})
    for section, tables in declared.sections.items():
        for table in tables:
            if table not in CANONICAL:
                values = {"section": section, "table": table, "near": nearest(table, CANONICAL)}
                yield TemplateProblem(name, None, None, "no_table", values)


def _of_ids(text: str, name: str) -> Iterator[TemplateProblem]:
    try:
        format_template(text, name=name)
    except OppnbError as error:
        yield TemplateProblem(name, None, None, "form_wrong", {"why": str(error).removeprefix(f"{name}: ")})


def _of_form(text: str, name: str) -> Iterator[TemplateProblem]:
    try:
        made = format_template(text, name=name)
    except OppnbError as error:
        yield TemplateProblem(name, None, None, "form_wrong", {"why": str(error).removeprefix(f"{name}: ")})
        return
    if made != text:
        pairs = zip(made.splitlines(), [*text.splitlines(), ""], strict=False)
        line = next((number for number, (a, b) in enumerate(pairs, start=1) if a != b), len(text.splitlines()))
        yield TemplateProblem(name, None, line, "not_normal")
