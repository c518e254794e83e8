"""Why a period came out otherwise than expected at its opening: causes that add up to the gap, deal by deal."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.parts import ForecastParts
from oppnb.forecasting.stage_shift import StageShift
from oppnb.history.book import PipelineBook
from oppnb.history.rates import rate_on, rates_by_currency

__all__ = ["CAUSES", "NODE_COLUMNS", "gap_rows", "won_of_open"]

Floats = npt.NDArray[np.float64]

CAUSES = (
    "odds",
    "shared",
    "won",
    "pulled_in",
    "lost",
    "slipped",
    "won_early",
    "grown",
    "shrunk",
    "currency",
    "new_business",
    "corrected",
    "combination",
)
"""Every cause, in the order in which they are told; see `gap_rows`. The last is what win curves alone expected, which
the others start from, less the forecast that was told: its mean with a baseline."""

NODE_COLUMNS = ("owner_id", "manager_id", "team", "region", "product", "process", "source")
"""Columns by which a gap can be taken apart."""


def won_of_open(book: PipelineBook, parts: ForecastParts) -> pd.DataFrame:
    """What became, by the period's end, of the deals that were open at its opening.

    Returns
    -------
    DataFrame
        Row by row with `parts.deals`: `ending` (won, lost, slipped, won_early: before the period began, corrected),
        `amount_won` (inside the period, else 0), `closed_on`.
    """
    ends = book.closed_after(parts.deals)
    days, point = ends["days_to_end"].to_numpy(dtype="float64"), parts.point
    is_later = days > 0
    is_won, is_lost = np.asarray(ends["outcome"] == "won"), np.asarray(ends["outcome"] == "lost")
    inside = is_won & (days > point.days_to_start) & (days <= point.days_to_end)
    early = is_won & is_later & (days <= point.days_to_start)
    ending = np.select(
        [inside, early, is_lost & is_later, ~is_won & ~is_lost],
        ["won", "won_early", "lost", "slipped"],
        default="corrected",
    )
    amount = np.where(inside, ends["amount_won"].fillna(0.0).to_numpy(dtype="float64"), 0.0)
    closed = parts.deals["as_of"] + pd.to_timedelta(ends["days_to_end"], unit="D")
    return pd.DataFrame({"ending": ending, "amount_won": amount, "closed_on": closed}, index=parts.deals.index)


def gap_rows(
    book: PipelineBook, parts: ForecastParts, shift: StageShift, *, exchange_rates: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The gap between result and expectation as contributions of single deals.

    Of a deal that was open at the opening with amount a, growth g, stated chance p, p set right for all deals p1 and by
    stage p2, the gap y - a g p (y: what it was won for inside the period, else 0) is the sum of

    - `shared`: a g (p1 - p), a good or bad period for all deals;
    - `odds`: a g (p2 - p1), the chances of its stage were set too high or too low, beyond luck and beyond `shared`;
    - what became of it: a g (1 - p2) if it was won, under `pulled_in` if it was expected to close after the period or
      nobody said when, else under `won`; -a g p2 if it was not, under `lost`, `slipped` (still open at the period's
      end), `won_early` (before the period began) or `corrected` (it had ended by the opening, as was told later);
    - if it was won: `currency`, y (1 - r0 / r1) with the exchange rates of the opening and of the close; and the rest
      of y - a g as `grown` or `shrunk`, by its sign.

    A deal that was won without being open at the opening counts with all its amount as `new_business`; a row without
    `opportunity_id` takes off what was expected of such deals.

    Parameters
    ----------
    book : PipelineBook
        As known at the period's end.
    parts : ForecastParts
        The forecast of the opening.
    shift : StageShift
        The chances set right.
    exchange_rates : DataFrame, optional
        `currency`, `on`, `rate_to_base`; without it no cause is `currency`.

    Returns
    -------
    DataFrame
        By cause and deal: `cause`, `opportunity_id`, `amount`, `process`, `stage` and the other columns of
        `NODE_COLUMNS`: of an open deal as they were at the opening. Contributions of 0 are left out.
    """
    ends = won_of_open(book, parts)
    amount = parts.amount * parts.growth.moments[0]
    is_won = np.asarray(ends["ending"] == "won")
    fate = np.where(is_won & ~parts.deals["due"].to_numpy(dtype=bool), "pulled_in", ends["ending"])
    won = ends["amount_won"].to_numpy(dtype="float64")
    by_currency = won * (1 - _rates_at_opening_over_close(book, parts, ends, exchange_rates))
    rest = np.where(is_won, won - amount - by_currency, 0.0)
    found = [
        _told(parts.deals, "shared", amount * (shift.together - shift.stated)),
        _told(parts.deals, "odds", amount * (shift.by_stage - shift.together)),
        _told(parts.deals, fate, amount * (is_won - shift.by_stage)),
        _told(parts.deals, "currency", by_currency),
        _told(parts.deals, np.where(rest > 0, "grown", "shrunk"), rest),
        _of_new_business(book, parts, set(parts.deals.loc[is_won, "opportunity_id"])),
    ]
    rows = pd.concat([one for one in found if len(one)] or found[:1], ignore_index=True)
    rows["cause"] = pd.Categorical(rows["cause"], categories=CAUSES, ordered=True)
    rows = rows.sort_values(["cause", "opportunity_id"], kind="stable", ignore_index=True)
    return rows.astype({"cause": "str"})


def _told(deals: pd.DataFrame, cause: str | npt.NDArray[np.str_], amount: Floats) -> pd.DataFrame:
    columns = {name: deals[name] for name in dict.fromkeys([*NODE_COLUMNS, "stage"]) if name in deals}
    rows = pd.DataFrame({"cause": cause, "opportunity_id": deals["opportunity_id"], "amount": amount, **columns})
    return rows[rows["amount"] != 0.0]


def _of_new_business(book: PipelineBook, parts: ForecastParts, known: set[str]) -> pd.DataFrame:
    """Deals won without having been open at the opening, and what was expected of them."""
    period = parts.point.period
    won = book.won_between(period.start, period.end)
    won = won[~won["opportunity_id"].isin(known | set(parts.won["opportunity_id"]))]
    rows = _told(won, "new_business", won["amount_base"].fillna(0.0).to_numpy(dtype="float64"))
    expected = pd.DataFrame({"cause": ["new_business"], "opportunity_id": None, "amount": [-parts.new.mean]})
    expected = expected.astype({"opportunity_id": "str"})
    return pd.concat([rows, expected], ignore_index=True) if parts.new.mean else rows


def _rates_at_opening_over_close(
    book: PipelineBook, parts: ForecastParts, ends: pd.DataFrame, exchange_rates: pd.DataFrame | None
) -> Floats:
    """Exchange rate of the opening over that of the close, 1 where it has not closed or no rate is known."""
    if exchange_rates is None or parts.deals.empty:
        return np.ones(len(ends))
    rates = rates_by_currency(exchange_rates)
    codes = _currencies(book, parts.deals["opportunity_id"])
    opened = parts.deals["as_of"].to_numpy()
    closed = ends["closed_on"].fillna(parts.deals["as_of"]).to_numpy()
    base = book.workspace.currency
    found: Floats = rate_on(rates, codes, opened, base=base) / rate_on(rates, codes, closed, base=base)
    return found


def _currencies(book: PipelineBook, ids: pd.Series) -> npt.NDArray[np.object_]:
    of_deal = book.deals.set_index("opportunity_id")["currency"]
    found = of_deal.reindex(ids).astype("object")
    return np.asarray(found.where(found.notna(), "").to_numpy(dtype=object))
