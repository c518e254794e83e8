"""The steps of a draft, so that each can be undone and done again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

__all__ = ["Steps"]

Draft = TypeVar("Draft")


@dataclass(frozen=True)
class Steps(Generic[Draft]):
    """A draft with what came before it and what was undone, each with what was done, in words.

    Examples
    --------
    >>> steps = Steps("Demo").done("Trial", "renamed")
    >>> steps.undone().draft, steps.undone().redone() == steps, steps.undo_label
    ('Demo', True, 'renamed')
    """

    draft: Draft
    past: tuple[tuple[Draft, str], ...] = ()
    future: tuple[tuple[Draft, str], ...] = ()

    def done(self, draft: Draft, label: str) -> "Steps[Draft]":
        """One step on; what was undone is forgotten. A draft that is the same is no step."""
        if draft == self.draft:
            return self
        return Steps(draft, (*self.past, (self.draft, label)))

    def undone(self) -> "Steps[Draft]":
        """One step back; the same if there is none."""
        if not self.past:
            return self
        *rest, (draft, label) = self.past
        return replace(self, draft=draft, past=tuple(rest), future=((self.draft, label), *self.future))

    def redone(self) -> "Steps[Draft]":
        """One undone step again; the same if there is none."""
        if not self.future:
            return self
        (draft, label), *rest = self.future
        return replace(self, draft=draft, past=(*self.past, (self.draft, label)), future=tuple(rest))

    def saved(self, held: Draft, rebased: Callable[[Draft], Draft]) -> "Steps[Draft]":
        """The same steps after saving: `held` is what the file says now, `rebased` makes another draft one of it."""
        past, future = (tuple((rebased(draft), label) for draft, label in steps) for steps in (self.past, self.future))
        return Steps(held, past, future)

    @property
    def undo_label(self) -> str:
        """What undoing takes back; empty if there is nothing."""
        return self.past[-1][1] if self.past else ""

    @property
    def redo_label(self) -> str:
        """What would be done again; empty if there is nothing."""
        return self.future[0][1] if self.future else ""
