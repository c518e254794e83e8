"""What the funnel is asked: a process, a view, an attribute and its value; checked before anything is worked out."""

from collections.abc import Sequence
from dataclasses import dataclass

from oppnb.errors import ColumnMissingError, UsageError, nearest
from oppnb.review import Review
from oppnb.widgets.slice_values import check_values, known_on

__all__ = ["VIEWS", "Question", "check_question", "known_name"]

VIEWS = ("cohort", "snapshot")
"""Of the deals that entered a stage in the last 365 days, or those that stand there on the day."""


@dataclass(frozen=True)
class Question:
    """A process, a view, an attribute and one of its values.

    Attributes
    ----------
    process : str
        Name in the workspace.
    view : {'cohort', 'snapshot'}
        See `VIEWS`.
    by : str or None
        A column of the snapshot.
    value : str or None
        Only deals with this value of `by`.
    """

    process: str
    view: str
    by: str | None = None
    value: str | None = None

    @property
    def slice_of(self) -> dict[str, str]:
        """The slice; empty for every deal."""
        return {self.by: self.value} if self.by and self.value is not None else {}


def check_question(review: Review, *, process: str, view: str, by: str | None, value: str | None) -> Question:
    """The question, if it can be asked.

    Raises
    ------
    UsageError
        If there is no such process or view, or a value is given without its attribute.
    ColumnMissingError
        If the deals have no such column; names the nearest.
    ParameterError
        If no deal has the value; names the nearest.
    """
    known_name(process, [one.name for one in review.workspace.processes], what="process")
    known_name(view, VIEWS, what="view")
    columns = [str(name) for name in review.snapshot.columns]
    if by is not None and by not in columns:
        near = nearest(by, columns)
        hint = f" The nearest is '{near}'." if near else ""
        raise ColumnMissingError(f"The deals have no column '{by}' to slice by.{hint}")
    if value is not None and by is None:
        raise UsageError("A value needs the attribute it is of: set 'by' first.")
    if by is not None and value is not None:
        check_values({by: value}, known_on(review))
    return Question(process, view, by, value)


def known_name(name: str, known: Sequence[str], *, what: str) -> None:
    """Raise UsageError if a name is not among those known.

    Examples
    --------
    >>> known_name("snapshto", VIEWS, what="view")
    Traceback (most recent call last):
    oppnb.errors.UsageError: The funnel has no view 'snapshto'. Did you mean 'snapshot'?
    """
    if name in known:
        return
    near = nearest(str(name), list(known))
    hint = f" Did you mean '{near}'?" if near else f" There are: {', '.join(known)}."
    raise UsageError(f"The funnel has no {what} '{name}'.{hint}")
