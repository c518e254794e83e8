"""How far one report is and what it is at, on standard error: nobody takes it for dead while models learn."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from oppnb.cli.section_words import part_text

if TYPE_CHECKING:
    from oppnb.locale import Words

__all__ = ["at_work"]

LONG_SECONDS = 5.0
"""A step that takes longer is named also where no line can be written over."""
_ANEW = "\r\x1b[K"


@contextmanager
def at_work(words: "Words", template: str, *, workspace: Path | None = None) -> Iterator[Callable[[int, int], None]]:
    """While a report is made: what is to be called with (cells done, cells in all).

    On a terminal one line says how many cells are done and names the one at work. Elsewhere the beginning and the end
    are told, and each cell that takes longer than some seconds.

    Parameters
    ----------
    words : Words
        Of the reader.
    template : str
        The report's name.
    workspace : Path, optional
        Its own template of that name comes first.
    """
    from oppnb.reports import find_template
    from oppnb.runs.watching import parts_of

    path = find_template(template, workspace=workspace)
    parts, later, line = parts_of(path), _Later(), _Line()

    def at(done: int, total: int) -> str:
        section = part_text(path.stem, parts[done], words) if done < min(total, len(parts)) else ""
        return words("runs.cell_at" if section else "runs.cells", done=done, total=total, section=section)

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            line.write(at(done, total), is_last=done >= total)
            return
        if done in (0, total):
            typer.echo(words("runs.cells", done=done, total=total), err=True)
        later.say(at(done, total) if done < total else None)

    try:
        yield show
    finally:
        later.say(None)
        line.end()


class _Line:
    """The line of a terminal that is written over; ended also where the work breaks off, before the reason is told."""

    def __init__(self) -> None:
        self._is_begun = False

    def write(self, text: str, *, is_last: bool) -> None:
        """Write the line anew."""
        typer.echo(f"{_ANEW}{text}", err=True, nl=False)
        self._is_begun = True
        if is_last:
            self.end()

    def end(self) -> None:
        """Go to the next line, once."""
        if self._is_begun:
            typer.echo(err=True)
        self._is_begun = False


class _Later:
    """A line that is said after some seconds, unless another takes its place before."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def say(self, line: str | None) -> None:
        """Say this instead; None: nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        self._timer = None
        if line is not None:
            self._timer = threading.Timer(LONG_SECONDS, typer.echo, [line], {"err": True})
            self._timer.daemon = True
            self._timer.start()
