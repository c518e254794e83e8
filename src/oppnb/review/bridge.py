"""The pipeline bridge: how the open pipeline of one day became that of a later one, to the cent.

The rules, in the order in which they are applied; each deal is treated once, by the first that fits:

1. *Scope.* A deal counts on a day if it was open then, belonged to the slice then, and was then expected to close
   inside the period. Without a period every open deal counts. A deal without an expected close is not due in any
   period.
2. *How it left* (deals that counted on the first day and do not on the second): `moved_out` if it left the slice,
   whatever became of it there; else `won`; else `lost`; else `pushed_out`, its expected close left the period or was
   emptied; `removed` if the later data does not hold the deal at all.
3. *How it came* (deals that count on the second day and did not on the first): `new` if the deal was not known
   then, but `undated` if nothing says when it was created (it is first seen on the day of the export); `moved_in` if
   it was in another slice; `reopened` if it was closed; else `pulled_in`, its expected close moved into the period.
4. *How its amount changed* (deals that counted on both days, and deals that counted and were won): `increased` or
   `decreased` by the change of its own amount at the rate of the first day; `currency` is what the rates did. If the
   deal changed its currency, all of the change is in `increased` or `decreased`.

A won deal leaves at its amount on the second day; one that was lost, pushed or moved out leaves at what it
counted on the first day (CRMs empty the amount of a lost deal); whatever comes, comes at its amount on the second
day. Deals that counted on neither day are in no bar. Those among them that were won or lost between the two days,
closing inside the period, are listed beside it (`in_between`): the won bar and the won deals in between are together
everything that was won.

Each deal's amount in the report's currency is rounded to the cent (half to even) before anything is added; missing
amounts count 0 and are listed. Sums are of whole cents: start plus all changes is the end, exactly.

Where the amounts of one day are not known, as of any day before the export of a flat list, the bridge is one of deals:
every amount is null, `n` tells how many started, came, left and stayed, and there is nothing to increase or decrease.
Not known means: of less than half the share of the open deals that it is of on the other day, or of none at all;
the whole pipeline decides, so that every slice and period is told alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from oppnb.periods import Period
from oppnb.review.bridge_rows import bridge_rows, count_rows, deals_in_between, deals_on_both_days
from oppnb.review.cents import from_cents
from oppnb.review.scope import amounts_are_known, has_expected_close, is_open
from oppnb.tables import Note

__all__ = ["BARS", "Bridge", "build_bridge"]

BARS: Mapping[str, str] = {
    "start": "total",
    "new": "in",
    "undated": "in",
    "pulled_in": "in",
    "reopened": "in",
    "moved_in": "in",
    "increased": "in",
    "decreased": "out",
    "won": "out",
    "lost": "out",
    "pushed_out": "out",
    "moved_out": "out",
    "removed": "out",
    "currency": "change",
    "end": "total",
}


@dataclass(frozen=True)
class Bridge:
    """A pipeline bridge and the deals behind each bar.

    Attributes
    ----------
    bars : DataFrame
        `bar` (key), `amount` (signed: what leaves is negative, so start plus all changes is the end; null throughout
        if the bridge is one of deals), `n` (deals), `kind` (total, in, out, change).
    rows : DataFrame
        One row a deal and bar: `bar`, `opportunity_id`, `amount` (signed, adds up to the bar), then what the deal
        looked like on both days: `name`, `owner_id`, `amount_before`, `amount_after`, `expected_close_before`,
        `expected_close_after`, `outcome_after`, `is_amount_missing`.
    in_between : DataFrame
        Deals of no bar that were won or lost between the two days, inside the period: `opportunity_id`, `name`,
        `owner_id`, `outcome`, `amount`, `closed_on`.
    period : Period or None
        None if the bridge is over the whole open pipeline.
    notes : tuple of Note
        What had to be assumed: no expected close at all, deals without one, deals without an amount, no amounts.
    """

    bars: pd.DataFrame
    rows: pd.DataFrame
    in_between: pd.DataFrame
    period: Period | None
    notes: tuple[Note, ...] = ()

    @property
    def unit(self) -> str:
        """`money`, or `count` if the amounts of one of the days are not known."""
        return "count" if self.bars["amount"].isna().all() else "money"

    def moves(self) -> pd.DataFrame:
        """The bars with `value`, signed, in the bridge's unit."""
        sign = self.bars["kind"].map({"total": 1, "in": 1, "out": -1, "change": 0})
        value = self.bars["amount"] if self.unit == "money" else sign * self.bars["n"]
        return self.bars.assign(value=value.astype("float64"))

    def amount(self, bar: str) -> float:
        """Signed amount of one bar."""
        return float(self.bars.loc[self.bars["bar"] == bar, "amount"].iloc[0])

    def behind(self, bar: str) -> pd.DataFrame:
        """The deals behind one bar, largest first."""
        rows = self.rows[self.rows["bar"] == bar]
        order = rows["amount"].abs().sort_values(ascending=False, kind="stable").index
        return rows.loc[order].reset_index(drop=True)


