"""Columns of yes and no."""

import pandas as pd

from oppnb.sources.coerced import Coerced
from oppnb.sources.problems import problem_where
from oppnb.sources.texts import plain_form, trimmed

__all__ = ["coerce_flags"]

_YES = (
    "true",
    "yes",
    "y",
    "t",
    "1",
    "on",
    "x",
    "✓",
    "✔",
    "√",
    "是",
    "真",
    "有",
    "对",
    "已",
    "启用",
    "在职",
    "active",
    "ja",
    "oui",
    "sí",
    "si",
)
_NO = ("false", "no", "n", "f", "0", "off", "否", "假", "无", "不", "未", "停用", "离职", "inactive", "nein", "non")
_MEANING = {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}


def coerce_flags(values: pd.Series) -> Coerced:
    """Read a column of yes and no: true/false, yes/no, Y/N, 1/0, 是/否, 在职/离职, active/inactive.

    Returns
    -------
    Coerced
        `boolean`. Null, with a problem: `flag_is_yes_or_no`.

    Examples
    --------
    >>> coerce_flags(pd.Series(["Yes", "否", "1", None])).values.tolist()
    [True, False, True, <NA>]
    """
    if pd.api.types.is_bool_dtype(values.dtype):
        return Coerced(values.astype("boolean"))
    words = pd.Series(plain_form(trimmed(values)), index=values.index, dtype="str", name=values.name)
    folded = {word: _MEANING.get(word.casefold()) for word in words.dropna().unique()}
    flags = words.map(folded, na_action="ignore").astype("object")
    flags = flags.where(flags.notna(), None).astype("boolean")
    return Coerced(
        flags, problem_where("flag_is_yes_or_no", values.index, (words.notna() & flags.isna()).to_numpy(bool))
    )
