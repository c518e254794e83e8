"""An export without one row is an empty widget that says so, no traceback."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from oppnb.errors import NoRowsError
from oppnb.locale import Words
from oppnb.review import Review, open_review
from oppnb.review.opening import review_or_nothing
from oppnb.tables import CANONICAL, Tables
from oppnb.workspace import Workspace, read_workspace

__all__ = ["no_tables", "open_review_even_without_rows", "said_of"]

_NUMBERS = ("number", "money", "share")
_DAYS = ("moment", "day")


def no_tables() -> Tables:
    """Opportunities with every column and no row.

    Examples
    --------
    >>> len(no_tables()["opportunities"])
    0
    """
    columns = CANONICAL["opportunities"].columns
    kinds = {name: "float64" if one.kind in _NUMBERS else "str" for name, one in columns.items()}
    kinds |= {name: "datetime64[us]" for name, one in columns.items() if one.kind in _DAYS}
    return Tables({"opportunities": pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})})


def open_review_even_without_rows(data: str | Path | Tables, **opening: Any) -> Review:
    """As `oppnb.review.open_review`; of an export without rows a review of nothing, as of today unless a day is given.

    Raises
    ------
    OppnbError
        Whatever `open_review` raises otherwise.
    """
    try:
        if not (isinstance(data, Tables) and "opportunities" in data and data["opportunities"].empty):
            return open_review(data, **opening)
    except NoRowsError:
        data = no_tables()
    return review_or_nothing(data, **{**opening, "as_of": opening.get("as_of") or _today(opening.get("workspace"))})


def said_of(review: Review, words: Words) -> str:
    """That there is not one row; '' where there are some."""
    return words("widgets.headers_alone") if review.tables["opportunities"].empty else ""


def _today(workspace: Workspace | str | Path | None) -> str:
    settled = workspace if isinstance(workspace, Workspace) else read_workspace(workspace)
    day = settled.sources.exported_on or datetime.now(ZoneInfo(settled.calendar.time_zone)).date()
    return day.isoformat()
