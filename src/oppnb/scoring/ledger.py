"""The score ledger: every score that was published, and what was last said of each deal."""

from collections.abc import Mapping
from datetime import date, datetime

import pandas as pd

from oppnb.errors import ColumnMissingError, ProbabilityError
from oppnb.scoring.prediction import Contributions
from oppnb.scoring.rows import GROUPS
from oppnb.stages.slicing import slice_name
from oppnb.store import Store

__all__ = ["CONTRIBUTION_COLUMNS", "append_scores", "contribution_columns", "scores_known", "scores_of"]

CONTRIBUTION_COLUMNS = tuple(f"contribution_{group}" for group in GROUPS)
"""What each idea added to the probability; with `base_probability` they add up to `win_probability`."""


def contribution_columns(contributions: Contributions) -> pd.DataFrame:
    """The parts of a probability as columns of a score table.

    Returns
    -------
    DataFrame
        `base_probability` and `CONTRIBUTION_COLUMNS`, all in probability; an idea the model does not use added 0.

    Examples
    --------
    >>> import numpy as np
    >>> parts = Contributions(np.array([0.3]), np.array([[0.1]]), ("stage",))
    >>> contribution_columns(parts)[["base_probability", "contribution_stage", "contribution_people"]].values.tolist()
    [[0.3, 0.1, 0.0]]
    """
    frame = pd.DataFrame({"base_probability": contributions.base})
    for group, column in zip(GROUPS, CONTRIBUTION_COLUMNS, strict=True):
        place = contributions.groups.index(group) if group in contributions.groups else None
        frame[column] = 0.0 if place is None else contributions.values[:, place]
    return frame


def append_scores(
    scores: pd.DataFrame,
    store: Store,
    *,
    model_id: str,
    only: Mapping[str, str] | None = None,
    run_id: str | None = None,
    seen_at: datetime | None = None,
) -> str:
    """Write published scores into the ledger.

    Parameters
    ----------
    scores : DataFrame
        One row a deal: `opportunity_id`, `as_of`, `win_probability`; what else stands beside them is kept. With
        `base_probability` and `CONTRIBUTION_COLUMNS` a later change can be told by reason.
    store : Store
        Of `oppnb.store.open_store`.
    model_id : str
        Which model said so: a change between two models is not a change of the deal.
    only : mapping of str to str, optional
        The slice that was scored, column -> value: what else is known of a deal's customer or seller may differ from
        what the whole pipeline knows, so its scores stand apart.
    run_id, seen_at
        As in `Store.append`.

    Returns
    -------
    str
        `table/file` of what was written.

    Raises
    ------
    ProbabilityError
        If a probability is missing or outside 0 to 1.
    StoreError
        If the store cannot take them, or the run has written scores already.
    """
    if "win_probability" not in scores.columns:
        raise ColumnMissingError("The scores have no column 'win_probability'.")
    wrong = ~scores["win_probability"].astype("float64").between(0, 1)
    if wrong.any():
        keys = ", ".join(scores.loc[wrong, "opportunity_id"].astype("str").head(3))
        raise ProbabilityError(
            f"{int(wrong.sum()):,} of {len(scores):,} scores are missing or outside 0 to 1 (first: {keys}); "
            "nothing was written."
        )
    rows = scores.assign(model_id=model_id)
    if only:
        rows = rows.assign(slice=slice_name(only))
    return store.append("scores", rows, run_id=run_id, seen_at=seen_at)


def scores_of(rows: pd.DataFrame, only: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The rows of the ledger that were told of the whole pipeline, or those told of a slice.

    Examples
    --------
    >>> rows = pd.DataFrame({"opportunity_id": ["1", "2"], "slice": [None, "region=East"]})
    >>> scores_of(rows)["opportunity_id"].tolist(), scores_of(rows, {"region": "East"})["opportunity_id"].tolist()
    (['1'], ['2'])
    """
    told = rows["slice"] if "slice" in rows else pd.Series(None, index=rows.index, dtype="object")
    return rows[told == slice_name(only)] if only else rows[told.isna()]


def scores_known(
    store: Store, *, before: date, only: Mapping[str, str] | None = None, seen_before: datetime | None = None
) -> pd.DataFrame:
    """What was last said of each deal about a day before `before`.

    Parameters
    ----------
    store : Store
        Of `oppnb.store.open_store`.
    before : date
        Scores about this day and later ones are not looked at.
    only : mapping of str to str, optional
        Those told of this slice; by default those told of the whole pipeline.
    seen_before : datetime, optional
        Nor are scores written from this moment on: a run repeated later then says the same again.

    Returns
    -------
    DataFrame
        One row a deal, by `opportunity_id`: the columns of the ledger. Of two scores about the same day the one written
        last counts.
    """
    rows = scores_of(store.read("scores", as_of_before=before, seen_before=seen_before), only)
    last = rows.drop_duplicates("opportunity_id", keep="last")
    return last.sort_values("opportunity_id", ignore_index=True)
