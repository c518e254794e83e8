"""Scores by declared rules: who the customer is, and what happened lately; each rule with its measured lift."""

from oppnb.scoring.rules.frame import rule_frame
from oppnb.scoring.rules.lift import LIFT_COLUMNS, measure_rules, rule_lift
from oppnb.scoring.rules.marks import attribute_marks, behaviour_marks
from oppnb.scoring.rules.points import rule_points, rule_reasons, total_points
from oppnb.scoring.rules.saying import rule_said
from oppnb.scoring.rules.scores import points_by_rules, score_by_rules
from oppnb.scoring.rules.telling import lift_texts

__all__ = [
    "LIFT_COLUMNS",
    "attribute_marks",
    "behaviour_marks",
    "lift_texts",
    "measure_rules",
    "points_by_rules",
    "rule_frame",
    "rule_lift",
    "rule_points",
    "rule_reasons",
    "rule_said",
    "score_by_rules",
    "total_points",
]
