"""Ibis 12.0 still calls DuckDB by names that DuckDB 2.0 has deprecated; a user can do nothing about it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["ibis_may_use_old_names"]


@contextmanager
def ibis_may_use_old_names() -> Iterator[None]:
    """Keep the deprecation of `fetch_arrow_table` (2026-11, ibis 12.0 on duckdb 2.0) to ourselves."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="fetch_(arrow_table|record_batch)", category=DeprecationWarning)
        yield
