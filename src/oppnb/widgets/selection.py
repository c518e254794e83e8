"""Which deals are chosen: one object that several widgets follow and set."""

from collections.abc import Iterable
from typing import Any

from traitlets import HasTraits, Tuple, Undefined, Unicode

from oppnb.errors import UsageError, first_keys, nearest

__all__ = ["Selection", "ids_among"]


class Selection(HasTraits):
    """Deals that somebody chose; give the same one to several widgets, and choosing in one filters the others.

    Attributes
    ----------
    opportunity_ids : tuple of str or None
        Sorted. None: every deal; an empty tuple: none.
    source : str
        Who chose: a widget's name, or '' for Python.
    label : str
        What was chosen, in words.

    Examples
    --------
    >>> chosen = Selection()
    >>> chosen.choose(["D2", "D1"], label="two deals")
    >>> chosen.opportunity_ids
    ('D1', 'D2')
    >>> chosen.clear()
    >>> chosen.opportunity_ids is None
    True
    """

    opportunity_ids: Any = Tuple(default_value=None, allow_none=True)
    source = Unicode("")
    label = Unicode("")

    def choose(self, opportunity_ids: Iterable[str], *, by: str = "", label: str = "") -> None:
        """Choose deals; those who watch `opportunity_ids` find `source` and `label` already set.

        Parameters
        ----------
        opportunity_ids : iterable of str
            Repeated ones count once; a single id may be given as it is.
        by : str
            Who chooses.
        label : str
            What is chosen, in words.
        """
        ids = [opportunity_ids] if isinstance(opportunity_ids, str) else opportunity_ids
        self._settle(tuple(sorted({str(key) for key in ids})), by, label)

    def clear(self, *, by: str = "") -> None:
        """Every deal again."""
        self._settle(None, by, "")

    def _settle(self, ids: tuple[str, ...] | None, by: str, label: str) -> None:
        self.source, self.label = by, label
        if self.opportunity_ids == ids:  # the same deals, chosen by somebody else: whoever follows must look again
            self.notify_change(_same(self, ids))
        self.opportunity_ids = ids


def ids_among(given: Iterable[str] | None, known: Iterable[Any]) -> list[str]:
    """Ids that somebody chose, if each is one of those that are shown; None chooses all, as an empty list.

    Raises
    ------
    UsageError
        How many are not shown, the first of them, and the nearest one that is.

    Examples
    --------
    >>> ids_among("D1", ["D1", "D2"])
    ['D1']
    """
    asked = [] if given is None else [given] if isinstance(given, str) else [str(one) for one in given]
    shown = {str(one) for one in known}
    missing = sorted(set(asked) - shown)
    if missing:
        near = nearest(missing[0], shown)
        hint = f" Did you mean '{near}'?" if near else ""
        raise UsageError(f"{len(missing)} of {len(asked)} deals are not shown here: {first_keys(missing)}.{hint}")
    return asked


def _same(owner: Selection, ids: tuple[str, ...] | None) -> Any:
    from traitlets import Bunch

    return Bunch(name="opportunity_ids", old=Undefined, new=ids, owner=owner, type="change")
