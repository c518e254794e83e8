"""Which model is used, and why: a higher level only where it won on the client's own past."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from oppnb.locale import Words
from oppnb.scoring.backtest import Backtest
from oppnb.scoring.court import Court
from oppnb.scoring.paired import Difference

__all__ = ["CONSTANT", "LADDER", "STAGE_ODDS", "Choice", "choose_models"]

LADDER = ("stage_rates", "ridge_on_rates", "ridge", "boosted_closed", "boosted_hazard", "spline_hazard")
"""Levels from the simplest up; the first is used where nothing has been shown to be better."""
CONSTANT = "base_rate"
STAGE_ODDS = ("set_stage_odds", "observed_stage_odds")

_LEAST_DEALS = 100
"""Deals judged below which a baseline that learns (not the base rate, not stage odds) is not used in place of a level:
on 13 weeks of a synthetic pipeline a naive Bayes that had looked better was twice as far from the truth."""

_COLUMNS = {
    "question": "str",
    "model": "str",
    "against": "str",
    "difference": "float64",
    "low": "float64",
    "high": "float64",
    "n": "int64",
    "n_deals": "int64",
    "is_better": "bool",
    "is_worse": "bool",
}


@dataclass(frozen=True)
class Choice:
    """The model for P(won ever), the one that spreads it over time, and what decided.

    Attributes
    ----------
    ever, timing : str
        Names of models.
    verdict : str
        `not_measured` (no backtest), `no_better_than_base_rate`, `no_better_than_stage_odds`, `baseline_is_better` (a
        baseline beat every level, see `baseline`), `baseline_looks_better` (the same on too few deals to use one that
        learns) or `better_than_baselines`: the text of `scoring_verdict` in the
        catalogue. `ever` is the baseline itself where even the lowest level was worse than it.
    baseline : str or None
        The baseline that the verdict speaks of.
    is_young : bool
        Of more than two fifths of the deals nobody has seen yet how they end, the history being young or deals never
        being closed: P(won ever) could not be judged, so the level was chosen by how well it said what happened within
        90 days and by the period's end.
    steps : DataFrame
        Every comparison, in order: `question` (`ever`: a level of the ladder for P(won ever); `timing`: for the spread
        over time; `baseline`: the model chosen against a baseline), `model`, `against`, `difference` (mean log loss of
        `model` less that of `against`, below 0 is better), `low`, `high` (one-sided limits: 80 % on the
        ladder, 90 % against baselines), `n`, `n_deals`,
        `is_better`, `is_worse` (beyond noise, and by 0.0005 at least). A level that is better was taken.
    """

    ever: str
    timing: str
    verdict: str
    baseline: str | None
    is_young: bool
    steps: pd.DataFrame

    def sentences(self, words: Words) -> list[str]:
        """Why this model, in the reader's words: the level in use, each step of the ladder, the verdict."""
        title = _titles(words)
        told = [words("scoring_choice.in_use", model=title(self.ever), timing=title(self.timing))]
        told += [words("scoring_choice.young")] if self.is_young else []
        told_apart = (self.steps["question"] != "timing") | (self.steps["difference"].abs() >= 0.00005)
        climbed = self.steps[(self.steps["question"] != "baseline") & (self.steps["n_deals"] > 0) & told_apart]
        told += [
            _step({str(name): value for name, value in step.items()}, words) for step in climbed.to_dict("records")
        ]
        baseline = title(self.baseline) if self.baseline else ""
        ending = "_used" if self.ever == self.baseline and self.verdict.startswith("no_better_than_") else ""
        return [*told, words(f"scoring_verdict.{self.verdict}{ending}", model=title(self.ever), baseline=baseline)]


