"""How far the payments of a week strayed from what the lag had said: what the payments of one week share."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from oppnb.forecasting.payment_lag import PaymentLag

__all__ = ["payment_shock"]

_WEEKS = 52
_PRIOR_WEEKS = 8.0
_PRIOR_SHOCK = 0.1


def payment_shock(payments: pd.DataFrame, lag: PaymentLag, day: date) -> float:
    """Standard deviation, in log odds, of what all payments of a week share.

    For each of the last 52 weeks the instalments that were unpaid before it are followed through it; what the money
    strays beyond chance is shared. Held near 0.1 as if by eight more weeks.

    Parameters
    ----------
    payments : DataFrame
        Of `oppnb.history.payments_known` on the day.
    lag : PaymentLag
        Learned from them.
    day : date
        The day of knowledge.
    """
    rows = payments[payments["due_on"].notna() & payments["closed_on"].notna()]
    money = rows["amount_base"].fillna(0.0).to_numpy(dtype="float64")
    pace = lag.pace_of(rows["account_id"])
    strays = []
    for back in range(1, _WEEKS + 1):
        start = pd.Timestamp(day - timedelta(weeks=back))
        end = start + pd.Timedelta(days=7)
        watched = np.asarray((rows["closed_on"] <= start) & ~(rows["paid_on"] <= start))
        lasted = (start - rows["due_on"]).dt.days.to_numpy(dtype="float64")[watched]
        chance = lag.paid_between(lasted, lasted, lasted + 7, pace[watched])
        came = np.asarray(rows["paid_on"] <= end, dtype="float64")[watched]
        room = float((money[watched] * chance * (1 - chance)).sum())
        noise = float((money[watched] ** 2 * chance * (1 - chance)).sum())
        if room > 0 and noise > 0:
            # weeks in which chance alone moves much say little
            trust = 1.0 / (1.0 + noise / (room * _PRIOR_SHOCK) ** 2 / 10)
            excess = float((money[watched] * (came - chance)).sum())
            strays.append((trust, (excess**2 - noise) / room**2))
    weight = sum(trust for trust, _ in strays)
    found = (_PRIOR_WEEKS * _PRIOR_SHOCK**2 + sum(t * one for t, one in strays)) / (_PRIOR_WEEKS + weight)
    return float(np.sqrt(min(max(found, 0.25 * _PRIOR_SHOCK**2), 1.0)))
