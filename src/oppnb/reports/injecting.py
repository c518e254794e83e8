"""Write checked values into a notebook as typed Python, so that a date arrives as a date."""

import copy
from collections.abc import Mapping
from datetime import date
from typing import Any

from oppnb.reports.parameters import Value

__all__ = ["as_python", "with_parameters"]


def as_python(value: Value) -> str:
    """A value as Python source.

    Examples
    --------
    >>> as_python(date(2017, 9, 30))
    'date(2017, 9, 30)'
    """
    if isinstance(value, date):
        return f"date({value.year}, {value.month}, {value.day})"
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return f'float("{value}")'
    return repr(value)


def with_parameters(notebook: Mapping[str, Any], values: Mapping[str, Value]) -> dict[str, Any]:
    """A copy of a notebook with a cell after its `parameters` cell that sets `values`.

    The cell carries papermill's tag, so other tools know it. papermill itself would write a date as text.
    """
    made = copy.deepcopy(dict(notebook))
    if not values:
        return made
    lines = [f"{name} = {as_python(value)}" for name, value in values.items()]
    if any(isinstance(value, date) for value in values.values()):
        lines = ["from datetime import date", "", *lines]
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "injected-parameters",
        "metadata": {"tags": ["injected-parameters"]},
        "outputs": [],
        "source": "\n".join(lines),
    }
    cells = [c for c in made["cells"] if "injected-parameters" not in c.get("metadata", {}).get("tags", [])]
    places = [i for i, c in enumerate(cells) if "parameters" in c.get("metadata", {}).get("tags", [])]
    cells.insert(places[0] + 1 if places else 0, cell)
    made["cells"] = cells
    return made
