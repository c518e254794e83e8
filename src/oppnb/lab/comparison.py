"""Two reports side by side: each figure that differs as a reader writes it, the main ones first, and what changed."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from oppnb.lab.mistakes import SaidError
from oppnb.locale import Formats, Words
from oppnb.runs.comparing import FigureChange, changed_figures
from oppnb.runs.figure_words import change_label, figure_text
from oppnb.runs.jobs import main_figures

__all__ = ["compared"]

_MOST_CHANGES = 2000


def compared(first: Path, second: Path, *, words: Words) -> dict[str, Any]:
    """Each figure that differs between two reports, and what else does: day, data, configuration, model or code.

    Parameters
    ----------
    first, second : Path
        Folders of their jobs, which keep figures and manifest. Of reports by different templates only the figures that
        both have are told.
    words : Words
        Of the reader.

    Returns
    -------
    dict
        `n` figures that differ as they are written; `n_alike` more differ by less than that shows. `changes`, the main
        figures first, then those of the whole, then those of its parts; at most 2,000: `figure`, `label`, `before`,
        `after`, `before_text`, `after_text`, `difference_text`. `causes`.

    Raises
    ------
    SaidError
        If one of them has no figures any more.
    """
    figures = [_read(one, "figures.json") for one in (first, second)]
    before, after = _read(first, "manifest.json"), _read(second, "manifest.json")
    changes = changed_figures(*figures)
    if before.get("template") != after.get("template"):
        changes = [one for one in changes if one.before is not None and one.after is not None]
    told = [_change(one, words, Formats(words.locale)) for one in _main_first(changes, figures[1], after)]
    seen = [one for one in told if one["before_text"] != one["after_text"]]
    causes = [name for name, keys in _CAUSES.items() if any(_told(before, key) != _told(after, key) for key in keys)]
    return {"n": len(seen), "n_alike": len(told) - len(seen), "changes": seen[:_MOST_CHANGES], "causes": causes}


def _main_first(
    changes: Sequence[FigureChange], figures: Sequence[Mapping[str, Any]], manifest: Mapping[str, Any]
) -> list[FigureChange]:
    main = [one["id"] for one in main_figures(figures, period=manifest.get("period"))]

    def rank(one: FigureChange) -> tuple[bool, int]:
        is_main = one.told.get("slice") is None and one.told.get("id") in main
        return one.told.get("slice") is not None, main.index(one.told["id"]) if is_main else len(main)

    return sorted(changes, key=rank)


def _change(one: FigureChange, words: Words, formats: Formats) -> dict[str, Any]:
    return {
        "figure": one.figure,
        "label": change_label(one, words),
        "before": one.before,
        "after": one.after,
        "before_text": _text(one.before, one.told, formats),
        "after_text": _text(one.after, one.told, formats),
        "difference_text": _difference(one, words, formats),
    }


def _text(value: Any, told: Mapping[str, Any], formats: Formats) -> str:
    if not _is_number(value):
        return "–" if value is None else str(value)
    return figure_text({**told, "value": value}, formats)


def _difference(one: FigureChange, words: Words, formats: Formats) -> str:
    """After minus before, with its sign; of shares in percentage points; a dash where one of them is no number."""
    if not (_is_number(one.before) and _is_number(one.after)):
        return "–"
    by = one.after - one.before
    if one.told.get("unit") == "share":
        text = words("lab.points", n=formats.number(100 * by, digits=1))
    else:
        text = figure_text({**one.told, "value": by}, formats)
    return f"+{text}" if by > 0 else text


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _told(manifest: Mapping[str, Any], key: str) -> Any:
    """What a manifest says; the day of knowledge is a cause of its own, no setting."""
    found = manifest.get(key)
    return {name: value for name, value in found.items() if name != "as_of"} if key == "parameters" and found else found


_CAUSES = {
    "day": ("as_of",),
    "data": ("data_hash",),
    "asked": ("parameters",),
    "configuration": ("workspace_hash",),
    "model": ("model_id",),
    "code": ("template_hash", "versions"),
}


def _read(job: Path, name: str) -> Any:
    try:
        return json.loads((job / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SaidError("no_figures") from error
