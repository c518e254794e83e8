"""Open deals in stages that the configuration does not have: what rests on odds and limits leaves them out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from oppnb.errors import nearest
from oppnb.locale import Formats, Words
from oppnb.review.scope import is_open
from oppnb.stages import find_stage
from oppnb.workspace import Workspace

__all__ = ["Unplaced", "find_unplaced", "tell_unplaced"]

_SHOWN = 3


@dataclass(frozen=True)
class Unplaced:
    """How many open deals stand where the configuration has no stage.

    Attributes
    ----------
    n, total : int
        Those, and all that are open.
    stages : tuple of str
        As the data names them, the one with most deals first.
    meant : mapping of str to str
        Stage of the data -> a configured stage with nearly its name in which nobody stands.
    """

    n: int = 0
    total: int = 0
    stages: tuple[str, ...] = ()
    meant: Mapping[str, str] = field(default_factory=dict)


def find_unplaced(snapshot: pd.DataFrame, workspace: Workspace) -> Unplaced:
    """Find the open deals of a day whose stage the configuration does not have.

    Parameters
    ----------
    snapshot : DataFrame
        The pipeline as known on a day, with `process` and `stage`. A stage that is not known is not judged.
    workspace : Workspace

    Returns
    -------
    Unplaced

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> text = "processes: [{name: p, stages: [{name: Engagin}, {name: Won, outcome: won}]}]"
    >>> deals = pd.DataFrame({"process": ["p"], "stage": ["Engaging"], "outcome": ["open"]})
    >>> found = find_unplaced(deals, parse_workspace(text))
    >>> found.n, found.meant
    (1, {'Engaging': 'Engagin'})
    """
    deals = snapshot[is_open(snapshot)]
    told = deals.dropna(subset=["process", "stage"])
    places = told.groupby(["process", "stage"]).size()
    placed = {place: find_stage(workspace, *map(str, place)) is not None for place in places.index}
    lost = places[[not placed[place] for place in places.index]].groupby("stage").sum()
    lost = lost.sort_values(ascending=False, kind="stable")
    used = {stage for (_, stage), is_there in placed.items() if is_there}
    free = [stage.name for process in workspace.processes for stage in process.stages if stage.name not in used]
    meant = {str(stage): near for stage in lost.index if (near := nearest(str(stage), free)) is not None}
    return Unplaced(int(lost.sum()), len(deals), tuple(map(str, lost.index)), meant)


def tell_unplaced(found: Unplaced, *, words: Words, formats: Formats) -> list[str]:
    """That weighted figures and limits leave them out, and which stage may be misspelt; empty if there are none."""
    if not found.n:
        return []
    shown = [words("review.unplaced_stage", stage=stage) for stage in found.stages[:_SHOWN]]
    if len(found.stages) > _SHOWN:
        shown.append("…")
    total = formats.number(found.total)
    said = words("review.unplaced", n=formats.number(found.n), total=total, stages=words("review.comma").join(shown))
    meant = [words("review.unplaced_meant", stage=stage, near=near) for stage, near in found.meant.items()]
    return [("" if words.locale == "zh_CN" else " ").join([said, *meant[:_SHOWN]])]
