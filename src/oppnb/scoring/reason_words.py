"""Values of features in words: "no contact for 21 days", "expected close overdue by 12 days", "Segment: A"."""

import math
import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.scoring.features import DECLARED
from oppnb.stages import process_label, stage_label
from oppnb.workspace import Workspace

__all__ = ["FLAGS", "TOLD_BY", "FeatureWords", "shown_points", "told_text"]

LONGEST = 60
_SMALL = 10.0
EVIDENCE = "evidence_of_"

_MONEY = frozenset({"log_annual_revenue", "log_amount"})
_HEADCOUNT = frozenset({"log_employees"})
_SHARES = frozenset(
    {
        "account_late_payment_share",
        "account_win_record",
        "decision_cover",
        "evidence_share",
        "inbound_share",
        "owner_win_record",
    }
)
_LOG_RATIOS = frozenset({"amount_change", "amount_over_accounts_usual", "amount_over_usual"})
_RATIOS = frozenset({"activity_trend", "days_in_stage_over_limit", "days_in_stage_over_usual", "silence_over_limit"})
_DAYS_GONE = frozenset(
    {
        "age_days",
        "days_as_customer",
        "days_in_stage",
        "days_since_last_activity",
        "days_since_last_inbound",
        "days_since_push",
    }
)
"""Told in whole days that are over, as every list tells them: what is 2.6 days old was created 2 days ago."""
_SCALED = _MONEY | _HEADCOUNT | _SHARES | _LOG_RATIOS | _RATIOS
FLAGS = frozenset({"has_decision_maker", "has_next_step", "is_customer", "is_due_in_period", "is_overdue"})


TOLD_BY = {
    "silence_over_limit": "days_since_last_activity",
    "days_in_stage_over_limit": "days_in_stage",
    "days_in_stage_over_usual": "days_in_stage",
    "stage_position": "stage",
    "is_overdue": "days_to_expected_close",
    "days_pushed": "n_pushes",
}
"""Features that say the same in another measure, and the one in whose words they are told: days, not multiples."""


def told_text(text: object, *, longest: int = LONGEST) -> str:
    """A text of the export on one line, without signs that cannot be seen, and not too long.

    It stays text: whoever writes HTML or a sheet escapes it there.

    Examples
    --------
    >>> told_text("  Smith &   <b>Sons</b>  "), told_text("abcdefgh", longest=5)
    ('Smith & <b>Sons</b>', 'abcd…')
    """
    seen = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in str(text))
    line = " ".join(seen.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def shown_points(parts: "np.ndarray[tuple[int], np.dtype[np.float64]]", total: int) -> list[int]:
    """Parts in whole points that add up to the difference as it is shown (largest remainder).

    Parameters
    ----------
    parts : array, shape (n_parts,)
        In probability; their sum lies less than a point from `total`.
    total : int
        In points: what a reader gets who takes one shown percentage from the other.

    Examples
    --------
    >>> shown_points(np.array([0.014, 0.014, -0.004]), 2)
    [1, 1, 0]
    """
    exact = np.round(100 * np.asarray(parts, dtype="float64"), 9)
    whole = np.floor(exact).astype(int)
    missing = total - int(whole.sum())
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: max(missing, 0)]] += 1
    return [int(one) for one in whole]


