"""Scores that came with the export, judged as our own models are."""

from oppnb.scoring.imported.judgement import ScoreJudgement
from oppnb.scoring.imported.judging import judge_score
from oppnb.scoring.imported.scale import ScoreScale, find_scale

__all__ = ["ScoreJudgement", "ScoreScale", "find_scale", "judge_score"]
