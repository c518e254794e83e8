"""A retrospective for machines: what `retrospective.json` holds and `oppnb retrospective --json` prints."""

from pathlib import Path
from typing import Any

import pandas as pd

from oppnb.forecasting import Proposals
from oppnb.forecasting.retrospective import Retrospective
from oppnb.reports.figures import json_text

__all__ = ["RETROSPECTIVE_JSON", "retrospective_json", "write_retrospective_json"]

RETROSPECTIVE_JSON = "retrospective.json"
"""Name of the file beside the report."""

_OF_EXPECTATION = ("expected", "low", "high", "gap", "percentile", "is_inside", "sd_by_chance", "share_by_chance")


def retrospective_json(
    found: Retrospective, proposals: Proposals, *, currency: str | None = None, only: dict[str, str] | None = None
) -> dict[str, Any]:
    """The figures of a retrospective under names that stay.

    Parameters
    ----------
    found : Retrospective
        The period looked back at.
    proposals : Proposals
        Those that the report shows.
    currency : str, optional
        ISO 4217, of every amount.
    only : dict of str to str, optional
        The slice.

    Returns
    -------
    dict
        `period` with `period_start`, `period_end` and `opening_day` (ISO); `currency` and `only` (or None); `model`
        that was told; `expected` with its 80 % interval `low`, `high`; `actual`; `gap` (`actual` less `expected`);
        `percentile`, `is_inside`, `sd_by_chance`, `share_by_chance` (see `oppnb.forecasting.surprise.Surprise`);
        `expected_by_model`; `causes`, whose amounts add up to `gap`; `proposals` (see `Proposals.frame`). Amounts are
        not rounded. Where no forecast could be made at the opening, all that rests on it is None.
    """
    surprise = found.surprise
    told = {
        "period": found.period.name,
        "period_start": found.period.start.isoformat(),
        "period_end": found.period.end.isoformat(),
        "opening_day": found.opening.point.day.isoformat(),
        "currency": currency,
        "only": only or None,
        "model": found.told_model,
        "expected": found.expected,
        "low": surprise.low,
        "high": surprise.high,
        "actual": found.actual,
        "gap": found.gap,
        "percentile": surprise.percentile,
        "is_inside": surprise.is_inside,
        "sd_by_chance": surprise.sd_by_chance,
        "share_by_chance": surprise.share_by_chance,
        "expected_by_model": [{"model": model, "expected": mean} for model, mean in found.beside.items()],
        "causes": _records(found.causes()),
        "proposals": _records(proposals.frame()),
    }
    if found.told is not None and found.told.is_unknown:
        told.update(dict.fromkeys([*_OF_EXPECTATION, "expected_by_model", "causes"]))
    return told


def write_retrospective_json(told: dict[str, Any], folder: Path) -> None:
    """Write `retrospective.json` in UTF-8."""
    (folder / RETROSPECTIVE_JSON).write_text(json_text(told), encoding="utf-8", newline="\n")


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows; null and an empty text are None."""
    rows = frame.astype("object").where(frame.notna(), None).to_dict("records")
    return [{str(name): None if value == "" else value for name, value in row.items()} for row in rows]
