"""What changed since a deal was last scored, and which reason moved."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.scoring.ledger import CONTRIBUTION_COLUMNS
from oppnb.scoring.rows import GROUPS
from oppnb.scoring.signed import signed_points

__all__ = ["CHANGE_COLUMNS", "TREND_FROM", "change_texts", "score_changes", "score_trend"]

TREND_FROM = 0.02
"""A probability that moved by less than this is called steady."""

PARTS = ("change_base", *(f"change_{group}" for group in GROUPS))
BOTH = ("win_probability", "attribute_points", "behaviour_points", "grade")
CHANGE_COLUMNS = (
    "opportunity_id",
    "as_of_before",
    "as_of",
    *(name for column in BOTH for name in (f"{column}_before", column)),
    "change",
    *PARTS,
    "moved_by",
    "trend",
    "stage",
    "owner_id",
    "amount_base",
)
TEXTS = ("opportunity_id", "grade_before", "grade", "moved_by", "trend", "stage", "owner_id")
STILL = 0.0005


def score_changes(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Compare scores deal by deal.

    Parameters
    ----------
    now : DataFrame
        Scores of today: `opportunity_id`, `as_of`, `win_probability`, and where known `base_probability`,
        `CONTRIBUTION_COLUMNS`, `attribute_points`, `behaviour_points`, `grade`, `model_id`, `stage`, `owner_id`,
        `amount_base`.
    before : DataFrame
        What was said before: of `oppnb.scoring.ledger.scores_known`, or another day scored with the same model.

    Returns
    -------
    DataFrame
        `CHANGE_COLUMNS`, one row a deal of `now`, the deepest fall first, deals never scored before last. `change` is
        in probability; `change_base` (the typical deal it is compared with) and `change_<idea>` add up to it where both
        sides have their contributions, else they are null. `moved_by` names the part that did most of the change in its
        direction: an idea of `oppnb.scoring.rows.GROUPS`, base, or model where another model said so (its parts are
        then differences of two views, not of the deal); null where nothing moved. `trend` is improving, steady (less
        than `TREND_FROM`), declining or not_known.
    """
    then = before.add_suffix("_before").rename(columns={"opportunity_id_before": "opportunity_id"})
    met = now.merge(then, on="opportunity_id", how="left", validate="one_to_one")
    frame = pd.DataFrame({name: _column(met, name) for name in CHANGE_COLUMNS})
    frame["change"] = frame["win_probability"] - frame["win_probability_before"]
    frame["change_base"] = _moved(met, "base_probability")
    for group, column in zip(GROUPS, CONTRIBUTION_COLUMNS, strict=True):
        frame[f"change_{group}"] = _moved(met, column)
    is_known = frame[list(PARTS)].notna().all(axis="columns")
    frame[list(PARTS)] = frame[list(PARTS)].where(is_known)
    frame["moved_by"] = _moved_by(frame, _column(met, "model_id"), _column(met, "model_id_before"))
    frame["trend"] = score_trend(frame["change"])
    return frame.sort_values(["change", "opportunity_id"], na_position="last", ignore_index=True)


def _column(met: pd.DataFrame, name: str) -> pd.Series:
    if name in met.columns:
        return met[name]
    kind = "datetime64[us]" if name.startswith("as_of") else "str" if name in TEXTS or "model" in name else "float64"
    return pd.Series(None, index=met.index, dtype=kind)


def _moved(met: pd.DataFrame, column: str) -> pd.Series:
    return _column(met, column).astype("float64") - _column(met, f"{column}_before").astype("float64")


def _moved_by(frame: pd.DataFrame, model: pd.Series, model_before: pd.Series) -> pd.Series:
    parts: npt.NDArray[np.float64] = frame[list(PARTS)].to_numpy(dtype="float64")
    signed = np.nan_to_num(parts * np.sign(frame["change"].to_numpy(dtype="float64"))[:, None])
    names = np.array([part.removeprefix("change_") for part in PARTS], dtype=object)
    found = pd.Series(names[signed.argmax(axis=1)], index=frame.index)
    is_other = model.notna() & model_before.notna() & (model.astype("str") != model_before.astype("str"))
    has_moved = frame["change"].abs() >= STILL
    found = found.where(frame["change_base"].notna()).mask(is_other, "model")
    return found.where(has_moved).astype("str")


def score_trend(change: pd.Series) -> pd.Series:
    """A change of probability in one word: improving, steady, declining, or not_known where it is null.

    Examples
    --------
    >>> score_trend(pd.Series([0.1, 0.01, -0.02, None])).tolist()
    ['improving', 'steady', 'declining', 'not_known']
    """
    rounded = change.round(9)
    found = pd.Series("steady", index=change.index, dtype="str")
    found = found.mask(rounded >= TREND_FROM, "improving").mask(rounded <= -TREND_FROM, "declining")
    return found.mask(change.isna(), "not_known")


def change_texts(changes: pd.DataFrame, *, words: Words, formats: Formats, most: int = 2) -> list[str | None]:
    """The change of each deal in words, with the parts that moved most; None for a deal never scored before."""
    return [
        None if row["change"] != row["change"] else _text(row, words, formats, most)
        for row in changes.to_dict("records")
    ]


def _text(row: Mapping[Hashable, Any], words: Words, formats: Formats, most: int) -> str:
    told = {"change": signed_points(row["change"], formats), "day": formats.day(pd.Timestamp(str(row["as_of_before"])))}
    if row["moved_by"] == "model":
        return words("score_change.moved", parts=words("score_group.model"), **told)
    moved = {part.removeprefix("change_"): float(str(row[part])) for part in PARTS if row[part] == row[part]}
    largest = [name for name in sorted(moved, key=lambda name: -abs(moved[name])) if abs(moved[name]) >= 10 * STILL]
    parts = [
        words("score_change.part", group=words(f"score_group.{name}"), points=signed_points(moved[name], formats))
        for name in largest[:most]
    ]
    if not parts:
        return words("score_change.moved_only", **told)
    return words("score_change.moved", parts=words("score_change.and").join(parts), **told)
