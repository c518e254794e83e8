"""How a column of a report's table is read: as money, a share, a day, a number or text."""

from typing import Any, Literal

import pandas as pd

from oppnb.locale import Formats, Words

__all__ = ["ColumnKind", "header", "kind_of", "written"]

ColumnKind = Literal["money", "share", "ratio", "day", "days", "number", "decimal", "measure", "text"]

_SHARES = {
    "added",
    "added_high",
    "added_low",
    "beyond_high",
    "beyond_low",
    "bias",
    "conversion",
    "conversion_low",
    "conversion_high",
    "coverage",
    "difference_high",
    "difference_low",
    "over_limit_high",
    "over_limit_low",
    "prior_share",
    "reference_wape",
    "share",
    "share_of_losses",
    "stated",
    "observed_share",
    "stood_high",
    "stood_low",
    "wape",
    "within_high",
    "within_low",
    "at_most_high",
    "at_most_low",
    "standing_high",
    "standing_low",
    "win_rate",
    "win_rate_difference",
    "win_rate_high",
    "win_rate_low",
}
_SHARES_BY_NAME = (
    "coverage_",
    "win_probability",
    "conversion_probability",
    "loss_probability",
    "contribution_",
    "base_probability",
)
_MONEY = {
    "absolute_error",
    "actual",
    "amount",
    "amount_after",
    "amount_base",
    "amount_before",
    "expected_after",
    "expected_before",
    "expected_value",
    "forecast",
    "movable_value",
    "past_error_after",
    "past_error_before",
    "target",
    "weighted_change",
    "won_already",
}
_LEVEL = "q_"  # a level of a distribution, in money
_MEASURES = {"p_value", "entered_p_value", "would_have_added", "auc_without", "auc_with", "z", "z_of_late", "strength"}
_RATES_BESIDE = ("conversion", "win_rate", "observed_odds", "observed_share", "lost_share")
_DECIMALS = {
    "attribute_points",
    "behaviour_points",
    "expected",
    "expected_of_late",
    "movable_points",
    "median_days",
    "median_low",
    "median_high",
    "days",
    "rate_to_base",
}


def kind_of(frame: pd.DataFrame, column: str) -> ColumnKind:
    """The kind of a column, from its name and type.

    Examples
    --------
    >>> kind_of(pd.DataFrame({"open_amount": [1.0]}), "open_amount")
    'money'
    """
    values = frame[column]
    if column.endswith(("_on", "_at")) or pd.api.types.is_datetime64_any_dtype(values):
        return "day"
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return "text"
    if column in ("low", "high"):
        return "share" if any(name in frame for name in _RATES_BESIDE) else "decimal"
    if column == "coverage":
        return "ratio"
    if column in _MEASURES:
        return "measure"
    if column in _SHARES or column.endswith(("_odds", "_rate", "_share", "_probability")):
        return "share"
    if column == "change" or column.startswith(_SHARES_BY_NAME):
        return "share"
    if column in _MONEY or column.endswith("_amount") or column.startswith(_LEVEL):
        return "money"
    return "decimal" if column in _DECIMALS else "number"


def header(column: str, words: Words) -> str:
    """The heading of a column in the reader's words; an attribute keeps its own name."""
    if column.startswith(_LEVEL):
        return words("report.column_quantile", level=column.removeprefix(_LEVEL))
    known = words.get(f"report.column_{column}", "") or words.get(f"column.{column}", "")
    return known or column.replace("_", " ")


def written(value: Any, kind: ColumnKind, formats: Formats) -> str:
    """One value as the reader's locale writes it; a missing one is an en dash."""
    if value is None or (not isinstance(value, (str, list, tuple)) and pd.isna(value)):
        return "–"
    if kind == "money":
        return formats.money(float(value))
    if kind == "share":
        return formats.share(float(value), digits=1 if 0 < abs(float(value)) < 0.095 else 0)
    if kind == "ratio":
        return formats.number(float(value), digits=1) + "×"
    if kind == "day":
        return formats.day(pd.Timestamp(value).date(), short=True)
    if kind == "number":
        return formats.number(float(value))
    if kind == "measure":
        return formats.number(float(value), digits=3)
    if kind == "decimal":
        return formats.number(float(value), digits=1)
    if kind == "days":
        return formats.number(float(value), digits=0 if float(value).is_integer() else 1)
    return str(value)
