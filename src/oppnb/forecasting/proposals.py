"""What could be set otherwise after looking back, each proposal with its evidence and what it does to the figures."""

import hashlib
import math
from dataclasses import dataclass, replace

import pandas as pd

from oppnb.errors import WorkspaceError
from oppnb.forecasting.points import Point
from oppnb.forecasting.weighted_due import Change
from oppnb.stages import ProposedOdds

__all__ = ["KINDS", "Proposal", "Proposals", "proposals_of"]

KINDS = ("stage_odds", "source_cycle", "owner_slip")
"""What can be proposed; see `oppnb.forecasting.Change`."""

_COUNTS = {"n_concerned": "expected_before", "n_periods": "past_error_before"}
"""Count -> what is null where it could not be counted."""

_FRAME = {
    **dict.fromkeys(["proposal_id", "kind", "process", "target", "unit"], "str"),
    **dict.fromkeys(["before", "after", "observed", "reference", "low", "high"], "float64"),
    **dict.fromkeys(["n", "n_concerned"], "Int64"),
    **dict.fromkeys(["expected_before", "expected_after"], "float64"),
    "n_periods": "Int64",
    **dict.fromkeys(["past_error_before", "past_error_after"], "float64"),
}


@dataclass(frozen=True)
class Proposal:
    """One change that the past speaks for.

    Attributes
    ----------
    change : Change
        What would be set.
    before : float
        What is set now: odds (null: none), or 0 days.
    observed, reference : float
        What was seen (odds, median days) and what it is held against (set odds, median days of all).
    low, high : float
        95 % interval: of the observed odds, or of the difference in days.
    n : int
        Deals it was seen on.
    n_concerned : int
        Open deals of the coming period whose figure would change.
    expected_before, expected_after : float
        Weighted pipeline of the coming period without and with the change; null where no open deal says when it is
        expected to close.
    n_periods : int
        Past periods, four at most, on which the change was tried.
    past_error_before, past_error_after : float
        Sum over them of the absolute error of the figures concerned, without and with the change (which was learnt from
        these periods too); null where it was tried on none.
    """

    change: Change
    before: float
    observed: float
    reference: float
    low: float
    high: float
    n: int
    n_concerned: int = 0
    expected_before: float = math.nan
    expected_after: float = math.nan
    n_periods: int = 0
    past_error_before: float = math.nan
    past_error_after: float = math.nan

    @property
    def unit(self) -> str:
        """Of what is set and seen: `share` (odds) or `days`."""
        return "share" if self.change.kind == "stage_odds" else "days"

    @property
    def without(self) -> Change:
        """What is set now; no odds are odds of 0."""
        return replace(self.change, value=0.0 if math.isnan(self.before) else self.before)

    @property
    def would_have_helped(self) -> bool:
        """Whether the change makes the error of the past periods smaller."""
        return self.past_error_after < self.past_error_before

    @property
    def proposal_id(self) -> str:
        """The same for the same change, whenever it is proposed: kind and ten letters."""
        one = self.change
        said = f"{one.kind}|{one.process}|{one.target}|{self.before:.4f}|{one.value:.4f}"
        return f"{one.kind}-{hashlib.sha256(said.encode()).hexdigest()[:10]}"


@dataclass(frozen=True)
class Proposals:
    """All that is proposed after a period.

    Attributes
    ----------
    point : Point
        The day on which it is proposed, and the period whose figures it would change.
    items : tuple of Proposal
        By kind, those that move the figures most first.
    odds : ProposedOdds
        The odds among them, as a changed workspace.
    """

    point: Point
    items: tuple[Proposal, ...]
    odds: ProposedOdds

    @property
    def left_out(self) -> tuple[Proposal, ...]:
        """The odds among them that would not have helped in the past periods they were tried on: not in the diff."""
        return tuple(
            one for one in self.items if one.change.kind == "stage_odds" and one.n_periods and not one.would_have_helped
        )

    @property
    def kept(self) -> ProposedOdds:
        """The odds among them without those that would not have helped: what the diff says."""
        out = {(one.change.process, one.change.target) for one in self.left_out}
        changes = self.odds.changes
        return self.odds.only(set(zip(changes["process"], changes["stage"], strict=True)) - out)

    def diff(self, text: str | None = None, *, name: str = "oppnb.yaml") -> str:
        """The new odds as a diff of `oppnb.yaml`, without those that would not have helped; empty if there are none.

        Parameters
        ----------
        text : str, optional
            What the file says now: `patch` applies the diff to it. Without it, or where it cannot be changed in place,
            the diff is one of a configuration written anew, with the evidence in comments: to be read, not applied.
        name : str
            Of the file.
        """
        kept = self.kept
        if text is None or kept.changes.empty:
            return kept.diff()
        try:
            return kept.patch(text, name=name)
        except WorkspaceError:
            return kept.diff()

    def frame(self) -> pd.DataFrame:
        """One row a proposal: `proposal_id`, `kind`, `process`, `target`, `unit`, `before`, `after` and the rest of it.

        Counts are null where nothing could be counted: see `Proposal`.
        """
        rows = [[_cell(one, name) for name in _FRAME] for one in self.items]
        return pd.DataFrame(rows, columns=list(_FRAME)).astype(_FRAME)


def proposals_of(frame: pd.DataFrame) -> tuple[Proposal, ...]:
    """The proposals of a frame that `Proposals.frame` gave, in its order.

    Examples
    --------
    >>> one = Proposal(Change("stage_odds", "new", "Demo", 0.2), 0.5, 0.2, 0.5, 0.13, 0.29, n=100)
    >>> rows = pd.DataFrame([[_cell(one, name) for name in _FRAME]], columns=list(_FRAME)).astype(_FRAME)
    >>> proposals_of(rows)[0].proposal_id == one.proposal_id
    True
    """
    rows = frame.assign(**{name: frame[name].fillna(0) for name in _COUNTS if name in frame})
    rows = rows.astype({name: kind for name, kind in _FRAME.items() if name in frame})
    made = []
    for row in rows.to_dict("records"):
        change = Change(str(row["kind"]), _text(row["process"]), str(row["target"]), float(row["after"]))
        rest = {str(name): value for name, value in row.items() if name in Proposal.__dataclass_fields__}
        made.append(Proposal(change, **rest))
    return tuple(made)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _cell(one: Proposal, name: str) -> object:
    if name == "after":
        return one.change.value
    if name in _COUNTS and math.isnan(getattr(one, _COUNTS[name])):
        return None
    return getattr(one.change if name in ("kind", "process", "target") else one, name)
