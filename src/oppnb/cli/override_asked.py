"""What `oppnb override` is asked for: workspace and store, the number of a person, the deals it is of, the moment."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppnb.errors import ParameterError, UsageError, WorkspaceError

if TYPE_CHECKING:
    from oppnb.forecasting import Override
    from oppnb.history.book import PipelineBook
    from oppnb.locale import Words
    from oppnb.store import Store
    from oppnb.workspace import Workspace

__all__ = [
    "book_of",
    "day_asked",
    "day_said",
    "moment_asked",
    "opened_store",
    "override_asked",
    "period_asked",
    "refuse_past_period",
    "today_in",
]


def opened_store(path: Path, locale: str | None) -> "tuple[Workspace, Store, Words]":
    """The workspace, its store and the reader's language."""
    from oppnb.locale import Words
    from oppnb.store import open_store
    from oppnb.workspace import read_workspace

    settings = read_workspace(path)
    if settings.store is None:
        raise WorkspaceError(
            f"'{path}' has no store, so nothing could remember an override or a decision. "
            "Write a line such as  store: memory/"
        )
    return settings, open_store(settings.store), Words(locale or settings.locale)


def override_asked(deal: str | None, node: str | None, figures: dict[str, Any], **said: Any) -> "Override":
    """The override, with what is unclear told in the words of the options."""
    from oppnb.forecasting import Override
    from oppnb.forecasting.nodes import COMPANY, node_parts

    if (deal is None) == (node is None):
        raise UsageError("Say what the number is of: --deal ID, or --node column=value such as region=North.")
    given = [name for name, value in figures.items() if value is not None]
    if deal is not None:
        if not given:
            raise UsageError("Say what is put in place of the model's number: --amount, --chance or --closes-on.")
        return Override(opportunity_id=deal, **figures, **said)
    by, value = node_parts(str(node))
    if by != COMPANY and not value:
        raise UsageError(f"--node is '{node}': write column=value, such as region=North, or {COMPANY}.")
    if given != ["amount"] or said["period"] is None:
        raise UsageError("The number of a part is the amount won in a period: give --amount and --period, no other.")
    return Override(by=by, node=value, **figures, **said)


def book_of(data: str, workspace: Path, said_on: date, *, is_given: bool) -> "PipelineBook":
    """The deals as they were known on the day of the word, or of the export; nothing learns."""
    from oppnb.history import open_source
    from oppnb.history.book import read_book
    from oppnb.stages import open_data

    opened = open_data(data, as_of=said_on if is_given else None, workspace=workspace, default_day=said_on)
    day = opened.as_of
    return read_book(open_source(opened.tables), [day], known_on=day, workspace=opened.workspace)


def moment_asked(text: str | None, settings: "Workspace") -> datetime:
    """A moment without a zone is one of the workspace's time zone; none is now."""
    from datetime import UTC
    from zoneinfo import ZoneInfo

    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ParameterError(f"'{text}' is not a moment: write 2025-11-02, or 2025-11-02T09:30.") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(settings.calendar.time_zone))


def day_said(said: "Override", settings: "Workspace") -> date:
    """The day on which it was said, in the workspace's time zone."""
    from zoneinfo import ZoneInfo

    return said.when.astimezone(ZoneInfo(settings.calendar.time_zone)).date()


def today_in(settings: "Workspace") -> date:
    """The present day in the workspace's time zone."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(settings.calendar.time_zone)).date()


def day_asked(text: str | None) -> date | None:
    """A day as it is typed."""
    from oppnb.periods import parse_day

    return None if text is None else parse_day(text)


def period_asked(text: str, settings: "Workspace") -> str:
    """The name of a period as overrides have it."""
    from oppnb.periods import parse_period

    return parse_period(text, fiscal_year_start=settings.calendar.fiscal_year_start).name


def refuse_past_period(said: "Override", settings: "Workspace") -> None:
    """Nobody foresees a period that was over when they spoke."""
    from oppnb.forecasting.checks import check_period
    from oppnb.periods import parse_period

    if said.period is not None:
        start = settings.calendar.fiscal_year_start
        check_period(parse_period(said.period, fiscal_year_start=start), day_said(said, settings))
