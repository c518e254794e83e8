"""The figures of a stage calibration as data."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from oppnb.locale import Words
from oppnb.reports.calibration import StageCalibration
from oppnb.review.definitions import figure_definition
from oppnb.review.figures import rounded, sorted_figures

__all__ = ["CALIBRATION_FIGURES", "calibration_definitions", "calibration_figures"]

CALIBRATION_FIGURES: Mapping[str, str] = {
    "n_segments_apart": "count",
    "n_stages_off": "count",
    "segment_odds": "share",
    "stage_at_most_odds": "share",
    "stage_deals_beyond": "count",
    "stage_median_days": "days",
    "stage_observed_odds": "share",
    "stage_odds_change_per_year": "share",
    "stage_over_limit_share": "share",
    "stage_proposed_odds": "share",
    "stage_set_odds": "share",
    "stage_standing_odds": "share",
    "stage_stood_odds": "share",
    "stage_within_odds": "share",
    "weighted_amount": "money",
    "weighted_amount_observed": "money",
    "weighted_amount_proposed": "money",
}
"""Figures of a stage calibration with their units."""

Row = dict[str, Any]


def calibration_figures(found: StageCalibration) -> list[Row]:
    """The figures of `CALIBRATION_FIGURES`: of the whole, of each stage, and of the segments that stand out."""
    made = [*_whole(found), *_odds(found), *_stays(found), *_trends(found), *_segments(found)]
    return sorted_figures(made)


def _figure(found: StageCalibration, name: str, value: object, n: int, piece: Row | None = None) -> Row:
    unit = CALIBRATION_FIGURES[name]
    return {
        "id": name,
        "value": rounded(value, unit),
        "unit": unit,
        "n": int(n),
        "as_of": found.review.as_of.isoformat(),
        "period": None,
        "slice": piece,
        "definition": figure_definition(name),
    }


def _whole(found: StageCalibration) -> Iterator[Row]:
    compared, n_open = found.compared, int(found.weighted["open_count"].sum())
    yield _figure(found, "n_stages_off", int(compared["is_off"].sum()), len(compared))
    tested = int(found.by_segment["p_value"].notna().sum())
    yield _figure(found, "n_segments_apart", int(found.by_segment["stands_out"].sum()), tested)
    names = {"set": "weighted_amount", "observed": "weighted_amount_observed", "proposed": "weighted_amount_proposed"}
    for key, name in names.items():
        if key != "proposed" or found.proposals is not None:
            yield _figure(found, name, found.weighted_totals[key], n_open)


def _odds(found: StageCalibration) -> Iterator[Row]:
    for row in found.observed.to_dict("records"):
        piece, n = _piece(row), int(row["n"])
        yield _figure(found, "stage_set_odds", row["set_odds"], n, piece)
        observed = _figure(found, "stage_observed_odds", row["observed_odds"], n, piece)
        yield observed | _limits(row, "low", "high")
        yield from _standing(found, row)
    for one in () if found.proposals is None else found.proposals.items:
        piece = {"process": one.change.process, "stage": one.change.target}
        is_kept = not one.n_periods or one.would_have_helped
        yield _figure(found, "stage_proposed_odds", one.change.value if is_kept else None, one.n, piece)


def _standing(found: StageCalibration, row: Mapping[Any, Any]) -> Iterator[Row]:
    """What was observed of the deals that stood there: adjusted to today's stays, raw, and the bound of the oldest."""
    counts = {"standing": "standing_n_closed", "stood": "standing_n_closed", "within": "standing_n_closed"}
    for kind, n in {**counts, "at_most": "at_most_n"}.items():
        n_closed = 0 if pd.isna(row[n]) else int(row[n])
        told = _figure(found, f"stage_{kind}_odds", row[f"{kind}_odds"], n_closed, _piece(row))
        yield told | _limits(row, f"{kind}_low", f"{kind}_high")
    yield _figure(found, "stage_deals_beyond", int(row["standing_n_beyond"]), int(row["n_now"]), _piece(row))


def _stays(found: StageCalibration) -> Iterator[Row]:
    for row in found.stays.to_dict("records"):
        median = _figure(found, "stage_median_days", row["median_days"], int(row["n"]), _piece(row))
        yield median | _limits(row, "median_low", "median_high", unit="days")
        if pd.notna(row["time_limit_days"]):
            over = _figure(found, "stage_over_limit_share", row["over_limit_share"], int(row["n"]), _piece(row))
            yield over | _limits(row, "over_limit_low", "over_limit_high")


def _trends(found: StageCalibration) -> Iterator[Row]:
    for row in found.trends.to_dict("records"):
        made = _figure(found, "stage_odds_change_per_year", row["change_per_year"], int(row["n_periods"]), _piece(row))
        yield made | _limits(row, "low", "high")


def _segments(found: StageCalibration) -> Iterator[Row]:
    for row in found.by_segment[found.by_segment["stands_out"]].to_dict("records"):
        piece = {**_piece(row), row["column"]: row["segment"]}
        yield _figure(found, "segment_odds", row["observed_odds"], int(row["n"]), piece) | _limits(row, "low", "high")


def _piece(row: Mapping[Any, Any]) -> Row:
    return {name: row[name] for name in ("process", "stage")}


def _limits(row: Mapping[Any, Any], low: str, high: str, *, unit: str = "share") -> Row:
    return {"low": rounded(row[low], unit), "high": rounded(row[high], unit)}


def calibration_definitions(words: Words) -> pd.DataFrame:
    """`metric`, `name`, `unit`, `definition` of the figures, in the reader's language."""
    rows = [
        [name, words(f"stage_calibration.name_{name}"), unit, figure_definition(name, words=words)]
        for name, unit in CALIBRATION_FIGURES.items()
    ]
    return pd.DataFrame(rows, columns=["metric", "name", "unit", "definition"]).astype("str")
