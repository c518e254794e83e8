"""What an update would do to each file: worked out in full before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from oppnb.errors import UsageError
from oppnb.projects.merging import Merged, merge_text
from oppnb.projects.merging_notebooks import merge_notebooks

__all__ = ["Action", "Step", "plan_steps"]

Action = Literal["add", "take", "merge", "conflict", "remove", "keep"]


@dataclass(frozen=True)
class Step:
    """One file of an update.

    Attributes
    ----------
    path : str
        With `/`, from the project's folder.
    action : {'add', 'take', 'merge', 'conflict', 'remove', 'keep'}
        A new file; the newer version of one you left as it was; both changes in one; the same lines changed on both
        sides; gone from the package and untouched by you; yours as it is (you removed it, or it is gone from the
        package and you changed it).
    content : bytes or None
        What to write; None for `remove` and `keep`.
    made : bytes or None
        The file as the package makes it now; None if it does so no longer.
    n_conflicts : int
        Places to decide by hand.
    """

    path: str
    action: Action
    content: bytes | None
    made: bytes | None
    n_conflicts: int = 0

    @property
    def writes(self) -> bool:
        """Whether the file itself changes."""
        return self.action != "keep"


def plan_steps(project: Path, made: Mapping[str, bytes], newer: Mapping[str, bytes], *, label: str) -> list[Step]:
    """The steps of an update, conflicts last; files that the package makes as before are not among them.

    Parameters
    ----------
    project : path
        The project's folder.
    made, newer : mapping of str to bytes
        Every file as oppnb last wrote it, and as it makes it now.
    label : str
        How the newer version is called in the marks of a conflict.

    Raises
    ------
    UsageError
        If a file cannot be read, or a link or folder stands in its place.
    """
    changed = [path for path in sorted({*made, *newer}) if made.get(path) != newer.get(path)]
    steps = [_step(path, made.get(path), _yours(project, path), newer.get(path), label) for path in changed]
    return sorted(steps, key=lambda step: (step.action == "conflict", step.path))


def _yours(project: Path, path: str) -> bytes | None:
    file = project / path
    inside = file.parent.resolve().is_relative_to(project.resolve())
    if file.is_symlink() or (file.exists() and not file.is_file()) or not inside:
        raise UsageError(f"'{file}' is a link or a folder, which an update does not write through. Move it away first.")
    try:
        return file.read_bytes() if file.exists() else None
    except OSError as error:
        raise UsageError(f"'{file}' cannot be read: {error.strerror}.") from error


def _step(path: str, before: bytes | None, yours: bytes | None, newer: bytes | None, label: str) -> Step:
    if yours == newer:
        return Step(path, "keep", None, newer)
    if newer is None:
        return Step(path, "remove", None, None) if yours == before else Step(path, "keep", None, None)
    if yours is None:
        return Step(path, "add", newer, newer) if before is None else Step(path, "keep", None, newer)
    if yours == before:
        return Step(path, "take", newer, newer)
    merged = _merged(path, before or b"", yours, newer, label)
    return Step(path, "conflict" if merged.n_conflicts else "merge", merged.content, newer, merged.n_conflicts)


def _merged(path: str, before: bytes, yours: bytes, newer: bytes, label: str) -> Merged:
    merge = merge_notebooks if path.endswith(".ipynb") else merge_text
    return merge(before, yours, newer, label=label)
