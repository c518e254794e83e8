"""What JupyterLab loads at its start: routes, and the office that looks after running reports."""

from typing import Any

from jupyter_server.utils import url_path_join

from oppnb.lab.handlers import ROUTES
from oppnb.lab.jobs import JobFolder
from oppnb.lab.office import Office
from oppnb.lab.places import Root
from oppnb.lab.prompt_answers import answer_at_once

__all__ = ["load_extension"]

_EVERY_MS = 500


def load_extension(server: Any) -> None:
    """Add the routes to a Jupyter server, look after the jobs of its root, and let kernels answer at once."""
    from tornado.ioloop import PeriodicCallback

    root = Root(server.root_dir)
    office = Office(root, JobFolder(root.folder / ".oppnb" / "jobs"))
    web = server.web_app
    web.settings["oppnb_office"] = office
    base = web.settings["base_url"]
    web.add_handlers(".*$", [(url_path_join(base, "oppnb", route), handler) for route, handler in ROUTES])
    PeriodicCallback(office.look_after, _EVERY_MS).start()
    answer_at_once()
