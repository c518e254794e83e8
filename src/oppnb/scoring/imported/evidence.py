"""Whether an imported score was written before the outcome, as far as the export can tell."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.locale import LOCALES
from oppnb.scoring.leakage import audit_leakage
from oppnb.scoring.rows import Feature, ScoringRows

__all__ = ["OutcomeEvidence", "look_for_outcome"]

Floats = npt.NDArray[np.float64]

_FEWEST = 20
_SLACK = 0.1


@dataclass(frozen=True)
class OutcomeEvidence:
    """What speaks for a score that was overwritten when the outcome was clear.

    Attributes
    ----------
    knows : bool
        It holds the outcome: to judge it says nothing of what it was worth while deals were open.
    reason : str
        Code of the leakage audit.
    words : mapping of str to str
        The reason with its numbers, by locale.
    open_looks_different : bool
        The scores of open deals are no mixture of those of won and lost ones, beyond noise: what is judged may not be
        what is shown of a deal while it is open.
    distance : float
        How far from the nearest mixture, as the largest difference of shares below a value (0-1); NaN without open
        deals.
    won_at_top, lost_at_bottom, open_at_ends : float
        Share of won deals at the highest value, of lost ones at the lowest, of open ones at either.
    """

    knows: bool
    reason: str
    words: Mapping[str, str]
    open_looks_different: bool
    distance: float
    won_at_top: float
    lost_at_bottom: float
    open_at_ends: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        plain = {name: getattr(self, name) for name in ("won_at_top", "lost_at_bottom", "open_at_ends", "distance")}
        return {
            "knows_the_outcome": self.knows,
            "reason": self.reason,
            "words": dict(self.words),
            "open_looks_different": self.open_looks_different,
            **{name: value if math.isfinite(value) else None for name, value in plain.items()},
        }


def look_for_outcome(
    rows: ScoringRows, values: Floats, *, open_now: ScoringRows, open_values: Floats, column: str, is_dated: bool
) -> OutcomeEvidence:
    """Hold the scores of closed deals against those of open ones, as the leakage audit does for any field.

    Parameters
    ----------
    rows : ScoringRows
        Deals on days with their ends.
    values : array of float, shape (n_rows,)
        The score of each row, null where there is none.
    open_now : ScoringRows
        The deals that are open in the export.
    open_values : array of float, shape (n_open,)
        Their scores.
    column : str
        Its name.
    is_dated : bool
        Told as of each row's day; then it cannot have been overwritten, unless the history itself was.
    """
    audit = audit_leakage(
        _only(rows, values, column, is_dated=is_dated),
        open_now=_only(open_now, open_values, column, is_dated=is_dated) if len(open_now) else None,
    )
    found = next(item for item in audit.fields if item.field == column)
    last = rows.keys.assign(value=values, won=rows.is_won, lost=rows.is_lost).drop_duplicates(
        "opportunity_id", keep="last"
    )
    last = last.dropna(subset=["value"])
    won, lost = (last.loc[last[name], "value"].to_numpy(dtype="float64") for name in ("won", "lost"))
    opened = open_values[np.isfinite(open_values)]
    distance, limit = _distance(won, lost, opened)
    top, bottom = (float(pick(last["value"])) if len(last) else math.nan for pick in (max, min))
    return OutcomeEvidence(
        knows=found.verdict == "out",
        reason=found.reason,
        words={locale: found.words(locale) for locale in LOCALES},
        open_looks_different=bool(not is_dated and distance > limit),
        distance=distance,
        won_at_top=_share(won == top),
        lost_at_bottom=_share(lost == bottom),
        open_at_ends=_share((opened == top) | (opened == bottom)),
    )


def _only(rows: ScoringRows, values: Floats, column: str, *, is_dated: bool) -> ScoringRows:
    """The rows with the score as their only field, besides the age that the comparison is made by."""
    ages = [feature for feature in rows.features if feature.name == "age_days"]
    frame = pd.DataFrame({feature.name: rows.values[feature.name] for feature in ages}).assign(**{column: values})
    return replace(rows, values=frame, features=(*ages, Feature(column, "other", "number", is_dated=is_dated)))


def _share(chosen: npt.NDArray[np.bool_]) -> float:
    return float(chosen.mean()) if len(chosen) else math.nan


def _distance(won: Floats, lost: Floats, opened: Floats) -> tuple[float, float]:
    """Largest difference between open deals and the nearest mixture of won and lost ones; and the limit of noise."""
    n = min(len(won), len(lost), len(opened))
    if n < _FEWEST:
        return math.nan, math.inf
    at = np.unique(np.concatenate([won, lost, opened]))
    shares = [np.searchsorted(np.sort(part), at, side="right") / len(part) for part in (won, lost, opened)]
    mixtures = [
        np.abs(share * shares[0] + (1 - share) * shares[1] - shares[2]).max() for share in np.linspace(0, 1, 101)
    ]
    noise = 1.95 * math.sqrt(1 / min(len(won), len(lost)) + 1 / len(opened))  # one in a thousand
    return float(min(mixtures)), _SLACK + noise
