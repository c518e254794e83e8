"""The figures of a first look at a client, as data."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oppnb.review import age_groups
from oppnb.review.figures import FigureMaker, rounded, sorted_figures

__all__ = ["BASELINE_FIGURES", "baseline_figures"]

BASELINE_FIGURES: Mapping[str, str] = {
    "days_in_stage_p80": "Days that four of five stays in the stage do not exceed (Kaplan-Meier).",
    "open_count_by_age": "Open deals of this age in days on the day.",
    "open_amount_by_age": "Sum of the amounts of open deals of this age, in the report's currency.",
    "win_rate_of_slice": "Won deals of those closed in the twelve months.",
    "to_fix_count": "Deals or rows that are out of line in this way.",
    "to_fix_amount": "Money that these deals or rows touch, or that the difference would be worth; null if not known.",
}
"""Figure -> what it says."""


def baseline_figures(
    review: Any, *, stays: pd.DataFrame, rates: Mapping[str, pd.DataFrame], fixes: pd.DataFrame
) -> list[dict[str, Any]]:
    """Figures of a first look, sorted; the same whatever the locale.

    Parameters
    ----------
    review : Review
        Of twelve months.
    stays : DataFrame
        Of `oppnb.review.stage_stays`.
    rates : mapping of str to DataFrame
        Column -> of `oppnb.review.win_rates`.
    fixes : DataFrame
        Of `oppnb.review.fix_first`.
    """
    day, period = review.as_of.isoformat(), review.period.name

    def make(
        name: str, value: object, unit: str, n: int, piece: Mapping[str, Any], *, of: str | None
    ) -> dict[str, Any]:
        told = {key: (text if isinstance(text, str) else None) for key, text in piece.items()}
        return {
            "id": name,
            "value": rounded(value, unit),
            "unit": unit,
            "n": int(n),
            "as_of": day,
            "period": of,
            "slice": told,
            "definition": BASELINE_FIGURES[name],
        }

    maker = FigureMaker(review.inputs, review.as_of)
    made = [*maker.headline(), *maker.stages(review.funnel())]
    for row in stays.to_dict("records"):
        piece = {"process": row["process"], "stage": row["stage"]}
        made.append(make("days_in_stage_p80", row["p80_days"], "days", row["n_stays"], piece, of=None))
    for row in age_groups(review.snapshot).to_dict("records"):
        made.append(make("open_count_by_age", row["n"], "count", row["n"], {"age": row["age"]}, of=None))
        made.append(make("open_amount_by_age", row["amount"], "money", row["n"], {"age": row["age"]}, of=None))
    for by, frame in rates.items():
        made += [
            make("win_rate_of_slice", row["win_rate"], "share", row["n"], {by: row["slice"]}, of=period)
            for row in frame.to_dict("records")
        ]
    for row in fixes.to_dict("records"):
        piece = {"code": row["code"], "subject": row["subject"], "process": row["process"], "by": row["by"]}
        made.append(make("to_fix_count", row["n"], "count", row["total"], piece, of=period))
        made.append(make("to_fix_amount", row["amount"], "money", row["n"], piece, of=period))
    return sorted_figures(made)
