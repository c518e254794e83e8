"""A history made of what a flat list tells: a deal is worth its list price until it closes, then what it closed for."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from oppnb.sources.mapping_columns import blank, headers_of, plain_text
from oppnb.sources.proposals_joins import Lookup
from oppnb.sources.proposals_rules import Draft
from oppnb.tables import rows_where
from oppnb.workspace import ColumnRule, Condition, Join, MappingRule

__all__ = ["ListPrice", "price_history"]

_MOSTLY = 0.5
_ENOUGH_ROWS = 10
Line = tuple[ColumnRule, str]


@dataclass(frozen=True)
class ListPrice:
    """A price that stands in for the amount of open rows.

    Attributes
    ----------
    header : str
        Column of the joined file.
    lookup : Lookup
        The joined file.
    closing : str or None
        Column of the opportunities' file that is filled in closed rows only; None if no header names an amount.
    closed : mapping of str to Condition
        Which rows are closed.
    """

    header: str
    lookup: Lookup
    closing: str | None
    closed: Mapping[str, Condition]


@dataclass(frozen=True)
class _Days:
    """Columns with the day of the creation and of the close, the rows that have them, and the one stage in between."""

    created: str
    closed: str | None
    is_closed: pd.Series
    stage: str | None


def price_history(draft: Draft, price: ListPrice) -> list[tuple[MappingRule, dict[str, str]]]:
    """Propose the rows of `opportunity_history` that list prices and closing values tell.

    Parameters
    ----------
    draft : Draft
        Of the opportunities.
    price : ListPrice
        What `add_list_price` found.

    Returns
    -------
    list of rule and reasons
        A row at the creation with the list price, a row at the close with the closing value; with the stages, if the
        day of creation is that of one stage. Empty if the file has no days, or groups its rows.
    """
    days = _days(draft, price)
    if days is None or draft.recognised.section.one_row_per:
        return []
    created = _created(draft, price, days)
    closed = _closed(draft, price, days)
    return [rule for rule in (created, closed) if rule is not None]


def _days(draft: Draft, price: ListPrice) -> _Days | None:
    frame = draft.values.frame
    created, closed = (_own_header(draft, name) for name in ("created_at", "closed_at"))
    if created is None or not set(price.closed) <= set(frame.columns):
        return None
    is_closed = rows_where(frame, dict(price.closed), table=draft.file)
    can_close = closed is not None and price.closing is not None and _is_filled(frame[price.closing][is_closed])
    if not can_close:
        return None if price.closing is not None else _Days(created, None, is_closed, None)
    return _Days(created, closed, is_closed, _one_stage(draft, created, is_closed))


def _own_header(draft: Draft, name: str) -> str | None:
    """The one header of the file itself that fills a canonical column."""
    headers = headers_of(draft.columns[name]) if name in draft.columns else ()
    return headers[0] if len(headers) == 1 and headers[0] in draft.values.frame.columns else None


def _is_filled(values: pd.Series) -> bool:
    return len(values) > 0 and float((~blank(values)).mean()) >= _MOSTLY


def _one_stage(draft: Draft, created: str, is_closed: pd.Series) -> str | None:
    """The stage in which all open rows stand that have a day of creation; None if there are several, or few rows."""
    header = _own_header(draft, "stage")
    if header is None or draft.columns["stage"].values:
        return None
    frame = draft.values.frame
    stages = plain_text(frame.loc[~is_closed & ~blank(frame[created]), header]).dropna()
    found = stages.unique()
    return str(found[0]) if len(found) == 1 and len(stages) >= _ENOUGH_ROWS else None


def _created(draft: Draft, price: ListPrice, days: _Days) -> tuple[MappingRule, dict[str, str]]:
    filled = {days.created: Condition(is_null=False)}
    frame = draft.values.frame
    n = int((~days.is_closed & ~blank(frame[days.created])).sum())
    why = f"'{price.header}' of {price.lookup.join.file}: what a deal was worth before it closed"
    columns: dict[str, Line] = {
        "changed_at": (draft.columns["created_at"], "each deal begins with its list price"),
        "amount": (_priced(draft, price.header), why),
    }
    if days.stage is not None:
        said = f"all {n:,} open rows that have '{days.created}' are in '{days.stage}'"
        columns["stage"] = (ColumnRule(value=days.stage), said)
    join = price.lookup.join.model_copy(update={"columns": [price.header]})
    return _rule(draft, columns, where=filled, joins=[join], reason=_evidence(draft, price, days))


def _closed(draft: Draft, price: ListPrice, days: _Days) -> tuple[MappingRule, dict[str, str]] | None:
    if days.closed is None or price.closing is None:
        return None
    columns: dict[str, Line] = {
        "changed_at": (ColumnRule(column=days.closed), "and ends with its closing value"),
        "amount": (_priced(draft, price.closing), f"'{price.closing}' is what a deal closed for"),
    }
    if days.stage is not None:
        columns["stage"] = (draft.columns["stage"], "the stage of the close")
    where = {**price.closed, days.closed: Condition(is_null=False)}
    return _rule(draft, columns, where=where, joins=[], reason=_evidence(draft, price, days))


def _priced(draft: Draft, header: str) -> ColumnRule:
    """As the amount is read, of this header alone."""
    return draft.columns["amount"].model_copy(update={"column": header})


def _evidence(draft: Draft, price: ListPrice, days: _Days) -> str:
    """What was measured: how many closed and how many open rows have the closing value."""
    if price.closing is None:
        return "a list price, known from the day of creation on"
    filled = ~blank(draft.values.frame[price.closing])
    of_closed, of_open = (
        f"{int(filled[rows].sum()):,} of {int(rows.sum()):,}" for rows in (days.is_closed, ~days.is_closed)
    )
    said = f"'{price.closing}' is filled in {of_closed} closed and {of_open} open rows"
    return f"{said}: before the close the list price is known"


def _rule(
    draft: Draft,
    lines: Mapping[str, Line],
    *,
    where: Mapping[str, Condition],
    joins: list[Join],
    reason: str,
) -> tuple[MappingRule, dict[str, str]]:
    order = ("changed_at", "stage", "amount")
    columns = {"opportunity_id": draft.columns["opportunity_id"]}
    columns |= {name: lines[name][0] for name in order if name in lines}
    rule = MappingRule(
        table="opportunity_history",
        file=draft.file,
        where={**draft.where, **where},
        join=joins,
        columns=columns,
        keep_other_columns=False,
    )
    reasons = {"": reason, **{name: why for name, (_, why) in lines.items()}}
    return rule, reasons
