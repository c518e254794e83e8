"""Explore a pipeline without writing code: live in a notebook, still there as a figure and a table without a kernel.

The widgets hold no arithmetic: each calls the same functions as a report. A name is imported when it is first used;
all of them need the extra `widgets`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from oppnb.errors import ExtraMissingError

if TYPE_CHECKING:
    from oppnb.widgets.forecast_explorer import ForecastExplorer
    from oppnb.widgets.funnel_explorer import FunnelExplorer
    from oppnb.widgets.mapping_editor import MappingEditor
    from oppnb.widgets.pipeline_bridge import PipelineBridge
    from oppnb.widgets.score_explorer import ScoreExplorer
    from oppnb.widgets.selection import Selection
    from oppnb.widgets.shown_progress import cell_progress
    from oppnb.widgets.stage_configurator import StageConfigurator

__all__ = [
    "ForecastExplorer",
    "FunnelExplorer",
    "MappingEditor",
    "PipelineBridge",
    "ScoreExplorer",
    "Selection",
    "StageConfigurator",
    "cell_progress",
]

_MODULE_OF = {
    "ForecastExplorer": "oppnb.widgets.forecast_explorer",
    "FunnelExplorer": "oppnb.widgets.funnel_explorer",
    "MappingEditor": "oppnb.widgets.mapping_editor",
    "PipelineBridge": "oppnb.widgets.pipeline_bridge",
    "ScoreExplorer": "oppnb.widgets.score_explorer",
    "Selection": "oppnb.widgets.selection",
    "StageConfigurator": "oppnb.widgets.stage_configurator",
    "cell_progress": "oppnb.widgets.shown_progress",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'oppnb.widgets' has no attribute {name!r}")
    try:
        return getattr(import_module(_MODULE_OF[name]), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("anywidget", "ipywidgets", "traitlets"):
            raise
        raise ExtraMissingError.for_extra("widgets", what=name) from error


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULE_OF])
