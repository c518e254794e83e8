"""Where a report of a form comes to: what is asked for beside day and data has a folder of its own."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from oppnb.lab.places import Root
from oppnb.reports import Parameter, check_parameters

__all__ = ["folder_of", "folder_slug"]

_SAME_REPORT = ("data", "as_of", "workspace", "train")
"""Parameters that make no other report: what it is made of, and its day, which has a folder anyway."""
_MOST_LETTERS = 40


def folder_slug(values: Mapping[str, Any], schema: Mapping[str, Parameter]) -> str:
    """A folder's name for what a form asks for beyond the template's defaults; empty where that is nothing.

    Parameters
    ----------
    values : mapping
        Parameter -> value, as the form gave it.
    schema : mapping
        What the template asks for.

    Returns
    -------
    str
        Letters, digits, `=`, `-` and `_` alone; the end tells apart what is written alike.

    Examples
    --------
    >>> schema = {"period": Parameter("period", "str", None, may_be_none=True)}
    >>> folder_slug({"period": "2025Q3"}, schema), folder_slug({"period": None}, schema)
    ('period=2025Q3-fe45c0', '')
    """
    checked = check_parameters(schema, {name: value for name, value in values.items() if value not in (None, "")})
    apart = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in checked.items()
        if name in values and name not in _SAME_REPORT and value not in (None, {}, schema[name].default)
    }
    if not apart:
        return ""
    mark = hashlib.sha256(json.dumps(apart, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:6]
    told = "_".join(_told(name, value) for name, value in sorted(apart.items()))
    return f"{told[:_MOST_LETTERS].rstrip('-_=')}-{mark}"


def _told(name: str, value: Any) -> str:
    pairs = value.items() if isinstance(value, Mapping) else [(name, value)]
    return "_".join("=".join(re.sub(r"\W+", "-", str(one)).strip("-") for one in pair) for pair in sorted(pairs))


def folder_of(out: Path, template: str, slug: str, root: Root) -> Path:
    """`OUT/TEMPLATE`, or `OUT/TEMPLATE/SLUG`; a link on the way that leads out is refused.

    Raises
    ------
    OutsideError
        If it does not lie below the root.
    """
    place = out / template / slug
    return root.path(place.relative_to(root.folder).as_posix(), must_exist=False)
