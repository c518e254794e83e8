"""Reports that are run by name: `reports:` in `oppnb.yaml`."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from oppnb.workspace.conditions import Scalar
from oppnb.workspace.model import Model

__all__ = ["Keep", "ReportRun", "RunName", "TemplateUse"]

_NOT_IN_NAMES = set('/\\:*?"<>|\0')


def _plain_name(name: str) -> str:
    if not name.strip() or name != name.strip() or name.startswith((".", "-")) or name.endswith("."):
        raise ValueError("a run is a folder too: its name begins with a letter or digit and does not end with a dot")
    if set(name) & _NOT_IN_NAMES or not name.isprintable() or len(name.encode()) > 100:
        raise ValueError('a run is a folder too: its name is short and has none of / \\ : * ? " < > |')
    return name


RunName = Annotated[str, AfterValidator(_plain_name)]


class TemplateUse(Model):
    """A template of a run. A plain text in YAML means `template`."""

    template: str = Field(description="Name of a template, or the path of an .ipynb as seen from oppnb.yaml.")
    parameters: dict[str, Scalar | None] = Field(
        default_factory=dict, description="Parameter -> value, beside data, workspace and only, which the run sets."
    )


class Keep(Model):
    """How long reports are kept, for each template and slice; the last good one always is."""

    reports: int | None = Field(None, ge=1, description="At most so many, the latest ones.")
    days: int | None = Field(None, ge=1, description="None whose day lies more than so many days before the latest.")


class ReportRun(Model):
    """Reports that `oppnb run NAME` makes."""

    data: str = Field(
        description="The export as seen from oppnb.yaml: a file, folder or archive; ${NAME} is filled in."
    )
    templates: list[TemplateUse] = Field(min_length=1, description="Names of templates, each perhaps with parameters.")
    for_each: str | None = Field(
        None, description="A column of the deals, e.g. region, owner_id, team: a report for each of its values."
    )
    only: list[str] | None = Field(
        None, description="Some of these values; by default all with deals open or closed in the last year."
    )
    deliver: list[str] = Field(default_factory=list, description="Names of channels of `delivery`.")
    keep: Keep = Field(default_factory=Keep)

    @model_validator(mode="before")
    @classmethod
    def _plain_templates(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("templates"), list):
            made = [{"template": one} if isinstance(one, str) else one for one in data["templates"]]
            return {**data, "templates": made}
        return data

    @model_validator(mode="after")
    def _only_is_of_a_column(self) -> "ReportRun":
        if self.only is not None and self.for_each is None:
            raise ValueError("'only' names values of a column: give 'for_each' too")
        return self
