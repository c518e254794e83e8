"""Both scores by rules, with their reasons, for deals on a day."""

import pandas as pd

from oppnb.history import Source, open_source
from oppnb.locale import Formats, Words
from oppnb.scoring.rules.frame import rule_frame
from oppnb.scoring.rules.marks import attribute_marks, behaviour_marks
from oppnb.scoring.rules.points import rule_points, rule_reasons, total_points
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["points_by_rules", "score_by_rules"]


def score_by_rules(
    snapshot: pd.DataFrame, tables: Tables | Source, *, workspace: Workspace, words: Words, formats: Formats
) -> pd.DataFrame:
    """Score deals by the rules of the workspace.

    Parameters
    ----------
    snapshot : DataFrame
        Deals on a day, of `oppnb.history.as_of` or `snapshots`.
    tables
        As in `oppnb.history.as_of`: accounts, owners, and the activities known on the day.
    workspace : Workspace
        `scoring.attribute_rules` and `scoring.behaviour_rules`.
    words, formats : Words, Formats
        The reader's language, for the reasons.

    Returns
    -------
    DataFrame
        The index of `snapshot`: `attribute_points`, `behaviour_points` (null where there are no rules of the kind or
        none could be told: no activities on record), `attribute_reasons`, `behaviour_reasons` (lists of at most three
        texts, the largest first).

    Raises
    ------
    ColumnMissingError
        If a rule names a column that is not there, with the nearest one.

    Examples
    --------
    >>> from oppnb.history import as_of
    >>> from oppnb.workspace import parse_workspace
    >>> workspace = parse_workspace("scoring: {attribute_rules: [{name: east, where: {region: East}, points: 5}]}")
    >>> deals = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Demo"], "region": ["East"]})
    >>> tables = Tables({"opportunities": deals})
    >>> told = {"workspace": workspace, "words": Words("en"), "formats": Formats("en")}
    >>> found = score_by_rules(as_of(tables, "2024-01-20"), tables, **told)
    >>> found[["attribute_points", "attribute_reasons"]].values.tolist()
    [[5.0, ['east: +5 points']]]
    """
    of_attributes, of_behaviour = _points(snapshot, tables, workspace)
    attribute, behaviour = workspace.scoring.attribute_rules, workspace.scoring.behaviour_rules
    why = rule_reasons(of_attributes, attribute, words=words, formats=formats)
    why_behaviour = rule_reasons(of_behaviour, behaviour, words=words, formats=formats)
    return pd.DataFrame(
        {
            "attribute_points": total_points(of_attributes),
            "behaviour_points": total_points(of_behaviour),
            "attribute_reasons": pd.Series(why, index=snapshot.index, dtype="object"),
            "behaviour_reasons": pd.Series(why_behaviour, index=snapshot.index, dtype="object"),
        }
    )


def points_by_rules(snapshot: pd.DataFrame, tables: Tables | Source, *, workspace: Workspace) -> pd.DataFrame:
    """The two scores of `score_by_rules` without their reasons: `attribute_points`, `behaviour_points`."""
    of_attributes, of_behaviour = _points(snapshot, tables, workspace)
    return pd.DataFrame(
        {"attribute_points": total_points(of_attributes), "behaviour_points": total_points(of_behaviour)}
    )


def _points(snapshot: pd.DataFrame, tables: Tables | Source, workspace: Workspace) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each rule gives each deal: those of attributes, and those of behaviour."""
    source = open_source(tables)
    attribute, behaviour = workspace.scoring.attribute_rules, workspace.scoring.behaviour_rules
    frame = rule_frame(snapshot, source) if attribute else snapshot
    return (
        rule_points(attribute_marks(frame, attribute), attribute),
        rule_points(behaviour_marks(snapshot, source, behaviour, workspace=workspace), behaviour),
    )
