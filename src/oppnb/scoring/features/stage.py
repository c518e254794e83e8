"""Where the deal stands, for how long, and how it got there."""

import pandas as pd

from oppnb.scoring.features.declared import Known, declare


@declare("stage", kind="category")
def process(known: Known) -> pd.Series:
    """The sales process."""
    return known.text("process")


@declare("stage", kind="category")
def stage(known: Known) -> pd.Series:
    """The stage, by its name; two processes may share one."""
    return known.text("stage")


@declare("stage")
def stage_position(known: Known) -> pd.Series:
    """Place of the stage in its process, from 1."""
    return known.number("stage_position")


@declare("stage")
def days_in_stage(known: Known) -> pd.Series:
    """Days since the deal entered the stage."""
    return known.number("days_in_stage")


@declare("stage")
def days_in_stage_over_limit(known: Known) -> pd.Series:
    """Days in the stage as a multiple of the time limit that the configuration sets for it."""
    return known.number("days_in_stage") / known.by_stage("time_limit_days")


@declare("stage")
def days_in_stage_over_usual(known: Known) -> pd.Series:
    """Days in the stage as a multiple of the time within which three of four deals left it in the year before."""
    return known.number("days_in_stage") / known.number("usual_days_in_stage").clip(lower=1.0)


@declare("stage")
def age_days(known: Known) -> pd.Series:
    """Days since the deal was created."""
    return known.number("age_days")


@declare("stage")
def n_stage_changes(known: Known) -> pd.Series:
    """Times the stage changed."""
    return known.number("n_stage_changes")


@declare("stage")
def n_stage_regressions(known: Known) -> pd.Series:
    """Times the deal went back to an earlier open stage."""
    return known.number("n_stage_regressions")
