"""Projects for tests: made by the real function or command, then aged so that an update has something to bring."""

import os
import subprocess
import sys
from pathlib import Path

from oppnb.projects import complete_answers, init_project

__all__ = ["age", "commit_all", "make_project", "oppnb"]


def make_project(inside: Path, folder: str = "client-a", **answers: object) -> Path:
    """A workspace made with these answers, defaults for the rest."""
    return init_project(folder, complete_answers(answers, folder=folder), inside=inside).folder


def age(project: Path, path: str, new: str, old: str, *, yours: bool = True) -> None:
    """Let an older oppnb have written `old` where this one writes `new`."""
    for folder in [project / ".oppnb" / "made", *([project] if yours else [])]:
        file = folder / path
        text = file.read_text(encoding="utf-8")
        assert new in text
        file.write_text(text.replace(new, old), encoding="utf-8")


def commit_all(project: Path) -> None:
    """Keep everything in a git repository of its own."""
    who = ["-c", "user.name=x", "-c", "user.email=x@example.invalid"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "Workspace"]):
        subprocess.run(["git", *words], cwd=project, check=True, capture_output=True)


def oppnb(*words: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """The real command in a process of its own, without a terminal, with an empty HOME."""
    home = cwd / ".empty-home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [Path(sys.executable).with_name("oppnb"), *map(str, words)],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
