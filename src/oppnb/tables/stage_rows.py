"""The workspace's stages as rows, and what a stage's name says where the workspace is silent."""

import pandas as pd

from oppnb.workspace import Workspace

__all__ = ["fold", "outcome_from_words", "stage_rows"]

DEFAULT_PROCESS = "default"

_WON = ("closed won", "closedwon", "won", "approved", "赢单", "成交", "已成交", "签约", "赢", "gewonnen")
_LOST = (
    "closed lost",
    "closedlost",
    "lost",
    "loss",
    "输单",
    "丢单",
    "失败",
    "已丢失",
    "无效",
    "cancelled",
    "canceled",
    "abandoned",
    "declined",
    "rejected",
)
_EXACTLY = {"win": "won", "lose": "lost"}
"""Words that mean the outcome only where they stand alone: "Win" does, "Win back" does not."""


def fold(text: str) -> str:
    """Fold a stage name for comparison: width, case and outer spaces do not count."""
    import unicodedata

    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def stage_rows(workspace: Workspace) -> pd.DataFrame:
    """One row a spelling of a stage.

    Returns
    -------
    DataFrame
        `process`, `stage` (the configured name), `spelling` (folded text as it may stand in the data), `position`
        (1, 2, … within the process, in the configured order), `outcome` (open, won, lost), `odds` (0-1 or null),
        `time_limit_days`, `silence_limit_days`. Empty if the workspace has no processes.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> rows = stage_rows(parse_workspace("processes: [{name: new, stages: [{name: Demo, aliases: [演示]}]}]"))
    >>> rows[["stage", "spelling", "position"]].values.tolist()
    [['Demo', 'demo', 1], ['Demo', '演示', 1]]
    """
    columns = [
        "process",
        "stage",
        "spelling",
        "position",
        "outcome",
        "odds",
        "time_limit_days",
        "silence_limit_days",
    ]
    rows = [
        [
            process.name,
            stage.name,
            spelling,
            position,
            stage.outcome,
            stage.odds,
            stage.time_limit_days,
            stage.silence_limit_days,
        ]
        for process in workspace.processes
        for position, stage in enumerate(process.stages, start=1)
        for spelling in dict.fromkeys(fold(name) for name in [stage.name, *stage.aliases])
    ]
    frame = pd.DataFrame(rows, columns=columns)
    numbers = dict.fromkeys(("odds", "time_limit_days", "silence_limit_days"), "float64")
    return frame.astype(
        {"process": "str", "stage": "str", "spelling": "str", "position": "int64", "outcome": "str", **numbers}
    )


def outcome_from_words(stage: str) -> str:
    """Read `open`, `won` or `lost` from a stage's name (English or Chinese); `open` if it says neither.

    Examples
    --------
    >>> [outcome_from_words(name) for name in ["Closed Won", "输单", "Loss", "Negotiation"]]
    ['won', 'lost', 'lost', 'open']
    """
    folded = fold(stage)
    if folded in _EXACTLY:
        return _EXACTLY[folded]
    words = set(folded.replace("-", " ").replace("_", " ").split())
    for outcome, names in (("lost", _LOST), ("won", _WON)):
        if (
            folded in names
            or any(name in words for name in names)
            or any(name in folded for name in names if not name.isascii())
        ):
            return outcome
    return "open"
