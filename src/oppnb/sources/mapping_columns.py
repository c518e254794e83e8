"""How one canonical column is filled: which header, recoded how, of which kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from oppnb.errors import ColumnMissingError, MappingError, nearest
from oppnb.sources.coerce import Coerced, coerce_column, currencies_in
from oppnb.sources.coerced import Decision
from oppnb.tables import Kind, fold, rows_where
from oppnb.workspace import ColumnRule, Condition, Where
from oppnb.workspace.conditions import Scalar

__all__ = [
    "FilledColumn",
    "HeaderProblem",
    "Settings",
    "blank",
    "fill_column",
    "headers_of",
    "holds",
    "plain_text",
    "recoded_rows",
]


@dataclass(frozen=True)
class Settings:
    """What holds for the whole export."""

    time_zone: str = "UTC"
    date_order: Literal["D/M/Y", "M/D/Y"] | None = None


@dataclass(frozen=True)
class HeaderProblem:
    """Rows of one header whose value could not be used, or is used although it is doubtful (`is_kept`)."""

    rule: str
    header: str
    rows: pd.Index
    n_checked: int
    is_kept: bool = False


@dataclass(frozen=True)
class FilledColumn:
    """A canonical column, what could not be read of it, and what was decided (by header)."""

    values: pd.Series
    problems: tuple[HeaderProblem, ...] = ()
    decided: tuple[tuple[str, Decision], ...] = ()


def headers_of(rule: ColumnRule) -> tuple[str, ...]:
    """The headers a rule reads, in order."""
    if rule.first_of is not None:
        return tuple(header for part in rule.first_of for header in headers_of(part))
    if rule.column is None:
        return ()
    return (rule.column,) if isinstance(rule.column, str) else tuple(rule.column)


def fill_column(frame: pd.DataFrame, rule: ColumnRule, kind: Kind, *, file: str, settings: Settings) -> FilledColumn:
    """Fill one column from a file's rows.

    Parameters
    ----------
    frame : DataFrame
        Rows of the file, with the columns of its joins.
    rule : ColumnRule
        From the workspace or a proposal.
    kind : str
        Kind of the canonical column.
    file : str
        For messages.
    settings : Settings
        Time zone and date order of the export.

    Returns
    -------
    FilledColumn
        `values` has the index of `frame`; a value that cannot be read is null and stands in `problems`.

    Raises
    ------
    MappingError
        If a header is not there.
    """
    values: pd.Series | None = None
    problems: list[HeaderProblem] = []
    decided: list[tuple[str, Decision]] = []
    filled = pd.Series(False, index=frame.index)
    for header, raw, part in _origins(frame, rule, file=file, settings=settings):
        wanted = raw.mask(filled) if values is not None else raw
        coerced = _coerce(wanted, part, kind, settings=settings)
        values = coerced.values if values is None else values.where(filled, coerced.values)
        filled |= ~blank(wanted)
        problems += _header_problems(coerced, header, n_checked=int(wanted.notna().sum()))
        decided += [(header, decision) for decision in coerced.decisions]
    assert values is not None  # noqa: S101 - the model guarantees an origin
    return FilledColumn(values, tuple(problems), tuple(decided))


def holds(frame: pd.DataFrame, where: Where, *, file: str, settings: Settings) -> pd.Series:
    """Mark the raw rows that meet a `where`; what is compared with a number or a day is read as one first.

    Raises
    ------
    MappingError
        If a condition names a column that is not there.
    """
    read = {
        name: _comparable(frame[name], condition, settings)
        for name, condition in where.items()
        if name in frame.columns and _bounds(condition)
    }
    try:
        return rows_where(frame.assign(**read) if read else frame, where, table=file)
    except ColumnMissingError as error:
        raise MappingError(f"{error}\nMend the 'where' in oppnb.yaml.") from error


def _bounds(condition: Condition) -> list[Scalar]:
    bounds = (condition.at_least, condition.at_most, condition.below, condition.above)
    return [bound for bound in bounds if bound is not None]


def _comparable(raw: pd.Series, condition: Condition, settings: Settings) -> pd.Series:
    bound = _bounds(condition)[0]
    kind: Kind = "number" if not isinstance(bound, str) else "day" if len(bound) <= len("2024-01-31") else "moment"
    return coerce_column(raw, kind, date_order=settings.date_order, time_zone=settings.time_zone).values


def _origins(
    frame: pd.DataFrame, rule: ColumnRule, *, file: str, settings: Settings
) -> list[tuple[str, pd.Series, ColumnRule]]:
    """Raw values of each origin in order: header, values (null outside the rule's `where`), rule."""
    if rule.first_of is not None:
        parts = [origin for part in rule.first_of for origin in _origins(frame, part, file=file, settings=settings)]
    elif rule.value is not None:
        parts = [("", pd.Series(_scalar_text(rule.value), index=frame.index, dtype="str"), rule)]
    else:
        parts = [(name, _recode(_header(frame, name, file=file), rule.values), rule) for name in headers_of(rule)]
    if rule.where:
        kept = holds(frame, rule.where, file=file, settings=settings)
        parts = [(name, raw.where(kept), part) for name, raw, part in parts]
    return parts


def _coerce(raw: pd.Series, rule: ColumnRule, kind: Kind, *, settings: Settings) -> Coerced:
    if kind == "currency" and _are_amounts(raw):
        return Coerced(currencies_in(raw))
    order = rule.date_order or settings.date_order
    return coerce_column(raw, kind, date_order=order, time_zone=settings.time_zone, scale=rule.scale)


def _are_amounts(raw: pd.Series) -> bool:
    """Whether a column of currencies is one of amounts that carry their sign, as in '¥1,200'."""
    filled = raw.dropna().iloc[:1_000]
    return isinstance(raw.dtype, pd.StringDtype) and len(filled) > 0 and bool(filled.str.contains(r"\d").mean() > 0.5)


def _header_problems(coerced: Coerced, header: str, *, n_checked: int) -> list[HeaderProblem]:
    return [
        HeaderProblem(
            problem.rule, header, problem.rows, n_checked, bool(coerced.values.loc[problem.rows].notna().all())
        )
        for problem in coerced.problems
    ]


def _header(frame: pd.DataFrame, name: str, *, file: str) -> pd.Series:
    if name in frame.columns:
        return frame[name]
    headers = [str(header) for header in frame.columns if not str(header).startswith("#")]
    near = nearest(name, headers)
    shown = ", ".join(f"'{header}'" for header in headers[:8]) + (" …" if len(headers) > 8 else "")
    hint = f"The nearest header is '{near}'." if near else f"Its headers are {shown}."
    raise MappingError(
        f"The mapping names the column '{name}', which is not in '{file}'. {hint}\n"
        f'Mend it in oppnb.yaml:  columns: {{…: "{near or (headers[0] if headers else "…")}"}}'
    )


def _recode(raw: pd.Series, values: Mapping[str, Scalar | None] | None) -> pd.Series:
    """Exchange texts: the exact spelling first, then without regard to case, width and outer spaces."""
    if not values:
        return raw
    text = plain_text(raw)
    exact = {key: _scalar_text(value) for key, value in values.items()}
    folded = {fold(key): _scalar_text(value) for key, value in reversed(list(values.items()))}
    spellings = text.dropna().unique()
    target = {word: exact[word] if word in exact else folded.get(fold(word), word) for word in spellings}
    return text.map(target).astype("str")


def recoded_rows(raw: pd.Series, values: Mapping[str, Scalar | None]) -> pd.Series:
    """Mark the rows whose text a recode exchanges for another."""
    text = plain_text(raw)
    return text.notna() & (_recode(raw, values).fillna("") != text.fillna(""))


def _scalar_text(value: Scalar | None) -> str | None:
    return None if value is None else str(value)


def plain_text(values: pd.Series) -> pd.Series:
    """Values as text; a missing one stays missing, a whole number carries no '.0'."""
    if isinstance(values.dtype, pd.StringDtype):
        return values
    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    return values.astype("object").map(str, na_action="ignore").astype("str")


def blank(values: pd.Series) -> pd.Series:
    """Mark values that are missing or only spaces."""
    if isinstance(values.dtype, pd.StringDtype):
        return values.isna() | (values.str.strip() == "").fillna(False).astype(bool)
    return values.isna()
