"""The parts of a number as people write it: sign, currency, digits, unit, percent."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from oppnb.sources.texts import plain_form

__all__ = ["NumberParts", "read_number_parts"]

_UNITS = {
    "百": 2,
    "千": 3,
    "万": 4,
    "十万": 5,
    "百万": 6,
    "千万": 7,
    "亿": 8,
    "十亿": 9,
    "百亿": 10,
    "千亿": 11,
    "万亿": 12,
    "萬": 4,
    "億": 8,
    "k": 3,
    "m": 6,
    "mn": 6,
    "mm": 6,
    "mio": 6,
    "million": 6,
    "b": 9,
    "bn": 9,
    "billion": 9,
    "tsd": 3,
    "mrd": 9,
}
_SIGNS = (
    r"[A-Z]{1,3}\$|[$€£¥₩₹₽฿₫₱₪₺₴]|元|圆|人民币|美元|美金|欧元|英镑|日元|日圆|港元|港币|RMB|Rs\.?|R\$|kr\.?|zł|Kč|Fr\.?"
)


_SIMPLE = r"^(?:-?[$€£¥]? ?|[$€£¥] ?-)(?:\d[\d.,]*|[.,]\d+)(?: ?[€$£¥])?$"


@dataclass(frozen=True)
class NumberParts:
    """Parts of each value, as arrays of one length.

    Attributes
    ----------
    core : pyarrow.LargeStringArray
        Digits with their commas and dots, without blanks and apostrophes between groups; null where no number.
    exponent : ndarray of int64
        Power of ten from `e5`, 万, K or %.
    is_negative, is_percent : ndarray of bool
        A minus before or after, or brackets; a percent sign.
    """

    core: Any
    exponent: np.ndarray
    is_negative: np.ndarray
    is_percent: np.ndarray


def read_number_parts(text: "pa.LargeStringArray") -> NumberParts:
    """Take numbers apart; what is no number has a null `core`."""
    # The full pattern costs thirty times the simple one, and most columns hold simple numbers only.
    simple = pc.fill_null(pc.match_substring_regex(text, _SIMPLE), False)
    rest = np.flatnonzero(~np.asarray(simple.to_numpy(zero_copy_only=False)))
    unsigned = pc.utf8_trim(text, characters="-$€£¥ ")
    parts = NumberParts(
        pc.if_else(simple, unsigned, pa.scalar(None, pa.large_string())),
        np.zeros(len(text), np.int64),
        np.asarray(pc.fill_null(pc.match_substring(text, "-"), False).to_numpy(zero_copy_only=False)),
        np.zeros(len(text), bool),
    )
    return _with_rest(parts, rest, _read_full(text.take(pa.array(rest)))) if len(rest) else parts


def _with_rest(parts: NumberParts, rows: np.ndarray, full: NumberParts) -> NumberParts:
    """Put the parts of the less simple rows in their places."""
    is_rest = np.zeros(len(parts.core), bool)
    is_rest[rows] = True
    core = pc.replace_with_mask(parts.core, pa.array(is_rest), full.core)
    for name in ("exponent", "is_negative", "is_percent"):
        getattr(parts, name)[rows] = getattr(full, name)
    return NumberParts(core, parts.exponent, parts.is_negative, parts.is_percent)


def _read_full(text: Any) -> NumberParts:
    groups = pc.extract_regex(plain_form(text), _pattern())
    units = _mapped(pc.utf8_lower(_group(groups, "unit")), _UNITS)
    exponents = _integers(_group(groups, "exp"))
    percent = _mapped(_group(groups, "pct"), {"%": -2, "‰": -3})
    opened, closed = _filled(groups, "open") | _filled(groups, "open2"), _filled(groups, "close")
    minus = [_filled(groups, name) for name in ("sign", "sign2", "sign3")]
    n_signs = np.sum([*minus, opened], axis=0)
    # A bracket that is not closed, or two minus signs, is a slip of the hand: better unread than guessed.
    is_whole = (opened == closed) & (n_signs <= 1)
    core = pc.if_else(pa.array(is_whole), _core(_group(groups, "core")), pa.scalar(None, pa.large_string()))
    return NumberParts(core, units + exponents + percent, n_signs > 0, percent != 0)


@cache
def _pattern() -> str:
    from babel.numbers import list_currencies

    money = f"(?:{_SIGNS}|{'|'.join(sorted(list_currencies()))})"
    units = "|".join(sorted(_UNITS, key=len, reverse=True))
    return (
        rf"^(?P<sign>[-−–])?\+?\s*(?P<open>\()?\s*(?:{money})?\s*(?P<open2>\()?\s*(?P<sign2>[-−–])?\+?\s*(?:{money})?\s*"
        r"(?P<core>\d[\d.,'’ ]*|[.,]\d+)(?:[eE](?P<exp>[-+]?\d{1,3}))?\s*"
        rf"(?P<unit>(?i:{units}))?\.?\s*(?P<pct>[%‰])?\s*(?:{money}整?)?\s*(?P<sign3>[-−–])?(?P<close>\))?$"
    )


def _core(core: Any) -> Any:
    """Close up groups divided by blanks or apostrophes: 1 200,50 and 1'200.50."""
    core = pc.utf8_trim_whitespace(core)
    spaced = pc.match_substring_regex(core, "[ '’]")
    if not pc.any(spaced).as_py():
        return core
    grouped = pc.match_substring_regex(core, r"^\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d*)?$")
    closed = pc.replace_substring_regex(core, "[ '’]", "")
    return pc.if_else(spaced, pc.if_else(grouped, closed, pa.scalar(None, pa.large_string())), core)


def _group(groups: Any, name: str) -> Any:
    return pc.struct_field(groups, groups.type.get_field_index(name))


def _filled(groups: Any, name: str) -> np.ndarray:
    filled = pc.fill_null(pc.not_equal(_group(groups, name), ""), False)
    return np.asarray(filled.to_numpy(zero_copy_only=False))


def _integers(text: Any) -> np.ndarray:
    digits = pc.fill_null(pc.if_else(pc.equal(text, ""), "0", pc.utf8_ltrim(text, "+")), "0")
    return np.asarray(digits.cast(pa.int64()).to_numpy(zero_copy_only=False))


def _mapped(words: Any, numbers: dict[str, int]) -> np.ndarray:
    coded = pc.fill_null(words, "").dictionary_encode()
    values = np.array([numbers.get(word, 0) for word in coded.dictionary.to_pylist()] or [0], np.int64)
    return np.asarray(values[coded.indices.to_numpy(zero_copy_only=False)])
