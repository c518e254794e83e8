"""Open a review with the stages of the file that is to be saved: the file has the last word."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from oppnb.errors import UsageError
from oppnb.review import Review
from oppnb.stages import with_presets
from oppnb.tables import Tables
from oppnb.widgets.no_rows import open_review_even_without_rows
from oppnb.workspace import WorkspaceFile, parse_workspace

__all__ = ["open_with_file"]


def open_with_file(
    data: Review | str | Path | Tables, path: str | Path | None, opening: dict[str, Any]
) -> tuple[Review, WorkspaceFile | None]:
    """The review and the file to save to; the file's stages, where it has any, are the review's.

    Raises
    ------
    OppnbError
        Whatever reading the file and `open_review` raise; or no stages can be found at all.
    """
    given = opening.get("workspace")
    place = path if path is not None else given if isinstance(given, (str, Path)) else None
    file = None if place is None else WorkspaceFile.read(place)
    review = data if isinstance(data, Review) else open_review_even_without_rows(data, **opening)
    if file is not None:
        told = with_presets(parse_workspace(file.text, name=file.path.name)).processes
        if told and told != review.workspace.processes:
            review = replace(review, workspace=review.workspace.model_copy(update={"processes": told}))
    if not any(process.stages for process in review.workspace.processes):
        raise UsageError("There are no stages to configure: neither the workspace nor the data names any.")
    return review, file
