"""How many deals go on from a stage: of those that entered it, of those closed since, and as a ratio of heads.

Rules. A deal counts once a stage, with its first entry. It has gone on if it reached a later open stage of the
process, or was won, at any time after that entry: by the next stage or past it (a skip), at once or after going back.
A deal that skips a stage is not among those that entered it. Lost, stalled and open deals stay in the denominator;
those still open and not yet further are counted as undecided. A stage without a position cannot be judged: missing.

Young entries have not had their time. A share of those that entered, the undecided in the denominator, says how many
have gone on *so far*; it lies below the share that goes on in the end by as much as is undecided. `eventual` follows
the undecided as far as they are known (Aalen-Johansen, the loss being the competing end) and tells the latter.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.metrics.figure import Figure, column_of, rate_of
from oppnb.metrics.inputs import MetricInputs, cutoff_of
from oppnb.metrics.metric import Metric, Variant
from oppnb.metrics.rows import Ask, between
from oppnb.metrics.survival import incidence_in_the_end

__all__ = ["STAGE_CONVERSION"]

_SPELLS = (
    "opportunity_id",
    "process",
    "stage",
    "stage_position",
    "outcome",
    "spell",
    "entered_at",
    "next_position",
    "next_outcome",
)
_FOLLOWED = {
    "snapshot": ("opportunity_id", "outcome", "closed_at"),
    "spells": (*_SPELLS, "left_at"),
}
_NEEDS = {"snapshot": ("opportunity_id", "outcome"), "spells": _SPELLS}


def _entries(ask: Ask) -> pd.DataFrame:
    """First entry of each deal into each open stage, with `moved_on` (1, 0, null) and `is_undecided`."""
    spells = ask.frame("spells").sort_values(["opportunity_id", "spell"], kind="stable", ignore_index=True)
    known = pd.Series(ask.snapshot["outcome"].to_numpy(), index=ask.snapshot["opportunity_id"])
    outcome_now = known.reindex(spells["opportunity_id"]).to_numpy()
    furthest = np.where(outcome_now == "won", np.inf, _furthest(spells))
    position = column_of(spells, "stage_position")
    moved_on = np.where(np.isnan(position), np.nan, furthest > position)
    spells = spells.assign(moved_on=moved_on, is_undecided=(moved_on == 0) & (outcome_now == "open"), now=outcome_now)
    is_open = spells["outcome"] == "open"
    first = ~spells.duplicated(["opportunity_id", "process", "stage"])
    columns = ("process", "stage", "stage_position", "entered_at", "amount_base", "moved_on", "is_undecided", "now")
    return ask.take(spells, is_open & first, *columns)


def _furthest(spells: pd.DataFrame) -> pd.Series:
    """Highest position that a deal reached after each of its stays."""
    backwards = _reached(spells)[::-1]
    return backwards.groupby(spells["opportunity_id"][::-1].to_numpy()).cummax()[::-1]


def _reached(spells: pd.DataFrame) -> pd.Series:
    """Position to which each stay led; winning is further than any, and what leads nowhere is before all."""
    reached = np.select(
        [spells["next_outcome"] == "won", spells["next_outcome"] == "open"],
        [np.inf, column_of(spells, "next_position")],
        default=-np.inf,
    )
    return pd.Series(reached, index=spells.index).fillna(-np.inf)


def _entered_in_period(ask: Ask) -> pd.DataFrame:
    rows = _entries(ask)
    return rows[between(rows["entered_at"], *ask.inputs.moments())]


def _entered_in_a_year(ask: Ask) -> pd.DataFrame:
    rows, inputs = _entries(ask), ask.inputs
    return rows[between(rows["entered_at"], inputs.year_start, cutoff_of(inputs.as_of, time_zone=inputs.time_zone))]


def _followed(ask: Ask) -> pd.DataFrame:
    """Entries of a year with `end` (1 went on, 2 was lost, 0 undecided) and `days` until then, or so far."""
    rows = _entered_in_a_year(ask)
    end = np.select([rows["moved_on"] == 1, rows["now"] == "lost"], [1, 2], default=0)
    closed_at = ask.snapshot.set_index("opportunity_id")["closed_at"].reindex(rows["opportunity_id"]).to_numpy()
    last = np.datetime64(cutoff_of(ask.inputs.as_of, time_zone=ask.inputs.time_zone), "us")
    went_on_at = _went_on_at(ask.frame("spells"), rows)
    # Won without a stay that says so: the close is the moment.
    moment = np.select([end == 1, end == 2], [np.where(np.isnat(went_on_at), closed_at, went_on_at), closed_at], last)
    days = (moment - rows["entered_at"].to_numpy()) / np.timedelta64(1, "D")
    return rows.assign(end=end, days=np.where(rows["moved_on"].isna(), np.nan, days))


def _went_on_at(spells: pd.DataFrame, entries: pd.DataFrame) -> npt.NDArray[np.datetime64]:
    """When each entry's deal first left for a stage further on; NaT if it has not."""
    later = spells[spells["opportunity_id"].isin(entries["opportunity_id"])]
    later = later.assign(reached=_reached(later))[["opportunity_id", "left_at", "reached"]]
    wanted = entries[["opportunity_id", "entered_at", "stage_position"]].reset_index(names="entry")
    pairs = wanted.merge(later, on="opportunity_id")
    is_further = (pairs["left_at"] >= pairs["entered_at"]) & (pairs["reached"] > pairs["stage_position"])
    first = pairs[is_further].groupby("entry")["left_at"].min().reindex(entries.index)
    return first.to_numpy(dtype="datetime64[us]")


