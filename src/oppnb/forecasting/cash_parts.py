"""The parts of the money that comes in: instalments agreed, won deals without any, open deals, new ones."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.chance_sums import Chances
from oppnb.forecasting.new_business import NewBusiness
from oppnb.forecasting.payment_lag import PaymentLag
from oppnb.forecasting.payment_terms import PaymentTerms
from oppnb.forecasting.wins_by_week import ComingWins

__all__ = ["CashBasis", "coming_instalments", "from_new", "from_open_deals", "unscheduled"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CashBasis:
    """What turns wins into money.

    Attributes
    ----------
    day : date
        The day of knowledge.
    edges : array of int
        Edges of the weeks, days after `day`.
    lag : PaymentLag or None
        None: money comes when it is due.
    terms : PaymentTerms
    delay_days : int
        By which every payment from now on is put off.
    """

    day: date
    edges: npt.NDArray[np.int64]
    lag: PaymentLag | None
    terms: PaymentTerms
    delay_days: int

    @property
    def n_weeks(self) -> int:
        """Number of weeks."""
        return len(self.edges) - 1

    def paid_by(self, days: Floats) -> tuple[Floats, Floats]:
        """As `PaymentTerms.paid_by`, put off."""
        return self.terms.paid_by(self.lag, np.asarray(days) - self.delay_days)


def coming_instalments(unpaid: pd.DataFrame, basis: CashBasis) -> Chances:
    """When unpaid instalments come, given for how long they have been unpaid."""
    lasted = (pd.Timestamp(basis.day) - unpaid["due_on"]).dt.days.to_numpy(dtype="float64")
    amount = unpaid["amount_base"].fillna(0.0).to_numpy(dtype="float64")
    size = np.broadcast_to(amount[:, None], (len(unpaid), basis.n_weeks))
    if basis.lag is None or unpaid.empty:
        return Chances(np.zeros(size.shape), size)
    ends = np.maximum(basis.edges - basis.delay_days, 0)
    pace = basis.lag.pace_of(unpaid["account_id"])
    upto = np.stack([basis.lag.paid_between(lasted, lasted, lasted + end, pace) for end in ends], axis=1)
    return Chances(np.maximum(np.diff(upto, axis=1), 0.0), size)


def unscheduled(won: pd.DataFrame, basis: CashBasis) -> Chances:
    """Won deals of which no instalment is known: what the terms put ahead; what they put behind us counts as paid."""
    recent = won[won["closed_on"] > pd.Timestamp(basis.day) - pd.Timedelta(days=len(basis.terms.share))]
    amount = recent["amount_base"].fillna(0.0).to_numpy(dtype="float64")
    if recent.empty:
        return Chances(np.zeros((0, basis.n_weeks)), np.zeros((0, basis.n_weeks)))
    lasted = (pd.Timestamp(basis.day) - recent["closed_on"]).dt.days.to_numpy(dtype="float64")
    ends = np.maximum(basis.edges - basis.delay_days, 0)
    upto = [basis.terms.paid_by(basis.lag, lasted + end) for end in ends]
    first = np.diff(np.stack([one for one, _ in upto], axis=1), axis=1) * amount[:, None]
    second = np.diff(np.stack([two for _, two in upto], axis=1), axis=1) * amount[:, None] ** 2
    return Chances.of_moments(np.maximum(first, 0.0), np.maximum(second, 0.0))


def from_open_deals(wins: ComingWins, basis: CashBasis) -> Chances:
    """Money of the deals that are open now."""
    share, square = _after_a_win(basis)
    amount, moments = wins.amount[:, None], wins.growth.moments
    first = (wins.chance @ share) * amount * moments[0]
    return Chances.of_moments(first, (wins.chance @ square) * amount**2 * moments[1])


def from_new(wins: ComingWins, basis: CashBasis) -> tuple[NewBusiness, ...]:
    """Money of deals that are not created yet: a number of instalments of a usual size."""
    share, square = _after_a_win(basis)
    first, second = wins.new_wins @ share, wins.new_wins @ square
    size = np.divide(second, first, out=np.ones_like(first), where=first > 0)
    new = wins.new
    return tuple(
        NewBusiness(float(number), new.spread, new.amounts * part, new.n_periods)
        for number, part in zip(first / size, size, strict=True)
    )


def _after_a_win(basis: CashBasis) -> tuple[Floats, Floats]:
    """Share of a win of one week that comes in each week, shape (n_weeks, n_weeks); and with its instalments' size.

    Wins lie evenly on the seven days of their week.
    """
    edges = basis.edges
    days = np.arange(-7, int(edges[-1]) + 1)
    share, square = basis.paid_by(days.astype("float64"))
    won_on = edges[:-1, None] + np.arange(1, 8)[None, :]
    after = np.clip(edges[None, None, :] - won_on[:, :, None], -7, None) + 7
    return np.diff(share[after].mean(axis=1), axis=1), np.diff(square[after].mean(axis=1), axis=1)
