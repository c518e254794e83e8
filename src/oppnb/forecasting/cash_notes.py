"""What a forecast of money rests on, as notes; their texts are `note.forecast_cash_…` in the catalogue."""

from oppnb.forecasting.payment_lag import PaymentLag
from oppnb.forecasting.payment_terms import PaymentTerms
from oppnb.tables import Note

__all__ = ["cash_notes"]


def cash_notes(
    lag: PaymentLag | None, terms: PaymentTerms, *, n_unknown: int, n_open: int, delay_days: int
) -> tuple[Note, ...]:
    """What was learned, assumed and left out."""
    found = []
    if lag is None:
        found.append(Note("forecast_cash_no_payments", {"terms_days": round(terms.mean_days)}))
    else:
        late = f"{lag.late_share:.0%}"
        seen = {"n_paid": lag.n_paid, "n_unpaid": lag.n_unpaid, "late": late}
        found.append(Note("forecast_cash_lag", seen))
        days = {"n_deals": terms.n_deals, "days": round(terms.mean_days)}
        code = "forecast_cash_terms_stated" if terms.is_stated else "forecast_cash_terms"
        found.append(Note(code, days))
    if terms.covered < 0.95:
        found.append(Note("forecast_cash_covered", {"covered": f"{terms.covered:.0%}"}))
    if n_unknown:
        found.append(Note("forecast_cash_deals_unknown", {"n": n_unknown, "n_open": n_open}))
    if delay_days:
        found.append(Note("forecast_cash_delayed", {"days": delay_days}))
    found.append(Note("forecast_cash_rates"))
    return tuple(found)
