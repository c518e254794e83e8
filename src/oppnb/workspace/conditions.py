"""Which rows a rule speaks of: the `where` of `oppnb.yaml`."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["Condition", "Scalar", "Where"]

Scalar = str | bool | int | float


class Condition(BaseModel):
    """A test of one column; several keys must all hold. A plain value or list in YAML means `is_in`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    is_in: list[Scalar] | None = Field(None, description="The value is one of these (compared as text).")
    not_in: list[Scalar] | None = Field(None, description="The value is none of these; a missing value passes.")
    is_null: bool | None = Field(None, description="true: the value is missing; false: it is there.")
    starts_with: str | None = None
    contains: str | None = None
    at_least: Scalar | None = Field(None, description="Number or ISO date, inclusive.")
    at_most: Scalar | None = Field(None, description="Number or ISO date, inclusive.")
    below: Scalar | None = None
    above: Scalar | None = None


def _as_condition(value: object) -> object:
    if isinstance(value, (str, bool, int, float)):
        return {"is_in": [value]}
    if isinstance(value, list):
        return {"is_in": value}
    if value is None:
        return {"is_null": True}
    return value


Where = dict[str, Annotated[Condition, BeforeValidator(_as_condition)]]
