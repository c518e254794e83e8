"""The `oppnb.yaml` that belongs to a synthetic pipeline."""

from collections.abc import Mapping
from typing import Any

from oppnb.sources.synthetic.settings import ProcessSettings, StageSettings, SyntheticSettings
from oppnb.sources.synthetic.weeks import TIME_ZONE

__all__ = ["workspace_yaml"]

_WON = {"name": "Won", "outcome": "won", "odds": 1.0, "label": {"zh_CN": "赢单"}, "forecast_category": "closed"}
_LOST = {"name": "Lost", "outcome": "lost", "odds": 0.0, "label": {"zh_CN": "输单"}, "forecast_category": "omitted"}
_HEADER = """\
# The workspace of the sample pipeline: what a consultant would write for this client.
# The odds are the sales manager's, not the truth; the truth lies in the folder truth/ and is for tests.
"""


def workspace_yaml(settings: SyntheticSettings) -> str:
    """Text of the workspace file: currency, calendar, processes with stages, labels, limits, tasks, evidence."""
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    buffer = StringIO()
    yaml.dump(_content(settings), buffer)
    return _HEADER + buffer.getvalue()


def _content(settings: SyntheticSettings) -> Mapping[str, Any]:
    return {
        "version": 1,
        "locale": "en",
        "currency": settings.base_currency,
        "calendar": {"time_zone": TIME_ZONE, "fiscal_year_start": 1, "week_start": "monday"},
        "sources": {
            "exported_on": settings.end.isoformat(),
            "history_begins_on": settings.start.isoformat(),
            "time_zone": "UTC",
        },
        "processes": [_process(process) for process in settings.processes],
    }


def _process(process: ProcessSettings) -> dict[str, Any]:
    stages = [*(_stage(stage) for stage in process.stages), _WON, _LOST]
    return {"name": process.name, "label": {"zh_CN": process.label}, "stages": [_plain(stage) for stage in stages]}


def _stage(stage: StageSettings) -> dict[str, Any]:
    content: dict[str, Any] = {
        "name": stage.name,
        "odds": stage.odds,
        "time_limit_days": stage.time_limit_days,
        "silence_limit_days": stage.silence_limit_days,
        "label": {"zh_CN": stage.label},
        "forecast_category": stage.forecast_category,
    }
    if stage.key_tasks:
        content["key_tasks"] = [{"name": name, "due_days": days} for name, days in stage.key_tasks]
    if stage.evidence:
        content["evidence"] = list(stage.evidence)
    return content


def _plain(stage: Mapping[str, Any]) -> dict[str, Any]:
    """A copy: one object that stands in two places would be written as a YAML anchor."""
    return {key: dict(value) if isinstance(value, dict) else value for key, value in stage.items()}
