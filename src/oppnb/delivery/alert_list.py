"""Alerts that are too many for a message: counts of each owner and kind in it, and a file with all of them."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from oppnb.delivery.found import FoundAlert
from oppnb.delivery.taming import tame
from oppnb.errors import DeliveryError
from oppnb.locale import Formats, Words
from oppnb.tables.spreadsheet_text import without_formulas

__all__ = ["MOST_LINES", "count_lines", "kind_text", "list_name", "write_list"]

MOST_LINES = 30
"""Alerts that a message tells one by one; of more it tells counts and where the list is."""


def kind_text(when: str, words: Words) -> str:
    """What a kind of alert is called.

    Examples
    --------
    >>> kind_text("silence", Words("en"))
    'silent'
    """
    return words.get(f"alert_kind.{when}", when)


def count_lines(alerts: Sequence[FoundAlert], words: Words, formats: Formats) -> tuple[str, ...]:
    """A line an owner, those with most money first; what is nobody's, such as a forecast, before them in full."""
    of_owners: dict[str, list[FoundAlert]] = {}
    whole = []
    for alert in alerts:
        if alert.owner is None and alert.opportunity_id is None:
            whole.append(tame(alert.texts[words.locale]))
            continue
        owner = words("delivery.nobody") if alert.owner is None else tame(alert.owner)
        of_owners.setdefault(owner, []).append(alert)
    stakes = {owner: _of_deals(found) for owner, found in of_owners.items()}
    ranked = sorted(of_owners, key=lambda owner: (-(stakes[owner] or 0.0), -len(of_owners[owner]), owner))
    lines = (_line(owner, of_owners[owner], stakes[owner], words=words, formats=formats) for owner in ranked)
    return (*whole, *lines)


def _of_deals(alerts: Sequence[FoundAlert]) -> float | None:
    """The amounts of the deals, each once; a pile of an owner holds the same deals, and is not added."""
    deals = {one.opportunity_id: one.amount for one in alerts if one.opportunity_id and one.amount is not None}
    return sum(deals.values()) if deals else None


def _line(owner: str, alerts: Sequence[FoundAlert], stake: float | None, *, words: Words, formats: Formats) -> str:
    kinds = Counter(alert.when for alert in alerts)
    told = [words("delivery.of_kind", kind=kind_text(when, words), n=n) for when, n in kinds.most_common()]
    shown = words("delivery.comma").join(told)
    if stake is None:
        return words("delivery.of_owner", owner=owner, kinds=shown)
    return words("delivery.of_owner_amount", owner=owner, kinds=shown, amount=formats.money(stake))


def list_name(day: str, scope: str, target: str) -> str:
    """The file's name: nothing of it leaves the folder.

    Examples
    --------
    >>> list_name("2025-12-31", "region=../North", "chat")
    'alerts-2025-12-31-region_North-chat.csv'
    """
    parts = [re.sub(r"[^\w]+", "_", part).strip("_")[:60] for part in (scope, target) if part]
    return "-".join(["alerts", day, *parts]) + ".csv"


def write_list(alerts: Sequence[FoundAlert], path: Path, *, words: Words, formats: Formats) -> None:
    """Write all alerts as CSV for a spreadsheet, in the reader's words.

    Raises
    ------
    DeliveryError
        If the folder cannot be written.
    """
    rows = [
        {
            "kind": kind_text(alert.when, words),
            "owner": alert.owner,
            "opportunity_id": alert.opportunity_id,
            "name": alert.name,
            "account": alert.account,
            "amount": alert.amount,
            "text": alert.texts[words.locale],
        }
        for alert in alerts
    ]
    frame = pd.DataFrame(rows)
    texts = frame.drop(columns="amount").astype("object")
    safe = frame.assign(**{str(name): without_formulas(texts[name]) for name in texts})
    headed = safe.rename(
        columns={name: words(f"delivery.list_{name}", currency=formats.currency or "") for name in safe}
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        headed.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    except OSError as error:
        raise DeliveryError(words("delivery.no_list", path=path.name, why=error.strerror or str(error))) from error
