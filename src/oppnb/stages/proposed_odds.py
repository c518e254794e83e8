"""A new configuration proposed from what happened, as a diff that a person reads and accepts or not."""

import difflib
import io
import math
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from oppnb.workspace import Process, Stage, Workspace

__all__ = ["ProposedOdds", "propose_odds"]

MIN_DEALS = 30


@dataclass(frozen=True)
class ProposedOdds:
    """A proposed configuration; nothing is written anywhere.

    Attributes
    ----------
    before, after : Workspace
        The configuration as it is and as proposed.
    changes : DataFrame
        One row a changed stage: `process`, `stage`, `set_odds`, `proposed_odds`, `observed_odds`, `low`, `high`,
        `n`, `prior_share`.
    """

    before: Workspace
    after: Workspace
    changes: pd.DataFrame

    def diff(self) -> str:
        """The change of `processes` as a unified diff of YAML, with the evidence beside each new line; empty if none.

        Examples
        --------
        >>> from oppnb.workspace import parse_workspace
        >>> workspace = parse_workspace("processes: [{name: p, stages: [{name: Demo, odds: 0.5}]}]")
        >>> odds = pd.DataFrame({"process": ["p"], "stage": ["Demo"], "set_odds": [0.5], "observed_odds": [0.2],
        ...     "n": [100], "n_won": [20], "low": [0.13], "high": [0.29], "prior_share": [0.17], "shrunk_odds": [0.25]})
        >>> print(propose_odds(workspace, odds).diff())
        --- oppnb.yaml
        +++ oppnb.yaml (proposed)
        @@ -2,4 +2,4 @@
         - name: p
           stages:
           - name: Demo
        -    odds: 0.5
        +    odds: 0.25 # observed 20 % (13-29 %) on 100 closed deals, set odds weigh 17 %
        """
        reasons = {(row["process"], row["stage"]): _reason(row) for _, row in self.changes.iterrows()}
        before, after = _yaml(self.before, {}), _yaml(self.after, reasons)
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), "oppnb.yaml", "oppnb.yaml (proposed)", lineterm=""
        )
        return "\n".join(lines)

    def only(self, stages: Collection[tuple[str, str]]) -> "ProposedOdds":
        """The same with the changes of some stages alone, each named by its process and itself."""
        pairs = zip(self.changes["process"], self.changes["stage"], strict=True)
        kept = pd.Series([pair in stages for pair in pairs], index=self.changes.index, dtype="bool")
        changes = self.changes[kept].reset_index(drop=True)
        return _proposed(self.before, changes)

    def patch(self, text: str, *, name: str = "oppnb.yaml") -> str:
        r"""The change of a workspace file as `patch` applies it to that very file: comments, order, quotes stay.

        Parameters
        ----------
        text : str
            What the file says now.
        name : str
            Of the file.

        Returns
        -------
        str
            A unified diff; empty if nothing is proposed.

        Raises
        ------
        WorkspaceError
            If the text is no workspace, or cannot be changed without touching something else (an anchor used twice).

        Examples
        --------
        >>> from oppnb.workspace import parse_workspace
        >>> said = "processes:\n  - name: p\n    stages:\n      - {name: Demo, odds: .5} # to be seen\n"
        >>> odds = pd.DataFrame({"process": ["p"], "stage": ["Demo"], "set_odds": [0.5], "observed_odds": [0.2],
        ...     "n": [100], "n_won": [20], "low": [0.13], "high": [0.29], "prior_share": [0.17], "shrunk_odds": [0.25]})
        >>> print(propose_odds(parse_workspace(said), odds).patch(said), end="")
        --- oppnb.yaml
        +++ oppnb.yaml
        @@ -1,4 +1,4 @@
         processes:
           - name: p
             stages:
        -      - {name: Demo, odds: .5} # to be seen
        +      - {name: Demo, odds: 0.25} # to be seen
        """
        from oppnb.stages.draft import StageDraft
        from oppnb.stages.draft_text import draft_text

        draft = StageDraft.of(self.before)
        for row in self.changes.to_dict("records"):
            draft = draft.change(row["stage"], process=row["process"], odds=float(row["proposed_odds"]))
        lines = difflib.unified_diff(
            text.splitlines(keepends=True), draft_text(draft, text, name=name).splitlines(keepends=True), name, name
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def to_yaml(self) -> str:
        """The proposed `processes` as YAML, to paste into `oppnb.yaml`."""
        return _yaml(self.after, {})


def propose_odds(workspace: Workspace, odds: pd.DataFrame, *, min_deals: int = MIN_DEALS) -> ProposedOdds:
    """Propose new odds where what happened says that the set ones are off.

    A stage gets new odds if at least `min_deals` of its deals are closed and its set odds lie outside the 95 % interval
    of the observed ones, or were not set. The new odds are the shrunken ones, rounded to a whole percent and kept
    between 1 and 99 %.

    Parameters
    ----------
    workspace : Workspace
        The configuration as it is.
    odds : DataFrame
        From `observed_odds`.
    min_deals : int
        Closed deals below which nothing is proposed.

    Returns
    -------
    ProposedOdds
        With `.diff()`, `.changes` and the whole proposed workspace.
    """
    known = odds[odds["n"] >= min_deals]
    off = known["set_odds"].isna() | (known["set_odds"] < known["low"]) | (known["set_odds"] > known["high"])
    changes = known[off]
    changes = changes.assign(proposed_odds=changes["shrunk_odds"].clip(0.01, 0.99).round(2))
    changes = changes[changes["proposed_odds"].ne(changes["set_odds"])].reset_index(drop=True)
    return _proposed(workspace, changes)


def _proposed(workspace: Workspace, changes: pd.DataFrame) -> ProposedOdds:
    new = {
        (process, stage): float(value)
        for process, stage, value in zip(changes["process"], changes["stage"], changes["proposed_odds"], strict=True)
    }
    processes = [_with_odds(process, new) for process in workspace.processes]
    return ProposedOdds(workspace, workspace.model_copy(update={"processes": processes}), changes)


def _with_odds(process: Process, new: dict[tuple[str, str], float]) -> Process:
    stages = [
        stage.model_copy(update={"odds": new[process.name, stage.name]}) if (process.name, stage.name) in new else stage
        for stage in process.stages
    ]
    return process.model_copy(update={"stages": stages})


def _reason(row: pd.Series) -> str:
    observed, low, high = (math.floor(row[name] * 100 + 0.5) for name in ("observed_odds", "low", "high"))
    said = f"observed {observed} % ({low}-{high} %) on {int(row['n'])} closed deals"
    weight = math.floor(row["prior_share"] * 100 + 0.5)
    return said + (f", set odds weigh {weight} %" if row["prior_share"] > 0 else "")


def _yaml(workspace: Workspace, reasons: dict[tuple[str, str], str]) -> str:
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    tree = CommentedMap({"processes": []})
    for process in workspace.processes:
        stages = []
        for stage in process.stages:
            entry = CommentedMap(_said(stage))
            if (process.name, stage.name) in reasons:
                entry.yaml_add_eol_comment(reasons[process.name, stage.name], key="odds", column=0)
            stages.append(entry)
        rest = process.model_dump(mode="json", exclude_defaults=True, exclude={"stages"})
        tree["processes"].append(CommentedMap({**rest, "stages": stages}))
    yaml = YAML(typ="rt", pure=True)
    yaml.width, yaml.allow_unicode = 200, True
    out = io.StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _said(stage: Stage) -> dict[str, object]:
    """What the configuration says of a stage, without what is left at its default."""
    return stage.model_dump(mode="json", exclude_defaults=True)
