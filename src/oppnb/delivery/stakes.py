"""What is at stake: how much money the deals of some alerts are, and the alerts in that order."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from oppnb.delivery.alert_list import kind_text
from oppnb.delivery.found import FoundAlert
from oppnb.locale import Formats, Words

__all__ = ["at_stake", "by_kind", "by_stake", "kind_lines", "stake_text"]

_WORSE_WHEN_LONGER = ("silence", "time_limit_passed", "task_overdue")


def by_stake(alerts: Iterable[FoundAlert]) -> list[FoundAlert]:
    """The same alerts, kinds in the order in which each first stands, of a kind the largest amounts first.

    Of equal amounts that which has lasted longest comes first; alerts without an amount come last.
    """
    known = list(alerts)
    kinds = {when: place for place, when in reversed(list(enumerate(alert.when for alert in known)))}

    def place(alert: FoundAlert) -> tuple[int, bool, float, float]:
        lasted = alert.value or 0.0 if alert.when in _WORSE_WHEN_LONGER else 0.0
        return kinds[alert.when], alert.amount is None, -(alert.amount or 0.0), -lasted

    return sorted(known, key=place)


def by_kind(alerts: Sequence[FoundAlert]) -> dict[str, list[FoundAlert]]:
    """Kind -> its alerts, in the order in which kinds first stand."""
    found: dict[str, list[FoundAlert]] = {}
    for alert in alerts:
        found.setdefault(alert.when, []).append(alert)
    return found


def at_stake(alerts: Iterable[FoundAlert]) -> float | None:
    """The amounts of the deals added up, each deal once; of piles of deals where there are no single ones.

    Returns
    -------
    float or None
        None where no amount is known, and where piles may hold the same deals: those by owner and those by stage.
    """
    known = [alert for alert in alerts if alert.amount is not None]
    deals = {alert.opportunity_id: float(alert.amount or 0.0) for alert in known if alert.opportunity_id is not None}
    if deals:
        return sum(deals.values())
    piles = [alert for alert in known if alert.when == "backlog_over"]
    sorts = {key for key, _ in groupby(piles, key=lambda alert: alert.alert_id.split("/", 1)[0])}
    return sum(float(alert.amount or 0.0) for alert in piles) if len(sorts) == 1 else None


def stake_text(alerts: Sequence[FoundAlert], words: Words, formats: Formats) -> str:
    """How many alerts and how much money; how many deals tell no amount."""
    amount = at_stake(alerts)
    if amount is None:
        return words.counted("delivery.stake_unknown", n=len(alerts))
    deals = {alert.opportunity_id: alert.amount for alert in alerts if alert.opportunity_id is not None}
    n_without = sum(one is None for one in deals.values())
    told = words.counted(
        "delivery.stake", n=len(alerts), count=formats.number(len(alerts)), amount=formats.money(amount)
    )
    return told + (words.counted("delivery.stake_without", n=n_without) if n_without else "")


def kind_lines(alerts: Sequence[FoundAlert], words: Words, formats: Formats) -> tuple[str, ...]:
    """A line a kind: how many there are, and how much money."""
    kinds: Mapping[str, list[FoundAlert]] = by_kind(alerts)
    return tuple(
        words("delivery.figure", name=kind_text(when, words), value=stake_text(of_kind, words, formats))
        for when, of_kind in kinds.items()
    )