def _closed_only(ask: Ask) -> pd.DataFrame:
    rows = _entries(ask)
    closed = ask.closed_deals()["opportunity_id"]
    return rows[rows["opportunity_id"].isin(closed)]


def _heads(ask: Ask) -> pd.DataFrame:
    """Each open deal twice: in its own stage, and as one that is in the stage after the one before it."""
    rows = ask.open_deals("process", "stage", "stage_position")
    rows = rows[rows["stage_position"].notna()]
    ladder = _ladder(ask, rows)
    before = ladder.assign(stage_position=ladder["next_position"], stage_before=ladder["stage"])
    ahead = rows.merge(before[["process", "stage_position", "stage_before"]], on=["process", "stage_position"])
    if "stage" in ask.by:
        ahead = ahead.assign(stage=ahead["stage_before"])
    if "stage_position" in ask.by:
        back = ladder.dropna(subset="next_position").set_index(["process", "next_position"])["stage_position"]
        keys = pd.MultiIndex.from_frame(ahead[["process", "stage_position"]])
        ahead = ahead.assign(stage_position=back.reindex(keys).to_numpy())
    # The last open stage has none after it: its own heads have nothing to be compared with.
    followed = rows.merge(ladder.loc[ladder["next_position"].notna(), ["process", "stage"]], on=["process", "stage"])
    return pd.concat([followed.assign(is_next=0.0), ahead.assign(is_next=1.0)], ignore_index=True)


def _ladder(ask: Ask, rows: pd.DataFrame) -> pd.DataFrame:
    """Open stages of each process in order, with the position of the next one."""
    if ask.inputs.stage_rows is not None:
        steps = ask.inputs.stage_rows
        steps = steps[steps["outcome"] == "open"].rename(columns={"position": "stage_position"})
    else:
        steps = rows
    steps = steps[["process", "stage", "stage_position"]].drop_duplicates(["process", "stage_position"])
    steps = steps.astype({"stage_position": "float64"}).sort_values(["process", "stage_position"], ignore_index=True)
    return steps.assign(next_position=steps.groupby("process", dropna=False)["stage_position"].shift(-1))


def _ratio_of_heads(rows: pd.DataFrame, _inputs: MetricInputs) -> Figure:
    ahead = int(rows["is_next"].sum())
    here = len(rows) - ahead
    return Figure(ahead / here, here) if here else Figure(note="no_rows")


def _with_amount() -> dict[str, tuple[str, ...]]:
    return {**_NEEDS, "spells": (*_SPELLS, "amount_base")}


STAGE_CONVERSION = Metric(
    id="stage_conversion",
    unit="share",
    better="higher",
    source="Wilson 1927 (interval); Kish 1965 (by value); Aalen & Johansen 1978 (eventual)",
    variants=(
        Variant(id="cohort", rows=_entered_in_period, figure=rate_of("moved_on"), needs=_NEEDS),
        Variant(
            id="cohort_value",
            rows=_entered_in_period,
            figure=rate_of("moved_on", weight="amount_base"),
            needs=_with_amount(),
        ),
        Variant(id="cohort_year", rows=_entered_in_a_year, figure=rate_of("moved_on"), needs=_NEEDS),
        Variant(id="eventual", rows=_followed, figure=incidence_in_the_end("days", "end"), needs=_FOLLOWED),
        Variant(
            id="closed_only",
            rows=_closed_only,
            figure=rate_of("moved_on"),
            needs={**_NEEDS, "snapshot": ("opportunity_id", "outcome", "closed_at")},
        ),
        Variant(
            id="snapshot",
            rows=_heads,
            figure=_ratio_of_heads,
            needs={"snapshot": ("opportunity_id", "outcome", "process", "stage", "stage_position")},
            unit="ratio",
            better="none",
        ),
    ),
)
