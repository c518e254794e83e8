"""The outcome of each opportunity: as the export says it, else as its stage says it."""

from collections.abc import Callable

import pandas as pd

from oppnb.errors import first_keys
from oppnb.tables import Finding, Note, fold, outcome_from_words, stage_rows
from oppnb.workspace import Workspace

__all__ = ["outcome_word", "stage_outcome", "with_outcomes"]

_OPEN = {"open", "in progress", "active", "ongoing", "pending", "进行中", "跟进中", "未结束", "开放", "打开", "未成交"}
_WORDS = {"success": "won", "closed": None, "true": None, "false": None, "deleted": None}


def outcome_word(text: str) -> str | None:
    """Read `open`, `won` or `lost` from what a status column says; None if it says none of them.

    Examples
    --------
    >>> [outcome_word(text) for text in ["WON", "赢单", "In Progress", "Tuesday"]]
    ['won', 'won', 'open', None]
    """
    word = fold(text)
    if word in _OPEN:
        return "open"
    if word in _WORDS:
        return _WORDS[word]
    said = outcome_from_words(word)
    return said if said != "open" else None


def with_outcomes(
    frames: dict[str, pd.DataFrame], *, workspace: Workspace
) -> tuple[dict[str, pd.DataFrame], tuple[Finding, ...]]:
    """Fill `outcome` of the opportunities with open, won and lost.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Canonical tables with 'opportunities'.
    workspace : Workspace
        Its stages say how they end; where they are silent, the stage's name does ('Closed Won', '输单').

    Returns
    -------
    tuple
        The frames with `outcome` filled in every row, and a finding for words that mean nothing of the three.
    """
    deals = frames["opportunities"]
    by_stage = _from_stages(deals, workspace)
    if "outcome" not in deals.columns:
        return {**frames, "opportunities": deals.assign(outcome=by_stage)}, ()
    said = deals["outcome"]
    words = {word: outcome_word(str(word)) for word in said.dropna().unique()}
    known = said.map(words).astype("str")
    strange = said.notna() & known.isna()
    frames = {**frames, "opportunities": deals.assign(outcome=known.where(known.notna(), by_stage).astype("str"))}
    if not strange.any():
        return frames, ()
    keys = deals.loc[strange, "opportunity_id"].iloc[:3]
    shown = first_keys(sorted(str(word) for word, meaning in words.items() if meaning is None))
    finding = Finding(
        "outcome_is_open_won_or_lost",
        "opportunities",
        n_rows=int(strange.sum()),
        n_checked=int(said.notna().sum()),
        first_keys=tuple(first_keys([key], 1) for key in keys),
        note=Note("sources_outcome_from_stage", {"words": shown}),
    )
    return frames, (finding,)


def stage_outcome(workspace: Workspace) -> Callable[[object, object], str]:
    """Make the function (process, stage) -> open, won or lost: the configured stages first, then the stage's words.

    Examples
    --------
    >>> stage_outcome(Workspace())(None, "Closed Won")
    'won'
    """
    rows = stage_rows(workspace)
    by_process = {(row.process, row.spelling): row.outcome for row in rows.itertuples()}
    by_spelling = {row.spelling: row.outcome for row in rows.iloc[::-1].itertuples()}

    def outcome(process: object, stage: object) -> str:
        if not isinstance(stage, str):
            return "open"
        word = fold(stage)
        own = by_process.get((process, word)) if isinstance(process, str) else None
        return str(own or by_spelling.get(word) or outcome_from_words(stage))

    return outcome


def _from_stages(deals: pd.DataFrame, workspace: Workspace) -> pd.Series:
    outcome = stage_outcome(workspace)
    process = deals["process"] if "process" in deals.columns else pd.Series(None, index=deals.index, dtype="str")
    keys: pd.DataFrame = pd.DataFrame({"process": process, "stage": deals["stage"]})
    pairs = keys.drop_duplicates()
    pairs = pairs.assign(outcome=[outcome(*pair) for pair in pairs.itertuples(index=False)])
    return keys.merge(pairs, how="left", on=["process", "stage"])["outcome"].set_axis(deals.index).astype("str")
