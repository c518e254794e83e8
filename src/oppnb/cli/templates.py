"""`oppnb templates`: which reports there are, what they ask for, whether one's own is sound; a copy to adapt."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppnb.cli.arguments import AsJson, Locale, reader_settings
from oppnb.cli.mistakes import NotingCommand
from oppnb.cli.section_words import section_title
from oppnb.cli.tables_out import aligned
from oppnb.errors import UsageError

if TYPE_CHECKING:
    from oppnb.locale import Words
    from oppnb.reports.templates import FoundTemplate

__all__ = ["templates"]

templates = typer.Typer(
    help="Report templates: list them, show what one asks for, check one, copy one of the package to adapt it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Settings = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", help="oppnb.yaml: templates/ beside it comes first; by default the one here."),
]
Name = Annotated[str, typer.Argument(help="A template's name, or the path of an .ipynb.", metavar="NAME")]
Names = Annotated[
    list[str] | None,
    typer.Argument(help="Names or paths; by default the workspace's own templates, else all.", metavar="[NAME]..."),
]
Fix = Annotated[bool, typer.Option("--fix", help="First write each into its normal form: no outputs, keys sorted.")]
_HERE = Path("oppnb.yaml")
_FACTS = ("reader", "rhythm", "takes")
_LISTED = ("name", "origin", "title", *_FACTS, "description")


@templates.command(name="list", cls=NotingCommand)
def list_all(workspace: Settings = None, locale: Locale = None, as_json: AsJson = False) -> None:
    """List the templates, for whom each is, how often and how long it takes; those of the workspace come first."""
    import pandas as pd

    from oppnb.reports.templates import list_templates

    settings, rows = _settings(workspace), []
    words = _words(locale, settings)
    for one in list_templates(settings):
        declared = _told(one, words)
        rows.append({key: declared[key] for key in _LISTED})
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        told = [{**row, "origin": words(f"templates.origin_{row['origin']}")} for row in rows]
        shown = pd.DataFrame(told).drop(columns="description").rename(columns=lambda name: words(f"templates.{name}"))
        typer.echo(aligned(shown))


@templates.command(cls=NotingCommand)
def show(name: Name, workspace: Settings = None, locale: Locale = None, as_json: AsJson = False) -> None:
    """Show what a template is for, whom and how often, its parameters, its sections and the tables that each needs."""
    from oppnb.reports.templates import FoundTemplate, find_template, list_templates

    settings = _settings(workspace)
    words = _words(locale, settings)
    path = find_template(name, workspace=settings)
    known = {one.path: one for one in list_templates(settings)}
    told = _told(known.get(path, FoundTemplate(path.stem, path, "workspace")), words)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    facts = [words("templates.fact", name=words(f"templates.{key}"), value=told[key]) for key in _FACTS if told[key]]
    head = [f"{told['name']}: {told['title']}", told["description"], *facts]
    typer.echo("\n".join([*head, "", words("templates.parameters")]))
    for one in told["parameters"]:
        typer.echo(f"  {one['name']}: {one['type']} = {one['default']}\n      {one['help']}")
    typer.echo(words("templates.sections"))
    for section, tables in told["sections"].items():
        title = told["section_titles"][section]
        typer.echo(f"  {section}{words('templates.between') + title if title else ''}{_needs(tables, words)}")


@templates.command(cls=NotingCommand)
def check(
    names: Names = None, workspace: Settings = None, fix: Fix = False, locale: Locale = None, as_json: AsJson = False
) -> None:
    """Check syntax, parameters, outputs and normal form of templates. Exit code 2 if something is to be mended."""
    from oppnb.reports.normal_form import rewrite_template
    from oppnb.reports.template_check import check_template
    from oppnb.reports.templates import find_template, list_templates

    settings = _settings(workspace)
    words = _words(locale, settings)
    known = list_templates(settings)
    own = [one.path for one in known if one.origin == "workspace"] or [one.path for one in known]
    paths = [find_template(name, workspace=settings) for name in names] if names else own
    found = []
    for path in paths:
        if fix:
            rewrite_template(path)
        found += check_template(path)
    if as_json:
        typer.echo(json.dumps([one.to_dict(words) for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            typer.echo(one.text(words))
    if found:
        raise UsageError(
            words.counted(
                "templates.to_mend", n=len(found), templates=words.counted("templates.templates", n=len(paths))
            )
        )
    if not as_json:
        typer.echo(words.counted("templates.sound", n=len(paths)))


@templates.command(cls=NotingCommand)
def copy(
    name: Annotated[str, typer.Argument(help="A template of the package, e.g. pipeline_review.", metavar="NAME")],
    folder: Annotated[Path, typer.Option("--in", help="The client's workspace, or a folder in it.")] = Path(),
) -> None:
    """Copy a template of the package into a client's workspace to adapt it; `oppnb update` merges newer versions in."""
    from oppnb.locale import Words
    from oppnb.projects import copy_template
    from oppnb.projects.record import find_project, read_record

    copied = copy_template(name, folder)
    words = Words(read_record(find_project(folder)).answers.get("locale", "en"))
    typer.echo(words("projects.copied", path=copied))


def _needs(tables: Sequence[str], words: "Words") -> str:
    """The tables that a section needs, in words, with the name by which a mapping fills each."""
    if not tables:
        return ""
    called = {one: words.get(f"template_table.{one}", one) for one in tables}
    named = [name if name == one else words("templates.table", called=name, name=one) for one, name in called.items()]
    return words("templates.needs", tables=words("templates.comma").join(named))


def _settings(workspace: Path | None) -> Path | None:
    return _HERE if workspace is None and _HERE.is_file() else workspace


def _words(locale: str | None, settings: Path | None) -> "Words":
    from oppnb.locale import Words

    return Words(locale or reader_settings(settings).locale)


def _told(one: "FoundTemplate", words: "Words") -> dict[str, Any]:
    """All that is declared of a template, in a reader's language."""
    from oppnb.reports.declarations import read_declaration
    from oppnb.reports.parameters import parameter_help, read_parameters

    declared = read_declaration(one.path)
    parameters = [
        {
            "name": asked.name,
            "type": asked.type_text,
            "default": None if asked.default is None else str(asked.default),
            "help": parameter_help(one.path, asked, words=words),
        }
        for asked in read_parameters(one.path).values()
    ]
    sections = {} if declared is None else dict(declared.sections)
    return {
        "name": one.name,
        "origin": one.origin,
        "title": one.name if declared is None else declared.title_in(words),
        "description": "" if declared is None else declared.description_in(words),
        **(dict.fromkeys(_FACTS, "") if declared is None else declared.facts_in(words)),
        "parameters": parameters,
        "sections": sections,
        "section_titles": {section: section_title(one.path, section, words) for section in sections},
    }
