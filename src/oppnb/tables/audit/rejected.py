"""The rows set aside as data: `rejected.csv`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from oppnb.tables.audit.keys import row_keys
from oppnb.tables.audit.setting_aside import Aside
from oppnb.tables.bundle import Tables
from oppnb.tables.spreadsheet_text import without_formulas

if TYPE_CHECKING:
    from oppnb.tables.audit.result import AuditResult

__all__ = ["REJECTED_COLUMNS", "rejected_rows", "write_rejected", "write_rejected_rows"]

REJECTED_COLUMNS = ("table", "rule", "key", "row")


def rejected_rows(originals: Tables, aside: Aside) -> pd.DataFrame:
    """One row for each row set aside: table, rule, key, and the row as it was read, as JSON text."""
    parts = [_of_table(originals, aside, table) for table in sorted(originals)]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(REJECTED_COLUMNS))
    return frame.astype("str")


def _of_table(originals: Tables, aside: Aside, table: str) -> pd.DataFrame:
    places = np.flatnonzero(~aside.stays(table))
    rows = originals[table].iloc[places]
    columns = {
        "table": np.full(len(places), table, dtype=object),
        "rule": aside.under[table][places],
        "key": row_keys(rows, table).to_numpy(dtype=object),
        "row": np.array(_json_lines(rows), dtype=object),
    }
    return pd.DataFrame(columns, columns=list(REJECTED_COLUMNS), dtype="str")


def _json_lines(rows: pd.DataFrame) -> list[str]:
    if rows.empty:
        return []
    text = rows.to_json(orient="records", lines=True, date_format="iso", force_ascii=False, double_precision=15)
    return [line for line in text.split("\n") if line]


def write_rejected(result: "AuditResult", folder: str | os.PathLike[str]) -> Path:
    """Write the rows set aside to `rejected.csv`.

    Parameters
    ----------
    result : AuditResult
        Of `audit_tables`.
    folder : path
        Made if it is not there. An earlier `rejected.csv` is replaced, also when nothing was set aside: then the new
        one holds the header only.

    Returns
    -------
    Path
        The file: UTF-8 with a byte-order mark so that a spreadsheet reads it, and every text that a spreadsheet would
        take for a formula begins with an apostrophe.

    Examples
    --------
    >>> import tempfile
    >>> from oppnb.tables import Tables, audit_tables
    >>> deals = pd.DataFrame({"opportunity_id": ["1", "1", None], "stage": ["Demo", "Won", "Demo"]})
    >>> result = audit_tables(Tables({"opportunities": deals}))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(write_rejected(result, folder).read_text(encoding="utf-8-sig"))
    table,rule,key,row
    opportunities,key_is_there_once,1,"{""opportunity_id"":""1"",""stage"":""Demo""}"
    opportunities,key_is_there,row 3,"{""opportunity_id"":null,""stage"":""Demo""}"
    """
    return write_rejected_rows(result.rejected, folder)


def write_rejected_rows(rejected: pd.DataFrame, folder: str | os.PathLike[str]) -> Path:
    """Write rows set aside, as `AuditResult.rejected` holds them; see `write_rejected`."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    path, unfinished = place / "rejected.csv", place / ".rejected.csv.unfinished"
    safe = rejected.apply(without_formulas)
    safe.to_csv(unfinished, index=False, encoding="utf-8-sig", lineterminator="\n")
    unfinished.replace(path)
    return path
