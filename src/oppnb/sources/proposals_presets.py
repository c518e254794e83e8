"""Presets: the headers that each CRM writes, as YAML files in `presets/`, typed."""

from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field, model_validator

from oppnb.workspace.conditions import Condition, Scalar
from oppnb.workspace.model import Model

__all__ = ["Preset", "PresetColumn", "PresetJoin", "PresetRows", "PresetTable", "plain_sections", "presets"]


class PresetRows(Condition):
    """Only rows where the first of these headers that is there meets the condition."""

    headers: list[str]

    def condition(self) -> Condition:
        """The condition without its headers."""
        return Condition(**self.model_dump(exclude={"headers"}))


class PresetColumn(Model):
    """Headers that fill a canonical column, the best first. A plain list in YAML means `headers`."""

    headers: list[str] = Field(default_factory=list)
    all: bool = Field(False, description="Take every header that is there; the first filled one counts.")
    first_of: list["PresetColumn"] = Field(default_factory=list)
    value: Scalar | None = None
    beside: str | None = Field(None, description="With value: only where this canonical column is filled.")
    values: dict[str, Scalar | None] | None = None
    scale: float | Literal["percent"] | None = None
    rows: PresetRows | None = None
    take: Literal["first", "last", "min", "max", "sum", "count"] | None = None
    closed_only: bool = Field(False, description="Only in rows whose opportunity is won or lost.")


class PresetJoin(Model):
    """Another file with these headers, found by key."""

    has: list[list[str]]
    without: list[str] = Field(default_factory=list)
    here: list[str]
    there: list[str]
    prefix: str
    take: list[str]


class PresetTable(Model):
    """How a file that fills one canonical table is recognised and read."""

    table: str
    all_of: list[list[str]] = Field(description="Of each group one header must be there.")
    none_of: list[str] = Field(default_factory=list)
    min_columns: int = 1
    leave_out: list[str] = Field(default_factory=list, description="Flags of deleted rows.")
    rows: PresetRows | None = None
    joins: list[PresetJoin] = Field(default_factory=list)
    one_row_per: list[str] = Field(default_factory=list)
    order_by: list[str] = Field(default_factory=list)
    columns: dict[str, PresetColumn]
    keep_other_columns: bool = True

    @model_validator(mode="before")
    @classmethod
    def _plain_lists(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("columns"), dict):
            columns = {
                name: {"headers": rule} if isinstance(rule, list) else rule for name, rule in data["columns"].items()
            }
            return {**data, "columns": columns}
        return data


class Preset(Model):
    """The exports of one CRM, or plain headers of one language."""

    name: str
    label: str
    is_plain: bool = False
    fills_several: bool = Field(False, description="A file fills every table that recognises it.")
    tables: list[PresetTable]


@cache
def presets() -> tuple[Preset, ...]:
    """Every preset of the package, by name; plain headers last.

    Examples
    --------
    >>> [preset.name for preset in presets()][:3]
    ['dynamics_365', 'event_log', 'fxiaoke']
    """
    from ruamel.yaml import YAML

    folder = files("oppnb.sources") / "presets"
    found = [
        Preset.model_validate(YAML(typ="safe", pure=True).load(entry.read_text(encoding="utf-8")))
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    ]
    return tuple(sorted(found, key=lambda preset: (preset.is_plain, preset.name)))


@cache
def plain_sections(table: str) -> tuple[PresetTable, ...]:
    """The plain headers of one canonical table, in each language."""
    return tuple(
        section for preset in presets() if preset.is_plain for section in preset.tables if section.table == table
    )
