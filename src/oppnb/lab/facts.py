"""What an export knows of sellers, columns and days, read by a process of its own: the server stays light and quick.

`python -m oppnb.lab.facts DATA [WORKSPACE]` prints it as JSON.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import Any

__all__ = ["Facts", "main", "read_facts"]

_MOST_KEPT = 8
_MOST_VALUES = 400


class Facts:
    """Asks for what exports know, one at a time; keeps the last few until their files change."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._guard = Lock()

    def of(self, data: Path, workspace: Path | None, *, seconds: float = 45.0) -> dict[str, Any] | None:
        """What `read_facts` gives; None where it cannot be read in so many seconds, or at all."""
        key = (str(data), _signature(data), str(workspace), _signature(workspace))
        with self._guard:
            if key not in self._kept:
                found = _asked(data, workspace, seconds)
                if found is None:
                    return None
                self._kept[key] = found
                while len(self._kept) > _MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
            return self._kept[key]


def _signature(path: Path | None) -> tuple[int, float]:
    """How many bytes, and changed when; of a folder of all in it."""
    if path is None:
        return 0, 0.0
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    stats = [one.stat() for one in files]
    return sum(one.st_size for one in stats), max((one.st_mtime for one in stats), default=0.0)


def _asked(data: Path, workspace: Path | None, seconds: float) -> dict[str, Any] | None:
    words = [sys.executable, "-m", "oppnb.lab.facts", str(data), *([] if workspace is None else [str(workspace)])]
    env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(words, capture_output=True, timeout=seconds, env=env, check=True)  # noqa: S603
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return found if isinstance(found, dict) else None


def read_facts(data: Path, workspace: Path | None) -> dict[str, Any]:
    """Sellers, columns and days of an export, after its audit.

    Parameters
    ----------
    data : Path
        The export.
    workspace : Path or None
        `oppnb.yaml`. Nothing is remembered in its store.

    Returns
    -------
    dict
        `sellers`: id -> name (the id where there is none) of who ever had a deal; `columns`: column of the deals, with
        what their owners and accounts add -> its values, sorted; none where there are too many. `first_day`, on which
        the first deal was created, and `last_day`, of the export: ISO 8601, None where that is not known (the first
        day neither where a store may know earlier ones).
        `fiscal_year_start`: a month.

    Raises
    ------
    OppnbError
        As reading raises it.
    """
    from oppnb.history import with_attributes
    from oppnb.stages import NO_DAY, open_data
    from oppnb.workspace import Workspace, read_workspace

    settled = Workspace() if workspace is None else read_workspace(workspace)
    opened = open_data(data, workspace=settled.model_copy(update={"store": None}), default_day=NO_DAY)
    tables = opened.tables
    deals = tables["opportunities"]
    lacking = [name for name in ("owner_id", "account_id", "region") if name not in deals]
    known = with_attributes(deals.assign(**dict.fromkeys(lacking)), tables)
    values = {str(name): known[name].dropna().astype(str).unique() for name in known if name not in lacking}
    shown = {name: sorted(found) if len(found) <= _MOST_VALUES else [] for name, found in values.items()}
    return {"sellers": _sellers(tables), "columns": shown, **_days(tables, settled)}


def _days(tables: Any, settled: Any) -> dict[str, Any]:
    created = tables["opportunities"].get("created_at")
    is_known = settled.store is None and created is not None and created.notna().any()
    return {
        "first_day": created.min().date().isoformat() if is_known else None,
        "last_day": None if tables.exported_on is None else tables.exported_on.isoformat(),
        "fiscal_year_start": settled.calendar.fiscal_year_start,
    }


def _sellers(tables: Any) -> dict[str, str]:
    ids: set[str] = set()
    for table in ("opportunities", "opportunity_history"):
        if table in tables and "owner_id" in tables[table]:
            ids |= set(tables[table]["owner_id"].dropna().astype(str))
    names: dict[str, str] = {}
    if "owners" in tables and "name" in tables["owners"]:
        owners = tables["owners"].dropna(subset=["name"])
        names = dict(zip(owners["owner_id"].astype(str), owners["name"].astype(str), strict=True))
    return {key: names.get(key, key) for key in sorted(ids | set(names))}


def main() -> None:
    """The export, and perhaps the workspace, are the arguments."""
    data, *workspace = map(Path, sys.argv[1:])
    sys.stdout.write(json.dumps(read_facts(data, workspace[0] if workspace else None)))


if __name__ == "__main__":
    main()
