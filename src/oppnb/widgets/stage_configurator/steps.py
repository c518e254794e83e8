"""The steps of a draft, so that each can be undone and done again."""

from dataclasses import dataclass, replace

from oppnb.stages import StageDraft

__all__ = ["Steps"]


@dataclass(frozen=True)
class Steps:
    """A draft with what came before it and what was undone, each with what was done, in words.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> begun = StageDraft.of(parse_workspace("processes: [{name: p, stages: [{name: Demo}]}]"))
    >>> steps = Steps(begun).done(begun.rename("Demo", "Trial"), "renamed")
    >>> steps.undone().draft == begun, steps.undone().redone() == steps, steps.undo_label
    (True, True, 'renamed')
    """

    draft: StageDraft
    past: tuple[tuple[StageDraft, str], ...] = ()
    future: tuple[tuple[StageDraft, str], ...] = ()

    def done(self, draft: StageDraft, label: str) -> "Steps":
        """One step on; what was undone is forgotten. A draft that is the same is no step."""
        if draft == self.draft:
            return self
        return Steps(draft, (*self.past, (self.draft, label)))

    def undone(self) -> "Steps":
        """One step back; the same if there is none."""
        if not self.past:
            return self
        *rest, (draft, label) = self.past
        return replace(self, draft=draft, past=tuple(rest), future=((self.draft, label), *self.future))

    def redone(self) -> "Steps":
        """One undone step again; the same if there is none."""
        if not self.future:
            return self
        (draft, label), *rest = self.future
        return replace(self, draft=draft, past=(*self.past, (self.draft, label)), future=tuple(rest))

    def saved(self) -> "Steps":
        """The same steps as drafts of what has just been saved."""
        held = self.draft
        past, future = (
            tuple((draft.rebased(held), label) for draft, label in steps) for steps in (self.past, self.future)
        )
        return Steps(held.rebased(held), past, future)

    @property
    def undo_label(self) -> str:
        """What undoing takes back; empty if there is nothing."""
        return self.past[-1][1] if self.past else ""

    @property
    def redo_label(self) -> str:
        """What would be done again; empty if there is nothing."""
        return self.future[0][1] if self.future else ""
