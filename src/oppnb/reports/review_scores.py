"""The win probabilities of a review: the deals that were open on its day, and what changed since the last review."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from oppnb.errors import DataError
from oppnb.periods import period_of
from oppnb.reports.forecast_memory import store_at
from oppnb.reports.review_model import OFF, pick_model

if TYPE_CHECKING:
    from oppnb.scoring import Scorer, ScoringRows

__all__ = ["SCORE_FIGURES", "ReviewScores", "score_review"]

SCORE_FIGURES: Mapping[str, str] = {
    "n_cold": "count",
    "n_hot": "count",
    "n_probability_fell": "count",
    "n_warm": "count",
    "win_probability_amount_by_period_end": "money",
    "win_probability_weighted_amount": "money",
}
"""Figures that a scored review has beside the others, with their units."""


@dataclass(frozen=True, eq=False)
class ReviewScores:
    """Scores of a review; without a model there is only the note.

    Attributes
    ----------
    review : Review
        What was scored.
    is_asked : bool
        Whether the report speaks of scores at all.
    note : str
        Why there are none; empty where there are.
    scorer : Scorer or None
        The model with its card.
    rows : ScoringRows or None
        What was known of each deal.
    frame : DataFrame
        One row an open deal, the first to look at on top; see `oppnb.scoring.score_pipeline`. Empty without a model.
    changes : DataFrame
        Against what the same model says of the day of the last review; see `oppnb.scoring.change.score_changes`. Empty
        where nothing can be compared.
    rule_lift : DataFrame
        What the rules of the workspace were worth on deals closed by the day; see
        `oppnb.scoring.rules.measure_rules`. Empty without rules.
    """

    review: Any
    is_asked: bool
    note: str = ""
    scorer: "Scorer | None" = None
    rows: "ScoringRows | None" = None
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    rule_lift: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def model_id(self) -> str | None:
        """Which model said so."""
        return None if self.scorer is None else self.scorer.model_id

    @property
    def card(self) -> Mapping[str, Any]:
        """The model's card; empty without a model."""
        return {} if self.scorer is None else self.scorer.card

    @property
    def fallen(self) -> pd.DataFrame:
        """Deals whose probability fell by two points or more, most money (`weighted_change`, change x amount) first."""
        if self.changes.empty:
            return self.changes
        found = self.changes[self.changes["trend"] == "declining"]
        found = found.assign(weighted_change=(found["change"] * found["amount_base"]).round(2))
        return found.sort_values(["weighted_change", "change", "opportunity_id"], ignore_index=True)

    @property
    def alerts(self) -> pd.DataFrame:
        """Deals that an alert of the workspace speaks of; see `oppnb.scoring.alerts.score_alerts`."""
        from oppnb.scoring.alerts import score_alerts

        return self.changes if self.changes.empty else score_alerts(self.changes, workspace=self.review.workspace)

    def weighted(self, column: str = "win_probability") -> tuple[float, int]:
        """Sum of probability x amount of the deals of which both are known, and how many those are."""
        known = self.frame[self.frame[column].notna() & self.frame["amount_base"].notna()]
        known = known.sort_values("opportunity_id")
        return float(np.sum((known[column] * known["amount_base"]).to_numpy(dtype="float64"))), len(known)

    def figures(self) -> list[dict[str, Any]]:
        """The figures of `SCORE_FIGURES` as `figures.json` holds them; none without a model."""
        if self.scorer is None:
            return []
        from oppnb.review.figures import FigureMaker

        maker = FigureMaker(self.review.inputs, self.review.as_of)
        return [
            maker.make(name, value, unit=SCORE_FIGURES[name], n=n, period=period)
            for name, (value, n, period) in self._values().items()
        ]

    def _values(self) -> dict[str, tuple[float | None, int, str | None]]:
        graded = int(self.frame["grade"].notna().sum())
        counts = {f"n_{grade}": int((self.frame["grade"] == grade).sum()) for grade in ("hot", "warm", "cold")}
        found: dict[str, tuple[float | None, int, str | None]] = {
            name: (count, graded, None) for name, count in counts.items()
        }
        known = 0 if self.changes.empty else int(self.changes["change"].notna().sum())
        found["n_probability_fell"] = (len(self.fallen) if known else None, known, None)
        for name, column, period in (
            ("win_probability_weighted_amount", "win_probability", None),
            ("win_probability_amount_by_period_end", "win_probability_period_end", self.quarter),
        ):
            value, n = self.weighted(column)
            found[name] = (value if n else None, n, period)
        return found

    @property
    def quarter(self) -> str:
        """The fiscal quarter that the day after the review lies in."""
        start = self.review.workspace.calendar.fiscal_year_start
        return period_of(self.review.as_of + timedelta(days=1), fiscal_year_start=start).name


