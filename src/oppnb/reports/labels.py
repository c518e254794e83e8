"""Names in the reader's language: stages and processes from the workspace, sellers from their table."""

from oppnb.stages import OpenedData, process_names

__all__ = ["names_of"]


def names_of(opened: OpenedData, *, locale: str | None = None) -> dict[str, dict[str, str]]:
    """Column -> key in the data -> name to show."""
    said = locale or opened.workspace.locale
    processes = opened.workspace.processes
    stages = {stage.name: stage.label.get(said, stage.name) for process in processes for stage in process.stages}
    made = {"stage": stages, "process": process_names(opened.workspace, locale=said)}
    if "owners" in opened.tables and "name" in opened.tables["owners"]:
        owners = opened.tables["owners"].dropna(subset=["name"])
        made["owner_id"] = dict(zip(owners["owner_id"].astype(str), owners["name"].astype(str), strict=True))
    return made
