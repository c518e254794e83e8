"""The routes. Each asks for JupyterLab's own login, checks what it is given, and answers with JSON."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, authenticated

from oppnb.errors import OppnbError
from oppnb.lab.office import Office
from oppnb.lab.places import OutsideError

__all__ = ["ROUTES"]

_Result = TypeVar("_Result")
_MOST_BYTES = 100_000


class Handler(APIHandler):  # type: ignore[misc,unused-ignore]
    """What every route has: the office, JSON in and out, words for a mistake."""

    @property
    def office(self) -> Office:
        """Set when the extension was loaded."""
        found: Office = self.settings["oppnb_office"]
        return found

    async def prepare(self, **given: Any) -> None:
        """Whoever is logged in: a page of another origin is refused, unless the server's settings allow it."""
        origin = self.request.headers.get("Origin")
        is_foreign = origin is not None and urlsplit(origin).netloc.lower() != self.request.host.lower()
        if is_foreign and not (self.allow_origin or self.allow_origin_pat):
            raise HTTPError(403, "The page is of another origin.")
        await super().prepare(**given)

    async def answer(self, work: Callable[[], _Result], *, status: int = 200) -> None:
        """Run `work` in a thread and send what it gives; a user's mistake is told, with 400, 403 or 404."""
        try:
            told = await asyncio.get_running_loop().run_in_executor(None, work)
        except OutsideError as error:
            self._refuse(403, str(error))
        except OppnbError as error:
            self._refuse(404 if str(error).startswith("There is no") else 400, str(error))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self._refuse(400, f"The request cannot be used: {type(error).__name__}.")
        else:
            self.set_status(status)
            self.finish(json.dumps(told, ensure_ascii=False))

    def body(self) -> dict[str, Any]:
        """The request's JSON object."""
        if len(self.request.body) > _MOST_BYTES:
            raise ValueError("too long")
        found = json.loads(self.request.body or b"{}")
        if not isinstance(found, dict):
            raise TypeError("not an object")
        return found

    def _refuse(self, status: int, message: str) -> None:
        self.set_status(status)
        self.finish(json.dumps({"message": message}, ensure_ascii=False))


class TextsHandler(Handler):
    """Words of the panel."""

    @authenticated
    async def get(self) -> None:
        """`?locale=`."""
        from oppnb.lab.texts import texts

        locale = self.get_query_argument("locale", "en")
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

        workspace, locale = self.get_query_argument("workspace", ""), self.get_query_argument("locale", "en")
        await self.answer(lambda: forms(self.office, workspace=workspace, locale=locale))


class CheckHandler(Handler):
    """What is wrong with a form, before anything runs."""

    @authenticated
    async def post(self) -> None:
        """`{template, workspace, values}`."""
        from oppnb.lab.requests import check

        await self.answer(lambda: check(self.office, **self.body()))


class JobsHandler(Handler):
    """All jobs; a new one."""

    @authenticated
    async def get(self) -> None:
        """The latest first, with trends."""
        from oppnb.lab.requests import list_jobs

        await self.answer(lambda: list_jobs(self.office))

    @authenticated
    async def post(self) -> None:
        """`{template, workspace, values, locale}`, or `{again: id}`."""
        from oppnb.lab.requests import ask_again, ask_report

        def work() -> dict[str, Any]:
            given = self.body()
            return ask_again(self.office, str(given["again"])) if "again" in given else ask_report(self.office, **given)

        await self.answer(work, status=201)


class JobHandler(Handler):
    """One job."""

    @authenticated
    async def get(self, job_id: str) -> None:
        """How far it is."""
        from oppnb.lab.past import job_view

        await self.answer(lambda: job_view(self.office.jobs.get(job_id), self.office.root))

    @authenticated
    async def delete(self, job_id: str) -> None:
        """Cancel it."""
        from oppnb.lab.past import job_view

        await self.answer(lambda: job_view(self.office.cancel(job_id), self.office.root))


class CompareHandler(Handler):
    """Two reports side by side."""

    @authenticated
    async def get(self) -> None:
        """`?first=&second=`, ids of jobs."""
        from oppnb.lab.past import compared

        first, second = self.get_query_argument("first", ""), self.get_query_argument("second", "")
        await self.answer(lambda: compared(self.office.jobs.place(first), self.office.jobs.place(second)))


class StartersHandler(Handler):
    """Ready notebooks and workspaces."""

    @authenticated
    async def post(self) -> None:
        """`{kind, data, workspace, folder, locale}`."""
        from oppnb.lab.starters import make_starter

        await self.answer(lambda: make_starter(self.office.root, **self.body()), status=201)


class SchedulesHandler(Handler):
    """The JupyterLab scheduler."""

    @authenticated
    async def get(self) -> None:
        """`{installed}`."""
        from oppnb.lab.schedules import has_scheduler

        await self.answer(lambda: {"installed": has_scheduler()})

    @authenticated
    async def post(self) -> None:
        """`{template, workspace, values, locale, timezone}`; gives what to ask the scheduler for."""
        from oppnb.lab.schedules import make_schedule

        await self.answer(lambda: make_schedule(self.office, **self.body()), status=201)


ROUTES = (
    ("texts", TextsHandler),
    ("workspaces", WorkspacesHandler),
    ("templates", TemplatesHandler),
    ("check", CheckHandler),
    ("jobs", JobsHandler),
    (r"jobs/([0-9A-Za-z-]+)", JobHandler),
    ("compare", CompareHandler),
    ("starters", StartersHandler),
    ("schedules", SchedulesHandler),
)
