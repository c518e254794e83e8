"""Find what the alerts of a workspace speak of, on a day."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from oppnb.delivery.deal_alerts import DealAlerts, Found
from oppnb.delivery.found import Findings, Missing
from oppnb.delivery.memory import AlertMemory
from oppnb.delivery.model_alerts import find_forecast_alert, find_score_alert, score_changes_of
from oppnb.delivery.said import say_missing
from oppnb.delivery.stakes import by_stake
from oppnb.errors import DataError, ExtraMissingError
from oppnb.review import Review, open_review
from oppnb.tables import Tables
from oppnb.workspace import SCORE_ALERTS, Alert, Workspace

__all__ = ["find_alerts", "scope_of"]


def find_alerts(
    data: str | Path | Tables | Review,
    *,
    as_of: str | None = None,
    workspace: Workspace | str | Path | None = None,
    only: Mapping[str, str] | None = None,
    memory: AlertMemory | None = None,
) -> Findings:
    """Find what calls for a look.

    Parameters
    ----------
    data : path, Tables or Review
        An export, or a review that is open already.
    as_of, workspace, only
        As in `oppnb.review.open_review`; the alerts are those of the workspace.
    memory : AlertMemory, optional
        What was sent and seen before; without it a competitor cannot be told to be new.

    Returns
    -------
    Findings
        Alerts in the order of the workspace, of each kind the largest amounts first; and what cannot be judged, with
        what it lacks.

    Raises
    ------
    DataError, ParameterError
        As `oppnb.review.open_review`.
    """
    review = data if isinstance(data, Review) else open_review(data, as_of=as_of, workspace=workspace, only=only)
    folder = Path(workspace).parent if isinstance(workspace, (str, Path)) else Path()
    scope = scope_of(review.only)
    deals = DealAlerts(review, scope=scope, memory=memory)
    changes = _Changes(review, folder)
    results = [(alert, _find(alert, deals, changes)) for alert in review.workspace.alerts]
    found = {one.alert_id: one for _, result in results if not isinstance(result, Missing) for one in result}
    missing = tuple(result for _, result in results if isinstance(result, Missing))
    lacking = {one.when for one in missing}
    return Findings(
        alerts=tuple(by_stake(found.values())),
        missing=missing,
        judged=frozenset(alert.when for alert, _ in results if alert.when not in lacking),
        as_of=review.as_of,
        scope=scope,
        owner_addresses=_addresses(review),
        competitors=deals.competitors() if any(a.when == "competitor_appeared" for a, _ in results) else {},
        currency=review.formats.currency,
    )


def scope_of(only: Mapping[str, str] | None) -> str:
    """A slice as one text.

    Examples
    --------
    >>> scope_of({"region": "North"}), scope_of(None)
    ('region=North', '')
    """
    return "&".join(f"{column}={value}" for column, value in sorted((only or {}).items()))


class _Changes:
    """Scores are worked out once, and only if an alert asks."""

    def __init__(self, review: Review, folder: Path) -> None:
        self.review, self.folder = review, folder
        self._found: pd.DataFrame | None = None
        self._is_done, self.failed = False, False

    def get(self) -> pd.DataFrame | None:
        if not self._is_done:
            self._is_done = True
            try:
                self._found = score_changes_of(self.review, folder=self.folder)
            except (DataError, ExtraMissingError, FileNotFoundError):
                self.failed = True
        return self._found


def _find(alert: Alert, deals: DealAlerts, changes: _Changes) -> Found:
    if alert.when in SCORE_ALERTS:
        found = changes.get()
        return say_missing(alert, "not_scored") if changes.failed else find_score_alert(alert, found, deals.review)
    if alert.when == "forecast_under_target":
        return find_forecast_alert(alert, deals.review)
    return deals.find(alert)


def _addresses(review: Review) -> dict[str, str]:
    """owner_id -> address from the table owners, where the workspace says which column."""
    mail = review.workspace.delivery.owner_mail
    if mail is None or "owners" not in review.tables or mail.column not in review.tables["owners"]:
        return {}
    owners = review.tables["owners"][["owner_id", mail.column]].dropna()
    return {str(owner): str(address).strip() for owner, address in owners.itertuples(index=False, name=None)}
