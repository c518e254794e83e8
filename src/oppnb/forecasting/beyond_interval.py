"""Why a part of the company can be expected to bring more than the upper end of its own interval."""

import numpy as np
import pandas as pd

from oppnb.locale import Formats, Words

__all__ = ["tell_beyond_interval"]


def tell_beyond_interval(expected: pd.Series, high: pd.Series, *, words: Words, formats: Formats) -> list[str]:
    """A sentence on the parts whose mean lies above their 80 % interval; none where there are none.

    Parameters
    ----------
    expected, high : Series
        Expected amount and upper end of the interval of each part, as the table tells them; null: not known.
    words, formats : Words, Formats
        Of the reader.

    Examples
    --------
    >>> said = {"words": Words("en"), "formats": Formats("en")}
    >>> tell_beyond_interval(pd.Series([20.0, 10.0]), pd.Series([0.0, 30.0]), **said)[0][:47]
    'In 1 of 2 rows the expected amount lies above t'
    >>> tell_beyond_interval(pd.Series([10.0]), pd.Series([30.0]), **said)
    []
    """
    means, ends = (values.to_numpy(dtype="float64") for values in (expected, high))
    above = np.round(means) > np.round(ends)  # what is written alike is not above
    if not above.any():
        return []
    n_all = formats.number(int((np.isfinite(means) & np.isfinite(ends)).sum()))
    return [words("forecast_rollup.beyond_interval", n=formats.number(int(above.sum())), n_all=n_all)]
