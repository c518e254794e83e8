"""Deals whose score calls for a look, by the thresholds of the workspace."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.scoring.grades import GRADES
from oppnb.scoring.stages_meant import stands_in
from oppnb.workspace import Alert, Workspace

__all__ = ["ALERT_COLUMNS", "alert_texts", "score_alerts"]

ALERT_COLUMNS = ("when", "threshold", "opportunity_id", "value", "as_of_before", "as_of", "before", "now")
Sizes = Callable[[pd.DataFrame, float], pd.Series]


def score_alerts(changes: pd.DataFrame, *, workspace: Workspace) -> pd.DataFrame:
    """Find the deals that each alert of the workspace that compares scores speaks of.

    Parameters
    ----------
    changes : DataFrame
        Of `oppnb.scoring.change.score_changes`. A deal never scored before raises no alert.
    workspace : Workspace
        `alerts`, and the stages they may name.

    Returns
    -------
    DataFrame
        `when` (the alert), `threshold` (its points; null for grade_fell), `opportunity_id`, `value` (how far it went:
        percentage points, rule points, or grades), `as_of_before`, `as_of`, `before` and `now` (the number or grade it
        speaks of, as text). In the order of the workspace, each alert's largest first.
    """
    parts = [_of_alert(changes, alert, workspace) for alert in workspace.alerts if alert.when in SIZES]
    found = [part for part in parts if len(part)]
    if found:
        return pd.concat(found, ignore_index=True)
    kinds = {"threshold": "float64", "value": "float64", "as_of": "datetime64[us]", "as_of_before": "datetime64[us]"}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "str")) for name in ALERT_COLUMNS})


def _of_alert(changes: pd.DataFrame, alert: Alert, workspace: Workspace) -> pd.DataFrame:
    points = np.nan if alert.points is None else alert.points
    sizes = SIZES[alert.when](changes, points).round(6)
    is_meant = stands_in(changes["stage"], alert.stages, workspace=workspace)
    if alert.at_least_amount is not None:
        is_meant &= changes["amount_base"] >= alert.at_least_amount
    chosen = changes[is_meant & sizes.notna()]
    column = SPEAKS_OF[alert.when]
    frame = pd.DataFrame(
        {
            "when": alert.when,
            "threshold": points,
            "opportunity_id": chosen["opportunity_id"],
            "value": sizes[chosen.index],
            "as_of_before": chosen["as_of_before"],
            "as_of": chosen["as_of"],
            "before": chosen[f"{column}_before"].astype("str"),
            "now": chosen[column].astype("str"),
        }
    )
    return frame.sort_values(["value", "opportunity_id"], ascending=[False, True], ignore_index=True)


def _moved(changes: pd.DataFrame, column: str, *, sign: int, unit: float = 1.0) -> pd.Series:
    moved: pd.Series = sign * unit * (changes[column] - changes[f"{column}_before"])
    return moved.round(6)


def _fell(changes: pd.DataFrame, points: float) -> pd.Series:
    fall = _moved(changes, "win_probability", sign=-1, unit=100)
    return fall.where(fall >= points)


def _rose(changes: pd.DataFrame, points: float) -> pd.Series:
    rise = _moved(changes, "win_probability", sign=1, unit=100)
    return rise.where(rise >= points)


def _fell_below(changes: pd.DataFrame, points: float) -> pd.Series:
    now, before = ((100 * changes[name]).round(6) for name in ("win_probability", "win_probability_before"))
    return (before - now).where((before >= points) & (now < points))


def _behaviour_fell(changes: pd.DataFrame, points: float) -> pd.Series:
    fall = _moved(changes, "behaviour_points", sign=-1)
    return fall.where(fall >= points)


def _grade_fell(changes: pd.DataFrame, points: float) -> pd.Series:
    del points
    place = {grade: float(number) for number, grade in enumerate(GRADES)}
    fall = changes["grade"].map(place) - changes["grade_before"].map(place)
    return fall.where(fall > 0).astype("float64")


SIZES: dict[str, Sizes] = {
    "probability_fell_by": _fell,
    "probability_rose_by": _rose,
    "probability_fell_below": _fell_below,
    "behaviour_fell_by": _behaviour_fell,
    "grade_fell": _grade_fell,
}
SPEAKS_OF = {
    "probability_fell_by": "win_probability",
    "probability_rose_by": "win_probability",
    "probability_fell_below": "win_probability",
    "behaviour_fell_by": "behaviour_points",
    "grade_fell": "grade",
}


def alert_texts(alerts: pd.DataFrame, *, words: Words, formats: Formats) -> list[str]:
    """Each alert as a sentence for the reader; the deal itself is not named in it."""
    return [_text(row, words, formats) for row in alerts.to_dict("records")]


def _text(row: Mapping[Hashable, Any], words: Words, formats: Formats) -> str:
    when, column = str(row["when"]), SPEAKS_OF[str(row["when"])]
    told = {"day": formats.day(pd.Timestamp(str(row["as_of_before"])))}
    if column == "grade":
        told |= {name: words(f"score_grade.{row[name]}") for name in ("before", "now")}
        return words(f"score_alert.{when}", **told)
    now, value = float(str(row["now"])), float(str(row["value"]))
    told["now"] = formats.share(now) if column == "win_probability" else formats.number(now)
    if when == "probability_fell_below":
        return words(f"score_alert.{when}", limit=formats.share(float(str(row["threshold"])) / 100), **told)
    return words(f"score_alert.{when}", change=formats.number(value), **told)
