"""Alerts that need a model: odds that fell, and a forecast under its target."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from oppnb.delivery.deal_alerts import Found
from oppnb.delivery.found import FoundAlert
from oppnb.delivery.owners import account_names, owner_names
from oppnb.delivery.said import say, say_missing
from oppnb.errors import DataError, ExtraMissingError, UsageError
from oppnb.locale import LOCALES, Formats, Words
from oppnb.review import Review
from oppnb.workspace import Alert

__all__ = ["find_forecast_alert", "find_score_alert", "score_changes_of"]


def score_changes_of(review: Review, *, folder: Path) -> pd.DataFrame | None:
    """Scores beside the last ones of the store, else beside what the same model says of the last review.

    Returns
    -------
    DataFrame or None
        Of `oppnb.scoring.change.score_changes`; None where the workspace names no model.

    Raises
    ------
    DataError, ExtraMissingError
        If the model cannot be used on these data.
    """
    named = review.workspace.scoring.model
    if named is None:
        return None
    from oppnb.scoring import load_scorer, refuse_other_subject, scoring_rows
    from oppnb.scoring.change import score_changes
    from oppnb.scoring.earlier import comparable_scores, last_scores
    from oppnb.scoring.pipeline import score_rows
    from oppnb.stages import OpenedData

    scorer = load_scorer(folder / named)
    refuse_other_subject(scorer, "deal")
    rows = scoring_rows(review.tables, review.as_of, workspace=review.workspace)
    opened = OpenedData(review.workspace, review.tables, review.audit, review.reading, review.as_of, ())
    before = last_scores(scorer, rows, opened)
    if before is None or len(rows) == 0:
        return pd.DataFrame()
    frame = score_rows(scorer, rows, opened, words=review.words, before=before)
    told = ["win_probability_before", "as_of_before", "change", "trend", "moved_by"]
    return score_changes(frame.drop(columns=told, errors="ignore"), comparable_scores(frame, before))


def find_score_alert(alert: Alert, changes: pd.DataFrame | None, review: Review) -> Found:
    """What an alert that compares scores finds."""
    from oppnb.scoring.alerts import alert_texts, score_alerts

    if changes is None:
        return say_missing(alert, "no_model")
    if changes.empty:
        return say_missing(alert, "no_earlier_score")
    one = review.workspace.model_copy(update={"alerts": [alert]})
    found = score_alerts(changes, workspace=one)
    texts = {
        locale: alert_texts(found, words=Words(locale), formats=Formats(locale, currency=review.formats.currency))
        for locale in LOCALES
    }
    deals = {str(deal["opportunity_id"]): deal for deal in review.snapshot.to_dict("records")}
    owners, accounts = owner_names(review), account_names(review)
    return [
        _scored(
            alert,
            row,
            {**deals[str(row["opportunity_id"])], "account": accounts.get(str(row["opportunity_id"]))},
            owners,
            {name: said[place] for name, said in texts.items()},
        )
        for place, row in enumerate(found.to_dict("records"))
    ]


def _scored(alert: Alert, row: Any, deal: Any, owners: Mapping[str, str], texts: dict[str, str]) -> FoundAlert:
    owner = None if pd.isna(deal.get("owner_id")) else str(deal["owner_id"])
    amount, threshold = deal.get("amount_base"), row["threshold"]
    return FoundAlert(
        alert_id=f"{alert.when}:{alert.points or ''}/{row['opportunity_id']}",
        when=alert.when,
        as_of=row["as_of"].date(),
        texts=texts,
        opportunity_id=str(row["opportunity_id"]),
        name=None if pd.isna(deal.get("name")) else str(deal["name"]),
        owner_id=owner,
        owner=None if owner is None else owners.get(owner, owner),
        account=deal["account"],
        amount=None if amount is None or pd.isna(amount) else float(amount),
        value=float(row["value"]),
        threshold=None if pd.isna(threshold) else float(threshold),
    )


def find_forecast_alert(alert: Alert, review: Review) -> Found:
    """The forecast of the running period against its target; the forecast that `oppnb forecast` tells."""
    from oppnb.opening import forecast_pipeline

    targets = review.inputs.targets
    if targets is None or targets.empty:
        return say_missing(alert, "no_targets")
    try:
        _, forecast = forecast_pipeline(
            review.tables, as_of=review.as_of, period=review.period, workspace=review.workspace
        )
    except (DataError, UsageError, ExtraMissingError):
        return say_missing(alert, "no_forecast")
    if forecast.target is None:
        return say_missing(alert, "no_targets")
    share = alert.share or 1.0
    expected = float(forecast.distribution.mean)
    if not expected < share * forecast.target:
        return []
    values = {
        "period": review.period.name,
        "expected_amount": expected,
        "target_amount": float(forecast.target),
        "share": Formats("en").share(share),
    }
    return [
        FoundAlert(
            alert_id=f"forecast_under_target:{share:g}/{review.period.name}",
            when=alert.when,
            as_of=review.as_of,
            texts=say("forecast_under_target", review, values),
            amount=expected,
            value=expected / forecast.target if forecast.target else None,
            threshold=share,
        )
    ]
