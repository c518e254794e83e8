"""What an imported score was worth, in figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from oppnb.scoring.imported.evidence import OutcomeEvidence
from oppnb.scoring.imported.scale import ScoreScale

__all__ = ["JudgedScore"]


@dataclass(frozen=True)
class JudgedScore:
    """What an imported score was worth.

    Attributes
    ----------
    column : str
        The score.
    scale : ScoreScale
        What its numbers are.
    known : str
        When it was known: `history` or `store` (as of the day on which it was said), or `as_exported` (nobody can say
        what it was while the deal was open).
    evidence : OutcomeEvidence
        Whether it was written when the outcome was clear.
    verdict : str
        `knows_the_outcome` (the figures judge nothing), `not_measured`, `wrong_way` (high scores are won less often),
        `no_order` (no better than chance), `no_better_than_base_rate`, `no_better_than_stage_odds`, or
        `better_than_baselines`.
    until : date or None
        Day of knowledge of the outcomes; null without dates.
    is_over_time : bool
        Whether the models beside it were trained on earlier days than they are judged on.
    n_deals, n_without : int
        Deals with a score that were looked at, and deals without one, which are left out.
    evaluation : DataFrame
        The score itself (under the column's name), the score made a probability from past deals
        (`…_recalibrated`), baselines, and our own models where that is cheap: rows of
        `oppnb.scoring.evaluation.evaluation_frame`, all on the same deals. Measures of probabilities are null for a
        score that is none.
    reliability : DataFrame
        Stated and observed, of a probability; else empty.
    lift : DataFrame
        By tenths of the score.
    precision : mapping
        `capacity` (deals there is time for on a day), `is_told` (by the workspace; else a tenth of those open), `value`
        (share won among them), `win_rate` (of all: what choosing at random gives).
    comparisons : DataFrame
        `model`, `against`, `difference` (of log losses, below 0 is better), `low`, `high`, `is_better`, `is_worse`.
    own : str or None
        Our own model that would have been chosen.
    locale : str
        Of the reader.
    """

    column: str
    scale: ScoreScale
    known: str
    evidence: OutcomeEvidence
    verdict: str
    until: date | None
    is_over_time: bool
    n_deals: int
    n_without: int
    evaluation: pd.DataFrame
    reliability: pd.DataFrame
    lift: pd.DataFrame
    precision: Mapping[str, float | bool]
    comparisons: pd.DataFrame
    own: str | None
    locale: str
