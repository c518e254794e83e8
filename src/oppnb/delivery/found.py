"""What an alert found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

__all__ = ["Findings", "FoundAlert", "Missing"]


@dataclass(frozen=True)
class FoundAlert:
    """Something that calls for a look.

    Attributes
    ----------
    alert_id : str
        The same as long as it is the same thing: so that it is sent once.
    when : str
        The kind, as `oppnb.yaml` names it.
    as_of : date
        The day of knowledge.
    opportunity_id, name, owner_id : str or None
        The deal and its owner; None where it is of more than one deal. The name is as the CRM wrote it, untrusted.
    owner : str or None
        What the owner is called: the name in the table `owners`, else `owner_id`; untrusted.
    account : str or None
        What the customer is called: the name in the table `accounts`, else `account_id`; untrusted.
    amount : float or None
        Of the deal, in the report's currency; of a pile of deals, all of theirs.
    value, threshold : float or None
        The number that says so, and what it was held against, in the unit of the kind.
    texts : mapping of str to str
        Locale -> sentence; it may hold text of the data, untrusted.
    """

    alert_id: str
    when: str
    as_of: date
    texts: Mapping[str, str]
    opportunity_id: str | None = None
    name: str | None = None
    owner_id: str | None = None
    owner: str | None = None
    account: str | None = None
    amount: float | None = None
    value: float | None = None
    threshold: float | None = None

    def to_dict(self, locale: str) -> dict[str, Any]:
        """Plain values for JSON, with the sentence of one locale."""
        return {
            "alert_id": self.alert_id,
            "when": self.when,
            "as_of": self.as_of.isoformat(),
            "opportunity_id": self.opportunity_id,
            "name": self.name,
            "owner_id": self.owner_id,
            "owner": self.owner,
            "account": self.account,
            "amount": self.amount,
            "value": self.value,
            "threshold": self.threshold,
            "text": self.texts[locale],
        }


@dataclass(frozen=True)
class Missing:
    """An alert that could not be judged.

    Attributes
    ----------
    when : str
        The kind.
    texts : mapping of str to str
        Locale -> why, and what would help.
    """

    when: str
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Findings:
    """What all alerts of a workspace found on a day.

    Attributes
    ----------
    alerts : tuple of FoundAlert
        Kinds in the order of the workspace, of each the largest amounts first, of equal ones the oldest.
    missing : tuple of Missing
        What could not be judged and why.
    judged : frozenset of str
        Kinds that could: one of these that is not among `alerts` any more has cleared.
    as_of : date
        The day of knowledge.
    scope : str
        The slice, e.g. `region=North`; empty for the whole.
    owner_addresses : mapping of str to str
        owner_id -> address, where the workspace names a column for it.
    currency : str or None
        Of the amounts.
    competitors : mapping of str to str
        Alert id -> deal, of every competitor in the data: remembered, so that a later one is seen to be new.
    """

    alerts: tuple[FoundAlert, ...]
    missing: tuple[Missing, ...]
    judged: frozenset[str]
    as_of: date
    scope: str
    owner_addresses: Mapping[str, str]
    competitors: Mapping[str, str]
    currency: str | None = None
