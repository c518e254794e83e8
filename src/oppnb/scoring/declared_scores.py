"""The two declared scores of deals: attribute points and behaviour points, each with its reasons."""

import pandas as pd

from oppnb.history import Source, snapshots
from oppnb.history.snapshots import Day
from oppnb.locale import Formats, Words
from oppnb.scoring.rules import (
    attribute_marks,
    behaviour_marks,
    rule_frame,
    rule_points,
    rule_reasons,
    total_points,
)
from oppnb.workspace import Workspace

__all__ = ["declared_scores"]


def declared_scores(source: Source, day: Day, *, workspace: Workspace, words: Words, formats: Formats) -> pd.DataFrame:
    """Points by the workspace's rules for the deals open on a day.

    Returns
    -------
    DataFrame
        Index `opportunity_id`: `attribute_points`, `behaviour_points` (null where no rule could be told),
        `attribute_reasons`, `behaviour_reasons` (text, the weightiest rule first; empty without).
    """
    frame = rule_frame(snapshots(source, [day], workspace=workspace, only_open=True), source).reset_index(drop=True)
    scoring = workspace.scoring
    attributes = rule_points(attribute_marks(frame, scoring.attribute_rules), scoring.attribute_rules)
    behaviour = rule_points(
        behaviour_marks(frame, source, scoring.behaviour_rules, workspace=workspace), scoring.behaviour_rules
    )
    said = {
        "attribute": rule_reasons(attributes, scoring.attribute_rules, words=words, formats=formats),
        "behaviour": rule_reasons(behaviour, scoring.behaviour_rules, words=words, formats=formats),
    }
    found = {"attribute_points": total_points(attributes), "behaviour_points": total_points(behaviour)}
    for kind, reasons in said.items():
        found[f"{kind}_reasons"] = pd.Series(["; ".join(texts) for texts in reasons], index=frame.index, dtype="str")
    return pd.DataFrame(found).set_axis(pd.Index(frame["opportunity_id"]), axis="index")
