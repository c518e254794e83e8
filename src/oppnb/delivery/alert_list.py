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


def count_lines(alerts: Sequence[FoundAlert], words: Words) -> tuple[str, ...]:
    """A line an owner, those with most alerts first; what is nobody's, such as a forecast, before them in full."""
    of_owners: dict[str, Counter[str]] = {}
    whole = []
    for alert in alerts:
        if alert.owner is None and alert.opportunity_id is None:
            whole.append(tame(alert.texts[words.locale]))
            continue
        owner = words("delivery.nobody") if alert.owner is None else tame(alert.owner)
        of_owners.setdefault(owner, Counter())[alert.when] += 1
    ranked = sorted(of_owners.items(), key=lambda one: (-one[1].total(), one[0]))
    return (*whole, *(_line(owner, kinds, words) for owner, kinds in ranked))


def _line(owner: str, kinds: "Counter[str]", words: Words) -> str:
    told = [words("delivery.of_kind", kind=kind_text(when, words), n=n) for when, n in kinds.most_common()]
    return words("delivery.of_owner", owner=owner, kinds=words("delivery.comma").join(told))


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
