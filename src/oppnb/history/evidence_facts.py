"""Which qualification elements had been recorded, and which were confirmed."""

import numpy as np
import pandas as pd

from oppnb.history.tally import NEVER, Days, Floats, Spans, Tally
from oppnb.history.told_rows import Past
from oppnb.tables import fold
from oppnb.workspace import Workspace

__all__ = ["ELEMENTS", "evidence_facts"]

CONFIRMED = frozenset({"confirmed", "yes", "true", "done", "complete", "completed", "validated", "verified", "known"})
CONFIRMED_ZH = frozenset({"确认", "已确认", "是", "有", "完成", "已完成", "已验证"})
ELEMENTS = 20
"""Elements that have a column of their own."""


def evidence_facts(rows: pd.DataFrame, evidence: pd.DataFrame | None, past: Past, days: Days) -> pd.DataFrame:
    """Counts of elements by their state on the day, the share confirmed of those asked for, each one's state."""
    names = ["n_evidence_confirmed", "n_evidence_asked", "evidence_share"]
    found = pd.DataFrame(np.nan, index=rows.index, columns=names)
    if evidence is None:
        return found
    states = _states(evidence, past)
    ids = rows["opportunity_id"]
    confirmed = states[states["is_confirmed"]]
    spans = Spans(confirmed["opportunity_id"], confirmed["from_day"].to_numpy(), confirmed["to_day"].to_numpy())
    found["n_evidence_confirmed"] = spans.on(ids, days)
    first = states.drop_duplicates(["opportunity_id", "element"])
    found["n_evidence_asked"] = Tally(first["opportunity_id"], first["from_day"].to_numpy()).up_to(ids, days)
    by_element = {name: _state_of(states[states["element"] == name], ids, days) for name in _elements(states, past)}
    found["evidence_share"] = _share(rows, by_element, past.workspace)
    each = {f"evidence_of_{name}": by_element[name] for name in sorted(by_element)[:ELEMENTS]}
    return pd.concat([found, pd.DataFrame(each, index=rows.index)], axis="columns")


def _states(evidence: pd.DataFrame, past: Past) -> pd.DataFrame:
    rows = evidence.dropna(subset=["opportunity_id", "element", "recorded_at"])
    folded = {text: fold(text).replace(" ", "_") for text in rows["element"].unique()}
    rows = rows.assign(element=rows["element"].map(folded).astype("str"))
    meant = [text for text in rows["state"].dropna().unique() if fold(text) in CONFIRMED | CONFIRMED_ZH]
    rows = rows.assign(is_confirmed=rows["state"].isin(meant), from_day=past.days_of(rows["recorded_at"]))
    # of two records of one moment, the one that says more
    order = ["opportunity_id", "element", "recorded_at", "is_confirmed"]
    rows = rows.sort_values(order, kind="stable", ignore_index=True)
    follows = rows["opportunity_id"].eq(rows["opportunity_id"].shift(-1)) & rows["element"].eq(
        rows["element"].shift(-1)
    )
    return rows.assign(to_day=rows["from_day"].shift(-1).where(follows).fillna(NEVER).astype("int64"))


def _elements(states: pd.DataFrame, past: Past) -> list[str]:
    asked = {fold(name).replace(" ", "_") for names in _required(past.workspace).values() for name in names}
    return sorted(asked | set(states["element"].unique()))


def _state_of(states: pd.DataFrame, ids: pd.Series, days: Days) -> Floats:
    confirmed = states[states["is_confirmed"]]
    spans = Spans(confirmed["opportunity_id"], confirmed["from_day"].to_numpy(), confirmed["to_day"].to_numpy())
    asked = Tally(states["opportunity_id"], states["from_day"].to_numpy()).up_to(ids, days) > 0
    state: Floats = np.where(spans.on(ids, days) > 0, 1.0, np.where(asked, 0.5, 0.0))
    return state


def _required(workspace: Workspace) -> dict[tuple[str, str], tuple[str, ...]]:
    """The elements that a stage and those before it ask for."""
    required = {}
    for process in workspace.processes:
        so_far: dict[str, None] = {}
        for stage in process.stages:
            so_far |= dict.fromkeys(fold(name).replace(" ", "_") for name in stage.evidence)
            required[(process.name, stage.name)] = tuple(so_far)
    return required


def _share(rows: pd.DataFrame, by_element: dict[str, Floats], workspace: Workspace) -> pd.Series:
    share = pd.Series(np.nan, index=rows.index)
    required = _required(workspace)
    for key, part in rows.groupby(["process", "stage"], sort=True):
        names = required.get((str(key[0]), str(key[1])), ())
        if names:
            there = rows.index.get_indexer(part.index)
            share.iloc[there] = np.mean([by_element[name][there] == 1.0 for name in names], axis=0)
    return share
