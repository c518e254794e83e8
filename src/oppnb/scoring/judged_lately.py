"""Whether a model was right on deals that came after its training, beside what a baseline would have said."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial

import numpy as np
import pandas as pd

from oppnb.history import Source, as_of, open_source, with_attributes
from oppnb.scoring.backtest import Backtest, rolling_backtest
from oppnb.scoring.candidates import make_model
from oppnb.scoring.card import drift_since
from oppnb.scoring.drift import Drift
from oppnb.scoring.evaluation import evaluation_frame, reliability_frame
from oppnb.scoring.paired import Difference, log_loss_difference
from oppnb.scoring.prediction import WinModel
from oppnb.scoring.promotion import CHAMPION, NamedModel
from oppnb.scoring.scorer import Scorer
from oppnb.scoring.training_rows import training_rows
from oppnb.tables import Tables
from oppnb.workspace import Workspace

__all__ = ["LATELY_BASELINES", "LatelyJudged", "LatelyWins", "judge_lately"]

LATELY_BASELINES = ("base_rate", "set_stage_odds", "observed_stage_odds")
"""What a model is held beside: they learn in a moment what was known on its day of training."""
LEAST_JUDGED = 20
"""Deals with a known end below which nothing is said."""

_LEVEL = 0.9


@dataclass(frozen=True)
class LatelyWins:
    """Wins within a horizon of the first look at each deal after the training.

    Attributes
    ----------
    expected : float
        Sum of what the model said.
    spread : float
        Standard deviation of the wins by chance, were the model right.
    came : int
        Wins that came.
    n : int
        Deals that were watched so long.

    Examples
    --------
    >>> wins = LatelyWins(expected=40.0, spread=5.0, came=28, n=100)
    >>> round(wins.low), round(wins.high), wins.is_held
    (30, 50, False)
    """

    expected: float
    spread: float
    came: int
    n: int

    @property
    def low(self) -> float:
        """Below it chance brings the wins once in forty times."""
        return max(self.expected - 1.959963984540054 * self.spread, 0.0)

    @property
    def high(self) -> float:
        """Above it chance brings the wins once in forty times."""
        return min(self.expected + 1.959963984540054 * self.spread, float(self.n))

    @property
    def is_held(self) -> bool:
        """What came lies where chance would bring it, were the model right."""
        return self.low <= self.came <= self.high


@dataclass(frozen=True, eq=False)
class LatelyJudged:
    """A model on deals that were open after its training and are closed by now.

    Attributes
    ----------
    since, until : date
        The day of its training and the day of knowledge.
    backtest : Backtest
        `champion` (the model as it is) and `LATELY_BASELINES`, learnt on what was known on the day of training.
    segments : DataFrame
        By `opportunity_id`: columns that tell segments apart, as known on `until`.
    drift : Drift
        Wins observed less expected, stage by stage.
    """

    since: date
    until: date
    backtest: Backtest
    segments: pd.DataFrame
    drift: Drift

    @property
    def rows(self) -> pd.DataFrame:
        """What the model said, and what came of it."""
        return self.backtest.of(CHAMPION)

    @property
    def n_deals(self) -> int:
        """Distinct deals whose end is known."""
        rows = self.rows
        return int(rows.loc[rows["is_closed"], "opportunity_id"].nunique())

    @property
    def is_enough(self) -> bool:
        """At least 20 deals with a known end, won and lost ones."""
        ends = self.rows.loc[self.rows["is_closed"], "is_won"]
        return self.n_deals >= LEAST_JUDGED and bool(ends.any()) and not bool(ends.all())

    def evaluation(self) -> pd.DataFrame:
        """The model and the baselines; see `oppnb.scoring.evaluation.evaluation_frame`."""
        return self._evaluation

    @cached_property
    def _evaluation(self) -> pd.DataFrame:
        return evaluation_frame(self.backtest)

    def evaluation_by(self, column: str) -> pd.DataFrame:
        """The model alone for each value of `process`, `stage` or a column of `segments`."""
        rows = self.rows
        if column not in rows:
            rows = rows.merge(self.segments[["opportunity_id", column]], on="opportunity_id", how="left")
        return evaluation_frame(replace(self.backtest, frame=rows), by=column)

    def reliability(self) -> pd.DataFrame:
        """Stated beside observed, by groups; see `oppnb.scoring.evaluation.reliability_frame`."""
        return reliability_frame(self.backtest, CHAMPION)

    def differences(self) -> dict[str, Difference]:
        """Mean log loss of the model less that of each baseline, on the same closed deals: below 0 it is better.

        With the weights of `evaluation`, so each is the difference of two rows of it. What is still open counts by the
        closed deals that stand for it and by no model's opinion: a model must not be judged by its own kind.
        """
        return self._differences

    @cached_property
    def _differences(self) -> dict[str, Difference]:
        rows = self.rows
        deal = np.asarray(pd.factorize(rows["opportunity_id"])[0], dtype="int64")
        found = {}
        for name in LATELY_BASELINES:
            other = self.backtest.of(name)["p_ever"]
            found[name] = log_loss_difference(
                rows["is_won"], rows["p_ever"], other, weight=rows["weight"], deal=deal, level=_LEVEL
            )
        return found

    def wins(self, horizon: str = "90_days") -> "LatelyWins":
        """Wins expected within a horizon and wins that came, of deals as first seen open after the training."""
        rows = self.rows
        known = rows[rows[f"won_in_{horizon}"].notna() & rows[f"p_in_{horizon}"].notna()]
        first = known.sort_values(["as_of", "opportunity_id"], kind="stable").drop_duplicates("opportunity_id")
        p = first[f"p_in_{horizon}"].to_numpy(dtype="float64")
        expected, spread = math.fsum(p.tolist()), math.sqrt(math.fsum((p * (1 - p)).tolist()))
        return LatelyWins(expected, spread, int(first[f"won_in_{horizon}"].sum()), len(first))


def judge_lately(
    scorer: Scorer,
    tables: Tables | Source,
    *,
    since: date,
    day: date,
    workspace: Workspace,
    segments: Sequence[str] = ("region", "owner_id", "source"),
) -> LatelyJudged | None:
    """Judge a model as it is on the deals that were open after its training, with what is known on a day.

    Nothing is learnt but the baselines, so this takes seconds. Deals that are still open are stood for by those closed,
    as in `oppnb.scoring.backtest.rolling_backtest`: quick ends are known sooner.

    Parameters
    ----------
    scorer : Scorer
        The model.
    tables : Tables or Source
        Of a later export, or the same.
    since : date
        The day until which it was trained.
    day : date
        Of knowledge.
    workspace : Workspace
        Stages, calendar.
    segments : sequence of str
        Columns to tell segments apart by; those that the data lacks, or that say one thing of all deals, are left out.

    Returns
    -------
    LatelyJudged or None
        None where nothing can be judged: no day lies after the training, no deal that was open then is closed, or the
        data lacks a field that the model asks for.
    """
    if day <= since:
        return None
    source = open_source(tables)
    rows = training_rows(source, until=day, workspace=workspace)
    missing = set(scorer.features) - {feature.name for feature in rows.features}
    if missing or not rows.is_dated:
        return None
    own = scorer.rows(rows)
    makers: list[Callable[[], WinModel]] = [lambda: NamedModel(scorer.model, CHAMPION, is_fitted=True)]
    makers += [partial(make_model, name) for name in LATELY_BASELINES]
    backtest = rolling_backtest(own, makers, n_origins=1, not_before=since)
    if not len(backtest.frame) or not (backtest.frame["weight"] > 0).any():
        return None
    known = with_attributes(as_of(source, day, workspace=workspace), source)
    told = [name for name in segments if name in known and len(known[name].dropna().unique()) > 1]
    return LatelyJudged(since, day, backtest, known[["opportunity_id", *told]], drift_since(scorer, rows, day=day))
