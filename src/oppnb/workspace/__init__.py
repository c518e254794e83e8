"""`oppnb.yaml`: one file that holds everything a consultant sets for a client."""

from oppnb.workspace.conditions import Condition, Where
from oppnb.workspace.delivery_models import Channel, Delivery
from oppnb.workspace.forecast_models import Forecast, Scenario, ScenarioChange
from oppnb.workspace.models import (
    Audit,
    BlockRule,
    Calendar,
    ColumnRule,
    Join,
    KeyTask,
    MappingRule,
    Process,
    Sources,
    Stage,
    Workspace,
)
from oppnb.workspace.reading import parse_workspace, read_workspace, workspace_schema
from oppnb.workspace.report_models import Keep, ReportRun, TemplateUse
from oppnb.workspace.scoring_models import SCORE_ALERTS, Alert, AttributeRule, BehaviourRule, Grades, Movable, Scoring
from oppnb.workspace.workspace_file import WorkspaceFile

__all__ = [
    "SCORE_ALERTS",
    "Alert",
    "AttributeRule",
    "Audit",
    "BehaviourRule",
    "BlockRule",
    "Calendar",
    "Channel",
    "ColumnRule",
    "Condition",
    "Delivery",
    "Forecast",
    "Grades",
    "Join",
    "Keep",
    "KeyTask",
    "MappingRule",
    "Movable",
    "Process",
    "ReportRun",
    "Scenario",
    "ScenarioChange",
    "Scoring",
    "Sources",
    "Stage",
    "TemplateUse",
    "Where",
    "Workspace",
    "WorkspaceFile",
    "parse_workspace",
    "read_workspace",
    "workspace_schema",
]
