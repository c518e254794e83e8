"""Names of runs: they name files, so they are plain, and those made here sort by time."""

import re
from datetime import UTC, datetime
from uuid import uuid4

from oppnb.errors import StoreError

__all__ = ["checked_run_id", "new_run_id"]

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


def new_run_id(at: datetime | None = None) -> str:
    """A name no other run has: the UTC moment and eight random digits.

    Examples
    --------
    >>> new_run_id(datetime(2024, 3, 31, 7, tzinfo=UTC))
    '20240331T070000000000Z-...'
    """
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    return f"{moment:%Y%m%dT%H%M%S%f}Z-{uuid4().hex[:8]}"


def checked_run_id(run_id: str) -> str:
    """The same name if a file can be called so, else StoreError."""
    if not _PLAIN.fullmatch(run_id):
        raise StoreError(
            f"'{run_id[:40]}' cannot name a run: letters, digits, '.', '_' and '-' only, at most 120, no '.' in front."
        )
    return run_id
