"""Numbers of people beside the model's: what is typed becomes a row of the store's ledger, and is read from there."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from oppnb.errors import UsageError
from oppnb.forecasting import Override, append_override, overrides_known, tell_overrides, with_overrides
from oppnb.forecasting.checks import check_period
from oppnb.forecasting.explored import ExploredForecast
from oppnb.forecasting.nodes import COMPANY, node_name
from oppnb.forecasting.told_figures import told_figures
from oppnb.forecasting.withdrawing import withdraw_by_id
from oppnb.locale import Formats, Words
from oppnb.periods import parse_day, parse_period
from oppnb.store import Store
from oppnb.widgets.typed_numbers import number_typed

__all__ = [
    "beside_model",
    "day_of_word",
    "figures_typed",
    "overrides_panel",
    "period_of_word",
    "take_back",
    "target_of",
    "write_word",
]

_FIGURES = ("amount", "chance", "expected_close_on")


def day_of_word(explored: ExploredForecast, *, now: datetime | None = None) -> date:
    """The day on which a word is said unless another is given: today, or the forecast's where its period is over."""
    today = (now or datetime.now(UTC)).astimezone(_zone(explored)).date()
    point = explored.forecast.point
    return point.day if today > point.period.end else today


def target_of(explored: ExploredForecast, node: str) -> dict[str, str | None]:
    """`by` and `node` of an override for a node of the roll-up: the lowest column and its value.

    Raises
    ------
    UsageError
        If nobody knows what the node's deals have in common.
    """
    path = explored.path(node)
    if not path:
        return {"by": COMPANY, "node": None}
    by, value = path[-1]
    if value is None:
        raise UsageError(f"Deals of which the {by} is not known are no part that one could speak for.")
    return {"by": by, "node": value}


def write_word(explored: ExploredForecast, store: Store, said: Mapping[str, Any], when: datetime | date | None) -> str:
    """Add a number to the ledger and give its id; raises as `oppnb.forecasting.append_override`."""
    moment = _moment(explored, when)
    override = Override(when=moment, **said)
    if override.period is not None:
        start = explored.book.workspace.calendar.fiscal_year_start
        day = moment.astimezone(_zone(explored)).date()
        check_period(parse_period(override.period, fiscal_year_start=start), day)
    written = append_override(store, override, book=explored.book)
    return written.rpartition("/")[2].removesuffix(".parquet")


def _moment(explored: ExploredForecast, when: datetime | date | None) -> datetime:
    if isinstance(when, datetime):
        return when if when.tzinfo is not None else when.replace(tzinfo=_zone(explored))
    now = datetime.now(UTC)
    day = day_of_word(explored, now=now) if when is None else when
    if day == now.astimezone(_zone(explored)).date():
        return now
    return datetime.combine(day, time(12), tzinfo=_zone(explored))


def _zone(explored: ExploredForecast) -> ZoneInfo:
    return ZoneInfo(explored.book.workspace.calendar.time_zone)


def figures_typed(figure: str, text: str) -> dict[str, Any]:
    """The figure of an override from what was typed: an amount, a chance (0.6 or 60%), a day.

    Raises
    ------
    UsageError
        If the figure is unknown, or what was typed is no number.
    PeriodError
        If it is no day.

    Examples
    --------
    >>> figures_typed("chance", "60 %"), figures_typed("amount", "1.2M")
    ({'chance': 0.6}, {'amount': 1200000.0})
    """
    if figure not in _FIGURES:
        raise UsageError(f"There is no figure '{figure}': there are {', '.join(_FIGURES)}.")
    typed = text.strip()
    if figure == "expected_close_on":
        return {figure: parse_day(typed)}
    is_share = figure == "chance" and typed.endswith(("%", "％"))
    number = number_typed(typed.rstrip("%％ "))
    if number is None:
        raise UsageError("The number cannot be read. Write for example 1200000, 1,200,000 or 1.2M; a chance as 60%.")
    return {figure: number / 100 if is_share else number}


