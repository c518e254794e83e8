"""Three versions of a text become one; where two changed the same lines, both are shown as git shows them."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from oppnb.errors import UsageError

__all__ = ["Merged", "has_conflict_marks", "merge_text", "run_git"]

_MARKS = (b"<<<<<<< ", b">>>>>>> ")


@dataclass(frozen=True)
class Merged:
    """A merged text, and how many places were changed on both sides and are marked in it."""

    content: bytes
    n_conflicts: int


def merge_text(before: bytes, yours: bytes, newer: bytes, *, label: str = "newer") -> Merged:
    r"""Merge what changed from `before` to `newer` into `yours`.

    Parameters
    ----------
    before : bytes
        The common ancestor.
    yours : bytes
        The version to keep the changes of; its line ends are kept.
    newer : bytes
        The version to bring in.
    label : str
        How the newer version is called in the marks of a conflict.

    Returns
    -------
    Merged
        Lines changed on one side only are taken; of lines changed on both, both stand between marks `<<<<<<< yours`,
        `=======` and `>>>>>>> label`. What is not text (holds a zero byte) stays yours and counts as one conflict.

    Raises
    ------
    UsageError
        If git is not installed: it does the merge (no repository is needed).

    Examples
    --------
    >>> merge_text(b"a\nb\nc\nd\n", b"A\nb\nc\nd\n", b"a\nb\nc\nD\n").content
    b'A\nb\nc\nD\n'
    """
    if yours == newer or newer == before:
        return Merged(yours, 0)
    if yours == before:
        return Merged(newer, 0)
    if b"\0" in before + yours + newer:
        return Merged(yours, 1)
    is_crlf = b"\r\n" in yours
    merged = _by_git(*(text.replace(b"\r\n", b"\n") for text in (before, yours, newer)), label=label)
    return Merged(merged.content.replace(b"\n", b"\r\n"), merged.n_conflicts) if is_crlf else merged


def has_conflict_marks(content: bytes) -> bool:
    """Whether an earlier conflict still stands in a text, or in a notebook's cell."""
    lines = [line.strip().lstrip(b'"') for line in content.splitlines()]
    return all(any(line.startswith(mark) for line in lines) for mark in _MARKS)


def _by_git(before: bytes, yours: bytes, newer: bytes, *, label: str) -> Merged:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("yours", yours), ("before", before), ("newer", newer)):
            Path(folder, name).write_bytes(text)
        words = ("merge-file", "-p", "-L", "yours", "-L", "before", "-L", label, "yours", "before", "newer")
        done = run_git(*words, cwd=Path(folder))
    if not 0 <= done.returncode < 128:
        raise UsageError(f"git could not merge: {done.stderr.decode(errors='replace').strip()[:200]}")
    return Merged(done.stdout, done.returncode)


def run_git(*words: str, cwd: Path) -> "subprocess.CompletedProcess[bytes]":
    """Run git in a folder, whatever repository the surroundings speak of; it asks nothing and reaches no network."""
    settings = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603 - fixed words and paths, no shell
            ["git", *words],  # noqa: S607 - git is where the user's PATH has it
            cwd=cwd,
            env={**settings, **quiet},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise UsageError("Merging needs git, which is not installed here. Nothing was changed.") from error
