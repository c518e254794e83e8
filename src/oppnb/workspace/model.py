"""What every part of the workspace has in common."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Model"]


class Model(BaseModel):
    """A part of the workspace; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
