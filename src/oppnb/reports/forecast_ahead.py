"""Beyond bookings: money by week, units by month, contracts that end; each with a sentence where the data has none."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from oppnb.forecasting import forecast_cash, forecast_demand, renewal_notes, renewals_due
from oppnb.reports.told_forecast import ToldForecast
from oppnb.tables import Note

__all__ = ["Ahead", "cash_ahead", "demand_ahead", "renewals_ahead"]

CASH_PARTS = ("late", "due", "from_open_deals", "from_new")


class Ahead:
    """A frame, what it rests on, and a title; without the table only the sentence that says so.

    Parameters
    ----------
    frame : DataFrame
        Empty where the data has no such table.
    lines : list of str
        What it rests on, or what is missing.
    title : str
        The finding.
    """

    def __init__(self, frame: pd.DataFrame, lines: list[str], title: str = "") -> None:
        self.frame = frame
        self.lines = lines
        self.title = title

    def __bool__(self) -> bool:
        """Whether there is anything to show."""
        return not self.frame.empty


def cash_ahead(told: ToldForecast, *, weeks: int = 26) -> Ahead:
    """Money by week: `week_start`, an amount for each of `CASH_PARTS`, `low_amount` and `high_amount` of their sum."""
    if "payments" not in told.tables or told.tables["payments"].empty:
        return Ahead(pd.DataFrame(), [told.said("no_payments")])
    found = forecast_cash(told.book, told.tables, day=told.forecast.point.day, weeks=weeks)
    by_kind = found.weeks.pivot_table(index="week_start", columns="kind", values="expected")
    whole = found.weeks[found.weeks["kind"] == "all"].set_index("week_start")[["low", "high"]]
    frame = by_kind[list(CASH_PARTS)].join(whole).reset_index()
    frame = frame.rename(columns={name: f"{name}_amount" for name in (*CASH_PARTS, "low", "high")})
    first = float(by_kind["all"].head(13).sum())
    title = told.said("title_cash", amount=told.money(first), weeks=told.formats.number(min(13, weeks)))
    return Ahead(frame, _spoken(found.notes, told), title)


def demand_ahead(told: ToldForecast, *, months: int = 6) -> Ahead:
    """Units by month and product, see `oppnb.forecasting.demand_by_product`."""
    if "line_items" not in told.tables or told.tables["line_items"].empty:
        return Ahead(pd.DataFrame(), [told.said("no_lines")])
    found = forecast_demand(told.book, told.tables, day=told.forecast.point.day, months=months)
    frame = found.months.drop(columns="as_of")
    unnamed = told.words("report.slice_none")
    frame = frame.assign(product=frame["product"].fillna(unnamed))
    of = frame.groupby("product", sort=True)["expected"].sum().sort_values(ascending=False, kind="stable")
    title = told.said("title_demand", product=str(of.index[0]), n=told.formats.number(float(of.iloc[0])))
    return Ahead(frame, _spoken(found.notes, told), title)


def renewals_ahead(told: ToldForecast, *, months: int = 6) -> Ahead:
    """Contracts that end soon, see `oppnb.forecasting.renewals_due`."""
    if "subscriptions" not in told.tables or told.tables["subscriptions"].empty:
        return Ahead(pd.DataFrame(), [told.said("no_subscriptions")])
    day = told.forecast.point.day
    found = renewals_due(told.tables, day=day, months=months, workspace=told.workspace)
    found = found.rename(columns={"low": "rate_low_share", "high": "rate_high_share", "expected": "going_on_amount"})
    notes = _spoken(renewal_notes(told.tables, day=day, workspace=told.workspace), told)
    bare = int(found["open_renewal"].isna().sum())
    lead = told.said(
        "renewals_lead",
        n=told.formats.number(len(found)),
        months=told.formats.number(months),
        amount=told.money(float(found["amount_base"].sum())),
        n_bare=told.formats.number(bare),
    )
    return Ahead(found, [lead, *notes])


def _spoken(notes: tuple[Note, ...], told: ToldForecast) -> list[str]:
    return [told.words(f"note.{note.code}", **_values(note.values, told)) for note in notes]


def _values(values: Mapping[str, Any], told: ToldForecast) -> dict[str, Any]:
    return {name: _value(value, told) for name, value in values.items()}


def _value(value: Any, told: ToldForecast) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return told.formats.number(value)
    return told.formats.day(value) if isinstance(value, date) else value