def build_bridge(
    start: pd.DataFrame,
    end: pd.DataFrame,
    *,
    period: Period | None = None,
    slice_of: Mapping[str, str] | None = None,
    time_zone: str = "UTC",
) -> Bridge:
    """Explain how the open pipeline on one day became that on a later day.

    Parameters
    ----------
    start, end : DataFrame
        Snapshots of `oppnb.history.as_of` on the two days (`amount_base` in the report's currency).
    period : Period, optional
        Only deals expected to close in it. If no open deal on either day has an expected close, the bridge runs over
        the whole open pipeline and says so in a note.
    slice_of : mapping of column to value, optional
        Only these deals, e.g. `{"owner_id": "u7"}`; deals that changed hands are in `moved_in` and `moved_out`.
    time_zone : str
        Where a day begins and ends, for the day on which a deal closed.

    Returns
    -------
    Bridge
        See this module's docstring for the rules.

    Raises
    ------
    ColumnMissingError
        If the slice names a column that is not there.

    """
    notes: list[Note] = []
    if period is not None and not has_expected_close(start, end):
        period = None
        notes.append(Note("review_bridge_whole_pipeline"))
    deals = deals_on_both_days(start, end, period=period, slice_of=slice_of, time_zone=time_zone)
    in_amounts = amounts_are_known(start, end)
    rows, in_between = bridge_rows(deals) if in_amounts else count_rows(deals), deals_in_between(deals)
    notes += _missing_amounts(rows) if in_amounts else [Note("review_bridge_in_deals")]
    notes += [*_undated(rows), *_closed_in_between(in_between), *_unknown_slices(start, end, slice_of)]
    bars = _bars(rows)
    if not in_amounts:
        bars, rows = (frame.assign(amount=float("nan")) for frame in (bars, rows))
    return Bridge(bars, rows.drop(columns="cents"), in_between, period, tuple(notes))


def _bars(rows: pd.DataFrame) -> pd.DataFrame:
    cents = rows.groupby("bar", sort=False)["cents"].sum()
    counts = rows.groupby("bar", sort=False)["opportunity_id"].nunique()
    total = {bar: int(cents.get(bar, 0)) for bar in BARS}
    changes = sum(value for bar, value in total.items() if BARS[bar] != "total")
    if total["start"] + changes != total["end"]:
        raise AssertionError(
            f"The bridge does not close: {total['start']} + {changes} is not {total['end']} cents. "
            "This is a defect in oppnb; please report it."
        )
    return pd.DataFrame(
        {
            "bar": pd.Series(list(BARS), dtype="str"),
            "amount": [from_cents(total[bar]) for bar in BARS],
            "n": [int(counts.get(bar, 0)) for bar in BARS],
            "kind": pd.Series(list(BARS.values()), dtype="str"),
        }
    )


def _missing_amounts(rows: pd.DataFrame) -> list[Note]:
    without = rows.loc[rows["is_amount_missing"] & (rows["bar"] == "end"), "opportunity_id"]
    n_rows = int((rows["bar"] == "end").sum())
    if without.empty:
        return []
    return [
        Note(
            "review_bridge_amounts_missing",
            {"n": len(without), "total": n_rows, "first": ", ".join(without.iloc[:3])},
        )
    ]


def _unknown_slices(start: pd.DataFrame, end: pd.DataFrame, slice_of: Mapping[str, str] | None) -> list[Note]:
    """Columns of the slice that open deals have on one day only: whoever is in it seems to have moved in or out."""
    told = [[bool(day.loc[is_open(day), column].notna().any()) for day in (start, end)] for column in slice_of or {}]
    days = [bool(is_open(day).any()) for day in (start, end)]
    lacking = [
        column for column, known in zip(slice_of or {}, told, strict=True) if all(days) and any(known) != all(known)
    ]
    return [Note("review_bridge_slice_unknown", {"columns": ", ".join(lacking)})] if lacking else []


def _undated(rows: pd.DataFrame) -> list[Note]:
    found = rows.loc[rows["bar"] == "undated", "opportunity_id"]
    return [Note("review_bridge_undated", {"n": len(found), "first": ", ".join(found.iloc[:3])})] if len(found) else []


def _closed_in_between(deals: pd.DataFrame) -> list[Note]:
    if deals.empty:
        return []
    return [Note("review_bridge_in_between", {"n": len(deals), "n_won": int((deals["outcome"] == "won").sum())})]
