"""The models that a backtest compares: every baseline, and as many levels of the ladder as the data can carry."""

from collections.abc import Callable, Mapping

from oppnb.scoring.models.ladder import BASELINES, LADDER
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.rows import ScoringRows

__all__ = ["LEAST_DEALS", "candidate_models", "levels", "make_model", "n_closed_deals"]

LEAST_DEALS = {
    "stage_rates": 0,
    "ridge_on_rates": 50,
    "ridge": 100,
    "boosted_closed": 150,
    "boosted_hazard": 100,
    "spline_hazard": 3_000,
}
"""Closed deals below which a level is not tried; above, it is used only where it wins the backtest."""
LEAST_OF_EACH = 10
"""Won deals, and lost deals, below which only the stage rates are tried."""
_NEED_DATES = ("stage_week_rates", "boosted_hazard", "spline_hazard")


def n_closed_deals(rows: ScoringRows) -> tuple[int, int]:
    """Distinct deals won and lost among the rows."""
    keys = rows.keys["opportunity_id"]
    return int(keys[rows.is_won].nunique()), int(keys[rows.is_lost].nunique())


def candidate_models(rows: ScoringRows) -> list[Callable[[], WinModel]]:
    """Makers of the models to compare, baselines first, then the ladder from the simplest up.

    Parameters
    ----------
    rows : ScoringRows
        With ends.
    """
    n_won, n_lost = n_closed_deals(rows)
    n = n_won + n_lost if min(n_won, n_lost) >= LEAST_OF_EACH else 0
    found = [maker for name, maker in BASELINES.items() if rows.is_dated or name not in _NEED_DATES]
    found += [
        maker
        for name, maker in levels().items()
        if n >= LEAST_DEALS[name] and (rows.is_dated or name not in _NEED_DATES)
    ]
    return found


def levels() -> Mapping[str, Callable[[], WinModel]]:
    """Makers of the ladder's levels, from the simplest up."""
    from oppnb.scoring.models.boosted_closed import BoostedClosed
    from oppnb.scoring.models.boosted_hazard import BoostedHazard
    from oppnb.scoring.models.spline_hazard import SplineHazard

    boosted = {"boosted_closed": BoostedClosed, "boosted_hazard": BoostedHazard, "spline_hazard": SplineHazard}
    return {**LADDER, **boosted}


def make_model(name: str) -> WinModel:
    """A new model by its name, baseline or level."""
    return {**BASELINES, **levels()}[name]()
