"""What a template says of itself: a small YAML beside the notebook, so that both read well in a diff."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from oppnb.errors import UsageError
from oppnb.locale import Words

__all__ = ["TemplateDeclaration", "read_declaration"]


class TemplateDeclaration(BaseModel):
    """What a template is: title, description, for whom and how often, how long it takes, parameters and sections.

    Attributes
    ----------
    title, description, reader, rhythm, takes : mapping of str to str
        Locale -> text. Reader: for whom it is. Rhythm: how often. Takes: how long it is at work.
    parameters : mapping of str to mapping
        Parameter -> locale -> what it asks for.
    sections : mapping of str to list of str
        Id of the cell that makes a section -> the tables it needs beside `opportunities`.

    Examples
    --------
    >>> declared = TemplateDeclaration(title={"en": "Weekly", "zh_CN": "周报"})
    >>> declared.title_in(Words("zh_CN"))
    '周报'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Mapping[str, str]
    description: Mapping[str, str] = {}
    reader: Mapping[str, str] = {}
    rhythm: Mapping[str, str] = {}
    takes: Mapping[str, str] = {}
    parameters: Mapping[str, Mapping[str, str]] = {}
    sections: Mapping[str, list[str]] = {}

    def title_in(self, words: Words) -> str:
        """The title in a reader's language, else in English."""
        return _in(self.title, words)

    def description_in(self, words: Words) -> str:
        """The description in a reader's language, else in English."""
        return _in(self.description, words)

    def facts_in(self, words: Words) -> dict[str, str]:
        """`reader`, `rhythm` and `takes` in a reader's language, else in English; empty where it is not said."""
        return {name: _in(getattr(self, name), words) for name in ("reader", "rhythm", "takes")}

    def help_in(self, parameter: str, words: Words) -> str:
        """What a parameter asks for; empty where it is not said."""
        return _in(self.parameters.get(parameter, {}), words)


def _in(told: Mapping[str, str], words: Words) -> str:
    return told.get(words.locale) or told.get("en", "")


def read_declaration(notebook: str | Path) -> TemplateDeclaration | None:
    """Read what stands beside a template; None without such a file.

    Raises
    ------
    UsageError
        If it is not YAML (with the line), or says what a declaration does not have (with its place).
    """
    path = Path(notebook).with_suffix(".yaml")
    if not path.is_file():
        return None
    try:
        tree = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return TemplateDeclaration.model_validate(tree)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{path.name}: line {line} is not YAML: {error.problem}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UsageError(f"{path.name}: {place}: {first['msg']}.") from error
