"""Rules and their lift in words."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.scoring.rules.saying import rule_said
from oppnb.scoring.signed import signed_points
from oppnb.workspace import AttributeRule, BehaviourRule

__all__ = ["lift_texts"]


def lift_texts(
    lift: pd.DataFrame,
    rules: Sequence[AttributeRule | BehaviourRule],
    *,
    words: Words,
    formats: Formats,
) -> list[str]:
    """One sentence a row of `rule_lift`: win rates, deals, and the difference with its interval.

    The difference is that among deals of the same stage where it is known, as `agrees` judges it.
    """
    said = {_key(rule): rule_said(rule, words) for rule in rules}
    return [
        _text(row, said[(str(row["kind"]), str(row["rule"]))], words=words, formats=formats)
        for row in lift.to_dict("records")
    ]


def _key(rule: AttributeRule | BehaviourRule) -> tuple[str, str]:
    return ("attribute" if isinstance(rule, AttributeRule) else "behaviour", rule.name)


def _text(row: Mapping[Hashable, Any], rule: str, *, words: Words, formats: Formats) -> str:
    if pd.isna(row["lift"]):
        return words("score_rule.lift_not_known", rule=rule)
    is_same = not pd.isna(row["same_stage_lift"])
    names = ("same_stage_lift", "same_stage_low", "same_stage_high") if is_same else ("lift", "lift_low", "lift_high")
    lift, low, high = (signed_points(row[name], formats) for name in names)
    return words(
        "score_rule.lift_same_stage" if is_same else "score_rule.lift",
        rule=rule,
        rate_with=formats.share(row["win_rate_with"]),
        rate_without=formats.share(row["win_rate_without"]),
        n_with=formats.number(row["n_with"]),
        n_without=formats.number(row["n_without"]),
        lift=lift,
        low=low,
        high=high,
    )