def choose_models(
    backtest: Backtest, *, ladder: Sequence[str] = LADDER, level: float = 0.9, climb: float = 0.8
) -> Choice:
    """Climb the ladder as far as the backtest carries.

    The lowest level is in use at first. Each higher one replaces the level in use only where its log loss on the same
    deals is lower beyond noise: the upper one-sided 80 % limit of the mean difference lies below 0, both with the deal
    and with the stretch between two days of training as the unit. P(won ever) and its spread over time are chosen
    apart; a candidate for the second is judged with the probabilities of the first, on what happened within 90 days and
    by the end of the period.

    Later days of training count more: what learnt from few deals then tells little of what learns from all today.

    The model chosen is then held against every baseline in the same way. Is it no better than a constant (it may state
    a better level than last year's win rate and still not tell deals apart: then its AUC is not above one half beyond
    noise) or than the stage odds, the verdict says so. Has a baseline beaten it beyond noise, the level with the lowest
    loss is tried instead; if that is beaten too, the lowest level is used where the winner is a constant or stage odds
    (the shrunken stage rates are the honest form of these), and otherwise the winner itself.

    Parameters
    ----------
    backtest : Backtest
        With predictions of at least the lowest level; levels that are not in it are passed over.
    ladder : sequence of str
        Names of models from the simplest up.
    level : float
        One-sided, of what is said against the baselines.
    climb : float
        One-sided, of a step up the ladder: both levels are honest there, and to stay too low costs as much as to climb
        too high.

    Returns
    -------
    Choice
        The lowest level and `not_measured` where the backtest is empty.
    """
    levels = [name for name in ladder if name in backtest.models]
    if not levels or not (backtest.frame["weight"] > 0).any():
        return Choice(ladder[0], ladder[0], "not_measured", None, False, _frame([]))
    court = Court(backtest, level, climb=climb)
    court.climb("ever", levels, court.ever_loss)
    ever, verdict, baseline = _against_baselines(court, court.taken, levels)
    court.climb("timing", levels, lambda name: court.timing_loss(name, ever))
    return Choice(ever, court.taken, verdict, baseline, court.is_young, _frame(court.steps))


def _against_baselines(court: Court, chosen: str, levels: Sequence[str]) -> tuple[str, str, str | None]:
    """The model to use, the verdict, and the baseline it speaks of."""
    verdict, winner = _verdict(court, chosen)
    if winner is None:
        return chosen, verdict, winner
    if verdict == "baseline_is_better":
        best = min(levels, key=court.mean_loss)
        if best != chosen:
            again, other = _verdict(court, best, has_to_beat=winner)
            if again != "baseline_is_better":
                return best, again, other
        return _simplest(court, winner, levels)
    if winner == CONSTANT and chosen != levels[0]:
        return _simplest(court, winner, levels)
    if winner in STAGE_ODDS and chosen != levels[0]:
        # No gain over the stage odds: then the honest form of these is what is used.
        is_worse = court.met("baseline", levels[0], winner, court.ever_loss).is_worse
        return (chosen if is_worse else levels[0]), verdict, winner
    return chosen, verdict, winner


def _simplest(court: Court, winner: str, levels: Sequence[str]) -> tuple[str, str, str]:
    """Where no level is shown to be better than a baseline: the lowest one if it holds its own, else the baseline."""
    if winner != CONSTANT and winner not in STAGE_ODDS:
        met = court.met("baseline", court.taken, winner, court.ever_loss)
        is_settled = not court.is_young and met.n_deals >= _LEAST_DEALS
        return (winner, "baseline_is_better", winner) if is_settled else (court.taken, "baseline_looks_better", winner)
    verdict = "no_better_than_base_rate" if winner == CONSTANT else "no_better_than_stage_odds"
    is_worse = court.met("baseline", levels[0], winner, court.ever_loss).is_worse
    return winner if is_worse else levels[0], verdict, winner


def _verdict(court: Court, chosen: str, *, has_to_beat: str | None = None) -> tuple[str, str | None]:
    found = {name: court.met("baseline", chosen, name, court.ever_loss) for name in court.baselines if name != chosen}
    worse = [name for name, difference in found.items() if difference.is_worse]
    if has_to_beat is not None and not found[has_to_beat].is_better:
        worse.append(has_to_beat)
    if worse:
        return "baseline_is_better", min(worse, key=court.mean_loss)
    if CONSTANT in court.baselines and not court.tells_deals_apart(chosen):
        return "no_better_than_base_rate", CONSTANT
    for names, verdict in (((CONSTANT,), "no_better_than_base_rate"), (STAGE_ODDS, "no_better_than_stage_odds")):
        level = [name for name in names if name in found and not found[name].is_better]
        if level:
            return verdict, min(level, key=court.mean_loss)
    return "better_than_baselines", None


def _frame(steps: list[tuple[str, str, str, Difference]]) -> pd.DataFrame:
    rows = [
        [*names, found.value, found.low, found.high, found.n, found.n_deals, found.is_better, found.is_worse]
        for *names, found in steps
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


def _titles(words: Words) -> Callable[[str], str]:
    return lambda name: words.get(f"scoring.model_{name}", name)


def _step(step: dict[str, Any], words: Words) -> str:
    title, ending = _titles(words), "taken" if step["is_better"] else "left"
    return words(
        f"scoring_choice.{step['question']}_{ending}",
        model=title(step["model"]),
        against=title(step["against"]),
        difference=f"{step['difference']:+.4f}",
        high=f"{step['high']:+.4f}",
        n_deals=f"{step['n_deals']:,}",
    )
