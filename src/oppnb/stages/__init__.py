"""The stage configuration: order, odds, limits; set odds beside observed odds."""

from oppnb.stages.configuration import (
    find_process,
    find_stage,
    open_stages,
    process_label,
    silence_limit,
    stage_label,
)
from oppnb.stages.intervals import wilson_interval
from oppnb.stages.library import Preset, stage_preset_details, stage_presets
from oppnb.stages.odds import observed_odds

__all__ = [
    "Preset",
    "find_process",
    "find_stage",
    "observed_odds",
    "open_stages",
    "process_label",
    "silence_limit",
    "stage_label",
    "stage_preset_details",
    "stage_presets",
    "wilson_interval",
]
