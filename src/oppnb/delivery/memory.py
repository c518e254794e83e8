"""Which alerts were sent: so that each is sent once, not again until it has cleared, and a channel has its peace."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from oppnb.delivery.found import FoundAlert
from oppnb.store import Store, open_store
from oppnb.workspace import Workspace

__all__ = ["SEEN", "AlertMemory", "open_memory"]

SENT, CLEARED, SEEN = "sent", "cleared", "seen"
BESIDE = ".oppnb-alerts"
_NOBODY = "-"


@dataclass(frozen=True)
class _Past:
    status: str
    sent_at: datetime | None


class AlertMemory:
    """What was sent where; rows of the table `alerts` of a store, only ever added.

    Parameters
    ----------
    store : Store
        The workspace's, or a folder beside the reports.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        rows = store.read("alerts").sort_values(["seen_at", "run_id"], kind="stable")
        self._past: dict[tuple[str, str, str], _Past] = {}
        self._last: dict[tuple[str, str], datetime] = {}
        for row in rows.to_dict("records"):
            at = pd.Timestamp(str(row["seen_at"])).to_pydatetime()
            self._take(str(row["channel"]), str(row["scope"]), str(row["alert_id"]), str(row["status"]), at)

    def _take(self, channel: str, scope: str, alert_id: str, status: str, at: datetime) -> None:
        key = (channel, scope, alert_id)
        before = self._past.get(key)
        sent_at = at if status == SENT else before.sent_at if before else None
        self._past[key] = _Past(status, sent_at)
        if status == SENT:
            self._last[channel, scope] = at

    def has_baseline(self, scope: str) -> bool:
        """Whether the competitors of this slice were looked at before."""
        return any(key[1] == scope and past.status == SEEN for key, past in self._past.items())

    def is_seen(self, alert_id: str, scope: str) -> bool:
        """Whether this stood in the data when it was first looked at."""
        found = self._past.get((_NOBODY, scope, alert_id))
        return found is not None and found.status == SEEN

    def is_due(self, alert: FoundAlert, channel: str, scope: str, *, quiet_hours: float, now: datetime) -> bool:
        """Whether an alert is to be sent: not sent yet, or sent, cleared and back after the quiet period."""
        past = self._past.get((channel, scope, alert.alert_id))
        if past is None or past.sent_at is None:
            return True
        return past.status == CLEARED and _utc(now) - past.sent_at >= timedelta(hours=quiet_hours)

    def was_sent(self, alert: FoundAlert, channel: str, scope: str) -> bool:
        """Whether the channel has it already and it has not cleared since."""
        past = self._past.get((channel, scope, alert.alert_id))
        return past is not None and past.status == SENT

    def is_digest_open(self, channel: str, scope: str, *, digest: str, time_zone: str, now: datetime) -> bool:
        """Whether the channel may get a message with alerts now: one a day or a week, by the days of the calendar."""
        last = self._last.get((channel, scope))
        if last is None or digest == "each_run":
            return True
        days = [moment.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).date() for moment in (last, _utc(now))]
        if digest == "daily":
            return days[0] != days[1]
        return days[0].isocalendar()[:2] != days[1].isocalendar()[:2]

    def note_sent(self, alerts: Iterable[FoundAlert], channel: str, scope: str, *, as_of: date, now: datetime) -> None:
        """Remember that a channel has these."""
        self._add([(alert.alert_id, channel, SENT) for alert in alerts], scope, as_of=as_of, now=now)

    def note_cleared(
        self, found: Iterable[FoundAlert], judged: frozenset[str], scope: str, *, as_of: date, now: datetime
    ) -> None:
        """Remember which of those that were sent are not found any more, of the kinds that could be judged."""
        here = {alert.alert_id for alert in found}
        gone = [
            (alert_id, channel, CLEARED)
            for (channel, of, alert_id), past in sorted(self._past.items())
            if of == scope and past.status == SENT and alert_id not in here and _kind_of(alert_id) in judged
        ]
        self._add(gone, scope, as_of=as_of, now=now)

    def note_seen(self, alert_ids: Iterable[str], scope: str, *, as_of: date, now: datetime) -> None:
        """Remember what stood in the data at the first look, once for each slice."""
        if not self.has_baseline(scope):
            first = ["competitor_appeared", *sorted(alert_ids)]
            self._add([(alert_id, _NOBODY, SEEN) for alert_id in first], scope, as_of=as_of, now=now)

    def _add(self, what: list[tuple[str, str, str]], scope: str, *, as_of: date, now: datetime) -> None:
        if not what:
            return
        rows = pd.DataFrame(what, columns=["alert_id", "channel", "status"]).assign(as_of=pd.Timestamp(as_of))
        self.store.append("alerts", rows.assign(scope=scope), seen_at=now)
        for alert_id, channel, status in what:
            self._take(channel, scope, alert_id, status, _utc(now))


def _kind_of(alert_id: str) -> str:
    return alert_id.split("/", 1)[0].split(":", 1)[0]


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def open_memory(workspace: Workspace, *, beside: Path | None = None) -> AlertMemory:
    """The memory in the workspace's store, else in a folder `.oppnb-alerts` beside the reports.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    return AlertMemory(open_store(workspace.store or (beside or Path()) / BESIDE))
