"""What became of a delivery."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oppnb.delivery.found import FoundAlert
from oppnb.errors import DeliveryError
from oppnb.locale import Words

__all__ = ["DeliveryResult", "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What became of one channel.

    Attributes
    ----------
    channel : str
        Its name; `name/owner` for an owner's mailbox.
    kind : str or None
        mail, wecom, dingtalk, feishu, slack, teams, webhook, apprise; None if that is not known.
    status : str
        sent, failed, nothing; in a dry run would_send, or would_fail as things are.
    reason : tuple of str, optional
        Why it failed: a code and a detail; never an address.
    content : mapping
        Exactly what was or would be sent; *** stands where a secret is.
    n_alerts, n_held, n_already : int
        Alerts in it; that wait for the digest or the quiet period; that the channel has already.
    """

    channel: str
    kind: str | None
    status: str
    reason: tuple[str, str] | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    n_alerts: int = 0
    n_held: int = 0
    n_already: int = 0

    def describe(self, words: Words) -> list[str]:
        """In the reader's words."""
        kind = self.kind or words("delivery.kind_unknown")
        values: dict[str, Any] = {"channel": self.channel, "kind": kind, "n": self.n_alerts}
        if self.reason:
            values["reason"] = words(f"delivery_reason.{self.reason[0]}", detail=self.reason[1])
        lines = [words.counted(f"delivery.status_{self.status}", **values)]
        for name, count in (("held", self.n_held), ("already", self.n_already)):
            if count:
                lines.append(words.counted(f"delivery.{name}", channel=self.channel, n=count))
        return lines


@dataclass(frozen=True)
class DeliveryResult:
    """What became of each channel.

    Attributes
    ----------
    outcomes : tuple of Outcome
        In the order they were tried.
    unrouted : tuple of FoundAlert
        Alerts that have no channel.
    is_dry_run : bool
        Whether nothing was sent on purpose.
    """

    outcomes: tuple[Outcome, ...]
    unrouted: tuple[FoundAlert, ...]
    is_dry_run: bool

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Channels that did not get their message, or in a dry run could not get it as things are."""
        return tuple(one for one in self.outcomes if one.status in ("failed", "would_fail"))

    def raise_for_failure(self, words: Words) -> None:
        """Raise if a channel failed.

        Raises
        ------
        DeliveryError
            It names the channels, and says whether others have their message.
        """
        if not self.failed:
            return
        tried = [one for one in self.outcomes if one.status != "nothing"]
        values = {"n": len(self.failed), "total": len(tried), "channels": ", ".join(one.channel for one in self.failed)}
        if self.is_dry_run:
            raise DeliveryError(words.counted("delivery.failed_dry", **values))
        code = "failed_each" if len(self.failed) == len(tried) else "failed"
        raise DeliveryError(words.counted(f"delivery.{code}", **values))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "dry_run": self.is_dry_run,
            "channels": [
                {
                    "channel": one.channel,
                    "kind": one.kind,
                    "status": one.status,
                    "reason": None if one.reason is None else ": ".join(part for part in one.reason if part),
                    "n_alerts": one.n_alerts,
                    "n_held": one.n_held,
                    "n_already": one.n_already,
                    "content": dict(one.content),
                }
                for one in self.outcomes
            ],
            "unrouted": [alert.alert_id for alert in self.unrouted],
        }