def beside_model(explored: ExploredForecast, store: Store | None) -> pd.DataFrame:
    """People's figures beside the model's, as known by now.

    Of `oppnb.forecasting.with_overrides`, with `override_id` of the latest word on each (null where nobody spoke).
    """
    today = max(datetime.now(UTC).astimezone(_zone(explored)).date(), explored.forecast.point.day)
    spoken = pd.DataFrame() if store is None else overrides_known(store, today)
    if spoken.empty:
        return pd.DataFrame()
    figures = told_figures(explored.forecast, explored.book, spoken) | _shown(explored)
    compared = with_overrides(explored.parts, spoken, book=explored.book, figures=figures)
    latest = spoken.sort_values("said_at", kind="stable").assign(of=_of(spoken)).drop_duplicates("of", keep="last")
    ids = latest.set_index("of")["override_id"]
    return compared.assign(override_id=_of(compared).map(ids).where(compared["who"].notna()))


def _of(rows: pd.DataFrame) -> pd.Series:
    """The deal, or the node, that a row is of."""
    return rows["opportunity_id"].where(rows["opportunity_id"].notna(), rows["node"]).astype("str")


def take_back(explored: ExploredForecast, store: Store, override_id: str, *, who: str, why: str) -> None:
    """Take a number out of force, from now on; raises as `oppnb.forecasting.withdrawing.withdraw_by_id`."""
    zone = explored.book.workspace.calendar.time_zone
    withdraw_by_id(store, override_id, who=who, why=why, when=datetime.now(UTC), time_zone=zone)


def _shown(explored: ExploredForecast) -> dict[str, float]:
    """The highest nodes as the tree shows them, by the names that overrides have."""
    rows = explored.amounts()
    rows = rows[rows["parent"] == COMPANY]
    paths = [(explored.path(str(node))[-1], value) for node, value in zip(rows["node"], rows["expected"], strict=True)]
    return {node_name(by, of): float(value) for (by, of), value in paths if of is not None}


def overrides_panel(
    explored: ExploredForecast,
    compared: pd.DataFrame,
    *,
    has_store: bool,
    node_label: str,
    deals: list[dict[str, str]],
    names: Mapping[str, str],
    who: str,
    words: Words,
    formats: Formats,
) -> dict[str, Any]:
    """The form, what people said, and what the model says of the same."""
    spoken = compared[compared["who"].notna()] if len(compared) else compared
    lines = tell_overrides(compared, words=words, formats=formats) if len(spoken) else []
    columns = ["node", "model", "adjusted", "difference", "who", "said_at", "why", "counts"]
    zone = _zone(explored)
    return {
        "has_store": has_store,
        "node": node_label,
        "deals": deals,
        "who": who,
        "day": day_of_word(explored).isoformat(),
        "lines": lines or [words("forecast_people.nobody_spoke")],
        "columns": [words(f"forecast_people.{name}") for name in columns],
        "texts": [place for place, name in enumerate(columns) if name in ("who", "said_at", "why", "counts")],
        "rows": [_row(row, names, zone, words, formats) for row in spoken.to_dict("records")],
    }


def _row(row: Any, names: Mapping[str, str], zone: ZoneInfo, words: Words, formats: Formats) -> dict[str, Any]:
    is_deal = isinstance(row["opportunity_id"], str)
    of = names.get(row["opportunity_id"], row["opportunity_id"]) if is_deal else row["node"]
    said_on = row["said_at"].tz_localize("UTC").tz_convert(zone).date()
    counts = row["counts"] or row["node"] == COMPANY
    cells = [
        words("override.company") if of == COMPANY else str(of),
        *(formats.money(row[name], short=True) for name in ("model", "adjusted", "difference")),
        row["who"],
        formats.day(said_on, short=True),
        row["why"],
        words("override.yes" if counts else "override.no"),
    ]
    key = row["override_id"] if isinstance(row["override_id"], str) else ""
    return {"key": str(row["opportunity_id"] if is_deal else row["node"]), "cells": cells, "assumed": [], "id": key}


def period_of_word(explored: ExploredForecast, said: Mapping[str, Any]) -> str | None:
    """The forecast's period, but for an amount or a day of a deal, which are of no period."""
    if said.get("opportunity_id") is not None and said.get("chance") is None:
        return None
    return explored.forecast.point.period.name
