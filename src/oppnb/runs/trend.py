"""How a figure moved from report to report, as a drawing of a few characters."""

import html
from collections.abc import Sequence

__all__ = ["sparkline"]

_WIDTH, _HEIGHT, _MARGIN = 96.0, 24.0, 3.0
_MOST = 26
_LEAST_REACH = 0.2
"""A figure that moves by less than this share of itself does not fill the height: a small step looks small."""


def sparkline(values: Sequence[float | None], *, label: str) -> str:
    """A line through the last values, the latest one as a dot; an empty place with fewer than two.

    Parameters
    ----------
    values : sequence of float or None
        The earliest first; what is not known is left out of the line.
    label : str
        For readers who do not see it.

    Examples
    --------
    >>> sparkline([1.0], label="Open amount")
    '<span></span>'
    >>> sparkline([1.0, 3.0], label="Open amount").count("polyline")
    1
    """
    known = [(place, value) for place, value in enumerate(values[-_MOST:]) if value is not None]
    if len(known) < 2:
        return "<span></span>"
    low, high = min(value for _, value in known), max(value for _, value in known)
    first, last = known[0][0], known[-1][0]
    reach = max(high - low, _LEAST_REACH * max(abs(low), abs(high))) or 1.0
    points = [
        (
            _MARGIN + (place - first) / (last - first) * (_WIDTH - 2 * _MARGIN),
            _HEIGHT / 2 - (value - (low + high) / 2) / reach * (_HEIGHT - 2 * _MARGIN),
        )
        for place, value in known
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        f'<svg viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" aria-label="{html.escape(label, quote=True)}">'
        f'<polyline points="{line}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.4"/></svg>'
    )
