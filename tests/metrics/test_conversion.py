"""Going on from a stage: skips, returns, the undecided, by hand."""

import numpy as np
import pandas as pd
import pytest

from oppnb.metrics import measure
from tests.metric_frames import make_inputs, make_spells

STAGES = {"Lead": 1.0, "Demo": 2.0, "Offer": 3.0}


def _path(deal: str, *stages: str, end: str | None = None, **columns: object) -> list[dict[str, object]]:
    """Stays of one deal; `end` is the outcome of the last move, None while it is open."""
    stays = []
    for number, stage in enumerate(stages, start=1):
        following = stages[number] if number < len(stages) else None
        next_outcome = "open" if following else end
        stays.append(
            {
                "opportunity_id": deal,
                "stage": stage,
                "stage_position": STAGES[stage],
                "spell": number,
                "next_stage": following,
                "next_position": STAGES.get(following) if following else None,
                "next_outcome": next_outcome,
                "is_finished": next_outcome is not None,
                **columns,
            }
        )
    return stays


SPELLS = make_spells(
    *_path("d1", "Lead", "Demo", "Offer", end="won"),
    *_path("d2", "Lead", "Offer", end="lost"),  # skips Demo
    *_path("d3", "Demo", "Lead", "Offer"),  # begins in Demo, goes back, then on
    *_path("d4", "Lead", end="lost"),
    *_path("d5", "Lead"),  # still there
    *_path("d6", "Demo", "Lead", end="lost"),  # back and out
)
DEALS = ({"outcome": "won"}, {"outcome": "lost"}, {}, {"outcome": "lost"}, {}, {"outcome": "lost"})


def _by_stage(variant: str, **others: object) -> pd.DataFrame:
    inputs = make_inputs(*DEALS, spells=SPELLS, **others)
    return measure("stage_conversion", inputs, variant=variant, by="stage").set_index("stage")


def test_of_those_that_entered() -> None:
    found = _by_stage("cohort")
    # Lead: d1, d2 (skip), d3 (at its first Lead) went on; d4, d6 lost; d5 undecided: 3 of 6.
    assert found.loc["Lead", ["value", "n", "n_open"]].tolist() == [0.5, 6, 1]
    # Demo: d1 went on, d3 went on after going back, d6 did not; d2 never entered it: 2 of 3.
    assert found.loc["Demo", ["value", "n"]].tolist() == [pytest.approx(2 / 3), 3]
    # Offer, the last: d1 was won, d2 lost, d3 undecided.
    assert found.loc["Offer", ["value", "n", "n_open"]].tolist() == [pytest.approx(1 / 3), 3, 1]


def test_of_those_that_closed_leaves_out_the_open() -> None:
    found = _by_stage("closed_only")
    assert found.loc["Lead", ["value", "n"]].tolist() == [0.5, 4]  # d1, d2 of d1, d2, d4, d6
    assert found.loc["Demo", ["value", "n"]].tolist() == [0.5, 2]  # d1 of d1, d6


def test_only_entries_of_the_period_count() -> None:
    spells = make_spells(*_path("d1", "Lead", entered_at="2017-06-30"), *_path("d2", "Lead", entered_at="2017-07-01"))
    inputs = make_inputs({}, {}, spells=spells)
    assert measure("stage_conversion", inputs)["n"].item() == 1
    assert measure("stage_conversion", inputs, variant="cohort_year")["n"].item() == 2


def test_a_deal_counts_once_a_stage_however_often_it_returns() -> None:
    spells = make_spells(*_path("d1", "Lead", "Demo", "Lead", "Demo", "Lead", end="lost"))
    found = measure("stage_conversion", make_inputs({"outcome": "lost"}, spells=spells), by="stage")
    assert found.set_index("stage")["n"].to_dict() == {"Demo": 1, "Lead": 1}
    assert found.set_index("stage")["value"].to_dict() == {"Demo": 0.0, "Lead": 1.0}


