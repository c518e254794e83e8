"""The forms in which dates and moments are written, and their parts."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from oppnb.sources.texts import plain_form

__all__ = ["DateParts", "read_parts"]

_TIME = (
    r"(?:(?:T|t|,|\s)\s*(?P<H>\d{1,2})[:hH](?P<M>\d{1,2})(?::(?P<S>\d{1,2})(?:[.,](?P<f>\d{1,9}))?)?:?"
    r"\s*(?P<ap>[AaPp]\.?\s?[Mm]\.?)?\s*(?P<tz>[Zz]|(?:UTC|GMT)?[+-]\d{1,2}:?\d{0,2}(?:\s+[A-Z]{3,4})?|UTC|GMT)?"
    r"(?:\s*[\[(][^\])]*[\])])?)?$"
)
# Plain ranges instead of a class of Unicode letters: the pattern is compiled for each column, forty times faster.
_WORD = r"[A-Za-z\x{80}-\x{10FFFF}]+"
_WEEKDAY = r"^(?:" + _WORD + r"\.?,?\s+)?"
_YEAR_FIRST = r"^(?P<y>\d{4})\s*[-/.]\s*(?P<m>\d{1,2})\s*[-/.]\s*(?P<d>\d{1,2})\.?" + _TIME
_COMPACT = (
    r"^(?P<y>(?:19|20|21|99|00)\d\d)(?P<m>\d\d)(?P<d>\d\d)"
    r"(?:[Tt ]?(?P<H>\d\d)(?P<M>\d\d)(?P<S>\d\d)(?P<tz>[Zz]|[+-]\d{2}:?\d{2})?)?$"
)
_MONTH_ALONE = r"^(?P<y>(?:19|20|21)\d\d)[-/.](?P<m>\d{1,2})-?$"
_NUMERIC = _WEEKDAY + r"(?P<a>\d{1,2})\s*(?P<s>[-/. ])\s*(?P<b>\d{1,2})\s*[-/. ]\s*(?P<y>\d{4}|\d{2})\.?" + _TIME
_NAME = r"(?P<mon>" + _WORD + ")"
_DAY_MONTH = (
    _WEEKDAY
    + r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?[\s\-/]*(?:de\s+)?"
    + _NAME
    + r"\.?[\s\-/,]*(?:de\s+)?(?P<y>\d{4}|\d{2})"
    + _TIME
)
_MONTH_DAY = _WEEKDAY + "?" + _NAME + r"\.?[\s\-/]*(?P<d>\d{1,2})(?:st|nd|rd|th)?,?[\s\-/]+(?P<y>\d{4})" + _TIME
_YEAR_MONTH_NAME = r"^(?P<y>\d{4})[-/\s]" + _NAME + r"\.?[-/\s](?P<d>\d{1,2})" + _TIME
_NUMBER = r"^(?P<n>\d{5}(?:\.\d+)?|\d{10}(?:\.\d{1,6})?|\d{13}|\d{16}|\d{19})$"

_MONTHS = {
    1: "jan janv ene gen jän",
    2: "feb fév fev févr",
    3: "mar mär maa mrt mars",
    4: "apr avr abr",
    5: "may mai mei mag maj",
    6: "jun juin giu juni",
    7: "jul juil lug juli",
    8: "aug aoû ago août",
    9: "sep set sept",
    10: "oct okt out ott",
    11: "nov",
    12: "dec dez déc dic",
}
_MONTH_OF = {word: number for number, words in _MONTHS.items() for word in words.split()}


@dataclass
class DateParts:
    """Parts of each value, as arrays of one length; 0 where a form has no such part.

    Attributes
    ----------
    year, month, day : ndarray of int64
        Of rows whose form says which is which.
    first, second : ndarray of int64
        The two numbers before the year where the form does not say which is the month; 0 elsewhere.
    is_numeric, is_dotted : ndarray of bool
        Whether `first` and `second` are to be decided; whether they are separated by dots.
    micros : ndarray of int64
        Microseconds since midnight; -1 for an impossible time.
    offset : ndarray of float64
        Minutes east of UTC; NaN where none is written.
    instant : ndarray of float64
        Microseconds since 1970 UTC for epoch numbers; NaN elsewhere.
    serial : ndarray of float64
        Excel's day number; NaN elsewhere.
    is_read, is_month_alone : ndarray of bool
        Whether any form fits; whether only a month is written.
    """

    year: np.ndarray
    month: np.ndarray
    day: np.ndarray
    first: np.ndarray
    second: np.ndarray
    is_numeric: np.ndarray
    is_dotted: np.ndarray
    micros: np.ndarray
    offset: np.ndarray
    instant: np.ndarray
    serial: np.ndarray
    is_read: np.ndarray
    is_month_alone: np.ndarray

    def take(self, rows: np.ndarray) -> "DateParts":
        """The parts of the given rows, in their order."""
        return DateParts(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def read_parts(text: "pa.LargeStringArray") -> DateParts:
    """Read the parts of dates and moments, whatever form each is written in.

    Understood are year first (ISO, slashes, dots, `2024年3月5日`, `20240305`), day and month in numbers, month
    names in English and in the shorter European ones, a month alone, epoch seconds to nanoseconds and Excel
    serials; times with AM/PM, 上午/下午, fractions and offsets.
    """
    # Many rows share a day: each way of writing it is read once.
    coded = pc.fill_null(text, "").dictionary_encode()
    return _read_each(coded.dictionary).take(coded.indices.to_numpy(zero_copy_only=False))


def _read_each(text: Any) -> DateParts:
    parts = _empty(len(text))
    text = _plain(text)
    for pattern, take in _FORMS:
        left = np.flatnonzero(~parts.is_read)
        if not len(left):
            break
        groups = pc.extract_regex(text.take(pa.array(left)) if len(left) < len(text) else text, pattern)
        hit = pc.is_valid(groups).to_numpy(zero_copy_only=False)
        if hit.any():
            take(parts, left[hit], _Groups(groups.filter(pa.array(hit))))
    return parts


class _Groups:
    """Named groups of a pattern as numbers."""

    def __init__(self, struct: Any) -> None:
        self.struct = struct
        self.names = {field.name for field in struct.type}

    def text(self, name: str) -> Any:
        return self.struct.field(self.struct.type.get_field_index(name))

    def number(self, name: str) -> np.ndarray:
        if name not in self.names:
            return np.zeros(len(self.struct), np.int64)
        text = self.text(name)
        digits = pc.if_else(pc.equal(text, ""), "0", text)
        return np.asarray(digits.cast(pa.int64()).to_numpy(zero_copy_only=False))

    def is_filled(self, name: str) -> np.ndarray:
        if name not in self.names:
            return np.zeros(len(self.struct), bool)
        return np.asarray(pc.not_equal(self.text(name), "").to_numpy(zero_copy_only=False))


def _empty(n: int) -> DateParts:
    return DateParts(
        year=np.zeros(n, np.int64),
        month=np.zeros(n, np.int64),
        day=np.zeros(n, np.int64),
        first=np.zeros(n, np.int64),
        second=np.zeros(n, np.int64),
        is_numeric=np.zeros(n, bool),
        is_dotted=np.zeros(n, bool),
        micros=np.zeros(n, np.int64),
        offset=np.full(n, np.nan),
        instant=np.full(n, np.nan),
        serial=np.full(n, np.nan),
        is_read=np.zeros(n, bool),
        is_month_alone=np.zeros(n, bool),
    )


def _plain(text: Any) -> Any:
    """Chinese dates in the form of others: 2024年3月5日 下午2时5分 becomes 2024-3-5 2:5 PM."""
    if pc.all(pc.string_is_ascii(text)).as_py() in (True, None):
        return text
    text = plain_form(text)
    for pattern, put in _CHINESE:
        text = pc.replace_substring_regex(text, pattern, put)
    return pc.utf8_trim_whitespace(text)


_CHINESE = (
    (r"\s*(?:[((]?(?:星期|周|礼拜)[一二三四五六日天][))]?)\s*", " "),
    (r"\s*年\s*", "-"),
    (r"\s*月\s*", "-"),
    (r"\s*[日号號]\s*", " "),
    (r"(\d)\s*[时時点點分]\s*", r"\1:"),
    (r"(\d)\s*秒", r"\1"),
    (r"(\s\d{1,2}):$", r"\1:00"),
    (r"(?:上午|凌晨|早上)\s*([\d:.]+)", r"\1 AM"),
    (r"(?:下午|中午|晚上)\s*([\d:.]+)", r"\1 PM"),
)


def _take_dated(parts: DateParts, rows: np.ndarray, groups: _Groups) -> None:
    parts.year[rows] = groups.number("y")
    parts.month[rows] = groups.number("m")
    parts.day[rows] = groups.number("d")
    _take_time(parts, rows, groups)


def _take_month_alone(parts: DateParts, rows: np.ndarray, groups: _Groups) -> None:
    _take_dated(parts, rows, groups)
    parts.day[rows] = 1
    parts.is_month_alone[rows] = True


def _take_numeric(parts: DateParts, rows: np.ndarray, groups: _Groups) -> None:
    parts.first[rows] = groups.number("a")
    parts.second[rows] = groups.number("b")
    parts.year[rows] = _full_year(groups)
    parts.is_numeric[rows] = True
    parts.is_dotted[rows] = pc.equal(groups.text("s"), ".").to_numpy(zero_copy_only=False)
    _take_time(parts, rows, groups)


def _take_named(parts: DateParts, rows: np.ndarray, groups: _Groups) -> None:
    words = pc.utf8_lower(groups.text("mon")).dictionary_encode()
    numbers = np.array([_month(word) for word in words.dictionary.to_pylist()] or [0], np.int64)
    months = numbers[words.indices.to_numpy(zero_copy_only=False)]
    known = months > 0
    parts.month[rows] = months
    parts.day[rows] = groups.number("d")
    parts.year[rows] = _full_year(groups)
    _take_time(parts, rows, groups)
    parts.is_read[rows[~known]] = False


def _month(word: str) -> int:
    return _MONTH_OF.get(word) or _MONTH_OF.get(word[:4]) or _MONTH_OF.get(word[:3]) or 0


def _full_year(groups: _Groups) -> np.ndarray:
    """Two digits mean 1970 to 2069."""
    years = groups.number("y")
    short = pc.equal(pc.utf8_length(groups.text("y")), 2).to_numpy(zero_copy_only=False)
    return np.where(short, np.where(years < 70, 2000 + years, 1900 + years), years)


def _take_number(parts: DateParts, rows: np.ndarray, groups: _Groups) -> None:
    numbers = groups.text("n").cast(pa.float64()).to_numpy(zero_copy_only=False)
    is_serial = numbers < 1e5
    micros = np.select(
        [numbers < 1e11, numbers < 1e14, numbers < 1e17], [numbers * 1e6, numbers * 1e3, numbers], numbers / 1e3
    )
    parts.serial[rows] = np.where(is_serial, numbers, np.nan)
    parts.instant[rows] = np.where(is_serial, np.nan, np.round(micros))
    parts.is_read[rows] = ~is_serial | ((numbers >= 20000) & (numbers < 80000))


def _take_time(parts: DateParts, rows: np.ndarray, groups: _Groups) -> None:
    parts.is_read[rows] = True
    if not groups.is_filled("H").any():
        return
    hour, minute, second = groups.number("H"), groups.number("M"), groups.number("S")
    possible = (hour <= 24) & (minute < 60) & (second <= 60) & ~((hour == 24) & (minute + second > 0))
    if "ap" in groups.names and groups.is_filled("ap").any():
        marked = groups.is_filled("ap")
        is_pm = pc.starts_with(pc.ascii_lower(groups.text("ap")), "p").to_numpy(zero_copy_only=False)
        # 下午 and PM before 14:30 say nothing new: exports of Chinese systems write both.
        hour = np.where(marked & (hour <= 12), hour % 12 + 12 * is_pm, hour)
    micros = ((hour * 60 + minute) * 60 + second) * 1_000_000 + _fraction(groups)
    parts.micros[rows] = np.where(possible, micros, -1)
    parts.offset[rows] = _offset(groups)


def _fraction(groups: _Groups) -> np.ndarray:
    if "f" not in groups.names or not groups.is_filled("f").any():
        return np.zeros(len(groups.struct), np.int64)
    padded = pc.utf8_slice_codeunits(pc.utf8_rpad(groups.text("f"), 6, "0"), 0, 6)
    return np.asarray(padded.cast(pa.int64()).to_numpy(zero_copy_only=False))


def _offset(groups: _Groups) -> np.ndarray:
    if not groups.is_filled("tz").any():
        return np.full(len(groups.struct), np.nan)
    words = groups.text("tz").dictionary_encode()
    minutes = np.array([_minutes_east(word) for word in words.dictionary.to_pylist()])
    return np.asarray(minutes[words.indices.to_numpy(zero_copy_only=False)])


def _minutes_east(word: str) -> float:
    if not word:
        return np.nan
    digits = word.upper().split()[0].removeprefix("UTC").removeprefix("GMT").lstrip("Z")
    if not digits:
        return 0.0
    hours, _, minutes = digits[1:].partition(":")
    if not minutes and len(hours) > 2:
        hours, minutes = hours[:-2], hours[-2:]
    east = int(hours) * 60 + int(minutes or 0)
    return -float(east) if digits[0] == "-" else float(east)


_FORMS = (
    (_YEAR_FIRST, _take_dated),
    (_NUMERIC, _take_numeric),
    (_NUMBER, _take_number),
    (_COMPACT, _take_dated),
    (_DAY_MONTH, _take_named),
    (_MONTH_DAY, _take_named),
    (_YEAR_MONTH_NAME, _take_named),
    (_MONTH_ALONE, _take_month_alone),
)
