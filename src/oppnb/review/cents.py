"""Money as whole cents, so that a sum does not depend on its order and an identity can hold exactly."""

import numpy as np
import pandas as pd

__all__ = ["from_cents", "to_cents"]


def to_cents(amounts: pd.Series) -> pd.Series:
    """Each amount in whole cents, rounded half to even; a missing amount counts 0.

    Examples
    --------
    >>> to_cents(pd.Series([10.0, 0.125, None])).tolist()
    [1000, 12, 0]
    """
    values = amounts.to_numpy(dtype="float64", na_value=np.nan)
    return pd.Series(np.rint(np.nan_to_num(values) * 100).astype("int64"), index=amounts.index, dtype="int64")


def from_cents(cents: int) -> float:
    """An amount from whole cents."""
    return int(cents) / 100
