"""How many threads a fit may take: one setting, never left to OpenMP."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from oppnb.errors import UsageError

__all__ = ["limited_threads", "n_threads"]

_NAME = "OPPNB_THREADS"
_DEFAULT = 2


def n_threads() -> int:
    """Threads for every fit and prediction: `OPPNB_THREADS`, else 2, or 1 on a machine with one core.

    More threads than free cores make a fit ten times slower, not faster: they wait for each other.

    Raises
    ------
    UsageError
        If `OPPNB_THREADS` is not a whole number above 0.

    Examples
    --------
    >>> n_threads() >= 1
    True
    """
    given = os.environ.get(_NAME, "").strip()
    if not given:
        return min(_DEFAULT, os.cpu_count() or 1)
    if not given.isdecimal() or int(given) < 1:
        raise UsageError(f"{_NAME} is '{given}': it must be a whole number from 1 on, the number of threads of a fit.")
    return int(given)


@contextmanager
def limited_threads(n: int | None = None) -> Iterator[None]:
    """Hold matrix products and OpenMP loops inside to `n` threads, by default to `n_threads()`.

    Small products are quicker on one: a second thread waits more than it works.

    Examples
    --------
    >>> with limited_threads():
    ...     pass
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped, unused-ignore]

    with threadpool_limits(limits=n_threads() if n is None else min(n, n_threads())):
        yield
