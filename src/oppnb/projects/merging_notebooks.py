"""Three versions of a notebook become one, cell by cell, so that the result is always a notebook that opens."""

import json
from typing import Any

from oppnb.projects.merging import Merged, merge_text

__all__ = ["merge_notebooks"]

Cells = dict[str, dict[str, Any]]


def merge_notebooks(before: bytes, yours: bytes, newer: bytes, *, label: str = "newer") -> Merged:
    """Merge what changed from `before` to `newer` into `yours`, by the cells' ids.

    Parameters
    ----------
    before, yours, newer : bytes
        Notebooks; see `merge_text`.
    label : str
        How the newer version is called in the marks of a conflict.

    Returns
    -------
    Merged
        Yours, with sources merged line by line inside each cell, cells that are new after the cell they follow, and
        cells removed that you left as they were. A cell that you removed stays removed unless it has changed since:
        then it comes back with marks. Your outputs and metadata are kept. The marks of a conflict stand in the cell.
        Where one of the three is no notebook with ids, they are merged as text.
    """
    if yours == newer or newer == before:
        return Merged(yours, 0)
    if yours == before:
        return Merged(newer, 0)
    trees = [_notebook(text) for text in (before, yours, newer)]
    if any(tree is None for tree in trees):
        return merge_text(before, yours, newer, label=label)
    old, mine, new = ({cell["id"]: cell for cell in tree["cells"]} for tree in trees if tree is not None)
    cells, n_conflicts = _merged_cells(old, mine, new, label)
    tree = {**(trees[1] or {}), "cells": cells}
    return Merged((json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode(), n_conflicts)


def _notebook(text: bytes) -> dict[str, Any] | None:
    try:
        tree = json.loads(text)
        ids = [str(cell["id"]) for cell in tree["cells"]]
        parts = [(_source(cell), cell["metadata"]) for cell in tree["cells"]]
    except (ValueError, KeyError, TypeError):
        return None
    return tree if len(set(ids)) == len(ids) == len(parts) else None


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _merged_cells(old: Cells, mine: Cells, new: Cells, label: str) -> tuple[list[dict[str, Any]], int]:
    cells, n_conflicts = [], 0
    for name in _order(old, mine, new):
        cell, n = _merged_cell(*(cells.get(name) for cells in (old, mine, new)), label=label)
        n_conflicts += n
        if cell is not None:
            cells.append(cell)
    return cells, n_conflicts


def _merged_cell(
    old: dict[str, Any] | None, mine: dict[str, Any] | None, new: dict[str, Any] | None, *, label: str
) -> tuple[dict[str, Any] | None, int]:
    """The cell to keep, if any, and how many conflicts stand in it."""
    texts = [None if cell is None else _source(cell) for cell in (old, mine, new)]
    if new is None and texts[0] == texts[1]:
        return None, 0
    kept = mine or new or {}
    if old is not None and mine is not None and new is not None and mine["metadata"] == old["metadata"]:
        kept = {**kept, "metadata": new["metadata"]}
    if texts[1] == texts[2] or texts[0] == texts[2]:
        return kept, 0
    merged = merge_text(*(_as_lines(text) for text in texts), label=label)
    return {**kept, "source": merged.content.decode().removesuffix("\n").splitlines(keepends=True)}, merged.n_conflicts


def _as_lines(text: str | None) -> bytes:
    """Each line ended, so that a mark never stands behind a line's text."""
    return (text + "\n").encode() if text else b""


def _order(old: Cells, mine: Cells, new: Cells) -> list[str]:
    """Your order; a cell that only the newer notebook has stands after the one it follows there."""
    order = list(mine)
    previous: str | None = None
    for name in new:
        if name not in mine and (name not in old or _source(old[name]) != _source(new[name])):
            order.insert(order.index(previous) + 1 if previous is not None else 0, name)
        previous = name if name in order else previous
    return order
