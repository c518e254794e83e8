"""An axis as the front end takes it: where it begins and ends, and ticks with their labels, written in Python."""

from collections.abc import Callable
from typing import Any

from oppnb.charts.axes import nice_ticks

__all__ = ["axis"]


def axis(
    low: float,
    high: float,
    *,
    write: Callable[[float], str],
    title: str = "",
    count: int = 5,
    is_whole: bool = False,
) -> dict[str, Any]:
    """Range, ticks and title; of ticks that read alike the first stays. `is_whole`: the last tick covers `high`.

    Examples
    --------
    >>> axis(0.0, 1.0, write=lambda share: f"{share:.0%}", count=3)["ticks"]
    [{'at': 0.0, 'text': '0%'}, {'at': 0.5, 'text': '50%'}, {'at': 1.0, 'text': '100%'}]
    >>> [tick["text"] for tick in axis(0.0, 78.0, write=lambda days: f"{days:.0f} d", count=3, is_whole=True)["ticks"]]
    ['0 d', '50 d', '100 d']
    """
    ticks = nice_ticks(low, high, count=count)
    if is_whole and len(ticks) > 1 and ticks[-1] < high:
        high = round(2 * ticks[-1] - ticks[-2], 10)
        ticks.append(high)
    written: dict[str, float] = {}
    for tick in ticks:
        written.setdefault(write(tick), tick)
    shown = [{"at": tick, "text": text} for text, tick in written.items()]
    return {"low": float(low), "high": float(high), "ticks": shown, "title": title}
