"""Set the stages of each process by hand, with what the deals say of them beside it."""

from oppnb.widgets.stage_configurator.widget import StageConfigurator

__all__ = ["StageConfigurator"]
