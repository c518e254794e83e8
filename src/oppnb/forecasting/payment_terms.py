"""When the parts of a won amount fall due: learned from the instalments of won deals, or stated."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.payment_lag import PaymentLag

__all__ = ["PaymentTerms", "learn_payment_terms", "stated_terms"]

Floats = npt.NDArray[np.float64]

_LONGEST = 730
_PRIOR_DEALS = 3.0
_COVERED_DAYS = 365


@dataclass(frozen=True)
class PaymentTerms:
    """How much of a won amount falls due how many days after the close.

    Attributes
    ----------
    share : array, shape (n_days,)
        Share of the amount that falls due so many days after the close; adds up to `covered`.
    size : array, shape (n_days,)
        Mean size of an instalment of that day as a share of the deal, weighted by money; above 0.
    covered : float
        Share of won amounts that becomes instalments at all; 1 where terms are stated.
    n_deals : int
        Won deals it was learned from; 0: stated.
    is_stated : bool
        Whether the terms were given instead of learned.
    """

    share: Floats
    size: Floats
    covered: float
    n_deals: int
    is_stated: bool

    @property
    def mean_days(self) -> float:
        """Days from the close to the due day, weighted by money."""
        return float((np.arange(len(self.share)) * self.share).sum() / max(float(self.share.sum()), 1e-300))

    def paid_by(self, lag: PaymentLag | None, days: Floats) -> tuple[Floats, Floats]:
        """Share of the amount that has come so many days after the close, and its mean instalment.

        Parameters
        ----------
        lag : PaymentLag, optional
            Without one money comes when it is due.
        days : array, shape (n,)

        Returns
        -------
        tuple of array, shape (n,)
            Share paid, and the same with every instalment times its size (the second moment).
        """
        due = np.flatnonzero(self.share > 0)
        after: Floats = np.asarray(days, dtype="float64")[:, None] - due[None, :].astype("float64")
        came = (after >= 0).astype("float64") if lag is None else 1.0 - lag.unpaid_after(after)
        came = came * (np.asarray(days)[:, None] >= 0)  # never before the close
        return came @ self.share[due], came @ (self.share[due] * self.size[due])


def stated_terms(terms_days: float = 30.0) -> PaymentTerms:
    """One instalment, due so many days after the close.

    Examples
    --------
    >>> stated_terms(45).mean_days
    45.0
    """
    day = min(max(round(terms_days), 0), _LONGEST)
    share = np.zeros(day + 1)
    share[day] = 1.0
    return PaymentTerms(share, np.ones(day + 1), 1.0, 0, True)


def learn_payment_terms(payments: pd.DataFrame, won: pd.DataFrame, *, terms_days: float = 30.0) -> PaymentTerms:
    """Learn them from the instalments of won deals; few deals are held near the stated terms.

    Parameters
    ----------
    payments : DataFrame
        Of `oppnb.history.payments_known`.
    won : DataFrame
        Won deals: `opportunity_id`, `closed_on`, `amount_base`; those of the year before the latest that has
        instalments say which share of the money becomes instalments.
    terms_days : float
        Of the prior, which counts as three deals.

    Examples
    --------
    >>> won = pd.DataFrame({
    ...     "opportunity_id": ["1"], "closed_on": pd.to_datetime(["2024-01-01"]), "amount_base": [100.0]})
    >>> rows = pd.DataFrame({
    ...     "opportunity_id": ["1", "1"], "closed_on": pd.Timestamp("2024-01-01"), "amount_base": [50.0, 50.0],
    ...     "due_on": pd.to_datetime(["2024-01-31", "2024-03-31"]), "amount_won": 100.0})
    >>> terms = learn_payment_terms(rows, won)
    >>> terms.covered, terms.share[[30, 90]].round(3).tolist()
    (1.0, [0.875, 0.125])
    """
    rows = payments[payments["due_on"].notna() & payments["closed_on"].notna() & (payments["amount_base"] > 0)]
    if rows.empty:
        return stated_terms(terms_days)
    days = np.clip((rows["due_on"] - rows["closed_on"]).dt.days.to_numpy(dtype="int64"), 0, _LONGEST)
    money = rows["amount_base"].to_numpy(dtype="float64")
    whole = rows.groupby("opportunity_id")["amount_base"].transform("sum").to_numpy(dtype="float64")
    n_deals = int(rows["opportunity_id"].nunique())
    weight = money / whole  # each deal counts once
    kept = n_deals / (n_deals + _PRIOR_DEALS)
    share = kept * np.bincount(days, weights=weight, minlength=_LONGEST + 1) / n_deals
    second = kept * np.bincount(days, weights=weight * money / whole, minlength=_LONGEST + 1) / n_deals
    prior = stated_terms(terms_days)
    share[: len(prior.share)] += (1 - kept) * prior.share
    second[: len(prior.share)] += (1 - kept) * prior.share
    size = np.divide(second, share, out=np.ones_like(share), where=share > 0)
    covered = _covered(rows, won)
    return PaymentTerms(share * covered, size, covered, n_deals, False)


def _covered(rows: pd.DataFrame, won: pd.DataFrame) -> float:
    """Share of the money won in a year that has instalments; what was won after the latest of them is left out."""
    last = rows["closed_on"].max()
    year = won[(won["closed_on"] <= last) & (won["closed_on"] > last - pd.Timedelta(days=_COVERED_DAYS))]
    amount = float(year["amount_base"].sum())
    if amount <= 0:
        return 1.0
    inside = rows["opportunity_id"].isin(year["opportunity_id"])
    return min(float(rows.loc[inside, "amount_base"].sum()) / amount, 1.0)
