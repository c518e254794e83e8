"""Targets of the nodes of a roll-up."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.rollup_tree import RollUpTree
from oppnb.metrics.targets import HOLDERS, targets_in
from oppnb.periods import Period

__all__ = ["targets_of_nodes"]

Floats = npt.NDArray[np.float64]


def targets_of_nodes(
    targets: pd.DataFrame | None, period: Period, tree: RollUpTree, deals: Sequence[pd.DataFrame]
) -> Floats:
    """The quota of each node, in the base currency; null where there is none.

    A level takes the cut of the quotas that says whose they are at that level (`oppnb.metrics.targets`). An owner's
    quota belongs to the team and to the region in which all of the owner's deals lie. A holder who stands in several
    nodes of a level has a quota and none of those nodes has it: nobody said how it is shared.

    Parameters
    ----------
    targets : DataFrame or None
        With `amount_base` or `amount`.
    period : Period
    tree : RollUpTree
    deals : sequence of DataFrame
        Open and won ones: where owners stand.

    Returns
    -------
    array, shape (n_nodes,)
        Null for the company, whose target the forecast has.
    """
    found = np.full(len(tree.nodes), np.nan)
    if targets is None or targets.empty:
        return found
    for depth, column in enumerate(tree.by, start=1):
        if column not in HOLDERS and column not in targets:
            continue
        rows = targets_in(_with_column(targets, column, deals), period, by=(column,))
        sums = rows.groupby(rows[column].astype("str"))["amount_base"].sum() if len(rows) else pd.Series(dtype=float)
        level = [(place, node[-1]) for place, node in enumerate(tree.nodes) if len(node) == depth]
        values = [value for _, value in level]
        for place, value in level:
            if value is not None and value in sums.index and values.count(value) == 1:
                found[place] = float(sums[value])
    return found


def _with_column(targets: pd.DataFrame, column: str, deals: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Where quotas are owners' and do not say it, the value on which all deals of the owner agree."""
    given = targets if column in targets else targets.assign(**{column: None})
    if column == "owner_id" or "owner_id" not in given:
        return given
    pairs = pd.concat([frame[["owner_id", column]] for frame in deals]).dropna().drop_duplicates()
    value_of = pairs.drop_duplicates("owner_id", keep=False).set_index("owner_id")[column]
    looked_up = given["owner_id"].map(value_of)
    return given.assign(**{column: given[column].astype("object").where(given[column].notna(), looked_up)})
