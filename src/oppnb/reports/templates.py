"""Where templates lie: in `templates/` beside `oppnb.yaml`, else in the installed package or its source tree."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from oppnb.errors import UsageError, nearest, path_hint

__all__ = ["FoundTemplate", "find_template", "list_templates", "template_names", "workspace_templates"]


@dataclass(frozen=True)
class FoundTemplate:
    """A template and where it was found.

    Attributes
    ----------
    name : str
        By which it is run.
    path : Path
        The notebook.
    origin : {'workspace', 'package'}
        Whose it is: one of the workspace hides the package's of the same name.
    """

    name: str
    path: Path
    origin: Literal["workspace", "package"]


def workspace_templates(workspace: str | Path | None) -> Path | None:
    """The folder of a workspace's own templates; None without a workspace.

    Examples
    --------
    >>> str(workspace_templates("client/oppnb.yaml"))
    'client/templates'
    """
    return None if workspace is None else Path(workspace).parent / "templates"


def _folders(workspace: str | Path | None) -> Iterator[tuple[Literal["workspace", "package"], Path]]:
    own = workspace_templates(workspace)
    if own is not None:
        yield "workspace", own
    here = Path(__file__).resolve()
    yield "package", here.parent / "_templates"
    yield "package", here.parents[3] / "templates"


def list_templates(workspace: str | Path | None = None) -> list[FoundTemplate]:
    """All templates, sorted by name: those of the workspace first, then the package's that they do not hide.

    Parameters
    ----------
    workspace : path, optional
        `oppnb.yaml`; the folder `templates/` beside it is looked into.

    Examples
    --------
    >>> [one.origin for one in list_templates() if one.name == "pipeline_review"]
    ['package']
    """
    found: dict[str, FoundTemplate] = {}
    for origin, folder in _folders(workspace):
        for path in sorted(folder.glob("*.ipynb")) if folder.is_dir() else ():
            found.setdefault(path.stem, FoundTemplate(path.stem, path, origin))
    return sorted(found.values(), key=lambda one: one.name)


def template_names(workspace: str | Path | None = None) -> list[str]:
    """Names of the templates there are, sorted.

    Examples
    --------
    >>> "pipeline_review" in template_names()
    True
    """
    return [one.name for one in list_templates(workspace)]


def find_template(name: str | Path, *, workspace: str | Path | None = None) -> Path:
    """Find a template.

    Parameters
    ----------
    name : str or path
        A name such as `pipeline_review`, or the path of an `.ipynb` of one's own.
    workspace : path, optional
        `oppnb.yaml`: a template in `templates/` beside it comes before the package's of the same name.

    Returns
    -------
    Path

    Raises
    ------
    UsageError
        If there is no such file or name; names the nearest.

    Examples
    --------
    >>> find_template("pipeline_review").name
    'pipeline_review.ipynb'
    """
    text = str(name)
    if text.endswith(".ipynb") or "/" in text or "\\" in text:
        if not Path(name).is_file():
            raise UsageError(f"There is no notebook '{text}'.{path_hint(text)}")
        return Path(name)
    found = {one.name: one.path for one in list_templates(workspace)}
    if text in found:
        return found[text]
    near = nearest(text, found)
    hint = f" Did you mean '{near}'?" if near else f" There are: {', '.join(found)}."
    raise UsageError(f"There is no template '{text}'.{hint} A template of your own is named by its path, my.ipynb.")
