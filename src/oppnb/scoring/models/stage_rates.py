"""Win rates by stage, shrunk to the set odds: what can be said with few closed deals, and how much of it is prior."""

from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import polygamma

from oppnb.scoring.models.cells import cell_names, places, process_names, set_odds_of, tests_stages
from oppnb.scoring.models.contributions import logit, profiles, shares_of
from oppnb.scoring.models.curves import shrunk_curve
from oppnb.scoring.models.seen import EndsSeen, SeenRate
from oppnb.scoring.prediction import LEAD_DAYS, Contributions, Prediction
from oppnb.scoring.rows import GROUPS, ScoringRows

__all__ = ["CURVE_STRENGTH", "PRIOR_STRENGTH", "StageRates", "in_stage_group", "spread"]

Floats = npt.NDArray[np.float64]

PRIOR_STRENGTH = 15.0
"""How many closed deals the prior of a stage weighs as."""
CURVE_STRENGTH = 20.0
"""How many ended deals the time curve of all stages weighs as in that of one."""

_GUESS_STRENGTH = 2.0
"""How many closed deals the first guess weighs as: the mean of the set odds, or one half."""


class StageRates:
    """Probability of being won of the deals that stand in a stage, drawn to the set odds as if by 15 closed deals.

    rate = (15 x prior + wins) / (15 + n). The prior of a stage is its set odds; where none are set, the rate of its
    process, which is drawn in the same way to the rate of all. Wins and n: the deals that stood open in the stage on
    earlier days are followed to their close, or as far as it is known (Aalen-Johansen), because what is open lingers
    and is won less often. Every day counts in the share, because what stands is what is scored; but n counts deals, so
    that a deal that stood there five times is one deal.

    When: the time to the win, and to the loss, of the deals of the stage, drawn to those of all stages as if by 20.

    Where no closed deal was ever seen in a stage, as in a flat export, odds that nobody stated (a preset's that looked
    like the data) were never tested on this past: they are left out, and such a stage says no more than its process.

    Without dates the shares of the closed deals stand in, curves are null, and only `won_ever` is told.

    Attributes
    ----------
    cells_ : dict of str to int
        Place of each process and stage in what follows.
    prior_, rate_, n_ : array, shape (n_cells,)
        Prior, share won of those that stood there, closed deals behind it.
    takes_guesses_ : bool
        Whether odds that nobody stated are a prior.

    Examples
    --------
    >>> import pandas as pd
    >>> from oppnb.workspace.models import Calendar
    >>> keys = pd.DataFrame({"opportunity_id": ["1", "2"], "as_of": pd.to_datetime(["2025-01-05"] * 2),
    ...     "process": "p", "stage": "Demo", "set_odds": 0.5})
    >>> ends = pd.DataFrame({"end": ["won", "won"], "days_to_end": [10.0, 20.0]})
    >>> rows = ScoringRows(keys, pd.DataFrame(index=keys.index), (), ends, Calendar())
    >>> model = StageRates().fit(rows)
    >>> model.win_rate(rows).round(3).tolist(), model.prior_share(rows).round(3).tolist()  # 9.5 of 17
    ([0.559, 0.559], [0.882, 0.882])
    """

    name = "stage_rates"
    is_baseline = False

    def fit(self, rows: ScoringRows) -> Self:
        """Count, by process and stage."""
        seen = EndsSeen.of(rows)
        every = seen.part(np.ones(len(rows), dtype=bool))
        self.takes_guesses_ = tests_stages(rows)
        odds = self._odds(rows)
        guess = float(np.nanmean(odds)) if np.isfinite(odds).any() else 0.5
        self.all_rate_ = _shrunk(guess, every, strength=_GUESS_STRENGTH)
        self.all_share_ = _GUESS_STRENGTH / (_GUESS_STRENGTH + every.n)
        self.all_curve_ = (every.curve.won, every.curve.lost)
        self._fit_processes(rows, seen, every)
        self._fit_cells(rows, seen, every)
        self.profiles_ = profiles(rows, in_stage_group(logit(self.win_rate(rows))))
        return self

    def _odds(self, rows: ScoringRows) -> Floats:
        return set_odds_of(rows, with_guesses=self.takes_guesses_)

    def _fit_processes(self, rows: ScoringRows, seen: EndsSeen, every: SeenRate) -> None:
        names = np.array(process_names(rows), dtype=object)
        parts = {str(name): seen.part(names == name, like=every) for name in sorted(set(names))}
        self.process_rates_ = {
            name: _shrunk(self.all_rate_, part, strength=PRIOR_STRENGTH) for name, part in parts.items()
        }
        self.process_shares_ = {
            name: PRIOR_STRENGTH / (PRIOR_STRENGTH + part.n) * self.all_share_ for name, part in parts.items()
        }

    def _fit_cells(self, rows: ScoringRows, seen: EndsSeen, every: SeenRate) -> None:
        cells = np.array(cell_names(rows), dtype=object)
        known = sorted(set(cells))
        first = [int(np.flatnonzero(cells == cell)[0]) for cell in known]
        parts = [seen.part(cells == cell, like=every) for cell in known]
        curves = [shrunk_curve(part.curve, every.curve, weight=CURVE_STRENGTH) for part in parts]
        self.cells_ = {str(cell): place for place, cell in enumerate(known)}
        self.prior_ = self._prior(rows)[first]
        self.n_ = np.array([part.n for part in parts], dtype="float64")
        own = np.array([part.rate for part in parts], dtype="float64")
        self.rate_ = np.where(self.n_ > 0, own, self.prior_)
        self.won_by_ = _stacked([curve.won for curve in curves])
        self.lost_by_ = _stacked([curve.lost for curve in curves])

    def _prior(self, rows: ScoringRows) -> Floats:
        odds = self._odds(rows)
        rates = np.array(
            [self.process_rates_.get(name, self.all_rate_) for name in process_names(rows)], dtype="float64"
        )
        found: Floats = np.where(np.isnan(odds), rates, odds)
        return found

    def posterior(self, rows: ScoringRows) -> tuple[Floats, Floats]:
        """Wins and losses, prior and seen, behind each number: the parameters of a beta distribution.

        Returns
        -------
        tuple of two arrays of float, shape (n,)
            Both above 0; a stage that was never seen has those of its set odds, or of its process.
        """
        prior, place = self._prior(rows), places(cell_names(rows), self.cells_)
        n, rate = np.zeros(len(rows)), prior
        if len(self.n_):
            prior = np.where(place >= 0, self.prior_[place], prior)
            n, rate = np.where(place >= 0, self.n_[place], 0.0), np.where(place >= 0, self.rate_[place], prior)
        won = PRIOR_STRENGTH * prior + n * rate
        return won, PRIOR_STRENGTH + n - won

    def win_rate(self, rows: ScoringRows) -> Floats:
        """P(won ever) of each row, inside (0, 1)."""
        won, lost = self.posterior(rows)
        return won / (won + lost)

    def prior_share(self, rows: ScoringRows) -> Floats:
        """Share of each number that is no past of this pipeline: 15 / (15 + closed deals) of the set odds, in (0, 1].

        Where no odds are set the prior is the rate of the process, which is past itself but for its own prior.
        """
        won, lost = self.posterior(rows)
        of_process = [self.process_shares_.get(name, self.all_share_) for name in process_names(rows)]
        not_past = np.where(np.isnan(self._odds(rows)), of_process, 1.0)
        share: Floats = PRIOR_STRENGTH / (won + lost) * not_past
        return share

    def logit_sd(self, rows: ScoringRows) -> Floats:
        """Standard deviation of the log odds of each number, from its posterior."""
        won, lost = self.posterior(rows)
        return np.asarray(np.sqrt(polygamma(1, won) + polygamma(1, lost)), dtype="float64")

    def predict(self, rows: ScoringRows) -> Prediction:
        """Curves at `LEAD_DAYS`: the rate x the time curve of the stage."""
        return spread(self, rows, self.win_rate(rows))

    def stage_curves(self, rows: ScoringRows) -> tuple[Floats, Floats]:
        """Given a win, P(by then), and given a loss, at `LEAD_DAYS`; both of shape (n, 27), null without dates."""
        won = np.broadcast_to(self.all_curve_[0], (len(rows), len(LEAD_DAYS)))
        lost = np.broadcast_to(self.all_curve_[1], (len(rows), len(LEAD_DAYS)))
        if not len(self.n_):
            return won, lost
        place = places(cell_names(rows), self.cells_)
        is_known = (place >= 0)[:, None]
        return np.where(is_known, self.won_by_[place], won), np.where(is_known, self.lost_by_[place], lost)

    def contributions(self, rows: ScoringRows) -> Contributions:
        """All of it is the stage's, against the mean of the recent deals of the process."""
        return shares_of(rows, in_stage_group(logit(self.win_rate(rows))), self.profiles_)


def in_stage_group(logits: Floats) -> Floats:
    """Parts of a logit of which all belongs to the stage, shape (n, n_groups)."""
    parts = np.zeros((len(logits), len(GROUPS)))
    parts[:, GROUPS.index("stage")] = logits
    return parts


def spread(rates: StageRates, rows: ScoringRows, won_ever: Floats) -> Prediction:
    """A probability of being won ever over time as the stages' curves say."""
    won_by, lost_by = rates.stage_curves(rows)
    return Prediction(LEAD_DAYS, won_by * won_ever[:, None], lost_by * (1 - won_ever)[:, None], won_ever)


def _shrunk(prior: float, seen: SeenRate, *, strength: float) -> float:
    return (strength * prior + seen.n * seen.rate) / (strength + seen.n)


def _stacked(curves: list[Floats]) -> Floats:
    return np.array(curves, dtype="float64").reshape(-1, len(LEAD_DAYS))
