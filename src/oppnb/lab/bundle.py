"""The committed bundle of the panel, and whether it was built from the sources beside it."""

import hashlib
from pathlib import Path

__all__ = ["built_from", "mark_built", "sources_hash"]

_PARTS = ("package.json", "tsconfig.json", "yarn.lock", "src/*.ts", "style/*.css")
_MARK = "sources.sha256"


def sources_hash(folder: Path) -> str:
    """SHA-256 over the names and texts of all that goes into the bundle.

    Parameters
    ----------
    folder : Path
        `ui/lab` of a source tree.
    """
    told = hashlib.sha256()
    for pattern in _PARTS:
        for path in sorted(folder.glob(pattern)):
            text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
            told.update(f"{path.relative_to(folder).as_posix()}\n{text}\n".encode())
    return told.hexdigest()


def built_from() -> str | None:
    """The hash that the build wrote beside the bundle; None where there is none."""
    path = Path(__file__).resolve().parent / "labextension" / _MARK
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def mark_built(folder: Path) -> None:
    """Write the hash beside the bundle; the build calls it last."""
    path = Path(__file__).resolve().parent / "labextension" / _MARK
    path.write_text(sources_hash(folder) + "\n", encoding="utf-8")


if __name__ == "__main__":
    mark_built(Path(__file__).resolve().parents[3] / "ui" / "lab")
