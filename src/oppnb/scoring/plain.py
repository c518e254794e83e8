"""Values as JSON can hold them."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd

__all__ = ["as_json"]


def as_json(value: Any) -> Any:
    """The value with days as text and what is not a number as null.

    Examples
    --------
    >>> as_json({"day": date(2024, 3, 31), "share": float("nan"), "n": (1, 2)})
    {'day': '2024-03-31', 'share': None, 'n': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if hasattr(value, "item"):
        return as_json(value.item())
    return value
