"""`oppnb init`, `oppnb update`: a client's workspace, and newer versions of what the package put into it."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppnb.errors import MergeConflictError, UsageError, first_keys

if TYPE_CHECKING:
    from oppnb.locale import Words
    from oppnb.projects import Answers, MadeProject, Question, UpdatedProject

__all__ = ["init", "update"]

Text = str | None


def init(
    folder: Annotated[str, typer.Argument(help="Name of the folder to make, e.g. client-a.", metavar="NAME")],
    inside: Annotated[Path, typer.Option("--in", help="The folder in which it is made.")] = Path(),
    name: Annotated[Text, typer.Option(help="What the client is called; by default as the folder.")] = None,
    locale: Annotated[Text, typer.Option(help="en or zh_CN: comments, notebooks and reports.")] = None,
    currency: Annotated[Text, typer.Option(help="ISO 4217, e.g. CNY.")] = None,
    fiscal_year_start: Annotated[Text, typer.Option(help="Month in which the fiscal year begins, 1-12.")] = None,
    time_zone: Annotated[Text, typer.Option(help="IANA name; a day ends at midnight there.")] = None,
    source: Annotated[Text, typer.Option(help="The CRM, e.g. salesforce, fxiaoke; other if none of those.")] = None,
    processes: Annotated[
        Text, typer.Option(help="A stage preset, several as new=salesforce,renewal=hubspot, or data.")
    ] = None,
    answers: Annotated[Path | None, typer.Option(help="A YAML file with answers; options come before it.")] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing; take defaults for the rest.")] = False,
) -> None:
    """Make a client's workspace: oppnb.yaml with comments, notebooks, templates, README, CI file and crontab line."""
    from oppnb.projects import check_name, complete_answers, init_project, read_answers
    from oppnb.projects.making import check_place

    check_place(folder, inside=inside)
    said = {
        "name": name,
        "locale": locale,
        "currency": currency,
        "fiscal_year_start": fiscal_year_start,
        "time_zone": time_zone,
        "source": source,
        "processes": processes,
    }
    given: dict[str, Any] = read_answers(answers) if answers else {}
    given.update({key: value for key, value in said.items() if value is not None})
    ask = None if defaults or not sys.stdin.isatty() else _ask
    known = complete_answers(given, folder=check_name(folder), ask=ask)
    _tell_made(init_project(folder, known, inside=inside), known)


def update(
    folder: Annotated[Path, typer.Argument(help="A client's workspace, or a folder in it.", metavar="FOLDER")] = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Go on although changes are not committed; copies go to .oppnb/before/.")
    ] = False,
) -> None:
    """Merge what is newer in oppnb into a client's workspace; what was changed there is kept, conflicts are marked."""
    from oppnb.locale import Words
    from oppnb.projects import update_project
    from oppnb.projects.record import read_record
    from oppnb.workspace import read_workspace

    done = update_project(folder, force=force, dry_run=dry_run)
    words = Words(read_record(done.folder).answers.get("locale", "en"))
    _tell_updated(done, words, dry_run=dry_run)
    if done.conflicts and not dry_run:
        paths = first_keys([step.path for step in done.conflicts])
        raise MergeConflictError(words.counted("projects.conflicts", n=len(done.conflicts), paths=paths))
    read_workspace(done.folder / "oppnb.yaml")


def _ask(question: "Question") -> str:
    if question.mistake:
        typer.echo(question.mistake, err=True)
    if question.choices:
        typer.echo(f"  {', '.join(question.choices)}", err=True)
    try:
        return str(typer.prompt(question.text, default=question.default, err=True))
    except typer.Abort as error:
        raise UsageError("Stopped. Nothing was made.") from error


def _tell_made(made: "MadeProject", answers: "Answers") -> None:
    from oppnb.locale import Words

    words = Words(answers.locale)
    said = answers.to_dict()
    said["processes"] = ", ".join(f"{key}={value}" for key, value in answers.processes.items()) or "data"
    typer.echo(words("projects.made", folder=made.folder, n=len(made.files)))
    typer.echo(words("projects.taken", answers="; ".join(f"{key}: {value}" for key, value in said.items())))
    typer.echo(words("projects.next"))
    typer.echo(f"  cd {shlex.quote(str(made.folder))}")
    for line in ("next_data", "next_look", "next_git"):
        typer.echo(f"  {words(f'projects.{line}')}")


def _tell_updated(done: "UpdatedProject", words: "Words", *, dry_run: bool) -> None:
    if not done.steps:
        typer.echo(words("projects.nothing_newer", folder=done.folder, version=done.version))
        return
    said = "would_update" if dry_run else "updated"
    typer.echo(words(f"projects.{said}", folder=done.folder, before=done.version_before, version=done.version))
    for step in done.steps:
        typer.echo(f"  {words(f'projects.step_{step.action}', path=step.path, n=step.n_conflicts)}")
    if done.kept_in:
        typer.echo(words("projects.kept_in", folder=done.kept_in))
