"""The one way a template lies in git: no outputs, ids given by hand, keys sorted, so that a diff shows the change."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oppnb.errors import UsageError

__all__ = ["format_template", "in_normal_form", "rewrite_template"]

_ID = re.compile(r"^[a-z][a-z0-9-]{1,40}$")
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def format_template(text: str, *, name: str = "the template") -> str:
    """Write a notebook in its normal form.

    Parameters
    ----------
    text : str
        The notebook's JSON.
    name : str
        For the message.

    Returns
    -------
    str
        No outputs and counts, only `tags` in a cell's metadata, the kernel `python3`, one source line a JSON line,
        indent 1, keys sorted, one final newline. Formatting twice changes nothing.

    Raises
    ------
    UsageError
        If it is not a notebook, or a cell has no id given by hand (a word such as `funnel`, unique in the notebook).
    """
    try:
        tree = json.loads(text)
        cells = [_cell(cell) for cell in tree["cells"]]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{name} is not a notebook: {type(error).__name__}.") from error
    _check_ids([cell["id"] for cell in cells], name)
    made = {"cells": cells, "metadata": {"kernelspec": _KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def in_normal_form(text: str) -> bool:
    """Whether a notebook lies in its normal form."""
    try:
        return format_template(text) == text
    except UsageError:
        return False


def rewrite_template(path: str | Path) -> bool:
    """Put a template file into its normal form; True if it changed."""
    file = Path(path)
    text = file.read_text(encoding="utf-8")
    made = format_template(text, name=str(file))
    if made == text:
        return False
    file.write_text(made, encoding="utf-8")
    return True


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    tags = cell.get("metadata", {}).get("tags", [])
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    made: dict[str, Any] = {
        "cell_type": cell["cell_type"],
        "id": cell.get("id", ""),
        "metadata": {"tags": sorted(tags)} if tags else {},
        "source": source.rstrip("\n").splitlines(keepends=True),
    }
    return {**made, "execution_count": None, "outputs": []} if cell["cell_type"] == "code" else made


def _check_ids(ids: list[str], name: str) -> None:
    bad = [cell_id for cell_id in ids if not _ID.match(cell_id)]
    doubles = sorted({cell_id for cell_id in ids if ids.count(cell_id) > 1})
    if bad or doubles:
        raise UsageError(
            f"{name}: each cell needs an id of its own, in small letters, such as 'funnel'. "
            f"To mend: {', '.join(repr(cell_id) for cell_id in [*bad, *doubles][:3])}."
        )
