"""What was observed of the deals that stood in a stage, in words: adjusted, raw, and where nothing was observed."""

from collections.abc import Mapping
from math import isnan
from typing import Any

from oppnb.locale import Formats, Words

__all__ = ["ObservedTold", "is_known"]

_FAR = 0.1
"""How far below the odds of those that enter a proposal must lie for a warning."""
_ALL = 0.95
"""The share of a process's deals that enter a stage which every deal enters at."""

Row = Mapping[Any, Any]


def is_known(value: float | None) -> bool:
    """Whether a number is there and not NaN."""
    return value is not None and not isnan(value)


class ObservedTold:
    """Sentences on rows of `StageCalibration.observed`.

    Parameters
    ----------
    words, formats : Words, Formats
        The reader's language.
    """

    def __init__(self, words: Words, formats: Formats) -> None:
        self.words, self.formats = words, formats

    def said(self, key: str, **values: object) -> str:
        """A text of the catalogue's `stage_calibration`."""
        return self.words(f"stage_calibration.{key}", **values)

    def seen(self, row: Row) -> str:
        """The adjusted odds, a bound where nothing was observed, and the raw odds with n."""
        if not is_known(row["standing_odds"]):
            n, n_entered = (self.formats.number(row[name]) for name in ("n", "n_entered"))
            return self.said("seen_entered", odds=self.ranged(row, "observed"), n=n, n_entered=n_entered)
        n_beyond, n_now = int(row["standing_n_beyond"]), int(row["n_now"])
        key = "seen_within" if not n_beyond else "seen_beyond" if n_beyond == n_now else "seen_some_beyond"
        return self.said(
            key,
            standing=self.ranged(row, "standing"),
            within=self.ranged(row, "within"),
            n_stood=self.formats.number(row["standing_n"]),
            stood=self.share(row["stood_odds"]),
            n=self.formats.number(row["standing_n_closed"]),
            n_now=self.formats.number(n_now),
            n_beyond=self.formats.number(n_beyond),
            n_within=self.formats.number(n_now - n_beyond),
            days=self.formats.number(row["longest_days"]),
            at_most=self.share(row["at_most_odds"]),
        )

    def beyond(self, row: Row) -> str:
        """How many of today's deals are older than any closed one, and at most how many of them are won."""
        n_beyond, n_now = int(row["standing_n_beyond"]), int(row["n_now"])
        counts = {"n": self.formats.number(n_beyond), "total": self.formats.number(n_now)}
        if not n_beyond or not is_known(row["at_most_odds"]):
            return self.said("of_total", **counts) if n_now else "–"
        return self.said("beyond_at_most", at_most=self.share(row["at_most_odds"]), **counts)

    def bound(self, row: Row) -> str:
        """What the bound rests on."""
        return self.said(
            "bound_rests_on",
            at_most=self.ranged(row, "at_most"),
            n=self.formats.number(row["at_most_n"]),
            days=self.formats.number(row["at_most_days"]),
        )

    def warning(self, row: Row, *, stage: str, proposed: float) -> str:
        """That a proposal lies far below what those that enter win; empty where it does not."""
        if not (proposed < row["low"] and row["observed_odds"] - proposed >= _FAR):
            return ""
        share = row["n_entered"] / row["n_process"] if row["n_process"] else 0.0
        return self.said(
            "warn_of_entry" if share >= _ALL else "warn_of_entered",
            stage=stage,
            proposed=self.share(proposed),
            entered=self.ranged(row, "observed"),
            n=self.formats.number(row["n"]),
            n_entered=self.formats.number(row["n_entered"]),
        )

    def ranged(self, row: Row, kind: str) -> str:
        """`28% (26% – 30%)` of `within`, `stood`, `at_most`, or of those that entered (`observed`)."""
        low, high = ("low", "high") if kind == "observed" else (f"{kind}_low", f"{kind}_high")
        if not is_known(row[f"{kind}_odds"]):
            return "–"
        return f"{self.share(row[f'{kind}_odds'])} ({self.share(row[low])} – {self.share(row[high])})"

    def share(self, value: float | None) -> str:
        """A share, or a dash."""
        return self.formats.share(value)
