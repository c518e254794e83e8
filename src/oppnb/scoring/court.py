"""Models held against each other on the same past deals."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.scoring.backtest import Backtest
from oppnb.scoring.judged import judged
from oppnb.scoring.measures import auc_estimate, limits, row_log_loss
from oppnb.scoring.paired import Difference, paired_difference

__all__ = ["LEAST", "Court", "Loss"]

Floats = npt.NDArray[np.float64]

LEAST = 0.0005
"""The smallest difference of mean log loss that counts: a smaller one is of no use, however sure it is."""

_NO_ORDER = 0.5
_TIMING = ("90_days", "period")

Loss = Callable[[str], tuple[Floats, Floats]]
"""The loss and the weight of each row, of a model."""


class Court:
    """Compares models on one backtest and keeps the record.

    Attributes
    ----------
    steps : list
        Question, model, other model and their difference, in the order in which they were compared.
    taken : str
        The model that the last climb ended on.
    is_young : bool
        Of more than two fifths of the deals nobody has seen yet how they end (`Backtest.share_beyond`): then P(won
        ever) cannot be judged, and what happened by dates stands in for it.
    """

    def __init__(self, backtest: Backtest, level: float, *, climb: float | None = None) -> None:
        self.rows = {name: backtest.of(name) for name in backtest.models}
        self.level = level
        self.climb_level = level if climb is None else climb
        self.is_young = backtest.is_young
        first = next(iter(self.rows.values()))
        self.baselines = [name for name, rows in self.rows.items() if bool(rows["is_baseline"].iloc[0])]
        self.deal = np.asarray(pd.factorize(first["opportunity_id"])[0], dtype="int64")
        # Parts of an export without dates are drawn at random: they share no fortune.
        self.block = first["fold"].to_numpy(dtype="int64") if backtest.is_over_time else None
        self.won = first["is_won"].to_numpy(dtype="float64")
        # A model trained on an early day had learnt from few deals, which tells little of one that learns from all.
        share = _share_learnt(first["fold"]) if backtest.is_over_time else np.ones(len(first))
        self.weight = share * first["weight"].to_numpy(dtype="float64")
        self.expected = first["won_expected"].to_numpy(dtype="float64")
        self.expected_weight = share * first["expected_weight"].to_numpy(dtype="float64")
        self.row_weight = share * first["row_weight"].to_numpy(dtype="float64")
        self.steps: list[tuple[str, str, str, Difference]] = []
        self.taken = ""

    def climb(self, question: str, levels: Sequence[str], loss: Loss) -> None:
        """Take each level that is better than the one in use."""
        self.taken = levels[0]
        for name in levels[1:]:
            if self.compare(question, name, self.taken, loss, level=self.climb_level).is_better:
                self.taken = name

    def compare(self, question: str, name: str, other: str, loss: Loss, *, level: float | None = None) -> Difference:
        """Put down how much lower the loss of one is than that of the other."""
        (one, weight), (two, other_weight) = loss(name), loss(other)
        found = paired_difference(
            one,
            two,
            weight=np.minimum(weight, other_weight),
            deal=self.deal,
            block=self.block,
            level=level or self.level,
            least=LEAST,
        )
        self.steps.append((question, name, other, found))
        return found

    def met(self, question: str, name: str, other: str, loss: Loss) -> Difference:
        """As `compare`, but what was compared before is not put down twice."""
        before = [found for *asked, found in self.steps if asked == [question, name, other]]
        return before[0] if before else self.compare(question, name, other, loss)

    def ever_loss(self, name: str) -> tuple[Floats, Floats]:
        """Loss and weight of each row for P(won ever); by dates where the history is too young for that.

        Open deals count with the loss that is to be expected of them: those closed so far are the quick ones, and
        weights know nothing of the deals that nobody closes.
        """
        if self.is_young:
            return self.timing_loss(name, name)
        p = self.rows[name]["p_ever"].to_numpy(dtype="float64")
        won, lost = row_log_loss(np.ones(len(p)), p), row_log_loss(np.zeros(len(p)), p)
        return self.expected * won + (1 - self.expected) * lost, self.expected_weight

    def timing_loss(self, name: str, ever: str) -> tuple[Floats, Floats]:
        """Mean loss over the dates that are known, for the probabilities of `ever` spread over time as `name` does."""
        rows = self.rows[name]
        own, wanted = (self.rows[one]["p_ever"].to_numpy(dtype="float64") for one in (name, ever))
        scale = np.divide(wanted, own, out=np.zeros_like(wanted), where=own > 0)
        total, n = np.zeros(len(own)), np.zeros(len(own))
        for horizon in _TIMING:
            won = rows[f"won_in_{horizon}"].to_numpy(dtype="float64")
            p = np.clip(rows[f"p_in_{horizon}"].to_numpy(dtype="float64") * scale, 0.0, 1.0)
            is_known = np.isfinite(won) & np.isfinite(p)
            total += np.where(is_known, row_log_loss(won, np.where(is_known, p, 0.5)), 0.0)
            n += is_known
        return np.divide(total, n, out=np.zeros_like(total), where=n > 0), np.where(n > 0, self.row_weight, 0.0)

    def tells_deals_apart(self, name: str) -> bool:
        """The AUC lies above one half, also at its lower one-sided limit; by 90 days where the history is young."""
        rows, horizon = self.rows[name], "90_days"
        won, p, weight = self.won, rows["p_ever"], self.weight
        if self.is_young:
            p, known = rows[f"p_in_{horizon}"], rows[f"won_in_{horizon}"]
            won, weight = known.fillna(0.0).to_numpy(), np.where(known.notna() & p.notna(), self.row_weight, 0.0)
        told = judged(won, p, cluster=self.deal, weight=weight)
        return limits("auc", auc_estimate(told), told, level=2 * self.level - 1)[0] > _NO_ORDER

    def mean_loss(self, name: str) -> float:
        """Mean of `ever_loss`."""
        loss, weight = self.ever_loss(name)
        return float(np.average(loss, weights=weight)) if weight.sum() > 0 else np.inf


def _share_learnt(fold: pd.Series) -> Floats:
    """How much of what is known today was known on the day of training, by its place among the days: 1 for the last."""
    place = fold.to_numpy(dtype="float64") + 1
    found: Floats = place / place.max(initial=1.0)
    return found