def test_a_stage_the_configuration_does_not_know_is_missing_and_not_lost() -> None:
    spells = make_spells({"stage": "Misc", "stage_position": None})
    row = measure("stage_conversion", make_inputs({}, spells=spells)).iloc[0]
    assert (row["n"], row["n_missing"]) == (0, 1)
    assert np.isnan(row["value"])


def test_the_ratio_of_heads_compares_neighbours_and_may_exceed_one() -> None:
    deals = [{"stage": "Lead", "stage_position": 1.0}] + [{"stage": "Demo", "stage_position": 2.0}] * 3
    steps = pd.DataFrame(
        {"process": "new", "stage": ["Lead", "Demo", "Offer"], "position": [1, 2, 3], "outcome": ["open"] * 3}
    )
    found = measure("stage_conversion", make_inputs(*deals, stage_rows=steps), variant="snapshot", by="stage")
    assert found.set_index("stage")["value"].dropna().to_dict() == {"Lead": 3.0, "Demo": 0.0}
    assert found["unit"].unique().tolist() == ["ratio"]


def test_stages_can_be_sliced_by_what_the_deals_are() -> None:
    deals = [deal | {"region": "Nord" if number < 3 else "Süd"} for number, deal in enumerate(DEALS)]
    found = measure("stage_conversion", make_inputs(*deals, spells=SPELLS), by=["stage", "region"])
    assert found.set_index(["stage", "region"]).loc[("Lead", "Nord"), "n"] == 3
    assert found["n"].sum() == 12


def _left(deal: str, *, entered: str, left: str | None, to: str | None) -> dict[str, object]:
    """A first stay in Lead; `to` is the next stage or outcome, None while it lasts."""
    position = STAGES.get(to) if to else None
    outcome = None if to is None else "open" if to in STAGES else to
    moves = {"next_stage": to, "next_position": position, "next_outcome": outcome, "is_finished": to is not None}
    stay = {"opportunity_id": deal, "stage": "Lead", "stage_position": 1.0}
    return {**stay, "entered_at": entered, "left_at": left, **moves}


def test_in_the_end_as_many_go_on_as_did_where_all_are_decided() -> None:
    ends = [("2017-01-11", "Demo"), ("2017-01-21", "lost"), ("2017-02-11", "Offer"), ("2017-03-01", "lost")]
    spells = make_spells(
        *[_left(f"d{i}", entered="2017-01-01", left=day, to=to) for i, (day, to) in enumerate(ends, 1)]
    )
    deals = [{} if to in STAGES else {"outcome": "lost", "closed_at": day} for day, to in ends]
    row = measure("stage_conversion", make_inputs(*deals, spells=spells), variant="eventual").iloc[0]
    assert (row["value"], row["n"], row["n_open"]) == (pytest.approx(0.5), 4, 0)
    assert row["low"] < 0.5 < row["high"]


def test_young_deals_do_not_lower_the_rate_in_the_end_and_are_counted_as_undecided() -> None:
    old = [
        _left(f"d{i}", entered="2017-01-01", left="2017-01-11", to="Demo" if i % 4 else "lost") for i in range(1, 41)
    ]
    young = [_left(f"d{i}", entered="2017-09-25", left=None, to=None) for i in range(41, 61)]
    deals = [{} if i % 4 or i > 40 else {"outcome": "lost", "closed_at": "2017-01-11"} for i in range(1, 61)]
    inputs = make_inputs(*deals, spells=make_spells(*old, *young))
    so_far, in_the_end = (
        measure("stage_conversion", inputs, variant=name).iloc[0] for name in ("cohort_year", "eventual")
    )
    assert so_far["value"] == pytest.approx(0.5)  # 30 of 60
    assert in_the_end["value"] == pytest.approx(0.75)  # 30 of the 40 that have had their time
    assert (in_the_end["n"], in_the_end["n_open"]) == (60, 20)


def test_where_nothing_is_decided_the_rate_in_the_end_is_unknown() -> None:
    spells = make_spells(_left("d1", entered="2017-09-25", left=None, to=None))
    row = measure("stage_conversion", make_inputs({}, spells=spells), variant="eventual").iloc[0]
    assert np.isnan(row["value"])
    assert row["note"] == "nothing_decided"
