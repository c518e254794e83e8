"""A stage that no closed deal was ever seen in tells nothing, unless somebody states what it is worth."""

from functools import cache

import numpy as np
import pandas as pd

from oppnb.scoring.models.ladder import LADDER
from oppnb.scoring.rows import ScoringRows
from oppnb.scoring.training_rows import scoring_rows, training_rows
from oppnb.stages import with_processes
from oppnb.tables import Tables
from oppnb.workspace import Workspace, parse_workspace

STAGES = ["Prospecting", "Proposal", "Negotiation"]
STATED = """
processes:
  - name: default
    stages:
      - {name: Prospecting, odds: 0.1}
      - {name: Proposal, odds: 0.5}
      - {name: Negotiation, odds: 0.8}
      - {name: Closed Won, outcome: won}
      - {name: Closed Lost, outcome: lost}
"""


def flat_tables(*, n: int = 240) -> Tables:
    """A list as exported, without any date: of a closed deal the stage is the outcome, of an open one it is chance."""
    random = np.random.default_rng(4)
    quality = random.normal(size=n)
    is_won = random.random(n) < 1 / (1 + np.exp(0.4 - quality))
    ended = np.where(is_won, "Closed Won", "Closed Lost")
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"D{number:04}" for number in range(n)],
            "stage": np.where(np.arange(n) % 4 == 0, random.choice(STAGES, n), ended),
            "quality": quality,
        }
    )
    return Tables({"opportunities": deals})


@cache
def flat_rows(*, stated: bool = False) -> tuple[ScoringRows, ScoringRows]:
    """Rows to learn from and to score, the stages stated in a workspace or taken from a preset that looks alike."""
    tables = flat_tables()
    workspace = parse_workspace(STATED) if stated else with_processes(Workspace(), tables)
    return training_rows(tables, workspace=workspace), scoring_rows(tables, workspace=workspace)


def by_stage(model: object, rows: ScoringRows) -> pd.Series:
    said = model.predict(rows).won_ever  # type: ignore[attr-defined]
    return pd.Series(said).groupby(rows.keys["stage"].to_numpy()).mean()[STAGES]


def test_odds_of_a_preset_that_looks_like_the_data_are_marked_as_guessed_and_stated_ones_are_not() -> None:
    assert flat_rows()[1].keys["set_odds"].notna().all()
    assert flat_rows()[1].keys["odds_are_guessed"].all()
    assert not flat_rows(stated=True)[1].keys["odds_are_guessed"].any()


def test_guessed_odds_of_stages_that_no_closed_deal_stood_in_are_not_used() -> None:
    past, now = flat_rows()
    for name, make in LADDER.items():
        said = by_stage(make().fit(past), now)
        assert said.max() - said.min() < 0.15, name  # quality alone parts them by so much; the odds by 70 points
    base = past.is_won.mean()
    np.testing.assert_allclose(LADDER["stage_rates"]().fit(past).predict(now).won_ever, base, atol=0.01)


def test_odds_that_the_workspace_states_are_its_prior_all_the_same() -> None:
    past, now = flat_rows(stated=True)
    said = by_stage(LADDER["stage_rates"]().fit(past), now)
    np.testing.assert_allclose(said, [0.1, 0.5, 0.8], atol=1e-9)


def test_guessed_odds_are_all_there_is_where_no_deal_was_closed() -> None:
    past, now = flat_rows()
    said = by_stage(LADDER["stage_rates"]().fit(past.take(np.zeros(len(past), dtype=bool))), now)
    np.testing.assert_allclose(said, [0.1, 0.5, 0.8], atol=1e-9)


def test_the_share_of_the_prior_is_what_is_not_of_this_past() -> None:
    past, now = flat_rows()
    assert LADDER["stage_rates"]().fit(past).prior_share(now).max() < 0.01  # the base rate of 180 closed deals
    stated = flat_rows(stated=True)
    np.testing.assert_allclose(LADDER["stage_rates"]().fit(stated[0]).prior_share(stated[1]), 1.0)


def test_a_level_that_learns_fields_tells_no_share_of_the_prior() -> None:
    past, _ = flat_rows(stated=True)
    assert [hasattr(make().fit(past), "prior_share") for make in LADDER.values()] == [True, False, False]
