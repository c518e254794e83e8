"""Cells of a workbook in the reader's words: codes become words, and what only a program reads is left to the CSV."""

from collections.abc import Callable, Mapping

import pandas as pd

from oppnb.locale import Words
from oppnb.reports.columns import header

__all__ = ["cells_in_words"]

_LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "name": ("metric", "variant"),
    "text": ("rule", "stages", "values"),
    "forecast_model": ("model",),
    "label": ("bar",),
    "spoken_by": ("source",),
    "weeks_ahead": ("weeks_from", "weeks_to"),
}
"""Column that says it in words -> columns that say it in codes."""

_GROUPS: Mapping[str, str] = {
    "unit": "cell.unit_",
    "value_unit": "cell.unit_",
    "reference_unit": "cell.unit_",
    "better": "cell.better_",
    "outcome": "cell.outcome_",
    "outcome_after": "cell.outcome_",
    "kind": "cell.kind_",
    "period_kind": "cell.period_kind_",
    "bar": "chart.bar_",
    "model": "forecasting.model_",
    "against": "forecasting.model_",
    "verdict": "forecast_people.verdict_",
    "metric": "metric.",
    "rule": "rule.",
    "table": "widgets_mapping_editor.table_",
}
"""Column -> what the catalogue puts before its codes; a code without a word stays as it is."""


def cells_in_words(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The frame for a reader: codes and truth values as words, columns of codes that another one tells left out.

    Parameters
    ----------
    frame : DataFrame
        A table of a report, as `tables/` keeps it.
    words : Words
        The reader's language.

    Examples
    --------
    >>> frame = pd.DataFrame({"metric": ["win_rate"], "name": ["Win rate"], "unit": ["share"], "is_better": [True]})
    >>> cells_in_words(frame, Words("zh_CN")).iloc[0].tolist()
    ['Win rate', '占比', '是']
    """
    told = {column for name, codes in _LEFT_OUT.items() if name in frame for column in codes}
    kept = frame.drop(columns=[name for name in frame.columns if name in told])
    made = {name: _said(kept[name], str(name), kept, words) for name in kept.columns}
    return kept.assign(**{str(name): values for name, values in made.items() if values is not None})


def _said(values: pd.Series, column: str, frame: pd.DataFrame, words: Words) -> pd.Series | None:
    """The column in words; None where it stays as it is."""
    if pd.api.types.is_bool_dtype(values) or {type(value) for value in values.dropna()} == {bool}:
        return _mapped(values, lambda value: words("cell.yes" if value else "cell.no"))
    if pd.api.types.is_numeric_dtype(values):
        return None
    if column == "variant" and "metric" in frame:
        pairs = zip(frame["metric"], values, strict=True)
        said = [words.get(f"metric.{metric}.{variant}", str(variant)) for metric, variant in pairs]
        return pd.Series(said, index=values.index, dtype="object")
    if column in ("by", "column"):
        return _mapped(values, lambda value: header(str(value), words) if str(value).isascii() else str(value))
    start = _GROUPS.get(column)
    return None if start is None else _mapped(values, lambda value: words.get(f"{start}{value}", str(value)))


def _mapped(values: pd.Series, say: Callable[[object], str]) -> pd.Series:
    return values.astype("object").map(say, na_action="ignore")
