"""A template of the package, copied into a client's workspace to be adapted there."""

from dataclasses import replace
from pathlib import Path

from oppnb.errors import UsageError, nearest
from oppnb.projects.record import MADE, find_project, read_record, write_file, write_record

__all__ = ["copy_template", "packaged_template", "template_files", "template_place"]


def copy_template(name: str, place: str | Path = ".") -> Path:
    """Copy a template of the package into a project's `templates/`; updates of the package are merged into it.

    Parameters
    ----------
    name : str
        Such as `pipeline_review`. In the project it keeps its name and comes before the package's.
    place : path
        The project's folder, or one in it.

    Returns
    -------
    Path
        The copy.

    Raises
    ------
    UsageError
        If there is no such template or project, or the copy is there already: it is not overwritten.
    """
    project = find_project(Path(place))
    record = read_record(project)
    template = packaged_template(name)
    path = template_place(template.stem)
    if (project / path).exists():
        raise UsageError(
            f"'{project / path}' is there already. Nothing was changed; `oppnb update` brings it up to date."
        )
    write_record(project, replace(record, templates=tuple(sorted({*record.templates, template.stem}))))
    for place_of, content in template_files(template.stem).items():
        write_file(project / MADE / place_of, content)
        if not (project / place_of).exists():
            write_file(project / place_of, content)
    return project / path


def template_files(name: str) -> dict[str, bytes]:
    """What a copied template is made of, by place in the project: the notebook, and what it says of itself."""
    notebook = packaged_template(name)
    place = template_place(name)
    found = {place: notebook.read_bytes()}
    said = notebook.with_suffix(".yaml")
    return found | {str(Path(place).with_suffix(".yaml").as_posix()): said.read_bytes()} if said.is_file() else found


def template_place(name: str) -> str:
    """Where a copied template lies in a project."""
    return f"templates/{name}.ipynb"


def packaged_template(name: str) -> Path:
    """A template as the package has it, whatever a workspace holds."""
    here = Path(__file__).resolve()
    packed = here.parents[1] / "reports" / "_templates"
    folder = packed if packed.is_dir() else here.parents[3] / "templates"
    found = {file.stem: file for file in sorted(folder.glob("*.ipynb"))}
    if name not in found:
        near = nearest(name, found)
        hint = f" Did you mean '{near}'?" if near else f" There are: {', '.join(found)}."
        raise UsageError(f"The package has no template '{name}'.{hint}")
    return found[name]
