"""What a run and its notebook tell each other, by files in the folder in which the kernel was started."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["HANDOVER", "heard", "input_path", "run_folder", "tell", "write_orders"]

HANDOVER = ".handover"


def write_orders(folder: Path, *, started_in: Path) -> None:
    """Before the run: where the user stood, because relative paths mean that place."""
    (folder / HANDOVER).mkdir(parents=True, exist_ok=True)
    _write(folder / HANDOVER / "orders.json", {"started_in": str(started_in)})


def run_folder() -> Path | None:
    """In the notebook: the folder that becomes the report; None when it is run by hand."""
    here = Path.cwd()
    return here if (here / HANDOVER / "orders.json").is_file() else None


def input_path(text: str | None) -> str | None:
    """In the notebook: the path the user meant, wherever the notebook itself is run.

    Addresses (`scheme://…`) and None are returned as they are.

    Examples
    --------
    >>> input_path("postgresql://db/crm")
    'postgresql://db/crm'
    """
    folder = run_folder()
    if text is None or "://" in text or folder is None:
        return text
    orders = json.loads((folder / HANDOVER / "orders.json").read_text(encoding="utf-8"))
    return str(Path(orders["started_in"]) / text)


def tell(facts: Mapping[str, Any]) -> None:
    """In the notebook: facts for the manifest and the page; later facts replace earlier ones."""
    folder = run_folder()
    if folder is not None:
        _write(folder / HANDOVER / "told.json", {**heard(folder), **facts})


def heard(folder: Path) -> dict[str, Any]:
    """After the run: what the notebook told; empty if it told nothing."""
    told = folder / HANDOVER / "told.json"
    return dict(json.loads(told.read_text(encoding="utf-8"))) if told.is_file() else {}


def _write(path: Path, tree: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(tree, ensure_ascii=False, sort_keys=True), encoding="utf-8")
