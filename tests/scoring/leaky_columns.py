"""Columns as CRMs have them: some honest, however strong or odd, some that know the outcome."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.scoring.leaky_rows import UNTIL, Deals

Column = Callable[[Deals], object]


def text(values: object) -> pd.Series:
    return pd.Series(values, dtype=object)


def pick(deals: Deals, mask: object, yes: object, no: object = None) -> pd.Series:
    """`yes` where the mask holds, else `no`; both a value or one a deal."""
    left = np.array(pd.Series(yes, index=range(deals.n), dtype=object))
    right = np.array(pd.Series(no, index=range(deals.n), dtype=object))
    return text(np.where(np.asarray(mask), left, right))


def chance(deals: Deals, share: float) -> np.ndarray:
    return deals.rng.random(deals.n) < share


def day(deals: Deals, days_ago: object) -> pd.Series:
    ago = np.round(np.broadcast_to(np.asarray(days_ago, dtype=float), (deals.n,)))
    return pd.Series(UNTIL - pd.to_timedelta(ago, unit="D"))


def closed_on(deals: Deals) -> pd.Series:
    return day(deals, deals.created - deals.cycle)


def only(mask: object, values: pd.Series) -> pd.Series:
    return values.where(np.asarray(mask))


def number_if(deals: Deals, mask: object, values: object, otherwise: object = np.nan) -> pd.Series:
    return pd.Series(np.where(np.asarray(mask), values, otherwise).astype(float))


def price(deals: Deals) -> np.ndarray:
    return np.round(np.exp(deals.rng.normal(8, 1, deals.n)))


# --- honest ---------------------------------------------------------------------------------------------------------


def noise(levels: int) -> Column:
    return lambda d: text([f"v{i}" for i in d.rng.integers(0, levels, d.n)])


def seller(d: Deals) -> pd.Series:
    """30 sellers who join and leave; better ones get better deals."""
    effect = np.sort(d.rng.normal(size=10))
    rank = np.searchsorted(effect, d.strength + d.rng.normal(size=d.n))
    return text([f"s{int(c // 200)}-{r}" for c, r in zip(d.created, rank, strict=True)])


def account(d: Deals) -> pd.Series:
    """Customers that buy for some months, with a strong will of their own, and then are gone."""
    order = np.lexsort((np.round(d.strength, 1), (d.created // 60)))
    name = np.empty(d.n, dtype=object)
    name[order] = [f"a{i // 4}" for i in range(d.n)]
    return text(name)


def budget(error: float) -> Column:
    """Said at the start, right with a stated error: AUC = 1 - error."""
    return lambda d: pick(d, d.won ^ chance(d, error), "yes", "no")


def early_campaign(d: Deals) -> pd.Series:
    """Ran in the first year only, and won nearly always."""
    return pick(d, (d.created > 365) & d.won & chance(d, 0.3), "spring fair", "none")


def stale_product(d: Deals) -> pd.Series:
    return pick(d, d.created > 300, noise(3)(d), [f"new{i}" for i in d.rng.integers(0, 3, d.n)])


def filled_lately(d: Deals) -> pd.Series:
    return pick(d, d.created < 200, noise(3)(d))


def filled_formerly(d: Deals) -> pd.Series:
    return pick(d, (d.created > 150) | chance(d, 0.3), noise(3)(d))


def filled_by_the_keen(d: Deals) -> pd.Series:
    """Blank tells something, honestly: those who want to buy fill in the form at the start."""
    return pick(d, d.strength + d.rng.normal(0, 0.7, d.n) > 0, noise(4)(d))


HONEST: dict[str, Column] = {
    "flag": noise(2),
    "ten_values": noise(10),
    "many_values": noise(500),
    "seller": seller,
    "account": account,
    "budget_right_85": budget(0.15),
    "budget_right_80": budget(0.20),
    "early_campaign": early_campaign,
    "stale_product": stale_product,
    "filled_lately": filled_lately,
    "filled_formerly": filled_formerly,
    "filled_by_the_keen": filled_by_the_keen,
    "strong_number": lambda d: pd.Series(d.strength + d.rng.normal(0, 0.3, d.n)),
    "employees": lambda d: pd.Series(np.round(np.exp(d.rng.normal(5, 2, d.n)))),
    "list_price": lambda d: pd.Series(price(d)),
    "mostly_zero": lambda d: number_if(d, chance(d, 0.2), price(d), 0.0),
    "rarely_filled": lambda d: number_if(d, chance(d, 0.1), d.rng.normal(size=d.n)),
    "small_count": lambda d: pd.Series(d.rng.poisson(1.0 + (d.strength > 0)).astype(float)),
    "created_quarter": lambda d: text(day(d, d.created).dt.to_period("Q").astype(str)),
    "created_on": lambda d: day(d, d.created),
    "wanted_from": lambda d: day(d, d.created - d.rng.normal(90, 40, d.n)),
    "wanted_by": lambda d: only(chance(d, 0.5), day(d, d.created - 70 - d.rng.normal(0, 25, d.n))),
    "text_none": lambda d: pick(d, chance(d, 0.4), "None", noise(3)(d)),
    "constant": lambda d: text(["x"] * d.n),
    "never_filled": lambda d: text([None] * d.n),
    "score_right_88": lambda d: pd.Series(d.won * 1.66 + d.rng.normal(size=d.n)),
}
IDENTIFIERS: dict[str, Column] = {
    "reference": lambda d: text([f"OPP-{i:05d}" for i in d.rng.permutation(d.n)]),
    "title": lambda d: text([f"deal {i} for {j}" for i, j in enumerate(d.rng.integers(0, 90, d.n))]),
    "running_number": lambda d: pd.Series(np.argsort(np.argsort(-d.created)) + 1000.0),
}

# --- leaks ----------------------------------------------------------------------------------------------------------


def _closed(d: Deals) -> np.ndarray:
    return ~d.is_open


def _won(d: Deals) -> np.ndarray:
    return d.won & ~d.is_open


def _lost(d: Deals) -> np.ndarray:
    return ~d.won & ~d.is_open


def contract_number(d: Deals) -> pd.Series:
    return pick(d, _won(d), [f"W-{1000 + i}" for i in range(d.n)])


def reference_by_state(d: Deals) -> pd.Series:
    letter = np.where(d.is_open, "O", np.where(d.won, "W", "L"))
    return text([f"{a}-{1000 + i}" for i, a in enumerate(letter)])


def probability(d: Deals) -> pd.Series:
    stage = d.rng.choice([10.0, 30, 50, 70, 90], d.n)
    return number_if(d, d.is_open, stage, np.where(d.won, 100.0, 0.0))


def planned_overwritten(d: Deals) -> pd.Series:
    plan = day(d, -d.rng.uniform(0, 90, d.n))
    return closed_on(d).where(_closed(d), plan)


def modified_at(d: Deals) -> pd.Series:
    after = np.maximum(d.created - d.cycle - d.rng.exponential(20, d.n), 0)
    return day(d, np.where(d.is_open, d.rng.uniform(0, 1, d.n) * np.minimum(d.created, 30), after))


def meetings_in_the_end(d: Deals) -> pd.Series:
    share = np.where(d.is_open, d.rng.uniform(0, 0.4, d.n), 1.0)
    return pd.Series(d.rng.poisson((1 + 7 * d.won) * share).astype(float))


LEAKS: dict[str, Column] = {
    "close_value_blank": lambda d: number_if(d, _closed(d), np.where(d.won, price(d), 0.0)),
    "close_value_zero": lambda d: number_if(d, _won(d), price(d), 0.0),
    "close_value_listed": lambda d: number_if(d, _lost(d), 0.0, price(d)),
    "lost_reason": lambda d: pick(d, _lost(d) & chance(d, 0.7), noise(4)(d)),
    "contract_number": contract_number,
    "reference_by_state": reference_by_state,
    "is_signed": lambda d: pick(d, _won(d), "Yes", "No"),
    "state_label": lambda d: pick(d, d.is_open, "Active", pick(d, d.won, "Client", "Archive")),
    "probability": probability,
    "signed_on": lambda d: only(_won(d), closed_on(d)),
    "ended_on": lambda d: only(_closed(d), closed_on(d)),
    "modified_at": modified_at,
    "planned_overwritten": planned_overwritten,
    "cycle_days": lambda d: pd.Series(d.age_now.round()),
    "closed_by": lambda d: pick(d, _closed(d), noise(5)(d)),
    "survey": lambda d: number_if(d, _won(d) & chance(d, 0.6), d.rng.integers(1, 6, d.n).astype(float)),
    "tag_duplicate": lambda d: pick(d, _lost(d) & chance(d, 0.3), "duplicate", pick(d, chance(d, 0.2), "hot")),
    "rating_of_closed": lambda d: number_if(d, _closed(d), d.rng.integers(1, 6, d.n).astype(float)),
    "future_copy": lambda d: pick(d, d.won ^ chance(d, 0.01), "A", "B"),
    "future_score": lambda d: pd.Series(d.won * 4.0 + d.rng.normal(size=d.n)),
    "noisy_signed": lambda d: pick(d, (_won(d) & chance(d, 0.8)) | (_lost(d) & chance(d, 0.02)), "Yes", "No"),
    "meetings_in_the_end": meetings_in_the_end,
    "is_closed_flag": lambda d: pick(d, _closed(d), "1", "0"),
}
UNSEEN_WITHOUT_OPEN = (
    "closed_by",
    "rating_of_closed",
    "is_closed_flag",
    "modified_at",
    "meetings_in_the_end",
    "tag_duplicate",
)
"""Leaks that only a look at open deals can show."""