def score_review(review: Any, scoring: str = "auto", *, workspace: str | Path | None = None) -> ReviewScores:
    """Score the open deals of a review with a trained model.

    Parameters
    ----------
    review : Review
        From `oppnb.review.open_review`.
    scoring : str
        `auto` (the model that the workspace names), `on` (train one where none is named: minutes), `off`, or the file
        of a trained model; see `oppnb.reports.review_model.pick_model`.
    workspace : path, optional
        The workspace's file.

    Returns
    -------
    ReviewScores
        With a note instead of scores where there is no model or nothing to score: the report goes on.
    """
    if scoring == OFF:
        return ReviewScores(review, is_asked=False)
    picked = pick_model(review, scoring, workspace=workspace)
    if picked.scorer is None:
        return ReviewScores(review, is_asked=True, note=picked.note)
    try:
        return _scored(review, picked.scorer)
    except DataError as error:
        why = " ".join(str(error).split())
        return ReviewScores(review, is_asked=True, note=review.words("report_scores.not_scored", why=why))


def _scored(review: Any, scorer: "Scorer") -> ReviewScores:
    from oppnb.scoring import scoring_rows
    from oppnb.scoring.change import score_changes
    from oppnb.scoring.earlier import comparable_scores
    from oppnb.scoring.pipeline import score_rows, scores_then
    from oppnb.scoring.strangers import refuse_strange_data
    from oppnb.stages import OpenedData

    rows = scoring_rows(review.tables, review.as_of, workspace=review.workspace)
    if len(rows) == 0:
        return ReviewScores(review, is_asked=True, note=review.words("report_scores.nothing_open"))
    refuse_strange_data(scorer, rows, words=review.words)
    before = scores_then(scorer, review.tables, review.compare_to, workspace=review.workspace)
    known = before if before is not None else _nothing_before()
    opened = OpenedData(review.workspace, review.tables, review.audit, review.reading, review.as_of, ())
    frame = score_rows(scorer, rows, opened, words=review.words, before=known)
    now = frame.drop(columns=["win_probability_before", "as_of_before", "change", "trend", "moved_by"], errors="ignore")
    changes = score_changes(now, comparable_scores(frame, known))
    _remember(review, frame, scorer.model_id)
    return ReviewScores(review, True, "", scorer, rows, frame, changes, _rule_lift(review))


def _remember(review: Any, frame: pd.DataFrame, model_id: str) -> None:
    """Add the scores to the ledger of the store, those that this model has not said of the day before."""
    from oppnb.scoring import append_scores
    from oppnb.scoring.ledger import scores_of

    store = store_at(review.ledger)
    if store is None:
        return
    there = scores_of(store.read("scores", as_of_from=review.as_of, as_of_until=review.as_of), review.only)
    said = set(there.loc[there["model_id"] == model_id, "opportunity_id"]) if len(there) else set()
    new = frame[~frame["opportunity_id"].isin(list(said))]
    if len(new):
        append_scores(new, store, model_id=model_id, only=review.only)


def _rule_lift(review: Any) -> pd.DataFrame:
    from oppnb.history import has_dates, landmarks
    from oppnb.scoring.rules import measure_rules

    scoring = review.workspace.scoring
    if not (scoring.attribute_rules or scoring.behaviour_rules) or not has_dates(review.tables):
        return pd.DataFrame()
    past = landmarks(review.tables, until=review.as_of, workspace=review.workspace)
    return measure_rules(past.rows, past.ends, review.tables, workspace=review.workspace)


def _nothing_before() -> pd.DataFrame:
    kinds = {"opportunity_id": "str", "as_of": "datetime64[us]", "win_probability": "float64", "model_id": "str"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
