"""The weighted pipeline at the set odds, at proposed ones and at the observed ones, stage by stage."""

from dataclasses import replace

import numpy as np
import pandas as pd

from oppnb.metrics import MetricInputs, measure
from oppnb.stages import with_set_odds
from oppnb.workspace import Workspace

__all__ = ["weighted_beside"]

_BY = ["process", "stage"]
_AMOUNTS = ("set_amount", "proposed_amount", "observed_amount")


def weighted_beside(inputs: MetricInputs, proposed: Workspace) -> pd.DataFrame:
    """What the open deals of each stage weigh, at the odds of today and at others.

    Parameters
    ----------
    inputs : MetricInputs
        Of a review: its open deals, and its odds.
    proposed : Workspace
        The same stages with the odds that are proposed.

    Returns
    -------
    DataFrame
        One row a process and stage in which a deal is open, in the order of the odds, then of the names: `process`,
        `stage` (null: not known), `open_count`, `open_amount`, `set_amount`, `proposed_amount`, `observed_amount`
        (money: open amount x odds; null where no odds or no amounts are known). Observed are the odds of those who
        stand there, where they are known. The three sums are the metric `weighted_pipeline` of all.

    Examples
    --------
    >>> from datetime import date
    >>> from oppnb.periods import parse_period
    >>> from oppnb.workspace import parse_workspace
    >>> proposed = parse_workspace("processes: [{name: p, stages: [{name: Demo, odds: 0.3}]}]")
    >>> odds = pd.DataFrame({"process": ["p"], "stage": ["Demo"], "set_odds": [0.5], "observed_odds": [0.25],
    ...     "n": [40]})
    >>> snapshot = pd.DataFrame({"opportunity_id": ["1", "2"], "outcome": "open", "process": "p", "stage": "Demo",
    ...     "amount_base": [100.0, 300.0]})
    >>> inputs = MetricInputs(snapshot=snapshot, period=parse_period("2024Q1"), as_of=date(2024, 1, 31), odds=odds)
    >>> weighted_beside(inputs, proposed)[["set_amount", "proposed_amount", "observed_amount"]].values.tolist()
    [[200.0, 120.0, 100.0]]
    """
    if inputs.odds is None:
        raise ValueError("the inputs hold no odds")
    after = replace(inputs, odds=with_set_odds(inputs.odds, proposed))
    parts = {
        "open_count": measure("open_count", inputs, by=_BY),
        "open_amount": measure("open_amount", inputs, by=_BY),
        "set_amount": measure("weighted_pipeline", inputs, variant="set_odds", by=_BY),
        "proposed_amount": measure("weighted_pipeline", after, variant="set_odds", by=_BY),
        "observed_amount": measure("weighted_pipeline", inputs, variant="observed_odds", by=_BY),
    }
    keyed = {name: part.set_index(_BY)["value"] for name, part in parts.items()}
    frame = pd.DataFrame(keyed).reset_index().astype(dict.fromkeys(_BY, "str"))
    frame["open_count"] = frame["open_count"].fillna(0).astype("int64")
    frame = frame[frame["open_count"] > 0].reset_index(drop=True)
    order = {pair: place for place, pair in enumerate(inputs.odds[_BY].itertuples(index=False, name=None))}
    place = [order.get(pair, len(order)) for pair in frame[_BY].itertuples(index=False, name=None)]
    keys = frame.assign(place=np.array(place, dtype="int64")).sort_values(["place", *_BY], kind="stable")
    return frame.loc[keys.index].reset_index(drop=True)
