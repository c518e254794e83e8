"""The 95 % interval of a share of counted deals."""

import math

__all__ = ["wilson_interval"]

_Z = 1.959963984540054  # two-sided 95 %


def wilson_interval(n_hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of n_hits / n; (0, 1) when nothing was counted.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
       Journal of the American Statistical Association 22, 1927, pp. 209-212.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson_interval(5, 10)]
    [0.2366, 0.7634]
    """
    if n <= 0:
        return 0.0, 1.0
    share = n_hits / n
    spread = 1 + _Z**2 / n
    middle = (share + _Z**2 / (2 * n)) / spread
    half = _Z / spread * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)
