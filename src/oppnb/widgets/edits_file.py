"""Widgets that edit a part of `oppnb.yaml`: undo, the lines that will change, saving, reading the file again."""

import difflib
from typing import Any, Generic, TypeVar

from oppnb.errors import UsageError, WorkspaceError
from oppnb.widgets.base import OppnbWidget
from oppnb.widgets.commands import command
from oppnb.widgets.refusals import told_refusal
from oppnb.widgets.steps import Steps
from oppnb.workspace import WorkspaceFile

__all__ = ["EditsFile"]

Draft = TypeVar("Draft")


class EditsFile(OppnbWidget, Generic[Draft]):
    """Nothing is written before `save`; every change can be undone.

    A subclass sets `_file` and `_steps`, and gives `_go`, `_draw`, `_text_with`, `_check_other`, `_take_saved` and
    `_begin_again`.
    """

    queues_commands = True

    _file: WorkspaceFile | None
    _steps: Steps[Draft]
    _note: str = ""
    _is_stale: bool = False

    # --- what a subclass gives ------------------------------------------------------------------------------------

    def _go(self, steps: Steps[Draft]) -> None:
        """Work out what these steps mean, and show it."""
        raise NotImplementedError

    def _draw(self) -> None:
        """Put all into a new `state`."""
        raise NotImplementedError

    def _text_with(self, text: str, *, name: str, is_other: bool) -> str:
        """A file's text with the draft in it; `is_other`: not the file that the draft was read from."""
        raise NotImplementedError

    def _check_other(self, file: WorkspaceFile) -> None:
        """Raise WorkspaceError if another file says already what would be written."""
        raise NotImplementedError

    def _take_saved(self) -> None:
        """The draft is what the file says now."""
        raise NotImplementedError

    def _begin_again(self) -> None:
        """Show the file as it was read anew; nothing is changed where it raises."""
        raise NotImplementedError

    # --- Python and the hand --------------------------------------------------------------------------------------

    @property
    def diff(self) -> str:
        """What saving would change, as a unified diff of the file; empty if nothing.

        Raises
        ------
        WorkspaceError
            If the file's text cannot be changed in place.
        """
        return "\n".join(self._diff())

    @command
    def undo(self) -> None:
        """Take the last change back; nothing happens if there is none."""
        self.finish_work()
        self._go(self._steps.undone())

    @command
    def redo(self) -> None:
        """Do again what was undone."""
        self.finish_work()
        self._go(self._steps.redone())

    @command
    def save(self, path: str | None = None) -> None:
        """Write into the file: comments and all else stay, beside it first, then renamed.

        Parameters
        ----------
        path : str, optional
            Another file, which is changed or made; by default the one that was opened.

        Raises
        ------
        UsageError
            If no file is known.
        WorkspaceError
            If the file was changed since it was read, or cannot be changed in place. It is then as it was.
        """
        self.finish_work()
        file = self._known_file() if path is None else WorkspaceFile.read(path)
        is_other = self._file is None or file.path != self._file.path
        if is_other:
            self._check_other(file)
        else:
            file = self._known_file()
        try:
            saved = file.write(self._text_with(file.text, name=file.path.name, is_other=is_other))
        except WorkspaceError:
            self._is_stale = not file.is_as_read
            self._draw()
            raise
        self._file, self._is_stale = saved, False
        self._note = self.say("was_saved", file=saved.path.name)
        self._take_saved()

    @command
    def reload(self) -> None:
        """Read the file again, as somebody else left it; what was changed here and not saved is dropped.

        Raises
        ------
        UsageError
            If no file is known.
        WorkspaceError
            If it cannot be used.
        """
        self.finish_work()
        before = self._known_file(), self._is_stale, self._note
        self._file, self._is_stale = WorkspaceFile.read(before[0].path), False
        self._note = self.say("was_read", file=self._file.path.name)
        try:
            self._begin_again()
        except Exception:
            self._file, self._is_stale, self._note = before
            raise

    # --- within ---------------------------------------------------------------------------------------------------

    @property
    def _draft(self) -> Draft:
        """The draft, once all that the hand asked for is in it."""
        self.finish_work()
        return self._steps.draft

    def _known_file(self) -> WorkspaceFile:
        if self._file is None:
            raise UsageError(self.say("no_file"))
        return self._file

    def _diff(self) -> list[str]:
        text = "" if self._file is None else self._file.text
        name = "oppnb.yaml" if self._file is None else self._file.path.name
        made = self._text_with(text, name=name, is_other=False)
        return list(difflib.unified_diff(text.splitlines(), made.splitlines(), name, name, lineterm=""))

    def _edits_state(self) -> dict[str, Any]:
        """What the front end's `drawChanges` and the buttons of the steps need."""
        return {
            "undo": self._steps.undo_label,
            "redo": self._steps.redo_label,
            "file": "" if self._file is None else self._file.path.name,
            **self._review_of_changes(),
            "note": self._note,
            "is_stale": self._is_stale,
        }

    def _review_of_changes(self) -> dict[str, Any]:
        try:
            return {"diff": self._diff(), "diff_fault": ""}
        except WorkspaceError as error:
            return {"diff": [], "diff_fault": told_refusal(str(error), self.words)}
