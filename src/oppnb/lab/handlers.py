"""The routes. Each asks for JupyterLab's own login, checks what it is given, and answers with JSON."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, authenticated

from oppnb.errors import NothingToReadError, OppnbError
from oppnb.lab.bodies import AgainBody, ReportBody, ScheduleBody, StarterBody, read_body
from oppnb.lab.jobs import NoJobError
from oppnb.lab.mistakes import OutsideError, said
from oppnb.lab.office import Office
from oppnb.locale import Words

__all__ = ["ROUTES"]

_MOST_SCHEDULES = 100


class Handler(APIHandler):  # type: ignore[misc,unused-ignore]
    """What every route has: the office, JSON in and out, words for a mistake."""

    @property
    def office(self) -> Office:
        """Set when the extension was loaded."""
        found: Office = self.settings["oppnb_office"]
        return found

    @property
    def locale_asked(self) -> str:
        """The language of JupyterLab, as the browser tells it; English where the house does not speak it."""
        return "zh_CN" if str(self.get_query_argument("locale", "en")).lower().startswith("zh") else "en"

    async def prepare(self, **given: Any) -> None:
        """Whoever is logged in: a page of another origin is refused, unless the server's settings allow it."""
        origin = self.request.headers.get("Origin")
        is_foreign = origin is not None and urlsplit(origin).netloc.lower() != self.request.host.lower()
        if is_foreign and not (self.allow_origin or self.allow_origin_pat):
            raise HTTPError(403, "The page is of another origin.")
        await super().prepare(**given)

    async def answer(self, work: Callable[[], Any], *, status: int = 200) -> None:
        """Run `work` in a thread and send what it gives; a user's mistake is told, with 400, 403 or 404.

        Every route takes `?locale=`: the language of what is told.
        """
        try:
            told = await asyncio.get_running_loop().run_in_executor(None, work)
        except OppnbError as error:
            words = Words(self.locale_asked)
            self.set_status(_status_of(error))
            self.finish(json.dumps({"message": said(error, words)}, ensure_ascii=False))
        else:
            self.set_status(status)
            self.finish(json.dumps(told, ensure_ascii=False))


def _status_of(error: OppnbError) -> int:
    if isinstance(error, OutsideError):
        return 403
    return 404 if isinstance(error, (NoJobError, NothingToReadError)) else 400


class TextsHandler(Handler):
    """Words of the panel."""

    @authenticated
    async def get(self) -> None:
        """`?locale=`."""
        from oppnb.lab.texts import texts

        locale = self.locale_asked
        await self.answer(lambda: texts(locale))


class WorkspacesHandler(Handler):
    """Workspaces below JupyterLab's folder."""

    @authenticated
    async def get(self) -> None:
        """A list of paths."""
        from oppnb.lab.places import workspaces_below

        await self.answer(lambda: {"workspaces": workspaces_below(self.office.root)})


class TemplatesHandler(Handler):
    """Templates as forms."""

    @authenticated
    async def get(self) -> None:
        """`?workspace=&locale=`."""
        from oppnb.lab.requests import forms

        workspace, locale = self.get_query_argument("workspace", ""), self.locale_asked
        await self.answer(lambda: forms(self.office, workspace=workspace, locale=locale))


class CheckHandler(Handler):
    """What is wrong with a form, before anything runs."""

    @authenticated
    async def post(self) -> None:
        """A `ReportBody`."""
        from oppnb.lab.requests import check

        await self.answer(lambda: check(self.office, read_body(self.request.body, ReportBody)))


class ChoicesHandler(Handler):
    """What an export offers to choose from."""

    @authenticated
    async def get(self) -> None:
        """`?data=&workspace=`: sellers and columns."""
        from oppnb.lab.requests import choices

        data, workspace = self.get_query_argument("data", ""), self.get_query_argument("workspace", "")
        await self.answer(lambda: choices(self.office, data=data, workspace=workspace))


class JobsHandler(Handler):
    """All jobs; a new one."""

    @authenticated
    async def get(self) -> None:
        """The latest first, with trends."""
        from oppnb.lab.requests import list_jobs

        locale = self.locale_asked
        await self.answer(lambda: list_jobs(self.office, locale=locale))

    @authenticated
    async def post(self) -> None:
        """A `ReportBody` or an `AgainBody`."""
        from oppnb.lab.requests import ask_again, ask_report

        def work() -> dict[str, Any]:
            asked = cast("AgainBody | ReportBody", read_body(self.request.body, AgainBody, ReportBody))
            if isinstance(asked, AgainBody):
                return ask_again(self.office, asked.again)
            return ask_report(self.office, asked)

        await self.answer(work, status=201)


class JobHandler(Handler):
    """One job."""

    @authenticated
    async def get(self, job_id: str) -> None:
        """How far it is."""
        from oppnb.lab.requests import show_job

        await self.answer(lambda: show_job(self.office, job_id))

    @authenticated
    async def delete(self, job_id: str) -> None:
        """Cancel it."""
        from oppnb.lab.requests import show_job

        await self.answer(lambda: show_job(self.office, self.office.cancel(job_id).id))


class EntryHandler(Handler):
    """One job in the list."""

    @authenticated
    async def delete(self, job_id: str) -> None:
        """Take it out of the list, if it failed or was cancelled; its files stay."""

        def work() -> dict[str, Any]:
            self.office.forget(job_id)
            return {"id": job_id}

        await self.answer(work)


class CompareHandler(Handler):
    """Two reports side by side."""

    @authenticated
    async def get(self) -> None:
        """`?first=&second=`, ids of jobs."""
        from oppnb.lab.comparison import compared

        first, second = self.get_query_argument("first", ""), self.get_query_argument("second", "")
        place, locale = self.office.jobs.place, self.locale_asked
        await self.answer(lambda: compared(place(first), place(second), words=Words(locale)))


class StartersHandler(Handler):
    """Ready notebooks and workspaces."""

    @authenticated
    async def post(self) -> None:
        """A `StarterBody`."""
        from oppnb.lab.starters import make_starter

        def work() -> dict[str, Any]:
            asked = read_body(self.request.body, StarterBody).model_dump()
            return make_starter(self.office.root, facts=self.office.facts, **asked)

        await self.answer(work, status=201)


class SchedulesHandler(Handler):
    """Reports for every Monday."""

    @authenticated
    async def get(self) -> None:
        """Whether there is a scheduler; when it runs each `?schedule=&timezone=` next, which may stand many times."""
        from oppnb.lab.schedules import list_schedules

        asked = [self.get_query_arguments(name)[:_MOST_SCHEDULES] for name in ("schedule", "timezone")]
        await self.answer(lambda: list_schedules(list(zip(*asked, strict=False))))

    @authenticated
    async def post(self) -> None:
        """A `ScheduleBody`; gives what to ask the JupyterLab scheduler for."""
        from oppnb.lab.schedules import make_schedule

        await self.answer(lambda: make_schedule(self.office, read_body(self.request.body, ScheduleBody)), status=201)


ROUTES = (
    ("texts", TextsHandler),
    ("workspaces", WorkspacesHandler),
    ("templates", TemplatesHandler),
    ("check", CheckHandler),
    ("choices", ChoicesHandler),
    ("jobs", JobsHandler),
    (r"jobs/([0-9A-Za-z-]+)", JobHandler),
    (r"jobs/([0-9A-Za-z-]+)/entry", EntryHandler),
    ("compare", CompareHandler),
    ("starters", StartersHandler),
    ("schedules", SchedulesHandler),
)
