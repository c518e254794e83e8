"""Columns of money, numbers and shares, as people and programs write them."""

from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from oppnb.sources.coerced import Coerced, Decision, decision
from oppnb.sources.decimal_mark import DecimalMark, decide_mark
from oppnb.sources.number_texts import NumberParts, read_number_parts
from oppnb.sources.problems import Problem, problem_where
from oppnb.sources.texts import trimmed

__all__ = ["coerce_numbers"]

NumberKind = Literal["money", "number", "share"]


def coerce_numbers(values: pd.Series, kind: NumberKind, *, scale: float | None = None) -> Coerced:
    """Read a column of numbers.

    Understood are thousands divided by commas, dots, blanks or apostrophes, a decimal comma (decided over the whole
    column), currency signs and codes, minus before or after and accountants' brackets, percent (12.5 % is 0.125),
    万 and 亿, K and M, and full-width digits.

    Parameters
    ----------
    values : pandas.Series
        Texts or numbers.
    kind : {'money', 'number', 'share'}
        A `share` lies in [0, 1]; where most values of a column are over 1 it is in percent.
    scale : float, optional
        Factor for every value without a percent sign, e.g. 0.01 for percent, 10000 for 万.

    Returns
    -------
    Coerced
        `float64`. Null, with a problem: `number_is_readable`, `decimal_mark_is_the_same_in_all_rows`,
        `share_is_between_0_and_1`. Kept, with a problem: `decimal_mark_is_clear`.
    """
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        is_percent = np.zeros(len(values), bool)
        problems = problem_where("number_is_readable", values.index, np.isinf(numbers))
        told: tuple[Decision, ...] = ()
        numbers = np.where(np.isinf(numbers), np.nan, numbers)
    else:
        numbers, is_percent, problems, told = _from_text(values, kind)
    numbers = _scaled(numbers, is_percent, scale)
    if kind == "share":
        numbers, more, note = _as_share(numbers, is_percent, values.index, decide=scale is None)
        problems, told = problems + more, told + note
    return Coerced(pd.Series(numbers, index=values.index, name=values.name), problems, told)


def _from_text(
    values: pd.Series, kind: NumberKind
) -> tuple[np.ndarray, np.ndarray, tuple[Problem, ...], tuple[Decision, ...]]:
    text = trimmed(values)
    parts = read_number_parts(text)
    mark = decide_mark(parts.core, groups_likely=kind == "money")
    numbers = _numbers(parts, mark)
    given = ~np.asarray(text.is_null().to_numpy(zero_copy_only=False))
    problems = (
        *problem_where("number_is_readable", values.index, given & np.isnan(numbers) & ~mark.fits_other),
        *problem_where("decimal_mark_is_the_same_in_all_rows", values.index, mark.fits_other),
        *problem_where("decimal_mark_is_clear", values.index, mark.unclear),
    )
    return numbers, parts.is_percent, problems, mark.told


def _numbers(parts: NumberParts, mark: DecimalMark) -> np.ndarray:
    """Powers of ten go into the text: 1.1万 is exactly 11000, not 11000.000000000002."""
    grouping = "," if mark.mark == "." else "."
    digits = pc.replace_substring(parts.core, grouping, "")
    digits = pc.replace_substring(digits, ",", ".") if mark.mark == "," else digits
    usable = pa.array(mark.fits)
    digits = pc.if_else(usable, digits, pa.scalar(None, pa.large_string()))
    if parts.exponent.any():
        powers = pa.array(parts.exponent).cast(pa.large_string())
        digits = pc.binary_join_element_wise(digits, powers, pa.scalar("e", pa.large_string()))
    numbers = digits.cast(pa.float64()).to_numpy(zero_copy_only=False)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    # 0 minus a number has no negative zero.
    return np.where(parts.is_negative, 0.0 - numbers, numbers)


def _scaled(numbers: np.ndarray, is_percent: np.ndarray, scale: float | None) -> np.ndarray:
    if scale is None or scale == 1:
        return numbers
    inverse = round(1 / scale) if abs(scale) < 1 else 0
    # 57 x 0.01 is 0.5700000000000001, 57 / 100 is 0.57.
    exact = inverse and abs(1 / inverse - scale) < 1e-15
    return np.where(is_percent, numbers, numbers / inverse if exact else numbers * scale)


def _as_share(
    numbers: np.ndarray, is_percent: np.ndarray, index: pd.Index, *, decide: bool
) -> tuple[np.ndarray, tuple[Problem, ...], tuple[Decision, ...]]:
    plain = ~is_percent & ~np.isnan(numbers) & (numbers != 0)
    n_over = int((plain & (numbers > 1)).sum())
    note: tuple[Decision, ...] = ()
    if decide and n_over > plain.sum() / 2:
        numbers = np.where(is_percent, numbers, numbers / 100)
        note = (decision("share_in_percent", n_say=n_over, n=int(plain.sum())),)
    outside = (numbers < 0) | (numbers > 1)
    problems = problem_where("share_is_between_0_and_1", index, outside)
    return np.where(outside, np.nan, numbers), problems, note
