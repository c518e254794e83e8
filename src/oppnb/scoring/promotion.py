"""Whether a newly trained model replaces the one in use: only if it wins on deals that came later."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Self

from oppnb.locale import Words
from oppnb.scoring.backtest import Backtest, rolling_backtest
from oppnb.scoring.court import Court
from oppnb.scoring.paired import Difference
from oppnb.scoring.prediction import Contributions, Prediction, WinModel
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.spread import Floats, logit_sd

__all__ = ["CHALLENGER", "CHAMPION", "NamedModel", "Promotion", "judge_challenger"]

CHAMPION, CHALLENGER = "champion", "challenger"


@dataclass(frozen=True)
class Promotion:
    """What was decided, and on what grounds.

    Attributes
    ----------
    is_replaced : bool
        The challenger takes over.
    reason : str
        `nothing_to_judge` (no deal was open after the champion's training whose end is known), `challenger_is_better`
        (beyond noise), `fits_no_more` (drift has raised an alarm, and the challenger is better if not beyond noise) or
        `no_better`: the text of `scoring_promotion` in the catalogue.
    difference : Difference
        Mean log loss of the challenger less that of the champion on the same rows.
    backtest : Backtest
        Both as `champion` and `challenger`, for `oppnb.scoring.evaluation.evaluation_frame`.
    """

    is_replaced: bool
    reason: str
    difference: Difference
    backtest: Backtest

    def sentence(self, words: Words) -> str:
        """The decision in the reader's words."""
        return words(
            f"scoring_promotion.{self.reason}",
            difference=f"{self.difference.value:+.4f}",
            high=f"{self.difference.high:+.4f}",
            n_deals=f"{self.difference.n_deals:,}",
        )


def judge_challenger(
    rows: ScoringRows,
    champion: WinModel,
    challenger: Callable[[], WinModel],
    *,
    trained_until: date,
    has_alarm: bool = False,
    n_origins: int = 3,
    level: float = 0.9,
) -> Promotion:
    """Hold a challenger against the model in use on deals that were open after that one's training.

    The champion is taken as it is. The challenger is trained anew on each of a few days from the champion's last day
    on, with what was known then, and scores the deals open from that day: as if it had been in use. It replaces the
    champion where its log loss is lower beyond noise (one-sided 90 %, the deal as the unit), or simply lower after an
    alarm.

    Parameters
    ----------
    rows : ScoringRows
        With days and ends.
    champion : WinModel
        Fitted; it is not changed.
    challenger : callable
        Makes a new model of the kind that would be trained.
    trained_until : date
        Last day that the champion knew of.
    has_alarm : bool
        Drift says that the champion fits no more.
    n_origins : int
        Days of training for the challenger at most.
    level : float
        One-sided.
    """
    models = [lambda: NamedModel(champion, CHAMPION, is_fitted=True), lambda: NamedModel(challenger(), CHALLENGER)]
    backtest = rolling_backtest(rows, models, n_origins=n_origins, not_before=trained_until)
    if not len(backtest.frame) or not (backtest.frame["weight"] > 0).any() or not backtest.is_over_time:
        nothing = Difference(float("nan"), float("nan"), float("nan"), 0, 0)
        return Promotion(False, "nothing_to_judge", nothing, backtest)
    court = Court(backtest, level)
    found = court.compare("promotion", CHALLENGER, CHAMPION, court.ever_loss)
    if found.n == 0:
        return Promotion(False, "nothing_to_judge", found, backtest)
    if found.is_better:
        return Promotion(True, "challenger_is_better", found, backtest)
    if has_alarm and found.value < 0:
        return Promotion(True, "fits_no_more", found, backtest)
    return Promotion(False, "no_better", found, backtest)


@dataclass
class NamedModel:
    """A model under another name; one that is fitted stays as it is.

    Attributes
    ----------
    model : WinModel
        It predicts.
    name : str
        What it is called in a backtest.
    is_baseline : bool
        Told as one.
    is_fitted : bool
        `fit` changes nothing then.
    """

    model: WinModel
    name: str
    is_baseline: bool = False
    is_fitted: bool = False

    def fit(self, rows: ScoringRows) -> Self:
        """Learn from rows, unless it has learnt already."""
        if not self.is_fitted:
            self.model = self.model.fit(rows)
        return self

    def predict(self, rows: ScoringRows) -> Prediction:
        """What the model says."""
        return self.model.predict(rows)

    def contributions(self, rows: ScoringRows) -> Contributions:
        """Why it says so."""
        return self.model.contributions(rows)

    def logit_sd(self, rows: ScoringRows) -> Floats:
        """Its own doubt, in log odds."""
        return logit_sd(self.model, rows)
