"""What a section of a report, or a step of its notebook, is called."""

import json
import re
from pathlib import Path

from oppnb.locale import Words

__all__ = ["part_text", "section_title"]

_HEADED_BY = {"forecast_review": "report_forecast", "retrospective": "report_forecast"}


def part_text(template: str, cell: str, words: Words) -> str:
    """What a run is at, as the report heads it; a cell of a template of one's own by its id.

    Examples
    --------
    >>> part_text("one_on_one", "definitions", Words("en")), part_text("mine", "partners", Words("en"))
    ('Definitions', 'partners')
    """
    places = (f"run_part.{template}_{cell}", f"run_part.{cell}", *_headings(template, cell))
    return next((text for text in (words.get(place, "") for place in places) if text), cell)


def section_title(notebook: Path, section: str, words: Words) -> str:
    """The heading of a section as its report has it; empty where it has none of its own.

    A heading that the template itself writes is taken from its cell.
    """
    own = re.search(
        rf"page\.section\(\s*[\"']{re.escape(section)}[\"'],\s*[\"']([^\"']+)[\"']", _cell(notebook, section)
    )
    if own is not None:
        return own[1]
    places = (*_headings(notebook.stem, section), f"run_part.{notebook.stem}_{section}")
    return next((text for text in (words.get(place, "") for place in places) if text), "")


def _headings(template: str, cell: str) -> tuple[str, str]:
    return f"{template}.section_{cell}", f"{_HEADED_BY.get(template, 'report')}.section_{cell}"


def _cell(notebook: Path, section: str) -> str:
    """The source of the cell that makes a section; empty where the notebook cannot be read or has none."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return ""
    return next(("".join(cell.get("source", "")) for cell in cells if cell.get("id") == section), "")
