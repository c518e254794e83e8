"""A small scored pipeline for the tests of its explorer; made once, never changed by a test."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from oppnb.scoring import Scores, score_pipeline, scorer_of, train_scoring
from oppnb.scoring.candidates import make_model
from oppnb.scoring.opening import open_for_scoring
from oppnb.sources.synthetic import SyntheticSettings, make_pipeline
from oppnb.sources.synthetic.workspace_file import workspace_yaml
from oppnb.tables import Tables
from oppnb.widgets import ScoreExplorer
from oppnb.workspace import parse_workspace

AS_OF = "2025-03-31"
RULES = """
scoring:
  attribute_rules: [{name: from_referral, where: {source: referral}, points: 10}]
  behaviour_rules: [{name: meetings, kinds: meeting, points: 10, half_life_days: 30, cap: 30}]
"""


@cache
def small_scores() -> Scores:
    """240 synthetic deals, scored by a ridge on all fields that was judged on one past day."""
    settings = SyntheticSettings(n_opportunities=240)
    workspace = parse_workspace(workspace_yaml(settings) + RULES)
    tables = Tables(make_pipeline(settings).tables)
    opened = open_for_scoring(tables, as_of=AS_OF, workspace=workspace)
    training = train_scoring(opened.tables, until=opened.as_of, workspace=opened.workspace, n_origins=1)
    scorer = scorer_of(replace(training, model=make_model("ridge").fit(training.rows)), workspace=opened.workspace)
    return score_pipeline(tables, as_of=AS_OF, workspace=workspace, model=scorer)


@cache
def small_explorer_parts() -> tuple[object, pd.DataFrame]:
    """What takes long: what deals are held against, and their timelines."""
    explorer = ScoreExplorer(small_scores())
    return explorer.scored.background, explorer.scored.timelines


def small_explorer(scores: Scores | None = None, **settings: object) -> ScoreExplorer:
    """An explorer that has those already."""
    background, timelines = small_explorer_parts()
    explorer = ScoreExplorer(scores or small_scores(), **settings)
    explorer.scored.__dict__.update(background=background, timelines=timelines)
    return explorer


def many(n: int) -> Scores:
    """The same deals again and again, each with an id of its own."""
    scores = small_scores()
    frame = scores.frame.iloc[np.arange(n) % len(scores.frame)].reset_index(drop=True)
    ids = pd.Series([f"D{place:06d}" for place in range(n)], dtype="str")
    return replace(scores, frame=frame.assign(opportunity_id=ids, priority_rank=np.arange(1, n + 1)))


def with_names(name: str) -> Scores:
    """Every deal called the same."""
    scores = small_scores()
    deals = scores.opened.tables["opportunities"].assign(name=name)
    opened = replace(scores.opened, tables=scores.opened.tables.replace(opportunities=deals))
    return replace(scores, frame=scores.frame.assign(name=name), opened=opened)


def without_tables(*names: str) -> Scores:
    """The same scores of an export without some tables."""
    scores = small_scores()
    tables = scores.opened.tables
    kept = Tables({name: frame for name, frame in tables.items() if name not in names}, exported_on=tables.exported_on)
    return replace(scores, opened=replace(scores.opened, tables=kept))
