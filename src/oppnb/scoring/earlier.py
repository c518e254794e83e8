"""What was said of deals before: by the store, or by the same model on an earlier day."""

from datetime import date, timedelta

import pandas as pd

from oppnb.history import Source, open_source, snapshots
from oppnb.history.landmarks import has_dates
from oppnb.scoring.grades import grade_scores
from oppnb.scoring.ledger import scores_known
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.rules import points_by_rules
from oppnb.scoring.score_table import learned_scores
from oppnb.scoring.scorer import Scorer
from oppnb.scoring.training_rows import scoring_rows
from oppnb.stages import OpenedData
from oppnb.store import open_store
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["DAYS_BETWEEN", "GRADED", "comparable_scores", "last_scores", "scores_then"]

DAYS_BETWEEN = 7
"""Without a store, change is against what the same model says of so many days earlier."""
GRADED = {"learned": "win_probability", "attribute": "attribute_points", "behaviour": "behaviour_points"}
"""The column that each kind of grade is cut from."""


def last_scores(scorer: Scorer, rows: ScoringRows, opened: OpenedData) -> pd.DataFrame | None:
    """What was last said: in the store, else what the same model says of a week earlier; None without dates."""
    if not rows.is_dated:
        return None
    if opened.ledger is not None:
        known = scores_known(open_store(opened.ledger), before=opened.as_of, only=opened.only)
        if len(known):
            return known
    return scores_then(scorer, opened.tables, opened.as_of - timedelta(days=DAYS_BETWEEN), workspace=opened.workspace)


def scores_then(scorer: Scorer, tables: Source | Tables, day: date, *, workspace: Workspace) -> pd.DataFrame | None:
    """What the same model and the same rules say of the deals open on an earlier day.

    Returns
    -------
    DataFrame or None
        `opportunity_id`, `as_of`, `stage`, the columns of `oppnb.scoring.score_table.learned_scores`,
        `attribute_points` and `behaviour_points` of the workspace's rules as they stood then, `grade`, `model_id`. None
        without dates or without such deals.
    """
    if not has_dates(tables):
        return None
    then = scoring_rows(tables, day, workspace=workspace)
    if len(then) == 0:
        return None
    found = pd.concat([then.keys[["opportunity_id", "as_of", "stage"]], learned_scores(scorer, then)], axis="columns")
    found = found.join(_points(tables, day, workspace), on="opportunity_id")
    found["grade"] = grade_scores(found[GRADED[workspace.scoring.grades.by]], workspace.scoring.grades)
    return found.assign(model_id=scorer.model_id)


def _points(tables: Source | Tables, day: date, workspace: Workspace) -> pd.DataFrame:
    """The two declared scores by the deal's key; without columns of rules they are null."""
    scoring = workspace.scoring
    if not scoring.attribute_rules and not scoring.behaviour_rules:
        return pd.DataFrame(columns=["attribute_points", "behaviour_points"], dtype="float64")
    source = open_source(tables)
    snapshot = snapshots(source, [day], workspace=workspace, only_open=True)
    return points_by_rules(snapshot, source, workspace=workspace).set_axis(
        pd.Index(snapshot["opportunity_id"]), axis="index"
    )


def comparable_scores(frame: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Without the deals whose stage was not known then and is now: what differs is what is known, not the deal."""
    if "stage" not in before:
        return before
    is_known = frame.set_index("opportunity_id")["stage"].notna()
    was_known = before["stage"].notna()
    now = before["opportunity_id"].map(is_known)
    return before[now.isna() | (now.astype("boolean").fillna(value=False) == was_known)]
