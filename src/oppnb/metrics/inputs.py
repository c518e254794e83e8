"""What metrics are worked out from: frames of the history room, a period and the day of knowledge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from oppnb.periods import Period

__all__ = ["MetricInputs", "cutoff_of"]


def cutoff_of(day: date, *, time_zone: str = "UTC") -> pd.Timestamp:
    """The moment at which a day ends: the next local midnight, in UTC without a zone.

    Examples
    --------
    >>> cutoff_of(date(2017, 9, 30), time_zone="Asia/Shanghai")
    Timestamp('2017-09-30 16:00:00')
    """
    midnight = pd.Timestamp(day + timedelta(days=1), tz=time_zone)
    return midnight.tz_convert("UTC").tz_localize(None)


@dataclass(frozen=True, kw_only=True)
class MetricInputs:
    """Everything a metric may need; what is not at hand stays None and the metrics that need it say so.

    Attributes
    ----------
    snapshot : DataFrame
        The pipeline as known on `as_of`, one row an opportunity, open and closed alike, with its attributes.
    period : Period
        The period that is looked at; figures of flow count from its first day to `as_of` or its end.
    as_of : date
        The day of knowledge; may lie inside the period.
    opening : DataFrame, optional
        The snapshot on the day before the period began.
    spells : DataFrame, optional
        One row a stay in a stage, as known on `as_of`.
    stage_rows : DataFrame, optional
        `process`, `stage`, `position`, `outcome`, `time_limit_days` of the configuration.
    odds : DataFrame, optional
        `process`, `stage`, `set_odds`, `observed_odds` (of deals that entered), `standing_odds` (of deals that
        stand there; where null or lacking, those of deals that entered stand in).
    targets : DataFrame, optional
        Quotas as in the table `targets`; in several currencies it needs a column `amount_base`.
    leads : DataFrame, optional
        The table `leads`; what happened after `as_of` is not looked at.
    past : mapping of Period to DataFrame, optional
        Earlier periods with the snapshot on the last day of each.
    forecasts : DataFrame, optional
        One row a forecast unit: `forecast_amount`, `actual_amount`, and any attributes.
    time_zone : str
        Where days end (`calendar.time_zone` of the workspace).
    """

    snapshot: pd.DataFrame
    period: Period
    as_of: date
    opening: pd.DataFrame | None = None
    spells: pd.DataFrame | None = None
    stage_rows: pd.DataFrame | None = None
    odds: pd.DataFrame | None = None
    targets: pd.DataFrame | None = None
    leads: pd.DataFrame | None = None
    past: Mapping[Period, pd.DataFrame] | None = None
    forecasts: pd.DataFrame | None = None
    time_zone: str = "UTC"

    @property
    def last_day(self) -> date:
        """Last day of the period that is known."""
        return min(self.period.end, self.as_of)

    @property
    def is_over(self) -> bool:
        """Whether the whole period is known."""
        return self.as_of >= self.period.end

    @property
    def year_start(self) -> pd.Timestamp:
        """First moment of the 365 days that end with `as_of`."""
        return cutoff_of(self.as_of - timedelta(days=365), time_zone=self.time_zone)

    def moments(self, period: Period | None = None, *, until: date | None = None) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First moment of a period and the first one no longer in it (by default: no longer known)."""
        period = period or self.period
        start = cutoff_of(period.start - timedelta(days=1), time_zone=self.time_zone)
        return start, cutoff_of(until or min(period.end, self.as_of), time_zone=self.time_zone)
