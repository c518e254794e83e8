"""Sales processes proposed from the data, for a workspace that has none. Odds are never invented."""

from collections.abc import Mapping

import pandas as pd

from oppnb.stages.library import stage_presets
from oppnb.stages.ordering import order_stages
from oppnb.tables import Tables, fold, outcome_from_words
from oppnb.workspace import Process, Stage, Workspace

__all__ = ["propose_from_stays", "propose_processes", "with_processes"]

DEFAULT_PROCESS = "default"


def propose_processes(tables: Tables, *, workspace: Workspace | None = None) -> tuple[Process, ...]:
    """Propose the sales processes that an export shows.

    A preset is taken where it holds every stage seen and at least half of its open stages were seen; the stages keep
    the names that the data gives them, and the preset's odds are kept, since its publisher set them. Otherwise the
    open stages are ordered as deals entered them (see `order_stages`) and have no odds.

    Parameters
    ----------
    tables : Tables
        Needs `opportunities`; `opportunity_history` gives the order. Everything in them is looked at: give tables as
        known on a day where that matters.
    workspace : Workspace, optional
        If it has processes, they are returned as they are.

    Returns
    -------
    tuple of Process
        One for each value of `process` in the opportunities, in the order of their number of deals; a deal without
        one belongs to the first. A single process named `default` where the column is missing.

    Examples
    --------
    >>> deals = pd.DataFrame({"opportunity_id": ["1", "2"], "stage": ["Demo", "Closed Won"]})
    >>> process, = propose_processes(Tables({"opportunities": deals}))
    >>> [(stage.name, stage.outcome, stage.odds) for stage in process.stages]
    [('Demo', 'open', None), ('Closed Won', 'won', 1.0)]
    """
    if workspace is not None and workspace.processes:
        return tuple(workspace.processes)
    deals = tables["opportunities"]
    return propose_from_stays(_stays(tables), _outcomes(deals))


def with_processes(workspace: Workspace, tables: Tables) -> Workspace:
    """The workspace, with processes proposed from the data if it has none."""
    if workspace.processes:
        return workspace
    return workspace.model_copy(update={"processes": list(propose_processes(tables))})


def propose_from_stays(stays: pd.DataFrame, outcomes: Mapping[str, str] | None = None) -> tuple[Process, ...]:
    """Propose processes from stays in stages: `opportunity_id`, `process`, `stage`, `entered_at` (may be null).

    `outcomes` says which stages end a deal, by folded name; else their words do.
    """
    known = stays.dropna(subset=["stage"])
    names = known.groupby("process", sort=True)["opportunity_id"].nunique().sort_values(ascending=False, kind="stable")
    return tuple(_one_process(str(name), known[known["process"] == name], outcomes or {}) for name in names.index)


def _stays(tables: Tables) -> pd.DataFrame:
    """One row a state of a deal: from the history, and as it stands (without a moment)."""
    deals = tables["opportunities"]
    process = deals["process"] if "process" in deals else pd.Series(None, index=deals.index, dtype="str")
    process = process.fillna(next(iter(_by_frequency(process)), DEFAULT_PROCESS))
    standing = pd.DataFrame(
        {
            "opportunity_id": deals["opportunity_id"],
            "process": process,
            "stage": deals["stage"],
            "entered_at": pd.Series(pd.NaT, index=deals.index, dtype="datetime64[us]"),
        }
    )
    if "opportunity_history" not in tables or "stage" not in tables["opportunity_history"]:
        return standing
    history = tables["opportunity_history"][["opportunity_id", "stage", "changed_at"]]
    walked = history.rename(columns={"changed_at": "entered_at"}).merge(
        standing[["opportunity_id", "process"]].drop_duplicates("opportunity_id"), on="opportunity_id", how="inner"
    )
    return pd.concat([walked[standing.columns], standing], ignore_index=True)


def _outcomes(deals: pd.DataFrame) -> dict[str, str]:
    """How deals that stand in a stage ended, where more than nine in ten agree; by folded stage."""
    if "outcome" not in deals:
        return {}
    known = deals[["stage", "outcome"]].dropna()
    shares = pd.crosstab(_folded(known["stage"]), known["outcome"], normalize="index")
    return {
        str(stage): str(row.idxmax()) for stage, row in shares.iterrows() if row.max() > 0.9 and row.idxmax() != "open"
    }


def _one_process(name: str, stays: pd.DataFrame, outcomes: Mapping[str, str]) -> Process:
    spellings = _spellings(stays)
    preset = _fitting_preset(set(spellings))
    if preset is not None:
        return _named_as_in_data(name, preset, spellings)
    by_outcome: dict[str, list[str]] = {"open": [], "won": [], "lost": []}
    for stage, written in spellings.items():
        by_outcome[outcomes.get(stage) or outcome_from_words(written[0])].append(stage)
    walked = stays.assign(stage=_folded(stays["stage"])).dropna(subset=["entered_at"])
    ordered = {outcome: order_stages(sorted(stages), walked) for outcome, stages in by_outcome.items()}
    odds = {"open": None, "won": 1.0, "lost": 0.0}
    return Process.model_validate(
        {
            "name": name,
            "stages": [
                {
                    "name": spellings[stage][0],
                    "aliases": spellings[stage][1:],
                    "outcome": outcome,
                    "odds": odds[outcome],
                }
                for outcome, stages in ordered.items()
                for stage in stages
            ],
        }
    )


def _spellings(stays: pd.DataFrame) -> dict[str, list[str]]:
    """Folded stage -> its spellings that differ in case or letters, the most frequent first."""
    found: dict[str, list[str]] = {}
    for text in _by_frequency(stays["stage"]):
        written = text.strip()
        known = found.setdefault(fold(written), [])
        if written.casefold() not in {spelling.casefold() for spelling in known}:
            known.append(written)
    return dict(sorted(found.items()))


def _by_frequency(values: pd.Series) -> list[str]:
    """Distinct texts, the most frequent first, equal ones by name."""
    counts = values.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return [str(value) for value in counts.index]


def _folded(stages: pd.Series) -> pd.Series:
    """Folded stage names; each distinct text is folded once."""
    return stages.map({text: fold(text) for text in stages.dropna().unique()})


def _fitting_preset(stages: set[str]) -> Process | None:
    """The preset that holds every stage seen, and of those the one of which the most was seen."""
    best: tuple[float, Process] | None = None
    for process in stage_presets().values():
        seen = [_seen(stage, stages) for stage in process.stages if stage.outcome == "open"]
        covered = {fold(spelling) for stage in process.stages for spelling in [stage.name, *stage.aliases]}
        share = sum(seen) / len(seen)
        if stages <= covered and sum(seen) >= 2 and share >= 0.5 and (best is None or share > best[0]):
            best = (share, process)
    return None if best is None else best[1]


def _seen(stage: Stage, stages: set[str]) -> bool:
    return any(fold(spelling) in stages for spelling in [stage.name, *stage.aliases])


def _named_as_in_data(name: str, preset: Process, spellings: Mapping[str, list[str]]) -> Process:
    """The preset's process under the data's own names; the preset's names stay as aliases."""
    stages = []
    for stage in preset.stages:
        known = [stage.name, *stage.aliases]
        written = [text for spelling in dict.fromkeys(map(fold, known)) for text in spellings.get(spelling, [])]
        names = _without_repeats([*written, *known])
        stages.append(stage.model_copy(update={"name": names[0], "aliases": names[1:]}))
    return preset.model_copy(update={"name": name, "stages": stages}).as_proposed()


def _without_repeats(names: list[str]) -> list[str]:
    """Each name once, whatever its case, as it is first written."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return list(found.values())
