"""Which deals the forecast hangs on: concentration, the largest lost, the best and the worst that may happen."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.forecasting.forecast import Forecast
from oppnb.forecasting.rollup import Told, told_scale

__all__ = ["Influence", "amount_needed", "concentration", "influence", "what_if_largest_lost"]

Floats = npt.NDArray[np.float64]

_SHARES = {"largest_1": 1, "largest_5": 5, "largest_10": 10}


@dataclass(frozen=True)
class Influence:
    """What single deals do to the forecast.

    Attributes
    ----------
    deals : DataFrame
        The deals that move it most, by `influence` (the standard deviation that the deal brings, in money, falling:
        a large deal that hardly anybody expects moves little): `opportunity_id`, `owner_id`, `stage`, `amount`,
        `chance`, `expected`, `change_if_won`, `change_if_lost` (of the expected amount), `chance_if_won`,
        `chance_if_lost` (of the target; null without one).
    concentration : mapping of str to float
        See `concentration`.
    largest_lost : mapping of str to object
        See `what_if_largest_lost`; empty without open deals.
    needed : mapping of str to float
        See `amount_needed`; empty without a target.
    """

    deals: pd.DataFrame
    concentration: dict[str, float]
    largest_lost: dict[str, Any]
    needed: dict[str, float]

    @property
    def best(self) -> pd.DataFrame:
        """The deals in the order of what winning them would add."""
        return self.deals.sort_values("change_if_won", ascending=False, kind="stable", ignore_index=True)

    @property
    def worst(self) -> pd.DataFrame:
        """The deals in the order of what losing them would cost."""
        return self.deals.sort_values("change_if_lost", kind="stable", ignore_index=True)


def influence(forecast: Forecast, *, n: int = 10) -> Influence:
    """What single deals do to the expected amount and to the chance of the target.

    A deal that is won brings its amount, grown as amounts do; one that is lost, nothing; all others stay as likely as
    they are. Looked at are the deals that move the forecast most, and the one of which most is expected.

    Parameters
    ----------
    forecast : Forecast
    n : int
        Above 0; twice as many deals are told.
    """
    scale = told_scale(forecast)
    rows = _moves(forecast, scale)
    most = rows["influence"].sort_values(ascending=False, kind="stable").index[: 2 * n]
    largest = rows["expected"].sort_values(ascending=False, kind="stable").index[:1]
    chosen = rows.loc[sorted({*most, *largest})]
    chances = [_chances(forecast, scale, int(place)) for place in chosen.index]
    chosen = chosen.assign(
        chance_if_won=pd.Series([won for won, _ in chances], index=chosen.index, dtype="float64"),
        chance_if_lost=pd.Series([lost for _, lost in chances], index=chosen.index, dtype="float64"),
    )
    ordered = chosen.sort_values(["influence", "opportunity_id"], ascending=[False, True], ignore_index=True)
    return Influence(ordered, concentration(forecast), what_if_largest_lost(forecast), amount_needed(forecast))


def concentration(forecast: Forecast) -> dict[str, float]:
    """How much of what is still expected hangs on few deals.

    Returns
    -------
    dict of str to float
        `n_deals` (open, with something expected of them), `largest_1`, `largest_5`, `largest_10` (share of what open
        deals are expected to bring; null without any), `effective_number` (of equal deals that would be as spread out:
        1 over the sum of squared shares).
    """
    expected = np.sort(forecast.parts.expected_of_deals)[::-1]
    expected = expected[expected > 0]
    total = float(expected.sum())
    if total <= 0:
        return {"n_deals": 0.0, **dict.fromkeys(_SHARES, float("nan")), "effective_number": 0.0}
    shares = expected / total
    found = {name: float(shares[:n].sum()) for name, n in _SHARES.items()}
    return {"n_deals": float(len(shares)), **found, "effective_number": float(1 / (shares**2).sum())}


def what_if_largest_lost(forecast: Forecast) -> dict[str, Any]:
    """The forecast without the open deal of which most is expected.

    Returns
    -------
    dict
        `opportunity_id`, `amount`, `chance`, `expected` and `chance_of_target` (null without a target) then, `change`
        of the expected amount, `change_of_chance`. Empty without open deals.
    """
    scale = told_scale(forecast)
    rows = _moves(forecast, scale)
    if rows.empty or float(rows["expected"].max()) <= 0:
        return {}
    place = int(rows["expected"].to_numpy().argmax())
    row: dict[str, Any] = {str(name): value for name, value in rows.loc[place].items()}
    chance = _chances(forecast, scale, place)[1]
    before = forecast.chance_of_target
    return {
        "opportunity_id": str(row["opportunity_id"]),
        "amount": float(row["amount"]),
        "chance": float(row["chance"]),
        "expected": forecast.distribution.mean + float(row["change_if_lost"]),
        "change": float(row["change_if_lost"]),
        "chance_of_target": chance,
        "change_of_chance": chance - before if before is not None else float("nan"),
    }


def amount_needed(forecast: Forecast) -> dict[str, float]:
    """What is missing to the target.

    Returns
    -------
    dict of str to float
        `target`, `to_win` (target less what is won already, at least 0), `beyond_expected` (target less what is
        expected, at least 0), `typical_deal` (median of what deals not created yet were won for in the past, else of
        the open deals; null: not known), `n_typical` (how many of those make up `beyond_expected`). Empty without a
        target.
    """
    if forecast.target is None:
        return {}
    parts = forecast.parts
    known = parts.new.amounts if len(parts.new.amounts) else parts.amount[parts.amount > 0]
    typical = float(np.median(known)) if len(known) else float("nan")
    beyond = max(forecast.target - forecast.distribution.mean, 0.0)
    return {
        "target": forecast.target,
        "to_win": max(forecast.target - parts.won_already, 0.0),
        "beyond_expected": beyond,
        "typical_deal": typical,
        "n_typical": float(np.ceil(beyond / typical - 1e-9)) if typical > 0 else float("nan"),
    }


def _moves(forecast: Forecast, scale: Told) -> pd.DataFrame:
    """Of every open deal: what is expected of it, and how the expected amount changes with its end."""
    parts = forecast.parts
    expected = scale.level * parts.expected_of_deals
    return pd.DataFrame(
        {
            "opportunity_id": parts.deals["opportunity_id"],
            "owner_id": parts.deals["owner_id"],
            "stage": parts.deals["stage"],
            "amount": parts.amount,
            "chance": parts.chance,
            "expected": expected,
            "change_if_won": parts.amount * parts.growth.moments[0] - expected,
            "change_if_lost": -expected,
            "influence": parts.swing_of_deals,
        }
    ).reset_index(drop=True)


def _chances(forecast: Forecast, scale: Told, place: int) -> tuple[float, float]:
    """Chance of the target if a deal is won and if it is lost; null without a target.

    What the deals alone say changes by so much; the told chance is moved by the same.
    """
    target, told = forecast.target, forecast.chance_of_target
    if target is None or told is None:
        return float("nan"), float("nan")
    parts, width = forecast.parts, max(scale.width, 1e-9)
    mean, brought = forecast.distribution.mean, float(parts.amount[place] * parts.growth.moments[0])
    before = scale.raw.chance_of(scale.raw.mean + (target - mean) / width)
    rest = parts.with_deals(parts.deals.drop(index=parts.deals.index[place])).distribution()
    others = mean - scale.level * float(parts.expected_of_deals[place])
    found = [
        min(max(told + rest.chance_of(rest.mean + (target - others - more) / width) - before, 0.0), 1.0)
        for more in (brought, 0.0)
    ]
    return max(found[0], told), min(found[1], told)
