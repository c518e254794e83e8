"""`oppnb.yaml` as typed models: what may be said, and what each word means."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from oppnb.errors import nearest
from oppnb.workspace.conditions import Scalar, Where
from oppnb.workspace.delivery_models import Delivery
from oppnb.workspace.forecast_models import Forecast
from oppnb.workspace.model import Model, mistake_at
from oppnb.workspace.report_models import ReportRun, RunName
from oppnb.workspace.scoring_models import Alert, Scoring

__all__ = [
    "Audit",
    "BlockRule",
    "Calendar",
    "ColumnRule",
    "Join",
    "KeyTask",
    "MappingRule",
    "Process",
    "Sources",
    "Stage",
    "Workspace",
]

Action = Literal["keep", "set_aside", "mend", "stop"]


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = nearest(name, available_timezones())
        raise ValueError(f"there is no time zone '{name}'" + (f"; did you mean '{near}'" if near else "")) from error
    return name


TimeZone = Annotated[str, AfterValidator(_known_time_zone)]


class Calendar(Model):
    """How days are counted and grouped."""

    time_zone: TimeZone = Field("UTC", description="IANA name; a day ends at midnight here.")
    fiscal_year_start: int = Field(1, ge=1, le=12, description="Month in which the fiscal year begins.")
    week_start: Literal["monday", "sunday"] = "monday"


class Sources(Model):
    """What is known about the export as a whole."""

    exported_on: date | None = Field(
        None, description="The day the export was made; by default the latest moment in it."
    )
    history_begins_on: date | None = Field(
        None, description="The day field tracking was switched on; nothing is counted before it."
    )
    time_zone: TimeZone | None = Field(
        None, description="Time zone of moments written without one; by default the calendar's."
    )
    date_order: Literal["D/M/Y", "M/D/Y"] | None = Field(None, description="By default decided over each whole column.")
    remember: bool = Field(
        True, description="With a store: remember each export, and read earlier ones back where there is no history."
    )


class ColumnRule(Model):
    """How one canonical column is filled. A plain text in YAML means `column`."""

    column: str | list[str] | None = Field(
        None,
        description="Header in the file; of several, the first that is filled. "
        "'#row' is the row's number, '#file' its file.",
    )
    value: Scalar | None = Field(None, description="The same value in every row, instead of a column.")
    first_of: list["ColumnRule"] | None = Field(
        None, description="Several rules instead of a column: the first that gives a value."
    )
    values: dict[str, Scalar | None] | None = Field(None, description="Recode: text in the file -> text to use.")
    scale: float | None = Field(None, description="Factor for numbers, e.g. 0.01 for percent, 10000 for 万.")
    date_order: Literal["D/M/Y", "M/D/Y"] | None = None
    take: Literal["first", "last", "min", "max", "sum", "count"] | None = Field(
        None, description="With one_row_per: which of the rows' values; by default the last filled one."
    )
    where: Where | None = Field(
        None, description="With one_row_per: only these rows count for this column; else null outside."
    )

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if sum(origin is not None for origin in (self.column, self.value, self.first_of)) != 1:
            raise ValueError("give either 'column' or 'value' or 'first_of'")
        return self

    @model_validator(mode="before")
    @classmethod
    def _plain_first_of(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("first_of"), list):
            return {**data, "first_of": [_as_column_rule(rule) for rule in data["first_of"]]}
        return data


def _as_column_rule(value: object) -> object:
    return {"column": value} if isinstance(value, (str, list)) else value


class Join(Model):
    """Columns of another file, found by key."""

    file: str
    on: dict[str, str] = Field(description="Header here -> header there.")
    columns: list[str] | None = Field(None, description="Headers to take; by default all.")
    prefix: str | None = Field(None, description="Put before each header taken, e.g. 'stage.' gives stage.label.")
    spellings: dict[str, str] = Field(default_factory=dict, description="Key here -> how the other file spells it.")


class MappingRule(Model):
    """One file fills one table; a file may appear in several rules and a table too."""

    table: str = Field(description="Canonical table, e.g. opportunities.")
    file: str = Field(description="File name or glob inside the folder; `book.xlsx#Sheet` for one sheet.")
    where: Where | None = None
    join: list[Join] = Field(default_factory=list)
    one_row_per: str | list[str] | None = Field(None, description="Group rows by these headers into one row.")
    order_by: str | list[str] | None = Field(None, description="With one_row_per: what first and last mean.")
    columns: dict[str, "ColumnRule"] = Field(description="Canonical column -> rule.")
    keep_other_columns: bool = Field(True, description="Keep every other header as an attribute, under its own name.")

    @model_validator(mode="before")
    @classmethod
    def _plain_columns(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("columns"), dict):
            return {**data, "columns": {name: _as_column_rule(rule) for name, rule in data["columns"].items()}}
        return data


class KeyTask(Model):
    """Something a seller must do in a stage."""

    name: str
    due_days: int | None = Field(None, ge=0, description="Days after entering the stage.")


class Stage(Model):
    """A stage of a sales process."""

    name: str
    outcome: Literal["open", "won", "lost"] = "open"
    odds: float | None = Field(None, ge=0, le=1, description="Set odds of winning from here, 0-1.")
    time_limit_days: float | None = Field(None, gt=0, description="A stay longer than this is too long.")
    silence_limit_days: float | None = Field(None, gt=0, description="Silence longer than this makes a deal stale.")
    aliases: list[str] = Field(default_factory=list, description="Other spellings of the stage in the data.")
    label: dict[str, str] = Field(default_factory=dict, description="Name by locale, e.g. zh_CN.")
    forecast_category: Literal["omitted", "pipeline", "best_case", "commit", "closed"] | None = None
    entry_criteria: list[str] = Field(default_factory=list)
    exit_criteria: list[str] = Field(default_factory=list)
    key_tasks: list[KeyTask] = Field(default_factory=list)
    evidence: list[str] = Field(default_factory=list, description="Qualification elements that must be there.")

    @property
    def names(self) -> tuple[str, ...]:
        """How a rule may call it: its name, its other spellings, its labels in any language."""
        return (self.name, *self.aliases, *self.label.values())


class Process(Model):
    """A sales process with its own stages, in order; open stages first, then won and lost."""

    name: str
    label: dict[str, str] = Field(default_factory=dict)
    preset: str | None = Field(None, description="Preset whose stages are meant where none are listed.")
    stages: list[Stage] = Field(default_factory=list)
    _is_proposed: bool = PrivateAttr(default=False)

    @property
    def is_proposed(self) -> bool:
        """Taken from a preset because its stages look like the data's: nobody stated its odds for this client."""
        return self._is_proposed

    def as_proposed(self) -> Self:
        """The same process, marked as a guess."""
        found = self.model_copy()
        found._is_proposed = True
        return found

    @model_validator(mode="after")
    def _stage_names_are_unique(self) -> Self:
        names = [name.casefold() for stage in self.stages for name in [stage.name, *stage.aliases]]
        doubles = sorted({name for name in names if names.count(name) > 1})
        if doubles:
            raise ValueError(f"process '{self.name}' names a stage twice: {', '.join(doubles[:3])}")
        return self


