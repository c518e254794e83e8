"""How long after its due day money comes, learned from instalments of which some have not come yet."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["PaymentLag", "learn_payment_lag"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_FIRST, _LAST = -120, 730
_PRIOR_INSTALMENTS = 5.0
_PRIOR_ON_TIME = 0.5
_PRIOR_MEAN_DAYS = 30.0
_PRIOR_SPREAD = 0.1
_PRIOR_ACCOUNTS = 20.0
_PACE_LIMITS = (0.2, 5.0)


@dataclass(frozen=True)
class PaymentLag:
    """Days from the due day to the payment, as the probability of being unpaid.

    Attributes
    ----------
    unpaid : array, shape (n_days,)
        Probability of being unpaid at the end of day `first` + position after the due day; never rising.
    first : int
        Day of the first entry, before the due day.
    pace : mapping of str to float
        By account: how much faster (above 1) or slower (below 1) than all it pays; an account that is not there has 1.
    n_paid, n_unpaid : int
        Instalments it was learned from.
    """

    unpaid: Floats
    first: int
    pace: dict[str, float]
    n_paid: int
    n_unpaid: int

    @property
    def median(self) -> float:
        """Days after the due day by which half of the instalments are paid; negative: before it."""
        return float(self.first + int(np.argmax(self.unpaid <= 0.5))) if self.unpaid[-1] <= 0.5 else float("inf")

    @property
    def late_share(self) -> float:
        """Probability of being unpaid at the end of the due day, in [0, 1]."""
        return float(self.unpaid_after(np.zeros(1))[0])

    def unpaid_after(self, days: Floats, pace: Floats | float = 1.0) -> Floats:
        """Probability of being unpaid at the end of so many days after the due day; pace as in `pace_of`."""
        at = np.clip(
            np.floor(np.asarray(days, dtype="float64")).astype(np.int64) - self.first, -1, len(self.unpaid) - 1
        )
        base = np.where(at < 0, 1.0, self.unpaid[np.maximum(at, 0)])
        found: Floats = base ** np.asarray(pace, dtype="float64")
        return found

    def paid_between(self, known: Floats, start: Floats, end: Floats, pace: Floats | float = 1.0) -> Floats:
        """Probability of being paid after `start` up to the end of `end`, for what was unpaid at the end of `known`.

        All in days after the due day; `known` <= `start` <= `end`.
        """
        still = np.maximum(self.unpaid_after(known, pace), 1e-300)
        found: Floats = np.clip((self.unpaid_after(start, pace) - self.unpaid_after(end, pace)) / still, 0.0, 1.0)
        return found

    def pace_of(self, accounts: pd.Series) -> Floats:
        """The pace of each account, shape (n,); 1 for one that is not known."""
        return np.asarray(accounts.map(self.pace).astype("float64").fillna(1.0), dtype="float64")

    def later(self, days: int) -> "PaymentLag":
        """The same, every payment so many days later (>= 0)."""
        kept = self.unpaid[: len(self.unpaid) - days] if days else self.unpaid
        return PaymentLag(np.concatenate([np.ones(days), kept]), self.first, self.pace, self.n_paid, self.n_unpaid)


def learn_payment_lag(payments: pd.DataFrame, day: object, *, prior: float = _PRIOR_INSTALMENTS) -> PaymentLag:
    """Learn the lag from what was known on a day.

    The curve is that of Kaplan and Meier, held by a prior that counts as a few instalments (half of them paid on the
    due day, the others 30 days later on average): an instalment that is not paid yet counts for as long as it was
    watched, not as paid and not as lost. Each account has a pace, a factor of the hazard, held near 1 as far as
    accounts are alike.

    Parameters
    ----------
    payments : DataFrame
        Of `oppnb.history.payments_known`; rows without `due_on` or without the day of the win are left out.
    day : date
        The day they were known on.
    prior : float
        Weight of the prior in instalments, > 0.

    Returns
    -------
    PaymentLag

    References
    ----------
    .. [1] E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations", Journal of the American
       Statistical Association 53, 1958, pp. 457-481.
    .. [2] N. L. Hjort, "Nonparametric Bayes estimators based on beta processes in models for life history data", Annals
       of Statistics 18, 1990, pp. 1259-1294 (the prior as a weight in hazard and risk).

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "account_id": ["a"] * 40, "closed_on": pd.Timestamp("2024-01-01"), "due_on": pd.Timestamp("2024-01-31"),
    ...     "paid_on": [pd.Timestamp("2024-02-10")] * 39 + [pd.NaT]})
    >>> learn_payment_lag(rows, "2024-03-31").median
    10.0
    """
    used = payments[payments["due_on"].notna() & (payments["closed_on"].notna())]
    is_paid = used["paid_on"].notna().to_numpy()
    seen_on = used["paid_on"].fillna(pd.Timestamp(day)).astype("datetime64[us]")  # type: ignore[arg-type]
    lag = (seen_on - used["due_on"]).dt.days.to_numpy(dtype="int64")
    at = (np.clip(lag, _FIRST, _LAST) - _FIRST).astype(np.int64)
    is_event = is_paid & (lag <= _LAST)
    hazard, unpaid = _curve(at, is_event, prior)
    pace = _paces(used["account_id"], at, is_event, hazard)
    return PaymentLag(unpaid, _FIRST, pace, int(is_paid.sum()), int((~is_paid).sum()))


def _prior_unpaid() -> Floats:
    days = np.arange(_FIRST, _LAST + 1)
    return np.where(days < 0, 1.0, (1 - _PRIOR_ON_TIME) * np.exp(-np.maximum(days, 0) / _PRIOR_MEAN_DAYS))


def _curve(at: Ints, is_event: npt.NDArray[np.bool_], prior: float) -> tuple[Floats, Floats]:
    """Hazard of each day and the probability of being unpaid at its end."""
    n_days = _LAST - _FIRST + 1
    paid = np.bincount(at[is_event], minlength=n_days).astype("float64")
    # what is not paid by the end of its last day was watched through that day
    left = np.bincount(at, minlength=n_days).astype("float64")
    at_risk = np.cumsum(left[::-1])[::-1]
    prior_end = _prior_unpaid()
    prior_start: Floats = np.concatenate([np.ones(1), prior_end[:-1]])
    hazard = np.asarray((paid + prior * (prior_start - prior_end)) / (at_risk + prior * prior_start), dtype="float64")
    unpaid: Floats = np.asarray(np.cumprod(1.0 - hazard), dtype="float64")
    return hazard, unpaid


def _paces(accounts: pd.Series, at: Ints, is_event: npt.NDArray[np.bool_], hazard: Floats) -> dict[str, float]:
    """Gamma frailty by moments: events over events expected, held near 1 by how alike accounts are."""
    cumulated = np.cumsum(-np.log1p(-np.minimum(hazard, 1 - 1e-9)))
    frame = pd.DataFrame({"events": is_event.astype("float64"), "expected": cumulated[at]})
    sums = frame.groupby(accounts.to_numpy(), sort=True).sum()
    sums = sums[sums["expected"] > 0]
    events, expected = sums["events"].to_numpy(), sums["expected"].to_numpy()
    if not len(sums):
        return {}
    beyond = float(((events - expected) ** 2 - expected).sum())
    spread = (_PRIOR_ACCOUNTS * _PRIOR_SPREAD + max(beyond, 0.0)) / (_PRIOR_ACCOUNTS + float((expected**2).sum()))
    weight = 1.0 / max(spread, 1e-3)
    pace = np.clip((weight + events) / (weight + expected), *_PACE_LIMITS)
    return dict(zip(sums.index.astype("str"), pace.tolist(), strict=True))
