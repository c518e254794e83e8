"""What a browser may send, checked before anything looks at it."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from oppnb.lab.mistakes import SaidError

__all__ = ["AgainBody", "ReportBody", "ScheduleBody", "StarterBody", "read_body"]

_Body = TypeVar("_Body", bound=BaseModel)
_MOST_BYTES = 100_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ReportBody(_Strict):
    """A report as the form asks for it.

    Attributes
    ----------
    template : str
        Its name; a path is refused.
    workspace : str
        `oppnb.yaml` below the root; empty for none.
    values : dict
        Parameter -> value.
    locale : str
        Of the reader.
    """

    template: str = Field(pattern=r"^\w[\w-]{0,79}$")
    workspace: str = ""
    values: dict[str, Any] = {}
    locale: str = "en"


class ScheduleBody(ReportBody):
    """A report for every Monday; `timezone` says in which it is seven o'clock."""

    timezone: str = "UTC"


class AgainBody(_Strict):
    """A report once more, by the id of its job."""

    again: str


class StarterBody(_Strict):
    """A ready notebook or workspace; see `oppnb.lab.starters.make_starter`."""

    kind: str
    folder: str = ""
    data: str = ""
    workspace: str = ""
    locale: str = "en"


def read_body(raw: bytes, *kinds: type[_Body]) -> _Body:
    """The body as the first of the kinds that it is.

    Raises
    ------
    SaidError
        If it is none of them, or too long; names the field and never repeats its value.

    Examples
    --------
    >>> read_body(b'{"again": "x"}', AgainBody).again
    'x'
    """
    if len(raw) > _MOST_BYTES:
        raise SaidError("request_too_long")
    said = ""
    for kind in kinds:
        try:
            return kind.model_validate_json(raw or b"{}")
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "body"
            said = f"{place}: {first['msg']}"
    raise SaidError("request_unusable", said=said)
