"""One field before the audit: everything that speaks against it, worst first."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from oppnb.scoring.leakage.closed_only import filled_at_the_close, values_of_closed_deals
from oppnb.scoring.leakage.decisive import decisive_values, pure_values
from oppnb.scoring.leakage.evidence import Evidence
from oppnb.scoring.leakage.growing import grows_with_the_deal
from oppnb.scoring.leakage.levels import Levels, Values, filled_levels, is_reference, shape_levels, value_levels
from oppnb.scoring.leakage.moving import moves_until_the_close
from oppnb.scoring.leakage.sample import Sample
from oppnb.scoring.leakage.separation import alone, too_good
from oppnb.scoring.leakage.shares import level_shares
from oppnb.scoring.leakage.timing import is_moving_date, knows_the_close, lies_after_the_day
from oppnb.scoring.rows import Feature

__all__ = ["Examined", "examine"]


@dataclass(frozen=True)
class Examined:
    """What was found of one field.

    Attributes
    ----------
    evidence : tuple of Evidence
        What speaks against it; empty for an honest field.
    is_identifier : bool
        Nearly every deal has a value of its own, so nothing can be learned from it.
    auc : float
        How well it ranks deals alone, out of time.
    n_filled : int
        Closed deals that have it.
    closed_share, open_share : float
        Share of closed and of open deals that have it; the latter null without open deals.
    """

    evidence: tuple[Evidence, ...]
    is_identifier: bool
    auc: float
    n_filled: int
    closed_share: float
    open_share: float


def examine(feature: Feature, sample: Sample) -> Examined:
    """Look at one field from every side."""
    values = Values.of(feature, sample)
    levels = value_levels(values, sample)
    is_dated = feature.is_dated and sample.closed.is_dated  # without dates everything is as exported
    filled = values.closed.notna().to_numpy()
    moves = is_moving_date(values, sample)
    is_counter = not is_dated and not moves and _is_running_number(values.closed, sample)
    n_filled = float(sample.weight[filled].sum())
    reference = not is_dated and is_reference(values, sample)
    against = _dated(levels, values, sample) if is_dated else _exported(levels, values, sample, moves=moves)
    if not is_dated and not is_counter:
        against.append(grows_with_the_deal(feature, sample.standing, is_moving_date=moves))
    if reference and not any(against):
        against = _by_shape(values, sample)
    return Examined(
        evidence=tuple(evidence for evidence in against if evidence is not None),
        is_identifier=reference or is_counter,
        auc=alone(levels, sample),
        n_filled=round(n_filled),
        closed_share=n_filled / max(sample.n_deals, 1),
        open_share=float(values.open_now.notna().mean()) if len(values.open_now) else np.nan,
    )


def _dated(levels: Levels, values: Values, sample: Sample) -> list[Evidence | None]:
    """A field known from history cannot know the future, unless the history itself was written afterwards."""
    return [knows_the_close(values, sample, is_dated=True), too_good(levels, values, sample, is_dated=True)]


def _exported(levels: Levels, values: Values, sample: Sample, *, moves: bool) -> list[Evidence | None]:
    filled = filled_levels(values)
    filled_shares = level_shares(filled, sample)
    found = [
        filled_at_the_close(filled_shares, sample),
        knows_the_close(values, sample, is_dated=False),
        decisive_values(filled, filled_shares, sample),
        pure_values(filled, sample),
    ]
    if moves:
        # Its numbers change with the day: ranges of them are no values that deals have.
        found.append(lies_after_the_day(values, sample))
    else:
        found += _by_value(levels, sample)
    return [*found, too_good(levels, values, sample, is_dated=False)]


def _by_value(levels: Levels, sample: Sample) -> list[Evidence | None]:
    shares = level_shares(levels, sample)
    return [
        values_of_closed_deals(shares, sample),
        decisive_values(levels, shares, sample),
        pure_values(levels, sample),
        moves_until_the_close(levels, shares, sample, auc=alone(levels, sample)),
    ]


def _by_shape(values: Values, sample: Sample) -> list[Evidence | None]:
    """A reference says something by its first letters, its pattern or its length, if at all."""
    for levels in shape_levels(values, sample):
        found = [*_by_value(levels, sample), too_good(levels, values, sample, is_dated=False)]
        if any(evidence is not None for evidence in found):
            return [Evidence("shape_tells"), *found]
    return []


def _is_running_number(values: pd.Series, sample: Sample) -> bool:
    """Whole numbers, each once, without large gaps: a counter."""
    if values.dtype != "float64":
        return False
    first = np.unique(sample.deal, return_index=True)[1]
    numbers = values.to_numpy("float64")[first]
    numbers = numbers[~np.isnan(numbers)]
    n = len(numbers)
    if n < 30 or not bool((numbers == np.round(numbers)).all()) or len(np.unique(numbers)) < 0.99 * n:
        return False
    return float(numbers.max() - numbers.min()) <= 5.0 * n