class BlockRule(Model):
    """Records that contradict themselves: rows for which `where` holds are set aside."""

    name: str = Field(description="The sentence that is true of a good row, e.g. won_deals_have_an_amount.")
    table: str = "opportunities"
    where: Where = Field(description="Which rows break the rule.")
    action: Action = "set_aside"


class Audit(Model):
    """What to do with rows that break a rule. Nothing is mended unless named here."""

    default: Literal["keep", "stop"] = Field("keep", description="For rules whose rows can be kept.")
    actions: dict[str, Action] = Field(default_factory=dict, description="Rule -> keep, set_aside, mend or stop.")
    spellings: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="table.column -> {spelling in the data: spelling to use}."
    )
    block: list[BlockRule] = Field(default_factory=list)


class Workspace(Model):
    """Everything a consultant sets for a client; `oppnb.yaml`."""

    version: Literal[1] = 1
    locale: str = Field("en", description="en or zh_CN.")
    currency: str | None = Field(None, pattern="^[A-Z]{3}$", description="ISO 4217; reports are in it.")
    calendar: Calendar = Field(default_factory=Calendar)
    sources: Sources = Field(default_factory=Sources)
    mapping: list[MappingRule] = Field(default_factory=list)
    processes: list[Process] = Field(default_factory=list)
    audit: Audit = Field(default_factory=Audit)
    scoring: Scoring = Field(default_factory=Scoring)
    alerts: list[Alert] = Field(default_factory=list)
    delivery: Delivery = Field(default_factory=Delivery)
    forecast: Forecast = Field(default_factory=Forecast)
    reports: dict[RunName, ReportRun] = Field(
        default_factory=dict, description="Name -> reports that `oppnb run NAME` makes."
    )
    store: str | None = Field(
        None, description="Folder or URL where oppnb keeps what it read, scored and forecast; ${NAME} is filled in."
    )

    @model_validator(mode="after")
    def _stages_of_rules_are_configured(self) -> Self:
        known = {name for process in self.processes for stage in process.stages for name in stage.names}
        folded = {name.casefold() for name in known}
        if not known or not all(process.stages for process in self.processes):
            return self  # a preset's stages are not known here
        for what, place, names in self._named_stages():
            for position, stage in enumerate(names):
                if stage.casefold() not in folded:
                    near = nearest(stage, known)
                    said = f"{what} names the stage '{stage}', which no process has"
                    said += f"; did you mean '{near}'" if near else ""
                    raise mistake_at((*place, "stages", position), said, value=stage)
        return self

    def _named_stages(self) -> Iterator[tuple[str, tuple[str | int, ...], list[str]]]:
        """What names stages, where it stands in the file, and the stages."""
        for position, rule in enumerate(self.scoring.behaviour_rules):
            yield f"scoring rule '{rule.name}'", ("scoring", "behaviour_rules", position), rule.stages
        for position, alert in enumerate(self.alerts):
            yield f"alert '{alert.when}'", ("alerts", position), alert.stages
