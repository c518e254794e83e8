"""A linter of the stage configuration: what in it contradicts itself, and what contradicts the deals."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from oppnb.locale import Words
from oppnb.stages.configuration import open_stages, process_label, stage_label
from oppnb.stages.library import stage_presets
from oppnb.tables import Note, Tables, fold
from oppnb.workspace import Process, Stage, Workspace

__all__ = ["LintFinding", "lint_frame", "lint_stages"]

MIN_DEALS = 20
ALIKE_CONVERSION = 0.95
ALIKE_NAMES = 90


@dataclass(frozen=True)
class LintFinding:
    """One thing to look at in the stage configuration.

    Attributes
    ----------
    rule : str
        The sentence that is true of a good configuration, e.g. `odds_do_not_fall_along_the_process`.
    process : str
        Which process.
    stages : tuple of str
        Which stages, in order; empty if it is about the process as a whole.
    values : mapping
        Numbers for the sentence: shares are 0-1, days are days.
    """

    rule: str
    process: str
    stages: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def note(self) -> Note:
        """The finding as a sentence of the catalogue (`note.stages_<rule>`); shares are written as percent."""
        shown = {key: f"{value:.0%}" if key in _SHARES else _plain(value) for key, value in self.values.items()}
        return Note(f"stages_{self.rule}", {"process": self.process, "stages": ", ".join(self.stages), **shown})

    def text(self, workspace: Workspace, *, words: Words) -> str:
        """The finding in the reader's language, with the labels of process and stages in it."""
        locale = words.locale
        labels = [stage_label(workspace, self.process, stage, locale=locale) for stage in self.stages]
        named = {"process": process_label(workspace, self.process, locale=locale), "stages": ", ".join(labels)}
        return words(f"note.{self.note.code}", **{**self.note.values, **named})


_SHARES = {"odds", "earlier", "later", "observed", "low", "high", "conversion"}


