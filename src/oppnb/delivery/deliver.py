"""Send a report and alerts: each channel once, in its language; one that is down does not stop the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oppnb.delivery.alert_list import MOST_LINES, list_name, write_list
from oppnb.delivery.channels import UNKNOWN, OpenChannel, open_channel, unset_channel
from oppnb.delivery.found import Findings, FoundAlert
from oppnb.delivery.memory import AlertMemory, open_memory
from oppnb.delivery.message import Message, make_message, place_text
from oppnb.delivery.result import DeliveryResult, Outcome
from oppnb.delivery.routing import Target, route
from oppnb.delivery.secrets import not_set
from oppnb.errors import DeliveryError, ParameterError, nearest
from oppnb.locale import Formats
from oppnb.workspace import Workspace, read_workspace

__all__ = ["deliver"]

SUFFIXES = {"html": "report.html", "pdf": "report.pdf", "xlsx": "report.xlsx"}


def deliver(
    report_folder: str | Path | None,
    alerts: Findings | None = None,
    *,
    workspace: Workspace | str | Path,
    channels: Sequence[str] = (),
    folder: str | Path | None = None,
    memory: AlertMemory | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> DeliveryResult:
    """Send a report to channels, and alerts to the owners of their deals.

    Parameters
    ----------
    report_folder : path, optional
        A folder that a report left behind; None sends alerts alone.
    alerts : Findings, optional
        Of `oppnb.delivery.find_alerts`.
    workspace : Workspace or path
        `delivery:` of it.
    channels : sequence of str
        Who gets the report; and, where `delivery: alerts:` names none, alerts whose owner has no channel.
    folder : path, optional
        Where `oppnb.yaml` lies; by default that of the path, else the current one.
    memory : AlertMemory, optional
        What was sent before; by default in the workspace's store, else in `.oppnb-alerts` beside `oppnb.yaml`.
    dry_run : bool
        Show what would be sent, send nothing and remember nothing.
    now : datetime, optional
        For the quiet period and the digest; by default the clock.

    Returns
    -------
    DeliveryResult
        What became of each channel. A channel that failed is in `failed`, with why; nothing is raised for it.

    Raises
    ------
    ParameterError
        If a channel is not in the workspace, with the nearest.
    NothingToReadError
        If the folder is not that of a report.
    ExtraMissingError
        If apprise is not installed.
    """
    settled = workspace if isinstance(workspace, Workspace) else read_workspace(workspace)
    root = Path(folder) if folder is not None else _folder_of(workspace)
    _refuse_unknown(channels, settled)
    run = _Run(
        workspace=settled,
        folder=root,
        report=None if report_folder is None else Path(report_folder),
        findings=alerts,
        dry_run=dry_run,
        now=now or datetime.now(UTC),
        memory=memory or (open_memory(settled, beside=root) if alerts is not None else None),
    )
    return run.all(channels)


def _folder_of(workspace: Workspace | str | Path) -> Path:
    return Path() if isinstance(workspace, Workspace) else Path(workspace).parent


def _refuse_unknown(channels: Sequence[str], workspace: Workspace) -> None:
    known = workspace.delivery.channels
    for name in channels:
        if name not in known:
            near = nearest(name, known)
            hint = f" Did you mean '{near}'?" if near else f" It has {', '.join(known) or 'none'}."
            raise ParameterError(f"oppnb.yaml has no channel '{name}' under delivery: channels:.{hint}")


@dataclass
class _Run:
    workspace: Workspace
    folder: Path
    report: Path | None
    findings: Findings | None
    dry_run: bool
    now: datetime
    memory: AlertMemory | None
    outcomes: list[Outcome] = field(default_factory=list)

    def all(self, channels: Sequence[str]) -> DeliveryResult:
        found = self.findings
        routed, unrouted = route(found, self.workspace, fallback=channels) if found else ({}, ())
        targets = list(dict.fromkeys([*(Target(name) for name in channels), *routed]))
        gets_report = {Target(name) for name in channels}
        for target in targets:
            self._one(target, routed.get(target, ()), with_report=target in gets_report)
        if found is not None and self.memory is not None and not self.dry_run:
            times: Mapping[str, Any] = {"as_of": found.as_of, "now": self.now}
            self.memory.note_cleared(found.alerts, found.judged, found.scope, **times)
            if found.competitors or "competitor_appeared" in {one.when for one in found.missing}:
                self.memory.note_seen(found.competitors, found.scope, **times)
        return DeliveryResult(tuple(self.outcomes), tuple(unrouted), self.dry_run)

    def _one(self, target: Target, alerts: Sequence[FoundAlert], *, with_report: bool) -> None:
        due, n_held, n_already = self._due(target, alerts)
        report = self.report if with_report else None
        if report is None and not due:
            self.outcomes.append(Outcome(target.key, None, "nothing", n_held=n_held, n_already=n_already))
            return
        configured = self.workspace.delivery.channels[target.channel]
        unset = not_set(configured.url, configured.secret)
        reason = ("not_set", ", ".join(unset)) if unset else None
        content: dict[str, Any] = {}
        channel = None
        try:
            if reason is None or self.dry_run:  # a dry run shows what would be sent, also where nothing could be
                channel = self._opened(target, is_unset=bool(unset))
                content, refused, due = self._told(channel, target, report, _mixed(due))
                reason = reason or refused
        except DeliveryError as error:
            reason = reason or ("said", str(error))
        kind = configured.kind if channel is None or channel.kind == UNKNOWN else channel.kind
        status = ("would_fail" if self.dry_run else "failed") if reason else "would_send" if self.dry_run else "sent"
        self.outcomes.append(Outcome(target.key, kind, status, reason, content, len(due), n_held, n_already))
        if status == "sent" and due and self.memory is not None and self.findings is not None:
            scope, day = self.findings.scope, self.findings.as_of
            self.memory.note_sent(due, target.key, scope, as_of=day, now=self.now)

    def _opened(self, target: Target, *, is_unset: bool) -> OpenChannel:
        make = unset_channel if is_unset else open_channel
        found = make(target.channel, self.workspace.delivery.channels[target.channel])
        if not target.recipient:
            return found
        if found.kind not in ("mail", UNKNOWN):
            raise DeliveryError(f"delivery: owner_mail: '{target.channel}' is not a channel of the kind mail.")
        return found.to(target.recipient)

    def _told(
        self, channel: OpenChannel, target: Target, report: Path | None, due: Sequence[FoundAlert]
    ) -> tuple[dict[str, Any], tuple[str, str] | None, list[FoundAlert]]:
        """What is sent, why it was not taken, and the alerts that are in it."""
        configured = self.workspace.delivery.channels[channel.name]
        wanted = () if report is None else [report / SUFFIXES[kind] for kind in configured.attachments]
        missing = [file.name for file in wanted if not file.is_file()]
        if missing and channel.takes_files:
            return {}, ("no_file", missing[0]), list(due)
        place = self._list_place(target, report) if len(due) > MOST_LINES and channel.kind != "webhook" else None
        workspace, folder = self.workspace, self.folder
        message = make_message(
            report,
            due,
            workspace=workspace,
            folder=folder,
            locale=configured.language or self.workspace.locale,
            files=tuple(wanted) if channel.takes_files else (),
            takes_files=channel.takes_files,
            wants_files=bool(wanted),
            list_at="" if place is None else place_text(place, workspace=workspace, folder=folder),
        )
        content = {"address": configured.url, **channel.content(message)}
        told = list(channel.told(message).found)
        return _masked(content, channel), None if self.dry_run else self._sent(message, channel, place), told

    def _sent(self, message: Message, channel: OpenChannel, place: Path | None) -> tuple[str, str] | None:
        """Why it was not taken; a list that the message names is written first."""
        if place is not None:
            formats = Formats(message.words.locale, currency=self.workspace.currency)
            write_list(message.found, place, words=message.words, formats=formats)
        return channel.send(message)

    def _list_place(self, target: Target, report: Path | None) -> Path:
        """Beside the report that goes to the same readers, else in a folder of its own."""
        found = self.findings
        name = list_name(found.as_of.isoformat() if found else "", found.scope if found else "", target.key)
        links = self.workspace.delivery.links
        return (report or self.folder / (links.folder if links else "reports") / "alerts") / name

    def _due(self, target: Target, alerts: Sequence[FoundAlert]) -> tuple[list[FoundAlert], int, int]:
        """Those to send now, how many wait, how many the channel has already."""
        if not alerts or self.memory is None or self.findings is None:
            return list(alerts), 0, 0
        memory, scope, said = self.memory, self.findings.scope, self.workspace.delivery
        new = [alert for alert in alerts if not memory.was_sent(alert, target.key, scope)]
        n_already = len(alerts) - len(new)
        zone = self.workspace.calendar.time_zone
        if not memory.is_digest_open(target.key, scope, digest=said.digest, time_zone=zone, now=self.now):
            return [], len(new), n_already
        due = [
            alert
            for alert in new
            if memory.is_due(alert, target.key, scope, quiet_hours=said.quiet_hours, now=self.now)
        ]
        return due, len(new) - len(due), n_already


def _mixed(alerts: Sequence[FoundAlert]) -> list[FoundAlert]:
    """The first of each kind, then the second of each: where not all fit, no kind hides the others."""
    places: dict[str, int] = {}
    ranked = []
    for alert in alerts:
        places[alert.when] = places.get(alert.when, 0) + 1
        ranked.append((places[alert.when], alert))
    return [alert for _, alert in sorted(ranked, key=lambda one: one[0])]


def _masked(node: Any, channel: OpenChannel) -> Any:
    if isinstance(node, dict):
        return {key: _masked(value, channel) for key, value in node.items()}
    if isinstance(node, list):
        return [_masked(value, channel) for value in node]
    return channel.secrets.mask(node) if isinstance(node, str) else node
