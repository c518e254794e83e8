"""Projects for tests: made by the real function or command, then aged so that an update has something to bring."""

import fcntl
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

from oppnb.projects import complete_answers, init_project

__all__ = ["age", "commit_all", "in_terminal", "make_project", "oppnb"]


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


def in_terminal(*words: str, cwd: Path, typed: list[str]) -> tuple[str, int]:
    """The real command in a terminal: each line is typed once a question stands there; what was shown, and the code."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [Path(sys.executable).with_name("oppnb"), *words],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), "LANG": "C.UTF-8", "TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    shown, waiting = b"", list(typed)
    while chunk := _read(ours):
        shown += chunk
        if waiting and shown.endswith(b"]: "):
            line = waiting.pop(0)
            os.write(ours, line.encode() if line == "\x04" else f"{line}\n".encode())
    os.close(ours)
    return shown.decode(), process.wait(timeout=60)


def _read(terminal: int) -> bytes:
    """What the terminal shows next; nothing at its end."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
