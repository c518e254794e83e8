"""The model in use: P(won ever) of one model, spread over time as another one says."""

from typing import Any, Self

from oppnb.scoring.prediction import Contributions, Prediction, WinModel, with_timing
from oppnb.scoring.rows import ScoringRows

__all__ = ["ComposedModel"]


class ComposedModel:
    """Two models as one; the name is that of the model for P(won ever).

    Parameters
    ----------
    ever : WinModel
        Says whether; its parts are the reasons.
    timing : WinModel
        Says when, given whether. The same object as `ever` if one model says both.
    """

    is_baseline = False

    def __init__(self, ever: WinModel, timing: WinModel) -> None:
        self.ever = ever
        self.timing = timing

    @property
    def name(self) -> str:
        """Of the model for P(won ever)."""
        return self.ever.name

    def fit(self, rows: ScoringRows) -> Self:
        """Learn both from the same rows."""
        self.ever.fit(rows)
        if self.timing is not self.ever:
            self.timing.fit(rows)
        return self

    def predict(self, rows: ScoringRows) -> Prediction:
        """Curves at `LEAD_DAYS`."""
        ever = self.ever.predict(rows)
        return ever if self.timing is self.ever else with_timing(ever, self.timing.predict(rows))

    def contributions(self, rows: ScoringRows) -> Contributions:
        """Parts of P(won ever)."""
        return self.ever.contributions(rows)

    def __getattr__(self, name: str) -> Any:
        # What only some models tell (their own doubt, the share of the prior) is asked of the first.
        if name.startswith("__") or name in ("ever", "timing"):
            raise AttributeError(name)
        return getattr(self.ever, name)
