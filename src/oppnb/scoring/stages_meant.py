"""Stages that a rule or an alert of the workspace names, as snapshots spell them."""

from collections.abc import Sequence

import pandas as pd

from oppnb.tables import fold
from oppnb.workspace import Workspace

__all__ = ["stands_in"]


def stands_in(stage: pd.Series, named: Sequence[str], *, workspace: Workspace) -> pd.Series:
    """Whether each deal stands in one of the named stages, by name, alias or label in any case; none named means all.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = parse_workspace("processes: [{name: new, stages: [{name: Demo, label: {zh_CN: 演示}}]}]")
    >>> stands_in(pd.Series(["Demo", "Offer", None]), ["演示"], workspace=workspace).tolist()
    [True, False, False]
    """
    if not named:
        return pd.Series(True, index=stage.index)
    wanted = {fold(name) for name in named}
    configured = [each for process in workspace.processes for each in process.stages]
    wanted |= {fold(each.name) for each in configured if wanted & {fold(name) for name in each.names}}
    return stage.map(fold, na_action="ignore").isin(wanted)
