"""Numbers as people type them: with separators, a sign, a percent sign, or the units in which amounts are shown."""

import re

__all__ = ["NUMBER", "number_typed"]

_UNITS = {"k": 1e3, "m": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9, "千": 1e3, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8}
NUMBER = r"[-+−]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)\s*(?:mn|bn|[kmb千万萬亿億])?"
"""A pattern of one, whatever the case of its unit; without currency and percent sign."""
_WHOLE = re.compile(rf"(?i)\s*({NUMBER})\s*")
_UNIT = re.compile(r"(?i)[a-z千万萬亿億]+$")


def number_typed(text: str | None) -> float | None:
    """What a text says as a number; None if it is none.

    Examples
    --------
    >>> number_typed("1,200,000"), number_typed("1.2M"), number_typed("3000万"), number_typed("plenty")
    (1200000.0, 1200000.0, 30000000.0, None)
    """
    found = _WHOLE.fullmatch(text or "")
    if found is None:
        return None
    said = found[1].replace(",", "").replace("−", "-")
    unit = _UNIT.search(said)
    factor = 1.0 if unit is None else _UNITS[unit[0].lower()]
    return round(float(said if unit is None else said[: unit.start()]) * factor, 6)
