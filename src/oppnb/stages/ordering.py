"""The order of stages as the deals themselves walked through them."""

from collections.abc import Sequence

import pandas as pd

from oppnb.stages.known_words import place_by_words

__all__ = ["order_stages"]


def order_stages(stages: Sequence[str], entries: pd.DataFrame) -> tuple[str, ...]:
    """Put stages into the order in which deals first entered them.

    For each pair of stages that some deal has been in, the share of those deals that entered the one first. A
    stage's place is the mean of its shares against all others (Borda count); a pair that no deal has met counts a
    half. Equal places are decided by the words in the names, then by the names.

    Parameters
    ----------
    stages : sequence of str
        Names to order.
    entries : DataFrame
        `opportunity_id`, `stage`, `entered_at`; a deal may have entered a stage several times.

    Examples
    --------
    >>> day = pd.Timestamp("2025-01-01")
    >>> entries = pd.DataFrame({"opportunity_id": ["a", "a", "b"], "stage": ["Zed", "Alpha", "Zed"],
    ...     "entered_at": [day, day + pd.Timedelta(days=9), day]})
    >>> order_stages(["Alpha", "Zed"], entries)
    ('Zed', 'Alpha')
    """
    known = entries[entries["stage"].isin(list(stages))]
    first = known.pivot_table(index="opportunity_id", columns="stage", values="entered_at", aggfunc="min")
    scores = {stage: _share_entered_before_others(first, stage, stages) for stage in stages}
    return tuple(sorted(stages, key=lambda stage: (-scores[stage], place_by_words(stage) or 99.0, stage)))


def _share_entered_before_others(first: pd.DataFrame, stage: str, stages: Sequence[str]) -> float:
    shares = [_share_before(first, stage, other) for other in stages if other != stage]
    return round(sum(shares) / len(shares), 9) if shares else 0.5


def _share_before(first: pd.DataFrame, stage: str, other: str) -> float:
    if stage not in first or other not in first:
        return 0.5
    both = first[[stage, other]].dropna()
    if both.empty:
        return 0.5
    # entered at the very same moment: no order, half a point to each
    return float((both[stage] < both[other]).mean() + 0.5 * (both[stage] == both[other]).mean())
