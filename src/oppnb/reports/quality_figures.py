"""The figures of a report on the data, as data."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oppnb.review.figures import rounded, sorted_figures
from oppnb.review.kpis import KPIS

__all__ = ["QUALITY_FIGURES", "quality_figures"]

QUALITY_FIGURES: Mapping[str, str] = {
    "table_rows": "Rows of the table that are left after the audit.",
    "rows_set_aside": "Rows that the audit set aside.",
    "fault_rows": "Rows that break the rule, before or after anything was done about them.",
    "fault_amount": "Sum of the amounts of the rows that break the rule, in the report's currency; null without any.",
    "faults": "Findings of the audit of this gravity.",
    "filled_share": "Share of the deals with a value in the column, as they stand in the export.",
    "open_filled_share": "Share of the open deals with a value in the column, as they stand in the export.",
    "complete_share": "Share of the open deals that fill every column asked for.",
    "figures_told": "Headline figures that the data allows.",
    "figures_waiting": "Headline figures that the data does not allow.",
}
"""Figure -> what it says."""


def quality_figures(
    review: Any, *, faults: pd.DataFrame, filled: pd.DataFrame, complete_share: float | None
) -> list[dict[str, Any]]:
    """Figures of a report on the data, sorted; the same whatever the locale.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.
    faults, filled : DataFrame
        Of `oppnb.review.grade_faults` and `filled_by_column`.
    complete_share : float, optional
        Of the open deals.
    """
    day, n_deals = review.as_of.isoformat(), len(review.tables["opportunities"])

    def make(name: str, value: object, unit: str, n: int, piece: Mapping[str, str] | None = None) -> dict[str, Any]:
        return {
            "id": name,
            "value": rounded(value, unit),
            "unit": unit,
            "n": int(n),
            "as_of": day,
            "period": None,
            "slice": None if piece is None else dict(piece),
            "definition": QUALITY_FIGURES[name],
        }

    made = [
        make("table_rows", len(frame), "count", len(frame), {"table": name}) for name, frame in review.tables.items()
    ]
    made.append(make("rows_set_aside", len(review.audit.rejected), "count", len(review.audit.rejected)))
    for level in ("high", "medium", "low"):
        n = int((faults["level"] == level).sum())
        made.append(make("faults", n, "count", n, {"level": level}))
    together = faults.groupby(["rule", "table", "done"], sort=True).agg(
        n_rows=("n_rows", "sum"),
        n_checked=("n_checked", "max"),
        amount=("amount", lambda values: values.sum(min_count=1)),
    )
    for row in together.reset_index().to_dict("records"):
        piece = {name: str(row[name]) for name in ("rule", "table", "done")}
        made.append(make("fault_rows", row["n_rows"], "count", row["n_checked"], piece))
        made.append(make("fault_amount", row["amount"], "money", row["n_rows"], piece))
    for row in filled.to_dict("records"):
        piece = {"column": str(row["column"])}
        made.append(make("filled_share", row["filled_share"], "share", row["n"], piece))
        made.append(make("open_filled_share", row["open_filled_share"], "share", row["n"], piece))
    n_open = int((review.tables["opportunities"]["outcome"] == "open").sum())
    made.append(make("complete_share", complete_share, "share", n_open))
    made.append(make("figures_told", len(KPIS) - len(review.missing()), "count", n_deals))
    made.append(make("figures_waiting", len(review.missing()), "count", n_deals))
    return sorted_figures(made)
