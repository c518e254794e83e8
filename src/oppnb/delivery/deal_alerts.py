"""Alerts about single deals and about piles of them, from the flags of the review."""

from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from oppnb.delivery.found import FoundAlert, Missing
from oppnb.delivery.memory import AlertMemory
from oppnb.delivery.owners import account_names, owner_names
from oppnb.delivery.said import say, say_missing
from oppnb.review import Review, flag_deals
from oppnb.scoring.stages_meant import stands_in
from oppnb.tables import fold
from oppnb.workspace import Alert

__all__ = ["DealAlerts"]

PROMISE_HOURS = 48
Row = Mapping[Hashable, Any]
Found = list[FoundAlert] | Missing


class DealAlerts:
    """What the alerts that need no score find in a review.

    Parameters
    ----------
    review : Review
        On its day of knowledge.
    scope : str
        Its slice.
    memory : AlertMemory or None
        Needed to tell a competitor that is new from one that was there.
    """

    def __init__(self, review: Review, *, scope: str, memory: AlertMemory | None) -> None:
        self.review, self.scope, self.memory = review, scope, memory

    @cached_property
    def flags(self) -> pd.DataFrame:
        """Open deals with their flags and facts, by amount."""
        review = self.review
        found = flag_deals(review.snapshot, workspace=review.workspace, tables=review.tables, as_of=review.as_of)
        extra = [name for name in ("competitor", "team", "region") if name in review.snapshot]
        found = found.merge(review.snapshot[["opportunity_id", *extra]], on="opportunity_id", how="left")
        return found.sort_values(["amount", "opportunity_id"], ascending=[False, True], ignore_index=True)

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """owner_id -> name."""
        return owner_names(self.review)

    @cached_property
    def accounts(self) -> Mapping[str, str]:
        """opportunity_id -> name of the customer."""
        return account_names(self.review)

    def find(self, alert: Alert) -> Found:
        """What one alert of the workspace finds, or why it cannot be judged."""
        return _FINDERS[alert.when](self, alert)

    # --- one method a kind ----------------------------------------------------------------------------------------

    def silence(self, alert: Alert) -> Found:
        """Deals silent longer than their stage allows, or than the alert says."""
        if "activities" not in self.review.tables:
            return say_missing(alert, "no_activities")
        days = self.flags["fact_silent_days"]
        is_found = self.flags["stale"] if alert.days is None else days > alert.days
        return [
            self._of_deal(alert, row, value=row["fact_silent_days"], threshold=alert.days, n=row["fact_silent_days"])
            for row in self._rows(alert, is_found)
        ]

    def time_limit_passed(self, alert: Alert) -> Found:
        """Deals longer in their stage than its time limit."""
        stages = [stage for process in self.review.workspace.processes for stage in process.stages]
        if not any(stage.time_limit_days for stage in stages):
            return say_missing(alert, "no_time_limits")
        if self.flags["fact_days_in_stage"].isna().all() and len(self.flags):
            return say_missing(alert, "no_stage_dates")
        return [
            self._of_deal(
                alert,
                row,
                value=row["fact_days_in_stage"],
                threshold=row["fact_time_limit"],
                key=str(row["stage"]),
                n=row["fact_days_in_stage"],
                limit=row["fact_time_limit"],
                stage=row,
            )
            for row in self._rows(alert, self.flags["over_time_limit"])
        ]

    def promise_due(self, alert: Alert) -> Found:
        """Deals whose next step is due within so many hours of the day of knowledge, that day included."""
        due = self.flags["fact_next_step_due"]
        if due.isna().all():
            return say_missing(alert, "no_next_steps")
        today = pd.Timestamp(self.review.as_of)
        last = today + pd.Timedelta(hours=alert.hours or PROMISE_HOURS)
        found = self._rows(alert, (due >= today) & (due <= last))
        return [
            self._of_deal(
                alert,
                row,
                value=float((row["fact_next_step_due"] - today).days),
                threshold=float(alert.hours or PROMISE_HOURS),
                key=row["fact_next_step_due"].date().isoformat(),
                day=row["fact_next_step_due"].date(),
            )
            for row in found
        ]

    def task_overdue(self, alert: Alert) -> Found:
        """Deals with a key task of their stage past due and not done, or a next step that was due before the day."""
        stages = [stage for process in self.review.workspace.processes for stage in process.stages]
        has_tasks = any(task.due_days is not None for stage in stages for task in stage.key_tasks)
        if not has_tasks and self.flags["fact_next_step_due"].isna().all():
            return say_missing(alert, "no_tasks")
        found = self._rows(alert, self.flags["key_task_overdue"] | self.flags["next_step_overdue"])
        return [self._task(alert, row) for row in found]

    def _task(self, alert: Alert, row: Row) -> FoundAlert:
        if row["key_task_overdue"]:
            return self._of_deal(
                alert, row, sentence="task_overdue", key=f"task/{row['fact_task']}", task=row["fact_task"]
            )
        due = row["fact_next_step_due"].date()
        late = float((self.review.as_of - due).days)
        return self._of_deal(alert, row, sentence="step_overdue", value=late, key=due.isoformat(), day=due)

    def competitor_appeared(self, alert: Alert) -> Found:
        """Deals with a competitor that was not there when the data were first looked at."""
        if "competitor" not in self.flags or self.flags["competitor"].isna().all():
            return say_missing(alert, "no_competitors")
        if self.memory is None or not self.memory.has_baseline(self.scope):
            return say_missing(alert, "competitors_first_look")
        memory = self.memory
        found = [(row, _competitor_id(row)) for row in self._rows(alert, self.flags["competitor"].notna())]
        return [
            self._of_deal(alert, row, alert_id=alert_id, competitor=row["competitor"])
            for row, alert_id in found
            if not memory.is_seen(alert_id, self.scope)
        ]

    def backlog_over(self, alert: Alert) -> Found:
        """Owners, stages, … with more open deals than the limit."""
        by, limit = alert.by or "owner_id", alert.limit or 0
        if by not in self.flags or self.flags[by].isna().all():
            return say_missing(alert, "no_column", column=by)
        meant = self.flags[self._is_meant(alert) & self.flags[by].notna()]
        counts = meant.groupby(["process", "stage"] if by == "stage" else [by], sort=True).agg(
            n=("opportunity_id", "size"), amount=("amount", "sum")
        )
        over = counts[counts["n"] > limit].sort_values("n", ascending=False, kind="stable").reset_index()
        return [self._backlog(row, by=by, limit=limit) for row in over.to_dict("records")]

    def _backlog(self, row: Row, *, by: str, limit: int) -> FoundAlert:
        value = str(row[by])
        place = f"{row['process']}/{value}" if by == "stage" else value
        owner = value if by == "owner_id" else None
        shown = row if by == "stage" else value if owner is None else self.owners.get(owner, owner)
        values = {"column": by, "place": shown, "n": float(row["n"]), "limit": float(limit)}
        return FoundAlert(
            alert_id=f"backlog_over:{by}:{limit}/{place}",
            when="backlog_over",
            as_of=self.review.as_of,
            texts=say("backlog_over", self.review, values),
            owner_id=owner,
            owner=None if owner is None else self.owners.get(owner, owner),
            amount=_number(row["amount"]),
            value=float(row["n"]),
            threshold=float(limit),
        )

    # --- shared ---------------------------------------------------------------------------------------------------

    def competitors(self) -> dict[str, str]:
        """Alert id -> deal of every competitor in the data."""
        if "competitor" not in self.flags:
            return {}
        rows = self.flags[self.flags["competitor"].notna()].to_dict("records")
        return {_competitor_id(row): str(row["opportunity_id"]) for row in rows}

    def _is_meant(self, alert: Alert) -> pd.Series:
        is_meant = stands_in(self.flags["stage"], alert.stages, workspace=self.review.workspace)
        if alert.at_least_amount is not None:
            is_meant &= self.flags["amount"] >= alert.at_least_amount
        return is_meant

    def _rows(self, alert: Alert, is_found: pd.Series) -> list[dict[Hashable, Any]]:
        return self.flags[self._is_meant(alert) & is_found].to_dict("records")

    def _of_deal(
        self,
        alert: Alert,
        row: Row,
        *,
        value: object = None,
        threshold: object = None,
        key: str = "",
        sentence: str | None = None,
        alert_id: str | None = None,
        **values: object,
    ) -> FoundAlert:
        deal, owner = str(row["opportunity_id"]), _text(row["owner_id"])
        return FoundAlert(
            alert_id=alert_id or "/".join(part for part in (alert.when, deal, key) if part),
            when=alert.when,
            as_of=self.review.as_of,
            texts=say(sentence or alert.when, self.review, values),
            opportunity_id=deal,
            name=_text(row["name"]),
            owner_id=owner,
            owner=None if owner is None else self.owners.get(owner, owner),
            account=self.accounts.get(deal),
            amount=_number(row["amount"]),
            value=_number(value),
            threshold=_number(threshold),
        )


def _competitor_id(row: Row) -> str:
    return f"competitor_appeared/{row['opportunity_id']}/{fold(str(row['competitor']))}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _number(value: object) -> float | None:
    if isinstance(value, (int, float, np.floating, np.integer)) and not pd.isna(value):
        return float(value)
    return None


_FINDERS: Mapping[str, Callable[[DealAlerts, Alert], Found]] = {
    "silence": DealAlerts.silence,
    "time_limit_passed": DealAlerts.time_limit_passed,
    "promise_due": DealAlerts.promise_due,
    "task_overdue": DealAlerts.task_overdue,
    "competitor_appeared": DealAlerts.competitor_appeared,
    "backlog_over": DealAlerts.backlog_over,
}
