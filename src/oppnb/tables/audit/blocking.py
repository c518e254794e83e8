"""Records that the workspace says contradict themselves."""

from collections.abc import Iterator

import numpy as np

from oppnb.tables.audit.breaches import Breach
from oppnb.tables.audit.case import Case
from oppnb.tables.rows import rows_where

__all__ = ["find_blocked_rows"]


def find_blocked_rows(case: Case) -> Iterator[Breach]:
    """Rows for which the `where` of a rule in `audit.block` holds."""
    for block in case.workspace.audit.block:
        if not case.has(block.table):
            continue
        frame = case.tables[block.table]
        rows = rows_where(frame, block.where, table=block.table).to_numpy(dtype=bool)
        if np.any(rows):
            yield Breach(block.name, block.table, rows, len(frame))
