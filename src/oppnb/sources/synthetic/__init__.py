"""A sales pipeline with known truth: made by a law that is written down, so that every figure can be checked."""

from oppnb.sources.synthetic.oracle import win_probability
from oppnb.sources.synthetic.pipeline import SyntheticPipeline, make_pipeline
from oppnb.sources.synthetic.revenue_oracle import revenue_oracle, revenue_parts
from oppnb.sources.synthetic.sample import write_sample
from oppnb.sources.synthetic.settings import Laws, ProcessSettings, StageSettings, SyntheticSettings
from oppnb.sources.synthetic.truth import SyntheticTruth

__all__ = [
    "Laws",
    "ProcessSettings",
    "StageSettings",
    "SyntheticPipeline",
    "SyntheticSettings",
    "SyntheticTruth",
    "make_pipeline",
    "revenue_oracle",
    "revenue_parts",
    "win_probability",
    "write_sample",
]
