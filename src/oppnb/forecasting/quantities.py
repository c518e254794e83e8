"""What a won deal asks for, line by line, and how long after the win it starts: learned from lines of won deals."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Quantities", "learn_quantities", "with_starts"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LONGEST = 365
_YEARS_DAYS = 730
_RECENT_DAYS = 365
_GROUPS = 4
_LEAST_LINES = 40


@dataclass(frozen=True)
class Quantities:
    """Units of a won deal.

    Attributes
    ----------
    of_product : DataFrame
        By `product` (main product of the deal) and `line` (product of the line): `first` and `second`, mean and mean
        square of the units per won deal, deals without such a line counting as 0.
    recent : DataFrame
        Lines of deals won in the last year, one row a deal and line product: `line`, `quantity`.
    n_recent : int
        Deals won in the last year.
    cycles : array, shape (n_groups - 1,)
        Ages at the win, in days, between which the groups lie: what was sold quickly starts later after it.
    started : array, shape (n_groups, 366)
        Probability that a line starts within 0, 1, ... days of the win.
    has_lines : bool
        Whether the data has lines; if not, a deal counts as one unit of its product.
    """

    of_product: pd.DataFrame
    recent: pd.DataFrame
    n_recent: int
    cycles: Floats
    started: Floats
    has_lines: bool

    def pace_of(self, age: Floats) -> Ints:
        """Group of each age at the win; an age that is not known lies in the last."""
        return np.searchsorted(self.cycles, np.nan_to_num(age, nan=np.inf), side="left").astype(np.int64)

    def started_within(self, days: Floats, group: Ints) -> Floats:
        """Probability that a line has started so many days after the win; 0 before it."""
        at = np.floor(np.asarray(days, dtype="float64")).astype(np.int64)
        found: Floats = np.where(at < 0, 0.0, self.started[group, np.clip(at, 0, _LONGEST)])
        return found

    def usual_lines(self, products: pd.Series) -> pd.DataFrame:
        """What deals of these products usually ask for: `deal` (position), `line`, `first`, `second`.

        A product that was never won is taken as one unit of itself.
        """
        asked = pd.DataFrame({"deal": np.arange(len(products)), "product": products.fillna("").to_numpy(dtype=object)})
        found = asked.merge(self.of_product, on="product", how="left")
        never = found["line"].isna()
        found["line"] = found["line"].where(~never, found["product"])
        return found.fillna({"first": 1.0, "second": 1.0})[["deal", "line", "first", "second"]]


def with_starts(lines: pd.DataFrame, deals: pd.DataFrame) -> pd.DataFrame:
    """Lines with `closed_on`, `cycle_days`, `main_product` of their deal, and `needed_on`: later of start and close.

    Lines without a deal or a quantity are left out; `needed_on` is null where the start is not known.
    """
    cycle = (deals["closed_on"] - deals["created_on"]).dt.days.astype("float64")
    facts = deals[["opportunity_id", "closed_on"]].assign(main_product=deals["product"], cycle_days=cycle)
    facts = facts.set_index("opportunity_id")
    found = lines.join(facts, on="opportunity_id", how="inner")
    found = found[found["quantity"] > 0].reset_index(drop=True)
    found["line"] = found["product"].fillna("")
    later = found["starts_on"].where(~(found["starts_on"] < found["closed_on"]), found["closed_on"])
    return found.assign(needed_on=later)


def learn_quantities(lines: pd.DataFrame, deals: pd.DataFrame, day: date) -> Quantities:
    """Learn them from the won deals of the last two years.

    Parameters
    ----------
    lines : DataFrame
        Of `oppnb.history.lines_known`.
    deals : DataFrame
        Of a book, as known on the day.
    day : date
        The day of knowledge.
    """
    now = pd.Timestamp(day)
    won = deals[(deals["outcome"] == "won") & (deals["closed_on"] > now - pd.Timedelta(days=_YEARS_DAYS))]
    has_lines = not lines.empty
    if not has_lines:
        lines = _one_each(won)
    told = with_starts(lines[lines["outcome"] == "won"], won)
    sums = told.groupby(["opportunity_id", "main_product", "line"], sort=True, dropna=False)["quantity"].sum()
    units = sums.reset_index()
    units["main_product"] = units["main_product"].fillna("")
    per_product = _per_product(units, won)
    recent = won[won["closed_on"] > now - pd.Timedelta(days=_RECENT_DAYS)]
    of_recent = units[units["opportunity_id"].isin(recent["opportunity_id"])][["line", "quantity"]]
    return Quantities(per_product, of_recent.reset_index(drop=True), len(recent), *_starts(told), has_lines)


def _one_each(won: pd.DataFrame) -> pd.DataFrame:
    lines = won[["opportunity_id", "product"]].assign(quantity=1.0, outcome="won")
    return lines.assign(starts_on=pd.Series(pd.NaT, index=won.index, dtype="datetime64[us]"))


def _per_product(units: pd.DataFrame, won: pd.DataFrame) -> pd.DataFrame:
    n_deals = won["product"].fillna("").value_counts()
    squares = units.assign(square=units["quantity"] ** 2)
    sums = squares.groupby(["main_product", "line"], sort=True)[["quantity", "square"]].sum().reset_index()
    n = sums["main_product"].map(n_deals).to_numpy(dtype="float64")
    moments = {"first": sums["quantity"].to_numpy() / n, "second": sums["square"].to_numpy() / n}
    return pd.DataFrame({"product": sums["main_product"].astype("object"), "line": sums["line"], **moments})


def _starts(told: pd.DataFrame) -> tuple[Floats, Floats]:
    """Limits of the groups by age at the win, and how long after it the lines of each group start."""
    told = told[told["needed_on"].notna()]
    if told.empty:
        return np.zeros(0), np.ones((1, _LONGEST + 1))
    shift: Floats = np.asarray((told["needed_on"] - told["closed_on"]).dt.days, dtype="float64")
    cycle = np.nan_to_num(told["cycle_days"].to_numpy(dtype="float64"), nan=np.inf)
    known = cycle[np.isfinite(cycle)]
    n_groups = min(max(len(known) // _LEAST_LINES, 1), _GROUPS)
    limits: Floats = np.unique(np.quantile(known, np.arange(1, n_groups) / n_groups)) if n_groups > 1 else np.zeros(0)
    group = np.searchsorted(limits, cycle, side="left")
    found = [_distribution(shift[group == one] if (group == one).any() else shift) for one in range(len(limits) + 1)]
    return limits, np.stack(found)


def _distribution(shift: Floats) -> Floats:
    at = np.clip(shift, 0, _LONGEST).astype(np.int64)
    found: Floats = np.cumsum(np.bincount(at, minlength=_LONGEST + 1)) / len(at)
    return found
