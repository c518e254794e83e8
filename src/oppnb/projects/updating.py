"""Bring a client's workspace up to date with the installed oppnb, and lose nothing that was changed in it.

copier updates only from a template in git with tags to a project in git. A template that comes in a wheel has neither,
so copier writes the newer files beside, and each is merged with the file as it was made (kept in `.oppnb/made/`) and
the file as it is now. That needs no network, and a repository only for undoing.
"""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from oppnb import __version__
from oppnb.errors import UsageError, first_keys
from oppnb.locale import Words
from oppnb.projects.asking import complete_answers
from oppnb.projects.copying import template_files
from oppnb.projects.merging import has_conflict_marks
from oppnb.projects.planning import Step, plan_steps
from oppnb.projects.record import MADE, Record, find_project, read_record, write_file, write_record
from oppnb.projects.rendering import files_below, render_project
from oppnb.projects.unsaved import check_editors, is_in_git, uncommitted

__all__ = ["UpdatedProject", "update_project"]

_BEFORE = Path(".oppnb", "before")


@dataclass(frozen=True)
class UpdatedProject:
    """What an update did, or would do.

    Attributes
    ----------
    folder : Path
        The project.
    version_before, version : str
        The oppnb that made its files, and the installed one.
    steps : tuple of Step
        The files that changed in the package, conflicts last.
    kept_in : Path or None
        Where the files lie as they were before, if no commit holds them.
    """

    folder: Path
    version_before: str
    version: str
    steps: tuple[Step, ...]
    kept_in: Path | None = None

    @property
    def conflicts(self) -> tuple[Step, ...]:
        """The files in which places are marked to be decided by hand."""
        return tuple(step for step in self.steps if step.action == "conflict")


def update_project(place: str | Path = ".", *, force: bool = False, dry_run: bool = False) -> UpdatedProject:
    """Merge what is newer in the package into a project.

    Parameters
    ----------
    place : path
        The project's folder, or one in it.
    force : bool
        Go on although files to be changed hold changes that are not committed; they are copied to `.oppnb/before/`.
    dry_run : bool
        Say what would be done, and do nothing.

    Returns
    -------
    UpdatedProject
        With conflicts in `conflicts`, if any.

    Raises
    ------
    UsageError
        If this is no project, a newer oppnb made it, a conflict of an earlier update still stands in it, or a file to
        be changed has changes that are not committed or is open in an editor. Nothing is changed then.
    ExtraMissingError
        If copier is not installed.
    """
    project = find_project(Path(place))
    record = read_record(project)
    _check_version(record.version)
    newer = _newer(record)
    words = Words(str(record.answers.get("locale", "en")))
    _check_resolved(project, {*record.made, *newer}, words)
    steps = plan_steps(project, record.made, newer, label=f"oppnb {__version__}")
    kept_in = None
    if not dry_run:
        kept_in = _keep_before(project, steps, words, force=force)
        _write(project, record, steps)
    return UpdatedProject(project, record.version, __version__, tuple(steps), kept_in)


def _newer(record: Record) -> dict[str, bytes]:
    answers = complete_answers(record.answers, folder=record.folder)
    with tempfile.TemporaryDirectory() as folder:
        rendered = Path(folder, "rendered")
        render_project(answers, rendered, folder=record.folder, version=__version__)
        newer = files_below(rendered)
    for name in record.templates:
        newer |= template_files(name)
    return newer


def _check_version(version: str) -> None:
    from packaging.version import InvalidVersion, Version

    try:
        is_newer = Version(version) > Version(__version__)
    except InvalidVersion as error:
        raise UsageError(f"The project's record names the version '{version}', which is none.") from error
    if is_newer:
        raise UsageError(f"oppnb {version} made this project; {__version__} is installed. Install the newer one first.")


def _check_resolved(project: Path, paths: set[str], words: Words) -> None:
    files = [path for path in sorted(paths) if (project / path).is_file()]
    open_ones = [path for path in files if has_conflict_marks((project / path).read_bytes())]
    if open_ones:
        raise UsageError(words.counted("projects.still_conflicts", n=len(open_ones), paths=first_keys(open_ones)))


def _keep_before(project: Path, steps: list[Step], words: Words, *, force: bool) -> Path | None:
    """Where no commit holds a file that is to change, a copy of it as it is."""
    paths = [step.path for step in steps if step.writes and (project / step.path).exists()]
    check_editors(project, paths)
    in_git = is_in_git(project)
    lost = uncommitted(project, paths) if in_git else paths
    if lost and in_git and not force:
        raise UsageError(words.counted("projects.not_committed", n=len(lost), paths=first_keys(lost)))
    if not lost:
        return None
    folder = _BEFORE / datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    for path in lost:
        write_file(project / folder / path, (project / path).read_bytes())
    return folder


def _write(project: Path, record: Record, steps: list[Step]) -> None:
    """Each file, then at once what it was made as: stopped in between, the next update goes on from there."""
    for step in steps:
        if step.writes:
            write_file(project / step.path, step.content)
        write_file(project / MADE / step.path, step.made)
    write_record(project, Record(__version__, record.folder, record.answers, record.templates))
