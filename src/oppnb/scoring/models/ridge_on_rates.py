"""The second step of the ladder: stage rates and a handful of features."""

from oppnb.scoring.models.offset_ridge import OffsetRidge

__all__ = ["SEVEN", "RidgeOnRates"]

SEVEN = (
    "days_in_stage",
    "age_days",
    "days_to_expected_close",
    "n_pushes",
    "days_since_last_activity",
    "n_activities_last_30_days",
    "log_amount",
)
"""Features that every CRM with dates can tell."""


class RidgeOnRates(OffsetRidge):
    """Stage rates, and what seven features add: how long, how late, how quiet, how large.

    See `OffsetRidge`; a feature of the seven that the rows do not have is passed by.

    Examples
    --------
    >>> RidgeOnRates().name, len(RidgeOnRates().features)
    ('ridge_on_rates', 7)
    """

    name = "ridge_on_rates"

    def __init__(self) -> None:
        super().__init__(SEVEN, penalty=6.0)
