"""What every part of the workspace has in common."""

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

__all__ = ["Model", "mistake_at"]


class Model(BaseModel):
    """A part of the workspace; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)  # an input may be a secret


def mistake_at(place: tuple[str | int, ...], said: str, *, value: object) -> ValidationError:
    """A mistake that only the whole shows but that stands in one place below it: its line is that of the place."""
    kind = PydanticCustomError("value_error", "{said}", {"said": said})
    return ValidationError.from_exception_data(said, [InitErrorDetails(type=kind, loc=place, input=value)])
