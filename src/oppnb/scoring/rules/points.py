"""Points of rules: what each gives a deal, their sum, and the reasons in words."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.scoring.rules.saying import rule_said
from oppnb.scoring.signed import signed_number
from oppnb.workspace import AttributeRule, BehaviourRule

__all__ = ["rule_points", "rule_reasons", "total_points"]

Rules = Sequence[AttributeRule] | Sequence[BehaviourRule]


def rule_points(marks: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Points each rule gives: its points times how far it holds, up to its cap; null where that is not known.

    Examples
    --------
    >>> rule = BehaviourRule(name="calls", points=4, half_life_days=14, cap=10)
    >>> rule_points(pd.DataFrame({"calls": [0.5, 9.0, None]}), [rule])["calls"].tolist()
    [2.0, 10.0, nan]
    """
    found = {}
    for rule in rules:
        cap = rule.cap if isinstance(rule, BehaviourRule) and rule.cap is not None else np.inf
        found[rule.name] = (marks[rule.name] * rule.points).clip(-cap, cap) + 0.0
    return pd.DataFrame(found, index=marks.index)


def total_points(points: pd.DataFrame) -> pd.Series:
    """Sum of the rules' points, each deal; null where no rule could be told, also if there are no rules.

    Examples
    --------
    >>> total_points(pd.DataFrame({"a": [1.0, None], "b": [2.0, None]})).tolist()
    [3.0, nan]
    """
    if points.empty:
        return pd.Series(np.nan, index=points.index, dtype="float64")
    total: pd.Series = points.sum(axis="columns", min_count=1)
    return total


def rule_reasons(
    points: pd.DataFrame, rules: Rules, *, words: Words, formats: Formats, most: int = 3
) -> list[list[str]]:
    """The rules that gave a deal most points, up or down, in words.

    Returns
    -------
    list of list of str
        One list a row of `points`: at most `most` texts, the largest first, rules of equal points in their order;
        rules that gave nothing are not told.

    Examples
    --------
    >>> rules = [AttributeRule(name="a", where={}, points=10, reason="Tier A hospital")]
    >>> rule_reasons(pd.DataFrame({"a": [10.0]}), rules, words=Words("en"), formats=Formats("en"))
    [['Tier A hospital: +10 points']]
    """
    texts = [rule_said(rule, words) for rule in rules]
    values = points[[rule.name for rule in rules]].fillna(0.0).to_numpy(dtype="float64")
    order = np.argsort(-np.abs(values), axis=1, kind="stable")[:, :most]
    return [
        [
            words("score_rule.reason", reason=texts[rule], points=signed_number(row[rule], formats))
            for rule in chosen
            if round(abs(row[rule]), 1) > 0
        ]
        for row, chosen in zip(values, order, strict=True)
    ]
