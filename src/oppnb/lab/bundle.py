"""The committed bundle of the panel, whether it was built from the sources beside it, and the few words in it."""

import hashlib
import json
import sys
from pathlib import Path

from oppnb.locale import LOCALES, Words

__all__ = ["built_from", "labels_source", "mark_built", "sources_hash", "write_labels"]

_PARTS = ("package.json", "tsconfig.json", "yarn.lock", "src/*.ts", "style/*.css")
_MARK = "sources.sha256"
_STARTERS = ("workspace", "data", "stages", "scoring", "forecast", "review")
_LABELS = (
    *("category", "panel", "open_panel", "review_this", "server_missing", "lost", "try_again"),
    *(f"start_{kind}" for kind in _STARTERS),
)


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


def labels_source() -> str:
    """TypeScript with the words of launcher and palette: they are there at once, and without the server."""
    told = {locale: {key: Words(locale)(f"lab.{key}") for key in _LABELS} for locale in LOCALES}
    written = json.dumps(told, ensure_ascii=False, indent=2)
    head = "// Written from the catalogue by `python -m oppnb.lab.bundle labels`.\n"
    return f"{head}export const LABELS: Record<string, Record<string, string>> = {written};\n"


def write_labels(folder: Path) -> None:
    """Write `labels.ts` beside the other sources; the build calls it first."""
    (folder / "src" / "labels.ts").write_text(labels_source(), encoding="utf-8")


if __name__ == "__main__":
    sources = Path(__file__).resolve().parents[3] / "ui" / "lab"
    write_labels(sources) if sys.argv[1:] == ["labels"] else mark_built(sources)
