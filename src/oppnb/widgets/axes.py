"""An axis as the front end takes it: where it begins and ends, and ticks with their labels, written in Python."""

from collections.abc import Callable
from typing import Any

from oppnb.charts.axes import nice_ticks

__all__ = ["axis"]


def axis(low: float, high: float, *, write: Callable[[float], str], title: str = "", count: int = 5) -> dict[str, Any]:
    """Range, ticks and title; of ticks that read alike the first stays.

    Examples
    --------
    >>> axis(0.0, 1.0, write=lambda share: f"{share:.0%}", count=3)["ticks"]
    [{'at': 0.0, 'text': '0%'}, {'at': 0.5, 'text': '50%'}, {'at': 1.0, 'text': '100%'}]
    """
    written: dict[str, float] = {}
    for tick in nice_ticks(low, high, count=count):
        written.setdefault(write(tick), tick)
    ticks = [{"at": tick, "text": text} for text, tick in written.items()]
    return {"low": float(low), "high": float(high), "ticks": ticks, "title": title}
