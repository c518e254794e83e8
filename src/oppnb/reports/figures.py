"""`figures.json`: every figure of a report for machines, the same bytes for the same figures."""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

__all__ = ["figures_text", "json_text", "write_figures"]


def figures_text(figures: Iterable[Mapping[str, Any]]) -> str:
    """Figures as JSON: keys sorted, indent 1, null for what is not known, one final newline.

    Examples
    --------
    >>> print(figures_text([{"id": "won_count", "value": 3, "n": 3}]), end="")
    [
     {
      "id": "won_count",
      "n": 3,
      "value": 3
     }
    ]
    """
    rows = [_plain(dict(figure)) for figure in figures]
    return json.dumps(rows, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def json_text(tree: Mapping[str, Any]) -> str:
    """One object as JSON: its keys in their order, indent 1, null for what is not known, one final newline.

    Examples
    --------
    >>> print(json_text({"period": "2025Q3", "gap": float("nan")}), end="")
    {
     "period": "2025Q3",
     "gap": null
    }
    """
    return json.dumps(_plain(tree), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write_figures(figures: Iterable[Mapping[str, Any]], path: str | Path) -> None:
    """Write `figures.json` in UTF-8."""
    Path(path).write_text(figures_text(figures), encoding="utf-8", newline="\n")


def _plain(node: Any) -> Any:
    """NumPy scalars become Python's, dates ISO text, and numbers that are none become null."""
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_plain(value) for value in node]
    if isinstance(node, date):
        return node.isoformat()[:10]
    if hasattr(node, "item"):
        node = node.item()
    if isinstance(node, float) and not math.isfinite(node):
        return None
    return node
