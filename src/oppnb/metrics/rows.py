"""The rows a metric counts: which deals are open, due, closed or created, with the slices they belong to."""

from dataclasses import dataclass

import pandas as pd

from oppnb.errors import ColumnMissingError, TableMissingError, nearest
from oppnb.metrics.inputs import MetricInputs
from oppnb.periods import Period

__all__ = ["Ask", "between", "due_in", "stack"]


@dataclass(frozen=True)
class Ask:
    """The inputs and the columns by which the figure is sliced."""

    inputs: MetricInputs
    by: tuple[str, ...] = ()

    @property
    def snapshot(self) -> pd.DataFrame:
        """The snapshot on the day of knowledge."""
        return self.inputs.snapshot

    def frame(self, name: str) -> pd.DataFrame:
        """An optional frame of the inputs, which `needs` has made sure of."""
        frame: pd.DataFrame | None = getattr(self.inputs, name)
        if frame is None:
            raise TableMissingError(f"This metric needs '{name}', which was not given.")
        return frame

    def take(self, frame: pd.DataFrame, mask: pd.Series | None, *columns: str) -> pd.DataFrame:
        """Rows of a frame with the columns named, its opportunity and the slices."""
        wanted = ["opportunity_id", *columns, *self.by]
        kept = [name for name in dict.fromkeys(wanted) if name in frame]
        rows = frame[kept] if mask is None else frame.loc[mask, kept]
        return self.attach(rows)

    def attach(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Add the slices a frame lacks, from the snapshot, by opportunity."""
        lacking = [name for name in self.by if name not in rows]
        if not lacking:
            return rows
        self._check(lacking, rows)
        known = self.snapshot.set_index("opportunity_id")[lacking]
        found = known.reindex(rows["opportunity_id"]).set_axis(rows.index)
        return pd.concat([rows, found], axis=1)

    def _check(self, lacking: list[str], rows: pd.DataFrame) -> None:
        for name in lacking:
            if name not in self.snapshot or "opportunity_id" not in rows:
                choices = self.snapshot.columns if "opportunity_id" in rows else rows.columns
                near = nearest(name, map(str, choices))
                hint = f" The nearest is '{near}'." if near else ""
                raise ColumnMissingError(f"There is no column '{name}' to slice by.{hint}")

    def open_deals(self, *columns: str, due: bool = False) -> pd.DataFrame:
        """Deals open on the day of knowledge; with `due` those expected to close in the period."""
        mask = self.snapshot["outcome"] == "open"
        if due:
            mask &= due_in(self.snapshot, self.inputs.period)
        return self.take(self.snapshot, mask, *columns)

    def closed_deals(self, *columns: str, outcome: str | None = None) -> pd.DataFrame:
        """Deals won or lost in the period so far, with `is_won` 1 or 0."""
        frame = self.snapshot
        mask = frame["outcome"].isin([outcome] if outcome else ["won", "lost"])
        rows = self.take(frame, mask & between(frame["closed_at"], *self.inputs.moments()), "outcome", *columns)
        return rows.assign(is_won=(rows["outcome"] == "won").astype("float64"))

    def created_deals(self, *columns: str) -> pd.DataFrame:
        """Deals created in the period so far."""
        mask = between(self.snapshot["created_at"], *self.inputs.moments())
        return self.take(self.snapshot, mask, *columns)


def between(moments: pd.Series, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series:
    """Which moments lie in [start, end); a null does not."""
    return (moments >= start) & (moments < end)


def due_in(frame: pd.DataFrame, period: Period) -> pd.Series:
    """Which rows are expected to close in the period."""
    day = frame["expected_close_on"]
    return (day >= pd.Timestamp(period.start)) & (day <= pd.Timestamp(period.end))


def stack(**parts: pd.DataFrame) -> pd.DataFrame:
    """Put rows of several kinds under each other, with the kind in the column `part`."""
    return pd.concat([rows.assign(part=name) for name, rows in parts.items()], ignore_index=True)
