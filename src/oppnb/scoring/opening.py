"""Open an export for scoring: amounts in currencies without rates do not stop it, they are compared within each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from oppnb.errors import CurrencyError
from oppnb.sources import read_tables
from oppnb.stages import NO_DAY, OpenedData, open_data, with_presets
from oppnb.tables import Note, Tables
from oppnb.workspace import Workspace, read_workspace

__all__ = ["has_relative_amounts", "open_for_scoring"]

_NOTE = "scoring_amounts_within_currency"


def open_for_scoring(
    data: str | Path | Tables,
    *,
    as_of: date | str | None,
    workspace: Workspace | str | Path | None,
    only: Mapping[str, str] | None = None,
) -> OpenedData:
    """As `oppnb.stages.open_data`, but no rate is needed to learn from amounts.

    Where amounts are in several currencies and rates are missing, each amount is told as a multiple of the median of
    its currency: that is enough to say whether large deals are won less often. Such amounts are no money, so no value
    is worked out from them; a note says so.
    """
    try:
        return open_data(data, as_of=as_of, workspace=workspace, default_day=NO_DAY, only=only)
    except CurrencyError:
        settled = with_presets(workspace if isinstance(workspace, Workspace) else read_workspace(workspace))
        reading = None if isinstance(data, Tables) else read_tables(data, workspace=settled)
        tables = data if isinstance(data, Tables) else reading.tables if reading else None
        if tables is None:
            raise
        relative, currencies = _relative(tables)
        opened = open_data(relative, as_of=as_of, workspace=settled, default_day=NO_DAY, only=only)
        note = Note(_NOTE, {"n": len(currencies), "currencies": ", ".join(currencies[:5])})
        return replace(opened, reading=reading, notes=(*opened.notes, note))


def has_relative_amounts(opened: OpenedData) -> bool:
    """Whether amounts are multiples of a median and no money."""
    return any(note.code == _NOTE for note in opened.notes)


def _relative(tables: Tables) -> tuple[Tables, list[str]]:
    deals = tables["opportunities"]
    currency = deals["currency"].fillna("")
    usual = deals["amount"].where(deals["amount"] > 0).groupby(currency).transform("median")
    of_deal = pd.Series(usual.to_numpy(), index=deals["opportunity_id"]).groupby(level=0).first()
    frames = {"opportunities": deals.drop(columns="currency").assign(amount=deals["amount"] / usual)}
    frames["opportunities"]["deal_currency"] = deals["currency"]
    if "opportunity_history" in tables and "amount" in tables["opportunity_history"]:
        history = tables["opportunity_history"]
        by = history["opportunity_id"].map(of_deal)
        frames["opportunity_history"] = history.assign(amount=history["amount"] / by)
    kept = {name: frame for name, frame in tables.items() if name not in ("exchange_rates", "line_items", "targets")}
    kept = {name: frame.drop(columns="currency", errors="ignore") for name, frame in kept.items()}
    return (
        Tables({**kept, **frames}, exported_on=tables.exported_on, notes=tables.notes),
        sorted(deals["currency"].dropna().unique()),
    )
