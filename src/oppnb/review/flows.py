"""Which way deals go: from each stage to the next one or out, of those that entered it and between two days."""

import numpy as np
import pandas as pd

from oppnb.metrics import MetricInputs, metric_rows, missing_needs
from oppnb.review.scope import is_open

__all__ = ["CREATED", "LOST", "REOPENED", "UNDECIDED", "WON", "count_flows", "entered_flows", "moves_between"]

WON, LOST, UNDECIDED, CREATED, REOPENED = "@won", "@lost", "@undecided", "@created", "@reopened"
"""Instead of a stage; no stage is called so."""

_ROWS = {
    "opportunity_id": "str",
    "process": "str",
    "origin": "str",
    "target": "str",
    "amount": "float64",
    "entered_at": "datetime64[us]",
    "days": "float64",
}


def entered_flows(inputs: MetricInputs) -> pd.DataFrame:
    """Where the deals went that entered a stage in the last 365 days: the rows behind the funnel's conversion.

    Parameters
    ----------
    inputs : MetricInputs
        With spells; a deal counts once a stage, with its first entry there, as in `stage_conversion`.

    Returns
    -------
    DataFrame
        One row a deal and stage, by both: `opportunity_id`, `process`, `origin` (the stage), `target` (the first stage
        further on that it reached, `@won`, `@lost`, or `@undecided`: still open and not yet further), `amount` (in
        the base currency, at the entry), `entered_at`, `days` (until it went on or was lost, or so far). Empty
        without history. Of a stage, `@lost` and `@undecided` are those that have not gone on.
    """
    if missing_needs("stage_conversion", inputs, variant="eventual") or inputs.spells is None:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _ROWS.items()})
    rows = metric_rows("stage_conversion", inputs, variant="eventual")
    rows = rows[rows["moved_on"].notna()].reset_index(drop=True)
    ends = np.select([rows["end"] == 1, rows["end"] == 2], [WON, LOST], default=UNDECIDED)
    further = _first_further(inputs.spells, rows)
    target = pd.Series(ends, index=rows.index, dtype="str").where((rows["end"] != 1) | further.isna(), further)
    made = rows.assign(origin=rows["stage"], target=target, amount=rows["amount_base"])
    return made[list(_ROWS)].astype(_ROWS).sort_values(["process", "origin", "opportunity_id"], ignore_index=True)


def _first_further(spells: pd.DataFrame, entries: pd.DataFrame) -> pd.Series:
    """The stage beyond its own that each entry's deal reached first, `@won` if that was winning, null if none."""
    wanted = entries[["opportunity_id", "entered_at", "stage_position"]].reset_index(names="entry")
    later = spells[["opportunity_id", "left_at", "next_stage", "next_position", "next_outcome"]]
    pairs = wanted.merge(later[later["left_at"].notna()], on="opportunity_id")
    is_won = pairs["next_outcome"] == "won"
    is_further = is_won | ((pairs["next_outcome"] == "open") & (pairs["next_position"] > pairs["stage_position"]))
    pairs = pairs.assign(reached=pairs["next_stage"].where(~is_won, WON))
    pairs = pairs[is_further & (pairs["left_at"] >= pairs["entered_at"])]
    first = pairs.sort_values(["entry", "left_at"], kind="stable").drop_duplicates("entry")
    return first.set_index("entry")["reached"].reindex(entries.index).astype("str")


def moves_between(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Where the deals of one day stand on a later one, for every deal that is open on either.

    Parameters
    ----------
    before, after : DataFrame
        Snapshots of the two days.

    Returns
    -------
    DataFrame
        One row a deal, as `entered_flows`, with the process of the later day: `origin` is its stage on the first day,
        `@created` or `@reopened`; `target` its stage on the second, `@won` or `@lost`. A stage is null where it is not
        known. `amount` (in the base currency) and `days` in its stage are those of the second day. A deal that was
        created and closed between the days is counted too.
    """
    known = before[["opportunity_id", "stage", "outcome"]].rename(
        columns={"stage": "stage_before", "outcome": "outcome_before"}
    )
    both = after.merge(known, on="opportunity_id", how="left")
    was_open, was_there = both["outcome_before"] == "open", both["outcome_before"].notna()
    both = both[is_open(both) | was_open | ~was_there]
    origin = both["stage_before"].where(both["outcome_before"] == "open", REOPENED)
    origin = origin.where(both["outcome_before"].notna(), CREATED)
    target = both["stage"].where(both["outcome"] == "open", "@" + both["outcome"].astype("str"))
    made = both.assign(
        origin=origin,
        target=target,
        amount=both["amount_base"],
        days=both["days_in_stage"],
        entered_at=both["entered_stage_at"],
    )
    return made[list(_ROWS)].astype(_ROWS).sort_values(["process", "opportunity_id"], ignore_index=True)


def count_flows(rows: pd.DataFrame) -> pd.DataFrame:
    """How many deals go each way.

    Parameters
    ----------
    rows : DataFrame
        From `entered_flows` or `moves_between`.

    Returns
    -------
    DataFrame
        `process`, `origin`, `target` (sorted; nulls last), `n` (deals), `amount` (sum of the known amounts).
    """
    keys = ["process", "origin", "target"]
    groups = rows.groupby(keys, dropna=False, sort=True)
    found = groups.agg(n=("opportunity_id", "size"), amount=("amount", "sum")).reset_index()
    return found.assign(amount=found["amount"].round(2))
