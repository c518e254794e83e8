"""Any column as text without outer blanks: what a key or a name is, and what dates and numbers are read from."""

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from oppnb.sources.coerced import Coerced

__all__ = ["coerce_text", "plain_form", "trimmed"]

# Blanks, and signs without width that spreadsheets and chat programs leave around a text.
_OUTER = " \t\r\n\v\f\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x2010)))


def coerce_text(values: pd.Series) -> Coerced:
    """Give a column as pandas `str` without outer blanks; blank cells are null.

    Whole numbers carry no '.0' (an id 12.0 of a workbook is '12'), dates are ISO, flags `true` and `false`.
    Texts such as `NA`, `None` or `007` stay as they are.

    Examples
    --------
    >>> coerce_text(pd.Series([" 007 ", "NA", "  "])).values.tolist()
    ['007', 'NA', nan]
    >>> coerce_text(pd.Series([12.0, None])).values.tolist()
    ['12', nan]
    """
    return Coerced(pd.Series(trimmed(values), index=values.index, dtype="str", name=values.name))


def trimmed(values: pd.Series) -> "pa.LargeStringArray":
    """Give a column as an Arrow array of texts without outer blanks; null where nothing is left."""
    text = _text(values)
    text = pc.utf8_trim(text, characters=_OUTER)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.large_string()), text)


def plain_form(text: "pa.LargeStringArray") -> "pa.LargeStringArray":
    """Full-width signs as plain ones (`１２％` is `12%`), odd blanks as blanks; costs nothing for ASCII."""
    if pc.all(pc.string_is_ascii(text)).as_py() in (True, None):
        return text
    return pc.utf8_normalize(text, form="NFKC")


def _text(values: pd.Series) -> Any:
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.dtype.categories.dtype)
    if isinstance(values.dtype, pd.StringDtype):
        return _one_array(pa.array(values, pa.large_string(), from_pandas=True))
    if pd.api.types.is_integer_dtype(values.dtype):
        return _one_array(pa.array(values, from_pandas=True)).cast(pa.large_string())
    if pd.api.types.is_float_dtype(values.dtype) and _all_whole(values):
        return pa.array(values.astype("Int64"), from_pandas=True).cast(pa.large_string())
    cells = [_text_of(cell) for cell in values.astype("object")]
    return pa.array(cells, pa.large_string())


def _one_array(array: Any) -> Any:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _all_whole(values: pd.Series) -> bool:
    numbers = values.dropna().to_numpy(float)
    return bool(np.isfinite(numbers).all() and (numbers % 1 == 0).all() and (np.abs(numbers) < 2**53).all())


def _text_of(cell: object) -> str | None:
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, (bool, np.bool_)):
        return "true" if cell else "false"
    if isinstance(cell, (float, np.floating)):
        return _text_of_float(float(cell))
    if isinstance(cell, Decimal):
        return None if cell.is_nan() else format(cell, "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() and cell.tzinfo is None else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _text_of_float(number: float) -> str | None:
    if math.isnan(number):
        return None
    return str(int(number)) if number.is_integer() else np.format_float_positional(number, trim="-")
