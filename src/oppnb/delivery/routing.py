"""Which channel gets which alert."""

from collections.abc import Sequence
from dataclasses import dataclass

from oppnb.delivery.channels import owner_address
from oppnb.delivery.found import Findings, FoundAlert
from oppnb.workspace import Workspace

__all__ = ["Target", "route"]


@dataclass(frozen=True)
class Target:
    """A channel, or an owner's mailbox reached through one.

    Attributes
    ----------
    channel : str
        In the workspace.
    owner_id, recipient : str
        Whose mailbox, and its address; empty for the channel itself.
    """

    channel: str
    owner_id: str = ""
    recipient: str = ""

    @property
    def key(self) -> str:
        """As it is remembered and shown: without an address."""
        return f"{self.channel}/{self.owner_id}" if self.owner_id else self.channel


def route(
    found: Findings, workspace: Workspace, *, fallback: Sequence[str] = ()
) -> tuple[dict[Target, list[FoundAlert]], list[FoundAlert]]:
    """Each alert to its owner's channel, else to his mailbox, else to `delivery: alerts:`, else to `fallback`.

    Returns
    -------
    dict, list
        Target -> alerts, in the order they were found; and those that have no channel at all.
    """
    said = workspace.delivery
    routed: dict[Target, list[FoundAlert]] = {}
    unrouted: list[FoundAlert] = []
    for alert in found.alerts:
        targets = _of_owner(alert, found, workspace) or [Target(name) for name in said.alerts or fallback]
        if not targets:
            unrouted.append(alert)
        for target in targets:
            routed.setdefault(target, []).append(alert)
    return routed, unrouted


def _of_owner(alert: FoundAlert, found: Findings, workspace: Workspace) -> list[Target]:
    said, owner = workspace.delivery, alert.owner_id
    if owner is None:
        return []
    if owner in said.owners:
        return [Target(said.owners[owner])]
    mail = said.owner_mail
    address = None if mail is None else owner_address(found.owner_addresses.get(owner, ""), mail.domains)
    return [] if mail is None or address is None else [Target(mail.channel, owner, address)]