def _plain(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return round(value, 1) if isinstance(value, float) else value


@dataclass(frozen=True)
class _Evidence:
    tables: Tables | None
    odds: pd.DataFrame | None
    spells: pd.DataFrame | None


Check = Callable[[Process, _Evidence], Iterator[LintFinding]]


def lint_stages(
    workspace: Workspace,
    *,
    tables: Tables | None = None,
    odds: pd.DataFrame | None = None,
    spells: pd.DataFrame | None = None,
) -> tuple[LintFinding, ...]:
    """Find what is odd in the stage configuration.

    Parameters
    ----------
    workspace : Workspace
        Whose processes are looked at.
    tables : Tables, optional
        To find stages that the configuration does not know.
    odds : DataFrame, optional
        From `observed_odds`: to compare set odds with what happened.
    spells : DataFrame, optional
        From `oppnb.history.spells`: to find stages nobody uses, stages that are alike, limits below the median stay.

    Returns
    -------
    tuple of LintFinding
        By process in the configured order, then by rule. Empty if nothing is odd.

    Examples
    --------
    >>> from oppnb.workspace import parse_workspace
    >>> text = "processes: [{name: p, stages: [{name: A, odds: 0.5}, {name: B, odds: 0.2}, {name: Won, outcome: won}]}]"
    >>> [(finding.rule, finding.stages) for finding in lint_stages(parse_workspace(text))]
    [('odds_do_not_fall_along_the_process', ('A', 'B')), ('process_has_a_lost_stage', ())]
    """
    evidence = _Evidence(tables, odds, spells)
    found = [finding for process in workspace.processes for check in _CHECKS for finding in check(process, evidence)]
    return (*found, *_unknown_stages(workspace, evidence))


def lint_frame(findings: tuple[LintFinding, ...]) -> pd.DataFrame:
    """One row a finding: `process`, `rule`, `stages` (joined), and `values` as text."""
    rows = [
        [
            one.process,
            one.rule,
            ", ".join(one.stages),
            ", ".join(f"{key} {_short(value)}" for key, value in one.values.items()),
        ]
        for one in findings
    ]
    return pd.DataFrame(rows, columns=["process", "rule", "stages", "values"]).astype("str")


def _short(value: object) -> object:
    return f"{value:.4g}" if isinstance(value, float) else value


def _falling_odds(process: Process, _evidence: _Evidence) -> Iterator[LintFinding]:
    set_odds = [(stage.name, stage.odds) for _, stage in open_stages(process) if stage.odds is not None]
    for (name, odds), (next_name, next_odds) in itertools.pairwise(set_odds):
        if next_odds < odds:
            values = {"earlier": odds, "later": next_odds}
            yield LintFinding("odds_do_not_fall_along_the_process", process.name, (name, next_name), values)


def _odds_of_a_sure_thing(process: Process, _evidence: _Evidence) -> Iterator[LintFinding]:
    for _, stage in open_stages(process):
        if stage.odds is not None and stage.odds in (0.0, 1.0):
            yield LintFinding("open_stages_are_neither_won_nor_lost", process.name, (stage.name,), {"odds": stage.odds})
    for stage in process.stages:
        sure = {"won": 1.0, "lost": 0.0}.get(stage.outcome)
        if sure is not None and stage.odds is not None and stage.odds != sure:
            yield LintFinding("won_is_1_and_lost_is_0", process.name, (stage.name,), {"odds": stage.odds})


def _half_set_odds(process: Process, _evidence: _Evidence) -> Iterator[LintFinding]:
    without = tuple(stage.name for _, stage in open_stages(process) if stage.odds is None)
    if without and len(without) < len(list(open_stages(process))):
        yield LintFinding("odds_are_set_for_all_stages_or_none", process.name, without)


def _missing_ends(process: Process, _evidence: _Evidence) -> Iterator[LintFinding]:
    outcomes = {stage.outcome for stage in process.stages}
    for outcome in ("won", "lost"):
        if outcome not in outcomes:
            yield LintFinding(f"process_has_a_{outcome}_stage", process.name)


def _alike(process: Process, evidence: _Evidence) -> Iterator[LintFinding]:
    from rapidfuzz import fuzz

    stages = [stage for _, stage in open_stages(process)]
    for stage, other in itertools.pairwise(stages):
        conversion = _conversion(process, stage, other, evidence)
        same_odds = stage.odds is not None and stage.odds == other.odds
        if fuzz.ratio(fold(stage.name), fold(other.name)) >= ALIKE_NAMES:
            yield LintFinding("stages_have_names_that_differ", process.name, (stage.name, other.name))
        elif same_odds and (conversion is None or conversion >= ALIKE_CONVERSION):
            values = {"odds": stage.odds} if conversion is None else {"odds": stage.odds, "conversion": conversion}
            rule = "neighbouring_stages_differ_in_odds" if conversion is None else "neighbouring_stages_differ"
            yield LintFinding(rule, process.name, (stage.name, other.name), values)


def _conversion(process: Process, stage: Stage, other: Stage, evidence: _Evidence) -> float | None:
    """Share of the finished stays that led on to the next stage; null without enough of them."""
    if evidence.spells is None:
        return None
    spells = evidence.spells
    stays = spells[(spells["process"] == process.name) & (spells["stage"] == stage.name) & spells["left_at"].notna()]
    return float((stays["next_stage"] == other.name).mean()) if len(stays) >= MIN_DEALS else None


def _unused(process: Process, evidence: _Evidence) -> Iterator[LintFinding]:
    if evidence.spells is None:
        return
    spells = evidence.spells
    used = set(spells.loc[spells["process"] == process.name, "stage"].dropna())
    if not used:
        return
    for _, stage in open_stages(process):
        if stage.name not in used:
            yield LintFinding("stage_is_used", process.name, (stage.name,))


def _far_odds(process: Process, evidence: _Evidence) -> Iterator[LintFinding]:
    if evidence.odds is None:
        return
    rows = evidence.odds[(evidence.odds["process"] == process.name) & (evidence.odds["n"] >= MIN_DEALS)]
    far = rows[(rows["set_odds"] < rows["low"]) | (rows["set_odds"] > rows["high"])]
    for row in far.itertuples():
        values = {"odds": row.set_odds, "observed": row.observed_odds, "low": row.low, "high": row.high, "n": row.n}
        values["n_entered"] = row.n_entered
        yield LintFinding("set_odds_lie_in_the_observed_interval", process.name, (str(row.stage),), values)


def _tight_limits(process: Process, evidence: _Evidence) -> Iterator[LintFinding]:
    if evidence.spells is None:
        return
    spells = evidence.spells
    finished = spells[(spells["process"] == process.name) & spells["left_at"].notna()]
    for _, stage in open_stages(process):
        days = finished.loc[finished["stage"] == stage.name, "days"].dropna()
        if stage.time_limit_days is not None and len(days) >= MIN_DEALS and stage.time_limit_days < days.median():
            values = {"limit": stage.time_limit_days, "median": float(days.median()), "n": len(days)}
            yield LintFinding("time_limit_is_not_below_the_median_stay", process.name, (stage.name,), values)


def _untouched_preset(process: Process, _evidence: _Evidence) -> Iterator[LintFinding]:
    preset = stage_presets().get(process.preset or "")
    if preset is not None and any(stage.odds is not None for _, stage in open_stages(preset)):
        mine = [stage.odds for _, stage in open_stages(process)]
        if mine == [stage.odds for _, stage in open_stages(preset)]:
            yield LintFinding("odds_are_your_own", process.name, (), {"preset": process.preset})


def _unknown_stages(workspace: Workspace, evidence: _Evidence) -> Iterator[LintFinding]:
    if evidence.tables is None or not workspace.processes:
        return
    deals = evidence.tables["opportunities"]
    first = workspace.processes[0].name
    names = {fold(process.name): process.name for process in workspace.processes}
    said = deals["process"] if "process" in deals else pd.Series(first, index=deals.index, dtype="str")
    of_deal = said.map(lambda name: names.get(fold(name), first), na_action="ignore").fillna(first)
    for process in workspace.processes:
        known = {fold(spelling) for stage in process.stages for spelling in [stage.name, *stage.aliases]}
        counts = deals.loc[of_deal == process.name, "stage"].value_counts().sort_index()
        unknown = {str(stage): int(n) for stage, n in counts.items() if fold(str(stage)) not in known}
        if unknown:
            yield LintFinding(
                "deals_stand_in_configured_stages", process.name, tuple(unknown), {"n": sum(unknown.values())}
            )


_CHECKS: tuple[Check, ...] = (
    _falling_odds,
    _odds_of_a_sure_thing,
    _half_set_odds,
    _missing_ends,
    _alike,
    _unused,
    _far_odds,
    _tight_limits,
    _untouched_preset,
)
