"""The parts of `oppnb.yaml` about the forecast: the hierarchy it is rolled up by, the period, scenarios."""

from typing import Literal, Self

from pydantic import Field, model_validator

from oppnb.workspace.conditions import Where
from oppnb.workspace.model import Model, mistake_at

__all__ = ["Forecast", "Scenario", "ScenarioChange"]


class ScenarioChange(Model):
    """What would be different, for some deals: those open now, and those not created yet.

    Factors are 1 for no change. A deal that is not created yet has no stage: a change for deals of a stage, a category
    or another column that only open deals have leaves new business as it is.
    """

    where: Where = Field(
        default_factory=dict, description="Which deals: column -> value, list or condition; by default all."
    )
    win_odds: float = Field(
        1.0, gt=0, allow_inf_nan=False, description="Factor on the odds of winning: 1.1 turns 50 % into 52.4 %."
    )
    win_rate_points: float = Field(
        0.0, ge=-100, le=100, description="Percentage points added to the chance of winning at all, held in 0-100 %."
    )
    amount: float = Field(1.0, ge=0, allow_inf_nan=False, description="Factor on amounts.")
    cycle_time: float = Field(
        1.0, gt=0, allow_inf_nan=False, description="Factor on how long deals take: at 0.8, 80 days become 64."
    )
    new_business: float = Field(
        1.0, ge=0, allow_inf_nan=False, description="Factor on the number of deals not created yet."
    )

    @property
    def is_nothing(self) -> bool:
        """Whether everything stays as it is."""
        factors = (self.win_odds, self.amount, self.cycle_time, self.new_business)
        return self.win_rate_points == 0 and all(factor == 1 for factor in factors)


class Scenario(Model):
    """A forecast under other assumptions, saved by its name."""

    name: str = Field(min_length=1, description="Short and unique; it stands in tables and files.")
    label: dict[str, str] = Field(default_factory=dict, description="Name by locale, e.g. zh_CN.")
    changes: list[ScenarioChange] = Field(
        default_factory=list, description="One after the other; a deal may be meant by several."
    )


class Forecast(Model):
    """How periods are forecast."""

    period: Literal["month", "quarter", "year"] = Field("quarter", description="The usual period.")
    hierarchy: list[str] = Field(
        default_factory=lambda: ["region", "team", "owner_id"],
        description="Columns the forecast is rolled up by, the highest first.",
    )
    scenarios: list[Scenario] = Field(default_factory=list)

    @model_validator(mode="after")
    def _names_are_given_once(self) -> Self:
        for position, column in enumerate(self.hierarchy):
            if column in self.hierarchy[:position]:
                raise mistake_at(("hierarchy", position), f"'{column}' stands twice in the hierarchy", value=column)
        names = [scenario.name for scenario in self.scenarios]
        for position, name in enumerate(names):
            if name in names[:position]:
                said = f"two scenarios have the name '{name}'"
                raise mistake_at(("scenarios", position, "name"), said, value=name)
        return self
