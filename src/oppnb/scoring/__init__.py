"""How likely is a deal to be won, by when, why, how sure is that, and was it right before.

`score_pipeline` scores the open deals of an export; `train_pipeline` learns from what was known up to a day and says
what each model was worth on past days. What they are made of stands in the modules of this room.
"""

from oppnb.scoring.card import model_card, scorer_of
from oppnb.scoring.champion import judge_champion
from oppnb.scoring.choice import Choice
from oppnb.scoring.deal_ids import check_deals
from oppnb.scoring.deal_text import deal_text
from oppnb.scoring.deal_told import ToldDeal, tell_deals
from oppnb.scoring.imported import ScoreJudgement, judge_score
from oppnb.scoring.judged_lately import LatelyJudged, judge_lately
from oppnb.scoring.leads import LeadScores, score_leads, train_leads
from oppnb.scoring.ledger import append_scores, scores_known
from oppnb.scoring.pipeline import Scores, score_pipeline, train_pipeline
from oppnb.scoring.prediction import Contributions, Prediction, WinModel
from oppnb.scoring.rows import GROUPS, Feature, ScoringRows
from oppnb.scoring.saving import read_card
from oppnb.scoring.scorer import Scorer, load_scorer, refuse_other_subject, save_scorer
from oppnb.scoring.training import Training, train_scoring
from oppnb.scoring.training_rows import scoring_rows, training_rows
from oppnb.scoring.writeback import check_write_back_ids, write_dynamics_scores, write_score_csv

__all__ = [
    "GROUPS",
    "Choice",
    "Contributions",
    "Feature",
    "LatelyJudged",
    "LeadScores",
    "Prediction",
    "ScoreJudgement",
    "Scorer",
    "Scores",
    "ScoringRows",
    "ToldDeal",
    "Training",
    "WinModel",
    "append_scores",
    "check_deals",
    "check_write_back_ids",
    "deal_text",
    "judge_champion",
    "judge_lately",
    "judge_score",
    "load_scorer",
    "model_card",
    "read_card",
    "refuse_other_subject",
    "save_scorer",
    "score_leads",
    "score_pipeline",
    "scorer_of",
    "scores_known",
    "scoring_rows",
    "tell_deals",
    "train_leads",
    "train_pipeline",
    "train_scoring",
    "training_rows",
    "write_dynamics_scores",
    "write_score_csv",
]
