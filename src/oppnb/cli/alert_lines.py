"""Alerts on the terminal: of each kind how many and how much money, then the largest deals by name."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from oppnb.cli.tables_out import aligned
from oppnb.delivery.alert_list import kind_text
from oppnb.delivery.found import FoundAlert
from oppnb.delivery.stakes import at_stake, by_kind, stake_text
from oppnb.locale import Formats, Words

__all__ = ["MOST_SHOWN", "alert_lines"]

MOST_SHOWN = 20
"""Alerts of a kind on the screen; the others are counted there, with their money, and all are in the file."""


def alert_lines(
    alerts: Sequence[FoundAlert], *, words: Words, formats: Formats, all_in: Path | None = None
) -> list[str]:
    """What is printed of alerts: all kinds with their totals, the first of each kind, how many more there are.

    Parameters
    ----------
    alerts : sequence of FoundAlert
        In their order.
    words, formats
        Of the reader, with the report's currency.
    all_in : Path, optional
        The file that has all of them.
    """
    lines: list[str] = []
    for when, of_kind in by_kind(alerts).items():
        told = stake_text(of_kind, words, formats)
        lines.append(words("delivery.figure", name=kind_text(when, words), value=told))
        shown, more = of_kind[:MOST_SHOWN], of_kind[MOST_SHOWN:]
        lines += [f"  {line}" for line in _table(shown, words, formats).splitlines()]
        if more:
            lines.append(f"  {_more(more, words, formats, all_in)}")
    return lines


def _more(alerts: Sequence[FoundAlert], words: Words, formats: Formats, all_in: Path | None) -> str:
    amount = at_stake(alerts)
    money = "" if amount is None else words("delivery.more_amount", amount=formats.money(amount))
    place = words("delivery.more_how") if all_in is None else words("delivery.more_in", file=all_in)
    return words.counted(
        "delivery.more_shown", n=len(alerts), count=formats.number(len(alerts)), amount=money, place=place
    )


def _table(alerts: Sequence[FoundAlert], words: Words, formats: Formats) -> str:
    """A row an alert; a column that would be empty is left out."""
    rows = [
        {
            "name": _line(alert.name) or alert.opportunity_id or "",
            "account": _account(alert),
            "amount": "" if alert.amount is None else formats.money(alert.amount),
            "owner": _line(alert.owner),
            "text": _line(alert.texts[words.locale]),
        }
        for alert in alerts
    ]
    frame = pd.DataFrame(rows)
    told = frame[[name for name in frame if frame[name].ne("").any()]]
    return aligned(told.rename(columns={name: words(f"delivery.column_{name}") for name in told}))


def _account(alert: FoundAlert) -> str:
    """The customer, where the deal's name does not tell it already."""
    account = _line(alert.account)
    return "" if account and account in _line(alert.name) else account


def _line(text: str | None) -> str:
    """A text of the data on one line, without signs that move a terminal's cursor."""
    return "".join(sign if sign.isprintable() else " " for sign in " ".join((text or "").split()))
