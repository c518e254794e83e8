"""The stage configuration: order, odds, limits; set odds beside observed odds; presets and a linter."""

from oppnb.stages.configuration import (
    find_process,
    find_stage,
    open_stages,
    process_label,
    process_names,
    silence_limit,
    stage_label,
)
from oppnb.stages.deal_names import with_deal_names
from oppnb.stages.draft import DraftStage, StageDraft
from oppnb.stages.draft_text import draft_text
from oppnb.stages.library import Preset, stage_preset_details, stage_presets, with_presets
from oppnb.stages.lint import LintFinding, lint_frame, lint_stages
from oppnb.stages.observed_as_set import odds_to_take, take_observed_odds
from oppnb.stages.odds import observed_odds, standing_first, with_set_odds
from oppnb.stages.odds_by_segment import odds_by_segment
from oppnb.stages.odds_over_time import odds_by_period, odds_trends
from oppnb.stages.opening import NO_DAY, OpenedData, only_currency, open_data
from oppnb.stages.proposal import propose_from_stays, propose_processes, with_processes
from oppnb.stages.proposed_odds import ProposedOdds, propose_odds
from oppnb.stages.standing import standing_odds
from oppnb.stages.stays_and_limits import stays_and_limits

__all__ = [
    "NO_DAY",
    "DraftStage",
    "LintFinding",
    "OpenedData",
    "Preset",
    "ProposedOdds",
    "StageDraft",
    "draft_text",
    "find_process",
    "find_stage",
    "lint_frame",
    "lint_stages",
    "observed_odds",
    "odds_by_period",
    "odds_by_segment",
    "odds_to_take",
    "odds_trends",
    "only_currency",
    "open_data",
    "open_stages",
    "process_label",
    "process_names",
    "propose_from_stays",
    "propose_odds",
    "propose_processes",
    "silence_limit",
    "stage_label",
    "stage_preset_details",
    "stage_presets",
    "standing_first",
    "standing_odds",
    "stays_and_limits",
    "take_observed_odds",
    "with_deal_names",
    "with_presets",
    "with_processes",
    "with_set_odds",
]
