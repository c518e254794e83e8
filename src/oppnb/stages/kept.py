"""What a run has read and audited once, kept in a folder of the run, so that its kernels need not do it again.

Tables are kept as Parquet, what was said of them as JSON. They are found again only for the same files, settings and
code; what is damaged, or would not come back as it was, is not used, and the export is read.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import pandas as pd

from oppnb.sources import Reading
from oppnb.sources.hashing import code_hash
from oppnb.sources.paths import existing_path, files_under
from oppnb.stages.kept_values import from_plain, to_plain
from oppnb.tables import AuditResult, Tables
from oppnb.workspace import Workspace

__all__ = ["FOLDERS", "find_kept", "keep", "key_of", "offered"]

FOLDERS = "OPPNB_KEPT_READINGS"
"""The environment variable that tells kernels where to look: a JSON list of folders."""

_NOT_READ_BY = {"store", "reports", "delivery", "alerts"}
"""Parts of the workspace that neither reading nor the audit looks at."""
_INDEX = "reading.json"
Opened = tuple[Reading, AuditResult]
_offers: Counter[str] = Counter()
_changing = Lock()


def key_of(data: str | Path, workspace: Workspace) -> str:
    """Hash of all that the reading of an export depends on: its files, the settings, this code.

    Raises
    ------
    NothingToReadError, UsageError, OSError
        If the export cannot be read.
    """
    files = [(name, _hash_of_file(path)) for name, path in files_under(existing_path(data))]
    settings = workspace.model_dump(mode="json", exclude=_NOT_READ_BY)
    behind = [str(data), files, settings, code_hash(), pd.__version__]
    return hashlib.sha256(json.dumps(behind, sort_keys=True, default=str).encode()).hexdigest()


def keep(key: str, reading: Reading, audit: AuditResult, folder: Path) -> bool:
    """Keep what was read and audited; False, and nothing is left, where it would not come back exactly.

    Parameters
    ----------
    key : str
        From `key_of`, before and after the reading the same.
    reading, audit
        As `open_data` has them of the whole export.
    folder : Path
        Of the run; only its owner may look into it.
    """
    place = folder / key[:32]
    try:
        place.mkdir(mode=0o700, parents=True)
        _write(key, reading, audit, place)
        found = _read(key, place)
        is_same = _are_same(found, (reading, audit))
    except Exception:  # noqa: BLE001 - a full disk or a value of a strange kind: the kernels then read the export
        is_same = False
    if not is_same:
        (place / _INDEX).unlink(missing_ok=True)
    return is_same


@contextmanager
def offered(folder: Path | None) -> Iterator[None]:
    """Tell this process, and kernels started meanwhile, to look into a folder first; None tells nothing."""
    if folder is None:
        yield
        return
    _offer(str(folder.resolve()), 1)
    try:
        yield
    finally:
        _offer(str(folder.resolve()), -1)


def _offer(folder: str, change: int) -> None:
    with _changing:
        _offers[folder] += change
        told = sorted(+_offers)
        if told:
            os.environ[FOLDERS] = json.dumps(told)
        else:
            os.environ.pop(FOLDERS, None)


def find_kept(data: str | Path, workspace: Workspace) -> Opened | None:
    """What was kept of the reading of an export; None where there is nothing, or nothing that can be trusted."""
    told = os.environ.get(FOLDERS)
    if not told:
        return None
    try:
        folders = [Path(one) for one in json.loads(told) if Path(one).is_dir()]
        key = key_of(data, workspace) if folders else ""
        places = [folder / key[:32] for folder in folders]
        return next((_read(key, place) for place in places if (place / _INDEX).is_file()), None)
    except Exception:  # noqa: BLE001 - whatever is wrong with what was kept, the export itself is there
        return None


def _hash_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(key: str, reading: Reading, audit: AuditResult, place: Path) -> None:
    hashes: dict[str, str] = {}
    kept = {
        "read": {name: _write_frame(f"read.{name}", frame, place, hashes) for name, frame in reading.tables.items()},
        "audited": {name: _audited(name, frame, reading, place, hashes) for name, frame in audit.tables.items()},
        "rejected": _write_frame("rejected", audit.rejected, place, hashes),
    }
    said = {
        "exported_on": reading.tables.exported_on,
        "exported_on_audited": audit.tables.exported_on,
        "notes": reading.tables.notes,
        "notes_audited": audit.tables.notes,
        "findings": reading.findings,
        "findings_audited": audit.findings,
        "mapping": reading.mapping,
        "proposals": reading.proposals,
        "files": reading.files,
        "data_hash": reading.data_hash,
    }
    text = json.dumps({"key": key, "hashes": hashes, "frames": kept, "said": to_plain(said)}, ensure_ascii=False)
    body = text.encode()
    (place / _INDEX).write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def _audited(name: str, frame: pd.DataFrame, reading: Reading, place: Path, hashes: dict[str, str]) -> str:
    """The file of an audited table: that of the table as it was read where the audit changed nothing."""
    if name in reading.tables and _are_equal(frame, reading.tables[name]):
        return f"read.{name}"
    return _write_frame(f"audited.{name}", frame, place, hashes)


def _write_frame(name: str, frame: pd.DataFrame, place: Path, hashes: dict[str, str]) -> str:
    content = frame.to_parquet(engine="pyarrow", compression="lz4")
    hashes[name] = hashlib.sha256(content).hexdigest()
    (place / f"{name}.parquet").write_bytes(content)
    return name


def _read(key: str, place: Path) -> Opened:
    stated, _, body = (place / _INDEX).read_bytes().partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != stated:
        raise ValueError("what was said of the reading is damaged")
    tree = json.loads(body)
    if tree["key"] != key:
        raise ValueError("this is another reading")
    frames = {name: _read_frame(place / f"{name}.parquet", stated) for name, stated in tree["hashes"].items()}
    return _made(tree["frames"], frames, from_plain(tree["said"]))


def _made(names: Mapping[str, Any], frames: Mapping[str, pd.DataFrame], said: dict[str, Any]) -> Opened:
    read = {name: frames[file] for name, file in names["read"].items()}
    audited = {name: frames[file].copy(deep=False) for name, file in names["audited"].items()}
    tables = Tables(read, exported_on=said["exported_on"], notes=said["notes"])
    reading = Reading(tables, said["findings"], said["mapping"], said["proposals"], said["files"], said["data_hash"])
    clean = Tables(audited, exported_on=said["exported_on_audited"], notes=said["notes_audited"])
    return reading, AuditResult(clean, said["findings_audited"], frames[names["rejected"]])


def _read_frame(path: Path, stated: str) -> pd.DataFrame:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != stated:
        raise ValueError(f"{path.name} is damaged")
    return pd.read_parquet(BytesIO(content), engine="pyarrow")


def _are_same(found: Opened, given: Opened) -> bool:
    (reading, audit), (reading_given, audit_given) = found, given
    said = [_said(one) for one in found], [_said(one) for one in given]
    frames = [(reading.tables, reading_given.tables), (audit.tables, audit_given.tables)]
    return (
        said[0] == said[1]
        and _are_equal(audit.rejected, audit_given.rejected)
        and all(list(a) == list(b) and all(_are_equal(a[name], b[name]) for name in a) for a, b in frames)
    )


def _said(one: Reading | AuditResult) -> str:
    """All but the frames, so that two of them can be compared; a number that is none equals itself here."""
    parts: list[Any] = [one.tables.exported_on, one.tables.notes, one.findings]
    if isinstance(one, Reading):
        parts += [one.mapping, one.proposals, one.files, one.data_hash]
    return repr(parts)


def _are_equal(a: pd.DataFrame, b: pd.DataFrame) -> bool:
    try:
        pd.testing.assert_frame_equal(
            a, b, check_exact=True, check_index_type=True, check_column_type=True, check_flags=True
        )
    except AssertionError:
        return False
    return bool((a.isna().to_numpy() == b.isna().to_numpy()).all())
