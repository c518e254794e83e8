"""Declared rules with their measured lift, as a small table."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.reports.tables_html import TableLook

__all__ = ["RULES_LOOK", "rules_table"]

RULES_LOOK = TableLook(cards=True, numbers=("rule_points", "won_with", "won_without", "same_stage"))


def rules_table(rules: Sequence[Mapping[str, Any]], *, words: Words, formats: Formats) -> pd.DataFrame:
    """One row a rule: its points, how often deals were won while it held and while it did not, what the data says.

    Parameters
    ----------
    rules : sequence of mapping
        Rows of `oppnb.scoring.rules.measure_rules` with `said`: the rule in words, by locale.
    words, formats : Words, Formats
        The reader's language.

    Returns
    -------
    DataFrame
        Texts: `declared_rule`, `rule_points`, `won_with`, `won_without` (rate and deals), `same_stage` (difference in
        points with its interval, over all stages where it is not known by stage), `agrees`.
    """
    return pd.DataFrame(
        {
            "declared_rule": [rule["said"].get(words.locale) or rule["said"]["en"] for rule in rules],
            "rule_points": [_points(rule["points"], formats) for rule in rules],
            "won_with": [_side(rule, "with", formats) for rule in rules],
            "won_without": [_side(rule, "without", formats) for rule in rules],
            "same_stage": [_lift(rule, formats) for rule in rules],
            "agrees": [words(f"model_card.rule_{_verdict(rule)}") for rule in rules],
        },
        dtype="str",
    )


def _points(value: float, formats: Formats) -> str:
    from oppnb.scoring.signed import signed_number

    return signed_number(float(value), formats)


def _is_known(value: Any) -> bool:
    return value is not None and not pd.isna(value)


def _side(rule: Mapping[str, Any], side: str, formats: Formats) -> str:
    rate = rule[f"win_rate_{side}"]
    return f"{formats.share(rate)} ({formats.number(rule[f'n_{side}'])})" if _is_known(rate) else "–"


def _lift(rule: Mapping[str, Any], formats: Formats) -> str:
    from oppnb.scoring.signed import signed_points

    by_stage = ("same_stage_lift", "same_stage_low", "same_stage_high")
    names = by_stage if _is_known(rule["same_stage_lift"]) else ("lift", "lift_low", "lift_high")
    if not _is_known(rule[names[0]]):
        return "–"
    lift, low, high = (signed_points(rule[name], formats) for name in names)
    return f"{lift} ({low} – {high})"


def _verdict(rule: Mapping[str, Any]) -> str:
    if not _is_known(rule["agrees"]):
        return "open"
    return "agrees" if rule["agrees"] else "against"
