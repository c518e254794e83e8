"""Ids of deals that somebody typed: are they open, and if not, what became of them and which ones are near."""

from collections.abc import Sequence
from difflib import SequenceMatcher, get_close_matches

import pandas as pd

from oppnb.errors import UsageError
from oppnb.history import snapshots
from oppnb.locale import Formats, Words
from oppnb.scoring.rows import ScoringRows
from oppnb.stages import OpenedData

__all__ = ["check_deals"]

NEAR = 3


def check_deals(opened: OpenedData, rows: ScoringRows, deals: Sequence[str], *, locale: str | None = None) -> None:
    """Refuse ids that are not among the open deals.

    Parameters
    ----------
    opened : OpenedData
        The export, as `score_pipeline` opened it.
    rows : ScoringRows
        Its open deals.
    deals : sequence of str
        Ids.
    locale : str, optional
        Of the message; by default the workspace's.

    Raises
    ------
    UsageError
        If one is not there: says whether the deal was closed on the day, was not known yet, or which ids are nearest.
    """
    known = rows.keys["opportunity_id"].astype("str")
    missing = [deal for deal in dict.fromkeys(deals) if deal not in set(known)]
    if missing:
        words = Words(locale or opened.workspace.locale)
        said = [_why_not(opened, deal, known, words) for deal in missing[:NEAR]]
        raise UsageError("\n".join([*said, words("scoring_deal.try_again")]))


def _why_not(opened: OpenedData, deal: str, known: pd.Series, words: Words) -> str:
    exported = opened.tables["opportunities"]["opportunity_id"].astype("str")
    if (exported == deal).any():
        return _not_open(opened, deal, words)
    near = _nearest(deal, known.tolist())
    said = words("scoring_deal.unknown", deal=deal)
    return said if not near else f"{said} {words('scoring_deal.nearest', ids=', '.join(near))}"


def _nearest(deal: str, known: Sequence[str]) -> list[str]:
    """The most alike first; of equally alike ones those that share the longest piece."""
    found = get_close_matches(deal, known, n=4 * NEAR, cutoff=0.5)
    alike = {key: SequenceMatcher(None, key, deal) for key in found}
    shared = {key: one.find_longest_match().size for key, one in alike.items()}
    return sorted(found, key=lambda key: (-round(alike[key].ratio(), 9), -shared[key], key))[:NEAR]


def _not_open(opened: OpenedData, deal: str, words: Words) -> str:
    formats = Formats(words.locale)
    day = formats.day(pd.Timestamp(opened.as_of))
    seen = snapshots(opened.tables, [opened.as_of], workspace=opened.workspace)
    mine = seen[seen["opportunity_id"] == deal]
    if mine.empty:
        return words("scoring_deal.not_yet", deal=deal, day=day)
    outcome, closed = str(mine["outcome"].iloc[0]), mine["closed_at"].iloc[0]
    if outcome not in ("won", "lost") or pd.isna(closed):
        return words("scoring_deal.not_scored", deal=deal, day=day)
    return words(f"scoring_deal.not_open_{outcome}", deal=deal, day=day, closed=formats.day(pd.Timestamp(closed)))