class FeatureWords:
    """Says what is known of a deal, in one language.

    Parameters
    ----------
    words, formats
        Of the reader.
    workspace : Workspace, optional
        For the labels of stages and processes.

    Examples
    --------
    >>> says = FeatureWords(Words("en"), Formats("en"))
    >>> says("days_since_last_activity", 21.2), says("days_to_expected_close", -12.0), says("segment", None)
    ('no contact for 21 days', 'expected close overdue by 12 days', 'segment not known')
    """

    def __init__(self, words: Words, formats: Formats, *, workspace: Workspace | None = None) -> None:
        self.words = words
        self.formats = formats
        self.workspace = workspace

    def __call__(self, feature: str, value: Any, *, process: str | None = None, is_good: bool = False) -> str:
        """The feature with its value; `process` is the deal's, for the label of its stage.

        `is_good` says that the value speaks for the deal: nine days without contact may be few.
        """
        if is_null(value):
            return self._of_null(feature)
        if feature.startswith(EVIDENCE):
            return self._of_evidence(feature, float(value))
        if not self._has(feature):
            return self.words("score_why.field", field=told_text(feature, longest=40), value=self._plain(value))
        if isinstance(value, str):
            text = self._text(feature, value, process)
            return self.words(f"score_reason.{feature}", value=_apart(text, self.words.locale))
        return self._of_number(feature, float(value), is_good=is_good)

    def _has(self, feature: str) -> bool:
        return feature in DECLARED and self.words.get(f"score_reason.{feature}", "") != ""

    def _of_null(self, feature: str) -> str:
        if feature.startswith(EVIDENCE):
            return self._of_evidence(feature, 0.0)
        known = self.words.get(f"score_reason_null.{feature}", "")
        return known or self.words("score_why.not_known", field=self.title(feature))

    def title(self, feature: str) -> str:
        """The name of a feature by itself."""
        if feature.startswith(EVIDENCE):
            return self._element(feature)
        return self.words.get(f"score_field.{feature}", told_text(feature, longest=40))

    def _of_evidence(self, feature: str, value: float) -> str:
        state = "confirmed" if value >= 1 else "asked" if value > 0 else "nothing"
        return self.words(f"score_evidence.{state}", element=self._element(feature))

    def _element(self, feature: str) -> str:
        name = feature.removeprefix(EVIDENCE)
        return self.words.get(f"score_evidence.{name}", told_text(name.replace("_", " "), longest=40))

    def _of_number(self, feature: str, value: float, *, is_good: bool) -> str:
        if feature in FLAGS:
            return self.words(f"score_reason{'' if value >= 0.5 else '_zero'}.{feature}")
        text, size = self._number(feature, value)
        negative = self.words.get(f"score_reason_below.{feature}", "") if size < 0 else ""
        if negative:
            return self.words(f"score_reason_below.{feature}", value=self._number(feature, -value)[0])
        special = {0.0: "zero", 1.0: "one"}.get(size)
        if special and self.words.get(f"score_reason_{special}.{feature}", ""):
            return self.words(f"score_reason_{special}.{feature}")
        good = is_good and self.words.get(f"score_reason_good.{feature}", "") != ""
        return self.words(f"score_reason{'_good' if good else ''}.{feature}", value=text)

    def _number(self, feature: str, value: float) -> tuple[str, float]:
        """The number as it is written, and the number that is written."""
        if feature in _MONEY:
            return self.formats.money(_exp(value), short=True), math.nan
        if feature in _HEADCOUNT:
            size = float(round(_exp(value) - 1))
            return self.formats.number(size), size
        if feature in _SHARES:
            return self.formats.share(value), 0.0 if round(100 * value) == 0 else math.nan
        if feature in _LOG_RATIOS:
            return self._short(_exp(value)), math.nan
        if feature in _RATIOS:
            return self._short(value), 0.0 if round(value, 1) == 0 else math.nan
        if feature == "stance":
            return self.formats.number(value, digits=1), math.nan
        size = float(math.floor(value) if feature in _DAYS_GONE else round(value))
        return self.formats.number(size), size

    def _short(self, value: float) -> str:
        digits = 2 if 0 < abs(value) < 0.095 else 1 if abs(value) < _SMALL else 0
        return self.formats.number(value, digits=digits)

    def _plain(self, value: Any) -> str:
        if isinstance(value, str):
            return told_text(value)
        number = float(value)
        return self.formats.number(number) if number == round(number) else self._short(number)

    def value(self, feature: str, value: str, *, process: str | None = None) -> str:
        """A text by itself, with the label of a stage or a process."""
        return self._text(feature, value, process)

    def level(self, feature: str, value: str | None, low_edge: float, high_edge: float) -> str:
        """A level of a feature by itself: a text, a bin in the feature's own unit, other values, or not known.

        Examples
        --------
        >>> says = FeatureWords(Words("en"), Formats("en"))
        >>> says.level("log_employees", None, 3.5, float("nan")), says.level("segment", "?", float("nan"), float("nan"))
        ('32 or more', 'not known')
        >>> says.level("n_pushes", None, 0.5, 2.5), says.level("n_pushes", None, 2.5, float("nan"))
        ('1 to 2', '3 or more')
        """
        has_low, has_high = low_edge == low_edge, high_edge == high_edge
        if has_low or has_high:
            edges = [edge for edge in (low_edge, high_edge) if edge == edge]
            if feature not in _SCALED and all(edge % 1 == 0.5 for edge in edges):  # between two whole numbers
                low_edge, high_edge = low_edge + 0.5, high_edge + (-0.5 if has_low else 0.5)
                if low_edge == high_edge:
                    return self._edge(feature, low_edge)
            low, high = (self._edge(feature, edge) if edge == edge else "" for edge in (low_edge, high_edge))
            key = "between" if has_low and has_high else "from" if has_low else "below"
            return self.words(f"score_level.{key}", low=low, high=high)
        if value is None or value != value or value in ("?", "*"):
            return self.words("score_level.other" if value == "*" else "score_level.not_known")
        return self._text(feature, value, None)

    def _edge(self, feature: str, edge: float) -> str:
        if feature in _SCALED:
            return self._number(feature, edge)[0]
        return self.formats.number(edge) if edge == round(edge) else self._short(edge)

    def _text(self, feature: str, value: str, process: str | None) -> str:
        if self.workspace is not None and feature == "stage":
            value = stage_label(self.workspace, process, value, locale=self.words.locale)
        elif self.workspace is not None and feature == "process":
            value = process_label(self.workspace, value, locale=self.words.locale)
        elif feature == "forecast_category":
            value = self.words.get(f"forecast_rollup.category_{value}", value).lower()
        return told_text(value)


def is_null(value: Any) -> bool:
    """Whether a value is not known."""
    if isinstance(value, str):
        return False
    return value is None or value is pd.NA or not math.isfinite(value)


def _apart(text: str, locale: str) -> str:
    """In Chinese, where the value follows a Chinese word, a space before one that begins with a Latin sign."""
    return f" {text}" if locale == "zh_CN" and text[:1].isascii() and text[:1].isalnum() else text


def _exp(value: float) -> float:
    return math.exp(min(value, 45.0))
