"""Whether a comma or a dot is the decimal mark, decided over the whole column."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow.compute as pc

from oppnb.sources.coerced import Decision, decision

__all__ = ["DecimalMark", "decide_mark"]

Mark = Literal[".", ","]
_FORMS = {
    "plain": r"^\d+$",
    "says_dot": r"^\d{1,3}(,\d{2,3})*,\d{3}\.\d*$|^\d{1,3}(,\d{2,3})+,\d{3}$",
    "says_comma": r"^\d{1,3}(\.\d{3})+,\d*$|^\d{1,3}(\.\d{3}){2,}$",
    "comma_or_groups": r"^[1-9]\d{0,2},\d{3}$",
    "dot_or_groups": r"^[1-9]\d{0,2}\.\d{3}$",
    "decimal_comma": r"^\d*,\d*$",
    "decimal_dot": r"^\d*\.\d*$",
}


@dataclass(frozen=True)
class DecimalMark:
    """What was decided, and for which rows it holds.

    Attributes
    ----------
    mark : str
        '.' or ','.
    fits : ndarray of bool
        Rows that are a number with this mark.
    fits_other : ndarray of bool
        Rows that are a number only with the other mark.
    unclear : ndarray of bool
        Rows that would be another number with the other mark, where nothing in the column decides.
    told : tuple of Decision
        What was decided and why; empty where no row needs a decision.
    """

    mark: Mark
    fits: np.ndarray
    fits_other: np.ndarray
    unclear: np.ndarray
    told: tuple[Decision, ...]


def decide_mark(core: Any, *, groups_likely: bool) -> DecimalMark:
    """Decide the decimal mark of a column.

    1.200,50 or 0,5 says comma, 1,200.50 or 0.5 says dot; the majority holds for all rows. Where no row says, a comma
    before three digits divides thousands. A dot before three digits is the decimal mark, except for money, which
    hardly ever has three decimals: there it divides thousands; both are reported as unclear.

    Parameters
    ----------
    core : pyarrow.LargeStringArray
        From `read_number_parts`.
    groups_likely : bool
        The column is money.
    """
    form = _forms(core)
    n_dot = int((form["says_dot"] | form["decimal_dot"]).sum())
    n_comma = int((form["says_comma"] | form["decimal_comma"]).sum())
    unclear = np.zeros(len(core), bool)
    n_grouped = int(form["dot_or_groups"].sum())
    if n_dot or n_comma:
        mark: Mark = "." if n_dot >= n_comma else ","
    elif n_grouped and not form["comma_or_groups"].any():
        mark, unclear = ("," if groups_likely else "."), form["dot_or_groups"]
    else:
        mark = "."
    with_dot = form["says_dot"] | form["decimal_dot"]
    with_comma = form["says_comma"] | form["decimal_comma"]
    neutral = form["plain"] | form["comma_or_groups"] | form["dot_or_groups"]
    fits, other = (with_dot, with_comma) if mark == "." else (with_comma, with_dot)
    return DecimalMark(mark, neutral | fits, other, unclear, _told(mark, n_dot, n_comma, int(unclear.sum())))


def _forms(core: Any) -> dict[str, np.ndarray]:
    """Each row under the first form that it has."""
    left = np.ones(len(core), bool)
    found = {}
    for name, pattern in _FORMS.items():
        if not left.any():
            found[name] = np.zeros(len(core), bool)
            continue
        hit = pc.fill_null(pc.match_substring_regex(core, pattern), False).to_numpy(zero_copy_only=False)
        found[name] = hit & left
        left = left & ~hit
    return found


def _told(mark: Mark, n_dot: int, n_comma: int, n_unclear: int) -> tuple[Decision, ...]:
    named = "comma" if mark == "," else "dot"
    if n_unclear:
        return (decision(f"decimal_{named}_assumed", n=n_unclear),)
    if mark == "," or (n_dot and n_comma):
        return (decision(f"decimal_{named}", n_say=max(n_dot, n_comma), n_other=min(n_dot, n_comma)),)
    return ()
