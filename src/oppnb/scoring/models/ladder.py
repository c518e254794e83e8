"""The simple models by name: baselines that everything is compared with, and the lower steps of the ladder."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from oppnb.scoring.models.base_rate import BaseRate
from oppnb.scoring.models.logistic import Logistic
from oppnb.scoring.models.naive_bayes import NaiveBayes
from oppnb.scoring.models.ridge import Ridge
from oppnb.scoring.models.ridge_on_rates import RidgeOnRates
from oppnb.scoring.models.stage_odds import ObservedStageOdds, SetStageOdds
from oppnb.scoring.models.stage_rates import StageRates
from oppnb.scoring.models.stage_week import StageWeekRates
from oppnb.scoring.prediction import WinModel

__all__ = ["BASELINES", "LADDER"]

BASELINES: Mapping[str, Callable[[], WinModel]] = MappingProxyType(
    {
        "base_rate": BaseRate,
        "set_stage_odds": SetStageOdds,
        "observed_stage_odds": ObservedStageOdds,
        "stage_week_rates": StageWeekRates,
        "naive_bayes": NaiveBayes,
        "logistic": Logistic,
    }
)
"""Never chosen; they stand in the table beside the others."""

LADDER: Mapping[str, Callable[[], WinModel]] = MappingProxyType(
    {"stage_rates": StageRates, "ridge_on_rates": RidgeOnRates, "ridge": Ridge}
)
"""From the lowest step up."""
