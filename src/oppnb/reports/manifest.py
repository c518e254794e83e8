"""`manifest.json`: what a report was made from and with, so that it can be made again."""

import hashlib
import json
import platform
from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from oppnb.reports.parameters import Value

__all__ = ["file_hash", "make_manifest", "write_manifest"]

_LIBRARIES = (
    "babel",
    "duckdb",
    "ibis-framework",
    "nbclient",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "plotly",
    "pyarrow",
    "scipy",
    "xlsxwriter",
)

_TOLD = ("as_of", "period", "compare_to", "only", "data_hash", "workspace_hash", "seed")


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_manifest(
    *,
    template: Path,
    parameters: Mapping[str, Value],
    told: Mapping[str, Any],
    started: datetime,
    finished: datetime,
) -> dict[str, Any]:
    """Put together what is known about a run.

    Parameters
    ----------
    template : Path
        The notebook that was run; its name and hash are kept, not its place.
    parameters : mapping
        As they were given; paths as the user wrote them.
    told : mapping
        What the notebook told: `as_of`, `data_hash`, `workspace_hash`, `seed`, ….
    started, finished : datetime
        In UTC.

    Returns
    -------
    dict
    """
    known = {key: told.get(key) for key in _TOLD}
    return {
        **known,
        "duration_seconds": round((finished - started).total_seconds(), 3),
        "finished_at": _moment(finished),
        "locale": told.get("locale"),
        "model_id": told.get("model_id"),
        "parameters": {name: _plain(value) for name, value in parameters.items()},
        "python": platform.python_version(),
        "started_at": _moment(started),
        "template": template.stem,
        "template_hash": file_hash(template),
        "versions": {"oppnb": _own_version(), **_versions()},
    }


def write_manifest(manifest: Mapping[str, Any], path: Path) -> None:
    """Write it as JSON with sorted keys."""
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _own_version() -> str:
    from oppnb import __version__

    return __version__


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _plain(value: Value) -> Any:
    return value.isoformat() if isinstance(value, date) else value
