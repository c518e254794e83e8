"""Reports that are run by name: `reports:` in `oppnb.yaml`."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from oppnb.workspace.conditions import Scalar
from oppnb.workspace.model import Model, mistake_at

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
    deliver: list[str] = Field(default_factory=list, description="Channels of `delivery` that get every report.")
    deliver_each: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Value of `for_each` -> channels that get the reports of this slice alone. A plain text means one.",
    )
    keep: Keep = Field(default_factory=Keep)
    pdf: bool = Field(False, description="Print report.pdf of each as well; needs Chromium and the extra pdf.")

    @model_validator(mode="before")
    @classmethod
    def _plain_texts(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        made = dict(data)
        if isinstance(made.get("templates"), list):
            made["templates"] = [{"template": one} if isinstance(one, str) else one for one in made["templates"]]
        if isinstance(made.get("deliver_each"), dict):
            each = made["deliver_each"].items()
            made["deliver_each"] = {key: [names] if isinstance(names, str) else names for key, names in each}
        if isinstance(made.get("deliver"), dict):
            raise mistake_at(("deliver",), "channels of a slice's own stand under deliver_each", value="")
        return made

    @model_validator(mode="after")
    def _only_is_of_a_column(self) -> "ReportRun":
        if self.only is not None and self.for_each is None:
            raise ValueError("'only' names values of a column: give 'for_each' too")
        if self.deliver_each and self.for_each is None:
            raise ValueError("'deliver_each' names values of a column: give 'for_each' too")
        return self

    def channels_of(self, slice_name: str | None) -> list[str]:
        """The channels that get the reports of a slice, each once: those of all, then its own."""
        own = [] if slice_name is None else self.deliver_each.get(slice_name, [])
        return list(dict.fromkeys([*self.deliver, *own]))
